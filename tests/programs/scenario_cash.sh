#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# carnet scenario p1940-*: cardless cash with every party a process of its own; the books are checked after each.
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
gives 2 'refuses a variant that is not there' scenario p1940-cash --variant burglary
gives 2 'refuses a mode that is not there' scenario p1940-cash --mode telepathy
gives 2 'refuses a carrier that is not there' scenario p1940-cash --carrier pigeon
gives 2 'refuses half of a restart' scenario p1940-cash --restart terminal
gives 2 'refuses to restart nobody' scenario p1940-cash --restart nobody --at shown
gives 2 'refuses to tell another story so' scenario fig-11-onsite-local --mode carried
gives 0 'lists the variants' scenario --list
shows 'the step-up among them' '--variant step-up$'

gives 0 'a withdrawal is staged, and bound to a terminal' scenario p1940-staging
shows 'by the code it shows' '^phone *shows: Withdraw 100.00 USD at Main Street 1; compare '
hides 'and nothing more' 'AuthenticationResponse'
gives 0 'its risk is answered by the device' scenario p1940-authentication --json
json 'each line is JSON, and has a party or a message' 'has("party") or has("message")'

for way in 'carried tlv' 'carried text' 'reference tlv'; do
    gives 0 "cash is handed out ($way)" scenario p1940-cash --mode "${way% *}" --carrier "${way#* }"
    shows "the vector travels to the switch ($way)" '^8583 .*terminal -> acquiring switch *0200 with Cb.Ce.Cf.Cg.Ci.Cj.Cn.Co'
    shows "and on to the issuer ($way)" '^8583 .*acquiring switch -> issuing authorization *1\?[02]*200 with Cb.Ce.Cf.Cg'
    shows "all of it left the account ($way)" '10000 minor units were handed out, 10000 left the account'
    case $way in
    carried*) hides "nobody is asked what it stands for ($way)" 'ResolveStaged' ;;
    *) shows "the reference is resolved ($way)" 'ResolveStaged: 200' ;;
    esac
done

gives 0 'more assurance is asked for' scenario p1940-cash --variant step-up --trace
shows 'by 1A and what would do' '0210 1A wants Cf.Cg.Cj.Co or others'
shows 'and comes with a new message, in a session with a parent' '0200 with .*Ci.Cj.Cm.Cn.Co'
shows 'each message decoded' 'Vector of trust  *Cb.Ce.Cf.Cg'
hides 'and no account number with it' 47617390010
gives 0 'a limit refuses' scenario p1940-cash --variant refusal
shows 'with 61' '0210 61'
gives 0 'answers are lost' scenario p1940-cash --variant lost-answer
shows 'the reversal is repeated' '^8583 .*0421'
shows 'until it is acknowledged' '0430 00 '
gives 0 'the dispenser jams' scenario p1940-cash --variant jam
shows 'and only what came out is booked' '5000 minor units were handed out, 5000 left the account'
gives 0 'the terminal reads the document' scenario p1940-cash --variant on-site
shows 'which is evidence of the session' 'identity provider  *SubmitEvidence'
hides 'without a code being scanned' 'Fulfil'
gives 0 'a purchase' scenario p1940-cash --variant pos
shows 'of less than was staged' '4250 minor units were handed out, 4250 left the account'
gives 0 'a FIDO authenticator asserts' scenario p1940-cash --variant fido
shows 'which the vector says' '^8583 .*terminal -> acquiring switch *0200 with Cb.Ce.Cf.Ci.Cn.Co.Cx'
gives 0 'a password by counter and a PIN' scenario p1940-cash --variant hotp
shows 'are in the vector' '^8583 .*terminal -> acquiring switch *0200 with Cb.Cc.Cd.Ce.Cf.Ci.Cn.Co'
holds 'leaves nothing else behind' rmdir tmp
finish
