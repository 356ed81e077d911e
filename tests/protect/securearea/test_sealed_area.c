/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/cbor.h"
#include "carnet/sealed_area.h"
#include "support/support.h"

#include <string.h>

static const carnet_argon2_cost cheap = { 8, 1, 1 };
#define PASSPHRASE CARNET_TEST_BYTES("correct horse")
#define MEMORY     32768

static carnet_crypto crypto;

/* A file in memory, which can be told to fail. */
typedef struct shelf {
    uint8_t bytes[MEMORY];
    size_t len;
    bool fails;
    unsigned writes;
} shelf;

static carnet_rc
shelf_read(void *self, carnet_buf *out, carnet_err *err)
{
    const shelf *s = self;

    (void)err;
    carnet_buf_add(out, carnet_span_of(s->bytes, s->len));
    return CARNET_OK;
}

static carnet_rc
shelf_replace(void *self, carnet_span bytes, carnet_err *err)
{
    shelf *s = self;

    if (s->fails)
        return carnet_fail(err, CARNET_E_AREA_STORAGE, NULL, "told to");
    assert_true(bytes.len <= sizeof(s->bytes));
    memcpy(s->bytes, bytes.ptr, bytes.len);
    s->len = bytes.len;
    s->writes++;
    return CARNET_OK;
}

/* An area and all it stands on. */
typedef struct world {
    shelf file;
    carnet_area_storage storage;
    uint8_t memory[MEMORY];
    carnet_sealed_area state;
    carnet_secure_area area;
} world;
static world w;

static carnet_rc
reopen(carnet_span passphrase)
{
    carnet_secure_area_done(&w.area);
    return carnet_sealed_area_open(&w.state, &crypto, &w.storage, passphrase, carnet_buf_of(w.memory, MEMORY), &w.area,
                                   NULL);
}

static int
setup(void **state)
{
    (void)state;
    memset(&w, 0, sizeof(w));
    w.storage = (carnet_area_storage){ shelf_read, shelf_replace, &w.file };
    assert_carnet_ok(carnet_crypto_init(&crypto, NULL), NULL);
    assert_carnet_ok(carnet_sealed_area_new(&w.state, &crypto, &w.storage, PASSPHRASE, &cheap,
                                            carnet_buf_of(w.memory, MEMORY), &w.area, NULL),
                     NULL);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    carnet_secure_area_done(&w.area);
    carnet_crypto_done(&crypto);
    return 0;
}

static size_t
count_keys(void)
{
    static carnet_key_description keys[64];
    size_t found;

    assert_carnet_ok(carnet_secure_area_list(&w.area, 0, keys, 64, &found, NULL), NULL);
    return found;
}

static carnet_key_description
make_key(carnet_curve curve, unsigned usage)
{
    carnet_key_order order = { .curve = curve, .usage = usage };
    carnet_key_description made;

    assert_carnet_ok(carnet_secure_area_create(&w.area, &order, 1, &made, NULL), NULL);
    return made;
}

static void
sign_and_verify(const carnet_key_description *made)
{
    carnet_signature_algorithm algorithm = carnet_curve_get(made->public_key.curve)->algorithm;
    carnet_span message = CARNET_TEST_BYTES("signed");
    carnet_signature signature;
    carnet_key key;

    assert_carnet_ok(carnet_secure_area_open(&w.area, &made->identifier, &key, NULL), NULL);
    assert_carnet_ok(carnet_key_sign(&key, &crypto, algorithm, &message, 1, &signature, NULL), NULL);
    assert_carnet_ok(carnet_verify(&crypto, &made->public_key, algorithm, &message, 1,
                                   carnet_span_of(signature.bytes, signature.len), NULL),
                     NULL);
    carnet_key_done(&key);
}

