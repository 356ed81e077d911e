#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# carnet verify: the files it is given, in every form and state.
# shellcheck source=tests/programs/lib.sh
. "$(dirname "$0")/lib.sh"
make_claims
make_authority
make_key device P-256
printf '83f6f66178' | unhex >transcript.cbor
must issue --doctype mdl --device-key device.pem -o is.cbor
must "$carnet" present -d is.cbor -k device.key -s transcript.cbor --disclose family_name -o response.cbor
must "$carnet" ca crl -d ca -o ca.crl
must "$carnet" ca crl -d ca --revoke ds.pem -o revoked.crl # in the same second, perhaps
trusting() { # STATUS 'sentence' FILE [ARGUMENTS]
    local want=$1 what=$2 file=$3
    shift 3
    gives "$want" "$what" verify --trust "$file" -s transcript.cbor "$@" response.cbor
}
reads() { gives "$1" "$2" verify --trust ca/ca.pem -s transcript.cbor "$3"; }
lines() { fold -w 64 && echo; }

# --- what is verified ---
hex response.cbor >r.hex && reads 0 'reads hexadecimal' r.hex
hex response.cbor | lines | sed 's/$/\r/' >r.hex && reads 0 'reads hexadecimal in lines that end as on Windows' r.hex
hex response.cbor | tr a-f A-F | sed 's/../& /g' >r.hex && reads 0 'reads large hexadecimal with blanks' r.hex
{ printf '\357\273\277' && hex response.cbor; } >r.hex && reads 0 'reads text behind a byte order mark' r.hex
base64 response.cbor >r.b64 && reads 0 'reads base64 in lines' r.b64
base64 -w0 response.cbor | tr '+/' '-_' | tr -d = >r.b64 && reads 0 'reads base64url' r.b64
tr -d '\n' <r.b64 | lines >r2.b64 && reads 0 'reads base64url in lines' r2.b64
"$carnet" verify --trust ca/ca.pem -s transcript.cbor - <response.cbor >out 2>err
result $? 'reads standard input'
"$carnet" verify --trust ca/ca.pem -s - response.cbor <transcript.cbor >out 2>err
result $? 'reads the transcript from standard input'

head -c 600 response.cbor >cut.cbor
reads 3 'cannot judge an answer that is cut off' cut.cbor
printf '\0' | cat response.cbor - >long2.cbor
gives 1 'refuses a malformed answer' verify --trust ca/ca.pem -s transcript.cbor --json long2.cbor
json 'reports it, with code and place' '.verdict == "not valid" and .documents == [] and (.checks[0] |
    .check == "message.structure" and .code == "CARNET_E_CBOR_TRAILING" and .offset > 0 and .objects)'
printf '\0' | cat response.cbor - >long.cbor && reads 1 'refuses an octet behind the answer' long.cbor
printf 'hello' >text && reads 3 'cannot judge a text' text
: >empty && reads 3 'cannot judge nothing' empty
reads 3 'cannot judge a directory' ca
reads 3 'cannot judge a file that is not there' nowhere
reads 3 'cannot judge a certificate' ca/ca.pem
reads 3 'cannot judge a transcript' transcript.cbor
reads 3 'leaves an IssuerSigned open where a transcript demands a device' is.cbor
gives 0 'verifies it without a transcript' verify --trust ca/ca.pem is.cbor

# --- what is trusted ---
openssl x509 -in ca/ca.pem -outform DER -out ca.der 2>/dev/null && {
    trusting 0 'trusts DER' ca.der
    openssl x509 -in ca/ca.pem -text >text.pem
    trusting 0 'trusts PEM with text around it' text.pem
    openssl req -x509 -newkey rsa:2048 -nodes -keyout rsa.key -subj /CN=x -out rsa.pem 2>/dev/null
    openssl req -new -key rsa.key -subj /CN=v1 -out v1.csr 2>/dev/null
    openssl x509 -req -in v1.csr -signkey rsa.key -out v1.pem 2>/dev/null
    cat rsa.pem v1.pem ca/ca.pem >bundle.pem
    trusting 0 'trusts what it can read of a bundle' bundle.pem
    says '... and says what it cannot' 'not of version 3'
    openssl ecparam -name prime256v1 -genkey -noout | openssl ec -aes128 -passout pass:x 2>/dev/null |
        cat - ca/ca.pem >keyed.pem
    trusting 0 'passes over a key with headers' keyed.pem
}
{ cat ca/ca.pem && printf -- '-----BEGIN X509 CRL-----\n!!!\n-----END X509 CRL-----\n'; } >damaged.pem
trusting 3 'refuses a bundle with a damaged list in it' damaged.pem
{ printf -- '-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n' && cat ca/ca.pem revoked.crl; } >damaged.pem
trusting 3 'refuses a bundle with damage before a list' damaged.pem
sed 's/$/\r/' ca/ca.pem >crlf.pem && trusting 0 'trusts lines that end as on Windows' crlf.pem
trusting 1 'trusts nothing in an empty directory' "$(mkdir none && echo none)"
trusting 3 'does not go on without what is trusted' nowhere
gives 1 'trusts nothing when told of nothing' verify -s transcript.cbor response.cbor

mkdir -p all one/org.iso.18013.5.1.mDL other/eu.europa.ec.eudi.pid.1
cp ca/ca.pem all && echo hello >all/README && : >all/empty && ln -s nowhere all/dangling && mkfifo all/fifo
trusting 0 'passes over other things in a directory' all
cp ca/ca.pem one/org.iso.18013.5.1.mDL && trusting 0 'trusts for the document type' one
cp ca/ca.pem other/eu.europa.ec.eudi.pid.1 && trusting 1 'trusts for that document type only' other
cp ca.crl all/ && trusting 0 'takes lists from the directory' all
cp revoked.crl all/ && trusting 1 'takes the latest of them' all
echo hello >all/old.crl && trusting 3 'refuses a damaged list in a directory' all
trusting 1 'takes lists from elsewhere' ca/ca.pem --crl revoked.crl

# --- usage ---
for wrong in '--skew x' '--skew -1' '--skew 86401' '--at yesterday' '--profile x' '--nonsense' 'second.cbor'; do
    # shellcheck disable=SC2086
    trusting 2 "does not take $wrong" ca/ca.pem $wrong
done
finish
