/* SPDX-License-Identifier: Apache-2.0 */
/* An issuing authority for tests: root, document signer, device key, and a small document. */
#ifndef CARNET_TEST_ISSUING_H
#define CARNET_TEST_ISSUING_H
#include "carnet/certificate_builder.h"
#include "carnet/cose_sign1.h"
#include "carnet/issue.h"

#include "support/support.h"

#define ISSUING_SIGNED INT64_C(1790000000) /* within 2026 */
#define ISSUING_ROOM   65536

typedef struct issuing {
    carnet_crypto crypto;
    carnet_key root_key, signer_key, device_key;
    carnet_certificate root;
    uint8_t der[2 * CARNET_CERTIFICATE_MAX], room[ISSUING_ROOM];
    carnet_span chain[1];
    carnet_issue_signer signer;
    carnet_issue issue;
    carnet_buf buf;
} issuing;

/* Everything ready to issue a document of five elements in two name spaces. */
void issuing_begin(issuing *with, carnet_curve signer, carnet_curve device);
void issuing_done(issuing *with);
/* Issue it, fail the test if that fails; the bytes are a copy that stays. */
carnet_span issuing_build(issuing *with);
/* Open what was issued, check the signer's signature and every digest; the MSO points into `encoded`. */
carnet_issuer_signed issuing_check(issuing *with, carnet_span encoded, carnet_mso *mso);

#endif
