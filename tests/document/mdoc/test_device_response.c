/* SPDX-License-Identifier: Apache-2.0 */
/* DeviceResponse, Document and DeviceSigned: what is accepted, refused and where; and making them. */
#include "judge.h"

#include <string.h>

#define VERSION     "6776657273696f6e63312e30"
#define STATUS      "66737461747573"
#define DOCUMENTS   "69646f63756d656e7473"
#define ERRORS      "6e646f63756d656e744572726f7273"
#define DOC_TYPE    "67646f6354797065"
#define ISSUER      "6c6973737565725369676e6564"
#define DEVICE      "6c6465766963655369676e6564"
#define SPACES      "6a6e616d65537061636573"
#define AUTH        "6a64657669636541757468"
#define SIGNATURE   "6f6465766963655369676e6174757265"
#define MAC         "696465766963654d6163"
#define DEVICE_PART "a2" SPACES "d81841a0" AUTH "a1" MAC "80"

static const struct {
    const char *what, *hex;
    unsigned allow;
    carnet_rc rc;
    size_t offset, count;
    unsigned oddities;
} responses[] = {
    { "the least there is", "a2" VERSION STATUS "00", 0, CARNET_OK, 0, 0, 0 },
    { "two documents of any kind", "a3" VERSION DOCUMENTS "82a0f6" STATUS "00", 0, CARNET_OK, 0, 2, 0 },
    { "no document in documents", "a3" VERSION DOCUMENTS "80" STATUS "00", 0, CARNET_OK, 0, 0, 0 },
    { "a document error", "a3" VERSION ERRORS "81a1617800" STATUS "00", 0, CARNET_OK, 0, 0, 0 },
    { "documentErrors empty", "a3" VERSION ERRORS "80" STATUS "00", 0, CARNET_OK, 0, 0, CARNET_RESPONSE_NO_ERRORS },
    { "a document error without a type", "a3" VERSION ERRORS "81a0" STATUS "00", 0, CARNET_E_MDOC_EMPTY, 29, 0, 0 },
    { "a document error that is a text",
      "a3" VERSION ERRORS "81a1617861"
      "79" STATUS "00",
      0, CARNET_E_CBOR_TYPE, 32, 0, 0 },
    { "version 1.1", "a26776657273696f6e63312e31" STATUS "00", 0, CARNET_OK, 0, 0, CARNET_RESPONSE_MINOR_VERSION },
    { "version 2.0", "a26776657273696f6e63322e30" STATUS "00", 0, CARNET_E_MDOC_VERSION, 10, 0, 0 },
    { "version a.b", "a26776657273696f6e63612e62" STATUS "00", 0, CARNET_E_MDOC_STRUCTURE, 10, 0, 0 },
    { "version .1", "a26776657273696f6e622e31" STATUS "00", 0, CARNET_E_MDOC_STRUCTURE, 10, 0, 0 },
    { "version 1.", "a26776657273696f6e62312e" STATUS "00", 0, CARNET_E_MDOC_STRUCTURE, 10, 0, 0 },
    { "version 1.0.0", "a26776657273696f6e65312e302e30" STATUS "00", 0, CARNET_E_MDOC_STRUCTURE, 10, 0, 0 },
    { "version 10000000.0", "a26776657273696f6e6a31303030303030302e30" STATUS "00", 0, CARNET_E_MDOC_STRUCTURE, 10, 0,
      0 },
    { "no version", "a1" STATUS "00", 0, CARNET_E_CBOR_KEY_MISSING, 0, 0, 0 },
    { "no status", "a1" VERSION, 0, CARNET_E_CBOR_KEY_MISSING, 0, 0, 0 },
    { "a negative status", "a2" VERSION STATUS "20", 0, CARNET_E_CBOR_TYPE, 20, 0, 0 },
    { "a head too long", "a2" VERSION STATUS "1800", 0, CARNET_E_CBOR_NOT_PREFERRED, 20, 0, 0 },
    { "a head too long let pass", "a2" VERSION STATUS "1800", CARNET_CBOR_LENIENT, CARNET_OK, 0, 0,
      CARNET_RESPONSE_ENCODING },
    { "wrapped in tag 24", "d81855a2" VERSION STATUS "00", 0, CARNET_E_CBOR_TYPE, 0, 0, 0 },
    { "wrapped in tag 24 let pass", "d81855a2" VERSION STATUS "00", CARNET_CBOR_LENIENT, CARNET_OK, 0, 0,
      CARNET_RESPONSE_TAG24 },
    { "wrapped, and cut inside", "d81854a2" VERSION STATUS, CARNET_CBOR_LENIENT, CARNET_E_CBOR_TRUNCATED, 23, 0, 0 },
};

