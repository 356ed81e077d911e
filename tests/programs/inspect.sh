#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What inspect takes things for, and what it says of them; whatever the input, it ends with 0 or 3.
shared=$(realpath -m "${CARNET_SHARED:-$(dirname "$0")/../../../shared}")
# shellcheck source=tests/programs/lib.sh
. "$(dirname "$0")/lib.sh"

# kind 'sentence' KIND STATUS ARGUMENTS...: it is taken for this.
kind() {
    local what=$1 want=$2 status=$3
    shift 3
    gives "$status" "$what" inspect --json "$@"
    json "$what: it is $want" "[.objects[].kind // \"none\"] | unique == [\"$want\"]"
}
# shows 'sentence' WORDS: the last command printed this in one line.
shows() {
    grep -qF -- "$2" out
    result $? "$1"
}
hides() {
    ! grep -qiF -- "$2" out
    result $? "$1"
}

must "$carnet" demo --keep kept
cd kept || exit 1

# --- kinds, as Carnet makes them ---
kind 'an answer' DeviceResponse 0 device-response.cbor
kind 'a document' IssuerSigned 0 issuer-signed.cbor
kind 'a request' DeviceRequest 0 device-request.cbor
kind 'an engagement' DeviceEngagement 0 device-engagement.cbor
kind 'a URI in a file' DeviceEngagement 0 engagement.txt
kind 'a URI as argument' DeviceEngagement 0 "$(cat engagement.txt)"
kind 'the first message of a session' SessionEstablishment 0 session-establishment.cbor
kind 'a message of a session' SessionData 0 session-data.cbor
kind 'a transcript' SessionTranscript 0 session-transcript.cbor
kind 'a certificate' certificate 0 iaca.pem
kind 'a revocation list' CRL 0 trust/iaca.crl
kind 'a key for a device' COSE_Key 0 device-key.cbor
kind 'a private key' private-key 0 device.key
kind 'an image' image 0 portrait.jpg
kind 'claims' 'JSON object' 0 claims.json
kind 'text' none 3 engagement.svg
if "$carnet" inspect engagement.png >out 2>err; then
    kind 'a QR code' DeviceEngagement 0 engagement.png
else
    cases=$((cases + 1)) && echo "ok $cases - a QR code # SKIP built without zbar"
fi
cat iaca.pem signer.pem >two.pem
gives 0 'two certificates in one file' inspect --json two.pem
json 'both are shown' '[.objects[].kind] == ["certificate", "certificate"]'

# --- the same in other writings ---
hex device-response.cbor >response.hex
base64 device-response.cbor >response.b64
base64 -w 0 device-response.cbor | tr '+/' '-_' | tr -d '=' >response.b64url
for form in hex b64 b64url; do
    gives 0 "an answer in $form" inspect --json response.$form
    json "$form: it is an answer" '.objects[0].kind == "DeviceResponse" and .form != "binary"'
done
"$carnet" inspect - <device-response.cbor >out 2>err
result $? 'standard input'

# --- parts, cut out of a document by their offsets ---
"$carnet" inspect --json issuer-signed.cbor >out
# part NAME: the bytes of the first node called so
part() {
    local at
    at=$(jq -r --arg n "$1" '[.. | objects | select(.name? == $n or .is? == $n)][0] | "\(.offset) \(.length)"' <whole.json)
    tail -c +$((${at% *} + 1)) "$2" | head -c "${at#* }"
}
if command -v jq >/dev/null; then
    cp out whole.json
    part COSE_Sign1 issuer-signed.cbor >sign1.cbor
    part MobileSecurityObjectBytes issuer-signed.cbor >mso.cbor
    part IssuerSignedItemBytes issuer-signed.cbor >item.cbor
    kind 'a signature' COSE_Sign1 0 sign1.cbor
    kind 'a security object' MobileSecurityObjectBytes 0 mso.cbor
    kind 'an item' IssuerSignedItemBytes 0 item.cbor
    "$carnet" inspect --json device-response.cbor >whole.json
    part Document device-response.cbor >document.cbor
    part DeviceSigned device-response.cbor >device-signed.cbor
    kind 'one document of an answer' Document 0 document.cbor
    kind 'what the device signed' DeviceSigned 0 device-signed.cbor
    part DeviceAuth device-response.cbor >device-auth.cbor
    kind 'the device signature or MAC' DeviceAuth 0 device-auth.cbor
    "$carnet" inspect --json device-request.cbor >whole.json
    part ItemsRequestBytes device-request.cbor >items.cbor
    kind 'what is asked of one document' ItemsRequestBytes 0 items.cbor
    part DocRequest device-request.cbor >doc-request.cbor
    kind 'a request for one document' DocRequest 0 doc-request.cbor
