/* SPDX-License-Identifier: Apache-2.0 */
/* Key handles: what they may be used for, who holds them, what they agree on. */
#include "carnet/crypto.h"
#include "support/crypto.h"
#include "support/support.h"

#include <jansson.h>
#include <string.h>

static carnet_key
generate(carnet_curve curve, unsigned usage)
{
    carnet_key key;

    assert_carnet_ok(carnet_software_key_generate(&crypto, curve, usage, &key, NULL), NULL);
    return key;
}

static void
both_sides_of_each_curve_agree(void **state)
{
    const carnet_curve_info *info;

    (void)state;
    for (size_t i = 0; (info = carnet_curve_at(i)) != NULL; i++) {
        carnet_key a, b;
        carnet_secret one, two;

        if (!info->agrees)
            continue;
        a = generate(info->curve, CARNET_KEY_AGREE);
        b = generate(info->curve, CARNET_KEY_AGREE);
        assert_carnet_ok(carnet_key_agree(&a, &crypto, &b.public_key, &one, NULL), NULL);
        assert_carnet_ok(carnet_key_agree(&b, &crypto, &a.public_key, &two, NULL), NULL);
        assert_int_equal(one.len, info->coordinate);
        assert_true(carnet_equal_secret(carnet_span_of(one.bytes, one.len), carnet_span_of(two.bytes, two.len)));
        assert_carnet_ok(carnet_key_agree(&a, &crypto, &a.public_key, &two, NULL), NULL);
        assert_false(carnet_equal_secret(carnet_span_of(one.bytes, one.len), carnet_span_of(two.bytes, two.len)));
        carnet_key_done(&a);
        carnet_key_done(&b);
    }
}

static void
agrees_with_no_bad_peer(void **state)
{
    const carnet_curve_info *info;

    (void)state;
    for (size_t i = 0; (info = carnet_curve_at(i)) != NULL; i++) {
        carnet_key key;
        carnet_secret shared = { .len = 9 };
        carnet_public_key peer = { .curve = info->curve }; /* all zeros: of small order, or on no curve */

        if (!info->agrees)
            continue;
        key = generate(info->curve, CARNET_KEY_AGREE);
        assert_carnet_rc(carnet_key_agree(&key, &crypto, &peer, &shared, NULL), CARNET_E_CRYPTO_KEY);
        assert_int_equal(shared.len, 0);
        peer.x[info->okp ? 0 : info->coordinate - 1] = 1;
        assert_carnet_rc(carnet_key_agree(&key, &crypto, &peer, &shared, NULL), CARNET_E_CRYPTO_KEY);
        peer.curve = info->curve == CARNET_CURVE_P256 ? CARNET_CURVE_X25519 : CARNET_CURVE_P256;
        assert_carnet_rc(carnet_key_agree(&key, &crypto, &peer, &shared, NULL), CARNET_E_CRYPTO_MISMATCH);
        carnet_key_done(&key);
    }
}

static void
keeps_to_the_usage_it_was_made_for(void **state)
{
    carnet_key signer = generate(CARNET_CURVE_P256, CARNET_KEY_SIGN);
    carnet_key agreer = generate(CARNET_CURVE_P256, CARNET_KEY_AGREE);
    carnet_key both = generate(CARNET_CURVE_P256, CARNET_KEY_SIGN | CARNET_KEY_AGREE);
    carnet_signature signature = { .len = 5 };
    carnet_secret shared = { .len = 5 };

    (void)state;
    assert_carnet_rc(carnet_key_agree(&signer, &crypto, &agreer.public_key, &shared, NULL), CARNET_E_CRYPTO_POLICY);
    assert_carnet_rc(carnet_key_sign(&agreer, &crypto, CARNET_ES256, NULL, 0, &signature, NULL),
                     CARNET_E_CRYPTO_POLICY);
    assert_int_equal(shared.len + signature.len, 0);
    assert_carnet_ok(carnet_key_agree(&both, &crypto, &agreer.public_key, &shared, NULL), NULL);
    assert_carnet_ok(carnet_key_sign(&both, &crypto, CARNET_ES256, NULL, 0, &signature, NULL), NULL);
    carnet_key_done(&signer);
    carnet_key_done(&agreer);
    carnet_key_done(&both);
}

