#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Sourced after lib.sh: an identity provider and a mobile app server, each a carnetd with mutual TLS, their certificates, a phone's
# store, a terminal's and an issuer's keys.  Needs $carnetd, curl, jq and openssl.
# shellcheck shell=bash disable=SC2154
started=()
end_all() {
    [ ${#started[@]} -eq 0 ] || kill "${started[@]}" 2>/dev/null
    wait 2>/dev/null
    rm -rf "$dir"
}
trap end_all EXIT
for tool in curl jq openssl; do
    command -v "$tool" >/dev/null || { echo "1..0 # SKIP there is no $tool" && exit 0; }
done
b64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }

# authority NAME: NAME.pem, NAME.key
authority() {
    must openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1.key" -out "$1.pem" -subj "/CN=$1" \
        -days 30 -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign
}
# certificate NAME AUTHORITY SAN PURPOSE: NAME.pem, NAME.key
certificate() {
    must openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1.key" -out "$1.csr" -subj "/CN=$1"
    printf 'subjectAltName=%s\nextendedKeyUsage=%s\nkeyUsage=critical,digitalSignature\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n' "$3" "$4" >ext
    must openssl x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" -CAcreateserial -days 20 -extfile ext -out "$1.pem"
}
spki() { openssl x509 -in "$1" -noout -pubkey | openssl pkey -pubin -outform DER | openssl dgst -sha256 -r | cut -d' ' -f1; }

# Keys that are in a sealed file come from a deployment for development; their certificates are made anew.
make_cash_world() {
    local name
    "$carnetd" --init dev >made 2>&1 || { sed 's/^/# /' made && echo 'Bail out! no deployment' && exit 1; }
    for name in servers friends terminals devices-root attester; do authority "$name"; done
    certificate server servers 'IP:127.0.0.1,DNS:localhost' serverAuth
    certificate rp friends URI:urn:p1940:friend:bank-app clientAuth
    certificate issuer friends URI:urn:p1940:friend:issuer-1 clientAuth
    certificate attesting attester URI:https://attester.example emailProtection
    certificate terminal terminals URI:urn:p1940:terminal:ATM00001 clientAuth
    openssl x509 -in dev/metadata-signer.pem -noout -pubkey >device-public.pem
    openssl x509 -in dev/document-signer.pem -noout -pubkey >token-public.pem
    printf 'basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n' >ext
    must openssl req -new -key devices-root.key -subj '/CN=Devices' -out devices.csr
    must openssl x509 -req -in devices.csr -force_pubkey device-public.pem -CA devices-root.pem -CAkey devices-root.key \
        -CAcreateserial -days 20 -extfile ext -out devices.pem
    head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n' >acquirer.key
    chmod 600 acquirer.key ./*.key
    cat friends.pem terminals.pem devices.pem devices-root.pem >clients.pem
    free_ports 4 && idp=$port app=$((port + 1)) staff=$((port + 3))
    write_cash_config
}
write_cash_config() {
    local common="secrets: dev/secrets
areas:
  - {name: main, kind: software, file: dev/keys.sealed, secret_file: dev/passphrase}
"
    cat >idp.yaml <<CONFIG
base_url: https://127.0.0.1:$idp
authority: Identity provider
$common
listeners:
  - {address: 127.0.0.1, port: $idp, serves: [public], chain: server.pem, key: server.key, clients: clients.pem, threads: 4}
store: {place: "${idp_store:-idp.sqlite}"}
keys:
  - {name: token, area: main, identifier: document-signer}
  - {name: device, area: main, identifier: metadata-signer, chain: devices.pem}
services:
  identity_provider:
    id: https://idp.example
    token_key: token
    device_key: device
    device_authorities: [devices.pem]
    friend_authorities: [friends.pem]
    attesters: [attester.pem]
    fido_rp_id: bank.example
    fido_origins: ['https://bank.example']
${documents:+    document_authorities: [$documents]
}    ca: servers.pem
    certificate: issuer.pem
    certificate_key: issuer.key
    friends:
      - {id: bank-app, keys: [$(spki rp.pem)], notify_url: 'https://127.0.0.1:$app/p1940/v1/rp/SessionNotification'}
    terminals:
      - {id: ATM00001, latitude: '52.5200', longitude: '13.4050'}
CONFIG
    cat >app.yaml <<CONFIG
base_url: http://127.0.0.1:$staff
authority: Bank
allow_insecure_loopback: true
$common
listeners:
  - {address: 127.0.0.1, port: $app, serves: [public], chain: server.pem, key: server.key, clients: clients.pem, threads: 4}
  - {address: 127.0.0.1, port: $((app + 1)), serves: [admin]}
  - {address: 127.0.0.1, port: $staff, serves: [staff]}
store: {place: "${app_store:-app.sqlite}"}
risk:
  - {id: asserted, type: ATM_CWD, currency: '840', max_amount: 1000, impact: [low, low, none, none, none, none], vtr: [Cx.Cn]}
  - {id: counted, type: ATM_CWD, currency: '840', max_amount: 2000, impact: [low, low, none, none, none, none], vtr: [Cc.Cd.Cn]}
  - {id: small, type: ATM_CWD, currency: '840', max_amount: 5000, impact: [low, low, none, none, none, none], vtr: [Cg, Cc]}
  - {id: middle, type: ATM_CWD, currency: '840', max_amount: 20000, impact: [low, low, none, none, none, none], vtr: [Cg.Cj.Cl]}
  - {id: large, type: ATM_CWD, currency: '840', max_amount: 100000, impact: [high, high, none, none, none, none]}
services:
  desk: {}
  mobile_app_server:
    rp_id: bank-app
    provider: https://127.0.0.1:$idp
    provider_id: https://idp.example
    provider_keys: [token-public.pem]
    ca: servers.pem
    certificate: rp.pem
    certificate_key: rp.key
    notify: ${notify:-poll}
${document_request:+    document_request: $document_request
}    device_authorities: [devices.pem]
    terminal_authorities: [terminals.pem]
    friend_authorities: [friends.pem]
    acquirers:
      - {name: bank, key_file: acquirer.key}
    terminals:
      - {id: ATM00001, label: 'Main Street 1', acquirer: bank, multiple: 1000}
    friends:
      - {id: issuer-1, keys: [$(spki issuer.pem)]}
    currencies:
      - {number: '840', multiple: 1000, max: 100000}
CONFIG
}
# ready NAME: how often it said so
ready() { grep -cs '"event":"ready"' "$1.log" || [ -f "$1.log" ] || echo 0; }
# serve NAME: NAME.yaml is served; its process in $served
serve() {
    local said
    said=$(ready "$1")
    "$carnetd" --config "$1.yaml" >>"$1.log" 2>>"$1.err" </dev/null &
    served=$!
    started+=("$served")
    for _ in $(seq 300); do
        [ "$(ready "$1")" -gt "$said" ] && return
        kill -0 $served 2>/dev/null || break
        sleep 0.1
    done
    sed 's/^/# /' "$1.log" "$1.err"
    echo "Bail out! $1 does not serve" && exit 1
}
# customer USER DEVICE: the bank knows whose device this is.
customer() {
    curl -sf -X PUT -H 'Content-Type: application/json' -d "{\"user\":\"$1\",\"devices\":[{\"id\":\"$2\"}],\"accounts\":[{\"alias\":\"current\",\"currency\":\"840\"}]}" \
        "http://127.0.0.1:$((app + 1))/admin/mobile_app/customers"
}
# ask WHO PATH JSON: at the mobile app server, with that certificate; the answer is in out.
ask() {
    curl -s --max-time 60 --cacert servers.pem --cert "$1.pem" --key "$1.key" -H 'Content-Type: application/json' \
        -d "$3" "https://127.0.0.1:$app/p1940/v1/$2" >out
}
# code SESSION(32 hex digits) [SECONDS]: a code of the terminal.
code() {
    local exp body text
    exp=$(($(date +%s) + ${2:-60}))
    body=85016841544d303030303150${1}1a$(printf '%08x' "$exp")61$(printf m | hex)
    text=P1940.1.$(printf %s "$body" | unhex | b64url)
    printf '%s.%s' "$text" "$(printf %s "$text" | openssl dgst -sha256 -mac HMAC -macopt hexkey:"$(cat acquirer.key)" -binary | head -c 16 | b64url)"
}
# shellcheck disable=SC2034 # for those that never come so far
session=
session_text() { printf %s "$1" | unhex | b64url; }
