/* SPDX-License-Identifier: Apache-2.0 */
/* The token request (RFC 6749 4.1.3, 6; OpenID4VCI 6.1). */
#include "internal.h"

static const char *const grants[] = {
    [CARNET_GRANT_AUTHORIZATION_CODE] = "authorization_code",
    [CARNET_GRANT_PRE_AUTHORIZED_CODE] = CARNET_GRANT_PRE_AUTHORIZED_CODE_NAME,
    [CARNET_GRANT_REFRESH_TOKEN] = "refresh_token",
};

const char *
carnet_grant_type_name(carnet_grant_type grant)
{
    return (size_t)grant < CARNET_COUNT(grants) ? grants[grant] : NULL;
}

carnet_grant_type
carnet_grant_type_named(carnet_str name)
{
    for (size_t i = 1; i < CARNET_COUNT(grants); i++) {
        if (carnet_str_is(name, grants[i]))
            return (carnet_grant_type)i;
    }
    return CARNET_GRANT_NONE;
}

static carnet_rc
need(carnet_str value, const char *name, carnet_err *err)
{
    const carnet_path path = { .name = carnet_str_of(name) };

    if (value.len != 0)
        return CARNET_OK;
    return carnet_fail_at(err, CARNET_E_OAUTH_PARAMETER_MISSING, "RFC 6749 4.1.3", "a required parameter is missing",
                          CARNET_NO_OFFSET, &path);
}

/* What each grant needs; the verifier is looked at where the challenge is known (RFC 7636 4.6). */
static carnet_rc
check_grant(const carnet_token_request *r, carnet_err *err)
{
    carnet_rc rc;

    switch (r->grant) {
    case CARNET_GRANT_AUTHORIZATION_CODE:
        rc = need(r->code, "code", err);
        return rc == CARNET_OK ? need(r->code_verifier, "code_verifier", err) : rc;
    case CARNET_GRANT_PRE_AUTHORIZED_CODE:
        return need(r->pre_authorized_code, "pre-authorized_code", err);
    case CARNET_GRANT_REFRESH_TOKEN:
        return need(r->refresh_token, "refresh_token", err);
    case CARNET_GRANT_NONE:
    default:
        return carnet_fail(err, CARNET_E_OAUTH_GRANT_TYPE, "RFC 6749 5.2", NULL);
    }
}

static void
take_parameters(const carnet_form *form, carnet_token_request *r)
{
    r->grant = carnet_grant_type_named(carnet_form_get(form, "grant_type"));
    r->client_id = carnet_form_get(form, "client_id");
    r->code = carnet_form_get(form, "code");
    r->redirect_uri = carnet_form_get(form, "redirect_uri");
    r->code_verifier = carnet_form_get(form, "code_verifier");
    r->pre_authorized_code = carnet_form_get(form, "pre-authorized_code");
    r->tx_code = carnet_form_get(form, "tx_code");
    r->has_tx_code = carnet_form_has(form, "tx_code");
    r->refresh_token = carnet_form_get(form, "refresh_token");
    r->scope = carnet_form_get(form, "scope");
    r->resource = carnet_form_get(form, "resource");
}

static carnet_rc
take_details(const carnet_form *form, carnet_token_request *r, carnet_err *err)
{
    carnet_authorization_details details;
    const carnet_rc rc =
        carnet_authorization_details_read(carnet_form_get(form, "authorization_details"), &details, err);

    for (size_t i = 0; i < details.count; i++)
        r->configuration_ids[i] = details.configuration_ids[i];
    r->configuration_id_count = details.count;
    r->details = details.document;
    return rc;
}

carnet_rc
carnet_token_request_read(const carnet_form *form, carnet_token_request *request, carnet_err *err)
{
    carnet_rc rc;

    *request = (carnet_token_request){ 0 };
    take_parameters(form, request);
    rc = need(carnet_form_get(form, "grant_type"), "grant_type", err);
    if (rc == CARNET_OK && (carnet_form_has(form, "client_secret") || carnet_form_has(form, "client_assertion")))
        rc = carnet_fail(err, CARNET_E_OAUTH_CLIENT, "RFC 6749 5.2", "this is no way in which a client is known here");
    if (rc == CARNET_OK)
        rc = check_grant(request, err);
    if (rc == CARNET_OK)
        rc = take_details(form, request, err);
    if (rc != CARNET_OK)
        carnet_token_request_done(request);
    return rc;
}

void
carnet_token_request_done(carnet_token_request *request)
{
    carnet_json_free(&request->details);
    *request = (carnet_token_request){ 0 };
}

carnet_rc
carnet_token_request_write(const carnet_token_request *request, carnet_buf *out, carnet_err *err)
{
    const carnet_token_request *r = request;
    carnet_form_writer writer = carnet_form_write(out);
    const size_t start = out->len;
    carnet_rc rc = check_grant(r, err);

    if (rc != CARNET_OK)
        return rc;
    carnet_form_add(&writer, "grant_type", carnet_str_of(carnet_grant_type_name(r->grant)));
    carnet_form_add_some(&writer, "client_id", r->client_id);
    if (r->grant == CARNET_GRANT_AUTHORIZATION_CODE) {
        carnet_form_add(&writer, "code", r->code);
        carnet_form_add(&writer, "code_verifier", r->code_verifier);
        carnet_form_add_some(&writer, "redirect_uri", r->redirect_uri);
    } else if (r->grant == CARNET_GRANT_PRE_AUTHORIZED_CODE) {
        carnet_form_add(&writer, "pre-authorized_code", r->pre_authorized_code);
        carnet_form_add_some(&writer, "tx_code", r->tx_code);
    } else {
        carnet_form_add(&writer, "refresh_token", r->refresh_token);
    }
    carnet_form_add_some(&writer, "scope", r->scope);
    carnet_form_add_some(&writer, "resource", r->resource);
    rc = carnet_authorization_details_add(r->configuration_ids, r->configuration_id_count, (carnet_str){ 0 }, &writer,
                                          err);
    return carnet_form_written(rc, start, out, err);
}
