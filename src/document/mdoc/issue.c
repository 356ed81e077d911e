/* SPDX-License-Identifier: Apache-2.0 */
/* Issuing: one copy of a document, straight into the caller's buffer. */
#include "internal.h"

#include "carnet/cose_sign1.h"

#define CLAUSE "18013-5 12.3"

/* Constant octets of an item, between its digest identifier, random, name and value. */
#define ITEM_DIGEST_ID                                                                                                 \
    "\xa4\x68"                                                                                                         \
    "digestID"
#define ITEM_RANDOM                                                                                                    \
    "\x66"                                                                                                             \
    "random"
#define ITEM_IDENTIFIER                                                                                                \
    "\x71"                                                                                                             \
    "elementIdentifier"
#define ITEM_VALUE                                                                                                     \
    "\x6c"                                                                                                             \
    "elementValue"
#define PIECE(literal) carnet_span_of(literal, sizeof(literal) - 1)

enum {
    ITEM_CONSTANT = sizeof(ITEM_DIGEST_ID ITEM_RANDOM ITEM_IDENTIFIER ITEM_VALUE) - 1,
    GAP_MASK = 3, /* up to three identifiers are left out before each one used */
    LARGEST_ID = CARNET_ISSUE_ELEMENTS_MAX * (GAP_MASK + 1) - 1,
    COSE_OVERHEAD = 1024, /* headers, signature and heads, certificates not counted */
    CHANCE_OCTETS = 4 + 4 + 1
};

/* One copy in the making.  `ids` and `digests` are by rank: ascending within each name space. */
typedef struct copy {
    const carnet_issue_plan *plan;
    carnet_crypto *crypto;
    uint8_t *randoms, *chances, *digests; /* in the buffer's tail */
    size_t scratch;
    uint16_t ids[CARNET_ISSUE_ELEMENTS_MAX];
    uint16_t rank[CARNET_ISSUE_ELEMENTS_MAX];  /* of each element */
    uint16_t order[CARNET_ISSUE_ELEMENTS_MAX]; /* of elements in the output */
} copy;

static size_t
ranks(const carnet_issue_plan *plan)
{
    return plan->issue->count == 0 ? 1 : plan->issue->count;
}

static size_t
scratch_size(const carnet_issue_plan *plan)
{
    return ranks(plan) * (plan->random_length + CHANCE_OCTETS + plan->hash_size);
}

/* --- chance --- */

