#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Document types from claims to a verdict: those of tables built in, and one of a file.
# shellcheck source=tests/programs/lib.sh
. "$(dirname "$0")/lib.sh"
make_claims
make_authority
make_key device P-256
must "$carnet" ca signer -d ca --name 'mdoc signer' --arc mdoc -o mdoc
must "$carnet" ca signer -d ca --name 'mdl signer' --arc mdl -o mdl
printf '83f6f6f6' | unhex >transcript.cbor
signing=(--signer-cert mdoc.pem --signer-key mdoc.key --device-key device.pem --quiet)

# story NAME ARGUMENTS...: issue, verify, present all of it, verify again; the elements' types are checked.
story() {
    local name=$1 disclose=$2
    shift 2
    gives 0 "$name: issues" issue "$@" --claims "$name.json" "${signing[@]}" -o "$name.cbor"
    gives 0 "$name: verifies strictly" verify --strict --trust ca/ca.pem "${table[@]}" "$name.cbor" --json
    json "$name: checks the types of its elements" '.checks[] | select(.check == "document.element-types") | .outcome == "pass"'
    gives 0 "$name: presents" present -d "$name.cbor" -k device.key -s transcript.cbor "${table[@]}" --disclose "$disclose" -o "$name.response"
    gives 0 "$name: verifies the answer" verify --trust ca/ca.pem "${table[@]}" -s transcript.cbor "$name.response"
}
table=()

cat >photoid.json <<'E1'
{ "org.iso.23220.1": { "family_name": "Мастер", "given_name": "Erika", "birth_date": "1984-01-26",
    "portrait": { "$bstr": "portrait.jpg" }, "issue_date": "2024-03-01", "expiry_date": "2034-02-28",
    "issuing_authority": "Utopia", "issuing_country": "UT" },
  "org.iso.23220.photoid.1": { "person_id": "1234", "birth_city": "Utopia City",
    "travel_document_type": "P", "travel_document_mrz": "P<UTOMUSTER" },
  "org.iso.23220.datagroups.1": { "dg1": "AQID", "dg2": { "$hex": "040506" }, "sod": { "$base64": "BwgJ" } } }
E1
story photoid family_name,org.iso.23220.photoid.1:person_id -D photoid --age-over 18

cat >pid.json <<'E1'
{ "family_name": "Muster", "given_name": "Erika", "birth_date": "1984-01-26", "place_of_birth": { "country": "UT" },
  "nationality": ["UT", "DE"], "expiry_date": "2034-02-28", "issuing_authority": "Utopia", "issuing_country": "UT" }
E1
story pid family_name,nationality -D pid

printf '{"eu.europa.ec.av.1":{}}' >av.json
story av age_over_18 -D av --age-over 18 --birth-date 2000-02-29

jq '{ "org.iso.18013.5.1": ., "org.iso.18013.5.1.aamva": { family_name_truncation: "N", given_name_truncation: "N", sex: 2,
    aamva_version: 2, EDL_credential: 1, DHS_compliance: "F" } }' claims.json >aamva.json 2>/dev/null &&
    signing=(--signer-cert mdl.pem --signer-key mdl.key --device-key device.pem --quiet) &&
    story aamva family_name,org.iso.18013.5.1.aamva:DHS_compliance -D mdl
signing=(--signer-cert mdoc.pem --signer-key mdoc.key --device-key device.pem --quiet)

# --- which signer signs what ---
gives 0 'issues a licence by a signer of other documents, with a warning' issue -D mdl --claims claims.json "${signing[@]}" -o wrong.cbor
says 'which names the extended key usage' 'warning: mdoc.pem'
gives 1 'refuses that licence' verify --trust ca/ca.pem wrong.cbor
gives 0 'accepts it as any mdoc' verify --trust ca/ca.pem --profile mdoc wrong.cbor

# --- one's own ---
cat >badge.type.json <<'E1'
{ "docType": "org.example.badge.1", "title": "Badge", "nameSpaces": {
    "org.example.badge.1": { "required": true, "elements": {
        "holder": { "type": "text", "presence": "mandatory", "max": 12 },
        "colour": { "type": "choice", "values": ["red", "green"] },
        "level": { "type": "uint-choice", "values": [1, 2, 3] },
        "since": { "type": "full-date", "presence": "recommended" },
        "face": { "type": "image" } } },
    "org.example.badge.doors": { "elements": { "door_xx": { "type": "bool" } } } } }
E1
cat >badge.json <<'E1'
{ "org.example.badge.1": { "holder": "Erika", "colour": "red", "level": 2, "since": "2020-02-03", "face": { "$bstr": "portrait.jpg" } },
  "org.example.badge.doors": { "door_12": true } }
E1
table=(--doctype-file badge.type.json)
story badge holder,org.example.badge.doors:door_12 "${table[@]}"
gives 0 'asks by a table' request "${table[@]}" -e holder -o badge.request
gives 0 'answers' present -d badge.cbor -k device.key -s transcript.cbor -r badge.request -o badge.response
gives 0 'verifies the answer' verify --trust ca/ca.pem -s transcript.cbor --request badge.request "${table[@]}" badge.response
gives 0 'verifies without the table' verify --trust ca/ca.pem badge.cbor --json
json 'and says that types were not checked' '.checks[] | select(.check == "document.element-types") | .outcome == "not done"'
gives 2 'refuses a table of another type' issue -D mdl "${table[@]}" --claims badge.json "${signing[@]}" -o x
# refuses 'sentence' WORDS CLAIMS
refuses() {
    printf '{"org.example.badge.1":%s}' "$3" >bad.json
    gives 3 "refuses $1" issue "${table[@]}" --claims bad.json "${signing[@]}" -o x
    says '... and says where' "$2"
}
refuses 'a name that is too long' '["org.example.badge.1"].holder' '{"holder":"Erika Musterfrau"}'
refuses 'a colour of no list' '["org.example.badge.1"].colour' '{"holder":"Erika","colour":"blue"}'
refuses 'a level of no list' '["org.example.badge.1"].level' '{"holder":"Erika","level":4}'
refuses 'a badge without a holder' '["org.example.badge.1"].holder' '{"colour":"red"}'
# What a table forbids is issued without it, to see that reading finds it.
printf '{"org.example.badge.1":{"holder":"Erika","level":4}}' >bad.json
gives 0 'issues without a table what one forbids' issue -D org.example.badge.1 --claims bad.json "${signing[@]}" -o bad.cbor
gives 0 'which verifies, for types are only form' verify --trust ca/ca.pem "${table[@]}" bad.cbor --json
json 'and is reported' '.checks[] | select(.check == "document.element-types") | .outcome == "fail" and (.path | contains("level"))'
gives 1 'and decides when strict' verify --strict --trust ca/ca.pem "${table[@]}" bad.cbor
sed 's/"title"/"mdl": true, "title"/' badge.type.json >strict.type.json
gives 1 'demands the signer of a licence when the table says so' verify --trust ca/ca.pem --doctype-file strict.type.json badge.cbor
for text in '[]' '{' '{"docType":"a"}' '{"docType":"a","nameSpaces":{"b":{"elements":{"c":{"type":"d"}}}}}'; do
    printf "%s" "$text" >bad.type.json
    gives 3 "refuses $text for a table" verify --trust ca/ca.pem --doctype-file bad.type.json badge.cbor
done
finish
