/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/relay.h"
#include "carnet/json.h"

/* Fields of the connection, which each hop sets for itself, and those that carry a browser's state. */
static const char *const hop[] = { "host",   "content-length", "connection", "transfer-encoding",
                                   "te",     "trailer",        "upgrade",    "keep-alive",
                                   "cookie", "set-cookie",     "forwarded",  "expect",
                                   "via",    "x-forwarded-for" };

static bool
is_token(carnet_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        const char c = text.ptr[i];
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

        if (!letter && c != '-' && c != '_')
            return false;
    }
    return text.len != 0 && text.len <= 64;
}

static bool
is_value(carnet_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] < 0x20 || (unsigned char)text.ptr[i] > 0x7e)
            return false;
    return text.len <= 65536;
}

static char
lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool
same_name(carnet_str name, const char *other)
{
    for (size_t i = 0; i < name.len; i++)
        if (other[i] == '\0' || lower(name.ptr[i]) != lower(other[i]))
            return false;
    return other[name.len] == '\0';
}

static bool
is_hop(carnet_str name)
{
    for (size_t i = 0; i < sizeof(hop) / sizeof(hop[0]); i++)
        if (same_name(name, hop[i]))
            return true;
    return false;
}

static bool
is_uri(carnet_str text)
{
    carnet_str rest = text;
    size_t host = 0;

    if (carnet_str_starts(text, "https://"))
        rest = (carnet_str){ .ptr = text.ptr + 8, .len = text.len - 8 };
    else if (carnet_str_starts(text, "http://"))
        rest = (carnet_str){ .ptr = text.ptr + 7, .len = text.len - 7 };
    else
        return false;
    while (host < rest.len && rest.ptr[host] != '/' && rest.ptr[host] != '?')
        host++;
    for (size_t i = 0; i < rest.len; i++) {
        const unsigned char c = (unsigned char)rest.ptr[i];

        if (c <= 0x20 || c > 0x7e || c == '#' || c == '\\' || (i < host && c == '@'))
            return false;
    }
    return host != 0 && text.len <= 2048;
}

carnet_str
carnet_relay_get(const carnet_relay *relay, const char *name)
{
    for (size_t i = 0; i < relay->field_count; i++)
        if (same_name(relay->fields[i].name, name))
            return relay->fields[i].value;
    return (carnet_str){ 0 };
}

carnet_rc
carnet_relay_add(carnet_relay *relay, carnet_str name, carnet_str value, carnet_err *err)
{
    if (relay->field_count == CARNET_RELAY_FIELDS)
        return carnet_fail(err, CARNET_E_LIMIT, NULL, "there are too many header fields");
    relay->fields[relay->field_count++] = (carnet_relay_field){ .name = name, .value = value };
    return CARNET_OK;
}

carnet_rc
carnet_relay_write(const carnet_relay *relay, carnet_buf *out, carnet_err *err)
{
    carnet_json_builder b = carnet_json_build(out);
    char name[65];

    carnet_json_object_begin(&b, NULL);
    if (relay->status == 0) {
        carnet_json_add_string(&b, "method", relay->method);
        carnet_json_add_string(&b, "uri", relay->uri);
    } else {
        carnet_json_add_integer(&b, "status", relay->status);
    }
    carnet_json_object_begin(&b, "header");
    for (size_t i = 0; i < relay->field_count; i++) {
        carnet_buf text = carnet_buf_of(name, sizeof(name));

        carnet_buf_add_str(&text, relay->fields[i].name);
        carnet_buf_add_byte(&text, 0);
        if (text.overflow || !is_token(relay->fields[i].name))
            return carnet_fail(err, CARNET_E_APP_RELAY, NULL, "a header field has no such name");
        carnet_json_add_string(&b, name, relay->fields[i].value);
    }
    carnet_json_object_end(&b);
    if (relay->body.len != 0)
        carnet_json_add_string(&b, "body", relay->body);
    carnet_json_object_end(&b);
    return carnet_json_built(&b, err);
}