fi
printf '84 43a10105 a0 f6 5820 %064d' 0 >mac0.hex
kind 'a MAC' COSE_Mac0 0 mac0.hex
printf 'a10063312e30' >reader.hex
kind 'a reader engagement' ReaderEngagement 0 reader.hex
kind 'a reader engagement in a URI' ReaderEngagement 0 mdoc://oQBjMS4w
printf '83010203' >plain.hex
kind 'CBOR of no known kind' CBOR 0 plain.hex
printf 'a2 6a6e616d6573706163657 3 a1 6161 81 a2 646e616d65 6161 6576616c7565 01 6e6461746 14964656e746966696572 6131' >data.hex
kind 'values of a dehydrated document' NameSpacedData 0 data.hex

# A Handover Select with a device engagement {0: "1.0"} in an auxiliary record.
printf '9102 01 4873 15 541e 06 69736f2e6f72673a31383031333a646576696365656e676167656d656e74 a10063312e30' >nfc.hex
kind 'an NFC handover' NFC-handover 0 nfc.hex
json 'the engagement in it' '[.. | objects | .is?] | index("DeviceEngagement") != null'
# A Handover Request whose reader would be central over BLE, with an address; then one that is cut off.
printf '91020a4872 15 d1020461630101 30 00 5a200c01 %s 30 081b28078080bf2801 021c01' \
    6170706c69636174696f6e2f766e642e626c7565746f6f74682e6c652e6f6f62 >request.hex
gives 0 'a handover request is explained' inspect request.hex
shows 'its carrier' 'BLE, active'
shows 'the mode that is left to the mdoc' 'mdoc peripheral server'
printf '91020a4872 15 d1020461630101 30 00 5a200c01 6170' >cut.hex
gives 3 'a record cut off' inspect cut.hex
shows 'where it is cut off' 'at byte 15'

