/* SPDX-License-Identifier: Apache-2.0 */
/* Documents encrypted to a reader, and what a request says to ask for them (18013-5 10.2.5, 10.2.6, 10.3.5, 12.6). */
#include "carnet/cose_key.h"
#include "carnet/encrypted_documents.h"
#include "carnet/hpke.h"
#include "carnet/request_info.h"
#include "judge.h"

#include <string.h>

#define NS "org.iso.18013.5.1"

static world w;
static carnet_key recipient;
static uint8_t request_room[2048], answer_room[16384], scratch_room[16384], plain_room[16384], transcript_room[2048];
static carnet_doc_request_info info;
static carnet_span transcript; /* the one that holds within */

static const carnet_element_name asked[] = { { { NS, 17 }, { "family_name", 11 } },
                                             { { NS, 17 }, { "age_over_18", 11 } } };

static carnet_span
build_info(const carnet_doc_request_info_draft *draft, void *room, size_t cap)
{
    carnet_cbor_builder b = carnet_cbor_build(room, cap);
    carnet_span built;

    carnet_doc_request_info_build(&b, draft);
    assert_carnet_ok(carnet_cbor_built(&b, &built, NULL), NULL);
    return built;
}

/* A request for an mDL with this requestInfo and deviceRequestInfo, opened. */
static void
make_request(carnet_span request_info, carnet_span device_request_info, carnet_device_request *view)
{
    const carnet_requested_element elements[] = { { asked[0].name_space, asked[0].identifier, false },
                                                  { asked[1].name_space, asked[1].identifier, true } };
    const carnet_doc_request_draft documents[] = {
        { carnet_str_of("org.iso.18013.5.1.mDL"), elements, 2, request_info, NULL },
        { carnet_str_of("org.iso.23220.photoid.1"), elements, 1, { NULL, 0 }, NULL },
    };
    const carnet_device_request_draft draft = { .documents = documents,
                                                .count = 2,
                                                .device_request_info = device_request_info };
    carnet_cbor_builder b = carnet_cbor_build(request_room, sizeof(request_room));
    carnet_span built;
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_device_request_build(&draft, NULL, &b, &err), &err);
    assert_carnet_ok(carnet_cbor_built(&b, &built, NULL), NULL);
    assert_carnet_ok(carnet_device_request_open(built, 0, view, &err), &err);
}

static int
begin(void **state)
{
    carnet_doc_response_encryption_draft encryption = { .recipient = &recipient.public_key,
                                                        .nonce = CARNET_TEST_BYTES("sixteen octets..") };
    const carnet_doc_request_info_draft draft = { .encryption = &encryption };
    carnet_cbor_builder b = carnet_cbor_build(transcript_room, sizeof(transcript_room));
    carnet_device_request request;
    carnet_doc_request doc;
    uint8_t room[512];

    (void)state;
    world_init(&w);
    assert_carnet_ok(carnet_software_key_generate(&w.j.crypto, CARNET_CURVE_P256, CARNET_KEY_AGREE, &recipient, NULL),
                     NULL);
    make_request(build_info(&draft, room, sizeof(room)), (carnet_span){ NULL, 0 }, &request);
    assert_true(carnet_doc_request_at(&request, 0, &doc));
    assert_true(carnet_doc_request_info_get(&doc, &info));
    assert_carnet_ok(
        carnet_encryption_transcript_build(&b, w.session_transcript, info.doc_response_encryption.encoded, NULL), NULL);
    assert_carnet_ok(carnet_cbor_built(&b, &transcript, NULL), NULL);
    return 0;
}

static int
end(void **state)
{
    (void)state;
    carnet_key_done(&recipient);
    world_done(&w);
    return 0;
}

