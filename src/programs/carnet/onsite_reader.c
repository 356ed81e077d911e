/* SPDX-License-Identifier: Apache-2.0 */
/* The reader's end of each way: the socket, BLE, Wi-Fi Aware, NFC. */
#include "reader.h"

#include "carnet/link_socket.h"

#include <string.h>

static carnet_rc
reach_socket(reading *r, carnet_err *err)
{
    return carnet_link_connect(&r->link, r->a->ways.argument[ONSITE_SOCKET], reader_left(r), err);
}

/** The holder's method for a way; false: it offers none. */
static bool
find_method(const carnet_engagement *engagement, onsite_way way, carnet_retrieval_method *method)
{
    carnet_span rest = engagement->methods;

    while (carnet_engagement_next_method(engagement, &rest, method)) {
        if (onsite_way_of(method) == way) {
            return true;
        }
    }
    return false;
}

static carnet_rc
reach_by(reading *r, onsite_way way, carnet_err *err)
{
    r->way = way;
    r->step = onsite_way_text(way);
    switch (way) {
    case ONSITE_SOCKET:
        return reach_socket(r, err);
    default:
        return carnet_fail(err, CARNET_E_LINK_ABSENT, NULL, "this build has no such link");
    }
}

carnet_rc
reader_reach(reading *r, const carnet_engagement *engagement, carnet_err *err)
{
    carnet_rc rc = carnet_fail(err, CARNET_E_LINK_ABSENT, "18013-5 9.1",
                               "the holder offers none of the ways this reader was told to use");

    r->step = "the way to the holder";
    for (onsite_way way = 0; way < ONSITE_WAYS; way++) {
        carnet_retrieval_method method = { 0 };
        onsite_way sought = way == ONSITE_BLE_FAKE ? ONSITE_BLE : way;

        if (!r->a->ways.use[way] || (way != ONSITE_SOCKET && !find_method(engagement, sought, &method))) {
            continue;
        }
        rc = reach_by(r, way, err);
        if (rc != CARNET_E_LINK_ABSENT) { /* a device that is not there leaves the next way */
            return rc;
        }
    }
    return rc;
}
