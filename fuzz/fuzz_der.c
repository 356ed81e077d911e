/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/der.h"
#include "fuzz.h"

/* Build again what is read: DER has one form for each value, so the octets must be the same. */
static void
copy(carnet_der_reader *r, carnet_der_builder *b, int depth)
{
    while (carnet_der_more(r)) {
        uint8_t tag = carnet_der_peek(r);
        carnet_der_walk walk;
        carnet_der_mark mark;

        if ((tag & 0x20) == 0 || depth == CARNET_DER_DEPTH) {
            carnet_der_item item = carnet_der_any(r);

            carnet_der_add(b, item.tag, item.content);
            continue;
        }
        carnet_der_enter(r, tag, &walk);
        mark = carnet_der_begin(b, tag);
        copy(r, b, depth + 1);
        carnet_der_end(b, mark);
        carnet_der_leave(r, &walk);
        MUST(r->rc != CARNET_OK || r->depth == depth);
    }
}

/* Read as each type: what is taken is written the same way. */
static void
values(carnet_span der)
{
    uint8_t space[64];
    char text[CARNET_OID_TEXT_MAX];
    carnet_der_builder b = carnet_der_build(space, sizeof(space));
    carnet_der_reader number = carnet_der_open(der), bits = number, time = number, oid = number;
    uint64_t value = carnet_der_uint(&number);
    uint16_t named = carnet_der_named_bits(&bits);
    carnet_time when = carnet_der_time(&time);
    carnet_span identifier = carnet_der_oid(&oid);

    if (carnet_der_done(&number, NULL) == CARNET_OK)
        carnet_der_add_uint(&b, value);
    else if (carnet_der_done(&bits, NULL) == CARNET_OK)
        carnet_der_add_named_bits(&b, named);
    else if (carnet_der_done(&time, NULL) == CARNET_OK && der.ptr[0] == CARNET_DER_UTC_TIME)
        carnet_der_add_time(&b, when);
    else if (carnet_der_done(&oid, NULL) == CARNET_OK && carnet_oid_text(identifier, text, sizeof(text)) < 60)
        carnet_der_add_oid(&b, identifier);
    else
        return;
    MUST(b.rc != CARNET_OK || carnet_span_equal((carnet_span){ b.ptr, b.len }, der));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t space[1 << 16];
    const carnet_span der = { data, size };
    carnet_der_reader r = carnet_der_open(der), deep = r;
    carnet_der_builder b = carnet_der_build(space, sizeof(space));
    carnet_err err = { 0 };

    copy(&r, &b, 0);
    if (carnet_der_done(&r, &err) == CARNET_OK)
        MUST(b.rc == CARNET_E_NO_SPACE || carnet_span_equal((carnet_span){ b.ptr, b.len }, der));
    else
        MUST(err.offset <= size);
    while (carnet_der_more(&deep)) {
        carnet_der_item item = carnet_der_any_deep(&deep);

        MUST(item.encoded.len == 0 || (item.encoded.ptr >= data && item.encoded.ptr + item.encoded.len <= data + size));
    }
    MUST(carnet_der_done(&deep, NULL) != CARNET_OK || r.rc == CARNET_OK);
    values(der);
    return 0;
}
