# shellcheck shell=bash
# What one installation remembers: its ports, how it was built, its generated secrets.

# Ports are chosen once: clients and the secrets name them.
load_ports() {
    postgres_port='' redis_port='' api_port='' workers='' data='' profile=debug
    # shellcheck source=/dev/null
    [[ ! -r $state/ports ]] || source "$state/ports"
}

save_ports() {
    printf '%s=%q\n' postgres_port "$postgres_port" redis_port "$redis_port" api_port "$api_port" \
        workers "$workers" data "$data" profile "$profile" >"$state/ports"
}

# free_from PORT: the first free one.
free_from() {
    local port=$1
    until port_is_free "$port"; do
        port=$((port + 1))
    done
    echo "$port"
}

# The worker's own port: behind the API's, so that installations do not meet.
worker_port() {
    echo $((api_port + 1000 + $1))
}

choose_ports() {
    postgres_port=${postgres_port:-$(free_from 54329)}
    redis_port=${redis_port:-$(free_from 63799)}
    save_ports
}

random() {
    local text
    text=$(head -c 64 /dev/urandom | base64 --wrap=0 | tr -dc 'A-Za-z0-9')
    echo "${text:0:40}"
}

key() {
    head -c 32 /dev/urandom | base64 --wrap=0
}

# make_secrets: .ninja/env, once. Later starts find the same passwords and keys there.
make_secrets() {
    if [[ -e $state/env ]]; then
        # An installation of a version that stored no secrets yet.
        grep -q '^NINJA_SECRETS__MASTER_KEYS=' "$state/env" ||
            printf 'NINJA_SECRETS__MASTER_KEYS=m1:%s\n' "$(key)" >>"$state/env"
        return 0
    fi
    local postgres redis
    # No load balancer stands before this API, so none must be given time to notice its end.
    postgres=$(random) redis=$(random)
    (
        umask 077
        cat >"$state/env.new" <<EOF
NINJA_DATABASE__URL=postgres://ninja:$postgres@127.0.0.1:$postgres_port/ninja
NINJA_REDIS__URL=redis://:$redis@127.0.0.1:$redis_port/0
NINJA_AUTH__JWT_KEYS=k1:$(key)
NINJA_AUTH__PEPPER=p1:$(key)
NINJA_SECRETS__MASTER_KEYS=m1:$(key)
NINJA_FILES__ROOT=$state/files
NINJA_SERVER__DRAIN_NOTICE_SECONDS=0
NINJA_SANDBOX__ROOT=$(sandbox_root)
EOF
    )
    mv "$state/env.new" "$state/env"
}

# A root worker's runs lie where its slot users can pass: not under a closed home.
sandbox_root() {
    if [[ $EUID -eq 0 ]]; then
        mkdir -p /var/lib/ninja/runs
        chmod 711 /var/lib/ninja /var/lib/ninja/runs
        echo /var/lib/ninja/runs
    else
        echo "$state/runs"
    fi
}

# load_env: the secrets, for our own programs. What the caller has set itself wins.
load_env() {
    local line
    while IFS= read -r line; do
        [[ $line == NINJA_*=* ]] || continue
        [[ -v ${line%%=*} ]] || export "${line?}"
    done <"$state/env"
}

# password_in URL
password_in() {
    local rest=${1#*://*:}
    echo "${rest%%@*}"
}
