/* SPDX-License-Identifier: Apache-2.0 */
/* What a CBOR item looks like: told by its first keys or entries, so that half an item will do. */
#include "inspect.h"

#include <string.h>
#include <strings.h>

enum { KEYS = 24 };

/** What comes after an item; NULL if it is cut off or malformed. */
static const uint8_t *
skip(carnet_span cbor, unsigned depth)
{
    inspect_head head;
    carnet_rc rc;
    const char *reason;
    carnet_span rest;
    uint64_t items;

    if (depth == 0 || !inspect_head_read(cbor, &head, &rc, &reason)) {
        return NULL;
    }
    rest = inspect_rest(cbor, head.next);
    if (!head.indefinite && (head.major == 2 || head.major == 3)) {
        return head.argument <= rest.len ? rest.ptr + head.argument : NULL;
    }
    if (head.major < 2 || (head.major == 7 && !head.indefinite)) {
        return head.next;
    }
    items = head.major == 6 ? 1 : head.major == 5 && head.argument < UINT64_MAX / 2 ? 2 * head.argument : head.argument;
    for (uint64_t i = 0; head.indefinite || i < items; i++) {
        const uint8_t *next;

        if (head.indefinite && rest.len > 0 && rest.ptr[0] == 0xff) {
            return rest.ptr + 1;
        }
        next = skip(rest, depth - 1);
        if (next == NULL) {
            return NULL;
        }
        rest = inspect_rest(rest, next);
    }
    return rest.ptr;
}

/** One key of a map, or one entry of an array: the head of it, and its text if it is one. */
typedef struct seen {
    inspect_head head;
    carnet_str text;
    carnet_span item; /**< of a key: the value; of an entry: itself.  To the end of what is known */
} seen;

typedef struct outline {
    inspect_head head;
    seen list[KEYS];
    size_t count;
} outline;

static bool
look(carnet_span cbor, seen *out)
{
    carnet_rc rc;
    const char *reason;

    *out = (seen){ .item = cbor };
    if (!inspect_head_read(cbor, &out->head, &rc, &reason)) {
        return false;
    }
    if (out->head.major == 3 && out->head.argument <= inspect_rest(cbor, out->head.next).len) {
        out->text = (carnet_str){ (const char *)out->head.next, (size_t)out->head.argument };
    }
    return true;
}

/** The keys of a map or the entries of an array, as far as they are there. */
static void
outline_of(carnet_span cbor, outline *o)
{
    carnet_span rest = inspect_rest(cbor, o->head.next);
    const uint8_t *next = rest.ptr;

    o->count = 0;
    while (next != NULL && o->count < KEYS && (o->head.indefinite || o->count < o->head.argument)) {
        seen *s = &o->list[o->count];

        rest = inspect_rest(rest, next);
        if (!look(rest, s) || (s->head.major == 7 && s->head.indefinite)) {
            return;
        }
        o->count++;
        next = skip(rest, INSPECT_DEPTH_MAX);
        if (next != NULL && o->head.major == 5) {
            rest = inspect_rest(rest, next);
            s->item = rest;
            next = skip(rest, INSPECT_DEPTH_MAX);
        }
    }
}

static const seen *
find(const outline *o, const char *name)
{
    for (size_t i = 0; i < o->count; i++) {
        if (o->list[i].text.ptr != NULL && carnet_str_is(o->list[i].text, name)) {
            return &o->list[i];
        }
    }
    return NULL;
}

static const seen *
find_label(const outline *o, int64_t label)
{
    for (size_t i = 0; i < o->count; i++) {
        const inspect_head *h = &o->list[i].head;
        uint64_t argument = label < 0 ? (uint64_t)(-1 - label) : (uint64_t)label;

        if (h->major == (label < 0 ? 1 : 0) && h->argument == argument) {
            return &o->list[i];
        }
    }
    return NULL;
}

static bool
begins(const seen *s, uint8_t major)
{
    return s != NULL && s->item.len > 0 && s->item.ptr[0] >> 5 == major;
}

/* --- maps with text keys: the first row whose keys are all there --- */

typedef struct rule {
    const char *keys[3];
    const inspect_shape *shape;
    bool within; /**< cannot be mistaken for something else, wherever it stands */
} rule;

