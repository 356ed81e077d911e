/* SPDX-License-Identifier: Apache-2.0 */
/* POST BASE/p1940/v1/rp/Fulfil: what a user staged is bound to the terminal whose code they read, and they are asked to
 * authenticate.  Said again for the same terminal's session, it goes on where it stopped. */
#include "carnet/terminal_code.h"
#include "internal.h"

#include <string.h>

enum { ATTEMPTS = 3, BINDING = 4, TEXT_MAX = 256 };

typedef struct fulfilling {
    mas_call *call;
    const carnet_terminal_code *code;           /* NULL: it was refused, for `refused` */
    const carnet_config_app_terminal *terminal; /* of it */
    carnet_rc refused;
    const char *why;
    uint8_t once[CARNET_SERVICE_HASH];
    char binding[BINDING + 1];
    bool resumed;
} fulfilling;

static const mas_acquirer *
acquirer_of(const mas *m, const carnet_config_app_terminal *terminal)
{
    for (size_t i = 0; i < MAS_ACQUIRERS && m->acquirers[i].name != NULL; i++)
        if (strcmp(m->acquirers[i].name, terminal->acquirer) == 0)
            return &m->acquirers[i];
    return NULL;
}

/* What the code says, if its acquirer made it; until when, the caller looks. */
static carnet_rc
check_code(fulfilling *f, carnet_str text, carnet_buf *storage, carnet_terminal_code *code)
{
    mas_call *call = f->call;
    const mas_acquirer *acquirer;

    if (carnet_terminal_code_read(text, storage, code, NULL) != CARNET_OK)
        return CARNET_E_STAGED_CODE;
    f->terminal = carnet_mas_terminal(call->m, code->terminal);
    acquirer = f->terminal != NULL ? acquirer_of(call->m, f->terminal) : NULL;
    if (acquirer == NULL)
        return CARNET_E_STAGED_TERMINAL;
    storage->len = 0;
    /* At a time when it was good: whether that is over is looked at later, when it is known whether it was heard before. */
    return carnet_terminal_code_check(text, carnet_span_of(acquirer->key, acquirer->key_len), code->expiry - 1,
                                      call->worker->crypto, storage, code, NULL) == CARNET_OK
               ? CARNET_OK
               : CARNET_E_STAGED_CODE;
}

/* A refused code counts, and the last one ends it. */
static void
count_refusal(mas_edit *edit, carnet_rc rc, const char *why)
{
    const fulfilling *f = edit->arg;
    const unsigned most = f->call->m->config->attempts != 0 ? f->call->m->config->attempts : ATTEMPTS;

    edit->row.attempts++;
    edit->save = true;
    if (edit->row.attempts >= most) {
        edit->row.state = CARNET_STAGED_FAILED;
        edit->row.reason = carnet_str_of("attempts");
    }
    carnet_mas_refuse(edit, rc, why);
}

static bool
same_session(const carnet_store_staged *row, const fulfilling *f)
{
    return f->code != NULL && carnet_str_is(row->terminal, f->terminal->id) &&
           carnet_span_equal(row->terminal_session, carnet_span_of(f->code->session, sizeof(f->code->session)));
}

static bool
may_go_on(mas_edit *edit)
{
    const fulfilling *f = edit->arg;
    const carnet_store_staged *row = &edit->row;

    if (!carnet_str_equal(row->device, f->call->client)) {
        carnet_mas_refuse(edit, CARNET_E_STAGED_UNKNOWN, NULL); /* nor that there is one */
        return false;
    }
    if (row->state == CARNET_STAGED_STAGED)
        return true;
    carnet_mas_refuse(edit,
                      row->state == CARNET_STAGED_EXPIRED ? CARNET_E_STAGED_EXPIRED
                      : row->state == CARNET_STAGED_USED || row->state == CARNET_STAGED_DISPENSED
                          ? CARNET_E_STAGED_USED
                          : CARNET_E_STAGED_STATE,
                      NULL);
    return false;
}

static void
bind(mas_edit *edit)
{
    fulfilling *f = edit->arg;
    carnet_store_staged *row = &edit->row;
    const carnet_time now = carnet_service_now(f->call->worker);
    const bool cash = carnet_str_is(row->type, "ATM_CWD");
    carnet_rc rc;

    f->resumed = carnet_str_equal(row->device, f->call->client) && row->state == CARNET_STAGED_AUTHENTICATING &&
                 same_session(row, f);
    if (f->resumed || !may_go_on(edit))
        return;
    if (row->expires <= now) {
        row->state = CARNET_STAGED_EXPIRED;
        row->reason = carnet_str_of("too_late");
        edit->save = true;
        carnet_mas_refuse(edit, CARNET_E_STAGED_EXPIRED, NULL);
    } else if (f->code == NULL) {
        count_refusal(edit, f->refused, NULL);
    } else if (f->code->expiry <= now) {
        count_refusal(edit, CARNET_E_STAGED_CODE, "the terminal's code is no longer good");
    } else if (cash && f->terminal->multiple != 0 && (uint64_t)row->amount % f->terminal->multiple != 0) {
        carnet_mas_refuse(edit, CARNET_E_STAGED_AMOUNT, "this terminal has no notes for the amount");
    } else if ((rc = carnet_mas_bind(f->call, f->terminal, row, &edit->err)) == CARNET_OK) {
        row->binding = carnet_str_of(f->binding);
        row->terminal_session = carnet_span_of(f->code->session, sizeof(f->code->session));
        row->state = CARNET_STAGED_AUTHENTICATING;
        edit->once = (carnet_store_once){ .kind = CARNET_STORE_ONCE_TERMINAL,
                                          .hash = carnet_span_of(f->once, sizeof(f->once)),
                                          .until = f->code->expiry + MAS_SKEW_S };
        edit->save = true;
    }
}

