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

# verify REPORT ARGUMENTS...: its report, its errors and its status are kept by that name.
verify() {
    local report=$1 status=0
    shift
    "$carnet" verify --at 2026-12-01T00:00:00Z --json "$@" >"$report.json" 2>"$report.err" </dev/null || status=$?
    ended[$report]=$status
}
# judged REPORT STATUS CHECKS: the command ended so, and its report says so.
judged() {
    cp "$1.json" out && cp "$1.err" err
    [ "${ended[$1]}" -eq "$2" ] || {
        echo "status ${ended[$1]}, not $2" >>err
        return 1
    }
    [ -z "$looked" ] || [ "${says[./$1.json]:-}" = "$3" ] || {
        echo "checks that fail: ${says[./$1.json]:-it is no JSON}, not $3" >>err
        return 1
    }
}

declare -A ended says
while IFS=$'\t' read -r name default strict checks options what; do
    read -ra given <<<"${options//@/$made}"
    verify "$name" "${given[@]}" "$made/$name.hex"
    verify "$name,strict" "${given[@]}" --strict "$made/$name.hex"
done <"$made/table.tsv"
looked=$(command -v jq) # one for all: starting it is most of its time
[ -z "$looked" ] || while IFS=$'\t' read -r file checks; do
    says[$file]=$checks
done < <(jq -r --argjson schema "$(cat "$schema")" -f "$here/report.jq" ./*.json)
while IFS=$'\t' read -r name default strict checks options what; do
    judged "$name" "$default" "$checks" && judged "$name,strict" "$strict" "$checks"
    result $? "$name: $what"
done <"$made/table.tsv"
[ "$cases" -gt 0 ] || bad=1
finish
