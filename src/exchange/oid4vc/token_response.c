/* SPDX-License-Identifier: Apache-2.0 */
/* The token answer (RFC 6749 5.1, RFC 9449 5, OpenID4VCI 6.2). */
#include "internal.h"

#define BODY_MAX     (256 * 1024)
#define LIFETIME_MAX INT64_C(3153600000) /* a hundred years */

static carnet_rc
refuse(carnet_err *err, const char *name, const char *why)
{
    const carnet_path path = { .name = carnet_str_of(name) };

    return carnet_fail_at(err, CARNET_E_OAUTH_RESPONSE, "RFC 6749 5.1", why, CARNET_NO_OFFSET, &path);
}

static carnet_rc
read_text(const carnet_json *document, const char *name, bool required, carnet_str *out, carnet_err *err)
{
    const carnet_json *member = carnet_json_get(document, name);
    const carnet_json_type type = carnet_json_type_of(member);

    *out = carnet_json_string(member);
    if (type != CARNET_JSON_NONE && type != CARNET_JSON_NULL && type != CARNET_JSON_STRING)
        return refuse(err, name, "this is no text");
    return required && out->len == 0 ? refuse(err, name, "this member is missing") : CARNET_OK;
}

static carnet_rc
read_type(carnet_token_response *r, carnet_err *err)
{
    carnet_str type;
    const carnet_rc rc = read_text(r->document, "token_type", true, &type, err);

    if (rc != CARNET_OK)
        return rc;
    r->dpop = carnet_oauth_same_letters(type, "DPoP");
    return r->dpop || carnet_oauth_same_letters(type, "Bearer") ? CARNET_OK
                                                                : refuse(err, "token_type", "this type is not known");
}

/* Digits, which some servers write as text; -1: this is no number. */
static double
number_in(carnet_str text)
{
    double number = text.len == 0 || text.len > 12 ? -1 : 0;

    for (size_t i = 0; number >= 0 && i < text.len; i++)
        number = text.ptr[i] >= '0' && text.ptr[i] <= '9' ? number * 10 + (text.ptr[i] - '0') : -1;
    return number;
}

static carnet_rc
read_lifetime(carnet_token_response *r, carnet_err *err)
{
    const carnet_json *member = carnet_json_get(r->document, "expires_in");
    const carnet_json_type type = carnet_json_type_of(member);
    const double seconds =
        type == CARNET_JSON_STRING ? number_in(carnet_json_string(member)) : carnet_json_real(member);

    if (type == CARNET_JSON_NONE || type == CARNET_JSON_NULL)
        return CARNET_OK;
    if ((type != CARNET_JSON_INTEGER && type != CARNET_JSON_REAL && type != CARNET_JSON_STRING) || !(seconds >= 0))
        return refuse(err, "expires_in", "this is no number of seconds");
    r->expires_in = seconds < (double)LIFETIME_MAX ? (int64_t)seconds : LIFETIME_MAX;
    return CARNET_OK;
}

static bool
all_texts(const carnet_json *list)
{
    for (size_t i = 0; i < carnet_json_count(list); i++) {
        if (carnet_json_string(carnet_json_at(list, i)).len == 0)
            return false;
    }
    return carnet_json_type_of(list) == CARNET_JSON_ARRAY && carnet_json_count(list) != 0;
}

static bool
ours(const carnet_json *entry)
{
    return carnet_str_is(carnet_json_string(carnet_json_get(entry, "type")), CARNET_AUTHORIZATION_DETAILS_TYPE);
}

static carnet_rc
read_details(carnet_token_response *r, carnet_err *err)
{
    const carnet_json *list = carnet_json_get(r->document, "authorization_details");
    const carnet_json_type type = carnet_json_type_of(list);

    if (type != CARNET_JSON_NONE && type != CARNET_JSON_NULL && type != CARNET_JSON_ARRAY)
        return refuse(err, "authorization_details", "this is no list");
    for (size_t i = 0; i < carnet_json_count(list); i++) {
        const carnet_json *entry = carnet_json_at(list, i);
        const carnet_json *identifiers = carnet_json_get(entry, "credential_identifiers");

        if (!ours(entry))
            continue;
        if (carnet_json_string(carnet_json_get(entry, "credential_configuration_id")).len == 0)
            return refuse(err, "authorization_details", "an entry has no credential_configuration_id");
        if (identifiers != NULL && !all_texts(identifiers))
            return refuse(err, "authorization_details", "credential_identifiers is no list of texts, or empty");
        r->detail_count++;
    }
    return CARNET_OK;
}

