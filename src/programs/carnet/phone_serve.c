/* SPDX-License-Identifier: Apache-2.0 */
/* carnet phone serve: the phone as a page.  One thread is the phone: it does what the pages want, asks for notifications, answers
 * sessions when the user has; the pages only show and order. */
#include "phone_page.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROOM = 4096, TURN_MS = 250, ORDER_S = 10, LOOK_S = 2 };

static volatile sig_atomic_t over;

static void
on_signal(int number)
{
    (void)number;
    over = 1;
}

static void
copy(char *to, size_t size, carnet_str from)
{
    snprintf(to, size, "%.*s", (int)from.len, from.len > 0 ? from.ptr : "");
}

static struct timespec
after_ms(long ms)
{
    struct timespec at;

    clock_gettime(CLOCK_REALTIME, &at);
    at.tv_nsec += ms % 1000 * 1000000;
    at.tv_sec += ms / 1000 + at.tv_nsec / 1000000000;
    at.tv_nsec %= 1000000000;
    return at;
}

/* --- what pages call --- */

page_transaction *
phone_page_find(phone_pages *s, carnet_str reference)
{
    for (size_t i = 0; i < s->count; i++) {
        if (carnet_str_is(reference, s->list[i].reference)) {
            return &s->list[i];
        }
    }
    return NULL;
}

bool
phone_page_do(phone_pages *s, const page_order *order)
{
    const struct timespec until = after_ms(ORDER_S * 1000L);
    unsigned long mine;

    if (s->asked.open || s->over) {
        snprintf(s->trouble, sizeof s->trouble, "%s", "answer the open approval first");
        return false;
    }
    while (s->ordered) {
        if (pthread_cond_timedwait(&s->news, &s->lock, &until) != 0) {
            return false;
        }
    }
    s->order = *order;
    s->ordered = true;
    s->trouble[0] = '\0';
    mine = s->done;
    pthread_cond_broadcast(&s->news);
    while (s->done == mine) {
        if (pthread_cond_timedwait(&s->news, &s->lock, &until) != 0) {
            snprintf(s->trouble, sizeof s->trouble, "%s", "the server takes long; look again");
            return false;
        }
    }
    return s->trouble[0] == '\0';
}

/* --- the phone's thread; without the lock --- */

static void
keep_transaction(phone_pages *s, const carnet_staged_status *from)
{
    page_transaction *t;

    pthread_mutex_lock(&s->lock);
    t = phone_page_find(s, from->reference);
    if (t == NULL) {
        memmove(s->list + 1, s->list, (PAGE_TRANSACTIONS - 1) * sizeof *s->list);
        s->count += s->count < PAGE_TRANSACTIONS;
        t = &s->list[0];
        *t = (page_transaction){ 0 };
        copy(t->reference, sizeof t->reference, from->reference);
    }
    t->state = from->state;
    t->amount = from->amount;
    t->dispensed = from->dispensed;
    t->has_dispensed = from->has_dispensed;
    copy(t->type, sizeof t->type, from->type);
    copy(t->account, sizeof t->account, from->account);
    copy(t->currency, sizeof t->currency, from->currency);
    copy(t->binding, sizeof t->binding, from->binding);
    copy(t->terminal, sizeof t->terminal, from->terminal);
    copy(t->text, sizeof t->text, from->text);
    copy(t->reason, sizeof t->reason, from->reason);
    copy(t->session, sizeof t->session, from->session);
    pthread_cond_broadcast(&s->news);
    pthread_mutex_unlock(&s->lock);
}

static void
complain(phone_pages *s, const char *text, carnet_str detail)
{
    pthread_mutex_lock(&s->lock);
    snprintf(s->trouble, sizeof s->trouble, "%s%s%.*s", text, detail.len > 0 ? ": " : "", (int)detail.len,
             detail.len > 0 ? detail.ptr : "");
    pthread_mutex_unlock(&s->lock);
}

/** Ask the server; its answer is of one transaction.  `quiet`: nobody is told that it failed. */
static bool
ask(phone_pages *s, const char *path, const carnet_buf *body, bool quiet, char session[CARNET_BOPS_SESSION + 1])
{
    carnet_staging_refusal refusal;
    carnet_staged_status status;
    carnet_json *document;
    carnet_str answer;
    unsigned code;

    if (!phone_ask(s->p, PHONE_SERVER, path, carnet_buf_span(body), 0, &code, &answer)) {
        if (!quiet) {
            complain(s, "the bank's server does not answer", (carnet_str){ 0 });
        }
        return false;
    }
    if (code == 200 && carnet_staged_status_read(answer, &document, &status, NULL) == CARNET_OK) {
        keep_transaction(s, &status);
        if (session != NULL) {
            copy(session, CARNET_BOPS_SESSION + 1, status.session);
        }
        carnet_json_free(&document);
        return true;
    }
    if (quiet) {
        return false;
    }
    if (carnet_staging_refusal_read(answer, &document, &refusal, NULL) == CARNET_OK) {
        complain(s, "refused", refusal.description.len > 0 ? refusal.description : refusal.error);
        carnet_json_free(&document);
    } else {
        complain(s, "refused without a reason", (carnet_str){ 0 });
    }
    return false;
}

