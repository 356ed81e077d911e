/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/vector_carrier.h"
#include "internal.h"

#include <string.h>

#define CLAUSE "project profile"
#define BOUND                                                                                                          \
    (CARNET_CARRIER_REFERENCE | CARNET_CARRIER_SESSION | CARNET_CARRIER_VECTOR | CARNET_CARRIER_AUTH_TIME |            \
     CARNET_CARRIER_EXPIRY)

static bool
printable(carnet_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < ' ' || text.ptr[i] > '~')
            return false;
    return true;
}

static bool
digits(carnet_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
    return true;
}

static carnet_str
trimmed(carnet_str text)
{
    while (text.len > 0 && text.ptr[text.len - 1] == ' ')
        text.len--;
    return text;
}

static carnet_rc
check_bound(const carnet_vector_carrier *carrier, const carnet_carrier_binding *binding, carnet_err *err)
{
    if ((carrier->present & BOUND) != BOUND)
        return carnet_fail(err, CARNET_E_CARRIER, CLAUSE,
                           "the signature covers TX, SI, VT, AT and EX, and one of them is missing");
    if (binding->amount.len != 12 || !digits(binding->amount))
        return carnet_fail(err, CARNET_E_CARRIER, CLAUSE, "the amount to be bound is not of 12 digits");
    if (binding->currency.len != 3 || !printable(binding->currency))
        return carnet_fail(err, CARNET_E_CARRIER, CLAUSE, "the currency to be bound is not of 3 characters");
    if (trimmed(binding->terminal).len < 1 || binding->terminal.len > 16 || !printable(binding->terminal))
        return carnet_fail(err, CARNET_E_CARRIER, CLAUSE, "the terminal to be bound has no form");
    return carnet_carrier_check(carrier, err);
}

static void
line(carnet_buf *out, carnet_str text)
{
    carnet_buf_add_str(out, text);
    carnet_buf_add_byte(out, '\n');
}

static void
time_line(carnet_buf *out, uint32_t time)
{
    for (uint32_t limit = 1000000000; limit > 1 && time < limit; limit /= 10)
        carnet_buf_add_byte(out, '0');
    carnet_buf_add_uint(out, time);
    carnet_buf_add_byte(out, '\n');
}

carnet_rc
carnet_carrier_binding_text(const carnet_vector_carrier *carrier, const carnet_carrier_binding *binding,
                            carnet_buf *out, carnet_err *err)
{
    const size_t start = out->len;
    const carnet_rc rc = check_bound(carrier, binding, err);

    if (rc != CARNET_OK)
        return rc;
    line(out, carnet_str_of("P1940v1"));
    line(out, carrier->reference);
    carnet_base64url_encode(carnet_span_of(carrier->session, sizeof(carrier->session)), out);
    carnet_buf_add_byte(out, '\n');
    line(out, carrier->vector);
    time_line(out, carrier->auth_time);
    time_line(out, carrier->expiry);
    line(out, binding->amount);
    line(out, binding->currency);
    line(out, trimmed(binding->terminal));
    if (!out->overflow)
        return CARNET_OK;
    out->len = start;
    return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
}

carnet_rc
carnet_carrier_sign(carnet_vector_carrier *carrier, const carnet_carrier_binding *binding, carnet_str key_id,
                    carnet_key *key, carnet_crypto *crypto, carnet_err *err)
{
    const carnet_vector_carrier before = *carrier;
    uint8_t text[CARNET_CARRIER_BINDING_MAX];
    carnet_buf room = carnet_buf_of(text, sizeof(text));
    carnet_signature signature;
    carnet_span signed_text;
    carnet_rc rc;

    carrier->key_id = key_id;
    carrier->present |= CARNET_CARRIER_KEY_ID;
    rc = carnet_carrier_binding_text(carrier, binding, &room, err);
    signed_text = carnet_buf_span(&room);
    if (rc == CARNET_OK)
        rc = carnet_digest(crypto, CARNET_SHA256, &signed_text, 1, carrier->digest, err);
    if (rc == CARNET_OK)
        rc = carnet_key_sign(key, crypto, CARNET_ES256, &signed_text, 1, &signature, err);
    if (rc == CARNET_OK && signature.len != sizeof(carrier->signature))
        rc = carnet_fail(err, CARNET_E_USAGE, CLAUSE, "a vector is signed with a key on P-256");
    if (rc != CARNET_OK) {
        *carrier = before;
        return rc;
    }
    memcpy(carrier->signature, signature.bytes, sizeof(carrier->signature));
    carrier->present |= CARNET_CARRIER_DIGEST | CARNET_CARRIER_SIGNATURE;
    return CARNET_OK;
}

carnet_rc
carnet_carrier_verify(const carnet_vector_carrier *carrier, const carnet_carrier_binding *binding,
                      const carnet_public_key *key, carnet_crypto *crypto, carnet_err *err)
{
    uint8_t text[CARNET_CARRIER_BINDING_MAX], digest[32];
    carnet_buf room = carnet_buf_of(text, sizeof(text));
    carnet_span signed_text;
    carnet_rc rc;

    if ((carrier->present & CARNET_CARRIER_SIGNATURE) == 0)
        return carnet_fail(err, CARNET_E_CARRIER_UNSIGNED, CLAUSE, NULL);
    if ((rc = carnet_carrier_binding_text(carrier, binding, &room, err)) != CARNET_OK)
        return rc;
    signed_text = carnet_buf_span(&room);
    if ((carrier->present & CARNET_CARRIER_DIGEST) != 0) {
        if ((rc = carnet_digest(crypto, CARNET_SHA256, &signed_text, 1, digest, err)) != CARNET_OK)
            return rc;
        if (memcmp(digest, carrier->digest, sizeof(digest)) != 0)
            return carnet_fail(err, CARNET_E_CARRIER_DIGEST, CLAUSE, NULL);
    }
    return carnet_verify(crypto, key, CARNET_ES256, &signed_text, 1,
                         carnet_span_of(carrier->signature, sizeof(carrier->signature)), err);
}