/* A DeviceResponse that holds nothing but one EncryptedDocuments. */
static carnet_span
make_answer(void)
{
    carnet_issuer_signed held;
    carnet_issuer_signed_item items[2];
    carnet_presented_document document = { .doc_type = carnet_str_of("org.iso.18013.5.1.mDL"),
                                           .items = items,
                                           .device_key = &w.device };
    const carnet_encrypted_documents_draft draft = { .session_transcript = w.session_transcript,
                                                     .parameters = info.doc_response_encryption.encoded,
                                                     .recipient = &recipient.public_key,
                                                     .documents = &document,
                                                     .count = 1 };
    carnet_buf scratch = carnet_buf_of(scratch_room, sizeof(scratch_room));
    carnet_cbor_builder b = carnet_cbor_build(plain_room, sizeof(plain_room)), whole;
    carnet_span encrypted, answer;
    carnet_presentation presentation = { .session_transcript = w.session_transcript,
                                         .encrypted = &encrypted,
                                         .encrypted_count = 1 };
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_issuer_signed_open(w.issuer_signed, 0, &held, &err), &err);
    document.issuer_auth = held.issuer_auth;
    assert_carnet_ok(carnet_present_select(&held, asked, 2, items, &document.item_count, &err), &err);
    assert_carnet_ok(carnet_encrypted_documents_build(&draft, &w.j.crypto, &scratch, &b, &err), &err);
    for (size_t i = 0; i < sizeof(scratch_room); i++)
        assert_int_equal(scratch_room[i], 0);
    assert_carnet_ok(carnet_cbor_built(&b, &encrypted, NULL), NULL);
    whole = carnet_cbor_build(answer_room, sizeof(answer_room));
    assert_carnet_ok(carnet_present(&presentation, &w.j.crypto, &whole, &err), &err);
    assert_carnet_ok(carnet_cbor_built(&whole, &answer, NULL), NULL);
    return answer;
}

static carnet_encrypted_documents
only_one(carnet_span answer)
{
    carnet_encrypted_documents view;
    carnet_device_response response;
    carnet_list_walk walk;
    carnet_span entry, none;

    assert_carnet_ok(carnet_device_response_open(answer, 0, &response, NULL), NULL);
    assert_true(response.has_encrypted_documents);
    assert_false(response.has_documents);
    carnet_list_begin(&walk, response.encrypted_documents);
    assert_true(carnet_list_next(&walk, &entry));
    assert_false(carnet_list_next(&walk, &none));
    assert_carnet_ok(carnet_encrypted_documents_open(entry, 0, &view, NULL), NULL);
    return view;
}

static void
what_was_encrypted_is_judged_like_any_answer(void **state)
{
    const carnet_encrypted_documents view = only_one(make_answer());
    carnet_buf out = carnet_buf_of(plain_room, sizeof(plain_room));
    carnet_span response;
    carnet_err err = { 0 };

    (void)state;
    assert_int_equal(view.doc_request_id, 0);
    assert_int_equal(view.enc.len, 65);
    assert_carnet_ok(
        carnet_encrypted_documents_decrypt(&view, &w.j.crypto, &recipient, transcript, &out, &response, &err), &err);
    assert_int_equal(out.len, response.len);
    w.j.with.session_transcript = transcript;
    judge_response(&w.j, response);
    assert_carnet_ok(w.j.rc, &w.j.err);
    assert_int_equal(judge_verdict(&w.j, false), CARNET_VERDICT_VALID);
    assert_int_equal(judge_outcome(&w.j, CARNET_CHECK_DEVICE_AUTHENTICATION), CARNET_PASS);
}

static void
mdoc_authentication_holds_for_the_transcript_within_only(void **state)
{
    const carnet_encrypted_documents view = only_one(make_answer());
    carnet_buf out = carnet_buf_of(plain_room, sizeof(plain_room));
    carnet_span response;

    (void)state;
    assert_carnet_ok(
        carnet_encrypted_documents_decrypt(&view, &w.j.crypto, &recipient, transcript, &out, &response, NULL), NULL);
    w.j.with.session_transcript = w.session_transcript;
    judge_response(&w.j, response);
    assert_int_equal(judge_outcome(&w.j, CARNET_CHECK_DEVICE_AUTHENTICATION), CARNET_FAIL);
    w.j.with.session_transcript = transcript;
}

