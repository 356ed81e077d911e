/* SPDX-License-Identifier: Apache-2.0 */
/* From consent to what leaves: use cases kept or broken, ages, sizes, verification (18013-5 10.2.5, 10.2.6, 13.4). */
#include "carnet/request_info.h"
#include "choice_world.h"

#include <stdio.h>
#include <string.h>

static choice_world c;

#define JANE "mdl@A family_name given_name birth_date age_over_16 age_over_18 age_over_21-"

typedef struct row {
    const char *title, *request, *use_cases, *deny[3];
    carnet_broken broken;
    carnet_rc rc;
    const char *settled;
    carnet_partial partial;
    size_t ages_returned;
    bool all_use_cases;
} row;

/* Held: JANE, and a PID with family_name and given_name. */
static const row rows[] = {
    { "all", "mdl family_name given_name", NULL, { NULL }, 0, CARNET_OK, "0:0 family_name given_name", 0, 0, false },
    { "a part of it, where a part will do",
      "mdl family_name given_name",
      NULL,
      { "given_name" },
      0,
      CARNET_OK,
      "0:0 family_name",
      0,
      0,
      false },
    { "a part of it, where it will not",
      "mdl family_name given_name",
      NULL,
      { "given_name" },
      0,
      CARNET_E_ROLE_UNSATISFIED,
      "-",
      CARNET_PARTIAL_NEVER,
      0,
      false },
    { "nothing", "mdl family_name", NULL, { "family_name" }, 0, CARNET_E_ROLE_CONSENT, "-", 0, 0, false },
    { "a mandatory use case broken",
      "mdl family_name given_name ; pid family_name",
      "M0 O1",
      { "given_name" },
      0,
      CARNET_E_ROLE_UNSATISFIED,
      "-",
      0,
      0,
      true },
    { "a mandatory use case broken knowingly",
      "mdl family_name given_name ; pid family_name",
      "M0 O1",
      { "given_name" },
      CARNET_BROKEN_SMALLER,
      CARNET_OK,
      "0:0 family_name; 1:1 family_name",
      0,
      0,
      true },
    { "nothing at all, knowingly",
      "mdl family_name",
      "M0",
      { "family_name" },
      CARNET_BROKEN_SMALLER,
      CARNET_E_ROLE_CONSENT,
      "-",
      0,
      0,
      false },
    { "an optional use case broken",
      "mdl family_name ; pid given_name family_name",
      "M0 O1",
      { "given_name" },
      0,
      CARNET_OK,
      "0:0 family_name",
      0,
      0,
      true },
    { "the only optional one broken",
      "mdl family_name given_name",
      "O0",
      { "given_name" },
      0,
      CARNET_E_ROLE_UNSATISFIED,
      "-",
      0,
      0,
      false },
    { "what a broken one shares with another stays",
      "mdl family_name ; pid given_name",
      "M0 O0,1",
      { "given_name" },
      0,
      CARNET_OK,
      "0:0 family_name",
      0,
      0,
      true },
    { "no more than two ages",
      "mdl age_over_16 age_over_18 age_over_21",
      "M0",
      { NULL },
      0,
      CARNET_OK,
      "0:0 age_over_16 age_over_18",
      0,
      0,
      false },
    { "one age was returned before",
      "mdl age_over_16 age_over_18",
      "M0",
      { NULL },
      0,
      CARNET_OK,
      "0:0 age_over_16",
      0,
      1,
      false },
    { "two ages were", "mdl age_over_16 family_name", "M0", { NULL }, 0, CARNET_OK, "0:0 family_name", 0, 2, false },
    { "two ages were, and another is all that is asked for",
      "mdl age_over_16",
      "M0",
      { NULL },
      0,
      CARNET_E_ROLE_UNSATISFIED,
      "-",
      0,
      2,
      false },
    { "an age denied breaks its use case",
      "mdl age_over_16 family_name",
      "M0",
      { "age_over_16" },
      0,
      CARNET_E_ROLE_UNSATISFIED,
      "-",
      0,
      0,
      false },
};

static void
take_world(const row *r)
{
    carnet_choice_options options = { .partial = r->partial, .ages_returned = r->ages_returned };

    choice_world_forget(&c);
    choice_world_hold(&c, JANE);
    choice_world_hold(&c, "pid@A family_name given_name");
    choice_world_ask(&c, r->request, r->use_cases, (carnet_span){ 0 });
    assert_carnet_ok(choice_world_make(&c, &options), &c.w.err);
    if (r->all_use_cases)
        carnet_choice_take_all_use_cases(&c.choice);
}

