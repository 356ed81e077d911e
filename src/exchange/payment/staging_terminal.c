/* SPDX-License-Identifier: Apache-2.0 */
/* What a terminal says of a staged transaction, and is answered. */
#include "internal.h"

enum { TERMINAL_MAX = 16 };

/* --- terminal/Collect --- */

carnet_rc
carnet_collect_request_read(carnet_str text, carnet_json **document, carnet_collect_request *view, carnet_err *err)
{
    staging_fields f = carnet_staging_fields(text, document, err);

    *view = (carnet_collect_request){ .terminal = carnet_staging_text(&f, "terminalId", TERMINAL_MAX, true),
                                      .wait = (unsigned)carnet_staging_number(&f, "wait", 3600, false) };
    view->session = carnet_staging_session(&f, "session", view->session_octets);
    if (f.rc != CARNET_OK)
        *view = (carnet_collect_request){ 0 };
    return carnet_staging_fields_end(&f, document);
}

carnet_rc
carnet_collect_request_write(const carnet_collect_request *from, carnet_buf *out, carnet_err *err)
{
    carnet_json_builder b = carnet_json_build(out);

    carnet_json_object_begin(&b, NULL);
    carnet_json_add_string(&b, "terminalId", from->terminal);
    carnet_json_add_base64url(&b, "session", from->session);
    if (from->wait != 0)
        carnet_json_add_integer(&b, "wait", from->wait);
    carnet_json_object_end(&b);
    return carnet_json_built(&b, err);
}

/* --- the carrier --- */

bool
carnet_staging_carrier(staging_fields *f, carnet_collected_carrier *carrier)
{
    const carnet_json *object = carnet_staging_object(f, "carrier");
    staging_fields in = { .object = object, .rc = f->rc, .err = f->err };

    *carrier = (carnet_collected_carrier){ 0 };
    if (object == NULL)
        return false;
    carrier->vot = carnet_staging_text(&in, "vot", 256, true);
    carrier->trustmark = carnet_staging_text(&in, "trustmark", 512, true);
    carrier->session = carnet_staging_base64url(&in, "sessionId", 22, true);
    carrier->auth_time = carnet_staging_number(&in, "authTime", INT64_MAX, true);
    carrier->expiry = carnet_staging_number(&in, "expiry", INT64_MAX, true);
    carrier->aal = (int)carnet_staging_number(&in, "aal", 3, true);
    carrier->key_id = carnet_staging_text(&in, "keyId", 64, false);
    carrier->signature = carnet_staging_base64url(&in, "signature", 86, false);
    if (in.rc == CARNET_OK && carrier->signature.len != 0 && carrier->signature.len != 86)
        carnet_staging_blame(&in, "signature", "a signature is 86 characters");
    f->rc = in.rc;
    return true;
}

void
carnet_staging_put_carrier(carnet_json_builder *b, const carnet_collected_carrier *carrier)
{
    carnet_json_object_begin(b, "carrier");
    carnet_json_add_string(b, "vot", carrier->vot);
    carnet_json_add_string(b, "trustmark", carrier->trustmark);
    carnet_json_add_string(b, "sessionId", carrier->session);
    carnet_json_add_integer(b, "authTime", carrier->auth_time);
    carnet_json_add_integer(b, "expiry", carrier->expiry);
    carnet_json_add_integer(b, "aal", carrier->aal);
    carnet_staging_put(b, "keyId", carrier->key_id);
    carnet_staging_put(b, "signature", carrier->signature);
    carnet_json_object_end(b);
}

/* --- the answer to Collect, Evidence and StepUp --- */

