/* SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

/* The prefix binds a cookie to this host and to TLS (RFC 6265bis 4.1.3); without TLS, on loopback, there is none. */
static carnet_str
name_of(const carnet_web *web, carnet_web_cookie cookie)
{
    static const char *const names[2][3] = { { "__Host-carnet-browser", "__Host-carnet-desk", "__Host-carnet-login" },
                                             { "carnet-browser", "carnet-desk", "carnet-login" } };

    return carnet_str_of(names[web->loopback][cookie]);
}

static bool
is_secret(carnet_str value)
{
    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_'))
            return false;
    }
    return value.len == CARNET_WEB_SECRET;
}

/* Take the next "name=value" off a Cookie field. */
static bool
next_pair(carnet_str *field, carnet_str *name, carnet_str *value)
{
    size_t end = 0, equals;

    while (field->len > 0 && (field->ptr[0] == ' ' || field->ptr[0] == ';')) {
        field->ptr++;
        field->len--;
    }
    if (field->len == 0)
        return false;
    while (end < field->len && field->ptr[end] != ';')
        end++;
    for (equals = 0; equals < end && field->ptr[equals] != '=';)
        equals++;
    *name = (carnet_str){ field->ptr, equals };
    *value = equals < end ? (carnet_str){ field->ptr + equals + 1, end - equals - 1 } : (carnet_str){ 0 };
    field->ptr += end;
    field->len -= end;
    return true;
}

carnet_str
carnet_web_cookie_get(const carnet_web *web, const carnet_service_request *request, carnet_web_cookie cookie)
{
    carnet_str field = carnet_service_header(request, "Cookie"), wanted = name_of(web, cookie), name, value,
               found = { 0 };

    while (next_pair(&field, &name, &value)) {
        if (!carnet_str_equal(name, wanted))
            continue;
        /* Two of one name: somebody else's site may have set one of them. */
        if (found.len > 0 || !is_secret(value))
            return (carnet_str){ 0 };
        found = value;
    }
    return found;
}

carnet_rc
carnet_web_cookie_set(const carnet_web *web, carnet_service_response *response, carnet_web_cookie cookie,
                      carnet_str value, unsigned seconds, carnet_err *err)
{
    uint8_t room[256];
    carnet_buf out = carnet_buf_of(room, sizeof(room));

    if (value.len > 0 && !is_secret(value))
        return carnet_fail(err, CARNET_E_USAGE, NULL, "a cookie holds a secret and nothing else");
    carnet_buf_add_str(&out, name_of(web, cookie));
    carnet_buf_add_text(&out, "=");
    carnet_buf_add_str(&out, value);
    carnet_buf_add_text(&out, "; Path=/; HttpOnly");
    /* A wallet's browser arrives from elsewhere; an officer does not. */
    carnet_buf_add_text(&out, cookie != CARNET_COOKIE_BROWSER ? "; SameSite=Strict" : "; SameSite=Lax");
    if (!web->loopback)
        carnet_buf_add_text(&out, "; Secure");
    if (value.len == 0 || seconds > 0) {
        carnet_buf_add_text(&out, "; Max-Age=");
        carnet_buf_add_uint(&out, value.len > 0 ? seconds : 0);
    }
    return carnet_service_set_header(response, "Set-Cookie", carnet_buf_str(&out), err);
}

carnet_rc
carnet_web_secret(const carnet_random *random, char out[CARNET_WEB_SECRET + 1], carnet_err *err)
{
    uint8_t secret[32];
    carnet_buf text = carnet_buf_of(out, CARNET_WEB_SECRET);
    carnet_rc rc = carnet_random_fill(random, secret, sizeof(secret), err);

    carnet_base64url_encode(carnet_span_of(secret, sizeof(secret)), &text);
    out[CARNET_WEB_SECRET] = '\0';
    carnet_wipe(secret, sizeof(secret));
    return rc;
}

carnet_rc
carnet_web_token(carnet_crypto *crypto, carnet_str cookie, char out[CARNET_WEB_SECRET + 1], carnet_err *err)
{
    static const char label[] = "carnet form token";
    uint8_t digest[32] = { 0 };
    carnet_span part = carnet_span_of(label, sizeof(label) - 1);
    carnet_buf text = carnet_buf_of(out, CARNET_WEB_SECRET);
    carnet_rc rc = carnet_hmac(crypto, CARNET_SHA256, carnet_str_bytes(cookie), &part, 1, digest, err);

    carnet_base64url_encode(carnet_span_of(digest, sizeof(digest)), &text);
    out[CARNET_WEB_SECRET] = '\0';
    return rc;
}

carnet_rc
carnet_web_check(const carnet_web *web, const carnet_service_request *request, carnet_crypto *crypto, carnet_str cookie,
                 carnet_str token, carnet_err *err)
{
    carnet_str origin = carnet_service_header(request, "Origin"),
               site = carnet_service_header(request, "Sec-Fetch-Site");
    char expected[CARNET_WEB_SECRET + 1];
    carnet_rc rc;

    if (cookie.len == 0)
        return carnet_fail(err, CARNET_E_WEB_FORGED, NULL, "there is no session");
    if (origin.len > 0 && !carnet_str_is(origin, "null") && !carnet_str_equal(origin, web->origin))
        return carnet_fail(err, CARNET_E_WEB_FORGED, NULL, "the form came from another origin");
    if (site.len > 0 && !carnet_str_is(site, "same-origin"))
        return carnet_fail(err, CARNET_E_WEB_FORGED, NULL, "the form came from another site");
    if ((rc = carnet_web_token(crypto, cookie, expected, err)) != CARNET_OK)
        return rc;
    if (!carnet_equal_secret(carnet_str_bytes(token), carnet_span_of(expected, CARNET_WEB_SECRET)))
        return carnet_fail(err, CARNET_E_WEB_FORGED, NULL, "the form's token is not the session's");
    return CARNET_OK;
}
