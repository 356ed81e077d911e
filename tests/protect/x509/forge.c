/* SPDX-License-Identifier: Apache-2.0 */
#include "forge.h"

#include <string.h>

static carnet_key keys[FORGE_KEYS];

void
forge_setup(carnet_crypto *crypto)
{
    for (int i = 0; i < FORGE_KEYS; i++) {
        uint8_t scalar[32];
        carnet_err err = { 0 };

        memset(scalar, 0x11 + i, sizeof(scalar));
        assert_carnet_ok(carnet_software_key_from_scalar(crypto, CARNET_CURVE_P256,
                                                         carnet_span_of(scalar, sizeof(scalar)), CARNET_KEY_SIGN,
                                                         &keys[i], &err),
                         &err);
    }
}

void
forge_teardown(void)
{
    for (int i = 0; i < FORGE_KEYS; i++)
        carnet_key_done(&keys[i]);
}

carnet_key *
forge_key(int number)
{
    return &keys[number];
}

#define BIT(e) CARNET_EXTENSION_BIT(CARNET_EXTENSION_##e)

forge
forge_root(void)
{
    return (forge){
        .issuer = "Root",
        .issuer_country = "UT",
        .subject = "Root",
        .country = "UT",
        .not_before = FORGE_NOW - 1000 * CARNET_TIME_DAY,
        .not_after = FORGE_NOW + 2000 * CARNET_TIME_DAY,
        .version = 2,
        .serial_len = 16,
        .ca = 1,
        .path_length = -1,
        .key_usage = CARNET_KEY_USAGE_CERTIFICATE_SIGN | CARNET_KEY_USAGE_CRL_SIGN,
        .authority = FORGE_NONE,
        .critical = BIT(KEY_USAGE) | BIT(EXTENDED_KEY_USAGE) | BIT(BASIC_CONSTRAINTS),
        .issuer_names = true,
        .crl_points = true,
    };
}

forge
forge_authority(const char *subject, int key)
{
    forge f = forge_root();

    f.subject = subject;
    f.key = key;
    f.authority = FORGE_RIGHT;
    f.path_length = 0;
    return f;
}

forge
forge_signer(const char *issuer, int issuer_key)
{
    forge f = forge_root();

    f.issuer = issuer;
    f.issuer_key = issuer_key;
    f.subject = "Signer";
    f.key = FORGE_KEYS - 1;
    f.not_before = FORGE_NOW - 100 * CARNET_TIME_DAY;
    f.not_after = FORGE_NOW + 300 * CARNET_TIME_DAY;
    f.ca = -1;
    f.key_usage = CARNET_KEY_USAGE_DIGITAL_SIGNATURE;
    f.purposes[0] = "1.0.18013.5.1.2";
    f.authority = FORGE_RIGHT;
    return f;
}

static void
add_oid(carnet_der_builder *b, const char *text)
{
    uint8_t oid[32];
    carnet_buf out = carnet_buf_of(oid, sizeof(oid));

    assert_carnet_ok(carnet_oid_parse(carnet_str_of(text), &out, NULL), NULL);
    carnet_der_add_oid(b, carnet_buf_span(&out));
}

static void
add_part(carnet_der_builder *b, const char *oid, uint8_t tag, const char *text)
{
    carnet_der_mark set, part;

    if (text == NULL)
        return;
    set = carnet_der_begin(b, CARNET_DER_SET);
    part = carnet_der_begin(b, CARNET_DER_SEQUENCE);
    add_oid(b, oid);
    carnet_der_add_str(b, tag, carnet_str_of(text));
    carnet_der_end(b, part);
    carnet_der_end(b, set);
}

static void
add_name(carnet_der_builder *b, const char *country, const char *state, const char *common_name)
{
    carnet_der_mark name = carnet_der_begin(b, CARNET_DER_SEQUENCE);

    add_part(b, "2.5.4.6", CARNET_DER_PRINTABLE_STRING, country);
    add_part(b, "2.5.4.8", CARNET_DER_UTF8_STRING, state);
    add_part(b, "2.5.4.3", CARNET_DER_UTF8_STRING, common_name);
    carnet_der_end(b, name);
}

carnet_span
forge_name(const char *country, const char *state, const char *common_name, carnet_buf *out)
{
    carnet_der_builder b = carnet_der_build(out->ptr + out->len, out->cap - out->len);

    add_name(&b, country, state, common_name);
    assert_carnet_rc(b.rc, CARNET_OK);
    out->len += b.len;
    return (carnet_span){ b.ptr, b.len };
}

