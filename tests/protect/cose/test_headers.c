/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/cose_sign1.h"
#include "support/support.h"

#include <string.h>

/* A COSE_Sign1 as hexadecimal text, what opening it says, and where. */
static const struct {
    const char *what, *hex;
    unsigned allow;
    carnet_rc rc;
    size_t offset;
    unsigned seen;
} cases[] = {
    { "alg alone, detached", "84 43a10126 a0 f6 41aa", 0, CARNET_OK, 0, 0 },
    { "attached payload", "84 43a10126 a0 41bb 41aa", 0, CARNET_OK, 0, 0 },
    { "tag 18", "d2 84 43a10126 a0 f6 41aa", 0, CARNET_OK, 0, CARNET_COSE_TAGGED },
    { "tag 17", "d1 84 43a10126 a0 f6 41aa", 0, CARNET_E_COSE_STRUCTURE, 0, 0 },
    { "tag 18 twice", "d2 d2 84 43a10126 a0 f6 41aa", 0, CARNET_E_CBOR_TYPE, 1, 0 },
    { "nothing", "", 0, CARNET_E_CBOR_TRUNCATED, 0, 0 },
    { "a map", "a0", 0, CARNET_E_CBOR_TYPE, 0, 0 },
    { "three entries", "83 43a10126 a0 f6", 0, CARNET_E_COSE_STRUCTURE, 0, 0 },
    { "five entries", "85 43a10126 a0 f6 41aa 00", 0, CARNET_E_COSE_STRUCTURE, 0, 0 },
    { "five entries, not announced", "9f 43a10126 a0 f6 41aa 00 ff", CARNET_CBOR_LENIENT, CARNET_E_COSE_STRUCTURE, 9,
      0 },
    { "three entries, not announced", "9f 43a10126 a0 f6 ff", CARNET_CBOR_LENIENT, CARNET_E_COSE_STRUCTURE, 8, 0 },
    { "four entries, not announced", "9f 43a10126 a0 f6 41aa ff", CARNET_CBOR_LENIENT, CARNET_OK, 0, 0 },
    { "four entries, not announced, strictly", "9f 43a10126 a0 f6 41aa ff", 0, CARNET_E_CBOR_INDEFINITE, 0, 0 },
    { "a byte too many", "84 43a10126 a0 f6 41aa 00", 0, CARNET_E_CBOR_TRAILING, 9, 0 },
    { "payload a text", "84 43a10126 a0 60 41aa", 0, CARNET_E_CBOR_TYPE, 6, 0 },
    { "payload in chunks", "84 43a10126 a0 5f41bbff 41aa", CARNET_CBOR_LENIENT, CARNET_E_CBOR_INDEFINITE, 6, 0 },
    { "signature nil", "84 43a10126 a0 f6 f6", 0, CARNET_E_CBOR_TYPE, 7, 0 },

    { "protected a map", "84 a10126 a0 f6 41aa", 0, CARNET_E_CBOR_TYPE, 1, 0 },
    { "protected holds a number", "84 4101 a0 f6 41aa", 0, CARNET_E_CBOR_TYPE, 2, 0 },
    { "protected holds more than a map", "84 44a1012600 a0 f6 41aa", 0, CARNET_E_CBOR_TRAILING, 5, 0 },
    { "protected holds a cut map", "84 42a101 a0 f6 41aa", 0, CARNET_E_CBOR_TRUNCATED, 2, 0 },
    { "protected empty", "84 40 a0 f6 41aa", 0, CARNET_OK, 0, 0 },
    { "protected holds an empty map", "84 41a0 a0 f6 41aa", 0, CARNET_OK, 0, CARNET_COSE_PROTECTED_EMPTY_MAP },
    { "unprotected an array", "84 43a10126 80 f6 41aa", 0, CARNET_E_CBOR_TYPE, 5, 0 },
    { "a long head", "84 43a10126 a0 f6 5801aa", 0, CARNET_E_CBOR_NOT_PREFERRED, 7, 0 },
    { "a long head, allowed", "84 43a10126 a0 f6 5801aa", CARNET_CBOR_LENIENT, CARNET_OK, 0, 0 },
    { "a long head in protected", "84 44a1180126 a0 f6 41aa", 0, CARNET_E_CBOR_NOT_PREFERRED, 3, 0 },

    { "alg unprotected", "84 40 a10126 f6 41aa", 0, CARNET_OK, 0, CARNET_COSE_ALGORITHM_UNPROTECTED },
    { "alg in both", "84 43a10126 a10126 f6 41aa", 0, CARNET_E_COSE_HEADER, 7, 0 },
    { "alg in both, once with a long head", "84 43a10126 a1180126 f6 41aa", CARNET_CBOR_LENIENT, CARNET_E_COSE_HEADER,
      8, 0 },
    { "alg twice", "84 45a201260126 a0 f6 41aa", 0, CARNET_E_CBOR_KEY_TWICE, 5, 0 },
    { "alg a text", "84 44a1016178 a0 f6 41aa", 0, CARNET_OK, 0, CARNET_COSE_ALGORITHM_TEXT },
    { "alg a byte string", "84 43a10140 a0 f6 41aa", 0, CARNET_E_COSE_HEADER, 4, 0 },
    { "alg beyond 64 bits", "84 4ba1013bffffffffffffffff a0 f6 41aa", 0, CARNET_E_CBOR_VALUE, 4, 0 },

    { "unknown labels", "84 46a20126182a00 a3182b00206178616100 f6 41aa", 0, CARNET_OK, 0,
      CARNET_COSE_OTHER_PROTECTED | CARNET_COSE_OTHER_UNPROTECTED },
    { "an unknown label in both", "84 46a20126182a00 a1182a01 f6 41aa", 0, CARNET_E_COSE_HEADER, 5, 0 },
    { "a text label in both", "84 46a20126616100 a12000 f6 41aa", 0, CARNET_OK, 0,
      CARNET_COSE_OTHER_PROTECTED | CARNET_COSE_OTHER_UNPROTECTED },
    { "the same text label in both", "84 46a20126616100 a1616101 f6 41aa", 0, CARNET_E_COSE_HEADER, 5, 0 },
    { "the same negative label in both", "84 45a201262000 a12001 f6 41aa", 0, CARNET_E_COSE_HEADER, 5, 0 },
    { "an unknown label twice", "84 43a10126 a2182a00182a01 f6 41aa", 0, CARNET_E_CBOR_KEY_TWICE, 9, 0 },

    { "kid", "84 43a10126 a1044131 f6 41aa", 0, CARNET_OK, 0, CARNET_COSE_OTHER_UNPROTECTED },
    { "kid a text", "84 43a10126 a1046131 f6 41aa", 0, CARNET_OK, 0,
      CARNET_COSE_OTHER_UNPROTECTED | CARNET_COSE_KEY_ID_TEXT },
    { "kid a number", "84 43a10126 a10401 f6 41aa", 0, CARNET_E_CBOR_TYPE, 7, 0 },
    { "kid in both", "84 46a20126044131 a1044131 f6 41aa", 0, CARNET_E_COSE_HEADER, 10, 0 },
    { "typ a text", "84 46a20126106178 a0 f6 41aa", 0, CARNET_OK, 0, CARNET_COSE_OTHER_PROTECTED },
    { "typ a number", "84 45a201261005 a0 f6 41aa", 0, CARNET_OK, 0, CARNET_COSE_OTHER_PROTECTED },
    { "typ negative", "84 45a201261020 a0 f6 41aa", 0, CARNET_E_CBOR_TYPE, 6, 0 },
    { "typ out of range", "84 4da20126101bffffffffffffffff a0 f6 41aa", 0, CARNET_E_COSE_HEADER, 15, 0 },
    { "content type a byte string", "84 45a201260340 a0 f6 41aa", 0, CARNET_E_CBOR_TYPE, 6, 0 },

    { "crit names typ", "84 48a3012602811010 05 a0 f6 41aa", 0, CARNET_OK, 0, CARNET_COSE_OTHER_PROTECTED },
    { "crit names what is not there", "84 46a20126028110 a0 f6 41aa", 0, CARNET_E_COSE_CRITICAL, 7, 0 },
    { "crit names what is not protected", "84 46a20126028110 a11005 f6 41aa", 0, CARNET_E_COSE_CRITICAL, 7, 0 },
    { "crit names an unknown label", "84 4aa301260281182a182a00 a0 f6 41aa", 0, CARNET_E_COSE_CRITICAL, 7, 0 },
    { "crit names a text label", "84 4aa30126028161 61616100 a0 f6 41aa", 0, CARNET_E_COSE_CRITICAL, 7, 0 },
    { "crit empty", "84 45a201260280 a0 f6 41aa", 0, CARNET_E_COSE_CRITICAL, 7, 0 },
    { "crit no array", "84 45a201260201 a0 f6 41aa", 0, CARNET_E_CBOR_TYPE, 6, 0 },
    { "crit unprotected", "84 43a10126 a1028101 f6 41aa", 0, CARNET_E_COSE_CRITICAL, 7, 0 },

    { "x5chain of one", "84 43a10126 a1182141cc f6 41aa", 0, CARNET_OK, 0, 0 },
    { "x5chain of two", "84 43a10126 a118218241cc41dd f6 41aa", 0, CARNET_OK, 0, 0 },
    { "x5chain of one in an array", "84 43a10126 a118218141cc f6 41aa", 0, CARNET_OK, 0,
      CARNET_COSE_X5CHAIN_ARRAY_OF_ONE },
    { "x5chain not announced", "84 43a10126 a118219f41cc41ddff f6 41aa", CARNET_CBOR_LENIENT, CARNET_OK, 0, 0 },
    { "x5chain protected", "84 47a20126182141cc a0 f6 41aa", 0, CARNET_OK, 0, CARNET_COSE_X5CHAIN_PROTECTED },
    { "x5chain in both", "84 47a20126182141cc a1182141cc f6 41aa", 0, CARNET_E_COSE_HEADER, 12, 0 },
    { "x5chain without a certificate", "84 43a10126 a1182180 f6 41aa", 0, CARNET_E_COSE_X5CHAIN, 9, 0 },
    { "x5chain with an empty certificate", "84 43a10126 a1182140 f6 41aa", 0, CARNET_E_COSE_X5CHAIN, 8, 0 },
    { "x5chain of two, one empty", "84 43a10126 a118218241cc40 f6 41aa", 0, CARNET_E_COSE_X5CHAIN, 11, 0 },
    { "x5chain a text", "84 43a10126 a118216161 f6 41aa", 0, CARNET_E_COSE_X5CHAIN, 8, 0 },
    { "x5chain of arrays", "84 43a10126 a11821818141cc f6 41aa", 0, CARNET_E_COSE_X5CHAIN, 9, 0 },
    { "x5chain nil", "84 43a10126 a11821f6 f6 41aa", 0, CARNET_E_COSE_X5CHAIN, 8, 0 },

    { "x5t", "84 49a20126182282 2f41ee a0 f6 41aa", 0, CARNET_OK, 0, 0 },
    { "x5t by name", "84 4aa20126182282 616141ee a0 f6 41aa", 0, CARNET_OK, 0, 0 },
    { "x5t of one", "84 47a201261822812f a0 f6 41aa", 0, CARNET_E_COSE_HEADER, 9, 0 },
    { "x5t of three", "84 4aa201261822832f41ee00 a0 f6 41aa", 0, CARNET_E_COSE_HEADER, 11, 0 },
    { "x5t without hash", "84 48a201261822822f00 a0 f6 41aa", 0, CARNET_E_CBOR_TYPE, 9, 0 },
    { "x5t a byte string", "84 47a20126182241ee a0 f6 41aa", 0, CARNET_E_CBOR_TYPE, 7, 0 },
};

