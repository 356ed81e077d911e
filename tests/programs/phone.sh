#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# carnet phone, the mobile app server and the identity provider, each a process, with mutual TLS between them.
#   phone.sh CARNET CARNETD
# shellcheck source-path=SCRIPTDIR
carnetd=$(realpath "$2")
folder=$(realpath "${BASH_SOURCE%/*}")
. "${BASH_SOURCE%/*}/lib.sh"
. "$folder/cash_world.sh"
make_claims
make_authority
must "$carnet" request --doctype mdl --element document_number --element family_name -o documents.cbor
documents=ca/ca.pem document_request=documents.cbor
# The provider tells the server that there is news: nobody has to wait for its turn.
notify=ping make_cash_world
serve idp && idp_process=$served
serve app && app_process=$served

# fits NAME: the last answer is as doc/staging.schema.json says.
schema=$folder/../../doc/staging.schema.json
fits() {
    python3 -c 'import jsonschema' 2>/dev/null || return 0
    cp out answer.json
    holds "that is a $1 of the schema" python3 - "$schema" "$1" answer.json <<'PYTHON'
import json, sys, jsonschema
schema = json.load(open(sys.argv[1]))
schema["$ref"] = "#/$defs/" + sys.argv[2]
jsonschema.Draft202012Validator(schema).validate(json.load(open(sys.argv[3])))
PYTHON
}

# --- the phone ---
(umask 077 && echo secret >pass && echo 471147 >pin && echo 123456 >wrong-pin)
common=(-s phone --passphrase-file pass)
must "$carnet" holder init "${common[@]}" --cost 64:1:1
must "$carnet" holder key "${common[@]}" -o holder.pem
must issue --doctype mdl --device-key holder.pem -o licence.cbor
must "$carnet" holder add "${common[@]}" licence.cbor
phone() { local want=$1 what=$2 && shift 2 && gives "$want" "$what" phone "$@" "${common[@]}"; }
"$carnetd" --config idp.yaml --enrol-device alice >bootstrap.pem 2>err || { sed 's/^/# /' err && echo 'Bail out! no invitation' && exit 1; }
phone 3 'is not enrolled at first' show
phone 0 'enrols, with an attested key and a PIN' enrol --provider "https://127.0.0.1:$idp" --server "https://127.0.0.1:$app" \
    --ca servers.pem --bootstrap bootstrap.pem --pin-file pin --attester-key attesting.key --attester-cert attesting.pem \
    --attester-name https://attester.example --user-authentication fingerprint --user-authentication pad --user-authentication pin --json
json 'tells of it' '.userId == "alice" and .counter == 0'
device=$(jq -r .deviceId out)
cp -r phone phone-before
holds 'keeps it from others' mode phone/phone.sealed 600
phone 3 'enrols once' enrol --provider "https://127.0.0.1:$idp" --bootstrap bootstrap.pem
must "$carnet" holder init -s second --passphrase-file pass --cost 64:1:1
gives 1 'an invitation serves once' phone enrol -s second --passphrase-file pass --provider "https://127.0.0.1:$idp" \
    --ca servers.pem --bootstrap bootstrap.pem
phone 1 'is nobody at the bank yet' stage --amount 5000 --currency 840
says 'and is told' 'device'
holds 'the bank learns whose device it is' customer alice "$device"

