/* SPDX-License-Identifier: Apache-2.0 */
/* The authorization request, and where the browser goes after it was pushed (RFC 6749 4.1.1, RFC 9126, OpenID4VCI 5). */
#include "carnet/pkce.h"
#include "internal.h"

static carnet_rc
refuse(carnet_err *err, carnet_rc rc, const char *clause, const char *name, const char *why)
{
    const carnet_path path = { .name = carnet_str_of(name) };

    return carnet_fail_at(err, rc, clause, why, CARNET_NO_OFFSET, &path);
}

static carnet_rc
missing(carnet_err *err, const char *name)
{
    return refuse(err, CARNET_E_OAUTH_PARAMETER_MISSING, "RFC 6749 4.1.1", name, "a required parameter is missing");
}

/* An absolute URI that a browser may be sent to; of schemes that run or show what is in the URI itself there are none. */
static bool
may_redirect_to(carnet_str uri)
{
    static const char *const schemes[] = { "javascript:", "data:", "vbscript:", "blob:", "about:", "file:" };
    size_t colon = 0;

    for (size_t i = 0; i < uri.len; i++) {
        if (uri.ptr[i] <= ' ' || uri.ptr[i] > '~' || uri.ptr[i] == '#' || uri.ptr[i] == '"' || uri.ptr[i] == '<' ||
            uri.ptr[i] == '>' || uri.ptr[i] == '\\')
            return false;
        if (colon == 0 && uri.ptr[i] == ':')
            colon = i;
    }
    for (size_t i = 0; i < CARNET_COUNT(schemes); i++) {
        size_t k = 0;

        while (k < uri.len && schemes[i][k] != '\0' && (uri.ptr[k] | 0x20) == schemes[i][k])
            k++;
        if (schemes[i][k] == '\0' || (schemes[i][k] == ':' && colon == k))
            return false;
    }
    return colon != 0 && ((uri.ptr[0] | 0x20) >= 'a' && (uri.ptr[0] | 0x20) <= 'z');
}

/* RFC 6749 3.3. */
static bool
scope_form(carnet_str scope)
{
    for (size_t i = 0; i < scope.len; i++) {
        if (scope.ptr[i] < ' ' || scope.ptr[i] > '~' || scope.ptr[i] == '"' || scope.ptr[i] == '\\')
            return false;
    }
    return true;
}

/* What has a place in a request object or in the browser's request only (RFC 9101, RFC 9126 2.1), or is not done here. */
static carnet_rc
check_absent(const carnet_form *form, carnet_err *err)
{
    const carnet_str mode = carnet_form_get(form, "response_mode");

    if (carnet_form_has(form, "request") || carnet_form_has(form, "request_uri"))
        return refuse(err, CARNET_E_OAUTH_PARAMETER, "RFC 9126 2.1",
                      carnet_form_has(form, "request") ? "request" : "request_uri", "this has no place here");
    if (mode.len != 0 && !carnet_str_is(mode, "query"))
        return refuse(err, CARNET_E_OAUTH_PARAMETER, "RFC 6749 4.1.2", "response_mode",
                      "the answer comes in the query");
    return CARNET_OK;
}

static carnet_rc
check_client(const carnet_authorization_request *r, carnet_err *err)
{
    if (r->client_id.len == 0)
        return missing(err, "client_id");
    if (r->redirect_uri.len == 0)
        return missing(err, "redirect_uri");
    if (!may_redirect_to(r->redirect_uri))
        return refuse(err, CARNET_E_OAUTH_PARAMETER, "RFC 6749 3.1.2", "redirect_uri", "this is no URI to return to");
    return CARNET_OK;
}

static carnet_rc
check_type(const carnet_form *form, carnet_err *err)
{
    const carnet_str type = carnet_form_get(form, "response_type");

    if (type.len == 0)
        return missing(err, "response_type");
    if (!carnet_str_is(type, "code"))
        return refuse(err, CARNET_E_OAUTH_RESPONSE_TYPE, "RFC 6749 3.1.1", "response_type", "there is only code");
    return CARNET_OK;
}

static bool
thumbprint_form(carnet_str text)
{
    uint8_t digest[32];
    carnet_buf room = carnet_buf_of(digest, sizeof(digest));

    return text.len == 43 && carnet_base64url_decode(text, &room, NULL) == CARNET_OK;
}

static carnet_rc
check_rest(const carnet_authorization_request *r, carnet_err *err)
{
    if (r->configuration_id_count == 0 && r->scope.len == 0)
        return missing(err, "scope");
    if (!scope_form(r->scope))
        return refuse(err, CARNET_E_OAUTH_SCOPE, "RFC 6749 3.3", "scope", "a scope has other characters");
    if (r->dpop_jkt.len != 0 && !thumbprint_form(r->dpop_jkt))
        return refuse(err, CARNET_E_OAUTH_PARAMETER, "RFC 9449 10", "dpop_jkt", "this is no thumbprint");
    return CARNET_OK;
}

