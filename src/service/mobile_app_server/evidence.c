/* SPDX-License-Identifier: Apache-2.0 */
/* POST BASE/p1940/v1/terminal/Evidence: on-site entry.  The terminal read a mobile document; its key says whose transaction this
 * is, and the presentation is evidence of the authentication session.  What it proves is the identity provider's to say. */
#include "carnet/cose_sign1.h"
#include "carnet/device_response.h"
#include "carnet/issuer_signed.h"
#include "carnet/jwk.h"
#include "carnet/mso.h"
#include "internal.h"

enum { BINDING = 4 };

typedef struct presenting {
    mas_call *call;
    const carnet_terminal_evidence *evidence;
    const carnet_config_app_terminal *terminal;
    uint8_t thumbprint[CARNET_SERVICE_HASH], once[CARNET_SERVICE_HASH];
    carnet_str device; /* that holds the document */
    char reference[CARNET_STAGING_REFERENCE + 1], binding[BINDING + 1];
    carnet_buf room;
    size_t count;
} presenting;

/* The key of the first document: not verified here, for it only finds a transaction whose session then is. */
static carnet_rc
read_key(presenting *p, carnet_span cbor, carnet_err *err)
{
    carnet_device_response response;
    carnet_document document;
    carnet_issuer_signed issuer_signed;
    carnet_cose_sign1 auth;
    carnet_mso *mso = carnet_service_scratch(p->call->worker, sizeof(*mso));
    carnet_rc rc;

    if (mso == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    if ((rc = carnet_device_response_open(cbor, 0, &response, err)) == CARNET_OK)
        rc = carnet_document_open(carnet_device_response_document(&response, 0), 0, &document, err);
    if (rc == CARNET_OK)
        rc = carnet_issuer_signed_open(document.issuer_signed, 0, &issuer_signed, err);
    if (rc == CARNET_OK)
        rc = carnet_cose_sign1_open(issuer_signed.issuer_auth, 0, &auth, err);
    if (rc == CARNET_OK)
        rc = carnet_mso_open(auth.payload, cbor.ptr, 0, mso, err);
    if (rc == CARNET_OK)
        rc = carnet_jwk_thumbprint(p->call->worker->crypto, &mso->device_key.key, p->thumbprint, err);
    return rc;
}

static carnet_rc
find_device(void *arg, carnet_store_session *session, carnet_err *err)
{
    presenting *p = arg;
    carnet_store_staged row;
    carnet_rc rc;

    p->room.len = p->call->room.len = 0;
    rc = carnet_store_app_document_get(session, carnet_span_of(p->thumbprint, sizeof(p->thumbprint)), &p->device,
                                       &p->room, err);
    if (rc != CARNET_OK || p->evidence->reference.len != 0)
        return rc;
    rc = carnet_store_staged_by_device(session, p->device, carnet_service_now(p->call->worker), &row, &p->count,
                                       &p->call->room, err);
    if (rc == CARNET_OK && row.reference.len < sizeof(p->reference))
        for (size_t i = 0; i < row.reference.len; i++)
            p->reference[i] = row.reference.ptr[i];
    return rc;
}

static void
bind(mas_edit *edit)
{
    const presenting *p = edit->arg;
    carnet_store_staged *row = &edit->row;
    const bool same = carnet_str_equal(row->terminal, p->evidence->terminal) &&
                      carnet_span_equal(row->terminal_session, p->evidence->session);

    if (!carnet_str_equal(row->device, p->device)) {
        carnet_mas_refuse(edit, CARNET_E_STAGED_UNKNOWN, NULL);
    } else if (row->state == CARNET_STAGED_AUTHENTICATING && same) {
        return; /* said again, or further evidence */
    } else if (row->state != CARNET_STAGED_STAGED) {
        carnet_mas_refuse(edit, CARNET_E_STAGED_STATE, NULL);
    } else if (row->expires <= carnet_service_now(p->call->worker)) {
        carnet_mas_refuse(edit, CARNET_E_STAGED_EXPIRED, NULL);
    } else if (carnet_str_is(row->type, "ATM_CWD") && p->terminal->multiple != 0 &&
               (uint64_t)row->amount % p->terminal->multiple != 0) {
        carnet_mas_refuse(edit, CARNET_E_STAGED_AMOUNT, "this terminal has no notes for the amount");
    } else if (carnet_mas_bind(p->call, p->terminal, row, &edit->err) == CARNET_OK) {
        row->binding = carnet_str_of(p->binding);
        row->terminal_session = p->evidence->session;
        row->state = CARNET_STAGED_AUTHENTICATING;
        edit->once = (carnet_store_once){ .kind = CARNET_STORE_ONCE_TERMINAL,
                                          .hash = carnet_span_of(p->once, sizeof(p->once)),
                                          .until = carnet_service_now(p->call->worker) + 3600 };
        edit->save = true;
    }
}

static carnet_rc
prepare(presenting *p, carnet_err *err)
{
    carnet_service_worker *worker = p->call->worker;
    carnet_buf cbor = carnet_service_scratch_buf(worker, p->evidence->device_response.len),
               once = carnet_service_scratch_buf(worker, 64), binding = carnet_buf_of(p->binding, BINDING);
    carnet_rc rc = carnet_base64url_decode(p->evidence->device_response, &cbor, err);

    p->room = carnet_service_scratch_buf(worker, 256);
    if (rc == CARNET_OK)
        rc = read_key(p, carnet_buf_span(&cbor), err);
    if (rc != CARNET_OK)
        return rc;
    carnet_base64url_encode(p->evidence->session, &once);
    carnet_buf_add_text(&once, p->terminal->id);
    if ((rc = carnet_service_hash(worker, carnet_buf_str(&once), p->once, err)) == CARNET_OK)
        rc = carnet_mas_random_text(worker, BINDING, &binding, err);
    if (rc == CARNET_OK)
        rc = carnet_store_read(worker->store, find_device, p, err);
    if (rc == CARNET_E_STORE_ABSENT)
        return carnet_fail(err, CARNET_E_STAGED_UNKNOWN, "P1940 4", NULL);
    if (rc == CARNET_OK && p->count > 1)
        return carnet_fail(err, CARNET_E_STAGED_UNKNOWN, "P1940 4", "there are several: name the one meant");
    return rc;
}

/* What the presentation suffices for is known at once; if it does not, the user's device is asked for the rest. */
static carnet_rc
submit(mas_call *call, const carnet_terminal_evidence *evidence, carnet_store_staged *row, carnet_err *err)
{
    carnet_bops_session_status status = { 0 };
    carnet_rc rc = CARNET_OK;

    if (row->session.len == 0)
        rc = carnet_mas_open_session(call, row, err);
    if (rc == CARNET_OK)
        rc = carnet_mas_submit(call, row, evidence, err);
    if (rc == CARNET_OK && (rc = carnet_mas_session_status(call, row->session, 0, &status, err)) == CARNET_OK)
        rc = carnet_mas_settle(call, &status, row, err);
    carnet_bops_session_status_close(&status);
    return rc;
}

static carnet_rc
present(mas_call *call, const carnet_terminal_evidence *evidence, carnet_err *err)
{
    presenting p = { .call = call, .evidence = evidence, .terminal = carnet_mas_terminal(call->m, evidence->terminal) };
    mas_edit edit = { .change = bind, .arg = &p, .call = call };
    carnet_rc rc;

    if (!carnet_str_equal(evidence->terminal, call->client) || p.terminal == NULL)
        return carnet_fail(err, CARNET_E_STAGED_TERMINAL, "P1940 4", NULL);
    if ((rc = prepare(&p, err)) != CARNET_OK)
        return rc;
    edit.key = evidence->reference.len != 0 ? evidence->reference : carnet_str_of(p.reference);
    rc = carnet_mas_edit(&edit, err);
    if (rc == CARNET_E_STORE_REPLAYED)
        rc = carnet_fail(err, CARNET_E_STAGED_CODE, "P1940 4", "somebody has come to this session of the terminal");
    if (rc == CARNET_OK && edit.save)
        carnet_mas_assessed(call, &edit.row);
    if (rc == CARNET_OK)
        rc = submit(call, evidence, &edit.row, err);
    return rc == CARNET_OK ? carnet_mas_tell_terminal(call, &edit.row, err) : rc;
}

static carnet_rc
handle(mas_call *call, carnet_err *err)
{
    carnet_json *document;
    carnet_terminal_evidence evidence;
    carnet_rc rc = carnet_terminal_evidence_read(carnet_mas_body(call), &document, &evidence, err);

    if (rc == CARNET_OK)
        rc = present(call, &evidence, err);
    carnet_json_free(&document);
    return rc;
}

static carnet_rc
run(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    return carnet_mas_serve(self, request, response, "terminal", "transaction.presented", handle, err);
}

const carnet_service_route carnet_mas_evidence_route = {
    .method = CARNET_SERVICE_POST,
    .name = "terminal_evidence",
    .path = CARNET_STAGING_PATH "/terminal/Evidence",
    .summary = "A presentation made at a terminal",
    .run = run,
    .accepts = "application/json",
    .body_max = CARNET_STAGING_MAX,
    .rate = 60,
};
