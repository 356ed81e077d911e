/* SPDX-License-Identifier: Apache-2.0 */
/* The mdoc's link: an HTTP server for one reader. */
#include "internal.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { REFUSAL_MS = 500 };

/** Answer the oldest request. */
static carnet_rc
answer(carnet_link *link, unsigned status, carnet_span body, bool close, int64_t deadline, carnet_err *err)
{
    carnet_link_wifi_aware *state = link->state;
    uint8_t room[CARNET_HTTP_HEAD_LENGTH];
    carnet_buf head = carnet_buf_of(room, sizeof room);
    carnet_rc rc;

    carnet_http_build_response(&head, status, body.len, close);
    rc = carnet_wifi_aware_write(link, carnet_buf_span(&head), body, deadline, err);
    state->waiting -= state->waiting > 0;
    link->traffic.units_sent += rc == CARNET_OK;
    link->traffic.octets_sent += rc == CARNET_OK ? head.len + body.len : 0;
    return rc;
}

static carnet_rc
server_send(carnet_link *link, carnet_span message, int timeout_ms, carnet_err *err)
{
    carnet_link_wifi_aware *state = link->state;
    bool last;
    carnet_rc rc;

    if (link->fd < 0) {
        return carnet_fail(err, CARNET_E_LINK_CLOSED, NULL, NULL);
    }
    if (state->waiting == 0) {
        return carnet_fail(err, CARNET_E_LINK_PROTOCOL, CLAUSE, "the reader has asked nothing that could be answered");
    }
    last = state->close_after && state->waiting == 1;
    rc = answer(link, 200, message, last, carnet_link_now_ms() + timeout_ms, err);
    link->traffic.messages_sent += rc == CARNET_OK;
    if (rc == CARNET_OK && last) {
        state->close_after = false;
        carnet_wifi_aware_hang_up(link);
    }
    return rc;
}

/** The same reader again, or, the first time, the first. */
static carnet_rc
take_connection(carnet_link *link, int64_t deadline, carnet_err *err)
{
    carnet_link_wifi_aware *state = link->state;
    int64_t back = state->gone_ms != 0 ? state->gone_ms + state->reconnect_ms : INT64_MAX;
    carnet_rc rc = carnet_wifi_aware_accept(state->listener, &state->own, &state->peer, state->peer_known,
                                            deadline < back ? deadline : back, &link->fd, err);

    if (rc == CARNET_E_LINK_TIMEOUT && carnet_link_now_ms() >= back) {
        return carnet_fail(err, CARNET_E_LINK_CLOSED, NULL, NULL);
    }
    state->peer_known |= rc == CARNET_OK;
    state->gone_ms = rc == CARNET_OK ? 0 : state->gone_ms;
    return rc;
}

/** Say no more, and read until the reader has taken the last answer: what it still sends would undo that. */
static void
drain(carnet_link *link, int64_t deadline)
{
    carnet_link_wifi_aware *state = link->state;
    size_t len = 1;

    if (shutdown(link->fd, SHUT_WR) != 0) {
        return;
    }
    while (len > 0 &&
           carnet_wifi_aware_receive(link->fd, state->held, sizeof state->held, &len, deadline, NULL) == CARNET_OK &&
           carnet_link_now_ms() < deadline) {
    }
}

/** A request that cannot be taken is answered with why, and ends the connection. */
static void
refuse(carnet_link *link, unsigned status)
{
    int64_t deadline = carnet_link_now_ms() + REFUSAL_MS;

    if (status != 0 && answer(link, status, (carnet_span){ 0 }, true, deadline, NULL) == CARNET_OK) {
        drain(link, deadline);
    }
    carnet_wifi_aware_hang_up(link);
}

