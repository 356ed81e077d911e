/* SPDX-License-Identifier: Apache-2.0 */
/* Over libargon2, the reference implementation. */
#include "carnet/argon2.h"

#include <argon2.h>

static bool
allowed(carnet_span passphrase, carnet_span salt, const carnet_argon2_cost *cost, size_t len)
{
    return len >= ARGON2_MIN_OUTLEN && len <= CARNET_SECRET_MAX && salt.len >= CARNET_ARGON2_SALT_MIN &&
           salt.len <= UINT32_MAX && passphrase.len <= UINT32_MAX && cost->passes >= ARGON2_MIN_TIME &&
           cost->lanes >= ARGON2_MIN_LANES && cost->lanes <= ARGON2_MAX_LANES && cost->memory_kib / 8 >= cost->lanes;
}

carnet_rc
carnet_argon2id(carnet_span passphrase, carnet_span salt, const carnet_argon2_cost *cost, size_t len,
                carnet_secret *out, carnet_err *err)
{
    argon2_context context = {
        .out = out->bytes,
        .outlen = (uint32_t)len,
        /* Read only: the flag that would have it cleared is not set. */
        .pwd = (uint8_t *)(uintptr_t)passphrase.ptr,
        .pwdlen = (uint32_t)passphrase.len,
        .salt = (uint8_t *)(uintptr_t)salt.ptr,
        .saltlen = (uint32_t)salt.len,
        .t_cost = cost->passes,
        .m_cost = cost->memory_kib,
        .lanes = cost->lanes,
        .threads = 1,
        .version = ARGON2_VERSION_13,
        .flags = ARGON2_DEFAULT_FLAGS,
    };
    int got;

    *out = (carnet_secret){ 0 };
    if (!allowed(passphrase, salt, cost, len))
        return carnet_fail(err, CARNET_E_USAGE, "RFC 9106 3.1", "Argon2 does not allow this length or cost");
    got = argon2id_ctx(&context);
    if (got != ARGON2_OK) {
        carnet_secret_done(out);
        return carnet_fail(err, CARNET_E_CRYPTO_BACKEND, "RFC 9106 3.1", argon2_error_message(got));
    }
    out->len = (uint8_t)len;
    return CARNET_OK;
}
