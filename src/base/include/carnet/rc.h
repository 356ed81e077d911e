/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Result codes: one append-only registry (rc.def) for the whole of Carnet.
 * The high byte is the layer.  A code says why something could not be done or
 * judged; whether a document is good is said by a report (carnet/report.h).
 */
#ifndef CARNET_RC_H
#define CARNET_RC_H
#include "carnet/defs.h"

#include <stdint.h>
CARNET_BEGIN_DECLS

#define CARNET_RC(name, number, http, text) CARNET_##name = number,
/** 0 is success; every other value is a failure. */
typedef enum CARNET_NODISCARD carnet_rc {
    CARNET_OK = 0,
#include "carnet/rc.def"
    CARNET_RC_FORCE_32BIT = 0x7fffffff
} carnet_rc;
#undef CARNET_RC

/** What the code means, a sentence without a full stop; never NULL. */
CARNET_API const char *carnet_rc_text(carnet_rc rc);
/** The code's name, such as "CARNET_E_CBOR_TRUNCATED"; never NULL. */
CARNET_API const char *carnet_rc_name(carnet_rc rc);
/** The HTTP status a service answers with when this code ends a request. */
CARNET_API int carnet_rc_http(carnet_rc rc);

CARNET_END_DECLS
#endif
