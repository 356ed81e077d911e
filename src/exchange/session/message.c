/* SPDX-License-Identifier: Apache-2.0 */
/* Reading SessionEstablishment and SessionData (18013-5 12.2.4). */
#include "carnet/session.h"

#define CLAUSE "18013-5 12.2"

typedef struct establishment_members {
    carnet_cbor_embedded reader_key;
    carnet_span data, status;
} establishment_members;

static const carnet_cbor_field establishment_fields[] = {
    CARNET_MEMBER(establishment_members, "eReaderKey", CARNET_FIELD_EMBEDDED, reader_key),
    CARNET_MEMBER(establishment_members, "data", CARNET_FIELD_BSTR, data),
    CARNET_MEMBER_OPTIONAL(establishment_members, "status", CARNET_FIELD_ANY, status),
};

/** EReaderKey, with which keys must be agreed on. */
static void
read_reader_key(carnet_cbor_reader *outer, carnet_session_establishment *got)
{
    carnet_path path = { .up = outer->path, .name = carnet_str_of("eReaderKey") };
    carnet_cbor_reader r = carnet_cbor_open_within(outer, got->reader_key_bytes.content, &path);

    carnet_cose_key_read(&r, &got->reader_key);
    if (r.rc == CARNET_OK && r.at != r.end) {
        carnet_cbor_refuse(&r, CARNET_E_CBOR_TRAILING, NULL, CLAUSE, NULL);
    }
    if (r.rc == CARNET_OK && !carnet_curve_get(got->reader_key.key.curve)->agrees) {
        carnet_cbor_refuse(&r, CARNET_E_COSE_KEY, got->reader_key_bytes.content.ptr, CLAUSE,
                           "its curve is not one for key agreement");
    }
    carnet_cbor_join(outer, &r);
}

carnet_rc
carnet_session_establishment_open(carnet_span cbor, carnet_session_establishment *view, carnet_err *err)
{
    carnet_path path = { .name = carnet_str_of("SessionEstablishment") };
    carnet_cbor_reader r = carnet_cbor_open(cbor);
    carnet_session_establishment got = { 0 };
    establishment_members members = { 0 };
    carnet_rc rc;

    r.path = &path;
    r.allow = CARNET_CBOR_LENIENT;
    carnet_cbor_fields(&r, establishment_fields, CARNET_COUNT(establishment_fields), &members);
    if (r.rc == CARNET_OK) {
        got.reader_key_bytes = members.reader_key;
        got.data = members.data;
        read_reader_key(&r, &got);
    }
    got.odd =
        ((got.reader_key.seen & CARNET_COSE_KEY_COMPRESSED) ? CARNET_ESTABLISHMENT_KEY_COMPRESSED : 0u) |
        ((got.reader_key.seen & (CARNET_COSE_KEY_PRIVATE | CARNET_COSE_KEY_OTHER)) ? CARNET_ESTABLISHMENT_KEY_PARAMETERS
                                                                                   : 0u) |
        (members.status.len != 0 ? CARNET_ESTABLISHMENT_STATUS : 0u);
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
