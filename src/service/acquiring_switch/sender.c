/* SPDX-License-Identifier: Apache-2.0 */
/* Of several switches on one store, one sends what waits: it claims that for a few seconds, again and again.  Whoever stops gives
 * it back; whoever was killed loses it when the time is over, or at once, where whoever asks can see that this process is no more.
 * The others store what their terminals send, and leave it to the one. */
#include "internal.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    CLAIM_MS = 15000, /* for so long */
    AGAIN_MS = 10000, /* and again, when no more than this is left */
    MARGIN_MS = 2000, /* nothing is begun so long before it is over */
    PROCESS_FILE = 512
};

static int64_t
now_ms(clockid_t clock)
{
    struct timespec t;

    (void)clock_gettime(clock, &t);
    return t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000;
}

/* --- who one is --- */

static bool
read_file(const char *path, char *out, size_t size)
{
    FILE *f = fopen(path, "re");
    size_t len;

    if (f == NULL)
        return false;
    len = fread(out, 1, size - 1, f);
    out[len] = '\0';
    return fclose(f) == 0 && len > 0;
}

/* When a process was begun, in the kernel's ticks (proc(5)); 0: there is none, or it is not known. */
static unsigned long long
begun(long process)
{
    char path[64], text[PROCESS_FILE];
    const char *at;

    (void)snprintf(path, sizeof(path), "/proc/%ld/stat", process);
    if (!read_file(path, text, sizeof(text)) || (at = strrchr(text, ')')) == NULL)
        return 0;
    for (int field = 2; field < 22 && at != NULL; field++)
        at = strchr(at + 1, ' ');
    return at != NULL ? strtoull(at, NULL, 10) : 0;
}

/* Where processes are known by these numbers: this start of this machine, this name space; empty: that cannot be told. */
static void
place(char out[SWITCH_PLACE])
{
    struct stat space;
    char boot[64];

    out[0] = '\0';
    if (stat("/proc/self/ns/pid", &space) != 0 || !read_file("/proc/sys/kernel/random/boot_id", boot, sizeof(boot)))
        return;
    boot[strcspn(boot, "\n")] = '\0';
    (void)snprintf(out, SWITCH_PLACE, "%.36s/%llu", boot, (unsigned long long)space.st_ino);
}

carnet_rc
carnet_switch_sender_init(acquiring_switch *s, carnet_err *err)
{
    carnet_crypto crypto;
    uint8_t octets[8];
    char where[SWITCH_PLACE];
    unsigned long long number = 0;
    carnet_rc rc = carnet_crypto_init(&crypto, err);

    if (rc == CARNET_OK) {
        const carnet_random random = carnet_crypto_random(&crypto);

        rc = carnet_random_fill(&random, octets, sizeof(octets), err);
        carnet_crypto_done(&crypto);
    }
    if (rc != CARNET_OK)
        return rc;
    for (size_t i = 0; i < sizeof(octets); i++)
        number = number << 8 | octets[i];
    place(where);
    (void)snprintf(s->sender.name, sizeof(s->sender.name), "%016llx %ld %llu %s", number, (long)getpid(),
                   begun((long)getpid()), where);
    return CARNET_OK;
}

/* Surely: a process of this machine and name space that is no more, or whose number is another's by now. */
static bool
is_gone(const char *holder)
{
    char where[SWITCH_PLACE], *at;
    long process;
    unsigned long long when;

    place(where);
    if (where[0] == '\0' || strlen(holder) < 17 || holder[16] != ' ')
        return false;
    process = strtol(holder + 17, &at, 10);
    when = strtoull(at, &at, 10);
    if (*at != ' ' || strcmp(at + 1, where) != 0 || process <= 0 || when == 0)
        return false;
    return (kill((pid_t)process, 0) != 0 && errno == ESRCH) || begun(process) != when;
}

/* --- claiming --- */

typedef struct claiming {
    acquiring_switch *s;
    const char *gone; /* a holder that is no more */
    int64_t now, until;
    char holder[SWITCH_SENDER];
    int64_t held_until, inserts;
} claiming;

static carnet_rc
take(claiming *c, carnet_rc rc, const carnet_store_forward_claim *claim)
{
    if (rc != CARNET_OK)
        return rc;
    c->held_until = claim->until;
    c->inserts = claim->inserts;
    (void)snprintf(c->holder, sizeof(c->holder), "%.*s", (int)claim->holder.len,
                   claim->holder.len != 0 ? claim->holder.ptr : "");
    return CARNET_OK;
}

