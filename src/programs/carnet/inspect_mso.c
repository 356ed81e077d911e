/* SPDX-License-Identifier: Apache-2.0 */
/* IssuerSignedItem and MobileSecurityObject (18013-5 10.3, 12.3), and the digests that tie them together. */
#include "inspect.h"

#include <stdlib.h>
#include <string.h>

/* --- digests: what was signed, held against what is there --- */

typedef struct digest_entry {
    struct digest_entry *next;
    carnet_str name_space;
    int64_t id;
    inspect_node *node;
    carnet_span bytes; /**< the digest; of an item, what is digested */
    bool met;
} digest_entry;

/** What one IssuerSigned has shown so far. */
typedef struct inspect_digests {
    digest_entry *digests, *items;
    size_t count; /**< of both */
    carnet_str algorithm;
    const inspect_node *mso;
} inspect_digests;

static inspect_digests *
digests_of(inspect *in)
{
    if (in->digests == NULL) {
        in->digests = cli_alloc(sizeof *in->digests);
    }
    return in->digests;
}

/** Only as many as are compared in no time: a document has hundreds at most. */
static void
remember(inspect_digests *document, digest_entry **list, digest_entry entry)
{
    enum { MOST = 8192 };
    digest_entry *kept;

    if (document->count >= MOST) {
        return;
    }
    document->count++;
    kept = cli_alloc(sizeof *kept);
    *kept = entry;
    kept->next = *list;
    *list = kept;
}

static digest_entry *
find_digest(const inspect_digests *document, carnet_str name_space, int64_t id)
{
    for (digest_entry *e = document->digests; e != NULL; e = e->next) {
        if (e->id == id && carnet_str_equal(e->name_space, name_space)) {
            return e;
        }
    }
    return NULL;
}

/** The algorithm by its name; by another spelling of it too, which is noted elsewhere. */
static carnet_hash
hash_named(carnet_str name)
{
    static const struct {
        const char *name;
        carnet_hash hash;
    } names[] = { { "SHA-256", CARNET_SHA256 }, { "SHA-384", CARNET_SHA384 }, { "SHA-512", CARNET_SHA512 },
                  { "sha256", CARNET_SHA256 },  { "sha-256", CARNET_SHA256 }, { "SHA-1", CARNET_SHA1 } };

    for (size_t i = 0; i < CARNET_COUNT(names); i++) {
        if (carnet_str_is(name, names[i].name)) {
            return names[i].hash;
        }
    }
    return (carnet_hash)0;
}

/** Whether the item is what was signed. */
static bool
compare_item(inspect *in, const digest_entry *item, digest_entry *signed_digest, carnet_hash hash)
{
    uint8_t digest[CARNET_HASH_MAX];
    bool same;

    if (signed_digest == NULL) {
        inspect_note(item->node, INSPECT_BAD, "digest %lld is not in the MSO", (long long)item->id);
        inspect_odd(item->node, "an item whose digest is not in the MSO");
        return false;
    }
    if (carnet_digest(in->crypto, hash, &item->bytes, 1, digest, NULL) != CARNET_OK) {
        return false;
    }
    same = carnet_span_equal(carnet_span_of(digest, carnet_hash_size(hash)), signed_digest->bytes);
    inspect_note(item->node, same ? INSPECT_GOOD : INSPECT_BAD,
                 same ? "digest %lld matches" : "digest %lld DOES NOT MATCH", (long long)item->id);
    if (!same) {
        inspect_odd(item->node, "an item that does not match its digest");
    }
    if (signed_digest->met) {
        inspect_odd(item->node, "a digest identifier used twice");
    }
    signed_digest->met = true;
    inspect_note(signed_digest->node, INSPECT_PLAIN, "%s", item->node->name);
    return same;
}