static carnet_rc
server_receive(carnet_link *link, carnet_buf *message, int timeout_ms, carnet_err *err)
{
    carnet_link_wifi_aware *state = link->state;
    int64_t deadline = carnet_link_now_ms() + timeout_ms;
    carnet_rc rc = state->over;

    if (rc != CARNET_OK) {
        return carnet_fail(err, rc, CLAUSE, "a request was refused before");
    }
    for (;;) {
        if (link->fd < 0) {
            rc = take_connection(link, deadline, err);
        }
        if (rc == CARNET_OK) {
            rc = carnet_wifi_aware_read(link, CARNET_HTTP_REQUEST, message->cap - message->len, deadline, err);
        }
        if (rc != CARNET_E_LINK_CLOSED || link->fd < 0 || state->waiting > 0) {
            break;
        }
        /* Between messages a reader may hang up and come back. */
        carnet_wifi_aware_hang_up(link);
        state->gone_ms = carnet_link_now_ms();
        rc = CARNET_OK;
    }
    if (rc == CARNET_OK && state->waiting == PIPELINED_MAX) {
        rc = carnet_fail(err, CARNET_E_LINK_PROTOCOL, CLAUSE, "too many requests wait for an answer");
        state->reader.status = 503;
    }
    if (rc == CARNET_E_LINK_PROTOCOL || rc == CARNET_E_LINK_TOO_LONG) {
        refuse(link, state->reader.status);
        state->over = rc;
    }
    if (rc != CARNET_OK) {
        return rc;
    }
    state->waiting++;
    state->close_after |= state->reader.close;
    return carnet_wifi_aware_hand_over(link, message, err);
}

/** Answer what waits, with nothing; then let the reader read that before the connection goes. */
static void
finish(carnet_link *link, unsigned status, int timeout_ms)
{
    carnet_link_wifi_aware *state = link->state;
    int64_t deadline = carnet_link_now_ms() + timeout_ms;
    bool answered = false;

    while (link->fd >= 0 && state->waiting > 0 &&
           answer(link, status, (carnet_span){ 0 }, state->waiting == 1, deadline, NULL) == CARNET_OK) {
        answered = true;
    }
    if (answered && link->fd >= 0) {
        drain(link, deadline);
    }
}

static void
server_end(carnet_link *link, int timeout_ms)
{
    finish(link, 200, timeout_ms);
}

static void
server_close(carnet_link *link)
{
    finish(link, 500, 200); /* nothing waits if the end was told */
    carnet_wifi_aware_hang_up(link);
    carnet_link_wifi_aware_done(link->state);
}

const carnet_link_ops carnet_wifi_aware_server = {
    .name = "Wi-Fi Aware", .send = server_send, .receive = server_receive, .end = server_end, .close = server_close
};

carnet_rc
carnet_link_wifi_aware_listen(carnet_link_wifi_aware *state, carnet_nan *nan, carnet_err *err)
{
    carnet_rc rc;

    carnet_wifi_aware_init(state, nan);
    rc = nan->ops->own(nan, &state->own, err);
    return rc == CARNET_OK ? carnet_wifi_aware_listen(&state->own, &state->listener, err) : rc;
}

carnet_rc
carnet_link_wifi_aware_accept(carnet_link *link, carnet_link_wifi_aware *state,
                              const carnet_wifi_aware_service *service, int timeout_ms, carnet_err *err)
{
    int64_t deadline = carnet_link_now_ms() + timeout_ms;
    carnet_rc rc;

    *link = (carnet_link){ 0 };
    if (state->listener < 0) {
        return carnet_fail(err, CARNET_E_USAGE, NULL, "nothing listens");
    }
    rc = state->published ? CARNET_OK : state->nan->ops->publish(state->nan, service, state->own.port, timeout_ms, err);
    state->published = rc == CARNET_OK;
    if (rc != CARNET_OK) {
        return rc;
    }
    *link = (carnet_link){ .ops = &carnet_wifi_aware_server, .state = state, .fd = -1 };
    rc = take_connection(link, deadline, err);
    if (rc != CARNET_OK) {
        *link = (carnet_link){ 0 };
    }
    return rc;
}

void
carnet_link_wifi_aware_done(carnet_link_wifi_aware *state)
{
    if (state->listener >= 0) {
        close(state->listener);
    }
    state->listener = -1;
    if (state->nan != NULL) {
        state->nan->ops->end(state->nan);
    }
    state->nan = NULL;
}
