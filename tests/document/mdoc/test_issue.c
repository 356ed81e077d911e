/* SPDX-License-Identifier: Apache-2.0 */
#include "issuing.h"

#include <string.h>

static issuing with;

static void
what_is_issued_verifies_with_every_hash_and_signing_curve(void **state)
{
    static const carnet_hash hashes[] = { CARNET_SHA256, CARNET_SHA384, CARNET_SHA512 };
    const carnet_curve_info *curve;
    carnet_mso mso;
    size_t i, h, signing = 0;

    (void)state;
    for (i = 0; (curve = carnet_curve_at(i)) != NULL; i++) {
        if (curve->algorithm == CARNET_SIGNATURE_NONE)
            continue;
        signing++;
        issuing_begin(&with, curve->curve, curve->curve);
        for (h = 0; h < CARNET_COUNT(hashes); h++) {
            carnet_issuer_signed view;

            with.issue.hash = hashes[h];
            view = issuing_check(&with, issuing_build(&with), &mso);
            assert_int_equal(mso.hash, hashes[h]);
            assert_int_equal(view.item_count, 5);
            assert_int_equal(view.name_space_count, 2);
            assert_true(carnet_public_key_equal(&mso.device_key.key, &with.device_key.public_key));
        }
        issuing_done(&with);
    }
    assert_int_equal(signing, 9);
}

static void
values_stand_in_the_document_byte_for_byte(void **state)
{
    carnet_issuer_signed view;
    carnet_issuer_signed_item item;
    carnet_mso mso;
    size_t i;

    (void)state;
    issuing_begin(&with, CARNET_CURVE_P256, CARNET_CURVE_P256);
    view = issuing_check(&with, issuing_build(&with), &mso);
    for (i = 0; i < with.issue.count; i++) {
        const carnet_element *element = &with.issue.elements[i];

        assert_true(carnet_issuer_signed_find(&view, element->name_space, element->identifier, &item));
        assert_span_equal(item.value, element->value);
        assert_int_equal(item.random.len, CARNET_ISSUE_RANDOM_DEFAULT);
        /* digestID, random, elementIdentifier, elementValue: what dehydration needs */
        assert_memory_equal(item.content.ptr,
                            "\xa4\x68"
                            "digestID",
                            10);
        assert_ptr_equal(item.value.ptr + item.value.len, item.content.ptr + item.content.len);
    }
    issuing_done(&with);
}

static void
names_and_values_of_any_length_are_written_well(void **state)
{
    static const size_t lengths[] = { 1, 23, 24, 255, 256, 257, 300, 65000, 65536, 70000 };
    static uint8_t bytes[70010], room[300000];
    carnet_element elements[2];
    carnet_issuer_signed_item item;
    carnet_issuer_signed view;
    carnet_mso mso;
    size_t i;

    (void)state;
    issuing_begin(&with, CARNET_CURVE_P256, CARNET_CURVE_P256);
    with.issue.elements = elements;
    with.issue.count = 2;
    with.buf = carnet_buf_of(room, sizeof(room));
    for (i = 0; i < CARNET_COUNT(lengths); i++) {
        carnet_cbor_builder b = carnet_cbor_build(bytes, sizeof(bytes));
        carnet_str name = { (const char *)room, lengths[i] < 1000 ? lengths[i] : 1000 };
        carnet_span out, value;
        carnet_err err = { 0 };

        memset(room, 'x', sizeof(room));
        name.ptr = (const char *)carnet_test_copy(carnet_span_of(room, name.len)).ptr;
        carnet_cbor_add_bstr(&b, carnet_test_copy(carnet_span_of(room, lengths[i])));
        assert_carnet_ok(carnet_cbor_built(&b, &value, &err), &err);
        elements[0] = (carnet_element){ carnet_str_of("n"), name, value };
        elements[1] = (carnet_element){ carnet_str_of("n"), carnet_str_of("a"), carnet_test_hex("01") };
        with.buf.len = 0;
        assert_carnet_ok(carnet_issue_build(&with.issue, &with.signer, &with.crypto, &with.buf, &out, &err), &err);
        view = issuing_check(&with, out, &mso);
        assert_true(carnet_issuer_signed_find(&view, carnet_str_of("n"), name, &item));
        assert_span_equal(item.value, value);
    }
    issuing_done(&with);
}

