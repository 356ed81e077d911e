/* SPDX-License-Identifier: Apache-2.0 */
/* Header parameters of both buckets (RFC 9052, 3; RFC 9360, 2). */
#include "internal.h"

enum {
    LABEL_ALGORITHM = 1,
    LABEL_CRITICAL = 2,
    LABEL_CONTENT_TYPE = 3,
    LABEL_KEY_ID = 4,
    LABEL_TYPE = 16,
    LABEL_X5CHAIN = 33,
    LABEL_X5T = 34
};

/* One bucket: the items as received. */
struct bucket {
    carnet_span algorithm, critical, content_type, key_id, type, x5chain, x5t;
    bool others; /* labels the table does not name */
};

static const carnet_cbor_field bucket_fields[] = {
    CARNET_LABEL_OPTIONAL(struct bucket, LABEL_ALGORITHM, CARNET_FIELD_ANY, algorithm),
    CARNET_LABEL_OPTIONAL(struct bucket, LABEL_CRITICAL, CARNET_FIELD_ANY, critical),
    CARNET_LABEL_OPTIONAL(struct bucket, LABEL_CONTENT_TYPE, CARNET_FIELD_ANY, content_type),
    CARNET_LABEL_OPTIONAL(struct bucket, LABEL_KEY_ID, CARNET_FIELD_ANY, key_id),
    CARNET_LABEL_OPTIONAL(struct bucket, LABEL_TYPE, CARNET_FIELD_ANY, type),
    CARNET_LABEL_OPTIONAL(struct bucket, LABEL_X5CHAIN, CARNET_FIELD_ANY, x5chain),
    CARNET_LABEL_OPTIONAL(struct bucket, LABEL_X5T, CARNET_FIELD_ANY, x5t),
};

static void
read_bucket(carnet_cbor_reader *r, struct bucket *bucket)
{
    uint8_t before = r->seen;

    r->seen = 0;
    carnet_cbor_fields(r, bucket_fields, CARNET_COUNT(bucket_fields), bucket);
    bucket->others = (r->seen & CARNET_CBOR_UNKNOWN_KEY) != 0;
    r->seen |= before;
}

/* The protected bucket.  RFC 9052, 4.4 signs h'' when there is nothing in it, however that was written. */
static void
read_protected(carnet_cbor_reader *r, struct bucket *bucket, carnet_cose_headers *headers)
{
    carnet_path path = { .up = r->path, .name = { "protected", 9 } };
    carnet_span content = carnet_cbor_bstr(r);
    carnet_cbor_reader child;

    headers->protected_bytes = content;
    if (r->rc != CARNET_OK || content.len == 0)
        return;
    child = carnet_cbor_open_within(r, content, &path);
    read_bucket(&child, bucket);
    if (carnet_cbor_end(&child, NULL) == CARNET_OK && carnet_cbor_count(content) == 0) {
        headers->protected_bytes.len = 0;
        headers->seen |= CARNET_COSE_PROTECTED_EMPTY_MAP;
    }
    carnet_cbor_join(r, &child);
}

/* Whether a map has this label, compared as encoded. */
static bool
has_label(const carnet_cbor_reader *outer, carnet_span map, carnet_span label)
{
    carnet_cbor_reader r = carnet_cbor_open_within(outer, map, NULL);
    carnet_cbor_walk walk;

    carnet_cbor_map(&r, &walk);
    while (carnet_cbor_map_next(&r, &walk)) {
        if (carnet_span_equal(carnet_cbor_any(&r), label))
            return true;
        (void)carnet_cbor_any(&r);
    }
    return false;
}

/* RFC 9052, 3: a label stands in one bucket only.  The labels of the table are compared when they are used; this is for
 * the others, of which messages have few: the product of both numbers is walked. */
static void
refuse_common(carnet_cbor_reader *r, carnet_span protected_map, carnet_span unprotected)
{
    carnet_cbor_reader p = carnet_cbor_open_within(r, protected_map, NULL);
    carnet_cbor_walk walk;

    if (carnet_cbor_count(protected_map) > CARNET_COSE_LABELS_MAX ||
        carnet_cbor_count(unprotected) > CARNET_COSE_LABELS_MAX) {
        carnet_cbor_refuse(r, CARNET_E_CBOR_LIMIT, unprotected.ptr, "RFC 9052 3", "too many header parameters");
        return;
    }
    carnet_cbor_map(&p, &walk);
    while (carnet_cbor_map_next(&p, &walk)) {
        carnet_span label = carnet_cbor_any(&p);

        if (has_label(r, unprotected, label)) {
            carnet_cbor_refuse(r, CARNET_E_COSE_HEADER, label.ptr, "RFC 9052 3", "a label is in both buckets");
            return;
        }
        (void)carnet_cbor_any(&p);
    }
}

