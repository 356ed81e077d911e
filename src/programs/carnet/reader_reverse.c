/* SPDX-License-Identifier: Apache-2.0 */
/* The reader's own QR code (18013-7 A.1, A.4; ISO/IEC TS 23220-4 6.5.3). */
#include "carnet/reader_reverse.h"

#include "reader.h"

#include "carnet/ble.h"
#include "carnet/link_socket.h"

#include <string.h>
#include <unistd.h>

/** Put the QR code where it was asked for: a file, the terminal. */
static void
show(const reading *r, carnet_str uri)
{
    const char *path = r->a->show, *dot = path != NULL ? strrchr(path, '.') : NULL;

    if (dot != NULL && (strcmp(dot, ".png") == 0 || strcmp(dot, ".svg") == 0)) {
        cli_qr_write(path, uri);
    } else if (path != NULL) {
        cli_write(path, carnet_str_bytes(uri), 0644);
    }
    if (!r->a->json && isatty(STDOUT_FILENO)) {
        cli_qr_print(uri);
        fflush(stdout);
    }
    onsite_say("show this to the holder: %.*s", (int)uri.len, uri.ptr);
}

/** The way the reader is reached by: one, the best of those named. */
static onsite_way
way_of(const reading *r)
{
    static const onsite_way ways[] = { ONSITE_SOCKET, ONSITE_BLE_FAKE, ONSITE_BLE };

    for (size_t i = 0; i < CARNET_COUNT(ways); i++) {
        if (r->a->ways.use[ways[i]]) {
            return ways[i];
        }
    }
    return ONSITE_WAYS;
}

/** The engagement's BLE method: the reader serves, under a UUID of this reading only (modes are the mdoc's). */
static carnet_rc
build_ble(reading *r, carnet_cbor_builder *b, carnet_span *method, carnet_err *err)
{
    carnet_random random = carnet_crypto_random(r->crypto);
    uint8_t uuid[CARNET_BLE_UUID];
    carnet_rc rc = carnet_random_fill(&random, uuid, sizeof uuid, err);

    uuid[6] = (uint8_t)((uuid[6] & 0x0f) | 0x40); /* RFC 4122 4.4 */
    uuid[8] = (uint8_t)((uuid[8] & 0x3f) | 0x80);
    carnet_method_build_ble(b, NULL, uuid);
    return rc == CARNET_OK ? carnet_cbor_built(b, method, err) : rc;
}

static carnet_rc
serve_socket(reading *r, carnet_err *err)
{
    const char *path = r->a->ways.argument[ONSITE_SOCKET];
    int listener = -1;
    carnet_rc rc = carnet_link_listen(path, &listener, err);

    return rc == CARNET_OK ? carnet_link_accept(&r->link, &listener, path, reader_left(r), err) : rc;
}

/** Wait for the holder.  Over BLE there is no Ident: the mdoc's key is not known yet (ISO/IEC TS 23220-4 6.5.3). */
static carnet_rc
serve(reading *r, carnet_err *err)
{
    carnet_retrieval_method method = { 0 };
    carnet_engagement shown;
    carnet_span rest;
    carnet_rc rc = carnet_reader_engagement_open(r->reader_engagement, &shown, err);

    r->way = way_of(r);
    r->step = onsite_way_text(r->way);
    if (rc == CARNET_OK && r->way == ONSITE_SOCKET) {
        return serve_socket(r, err);
    }
    rest = shown.methods;
    if (rc == CARNET_OK && !carnet_engagement_next_method(&shown, &rest, &method)) {
        rc = carnet_fail(err, CARNET_E_USAGE, NULL, NULL);
    }
    return rc == CARNET_OK ? reader_reach_by(r, r->way, &method, (carnet_span){ 0 }, err) : rc;
}

/** The mdoc's first message. */
static carnet_rc
meet(reading *r, carnet_err *err)
{
    carnet_buf message = cli_buf(64 << 10);
    carnet_rc rc;

    r->step = "the holder's engagement";
    rc = onsite_receive(&r->link, &message, reader_left(r), err);
    if (rc == CARNET_OK) {
        rc = carnet_reader_reverse_receive(&r->reader, r->reader_engagement, carnet_buf_span(&message), &r->storage,
                                           &r->device_engagement, err);
    }
    if (rc == CARNET_OK) {
        onsite_cross(&r->a->ways, "OP-2", "mdoc app", "reader", "DeviceEngagementMessage", carnet_buf_span(&message),
                     message.len);
        r->how = (carnet_session_transcript_parameters){ .handover = CARNET_HANDOVER_WEBSITE,
                                                         .reader_engagement = r->reader_engagement };
        carnet_session_timeouts_engaged(&r->timeouts, onsite_now_ms());
    }
    return rc;
}

carnet_rc
reader_show_engagement(reading *r, carnet_err *err)
{
    uint8_t room[64];
    carnet_cbor_builder b = carnet_cbor_build(room, sizeof room);
    carnet_engagement_parameters parameters = { 0 };
    carnet_span method;
    carnet_buf uri;
    carnet_rc rc = CARNET_OK;

    r->step = "the reader's engagement";
    if (way_of(r) == ONSITE_WAYS) {
        rc = carnet_fail(err, CARNET_E_LINK_ABSENT, NULL, "the reader's own QR code works by --socket and --ble");
    } else if (way_of(r) != ONSITE_SOCKET) {
        parameters = (carnet_engagement_parameters){ .methods = &method, .method_count = 1 };
        rc = build_ble(r, &b, &method, err);
    }
    if (rc != CARNET_OK) {
        return rc;
    }
    rc = carnet_reader_reverse_show(&r->reader, r->crypto, r->a->poster ? CARNET_CURVE_NONE : CARNET_CURVE_P256,
                                    &parameters, &r->storage, &r->reader_engagement, err);
    if (rc != CARNET_OK) {
        return rc;
    }
    uri = cli_buf(r->reader_engagement.len * 2 + 16);
    carnet_engagement_uri_encode(CARNET_URI_READER_ENGAGEMENT, r->reader_engagement, &uri);
    show(r, carnet_buf_str(&uri));
    onsite_cross(&r->a->ways, "QR", "reader", "mdoc app", "ReaderEngagement", r->reader_engagement,
                 r->reader_engagement.len);
    rc = serve(r, err);
    return rc == CARNET_OK ? meet(r, err) : rc;
}
