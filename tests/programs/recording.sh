#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# carnet inspect over recorded sessions: of both sides, with and without the key, whole, cut off and spoiled.
make_recordings=$(realpath "$2") || exit 1
# shellcheck source=tests/programs/lib.sh
source "$(dirname "$0")/lib.sh" "$1"
"$make_recordings" || exit 1

shows() {
    grep -qE -- "$2" out
    result $? "$1"
}
hides() {
    ! grep -qE -- "$2" out
    result $? "$1"
}

for side in reader mdoc; do
    gives 0 "the $side's recording is understood" inspect $side.session
    shows '  in a few words' "a session of 7 messages over memory, recorded by the $side"
    shows '  the first message' 'reader to mdoc, at 0\.[0-9]{3} s .*[0-9]+ bytes'
    shows '  by its kind' 'SessionEstablishment'
    shows '  what it asked' 'DeviceRequest .*decrypted'
    shows '  what was answered' 'DeviceResponse .*decrypted'
    shows '  down to the element' 'elementValue.*"?Doe'
    shows '  the end of the session' 'status.*20'
    shows '  that the key is there' 'ephemeral key +not shown'
    shows '  and what that means' 'whoever has this file can read the whole session'
    [ "$(grep -c 'DeviceResponse .*decrypted' out)" -eq 3 ]
    result $? '  all three answers'
done
gives 0 'as JSON too' inspect --json reader.session
json '  of the same kind' '.objects[0].kind == "recording"'

gives 0 'without the key it is understood' inspect bare.session
shows '  message by message' 'mdoc to reader, at 0\.'
hides '  and closed' 'decrypted|Doe'

gives 0 'a session after an NFC handover is understood' inspect nfc.session
shows '  with the handover' 'Handover Select|"Hs"'
shows '  and what was asked' 'DeviceRequest .*decrypted'
shows '  and answered' 'elementValue.*"Doe"'
gives 0 'a session whose engagement the reader showed is understood' inspect reverse.session
shows "  with the mdoc's first message" 'DeviceEngagementMessage'
shows '  and what was asked' 'DeviceRequest .*decrypted'
shows '  and answered' 'elementValue.*"Doe"'

size=$(stat -c %s reader.session)
head -c $((size - 40)) reader.session >cut.session
gives 0 'one cut off is shown as far as it goes' inspect cut.session
shows '  and said to be cut' 'cut off within entry'
head -c 60 reader.session >stump.session
gives 3 'a head cut off is no recording' inspect stump.session
shows '  and said to be cut' 'longer than what is left'

# A message altered: that one cannot be decrypted, and the session is over.
offset=$(grep -abo 'eReaderKey' reader.session | head -1 | cut -d: -f1)
cp reader.session spoiled
printf '\000' | dd of=spoiled bs=1 seek=$((offset + 200)) conv=notrunc status=none
cmp -s reader.session spoiled && printf '\001' | dd of=spoiled bs=1 seek=$((offset + 200)) conv=notrunc status=none
gives 0 'one with an altered message is shown' inspect spoiled
shows '  and said not to be decrypted' 'cannot be decrypted'

{ cat reader.session && printf '\203\000\032\177\377\377\377\100'; } >longer
gives 3 'something behind the end is refused' inspect longer
shows '  with its place' 'at byte [0-9]+, in entries'

finish
