/* SPDX-License-Identifier: Apache-2.0 */
/* POST BASE/p1940/v1/terminal/Dispensed: how the attempt ended at the terminal.  The ledger is the issuer's; this is what the
 * user is told. */
#include "internal.h"

static void
note_end(carnet_store_staged *row, const carnet_dispensed_report *report)
{
    row->result = (int64_t)report->result;
    row->dispensed = (int64_t)report->amount;
    row->response_code = report->response_code;
    if (report->result == CARNET_DISPENSE_WHOLE || report->result == CARNET_DISPENSE_PARTIAL) {
        row->state = CARNET_STAGED_DISPENSED;
    } else if (row->state == CARNET_STAGED_FULFILLED && row->used_by.len == 0) {
        row->state = CARNET_STAGED_CANCELLED; /* declined; what was authorised, its issuer takes back */
        row->reason = carnet_str_of(report->result == CARNET_DISPENSE_UNKNOWN ? "dispense_unknown" : "not_dispensed");
    } else if (report->result == CARNET_DISPENSE_UNKNOWN) {
        row->reason = carnet_str_of("dispense_unknown");
    }
}

static void
end(mas_edit *edit)
{
    const carnet_dispensed_report *report = edit->arg;
    carnet_store_staged *row = &edit->row;

    if (!carnet_str_equal(row->terminal, report->terminal) ||
        !carnet_span_equal(row->terminal_session, report->session)) {
        carnet_mas_refuse(edit, CARNET_E_STAGED_TERMINAL, NULL);
    } else if (row->result == (int64_t)report->result && row->dispensed == (int64_t)report->amount) {
        return; /* said again */
    } else if (report->amount > (uint64_t)row->amount) {
        carnet_mas_refuse(edit, CARNET_E_STAGED_AMOUNT, "more went out than was staged");
    } else if (row->result != CARNET_DISPENSE_NONE && row->result != CARNET_DISPENSE_UNKNOWN) {
        carnet_mas_refuse(edit, CARNET_E_STAGED_STATE, "the terminal has said otherwise before");
    } else if (row->state == CARNET_STAGED_STAGED || row->state == CARNET_STAGED_AUTHENTICATING) {
        carnet_mas_refuse(edit, CARNET_E_STAGED_STATE, NULL);
    } else {
        note_end(row, report);
        edit->save = true;
    }
}

static carnet_rc
check(const mas_call *call, const carnet_dispensed_report *report, carnet_err *err)
{
    const bool some = report->result == CARNET_DISPENSE_WHOLE || report->result == CARNET_DISPENSE_PARTIAL;

    if (!carnet_str_equal(report->terminal, call->client))
        return carnet_fail(err, CARNET_E_STAGED_TERMINAL, "P1940 4", NULL);
    if (some != (report->amount != 0) && report->result != CARNET_DISPENSE_UNKNOWN)
        return carnet_fail(err, CARNET_E_STAGED_AMOUNT, "P1940 4", "amount and result do not go together");
    return CARNET_OK;
}

static carnet_rc
handle(mas_call *call, carnet_err *err)
{
    carnet_json *document;
    carnet_dispensed_report report;
    mas_edit edit = { .change = end, .arg = &report, .call = call };
    bool again;
    carnet_rc rc = carnet_dispensed_report_read(carnet_mas_body(call), &document, &report, err);

    edit.key = report.reference;
    if (rc == CARNET_OK && (rc = check(call, &report, err)) == CARNET_OK)
        rc = carnet_mas_edit(&edit, err);
    /* A session whose vector travelled by itself is used up now at the latest. */
    if (rc == CARNET_OK && edit.save && edit.row.state == CARNET_STAGED_DISPENSED && edit.row.used_by.len == 0)
        (void)!carnet_mas_consume(call, edit.row.session, edit.row.reference, &again, NULL);
    if (rc == CARNET_OK)
        rc = carnet_mas_tell_phone(call, &edit.row, err);
    carnet_json_free(&document);
    return rc;
}

static carnet_rc
run(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    return carnet_mas_serve(self, request, response, "terminal", "transaction.ended", handle, err);
}

const carnet_service_route carnet_mas_dispensed_route = {
    .method = CARNET_SERVICE_POST,
    .name = "terminal_dispensed",
    .path = CARNET_STAGING_PATH "/terminal/Dispensed",
    .summary = "How a transaction ended at its terminal",
    .run = run,
    .accepts = "application/json",
    .body_max = CARNET_STAGING_MAX,
    .rate = 600,
};
