/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/json_build.h"
#include "internal.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A field looked for among all. */
typedef struct sought {
    const char *name;
    carnet_str value;
    size_t count;
} sought;

static enum MHD_Result
match(void *self, enum MHD_ValueKind kind, const char *name, const char *value)
{
    sought *s = self;

    (void)kind;
    if (strcasecmp(name, s->name) == 0) {
        s->count++;
        s->value = carnet_str_of(value);
    }
    return MHD_YES;
}

static sought
seek(const carnet_service_request *request, const char *name)
{
    sought s = { .name = name };

    if (request->connection != NULL)
        (void)MHD_get_connection_values(request->connection, MHD_HEADER_KIND, match, &s);
    return s;
}

carnet_str
carnet_service_header(const carnet_service_request *request, const char *name)
{
    sought s = seek(request, name);

    return s.count == 1 ? s.value : (carnet_str){ 0 };
}

size_t
carnet_service_header_count(const carnet_service_request *request, const char *name)
{
    return seek(request, name).count;
}

carnet_rc
carnet_service_set_header(carnet_service_response *response, const char *name, carnet_str value, carnet_err *err)
{
    carnet_buf *out = &response->header_text;
    size_t began = out->len;

    for (size_t i = 0; i < value.len; i++)
        if ((unsigned char)value.ptr[i] < ' ' || (unsigned char)value.ptr[i] > '~')
            return carnet_fail_at(err, CARNET_E_USAGE, "RFC 9110 5.5", "a header field cannot have this octet", i,
                                  NULL);
    if (response->header_count == CARNET_SERVICE_HEADERS)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, "there are too many header fields");
    carnet_buf_add_str(out, value);
    carnet_buf_add_byte(out, 0);
    if (out->overflow)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    response->headers[response->header_count++] = (carnet_service_header_field){ name, (const char *)out->ptr + began };
    return CARNET_OK;
}

static const char *
error_of(int status)
{
    static const struct {
        int status;
        const char *error;
    } table[] = {
        { 401, "invalid_client" },     { 403, "access_denied" },     { 404, "not_found" },
        { 405, "method_not_allowed" }, { 413, "content_too_large" }, { 415, "unsupported_media_type" },
        { 429, "too_many_requests" },  { 431, "header_too_large" },  { 503, "temporarily_unavailable" },
    };

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if (table[i].status == status)
            return table[i].error;
    return status >= 500 ? "server_error" : "invalid_request";
}

/* {error, error_description, request_id}; what went wrong within is for the log. */
static struct MHD_Response *
problem(const carnet_service_exchange *x, carnet_rc rc, int status)
{
    uint8_t room[1024];
    carnet_buf out = carnet_buf_of(room, sizeof(room));
    carnet_json_builder b = carnet_json_build(&out);
    bool reason = status < 500 && x->err.rc == rc && x->err.reason[0] != '\0';

    carnet_json_object_begin(&b, NULL);
    carnet_json_add_text(&b, "error", x->response.error != NULL ? x->response.error : error_of(status));
    carnet_json_add_text(&b, "error_description", reason ? x->err.reason : carnet_rc_text(rc));
    carnet_json_add_text(&b, "request_id", x->identifier);
    carnet_json_object_end(&b);
    if (carnet_json_built(&b, NULL) != CARNET_OK)
        out.len = 0;
    return MHD_create_response_from_buffer(out.len, room, MHD_RESPMEM_MUST_COPY);
}

/* The body's storage goes to libmicrohttpd. */
static struct MHD_Response *
success(carnet_service_exchange *x)
{
    carnet_service_response *r = &x->response;
    struct MHD_Response *m;

    if (r->fixed.len > 0)
        return MHD_create_response_from_buffer(r->fixed.len, (void *)(uintptr_t)r->fixed.ptr, MHD_RESPMEM_PERSISTENT);
    if (x->sheet != NULL) {
        x->sheet->written = r->body.len;
        m = MHD_create_response_from_buffer_with_free_callback_cls(r->body.len, r->body.ptr,
                                                                   carnet_service_sheet_return, x->sheet);
    } else {
        m = MHD_create_response_from_buffer(r->body.len, r->body.ptr, MHD_RESPMEM_MUST_FREE);
    }
    if (m != NULL) {
        x->sheet = NULL;
        r->body = carnet_buf_of(NULL, 0);
    }
    return m;
}

static bool
has(const carnet_service_response *response, const char *name)
{
    for (size_t i = 0; i < response->header_count; i++)
        if (strcmp(response->headers[i].name, name) == 0)
            return true;
    return false;
}

static bool
add_headers(const carnet_service *service, const carnet_service_exchange *x, carnet_rc rc, struct MHD_Response *m)
{
    const carnet_service_response *r = &x->response;
    char allow[64];
    carnet_buf out = carnet_buf_of(allow, sizeof(allow));
    bool ok = MHD_add_response_header(m, "X-Request-Id", x->identifier) == MHD_YES &&
              MHD_add_response_header(m, "X-Content-Type-Options", "nosniff") == MHD_YES;
    const char *type = rc == CARNET_OK && r->content_type != NULL ? r->content_type : "application/json";

    ok = ok && MHD_add_response_header(m, "Content-Type", type) == MHD_YES;
    if (!has(r, "Cache-Control"))
        ok = ok && MHD_add_response_header(m, "Cache-Control", "no-store") == MHD_YES;
    if ((x->status == 429 || x->status == 503) && !has(r, "Retry-After"))
        ok = ok && MHD_add_response_header(m, "Retry-After", x->status == 429 ? "10" : "5") == MHD_YES;
    for (size_t i = 0; i < r->header_count; i++)
        ok = ok && MHD_add_response_header(m, r->headers[i].name, r->headers[i].value) == MHD_YES;
    if (rc == CARNET_E_SERVICE_METHOD) {
        carnet_service_allow(service, x->path, &out);
        carnet_buf_add_byte(&out, 0);
        ok = ok && MHD_add_response_header(m, "Allow", allow) == MHD_YES;
    }
    ok = ok && carnet_service_cross_origin(service, x, m);
    if (x->close)
        ok = ok && MHD_add_response_header(m, "Connection", "close") == MHD_YES;
    return ok;
}

enum MHD_Result
carnet_service_respond(carnet_service *service, carnet_service_connection *c, carnet_rc rc)
{
    carnet_service_exchange *x = c->exchange;
    carnet_service_response *r = &x->response;
    enum MHD_Result result = MHD_NO;
    struct MHD_Response *m;

    x->rc = rc;
    x->status = r->status != 0 ? r->status : rc == CARNET_OK ? 200 : carnet_rc_http(rc);
    (void)pthread_mutex_lock(&service->lock);
    x->close = x->close || c->refused != CARNET_OK || service->draining ||
               c->requests >= service->config.requests_per_connection;
    (void)pthread_mutex_unlock(&service->lock);
    x->sent = rc != CARNET_OK ? 0 : r->fixed.len > 0 ? r->fixed.len : r->body.len;
    m = rc == CARNET_OK ? success(x) : problem(x, rc, x->status);
    if (m == NULL)
        return MHD_NO;
    if (x->head)
        x->sent = 0;
    carnet_service_enter(service, c, CARNET_SERVICE_RESPONSE);
    if (add_headers(service, x, rc, m))
        result = MHD_queue_response(c->mhd, (unsigned)x->status, m);
    MHD_destroy_response(m);
    return result;
}
