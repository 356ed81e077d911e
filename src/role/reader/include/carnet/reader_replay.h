/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A reading over again, with the ephemeral key it had: for recordings that hold
 * it (carnet/recording.h), and for tests against other implementations.
 */
#ifndef CARNET_READER_REPLAY_H
#define CARNET_READER_REPLAY_H
#include "carnet/reader.h"
CARNET_BEGIN_DECLS

/** Begin as carnet_reader_engage() does, with *key, which the reader takes; on failure it stays the caller's.  A handover by
 *  ReaderEngagement that carries this key makes the reader's first message SessionData. */
CARNET_API carnet_rc carnet_reader_replay_engage(carnet_reader *reader, carnet_crypto *crypto, carnet_key *key,
                                                 carnet_span device_engagement,
                                                 const carnet_session_transcript_parameters *how, carnet_buf *storage,
                                                 carnet_err *err);
/** Take a message this reader sent, decrypting it in place: *request is the DeviceRequest, or empty; *status as with
 *  carnet_reader_receive().  Afterwards the reader stands as if it had sent the message. */
CARNET_API carnet_rc carnet_reader_replay_sent(carnet_reader *reader, uint8_t *message, size_t len,
                                               carnet_span *request, uint64_t *status, carnet_err *err);

CARNET_END_DECLS
#endif
