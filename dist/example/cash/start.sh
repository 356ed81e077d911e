#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The four parties of a cardless withdrawal, each a process of its own; ended by ^C.
#   start.sh [CARNETD]
cd "$(dirname "$0")" || exit 1
carnetd=${1:-carnetd}
parties='identity-provider mobile-app-server issuing-authorization acquiring-switch'
pids=
# shellcheck disable=SC2086 # several
trap 'kill $pids 2>/dev/null; wait; exit 0' INT TERM
for party in $parties; do
    "$carnetd" --config "$party.yaml" >"$party.log" 2>&1 &
    pids="$pids $!"
done
for party in $parties; do
    tries=0
    until grep -q '"event":"ready"' "$party.log"; do
        tries=$((tries + 1))
        if [ $tries -gt 300 ]; then
            echo "$party does not start: $(tail -n 1 "$party.log")" >&2
            # shellcheck disable=SC2086 # several
            kill $pids 2>/dev/null
            wait
            exit 1
        fi
        sleep 0.1
    done
done
echo "ready: $parties"
wait
