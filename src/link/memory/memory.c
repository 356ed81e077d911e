/* SPDX-License-Identifier: Apache-2.0 */
/* A pair of links in one process: two queues under one lock. */
#include "carnet/link_memory.h"
#include "link_io.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct letter {
    uint8_t *bytes;
    size_t len;
    int64_t due; /**< not to be had before */
} letter;

/** What one end has sent and the other not yet received. */
typedef struct queue {
    letter letters[CARNET_LINK_MEMORY_QUEUE];
    size_t first, count;
    letter held; /**< waits for the next to overtake it; bytes NULL: none */
    const carnet_link_fault *faults;
    size_t fault_count;
    uint64_t sent;
    int64_t latest; /**< `due` of the last letter: nothing overtakes a late one */
    bool closed;    /**< by the end that sends */
} queue;

typedef struct pair {
    pthread_mutex_t lock;
    pthread_cond_t change;
    queue from[2]; /**< by the end that sends */
    bool lost;
    int open;
} pair;

/** The end a link is: carnet_link.fd, which this kind has no other use for. */
static int
end_of(const carnet_link *link)
{
    return link->fd;
}

static letter
letter_of(const uint8_t *bytes, size_t len, int64_t due)
{
    /* One octet more, so that an empty message has an address too. */
    letter l = { malloc(len + 1), len, due };

    if (l.bytes != NULL && len > 0) {
        memcpy(l.bytes, bytes, len);
    }
    return l;
}

static carnet_rc
put(queue *q, letter l, carnet_err *err)
{
    if (l.bytes == NULL) {
        return carnet_fail(err, CARNET_E_LINK_IO, NULL, "no memory is left");
    }
    if (q->count == CARNET_LINK_MEMORY_QUEUE) {
        free(l.bytes);
        return carnet_fail(err, CARNET_E_LINK_IO, NULL, "the peer takes none of the messages sent");
    }
    q->letters[(q->first + q->count++) % CARNET_LINK_MEMORY_QUEUE] = l;
    return CARNET_OK;
}

static carnet_link_fault
fault_of(const queue *q)
{
    for (size_t i = 0; i < q->fault_count; i++) {
        if (q->faults[i].message == q->sent) {
            return q->faults[i];
        }
    }
    return (carnet_link_fault){ 0 };
}

/** A letter that was held back goes after the one that has overtaken it. */
static carnet_rc
release(queue *q, carnet_err *err)
{
    letter held = q->held;

    q->held = (letter){ 0 };
    return held.bytes != NULL ? put(q, held, err) : CARNET_OK;
}

static carnet_rc
post(queue *q, carnet_span message, carnet_err *err)
{
    carnet_link_fault fault = fault_of(q);
    int64_t late = fault.kind == CARNET_LINK_FAULT_DELAY ? carnet_link_now_ms() + (int64_t)fault.amount : 0;
    size_t len = fault.kind == CARNET_LINK_FAULT_TRUNCATE && fault.amount < message.len ? fault.amount : message.len;
    letter l;
    carnet_rc rc;

    q->sent++;
    if (fault.kind == CARNET_LINK_FAULT_DROP) {
        return release(q, err);
    }
    q->latest = late > q->latest ? late : q->latest;
    l = letter_of(message.ptr, len, q->latest);
    if (fault.kind == CARNET_LINK_FAULT_ALTER && l.bytes != NULL && len > 0) {
        l.bytes[fault.amount < len ? fault.amount : len - 1] ^= 1;
    }
    if (fault.kind == CARNET_LINK_FAULT_REORDER && q->held.bytes == NULL && l.bytes != NULL) {
        q->held = l;
        return CARNET_OK;
    }
    rc = put(q, l, err);
    if (rc == CARNET_OK && fault.kind == CARNET_LINK_FAULT_REPEAT) {
        rc = put(q, letter_of(message.ptr, len, q->latest), err);
    }
    return rc == CARNET_OK ? release(q, err) : rc;
}

static carnet_rc
memory_send(carnet_link *link, carnet_span message, int timeout_ms, carnet_err *err)
{
    pair *p = link->state;
    queue *q = &p->from[end_of(link)];
    carnet_rc rc;

    (void)timeout_ms;
    if (message.len > CARNET_LINK_MEMORY_MAX) {
        return carnet_fail(err, CARNET_E_LINK_TOO_LONG, NULL, NULL);
    }
    carnet_link_tell(link, true, 0, message.len);
    pthread_mutex_lock(&p->lock);
    p->lost |= fault_of(q).kind == CARNET_LINK_FAULT_CLOSE;
    if (p->lost) {
        rc = carnet_fail(err, CARNET_E_LINK_LOST, NULL, NULL);
    } else if (p->from[1 - end_of(link)].closed) {
        rc = carnet_fail(err, CARNET_E_LINK_CLOSED, NULL, NULL);
    } else {
        rc = post(q, message, err);
    }
    pthread_cond_broadcast(&p->change);
    pthread_mutex_unlock(&p->lock);
    if (rc == CARNET_OK) {
        link->traffic.messages_sent++;
        link->traffic.units_sent++;
        link->traffic.octets_sent += message.len;
        carnet_link_tell(link, true, message.len, message.len);
    }
    return rc;
}

/** Wait for a change until the deadline, or until the first letter is due; false when the deadline is over. */
static bool
wait_change(pair *p, const queue *q, int64_t deadline)
{
    int64_t until = q->count > 0 && q->letters[q->first].due < deadline ? q->letters[q->first].due : deadline;
    struct timespec at = { .tv_sec = until / 1000, .tv_nsec = (until % 1000) * 1000000 };

    if (carnet_link_now_ms() >= deadline) {
        return false;
    }
    pthread_cond_timedwait(&p->change, &p->lock, &at);
    return true;
}

