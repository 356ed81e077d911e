#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# From an authority to a verdict: ca, issue, request, present, verify.
# shellcheck source=tests/programs/lib.sh
. "$(dirname "$0")/lib.sh"
make_claims

# The reader's ephemeral key is a COSE_Key in tag 24, and that in a transcript without engagement and handover.
# transcript FILE PUBLIC-KEY: for a P-256 key whose point stands at the end of SubjectPublicKeyInfo.
transcript() {
    local point
    point=$(openssl pkey -in "$2" -pubout -outform DER 2>/dev/null | tail -c 64 | hex)
    printf '83f6d818584ba401022001215820%s225820%sf6' "${point:0:64}" "${point:64}" | unhex >"$1"
}
printf '83f6f6f6' | unhex >transcript.cbor
printf '83f6f66178' | unhex >other.cbor

must "$carnet" ca init --reader --name Readers --crl-uri https://readers.example/crl -d readers
must "$carnet" ca reader -d readers --name 'Bar door' -o reader
must "$carnet" ca init --reader --name Others -d others

# --- every curve ---
for curve in P-256 P-384 P-521 brainpoolP256r1 brainpoolP384r1 brainpoolP512r1 Ed25519 Ed448; do
    root=$curve
    case $curve in Ed*) root=P-256 ;; esac
    mkdir "$curve" && cd "$curve" || exit 1
    cp ../claims.json ../portrait.jpg ../transcript.cbor .
    make_authority --curve $root
    [ $root = $curve ] || must "$carnet" ca signer -d ca --name 'Utopia signer 1' --curve $curve -o ds --force
    make_key device $curve
    must "$carnet" ca reader -d ../readers --name "Reader $curve" --curve $curve -o reader
    gives 0 "$curve: issues" issue --doctype mdl --claims claims.json --signer-cert ds.pem --signer-key ds.key \
        --device-key device.pem --quiet -o is.cbor
    gives 0 "$curve: verifies what was issued" verify --trust ca/ca.pem is.cbor
    gives 0 "$curve: asks and signs" request -D mdl -e family_name -e portrait:retain --reader-cert reader.pem \
        --reader-key reader.key --transcript transcript.cbor -o request.cbor
    gives 0 "$curve: answers a reader it trusts" present -d is.cbor -k device.key -s transcript.cbor -r request.cbor \
        --trust-readers ../readers/ca.pem -o response.cbor
    gives 0 "$curve: verifies the answer" verify --trust ca/ca.pem --transcript transcript.cbor \
        --request request.cbor response.cbor
    gives 0 "$curve: verifies it strictly" verify --strict --trust ca/ca.pem --transcript transcript.cbor response.cbor
    cd .. || exit 1
done

# --- a MAC ---
for curve in P-256 P-384 brainpoolP256r1; do
    cd "$curve" || exit 1
    make_key ereader $curve
    gives 0 "$curve: answers with a MAC" present -d is.cbor -k device.key -s transcript.cbor -r request.cbor --mac \
        --reader-key ereader.pem -o mac.cbor
    gives 0 "$curve: verifies the MAC" verify --trust ca/ca.pem -s transcript.cbor -k ereader.key mac.cbor --json
    json "$curve: reports a MAC" '.checks[] | select(.check == "device.authentication") | .outcome == "pass" and .detail == "MAC"'
    gives 3 "$curve: leaves a MAC without the reader's key unjudged" verify --trust ca/ca.pem -s transcript.cbor mac.cbor
    make_key wrong $curve
    gives 1 "$curve: refuses the MAC with another key" verify --trust ca/ca.pem -s transcript.cbor -k wrong.key mac.cbor
    cd .. || exit 1
done
cd P-256 || exit 1
if command -v openssl >/dev/null; then
    openssl ecparam -genkey -name prime256v1 -noout -out e.key 2>/dev/null && chmod 600 e.key
    transcript keyed.cbor e.key
    gives 0 "takes the reader's key from the transcript" present -d is.cbor -k device.key -s keyed.cbor \
        --disclose family_name --mac -o mac.cbor
    gives 0 'verifies that MAC' verify --trust ca/ca.pem -s keyed.cbor -k e.key mac.cbor
fi
gives 2 'makes no MAC without a reader key' present -d is.cbor -k device.key -s transcript.cbor -r request.cbor --mac -o x
gives 3 'makes no MAC across curves' present -d is.cbor -k device.key -s transcript.cbor -r request.cbor --mac \
    --reader-key ../P-384/ereader.pem -o x
says 'says what can be made instead' 'a signature is what can be made'
gives 3 'makes no MAC with an Ed25519 key' present -d ../Ed25519/is.cbor -k ../Ed25519/device.key -s transcript.cbor \
    -r request.cbor --mac --reader-key ereader.pem -o x

# --- what makes a verdict negative, and what leaves it open ---
gives 3 'leaves an answer without a transcript unjudged' verify --trust ca/ca.pem response.cbor
gives 1 'refuses an answer made for another session' verify --trust ca/ca.pem -s ../other.cbor response.cbor
gives 1 "refuses another authority's document" verify --trust ../P-384/ca/ca.pem -s transcript.cbor response.cbor
gives 1 'refuses a document that has ended' verify --trust ca/ca.pem --at +366d is.cbor
gives 1 'refuses a document that has not begun' verify --trust ca/ca.pem --at -1d is.cbor
LC_ALL=C sed 's/Erika/Frika/' is.cbor >changed.cbor
gives 1 'refuses a name that was changed' verify --trust ca/ca.pem changed.cbor
must "$carnet" ca crl -d ca
gives 0 'accepts a signer that is not on the list' verify --trust ca/ca.pem --crl ca/ca.crl -s transcript.cbor response.cbor
must "$carnet" ca crl -d ca --revoke ds.pem
gives 1 'refuses a signer that was revoked' verify --trust ca/ca.pem --crl ca/ca.crl -s transcript.cbor response.cbor --json
json 'says that it was revoked' '.verdict == "not valid" and
    (.checks[] | select(.check == "path.revocation") | .outcome == "fail")'
gives 1 "finds the list in the authority's directory" verify --trust ca is.cbor
cd .. || exit 1

# --- a root that follows another ---
must "$carnet" ca init --country UT --name 'New IACA' --email a@b.example --crl-uri https://x.example -d new
must "$carnet" ca link -d new --old P-384/ca -o link.pem
must "$carnet" ca signer -d new --name 'New signer' -o new-ds
cat new-ds.pem link.pem new/ca.pem >chain.pem
gives 0 'issues with a chain' issue --doctype mdl --claims claims.json --signer-cert chain.pem --signer-key new-ds.key \
    --device-key P-256/device.pem --quiet -o linked.cbor
gives 0 'verifies it with the new root' verify --trust new/ca.pem linked.cbor
gives 0 'verifies it with the old root' verify --trust P-384/ca/ca.pem linked.cbor
finish