static void
a_key_of_every_curve_announced_works_after_reopening(void **state)
{
    static carnet_key_description made[16];
    carnet_secure_area_curve curve;
    size_t count = 0;

    (void)state;
    for (; carnet_secure_area_curve_at(&w.area, count, &curve); count++)
        made[count] = make_key(curve.curve, curve.usage);
    assert_int_equal(count, 11);
    assert_carnet_ok(reopen(PASSPHRASE), NULL);
    assert_int_equal(count_keys(), 11);
    for (size_t i = 0; i < count; i++) {
        carnet_key peer, key;
        carnet_secret a, b;

        if ((made[i].usage & CARNET_KEY_SIGN) != 0)
            sign_and_verify(&made[i]);
        if ((made[i].usage & CARNET_KEY_AGREE) == 0)
            continue;
        assert_carnet_ok(carnet_secure_area_open(&w.area, &made[i].identifier, &key, NULL), NULL);
        assert_carnet_ok(carnet_software_key_generate(&crypto, made[i].public_key.curve, CARNET_KEY_AGREE, &peer, NULL),
                         NULL);
        assert_carnet_ok(carnet_key_agree(&key, &crypto, &peer.public_key, &a, NULL), NULL);
        assert_carnet_ok(carnet_key_agree(&peer, &crypto, &made[i].public_key, &b, NULL), NULL);
        assert_span_equal(carnet_span_of(a.bytes, a.len), carnet_span_of(b.bytes, b.len));
        carnet_key_done(&key);
        carnet_key_done(&peer);
    }
}

static void
a_key_does_only_what_it_was_made_for(void **state)
{
    carnet_key_description made = make_key(CARNET_CURVE_P256, CARNET_KEY_SIGN);
    carnet_secret shared;
    carnet_key key;

    (void)state;
    assert_carnet_ok(reopen(PASSPHRASE), NULL);
    assert_carnet_ok(carnet_secure_area_open(&w.area, &made.identifier, &key, NULL), NULL);
    assert_carnet_rc(carnet_key_agree(&key, &crypto, &made.public_key, &shared, NULL), CARNET_E_CRYPTO_POLICY);
    carnet_key_done(&key);
}

static void
several_keys_are_made_with_one_writing(void **state)
{
    carnet_key_order orders[20];
    static carnet_key_description made[20];
    unsigned writes = w.file.writes;

    (void)state;
    for (size_t i = 0; i < 20; i++)
        orders[i] = (carnet_key_order){ .curve = CARNET_CURVE_P256, .usage = CARNET_KEY_SIGN };
    assert_carnet_ok(carnet_secure_area_create(&w.area, orders, 20, made, NULL), NULL);
    assert_int_equal(w.file.writes, writes + 1);
    assert_carnet_ok(reopen(PASSPHRASE), NULL);
    for (size_t i = 0; i < 20; i++)
        sign_and_verify(&made[i]);
}

static void
all_of_a_batch_or_none(void **state)
{
    carnet_key_order orders[3] = { { CARNET_CURVE_P256, CARNET_KEY_SIGN, { "a", 1 } },
                                   { CARNET_CURVE_P256, CARNET_KEY_SIGN, { "b", 1 } },
                                   { CARNET_CURVE_P256, CARNET_KEY_SIGN, { "a", 1 } } };
    carnet_key_description made[3];
    carnet_key_identifier gone[2] = { { "a", 1 }, { "c", 1 } };

    (void)state;
    assert_carnet_rc(carnet_secure_area_create(&w.area, orders, 3, made, NULL), CARNET_E_AREA_KEY_TWICE);
    assert_int_equal(count_keys(), 0);
    assert_int_equal(made[0].identifier.len, 0);
    assert_carnet_ok(carnet_secure_area_create(&w.area, orders, 2, made, NULL), NULL);
    assert_carnet_rc(carnet_secure_area_destroy(&w.area, gone, 2, NULL), CARNET_E_AREA_KEY_ABSENT);
    assert_int_equal(count_keys(), 2);
    orders[0].curve = (carnet_curve)77;
    assert_carnet_rc(carnet_secure_area_create(&w.area, orders, 1, made, NULL), CARNET_E_CRYPTO_UNSUPPORTED);
}

