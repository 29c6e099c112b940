#!/bin/sh
# Rates and limits of connections as a sink measures them, and how the concurrency of a site adapts: it climbs
# on a healthy sink, falls on one that answers 421, and climbs again. Each in a gateway of its own.
#
#   src/bench/rates.sh [SECONDS FOR EACH RATE, 30]
#
# Needs Linux (all of 127.0.0.0/8 is loopback).
set -eu
home=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
# shellcheck source=src/bench/java.sh
. "$home/src/bench/java.sh"
exec "$java" -Xmx256m -XX:+UseSerialGC "-Dcaravan.home=$home" "$home/src/bench/Rates.java" "$@"