static void
the_mso_says_what_was_asked_for(void **state)
{
    static const carnet_element_name single[] = { { { "a", 1 }, { "x", 1 } },
                                                  { { "b", 1 }, { "y", 1 } },
                                                  { { "a", 1 }, { "z", 1 } } };
    static const carnet_str whole[] = { { "org.example", 11 } };
    carnet_mso_status status = { .has_status_list = true, .status_index = 412, .has_identifier_list = true };
    carnet_mso mso;

    (void)state;
    issuing_begin(&with, CARNET_CURVE_P256, CARNET_CURVE_X25519);
    status.status_uri = carnet_str_of("https://example.com/1");
    status.status_certificate = carnet_test_hex("3000");
    status.identifier = carnet_test_hex("abcd");
    status.identifier_uri = carnet_str_of("https://example.com/2");
    with.issue.status = &status;
    with.issue.authorised_elements = single;
    with.issue.authorised_element_count = 3;
    with.issue.authorised_name_spaces = whole;
    with.issue.authorised_name_space_count = 1;
    with.issue.key_info = carnet_test_hex("a1206178");
    with.issue.has_expected_update = true;
    with.issue.expected_update = ISSUING_SIGNED + 10;
    with.issue.valid_from = ISSUING_SIGNED + 5;
    with.issue.x5t = true;
    (void)issuing_check(&with, issuing_build(&with), &mso);
    assert_str_is(mso.doc_type, "org.iso.18013.5.1.mDL");
    assert_int_equal(mso.signed_at, ISSUING_SIGNED);
    assert_int_equal(mso.valid_from, ISSUING_SIGNED + 5);
    assert_int_equal(mso.valid_until, ISSUING_SIGNED + 30 * CARNET_TIME_DAY);
    assert_int_equal(mso.expected_update, ISSUING_SIGNED + 10);
    assert_true(mso.has_expected_update);
    assert_span_equal(mso.key_info, with.issue.key_info);
    assert_int_equal(mso.status.status_index, 412);
    assert_str_is(mso.status.status_uri, "https://example.com/1");
    assert_span_equal(mso.status.status_certificate, status.status_certificate);
    assert_span_equal(mso.status.identifier, status.identifier);
    assert_str_is(mso.status.identifier_uri, "https://example.com/2");
    assert_true(carnet_mso_authorises(&mso, carnet_str_of("org.example"), carnet_str_of("any")));
    assert_true(carnet_mso_authorises(&mso, carnet_str_of("a"), carnet_str_of("x")));
    assert_true(carnet_mso_authorises(&mso, carnet_str_of("a"), carnet_str_of("z")));
    assert_true(carnet_mso_authorises(&mso, carnet_str_of("b"), carnet_str_of("y")));
    assert_false(carnet_mso_authorises(&mso, carnet_str_of("b"), carnet_str_of("x")));
    issuing_done(&with);
}

static void
a_document_without_elements_has_one_random_digest(void **state)
{
    carnet_issuer_signed view;
    carnet_mso_walk walk = { 0 };
    carnet_mso_entry entry;
    carnet_mso mso;
    carnet_span out;
    carnet_err err = { 0 };

    (void)state;
    issuing_begin(&with, CARNET_CURVE_P256, CARNET_CURVE_P256);
    with.issue.count = 0;
    assert_carnet_rc(carnet_issue_build(&with.issue, &with.signer, &with.crypto, &with.buf, &out, &err),
                     CARNET_E_MDOC_EMPTY);
    with.issue.without_elements = true;
    view = issuing_check(&with, issuing_build(&with), &mso);
    assert_null(view.name_spaces.ptr);
    assert_true(carnet_mso_next(&mso, &walk, &entry));
    assert_str_is(entry.name_space, "org.iso.18013.5.1.mDL");
    assert_false(carnet_mso_next(&mso, &walk, &entry));
    issuing_done(&with);
}

