#!/usr/bin/env bash
# What a developer does with the product that scripts/start.sh brought up.
source "$(dirname "${BASH_SOURCE[0]}")/lib/steps.sh"
source "$root/scripts/lib/packages.sh"
source "$root/scripts/lib/processes.sh"
source "$root/scripts/lib/settings.sh"
source "$root/scripts/lib/engines.sh"
source "$root/scripts/lib/product.sh"

readonly help='usage: scripts/dev.sh COMMAND
  status       what runs, since when, on which port
  logs [NAME]  follow all logs, or that of api, worker-1, postgres, redis
  restart      build, then restart API and workers
  watch        restart whenever a source changes
  ctl ARGS     ninjactl with the settings of this installation
  psql [ARGS]  the database
  redis [ARGS] redis-cli
  env          the settings that the scripts generated, as shell exports
  reset [--yes]  stop everything and remove it all, data too'

need_installation() {
    [[ -e $state/env && -e $state/ports ]] || fail 'nothing is installed here yet: scripts/start.sh'
    load_ports
    load_env
}

show_status() {
    local name pid
    load_ports
    printf '%-10s %-8s %s\n' name pid since
    for name in postgres redis api $(worker_numbers | sed 's/^/worker-/'); do
        if pid=$(pid_of "$name"); then
            printf '%-10s %-8s %s\n' "$name" "$pid" "$(ps -o lstart= -p "$pid")"
        else
            printf '%-10s %-8s\n' "$name" -
        fi
    done
    printf 'ports: API %s, PostgreSQL %s, Redis %s\n' "${api_port:--}" "${postgres_port:--}" "${redis_port:--}"
}

follow_logs() {
    local logs=("$state/log/${1:-*}.log") files=() file
    [[ -n ${1:-} ]] || logs=("$state"/log/{api,worker-*,postgres,redis}.log)
    for file in "${logs[@]}"; do
        [[ ! -e $file ]] || files+=("$file")
    done
    [[ ${#files[@]} -gt 0 ]] || fail "no log of ${1:-anything} in $state/log"
    exec tail -n 50 -F "${files[@]}"
}

restart() {
    local number
    need_installation
    step build build
    for number in $(worker_numbers); do
        step "stop-$number" stop_process "worker-$number" TERM 125
    done
    step stop-api stop_process api TERM 30
    "$root/scripts/start.sh"
}

# newest: a number that changes when a source does.
newest() {
    find "$root"/{crates,migrations,Cargo.toml,Cargo.lock} -type f -printf '%T@\n' | sort -n | tail -n 1
}

watch() {
    local seen
    while true; do
        seen=$(newest)
        (restart) || say 'fix it, and it is tried again'
        until [[ $(newest) != "$seen" ]]; do
            read -rt 1 <> <(:) || true
        done
    done
}

reset() {
    local answer
    if [[ ${1:-} != --yes ]]; then
        [[ -t 0 ]] || missing "this removes $state with all data: scripts/dev.sh reset --yes"
        read -rp "Remove $state with all data? [y/N] " answer
        [[ $answer == [yY]* ]] || exit 1
    fi
    "$root/scripts/stop.sh" --now
    load_ports
    case $data in
    /var/lib/ninja/*/pg) rm -rf "${data%/pg}" ;;
    esac
    rm -rf "$state"
    echo "removed $state"
}

command=${1:-}
[[ $# -eq 0 ]] || shift
case $command in
status) show_status ;;
logs) follow_logs "$@" ;;
restart) restart ;;
watch) watch ;;
ctl)
    need_installation
    export NINJA_API_URL=${NINJA_API_URL:-http://127.0.0.1:$api_port}
    exec "$(program ninjactl)" "$@"
    ;;
psql)
    need_installation
    PGPASSWORD=$(password_in "$NINJA_DATABASE__URL") exec "$(postgres_bin)/psql" \
        --host 127.0.0.1 --port "$postgres_port" --username ninja --dbname ninja "$@"
    ;;
redis)
    need_installation
    REDISCLI_AUTH=$(password_in "$NINJA_REDIS__URL") exec redis-cli -h 127.0.0.1 -p "$redis_port" "$@"
    ;;
env) sed 's/^/export /' "$state/env" ;;
reset) reset "$@" ;;
--help | -h | help) echo "$help" ;;
*) usage "$help" ;;
esac
