#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# carnet request, carnet present: what is asked, what leaves, what is refused.
# shellcheck source=tests/programs/lib.sh
. "$(dirname "$0")/lib.sh"
make_claims
make_authority
make_key device P-256
make_key other P-256
printf '83f6f6f6' | unhex >transcript.cbor
printf 'd8184483f6f6f6' | unhex >transcript24.cbor
must issue -D mdl --device-key device.pem --age-over 18,21,65 -o is.cbor
must "$carnet" ca init --reader --name Readers --crl-uri https://readers.example/crl -d readers
must "$carnet" ca reader -d readers --name 'Bar door' -o reader
must "$carnet" ca init --reader --name Others -d others
signed=(--reader-cert reader.pem --reader-key reader.key --transcript transcript.cbor)
held=(present -d is.cbor -k device.key -s transcript.cbor)
verified() { "$carnet" verify --trust ca/ca.pem --transcript transcript.cbor "$@"; }
# count FILE TEXT: how many times the text is in the file
count() { grep -aoF -- "$2" "$1" | wc -l; }

# --- requests ---
gives 0 'asks for an element' request -D mdl -e family_name -o request.cbor
holds 'of the first name space' [ "$(count request.cbor org.iso.18013.5.1)" = 2 ]
holds 'in version 1.0' [ "$(count request.cbor 1.0)" = 1 ]
gives 0 'asks two documents' request -D mdl -e family_name -e org.iso.18013.5.1.aamva:EDL_credential:retain -D pid \
    -e family_name -o two.cbor
gives 0 'asks for a type without a table' request -D org.example.card -e org.example.1:number -o own.cbor
gives 0 'asks with retention' request -D mdl -e family_name:retain -o retain.cbor
holds 'which is in the request' grep -q "$(printf family_name | hex)f5" <(hex retain.cbor)
gives 0 'writes to standard output' request -D mdl -e family_name
holds 'the same' cmp request.cbor <("$carnet" request -D mdl -e family_name)
gives 0 'signs each document request' request -D mdl -e family_name -e portrait "${signed[@]}" -o each.cbor
gives 0 'signs all of them' request -D mdl -e family_name "${signed[@]}" --all -o all.cbor
holds 'in version 1.1' [ "$(count all.cbor 1.1)" = 1 ]
gives 0 'warns of an element that the type does not have' request -D mdl -e shoe_size -o x
says 'and names it' 'shoe_size is no element of org.iso.18013.5.1.mDL'
gives 0 'warns of three ages' request -D mdl -e age_over_18 -e age_over_21 -e age_over_65 -o x
says 'and says how many are answered' 'at most two of age_over_NN'
gives 2 'refuses to ask for nothing' request
gives 2 'refuses a document type of which nothing is asked' request -D mdl
gives 2 'refuses an element of no document type' request -e family_name
gives 2 'refuses an element without a name space that no table gives' request -D org.example.card -e number
gives 2 'refuses an element twice' request -D mdl -e family_name -e family_name:retain
gives 2 'refuses a key without its certificate' request -D mdl -e family_name --reader-key reader.key
gives 2 'refuses to sign for no session' request -D mdl -e family_name --reader-key reader.key --reader-cert reader.pem
gives 2 'refuses readerAuthAll without a key' request -D mdl -e family_name --all
gives 2 'refuses an argument too many' request -D mdl -e family_name x
gives 3 "refuses a key that is not the certificate's" request -D mdl -e family_name --reader-cert reader.pem \
    --reader-key device.key --transcript transcript.cbor
gives 3 'refuses a transcript that is none' request -D mdl -e family_name --reader-cert reader.pem \
    --reader-key reader.key --transcript claims.json
gives 0 'warns of a certificate that is no reader' request -D mdl -e family_name --reader-cert ds.pem --reader-key ds.key \
    --transcript transcript.cbor -o x
says 'and says why' 'not as a reader'

# --- answers ---
gives 0 'answers a request' "${held[@]}" -r each.cbor -o response.cbor --json
json 'tells what left' '.reader == null and ([.elements[] | .returned] == ["family_name", "portrait"])'
holds 'which verifies as an answer to it' verified --request each.cbor --strict response.cbor
holds 'keeps the answer from others' mode response.cbor 600
holds 'lets nothing else leave' [ "$(count response.cbor given_name)" = 0 ]
gives 0 'says that the reader was not verified' "${held[@]}" -r retain.cbor -o x
says '... in words' 'reader: not verified'
says 'says what the reader keeps' 'org.iso.18013.5.1 family_name: leaves, the reader keeps it'
must "$carnet" request -D mdl -e weight -e age_over_20 -e age_over_60 -D pid -e family_name -o mixed.cbor
gives 0 'answers what is held' "${held[@]}" -r mixed.cbor -o mixed-response.cbor --json
json 'and by the rule of ages' '[.elements[] | .returned] == [null, "age_over_21", null, null]'
says 'says what is not held' 'org.iso.18013.5.1 weight: not held'
gives 0 'which verifies as an answer to it' verify --trust ca/ca.pem -s transcript.cbor --request mixed.cbor mixed-response.cbor
gives 0 'keeps back what the holder does not name' "${held[@]}" -r each.cbor --disclose family_name -o kept.cbor --json
json 'and says so' '[.elements[] | .returned] == ["family_name", null]'
holds 'lets no portrait leave' [ "$(count kept.cbor portrait)" = 0 ]
gives 0 'takes a transcript in tag 24' present -d is.cbor -k device.key -s transcript24.cbor -r each.cbor -o t24.cbor
holds 'which is the same session' verified t24.cbor
must "$carnet" request -D mdl -e weight -o weight.cbor
gives 1 'answers nothing when nothing is held' "${held[@]}" -r weight.cbor -o nothing.cbor
holds 'and writes nothing' [ ! -e nothing.cbor ]
gives 1 'answers nothing of another document type' "${held[@]}" -r own.cbor -o nothing.cbor

