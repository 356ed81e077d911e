/* SPDX-License-Identifier: Apache-2.0 */
/* PUT BASE/admin/mobile_app/customers: a user of the mobile app, their devices and accounts, as the bank's systems know them.
 * What was said of the user before is forgotten. */
#include "internal.h"

enum { DEVICES = 8, DOCUMENTS = 16, ACCOUNTS = 16, PAN_MAX = 19 };

typedef struct customer {
    mas_call *call;
    const carnet_json *json;
    carnet_str user;
    uint8_t pans[ACCOUNTS][PAN_MAX + CARNET_SERVICE_SEALING];
    size_t pan_len[ACCOUNTS];
    uint8_t keys[DOCUMENTS][CARNET_SERVICE_HASH]; /* of documents, of all devices */
} customer;

static const carnet_json_rule rules[] = {
    { "user", CARNET_JSON_STRING, true },
    { "devices", CARNET_JSON_ARRAY, false },
    { "accounts", CARNET_JSON_ARRAY, false },
};
static const carnet_json_rule device_rules[] = {
    { "id", CARNET_JSON_STRING, true },
    { "documentKeys", CARNET_JSON_ARRAY, false },
};
static const carnet_json_rule account_rules[] = {
    { "alias", CARNET_JSON_STRING, true },
    { "currency", CARNET_JSON_STRING, false },
    { "pan", CARNET_JSON_STRING, false },
};

static carnet_rc
refuse(carnet_err *err, const char *why)
{
    return carnet_fail(err, CARNET_E_SERVICE_REQUEST, "P1940 4", why);
}

static bool
is_pan(carnet_str pan)
{
    for (size_t i = 0; i < pan.len; i++)
        if (pan.ptr[i] < '0' || pan.ptr[i] > '9')
            return false;
    return pan.len == 0 || (pan.len >= 12 && pan.len <= PAN_MAX);
}

static carnet_rc
check_account(customer *c, const carnet_json *json, size_t i, carnet_err *err)
{
    const carnet_str alias = carnet_json_string(carnet_json_get(json, "alias")),
                     pan = carnet_json_string(carnet_json_get(json, "pan"));
    carnet_buf out = carnet_buf_of(c->pans[i], sizeof(c->pans[i]));
    carnet_rc rc =
        carnet_json_check(json, account_rules, CARNET_COUNT(account_rules), CARNET_E_SERVICE_REQUEST, NULL, err);

    if (rc != CARNET_OK)
        return rc;
    if (alias.len == 0 || alias.len > 28 || !is_pan(pan))
        return refuse(err, "an account has an alias of 1 to 28 characters, and no PAN or one of 12 to 19 digits");
    if (pan.len != 0)
        rc = carnet_service_seal(c->call->worker, "account.pan", carnet_str_bytes(c->user), carnet_str_bytes(pan), &out,
                                 err);
    c->pan_len[i] = out.len;
    return rc;
}

static carnet_rc
check_device(customer *c, const carnet_json *json, size_t *keys, carnet_err *err)
{
    const carnet_json *list = carnet_json_get(json, "documentKeys");
    const carnet_str id = carnet_json_string(carnet_json_get(json, "id"));
    carnet_rc rc =
        carnet_json_check(json, device_rules, CARNET_COUNT(device_rules), CARNET_E_SERVICE_REQUEST, NULL, err);

    if (rc == CARNET_OK && (id.len == 0 || id.len > 64))
        rc = refuse(err, "a device's identifier has 1 to 64 characters");
    for (size_t i = 0; rc == CARNET_OK && i < carnet_json_count(list); i++) {
        carnet_buf out = carnet_buf_of(c->keys[*keys < DOCUMENTS ? *keys : 0], CARNET_SERVICE_HASH);

        if (*keys == DOCUMENTS ||
            carnet_base64url_decode(carnet_json_string(carnet_json_at(list, i)), &out, NULL) != CARNET_OK ||
            out.len != CARNET_SERVICE_HASH)
            rc = refuse(err, "a document's key is the SHA-256 thumbprint of a JWK in base64url (RFC 7638)");
        else
            (*keys)++;
    }
    return rc;
}

