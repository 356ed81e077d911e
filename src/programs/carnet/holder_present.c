/* SPDX-License-Identifier: Apache-2.0 */
/* carnet holder present: from an engagement shown to the end of the session. */
#include "holder_present.h"

#include "carnet/holder_reverse.h"
#include "carnet/json.h"
#include "carnet/link_website.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { FAREWELL_MS = 2000, SKEW_S = 60 };

static int
left_ms(const presentation *p)
{
    return carnet_session_timeouts_left(&p->timeouts, onsite_now_ms());
}

/* --- before: policy, room --- */

static void
read_policy(presentation *p)
{
    carnet_span text = cli_read(p->a->policy);
    carnet_buf storage = cli_buf(CARNET_CONSENT_FILE_STORAGE(text.len));
    carnet_json *json;
    carnet_err err = { 0 };

    if (carnet_json_parse((carnet_str){ (const char *)text.ptr, text.len }, &json, &err) != CARNET_OK ||
        carnet_consent_file_read(json, &storage, &p->policy, &err) != CARNET_OK) {
        cli_die(p->a->policy, &err);
    }
    carnet_json_free(&json);
    p->has_policy = true;
}

static void
make_room(presentation *p)
{
    size_t octets = (size_t)256 << 10;

    for (size_t i = 0; i < p->count; i++) {
        octets += p->held[i].issuer_signed.len;
    }
    p->message = cli_buf(ONSITE_MESSAGE_MAX);
    p->reply = cli_buf(octets);
    p->scratch = cli_buf(4 * octets);
    p->choice = cli_alloc(sizeof *p->choice);
    p->offers = cli_alloc(PRESENT_OFFERS_MAX * sizeof *p->offers);
    p->readers = cli_alloc(sizeof *p->readers);
}

/* --- the session --- */

/** Whether a line of progress stands unfinished on the terminal. */
static bool line_open;

static void
tell_progress(void *context, bool sending, size_t done, size_t all)
{
    onsite_progress(context, sending, done, all);
    line_open = all == 0 && done >= 1000;
}

static void
end_progress(void)
{
    if (line_open && isatty(STDERR_FILENO)) {
        fputc('\n', stderr);
    }
    line_open = false;
}

/** Tell the reader that the session is over, as well as may be. */
static void
say_end(presentation *p, carnet_session_status status)
{
    uint8_t room[32];
    carnet_cbor_builder b = carnet_cbor_build(room, sizeof room);

    carnet_holder_end(&p->holder, status, &b);
    (void)!carnet_link_send(&p->meeting.link, carnet_span_of(room, b.len), FAREWELL_MS, NULL);
    carnet_link_end(&p->meeting.link, FAREWELL_MS);
}

static void
identify(presentation *p, const carnet_device_request *request)
{
    static carnet_report_entry room[64];
    carnet_trust_anchors anchors = { 0 };
    carnet_revocation_source revocation;
    carnet_verification v = { .struct_size = sizeof v,
                              .crypto = p->crypto,
                              .session_transcript = p->holder.session_transcript,
                              .allow = CARNET_CBOR_LENIENT };
    carnet_time now = p->a->at != NULL ? cli_time(p->a->at, cli_now()) : cli_now();

    if (p->trust != NULL) {
        anchors = carnet_anchor_store_anchors(p->trust);
        revocation = carnet_anchor_store_revocation(p->trust);
        v.anchors = &anchors;
        v.revocation = p->trust->list_count > 0 ? &revocation : NULL;
    }
    /* What cannot be judged stays unsigned: trusted is only who was found so. */
    if (carnet_reader_identify(&v, request, now, SKEW_S, room, CARNET_COUNT(room), p->readers, NULL) != CARNET_OK) {
        *p->readers = (carnet_reader_identities){ 0 };
    }
}

/** Have the consent, and bring it to what may leave at all. */
static void
consent(presentation *p, const carnet_device_request *request)
{
    carnet_rc rc;

    identify(p, request);
    present_ask(p, request);
    if (p->pending) {
        return;
    }
    rc = carnet_choice_settle(p->choice, CARNET_BROKEN_NOTHING, NULL);
    if (rc == CARNET_OK) {
        p->scratch.len = 0;
        rc = carnet_choice_fit(p->choice, p->crypto, &p->holder.reader_key, &p->scratch, NULL);
    }
    if (rc == CARNET_E_ROLE_UNSATISFIED && p->choice->satisfiable) {
        fputs("What you allow is not enough for the reader: nothing leaves.\n", p->out);
    }
}

