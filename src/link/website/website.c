/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/link_website.h"

#include <stdlib.h>
#include <string.h>

#define ANSWER_MAX ((size_t)16 << 20) /* octets of a message received */

typedef struct website {
    carnet_fetch_connection *connection;
    carnet_fetch_limits limits;
    carnet_fetch_answer answer;
    bool answered; /* a message lies in it */
    size_t uri_len;
    char uri[CARNET_FETCH_URI_MAX + 1];
} website;

static carnet_rc
send(carnet_link *link, carnet_span message, int timeout_ms, carnet_err *err)
{
    static const char type[] = "Content-Type: application/cbor", accept[] = "Accept: application/cbor";
    website *site = link->state;
    const carnet_str fields[] = { { type, sizeof(type) - 1 }, { accept, sizeof(accept) - 1 } };
    carnet_fetch_request request = {
        .method = "POST", .uri = { site->uri, site->uri_len }, .fields = fields, .field_count = 2, .body = message
    };
    carnet_rc rc;

    site->answered = false;
    site->limits.timeout_ms = timeout_ms > 0 ? timeout_ms : 1;
    rc = carnet_fetch_ask(site->connection, &request, &site->limits, &site->answer, err);
    if (rc != CARNET_OK)
        return rc;
    if (site->answer.status != 200)
        return carnet_fail(err,
                           site->answer.status == 404 || site->answer.status == 409 ? CARNET_E_LINK_CLOSED
                                                                                    : CARNET_E_LINK_PROTOCOL,
                           "18013-7 A.6", "the website does not take the message");
    site->answered = site->answer.body.len > 0;
    link->traffic.messages_sent++;
    link->traffic.units_sent++;
    link->traffic.octets_sent += message.len;
    return CARNET_OK;
}

static carnet_rc
receive(carnet_link *link, carnet_buf *message, int timeout_ms, carnet_err *err)
{
    website *site = link->state;

    (void)timeout_ms;
    if (!site->answered)
        return carnet_fail(err, CARNET_E_LINK_CLOSED, NULL, "the website has nothing more to say");
    if (site->answer.body.len > message->cap - message->len)
        return carnet_fail(err, CARNET_E_LINK_TOO_LONG, NULL, NULL);
    carnet_buf_add(message, carnet_buf_span(&site->answer.body));
    site->answered = false;
    link->traffic.messages_received++;
    link->traffic.units_received++;
    link->traffic.octets_received += site->answer.body.len;
    return CARNET_OK;
}

static void
close_link(carnet_link *link)
{
    website *site = link->state;

    carnet_fetch_connection_free(site->connection);
    if (site->answer.body.ptr != NULL)
        carnet_wipe(site->answer.body.ptr, site->answer.body.len);
    free(site->answer.body.ptr);
    free(site->answer.header.ptr);
    free(site);
}

static const carnet_link_ops ops = { .name = "website", .send = send, .receive = receive, .close = close_link };

carnet_rc
carnet_link_website(carnet_link *link, carnet_str uri, const carnet_fetch_limits *limits, carnet_err *err)
{
    size_t octets = limits->octets != 0 && limits->octets < ANSWER_MAX ? limits->octets : ANSWER_MAX;
    website *site;

    *link = (carnet_link){ .fd = -1 };
    if (uri.len > CARNET_FETCH_URI_MAX || !carnet_fetch_request_allowed(uri, limits))
        return carnet_fail(err, CARNET_E_USAGE, "18013-7 A.6", "the website's address is none that may be asked");
    site = calloc(1, sizeof(*site));
    if (site == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    site->limits = *limits;
    site->limits.octets = octets;
    memcpy(site->uri, uri.ptr, uri.len);
    site->uri_len = uri.len;
    site->answer.body = carnet_buf_of(malloc(octets), octets);
    site->answer.header = carnet_buf_of(malloc(CARNET_FETCH_HEADER_MAX), CARNET_FETCH_HEADER_MAX);
    *link = (carnet_link){ .ops = &ops, .state = site, .fd = -1 };
    if (site->answer.body.ptr != NULL && site->answer.header.ptr != NULL &&
        (site->connection = carnet_fetch_connection_new()) != NULL)
        return CARNET_OK;
    close_link(link);
    *link = (carnet_link){ .fd = -1 };
    return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
}