# --- a withdrawal ---
here=52.5201,13.4051,10
sensors=(--fake-sensor FINGERPRINT=match+pad --location "$here")
one=00112233445566778899aabbccddee01
phone 0 'stages a withdrawal' stage --amount 20000 --currency 840 --json
json 'which waits' '.status == "STAGED" and .amount == "000000020000"'
ref=$(jq -r .ref out)
fits status
phone 1 'refuses a code that is altered' fulfil "$ref" --code "$(code $one | sed 's/.$/_/;s/.\(.\)$/-\1/')"
phone 0 'fulfils at the terminal, shows a document, approves' fulfil "$ref" --code "$(code $one)" --approve --yes "${sensors[@]}"
ask terminal terminal/Collect "{\"terminalId\":\"ATM00001\",\"session\":\"$(session_text $one)\",\"wait\":20}"
json 'the terminal collects the vector, signed' '.status == "FULFILLED" and (.carrier.vot | contains("Cg")) and (.carrier.vot | contains("Cj")) and (.carrier.vot | contains("Cl")) and (.carrier.signature | length) == 86'
fits collected
ask issuer issuer/ResolveStaged "{\"ref\":\"$ref\",\"action\":\"USE\",\"use\":\"a-1\"}"
json 'the issuer uses it' '.status == "USED" and .terminalId == "ATM00001"'
fits resolved
ask issuer issuer/ResolveStaged "{\"ref\":\"$ref\",\"action\":\"USE\",\"use\":\"a-2\"}"
json 'once' '.error == "used"'
fits refusal
ask terminal terminal/Dispensed "{\"terminalId\":\"ATM00001\",\"session\":\"$(session_text $one)\",\"ref\":\"$ref\",\"result\":\"DISPENSED\",\"amount\":\"000000020000\"}"
phone 0 'sees what was dispensed' status "$ref" --json
json 'all of it' '.status == "DISPENSED" and .dispensed == "000000020000"'

# --- other ends ---
# attempt N AMOUNT: staged and fulfilled at a session of its own; $ref and $session
attempt() {
    terminal_session=00112233445566778899aabbccddee$(printf %02x "$1")
    "$carnet" phone stage "${common[@]}" --amount "$2" --currency 840 --json >out 2>err || return 1
    ref=$(jq -r .ref out)
    "$carnet" phone fulfil "${common[@]}" "$ref" --code "$(code "$terminal_session")" --json >out 2>err || return 1
    session=$(jq -r .sessionId out)
}
status_is() {
    "$carnet" phone status "${common[@]}" "$ref" --json >out 2>err
    [ "$(jq -r .status out)" = "$1" ]
}
# settled STATUS: it may take a moment until the server has asked.
settled() {
    for _ in $(seq 100); do
        status_is "$1" && return
        sleep 0.2
    done
    return 1
}
settled_by() {
    for _ in $(seq 100); do
        ask issuer issuer/ResolveStaged "{\"ref\":\"$1\",\"action\":\"READ\"}"
        [ "$(jq -r .status out)" != "$2" ] || return 0
        sleep 0.2
    done
    return 1
}
attempt 2 5000
phone 1 'declines' approve "$session" --decline
holds 'which ends the transaction' settled CANCELLED
attempt 3 5000
phone 1 'another finger does not do' approve "$session" --yes --fake-sensor FINGERPRINT=other
holds 'which ends it, too' settled FAILED
attempt 4 5000
phone 0 'a second try does' approve "$session" --yes --fake-sensor FINGERPRINT=other,match
holds 'and goes on' settled FULFILLED
phone 1 'an answered session is not answered again' approve "$session" --yes --fake-sensor FINGERPRINT=match
attempt 5 5000
phone 0 'a PIN does, where the risk is small' approve "$session" --yes --pin-file pin
attempt 6 5000
phone 1 'a wrong PIN does not' approve "$session" --yes --pin-file wrong-pin
attempt 7 20000
phone 1 'a phone elsewhere is not at the terminal' approve "$session" --yes --fake-sensor FINGERPRINT=match+pad --location '48.1,11.5,10'
attempt 8 5000
phone 0 'waits for what it is asked' wait --wait 20 --yes --fake-sensor FINGERPRINT=match
attempt 9 5000
phone 0 'takes it back while it is open' cancel "$ref"
phone 1 'after which nothing is approved' approve "$session" --yes --fake-sensor FINGERPRINT=match
attempt 10 100000
phone 0 'a large amount needs the key in hardware' approve "$session" --yes "${sensors[@]}" --json
json 'which it has' '.status == "AUTHENTICATED" and (.methods | index("SA_KEY_HW"))'

