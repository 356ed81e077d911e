/* SPDX-License-Identifier: Apache-2.0 */
/* Octets in, frames out of them; frames in, octets out of them. */
#include "internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

bool
carnet_payment_buffer_room(payment_buffer *buffer, size_t more)
{
    size_t cap = buffer->cap != 0 ? buffer->cap : 4096;
    uint8_t *ptr;

    if (buffer->cap - buffer->len >= more)
        return true;
    if (buffer->at != 0) {
        memmove(buffer->ptr, buffer->ptr + buffer->at, buffer->len - buffer->at);
        buffer->len -= buffer->at;
        buffer->at = 0;
    }
    while (cap - buffer->len < more)
        cap *= 2;
    if (cap == buffer->cap)
        return true;
    if ((ptr = realloc(buffer->ptr, cap)) == NULL)
        return false;
    buffer->ptr = ptr;
    buffer->cap = cap;
    return true;
}

static long
take(carnet_payment_peer *peer, uint8_t *out, size_t cap, uint32_t *again)
{
    long got;

    *again = 0;
    if (peer->tls != NULL)
        return carnet_payment_tls_read(peer->tls, out, cap, again);
    do
        got = recv(peer->fd, out, cap, MSG_DONTWAIT);
    while (got < 0 && errno == EINTR);
    *again = got < 0 && errno == EAGAIN ? EPOLLIN : 0;
    return got;
}

/* What TLS has deciphered makes no descriptor ready: read on until there is no more, but not for ever. */
static void
fill(carnet_payment_peer *peer)
{
    uint32_t again = 0;
    unsigned rounds = 0;
    long got;

    do {
        if (!carnet_payment_buffer_room(&peer->in, PAYMENT_READ)) {
            carnet_payment_peer_over(peer, CARNET_E_NO_SPACE, NULL);
            return;
        }
        got = take(peer, peer->in.ptr + peer->in.len, peer->in.cap - peer->in.len, &again);
        if (got > 0) {
            peer->in.len += (size_t)got;
            peer->heard = peer->loop->now;
            peer->loop->counters.octets_in += (uint64_t)got;
        }
    } while (got > 0 && peer->tls != NULL && ++rounds < 64);
    peer->ended = got == 0;
    if (got < 0 && again == 0)
        carnet_payment_peer_over(peer, CARNET_E_LINK_LOST, NULL);
}

static void
keep_alive(carnet_payment_peer *peer)
{
    payment_buffer *out = &peer->out;
    carnet_buf buf;

    if (!carnet_payment_buffer_room(out, 64))
        return;
    buf = carnet_buf_of(out->ptr + out->len, 64);
    if (carnet_frame_add_keep_alive(&peer->end->framing, &buf, NULL) == CARNET_OK) {
        out->len += buf.len;
        carnet_payment_peer_mark(peer);
    }
}

/* Frames of one connection, as far as the batch has room; false: it has none left. */
static bool
gather(carnet_payment_peer *peer, size_t *count)
{
    carnet_payment_loop *loop = peer->loop;

    while (peer->in.at < peer->in.len) {
        const carnet_span rest = { peer->in.ptr + peer->in.at, peer->in.len - peer->in.at };
        carnet_frame frame;

        if (*count == PAYMENT_BATCH)
            return false;
        if (carnet_frame_next(&peer->end->framing, rest, &frame, NULL) != CARNET_OK) {
            peer->in.at = peer->in.len;
            carnet_payment_peer_over(peer, CARNET_E_LINK_PROTOCOL, NULL);
            return true;
        }
        if (frame.size == 0)
            break;
        peer->in.at += frame.size;
        if (frame.keep_alive)
            keep_alive(peer);
        else
            loop->frames[(*count)++] = (carnet_payment_frame){ peer, frame.header, frame.message };
    }
    return true;
}

static void
note_partial(carnet_payment_peer *peer)
{
    if (peer->ended) {
        if (peer->in.at != peer->in.len)
            carnet_payment_peer_over(peer, CARNET_E_LINK_LOST, "it ended in the middle of a frame");
        carnet_payment_end_peer(peer);
        if (peer->state == PAYMENT_LEAVING)
            carnet_payment_peer_mark(peer);
    } else if (peer->in.at == peer->in.len) {
        peer->in.at = peer->in.len = 0;
        peer->began = 0;
    } else if (peer->began == 0) {
        peer->began = peer->loop->now;
        carnet_payment_peer_check(peer);
    }
}

static void
hand_over(carnet_payment_loop *loop, size_t *count)
{
    if (*count == 0)
        return;
    loop->counters.frames_in += *count;
    loop->counters.batches++;
    loop->batch(loop->self, loop->frames, *count);
    *count = 0;
}

void
carnet_payment_peers_read(carnet_payment_loop *loop)
{
    size_t count = 0;

    for (size_t i = 0; i < loop->ready_count; i++)
        fill(loop->ready[i]);
    for (size_t i = 0; i < loop->ready_count; i++)
        while (!gather(loop->ready[i], &count))
            hand_over(loop, &count);
    hand_over(loop, &count);
    for (size_t i = 0; i < loop->ready_count; i++) {
        loop->ready[i]->readable = false;
        note_partial(loop->ready[i]);
    }
    loop->ready_count = 0;
}

