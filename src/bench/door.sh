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
ulimit -n "$(ulimit -Hn)"
java=
for candidate in "${JAVA_HOME:-}/bin/java" "$(command -v java || true)" /usr/lib/jvm/*/bin/java; do
  if [ -x "$candidate" ] && "$candidate" -version 2>&1 | grep -q 'version "2[5-9]'; then java=$candidate; break; fi
done
: "${java:?there is no Java 25 in JAVA_HOME, PATH or /usr/lib/jvm}"
export CARAVAN_HEAP="${CARAVAN_HEAP:-512m}"
echo "$(date -u +%Y-%m-%d), $(nproc) processors, heap $CARAVAN_HEAP: door.sh $*"
exec "$java" -Xmx256m -XX:+UseSerialGC "-Dcaravan.home=$home" "$home/src/bench/Door.java" "$@"