# --- the page ---
"$carnet" phone serve "${common[@]}" "${sensors[@]}" >page.url 2>page.err </dev/null &
page_process=$!
started+=("$page_process")
for _ in $(seq 100); do [ -s page.url ] && break || sleep 0.1; done
page=$(head -1 page.url) && page=${page%/}
get() { curl -s --max-time 20 "$page$1" "${@:2}" >shown; }
token() { curl -s "$page/new" | sed -n 's/.*name="token" value="\([^"]*\)".*/\1/p'; }
# post PATH FIELDS...: a form, followed to the page it leads to
post() {
    local path=$1 fields=() field
    shift
    for field in "token=$(token)" "$@"; do fields+=(--form-string "$field"); done
    curl -s -L --max-redirs 3 --max-time 30 "${fields[@]}" "$page$path" >shown
}
shows() { grep -qF -- "$1" shown; }
# comes TEXT: a page that is looked at again and again shows it.
comes() {
    for _ in $(seq 60); do
        curl -s -L --max-time 20 "$page/" >shown
        shows "$1" && return
        sleep 0.25
    done
    return 1
}
get / && holds 'serves its page' shows 'Nothing is prepared.'
get / -H 'Host: evil.example' && holds 'to this machine only' shows "not this page's address"
get /stage -F amount=50 -F currency=840 -F type=ATM_CWD -F account= && holds 'takes no form of another site' shows 'not of these pages'
post /stage amount=lots currency=840 type=ATM_CWD account= && holds 'asks for an amount' shows 'an amount is a number'
post /stage amount=50 currency=840 type=ATM_CWD 'account=<b>' && holds 'shows what the server says, as text' shows 'the user has no such account'
post /stage amount=50 currency=840 type=ATM_CWD account= && holds 'stages' shows '50.00 USD'
ref=$(grep -o 'ST[A-Z0-9]\{16\}' shown | head -1)
post /fulfil "ref=$ref" code=nothing && holds 'refuses a code that is none' shows 'the terminal&#39;s code is not good'
post /fulfil "ref=$ref" "code=$(code 00112233445566778899aabbccddeef0)" && holds 'fulfils' comes 'The machine must show'
holds 'shows amount and terminal' shows 'Withdraw 50.00 USD at Main Street 1'
holds 'and asks for the PIN' shows 'name="pin"'
open=$(sed -n 's/.*name="session" value="\([^"]*\)".*/\1/p' shown)
post /answer session=AAAAAAAAAAAAAAAAAAAAAA answer=approve pin= && holds 'another session is not answered' comes 'The machine must show'
post /answer "session=$open" answer=approve pin= && holds 'approves' comes '>Approved<'
holds 'and the server knows' settled_by "$ref" FULFILLED
# upload FILE: a picture of the terminal's code
upload() { curl -s -L --max-redirs 3 --max-time 30 --form-string "token=$(token)" --form-string "ref=$ref" --form-string code= -F "picture=@$1;type=image/png" "$page/fulfil" >shown; }
post /stage amount=40 currency=840 type=ATM_CWD account= && ref=$(grep -o 'ST[A-Z0-9]\{16\}' shown | head -1)
head -c 100 "$folder/../../examples/portrait.jpg" >not.png
upload not.png && holds 'a picture of nothing is no code' shows 'picture'
holds 'nor is it taken for one' bash -c '! grep -qF "The machine must show" shown'
python3 "$folder/qr_png.py" HELLO other.png
case $? in
0)
    if "$carnet" inspect other.png 2>&1 >/dev/null | grep -q zbar; then
        cases=$((cases + 1)) && echo "ok $cases - a picture of the code # SKIP built without zbar"
    else
        upload other.png && holds 'a picture of another code is refused' shows 'the terminal&#39;s code is not good'
        python3 "$folder/qr_png.py" "$(code 00112233445566778899aabbccddeef1)" code.png
        upload code.png && holds 'a picture of the code fulfils' comes 'The machine must show'
        holds 'at the terminal that shows it' shows 'Withdraw 40.00 USD at Main Street 1'
        open=$(sed -n 's/.*name="session" value="\([^"]*\)".*/\1/p' shown)
        post /answer "session=$open" answer=approve pin= && holds 'and is approved as any' settled_by "$ref" FULFILLED
    fi
    ;;
