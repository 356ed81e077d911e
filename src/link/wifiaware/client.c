/* SPDX-License-Identifier: Apache-2.0 */
/* The reader's link: an HTTP client. */
#include "internal.h"

#include <arpa/inet.h>

/** Address and port as in a URI; the zone is this machine's and stays here (RFC 6874, 4). */
static void
build_head(const carnet_link_wifi_aware *state, carnet_buf *head, size_t body_len)
{
    char address[INET6_ADDRSTRLEN] = "", host[INET6_ADDRSTRLEN + 16];
    carnet_buf text = carnet_buf_of(host, sizeof host);

    (void)inet_ntop(AF_INET6, state->peer.address, address, sizeof address);
    carnet_buf_add_text(&text, "[");
    carnet_buf_add_text(&text, address);
    carnet_buf_add_text(&text, "]:");
    carnet_buf_add_uint(&text, state->peer.port);
    carnet_http_build_request(head, carnet_buf_str(&text), body_len);
}

static carnet_rc
client_send(carnet_link *link, carnet_span message, int timeout_ms, carnet_err *err)
{
    carnet_link_wifi_aware *state = link->state;
    int64_t deadline = carnet_link_now_ms() + timeout_ms;
    uint8_t room[CARNET_HTTP_HEAD_LENGTH];
    carnet_buf head = carnet_buf_of(room, sizeof room);
    carnet_rc rc = CARNET_OK;

    if (state->waiting == PIPELINED_MAX) {
        return carnet_fail(err, CARNET_E_USAGE, CLAUSE, "too many requests wait for an answer");
    }
    if (link->fd < 0) { /* the mdoc ended the connection with its last answer, as it may */
        rc = carnet_wifi_aware_connect(&state->peer, deadline, &link->fd, err);
    }
    build_head(state, &head, message.len);
    if (rc == CARNET_OK) {
        rc = carnet_wifi_aware_write(link, carnet_buf_span(&head), message, deadline, err);
    }
    state->waiting += rc == CARNET_OK;
    link->traffic.messages_sent += rc == CARNET_OK;
    link->traffic.units_sent += rc == CARNET_OK;
    link->traffic.octets_sent += rc == CARNET_OK ? head.len + message.len : 0;
    return rc;
}

/** Nothing was asked: there is only the end of the connection to wait for. */
static carnet_rc
await_end(carnet_link *link, int64_t deadline, carnet_err *err)
{
    carnet_link_wifi_aware *state = link->state;
    uint8_t octet;
    size_t len = state->held_to - state->held_from;
    carnet_rc rc = CARNET_E_LINK_CLOSED;

    if (link->fd >= 0 && len == 0) {
        rc = carnet_wifi_aware_receive(link->fd, &octet, 1, &len, deadline, err);
    }
    if (len > 0) {
        return carnet_fail(err, CARNET_E_LINK_PROTOCOL, CLAUSE, "an answer came to nothing that was asked");
    }
    return rc == CARNET_OK || rc == CARNET_E_LINK_CLOSED ? carnet_fail(err, CARNET_E_LINK_CLOSED, NULL, NULL) : rc;
}

static carnet_rc
bad_status(unsigned status, carnet_err *err)
{
    char room[96];
    carnet_buf text = carnet_buf_of(room, sizeof room - 1);

    carnet_buf_add_text(&text, "the mdoc answered with HTTP status ");
    carnet_buf_add_uint(&text, status);
    carnet_buf_add_text(&text, ", ");
    carnet_buf_add_text(&text, carnet_http_status_text(status));
    room[text.len] = '\0';
    return carnet_fail(err, CARNET_E_LINK_PROTOCOL, CLAUSE, room);
}

static carnet_rc
client_receive(carnet_link *link, carnet_buf *message, int timeout_ms, carnet_err *err)
{
    carnet_link_wifi_aware *state = link->state;
    int64_t deadline = carnet_link_now_ms() + timeout_ms;
    bool empty;
    carnet_rc rc;

    if (state->waiting == 0) {
        return await_end(link, deadline, err);
    }
    rc = carnet_wifi_aware_read(link, CARNET_HTTP_RESPONSE, message->cap - message->len, deadline, err);
    if (rc != CARNET_OK) {
        return rc;
    }
    state->waiting--;
    empty = state->body.len == 0;
    if (state->reader.status == 200 && !empty) {
        rc = carnet_wifi_aware_hand_over(link, message, err);
    } else if (state->reader.status == 200) {
        rc = carnet_fail(err, CARNET_E_LINK_CLOSED, CLAUSE, "the mdoc has nothing more to say");
    } else {
        rc = bad_status(state->reader.status, err);
    }
    if (state->reader.close) {
        carnet_wifi_aware_hang_up(link);
    }
    return rc;
}

/** Let the mdoc take what was sent last: it says so by answering. */
static void
client_end(carnet_link *link, int timeout_ms)
{
    carnet_link_wifi_aware *state = link->state;
    int64_t deadline = carnet_link_now_ms() + timeout_ms;

    while (link->fd >= 0 && state->waiting > 0 &&
           carnet_wifi_aware_read(link, CARNET_HTTP_RESPONSE, CARNET_WIFI_AWARE_MESSAGE_MAX, deadline, NULL) ==
               CARNET_OK) {
        carnet_buf nobody = { 0 };

        state->waiting--;
        (void)carnet_wifi_aware_hand_over(link, &nobody, NULL);
    }
}

static void
client_close(carnet_link *link)
{
    carnet_wifi_aware_hang_up(link);
    carnet_link_wifi_aware_done(link->state);
}

const carnet_link_ops carnet_wifi_aware_client = {
    .name = "Wi-Fi Aware", .send = client_send, .receive = client_receive, .end = client_end, .close = client_close
};

carnet_rc
carnet_link_wifi_aware_connect(carnet_link *link, carnet_link_wifi_aware *state, carnet_nan *nan,
                               const carnet_wifi_aware_service *service, int timeout_ms, carnet_err *err)
{
    int64_t deadline = carnet_link_now_ms() + timeout_ms;
    int fd = -1;
    carnet_rc rc;

    *link = (carnet_link){ 0 };
    carnet_wifi_aware_init(state, nan);
    rc = nan->ops->subscribe(nan, service, &state->peer, timeout_ms, err);
    if (rc == CARNET_OK) {
        rc = carnet_wifi_aware_connect(&state->peer, deadline, &fd, err);
    }
    if (rc != CARNET_OK) {
        carnet_link_wifi_aware_done(state);
        return rc;
    }
    *link = (carnet_link){ .ops = &carnet_wifi_aware_client, .state = state, .fd = fd };
    return CARNET_OK;
}
