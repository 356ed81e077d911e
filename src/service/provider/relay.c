/* SPDX-License-Identifier: Apache-2.0 */
/* POST BASE/provider/relay: an app's HTTP request, passed on to an issuing service, and its answer (IS-7). */
#include "carnet/relay.h"
#include "carnet/fetch_request.h"
#include "carnet/json.h"
#include "internal.h"

enum { HEADER_ROOM = 65536, TIMEOUT_MS = 20000 };

/* The fields of an answer that an app needs; what else there is stays here. */
static const char *const kept[] = { "Content-Type", "DPoP-Nonce",    "OAuth-Client-Attestation-Challenge",
                                    "Retry-After",  "Cache-Control", "WWW-Authenticate" };

/* A request for documents that anyone on the way could read is not passed on: the documents would come back the same way. */
static carnet_rc
check_sealed(const provider *p, const carnet_relay *relay, carnet_err *err)
{
    carnet_json *json = NULL;
    bool plain;

    if (p->config->relay_plain || relay->body.len == 0 || relay->body.ptr[0] != '{')
        return CARNET_OK;
    plain = carnet_json_parse(relay->body, &json, NULL) != CARNET_OK ||
            carnet_json_get(json, "credential_configuration_id") != NULL ||
            carnet_json_get(json, "credential_identifier") != NULL || carnet_json_get(json, "transaction_id") != NULL;
    carnet_json_free(&json);
    return plain ? carnet_fail(err, CARNET_E_PROVIDER_PLAIN, "23220-1 8.4", NULL) : CARNET_OK;
}

/* "Name: value" of each field, in the scratch. */
static carnet_rc
make_fields(carnet_service_worker *worker, const carnet_relay *relay, carnet_str fields[CARNET_FETCH_FIELDS_MAX],
            carnet_err *err)
{
    for (size_t i = 0; i < relay->field_count; i++) {
        const carnet_relay_field *f = &relay->fields[i];
        carnet_buf line = carnet_service_scratch_buf(worker, f->name.len + f->value.len + 2);

        carnet_buf_add_str(&line, f->name);
        carnet_buf_add_text(&line, ": ");
        carnet_buf_add_str(&line, f->value);
        if (line.overflow)
            return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
        fields[i] = carnet_buf_str(&line);
    }
    return CARNET_OK;
}

static carnet_rc
write_answer(const carnet_fetch_answer *from, carnet_buf *out, carnet_err *err)
{
    carnet_relay relay = { .status = from->status, .body = carnet_buf_str(&from->body) };
    carnet_str value;

    for (size_t i = 0; i < CARNET_COUNT(kept); i++)
        if (carnet_fetch_field(carnet_buf_str(&from->header), kept[i], 0, &value))
            (void)carnet_relay_add(&relay, carnet_str_of(kept[i]), value, NULL);
    return carnet_relay_write(&relay, out, err);
}

static carnet_rc
pass_on(const provider *p, carnet_service_worker *worker, const carnet_relay *relay, carnet_buf *out, carnet_err *err)
{
    carnet_str fields[CARNET_FETCH_FIELDS_MAX];
    const bool post = carnet_str_is(relay->method, "POST");
    const carnet_fetch_request request = { .method = post ? "POST" : "GET",
                                           .uri = relay->uri,
                                           .fields = fields,
                                           .field_count = relay->field_count,
                                           .body = carnet_str_bytes(relay->body) };
    const carnet_fetch_limits limits = { .octets = CARNET_RELAY_MAX,
                                         .timeout_ms = TIMEOUT_MS,
                                         .ca = p->config->ca,
                                         .plain_loopback =
                                             carnet_service_configuration(p->context)->allow_insecure_loopback };
    carnet_fetch_answer answer = { .header = carnet_service_scratch_buf(worker, HEADER_ROOM),
                                   .body = carnet_service_scratch_buf(worker, CARNET_RELAY_MAX) };
    carnet_rc rc = make_fields(worker, relay, fields, err);

    if (rc == CARNET_OK && (answer.body.cap == 0 || answer.header.cap == 0))
        rc = carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    if (rc == CARNET_OK)
        rc = carnet_fetch_ask(NULL, &request, &limits, &answer, err);
    return rc == CARNET_OK ? write_answer(&answer, out, err) : rc;
}

static carnet_rc
relay_one(const provider *p, carnet_service_worker *worker, const carnet_service_request *request,
          carnet_service_response *response, carnet_err *err)
{
    const carnet_str text = { (const char *)request->body.ptr, request->body.len };
    carnet_app_request app;
    carnet_relay relay;
    carnet_rc rc = carnet_provider_request(p, worker, carnet_service_header(request, CARNET_PROVIDER_APP_REQUEST),
                                           CARNET_APP_RELAY, request->body, &app, err);

    if (rc != CARNET_OK)
        return rc;
    carnet_app_request_close(&app);
    if ((rc = carnet_relay_read_request(text, &relay, err)) != CARNET_OK)
        return rc;
    if (!carnet_provider_reaches(p, relay.uri))
        rc = carnet_fail(err, CARNET_E_PROVIDER_ISSUER, NULL, NULL);
    if (rc == CARNET_OK)
        rc = check_sealed(p, &relay, err);
    if (rc == CARNET_OK)
        rc = pass_on(p, worker, &relay, &response->body, err);
    carnet_relay_close(&relay);
    return rc;
}

static carnet_rc
answer(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    const provider *p = self;
    carnet_service_worker *worker;
    carnet_rc rc = carnet_service_begin(p->context, request, &worker, err);

    if (rc != CARNET_OK)
        return rc;
    rc = relay_one(p, worker, request, response, err);
    if (rc == CARNET_OK)
        rc = carnet_service_set_header(response, "Cache-Control", carnet_str_of("no-store"), err);
    carnet_provider_event(worker, "IS-7", "request.relayed", rc, 1);
    return rc;
}

const carnet_service_route carnet_provider_relay_route = {
    .method = CARNET_SERVICE_POST,
    .name = "provider_relay",
    .path = "/provider/relay",
    .summary = "Passes an app's request on to an issuing service",
    .run = answer,
    .accepts = "application/json",
    .body_max = 1048576,
    .answer_max = CARNET_RELAY_MAX + 65536,
    .rate = 600,
};
