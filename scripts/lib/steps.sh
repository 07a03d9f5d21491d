# shellcheck shell=bash
# One line per step: what was done (ok, start, skip), its name, its seconds, a note. Sourced first.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# Everything that the scripts make lies here; another folder is another installation beside this one.
state=$(realpath --canonicalize-missing "${NINJA_STATE_DIR:-$root/.ninja}")
readonly root state

step_name='' step_log=''
exec 3>&1 # the terminal, for steps whose output goes to their log

# step NAME COMMAND…: runs the command with its output in the log. It may set `word` and `note`.
step() {
    step_name=$1
    shift
    step_log=$state/log/step-$step_name.log
    mkdir -p "$state/log"
    local began=$EPOCHREALTIME
    word=ok note=''
    : >"$step_log"
    "$@" >>"$step_log" 2>&1
    printf '%-5s %-10s %6s s  %s\n' "$word" "$step_name" "$(seconds_since "$began")" "$note" >&3
    step_name=''
}

# seconds_since EPOCHREALTIME: with one digit.
seconds_since() {
    local tenths=$(((${EPOCHREALTIME/[.,]/} - ${1/[.,]/}) / 100000))
    printf '%d.%d' $((tenths / 10)) $((tenths % 10))
}

# say TEXT…: a line for the person, whatever step is under way.
say() {
    printf '%s\n' "$*" >&3
}

# fail TEXT…: ends the script; the reason is the text, so no log follows.
fail() {
    say "fail  $*"
    step_name=''
    exit 1
}

# missing TEXT…: something is not there and may not be installed.
missing() {
    say "fail  $*"
    step_name=''
    exit 3
}

# usage TEXT…: the command was not understood.
usage() {
    printf '%s\n' "$*" >&2
    exit 2
}

# What runs at the end of the script, however it ends; scripts add to it.
at_end=()

finish() {
    local status=$? command
    for command in "${at_end[@]}"; do
        $command || true
    done
    if [[ $status -ne 0 && -n $step_name ]]; then
        say "fail  $step_name; the end of $step_log:"
        tail -n 20 "$step_log" >&3
        exit 1
    fi
    exit "$status"
}
trap finish EXIT

# One script at a time: a second one waits for the first.
lock() {
    mkdir -p "$state"
    exec 9>"$state/lock"
    if ! flock --nonblock 9; then
        say "wait  another script works in $state"
        flock 9
    fi
}
