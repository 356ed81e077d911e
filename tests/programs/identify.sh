#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A document already held identifies its holder for another one (ISO/IEC 23220-1 8.3): carnetd, carnet wallet and
# carnet holder in processes of their own, with one store.
#   identify.sh CARNET CARNETD
# shellcheck source-path=SCRIPTDIR
daemon_exe=$(realpath "$2")
. "${BASH_SOURCE%/*}/lib.sh"
for tool in curl jq openssl; do
    command -v $tool >/dev/null || { echo "1..0 # SKIP there is no $tool" && exit 0; }
done
daemon=
# shellcheck disable=SC2317 # trap calls it
stop_daemon() {
    [ -z "$daemon" ] || { kill -KILL "$daemon" 2>/dev/null && wait "$daemon" 2>/dev/null; }
}
trap 'stop_daemon; rm -rf "$dir"' EXIT

free_ports 2
base=http://127.0.0.1:$port
must "$daemon_exe" --init site --port "$port"
# Another document, for whoever shows a driving licence: the register knows its number.
python3 - <<'PY' || { echo '1..0 # SKIP there is no python3' && exit 0; }
text = open('site/carnetd.yaml').read()
again = '''      - id: again
        doctype: org.iso.18013.5.1.mDL
        name: Driving licence, again
        signer: document-signer
        source: numbers
        identification: presentation
        batch_max: 20
        bearer_allowed: true
'''
text = text.replace('    configurations:\n', '    configurations:\n' + again)
text = text.replace('sources:\n', '''sources:
  - name: numbers
    kind: csv
    file: numbers.csv
    key_column: number
    files: .
''')
people = open('site/people.csv').read().splitlines()
with open('site/numbers.csv', 'w') as file:
    for line in people:
        number = 'number' if line is people[0] else 'D-0000001' if line.startswith('anna') else line.split(',')[0]
        file.write(number + ',' + line.split(',', 1)[1] + '\n')
text = text.replace('  identification:\n', '''  identification:
    presentation:
      trust: authority.pem
      reader_key: metadata-signer
      documents:
        - doctype: org.iso.18013.5.1.mDL
          subject: org.iso.18013.5.1/document_number
          elements: [org.iso.18013.5.1/family_name, org.iso.18013.5.1/given_name, org.iso.18013.5.1/birth_date,
            org.iso.18013.5.1/document_number]
''')
open('site/carnetd.yaml', 'w').write(text)
PY
"$daemon_exe" --config site/carnetd.yaml >log 2>err </dev/null &
daemon=$!
for _ in $(seq 200); do
    grep -q '"event":"ready"' log && break
    kill -0 $daemon 2>/dev/null || break
    sleep 0.1
done
grep -q '"event":"ready"' log
result $? 'serves with presentation as a means of identification'

(umask 077 && echo correct-horse >pass)
open=(-s store --passphrase-file pass)
must "$carnet" wallet init "${open[@]}" --cost 64:1:1
# offer CONFIGURATION: made by the administrator for anna, without a transaction code.
offer() {
    curl -s -m 20 "http://127.0.0.1:$((port + 1))/admin/offers" -H 'Content-Type: application/json' \
        -d "{\"credential_configuration_ids\":[\"$1\"],\"subject\":\"anna\"}" | jq -r '.uri // .credential_offer_uri // .offer'
}
accept=(wallet accept "${open[@]}" --insecure-loopback --yes --copies 2 --trust site/authority.pem --json)
gives 0 'obtains a document by an offer' "${accept[@]}" "$(offer org.iso.18013.5.1.mDL)"

# What the person does in the browser.  HOW is a command that gets the mdoc:// link.
cat >browser <<'BROWSER'
#!/bin/bash
curl -s -m 20 -L -c jar -b jar -o page -w '%{url_effective}' "$1" >where
grep -o 'mdoc://[A-Za-z0-9_-]*' page | head -1 >link
. ./how >how.out 2>how.err
echo $? >how.status
curl -s -m 20 -L -c jar -b jar -o after -w '%{url_effective}' "$(cat where)" >went
BROWSER
chmod +x browser
in_browser=(--browser ./browser --issuer "$base")
export carnet base

cat >how <<'HOW'
"$carnet" holder present -s store --passphrase-file pass --insecure-loopback --json --consent all --reverse "$(cat link)"
HOW
gives 0 'obtains another by showing it' "${accept[@]}" "${in_browser[@]}" --configuration again
holds 'from a page that shows what to scan' grep -q '<svg' page
holds 'and what is asked for' grep -q 'birth date' page
holds 'which the holder answered' test "$(cat how.status)" = 0
[ $bad -eq 0 ] || sed 's/^/# /' how.out log
cp how.out out
json 'over the website, to a reader who signs' '.way == "website" and .requests == 1 and .left == 4 and .documents[0].reader.trust != "not signed"'
holds 'the portrait was not asked for' bash -c '! grep -q portrait how.out'
gives 0 'and both are held' wallet list "${open[@]}" --json
json 'side by side' 'length == 2 or (.documents | length == 2)'
soon 'the log names the interface' grep -q '"interface":"IS-3","event":"presentation.answered"' log
holds 'and no value of an element' bash -c '! grep -E "Muster|D-0000001|1990-02-28" log'

cat >how <<'HOW'
"$carnet" holder present -s store --passphrase-file pass --insecure-loopback --json --consent none --reverse "$(cat link)"
curl -s -b jar "$(cat where)" >broken
token=$(grep -o 'name="token" value="[^"]*' broken | head -1 | cut -d'"' -f4)
curl -s -o cancelled -b jar -H "Origin: $base" --data "token=$token" "$(cat where)/cancel"
HOW
gives 1 'gets nothing when the holder shows nothing and gives up' "${accept[@]}" "${in_browser[@]}" --configuration again
holds 'the page said so' grep -q 'Nothing was shown' broken
holds 'and the cancelling' grep -q 'data-\|href' cancelled

finish
