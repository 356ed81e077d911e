/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/backchannel.h"

#include "bops_fields.h"

#include <string.h>

#define MEMBER(struct, member, json, kind_, flags_, max_)                                                              \
    {                                                                                                                  \
        .name = (json), .kind = (kind_), .flags = (flags_), .offset = offsetof(carnet_backchannel_##struct, member),   \
        .max = (max_)                                                                                                  \
    }
#define MESSAGE(name)                                                                                                  \
    static const carnet_bops_message message_##name = { name##_fields, CARNET_COUNT(name##_fields),                    \
                                                        sizeof(carnet_backchannel_##name) };                           \
    carnet_rc carnet_backchannel_##name##_write(const carnet_backchannel_##name *m, carnet_buf *out, carnet_err *err)  \
    {                                                                                                                  \
        return carnet_bops_write(&message_##name, m, out, err);                                                        \
    }                                                                                                                  \
    carnet_rc carnet_backchannel_##name##_read(carnet_str text, carnet_backchannel_##name *m, carnet_err *err)         \
    {                                                                                                                  \
        return carnet_bops_read(text, &message_##name, m, err);                                                        \
    }                                                                                                                  \
    void carnet_backchannel_##name##_close(carnet_backchannel_##name *m)                                               \
    {                                                                                                                  \
        carnet_bops_close(&message_##name, m);                                                                         \
    }

static const carnet_bops_field started_fields[] = {
    MEMBER(started, auth_req_id, "auth_req_id", BOPS_TEXT, BOPS_REQUIRED, CARNET_BACKCHANNEL_ID),
    MEMBER(started, expires_in, "expires_in", BOPS_INTEGER, BOPS_REQUIRED | BOPS_ALWAYS, INT32_MAX),
    MEMBER(started, interval, "interval", BOPS_INTEGER, 0, INT32_MAX),
};
MESSAGE(started)

static const carnet_bops_field ping_fields[] = {
    MEMBER(ping, auth_req_id, "auth_req_id", BOPS_TEXT, BOPS_REQUIRED, CARNET_BACKCHANNEL_ID),
};
MESSAGE(ping)

static const carnet_bops_field tokens_fields[] = {
    MEMBER(tokens, auth_req_id, "auth_req_id", BOPS_TEXT, 0, CARNET_BACKCHANNEL_ID),
    MEMBER(tokens, access_token, "access_token", BOPS_TEXT, BOPS_REQUIRED, CARNET_BOPS_MAX / 4),
    MEMBER(tokens, token_type, "token_type", BOPS_TEXT, BOPS_REQUIRED, 32),
    MEMBER(tokens, expires_in, "expires_in", BOPS_INTEGER, BOPS_ALWAYS, INT32_MAX),
    MEMBER(tokens, id_token, "id_token", BOPS_TEXT, BOPS_REQUIRED, CARNET_BOPS_MAX / 4),
    MEMBER(tokens, vot, "vot", BOPS_TEXT, 0, 512),
    MEMBER(tokens, vtm, "vtm", BOPS_TEXT, 0, 512),
};
MESSAGE(tokens)

static const carnet_bops_field error_fields[] = {
    MEMBER(error, auth_req_id, "auth_req_id", BOPS_TEXT, 0, CARNET_BACKCHANNEL_ID),
    MEMBER(error, error, "error", BOPS_TEXT, BOPS_REQUIRED, 64),
    MEMBER(error, description, "error_description", BOPS_TEXT, 0, 512),
};
MESSAGE(error)

static const char *const modes[] = { NULL, "poll", "ping", "push" };

const char *
carnet_backchannel_mode_name(carnet_backchannel_mode mode)
{
    return (size_t)mode < CARNET_COUNT(modes) ? modes[mode] : NULL;
}

carnet_backchannel_mode
carnet_backchannel_mode_named(carnet_str name)
{
    for (size_t i = 1; i < CARNET_COUNT(modes); i++)
        if (carnet_str_is(name, modes[i]))
            return (carnet_backchannel_mode)i;
    return (carnet_backchannel_mode)0;
}

/* --- the request --- */

static carnet_rc
refuse(carnet_backchannel_request *request, const char *error, const char *why, carnet_err *err)
{
    request->error = error;
    return carnet_fail(err, CARNET_E_BACKCHANNEL, "CIBA 7.1", why);
}

static bool
has_word(carnet_str words, const char *word)
{
    const size_t len = strlen(word);

    for (size_t i = 0; i + len <= words.len; i++)
        if (memcmp(words.ptr + i, word, len) == 0 && (i == 0 || words.ptr[i - 1] == ' ') &&
            (i + len == words.len || words.ptr[i + len] == ' '))
            return true;
    return false;
}

/* As in a header of HTTP (RFC 6750 2.1). */
static bool
is_bearer(carnet_str token)
{
    static const char marks[] = "-._~+/";
    size_t end = token.len;

    while (end > 0 && token.ptr[end - 1] == '=')
        end--;
    for (size_t i = 0; i < end; i++) {
        const char c = token.ptr[i];

        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) &&
            memchr(marks, c, sizeof(marks) - 1) == NULL)
            return false;
    }
    return end > 0 && token.len <= CARNET_BACKCHANNEL_TOKEN;
}

static carnet_rc
check_hints(carnet_backchannel_get *get, const void *self, carnet_backchannel_request *r, carnet_err *err)
{
    static const char *const hints[] = { "login_hint", "login_hint_token", "id_token_hint" };
    size_t count = 0;

    for (size_t i = 0; i < CARNET_COUNT(hints); i++)
        count += get(self, hints[i]).len != 0;
    if (count != 1)
        return refuse(r, "invalid_request", "one hint must be there, and only one", err);
    if (r->login_hint.len == 0)
        return refuse(r, "invalid_request", "only login_hint is understood", err);
    return get(self, "request").len != 0
               ? refuse(r, "invalid_request", "requests are not signed but under mutual TLS", err)
               : CARNET_OK;
}

static carnet_rc
check_texts(carnet_backchannel_mode mode, carnet_backchannel_request *r, carnet_err *err)
{
    if (!has_word(r->scope, "openid"))
        return refuse(r, "invalid_scope", "the scope has no openid", err);
    if (r->binding_message.len > CARNET_BACKCHANNEL_MESSAGE)
        return refuse(r, "invalid_binding_message", "it has 20 characters at most", err);
    if (mode == CARNET_BACKCHANNEL_POLL)
        r->notification_token = (carnet_str){ 0 };
    else if (!is_bearer(r->notification_token))
        return refuse(r, "invalid_request", "a client that is notified gives a bearer token for that", err);
    return CARNET_OK;
}

static carnet_rc
read_expiry(carnet_str text, carnet_backchannel_request *r, carnet_err *err)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9' ||
            (r->requested_expiry = r->requested_expiry * 10 + (text.ptr[i] - '0')) > CARNET_BACKCHANNEL_EXPIRY)
            return refuse(r, "invalid_request", "requested_expiry is a number of seconds", err);
    }
    return CARNET_OK;
}

