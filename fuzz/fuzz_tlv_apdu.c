/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/apdu.h"
#include "carnet/tlv.h"
#include "fuzz.h"

#include <string.h>

static uint8_t space[1 << 17];

/* Data objects lie one behind the other; built again their heads are no longer. */
static void
check_objects(carnet_span octets, bool padding)
{
    carnet_buf out = carnet_buf_of(space, sizeof(space));
    carnet_tlv_reader r = carnet_tlv_open(octets);
    carnet_err err = { 0 };
    carnet_tlv object;
    size_t sum = 0;

    r.padding = padding;
    while (carnet_tlv_next(&r, &object)) {
        size_t before = out.len;

        MUST(fuzz_inside(object.encoded, octets) && fuzz_inside(object.value, object.encoded));
        MUST(object.value.ptr + object.value.len == object.encoded.ptr + object.encoded.len);
        MUST(carnet_tlv_tag_valid(object.tag));
        sum += object.encoded.len;
        carnet_tlv_add(&out, object.tag, object.value);
        MUST(!out.overflow && out.len - before <= object.encoded.len);
        MUST(out.len - before == carnet_tlv_head_size(object.tag, object.value.len) + object.value.len);
    }
    if (carnet_tlv_done(&r, &err) == CARNET_OK)
        MUST(padding ? sum <= octets.len : sum == octets.len);
    else
        MUST(err.offset <= octets.len && err.clause != NULL);
}

/* A head says that more is needed for every front of it, and only then. */
static void
check_head(carnet_span octets)
{
    carnet_tlv_head head, front;

    if (carnet_tlv_head_read(octets, &head, NULL) != CARNET_OK) {
        MUST(head.size == 0);
        return;
    }
    MUST(head.size <= CARNET_TLV_HEAD_MAX && head.size <= octets.len);
    for (size_t n = 0; n < head.size; n++)
        MUST(carnet_tlv_head_read(carnet_span_of(octets.ptr, n), &front, NULL) == CARNET_E_TLV_TRUNCATED);
}

/* A command is built again the same, but for lengths written longer than needed, which are kept long. */
static void
check_apdu(carnet_span octets)
{
    carnet_buf out = carnet_buf_of(space, sizeof(space));
    carnet_command_apdu c;
    carnet_response_apdu r;

    if (carnet_command_apdu_open(octets, &c, NULL) == CARNET_OK) {
        MUST(fuzz_inside(c.data, octets) && c.expected <= CARNET_APDU_EXPECTED_MAX);
        MUST(carnet_command_apdu_build(&c, &out, NULL) == CARNET_OK);
        MUST(carnet_span_equal(carnet_buf_span(&out), octets));
    } else
        MUST(c.data.ptr == NULL && c.expected == 0);
    out.len = 0;
    if (carnet_response_apdu_open(octets, &r, NULL) == CARNET_OK) {
        MUST(carnet_response_apdu_build(&r, &out, NULL) == CARNET_OK);
        MUST(carnet_span_equal(carnet_buf_span(&out), octets));
        MUST(strlen(carnet_status_word_text(r.status)) != 0);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    carnet_span octets = { data, size };
    carnet_err err = { 0 };

    if (size > 1 << 16)
        return 0;
    check_objects(octets, false);
    check_objects(octets, true);
    check_head(octets);
    check_apdu(octets);
    if (carnet_tlv_check(octets, &err) != CARNET_OK)
        MUST(err.offset <= size);
    MUST(fuzz_inside(carnet_tlv_find(octets, 0x53), octets));
    return 0;
}
