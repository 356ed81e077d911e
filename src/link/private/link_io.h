/* SPDX-License-Identifier: Apache-2.0 */
/* What the kinds of link share: the clock that runs evenly, and waiting for a descriptor. */
#ifndef CARNET_LINK_IO_H
#define CARNET_LINK_IO_H
#include "carnet/link.h"

#include <poll.h>

/** Milliseconds of the clock nobody sets. */
int64_t carnet_link_now_ms(void);
/** Wait until the descriptor is ready (CARNET_OK) or the deadline is over (CARNET_E_LINK_TIMEOUT); hang-up counts as ready. */
carnet_rc carnet_link_wait(int fd, short events, int64_t deadline_ms, carnet_err *err);
/** Report progress, if anybody listens. */
void carnet_link_tell(const carnet_link *link, bool sending, size_t done, size_t all);

#endif
