/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/key_attestation.h"
#include "token_world.h"

#define KEYS 4

/* A token as it is (first octet even), or claims that come signed (odd).  What opens has keys, each once; what is accepted is
 * valid now, with the nonce and at the level asked for. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t room[65536], token_room[131072];
    carnet_buf storage = carnet_buf_of(room, sizeof(room)), token = carnet_buf_of(token_room, sizeof(token_room));
    const carnet_attester_key attester = { .key = key.public_key };
    const carnet_attester_trust trust = { .struct_size = sizeof(trust), .keys = &attester, .key_count = 1 };
    const carnet_str level = carnet_str_of("iso_18045_moderate");
    const carnet_key_attestation_expectation expectation = { .struct_size = sizeof(expectation),
                                                             .trust = &trust,
                                                             .key_storage = { &level, 1, false },
                                                             .now = NOW,
                                                             .skew = 60,
                                                             .nonce = carnet_str_of("n") };
    carnet_public_key keys[KEYS];
    carnet_key_attestation view;
    carnet_err err = { 0 };
    carnet_str text;
    carnet_rc rc;

    token_world_begin();
    if (size == 0)
        return 0;
    text = (carnet_str){ (const char *)data + 1, size - 1 };
    if (data[0] & 1)
        text = token_world_sign(CARNET_KEY_ATTESTATION_TYPE, NULL, text, &token);
    rc = carnet_key_attestation_open(text, &crypto, &storage, keys, KEYS, &view, &err);
    if (rc != CARNET_OK) {
        MUST(err.rc == rc && (rc == CARNET_E_KEY_ATTESTATION || rc == CARNET_E_LIMIT) && view.jws.header == NULL);
        return 0;
    }
    MUST(view.key_count > 0 && view.key_count <= KEYS);
    for (size_t i = 0; i < view.key_count; i++)
        MUST(carnet_key_attestation_find(&view, &keys[i]) == i);
    rc = carnet_key_attestation_check(&view, &expectation, &crypto, &err);
    if (rc == CARNET_OK) {
        MUST(carnet_str_is(view.nonce, "n") && view.issued_at <= NOW + 60);
        MUST(view.expires == CARNET_TIME_ABSENT || view.expires > NOW - 60);
        MUST(carnet_json_count(view.key_storage) != 0);
    } else {
        MUST(rc >= CARNET_E_KEY_ATTESTATION_UNTRUSTED && rc <= CARNET_E_KEY_ATTESTATION_LEVEL);
    }
    carnet_key_attestation_close(&view);
    return 0;
}
