#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# carnet issue: claims, document types, times, copies.
# shellcheck source=tests/programs/lib.sh
. "$(dirname "$0")/lib.sh"
make_claims
make_authority
make_key device P-256
signing=(--signer-cert ds.pem --signer-key ds.key --device-key device.pem)
mdl=(issue --doctype mdl --claims claims.json "${signing[@]}")
valid() { "$carnet" verify --strict --trust ca/ca.pem "$@"; }
# refuses 'sentence' 'words' JSON [ARGUMENTS]: claims that are refused, and why.
refuses() {
    local what=$1 words=$2
    printf '%s' "$3" >bad.json
    shift 3
    gives 3 "refuses $what" issue --doctype mdl --incomplete --quiet --claims bad.json "${signing[@]}" -o x "$@"
    says "... and says why" "$words"
}

# --- what is made ---
gives 0 'issues a driving licence' "${mdl[@]}" -o is.cbor --json
json 'tells of it' '.docType == "org.iso.18013.5.1.mDL" and .elements == 11 and .digestAlgorithm == "SHA-256"
    and .files == ["is.cbor"] and .octets > 1000'
cp err notes
holds 'notes each conversion' grep -q 'birth_date: text converted to full-date' notes
holds 'never prints a value' [ "$(grep -c Muster notes)" = 0 ]
holds 'keeps the document from others' mode is.cbor 600
holds 'verifies strictly' valid is.cbor
gives 0 'is quiet when told' "${mdl[@]}" --quiet -o is.cbor
holds 'says nothing then' [ ! -s err ]
gives 0 'writes to standard output' "${mdl[@]}" --quiet -o -
mv out stdout.cbor
holds 'which verifies' valid stdout.cbor
gives 0 'takes a document type in full' issue --doctype org.iso.18013.5.1.mDL --claims claims.json "${signing[@]}" -o x
for digest in SHA-384 sha512; do
    gives 0 "digests with $digest" "${mdl[@]}" --quiet --digest $digest -o $digest.cbor
    holds 'which verifies' valid $digest.cbor
done
jq . claims.json >/dev/null 2>&1 && jq '[to_entries[] | [.key, .value]]' claims.json >pairs.json &&
    gives 0 'takes claims as pairs' issue -D mdl --claims pairs.json "${signing[@]}" --quiet -o x
gives 0 'takes a COSE status list' "${mdl[@]}" --quiet --status-list https://s.example/1#412 -o status.cbor
holds 'which is in the document' grep -aq 'https://s.example/1' status.cbor

# --- claims that are refused ---
refuses 'claims that are no JSON' 'this is not JSON' '{'
refuses 'a claim twice' 'a JSON object has a key twice' '{"given_name":"a","given_name":"b"}'
refuses 'a date that is none' 'in ["org.iso.18013.5.1"].birth_date' '{"birth_date":"26.1.1984"}'
refuses 'text where a number stands' 'in ["org.iso.18013.5.1"].height' '{"height":"180"}'
refuses 'a colour of no list' 'in ["org.iso.18013.5.1"].eye_colour' '{"eye_colour":"violet"}'
refuses 'a portrait that is no image' 'in ["org.iso.18013.5.1"].portrait' '{"portrait":"aGFsbG8="}'
refuses 'nothing at all' 'CARNET_E_MDOC_EMPTY' '{}'
refuses 'a file outside the directory' "outside the claims' directory" '{"portrait":{"$bstr":"../portrait.jpg"}}'
refuses 'a file by an absolute path' "outside the claims' directory" "{\"portrait\":{\"\$bstr\":\"$dir/portrait.jpg\"}}"
refuses 'a file that is not there' 'No such file' '{"portrait":{"$bstr":"p.jpg"}}'
mkdir inside && ln -s ../portrait.jpg inside/link.jpg
refuses 'a file behind a link that leads out' "outside the claims' directory" '{"portrait":{"$bstr":"link.jpg"}}' --files inside
printf '{"portrait":{"$bstr":"portrait.jpg"}}' >inside/claims.json
gives 3 'looks for files beside the claims' issue -D mdl --incomplete --claims inside/claims.json "${signing[@]}" -o x
gives 0 'looks for files where told' issue -D mdl --incomplete --claims inside/claims.json --files . "${signing[@]}" -o x
gives 3 'refuses a licence that lacks an element' issue -D mdl --claims inside/claims.json --files . "${signing[@]}" -o x
says 'names what is missing' 'family_name'

