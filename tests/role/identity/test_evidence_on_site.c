/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence that a terminal brings. */
#include "study.h"

#include <string.h>

static carnet_bops_submit_evidence submitted;
static carnet_evidence_terminal terminal;

static void
submit(const carnet_public_key *reader)
{
    /* [null, null, null], as any terminal's transcript is opened by its form only */
    const carnet_span transcript = carnet_test_hex("83f6f6f6");
    const carnet_span response = study_present(transcript, reader);
    uint8_t room[512];
    carnet_buf payload = carnet_buf_of(room, sizeof(room));
    carnet_signature signature;
    carnet_span part;

    submitted = (carnet_bops_submit_evidence){ .session_id = carnet_str_of(SESSION),
                                               .terminal = carnet_str_of("ATM00001"),
                                               .terminal_session = carnet_str_of("nonce"),
                                               .device_response = study_encoded(response),
                                               .transcript = study_encoded(transcript) };
    assert_carnet_ok(carnet_bops_evidence_payload(submitted.terminal, submitted.terminal_session, response, transcript,
                                                  &study_now.w.crypto, &payload, &study_now.err),
                     &study_now.err);
    part = carnet_buf_span(&payload);
    assert_carnet_ok(carnet_key_sign(&study_now.w.reader_key, &study_now.w.crypto, CARNET_ES256, &part, 1, &signature,
                                     &study_now.err),
                     &study_now.err);
    submitted.reader_signature = study_encoded(carnet_span_of(signature.bytes, signature.len));
    terminal = (carnet_evidence_terminal){ carnet_str_of("ATM00001"), carnet_str_of("nonce"),
                                           study_now.w.reader_key.public_key };
}

static void
judge_on_site(void)
{
    study_prepare_room();
    assert_carnet_ok(carnet_evidence_verify_on_site(&study_now.session, &study_now.device, &study_now.trust, &terminal,
                                                    &submitted, &study_now.w.crypto, &study_now.room,
                                                    &study_now.evidence, &study_now.err),
                     &study_now.err);
}

static void
takes_what_a_known_terminal_was_shown_and_keeps_it_for_the_device(void **state)
{
    uint64_t kept;

    (void)state;
    submit(NULL);
    judge_on_site();
    assert_int_equal(study_outcome(CARNET_EVIDENCE_TERMINAL), CARNET_EVIDENCE_VERIFIED);
    assert_int_equal(study_outcome(CARNET_EVIDENCE_MDOC), CARNET_EVIDENCE_VERIFIED);
    study_assert_vector("Ce.Cf");
    kept = carnet_evidence_keep(&study_now.evidence);
    study_add_intrusion();
    study_judge();
    study_assert_vector("Cb");
    carnet_evidence_restore(kept, &study_now.evidence.facts);
    assert_int_equal(study_now.evidence.facts.key_rank, 2);
    assert_int_equal(study_now.evidence.facts.identity_proof, CARNET_IDENTITY_SUBSTANTIAL);
    study_assert_vector("Cb.Ce.Cf");
    carnet_evidence_restore(0, &study_now.evidence.facts);
    study_assert_vector("Cb.Ce.Cf");
}

static void
takes_nothing_from_another_terminal_session_or_key(void **state)
{
    char long_name[2000];

    (void)state;
    for (int i = 0; i < 7; i++) {
        (void)study_end(NULL);
        (void)study_begin(NULL);
        submit(NULL);
        if (i == 0)
            terminal.id = carnet_str_of("ATM00002");
        else if (i == 1)
            terminal.session = carnet_str_of("another");
        else if (i == 2)
            terminal.key = study_now.other.public_key;
        else if (i == 3)
            study_now.session.session_id = carnet_str_of("EBESExQVFhcYGRobHB0eHx");
        else if (i == 4)
            submitted.transcript = study_encoded(carnet_test_hex("83f6f640")); /* not what was signed */
        else if (i == 5)
            submitted.reader_signature = carnet_str_of("AAAA");
        else {
            memset(long_name, 'x', sizeof(long_name));
            terminal.session = submitted.terminal_session = (carnet_str){ long_name, sizeof(long_name) };
        }
        judge_on_site();
        assert_int_equal(study_outcome(CARNET_EVIDENCE_TERMINAL), CARNET_EVIDENCE_REMOVED);
        assert_int_equal(study_outcome(CARNET_EVIDENCE_MDOC), CARNET_EVIDENCE_ABSENT);
        assert_int_equal(carnet_evidence_keep(&study_now.evidence), 0);
        study_assert_vector("C0");
    }
}

static void
takes_no_mac_that_was_made_for_the_terminal(void **state)
{
    (void)state;
    submit(&study_now.other.public_key);
    judge_on_site();
    assert_int_equal(study_outcome(CARNET_EVIDENCE_TERMINAL), CARNET_EVIDENCE_VERIFIED);
    assert_int_equal(study_outcome(CARNET_EVIDENCE_MDOC), CARNET_EVIDENCE_REMOVED);
    study_assert_vector("C0");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(takes_what_a_known_terminal_was_shown_and_keeps_it_for_the_device),
        TEST(takes_nothing_from_another_terminal_session_or_key),
        TEST(takes_no_mac_that_was_made_for_the_terminal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
