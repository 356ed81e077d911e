#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# made.sh CARNET [DIRECTORY]: carnet verify over documents that it did not make: the directory's, or all that pack.py makes.
# Each by its exit status, by default and strictly, and by the checks that fail; its report by the schema.
here=$(realpath "$(dirname "$0")")
made=${2:+$(realpath "$2")}
# shellcheck source=tests/programs/lib.sh
. "$here/../programs/lib.sh"

if [ -z "$made" ]; then
    made=$dir/made
    if ! /usr/bin/python3 -c 'import cbor2, cryptography' 2>/dev/null; then
        echo '1..0 # SKIP there is no python3-cbor2 or python3-cryptography'
        exit 0
    fi
    must env PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 "$here/pack.py" "$made"
fi
schema=$here/../../doc/report.schema.json

# judged STATUS CHECKS ARGUMENTS...: the command ends so, and its report says so.
judged() {
    local want=$1 checks=$2 status=0 said
    shift 2
    "$carnet" verify --at 2026-12-01T00:00:00Z --json "$@" >out 2>err </dev/null || status=$?
    [ $status -eq "$want" ] || {
        echo "status $status, not $want: carnet verify $*" >>err
        return 1
    }
    command -v jq >/dev/null || return 0
    said=$(jq -r --argjson schema "$(cat "$schema")" -f "$here/report.jq" out 2>&1)
    [ "$said" = "$checks" ] || {
        echo "checks that fail: $said, not $checks" >>err
        return 1
    }
}

while IFS=$'\t' read -r name default strict checks options what; do
    read -ra given <<<"${options//@/$made}"
    judged "$default" "$checks" "${given[@]}" "$made/$name.hex" &&
        judged "$strict" "$checks" "${given[@]}" --strict "$made/$name.hex"
    result $? "$name: $what"
done <"$made/table.tsv"
[ "$cases" -gt 0 ] || bad=1
finish
