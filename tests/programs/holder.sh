#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# carnet holder: the store, its passphrase, and presentations to carnet reader over a local socket.
# shellcheck source=tests/programs/lib.sh
. "$(dirname "$0")/lib.sh"
make_claims
make_authority --locality Springfield
must "$carnet" ca init --reader --name Readers --crl-uri https://readers.example/crl -d readers
must "$carnet" ca reader -d readers --name 'Bar door' -o reader
must "$carnet" ca init --reader --name Others -d others
printf 'correct horse\n' >pass && printf 'wrong horse\n' >wrong && printf 'new horse\r\n' >new && chmod 600 pass wrong new
open=(--passphrase-file pass)
cheap=(--cost 8:1:1)

# --- the store ---
gives 0 'makes a store' holder init -s store "${open[@]}" "${cheap[@]}"
holds 'that only its owner can enter' mode store 700
holds 'with keys that only its owner can read' mode store/keys.sealed 600
gives 3 'makes none over another' holder init -s store "${open[@]}" "${cheap[@]}"
says 'and says so' 'there is a store here already'
gives 3 'makes none with an empty passphrase' holder init -s other --passphrase-file /dev/null
gives 3 'makes none for nothing' holder init -s other "${cheap[@]}" --passphrase-file <(printf '\n')
gives 3 'makes none at a cost out of bounds' holder init -s other "${open[@]}" --cost 100000000:1:1
gives 0 'makes a device key' holder key -s store "${open[@]}" -o device.pem
holds 'as a public key' grep -q 'BEGIN PUBLIC KEY' device.pem
gives 0 'makes several' holder key -s store "${open[@]}" --count 3 --curve P-384
holds 'all of them' [ "$(grep -c BEGIN out)" = 3 ]
gives 3 'makes none that could not sign' holder key -s store "${open[@]}" --curve X25519
gives 3 'takes no other passphrase' holder key -s store --passphrase-file wrong
says 'and says so' 'the passphrase does not open the sealed file'
holds 'never shows the passphrase' [ "$(cat out err | grep -c horse)" = 0 ]
holds 'asks no terminal that is not there' [ "$(setsid -w "$carnet" holder key -s store </dev/null >no.out 2>&1 && echo 0 || echo $?)" = 3 ]
gives 0 'takes the passphrase from a descriptor' holder key -s store --passphrase-fd 7 7<pass
chmod 644 pass
gives 0 'warns of a passphrase that others may read' holder key -s store "${open[@]}"
says 'in words' 'others may read this passphrase'
chmod 600 pass

must issue -D mdl --device-key device.pem --age-over 18,21,65 -o is.cbor
make_key outside P-256
must issue -D mdl --device-key outside.pem -o outside.cbor
gives 0 'keeps a document issued for its key' holder add -s store "${open[@]}" --trust ca/ca.pem is.cbor
cp out kept
holds 'and says which' grep -q 'document 1: Mobile driving licence' kept
holds 'for its owner only' mode store/documents/1.cbor 600
gives 3 'keeps none twice' holder add -s store "${open[@]}" is.cbor
gives 3 'keeps none issued for another key' holder add -s store "${open[@]}" outside.cbor
says 'and says so' 'has not the key this document was issued for'
gives 3 'takes no key in that is not the document'\''s' holder add -s store "${open[@]}" --device-key ds.key outside.cbor
gives 0 'takes the key in' holder add -s store "${open[@]}" --device-key outside.key outside.cbor --json
json 'and tells the number' '.number == 2 and .docType == "org.iso.18013.5.1.mDL"'
gives 1 'keeps none that does not verify' holder add -s store "${open[@]}" --trust others/ca.pem is.cbor
gives 3 'keeps nothing that is no document' holder add -s store "${open[@]}" claims.json
gives 0 'lists without a passphrase' holder list -s store --json
json 'what there is' '[.[].number] == [1, 2] and (.[0].key | length) == 32'
gives 0 'shows a document' holder show -s store 1
cp out kept
holds 'with its values' grep -q '"Erika"' kept
gives 3 'shows none that is not there' holder show -s store 9
gives 0 'removes a document' holder remove -s store "${open[@]}" 2
gives 3 'and its key' holder add -s store "${open[@]}" outside.cbor
gives 0 'gives no number twice' holder add -s store "${open[@]}" --device-key outside.key outside.cbor --json
json 'the next one' '.number == 3'
gives 0 'leaves the key where that is asked' holder remove -s store --keep-key 3
gives 0 'so that the document can come back' holder add -s store "${open[@]}" outside.cbor
must "$carnet" holder remove -s store "${open[@]}" 4
gives 0 'changes the passphrase' holder passphrase -s store "${open[@]}" --new-passphrase-file new "${cheap[@]}"
gives 3 'the old one is gone' holder key -s store "${open[@]}"
gives 0 'the new one opens' holder passphrase -s store --passphrase-file new --new-passphrase-file pass "${cheap[@]}"
cp -r store damaged && printf 'x' | dd of=damaged/keys.sealed bs=1 seek=200 conv=notrunc status=none
gives 3 'tells damage' holder key -s damaged "${open[@]}"
says 'from a wrong passphrase' 'the sealed file is damaged'

