#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# An issuer that wants keys kept in hardware: the app's provider trusts a TPM by its attestation key, the TPM certifies device
# keys, the provider says so, the issuer believes it; and keys of a sealed file are refused.
#   attested.sh CARNET CARNETD
# shellcheck source-path=SCRIPTDIR
carnetd=$(realpath "$2")
. "${BASH_SOURCE%/*}/lib.sh"
command -v swtpm >/dev/null || { echo '1..0 # SKIP there is no swtpm' && exit 0; }
export TSS2_LOG=all+NONE
started=()
# shellcheck disable=SC2317
end() {
    [ ${#started[@]} -eq 0 ] || kill "${started[@]}" 2>/dev/null
    wait 2>/dev/null
    rm -rf "$dir"
}
trap end EXIT

free_ports 2
mkdir tpm
swtpm socket --tpm2 --tpmstate dir=tpm --server "type=tcp,port=$port,bindaddr=127.0.0.1,disconnect" \
    --ctrl "type=tcp,port=$((port + 1)),bindaddr=127.0.0.1" --flags not-need-init,startup-clear >swtpm.log 2>&1 </dev/null &
started+=($!)
tcti="swtpm:host=127.0.0.1,port=$port"
for _ in $(seq 100); do
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break
    sleep 0.1
done
(umask 077 && echo secret >pass)
gives 0 'makes a store in a TPM' wallet init -s device --area tpm2 --tcti "$tcti" --passphrase-file pass
gives 0 'prints its attestation key' wallet area -s device --passphrase-file pass
cp out tpms.pem
holds 'in PEM' grep -q '^-----BEGIN PUBLIC KEY-----$' tpms.pem
gives 0 'makes a store in a file' wallet init -s file --passphrase-file pass --cost 64:1:1
gives 0 'for which nothing vouches' wallet area -s file --passphrase-file pass --json
json 'and says so' '.area == "software" and (has("attestation_key") | not)'

free_ports 2
base=http://127.0.0.1:$port
"$carnetd" --init site --port "$port" >made 2>&1 || { sed 's/^/# /' made && echo 'Bail out! no deployment' && exit 1; }
sed -i -e 's|^    attestation_key: .*|&\n    tpm_keys_file: ../tpms.pem|' \
    -e 's|^        batch_max: .*|&\n        key_attestation_required: true\n        key_storage: [iso_18045_moderate]|' site/carnetd.yaml
"$carnetd" --config site/carnetd.yaml >log 2>err </dev/null &
started+=($!)
for _ in $(seq 200); do
    grep -q '"event":"ready"' log && break
    sleep 0.1
done
holds 'an issuer wants keys in hardware' grep -q '"event":"ready"' log

# accepts STATUS 'sentence' STORE OPTIONS...: an offer of its own
accepts() {
    local want=$1 what=$2 store=$3
    shift 3
    "$carnetd" --config site/carnetd.yaml --offer anna >offer 2>err </dev/null
    gives "$want" "$what" wallet accept -s "$store" --passphrase-file pass --insecure-loopback --yes \
        --trust site/authority.pem --copies 3 "$@" "$(head -1 offer)"
}
accepts 0 'gets them, certified by the TPM and attested by the provider' device --provider "$base"
# shellcheck disable=SC2016
printf '%s\n' '"$1" wallet list -s device --passphrase-file pass | grep -q "3 of 3"' >three
holds 'each of three' bash three "$carnet"
accepts 3 'refuses keys of a sealed file' file --provider "$base"
says 'and says why' 'the key storage is not of an accepted level'
accepts 3 'and keys that nobody attests' file
finish
