/* SPDX-License-Identifier: Apache-2.0 */
/* A link whose peer is a recording. */
#include "carnet/link_record.h"
#include "link_io.h"

/** Step to the next entry of a kind, or to the end; false: there is none. */
static bool
step(const carnet_link_replay *replay, carnet_recording_cursor *cursor, carnet_recording_kind kind,
     carnet_recording_entry *entry, carnet_err *err)
{
    while (carnet_recording_next(&replay->recording, cursor, entry, err)) {
        if (entry->kind == kind || entry->kind == CARNET_RECORDING_ENDED) {
            return true;
        }
    }
    return false;
}

static carnet_rc
replay_send(carnet_link *link, carnet_span message, int timeout_ms, carnet_err *err)
{
    carnet_link_replay *replay = link->state;
    carnet_recording_entry entry;

    (void)timeout_ms;
    (void)err;
    carnet_link_tell(link, true, 0, message.len);
    /* What differs is counted and no more: a reader with a new key cannot say the same. */
    if (!step(replay, &replay->said, CARNET_RECORDING_SENT, &entry, NULL) || entry.kind != CARNET_RECORDING_SENT ||
        !carnet_span_equal(entry.message, message)) {
        replay->differing++;
    }
    replay->sent++;
    link->traffic.messages_sent++;
    link->traffic.units_sent++;
    link->traffic.octets_sent += message.len;
    carnet_link_tell(link, true, message.len, message.len);
    return CARNET_OK;
}

/** How the recorded link ended, if it says so in a way that a link can end. */
static carnet_rc
ending(uint64_t code)
{
    return code >= (uint64_t)CARNET_E_LINK_IO && code <= (uint64_t)CARNET_E_LINK_PROTOCOL ? (carnet_rc)code
                                                                                          : CARNET_E_LINK_CLOSED;
}

static carnet_rc
replay_receive(carnet_link *link, carnet_buf *message, int timeout_ms, carnet_err *err)
{
    carnet_link_replay *replay = link->state;
    carnet_recording_cursor cursor = replay->received;
    carnet_recording_entry entry;

    (void)timeout_ms;
    if (!step(replay, &cursor, CARNET_RECORDING_RECEIVED, &entry, err)) {
        replay->received = cursor;
        return cursor.rc != CARNET_OK ? cursor.rc
                                      : carnet_fail(err, CARNET_E_LINK_CLOSED, NULL,
                                                    cursor.cut ? "the recording is cut off" : "the recording is over");
    }
    if (entry.kind == CARNET_RECORDING_ENDED) {
        return carnet_fail(err, ending(entry.code), NULL, "so the recorded link ended");
    }
    if (message->overflow || entry.message.len > message->cap - message->len) {
        return carnet_fail(err, CARNET_E_LINK_TOO_LONG, NULL, NULL);
    }
    carnet_buf_add(message, entry.message);
    replay->received = cursor;
    link->traffic.messages_received++;
    link->traffic.units_received++;
    link->traffic.octets_received += entry.message.len;
    carnet_link_tell(link, false, entry.message.len, entry.message.len);
    return CARNET_OK;
}

static void
replay_close(carnet_link *link)
{
    (void)link;
}

static const carnet_link_ops replay_ops = {
    .name = "replay", .send = replay_send, .receive = replay_receive, .close = replay_close
};

carnet_rc
carnet_link_replay_open(carnet_link *link, carnet_link_replay *replay, carnet_span recording, carnet_err *err)
{
    carnet_rc rc;

    *link = (carnet_link){ 0 };
    *replay = (carnet_link_replay){ 0 };
    rc = carnet_recording_open(recording, &replay->recording, err);
    if (rc == CARNET_OK) {
        *link = (carnet_link){ .ops = &replay_ops, .state = replay, .fd = -1 };
    }
    return rc;
}