/* --- copies --- */

enum { COPIES = 40 };

typedef struct taken {
    carnet_span copies[COPIES];
    size_t count;
} taken;

static carnet_rc
take(void *self, size_t copy, carnet_span issuer_signed)
{
    taken *all = self;

    assert_int_equal(copy, all->count);
    all->copies[all->count++] = carnet_test_copy(issuer_signed);
    return CARNET_OK;
}

static void
take_copies(taken *all)
{
    static carnet_public_key keys[COPIES];
    carnet_err err = { 0 };
    size_t i;

    for (i = 0; i < COPIES; i++) {
        carnet_key key;

        assert_carnet_ok(carnet_software_key_generate(&with.crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, &key, &err),
                         &err);
        keys[i] = key.public_key;
        carnet_key_done(&key);
    }
    all->count = 0;
    assert_carnet_ok(
        carnet_issue_batch(&with.issue, &with.signer, keys, COPIES, &with.crypto, &with.buf, take, all, &err), &err);
    assert_int_equal(all->count, COPIES);
    for (i = 0; i < COPIES; i++) {
        carnet_mso mso;

        (void)issuing_check(&with, all->copies[i], &mso);
        assert_true(carnet_public_key_equal(&mso.device_key.key, &keys[i]));
    }
}

static void
copies_of_a_batch_share_no_random_and_no_digest(void **state)
{
    static taken all;
    static carnet_issuer_signed_item items[COPIES * 5 + 1];
    static carnet_mso_entry entries[COPIES * 5 + 1];
    size_t i, j, n = 0, m = 0;

    (void)state;
    issuing_begin(&with, CARNET_CURVE_P256, CARNET_CURVE_P256);
    take_copies(&all);
    for (i = 0; i < COPIES; i++) {
        carnet_issuer_signed_cursor cursor = { 0 };
        carnet_mso_walk walk = { 0 };
        carnet_mso mso;
        carnet_issuer_signed view = issuing_check(&with, all.copies[i], &mso);

        while (carnet_issuer_signed_next(&view, &cursor, &items[n]))
            n++;
        while (carnet_mso_next(&mso, &walk, &entries[m]))
            m++;
    }
    assert_int_equal(n, COPIES * 5);
    assert_int_equal(m, COPIES * 5);
    for (i = 0; i < n; i++)
        for (j = 0; j < i; j++) {
            assert_false(carnet_span_equal(items[i].random, items[j].random));
            assert_false(carnet_span_equal(entries[i].digest, entries[j].digest));
        }
    issuing_done(&with);
}

/* Of three elements in a name space each must stand at each rank about every third time, and identifiers leave gaps. */
static void
digest_identifiers_do_not_tell_elements_apart(void **state)
{
    static const char *const names[] = { "family_name", "age_over_18", "portrait" };
    static taken all;
    size_t i, j, k, rank, gaps = 0, at[3][3] = { { 0 } };

    (void)state;
    issuing_begin(&with, CARNET_CURVE_P256, CARNET_CURVE_P256);
    take_copies(&all);
    for (i = 0; i < COPIES; i++) {
        carnet_issuer_signed_item items[3];
        carnet_issuer_signed view;
        carnet_err err = { 0 };

        assert_carnet_ok(carnet_issuer_signed_open(all.copies[i], 0, &view, &err), &err);
        for (j = 0; j < 3; j++)
            assert_true(carnet_issuer_signed_find(&view, carnet_str_of("org.iso.18013.5.1"), carnet_str_of(names[j]),
                                                  &items[j]));
        for (j = 0; j < 3; j++) {
            for (rank = 0, k = 0; k < 3; k++)
                rank += items[k].digest_id < items[j].digest_id;
            at[j][rank]++;
            gaps += items[j].digest_id > 2;
        }
    }
    for (j = 0; j < 3; j++)
        for (rank = 0; rank < 3; rank++)
            assert_true(at[j][rank] >= 2 && at[j][rank] <= COPIES - 2); /* fails by chance once in 10^5 */
    assert_true(gaps > COPIES / 4);
    issuing_done(&with);
}

