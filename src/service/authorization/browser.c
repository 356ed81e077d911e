/* SPDX-License-Identifier: Apache-2.0 */
/* What the person's browser is told: pages, cookies, the way back to the wallet. */
#include "internal.h"

#include <string.h>

carnet_rc
carnet_authorization_browser(authorization_call *call, carnet_str *token, uint8_t hash[CARNET_STORE_HASH],
                             carnet_err *err)
{
    const carnet_authorization *as = call->as;
    char *text = carnet_service_scratch(call->worker, CARNET_WEB_SECRET + 1);
    char *made = carnet_service_scratch(call->worker, CARNET_WEB_SECRET + 1);
    carnet_str cookie = carnet_web_cookie_get(&as->web, call->request, CARNET_COOKIE_BROWSER);
    carnet_rc rc = CARNET_OK;

    if (text == NULL || made == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    if (cookie.len == 0) {
        rc = carnet_web_secret(&call->worker->random, text, err);
        cookie = (carnet_str){ text, CARNET_WEB_SECRET };
    }
    if (rc == CARNET_OK)
        rc = carnet_web_cookie_set(&as->web, call->response, CARNET_COOKIE_BROWSER, cookie,
                                   (unsigned)as->policy.identification_s, err);
    if (rc == CARNET_OK && hash != NULL)
        rc = carnet_service_hash(call->worker, cookie, hash, err);
    if (rc == CARNET_OK && token != NULL) {
        rc = carnet_web_token(call->worker->crypto, cookie, made, err);
        *token = (carnet_str){ made, CARNET_WEB_SECRET };
    }
    return rc;
}

carnet_rc
carnet_authorization_page(authorization_call *call, int status, carnet_text title, carnet_text text, const char *reason,
                          carnet_err *err)
{
    call->outcome = "refused";
    call->reason = reason;
    return carnet_page_message(&call->as->web, call->request, call->response, status, CARNET_TONE_BAD, title, text,
                               (carnet_str){ 0 }, err);
}

carnet_rc
carnet_authorization_page_end(authorization_call *call, carnet_rc rc, carnet_err *err)
{
    carnet_service_response *response = call->response;

    if (rc == CARNET_OK) {
        carnet_authorization_call_log(call, call->outcome, call->reason);
        return CARNET_OK;
    }
    /* A person is waiting, so a page; what went wrong is in the log. */
    carnet_authorization_call_log(call, "failed", carnet_rc_name(rc));
    response->body.len = 0;
    response->body.overflow = false;
    response->header_count = 0;
    return carnet_page_message(&call->as->web, call->request, response, carnet_rc_http(rc) == 503 ? 503 : 500,
                               CARNET_TONE_BAD, CARNET_TEXT_ERROR_TITLE, CARNET_TEXT_ERROR, (carnet_str){ 0 }, err);
}

/* For a page's rules: where its form may lead in the end. */
carnet_str
carnet_authorization_origin(carnet_str uri)
{
    size_t n = 0, slashes = 0;

    while (n < uri.len && uri.ptr[n] != ':')
        n++;
    if (!carnet_str_starts(uri, "https:") && !carnet_str_starts(uri, "http:"))
        return (carnet_str){ uri.ptr, n < uri.len ? n + 1 : n };
    for (n = 0; n < uri.len && uri.ptr[n] != '?'; n++)
        if (uri.ptr[n] == '/' && ++slashes == 3)
            break;
    return (carnet_str){ uri.ptr, n };
}

carnet_rc
carnet_authorization_send_back(authorization_call *call, carnet_str redirect_uri, carnet_str state, carnet_str code,
                               carnet_oauth_error error, const char *description, carnet_err *err)
{
    carnet_authorization_response answer = { .code = code,
                                             .state = state,
                                             .issuer = call->as->issuer,
                                             .error = error,
                                             .answer.description = carnet_str_of(description) };
    carnet_buf location = carnet_service_scratch_buf(call->worker, 8192);
    carnet_rc rc = carnet_authorization_response_write(redirect_uri, &answer, &location, err);

    if (rc == CARNET_OK)
        rc = carnet_service_set_header(call->response, "Location", carnet_buf_str(&location), err);
    if (rc == CARNET_OK)
        rc = carnet_service_set_header(call->response, "Referrer-Policy", carnet_str_of("no-referrer"), err);
    /* RFC 9700 4.12: never 307, which would send a form on. */
    call->response->status = call->request->method == CARNET_SERVICE_GET ? 302 : 303;
    call->response->content_type = "text/html";
    if (code.len == 0) {
        call->outcome = "refused";
        call->reason = call->reason != NULL ? call->reason : carnet_oauth_error_name(error);
    }
    return rc;
}
