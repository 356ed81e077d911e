#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Cardless cash: whoever's power is lost, whenever, money is neither created nor lost; the scenario says so after each run.
# CARNET_LONG=1: each party at each step, in each mode; otherwise each party at the step that hurts it most.
# shellcheck source=tests/programs/lib.sh
. "$(dirname "$0")/lib.sh"
# kills PARTY STEP OPTION...
kills() {
    local party=$1 step=$2
    shift 2
    gives 0 "$party, $step${*:+ ($*)}" scenario p1940-cash --restart "$party" --at "$step" "$@"
    grep -q '^power  *is lost' out && grep -q 'all balances come to 0' out
    result $? '    it was, and the books are right'
}
if [ -n "${CARNET_LONG:-}" ]; then
    for party in 'identity provider' 'mobile app server' 'issuing authorization' 'acquiring switch' terminal; do
        for step in staged shown fulfilled authenticated requested forwarded authorised answered dispensed; do
            [ "$party $step" = 'terminal staged' ] && continue
            for mode in carried reference; do
                kills "$party" $step --mode $mode
            done
        done
    done
else
    kills 'identity provider' fulfilled
    kills 'mobile app server' authenticated
    kills 'issuing authorization' forwarded
    kills 'acquiring switch' authorised
    kills terminal requested
    kills terminal dispensed --mode reference
fi
finish
