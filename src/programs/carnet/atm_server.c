/* SPDX-License-Identifier: Apache-2.0 */
/* carnet atm: what is asked of the mobile app server, over TLS by the terminal's certificate. */
#include "atm.h"

#include "carnet/bops_session.h"

#include <stdlib.h>
#include <string.h>

enum { TIMEOUT_MS = 10000, WAIT_S = 2, WAIT_ONCE_S = 10, URI_MAX = 2048 };

void
atm_server_open(atm *t)
{
    t->connection = carnet_fetch_connection_new();
    t->answer =
        (carnet_fetch_answer){ .header = cli_buf(CARNET_FETCH_HEADER_MAX), .body = cli_buf(CARNET_STAGING_MAX) };
}

void
atm_server_close(atm *t)
{
    carnet_fetch_connection_free(t->connection);
}

/** Ask; 0: nobody answered. */
static unsigned
post(atm *t, const char *path, carnet_span body, unsigned wait_s)
{
    const carnet_str fields[] = { carnet_str_of("Content-Type: application/json") };
    const carnet_fetch_limits limits = { .octets = CARNET_STAGING_MAX,
                                         .timeout_ms = TIMEOUT_MS + 1000 * (int)wait_s,
                                         .ca = t->a->ca,
                                         .certificate = t->a->certificate,
                                         .key = t->a->key,
                                         .plain_loopback = t->a->insecure_loopback };
    char uri[URI_MAX];
    carnet_buf text = carnet_buf_of(uri, sizeof uri);
    carnet_fetch_request request = { .method = "POST", .fields = fields, .field_count = 1, .body = body };
    carnet_err err = { 0 };

    carnet_buf_add_text(&text, t->a->server);
    carnet_buf_add_text(&text, CARNET_STAGING_PATH);
    carnet_buf_add_text(&text, path);
    request.uri = carnet_buf_str(&text);
    if (text.overflow || carnet_fetch_ask(t->connection, &request, &limits, &t->answer, &err) != CARNET_OK) {
        if (t->a->verbose) {
            (void)cli_complain("mobile app server", &err);
        }
        atm_tell_text(t, "unreachable", "peer", carnet_str_of("mobile app server"));
        return 0;
    }
    return t->answer.status;
}

/** Say why something was refused. */
static void
tell_refusal(atm *t, const char *what, unsigned status)
{
    const carnet_str text = carnet_buf_str(&t->answer.body);
    carnet_staging_refusal refusal;
    carnet_json *document;
    char line[160];

    if (carnet_staging_refusal_read(text, &document, &refusal, NULL) != CARNET_OK) {
        snprintf(line, sizeof line, "%s %u", what, status);
    } else {
        snprintf(line, sizeof line, "%s %u %.*s", what, status, (int)(refusal.error.len < 60 ? refusal.error.len : 60),
                 refusal.error.ptr);
    }
    carnet_json_free(&document);
    atm_tell_text(t, "refused", "reason", carnet_str_of(line));
}

/** What Collect, StepUp and Evidence are answered with goes to the machine, if it is of any use. */
static bool
take(atm *t, const char *what)
{
    carnet_collect_answer answer;
    carnet_json *document = NULL;
    carnet_err err = { 0 };
    bool good = true;

    if (carnet_collect_answer_read(carnet_buf_str(&t->answer.body), &document, &answer, &err) != CARNET_OK) {
        (void)cli_complain(what, &err);
        good = false;
    } else {
        answer.interval = answer.interval > 1 ? 1 : answer.interval; /* a person stands here, and waits */
        (void)!carnet_terminal_collected(&t->machine, &answer, atm_now(), NULL);
    }
    carnet_json_free(&document);
    return good;
}

static bool
is_refusal(unsigned status)
{
    return status >= 400 && status < 500 && status != 408 && status != 429;
}

/** A refusal ends the transaction. */
static void
hand_over(atm *t, const char *what, unsigned status)
{
    const carnet_collect_answer refused = { .state = CARNET_STAGED_FAILED,
                                            .reference = carnet_str_of(t->machine.record.reference) };

    if (status == 200 && take(t, what)) {
        return;
    }
    if (is_refusal(status)) {
        tell_refusal(t, what, status);
    }
    (void)!carnet_terminal_collected(&t->machine, is_refusal(status) ? &refused : NULL, atm_now(), NULL);
}

