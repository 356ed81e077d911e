/* SPDX-License-Identifier: Apache-2.0 */
/* How reader and holder meet: the holder's QR code, the reader's own, NFC. */
#include "reader.h"

#include "carnet/reader_reverse.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

int
reader_left(const reading *r)
{
    return carnet_session_timeouts_left(&r->timeouts, onsite_now_ms());
}

/** A URI's engagement, kept.  What a holder shows is mdoc:; that some write slashes is let pass where it can be nothing
 *  else than a device's. */
static carnet_rc
take_uri(reading *r, carnet_str uri, carnet_err *err)
{
    carnet_buf bytes = cli_buf(uri.len + 4);
    carnet_engagement view;
    carnet_uri_kind kind;
    carnet_rc rc = carnet_engagement_uri_decode(uri, &kind, &bytes, err);

    if (rc == CARNET_OK && kind == CARNET_URI_READER_ENGAGEMENT &&
        (carnet_device_engagement_open(carnet_buf_span(&bytes), &view, NULL) != CARNET_OK ||
         !carnet_str_is(view.version, "1.0"))) {
        rc = carnet_fail(err, CARNET_E_ENGAGEMENT_URI, "18013-7 A.4", "this is a reader's engagement, not a holder's");
    }
    r->device_engagement = rc == CARNET_OK ? carnet_buf_span(&bytes) : (carnet_span){ 0 };
    return rc;
}

static bool
is_uri(const char *text)
{
    return strncasecmp(text, "mdoc:", 5) == 0;
}

/** A picture that has a QR code, waited for: a camera may write the next one at any time. */
static carnet_rc
take_picture(reading *r, const char *path, carnet_err *err)
{
    static const struct timespec pause = { .tv_nsec = 100 * 1000 * 1000 };

    for (;;) {
        carnet_str text;
        const char *why = cli_qr_scan(path, &text);

        if (why == NULL) {
            carnet_rc rc = take_uri(r, text, err);

            if (rc != CARNET_OK || !carnet_span_equal(r->device_engagement, r->last_seen)) {
                return rc;
            }
            why = "this QR code was read before";
        }
        if (!cli_qr_can_read() || onsite_stopped() || reader_left(r) == 0) {
            return carnet_fail(err, cli_qr_can_read() ? CARNET_E_LINK_TIMEOUT : CARNET_E_LINK_ABSENT, NULL, why);
        }
        nanosleep(&pause, NULL);
    }
}

carnet_rc
reader_scan(reading *r, carnet_err *err)
{
    const char *qr = r->line != NULL ? r->line : r->a->qr;

    r->step = "the holder's QR code";
    return is_uri(qr) ? take_uri(r, carnet_str_of(qr), err) : take_picture(r, qr, err);
}

/** From the engagement scanned to a link. */
static carnet_rc
engage_by_qr(reading *r, carnet_err *err)
{
    carnet_engagement engagement;
    carnet_rc rc = reader_scan(r, err);

    if (rc == CARNET_OK) {
        rc = carnet_device_engagement_open(r->device_engagement, &engagement, err);
    }
    if (rc == CARNET_OK) {
        carnet_session_timeouts_engaged(&r->timeouts, onsite_now_ms());
        onsite_cross(&r->a->ways, "QR", "mdoc app", "reader", "DeviceEngagement", r->device_engagement,
                     r->device_engagement.len);
        rc = carnet_reader_engage(&r->reader, r->crypto, r->device_engagement, NULL, &r->storage, err);
    }
    if (rc == CARNET_OK) {
        r->last_seen = cli_keep(r->device_engagement);
        rc = reader_reach(r, &engagement, err);
    }
    return rc;
}

/** Write down what crosses the link, if that was asked for. */
static carnet_rc
record(reading *r, carnet_err *err)
{
    carnet_recording_head head = { .reader = true,
                                   .medium = carnet_str_of(r->link.ops->name),
                                   .started = cli_now(),
                                   .handover = r->how.handover,
                                   .device_engagement = r->device_engagement,
                                   .reader_engagement = r->reader_engagement,
                                   .select = r->how.select,
                                   .request = r->how.request };
    carnet_buf key = cli_buf(512), path = cli_buf(strlen(r->a->ways.record) + 24);
    carnet_rc rc = CARNET_OK;

    carnet_buf_add_text(&path, r->a->ways.record);
    if (r->a->loop) { /* a file for each reading */
        carnet_buf_add_text(&path, ".");
        carnet_buf_add_uint(&path, r->number);
    }
    carnet_buf_add_byte(&path, 0);
    r->step = (const char *)path.ptr;
    if (r->a->ways.record_key) {
        rc = carnet_software_key_to_der(&r->reader.key, &key, err);
        head.ephemeral_key = carnet_buf_span(&key);
    }
    rc = rc == CARNET_OK ? carnet_recorder_to_file(&r->recorder, r->step, err) : rc;
    rc = rc == CARNET_OK ? carnet_link_record(&r->link, &r->recorder, &head, err) : rc;
    carnet_wipe(key.ptr, key.cap);
    free(key.ptr);
    return rc;
}

/** What the mdoc says it can do: one signature over all, a MAC by keys on every curve. */
static carnet_rc
use_capabilities(reading *r, carnet_err *err)
{
    carnet_engagement engagement;
    carnet_rc rc = carnet_device_engagement_open(r->device_engagement, &engagement, err);

    r->auth_all = rc == CARNET_OK && engagement.capabilities.reader_auth_all;
    if (rc == CARNET_OK && engagement.capabilities.mac_keys_support) {
        r->mac_keys = cli_alloc(sizeof *r->mac_keys);
        rc = carnet_reader_mac_keys_make(r->mac_keys, r->crypto, &engagement.capabilities, err);
    }
    return rc;
}

static char receiving[] = "receiving";

carnet_rc
reader_engage(reading *r, carnet_err *err)
{
    carnet_rc rc = r->a->reverse ? reader_show_engagement(r, err)
                   : r->a->qr    ? engage_by_qr(r, err)
                                 : reader_engage_nfc(r, err);

    if (rc == CARNET_OK) {
        rc = use_capabilities(r, err);
    }
    if (rc == CARNET_OK) {
        r->link.progress = onsite_progress;
        r->link.progress_context = receiving;
    }
    if (rc == CARNET_OK && r->a->ways.record != NULL) {
        rc = record(r, err);
    }
    return rc;
}
