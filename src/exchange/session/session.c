/* SPDX-License-Identifier: Apache-2.0 */
/* Session keys and encryption (18013-5 12.2). */
#include "carnet/session.h"

#include <string.h>

#define CLAUSE "18013-5 12.2"

static carnet_rc
derive(carnet_crypto *crypto, const carnet_secret *shared, const uint8_t salt[32], const char *info, carnet_secret *out,
       carnet_err *err)
{
    return carnet_hkdf(crypto, CARNET_SHA256, carnet_span_of(shared->bytes, shared->len), carnet_span_of(salt, 32),
                       carnet_str_bytes(carnet_str_of(info)), 32, out, err);
}

carnet_rc
carnet_session_init(carnet_session *session, carnet_session_role role, carnet_crypto *crypto, carnet_key *own,
                    const carnet_public_key *peer, carnet_span transcript, carnet_err *err)
{
    carnet_secret shared = { 0 };
    uint8_t salt[32];
    carnet_rc rc;

    *session = (carnet_session){ .role = role };
    if (transcript.len == 0) {
        return carnet_fail(err, CARNET_E_USAGE, CLAUSE, "session keys are bound to a transcript");
    }
    if (own->public_key.curve != peer->curve) {
        return carnet_fail(err, CARNET_E_SESSION_KEY, CLAUSE, "the ephemeral keys are on different curves");
    }
    rc = carnet_key_agree(own, crypto, peer, &shared, err);
    if (rc == CARNET_E_CRYPTO_KEY) {
        rc = carnet_fail(err, CARNET_E_SESSION_KEY, CLAUSE, "the peer's ephemeral key is no point of its curve");
    }
    if (rc == CARNET_OK) {
        rc = carnet_session_transcript_salt(crypto, transcript, salt, err);
    }
    if (rc == CARNET_OK) {
        rc = derive(crypto, &shared, salt, "SKReader", &session->reader_key, err);
    }
    if (rc == CARNET_OK) {
        rc = derive(crypto, &shared, salt, "SKDevice", &session->device_key, err);
    }
    carnet_secret_done(&shared);
    if (rc != CARNET_OK) {
        carnet_session_done(session);
    }
    session->open = rc == CARNET_OK;
    return rc;
}

void
carnet_session_done(carnet_session *session)
{
    carnet_secret_done(&session->reader_key);
    carnet_secret_done(&session->device_key);
    session->open = false;
}

/** The IV: which side sends (8 octets), then its message counter from 1 (4 octets). */
static void
make_iv(carnet_session_role sender, uint32_t counter, uint8_t iv[12])
{
    memset(iv, 0, 12);
    iv[7] = sender == CARNET_SESSION_MDOC;
    iv[8] = (uint8_t)(counter >> 24);
    iv[9] = (uint8_t)(counter >> 16);
    iv[10] = (uint8_t)(counter >> 8);
    iv[11] = (uint8_t)counter;
}

static carnet_span
key_of(const carnet_session *session, carnet_session_role sender)
{
    const carnet_secret *key = sender == CARNET_SESSION_READER ? &session->reader_key : &session->device_key;

    return carnet_span_of(key->bytes, key->len);
}

static void
build_frame(carnet_cbor_builder *b, carnet_span reader_key_bytes, size_t data_len, carnet_session_status status)
{
    carnet_cbor_add_map(b, 1u + (reader_key_bytes.len != 0) + (status != CARNET_SESSION_NO_STATUS));
    if (reader_key_bytes.len != 0) {
        carnet_cbor_add_text(b, "eReaderKey");
        carnet_cbor_add_raw(b, reader_key_bytes);
    }
    carnet_cbor_add_text(b, "data");
    carnet_cbor_add_bstr_head(b, data_len);
}

static void
build_status(carnet_cbor_builder *b, carnet_session_status status)
{
    if (status != CARNET_SESSION_NO_STATUS) {
        carnet_cbor_add_text(b, "status");
        carnet_cbor_add_uint(b, (uint64_t)status);
    }
}

/** Why this message may not be sealed now; nothing has been touched if so. */
static carnet_rc
check_seal(const carnet_session *session, carnet_span reader_key_bytes, carnet_session_status status, carnet_err *err)
{
    bool first = session->role == CARNET_SESSION_READER && session->sent == 0 && !session->key_known;

    if (!session->open) {
        return carnet_fail(err, CARNET_E_SESSION_STATE, CLAUSE, "the session is over");
    }
    if (session->sent == UINT32_MAX) {
        return carnet_fail(err, CARNET_E_SESSION_COUNTER, CLAUSE, NULL);
    }
    if (first != (reader_key_bytes.len != 0)) {
        return carnet_fail(err, CARNET_E_USAGE, CLAUSE, "EReaderKey goes with a reader's first message and no other");
    }
    if (status == CARNET_SESSION_ENCRYPTION_ERROR || status == CARNET_SESSION_DECODING_ERROR ||
        (first && status != CARNET_SESSION_NO_STATUS)) {
        return carnet_fail(err, CARNET_E_USAGE, CLAUSE, "this status does not go with data");
    }
    return CARNET_OK;
}