# --- other refusals ---
gives 3 'refuses claims that are not there' issue -D mdl --claims none.json "${signing[@]}" -o x
gives 3 'refuses a certificate that is none' issue -D mdl --claims claims.json --signer-cert claims.json --signer-key ds.key --device-key device.pem -o x
gives 3 "refuses a key that is not the certificate's" issue -D mdl --claims claims.json --signer-cert ds.pem --signer-key device.key --device-key device.pem -o x
gives 3 'refuses a device key that is none' issue -D mdl --claims claims.json --signer-cert ds.pem --signer-key ds.key --device-key claims.json -o x
gives 3 'refuses a document that outlives its signer' "${mdl[@]}" --valid-until +400d -o x
gives 3 'refuses validity before the signature' "${mdl[@]}" --valid-from -1d -o x
gives 3 'refuses a signature before the signer was valid' "${mdl[@]}" --at -2d -o x
gives 3 'refuses an output that cannot be written' "${mdl[@]}" --quiet -o nowhere/x
gives 2 'refuses a document type it does not know' issue -D driving --claims claims.json "${signing[@]}" -o x
gives 2 'refuses to issue without claims' issue -D mdl "${signing[@]}" -o x
gives 2 'refuses to issue without output' issue -D mdl --claims claims.json "${signing[@]}"
gives 2 'refuses a digest it does not know' "${mdl[@]}" --digest SHA-1 -o x
gives 2 'refuses no copies' "${mdl[@]}" --count 0 -o x
gives 2 'refuses a place in a status list without index' "${mdl[@]}" --status-list https://s.example -o x
gives 2 'refuses JSON and document on one output' "${mdl[@]}" --json -o -
gives 2 'refuses keys given and keys made' "${mdl[@]}" --make-keys keys -o x
gives 2 'refuses an argument too many' "${mdl[@]}" -o x y
gives 2 'refuses an age that is none' "${mdl[@]}" --age-over eighteen -o x

# --- times and ages ---
gives 0 'takes times' "${mdl[@]}" --quiet --valid-from +1d --valid-until +30d --expected-update +20d -o later.cbor --json
json 'writes them' '(.validUntil | fromdate) - (.validFrom | fromdate) == 30 * 86400'
holds 'which verifies tomorrow' valid --at +2d later.cbor
gives 1 'and not today' verify --trust ca/ca.pem later.cbor
# Born on 26 January 1984: 42 on the day itself, 41 the day before.
gives 0 'reckons ages' "${mdl[@]}" --quiet --age-over 18,41,42,43 -o ages.cbor
for age in 18:f5 41:f5 42:f5 43:f4; do
    holds "gives age_over_${age%:*} as ${age#*:}" grep -q "$(printf age_over_%s "${age%:*}" | hex)6c656c656d656e7456616c7565${age#*:}" <(hex ages.cbor)
done
must "$carnet" ca init --country UT --name Old --email a@b.example --crl-uri https://x.example --valid-from 2025-06-01 -d old
must "$carnet" ca signer -d old --name 'Old signer' --valid-from 2025-06-01 -o old-ds
gives 0 'reckons ages on the first day of validity' issue -D mdl --claims claims.json --signer-cert old-ds.pem \
    --signer-key old-ds.key --device-key device.pem --quiet --at 2026-01-25 --age-over 41,42 -o ages.cbor
holds 'not a day early' grep -q "$(printf age_over_42 | hex)6c656c656d656e7456616c7565f4" <(hex ages.cbor)
gives 3 'refuses an age that the claims give too' issue -D mdl --incomplete --claims <(echo '{"birth_date":"1984-01-26","age_over_18":true}') \
    "${signing[@]}" --age-over 18 -o x