static void
another_key_or_transcript_does_not_open_it(void **state)
{
    const carnet_encrypted_documents view = only_one(make_answer());
    carnet_buf out = carnet_buf_of(plain_room, sizeof(plain_room)), small = carnet_buf_of(plain_room, 64);
    carnet_span response;

    (void)state;
    assert_carnet_rc(
        carnet_encrypted_documents_decrypt(&view, &w.j.crypto, &w.j.reader_key, transcript, &out, &response, NULL),
        CARNET_E_CRYPTO_TAG);
    assert_carnet_rc(
        carnet_encrypted_documents_decrypt(&view, &w.j.crypto, &recipient, w.session_transcript, &out, &response, NULL),
        CARNET_E_CRYPTO_TAG);
    assert_carnet_rc(
        carnet_encrypted_documents_decrypt(&view, &w.j.crypto, &recipient, transcript, &small, &response, NULL),
        CARNET_E_NO_SPACE);
    assert_int_equal(out.len, 0);
    assert_int_equal(response.len, 0);
}

static void
refuse(carnet_span changed, void *context)
{
    carnet_buf out = carnet_buf_of(plain_room, sizeof(plain_room));
    carnet_encrypted_documents view;
    carnet_span response;
    size_t *seen = context;

    if (carnet_encrypted_documents_open(changed, 0, &view, NULL) != CARNET_OK ||
        carnet_encrypted_documents_decrypt(&view, &w.j.crypto, &recipient, transcript, &out, &response, NULL) !=
            CARNET_OK) {
        (*seen)++;
        assert_int_equal(out.len, 0);
        return;
    }
    assert_int_not_equal(view.doc_request_id, 0); /* the one member that is not protected */
}

static void
every_prefix_and_every_bit_is_refused_or_only_the_index_changes(void **state)
{
    const carnet_encrypted_documents view = only_one(make_answer());
    size_t prefixes = 0, bits = 0;

    (void)state;
    carnet_test_every_prefix(view.encoded, refuse, &prefixes);
    assert_int_equal(prefixes, view.encoded.len);
    carnet_test_every_bit(view.encoded, refuse, &bits);
    assert_in_range(view.encoded.len * 8 - bits, 4, 5); /* 0 to 23 is one octet */
}

/* Something else than a map of documents, encrypted as it should be. */
static void
what_is_no_map_within_is_refused(void **state)
{
    static const char *const plain[] = { "", "\xa0", "\x80", "\x60", "\xbf\xff", "\xb8\x20" };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(plain); i++) {
        const carnet_span text = carnet_str_bytes(carnet_str_of(plain[i]));
        uint8_t sealed[64], enc_room[CARNET_HASH_MAX + 80];
        carnet_buf enc = carnet_buf_of(enc_room, sizeof(enc_room)), out = carnet_buf_of(plain_room, sizeof(plain_room));
        carnet_encrypted_documents view = { 0 };
        carnet_span response;
        carnet_hpke hpke;

        assert_carnet_ok(carnet_hpke_sender(&hpke, &w.j.crypto, &carnet_hpke_mdoc, &recipient.public_key, transcript,
                                            NULL, &enc, NULL),
                         NULL);
        assert_carnet_ok(carnet_hpke_seal(&hpke, &w.j.crypto, (carnet_span){ NULL, 0 }, text, sealed, NULL), NULL);
        view.enc = carnet_buf_span(&enc);
        view.cipher_text = carnet_span_of(sealed, text.len + 16);
        assert_carnet_rc(
            carnet_encrypted_documents_decrypt(&view, &w.j.crypto, &recipient, transcript, &out, &response, NULL),
            CARNET_E_MDOC_STRUCTURE);
        carnet_hpke_done(&hpke);
    }
}