static void
each_consent_comes_to_what_is_expected(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(rows); i++) {
        const row *r = &rows[i];
        carnet_rc rc;

        take_world(r);
        carnet_choice_consent(&c.choice, true);
        for (size_t k = 0; k < CARNET_COUNT(r->deny) && r->deny[k] != NULL; k++)
            choice_world_deny(&c, r->deny[k]);
        rc = carnet_choice_settle(&c.choice, r->broken, &c.w.err);
        if (rc != r->rc || strcmp(choice_world_settled(&c), r->settled) != 0)
            fail_msg("%s: %#x, %s", r->title, (unsigned)rc, choice_world_settled(&c));
        if (rc == CARNET_OK) /* to settle what is settled changes nothing */
            assert_carnet_ok(carnet_choice_settle(&c.choice, r->broken, &c.w.err), &c.w.err);
        assert_string_equal(choice_world_settled(&c), r->settled);
    }
}

static void
consent_to_what_is_not_taken_is_taken_back(void **state)
{
    (void)state;
    choice_world_forget(&c);
    choice_world_hold(&c, JANE);
    choice_world_hold(&c, JANE);
    choice_world_ask(&c, "mdl birth_date|age_over_18 ; mdl given_name", "M0 O1", (carnet_span){ 0 });
    assert_carnet_ok(choice_world_make(&c, NULL), &c.w.err);
    for (size_t i = 0; i < c.choice.offer_count; i++)
        c.offers[i].consented = true;
    assert_carnet_ok(carnet_choice_settle(&c.choice, CARNET_BROKEN_NOTHING, &c.w.err), &c.w.err);
    for (size_t i = 0, found = 0; i < c.choice.offer_count; i++) {
        found += c.offers[i].consented;
        assert_true(found <= 1);
    }
    assert_string_equal(choice_world_settled(&c), "0:0 birth_date");
}

/* --- credential holder verification --- */

static void
ask_for_verification(const char *held)
{
    choice_world_forget(&c);
    choice_world_hold(&c, held);
    choice_world_ask(&c, "pho portrait CHV_1", "M0", (carnet_span){ 0 });
    assert_carnet_ok(choice_world_make(&c, NULL), &c.w.err);
    carnet_choice_consent(&c.choice, true);
}

/* The device-signed elements of the only document of the response. */
static carnet_span
device_signed(void)
{
    carnet_device_response view;
    carnet_document document;
    carnet_device_signed signed_by_device;

    assert_carnet_ok(carnet_device_response_open(c.response, 0, &view, &c.w.err), &c.w.err);
    assert_int_equal(view.count, 1);
    assert_carnet_ok(carnet_document_open(carnet_device_response_document(&view, 0), 0, &document, &c.w.err), &c.w.err);
    assert_carnet_ok(carnet_device_signed_open(document.device_signed, 0, &signed_by_device, &c.w.err), &c.w.err);
    return signed_by_device.name_spaces.content;
}

static void
verification_leaves_only_once_it_succeeded(void **state)
{
    (void)state;
    ask_for_verification("pho@A portrait %CHV_1");
    assert_true(c.offers[1].verification);
    assert_carnet_ok(carnet_choice_settle(&c.choice, CARNET_BROKEN_NOTHING, &c.w.err), &c.w.err);
    assert_string_equal(choice_world_settled(&c), "0:0 portrait");
    assert_carnet_ok(choice_world_respond(&c), &c.w.err);
    assert_span_equal(device_signed(), carnet_test_hex("a0"));

    ask_for_verification("pho@A portrait %CHV_1");
    assert_carnet_ok(carnet_choice_verified(&c.choice, 1, (carnet_span){ 0 }, &c.w.err), &c.w.err);
    assert_carnet_ok(carnet_choice_settle(&c.choice, CARNET_BROKEN_NOTHING, &c.w.err), &c.w.err);
    assert_string_equal(choice_world_settled(&c), "0:0 portrait ~CHV_1");
    assert_carnet_ok(choice_world_respond(&c), &c.w.err);
    assert_span_equal(device_signed(), carnet_test_hex("a1 716f72672e69736f2e32333232302e352e31 a1 654348565f31 f5"));
}

