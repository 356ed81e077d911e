#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# carnetd as a whole: a deployment from nothing, its configuration checked, served, told by signals.
#   carnetd.sh CARNETD
# shellcheck source-path=SCRIPTDIR
. "${BASH_SOURCE%/*}/lib.sh"
for tool in curl jq; do
    command -v $tool >/dev/null || { echo "1..0 # SKIP there is no $tool" && exit 0; }
done
daemon=
# shellcheck disable=SC2317 # holds and trap call it
stop_daemon() {
    [ -z "$daemon" ] || { kill "$1" "$daemon" 2>/dev/null && wait "$daemon" 2>/dev/null; } # the status is wait's
}
trap 'stop_daemon -KILL; rm -rf "$dir"' EXIT

# start CONFIG
start() {
    : >log # what the last one said is none of this one's
    "$carnet" --config "$1" >log 2>err </dev/null &
    daemon=$!
    for _ in $(seq 200); do
        grep -q '"event":"ready"' log && return 0
        kill -0 $daemon 2>/dev/null || return 1
        sleep 0.1
    done
    return 1
}
get() { curl -s -m 20 "$@" >out 2>err; }
status_of() { curl -s -m 20 -o body -w '%{http_code}' "$@" 2>err; }

gives 0 'prints its schema' --print-schema
mv out said
holds 'and names keys with their kinds' grep -qx 'listeners\[\].port  number 0 to 65535, required' said
gives 0 'makes a secret' --new-secret
mv out said
holds 'of the known form' grep -qxE 'carnet-secret 1 [0-9a-f]{8} [A-Za-z0-9_-]{43}' said
gives 2 'wants to be told what to do'
gives 2 'refuses two things at once' --config a --init b
gives 2 'refuses a configuration that is not there' --config nowhere.yaml
says 'and says so' 'nowhere.yaml: No such file or directory'

free_ports 2
gives 0 'makes a deployment' --init site --port "$port"
holds 'for its owner only' test "$(stat -c %a site)" = 700 -a "$(stat -c %a site/passphrase)" = 600
gives 3 'but not over one that is there' --init site --port "$port"
gives 0 'finds its configuration good' --config site/carnetd.yaml --check-config
sed 's/^store:/stores:/' site/carnetd.yaml >site/bad.yaml
gives 2 'refuses a key that is unknown' --config site/bad.yaml
says 'with file, line and key' "site/bad.yaml:$(grep -n '^stores:' site/bad.yaml | cut -d: -f1): there is no such key here: stores"
sed 's/^    identifier: document-signer/    identifier: nobody/' site/carnetd.yaml >site/bad.yaml
gives 3 'refuses a key that is not in its secure area' --config site/bad.yaml --check-config
says 'with file, line and key' "site/bad.yaml:$(grep -n 'name: document-signer' site/bad.yaml | cut -d: -f1): keys[0]"

start site/carnetd.yaml
result $? 'serves'
base=http://127.0.0.1:$port
holds 'lives' test "$(status_of "$base/healthz")" = 200
holds 'is ready' test "$(status_of "$base/readyz")" = 200
get "$base/.well-known/openid-credential-issuer"
json 'tells who issues' ".credential_issuer == \"$base\" and (.credential_configurations_supported | length > 0)"
get "$base/metrics"
mv out said
holds 'counts' grep -q '^carnet_http_requests_total{listener="127.0.0.1:'"$port"'",route="readyz",status="200"} 1$' said
holds 'and counts what the store does' grep -q '^carnet_store_transactions_total ' said
holds 'in the form that Prometheus reads' bash -c '! grep -vE "^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z]+=\"[^\"]*\"(,[a-z]+=\"[^\"]*\")*\})? [0-9.e+-]+)$" said'
holds 'with each family once' test -z "$(grep '^# TYPE' said | cut -d' ' -f3 | sort | uniq -d)"

