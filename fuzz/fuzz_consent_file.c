/* SPDX-License-Identifier: Apache-2.0 */
/* A consent policy from JSON: the storage promised is enough, and a refused policy asks. */
#include "carnet/consent_file.h"
#include "fuzz.h"

#include <stddef.h>

static max_align_t room[CARNET_CONSENT_FILE_STORAGE(4096) / sizeof(max_align_t) + 1];

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const carnet_reader_identity nobody = { .trust = CARNET_READER_UNSIGNED };
    carnet_str name = carnet_str_of("portrait");
    carnet_json *json = NULL;
    carnet_consent_policy policy;
    carnet_consent_verdict verdict;
    carnet_buf storage;
    carnet_err err;
    carnet_rc rc;

    if (size > 4096 || carnet_json_parse((carnet_str){ (const char *)data, size }, &json, NULL) != CARNET_OK)
        return 0;
    storage = carnet_buf_of(room, CARNET_CONSENT_FILE_STORAGE(size));
    rc = carnet_consent_file_read(json, &storage, &policy, &err);
    carnet_json_free(&json);
    MUST(rc == CARNET_OK || rc == CARNET_E_ROLE_POLICY || rc == CARNET_E_LIMIT);
    MUST(rc == CARNET_OK || policy.count == 0);
    verdict = carnet_consent_judge(&policy, &nobody, carnet_str_of("org.iso.18013.5.1.mDL"),
                                   carnet_str_of("org.iso.18013.5.1"), name, false);
    MUST(policy.count != 0 || verdict == CARNET_CONSENT_ASK);
    for (size_t i = 0; i < policy.count; i++)
        MUST(policy.rules[i].reader_certificate.len == 0 || policy.rules[i].reader_certificate.len == 32);
    return 0;
}
