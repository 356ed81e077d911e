/* SPDX-License-Identifier: Apache-2.0 */
/* JSON Web Keys of RSA (RFC 7518 6.3.1). */
#include "carnet/jwt.h"
#include "internal.h"

static carnet_rc
no_key(carnet_err *err, const char *why)
{
    return carnet_fail(err, CARNET_E_JOSE_KEY, "RFC 7518 6.3", why);
}

static bool
is_private(const carnet_json *json)
{
    static const char *const members[] = { "d", "p", "q", "dp", "dq", "qi", "oth", "k" };

    for (size_t i = 0; i < CARNET_COUNT(members); i++)
        if (carnet_json_get(json, members[i]) != NULL)
            return true;
    return false;
}

carnet_rc
carnet_jwk_read_rsa(const carnet_json *json, uint8_t room[CARNET_JWK_RSA_ROOM], carnet_rsa_key *key, carnet_err *err)
{
    carnet_buf storage = carnet_buf_of(room, CARNET_JWK_RSA_ROOM);
    carnet_rc rc;

    *key = (carnet_rsa_key){ 0 };
    if (!carnet_str_is(carnet_json_string(carnet_json_get(json, "kty")), "RSA"))
        return no_key(err, "it is no key of RSA");
    if (is_private(json))
        return no_key(err, "a private key stands where a public one belongs");
    if ((rc = carnet_jose_octets(json, "n", &storage, &key->modulus, err)) == CARNET_OK &&
        (rc = carnet_jose_octets(json, "e", &storage, &key->exponent, err)) == CARNET_OK)
        rc = carnet_rsa_key_check(key, err);
    if (rc != CARNET_OK)
        *key = (carnet_rsa_key){ 0 };
    if (rc == CARNET_E_NO_SPACE)
        return no_key(err, "its modulus has more than 8192 bits");
    return carnet_jwt_blame(rc, CARNET_E_JOSE_KEY, err);
}
