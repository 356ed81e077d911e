/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/issuer_signed.h"

#include "carnet/cose_sign1.h"

#include "support/support.h"

#include <stdio.h>
#include <string.h>

/* Pieces of hexadecimal text. */
#define ID          "686469676573744944"
#define RANDOM      "6672616e646f6d"
#define NAME        "71656c656d656e744964656e746966696572"
#define VALUE       "6c656c656d656e7456616c7565"
#define SALT        "50000102030405060708090a0b0c0d0e0f"
#define CONTENT(id) "a4" ID id RANDOM SALT NAME "6161" VALUE "01"
#define ITEM0       "d8185845" CONTENT("00")
#define ITEM_B      "d8185845a4" ID "01" RANDOM SALT NAME "6162" VALUE "02"
#define NAME_SPACES "6a6e616d65537061636573"
#define ISSUER_AUTH "6a69737375657241757468"
#define AUTH        ISSUER_AUTH "8443a10126a040415a"
#define WITH(items) "a2" NAME_SPACES "a1616e" items AUTH

static const struct {
    const char *what, *in;
    carnet_rc rc;
    size_t offset; /* of the failure */
    const char *path;
} cases[] = {
    { "one item", WITH("81" ITEM0), CARNET_OK, 0, "" },
    { "two items", WITH("82" ITEM0 ITEM_B), CARNET_OK, 0, "" },
    { "no items at all", "a1" AUTH, CARNET_OK, 0, "" },
    { "an unknown member is stepped over", "a26178f6" AUTH, CARNET_OK, 0, "" },
    { "members the other way about", "a2" AUTH NAME_SPACES "a1616e81" ITEM0, CARNET_OK, 0, "" },
    { "an item's members in another order", WITH("81d8185845a4" VALUE "01" NAME "6161" RANDOM SALT ID "00"), CARNET_OK,
      0, "" },
    { "an unknown member of an item", WITH("81d8185848a5" ID "00" RANDOM SALT NAME "6161" VALUE "016178f6"), CARNET_OK,
      0, "" },
    { "nothing", "", CARNET_E_CBOR_TRUNCATED, 0, "" },
    { "an array", "80", CARNET_E_CBOR_TYPE, 0, "" },
    { "issuerAuth missing", "a1" NAME_SPACES "a0", CARNET_E_CBOR_KEY_MISSING, 0, "issuerAuth" },
    { "issuerAuth twice", "a2" ISSUER_AUTH "80" ISSUER_AUTH "80", CARNET_E_CBOR_KEY_TWICE, 13, "issuerAuth" },
    { "nameSpaces an array", "a2" NAME_SPACES "80" ISSUER_AUTH "80", CARNET_E_CBOR_TYPE, 12, "nameSpaces" },
    { "a byte too many", "a1" ISSUER_AUTH "8000", CARNET_E_CBOR_TRAILING, 13, "" },
    { "items not in an array", WITH("a0"), CARNET_E_CBOR_TYPE, 15, "nameSpaces.n" },
    { "a name space that is no text", "a2" NAME_SPACES "a10180" AUTH, CARNET_E_CBOR_TYPE, 13, "nameSpaces" },
    { "a name space twice", "a2" NAME_SPACES "a2616e80616e80" AUTH, CARNET_E_CBOR_KEY_TWICE, 16, "nameSpaces" },
    { "an item without tag 24", WITH("815845" CONTENT("00")), CARNET_E_CBOR_TAG, 16, "nameSpaces.n[0]" },
    { "an item with tag 23", WITH("81d75845" CONTENT("00")), CARNET_E_CBOR_TAG, 16, "nameSpaces.n[0]" },
    { "an item not in a byte string", WITH("81d818" CONTENT("00")), CARNET_E_CBOR_TYPE, 18, "nameSpaces.n[0]" },
    { "an item that is no map", WITH("81d8184100"), CARNET_E_CBOR_TYPE, 19, "nameSpaces.n[0]" },
    { "an item with a byte too many", WITH("81d8185846" CONTENT("00") "00"), CARNET_E_CBOR_TRAILING, 89,
      "nameSpaces.n[0]" },
    { "the second item cut", WITH("82" ITEM0 "d81841a4"), CARNET_E_CBOR_TRUNCATED, 92, "nameSpaces.n[1]" },
    { "digestID missing", WITH("81d818583ba3" RANDOM SALT NAME "6161" VALUE "01"), CARNET_E_CBOR_KEY_MISSING, 20,
      "nameSpaces.n[0].digestID" },
    { "random missing", WITH("81d818582da3" ID "00" NAME "6161" VALUE "01"), CARNET_E_CBOR_KEY_MISSING, 20,
      "nameSpaces.n[0].random" },
    { "elementIdentifier missing", WITH("81d8185831a3" ID "00" RANDOM SALT VALUE "01"), CARNET_E_CBOR_KEY_MISSING, 20,
      "nameSpaces.n[0].elementIdentifier" },
    { "elementValue missing", WITH("81d8185837a3" ID "00" RANDOM SALT NAME "6161"), CARNET_E_CBOR_KEY_MISSING, 20,
      "nameSpaces.n[0].elementValue" },
    { "digestID negative", WITH("81d8185845" CONTENT("20")), CARNET_E_CBOR_TYPE, 30, "nameSpaces.n[0].digestID" },
    { "digestID twice", WITH("81d818584fa5" ID "00" ID "00" RANDOM SALT NAME "6161" VALUE "01"),
      CARNET_E_CBOR_KEY_TWICE, 31, "nameSpaces.n[0].digestID" },
    { "random a text", WITH("81d8185835a4" ID "00" RANDOM "60" NAME "6161" VALUE "01"), CARNET_E_CBOR_TYPE, 38,
      "nameSpaces.n[0].random" },
    { "elementIdentifier bytes", WITH("81d8185845a4" ID "00" RANDOM SALT NAME "4161" VALUE "01"), CARNET_E_CBOR_TYPE,
      73, "nameSpaces.n[0].elementIdentifier" },
    { "digestID longer than needed", WITH("81d8185846" CONTENT("1800")), CARNET_E_CBOR_NOT_PREFERRED, 30,
      "nameSpaces.n[0].digestID" },
    { "items of indefinite length", WITH("9f" ITEM0 "ff"), CARNET_E_CBOR_INDEFINITE, 15, "nameSpaces.n" },
};