static uint32_t
word_at(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Put `count` entries in random order, by as many words of chance. */
static void
shuffle(uint16_t *entries, size_t count, const uint8_t *words)
{
    size_t i, j;
    uint16_t entry;

    for (i = count; i > 1; i--) {
        j = (size_t)((uint64_t)word_at(words + 4 * (i - 1)) * i >> 32);
        entry = entries[i - 1];
        entries[i - 1] = entries[j];
        entries[j] = entry;
    }
}

/* Digest identifiers, order and places, one name space at a time. */
static void
assign(copy *c)
{
    const carnet_issue_plan *plan = c->plan;
    const uint8_t *words = c->chances, *more = words + 4 * ranks(plan), *gaps = more + 4 * ranks(plan);
    uint16_t places[CARNET_ISSUE_ELEMENTS_MAX];
    size_t n, i, first, count;
    uint16_t id;

    c->ids[0] = gaps[0] & GAP_MASK; /* stays, if there are no elements */
    for (n = 0; n < plan->name_space_count; n++) {
        first = plan->name_spaces[n].first;
        count = plan->name_spaces[n].count;
        for (i = 0, id = 0; i < count; i++, id++) {
            id = (uint16_t)(id + (gaps[first + i] & GAP_MASK));
            c->ids[first + i] = id;
            places[i] = (uint16_t)(first + i);
            c->order[first + i] = plan->order[first + i];
        }
        shuffle(places, count, words + 4 * first);
        for (i = 0; i < count; i++)
            c->rank[plan->order[first + i]] = places[i];
        if (plan->issue->shuffle)
            shuffle(c->order + first, count, more + 4 * first);
    }
}

/* All randomness of the copy in one call, into the tail of the room. */
static carnet_rc
draw(copy *c, uint8_t *base, size_t room, carnet_err *err)
{
    const carnet_issue_plan *plan = c->plan;
    carnet_random backend = carnet_crypto_random(c->crypto);
    const carnet_random *random = plan->issue->random == NULL ? &backend : plan->issue->random;
    size_t drawn = ranks(plan) * (plan->random_length + CHANCE_OCTETS);
    carnet_rc rc;

    c->scratch = scratch_size(plan);
    if (room < c->scratch)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    c->randoms = base + (room - c->scratch);
    c->chances = c->randoms + ranks(plan) * plan->random_length;
    c->digests = c->randoms + drawn;
    /* Without elements the digest is random too. */
    rc = carnet_random_fill(random, c->randoms, plan->issue->count == 0 ? c->scratch : drawn, err);
    if (rc == CARNET_OK)
        assign(c);
    return rc;
}

/* --- items --- */

static size_t
item_size(const carnet_issue_plan *plan, const carnet_element *element, uint16_t id)
{
    return ITEM_CONSTANT + carnet_cbor_head_size(id) + carnet_cbor_head_size(plan->random_length) +
           plan->random_length + carnet_cbor_head_size(element->identifier.len) + element->identifier.len +
           element->value.len;
}

static inline uint8_t *
put(uint8_t *p, const void *ptr, size_t len)
{
    memcpy(p, ptr, len);
    return p + len;
}

enum { FRONT_MAX = 2 + ITEM_CONSTANT + 4 * 3 + CARNET_ISSUE_RANDOM_MAX, SHORT_NAME = 256, SHORT_ITEM = 65536 };

/* What stands before an item's value, in one go: the same for each of many items, it is what issuing consists of. */
static void
front_build(copy *c, const carnet_element *element, size_t rank, carnet_cbor_builder *b)
{
    uint8_t front[FRONT_MAX + SHORT_NAME], *p = front;
    carnet_str name = element->identifier;
    size_t length = c->plan->random_length, size = item_size(c->plan, element, c->ids[rank]);

    if (size < SHORT_ITEM) {
        p = put(p, "\xd8\x18", 2);
        p = carnet_put_head(p, 0x40, size);
    } else {
        carnet_cbor_add_tag(b, 24);
        carnet_cbor_add_bstr_head(b, size);
    }
    p = put(p, ITEM_DIGEST_ID, sizeof(ITEM_DIGEST_ID) - 1);
    p = carnet_put_head(p, 0x00, c->ids[rank]);
    p = put(p, ITEM_RANDOM, sizeof(ITEM_RANDOM) - 1);
    p = carnet_put_head(p, 0x40, length);
    p = put(p, c->randoms + rank * length, length);
    p = put(p, ITEM_IDENTIFIER, sizeof(ITEM_IDENTIFIER) - 1);
    if (name.len > SHORT_NAME) {
        carnet_cbor_add_raw(b, carnet_span_of(front, (size_t)(p - front)));
        carnet_cbor_add_tstr(b, name);
        p = front;
    } else {
        p = carnet_put_head(p, 0x60, name.len);
        p = put(p, name.ptr, name.len);
    }
    p = put(p, ITEM_VALUE, sizeof(ITEM_VALUE) - 1);
    carnet_cbor_add_raw(b, carnet_span_of(front, (size_t)(p - front)));
}

/* One IssuerSignedItemBytes, and its digest. */
static carnet_rc
item_build(copy *c, size_t number, carnet_cbor_builder *b, carnet_err *err)
{
    const carnet_issue_plan *plan = c->plan;
    const carnet_element *element = &plan->issue->elements[number];
    size_t start = b->len, rank = c->rank[number];
    carnet_span item;

    front_build(c, element, rank, b);
    carnet_cbor_add_raw(b, element->value);
    if (b->rc != CARNET_OK)
        return carnet_fail(err, b->rc, NULL, NULL);
    item = carnet_span_of(b->ptr + start, b->len - start);
    return carnet_digest(c->crypto, plan->hash, &item, 1, c->digests + rank * plan->hash_size, err);
}

static carnet_rc
name_spaces_build(copy *c, carnet_cbor_builder *b, carnet_err *err)
{
    const carnet_issue_plan *plan = c->plan;
    size_t n, i, end;
    carnet_rc rc;

    if (plan->name_space_count == 0)
        return CARNET_OK;
    carnet_cbor_add_text(b, "nameSpaces");
    carnet_cbor_add_map(b, plan->name_space_count);
    for (n = 0; n < plan->name_space_count; n++) {
        carnet_cbor_add_tstr(b, plan->name_spaces[n].name);
        carnet_cbor_add_array(b, plan->name_spaces[n].count);
        end = (size_t)plan->name_spaces[n].first + plan->name_spaces[n].count;
        for (i = plan->name_spaces[n].first; i < end; i++) {
            rc = item_build(c, c->order[i], b, err);
            if (rc != CARNET_OK)
                return rc;
        }
    }
    return CARNET_OK;
}

/* The MSO is made where there is room and then moved to the end of it, so that issuerAuth can grow towards it. */
static carnet_rc
issuer_auth_build(copy *c, const carnet_public_key *device_key, carnet_cbor_builder *b, carnet_err *err)
{
    const carnet_issue_signer *signer = c->plan->signer;
    carnet_cose_sign1_params params = { .content = { .payload_count = 1 },
                                        .x5chain = signer->chain,
                                        .x5chain_count = signer->chain_count,
                                        .x5t = c->plan->issue->x5t };
    carnet_cbor_builder mso = carnet_cbor_build(b->ptr + b->len, b->cap - b->len);
    carnet_span payload;
    carnet_rc rc;

    carnet_issue_mso_build(c->plan, device_key, c->ids, c->digests, &mso);
    rc = carnet_cbor_built(&mso, &payload, err);
    if (rc != CARNET_OK)
        return rc;
    b->cap -= payload.len;
    memmove(b->ptr + b->cap, payload.ptr, payload.len);
    payload.ptr = b->ptr + b->cap;
    params.content.payload = &payload;
    carnet_cbor_add_text(b, "issuerAuth");
    return carnet_cose_sign1_build(b, c->crypto, signer->key, &params, err);
}

/* One copy at the front of `room` octets at `base`. */
static carnet_rc
copy_build(const carnet_issue_plan *plan, const carnet_public_key *device_key, carnet_crypto *crypto, uint8_t *base,
           size_t room, carnet_span *out, carnet_err *err)
{
    copy c = { .plan = plan, .crypto = crypto };
    carnet_cbor_builder b;
    carnet_rc rc;

    *out = (carnet_span){ 0 };
    if (carnet_cose_key_size(device_key) == 0)
        return carnet_fail(err, CARNET_E_COSE_KEY, CLAUSE, "the device key is of no curve known");
    rc = draw(&c, base, room, err);
    if (rc != CARNET_OK)
        return rc;
    b = carnet_cbor_build(base, room - c.scratch);
    carnet_cbor_add_map(&b, plan->name_space_count == 0 ? 1 : 2);
    rc = name_spaces_build(&c, &b, err);
    if (rc == CARNET_OK)
        rc = issuer_auth_build(&c, device_key, &b, err);
    if (rc == CARNET_OK)
        rc = carnet_cbor_built(&b, out, err);
    carnet_wipe(c.randoms, c.scratch);
    return rc;
}

/* --- the public face --- */

carnet_rc
carnet_issue_measure(const carnet_issue *issue, const carnet_issue_signer *signer, size_t *size, carnet_err *err)
{
    static const carnet_public_key longest = { .curve = CARNET_CURVE_P521 };
    carnet_issue_plan plan;
    carnet_cbor_builder mso = carnet_cbor_measure();
    uint16_t ids[CARNET_ISSUE_ELEMENTS_MAX];
    size_t i, sum;
    carnet_rc rc;

    *size = 0;
    rc = carnet_issue_prepare(issue, signer, &plan, err);
    if (rc != CARNET_OK)
        return rc;
    for (i = 0; i < CARNET_ISSUE_ELEMENTS_MAX; i++)
        ids[i] = LARGEST_ID;
    carnet_issue_mso_build(&plan, &longest, ids, NULL, &mso);
    sum = COSE_OVERHEAD + scratch_size(&plan) + 2 * mso.len;
    for (i = 0; i < plan.name_space_count; i++)
        sum += plan.name_spaces[i].name.len + 16;
    for (i = 0; i < issue->count; i++)
        if (!carnet_add_size(sum, item_size(&plan, &issue->elements[i], LARGEST_ID) + 16, &sum))
            return carnet_fail(err, CARNET_E_OVERFLOW, NULL, NULL);
    for (i = 0; i < signer->chain_count; i++)
        sum += signer->chain[i].len + 16;
    *size = sum;
    return CARNET_OK;
}

static carnet_rc
plan_build(const carnet_issue_plan *plan, const carnet_public_key *device_key, carnet_crypto *crypto, carnet_buf *buf,
           carnet_span *issuer_signed, carnet_err *err)
{
    if (device_key == NULL || buf->overflow)
        return carnet_fail(err, buf->overflow ? CARNET_E_NO_SPACE : CARNET_E_USAGE, NULL, NULL);
    return copy_build(plan, device_key, crypto, buf->ptr + buf->len, buf->cap - buf->len, issuer_signed, err);
}

carnet_rc
carnet_issue_build(const carnet_issue *issue, const carnet_issue_signer *signer, carnet_crypto *crypto, carnet_buf *buf,
                   carnet_span *issuer_signed, carnet_err *err)
{
    carnet_issue_plan plan;
    carnet_rc rc;

    *issuer_signed = (carnet_span){ 0 };
    rc = carnet_issue_prepare(issue, signer, &plan, err);
    if (rc == CARNET_OK)
        rc = plan_build(&plan, issue->device_key, crypto, buf, issuer_signed, err);
    buf->len += issuer_signed->len;
    return rc;
}

carnet_rc
carnet_issue_batch(const carnet_issue *issue, const carnet_issue_signer *signer, const carnet_public_key *device_keys,
                   size_t count, carnet_crypto *crypto, carnet_buf *buf, carnet_issue_taker take, void *self,
                   carnet_err *err)
{
    carnet_issue_plan plan;
    carnet_issue one = *issue;
    carnet_span made = { 0 };
    carnet_rc rc;
    size_t i;

    rc = carnet_issue_prepare(&one, signer, &plan, err);
    for (i = 0; i < count && rc == CARNET_OK; i++) {
        if (issue->status_each && issue->status != NULL)
            one.status = &issue->status[i];
        rc = plan_build(&plan, &device_keys[i], crypto, buf, &made, err);
        if (rc != CARNET_OK)
            break;
        rc = take(self, i, made);
        if (rc != CARNET_OK)
            return carnet_fail(err, rc, NULL, "the copy was not taken");
    }
    return rc;
}
