/* SPDX-License-Identifier: Apache-2.0 */
/* A reading that begins with the reader's engagement (18013-7 A.7). */
#include "carnet/device_engagement_message.h"
#include "carnet/reader_reverse.h"
#include "internal.h"

carnet_rc
carnet_reader_reverse_show(carnet_reader *reader, carnet_crypto *crypto, carnet_curve curve,
                           const carnet_engagement_parameters *parameters, carnet_buf *storage,
                           carnet_span *reader_engagement, carnet_err *err)
{
    carnet_engagement_parameters complete = *parameters;
    size_t before = storage->len;
    carnet_cbor_builder b;
    carnet_rc rc = CARNET_OK;

    *reader = (carnet_reader){ .crypto = crypto };
    *reader_engagement = (carnet_span){ 0 };
    if (storage->ptr == NULL) {
        return carnet_fail(err, CARNET_E_USAGE, NULL, "a reading needs storage");
    }
    if (curve != CARNET_CURVE_NONE) {
        rc = carnet_software_key_generate(crypto, curve, CARNET_KEY_AGREE, &reader->key, err);
    }
    if (rc == CARNET_OK) {
        complete.reader = true;
        complete.key = curve != CARNET_CURVE_NONE ? &reader->key.public_key : NULL;
        b = carnet_cbor_build(storage->ptr + storage->len, storage->cap - storage->len);
        carnet_engagement_build(&b, &complete);
        rc = carnet_cbor_built(&b, reader_engagement, err);
        storage->len += reader_engagement->len;
    }
    if (rc != CARNET_OK) {
        carnet_reader_done(reader);
        storage->len = before;
    }
    return rc;
}

/** The DeviceEngagement of the message, copied to the storage and opened; its key is checked. */
static carnet_rc
take_engagement(carnet_reader *reader, carnet_span message, carnet_buf *storage, carnet_engagement *engagement,
                carnet_err *err)
{
    carnet_span received;
    carnet_rc rc = carnet_device_engagement_message_open(message, &received, err);

    if (rc == CARNET_OK && received.len > storage->cap - storage->len) {
        rc = carnet_fail(err, CARNET_E_NO_SPACE, NULL, "the mdoc's engagement does not fit");
    }
    if (rc == CARNET_OK) {
        carnet_span kept = { storage->ptr + storage->len, received.len };

        carnet_buf_add(storage, received);
        rc = carnet_reader_open_engagement(reader, kept, engagement, err);
    }
    return rc;
}

carnet_rc
carnet_reader_reverse_receive(carnet_reader *reader, carnet_span reader_engagement, carnet_span message,
                              carnet_buf *storage, carnet_span *device_engagement, carnet_err *err)
{
    carnet_session_transcript_parameters how = { .handover = CARNET_HANDOVER_WEBSITE,
                                                 .reader_engagement = reader_engagement };
    carnet_engagement engagement = { 0 };
    bool known = false;
    carnet_rc rc;

    if (device_engagement != NULL) {
        *device_engagement = (carnet_span){ 0 };
    }
    if (reader->session_transcript.len != 0) {
        return carnet_fail(err, CARNET_E_SESSION_STATE, "18013-7 A.7", "the mdoc's engagement came before");
    }
    rc = take_engagement(reader, message, storage, &engagement, err);
    if (rc == CARNET_OK) {
        known = reader->key.ops != NULL && reader->key.public_key.curve == engagement.key.key.curve;
        if (!known) {
            carnet_key_done(&reader->key);
            rc = carnet_software_key_generate(reader->crypto, engagement.key.key.curve, CARNET_KEY_AGREE, &reader->key,
                                              err);
        }
    }
    if (rc == CARNET_OK) {
        rc = carnet_reader_derive(reader, &engagement, &how, storage, err);
    }
    if (rc == CARNET_OK) {
        reader->session.key_known = known;
        if (device_engagement != NULL) {
            *device_engagement = engagement.encoded;
        }
    } else {
        carnet_reader_done(reader);
    }
    return rc;
}
