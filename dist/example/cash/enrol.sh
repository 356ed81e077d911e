#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A person: an account with money on it, and a phone with a driving licence that is enrolled.  The parties run (start.sh).
#   enrol.sh [CARNETD [CARNET]]
cd "$(dirname "$0")" || exit 1
carnetd=${1:-carnetd} carnet=${2:-carnet}
set -e
secret='--passphrase-file phone-passphrase'
"$carnetd" --config issuing-authorization.yaml --accounts accounts.json

# shellcheck disable=SC2086 # two words
{
    "$carnet" wallet init --store phone $secret
    "$carnet" holder key --store phone $secret -o document-key.pem
    "$carnet" issue --doctype mdl --device-key document-key.pem --signer-key document-signer.key \
        --signer-cert document-signer.pem --claims person.json --age-over 18,21 --quiet -o licence.cbor
    "$carnet" holder add --store phone $secret --trust document-authority.pem licence.cbor
    "$carnetd" --config identity-provider.yaml --enrol-device customer-1 >bootstrap.pem
    "$carnet" phone enrol --store phone $secret --provider https://127.0.0.1:8090 --server https://127.0.0.1:8094 \
        --ca authority.pem --bootstrap bootstrap.pem --attester-key attester.key --attester-cert attester.pem \
        --attester-name https://attester.example --user-authentication fingerprint --user-authentication pad \
        --user-authentication pin
    rm -f bootstrap.pem document-key.pem licence.cbor
    "$carnet" phone show --store phone $secret --json >phone.json
}
device=$(sed -n 's/.*"deviceId": *"\([^"]*\)".*/\1/p' phone.json)
keys=$(sed -n 's/.*"documentKeys": *\(\[[^]]*\]\).*/\1/p' phone.json)
curl -sSf -X PUT -H 'Content-Type: application/json' --data \
    "{\"user\":\"customer-1\",\"devices\":[{\"id\":\"$device\",\"documentKeys\":${keys:-[]}}],
      \"accounts\":[{\"alias\":\"main\",\"currency\":\"840\",\"pan\":\"4761739001010119\"}]}" \
    http://127.0.0.1:8099/admin/mobile_app/customers
echo "customer-1 has the device $device and 1000.00 USD on the account main"