static void
a_storage_that_fails_changes_nothing(void **state)
{
    carnet_key_description kept = make_key(CARNET_CURVE_P256, CARNET_KEY_SIGN), made;
    carnet_key_order order = { .curve = CARNET_CURVE_P256, .usage = CARNET_KEY_SIGN };

    (void)state;
    w.file.fails = true;
    assert_carnet_rc(carnet_secure_area_create(&w.area, &order, 1, &made, NULL), CARNET_E_AREA_STORAGE);
    assert_carnet_rc(carnet_secure_area_destroy(&w.area, &kept.identifier, 1, NULL), CARNET_E_AREA_STORAGE);
    assert_carnet_rc(carnet_sealed_area_passphrase(&w.state, CARNET_TEST_BYTES("new"), &cheap, NULL),
                     CARNET_E_AREA_STORAGE);
    w.file.fails = false;
    assert_int_equal(count_keys(), 1);
    made = make_key(CARNET_CURVE_P256, CARNET_KEY_SIGN);
    assert_carnet_ok(reopen(PASSPHRASE), NULL);
    sign_and_verify(&kept);
    sign_and_verify(&made);
}

static void
a_key_destroyed_is_gone_and_the_others_stay(void **state)
{
    static carnet_key_description made[5];
    carnet_key_identifier gone[2];
    carnet_key key;

    (void)state;
    for (size_t i = 0; i < 5; i++)
        made[i] = make_key(CARNET_CURVE_P256, CARNET_KEY_SIGN);
    gone[0] = made[0].identifier;
    gone[1] = made[3].identifier;
    assert_carnet_ok(carnet_secure_area_destroy(&w.area, gone, 2, NULL), NULL);
    for (int pass = 0; pass < 2; pass++) {
        assert_int_equal(count_keys(), 3);
        assert_carnet_rc(carnet_secure_area_open(&w.area, &made[3].identifier, &key, NULL), CARNET_E_AREA_KEY_ABSENT);
        sign_and_verify(&made[1]);
        sign_and_verify(&made[4]);
        assert_carnet_ok(reopen(PASSPHRASE), NULL);
    }
}

static void
a_full_area_says_so_and_can_still_destroy(void **state)
{
    carnet_key_description made = make_key(CARNET_CURVE_P256, CARNET_KEY_SIGN), more;
    carnet_key_order order = { .curve = CARNET_CURVE_P256, .usage = CARNET_KEY_SIGN };
    carnet_rc rc;

    (void)state;
    while ((rc = carnet_secure_area_create(&w.area, &order, 1, &more, NULL)) == CARNET_OK)
        ;
    assert_carnet_rc(rc, CARNET_E_AREA_FULL);
    assert_true(count_keys() > 10);
    assert_carnet_ok(carnet_secure_area_destroy(&w.area, &made.identifier, 1, NULL), NULL);
    assert_carnet_ok(carnet_secure_area_create(&w.area, &order, 1, &more, NULL), NULL);
    assert_carnet_ok(reopen(PASSPHRASE), NULL);
}

static void
the_passphrase_can_be_changed(void **state)
{
    carnet_key_description made = make_key(CARNET_CURVE_ED25519, CARNET_KEY_SIGN);

    (void)state;
    assert_carnet_ok(carnet_sealed_area_passphrase(&w.state, CARNET_TEST_BYTES("new"), &cheap, NULL), NULL);
    sign_and_verify(&made);
    assert_carnet_rc(reopen(PASSPHRASE), CARNET_E_SEALED_PASSPHRASE);
    assert_carnet_ok(reopen(CARNET_TEST_BYTES("new")), NULL);
    sign_and_verify(&made);
}

