/* SPDX-License-Identifier: Apache-2.0 */
/* macKeys (18013-7 A.5) and encrypted documents (18013-5 12.6), at the reader. */
#include "../world.h"
#include "carnet/reader_keys.h"
#include "carnet/request_info.h"

#include <string.h>

static world w;
static talk t;
static carnet_key recipient;
static uint8_t answer_room[16384], encrypted_room[16384], scratch_room[16384], request_room[2048];

static const element elements[] = { { MDL_NS, "family_name", "63616263" }, { MDL_NS, "age_over_18", "f5" } };
static const carnet_requested_element asked[] = { { { MDL_NS, 17 }, { "family_name", 11 }, false } };

static void
start(carnet_curve device)
{
    world_begin(&w, device);
    world_hold(&w, MDL, elements, CARNET_COUNT(elements));
    talk_begin(&t, &w, CARNET_CURVE_P256);
}

static void
stop(void)
{
    talk_done(&t);
    world_done(&w);
}

static carnet_span
int_list(const int *numbers, size_t count, void *room, size_t cap)
{
    carnet_cbor_builder b = carnet_cbor_build(room, cap);
    carnet_span built;

    carnet_cbor_add_array(&b, count);
    for (size_t i = 0; i < count; i++)
        carnet_cbor_add_int(&b, numbers[i]);
    assert_carnet_ok(carnet_cbor_built(&b, &built, NULL), NULL);
    return built;
}

static void
a_key_is_made_for_each_curve_named_once(void **state)
{
    static const int named[] = { 2, 2, 256, 6, 77, -3, 4 };
    static const carnet_curve expected[] = { CARNET_CURVE_P384, CARNET_CURVE_BRAINPOOL_P256R1, CARNET_CURVE_X25519 };
    uint8_t room[32];
    carnet_capabilities capabilities = { .mac_keys_support = true };
    carnet_reader_mac_keys keys;

    (void)state;
    start(CARNET_CURVE_P256);
    capabilities.mac_keys_curves = int_list(named, CARNET_COUNT(named), room, sizeof(room));
    assert_carnet_ok(carnet_reader_mac_keys_make(&keys, &w.crypto, &capabilities, NULL), NULL);
    assert_int_equal(keys.count, CARNET_COUNT(expected));
    for (size_t i = 0; i < keys.count; i++) {
        assert_int_equal(keys.public_keys[i].curve, expected[i]);
        assert_ptr_equal(keys.list[i], &keys.keys[i]);
    }
    carnet_reader_mac_keys_done(&keys);
    assert_int_equal(keys.count, 0);
    capabilities.mac_keys_curves = (carnet_span){ NULL, 0 };
    assert_carnet_ok(carnet_reader_mac_keys_make(&keys, &w.crypto, &capabilities, NULL), NULL);
    assert_int_equal(keys.count, CARNET_READER_MAC_KEYS_MAX);
    carnet_reader_mac_keys_done(&keys);
    capabilities.mac_keys_support = false;
    assert_carnet_ok(carnet_reader_mac_keys_make(&keys, &w.crypto, &capabilities, NULL), NULL);
    assert_int_equal(keys.count, 0);
    stop();
}

/* The document held, as it goes into an answer. */
static carnet_presented_document
presented(carnet_issuer_signed_item *items)
{
    static const carnet_element_name names[] = { { { MDL_NS, 17 }, { "family_name", 11 } } };
    carnet_presented_document document = { .doc_type = carnet_str_of(MDL), .items = items, .device_key = &w.device };
    carnet_issuer_signed held;

    assert_carnet_ok(carnet_issuer_signed_open(w.held[0].issuer_signed, 0, &held, NULL), NULL);
    document.issuer_auth = held.issuer_auth;
    assert_carnet_ok(carnet_present_select(&held, names, 1, items, &document.item_count, NULL), NULL);
    return document;
}