static void
verification_that_is_denied_or_of_another_type_stays(void **state)
{
    (void)state;
    ask_for_verification("pho@A portrait %CHV_1");
    assert_carnet_rc(carnet_choice_verified(&c.choice, 0, (carnet_span){ 0 }, &c.w.err), CARNET_E_ROLE_REQUEST);
    assert_carnet_rc(carnet_choice_verified(&c.choice, 2, (carnet_span){ 0 }, &c.w.err), CARNET_E_ROLE_REQUEST);
    assert_carnet_rc(carnet_choice_verified(&c.choice, 1, carnet_test_hex("01"), &c.w.err), CARNET_E_DOCTYPE_ELEMENT);
    assert_false(c.offers[1].verified);
    assert_carnet_ok(carnet_choice_verified(&c.choice, 1, carnet_test_hex("f4"), &c.w.err), &c.w.err);
    choice_world_deny(&c, "CHV_1");
    assert_carnet_ok(carnet_choice_settle(&c.choice, CARNET_BROKEN_NOTHING, &c.w.err), &c.w.err);
    assert_carnet_ok(choice_world_respond(&c), &c.w.err);
    assert_span_equal(device_signed(), carnet_test_hex("a0"));
    ask_for_verification("pho@A portrait"); /* not authorised: an offer without an element */
    assert_carnet_rc(carnet_choice_verified(&c.choice, 1, (carnet_span){ 0 }, &c.w.err), CARNET_E_ROLE_REQUEST);
}

static void
an_offer_turned_into_one_the_device_may_not_sign_is_refused(void **state)
{
    (void)state;
    choice_world_forget(&c);
    choice_world_hold(&c, "mdl@A family_name ?height");
    choice_world_ask(&c, "mdl family_name height", NULL, (carnet_span){ 0 });
    assert_carnet_ok(choice_world_make(&c, NULL), &c.w.err);
    c.offers[1].identifier = carnet_str_of("height");
    c.offers[1].elected = c.offers[1].device_signed = true;
    carnet_choice_consent(&c.choice, true);
    assert_carnet_rc(choice_world_respond(&c), CARNET_E_MDOC_UNAUTHORISED);
}

static void
the_table_of_verifications_is_searched_by_name(void **state)
{
    const carnet_holder_verification *first = carnet_holder_verification_at(0);

    (void)state;
    assert_non_null(first);
    assert_ptr_equal(
        carnet_holder_verification_find(carnet_str_of(first->name_space), carnet_str_of(first->identifier)), first);
    assert_null(carnet_holder_verification_find(carnet_str_of("org.iso.23220.1"), carnet_str_of("CHV_1")));
    assert_null(carnet_holder_verification_find(carnet_str_of("org.iso.23220.5.1"), carnet_str_of("CHV_")));
    assert_null(carnet_holder_verification_at(SIZE_MAX));
}

/* --- sizes --- */

static void
ask(const char *request, const char *use_cases)
{
    choice_world_forget(&c);
    choice_world_hold(&c, "mdl@A family_name given_name portrait ~height");
    choice_world_hold(&c, "pid@A family_name portrait");
    choice_world_ask(&c, request, use_cases, (carnet_span){ 0 });
    assert_carnet_ok(choice_world_make(&c, NULL), &c.w.err);
    carnet_choice_take_all_use_cases(&c.choice);
    carnet_choice_consent(&c.choice, true);
    assert_carnet_ok(carnet_choice_settle(&c.choice, CARNET_BROKEN_NOTHING, &c.w.err), &c.w.err);
}

static size_t
measured(const carnet_public_key *reader_key)
{
    carnet_buf scratch = carnet_buf_of(c.scratch, sizeof(c.scratch));
    size_t size;

    assert_carnet_ok(carnet_choice_size(&c.choice, &c.w.crypto, reader_key, &scratch, &size, &c.w.err), &c.w.err);
    assert_int_equal(scratch.len, 0);
    return size;
}

static void
the_size_measured_is_the_size_built(void **state)
{
    static const char *const requests[] = { "mdl family_name", "mdl height portrait ; pid family_name portrait",
                                            "mdl family_name ; pho portrait" };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(requests); i++) {
        ask(requests[i], NULL);
        assert_carnet_ok(choice_world_respond(&c), &c.w.err);
        assert_int_equal(measured(NULL), c.response.len);
        for (size_t k = 0; k < c.held_count; k++)
            c.held[k].mac = true;
        assert_int_not_equal(measured(&c.w.device.public_key), c.response.len); /* a MAC is shorter */
    }
}

