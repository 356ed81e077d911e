#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Revocation lists at OP-3: fetched, kept, stale, not to be had, and a server that misbehaves.
# shellcheck source=tests/programs/lib.sh
. "$(dirname "$0")/lib.sh"
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
command -v python3 >/dev/null || { echo "1..0 # SKIP there is no python3" && exit 0; }
export XDG_CACHE_HOME=$dir/cache no_proxy='*'
mkdir www
python3 "$here/../link/fetch/server.py" "$dir/port" "$dir/www" &
server=$!
trap 'kill $server 2>/dev/null; rm -rf "$dir"' EXIT
for _ in $(seq 100); do [ -s port ] && break || sleep 0.1; done
[ -s port ] || { echo "1..0 # SKIP no server can be started here" && exit 0; }
at=http://127.0.0.1:$(cat port)

make_claims
make_authority
make_key device P-256
printf '83f6f66178' | unhex >transcript.cbor
# signer NAME PATH: a signer whose list is at PATH, and an answer NAME.cbor signed by it
signer() {
    must "$carnet" ca signer -d ca --name "$1" -o "$1" --crl-uri "$at/$2"
    must "$carnet" issue --claims claims.json --signer-cert "$1.pem" --signer-key "$1.key" --quiet --doctype mdl \
        --device-key device.pem -o "$1-is.cbor"
    must "$carnet" present -d "$1-is.cbor" -k device.key -s transcript.cbor --disclose family_name -o "$1.cbor"
}
verify() { # STATUS 'sentence' ANSWER OPTIONS...
    local want=$1 what=$2 answer=$3
    shift 3
    gives "$want" "$what" verify --trust ca/ca.pem -s transcript.cbor --json --crl-wait 3 "$@" "$answer.cbor"
}
source_is() { json "$1" ".checks[] | select(.check == \"path.revocation-source\") | .outcome == \"$2\" and (.detail // \"\" | test(\"$3\"))"; }
check_is() { json "$1" "[.checks[] | select(.check == \"$2\") | .outcome] == [\"$3\"]"; }

signer good list.crl
must "$carnet" ca crl -d ca -o www/list.crl
verify 0 'off: nothing is asked' good
check_is 'off: revocation is not done' path.revocation 'not done'
[ ! -e www/requests.log ]
result $? 'off: the server heard nothing'
verify 0 'cache: nothing is kept yet' good --crl cache
source_is 'cache: says so' undetermined 'none was kept'
[ ! -e www/requests.log ]
result $? 'cache: the server heard nothing'
verify 0 'online: fetched' good --crl online
source_is 'online: says so' pass '^online, fetched now'
check_is 'online: not revoked' path.revocation pass
check_is 'online: fresh' path.revocation-fresh pass
holds 'the request says nothing but the address' sh -c \
    '! grep -viE "^(GET /list.crl HTTP/1.1|Host: 127.0.0.1:[0-9]+|User-Agent: carnet|Accept: \*/\*|)[[:space:]]*$" www/requests.log'
must rm www/requests.log
verify 0 'online: what is young is not asked for again' good --crl online
source_is 'online, young: says when' pass '^online, fetched 20'
[ ! -e www/requests.log ]
result $? 'online, young: the server heard nothing'
verify 0 'cache: what was kept' good --crl cache
source_is 'cache: says it is offline, and since when' pass '^offline, fetched 20'
check_is 'cache: not revoked' path.revocation pass

must "$carnet" ca crl -d ca --revoke good.pem -o www/list.crl
verify 0 'cache: does not know of a revocation since' good --crl cache
verify 1 'online: sees the revocation' good --crl online --crl-age 0
check_is 'online: revoked' path.revocation fail
verify 1 'cache: remembers it' good --crl cache

