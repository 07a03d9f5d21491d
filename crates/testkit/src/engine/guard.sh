#!/usr/bin/env bash
# guard.sh postgres|redis OWNER DIR PORT
# Runs one engine in DIR until it ends or until process OWNER is gone, so that a test that is killed leaves
# no engine behind. TERM ends the engine and keeps DIR; a gone OWNER ends the engine and removes DIR.
set -euo pipefail
kind=$1 owner=$2 dir=$3 port=$4

# PostgreSQL refuses root: it and its folder then belong to a system user. A guard that is killed takes
# its engine along.
user=''
if [[ $EUID -eq 0 ]]; then
    user=postgres
    id -u "$user" >/dev/null 2>&1 || user=nobody
    chown "$user" "$dir"
fi
as_user() {
    local signal=$1
    shift
    local drop=()
    if [[ -n $user ]]; then
        drop=(--reuid "$user" --regid "$(id -g "$user")" --clear-groups)
    fi
    exec setpriv "${drop[@]}" --pdeathsig "$signal" "$@"
}

cd "$dir"
export LC_ALL=C
if [[ $kind == postgres ]]; then
    bin=$(dirname "$(command -v /usr/lib/postgresql/*/bin/initdb initdb | sort -V | tail -n 1)")
    if [[ ! -e data/PG_VERSION ]]; then
        (as_user KILL "$bin/initdb" --pgdata=data --username=ninja --auth=trust --encoding=UTF8 \
            --no-locale --no-sync --no-instructions)
    fi
    stop=QUIT
    # A killed process loses nothing without fsync, only a killed machine would.
    as_user "$stop" "$bin/postgres" -D "$dir/data" -p "$port" -c listen_addresses=127.0.0.1 \
        -c unix_socket_directories='' -c fsync=off -c full_page_writes=off -c max_connections=500 \
        -c shared_buffers=64MB -c dynamic_shared_memory_type=mmap -c autovacuum_naptime=60 &
else
    stop=TERM
    as_user "$stop" redis-server --bind 127.0.0.1 --port "$port" --dir "$dir" --save '' \
        --appendonly no --maxmemory-policy noeviction &
fi
engine=$!
echo "$engine" >pid

tail -s 0.2 --pid="$owner" -f /dev/null &
watch=$!
end() {
    kill -CONT "$engine" 2>/dev/null || true
    kill "-$stop" "$engine" 2>/dev/null || true
    kill "$watch" 2>/dev/null || true
    wait "$engine" "$watch" 2>/dev/null || true
}
trap 'end; exit 0' TERM INT HUP
wait -n "$engine" "$watch" || true
end
if ! kill -0 "$owner" 2>/dev/null; then
    cd /
    rm -rf "$dir"
    run=$(dirname "$dir")
    if [[ $run == */ninja-test-* ]]; then
        rm -f "$run/${dir##*/}.url"
        # The engine that ends last finds nothing but locks and marks.
        compgen -G "$run/*.url" >/dev/null || rm -rf "$run"
    fi
fi