static carnet_rc
fit(void)
{
    carnet_buf scratch = carnet_buf_of(c.scratch, sizeof(c.scratch));

    return carnet_choice_fit(&c.choice, &c.w.crypto, NULL, &scratch, &c.w.err);
}

static void
an_answer_larger_than_the_reader_takes_is_refused(void **state)
{
    (void)state;
    ask("mdl family_name portrait max=1000", NULL);
    assert_int_equal(carnet_choice_maximum_size(&c.choice), 1000);
    assert_carnet_rc(choice_world_respond(&c), CARNET_E_LIMIT);
    assert_null(c.response.ptr);
    ask("mdl family_name portrait max=1000", "M0");
    assert_carnet_rc(fit(), CARNET_E_ROLE_UNSATISFIED);
    assert_string_equal(choice_world_settled(&c), "-");
    assert_carnet_ok(choice_world_respond(&c), &c.w.err); /* which says that nothing is returned */
    ask("mdl family_name", NULL);
    assert_true(carnet_choice_maximum_size(&c.choice) == UINT64_MAX);
}

static void
what_does_not_fit_is_dropped_by_rule(void **state)
{
    (void)state;
    ask("mdl family_name portrait given_name max=1500", NULL); /* the largest element */
    assert_carnet_ok(fit(), &c.w.err);
    assert_string_equal(choice_world_settled(&c), "0:0 family_name given_name");
    assert_carnet_ok(choice_world_respond(&c), &c.w.err);
    assert_true(c.response.len <= 1500);
    ask("mdl family_name max=2000 ; pid portrait ; mdl given_name", "M0 O1 O2"); /* optional use cases, from the last */
    assert_carnet_ok(fit(), &c.w.err);
    assert_string_equal(choice_world_settled(&c), "0:0 family_name");
    ask("mdl family_name max=3000 ; pid portrait max=200 ; mdl given_name", NULL);
    assert_carnet_ok(fit(), &c.w.err);
    assert_true(carnet_choice_maximum_size(&c.choice) >= 3000);
    assert_string_equal(choice_world_settled(&c), "0:0 family_name; 2:0 given_name");
    ask("mdl family_name max=1", NULL);
    assert_carnet_rc(fit(), CARNET_E_ROLE_UNSATISFIED);
    assert_string_equal(choice_world_settled(&c), "-");
}

static void
at_the_edge_one_octet_decides(void **state)
{
    char request[64];
    size_t size;

    (void)state;
    ask("mdl family_name given_name max=9999", NULL);
    size = measured(NULL);
    for (size_t less = 0; less < 2; less++) {
        (void)snprintf(request, sizeof(request), "mdl family_name given_name max=%zu", size - less);
        ask(request, "M0");
        assert_carnet_rc(choice_world_respond(&c), less == 0 ? CARNET_OK : CARNET_E_LIMIT);
        assert_carnet_rc(fit(), less == 0 ? CARNET_OK : CARNET_E_ROLE_UNSATISFIED);
    }
}

/* --- encrypted to another --- */

/* The same document asked for twice, once to be encrypted to a recipient on this curve. */
static void
ask_encrypted(const carnet_public_key *recipient)
{
    static uint8_t info_room[512];
    const carnet_requested_element names[] = { { carnet_str_of(MDL_NS), carnet_str_of("family_name"), false },
                                               { carnet_str_of(MDL_NS), carnet_str_of("given_name"), false } };
    carnet_doc_response_encryption_draft encryption = { .recipient = recipient };
    carnet_doc_request_info_draft info = { .encryption = &encryption };
    carnet_doc_request_draft documents[2] = { { .doc_type = carnet_str_of(MDL), .elements = names, .count = 2 },
                                              { .doc_type = carnet_str_of(MDL), .elements = names, .count = 2 } };
    carnet_device_request_draft draft = { .documents = documents, .count = 2 };
    carnet_cbor_builder b = carnet_cbor_build(info_room, sizeof(info_room));

    carnet_doc_request_info_build(&b, &info);
    assert_carnet_ok(carnet_cbor_built(&b, &documents[1].request_info, &c.w.err), &c.w.err);
    b = carnet_cbor_build(c.request_room, sizeof(c.request_room));
    assert_carnet_ok(carnet_device_request_build(&draft, &c.w.crypto, &b, &c.w.err), &c.w.err);
    assert_carnet_ok(carnet_cbor_built(&b, &c.request, &c.w.err), &c.w.err);
    assert_carnet_ok(carnet_device_request_open(c.request, 0, &c.view, &c.w.err), &c.w.err);
}

