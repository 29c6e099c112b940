#!/bin/sh
# Lets many deferred mails of 5 KB wait on one rung of the retry ladder of a gateway of its own, and
# prints figures: heap, memory, disk, time to start, mail beside them, and how fast they come back.
#
#   src/bench/waiting.sh [MAILS [SECONDS]]      1,000,000 without it; they are due after SECONDS
#
# CARAVAN_HEAP is the gateway's heap, 512m without it. Needs Linux and 7 KB of disk for each mail in the
# folder for temporary files (TMPDIR); what it has written there is deleted at the end.
set -eu
home=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
# shellcheck source=src/bench/java.sh
. "$home/src/bench/java.sh"
exec "$java" -Xmx512m -XX:+UseSerialGC --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
  "-Dcaravan.home=$home" "-Djava.io.tmpdir=${TMPDIR:-/tmp}" \
  -cp "$home/target/caravan.jar" "$home/src/bench/Waiting.java" "$@"
