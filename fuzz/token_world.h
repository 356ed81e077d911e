/* SPDX-License-Identifier: Apache-2.0 */
/* What the targets of signed tokens share: a key, so that claims made by the fuzzer come signed as they must be. */
#ifndef CARNET_FUZZ_TOKEN_WORLD_H
#define CARNET_FUZZ_TOKEN_WORLD_H
#include "carnet/jws.h"
#include "fuzz.h"

#define NOW INT64_C(1795000000)

static carnet_crypto crypto;
static carnet_key key;

static inline void
token_world_begin(void)
{
    static const uint8_t scalar[32] = { [3] = 7, [31] = 1 };
    static bool ready;

    if (ready)
        return;
    MUST(carnet_crypto_init(&crypto, NULL) == CARNET_OK);
    MUST(carnet_software_key_from_scalar(&crypto, CARNET_CURVE_P256, carnet_span_of(scalar, 32), CARNET_KEY_SIGN, &key,
                                         NULL) == CARNET_OK);
    ready = true;
}

/** The text up to the next zero or the end, which *rest is moved behind. */
static inline carnet_str
token_world_part(carnet_str *rest)
{
    carnet_str part = *rest;
    size_t len = 0;

    while (len < rest->len && rest->ptr[len] != '\0')
        len++;
    part.len = len;
    len += len < rest->len;
    *rest = (carnet_str){ rest->ptr + len, rest->len - len };
    return part;
}

/** Claims as they are, in a token of this typ; empty when they are too long. */
static inline carnet_str
token_world_sign(const char *type, const carnet_public_key *jwk, carnet_str claims, carnet_buf *out)
{
    const carnet_jws_header header = { .type = type, .jwk = jwk };
    const size_t start = out->len;

    if (carnet_jws_sign(&header, carnet_str_bytes(claims), &key, &crypto, out, NULL) != CARNET_OK)
        return (carnet_str){ 0 };
    return (carnet_str){ (const char *)out->ptr + start, out->len - start };
}

#endif
