/* SPDX-License-Identifier: Apache-2.0 */
/* Who asks: each signature of a request judged apart (18013-5 12.5). */
#include "carnet/reader_identity.h"
#include "choice_world.h"

#include <string.h>

static choice_world c;
static carnet_reader_identities identities;
static carnet_report_entry entries[48];
static carnet_key stranger_key;
static carnet_span stranger_certificate;
static const char transcript_hex[] = "83f6f6f6";

/* A reader whose certificate nobody here issued: authority B is not trusted. */
static void
make_stranger(void)
{
    static uint8_t room[CARNET_CERTIFICATE_MAX];
    carnet_certificate_spec spec = { .struct_size = sizeof(spec),
                                     .profile = &carnet_profile_reader,
                                     .subject = { .country = carnet_str_of("UT"),
                                                  .common_name = carnet_str_of("Stranger") },
                                     .not_before = c.w.report.now - 10 * CARNET_TIME_DAY,
                                     .not_after = c.w.report.now + 90 * CARNET_TIME_DAY,
                                     .issuer_uri = carnet_str_of("https://b.example"),
                                     .crl_uri = carnet_str_of("https://b.example/crl") };
    carnet_buf out = carnet_buf_of(room, sizeof(room));
    carnet_certificate issuer;

    assert_carnet_ok(
        carnet_software_key_generate(&c.w.crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, &stranger_key, &c.w.err),
        &c.w.err);
    assert_carnet_ok(carnet_certificate_open(c.authority_b_certificate, &issuer, &c.w.err), &c.w.err);
    spec.public_key = stranger_key.public_key;
    assert_carnet_ok(carnet_certificate_build(&spec, &issuer, &c.authority_b, &c.w.crypto, &out, &c.w.err), &c.w.err);
    stranger_certificate = carnet_buf_span(&out);
}

/* Who signs which part: 'n' nobody, 't' the trusted reader, 's' the stranger; then those of readerAuthAll. */
static void
ask(const char *each, const char *all)
{
    static const carnet_requested_element wanted = { { MDL_NS, sizeof(MDL_NS) - 1 }, { "family_name", 11 }, false };
    static carnet_reader_signer signers[2];
    carnet_reader_signer all_signers[CARNET_READER_AUTH_ALL_MAX + 1];
    carnet_doc_request_draft documents[4];
    carnet_device_request_draft draft = { .documents = documents,
                                          .all_signers = all_signers,
                                          .session_transcript = carnet_test_hex(transcript_hex) };
    carnet_cbor_builder b = carnet_cbor_build(c.request_room, sizeof(c.request_room));

    signers[0] = c.w.reader_signer;
    signers[1] = (carnet_reader_signer){ &stranger_key, &stranger_certificate, 1 };
    for (; each[draft.count] != '\0'; draft.count++)
        documents[draft.count] =
            (carnet_doc_request_draft){ .doc_type = carnet_str_of(MDL),
                                        .elements = &wanted,
                                        .count = 1,
                                        .signer =
                                            each[draft.count] == 'n' ? NULL : &signers[each[draft.count] == 's'] };
    for (; all[draft.all_signer_count] != '\0'; draft.all_signer_count++)
        all_signers[draft.all_signer_count] = signers[all[draft.all_signer_count] == 's'];
    assert_carnet_ok(carnet_device_request_build(&draft, &c.w.crypto, &b, &c.w.err), &c.w.err);
    assert_carnet_ok(carnet_cbor_built(&b, &c.request, &c.w.err), &c.w.err);
    assert_carnet_ok(carnet_device_request_open(c.request, 0, &c.view, &c.w.err), &c.w.err);
}

static carnet_rc
identify_at(carnet_time now, const char *transcript)
{
    carnet_verification v = { .struct_size = sizeof(v),
                              .crypto = &c.w.crypto,
                              .anchors = &c.w.anchors,
                              .session_transcript = carnet_test_hex(transcript) };

    return carnet_reader_identify(&v, &c.view, now, 60, entries, CARNET_COUNT(entries), &identities, &c.w.err);
}

static void
identify(void)
{
    assert_carnet_ok(identify_at(c.w.report.now, transcript_hex), &c.w.err);
}

static carnet_reader_trust
trust_of(size_t doc_request)
{
    return carnet_reader_of(&identities, doc_request)->trust;
}

