#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# carnet holder and carnet reader over Wi-Fi Aware's network, each in a namespace of its own that knows only the other.
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
    exec unshare "${as_root[@]}" --net bash "$0" "$1" inside
fi
# shellcheck source=tests/programs/lib.sh
. "$(dirname "$0")/lib.sh"

unshare --net sleep 60 &
other=$! holder=
trap 'kill $other $holder 2>/dev/null; rm -rf "$dir"' EXIT
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

make_claims
make_authority --locality Springfield
printf 'correct horse\n' >pass && chmod 600 pass
open=(--passphrase-file pass)
must "$carnet" holder init -s store "${open[@]}" --cost 8:1:1
must "$carnet" holder key -s store "${open[@]}" -o device.pem
must issue -D mdl --device-key device.pem --age-over 18,21 -o is.cbor
must "$carnet" holder add -s store "${open[@]}" is.cbor

# A holder who waits for a reader: its engagement in uri, its port in port.
wait_holder() {
    rm -f uri
    "$carnet" holder present -s store "${open[@]}" --wifi-aware nan0,18499 --qr-text uri --json --wait 10 "$@" \
        >h.out 2>h.err </dev/null &
    holder=$!
    for _ in $(seq 1000); do
        [ ! -s uri ] || return 0
        sleep 0.02
    done
    cat h.err >&2
    return 1
}
read_it() {
    there "$carnet" reader --qr "$(cat uri)" --wifi-aware nan0,fe80::1,18499 --trust ca/ca.pem --wait 10 "$@" \
        >out 2>err </dev/null
}

wait_holder --consent all
read_it --json -D mdl -e family_name -e portrait:retain --record session --record-key
result $? 'a licence with its portrait is read over link-local addresses, and valid'
json 'the answer says how it came' '[.. | strings] | any(. == "Wi-Fi Aware")'
wait $holder
result $? 'the holder ends well too'
gives 0 'the recording of it is understood' inspect session
holds 'down to the portrait' grep -q 'JPEG' <("$carnet" inspect session)

wait_holder --consent none
read_it --json -D mdl -e family_name
[ $? -eq 3 ]
result $? 'without consent nothing is read that could be judged'
wait $holder

wait_holder --consent all
read_it --json -D mdl -e family_name --then -D mdl -e given_name
result $? 'two requests go over one session'
wait $holder

there "$carnet" reader --qr "$(cat uri)" --wifi-aware nan0,fe80::1,18499 --wait 1 -D mdl -e family_name >out 2>err </dev/null
[ $? -eq 3 ]
result $? 'a holder who is gone is waited for no longer than told'
finish
