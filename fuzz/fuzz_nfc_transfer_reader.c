/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/apdu.h"
#include "carnet/nfc_transfer.h"
#include "fuzz.h"

static uint8_t message[2000], room[2048], command_octets[CARNET_NFC_COMMAND_SIZE(65535)];

/** The next command is well-formed and within the limits. */
static bool
next(carnet_nfc_reader *r)
{
    carnet_buf command = carnet_buf_of(command_octets, sizeof command_octets);
    carnet_command_apdu c;

    if (!carnet_nfc_reader_next(r, &command)) {
        return false;
    }
    MUST(carnet_command_apdu_open(carnet_buf_span(&command), &c, NULL) == CARNET_OK);
    MUST(c.data.len <= r->limits.command && c.expected <= r->limits.response);
    MUST(carnet_nfc_reader_waits(r) == (c.ins == CARNET_INS_ENVELOPE && c.cla == 0));
    return true;
}

/* Two octets for limits and length of the message, then responses, each behind its length in two octets.  A failure says why
 * and is the end; without one the answer is whole, and the next message can be sent. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    carnet_nfc_reader r;
    carnet_buf answer = carnet_buf_of(room, sizeof room);
    size_t at = 2;
    bool more;

    if (size < 2) {
        return 0;
    }
    MUST(carnet_nfc_reader_init(&r, (carnet_nfc_limits){ 255 + data[0] % 4u, 256 + data[0] / 4u }, CARNET_NFC_EXTENDED,
                                NULL) == CARNET_OK);
    MUST(carnet_nfc_reader_send(&r, carnet_span_of(message, 1 + data[1] * 7u), NULL) == CARNET_OK);
    while ((more = next(&r)) && at + 2 <= size) {
        size_t len = (size_t)data[at] << 8 | data[at + 1];
        carnet_err err = { 0 };
        carnet_rc rc;

        at += 2;
        len = len < size - at ? len : size - at;
        rc = carnet_nfc_reader_take(&r, carnet_span_of(data + at, len), &answer, &err);
        at += len;
        MUST(!answer.overflow && answer.len == r.incoming.done && r.incoming.done <= r.incoming.all);
        if (rc != CARNET_OK) {
            MUST(err.rc == rc && err.path[0] != '\0' && err.offset <= len);
            MUST(!next(&r) && carnet_nfc_reader_send(&r, carnet_span_of(message, 1), NULL) == CARNET_E_LINK_CLOSED);
            return 0;
        }
    }
    MUST(more || (answer.len > 0 && answer.len == r.incoming.all));
    MUST(more || carnet_nfc_reader_send(&r, carnet_span_of(message, 1), NULL) == CARNET_OK);
    return 0;
}