static carnet_rc
check(customer *c, carnet_err *err)
{
    const carnet_json *devices = carnet_json_get(c->json, "devices"), *accounts = carnet_json_get(c->json, "accounts");
    size_t keys = 0;
    carnet_rc rc = carnet_json_check(c->json, rules, CARNET_COUNT(rules), CARNET_E_SERVICE_REQUEST, NULL, err);

    if (rc != CARNET_OK)
        return rc;
    c->user = carnet_json_string(carnet_json_get(c->json, "user"));
    if (c->user.len == 0 || c->user.len > 64 || carnet_json_count(devices) > DEVICES ||
        carnet_json_count(accounts) > ACCOUNTS)
        return refuse(err, "a user has a name of 1 to 64 characters, at most 8 devices and 16 accounts");
    for (size_t i = 0; rc == CARNET_OK && i < carnet_json_count(devices); i++)
        rc = check_device(c, carnet_json_at(devices, i), &keys, err);
    for (size_t i = 0; rc == CARNET_OK && i < carnet_json_count(accounts); i++)
        rc = check_account(c, carnet_json_at(accounts, i), i, err);
    return rc;
}

static carnet_rc
put_device(customer *c, carnet_store_session *session, const carnet_json *json, size_t *keys, carnet_err *err)
{
    const carnet_str id = carnet_json_string(carnet_json_get(json, "id"));
    const size_t count = carnet_json_count(carnet_json_get(json, "documentKeys"));
    carnet_rc rc = carnet_store_app_device_put(session, id, c->user, carnet_service_now(c->call->worker), err);

    for (size_t i = 0; rc == CARNET_OK && i < count; i++)
        rc = carnet_store_app_document_put(session, carnet_span_of(c->keys[(*keys)++], CARNET_SERVICE_HASH), id, err);
    return rc;
}

static carnet_rc
put(void *arg, carnet_store_session *session, carnet_err *err)
{
    customer *c = arg;
    const carnet_json *devices = carnet_json_get(c->json, "devices"), *accounts = carnet_json_get(c->json, "accounts");
    size_t keys = 0;
    carnet_rc rc = carnet_store_app_user_forget(session, c->user, err);

    for (size_t i = 0; rc == CARNET_OK && i < carnet_json_count(devices); i++)
        rc = put_device(c, session, carnet_json_at(devices, i), &keys, err);
    for (size_t i = 0; rc == CARNET_OK && i < carnet_json_count(accounts); i++) {
        const carnet_json *json = carnet_json_at(accounts, i);
        const carnet_store_account account = { .user = c->user,
                                               .alias = carnet_json_string(carnet_json_get(json, "alias")),
                                               .position = (int64_t)i,
                                               .currency = carnet_json_string(carnet_json_get(json, "currency")),
                                               .pan = carnet_span_of(c->pans[i], c->pan_len[i]) };

        rc = carnet_store_app_account_put(session, &account, err);
    }
    return rc;
}

static carnet_rc
answer(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    mas *m = self;
    carnet_service_worker *worker;
    carnet_json *json = NULL;
    customer *c;
    mas_call call;
    carnet_rc rc = carnet_service_begin(m->context, request, &worker, err);

    if (rc != CARNET_OK || (rc = carnet_mas_begin(m, worker, &call, err)) != CARNET_OK)
        return rc;
    call.request = request;
    if ((c = carnet_service_scratch(worker, sizeof(*c))) == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    c->call = &call;
    if ((rc = carnet_json_parse(carnet_mas_body(&call), &json, err)) == CARNET_OK) {
        c->json = json;
        rc = check(c, err);
    }
    if (rc == CARNET_OK)
        rc = carnet_store_transact(worker->store, put, c, err);
    carnet_json_free(&json);
    if (rc == CARNET_OK)
        response->status = 204;
    carnet_mas_event(&call, "customer.put", rc);
    return rc;
}

const carnet_service_route carnet_mas_customer_route = {
    .method = CARNET_SERVICE_PUT,
    .name = "admin_mobile_app_customer",
    .path = "/admin/mobile_app/customers",
    .summary = "Puts a user of the mobile app: devices and accounts",
    .run = answer,
    .accepts = "application/json",
    .body_max = CARNET_STAGING_MAX,
};
