/* SPDX-License-Identifier: Apache-2.0 */
/* carnet holder present: what left, to whom, how it ended; on the terminal, as JSON, in the store's record. */
#include "holder_present.h"

#include <stdlib.h>

static void
hex(FILE *out, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        fprintf(out, "%02x", bytes[i]);
    }
}

static void
note_reader(FILE *out, const carnet_reader_identity *reader)
{
    fprintf(out, "\"reader\":{\"trust\":\"%s\"", carnet_reader_trust_text(reader->trust));
    if (reader->name.len > 0) {
        fputs(",\"name\":", out);
        cli_json_string(out, reader->name);
    }
    if (reader->certificate.len > 0) {
        fputs(",\"certificate\":\"", out);
        hex(out, reader->fingerprint, sizeof reader->fingerprint);
        fputs("\"", out);
    }
    fputs("}", out);
}

static void
note_offer(FILE *out, const carnet_offer *o, bool first)
{
    fputs(first ? "{\"nameSpace\":" : ",{\"nameSpace\":", out);
    cli_json_string(out, o->name_space);
    fputs(",\"element\":", out);
    cli_json_string(out, o->identifier);
    if (!carnet_str_equal(o->identifier, o->requested)) {
        fputs(",\"requested\":", out);
        cli_json_string(out, o->requested);
    }
    fprintf(out, ",\"retain\":%s,\"left\":%s}", o->retain ? "true" : "false", o->consented ? "true" : "false");
}

/** The elements of one document that would leave. */
static size_t
note_candidate(presentation *p, const carnet_candidate *candidate, bool first)
{
    carnet_offer *o;
    size_t index = 0, count = 0, left = 0;

    fprintf(p->tell, "%s{\"document\":%llu,\"docType\":", first ? "" : ",",
            (unsigned long long)p->which[candidate->document]->number);
    cli_json_string(p->tell, p->held[candidate->document].doc_type);
    fputs(",", p->tell);
    note_reader(p->tell, carnet_reader_of(p->readers, candidate->doc_request));
    fputs(",\"elements\":[", p->tell);
    while (carnet_choice_next(p->choice, &index, &o)) {
        if (o->candidate == (size_t)(candidate - p->choice->candidates)) {
            note_offer(p->tell, o, count++ == 0);
            left += o->consented;
        }
    }
    fputs("]}", p->tell);
    return left;
}

void
present_note_answer(presentation *p)
{
    bool first = p->requests <= 1;

    for (size_t i = 0; i < p->choice->candidate_count; i++) {
        const carnet_candidate *candidate = &p->choice->candidates[i];

        if (candidate->taken && (p->choice->wanted >> candidate->doc_request & 1) != 0) {
            p->left += note_candidate(p, candidate, first);
            first = false;
        }
    }
}

static void
ending(presentation *p, carnet_rc rc, const carnet_err *err)
{
    if (rc == CARNET_OK) {
        snprintf(p->ended, sizeof p->ended, "%s",
                 p->status == CARNET_SESSION_TERMINATION ? "the reader ended the session"
                                                         : carnet_session_status_text(p->status));
    } else if (onsite_stopped()) {
        snprintf(p->ended, sizeof p->ended, "it was ended here");
    } else if (present_hung_up(p, rc)) {
        snprintf(p->ended, sizeof p->ended, "the reader hung up %s the answer",
                 p->answers == p->requests ? "after" : "before");
    } else {
        snprintf(p->ended, sizeof p->ended, "%s", err->reason[0] != '\0' ? err->reason : carnet_rc_text(rc));
    }
}

/** The line of the record, which is also what --json prints. */
static void
write_line(presentation *p, carnet_rc rc)
{
    const carnet_link_traffic *traffic = &p->meeting.link.traffic;
    char now[CARNET_TIME_TEXT_MAX], *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    carnet_time_text(cli_now(), now);
    fclose(p->tell);
    p->tell = NULL;
    fprintf(out, "{\"time\":\"%s\",\"way\":", now);
    cli_json_string(out, carnet_str_of(p->meeting.way < ONSITE_WAYS ? onsite_way_text(p->meeting.way) : "none"));
    fprintf(out, ",\"requests\":%zu,\"left\":%zu,\"documents\":[%.*s],\"ended\":", p->requests, p->left,
            (int)p->told_len, p->told);
    cli_json_string(out, carnet_str_of(p->ended));
    fprintf(out, ",\"code\":\"%s\",\"octetsSent\":%llu,\"octetsReceived\":%llu}\n", carnet_rc_name(rc),
            (unsigned long long)traffic->octets_sent, (unsigned long long)traffic->octets_received);
    fclose(out);
    if (p->requests > 0) {
        store_note(p->store, (carnet_str){ text, len });
    }
    if (p->a->json) {
        fwrite(text, 1, len, stdout);
    }
    free(text);
}

void
present_say_end(presentation *p, carnet_rc rc, const carnet_err *err)
{
    const cli_colours *c = cli_colour();

    ending(p, rc, err);
    write_line(p, rc);
    if (p->requests == 0) {
        carnet_err plain = *err;

        if (rc == CARNET_OK) {
            fprintf(p->out, "Nothing was asked: %s.\n", p->ended);
        } else {
            (void)cli_complain(p->step, &plain);
        }
        return;
    }
    if (p->left == 0) {
        fprintf(p->out, "%sNothing left.%s", c->bold, c->off);
    } else {
        fprintf(p->out, "%s%zu element%s left%s, to ", c->bold, p->left, p->left == 1 ? "" : "s", c->off);
        present_reader_text(p->out, carnet_reader_of(p->readers, 0));
        fputs(".", p->out);
    }
    fprintf(p->out, "\nThe end: %s.\n", p->ended);
}
