/* SPDX-License-Identifier: Apache-2.0 */
/* The loop: what is ready, what is over, and when. */
#include "internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

int64_t
carnet_payment_clock(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void
carnet_payment_remind(carnet_payment_loop *loop, int64_t at)
{
    if (at < loop->check)
        loop->check = at;
}

carnet_rc
carnet_payment_watch(carnet_payment_peer *peer, uint32_t events, carnet_err *err)
{
    struct epoll_event event = { .events = events, .data.ptr = peer };
    const int how = peer->watched == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;

    if (events == peer->watched)
        return CARNET_OK;
    if (epoll_ctl(peer->loop->epoll, how, peer->fd, &event) != 0)
        return carnet_fail(err, CARNET_E_LINK_IO, NULL, strerror(errno));
    peer->watched = events;
    return CARNET_OK;
}

static carnet_rc
open_loop(carnet_payment_loop *loop, carnet_err *err)
{
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = NULL };

    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    loop->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (loop->epoll < 0 || loop->wake < 0 || epoll_ctl(loop->epoll, EPOLL_CTL_ADD, loop->wake, &event) != 0)
        return carnet_fail(err, CARNET_E_LINK_IO, NULL, strerror(errno));
    return CARNET_OK;
}

carnet_rc
carnet_payment_loop_new(carnet_payment_batch *batch, void *self, const carnet_random *random, carnet_payment_loop **out,
                        carnet_err *err)
{
    carnet_payment_loop *loop = calloc(1, sizeof(*loop));
    carnet_rc rc;

    *out = NULL;
    if (loop == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    loop->batch = batch;
    loop->self = self;
    loop->random = random != NULL ? *random : (carnet_random){ 0 };
    loop->now = carnet_payment_clock();
    loop->check = INT64_MAX;
    loop->epoll = loop->wake = -1;
    rc = open_loop(loop, err);
    *out = loop;
    if (rc != CARNET_OK)
        carnet_payment_loop_free(out);
    return rc;
}

void
carnet_payment_loop_free(carnet_payment_loop **out)
{
    carnet_payment_loop *loop = *out;

    *out = NULL;
    if (loop == NULL)
        return;
    carnet_payment_peers_free(loop);
    while (loop->ends != NULL) {
        carnet_payment_end *end = loop->ends;

        loop->ends = end->next;
        carnet_payment_end_done(end);
    }
    if (loop->epoll >= 0)
        (void)close(loop->epoll);
    if (loop->wake >= 0)
        (void)close(loop->wake);
    free(loop);
}

static void
drain(int fd)
{
    uint64_t count;

    (void)!read(fd, &count, sizeof(count));
}

/* Ends that listen are told from peers by the lowest bit of the pointer, which no pointer has. */
static void
dispatch(carnet_payment_loop *loop, const struct epoll_event *event)
{
    if (event->data.ptr == NULL)
        drain(loop->wake);
    else if ((event->data.u64 & 1) != 0)
        carnet_payment_end_accept((carnet_payment_end *)((uint8_t *)event->data.ptr - 1));
    else
        carnet_payment_peer_event(event->data.ptr, event->events);
}

static void
check(carnet_payment_loop *loop)
{
    if (loop->now < loop->check)
        return;
    loop->check = INT64_MAX;
    for (carnet_payment_end *end = loop->ends; end != NULL; end = end->next) {
        if (end->attempt != 0 && end->attempt <= loop->now)
            carnet_payment_end_try(end);
        if (end->attempt != 0)
            carnet_payment_remind(loop, end->attempt);
    }
    for (carnet_payment_peer *peer = loop->peers; peer != NULL; peer = peer->next)
        carnet_payment_peer_check(peer);
}

static int
patience(const carnet_payment_loop *loop, int64_t until)
{
    const int64_t last = until < loop->check ? until : loop->check, left = last - carnet_payment_clock();

    if (loop->dirty != NULL)
        return 0;
    return left <= 0 ? 0 : left > 3600000 ? 3600000 : (int)left;
}

carnet_rc
carnet_payment_step(carnet_payment_loop *loop, int64_t until_ms, carnet_err *err)
{
    struct epoll_event events[PAYMENT_EVENTS];
    const int count = epoll_wait(loop->epoll, events, PAYMENT_EVENTS, patience(loop, until_ms));

    if (count < 0 && errno != EINTR)
        return carnet_fail(err, CARNET_E_LINK_IO, NULL, strerror(errno));
    loop->now = carnet_payment_clock();
    for (int i = 0; i < count; i++)
        dispatch(loop, &events[i]);
    carnet_payment_peers_read(loop);
    check(loop);
    carnet_payment_peers_flush(loop);
    return CARNET_OK;
}

void
carnet_payment_wake(carnet_payment_loop *loop)
{
    const uint64_t one = 1;

    (void)!write(loop->wake, &one, sizeof(one));
}

int64_t
carnet_payment_now(const carnet_payment_loop *loop)
{
    return loop->now;
}

carnet_payment_counters
carnet_payment_count(const carnet_payment_loop *loop)
{
    return loop->counters;
}