static carnet_rc
send_answer(presentation *p, carnet_err *err)
{
    carnet_cbor_builder b = carnet_cbor_build(p->reply.ptr, p->reply.cap);
    carnet_rc rc;

    p->step = "the answer";
    p->scratch.len = 0;
    present_count_uses(p);
    rc = carnet_choice_answer(&p->holder, p->choice, CARNET_SESSION_NO_STATUS, &p->scratch, &b, err);
    carnet_wipe(p->scratch.ptr, p->scratch.cap);
    if (rc != CARNET_OK) {
        say_end(p, CARNET_SESSION_TERMINATION);
        return rc;
    }
    p->meeting.link.progress_context = (void *)(uintptr_t) "sending";
    rc = carnet_link_send(&p->meeting.link, carnet_span_of(p->reply.ptr, b.len), left_ms(p), err);
    end_progress();
    if (rc == CARNET_OK) {
        onsite_cross(&p->a->onsite, "OP-2", "mdoc app", "reader", "DeviceResponse", (carnet_span){ 0 }, b.len);
        p->answers++;
        present_note_answer(p);
    }
    carnet_session_timeouts_message(&p->timeouts, onsite_now_ms());
    return rc;
}

static carnet_rc
answer_request(presentation *p, carnet_span request, carnet_err *err)
{
    carnet_choice_options options = { .now = cli_now(), .ages_returned = p->holder.ages };
    carnet_device_request view;
    carnet_rc rc;

    p->step = "the reader's request";
    rc = carnet_device_request_open(request, CARNET_CBOR_LENIENT, &view, err);
    if (rc == CARNET_OK) {
        rc = carnet_choice_make(p->choice, &view, p->held, p->count, &options, p->offers, PRESENT_OFFERS_MAX, err);
    }
    if (rc != CARNET_OK) {
        say_end(p, rc == CARNET_E_NO_SPACE || rc == CARNET_E_LIMIT ? CARNET_SESSION_TERMINATION
                                                                   : CARNET_SESSION_DECODING_ERROR);
        return rc;
    }
    p->requests++;
    consent(p, &view);
    if (onsite_stopped()) {
        say_end(p, CARNET_SESSION_TERMINATION);
        return carnet_fail(err, CARNET_E_LINK_CLOSED, NULL, "interrupted");
    }
    return p->pending ? CARNET_OK : send_answer(p, err);
}

/** The message's buffer may take another message while the holder is asked; what is said at the end is of the request. */
static carnet_rc
answer(presentation *p, carnet_span request, carnet_err *err)
{
    free((void *)(uintptr_t)p->request.ptr);
    p->request = cli_keep(request);
    return answer_request(p, p->request, err);
}

/** The next message; one that came while the holder was asked is there already. */
static carnet_rc
receive(presentation *p, carnet_err *err)
{
    carnet_rc rc;

    p->step = "the reader";
    if (p->pending) {
        p->pending = false;
        return p->pending_rc == CARNET_OK ? CARNET_OK : carnet_fail(err, p->pending_rc, NULL, NULL);
    }
    p->message.len = 0;
    p->meeting.link.progress_context = (void *)(uintptr_t) "receiving";
    rc = onsite_receive(&p->meeting.link, &p->message, left_ms(p), err);
    end_progress();
    if (rc == CARNET_E_LINK_TIMEOUT || rc == CARNET_E_LINK_TOO_LONG || onsite_stopped()) {
        say_end(p, CARNET_SESSION_TERMINATION);
    }
    return rc;
}

static carnet_rc
converse(presentation *p, carnet_err *err)
{
    carnet_rc rc = CARNET_OK;

    while (rc == CARNET_OK && p->status == 0) {
        carnet_span request = { 0 };

        rc = receive(p, err);
        if (rc != CARNET_OK) {
            break;
        }
        carnet_session_timeouts_message(&p->timeouts, onsite_now_ms());
        p->step = "the reader's message";
        rc = p->reader_engagement.len > 0
                 ? carnet_holder_reverse_receive(&p->holder, p->reader_engagement, p->message.ptr, p->message.len,
                                                 &request, &p->status, err)
                 : carnet_holder_receive(&p->holder, p->message.ptr, p->message.len,
                                         p->meeting.by_nfc ? &p->meeting.how : NULL, &request, &p->status, err);
        if (rc != CARNET_OK) {
            say_end(p, carnet_holder_failure_status(rc));
        } else if (request.len > 0) {
            rc = answer(p, request, err);
        }
    }
    carnet_session_timeouts_end(&p->timeouts);
    return rc;
}

