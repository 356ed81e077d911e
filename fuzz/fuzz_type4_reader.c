/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/type4_reader.h"
#include "fuzz.h"

#include <string.h>

/* A reader that is fed responses: the input's first octet says what reader, then come length and response, each. */

static const uint8_t request[100] = { 0xd1, 0x02, 95, 0x48, 0x72, 0x15 };

/* A command keeps to the limits of both sides, once the container has told the tag's. */
static void
check_command(const carnet_type4_reader *r, carnet_span command)
{
    carnet_command_apdu c;

    MUST(carnet_command_apdu_open(command, &c, NULL) == CARNET_OK && c.cla == 0);
    MUST(c.data.len <= r->p.command_max && c.expected <= r->p.response_max);
    if (c.ins == CARNET_INS_READ_BINARY)
        MUST(c.expected != 0 && c.expected <= r->file.read_max && (c.p1 & 0x80) == 0);
    else if (c.ins == CARNET_INS_UPDATE_BINARY)
        MUST(c.data.len != 0 && c.data.len <= r->file.write_max && (c.p1 & 0x80) == 0);
    else
        MUST(c.ins == CARNET_INS_SELECT);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t room[70000], storage[512];
    carnet_buf command = carnet_buf_of(room, sizeof(room));
    carnet_type4_reader_parameters p = { .storage = storage, .capacity = sizeof(storage) };
    carnet_type4_reader r;
    carnet_type4_step step;
    carnet_err err = { 0 };
    carnet_span kept = { 0 };
    uint32_t wait_ms;
    uint8_t kind;

    if (size == 0)
        return 0;
    kind = data[0];
    p.request = carnet_span_of(request, (kind & 1) != 0 ? sizeof(request) : 0);
    p.command_max = (kind & 2) != 0 ? 65535 : 0;
    p.response_max = (kind & 4) != 0 ? 65536 : 0;
    step = carnet_type4_reader_start(&r, &p, &command, &err);
    for (size_t at = 1; at < size && step == CARNET_TYPE4_SEND;) {
        size_t len = data[at] < size - at - 1 ? data[at] : size - at - 1;

        check_command(&r, carnet_buf_span(&command));
        step = carnet_type4_reader_take(&r, carnet_span_of(data + at + 1, len), &command, &wait_ms, &err);
        MUST(wait_ms <= 27555);
        at += 1 + len;
        if (step == CARNET_TYPE4_DONE && (kind & 8) != 0 && r.request.len != 0 && r.establishment.len == 0) {
            kept = r.select;
            step = carnet_type4_reader_establish(&r, carnet_span_of("abc", 3), "urn:nfc:sn:x", &command, &err);
            MUST(step == CARNET_TYPE4_SEND || err.rc == CARNET_E_LIMIT);
        }
    }
    MUST(kept.len == 0 || carnet_span_equal(kept, r.select));
    if (step == CARNET_TYPE4_DONE)
        MUST(r.select.len != 0 && fuzz_inside(r.select, carnet_span_of(storage, sizeof(storage))));
    if (step == CARNET_TYPE4_FAILED)
        MUST(err.rc != CARNET_OK && err.path[0] != '\0' && r.select.len == kept.len);
    return 0;
}