static carnet_rc
look(void *arg, carnet_store_session *session, carnet_err *err)
{
    uint8_t octets[SWITCH_SENDER];
    carnet_buf room = carnet_buf_of(octets, sizeof(octets));
    carnet_store_forward_claim claim;

    return take(arg, carnet_store_forward_claim_get(session, &claim, &room, err), &claim);
}

static carnet_rc
claim(void *arg, carnet_store_session *session, carnet_err *err)
{
    claiming *c = arg;
    uint8_t octets[SWITCH_SENDER];
    carnet_buf room = carnet_buf_of(octets, sizeof(octets));
    carnet_store_forward_claim got;
    const carnet_rc rc = carnet_store_forward_claim_send(session, carnet_str_of(c->s->sender.name),
                                                         carnet_str_of(c->gone), c->now, c->until, &got, &room, err);

    return take(c, rc, &got);
}

static bool
is_mine(const claiming *c)
{
    return strcmp(c->holder, c->s->sender.name) == 0;
}

/* Most looks are no more than that. */
static carnet_rc
look_and_claim(claiming *c, carnet_store *store, carnet_err *err)
{
    char gone[SWITCH_SENDER] = "";
    carnet_rc rc = carnet_store_read(store, look, c, err);

    /* Longer than it was ever claimed for: the calendar was put back. */
    if (rc != CARNET_OK || (is_mine(c) && c->held_until > c->now + AGAIN_MS && c->held_until <= c->now + CLAIM_MS))
        return rc;
    if (!is_mine(c) && c->held_until > c->now) {
        if (!is_gone(c->holder))
            return CARNET_OK;
        memcpy(gone, c->holder, sizeof(gone));
    }
    c->gone = gone;
    rc = carnet_store_transact(store, claim, c, err);
    c->gone = "";
    return rc;
}

carnet_rc
carnet_switch_sender_claim(acquiring_switch *s, carnet_err *err)
{
    switch_sender *sender = &s->sender;
    const int64_t begun_at = now_ms(CLOCK_MONOTONIC), now = now_ms(CLOCK_REALTIME);
    claiming c = { .s = s, .gone = "", .now = now, .until = now + CLAIM_MS };
    carnet_service_worker *worker;
    carnet_rc rc = carnet_service_begin(s->context, NULL, &worker, err);

    sender->due = begun_at + SWITCH_LOOK_MS;
    if (rc == CARNET_OK)
        rc = look_and_claim(&c, worker->store, err);
    if (rc != CARNET_OK)
        return rc;
    if (is_mine(&c) && c.inserts != sender->inserts)
        atomic_store(&s->again, true); /* others left something to be sent */
    sender->inserts = c.inserts;
    atomic_store(&sender->until, is_mine(&c) ? begun_at + (c.held_until - now) - MARGIN_MS : 0);
    return CARNET_OK;
}

void
carnet_switch_sender_give_back(acquiring_switch *s)
{
    claiming c = { .s = s, .gone = "" };
    carnet_service_worker *worker;

    if (atomic_exchange(&s->sender.until, 0) != 0 && carnet_service_begin(s->context, NULL, &worker, NULL) == CARNET_OK)
        (void)!carnet_store_transact(worker->store, claim, &c, NULL);
}

bool
carnet_switch_sends(const acquiring_switch *s)
{
    return atomic_load_explicit(&s->sender.until, memory_order_relaxed) > now_ms(CLOCK_MONOTONIC);
}

int64_t
carnet_switch_sender_due(const acquiring_switch *s)
{
    const int64_t left = s->sender.due - now_ms(CLOCK_MONOTONIC);

    return left > 0 ? left : 0;
}

/* --- what it means for the queues --- */

/* It is in the store; what was sent of it and not answered may be answered yet, to nothing. */
static void
forget(switch_link *link)
{
    while (link->first != NULL) {
        switch_stored *item = link->first;

        link->first = item->next;
        link->stored--;
        carnet_switch_stored_free(item);
    }
    link->last = &link->first;
    link->stored_strange = link->stored_waits;
    atomic_store_explicit(&link->count.depth, link->stored, memory_order_relaxed);
}

void
carnet_switch_sender_look(acquiring_switch *s)
{
    const bool sends = carnet_switch_sends(s);

    if (sends == s->sender.sent)
        return;
    s->sender.sent = sends;
    carnet_switch_event(s, "switch.sender", "done", sends ? "taken" : "lost");
    if (sends)
        atomic_store(&s->again, true);
    else
        for (size_t i = s->terminal_count; i < s->link_count; i++)
            forget(&s->links[i]);
}
