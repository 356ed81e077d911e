/* SPDX-License-Identifier: Apache-2.0 */
/* The session: each request, its answer, the end. */
#include "reader.h"

#include <stdlib.h>

enum { REQUEST_MAX = 64 << 10, FAREWELL_MS = 2000 };

/** Tell the mdoc that the session is over, as well as may be. */
static void
say_end(reading *r, carnet_session_status status)
{
    uint8_t room[32];
    carnet_cbor_builder b = carnet_cbor_build(room, sizeof room);
    carnet_span message;

    carnet_reader_end(&r->reader, status, &b);
    message = carnet_span_of(room, b.len);
    if (carnet_link_send(&r->link, message, FAREWELL_MS, NULL) == CARNET_OK) {
        onsite_cross(&r->a->ways, "OP-1", "reader", "mdoc app",
                     status == CARNET_SESSION_TERMINATION ? "end of session" : "error status", message, message.len);
    }
    carnet_link_end(&r->link, FAREWELL_MS);
}

static carnet_rc
ask_one(reading *r, const ask *asked, carnet_span *request, carnet_err *err)
{
    carnet_device_request_draft draft = ask_draft(asked, r->signer, r->auth_all);
    carnet_buf plain = cli_buf(REQUEST_MAX), message = cli_buf(REQUEST_MAX + 512);
    carnet_cbor_builder b = carnet_cbor_build(message.ptr, message.cap);
    carnet_rc rc;

    if (r->mac_keys != NULL) {
        draft.mac_keys = r->mac_keys->public_keys;
        draft.mac_key_count = r->mac_keys->count;
    }
    r->step = "the request";
    rc = carnet_reader_request(&r->reader, &draft, &plain, &b, err);
    if (rc == CARNET_OK) {
        *request = carnet_buf_span(&plain);
        onsite_cross(&r->a->ways, "OP-1", "reader", "mdoc app", "DeviceRequest", *request, b.len);
        rc = carnet_link_send(&r->link, carnet_span_of(message.ptr, b.len), reader_left(r), err);
    }
    carnet_session_timeouts_message(&r->timeouts, onsite_now_ms());
    free(message.ptr);
    return rc;
}

/** Wait for the answer; *response is empty when there is only a status. */
static carnet_rc
hear_one(reading *r, carnet_buf *message, carnet_span *response, carnet_err *err)
{
    carnet_rc rc;

    r->step = "the holder's answer";
    message->len = 0;
    rc = onsite_receive(&r->link, message, reader_left(r), err);
    if (rc == CARNET_E_LINK_TIMEOUT || rc == CARNET_E_LINK_TOO_LONG) {
        say_end(r, CARNET_SESSION_TERMINATION);
    }
    if (rc != CARNET_OK) {
        return rc;
    }
    carnet_session_timeouts_message(&r->timeouts, onsite_now_ms());
    rc = carnet_reader_receive(&r->reader, message->ptr, message->len, response, &r->status, err);
    if (rc != CARNET_OK) {
        say_end(r, carnet_session_failure_status(rc));
    } else {
        onsite_cross(&r->a->ways, "OP-2", "mdoc app", "reader", response->len > 0 ? "DeviceResponse" : "status",
                     response->len > 0 ? *response : carnet_buf_span(message), message->len);
    }
    return rc;
}

/** A DeviceResponse that is no CBOR is told the mdoc by status 11 (18013-5 12.2). */
static bool
is_readable(carnet_span response)
{
    carnet_device_response view;

    return carnet_device_response_open(response, CARNET_CBOR_LENIENT, &view, NULL) == CARNET_OK;
}

carnet_rc
reader_converse(reading *r, carnet_err *err)
{
    carnet_buf message = cli_buf(ONSITE_MESSAGE_MAX);
    carnet_session_status last = CARNET_SESSION_TERMINATION;
    carnet_rc rc = CARNET_OK;
    size_t answered = 0;

    for (size_t i = 0; rc == CARNET_OK && i < r->a->ask_count && r->status == 0; i++) {
        carnet_span request = { 0 }, response = { 0 };

        rc = ask_one(r, &r->a->asks[i], &request, err);
        rc = rc == CARNET_OK ? hear_one(r, &message, &response, err) : rc;
        if (rc == CARNET_OK && response.len > 0) {
            answered++;
            reader_keep(r, request, cli_keep(response));
            last = is_readable(response) ? last : CARNET_SESSION_DECODING_ERROR;
        }
        if (last != CARNET_SESSION_TERMINATION) {
            break;
        }
    }
    if (rc == CARNET_OK && r->status == 0) {
        say_end(r, last);
    }
    carnet_session_timeouts_end(&r->timeouts);
    if (rc == CARNET_OK && r->status != 0 && answered < r->a->ask_count) {
        rc = carnet_fail(err, CARNET_E_LINK_CLOSED, "18013-5 12.2",
                         r->status == CARNET_SESSION_TERMINATION        ? "the holder ended the session"
                         : r->status == CARNET_SESSION_ENCRYPTION_ERROR ? "the holder could not decrypt the request"
                         : r->status == CARNET_SESSION_DECODING_ERROR   ? "the holder could not read the request"
                                                                        : "the holder ended it with another status");
    }
    carnet_wipe(message.ptr, message.len);
    free(message.ptr);
    return rc;
}
