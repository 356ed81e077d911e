/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/hpke.h"
#include "support/crypto.h"
#include "support/support.h"

#include <jansson.h>
#include <string.h>

static const struct {
    int id;
    carnet_curve curve;
    carnet_hash hash;
} kems[] = {
    { 0x10, CARNET_CURVE_P256, CARNET_SHA256 }, { 0x11, CARNET_CURVE_P384, CARNET_SHA384 },
    { 0x12, CARNET_CURVE_P521, CARNET_SHA512 }, { 0x20, CARNET_CURVE_X25519, CARNET_SHA256 },
    { 0x21, CARNET_CURVE_X448, CARNET_SHA512 },
};
static const carnet_hash kdfs[] = { CARNET_SHA256, CARNET_SHA384, CARNET_SHA512 };
static const carnet_aead aeads[] = { CARNET_AES_128_GCM, CARNET_AES_256_GCM };

static carnet_span
hex(json_t *object, const char *key)
{
    const char *found = json_string_value(json_object_get(object, key));

    return found == NULL ? (carnet_span){ NULL, 0 } : carnet_test_hex(found);
}

static int
number(json_t *object, const char *key)
{
    return (int)json_integer_value(json_object_get(object, key));
}

static bool
suite_of(json_t *vector, carnet_hpke_suite *suite)
{
    *suite = (carnet_hpke_suite){ 0 };
    if (number(vector, "mode") != 0 || number(vector, "aead_id") > 2)
        return false;
    for (size_t i = 0; i < CARNET_COUNT(kems); i++) {
        if (kems[i].id == number(vector, "kem_id"))
            suite->kem = kems[i].curve;
    }
    suite->kdf = kdfs[number(vector, "kdf_id") - 1];
    suite->aead = aeads[number(vector, "aead_id") - 1];
    return true;
}

static void
private_key(carnet_curve curve, carnet_span scalar, carnet_key *key)
{
    assert_carnet_ok(carnet_software_key_from_scalar(&crypto, curve, scalar, CARNET_KEY_AGREE, key, NULL), NULL);
}

static void
messages(json_t *vector, carnet_hpke *hpke, bool sealing)
{
    json_t *list = json_object_get(vector, "encryptions"), *entry;
    size_t i;

    json_array_foreach(list, i, entry)
    {
        const carnet_span plain = hex(entry, "pt"), sealed = hex(entry, "ct"), aad = hex(entry, "aad");
        uint8_t out[256];

        hpke->sequence = (uint64_t)number(entry, "seq");
        if (sealing) {
            assert_carnet_ok(carnet_hpke_seal(hpke, &crypto, aad, plain, out, NULL), NULL);
            assert_span_equal(carnet_span_of(out, sealed.len), sealed);
        } else {
            assert_carnet_ok(carnet_hpke_open(hpke, &crypto, aad, sealed, out, NULL), NULL);
            assert_span_equal(carnet_span_of(out, plain.len), plain);
        }
    }
    list = json_object_get(vector, "exports");
    json_array_foreach(list, i, entry)
    {
        const carnet_span expected = hex(entry, "exported_value");
        carnet_secret exported;

        assert_carnet_ok(
            carnet_hpke_export(hpke, &crypto, hex(entry, "exporter_context"), expected.len, &exported, NULL), NULL);
        assert_span_equal(carnet_span_of(exported.bytes, exported.len), expected);
    }
}

static void
one_vector(json_t *vector, const carnet_hpke_suite *suite)
{
    carnet_key own = { 0 }, ephemeral = { 0 };
    carnet_hpke hpke;
    uint8_t room[CARNET_HPKE_ENC_MAX];
    carnet_buf enc = carnet_buf_of(room, sizeof(room));

    private_key(suite->kem, hex(vector, "skRm"), &own);
    assert_carnet_ok(carnet_hpke_receiver(&hpke, &crypto, suite, &own, hex(vector, "enc"), hex(vector, "info"), NULL),
                     NULL);
    assert_span_equal(carnet_span_of(hpke.key.bytes, hpke.key.len), hex(vector, "key"));
    assert_span_equal(carnet_span_of(hpke.base_nonce, 12), hex(vector, "base_nonce"));
    messages(vector, &hpke, false);
    carnet_hpke_done(&hpke);
    if (json_object_get(vector, "skEm") != NULL) {
        private_key(suite->kem, hex(vector, "skEm"), &ephemeral);
        assert_carnet_ok(
            carnet_hpke_sender(&hpke, &crypto, suite, &own.public_key, hex(vector, "info"), &ephemeral, &enc, NULL),
            NULL);
        assert_span_equal(carnet_buf_span(&enc), hex(vector, "enc"));
        messages(vector, &hpke, true);
        carnet_hpke_done(&hpke);
    }
    carnet_key_done(&own);
    carnet_key_done(&ephemeral);
}

