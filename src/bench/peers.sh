#!/bin/sh
# Postfix, Haraka and Caravan, in turn: the same mails over loopback, durable at each, to the same sink.
# Prints mails a second from the first that is sent until the last is at the sink, and processor time for
# each mail, as ratios within a round; 5KB-signed signs with DKIM (RSA-2048), Postfix by OpenDKIM, and is
# without Haraka.
#
#   src/bench/peers.sh [case=5KB,5KB-fresh,5KB-signed,100KB] [rounds=5] [mails=5000] [warm-up=60000]
#                      [haraka=FOLDER]
#
# Needs Linux, root (Postfix wants it), Postfix, and OpenDKIM for 5KB-signed. Haraka is fetched with npm
# to target/peers at the first time, unless FOLDER (.../node_modules/Haraka) says where it is; haraka=
# leaves it out.
set -eu
home=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
# shellcheck source=src/bench/java.sh
. "$home/src/bench/java.sh"
PATH="$PATH:/usr/sbin"
export PATH
case " $*" in
  *" haraka="*) ;;
  *)
    haraka=$home/target/peers/node_modules/Haraka
    # The version that the documented figures are of.
    if [ -x "$haraka/bin/haraka" ] || npm install --silent --no-audit --no-fund --prefix "$home/target/peers" Haraka@3.3.4 >/dev/null 2>&1; then
      set -- "$@" "haraka=$haraka"
    else
      echo "without Haraka: npm is not here, or could not fetch it"
    fi
    ;;
esac
exec "$java" -Xmx512m -XX:+UseSerialGC "-Dcaravan.home=$home" "$home/src/bench/Peers.java" "$@"
