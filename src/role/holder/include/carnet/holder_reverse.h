/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A presentation to a reader that showed its engagement (18013-7 A.7, A.8;
 * ISO/IEC TS 23220-4 6.5.3).
 *
 *     carnet_holder_reverse_engage()   the ReaderEngagement  -> the first message to send
 *     carnet_holder_reverse_receive()  a message received    -> a DeviceRequest or a status
 *     carnet_holder_match(), ...       as in carnet/holder.h
 */
#ifndef CARNET_HOLDER_REVERSE_H
#define CARNET_HOLDER_REVERSE_H
#include "carnet/holder.h"
CARNET_BEGIN_DECLS

/** Begin: a fresh ephemeral key, on the reader's curve where the backend has it, else (and for a poster without a key) on
 *  `curve`; a DeviceEngagement of version 1.1 with OriginInfos and the methods of `parameters`; and the
 *  DeviceEngagementMessage that carries it, appended to `message`.  `storage` is kept until carnet_holder_done(), and so
 *  is `reader_engagement`; on failure nothing is added. */
CARNET_API carnet_rc carnet_holder_reverse_engage(carnet_holder *holder, carnet_crypto *crypto,
                                                  carnet_span reader_engagement, carnet_curve curve,
                                                  const carnet_engagement_parameters *parameters, carnet_buf *storage,
                                                  carnet_cbor_builder *message, carnet_err *err);
/** Take a message as carnet_holder_receive() does.  Once the keys are derived the reader may not come with another one:
 *  SessionEstablishment is refused then (CARNET_E_SESSION_STATE), and the presentation is over. */
CARNET_API carnet_rc carnet_holder_reverse_receive(carnet_holder *holder, carnet_span reader_engagement,
                                                   uint8_t *message, size_t len, carnet_span *request, uint64_t *status,
                                                   carnet_err *err);

CARNET_END_DECLS
#endif
