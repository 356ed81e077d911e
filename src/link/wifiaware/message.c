/* SPDX-License-Identifier: Apache-2.0 */
/* Whole HTTP messages from a connection, over as many calls as it takes. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void
carnet_wifi_aware_init(carnet_link_wifi_aware *state, carnet_nan *nan)
{
    memset(state, 0, sizeof *state);
    state->nan = nan;
    state->listener = -1;
    state->message_ms = CARNET_WIFI_AWARE_MESSAGE_MS;
    state->reconnect_ms = CARNET_WIFI_AWARE_RECONNECT_MS;
}

static void
forget(carnet_link_wifi_aware *state)
{
    free(state->body.ptr);
    state->body = (carnet_buf){ 0 };
    state->reading = state->continued = false;
    state->began_ms = 0;
}

void
carnet_wifi_aware_hang_up(carnet_link *link)
{
    carnet_link_wifi_aware *state = link->state;

    forget(state);
    state->held_from = state->held_to = 0;
    if (link->fd >= 0) {
        close(link->fd);
    }
    link->fd = -1;
}

static carnet_rc
begin(carnet_link_wifi_aware *state, carnet_http_kind kind, size_t max, carnet_err *err)
{
    if (state->reading) {
        return CARNET_OK;
    }
    max = max < CARNET_WIFI_AWARE_MESSAGE_MAX ? max : CARNET_WIFI_AWARE_MESSAGE_MAX;
    state->body = carnet_buf_of(malloc(max + 1), max);
    if (state->body.ptr == NULL) {
        return carnet_fail(err, CARNET_E_LINK_IO, NULL, "no memory is left");
    }
    carnet_http_begin(&state->reader, kind, &state->body);
    state->reading = true;
    return CARNET_OK;
}

/** A reader that asks whether to go on with its body is told so. */
static carnet_rc
answer_expectation(carnet_link *link, int64_t deadline, carnet_err *err)
{
    carnet_link_wifi_aware *state = link->state;
    uint8_t room[CARNET_HTTP_HEAD_LENGTH];
    carnet_buf head = carnet_buf_of(room, sizeof room);

    if (!state->reader.expect_continue || !state->reader.head_done || state->reader.done || state->continued) {
        return CARNET_OK;
    }
    state->continued = true;
    carnet_http_build_response(&head, 100, 0, false);
    link->traffic.octets_sent += head.len;
    return carnet_wifi_aware_write(link, carnet_buf_span(&head), (carnet_span){ 0 }, deadline, err);
}

/** Give the reader what is held. */
static carnet_rc
feed(carnet_link *link, int64_t deadline, carnet_err *err)
{
    carnet_link_wifi_aware *state = link->state;
    size_t taken;
    carnet_rc rc;

    if (state->held_from == state->held_to) {
        return CARNET_OK;
    }
    if (state->began_ms == 0) {
        state->began_ms = carnet_link_now_ms();
    }
    rc = carnet_http_read(
        &state->reader, carnet_span_of(state->held + state->held_from, state->held_to - state->held_from), &taken, err);
    state->held_from += taken;
    link->traffic.octets_received += taken;
    if (state->reader.head_done) {
        carnet_link_tell(link, false, state->body.len, (size_t)state->reader.length);
    }
    return rc == CARNET_OK ? answer_expectation(link, deadline, err) : rc;
}

/** Receive more; the end of the connection may be that of the message. */
static carnet_rc
fill(carnet_link *link, int64_t deadline, carnet_err *err)
{
    carnet_link_wifi_aware *state = link->state;
    int64_t last = state->began_ms != 0 ? state->began_ms + state->message_ms : INT64_MAX;
    carnet_rc rc;

    state->held_from = 0;
    rc = carnet_wifi_aware_receive(link->fd, state->held, sizeof state->held, &state->held_to,
                                   deadline < last ? deadline : last, err);
    if (rc == CARNET_E_LINK_TIMEOUT && carnet_link_now_ms() >= last) {
        state->reader.status = 408;
        return carnet_fail(err, CARNET_E_LINK_PROTOCOL, CLAUSE, "the message takes too long to arrive");
    }
    return rc == CARNET_OK && state->held_to == 0 ? carnet_http_closed(&state->reader, err) : rc;
}

carnet_rc
carnet_wifi_aware_read(carnet_link *link, carnet_http_kind kind, size_t max, int64_t deadline, carnet_err *err)
{
    carnet_link_wifi_aware *state = link->state;
    carnet_rc rc = begin(state, kind, max, err);

    while (rc == CARNET_OK && !state->reader.done) {
        rc = state->held_from < state->held_to ? feed(link, deadline, err) : fill(link, deadline, err);
    }
    if (rc == CARNET_OK) {
        state->reading = state->continued = false;
        state->began_ms = 0;
        link->traffic.units_received++;
    }
    return rc;
}

carnet_rc
carnet_wifi_aware_hand_over(carnet_link *link, carnet_buf *message, carnet_err *err)
{
    carnet_link_wifi_aware *state = link->state;
    bool fits = !message->overflow && state->body.len <= message->cap - message->len;

    if (fits) {
        carnet_buf_add(message, carnet_buf_span(&state->body));
        link->traffic.messages_received++;
    }
    forget(state);
    return fits ? CARNET_OK : carnet_fail(err, CARNET_E_LINK_TOO_LONG, NULL, NULL);
}
