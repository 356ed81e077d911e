/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/device_request.h"
#include "support/support.h"

#include <stdio.h>
#include <string.h>

/* Shorthand for hexadecimal: texts with their heads. */
#define VERSION     "6776657273696f6e63312e30"
#define VERSION_1_1 "6776657273696f6e63312e31"
#define DOCS        "6b646f635265717565737473"
#define ITEMS       "6c6974656d7352657175657374"
#define DOC_TYPE    "67646f6354797065"
#define SPACES      "6a6e616d65537061636573"
#define INFO        "6b72657175657374496e666f"
#define DEVICE_INFO "7164657669636552657175657374496e666f"
#define SIMPLE      DOC_TYPE "6178" SPACES "a1616ea16165f4" /* docType x, n: { e: false } */

static const struct {
    const char *what, *hex;
    unsigned allow;
    carnet_rc rc;
    size_t offset;
    const char *path;
} cases[] = {
    { "the least there is", "a2" VERSION DOCS "81a1" ITEMS "d818581da2" SIMPLE, 0, CARNET_OK, 0, "" },
    { "a member nobody knows", "a3" VERSION DOCS "81a1" ITEMS "d818581da2" SIMPLE "617881f6", 0, CARNET_OK, 0, "" },
    { "a higher minor version", "a26776657273696f6e63312e39" DOCS "81a1" ITEMS "d818581da2" SIMPLE, 0, CARNET_OK, 0,
      "" },
    { "version 2.0", "a26776657273696f6e63322e30" DOCS "81a1" ITEMS "d818581da2" SIMPLE, 0, CARNET_E_MDOC_VERSION, 10,
      "" },
    { "version 1", "a26776657273696f6e6131" DOCS "81a1" ITEMS "d818581da2" SIMPLE, 0, CARNET_E_MDOC_STRUCTURE, 10, "" },
    { "no version", "a1" DOCS "81a1" ITEMS "d818581da2" SIMPLE, 0, CARNET_E_CBOR_KEY_MISSING, 0, "version" },
    { "no docRequests", "a1" VERSION, 0, CARNET_E_CBOR_KEY_MISSING, 0, "docRequests" },
    { "docRequests empty", "a2" VERSION DOCS "80", 0, CARNET_E_MDOC_EMPTY, 25, "docRequests" },
    { "no itemsRequest", "a2" VERSION DOCS "81a0", 0, CARNET_E_CBOR_KEY_MISSING, 26, "docRequests[0].itemsRequest" },
    { "itemsRequest without its tag", "a2" VERSION DOCS "81a1" ITEMS "581da2" SIMPLE, 0, CARNET_E_CBOR_TAG, 40,
      "docRequests[0].itemsRequest" },
    { "docType empty", "a2" VERSION DOCS "81a1" ITEMS "d818581ca2" DOC_TYPE "60" SPACES "a1616ea16165f4", 0,
      CARNET_E_MDOC_EMPTY, 54, "docRequests[0].itemsRequest" },
    { "no name space", "a2" VERSION DOCS "81a1" ITEMS "d81857a2" DOC_TYPE "6178" SPACES "a0", 0, CARNET_E_MDOC_EMPTY,
      65, "docRequests[0].itemsRequest.nameSpaces" },
    { "a name space without an element", "a2" VERSION DOCS "81a1" ITEMS "d818581aa2" DOC_TYPE "6178" SPACES "a1616ea0",
      0, CARNET_E_MDOC_EMPTY, 69, "docRequests[0].itemsRequest.nameSpaces.n" },
    { "an intent that is a number", "a2" VERSION DOCS "81a1" ITEMS "d818581da2" DOC_TYPE "6178" SPACES "a1616ea1616500",
      0, CARNET_E_CBOR_TYPE, 72, "docRequests[0].itemsRequest.nameSpaces.n.e" },
    { "an element twice", "a2" VERSION DOCS "81a1" ITEMS "d8185820a2" DOC_TYPE "6178" SPACES "a1616ea26165f46165f4", 0,
      CARNET_E_CBOR_KEY_TWICE, 73, "docRequests[0].itemsRequest.nameSpaces.n" },
    { "requestInfo empty", "a2" VERSION DOCS "81a1" ITEMS "d818582aa3" SIMPLE INFO "a0", 0, CARNET_E_MDOC_EMPTY, 85,
      "docRequests[0].itemsRequest.requestInfo" },
    { "a byte too many", "a2" VERSION DOCS "81a1" ITEMS "d818581da2" SIMPLE "00", 0, CARNET_E_CBOR_TRAILING, 73, "" },
    { "an indefinite length", "bf" VERSION DOCS "81a1" ITEMS "d818581da2" SIMPLE "ff", 0, CARNET_E_CBOR_INDEFINITE, 0,
      "" },
    { "an indefinite length let pass", "bf" VERSION DOCS "81a1" ITEMS "d818581da2" SIMPLE "ff", CARNET_CBOR_LENIENT,
      CARNET_OK, 0, "" },
    { "a use case of a request that is not there",
      "a3" VERSION_1_1 DOCS "81a1" ITEMS "d818581da2" SIMPLE DEVICE_INFO
      "d8185827a168757365436173657381a2696d616e6461746f7279f56c646f63756d656e7453657473818101",
      0, CARNET_E_MDOC_STRUCTURE, 133, "deviceRequestInfo.useCases[0].documentSets[0][0]" },
};

