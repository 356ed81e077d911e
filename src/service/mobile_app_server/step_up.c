/* SPDX-License-Identifier: Apache-2.0 */
/* POST BASE/p1940/v1/terminal/StepUp: the issuer's answer said what would do; the user is asked for it in a further session. */
#include "carnet/vector_request.h"
#include "internal.h"

enum { STEP_UPS = 1 };

typedef struct stepping {
    const carnet_step_up_request *wish;
    carnet_str vtr; /* the vectors with commas, as they are to be asked for */
} stepping;

static void
step_up(mas_edit *edit)
{
    const stepping *s = edit->arg;
    const mas *m = edit->call->m;
    carnet_store_staged *row = &edit->row;

    if (!carnet_str_equal(row->terminal, s->wish->terminal) ||
        !carnet_span_equal(row->terminal_session, s->wish->session)) {
        carnet_mas_refuse(edit, CARNET_E_STAGED_TERMINAL, NULL);
    } else if (row->state == CARNET_STAGED_STEPPING_UP && carnet_str_equal(row->vtr, s->vtr)) {
        return; /* said again */
    } else if (row->state != CARNET_STAGED_FULFILLED || row->used_by.len != 0) {
        carnet_mas_refuse(edit, CARNET_E_STAGED_STATE, NULL);
    } else if (row->step_ups >= (m->config->step_ups != 0 ? m->config->step_ups : STEP_UPS)) {
        carnet_mas_refuse(edit, CARNET_E_STAGED_ATTEMPTS, "the transaction was stepped up before");
    } else {
        row->state = CARNET_STAGED_STEPPING_UP;
        row->parent = row->session;
        row->session = (carnet_str){ 0 };
        row->session_expires = 0;
        row->vtr = s->vtr;
        row->step_ups++;
        row->vot = row->trustmark = row->key_id = row->signature = (carnet_str){ 0 };
        row->auth_time = row->vot_expires = row->reached = 0;
        edit->save = true;
    }
}

/* Only vectors that can be asked for. */
static carnet_rc
check_vectors(mas_call *call, stepping *s, carnet_err *err)
{
    carnet_buf list = carnet_service_scratch_buf(call->worker, MAS_LIST),
               out = carnet_service_scratch_buf(call->worker, MAS_LIST);
    carnet_vector_request request;
    carnet_rc rc;

    for (size_t i = 0; i < s->wish->vtr_count; i++) {
        if (i != 0)
            carnet_buf_add_byte(&list, ',');
        carnet_buf_add_str(&list, s->wish->vtr[i]);
    }
    rc = carnet_vector_request_list(carnet_buf_str(&list), CARNET_TRUSTMARK_P1940, &request, err);
    if (rc == CARNET_OK)
        carnet_vector_request_write_list(&request, &out);
    s->vtr = carnet_buf_str(&out);
    return rc == CARNET_OK && out.overflow ? carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL) : rc;
}

static carnet_rc
handle(mas_call *call, carnet_err *err)
{
    carnet_json *document;
    carnet_step_up_request wish;
    stepping s = { .wish = &wish };
    mas_edit edit = { .change = step_up, .arg = &s, .call = call };
    carnet_rc rc = carnet_step_up_request_read(carnet_mas_body(call), &document, &wish, err);

    edit.key = wish.reference;
    if (rc == CARNET_OK && !carnet_str_equal(wish.terminal, call->client))
        rc = carnet_fail(err, CARNET_E_STAGED_TERMINAL, "P1940 4", NULL);
    if (rc == CARNET_OK)
        rc = check_vectors(call, &s, err);
    if (rc == CARNET_OK)
        rc = carnet_mas_edit(&edit, err);
    if (rc == CARNET_OK && edit.row.session.len == 0)
        rc = carnet_mas_open_session(call, &edit.row, err);
    if (rc == CARNET_OK)
        rc = carnet_mas_tell_terminal(call, &edit.row, err);
    carnet_json_free(&document);
    return rc;
}

static carnet_rc
run(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    return carnet_mas_serve(self, request, response, "terminal", "transaction.stepped_up", handle, err);
}

const carnet_service_route carnet_mas_step_up_route = {
    .method = CARNET_SERVICE_POST,
    .name = "terminal_step_up",
    .path = CARNET_STAGING_PATH "/terminal/StepUp",
    .summary = "Asks the user for more, as the issuer demands",
    .run = run,
    .accepts = "application/json",
    .body_max = CARNET_STAGING_MAX,
    .rate = 60,
};