static carnet_span
present(const carnet_presented_document *document, const carnet_span *encrypted)
{
    const carnet_presentation all = { .session_transcript = t.reader.session_transcript,
                                      .documents = document,
                                      .count = document != NULL,
                                      .encrypted = encrypted,
                                      .encrypted_count = encrypted != NULL };
    carnet_cbor_builder b = carnet_cbor_build(answer_room, sizeof(answer_room));
    carnet_span answer;

    assert_carnet_ok(carnet_present(&all, &w.crypto, &b, &w.err), &w.err);
    assert_carnet_ok(carnet_cbor_built(&b, &answer, NULL), NULL);
    return answer;
}

static carnet_verdict
judge(const carnet_reader_judging *by, carnet_span response, carnet_span request)
{
    const carnet_verification with = { .struct_size = sizeof(with), .crypto = &w.crypto, .anchors = &w.anchors };

    carnet_report_init(&w.report, w.entries, CARNET_COUNT(w.entries), w.report.now, w.report.skew);
    assert_carnet_ok(carnet_reader_judge_by(&t.reader, &with, by, response, request, &w.report, &w.err), &w.err);
    return world_verdict(&w);
}

static void
a_mac_with_a_key_of_another_curve_is_judged_by_that_key(void **state)
{
    static const carnet_curve curves[] = { CARNET_CURVE_P384, CARNET_CURVE_P521, CARNET_CURVE_BRAINPOOL_P256R1 };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(curves); i++) {
        const carnet_capabilities capabilities = { .mac_keys_support = true };
        carnet_issuer_signed_item items[1];
        carnet_presented_document document;
        carnet_reader_mac_keys keys;
        carnet_reader_judging by = { 0 };
        carnet_span answer;

        start(curves[i]);
        document = presented(items);
        assert_carnet_ok(carnet_reader_mac_keys_make(&keys, &w.crypto, &capabilities, NULL), NULL);
        for (size_t j = 0; j < keys.count; j++)
            document.reader_key = keys.public_keys[j].curve == curves[i] ? &keys.public_keys[j] : document.reader_key;
        answer = present(&document, NULL);
        assert_int_not_equal(judge(&by, answer, (carnet_span){ NULL, 0 }), CARNET_VERDICT_VALID);
        by.keys = keys.list;
        by.key_count = keys.count;
        assert_int_equal(judge(&by, answer, (carnet_span){ NULL, 0 }), CARNET_VERDICT_VALID);
        carnet_reader_mac_keys_done(&keys);
        stop();
    }
}

/* A request for one element whose answer is to be encrypted to `recipient`, or (`plain`) not. */
static carnet_span
request_for(bool plain)
{
    const carnet_doc_response_encryption_draft to = { .recipient = &recipient.public_key };
    const carnet_doc_request_info_draft info = { .encryption = &to };
    uint8_t room[256];
    carnet_cbor_builder i = carnet_cbor_build(room, sizeof(room));
    carnet_doc_request_draft document = { .doc_type = carnet_str_of(MDL), .elements = asked, .count = 1 };
    const carnet_device_request_draft draft = { .documents = &document, .count = 1 };
    carnet_cbor_builder b = carnet_cbor_build(request_room, sizeof(request_room));
    carnet_span built;

    carnet_doc_request_info_build(&i, &info);
    if (!plain)
        assert_carnet_ok(carnet_cbor_built(&i, &document.request_info, NULL), NULL);
    assert_carnet_ok(carnet_device_request_build(&draft, NULL, &b, NULL), NULL);
    assert_carnet_ok(carnet_cbor_built(&b, &built, NULL), NULL);
    return built;
}

