#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# carnet wallet: documents obtained from an issuer that shares no code with it (issuer.py), and every refusal.
# shellcheck source=tests/programs/lib.sh
here=$(dirname "$(realpath "$0")")
. "$here/lib.sh"
python3 -c 'import cryptography' 2>/dev/null || {
    echo '1..0 # SKIP there is no python3-cryptography'
    exit 0
}
for tool in curl jq; do
    command -v $tool >/dev/null || {
        echo "1..0 # SKIP there is no $tool"
        exit 0
    }
done
make_claims
make_authority --locality Springfield
must "$carnet" ca init --country UT --name 'Other IACA' --email o@example --crl-uri https://other.example/crl -d others
must "$carnet" ca init --reader --name Attesters --crl-uri https://a.example/crl -d attesters
must "$carnet" ca reader -d attesters --name 'Wallet attester' -o attester
printf 'correct horse\n' >pass && printf 'wrong horse\n' >wrong && printf '493536\n' >tx && printf '111111\n' >badtx
chmod 600 pass wrong tx badtx
python3 "$here/issuer.py" "$carnet" . >issuer.out 2>&1 </dev/null &
issuer=$!
trap 'kill $issuer 2>/dev/null; rm -rf "$dir"' EXIT
for _ in $(seq 300); do
    [ -s base.txt ] && break
    sleep 0.1
done
base=$(cat base.txt) || exit 1
open=(-s store --passphrase-file pass)
here_only=(--insecure-loopback)

# behave JSON: how the issuer behaves from now on; its log begins anew.
behave() { printf '%s' "$1" >behave.new && mv behave.new behave.json && : >issuer.log; }
offer() { curl -s "$base/offer?${1:-x=1}"; }
# accepts STATUS 'sentence' QUERY options...
accepts() {
    local want=$1 what=$2 query=$3
    shift 3
    gives "$want" "$what" wallet accept "${open[@]}" "${here_only[@]}" --yes --trust ca/ca.pem "$@" "$(offer "$query")"
}
# logged 'sentence' FILTER: the issuer's log, as an array
logged() {
    jq -s . issuer.log >out 2>/dev/null
    json "$1" "$2"
}
documents() { "$carnet" wallet list -s store --json | jq length; }
count() { [ "$(documents)" = "$1" ]; }

# --- the store, and looking ---
behave '{}'
gives 0 'makes a store' wallet init "${open[@]}" --cost 8:1:1 --json
json 'with keys in a file' '.area == "software"'
gives 3 'makes none over another' wallet init "${open[@]}" --cost 8:1:1
gives 2 'knows no other kind of secure area' wallet init -s other --passphrase-file pass --area cloud
gives 2 'wants to know which module' wallet init -s other --passphrase-file pass --area pkcs11
gives 0 'lists nothing at first' wallet list -s store --json
json 'as JSON' '. == []'
gives 0 'shows an offer' wallet offer "${here_only[@]}" "$(offer tx=1)"
cp out shown
holds 'by whom it is' grep -q 'Offered by Utopia DMV, http://127.0.0.1' shown
holds 'what it is' grep -q 'Driving licence (org.iso.18013.5.1.mDL)' shown
holds 'with which claims' grep -q 'with family_name' shown
holds 'under whose certificates' grep -q 'CN=Utopia IACA' shown
holds 'and that a code is needed' grep -q 'It came by letter' shown
gives 0 'shows it as JSON' wallet offer "${here_only[@]}" --json "$(offer 'tx=1&reference=1')"
json 'for a program' '.name == "Utopia DMV" and .transactionCode and .documents[0].obtainable and (.authorities[0].trusted | not)'
gives 3 'asks nothing over http' wallet offer "$(offer)"
gives 3 'refuses what is no offer' wallet offer "${here_only[@]}" 'openid-credential-offer://?credential_offer=x'
gives 3 'refuses an offer by value and by reference' wallet offer "${here_only[@]}" "$(offer)&credential_offer_uri=$base/offer"
gives 2 'wants one offer' wallet offer "${here_only[@]}"
gives 2 'and not two' wallet offer "${here_only[@]}" --issuer "$base" "$(offer)"
gives 3 'says that nobody is there' wallet offer "${here_only[@]}" --issuer http://127.0.0.1:1
if "$carnet" wallet offer --qr portrait.jpg 2>&1 | grep -q 'cannot read QR'; then
    gives 3 'cannot read QR codes in this build' wallet offer --qr portrait.jpg