# --- not to be had ---
mv www/list.crl away.crl
verify 1 'a server without the list: the one kept' good --crl online --crl-age 0
source_is 'says that the one kept was used, and why' undetermined 'offline, as fetched before; now: .*not 200'
signer absent absent.crl
verify 3 'online: no list, and none was kept: undetermined' absent --crl online
source_is 'says that it was not fetched' undetermined 'not fetched: .*not 200'
check_is 'revocation is undetermined' path.revocation undetermined
mv www/requests.log before.log
must "$carnet" ca crl -d ca -o www/absent.crl
verify 0 'a file given' absent --crl www/absent.crl
[ ! -e www/requests.log ]
result $? 'a file given: the server heard nothing'

# --- stale, forged, put back ---
signer stale stale.crl
must "$carnet" ca crl -d ca -o www/stale.crl --valid-from -10d --valid-until +3d
verify 0 'a list that ended: the verdict is not that of a revocation' stale --crl online
check_is 'a list that ended: stale' path.revocation-fresh fail
source_is 'a list that ended: fetched all the same' pass '^online, fetched now'
verify 1 'strict: a stale list decides' stale --crl online --strict
must "$carnet" ca init --country UT --name 'Utopia IACA' --email iaca@utopia.example --crl-uri "$at/x" -d other
signer forged forged.crl
must "$carnet" ca crl -d other -o www/forged.crl
verify 3 'a list another key signed' forged --crl online
source_is 'a list another key signed: says so' undetermined 'signature does not verify'
[ "$(find cache -name '*.crl' | wc -l)" = 2 ]
result $? 'it is not kept'
signer back back.crl
must "$carnet" ca crl -d ca --revoke back.pem -o www/back.crl
verify 1 'revoked' back --crl online
must "$carnet" ca crl -d ca -o www/back.crl --valid-from -5d
verify 1 'a server that goes back to an older list does not hide it' back --crl online --crl-age 0
source_is 'says so' undetermined 'older than the one kept'
printf 'hello' >www/text.crl
signer text text.crl
verify 3 'something else than a list' text --crl online
source_is 'something else: says so' undetermined 'no revocation list'

# --- a server that misbehaves ---
must "$carnet" ca crl -d ca -o www/list.crl
misbehaves() { # NAME PATH 'sentence' REASON OPTIONS...
    local name=$1 what=$3 reason=$4
    signer "$name" "$2"
    shift 4
    verify 3 "$what" "$name" --crl online "$@"
    source_is "$what: says so" undetermined "$reason"
}
misbehaves slow slow/list.crl 'an octet now and then' 'in time' --crl-wait 1
misbehaves huge huge 'no end of octets' 'longer than allowed'
misbehaves half half/list.crl 'half of what was announced' 'not fetched'
misbehaves error status/500 'an error' 'not 200'
misbehaves away away 'a redirect to another host' 'redirects to a host that was not allowed'
misbehaves scheme gopher 'a redirect to another scheme' 'redirects to a host that was not allowed'
misbehaves often to/9/list.crl 'more redirects than three' 'redirects too often'
signer twice to/2/list.crl
verify 0 'a few redirects within the host' twice --crl online
verify 3 'a host that is not among those named' twice --crl online --crl-age 0 --crl-cache none --crl-host crl.example
source_is 'a host that is not among those named: says so' undetermined 'may not be fetched'
verify 0 'a host that is named' twice --crl online --crl-age 0 --crl-host "127.0.0.1:$(cat port)"

# --- whose addresses are asked ---
must rm -f www/requests.log
gives 1 'a signer nobody trusts' verify --trust other/ca.pem -s transcript.cbor --json --crl online --crl-age 0 \
    --crl-cache elsewhere twice.cbor
source_is 'a signer nobody trusts: its addresses are not asked' 'not done' 'no trusted issuer'
[ ! -e www/requests.log ]
result $? 'a signer nobody trusts: the server heard nothing'
kill $server
verify 3 'no server at all' twice --crl online --crl-cache none
source_is 'no server at all: says so' undetermined 'not fetched'
finish
