#!/bin/sh
# Postfix and Caravan, in turn: the same mails over loopback, durable at both, to the same sink. Prints
# mails a second from the first that is sent until the last is at the sink, and processor time for each
# mail, as ratios within a round; 5KB-signed signs with DKIM (RSA-2048), Postfix by OpenDKIM.
#
#   src/bench/peers.sh [case=5KB,5KB-fresh,5KB-signed,100KB] [rounds=5] [mails=5000] [warm-up=40000]
#
# Needs Linux, root (Postfix wants it), Postfix, and OpenDKIM for 5KB-signed.
set -eu
home=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
# shellcheck source=src/bench/java.sh
. "$home/src/bench/java.sh"
PATH="$PATH:/usr/sbin"
export PATH
exec "$java" -Xmx512m -XX:+UseSerialGC "-Dcaravan.home=$home" "$home/src/bench/Peers.java" "$@"
