/* SPDX-License-Identifier: Apache-2.0 */
/* JSON, written (RFC 8259). */
#include "carnet/json_build.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

carnet_json_builder
carnet_json_build(carnet_buf *out)
{
    return (carnet_json_builder){ .out = out };
}

carnet_rc
carnet_json_built(const carnet_json_builder *b, carnet_err *err)
{
    if (b->rc != CARNET_OK)
        return carnet_fail(err, b->rc, "RFC 8259", NULL);
    if (b->out->overflow)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    return b->done ? CARNET_OK : carnet_fail(err, CARNET_E_USAGE, "RFC 8259", "the value is not finished");
}

static void
fail(carnet_json_builder *b, carnet_rc rc)
{
    if (b->rc == CARNET_OK)
        b->rc = rc;
}

static bool
needs_escape(uint8_t c)
{
    return c == '"' || c == '\\' || c < 0x20 || c == 0x7f;
}

static void
add_quoted(carnet_json_builder *b, carnet_str text)
{
    static const char digits[] = "0123456789abcdef";
    size_t plain = 0; /* where what needs none begins */

    if (!carnet_utf8_valid(carnet_str_bytes(text))) {
        fail(b, CARNET_E_JSON_TYPE);
        return;
    }
    carnet_buf_add_byte(b->out, '"');
    for (size_t i = 0; i < text.len; i++) {
        const uint8_t c = (uint8_t)text.ptr[i];

        if (!needs_escape(c))
            continue;
        carnet_buf_add_str(b->out, (carnet_str){ text.ptr + plain, i - plain });
        plain = i + 1;
        if (c == '"' || c == '\\') {
            carnet_buf_add_byte(b->out, '\\');
            carnet_buf_add_byte(b->out, c);
        } else {
            carnet_buf_add_text(b->out, "\\u00");
            carnet_buf_add_byte(b->out, (uint8_t)digits[c >> 4]);
            carnet_buf_add_byte(b->out, (uint8_t)digits[c & 15]);
        }
    }
    if (plain < text.len)
        carnet_buf_add_str(b->out, (carnet_str){ text.ptr + plain, text.len - plain });
    carnet_buf_add_byte(b->out, '"');
}

/* Everything before a value: comma, name; false if none may come here. */
static bool
begin_value(carnet_json_builder *b, const char *name)
{
    const bool inside = b->depth != 0, member = inside && b->object[b->depth - 1];

    if (b->rc == CARNET_OK && ((!inside && b->done) || (name != NULL) != member))
        fail(b, CARNET_E_USAGE);
    if (b->rc != CARNET_OK)
        return false;
    if (inside && b->filled[b->depth - 1])
        carnet_buf_add_byte(b->out, ',');
    if (inside)
        b->filled[b->depth - 1] = true;
    if (member) {
        add_quoted(b, carnet_str_of(name));
        carnet_buf_add_byte(b->out, ':');
    }
    b->done = !inside;
    return b->rc == CARNET_OK;
}

static void
begin_container(carnet_json_builder *b, const char *name, bool object)
{
    if (b->depth == CARNET_JSON_DEPTH)
        fail(b, CARNET_E_JSON_LIMIT);
    if (!begin_value(b, name))
        return;
    carnet_buf_add_byte(b->out, object ? '{' : '[');
    b->object[b->depth] = object;
    b->filled[b->depth] = false;
    b->depth++;
    b->done = false;
}

static void
end_container(carnet_json_builder *b, bool object)
{
    if (b->rc == CARNET_OK && (b->depth == 0 || b->object[b->depth - 1] != object))
        fail(b, CARNET_E_USAGE);
    if (b->rc != CARNET_OK)
        return;
    carnet_buf_add_byte(b->out, object ? '}' : ']');
    b->depth--;
    b->done = b->depth == 0;
}

void
carnet_json_object_begin(carnet_json_builder *b, const char *name)
{
    begin_container(b, name, true);
}

void
carnet_json_object_end(carnet_json_builder *b)
{
    end_container(b, true);
}

void
carnet_json_array_begin(carnet_json_builder *b, const char *name)
{
    begin_container(b, name, false);
}

void
carnet_json_array_end(carnet_json_builder *b)
{
    end_container(b, false);
}

