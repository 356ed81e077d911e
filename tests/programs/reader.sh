#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# carnet reader: what it asks, how it meets a holder, what it makes of answers and of holders that misbehave.
# shellcheck source=tests/programs/lib.sh
. "$(dirname "$0")/lib.sh"
# shows 'sentence' PATTERN, hides 'sentence' PATTERN: what the last command printed.
shows() {
    grep -q -- "$2" out
    result $? "$1"
}
hides() {
    ! grep -q -- "$2" out
    result $? "$1"
}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
make_claims
make_authority
must "$carnet" ca init --reader --name Readers --crl-uri https://readers.example/crl -d readers
must "$carnet" ca reader -d readers --name 'Bar door' -o reader
must "$carnet" ca init --country UT --name 'Other IACA' --email a@b.example --crl-uri https://o.example/crl -d other
printf 'of this test\n' >pass && chmod 600 pass
must "$carnet" holder init -s store --passphrase-file pass --cost 8:1:1
must "$carnet" holder key -s store --passphrase-file pass -o device.pem
must issue --doctype mdl --device-key device.pem --age-over 16,18 -o is.cbor
must "$carnet" holder add -s store --passphrase-file pass is.cbor

holder=0
# hold ARGUMENTS...: a holder waits; its QR code's text is in qr.
hold() {
    rm -f qr sock
    "$carnet" holder present -s store --passphrase-file pass --consent all --qr-text qr --socket sock "$@" \
        >holder.out 2>&1 </dev/null &
    holder=$!
    for _ in $(seq 100); do [ -s qr ] && break || sleep 0.05; done
}
read_one() { # STATUS 'sentence' ARGUMENTS...: hold, and read
    local want=$1 what=$2
    shift 2
    hold
    gives "$want" "$what" reader --qr "$(cat qr)" --socket sock --trust ca/ca.pem --wait 10 "$@"
    wait $holder
}

# --- what is asked ---
gives 0 'lists its queries' reader --list-queries
shows 'age-over-18 among them' '^  age-over-18 '
gives 2 'refuses to ask nothing' reader --qr mdoc:x --socket s
gives 2 'refuses an unknown query' reader -Q nonsense --qr mdoc:x --socket s
says 'and says where they stand' '--list-queries'
gives 2 'refuses a query that knows nothing of the type' reader -D av -Q driving-privileges --qr mdoc:x --socket s
gives 2 'refuses to meet nobody' reader -Q identity
gives 2 'refuses two ways of meeting' reader -Q identity --qr mdoc:x --reverse --socket s
gives 2 'refuses a key without its certificate' reader -Q identity --qr mdoc:x --socket s --reader-key reader.key
gives 3 'cannot read what is no QR code' reader -Q identity --qr mdoc:AAAA --socket s
gives 3 'takes no other text for one' reader -Q identity --qr mdoc:!! --socket s --json
json 'and says so to a program' '.status == 3 and .verdict == "could not be judged" and .code == "CARNET_E_BASE64"'

read_one 0 'reads by a named query' -Q identity --json
json 'every element of it' '.verdict == "valid" and .way == "socket" and
    .documents[0].elements["org.iso.18013.5.1"].family_name == "Muster" and
    .documents[0].elements["org.iso.18013.5.1"].birth_date == "1984-01-26"'
read_one 0 'reads by elements' -D mdl -e family_name -e driving_privileges --json
json 'and nothing else' '(.documents[0].elements["org.iso.18013.5.1"] | keys) == ["driving_privileges", "family_name"]'
must "$carnet" request -D mdl -e given_name -o request.cbor
read_one 0 'reads by a DeviceRequest of a file' -r request.cbor --json
json 'what it asks' '(.documents[0].elements["org.iso.18013.5.1"] | keys) == ["given_name"]'
cat >request.json <<'JSON'
{ "docRequests": [ { "docType": "org.iso.18013.5.1.mDL",
                     "nameSpaces": { "org.iso.18013.5.1": { "issuing_country": true } } } ] }