else
    gives 3 'finds no QR code where there is none' wallet offer --qr portrait.jpg
fi

# --- the first document ---
accepts 0 'obtains a document' x=1 --json
json 'and says what it keeps' '.documents | length == 1 and .[0].number == 1 and .[0].copies == 1 and .[0].issuerTrusted'
logged 'tells the issuer that it is kept' '.[-1].event == "credential_accepted"'
holds 'for its owner only' mode store/documents/1.cbor 600
holds 'and its tokens sealed' mode store/grants.sealed 600
holds 'where nobody reads them' [ "$(grep -c access store/grants.sealed)" = 0 ]
gives 0 'the document is good' verify store/documents/1.cbor --trust ca/ca.pem --doctype mdl
present() {
    rm -f uri sock
    "$carnet" holder present "${open[@]}" --socket sock --qr-text uri --wait 20 --consent all >h.out 2>h.err </dev/null &
    local pid=$!
    for _ in $(seq 200); do
        [ -s uri ] && break
        sleep 0.05
    done
    "$carnet" reader --qr "$(cat uri)" --socket sock --trust ca/ca.pem --wait 20 -D mdl -e family_name >out 2>err </dev/null
    local status=$?
    wait $pid && [ $status -eq 0 ]
}
present
result $? 'and a reader takes it from carnet holder'
holds 'asks no terminal that is not there' [ "$(setsid -w "$carnet" wallet accept "${open[@]}" "${here_only[@]}" "$(offer)" </dev/null >no.out 2>&1 && echo 0 || echo $?)" = 3 ]

# --- transaction codes, references, nonces ---
accepts 0 'gives a transaction code, for an offer by reference' 'tx=1&reference=1' --tx-code-file tx
accepts 3 'shows what the issuer says of a wrong one' tx=1 --tx-code-file badtx
says 'in its words' 'it said: invalid_grant: the code, or the transaction code (HTTP 400), request r-1'
behave '{}'
printf '12\n' >short && chmod 600 short
accepts 3 'sends none that cannot be it' tx=1 --tx-code-file short
logged 'nothing at all' '[.[] | select(.at == "token")] == []'
behave '{"dpop":"required","dpop_nonce":"n-1","batch":5}'
accepts 0 'binds its tokens to a key, with nonces' x=1 --copies 3 --json
json 'and takes as many copies as are wanted' '.documents[0].copies == 3 and .documents[0].fresh == 3'
logged 'having been told the nonce' '[.[].refused | select(. != null)] == ["use_dpop_nonce", "use_dpop_nonce"]'
batch=$(jq -r '.documents[0].number' out 2>/dev/null)
batch=$("$carnet" wallet list -s store --json | jq '.[-1].number')
behave '{"batch":5,"stale_once":true}'
accepts 0 'asks for another nonce when one is stale' x=1
logged 'once' '[.[].refused | select(. != null)] == ["invalid_nonce"]'
behave '{"answer":{"credential":{"status":400,"json":{"error":"invalid_nonce"}}}}'
accepts 3 'and not for ever' x=1
logged 'twice in all' '[.[] | select(.at == "credential")] | length == 2'

