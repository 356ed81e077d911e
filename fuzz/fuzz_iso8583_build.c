/* SPDX-License-Identifier: Apache-2.0 */
/* Octets as steps of a builder: what it builds is read, with the elements that were set; what it refuses adds nothing. */
#include "iso8583_world.h"

#include <string.h>

static carnet_iso8583_builder b;

/* One step from `steps`; the octets it takes. */
static size_t
step(const uint8_t *steps, size_t left)
{
    unsigned element = steps[0];
    size_t length = left > 2 ? steps[2] : 0;
    uint64_t number = 0;

    if (left < 3)
        return left;
    length = length > left - 3 ? left - 3 : length;
    switch (steps[1] % 5) {
    case 0:
        carnet_iso8583_set_text(&b, element, (carnet_str){ (const char *)steps + 3, length });
        break;
    case 1:
        carnet_iso8583_set_binary(&b, element, carnet_span_of(steps + 3, length));
        break;
    case 2:
        memcpy(&number, steps + 3, length < 8 ? length : 8);
        carnet_iso8583_set_number(&b, element, number);
        break;
    case 3:
        memcpy(&number, steps + 3, length < 8 ? length : 8);
        carnet_iso8583_set_amount(&b, element, (int64_t)number);
        break;
    default:
        carnet_iso8583_unset(&b, element);
        break;
    }
    return 3 + length;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t storage[CARNET_ISO8583_MAX];
    carnet_buf out = carnet_buf_of(storage, sizeof storage);
    carnet_iso8583_message m;
    carnet_err err = { 0 };

    if (size < 4)
        return 0;
    out.cap = data[3] < 250 ? (size_t)data[3] * 16 : sizeof storage;
    carnet_iso8583_builder_init(&b, fuzz_iso8583_spec(data[0]), (carnet_mti)(data[1] << 8 | data[2]));
    for (size_t at = 4; at < size;)
        at += step(data + at, size - at);
    if (carnet_iso8583_build(&b, &out, &err) != CARNET_OK) {
        MUST(out.len == 0);
        return 0;
    }
    MUST(carnet_iso8583_parse(b.spec, carnet_buf_span(&out), &m, &err) == CARNET_OK);
    MUST(m.mti == b.mti && memcmp(m.elements, b.elements, sizeof m.elements) == 0);
    return 0;
}