JSON
read_one 0 'reads by a request in JSON' -r request.json --json
json 'what that asks' '(.documents[0].elements["org.iso.18013.5.1"] | keys) == ["issuing_country"]'
if command -v openssl >/dev/null; then
    openssl ecparam -name prime256v1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt -out document.key && chmod 600 document.key
    openssl ecparam -name secp384r1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt -out other.key && chmod 600 other.key
    read_one 0 'asks for documents encrypted to its key and decrypts them' -Q identity --document-key document.key \
        --record encrypted --record-key --json
    json 'what came encrypted is valid, with every element' '.verdict == "valid" and
        .documents[0].elements["org.iso.18013.5.1"].family_name == "Muster"'
    grep -q 'its owner alone can read this' holder.out
    result $? 'and the holder is told so'
    gives 0 'reads the recording with that key' reader --replay encrypted --trust ca/ca.pem --document-key document.key --json
    gives 3 'and without it does not judge' reader --replay encrypted --trust ca/ca.pem --json
    json 'because nothing was there to be judged' '.verdict == "could not be judged"'
    gives 3 'takes no key of another curve' reader -Q identity --qr mdoc:x --socket s --document-key other.key
fi
cat >queries.json <<'JSON'
{ "queries": { "mine": { "title": "one of mine", "docRequests": [ { "docType": "org.iso.18013.5.1.mDL",
  "nameSpaces": { "org.iso.18013.5.1": { "document_number": false } } } ] } } }
JSON
read_one 0 'reads by a query of a file' --query-file queries.json -Q mine --json
json 'what the query asks' '.documents[0].elements["org.iso.18013.5.1"].document_number == "UT-1"'
echo '{ "queries": { "bad": { "title": "x", "docRequests": [ { "docType": "a.b" } ] } } }' >bad.json
gives 3 'refuses a query that asks nothing' reader --query-file bad.json -Q bad --qr mdoc:x --socket s
gives 3 'refuses a file that is no JSON' reader --query-file pass -Q bad --qr mdoc:x --socket s

# --- the verdict ---
read_one 0 'an age that is reached' -Q age-over-18
shows 'is the headline' '^== 18 OR OLDER: YES =='
read_one 3 'an age that nobody attests' -Q age-over-21
shows 'brings no document' '^== THE HOLDER GAVE NOTHING =='
read_one 1 'an age that is not told beside what is' -Q age-over-21-portrait
shows 'is the headline too' '^== 21 OR OLDER: NOT ANSWERED =='
read_one 1 'a document nobody trusts' --trust other/ca.pem -Q identity --portrait p.jpg
shows 'is not valid' '^== NOT VALID =='
shows 'with the reason and its clause' 'path to a trusted certificate.*18013-5 12.8.1 (1)'
hides 'shows nothing of it' Muster
[ ! -e p.jpg ]
result $? 'and writes no portrait'
read_one 1 'the same with --all' --trust other/ca.pem -Q identity --all
shows 'shows what it says, and every check' 'Muster'
read_one 0 'a portrait' -Q portrait --portrait p.jpg
holds 'is written as it came' cmp p.jpg portrait.jpg
holds 'for its owner' mode p.jpg 600
read_one 1 'a document that is over' -Q identity --at +20y

# --- several requests, signed, recorded ---
read_one 0 'two requests in one session' -Q age-over-18 --then -D mdl -e family_name --json --record rec --record-key
json 'two lines' '.status == 0'
[ "$(wc -l <out)" = 2 ]
result $? 'of JSON'
holds 'the recording is for its owner' mode rec 600
gives 0 'the recording is read again' reader --replay rec --trust ca/ca.pem --json
[ "$(jq -r .way out | sort -u)" = recording ] && [ "$(wc -l <out)" = 2 ]
result $? 'both answers of it'
gives 1 'and judged anew' reader --replay rec --trust other/ca.pem
read_one 3 'writes over no recording' -Q portrait --record rec
read_one 0 'records without the key' -Q portrait --record rec2
gives 3 'which cannot be read again' reader --replay rec2
says 'and says so' 'the recording has no key'
gives 3 'reads no other file' reader --replay claims.json
hold --trusted-readers readers/ca.pem
gives 0 'a signed request' reader --qr "$(cat qr)" --socket sock --trust ca/ca.pem -Q name \
    --reader-cert reader.pem --reader-key reader.key
wait $holder
holds 'is known to the holder' grep -q 'Bar door (trusted)' holder.out

must "$carnet" holder init -s store384 --passphrase-file pass --cost 8:1:1
must "$carnet" holder key -s store384 --passphrase-file pass --curve P-384 -o device384.pem
must issue --doctype mdl --device-key device384.pem -o is384.cbor
must "$carnet" holder add -s store384 --passphrase-file pass is384.cbor
rm -f qr sock
"$carnet" holder present -s store384 --passphrase-file pass --consent all --mac --qr-text qr --socket sock \
    >holder.out 2>&1 </dev/null &
