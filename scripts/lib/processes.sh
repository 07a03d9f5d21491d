# shellcheck shell=bash
# Processes that outlive the script: a pid file holds the pid and when the process started, so a pid that
# was given to somebody else is never signalled.

# started_at PID: field 22 of its stat, counted behind the name, which may hold spaces.
started_at() {
    local stat
    stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
    # shellcheck disable=SC2086  # split into words
    set -- ${stat##*)}
    [[ $1 != Z ]] || return 1
    echo "${20}"
}

# remember NAME PID
remember() {
    local start
    start=$(started_at "$2") || return 1
    mkdir -p "$state/run"
    echo "$2 $start" >"$state/run/$1.pid"
}

# pid_of NAME: its pid, if it is alive.
pid_of() {
    local pid start
    [[ -r $state/run/$1.pid ]] || return 1
    read -r pid start <"$state/run/$1.pid" || return 1
    [[ $(started_at "$pid") == "$start" ]] || return 1
    echo "$pid"
}

alive() {
    pid_of "$1" >/dev/null
}

# background NAME COMMAND…: starts it in a session of its own, its output at the end of its log. It must
# not hold the lock, nor the terminal.
background() {
    local name=$1
    shift
    setsid "$@" </dev/null >>"$state/log/$name.log" 2>&1 3>&- 9>&- &
    remember "$name" $! || {
        tail -n 20 "$state/log/$name.log" >&3
        fail "$name ended at once"
    }
}

# wait_until SECONDS COMMAND…: whether it came true in time.
wait_until() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        ((SECONDS < end)) || return 1
        read -rt 0.1 <> <(:) || true # a sleep without a process
    done
}

gone() {
    ! alive "$1"
}

# stop_process NAME SIGNAL SECONDS: asks it to end, kills it when it does not.
stop_process() {
    local pid
    if ! pid=$(pid_of "$1"); then
        rm -f "$state/run/$1.pid"
        word=skip note='not running'
        return
    fi
    signal "$2" "$pid"
    if ! wait_until "$3" gone "$1"; then
        note="did not end in $3 s: killed"
        signal KILL "$pid"
        wait_until 5 gone "$1"
    fi
    rm -f "$state/run/$1.pid"
}

signal() {
    kill "-$1" "$2" 2>/dev/null || true
}

# status_of PORT PATH: the HTTP status of a GET, without any program.
status_of() {
    local answer=''
    {
        printf 'GET %s HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n' "$2" >&8 &&
            read -rt 2 answer <&8
    } 8<>"/dev/tcp/127.0.0.1/$1" 2>/dev/null || true
    answer=${answer#HTTP/* }
    echo "${answer%% *}"
}

# ready PORT NAME: whether it says that it serves; a process that died will never.
ready() {
    alive "$2" || {
        tail -n 20 "$state/log/$2.log" >&3
        fail "$2 ended; its log is $state/log/$2.log"
    }
    [[ $(status_of "$1" /readyz) == 200 ]]
}

port_is_free() {
    ! (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}