void
carnet_json_add_string(carnet_json_builder *b, const char *name, carnet_str text)
{
    if (begin_value(b, name))
        add_quoted(b, text);
}

void
carnet_json_add_text(carnet_json_builder *b, const char *name, const char *text)
{
    carnet_json_add_string(b, name, carnet_str_of(text));
}

void
carnet_json_add_integer(carnet_json_builder *b, const char *name, int64_t value)
{
    if (begin_value(b, name))
        carnet_buf_add_int(b->out, value);
}

void
carnet_json_add_bool(carnet_json_builder *b, const char *name, bool value)
{
    if (begin_value(b, name))
        carnet_buf_add_text(b->out, value ? "true" : "false");
}

void
carnet_json_add_null(carnet_json_builder *b, const char *name)
{
    if (begin_value(b, name))
        carnet_buf_add_text(b->out, "null");
}

void
carnet_json_add_base64url(carnet_json_builder *b, const char *name, carnet_span bytes)
{
    if (!begin_value(b, name))
        return;
    carnet_buf_add_byte(b->out, '"');
    carnet_base64url_encode(bytes, b->out);
    carnet_buf_add_byte(b->out, '"');
}

void
carnet_json_add_base64(carnet_json_builder *b, const char *name, carnet_span bytes)
{
    if (!begin_value(b, name))
        return;
    carnet_buf_add_byte(b->out, '"');
    carnet_base64_encode(bytes, b->out);
    carnet_buf_add_byte(b->out, '"');
}

void
carnet_json_add_raw(carnet_json_builder *b, const char *name, carnet_str json)
{
    if (json.len == 0)
        fail(b, CARNET_E_USAGE);
    if (begin_value(b, name))
        carnet_buf_add_str(b->out, json);
}

static void
add_real(carnet_json_builder *b, const char *name, double value)
{
    char text[40];

    if (!isfinite(value)) {
        fail(b, CARNET_E_JSON_TYPE);
        return;
    }
    (void)snprintf(text, sizeof(text), "%.17g", value);
    for (char *at = text; *at != '\0'; at++) {
        if (*at == ',') /* a locale's decimal sign */
            *at = '.';
    }
    carnet_json_add_raw(b, name, carnet_str_of(text));
}

/* A member's name as a terminated string; JSON's own may hold zeros, which are refused. */
static const char *
terminated(carnet_json_builder *b, carnet_str name, char room[256])
{
    if (name.len >= 256 || memchr(name.ptr, 0, name.len) != NULL) {
        fail(b, CARNET_E_JSON_LIMIT);
        return "";
    }
    memcpy(room, name.ptr, name.len);
    room[name.len] = '\0';
    return room;
}

static void
add_container(carnet_json_builder *b, const char *name, const carnet_json *value)
{
    const bool object = carnet_json_type_of(value) == CARNET_JSON_OBJECT;
    carnet_json_member member = { 0 };
    char room[256];

    begin_container(b, name, object);
    while (object && b->rc == CARNET_OK && carnet_json_next(value, &member))
        carnet_json_add_value(b, terminated(b, member.name, room), member.value);
    for (size_t i = 0; !object && b->rc == CARNET_OK && i < carnet_json_count(value); i++)
        carnet_json_add_value(b, NULL, carnet_json_at(value, i));
    end_container(b, object);
}

void
carnet_json_add_value(carnet_json_builder *b, const char *name, const carnet_json *value)
{
    switch (carnet_json_type_of(value)) {
    case CARNET_JSON_NONE:
        fail(b, CARNET_E_USAGE);
        break;
    case CARNET_JSON_NULL:
        carnet_json_add_null(b, name);
        break;
    case CARNET_JSON_BOOL:
        carnet_json_add_bool(b, name, carnet_json_bool(value));
        break;
    case CARNET_JSON_INTEGER:
        carnet_json_add_integer(b, name, carnet_json_integer(value));
        break;
    case CARNET_JSON_REAL:
        add_real(b, name, carnet_json_real(value));
        break;
    case CARNET_JSON_STRING:
        carnet_json_add_string(b, name, carnet_json_string(value));
        break;
    case CARNET_JSON_ARRAY:
    case CARNET_JSON_OBJECT:
        add_container(b, name, value); /* no deeper than CARNET_JSON_DEPTH */
        break;
    }
}
