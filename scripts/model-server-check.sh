#!/usr/bin/env bash
# Our scripted model server, read by the vendors' own clients: what our tests stand on is what vendors send.
source "$(dirname "${BASH_SOURCE[0]}")/lib/steps.sh"
source "$root/scripts/lib/packages.sh"
source "$root/scripts/lib/processes.sh"
source "$root/scripts/lib/settings.sh"
source "$root/scripts/lib/tools.sh"
source "$root/scripts/lib/peers.sh"

step toolchain need_toolchain
step clients need_clients
cd "$root"
step build example ninja-testkit model-server
port=$(free_from 18900)
beside model-server "$built" --port "$port"
answers "http://127.0.0.1:$port/control/count"
"$tools/model-clients/bin/python" "$root/scripts/lib/model_clients.py" "http://127.0.0.1:$port"
