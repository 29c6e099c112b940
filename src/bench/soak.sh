#!/bin/sh
# A million mails through one gateway, with failures mixed in: servers that defer, refuse, cut off and
# hang, large mails, clients that go in the middle, transactions that are left open, guessed passwords.
# Prints a line every so many mails. At the end accepted = delivered + bounced, and heap, threads,
# descriptors and disk must be what they were after the warm-up; else it says what is wrong, and ends
# with 1. What may explain it is left in target/soak.
#
#   src/bench/soak.sh [mails=1000000] [warm-up=20000] [every=50000]
#
# Needs Linux (all of 127.0.0.0/8 is loopback) and 3 GB of disk in the folder for temporary files (TMPDIR).
set -eu
home=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
# shellcheck source=src/bench/java.sh
. "$home/src/bench/java.sh"
exec "$java" -Xmx256m -XX:+UseSerialGC "-Dcaravan.home=$home" "-Djava.io.tmpdir=${TMPDIR:-/tmp}" \
  --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow -Dorg.slf4j.simpleLogger.defaultLogLevel=off \
  -cp "$home/target/lib/*" "$home/src/bench/Soak.java" "$@"