static void
responses_are_accepted_and_refused_where_they_are_wrong(void **state)
{
    bool failed = false;

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(responses); i++) {
        carnet_device_response view;
        carnet_err err = { 0 };
        carnet_rc rc = carnet_device_response_open(carnet_test_hex(responses[i].hex), responses[i].allow, &view, &err);

        if (rc != responses[i].rc || (rc != CARNET_OK && err.offset != responses[i].offset) ||
            view.count != responses[i].count || view.oddities != responses[i].oddities) {
            print_message("# %s: %s at %zu, count %zu, oddities %u\n", responses[i].what, carnet_rc_name(rc),
                          err.offset, view.count, view.oddities);
            failed = true;
        }
    }
    assert_false(failed);
}

static const struct {
    const char *what, *hex;
    carnet_rc rc;
    const char *path;
} documents[] = {
    { "a document", "a3" DOC_TYPE "6178" ISSUER "a0" DEVICE DEVICE_PART, CARNET_OK, "" },
    { "with errors", "a4" DOC_TYPE "6178" ISSUER "a0" DEVICE DEVICE_PART "666572726f7273a1616ea1616500", CARNET_OK,
      "" },
    { "no docType", "a2" ISSUER "a0" DEVICE DEVICE_PART, CARNET_E_CBOR_KEY_MISSING, "docType" },
    { "docType a number", "a3" DOC_TYPE "00" ISSUER "a0" DEVICE DEVICE_PART, CARNET_E_CBOR_TYPE, "docType" },
    { "no issuerSigned", "a2" DOC_TYPE "6178" DEVICE DEVICE_PART, CARNET_E_CBOR_KEY_MISSING, "issuerSigned" },
    { "no deviceSigned", "a2" DOC_TYPE "6178" ISSUER "a0", CARNET_E_CBOR_KEY_MISSING, "deviceSigned" },
    { "a number in errors", "a4" DOC_TYPE "6178" ISSUER "a0" DEVICE DEVICE_PART "666572726f7273a1616e00",
      CARNET_E_CBOR_TYPE, "errors.n" },
    { "neither signature nor MAC", "a3" DOC_TYPE "6178" ISSUER "a0" DEVICE "a2" SPACES "d81841a0" AUTH "a0",
      CARNET_E_MDOC_STRUCTURE, "deviceSigned.deviceAuth" },
    { "both signature and MAC",
      "a3" DOC_TYPE "6178" ISSUER "a0" DEVICE "a2" SPACES "d81841a0" AUTH "a2" MAC "80" SIGNATURE "80",
      CARNET_E_MDOC_STRUCTURE, "deviceSigned.deviceAuth" },
    { "nameSpaces not wrapped", "a3" DOC_TYPE "6178" ISSUER "a0" DEVICE "a2" SPACES "a0" AUTH "a1" MAC "80",
      CARNET_E_CBOR_TAG, "deviceSigned.nameSpaces" },
    { "an element twice",
      "a3" DOC_TYPE "6178" ISSUER "a0" DEVICE "a2" SPACES "d8184aa1616ea2616500616500" AUTH "a1" MAC "80",
      CARNET_E_CBOR_KEY_TWICE, "deviceSigned.nameSpaces.n" },
    { "a name space twice",
      "a3" DOC_TYPE "6178" ISSUER "a0" DEVICE "a2" SPACES "d81847a2616ea0616ea0" AUTH "a1" MAC "80",
      CARNET_E_CBOR_KEY_TWICE, "deviceSigned.nameSpaces" },
    { "no map", "80", CARNET_E_CBOR_TYPE, "" },
};

