# shellcheck shell=bash
# What must be on the machine, and how it gets there: only after a yes.

assume_yes=${CI:-false}

# need_toolchain: the Rust that Cargo.toml asks for. The scripts never install it.
need_toolchain() {
    local want have
    [[ -x $HOME/.cargo/bin/cargo ]] && PATH=$PATH:$HOME/.cargo/bin
    command -v cargo >/dev/null || missing 'no Rust toolchain: install it from https://rustup.rs'
    want=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' "$root/Cargo.toml")
    have=$(rustc --version | cut -d' ' -f2)
    at_least "$want" "$have" || missing "Rust $have is too old: $want or newer is needed (rustup update)"
    note=$have
}

# at_least WANT HAVE: compares versions.
at_least() {
    [[ $(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1) == "$1" ]]
}

# postgres_bin: the folder of the newest PostgreSQL, if it is 15 or newer. A link to one program says
# where the others are.
postgres_bin() {
    local program folder
    for program in /usr/lib/postgresql/*/bin/initdb /usr/pgsql-*/bin/initdb "$(command -v initdb)"; do
        [[ -x $program ]] || continue
        folder=$(dirname "$(readlink -f "$program")")
        [[ -x $folder/postgres && -x $folder/psql ]] || continue
        echo "$("$folder/postgres" --version | grep -o '[0-9][0-9.]*' | head -n 1) $folder"
    done | sort -V | tail -n 1 | {
        read -r version folder && at_least 15 "$version" && echo "$folder"
    }
}

has_redis() {
    local version
    command -v redis-server >/dev/null || return 1
    version=$(redis-server --version | sed -n 's/.*v=\([0-9.]*\).*/\1/p')
    at_least 7.0 "$version"
}

has_command() {
    command -v "$1" >/dev/null
}

# need PACKAGE COMMAND…: notes the Debian package if the check fails.
wanted=()
need() {
    local package=$1
    shift
    "$@" >/dev/null 2>&1 || wanted+=("$package")
}

# need_languages: what programs are written in, and what the analysis programs import.
need_languages() {
    local kit package file
    while read -r kit package file; do
        [[ $kit == slim || ($kit == full && ${NINJA_LANGS:-slim} == full) ]] || continue
        need "$package" test -e "$file"
    done <"$root/scripts/lib/languages.txt"
}

need_engines() {
    need_languages
    need postgresql postgres_bin
    need redis-server has_redis
    install_wanted
}

# install_wanted: installs what `need` noted, if it may.
install_wanted() {
    if [[ ${#wanted[@]} -eq 0 ]]; then
        word=skip note='nothing is missing'
        return
    fi
    local as_root=()
    [[ $EUID -eq 0 ]] || as_root=(sudo -n)
    local command="${as_root[*]:+${as_root[*]} }apt-get install --yes --no-install-recommends ${wanted[*]}"
    has_command apt-get || missing "install these first: ${wanted[*]} (PostgreSQL >= 15, Redis >= 7.0)"
    may_install || missing "not on this machine: ${wanted[*]}. Start again with --yes, or install them: $command"
    [[ $EUID -eq 0 ]] || sudo -n true 2>/dev/null || missing "installing needs root: $command"
    no_services "${as_root[@]}"
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update --quiet
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install --quiet --yes --no-install-recommends "${wanted[@]}"
    services_again "${as_root[@]}"
    note="installed ${wanted[*]}"
    wanted=()
    hash -r
}

may_install() {
    local answer
    [[ $assume_yes == true ]] && return
    [[ -t 0 ]] || return 1
    read -rp "Not on this machine: ${wanted[*]}. Install with apt-get? [y/N] " answer 2>&3
    [[ $answer == [yY]* ]]
}

# While this file says 101, no package starts its system service: the engines here are private.
readonly policy=/usr/sbin/policy-rc.d
policy_is_ours=false
no_services() {
    [[ -e $policy ]] && return
    printf '#!/bin/sh\nexit 101\n' | "$@" tee "$policy" >/dev/null
    "$@" chmod 755 "$policy"
    policy_is_ours=true
    at_end+=("services_again $*")
}

services_again() {
    [[ $policy_is_ours == true ]] || return 0
    "$@" rm -f "$policy"
    policy_is_ours=false
}
