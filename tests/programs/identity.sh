#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The identity provider and a phone, over mutual TLS: enrolled, authenticated, killed between any two steps.
#   identity.sh CARNET CARNETD
# shellcheck source-path=SCRIPTDIR
carnetd=$(realpath "$2")
schema=$(realpath "${BASH_SOURCE%/*}/../../doc/bops.schema.json")
. "${BASH_SOURCE%/*}/lib.sh"
for tool in curl jq openssl; do
    command -v $tool >/dev/null || { echo "1..0 # SKIP there is no $tool" && exit 0; }
done
daemon=
# shellcheck disable=SC2317 # holds and trap call it
stop_daemon() {
    [ -z "$daemon" ] || { kill "$1" "$daemon" 2>/dev/null && wait "$daemon" 2>/dev/null; }
}
trap 'stop_daemon -KILL; rm -rf "$dir"' EXIT
free_ports 1
base=https://localhost:$port

# Authorities, and certificates under them.
authority() { # NAME EXTRA...
    must openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -keyout "$1.key" -out "$1.pem" \
        -subj "/CN=$1" "${@:2}"
}
under() { # AUTHORITY NAME EXTENSION...
    local ca=$1 name=$2
    shift 2
    printf '%s\n' 'subjectKeyIdentifier=hash' 'authorityKeyIdentifier=keyid' 'keyUsage=critical,digitalSignature' "$@" >extensions
    must openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$name.key" -out "$name.csr" -subj "/CN=$name"
    must openssl x509 -req -in "$name.csr" -CA "$ca.pem" -CAkey "$ca.key" -CAcreateserial -days 2 -out "$name.pem" \
        -extfile extensions
}
authority localhost -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1'
authority friends -addext 'keyUsage=critical,keyCertSign'
authority attesters -addext 'keyUsage=critical,keyCertSign'
under attesters attester
for name in bank shop; do
    under friends $name "subjectAltName=URI:urn:p1940:friend:$name" extendedKeyUsage=clientAuth
done
key_hash() { openssl x509 -in "$1.pem" -pubkey -noout | openssl pkey -pubin -outform DER | sha256sum | cut -d' ' -f1; }
must "$carnetd" --init site --port "$port"
cat site/provider-authority.pem friends.pem >clients.pem
cat >site/provider.yaml <<E
base_url: $base
secrets: secrets
listeners:
  - {address: 127.0.0.1, port: $port, serves: [public, staff, operations], chain: ../localhost.pem, key: ../localhost.key, clients: ../clients.pem}
store: {place: provider.sqlite}
areas:
  - {name: main, kind: software, file: keys.sealed, secret_file: passphrase}
keys:
  - {name: tokens, area: main, identifier: metadata-signer}
  - {name: devices, area: main, identifier: provider-authority, chain: provider-authority.pem}
services:
  desk: {}
  overview: {expiry_days: 30}
  identity_provider:
    token_key: tokens
    device_key: devices
    device_authorities: [provider-authority.pem]
    friend_authorities: [../friends.pem]
    attesters: [../attesters.pem]
    friends:
      - {id: bank, keys: [$(key_hash bank)]}
    terminals:
      - {id: ATM00001, latitude: "41.00820", longitude: "28.97840"}
E
start() {
    "$carnetd" --config site/provider.yaml >>log 2>err </dev/null &
    daemon=$!
    for _ in $(seq 300); do
        curl -s -m 5 --cacert localhost.pem "$base/readyz" >/dev/null && return 0
        kill -0 $daemon 2>/dev/null || return 1
        sleep 0.1
    done
    return 1
}
# The process dies as if the power went, and comes back.
killed() {
    stop_daemon -KILL
    start
}
ask() { # FRIEND MESSAGE JSON
    curl -s -m 40 --cacert localhost.pem --cert "$1.pem" --key "$1.key" -H 'Content-Type: application/json' -d "$3" \
        "$base/p1940/v1/enterprise/$2" >out 2>err
}
# fits NAME: the last answer is as doc/bops.schema.json says.
fits() {
    python3 -c 'import jsonschema' 2>/dev/null || return 0
    cp out answer.json
    holds "that is a $1 of the schema" python3 - "$schema" "$1" answer.json <<'PYTHON'
import json, sys, jsonschema
schema = json.load(open(sys.argv[1]))
schema["$ref"] = "#/$defs/" + sys.argv[2]
jsonschema.Draft202012Validator(schema).validate(json.load(open(sys.argv[3])))
PYTHON
    mv answer.json out
}
phone() { # STATUS SENTENCE ARGUMENTS...
    local want=$1 what=$2
    shift 2
    gives "$want" "$what" phone "$@" --store phone --passphrase-file passphrase
}

