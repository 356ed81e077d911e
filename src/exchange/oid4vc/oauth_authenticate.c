/* SPDX-License-Identifier: Apache-2.0 */
/* The WWW-Authenticate field of protected resources (RFC 9110 11.6.1; RFC 6750 3; RFC 9449 7.1). */
#include "internal.h"

#include <string.h>

static void
add_parameter(const char *name, const char *value, bool *filled, carnet_buf *out)
{
    if (value == NULL || value[0] == '\0')
        return;
    carnet_buf_add_text(out, *filled ? ", " : " ");
    *filled = true;
    carnet_buf_add_text(out, name);
    carnet_buf_add_text(out, "=\"");
    carnet_oauth_description(value, out);
    carnet_buf_add_byte(out, '"');
}

void
carnet_oauth_authenticate_write(const char *scheme, carnet_oauth_error error, const char *description,
                                const char *algorithms, carnet_buf *out)
{
    bool filled = false;

    carnet_buf_add_text(out, scheme);
    add_parameter("error", carnet_oauth_error_name(error), &filled, out);
    add_parameter("error_description", description, &filled, out);
    add_parameter("algs", algorithms, &filled, out);
}

/* --- read --- */

static bool
token_character(char c)
{
    return c > ' ' && c <= '~' && strchr("\"(),/:;<=>?@[\\]{}", c) == NULL;
}

static void
skip(carnet_str text, size_t *at, const char *characters)
{
    while (*at < text.len && text.ptr[*at] != '\0' && strchr(characters, text.ptr[*at]) != NULL)
        (*at)++;
}

static carnet_str
token(carnet_str text, size_t *at)
{
    const size_t start = *at;

    while (*at < text.len && token_character(text.ptr[*at]))
        (*at)++;
    return (carnet_str){ text.ptr + start, *at - start };
}

/* What stands in quotation marks, unescaped into the room. */
static carnet_str
quoted(carnet_str text, size_t *at, carnet_buf *room)
{
    const size_t start = room->len;

    for ((*at)++; *at < text.len && text.ptr[*at] != '"'; (*at)++) {
        if (text.ptr[*at] == '\\' && *at + 1 < text.len)
            (*at)++;
        carnet_buf_add_byte(room, (uint8_t)text.ptr[*at]);
    }
    *at += *at < text.len;
    if (room->overflow)
        return (carnet_str){ 0 };
    return (carnet_str){ (const char *)room->ptr + start, room->len - start };
}

static void
keep(carnet_str name, carnet_str value, carnet_oauth_answer *answer)
{
    if (carnet_oauth_same_letters(name, "error") && answer->name.len == 0)
        answer->name = value;
    else if (carnet_oauth_same_letters(name, "error_description") && answer->description.len == 0)
        answer->description = value;
}

bool
carnet_oauth_authenticate_read(carnet_str header, const char *scheme, carnet_buf *room, carnet_oauth_answer *answer)
{
    bool ours = false;
    size_t at = 0;

    *answer = (carnet_oauth_answer){ 0 };
    while (at < header.len) {
        carnet_str word, value;

        skip(header, &at, " \t,");
        word = token(header, &at);
        skip(header, &at, " \t");
        if (word.len == 0) {
            at++; /* nothing that belongs here: pass it over */
        } else if (at >= header.len || header.ptr[at] != '=') {
            ours = carnet_oauth_same_letters(word, scheme);
        } else {
            skip(header, &at, "= \t");
            value = at < header.len && header.ptr[at] == '"' ? quoted(header, &at, room) : token(header, &at);
            if (ours)
                keep(word, value, answer);
        }
    }
    answer->error = carnet_oauth_error_named(answer->name);
    return answer->name.len != 0;
}
