/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/type4_tag.h"
#include "fuzz.h"

/* A tag that is fed commands: the input's first octet says what tag, then come length and command, each. */

static const uint8_t select_message[] = { 0xd1, 0x02, 0x01, 0x48, 0x73, 0x15 };

static void
check_event(carnet_type4_tag *tag, carnet_type4_event event, carnet_span response, const carnet_err *err)
{
    carnet_response_apdu view;

    MUST(carnet_response_apdu_open(response, &view, NULL) == CARNET_OK);
    MUST(event == CARNET_TYPE4_REFUSED || view.status == CARNET_SW_OK);
    MUST(view.status == CARNET_SW_OK || view.data.len == 0);
    if (event == CARNET_TYPE4_REFUSED)
        MUST(err->rc == CARNET_E_TYPE4_COMMAND && err->reason[0] != '\0');
    if (event == CARNET_TYPE4_REQUEST)
        MUST(carnet_type4_tag_request(tag).len != 0);
    if (event == CARNET_TYPE4_ESTABLISHMENT)
        MUST(carnet_type4_tag_request(tag).len != 0 && carnet_type4_tag_establishment(tag).len != 0);
    if (event == CARNET_TYPE4_SELECTED)
        MUST(carnet_type4_tag_request(tag).len == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t storage[512], out[1024];
    carnet_type4_tag_parameters p = { .storage = storage, .capacity = sizeof(storage), .read_max = 300 };
    carnet_span answer = carnet_span_of(select_message, sizeof(select_message));
    carnet_type4_tag tag;
    uint8_t kind;

    if (size == 0)
        return 0;
    kind = data[0];
    p.select = (kind & 1) != 0 ? answer : (carnet_span){ 0 };
    p.extended_file = (kind & 2) != 0;
    p.write_max = (kind & 4) != 0 ? 16 : 0;
    p.session_service_name = (kind & 32) != 0 ? "urn:nfc:sn:x" : NULL;
    MUST(carnet_type4_tag_init(&tag, &p, NULL) == CARNET_OK);
    for (size_t at = 1; at < size;) {
        size_t len = data[at] < size - at - 1 ? data[at] : size - at - 1;
        carnet_buf response = carnet_buf_of(out, sizeof(out));
        carnet_err err = { 0 };
        carnet_type4_event event = carnet_type4_tag_command(&tag, carnet_span_of(data + at + 1, len), &response, &err);

        MUST(!response.overflow && response.len >= 2 && response.len <= 302);
        check_event(&tag, event, carnet_buf_span(&response), &err);
        if (event == CARNET_TYPE4_REQUEST && (kind & 8) != 0)
            carnet_type4_tag_reject(&tag);
        else if (event == CARNET_TYPE4_REQUEST && (kind & 16) == 0)
            MUST(carnet_type4_tag_answer(&tag, answer, NULL) == CARNET_OK);
        at += 1 + len;
    }
    return 0;
}