static void
makes_no_key_for_what_its_curve_cannot_do(void **state)
{
    static const struct {
        carnet_curve curve;
        unsigned usage;
        carnet_rc rc;
    } cases[] = {
        { CARNET_CURVE_X25519, CARNET_KEY_SIGN, CARNET_E_CRYPTO_POLICY },
        { CARNET_CURVE_X448, CARNET_KEY_SIGN | CARNET_KEY_AGREE, CARNET_E_CRYPTO_POLICY },
        { CARNET_CURVE_ED25519, CARNET_KEY_AGREE, CARNET_E_CRYPTO_POLICY },
        { CARNET_CURVE_ED448, CARNET_KEY_SIGN | CARNET_KEY_AGREE, CARNET_E_CRYPTO_POLICY },
        { CARNET_CURVE_P256, 0, CARNET_E_CRYPTO_POLICY },
        { CARNET_CURVE_P256, 4, CARNET_E_CRYPTO_POLICY },
        { CARNET_CURVE_NONE, CARNET_KEY_SIGN, CARNET_E_CRYPTO_UNSUPPORTED },
        { (carnet_curve)8, CARNET_KEY_SIGN, CARNET_E_CRYPTO_UNSUPPORTED },
    };
    static const uint8_t scalar[66] = { [31] = 2, [65] = 2 };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        const carnet_curve_info *info = carnet_curve_get(cases[i].curve);
        const carnet_span octets = { scalar, info == NULL ? 32 : info->coordinate };
        carnet_key key;

        assert_carnet_rc(carnet_software_key_generate(&crypto, cases[i].curve, cases[i].usage, &key, NULL),
                         cases[i].rc);
        assert_null(key.ops);
        assert_carnet_rc(carnet_software_key_from_scalar(&crypto, cases[i].curve, octets, cases[i].usage, &key, NULL),
                         cases[i].rc);
        assert_null(key.ops);
        carnet_key_done(&key);
    }
}

static const struct {
    carnet_curve curve;
    const char *order;
} orders[] = {
    { CARNET_CURVE_P256, "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551" },
    { CARNET_CURVE_P384,
      "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973" },
    { CARNET_CURVE_P521, "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa"
                         "51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409" },
    { CARNET_CURVE_BRAINPOOL_P256R1, "a9fb57dba1eea9bc3e660a909d838d718c397aa3b561a6f7901e0e82974856a7" },
    { CARNET_CURVE_BRAINPOOL_P512R1, "aadd9db8dbe9c48b3fd4e6ae33c9fc07cb308db3b3c9d20ed6639cca70330870553e5c414ca926194"
                                     "18661197fac10471db1d381085ddaddb587"
                                     "96829ca90069" },
};

static void
takes_scalars_from_one_to_the_order_less_one(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(orders); i++) {
        const carnet_span order = carnet_test_hex(orders[i].order);
        const carnet_curve_info *info = carnet_curve_get(orders[i].curve);
        uint8_t scalar[67] = { 0 };
        carnet_key one, last, none;

        assert_int_equal(order.len, info->coordinate);
#define FROM(len, key) carnet_software_key_from_scalar(&crypto, info->curve, (carnet_span){ scalar, len }, 1, key, NULL)
        assert_carnet_rc(FROM(order.len, &none), CARNET_E_CRYPTO_KEY);
        memcpy(scalar, order.ptr, order.len);
        assert_carnet_rc(FROM(order.len, &none), CARNET_E_CRYPTO_KEY);
        scalar[order.len - 1]--;
        assert_carnet_ok(FROM(order.len, &last), NULL);
        assert_carnet_rc(FROM(order.len - 1, &none), CARNET_E_CRYPTO_KEY);
        assert_carnet_rc(FROM(order.len + 1, &none), CARNET_E_CRYPTO_KEY);
        memset(scalar, 0xff, order.len);
        assert_carnet_rc(FROM(order.len, &none), CARNET_E_CRYPTO_KEY);
        memset(scalar, 0, order.len);
        scalar[order.len - 1] = 1;
        assert_carnet_ok(FROM(order.len, &one), NULL);
        /* n - 1 is -1: the same x, the other y. */
        assert_memory_equal(one.public_key.x, last.public_key.x, order.len);
        assert_memory_not_equal(one.public_key.y, last.public_key.y, order.len);
        assert_null(none.ops);
        carnet_key_done(&one);
        carnet_key_done(&last);
#undef FROM
    }
}

/* --- a holder of another kind --- */

static unsigned done_count;

static void
count_done(carnet_key *key)
{
    (void)key;
    done_count++;
}

static carnet_rc
fail_after_writing(carnet_key *key, carnet_crypto *unused, carnet_signature_algorithm algorithm,
                   const carnet_span *parts, size_t count, carnet_signature *signature, carnet_err *err)
{
    (void)key, (void)unused, (void)algorithm, (void)parts, (void)count;
    memset(signature, 0xee, sizeof(*signature));
    return carnet_fail(err, CARNET_E_CRYPTO_BACKEND, NULL, "the token is gone");
}