# --- encryption, deferral, attestation ---
behave '{"encryption":"required","batch":2,"dpop":"required"}'
accepts 0 'encrypts its request, and the response to it' x=1
logged 'both' '.[] | select(.at == "credential") | .encrypted and .response'
behave '{"encryption":"required","plain_response":true}'
accepts 3 'takes no response in the clear where it asked for another' x=1
says 'and says so' 'the response is not encrypted'
behave '{"encryption":"yes","deferred":2}'
accepts 0 'comes back for a document that is not ready' x=1
logged 'twice' '[.[] | select(.at == "deferred")] | length == 2'
behave '{"deferred":100}'
accepts 3 'but not longer than it was told' x=1 --wait 2
says 'and says so' 'the issuer is not ready'
holds 'remembers that' [ "$("$carnet" wallet list -s store | grep -c 'not ready')" = 1 ]
gives 3 'asks again, in vain' wallet resume "${open[@]}" "${here_only[@]}" --trust ca/ca.pem --wait 0
behave '{"deferred_ready":true}'
gives 0 'and again' wallet resume "${open[@]}" "${here_only[@]}" --trust ca/ca.pem --json
json 'with the document' '.documents[0].copies == 1'
logged 'for which no token was needed' '[.[] | select(.at == "token")] == []'
gives 3 'there is nothing more to resume' wallet resume "${open[@]}" "${here_only[@]}"
behave '{"deferred":100}'
accepts 3 'waits for another' x=1 --wait 0
behave '{"answer":{"deferred":{"status":400,"json":{"error":"credential_request_denied"}}}}'
gives 1 'until the issuer says no' wallet resume "${open[@]}" "${here_only[@]}"
gives 3 'and then no more' wallet resume "${open[@]}" "${here_only[@]}"
attested=(--attester-key attester.key --attester-cert attester.pem)
behave '{"attestation":true,"dpop":"required","batch":3,"key_attestation":{"key_storage":["iso_18045_basic"]}}'
accepts 0 'has itself and its keys attested' x=1 "${attested[@]}"
logged 'with one proof for all' '.[] | select(.at == "credential") | .keys == 3 and .proof == "jwt"'
accepts 3 'says that nobody attests it' x=1
says 'in words' 'nobody attests this one'
behave '{"proof_type":"attestation","batch":2,"key_attestation":{}}'
accepts 0 'shows an attestation alone where that is wanted' x=1 "${attested[@]}"
logged 'as the proof' '.[] | select(.at == "credential") | .proof == "attestation"'
accepts 3 'says that nobody attests its keys' x=1
says 'in words' 'nobody attests those of this wallet'

# --- the code flow ---
cat >browser <<'BROWSER'
#!/bin/bash
exec curl -sL -o /dev/null "$1"
BROWSER
chmod +x browser
behave '{"dpop":"required","batch":2}'
accepts 0 'sends the browser and takes the code' by=code --browser ./browser
logged 'by a pushed request with the offer'\''s state' '.[0] | .at == "par" and .scope == "mdl" and .issuer_state == "state-of-issuer" and .dpop'
gives 0 'needs no offer' wallet accept "${open[@]}" "${here_only[@]}" --yes --trust ca/ca.pem --browser ./browser --issuer "$base" --configuration mdl
# By hand: the address is printed, and the one the browser was sent back to is pasted.
by_hand() {
    local url back status=0
    rm -f pasted paste.out && mkfifo pasted
    "$carnet" wallet accept "${open[@]}" "${here_only[@]}" --yes --trust ca/ca.pem --redirect https://wallet.example/cb "$(offer by=code)" <pasted >paste.out 2>err &
    local pid=$!
    exec 8>pasted
    for _ in $(seq 300); do
        url=$(sed -n 's/^  \(http.*authorize.*\)/\1/p' paste.out)
        [ -z "$url" ] || break
        sleep 0.05
    done
    back=$(curl -s -o curl.out -w '%{redirect_url}' "$url")
    echo "$back" >&8
    exec 8>&-
    wait $pid || status=$?
    [ $status -eq 0 ] && [ "${back#https://wallet.example/cb?}" != "$back" ]
}
behave '{"dpop":"required"}'
by_hand
result $? 'takes the address the browser was sent back to by hand'
behave '{"metadata":{"credential_configurations_supported":{"a":{"format":"mso_mdoc","doctype":"a"},"b":{"format":"mso_mdoc","doctype":"b"}}}}'
gives 1 'but to know which' wallet accept "${open[@]}" "${here_only[@]}" --yes --browser ./browser --issuer "$base"
says 'and says so' '--configuration says which'
behave '{"attestation":true}'
gives 0 'is not attested to look' wallet offer "${here_only[@]}" "$(offer)"
behave '{"server":{"authorization_details_types_supported":["openid_credential"]}}'
accepts 0 'asks by authorization details where they are known' by=code --browser ./browser
logged 'and for the identifier it was given' '.[] | select(.at == "credential") | .identifier == "erika-mdl"'
behave '{"server":{"pushed_authorization_request_endpoint":"'"$base"'/nothing"}}'
accepts 3 'says that the request was not taken' by=code --browser ./browser
behave '{"authorize":{"iss":"http://127.0.0.1:9"}}'
accepts 3 'refuses a code of another server' by=code --browser ./browser
says 'in words' 'from another issuer'
behave '{"authorize":{"iss":null}}'
accepts 3 'and one that does not say whose it is' by=code --browser ./browser
behave '{"authorize":{"state":"other"}}'
accepts 3 'and one it did not ask for' by=code --browser ./browser
says 'in words' 'not to the request that was sent'
behave '{"authorize":{"error":"access_denied","error_description":"not you"}}'
accepts 1 'understands a no' by=code --browser ./browser
says 'in its words' 'access_denied: not you'
behave '{"attestation":true,"dpop":"required","batch":2}'
accepts 0 'does all that HAIP wants' by=code --haip --browser ./browser "${attested[@]}"
behave '{"dpop":"required"}'
accepts 3 'and takes no less with --haip' by=code --haip --browser ./browser "${attested[@]}"
accepts 3 'no code that needs no log-in, either' x=1 --haip "${attested[@]}"

