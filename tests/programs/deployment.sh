#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The example of two instances: nginx in front, PostgreSQL behind, one of them killed, the server restarted.
#   deployment.sh CARNET CARNETD SOURCE
# shellcheck source-path=SCRIPTDIR
carnetd=$(realpath "$2") source=$(realpath "$3")
. "${BASH_SOURCE%/*}/lib.sh"
PATH=$PATH:/usr/sbin
for tool in nginx curl jq openssl; do
    command -v $tool >/dev/null || { echo "1..0 # SKIP there is no $tool" && exit 0; }
done
postgres=$source/tests/support/postgres data=$dir/pg started=()
chmod 755 "$dir" # the server is another user
"$postgres" start "$data" $$ >/dev/null 2>&1 || { echo '1..0 # SKIP there is no PostgreSQL' && exit 0; }
# shellcheck disable=SC2317
end() {
    [ ${#started[@]} -eq 0 ] || kill "${started[@]}" 2>/dev/null
    wait 2>/dev/null
    "$postgres" stop "$data" immediate 2>/dev/null
    rm -rf "$dir"
}
trap end EXIT

taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
free_ports 4
base=https://localhost:$port/utopia

make_certificate() { # NAME EXTRA...
    local name=$1
    shift
    must openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -keyout "$name.key" \
        -out "$name.pem" -subj "/CN=$name" "$@"
}
make_certificate localhost -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1'
make_certificate staff -addext 'extendedKeyUsage=clientAuth'
make_certificate stranger -addext 'extendedKeyUsage=clientAuth'

# The same folder for both, as the same files on two machines.
must "$carnetd" --init site --port $port
for n in 1 2; do
    awk -v port=$((port + n)) -v base="$base" -v place="postgresql:host=$data user=carnet dbname=carnet" '
        /^base_url:/ { print "base_url: " base; next }
        /^allow_insecure/ { next }
        /^listeners:/ { skip = 1
            print "listeners:\n  - {address: 127.0.0.1, port: " port ", serves: [public, staff, admin, operations], trusted_proxies: [127.0.0.1], client_certificate_header: X-Client-Certificate, clients: ../staff.pem}\n"; next }
        /^[a-z]/ { skip = 0 }
        /^  place:/ && !done { print "  place: \"" place "\""; done = 1; next }
        !skip' site/carnetd.yaml >site/instance$n.yaml
done
start() {
    : >"log$1" # what the last one said is none of this one's
    "$carnetd" --config "site/instance$1.yaml" >"log$1" 2>"err$1" </dev/null &
    started+=($!)
    for _ in $(seq 200); do
        grep -q '"event":"ready"' "log$1" && return 0
        kill -0 "${started[-1]}" 2>/dev/null || break
        sleep 0.1
    done
    cp "err$1" err
    return 1
}
start 1
result $? 'an instance begins, and makes the tables'
first=${started[-1]}
start 2
result $? 'and a second one'

# The example itself, with these ports and files.
mkdir nginx && {
    echo "pid $dir/nginx/pid; error_log $dir/nginx/error.log; daemon off; worker_processes 1;"
    [ "$(id -u)" != 0 ] || echo 'user root;'
    echo 'events { worker_connections 512; } http {'
    echo "access_log off; client_body_temp_path $dir/nginx/body; proxy_temp_path $dir/nginx/proxy; fastcgi_temp_path $dir/nginx/f; uwsgi_temp_path $dir/nginx/u; scgi_temp_path $dir/nginx/s;"
    sed -e "s/10.0.0.11:8080/127.0.0.1:$((port + 1))/; s/10.0.0.12:8080/127.0.0.1:$((port + 2))/" \
        -e "s/listen 443/listen 127.0.0.1:$port/; /listen \[::\]/d; s/issuer.example/localhost/" \
        -e "s|/etc/nginx/tls/chain.pem|$dir/localhost.pem|; s|/etc/nginx/tls/key.pem|$dir/localhost.key|" \
        "$source/dist/nginx/carnetd.conf"
    echo '}'
} >nginx/nginx.conf
nginx -c "$dir/nginx/nginx.conf" -p "$dir/nginx" >nginx/out 2>&1 </dev/null &
started+=($!)
for _ in $(seq 100); do
    taken $port && break
    sleep 0.1
done
as_staff=(--cert staff.pem --key staff.key)
status_of() { curl -s -m 30 --cacert localhost.pem -o body -w '%{http_code}' "$@" 2>err; }
offer_status() {
    status_of -H 'Content-Type: application/json' \
        -d '{"credential_configuration_ids":["org.iso.18013.5.1.mDL"],"subject":"anna"}' "$@" "$base/admin/offers"
}
holds 'nginx passes on' test "$(status_of "https://localhost:$port/readyz")" = 200
holds 'what is well known, before the path' \
    test "$(status_of "https://localhost:$port/.well-known/openid-credential-issuer/utopia")" = 200
holds 'by its own address' test "$(jq -r .credential_issuer body)" = "$base"
holds 'and after it' test "$(status_of "$base/.well-known/oauth-authorization-server")" = 200
holds 'administration wants a certificate' test "$(offer_status)" = 403
holds 'of its authority' test "$(offer_status --cert stranger.pem --key stranger.key)" = 403
holds 'and believes no field of the client' test "$(offer_status -H "X-Client-Certificate: $(
    sed 's/ /%20/g; s/+/%2B/g; s/$/%0A/' staff.pem | tr -d '\n')")" = 403

printf 'correct horse\n' >pass && chmod 600 pass
must "$carnet" wallet init -s store --passphrase-file pass --cost 8:1:1
# obtains 'sentence': an offer is made by one, and taken in several requests by whichever is asked.
obtains() {
    rm -f body
    holds "$1: an offer" test "$(offer_status "${as_staff[@]}")" = 201
    gives 0 "$1: and the documents" wallet accept -s store --passphrase-file pass --ca localhost.pem --yes \
        --trust site/authority.pem --copies 5 "$(jq -r .uri body)"
}
obtains 'staff makes'
for n in 1 2; do
    soon "instance $n had its part" grep -qE '"route":"(par|token|nonce|credential|challenge|issuer_metadata)".*"status":200' log$n
done
kill -KILL "$first" 2>/dev/null
wait "$first" 2>/dev/null # its connections are closed when it is gone
obtains 'with one instance killed'
"$postgres" restart "$data" fast >/dev/null 2>&1
obtains 'after the server was restarted'
start 1
result $? 'the one that was killed begins again'
obtains 'and all is well'
holds 'with each document kept' test "$("$carnet" wallet list -s store --json | jq 'length >= 4 or ([.[].copies // 1] | add) >= 4')" = true
finish
