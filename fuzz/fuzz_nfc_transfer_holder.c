/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/apdu.h"
#include "carnet/nfc_transfer.h"
#include "fuzz.h"

static uint8_t storage[4096], answer[3000], response_octets[CARNET_NFC_RESPONSE_SIZE(65536)];

/** A response says what it is: what was refused ends in 6X, what was not in 9000 or 61XX, within the limits. */
static void
judge(const carnet_nfc_holder *h, const carnet_buf *response, carnet_nfc_event event, carnet_rc refused)
{
    const uint8_t *status = response->ptr + response->len - 2;

    MUST(!response->overflow && response->len >= 2 && response->len <= h->limits.response + 2);
    MUST((refused != CARNET_OK) == (status[0] != 0x90 && status[0] != 0x61));
    MUST(refused == CARNET_OK || response->len == 2);
    MUST(event != CARNET_NFC_SENT || (status[0] == 0x90 && status[1] == 0));
}

/** One command: take it, and answer if it completes a message. */
static void
serve(carnet_nfc_holder *h, carnet_span command)
{
    carnet_buf response = carnet_buf_of(response_octets, sizeof response_octets);
    carnet_err err = { .rc = CARNET_E_USAGE };
    carnet_nfc_event event = carnet_nfc_holder_take(h, command, &response, &err);

    MUST(err.offset == CARNET_NO_OFFSET || err.offset <= command.len);
    if (event == CARNET_NFC_MESSAGE) {
        MUST(response.len == 0 && err.rc == CARNET_OK && h->message.len == h->incoming.all && h->message.len > 0);
        MUST(carnet_nfc_holder_answer(h, carnet_span_of(answer, h->message.ptr[0] * 11u), &response, &event, &err) ==
             CARNET_OK);
        MUST(carnet_nfc_holder_answer(h, carnet_span_of(answer, 1), &response, &event, NULL) == CARNET_E_USAGE);
        event = CARNET_NFC_RESPOND;
    }
    judge(h, &response, event, err.rc);
}

/* An octet of limits, then commands, each behind its length in two octets: every one has a response, and after all of them
 * the application can be selected. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t select[] = { 0, 0xa4, 4, 0x0c, 7, 0xa0, 0, 0, 2, 0x48, 4, 0 };
    carnet_nfc_limits limits = { 255 + (size > 0 ? data[0] : 0u), 256 + (size > 0 ? data[0] / 2 : 0u) };
    carnet_nfc_holder h;
    carnet_buf response = carnet_buf_of(response_octets, sizeof response_octets);

    MUST(carnet_nfc_holder_init(&h, limits, carnet_buf_of(storage, sizeof storage), NULL) == CARNET_OK);
    for (size_t at = 1; at + 2 <= size;) {
        size_t len = (size_t)data[at] << 8 | data[at + 1];

        at += 2;
        len = len < size - at ? len : size - at;
        serve(&h, carnet_span_of(data + at, len));
        at += len;
    }
    MUST(carnet_nfc_holder_take(&h, carnet_span_of(select, sizeof select), &response, NULL) == CARNET_NFC_RESPOND);
    MUST(response.len == 2 && response_octets[0] == 0x90);
    return 0;
}
