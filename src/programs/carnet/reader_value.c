/* SPDX-License-Identifier: Apache-2.0 */
/* Values of data elements as a person reads them. */
#include "reader.h"

#include <stdlib.h>
#include <string.h>

/** Text that came from outside, for one line. */
static void
add_text(carnet_buf *out, carnet_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        bool c1 = c == 0xc2 && i + 1 < text.len && (unsigned char)text.ptr[i + 1] < 0xa0;

        if (c < 0x20 || c == 0x7f || c1) {
            carnet_buf_add_text(out, "?");
            i += c1;
        } else {
            carnet_buf_add_byte(out, c);
        }
    }
}

static void
add_bytes(carnet_buf *out, carnet_span bytes)
{
    bool jpeg = bytes.len > 3 && bytes.ptr[0] == 0xff && bytes.ptr[1] == 0xd8;
    bool jpeg2000 =
        bytes.len > 12 && (memcmp(bytes.ptr + 4, "jP  ", 4) == 0 || memcmp(bytes.ptr, "\xff\x4f\xff\x51", 4) == 0);

    carnet_buf_add_text(out, jpeg ? "JPEG, " : jpeg2000 ? "JPEG 2000, " : "");
    carnet_buf_add_uint(out, bytes.len);
    carnet_buf_add_text(out, " bytes");
}

/** "B (2017-02-23 to 2034-10-20)": one entry of DrivingPrivileges (18013-5 13.4). */
static void
add_privilege(carnet_buf *out, carnet_cbor_reader *r)
{
    carnet_cbor_walk map;
    carnet_str code = { 0 }, until = { 0 };

    carnet_cbor_map(r, &map);
    while (carnet_cbor_map_next(r, &map)) {
        carnet_str key = carnet_cbor_tstr(r);

        if (carnet_str_is(key, "vehicle_category_code")) {
            code = carnet_cbor_tstr(r);
        } else if (carnet_str_is(key, "expiry_date")) {
            carnet_cbor_tag(r);
            until = carnet_cbor_tstr(r);
        } else {
            carnet_cbor_any(r);
        }
    }
    add_text(out, code);
    if (until.len > 0) {
        carnet_buf_add_text(out, " until ");
        add_text(out, until);
    }
}

static bool
add_privileges(carnet_buf *out, carnet_span value)
{
    carnet_cbor_reader r = carnet_cbor_open(value);
    carnet_cbor_walk list;
    size_t begin = out->len;

    r.allow = CARNET_CBOR_LENIENT;
    carnet_cbor_array(&r, &list);
    while (carnet_cbor_array_next(&r, &list)) {
        carnet_buf_add_text(out, out->len > begin ? ", " : "");
        add_privilege(out, &r);
    }
    if (carnet_cbor_end(&r, NULL) == CARNET_OK) {
        return true;
    }
    out->len = begin;
    return false;
}

static void
add_diagnostic(void *self, const uint8_t *ptr, size_t len)
{
    carnet_buf_add(self, carnet_span_of(ptr, len));
}

/** What is of no type a person reads as such: in diagnostic notation. */
static void
add_other(carnet_buf *out, carnet_span value)
{
    static const carnet_cbor_print_options cut = { .longest = 24 };
    carnet_cbor_sink sink = { add_diagnostic, out };

    (void)carnet_cbor_print(value, &cut, sink, NULL);
}

/** Plain values; false for the others. */
static bool
add_plain(carnet_buf *out, carnet_span value)
{
    carnet_cbor_reader r = carnet_cbor_open(value);

    r.allow = CARNET_CBOR_LENIENT;
    if (carnet_cbor_peek(&r) == CARNET_CBOR_TAG) {
        carnet_cbor_tag(&r);
        if (carnet_cbor_peek(&r) != CARNET_CBOR_TSTR) {
            return false;
        }
    }
    switch (carnet_cbor_peek(&r)) {
    case CARNET_CBOR_TSTR:
        add_text(out, carnet_cbor_tstr(&r));
        return true;
    case CARNET_CBOR_BOOL:
        carnet_buf_add_text(out, carnet_cbor_bool(&r) ? "yes" : "no");
        return true;
    case CARNET_CBOR_UINT:
        carnet_buf_add_uint(out, carnet_cbor_uint(&r));
        return true;
    case CARNET_CBOR_BSTR:
        add_bytes(out, carnet_cbor_bstr(&r));
        return true;
    default:
        return false;
    }
}

/** Cut to a number of characters (not octets), with an ellipsis. */
static void
cut(carnet_buf *out, size_t begin, size_t width)
{
    size_t characters = 0, keep = begin;

    for (size_t i = begin; i < out->len; i++) {
        bool starts = (out->ptr[i] & 0xc0) != 0x80;

        characters += starts;
        keep = starts && characters <= width - 3 ? i : keep;
        if (characters > width) {
            out->len = keep;
            carnet_buf_add_text(out, "...");
            return;
        }
    }
}

void
reader_value_text(carnet_str identifier, carnet_span value, size_t width, carnet_buf *out)
{
    carnet_buf all = cli_buf(value.len * 6 + 64);

    if (!(carnet_str_is(identifier, "driving_privileges") && add_privileges(&all, value)) && !add_plain(&all, value)) {
        add_other(&all, value);
    }
    cut(&all, 0, width);
    carnet_buf_add(out, carnet_buf_span(&all));
    free(all.ptr);
}
