/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/cbor.h"
#include "carnet/sealed_file.h"
#include "support/support.h"

#include <string.h>

static const carnet_argon2_cost cheap = { 8, 1, 1 };
#define PASSPHRASE CARNET_TEST_BYTES("correct horse")
#define SECRET     CARNET_TEST_BYTES("what nobody may read")

static carnet_crypto crypto;
static uint8_t sealed_bytes[512];
static carnet_span sealed;
static carnet_secret sealing_key;

static int
setup(void **state)
{
    carnet_buf out = carnet_buf_of(sealed_bytes, sizeof(sealed_bytes));
    uint8_t salt[CARNET_SEALED_SALT];
    carnet_span secret = SECRET;

    (void)state;
    assert_carnet_ok(carnet_crypto_init(&crypto, NULL), NULL);
    assert_carnet_ok(carnet_sealed_file_new_key(&crypto, PASSPHRASE, &cheap, salt, &sealing_key, NULL), NULL);
    assert_carnet_ok(carnet_sealed_file_seal(&crypto, &sealing_key, &cheap, salt, &secret, 1, &out, NULL), NULL);
    sealed = carnet_buf_span(&out);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    carnet_crypto_done(&crypto);
    return 0;
}

/* All the way: form, passphrase, content. */
static carnet_rc
unseal(carnet_span bytes, carnet_span passphrase, uint8_t out[64], carnet_span *plain)
{
    carnet_sealed_file view;
    carnet_secret key = { 0 };
    carnet_rc rc = carnet_sealed_file_open(&crypto, bytes, &view, NULL);

    *plain = (carnet_span){ 0 };
    if (rc == CARNET_OK)
        rc = carnet_sealed_file_key(&crypto, &view, passphrase, &key, NULL);
    if (rc == CARNET_OK)
        rc = carnet_sealed_file_unseal(&crypto, &view, &key, out, 64, plain, NULL);
    carnet_secret_done(&key);
    return rc;
}

static void
gives_back_what_was_sealed(void **state)
{
    uint8_t out[64];
    carnet_span plain;

    (void)state;
    assert_carnet_ok(unseal(sealed, PASSPHRASE, out, &plain), NULL);
    assert_span_equal(plain, SECRET);
    assert_true(sealed.len - SECRET.len <= CARNET_SEALED_OVERHEAD);
}

static void
tells_another_passphrase(void **state)
{
    static const char *const others[] = { "correct hors", "correct horse ", "Correct horse", "x" };
    uint8_t out[64];
    carnet_span plain;

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(others); i++)
        assert_carnet_rc(unseal(sealed, carnet_str_bytes(carnet_str_of(others[i])), out, &plain),
                         CARNET_E_SEALED_PASSPHRASE);
    assert_carnet_rc(unseal(sealed, (carnet_span){ 0 }, out, &plain), CARNET_E_USAGE);
}

static void
is_damaged(carnet_span mutated, void *context)
{
    size_t *seen = context;
    carnet_sealed_file view;
    carnet_rc rc = carnet_sealed_file_open(&crypto, mutated, &view, NULL);

    /* The words it begins with say what it is; without them it is no sealed file. */
    if (rc != CARNET_E_SEALED_DAMAGED && rc != CARNET_E_SEALED_STRUCTURE)
        fail_msg("%s", carnet_rc_name(rc));
    if (rc == CARNET_E_SEALED_STRUCTURE && mutated.len >= 20 && memcmp(mutated.ptr, sealed.ptr, 20) == 0)
        fail_msg("damage behind the beginning was not called damage");
    assert_null(view.ciphertext.ptr);
    *seen += 1;
}

static void
every_prefix_and_every_bit_is_damage(void **state)
{
    size_t seen = 0;

    (void)state;
    carnet_test_every_prefix(sealed, is_damaged, &seen);
    carnet_test_every_bit(sealed, is_damaged, &seen);
    assert_int_equal(seen, sealed.len + 8 * sealed.len);
}