/* The item of a label from the bucket it is in. */
static carnet_span
either(carnet_cbor_reader *r, carnet_span in_protected, carnet_span in_unprotected)
{
    if (in_protected.ptr != NULL && in_unprotected.ptr != NULL)
        carnet_cbor_refuse(r, CARNET_E_COSE_HEADER, in_unprotected.ptr, "RFC 9052 3", "a label is in both buckets");
    return in_protected.ptr != NULL ? in_protected : in_unprotected;
}

static bool
is_integer(const carnet_cbor_reader *r)
{
    carnet_cbor_type type = carnet_cbor_peek(r);

    return type == CARNET_CBOR_UINT || type == CARNET_CBOR_NINT;
}

static void
take_algorithm(carnet_cbor_reader *r, carnet_cose_headers *headers)
{
    if (is_integer(r)) {
        headers->algorithm = carnet_cbor_int(r);
    } else if (carnet_cbor_peek(r) == CARNET_CBOR_TSTR) {
        (void)carnet_cbor_tstr(r);
        headers->seen |= CARNET_COSE_ALGORITHM_TEXT;
    } else {
        carnet_cbor_refuse(r, CARNET_E_COSE_HEADER, NULL, "RFC 9052 3.1", "alg is neither number nor text");
    }
}

/* typ (RFC 9596) and content type are a text or a number of the CoAP registry. */
static void
take_type(carnet_cbor_reader *r, carnet_str *text, int64_t *number)
{
    uint64_t n;

    if (carnet_cbor_peek(r) == CARNET_CBOR_TSTR) {
        *text = carnet_cbor_tstr(r);
        return;
    }
    n = carnet_cbor_uint(r);
    if (n > INT64_MAX)
        carnet_cbor_refuse(r, CARNET_E_COSE_HEADER, NULL, "RFC 9052 3.1", "a content type number is out of range");
    else if (r->rc == CARNET_OK)
        *number = (int64_t)n;
}

static void
take_content_type(carnet_cbor_reader *r, carnet_cose_headers *headers)
{
    take_type(r, &headers->content_type, &headers->content_type_number);
}

static void
take_typ(carnet_cbor_reader *r, carnet_cose_headers *headers)
{
    take_type(r, &headers->type, &headers->type_number);
}

static void
take_key_id(carnet_cbor_reader *r, carnet_cose_headers *headers)
{
    if (carnet_cbor_peek(r) == CARNET_CBOR_TSTR) {
        (void)carnet_cbor_tstr(r);
        headers->seen |= CARNET_COSE_KEY_ID_TEXT;
    } else {
        headers->key_id = carnet_cbor_bstr(r);
    }
}

/* One certificate; false and a refusal if it is none. */
static bool
take_certificate(carnet_cbor_reader *r)
{
    const uint8_t *start = r->at;

    if (carnet_cbor_peek(r) != CARNET_CBOR_BSTR || carnet_cbor_bstr(r).len == 0)
        carnet_cbor_refuse(r, CARNET_E_COSE_X5CHAIN, start, "RFC 9360 2",
                           "a certificate is not a byte string, or empty");
    return r->rc == CARNET_OK;
}

/* x5chain: a certificate as a byte string, or an array of them, leaf first.  Kept: the run of byte strings. */
static void
take_x5chain(carnet_cbor_reader *r, carnet_cose_headers *headers)
{
    const uint8_t *start = r->at, *end;
    carnet_cbor_walk walk;

    if (carnet_cbor_peek(r) != CARNET_CBOR_ARRAY) {
        if (take_certificate(r))
            headers->x5chain_count = 1;
        headers->x5chain = (carnet_span){ start, (size_t)(r->at - start) };
        return;
    }
    carnet_cbor_array(r, &walk);
    for (start = end = r->at; carnet_cbor_array_next(r, &walk) && take_certificate(r); end = r->at)
        headers->x5chain_count++;
    headers->x5chain = (carnet_span){ start, (size_t)(end - start) };
    if (headers->x5chain_count == 0)
        carnet_cbor_refuse(r, CARNET_E_COSE_X5CHAIN, NULL, "RFC 9360 2", "the x5chain is empty");
    else if (headers->x5chain_count == 1)
        headers->seen |= CARNET_COSE_X5CHAIN_ARRAY_OF_ONE;
}

