/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/rc.h"

#include <stddef.h>

/* A terminal needs the texts, and a table of them takes less room there than a switch.  The other two functions switch
 * over the registry, so that a number used twice does not compile. */

const char *
carnet_rc_text(carnet_rc rc)
{
#define CARNET_RC(name, number, http, text) { CARNET_##name, text },
    static const struct {
        carnet_rc rc;
        const char *text;
    } texts[] = {
        { CARNET_OK, "success" },
#include "carnet/rc.def"
    };
#undef CARNET_RC

    for (size_t i = 0; i < CARNET_COUNT(texts); i++) {
        if (texts[i].rc == rc) {
            return texts[i].text;
        }
    }
    return "this result code is not known";
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
