/* SPDX-License-Identifier: Apache-2.0 */
#include "attesters.h"

#include "carnet/certificate_builder.h"

#define BIT(e) CARNET_EXTENSION_BIT(CARNET_EXTENSION_##e)

static const carnet_certificate_profile authority = {
    .name = "test authority",
    .clause = "RFC 5280",
    .lifetime = INT64_C(400) * 365 * 86400,
    .subject = UINT32_C(1) << CARNET_NAME_COMMON_NAME,
    .mandatory = BIT(SUBJECT_KEY_IDENTIFIER) | BIT(KEY_USAGE) | BIT(BASIC_CONSTRAINTS),
    .critical = BIT(KEY_USAGE) | BIT(BASIC_CONSTRAINTS),
    .key_usage = CARNET_KEY_USAGE_CERTIFICATE_SIGN | CARNET_KEY_USAGE_CRL_SIGN,
    .curves = CARNET_PROFILE_ECDSA_CURVES,
    .algorithms = CARNET_PROFILE_ES256,
    .ca = true,
    .path_length = 1,
    .self_issued = true,
};

static carnet_certificate_profile
made_of(uint16_t usage, bool ca, bool self_issued)
{
    carnet_certificate_profile p = authority;

    p.key_usage = usage;
    p.ca = ca;
    p.path_length = 0;
    p.self_issued = self_issued;
    p.mandatory = BIT(SUBJECT_KEY_IDENTIFIER) | BIT(KEY_USAGE);
    if (!self_issued)
        p.mandatory |= BIT(AUTHORITY_KEY_IDENTIFIER);
    if (ca)
        p.mandatory |= BIT(BASIC_CONSTRAINTS);
    return p;
}

static carnet_span
make(test_attesters *a, const carnet_certificate_profile *profile, const char *name, const carnet_public_key *key,
     carnet_span issuer, carnet_key *issuer_key, carnet_time until)
{
    const carnet_certificate_spec spec = { .struct_size = sizeof(spec),
                                           .profile = profile,
                                           .subject = { .common_name = carnet_str_of(name) },
                                           .public_key = *key,
                                           .not_before = NOW - 2000000,
                                           .not_after = until };
    const size_t start = a->certificates.len;
    carnet_certificate opened;
    carnet_err err = { 0 };

    if (issuer.len != 0)
        assert_carnet_ok(carnet_certificate_open(issuer, &opened, &err), &err);
    assert_carnet_ok(carnet_certificate_build(&spec, issuer.len != 0 ? &opened : NULL, issuer_key, &a->crypto,
                                              &a->certificates, &err),
                     &err);
    return (carnet_span){ a->certificates.ptr + start, a->certificates.len - start };
}

static void
signer(test_attesters *a, test_signer which, carnet_span first, carnet_span second, carnet_span third)
{
    a->chains[which][0] = first;
    a->chains[which][1] = second;
    a->chains[which][2] = third;
    a->chain_len[which] = (size_t)1 + (second.len != 0) + (third.len != 0);
}

static void
generate(test_attesters *a, carnet_key *key)
{
    assert_carnet_ok(carnet_software_key_generate(&a->crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, key, NULL), NULL);
}