static carnet_span
encrypt(carnet_span request, uint64_t doc_request_id)
{
    carnet_issuer_signed_item items[1];
    const carnet_presented_document document = presented(items);
    carnet_encrypted_documents_draft draft = { .session_transcript = t.reader.session_transcript,
                                               .recipient = &recipient.public_key,
                                               .doc_request_id = doc_request_id,
                                               .documents = &document,
                                               .count = 1 };
    carnet_buf scratch = carnet_buf_of(scratch_room, sizeof(scratch_room));
    carnet_cbor_builder b = carnet_cbor_build(encrypted_room, sizeof(encrypted_room));
    carnet_device_request view;
    carnet_doc_request doc;
    carnet_doc_request_info info;
    carnet_span built;

    assert_carnet_ok(carnet_device_request_open(request, 0, &view, NULL), NULL);
    assert_true(carnet_doc_request_at(&view, 0, &doc) && carnet_doc_request_info_get(&doc, &info));
    draft.parameters = info.doc_response_encryption.encoded;
    assert_carnet_ok(carnet_encrypted_documents_build(&draft, &w.crypto, &scratch, &b, &w.err), &w.err);
    assert_carnet_ok(carnet_cbor_built(&b, &built, NULL), NULL);
    return built;
}

static void
encrypted_documents_are_decrypted_and_judged_apart(void **state)
{
    carnet_buf scratch = carnet_buf_of(scratch_room, sizeof(scratch_room));
    carnet_reader_decrypted decrypted;
    carnet_reader_judging by = { 0 };
    carnet_span request, encrypted, answer;

    (void)state;
    start(CARNET_CURVE_P256);
    assert_carnet_ok(carnet_software_key_generate(&w.crypto, CARNET_CURVE_P256, CARNET_KEY_AGREE, &recipient, NULL),
                     NULL);
    request = request_for(false);
    encrypted = encrypt(request, 0);
    answer = present(NULL, &encrypted);
    assert_int_equal(judge(&by, answer, (carnet_span){ NULL, 0 }), CARNET_VERDICT_UNJUDGED);
    by.encrypted_apart = true;
    assert_int_equal(judge(&by, answer, (carnet_span){ NULL, 0 }), CARNET_VERDICT_VALID);
    assert_carnet_ok(carnet_reader_decrypt(&t.reader, &recipient, request, encrypted, &scratch, &decrypted, &w.err),
                     &w.err);
    assert_int_equal(decrypted.doc_request_id, 0);
    by = (carnet_reader_judging){ 0 };
    assert_int_equal(judge(&by, decrypted.response, request), CARNET_VERDICT_NEGATIVE);
    by.session_transcript = decrypted.session_transcript;
    assert_int_equal(judge(&by, decrypted.response, request), CARNET_VERDICT_VALID);
    carnet_key_done(&recipient);
    stop();
}

static void
encryption_nobody_asked_for_and_other_keys_are_refused(void **state)
{
    carnet_buf scratch = carnet_buf_of(scratch_room, sizeof(scratch_room));
    carnet_reader_decrypted decrypted;
    carnet_span request, encrypted;

    (void)state;
    start(CARNET_CURVE_P256);
    assert_carnet_ok(carnet_software_key_generate(&w.crypto, CARNET_CURVE_P256, CARNET_KEY_AGREE, &recipient, NULL),
                     NULL);
    request = request_for(false);
    encrypted = encrypt(request, 1);
    assert_carnet_rc(carnet_reader_decrypt(&t.reader, &recipient, request, encrypted, &scratch, &decrypted, NULL),
                     CARNET_E_ROLE_REQUEST);
    encrypted = encrypt(request, 0);
    assert_carnet_rc(carnet_reader_decrypt(&t.reader, &t.reader.key, request, encrypted, &scratch, &decrypted, NULL),
                     CARNET_E_CRYPTO_TAG);
    assert_carnet_rc(
        carnet_reader_decrypt(&t.reader, &recipient, request_for(true), encrypted, &scratch, &decrypted, NULL),
        CARNET_E_ROLE_REQUEST);
    assert_int_equal(scratch.len, 0);
    assert_int_equal(decrypted.response.len, 0);
    carnet_key_done(&recipient);
    stop();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_is_made_for_each_curve_named_once),
        cmocka_unit_test(a_mac_with_a_key_of_another_curve_is_judged_by_that_key),
        cmocka_unit_test(encrypted_documents_are_decrypted_and_judged_apart),
        cmocka_unit_test(encryption_nobody_asked_for_and_other_keys_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