/* With the digest made anew: somebody meant it. */
static void
is_refused(carnet_span mutated, void *context)
{
    size_t *wrong = context;
    uint8_t bytes[512] = { 0 }, out[64];
    carnet_span before = carnet_span_of(bytes, mutated.len - 34), plain;
    carnet_rc rc;

    memcpy(bytes, mutated.ptr, mutated.len);
    assert_carnet_ok(carnet_digest(&crypto, CARNET_SHA256, &before, 1, bytes + mutated.len - 32, NULL), NULL);
    rc = unseal(carnet_span_of(bytes, mutated.len), PASSPHRASE, out, &plain);
    if (memcmp(bytes, sealed.ptr, mutated.len) == 0)
        assert_carnet_ok(rc, NULL); /* the flip was in the digest */
    else if (rc != CARNET_E_SEALED_DAMAGED && rc != CARNET_E_SEALED_STRUCTURE && rc != CARNET_E_SEALED_PASSPHRASE &&
             rc != CARNET_E_SEALED_COST && rc != CARNET_E_SEALED_VERSION)
        fail_msg("%s", carnet_rc_name(rc));
    wrong[0] += rc == CARNET_E_SEALED_PASSPHRASE;
    wrong[1] += rc == CARNET_E_SEALED_DAMAGED;
    if (rc != CARNET_OK)
        assert_true(plain.len == 0);
}

static void
every_bit_counts_under_a_new_digest(void **state)
{
    size_t wrong[2] = { 0 };

    (void)state;
    carnet_test_every_bit(sealed, is_refused, wrong);
    /* Salt, commitment and most of the cost's bits lead to another key; ciphertext, tag and IV to a wrong tag. */
    assert_true(wrong[0] >= 8 * (16 + 32));
    assert_true(wrong[1] >= 8 * (SECRET.len + 16 + 12));
}

/* A file whose header says this, under a right digest. */
static carnet_span
made(uint8_t *out, size_t cap, const char *version, const char *kdf, uint64_t memory, uint64_t passes, uint64_t lanes)
{
    static const uint8_t zeros[48];
    uint8_t bytes[256], digest[32];
    carnet_cbor_builder h = carnet_cbor_build(bytes, sizeof(bytes)), b = carnet_cbor_build(out, cap);
    const char *names[] = { "memory", "passes", "lanes", "salt", "commitment", "iv" };
    uint64_t numbers[] = { memory, passes, lanes };
    size_t lengths[] = { 16, 32, 12 };
    carnet_span before;

    carnet_cbor_add_map(&h, 8);
    carnet_cbor_add_text(&h, "version");
    carnet_cbor_add_text(&h, version);
    carnet_cbor_add_text(&h, "kdf");
    carnet_cbor_add_text(&h, kdf);
    for (size_t i = 0; i < 6; i++) {
        carnet_cbor_add_text(&h, names[i]);
        if (i < 3)
            carnet_cbor_add_uint(&h, numbers[i]);
        else
            carnet_cbor_add_bstr(&h, carnet_span_of(zeros, lengths[i - 3]));
    }
    carnet_cbor_add_array(&b, 4);
    carnet_cbor_add_text(&b, "carnet sealed file");
    carnet_cbor_add_bstr(&b, carnet_span_of(bytes, h.len));
    carnet_cbor_add_bstr(&b, carnet_span_of(zeros, 17));
    before = carnet_span_of(out, b.len);
    assert_carnet_ok(carnet_digest(&crypto, CARNET_SHA256, &before, 1, digest, NULL), NULL);
    carnet_cbor_add_bstr(&b, carnet_span_of(digest, 32));
    assert_true(b.rc == CARNET_OK);
    return carnet_span_of(out, b.len);
}

