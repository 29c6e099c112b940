#!/bin/sh
# What ten good sites lose by a dead site with many mails and a tarpit that answers an octet a second.
# Two gateways of its own, with and without the bad ones, take turns; the ratio of their rates is printed.
#
#   src/bench/fair.sh [MAILS FOR THE DEAD SITE, 100000] [MAILS FOR THE GOOD SITES IN A ROUND, 10000]
#
# Needs Linux (all of 127.0.0.0/8 is loopback) and 2 GB of disk in the folder for temporary files.
set -eu
home=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
# shellcheck source=src/bench/java.sh
. "$home/src/bench/java.sh"
exec "$java" -Xmx256m -XX:+UseSerialGC "-Dcaravan.home=$home" "$home/src/bench/Fair.java" "$@"
