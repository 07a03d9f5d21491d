#!/usr/bin/env bash
# All checks of the fast set: what CI runs, and what runs before a push.
source "$(dirname "${BASH_SOURCE[0]}")/lib/steps.sh"
source "$root/scripts/lib/packages.sh"
source "$root/scripts/lib/processes.sh"
source "$root/scripts/lib/settings.sh"
source "$root/scripts/lib/engines.sh"
source "$root/scripts/lib/product.sh"
source "$root/scripts/lib/tools.sh"
source "$root/scripts/lib/stages.sh"
source "$root/scripts/lib/checks.sh"

readonly help='usage: scripts/test.sh [--yes] [SET [FILTER]]
  fast             every stage; with a FILTER only the tests that it names
  faults [FILTER]  tests that kill, pause and empty things, at full size
  security         generated requests against a started product
  properties       tables of a million rows, permuted, scaled and read again (minutes)
  STAGE            one stage of fast: text, supply, clippy, build, tests, drift, deploy, smoke
Engines of the tests are their own, never those of scripts/start.sh.'

cd "$root"
if [[ ${1:-} == --yes ]]; then
    assume_yes=true
    shift
fi
readonly set=${1:-fast} filter=${2:-}

prepare() {
    step toolchain need_toolchain
    step packages need_test_packages
    step nextest need_nextest
    step checkers need_checkers
}

case $set in
fast)
    prepare
    if [[ -n $filter ]]; then
        stage build 780 check_build
        stage tests 360 check_tests "$filter"
    else
        stage text 30 check_text
        stage supply 60 check_supply
        stage clippy 600 check_clippy
        stage build 780 check_build
        stage tests 360 check_tests
        stage drift 210 check_drift
        stage deploy 240 check_deploy
        stage smoke 120 check_smoke
    fi
    summary 2700
    ;;
text | supply | clippy | build | tests | drift | deploy | smoke)
    prepare
    stage "$set" 780 "check_$set" "$filter"
    summary 2700
    ;;
faults)
    prepare
    stage build 780 check_build
    stage faults 5100 check_faults "$filter"
    summary 6000
    ;;
security)
    prepare
    stage build 780 check_build
    stage security 900 check_security
    summary 2700
    ;;
properties)
    prepare
    stage properties 900 check_properties
    summary 1200
    ;;
--help | -h) echo "$help" ;;
*) usage "$help" ;;
esac
