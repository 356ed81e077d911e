/* SPDX-License-Identifier: Apache-2.0 */
/* A client that waits: a loop with one end, and the frames that came but were not asked for yet. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

struct carnet_payment_client {
    carnet_payment_loop *loop;
    carnet_payment_end *end;
    payment_buffer kept; /* header length, message length (4 octets each), header, message; again */
    carnet_err lost;     /* why the connection was lost; told once */
};

static void
keep_length(uint8_t out[4], size_t len)
{
    for (unsigned i = 0; i < 4; i++)
        out[i] = (uint8_t)(len >> (24 - 8 * i));
}

static size_t
kept_length(const uint8_t in[4])
{
    return (size_t)in[0] << 24 | (size_t)in[1] << 16 | (size_t)in[2] << 8 | in[3];
}

static void
append(payment_buffer *to, carnet_span from)
{
    if (from.len != 0)
        memcpy(to->ptr + to->len, from.ptr, from.len);
    to->len += from.len;
}

static void
keep(void *self, const carnet_payment_frame *frames, size_t count)
{
    carnet_payment_client *client = self;

    for (size_t i = 0; i < count; i++) {
        uint8_t head[8];

        if (!carnet_payment_buffer_room(&client->kept, 8 + frames[i].header.len + frames[i].message.len)) {
            (void)!carnet_fail(&client->lost, CARNET_E_NO_SPACE, NULL, NULL);
            return;
        }
        keep_length(head, frames[i].header.len);
        keep_length(head + 4, frames[i].message.len);
        append(&client->kept, carnet_span_of(head, sizeof(head)));
        append(&client->kept, frames[i].header);
        append(&client->kept, frames[i].message);
    }
}

static void
note_down(void *self, carnet_payment_peer *peer, const carnet_err *why)
{
    carnet_payment_client *client = self;

    if (peer != NULL || why->rc == CARNET_E_PAYMENT_TLS)
        client->lost = *why;
}

static carnet_rc
tell_lost(carnet_payment_client *client, carnet_err *err)
{
    const carnet_rc rc = client->lost.rc;

    if (err != NULL)
        *err = client->lost;
    client->lost = (carnet_err){ 0 };
    return rc;
}

static carnet_rc
wait_connected(carnet_payment_client *client, int64_t until, carnet_err *err)
{
    while (carnet_payment_connected(client->end) == NULL) {
        const carnet_rc rc = carnet_payment_step(client->loop, until, err);

        if (rc != CARNET_OK)
            return rc;
        if (client->lost.rc == CARNET_E_PAYMENT_TLS)
            return tell_lost(client, err);
        if (carnet_payment_connected(client->end) == NULL && carnet_payment_clock() >= until)
            return carnet_fail(err, CARNET_E_LINK_TIMEOUT, NULL, "nobody is there");
    }
    return CARNET_OK;
}

carnet_rc
carnet_payment_client_open(const carnet_payment_end_config *config, int timeout_ms, carnet_payment_client **out,
                           carnet_err *err)
{
    carnet_payment_client *client = calloc(1, sizeof(*client));
    carnet_payment_end_config end = *config;
    carnet_rc rc;

    *out = client;
    if (client == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    end.listens = false;
    end.self = client;
    end.up = NULL;
    end.down = note_down;
    rc = carnet_payment_loop_new(keep, client, NULL, &client->loop, err);
    if (rc == CARNET_OK)
        rc = carnet_payment_add(client->loop, &end, &client->end, err);
    if (rc == CARNET_OK)
        rc = wait_connected(client, carnet_payment_clock() + timeout_ms, err);
    if (rc != CARNET_OK)
        carnet_payment_client_close(out);
    return rc;
}

carnet_rc
carnet_payment_client_send(carnet_payment_client *client, carnet_span header, carnet_span message, carnet_err *err)
{
    carnet_payment_peer *peer = carnet_payment_connected(client->end);
    carnet_rc rc;

    if (peer == NULL)
        return carnet_fail(err, CARNET_E_LINK_CLOSED, NULL, NULL);
    if ((rc = carnet_payment_send(peer, header, message, err)) != CARNET_OK)
        return rc;
    return carnet_payment_step(client->loop, 0, err);
}

static carnet_rc
take_kept(carnet_payment_client *client, carnet_buf *room, carnet_span *header, carnet_span *message, carnet_err *err)
{
    const uint8_t *at = client->kept.ptr + client->kept.at;
    const size_t header_len = kept_length(at), message_len = kept_length(at + 4);
    const size_t start = room->len;

    carnet_buf_add(room, carnet_span_of(at + 8, header_len + message_len));
    if (room->overflow)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    *header = (carnet_span){ room->ptr + start, header_len };
    *message = (carnet_span){ room->ptr + start + header_len, message_len };
    client->kept.at += 8 + header_len + message_len;
    if (client->kept.at == client->kept.len)
        client->kept.at = client->kept.len = 0;
    return CARNET_OK;
}

carnet_rc
carnet_payment_client_receive(carnet_payment_client *client, int timeout_ms, carnet_buf *room, carnet_span *header,
                              carnet_span *message, carnet_err *err)
{
    const int64_t until = carnet_payment_clock() + timeout_ms;

    *header = *message = (carnet_span){ 0 };
    while (client->kept.at == client->kept.len) {
        carnet_rc rc;

        if (client->lost.rc != CARNET_OK)
            return tell_lost(client, err);
        if ((rc = carnet_payment_step(client->loop, until, err)) != CARNET_OK)
            return rc;
        if (client->kept.at == client->kept.len && client->lost.rc == CARNET_OK && carnet_payment_clock() >= until)
            return carnet_fail(err, CARNET_E_LINK_TIMEOUT, NULL, NULL);
    }
    return take_kept(client, room, header, message, err);
}

void
carnet_payment_client_close(carnet_payment_client **out)
{
    carnet_payment_client *client = *out;

    *out = NULL;
    if (client == NULL)
        return;
    carnet_payment_loop_free(&client->loop);
    free(client->kept.ptr);
    free(client);
}
