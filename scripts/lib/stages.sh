# shellcheck shell=bash
# Stages of the test script: a heading, the time, a warning when it took too long.

stages=() all_began=$EPOCHREALTIME

# stage NAME SECONDS COMMAND…: SECONDS is its budget on two cores with nothing kept from an earlier run.
stage() {
    local name=$1 budget=$2 began=$EPOCHREALTIME took remark=''
    shift 2
    printf '\n=== %s\n' "$name"
    step_name=''
    "$@"
    took=$(seconds_since "$began")
    if ((${took%.*} > 2 * budget)); then
        remark="  WARN: over twice its budget of $budget s"
    fi
    stages+=("$(printf '%-8s %7s s%s' "$name" "$took" "$remark")")
    printf '=== %s: ok, %s s%s\n' "$name" "$took" "$remark"
}

# skipped WHAT WHY: seen by everyone who reads the output, and again at its end.
skipped() {
    printf 'SKIP %s: %s\n' "$1" "$2"
    stages+=("$(printf 'SKIP     %s: %s' "$1" "$2")")
}

# summary LIMIT: all stages and the whole; it fails when the whole took longer than LIMIT seconds.
summary() {
    local whole
    whole=$(seconds_since "$all_began")
    printf '\n'
    printf '%s\n' "${stages[@]}"
    printf '%-8s %7s s\n' whole "$whole"
    ((${whole%.*} <= $1)) || fail "the whole took longer than $1 s"
}
