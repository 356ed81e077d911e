/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting for news without a thread, asking the identity provider by turns; and asking about what nobody waits for. */
#include "internal.h"

#include <string.h>

enum { AGAIN_MS = 250, ASK_S = 5, WATCHED = 16, LATE_S = 5 };

static bool
is_open(const carnet_store_staged *row)
{
    return row->state == CARNET_STAGED_AUTHENTICATING || row->state == CARNET_STAGED_STEPPING_UP;
}

typedef struct claiming {
    int64_t id;
    carnet_time now, until;
} claiming;

static carnet_rc
claim(void *arg, carnet_store_session *session, carnet_err *err)
{
    const claiming *c = arg;

    return carnet_store_staged_poll(session, c->id, c->now, c->until, err);
}

/* Ask the identity provider about the row's session, unless another does; it may wait so many seconds.  True: it was asked. */
static bool
ask(mas_call *call, carnet_store_staged *row, unsigned wait)
{
    const carnet_time now = carnet_service_now(call->worker);
    /* If we are killed here, nobody asks before that. */
    claiming c = { .id = row->id,
                   .now = now,
                   .until = now + (row->session.len == 0 ? MAS_START_S : MAS_STATUS_S) + 1 + (carnet_time)wait };
    carnet_bops_session_status status;
    carnet_rc rc;

    if (carnet_store_transact(call->worker->store, claim, &c, NULL) != CARNET_OK)
        return false;
    if (row->session.len == 0)
        rc = carnet_mas_open_session(call, row, NULL);
    else if ((rc = carnet_mas_session_status(call, row->session, wait, &status, NULL)) == CARNET_OK) {
        rc = carnet_mas_settle(call, &status, row, NULL);
        carnet_bops_session_status_close(&status);
    }
    if (is_open(row)) { /* still pending, or not reached: whoever asks next does so after the interval */
        c.now = c.until;
        c.until = carnet_service_now(call->worker) + (rc == CARNET_OK && wait != 0 ? 0 : MAS_INTERVAL_S);
        (void)!carnet_store_transact(call->worker->store, claim, &c, NULL);
    }
    return true;
}

/* Some may wait at the identity provider, where news come at once; the others ask it now and then. */
static void
ask_here(mas_call *call, carnet_store_staged *row, unsigned left_s)
{
    const unsigned most = call->m->config->waits != 0 ? call->m->config->waits : 2;
    const bool may = atomic_fetch_add(&call->m->waiting, 1) < most;

    (void)ask(call, row, may ? (left_s < ASK_S ? left_s : ASK_S) : 0);
    atomic_fetch_sub(&call->m->waiting, 1);
}

carnet_rc
carnet_mas_wait(mas_call *call, mas_by by, carnet_str key, carnet_span session, int64_t known, unsigned wait,
                carnet_store_staged *row, carnet_err *err)
{
    const unsigned most_ms = (wait < MAS_WAIT_S ? wait : MAS_WAIT_S) * 1000, waited = call->request->waited_ms;
    carnet_rc rc = carnet_mas_find(call, by, key, session, row, err);

    if ((rc != CARNET_OK && rc != CARNET_E_STAGED_UNKNOWN) || waited >= most_ms)
        return rc;
    if (rc == CARNET_OK && is_open(row) && (known == 0 || row->state == known))
        ask_here(call, row, (most_ms - waited) / 1000);
    if (rc == CARNET_OK && (known != 0 ? row->state != known : !is_open(row)))
        return rc;
    call->response->again_ms = AGAIN_MS;
    return CARNET_OK;
}

/* --- the job --- */

typedef struct watched {
    char references[WATCHED][CARNET_STAGING_REFERENCE + 1];
    size_t count;
    carnet_time now;
} watched;

static bool
note(void *self, const carnet_store_staged *row)
{
    watched *w = self;

    /* Those who are there to open or to ask get a moment. */
    if (row->changed + LATE_S > w->now || row->reference.len > CARNET_STAGING_REFERENCE)
        return true;
    memcpy(w->references[w->count], row->reference.ptr, row->reference.len);
    w->references[w->count++][row->reference.len] = '\0';
    return w->count < WATCHED;
}

static carnet_rc
look(void *arg, carnet_store_session *session, carnet_err *err)
{
    watched *w = arg;

    w->count = 0;
    return carnet_store_staged_open(session, w->now, (size_t)WATCHED * 4, note, w, err);
}

static carnet_rc
expire(void *arg, carnet_store_session *session, carnet_err *err)
{
    return carnet_store_staged_expire(session, *(const carnet_time *)arg, err);
}

carnet_rc
carnet_mas_watch(void *self, carnet_service_worker *worker, carnet_err *err)
{
    watched w = { .now = carnet_service_now(worker) };
    mas_call call;
    size_t used;
    carnet_rc rc = carnet_mas_begin(self, worker, &call, err);

    if (rc == CARNET_OK)
        rc = carnet_store_transact(worker->store, expire, &w.now, err);
    if (rc == CARNET_OK)
        rc = carnet_store_read(worker->store, look, &w, err);
    used = worker->scratch.len;
    for (size_t i = 0; rc == CARNET_OK && i < w.count; i++) {
        carnet_store_staged row;

        if (carnet_mas_find(&call, MAS_BY_REFERENCE, carnet_str_of(w.references[i]), (carnet_span){ 0 }, &row, NULL) ==
                CARNET_OK &&
            is_open(&row))
            (void)ask(&call, &row, 0);
        worker->scratch.len = used;
    }
    return rc;
}