static void
opens_or_refuses_with_code_and_offset(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_span in = carnet_test_copy(carnet_test_hex(cases[i].hex));
        carnet_cose_sign1 view;
        carnet_err err = { 0 };
        carnet_rc rc = carnet_cose_sign1_open(in, cases[i].allow, &view, &err);

        if (rc != cases[i].rc)
            fail_msg("%s: code %#x at %zu (%s), expected %#x", cases[i].what, (unsigned)rc, err.offset, err.reason,
                     (unsigned)cases[i].rc);
        if (rc != CARNET_OK && (err.offset != cases[i].offset || err.rc != rc))
            fail_msg("%s: offset %zu, expected %zu", cases[i].what, err.offset, cases[i].offset);
        if (view.headers.seen != cases[i].seen)
            fail_msg("%s: seen %#x, expected %#x", cases[i].what, view.headers.seen, cases[i].seen);
        if (rc != CARNET_OK)
            assert_null(view.signature.ptr);
    }
}

/* Every known header at once, protected: {1: -7, 3: "c", 4: 'k', 16: "t", 33: [h'cc', h'dd'], 34: [-16, h'ee']} */
static const char everything[] = "84 5819 a6 0126 036163 04416b 106174 1821 8241cc41dd 1822 822f41ee a0 41bb 41aa";

