#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The examples of carnet(1) and its sub-commands' pages work as they are printed.
# shellcheck source=tests/programs/lib.sh
. "$(dirname "$0")/lib.sh"
man=$(dirname "$(realpath "$OLDPWD/$0" 2>/dev/null || realpath "$0")")/../../man
make_claims
printf '83f6f6f6' | unhex >transcript.cbor
mkdir bin && ln -s "$carnet" bin/carnet && PATH=$PWD/bin:$PATH

# examples PAGE: what stands in displays under EXAMPLES, as a shell reads it.
examples() {
    awk '/^\.Sh/ { on = $2 == "EXAMPLES" } on && /^\.Bd/ { show = 1; next } /^\.Ed/ { show = 0 } on && show' "$man/$1.1" |
        sed 's/\\e/\\/g; s/\\-/-/g'
}
# works PAGE
works() {
    examples "$1" >script
    [ -s script ] || echo 'exit 1' >script
    holds "examples of $1(1) work" bash -e script
}
# The pages are read in this order: each finds what the one before made.
works carnet
rm -r utopia signer.pem signer.key keys
revoked='carnet verify --trust utopia licence.cbor'
examples carnet-ca >script
holds 'examples of carnet-ca(1) end with a revocation' grep -qx "$revoked" script
must carnet ca init -d before --country UT --name 'Utopia IACA' --email a@b.example --crl-uri https://x.example
holds 'examples of carnet-ca(1) work' bash -e <(grep -vx "$revoked" script)
must carnet ca signer -d utopia --name 'Utopia signer 3' -o signer --force
make_key device P-256
make_key ereader P-256
mkdir anchors && cp utopia/ca.pem anchors
works carnet-issue
works carnet-request
works carnet-present
works carnet-verify
works carnet-demo
works carnet-iso8583
finish