static const rule rules[] = {
    { { "documents", "version" }, &inspect_device_response, true },
    { { "docRequests" }, &inspect_device_request, true },
    { { "issuerAuth", "dataIdentifier" }, &inspect_dehydrated, true },
    { { "issuerAuth", "nameSpacesDehydrated" }, &inspect_dehydrated, true },
    { { "issuerAuth", "digestIdMapping" }, &inspect_dehydrated, true },
    { { "issuerAuth" }, &inspect_issuer_signed, true },
    { { "issuerSigned" }, &inspect_document, true },
    { { "deviceSigned" }, &inspect_document, true },
    { { "valueDigests" }, &inspect_mso, true },
    { { "digestAlgorithm" }, &inspect_mso, true },
    { { "deviceKeyInfo" }, &inspect_mso, true },
    { { "elementIdentifier" }, &inspect_signed_item, true },
    { { "digestID", "random" }, &inspect_signed_item, true },
    { { "itemsRequest" }, &inspect_doc_request, true },
    { { "docType", "nameSpaces" }, &inspect_items_request, true },
    { { "deviceAuth" }, &inspect_device_signed, true },
    { { "deviceSignature" }, &inspect_device_auth, true },
    { { "deviceMac" }, &inspect_device_auth, true },
    { { "documents" }, &inspect_device_response, false },
    { { "documentErrors" }, &inspect_device_response, false },
    { { "zkDocuments" }, &inspect_device_response, false },
    { { "encryptedDocuments" }, &inspect_device_response, false },
    { { "version", "status" }, &inspect_device_response, false },
    { { "namespaces" }, &inspect_name_spaced_data, false },
    { { "dataIdentifier" }, &inspect_name_spaced_data, false },
    { { "provisionedData" }, &inspect_name_spaced_data, false },
    { { "eReaderKey" }, &inspect_session_establishment, true },
    { { "deviceEngagementBytes" }, &inspect_engagement_message, true },
    { { "certificateInfos" }, &inspect_vical_payload, true },
    { { "recipientPublicKey" }, &inspect_encryption_parameters, true },
    { { "nameSpaces" }, &inspect_issuer_signed, false },
};

/** {"data", "status"} and nothing else. */
static bool
is_session_data(const outline *o)
{
    const seen *data = find(o, "data"), *status = find(o, "status");
    size_t known = (data != NULL) + (size_t)(status != NULL);

    return known > 0 && known == o->count && (data == NULL || begins(data, 2)) && (status == NULL || begins(status, 0));
}

static bool
is_engagement(const outline *o)
{
    const seen *version = find_label(o, 0);
    seen text;

    return begins(version, 3) && look(version->item, &text) && text.text.len >= 3 && text.text.ptr[1] == '.' &&
           o->list[0].head.major == 0 && o->list[0].head.argument == 0;
}

static const inspect_shape *
guess_labels(const outline *o, bool within)
{
    if (begins(find_label(o, 1), 0) && (find_label(o, -1) != NULL || find_label(o, -2) != NULL)) {
        return &inspect_cose_key;
    }
    if (is_engagement(o) && !within) {
        bool methods_of_1_0 = find_label(o, 2) != NULL && o->list[0].item.len > 3 && o->list[0].item.ptr[3] == '0';

        return find_label(o, 1) != NULL || methods_of_1_0 ? &inspect_device_engagement : &inspect_reader_engagement;
    }
    if (find_label(o, 65533) != NULL || find_label(o, 65530) != NULL) {
        return &inspect_status_claims;
    }
    if (find_label(o, 33) != NULL && !within) {
        return &inspect_cose_headers;
    }
    return NULL;
}

static const inspect_shape *
guess_map(const outline *o, bool within)
{
    for (size_t i = 0; i < CARNET_COUNT(rules); i++) {
        const rule *r = &rules[i];

        if ((r->within || !within) && find(o, r->keys[0]) != NULL &&
            (r->keys[1] == NULL || find(o, r->keys[1]) != NULL)) {
            return r->shape;
        }
    }
    if (!within && is_session_data(o)) {
        return &inspect_session_data;
    }
    return guess_labels(o, within);
}

/* --- arrays --- */

/** The algorithm that a protected bucket names; 0: none. */
static int64_t
algorithm_of(const seen *bucket)
{
    carnet_span content = inspect_rest(bucket->item, bucket->head.next);
    outline o = { 0 };
    const seen *alg = NULL;
    carnet_rc rc;
    const char *reason;

    if (bucket->head.major == 2 && inspect_head_read(content, &o.head, &rc, &reason) && o.head.major == 5) {
        outline_of(content, &o);
        alg = find_label(&o, 1);
    }
    return begins(alg, 0) && alg->item.ptr[0] < 24 ? alg->item.ptr[0] : begins(alg, 1) ? -1 : 0;
}

/** A payload's first bytes. */
static const inspect_shape *
guess_payload(const seen *payload)
{
    carnet_span content = inspect_rest(payload->item, payload->head.next);

    if (payload->head.major != 2 || content.len == 0 || payload->head.indefinite) {
        return NULL;
    }
    content.len = payload->head.argument < content.len ? (size_t)payload->head.argument : content.len;
    return inspect_guess(content, true);
}

static const inspect_shape *
guess_cose(const outline *o)
{
    const seen *e = o->list;
    const inspect_shape *payload;
    bool bytes_or_null;
    int64_t algorithm;

    if (o->count < 2 || o->head.argument != 4 || e[0].head.major != 2 || e[1].head.major != 5) {
        return NULL;
    }
    bytes_or_null = o->count < 3 || e[2].head.major == 2 || (e[2].head.major == 7 && e[2].head.argument == 22);
    if (!bytes_or_null || (o->count > 3 && e[3].head.major != 2)) {
        return NULL;
    }
    algorithm = algorithm_of(&e[0]);
    if ((algorithm >= 4 && algorithm <= 7) || (o->count > 3 && algorithm == 0 && e[3].head.argument <= 32)) {
        return &inspect_cose_mac0;
    }
    payload = o->count > 2 ? guess_payload(&e[2]) : NULL;
    return payload == &inspect_vical_payload   ? &inspect_vical
           : payload == &inspect_status_claims ? &inspect_status_token
                                               : &inspect_cose_sign1;
}