# --- presentations ---
# meet 'sentence' HOLDER-STATUS READER-STATUS 'holder options' reader options...: holder in h.out and h.err, reader in out and err
meet() {
    local what=$1 holder=$2 reader=$3 options=$4 h=0 r=0
    shift 4
    rm -f uri sock
    # shellcheck disable=SC2086 # options are several words
    "$carnet" holder present -s store "${open[@]}" --socket sock --qr-text uri --json --wait 10 $options >h.out 2>h.err </dev/null &
    local pid=$!
    for _ in $(seq 100); do
        [ -s uri ] && break
        sleep 0.05
    done
    "$carnet" reader --qr "$(cat uri)" --socket sock --trust ca/ca.pem --wait 10 "$@" >out 2>err </dev/null || r=$?
    wait $pid || h=$?
    echo "holder $h, reader $r" | cat - h.err h.out >>err
    [ $h -eq "$holder" ] && [ $r -eq "$reader" ]
    result $? "$what"
}
# told 'sentence' FILTER: what the holder printed
told() {
    cp h.out out
    json "$1" "$2"
}
signed=(--reader-cert reader.pem --reader-key reader.key)
some=(-D mdl -e family_name -e portrait:retain)
meet 'presents what was asked for' 0 0 '--consent all' "${some[@]}"
told 'and says what left' '.left == 2 and [.documents[0].elements[] | .element] == ["family_name", "portrait"]'
told 'what the reader keeps' '[.documents[0].elements[] | .retain] == [false, true]'
told 'to whom' '.documents[0].reader == {"trust": "not signed"}'
told 'and how it ended' '.code == "CARNET_OK" and .ended == "the reader ended the session" and .way == "socket"'
holds 'never a value' [ "$(grep -c Muster h.out)" = 0 ]
holds 'and keeps the same in its record' cmp h.out <(tail -n 1 store/presentations.jsonl)
holds 'for its owner only' mode store/presentations.jsonl 600
meet 'knows a reader it trusts' 0 0 '--consent all --trusted-readers readers/ca.pem' "${some[@]}" "${signed[@]}"
told 'by name' '.documents[0].reader | .trust == "trusted" and .name == "Bar door"'
meet 'and one it does not' 0 0 '--consent all --trusted-readers others/ca.pem' "${some[@]}" "${signed[@]}"
told 'which says who it is' '.documents[0].reader | .trust == "not known" and .name == "Bar door"'
must "$carnet" ca reader -d readers --name $'Bar\e[31m door' -o evil
meet 'shows a name that would act on the terminal' 0 0 '--consent all' "${some[@]}" --reader-cert evil.pem --reader-key evil.key
holds 'as what it is' [ "$(grep -c $'\e' h.err)" = 0 ]
holds 'to the letter' grep -qF 'Bar\x1b[31m door' h.err
meet 'declines' 1 3 '--consent none' "${some[@]}"
told 'and nothing leaves' '.left == 0 and ([.documents[].elements[] | .left] | any | not)'
holds 'says so' grep -q 'Nothing left' h.err
meet 'answers nothing to what is not held' 1 3 '--consent all' -D pid -e family_name
told 'and says so' '.left == 0 and .documents == []'
meet 'authenticates by MAC' 0 0 '--consent all --mac' "${some[@]}"
meet 'in a session on another curve' 0 0 '--consent all --curve P-384' "${some[@]}"
meet 'answers by an age held' 0 0 '--consent all' -D mdl -e age_over_20
told 'the next above' '.documents[0].elements[0] | .element == "age_over_21" and .requested == "age_over_20"'
meet 'answers two requests in a session' 0 0 '--consent all' "${some[@]}" --then -D mdl -e given_name
told 'and says both' '.requests == 2 and .left == 3'
meet 'writes the session down' 0 0 '--consent all --record session.cbor --record-key' "${some[@]}"
holds 'for its owner only' mode session.cbor 600

