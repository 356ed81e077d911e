/* SPDX-License-Identifier: Apache-2.0 */
/* Recorded sessions, message by message; with the ephemeral key in them, what the messages said (doc/recording.cddl). */
#include "carnet/device_engagement_message.h"
#include "carnet/engagement.h"
#include "carnet/recording.h"
#include "carnet/session.h"
#include "inspect.h"

#include <string.h>

/** What is known of the session, to open its messages with. */
typedef struct replay {
    inspect *in;
    const carnet_recording *recording;
    carnet_key own;                /**< the ephemeral key recorded */
    carnet_span device_engagement; /**< of the head, or the mdoc's first message */
    carnet_session reader, mdoc;   /**< as the one that receives: `reader` opens what the mdoc sent */
    bool tried;                    /**< to agree on keys */
} replay;

/* --- opening --- */

static carnet_rc
transcript_of(const replay *r, carnet_span reader_key_bytes, carnet_span *transcript, carnet_err *err)
{
    const carnet_recording_head *head = &r->recording->head;
    carnet_session_transcript_parameters how = { .handover = head->handover,
                                                 .device_engagement = r->device_engagement,
                                                 .reader_key_bytes = reader_key_bytes,
                                                 .select = head->select,
                                                 .request = head->request,
                                                 .reader_engagement = head->reader_engagement };
    size_t cap = r->device_engagement.len + reader_key_bytes.len + head->select.len + head->request.len +
                 head->reader_engagement.len + 256;
    carnet_cbor_builder b = carnet_cbor_build(cli_alloc(cap), cap);
    carnet_rc rc = carnet_session_transcript_build(&b, r->in->crypto, &how, err);

    return rc == CARNET_OK ? carnet_cbor_built(&b, transcript, err) : rc;
}

/** The reader's key: in its first message, or in the engagement it showed. */
static carnet_rc
reader_key_of(const replay *r, carnet_span message, carnet_cbor_embedded *bytes, carnet_cose_key *key, carnet_err *err)
{
    carnet_session_establishment establishment;
    carnet_engagement engagement;
    carnet_rc rc = carnet_session_establishment_open(message, &establishment, err);

    if (rc == CARNET_OK) {
        *bytes = establishment.reader_key_bytes;
        *key = establishment.reader_key;
        return CARNET_OK;
    }
    rc = carnet_reader_engagement_open(r->recording->head.reader_engagement, &engagement, err);
    if (rc == CARNET_OK && !engagement.has_key) {
        return carnet_fail(err, CARNET_E_SESSION_KEY, NULL, "the reader's key is not known");
    }
    if (rc == CARNET_OK) {
        *bytes = engagement.key_bytes;
        *key = engagement.key;
    }
    return rc;
}

/** Agree on the session's keys, at the reader's first message. */
static carnet_rc
agree(replay *r, carnet_span message, carnet_err *err)
{
    carnet_engagement engagement;
    carnet_cbor_embedded reader_key_bytes = { 0 };
    carnet_cose_key reader_key = { 0 };
    carnet_span transcript = { 0 };
    carnet_cose_key peer;
    carnet_rc rc = carnet_device_engagement_open(r->device_engagement, &engagement, err);

    if (rc == CARNET_OK) {
        rc = reader_key_of(r, message, &reader_key_bytes, &reader_key, err);
    }
    if (rc == CARNET_OK) {
        rc = transcript_of(r, reader_key_bytes.encoded, &transcript, err);
    }
    if (rc == CARNET_OK) {
        peer = r->recording->head.reader ? engagement.key : reader_key;
        rc = carnet_cose_key_expand(&peer, r->in->crypto, err);
    }
    if (rc == CARNET_OK) {
        rc = carnet_session_init(&r->reader, CARNET_SESSION_READER, r->in->crypto, &r->own, &peer.key, transcript, err);
    }
    if (rc == CARNET_OK) {
        rc = carnet_session_init(&r->mdoc, CARNET_SESSION_MDOC, r->in->crypto, &r->own, &peer.key, transcript, err);
    }
    return rc;
}

/** The encrypted part of a message; empty: it has none. */
static carnet_span
data_of(carnet_span message)
{
    carnet_session_establishment establishment;
    carnet_session_data data;

    if (carnet_session_establishment_open(message, &establishment, NULL) == CARNET_OK) {
        return establishment.data;
    }
    return carnet_session_data_open(message, &data, NULL) == CARNET_OK ? data.data : (carnet_span){ 0 };
}

