/* SPDX-License-Identifier: Apache-2.0 */
/* The four entries COSE_Sign1 and COSE_Mac0 have in common, and what is signed or authenticated of them. */
#include "internal.h"

bool
carnet_cose_entry(carnet_cbor_reader *r, carnet_cbor_walk *walk)
{
    if (carnet_cbor_array_next(r, walk))
        return true;
    carnet_cbor_refuse(r, CARNET_E_COSE_STRUCTURE, NULL, "RFC 9052 4.2", "the array has fewer than four entries");
    return false;
}

static void
read_tag(carnet_cbor_reader *r, uint64_t tag, carnet_cose_headers *headers)
{
    const uint8_t *at = r->at;

    if (carnet_cbor_peek(r) != CARNET_CBOR_TAG)
        return;
    if (carnet_cbor_tag(r) != tag)
        carnet_cbor_refuse(r, CARNET_E_COSE_STRUCTURE, at, "RFC 9052 2",
                           "another tag than that of this COSE structure");
    headers->seen |= CARNET_COSE_TAGGED;
}

static void
read_payload(carnet_cbor_reader *r, struct carnet_cose_message *message)
{
    message->detached = carnet_cbor_peek(r) == CARNET_CBOR_NULL;
    if (message->detached)
        carnet_cbor_null(r);
    else
        message->payload = carnet_cbor_bstr(r);
}

static void
read_entries(carnet_cbor_reader *r, const char *last, struct carnet_cose_message *message)
{
    const carnet_path *outer = r->path;
    carnet_path path = { .up = outer };
    const uint8_t *at = r->at;
    carnet_cbor_walk walk;

    carnet_cbor_array(r, &walk);
    if (r->rc == CARNET_OK && !walk.indefinite && walk.left != 4)
        carnet_cbor_refuse(r, CARNET_E_COSE_STRUCTURE, at, "RFC 9052 4.2", "this is not an array of four");
    carnet_cose_headers_read(r, &walk, &message->headers);
    r->path = &path;
    path.name = carnet_str_of("payload");
    if (carnet_cose_entry(r, &walk))
        read_payload(r, message);
    path.name = carnet_str_of(last);
    if (carnet_cose_entry(r, &walk))
        message->authenticator = carnet_cbor_bstr(r);
    r->path = outer;
    if (carnet_cbor_array_next(r, &walk))
        carnet_cbor_refuse(r, CARNET_E_COSE_STRUCTURE, NULL, "RFC 9052 4.2", "the array has more than four entries");
}

void
carnet_cose_message_read(carnet_cbor_reader *r, uint64_t tag, const char *last, struct carnet_cose_message *message)
{
    uint8_t before = r->seen;
    const uint8_t *start = r->at;
    carnet_cose_headers tagged = { 0 };

    *message = (struct carnet_cose_message){ 0 };
    r->seen = 0;
    read_tag(r, tag, &tagged);
    read_entries(r, last, message);
    if (r->rc != CARNET_OK) {
        *message = (struct carnet_cose_message){ 0 };
    } else {
        message->encoded = (carnet_span){ start, (size_t)(r->at - start) };
        message->headers.seen |= tagged.seen;
        message->headers.cbor_seen = r->seen;
    }
    r->seen |= before;
}

/* --- what is signed --- */

/* Append a byte string's head to the heads, and make a part of what the heads gained since `from`. */
static void
add_head(struct carnet_cose_parts *parts, carnet_cbor_builder *head, size_t from, size_t len)
{
    carnet_cbor_add_bstr_head(head, len);
    parts->parts[parts->count++] = (carnet_span){ parts->head + from, head->len - from };
}

carnet_rc
carnet_cose_parts_set(struct carnet_cose_parts *parts, const char *context, carnet_span protected_bytes,
                      const carnet_cose_content *content, carnet_err *err)
{
    carnet_cbor_builder head = carnet_cbor_build(parts->head, sizeof(parts->head));
    size_t len = 0;

    parts->count = 0;
    if (content->payload_count > CARNET_COSE_PAYLOAD_PARTS)
        return carnet_fail(err, CARNET_E_LIMIT, NULL, "the payload is in too many parts");
    for (size_t i = 0; i < content->payload_count; i++)
        if (!carnet_add_size(len, content->payload[i].len, &len))
            return carnet_fail(err, CARNET_E_OVERFLOW, NULL, "the payload is too long");
    carnet_cbor_add_array(&head, 4);
    carnet_cbor_add_text(&head, context);
    add_head(parts, &head, 0, protected_bytes.len);
    parts->parts[parts->count++] = protected_bytes;
    add_head(parts, &head, head.len, content->external_aad.len);
    if (content->external_aad.len != 0)
        parts->parts[parts->count++] = content->external_aad;
    add_head(parts, &head, head.len, len);
    for (size_t i = 0; i < content->payload_count; i++)
        parts->parts[parts->count++] = content->payload[i];
    return carnet_cbor_built(&head, &(carnet_span){ 0 }, err);
}

void
carnet_cose_structure_build(carnet_cbor_builder *b, const char *context, carnet_span protected_bytes,
                            const carnet_cose_content *content)
{
    struct carnet_cose_parts parts;
    carnet_rc rc = carnet_cose_parts_set(&parts, context, protected_bytes, content, NULL);

    if (rc != CARNET_OK && b->rc == CARNET_OK)
        b->rc = rc;
    for (size_t i = 0; rc == CARNET_OK && i < parts.count; i++)
        carnet_cbor_add_raw(b, parts.parts[i]);
}

carnet_rc
carnet_cose_content_settle(const carnet_cose_content *given, const carnet_span *attached, bool detached,
                           carnet_cose_content *settled, carnet_err *err)
{
    *settled = given != NULL ? *given : (carnet_cose_content){ 0 };
    if (settled->payload != NULL && !detached)
        return carnet_fail(err, CARNET_E_COSE_PAYLOAD, "RFC 9052 4.1", "the payload is attached where it must not be");
    if (settled->payload == NULL && detached)
        return carnet_fail(err, CARNET_E_COSE_PAYLOAD, "RFC 9052 4.1", "the payload is detached and was not given");
    if (!detached) {
        settled->payload = attached;
        settled->payload_count = 1;
    }
    return CARNET_OK;
}

void
carnet_cose_payload_build(carnet_cbor_builder *b, const carnet_cose_content *content, bool detached)
{
    uint64_t len = 0;

    if (detached) {
        carnet_cbor_add_null(b);
        return;
    }
    for (size_t i = 0; i < content->payload_count; i++)
        len += content->payload[i].len;
    carnet_cbor_add_bstr_head(b, len);
    for (size_t i = 0; i < content->payload_count; i++)
        carnet_cbor_add_raw(b, content->payload[i]);
}
