# shellcheck shell=bash
# The private PostgreSQL and Redis of one installation, on loopback, with random passwords.

# engine_user: who runs the engines. PostgreSQL refuses root.
engine_user() {
    local user
    [[ $EUID -eq 0 ]] || return 0
    for user in postgres nobody; do
        if id -u "$user" >/dev/null 2>&1; then
            echo "$user"
            return
        fi
    done
    missing 'no user postgres or nobody: PostgreSQL cannot run as root'
}

# as_engine COMMAND…: as that user, in the same process.
as_engine() {
    local user
    user=$(engine_user)
    if [[ -n $user ]]; then
        set -- setpriv --reuid "$user" --regid "$(id -g "$user")" --clear-groups "$@"
    fi
    (cd / && exec env LC_ALL=C "$@") 3>&- 9>&-
}

# choose_data: where PostgreSQL's files lie; elsewhere if its user cannot pass a parent folder.
choose_data() {
    [[ -z $data ]] || return 0
    mkdir -p "$state"
    if as_engine test -x "$state"; then
        data=$state/pg
    else
        data=/var/lib/ninja/$(printf '%s' "$state" | sha256sum | cut -c1-12)/pg
        mkdir -p /var/lib/ninja
        chmod 711 /var/lib/ninja
    fi
    save_ports
}

start_postgres() {
    local bin user
    if alive postgres; then
        word=skip note="runs on port $postgres_port"
        return
    fi
    bin=$(postgres_bin) user=$(engine_user)
    if [[ ! -e $data/PG_VERSION ]]; then
        make_cluster "$bin" "$user"
    fi
    wait_until 10 no_dead_postmaster || fail "PostgreSQL's former process does not go away: see $data/postmaster.pid"
    port_is_free "$postgres_port" || fail "port $postgres_port, which PostgreSQL had, is taken by another program"
    as_engine "$bin/pg_ctl" start --wait --timeout 60 --pgdata "$data" --silent \
        --options "-p $postgres_port -c listen_addresses=127.0.0.1 -c unix_socket_directories=''" \
        </dev/null >>"$state/log/postgres.log" 2>&1
    remember postgres "$(head -n 1 "$data/postmaster.pid")"
    word=start note="port $postgres_port"
}

# no_dead_postmaster: PostgreSQL takes a killed predecessor for a living one until the system forgot it.
no_dead_postmaster() {
    local pid
    [[ -r $data/postmaster.pid ]] || return 0
    read -r pid <"$data/postmaster.pid"
    [[ ! -e /proc/$pid ]]
}

# make_cluster BIN USER: made under another name and moved, so that a half-made one is never used.
make_cluster() {
    local new=$data.new
    rm -rf "$new" "$state/admin"
    mkdir -p "$new"
    password_in "$NINJA_DATABASE__URL" >"$new.password"
    if [[ -n $2 ]]; then
        chown "$2" "$new" "$new.password"
    fi
    chmod 700 "$new"
    chmod 600 "$new.password"
    as_engine "$1/initdb" --pgdata "$new" --username ninja --pwfile "$new.password" \
        --auth scram-sha-256 --encoding UTF8 --no-locale --no-instructions
    rm -f "$new.password"
    mv "$new" "$data"
}

# make_database: `ninja`, if it is not there yet.
make_database() {
    if [[ $(psql_do "SELECT 1 FROM pg_database WHERE datname = 'ninja'") != 1 ]]; then
        psql_do 'CREATE DATABASE ninja'
    fi
}

# psql_do SQL: as the superuser, past the product.
psql_do() {
    PGPASSWORD=$(password_in "$NINJA_DATABASE__URL") "$(postgres_bin)/psql" --no-psqlrc --tuples-only \
        --no-align --host 127.0.0.1 --port "$postgres_port" --username ninja --dbname postgres --command "$1"
}

start_redis() {
    if alive redis; then
        word=skip note="runs on port $redis_port"
        return
    fi
    port_is_free "$redis_port" || fail "port $redis_port, which Redis had, is taken by another program"
    mkdir -p "$state/redis"
    (
        umask 077
        cat >"$state/redis/redis.conf" <<EOF
bind 127.0.0.1
port $redis_port
requirepass $(password_in "$NINJA_REDIS__URL")
maxmemory-policy noeviction
save ""
appendonly no
dir /
EOF
    )
    # Read through standard input: the file is closed to the engine's user, and argv is open to all.
    as_engine_in_background
    wait_until 20 redis_answers || fail "Redis did not start; its log is $state/log/redis.log"
    word=start note="port $redis_port"
}

as_engine_in_background() {
    local user
    user=$(engine_user)
    set -- redis-server -
    if [[ -n $user ]]; then
        set -- setpriv --reuid "$user" --regid "$(id -g "$user")" --clear-groups "$@"
    fi
    setsid "$@" <"$state/redis/redis.conf" >>"$state/log/redis.log" 2>&1 3>&- 9>&- &
    remember redis $!
}

redis_answers() {
    REDISCLI_AUTH=$(password_in "$NINJA_REDIS__URL") \
        redis-cli -h 127.0.0.1 -p "$redis_port" ping 2>/dev/null | grep -q PONG
}

stop_postgres() {
    # INT is PostgreSQL's fast shutdown: open connections are cut, what is committed stays.
    stop_process postgres INT 60
}