void
inspect_compare_digests(inspect *in, inspect_node *issuer_signed)
{
    inspect_digests *d = in->digests;
    carnet_hash hash = d != NULL ? hash_named(d->algorithm) : (carnet_hash)0;
    unsigned all = 0, good = 0;

    if (d != NULL && d->mso != NULL && hash != 0) {
        for (const digest_entry *item = d->items; item != NULL; item = item->next) {
            good += compare_item(in, item, find_digest(d, item->name_space, item->id), hash);
            all++;
        }
        inspect_note(issuer_signed, good == all ? INSPECT_GOOD : INSPECT_BAD, "%u of %u digests match", good, all);
    }
    in->digests = NULL;
}

/* --- IssuerSignedItem --- */

static carnet_span
encoded_of(const inspect *in, const inspect_node *node)
{
    return node->offset != CARNET_NO_OFFSET ? carnet_span_of(in->base.ptr + node->offset, node->length)
                                            : (carnet_span){ 0 };
}

static carnet_str
text_of(const inspect_node *node)
{
    return node != NULL && node->kind == INSPECT_TSTR
               ? (carnet_str){ (const char *)node->content.ptr, node->content.len }
               : (carnet_str){ 0 };
}

/** Items stand in an array under the name of their name space. */
static carnet_str
name_space_of(const inspect_node *item)
{
    return item->up != NULL ? item->up->raw : (carnet_str){ 0 };
}

static void
item_done(inspect *in, inspect_node *node)
{
    inspect_node *value = inspect_child(node, "elementValue");
    const inspect_node *identifier = inspect_child(node, "elementIdentifier"), *random = inspect_child(node, "random");
    const inspect_node *id = inspect_child(node, "digestID");
    carnet_str text = text_of(identifier);

    if (id != NULL && id->kind == INSPECT_UINT && (id->integer < 0 || id->integer > INT32_MAX)) {
        inspect_odd(node, "a digest identifier of 2^31 or more");
    }
    if (random != NULL && random->content.len < 16) {
        inspect_odd(node, "a random of fewer than 16 bytes");
    }
    if (value != NULL && text.ptr != NULL) {
        inspect_element(in, value, name_space_of(node), text, encoded_of(in, value));
        node->brief = inspect_format("%s", value->value != NULL ? value->value : "");
        if (value->note != NULL) {
            node->brief = inspect_format("%s  (%s)", node->brief, value->note);
        }
    }
}

static void
item_bytes_done(inspect *in, inspect_node *node)
{
    const inspect_node *id = inspect_child(node, "digestID");
    carnet_str text = text_of(inspect_child(node, "elementIdentifier"));

    if (text.ptr != NULL && node->name[0] == '[') {
        node->name = inspect_format("%s %s", node->name, inspect_safe(text, false));
    }
    if (id != NULL && node->offset != CARNET_NO_OFFSET) {
        inspect_digests *d = digests_of(in);

        remember(
            d, &d->items,
            (digest_entry){
                .name_space = name_space_of(node), .id = id->integer, .node = node, .bytes = encoded_of(in, node) });
    }
    node->value = NULL;
    if (node->kind != INSPECT_EMBEDDED) {
        inspect_odd(node, "IssuerSignedItemBytes without tag 24");
    }
}

static const inspect_member item_members[] = {
    INSPECT_REQUIRED("digestID", &inspect_uint),
    INSPECT_REQUIRED("random", &inspect_bstr),
    INSPECT_REQUIRED("elementIdentifier", &inspect_tstr),
    INSPECT_REQUIRED("elementValue", NULL),
};
const inspect_shape inspect_signed_item = {
    .is = "IssuerSignedItem", .types = INSPECT_MAP, INSPECT_MEMBERS(item_members), .done = item_done
};
const inspect_shape inspect_signed_item_bytes = { .is = "IssuerSignedItemBytes",
                                                  .types = INSPECT_EMBEDDED | INSPECT_BSTR,
                                                  .inside = &inspect_signed_item,
                                                  .done = item_bytes_done };
static const inspect_shape item_list = { .types = INSPECT_ARRAY, .entry = &inspect_signed_item_bytes };
const inspect_shape inspect_issuer_name_spaces = { .types = INSPECT_MAP, .others = &item_list };

/* --- MobileSecurityObject --- */