static void
calls_only_what_the_holder_offers(void **state)
{
    const carnet_key_ops none = { .size = sizeof(none), .done = count_done };
    const carnet_key_ops old = { .size = offsetof(carnet_key_ops, agree),
                                 .sign = fail_after_writing,
                                 .done = count_done };
    carnet_key peer = generate(CARNET_CURVE_P256, CARNET_KEY_AGREE);
    carnet_key key = { .ops = &none, .public_key = peer.public_key, .usage = 3 };
    carnet_signature signature;
    carnet_secret shared;
    uint8_t bytes[400];
    carnet_buf out = carnet_buf_of(bytes, sizeof(bytes));

    (void)state;
    assert_carnet_rc(carnet_key_sign(&key, &crypto, CARNET_ES256, NULL, 0, &signature, NULL),
                     CARNET_E_CRYPTO_UNSUPPORTED);
    assert_carnet_rc(carnet_key_agree(&key, &crypto, &peer.public_key, &shared, NULL), CARNET_E_CRYPTO_UNSUPPORTED);
    assert_carnet_rc(carnet_software_key_to_der(&key, &out, NULL), CARNET_E_CRYPTO_POLICY);
    assert_int_equal(out.len, 0);
    key.ops = &old;
    assert_carnet_rc(carnet_key_sign(&key, &crypto, CARNET_ES256, NULL, 0, &signature, NULL), CARNET_E_CRYPTO_BACKEND);
    assert_int_equal(signature.len + signature.bytes[0], 0);
    assert_carnet_rc(carnet_key_agree(&key, &crypto, &peer.public_key, &shared, NULL), CARNET_E_CRYPTO_UNSUPPORTED);
    carnet_key_done(&key);
    assert_int_equal(done_count, 0); /* beyond what the old table says it has */
    key = (carnet_key){ .ops = &none };
    carnet_key_done(&key);
    carnet_key_done(&key);
    assert_int_equal(done_count, 1);
    carnet_key_done(&peer);
}

/* --- 18013-5, Annex D --- */

static carnet_span
member(json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    assert_non_null(text);
    return carnet_test_hex(text);
}

static carnet_key
annex_d_key(json_t *keys, const char *name)
{
    json_t *found = json_object_get(keys, name);
    carnet_key key;

    assert_carnet_ok(
        carnet_software_key_from_scalar(&crypto, CARNET_CURVE_P256, member(found, "d"), CARNET_KEY_AGREE, &key, NULL),
        NULL);
    assert_span_equal(carnet_span_of(key.public_key.x, 32), member(found, "x"));
    assert_span_equal(carnet_span_of(key.public_key.y, 32), member(found, "y"));
    return key;
}

static void
derive(carnet_secret *from, carnet_span salt, const char *info, carnet_secret *key)
{
    assert_carnet_ok(carnet_hkdf(&crypto, CARNET_SHA256, carnet_span_of(from->bytes, from->len), salt,
                                 carnet_str_bytes(carnet_str_of(info)), 32, key, NULL),
                     NULL);
}

static void
derives_the_keys_of_annex_d(void **state)
{
    const carnet_str text = carnet_test_shared_text("vectors/iso18013-5-annexD/keys.json");
    const carnet_span transcript = carnet_test_shared_hex("vectors/iso18013-5-annexD/session_transcript_bytes.hex");
    const carnet_span mac = carnet_test_shared_hex("vectors/iso18013-5-annexD/mac_structure.hex");
    json_t *keys = json_loadb(text.ptr, text.len, 0, NULL);
    carnet_key reader = annex_d_key(keys, "eReaderKey"), ephemeral = annex_d_key(keys, "eDeviceKey");
    carnet_key device = annex_d_key(keys, "sDeviceKey");
    carnet_secret zab, key;
    uint8_t bytes[32], tag[32];
    const carnet_span salt = { bytes, 32 };

    (void)state;
    assert_carnet_ok(carnet_digest(&crypto, CARNET_SHA256, &transcript, 1, bytes, NULL), NULL);
    assert_span_equal(salt, member(keys, "salt_sha256_SessionTranscriptBytes"));
    assert_carnet_ok(carnet_key_agree(&ephemeral, &crypto, &reader.public_key, &zab, NULL), NULL);
    assert_span_equal(carnet_span_of(zab.bytes, zab.len), member(keys, "zab_session"));
    derive(&zab, salt, "SKReader", &key);
    assert_span_equal(carnet_span_of(key.bytes, key.len), member(keys, "SKReader"));
    derive(&zab, salt, "SKDevice", &key);
    assert_span_equal(carnet_span_of(key.bytes, key.len), member(keys, "SKDevice"));
    assert_carnet_ok(carnet_key_agree(&reader, &crypto, &device.public_key, &zab, NULL), NULL);
    assert_span_equal(carnet_span_of(zab.bytes, zab.len), member(keys, "zab_mac"));
    derive(&zab, salt, "EMacKey", &key);
    assert_span_equal(carnet_span_of(key.bytes, key.len), member(keys, "EMacKey"));
    assert_carnet_ok(carnet_hmac(&crypto, CARNET_SHA256, carnet_span_of(key.bytes, key.len), &mac, 1, tag, NULL), NULL);
    assert_span_equal(carnet_span_of(tag, sizeof(tag)), member(keys, "mac_tag"));
    carnet_key_done(&reader);
    carnet_key_done(&ephemeral);
    carnet_key_done(&device);
    json_decref(keys);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_sides_of_each_curve_agree),
        cmocka_unit_test(agrees_with_no_bad_peer),
        cmocka_unit_test(keeps_to_the_usage_it_was_made_for),
        cmocka_unit_test(makes_no_key_for_what_its_curve_cannot_do),
        cmocka_unit_test(takes_scalars_from_one_to_the_order_less_one),
        cmocka_unit_test(calls_only_what_the_holder_offers),
        cmocka_unit_test(derives_the_keys_of_annex_d),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