/** Offsets of what was decrypted are not the file's. */
static void
lift(inspect_node *node)
{
    node->offset = CARNET_NO_OFFSET;
    for (inspect_node *child = node->first; child != NULL; child = child->next) {
        lift(child);
    }
}

/** The tree of what was decrypted; that it cannot be read to its end is odd, and no failure of the recording. */
static void
show_plain(inspect *in, inspect_node *node, carnet_span plain, bool request)
{
    carnet_span base = in->base;
    carnet_err before = in->err;

    in->base = plain;
    in->err = (carnet_err){ 0 };
    (void)inspect_item(in, node, plain, request ? &inspect_device_request : &inspect_device_response);
    if (in->err.rc != CARNET_OK) {
        inspect_odd(node, "it cannot be read to its end: %s",
                    in->err.reason[0] != '\0' ? in->err.reason : carnet_rc_text(in->err.rc));
    }
    in->base = base;
    in->err = before;
    lift(node);
    node->note = inspect_format("decrypted, %zu bytes", plain.len);
}

static void
show_content(replay *r, inspect_node *up, carnet_span message, bool from_reader)
{
    carnet_span data = data_of(message), plain;
    carnet_session *session = from_reader ? &r->mdoc : &r->reader;
    uint8_t *out;
    carnet_err err = { 0 };

    if (r->own.ops == NULL || data.len < CARNET_GCM_TAG) {
        return;
    }
    if (!r->tried && from_reader) {
        r->tried = true;
        if (agree(r, message, &err) != CARNET_OK) {
            inspect_odd(up, "no keys follow from what was recorded: %s",
                        err.reason[0] != '\0' ? err.reason : carnet_rc_text(err.rc));
        }
    }
    if (!session->open) {
        return;
    }
    out = cli_alloc(data.len);
    if (carnet_session_unseal(session, r->in->crypto, data, out, data.len, &plain, &err) == CARNET_OK) {
        show_plain(r->in, inspect_add(r->in, up, from_reader ? "DeviceRequest" : "DeviceResponse"), plain, from_reader);
    } else {
        inspect_odd(up, "it cannot be decrypted: %s", err.reason);
    }
}

/* --- the tree --- */

static void
show_entry(replay *r, inspect_node *up, const carnet_recording_entry *entry, size_t number, carnet_span encoded)
{
    inspect *in = r->in;
    inspect_node *node = inspect_add(in, up, inspect_format("[%zu]", number)), *child;
    bool from_reader = (entry->kind == CARNET_RECORDING_SENT) == r->recording->head.reader;
    const inspect_shape *shape = inspect_guess(entry->message, false);

    inspect_place(in, node, encoded, carnet_span_of(encoded.ptr, encoded.len - entry->message.len));
    if (entry->kind == CARNET_RECORDING_ENDED) {
        node->value = inspect_format("the end, at %llu.%03llu s", (unsigned long long)entry->ms / 1000,
                                     (unsigned long long)entry->ms % 1000);
        inspect_note(node, INSPECT_PLAIN, "%s",
                     entry->code == 0 ? "the side that was recorded closed the link"
                                      : carnet_rc_text((carnet_rc)entry->code));
        return;
    }
    node->value = inspect_format("%s, at %llu.%03llu s", from_reader ? "reader to mdoc" : "mdoc to reader",
                                 (unsigned long long)entry->ms / 1000, (unsigned long long)entry->ms % 1000);
    inspect_note(node, INSPECT_PLAIN, "%zu bytes", entry->message.len);
    child = inspect_add(in, node, shape != NULL ? inspect_kind_of(shape)->name : "message");
    if (shape == NULL) { /* what a session sends is of a shape; anything else is shown as it is, and stops nothing */
        child->value = inspect_bytes(in, entry->message);
        inspect_place(in, child, entry->message, entry->message);
        inspect_odd(child, "this is no message of a session");
        return;
    }
    (void)inspect_item(in, child, entry->message, shape);
    if (!from_reader && shape == &inspect_engagement_message && r->device_engagement.len == 0) {
        (void)carnet_device_engagement_message_open(entry->message, &r->device_engagement, NULL);
    }
    show_content(r, node, entry->message, from_reader);
}

static void
show_engagement(inspect *in, inspect_node *up, const char *name, carnet_span bytes, const inspect_shape *shape)
{
    if (bytes.len > 0) {
        (void)inspect_item(in, inspect_add(in, up, name), bytes, shape);
    }
}