# --- what it says ---
gives 0 'an answer is explained' inspect --at 2020-01-01 device-response.cbor
shows 'a digest is compared' 'matches'
shows 'digests are counted' '5 of 5 digests match'
shows 'an algorithm is named' 'ES256'
shows 'an image is recognised' 'JPEG, '
shows 'a profile is named' 'document signer (mDL)'
shows 'a time to come is remarked on' 'not yet'
shows 'signatures are left to verify' 'carnet verify does that'
holds 'no line is wider than 80 columns' awk 'length($0) > 80 { exit 1 }' out
name=$(jq -r '[.. | objects | select(.name? == "elementValue" and .type == "tstr")][0] | "\(.offset) \(.length)"' 2>/dev/null < <("$carnet" inspect --json issuer-signed.cbor)) || name=
if [ -n "$name" ]; then
    at=$((${name% *} + ${name#* } - 1))
    { head -c $at issuer-signed.cbor && printf '#' && tail -c +$((at + 2)) issuer-signed.cbor; } >changed.cbor
    gives 0 'a changed element' inspect changed.cbor
    shows 'its digest does not match' 'DOES NOT MATCH'
fi
gives 0 'a certificate after its time' inspect --at 2100-01-01 signer.pem
shows 'it has expired' 'expired'
gives 0 'the bytes beside' inspect --hex device-engagement.cbor
shows 'they are there' '000000  a'
gives 0 'two levels' inspect --json --depth 2 device-response.cbor
json 'no third level' '[.objects[0].nodes[0].children[].children[]] | length == 0'
gives 0 'nothing cut' inspect --full device-response.cbor
hides 'no value is cut' "...'"

# odd 'sentence' HEX WORDS: this is called odd.
odd() {
    printf '%s' "$2" >odd.hex
    gives 0 "$1" inspect odd.hex
    shows "$1: it is said" "$3"
}
odd 'a head longer than needed' '8218 01 1800' 'a head longer than needed'
odd 'an indefinite length' '9f0102ff' 'indefinite length'
odd 'keys in no order' 'a2 6162 01 6161 02' 'not in ascending order'
odd 'a key twice' 'a2 6161 01 6161 02' 'a key is there twice'
odd 'text that is no UTF-8' '62c328' 'not UTF-8'
odd 'a tag before a signature' "d284 43a10126 a0 f6 5840$(printf '%0128d' 0)" 'tag 18'
odd 'a certificate chain that is protected' "8448a2012618218141 00 a0 f6 5840$(printf '%0128d' 0)" 'x5chain in the protected bucket'
odd 'a member that is missing' 'a1 6b646f635265717565737473 80' 'version is missing'
odd 'a status that is not known' 'a1667374617475731863' 'a status not known'

# --- what must not be seen ---
d=1122334455667788990011223344556677889900112233445566778899001122
printf 'a5 01 02 20 01 2158 20%064d 2258 20%064d 2358 20%s' 1 2 $d >private.hex
printf '%s' $d >scalar.hex
for options in '' '--full --hex' '--json --full --hex' '--as CBOR --full --hex'; do
    # shellcheck disable=SC2086 # options are words
    gives 0 "a private COSE_Key ${options:-plain}" inspect $options private.hex
    tr -d ' \n' <out >flat && mv flat out
    hides "its private part is not shown ${options:-plain}" 112233445566
done
gives 3 'a scalar alone' inspect --full --hex scalar.hex
hides 'it is not shown' 1122334455
gives 0 'a private key in PEM' inspect --full --hex device.key
scalar=$(openssl pkey -in device.key -outform DER 2>/dev/null | hex | sed -n 's/.*0420\([0-9a-f]\{64\}\).*/\1/p')
tr -d ' \n' <out >flat && mv flat out
hides 'its private part is not shown' "${scalar:-PRIVATE KEY---}"
printf '\x67\x1b[31mx\x07' >escape.cbor
gives 0 'text that acts on a terminal' inspect escape.cbor
! grep -q $'\x1b' out
result $? 'it does not get there'
printf '\x65a\xe2\x80\xaeb' >turn.cbor
gives 0 'text that turns the direction of writing' inspect turn.cbor
shows 'it is made harmless' '\xe2\x80\xae'

# --- what cannot be read ---
# ends WHAT ARGUMENTS...: with 0 or 3, and JSON with the same status is well-formed.
ends() {
    local a b
    "$carnet" inspect "$1" >out 2>err </dev/null
    a=$?
    "$carnet" inspect --json "$1" >out.json 2>>err </dev/null
    b=$?
    { [ $a -eq 0 ] || [ $a -eq 3 ]; } && [ $a -eq $b ] && ! grep -q $'\x1b' out && { ! command -v jq >/dev/null || jq -e . out.json >/dev/null 2>>err; }
}
size=$(stat -c %s device-response.cbor)
status=0
for ((n = 0; n < size; n += 1 + size / 40)); do
    head -c "$n" device-response.cbor >short.bin
    ends short.bin || { status=1 && echo "cut to $n" >>err && break; }
done
result $status 'an answer that is cut off anywhere'
head -c 100 device-response.cbor >short.bin
gives 3 'an answer that is cut off' inspect --json short.bin
json 'it is known for what it is' '.objects[0].kind == "DeviceResponse" and (.objects[0].understood | not)'
json 'the byte is said' '.objects[0].error.offset <= 100'
gives 3 'the same for a person' inspect short.bin
shows 'what could be read is shown' 'documents'
shows 'then the reason' 'as far as it could be read'
openssl x509 -in signer.pem -outform DER -out signer.der 2>/dev/null && head -c 200 signer.der >short.bin &&
    kind 'a certificate that is cut off' certificate 3 short.bin
{ cat device-engagement.cbor && printf x; } >short.bin
gives 3 'a byte too many' inspect short.bin
printf '%0400d' 0 | tr 0 '\201' >deep.cbor
gives 3 'a hundred levels and more' inspect deep.cbor
printf '\x9b\xff\xff\xff\xff\xff\xff\xff\xff' >huge.cbor
gives 3 'a count beyond all measure' inspect huge.cbor
gives 3 'nothing at all' inspect /dev/null
gives 3 'a file that is not there' inspect nowhere
gives 2 'no input' inspect
gives 2 'a kind that is none' inspect --as Nothing plain.hex
gives 3 'CBOR taken for a certificate' inspect --as certificate plain.hex
gives 0 'the kinds' inspect --as list
shows 'they are named' 'MobileSecurityObjectBytes'
status=0
for seed in 1 2 3 4 5 6 7 8; do
    for file in device-response.cbor device-request.cbor device-engagement.cbor signer.der; do
        [ -f $file ] || continue
        # One byte in fifty is another one, the same in every run.
        hex $file | awk -v s=$seed 'BEGIN { srand(s) } { for (i = 1; i <= length($0); i += 2)
            printf "%s", rand() < 0.02 ? sprintf("%02x", int(rand() * 256)) : substr($0, i, 2) }' >mutated.hex
        ends mutated.hex || { status=1 && echo "$file, seed $seed" >>err; }
    done
done
result $status 'what was changed here and there'

# --- what others made ---
if [ ! -f "$shared/vectors/index.json" ] || ! command -v jq >/dev/null; then
    cases=$((cases + 1)) && echo "ok $cases - what others made # SKIP the shared vectors are not there"
    finish
fi
cd "$shared/vectors" || exit 1
for group in iso18013-5-annexD captured requests engagement negative photoid vical nfc iso18013-7-annexC-dcapi; do
    status=0
    for file in "$group"/*; do
        "$carnet" inspect "$file" >"$dir/out" 2>"$dir/err" </dev/null
        a=$?
        { [ $a -eq 0 ] || [ $a -eq 3 ]; } || { status=1 && echo "$file: status $a" >>"$dir/err" && break; }
    done
    (cd "$dir" && exit $status)
    cases=$((cases + 1))
    [ $status -eq 0 ] && echo "ok $cases - $group: ends with 0 or 3" || { echo "not ok $cases - $group: ends with 0 or 3" && sed 's/^/# /' "$dir/err" && bad=$((bad + 1)); }
done
# What a file is by its name in the index; one that the index calls something else than it is, and fragments, left out.
status=0
while read -r file want; do
    got=$("$carnet" inspect --json "$file" | jq -r '.objects[0].kind // "none"')
    [ "$got" = "$want" ] || { status=1 && echo "# $file: $got, not $want"; }
done < <(jq -r '.entries[] | select(.encoding == "hex") | .file' index.json | awk '
    /waltid_tag24_deviceresponse_07|pymdoc_fault|session_empty/ { next }
    /captured.*_deviceresponse_|vp_token_device_response|annexD.device_response|negative.resigned_|_device_response.hex/ { print $0, "DeviceResponse"; next }
    /captured.*_issuersigned_/ { print $0, "IssuerSigned"; next }
    /captured.*_document_/ { print $0, "Document"; next }
    /requests.devicerequest|device_request/ { print $0, "DeviceRequest"; next }
    /requests.itemsrequest/ { print $0, "ItemsRequest"; next }
    /^engagement.engagement|negative.*engagement_/ { print $0, "DeviceEngagement"; next }
    /negative.crl_/ { print $0, "CRL"; next }
    /_encryption_info/ { print $0, "EncryptionInfo"; next }
    /_encrypted_response/ { print $0, "EncryptedResponse"; next }
    /session_transcript.hex/ { print $0, "SessionTranscript"; next }
    /negative.establishment_|session_establishment/ { print $0, "SessionEstablishment"; next }
    /negative.session_|annexD.session_data|session_termination/ { print $0, "SessionData"; next }
    /issuer_signed_item_/ { print $0, "IssuerSignedItemBytes"; next }
    /mso_bytes/ { print $0, "MobileSecurityObjectBytes"; next }
    /_cert.hex|vical.*(_root|_intermediate)/ { print $0, "certificate"; next }
    /nfc_handover_|^nfc.*_handover_/ { print $0, "NFC-handover"; next }
    /^vical/ { print $0, "VICAL"; next }')
cases=$((cases + 1))
[ $status -eq 0 ] && echo "ok $cases - each is taken for what it is" || { echo "not ok $cases - each is taken for what it is" && bad=$((bad + 1)); }
finish
