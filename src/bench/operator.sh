#!/bin/sh
# Fills a rung of a gateway of its own with 200,000 mails of 5 KB, and prints the time of each of the
# operator's commands, the start of its process included, and the gateway's memory.
#
#   src/bench/operator.sh [MAILS]
#
# CARAVAN_HEAP is the gateway's heap, 512m without it. Needs Linux, a build (mvn package), and 5 GB of
# disk in the folder for temporary files.
set -eu
home=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
# shellcheck source=src/bench/java.sh
. "$home/src/bench/java.sh"
exec "$java" -Xmx256m -XX:+UseSerialGC "-Dcaravan.home=$home" ${CARAVAN_COMMAND:+"-Dcaravan.command=$CARAVAN_COMMAND"} \
  -cp "$home/target/lib/*" "$home/src/bench/Operator.java" "$@"
