/* SPDX-License-Identifier: Apache-2.0 */
/* The reading's state machine. */
#include "carnet/reader_keys.h"
#include "internal.h"

carnet_rc
carnet_reader_store_key(carnet_reader *reader, carnet_buf *storage, carnet_err *err)
{
    carnet_cbor_builder b = carnet_cbor_build(storage->ptr + storage->len, storage->cap - storage->len);
    carnet_rc rc;

    carnet_cbor_add_tag(&b, 24);
    carnet_cbor_add_bstr_head(&b, carnet_cose_key_size(&reader->key.public_key));
    carnet_cose_key_build(&b, &reader->key.public_key);
    rc = carnet_cbor_built(&b, &reader->reader_key_bytes, err);
    storage->len += reader->reader_key_bytes.len;
    return rc;
}

static carnet_rc
store_transcript(carnet_reader *reader, carnet_span device_engagement, const carnet_session_transcript_parameters *how,
                 carnet_buf *storage, carnet_err *err)
{
    carnet_session_transcript_parameters parameters = { .handover = CARNET_HANDOVER_QR };
    carnet_cbor_builder b = carnet_cbor_build(storage->ptr + storage->len, storage->cap - storage->len);
    carnet_rc rc;

    if (how != NULL) {
        parameters = *how;
    }
    parameters.device_engagement = device_engagement;
    parameters.reader_key_bytes = reader->reader_key_bytes;
    rc = carnet_session_transcript_build(&b, reader->crypto, &parameters, err);
    if (rc == CARNET_OK) {
        rc = carnet_cbor_built(&b, &reader->session_transcript, err);
    }
    storage->len += reader->session_transcript.len;
    return rc;
}

/** The keys and the transcript, with the key that `reader` has. */
carnet_rc
carnet_reader_derive(carnet_reader *reader, const carnet_engagement *engagement,
                     const carnet_session_transcript_parameters *how, carnet_buf *storage, carnet_err *err)
{
    carnet_rc rc = carnet_reader_store_key(reader, storage, err);

    if (rc == CARNET_OK) {
        rc = store_transcript(reader, engagement->encoded, how, storage, err);
    }
    if (rc == CARNET_OK) {
        rc = carnet_session_init(&reader->session, CARNET_SESSION_READER, reader->crypto, &reader->key,
                                 &engagement->key.key, reader->session_transcript, err);
    }
    return rc;
}

carnet_rc
carnet_reader_open_engagement(const carnet_reader *reader, carnet_span device_engagement, carnet_engagement *engagement,
                              carnet_err *err)
{
    carnet_rc rc = carnet_device_engagement_open(device_engagement, engagement, err);

    if (rc == CARNET_OK && !engagement->has_key) {
        rc = carnet_fail(err, CARNET_E_COSE_KEY, "18013-5 9.1", "the engagement's key is no COSE_Key");
    }
    return rc == CARNET_OK ? carnet_cose_key_check(&engagement->key, reader->crypto, err) : rc;
}

carnet_rc
carnet_reader_engage(carnet_reader *reader, carnet_crypto *crypto, carnet_span device_engagement,
                     const carnet_session_transcript_parameters *how, carnet_buf *storage, carnet_err *err)
{
    carnet_engagement engagement;
    size_t before = storage->len;
    carnet_rc rc;

    *reader = (carnet_reader){ .crypto = crypto };
    if (storage->ptr == NULL) {
        return carnet_fail(err, CARNET_E_USAGE, NULL, "a reading needs storage");
    }
    rc = carnet_reader_open_engagement(reader, device_engagement, &engagement, err);
    if (rc == CARNET_OK) {
        rc = carnet_software_key_generate(crypto, engagement.key.key.curve, CARNET_KEY_AGREE, &reader->key, err);
    }
    if (rc == CARNET_OK) {
        rc = carnet_reader_derive(reader, &engagement, how, storage, err);
    }
    if (rc != CARNET_OK) {
        carnet_reader_done(reader);
        storage->len = before;
    }
    return rc;
}