static carnet_rc
read_members(carnet_token_response *r, carnet_err *err)
{
    carnet_rc rc = read_text(r->document, "access_token", true, &r->access_token, err);

    if (rc == CARNET_OK)
        rc = read_type(r, err);
    if (rc == CARNET_OK)
        rc = read_lifetime(r, err);
    if (rc == CARNET_OK)
        rc = read_text(r->document, "refresh_token", false, &r->refresh_token, err);
    if (rc == CARNET_OK)
        rc = read_text(r->document, "scope", false, &r->scope, err);
    return rc == CARNET_OK ? read_details(r, err) : rc;
}

carnet_rc
carnet_token_response_read(carnet_str body, carnet_token_response *response, carnet_err *err)
{
    carnet_rc rc = CARNET_OK;

    *response = (carnet_token_response){ 0 };
    if (body.len > BODY_MAX || carnet_json_parse(body, &response->document, NULL) != CARNET_OK ||
        carnet_json_type_of(response->document) != CARNET_JSON_OBJECT)
        rc = carnet_fail(err, CARNET_E_OAUTH_RESPONSE, "RFC 6749 5.1", "the answer is no JSON object");
    if (rc == CARNET_OK)
        rc = read_members(response, err);
    if (rc != CARNET_OK)
        carnet_token_response_done(response);
    return rc;
}

void
carnet_token_response_done(carnet_token_response *response)
{
    carnet_json_free(&response->document);
    *response = (carnet_token_response){ 0 };
}

bool
carnet_token_response_detail(const carnet_token_response *response, size_t i, carnet_token_detail *detail)
{
    const carnet_json *list = carnet_json_get(response->document, "authorization_details");

    *detail = (carnet_token_detail){ 0 };
    for (size_t k = 0; k < carnet_json_count(list); k++) {
        const carnet_json *entry = carnet_json_at(list, k);

        if (!ours(entry) || i-- != 0)
            continue;
        detail->configuration_id = carnet_json_string(carnet_json_get(entry, "credential_configuration_id"));
        detail->identifiers_read = carnet_json_get(entry, "credential_identifiers");
        detail->identifier_count = carnet_json_count(detail->identifiers_read);
        return true;
    }
    return false;
}

static void
add_details(carnet_json_builder *b, const carnet_token_response *r)
{
    carnet_json_array_begin(b, "authorization_details");
    for (size_t i = 0; i < r->detail_count; i++) {
        carnet_json_object_begin(b, NULL);
        carnet_json_add_text(b, "type", CARNET_AUTHORIZATION_DETAILS_TYPE);
        carnet_json_add_string(b, "credential_configuration_id", r->details[i].configuration_id);
        carnet_json_array_begin(b, "credential_identifiers");
        for (size_t k = 0; k < r->details[i].identifier_count; k++)
            carnet_json_add_string(b, NULL, r->details[i].identifiers[k]);
        carnet_json_array_end(b);
        carnet_json_object_end(b);
    }
    carnet_json_array_end(b);
}

carnet_rc
carnet_token_response_write(const carnet_token_response *response, carnet_buf *out, carnet_err *err)
{
    const size_t start = out->len;
    carnet_json_builder b = carnet_json_build(out);

    if (response->access_token.len == 0 || (response->detail_count != 0 && response->details == NULL))
        return carnet_fail(err, CARNET_E_USAGE, NULL, "no token, or no details where some are counted");
    carnet_json_object_begin(&b, NULL);
    carnet_json_add_string(&b, "access_token", response->access_token);
    carnet_json_add_text(&b, "token_type", response->dpop ? "DPoP" : "Bearer");
    if (response->expires_in > 0)
        carnet_json_add_integer(&b, "expires_in", response->expires_in);
    if (response->refresh_token.len != 0)
        carnet_json_add_string(&b, "refresh_token", response->refresh_token);
    if (response->scope.len != 0)
        carnet_json_add_string(&b, "scope", response->scope);
    if (response->detail_count != 0)
        add_details(&b, response);
    carnet_json_object_end(&b);
    return carnet_form_written(carnet_json_built(&b, err), start, out, err);
}