static void
version_done(inspect *in, inspect_node *node)
{
    carnet_str text = text_of(node);

    (void)in;
    if (text.ptr != NULL && !carnet_str_is(text, "1.0")) {
        inspect_odd(node, carnet_str_starts(text, "1.") ? "a later minor version" : "a major version not known");
    }
}

static void
algorithm_done(inspect *in, inspect_node *node)
{
    carnet_str text = text_of(node);

    digests_of(in)->algorithm = text;
    if (!carnet_str_is(text, "SHA-256") && !carnet_str_is(text, "SHA-384") && !carnet_str_is(text, "SHA-512")) {
        inspect_odd(node, "a digest algorithm that is not SHA-256, SHA-384 or SHA-512 by this name");
    }
}

static void
digest_done(inspect *in, inspect_node *node)
{
    inspect_digests *d = digests_of(in);

    if (!in->full && node->content.len >= 32) {
        node->value = inspect_format("h'%s...'", inspect_hex(carnet_span_of(node->content.ptr, 8)));
    }
    if (node->up != NULL) {
        remember(
            d, &d->digests,
            (digest_entry){ .name_space = node->up->raw, .id = node->number, .node = node, .bytes = node->content });
    }
}

static void
digests_done(inspect *in, inspect_node *node)
{
    (void)in;
    if (node->first == NULL) {
        inspect_odd(node, "no digests");
    }
}

static void
signed_at_done(inspect *in, inspect_node *node)
{
    carnet_time time;

    if (inspect_date(in, node, &time)) {
        inspect_note(node, time > in->now ? INSPECT_BAD : INSPECT_PLAIN, "%s", inspect_relative(in, time));
    }
}

static void
valid_from_done(inspect *in, inspect_node *node)
{
    carnet_time time;

    if (inspect_date(in, node, &time)) {
        bool early = time > in->now;

        inspect_note(node, early ? INSPECT_BAD : INSPECT_PLAIN, early ? "not yet: %s" : "%s",
                     inspect_relative(in, time));
    }
}

static void
valid_until_done(inspect *in, inspect_node *node)
{
    carnet_time time;

    if (inspect_date(in, node, &time)) {
        bool late = time < in->now;

        inspect_note(node, late ? INSPECT_BAD : INSPECT_PLAIN, late ? "expired %s" : "ends %s",
                     inspect_relative(in, time));
    }
}

static void
validity_done(inspect *in, inspect_node *node)
{
    static const char *const names[] = { "signed", "validFrom", "validUntil" };
    carnet_time times[3];

    for (size_t i = 0; i < CARNET_COUNT(names); i++) {
        const inspect_node *child = inspect_child(node, names[i]);
        carnet_str text =
            child != NULL ? (carnet_str){ (const char *)child->content.ptr, child->content.len } : (carnet_str){ 0 };
        unsigned odd;

        if (child == NULL || carnet_time_parse(text, &times[i], &odd, NULL) != CARNET_OK) {
            return;
        }
    }
    (void)in;
    if (times[1] < times[0]) {
        inspect_odd(node, "validFrom is before signed");
    }
    if (times[2] <= times[1]) {
        inspect_odd(node, "validUntil is not after validFrom");
    }
}

static void
mso_done(inspect *in, inspect_node *node)
{
    carnet_str doc_type = text_of(inspect_child(node, "docType"));
    inspect_digests *d = digests_of(in);
    size_t size = carnet_hash_size(hash_named(d->algorithm));

    d->mso = node;
    for (const digest_entry *e = d->digests; e != NULL && size != 0; e = e->next) {
        if (e->bytes.len != size) {
            inspect_odd(e->node, "a digest of another length than its algorithm's");
        }
    }
    if (doc_type.ptr != NULL) {
        node->brief = inspect_format("MobileSecurityObject, %s", inspect_safe(doc_type, true));
    }
}

