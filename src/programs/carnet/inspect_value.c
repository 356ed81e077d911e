/* SPDX-License-Identifier: Apache-2.0 */
/* Values: plain types, dates, images, data elements. */
#include "carnet/doctype.h"
#include "inspect.h"

#include <string.h>

static void
date_done(inspect *in, inspect_node *node)
{
    carnet_time time;

    (void)inspect_date(in, node, &time);
}

const inspect_shape inspect_tdate = { .types = INSPECT_TDATE | INSPECT_TSTR, .done = date_done };
const inspect_shape inspect_full_date = { .types = INSPECT_FULL_DATE | INSPECT_TSTR, .done = date_done };
const inspect_shape inspect_tstr = { .types = INSPECT_TSTR };
const inspect_shape inspect_bstr = { .types = INSPECT_BSTR };
const inspect_shape inspect_uint = { .types = INSPECT_UINT };
const inspect_shape inspect_int = { .types = INSPECT_INT };
const inspect_shape inspect_bool = { .types = INSPECT_BOOL };
const inspect_shape inspect_text_list = { .types = INSPECT_ARRAY, .entry = &inspect_tstr };

bool
inspect_date(inspect *in, inspect_node *node, carnet_time *time)
{
    carnet_str text = { (const char *)node->content.ptr, node->content.len };
    unsigned odd = 0;

    (void)in;
    *time = 0;
    if ((node->kind & (INSPECT_TDATE | INSPECT_FULL_DATE | INSPECT_TSTR)) == 0) {
        return false;
    }
    if (node->kind == INSPECT_TSTR) {
        inspect_odd(node, "a date without its tag");
    }
    if (carnet_time_parse(text, time, &odd, NULL) != CARNET_OK) {
        inspect_odd(node, "this is no date of RFC 3339");
        return false;
    }
    if ((odd & CARNET_TIME_FRACTION) != 0) {
        inspect_odd(node, "a date with a fraction of a second");
    }
    if ((odd & CARNET_TIME_OFFSET) != 0) {
        inspect_odd(node, "a date with an offset other than Z");
    }
    if ((odd & CARNET_TIME_LOWER) != 0) {
        inspect_odd(node, "a date with a lower-case t or z");
    }
    if (node->kind == INSPECT_TDATE && (odd & CARNET_TIME_DATE_ONLY) != 0) {
        inspect_odd(node, "a date alone where date and time are due");
    }
    if (node->kind == INSPECT_FULL_DATE && (odd & CARNET_TIME_DATE_ONLY) == 0) {
        inspect_odd(node, "date and time where a date alone is due");
    }
    return true;
}

/* --- content known by its first bytes --- */

static bool
starts(carnet_span bytes, const char *magic, size_t len)
{
    return bytes.len >= len && memcmp(bytes.ptr, magic, len) == 0;
}

static unsigned
big(carnet_span bytes, size_t at, size_t len)
{
    unsigned value = 0;

    for (size_t i = at; i < at + len; i++) {
        value = value << 8 | (i < bytes.len ? bytes.ptr[i] : 0);
    }
    return value;
}

/** The frame header of a JPEG holds its size: step from marker to marker until it comes. */
static void
jpeg(inspect_node *node, carnet_span bytes)
{
    size_t at = 2;

    while (at + 9 < bytes.len && bytes.ptr[at] == 0xff) {
        uint8_t marker = bytes.ptr[at + 1];
        bool frame = marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;

        if (frame) {
            inspect_note(node, INSPECT_PLAIN, "JPEG, %u x %u pixels%s", big(bytes, at + 7, 2), big(bytes, at + 5, 2),
                         marker == 0xc2 ? ", progressive" : "");
            return;
        }
        at += 2 + big(bytes, at + 2, 2);
    }
    inspect_note(node, INSPECT_PLAIN, "JPEG");
    inspect_odd(node, "a JPEG without a frame header");
}

static void
jpeg_2000(inspect_node *node, carnet_span bytes)
{
    for (size_t at = 12; at + 16 <= bytes.len && at < 256; at++) {
        if (memcmp(bytes.ptr + at, "ihdr", 4) == 0) {
            inspect_note(node, INSPECT_PLAIN, "JPEG 2000, %u x %u pixels", big(bytes, at + 8, 4),
                         big(bytes, at + 4, 4));
            return;
        }
    }
    inspect_note(node, INSPECT_PLAIN, "JPEG 2000");
}

