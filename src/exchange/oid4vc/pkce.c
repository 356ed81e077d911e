/* SPDX-License-Identifier: Apache-2.0 */
/* Proof Key for Code Exchange (RFC 7636). */
#include "carnet/pkce.h"
#include "internal.h"

#define VERIFIER_MAX 128

static carnet_rc
challenge_of(carnet_str verifier, carnet_crypto *crypto, carnet_buf *out, carnet_err *err)
{
    const carnet_span part = carnet_str_bytes(verifier);
    uint8_t digest[32];
    carnet_rc rc = carnet_digest(crypto, CARNET_SHA256, &part, 1, digest, err);

    if (rc == CARNET_OK)
        carnet_base64url_encode(carnet_span_of(digest, sizeof(digest)), out);
    return rc;
}

carnet_rc
carnet_pkce_make(const carnet_random *random, carnet_crypto *crypto, carnet_pkce *pkce, carnet_err *err)
{
    const carnet_random backend = carnet_crypto_random(crypto);
    carnet_buf verifier = carnet_buf_of(pkce->verifier, CARNET_PKCE_LENGTH);
    carnet_buf challenge = carnet_buf_of(pkce->challenge, CARNET_PKCE_LENGTH);
    uint8_t fresh[32];
    carnet_rc rc;

    *pkce = (carnet_pkce){ 0 };
    rc = carnet_random_fill(random != NULL ? random : &backend, fresh, sizeof(fresh), err);
    if (rc == CARNET_OK) {
        carnet_base64url_encode(carnet_span_of(fresh, sizeof(fresh)), &verifier);
        rc = challenge_of(carnet_buf_str(&verifier), crypto, &challenge, err);
    }
    carnet_wipe(fresh, sizeof(fresh));
    if (rc != CARNET_OK)
        carnet_pkce_done(pkce);
    return rc;
}

void
carnet_pkce_done(carnet_pkce *pkce)
{
    carnet_wipe(pkce, sizeof(*pkce));
}

carnet_rc
carnet_pkce_check_challenge(carnet_str challenge, carnet_str method, carnet_err *err)
{
    uint8_t digest[32];
    carnet_buf room = carnet_buf_of(digest, sizeof(digest));

    if (challenge.len == 0)
        return carnet_fail(err, CARNET_E_OAUTH_PARAMETER_MISSING, "RFC 7636 4.4.1", "code_challenge is missing");
    if (method.len == 0)
        return carnet_fail(err, CARNET_E_OAUTH_PARAMETER_MISSING, "RFC 7636 4.3", "code_challenge_method is missing");
    if (!carnet_str_is(method, CARNET_PKCE_METHOD))
        return carnet_fail(err, CARNET_E_OAUTH_PARAMETER, "RFC 7636 4.4.1", "code_challenge_method is not S256");
    if (challenge.len != CARNET_PKCE_LENGTH || carnet_base64url_decode(challenge, &room, NULL) != CARNET_OK)
        return carnet_fail(err, CARNET_E_OAUTH_PARAMETER, "RFC 7636 4.2", "code_challenge is no SHA-256 in base64url");
    return CARNET_OK;
}

carnet_rc
carnet_pkce_check(carnet_str verifier, carnet_str challenge, carnet_crypto *crypto, carnet_err *err)
{
    char text[CARNET_PKCE_LENGTH];
    carnet_buf room = carnet_buf_of(text, sizeof(text));
    carnet_rc rc;

    if (verifier.len < CARNET_PKCE_LENGTH || verifier.len > VERIFIER_MAX)
        return carnet_fail(err, CARNET_E_OAUTH_GRANT, "RFC 7636 4.1", "code_verifier is missing or has no such length");
    for (size_t i = 0; i < verifier.len; i++) {
        if (!carnet_oauth_unreserved(verifier.ptr[i]))
            return carnet_fail(err, CARNET_E_OAUTH_GRANT, "RFC 7636 4.1", "code_verifier has other characters");
    }
    rc = challenge_of(verifier, crypto, &room, err);
    if (rc == CARNET_OK && !carnet_equal_secret(carnet_buf_span(&room), carnet_str_bytes(challenge)))
        rc = carnet_fail(err, CARNET_E_OAUTH_GRANT, "RFC 7636 4.6", "code_verifier is not the challenge's");
    return rc;
}