static const struct {
    const char *each, *all, *expected; /* expected: N none, T trusted, U unknown, of each DocRequest */
} signatures[] = {
    { "n", "", "N" },    { "t", "", "T" },     { "s", "", "U" },         { "nt", "", "NT" },
    { "nn", "t", "TT" }, { "sn", "t", "TT" },  { "nn", "s", "UU" },      { "ts", "", "TU" },
    { "tn", "s", "TU" }, { "nn", "st", "TT" }, { "n", "ssssssst", "T" },
};

static void
each_signature_counts_for_what_it_covers(void **state)
{
    static const char letters[] = { [CARNET_READER_UNSIGNED] = 'N',
                                    [CARNET_READER_BAD] = 'B',
                                    [CARNET_READER_UNKNOWN] = 'U',
                                    [CARNET_READER_REJECTED] = 'R',
                                    [CARNET_READER_TRUSTED] = 'T' };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(signatures); i++) {
        ask(signatures[i].each, signatures[i].all);
        identify();
        assert_int_equal(identities.count, strlen(signatures[i].each));
        assert_int_equal(identities.all_count, strlen(signatures[i].all));
        for (size_t k = 0; signatures[i].expected[k] != '\0'; k++)
            if (letters[trust_of(k)] != signatures[i].expected[k])
                fail_msg("%s %s: %c at %zu", signatures[i].each, signatures[i].all, letters[trust_of(k)], k);
    }
}

static void
the_reader_is_named_by_its_certificate(void **state)
{
    const carnet_reader_identity *reader;
    uint8_t digest[32];

    (void)state;
    ask("t", "s");
    identify();
    reader = carnet_reader_of(&identities, 0);
    assert_int_equal(reader->trust, CARNET_READER_TRUSTED);
    assert_true(carnet_str_is(reader->name, "Reader"));
    assert_span_equal(reader->certificate, c.w.reader_certificate);
    assert_carnet_ok(carnet_digest(&c.w.crypto, CARNET_SHA256, &c.w.reader_certificate, 1, digest, &c.w.err), &c.w.err);
    assert_memory_equal(reader->fingerprint, digest, sizeof(digest));
    assert_true(carnet_str_is(identities.all[0].name, "Stranger"));
    assert_int_equal(identities.all[0].check, CARNET_CHECK_PATH_FOUND);
    assert_int_not_equal(identities.all[0].detail[0], '\0');
}

static void
a_bad_signature_is_bad_whatever_others_say(void **state)
{
    (void)state;
    ask("tn", "t");
    assert_carnet_ok(identify_at(c.w.report.now, "83f6f600"), &c.w.err); /* signed for another session */
    assert_int_equal(identities.each[0].trust, CARNET_READER_BAD);
    assert_int_equal(identities.each[0].check, CARNET_CHECK_READER_AUTHENTICATION);
    assert_int_equal(identities.all[0].trust, CARNET_READER_BAD);
    assert_int_equal(trust_of(0), CARNET_READER_BAD);
    assert_int_equal(trust_of(1), CARNET_READER_BAD);
}

static void
a_changed_element_makes_its_signature_bad_and_no_other(void **state)
{
    carnet_doc_request doc;
    size_t last;

    (void)state;
    ask("tt", "");
    assert_true(carnet_doc_request_at(&c.view, 1, &doc));
    last = (size_t)(doc.items_request.encoded.ptr - c.request_room) + doc.items_request.encoded.len - 1;
    c.request_room[last] ^= 1; /* intentToRetain */
    assert_carnet_ok(carnet_device_request_open(c.request, 0, &c.view, &c.w.err), &c.w.err);
    identify();
    assert_int_equal(trust_of(0), CARNET_READER_TRUSTED);
    assert_int_equal(trust_of(1), CARNET_READER_BAD);
}

static void
no_change_of_a_signature_is_taken_for_none_or_trusted(void **state)
{
    carnet_doc_request doc;
    size_t at, len;

    (void)state;
    ask("t", "");
    assert_true(carnet_doc_request_at(&c.view, 0, &doc));
    at = (size_t)(doc.reader_auth.ptr - c.request_room);
    len = doc.reader_auth.len;
    for (size_t i = 0; i < len; i += i < 16 || len - i < 72 ? 1 : 29) {
        c.request_room[at + i] ^= 0x10;
        if (carnet_device_request_open(c.request, 0, &c.view, NULL) == CARNET_OK) {
            identify();
            assert_int_not_equal(trust_of(0), CARNET_READER_UNSIGNED);
            assert_int_not_equal(trust_of(0), CARNET_READER_TRUSTED);
        }
        c.request_room[at + i] ^= 0x10;
    }
}