static void
says_of_each_input_what_is_wrong_and_where(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_span in = carnet_test_copy(carnet_test_hex(cases[i].in));
        carnet_issuer_signed view;
        carnet_err err = { 0 };
        carnet_rc rc = carnet_issuer_signed_open(in, 0, &view, &err);

        if (rc != cases[i].rc ||
            (rc != CARNET_OK && (err.offset != cases[i].offset || strcmp(err.path, cases[i].path) != 0)))
            fail_msg("%s: %s at %zu in \"%s\"", cases[i].what, carnet_rc_name(rc), err.offset, err.path);
        assert_int_equal(view.encoded.len, rc == CARNET_OK ? in.len : 0);
    }
}

static carnet_issuer_signed
opened(const char *hex, unsigned allow)
{
    carnet_issuer_signed view;
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_issuer_signed_open(carnet_test_hex(hex), allow, &view, &err), &err);
    return view;
}

static void
looks_into_items_of_a_held_document_as_it_steps(void **state)
{
    carnet_span good = carnet_test_hex(WITH("81" ITEM0)), bad = carnet_test_hex(WITH("82" ITEM0 "d81841a0"));
    carnet_issuer_signed_cursor cursor = { 0 }, other = { 0 };
    carnet_issuer_signed_item item;
    carnet_issuer_signed view;
    carnet_err err = { 0 };

    (void)state;
    assert_carnet_ok(carnet_issuer_signed_open_held(good, 0, &view, &err), &err);
    assert_true(carnet_issuer_signed_next(&view, &cursor, &item));
    assert_false(carnet_issuer_signed_next(&view, &cursor, &item));
    assert_carnet_rc(carnet_issuer_signed_open(bad, 0, &view, NULL), CARNET_E_CBOR_KEY_MISSING);
    assert_carnet_ok(carnet_issuer_signed_open_held(bad, 0, &view, &err), &err);
    assert_true(carnet_issuer_signed_next(&view, &other, &item));
    assert_false(carnet_issuer_signed_next(&view, &other, &item));
    assert_int_equal(item.encoded.len, 0);
    assert_carnet_rc(carnet_issuer_signed_open_held(carnet_span_of(good.ptr, good.len - 1), 0, &view, NULL),
                     CARNET_E_CBOR_TRUNCATED);
}