carnet_rc
carnet_reader_request(carnet_reader *reader, const carnet_device_request_draft *draft, carnet_buf *scratch,
                      carnet_cbor_builder *message, carnet_err *err)
{
    carnet_device_request_draft complete = *draft;
    carnet_cbor_builder b = carnet_cbor_build(scratch->ptr + scratch->len, scratch->cap - scratch->len);
    carnet_span request;
    carnet_rc rc;

    if (!reader->session.open) {
        return carnet_fail(err, CARNET_E_SESSION_STATE, "18013-5 12.2", "the session is over");
    }
    complete.session_transcript = reader->session_transcript;
    rc = carnet_device_request_build(&complete, reader->crypto, &b, err);
    if (rc == CARNET_OK) {
        rc = carnet_cbor_built(&b, &request, err);
    }
    if (rc == CARNET_OK) {
        rc = carnet_session_seal(&reader->session, reader->crypto,
                                 reader->established || reader->session.key_known ? (carnet_span){ 0 }
                                                                                  : reader->reader_key_bytes,
                                 request, CARNET_SESSION_NO_STATUS, message, err);
    }
    if (rc == CARNET_OK) {
        scratch->len += request.len;
        reader->established = true;
    }
    return rc;
}

/** What cannot be an answer to a reader's message; the keys are wiped then. */
static carnet_rc
check_answer(const carnet_reader *reader, const carnet_session_data *data, carnet_err *err)
{
    if (data->has_data && !reader->established) {
        return carnet_fail(err, CARNET_E_SESSION_STATE, "18013-5 12.2", "an answer came before anything was asked");
    }
    if (data->has_data &&
        (data->status == CARNET_SESSION_ENCRYPTION_ERROR || data->status == CARNET_SESSION_DECODING_ERROR)) {
        return carnet_fail(err, CARNET_E_SESSION_STRUCTURE, "18013-5 12.2", "data does not go with this status");
    }
    return CARNET_OK;
}

carnet_rc
carnet_reader_receive(carnet_reader *reader, uint8_t *message, size_t len, carnet_span *response, uint64_t *status,
                      carnet_err *err)
{
    carnet_session_data data;
    carnet_rc rc;

    *response = (carnet_span){ 0 };
    *status = 0;
    rc = carnet_session_data_open(carnet_span_of(message, len), &data, err);
    if (rc == CARNET_OK) {
        *status = data.has_status ? data.status : 0;
        rc = check_answer(reader, &data, err);
    }
    if (rc == CARNET_OK && data.has_data) {
        rc = carnet_session_unseal(&reader->session, reader->crypto, data.data, message + (data.data.ptr - message),
                                   data.data.len, response, err);
    }
    if (rc != CARNET_OK || data.has_status) {
        carnet_session_done(&reader->session);
    }
    return rc;
}

carnet_rc
carnet_reader_judge_by(carnet_reader *reader, const carnet_verification *verification, const carnet_reader_judging *by,
                       carnet_span response, carnet_span request, carnet_report *report, carnet_err *err)
{
    carnet_verification complete = *verification;
    carnet_key *key = &reader->key;
    carnet_rc rc;

    complete.crypto = reader->crypto;
    complete.session_transcript = by->session_transcript.len != 0 ? by->session_transcript : reader->session_transcript;
    complete.reader_keys = by->keys != NULL ? by->keys : &key;
    complete.reader_key_count = by->keys != NULL ? by->key_count : 1;
    complete.encrypted_apart = by->encrypted_apart;
    rc = carnet_device_response_verify(&complete, response, report, err);
    if (rc == CARNET_OK) {
        carnet_reader_check_types(response, report);
        if (request.len != 0) {
            carnet_reader_check_answers(response, request, report);
        }
    }
    return rc;
}

carnet_rc
carnet_reader_judge(carnet_reader *reader, const carnet_verification *verification, carnet_span response,
                    carnet_span request, carnet_report *report, carnet_err *err)
{
    const carnet_reader_judging own = { .encrypted_apart = verification->encrypted_apart };

    return carnet_reader_judge_by(reader, verification, &own, response, request, report, err);
}

void
carnet_reader_end(carnet_reader *reader, carnet_session_status status, carnet_cbor_builder *message)
{
    carnet_session_end(&reader->session, status, message);
}

void
carnet_reader_done(carnet_reader *reader)
{
    carnet_session_done(&reader->session);
    carnet_key_done(&reader->key);
    *reader = (carnet_reader){ .crypto = reader->crypto };
}
