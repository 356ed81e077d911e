/* SPDX-License-Identifier: Apache-2.0 */
/* A holder asked to encrypt its documents (18013-5 12.6), or given keys for MACs (18013-7 A.5), and the reader's verdict. */
#include "../world.h"
#include "carnet/reader_keys.h"
#include "carnet/request_info.h"

#include <string.h>

static world w;
static talk t;
static carnet_key recipient;
static carnet_reader_mac_keys mac_keys;
static uint8_t plain_room[16384];

static const carnet_requested_element name_and_age[] = { { { MDL_NS, 17 }, { "family_name", 11 }, false },
                                                         { { MDL_NS, 17 }, { "age_over_18", 11 }, true } };

static void
start(carnet_curve device)
{
    const carnet_capabilities capabilities = { .mac_keys_support = true };

    world_begin(&w, device);
    world_hold_mdl(&w);
    talk_begin(&t, &w, CARNET_CURVE_P256);
    assert_carnet_ok(carnet_software_key_generate(&w.crypto, CARNET_CURVE_P256, CARNET_KEY_AGREE, &recipient, NULL),
                     NULL);
    assert_carnet_ok(carnet_reader_mac_keys_make(&mac_keys, &w.crypto, &capabilities, NULL), NULL);
}

static void
stop(void)
{
    carnet_reader_mac_keys_done(&mac_keys);
    carnet_key_done(&recipient);
    talk_done(&t);
    world_done(&w);
}

static carnet_span
encryption_to(const carnet_public_key *key, void *room, size_t cap)
{
    const carnet_doc_response_encryption_draft to = { .recipient = key };
    const carnet_doc_request_info_draft info = { .encryption = &to };
    carnet_cbor_builder b = carnet_cbor_build(room, cap);
    carnet_span built;

    carnet_doc_request_info_build(&b, &info);
    assert_carnet_ok(carnet_cbor_built(&b, &built, NULL), NULL);
    return built;
}

/* The reader asks, the holder lets everything go, the reader takes the answer. */
static void
exchange(const carnet_device_request_draft *draft)
{
    carnet_cbor_builder b = carnet_cbor_build(t.message, sizeof(t.message));

    t.request = carnet_buf_of(t.request_room, sizeof(t.request_room));
    assert_carnet_ok(carnet_reader_request(&t.reader, draft, &t.request, &b, &w.err), &w.err);
    t.len = b.len;
    assert_carnet_ok(talk_hear(&t), &w.err);
    talk_consent(&t, true);
    assert_carnet_ok(talk_answer(&t, CARNET_SESSION_NO_STATUS), &w.err);
    assert_carnet_ok(talk_read(&t), &w.err);
}

static carnet_verdict
judge(const carnet_reader_judging *by, carnet_span response)
{
    const carnet_verification with = { .struct_size = sizeof(with), .anchors = &w.anchors };

    w.report.count = 0;
    assert_carnet_ok(
        carnet_reader_judge_by(&t.reader, &with, by, response, carnet_buf_span(&t.request), &w.report, &w.err), &w.err);
    return world_verdict(&w);
}

static carnet_device_response
opened(carnet_span cbor)
{
    carnet_device_response view;

    assert_carnet_ok(carnet_device_response_open(cbor, 0, &view, &w.err), &w.err);
    return view;
}

static void
a_document_asked_for_encrypted_leaves_encrypted_only(void **state)
{
    uint8_t room[256];
    carnet_doc_request_draft documents[] = { { .doc_type = carnet_str_of(MDL), .elements = name_and_age, .count = 2 } };
    const carnet_device_request_draft draft = { .documents = documents, .count = 1 };
    carnet_buf out = carnet_buf_of(plain_room, sizeof(plain_room));
    carnet_reader_judging by = { .encrypted_apart = true };
    carnet_reader_decrypted decrypted;
    carnet_device_response view;
    carnet_list_walk walk;
    carnet_span entry;

    (void)state;
    start(CARNET_CURVE_P256);
    documents[0].request_info = encryption_to(&recipient.public_key, room, sizeof(room));
    exchange(&draft);
    view = opened(t.received);
    assert_false(view.has_documents);
    assert_false(view.has_document_errors);
    assert_int_equal(judge(&by, t.received), CARNET_VERDICT_VALID);
    carnet_list_begin(&walk, view.encrypted_documents);
    assert_true(carnet_list_next(&walk, &entry));
    assert_carnet_ok(
        carnet_reader_decrypt(&t.reader, &recipient, carnet_buf_span(&t.request), entry, &out, &decrypted, &w.err),
        &w.err);
    assert_false(carnet_list_next(&walk, &entry));
    by = (carnet_reader_judging){ .session_transcript = decrypted.session_transcript };
    assert_int_equal(judge(&by, decrypted.response), CARNET_VERDICT_VALID);
    assert_int_equal(opened(decrypted.response).count, 1);
    stop();
}

