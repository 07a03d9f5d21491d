#!/usr/bin/env bash
# The providers of models against a small real model on this machine: real tokens, streamed, counted, cut, stopped.
source "$(dirname "${BASH_SOURCE[0]}")/lib/steps.sh"
source "$root/scripts/lib/packages.sh"
source "$root/scripts/lib/processes.sh"
source "$root/scripts/lib/settings.sh"
source "$root/scripts/lib/tools.sh"
source "$root/scripts/lib/peers.sh"

step toolchain need_toolchain
step model need_real_model
cd "$root"
step build example ninja-llm peer
port=$(free_from 18700)
beside real-model "$tools/real-model/bin/python" "$root/scripts/lib/real_model.py" "$port"
answers "http://127.0.0.1:$port/health"
"$built" real-model "http://127.0.0.1:$port"