/* --- meeting --- */

static carnet_rc
record(presentation *p, carnet_err *err)
{
    const carnet_session_transcript_parameters *how = &p->meeting.how;
    carnet_recording_head head = { .medium = carnet_str_of(p->meeting.link.ops->name),
                                   .started = cli_now(),
                                   .handover = p->meeting.by_nfc              ? how->handover
                                               : p->reader_engagement.len > 0 ? CARNET_HANDOVER_WEBSITE
                                                                              : CARNET_HANDOVER_QR,
                                   .device_engagement = p->holder.device_engagement,
                                   .reader_engagement = p->reader_engagement,
                                   .select = how->select,
                                   .request = how->request };
    carnet_buf key = cli_buf(512);
    carnet_rc rc = CARNET_OK;

    p->step = p->a->onsite.record;
    if (p->a->onsite.record_key) {
        rc = carnet_software_key_to_der(&p->holder.key, &key, err);
        head.ephemeral_key = carnet_buf_span(&key);
    }
    rc = rc == CARNET_OK ? carnet_recorder_to_file(&p->recorder, p->a->onsite.record, err) : rc;
    rc = rc == CARNET_OK ? carnet_link_record(&p->meeting.link, &p->recorder, &head, err) : rc;
    carnet_wipe(key.ptr, key.cap);
    free(key.ptr);
    return rc;
}

/** The engagement, as it was asked for: drawn, as a picture, as text. */
static void
show_engagement(const presentation *p)
{
    const holder_arguments *a = p->a;
    carnet_buf uri = cli_buf(p->holder.device_engagement.len * 2 + 16);

    carnet_engagement_uri_encode(CARNET_URI_DEVICE_ENGAGEMENT, p->holder.device_engagement, &uri);
    if (a->qr) {
        cli_qr_print(carnet_buf_str(&uri));
        fflush(stdout);
    }
    if (a->qr_text != NULL) {
        carnet_buf line = cli_buf(uri.len + 1);

        carnet_buf_add(&line, carnet_buf_span(&uri));
        carnet_buf_add_byte(&line, '\n');
        cli_write(a->qr_text, carnet_buf_span(&line), 0644);
        free(line.ptr);
    }
    if (a->qr_image != NULL) {
        cli_qr_write(a->qr_image, carnet_buf_str(&uri));
    }
    free(uri.ptr);
}

static carnet_curve
session_curve(const presentation *p)
{
    return p->a->curve != NULL ? cli_curve(p->a->curve) : CARNET_CURVE_P256;
}

/** What NFC shows: the same engagement, but the methods are in the handover's own words (18013-5 9.1, 9.2). */
static carnet_rc
nfc_engagement(presentation *p, carnet_engagement_parameters parameters, carnet_err *err)
{
    carnet_cbor_builder b = carnet_cbor_build(p->storage.ptr + p->storage.len, p->storage.cap - p->storage.len);
    carnet_rc rc;

    parameters.key = &p->holder.key.public_key;
    parameters.method_count = 0;
    carnet_engagement_build(&b, &parameters);
    rc = carnet_cbor_built(&b, &p->ways.nfc_engagement, err);
    p->ways.device_engagement = p->holder.device_engagement;
    p->storage.len += b.len;
    return rc;
}

/** The holder's engagement, and a reader who comes. */
static carnet_rc
meet(presentation *p, carnet_err *err)
{
    carnet_engagement_parameters parameters = { .methods = p->ways.methods,
                                                .method_count = p->ways.method_count,
                                                .origin_infos = true,
                                                .reader_auth_all = true,
                                                .extended_request = true,
                                                .mac_keys = p->a->mac };
    carnet_rc rc;

    p->step = "the engagement";
    rc = carnet_holder_engage(&p->holder, p->crypto, session_curve(p), &parameters, &p->storage, err);
    if (rc != CARNET_OK) {
        return rc;
    }
    rc = nfc_engagement(p, parameters, err);
    if (rc != CARNET_OK) {
        return rc;
    }
    show_engagement(p);
    carnet_session_timeouts_engaged(&p->timeouts, onsite_now_ms());
    p->step = "waiting for a reader";
    fprintf(p->out, "Waiting for a reader, %d seconds at most.\n", left_ms(p) / 1000);
    fflush(p->out);
    rc = onsite_holder_wait(&p->ways, left_ms(p), &p->meeting, err);
    if (p->meeting.by_nfc) {
        p->holder.device_engagement = p->ways.nfc_engagement;
    }
    return rc;
}

