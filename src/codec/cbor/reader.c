/* SPDX-License-Identifier: Apache-2.0 */
/* The cursor: opening, closing, failing, and the getters of single items. */
#include "internal.h"

const uint8_t carnet_cbor_no_key[1]; /* stands for NULL where pointers are compared */

static carnet_cbor_reader
reader_over(const uint8_t *ptr, size_t len)
{
    carnet_cbor_reader r;

    r.at = ptr == NULL ? carnet_cbor_no_key : ptr;
    r.end = r.at + (ptr == NULL ? 0 : len);
    r.origin = r.at;
    r.limit = r.end;
    r.path = NULL;
    r.failed_at = NULL;
    r.clause = r.reason = NULL;
    r.rc = CARNET_OK;
    r.allow = r.seen = r.depth = 0;
    r.failed_path[0] = 0; /* the rest is written when there is a path to write */
    return r;
}

carnet_cbor_reader
carnet_cbor_open(carnet_span cbor)
{
    return reader_over(cbor.ptr, cbor.len);
}

carnet_cbor_reader
carnet_cbor_open_within(const carnet_cbor_reader *outer, carnet_span part, const carnet_path *path)
{
    carnet_cbor_reader r = reader_over(part.ptr, part.len);

    if ((uintptr_t)r.at >= (uintptr_t)outer->origin && (uintptr_t)r.end <= (uintptr_t)outer->limit) {
        r.origin = outer->origin;
        r.limit = outer->limit;
    }
    r.path = path;
    r.allow = outer->allow;
    r.depth = outer->depth;
    return r;
}

void
carnet_cbor_refuse(carnet_cbor_reader *r, carnet_rc rc, const uint8_t *at, const char *clause, const char *reason)
{
    if (r->rc != CARNET_OK || rc == CARNET_OK)
        return;
    r->rc = rc;
    r->failed_at = at == NULL ? r->at : at;
    r->clause = clause;
    r->reason = reason;
    if (r->path != NULL)
        carnet_path_text(r->path, r->failed_path, sizeof(r->failed_path));
    r->at = r->end; /* carnet_cbor_no_key left: getters need not ask for a failure before they look at the bytes */
}

carnet_rc
carnet_cbor_failed(const carnet_cbor_reader *r, carnet_err *err)
{
    if (r->rc == CARNET_OK || err == NULL)
        return r->rc;
    (void)carnet_fail_at(err, r->rc, r->clause, r->reason, (size_t)(r->failed_at - r->origin), NULL);
    _Static_assert(sizeof(err->path) >= sizeof(r->failed_path), "a rendered path fits the error record");
    memcpy(err->path, r->failed_path, strlen(r->failed_path) + 1);
    return r->rc;
}

carnet_rc
carnet_cbor_end(carnet_cbor_reader *r, carnet_err *err)
{
    if (r->rc == CARNET_OK && r->at != r->end)
        carnet_cbor_refuse(r, CARNET_E_CBOR_TRAILING, NULL, "RFC 8949 5.3.1", NULL);
    return carnet_cbor_failed(r, err);
}

void
carnet_cbor_join(carnet_cbor_reader *r, const carnet_cbor_reader *child)
{
    r->seen |= child->seen;
    if (r->rc != CARNET_OK || child->rc == CARNET_OK)
        return;
    /* Bytes apart have offsets of their own, which mean carnet_cbor_no_key here. */
    carnet_cbor_refuse(r, child->rc, child->origin == r->origin ? child->failed_at : NULL, child->clause,
                       child->reason);
    if (child->failed_path[0] != 0)
        memcpy(r->failed_path, child->failed_path, strlen(child->failed_path) + 1);
}

static carnet_cbor_type
simple_type(uint8_t info)
{
    switch (info) {
    case 20:
    case 21:
        return CARNET_CBOR_BOOL;
    case 22:
        return CARNET_CBOR_NULL;
    case 23:
        return CARNET_CBOR_UNDEFINED;
    case 25:
    case 26:
    case 27:
        return CARNET_CBOR_FLOAT;
    default:
        return info <= 24 ? CARNET_CBOR_SIMPLE : CARNET_CBOR_NONE;
    }
}

carnet_cbor_type
carnet_cbor_peek(const carnet_cbor_reader *r)
{
    static const carnet_cbor_type types[] = { CARNET_CBOR_UINT,  CARNET_CBOR_NINT, CARNET_CBOR_BSTR, CARNET_CBOR_TSTR,
                                              CARNET_CBOR_ARRAY, CARNET_CBOR_MAP,  CARNET_CBOR_TAG };

    if (r->at == r->end)
        return CARNET_CBOR_NONE;
    return *r->at >> 5 == CBOR_SIMPLE ? simple_type(*r->at & 31) : types[*r->at >> 5];
}

uint64_t
carnet_cbor_uint(carnet_cbor_reader *r)
{
    carnet_cbor_head h;

    if (!carnet_cbor_expect(r, CBOR_UINT, "an unsigned integer is required", &h))
        return 0;
    r->at = h.next;
    return h.argument;
}