*) cases=$((cases + 1)) && echo "ok $cases - a picture of the code # SKIP there is no libqrencode" ;;
esac
kill "$page_process" && wait "$page_process"
holds 'ends when told' [ $? -eq 0 ]
holds 'without a complaint' [ ! -s page.err ]

phone 1 'a session may begin with a minus sign' approve -XNYF841F7gV8_vHCBSXcg --yes
says 'and there is none of this name' 'session_not_found'

# --- the device ---
phone 0 'renews its certificate by the session it just answered' renew "$session"
attempt 11 5000
phone 0 'and goes on with it' approve "$session" --yes --fake-sensor FINGERPRINT=match
attempt 12 5000
rm -r phone-before/phone.sealed && cp phone/phone.sealed phone-before
kill -9 "$app_process" "$idp_process" && wait "$app_process" "$idp_process" 2>/dev/null
phone 3 'says that nobody answers' approve "$session" --yes --fake-sensor FINGERPRINT=match
serve idp
serve app
phone 0 'goes on when they are back' approve "$session" --yes --fake-sensor FINGERPRINT=match
holds 'at both' settled FULFILLED
attempt 13 5000
cp phone/phone.sealed now && cp phone-before/phone.sealed phone
phone 1 'a copy of an earlier day is not the phone' approve "$session" --yes --fake-sensor FINGERPRINT=match
cp now phone/phone.sealed
phone 0 'is removed from the account' remove
phone 3 'and knows nothing then' show

# --- another phone, that counts: no sensor, no attestation ---
"$carnetd" --config idp.yaml --enrol-device alice >bootstrap.pem 2>err
phone 2 'an origin is of a FIDO authenticator' enrol --provider "https://127.0.0.1:$idp" --bootstrap bootstrap.pem --fido-origin https://bank.example
phone 0 'enrols a FIDO authenticator in software, and counts' enrol --provider "https://127.0.0.1:$idp" --server "https://127.0.0.1:$app" \
    --ca servers.pem --bootstrap bootstrap.pem --pin-file pin --software-fido bank.example --hotp --json
json 'tells of it' '.otpType == "HOTP" and .softwareFido == "bank.example"'
holds 'the bank learns of it' customer alice "$(jq -r .deviceId out)"
attempt 14 1000
phone 0 'asserts, its user known by the passphrase' approve "$session" --yes --json
json 'by FIDO' '.methods == ["FIDO_UV"]'
cp phone/phone.sealed now
attempt 15 2000
phone 0 'types a password by counter' approve "$session" --yes --pin-file pin --json
json 'once' '.methods | index("OTP")'
attempt 16 2000
cp now phone/phone.sealed
phone 1 'an older copy of the phone uses no password twice' approve "$session" --yes --pin-file pin
# --- the operators' view ---
(echo 'a good password' | "$carnetd" --config app.yaml --officer ada --name Ada --role auditor) >out 2>err
staffed=http://127.0.0.1:$staff
at_desk() { curl -s -L --max-time 20 -b jar -c jar -H "Origin: $staffed" "$@" >shown; }
at_desk "$staffed/staged" && holds 'operators log in' shows 'name="password"'
at_desk -d "token=$(sed -n 's/.*name="token" value="\([^"]*\)".*/\1/p' shown | head -1)" -d login=ada \
    --data-urlencode 'password=a good password' "$staffed/desk/login"
at_desk "$staffed/staged" && holds 'and see what was staged' shows '200.00 USD'
holds 'what was asked for, and why' shows 'Cg.Cj.Cl (middle, '
holds 'what was reached' grep -qE 'C[a-z.]*Cg[^<]*\([0-9]\)' shown
holds 'and refusals' shows 'not_authenticated'
holds 'and no account numbers' bash -c '! grep -q 999940 shown'
holds 'each document it showed was evidence' bash -c '! grep -q "\"reason\":\"mdoc\"" idp.log'
holds 'no PIN, code or token is in the logs' bash -c '! grep -qE "471147|P1940\.1\.|eyJ[A-Za-z0-9_-]{20}" idp.log app.log'
finish