/** A reader's engagement: of a URI, a file that holds one, or a picture of its code. */
static carnet_span
read_reverse(const char *argument)
{
    size_t len = strlen(argument);
    carnet_str uri = carnet_str_of(argument);
    carnet_buf bytes;
    carnet_uri_kind kind;
    carnet_err err = { 0 };

    if (strncasecmp(argument, "mdoc:", 5) != 0 && len > 4 && strcasecmp(argument + len - 4, ".png") == 0) {
        uri = cli_qr_read(argument);
    } else if (strncasecmp(argument, "mdoc:", 5) != 0) {
        carnet_span file = cli_read(argument);

        uri = (carnet_str){ (const char *)file.ptr, strcspn((const char *)file.ptr, "\r\n") };
    }
    bytes = cli_buf(uri.len + 4);
    if (carnet_engagement_uri_decode(uri, &kind, &bytes, &err) != CARNET_OK) {
        cli_die(argument, &err);
    }
    if (kind != CARNET_URI_READER_ENGAGEMENT) {
        cli_die_text(argument, "this is a holder's engagement, not a reader's");
    }
    return carnet_buf_span(&bytes);
}

/** The website the engagement names (18013-7 A.6). */
static carnet_rc
reach_website(presentation *p, const carnet_engagement *reader, carnet_err *err)
{
    carnet_fetch_limits limits = { .ca = p->a->ca, .plain_loopback = p->a->insecure_loopback };
    carnet_retrieval_method method;
    carnet_span rest = reader->methods;

    while (carnet_engagement_next_method(reader, &rest, &method)) {
        if (method.type == CARNET_METHOD_REST && method.usable) {
            fprintf(p->out, "The reader is at ");
            cli_print_safe(p->out, method.uri);
            fputc('\n', p->out);
            p->meeting.way = ONSITE_WEBSITE;
            return carnet_link_website(&p->meeting.link, method.uri, &limits, err);
        }
    }
    return carnet_fail(err, CARNET_E_LINK_ABSENT, "18013-7 A.1", "the reader names no website: say --ble or --socket");
}

/** The reader's engagement, and the way to it. */
static carnet_rc
answer_reader(presentation *p, carnet_err *err)
{
    /* From where the code came is not known here (18013-7 A.3). */
    carnet_engagement_parameters parameters = { .origin_infos = true, .domain = "" };
    carnet_cbor_builder b = carnet_cbor_build(p->reply.ptr, p->reply.cap);
    carnet_engagement reader;
    carnet_rc rc;

    p->step = "the reader's engagement";
    p->reader_engagement = read_reverse(p->a->reverse);
    rc = carnet_reader_engagement_open(p->reader_engagement, &reader, err);
    if (rc == CARNET_OK) {
        rc = carnet_holder_reverse_engage(&p->holder, p->crypto, p->reader_engagement, session_curve(p), &parameters,
                                          &p->storage, &b, err);
    }
    p->ways.device_engagement = p->holder.device_engagement;
    carnet_session_timeouts_engaged(&p->timeouts, onsite_now_ms());
    p->step = "the way to the reader";
    if (rc == CARNET_OK) {
        rc = onsite_any(&p->a->onsite) ? onsite_holder_reach(&p->ways, &reader, left_ms(p), &p->meeting, err)
                                       : reach_website(p, &reader, err);
    }
    return rc == CARNET_OK ? carnet_link_send(&p->meeting.link, carnet_span_of(p->reply.ptr, b.len), left_ms(p), err)
                           : rc;
}

/* --- one presentation, and many --- */