static void
shuffled_items_stand_in_another_order_than_given(void **state)
{
    static taken all;
    size_t i, first = 0;

    (void)state;
    issuing_begin(&with, CARNET_CURVE_P256, CARNET_CURVE_P256);
    take_copies(&all);
    for (i = 0; i < 2 * COPIES; i++) {
        carnet_issuer_signed_cursor cursor = { 0 };
        carnet_issuer_signed_item item;
        carnet_issuer_signed view;
        carnet_err err = { 0 };

        if (i == COPIES) { /* until now in the order given, from now on shuffled */
            assert_int_equal(first, COPIES);
            with.issue.shuffle = true;
            take_copies(&all);
            first = 0;
        }
        assert_carnet_ok(carnet_issuer_signed_open(all.copies[i % COPIES], 0, &view, &err), &err);
        assert_true(carnet_issuer_signed_next(&view, &cursor, &item));
        first += carnet_str_is(item.identifier, "family_name");
    }
    assert_true(first > 0 && first < COPIES - 5);
    issuing_done(&with);
}

static void
the_same_chance_makes_the_same_items(void **state)
{
    carnet_test_seed seed = { 7 };
    carnet_random random = carnet_test_random(&seed);
    carnet_issuer_signed one, other;
    carnet_mso mso;

    (void)state;
    issuing_begin(&with, CARNET_CURVE_P256, CARNET_CURVE_P256);
    with.issue.random = &random;
    with.issue.random_length = 64;
    one = issuing_check(&with, issuing_build(&with), &mso);
    seed.state = 7;
    other = issuing_check(&with, issuing_build(&with), &mso);
    assert_span_equal(one.name_spaces, other.name_spaces);
    issuing_done(&with);
}

static carnet_rc
count_calls(void *self, uint8_t *out, size_t len)
{
    ++*(size_t *)self;
    memset(out, 1, len);
    return CARNET_OK;
}

static carnet_rc
no_chance(void *self, uint8_t *out, size_t len)
{
    (void)self;
    (void)out;
    (void)len;
    return CARNET_E_CRYPTO_RANDOM;
}

static void
all_randomness_of_a_copy_is_drawn_in_one_call(void **state)
{
    size_t calls = 0;
    carnet_random random = { count_calls, &calls };
    carnet_span out;
    carnet_err err = { 0 };

    (void)state;
    issuing_begin(&with, CARNET_CURVE_P256, CARNET_CURVE_P256);
    with.issue.random = &random;
    (void)issuing_build(&with);
    assert_int_equal(calls, 1);
    random.fill = no_chance;
    with.buf.len = 0;
    assert_carnet_rc(carnet_issue_build(&with.issue, &with.signer, &with.crypto, &with.buf, &out, &err),
                     CARNET_E_CRYPTO_RANDOM);
    assert_int_equal(with.buf.len, 0);
    assert_int_equal(out.len, 0);
    issuing_done(&with);
}

static void
the_size_measured_is_enough_and_less_is_refused(void **state)
{
    size_t size, small;
    carnet_span out;
    carnet_err err = { 0 };

    (void)state;
    issuing_begin(&with, CARNET_CURVE_P521, CARNET_CURVE_P521);
    with.issue.random_length = CARNET_ISSUE_RANDOM_MAX;
    with.issue.hash = CARNET_SHA512;
    assert_carnet_ok(carnet_issue_measure(&with.issue, &with.signer, &size, &err), &err);
    for (small = 0; small <= size; small += small + 97 < size || small == size ? 97 : size - small) {
        carnet_span room = carnet_test_copy(carnet_span_of(with.room, small));
        carnet_rc rc;

        memcpy(&with.buf.ptr, &room.ptr, sizeof(with.buf.ptr));
        with.buf.cap = small;
        with.buf.len = 0;
        rc = carnet_issue_build(&with.issue, &with.signer, &with.crypto, &with.buf, &out, &err);
        assert_true(rc == CARNET_OK || (rc == CARNET_E_NO_SPACE && small < size));
        assert_int_equal(with.buf.len, out.len);
        assert_true((rc == CARNET_OK) == (out.len != 0));
    }
    issuing_done(&with);
}