/* A JSON array of texts (RFC 8485 4.1). */
static carnet_rc
read_vectors(carnet_str text, carnet_backchannel_request *r, carnet_err *err)
{
    static const char why[] = "vtr is an array of 1 to 8 vectors";
    size_t count;

    if (text.len == 0)
        return CARNET_OK;
    if (carnet_json_parse(text, &r->document, NULL) != CARNET_OK ||
        carnet_json_type_of(r->document) != CARNET_JSON_ARRAY)
        return refuse(r, "invalid_request", why, err);
    count = carnet_json_count(r->document);
    if (count == 0 || count > CARNET_BOPS_VECTORS)
        return refuse(r, "invalid_request", why, err);
    for (size_t i = 0; i < count; i++) {
        r->vtr[i] = carnet_json_string(carnet_json_at(r->document, i));
        if (r->vtr[i].len == 0)
            return refuse(r, "invalid_request", why, err);
    }
    r->vtr_count = count;
    return CARNET_OK;
}

carnet_rc
carnet_backchannel_request_read(carnet_backchannel_get *get, const void *self, carnet_backchannel_mode mode,
                                carnet_backchannel_request *request, carnet_err *err)
{
    const char *error;
    carnet_rc rc;

    *request = (carnet_backchannel_request){ .scope = get(self, "scope"),
                                             .login_hint = get(self, "login_hint"),
                                             .device_id = get(self, "device_id"),
                                             .binding_message = get(self, "binding_message"),
                                             .notification_token = get(self, "client_notification_token"),
                                             .vtm = get(self, "vtm") };
    rc = check_texts(mode, request, err);
    if (rc == CARNET_OK)
        rc = check_hints(get, self, request, err);
    if (rc == CARNET_OK)
        rc = read_expiry(get(self, "requested_expiry"), request, err);
    if (rc == CARNET_OK)
        rc = read_vectors(get(self, "vtr"), request, err);
    if (rc == CARNET_OK)
        return rc;
    error = request->error;
    carnet_backchannel_request_close(request);
    request->error = error;
    return rc;
}

static void
put_some(carnet_backchannel_put *put, void *self, const char *name, carnet_str value)
{
    if (value.len != 0)
        put(self, name, value);
}

carnet_rc
carnet_backchannel_request_write(const carnet_backchannel_request *request, carnet_buf *room,
                                 carnet_backchannel_put *put, void *self, carnet_err *err)
{
    size_t at = room->len;
    carnet_json_builder b;
    carnet_rc rc = CARNET_OK;

    put_some(put, self, "scope", request->scope);
    put_some(put, self, "login_hint", request->login_hint);
    put_some(put, self, "device_id", request->device_id);
    put_some(put, self, "binding_message", request->binding_message);
    put_some(put, self, "client_notification_token", request->notification_token);
    put_some(put, self, "vtm", request->vtm);
    if (request->requested_expiry != 0) {
        carnet_buf_add_int(room, request->requested_expiry);
        if (!room->overflow)
            put(self, "requested_expiry", (carnet_str){ (const char *)room->ptr + at, room->len - at });
        at = room->len;
    }
    if (request->vtr_count != 0) {
        b = carnet_json_build(room);
        carnet_json_array_begin(&b, NULL);
        for (size_t i = 0; i < request->vtr_count && i < CARNET_BOPS_VECTORS; i++)
            carnet_json_add_string(&b, NULL, request->vtr[i]);
        carnet_json_array_end(&b);
        if ((rc = carnet_json_built(&b, err)) == CARNET_OK)
            put(self, "vtr", (carnet_str){ (const char *)room->ptr + at, room->len - at });
    }
    return rc == CARNET_OK && room->overflow ? carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL) : rc;
}

void
carnet_backchannel_request_close(carnet_backchannel_request *request)
{
    carnet_json_free(&request->document);
    *request = (carnet_backchannel_request){ 0 };
}
