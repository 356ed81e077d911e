/* SPDX-License-Identifier: Apache-2.0 */
/* Reading SessionEstablishment and SessionData (18013-5 12.2.4, 12.2.5). */
#include "carnet/session.h"

#define CLAUSE "18013-5 12.2"

static const carnet_cbor_field establishment_fields[] = {
    CARNET_MEMBER(carnet_session_establishment, "eReaderKey", CARNET_FIELD_EMBEDDED, reader_key_bytes),
    CARNET_MEMBER(carnet_session_establishment, "data", CARNET_FIELD_BSTR, data),
};

carnet_rc
carnet_session_establishment_open(carnet_span cbor, carnet_session_establishment *view, carnet_err *err)
{
    carnet_path path = { .name = carnet_str_of("SessionEstablishment") };
    carnet_path key_path = { .up = &path, .name = carnet_str_of("eReaderKey") };
    carnet_cbor_reader r = carnet_cbor_open(cbor), key;
    carnet_session_establishment got = { 0 };
    carnet_rc rc;

    r.path = &path;
    r.allow = CARNET_CBOR_LENIENT;
    carnet_cbor_fields(&r, establishment_fields, CARNET_COUNT(establishment_fields), &got);
    if (r.rc == CARNET_OK) {
        key = carnet_cbor_open_within(&r, got.reader_key_bytes.content, &key_path);
        carnet_cose_key_read(&key, &got.reader_key);
        if (key.rc == CARNET_OK && key.at != key.end) {
            carnet_cbor_refuse(&key, CARNET_E_CBOR_TRAILING, NULL, CLAUSE, NULL);
        }
        carnet_cbor_join(&r, &key);
    }
    got.cbor_seen = r.seen;
    rc = carnet_cbor_end(&r, err);
    *view = rc == CARNET_OK ? got : (carnet_session_establishment){ 0 };
    return rc;
}

static const carnet_cbor_field data_fields[] = {
    { "data", 0, CARNET_FIELD_BSTR, false, offsetof(carnet_session_data, data),
      offsetof(carnet_session_data, has_data) },
    { "status", 0, CARNET_FIELD_UINT, false, offsetof(carnet_session_data, status),
      offsetof(carnet_session_data, has_status) },
};

carnet_rc
carnet_session_data_open(carnet_span cbor, carnet_session_data *view, carnet_err *err)
{
    carnet_path path = { .name = carnet_str_of("SessionData") };
    carnet_cbor_reader r = carnet_cbor_open(cbor);
    carnet_session_data got = { 0 };
    carnet_rc rc;

    r.path = &path;
    r.allow = CARNET_CBOR_LENIENT;
    carnet_cbor_fields(&r, data_fields, CARNET_COUNT(data_fields), &got);
    if (r.rc == CARNET_OK && !got.has_data && !got.has_status) {
        carnet_cbor_refuse(&r, CARNET_E_SESSION_STRUCTURE, cbor.ptr, CLAUSE, "it has neither data nor status");
    }
    got.status_odd = got.has_status && (got.has_data ? got.status != CARNET_SESSION_TERMINATION
                                                     : got.status != CARNET_SESSION_ENCRYPTION_ERROR &&
                                                           got.status != CARNET_SESSION_DECODING_ERROR &&
                                                           got.status != CARNET_SESSION_TERMINATION);
    got.cbor_seen = r.seen;
    rc = carnet_cbor_end(&r, err);
    *view = rc == CARNET_OK ? got : (carnet_session_data){ 0 };
    return rc;
}
