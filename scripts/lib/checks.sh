# shellcheck shell=bash
# One function per stage of scripts/test.sh. The engines of the tests are started by the tests.

check_text() {
    cargo fmt --all --check
    shellcheck --external-sources scripts/*.sh scripts/lib/*.sh .ci/run crates/testkit/src/engine/guard.sh
    typos
    file_sizes
}

# file_sizes: how the aims of the style are met; the test `sizes` fails on what is over the limits.
file_sizes() {
    git ls-files 'crates/*.rs' | xargs wc -l | grep -v ' total$' | sort -n | awk '
        { lines[NR] = $1; name[NR] = $2 }
        END {
            printf "%d files of Rust: median %d lines, ninth of ten %d, longest %d (%s)\n",
                NR, lines[int((NR + 1) / 2)], lines[int(NR * 0.9)], lines[NR], name[NR]
        }'
}

check_supply() {
    cargo metadata --locked --format-version 1 >/dev/null
    if has_command cargo-deny; then
        cargo deny --locked --offline check bans licenses sources
    else
        skipped cargo-deny 'not installed (building it takes minutes); the rooms test holds the arrows and owners'
    fi
}

check_clippy() {
    cargo clippy --workspace --all-targets --locked --quiet -- -D warnings
}

check_build() {
    cargo build --workspace --bins --locked --quiet
    cargo nextest run --workspace --locked --cargo-quiet --no-run
}

# check_tests [FILTER]: without a filter also whether every documented answer of the API was seen by a test.
check_tests() {
    local ledger status=0
    ledger=$(mktemp --tmpdir ninja-contract-XXXXXX)
    NINJA_CONTRACT_LEDGER=$ledger \
        cargo nextest run --workspace --locked --cargo-quiet --profile ci ${1:+"$1"} || status=$?
    if [[ $status -eq 0 && -z ${1:-} ]]; then
        python3 scripts/lib/contract_coverage.py openapi.json "$ledger" || status=$?
    fi
    rm -f "$ledger"
    return "$status"
}

check_drift() {
    RUSTDOCFLAGS='-D warnings' cargo doc --workspace --lib --no-deps --locked --quiet
}

check_deploy() {
    hadolint Dockerfile.api Dockerfile.worker
    check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
    if has_command docker-compose; then
        docker-compose --file docker-compose.yml config --quiet
    fi
}

# check_smoke: what a newcomer does, in an installation of its own beside the developer's.
check_smoke() {
    local folder status=0
    folder=$(mktemp --directory --tmpdir ninja-smoke-XXXXXX)
    chmod 711 "$folder"
    NINJA_STATE_DIR=$folder/state scripts/smoke.sh || status=$?
    NINJA_STATE_DIR=$folder/state scripts/stop.sh --now || status=1
    if [[ $status -ne 0 ]]; then
        tail -n 40 "$folder"/state/log/*.log || true
    fi
    NINJA_STATE_DIR=$folder/state scripts/dev.sh reset --yes || status=1
    rm -rf "$folder"
    return "$status"
}

check_faults() {
    local chosen='test(/^faults::/)'
    [[ -z ${1:-} ]] || chosen="$chosen & test($1)"
    NINJA_TEST_SIZE=full cargo nextest run --workspace --locked --cargo-quiet --profile ci \
        --filterset "$chosen"
}

# check_properties: what no single reference shows, and the limits of what a table may be.
check_properties() {
    /usr/bin/python3 -m unittest discover --start-directory crates/agents/tests/programs
}

check_security() {
    scripts/security.sh
}
