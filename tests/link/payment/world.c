/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void
note_up(void *self, carnet_payment_peer *peer)
{
    world *w = self;

    w->ups++;
    w->peer = peer;
    w->certificate = carnet_payment_peer_certificate(peer).len;
}

static void
note_down(void *self, carnet_payment_peer *peer, const carnet_err *why)
{
    world *w = self;

    w->downs++;
    w->why = *why;
    if (w->peer == peer)
        w->peer = NULL;
}

static void
note_batch(void *self, const carnet_payment_frame *frames, size_t count)
{
    world *w = self;

    w->batches++;
    w->largest = count > w->largest ? count : w->largest;
    for (size_t i = 0; i < count; i++) {
        const carnet_span m = frames[i].message;
        const size_t shown = m.len < sizeof(w->last) - 1 ? m.len : sizeof(w->last) - 1;

        assert_in_range(w->frames, 0, WORLD_FRAMES - 1);
        w->lengths[w->frames] = m.len;
        w->kept[w->frames++] = m.len != 0 ? m.ptr[0] : 0;
        memcpy(w->last, m.ptr, shown);
        w->last[shown] = 0;
        if (w->answers)
            (void)!carnet_payment_answer(frames[i].peer, frames[i].header, m, NULL);
    }
}

void
world_begin(world *w, const char *framing, const carnet_payment_end_config *change)
{
    carnet_payment_end_config config = change != NULL ? *change : (carnet_payment_end_config){ 0 };
    carnet_err err = { 0 };

    *w = (world){ 0 };
    assert_true(carnet_framing_named(carnet_str_of(framing), &w->framing));
    config.address = "127.0.0.1";
    config.listens = true;
    config.framing = &w->framing;
    config.self = w;
    config.up = note_up;
    config.down = note_down;
    assert_carnet_ok(carnet_payment_loop_new(note_batch, w, NULL, &w->loop, &err), &err);
    assert_carnet_ok(carnet_payment_add(w->loop, &config, &w->end, &err), &err);
}

void
world_end(world *w)
{
    carnet_payment_loop_free(&w->loop);
    assert_null(w->loop);
}

uint16_t
world_port(const world *w)
{
    return carnet_payment_port(w->end);
}

static void
step(world *w)
{
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_payment_step(w->loop, carnet_payment_now(w->loop) + 20, &err), &err);
}

void
world_until(world *w, const unsigned *counter, unsigned count)
{
    const int64_t last = carnet_payment_now(w->loop) + WORLD_PATIENCE_MS;

    while (*counter < count) {
        assert_true(carnet_payment_now(w->loop) < last);
        step(w);
    }
}

void
world_until_frames(world *w, size_t count)
{
    const int64_t last = carnet_payment_now(w->loop) + WORLD_PATIENCE_MS;

    while (w->frames < count) {
        assert_true(carnet_payment_now(w->loop) < last);
        step(w);
    }
}

void
world_for(world *w, int64_t ms)
{
    int64_t last;

    step(w); /* now() is of the last step, however long ago */
    last = carnet_payment_now(w->loop) + ms;
    while (carnet_payment_now(w->loop) < last)
        step(w);
}

int
plain_connect(uint16_t port)
{
    const struct sockaddr_in to = { .sin_family = AF_INET,
                                    .sin_port = htons(port),
                                    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof(to)), 0);
    return fd;
}

void
plain_write(int fd, carnet_span octets)
{
    assert_int_equal(send(fd, octets.ptr, octets.len, MSG_NOSIGNAL), octets.len);
}

/* One octet; false: the end. */
static bool
plain_octet(world *w, int fd, uint8_t *octet)
{
    const int64_t last = carnet_payment_now(w->loop) + WORLD_PATIENCE_MS;
    long got;

    while ((got = recv(fd, octet, 1, MSG_DONTWAIT)) < 0 && errno == EAGAIN) {
        assert_true(carnet_payment_now(w->loop) < last);
        step(w);
    }
    return got == 1;
}

void
plain_expect(world *w, int fd, carnet_span octets)
{
    for (size_t i = 0; i < octets.len; i++) {
        uint8_t octet = 0;

        assert_true(plain_octet(w, fd, &octet));
        assert_int_equal(octet, octets.ptr[i]);
    }
}

void
plain_expect_end(world *w, int fd)
{
    uint8_t octet;

    while (plain_octet(w, fd, &octet))
        continue;
    assert_int_equal(close(fd), 0);
}
