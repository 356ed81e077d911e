/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/rc.h"

/* Each function switches over the registry, so that a number used twice does not compile. */

const char *
carnet_rc_text(carnet_rc rc)
{
#define CARNET_RC(name, number, http, text)                                                                            \
    case CARNET_##name:                                                                                                \
        return text;
    switch (rc) {
    case CARNET_OK:
        return "success";
#include "carnet/rc.def"
    case CARNET_RC_FORCE_32BIT:
    default:
        return "this result code is not known";
    }
#undef CARNET_RC
}

const char *
carnet_rc_name(carnet_rc rc)
{
#define CARNET_RC(name, number, http, text)                                                                            \
    case CARNET_##name:                                                                                                \
        return "CARNET_" #name;
    switch (rc) {
    case CARNET_OK:
        return "CARNET_OK";
#include "carnet/rc.def"
    case CARNET_RC_FORCE_32BIT:
    default:
        return "unknown";
    }
#undef CARNET_RC
}

int
carnet_rc_http(carnet_rc rc)
{
#define CARNET_RC(name, number, http, text)                                                                            \
    case CARNET_##name:                                                                                                \
        return http;
    switch (rc) {
    case CARNET_OK:
        return 200;
#include "carnet/rc.def"
    case CARNET_RC_FORCE_32BIT:
    default:
        return 500;
    }
#undef CARNET_RC
}