static const struct {
    const char *what, *in;
    unsigned odd, seen;
} oddities[] = {
    { "none", WITH("81" ITEM0), 0, 0 },
    { "nothing in nameSpaces", "a2" NAME_SPACES "a0" AUTH, CARNET_ISSUER_SIGNED_EMPTY, 0 },
    { "nothing in a name space", WITH("80"), CARNET_ISSUER_SIGNED_EMPTY, 0 },
    { "issuerAuth tagged", "a1" ISSUER_AUTH "d28443a10126a040415a", CARNET_ISSUER_SIGNED_TAGGED, 0 },
    { "a short random", WITH("81d8185844a4" ID "00" RANDOM "4f000102030405060708090a0b0c0d0e" NAME "6161" VALUE "01"),
      CARNET_ISSUER_SIGNED_RANDOM_SHORT, 0 },
    { "the largest digestID", WITH("81d8185849" CONTENT("1a7fffffff")), 0, 0 },
    { "a digestID of 2^31", WITH("81d8185849" CONTENT("1a80000000")), CARNET_ISSUER_SIGNED_DIGEST_ID_LARGE, 0 },
    { "a long head", WITH("81d8185846" CONTENT("1800")), 0, CARNET_CBOR_NOT_PREFERRED },
    { "an indefinite array", WITH("9f" ITEM0 "ff"), 0, CARNET_CBOR_INDEFINITE },
};

static void
names_what_is_odd_and_let_pass(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < CARNET_COUNT(oddities); i++) {
        carnet_issuer_signed view = opened(oddities[i].in, CARNET_CBOR_LENIENT);

        if (view.odd != oddities[i].odd || (view.seen & CARNET_CBOR_LENIENT) != oddities[i].seen)
            fail_msg("%s: odd %u, seen %u", oddities[i].what, view.odd, view.seen);
    }
}

static void
steps_through_all_name_spaces_in_the_order_received(void **state)
{
    carnet_issuer_signed view = opened("a2" NAME_SPACES "a3616e82" ITEM_B ITEM0 "616d80616f81" ITEM_B AUTH, 0);
    carnet_issuer_signed_cursor cursor = { 0 };
    carnet_issuer_signed_item item;

    (void)state;
    assert_int_equal(view.name_space_count, 3);
    assert_int_equal(view.item_count, 3);
    assert_true(carnet_issuer_signed_next(&view, &cursor, &item));
    assert_str_is(item.name_space, "n");
    assert_str_is(item.identifier, "b");
    assert_int_equal(item.digest_id, 1);
    assert_int_equal(item.index, 0);
    assert_span_equal(item.value, carnet_test_hex("02"));
    assert_span_equal(item.encoded, carnet_test_hex(ITEM_B));
    assert_ptr_equal(item.encoded.ptr, view.encoded.ptr + item.offset);
    assert_true(carnet_issuer_signed_next(&view, &cursor, &item));
    assert_str_is(item.identifier, "a");
    assert_int_equal(item.index, 1);
    assert_true(carnet_issuer_signed_next(&view, &cursor, &item));
    assert_str_is(item.name_space, "o");
    assert_int_equal(item.index, 0);
    assert_false(carnet_issuer_signed_next(&view, &cursor, &item));
    assert_int_equal(item.encoded.len, 0);
    assert_false(carnet_issuer_signed_next(&view, &cursor, &item));
}

static void
finds_an_item_by_both_names(void **state)
{
    carnet_issuer_signed view = opened("a2" NAME_SPACES "a2616e81" ITEM0 "616f81" ITEM_B AUTH, 0);
    carnet_issuer_signed_item item;

    (void)state;
    assert_true(carnet_issuer_signed_find(&view, carnet_str_of("o"), carnet_str_of("b"), &item));
    assert_int_equal(item.digest_id, 1);
    assert_false(carnet_issuer_signed_find(&view, carnet_str_of("n"), carnet_str_of("b"), &item));
    assert_int_equal(item.encoded.len, 0);
}

