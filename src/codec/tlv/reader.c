/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/tlv.h"

#define CLAUSE "7816-4 6.3"

/** The tag at the front; its size in octets, or 0 and *rc why not. */
static size_t
read_tag(carnet_span octets, uint32_t *tag, carnet_rc *rc)
{
    size_t n = 1;

    *rc = CARNET_E_TLV_TRUNCATED;
    if (octets.len == 0) {
        return 0;
    }
    *tag = octets.ptr[0];
    if (*tag == 0) {
        *rc = CARNET_E_TLV_TAG;
        return 0;
    }
    for (bool more = (*tag & 0x1f) == 0x1f; more; n++) {
        if (n == 4 || (n < octets.len && n == 1 && octets.ptr[1] == 0x80)) {
            *rc = CARNET_E_TLV_TAG;
            return 0;
        }
        if (n == octets.len) {
            return 0;
        }
        *tag = *tag << 8 | octets.ptr[n];
        more = (octets.ptr[n] & 0x80) != 0;
    }
    *rc = CARNET_OK;
    return n;
}

/** The length at the front; its size in octets, or 0 and *rc why not. */
static size_t
read_length(carnet_span octets, uint32_t *length, carnet_rc *rc)
{
    size_t n;

    *rc = CARNET_E_TLV_TRUNCATED;
    *length = 0;
    if (octets.len == 0) {
        return 0;
    }
    n = octets.ptr[0] & 0x7fu;
    if (octets.ptr[0] < 0x80) {
        *length = octets.ptr[0];
        *rc = CARNET_OK;
        return 1;
    }
    if (n == 0 || n > 4) {
        *rc = CARNET_E_TLV_LENGTH;
        return 0;
    }
    if (n >= octets.len) {
        return 0;
    }
    for (size_t i = 1; i <= n; i++) {
        *length = *length << 8 | octets.ptr[i];
    }
    *rc = CARNET_OK;
    return n + 1;
}

carnet_rc
carnet_tlv_head_read(carnet_span octets, carnet_tlv_head *head, carnet_err *err)
{
    uint32_t tag = 0, length = 0;
    size_t tag_size, length_size;
    carnet_rc rc;

    *head = (carnet_tlv_head){ 0 };
    tag_size = read_tag(octets, &tag, &rc);
    if (tag_size == 0) {
        return carnet_fail_at(err, rc, CLAUSE, NULL, rc == CARNET_E_TLV_TAG ? 0 : octets.len, NULL);
    }
    length_size = read_length(carnet_span_of(octets.ptr + tag_size, octets.len - tag_size), &length, &rc);
    if (length_size == 0) {
        return carnet_fail_at(err, rc, CLAUSE, NULL, rc == CARNET_E_TLV_LENGTH ? tag_size : octets.len, NULL);
    }
    *head = (carnet_tlv_head){ .tag = tag, .length = length, .size = tag_size + length_size };
    return CARNET_OK;
}

carnet_tlv_reader
carnet_tlv_open(carnet_span octets)
{
    return (carnet_tlv_reader){ .at = octets.ptr,
                                .end = octets.len > 0 ? octets.ptr + octets.len : octets.ptr,
                                .origin = octets.ptr };
}

carnet_tlv_reader
carnet_tlv_open_within(const carnet_tlv_reader *outer, carnet_span part)
{
    carnet_tlv_reader r = carnet_tlv_open(part);

    r.origin = outer->origin;
    r.padding = outer->padding;
    return r;
}

void
carnet_tlv_refuse(carnet_tlv_reader *r, carnet_rc rc, const uint8_t *at, const char *reason)
{
    if (r->rc == CARNET_OK) {
        r->rc = rc;
        r->failed_at = at != NULL ? at : r->at;
        r->reason = reason;
        r->at = r->end;
    }
}