void
atm_server_collect(atm *t, bool step_up)
{
    const carnet_span session = carnet_span_of(t->machine.record.session, CARNET_STAGING_SESSION);
    /* Somebody's coming is to be seen at once, since then the word is shown; from then on there is one thing to wait for. */
    const bool somebody = t->machine.record.phase != CARNET_TERMINAL_SHOWING;
    const carnet_collect_request collect = { .terminal = carnet_str_of(t->a->id),
                                             .session = session,
                                             .wait = !somebody    ? 0
                                                     : t->a->once ? WAIT_ONCE_S
                                                                  : WAIT_S };
    carnet_step_up_request more = { .terminal = collect.terminal,
                                    .session = session,
                                    .reference = carnet_str_of(t->machine.record.reference),
                                    .vtr_count = t->machine.vtr_count };
    uint8_t octets[4096];
    carnet_buf body = carnet_buf_of(octets, sizeof octets);
    carnet_err err = { 0 };
    carnet_rc rc;

    for (size_t i = 0; i < t->machine.vtr_count; i++) {
        more.vtr[i] = t->machine.vtr[i];
    }
    rc = step_up ? carnet_step_up_request_write(&more, &body, &err)
                 : carnet_collect_request_write(&collect, &body, &err);
    if (rc != CARNET_OK) {
        (void)cli_complain("a request", &err);
        (void)!carnet_terminal_collected(&t->machine, NULL, atm_now(), NULL);
        return;
    }
    hand_over(t, step_up ? "StepUp" : "Collect",
              post(t, step_up ? "/terminal/StepUp" : "/terminal/Collect", carnet_buf_span(&body),
                   step_up ? 0 : collect.wait));
}

bool
atm_server_tell(atm *t, const carnet_terminal_action *action)
{
    const carnet_dispensed_report report = { .terminal = carnet_str_of(t->a->id),
                                             .session =
                                                 carnet_span_of(t->machine.record.session, CARNET_STAGING_SESSION),
                                             .reference = carnet_str_of(t->machine.record.reference),
                                             .result = action->result,
                                             .amount = action->amount,
                                             .response_code = carnet_str_of(t->machine.record.response) };
    uint8_t octets[1024];
    carnet_buf body = carnet_buf_of(octets, sizeof octets);
    unsigned status;

    if (report.reference.len == 0 || carnet_dispensed_report_write(&report, &body, NULL) != CARNET_OK) {
        return true;
    }
    status = post(t, "/terminal/Dispensed", carnet_buf_span(&body), 0);
    if (is_refusal(status)) {
        tell_refusal(t, "Dispensed", status); /* saying it again changes nothing */
        return true;
    }
    return status == 200;
}

/* --- a presentation at the terminal --- */

static carnet_rc
sign(atm *t, carnet_span response, carnet_span transcript, carnet_buf *signature, carnet_err *err)
{
    uint8_t session_text[32];
    carnet_buf session = carnet_buf_of(session_text, sizeof session_text), payload = cli_buf(512);
    carnet_key key;
    carnet_signature raw;
    carnet_rc rc;

    carnet_base64url_encode(carnet_span_of(t->machine.record.session, CARNET_STAGING_SESSION), &session);
    rc = carnet_bops_evidence_payload(carnet_str_of(t->a->id), carnet_buf_str(&session), response, transcript,
                                      t->crypto, &payload, err);
    if (rc == CARNET_OK) {
        const carnet_span part = carnet_buf_span(&payload);

        cli_read_key(t->a->reader_key, t->crypto, CARNET_KEY_SIGN, &key);
        rc = carnet_key_sign(&key, t->crypto, CARNET_ES256, &part, 1, &raw, err);
        carnet_key_done(&key);
    }
    if (rc == CARNET_OK) {
        carnet_base64url_encode(carnet_span_of(raw.bytes, raw.len), signature);
    }
    free(payload.ptr);
    return rc;
}

bool
atm_server_evidence(atm *t, carnet_span response, carnet_span transcript)
{
    carnet_buf signature = cli_buf(128), response_text = cli_buf(response.len * 4 / 3 + 8),
               transcript_text = cli_buf(transcript.len * 4 / 3 + 8), certificate = cli_buf(8192),
               body = cli_buf(CARNET_STAGING_MAX);
    carnet_terminal_evidence evidence = { .terminal = carnet_str_of(t->a->id),
                                          .session =
                                              carnet_span_of(t->machine.record.session, CARNET_STAGING_SESSION) };
    carnet_err err = { 0 };
    carnet_rc rc = sign(t, response, transcript, &signature, &err);
    unsigned status;

    carnet_base64url_encode(response, &response_text);
    carnet_base64url_encode(transcript, &transcript_text);
    if (t->a->reader_certificate != NULL) {
        carnet_span chain[8];

        (void)cli_read_certificates(t->a->reader_certificate, chain, CARNET_COUNT(chain));
        carnet_base64url_encode(chain[0], &certificate);
    }
    evidence.device_response = carnet_buf_str(&response_text);
    evidence.session_transcript = carnet_buf_str(&transcript_text);
    evidence.reader_signature = carnet_buf_str(&signature);
    evidence.reader_certificate = carnet_buf_str(&certificate);
    rc = rc == CARNET_OK ? carnet_terminal_evidence_write(&evidence, &body, &err) : rc;
    if (rc != CARNET_OK) {
        (void)cli_complain("the presentation", &err);
        return false;
    }
    status = post(t, "/terminal/Evidence", carnet_buf_span(&body), 0);
    if (status != 200) {
        tell_refusal(t, "Evidence", status);
        return false;
    }
    return take(t, "Evidence");
}
