/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The deployment's secrets: a text file, one key a line, the first of which
 * seals while all of them open.
 *
 *     # comment
 *     carnet-secret 1 0a1b2c3d BASE64URL-OF-32-OCTETS
 */
#include "internal.h"

#include <string.h>

#define PREFIX "carnet-secret 1 "

static carnet_rc
derive_nonces(carnet_service_secret *s, carnet_crypto *crypto, carnet_err *err)
{
    static const char info[] = "carnet nonces";

    return carnet_hkdf(crypto, CARNET_SHA256, carnet_span_of(s->secret.bytes, s->secret.len), (carnet_span){ 0 },
                       carnet_span_of(info, sizeof(info) - 1), 32, &s->nonces, err);
}

static carnet_rc
read_line(carnet_str line, carnet_service_secret *s)
{
    size_t prefix = sizeof(PREFIX) - 1, id_end = prefix + 2 * sizeof(s->id);
    carnet_buf id = carnet_buf_of(s->id, sizeof(s->id)), secret = carnet_buf_of(s->secret.bytes, 32);

    if (!carnet_str_starts(line, PREFIX) || line.len != id_end + 1 + 43 || line.ptr[id_end] != ' ' ||
        carnet_hex_decode((carnet_str){ line.ptr + prefix, 2 * sizeof(s->id) }, &id, NULL) != CARNET_OK ||
        carnet_base64url_decode((carnet_str){ line.ptr + id_end + 1, 43 }, &secret, NULL) != CARNET_OK)
        return CARNET_E_SERVICE_SECRETS;
    s->secret.len = (uint8_t)secret.len;
    return CARNET_OK;
}

static carnet_str
take_line(carnet_str *text)
{
    const char *end = memchr(text->ptr, '\n', text->len);
    carnet_str line = { text->ptr, end != NULL ? (size_t)(end - text->ptr) : text->len };
    size_t step = line.len + (end != NULL ? 1 : 0);

    text->ptr += step;
    text->len -= step;
    if (line.len > 0 && line.ptr[line.len - 1] == '\r')
        line.len--;
    return line;
}

carnet_rc
carnet_service_secrets_read(carnet_str text, carnet_crypto *crypto, carnet_service_secret *secrets, size_t *count,
                            carnet_err *err)
{
    carnet_rc rc;

    *count = 0;
    while (text.len > 0) {
        carnet_str line = take_line(&text);

        if (line.len == 0 || line.ptr[0] == '#')
            continue;
        if (*count == CARNET_SERVICE_SECRETS)
            return carnet_fail(err, CARNET_E_SERVICE_SECRETS, NULL, "the file has too many keys");
        if (read_line(line, &secrets[*count]) != CARNET_OK)
            return carnet_fail(err, CARNET_E_SERVICE_SECRETS, NULL, "a line of the file is no key");
        for (size_t i = 0; i < *count; i++)
            if (memcmp(secrets[i].id, secrets[*count].id, sizeof(secrets[i].id)) == 0)
                return carnet_fail(err, CARNET_E_SERVICE_SECRETS, NULL, "two keys have one identifier");
        if ((rc = derive_nonces(&secrets[*count], crypto, err)) != CARNET_OK)
            return rc;
        (*count)++;
    }
    return *count > 0 ? CARNET_OK : carnet_fail(err, CARNET_E_SERVICE_SECRETS, NULL, "the file has no key");
}

carnet_rc
carnet_service_secrets_make(const carnet_random *random, carnet_buf *out, carnet_err *err)
{
    uint8_t fresh[CARNET_SERVICE_KEY_ID + 32];
    carnet_rc rc = carnet_random_fill(random, fresh, sizeof(fresh), err);

    if (rc == CARNET_OK) {
        carnet_buf_add_text(out, PREFIX);
        carnet_buf_add_hex(out, carnet_span_of(fresh, CARNET_SERVICE_KEY_ID));
        carnet_buf_add_text(out, " ");
        carnet_base64url_encode(carnet_span_of(fresh + CARNET_SERVICE_KEY_ID, 32), out);
        carnet_buf_add_text(out, "\n");
        rc = out->overflow ? carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL) : CARNET_OK;
    }
    carnet_wipe(fresh, sizeof(fresh));
    return rc;
}
