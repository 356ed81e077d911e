/* SPDX-License-Identifier: Apache-2.0 */
/* An HTTP service as attribute source. */
#include "internal.h"

#include "carnet/fetch_request.h"
#include "carnet/json_build.h"

#include <stdlib.h>
#include <string.h>

enum { TIMEOUT_MS = 5000, HEADER_OCTETS = 4096, TOKEN_MAX = 1024, BODY_MAX = 2048 };

typedef struct http {
    carnet_http_source_config config;
} http;

static carnet_rc
unavailable(const char *reason, carnet_err *err)
{
    return carnet_fail(err, CARNET_E_ISSUING_SOURCE, NULL, reason);
}

static void
add_encoded(carnet_buf *out, carnet_str text)
{
    static const char digits[] = "0123456789ABCDEF";

    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];

        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
            (c != '\0' && strchr("-._~", c) != NULL)) {
            carnet_buf_add_byte(out, c);
        } else {
            carnet_buf_add_byte(out, '%');
            carnet_buf_add_byte(out, (uint8_t)digits[c >> 4]);
            carnet_buf_add_byte(out, (uint8_t)digits[c & 15]);
        }
    }
}

/* The URL with what is asked filled in. */
static void
fill_in(const char *url, const carnet_attribute_query *query, carnet_buf *out)
{
    const struct {
        const char *mark;
        carnet_str value;
    } marks[] = { { "{subject}", query->subject },
                  { "{configuration}", query->configuration },
                  { "{doctype}", query->doc_type } };
    size_t i;

    while (*url != '\0') {
        for (i = 0; i < CARNET_COUNT(marks); i++)
            if (strncmp(url, marks[i].mark, strlen(marks[i].mark)) == 0)
                break;
        if (i < CARNET_COUNT(marks)) {
            add_encoded(out, marks[i].value);
            url += strlen(marks[i].mark);
        } else {
            carnet_buf_add_byte(out, (uint8_t)*url++);
        }
    }
}

static carnet_rc
make_body(const carnet_attribute_query *query, carnet_buf *out, carnet_err *err)
{
    carnet_json_builder b = carnet_json_build(out);

    carnet_json_object_begin(&b, NULL);
    carnet_json_add_string(&b, "subject", query->subject);
    carnet_json_add_string(&b, "configuration", query->configuration);
    carnet_json_add_string(&b, "doctype", query->doc_type);
    carnet_json_object_end(&b);
    return carnet_json_built(&b, err);
}

/* "Authorization: Bearer ..." of the first line of the file. */
static carnet_rc
make_authorization(const char *path, carnet_buf *out, carnet_err *err)
{
    uint8_t *octets = NULL;
    size_t len = 0, end = 0;
    carnet_rc rc = carnet_source_file(path, TOKEN_MAX, &octets, &len, err);

    if (rc != CARNET_OK)
        return unavailable("the file of the service's token cannot be read", err);
    while (end < len && octets[end] != '\n' && octets[end] != '\r')
        end++;
    carnet_buf_add_text(out, "Authorization: Bearer ");
    carnet_buf_add(out, carnet_span_of(octets, end));
    carnet_wipe(octets, len);
    free(octets);
    return out->overflow ? unavailable("the service's token is too long", err) : CARNET_OK;
}

/* The answer's body must be an object; it is taken as it is. */
static carnet_rc
take_claims(const carnet_fetch_answer *answer, carnet_buf *claims, carnet_err *err)
{
    carnet_json *document = NULL;
    bool object = carnet_json_parse(carnet_buf_str(&answer->body), &document, NULL) == CARNET_OK &&
                  carnet_json_type_of(document) == CARNET_JSON_OBJECT;

    carnet_json_free(&document);
    if (!object)
        return unavailable("the service's answer is no JSON object", err);
    carnet_buf_add(claims, carnet_buf_span(&answer->body));
    return CARNET_OK;
}

static carnet_rc
judge(const carnet_fetch_answer *answer, carnet_buf *claims, carnet_err *err)
{
    switch (answer->status) {
    case 200:
        return take_claims(answer, claims, err);
    case 202:
        return carnet_fail(err, CARNET_E_ISSUING_NOT_YET, NULL, NULL);
    case 404:
    case 410:
        return carnet_fail(err, CARNET_E_ISSUING_SUBJECT, NULL, NULL);
    default:
        return unavailable("the service answered with an error", err);
    }
}

