#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The phone that enrol.sh enrolled:
#   phone.sh stage --amount 20000 --currency 840
#   phone.sh fulfil --code TEXT --approve --yes --fake-sensor FINGERPRINT=match+pad REFERENCE
here=$(cd "$(dirname "$0")" && pwd) || exit 1
action=$1
shift
exec "${CARNET:-carnet}" phone "$action" --store "$here/phone" --passphrase-file "$here/phone-passphrase" "$@"
