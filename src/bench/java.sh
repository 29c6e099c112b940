# shellcheck shell=sh disable=SC2034,SC2154
# Sourced by the scripts beside it, which say where we are in $home: finds a Java 25, and says what is measured where.
java=
for candidate in "${JAVA_HOME:-}/bin/java" "$(command -v java || true)" /usr/lib/jvm/*/bin/java; do
  if [ -x "$candidate" ] && "$candidate" -version 2>&1 | grep -q 'version "2[5-9]'; then java=$candidate; break; fi
done
: "${java:?there is no Java 25 in JAVA_HOME, PATH or /usr/lib/jvm}"
export CARAVAN_HEAP="${CARAVAN_HEAP:-512m}"
# Builds what is not built, or is older than the sources.
"$home/caravan" --version >/dev/null
echo "$(date -u +%Y-%m-%d), $(nproc) processors, load $(cut -d' ' -f1 /proc/loadavg), heap $CARAVAN_HEAP: $(basename "$0") $*"