# What the document says there is, there is; what it does not, is not.
check_openapi() {
    local verb path status wrong=0 count=0
    get "$1/openapi.json"
    jq -e '.openapi == "3.1.0"' out >/dev/null || return 1
    jq -r '.paths | to_entries[] | .key as $p | .value | keys[] | "\(.) \($p)"' out >paths
    while read -r verb path; do
        count=$((count + 1))
        # A parameter of the path may be anything; what answers says that there is a route.
        status=$(status_of -X "${verb^^}" "$1${path//\{*\}/nothing}")
        case $status in
        405 | 000 | 5*) echo "$verb $path: $status" && wrong=1 ;;
        404) jq -e '.error_description != "there is nothing at this path"' body >/dev/null 2>&1 || [ "${path#*\{}" != "$path" ] ||
            { echo "$verb $path: $status" && wrong=1; } ;;
        esac
        [ "$(status_of -X PUT "$1${path//\{*\}/nothing}")" = 405 ] || { echo "put $path is not refused" && wrong=1; }
    done <paths
    [ $count -ge "$2" ] && [ $wrong -eq 0 ]
}
check_openapi "$base" 20 >openapi.out 2>&1
status=$?
mv openapi.out out
result $status 'answers each path and method of its OpenAPI document, and no other method'
for path in /par /token /nonce /credential /deferred_credential /notification /desk/login /overview; do
    grep -q " $path\$" paths || echo "$path"
done >missing
holds 'which names the endpoints of issuing, authorization and desk' test ! -s missing
check_openapi "http://127.0.0.1:$((port + 1))" 3 >openapi.out 2>&1
status=$?
mv openapi.out out
result $status 'and so at the listener for administration'
holds 'which is not reached at the public one' test "$(status_of -X POST "$base/admin/offers")" = 404

gives 0 'makes an offer by hand' --config site/carnetd.yaml --offer anna --tx-code
mv out said
holds 'with a link and a transaction code' bash -c \
    'grep -q "^openid-credential-offer://?credential_offer=" said && grep -qE "transaction code.*: [0-9]{6}$" said'
page=$(sed -n 's/^ *as a page *//p' said)
holds 'whose page the daemon shows' test "$(status_of "$page")" = 200
gives 3 'of no document that is not issued' --config site/carnetd.yaml --offer anna --configuration another
says 'and says so' 'there is no such credential configuration'
gives 2 'of nobody' --config site/carnetd.yaml --tx-code
holds 'writes lines of JSON' jq -e . log
mv log moved && kill -HUP "$daemon"
holds 'stops when told' stop_daemon -TERM
holds 'and says so last' test "$(tail -1 moved | jq -r .event)" = stopping

# TLS, mutual for administration; certificates change while it serves.
if command -v openssl >/dev/null; then
    make_certificate() { # NAME SUBJECT EXTRA...
        local name=$1 subject=$2
        shift 2
        must openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -keyout "site/$name.key" \
            -out "site/$name.pem" -subj "/CN=$subject" "$@"
    }
    make_certificate tls localhost -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1'
    make_certificate staff staff -addext 'extendedKeyUsage=clientAuth'
    make_certificate stranger stranger -addext 'extendedKeyUsage=clientAuth'
    free_ports 2
    awk -v port="$port" '
        /^listeners:/ { skip = 1
            print "listeners:\n  - {address: 127.0.0.1, port: " port ", serves: [public, staff, admin, operations], chain: tls.pem, key: tls.key, clients: staff.pem}\nlog: {file: log}\n"; next }
        /^[a-z]/ { skip = 0 }
        !skip { sub(/^base_url:.*/, "base_url: https://localhost:" port); print }' site/carnetd.yaml >site/tls.yaml
    "$carnet" --config site/tls.yaml >out 2>err </dev/null &
    daemon=$!
    for _ in $(seq 200); do
        grep -qs '"event":"ready"' site/log && break
        sleep 0.1
    done
    base=https://localhost:$port
    holds 'serves over TLS, and logs to a file' test "$(status_of --cacert site/tls.pem "$base/healthz")" = 200
    holds 'demands a certificate of who administers' \
        test "$(status_of --cacert site/tls.pem -X POST "$base/admin/offers")" = 403
    holds 'of its authority' test "$(status_of --cacert site/tls.pem --cert site/stranger.pem --key site/stranger.key \
        -X POST "$base/admin/offers")" = 403
    printf '{"credential_configuration_ids":["org.iso.18013.5.1.mDL"],"subject":"anna"}' >offer.json
    holds 'and then makes an offer' test "$(status_of --cacert site/tls.pem --cert site/staff.pem --key site/staff.key \
        -H 'Content-Type: application/json' --data-binary @offer.json "$base/admin/offers")" = 201
    cp site/tls.pem before.pem
    make_certificate tls localhost -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1'
    mv site/log site/log.1
    kill -HUP "$daemon"
    for _ in $(seq 200); do
        grep -qs '"event":"reloaded"' site/log && break
        sleep 0.1
    done
    holds 'opens its log anew' test -s site/log
    holds 'and shows its new certificate' test "$(status_of --cacert site/tls.pem "$base/healthz")" = 200
    holds 'not the old one' test "$(status_of --cacert before.pem "$base/healthz")" = 000
    echo nonsense >site/tls.pem
    kill -HUP "$daemon"
    for _ in $(seq 200); do
        grep -qs '"event":"not_renewed"' site/log && break
        sleep 0.1
    done
    holds 'keeps what it has when the new one is none' test "$(status_of -k "$base/healthz")" = 200
    holds 'stops' stop_daemon -INT
fi

# systemd is told; python3 stands in for it.
if command -v python3 >/dev/null; then
    cat >notify.py <<'PY'
import os, signal, socket, subprocess, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind("notify")
s.settimeout(30)
p = subprocess.Popen(sys.argv[1:], env={**os.environ, "NOTIFY_SOCKET": os.path.abspath("notify"), "WATCHDOG_USEC": "400000"},
                     stdout=subprocess.DEVNULL)
said = []
while not ("READY=1" in said and "WATCHDOG=1" in said):
    said.append(s.recv(4096).decode())
p.send_signal(signal.SIGTERM)
while "STOPPING=1" not in said:
    said.append(s.recv(4096).decode())
sys.exit(p.wait() or said[0] != "READY=1")
PY
    free_ports 2
    must "$carnet" --init notified --port "$port"
    holds 'tells systemd that it is ready, alive and stopping' python3 notify.py "$carnet" --config notified/carnetd.yaml
fi
finish
