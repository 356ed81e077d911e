#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# carnet scenario: every transport of every figure, as far as this machine has what it takes.
# shellcheck source=tests/programs/lib.sh
. "$(dirname "$0")/lib.sh"
mkdir tmp && export TMPDIR=$PWD/tmp
# shows 'sentence' PATTERN, hides 'sentence' PATTERN: what the last command printed.
shows() {
    grep -q -- "$2" out
    result $? "$1"
}
hides() {
    ! grep -q -- "$2" out
    result $? "$1"
}
gives 0 'lists the scenarios' scenario --list
shows 'Figure 11 among them' '^fig-11-onsite-local '
transports=$(sed -n '/^fig-11/,$ s/^ *--transport //p' out)
gives 2 'refuses to run none' scenario
gives 2 'refuses one that is not there' scenario fig-99
gives 2 'refuses a transport that is not there' scenario fig-11-onsite-local --transport pigeon
gives 2 'refuses a verifier of another kind' scenario fig-11-onsite-local --verifier asleep

for transport in $transports; do
    status=0
    "$carnet" scenario fig-11-onsite-local --transport "$transport" >out 2>err </dev/null || status=$?
    if [ $status -eq 77 ]; then
        cases=$((cases + 1)) && echo "ok $cases - $transport # SKIP $(head -n 1 err)"
        continue
    fi
    [ $status -eq 0 ]
    result $? "$transport: the document is valid"
    shows "$transport: says who" 'Erika Musterfrau'
    [ "$(grep -c '^OP-[12] .*Device\(Request\|Response\) ' out)" = 2 ]
    result $? "$transport: a request and an answer cross OP-1 and OP-2"
    shows "$transport: the revocation list crosses OP-3" '^OP-3  validation service -> reader .* CertificateList'
done
gives 0 'a verifier offline' scenario fig-11-onsite-local --verifier offline --trace --keep kept
hides 'asks nobody' '^OP-3'
shows 'traces each message decoded' 'DeviceRequest: what a reader asks'
shows 'down to the data elements' 'family_name'
holds 'leaves the messages' test -s kept/02-DeviceRequest.bin

gives 0 'an officer identifies a person' scenario fig-07-identify-manually
shows 'whose documents are checked at IS-4' '^IS-4  officer -> user identification .*documents checked'
shows 'and an offer comes of it' '^IS-4  user identification -> officer .*CredentialOffer'
shows 'which the wallet accepts' 'document 1: Mobile driving licence, 3 copies'
gives 0 'documents are issued directly' scenario fig-08-issue-local
shows 'over IS-6' '^IS-6  mdoc app -> issuing service .*token request'
shows 'bound to the device over IS-5' '^IS-5  mdoc app -> issuing service .*credential request'
hides 'with nobody between' '^IS-7'
gives 0 'or through the app provider' scenario fig-08-issue-local --transport provider --keep issued
shows 'which attests the app' '^IN-2  app provider -> mdoc app .*ClientAttestation'
shows 'and passes all on over IS-7' '^IS-7  mdoc app -> app provider .*credential request'
hides 'so that nothing goes beside it' '^IS-[56]'
shows 'and the documents are kept' 'document 1: Mobile driving licence, 3 copies'
holds 'what it passed on it could not read' bash -c '! grep -q family_name issued/*credential-request*.bin'
holds 'leaves nothing else behind' rmdir tmp
finish
