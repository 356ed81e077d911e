/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/identity_token.h"
#include "token_world.h"

/* A token after an even octet, claims that come signed after an odd one.  What is accepted is whom it was expected for, and is
 * good now. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t room[131072], token_room[131072];
    carnet_buf storage = carnet_buf_of(room, sizeof(room)), tokens = carnet_buf_of(token_room, sizeof(token_room));
    const carnet_identity_token_expected expected = {
        .issuer = carnet_str_of("https://idp.example"), .audience = carnet_str_of("bank-a"), .now = NOW, .skew = 60
    };
    carnet_identity_token token;
    carnet_err err = { 0 };
    carnet_str text;
    carnet_rc rc;

    token_world_begin();
    if (size == 0)
        return 0;
    text = (carnet_str){ (const char *)data + 1, size - 1 };
    if (data[0] & 1)
        text = token_world_sign(CARNET_IDENTITY_TOKEN_TYPE, NULL, text, &tokens);
    rc = carnet_identity_token_open(text, &expected, &key.public_key, &crypto, &storage, &token, &err);
    if (rc != CARNET_OK) {
        MUST(err.rc == rc && token.jws.header == NULL && token.subject.len == 0);
        return 0;
    }
    MUST(carnet_str_is(token.issuer, "https://idp.example") && carnet_str_is(token.audience, "bank-a"));
    MUST(token.subject.len != 0 && token.token_id.len != 0 && token.session_id.len != 0);
    MUST(token.aal >= 0 && token.aal <= 3 && token.amr_count <= CARNET_IDENTITY_TOKEN_METHODS);
    MUST(token.expires > NOW - 60 && token.issued_at <= NOW + 60);
    MUST(token.expires - token.issued_at <= CARNET_IDENTITY_TOKEN_LIFETIME);
    MUST(carnet_jws_verify(&token.jws, &crypto, &key.public_key, NULL) == CARNET_OK);
    carnet_identity_token_close(&token);
    return 0;
}