# --- hostile or broken issuers: nothing is kept ---
before=$(documents)
# refuses 'sentence' BEHAVIOUR 'words' [STATUS]
refuses() {
    behave "$2"
    accepts "${4:-3}" "$1" x=1
    says '  and says why' "$3"
}
refuses 'metadata of another issuer' '{"metadata":{"credential_issuer":"https://other.example"}}' 'not the credential issuer that was meant'
refuses 'a server of another issuer' '{"server":{"issuer":"https://other.example"}}' 'from another issuer'
refuses 'metadata that is no JSON' '{"answer":{"metadata":{"text":"<html>"}}}' 'JSON'
refuses 'metadata with a member twice' '{"answer":{"metadata":{"text":"{\"credential_issuer\":\"a\",\"credential_issuer\":\"b\"}"}}}' 'JSON'
refuses 'an endpoint over http elsewhere' '{"metadata":{"credential_endpoint":"http://elsewhere.example/c"}}' 'metadata'
refuses 'a redirect' '{"answer":{"metadata":{"status":302,"json":{},"headers":{"Location":"http://127.0.0.1:1/"}}}}' 'HTTP 302'
refuses 'an answer without end' '{"answer":{"nonce":{"text":"'"$(head -c 300000 /dev/zero | tr '\0' x)"'"}}}' 'longer than allowed'
refuses 'a token without a type' '{"answer":{"token":{"json":{"access_token":"x"}}}}' 'not as specified'
refuses 'a token bound to a key nobody showed' '{"token":{"token_type":"DPoP"}}' 'a key nobody showed'
refuses 'no document in the answer' '{"answer":{"credential":{"json":{"credentials":[]}}}}' ''
refuses 'what is no document' '{"answer":{"credential":{"json":{"credentials":[{"credential":"AAAA"}]}}}}' ''
refuses 'more documents than keys' '{"answer":{"credential":{"json":{"credentials":[{"credential":"oA"},{"credential":"oA"}]}}}}' 'more documents than keys'
must issue -D mdl --device-key ds.pem -o foreign.cbor
refuses 'a document for a key of somebody else' '{"documents":["foreign.cbor"]}' 'a key this wallet did not show' 1
logged '  and tells the issuer' '.[-1].event == "credential_failure"'
refuses 'a document of another type' '{"metadata":{"credential_configurations_supported":{"mdl":{"format":"mso_mdoc","doctype":"org.iso.7367.1.mVRC","scope":"mdl","cryptographic_binding_methods_supported":["cose_key"],"proof_types_supported":{"jwt":{"proof_signing_alg_values_supported":["ES256"]}}}}}}' '' 1
refuses 'a document that is not valid yet' '{"issue":["--valid-from","+2d"]}' '' 1
refuses 'algorithms it has not' '{"metadata":{"credential_configurations_supported":{"mdl":{"format":"mso_mdoc","doctype":"org.iso.18013.5.1.mDL","proof_types_supported":{"jwt":{"proof_signing_alg_values_supported":["RS256"]}}}}}}' 'a proof of another kind'
refuses 'what is of another format' '{"offered":["other"]}' 'another format'
refuses 'what the issuer does not have' '{"offered":["nothing"]}' 'does not say what this is'
refuses 'an error that would act on the terminal' '{"answer":{"token":{"status":400,"json":{"error":"invalid_grant","error_description":"a\u001b[31mb\u009b"}}}}' 'a?[31mb'
holds '  to the letter' [ "$(grep -c $'\e' err)" = 0 ]
behave '{}'
gives 1 'takes no document of an issuer it does not trust' wallet accept "${open[@]}" "${here_only[@]}" --yes --trust others/ca.pem "$(offer)"
says 'and says so' 'by no issuer that is trusted'
holds 'nothing of all this was kept' count "$before"
holds 'and no key was left behind' [ "$("$carnet" wallet show -s store 1 | grep -c 'copy 1')" = 1 ]
gives 0 'keeps one that cannot be judged if told so' wallet accept "${open[@]}" "${here_only[@]}" --yes --trust others/ca.pem --accept-untrusted --json "$(offer)"
json 'and says that it is one' '.documents[0].issuerTrusted | not'
gives 0 'trusts what the issuer publishes if told so' wallet accept "${open[@]}" "${here_only[@]}" --yes --trust-published "$(offer)"
gives 0 'and remembers it' wallet accept "${open[@]}" "${here_only[@]}" --yes "$(offer)"

