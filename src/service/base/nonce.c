/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stateless nonces: kind (1), key identifier (4), end (8), 65536ths of a second
 * of when it was made (2), randomness (14), and the first half of an HMAC-SHA-256
 * over that and the base URL.
 */
#include "internal.h"

#include <string.h>
#include <time.h>

#define END_AT    (1 + CARNET_SERVICE_KEY_ID)
#define PART_AT   (END_AT + 8)
#define RANDOM_AT (PART_AT + 2)
#define MAC_AT    (RANDOM_AT + 14)
#define OCTETS    (MAC_AT + 16)
_Static_assert(OCTETS * 4 / 3 == CARNET_SERVICE_NONCE, "the length in the header is the nonce's");

static carnet_rc
mac_of(carnet_service_worker *worker, const carnet_service_secret *secret, const uint8_t *nonce, uint8_t mac[32],
       carnet_err *err)
{
    carnet_span parts[2] = { { nonce, MAC_AT }, carnet_str_bytes(worker->context->base_url) };

    return carnet_hmac(worker->crypto, CARNET_SHA256, carnet_span_of(secret->nonces.bytes, secret->nonces.len), parts,
                       2, mac, err);
}

carnet_rc
carnet_service_nonce_make(carnet_service_worker *worker, carnet_service_nonce_kind kind, int64_t lifetime,
                          carnet_buf *out, carnet_err *err)
{
    const carnet_service_secret *secret = &worker->context->secrets[0];
    uint64_t end = (uint64_t)(carnet_service_now(worker) + lifetime);
    uint8_t nonce[OCTETS] = { (uint8_t)kind }, mac[32];
    struct timespec present = { 0 };
    uint64_t part;
    carnet_rc rc;

    (void)clock_gettime(CLOCK_REALTIME, &present);
    part = (uint64_t)present.tv_nsec * 65536 / 1000000000;
    nonce[PART_AT] = (uint8_t)(part >> 8);
    nonce[PART_AT + 1] = (uint8_t)part;
    memcpy(nonce + 1, secret->id, sizeof(secret->id));
    for (size_t i = 0; i < 8; i++)
        nonce[END_AT + i] = (uint8_t)(end >> (56 - 8 * i));
    if ((rc = carnet_random_fill(&worker->random, nonce + RANDOM_AT, MAC_AT - RANDOM_AT, err)) != CARNET_OK ||
        (rc = mac_of(worker, secret, nonce, mac, err)) != CARNET_OK)
        return rc;
    memcpy(nonce + MAC_AT, mac, OCTETS - MAC_AT);
    carnet_base64url_encode(carnet_span_of(nonce, sizeof(nonce)), out);
    return out->overflow ? carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL) : CARNET_OK;
}

static bool
is_ours(carnet_service_worker *worker, const uint8_t nonce[OCTETS])
{
    const carnet_service_context *context = worker->context;
    uint8_t mac[32];

    for (size_t i = 0; i < context->secret_count; i++)
        if (memcmp(context->secrets[i].id, nonce + 1, CARNET_SERVICE_KEY_ID) == 0)
            return mac_of(worker, &context->secrets[i], nonce, mac, NULL) == CARNET_OK &&
                   carnet_equal_secret(carnet_span_of(mac, OCTETS - MAC_AT),
                                       carnet_span_of(nonce + MAC_AT, OCTETS - MAC_AT));
    return false;
}

carnet_rc
carnet_service_nonce_check(carnet_service_worker *worker, carnet_service_nonce_kind kind, carnet_str text,
                           uint8_t hash[CARNET_SERVICE_HASH], int64_t *at, carnet_time *expiry, carnet_err *err)
{
    uint8_t nonce[OCTETS];
    carnet_buf buf = carnet_buf_of(nonce, sizeof(nonce));
    uint64_t end = 0;

    if (text.len != CARNET_SERVICE_NONCE || carnet_base64url_decode(text, &buf, NULL) != CARNET_OK ||
        nonce[0] != (uint8_t)kind || !is_ours(worker, nonce))
        return carnet_fail(err, CARNET_E_SERVICE_NONCE, NULL, "the nonce was not made here");
    for (size_t i = 0; i < 8; i++)
        end = end << 8 | nonce[END_AT + i];
    if (carnet_service_now(worker) > (carnet_time)end)
        return carnet_fail(err, CARNET_E_SERVICE_NONCE, NULL, "the nonce is over");
    if (expiry != NULL)
        *expiry = (carnet_time)end;
    if (at != NULL)
        *at = (int64_t)(end << 16 | (uint64_t)nonce[PART_AT] << 8 | nonce[PART_AT + 1]);
    return hash != NULL ? carnet_service_hash(worker, text, hash, err) : CARNET_OK;
}

carnet_rc
carnet_service_token_make(carnet_service_worker *worker, char text[CARNET_SERVICE_TOKEN + 1],
                          uint8_t hash[CARNET_SERVICE_HASH], carnet_err *err)
{
    carnet_buf out = carnet_buf_of(text, CARNET_SERVICE_TOKEN);
    uint8_t fresh[32];
    carnet_rc rc = carnet_random_fill(&worker->random, fresh, sizeof(fresh), err);

    memset(text, 0, CARNET_SERVICE_TOKEN + 1);
    if (rc != CARNET_OK)
        return rc;
    carnet_base64url_encode(carnet_span_of(fresh, sizeof(fresh)), &out);
    carnet_wipe(fresh, sizeof(fresh));
    return carnet_service_hash(worker, carnet_buf_str(&out), hash, err);
}

carnet_rc
carnet_service_hash(carnet_service_worker *worker, carnet_str text, uint8_t hash[CARNET_SERVICE_HASH], carnet_err *err)
{
    carnet_span part = carnet_str_bytes(text);

    return carnet_digest(worker->crypto, CARNET_SHA256, &part, 1, hash, err);
}

carnet_rc
carnet_service_keyed_hash(carnet_service_worker *worker, const char *purpose, carnet_str text,
                          uint8_t hash[CARNET_SERVICE_HASH], carnet_err *err)
{
    const carnet_service_secret *secret = &worker->context->secrets[0];
    carnet_span parts[3] = { carnet_span_of("carnet hash ", 12),
                             carnet_span_of(purpose, strlen(purpose) + 1), /* its zero parts it from the text */
                             carnet_str_bytes(text) };

    return carnet_hmac(worker->crypto, CARNET_SHA256, carnet_span_of(secret->nonces.bytes, secret->nonces.len), parts,
                       3, hash, err);
}