/* Documents of other formats travel as they are, and leave the verdict open. */
static void
documents_of_other_formats_are_passed_through_and_not_judged(void **state)
{
    const carnet_other_document others[] = { { carnet_str_of("dc+sd-jwt"), CARNET_TEST_BYTES("compressed") } };
    carnet_presentation presentation = { .session_transcript = w.session_transcript,
                                         .others = others,
                                         .other_count = 1 };
    carnet_cbor_builder b = carnet_cbor_build(answer_room, sizeof(answer_room));
    carnet_device_response view;
    carnet_other_document got;
    carnet_list_walk walk;
    carnet_span answer;

    (void)state;
    assert_carnet_ok(carnet_present(&presentation, &w.j.crypto, &b, NULL), NULL);
    assert_carnet_ok(carnet_cbor_built(&b, &answer, NULL), NULL);
    assert_carnet_ok(carnet_device_response_open(answer, 0, &view, NULL), NULL);
    assert_true(view.has_other_documents);
    carnet_list_begin(&walk, view.other_documents);
    assert_true(carnet_other_document_next(&walk, &got));
    assert_str_is(got.doc_format, "dc+sd-jwt");
    assert_span_equal(got.data, others[0].data);
    assert_false(carnet_other_document_next(&walk, &got));
    judge_response(&w.j, answer);
    assert_int_equal(judge_outcome(&w.j, CARNET_CHECK_RESPONSE_DOCUMENTS), CARNET_UNDETERMINED);
    assert_int_equal(judge_verdict(&w.j, false), CARNET_VERDICT_UNJUDGED);
    presentation.status = CARNET_STATUS_GENERAL_ERROR;
    b = carnet_cbor_build(answer_room, sizeof(answer_room));
    assert_carnet_rc(carnet_present(&presentation, &w.j.crypto, &b, NULL), CARNET_E_USAGE);
}

static const struct {
    carnet_span list;
    size_t good, bad;
} other_lists[] = {
    { { (const uint8_t *)"\x80", 1 }, 0, 0 },
    { { (const uint8_t *)"\x81\xa0", 2 }, 0, 1 },
    { { (const uint8_t *)"\x81\xa1\x69"
                         "docFormat"
                         "\x61"
                         "a",
        14 },
      0,
      1 },
    { { (const uint8_t *)"\x81\x00", 2 }, 0, 1 },
    { { (const uint8_t *)"\x82\xa2\x69"
                         "docFormat"
                         "\x61"
                         "a"
                         "\x64"
                         "data"
                         "\x41"
                         "b"
                         "\xf6",
        22 },
      1,
      1 },
};

static void
other_documents_that_are_none_come_without_a_format(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(other_lists); i++) {
        carnet_other_document got;
        carnet_list_walk walk;
        size_t good = 0, bad = 0;

        carnet_list_begin(&walk, other_lists[i].list);
        while (carnet_other_document_next(&walk, &got)) {
            good += got.doc_format.len != 0;
            bad += got.doc_format.len == 0 && got.data.ptr == NULL;
        }
        assert_int_equal(good, other_lists[i].good);
        assert_int_equal(bad, other_lists[i].bad);
    }
}