static void
structures_are_accepted_and_refused_where_they_are_wrong(void **state)
{
    bool failed = false;

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_device_request view;
        carnet_err err = { 0 };
        carnet_rc rc = carnet_device_request_open(carnet_test_hex(cases[i].hex), cases[i].allow, &view, &err);

        if (rc != cases[i].rc ||
            (rc != CARNET_OK && (err.offset != cases[i].offset || strcmp(err.path, cases[i].path) != 0))) {
            print_message("# %s: %s at %zu, %s\n", cases[i].what, carnet_rc_name(rc), err.offset, err.path);
            failed = true;
        }
    }
    assert_false(failed);
}

static const carnet_requested_element elements[] = {
    { { "org.iso.18013.5.1", 17 }, { "family_name", 11 }, false },
    { { "other", 5 }, { "colour", 6 }, true },
    { { "org.iso.18013.5.1", 17 }, { "age_over_18", 11 }, false },
    { { "org.iso.18013.5.1", 17 }, { "age_over_21", 11 }, false },
    { { "org.iso.18013.5.1", 17 }, { "age_over_65", 11 }, false },
};

static carnet_span
build(const carnet_requested_element *wanted, size_t count, carnet_span info, carnet_span device_info, void *room,
      size_t cap)
{
    carnet_doc_request_draft doc = {
        .doc_type = carnet_str_of("x"), .elements = wanted, .count = count, .request_info = info
    };
    carnet_device_request_draft draft = { .documents = &doc, .count = 1, .device_request_info = device_info };
    carnet_cbor_builder b = carnet_cbor_build(room, cap);
    carnet_err err;

    assert_carnet_ok(carnet_device_request_build(&draft, NULL, &b, &err), &err);
    return (carnet_span){ room, b.len };
}

static void
what_is_asked_for_is_read_back(void **state)
{
    uint8_t room[512];
    carnet_device_request view;
    carnet_doc_request doc;
    carnet_requested_element element;
    carnet_element_walk walk;
    carnet_err err;
    size_t found = 0;

    (void)state;
    assert_carnet_ok(
        carnet_device_request_open(build(elements, 4, (carnet_span){ 0 }, (carnet_span){ 0 }, room, sizeof(room)), 0,
                                   &view, &err),
        &err);
    assert_int_equal(view.count, 1);
    assert_int_equal(view.oddities, 0);
    assert_str_is(view.version, "1.0");
    assert_true(carnet_doc_request_at(&view, 0, &doc));
    assert_false(carnet_doc_request_at(&view, 1, &(carnet_doc_request){ 0 }));
    assert_str_is(doc.doc_type, "x");
    assert_false(carnet_doc_request_info_get(&doc, &(carnet_doc_request_info){ 0 }));
    carnet_element_begin(&walk, doc.name_spaces);
    while (carnet_requested_element_next(&walk, &element)) {
        assert_int_equal(element.retain, carnet_str_is(element.identifier, "colour"));
        assert_int_equal(carnet_str_is(element.name_space, "other"), carnet_str_is(element.identifier, "colour"));
        found++;
    }
    assert_int_equal(found, 4);
}

static void
more_than_two_ages_are_noted(void **state)
{
    uint8_t room[512];
    carnet_device_request view;
    carnet_err err;

    (void)state;
    assert_carnet_ok(
        carnet_device_request_open(build(elements, 5, (carnet_span){ 0 }, (carnet_span){ 0 }, room, sizeof(room)), 0,
                                   &view, &err),
        &err);
    assert_int_equal(view.oddities, CARNET_REQUEST_AGE_OVER);
}