start
result $? 'the identity provider serves'
curl -s --cacert localhost.pem "$base/p1940/v1/keys" >out
json 'and publishes its key' '.keys[0].kid == "tokens"'
curl -s --cacert localhost.pem "$base/openapi.json" >out
json 'describes itself' '.paths | has("/p1940/v1/enterprise/AuthenticationStart") and has("/p1940/v1/bc-authorize")'
"$carnetd" --config site/provider.yaml --enrol-device alice >invitation 2>err
result $? 'a user is invited'
holds 'by a certificate and a key' grep -q 'BEGIN PRIVATE KEY' invitation
(umask 077 && echo 'a passphrase for phones' >passphrase)
must "$carnet" holder init --store phone --passphrase-file passphrase
enrol=(enrol --bootstrap invitation --provider "$base" --ca localhost.pem --attester-key attester.key --attester-cert
    attester.pem --user-authentication fingerprint --user-authentication pin --user-authentication pad)
phone 0 'a phone enrols' "${enrol[@]}"
phone 0 'and knows who it is' show --json
device=$(jq -r .deviceId out)
killed
result $? 'the provider dies, and comes back'

p1940='"vtm":"https://standards.ieee.org/standard/p1940.html"'
transaction='"transaction":{"type":"ATM_CWD","ref":"ST1","amount":"000000020000","currency":"840","terminalId":"ATM00001","text":"Withdraw 200.00 USD at ATM00001"}'
started='{"requestId":"r1","userId":"alice","deviceId":"'$device'","vtr":["Cf.Cg.Cj.Cl.Co"],'$p1940',"bindingMessage":"K7Q2",'$transaction'}'
ask bank AuthenticationStart "$started"
json 'a session is opened' '.status == "OPPORTUNITY"'
fits started
session=$(jq -r .sessionId out)
killed
ask bank AuthenticationStart "$started"
json 'the same request after a death opens the same' ".sessionId == \"$session\""
ask shop GetSessionStatus '{"sessionId":"'"$session"'"}'
json 'a stranger is refused' '.error.errorCode == 141'
fits error
curl -s -m 40 --cacert localhost.pem --cert bank.pem --key bank.key \
    "$base/p1940/v1/enterprise/GetSessionStatus?sessionId=$session&wait=25" >polled 2>/dev/null &
poll=$!
phone 0 'the phone is told, and its user approves' wait --wait 20 --yes --fake-sensor FINGERPRINT=match+pad \
    --location 41.0082,28.9784,10
wait $poll
mv polled out
json 'whoever waits is told' '.status == "AUTHENTICATED"'
killed
ask bank GetSessionStatus '{"sessionId":"'"$session"'"}'
json 'a vector of trust comes of it' '.vot == "Cb.Ce.Cf.Cg.Ci.Cj.Cl.Cn.Co" and .aal == 3 and .vtrSatisfied == 0'
json 'with a token and a carrier' '(.identityTokenSignature | length > 100) and .carrier.keyId == "tokens"'
fits session_status
ask bank ConsumeSession '{"sessionId":"'"$session"'","ref":"ST1"}'
json 'it is used' '.status == "CONSUMED"'
fits session_state
killed
ask bank ConsumeSession '{"sessionId":"'"$session"'","ref":"ST1"}'
json 'once, whatever dies' '.error.errorCode == 907'

ask bank AuthenticationStart '{"userId":"alice","deviceId":"'"$device"'"}'
session=$(jq -r .sessionId out)
phone 1 'a user may decline' approve "$session" --decline
ask bank GetSessionStatus '{"sessionId":"'"$session"'"}'
json 'which is told' '.status == "CANCELLED" and .reason == "by_user"'
ask bank AuthenticationStart '{"userId":"alice","deviceId":"'"$device"'","vtr":["Cf.Cg.Cj.Co"],'"$p1940"'}'
session=$(jq -r .sessionId out)
phone 1 'a spoof is found out' approve "$session" --yes --fake-sensor FINGERPRINT=spoof
form() { curl -s -m 20 --cacert localhost.pem --cert bank.pem --key bank.key "$@" >out 2>err; }
form -d scope=openid -d login_hint=alice -d binding_message=AB12 -d requested_expiry=60 "$base/p1940/v1/bc-authorize"
json 'a client of CIBA opens a session' '.expires_in == 60 and .interval == 2'
session=$(jq -r .auth_req_id out)
token=(-d grant_type=urn:openid:params:grant-type:ciba -d "auth_req_id=$session" "$base/p1940/v1/token")
form "${token[@]}"
json 'waits' '.error == "authorization_pending"'
phone 0 'the phone approves' approve "$session" --yes --fake-sensor FINGERPRINT=match+pad
form "${token[@]}"
json 'and has its tokens' '(.id_token | length > 100) and (.vot | contains("Cg")) and .token_type == "Bearer"'
form -d scope=openid -d login_hint=nobody "$base/p1940/v1/bc-authorize"
json 'but not of somebody unknown' '.error == "unknown_user_id"'
ask bank AuthenticationStart '{"userId":"alice","deviceId":"'"$device"'"}'
session=$(jq -r .sessionId out)
phone 0 'the phone answers once more' approve "$session" --yes --fake-sensor FINGERPRINT=match+pad
phone 0 'and renews its certificate by it' renew "$session"
killed
phone 0 'and answers with the new one' show --json
ask bank AuthenticationStart '{"userId":"alice","deviceId":"'"$device"'"}'
phone 0 'a session' approve "$(jq -r .sessionId out)" --yes --fake-sensor FINGERPRINT=match+pad

