/* SPDX-License-Identifier: Apache-2.0 */
/* Issuances: claims made into copies that verify and do not correlate; and the rules of all attribute sources. */
#include "carnet/attribute_source.h"
#include "carnet/cose_sign1.h"
#include "carnet/issuance.h"
#include "support/support.h"
#include "world.h"

#include <string.h>

enum { COPIES = 12 };

static world w;
static carnet_issue_signer signer;
static carnet_issuance issuance;
static uint8_t storage_room[8192], room_room[32768], copies_room[COPIES * 8192];
static carnet_span copies[COPIES];
static carnet_buf copies_buf;

static const char claims_text[] =
    "{\"family_name\":\"Muster\",\"given_name\":\"Erika\",\"birth_date\":\"1984-01-26\",\"issue_date\":\"2026-01-01\","
    "\"expiry_date\":\"2036-01-01\",\"issuing_country\":\"UT\",\"issuing_authority\":\"Utopia\",\"document_number\":"
    "\"1\","
    "\"portrait\":\"/9j/"
    "4AAAAAAAAA==\",\"driving_privileges\":[],\"un_distinguishing_sign\":\"UTO\",\"age_over_18\":true}";

static carnet_issuer_policy
policy_of(void)
{
    return (carnet_issuer_policy){ .configuration = carnet_str_of("mdl"),
                                   .doc_type = carnet_str_of(MDL),
                                   .doctype = carnet_doctype_named(carnet_str_of("mdl")),
                                   .batch_max = COPIES };
}

static carnet_rc
begin(const carnet_issuer_policy *policy, const char *claims, carnet_time now, carnet_err *err)
{
    carnet_issuance_parameters parameters = { .policy = policy, .signer = &signer, .now = now };
    carnet_buf storage = carnet_buf_of(storage_room, sizeof(storage_room));
    carnet_json *json;
    carnet_rc rc;

    assert_carnet_ok(carnet_json_parse(carnet_str_of(claims), &json, NULL), NULL);
    parameters.claims = json;
    rc = carnet_issuance_begin(&parameters, &storage, &issuance, err);
    carnet_json_free(&json);
    return rc;
}

static carnet_rc
take(void *self, size_t copy, carnet_span issuer_signed)
{
    size_t at = copies_buf.len;

    assert_null(self);
    assert_in_range(copy, 0, COPIES - 1);
    carnet_buf_add(&copies_buf, issuer_signed);
    assert_false(copies_buf.overflow);
    copies[copy] = carnet_span_of(copies_room + at, issuer_signed.len);
    return CARNET_OK;
}

static carnet_time
middle(void)
{
    return signer.not_before + (signer.not_after - signer.not_before) / 4;
}

static void
make(size_t count)
{
    carnet_issuance_copy list[COPIES];
    carnet_buf room = carnet_buf_of(room_room, issuance.size);
    carnet_err err = { 0 };

    assert_in_range(issuance.size, 1, sizeof(room_room));
    copies_buf = carnet_buf_of(copies_room, sizeof(copies_room));
    for (size_t i = 0; i < count; i++) {
        carnet_key key;

        assert_carnet_ok(carnet_software_key_generate(&w.crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, &key, &err), &err);
        list[i] = (carnet_issuance_copy){ key.public_key, UINT64_C(1000000) + 7 * i };
        carnet_key_done(&key);
    }
    assert_carnet_ok(carnet_issuance_make(&issuance, list, count, &w.crypto, &room, take, NULL, &err), &err);
}

static carnet_mso
mso_of(carnet_span copy)
{
    carnet_issuer_signed view;
    carnet_cose_sign1 sign1;
    carnet_err err = { 0 };
    carnet_mso mso;

    assert_carnet_ok(carnet_issuer_signed_open(copy, 0, &view, &err), &err);
    assert_carnet_ok(carnet_cose_sign1_open(view.issuer_auth, 0, &sign1, &err), &err);
    assert_carnet_ok(carnet_mso_open(sign1.payload, NULL, 0, &mso, &err), &err);
    return mso;
}

static int
begin_world(void **state)
{
    (void)state;
    world_begin(&w, CARNET_CURVE_P256);
    assert_carnet_ok(carnet_issue_signer_init(&signer, &w.signer, &w.signer_certificate, 1, NULL), NULL);
    return 0;
}

static int
end_world(void **state)
{
    (void)state;
    world_done(&w);
    return 0;
}

