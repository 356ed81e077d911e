/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/argon2.h"
#include "internal.h"

#include <string.h>

#define SALT 16
#define KEY  32

/* 19 MiB, twice: a fifteenth of a second here, and too dear for lists of words. */
static const carnet_argon2_cost usual = { .memory_kib = 19456, .passes = 2, .lanes = 1 };

static void
add_cost(carnet_buf *out, const carnet_argon2_cost *cost)
{
    carnet_buf_add_text(out, "$argon2id$v=19$m=");
    carnet_buf_add_uint(out, cost->memory_kib);
    carnet_buf_add_text(out, ",t=");
    carnet_buf_add_uint(out, cost->passes);
    carnet_buf_add_text(out, ",p=");
    carnet_buf_add_uint(out, cost->lanes);
    carnet_buf_add_text(out, "$");
}

carnet_rc
carnet_desk_password_make(carnet_crypto *crypto, carnet_str password, carnet_buf *verifier, carnet_err *err)
{
    carnet_random random = carnet_crypto_random(crypto);
    uint8_t salt[SALT];
    carnet_secret key = { 0 };
    carnet_rc rc;

    if (password.len > CARNET_DESK_PASSWORD_MAX || password.len < CARNET_DESK_PASSWORD_MIN)
        return carnet_fail(err, CARNET_E_DESK_PASSWORD, NULL, "a password has 10 to 256 characters");
    if ((rc = carnet_random_fill(&random, salt, sizeof(salt), err)) == CARNET_OK)
        rc = carnet_argon2id(carnet_str_bytes(password), carnet_span_of(salt, sizeof(salt)), &usual, KEY, &key, err);
    if (rc == CARNET_OK) {
        add_cost(verifier, &usual);
        carnet_base64url_encode(carnet_span_of(salt, sizeof(salt)), verifier);
        carnet_buf_add_text(verifier, "$");
        carnet_base64url_encode(carnet_span_of(key.bytes, key.len), verifier);
        if (verifier->overflow)
            rc = carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    }
    carnet_secret_done(&key);
    return rc;
}

/* Take a number after a prefix. */
static bool
take_number(carnet_str *text, const char *prefix, uint32_t max, uint32_t *number)
{
    size_t skip = strlen(prefix), i;
    uint64_t value = 0;

    if (!carnet_str_starts(*text, prefix))
        return false;
    for (i = skip; i < text->len && i < skip + 9 && text->ptr[i] >= '0' && text->ptr[i] <= '9'; i++)
        value = value * 10 + (unsigned)(text->ptr[i] - '0');
    text->ptr += i;
    text->len -= i;
    *number = (uint32_t)value;
    return i > skip && value > 0 && value <= max;
}

/* Take base64url up to a `$` or the end. */
static bool
take_octets(carnet_str *text, carnet_buf *out)
{
    const char *end;
    size_t len;

    if (text->len == 0 || text->ptr[0] != '$')
        return false;
    text->ptr++;
    text->len--;
    end = text->len > 0 ? memchr(text->ptr, '$', text->len) : NULL;
    len = end != NULL ? (size_t)(end - text->ptr) : text->len;
    if (carnet_base64url_decode((carnet_str){ text->ptr, len }, out, NULL) != CARNET_OK)
        return false;
    text->ptr += len;
    text->len -= len;
    return out->len > 0;
}

static bool
read_verifier(carnet_str text, carnet_argon2_cost *cost, carnet_buf *salt, carnet_buf *key)
{
    return take_number(&text, "$argon2id$v=19$m=", 1024 * 1024, &cost->memory_kib) &&
           take_number(&text, ",t=", 64, &cost->passes) && take_number(&text, ",p=", 16, &cost->lanes) &&
           take_octets(&text, salt) && take_octets(&text, key) && text.len == 0 && key->len == KEY;
}

carnet_rc
carnet_desk_password_check(carnet_str verifier, carnet_str password, bool *right, carnet_err *err)
{
    uint8_t salt_room[64] = { 0 }, key_room[KEY] = { 0 };
    carnet_buf salt = carnet_buf_of(salt_room, sizeof(salt_room)), key = carnet_buf_of(key_room, sizeof(key_room));
    carnet_argon2_cost cost = usual;
    carnet_secret made = { 0 };
    bool readable = verifier.len > 0 && read_verifier(verifier, &cost, &salt, &key);
    carnet_rc rc;

    *right = false;
    /* Whether there is such an officer must not be told by the time this takes. */
    if (!readable) {
        cost = usual;
        salt.len = SALT;
    }
    if (password.len > CARNET_DESK_PASSWORD_MAX)
        password.len = CARNET_DESK_PASSWORD_MAX;
    rc = carnet_argon2id(carnet_str_bytes(password), carnet_buf_span(&salt), &cost, KEY, &made, err);
    if (rc == CARNET_OK)
        *right = readable && carnet_equal_secret(carnet_span_of(made.bytes, made.len), carnet_buf_span(&key));
    carnet_secret_done(&made);
    return rc;
}