static const inspect_shape *
guess_dcapi(const outline *o)
{
    outline inner;
    carnet_rc rc;
    const char *reason;

    if (o->count < 2 || !inspect_head_read(o->list[1].item, &inner.head, &rc, &reason) || inner.head.major != 5) {
        return NULL;
    }
    outline_of(o->list[1].item, &inner);
    return find(&inner, "cipherText") != NULL || find(&inner, "enc") != NULL ? &inspect_encrypted_response
                                                                             : &inspect_encryption_info;
}

static const inspect_shape *
guess_array(const outline *o, bool within)
{
    static const struct {
        const char *word;
        const inspect_shape *shape;
    } words[] = { { "DeviceAuthentication", &inspect_device_authentication },
                  { "ReaderAuthentication", &inspect_reader_authentication },
                  { "ReaderAuthenticationAll", &inspect_reader_authentication_all },
                  { "Signature1", &inspect_sig_structure },
                  { "MAC0", &inspect_mac_structure } };
    const seen *e = o->list;

    if (o->count == 0) {
        return NULL;
    }
    for (size_t i = 0; i < CARNET_COUNT(words); i++) {
        if (e[0].text.ptr != NULL && carnet_str_is(e[0].text, words[i].word)) {
            return words[i].shape;
        }
    }
    if (e[0].text.ptr != NULL && carnet_str_is(e[0].text, "dcapi")) {
        return guess_dcapi(o);
    }
    if (!within && o->head.argument == 3 && o->count >= 2 && (e[0].head.major == 6 || e[0].item.ptr[0] == 0xf6) &&
        (e[1].head.major == 6 || e[1].item.ptr[0] == 0xf6)) {
        return &inspect_session_transcript;
    }
    if (e[0].head.major == 5) {
        const inspect_shape *entry = inspect_guess(e[0].item, true);
        outline first = { .head = e[0].head };

        outline_of(e[0].item, &first);
        if (find(&first, "vehicle_category_code") != NULL) {
            return &inspect_driving_privileges;
        }
        return entry == &inspect_dehydrated ? &inspect_dehydrated_list : NULL;
    }
    return guess_cose(o);
}

/** The types whose bytes travel in #6.24. */
static const inspect_shape *
guess_embedded(carnet_span content, bool within)
{
    static const struct {
        const inspect_shape *plain, *bytes;
    } pairs[] = {
        { &inspect_mso, &inspect_mso_bytes },
        { &inspect_signed_item, &inspect_signed_item_bytes },
        { &inspect_items_request, &inspect_items_request_bytes },
        { &inspect_cose_key, &inspect_cose_key_bytes },
        { &inspect_session_transcript, &inspect_session_transcript_bytes },
        { &inspect_device_engagement, &inspect_device_engagement_bytes },
        { &inspect_device_authentication, &inspect_device_authentication_bytes },
        { &inspect_reader_authentication, &inspect_reader_authentication_bytes },
        { &inspect_encryption_parameters, &inspect_encryption_parameters_bytes },
        { &inspect_device_response, &inspect_device_response_bytes },
    };
    const inspect_shape *inner = inspect_guess(content, within);

    for (size_t i = 0; i < CARNET_COUNT(pairs) && inner != NULL; i++) {
        if (pairs[i].plain == inner) {
            return pairs[i].bytes;
        }
    }
    return NULL;
}

const inspect_shape *
inspect_guess(carnet_span cbor, bool within)
{
    static unsigned depth;
    const inspect_shape *shape = NULL;
    inspect_head head, inner;
    outline o;
    carnet_rc rc;
    const char *reason;
    carnet_span rest;

    if (!inspect_head_read(cbor, &head, &rc, &reason) || head.major < 4 || head.major > 6 || depth > 4) {
        return NULL;
    }
    depth++;
    rest = inspect_rest(cbor, head.next);
    if (head.major == 6) {
        if (head.argument == 24 && inspect_head_read(rest, &inner, &rc, &reason) && inner.major == 2) {
            rest = inspect_rest(rest, inner.next);
            rest.len = inner.argument < rest.len && !inner.indefinite ? (size_t)inner.argument : rest.len;
            shape = guess_embedded(rest, within);
        } else if (head.argument != 24) {
            shape = head.argument == 17 ? &inspect_cose_mac0 : inspect_guess(rest, within);
        }
    } else {
        o.head = head;
        outline_of(cbor, &o);
        shape = head.major == 5 ? guess_map(&o, within) : guess_array(&o, within);
    }
    depth--;
    return shape;
}
