#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# All that HAIP 1.0 asks for, at once: wallets attested over challenges, requests pushed, DPoP with nonces; a person who consents in a
# browser, an officer who identifies them, documents obtained, and again without either.
#   haip.sh CARNET CARNETD
# shellcheck source-path=SCRIPTDIR
carnetd=$(realpath "$2")
. "${BASH_SOURCE%/*}/lib.sh"
for tool in curl jq openssl; do
    command -v $tool >/dev/null || { echo "1..0 # SKIP there is no $tool" && exit 0; }
done
started=()
# shellcheck disable=SC2317
end() {
    [ ${#started[@]} -eq 0 ] || kill "${started[@]}" 2>/dev/null
    wait 2>/dev/null
    rm -rf "$dir"
}
trap end EXIT

# An attester of wallets with an authority of its own.
must openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 9 -keyout root.key -out root.pem -subj /CN=root
must openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout attester.key -out attester.csr -subj /CN=attester
printf 'keyUsage=critical,digitalSignature\nbasicConstraints=critical,CA:FALSE\n' >extensions
must openssl x509 -req -in attester.csr -CA root.pem -CAkey root.key -CAcreateserial -days 5 -extfile extensions -out attester.pem

free_ports 2
base=http://127.0.0.1:$port
"$carnetd" --init site --port $port >made 2>&1 || { sed 's/^/# /' made && echo 'Bail out! no deployment' && exit 1; }
password=$(sed -n 's/.*with the password //p' made)
awk '/^  authorization:/ { print; skip = 1
        print "    attestation_required: true\n    challenge_required: true\n    dpop_nonce_required: true"
        print "    pushed_required: true\n    consent: true\n    wallet_attesters: [../root.pem]"; next }
    /^  [a-z]/ { skip = 0 }
    /^    key_attesters:/ { print "    key_attesters: [../root.pem]"; next }
    !skip' site/carnetd.yaml >site/haip.yaml
"$carnetd" --config site/haip.yaml >log 2>err </dev/null &
started+=($!)
for _ in $(seq 200); do
    grep -q '"event":"ready"' log && break
    sleep 0.1
done
holds 'serves' grep -q '"event":"ready"' log
curl -s -m 20 "$base/.well-known/oauth-authorization-server" >out
json 'says that requests are pushed and wallets attested' '.require_pushed_authorization_requests and
    .authorization_response_iss_parameter_supported and .challenge_endpoint and
    (.token_endpoint_auth_methods_supported | index("attest_jwt_client_auth")) and
    (.token_endpoint_auth_methods_supported | index("none") | not)'

# --- a wallet, its browser, the officer ---

echo 'a passphrase' >pass && chmod 600 pass
printf '#!/bin/sh\nprintf %%s "$1" >url.new && mv url.new url\n' >browser && chmod 755 browser
must "$carnet" wallet init -s store --passphrase-file pass --cost 1024:1:1
wallet=(-s store --passphrase-file pass --insecure-loopback --trust-published)
attested=(--haip --attester-key attester.key --attester-cert attester.pem --attester-name https://provider.example)
offer() {
    curl -s -m 20 -H 'Content-Type: application/json' "http://127.0.0.1:$((port + 1))/admin/offers" -d \
        '{"credential_configuration_ids":["org.iso.18013.5.1.mDL"],"subject":"anna","grants":["authorization_code"]}' | jq -r .uri
}
hidden() { sed -n "s/.*name=\"$1\" value=\"\([^\"]*\)\".*/\1/p" "$2" | tail -1; }
get() { curl -s -m 20 -c jar -b jar "$@"; }
desk() { curl -s -m 20 -c desk.jar -b desk.jar "$@"; }
leads() { get -o body -w '%{redirect_url}' "$@"; }

# begin: a wallet that waits for its browser; what the browser is shown is in page.
begin() {
    rm -f url jar
    timeout 120 "$carnet" wallet accept "${wallet[@]}" "${attested[@]}" --yes --copies 3 --browser ./browser "$(offer)" \
        >wallet.out 2>wallet.err </dev/null &
    waiting=$!
    for _ in $(seq 200); do
        [ -s url ] && break
        sleep 0.1
    done
    get "$(cat url)" >page
}
# decide yes|no: where the browser goes then.
decide() {
    leads -d "token=$(hidden token page)" -d "decision=$1" --data-urlencode "request=$(hidden request page)" "$base/authorize/decide"
}
# The case of somebody who waits, taken, filled in and confirmed.
officer() {
    local case name=org.iso.18013.5.1
    desk "$base/desk/login" >page
    desk -o body -d "token=$(hidden token page)" -d login=officer --data-urlencode "password=$password" "$base/desk/login"
    case=$(desk "$base/desk" | grep -o '/desk/cases/[0-9]*' | head -1)
    desk "$base$case" >page
    desk -o body -d "token=$(hidden token page)" -d "version=$(hidden version page)" -d action=take "$base$case/decide"
    desk "$base$case" >page
    desk -o body -F "token=$(hidden token page)" -F "version=$(hidden version page)" -F action=review -F document=passport \
        -F digits=1234 -F genuine=yes -F photo=yes -F data=yes -F subject=anna -F $name/family_name=Mustermensch \
        -F $name/given_name=Anna -F $name/birth_date=1990-02-28 -F $name/issue_date=2026-01-15 -F $name/expiry_date=2036-01-14 \
        -F $name/issuing_country=UT -F $name/issuing_authority=Carnet -F $name/document_number=D-1 \
        -F "$name/driving_privileges=B 2010-03-01 2036-01-14" -F $name/un_distinguishing_sign=UTO \
        -F "$name/portrait=@site/portrait.jpg;type=image/jpeg" "$base$case"
    desk "$base$case?step=review" >page
    desk -o body -d "token=$(hidden token page)" -d "version=$(hidden version page)" -d action=confirm "$base$case/decide"
}

gives 3 'is nothing for a wallet that nobody attests' wallet accept "${wallet[@]}" --yes --browser ./browser "$(offer)"
says 'which sees so beforehand' 'nobody attests this one'

begin
holds 'asks the person, by name of wallet and document' grep -q 'Driving licence' page
back=$(decide no)
holds 'sends a person who says no back to the wallet' test "${back#*error=access_denied}" != "$back"
get -o body "$back"
wait $waiting
result $(($? != 1)) 'whose wallet ends without a document'
holds 'and says who it was' grep -q 'broken off' wallet.err

begin
page=$(decide yes)
holds 'has the person identified' test "${page#"$base"/identify/}" != "$page"
officer
back=$(leads "$(leads "$page")")
holds 'comes back with a code, its state and who it is from' \
    grep -qE '^http://127\.0\.0\.1:[0-9]+/[^?]*\?code=[^&]{43}&state=[^&]+&iss=http%3A%2F%2F127\.0\.0\.1%3A[0-9]+$' <<<"$back"
get -o body "$back"
wait $waiting
result $? 'has the wallet obtain its documents'
holds 'three of them' grep -q '3 copies' wallet.out
gives 0 'gives them anew without browser and officer' wallet reissue "${wallet[@]}" "${attested[@]}" 1
gives 0 'and again, by the next refresh token' wallet reissue "${wallet[@]}" "${attested[@]}" 1
holds 'keeps what was typed out of its log' test -z "$(grep -E 'Mustermensch|1990-02-28' log err)"
code=${back#*code=}
holds 'and the code' test -z "$(grep -F -e "${code%%&*}" log err)"

finish
