#!/bin/sh
# Builds the image and shows that it does what it should: starts without root on a read-only root file
# system, turns healthy, relays a mail, refuses to relay for a stranger, and keeps its queue over a stop
# and a start, and when it is killed.
#
#   docker/prove.sh       with the command docker, or the one that DOCKER names; BUILD_ARGS for its build
#
# The server that it relays to is a second container of the same image, on a network of their own. Where
# the engine can't make one they use the host's, on loopback, and the stranger's part is left out.
set -eu

docker=${DOCKER:-docker}
image=${IMAGE:-caravan:prove}
relay=caravan-prove-relay-$$
sink=caravan-prove-sink-$$
volume=caravan-prove-data-$$
network=caravan-prove-net-$$
cd "$(dirname -- "$0")/.."

step() { printf '%s  %s\n' "$(date -u +%H:%M:%S)" "$*"; }

fail() {
  step "FAILED: $*"
  $docker logs --tail 30 "$relay" >&2 || true
  exit 1
}

clean_up() {
  $docker rm -f -v "$relay" "$sink" >/dev/null 2>&1 || true
  $docker volume rm "$volume" >/dev/null 2>&1 || true
  $docker network rm "$network" >/dev/null 2>&1 || true
}
trap clean_up EXIT
trap 'exit 1' HUP INT TERM

# start NAME OPTIONS...: without root, on a read-only root, without any capability.
start() {
  name=$1
  shift
  # shellcheck disable=SC2086 # $listen holds words
  $docker run -d --name "$name" --network "$network" --read-only --tmpfs /tmp --cap-drop ALL \
    --security-opt no-new-privileges --memory 1g $listen \
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

# The port of the listener $2 of the container $1, or with a third word its address.
listener() {
  $docker logs "$1" 2>/dev/null | sed -n "s/^caravan ready .*\($2=[^ ]*\).*/\1/p" | tail -n 1 |
    if [ -n "${3:-}" ]; then sed 's/.*=\(.*\):.*/\1/'; else sed 's/.*://'; fi
}

caravan() { $docker exec "$relay" ./caravan "$@"; }
mails() { $docker exec "$sink" sh -c 'ls data/sandbox/*.eml 2>/dev/null' | wc -l; }
arrived() { [ "$(mails)" -ge "$1" ]; }
waiting() { caravan queue list | awk '$1 ~ /^mail\.(out|retry)/ { n += $(NF - 1) } END { exit n != 1 }'; }

step "building $image"
# shellcheck disable=SC2086 # BUILD_ARGS holds words
$docker build -q -t "$image" -f docker/Dockerfile ${BUILD_ARGS:-} . >/dev/null || {
  step "FAILED: the image was not built"
  exit 1
}
step "built: $($docker image inspect -f '{{.Size}}' "$image" | awk '{ printf "%d MB", $1 / 1000000 }')"

if $docker network create "$network" >/dev/null 2>&1; then
  # Just as the image is: it listens on all addresses.
  listen=
  sink_host=$sink
else
  network=host
  listen='-e CARAVAN_SMTP_HOST=127.0.0.1 -e CARAVAN_HTTP_HOST=127.0.0.1'
  sink_host=127.0.0.1
fi

start "$sink" -e CARAVAN_SMTP_PORT=0 -e CARAVAN_RELAY_NETWORKS=loopback,private
within 90 healthy "$sink" || fail "the sink did not turn healthy"
sink_port=$(listener "$sink" smtp)

$docker volume create "$volume" >/dev/null
start "$relay" -v "$volume:/opt/caravan/data" -e CARAVAN_SMTP_PORT=0 -e CARAVAN_DELIVERY_MODE=smarthost \
  -e CARAVAN_SMARTHOST_HOST="$sink_host" -e CARAVAN_SMARTHOST_PORT="$sink_port" -e CARAVAN_RETRY_SCHEDULE=2s
began=$(date +%s)
within 90 healthy "$relay" || fail "the relay did not turn healthy"
step "healthy $(($(date +%s) - began)) s after its start, on a read-only root"

user=$($docker exec "$relay" sh -c 'sed -n "s/^Uid:[[:space:]]*\([0-9]*\).*/\1/p" /proc/1/status')
[ "$user" != 0 ] || fail "it runs as root"
! $docker exec "$relay" sh -c 'touch /opt/caravan/x' 2>/dev/null || fail "the root can be written"
step "runs as user $user"
address=$(listener "$relay" broker address)
[ "$address" = 127.0.0.1 ] || fail "the broker listens on '$address'"

caravan send --to someone@example.com >/dev/null || fail "the mail was not accepted"
within 60 arrived 1 || fail "the mail was not relayed"
step "relayed a mail"

# The other container is a stranger to the relay: nobody has named its address.
if [ "$network" != host ]; then
  # shellcheck disable=SC2016 # that bash expands them
  answer=$($docker exec "$sink" timeout 60 bash -c 'exec 3<>"/dev/tcp/$0/$1"
    read -r answer <&3
    for command in "HELO s.example" "MAIL FROM:<a@s.example>" "RCPT TO:<b@t.example>"; do
      printf "%s\r\n" "$command" >&3
      read -r answer <&3
    done
    echo "$answer"' "$relay" "$(listener "$relay" smtp)" | tr -d '\r') || answer=nothing
  case $answer in
    '550 5.7.1 '*) step "answered a stranger: $answer" ;;
    *) fail "it answered a stranger: $answer" ;;
  esac
fi

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

$docker kill -s KILL "$relay" >/dev/null
$docker start "$relay" >/dev/null
within 90 healthy "$relay" || fail "the relay did not turn healthy after it was killed"
within 30 waiting || fail "the mail is not in the queue any more"
step "killed and started again, the mail still waits"
caravan queue list

$docker rm -f -v "$sink" >/dev/null
start "$sink" -e CARAVAN_SMTP_PORT="$sink_port" -e CARAVAN_RELAY_NETWORKS=loopback,private
within 90 healthy "$sink" || fail "the sink did not turn healthy"
within 60 arrived 1 || fail "the mail that waited was not delivered"
step "delivered it when the other server was back"
step "proved"