void
test_attesters_begin(test_attesters *a)
{
    const carnet_certificate_profile leaf = made_of(CARNET_KEY_USAGE_DIGITAL_SIGNATURE, false, false);
    const carnet_certificate_profile lone = made_of(CARNET_KEY_USAGE_DIGITAL_SIGNATURE, false, true);
    const carnet_certificate_profile mute = made_of(CARNET_KEY_USAGE_NON_REPUDIATION, false, false);
    const carnet_certificate_profile below = made_of(CARNET_KEY_USAGE_CERTIFICATE_SIGN, true, false);
    const carnet_time far = NOW + 86400 * 300;
    const carnet_span none = { 0 };
    carnet_key other, middle;
    carnet_span stranger, middle_der, namesake;

    *a = (test_attesters){ 0 };
    a->certificates = carnet_buf_of(a->room, sizeof(a->room));
    assert_carnet_ok(carnet_crypto_init(&a->crypto, NULL), NULL);
    generate(a, &a->root_key);
    generate(a, &other);
    generate(a, &middle);
    for (size_t i = 0; i < SIGNER_COUNT; i++)
        generate(a, &a->keys[i]);
    a->root = make(a, &authority, "Attesters", &a->root_key.public_key, none, &a->root_key, far);
    stranger = make(a, &authority, "Attesters", &other.public_key, none, &other, far);
    middle_der = make(a, &below, "Below", &middle.public_key, a->root, &a->root_key, far);
#define KEY(s) &a->keys[s].public_key
    signer(a, SIGNER_GOOD, make(a, &leaf, "Good", KEY(SIGNER_GOOD), a->root, &a->root_key, far), none, none);
    signer(a, SIGNER_BELOW, make(a, &leaf, "Good below", KEY(SIGNER_BELOW), middle_der, &middle, far), middle_der,
           none);
    signer(a, SIGNER_EXPIRED, make(a, &leaf, "Old", KEY(SIGNER_EXPIRED), a->root, &a->root_key, NOW - 3600), none,
           none);
    signer(a, SIGNER_SELF_SIGNED,
           make(a, &lone, "Alone", KEY(SIGNER_SELF_SIGNED), none, &a->keys[SIGNER_SELF_SIGNED], far), none, none);
    signer(a, SIGNER_STRANGER, make(a, &leaf, "Good", KEY(SIGNER_STRANGER), stranger, &other, far), none, none);
    signer(a, SIGNER_NO_USAGE, make(a, &mute, "Mute", KEY(SIGNER_NO_USAGE), a->root, &a->root_key, far), none, none);
    /* The builder takes no issuer that is no authority: a namesake with the same key is one. */
    namesake = make(a, &below, "Good", KEY(SIGNER_GOOD), stranger, &other, far);
    signer(a, SIGNER_BY_LEAF, make(a, &leaf, "Leaf's", KEY(SIGNER_BY_LEAF), namesake, &a->keys[SIGNER_GOOD], far),
           a->chains[SIGNER_GOOD][0], none);
#undef KEY
    carnet_key_done(&other);
    carnet_key_done(&middle);
    assert_carnet_ok(carnet_certificate_open(a->root, &a->root_opened, NULL), NULL);
    a->array = (carnet_anchor_array){ &a->root_opened, 1 };
    a->anchors = carnet_trust_anchors_of(&a->array);
    a->trust = (carnet_attester_trust){ .struct_size = sizeof(a->trust), .anchors = &a->anchors };
}

void
test_attesters_end(test_attesters *a)
{
    for (size_t i = 0; i < SIGNER_COUNT; i++)
        carnet_key_done(&a->keys[i]);
    carnet_key_done(&a->root_key);
    carnet_crypto_done(&a->crypto);
}

carnet_str
test_jwk(const carnet_public_key *key, carnet_buf *out)
{
    const size_t start = out->len;
    carnet_json_builder b = carnet_json_build(out);

    carnet_jwk_add(&b, NULL, &(carnet_jwk){ .key = *key });
    assert_carnet_ok(carnet_json_built(&b, NULL), NULL);
    return (carnet_str){ (const char *)out->ptr + start, out->len - start };
}

carnet_str
test_token(test_attesters *a, const char *type, carnet_str claims, carnet_key *key, const carnet_span *x5c,
           size_t x5c_count, const char *key_id)
{
    const carnet_jws_header header = {
        .type = type, .x5c = x5c, .x5c_count = x5c_count, .key_id = carnet_str_of(key_id)
    };
    static uint8_t room[CARNET_JWS_MAX];
    carnet_buf out = carnet_buf_of(room, sizeof(room));
    carnet_span copy;

    assert_carnet_ok(carnet_jws_sign(&header, carnet_str_bytes(claims), key, &a->crypto, &out, NULL), NULL);
    copy = carnet_test_copy(carnet_buf_span(&out));
    return (carnet_str){ (const char *)copy.ptr, copy.len };
}