static bool
stage(phone_pages *s, const page_order *order, carnet_buf *body)
{
    carnet_random random = carnet_crypto_random(s->p->crypto);
    uint8_t octets[16];
    char name[33];
    carnet_buf hex = carnet_buf_of(name, 32);
    const carnet_stage_request wish = { .request_id = { name, 32 },
                                        .type = carnet_str_of(order->type),
                                        .amount = order->amount,
                                        .currency = carnet_str_of(order->currency),
                                        .account = carnet_str_of(order->account) };

    if (carnet_random_fill(&random, octets, sizeof octets, NULL) != CARNET_OK) {
        return false;
    }
    carnet_buf_add_hex(&hex, carnet_span_of(octets, sizeof octets));
    return carnet_stage_request_write(&wish, body, NULL) == CARNET_OK;
}

/** Do what is ordered; *session: one to be answered. */
static void
follow(phone_pages *s, const page_order *order, char session[CARNET_BOPS_SESSION + 1])
{
    const carnet_staged_query query = { .reference = carnet_str_of(order->reference) };
    const carnet_fulfil_request binding = { .reference = query.reference, .code = carnet_str_of(order->code) };
    carnet_buf body = cli_buf(ROOM);

    if (order->wish == PAGE_STAGE) {
        if (stage(s, order, &body)) {
            (void)ask(s, CARNET_STAGING_PATH "/rp/Stage", &body, false, NULL);
        }
    } else if (order->wish == PAGE_FULFIL) {
        if (carnet_fulfil_request_write(&binding, &body, NULL) == CARNET_OK) {
            (void)ask(s, CARNET_STAGING_PATH "/rp/Fulfil", &body, false, session);
        }
    } else if (carnet_staged_query_write(&query, &body, NULL) == CARNET_OK) {
        (void)ask(s, CARNET_STAGING_PATH "/rp/CancelStaged", &body, false, NULL);
    }
    free(body.ptr);
}

static bool
may_change(carnet_staged_state state)
{
    return state == CARNET_STAGED_AUTHENTICATING || state == CARNET_STAGED_STEPPING_UP ||
           state == CARNET_STAGED_FULFILLED || state == CARNET_STAGED_USED || state == CARNET_STAGED_STAGED;
}

/** Look at what may have changed. */
static void
look(phone_pages *s)
{
    page_transaction list[PAGE_TRANSACTIONS];
    size_t count;

    pthread_mutex_lock(&s->lock);
    count = s->count;
    memcpy(list, s->list, sizeof list);
    pthread_mutex_unlock(&s->lock);
    for (size_t i = 0; i < count; i++) {
        const carnet_staged_query query = { .reference = carnet_str_of(list[i].reference) };
        carnet_buf body;

        if (!may_change(list[i].state)) {
            continue;
        }
        body = cli_buf(ROOM);
        if (carnet_staged_query_write(&query, &body, NULL) == CARNET_OK) {
            (void)ask(s, CARNET_STAGING_PATH "/rp/StagedStatus", &body, true, NULL);
        }
        free(body.ptr);
    }
}

/* --- sessions --- */

static bool
takes_pin(const phone_pages *s, const carnet_bops_registered *session)
{
    for (size_t i = 0; s->p->pin && i < session->acceptable_count; i++) {
        for (size_t k = 0; k < session->acceptable[i].count; k++) {
            if (carnet_str_is(session->acceptable[i].methods[k], "PIN")) {
                return true;
            }
        }
    }
    return false;
}