static carnet_rc
ask(const http *h, const carnet_attribute_query *query, carnet_fetch_answer *answer, carnet_buf *authorization,
    carnet_err *err)
{
    char url[CARNET_FETCH_URI_MAX], body[BODY_MAX];
    carnet_buf url_buf = carnet_buf_of(url, sizeof(url)), body_buf = carnet_buf_of(body, sizeof(body));
    carnet_str fields[3] = { carnet_str_of("Accept: application/json") };
    carnet_fetch_request request = { .method = h->config.post ? "POST" : "GET", .fields = fields, .field_count = 1 };
    const carnet_fetch_limits limits = { .octets = CARNET_SOURCE_CLAIMS_MAX,
                                         .timeout_ms = (int)h->config.timeout_ms,
                                         .ca = h->config.ca,
                                         .certificate = h->config.certificate,
                                         .key = h->config.certificate_key,
                                         .plain_loopback = h->config.plain_loopback };

    fill_in(h->config.url, query, &url_buf);
    if (h->config.post && make_body(query, &body_buf, err) != CARNET_OK)
        return unavailable("the question does not fit", err);
    if (url_buf.overflow)
        return unavailable("the service's URL is too long", err);
    if (h->config.post)
        fields[request.field_count++] = carnet_str_of("Content-Type: application/json");
    if (authorization->len != 0)
        fields[request.field_count++] = carnet_buf_str(authorization);
    request.uri = carnet_buf_str(&url_buf);
    request.body = carnet_buf_span(&body_buf);
    if (carnet_fetch_ask(NULL, &request, &limits, answer, err) != CARNET_OK)
        return unavailable("the service cannot be reached", err);
    return CARNET_OK;
}

static carnet_rc
http_find(carnet_attribute_source *source, const carnet_attribute_query *query, carnet_buf *claims, carnet_err *err)
{
    enum { ROOM = CARNET_SOURCE_CLAIMS_MAX + HEADER_OCTETS * 8 };
    const http *h = source->state;
    char token[TOKEN_MAX + 64];
    carnet_buf authorization = carnet_buf_of(token, sizeof(token));
    uint8_t *room = malloc(ROOM);
    carnet_fetch_answer answer = { 0 };
    carnet_rc rc = room == NULL ? unavailable("there is no memory", err) : CARNET_OK;

    answer.header = carnet_buf_of(room, (size_t)HEADER_OCTETS * 8);
    answer.body = carnet_buf_of(room == NULL ? NULL : room + (size_t)HEADER_OCTETS * 8, CARNET_SOURCE_CLAIMS_MAX);
    if (rc == CARNET_OK && h->config.bearer_file != NULL)
        rc = make_authorization(h->config.bearer_file, &authorization, err);
    if (rc == CARNET_OK)
        rc = ask(h, query, &answer, &authorization, err);
    if (rc == CARNET_OK)
        rc = judge(&answer, claims, err);
    carnet_wipe(token, sizeof(token));
    if (room != NULL)
        carnet_wipe(answer.body.ptr, answer.body.len);
    free(room);
    return rc;
}

static void
http_done(carnet_attribute_source *source)
{
    free(source->state);
}

static const carnet_attribute_source_ops http_ops = {
    .size = sizeof(http_ops), .kind = "http", .find = http_find, .done = http_done
};

carnet_rc
carnet_http_source_open(const carnet_http_source_config *config, carnet_attribute_source *source, carnet_err *err)
{
    const carnet_fetch_limits limits = { .plain_loopback = config->plain_loopback };
    const carnet_attribute_query sample = { { "a", 1 }, { "a", 1 }, { "a", 1 } };
    char url[CARNET_FETCH_URI_MAX];
    carnet_buf buf = carnet_buf_of(url, sizeof(url));
    http *h;

    *source = (carnet_attribute_source){ 0 };
    fill_in(config->url, &sample, &buf);
    if (buf.overflow || !carnet_fetch_request_allowed(carnet_buf_str(&buf), &limits))
        return unavailable("the service's URL is not one of https", err);
    h = malloc(sizeof(*h));
    if (h == NULL)
        return unavailable("there is no memory", err);
    h->config = *config;
    if (h->config.timeout_ms == 0)
        h->config.timeout_ms = TIMEOUT_MS;
    *source = (carnet_attribute_source){ .ops = &http_ops, .state = h };
    return CARNET_OK;
}