static carnet_rc
queue(carnet_payment_peer *peer, carnet_span header, carnet_span message, carnet_err *err)
{
    payment_buffer *out = &peer->out;
    carnet_buf buf;

    if (peer->state != PAYMENT_UP)
        return carnet_fail(err, CARNET_E_LINK_CLOSED, NULL, NULL);
    if (out->len - out->at + message.len > peer->end->config.unsent_max) {
        carnet_payment_peer_over(peer, CARNET_E_LINK_TOO_LONG, "the peer does not read what it is sent");
        return carnet_fail(err, CARNET_E_LINK_TOO_LONG, NULL, "the peer does not read what it is sent");
    }
    if (!carnet_payment_buffer_room(out, message.len + CARNET_FRAME_HEADER_MAX + 32))
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    buf = carnet_buf_of(out->ptr + out->len, out->cap - out->len);
    if (carnet_frame_add(&peer->end->framing, header, message, &buf, NULL) != CARNET_OK)
        return carnet_fail(err, CARNET_E_LINK_TOO_LONG, NULL, "the framing cannot hold this");
    out->len += buf.len;
    peer->loop->counters.frames_out++;
    carnet_payment_peer_mark(peer);
    return CARNET_OK;
}

carnet_rc
carnet_payment_send(carnet_payment_peer *peer, carnet_span header, carnet_span message, carnet_err *err)
{
    return queue(peer, header, message, err);
}

carnet_rc
carnet_payment_answer(carnet_payment_peer *peer, carnet_span header, carnet_span message, carnet_err *err)
{
    uint8_t turned[CARNET_TPDU_SIZE];

    if (header.len != CARNET_TPDU_SIZE)
        return queue(peer, header, message, err);
    carnet_tpdu_answer(header.ptr, turned);
    return queue(peer, carnet_span_of(turned, sizeof(turned)), message, err);
}

void
carnet_payment_end_peer(carnet_payment_peer *peer)
{
    if (peer->state != PAYMENT_UP)
        return;
    peer->state = PAYMENT_LEAVING;
    peer->began = peer->loop->now;
    carnet_payment_peer_check(peer);
    carnet_payment_peer_mark(peer);
}

static long
put(carnet_payment_peer *peer, const uint8_t *from, size_t len, uint32_t *again)
{
    long sent;

    *again = 0;
    if (peer->tls != NULL)
        return carnet_payment_tls_write(peer->tls, from, len, again);
    do
        sent = send(peer->fd, from, len, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (sent < 0 && errno == EINTR);
    *again = sent < 0 && errno == EAGAIN ? EPOLLOUT : 0;
    return sent;
}

static void
flush_peer(carnet_payment_peer *peer)
{
    payment_buffer *out = &peer->out;
    uint32_t again = 0, wanted;
    carnet_err err = { 0 };

    while (out->at < out->len) {
        const long sent = put(peer, out->ptr + out->at, out->len - out->at, &again);

        if (sent <= 0)
            break;
        out->at += (size_t)sent;
        peer->loop->counters.octets_out += (uint64_t)sent;
    }
    if (out->at == out->len)
        out->at = out->len = 0;
    else if (again == 0) {
        carnet_payment_peer_over(peer, CARNET_E_LINK_LOST, NULL);
        return;
    }
    wanted = (out->len != 0 ? EPOLLOUT : 0u) | (peer->state == PAYMENT_UP ? EPOLLIN : 0u);
    if (peer->state == PAYMENT_LEAVING && out->len == 0)
        carnet_payment_peer_over(peer, CARNET_E_LINK_CLOSED, NULL);
    else if (carnet_payment_watch(peer, wanted, &err) != CARNET_OK)
        carnet_payment_peer_over(peer, err.rc, err.reason);
}

/* Told first, forgotten then: what it is told by may still look at it. */
static void
bury(carnet_payment_peer *peer)
{
    carnet_payment_end *end = peer->end;
    carnet_payment_peer **at = &peer->loop->peers;

    if (end->config.down != NULL)
        end->config.down(end->config.self, peer->told_up ? peer : NULL, &peer->why);
    while (*at != peer)
        at = &(*at)->next;
    *at = peer->next;
    end->count--;
    if (!end->config.listens) {
        end->peer = NULL;
        carnet_payment_end_lost(end, peer->told_up);
    }
    carnet_payment_tls_end(&peer->tls, peer->why.rc == CARNET_E_LINK_CLOSED);
    /* Closing alone does not do it while a child process that was just forked has the socket, too: epoll would go on telling. */
    (void)epoll_ctl(peer->loop->epoll, EPOLL_CTL_DEL, peer->fd, NULL);
    (void)close(peer->fd);
    free(peer->in.ptr);
    free(peer->out.ptr);
    free(peer);
}

void
carnet_payment_peers_flush(carnet_payment_loop *loop)
{
    carnet_payment_peer *gone = NULL;

    while (loop->dirty != NULL) {
        carnet_payment_peer *peer = loop->dirty;

        loop->dirty = peer->dirty;
        peer->is_dirty = false;
        if (peer->state == PAYMENT_UP || peer->state == PAYMENT_LEAVING) {
            flush_peer(peer);
        } else if (peer->state == PAYMENT_GONE) {
            peer->is_dirty = true; /* stays marked, on another list */
            peer->dirty = gone;
            gone = peer;
        }
    }
    while (gone != NULL) {
        carnet_payment_peer *peer = gone;

        gone = peer->dirty;
        bury(peer);
    }
}

void
carnet_payment_peers_free(carnet_payment_loop *loop)
{
    while (loop->peers != NULL) {
        carnet_payment_peer *peer = loop->peers;

        loop->peers = peer->next;
        carnet_payment_tls_end(&peer->tls, false);
        (void)close(peer->fd);
        free(peer->in.ptr);
        free(peer->out.ptr);
        free(peer);
    }
}