static void
add_extension(const forge *f, carnet_der_builder *b, const char *oid, int which, const carnet_der_builder *value)
{
    carnet_der_mark mark = carnet_der_begin(b, CARNET_DER_SEQUENCE);

    add_oid(b, oid);
    if (which >= 0 ? f->critical >> which & 1 : f->extra_critical)
        carnet_der_add_bool(b, true);
    carnet_der_add_octets(b, (carnet_span){ value->ptr, value->len });
    carnet_der_end(b, mark);
}

static carnet_span
key_id(int key, forge_id how, carnet_crypto *crypto, uint8_t out[20])
{
    uint8_t point[133];
    carnet_span bits = { point, carnet_public_key_point(&keys[key].public_key, point) };

    assert_carnet_ok(carnet_digest(crypto, CARNET_SHA1, &bits, 1, out, NULL), NULL);
    out[0] ^= how == FORGE_WRONG;
    return (carnet_span){ out, 20 };
}

static void
add_identifiers(const forge *f, carnet_crypto *crypto, carnet_der_builder *b)
{
    uint8_t space[64], id[20];
    carnet_der_builder value = carnet_der_build(space, sizeof(space));
    carnet_der_mark mark;

    if (f->authority != FORGE_NONE) {
        mark = carnet_der_begin(&value, CARNET_DER_SEQUENCE);
        carnet_der_add(&value, CARNET_DER_CONTEXT(0), key_id(f->issuer_key, f->authority, crypto, id));
        carnet_der_end(&value, mark);
        add_extension(f, b, "2.5.29.35", CARNET_EXTENSION_AUTHORITY_KEY_IDENTIFIER, &value);
    }
    if (f->own != FORGE_NONE) {
        value = carnet_der_build(space, sizeof(space));
        carnet_der_add_octets(&value, key_id(f->key, f->own, crypto, id));
        add_extension(f, b, "2.5.29.14", CARNET_EXTENSION_SUBJECT_KEY_IDENTIFIER, &value);
    }
}

static void
add_usage(const forge *f, carnet_der_builder *b)
{
    uint8_t space[128];
    carnet_der_builder value = carnet_der_build(space, sizeof(space));
    carnet_der_mark mark;

    carnet_der_add_named_bits(&value, (uint16_t)(f->key_usage & 0xffff));
    for (int i = 0; f->key_usage >= 0 && i <= f->usage_twice; i++)
        add_extension(f, b, "2.5.29.15", CARNET_EXTENSION_KEY_USAGE, &value);
    value = carnet_der_build(space, sizeof(space));
    mark = carnet_der_begin(&value, CARNET_DER_SEQUENCE);
    for (size_t i = 0; i < CARNET_COUNT(f->purposes) && f->purposes[i] != NULL; i++)
        add_oid(&value, f->purposes[i]);
    carnet_der_end(&value, mark);
    if (f->purposes[0] != NULL)
        add_extension(f, b, "2.5.29.37", CARNET_EXTENSION_EXTENDED_KEY_USAGE, &value);
    value = carnet_der_build(space, sizeof(space));
    mark = carnet_der_begin(&value, CARNET_DER_SEQUENCE);
    if (f->ca > 0)
        carnet_der_add_bool(&value, true);
    if (f->path_length >= 0)
        carnet_der_add_uint(&value, (uint64_t)f->path_length);
    carnet_der_end(&value, mark);
    if (f->ca >= 0)
        add_extension(f, b, "2.5.29.19", CARNET_EXTENSION_BASIC_CONSTRAINTS, &value);
}

static void
add_raw_extension(const forge *f, carnet_der_builder *b, const char *oid, int which, const char *hex)
{
    carnet_span octets = carnet_test_hex(hex);
    uint8_t space[128];
    carnet_der_builder value = carnet_der_build(space, sizeof(space));

    carnet_der_add_raw(&value, octets);
    add_extension(f, b, oid, which, &value);
}