static void
documents_are_accepted_and_refused_where_they_are_wrong(void **state)
{
    bool failed = false;

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(documents); i++) {
        carnet_document view;
        carnet_err err = { 0 };
        carnet_rc rc = carnet_document_open(carnet_test_hex(documents[i].hex), 0, &view, &err);

        if (rc != documents[i].rc || strcmp(err.path, documents[i].path) != 0 ||
            (rc != CARNET_OK) != (view.issuer_signed.ptr == NULL)) {
            print_message("# %s: %s, %s\n", documents[i].what, carnet_rc_name(rc), err.path);
            failed = true;
        }
    }
    assert_false(failed);
}

static void
more_documents_than_allowed_are_refused(void **state)
{
    uint8_t room[128];
    carnet_cbor_builder b = carnet_cbor_build(room, sizeof(room));
    carnet_device_response view;

    (void)state;
    carnet_cbor_add_map(&b, 3);
    carnet_cbor_add_text(&b, "version");
    carnet_cbor_add_text(&b, "1.0");
    carnet_cbor_add_text(&b, "documents");
    carnet_cbor_add_array(&b, CARNET_DOCUMENTS_MAX + 1);
    for (size_t i = 0; i <= CARNET_DOCUMENTS_MAX; i++)
        carnet_cbor_add_map(&b, 0);
    carnet_cbor_add_text(&b, "status");
    carnet_cbor_add_uint(&b, 0);
    assert_carnet_rc(carnet_device_response_open((carnet_span){ room, b.len }, 0, &view, NULL), CARNET_E_CBOR_LIMIT);
}

static void
more_device_signed_elements_than_allowed_are_refused(void **state)
{
    static uint8_t inner[2048], outer[2048];

    (void)state;
    for (size_t count = CARNET_DEVICE_SIGNED_ELEMENTS_MAX; count <= CARNET_DEVICE_SIGNED_ELEMENTS_MAX + 1; count++) {
        carnet_cbor_builder in = carnet_cbor_build(inner, sizeof(inner)), b = carnet_cbor_build(outer, sizeof(outer));
        carnet_device_signed view;

        carnet_cbor_add_map(&in, 1);
        carnet_cbor_add_text(&in, "n");
        carnet_cbor_add_map(&in, count - 1); /* the name space counts too */
        for (size_t i = 1; i < count; i++) {
            char name[] = { (char)('a' + i / 24), (char)('a' + i % 24) };

            carnet_cbor_add_tstr(&in, (carnet_str){ name, 2 });
            carnet_cbor_add_uint(&in, 0);
        }
        carnet_cbor_add_map(&b, 2);
        carnet_cbor_add_text(&b, "nameSpaces");
        carnet_cbor_add_tag(&b, 24);
        carnet_cbor_add_bstr(&b, (carnet_span){ inner, in.len });
        carnet_cbor_add_text(&b, "deviceAuth");
        carnet_cbor_add_map(&b, 1);
        carnet_cbor_add_text(&b, "deviceMac");
        carnet_cbor_add_uint(&b, 0);
        assert_carnet_rc(carnet_device_signed_open((carnet_span){ outer, b.len }, 0, &view, NULL),
                         count <= CARNET_DEVICE_SIGNED_ELEMENTS_MAX ? CARNET_OK : CARNET_E_CBOR_LIMIT);
    }
}

static world w;
static uint8_t room[8192];

static int
set_up(void **state)
{
    (void)state;
    world_init(&w);
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    world_done(&w);
    return 0;
}

