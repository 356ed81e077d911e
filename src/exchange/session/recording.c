/* SPDX-License-Identifier: Apache-2.0 */
/* Recordings of sessions: a head, then an item a message (doc/recording.cddl). */
#include "carnet/recording.h"

#define MEDIUM_MAX 32

static const char *const handovers[] = {
    [CARNET_HANDOVER_QR] = "QR",
    [CARNET_HANDOVER_NFC] = "NFC",
    [CARNET_HANDOVER_WEBSITE] = "website",
    [CARNET_HANDOVER_ENGAGEMENT] = "engagement",
};

/* --- building --- */

static bool
can_be_built(const carnet_recording_head *head)
{
    return (size_t)head->handover < CARNET_COUNT(handovers) && head->medium.len <= MEDIUM_MAX && head->started >= 0;
}

static void
add_bytes(carnet_cbor_builder *b, const char *name, carnet_span bytes)
{
    if (bytes.len != 0) {
        carnet_cbor_add_text(b, name);
        carnet_cbor_add_bstr(b, bytes);
    }
}

void
carnet_recording_build_head(carnet_cbor_builder *b, const carnet_recording_head *head)
{
    if (!can_be_built(head)) {
        b->rc = b->rc == CARNET_OK ? CARNET_E_USAGE : b->rc;
        return;
    }
    carnet_cbor_add_map(b, 5u + (head->device_engagement.len != 0) + (head->reader_engagement.len != 0) +
                               (head->select.len != 0) + (head->request.len != 0) + (head->ephemeral_key.len != 0));
    carnet_cbor_add_text(b, "carnetRecording");
    carnet_cbor_add_uint(b, CARNET_RECORDING_VERSION);
    carnet_cbor_add_text(b, "role");
    carnet_cbor_add_text(b, head->reader ? "reader" : "mdoc");
    carnet_cbor_add_text(b, "medium");
    carnet_cbor_add_tstr(b, head->medium);
    carnet_cbor_add_text(b, "started");
    carnet_cbor_add_tdate(b, head->started);
    carnet_cbor_add_text(b, "handover");
    carnet_cbor_add_text(b, handovers[head->handover]);
    add_bytes(b, "deviceEngagement", head->device_engagement);
    add_bytes(b, "readerEngagement", head->reader_engagement);
    add_bytes(b, "handoverSelect", head->select);
    add_bytes(b, "handoverRequest", head->request);
    add_bytes(b, "ephemeralKey", head->ephemeral_key);
}

void
carnet_recording_build_entry(carnet_cbor_builder *b, const carnet_recording_entry *entry)
{
    carnet_cbor_add_array(b, 3);
    carnet_cbor_add_uint(b, (uint64_t)entry->kind);
    carnet_cbor_add_uint(b, entry->ms);
    if (entry->kind == CARNET_RECORDING_ENDED) {
        carnet_cbor_add_uint(b, entry->code);
    } else {
        carnet_cbor_add_bstr_head(b, entry->message.len);
    }
}

/* --- the head --- */

typedef struct members {
    uint64_t version;
    carnet_str role, handover;
    carnet_span started;
    carnet_recording_head head;
} members;

static const carnet_cbor_field fields[] = {
    CARNET_MEMBER(members, "carnetRecording", CARNET_FIELD_UINT, version),
    CARNET_MEMBER(members, "role", CARNET_FIELD_TSTR, role),
    CARNET_MEMBER(members, "medium", CARNET_FIELD_TSTR, head.medium),
    CARNET_MEMBER(members, "started", CARNET_FIELD_ANY, started),
    CARNET_MEMBER(members, "handover", CARNET_FIELD_TSTR, handover),
    CARNET_MEMBER_OPTIONAL(members, "deviceEngagement", CARNET_FIELD_BSTR, head.device_engagement),
    CARNET_MEMBER_OPTIONAL(members, "readerEngagement", CARNET_FIELD_BSTR, head.reader_engagement),
    CARNET_MEMBER_OPTIONAL(members, "handoverSelect", CARNET_FIELD_BSTR, head.select),
    CARNET_MEMBER_OPTIONAL(members, "handoverRequest", CARNET_FIELD_BSTR, head.request),
    CARNET_MEMBER_OPTIONAL(members, "ephemeralKey", CARNET_FIELD_BSTR, head.ephemeral_key),
};

static void
refuse(carnet_cbor_reader *r, const void *at, const char *reason)
{
    carnet_cbor_refuse(r, CARNET_E_SESSION_RECORDING, at, NULL, reason);
}

static void
read_started(carnet_cbor_reader *outer, members *m)
{
    carnet_path path = { .up = outer->path, .name = carnet_str_of("started") };
    carnet_cbor_reader r = carnet_cbor_open_within(outer, m->started, &path);
    carnet_str text;

    carnet_cbor_expect_tag(&r, 0);
    text = carnet_cbor_tstr(&r);
    if (r.rc == CARNET_OK && carnet_time_parse(text, &m->head.started, NULL, NULL) != CARNET_OK) {
        refuse(&r, text.ptr, "this is no date and time");
    }
    if (r.rc == CARNET_OK && m->head.started < 0) {
        refuse(&r, text.ptr, "nobody recorded a session then");
    }
    carnet_cbor_join(outer, &r);
}