static void
vectors_of(const char *path, size_t expected)
{
    const carnet_str file = carnet_test_shared_text(path);
    json_t *all = json_loadb(file.ptr, file.len, 0, NULL), *vector;
    size_t i, done = 0;

    assert_non_null(all);
    json_array_foreach(all, i, vector)
    {
        carnet_hpke_suite suite;

        if (suite_of(vector, &suite)) {
            one_vector(vector, &suite);
            done++;
        }
    }
    assert_int_equal(done, expected);
    json_decref(all);
}

static void
gives_what_the_rfc_gives(void **state)
{
    (void)state;
    vectors_of("vectors/rfc9180-hpke/rfc9180_appendix_a.json", 4);
}

static void
gives_what_others_give_on_p_384(void **state)
{
    (void)state;
    vectors_of("vectors/rfc9180-hpke/derived_p384.json", 2);
}

static void
begin_pair(const carnet_hpke_suite *suite, carnet_key *key, carnet_hpke *sender, carnet_hpke *receiver)
{
    const carnet_span info = CARNET_TEST_BYTES("info");
    uint8_t room[CARNET_HPKE_ENC_MAX];
    carnet_buf enc = carnet_buf_of(room, sizeof(room));

    assert_carnet_ok(carnet_software_key_generate(&crypto, suite->kem, CARNET_KEY_AGREE, key, NULL), NULL);
    assert_carnet_ok(carnet_hpke_sender(sender, &crypto, suite, &key->public_key, info, NULL, &enc, NULL), NULL);
    assert_carnet_ok(carnet_hpke_receiver(receiver, &crypto, suite, key, carnet_buf_span(&enc), info, NULL), NULL);
}

static void
every_suite_opens_what_it_sealed_and_in_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(kems) * CARNET_COUNT(kdfs) * CARNET_COUNT(aeads); i++) {
        const carnet_hpke_suite suite = { kems[i % CARNET_COUNT(kems)].curve,
                                          kdfs[i / CARNET_COUNT(kems) % CARNET_COUNT(kdfs)],
                                          aeads[i / CARNET_COUNT(kems) / CARNET_COUNT(kdfs)] };
        const carnet_span plain = CARNET_TEST_BYTES("what was said"), aad = CARNET_TEST_BYTES("beside");
        uint8_t sealed[3][64], out[64];
        carnet_key key = { 0 };
        carnet_hpke sender, receiver;

        begin_pair(&suite, &key, &sender, &receiver);
        for (size_t n = 0; n < 3; n++)
            assert_carnet_ok(carnet_hpke_seal(&sender, &crypto, aad, plain, sealed[n], NULL), NULL);
        assert_carnet_rc(
            carnet_hpke_open(&receiver, &crypto, aad, carnet_span_of(sealed[1], plain.len + 16), out, NULL),
            CARNET_E_CRYPTO_TAG);
        for (size_t n = 0; n < 3; n++) {
            assert_carnet_ok(
                carnet_hpke_open(&receiver, &crypto, aad, carnet_span_of(sealed[n], plain.len + 16), out, NULL), NULL);
            assert_span_equal(carnet_span_of(out, plain.len), plain);
        }
        carnet_hpke_done(&sender);
        carnet_hpke_done(&receiver);
        carnet_key_done(&key);
    }
}

typedef struct changed {
    carnet_hpke receiver;
    size_t seen;
} changed;

