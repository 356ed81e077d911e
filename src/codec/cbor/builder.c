/* SPDX-License-Identifier: Apache-2.0 */
/* Encoding in preferred form, into a buffer, a sink, both, or only counted. */
#include "internal.h"

carnet_cbor_builder
carnet_cbor_build(void *ptr, size_t cap)
{
    return (carnet_cbor_builder){ .ptr = ptr, .cap = cap };
}

carnet_cbor_builder
carnet_cbor_measure(void)
{
    return (carnet_cbor_builder){ 0 };
}

carnet_cbor_builder
carnet_cbor_stream(carnet_cbor_sink sink)
{
    return (carnet_cbor_builder){ .sink = sink };
}

carnet_rc
carnet_cbor_built(const carnet_cbor_builder *b, carnet_span *out, carnet_err *err)
{
    *out = (carnet_span){ 0 };
    if (b->rc != CARNET_OK)
        return carnet_fail(err, b->rc, NULL, NULL);
    if (b->ptr != NULL)
        *out = (carnet_span){ b->ptr, b->len };
    return CARNET_OK;
}

static void
spoil(carnet_cbor_builder *b, carnet_rc rc)
{
    if (b->rc == CARNET_OK)
        b->rc = rc;
}

static void
append(carnet_cbor_builder *b, const uint8_t *ptr, size_t len)
{
    if (b->rc != CARNET_OK || len == 0)
        return;
    if (b->ptr != NULL) {
        if (len > b->cap - b->len) {
            spoil(b, CARNET_E_NO_SPACE);
            return;
        }
        memcpy(b->ptr + b->len, ptr, len);
    } else if (len > SIZE_MAX - b->len) {
        spoil(b, CARNET_E_OVERFLOW);
        return;
    }
    b->len += len;
    if (b->sink.write != NULL)
        b->sink.write(b->sink.self, ptr, len);
}

/* The head in its shortest form; returns its length. */
static size_t
encode_head(uint8_t out[9], uint8_t major, uint64_t argument)
{
    size_t size = carnet_cbor_head_size(argument);
    uint8_t first = (uint8_t)(major << 5);

    switch (size) {
    case 1:
        out[0] = (uint8_t)(first | argument);
        return 1;
    case 2:
        out[0] = first | 24;
        break;
    case 3:
        out[0] = first | 25;
        break;
    case 5:
        out[0] = first | 26;
        break;
    default:
        out[0] = first | 27;
        break;
    }
    for (size_t i = size - 1; i > 0; i--, argument >>= 8)
        out[i] = (uint8_t)argument;
    return size;
}

static void
add_head(carnet_cbor_builder *b, uint8_t major, uint64_t argument)
{
    uint8_t head[9];

    append(b, head, encode_head(head, major, argument));
}

void
carnet_cbor_add_uint(carnet_cbor_builder *b, uint64_t value)
{
    add_head(b, CBOR_UINT, value);
}

void
carnet_cbor_add_int(carnet_cbor_builder *b, int64_t value)
{
    if (value < 0)
        add_head(b, CBOR_NINT, (uint64_t)(-1 - value));
    else
        add_head(b, CBOR_UINT, (uint64_t)value);
}

void
carnet_cbor_add_bstr(carnet_cbor_builder *b, carnet_span bytes)
{
    add_head(b, CBOR_BSTR, bytes.len);
    append(b, bytes.ptr, bytes.len);
}

void
carnet_cbor_add_bstr_head(carnet_cbor_builder *b, uint64_t len)
{
    add_head(b, CBOR_BSTR, len);
}

void
carnet_cbor_add_tstr(carnet_cbor_builder *b, carnet_str text)
{
    if (!carnet_cbor_text_valid((const uint8_t *)text.ptr, text.len))
        spoil(b, CARNET_E_CBOR_UTF8);
    add_head(b, CBOR_TSTR, text.len);
    append(b, (const uint8_t *)text.ptr, text.len);
}

