/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The acquiring switch, as carnetd runs it (section `acquiring_switch` of its
 * configuration): between terminals and issuers, over ISO 8583.
 *
 * One thread does all of it but storing, which a second one does, many messages
 * in one commit.  What passes through is kept in memory until it is answered or
 * given up; reversals and advices are acknowledged when the store has them, and go
 * on to their issuer in order until that acknowledges them, across restarts, too.
 */
#ifndef CARNET_ACQUIRING_SWITCH_H
#define CARNET_ACQUIRING_SWITCH_H
#include "carnet/service_part.h"
CARNET_BEGIN_DECLS

/** The part, "acquiring_switch". */
extern const carnet_service_part carnet_acquiring_switch_part;

/** Port of the i-th listener for terminals, for those that were configured with 0. */
uint16_t carnet_acquiring_switch_port(const void *self, size_t i);

CARNET_END_DECLS
#endif