static void
show_handover(inspect *in, inspect_node *up, carnet_span message)
{
    inspect_node *node;

    if (message.len == 0) {
        return;
    }
    node = inspect_add(in, up, "NFC handover");
    if (!inspect_ndef(in, node, message)) {
        node->value = inspect_bytes(in, message);
    }
}

static void
show_head(inspect *in, inspect_node *up, const carnet_recording *recording)
{
    const carnet_recording_head *head = &recording->head;
    char text[CARNET_TIME_TEXT_MAX];
    inspect_node *node = inspect_add(in, up, "head"), *line;

    inspect_place(in, node, carnet_span_of(recording->all.ptr, recording->all.len - recording->entries.len),
                  (carnet_span){ 0 });
    node->value = "";
    inspect_line(in, node, "recorded by", "%s", head->reader ? "the reader" : "the mdoc");
    inspect_line(in, node, "medium", "%s", inspect_quoted(in, head->medium));
    carnet_time_text(head->started, text);
    line = inspect_line(in, node, "started", "%s", text);
    inspect_note(line, INSPECT_PLAIN, "%s", inspect_relative(in, head->started));
    show_engagement(in, node, "DeviceEngagement", head->device_engagement, &inspect_device_engagement);
    show_engagement(in, node, "ReaderEngagement", head->reader_engagement, &inspect_reader_engagement);
    show_handover(in, node, head->select);
    show_handover(in, node, head->request);
    if (head->ephemeral_key.len > 0) {
        line = inspect_line(in, node, "ephemeral key", "not shown");
        inspect_note(line, INSPECT_BAD, "whoever has this file can read the whole session");
    }
}

static size_t
show_entries(replay *r, inspect_node *root)
{
    carnet_recording_cursor cursor = { 0 };
    carnet_recording_entry entry;
    carnet_span all = r->recording->entries;
    size_t at = 0, messages = 0;

    while (r->in->nodes < INSPECT_NODES_MAX && carnet_recording_next(r->recording, &cursor, &entry, &r->in->err)) {
        show_entry(r, root, &entry, cursor.count - 1, carnet_span_of(all.ptr + at, cursor.at - at));
        messages += entry.kind != CARNET_RECORDING_ENDED;
        at = cursor.at;
        if (r->in->err.rc != CARNET_OK) { /* of a message: the recording itself goes on */
            inspect_odd(root->last, "it cannot be read to its end: %s", r->in->err.reason);
            r->in->err = (carnet_err){ 0 };
        }
    }
    if (cursor.cut) {
        inspect_odd(root, "it is cut off within entry %zu: whoever recorded it was stopped", cursor.count);
    } else if (!cursor.ended && cursor.rc == CARNET_OK) {
        inspect_odd(root, "it has no end: whoever recorded it was stopped");
    }
    return messages;
}

bool
inspect_recording(inspect *in, carnet_span bytes, inspect_result *result)
{
    static const char key[] = "\x6f"
                              "carnetRecording";
    carnet_recording recording;
    replay r = { .in = in, .recording = &recording };
    size_t messages;

    if (bytes.len < sizeof key || memcmp(bytes.ptr + 1, key, sizeof key - 1) != 0) {
        return false;
    }
    result->kind = "recording";
    result->what = "a session as it crossed a link";
    result->root = inspect_add(in, NULL, "recording");
    result->root->value = "";
    inspect_place(in, result->root, bytes, (carnet_span){ 0 });
    if (carnet_recording_open(bytes, &recording, &result->err) != CARNET_OK) {
        return true;
    }
    r.device_engagement = recording.head.device_engagement;
    show_head(in, result->root, &recording);
    if (recording.head.ephemeral_key.len > 0 &&
        carnet_software_key_from_der(in->crypto, recording.head.ephemeral_key, CARNET_KEY_AGREE, &r.own, NULL) !=
            CARNET_OK) {
        inspect_odd(result->root->last->last, "it is no key that could be used");
    }
    messages = show_entries(&r, result->root);
    result->err = in->err;
    result->what =
        inspect_format("a session of %zu message%s over %s, recorded by the %s", messages, messages == 1 ? "" : "s",
                       inspect_safe(recording.head.medium, false), recording.head.reader ? "reader" : "mdoc");
    carnet_session_done(&r.reader);
    carnet_session_done(&r.mdoc);
    carnet_key_done(&r.own);
    return true;
}
