#!/bin/sh
# Starts gateways of the default listeners, on free ports, twice each in a data directory of its own,
# and prints how long each took until it greeted a client, and its processor time and resident memory
# then.
#
#   src/bench/start.sh [TREE ...] [rounds=N]    5 rounds of this tree without it; several take turns
#
# A TREE is a folder with a launcher, built and trained here where it is not. Needs Linux.
set -eu
home=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
# shellcheck source=src/bench/java.sh
. "$home/src/bench/java.sh"
exec "$java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 "-Dcaravan.home=$home" "$home/src/bench/Start.java" "$@"
