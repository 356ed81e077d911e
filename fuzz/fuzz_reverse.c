/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reverse engagement, from both ends.  The first byte says whether the rest is
 * the mdoc's first message, a reader's engagement, a message to an mdoc that
 * met its reader so, or one that a reader is said to have sent.
 */
#include "carnet/holder_reverse.h"
#include "carnet/reader_replay.h"
#include "carnet/reader_reverse.h"
#include "talk_world.h"

enum { FIRST_MESSAGE, READER_ENGAGEMENT, TO_MDOC, SENT_BY_READER, MODES };
#define ROOM 16384

static talk_world t;
static uint8_t reader_room[2 * ROOM], holder_room[2 * ROOM], message[2 * ROOM];
static const carnet_engagement_parameters none;

static carnet_span
show(carnet_reader *reader, carnet_buf *storage)
{
    carnet_span shown;

    *storage = carnet_buf_of(reader_room, sizeof(reader_room));
    MUST(carnet_reader_reverse_show(reader, &t.w.crypto, CARNET_CURVE_P256, &none, storage, &shown, NULL) == CARNET_OK);
    return shown;
}

static void
take_first(carnet_span input)
{
    carnet_reader reader;
    carnet_buf storage;
    carnet_span shown = show(&reader, &storage), engagement;
    carnet_session_transcript view;

    if (carnet_reader_reverse_receive(&reader, shown, input, &storage, &engagement, NULL) == CARNET_OK) {
        MUST(reader.session.open && engagement.len > 0 && storage.len <= storage.cap);
        MUST(reader.session.key_known == (reader.key.public_key.curve == CARNET_CURVE_P256));
        MUST(carnet_session_transcript_open(reader.session_transcript, &view, NULL) == CARNET_OK);
        MUST(carnet_span_equal(view.device_engagement, engagement));
    } else {
        MUST(engagement.len == 0 && reader.key.ops == NULL);
        talk_check_wiped(&reader.session);
    }
    carnet_reader_done(&reader);
}

static void
answer_engagement(carnet_span input)
{
    carnet_buf storage = carnet_buf_of(holder_room, sizeof(holder_room));
    carnet_cbor_builder b = carnet_cbor_build(message, sizeof(message));
    carnet_engagement engagement;
    carnet_holder holder;
    carnet_rc rc =
        carnet_holder_reverse_engage(&holder, &t.w.crypto, input, CARNET_CURVE_P384, &none, &storage, &b, NULL);

    if (rc == CARNET_OK) {
        MUST(carnet_reader_engagement_open(input, &engagement, NULL) == CARNET_OK);
        MUST(b.len > 0 && holder.session.open == holder.established);
        MUST(!holder.established || engagement.has_key);
    } else {
        MUST(b.len == 0 && storage.len == 0);
        talk_check_wiped(&holder.session);
    }
    carnet_holder_done(&holder);
    talk_check_wiped(&holder.session);
}

/* Nobody but the reader it met can say anything to it; a SessionEstablishment ends it. */
static void
tell_mdoc(carnet_span input)
{
    carnet_buf storage = carnet_buf_of(holder_room, sizeof(holder_room)), readers;
    carnet_cbor_builder b = carnet_cbor_build(message, ROOM);
    carnet_session_establishment establishment;
    carnet_holder holder;
    carnet_reader reader;
    carnet_span shown = show(&reader, &readers), request;
    uint64_t status;
    carnet_rc rc;

    MUST(carnet_holder_reverse_engage(&holder, &t.w.crypto, shown, CARNET_CURVE_P256, &none, &storage, &b, NULL) ==
         CARNET_OK);
    if (input.len != 0)
        memcpy(message + ROOM, input.ptr, input.len);
    rc = carnet_holder_reverse_receive(&holder, shown, message + ROOM, input.len, &request, &status, NULL);
    MUST(request.ptr == NULL); /* nobody sealed anything */
    MUST(rc != CARNET_OK || status != 0);
    MUST(holder.over);
    if (carnet_session_establishment_open(input, &establishment, NULL) == CARNET_OK)
        MUST(rc == CARNET_E_SESSION_STATE);
    talk_check_wiped(&holder.session);
    carnet_holder_done(&holder);
    carnet_reader_done(&reader);
}

static void
replay_sent(carnet_span input)
{
    carnet_reader reader = { .crypto = &t.w.crypto, .session = t.reader, .reader_key_bytes = t.reader_key_bytes };
    carnet_span request;
    uint64_t status;
    carnet_rc rc;

    if (input.len != 0)
        memcpy(message, input.ptr, input.len);
    rc = carnet_reader_replay_sent(&reader, message, input.len, &request, &status, NULL);
    MUST(request.ptr == NULL && (rc != CARNET_OK || status != 0 || input.len > 0));
    if (rc != CARNET_OK || status != 0)
        talk_check_wiped(&reader.session);
    carnet_reader_done(&reader);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const modes[MODES])(carnet_span) = { take_first, answer_engagement, tell_mdoc, replay_sent };
    static bool done;

    if (!done)
        talk_world_init(&t);
    done = true;
    if (size < 1 || size > 8192)
        return 0;
    modes[data[0] % MODES](carnet_span_of(data + 1, size - 1));
    return 0;
}