/** Instead of the terminal: the page asks, and this waits. */
static carnet_device_outcome
ask_page(void *self, const carnet_bops_registered *session)
{
    phone_pages *s = self;
    page_answer answer;

    pthread_mutex_lock(&s->lock);
    s->asked.tries++;
    s->asked.open = true;
    s->asked.takes_pin = takes_pin(s, session);
    s->asked.expiration = session->expiration;
    copy(s->asked.session, sizeof s->asked.session, session->session_id);
    copy(s->asked.text, sizeof s->asked.text, session->transaction_text);
    copy(s->asked.binding, sizeof s->asked.binding, session->binding_message);
    s->answer = PAGE_OPEN;
    pthread_cond_broadcast(&s->news);
    while (s->answer == PAGE_OPEN && !over && (int64_t)cli_now() * 1000 < s->asked.expiration) {
        const struct timespec turn = after_ms(TURN_MS);

        (void)pthread_cond_timedwait(&s->news, &s->lock, &turn);
    }
    answer = s->answer;
    s->asked.open = false;
    memcpy(s->device.pin, s->pin, sizeof s->pin);
    carnet_wipe(s->pin, sizeof s->pin);
    pthread_cond_broadcast(&s->news);
    pthread_mutex_unlock(&s->lock);
    return answer == PAGE_APPROVE   ? CARNET_DEVICE_DONE
           : answer == PAGE_DECLINE ? CARNET_DEVICE_DECLINED
                                    : CARNET_DEVICE_UNABLE;
}

static void
authenticate(phone_pages *s, const char *session)
{
    carnet_bops_status status = CARNET_BOPS_STATUS_NONE;

    pthread_mutex_lock(&s->lock);
    s->asked = (page_asked){ 0 };
    s->outcome = (page_outcome){ 0 };
    pthread_mutex_unlock(&s->lock);
    (void)phone_authenticate(s->p, carnet_str_of(session), &s->device, &status);
    if (s->renew && status == CARNET_BOPS_AUTHENTICATED) {
        s->renew = phone_renew_by(s->p, carnet_str_of(session)) != CLI_VALID;
    }
    carnet_wipe(s->device.pin, sizeof s->device.pin);
    pthread_mutex_lock(&s->lock);
    s->outcome = (page_outcome){ .there = true, .status = status };
    snprintf(s->outcome.text, sizeof s->outcome.text, "%s", s->asked.text);
    s->asked = (page_asked){ 0 };
    pthread_cond_broadcast(&s->news);
    pthread_mutex_unlock(&s->lock);
    look(s);
}

/** The next order, or none after a moment. */
static bool
next_order(phone_pages *s, page_order *order)
{
    const struct timespec turn = after_ms(TURN_MS);
    bool there;

    pthread_mutex_lock(&s->lock);
    if (!s->ordered) {
        (void)pthread_cond_timedwait(&s->news, &s->lock, &turn);
    }
    there = s->ordered;
    *order = s->order;
    pthread_mutex_unlock(&s->lock);
    return there;
}

static void
order_done(phone_pages *s)
{
    pthread_mutex_lock(&s->lock);
    s->order = (page_order){ 0 };
    s->ordered = false;
    s->done++;
    pthread_cond_broadcast(&s->news);
    pthread_mutex_unlock(&s->lock);
}

static void
run(phone_pages *s)
{
    char answered[CARNET_BOPS_SESSION + 1] = "", session[CARNET_BOPS_SESSION + 1] = "";
    carnet_time looked = 0;
    page_order order;

    while (!over) {
        session[0] = '\0';
        if (next_order(s, &order)) {
            follow(s, &order, session);
            order_done(s);
        } else if (cli_now() >= looked + LOOK_S) {
            bool renew = false;

            (void)phone_notified(s->p, 0, session, &renew);
            s->renew = s->renew || renew;
            look(s);
            looked = cli_now();
        }
        if (session[0] != '\0' && strcmp(session, answered) != 0) {
            memcpy(answered, session, sizeof answered);
            authenticate(s, session);
            looked = 0;
        }
    }
}

int
phone_serve(const phone_arguments *a, carnet_crypto *crypto)
{
    const struct sigaction action = { .sa_handler = on_signal };
    phone_pages *s = cli_alloc(sizeof *s);
    phone p;

    phone_begin(&p, a, crypto, false);
    s->p = &p;
    phone_device_init(&s->device, &p);
    s->device.answer = ask_page;
    s->device.answer_self = s;
    s->device.pin_is_there = true;
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->news, NULL);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    cli_pages_start(&s->pages, a->listen, phone_page_routes, phone_page_route_count, crypto);
    printf("http://127.0.0.1:%u/\n", s->pages.port);
    fflush(stdout);
    run(s);
    pthread_mutex_lock(&s->lock);
    s->over = true;
    pthread_cond_broadcast(&s->news);
    pthread_mutex_unlock(&s->lock);
    cli_pages_stop(&s->pages);
    phone_device_done(&s->device);
    phone_end(&p);
    free(s);
    return CLI_VALID;
}
