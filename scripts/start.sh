#!/usr/bin/env bash
# Builds the product and brings it up with engines of its own: one command, safe to repeat.
source "$(dirname "${BASH_SOURCE[0]}")/lib/steps.sh"
source "$root/scripts/lib/packages.sh"
source "$root/scripts/lib/processes.sh"
source "$root/scripts/lib/settings.sh"
source "$root/scripts/lib/engines.sh"
source "$root/scripts/lib/product.sh"

readonly help='usage: scripts/start.sh [--yes] [--release] [--port N] [--workers N]
  --yes      install missing Debian packages without asking
  --release  build with optimisation
  --port N   where the API serves (8080, or what the last start chose)
  --workers N  how many worker processes (1, or what the last start chose)'

asked_port='' asked_workers='' asked_release=false
while [[ $# -gt 0 ]]; do
    case $1 in
    --yes) assume_yes=true ;;
    --release) asked_release=true ;;
    --port | --workers)
        [[ ${2:-} =~ ^[1-9][0-9]{0,4}$ ]] || usage "$1 needs a number"
        [[ $1 == --port ]] && asked_port=$2 || asked_workers=$2
        shift
        ;;
    --help | -h)
        echo "$help"
        exit 0
        ;;
    *) usage "$help" ;;
    esac
    shift
done

prepare() {
    mkdir -p "$state"/{files,log,redis,run,runs}
    choose_ports
    choose_data
    make_secrets
    load_env
    note=$state
}

api_port_of_this_start() {
    if [[ -n $asked_port && -n $api_port && $asked_port != "$api_port" ]] && alive api; then
        fail "the API runs on port $api_port: scripts/stop.sh first"
    fi
    api_port=${asked_port:-${api_port:-8080}}
}

workers_of_this_start() {
    local number
    workers=${asked_workers:-${workers:-1}}
    for number in $(worker_numbers); do
        if ((number > workers)); then
            step "worker-$number" stop_process "worker-$number" TERM 125
        fi
    done
}

lock
load_ports
[[ $asked_release == false ]] || profile=release
step toolchain need_toolchain
step packages need_engines
step build build
step settings prepare
api_port_of_this_start
workers_of_this_start
save_ports
export NINJA_SERVER__PUBLIC_URL=${NINJA_SERVER__PUBLIC_URL:-http://127.0.0.1:$api_port}
export NINJA_AUTH__ADMIN_EMAIL=${NINJA_AUTH__ADMIN_EMAIL:-admin@localhost}
step postgres start_postgres
step redis start_redis
step database make_database
step migrate migrate
step admin make_admin
step api start_api
for ((number = 1; number <= workers; number++)); do
    step "worker-$number" start_worker "$number"
done

url=http://127.0.0.1:$api_port
say "
iTechSmart Ninja is ready.
  URL       $url
  API docs  $url/docs
  login     $NINJA_AUTH__ADMIN_EMAIL"
if [[ -n $admin_password ]]; then
    say "  password  $admin_password
            It is printed only now. Another one: scripts/dev.sh ctl create-admin --reset"
else
    say "  password  printed by the first start. Another one: scripts/dev.sh ctl create-admin --reset"
fi
say "
Try:
  curl -s $url/health
  scripts/dev.sh ctl login $NINJA_AUTH__ADMIN_EMAIL
  scripts/dev.sh ctl task analyse examples/penguins.csv --group-by species --download report
Stop: scripts/stop.sh    Logs: scripts/dev.sh logs"