carnet_rc
carnet_collect_answer_read(carnet_str text, carnet_json **document, carnet_collect_answer *view, carnet_err *err)
{
    staging_fields f = carnet_staging_fields(text, document, err);
    const carnet_str status = carnet_staging_text(&f, "status", 32, true);
    const bool pending = carnet_str_is(status, "PENDING");
    carnet_collect_answer got = {
        .pending = pending,
        .state = pending ? CARNET_STAGED_NONE : carnet_staging_state(&f, "status", true),
        .reference = carnet_staging_reference(&f, "ref", !pending),
        .type = carnet_staging_text(&f, "type", 16, false),
        .amount = carnet_staging_amount(&f, "amount", false),
        .currency = carnet_staging_currency(&f, "currency", false),
        .pan = carnet_staging_text(&f, "pan", 19, false),
        .account = carnet_staging_text(&f, "account", 28, false),
        .binding = carnet_staging_text(&f, "bindingMessage", 64, false),
        .reason = carnet_staging_text(&f, "reason", 64, false),
        .interval = (unsigned)carnet_staging_number(&f, "interval", 3600, false),
    };

    got.has_carrier = carnet_staging_carrier(&f, &got.carrier);
    if (f.rc == CARNET_OK && got.state == CARNET_STAGED_FULFILLED &&
        (got.amount == 0 || got.currency.len == 0 || got.type.len == 0 || !got.has_carrier))
        carnet_staging_blame(&f, "status", "what is fulfilled has an amount and a carrier");
    *view = f.rc == CARNET_OK ? got : (carnet_collect_answer){ 0 };
    return carnet_staging_fields_end(&f, document);
}

carnet_rc
carnet_collect_answer_write(const carnet_collect_answer *from, carnet_buf *out, carnet_err *err)
{
    carnet_json_builder b = carnet_json_build(out);

    carnet_json_object_begin(&b, NULL);
    carnet_json_add_text(&b, "status", from->pending ? "PENDING" : carnet_staged_state_name(from->state));
    carnet_staging_put(&b, "ref", from->reference);
    carnet_staging_put(&b, "type", from->type);
    if (from->amount != 0)
        carnet_staging_put_amount(&b, "amount", from->amount);
    carnet_staging_put(&b, "currency", from->currency);
    carnet_staging_put(&b, "pan", from->pan);
    carnet_staging_put(&b, "account", from->account);
    carnet_staging_put(&b, "bindingMessage", from->binding);
    carnet_staging_put(&b, "reason", from->reason);
    if (from->has_carrier)
        carnet_staging_put_carrier(&b, &from->carrier);
    if (from->interval != 0)
        carnet_json_add_integer(&b, "interval", from->interval);
    carnet_json_object_end(&b);
    return carnet_json_built(&b, err);
}

/* --- terminal/Evidence --- */

carnet_rc
carnet_terminal_evidence_read(carnet_str text, carnet_json **document, carnet_terminal_evidence *view, carnet_err *err)
{
    staging_fields f = carnet_staging_fields(text, document, err);

    *view = (carnet_terminal_evidence){
        .terminal = carnet_staging_text(&f, "terminalId", TERMINAL_MAX, true),
        .reference = carnet_staging_reference(&f, "ref", false),
        .device_response = carnet_staging_base64url(&f, "deviceResponse", CARNET_STAGING_MAX, true),
        .session_transcript = carnet_staging_base64url(&f, "sessionTranscript", CARNET_STAGING_MAX, true),
        .reader_signature = carnet_staging_base64url(&f, "readerSignature", 86, true),
        .reader_certificate = carnet_staging_base64url(&f, "readerCertificate", 8192, false),
    };
    view->session = carnet_staging_session(&f, "session", view->session_octets);
    if (f.rc == CARNET_OK && view->reader_signature.len != 86)
        carnet_staging_blame(&f, "readerSignature", "a signature is 86 characters");
    if (f.rc != CARNET_OK)
        *view = (carnet_terminal_evidence){ 0 };
    return carnet_staging_fields_end(&f, document);
}

carnet_rc
carnet_terminal_evidence_write(const carnet_terminal_evidence *from, carnet_buf *out, carnet_err *err)
{
    carnet_json_builder b = carnet_json_build(out);

    carnet_json_object_begin(&b, NULL);
    carnet_json_add_string(&b, "terminalId", from->terminal);
    carnet_json_add_base64url(&b, "session", from->session);
    carnet_staging_put(&b, "ref", from->reference);
    carnet_json_add_string(&b, "deviceResponse", from->device_response);
    carnet_json_add_string(&b, "sessionTranscript", from->session_transcript);
    carnet_json_add_string(&b, "readerSignature", from->reader_signature);
    carnet_staging_put(&b, "readerCertificate", from->reader_certificate);
    carnet_json_object_end(&b);
    return carnet_json_built(&b, err);
}

