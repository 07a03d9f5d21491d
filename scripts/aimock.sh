#!/usr/bin/env bash
# The providers of models against @copilotkit/aimock, a server of their formats that is not ours, and its faults.
source "$(dirname "${BASH_SOURCE[0]}")/lib/steps.sh"
source "$root/scripts/lib/packages.sh"
source "$root/scripts/lib/processes.sh"
source "$root/scripts/lib/settings.sh"
source "$root/scripts/lib/tools.sh"
source "$root/scripts/lib/stages.sh"
source "$root/scripts/lib/peers.sh"

if ! has_command npm; then
    skipped aimock 'npm is not installed: nobody but ourselves has been asked whether our providers speak rightly'
    exit 0
fi
step toolchain need_toolchain
step aimock need_aimock
cd "$root"
step build example ninja-llm peer
peer=$built
urls=()
for fault in '' ratelimit disconnect malformed drop; do
    port=$(free_from $((18600 + 10 * ${#urls[@]})))
    beside "aimock${fault:+-$fault}" "$llmock" --port "$port" --fixtures "$root/scripts/lib/aimock.json" \
        ${fault:+"--chaos-$fault" 1}
    urls+=("http://127.0.0.1:$port")
    answers "${urls[-1]}/health"
done
"$peer" aimock "${urls[@]}"
