#!/usr/bin/env bash
# What parts of the product take. usage: scripts/bench.sh overhead [CALLS PER SECOND] [SECONDS]
#   overhead  our own layer of a model call, against the scripted server in a process of its own
source "$(dirname "${BASH_SOURCE[0]}")/lib/steps.sh"
source "$root/scripts/lib/packages.sh"
source "$root/scripts/lib/processes.sh"
source "$root/scripts/lib/settings.sh"
source "$root/scripts/lib/tools.sh"
source "$root/scripts/lib/peers.sh"

[[ ${1:-} == overhead ]] || usage 'usage: scripts/bench.sh overhead [CALLS PER SECOND] [SECONDS]'
readonly rate=${2:-1000} seconds=${3:-20}
step toolchain need_toolchain
cd "$root"
# A measurement of unoptimised code says nothing: NINJA_BENCH_PROFILE=dev is for trying this script out.
profile=--release
[[ ${NINJA_BENCH_PROFILE:-release} == release ]] || profile=--profile=dev
step server example ninja-testkit model-server "$profile"
server=$built
step driver example ninja-llm peer "$profile"
port=$(free_from 18800)
beside model-server "$server" --port "$port" --lean
answers "http://127.0.0.1:$port/control/count"
"$built" overhead "http://127.0.0.1:$port" "$rate" "$seconds"
curl --silent "http://127.0.0.1:$port/control/count"
echo