# --- policies ---
cat >policy.json <<'POLICY'
{ "rules": [
  { "consent": "deny", "element": "portrait", "retain": true },
  { "consent": "allow", "element": "age_over_*" },
  { "consent": "allow", "readerName": "Bar door" } ] }
POLICY
printf '{ "rules": [ { "consent": "perhaps" } ] }' >bad.json
meet 'lets leave what a policy allows' 0 0 '--policy policy.json' -D mdl -e family_name -e age_over_18
told 'and nothing that is to be asked for' '[.documents[0].elements[] | .left] == [false, true]'
meet 'lets more leave to whom it knows' 0 0 '--policy policy.json --trusted-readers readers' "${some[@]}" "${signed[@]}"
told 'but never what is denied' '[.documents[0].elements[] | .left] == [true, false]'
meet 'trusts no name that is not proven' 1 3 '--policy policy.json' "${some[@]}" "${signed[@]}"
gives 3 'refuses a policy that is none' holder present -s store "${open[@]}" --socket sock --policy bad.json
gives 2 'refuses a policy beside another consent' holder present -s store --socket sock --policy policy.json --consent all

# --- the holder was verified ---
must "$carnet" holder key -s store "${open[@]}" -o photo.pem
must "$carnet" issue -D photoid --incomplete --quiet --claims <(echo '{"family_name_unicode":"Muster"}') --signer-cert ds.pem \
    --signer-key ds.key --device-key photo.pem --authorise org.iso.23220.5.1:CHV_1 -o photo.cbor
must "$carnet" holder add -s store "${open[@]}" photo.cbor
photo=(-D photoid -e family_name_unicode -e org.iso.23220.5.1:CHV_1)
meet 'says that the holder was verified' 0 0 '--consent all --verified-holder' "${photo[@]}"
grep -q 'Said by the holder' out && grep -q '^  CHV 1 *yes' out
result $? 'and the reader shows who says so'
told 'once the passphrase was right' '.left == 2'
meet 'does not say so unasked' 0 0 '--consent all' "${photo[@]}"
told 'but the rest' '[.documents[0].elements[] | .left] == [true, false]'
meet 'presents only the document that was named' 1 3 '--consent all --document 1' "${photo[@]}"

# --- the reader's engagement ---
# answer 'sentence' READER-OPTION PLACE WAY...: the reader shows, the holder answers
answer() {
    local h=0 r=0 what=$1 option=$2 place=$3
    shift 3
    rm -rf "$place" sock air && mkdir air
    "$carnet" reader "$option" --show "$place" "$@" --trust ca/ca.pem --wait 10 "${some[@]}" >out 2>err </dev/null &
    local pid=$!
    for _ in $(seq 100); do
        [ -s "$place" ] && break
        sleep 0.05
    done
    "$carnet" holder present -s store "${open[@]}" "$@" --reverse "$place" --consent all --json --wait 10 \
        >h.out 2>h.err </dev/null || h=$?
    wait $pid || r=$?
    echo "holder $h, reader $r" | cat - h.err h.out >>err
    [ $h -eq 0 ] && [ $r -eq 0 ]
    result $? "$what"
}
answer "answers a reader's engagement" --reverse shown.txt --socket sock
told 'as any other' '.left == 2'
answer 'answers a poster' --poster poster.txt --socket sock
answer "answers a reader's engagement over BLE" --reverse shown.txt --ble-fake air
told 'by what it says of the way' '.left == 2 and .way == "BLE without a radio"'
gives 3 "answers no holder's engagement" holder present -s store "${open[@]}" --socket sock --consent all --reverse "$(cat uri)"
says 'and says so' "this is a holder's engagement"
gives 2 'shows no code when the reader does' holder present -s store --socket sock --consent all --reverse x --qr

