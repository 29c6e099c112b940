#!/bin/sh
# Micro-benchmarks (JMH) of the parts that every mail passes: SMTP commands and data, DKIM, SPF, the codec, the turn at its site.
# Time and allocation for one operation. Maven fetches JMH at the first time (profile jmh).
#
#   src/bench/micro.sh [A PATTERN OF NAMES, all] [MORE OPTIONS OF JMH]
set -eu
home=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
# shellcheck source=src/bench/java.sh
. "$home/src/bench/java.sh"
work=$home/target/jmh
[ -d "$work/lib" ] || (cd "$home" && mvn -q -B -Pjmh generate-resources)
rm -rf "$work/classes"
mkdir -p "$work/classes"
# What a sources' path finds among the tests are fakes.
# shellcheck disable=SC2046 # file names without blanks
"$(dirname "$java")/javac" --release 25 -nowarn -proc:full -d "$work/classes" -cp "$home/target/caravan.jar:$home/target/lib/*:$work/lib/*" \
  -sourcepath "$home/src/jmh:$home/src/test/java" $(find "$home/src/jmh" -name '*.java')
pattern=${1:-Jmh}
[ $# = 0 ] || shift
exec "$java" --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow -cp "$work/classes:$home/target/caravan.jar:$home/target/lib/*:$work/lib/*" \
  org.openjdk.jmh.Main "$pattern" -f 1 -wi 2 -w 1s -i 3 -r 1s -bm avgt -tu us -prof gc "$@"
