#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The terminal ATM00001, its screen a page at http://127.0.0.1:8098/.
#   [CARNET=...] atm.sh [OPTION...]    (--once: without a page, one withdrawal; --socket, --ble, --nfc: reads documents)
here=$(cd "$(dirname "$0")" && pwd) || exit 1
case " $* " in
*' --once '* | *' --settle '*) ;;
*) set -- --listen 127.0.0.1:8098 "$@" ;;
esac
case " $* " in
*' --socket'* | *' --ble'* | *' --nfc'* | *' --wifi-aware'*) # documents shown here
    set -- --reader-cert "$here/reader-ATM00001.pem" --reader-key "$here/reader-ATM00001.key" "$@"
    ;;
esac
exec "${CARNET:-carnet}" atm --id ATM00001 --label 'Main Street 1' --merchant 'MAINSTREET00001' \
    --name 'Main Street 1            Springfield  US' --currency 840 --acquirer 123456 --state "$here/atm" \
    --cassettes "$here/cassettes.json" --code-key "$here/terminal-code.key" --server https://127.0.0.1:8094 \
    --ca "$here/authority.pem" --cert "$here/terminal-ATM00001.pem" --key "$here/terminal-ATM00001.key" \
    --switch 127.0.0.1:8092 --spec 1987:ascii --framing post --mac retail --mac-key "$here/terminal-mac.key" \
    --carrier text "$@"
