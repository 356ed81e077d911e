/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A reading whose engagement the reader shows (18013-7 A.7, A.8; ISO/IEC TS
 * 23220-4 6.5.3): the order of messages is turned round at the beginning.
 *
 *     carnet_reader_reverse_show()     a fresh key       -> a ReaderEngagement to show, mdoc://
 *     carnet_reader_reverse_receive()  the mdoc's first  -> keys and transcript
 *     carnet_reader_request(), ...     as in carnet/reader.h
 *
 * The mdoc's first message is a DeviceEngagementMessage.  If its key is on the
 * curve of the reader's, both have derived the session's keys by then and the
 * first request leaves as SessionData; otherwise the reader makes another key
 * and the request leaves as SessionEstablishment.
 */
#ifndef CARNET_READER_REVERSE_H
#define CARNET_READER_REVERSE_H
#include "carnet/reader.h"
CARNET_BEGIN_DECLS

/** Begin: a fresh ephemeral key on `curve` and a ReaderEngagement with the methods of `parameters` (whose key and role are
 *  filled in).  CARNET_CURVE_NONE: a poster, without a key.  `storage` (twice CARNET_READER_STORAGE octets, and twice the
 *  engagements) is kept until carnet_reader_done(); on failure nothing is added to it. */
CARNET_API carnet_rc carnet_reader_reverse_show(carnet_reader *reader, carnet_crypto *crypto, carnet_curve curve,
                                                const carnet_engagement_parameters *parameters, carnet_buf *storage,
                                                carnet_span *reader_engagement, carnet_err *err);
/** Take the mdoc's first message (not kept): the handover is that of a ReaderEngagement (18013-7 A.8).  *device_engagement,
 *  if not NULL, is what the mdoc sent, in the storage, for its OriginInfos to be looked at.  After a failure the reading is
 *  over: carnet_session_failure_status() and carnet_reader_end() tell the mdoc. */
CARNET_API carnet_rc carnet_reader_reverse_receive(carnet_reader *reader, carnet_span reader_engagement,
                                                   carnet_span message, carnet_buf *storage,
                                                   carnet_span *device_engagement, carnet_err *err);

CARNET_END_DECLS
#endif