static const carnet_element device_elements[] = {
    { { "org.iso.23220.5.1", 17 }, { "CHV_1", 5 }, { (const uint8_t *)"\xf5", 1 } },
};
static const carnet_element_error element_errors[] = { { { "a", 1 }, { "x", 1 }, 0 },
                                                       { { "b", 1 }, { "y", 1 }, -7 },
                                                       { { "a", 1 }, { "z", 1 }, 1 } };
static const carnet_document_error document_errors[] = { { { "other", 5 }, 0 }, { { "third", 5 }, -1 } };

static void
everything_a_response_can_hold_is_made_and_read_back(void **state)
{
    carnet_presented_document document = { .doc_type = carnet_str_of("org.iso.18013.5.1.mDL"),
                                           .device_elements = device_elements,
                                           .device_element_count = 1,
                                           .errors = element_errors,
                                           .error_count = 3,
                                           .device_key = &w.device };
    carnet_presentation all = { .session_transcript = w.session_transcript,
                                .documents = &document,
                                .count = 1,
                                .document_errors = document_errors,
                                .document_error_count = 2 };
    carnet_cbor_builder b = carnet_cbor_build(room, sizeof(room));
    carnet_issuer_signed held;
    carnet_device_response view;
    carnet_document got;
    carnet_element_walk walk;
    carnet_element_error error;
    carnet_document_error other;
    size_t found = 0;

    (void)state;
    assert_carnet_ok(carnet_issuer_signed_open(w.issuer_signed, 0, &held, &w.j.err), &w.j.err);
    document.issuer_auth = held.issuer_auth;
    assert_carnet_ok(carnet_present(&all, &w.j.crypto, &b, &w.j.err), &w.j.err);
    judge_response(&w.j, (carnet_span){ room, b.len });
    assert_int_equal(judge_verdict(&w.j, true),
                     CARNET_VERDICT_VALID); /* CHV_1 is authorised; no element is disclosed */
    assert_carnet_ok(carnet_device_response_open((carnet_span){ room, b.len }, 0, &view, &w.j.err), &w.j.err);
    assert_true(carnet_document_error_at(&view, 1, &other));
    assert_str_is(other.doc_type, "third");
    assert_int_equal(other.code, -1);
    assert_false(carnet_document_error_at(&view, 2, &other));
    assert_carnet_ok(carnet_document_open(carnet_device_response_document(&view, 0), 0, &got, &w.j.err), &w.j.err);
    carnet_element_begin(&walk, got.errors);
    while (carnet_element_error_next(&walk, &error)) {
        assert_int_equal(carnet_str_is(error.name_space, "b"), error.code == -7);
        found++;
    }
    assert_int_equal(found, 3);
}

static void
device_elements_are_refused_if_not_authorised_or_disclosed_twice(void **state)
{
    static const carnet_element unauthorised[] = {
        { { "org.iso.18013.5.1", 17 }, { "family_name", 11 }, { (const uint8_t *)"\xf5", 1 } }
    };
    carnet_issuer_signed held;
    carnet_issuer_signed_item item;
    carnet_presented_document document = { .doc_type = carnet_str_of("org.iso.18013.5.1.mDL"),
                                           .items = &item,
                                           .item_count = 1,
                                           .device_elements = unauthorised,
                                           .device_element_count = 1,
                                           .device_key = &w.device };
    carnet_presentation all = { .session_transcript = w.session_transcript, .documents = &document, .count = 1 };
    carnet_cbor_builder b = carnet_cbor_build(room, sizeof(room));

    (void)state;
    assert_carnet_ok(carnet_issuer_signed_open(w.issuer_signed, 0, &held, &w.j.err), &w.j.err);
    assert_true(carnet_issuer_signed_find(&held, unauthorised->name_space, unauthorised->identifier, &item));
    document.issuer_auth = held.issuer_auth;
    assert_carnet_ok(carnet_present(&all, &w.j.crypto, &b, &w.j.err), &w.j.err);
    judge_response(&w.j, (carnet_span){ room, b.len });
    assert_int_equal(judge_outcome(&w.j, CARNET_CHECK_DEVICE_AUTHENTICATION), CARNET_PASS);
    assert_int_equal(judge_outcome(&w.j, CARNET_CHECK_DEVICE_AUTHORISED), CARNET_FAIL);
    assert_int_equal(judge_outcome(&w.j, CARNET_CHECK_ELEMENT_TWICE), CARNET_FAIL);
}