static void
gives_every_header(void **state)
{
    carnet_span in = carnet_test_hex(everything), at = { 0 }, certificate;
    carnet_cose_sign1 view;
    carnet_err err;

    (void)state;
    assert_carnet_ok(carnet_cose_sign1_open(in, 0, &view, &err), &err);
    assert_int_equal(view.headers.algorithm, CARNET_ES256);
    assert_str_is(view.headers.content_type, "c");
    assert_str_is(view.headers.type, "t");
    assert_int_equal(view.headers.type_number, -1);
    assert_int_equal(view.headers.content_type_number, -1);
    assert_span_equal(view.headers.key_id, CARNET_TEST_BYTES("k"));
    assert_int_equal(view.headers.x5t_algorithm, CARNET_SHA256);
    assert_span_equal(view.headers.x5t, CARNET_TEST_BYTES("\xee"));
    assert_span_equal(view.headers.unprotected, CARNET_TEST_BYTES("\xa0"));
    assert_span_equal(view.headers.protected_bytes, carnet_span_of(in.ptr + 3, 25));
    assert_int_equal(view.headers.x5chain_count, 2);
    assert_true(carnet_cose_x5chain_next(&view.headers, &at, &certificate));
    assert_span_equal(certificate, CARNET_TEST_BYTES("\xcc"));
    assert_true(carnet_cose_x5chain_next(&view.headers, &at, &certificate));
    assert_span_equal(certificate, CARNET_TEST_BYTES("\xdd"));
    assert_false(carnet_cose_x5chain_next(&view.headers, &at, &certificate));
    assert_null(certificate.ptr);
    assert_carnet_ok(carnet_cose_x5chain_leaf(&view.headers, &certificate, &err), &err);
    assert_span_equal(certificate, CARNET_TEST_BYTES("\xcc"));
    assert_span_equal(view.encoded, in);
    assert_span_equal(view.payload, CARNET_TEST_BYTES("\xbb"));
    assert_span_equal(view.signature, CARNET_TEST_BYTES("\xaa"));
    assert_false(view.detached);
}