/* --- terminal/StepUp --- */

carnet_rc
carnet_step_up_request_read(carnet_str text, carnet_json **document, carnet_step_up_request *view, carnet_err *err)
{
    staging_fields f = carnet_staging_fields(text, document, err);

    *view = (carnet_step_up_request){
        .terminal = carnet_staging_text(&f, "terminalId", TERMINAL_MAX, true),
        .reference = carnet_staging_reference(&f, "ref", true),
    };
    view->session = carnet_staging_session(&f, "session", view->session_octets);
    view->vtr_count = carnet_staging_vectors(&f, "vtr", view->vtr, true);
    if (f.rc != CARNET_OK)
        *view = (carnet_step_up_request){ 0 };
    return carnet_staging_fields_end(&f, document);
}

carnet_rc
carnet_step_up_request_write(const carnet_step_up_request *from, carnet_buf *out, carnet_err *err)
{
    carnet_json_builder b = carnet_json_build(out);

    carnet_json_object_begin(&b, NULL);
    carnet_json_add_string(&b, "terminalId", from->terminal);
    carnet_json_add_base64url(&b, "session", from->session);
    carnet_json_add_string(&b, "ref", from->reference);
    carnet_staging_put_vectors(&b, "vtr", from->vtr, from->vtr_count);
    carnet_json_object_end(&b);
    return carnet_json_built(&b, err);
}

/* --- terminal/Dispensed --- */

static const struct {
    carnet_dispense_result result;
    const char *name;
} results[] = {
    { CARNET_DISPENSE_WHOLE, "DISPENSED" },
    { CARNET_DISPENSE_PARTIAL, "PARTIAL" },
    { CARNET_DISPENSE_NOTHING, "NOT_DISPENSED" },
    { CARNET_DISPENSE_UNKNOWN, "UNKNOWN" },
};

const char *
carnet_dispense_result_name(carnet_dispense_result result)
{
    for (size_t i = 0; i < CARNET_COUNT(results); i++)
        if (results[i].result == result)
            return results[i].name;
    return "";
}

carnet_rc
carnet_dispensed_report_read(carnet_str text, carnet_json **document, carnet_dispensed_report *view, carnet_err *err)
{
    staging_fields f = carnet_staging_fields(text, document, err);
    const carnet_str result = carnet_staging_text(&f, "result", 16, true);

    *view = (carnet_dispensed_report){
        .terminal = carnet_staging_text(&f, "terminalId", TERMINAL_MAX, true),
        .reference = carnet_staging_reference(&f, "ref", true),
        .amount = carnet_staging_amount(&f, "amount", false),
        .response_code = carnet_staging_text(&f, "responseCode", 4, false),
    };
    view->session = carnet_staging_session(&f, "session", view->session_octets);
    for (size_t i = 0; i < CARNET_COUNT(results); i++)
        if (carnet_str_is(result, results[i].name))
            view->result = results[i].result;
    if (f.rc == CARNET_OK && view->result == CARNET_DISPENSE_NONE)
        carnet_staging_blame(&f, "result", "this is no way that an attempt ends");
    if (f.rc != CARNET_OK)
        *view = (carnet_dispensed_report){ 0 };
    return carnet_staging_fields_end(&f, document);
}

carnet_rc
carnet_dispensed_report_write(const carnet_dispensed_report *from, carnet_buf *out, carnet_err *err)
{
    carnet_json_builder b = carnet_json_build(out);

    carnet_json_object_begin(&b, NULL);
    carnet_json_add_string(&b, "terminalId", from->terminal);
    carnet_json_add_base64url(&b, "session", from->session);
    carnet_json_add_string(&b, "ref", from->reference);
    carnet_json_add_text(&b, "result", carnet_dispense_result_name(from->result));
    carnet_staging_put_amount(&b, "amount", from->amount);
    carnet_staging_put(&b, "responseCode", from->response_code);
    carnet_json_object_end(&b);
    return carnet_json_built(&b, err);
}
