#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The terminal against a mobile app server and a bank that share no code with it: what comes out is what is booked,
# whatever goes wrong and whenever the power goes.
# shellcheck source=tests/programs/lib.sh
. "${0%/*}/lib.sh"
for tool in python3 jq; do
    command -v $tool >/dev/null || { echo "1..0 # SKIP there is no $tool" && exit 0; }
done
peer=${0%/*}/atm_peer.py
[ "${peer#/}" != "$peer" ] || peer=$OLDPWD/$peer

python3 "$peer" . &
peer_pid=$!
trap 'kill $peer_pid 2>/dev/null; rm -rf "$dir"' EXIT
for _ in $(seq 200); do [ -f base.txt ] && break || sleep 0.1; done
[ -f base.txt ] || { echo 'Bail out! the peer does not start' && exit 1; }
echo 00112233445566778899aabbccddeeff >code.key

# A terminal of this name, with cassettes full and nothing booked.
fresh() {
    rm -rf state
    printf '{"cassettes":[{"note":5000,"count":20},{"note":2000,"count":20}],"fault":"%s"}' "${1:-}" >cassettes.json
    before=0
    touch reset
    echo '{"debited":0}' >ledger.json
    : >peer.log
}
booked() { jq .debited ledger.json; }
came_out() { jq '140000 - ([.cassettes[] | .note * .count] | add)' cassettes.json; }
behave() { printf '%s' "$1" >behave.json; }
terminal() {
    "$carnet" atm -s state --id ATM00001 --code-key code.key --switch "$(cat switch.txt)" --server "$(cat base.txt)" \
        --insecure-loopback --acquirer 423935 --answer-ms 300 --repeat-ms 200 --json "$@"
}
cash() { terminal --cassettes cassettes.json "$@"; }
# ends STATUS OUTCOME BOOKED 'sentence' ARGUMENTS...
ends() {
    local want=$1 outcome=$2 money=$3 what=$4 status=0
    shift 4
    "$@" --once >out 2>err </dev/null || status=$?
    [ $status -eq "$want" ] || echo "status $status, not $want" >>err
    [ "$(tail -1 out | jq -r .outcome)" = "$outcome" ] || tail -1 out >>err
    [ $(($(booked) - before)) -eq "$money" ] || echo "booked $(($(booked) - before)), not $money" >>err
    [ $status -eq "$want" ] && [ "$(tail -1 out | jq -r .outcome)" = "$outcome" ] &&
        [ $(($(booked) - before)) -eq "$money" ]
    result $? "$what"
}
told() { [ "$(jq -s -r 'map(select(.told)) | last | .told' peer.log)" = "$1" ]; }
sent() { jq -s -e --arg m "$1" 'map(select(.mti == $m)) | length == '"$2" peer.log >/dev/null; }

behave '{}'
fresh
ends 0 TAKEN 20000 'a withdrawal is authorised, handed out, booked' cash
json 'a code is shown' 'if .event == "code" then .code | startswith("P1940.1.") else true end'
holds 'and the mobile app server is told' told DISPENSED
holds 'what came out is what was booked' test "$(came_out)" -eq 20000
holds 'no account number is told' sh -c '! grep -q 4761739001010119 out err'
holds 'the journal is for its owner only' mode state/journal 600

behave '{"quick":true,"step_up":true}'
fresh
ends 0 TAKEN 20000 'a user who is asked for more gives it' cash
holds 'by a second 0200' sent 0200 2
holds 'and is asked for what the bank said would do' jq -s -e 'any(.step_up == ["Cf.Cg.Co"])' peer.log
behave '{"quick":true,"code":"51"}'
fresh
ends 1 DECLINED 0 'an account that is empty is not debited' cash
holds 'nothing comes out' test "$(came_out)" -eq 0
holds 'the mobile app server is told so' told NOT_DISPENSED
behave '{"fail":true,"quick":true}'
fresh
ends 1 CANCELLED 0 'who is not authenticated gets nothing' cash
behave '{"pending":true}'
fresh
ends 1 EXPIRED 0 'a code that nobody scans is over by itself' cash --code-life 1
behave '{"quick":true,"amount":"000000001234"}'
fresh
ends 1 CANCELLED 0 'an amount there are no notes for is not asked for' cash
holds 'at no bank' sent 0200 0

behave '{"quick":true}'
fresh jam:2
ends 0 PARTLY 10000 'a jam: what came out is booked, the rest is not' cash
holds 'what came out is 2 notes' test "$(came_out)" -eq 10000
holds 'and the mobile app server knows' told PARTIAL
fresh jam:0
ends 1 NOTHING 0 'a jam at once: nothing is booked' cash
fresh unsure:1
ends 3 UNKNOWN 0 'a dispenser that does not know: nothing is booked' cash
holds 'and somebody is told to look' grep -q '"ref":"ST0000000042"' state/manual
behave '{"quick":true,"lose_request":true}'
fresh
ends 1 NO_ANSWER 0 'a lost 0200 is reversed' cash
behave '{"quick":true,"lose_answer":true,"refuse_acks":2}'
fresh
ends 1 NO_ANSWER 0 'a lost 0210 is reversed until that is acknowledged' cash
holds 'by an 0420' sent 0420 1
holds 'and its repeats' sh -c 'test "$(grep -c 0421 peer.log)" -eq 2'

behave '{"quick":true,"type":"POS_PURCHASE"}'
fresh
ends 0 TAKEN 20000 'a purchase' terminal --pos
fresh
ends 0 PARTLY 12500 'a purchase that costs less' terminal --pos --price 12500

# The power goes before and after each record is written; then the terminal finishes what is open.
off() {
    local name=$1 fault=$2 n=0 bad_ones='' at side
    behave "$3"
    while [ $n -lt 8 ]; do
        n=$((n + 1))
        for side in -$n $n; do
            fresh "$fault"
            at=0
            cash --once --off-after "$side" >out 2>err </dev/null || at=$?
            [ $at -eq 137 ] || break 2
            cash --settle >out2 2>err </dev/null || true
            jq -s -e 'length == 0 or (last | .event == "ended")' out2 >/dev/null || bad_ones="$bad_ones $side:open"
            if [ -s state/manual ]; then
                [ "$(booked)" -eq "$before" ] || bad_ones="$bad_ones $side:manual"
            else
                [ $(($(booked) - before)) -eq "$(came_out)" ] ||
                    bad_ones="$bad_ones $side:$(($(booked) - before))/$(came_out)"
            fi
            cuts=$((cuts + 1))
        done
    done
    echo "$name:$bad_ones" >err
    [ -z "$bad_ones" ]
    result $? "the power goes at each record of the journal: $name"
}
cuts=0
off 'all is well' '' '{"quick":true}'
off 'a jam' jam:2 '{"quick":true}'
off '0210 is lost' '' '{"quick":true,"lose_answer":true}'
off 'an unsure dispenser' unsure:2 '{"quick":true}'
holds 'it went often enough' test $cuts -gt 25

# --- other ways to write messages, against a host that answers by rules ---
serving() {
    rm -f serve.out # what the last one said is none of this one's
    "$carnet" iso8583 serve --listen 0 --rules rules.json "$@" >serve.out 2>serve.err </dev/null &
    host=$!
    for _ in $(seq 100); do
        grep -qs 'listening at' serve.out && break
        sleep 0.05
    done
    port=$(sed -n 's/.*listening at .*:\([0-9]*\)$/\1/p' serve.out)
}
other() {
    ${replace:-} "$carnet" atm -s state --id ATM00001 --code-key code.key --cassettes cassettes.json --switch "127.0.0.1:$port" \
        --server "$(cat base.txt)" --insecure-loopback --acquirer 423935 --answer-ms 5000 --repeat-ms 5000 --json --once "$@"
}
partly() { [ "$(tail -1 out | jq -r '.outcome, .dispensed' | tr '\n' ' ')" = 'PARTLY 10000 ' ]; }
behave '{"quick":true}'
while read -r version spec carrier; do
    good=00
    [ "$version" = 1 ] && good=000
    [ "$version" = 2 ] && good=0000
    printf '{"rules":[{"match":{"mti":"%s200"},"answer":{"39":"%s","38":"ABC123"}},{"match":{"mti":"%s420"},"answer":{"39":"%s"}}]}' \
        "$version" $good "$version" $good >rules.json
    fresh jam:2
    serving --spec "$spec"
    other --spec "$spec" --carrier "$carrier" --sign-on >out 2>err </dev/null || true
    cp out told
    partly
    result $? "signs on, withdraws, jams and reverses in $spec"
    grep -q "^${version}80" serve.out
    result $? 'having signed on'
    kill "$host"
    wait "$host" 2>/dev/null
done <<'SPECS'
0 1987:bcd text
0 1987:ebcdic text
1 1993:bcd tlv
1 1993:ascii-1993 tlv-short
2 2003:ascii-binary tlv
SPECS
printf '{"rules":[{"match":{"mti":"0200"},"answer":{"39":"00"}}]}' >rules.json
if command -v openssl >/dev/null && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout tls.key \
    -out tls.pem -days 2 -subj /CN=host -addext 'subjectAltName=IP:127.0.0.1' 2>/dev/null; then
    fresh
    serving --certificate tls.pem --key tls.key
    other --switch-ca tls.pem >out 2>err </dev/null
    result $? 'over TLS'
    kill "$host"
    wait "$host" 2>/dev/null
fi
fresh
serving
replace="exec" other --mac aes-cmac --mac-key code.key --answer-ms 300 >mac.out 2>mac.err </dev/null &
waits=$!
for _ in $(seq 100); do
    grep -q refused mac.out && break
    sleep 0.05
done
holds 'an answer without its MAC is none' grep -q '"refused","reason":"mac"' mac.out
kill "$waits"
wait "$waits"
[ $? -ne 0 ]
result $? 'what was not answered is no success'
holds 'and stays in the journal' grep -q 'AUTHORISING\|REVERSING' state/journal
kill "$host"
wait "$host" 2>/dev/null

# --- a document shown at the terminal: it is handed on as it was shown, signed by the reader's key ---
make_claims
make_authority
must "$carnet" ca init --reader --name Readers --crl-uri https://readers.example/crl -d readers
must "$carnet" ca reader -d readers --name 'Main Street' -o reader
printf 'of this test\n' >pass && chmod 600 pass
must "$carnet" holder init -s store --passphrase-file pass --cost 8:1:1
must "$carnet" holder key -s store --passphrase-file pass -o device.pem
must issue --doctype mdl --device-key device.pem --age-over 16,18 -o is.cbor
must "$carnet" holder add -s store --passphrase-file pass is.cbor
# hold: a holder waits; its QR code's text is in qr.
hold() {
    rm -f qr sock
    "$carnet" holder present -s store --passphrase-file pass --consent all --qr-text qr --socket sock \
        >holder.out 2>&1 </dev/null &
    holder=$!
    for _ in $(seq 100); do
        [ -s qr ] && break
        sleep 0.05
    done
}
cat >evidence.py <<'PYTHON'
import base64, hashlib, json
def unb64(text):
    return base64.urlsafe_b64decode(text + '=' * (-len(text) % 4))
def number(octets):
    octets = octets.lstrip(b'\0') or b'\0'
    octets = (b'\0' if octets[0] & 128 else b'') + octets
    return bytes([2, len(octets)]) + octets
e = json.load(open('evidence.json'))
response, transcript, raw = (unb64(e[k]) for k in ('deviceResponse', 'sessionTranscript', 'readerSignature'))
digest = lambda octets: base64.urlsafe_b64encode(hashlib.sha256(octets).digest()).rstrip(b'=').decode()
open('payload', 'w').write('P1940-EV1\n%s\n%s\n%s\n%s\n' % (e['terminalId'], e['session'], digest(transcript), digest(response)))
inside = number(raw[:32]) + number(raw[32:])
open('payload.sig', 'wb').write(bytes([0x30, len(inside)]) + inside)
open('response.cbor', 'wb').write(response)
open('transcript.cbor', 'wb').write(transcript)
PYTHON
behave '{}'
fresh
hold
ends 0 TAKEN 20000 'a document shown at the terminal leads to its holder' cash --qr "$(cat qr)" --socket sock \
    --reader-cert reader.pem --reader-key reader.key
wait "$holder"
json 'by the way it came' 'if .event == "reading" then .way == "socket" else true end'
holds 'what was shown is handed on' test -s evidence.json
must python3 evidence.py
must sh -c 'openssl x509 -in reader.pem -pubkey -noout >reader.pub'
holds "the reader's key has signed terminal, session, transcript and response" \
    openssl dgst -sha256 -verify reader.pub -signature payload.sig payload
gives 0 'the presentation is good for its own transcript' verify response.cbor --transcript transcript.cbor --trust ca/ca.pem
rm -f evidence.json
fresh
gives 0 'a code that is none of a document leaves the other way' atm -s state --id ATM00001 --code-key code.key \
    --cassettes cassettes.json --switch "$(cat switch.txt)" --server "$(cat base.txt)" --insecure-loopback --once \
    --qr mdoc:AAAA --socket sock --reader-key reader.key --code-life 1 --json --collect-wait 1
holds 'and nothing is handed on' test ! -e evidence.json

# --- the screen ---
page() { curl -s -o page.html -w '%{http_code}' "$uri$1" "${@:2}"; }
token() { sed -n 's/.*name="token" value="\([^"]*\)".*/\1/p' page.html; }
shows() { page / >/dev/null && grep -qF -- "$1" page.html; }
# becomes TEXT: the screen shows it before long.
becomes() {
    local i
    for i in $(seq 100); do
        shows "$1" && return
        sleep 0.1
    done
    return "$i"
}
press() { [ "$(page "/$1" -d "token=$(token)&$2")" = 303 ]; }
if command -v curl >/dev/null; then
    behave '{"pending":true}'
    fresh jam:2
    "$carnet" atm -s state --id ATM00001 --code-key code.key --switch "$(cat switch.txt)" --server "$(cat base.txt)" \
        --insecure-loopback --json --cassettes cassettes.json --listen 0 --sign-on --echo 1 \
        >screen.out 2>screen.err </dev/null &
    screen=$!
    for _ in $(seq 100); do
        [ -s screen.out ] && break
        sleep 0.1
    done
    uri=$(jq -r 'select(.event == "screen").uri' screen.out)
    holds 'the screen begins with a welcome' becomes 'Cash without a card'
    holds 'it has no script of its own in it' sh -c '! grep -qE "<script>|onclick|style=" page.html'
    holds 'a form of somebody else is refused' test "$(page /begin -d token=AAAA)" -ge 400
    holds 'and so is one from another site' \
        test "$(page / >/dev/null; page /begin -d "token=$(token)" -H 'Origin: https://elsewhere.example')" -ge 400
    holds 'nothing has begun' becomes 'Cash without a card'
    holds 'a user begins' press begin ''
    holds 'and sees the code, as picture and as text' becomes 'P1940.1.'
    holds 'the picture is one' grep -q '<svg[^>]*class="qr"' page.html
    behave '{"hold":true}'
    holds 'the word that the phone shows is shown' becomes K7Q2
    holds 'a program is told of each change' sh -c "curl -s '$uri/state' | jq -e '.state | test(\"K7Q2\")'"
    behave '{"quick":true}'
    holds 'the receipt says what came out' becomes 'You asked for'
    holds 'and no account number' sh -c '! grep -q 4761739001010119 page.html screen.out'
    holds 'a receipt is read' press "done" ''
    holds 'and gone' becomes 'Cash without a card'
    behave '{"hold":true}'
    holds 'the next user begins' press begin ''
    holds 'and comes as far as the word' becomes K7Q2
    holds 'a user may walk away' press cancel ''
    holds 'which is said' becomes 'was cancelled'
    holds 'the switch was signed on to' jq -s -e 'any(.management == "001")' peer.log
    holds 'and asked whether it is there' jq -s -e 'any(.management == "301")' peer.log
    kill "$screen"
    wait "$screen"
    result $? 'the screen ends in good order'
fi

gives 2 'a terminal without its switch is refused' atm -s state --id ATM00001
gives 2 'cash without a dispenser is refused' atm -s state --id A --code-key code.key --switch a:1 --server http://localhost
for _ in $(seq 1000); do tail -1 state/journal; done >long
cat long >>state/journal
behave '{"quick":true}'
printf '{"cassettes":[{"note":5000,"count":20}],"fault":""}' >cassettes.json
cash --once >out 2>err </dev/null
result $? 'a journal that has become long goes on'
holds 'and is begun anew' test "$(wc -l <state/journal)" -lt 10
printf '{"phase":"DISPENSING"' >>state/journal
behave '{"quick":true}'
cash --settle >out 2>err </dev/null
result $? 'a line that was torn when the power went is passed over'
printf 'nonsense\n' >>state/journal
gives 3 'a line that is none of a journal is refused' atm -s state --id ATM00001 --code-key code.key --cassettes cassettes.json \
    --switch "$(cat switch.txt)" --server "$(cat base.txt)" --settle

finish
