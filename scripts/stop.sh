#!/usr/bin/env bash
# Ends what scripts/start.sh started, in the order in which nothing is lost.
source "$(dirname "${BASH_SOURCE[0]}")/lib/steps.sh"
source "$root/scripts/lib/processes.sh"
source "$root/scripts/lib/settings.sh"
source "$root/scripts/lib/engines.sh"
source "$root/scripts/lib/product.sh"

now=false
case ${1:-} in
'') ;;
--now) now=true ;;
*) usage 'usage: scripts/stop.sh [--now]
  --now  workers hand their steps back at once instead of letting calls finish' ;;
esac

# A worker drains: calls in flight may finish. The second signal asks it to hurry.
readonly drain_seconds=${NINJA_WORKER__DRAIN_SECONDS:-120}

stop_workers() {
    local number pid remark=''
    for number in $(worker_numbers); do
        pid=$(pid_of "worker-$number") || continue
        signal TERM "$pid"
        [[ $now == false ]] || signal TERM "$pid"
    done
    for number in $(worker_numbers); do
        wait_until $((${drain_seconds%.*} + 5)) gone "worker-$number" || remark='killed after its time'
        stop_process "worker-$number" KILL 5
    done
    word=ok note=$remark
}

if ! compgen -G "$state/run/*.pid" >/dev/null; then
    say 'nothing is running'
    exit 0
fi
lock
load_ports
step workers stop_workers
step api stop_process api TERM 30
step redis stop_process redis TERM 10
step postgres stop_postgres
