/* SPDX-License-Identifier: Apache-2.0 */
/* One request by libcurl, and its answer as it came. */
#include "carnet/fetch_request.h"
#include "internal.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { OCTETS = 1 << 20, TIMEOUT_MS = 30000, FIELD_MAX = 16384 };

struct carnet_fetch_connection {
    CURL *curl;
};

/** Where an answer goes. */
typedef struct answering {
    carnet_buf *header, *body;
    size_t most;
    bool too_long;
} answering;

carnet_fetch_connection *
carnet_fetch_connection_new(void)
{
    carnet_fetch_connection *connection = calloc(1, sizeof *connection);

    carnet_fetch_begin();
    if (connection != NULL) {
        connection->curl = curl_easy_init();
    }
    if (connection != NULL && connection->curl == NULL) {
        free(connection);
        connection = NULL;
    }
    return connection;
}

void
carnet_fetch_connection_free(carnet_fetch_connection *connection)
{
    if (connection != NULL) {
        curl_easy_cleanup(connection->curl);
        free(connection);
    }
}

/* --- what may be asked --- */

static bool
is_loopback(const char *authority)
{
    static const char *const names[] = { "localhost", "127.0.0.1", "[::1]" };

    for (size_t i = 0; i < CARNET_COUNT(names); i++) {
        size_t len = strlen(names[i]);

        if (strncasecmp(authority, names[i], len) == 0 && (authority[len] == '\0' || authority[len] == ':')) {
            return true;
        }
    }
    return false;
}

bool
carnet_fetch_request_allowed(carnet_str uri, const carnet_fetch_limits *limits)
{
    char host[256];

    if (uri.len > CARNET_FETCH_URI_MAX || !carnet_fetch_authority(uri, host, sizeof host)) {
        return false;
    }
    return strncasecmp(uri.ptr, "https:", 6) == 0 || (limits->plain_loopback && is_loopback(host));
}

static bool
is_method(const char *method)
{
    static const char *const methods[] = { "GET", "POST", "PUT", "DELETE" };

    for (size_t i = 0; i < CARNET_COUNT(methods); i++) {
        if (strcmp(method, methods[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool
has_body(const carnet_fetch_request *request)
{
    return strcmp(request->method, "POST") == 0 || strcmp(request->method, "PUT") == 0;
}

/** One line, with a name before its colon. */
static bool
is_field(carnet_str field)
{
    if (field.len == 0 || field.len > FIELD_MAX || field.ptr[0] == ':' || memchr(field.ptr, ':', field.len) == NULL) {
        return false;
    }
    for (size_t i = 0; i < field.len; i++) {
        if ((unsigned char)field.ptr[i] < 0x20 || field.ptr[i] == 0x7f) {
            return false;
        }
    }
    return true;
}

static bool
add_field(struct curl_slist **list, const char *field)
{
    struct curl_slist *longer = curl_slist_append(*list, field);

    if (longer != NULL) {
        *list = longer;
    }
    return longer != NULL;
}

/** The header as curl takes it: none of the fields it would add by itself but Host and the length. */
static carnet_rc
make_fields(const carnet_fetch_request *request, struct curl_slist **list, carnet_err *err)
{
    bool good = add_field(list, "Expect:") && add_field(list, "User-Agent: carnet");
    char *line = malloc(FIELD_MAX + 1);
    bool typed = false;

    for (size_t i = 0; good && line != NULL && i < request->field_count; i++) {
        carnet_str field = request->fields[i];

        if (!is_field(field)) {
            good = false;
            break;
        }
        memcpy(line, field.ptr, field.len);
        line[field.len] = '\0';
        typed = typed || strncasecmp(line, "Content-Type:", 13) == 0;
        good = add_field(list, line);
        carnet_wipe(line, field.len);
    }
    good = good && line != NULL && (typed || add_field(list, "Content-Type:"));
    free(line);
    return good ? CARNET_OK : carnet_fail(err, CARNET_E_USAGE, NULL, "a header field cannot be sent");
}

/* --- what comes --- */

static size_t
take_body(char *ptr, size_t size, size_t count, void *self)
{
    answering *a = self;
    size_t len = size * count;

    if (len > a->most - a->body->len || len > a->body->cap - a->body->len) {
        a->too_long = true;
        return 0;
    }
    carnet_buf_add(a->body, carnet_span_of(ptr, len));
    return len;
}

/** A line of the header; a status line begins another one (100 Continue, a proxy's own answer). */
static size_t
take_header(char *ptr, size_t size, size_t count, void *self)
{
    answering *a = self;
    size_t len = size * count;

    if (len >= 5 && strncasecmp(ptr, "HTTP/", 5) == 0) {
        a->header->len = 0;
        return len;
    }
    if (len > a->header->cap - a->header->len || a->header->len + len > CARNET_FETCH_HEADER_MAX) {
        a->too_long = true;
        return 0;
    }
    carnet_buf_add(a->header, carnet_span_of(ptr, len));
    return len;
}

/** Text that outlives the request. */
static void
set_blob(CURL *curl, CURLoption option, carnet_str text)
{
    struct curl_blob blob = { .len = text.len, .flags = CURL_BLOB_NOCOPY };

    memcpy(&blob.data, &text.ptr, sizeof blob.data);
    curl_easy_setopt(curl, option, &blob);
}

static void
set_target(CURL *curl, const carnet_fetch_request *request, const carnet_fetch_limits *limits, const char *uri)
{
    curl_easy_setopt(curl, CURLOPT_URL, uri);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, limits->plain_loopback ? "http,https" : "https");
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)(limits->timeout_ms > 0 ? limits->timeout_ms : TIMEOUT_MS));
    if (has_body(request)) {
        curl_easy_setopt(curl, CURLOPT_POST, 1L);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.len);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body.len > 0 ? (const char *)request->body.ptr : "");
    } else {
        curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
    }
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
    if (limits->ca != NULL) { /* and no others: not the system's either */
        curl_easy_setopt(curl, CURLOPT_CAINFO, limits->ca);
        curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
    }
    if (limits->certificate != NULL) {
        curl_easy_setopt(curl, CURLOPT_SSLCERT, limits->certificate);
        curl_easy_setopt(curl, CURLOPT_SSLKEY, limits->key);
    }
    if (limits->certificate_text.len > 0) {
        set_blob(curl, CURLOPT_SSLCERT_BLOB, limits->certificate_text);
        set_blob(curl, CURLOPT_SSLKEY_BLOB, limits->key_text);
    }
}

