/* SPDX-License-Identifier: Apache-2.0 */
/* The answer to a pushed authorization request, and the link that follows (RFC 9126 2.2, 4). */
#include "internal.h"

#define BODY_MAX     65536
#define LIFETIME_MAX 86400

carnet_rc
carnet_pushed_authorization_write(const carnet_pushed_authorization *pushed, carnet_buf *out, carnet_err *err)
{
    const size_t start = out->len;
    carnet_json_builder b = carnet_json_build(out);

    if (pushed->request_uri.len == 0 || pushed->expires_in <= 0)
        return carnet_fail(err, CARNET_E_USAGE, NULL, "no request URI, or expired from the start");
    carnet_json_object_begin(&b, NULL);
    carnet_json_add_string(&b, "request_uri", pushed->request_uri);
    carnet_json_add_integer(&b, "expires_in", pushed->expires_in);
    carnet_json_object_end(&b);
    return carnet_form_written(carnet_json_built(&b, err), start, out, err);
}

carnet_rc
carnet_pushed_authorization_read(carnet_str body, carnet_pushed_authorization *pushed, carnet_err *err)
{
    const carnet_json *expires;
    carnet_rc rc = body.len <= BODY_MAX ? CARNET_OK : CARNET_E_JSON_LIMIT;

    *pushed = (carnet_pushed_authorization){ 0 };
    if (rc == CARNET_OK)
        rc = carnet_json_parse(body, &pushed->document, NULL);
    pushed->request_uri = carnet_json_string(carnet_json_get(pushed->document, "request_uri"));
    expires = carnet_json_get(pushed->document, "expires_in");
    pushed->expires_in = carnet_json_integer(expires);
    if (rc == CARNET_OK && pushed->request_uri.len != 0 && pushed->expires_in > 0) {
        if (pushed->expires_in > LIFETIME_MAX)
            pushed->expires_in = LIFETIME_MAX;
        return CARNET_OK;
    }
    carnet_pushed_authorization_done(pushed);
    return carnet_fail(err, CARNET_E_OAUTH_RESPONSE, "RFC 9126 2.2", "request_uri or expires_in is missing");
}

void
carnet_pushed_authorization_done(carnet_pushed_authorization *pushed)
{
    carnet_json_free(&pushed->document);
    *pushed = (carnet_pushed_authorization){ 0 };
}

carnet_rc
carnet_pushed_authorization_url(carnet_str endpoint, carnet_str client_id, carnet_str request_uri, carnet_buf *out,
                                carnet_err *err)
{
    const size_t start = out->len;
    carnet_form_writer writer;

    if (endpoint.len == 0 || client_id.len == 0 || request_uri.len == 0)
        return carnet_fail(err, CARNET_E_USAGE, NULL, "endpoint, client_id or request_uri is missing");
    writer = carnet_form_write_query(endpoint, out);
    carnet_form_add(&writer, "client_id", client_id);
    carnet_form_add(&writer, "request_uri", request_uri);
    return carnet_form_written(CARNET_OK, start, out, err);
}