int64_t
carnet_cbor_int(carnet_cbor_reader *r)
{
    carnet_cbor_head h;
    bool negative = r->at != r->end && *r->at >> 5 == CBOR_NINT;

    if (!carnet_cbor_expect(r, negative ? CBOR_NINT : CBOR_UINT, "an integer is required", &h))
        return 0;
    if (h.argument > INT64_MAX) {
        carnet_cbor_refuse(r, CARNET_E_CBOR_VALUE, NULL, NULL, "the integer does not fit 64 bits with a sign");
        return 0;
    }
    r->at = h.next;
    return negative ? -1 - (int64_t)h.argument : (int64_t)h.argument;
}

carnet_span
carnet_cbor_no_string(carnet_cbor_reader *r, const carnet_cbor_head *h)
{
    if (h->info == CBOR_INDEFINITE)
        carnet_cbor_refuse(r, CARNET_E_CBOR_INDEFINITE, NULL, "RFC 8949 3.2.3", "a string in one piece is required");
    else
        carnet_cbor_refuse(r, CARNET_E_CBOR_TRUNCATED, NULL, "RFC 8949 3.1", "the string is longer than what is left");
    return (carnet_span){ 0 };
}

carnet_span
carnet_cbor_bstr(carnet_cbor_reader *r)
{
    return carnet_cbor_string(r, CBOR_BSTR, "a byte string is required");
}

carnet_str
carnet_cbor_tstr(carnet_cbor_reader *r)
{
    const uint8_t *start = r->at;
    carnet_span s = carnet_cbor_string(r, CBOR_TSTR, "a text string is required");

    if (!carnet_cbor_text_valid(s.ptr, s.len)) {
        carnet_cbor_refuse(r, CARNET_E_CBOR_UTF8, start, "RFC 8949 3.1", NULL);
        return (carnet_str){ 0 };
    }
    return (carnet_str){ (const char *)s.ptr, s.len };
}

bool
carnet_cbor_bool(carnet_cbor_reader *r)
{
    if (r->at != r->end && (*r->at & 0xfe) == 0xf4)
        return *r->at++ == 0xf5;
    carnet_cbor_refuse(r, r->at == r->end ? CARNET_E_CBOR_TRUNCATED : CARNET_E_CBOR_TYPE, NULL, NULL,
                       "true or false is required");
    return false;
}

void
carnet_cbor_null(carnet_cbor_reader *r)
{
    if (r->at != r->end && *r->at == 0xf6)
        r->at++;
    else
        carnet_cbor_refuse(r, r->at == r->end ? CARNET_E_CBOR_TRUNCATED : CARNET_E_CBOR_TYPE, NULL, NULL,
                           "null is required");
}

double
carnet_cbor_float(carnet_cbor_reader *r)
{
    carnet_cbor_head h;
    uint64_t bits;
    double value;

    if (r->at != r->end && carnet_cbor_peek(r) != CARNET_CBOR_FLOAT) {
        carnet_cbor_refuse(r, CARNET_E_CBOR_TYPE, NULL, NULL, "a float is required");
        return 0;
    }
    if (!carnet_cbor_head_at(r, r->at, &h))
        return 0;
    r->at = h.next;
    bits = carnet_cbor_double_bits(h.argument, h.info);
    memcpy(&value, &bits, sizeof(value));
    return value;
}

uint64_t
carnet_cbor_tag(carnet_cbor_reader *r)
{
    carnet_cbor_head h;

    if (!carnet_cbor_expect(r, CBOR_TAG, "a tag is required", &h))
        return 0;
    r->at = h.next;
    return h.argument;
}

void
carnet_cbor_expect_tag(carnet_cbor_reader *r, uint64_t number)
{
    carnet_cbor_head h;

    if (r->at != r->end && *r->at >> 5 != CBOR_TAG)
        carnet_cbor_refuse(r, CARNET_E_CBOR_TAG, NULL, NULL, NULL);
    else if (carnet_cbor_head_at(r, r->at, &h)) {
        if (h.argument == number)
            r->at = h.next;
        else
            carnet_cbor_refuse(r, CARNET_E_CBOR_TAG, NULL, NULL, NULL);
    }
}

carnet_cbor_embedded
carnet_cbor_tag24(carnet_cbor_reader *r)
{
    const uint8_t *start = r->at;
    carnet_cbor_embedded got = { 0 };

    if (carnet_cbor_left(r->at, r->end) > 1 && r->at[0] == 0xd8 && r->at[1] == 24)
        r->at += 2;
    else
        carnet_cbor_expect_tag(r, 24);
    got.content = carnet_cbor_bstr(r);
    if (r->rc != CARNET_OK)
        return (carnet_cbor_embedded){ 0 };
    got.encoded = (carnet_span){ start, (size_t)(r->at - start) };
    return got;
}