static void
finds_an_element_that_is_there_twice(void **state)
{
    carnet_issuer_signed view = opened(WITH("83" ITEM0 ITEM_B ITEM0), 0);
    carnet_err err = { 0 };

    (void)state;
    assert_carnet_rc(carnet_issuer_signed_unique(&view, &err), CARNET_E_MDOC_ELEMENT_TWICE);
    assert_string_equal(err.path, "nameSpaces.n[2]");
    assert_int_equal(err.offset, 16 + 2 * 73);
    view = opened("a2" NAME_SPACES "a2616e82" ITEM0 ITEM_B "616f81" ITEM0 AUTH, 0);
    assert_carnet_ok(carnet_issuer_signed_unique(&view, &err), &err);
}

static void
refuses_more_items_than_its_limit(void **state)
{
    static uint8_t bytes[(CARNET_ISSUER_SIGNED_ITEMS_MAX + 1) * 73 + 100];
    carnet_cbor_builder b;
    carnet_issuer_signed view;
    carnet_err err;
    size_t count, i;

    (void)state;
    for (count = CARNET_ISSUER_SIGNED_ITEMS_MAX; count <= CARNET_ISSUER_SIGNED_ITEMS_MAX + 1; count++) {
        b = carnet_cbor_build(bytes, sizeof(bytes));
        carnet_cbor_add_raw(&b, carnet_test_hex("a2" NAME_SPACES "a1616e"));
        carnet_cbor_add_array(&b, count);
        for (i = 0; i < count; i++)
            carnet_cbor_add_raw(&b, carnet_test_hex(ITEM0));
        carnet_cbor_add_raw(&b, carnet_test_hex(AUTH));
        assert_carnet_rc(carnet_issuer_signed_open(carnet_span_of(bytes, b.len), 0, &view, &err),
                         count <= CARNET_ISSUER_SIGNED_ITEMS_MAX ? CARNET_OK : CARNET_E_CBOR_LIMIT);
    }
    assert_string_equal(err.path, "nameSpaces.n[1024]");
}

/* Whatever is done to it: a failure has a place inside, and what was opened can be stepped through to its end. */
static void
check_mutated(carnet_span in, void *context)
{
    carnet_issuer_signed view;
    carnet_issuer_signed_cursor cursor = { 0 };
    carnet_issuer_signed_item item;
    carnet_err err = { 0 };
    size_t steps = 0;

    (void)context;
    if (carnet_issuer_signed_open(in, CARNET_CBOR_LENIENT, &view, &err) != CARNET_OK) {
        assert_true(err.offset <= in.len);
        return;
    }
    assert_int_equal(view.encoded.len, in.len);
    while (carnet_issuer_signed_next(&view, &cursor, &item)) {
        steps++;
        assert_true(item.encoded.ptr >= in.ptr && item.encoded.ptr + item.encoded.len <= in.ptr + in.len);
    }
    assert_int_equal(steps, view.item_count);
}

static void
survives_every_prefix_and_every_bit(void **state)
{
    (void)state;
    carnet_test_every_prefix(carnet_test_hex(WITH("82" ITEM0 ITEM_B)), check_mutated, NULL);
    carnet_test_every_bit(carnet_test_hex(WITH("82" ITEM0 ITEM_B)), check_mutated, NULL);
}

/* --- Annex D --- */

static carnet_issuer_signed
annex_d(carnet_mso *mso)
{
    carnet_span response = carnet_test_shared_hex("vectors/iso18013-5-annexD/device_response.hex");
    carnet_span auth = carnet_test_shared_hex("vectors/iso18013-5-annexD/issuer_auth.hex");
    carnet_issuer_signed view;
    carnet_cose_sign1 sign1;
    carnet_err err = { 0 };
    size_t i;

    /* The IssuerSigned stands where "issuerSigned" is named. */
    for (i = 0; i + 13 < response.len && memcmp(response.ptr + i, "\x6cissuerSigned", 13) != 0; i++)
        continue;
    {
        carnet_cbor_reader r = carnet_cbor_open(response);

        r.at = response.ptr + i + 13;
        carnet_issuer_signed_read(&r, &view);
        assert_carnet_ok(carnet_cbor_failed(&r, &err), &err);
    }
    assert_ptr_equal(view.origin, response.ptr);
    assert_span_equal(view.issuer_auth, auth);
    assert_carnet_ok(carnet_cose_sign1_open(view.issuer_auth, 0, &sign1, &err), &err);
    assert_span_equal(sign1.payload, carnet_test_shared_hex("vectors/iso18013-5-annexD/mso_bytes.hex"));
    assert_carnet_ok(carnet_mso_open(sign1.payload, response.ptr, 0, mso, &err), &err);
    return view;
}

