/* SPDX-License-Identifier: Apache-2.0 */
/* POST /admin/deferred/{id}: {"decision":"release"} or {"decision":"deny","reason":"..."} over an issuance that was put off. */
#include "internal.h"

#include "carnet/store_event.h"

static const carnet_json_rule rules[] = {
    { "decision", CARNET_JSON_STRING, true },
    { "reason", CARNET_JSON_STRING, false },
};

typedef struct deciding {
    int64_t id;
    carnet_store_deferred_state state;
    carnet_str reason;
    carnet_store_event event;
} deciding;

static carnet_rc
work(void *arg, carnet_store_session *session, carnet_err *err)
{
    deciding *d = arg;
    carnet_rc rc = carnet_store_deferred_decide(session, d->id, d->state, d->reason, err);

    d->event.id = 0;
    return rc == CARNET_OK ? carnet_store_event_insert(session, &d->event, err) : rc;
}

static carnet_rc
read_id(const carnet_str *text, int64_t *id, carnet_err *err)
{
    *id = 0;
    for (size_t i = 0; text != NULL && i < text->len; i++) {
        int digit = text->ptr[i] - '0';

        if (digit < 0 || digit > 9 || *id > (INT64_MAX - digit) / 10)
            return carnet_fail(err, CARNET_E_STORE_ABSENT, NULL, NULL);
        *id = 10 * *id + digit;
    }
    return *id > 0 ? CARNET_OK : carnet_fail(err, CARNET_E_STORE_ABSENT, NULL, NULL);
}

static carnet_rc
decide(carnet_service_worker *worker, const carnet_service_request *request, const carnet_json *json, carnet_err *err)
{
    carnet_str decision = carnet_json_string(carnet_json_get(json, "decision"));
    bool release = carnet_str_is(decision, "release");
    deciding d = { .state = release ? CARNET_STORE_DEFERRED_READY : CARNET_STORE_DEFERRED_DENIED,
                   .reason = carnet_json_string(carnet_json_get(json, "reason")) };
    carnet_rc rc = read_id(carnet_service_parameter_get(&request->in_path, "id"), &d.id, err);

    if (rc != CARNET_OK)
        return rc;
    if (!release && !carnet_str_is(decision, "deny"))
        return carnet_fail(err, CARNET_E_SERVICE_REQUEST, NULL, "a decision is release or deny");
    d.event = (carnet_store_event){ .at = carnet_service_now(worker),
                                    .interface = carnet_str_of("IS-6"),
                                    .kind = carnet_str_of("decision"),
                                    .outcome = release ? CARNET_STORE_OUTCOME_DONE : CARNET_STORE_OUTCOME_REFUSED,
                                    .actor = carnet_str_of("admin"),
                                    .reference = d.id,
                                    .request = carnet_str_of(request->identifier) };
    return carnet_store_transact(worker->store, work, &d, err);
}

static carnet_rc
run(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    const carnet_issuing *issuing = self;
    carnet_json *json = NULL;
    carnet_service_worker *worker;
    carnet_rc rc = carnet_service_begin(issuing->context, request, &worker, err);

    if (rc == CARNET_OK)
        rc = carnet_json_parse((carnet_str){ (const char *)request->body.ptr, request->body.len }, &json, err);
    if (rc == CARNET_OK)
        rc = carnet_json_check(json, rules, CARNET_COUNT(rules), CARNET_E_SERVICE_REQUEST, NULL, err);
    if (rc == CARNET_OK)
        rc = decide(worker, request, json, err);
    carnet_json_free(&json);
    response->status = rc == CARNET_OK ? 204 : 0;
    return rc;
}

const carnet_service_route carnet_issuing_admin_deferred = {
    .method = CARNET_SERVICE_POST,
    .name = "admin_deferred",
    .path = "/admin/deferred/{id}",
    .summary = "Release or deny documents that were put off",
    .run = run,
    .accepts = "application/json",
    .body_max = 4096,
};
