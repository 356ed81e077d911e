/* SPDX-License-Identifier: Apache-2.0 */
/* Members of a specification's file, one kind a function; the first failure sticks. */
#include "internal.h"

#include <string.h>

void
carnet_spec_blame(spec_reading *r, const carnet_path *object, const char *member, const char *reason)
{
    const carnet_path path = { .up = object, .name = carnet_str_of(member) };

    if (r->rc == CARNET_OK)
        r->rc = carnet_fail_at(r->err, CARNET_E_ISO8583_FILE, NULL, reason, CARNET_NO_OFFSET,
                               member != NULL ? &path : object);
}

void
carnet_spec_word(spec_reading *r, const carnet_json *object, const carnet_path *path, const char *member, words list,
                 uint8_t *value)
{
    const carnet_json *word = carnet_json_get(object, member);

    if (word != NULL && !carnet_iso8583_word(list, carnet_json_string(word), value))
        carnet_spec_blame(r, path, member, "there is no such word for it");
}

void
carnet_spec_number(spec_reading *r, const carnet_json *object, const carnet_path *path, const char *member, int64_t min,
                   int64_t max, uint64_t *value)
{
    const carnet_json *number = carnet_json_get(object, member);
    const int64_t n = carnet_json_integer(number);

    if (number == NULL)
        return;
    if (n < min || n > max)
        carnet_spec_blame(r, path, member, "the number is too small or too large");
    else
        *value = (uint64_t)n;
}

void
carnet_spec_octet(spec_reading *r, const carnet_json *object, const carnet_path *path, const char *member, uint8_t max,
                  uint8_t *value)
{
    uint64_t number = *value;

    carnet_spec_number(r, object, path, member, 0, max, &number);
    *value = (uint8_t)number;
}

void
carnet_spec_bool(spec_reading *r, const carnet_json *object, const char *member, bool *value)
{
    const carnet_json *given = carnet_json_get(object, member);

    if (r->rc == CARNET_OK && given != NULL)
        *value = carnet_json_bool(given);
}

const char *
carnet_spec_text(spec_reading *r, const carnet_json *object, const char *member)
{
    const carnet_json *value = carnet_json_get(object, member);
    const carnet_str text = carnet_json_string(value);
    char *copy = r->file->texts + r->file->text_len;

    if (value == NULL || r->rc != CARNET_OK)
        return NULL;
    if (text.len >= sizeof r->file->texts - r->file->text_len) {
        r->rc = carnet_fail(r->err, CARNET_E_LIMIT, NULL, "the names are too long");
        return NULL;
    }
    if (text.len > 0)
        memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    r->file->text_len += text.len + 1;
    return copy;
}

/* An object that has no other members than these. */
static bool
sound(spec_reading *r, const carnet_json *object, const carnet_json_rule *rules, size_t count, const carnet_path *path)
{
    if (r->rc == CARNET_OK)
        r->rc = carnet_json_check(object, rules, count, CARNET_E_ISO8583_FILE, path, r->err);
    return r->rc == CARNET_OK;
}

void
carnet_spec_framing(spec_reading *r, const carnet_json *value, const carnet_path *path)
{
    static const carnet_json_rule rules[] = {
        { "length", CARNET_JSON_STRING, true },    { "width", CARNET_JSON_INTEGER, true },
        { "zeros", CARNET_JSON_INTEGER, false },   { "header", CARNET_JSON_INTEGER, false },
        { "trailer", CARNET_JSON_INTEGER, false }, { "inclusive", CARNET_JSON_BOOL, false },
        { "max", CARNET_JSON_INTEGER, false },
    };
    carnet_framing *framing = &r->file->framing;
    uint64_t max = 0;

    r->file->framed = value != NULL;
    if (carnet_json_type_of(value) == CARNET_JSON_STRING) {
        if (!carnet_framing_named(carnet_json_string(value), framing))
            carnet_spec_blame(r, path, NULL, "there is no framing of this name");
        return;
    }
    if (value == NULL || !sound(r, value, rules, CARNET_COUNT(rules), path))
        return;
    carnet_spec_word(r, value, path, "length", WORDS_LENGTH, &framing->length);
    carnet_spec_octet(r, value, path, "width", 6, &framing->width);
    carnet_spec_octet(r, value, path, "zeros", 4, &framing->zeros);
    carnet_spec_octet(r, value, path, "header", CARNET_FRAME_HEADER_MAX, &framing->header);
    framing->trailer_size = carnet_json_get(value, "trailer") != NULL;
    carnet_spec_octet(r, value, path, "trailer", 255, &framing->trailer);
    carnet_spec_bool(r, value, "inclusive", &framing->inclusive);
    carnet_spec_number(r, value, path, "max", 1, CARNET_ISO8583_MAX_LIMIT, &max);
    framing->max = (uint32_t)max;
    if (r->rc == CARNET_OK && !carnet_framing_valid(framing))
        carnet_spec_blame(r, path, NULL, "there can be no such framing");
}

