/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mdoc's link to a website (18013-7 A.6): messages are POSTed to the address
 * of the ReaderEngagement's REST method, and answered.
 */
#ifndef CARNET_LINK_WEBSITE_H
#define CARNET_LINK_WEBSITE_H
#include "carnet/fetch_request.h"
#include "carnet/link.h"
CARNET_BEGIN_DECLS

/** Prepare a link to the address; nothing is sent yet.  Of the limits `octets` bounds a message received; the time is each
 *  call's.  CARNET_E_USAGE: no address that may be asked.  Sending waits for the answer, which the next receipt hands over;
 *  another status than 200 is CARNET_E_LINK_PROTOCOL, an answer without a body the end (CARNET_E_LINK_CLOSED when received). */
carnet_rc carnet_link_website(carnet_link *link, carnet_str uri, const carnet_fetch_limits *limits, carnet_err *err);

CARNET_END_DECLS
#endif