static void
add_names(const forge *f, carnet_der_builder *b)
{
    uint8_t space[256];
    carnet_der_builder value = carnet_der_build(space, sizeof(space));
    carnet_der_mark list = carnet_der_begin(&value, CARNET_DER_SEQUENCE);
    carnet_der_mark name = carnet_der_begin(&value, CARNET_DER_CONTEXT_CONSTRUCTED(4));

    carnet_der_add_raw(&value, f->alternative);
    carnet_der_end(&value, name);
    carnet_der_end(&value, list);
    if (f->alternative.len > 0)
        add_extension(f, b, "2.5.29.17", CARNET_EXTENSION_SUBJECT_ALTERNATIVE_NAME, &value);
    if (f->issuer_names) /* a@b.c */
        add_raw_extension(f, b, "2.5.29.18", CARNET_EXTENSION_ISSUER_ALTERNATIVE_NAME, "30078105614062 2e63");
    if (f->crl_points) /* http://a/ */
        add_raw_extension(f, b, "2.5.29.31", CARNET_EXTENSION_CRL_DISTRIBUTION_POINTS,
                          "3011300fa00da00b8609 687474703a2f2f612f");
    if (f->extra != NULL)
        add_raw_extension(f, b, f->extra, -1, f->extra_value);
}

static void
add_algorithm(carnet_der_builder *b, bool other)
{
    carnet_der_mark mark = carnet_der_begin(b, CARNET_DER_SEQUENCE);

    add_oid(b, other ? "1.2.840.10045.4.3.3" : "1.2.840.10045.4.3.2");
    carnet_der_end(b, mark);
}

static void
add_tbs(const forge *f, carnet_crypto *crypto, carnet_der_builder *b)
{
    static const uint8_t serial[32] = { 0x5a, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20 };
    carnet_der_mark tbs = carnet_der_begin(b, CARNET_DER_SEQUENCE), mark, list;
    uint8_t spki[160];
    carnet_buf key = carnet_buf_of(spki, sizeof(spki));

    mark = carnet_der_begin(b, CARNET_DER_CONTEXT_CONSTRUCTED(0));
    carnet_der_add_uint(b, (uint64_t)f->version);
    carnet_der_end(b, mark);
    carnet_der_add_unsigned(b, (carnet_span){ serial, f->serial_len });
    add_algorithm(b, false);
    add_name(b, f->issuer_country, f->issuer_state, f->issuer);
    mark = carnet_der_begin(b, CARNET_DER_SEQUENCE);
    carnet_der_add_time(b, f->not_before);
    carnet_der_add_time(b, f->not_after);
    carnet_der_end(b, mark);
    add_name(b, f->country, f->state, f->subject);
    assert_carnet_ok(carnet_public_key_to_spki(&keys[f->key].public_key, &key, NULL), NULL);
    carnet_der_add_raw(b, carnet_buf_span(&key));
    mark = carnet_der_begin(b, CARNET_DER_CONTEXT_CONSTRUCTED(3));
    list = carnet_der_begin(b, CARNET_DER_SEQUENCE);
    add_identifiers(f, crypto, b);
    add_usage(f, b);
    add_names(f, b);
    carnet_der_end(b, list);
    carnet_der_end(b, mark);
    carnet_der_end(b, tbs);
}

carnet_span
forge_sign(const forge *f, carnet_span tbs, carnet_crypto *crypto, carnet_buf *out)
{
    carnet_der_builder b = carnet_der_build(out->ptr + out->len, out->cap - out->len), inner;
    carnet_der_mark outer = carnet_der_begin(&b, CARNET_DER_SEQUENCE), mark;
    carnet_signature signature;
    uint8_t der[80];

    assert_carnet_ok(carnet_key_sign(&keys[f->issuer_key], crypto, CARNET_ES256, &tbs, 1, &signature, NULL), NULL);
    carnet_der_add_raw(&b, tbs);
    add_algorithm(&b, f->other_algorithm_outside);
    inner = carnet_der_build(der, sizeof(der));
    mark = carnet_der_begin(&inner, CARNET_DER_SEQUENCE);
    carnet_der_add_unsigned(&inner, carnet_span_of(signature.bytes, 32));
    carnet_der_add_unsigned(&inner, carnet_span_of(signature.bytes + 32, 32));
    carnet_der_end(&inner, mark);
    carnet_der_add_bit_string(&b, (carnet_span){ der, inner.len });
    carnet_der_end(&b, outer);
    assert_carnet_rc(b.rc, CARNET_OK);
    out->len += b.len;
    return (carnet_span){ b.ptr, b.len };
}

carnet_span
forge_make(const forge *f, carnet_crypto *crypto, carnet_buf *out)
{
    static uint8_t space[2048];
    carnet_der_builder b = carnet_der_build(space, sizeof(space));

    add_tbs(f, crypto, &b);
    assert_carnet_rc(b.rc, CARNET_OK);
    if (f->spoil != NULL)
        f->spoil(space, b.len, f->context);
    return forge_sign(f, (carnet_span){ space, b.len }, crypto, out);
}