static void
what_cannot_be_presented_is_refused(void **state)
{
    static const carnet_element_name absent[] = { { { "org.iso.18013.5.1", 17 }, { "portrait", 8 } } };
    carnet_issuer_signed held;
    carnet_issuer_signed_item item;
    carnet_presented_document document = { .doc_type = carnet_str_of("x"), .device_key = &w.device };
    carnet_presentation all = { .session_transcript = w.session_transcript, .documents = &document, .count = 1 };
    carnet_cbor_builder b = carnet_cbor_build(room, sizeof(room));
    size_t found;

    (void)state;
    assert_carnet_ok(carnet_issuer_signed_open(w.issuer_signed, 0, &held, &w.j.err), &w.j.err);
    assert_carnet_rc(carnet_present_select(&held, absent, 1, &item, &found, NULL), CARNET_E_MDOC_DIGEST_ABSENT);
    assert_int_equal(found, 0);
    assert_carnet_rc(carnet_present(&all, &w.j.crypto, &b, NULL), CARNET_E_USAGE); /* no issuerAuth */
    document.issuer_auth = held.issuer_auth;
    all.status = CARNET_STATUS_GENERAL_ERROR;
    b = carnet_cbor_build(room, sizeof(room));
    assert_carnet_rc(carnet_present(&all, &w.j.crypto, &b, NULL), CARNET_E_USAGE);
    all.status = CARNET_STATUS_OK;
    for (size_t cap = 0; cap < 200; cap += 7) {
        b = carnet_cbor_build(room, cap);
        assert_carnet_rc(carnet_present(&all, &w.j.crypto, &b, &w.j.err), CARNET_E_NO_SPACE);
        assert_int_equal(b.rc, CARNET_E_NO_SPACE);
    }
    b = carnet_cbor_measure();
    assert_carnet_rc(carnet_present(&all, &w.j.crypto, &b, NULL), CARNET_E_USAGE);
    w.device.usage = CARNET_KEY_AGREE;
    b = carnet_cbor_build(room, sizeof(room));
    assert_carnet_rc(carnet_present(&all, &w.j.crypto, &b, NULL), CARNET_E_CRYPTO_POLICY);
}

static void
an_answer_without_documents_has_a_status(void **state)
{
    carnet_presentation all = { .status = CARNET_STATUS_CBOR_DECODING };
    carnet_cbor_builder b = carnet_cbor_build(room, sizeof(room));

    (void)state;
    assert_carnet_ok(carnet_present(&all, NULL, &b, &w.j.err), &w.j.err);
    assert_span_equal(carnet_span_of(room, b.len), carnet_test_hex("a2" VERSION STATUS "0b"));
    judge_response(&w.j, carnet_span_of(room, b.len));
    assert_int_not_equal(judge_verdict(&w.j, false), CARNET_VERDICT_VALID);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(responses_are_accepted_and_refused_where_they_are_wrong),
        cmocka_unit_test(documents_are_accepted_and_refused_where_they_are_wrong),
        cmocka_unit_test(more_documents_than_allowed_are_refused),
        cmocka_unit_test(more_device_signed_elements_than_allowed_are_refused),
        CASE(everything_a_response_can_hold_is_made_and_read_back),
        CASE(device_elements_are_refused_if_not_authorised_or_disclosed_twice),
        CASE(what_cannot_be_presented_is_refused),
        CASE(an_answer_without_documents_has_a_status),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