# The operators' page, as a browser without script sees it.
page() { curl -s -m 20 --cacert localhost.pem -b cookies -c cookies -o out -w '%{http_code}' "$base$1"; }
(echo 'a good password' | "$carnetd" --config site/provider.yaml --officer ada --name Ada --role auditor) >out 2>err
result $? 'there is an auditor'
holds 'nobody sees the sessions who has not logged in' test "$(page /identity)" = 303
page /desk/login >/dev/null
curl -s -m 20 --cacert localhost.pem -b cookies -c cookies -o out --data-urlencode "token=$(sed -n 's/.*name="token" value="\([^"]*\)".*/\1/p' out |
    head -1)" -d login=ada --data-urlencode 'password=a good password' "$base/desk/login"
page /identity >status
mv out shown
holds 'the auditor does' grep -q 200 status
holds 'with vectors' grep -qF 'Cb.Ce.Cf.Cg.Ci.Cj.Cl.Cn.Co' shown
holds 'and why there is none' grep -qF 'by_user' shown
holds 'but no transaction' bash -c '! grep -qwE "Withdraw|ST1" shown'

# What an operator may do; the newest session is the first of the page.
log_in() { # LOGIN
    rm -f cookies
    page /desk/login >/dev/null
    curl -s -m 20 --cacert localhost.pem -b cookies -c cookies -o out --data-urlencode "token=$(form_token out)" -d "login=$1" \
        --data-urlencode 'password=a good password' "$base/desk/login"
}
form_token() { sed -n 's/.*name="token" value="\([^"]*\)".*/\1/p' "$1" | head -1; }
# act ACTION [TOKEN]: on the newest session; prints the status
act() {
    page /identity >/dev/null && mv out shown
    curl -s -m 20 --cacert localhost.pem -b cookies -o acted -w '%{http_code}' --data-urlencode "token=${2-$(form_token shown)}" \
        -d "id=$(grep -o 'name="id" value="[0-9]*' shown | head -1 | tr -dc 0-9)" -d "action=$1" "$base/identity"
}
is_now() { # SESSION STATUS [REASON]
    ask bank GetSessionStatus '{"sessionId":"'"$1"'"}'
    json "that is $2" ".status == \"$2\"${3:+ and .reason == \"$3\"}"
}
open_session() {
    ask bank AuthenticationStart '{"userId":"alice","deviceId":"'"$device"'"}'
    session=$(jq -r .sessionId out)
}
open_session
holds 'an auditor ends nothing' test "$(act end)" = 403
is_now "$session" OPPORTUNITY
(echo 'a good password' | "$carnetd" --config site/provider.yaml --officer eve --name Eve --role administrator) >out 2>err
log_in eve
holds 'nor does a form of another site' test "$(act end forged)" = 403
is_now "$session" OPPORTUNITY
holds 'an administrator ends a session' test "$(act end)" = 303
is_now "$session" CANCELLED by_operator
open_session
phone 0 'one that is answered' approve "$session" --yes --fake-sensor FINGERPRINT=match+pad
holds 'is ended, too' test "$(act end)" = 303
is_now "$session" EXPIRED
ask bank ConsumeSession '{"sessionId":"'"$session"'","ref":"ST1"}'
json 'and serves nobody' 'has("error")'
open_session
before=$session
holds 'a device is blocked' test "$(act block)" = 303
is_now "$before" CANCELLED device_blocked
phone 1 'and answers nothing' approve "$session" --yes --fake-sensor FINGERPRINT=match+pad
ask bank AuthenticationStart '{"userId":"alice","deviceId":"'"$device"'"}'
json 'nor is it asked' '.error.errorCode == 118'
page /identity >/dev/null && mv out shown
holds 'the page says so' grep -qF 'Blocked' shown
holds 'and how to let it in' grep -qF 'Let the device in again' shown
holds 'which is done' test "$(act unblock)" = 303
open_session
phone 0 'and it answers' approve "$session" --yes --fake-sensor FINGERPRINT=match+pad
page /overview/record >/dev/null && mv out shown
for kind in session.cancelled device.blocked device.unblocked; do
    holds "the record has $kind" grep -qF $kind shown
done
holds 'and who did it' grep -qw eve shown
stop_daemon -TERM
holds 'nothing of it is in the log' bash -c '! grep -qE "alice|ATM00001|Withdraw" log'
finish