void
carnet_tlv_join(carnet_tlv_reader *r, const carnet_tlv_reader *child)
{
    if (child->rc != CARNET_OK) {
        carnet_tlv_refuse(r, child->rc, child->failed_at, child->reason);
    }
}

carnet_rc
carnet_tlv_done(carnet_tlv_reader *r, carnet_err *err)
{
    while (r->padding && r->at != r->end && *r->at == 0) {
        r->at++;
    }
    if (r->at != r->end) {
        carnet_tlv_refuse(r, CARNET_E_TLV_TRAILING, NULL, NULL);
    }
    if (r->rc == CARNET_OK) {
        return CARNET_OK;
    }
    return carnet_fail_at(err, r->rc, CLAUSE, r->reason, r->failed_at != NULL ? (size_t)(r->failed_at - r->origin) : 0,
                          NULL);
}

bool
carnet_tlv_next(carnet_tlv_reader *r, carnet_tlv *object)
{
    carnet_err err = { .offset = 0 };
    carnet_tlv_head head;
    carnet_span rest;
    carnet_rc rc;

    *object = (carnet_tlv){ 0 };
    while (r->padding && r->at != r->end && *r->at == 0) {
        r->at++;
    }
    if (r->at == r->end) {
        return false; /* a failure moves `at` to the end */
    }
    rest = carnet_span_of(r->at, (size_t)(r->end - r->at));
    rc = carnet_tlv_head_read(rest, &head, &err);
    if (rc != CARNET_OK) {
        carnet_tlv_refuse(r, rc, r->at + err.offset, NULL);
        return false;
    }
    if (head.length > rest.len - head.size) {
        carnet_tlv_refuse(r, CARNET_E_TLV_TRUNCATED, NULL, "a data object is longer than what holds it");
        return false;
    }
    *object = (carnet_tlv){ .tag = head.tag,
                            .value = carnet_span_of(rest.ptr + head.size, head.length),
                            .encoded = carnet_span_of(rest.ptr, head.size + head.length) };
    r->at += object->encoded.len;
    return true;
}

carnet_span
carnet_tlv_value(carnet_tlv_reader *r, uint32_t tag)
{
    carnet_tlv object;

    if (!carnet_tlv_next(r, &object)) {
        carnet_tlv_refuse(r, CARNET_E_TLV_TRUNCATED, NULL, "a data object is missing");
    } else if (object.tag != tag) {
        carnet_tlv_refuse(r, CARNET_E_TLV_TAG, object.encoded.ptr, "another data object was expected");
    }
    return r->rc == CARNET_OK ? object.value : (carnet_span){ 0 };
}

bool
carnet_tlv_constructed(uint32_t tag)
{
    while (tag > 0xff) {
        tag >>= 8;
    }
    return (tag & 0x20) != 0;
}

static void
check(carnet_tlv_reader *outer, carnet_span octets, unsigned depth)
{
    carnet_tlv_reader r = carnet_tlv_open_within(outer, octets);
    carnet_tlv object;

    if (depth == CARNET_TLV_DEPTH) {
        carnet_tlv_refuse(&r, CARNET_E_TLV_DEPTH, NULL, NULL);
    }
    while (carnet_tlv_next(&r, &object)) {
        if (carnet_tlv_constructed(object.tag)) {
            check(&r, object.value, depth + 1);
        }
    }
    carnet_tlv_join(outer, &r);
}

carnet_rc
carnet_tlv_check(carnet_span octets, carnet_err *err)
{
    carnet_tlv_reader r = carnet_tlv_open(octets);

    check(&r, octets, 0);
    r.at = r.end;
    return carnet_tlv_done(&r, err);
}

carnet_span
carnet_tlv_find(carnet_span octets, uint32_t tag)
{
    carnet_tlv_reader r = carnet_tlv_open(octets);
    carnet_tlv object;

    while (carnet_tlv_next(&r, &object)) {
        if (object.tag == tag) {
            return object.value;
        }
    }
    return (carnet_span){ 0 };
}