void
carnet_cbor_add_text(carnet_cbor_builder *b, const char *text)
{
    carnet_cbor_add_tstr(b, carnet_str_of(text));
}

void
carnet_cbor_add_bool(carnet_cbor_builder *b, bool value)
{
    add_head(b, CBOR_SIMPLE, value ? 21 : 20);
}

void
carnet_cbor_add_null(carnet_cbor_builder *b)
{
    add_head(b, CBOR_SIMPLE, 22);
}

void
carnet_cbor_add_double(carnet_cbor_builder *b, double value)
{
    uint8_t out[9] = { 0xf9, 0x7e, 0 };
    uint64_t bits, wide;
    size_t size = 3;

    memcpy(&wide, &value, sizeof(wide));
    if (wide << 1 > (uint64_t)0x7ff << 53) /* NaN */
        bits = 0x7e00;
    else if (!carnet_cbor_narrow(wide, 5, 10, &bits)) {
        size = carnet_cbor_narrow(wide, 8, 23, &bits) ? 5 : 9;
        if (size == 9)
            bits = wide;
        out[0] = size == 5 ? 0xfa : 0xfb;
    }
    for (size_t i = size - 1; i > 0; i--, bits >>= 8)
        out[i] = (uint8_t)bits;
    append(b, out, size);
}

void
carnet_cbor_add_array(carnet_cbor_builder *b, uint64_t count)
{
    add_head(b, CBOR_ARRAY, count);
}

void
carnet_cbor_add_map(carnet_cbor_builder *b, uint64_t count)
{
    add_head(b, CBOR_MAP, count);
}

void
carnet_cbor_add_tag(carnet_cbor_builder *b, uint64_t number)
{
    add_head(b, CBOR_TAG, number);
}

void
carnet_cbor_add_raw(carnet_cbor_builder *b, carnet_span encoded)
{
    append(b, encoded.ptr, encoded.len);
}

void
carnet_cbor_add_tag24(carnet_cbor_builder *b, carnet_span content)
{
    carnet_cbor_add_tag(b, 24);
    carnet_cbor_add_bstr(b, content);
}

void
carnet_cbor_add_tdate(carnet_cbor_builder *b, carnet_time time)
{
    char text[CARNET_TIME_TEXT_MAX];

    carnet_time_text(time, text);
    carnet_cbor_add_tag(b, 0);
    carnet_cbor_add_text(b, text);
}

void
carnet_cbor_add_full_date(carnet_cbor_builder *b, carnet_date date)
{
    char text[11];

    carnet_date_text(date, text);
    carnet_cbor_add_tag(b, 1004);
    carnet_cbor_add_text(b, text);
}

carnet_cbor_open_bstr
carnet_cbor_bstr_begin(carnet_cbor_builder *b, size_t expected)
{
    carnet_cbor_open_bstr open = { .head = b->len };

    if (b->sink.write != NULL)
        spoil(b, CARNET_E_USAGE); /* what went to the sink cannot be moved */
    carnet_cbor_add_bstr_head(b, expected);
    open.start = b->len;
    return open;
}

void
carnet_cbor_bstr_end(carnet_cbor_builder *b, carnet_cbor_open_bstr open)
{
    uint8_t head[9];
    size_t len, size;

    if (b->rc == CARNET_OK && (open.start < open.head || open.start > b->len))
        spoil(b, CARNET_E_USAGE);
    if (b->rc != CARNET_OK)
        return;
    len = b->len - open.start;
    size = encode_head(head, CBOR_BSTR, len);
    if (b->ptr != NULL) {
        if (size > b->cap - open.head || len > b->cap - open.head - size) {
            spoil(b, CARNET_E_NO_SPACE);
            return;
        }
        if (open.head + size != open.start)
            memmove(b->ptr + open.head + size, b->ptr + open.start, len);
        memcpy(b->ptr + open.head, head, size);
    }
    b->len = open.head + size + len;
}
