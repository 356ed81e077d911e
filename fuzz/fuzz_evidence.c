/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/evidence.h"
#include "fuzz.h"

#include <string.h>

#define SESSION   "EBESExQVFhcYGRobHB0eHw"
#define CHALLENGE "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"

static carnet_crypto crypto;
static carnet_key key, document;

static void
begin(void)
{
    static const uint8_t one[32] = { 1 }, two[32] = { 2 };

    if (key.ops != NULL)
        return;
    MUST(carnet_crypto_init(&crypto, NULL) == CARNET_OK);
    MUST(carnet_software_key_from_scalar(&crypto, CARNET_CURVE_P256, carnet_span_of(one, 32), CARNET_KEY_SIGN, &key,
                                         NULL) == CARNET_OK);
    MUST(carnet_software_key_from_scalar(&crypto, CARNET_CURVE_P256, carnet_span_of(two, 32), CARNET_KEY_SIGN,
                                         &document, NULL) == CARNET_OK);
}

static void
check(const carnet_evidence *evidence)
{
    const carnet_evidence_facts *facts = &evidence->facts;
    bool fatal = false;

    /* Nobody here signs with these keys, so nothing is proven that needs one. */
    MUST(!facts->transaction_signature && !facts->mdoc_device_authentication && !facts->fido && !facts->otp);
    MUST(!facts->shared_secret && !facts->pin_in_secure_area && !facts->biometric_signed && !facts->key_attested);
    MUST(!facts->intent && !facts->challenge_of_study && carnet_evidence_keep(evidence) == 0);
    MUST(evidence->key == CARNET_EVIDENCE_NONE && evidence->credential == CARNET_EVIDENCE_NONE);
    for (size_t i = 0; i < CARNET_EVIDENCE_PIECES; i++) {
        fatal = fatal || evidence->findings[i].outcome == CARNET_EVIDENCE_FATAL;
        MUST(evidence->findings[i].outcome != CARNET_EVIDENCE_REMOVED || evidence->findings[i].rc != CARNET_OK);
        MUST(memchr(evidence->findings[i].reason, 0, sizeof(evidence->findings[i].reason)) != NULL);
    }
    MUST(fatal == evidence->fatal && fatal == (evidence->rc != CARNET_OK));
}

/* An AuthenticationResponse as it comes, of this session and device or not. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t room[CARNET_EVIDENCE_STORAGE];
    static carnet_report_entry entries[CARNET_EVIDENCE_REPORT];
    static const uint8_t secret[20] = "a secret that is one";
    const carnet_str origin = carnet_str_of("https://a");
    carnet_report report = { .entries = entries, .cap = CARNET_COUNT(entries) };
    carnet_evidence_room work = { carnet_buf_of(room, sizeof(room)), &report };
    carnet_enrolled_key keys[] = {
        { .authenticator = carnet_str_of("K"), .attested = true, .rank = 4, .user_auth = ~0U }
    };
    carnet_enrolled_document documents[] = { { .key = { .attested = true } } };
    carnet_enrolled_credential credentials[] = { { .id = carnet_span_of("c", 1) } };
    const carnet_enrolled_device device = { .active = true,
                                            .keys = keys,
                                            .key_count = 1,
                                            .documents = documents,
                                            .document_count = 1,
                                            .credentials = credentials,
                                            .credential_count = 1,
                                            .otp = { CARNET_SHA256, carnet_span_of(secret, 20), 8 } };
    const carnet_evidence_session session = { .provider = carnet_str_of("p"),
                                              .session_id = carnet_str_of(SESSION),
                                              .challenge = carnet_str_of(CHALLENGE),
                                              .counter = 42,
                                              .device_certificate = true,
                                              .now = INT64_C(1790000000),
                                              .terminal_placed = true };
    const carnet_evidence_trust trust = {
        .struct_size = sizeof(trust), .rp_id = carnet_str_of("a"), .origins = &origin, .origin_count = 1
    };
    carnet_bops_authentication_response response;
    carnet_evidence evidence;

    begin();
    keys[0].key = key.public_key;
    documents[0].key.key = document.public_key;
    credentials[0].key = key.public_key;
    if (carnet_bops_authentication_response_read((carnet_str){ (const char *)data, size }, &response, NULL) !=
        CARNET_OK)
        return 0;
    MUST(carnet_evidence_verify(&session, &device, &trust, &response, &crypto, &work, &evidence, NULL) == CARNET_OK);
    check(&evidence);
    carnet_bops_authentication_response_close(&response);
    return 0;
}
