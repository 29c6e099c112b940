#!/bin/sh
# Loads the SMTP door of a gateway of its own on free ports, and prints figures.
#
#   src/bench/door.sh idle    10,000 idle connections, and 500 that send 20,000 mails of 5 KB
#   src/bench/door.sh big     200 clients that send 20 MB each at once
#   src/bench/door.sh begun   1,000 clients within a message: 50 KB of each, then 10 MB of each
#   src/bench/door.sh flood   a client's mails while 40 others do harm all the time, one kind after the other
#
# A number after it is that of the clients. CARAVAN_HEAP is the gateway's heap, 512m without it. Needs
# Linux, 12 GB of disk in the folder for temporary files, and ulimit -n 11000 for idle.
set -eu
home=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
# shellcheck disable=SC3045 # no shell of Linux lacks it
ulimit -n "$(ulimit -Hn)"
# shellcheck source=src/bench/java.sh
. "$home/src/bench/java.sh"
exec "$java" -Xmx256m -XX:+UseSerialGC "-Dcaravan.home=$home" "$home/src/bench/Door.java" "$@"