static void
each_copy_has_its_key_its_index_and_every_digest(void **state)
{
    carnet_issuer_policy policy = policy_of();
    carnet_err err = { 0 };

    (void)state;
    policy.status_uri = carnet_str_of("https://issuer.example/status/1");
    assert_carnet_ok(begin(&policy, claims_text, middle(), &err), &err);
    make(COPIES);
    for (size_t i = 0; i < COPIES; i++) {
        carnet_issuer_signed_cursor cursor = { 0 };
        carnet_issuer_signed_item item;
        carnet_issuer_signed view;
        carnet_mso mso = mso_of(copies[i]);
        size_t items = 0;

        assert_true(mso.status.has_status_list);
        assert_int_equal(mso.status.status_index, 1000000 + 7 * i);
        assert_str_is(mso.status.status_uri, "https://issuer.example/status/1");
        assert_str_is(mso.doc_type, MDL);
        assert_int_equal(mso.odd, 0);
        assert_carnet_ok(carnet_issuer_signed_open(copies[i], 0, &view, NULL), NULL);
        while (carnet_issuer_signed_next(&view, &cursor, &item)) {
            assert_carnet_ok(carnet_issuer_signed_item_verify(&item, &mso, &w.crypto, &err), &err);
            items++;
        }
        assert_int_equal(items, 12);
    }
}

static void
nothing_but_what_the_document_says_is_common_to_copies(void **state)
{
    carnet_issuer_policy policy = policy_of();
    carnet_mso first;

    (void)state;
    assert_carnet_ok(begin(&policy, claims_text, middle(), NULL), NULL);
    make(COPIES);
    first = mso_of(copies[0]);
    assert_int_equal(first.signed_at % 86400, 0);
    assert_int_equal(first.status_bytes.len, 0);
    for (size_t i = 1; i < COPIES; i++) {
        carnet_mso mso = mso_of(copies[i]);
        carnet_issuer_signed_cursor cursor = { 0 };
        carnet_issuer_signed_item item, other;
        carnet_issuer_signed view, zeroth;

        assert_int_equal(mso.signed_at, first.signed_at);
        assert_int_equal(mso.valid_until, first.valid_until);
        assert_false(carnet_public_key_equal(&mso.device_key.key, &first.device_key.key));
        assert_carnet_ok(carnet_issuer_signed_open(copies[0], 0, &zeroth, NULL), NULL);
        assert_carnet_ok(carnet_issuer_signed_open(copies[i], 0, &view, NULL), NULL);
        while (carnet_issuer_signed_next(&view, &cursor, &item)) {
            assert_true(carnet_issuer_signed_find(&zeroth, item.name_space, item.identifier, &other));
            assert_span_equal(item.value, other.value);
            assert_int_equal(item.random.len, other.random.len);
            assert_memory_not_equal(item.random.ptr, other.random.ptr, item.random.len);
        }
    }
}

/* Typed elements, with what a copy of them was measured to need. */
static void
begin_typed(const carnet_issuer_policy *policy, const carnet_element *elements, size_t count, size_t measured)
{
    const carnet_issuance_parameters parameters = { .policy = policy,
                                                    .signer = &signer,
                                                    .typed = elements,
                                                    .typed_count = count,
                                                    .measured = measured,
                                                    .now = middle() };
    carnet_buf none = carnet_buf_of(NULL, 0);

    assert_carnet_ok(carnet_issuance_begin(&parameters, &none, &issuance, NULL), NULL);
}

static void
what_was_measured_before_is_not_measured_again(void **state)
{
    static carnet_element elements[CARNET_ISSUE_ELEMENTS_MAX];
    const carnet_issuer_policy policy = policy_of();
    const carnet_issuance_copy copy = { .device_key = w.signer.public_key };
    size_t count, size;
    carnet_buf room;
    carnet_err err = { 0 };

    (void)state;
    assert_carnet_ok(begin(&policy, claims_text, middle(), &err), &err);
    count = issuance.count;
    size = issuance.size;
    memcpy(elements, issuance.elements, count * sizeof(*elements));
    begin_typed(&policy, elements, count, 0);
    assert_int_equal(issuance.size, size);
    begin_typed(&policy, elements, count, size + 1);
    assert_int_equal(issuance.size, size + 1);
    make(2);
    room = carnet_buf_of(room_room, 300); /* who says too little gets nothing */
    assert_carnet_rc(carnet_issuance_make(&issuance, &copy, 1, &w.crypto, &room, take, NULL, &err), CARNET_E_NO_SPACE);
}

static void
claims_that_make_no_such_document_are_refused(void **state)
{
    static const struct {
        const char *what, *claims, *path;
        carnet_rc rc;
    } cases[] = {
        { "a mandatory one is missing", "{\"family_name\":\"A\"}", "[\"org.iso.18013.5.1\"].given_name",
          CARNET_E_DOCTYPE_MISSING },
        { "one of another type", "{\"family_name\":7}", "[\"org.iso.18013.5.1\"].family_name",
          CARNET_E_DOCTYPE_ELEMENT },
        { "a file, and nobody to read it", "{\"portrait\":{\"$bstr\":\"x\"}}", "[\"org.iso.18013.5.1\"].portrait",
          CARNET_E_DOCTYPE_ELEMENT },
    };
    carnet_issuer_policy policy = policy_of();

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_err err = { 0 };

        print_message("# %s\n", cases[i].what);
        assert_carnet_rc(begin(&policy, cases[i].claims, middle(), &err), cases[i].rc);
        assert_string_equal(err.path, cases[i].path);
    }
}