static const inspect_shape version = { .types = INSPECT_TSTR, .done = version_done };
static const inspect_shape algorithm = { .types = INSPECT_TSTR, .done = algorithm_done };
static const inspect_shape digest = { .types = INSPECT_BSTR, .done = digest_done };
static const inspect_shape digest_map = { .types = INSPECT_MAP, .others = &digest, .done = digests_done };
static const inspect_shape value_digests = { .types = INSPECT_MAP, .others = &digest_map, .done = digests_done };
static const inspect_shape authorised_elements = { .types = INSPECT_MAP, .others = &inspect_text_list };
static const inspect_member authorisation_members[] = {
    INSPECT_OPTIONAL("nameSpaces", &inspect_text_list),
    INSPECT_OPTIONAL("dataElements", &authorised_elements),
};
static const inspect_shape authorisations = { .is = "KeyAuthorizations",
                                              .types = INSPECT_MAP,
                                              INSPECT_MEMBERS(authorisation_members) };
static const inspect_member device_key_members[] = {
    INSPECT_REQUIRED("deviceKey", &inspect_cose_key),
    INSPECT_OPTIONAL("keyAuthorizations", &authorisations),
    INSPECT_OPTIONAL("keyInfo", NULL),
};
static const inspect_shape device_key_info = { .is = "DeviceKeyInfo",
                                               .types = INSPECT_MAP,
                                               INSPECT_MEMBERS(device_key_members) };
static const inspect_shape signed_at = { .types = INSPECT_TDATE | INSPECT_TSTR, .done = signed_at_done };
static const inspect_shape valid_from = { .types = INSPECT_TDATE | INSPECT_TSTR, .done = valid_from_done };
static const inspect_shape valid_until = { .types = INSPECT_TDATE | INSPECT_TSTR, .done = valid_until_done };
static const inspect_member validity_members[] = {
    INSPECT_REQUIRED("signed", &signed_at),
    INSPECT_REQUIRED("validFrom", &valid_from),
    INSPECT_REQUIRED("validUntil", &valid_until),
    INSPECT_OPTIONAL("expectedUpdate", &signed_at),
};
static const inspect_shape validity = {
    .is = "ValidityInfo", .types = INSPECT_MAP, INSPECT_MEMBERS(validity_members), .done = validity_done
};
static const inspect_member status_list_members[] = {
    INSPECT_REQUIRED("idx", &inspect_uint),
    INSPECT_REQUIRED("uri", &inspect_tstr),
    INSPECT_OPTIONAL("certificate", &inspect_bstr),
};
static const inspect_shape status_list = { .types = INSPECT_MAP, INSPECT_MEMBERS(status_list_members) };
static const inspect_member identifier_list_members[] = {
    INSPECT_REQUIRED("id", &inspect_bstr),
    INSPECT_REQUIRED("uri", &inspect_tstr),
    INSPECT_OPTIONAL("certificate", &inspect_bstr),
};
static const inspect_shape identifier_list = { .types = INSPECT_MAP, INSPECT_MEMBERS(identifier_list_members) };
static const inspect_member status_members[] = {
    INSPECT_OPTIONAL("status_list", &status_list),
    INSPECT_OPTIONAL("identifier_list", &identifier_list),
};
static const inspect_shape status = { .types = INSPECT_MAP, INSPECT_MEMBERS(status_members) };
static const inspect_member mso_members[] = {
    INSPECT_REQUIRED("version", &version),
    INSPECT_REQUIRED("digestAlgorithm", &algorithm),
    INSPECT_REQUIRED("valueDigests", &value_digests),
    INSPECT_REQUIRED("deviceKeyInfo", &device_key_info),
    INSPECT_REQUIRED("docType", &inspect_tstr),
    INSPECT_REQUIRED("validityInfo", &validity),
    INSPECT_OPTIONAL("status", &status),
};
const inspect_shape inspect_mso = {
    .is = "MobileSecurityObject", .types = INSPECT_MAP, INSPECT_MEMBERS(mso_members), .done = mso_done
};
const inspect_shape inspect_mso_bytes = { .is = "MobileSecurityObjectBytes",
                                          .types = INSPECT_EMBEDDED,
                                          .inside = &inspect_mso };
