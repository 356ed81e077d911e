/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A link that writes down what another link carries (carnet/recording.h), and
 * a link that plays a recording's peer.
 *
 * Each message is written at once, in one piece, when it has been sent or
 * received: a process that is killed loses at most the message under way.  A
 * recording that cannot be written does not stop the session: the first
 * failure is kept in the recorder, and no more is written.
 *
 * A file is made new, readable by its owner alone (0600).  It holds personal
 * data; WITH THE EPHEMERAL PRIVATE KEY IN ITS HEAD EVERYBODY WHO GETS THE FILE
 * READS THE WHOLE SESSION.  Give the key only on a person's explicit wish.
 */
#ifndef CARNET_LINK_RECORD_H
#define CARNET_LINK_RECORD_H
#include "carnet/link.h"
#include "carnet/recording.h"
CARNET_BEGIN_DECLS

/** Where a recording goes: all of the parts, one after the other, or a failure. */
typedef struct carnet_recorder_sink {
    carnet_rc (*write)(void *self, const carnet_span *parts, size_t count, carnet_err *err);
    void *self;
} carnet_recorder_sink;

/** A recorder, in the caller's storage; must stay where it is while its link is open. */
typedef struct carnet_recorder {
    carnet_link inner;
    carnet_recorder_sink sink;
    int fd;             /**< of carnet_recorder_to_file(), or -1 */
    int64_t started_ms; /**< when the head was written */
    bool ended;         /**< the end was written */
    carnet_err failure; /**< why writing stopped; rc CARNET_OK: it did not */
} carnet_recorder;

/** Make a file, which must not exist, for a recording. */
CARNET_API carnet_rc carnet_recorder_to_file(carnet_recorder *recorder, const char *path, carnet_err *err);
/** Write to a sink of the caller's. */
CARNET_API void carnet_recorder_to_sink(carnet_recorder *recorder, const carnet_recorder_sink *sink);
/** Write the head, and put the recorder around *link, which it takes: afterwards *link is the recording link.  Sending,
 *  receiving, end and close go through to the link inside, whose traffic and progress stay in sight.  On failure *link is as
 *  it was, and a file is left as it is. */
CARNET_API carnet_rc carnet_link_record(carnet_link *link, carnet_recorder *recorder, const carnet_recording_head *head,
                                        carnet_err *err);
/** Release the file of a recorder whose link is closed, or that never had one.  Closing the link does it too. */
CARNET_API void carnet_recorder_done(carnet_recorder *recorder);

/** A replay, in the caller's storage; must stay where it is while its link is open. */
typedef struct carnet_link_replay {
    carnet_recording recording;
    carnet_recording_cursor received, said; /**< how far the peer's messages and this side's were played */
    uint64_t sent, differing;               /**< messages sent to it, and those that are not as recorded */
} carnet_link_replay;

/** A link whose peer says what it said in the recording, whose bytes stay with the caller.  Sending compares with what was
 *  recorded and counts what differs; receiving gives the next message of the peer, and after the last fails as the link then
 *  did (CARNET_E_LINK_CLOSED when nothing is recorded of that; a malformed entry: as carnet_recording_next() does).  Time is not played back. */
CARNET_API carnet_rc carnet_link_replay_open(carnet_link *link, carnet_link_replay *replay, carnet_span recording,
                                             carnet_err *err);

CARNET_END_DECLS
#endif