static void
flavour_members(spec_reading *r, const carnet_json *v, const carnet_path *path, carnet_iso8583_flavour *f)
{
    uint8_t fixed = f->fixed_right, variable = f->variable_right, fixed_fill = f->fixed_fill / 15,
            variable_fill = f->variable_fill / 15;
    uint64_t max = f->max;

    carnet_spec_word(r, v, path, "mti", WORDS_ENCODING, &f->mti);
    carnet_spec_word(r, v, path, "number", WORDS_ENCODING, &f->number);
    carnet_spec_word(r, v, path, "text", WORDS_ENCODING, &f->text);
    carnet_spec_word(r, v, path, "track", WORDS_ENCODING, &f->track);
    carnet_spec_word(r, v, path, "binary", WORDS_ENCODING, &f->binary);
    f->variable_binary = carnet_json_get(v, "binary") != NULL ? f->binary : f->variable_binary;
    carnet_spec_word(r, v, path, "variable_binary", WORDS_ENCODING, &f->variable_binary);
    carnet_spec_word(r, v, path, "prefix", WORDS_PREFIX, &f->prefix);
    carnet_spec_octet(r, v, path, "prefix_octets", 1, &f->prefix_octets);
    carnet_spec_word(r, v, path, "number_unit", WORDS_UNIT, &f->number_unit);
    carnet_spec_word(r, v, path, "text_unit", WORDS_UNIT, &f->text_unit);
    carnet_spec_word(r, v, path, "bitmap", WORDS_BITMAP, &f->bitmap);
    carnet_spec_word(r, v, path, "secondary", WORDS_SECONDARY, &f->secondary);
    carnet_spec_word(r, v, path, "tertiary", WORDS_TERTIARY, &f->tertiary);
    carnet_spec_word(r, v, path, "fixed_pad", WORDS_SIDE, &fixed);
    carnet_spec_word(r, v, path, "variable_pad", WORDS_SIDE, &variable);
    carnet_spec_word(r, v, path, "fixed_fill", WORDS_FILL, &fixed_fill);
    carnet_spec_word(r, v, path, "variable_fill", WORDS_FILL, &variable_fill);
    carnet_spec_octet(r, v, path, "header", CARNET_ISO8583_HEADER_MAX, &f->header);
    carnet_spec_number(r, v, path, "max", 1, CARNET_ISO8583_MAX_LIMIT, &max);
    carnet_spec_bool(r, v, "strict", &f->strict);
    carnet_spec_bool(r, v, "currency_number", &f->currency_number);
    f->fixed_right = fixed;
    f->variable_right = variable;
    f->fixed_fill = fixed_fill * 15;
    f->variable_fill = variable_fill * 15;
    f->max = (uint16_t)max;
}

void
carnet_spec_flavour(spec_reading *r, const carnet_json *value, const carnet_path *path, carnet_iso8583_flavour *flavour)
{
    static const carnet_json_rule rules[] = {
        { "base", CARNET_JSON_STRING, false },
        { "mti", CARNET_JSON_STRING, false },
        { "number", CARNET_JSON_STRING, false },
        { "text", CARNET_JSON_STRING, false },
        { "track", CARNET_JSON_STRING, false },
        { "binary", CARNET_JSON_STRING, false },
        { "variable_binary", CARNET_JSON_STRING, false },
        { "prefix", CARNET_JSON_STRING, false },
        { "prefix_octets", CARNET_JSON_INTEGER, false },
        { "number_unit", CARNET_JSON_STRING, false },
        { "text_unit", CARNET_JSON_STRING, false },
        { "bitmap", CARNET_JSON_STRING, false },
        { "secondary", CARNET_JSON_STRING, false },
        { "tertiary", CARNET_JSON_STRING, false },
        { "fixed_pad", CARNET_JSON_STRING, false },
        { "variable_pad", CARNET_JSON_STRING, false },
        { "fixed_fill", CARNET_JSON_STRING, false },
        { "variable_fill", CARNET_JSON_STRING, false },
        { "header", CARNET_JSON_INTEGER, false },
        { "max", CARNET_JSON_INTEGER, false },
        { "strict", CARNET_JSON_BOOL, false },
        { "currency_number", CARNET_JSON_BOOL, false },
    };
    const bool named = carnet_json_type_of(value) == CARNET_JSON_STRING;
    const carnet_json *base = named ? value : carnet_json_get(value, "base");

    if (value == NULL || (!named && !sound(r, value, rules, CARNET_COUNT(rules), path)))
        return;
    if (base != NULL && !carnet_iso8583_flavour_named(carnet_json_string(base), flavour)) {
        carnet_spec_blame(r, path, named ? NULL : "base", "there is no flavour of this name");
        return;
    }
    if (!named)
        flavour_members(r, value, path, flavour);
}