static void
an_expired_certificate_is_rejected(void **state)
{
    (void)state;
    ask("t", "");
    assert_carnet_ok(identify_at(c.w.report.now + 300 * CARNET_TIME_DAY, transcript_hex), &c.w.err);
    assert_int_equal(trust_of(0), CARNET_READER_REJECTED);
    assert_true(carnet_str_is(carnet_reader_of(&identities, 0)->name, "Reader"));
}

static void
without_a_transcript_or_anchors_nobody_is_trusted(void **state)
{
    carnet_verification v = { .struct_size = sizeof(v), .crypto = &c.w.crypto, .anchors = &c.w.anchors };

    (void)state;
    ask("t", "");
    assert_carnet_ok(
        carnet_reader_identify(&v, &c.view, c.w.report.now, 60, entries, CARNET_COUNT(entries), &identities, &c.w.err),
        &c.w.err);
    assert_int_equal(trust_of(0), CARNET_READER_UNKNOWN);
    v.session_transcript = carnet_test_hex(transcript_hex);
    v.anchors = NULL;
    assert_carnet_ok(
        carnet_reader_identify(&v, &c.view, c.w.report.now, 60, entries, CARNET_COUNT(entries), &identities, &c.w.err),
        &c.w.err);
    assert_int_equal(trust_of(0), CARNET_READER_UNKNOWN);
}

static void
too_little_room_is_never_trust(void **state)
{
    carnet_verification v = { .struct_size = sizeof(v),
                              .crypto = &c.w.crypto,
                              .anchors = &c.w.anchors,
                              .session_transcript = carnet_test_hex(transcript_hex) };

    (void)state;
    ask("t", "");
    for (size_t cap = 0; cap < 12; cap++) {
        assert_carnet_ok(carnet_reader_identify(&v, &c.view, c.w.report.now, 60, entries, cap, &identities, &c.w.err),
                         &c.w.err);
        assert_int_equal(trust_of(0), CARNET_READER_UNKNOWN);
    }
}

static void
what_cannot_be_judged_is_refused(void **state)
{
    carnet_verification v = { .crypto = &c.w.crypto };

    (void)state;
    ask("t", "");
    assert_carnet_rc(carnet_reader_identify(&v, &c.view, 0, 0, entries, CARNET_COUNT(entries), &identities, &c.w.err),
                     CARNET_E_USAGE);
    assert_int_equal(identities.count, 0);
    ask("n", "sssssssss");
    assert_carnet_rc(identify_at(c.w.report.now, transcript_hex), CARNET_E_LIMIT);
    assert_int_equal(identities.all_count, 0);
    assert_int_equal(trust_of(0), CARNET_READER_UNSIGNED);
    assert_int_equal(trust_of(SIZE_MAX), CARNET_READER_UNSIGNED);
    assert_string_equal(carnet_reader_trust_text(CARNET_READER_BAD), "bad signature");
    assert_string_equal(carnet_reader_trust_text((carnet_reader_trust)9), "");
}

static int
begin(void **state)
{
    (void)state;
    choice_world_begin(&c);
    make_stranger();
    return 0;
}

static int
end(void **state)
{
    (void)state;
    carnet_key_done(&stranger_key);
    choice_world_done(&c);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_signature_counts_for_what_it_covers),
        cmocka_unit_test(the_reader_is_named_by_its_certificate),
        cmocka_unit_test(a_bad_signature_is_bad_whatever_others_say),
        cmocka_unit_test(a_changed_element_makes_its_signature_bad_and_no_other),
        cmocka_unit_test(no_change_of_a_signature_is_taken_for_none_or_trusted),
        cmocka_unit_test(an_expired_certificate_is_rejected),
        cmocka_unit_test(without_a_transcript_or_anchors_nobody_is_trusted),
        cmocka_unit_test(too_little_room_is_never_trust),
        cmocka_unit_test(what_cannot_be_judged_is_refused),
    };

    return cmocka_run_group_tests_name("role/holder reader identity", tests, begin, end);
}
