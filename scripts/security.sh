#!/usr/bin/env bash
# Generated requests against a started product, made from its own OpenAPI document: no answer may be a 5xx,
# and every error must be problem+json. usage: scripts/security.sh [EXAMPLES PER OPERATION]
source "$(dirname "${BASH_SOURCE[0]}")/lib/steps.sh"
source "$root/scripts/lib/packages.sh"
source "$root/scripts/lib/processes.sh"
source "$root/scripts/lib/settings.sh"
source "$root/scripts/lib/tools.sh"

readonly examples=${1:-60}
[[ $examples =~ ^[1-9][0-9]*$ ]] || usage 'usage: scripts/security.sh [EXAMPLES PER OPERATION]'

step schemathesis need_schemathesis
folder=$(mktemp --directory --tmpdir ninja-security-XXXXXX)
chmod 711 "$folder"
export NINJA_STATE_DIR=$folder/state
clean_up() {
    "$root/scripts/dev.sh" reset --yes >&3
    rm -rf "$folder"
}
at_end+=(clean_up)

# The limits would answer instead of the code behind them.
for rate in LOGIN LOGIN_NETWORK LOGIN_ACCOUNT REGISTER REFRESH ANONYMOUS; do
    export "NINJA_SECURITY__${rate}_RATE=1000000/1m"
done
export NINJA_LIMITS__ADMIN__REQUESTS_PER_MINUTE=1000000 NINJA_LIMITS__ADMIN__SOCKETS=10000
export NINJA_AUTH__BCRYPT_COST=4 NINJA_DRILL__ENABLED=true
port=$(free_from 18480)
url=http://127.0.0.1:$port
"$root/scripts/start.sh" --yes --port "$port" | tee "$folder/started"

password=$(sed -n 's/^  password  //p' "$folder/started")
log_in() {
    token=$(printf '{"email":"admin@localhost","password":"%s"}' "$password" |
        curl --silent --show-error --fail --header 'Content-Type: application/json' --data @- \
            "$url/api/v1/auth/login" | python3 -c 'import json, sys; print(json.load(sys.stdin)["access_token"])')
}
log_in

# ask JSON-EXPRESSION CURL-ARGUMENTS…: as the administrator; prints the value of an expression over the answer `it`.
ask() {
    local expression=$1
    shift
    curl --silent --show-error --fail --header "Authorization: Bearer $token" "$@" |
        python3 -c "import json, sys; it = json.load(sys.stdin); print($expression)"
}
printf 'species,grams\nadelie,3750\n' >"$folder/penguins.csv"
file=$(ask 'it["id"]' --form "file=@$folder/penguins.csv" "$url/api/v1/files/upload")
task=$(ask 'it["id"]' --json '{"task_type":"custom","description":"Write a file","parameters":{"steps":[{"key":"run",
    "agent_type":"coder","capability":"code_execution","parameters":{"language":"bash","code":"echo 1 > out.csv"}}]}}' \
    "$url/api/v1/tasks")
status=$(ask 'it["status"]' "$url/api/v1/tasks/$task?wait_seconds=60")
[[ $status == completed ]] || fail "the task that was to make an artifact is $status"
artifact=$(ask 'it["data"][0]["id"]' "$url/api/v1/tasks/$task/artifacts")
export NINJA_REAL_IDS="{\"/files/{id}\":\"$file\",\"/artifacts/{id}\":\"$artifact\",\"/tasks/{id}\":\"$task\"}"

cd "$folder" # it leaves its notes where it runs
# generate ARGUMENTS…: asks the operations that they choose, under a session of its own.
generate() {
    log_in
    SCHEMATHESIS_HOOKS=$root/scripts/lib/problem_json.py schemathesis run "$url/openapi.json" \
        --header "Authorization: Bearer $token" --header 'Accept: application/json' \
        --checks not_a_server_error,problem_json --phases examples,coverage,fuzzing \
        --max-examples "$examples" --request-timeout 70 --workers 2 --generation-deterministic \
        --continue-on-failure "$@" | tee --append "$folder/generated"
}
readonly ends_session='/auth/(logout|refresh|sessions/)'
generate --exclude-method DELETE --exclude-path-regex "$ends_session"
if grep 'returned only 401/403' "$folder/generated"; then
    fail 'the session ended on the way: what came after was not asked as anybody'
fi
# What takes things away comes last, and what takes the identity away after it.
generate --include-method DELETE --exclude-path-regex "$ends_session"
generate --include-path-regex "$ends_session"
count=$(awk '$2 == "generated," { sum += $1 } END { print sum + 0 }' "$folder/generated")
((count >= 2000)) || fail "$count requests were generated, not 2,000: ask for more examples per operation"
printf 'ok    %s generated requests, no 5xx, every error a problem\n' "$count" >&3
