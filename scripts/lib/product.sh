# shellcheck shell=bash
# Our own programs: build, migrate, start, stop.

# Kept between runs and outside the clone: a second build takes seconds.
export CARGO_TARGET_DIR=${NINJA_TARGET_DIR:-$HOME/.cache/ninja/target}

build() {
    local flags=(--locked --bins)
    [[ $profile == debug ]] || flags+=(--release)
    # What the next build could reuse more than doubles the work of the first.
    if [[ ! -x $CARGO_TARGET_DIR/$profile/ninja-api ]]; then
        export CARGO_INCREMENTAL=0
        say '      the first build takes about 5 minutes'
    fi
    (cd "$root" && cargo build "${flags[@]}" 9>&-)
    note=$profile
}

program() {
    echo "$CARGO_TARGET_DIR/$profile/$1"
}

migrate() {
    "$(program ninjactl)" migrate
}

# make_admin: once; its password is known to nobody afterwards.
admin_password=''
make_admin() {
    local answer status=0
    if [[ -e $state/admin ]]; then
        word=skip note="$(cat "$state/admin") was made before"
        return
    fi
    answer=$("$(program ninjactl)" create-admin) || status=$?
    case $status in
    0)
        admin_password=$(sed -n 's/^password: //p' <<<"$answer")
        word=start note=$NINJA_AUTH__ADMIN_EMAIL
        ;;
    3) word=skip note="$NINJA_AUTH__ADMIN_EMAIL exists" ;;
    *)
        printf '%s\n' "$answer"
        return "$status"
        ;;
    esac
    echo "$NINJA_AUTH__ADMIN_EMAIL" >"$state/admin" # spares later starts the hashing of a password
}

# start_program NAME BINARY PORT: and wait until it is ready.
start_program() {
    word=skip note="port $3"
    if ! alive "$1"; then
        port_is_free "$3" || fail "port $3 is taken by another program: choose with --port"
        word=start
        background "$1" "$(program "$2")"
    fi
    wait_until 120 ready "$3" "$1" || fail "$1 is not ready after 120 s; its log is $state/log/$1.log"
}

start_api() {
    NINJA_SERVER__BIND=127.0.0.1:$api_port start_program api ninja-api "$api_port"
}

start_worker() {
    local port
    port=$(worker_port "$1")
    NINJA_WORKER__BIND=127.0.0.1:$port start_program "worker-$1" ninja-worker "$port"
}

# worker_numbers: those that have a pid file.
worker_numbers() {
    local file
    for file in "$state"/run/worker-*.pid; do
        [[ -e $file ]] || continue
        file=${file##*/worker-}
        echo "${file%.pid}"
    done
}