/* Everything requestInfo can hold. */
#define FULL_INFO                                                                                                      \
    "a6"                                                                                                               \
    "77616c7465726e617469766544617461456c656d656e747381a2"                                                             \
    "70726571756573746564456c656d656e74826161616276616c7465726e6174697665456c656d656e74536574738281826163616481826165" \
    "61"                                                                                                               \
    "66"                                                                                                               \
    "71697373756572"                                                                                                   \
    "4964656e746966696572738142beef"                                                                                   \
    "74756e69717565446f635365745265717569726564f5"                                                                     \
    "736d6178696d756d526573706f6e736553697a65191000"                                                                   \
    "697a6b52657175657374a26b73797374656d537065637381a36a7a6b53797374656d496461736673797374656d617466706172616d73a0"   \
    "6a7a6b5265717569726564f4"                                                                                         \
    "75646f63526573706f6e7365456e6372797074696f6ed81857a17272656369706965"                                             \
    "6e745075626c69634b6579a10102"

static void
request_info_is_read_to_its_last_member(void **state)
{
    uint8_t room[1024];
    carnet_device_request view;
    carnet_doc_request doc;
    carnet_doc_request_info info;
    carnet_alternative alternative;
    carnet_element_name name;
    carnet_zk_request zk;
    carnet_zk_system system;
    carnet_doc_response_encryption encryption;
    carnet_list_walk walk, sets;
    carnet_span set, bytes;
    carnet_err err;

    (void)state;
    assert_carnet_ok(
        carnet_device_request_open(
            build(elements, 1, carnet_test_hex(FULL_INFO), (carnet_span){ 0 }, room, sizeof(room)), 0, &view, &err),
        &err);
    assert_true(carnet_doc_request_at(&view, 0, &doc));
    assert_true(carnet_doc_request_info_get(&doc, &info));
    assert_true(info.has_unique_doc_set_required && info.unique_doc_set_required);
    assert_int_equal(info.maximum_response_size, 4096);
    carnet_list_begin(&walk, info.alternative_data_elements);
    assert_true(carnet_alternative_next(&walk, &alternative));
    assert_str_is(alternative.requested.name_space, "a");
    assert_str_is(alternative.requested.identifier, "b");
    carnet_list_begin(&sets, alternative.sets);
    assert_true(carnet_list_next(&sets, &set) && carnet_list_next(&sets, &set));
    assert_false(carnet_alternative_next(&walk, &alternative));
    carnet_list_begin(&walk, set);
    assert_true(carnet_element_reference_next(&walk, &name));
    assert_str_is(name.name_space, "e");
    assert_str_is(name.identifier, "f");
    assert_false(carnet_element_reference_next(&walk, &name));
    carnet_list_begin(&walk, info.issuer_identifiers);
    assert_true(carnet_bytes_next(&walk, &bytes));
    assert_span_equal(bytes, CARNET_TEST_BYTES("\xbe\xef"));
    assert_false(carnet_bytes_next(&walk, &bytes));
    assert_true(carnet_zk_request_get(&info, &zk));
    assert_false(zk.required);
    carnet_list_begin(&walk, zk.system_specs);
    assert_true(carnet_zk_system_next(&walk, &system));
    assert_str_is(system.id, "s");
    assert_str_is(system.system, "t");
    assert_true(carnet_doc_response_encryption_get(&info, &encryption));
    assert_int_equal(encryption.recipient_public_key.len, 3);
    assert_int_equal(encryption.nonce.len, 0);
}

static void
use_cases_are_read(void **state)
{
    carnet_span info =
        carnet_test_hex("a168757365436173657381a3696d616e6461746f7279f56c646f63756d656e74536574738181006c"
                        "707572706f736548696e7473a171"
                        "6f72672e69736f2e6a7463312e7363313703");
    uint8_t room[512];
    carnet_device_request view;
    carnet_use_case use_case;
    carnet_list_walk walk;
    carnet_span set;
    size_t index = 0, doc;
    int64_t purpose;
    carnet_err err;

    (void)state;
    assert_carnet_ok(
        carnet_device_request_open(build(elements, 1, (carnet_span){ 0 }, info, room, sizeof(room)), 0, &view, &err),
        &err);
    assert_str_is(view.version, "1.1");
    assert_true(carnet_use_case_next(&view, &index, &use_case));
    assert_true(use_case.mandatory);
    assert_true(carnet_purpose_hint(&use_case, "org.iso.jtc1.sc17", &purpose));
    assert_int_equal(purpose, 3);
    assert_false(carnet_purpose_hint(&use_case, "org.example", &purpose));
    carnet_list_begin(&walk, use_case.document_sets);
    assert_true(carnet_list_next(&walk, &set));
    carnet_list_begin(&walk, set);
    assert_true(carnet_document_set_next(&walk, &doc));
    assert_int_equal(doc, 0);
    assert_false(carnet_document_set_next(&walk, &doc));
    assert_false(carnet_use_case_next(&view, &index, &use_case));
}

