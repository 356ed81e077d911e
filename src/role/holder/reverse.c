/* SPDX-License-Identifier: Apache-2.0 */
/* A presentation to a reader that showed its engagement (18013-7 A.7). */
#include "carnet/device_engagement_message.h"
#include "carnet/holder_reverse.h"
#include "internal.h"

static carnet_session_transcript_parameters
handover(carnet_span reader_engagement)
{
    return (carnet_session_transcript_parameters){ .handover = CARNET_HANDOVER_WEBSITE,
                                                   .reader_engagement = reader_engagement };
}

/** A key on the reader's curve where that can be had, else on the holder's own. */
static carnet_rc
engage(carnet_holder *holder, carnet_crypto *crypto, const carnet_engagement *reader, carnet_curve own,
       const carnet_engagement_parameters *parameters, carnet_buf *storage, carnet_err *err)
{
    carnet_engagement_parameters complete = *parameters;
    carnet_rc rc = CARNET_E_CRYPTO_UNSUPPORTED;

    complete.origin_infos = true;
    if (reader->has_key) {
        rc = carnet_holder_engage(holder, crypto, reader->key.key.curve, &complete, storage, err);
    }
    if (rc == CARNET_E_CRYPTO_UNSUPPORTED) {
        rc = carnet_holder_engage(holder, crypto, own, &complete, storage, err);
    }
    return rc;
}

carnet_rc
carnet_holder_reverse_engage(carnet_holder *holder, carnet_crypto *crypto, carnet_span reader_engagement,
                             carnet_curve curve, const carnet_engagement_parameters *parameters, carnet_buf *storage,
                             carnet_cbor_builder *message, carnet_err *err)
{
    carnet_session_transcript_parameters how = handover(reader_engagement);
    size_t before = storage->len, begin = message->len;
    carnet_engagement reader;
    carnet_rc rc;

    *holder = (carnet_holder){ .crypto = crypto, .storage = storage };
    rc = carnet_reader_engagement_open(reader_engagement, &reader, err);
    if (rc == CARNET_OK) {
        rc = engage(holder, crypto, &reader, curve, parameters, storage, err);
    }
    if (rc == CARNET_OK && reader.has_key && reader.key.key.curve == holder->key.public_key.curve) {
        rc = carnet_holder_derive(holder, &reader.key, reader.key_bytes.encoded, &how, err);
    }
    if (rc == CARNET_OK) {
        carnet_device_engagement_message_build(message, holder->device_engagement);
        rc = message->rc != CARNET_OK ? carnet_fail(err, message->rc, NULL, "the message does not fit") : CARNET_OK;
    }
    if (rc != CARNET_OK) {
        carnet_holder_done(holder);
        storage->len = before;
        message->len = begin;
    }
    return rc;
}

carnet_rc
carnet_holder_reverse_receive(carnet_holder *holder, carnet_span reader_engagement, uint8_t *message, size_t len,
                              carnet_span *request, uint64_t *status, carnet_err *err)
{
    carnet_session_transcript_parameters how = handover(reader_engagement);
    carnet_session_establishment view;

    if (holder->session.open && holder->session.received == 0 &&
        carnet_session_establishment_open(carnet_span_of(message, len), &view, NULL) == CARNET_OK) {
        *request = (carnet_span){ 0 };
        *status = 0;
        carnet_holder_finish(holder);
        return carnet_fail(err, CARNET_E_SESSION_STATE, "18013-7 A.7", "the reader came with another key");
    }
    return carnet_holder_receive(holder, message, len, &how, request, status, err);
}