static carnet_rc
perform(CURL *curl, const carnet_fetch_request *request, const carnet_fetch_limits *limits, const char *uri,
        struct curl_slist *fields, carnet_fetch_answer *answer, carnet_err *err)
{
    answering a = { &answer->header, &answer->body, limits->octets > 0 ? limits->octets : OCTETS, false };
    char message[CURL_ERROR_SIZE] = "";
    CURLcode code;
    long status = 0;

    curl_easy_reset(curl);
    carnet_fetch_options(curl, message);
    set_target(curl, request, limits, uri);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, fields);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &a);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &a);
    code = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, NULL);
    if (code != CURLE_OK || status < 200) {
        answer->header.len = answer->body.len = 0;
        return code != CURLE_OK
                   ? carnet_fetch_failure((int)code, a.too_long, message, err)
                   : carnet_fail(err, CARNET_E_LINK_PROTOCOL, NULL, "the server's answer has no final status");
    }
    answer->status = (unsigned)status;
    return CARNET_OK;
}

carnet_rc
carnet_fetch_ask(carnet_fetch_connection *connection, const carnet_fetch_request *request,
                 const carnet_fetch_limits *limits, carnet_fetch_answer *answer, carnet_err *err)
{
    carnet_fetch_connection *used = connection;
    struct curl_slist *fields = NULL;
    char uri[CARNET_FETCH_URI_MAX + 1];
    carnet_rc rc;

    answer->status = 0;
    answer->header.len = answer->body.len = 0;
    if (!carnet_fetch_request_allowed(request->uri, limits) || !is_method(request->method) ||
        request->field_count > CARNET_FETCH_FIELDS_MAX) {
        return carnet_fail(err, CARNET_E_USAGE, NULL, "this request may not be sent: https is required");
    }
    memcpy(uri, request->uri.ptr, request->uri.len);
    uri[request->uri.len] = '\0';
    rc = make_fields(request, &fields, err);
    if (rc == CARNET_OK && used == NULL && (used = carnet_fetch_connection_new()) == NULL) {
        rc = carnet_fail(err, CARNET_E_LINK_IO, NULL, "there is no memory");
    }
    if (rc == CARNET_OK) {
        rc = perform(used->curl, request, limits, uri, fields, answer, err);
    }
    curl_slist_free_all(fields);
    if (connection == NULL) {
        carnet_fetch_connection_free(used);
    }
    return rc;
}

/* --- header fields --- */

static bool
take_line(carnet_str *header, carnet_str *line)
{
    const char *end;

    if (header->len == 0) {
        return false;
    }
    end = memchr(header->ptr, '\n', header->len);
    line->ptr = header->ptr;
    line->len = end != NULL ? (size_t)(end - header->ptr) : header->len;
    header->ptr += line->len + (end != NULL);
    header->len -= line->len + (end != NULL);
    return true;
}

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

bool
carnet_fetch_field(carnet_str header, const char *name, size_t nth, carnet_str *value)
{
    size_t len = strlen(name);
    carnet_str line;

    *value = (carnet_str){ 0 };
    while (take_line(&header, &line)) {
        if (line.len <= len || strncasecmp(line.ptr, name, len) != 0 || line.ptr[len] != ':' || nth-- > 0) {
            continue;
        }
        *value = (carnet_str){ line.ptr + len + 1, line.len - len - 1 };
        for (; value->len > 0 && is_blank(value->ptr[0]); value->ptr++, value->len--) {
        }
        for (; value->len > 0 && is_blank(value->ptr[value->len - 1]); value->len--) {
        }
        return true;
    }
    return false;
}
