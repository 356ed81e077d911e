/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/ndef.h"

#include <string.h>

enum { FLAG_FIRST = 0x80, FLAG_LAST = 0x40, FLAG_SHORT = 0x10, FLAG_ID = 0x08 };

static void
fail(carnet_ndef_builder *b, carnet_rc rc)
{
    if (b->rc == CARNET_OK) {
        b->rc = rc;
    }
}

carnet_ndef_builder
carnet_ndef_build(void *ptr, size_t cap)
{
    return (carnet_ndef_builder){ .out = carnet_buf_of(ptr, cap) };
}

carnet_ndef_mark
carnet_ndef_begin(carnet_ndef_builder *b, const carnet_ndef_record *record)
{
    carnet_ndef_mark mark = { .head = b->out.len, .has_id = record->id.len != 0 };
    bool typed = record->format >= CARNET_NDEF_WELL_KNOWN && record->format <= CARNET_NDEF_EXTERNAL;

    if (record->type.len > 255 || record->id.len > 255 || (record->type.len != 0) != typed || record->format < 0 ||
        record->format > CARNET_NDEF_UNKNOWN || (record->format == CARNET_NDEF_EMPTY && record->id.len != 0)) {
        fail(b, CARNET_E_USAGE);
        return mark;
    }
    b->last = b->out.len;
    carnet_buf_add_byte(&b->out, (uint8_t)((b->started ? 0 : FLAG_FIRST) | FLAG_SHORT | (mark.has_id ? FLAG_ID : 0) |
                                           (uint8_t)record->format));
    carnet_buf_add_byte(&b->out, (uint8_t)record->type.len);
    carnet_buf_add_byte(&b->out, 0);
    if (mark.has_id) {
        carnet_buf_add_byte(&b->out, (uint8_t)record->id.len);
    }
    carnet_buf_add_str(&b->out, record->type);
    carnet_buf_add(&b->out, record->id);
    mark.payload = b->out.len;
    b->started = false;
    return mark;
}

void
carnet_ndef_append(carnet_ndef_builder *b, carnet_span octets)
{
    carnet_buf_add(&b->out, octets);
}

/** Make room for three more octets of length. */
static void
lengthen(carnet_ndef_builder *b, size_t head)
{
    size_t at = head + 2;

    if (b->out.cap - b->out.len < 3) {
        b->out.overflow = true;
        return;
    }
    memmove(b->out.ptr + at + 3, b->out.ptr + at, b->out.len - at);
    b->out.len += 3;
    b->out.ptr[head] = (uint8_t)(b->out.ptr[head] & ~FLAG_SHORT);
}

void
carnet_ndef_end(carnet_ndef_builder *b, carnet_ndef_mark mark)
{
    size_t len = b->out.len - mark.payload;

    if (b->out.overflow || b->rc != CARNET_OK) {
        return;
    }
    if (b->started) {
        b->out.ptr[b->last] |= FLAG_LAST; /* of the message in this payload */
    }
    if (len > UINT32_MAX || (len != 0 && (b->out.ptr[mark.head] & 7) == CARNET_NDEF_EMPTY)) {
        fail(b, CARNET_E_USAGE);
        return;
    }
    if (len > 255) {
        lengthen(b, mark.head);
        for (size_t i = 0; !b->out.overflow && i < 4; i++) {
            b->out.ptr[mark.head + 2 + i] = (uint8_t)(len >> 8 * (3 - i));
        }
    } else {
        b->out.ptr[mark.head + 2] = (uint8_t)len;
    }
    b->last = mark.head;
    b->started = true;
}

void
carnet_ndef_add(carnet_ndef_builder *b, const carnet_ndef_record *record)
{
    carnet_ndef_mark mark = carnet_ndef_begin(b, record);

    carnet_ndef_append(b, record->payload);
    carnet_ndef_end(b, mark);
}

carnet_rc
carnet_ndef_built(carnet_ndef_builder *b, carnet_span *message, carnet_err *err)
{
    *message = (carnet_span){ 0 };
    if (b->rc != CARNET_OK || (!b->started && !b->out.overflow)) {
        return carnet_fail(err, b->rc != CARNET_OK ? b->rc : CARNET_E_USAGE, NULL, NULL);
    }
    if (b->out.overflow) {
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    }
    b->out.ptr[b->last] |= FLAG_LAST;
    *message = carnet_buf_span(&b->out);
    return CARNET_OK;
}
