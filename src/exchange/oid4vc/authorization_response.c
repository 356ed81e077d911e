/* SPDX-License-Identifier: Apache-2.0 */
/* What comes back by way of the browser (RFC 6749 4.1.2, RFC 9207). */
#include "internal.h"

#include <string.h>

carnet_rc
carnet_authorization_response_write(carnet_str redirect_uri, const carnet_authorization_response *response,
                                    carnet_buf *out, carnet_err *err)
{
    const size_t start = out->len;
    const char *error = carnet_oauth_error_name(response->error);
    carnet_form_writer writer;

    if (redirect_uri.len == 0 || (response->code.len == 0) == (error == NULL))
        return carnet_fail(err, CARNET_E_USAGE, NULL, "no redirect_uri, or neither code nor error, or both");
    writer = carnet_form_write_query(redirect_uri, out);
    carnet_form_add_some(&writer, "code", response->code);
    carnet_form_add_some(&writer, "error", carnet_str_of(error));
    if (error != NULL)
        carnet_form_add_some(&writer, "error_description", response->answer.description);
    carnet_form_add_some(&writer, "state", response->state);
    carnet_form_add_some(&writer, "iss", response->issuer);
    return carnet_form_written(CARNET_OK, start, out, err);
}

/* The query of a URL, without its fragment, or all of a text that is none. */
static carnet_str
query_of(carnet_str url)
{
    const char *mark = url.len != 0 ? memchr(url.ptr, '?', url.len) : NULL;
    const char *hash;

    if (mark != NULL)
        url = (carnet_str){ mark + 1, url.len - (size_t)(mark + 1 - url.ptr) };
    hash = url.len != 0 ? memchr(url.ptr, '#', url.len) : NULL;
    if (hash != NULL)
        url.len = (size_t)(hash - url.ptr);
    return url;
}

static carnet_rc
check_sender(const carnet_authorization_response *r, carnet_str state, carnet_str issuer, bool issuer_required,
             carnet_err *err)
{
    if (!carnet_equal_secret(carnet_str_bytes(r->state), carnet_str_bytes(state)))
        return carnet_fail(err, CARNET_E_OAUTH_STATE, "RFC 6749 10.12", "state is another than was sent");
    if (r->issuer.len == 0 && issuer_required)
        return carnet_fail(err, CARNET_E_OAUTH_ISSUER, "RFC 9207 2.4", "the answer does not say who it is from (iss)");
    if (r->issuer.len != 0 && !carnet_str_equal(r->issuer, issuer))
        return carnet_fail(err, CARNET_E_OAUTH_ISSUER, "RFC 9207 2.4", "the answer is from another issuer (iss)");
    if ((r->code.len == 0) == (r->answer.name.len == 0))
        return carnet_fail(err, CARNET_E_OAUTH_RESPONSE, "RFC 6749 4.1.2", "there is neither code nor error, or both");
    return CARNET_OK;
}

carnet_rc
carnet_authorization_response_read(carnet_str url, carnet_str state, carnet_str issuer, bool issuer_required,
                                   carnet_buf *room, carnet_authorization_response *response, carnet_err *err)
{
    carnet_form form;
    carnet_rc rc = carnet_form_read(query_of(url), room, &form, err);

    *response = (carnet_authorization_response){ 0 };
    if (rc != CARNET_OK)
        return rc == CARNET_E_NO_SPACE ? rc
                                       : carnet_fail(err, CARNET_E_OAUTH_RESPONSE, "RFC 6749 4.1.2",
                                                     "the answer is malformed, or has a parameter twice");
    response->code = carnet_form_get(&form, "code");
    response->state = carnet_form_get(&form, "state");
    response->issuer = carnet_form_get(&form, "iss");
    response->answer.name = carnet_form_get(&form, "error");
    response->answer.description = carnet_form_get(&form, "error_description");
    response->answer.uri = carnet_form_get(&form, "error_uri");
    response->error = response->answer.error = carnet_oauth_error_named(response->answer.name);
    rc = check_sender(response, state, issuer, issuer_required, err);
    if (rc != CARNET_OK)
        *response = (carnet_authorization_response){ 0 };
    return rc;
}