static void
read_words(carnet_cbor_reader *r, members *m)
{
    size_t i = 0;

    if (r->rc != CARNET_OK) {
        return;
    }
    if (m->version != CARNET_RECORDING_VERSION) {
        refuse(r, r->origin, "its version is not known");
    }
    m->head.reader = carnet_str_is(m->role, "reader");
    if (!m->head.reader && !carnet_str_is(m->role, "mdoc")) {
        refuse(r, m->role.ptr, "the role is reader or mdoc");
    }
    if (m->head.medium.len > MEDIUM_MAX) {
        refuse(r, m->head.medium.ptr, "the medium's name is too long");
    }
    while (i < CARNET_COUNT(handovers) && !carnet_str_is(m->handover, handovers[i])) {
        i++;
    }
    if (i == CARNET_COUNT(handovers)) {
        refuse(r, m->handover.ptr, "the handover is not known");
    }
    m->head.handover = (carnet_handover)i;
}

carnet_rc
carnet_recording_open(carnet_span bytes, carnet_recording *view, carnet_err *err)
{
    carnet_path path = { .name = carnet_str_of("recording") };
    carnet_cbor_reader r = carnet_cbor_open(bytes);
    members m = { 0 };
    carnet_rc rc;

    *view = (carnet_recording){ 0 };
    r.path = &path;
    carnet_cbor_fields(&r, fields, CARNET_COUNT(fields), &m);
    if (r.rc == CARNET_OK) {
        read_started(&r, &m);
        read_words(&r, &m);
    }
    rc = carnet_cbor_failed(&r, err);
    if (rc == CARNET_OK) {
        *view = (carnet_recording){ m.head, bytes, carnet_span_of(r.at, (size_t)(r.end - r.at)) };
    }
    return rc;
}

/* --- the entries --- */

static void
read_entry(carnet_cbor_reader *r, carnet_recording_entry *entry)
{
    const uint8_t *at = r->at;
    carnet_cbor_walk walk;
    uint64_t kind = 0;

    if (*at != 0x83) {
        refuse(r, at, "an entry is an array of three");
    }
    carnet_cbor_array(r, &walk);
    if (carnet_cbor_array_next(r, &walk)) {
        kind = carnet_cbor_uint(r);
    }
    if (kind > CARNET_RECORDING_ENDED) {
        refuse(r, at, "an entry is a message received, one sent, or the end");
    }
    entry->kind = (carnet_recording_kind)kind;
    if (carnet_cbor_array_next(r, &walk)) {
        entry->ms = carnet_cbor_uint(r);
    }
    if (carnet_cbor_array_next(r, &walk) && entry->kind == CARNET_RECORDING_ENDED) {
        entry->code = carnet_cbor_uint(r);
    } else if (r->rc == CARNET_OK) {
        entry->message = carnet_cbor_bstr(r);
    }
    (void)carnet_cbor_array_next(r, &walk);
    if (r->rc == CARNET_OK && entry->message.len > CARNET_RECORDING_MESSAGE_MAX) {
        refuse(r, at, "the message is longer than any may be");
    }
}

/** What an entry may not be where it stands. */
static void
check_place(carnet_cbor_reader *r, const uint8_t *at, const carnet_recording_cursor *cursor,
            const carnet_recording_entry *entry)
{
    if (cursor->ended) {
        refuse(r, at, "something follows the end");
    } else if (cursor->count == CARNET_RECORDING_ENTRIES_MAX) {
        refuse(r, at, "there are more entries than a recording may have");
    } else if (r->rc == CARNET_OK && entry->ms < cursor->ms) {
        refuse(r, at, "time goes back");
    }
}

bool
carnet_recording_next(const carnet_recording *view, carnet_recording_cursor *cursor, carnet_recording_entry *entry,
                      carnet_err *err)
{
    carnet_path path = { .name = carnet_str_of("entries"), .index = cursor->count };
    carnet_path item = { .up = &path, .index = cursor->count };
    carnet_cbor_reader outer = carnet_cbor_open(view->all), r;
    carnet_recording_entry got = { 0 };
    carnet_span rest;

    *entry = got;
    if (cursor->rc != CARNET_OK || cursor->cut || cursor->at >= view->entries.len) {
        return false;
    }
    rest = carnet_span_of(view->entries.ptr + cursor->at, view->entries.len - cursor->at);
    r = carnet_cbor_open_within(&outer, rest, &item);
    read_entry(&r, &got);
    check_place(&r, rest.ptr, cursor, &got);
    if (r.rc == CARNET_E_CBOR_TRUNCATED) {
        cursor->cut = true;
        return false;
    }
    cursor->rc = carnet_cbor_failed(&r, err);
    if (cursor->rc != CARNET_OK) {
        return false;
    }
    *entry = got;
    cursor->at += (size_t)(r.at - rest.ptr);
    cursor->ms = got.ms;
    cursor->ended = got.kind == CARNET_RECORDING_ENDED;
    cursor->count++;
    return true;
}
