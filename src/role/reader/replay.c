/* SPDX-License-Identifier: Apache-2.0 */
/* A reading over again. */
#include "carnet/reader_replay.h"
#include "internal.h"

/** Whether the mdoc had this key from the ReaderEngagement. */
static bool
was_known(const carnet_key *key, const carnet_session_transcript_parameters *how)
{
    carnet_engagement shown;

    return how != NULL && how->reader_engagement.len != 0 &&
           (how->handover == CARNET_HANDOVER_WEBSITE || how->handover == CARNET_HANDOVER_ENGAGEMENT) &&
           carnet_reader_engagement_open(how->reader_engagement, &shown, NULL) == CARNET_OK && shown.has_key &&
           carnet_public_key_equal(&shown.key.key, &key->public_key);
}

carnet_rc
carnet_reader_replay_engage(carnet_reader *reader, carnet_crypto *crypto, carnet_key *key,
                            carnet_span device_engagement, const carnet_session_transcript_parameters *how,
                            carnet_buf *storage, carnet_err *err)
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
        reader->key = *key;
        rc = carnet_reader_derive(reader, &engagement, how, storage, err);
    }
    if (rc == CARNET_OK) {
        reader->session.key_known = was_known(key, how);
        *key = (carnet_key){ 0 };
    } else {
        *reader = (carnet_reader){ .crypto = crypto };
        storage->len = before;
    }
    return rc;
}

/** The encrypted part of a message of the reader's; SessionEstablishment comes first unless the key was known. */
static carnet_rc
open_sent(const carnet_reader *reader, carnet_span message, carnet_session_data *data, carnet_err *err)
{
    carnet_session_establishment first;
    carnet_rc rc;

    if (reader->established || reader->session.key_known) {
        return carnet_session_data_open(message, data, err);
    }
    /* A farewell may come before anything was asked. */
    if (carnet_session_data_open(message, data, NULL) == CARNET_OK && !data->has_data) {
        return CARNET_OK;
    }
    rc = carnet_session_establishment_open(message, &first, err);
    if (rc == CARNET_OK) {
        *data = (carnet_session_data){ .data = first.data, .has_data = true };
    }
    return rc;
}

carnet_rc
carnet_reader_replay_sent(carnet_reader *reader, uint8_t *message, size_t len, carnet_span *request, uint64_t *status,
                          carnet_err *err)
{
    carnet_session other = reader->session; /* the mdoc's end */
    carnet_session_data data;
    carnet_rc rc;

    *request = (carnet_span){ 0 };
    *status = 0;
    rc = open_sent(reader, carnet_span_of(message, len), &data, err);
    other.role = CARNET_SESSION_MDOC;
    other.received = reader->session.sent;
    if (rc == CARNET_OK && data.has_data) {
        rc = carnet_session_unseal(&other, reader->crypto, data.data, message + (data.data.ptr - message),
                                   data.data.len, request, err);
        reader->session.sent = other.received;
        reader->established = rc == CARNET_OK;
    }
    *status = data.has_status ? data.status : 0;
    if (rc != CARNET_OK || data.has_status) {
        carnet_session_done(&reader->session);
    }
    carnet_session_done(&other);
    return rc;
}
