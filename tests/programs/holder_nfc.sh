#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# carnet holder and carnet reader over NFC: a real PC/SC service between them, whose driver vpcd is the antenna, started
# and stopped here in namespaces (mounts, network) of its own; and BLE without a radio, engaged over NFC.
driver=/usr/lib/pcsc/drivers/serial/libifdvpcd.so
skip() {
    echo "1..0 # SKIP $1"
    exit 0
}
if [ "${ALONE-}" != yes ]; then
    [ -x /usr/sbin/pcscd ] || skip 'pcscd is not installed'
    [ -r $driver ] || skip "pcscd's driver vpcd (vsmartcard-vpcd) is not installed"
    command -v ip >/dev/null || skip 'there is no ip(8)'
    own=(unshare -m -n)
    [ "$(id -u)" -eq 0 ] || own=(unshare -r -m -n)
    "${own[@]}" true 2>/dev/null || skip 'no namespaces of its own'
    ALONE=yes exec "${own[@]}" bash "$0" "$@"
fi
# shellcheck source=tests/programs/lib.sh
. "$(dirname "$0")/lib.sh"
mount --make-rprivate / && mount -t tmpfs none /run && mkdir /run/pcscd /run/reader.conf.d && ip link set lo up || exit 1
printf 'FRIENDLYNAME "Virtual PCD"\nDEVICENAME /dev/null:0x1B59\nLIBPATH %s\nCHANNELID 0x1B59\n' $driver >/run/reader.conf.d/vpcd
/usr/sbin/pcscd --foreground --config /run/reader.conf.d >/dev/null 2>&1 </dev/null &
service=$!
trap 'kill $service 2>/dev/null; wait; rm -rf "$dir"' EXIT
for _ in $(seq 100); do
    [ -e /run/pcscd/pcscd.comm ] && break
    sleep 0.05
done
make_claims
make_authority --locality Springfield
printf 'correct horse\n' >pass && chmod 600 pass
must "$carnet" holder init -s store --passphrase-file pass --cost 8:1:1
must "$carnet" holder key -s store --passphrase-file pass -o device.pem
must issue -D mdl --device-key device.pem -o is.cbor
must "$carnet" holder add -s store --passphrase-file pass is.cbor
mkdir air

# tap 'sentence' 'holder options' 'reader options'
tap() {
    local what=$1 h=0 r=0 pid
    rm -f uri h.err
    # shellcheck disable=SC2086 # options are several words
    timeout 50 "$carnet" holder present -s store --passphrase-file pass --nfc=7001 --consent all --json $2 >h.out 2>h.err </dev/null &
    pid=$!
    for _ in $(seq 100); do # the tests' 7001 is in nobody else's network
        grep -qs Waiting h.err && break
        sleep 0.05
    done
    set -- "$3"
    [ ! -s uri ] || set -- "$1" --qr "$(cat uri)"
    # shellcheck disable=SC2086
    timeout 50 "$carnet" reader $1 "${@:2}" --trust ca/ca.pem -D mdl -e family_name -e portrait >out 2>err </dev/null || r=$?
    wait $pid || h=$?
    echo "holder $h, reader $r" | cat - h.err h.out >>err
    [ $h -eq 0 ] && [ $r -eq 0 ]
    result $? "$what"
}
# over 'sentence' WAY
over() {
    cp h.out out
    json "$1" ".way == \"$2\" and .left == 2 and .code == \"CARNET_OK\""
}
tap 'meets by static handover' '' --nfc
over '... and goes on over NFC' NFC
tap 'meets by negotiated handover' --negotiated --nfc
over '... and goes on over NFC' NFC
tap 'is met by QR code' '--qr-text uri' --nfc
over '... and goes on over NFC' NFC
tap 'meets by static handover' '--ble-fake air' '--nfc --ble-fake air'
over '... and goes on over BLE' 'BLE without a radio'
tap 'meets by negotiated handover' '--ble-fake air --negotiated' '--nfc --ble-fake air'
over '... and goes on over BLE' 'BLE without a radio'
finish
