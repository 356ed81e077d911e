#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A person: an account with money on it, and a phone that is enrolled.  The parties run (start.sh).
#   enrol.sh [CARNETD [CARNET]]
cd "$(dirname "$0")" || exit 1
carnetd=${1:-carnetd} carnet=${2:-carnet}
set -e
"$carnetd" --config issuing-authorization.yaml --accounts accounts.json
"$carnetd" --config identity-provider.yaml --enrol-device customer-1 >bootstrap.pem
"$carnet" phone enrol --store phone --passphrase-file phone-passphrase --provider https://127.0.0.1:8090 \
    --server https://127.0.0.1:8094 --ca authority.pem --bootstrap bootstrap.pem --attester-key attester.key \
    --attester-cert attester.pem --attester-name https://attester.example --user-authentication fingerprint --user-authentication pad --user-authentication pin
rm -f bootstrap.pem
device=$("$carnet" phone show --store phone --passphrase-file phone-passphrase --json |
    sed -n 's/.*"deviceId": *"\([^"]*\)".*/\1/p')
curl -sSf -X PUT -H 'Content-Type: application/json' --data \
    "{\"user\":\"customer-1\",\"devices\":[{\"id\":\"$device\"}],
      \"accounts\":[{\"alias\":\"main\",\"currency\":\"840\",\"pan\":\"4761739001010119\"}]}" \
    http://127.0.0.1:8099/admin/mobile_app/customers
echo "customer-1 has the device $device and 1000.00 USD on the account main"
