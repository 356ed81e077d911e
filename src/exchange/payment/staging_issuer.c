/* SPDX-License-Identifier: Apache-2.0 */
/* What an issuing authorisation system asks about a staged transaction, and is answered. */
#include "internal.h"

static const struct {
    carnet_resolve_action action;
    const char *name;
} actions[] = {
    { CARNET_RESOLVE_READ, "READ" },
    { CARNET_RESOLVE_USE, "USE" },
    { CARNET_RESOLVE_REVERSE, "REVERSE" },
};

static void
read_action(staging_fields *f, carnet_resolve_request *view)
{
    const carnet_str name = carnet_staging_text(f, "action", 16, true);
    bool found = false;

    for (size_t i = 0; i < CARNET_COUNT(actions); i++)
        if (carnet_str_is(name, actions[i].name)) {
            view->action = actions[i].action;
            found = true;
        }
    if (f->rc == CARNET_OK && !found)
        carnet_staging_blame(f, "action", "this is nothing to be done with a staged transaction");
}

carnet_rc
carnet_resolve_request_read(carnet_str text, carnet_json **document, carnet_resolve_request *view, carnet_err *err)
{
    staging_fields f = carnet_staging_fields(text, document, err);
    carnet_resolve_request got = {
        .reference = carnet_staging_reference(&f, "ref", true),
    };

    read_action(&f, &got);
    got.use = carnet_staging_text(&f, "use", 64, got.action != CARNET_RESOLVE_READ);
    *view = f.rc == CARNET_OK ? got : (carnet_resolve_request){ 0 };
    return carnet_staging_fields_end(&f, document);
}

carnet_rc
carnet_resolve_request_write(const carnet_resolve_request *from, carnet_buf *out, carnet_err *err)
{
    carnet_json_builder b = carnet_json_build(out);

    carnet_json_object_begin(&b, NULL);
    carnet_json_add_string(&b, "ref", from->reference);
    for (size_t i = 0; i < CARNET_COUNT(actions); i++)
        if (actions[i].action == from->action)
            carnet_json_add_text(&b, "action", actions[i].name);
    carnet_staging_put(&b, "use", from->use);
    carnet_json_object_end(&b);
    return carnet_json_built(&b, err);
}

carnet_rc
carnet_resolved_read(carnet_str text, carnet_json **document, carnet_resolved *view, carnet_err *err)
{
    staging_fields f = carnet_staging_fields(text, document, err);

    *view = (carnet_resolved){
        .reference = carnet_staging_reference(&f, "ref", true),
        .state = carnet_staging_state(&f, "status", true),
        .use = carnet_staging_text(&f, "use", 64, false),
        .type = carnet_staging_text(&f, "type", 16, true),
        .amount = carnet_staging_amount(&f, "amount", true),
        .currency = carnet_staging_currency(&f, "currency", true),
        .terminal = carnet_staging_text(&f, "terminalId", 16, false),
        .pan = carnet_staging_text(&f, "pan", 19, false),
        .account = carnet_staging_text(&f, "account", 28, false),
        .expiration = carnet_staging_number(&f, "expiration", INT64_MAX, true),
        .risk = carnet_staging_text(&f, "risk", 64, false),
        .aal_required = (int)carnet_staging_number(&f, "aalRequired", 3, false),
    };
    view->vtr_count = carnet_staging_vectors(&f, "vtr", view->vtr, false);
    view->has_carrier = carnet_staging_carrier(&f, &view->carrier);
    if (f.rc == CARNET_OK && view->state == CARNET_STAGED_FULFILLED && (!view->has_carrier || view->terminal.len == 0))
        carnet_staging_blame(&f, "status", "what is fulfilled has a terminal and a carrier");
    if (f.rc != CARNET_OK)
        *view = (carnet_resolved){ 0 };
    return carnet_staging_fields_end(&f, document);
}

carnet_rc
carnet_resolved_write(const carnet_resolved *from, carnet_buf *out, carnet_err *err)
{
    carnet_json_builder b = carnet_json_build(out);

    carnet_json_object_begin(&b, NULL);
    carnet_json_add_string(&b, "ref", from->reference);
    carnet_json_add_text(&b, "status", carnet_staged_state_name(from->state));
    carnet_staging_put(&b, "use", from->use);
    carnet_json_add_string(&b, "type", from->type);
    carnet_staging_put_amount(&b, "amount", from->amount);
    carnet_json_add_string(&b, "currency", from->currency);
    carnet_staging_put(&b, "terminalId", from->terminal);
    carnet_staging_put(&b, "pan", from->pan);
    carnet_staging_put(&b, "account", from->account);
    carnet_json_add_integer(&b, "expiration", from->expiration);
    carnet_staging_put(&b, "risk", from->risk);
    if (from->aal_required != 0)
        carnet_json_add_integer(&b, "aalRequired", from->aal_required);
    carnet_staging_put_vectors(&b, "vtr", from->vtr, from->vtr_count);
    if (from->has_carrier)
        carnet_staging_put_carrier(&b, &from->carrier);
    carnet_json_object_end(&b);
    return carnet_json_built(&b, err);
}
