/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/http_parameters.h"

#include <string.h>

static int
digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static carnet_str
part(carnet_str text, size_t from, size_t to)
{
    return (carnet_str){ text.ptr + from, to - from };
}

/* Where the octet first stands at or after `from`, or the text's end. */
static size_t
find(carnet_str text, size_t from, char c)
{
    while (from < text.len && text.ptr[from] != c)
        from++;
    return from;
}

carnet_rc
carnet_service_percent_decode(carnet_str text, bool form, carnet_buf *out, carnet_err *err)
{
    size_t began = out->len;

    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (c == '%') {
            int high = text.len - i > 2 ? digit(text.ptr[i + 1]) : -1;
            int low = high >= 0 ? digit(text.ptr[i + 2]) : -1;

            if (low < 0)
                return carnet_fail_at(err, CARNET_E_SERVICE_PARAMETER, "RFC 3986 2.1",
                                      "a percent sign is not followed by two hexadecimal digits", i, NULL);
            c = (char)(high << 4 | low);
            i += 2;
        } else if (c == '+' && form)
            c = ' ';
        if (c == '\0')
            return carnet_fail_at(err, CARNET_E_SERVICE_PARAMETER, NULL, "a parameter has a zero in it", i, NULL);
        carnet_buf_add_byte(out, (uint8_t)c);
    }
    if (out->overflow)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    if (!carnet_utf8_valid(carnet_span_of(out->ptr + began, out->len - began)))
        return carnet_fail(err, CARNET_E_SERVICE_PARAMETER, NULL, "a parameter is not UTF-8 text");
    return CARNET_OK;
}

static bool
known(const carnet_service_parameters *parameters, carnet_str name)
{
    for (size_t i = 0; i < parameters->count; i++)
        if (carnet_str_equal(parameters->list[i].name, name))
            return true;
    return false;
}

/* Decode into the room, and view it there. */
static carnet_rc
decoded(carnet_str text, bool form, carnet_buf *room, carnet_str *out, carnet_err *err)
{
    size_t began = room->len;
    carnet_rc rc = carnet_service_percent_decode(text, form, room, err);

    if (rc == CARNET_OK)
        *out = (carnet_str){ (const char *)room->ptr + began, room->len - began };
    return rc;
}

static carnet_rc
add(carnet_str piece, carnet_buf *room, carnet_service_parameters *out, carnet_err *err)
{
    size_t equals = find(piece, 0, '=');
    carnet_service_parameter got = { 0 };
    carnet_rc rc;

    if (out->count == CARNET_SERVICE_PARAMETERS)
        return carnet_fail(err, CARNET_E_LIMIT, NULL, "there are too many parameters");
    if ((rc = decoded(part(piece, 0, equals), true, room, &got.name, err)) != CARNET_OK)
        return rc;
    if (got.name.len == 0)
        return carnet_fail(err, CARNET_E_SERVICE_PARAMETER, NULL, "a parameter has no name");
    if (known(out, got.name))
        return carnet_fail(err, CARNET_E_SERVICE_PARAMETER_TWICE, "RFC 6749 3.1", NULL);
    if (equals < piece.len &&
        (rc = decoded(part(piece, equals + 1, piece.len), true, room, &got.value, err)) != CARNET_OK)
        return rc;
    out->list[out->count++] = got;
    return CARNET_OK;
}

carnet_rc
carnet_service_parameters_read(carnet_str text, carnet_buf *room, carnet_service_parameters *out, carnet_err *err)
{
    carnet_rc rc = CARNET_OK;

    memset(out, 0, sizeof(*out));
    for (size_t at = 0, end; rc == CARNET_OK && at < text.len; at = end + 1) {
        end = find(text, at, '&');
        if (end > at && (rc = add(part(text, at, end), room, out, err)) != CARNET_OK && err != NULL)
            err->offset = at;
    }
    if (rc != CARNET_OK)
        memset(out, 0, sizeof(*out));
    return rc;
}