# --- copies, refreshing, deleting ---
gives 0 'has three copies' wallet show -s store "$batch" --json
json 'none used' '.fresh == 3'
must "$carnet" wallet delete "${open[@]}" "${here_only[@]}" --quiet 1
behave '{"dpop":"required","batch":5}'
gives 0 'anew, by its refresh token' wallet reissue "${open[@]}" "${here_only[@]}" --trust ca/ca.pem --copies 2 --json "$batch"
json 'the same document with other copies' ".number == $batch and .copies == 2"
logged 'asks nobody' '.[0].grant == "refresh_token" and ([.[] | select(.at == "par")] == [])'
gives 0 'and again, by the next refresh token' wallet reissue "${open[@]}" "${here_only[@]}" --trust ca/ca.pem "$batch"
only() {
    rm -f uri sock
    "$carnet" holder present "${open[@]}" --document "$batch" --socket sock --qr-text uri --wait 20 --consent all >h.out 2>h.err </dev/null &
    local pid=$!
    for _ in $(seq 200); do
        [ -s uri ] && break
        sleep 0.05
    done
    "$carnet" reader --qr "$(cat uri)" --socket sock --trust ca/ca.pem --wait 20 -D mdl -e family_name >out 2>err </dev/null
    local status=$?
    wait $pid && [ $status -eq 0 ]
}
used() { "$carnet" wallet show -s store "$batch" | grep -c 'presented [1-9]'; }
only
result $? 'presents a copy'
holds 'and counts it' [ "$(used)" = 1 ]
only
result $? 'presents it again'
holds 'by the other copy' [ "$(used)" = 2 ]
only
result $? 'and again when all were shown'
holds 'in turn' [ "$("$carnet" wallet show -s store "$batch" | grep -c 'presented 2')" = 1 ]
gives 0 'refreshes what has run out' wallet refresh "${open[@]}" "${here_only[@]}" --trust ca/ca.pem --json "$batch"
json 'and that alone' '.due == 1 and .renewed == 1'
gives 0 'and not what has not' wallet refresh "${open[@]}" "${here_only[@]}" --trust ca/ca.pem --json "$batch"
json 'nothing' '.due == 0'
behave '{"dpop":"required"}'
gives 0 'deletes a document' wallet delete "${open[@]}" "${here_only[@]}" "$batch"
logged 'and tells the issuer' '[.[] | select(.at == "notification")][0].event == "credential_deleted"'
gives 3 'which is gone' wallet show -s store "$batch"
last=$("$carnet" wallet list -s store --json | jq '.[-1].number')
behave '{"answer":{"notification":{"status":500,"json":{}}}}'
gives 0 'deletes one also when the issuer does not listen' wallet delete "${open[@]}" "${here_only[@]}" "$last"
says 'and says so' 'the issuer was not told'
gives 3 'takes no other passphrase' wallet delete -s store --passphrase-file wrong "${here_only[@]}" 2

