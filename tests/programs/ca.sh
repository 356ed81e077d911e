#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# carnet ca
# shellcheck source=tests/programs/lib.sh
. "$(dirname "$0")/lib.sh"
init() { "$carnet" ca init --country UT --name 'Utopia IACA' "$@"; }

# --- an authority ---
gives 0 'makes an authority' ca init --country UT --name 'Utopia IACA' --email iaca@utopia.example \
    --crl-uri https://utopia.example/crl -d ca --json
json 'tells what it made' '.kind == "IACA root" and .subject == "C=UT, CN=Utopia IACA" and .certificate == "ca/ca.pem"
    and .key == "ca/ca.key" and .curve == "P-256" and (.serial | test("^[0-9a-f]{40}$"))
    and (.keyIdentifier | test("^[0-9a-f]{40}$")) and (.notAfter | endswith("Z"))'
holds "keeps the authority's key from others" mode ca/ca.key 600
holds 'lets all read the certificate' mode ca/ca.pem 644
cp ca/ca.key before.key
gives 3 'writes over no key' ca init --country UT --name Other --email a@b.example -d ca
says 'names the key that is there' 'ca/ca.key: this file exists'
holds 'leaves the key as it was' cmp before.key ca/ca.key
gives 0 'writes over a key when forced' ca init --country UT --name 'Utopia IACA' --email iaca@utopia.example \
    --crl-uri https://utopia.example/crl -d ca --force
holds 'makes another key then' [ "$(cmp -s before.key ca/ca.key; echo $?)" = 1 ]

# --- what the profiles forbid ---
gives 3 'refuses an IACA without an alternative name' ca init --country UT --name X -d x
says 'says which profile forbids it' '18013-5 B.1.2'
holds 'leaves nothing behind' [ ! -e x ]
gives 3 'refuses an IACA of 21 years' ca init --country UT --name X --email a@b.example --valid-until +21y -d x
gives 3 'refuses an IACA whose country is no code' ca init --country utopia --name X --email a@b.example -d x
gives 3 'refuses an IACA on Ed25519' ca init --country UT --name X --email a@b.example --curve Ed25519 -d x
gives 3 'refuses an IACA on a curve that does not sign' ca init --country UT --name X --email a@b.example --curve X25519 -d x
gives 3 'refuses validity that ends before it starts' ca init --country UT --name X --email a@b.example \
    --valid-from +2d --valid-until 2020-01-01 -d x
gives 3 'refuses a signer valid for 458 days' ca signer -d ca --name X --valid-until +458d -o x
gives 3 "refuses a signer of another country" ca signer -d ca --name X --country XU -o x
gives 3 'refuses a signer that outlives its authority' ca signer -d ca --name X --valid-from +3600d --valid-until +400d -o x
holds 'writes no key for a certificate that was refused' [ ! -e x.key ]

# --- usage ---
gives 2 'refuses no action' ca
gives 2 'refuses an action it does not know' ca destroy -d ca
gives 2 'refuses an option it does not know' ca init --frobnicate
gives 2 'refuses to work without a directory' ca crl
gives 2 'refuses an authority without a name' ca init --country UT --email a@b.example -d x
gives 2 'refuses an IACA without a country' ca init --name X --email a@b.example -d x
gives 2 'refuses an option of another action' ca init --country UT --name X --email a@b.example --revoke 01 -d x
gives 2 'refuses options that exclude each other' ca signer -d ca --name X -o x --email a@b.example --der
gives 2 'refuses a curve it does not know' ca init --country UT --name X --email a@b.example --curve P-257 -d x
gives 2 'refuses an arc it does not know' ca signer -d ca --name X --arc iso -o x
gives 2 'refuses a time that is none' ca init --country UT --name X --email a@b.example --valid-until soon -d x
gives 2 'refuses a signer without output' ca signer -d ca --name X
gives 2 'refuses to make a key and to take one' ca signer -d ca --name X -o x --public-key ca/ca.pem --curve P-256
gives 2 'refuses a link to nothing' ca link -d ca
gives 3 'refuses a directory that is not there' ca signer -d nowhere --name X -o x
mkdir empty && gives 3 'refuses a directory that is no authority' ca crl -d empty
gives 0 'shows help' ca --help

# --- document signers ---
gives 0 'makes a document signer' ca signer -d ca --name 'Signer 1' -o ds --json
json 'tells of it' '.kind == "document signer (mDL)" and .subject == "C=UT, CN=Signer 1" and .key == "ds.key"'
serial=$(sed -n 's/.*"serial": "\(.*\)".*/\1/p' out)
holds "keeps the signer's key from others" mode ds.key 600
holds 'notes its serial number' grep -q "^$serial .* signer C=UT, CN=Signer 1$" ca/issued
gives 3 "writes over no signer's key" ca signer -d ca --name 'Signer 1' -o ds
make_key given P-384
gives 0 'certifies a public key' ca signer -d ca --name 'Signer 2' --arc mdoc --public-key given.pem -o ds2 --json
json 'makes no key then' '.key == null and .curve == "P-384" and .kind == "document signer (mdoc)"'
holds 'writes no key then' [ ! -e ds2.key ]
gives 3 'refuses a public key that is none' ca signer -d ca --name X --public-key ca/state -o x
for curve in P-256 P-384 P-521 brainpoolP256r1 brainpoolP384r1 brainpoolP512r1; do
    gives 0 "makes an authority on $curve" ca init --country UT --name "IACA $curve" --uri https://utopia.example \
        --crl-uri https://utopia.example/crl --curve $curve -d "ca-$curve"
    gives 0 "makes a signer on $curve" ca signer -d "ca-$curve" --name "DS $curve" --curve $curve -o "ds-$curve"
