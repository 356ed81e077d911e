#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Peers of other makes, in a network namespace of their own, over link-local
# addresses alone: curl as reader, Python's and Node's HTTP servers as mdoc.
set -u
peer=$1
PATH=$PATH:/usr/sbin:/sbin

skip() {
    echo "1..0 # SKIP $1"
    exit 0
}

if [ "${2:-}" != inside ]; then
    as_root=()
    [ "$(id -u)" -eq 0 ] || as_root=(--map-root-user)
    for tool in ip unshare nsenter; do
        command -v $tool >/dev/null || skip "$tool is not installed"
    done
    unshare "${as_root[@]}" --net true 2>/dev/null || skip 'this machine lets nobody have a network namespace'
    exec unshare "${as_root[@]}" --net "$0" "$peer" inside
fi

work=$(mktemp -d) n=0 bad=0
unshare --net sleep 60 &
other=$!
server=
trap 'kill $other $server 2>/dev/null; rm -rf "$work"' EXIT
for _ in $(seq 100); do
    [ "$(readlink /proc/$other/ns/net)" = "$(readlink /proc/self/ns/net)" ] || break
    sleep 0.02
done
there() { nsenter --target $other --net -- "$@"; }
{
    ip link add nan0 type veth peer name nan0 netns $other && ip link set nan0 addrgenmode none up &&
        there ip link set nan0 addrgenmode none up && ip address add fe80::1/64 dev nan0 nodad &&
        there ip address add fe80::2/64 dev nan0 nodad
} 2>/dev/null || skip 'no pair of virtual interfaces could be made'

# check NAME COMMAND...
check() {
    local name=$1
    shift
    n=$((n + 1))
    if "$@" >"$work/out" 2>&1; then
        echo "ok $n - $name"
    else
        bad=1
        echo "not ok $n - $name"
        sed 's/^/# /' "$work/out"
    fi
}
skipped() {
    n=$((n + 1))
    echo "ok $n - $1 # SKIP $2"
}

head -c 33000 /dev/urandom >"$work/body"
head -c 2000000 /dev/urandom >"$work/large"
printf bye >"$work/bye"

# --- curl as reader ---

begin_mdoc() {
    : >"$work/where"
    "$peer" mdoc nan0 >"$work/where" 2>"$work/mdoc.err" &
    server=$!
    for _ in $(seq 500); do
        [ ! -s "$work/where" ] || break
        sleep 0.02
    done
    read -r address port <"$work/where"
    url="http://[$address%25nan0]:$port"
}
post() { there curl -sS -g -m 10 -H 'Content-Type: application/cbor' "$@"; }
say_goodbye() { post --data-binary "@$work/bye" "$url/mdoc" -o /dev/null && wait "$server"; }

exchange() {
    local kept
    begin_mdoc
    kept=$(post --data-binary "@$work/body" "$url/mdoc" -o "$work/1" -w '%{http_code} %{content_type} ' \
        --next -sS -g -m 10 -H 'Content-Type: application/cbor' --data-binary "@$work/body" "$url/mdoc" -o "$work/2" \
        -w '%{http_code} %{num_connects}') || return
    echo "$kept"
    [ "$kept" = '200 application/cbor 200 0' ] && cmp "$work/body" "$work/1" && cmp "$work/body" "$work/2" && say_goodbye
}
again() {
    begin_mdoc
    post --data-binary "@$work/body" "$url/mdoc" -o "$work/1" && post -H 'Connection: close' --data-binary \
        "@$work/body" "$url/mdoc" -o "$work/2" && cmp "$work/body" "$work/1" && cmp "$work/body" "$work/2" && say_goodbye
}
large() {
    begin_mdoc
    post -H 'Expect: 100-continue' --data-binary "@$work/large" "$url/mdoc" -o "$work/1" && cmp "$work/large" "$work/1" &&
        say_goodbye
}
# refused STATUS PATH CURL-ARGUMENTS...: curl gets the status, and the mdoc ends
refused() {
    local status=$1 path=$2 got
    shift 2
    begin_mdoc
    got=$(there curl -sS -g -m 10 -o /dev/null -w '%{http_code}' "$@" "$url$path")
    echo "status $got"
    ! wait "$server" && [ "$got" = "$status" ] && grep -q CARNET_E_LINK_PROTOCOL "$work/mdoc.err"
}

type='Content-Type: application/cbor'
if command -v curl >/dev/null; then
    check 'curl asks twice over one connection' exchange
    check 'curl asks over a connection each time' again
    check 'curl sends two million octets when told to go on' large
    check 'curl that puts gets 405' refused 405 /mdoc -X PUT -H "$type" --data-binary "@$work/body"
    check 'curl at another place gets 404' refused 404 /other -H "$type" --data-binary "@$work/body"
    check 'curl with a form gets 415' refused 415 /mdoc --data-binary "@$work/body"
    check 'curl with chunks gets 411' refused 411 /mdoc -H "$type" -H 'Transfer-Encoding: chunked' --data-binary "@$work/body"
    check 'curl of another age gets 505' refused 505 /mdoc --http1.0 -H "$type" --data-binary "@$work/body"
else
    skipped 'curl as reader' 'curl is not installed'
fi

# --- other servers as mdoc ---

cat >"$work/mdoc.py" <<'P'
import http.server, socket, sys

class Server(http.server.HTTPServer):
    address_family = socket.AF_INET6

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = sys.argv[1]
    def do_POST(self):
        body = self.rfile.read(int(self.headers['Content-Length']))
        good = self.path == '/mdoc' and self.headers['Content-Type'] == 'application/cbor' and \
            self.headers['Host'] == '[fe80::2]:%d' % self.server.server_port
        self.send_response(200 if good else 500)
        self.send_header('Content-Type', 'application/cbor')
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *args):
        pass

server = Server(('fe80::2', 0, 0, socket.if_nametoindex('nan0')), Handler)
print(server.server_port, flush=True)
server.serve_forever()
P
cat >"$work/mdoc.mjs" <<'N'
import http from 'node:http'
const server = http.createServer((request, response) => {
    const parts = []
    request.on('data', part => parts.push(part))
    request.on('end', () => {
        const body = Buffer.concat(parts)
        response.writeHead(200, { 'content-type': 'application/cbor' }) // no length: chunks
        response.write(body.subarray(0, 100))
        response.end(body.subarray(100))
    })
})
server.listen(0, 'fe80::2%nan0', () => console.log(server.address().port))
N
# asked COMMAND...: the server prints its port; three messages are asked of it
asked() {
    local port='' status
    : >"$work/where"
    there "$@" >"$work/where" &
    server=$!
    for _ in $(seq 1000); do
        [ ! -s "$work/where" ] || break
        sleep 0.02
    done
    read -r port <"$work/where"
    "$peer" reader nan0 fe80::2 "$port" 3 "$work/body"
    status=$?
    kill $server && wait $server
    return $status
}
if command -v /usr/bin/python3 >/dev/null; then
    check "Python's server, which keeps the connection, is asked" asked /usr/bin/python3 "$work/mdoc.py" HTTP/1.1
    check "Python's server, which ends it each time, is asked" asked /usr/bin/python3 "$work/mdoc.py" HTTP/1.0
else
    skipped "Python's server" 'python3 is not installed'
fi
if command -v node >/dev/null; then
    check "Node's server, which answers in chunks, is asked" asked node "$work/mdoc.mjs"
else
    skipped "Node's server" 'node is not installed'
fi
echo "1..$n"
[ $bad -eq 0 ]