/* Text, risk and what is asked for, in the row's room. */
carnet_rc
carnet_mas_bind(mas_call *call, const carnet_config_app_terminal *terminal, carnet_store_staged *row, carnet_err *err)
{
    carnet_buf *room = &call->room;
    carnet_assurance assurance;
    size_t at = room->len;
    carnet_rc rc = carnet_assurance_of(call->m->rows, call->m->row_count, row->type, row->currency,
                                       (uint64_t)row->amount, &assurance, err);

    if (rc != CARNET_OK)
        return rc;
    carnet_buf_add_text(room, carnet_str_is(row->type, "ATM_CWD") ? "Withdraw " : "Pay up to ");
    carnet_mas_money((uint64_t)row->amount, row->currency, room);
    carnet_buf_add_text(room, " at ");
    carnet_buf_add_text(room, terminal->label);
    row->text = (carnet_str){ (const char *)room->ptr + at, room->len - at };
    at = room->len;
    carnet_vector_request_write_list(&assurance.request, room);
    row->vtr = (carnet_str){ (const char *)room->ptr + at, room->len - at };
    row->terminal = carnet_str_of(terminal->id);
    row->label = carnet_str_of(terminal->label);
    row->risk = assurance.row;
    row->level = assurance.level;
    return room->overflow || row->text.len > TEXT_MAX ? carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL) : CARNET_OK;
}

/* A terminal's session belongs to one transaction. */
static carnet_rc
name_once(fulfilling *f, carnet_err *err)
{
    char text[64];
    carnet_buf out = carnet_buf_of(text, sizeof(text));

    if (f->code == NULL)
        return CARNET_OK;
    carnet_base64url_encode(carnet_span_of(f->code->session, sizeof(f->code->session)), &out);
    carnet_buf_add_text(&out, f->terminal->id);
    return carnet_service_hash(f->call->worker, carnet_buf_str(&out), f->once, err);
}

static carnet_rc
fulfil(mas_call *call, const carnet_fulfil_request *wish, carnet_err *err)
{
    uint8_t room[CARNET_TERMINAL_CODE_STORAGE];
    carnet_buf storage = carnet_buf_of(room, sizeof(room));
    fulfilling f = { .call = call };
    carnet_buf binding = carnet_buf_of(f.binding, BINDING);
    mas_edit edit = { .key = wish->reference, .change = bind, .arg = &f, .call = call };
    carnet_terminal_code code;
    carnet_rc rc;

    if ((f.refused = check_code(&f, wish->code, &storage, &code)) == CARNET_OK)
        f.code = &code;
    rc = name_once(&f, err);
    if (rc == CARNET_OK)
        rc = carnet_mas_random_text(call->worker, BINDING, &binding, err);
    if (rc == CARNET_OK)
        rc = carnet_mas_edit(&edit, err);
    if (rc == CARNET_E_STORE_REPLAYED)
        rc = carnet_fail(err, CARNET_E_STAGED_CODE, "P1940 4", "somebody has come to this session of the terminal");
    if (rc == CARNET_OK && edit.save)
        carnet_mas_assessed(call, &edit.row);
    if (rc == CARNET_OK && edit.row.session.len == 0)
        rc = carnet_mas_open_session(call, &edit.row, err);
    return rc == CARNET_OK ? carnet_mas_tell_phone(call, &edit.row, err) : rc;
}

static carnet_rc
handle(mas_call *call, carnet_err *err)
{
    carnet_json *document;
    carnet_fulfil_request wish;
    carnet_rc rc = carnet_fulfil_request_read(carnet_mas_body(call), &document, &wish, err);

    if (rc == CARNET_OK)
        rc = fulfil(call, &wish, err);
    carnet_json_free(&document);
    return rc;
}

static carnet_rc
run(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    return carnet_mas_serve(self, request, response, "device", "transaction.fulfilled", handle, err);
}

const carnet_service_route carnet_mas_fulfil_route = {
    .method = CARNET_SERVICE_POST,
    .name = "rp_fulfil",
    .path = CARNET_STAGING_PATH "/rp/Fulfil",
    .summary = "Binds a staged transaction to a terminal and asks its user to authenticate",
    .run = run,
    .accepts = "application/json",
    .body_max = CARNET_STAGING_MAX,
    .rate = 60,
};