/** Wait until there is a letter to take; CARNET_OK: it is the queue's first. */
static carnet_rc
await(pair *p, queue *q, int64_t deadline, carnet_err *err)
{
    for (;;) {
        if (q->count > 0 && q->letters[q->first].due <= carnet_link_now_ms()) {
            return CARNET_OK;
        }
        if (p->lost) {
            return carnet_fail(err, CARNET_E_LINK_LOST, NULL, NULL);
        }
        if (q->closed && q->count == 0) {
            return carnet_fail(err, CARNET_E_LINK_CLOSED, NULL, NULL);
        }
        if (!wait_change(p, q, deadline)) {
            return carnet_fail(err, CARNET_E_LINK_TIMEOUT, NULL, NULL);
        }
    }
}

static carnet_rc
take(queue *q, carnet_buf *message, carnet_err *err)
{
    letter *l = &q->letters[q->first];

    if (message->overflow || l->len > message->cap - message->len) {
        return carnet_fail(err, CARNET_E_LINK_TOO_LONG, NULL, NULL);
    }
    carnet_buf_add(message, carnet_span_of(l->bytes, l->len));
    free(l->bytes);
    *l = (letter){ 0 };
    q->first = (q->first + 1) % CARNET_LINK_MEMORY_QUEUE;
    q->count--;
    return CARNET_OK;
}

static carnet_rc
memory_receive(carnet_link *link, carnet_buf *message, int timeout_ms, carnet_err *err)
{
    pair *p = link->state;
    queue *q = &p->from[1 - end_of(link)];
    size_t before = message->len;
    carnet_rc rc;

    pthread_mutex_lock(&p->lock);
    rc = await(p, q, carnet_link_now_ms() + timeout_ms, err);
    if (rc == CARNET_OK) {
        rc = take(q, message, err);
    }
    pthread_mutex_unlock(&p->lock);
    if (rc == CARNET_OK) {
        link->traffic.messages_received++;
        link->traffic.units_received++;
        link->traffic.octets_received += message->len - before;
        carnet_link_tell(link, false, message->len - before, message->len - before);
    }
    return rc;
}

static void
release_pair(pair *p)
{
    for (int end = 0; end < 2; end++) {
        queue *q = &p->from[end];

        for (; q->count > 0; q->count--) {
            free(q->letters[q->first].bytes);
            q->first = (q->first + 1) % CARNET_LINK_MEMORY_QUEUE;
        }
        free(q->held.bytes);
    }
    pthread_cond_destroy(&p->change);
    pthread_mutex_destroy(&p->lock);
    free(p);
}

static void
memory_close(carnet_link *link)
{
    pair *p = link->state;
    queue *q = &p->from[end_of(link)];
    bool last;

    pthread_mutex_lock(&p->lock);
    (void)release(q, NULL);
    q->closed = true;
    q->faults = NULL;
    q->fault_count = 0;
    last = --p->open == 0;
    pthread_cond_broadcast(&p->change);
    pthread_mutex_unlock(&p->lock);
    if (last) {
        release_pair(p);
    }
}

static const carnet_link_ops memory_ops = {
    .name = "memory", .send = memory_send, .receive = memory_receive, .close = memory_close
};

/** Waiting goes by the clock nobody sets. */
static bool
init_change(pthread_cond_t *change)
{
    pthread_condattr_t attributes;
    bool done;

    if (pthread_condattr_init(&attributes) != 0) {
        return false;
    }
    done = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0 && pthread_cond_init(change, &attributes) == 0;
    pthread_condattr_destroy(&attributes);
    return done;
}

carnet_rc
carnet_link_memory_pair(carnet_link *one, carnet_link *other, carnet_err *err)
{
    pair *p = calloc(1, sizeof *p);

    *one = *other = (carnet_link){ 0 };
    if (p == NULL || pthread_mutex_init(&p->lock, NULL) != 0) {
        free(p);
        return carnet_fail(err, CARNET_E_LINK_IO, NULL, "no memory is left");
    }
    if (!init_change(&p->change)) {
        pthread_mutex_destroy(&p->lock);
        free(p);
        return carnet_fail(err, CARNET_E_LINK_IO, NULL, "no memory is left");
    }
    p->open = 2;
    *one = (carnet_link){ .ops = &memory_ops, .state = p, .fd = 0 };
    *other = (carnet_link){ .ops = &memory_ops, .state = p, .fd = 1 };
    return CARNET_OK;
}

carnet_rc
carnet_link_memory_faults(carnet_link *end, const carnet_link_fault *faults, size_t count, carnet_err *err)
{
    pair *p = end->state;
    queue *q;
    carnet_rc rc;

    if (end->ops != &memory_ops) {
        return carnet_fail(err, CARNET_E_USAGE, NULL, "faults are for the ends of a pair in memory");
    }
    q = &p->from[end_of(end)];
    pthread_mutex_lock(&p->lock);
    q->faults = faults;
    q->fault_count = count;
    for (size_t i = 0; i < q->count; i++) {
        q->letters[(q->first + i) % CARNET_LINK_MEMORY_QUEUE].due = 0;
    }
    q->latest = q->held.due = 0;
    rc = release(q, err);
    pthread_cond_broadcast(&p->change);
    pthread_mutex_unlock(&p->lock);
    return rc;
}
