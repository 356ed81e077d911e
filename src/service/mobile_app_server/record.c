/* SPDX-License-Identifier: Apache-2.0 */
/* Staged transactions in the store: found, and changed one durable step at a time. */
#include "internal.h"

typedef struct finding {
    mas_by by;
    carnet_str key;
    carnet_span session;
    carnet_store_staged *row;
    carnet_buf *room;
} finding;

static carnet_rc
find(void *arg, carnet_store_session *session, carnet_err *err)
{
    const finding *f = arg;

    f->room->len = 0;
    f->room->overflow = false;
    if (f->by == MAS_BY_REFERENCE)
        return carnet_store_staged_by_reference(session, f->key, f->row, f->room, err);
    if (f->by == MAS_BY_SESSION)
        return carnet_store_staged_by_session(session, f->key, f->row, f->room, err);
    return carnet_store_staged_by_terminal(session, f->key, f->session, f->row, f->room, err);
}

static carnet_rc
unknown(carnet_rc rc, carnet_err *err)
{
    return rc == CARNET_E_STORE_ABSENT ? carnet_fail(err, CARNET_E_STAGED_UNKNOWN, "P1940 4", NULL) : rc;
}

carnet_rc
carnet_mas_find(mas_call *call, mas_by by, carnet_str key, carnet_span session, carnet_store_staged *row,
                carnet_err *err)
{
    finding f = { by, key, session, row, &call->room };
    carnet_rc rc = carnet_store_read(call->worker->store, find, &f, err);

    if (rc != CARNET_OK)
        *row = (carnet_store_staged){ 0 };
    return unknown(rc, err);
}

static carnet_rc
work(void *arg, carnet_store_session *session, carnet_err *err)
{
    mas_edit *e = arg;
    finding f = { e->by, e->key, e->session, &e->row, &e->call->room };
    carnet_rc rc = find(&f, session, err);

    e->save = false;
    e->once = (carnet_store_once){ 0 };
    e->err = (carnet_err){ 0 };
    if (rc != CARNET_OK)
        return rc;
    e->change(e);
    if (!e->save)
        return CARNET_OK;
    if (e->once.kind != 0 && (rc = carnet_store_use_once(session, &e->once, 1, NULL, err)) != CARNET_OK)
        return rc;
    e->row.changed = carnet_service_now(e->call->worker);
    rc = carnet_store_staged_update(session, &e->row, err);
    e->row.version++;
    return rc;
}

carnet_rc
carnet_mas_edit(mas_edit *edit, carnet_err *err)
{
    carnet_rc rc = carnet_store_transact(edit->call->worker->store, work, edit, err);

    if (rc != CARNET_OK)
        return unknown(rc, err);
    if (edit->err.rc != CARNET_OK && err != NULL)
        *err = edit->err;
    return edit->err.rc;
}

void
carnet_mas_refuse(mas_edit *edit, carnet_rc rc, const char *reason)
{
    (void)!carnet_fail(&edit->err, rc, "P1940 4", reason);
}