static void
what_would_be_refused_is_not_made(void **state)
{
    carnet_doc_request_draft doc = { .doc_type = carnet_str_of("x"), .elements = elements, .count = 1 };
    carnet_device_request_draft draft = { .documents = &doc, .count = 0 };
    carnet_reader_signer signer = { 0 };
    uint8_t room[256];
    carnet_cbor_builder b = carnet_cbor_build(room, sizeof(room));

    (void)state;
    assert_carnet_rc(carnet_device_request_build(&draft, NULL, &b, NULL), CARNET_E_MDOC_EMPTY);
    assert_int_equal(b.rc, CARNET_E_MDOC_EMPTY);
    draft.count = 1;
    doc.count = 0;
    b = carnet_cbor_build(room, sizeof(room));
    assert_carnet_rc(carnet_device_request_build(&draft, NULL, &b, NULL), CARNET_E_MDOC_EMPTY);
    doc.count = 1;
    doc.signer = &signer;
    b = carnet_cbor_build(room, sizeof(room));
    assert_carnet_rc(carnet_device_request_build(&draft, NULL, &b, NULL), CARNET_E_USAGE);
    doc.signer = NULL;
    b = carnet_cbor_build(room, 20);
    assert_carnet_rc(carnet_device_request_build(&draft, NULL, &b, NULL), CARNET_E_NO_SPACE);
}

static void
mutated(carnet_span bytes, void *context)
{
    carnet_device_request view;
    carnet_err err = { 0 };

    (void)context;
    if (carnet_device_request_open(bytes, 0, &view, &err) != CARNET_OK) {
        assert_true(err.offset <= bytes.len);
        assert_null(view.encoded.ptr);
    } else {
        assert_true(view.count > 0);
    }
}

static void
survives_every_prefix_and_every_bit(void **state)
{
    uint8_t room[1024];
    carnet_span request = build(elements, 2, carnet_test_hex(FULL_INFO), (carnet_span){ 0 }, room, sizeof(room));

    (void)state;
    carnet_test_every_prefix(request, mutated, NULL);
    carnet_test_every_bit(request, mutated, NULL);
}

static void
requests_of_others_are_read(void **state)
{
    char path[64];

    (void)state;
    for (int i = 1; i <= 12; i++) {
        carnet_device_request view;
        carnet_err err = { 0 };

        snprintf(path, sizeof(path), "vectors/requests/devicerequest_%02d.hex", i);
        assert_carnet_ok(carnet_device_request_open(carnet_test_shared_hex(path), CARNET_CBOR_LENIENT, &view, &err),
                         &err);
    }
}

static void
items_requests_of_others_are_read(void **state)
{
    static uint8_t room[8192];
    char path[64];

    (void)state;
    for (int i = 1; i <= 3; i++) {
        carnet_cbor_builder b = carnet_cbor_build(room, sizeof(room));
        carnet_device_request view;
        carnet_err err = { 0 };

        snprintf(path, sizeof(path), "vectors/requests/itemsrequest_%02d.hex", i);
        carnet_cbor_add_map(&b, 2);
        carnet_cbor_add_text(&b, "version");
        carnet_cbor_add_text(&b, "1.0");
        carnet_cbor_add_text(&b, "docRequests");
        carnet_cbor_add_array(&b, 1);
        carnet_cbor_add_map(&b, 1);
        carnet_cbor_add_text(&b, "itemsRequest");
        carnet_cbor_add_tag24(&b, carnet_test_shared_hex(path));
        assert_carnet_ok(carnet_device_request_open(carnet_span_of(room, b.len), CARNET_CBOR_LENIENT, &view, &err),
                         &err);
    }
}

static void
the_extended_request_of_annex_d_is_read(void **state)
{
    carnet_span request = carnet_test_shared_hex("vectors/iso18013-5-annexD/device_request_extended_v11.hex");
    carnet_device_request view;
    carnet_use_case use_case;
    size_t index = 0, use_cases = 0;
    carnet_err err = { 0 };

    (void)state;
    assert_carnet_ok(carnet_device_request_open(request, 0, &view, &err), &err);
    assert_int_equal(view.count, 3);
    while (carnet_use_case_next(&view, &index, &use_case))
        use_cases++;
    assert_int_equal(use_cases, 2);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(structures_are_accepted_and_refused_where_they_are_wrong),
        cmocka_unit_test(what_is_asked_for_is_read_back),
        cmocka_unit_test(more_than_two_ages_are_noted),
        cmocka_unit_test(request_info_is_read_to_its_last_member),
        cmocka_unit_test(use_cases_are_read),
        cmocka_unit_test(what_would_be_refused_is_not_made),
        cmocka_unit_test(survives_every_prefix_and_every_bit),
        cmocka_unit_test(requests_of_others_are_read),
        cmocka_unit_test(items_requests_of_others_are_read),
        cmocka_unit_test(the_extended_request_of_annex_d_is_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
