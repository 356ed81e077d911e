/* SPDX-License-Identifier: Apache-2.0 */
#include "link_io.h"

#include <errno.h>
#include <string.h>
#include <time.h>

int64_t
carnet_link_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

carnet_rc
carnet_link_wait(int fd, short events, int64_t deadline_ms, carnet_err *err)
{
    for (;;) {
        struct pollfd waiting = { .fd = fd, .events = events };
        int64_t left = deadline_ms - carnet_link_now_ms();
        int ready = poll(&waiting, 1, left > 0 ? (int)left : 0);

        if (ready > 0) {
            return CARNET_OK;
        }
        if (ready == 0) {
            return carnet_fail(err, CARNET_E_LINK_TIMEOUT, NULL, NULL);
        }
        if (errno != EINTR) {
            return carnet_fail(err, CARNET_E_LINK_IO, NULL, strerror(errno));
        }
    }
}

void
carnet_link_tell(const carnet_link *link, bool sending, size_t done, size_t all)
{
    if (link->progress != NULL) {
        link->progress(link->progress_context, sending, done, all);
    }
}

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
carnet_link_end(carnet_link *link, int timeout_ms)
{
    if (link->ops != NULL && link->ops->end != NULL) {
        link->ops->end(link, timeout_ms);
    }
}

void
carnet_link_close(carnet_link *link)
{
    if (link->ops != NULL) {
        link->ops->close(link);
    }
    *link = (carnet_link){ 0 };
}
