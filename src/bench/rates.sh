#!/bin/sh
# Rates and limits of connections as a sink measures them, and how the concurrency of a site adapts: it climbs
# on a healthy sink, falls on one that answers 421, and climbs again. Each in a gateway of its own.
#
#   src/bench/rates.sh [SECONDS FOR EACH RATE, 30]
#
# Needs Linux (all of 127.0.0.0/8 is loopback).
set -eu
home=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
java=
for candidate in "${JAVA_HOME:-}/bin/java" "$(command -v java || true)" /usr/lib/jvm/*/bin/java; do
  if [ -x "$candidate" ] && "$candidate" -version 2>&1 | grep -q 'version "2[5-9]'; then java=$candidate; break; fi
done
: "${java:?there is no Java 25 in JAVA_HOME, PATH or /usr/lib/jvm}"
export CARAVAN_HEAP="${CARAVAN_HEAP:-512m}"
echo "$(date -u +%Y-%m-%d), $(nproc) processors, load $(cut -d' ' -f1 /proc/loadavg), heap $CARAVAN_HEAP: rates.sh $*"
exec "$java" -Xmx256m -XX:+UseSerialGC "-Dcaravan.home=$home" "$home/src/bench/Rates.java" "$@"
