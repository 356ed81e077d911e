#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# carnet holder on hci0 and carnet reader on hci1, over the real BlueZ: tests/link/bluez/vm/run starts it.
# shellcheck source=tests/programs/lib.sh
. "$(dirname "$0")/../../programs/lib.sh"
make_claims
make_authority --locality Springfield
printf 'correct horse\n' >pass && chmod 600 pass
open=(--passphrase-file pass)
some=(-D mdl -e family_name -e portrait)
# shellcheck disable=SC2154 # lib.sh sets it
must "$carnet" holder init -s store "${open[@]}" --cost 8:1:1
must "$carnet" holder key -s store "${open[@]}" -o device.pem
must issue -D mdl --device-key device.pem --age-over 18 -o is.cbor
must "$carnet" holder add -s store "${open[@]}" is.cbor

# Wait until a file has something in it.
await() {
    for _ in $(seq 200); do
        [ ! -s "$1" ] || return 0
        sleep 0.05
    done
}
# meet 'sentence' HOLDER-STATUS READER-STATUS ADAPTER reader options...
meet() {
    local what=$1 holder=$2 reader=$3 adapter=$4 h=0 r=0
    shift 4
    rm -f uri
    "$carnet" holder present -s store "${open[@]}" --ble=hci0 --qr-text uri --json --wait 30 --consent all >h.out 2>h.err </dev/null &
    local pid=$!
    await uri
    "$carnet" reader --qr "$(cat uri)" "--ble=$adapter" --trust ca/ca.pem --wait 30 "$@" >out 2>err </dev/null || r=$?
    [ $r -eq 0 ] || kill -INT $pid
    wait $pid || h=$?
    echo "holder $h, reader $r" | cat - h.err h.out >>err
    [ $h -eq "$holder" ] && [ $r -eq "$reader" ]
    result $? "$what"
}
# told 'sentence' FILTER: what the holder printed
told() {
    cp h.out out
    json "$1" "$2"
}
# Nothing of either is left among BlueZ's objects, nor a service among those offered.
nothing_left() {
    local _
    for _ in $(seq 50); do
        busctl --system tree org.bluez >tree
        grep -q dev_ tree || return 0
        sleep 0.1
    done
    cat tree
    return 1
}

meet 'an mDL is read over BLE' 0 0 hci1 "${some[@]}" --json
json 'and valid' '.verdict == "valid"'
# The reader's last word may be overtaken by its hanging up, which is as good an end.
told 'the holder says what left' \
    '.left == 2 and .way == "BLE" and (.code == "CARNET_OK" or .code == "CARNET_E_LINK_CLOSED")'
holds 'nothing of it is left in BlueZ' nothing_left
meet 'and once more' 0 0 hci1 "${some[@]}"
holds 'nothing of that is left either' nothing_left

"$carnet" reader --reverse --show shown.txt --ble=hci1 --trust ca/ca.pem --wait 30 "${some[@]}" >r.out 2>r.err </dev/null &
pid=$!
await shown.txt
gives 0 "the holder comes to a reader's code" holder present -s store "${open[@]}" --ble=hci0 --reverse shown.txt \
    --consent all --json --wait 30
json 'and says what left' '.left == 2 and .way == "BLE"'
r=0
wait $pid || r=$?
cp r.err err
holds 'the reader reads it' [ $r = 0 ]
holds 'nothing of that is left in BlueZ' nothing_left

gives 3 'an adapter that is not there is named as such' reader --qr "$(cat uri)" --ble=hci7 --trust ca/ca.pem --wait 2 "${some[@]}"
says 'in words' 'there is no Bluetooth adapter of that name'
gives 3 'a holder that is not there is not waited for longer than told' reader --qr "$(cat uri)" --ble=hci1 --trust ca/ca.pem \
    --wait 2 "${some[@]}"
holds 'nothing is left in BlueZ then' nothing_left

rm -f uri
"$carnet" holder present -s store "${open[@]}" --ble=hci0 --qr-text uri --wait 30 --consent all >h.out 2>h.err </dev/null &
pid=$!
await uri
sleep 1
kill -KILL $pid
wait $pid 2>/dev/null
holds 'what a holder that was killed had advertised is gone with it' \
    bash -c 'busctl --system get-property org.bluez /org/bluez/hci0 org.bluez.LEAdvertisingManager1 ActiveInstances | grep -qx "y 0"'
finish
