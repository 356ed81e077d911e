/* SPDX-License-Identifier: Apache-2.0 */
/* DER: object identifiers by name, values within values, and keys, of which the private part is not shown. */
#include "inspect.h"

#include <string.h>

/* --- object identifiers --- */

static const struct {
    const char *dotted, *name;
} oids[] = {
    { "1.2.840.10045.2.1", "EC public key" },
    { "1.2.840.10045.4.3.2", "ecdsa-with-SHA256" },
    { "1.2.840.10045.4.3.3", "ecdsa-with-SHA384" },
    { "1.2.840.10045.4.3.4", "ecdsa-with-SHA512" },
    { "1.2.840.10045.3.1.7", "P-256" },
    { "1.3.132.0.34", "P-384" },
    { "1.3.132.0.35", "P-521" },
    { "1.3.36.3.3.2.8.1.1.7", "brainpoolP256r1" },
    { "1.3.36.3.3.2.8.1.1.9", "brainpoolP320r1" },
    { "1.3.36.3.3.2.8.1.1.11", "brainpoolP384r1" },
    { "1.3.36.3.3.2.8.1.1.13", "brainpoolP512r1" },
    { "1.3.101.110", "X25519" },
    { "1.3.101.111", "X448" },
    { "1.3.101.112", "Ed25519" },
    { "1.3.101.113", "Ed448" },
    { "1.2.840.113549.1.1.1", "RSA" },
    { "1.2.840.113549.1.1.10", "RSASSA-PSS" },
    { "1.2.840.113549.1.1.11", "sha256WithRSAEncryption" },
    { "1.2.840.113549.1.1.12", "sha384WithRSAEncryption" },
    { "1.2.840.113549.1.1.13", "sha512WithRSAEncryption" },
    { "2.5.4.3", "commonName" },
    { "2.5.4.5", "serialNumber" },
    { "2.5.4.6", "countryName" },
    { "2.5.4.7", "localityName" },
    { "2.5.4.8", "stateOrProvinceName" },
    { "2.5.4.10", "organizationName" },
    { "2.5.4.11", "organizationalUnitName" },
    { "2.5.4.97", "organizationIdentifier" },
    { "1.2.840.113549.1.9.1", "emailAddress" },
    { "0.9.2342.19200300.100.1.25", "domainComponent" },
    { "2.5.29.9", "subject directory attributes" },
    { "2.5.29.14", "subject key identifier" },
    { "2.5.29.15", "key usage" },
    { "2.5.29.16", "private key usage period" },
    { "2.5.29.17", "subject alternative name" },
    { "2.5.29.18", "issuer alternative name" },
    { "2.5.29.19", "basic constraints" },
    { "2.5.29.20", "CRL number" },
    { "2.5.29.21", "reason code" },
    { "2.5.29.27", "delta CRL indicator" },
    { "2.5.29.28", "issuing distribution point" },
    { "2.5.29.30", "name constraints" },
    { "2.5.29.31", "CRL distribution points" },
    { "2.5.29.32", "certificate policies" },
    { "2.5.29.33", "policy mappings" },
    { "2.5.29.35", "authority key identifier" },
    { "2.5.29.36", "policy constraints" },
    { "2.5.29.37", "extended key usage" },
    { "2.5.29.46", "freshest CRL" },
    { "2.5.29.54", "inhibit any-policy" },
    { "1.3.6.1.5.5.7.1.1", "authority information access" },
    { "1.3.6.1.5.5.7.1.3", "qualified certificate statements" },
    { "1.3.6.1.5.5.7.48.1", "OCSP" },
    { "1.3.6.1.5.5.7.48.1.5", "OCSP no check" },
    { "1.3.6.1.5.5.7.48.2", "CA issuers" },
    { "1.3.6.1.5.5.7.3.1", "TLS server" },
    { "1.3.6.1.5.5.7.3.2", "TLS client" },
    { "1.3.6.1.5.5.7.3.3", "code signing" },
    { "1.3.6.1.5.5.7.3.9", "OCSP signing" },
    { "1.0.18013.5.1.2", "mDL document signer" },
    { "1.0.18013.5.1.3", "mDL JWS signer" },
    { "1.0.18013.5.1.4", "mDL IACA link" },
    { "1.0.18013.5.1.6", "mDL reader authentication" },
    { "1.0.18013.5.1.7", "mDL IACA" },
    { "1.0.18013.5.1.8", "VICAL signer" },
    { "1.0.18013.5.1.9", "mDL TLS client" },
    { "1.0.18013.5.3.1", "VICAL policy" },
    { "1.0.23220.4.1.2", "mdoc document signer" },
    { "1.0.23220.4.1.4", "mdoc link" },
    { "1.0.23220.4.1.6", "mdoc reader authentication" },
    { "1.0.23220.4.1.7", "mdoc issuing authority" },
    { "1.0.23220.4.1.8", "mdoc VICAL signer" },
    { "1.3.130.2.0.0.1.2", "EUDI document signer" },
    { "1.3.130.2.0.0.1.6", "EUDI reader authentication" },
};