# --- one after the other ---
rm -f uri sock
"$carnet" holder present -s store "${open[@]}" --socket sock --qr-text uri --json --wait 10 --consent all --loop=3 >h.out 2>h.err </dev/null &
loop=$!
last=
for n in 1 2 3; do
    for _ in $(seq 100); do
        [ -s uri ] && [ -S sock ] && [ "$(cat uri)" != "$last" ] && break
        sleep 0.05
    done
    last=$(cat uri)
    holds "presents time and again ($n)" "$carnet" reader --qr "$last" --socket sock --trust ca/ca.pem --wait 10 "${some[@]}"
done
wait $loop
holds 'and ends after so many times' [ $? -eq 0 ]
holds 'each told on a line' [ "$(wc -l <h.out)" = 3 ]

# --- on a terminal ---
# ask 'sentence' STATUS ANSWER...: the holder on a terminal of 80 columns, its answers to the prompts; what it showed is in seen
ask() {
    local what=$1 want=$2 r=0 pid n=0 answer
    shift 2
    rm -f uri sock seen status && mkfifo keys.$$
    { TERM=dumb script -qefc "stty cols 80; '$carnet' holder present -s store --socket sock --qr-text uri --wait 10; echo \$? >status" \
        seen <keys.$$ >/dev/null 2>&1 & }
    pid=$!
    exec 8>keys.$$
    rm keys.$$
    for answer; do
        for _ in $(seq 200); do
            [ "$(grep -aoE 'Passphrase: |\[c\]hoose[^:]*: |\[y/n\] ' seen 2>/dev/null | wc -l)" -gt $n ] && break
            sleep 0.05
        done
        n=$((n + 1))
        echo "$answer" >&8
        if [ $n -eq 1 ]; then
            for _ in $(seq 200); do
                [ -s uri ] && break
                sleep 0.05
            done
            "$carnet" reader --qr "$(cat uri)" --socket sock --trust ca/ca.pem --wait 10 "${some[@]}" >out 2>err </dev/null &
            r=$!
        fi
    done
    wait $pid $r
    exec 8>&-
    echo "status $(cat status), not $want" | cat - seen >>err
    [ "$(cat status)" = "$want" ]
    result $? "$what"
}
if command -v script >/dev/null; then
    ask 'asks on the terminal' 0 'correct horse' y
    holds 'without showing the passphrase' [ "$(grep -ac horse seen)" = 0 ]
    holds 'says what the reader keeps' grep -aqE 'portrait +the reader keeps it' seen
    holds 'in 80 columns' [ "$(tr -d '\r' <seen | awk 'length > 80' | grep -avc '^Script')" = 0 ]
    ask 'takes no for an answer' 1 'correct horse' n
    ask 'asks element by element' 0 'correct horse' c y n
    holds 'and lets leave what was chosen' grep -aq '1 element left' seen
else
    cases=$((cases + 1)) && echo "ok $cases - asks on the terminal # SKIP there is no script(1)"
fi

# --- what goes wrong ---
gives 3 'waits for a reader no longer than told' holder present -s store "${open[@]}" --socket sock --consent all --wait 1
says 'and says so' 'no reader came'
holds 'leaves no socket behind' [ ! -e sock ]
gives 3 'refuses a wrong passphrase' holder present -s store --passphrase-file wrong --socket sock --consent all
gives 3 'refuses to present a document that is not there' holder present -s store "${open[@]}" --socket sock --consent all --document 7
gives 2 'refuses to present by no way' holder present -s store "${open[@]}" --consent all
gives 2 'refuses an option of another action' holder list -s store --qr
gives 2 'refuses two places for one output' holder present -s store --socket sock --qr --json
gives 2 'refuses no store' holder list
gives 2 'refuses an action that is none' holder dance -s store
gives 3 'refuses a directory that is no store' holder list -s ca
says 'and says what makes one' 'carnet holder init'
finish