# --- several documents of one offer, which share what was granted ---
one='{"format":"mso_mdoc","doctype":"org.iso.18013.5.1.mDL","scope":"mdl","cryptographic_binding_methods_supported":["cose_key"],"proof_types_supported":{"jwt":{"proof_signing_alg_values_supported":["ES256"]}}}'
two='"dpop":"required","offered":["mdl","second","other"],"metadata":{"credential_configurations_supported":{"mdl":'$one',"second":'$one',"other":{"format":"dc+sd-jwt"}}}'
behave "{$two}"
accepts 0 'obtains all of an offer that it can' x=1 --json
json 'each a document of its own' '.documents | length == 2 and ([.[].configuration] == ["mdl", "second"])'
first=$("$carnet" wallet list -s store --json | jq '.[-2].number') second=$("$carnet" wallet list -s store --json | jq '.[-1].number')
logged 'with one token' '[.[] | select(.at == "token")] | length == 1'
behave "{\"expires\":1,$two}"
gives 0 'renews one of them' wallet reissue "${open[@]}" "${here_only[@]}" --trust ca/ca.pem "$first"
sleep 1
gives 0 'forgets it, though its token has ended' wallet delete "${open[@]}" "${here_only[@]}" "$first"
logged 'by a new one' '[.[] | select(.at == "token")] | length == 2'
gives 0 'and the other has what was granted since' wallet reissue "${open[@]}" "${here_only[@]}" --trust ca/ca.pem "$second"
behave "{$two}"
accepts 0 'or what it is told' x=1 --configuration second --json
json 'and nothing else' '[.documents[].configuration] == ["second"]'

# --- a store of before ---
mkdir -p old && must "$carnet" holder init -s old --passphrase-file pass --cost 8:1:1
must "$carnet" holder key -s old --passphrase-file pass -o old.pem
must issue -D mdl --device-key old.pem -o old.cbor
must "$carnet" holder add -s old --passphrase-file pass old.cbor
python3 - <<'OLD'
import json
i = json.load(open('old/index.json'))
d = i['documents'][0]
c = d.pop('copies')[0]
d.update(key=c['key'], validUntil=c['validUntil'])
i.pop('area')
i['version'] = 1
json.dump(i, open('old/index.json', 'w'))
OLD
gives 0 'reads a store of the first version' wallet list -s old --json
json 'with its document' '.[0].number == 1 and .[0].copies == 1'
gives 0 'adds to it' wallet accept -s old --passphrase-file pass "${here_only[@]}" --yes --trust ca/ca.pem "$(offer)"
holds 'and writes it anew' grep -q '"version": 2' old/index.json

# --- killed at any moment: the store is whole ---
behave '{"dpop":"required","batch":8}'
whole=0 first=$("$carnet" wallet list -s store --json | jq '.[-1].number + 1')
for n in $(seq 12); do
    link=$(offer)
    "$carnet" wallet accept "${open[@]}" "${here_only[@]}" --yes --trust ca/ca.pem "$link" >/dev/null 2>&1 </dev/null &
    pid=$!
    sleep "0.$(printf '%02d' $((n * 8 % 100)))"
    kill -9 $pid 2>/dev/null
    wait $pid 2>/dev/null
    "$carnet" wallet list -s store --json >list.json 2>err || whole=1
    for file in $(jq -r '.[] | select(.number >= '"$first"' and .copies != 8) | .number' list.json); do
        echo "document $file has lost copies" >>err && whole=1
    done