done
for curve in Ed25519 Ed448; do
    gives 0 "makes a signer on $curve" ca signer -d ca --name "DS $curve" --curve $curve -o "ds-$curve"
done
must init --email a@b.example --crl-uri https://utopia.example/crl --state UT-1 --organisation 'Utopia DMV' -d ca-state
gives 0 "gives a signer its authority's state" ca signer -d ca-state --name DS -o ds-state --json
json 'writes it into the subject' '.subject == "C=UT, ST=UT-1, CN=DS"'
must init --email a@b.example -d ca-bare
gives 3 'refuses an mDL signer without distribution points' ca signer -d ca-bare --name DS -o x
gives 0 'makes one for other documents without' ca signer -d ca-bare --name DS --arc mdoc -o ds-bare
gives 0 'takes the distribution point from the command line' ca signer -d ca-bare --name DS --crl-uri https://x.example -o ds-uri

# --- readers ---
gives 0 'makes an authority of readers' ca init --reader --name 'Readers' --crl-uri https://readers.example/crl -d readers --json
json 'tells its kind' '.kind == "authority of mdoc readers" and .subject == "CN=Readers"'
gives 0 'makes a reader' ca reader -d readers --name 'Bar door' --organisation 'The Bar' -o reader
gives 3 'refuses a document signer by an authority of readers' ca signer -d readers --name DS -o x
gives 3 'refuses a reader valid for 1188 days' ca reader -d readers --name X --valid-until +1188d -o x

# --- link ---
must init --email a@b.example --crl-uri https://utopia.example/crl2 -d ca2
gives 0 'links an old root to a new one' ca link -d ca2 --old ca --json
json 'tells of the link' '.kind == "IACA link" and .certificate == "ca2/link.pem"'
gives 2 'links no root to itself' ca link -d ca --old ./ca
gives 3 'writes over no link' ca link -d ca2 --old ca
gives 3 'links no authority of readers' ca link -d readers --old ca -o x.pem

# --- revocation ---
gives 0 'writes a list that is empty' ca crl -d ca --json
json 'begins with number 1' '.number == 1 and .revoked == [] and .list == "ca/ca.crl"'
gives 0 'revokes by serial number' ca crl -d ca --revoke "$serial" --json
json 'lists it under the next number' ".number == 2 and .revoked[0].serial == \"$serial\""
gives 0 'revokes by certificate' ca crl -d ca --revoke ds2.pem --json
json 'lists both' '.number == 3 and (.revoked | length) == 2'
gives 0 'revokes once only' ca crl -d ca --revoke ds2.pem --der -o list.der --json
json 'keeps what was revoked' '.number == 4 and (.revoked | length) == 2'
holds 'writes DER' [ "$(hex -N1 list.der)" = 30 ]
gives 3 'refuses a serial number it has not issued' ca crl -d ca --revoke 0123
gives 0 'revokes it when forced' ca crl -d ca --revoke 01:23 --force --json
json 'lists it' '.revoked | map(.serial) | index("0123") != null'
gives 3 "refuses another authority's certificate" ca crl -d ca --revoke ds-P-384.pem
gives 2 'refuses what is neither file nor number' ca crl -d ca --revoke nowhere.pem
gives 3 'refuses a list valid for 91 days' ca crl -d ca --valid-until +91d
gives 0 'counts on after a refusal' ca crl -d ca --json
json 'uses no number twice' '.number == 6'
for i in 1 2 3 4; do "$carnet" ca crl -d ca2 -o "crl$i" >/dev/null 2>&1 & done
wait
holds 'numbers lists made at once apart' grep -qx 'crl-number 4' ca2/state

# --- OpenSSL's opinion ---
if command -v openssl >/dev/null; then
    holds 'OpenSSL reads the root' openssl x509 -in ca/ca.pem -noout -text
    cp out root.text
    holds 'OpenSSL sees a path length of 0' grep -q 'CA:TRUE, pathlen:0' root.text
    holds 'OpenSSL reads the signer' openssl x509 -in ds.pem -noout -text
    cp out signer.text
    holds 'OpenSSL sees both arcs' grep -q '1.0.18013.5.1.2, 1.0.23220.4.1.2' signer.text
    # Unhandled critical extensions are none: key usage and extended key usage are known to OpenSSL.
    for curve in P-256 P-384 P-521 brainpoolP256r1 brainpoolP384r1 brainpoolP512r1; do
        holds "OpenSSL verifies the signer on $curve" openssl verify -x509_strict -CAfile "ca-$curve/ca.pem" "ds-$curve.pem"
    done
    holds 'OpenSSL verifies a signer on Ed25519' openssl verify -CAfile ca/ca.pem ds-Ed25519.pem
    holds 'OpenSSL verifies the reader' openssl verify -x509_strict -CAfile readers/ca.pem reader.pem
    holds 'OpenSSL verifies the link' openssl verify -x509_strict -CAfile ca/ca.pem ca2/link.pem
    holds 'OpenSSL verifies the list' openssl crl -in ca/ca.crl -CAfile ca/ca.pem -noout
    openssl verify -crl_check -CRLfile ca/ca.crl -CAfile ca/ca.pem ds.pem >revoked.text 2>&1
    holds 'OpenSSL finds the signer revoked' grep -q 'certificate revoked' revoked.text
    openssl pkey -in ds.key -pubout >a 2>err && openssl x509 -in ds.pem -pubkey -noout >b 2>err
    holds "OpenSSL finds the key to be the certificate's" cmp a b
else
    cases=$((cases + 1)) && echo "ok $cases - OpenSSL agrees # SKIP there is no openssl command"
fi
finish
