/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DeviceEngagementMessage: the first message of an mdoc that met its reader by
 * the reader's own engagement (18013-7 A.7; ISO/IEC TS 23220-4 7.2.3).
 */
#ifndef CARNET_DEVICE_ENGAGEMENT_MESSAGE_H
#define CARNET_DEVICE_ENGAGEMENT_MESSAGE_H
#include "carnet/cbor.h"
CARNET_BEGIN_DECLS

/** Append the message around an encoded DeviceEngagement. */
CARNET_API void carnet_device_engagement_message_build(carnet_cbor_builder *b, carnet_span device_engagement);
/** Open the message: *device_engagement is what it holds, as received and not looked at; empty on failure. */
CARNET_API carnet_rc carnet_device_engagement_message_open(carnet_span cbor, carnet_span *device_engagement,
                                                           carnet_err *err);

CARNET_END_DECLS
#endif