# --- readers ---
for request in each all; do
    gives 0 "answers a reader it trusts ($request)" "${held[@]}" -r $request.cbor --trust-readers readers/ca.pem -o x --json
    json '... and says to whom' '.reader == {"subject": "CN=Bar door", "verified": true}'
    says '... in words' 'reader: verified: CN=Bar door'
    gives 1 "answers no reader it does not trust ($request)" "${held[@]}" -r $request.cbor --trust-readers others/ca.pem -o nothing.cbor
    says '... and says why' 'path to a trusted certificate: fail'
done
gives 1 'answers no reader that did not sign' "${held[@]}" -r request.cbor --trust-readers readers/ca.pem -o nothing.cbor
printf '83f6f66178' | unhex >session.cbor
gives 1 'answers no request signed for another session' present -d is.cbor -k device.key -s session.cbor -r each.cbor \
    --trust-readers readers/ca.pem -o nothing.cbor
gives 1 'answers no reader whose certificate has ended' "${held[@]}" -r each.cbor --trust-readers readers/ca.pem --at +2y -o nothing.cbor
must "$carnet" ca crl -d readers --revoke reader.pem
gives 1 'answers no reader that was revoked' "${held[@]}" -r each.cbor --trust-readers readers -o nothing.cbor
holds 'and wrote nothing to any of them' [ ! -e nothing.cbor ]

# --- without a request ---
gives 0 'discloses what is named' "${held[@]}" --disclose family_name,org.iso.18013.5.1:birth_date,family_name -o named.cbor --json
json 'once each' '[.elements[] | .returned] == ["family_name", "birth_date"]'
holds 'which verifies' verified --strict named.cbor
gives 1 'discloses nothing when an element is not held' "${held[@]}" --disclose family_name,weight -o nothing.cbor
says 'and names it' 'weight: not held'
make_key second P-256
must "$carnet" issue -D pid --incomplete --quiet --claims <(echo '{"family_name":"Muster"}') --signer-cert ds.pem \
    --signer-key ds.key --device-key second.pem -o pid.cbor
gives 0 'presents two documents' "${held[@]}" -d pid.cbor -k second.key -r two.cbor -o both.cbor
holds 'which verify' verified --request two.cbor both.cbor
gives 0 'discloses of two documents' "${held[@]}" -d pid.cbor -k second.key \
    --disclose org.iso.18013.5.1:given_name,eu.europa.ec.eudi.pid.1:family_name -o both.cbor
holds 'which verify' verified both.cbor

# --- values sent apart ---
must "$carnet" issue -D mdl --claims claims.json --quiet --signer-cert ds.pem --signer-key ds.key --make-keys keys --count 3 \
    --dehydrated data.cbor -o dry
holds 'issues copies without values' [ "$(count dry/00001.cbor Muster)" = 0 ]
holds 'and the values once' [ "$(count data.cbor Muster)" = 1 ]
gives 0 'presents a copy with the values put back' present -d dry/00002.cbor -k keys/00002.key --data data.cbor -s transcript.cbor \
    -r each.cbor -o hydrated.cbor
holds 'which verifies' verified hydrated.cbor
LC_ALL=C sed 's/Muster/Master/' data.cbor >wrong.cbor
gives 3 'refuses values that were changed' present -d dry/00002.cbor -k keys/00002.key --data wrong.cbor -s transcript.cbor -r each.cbor -o x
gives 3 'refuses a copy without its values' present -d dry/00002.cbor -k keys/00002.key -s transcript.cbor -r each.cbor -o x

# --- refusals ---
gives 3 "refuses a key the document was not issued for" present -d is.cbor -k other.key -s transcript.cbor --disclose family_name -o x
says 'and says so' 'the document was not issued for this key'
gives 3 'refuses a document that is none' present -d claims.json -k device.key -s transcript.cbor --disclose family_name -o x
gives 3 'refuses a transcript that is none' present -d is.cbor -k device.key -s claims.json --disclose family_name -o x
gives 3 'refuses a request that is none' "${held[@]}" -r is.cbor -o x
gives 3 'refuses a request that ends too early' "${held[@]}" -r <(head -c 40 each.cbor) -o x
gives 2 'refuses to present nothing' present -k device.key -s transcript.cbor --disclose family_name
gives 2 'refuses a document without its key' present -d is.cbor -s transcript.cbor --disclose family_name
gives 2 'refuses to present outside a session' present -d is.cbor -k device.key --disclose family_name
gives 2 'refuses when nothing is to be disclosed' "${held[@]}"
gives 2 'refuses an empty name' "${held[@]}" --disclose family_name,,portrait
gives 2 'refuses a list of nothing' "${held[@]}" --disclose ''
gives 2 'refuses to trust readers without a request' "${held[@]}" --disclose family_name --trust-readers readers/ca.pem
gives 2 "refuses a reader's key without a MAC" "${held[@]}" --disclose family_name --reader-key other.pem
gives 2 'refuses JSON and response on one output' "${held[@]}" --disclose family_name --json
gives 2 'refuses an argument too many' "${held[@]}" --disclose family_name x
finish
