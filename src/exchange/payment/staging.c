/* SPDX-License-Identifier: Apache-2.0 */
/* States, amounts, and what a phone says of a staged transaction. */
#include "internal.h"

static const struct {
    carnet_staged_state state;
    const char *name;
} states[] = {
    { CARNET_STAGED_STAGED, "STAGED" },       { CARNET_STAGED_AUTHENTICATING, "AUTHENTICATING" },
    { CARNET_STAGED_FULFILLED, "FULFILLED" }, { CARNET_STAGED_STEPPING_UP, "STEPPING_UP" },
    { CARNET_STAGED_USED, "USED" },           { CARNET_STAGED_DISPENSED, "DISPENSED" },
    { CARNET_STAGED_REVERSED, "REVERSED" },   { CARNET_STAGED_CANCELLED, "CANCELLED" },
    { CARNET_STAGED_FAILED, "FAILED" },       { CARNET_STAGED_EXPIRED, "EXPIRED" },
};

const char *
carnet_staged_state_name(carnet_staged_state state)
{
    for (size_t i = 0; i < CARNET_COUNT(states); i++)
        if (states[i].state == state)
            return states[i].name;
    return "";
}

carnet_staged_state
carnet_staged_state_of(carnet_str name)
{
    for (size_t i = 0; i < CARNET_COUNT(states); i++)
        if (carnet_str_is(name, states[i].name))
            return states[i].state;
    return CARNET_STAGED_NONE;
}

carnet_rc
carnet_staging_amount_read(carnet_str text, uint64_t *amount, carnet_err *err)
{
    uint64_t value = 0;
    bool good = text.len == 12;

    *amount = 0;
    for (size_t i = 0; good && i < text.len; i++) {
        good = text.ptr[i] >= '0' && text.ptr[i] <= '9';
        value = value * 10 + (unsigned char)(text.ptr[i] - '0');
    }
    if (!good)
        return carnet_fail(err, CARNET_E_STAGING_AMOUNT, "ISO 8583", NULL);
    *amount = value;
    return CARNET_OK;
}

void
carnet_staging_amount_write(uint64_t amount, carnet_buf *out)
{
    uint8_t digits[12];

    for (size_t i = sizeof(digits); i-- > 0; amount /= 10)
        digits[i] = (uint8_t)('0' + amount % 10);
    if (amount != 0)
        out->overflow = true;
    carnet_buf_add(out, carnet_span_of(digits, sizeof(digits)));
}

/* --- rp/Stage --- */

carnet_rc
carnet_stage_request_read(carnet_str text, carnet_json **document, carnet_stage_request *view, carnet_err *err)
{
    staging_fields f = carnet_staging_fields(text, document, err);
    carnet_stage_request got = {
        .request_id = carnet_staging_text(&f, "requestId", 64, true),
        .type = carnet_staging_text(&f, "type", 16, true),
        .amount = carnet_staging_amount(&f, "amount", true),
        .currency = carnet_staging_currency(&f, "currency", true),
        .account = carnet_staging_text(&f, "account", 28, false),
    };

    if (f.rc == CARNET_OK && !carnet_str_is(got.type, "ATM_CWD") && !carnet_str_is(got.type, "POS_PURCHASE"))
        carnet_staging_blame(&f, "type", "this is no type of transaction that can be staged");
    *view = f.rc == CARNET_OK ? got : (carnet_stage_request){ 0 };
    return carnet_staging_fields_end(&f, document);
}

carnet_rc
carnet_stage_request_write(const carnet_stage_request *from, carnet_buf *out, carnet_err *err)
{
    carnet_json_builder b = carnet_json_build(out);

    carnet_json_object_begin(&b, NULL);
    carnet_json_add_string(&b, "requestId", from->request_id);
    carnet_json_add_string(&b, "type", from->type);
    carnet_staging_put_amount(&b, "amount", from->amount);
    carnet_json_add_string(&b, "currency", from->currency);
    carnet_staging_put(&b, "account", from->account);
    carnet_json_object_end(&b);
    return carnet_json_built(&b, err);
}

/* --- rp/Fulfil --- */

carnet_rc
carnet_fulfil_request_read(carnet_str text, carnet_json **document, carnet_fulfil_request *view, carnet_err *err)
{
    staging_fields f = carnet_staging_fields(text, document, err);
    carnet_fulfil_request got = {
        .reference = carnet_staging_reference(&f, "ref", true),
        .code = carnet_staging_text(&f, "code", 512, true),
    };

    *view = f.rc == CARNET_OK ? got : (carnet_fulfil_request){ 0 };
    return carnet_staging_fields_end(&f, document);
}