static void
without_x5chain_there_is_no_leaf(void **state)
{
    carnet_cose_sign1 view;
    carnet_span at = { 0 }, certificate;
    carnet_err err;

    (void)state;
    assert_carnet_ok(carnet_cose_sign1_open(carnet_test_hex("84 43a10126 a0 f6 41aa"), 0, &view, &err), &err);
    assert_false(carnet_cose_x5chain_next(&view.headers, &at, &certificate));
    assert_carnet_rc(carnet_cose_x5chain_leaf(&view.headers, &certificate, &err), CARNET_E_COSE_X5CHAIN);
    assert_null(certificate.ptr);
}

static void
names_the_place_of_a_failure(void **state)
{
    static const struct {
        const char *hex, *path;
    } places[] = {
        { "84 43a10126 a10401 f6 41aa", "kid" },     { "84 43a10126 a1182180 f6 41aa", "x5chain" },
        { "84 43a10126 a0 60 41aa", "payload" },     { "84 43a10126 a0 f6 f6", "signature" },
        { "84 44a1012600 a0 f6 41aa", "protected" }, { "84 43a10126 80 f6 41aa", "unprotected" },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(places); i++) {
        carnet_cose_sign1 view;
        carnet_err err = { 0 };

        assert_int_not_equal(carnet_cose_sign1_open(carnet_test_hex(places[i].hex), 0, &view, &err), CARNET_OK);
        assert_non_null(strstr(err.path, places[i].path));
    }
}