static carnet_rc
read_fields(const carnet_json *header, carnet_relay *relay, carnet_err *err)
{
    carnet_json_member member = { 0 };
    carnet_rc rc = CARNET_OK;

    while (rc == CARNET_OK && carnet_json_next(header, &member)) {
        const carnet_str value = carnet_json_string(member.value);

        if (!is_token(member.name) || is_hop(member.name) || !is_value(value) ||
            carnet_json_type_of(member.value) != CARNET_JSON_STRING)
            rc = carnet_fail(err, CARNET_E_APP_RELAY, "RFC 9110 5", "a header field that cannot be passed on");
        else
            rc = carnet_relay_add(relay, member.name, value, err);
    }
    return rc;
}

static carnet_rc
read(carnet_str text, const carnet_json_rule *rules, size_t count, carnet_relay *relay, carnet_err *err)
{
    carnet_rc rc;

    *relay = (carnet_relay){ 0 };
    if ((rc = carnet_json_parse(text, &relay->json, err)) != CARNET_OK)
        return rc;
    rc = carnet_json_check(relay->json, rules, count, CARNET_E_APP_RELAY, NULL, err);
    if (rc == CARNET_OK)
        rc = read_fields(carnet_json_get(relay->json, "header"), relay, err);
    relay->body = carnet_json_string(carnet_json_get(relay->json, "body"));
    if (rc == CARNET_OK && relay->body.len > CARNET_RELAY_MAX)
        rc = carnet_fail(err, CARNET_E_LIMIT, NULL, "the body is longer than is passed on");
    if (rc != CARNET_OK)
        carnet_relay_close(relay);
    return rc;
}

carnet_rc
carnet_relay_read_request(carnet_str text, carnet_relay *relay, carnet_err *err)
{
    static const carnet_json_rule rules[] = { { "method", CARNET_JSON_STRING, true },
                                              { "uri", CARNET_JSON_STRING, true },
                                              { "header", CARNET_JSON_OBJECT, false },
                                              { "body", CARNET_JSON_STRING, false } };
    carnet_rc rc = read(text, rules, sizeof(rules) / sizeof(rules[0]), relay, err);

    if (rc != CARNET_OK)
        return rc;
    relay->method = carnet_json_string(carnet_json_get(relay->json, "method"));
    relay->uri = carnet_json_string(carnet_json_get(relay->json, "uri"));
    if ((carnet_str_is(relay->method, "GET") && relay->body.len == 0) || carnet_str_is(relay->method, "POST"))
        rc = is_uri(relay->uri) ? CARNET_OK
                                : carnet_fail(err, CARNET_E_APP_RELAY, NULL, "the URI cannot be asked for another");
    else
        rc = carnet_fail(err, CARNET_E_APP_RELAY, NULL, "the method is neither POST nor a GET without body");
    if (rc != CARNET_OK)
        carnet_relay_close(relay);
    return rc;
}

carnet_rc
carnet_relay_read_answer(carnet_str text, carnet_relay *relay, carnet_err *err)
{
    static const carnet_json_rule rules[] = { { "status", CARNET_JSON_INTEGER, true },
                                              { "header", CARNET_JSON_OBJECT, false },
                                              { "body", CARNET_JSON_STRING, false } };
    int64_t status;
    carnet_rc rc = read(text, rules, sizeof(rules) / sizeof(rules[0]), relay, err);

    if (rc != CARNET_OK)
        return rc;
    status = carnet_json_integer(carnet_json_get(relay->json, "status"));
    if (status < 200 || status > 599) {
        carnet_relay_close(relay);
        return carnet_fail(err, CARNET_E_APP_RELAY, NULL, "the answer has no status of HTTP");
    }
    relay->status = (unsigned)status;
    return CARNET_OK;
}

void
carnet_relay_close(carnet_relay *relay)
{
    carnet_json_free(&relay->json);
    *relay = (carnet_relay){ 0 };
}
