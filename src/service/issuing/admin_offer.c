/* SPDX-License-Identifier: Apache-2.0 */
/* POST /admin/offers: another system of the authority makes an offer.  What it is given back is said once. */
#include "internal.h"

#include "carnet/credential_offer.h"
#include "carnet/json_build.h"

enum { REQUEST_MAX = 1536 * 1024, ROOM = 8 * CARNET_ISSUING_OFFER_MAX };

static const carnet_json_rule rules[] = {
    { "credential_configuration_ids", CARNET_JSON_ARRAY, true },
    { "subject", CARNET_JSON_STRING, false },
    { "claims", CARNET_JSON_OBJECT, false },
    { "grants", CARNET_JSON_ARRAY, false },
    { "tx_code", CARNET_JSON_BOOL, false },
    { "tx_code_description", CARNET_JSON_STRING, false },
    { "expires_in", CARNET_JSON_INTEGER, false },
};

typedef struct wish {
    carnet_issuing_offer_spec spec;
    carnet_str configurations[CARNET_CREDENTIAL_OFFER_CONFIGURATIONS_MAX];
} wish;

static carnet_rc
refuse(const char *reason, carnet_err *err)
{
    return carnet_fail(err, CARNET_E_SERVICE_REQUEST, NULL, reason);
}

static carnet_rc
read_grants(const carnet_json *grants, carnet_issuing_offer_spec *spec, carnet_err *err)
{
    if (grants == NULL) {
        spec->pre_authorized = true;
        return CARNET_OK;
    }
    for (size_t i = 0; i < carnet_json_count(grants); i++) {
        carnet_str name = carnet_json_string(carnet_json_at(grants, i));

        if (carnet_str_is(name, "authorization_code"))
            spec->authorization_code = true;
        else if (carnet_str_is(name, "pre-authorized_code") ||
                 carnet_str_is(name, "urn:ietf:params:oauth:grant-type:pre-authorized_code"))
            spec->pre_authorized = true;
        else
            return refuse("grants are authorization_code and pre-authorized_code", err);
    }
    return CARNET_OK;
}

static carnet_rc
read_wish(const carnet_json *json, carnet_buf *claims, wish *w, carnet_err *err)
{
    const carnet_json *ids = carnet_json_get(json, "credential_configuration_ids");
    const carnet_json *given = carnet_json_get(json, "claims");
    carnet_json_builder b = carnet_json_build(claims);
    carnet_rc rc = CARNET_OK;

    if (carnet_json_count(ids) > CARNET_COUNT(w->configurations))
        return refuse("there are too many credential_configuration_ids", err);
    for (size_t i = 0; i < carnet_json_count(ids); i++)
        w->configurations[i] = carnet_json_string(carnet_json_at(ids, i));
    w->spec.configurations = w->configurations;
    w->spec.configuration_count = carnet_json_count(ids);
    w->spec.subject = carnet_json_string(carnet_json_get(json, "subject"));
    w->spec.tx_code = carnet_json_bool(carnet_json_get(json, "tx_code"));
    w->spec.tx_code_description = carnet_json_string(carnet_json_get(json, "tx_code_description"));
    w->spec.lifetime = carnet_json_integer(carnet_json_get(json, "expires_in"));
    w->spec.actor = carnet_str_of("admin");
    if (given != NULL) {
        carnet_json_add_value(&b, NULL, given);
        rc = carnet_json_built(&b, err);
        w->spec.claims = carnet_buf_str(claims);
    }
    return rc == CARNET_OK ? read_grants(carnet_json_get(json, "grants"), &w->spec, err) : rc;
}

static carnet_rc
write_answer(const carnet_issuing *issuing, const carnet_issuing_offer *offer, carnet_time now, carnet_buf *out,
             carnet_buf *page, carnet_err *err)
{
    carnet_json_builder b = carnet_json_build(out);
    char digits[24];
    carnet_buf id = carnet_buf_of(digits, sizeof(digits));

    carnet_buf_add_int(&id, offer->id);
    carnet_buf_add_str(page, carnet_service_base_url(issuing->context));
    carnet_buf_add_text(page, "/offer/");
    carnet_buf_add_text(page, offer->reference);
    carnet_json_object_begin(&b, NULL);
    carnet_json_add_string(&b, "id", carnet_buf_str(&id)); /* more digits than a reader's number may have */
    carnet_json_add_raw(&b, "offer", offer->json);
    carnet_json_add_string(&b, "uri", offer->link);
    carnet_json_add_string(&b, "uri_by_reference", offer->link_by_reference);
    carnet_json_add_string(&b, "page", carnet_buf_str(page));
    if (offer->tx_code[0] != '\0')
        carnet_json_add_text(&b, "tx_code", offer->tx_code);
    carnet_json_add_integer(&b, "expires_in", offer->expires - now);
    carnet_json_object_end(&b);
    return carnet_json_built(&b, err);
}

static carnet_rc
make(const carnet_issuing *issuing, carnet_service_worker *worker, const carnet_json *json,
     carnet_service_response *response, carnet_err *err)
{
    carnet_buf claims = carnet_service_scratch_buf(worker, REQUEST_MAX),
               room = carnet_service_scratch_buf(worker, ROOM), page = carnet_service_scratch_buf(worker, 4096);
    carnet_issuing_offer offer;
    wish w = { 0 };
    carnet_rc rc = read_wish(json, &claims, &w, err);

    if (rc == CARNET_OK)
        rc = carnet_issuing_offer_make(issuing, worker, &w.spec, &room, &offer, err);
    if (rc == CARNET_OK)
        rc = write_answer(issuing, &offer, carnet_service_now(worker), &response->body, &page, err);
    carnet_wipe(&offer, sizeof(offer));
    response->status = rc == CARNET_OK ? 201 : 0;
    return rc;
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
        rc = make(issuing, worker, json, response, err);
    carnet_json_free(&json);
    return rc;
}

const carnet_service_route carnet_issuing_admin_offer = {
    .method = CARNET_SERVICE_POST,
    .name = "admin_offers",
    .path = "/admin/offers",
    .summary = "Make a credential offer",
    .run = run,
    .accepts = "application/json",
    .body_max = REQUEST_MAX,
};