static void
refuse_one(carnet_span sealed, void *context)
{
    changed *c = context;
    uint8_t out[64];

    assert_carnet_rc(carnet_hpke_open(&c->receiver, &crypto, CARNET_TEST_BYTES(""), sealed, out, NULL),
                     CARNET_E_CRYPTO_TAG);
    c->seen++;
}

static void
refuses_every_bit_and_every_prefix_of_a_message(void **state)
{
    const carnet_span plain = CARNET_TEST_BYTES("what was said");
    uint8_t sealed[64];
    carnet_hpke sender;
    carnet_key key = { 0 };
    changed c = { .seen = 0 };

    (void)state;
    begin_pair(&carnet_hpke_mdoc, &key, &sender, &c.receiver);
    assert_carnet_ok(carnet_hpke_seal(&sender, &crypto, CARNET_TEST_BYTES(""), plain, sealed, NULL), NULL);
    carnet_test_every_bit(carnet_span_of(sealed, plain.len + 16), refuse_one, &c);
    carnet_test_every_prefix(carnet_span_of(sealed, plain.len + 16), refuse_one, &c);
    assert_int_equal(c.seen, (plain.len + 16) * 9);
    carnet_hpke_done(&sender);
    carnet_hpke_done(&c.receiver);
    carnet_key_done(&key);
}

static carnet_key own;

static void
refuse_enc(carnet_span enc, void *context)
{
    carnet_hpke hpke;
    carnet_err err = { 0 };
    carnet_rc rc = carnet_hpke_receiver(&hpke, &crypto, &carnet_hpke_mdoc, &own, enc, *(carnet_span *)context, &err);

    assert_true(rc == CARNET_E_CRYPTO_KEY || rc == CARNET_E_CRYPTO_MISMATCH);
    assert_int_equal(hpke.key.len, 0);
}

static void
refuses_what_is_no_point_and_suites_it_has_not(void **state)
{
    static const carnet_hpke_suite none[] = {
        { CARNET_CURVE_BRAINPOOL_P256R1, CARNET_SHA256, CARNET_AES_128_GCM },
        { CARNET_CURVE_ED25519, CARNET_SHA256, CARNET_AES_128_GCM },
        { CARNET_CURVE_P256, CARNET_SHA1, CARNET_AES_128_GCM },
        { CARNET_CURVE_P256, CARNET_SHA256, (carnet_aead)7 },
    };
    carnet_span info = CARNET_TEST_BYTES("info");
    uint8_t room[CARNET_HPKE_ENC_MAX], out[16];
    carnet_buf enc = carnet_buf_of(room, sizeof(room)), small = carnet_buf_of(room, 64);
    carnet_hpke hpke;

    (void)state;
    assert_carnet_ok(carnet_software_key_generate(&crypto, CARNET_CURVE_P256, CARNET_KEY_AGREE, &own, NULL), NULL);
    for (size_t i = 0; i < CARNET_COUNT(none); i++)
        assert_carnet_rc(carnet_hpke_sender(&hpke, &crypto, &none[i], &own.public_key, info, NULL, &enc, NULL),
                         CARNET_E_CRYPTO_UNSUPPORTED);
    assert_int_equal(enc.len, 0);
    assert_carnet_rc(carnet_hpke_sender(&hpke, &crypto, &carnet_hpke_mdoc, &own.public_key, info, NULL, &small, NULL),
                     CARNET_E_NO_SPACE);
    assert_carnet_rc(carnet_hpke_seal(&hpke, &crypto, info, CARNET_TEST_BYTES(""), out, NULL), CARNET_E_USAGE);
    assert_carnet_ok(carnet_hpke_sender(&hpke, &crypto, &carnet_hpke_mdoc, &own.public_key, info, NULL, &enc, NULL),
                     NULL);
    carnet_hpke_done(&hpke);
    carnet_test_every_prefix(carnet_buf_span(&enc), refuse_enc, &info);
    carnet_key_done(&own);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_what_the_rfc_gives),
        cmocka_unit_test(gives_what_others_give_on_p_384),
        cmocka_unit_test(every_suite_opens_what_it_sealed_and_in_order),
        cmocka_unit_test(refuses_every_bit_and_every_prefix_of_a_message),
        cmocka_unit_test(refuses_what_is_no_point_and_suites_it_has_not),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
