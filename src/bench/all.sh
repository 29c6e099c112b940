#!/bin/sh
# What the project says of its speed and of its faults, measured again, one command after the other; each
# prints its figures. Wants a machine that does nothing else, and what the commands want (see there).
#
#   src/bench/all.sh [STEP ...]     all of them without it, about 80 minutes with two processors
#
# Steps: peers large rate idle half jms start waiting proof kills
set -eu
home=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
cd "$home"

run() {
  printf '\n%s $ %s\n' "$(date +%H:%M)" "$*"
  "$@"
}

[ -e target/caravan.jar ] || run mvn -B -q -DskipTests package
./caravan train

[ $# -gt 0 ] || set -- peers large rate idle half jms start waiting proof kills
for step in "$@"; do
  case $step in
    peers) run src/bench/peers.sh case=5KB-fresh,5KB,5KB-signed rounds=5 mails=5000 warm-up=60000 haraka= ;;
    large) run src/bench/peers.sh case=100KB rounds=5 mails=20000 warm-up=60000 haraka= ;;
    rate) run ./caravan bench --rounds 5 --mails 10000 --warm-up 60000 --details ;;
    idle) run ./caravan bench --rate 20 --sessions 1 --warm-up 20000 --rounds 5 --mails 200 ;;
    half) run ./caravan bench --rate 1000 --warm-up 40000 --rounds 5 --mails 6000 ;;
    jms) run src/bench/jms.sh rounds=5 only=core formats=raw ;;
    start) run src/bench/start.sh rounds=9 ;;
    waiting) run src/bench/waiting.sh 1000000 330 ;;
    proof) run mvn -B -Pproof -Dcaravan.proof.minutes=20 verify ;;
    kills) run mvn -B -Pproof "-Dcaravan.proof.only=kill -9" -Dcaravan.proof.kills=50 -Dcaravan.proof.minutes=80 verify ;;
    *) echo "all.sh: there is no step $step" >&2; exit 2 ;;
  esac
done
