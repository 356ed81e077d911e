/* SPDX-License-Identifier: Apache-2.0 */
/* The presentation's state machine. */
#include "internal.h"

carnet_rc
carnet_holder_engage(carnet_holder *holder, carnet_crypto *crypto, carnet_curve curve,
                     const carnet_engagement_parameters *parameters, carnet_buf *storage, carnet_err *err)
{
    carnet_engagement_parameters complete = *parameters;
    carnet_cbor_builder b;
    carnet_rc rc;

    *holder = (carnet_holder){ .crypto = crypto, .storage = storage };
    if (storage->ptr == NULL) {
        return carnet_fail(err, CARNET_E_USAGE, NULL, "a presentation needs storage");
    }
    rc = carnet_software_key_generate(crypto, curve, CARNET_KEY_AGREE, &holder->key, err);
    if (rc != CARNET_OK) {
        return rc;
    }
    complete.key = &holder->key.public_key;
    b = carnet_cbor_build(storage->ptr + storage->len, storage->cap - storage->len);
    carnet_engagement_build(&b, &complete);
    rc = carnet_cbor_built(&b, &holder->device_engagement, err);
    if (rc == CARNET_OK) {
        storage->len += holder->device_engagement.len;
    } else {
        carnet_holder_done(holder);
    }
    return rc;
}

static carnet_rc
store_transcript(carnet_holder *holder, carnet_span reader_key_bytes, const carnet_session_transcript_parameters *how,
                 carnet_err *err)
{
    carnet_session_transcript_parameters parameters = { .handover = CARNET_HANDOVER_QR };
    carnet_buf *storage = holder->storage;
    carnet_cbor_builder b = carnet_cbor_build(storage->ptr + storage->len, storage->cap - storage->len);
    carnet_rc rc;

    if (how != NULL) {
        parameters = *how;
    }
    parameters.device_engagement = holder->device_engagement;
    parameters.reader_key_bytes = reader_key_bytes;
    rc = carnet_session_transcript_build(&b, holder->crypto, &parameters, err);
    if (rc == CARNET_OK) {
        rc = carnet_cbor_built(&b, &holder->session_transcript, err);
    }
    storage->len += holder->session_transcript.len;
    return rc;
}

void
carnet_holder_finish(carnet_holder *holder)
{
    carnet_session_done(&holder->session);
    carnet_key_done(&holder->key);
    holder->over = true;
}

carnet_rc
carnet_holder_derive(carnet_holder *holder, const carnet_cose_key *key, carnet_span reader_key_bytes,
                     const carnet_session_transcript_parameters *how, carnet_err *err)
{
    carnet_cose_key checked = *key;
    carnet_rc rc = CARNET_OK;

    if (key->key.curve != holder->key.public_key.curve) {
        rc = carnet_fail(err, CARNET_E_SESSION_KEY, "18013-5 12.2", "the reader's key is on another curve");
    } else if (carnet_cose_key_check(&checked, holder->crypto, err) != CARNET_OK) {
        rc = carnet_fail(err, CARNET_E_SESSION_KEY, "18013-5 12.2", "the reader's key is no point of its curve");
    }
    if (rc == CARNET_OK) {
        rc = store_transcript(holder, reader_key_bytes, how, err);
    }
    if (rc == CARNET_OK) {
        holder->reader_key = checked.key;
        rc = carnet_session_init(&holder->session, CARNET_SESSION_MDOC, holder->crypto, &holder->key,
                                 &holder->reader_key, holder->session_transcript, err);
    }
    holder->established = rc == CARNET_OK;
    return rc;
}

/** A first message: SessionEstablishment, or a reader's farewell. */
static carnet_rc
take_first(carnet_holder *holder, carnet_span message, const carnet_session_transcript_parameters *how,
           carnet_session_data *data, carnet_err *err)
{
    carnet_session_establishment view;
    carnet_rc rc = carnet_session_establishment_open(message, &view, err);

    *data = (carnet_session_data){ 0 };
    if (rc == CARNET_E_CBOR_KEY_MISSING && carnet_session_data_open(message, data, NULL) == CARNET_OK) {
        return data->has_data ? carnet_fail(err, CARNET_E_SESSION_STATE, "18013-5 12.2",
                                            "SessionData came before SessionEstablishment")
                              : CARNET_OK;
    }
    if (rc == CARNET_OK) {
        holder->odd = view.odd;
        rc = carnet_holder_derive(holder, &view.reader_key, view.reader_key_bytes.encoded, how, err);
    }
    data->data = view.data;
    data->has_data = true;
    return rc;
}