static void
a_signer_that_is_over_signs_nothing(void **state)
{
    carnet_issuer_policy policy = policy_of();

    (void)state;
    assert_carnet_rc(begin(&policy, claims_text, signer.not_after, NULL), CARNET_E_MDOC_VALIDITY);
    assert_carnet_rc(begin(&policy, claims_text, signer.not_before - 1, NULL), CARNET_E_MDOC_VALIDITY);
}

/* --- sources --- */

typedef struct answer {
    carnet_rc rc;
    const char *text;
    unsigned asked, closed;
} answer;

static carnet_rc
answer_find(carnet_attribute_source *source, const carnet_attribute_query *query, carnet_buf *claims, carnet_err *err)
{
    answer *a = source->state;

    assert_in_range(query->subject.len, 1, CARNET_SOURCE_SUBJECT_MAX);
    a->asked++;
    carnet_buf_add_text(claims, a->text);
    return a->rc == CARNET_OK ? CARNET_OK : carnet_fail(err, a->rc, NULL, NULL);
}

static void
answer_done(carnet_attribute_source *source)
{
    ((answer *)source->state)->closed++;
}

static const carnet_attribute_source_ops answer_ops = { sizeof(answer_ops), "answer", answer_find, answer_done };

static void
a_source_is_asked_only_for_what_can_be_a_person(void **state)
{
    static char longest[CARNET_SOURCE_SUBJECT_MAX + 1];
    const carnet_str subjects[] = { { NULL, 0 },   { "a\nb", 3 }, { "a\0b", 3 },
                                    { "\x7f", 1 }, { "\xff", 1 }, { longest, sizeof(longest) } };
    answer a = { .text = "{}" };
    carnet_attribute_source source = { &answer_ops, &a };
    char room[16];
    carnet_buf claims = carnet_buf_of(room, sizeof(room));
    carnet_attribute_query query = { .doc_type = carnet_str_of(MDL) };

    (void)state;
    memset(longest, 'x', sizeof(longest));
    for (size_t i = 0; i < CARNET_COUNT(subjects); i++) {
        query.subject = subjects[i];
        assert_carnet_rc(carnet_attribute_source_find(&source, &query, &claims, NULL), CARNET_E_ISSUING_SUBJECT);
    }
    assert_int_equal(a.asked, 0);
    query.subject = (carnet_str){ longest, sizeof(longest) - 1 };
    assert_carnet_ok(carnet_attribute_source_find(&source, &query, &claims, NULL), NULL);
    assert_str_is(carnet_buf_str(&claims), "{}");
    carnet_attribute_source_done(&source);
    assert_int_equal(a.closed, 1);
    assert_carnet_rc(carnet_attribute_source_find(&source, &query, &claims, NULL), CARNET_E_USAGE);
    carnet_attribute_source_done(&source);
    assert_int_equal(a.closed, 1);
}

static void
what_a_source_began_to_say_is_forgotten_when_it_fails(void **state)
{
    answer a = { .rc = CARNET_E_ISSUING_NOT_YET, .text = "{\"secret\":1" };
    carnet_attribute_source source = { &answer_ops, &a };
    char room[32] = "";
    carnet_buf claims = carnet_buf_of(room, sizeof(room));
    carnet_attribute_query query = { .subject = carnet_str_of("1") };

    (void)state;
    carnet_buf_add_text(&claims, "ab");
    assert_carnet_rc(carnet_attribute_source_find(&source, &query, &claims, NULL), CARNET_E_ISSUING_NOT_YET);
    assert_int_equal(claims.len, 2);
    assert_int_equal(room[2], 0);
    a = (answer){ .text = "this is more than there is room for it" };
    assert_carnet_rc(carnet_attribute_source_find(&source, &query, &claims, NULL), CARNET_E_NO_SPACE);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_copy_has_its_key_its_index_and_every_digest),
        cmocka_unit_test(nothing_but_what_the_document_says_is_common_to_copies),
        cmocka_unit_test(what_was_measured_before_is_not_measured_again),
        cmocka_unit_test(claims_that_make_no_such_document_are_refused),
        cmocka_unit_test(a_signer_that_is_over_signs_nothing),
        cmocka_unit_test(a_source_is_asked_only_for_what_can_be_a_person),
        cmocka_unit_test(what_a_source_began_to_say_is_forgotten_when_it_fails),
    };

    return cmocka_run_group_tests(tests, begin_world, end_world);
}