holder=$!
for _ in $(seq 100); do [ -s qr ] && break || sleep 0.05; done
gives 0 'a device key on another curve than the session' reader --qr "$(cat qr)" --socket sock --trust ca/ca.pem \
    -Q name --all
wait $holder
shows 'authenticates by a MAC' 'mdoc authentication  *pass  *MAC'

# --- engagement ---
rm -f shown sock
"$carnet" reader --reverse --show shown --socket sock -Q name --trust ca/ca.pem --json >out 2>err </dev/null &
reader=$!
for _ in $(seq 100); do [ -s shown ] && break || sleep 0.05; done
"$carnet" holder present -s store --passphrase-file pass --consent all --reverse "$(cat shown)" --socket sock >holder.out 2>&1
wait $reader
result $? 'the reader shows the QR code'
json 'and reads' '.verdict == "valid"'
rm -f shown
"$carnet" reader --poster --show shown --socket sock -Q name --trust ca/ca.pem --json >out 2>err </dev/null &
reader=$!
for _ in $(seq 100); do [ -s shown ] && break || sleep 0.05; done
"$carnet" holder present -s store --passphrase-file pass --consent all --reverse "$(cat shown)" --socket sock >holder.out 2>&1
wait $reader
result $? 'a poster without a key'
gives 3 'takes no reader'\''s engagement for a holder'\''s' reader --qr "$(cat shown)" --socket sock -Q name
says 'and says so' "this is a reader's engagement"
hold
text=$(cat qr)
kill $holder
wait $holder 2>/dev/null
rm -f sock
gives 3 'a holder that has gone' reader --qr "$text" --socket sock -Q name --wait 1
says 'is not waited for without end' 'CARNET_E_LINK_TIMEOUT'
gives 3 'a way the holder does not offer' reader --qr "$text" --ble -Q name --wait 1
says 'is said' 'none of the ways'

hold --qr-image qr.png
"$carnet" reader --qr qr.png --socket sock -Q name --wait 10 --trust ca/ca.pem >out 2>err </dev/null
status=$?
kill $holder 2>/dev/null
wait $holder 2>/dev/null
if grep -q 'cannot read QR codes' err; then
    cases=$((cases + 1)) && echo "ok $cases - a picture # SKIP this build cannot read pictures"
else
    [ $status -eq 0 ]
    result $? 'a picture of the QR code'
fi
rm -f sock

# --- a gate ---
mkfifo lines
"$carnet" reader --qr - --loop --socket sock -Q age-over-18 --trust ca/ca.pem --json --wait 5 <lines >gate.out 2>gate.err &
gate=$!
exec 9>lines
for _ in 1 2; do
    hold
    cat qr >&9
    wait $holder
done
echo mdoc:rubbish >&9
hold
cat qr >&9
wait $holder
exec 9>&-
wait $gate
result $? 'a gate ends with its input, and with the status of the last reading'
cp gate.out out && cp gate.err err
[ "$(jq -r .status out | tr '\n' ' ')" = '0 0 3 0 ' ]
result $? 'each reading has its line and its status'

# --- holders that misbehave ---
if command -v python3 >/dev/null; then
    peer() { # WHAT: a holder that does this at sock; its log is told
        rm -f sock told
        python3 "$here/peer.py" sock "$1" told &
        peer=$!
        for _ in $(seq 100); do [ -S sock ] && break || sleep 0.05; done
    }
    misbehaves() { # 'sentence' WHAT LAST REASON
        peer "$2"
        gives 3 "$1" reader --qr "$text" --socket sock -Q name --wait 5 --answer-wait 2
        says "$1: says why" "$4"
        wait $peer
        [ "$(tail -n 1 told)" = "$3" ]
        result $? "$1: the holder is told${3:+ by status}"
    }
    misbehaves 'hangs up' close '' 'CARNET_E_LINK_CLOSED'
    misbehaves 'says nothing' silent a16673746174757314 'CARNET_E_LINK_TIMEOUT'
    misbehaves 'answers with no CBOR' ff00 a1667374617475730b 'the holder'\''s answer'
    misbehaves 'answers with neither data nor status' a0 a1667374617475730b 'neither data nor status'
    misbehaves 'answers with other octets than encrypted ones' \
        a16464617461581400000000000000000000000000000000deadbeef a1667374617475730a 'cannot be decrypted'
    misbehaves 'ends the session' a16673746174757314 '' 'the holder ended the session'
    misbehaves 'could not decrypt' a1667374617475730a '' 'could not decrypt the request'
    misbehaves 'could not read' a1667374617475730b '' 'could not read the request'
fi
finish