static void
what_a_request_says_is_read_as_it_was_written(void **state)
{
    const carnet_element_name sets[2][2] = { { { carnet_str_of(NS), carnet_str_of("age_over_21") } },
                                             { { carnet_str_of(NS), carnet_str_of("birth_date") },
                                               { carnet_str_of(NS), carnet_str_of("portrait") } } };
    const carnet_element_set both[] = { { sets[0], 1 }, { sets[1], 2 } };
    const carnet_alternative_draft alternatives[] = { { asked[1], both, 2 } };
    const carnet_span issuers[] = { CARNET_TEST_BYTES("identifier") };
    const bool unique = true;
    const uint64_t most = 70000;
    const carnet_doc_request_info_draft draft = { alternatives, 1, issuers, 1, &unique, &most, NULL };
    const size_t first[] = { 0 }, second[] = { 0, 1 };
    const carnet_document_set document_sets[] = { { first, 1 }, { second, 2 } };
    const carnet_purpose_hint_draft hints[] = { { carnet_str_of("org.iso.jtc1.sc17"), 3 } };
    const carnet_use_case_draft use_cases[] = { { true, document_sets, 2, hints, 1 },
                                                { false, document_sets, 1, NULL, 0 } };
    uint8_t room[512], other[256];
    carnet_cbor_builder b = carnet_cbor_build(other, sizeof(other));
    carnet_device_request request;
    carnet_doc_request doc;
    carnet_doc_request_info got;
    carnet_list_walk walk, inner;
    carnet_alternative alternative;
    carnet_element_name name;
    carnet_use_case use_case;
    carnet_span entry, built;
    int64_t purpose;
    size_t index = 0, member;

    (void)state;
    carnet_device_request_info_build(&b, use_cases, 2);
    assert_carnet_ok(carnet_cbor_built(&b, &built, NULL), NULL);
    make_request(build_info(&draft, room, sizeof(room)), built, &request);
    assert_str_is(request.version, "1.1");
    assert_true(carnet_doc_request_at(&request, 0, &doc));
    assert_true(carnet_doc_request_info_get(&doc, &got));
    assert_true(got.has_unique_doc_set_required && got.unique_doc_set_required);
    assert_int_equal(got.maximum_response_size, most);
    carnet_list_begin(&walk, got.issuer_identifiers);
    assert_true(carnet_bytes_next(&walk, &entry));
    assert_span_equal(entry, issuers[0]);
    carnet_list_begin(&walk, got.alternative_data_elements);
    assert_true(carnet_alternative_next(&walk, &alternative));
    assert_str_is(alternative.requested.identifier, "age_over_18");
    carnet_list_begin(&walk, alternative.sets);
    assert_true(carnet_list_next(&walk, &entry));
    assert_true(carnet_list_next(&walk, &entry));
    carnet_list_begin(&inner, entry);
    assert_true(carnet_element_reference_next(&inner, &name));
    assert_true(carnet_element_reference_next(&inner, &name));
    assert_str_is(name.identifier, "portrait");
    assert_true(carnet_use_case_next(&request, &index, &use_case));
    assert_true(use_case.mandatory);
    assert_true(carnet_purpose_hint(&use_case, "org.iso.jtc1.sc17", &purpose));
    assert_int_equal(purpose, 3);
    carnet_list_begin(&walk, use_case.document_sets);
    assert_true(carnet_list_next(&walk, &entry) && carnet_list_next(&walk, &entry));
    carnet_list_begin(&inner, entry);
    assert_true(carnet_document_set_next(&inner, &member) && carnet_document_set_next(&inner, &member));
    assert_int_equal(member, 1);
    assert_true(carnet_use_case_next(&request, &index, &use_case));
    assert_false(use_case.mandatory);
    assert_false(carnet_use_case_next(&request, &index, &use_case));
}

static void
nothing_empty_is_written(void **state)
{
    carnet_public_key elsewhere = { .curve = CARNET_CURVE_P384 };
    const carnet_doc_response_encryption_draft wrong = { .recipient = &elsewhere }, nobody = { 0 };
    const carnet_alternative_draft alternatives[] = { { asked[0], NULL, 0 } };
    const carnet_doc_request_info_draft drafts[] = { { 0 },
                                                     { .encryption = &wrong },
                                                     { .encryption = &nobody },
                                                     { .alternatives = alternatives, .alternative_count = 1 } };
    const carnet_document_set empty = { NULL, 0 };
    const carnet_use_case_draft cases[] = { { .mandatory = true }, { .sets = &empty, .count = 1 } };
    uint8_t room[256];

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(drafts); i++) {
        carnet_cbor_builder b = carnet_cbor_build(room, sizeof(room));

        carnet_doc_request_info_build(&b, &drafts[i]);
        assert_carnet_rc(b.rc, CARNET_E_USAGE);
    }
    for (size_t i = 0; i <= CARNET_COUNT(cases); i++) {
        carnet_cbor_builder b = carnet_cbor_build(room, sizeof(room));

        carnet_device_request_info_build(&b, &cases[i % CARNET_COUNT(cases)], i < CARNET_COUNT(cases) ? 1 : 0);
        assert_carnet_rc(b.rc, CARNET_E_USAGE);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_encrypted_is_judged_like_any_answer),
        cmocka_unit_test(mdoc_authentication_holds_for_the_transcript_within_only),
        cmocka_unit_test(another_key_or_transcript_does_not_open_it),
        cmocka_unit_test(every_prefix_and_every_bit_is_refused_or_only_the_index_changes),
        cmocka_unit_test(what_is_no_map_within_is_refused),
        cmocka_unit_test(documents_of_other_formats_are_passed_through_and_not_judged),
        cmocka_unit_test(other_documents_that_are_none_come_without_a_format),
        cmocka_unit_test(what_a_request_says_is_read_as_it_was_written),
        cmocka_unit_test(nothing_empty_is_written),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
