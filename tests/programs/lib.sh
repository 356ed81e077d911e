#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What the tests of the command share: TAP, a directory of their own, an authority.
# Sourced with the command's path as first argument.
set -u
carnet=$(realpath "$1") || exit 1
cases=0 bad=0
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
export LC_ALL=C.UTF-8
# The command leaves its memory to the end of the process.  What a sanitizer finds is none of our exit statuses.
export ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0:exitcode=99 UBSAN_OPTIONS=${UBSAN_OPTIONS:-}:exitcode=99

# result STATUS 'sentence'
result() {
    cases=$((cases + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $cases - $2"
    else
        echo "not ok $cases - $2"
        sed 's/^/# /' out err 2>/dev/null
        bad=$((bad + 1))
    fi
}
# gives STATUS 'sentence' ARGUMENTS...: the command ends with this status; its output is in out and err.
gives() {
    local want=$1 what=$2 status=0
    shift 2
    "$carnet" "$@" >out 2>err </dev/null || status=$?
    [ $status -eq "$want" ] || echo "status $status, not $want: carnet $*" >>err
    [ $status -eq "$want" ]
    result $? "$what"
}
# says 'sentence' WORDS: the last command said so on standard error.
says() {
    grep -qF -- "$2" err
    result $? "$1"
}
# holds 'sentence' COMMAND...
holds() {
    local what=$1
    shift
    "$@" >out 2>err
    result $? "$what"
}
# soon 'sentence' COMMAND...: within ten seconds (a service writes what went well a moment later into its log)
soon() {
    local what=$1
    shift
    for _ in $(seq 100); do
        "$@" >out 2>err && break
        sleep 0.1
    done
    holds "$what" "$@"
}
# json 'sentence' FILTER: the last command's output is JSON for which jq's filter is true.
json() {
    if ! command -v jq >/dev/null; then
        cases=$((cases + 1)) && echo "ok $cases - $1 # SKIP there is no jq"
        return
    fi
    [ -s out ] && jq -e "$2" out >jq.out 2>&1
    result $? "$1"
}
# Run what must work for the test to mean anything.
must() {
    "$@" >must.out 2>&1 </dev/null || {
        sed 's/^/# /' must.out
        echo "Bail out! $*"
        exit 1
    }
}
mode() { [ "$(stat -c %a "$1")" = "$2" ]; }
hex() { od -An -v -tx1 "$@" | tr -d ' \n'; }
unhex() { sed 's/../\\x&/g' | xargs -0 printf '%b'; }

# free_ports COUNT: $port is the first of so many in a row, which are nobody else's as long as this test runs.
free_ports() {
    local held
    exec {held}< <("${carnet%/*}/../../../tests/support/ports" "$1" 2>/dev/null &) # no child of ours: "wait" ends
    # shellcheck disable=SC2034 # whoever sources this reads it
    read -r port <&"$held" || { echo 'Bail out! there are no ports' && exit 1; }
}

# An IACA in ca/, a signer ds.pem and ds.key, the portrait that claims name.
make_authority() {
    must "$carnet" ca init --country UT --name 'Utopia IACA' --email iaca@utopia.example \
        --crl-uri https://utopia.example/crl "$@" -d ca
    must "$carnet" ca signer -d ca --name 'Utopia signer 1' -o ds
}
make_claims() {
    printf '\377\330\377\340\000\020JFIF\000\001\001' >portrait.jpg
    cat >claims.json <<'CLAIMS'
{ "family_name": "Muster", "given_name": "Erika", "birth_date": "1984-01-26", "issue_date": "2024-03-01",
  "expiry_date": "2034-02-28", "issuing_country": "UT", "issuing_authority": "Utopia DMV", "document_number": "UT-1",
  "portrait": { "$bstr": "portrait.jpg" },
  "driving_privileges": [{ "vehicle_category_code": "B", "issue_date": "2017-02-23", "expiry_date": "2034-10-20" }],
  "un_distinguishing_sign": "UTO" }
CLAIMS
}
issue() {
    "$carnet" issue --claims claims.json --signer-cert ds.pem --signer-key ds.key --quiet "$@"
}
# make_key NAME CURVE: NAME.key and NAME.pem (a reader authority's certificate, a public key like any other)
make_key() {
    must "$carnet" ca init --reader --name key --curve "$2" -d "key-$1"
    mv "key-$1/ca.key" "$1.key" && mv "key-$1/ca.pem" "$1.pem" && rm -r "key-$1"
}
finish() {
    echo "1..$cases"
    [ $bad -eq 0 ]
    exit
}