static void
take_parameters(const carnet_form *form, carnet_authorization_request *r)
{
    r->client_id = carnet_form_get(form, "client_id");
    r->redirect_uri = carnet_form_get(form, "redirect_uri");
    r->state = carnet_form_get(form, "state");
    r->scope = carnet_form_get(form, "scope");
    r->code_challenge = carnet_form_get(form, "code_challenge");
    r->issuer_state = carnet_form_get(form, "issuer_state");
    r->resource = carnet_form_get(form, "resource");
    r->dpop_jkt = carnet_form_get(form, "dpop_jkt");
    r->login_hint = carnet_form_get(form, "login_hint");
}

static carnet_rc
take_details(const carnet_form *form, carnet_authorization_request *r, carnet_err *err)
{
    carnet_authorization_details details;
    const carnet_rc rc =
        carnet_authorization_details_read(carnet_form_get(form, "authorization_details"), &details, err);

    for (size_t i = 0; i < details.count; i++)
        r->configuration_ids[i] = details.configuration_ids[i];
    r->configuration_id_count = details.count;
    r->location = details.location;
    r->details = details.document;
    return rc;
}

carnet_rc
carnet_authorization_request_read(const carnet_form *form, carnet_authorization_request *request, carnet_err *err)
{
    carnet_rc rc;

    *request = (carnet_authorization_request){ 0 };
    take_parameters(form, request);
    rc = check_client(request, err);
    if (rc == CARNET_OK)
        rc = check_absent(form, err);
    if (rc == CARNET_OK)
        rc = check_type(form, err);
    if (rc == CARNET_OK)
        rc = carnet_pkce_check_challenge(request->code_challenge, carnet_form_get(form, "code_challenge_method"), err);
    if (rc == CARNET_OK)
        rc = take_details(form, request, err);
    if (rc == CARNET_OK)
        rc = check_rest(request, err);
    if (rc != CARNET_OK)
        carnet_authorization_request_done(request);
    return rc;
}

void
carnet_authorization_request_done(carnet_authorization_request *request)
{
    carnet_json_free(&request->details);
    *request = (carnet_authorization_request){ 0 };
}

carnet_rc
carnet_authorization_request_write(const carnet_authorization_request *request, carnet_form_writer *writer,
                                   carnet_err *err)
{
    const carnet_authorization_request *r = request;
    const size_t start = writer->out->len;
    carnet_rc rc = check_client(r, err);

    if (rc == CARNET_OK)
        rc = carnet_pkce_check_challenge(r->code_challenge, carnet_str_of(CARNET_PKCE_METHOD), err);
    if (rc == CARNET_OK)
        rc = check_rest(r, err);
    if (rc != CARNET_OK)
        return rc;
    carnet_form_add(writer, "response_type", carnet_str_of("code"));
    carnet_form_add(writer, "client_id", r->client_id);
    carnet_form_add(writer, "redirect_uri", r->redirect_uri);
    carnet_form_add(writer, "code_challenge", r->code_challenge);
    carnet_form_add(writer, "code_challenge_method", carnet_str_of(CARNET_PKCE_METHOD));
    carnet_form_add_some(writer, "scope", r->scope);
    carnet_form_add_some(writer, "state", r->state);
    carnet_form_add_some(writer, "issuer_state", r->issuer_state);
    carnet_form_add_some(writer, "resource", r->resource);
    carnet_form_add_some(writer, "dpop_jkt", r->dpop_jkt);
    carnet_form_add_some(writer, "login_hint", r->login_hint);
    rc = carnet_authorization_details_add(r->configuration_ids, r->configuration_id_count, r->location, writer, err);
    return carnet_form_written(rc, start, writer->out, err);
}

bool
carnet_scope_next(carnet_str scope, size_t *at, carnet_str *word)
{
    size_t start = *at;

    while (start < scope.len && scope.ptr[start] == ' ')
        start++;
    *at = start;
    while (*at < scope.len && scope.ptr[*at] != ' ')
        (*at)++;
    *word = *at > start ? (carnet_str){ scope.ptr + start, *at - start } : (carnet_str){ 0 };
    return *at > start;
}

bool
carnet_scope_has(carnet_str scope, carnet_str word)
{
    carnet_str next;
    size_t at = 0;

    while (carnet_scope_next(scope, &at, &next)) {
        if (carnet_str_equal(next, word))
            return true;
    }
    return false;
}