void
inspect_content(inspect_node *node, carnet_span bytes)
{
    if (starts(bytes, "\xff\xd8\xff", 3)) {
        jpeg(node, bytes);
    } else if (starts(bytes, "\0\0\0\x0cjP  ", 8)) {
        jpeg_2000(node, bytes);
    } else if (starts(bytes, "\xff\x4f\xff\x51", 4)) {
        inspect_note(node, INSPECT_PLAIN, "JPEG 2000 codestream, %u x %u pixels", big(bytes, 8, 4), big(bytes, 12, 4));
    } else if (starts(bytes, "\x89PNG\r\n\x1a\n", 8)) {
        inspect_note(node, INSPECT_PLAIN, "PNG, %u x %u pixels", big(bytes, 16, 4), big(bytes, 20, 4));
    } else if (starts(bytes, "GIF8", 4)) {
        inspect_note(node, INSPECT_PLAIN, "GIF");
    } else if (starts(bytes, "RIFF", 4) && bytes.len > 12 && memcmp(bytes.ptr + 8, "WEBP", 4) == 0) {
        inspect_note(node, INSPECT_PLAIN, "WebP");
    } else if (starts(bytes, "%PDF", 4)) {
        inspect_note(node, INSPECT_PLAIN, "PDF");
    } else if (starts(bytes, "\x7f\x61", 2) && bytes.len > 8) {
        inspect_note(node, INSPECT_PLAIN, "biometric template");
    }
}

/* --- data elements --- */

static const inspect_name sexes[] = {
    { 0, "not known" }, { 1, "male" }, { 2, "female" }, { 9, "not specified" }, { 0, NULL }
};
static const inspect_name aamva_credential[] = { { 1, "driver's licence" }, { 2, "identification card" }, { 0, NULL } };

/** Elements whose numbers have a meaning. */
static const struct {
    const char *identifier;
    const inspect_name *names;
} meanings[] = { { "sex", sexes }, { "EDL_credential", aamva_credential } };

static void
name_number(inspect_node *node, carnet_str identifier)
{
    for (size_t i = 0; i < CARNET_COUNT(meanings); i++) {
        const inspect_name *n = meanings[i].names;

        if (!carnet_str_is(identifier, meanings[i].identifier) || node->kind != INSPECT_UINT) {
            continue;
        }
        for (; n->name != NULL; n++) {
            if (n->value == node->integer) {
                inspect_note(node, INSPECT_PLAIN, "%s", n->name);
            }
        }
    }
}

static void
element_dates(inspect *in, inspect_node *node, carnet_str identifier)
{
    carnet_time time;

    if ((node->kind & (INSPECT_TDATE | INSPECT_FULL_DATE)) == 0 || !inspect_date(in, node, &time)) {
        return;
    }
    if (carnet_str_is(identifier, "expiry_date")) {
        time += node->kind == INSPECT_FULL_DATE ? CARNET_TIME_DAY : 0;
        inspect_note(node, time < in->now ? INSPECT_BAD : INSPECT_PLAIN, time < in->now ? "expired %s" : "ends %s",
                     inspect_relative(in, time));
    } else if (carnet_str_is(identifier, "birth_date")) {
        inspect_note(node, INSPECT_PLAIN, "%d years old",
                     carnet_age_on(carnet_date_of_time(time), carnet_date_of_time(in->now)));
    }
}

/** The definition of an element in any of the document types known; the name spaces tell them apart. */
static const carnet_element_definition *
definition_of(carnet_str name_space, carnet_str identifier, bool *known)
{
    const carnet_doctype *d;

    *known = false;
    for (size_t i = 0; (d = carnet_doctype_at(i)) != NULL; i++) {
        const carnet_element_definition *e = carnet_doctype_element(d, name_space, identifier);

        *known = *known || carnet_doctype_name_space(d, name_space) != NULL;
        if (e != NULL) {
            return e;
        }
    }
    return NULL;
}

void
inspect_element(inspect *in, inspect_node *node, carnet_str name_space, carnet_str identifier, carnet_span encoded)
{
    bool known;
    const carnet_element_definition *definition = definition_of(name_space, identifier, &known);
    int age = carnet_age_over(identifier);

    name_number(node, identifier);
    element_dates(in, node, identifier);
    if (age >= 0 && node->kind == INSPECT_BOOL) {
        inspect_note(node, INSPECT_PLAIN, strcmp(node->value, "true") == 0 ? "%d or older" : "younger than %d", age);
    }
    if (definition != NULL && carnet_element_check(definition, encoded, NULL) != CARNET_OK) {
        inspect_odd(node, "%s %s", inspect_safe(identifier, false), carnet_element_type_text(definition->type));
    } else if (definition == NULL && known) {
        inspect_odd(node, "%s is no element of its name space", inspect_safe(identifier, false));
    }
}