/* x5t = [hashAlg: int / tstr, hashValue: bstr] */
static void
take_x5t(carnet_cbor_reader *r, carnet_cose_headers *headers)
{
    carnet_cbor_walk walk;

    carnet_cbor_array(r, &walk);
    if (carnet_cbor_array_next(r, &walk)) {
        if (is_integer(r))
            headers->x5t_algorithm = carnet_cbor_int(r);
        else
            (void)carnet_cbor_tstr(r);
    }
    if (carnet_cbor_array_next(r, &walk))
        headers->x5t = carnet_cbor_bstr(r);
    if (r->rc == CARNET_OK && (headers->x5t.ptr == NULL || carnet_cbor_array_next(r, &walk)))
        carnet_cbor_refuse(r, CARNET_E_COSE_HEADER, NULL, "RFC 9360 2", "x5t is not an array of two");
}

/* Interpret one item by `take`, which stands at `name`. */
static void
take(carnet_cbor_reader *r, carnet_span item, const char *name,
     void (*how)(carnet_cbor_reader *, carnet_cose_headers *), carnet_cose_headers *headers)
{
    carnet_path path = { .up = r->path, .name = carnet_str_of(name) };
    carnet_cbor_reader child;

    if (item.ptr == NULL || r->rc != CARNET_OK)
        return;
    child = carnet_cbor_open_within(r, item, &path);
    how(&child, headers);
    (void)carnet_cbor_end(&child, NULL);
    carnet_cbor_join(r, &child);
}

/* Whether a label that a crit header names is understood here and stands in the protected bucket. */
static bool
understood(const struct bucket *bucket, int64_t label)
{
    switch (label) {
    case LABEL_ALGORITHM:
        return bucket->algorithm.ptr != NULL;
    case LABEL_CONTENT_TYPE:
        return bucket->content_type.ptr != NULL;
    case LABEL_KEY_ID:
        return bucket->key_id.ptr != NULL;
    case LABEL_TYPE:
        return bucket->type.ptr != NULL;
    case LABEL_X5CHAIN:
        return bucket->x5chain.ptr != NULL;
    case LABEL_X5T:
        return bucket->x5t.ptr != NULL;
    default:
        return false;
    }
}

/* RFC 9052, 3.1: crit is protected, names at least one label, and only such as are understood and protected. */
static void
check_critical(carnet_cbor_reader *r, const struct bucket *protected_bucket, const struct bucket *unprotected)
{
    carnet_path path = { .up = r->path, .name = { "crit", 4 } };
    carnet_cbor_reader child;
    carnet_cbor_walk walk;
    size_t labels = 0;

    if (unprotected->critical.ptr != NULL)
        carnet_cbor_refuse(r, CARNET_E_COSE_CRITICAL, unprotected->critical.ptr, "RFC 9052 3.1",
                           "crit is not protected");
    if (protected_bucket->critical.ptr == NULL || r->rc != CARNET_OK)
        return;
    child = carnet_cbor_open_within(r, protected_bucket->critical, &path);
    carnet_cbor_array(&child, &walk);
    for (; carnet_cbor_array_next(&child, &walk); labels++) {
        const uint8_t *at = child.at;

        if (!is_integer(&child) || !understood(protected_bucket, carnet_cbor_int(&child)))
            carnet_cbor_refuse(&child, CARNET_E_COSE_CRITICAL, at, "RFC 9052 3.1",
                               "a critical header parameter is not understood, or not protected");
    }
    if (labels == 0)
        carnet_cbor_refuse(&child, CARNET_E_COSE_CRITICAL, NULL, "RFC 9052 3.1", "crit names no label");
    carnet_cbor_join(r, &child);
}

static unsigned
bucket_flags(const struct bucket *p, const struct bucket *u)
{
    unsigned seen = 0;

    if (p->others || p->critical.ptr != NULL || p->content_type.ptr != NULL || p->key_id.ptr != NULL ||
        p->type.ptr != NULL)
        seen |= CARNET_COSE_OTHER_PROTECTED;
    if (u->others || u->content_type.ptr != NULL || u->key_id.ptr != NULL || u->type.ptr != NULL)
        seen |= CARNET_COSE_OTHER_UNPROTECTED;
    if (p->x5chain.ptr != NULL)
        seen |= CARNET_COSE_X5CHAIN_PROTECTED;
    if (u->algorithm.ptr != NULL)
        seen |= CARNET_COSE_ALGORITHM_UNPROTECTED;
    return seen;
}