static void
verifies_every_digest_of_annex_d(void **state)
{
    static const char *const files[] = { "00_family_name",     "03_issue_date", "04_expiry_date",
                                         "07_document_number", "08_portrait",   "09_driving_privileges" };
    carnet_mso mso;
    carnet_issuer_signed view = annex_d(&mso);
    carnet_issuer_signed_cursor cursor = { 0 };
    carnet_issuer_signed_item item;
    carnet_crypto crypto;
    carnet_err err = { 0 };
    char path[96];
    size_t i;

    (void)state;
    assert_carnet_ok(carnet_crypto_init(&crypto, &err), &err);
    for (i = 0; carnet_issuer_signed_next(&view, &cursor, &item); i++) {
        assert_true(i < CARNET_COUNT(files));
        (void)snprintf(path, sizeof(path), "vectors/iso18013-5-annexD/issuer_signed_item_%s.hex", files[i]);
        assert_span_equal(item.encoded, carnet_test_shared_hex(path));
        assert_str_is(item.identifier, files[i] + 3);
        assert_int_equal(item.random.len, 32);
        assert_carnet_ok(carnet_issuer_signed_item_verify(&item, &mso, &crypto, &err), &err);
    }
    assert_int_equal(i, CARNET_COUNT(files));
    carnet_crypto_done(&crypto);
}

static void
tells_a_digest_that_differs_from_one_that_is_absent(void **state)
{
    carnet_mso mso;
    carnet_issuer_signed view = annex_d(&mso);
    carnet_issuer_signed_cursor cursor = { 0 };
    carnet_issuer_signed_item item;
    carnet_crypto crypto;
    carnet_err err = { 0 };

    (void)state;
    assert_carnet_ok(carnet_crypto_init(&crypto, &err), &err);
    assert_true(carnet_issuer_signed_next(&view, &cursor, &item));
    item.digest_id = 1; /* another element's */
    assert_carnet_rc(carnet_issuer_signed_item_verify(&item, &mso, &crypto, &err), CARNET_E_MDOC_DIGEST_MISMATCH);
    assert_string_equal(err.path, "nameSpaces[\"org.iso.18013.5.1\"][0]");
    assert_int_equal(err.offset, item.encoded.ptr - view.origin);
    item.digest_id = 99;
    assert_carnet_rc(carnet_issuer_signed_item_verify(&item, &mso, &crypto, &err), CARNET_E_MDOC_DIGEST_ABSENT);
    item.digest_id = 0;
    item.name_space = carnet_str_of("org.iso.18013.5.2");
    assert_carnet_rc(carnet_issuer_signed_item_verify(&item, &mso, &crypto, &err), CARNET_E_MDOC_DIGEST_ABSENT);
    carnet_crypto_done(&crypto);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_of_each_input_what_is_wrong_and_where),
        cmocka_unit_test(looks_into_items_of_a_held_document_as_it_steps),
        cmocka_unit_test(names_what_is_odd_and_let_pass),
        cmocka_unit_test(steps_through_all_name_spaces_in_the_order_received),
        cmocka_unit_test(finds_an_item_by_both_names),
        cmocka_unit_test(finds_an_element_that_is_there_twice),
        cmocka_unit_test(refuses_more_items_than_its_limit),
        cmocka_unit_test(survives_every_prefix_and_every_bit),
        cmocka_unit_test(verifies_every_digest_of_annex_d),
        cmocka_unit_test(tells_a_digest_that_differs_from_one_that_is_absent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
