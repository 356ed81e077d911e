/* SPDX-License-Identifier: Apache-2.0 */
/* The reader's own QR code (18013-7 A.1, A.4; ISO/IEC TS 23220-4 6.5.3). */
#include "carnet/reader_reverse.h"

#include "reader.h"

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

/** Wait for the holder at the way that was named. */
static carnet_rc
serve(reading *r, carnet_err *err)
{
    const char *path = r->a->ways.argument[ONSITE_SOCKET];
    int listener = -1;
    carnet_rc rc;

    r->way = ONSITE_SOCKET;
    r->step = onsite_way_text(r->way);
    if (!r->a->ways.use[ONSITE_SOCKET]) {
        return carnet_fail(err, CARNET_E_LINK_ABSENT, NULL, "the reader's own QR code works by --socket");
    }
    rc = carnet_link_listen(path, &listener, err);
    if (rc == CARNET_OK) {
        rc = carnet_link_accept(&r->link, &listener, path, reader_left(r), err);
    }
    return rc;
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
    carnet_engagement_parameters parameters = { 0 };
    carnet_buf uri;
    carnet_rc rc;

    r->step = "the reader's engagement";
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
