/* SPDX-License-Identifier: Apache-2.0 */
/* carnet atm: the terminal as a reader of mobile documents (18013-5).  What it is shown is evidence of the session that its user
 * has at the mobile app server; it judges nothing of it itself.  The transcript is the presentation's own (doc/p1940.md). */
#include "atm.h"
#include "reader.h"

#include <stdlib.h>
#include <string.h>

enum { NOBODY_MS = 2000 };

/** What is asked when nothing is said: of a driving licence something that everybody may know. */
static void
ask_usual(ask *asked)
{
    static char element[] = "issuing_country";

    ask_doctype(asked, "mdl", NULL);
    ask_element(asked, element);
}

static reading *
begin(atm *t, reader_arguments *a)
{
    const carnet_session_limits limits = { .below_standard = true,
                                           .engagement = NOBODY_MS,
                                           .establishment = t->a->ways.engagement_ms,
                                           .idle = t->a->ways.answer_ms };
    static reading r;
    carnet_err err = { 0 };

    if (r.crypto == NULL) {
        a->ways = t->a->ways;
        a->qr = t->a->qr;
        a->ask_count = 1;
        a->asks[0] = t->a->asked;
        if (a->asks[0].count == 0) {
            ask_usual(&a->asks[0]);
        }
        r.a = a;
        r.crypto = t->crypto;
        r.storage = cli_buf((size_t)256 << 10);
        r.signer =
            t->a->reader_certificate != NULL ? ask_signer(t->a->reader_certificate, t->a->reader_key, t->crypto) : NULL;
    }
    r.answer_count = 0;
    r.status = 0;
    r.device_engagement = (carnet_span){ 0 };
    r.mac_keys = NULL;
    r.number++;
    r.recorder = (carnet_recorder){ .fd = -1 };
    r.how = (carnet_session_transcript_parameters){ .handover = CARNET_HANDOVER_QR };
    if (carnet_session_timeouts_init(&r.timeouts, &limits, &err) != CARNET_OK) {
        cli_die("--wait", &err);
    }
    carnet_session_timeouts_begin(&r.timeouts, onsite_now_ms());
    return &r;
}

static void
finish(reading *r)
{
    carnet_link_close(&r->link);
    carnet_recorder_done(&r->recorder);
    carnet_reader_done(&r->reader);
    if (r->mac_keys != NULL) {
        carnet_reader_mac_keys_done(r->mac_keys);
    }
    r->storage.len = 0;
}

bool
atm_onsite(atm *t)
{
    static reader_arguments a;
    reading *r = begin(t, &a);
    carnet_err err = { 0 };
    carnet_rc rc = reader_engage(r, &err);
    const bool nobody = rc == CARNET_E_LINK_TIMEOUT && r->device_engagement.len == 0;
    bool good = false;

    if (rc == CARNET_OK) {
        atm_tell_text(t, "reading", "way", carnet_str_of(onsite_way_text(r->way)));
        rc = reader_converse(r, &err);
    }
    if (rc == CARNET_OK && r->answer_count > 0) {
        good = atm_server_evidence(t, r->answers[0].response, r->reader.session_transcript);
    } else if (!nobody) {
        (void)cli_complain(r->step != NULL ? r->step : "the reading", &err);
        atm_tell_text(t, "refused", "reason", carnet_str_of("no document was read"));
    }
    /* One try for a code that was handed in; a picture is looked at again and again. */
    t->evidence_sent = good || !nobody;
    finish(r);
    return good;
}