/* Both buckets with `count` labels above 99, of which none is in both. */
static carnet_span
many_labels(uint8_t *storage, size_t cap, unsigned count)
{
    carnet_cbor_builder b = carnet_cbor_build(storage, cap);
    carnet_cbor_open_bstr bstr;
    carnet_span out;

    carnet_cbor_add_array(&b, 4);
    bstr = carnet_cbor_bstr_begin(&b, 400);
    for (unsigned bucket = 0; bucket < 2; bucket++) {
        carnet_cbor_add_map(&b, count);
        for (unsigned i = 0; i < count; i++) {
            carnet_cbor_add_uint(&b, 1000 + 1000 * bucket + i);
            carnet_cbor_add_null(&b);
        }
        if (bucket == 0)
            carnet_cbor_bstr_end(&b, bstr);
    }
    carnet_cbor_add_null(&b);
    carnet_cbor_add_bstr(&b, CARNET_TEST_BYTES("s"));
    assert_carnet_rc(carnet_cbor_built(&b, &out, NULL), CARNET_OK);
    return out;
}

static void
refuses_more_labels_than_it_would_compare(void **state)
{
    uint8_t storage[1024];
    carnet_cose_sign1 view;
    carnet_err err;

    (void)state;
    assert_carnet_ok(
        carnet_cose_sign1_open(many_labels(storage, sizeof(storage), CARNET_COSE_LABELS_MAX), 0, &view, &err), &err);
    assert_carnet_rc(
        carnet_cose_sign1_open(many_labels(storage, sizeof(storage), CARNET_COSE_LABELS_MAX + 1), 0, &view, &err),
        CARNET_E_CBOR_LIMIT);
}

static void
x5t_is_the_hash_of_a_certificate(void **state)
{
    /* SHA-256 of h'cc' */
    static const char message[] = "84 5829 a2 0126 1822 82 2f 5820"
                                  "1dd8312636f6a0bf3d21fa2855e63072507453e93a5ced4301b364e91c9d87d6 a0 f6 41aa";
    carnet_crypto crypto;
    carnet_cose_sign1 view;
    carnet_err err;

    (void)state;
    assert_carnet_ok(carnet_crypto_init(&crypto, &err), &err);
    assert_carnet_ok(carnet_cose_sign1_open(carnet_test_hex(message), 0, &view, &err), &err);
    assert_carnet_ok(carnet_cose_x5t_check(&view.headers, &crypto, CARNET_TEST_BYTES("\xcc"), &err), &err);
    assert_carnet_rc(carnet_cose_x5t_check(&view.headers, &crypto, CARNET_TEST_BYTES("\xcd"), &err),
                     CARNET_E_COSE_X5CHAIN);
    view.headers.x5t_algorithm = CARNET_SHA1;
    assert_carnet_rc(carnet_cose_x5t_check(&view.headers, &crypto, CARNET_TEST_BYTES("\xcc"), &err),
                     CARNET_E_CRYPTO_UNSUPPORTED);
    view.headers.x5t = (carnet_span){ 0 };
    assert_carnet_ok(carnet_cose_x5t_check(&view.headers, &crypto, CARNET_TEST_BYTES("\xcd"), &err), &err);
    carnet_crypto_done(&crypto);
}

static void
visit(carnet_span mutated, void *context)
{
    carnet_cose_sign1 view;
    carnet_err err = { 0 };

    (void)context;
    if (carnet_cose_sign1_open(mutated, CARNET_CBOR_LENIENT, &view, &err) != CARNET_OK) {
        assert_true(err.offset <= mutated.len);
        assert_null(view.encoded.ptr);
    } else {
        assert_span_equal(view.encoded, mutated);
        assert_true(view.signature.ptr + view.signature.len <= mutated.ptr + mutated.len);
    }
}

static void
survives_every_prefix_and_every_bit(void **state)
{
    (void)state;
    carnet_test_every_prefix_and_bit(carnet_test_hex(everything), visit, NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_or_refuses_with_code_and_offset),     cmocka_unit_test(gives_every_header),
        cmocka_unit_test(without_x5chain_there_is_no_leaf),          cmocka_unit_test(names_the_place_of_a_failure),
        cmocka_unit_test(refuses_more_labels_than_it_would_compare), cmocka_unit_test(x5t_is_the_hash_of_a_certificate),
        cmocka_unit_test(survives_every_prefix_and_every_bit),
    };

    return cmocka_run_group_tests_name("protect/cose headers", tests, NULL, NULL);
}
