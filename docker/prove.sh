#!/bin/sh
# Builds the image and shows that it does what it should: starts without root on a read-only root file
# system, turns healthy, relays a mail, and keeps its queue over a stop and a start.
#
#   docker/prove.sh       with the command docker, or the one that DOCKER names; BUILD_ARGS for its build
#
# The server that it relays to is a second container of the same image. Both use the host's network.
set -eu

docker=${DOCKER:-docker}
image=${IMAGE:-caravan:prove}
relay=caravan-prove-relay-$$
sink=caravan-prove-sink-$$
volume=caravan-prove-data-$$
cd "$(dirname -- "$0")/.."

step() { printf '%s  %s\n' "$(date -u +%H:%M:%S)" "$*"; }

fail() {
  step "FAILED: $*"
  $docker logs --tail 30 "$relay" >&2 || true
  exit 1
}

clean_up() {
  $docker rm -f "$relay" "$sink" >/dev/null 2>&1 || true
  $docker volume rm "$volume" >/dev/null 2>&1 || true
}
trap clean_up EXIT

# start NAME OPTIONS...: without root, on a read-only root, without any capability.
start() {
  name=$1
  shift
  $docker run -d --name "$name" --network host --read-only --tmpfs /tmp --cap-drop ALL \
    --security-opt no-new-privileges --memory 1g \
    -e CARAVAN_SMTP_HOST=127.0.0.1 -e CARAVAN_HTTP_HOST=127.0.0.1 \
    -e CARAVAN_HTTP_PORT=0 -e CARAVAN_BROKER_PORT=0 -e CARAVAN_BROKER_DISK_MAX=100 "$@" "$image" >/dev/null
}

# within SECONDS COMMAND...: until it succeeds.
within() {
  left=$1
  shift
  until "$@" >/dev/null 2>&1; do
    left=$((left - 1))
    [ "$left" -gt 0 ] || return 1
    sleep 1
  done
}

state() { $docker inspect -f "$1" "$2"; }
healthy() { [ "$(state '{{.State.Health.Status}}' "$1")" = healthy ]; }
smtp() { $docker logs "$1" 2>/dev/null | sed -n 's/^caravan ready smtp=\([^ ]*\).*/\1/p' | tail -n 1; }
caravan() { $docker exec "$relay" ./caravan "$@"; }
mails() { $docker exec "$sink" sh -c 'ls data/sandbox/*.eml 2>/dev/null' | wc -l; }
arrived() { [ "$(mails)" -ge "$1" ]; }
waiting() { caravan queue list | awk '$1 ~ /^mail\.(out|retry)/ { n += $(NF - 1) } END { exit n != 1 }'; }

step "building $image"
# shellcheck disable=SC2086 # BUILD_ARGS holds words
$docker build -q -t "$image" -f docker/Dockerfile ${BUILD_ARGS:-} . >/dev/null
step "built: $($docker image inspect -f '{{.Size}}' "$image" | awk '{ printf "%d MB", $1 / 1000000 }')"

start "$sink" -e CARAVAN_SMTP_PORT=0
within 90 healthy "$sink" || fail "the sink did not turn healthy"
sink_port=$(smtp "$sink" | sed 's/.*://')

$docker volume create "$volume" >/dev/null
start "$relay" -v "$volume:/opt/caravan/data" -e CARAVAN_SMTP_PORT=0 -e CARAVAN_DELIVERY_MODE=smarthost \
  -e CARAVAN_SMARTHOST_HOST=127.0.0.1 -e CARAVAN_SMARTHOST_PORT="$sink_port" -e CARAVAN_RETRY_SCHEDULE=2s
began=$(date +%s)
within 90 healthy "$relay" || fail "the relay did not turn healthy"
step "healthy $(($(date +%s) - began)) s after its start, on a read-only root"

user=$($docker exec "$relay" sh -c 'sed -n "s/^Uid:[[:space:]]*\([0-9]*\).*/\1/p" /proc/1/status')
[ "$user" != 0 ] || fail "it runs as root"
! $docker exec "$relay" sh -c 'touch /opt/caravan/x' 2>/dev/null || fail "the root can be written"
step "runs as user $user"

caravan send --to someone@example.com >/dev/null || fail "the mail was not accepted"
within 60 arrived 1 || fail "the mail was not relayed"
step "relayed a mail"

$docker stop -t 60 "$sink" >/dev/null
caravan send --to later@example.com >/dev/null || fail "the mail was not accepted"
within 30 waiting || fail "the mail does not wait"
began=$(date +%s)
$docker stop -t 60 "$relay" >/dev/null
ended=$(state '{{.State.ExitCode}}' "$relay")
[ "$ended" = 0 ] || fail "the stop ended with $ended"
step "stopped in $(($(date +%s) - began)) s with a mail in the queue, exit code $ended"

$docker start "$relay" >/dev/null
within 90 healthy "$relay" || fail "the relay did not turn healthy again"
within 30 waiting || fail "the mail is not in the queue any more"
step "started again, the mail still waits"

$docker rm -f "$sink" >/dev/null
start "$sink" -e CARAVAN_SMTP_PORT="$sink_port"
within 90 healthy "$sink" || fail "the sink did not turn healthy"
within 60 arrived 1 || fail "the mail that waited was not delivered"
step "delivered it when the other server was back"
step "proved"