static carnet_rc
take_next(carnet_span message, carnet_session_data *data, carnet_err *err)
{
    carnet_rc rc = carnet_session_data_open(message, data, err);

    if (rc == CARNET_OK && data->has_data &&
        (data->status == CARNET_SESSION_ENCRYPTION_ERROR || data->status == CARNET_SESSION_DECODING_ERROR)) {
        rc = carnet_fail(err, CARNET_E_SESSION_STRUCTURE, "18013-5 12.2", "data does not go with this status");
    }
    return rc;
}

carnet_rc
carnet_holder_receive(carnet_holder *holder, uint8_t *message, size_t len,
                      const carnet_session_transcript_parameters *how, carnet_span *request, uint64_t *status,
                      carnet_err *err)
{
    carnet_session_data data;
    carnet_rc rc;

    *request = (carnet_span){ 0 };
    *status = 0;
    if (holder->over) {
        return carnet_fail(err, CARNET_E_SESSION_STATE, "18013-5 12.2", "the session is over");
    }
    if (holder->established) {
        rc = take_next(carnet_span_of(message, len), &data, err);
    } else {
        rc = take_first(holder, carnet_span_of(message, len), how, &data, err);
    }
    *status = data.has_status ? data.status : 0;
    if (rc == CARNET_OK && data.has_data) {
        rc = carnet_session_unseal(&holder->session, holder->crypto, data.data, message + (data.data.ptr - message),
                                   data.data.len, request, err);
    }
    if (rc != CARNET_OK || data.has_status) {
        carnet_holder_finish(holder);
    }
    return rc;
}

carnet_session_status
carnet_holder_failure_status(carnet_rc rc)
{
    return carnet_session_failure_status(rc);
}

carnet_rc
carnet_holder_send(carnet_holder *holder, const carnet_device_request *request, const carnet_holdings *holdings,
                   carnet_session_status status, carnet_buf *scratch, carnet_cbor_builder *message, carnet_err *err)
{
    carnet_response_draft draft = { .ages = holder->ages };
    carnet_cbor_builder b;
    carnet_buf items = *scratch, room;
    carnet_span response;
    carnet_rc rc;

    if (!holder->session.open) {
        return carnet_fail(err, CARNET_E_SESSION_STATE, "18013-5 12.2", "there is no session");
    }
    /* The items to disclose lie at the front of the scratch, with what is encrypted; the plain response behind them. */
    items.cap = carnet_request_encrypting(request) != 0 ? items.cap - (items.cap - items.len) / 3
                                                        : items.len + (items.cap - items.len) / 4;
    room = carnet_buf_of(scratch->ptr + items.cap, scratch->cap - items.cap);
    b = carnet_cbor_build(room.ptr, room.cap);
    draft.scratch = &items;
    rc = carnet_response_draft_build(&draft, holder->crypto, holder->session_transcript, &holder->reader_key, request,
                                     holdings, &b, err);
    if (rc == CARNET_OK) {
        rc = carnet_cbor_built(&b, &response, err);
    }
    if (rc == CARNET_OK) {
        rc = carnet_session_seal(&holder->session, holder->crypto, (carnet_span){ 0 }, response, status, message, err);
    }
    if (rc == CARNET_OK) {
        holder->ages = draft.ages;
    }
    if (!holder->session.open) {
        carnet_holder_finish(holder);
    }
    return rc;
}

carnet_rc
carnet_holder_answer(carnet_holder *holder, const carnet_device_request *request, const carnet_held_document *documents,
                     size_t count, const carnet_offer *offers, size_t offer_count, carnet_session_status status,
                     carnet_buf *scratch, carnet_cbor_builder *message, carnet_err *err)
{
    return carnet_holder_send(
        holder, request,
        &(carnet_holdings){ .documents = documents, .count = count, .offers = offers, .offer_count = offer_count },
        status, scratch, message, err);
}

void
carnet_holder_end(carnet_holder *holder, carnet_session_status status, carnet_cbor_builder *message)
{
    carnet_session_end(&holder->session, status, message);
    carnet_holder_finish(holder);
}

void
carnet_holder_done(carnet_holder *holder)
{
    carnet_holder_finish(holder);
    *holder = (carnet_holder){ .crypto = holder->crypto, .over = true };
}