const char *
inspect_oid(carnet_span oid)
{
    char dotted[CARNET_OID_TEXT_MAX];

    (void)carnet_oid_text(oid, dotted, sizeof dotted);
    for (size_t i = 0; i < CARNET_COUNT(oids); i++) {
        if (strcmp(oids[i].dotted, dotted) == 0) {
            return inspect_format("%s (%s)", oids[i].name, dotted);
        }
    }
    return inspect_format("%s", dotted);
}

/* --- any DER --- */

static const char *
tag_name(uint8_t tag)
{
    static const struct {
        uint8_t tag;
        const char *name;
    } names[] = { { CARNET_DER_BOOLEAN, "BOOLEAN" },
                  { CARNET_DER_INTEGER, "INTEGER" },
                  { CARNET_DER_BIT_STRING, "BIT STRING" },
                  { CARNET_DER_OCTET_STRING, "OCTETS" },
                  { CARNET_DER_NULL, "NULL" },
                  { CARNET_DER_OID, "OID" },
                  { CARNET_DER_ENUMERATED, "ENUMERATED" },
                  { CARNET_DER_UTF8_STRING, "UTF8" },
                  { CARNET_DER_PRINTABLE_STRING, "Printable" },
                  { CARNET_DER_T61_STRING, "T61" },
                  { CARNET_DER_IA5_STRING, "IA5" },
                  { CARNET_DER_UTC_TIME, "UTCTime" },
                  { CARNET_DER_GENERALIZED_TIME, "Time" },
                  { CARNET_DER_BMP_STRING, "BMP" },
                  { CARNET_DER_SEQUENCE, "SEQUENCE" },
                  { CARNET_DER_SET, "SET" } };

    for (size_t i = 0; i < CARNET_COUNT(names); i++) {
        if (names[i].tag == tag) {
            return names[i].name;
        }
    }
    return inspect_format("[%u]%s", tag & 31U, tag >> 6 == 2 ? "" : " other");
}

static bool
is_text(uint8_t tag)
{
    return tag == CARNET_DER_UTF8_STRING || tag == CARNET_DER_PRINTABLE_STRING || tag == CARNET_DER_IA5_STRING ||
           tag == CARNET_DER_UTC_TIME || tag == CARNET_DER_GENERALIZED_TIME;
}