carnet_rc
carnet_fulfil_request_write(const carnet_fulfil_request *from, carnet_buf *out, carnet_err *err)
{
    carnet_json_builder b = carnet_json_build(out);

    carnet_json_object_begin(&b, NULL);
    carnet_json_add_string(&b, "ref", from->reference);
    carnet_json_add_string(&b, "code", from->code);
    carnet_json_object_end(&b);
    return carnet_json_built(&b, err);
}

/* --- rp/StagedStatus, rp/CancelStaged --- */

carnet_rc
carnet_staged_query_read(carnet_str text, carnet_json **document, carnet_staged_query *view, carnet_err *err)
{
    staging_fields f = carnet_staging_fields(text, document, err);
    carnet_staged_query got = {
        .reference = carnet_staging_reference(&f, "ref", true),
        .state = carnet_staging_state(&f, "status", false),
        .wait = (unsigned)carnet_staging_number(&f, "wait", 3600, false),
    };

    *view = f.rc == CARNET_OK ? got : (carnet_staged_query){ 0 };
    return carnet_staging_fields_end(&f, document);
}

carnet_rc
carnet_staged_query_write(const carnet_staged_query *from, carnet_buf *out, carnet_err *err)
{
    carnet_json_builder b = carnet_json_build(out);

    carnet_json_object_begin(&b, NULL);
    carnet_json_add_string(&b, "ref", from->reference);
    carnet_staging_put(&b, "status", carnet_str_of(carnet_staged_state_name(from->state)));
    if (from->wait != 0)
        carnet_json_add_integer(&b, "wait", from->wait);
    carnet_json_object_end(&b);
    return carnet_json_built(&b, err);
}

/* --- the answer to them --- */

carnet_rc
carnet_staged_status_read(carnet_str text, carnet_json **document, carnet_staged_status *view, carnet_err *err)
{
    staging_fields f = carnet_staging_fields(text, document, err);
    carnet_staged_status got = {
        .reference = carnet_staging_reference(&f, "ref", true),
        .state = carnet_staging_state(&f, "status", true),
        .type = carnet_staging_text(&f, "type", 16, false),
        .amount = carnet_staging_amount(&f, "amount", false),
        .currency = carnet_staging_currency(&f, "currency", false),
        .account = carnet_staging_text(&f, "account", 28, false),
        .expiration = carnet_staging_number(&f, "expiration", INT64_MAX, false),
        .session = carnet_staging_base64url(&f, "sessionId", 64, false),
        .binding = carnet_staging_text(&f, "bindingMessage", 64, false),
        .terminal = carnet_staging_text(&f, "terminalLabel", 128, false),
        .text = carnet_staging_text(&f, "text", 512, false),
        .reason = carnet_staging_text(&f, "reason", 64, false),
        .dispensed = carnet_staging_amount(&f, "dispensed", false),
    };

    got.has_dispensed = carnet_json_get(f.object, "dispensed") != NULL;
    *view = f.rc == CARNET_OK ? got : (carnet_staged_status){ 0 };
    return carnet_staging_fields_end(&f, document);
}

carnet_rc
carnet_staged_status_write(const carnet_staged_status *from, carnet_buf *out, carnet_err *err)
{
    carnet_json_builder b = carnet_json_build(out);

    carnet_json_object_begin(&b, NULL);
    carnet_json_add_string(&b, "ref", from->reference);
    carnet_json_add_text(&b, "status", carnet_staged_state_name(from->state));
    carnet_staging_put(&b, "type", from->type);
    carnet_staging_put_amount(&b, "amount", from->amount);
    carnet_staging_put(&b, "currency", from->currency);
    carnet_staging_put(&b, "account", from->account);
    carnet_json_add_integer(&b, "expiration", from->expiration);
    carnet_staging_put(&b, "sessionId", from->session);
    carnet_staging_put(&b, "bindingMessage", from->binding);
    carnet_staging_put(&b, "terminalLabel", from->terminal);
    carnet_staging_put(&b, "text", from->text);
    carnet_staging_put(&b, "reason", from->reason);
    if (from->has_dispensed)
        carnet_staging_put_amount(&b, "dispensed", from->dispensed);
    carnet_json_object_end(&b);
    return carnet_json_built(&b, err);
}

/* --- refusals --- */

carnet_rc
carnet_staging_refusal_read(carnet_str text, carnet_json **document, carnet_staging_refusal *view, carnet_err *err)
{
    staging_fields f = carnet_staging_fields(text, document, err);
    carnet_staging_refusal got = {
        .error = carnet_staging_text(&f, "error", 64, true),
        .description = carnet_staging_text(&f, "error_description", 1024, false),
        .request_id = carnet_staging_text(&f, "request_id", 64, false),
    };

    *view = f.rc == CARNET_OK ? got : (carnet_staging_refusal){ 0 };
    return carnet_staging_fields_end(&f, document);
}
