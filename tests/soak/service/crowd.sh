#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# 10,000 idle connections and 1,000 slow ones against carnetd, over plain HTTP.
#   crowd.sh CARNETD CROWD [IDLE SLOW SECONDS]
set -eu
carnetd=$(realpath "$1") crowd=$(realpath "$2") idle=${3:-10000} slow=${4:-1000} seconds=${5:-12}
dir=$(mktemp -d)
daemon=
trap '[ -z "$daemon" ] || kill "$daemon"; rm -rf "$dir"' EXIT
ulimit -n "$(ulimit -H -n)"
port=$((10000 + RANDOM % 20000))
"$carnetd" --init "$dir/site" --port $port >/dev/null
sed -i "0,/^    serves:.*/s//&\n    connections: 20000\n    idle_ms: 600000/" "$dir/site/carnetd.yaml"
"$carnetd" --config "$dir/site/carnetd.yaml" >"$dir/log" &
daemon=$!
until grep -q '"event":"ready"' "$dir/log"; do
    kill -0 $daemon
    sleep 0.2
done
"$crowd" $port $daemon "$idle" "$slow" "$seconds"
curl -s "http://127.0.0.1:$port/metrics" | grep -E '^carnet_http_(connections|refusals_total)\{listener="127.0.0.1:'$port'"' |
    grep -vE ' 0$'