static void
begin(presentation *p)
{
    carnet_session_limits limits = { .establishment = p->a->onsite.engagement_ms,
                                     .idle = p->a->onsite.answer_ms,
                                     .below_standard = true };
    carnet_err err = { 0 };

    p->holder = (carnet_holder){ 0 };
    p->meeting = (onsite_meeting){ .way = ONSITE_WAYS };
    p->recorder = (carnet_recorder){ .fd = -1 };
    p->storage.len = 0;
    p->pending = false;
    p->status = 0;
    p->requests = p->answers = p->left = 0;
    p->ended[0] = '\0';
    p->tell = open_memstream(&p->told, &p->told_len);
    if (p->tell == NULL || carnet_session_timeouts_init(&p->timeouts, &limits, &err) != CARNET_OK) {
        cli_die("timeouts", &err);
    }
    carnet_session_timeouts_begin(&p->timeouts, onsite_now_ms());
    onsite_holder_init(&p->ways, &p->a->onsite, p->crypto);
    p->ways.qr = p->a->qr || p->a->qr_image != NULL || p->a->qr_text != NULL;
    p->ways.handover = p->a->negotiated ? ONSITE_NEGOTIATED : ONSITE_STATIC;
}

static void
finish(presentation *p)
{
    carnet_link_close(&p->meeting.link);
    carnet_recorder_done(&p->recorder);
    carnet_holder_done(&p->holder);
    onsite_holder_done(&p->ways);
    carnet_wipe(p->message.ptr, p->message.len);
    free((void *)(uintptr_t)p->request.ptr);
    p->request = (carnet_span){ 0 };
    free(p->told);
    p->told = NULL;
}

bool
present_hung_up(const presentation *p, carnet_rc rc)
{
    return p->requests > 0 && (rc == CARNET_E_LINK_CLOSED || (rc == CARNET_E_LINK_LOST && p->answers == p->requests));
}

static int
present_once(presentation *p)
{
    carnet_err err = { 0 };
    carnet_rc rc;

    begin(p);
    p->step = "the ways to a reader";
    rc = p->a->reverse != NULL ? CARNET_OK : onsite_holder_begin(&p->ways, &err);
    if (rc == CARNET_OK) {
        rc = p->a->reverse != NULL ? answer_reader(p, &err) : meet(p, &err);
    }
    if (rc == CARNET_OK) {
        p->meeting.link.progress = tell_progress;
        rc = p->a->onsite.record != NULL ? record(p, &err) : CARNET_OK;
    }
    if (rc == CARNET_OK) {
        rc = converse(p, &err);
    }
    present_say_end(p, rc, &err);
    rc = present_hung_up(p, rc) || (p->requests > 0 && onsite_stopped()) ? CARNET_OK : rc;
    finish(p);
    return rc != CARNET_OK ? CLI_UNJUDGED : p->left > 0 ? CLI_VALID : CLI_NEGATIVE;
}

static void
check(const holder_arguments *a)
{
    if (!onsite_any(&a->onsite) && a->reverse == NULL) {
        cli_usage("say how the reader comes: --nfc, --ble, --wifi-aware, --socket or --reverse");
    }
    if (a->qr && a->json) {
        cli_usage("--qr draws where --json prints: --qr-image or --qr-text");
    }
    if (a->reverse != NULL && (a->qr || a->qr_image != NULL || a->qr_text != NULL)) {
        cli_usage("with --reverse the reader shows the code");
    }
    if (a->consent == HOLDER_CONSENT_PROMPT && a->policy == NULL && !present_can_ask()) {
        cli_die_text("consent", "there is no terminal to ask on: --policy");
    }
}

int
holder_present(const holder_arguments *a, carnet_crypto *crypto)
{
    static presentation p;
    static store s;
    int result = CLI_VALID;

    check(a);
    p = (presentation){ .a = a, .crypto = crypto, .store = &s, .out = a->json ? stderr : stdout };
    if (a->trusted_readers != NULL) {
        p.trust = cli_read_trust(a->trusted_readers);
    }
    if (a->policy != NULL) {
        read_policy(&p);
    }
    holder_unlock(a, crypto, false, &s);
    present_hold(&p);
    make_room(&p);
    p.storage = cli_buf(16384);
    onsite_catch_signals();
    for (uint64_t n = 0; n == 0 || (a->loop && (a->times == 0 || n < a->times) && !onsite_stopped()); n++) {
        if (n > 0) { /* a fresh copy each time */
            present_let_go(&p);
            present_hold(&p);
        }
        result = present_once(&p);
        fflush(stdout);
    }
    present_let_go(&p);
    store_close(&s);
    return result;
}
