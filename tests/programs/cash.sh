#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# carnetd --init-cash: a deployment from nothing, each party a process, and withdrawals from its terminal.
#   cash.sh CARNETD CARNET
# shellcheck source-path=SCRIPTDIR
. "${BASH_SOURCE%/*}/lib.sh"
export CARNET
CARNET=$(realpath "$OLDPWD/$2" 2>/dev/null || realpath "$2")
for tool in curl setsid jq; do
    command -v $tool >/dev/null || { echo "1..0 # SKIP there is no $tool" && exit 0; }
done
parties='identity-provider mobile-app-server issuing-authorization acquiring-switch'
running=
# shellcheck disable=SC2317 # trap calls it
stop() {
    [ -z "$running" ] || { kill "$running" 2>/dev/null && wait "$running" 2>/dev/null; }
    running=
}
trap 'stop; rm -rf "$dir"' EXIT

# until_said FILE WORDS: half a minute, for machines that are busy
until_said() {
    for _ in $(seq 300); do
        grep -q -- "$2" "$1" 2>/dev/null && return 0
        sleep 0.1
    done
    return 1
}
start() {
    sh cash/start.sh "$carnet" >start.out 2>&1 </dev/null &
    running=$!
    until_said start.out ^ready
}
books() {
    "$carnet" --config cash/issuing-authorization.yaml --check-ledger >out 2>err && jq -e "$1" out >/dev/null 2>>err
}
# withdraw AMOUNT PHONE'S OPTIONS...: staged, fulfilled at the terminal's code, answered; the terminal's status.
withdraw() {
    local amount=$1 code ref
    shift
    sh cash/phone.sh stage --amount "$amount" --currency 840 --json >staged.json 2>err </dev/null || return 9
    ref=$(jq -r .ref staged.json)
    sh cash/atm.sh --once --json >atm.out 2>atm.err </dev/null &
    atm=$!
    until_said atm.out '"event":"code"' || return 9
    code=$(jq -r 'select(.event == "code").code' atm.out)
    sh cash/phone.sh fulfil --code "$code" --approve "$@" "$ref" >phone.out 2>err </dev/null
    [ -z "$step_up" ] || sh cash/phone.sh wait --yes --fake-sensor "$step_up" >>phone.out 2>>err </dev/null
    wait $atm
}
step_up=

free_ports 10 && base=$port
gives 0 'makes a deployment' --init-cash cash --port "$base"
holds 'for its owner only' test "$(stat -c %a cash)" = 700 -a "$(stat -c %a cash/passphrase)" = 600
gives 3 'but not over one that is there' --init-cash cash
gives 2 'nor two at once' --init-cash other --init third
for party in $parties; do
    gives 0 "finds its $party good" --config "cash/$party.yaml" --check-config
done
sed 's/^    mode: carried/    mode: reference/; /signers:/,+1d' cash/issuing-authorization.yaml >cash/reference.yaml
gives 0 'or the one that asks for references' --config cash/reference.yaml --check-config
sed 's/max_amount: 20000/max_amount: many/' cash/mobile-app-server.yaml >cash/bad.yaml
gives 2 'not one that is wrong' --config cash/bad.yaml --check-config
says 'with file, line and key' "cash/bad.yaml:$(grep -n many cash/bad.yaml | cut -d: -f1)"

start
result $? 'every party starts'
sh cash/enrol.sh "$carnet" "$CARNET" >out 2>err </dev/null
result $? 'a person has an account and a phone'
mv out said
holds 'with money on it' grep -q '1000.00 USD' said

withdraw 4000 --yes
result $? 'a small withdrawal by the key alone'
holds 'is handed out' jq -se 'any(.event == "ended" and .outcome == "TAKEN" and .dispensed == 4000)' atm.out
books '.sound and .movements == 1'
result $? 'and booked'
step_up=FINGERPRINT=match+pad
withdraw 15000 --yes --fake-sensor FINGERPRINT=match
result $? 'one for which the issuer asks for more'
holds 'steps up' jq -se 'any(.response == "1A") and any(.event == "ended" and .outcome == "TAKEN")' atm.out
step_up=
withdraw 4000 --decline
[ $? = 1 ]
result $? 'one that its user declines'
holds 'is not handed out' jq -se 'any(.event == "ended" and .dispensed == 0)' atm.out
books '.sound and .movements == 2'
result $? 'the books are right'
secret=$(cat cash/passphrase)
holds 'no log has an account number or a secret' bash -c "! grep -E '4761739001010119|$secret' cash/*.log"

stop
start
result $? 'all start again'
withdraw 30000 --yes --fake-sensor FINGERPRINT=match+pad
result $? 'and a large withdrawal by a key in hardware, a finger and its liveness is handed out'
books '.sound and .movements == 3'
result $? 'and booked, too'

echo "1..$cases"
exit $((bad > 0))