static void
take_all(carnet_cbor_reader *r, const struct bucket *p, const struct bucket *u, carnet_cose_headers *headers)
{
    take(r, either(r, p->algorithm, u->algorithm), "alg", take_algorithm, headers);
    take(r, either(r, p->content_type, u->content_type), "content type", take_content_type, headers);
    take(r, either(r, p->key_id, u->key_id), "kid", take_key_id, headers);
    take(r, either(r, p->type, u->type), "typ", take_typ, headers);
    take(r, either(r, p->x5chain, u->x5chain), "x5chain", take_x5chain, headers);
    take(r, either(r, p->x5t, u->x5t), "x5t", take_x5t, headers);
}

void
carnet_cose_headers_read(carnet_cbor_reader *r, carnet_cbor_walk *walk, carnet_cose_headers *headers)
{
    struct bucket p = { 0 }, u = { 0 };
    const carnet_path *outer = r->path;
    carnet_path path = { .up = outer, .name = { "unprotected", 11 } };
    const uint8_t *start;

    *headers = (carnet_cose_headers){ .type_number = -1, .content_type_number = -1 };
    if (carnet_cose_entry(r, walk))
        read_protected(r, &p, headers);
    if (!carnet_cose_entry(r, walk))
        return;
    start = r->at;
    r->path = &path;
    read_bucket(r, &u);
    r->path = outer;
    headers->unprotected = (carnet_span){ start, (size_t)(r->at - start) };
    headers->seen |= bucket_flags(&p, &u);
    take_all(r, &p, &u, headers);
    check_critical(r, &p, &u);
    if (p.others && u.others && r->rc == CARNET_OK)
        refuse_common(r, headers->protected_bytes, headers->unprotected);
}

/* --- certificates --- */

bool
carnet_cose_x5chain_next(const carnet_cose_headers *headers, carnet_span *at, carnet_span *certificate)
{
    carnet_cbor_reader r = carnet_cbor_open(at->ptr == NULL ? headers->x5chain : *at);

    *certificate = (carnet_span){ 0 };
    if (headers->x5chain.ptr == NULL || r.at == r.end)
        return false;
    r.allow = CARNET_CBOR_LENIENT; /* what is not allowed was refused when the headers were read */
    *certificate = carnet_cbor_bstr(&r);
    *at = (carnet_span){ r.at, (size_t)(r.end - r.at) };
    return r.rc == CARNET_OK;
}

carnet_rc
carnet_cose_x5chain_leaf(const carnet_cose_headers *headers, carnet_span *certificate, carnet_err *err)
{
    carnet_span at = { 0 };

    if (!carnet_cose_x5chain_next(headers, &at, certificate))
        return carnet_fail(err, CARNET_E_COSE_X5CHAIN, "18013-5 12.3", "there is no x5chain");
    return CARNET_OK;
}

carnet_rc
carnet_cose_x5t_check(const carnet_cose_headers *headers, carnet_crypto *crypto, carnet_span certificate,
                      carnet_err *err)
{
    uint8_t digest[CARNET_HASH_MAX];
    carnet_hash hash;
    carnet_rc rc;

    if (headers->x5t.ptr == NULL)
        return CARNET_OK;
    if (headers->x5t_algorithm != CARNET_SHA256 && headers->x5t_algorithm != CARNET_SHA384 &&
        headers->x5t_algorithm != CARNET_SHA512)
        return carnet_fail(err, CARNET_E_CRYPTO_UNSUPPORTED, "RFC 9360 2",
                           "the hash algorithm of x5t is not supported");
    hash = (carnet_hash)headers->x5t_algorithm;
    if ((rc = carnet_digest(crypto, hash, &certificate, 1, digest, err)) != CARNET_OK)
        return rc;
    if (!carnet_span_equal(headers->x5t, carnet_span_of(digest, carnet_hash_size(hash))))
        return carnet_fail(err, CARNET_E_COSE_X5CHAIN, "RFC 9360 2", "x5t is not the hash of the certificate");
    return CARNET_OK;
}