static void
consent_for_one_recipient_is_none_for_another(void **state)
{
    carnet_choice_options options = { .partial = CARNET_PARTIAL_NEVER };
    carnet_device_response view;

    (void)state;
    choice_world_forget(&c);
    choice_world_hold(&c, JANE);
    ask_encrypted(&c.w.device.public_key);
    assert_carnet_ok(choice_world_make(&c, &options), &c.w.err);
    assert_int_equal(c.choice.encrypted, 2);
    assert_int_equal(c.choice.offer_count, 4);
    carnet_choice_consent(&c.choice, true);
    c.offers[3].consented = false; /* given_name, encrypted */
    assert_carnet_ok(carnet_choice_settle(&c.choice, CARNET_BROKEN_NOTHING, &c.w.err), &c.w.err);
    assert_string_equal(choice_world_settled(&c), "0:0 family_name given_name");
    assert_carnet_ok(choice_world_respond(&c), &c.w.err);
    assert_carnet_ok(carnet_device_response_open(c.response, 0, &view, &c.w.err), &c.w.err);
    assert_int_equal(view.count, 1);
    assert_false(view.has_encrypted_documents);

    carnet_choice_consent(&c.choice, true);
    c.offers[0].consented = false; /* family_name, plain */
    assert_carnet_ok(carnet_choice_settle(&c.choice, CARNET_BROKEN_NOTHING, &c.w.err), &c.w.err);
    assert_string_equal(choice_world_settled(&c), "1:0 family_name given_name");
    assert_carnet_ok(choice_world_respond(&c), &c.w.err);
    assert_carnet_ok(carnet_device_response_open(c.response, 0, &view, &c.w.err), &c.w.err);
    assert_int_equal(view.count, 0);
    assert_true(view.has_encrypted_documents);
}

static void
what_cannot_be_encrypted_is_not_offered(void **state)
{
    carnet_doc_request doc;
    carnet_doc_request_info info;
    carnet_doc_response_encryption encryption;

    (void)state;
    choice_world_forget(&c);
    choice_world_hold(&c, JANE);
    ask_encrypted(&c.w.device.public_key);
    assert_true(carnet_doc_request_at(&c.view, 1, &doc) && carnet_doc_request_info_get(&doc, &info));
    assert_true(carnet_doc_response_encryption_get(&info, &encryption));
    assert_memory_equal(encryption.recipient_public_key.ptr, "\xa4\x01\x02\x20\x01", 5); /* EC2, P-256 */
    c.request_room[encryption.recipient_public_key.ptr - c.request_room + 4] = 2;        /* P-384 */
    assert_carnet_ok(carnet_device_request_open(c.request, 0, &c.view, &c.w.err), &c.w.err);
    assert_carnet_ok(choice_world_make(&c, NULL), &c.w.err);
    assert_int_equal(c.choice.requests[1].lack, CARNET_LACK_RECIPIENT);
    assert_string_equal(choice_world_text(&c), "0:0 family_name given_name");
}

static int
begin(void **state)
{
    (void)state;
    choice_world_begin(&c);
    return 0;
}

static int
end(void **state)
{
    (void)state;
    choice_world_done(&c);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_consent_comes_to_what_is_expected),
        cmocka_unit_test(consent_to_what_is_not_taken_is_taken_back),
        cmocka_unit_test(verification_leaves_only_once_it_succeeded),
        cmocka_unit_test(verification_that_is_denied_or_of_another_type_stays),
        cmocka_unit_test(an_offer_turned_into_one_the_device_may_not_sign_is_refused),
        cmocka_unit_test(the_table_of_verifications_is_searched_by_name),
        cmocka_unit_test(the_size_measured_is_the_size_built),
        cmocka_unit_test(an_answer_larger_than_the_reader_takes_is_refused),
        cmocka_unit_test(what_does_not_fit_is_dropped_by_rule),
        cmocka_unit_test(at_the_edge_one_octet_decides),
        cmocka_unit_test(consent_for_one_recipient_is_none_for_another),
        cmocka_unit_test(what_cannot_be_encrypted_is_not_offered),
    };

    return cmocka_run_group_tests_name("role/holder settle", tests, begin, end);
}
