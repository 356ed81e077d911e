/* SPDX-License-Identifier: Apache-2.0 */
/* A session, a device that was enrolled, and an answer of it, for the tests of evidence. */
#ifndef CARNET_TEST_IDENTITY_STUDY_H
#define CARNET_TEST_IDENTITY_STUDY_H
#include "carnet/evidence.h"

#include "../world.h"

#define NOW       INT64_C(1790000000)
#define PROVIDER  "https://idp.example"
#define SESSION   "EBESExQVFhcYGRobHB0eHw"
#define CHALLENGE "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
#define TEXT      "Withdraw 200.00 USD at ATM00001"

/* What a test changes before it is judged. */
typedef struct study {
    world w;
    carnet_key key, other; /* the device's, and another one */
    carnet_enrolled_key keys[2];
    carnet_enrolled_document documents[1];
    carnet_enrolled_device device;
    carnet_evidence_session session;
    carnet_evidence_trust trust;
    carnet_bops_authentication_response response;
    uint8_t texts[32768];
    carnet_buf text; /* what the response borrows */
    uint8_t storage[CARNET_EVIDENCE_STORAGE];
    carnet_report_entry entries[CARNET_EVIDENCE_REPORT];
    carnet_report report;
    carnet_evidence_room room;
    carnet_evidence evidence;
    carnet_err err;
} study;

extern study study_now;

int study_begin(void **state);
int study_end(void **state);
/* Base64url, kept as long as the study. */
carnet_str study_encoded(carnet_span bytes);
void study_add_intrusion(void);
/* Sign the response as it is. */
void study_add_signature(carnet_key *key, const char *text);
void study_add_fingerprint(void);
/* A DeviceResponse with age_over_18, for this transcript. */
carnet_span study_present(carnet_span transcript, const carnet_public_key *reader);
carnet_span study_transcript_for(const char *challenge);
void study_add_document(void);
void study_prepare_room(void);
void study_judge(void);
carnet_evidence_outcome study_outcome(carnet_evidence_piece piece);
void study_assert_vector(const char *right);
/* The session is over, and nothing is proven. */
void study_assert_fatal(carnet_evidence_piece piece, carnet_rc rc);

/* A test with a study of its own. */
#define TEST(name) cmocka_unit_test_setup_teardown(name, study_begin, study_end)

#endif
