/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include "carnet/cbor.h"

#include <string.h>

/* Instructions: bytes taken from the front; zeros when there are none left. */
typedef struct script {
    const uint8_t *at, *end;
    bool bad_text;
} script;

static uint8_t
take(script *s)
{
    return s->at == s->end ? 0 : *s->at++;
}

static uint64_t
take_number(script *s)
{
    uint64_t number = 0;

    for (unsigned n = take(s) % 9; n > 0; n--)
        number = number << 8 | take(s);
    return number;
}

static carnet_span
take_bytes(script *s)
{
    size_t len = take(s) % 64, left = (size_t)(s->end - s->at);
    carnet_span bytes = { s->at, len < left ? len : left };

    s->at += bytes.len;
    return bytes;
}

static void
add_leaf(carnet_cbor_builder *b, script *s)
{
    uint64_t number;
    carnet_span bytes;
    double value;

    switch (take(s) % 8) {
    case 0:
        carnet_cbor_add_uint(b, take_number(s));
        return;
    case 1:
        carnet_cbor_add_int(b, (int64_t)take_number(s));
        return;
    case 2:
        carnet_cbor_add_bstr(b, take_bytes(s));
        return;
    case 3:
        bytes = take_bytes(s);
        s->bad_text |= !carnet_utf8_valid(bytes);
        carnet_cbor_add_tstr(b, (carnet_str){ (const char *)bytes.ptr, bytes.len });
        return;
    case 4:
        carnet_cbor_add_bool(b, take(s) & 1);
        return;
    case 5:
        carnet_cbor_add_null(b);
        return;
    case 6:
        number = take_number(s);
        memcpy(&value, &number, sizeof(value));
        carnet_cbor_add_double(b, value);
        return;
    default:
        carnet_cbor_add_tdate(b, (carnet_time)(take_number(s) % 253402300800U));
        return;
    }
}

static void
add_item(carnet_cbor_builder *b, script *s, unsigned depth)
{
    unsigned kind = depth == 0 ? 0 : take(s) % 8, count = take(s) % 8;
    carnet_cbor_open_bstr open;

    switch (kind) {
    case 4:
        carnet_cbor_add_array(b, count);
        while (count-- > 0)
            add_item(b, s, depth - 1);
        return;
    case 5:
        carnet_cbor_add_map(b, count);
        for (unsigned i = 0; i < count; i++) {
            carnet_cbor_add_int(b, (int64_t)((i * 5 + take(s) % 5) ^ 3) - 4); /* no two alike */
            add_item(b, s, depth - 1);
        }
        return;
    case 6:
        carnet_cbor_add_tag(b, take_number(s) | 32); /* not 24 */
        add_item(b, s, depth - 1);
        return;
    case 7:
        carnet_cbor_add_tag(b, 24);
        open = carnet_cbor_bstr_begin(b, take(s));
        add_item(b, s, depth - 1);
        carnet_cbor_bstr_end(b, open);
        return;
    default:
        add_leaf(b, s);
        return;
    }
}

/* Each embedded item that a strict reader finds under tag 24 is accepted too. */
static void
check_embedded(carnet_span item)
{
    carnet_cbor_reader r = carnet_cbor_open(item);

    while (carnet_cbor_peek(&r) == CARNET_CBOR_TAG && item.len > 1 && item.ptr[0] == 0xd8 && item.ptr[1] == 24) {
        item = carnet_cbor_tag24(&r).content;
        MUST(carnet_cbor_end(&r, NULL) == CARNET_OK);
        r = carnet_cbor_open(item);
        (void)carnet_cbor_any(&r);
        MUST(carnet_cbor_end(&r, NULL) == CARNET_OK);
        r = carnet_cbor_open(item);
    }
}

/* What is built, a strict reader accepts; counting gives its length; a buffer of that length is enough, or nearly: a
 * guess of a string's length may need some bytes more for a while; a smaller one is refused. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t storage[1 << 16];
    script s = { data, data + size, false }, again = s, third = s;
    carnet_cbor_builder counted = carnet_cbor_measure(), b = carnet_cbor_build(storage, sizeof(storage)), small;
    carnet_cbor_reader r;
    carnet_span out;

    if (size == 0)
        return 0;
    add_item(&counted, &s, 6);
    add_item(&b, &again, 6);
    MUST(counted.rc == b.rc || b.rc == CARNET_E_NO_SPACE);
    MUST(s.bad_text == (counted.rc == CARNET_E_CBOR_UTF8));
    if (carnet_cbor_built(&b, &out, NULL) != CARNET_OK) {
        MUST(out.ptr == NULL);
        return 0;
    }
    MUST(counted.len == b.len && out.len == b.len);
    r = carnet_cbor_open(out);
    MUST(carnet_cbor_any(&r).len == out.len);
    MUST(carnet_cbor_end(&r, NULL) == CARNET_OK && (r.seen & CARNET_CBOR_LENIENT) == 0);
    check_embedded(out);
    small = carnet_cbor_build(storage, counted.len - 1);
    if (counted.len > 1) {
        add_item(&small, &third, 6);
        MUST(small.rc == CARNET_E_NO_SPACE && small.len < counted.len);
    }
    return 0;
}