static void
show_value(const inspect *in, inspect_node *node, const carnet_der_item *item)
{
    carnet_span content = item->content;

    if (item->tag == CARNET_DER_OID) {
        node->value = inspect_oid(content);
    } else if (is_text(item->tag)) {
        node->value = inspect_quoted(in, (carnet_str){ (const char *)content.ptr, content.len });
    } else if (item->tag == CARNET_DER_INTEGER && content.len > 0 && content.len <= 4 && content.ptr[0] < 0x80) {
        unsigned value = 0;

        for (size_t i = 0; i < content.len; i++) {
            value = value << 8 | content.ptr[i];
        }
        node->value = inspect_format("%u", value);
    } else if (item->tag == CARNET_DER_BOOLEAN && content.len == 1) {
        node->value = content.ptr[0] != 0 ? "true" : "false";
    } else {
        node->value = content.len > 0 ? inspect_bytes(in, content) : "";
    }
}

static void
values(inspect *in, inspect_node *up, carnet_der_reader *r)
{
    int64_t index = 0;

    while (carnet_der_more(r) && in->depth < INSPECT_DEPTH_MAX && in->nodes < INSPECT_NODES_MAX) {
        carnet_der_item item = carnet_der_any(r);
        inspect_node *node;
        carnet_der_reader inner;

        if (item.encoded.ptr == NULL) {
            return;
        }
        node = inspect_add(in, up, inspect_format("[%lld]", (long long)index));
        node->number = index++;
        inspect_place(in, node, item.encoded, item.encoded);
        node->type = tag_name(item.tag);
        if ((item.tag & 0x20) == 0) {
            show_value(in, node, &item);
            continue;
        }
        node->own = carnet_span_of(item.encoded.ptr, item.encoded.len - item.content.len);
        node->value = inspect_format("%zu bytes", item.content.len);
        inner = carnet_der_open_within(r, item.content);
        in->depth++;
        values(in, node, &inner);
        in->depth--;
        carnet_der_join(r, &inner);
    }
}

void
inspect_der(inspect *in, inspect_node *node, carnet_span der)
{
    carnet_der_reader r = carnet_der_open(in->base);
    carnet_der_reader part = carnet_der_open_within(&r, der);
    carnet_err err = { 0 };

    values(in, node, &part);
    if (carnet_der_done(&part, &err) != CARNET_OK && in->err.rc == CARNET_OK) {
        in->err = err;
    }
}

/* --- keys --- */

void
inspect_public_key(inspect *in, inspect_node *node, const carnet_public_key *key)
{
    const carnet_curve_info *info = carnet_curve_get(key->curve);

    if (info == NULL) {
        inspect_line(in, node, "curve", "none of ours, not named, or the point is compressed");
        return;
    }
    inspect_line(in, node, "curve", "%s", info->name);
    inspect_line(in, node, "x", "%s", inspect_bytes(in, carnet_span_of(key->x, info->coordinate)));
    if (!info->okp) {
        inspect_line(in, node, "y", "%s", inspect_bytes(in, carnet_span_of(key->y, info->coordinate)));
    }
}

static void
key_identifier(inspect *in, inspect_node *node, const carnet_public_key *key)
{
    uint8_t point[133], id[CARNET_HASH_MAX];
    carnet_span bits = carnet_span_of(point, carnet_public_key_point(key, point));

    if (carnet_digest(in->crypto, CARNET_SHA1, &bits, 1, id, NULL) == CARNET_OK) {
        inspect_line(in, node, "key identifier", "%s", inspect_bytes(in, carnet_span_of(id, 20)));
    }
}

bool
inspect_der_key(inspect *in, inspect_node *node, carnet_span der)
{
    carnet_public_key public_key;
    carnet_key key = { 0 };

    if (carnet_public_key_from_spki(in->crypto, der, &public_key, NULL) == CARNET_OK) {
        inspect_public_key(in, node, &public_key);
        key_identifier(in, node, &public_key);
        return true;
    }
    if (carnet_software_key_from_der(in->crypto, der, CARNET_KEY_SIGN | CARNET_KEY_AGREE, &key, NULL) == CARNET_OK) {
        inspect_line(in, node, "private part", "not shown");
        inspect_public_key(in, node, &key.public_key);
        key_identifier(in, node, &key.public_key);
        carnet_key_done(&key);
        return true;
    }
    return false;
}