/* --- refusals --- */

static const carnet_element twice[] = { { { "n", 1 }, { "e", 1 }, { (const uint8_t *)"\x01", 1 } },
                                        { { "m", 1 }, { "e", 1 }, { (const uint8_t *)"\x01", 1 } },
                                        { { "n", 1 }, { "e", 1 }, { (const uint8_t *)"\x02", 1 } } };
static const carnet_element two_items[] = { { { "n", 1 }, { "e", 1 }, { (const uint8_t *)"\x01\x01", 2 } } };
static const carnet_element no_item[] = { { { "n", 1 }, { "e", 1 }, { NULL, 0 } } };
static const carnet_element spaceless[] = { { { NULL, 0 }, { "e", 1 }, { (const uint8_t *)"\x01", 1 } } };
static const carnet_element nameless[] = { { { "n", 1 }, { NULL, 0 }, { (const uint8_t *)"\x01", 1 } } };
static const carnet_str whole_name[] = { { "n", 1 } };
static const carnet_element_name whole_and_single[] = { { { "n", 1 }, { "e", 1 } } };

static void
spoil(size_t how, carnet_issue *issue)
{
    switch (how) {
    case 0:
        issue->valid_from = issue->signed_at - 1;
        break;
    case 1:
        issue->valid_until = issue->valid_from;
        break;
    case 2:
        issue->valid_until = ISSUING_SIGNED + 401 * CARNET_TIME_DAY;
        break;
    case 3:
        issue->signed_at = ISSUING_SIGNED - 2 * CARNET_TIME_DAY;
        break;
    case 4:
        issue->signed_at = issue->valid_from = ISSUING_SIGNED + 401 * CARNET_TIME_DAY;
        break;
    case 5:
        issue->has_expected_update = true;
        break;
    case 6:
        issue->elements = twice, issue->count = 3;
        break;
    case 7:
        issue->elements = two_items, issue->count = 1;
        break;
    case 8:
        issue->elements = no_item, issue->count = 1;
        break;
    case 9:
        issue->elements = nameless, issue->count = 1;
        break;
    case 10:
        issue->hash = CARNET_SHA1;
        break;
    case 11:
        issue->random_length = 15;
        break;
    case 12:
        issue->random_length = 65;
        break;
    case 13:
        issue->doc_type.len = 0;
        break;
    case 14:
        issue->count = CARNET_ISSUE_ELEMENTS_MAX + 1;
        break;
    case 15:
        issue->struct_size = 0;
        break;
    case 16:
        issue->device_key = NULL;
        break;
    case 17:
        issue->key_info = carnet_test_hex("80");
        break;
    case 18:
        issue->elements = spaceless, issue->count = 1;
        break;
    default:
        issue->authorised_name_spaces = whole_name, issue->authorised_name_space_count = 1;
        issue->authorised_elements = whole_and_single, issue->authorised_element_count = 1;
        break;
    }
}

static const struct {
    const char *what;
    carnet_rc rc;
    const char *path;
} refusals[] = {
    { "valid before signed", CARNET_E_MDOC_VALIDITY, "validityInfo.validFrom" },
    { "never valid", CARNET_E_MDOC_VALIDITY, "validityInfo.validUntil" },
    { "valid longer than the signer", CARNET_E_MDOC_VALIDITY, "validityInfo.validUntil" },
    { "signed before the signer is valid", CARNET_E_MDOC_VALIDITY, "validityInfo.signed" },
    { "signed after the signer is valid", CARNET_E_MDOC_VALIDITY, "validityInfo.validUntil" },
    { "update before signing", CARNET_E_MDOC_VALIDITY, "validityInfo.expectedUpdate" },
    { "an element twice", CARNET_E_MDOC_ELEMENT_TWICE, "n.e" },
    { "two items as a value", CARNET_E_CBOR_TRAILING, "n.e" },
    { "no value", CARNET_E_CBOR_TRUNCATED, "n.e" },
    { "no name", CARNET_E_MDOC_STRUCTURE, "n[0]" },
    { "SHA-1", CARNET_E_MDOC_ALGORITHM, "" },
    { "a random too short", CARNET_E_USAGE, "" },
    { "a random too long", CARNET_E_USAGE, "" },
    { "no document type", CARNET_E_MDOC_STRUCTURE, "" },
    { "too many elements", CARNET_E_LIMIT, "" },
    { "no struct_size", CARNET_E_USAGE, "" },
    { "no device key", CARNET_E_USAGE, "" },
    { "keyInfo no map", CARNET_E_CBOR_TYPE, "keyInfo" },
    { "no name space", CARNET_E_MDOC_STRUCTURE, "[0].e" },
    { "authorised twice", CARNET_E_MDOC_STRUCTURE, "keyAuthorizations.n" },
};

