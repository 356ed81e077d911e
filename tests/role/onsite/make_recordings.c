/* SPDX-License-Identifier: Apache-2.0 */
/*
 * make_recordings: whole sessions, recorded in the current directory by both
 * sides: reader and mdoc with their ephemeral keys, bare without; and one after
 * an NFC handover, and one whose engagement the reader showed.
 */
#include "carnet/holder_reverse.h"
#include "carnet/link_record.h"
#include "carnet/reader_reverse.h"
#include "stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STARTED INT64_C(1790000000)

static void
must(carnet_rc rc, const carnet_err *err)
{
    if (rc != CARNET_OK) {
        fprintf(stderr, "%s: %s\n", carnet_rc_name(rc), err->reason);
        exit(1);
    }
}

/* Put a recorder around a link. */
static void
record(carnet_link *link, carnet_recorder *recorder, const char *path, carnet_recording_head head, carnet_key *key)
{
    uint8_t room[256];
    carnet_buf der = carnet_buf_of(room, sizeof(room));
    carnet_err err = { 0 };

    head.started = STARTED;
    if (key != NULL) {
        must(carnet_software_key_to_der(key, &der, &err), &err);
        head.ephemeral_key = carnet_buf_span(&der);
    }
    must(carnet_recorder_to_file(recorder, path, &err), &err);
    must(carnet_link_record(link, recorder, &head, &err), &err);
}

static void
session(world *w, const char *reader_path, const char *mdoc_path, bool keys)
{
    static stage s;
    carnet_recorder reader, mdoc;
    carnet_recording_head head = { .handover = CARNET_HANDOVER_QR };

    stage_begin(&s, w, CARNET_CURVE_P256);
    head.device_engagement = s.t.holder.device_engagement;
    head.reader = true;
    record(&s.reader.link, &reader, reader_path, head, keys ? &s.t.reader.key : NULL);
    head.reader = false;
    record(&s.mdoc.link, &mdoc, mdoc_path, head, keys ? &s.t.holder.key : NULL);
    stage_run(&s);
    stage_done(&s);
}

/* --- other beginnings: the links are made by hand, and one request is answered --- */

typedef struct table {
    talk t;
    carnet_link reader, mdoc;
} table;

static void
carry(table *at, carnet_link *from, carnet_link *to)
{
    carnet_buf got = carnet_buf_of(at->t.message, sizeof(at->t.message));
    carnet_err err = { 0 };

    must(carnet_link_send(from, carnet_span_of(at->t.message, at->t.len), 0, &err), &err);
    must(carnet_link_receive(to, &got, 0, &err), &err);
    at->t.len = got.len;
}

static table *
begin(world *w)
{
    static table at;
    carnet_err err = { 0 };

    memset(&at, 0, sizeof(at));
    at.t.w = w;
    at.t.holder_storage = carnet_buf_of(at.t.holder_room, sizeof(at.t.holder_room));
    at.t.reader_storage = carnet_buf_of(at.t.reader_room, sizeof(at.t.reader_room));
    must(carnet_link_memory_pair(&at.reader, &at.mdoc, &err), &err);
    return &at;
}

/* The request is in at->t.received. */
static void
answer_and_part(table *at)
{
    talk *t = &at->t;

    t->received = carnet_test_copy(t->received);
    must(carnet_device_request_open(t->received, 0, &t->view, &t->w->err), &t->w->err);
    must(carnet_holder_match(&t->view, t->w->held, t->w->held_count, t->offers, OFFERS, &t->offer_count, &t->w->err),
         &t->w->err);
    talk_consent(t, true);
    must(talk_answer(t, CARNET_SESSION_TERMINATION), &t->w->err);
    carry(at, &at->mdoc, &at->reader);
    must(talk_read(t), &t->w->err);
    carnet_link_close(&at->mdoc);
    carnet_link_close(&at->reader);
    talk_done(t);
}

static const char *const names[] = { "family_name" };

static void
after_nfc(world *w)
{
    static const uint8_t select[] = { 0xd1, 0x02, 0x01, 'H', 's', 0x15 },
                         request[] = { 0xd1, 0x02, 0x01, 'H', 'r', 0x15 };
    carnet_session_transcript_parameters how = { .handover = CARNET_HANDOVER_NFC,
                                                 .select = { select, sizeof(select) },
                                                 .request = { request, sizeof(request) } };
    table *at = begin(w);
    talk *t = &at->t;
    uint8_t room[16];
    carnet_cbor_builder b = carnet_cbor_build(room, sizeof(room));
    carnet_engagement_parameters parameters = { .method_count = 1 };
    carnet_recorder recorder;
    carnet_span method;

    carnet_method_build_nfc(&b, 255, 256);
    method = carnet_span_of(room, b.len);
    parameters.methods = &method;
    must(carnet_holder_engage(&t->holder, &w->crypto, CARNET_CURVE_P384, &parameters, &t->holder_storage, &w->err),
         &w->err);
    must(carnet_reader_engage(&t->reader, &w->crypto, t->holder.device_engagement, &how, &t->reader_storage, &w->err),
         &w->err);
    record(&at->mdoc, &recorder, "nfc.session",
           (carnet_recording_head){ .medium = carnet_str_of("NFC"),
                                    .handover = CARNET_HANDOVER_NFC,
                                    .device_engagement = t->holder.device_engagement,
                                    .select = how.select,
                                    .request = how.request },
           &t->holder.key);
    must(talk_ask(t, names, CARNET_COUNT(names), false), &w->err);
    carry(at, &at->reader, &at->mdoc);
    must(carnet_holder_receive(&t->holder, t->message, t->len, &how, &t->received, &t->status, &w->err), &w->err);
    answer_and_part(at);
}

static void
after_reverse(world *w)
{
    static const carnet_engagement_parameters none = { 0 };
    table *at = begin(w);
    talk *t = &at->t;
    carnet_cbor_builder b = carnet_cbor_build(t->message, sizeof(t->message));
    carnet_recorder recorder;
    carnet_span shown;

    must(carnet_reader_reverse_show(&t->reader, &w->crypto, CARNET_CURVE_P256, &none, &t->reader_storage, &shown,
                                    &w->err),
         &w->err);
    record(&at->reader, &recorder, "reverse.session",
           (carnet_recording_head){ .reader = true, .handover = CARNET_HANDOVER_WEBSITE, .reader_engagement = shown },
           &t->reader.key);
    must(carnet_holder_reverse_engage(&t->holder, &w->crypto, shown, CARNET_CURVE_P256, &none, &t->holder_storage, &b,
                                      &w->err),
         &w->err);
    t->len = b.len;
    carry(at, &at->mdoc, &at->reader);
    must(carnet_reader_reverse_receive(&t->reader, shown, carnet_span_of(t->message, t->len), &t->reader_storage, NULL,
                                       &w->err),
         &w->err);
    must(talk_ask(t, names, CARNET_COUNT(names), false), &w->err);
    carry(at, &at->reader, &at->mdoc);
    must(carnet_holder_reverse_receive(&t->holder, shown, t->message, t->len, &t->received, &t->status, &w->err),
         &w->err);
    answer_and_part(at);
}

int
main(void)
{
    static world w;

    world_begin(&w, CARNET_CURVE_P256);
    world_hold_mdl(&w);
    session(&w, "reader.session", "mdoc.session", true);
    session(&w, "bare.session", "bare-mdoc.session", false);
    after_nfc(&w);
    after_reverse(&w);
    world_done(&w);
    return 0;
}