static const struct {
    const char *what, *version, *kdf;
    uint64_t memory, passes, lanes;
    carnet_rc rc;
} headers[] = {
    { "the usual", "1.0", "argon2id", 65536, 3, 4, CARNET_OK },
    { "a later minor version", "1.7", "argon2id", 8, 1, 1, CARNET_OK },
    { "the most memory", "1.0", "argon2id", 1048576, 4, 16, CARNET_OK },
    { "another major version", "2.0", "argon2id", 8, 1, 1, CARNET_E_SEALED_VERSION },
    { "another function", "1.0", "scrypt", 8, 1, 1, CARNET_E_SEALED_STRUCTURE },
    { "100 GB", "1.0", "argon2id", 100000000, 1, 1, CARNET_E_SEALED_COST },
    { "one KiB more than the most", "1.0", "argon2id", 1048577, 1, 1, CARNET_E_SEALED_COST },
    { "more memory than 32 bits count", "1.0", "argon2id", 0x100000008, 1, 1, CARNET_E_SEALED_COST },
    { "passes for hours", "1.0", "argon2id", 8, 4194304, 1, CARNET_E_SEALED_COST },
    { "much memory for many passes", "1.0", "argon2id", 1048576, 5, 1, CARNET_E_SEALED_COST },
    { "the largest number of passes", "1.0", "argon2id", 8, UINT64_MAX, 1, CARNET_E_SEALED_COST },
    { "no passes", "1.0", "argon2id", 8, 0, 1, CARNET_E_SEALED_COST },
    { "no memory", "1.0", "argon2id", 0, 1, 1, CARNET_E_SEALED_COST },
    { "no lanes", "1.0", "argon2id", 8, 1, 0, CARNET_E_SEALED_COST },
    { "seventeen lanes", "1.0", "argon2id", 1024, 1, 17, CARNET_E_SEALED_COST },
    { "too little memory for the lanes", "1.0", "argon2id", 31, 1, 4, CARNET_E_SEALED_COST },
};

static void
bounds_what_a_file_may_demand(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(headers); i++) {
        uint8_t bytes[512];
        carnet_sealed_file view;
        carnet_rc rc = carnet_sealed_file_open(&crypto,
                                               made(bytes, sizeof(bytes), headers[i].version, headers[i].kdf,
                                                    headers[i].memory, headers[i].passes, headers[i].lanes),
                                               &view, NULL);

        if (rc != headers[i].rc)
            fail_msg("%s: %s", headers[i].what, carnet_rc_name(rc));
        assert_int_equal(view.cost.memory_kib, rc == CARNET_OK ? headers[i].memory : 0);
    }
}

static void
two_writings_share_neither_iv_nor_ciphertext(void **state)
{
    uint8_t bytes[512], salt[CARNET_SEALED_SALT] = { 0 };
    carnet_buf a = carnet_buf_of(bytes, 256), b = carnet_buf_of(bytes + 256, 256);
    carnet_sealed_file one, two;
    carnet_span secret = SECRET;

    (void)state;
    assert_carnet_ok(carnet_sealed_file_seal(&crypto, &sealing_key, &cheap, salt, &secret, 1, &a, NULL), NULL);
    assert_carnet_ok(carnet_sealed_file_seal(&crypto, &sealing_key, &cheap, salt, &secret, 1, &b, NULL), NULL);
    assert_carnet_ok(carnet_sealed_file_open(&crypto, carnet_buf_span(&a), &one, NULL), NULL);
    assert_carnet_ok(carnet_sealed_file_open(&crypto, carnet_buf_span(&b), &two, NULL), NULL);
    assert_false(carnet_span_equal(one.iv, two.iv));
    assert_false(carnet_span_equal(one.ciphertext, two.ciphertext));
    assert_true(carnet_span_equal(one.commitment, two.commitment));
}

static void
a_buffer_too_small_holds_nothing_afterwards(void **state)
{
    uint8_t salt[CARNET_SEALED_SALT] = { 0 }, zeros[512] = { 0 };
    carnet_span secret = SECRET;

    (void)state;
    for (size_t cap = 0; cap < sealed.len; cap++) {
        uint8_t bytes[512] = { 0 };
        carnet_buf out = carnet_buf_of(bytes, cap);

        assert_carnet_rc(carnet_sealed_file_seal(&crypto, &sealing_key, &cheap, salt, &secret, 1, &out, NULL),
                         CARNET_E_NO_SPACE);
        assert_int_equal(out.len, 0);
        assert_memory_equal(bytes, zeros, sizeof(bytes));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_back_what_was_sealed),
        cmocka_unit_test(tells_another_passphrase),
        cmocka_unit_test(every_prefix_and_every_bit_is_damage),
        cmocka_unit_test(every_bit_counts_under_a_new_digest),
        cmocka_unit_test(bounds_what_a_file_may_demand),
        cmocka_unit_test(two_writings_share_neither_iv_nor_ciphertext),
        cmocka_unit_test(a_buffer_too_small_holds_nothing_afterwards),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