static void
refuses_to_issue_what_must_not_be(void **state)
{
    carnet_issue good;
    size_t i;

    (void)state;
    issuing_begin(&with, CARNET_CURVE_P256, CARNET_CURVE_P256);
    good = with.issue;
    for (i = 0; i < CARNET_COUNT(refusals); i++) {
        carnet_span out;
        carnet_err err = { 0 };
        carnet_rc rc;

        with.issue = good;
        spoil(i, &with.issue);
        rc = carnet_issue_build(&with.issue, &with.signer, &with.crypto, &with.buf, &out, &err);
        if (rc != refusals[i].rc || strcmp(err.path, refusals[i].path) != 0)
            fail_msg("%s: %s in \"%s\"", refusals[i].what, carnet_rc_name(rc), err.path);
        assert_int_equal(out.len, 0);
        assert_int_equal(with.buf.len, 0);
    }
    with.issue = good;
    with.issue.valid_until = ISSUING_SIGNED + 401 * CARNET_TIME_DAY;
    with.issue.allow_beyond_signer = true;
    (void)issuing_build(&with);
    issuing_done(&with);
}

static void
refuses_a_signer_whose_key_is_not_its_certificate_s(void **state)
{
    carnet_issue_signer signer;
    carnet_err err = { 0 };

    (void)state;
    issuing_begin(&with, CARNET_CURVE_P256, CARNET_CURVE_X25519);
    assert_carnet_rc(carnet_issue_signer_init(&signer, &with.root_key, with.chain, 1, &err), CARNET_E_CRYPTO_MISMATCH);
    assert_null(signer.key);
    assert_carnet_rc(carnet_issue_signer_init(&signer, &with.device_key, with.chain, 1, &err),
                     CARNET_E_CRYPTO_UNSUPPORTED);
    assert_carnet_rc(carnet_issue_signer_init(&signer, &with.signer_key, with.chain, 0, &err), CARNET_E_USAGE);
    with.chain[0].len--;
    assert_int_not_equal(carnet_issue_signer_init(&signer, &with.signer_key, with.chain, 1, &err), CARNET_OK);
    issuing_done(&with);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_issued_verifies_with_every_hash_and_signing_curve),
        cmocka_unit_test(values_stand_in_the_document_byte_for_byte),
        cmocka_unit_test(names_and_values_of_any_length_are_written_well),
        cmocka_unit_test(the_mso_says_what_was_asked_for),
        cmocka_unit_test(a_document_without_elements_has_one_random_digest),
        cmocka_unit_test(copies_of_a_batch_share_no_random_and_no_digest),
        cmocka_unit_test(digest_identifiers_do_not_tell_elements_apart),
        cmocka_unit_test(shuffled_items_stand_in_another_order_than_given),
        cmocka_unit_test(the_same_chance_makes_the_same_items),
        cmocka_unit_test(all_randomness_of_a_copy_is_drawn_in_one_call),
        cmocka_unit_test(the_size_measured_is_enough_and_less_is_refused),
        cmocka_unit_test(refuses_to_issue_what_must_not_be),
        cmocka_unit_test(refuses_a_signer_whose_key_is_not_its_certificate_s),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
