/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/link.h"

carnet_rc
carnet_link_send(carnet_link *link, carnet_span message, int timeout_ms, carnet_err *err)
{
    if (link->ops == NULL) {
        return carnet_fail(err, CARNET_E_LINK_CLOSED, NULL, NULL);
    }
    return link->ops->send(link, message, timeout_ms, err);
}

carnet_rc
carnet_link_receive(carnet_link *link, carnet_buf *message, int timeout_ms, carnet_err *err)
{
    if (link->ops == NULL) {
        return carnet_fail(err, CARNET_E_LINK_CLOSED, NULL, NULL);
    }
    return link->ops->receive(link, message, timeout_ms, err);
}

void
carnet_link_close(carnet_link *link)
{
    if (link->ops != NULL) {
        link->ops->close(link);
    }
    *link = (carnet_link){ 0 };
}