printf '{"org.iso.18013.5.1":{"given_name":"E"}}' >young.json
gives 3 'reckons no age without a birth date' issue -D mdl --incomplete --claims young.json "${signing[@]}" --age-over 18 -o x
gives 0 'takes a birth date that is not disclosed' issue -D av --claims <(echo '{"eu.europa.ec.av.1":{}}') "${signing[@]}" --age-over 18 \
    --birth-date 2000-01-01 --quiet -o av.cbor
holds 'does not put it into the document' [ "$(grep -c birth_date av.cbor)" = 0 ]

# --- key authorisations ---
gives 0 'authorises elements' "${mdl[@]}" --quiet --authorise org.iso.18013.5.1 --authorise org.example:count -o auth.cbor
holds 'which verifies' valid auth.cbor
gives 3 'refuses a name space authorised in two ways' "${mdl[@]}" --quiet --authorise org.example --authorise org.example:count -o x

# --- copies ---
gives 0 'issues 20 copies' "${mdl[@]:0:5}" --signer-cert ds.pem --signer-key ds.key --make-keys keys --count 20 --quiet -o copies --json
json 'tells of each' '.files | length == 20 and .[0] == "copies/00001.cbor"'
holds 'makes 20 keys' [ "$(find keys -name '*.key' -perm 600 | wc -l)" = 20 ]
certificate=$(openssl x509 -in ds.pem -outform DER 2>/dev/null | hex)
for copy in copies/*.cbor; do
    bytes=$(hex "$copy")
    printf '%s\n' "${bytes//$certificate/}"
done >hexes
holds 'no digest and no key is in two of them' [ "$(grep -o '5820[0-9a-f]\{64\}' hexes | sort | uniq -d | wc -l)" = 0 ]
holds 'there are 13 in each' [ "$(grep -o '5820[0-9a-f]\{64\}' hexes | sort -u | wc -l)" -ge 260 ]
holds 'no random is in two of them' [ "$(grep -o '72616e646f6d5818[0-9a-f]\{48\}' hexes | sort -u | wc -l)" = 220 ]
for copy in 00001 00020; do
    holds "copy $copy verifies" valid copies/$copy.cbor
    gives 0 'and can be presented with its key' present -d copies/$copy.cbor -k keys/$copy.key -s <(printf '83f6f6f6' | unhex) \
        --disclose family_name -o x
done
gives 3 "and not with another's" present -d copies/00001.cbor -k keys/00002.key -s <(printf '83f6f6f6' | unhex) --disclose family_name -o x
gives 3 'makes no key over another' "${mdl[@]:0:5}" --signer-cert ds.pem --signer-key ds.key --make-keys keys --count 2 -o copies
gives 0 'takes a directory of keys' issue -D mdl --claims claims.json --signer-cert ds.pem --signer-key ds.key --device-key keys --quiet -o again
holds 'and issues a copy for each' [ "$(find again -name '*.cbor' | wc -l)" = 20 ]
gives 3 'refuses fewer keys than copies' "${mdl[@]}" --quiet --count 3 -o x
if command -v openssl >/dev/null; then
    for i in 1 2 3; do openssl pkey -in keys/0000$i.key -pubout; done >three.pem 2>/dev/null
    gives 0 'takes several keys of a file' issue -D mdl --claims claims.json --signer-cert ds.pem --signer-key ds.key --device-key three.pem --quiet -o three
    holds 'and issues a copy for each' [ "$(find three -name '*.cbor' | wc -l)" = 3 ]
    cat three.pem three.pem >six.pem
    gives 3 'refuses a key twice' issue -D mdl --claims claims.json --signer-cert ds.pem --signer-key ds.key --device-key six.pem --quiet -o x
fi
gives 2 'sends no copies to standard output' "${mdl[@]:0:5}" --signer-cert ds.pem --signer-key ds.key --make-keys k2 --count 2 -o -
finish