done
result $whole 'killed at any moment, all of a batch is there or nothing'
accepts 0 'and goes on afterwards' x=1
files=$(jq '[.documents[].copies[]] | length' store/index.json)
holds 'having cleared away what was left' [ "$(find store/documents -name '*.cbor' | wc -l)" = "$files" ]
present
result $? 'with documents that still can be presented'

# --- keys that never leave a device ---
# device KIND 'name' 'secret file' area options...: all of a document's life
device() {
    local kind=$1 name=$2 secret=$3
    shift 3
    behave '{"dpop":"required","batch":3}'
    gives 0 "makes a store whose keys are in $name" wallet init -s "$kind" --passphrase-file "$secret" "$@" --json
    json '  and says so' ".area == \"$kind\""
    gives 0 "  obtains copies for keys made there" wallet accept -s "$kind" --passphrase-file "$secret" "${here_only[@]}" --yes --trust ca/ca.pem --json "$(offer)"
    json '  of each' '.documents[0].copies == 3'
    open=(-s "$kind" --passphrase-file "$secret")
    present
    result $? '  presents one of them'
    gives 0 '  obtains it anew' wallet reissue "${open[@]}" "${here_only[@]}" --trust ca/ca.pem 1
    gives 3 '  opens with nothing else' wallet reissue -s "$kind" --passphrase-file wrong "${here_only[@]}" --trust ca/ca.pem 1
    gives 3 '  takes in no key from outside' holder add "${open[@]}" --device-key ds.key foreign.cbor
    gives 0 '  and forgets it' wallet delete "${open[@]}" "${here_only[@]}" 1
    open=(-s store --passphrase-file pass)
}
module=/usr/lib/softhsm/libsofthsm2.so
if command -v softhsm2-util >/dev/null && [ -r $module ]; then
    mkdir tokens && printf 'directories.tokendir = %s/tokens\nobjectstore.backend = file\n' "$PWD" >softhsm2.conf
    export SOFTHSM2_CONF=$PWD/softhsm2.conf
    must softhsm2-util --init-token --free --label wallet --so-pin 12345678 --pin 123456
    printf '123456\n' >pin && chmod 600 pin
    device pkcs11 'a PKCS#11 token' pin --area pkcs11 --module $module --token wallet
else
    echo "ok $((cases += 1)) - keys in a PKCS#11 token # SKIP there is no SoftHSM"
fi
start_tpm() {
    local port
    for port in $(shuf -i 20000-32000 -n 8); do
        rm -rf tpm && mkdir tpm
        swtpm socket --tpm2 --tpmstate dir=tpm --server "type=tcp,port=$port,bindaddr=127.0.0.1,disconnect" \
            --ctrl "type=tcp,port=$((port + 1)),bindaddr=127.0.0.1" --flags not-need-init,startup-clear >swtpm.out 2>&1 </dev/null &
        tpm=$!
        sleep 1
        kill -0 $tpm 2>/dev/null && tcti=swtpm:host=127.0.0.1,port=$port && return 0
    done
    return 1
}
if command -v swtpm >/dev/null && start_tpm; then
    trap 'kill $issuer $tpm 2>/dev/null; rm -rf "$dir"' EXIT
    device tpm2 'a TPM' pass --area tpm2 --tcti "$tcti"
    kill $tpm
else
    echo "ok $((cases += 1)) - keys in a TPM # SKIP there is no swtpm"
fi

# --- with TLS ---
kill $issuer
rm -f base.txt
python3 "$here/issuer.py" "$carnet" . tls >issuer.out 2>&1 </dev/null &
issuer=$!
for _ in $(seq 300); do
    [ -s base.txt ] && break
    sleep 0.1
done
base=$(cat base.txt) || exit 1
behave '{}'
link=$(curl -s --cacert tls.pem "$base/offer?x=1")
gives 3 'speaks with nobody whose certificate is not good' wallet accept "${open[@]}" --yes --trust ca/ca.pem "$link"
logged 'and asks it nothing' '. == []'
gives 0 'and with who has a good one' wallet accept "${open[@]}" --yes --trust ca/ca.pem --ca tls.pem "$link"

kill $issuer
finish
