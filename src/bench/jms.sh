#!/bin/sh
# The ways in to one gateway, in turn: SMTP first in each round, then each protocol with each of its
# formats; the same text of 2,000 octets, over loopback, durable, to one sink. Prints mails a second
# from the first that is sent until the last is at the sink, processor time of the gateway for each
# mail, and both as ratios to SMTP in the same round; medians of the rounds.
#
#   src/bench/jms.sh [rounds=5] [mails=15000] [warm-up=15000] [only=amqp,stomp] [formats=raw,json]
#
# AMQP needs Qpid JMS, which is in the local Maven repository (MAVEN_REPO) when this has been built there.
set -eu
home=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
# shellcheck source=src/bench/java.sh
. "$home/src/bench/java.sh"
path=$(find "$home/target/lib" -name '*.jar' | tr '\n' ':')
repository=${MAVEN_REPO:-$HOME/.m2/repository}
if [ -d "$repository/org/apache/qpid" ]; then
  for jar in qpid-jms-client proton-j; do
    path=$path$(find "$repository/org/apache/qpid/$jar" -name "$jar-*.jar" | sort | tail -n 1):
  done
fi
exec "$java" -Xmx512m -XX:+UseSerialGC --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
  "-Dcaravan.home=$home" -Dorg.slf4j.simpleLogger.defaultLogLevel=off --class-path "$path" "$home/src/bench/Jms.java" "$@"