static void
a_key_made_elsewhere_is_taken_in(void **state)
{
    carnet_key_description description = { 0 };
    carnet_key key;

    (void)state;
    assert_carnet_ok(carnet_software_key_generate(&crypto, CARNET_CURVE_P384, CARNET_KEY_SIGN, &key, NULL), NULL);
    assert_carnet_ok(carnet_sealed_area_import(&w.state, &key, &description.identifier, NULL), NULL);
    assert_int_equal(description.identifier.len, 16);
    assert_carnet_rc(carnet_sealed_area_import(&w.state, &key, &description.identifier, NULL), CARNET_E_AREA_KEY_TWICE);
    description.public_key = key.public_key;
    carnet_key_done(&key);
    assert_carnet_ok(reopen(PASSPHRASE), NULL);
    sign_and_verify(&description);
}

static void
nothing_is_left_in_memory_after_closing(void **state)
{
    static const uint8_t zeros[MEMORY];

    (void)state;
    make_key(CARNET_CURVE_P256, CARNET_KEY_SIGN);
    carnet_secure_area_done(&w.area);
    assert_memory_equal(w.memory, zeros, MEMORY);
    assert_memory_equal(&w.state, zeros, sizeof(w.state));
    assert_carnet_rc(reopen(CARNET_TEST_BYTES("wrong")), CARNET_E_SEALED_PASSPHRASE);
    assert_memory_equal(w.memory, zeros, MEMORY);
}

static void
does_not_attest(void **state)
{
    carnet_key_description made = make_key(CARNET_CURVE_P256, CARNET_KEY_SIGN);
    carnet_buf out = { 0 };
    const char *format;

    (void)state;
    assert_carnet_rc(carnet_secure_area_attest(&w.area, &made.identifier, 1, PASSPHRASE, &out, &format, NULL),
                     CARNET_E_CRYPTO_UNSUPPORTED);
}

/* What is inside is looked over too: whoever has the passphrase may still have written nonsense. */
static void
entries_that_are_none_are_refused(void **state)
{
    static const char *const inside[] = {
        "a0",         /* no array */
        "8100",       /* no map */
        "81a0",       /* no members */
        "9a00100000", /* a million keys */
        "8000",       /* bytes behind */
        "81a56a6964656e7469666965724061d663757276650165757361676501667075626c69634100636b657940",
        "81a56a6964656e74696669657240656375727665016575736167650166"
        "7075626c69634100636b657940",                                                               /* no identifier */
        "81a56a6964656e7469666965724101656375727665187b65757361676501667075626c69634100636b657940", /* no such curve */
        "81a56a6964656e746966696572410165637572766501657573616765006670"
        "75626c69634100636b657940", /* no usage */
        "81a56a6964656e746966696572410165637572766501657573616765016670"
        "75626c69634104636b657940", /* half a point */
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(inside); i++) {
        carnet_span part = carnet_test_hex(inside[i]);
        carnet_buf out = carnet_buf_of(w.file.bytes, sizeof(w.file.bytes));

        assert_carnet_ok(carnet_sealed_file_new_key(&crypto, PASSPHRASE, &cheap, w.state.salt, &w.state.key, NULL),
                         NULL);
        assert_carnet_ok(carnet_sealed_file_seal(&crypto, &w.state.key, &cheap, w.state.salt, &part, 1, &out, NULL),
                         NULL);
        w.file.len = out.len;
        if (reopen(PASSPHRASE) != CARNET_E_SEALED_STRUCTURE)
            fail_msg("%s", inside[i]);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_key_of_every_curve_announced_works_after_reopening),
        TEST(a_key_does_only_what_it_was_made_for),
        TEST(several_keys_are_made_with_one_writing),
        TEST(all_of_a_batch_or_none),
        TEST(a_storage_that_fails_changes_nothing),
        TEST(a_key_destroyed_is_gone_and_the_others_stay),
        TEST(a_full_area_says_so_and_can_still_destroy),
        TEST(the_passphrase_can_be_changed),
        TEST(a_key_made_elsewhere_is_taken_in),
        TEST(nothing_is_left_in_memory_after_closing),
        TEST(does_not_attest),
        TEST(entries_that_are_none_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