static void
what_one_request_wants_encrypted_another_gets_plain(void **state)
{
    uint8_t room[256];
    carnet_doc_request_draft documents[] = {
        { .doc_type = carnet_str_of(MDL), .elements = name_and_age, .count = 1 },
        { .doc_type = carnet_str_of(MDL), .elements = name_and_age + 1, .count = 1 }
    };
    const carnet_device_request_draft draft = { .documents = documents, .count = 2 };
    carnet_buf out = carnet_buf_of(plain_room, sizeof(plain_room));
    carnet_reader_decrypted decrypted;
    carnet_device_response view;
    carnet_issuer_signed held;
    carnet_issuer_signed_item item;
    carnet_document document;
    carnet_list_walk walk;
    carnet_span entry;

    (void)state;
    start(CARNET_CURVE_P256);
    documents[0].request_info = encryption_to(&recipient.public_key, room, sizeof(room));
    exchange(&draft);
    view = opened(t.received);
    assert_int_equal(view.count, 1);
    assert_carnet_ok(carnet_document_open(carnet_device_response_document(&view, 0), 0, &document, NULL), NULL);
    assert_carnet_ok(carnet_issuer_signed_open(document.issuer_signed, 0, &held, NULL), NULL);
    assert_true(carnet_issuer_signed_find(&held, carnet_str_of(MDL_NS), carnet_str_of("age_over_18"), &item));
    assert_false(carnet_issuer_signed_find(&held, carnet_str_of(MDL_NS), carnet_str_of("family_name"), &item));
    carnet_list_begin(&walk, view.encrypted_documents);
    assert_true(carnet_list_next(&walk, &entry));
    assert_carnet_ok(
        carnet_reader_decrypt(&t.reader, &recipient, carnet_buf_span(&t.request), entry, &out, &decrypted, &w.err),
        &w.err);
    view = opened(decrypted.response);
    assert_carnet_ok(carnet_document_open(carnet_device_response_document(&view, 0), 0, &document, NULL), NULL);
    assert_carnet_ok(carnet_issuer_signed_open(document.issuer_signed, 0, &held, NULL), NULL);
    assert_true(carnet_issuer_signed_find(&held, carnet_str_of(MDL_NS), carnet_str_of("family_name"), &item));
    assert_false(carnet_issuer_signed_find(&held, carnet_str_of(MDL_NS), carnet_str_of("age_over_18"), &item));
    stop();
}

static void
nothing_leaves_towards_a_key_that_cannot_be_used(void **state)
{
    uint8_t room[256];
    carnet_doc_request_draft documents[] = { { .doc_type = carnet_str_of(MDL), .elements = name_and_age, .count = 2 } };
    const carnet_device_request_draft draft = { .documents = documents, .count = 1 };
    carnet_cbor_builder b = carnet_cbor_build(t.message, sizeof(t.message));
    carnet_public_key off;
    carnet_span info;

    (void)state;
    start(CARNET_CURVE_P256);
    b = carnet_cbor_build(t.message, sizeof(t.message));
    off = recipient.public_key;
    off.y[0] ^= 1;
    info = encryption_to(&off, room, sizeof(room));
    documents[0].request_info = info;
    t.request = carnet_buf_of(t.request_room, sizeof(t.request_room));
    assert_carnet_ok(carnet_reader_request(&t.reader, &draft, &t.request, &b, &w.err), &w.err);
    t.len = b.len;
    assert_carnet_ok(talk_hear(&t), &w.err);
    talk_consent(&t, true);
    assert_carnet_rc(talk_answer(&t, CARNET_SESSION_NO_STATUS), CARNET_E_ROLE_REQUEST);
    assert_int_equal(t.len, 0);
    stop();
}

static void
a_mac_is_made_with_the_key_given_for_its_curve(void **state)
{
    static const carnet_curve curves[] = { CARNET_CURVE_P256, CARNET_CURVE_P384, CARNET_CURVE_BRAINPOOL_P256R1 };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(curves); i++) {
        carnet_doc_request_draft document = { .doc_type = carnet_str_of(MDL), .elements = name_and_age, .count = 2 };
        carnet_device_request_draft draft = { .documents = &document, .count = 1 };
        carnet_reader_judging by = { 0 };
        carnet_device_response view;
        carnet_device_signed device_signed;
        carnet_document answered;

        start(curves[i]);
        w.held[0].mac = true;
        draft.mac_keys = mac_keys.public_keys;
        draft.mac_key_count = mac_keys.count;
        exchange(&draft);
        view = opened(t.received);
        assert_carnet_ok(carnet_document_open(carnet_device_response_document(&view, 0), 0, &answered, NULL), NULL);
        assert_carnet_ok(carnet_device_signed_open(answered.device_signed, 0, &device_signed, NULL), NULL);
        assert_int_not_equal(device_signed.mac.len, 0);
        assert_int_equal(judge(&by, t.received), CARNET_VERDICT_NEGATIVE + (i == 0 ? 0 : 2));
        by.keys = mac_keys.list;
        by.key_count = mac_keys.count;
        assert_int_equal(judge(&by, t.received), CARNET_VERDICT_VALID);
        stop();
    }
}

static void
without_a_key_on_its_curve_the_device_signs(void **state)
{
    carnet_doc_request_draft document = { .doc_type = carnet_str_of(MDL), .elements = name_and_age, .count = 2 };
    carnet_device_request_draft draft = { .documents = &document, .count = 1 };
    carnet_reader_judging by = { 0 };

    (void)state;
    start(CARNET_CURVE_P256);
    w.held[0].mac = true;
    draft.mac_keys = mac_keys.public_keys + 1; /* all but P-256 */
    draft.mac_key_count = 1;
    assert_int_not_equal(draft.mac_keys[0].curve, CARNET_CURVE_P256);
    exchange(&draft);
    assert_int_equal(judge(&by, t.received), CARNET_VERDICT_VALID);
    stop();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_document_asked_for_encrypted_leaves_encrypted_only),
        cmocka_unit_test(what_one_request_wants_encrypted_another_gets_plain),
        cmocka_unit_test(nothing_leaves_towards_a_key_that_cannot_be_used),
        cmocka_unit_test(a_mac_is_made_with_the_key_given_for_its_curve),
        cmocka_unit_test(without_a_key_on_its_curve_the_device_signs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
