/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/der.h"

#include <string.h>

#define CLAUSE_LENGTH "X.690 10.1"

carnet_der_reader
carnet_der_open(carnet_span der)
{
    return (carnet_der_reader){
        .at = der.ptr, .end = der.len > 0 ? der.ptr + der.len : der.ptr, .origin = der.ptr, .rc = CARNET_OK
    };
}

carnet_der_reader
carnet_der_open_within(const carnet_der_reader *outer, carnet_span part)
{
    carnet_der_reader r = carnet_der_open(part);

    r.origin = outer->origin;
    r.depth = outer->depth;
    return r;
}

void
carnet_der_refuse(carnet_der_reader *r, carnet_rc rc, const uint8_t *at, const char *clause, const char *reason)
{
    if (r->rc != CARNET_OK)
        return;
    r->rc = rc;
    r->failed_at = at != NULL ? at : r->at;
    r->clause = clause;
    r->reason = reason;
    r->at = r->end;
}

carnet_rc
carnet_der_done(carnet_der_reader *r, carnet_err *err)
{
    size_t offset;

    if (r->rc == CARNET_OK && r->at != r->end)
        carnet_der_refuse(r, CARNET_E_DER_TRAILING, NULL, NULL, NULL);
    if (r->rc == CARNET_OK)
        return CARNET_OK;
    offset = r->failed_at != NULL ? (size_t)(r->failed_at - r->origin) : 0;
    return carnet_fail_at(err, r->rc, r->clause, r->reason, offset, NULL);
}

void
carnet_der_join(carnet_der_reader *r, const carnet_der_reader *child)
{
    if (child->rc != CARNET_OK)
        carnet_der_refuse(r, child->rc, child->failed_at, child->clause, child->reason);
}

bool
carnet_der_more(const carnet_der_reader *r)
{
    return r->at != r->end; /* a failure moves `at` to the end */
}

uint8_t
carnet_der_peek(const carnet_der_reader *r)
{
    return r->at != r->end ? *r->at : CARNET_DER_NONE;
}

/* A length above 127 at `at`: the length, with *at behind it; or a refusal. */
static size_t
long_length(carnet_der_reader *r, const uint8_t **at)
{
    const uint8_t *head = *at;
    size_t octets = (size_t)(*head & 0x7f), len = 0;

    if (octets == 0 || octets == 0x7f) {
        carnet_der_refuse(r, CARNET_E_DER_LENGTH, head, CLAUSE_LENGTH, "the length is indefinite or reserved");
        return 0;
    }
    if (octets > (size_t)(r->end - head - 1) || octets > sizeof(uint32_t)) {
        carnet_der_refuse(r, CARNET_E_DER_TRUNCATED, head, NULL, NULL);
        return 0;
    }
    for (size_t i = 1; i <= octets; i++)
        len = len << 8 | head[i];
    if (len < 128 || head[1] == 0) {
        carnet_der_refuse(r, CARNET_E_DER_LENGTH, head, CLAUSE_LENGTH, "the length takes more octets than needed");
        return 0;
    }
    *at = head + octets + 1;
    return len;
}

carnet_der_item
carnet_der_any(carnet_der_reader *r)
{
    const uint8_t *head = r->at, *at = head;
    carnet_der_item item = { 0 };
    size_t len;

    if (r->end - head < 2) {
        carnet_der_refuse(r, CARNET_E_DER_TRUNCATED, NULL, NULL, NULL);
        return item;
    }
    if ((*head & 0x1f) == 0x1f || *head == 0) {
        carnet_der_refuse(r, CARNET_E_DER_TAG, NULL, "X.690 8.1.2", "this tag is not used here");
        return item;
    }
    at++;
    len = *at < 128 ? *at++ : long_length(r, &at);
    if (r->rc != CARNET_OK)
        return item;
    if (len > (size_t)(r->end - at)) {
        carnet_der_refuse(r, CARNET_E_DER_TRUNCATED, head, NULL, NULL);
        return item;
    }
    r->at = at + len;
    return (carnet_der_item){ *head, { at, len }, { head, (size_t)(at - head) + len } };
}

/* Whether the values in `content` are well formed, `depth` levels down. */
static void
check_deep(carnet_der_reader *outer, carnet_span content)
{
    carnet_der_reader r = carnet_der_open_within(outer, content);

    r.depth = (uint8_t)(outer->depth + 1);
    if (r.depth > CARNET_DER_DEPTH)
        carnet_der_refuse(&r, CARNET_E_DER_DEPTH, NULL, NULL, NULL);
    while (carnet_der_more(&r)) {
        carnet_der_item item = carnet_der_any(&r);

        if (item.tag & 0x20)
            check_deep(&r, item.content);
    }
    carnet_der_join(outer, &r);
}

carnet_der_item
carnet_der_any_deep(carnet_der_reader *r)
{
    carnet_der_item item = carnet_der_any(r);

    if (item.tag & 0x20)
        check_deep(r, item.content);
    return r->rc == CARNET_OK ? item : (carnet_der_item){ 0 };
}

carnet_span
carnet_der_value(carnet_der_reader *r, uint8_t tag)
{
    const uint8_t *head = r->at;
    carnet_der_item item;

    if (carnet_der_more(r) && *head != tag)
        carnet_der_refuse(r, CARNET_E_DER_TAG, NULL, NULL, NULL);
    item = carnet_der_any(r);
    return item.content;
}

carnet_span
carnet_der_optional(carnet_der_reader *r, uint8_t tag)
{
    return carnet_der_peek(r) == tag ? carnet_der_value(r, tag) : (carnet_span){ 0 };
}

void
carnet_der_enter(carnet_der_reader *r, uint8_t tag, carnet_der_walk *walk)
{
    const uint8_t *head = r->at;
    carnet_span content = carnet_der_value(r, tag);

    *walk = (carnet_der_walk){ r->end };
    if (r->rc != CARNET_OK)
        return;
    if (r->depth == CARNET_DER_DEPTH) {
        carnet_der_refuse(r, CARNET_E_DER_DEPTH, head, NULL, NULL);
        return;
    }
    r->depth++;
    r->at = content.ptr;
    r->end = content.ptr + content.len;
}

bool
carnet_der_enter_optional(carnet_der_reader *r, uint8_t tag, carnet_der_walk *walk)
{
    if (carnet_der_peek(r) != tag)
        return false;
    carnet_der_enter(r, tag, walk);
    return r->rc == CARNET_OK;
}

void
carnet_der_leave(carnet_der_reader *r, const carnet_der_walk *walk)
{
    if (r->at != r->end)
        carnet_der_refuse(r, CARNET_E_DER_TRAILING, NULL, NULL, NULL);
    if (r->rc != CARNET_OK)
        return;
    r->depth--;
    r->end = walk->outer_end;
}