const carnet_str *
carnet_service_parameter_get(const carnet_service_parameters *parameters, const char *name)
{
    for (size_t i = 0; i < parameters->count; i++)
        if (carnet_str_is(parameters->list[i].name, name))
            return &parameters->list[i].value;
    return NULL;
}

carnet_rc
carnet_service_target_split(carnet_str target, carnet_str *path, carnet_str *query, carnet_err *err)
{
    static const char *const schemes[] = { "http://", "https://" };
    size_t mark;

    *path = *query = (carnet_str){ 0 };
    for (size_t i = 0; i < 2; i++)
        if (carnet_str_starts(target, schemes[i])) {
            size_t slash = find(target, strlen(schemes[i]), '/');

            target = part(target, slash, target.len);
        }
    if (target.len == 0 || target.ptr[0] != '/')
        return carnet_fail(err, CARNET_E_SERVICE_REQUEST, "RFC 9112 3.2", "the request's target is not a path");
    for (size_t i = 0; i < target.len; i++)
        if ((unsigned char)target.ptr[i] <= ' ' || target.ptr[i] == 0x7f || target.ptr[i] == '#')
            return carnet_fail_at(err, CARNET_E_SERVICE_REQUEST, "RFC 9112 3.2",
                                  "the request's target has an octet that does not belong there", i, NULL);
    mark = find(target, 0, '?');
    *path = part(target, 0, mark);
    if (mark < target.len)
        *query = part(target, mark + 1, target.len);
    return CARNET_OK;
}

/* Step over one segment: both begin at a slash.  False when there is none. */
static bool
segment(carnet_str text, size_t *at, carnet_str *out)
{
    size_t end;

    if (*at >= text.len || text.ptr[*at] != '/')
        return false;
    end = find(text, *at + 1, '/');
    *out = part(text, *at + 1, end);
    *at = end;
    return true;
}

static bool
is_parameter(carnet_str segment)
{
    return segment.len > 2 && segment.ptr[0] == '{' && segment.ptr[segment.len - 1] == '}';
}

bool
carnet_service_path_matches(const char *pattern, carnet_str path)
{
    carnet_str p = carnet_str_of(pattern), wanted, got;
    size_t i = 0, k = 0;

    while (segment(p, &i, &wanted)) {
        if (!segment(path, &k, &got))
            return false;
        if (is_parameter(wanted) ? got.len == 0 : !carnet_str_equal(wanted, got))
            return false;
    }
    return k == path.len && path.len > 0;
}

static bool
hides(carnet_str value)
{
    return find(value, 0, '/') < value.len || find(value, 0, '\\') < value.len || carnet_str_is(value, ".") ||
           carnet_str_is(value, "..");
}

carnet_rc
carnet_service_path_read(const char *pattern, carnet_str path, carnet_buf *room, carnet_service_parameters *out,
                         carnet_err *err)
{
    carnet_str p = carnet_str_of(pattern), wanted, got;
    size_t i = 0, k = 0;
    carnet_rc rc = CARNET_OK;

    memset(out, 0, sizeof(*out));
    while (rc == CARNET_OK && segment(p, &i, &wanted) && segment(path, &k, &got)) {
        carnet_service_parameter *next = &out->list[out->count];

        if (!is_parameter(wanted))
            continue;
        if (out->count == CARNET_SERVICE_PARAMETERS)
            rc = carnet_fail(err, CARNET_E_LIMIT, NULL, "there are too many parameters");
        else if ((rc = decoded(got, false, room, &next->value, err)) == CARNET_OK && hides(next->value))
            rc = carnet_fail(err, CARNET_E_SERVICE_PARAMETER, "RFC 3986 2.2",
                             "a segment of the path hides another path");
        if (rc == CARNET_OK) {
            next->name = part(wanted, 1, wanted.len - 1);
            out->count++;
        }
    }
    if (rc != CARNET_OK)
        memset(out, 0, sizeof(*out));
    return rc;
}