/** Whether the whole message fits, so that nothing can fail once a counter value has been used. */
static carnet_rc
check_room(carnet_cbor_builder *b, carnet_span reader_key_bytes, size_t plain_len, carnet_session_status status,
           carnet_err *err)
{
    carnet_cbor_builder measure = carnet_cbor_measure();
    size_t sealed, whole;

    if (b->sink.write != NULL || b->ptr == NULL) {
        return carnet_fail(err, CARNET_E_USAGE, NULL, "a message is sealed into a buffer");
    }
    if (b->rc != CARNET_OK) {
        return carnet_fail(err, b->rc, NULL, "the builder failed before");
    }
    if (carnet_add_size(plain_len, CARNET_GCM_TAG, &sealed)) {
        build_frame(&measure, reader_key_bytes, sealed, status);
        build_status(&measure, status);
        if (measure.rc == CARNET_OK && carnet_add_size(measure.len, sealed, &whole) && whole <= b->cap - b->len) {
            return CARNET_OK;
        }
    }
    b->rc = CARNET_E_NO_SPACE;
    return carnet_fail(err, CARNET_E_NO_SPACE, NULL, "the sealed message does not fit");
}

carnet_rc
carnet_session_seal(carnet_session *session, carnet_crypto *crypto, carnet_span reader_key_bytes, carnet_span plain,
                    carnet_session_status status, carnet_cbor_builder *b, carnet_err *err)
{
    size_t begin = b->len, sealed = plain.len + CARNET_GCM_TAG;
    uint8_t iv[12];
    carnet_rc rc = check_seal(session, reader_key_bytes, status, err);

    if (rc == CARNET_OK) {
        rc = check_room(b, reader_key_bytes, plain.len, status, err);
    }
    if (rc != CARNET_OK) {
        return rc;
    }
    build_frame(b, reader_key_bytes, sealed, status);
    /* Counted before it is used: whatever happens now, no IV is ever used twice. */
    make_iv(session->role, ++session->sent, iv);
    rc = carnet_aead_seal(crypto, CARNET_AES_256_GCM, key_of(session, session->role), carnet_span_of(iv, sizeof iv),
                          (carnet_span){ 0 }, plain, b->ptr + b->len, err);
    if (rc == CARNET_OK) {
        b->len += sealed;
        build_status(b, status);
    } else {
        b->len = begin;
        b->rc = rc;
    }
    if (rc != CARNET_OK || status != CARNET_SESSION_NO_STATUS) {
        carnet_session_done(session);
    }
    return rc;
}

carnet_rc
carnet_session_unseal(carnet_session *session, carnet_crypto *crypto, carnet_span data, uint8_t *out, size_t cap,
                      carnet_span *plain, carnet_err *err)
{
    carnet_session_role sender = session->role == CARNET_SESSION_READER ? CARNET_SESSION_MDOC : CARNET_SESSION_READER;
    uint8_t iv[12];
    carnet_rc rc;

    *plain = (carnet_span){ 0 };
    if (!session->open) {
        return carnet_fail(err, CARNET_E_SESSION_STATE, CLAUSE, "the session is over");
    }
    if (data.len > CARNET_GCM_TAG && cap < data.len - CARNET_GCM_TAG) {
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, "the message does not fit");
    }
    if (session->received == UINT32_MAX) {
        rc = carnet_fail(err, CARNET_E_SESSION_COUNTER, CLAUSE, NULL);
    } else if (data.len < CARNET_GCM_TAG) {
        rc = carnet_fail(err, CARNET_E_SESSION_DECRYPT, CLAUSE, "the message is shorter than its tag");
    } else {
        make_iv(sender, ++session->received, iv);
        rc = carnet_aead_open(crypto, CARNET_AES_256_GCM, key_of(session, sender), carnet_span_of(iv, sizeof iv),
                              (carnet_span){ 0 }, data, out, err);
    }
    if (rc == CARNET_E_CRYPTO_TAG) {
        rc = carnet_fail(err, CARNET_E_SESSION_DECRYPT, CLAUSE, "the authentication tag does not verify");
    }
    if (rc == CARNET_OK) {
        *plain = carnet_span_of(out, data.len - CARNET_GCM_TAG);
    } else {
        carnet_session_done(session);
    }
    return rc;
}

void
carnet_session_end(carnet_session *session, carnet_session_status status, carnet_cbor_builder *b)
{
    carnet_cbor_add_map(b, 1);
    carnet_cbor_add_text(b, "status");
    carnet_cbor_add_uint(b, (uint64_t)status);
    carnet_session_done(session);
}

carnet_session_status
carnet_session_failure_status(carnet_rc rc)
{
    switch (rc) {
    case CARNET_E_SESSION_DECRYPT:
    case CARNET_E_SESSION_KEY:
    case CARNET_E_COSE_KEY:
    case CARNET_E_CRYPTO_KEY:
    case CARNET_E_CRYPTO_MISMATCH:
    case CARNET_E_CRYPTO_UNSUPPORTED:
        return CARNET_SESSION_ENCRYPTION_ERROR;
    case CARNET_E_SESSION_STRUCTURE:
        return CARNET_SESSION_DECODING_ERROR;
    default:
        return (unsigned)rc >> 8 == (unsigned)CARNET_E_CBOR_TRUNCATED >> 8 ? CARNET_SESSION_DECODING_ERROR
                                                                           : CARNET_SESSION_TERMINATION;
    }
}

const char *
carnet_session_status_text(uint64_t status)
{
    switch (status) {
    case CARNET_SESSION_ENCRYPTION_ERROR:
        return "session encryption error";
    case CARNET_SESSION_DECODING_ERROR:
        return "CBOR decoding error";
    case CARNET_SESSION_TERMINATION:
        return "session termination";
    default:
        return "unknown status";
    }
}
