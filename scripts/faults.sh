#!/usr/bin/env bash
# Thin entry: the tests that kill, pause and empty engines, API and workers, at full size.
exec "$(dirname "${BASH_SOURCE[0]}")/test.sh" faults "$@"
