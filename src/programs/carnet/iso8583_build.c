/* SPDX-License-Identifier: Apache-2.0 */
/* carnet iso8583 build: a message from JSON or from ELEMENT=VALUE. */
#include "carnet/bytes.h"
#include "iso8583.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

unsigned
iso_element(carnet_str text)
{
    unsigned element = 0;

    for (size_t i = 0; i < text.len && text.len <= 3; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9') {
            element = 0;
            break;
        }
        element = element * 10 + (unsigned)(text.ptr[i] - '0');
    }
    if (element < 2 || element >= CARNET_ISO8583_ELEMENTS) {
        cli_usage("\"%.*s\" is no number of a data element", (int)text.len, text.ptr);
    }
    return element;
}

/** "now" in a form that the element has. */
static carnet_str
now_for(const iso_spec *spec, unsigned element)
{
    const carnet_iso8583_field *field = &spec->spec->fields[element];
    char text[CARNET_TIME_TEXT_MAX], digits[20];
    size_t at = 0, from;

    carnet_time_text(cli_now(), text); /* 2026-11-21T00:00:00Z */
    for (size_t i = 0; text[i] != '\0'; i++) {
        if (text[i] >= '0' && text[i] <= '9') {
            digits[at++] = text[i];
        }
    }
    from = field->max == 12 ? 2 : field->max == 10 ? 4 : field->max == 6 ? 8 : 0;
    if (field->max == 4) {
        return cli_keep(carnet_span_of(digits + 4, 4)).ptr != NULL
                   ? carnet_str_of(iso_text((carnet_str){ digits + 4, 4 }))
                   : (carnet_str){ 0 };
    }
    if (field->max != 14 && from == 0) {
        cli_usage("there is no \"now\" for element %u", element);
    }
    return carnet_str_of(iso_text((carnet_str){ digits + from, at - from }));
}

static void
set(carnet_iso8583_builder *b, const iso_spec *spec, unsigned element, carnet_str value)
{
    carnet_iso8583_set_text(b, element, carnet_str_is(value, "now") ? now_for(spec, element) : value);
}

static void
set_member(carnet_iso8583_builder *b, const iso_spec *spec, carnet_str element, const carnet_json *value)
{
    const carnet_json_type type = carnet_json_type_of(value);

    if (type == CARNET_JSON_INTEGER && carnet_json_integer(value) >= 0) {
        carnet_iso8583_set_number(b, iso_element(element), (uint64_t)carnet_json_integer(value));
    } else if (type == CARNET_JSON_STRING) {
        set(b, spec, iso_element(element), carnet_json_string(value));
    } else {
        cli_die_text("JSON", "an element's value is neither a text nor a number");
    }
}

/** What `describe --json --unsafe` prints: a list of {"element", "value"}. */
static void
set_listed(carnet_iso8583_builder *b, const iso_spec *spec, const carnet_json *list)
{
    for (size_t i = 0; i < carnet_json_count(list); i++) {
        const carnet_json *one = carnet_json_at(list, i), *value = carnet_json_get(one, "value");
        const int64_t number = carnet_json_integer(carnet_json_get(one, "element"));
        char text[24];

        if (carnet_json_bool(carnet_json_get(one, "masked")) || value == NULL) {
            cli_die_text("JSON", "a value is masked: describe it with --unsafe");
        }
        snprintf(text, sizeof text, "%lld", (long long)number);
        set_member(b, spec, carnet_str_of(text), value);
    }
}

/** {"mti", "elements": {"2": ...} or a list}; also as the only entry of a list.  True if it was JSON. */
static bool
from_json(carnet_iso8583_builder *b, const iso_spec *spec, carnet_span file)
{
    carnet_json_member member = { 0 };
    carnet_json *document = NULL;
    const carnet_json *top, *elements;
    carnet_err err = { 0 };
    carnet_mti mti;

    if (file.len == 0 || (file.ptr[0] != '{' && file.ptr[0] != '[')) {
        return false;
    }
    if (carnet_json_parse((carnet_str){ (const char *)file.ptr, file.len }, &document, &err) != CARNET_OK) {
        cli_die("JSON", &err);
    }
    top = carnet_json_type_of(document) == CARNET_JSON_ARRAY ? carnet_json_at(document, 0) : document;
    elements = carnet_json_get(top, "elements");
    if (!carnet_mti_read(carnet_json_string(carnet_json_get(top, "mti")), &mti)) {
        cli_die_text("JSON", "there is no mti of four digits");
    }
    carnet_iso8583_builder_init(b, spec->spec, mti);
    if (carnet_json_type_of(elements) == CARNET_JSON_ARRAY) {
        set_listed(b, spec, elements);
    }
    while (carnet_json_type_of(elements) == CARNET_JSON_OBJECT && carnet_json_next(elements, &member)) {
        set_member(b, spec, member.name, member.value);
    }
    return true; /* the builder borrows the document's texts */
}

/** The first input: an indicator, JSON, or a message to begin with; ELEMENT=VALUE after it. */
static void
begin(carnet_iso8583_builder *b, const iso_arguments *a, size_t header, iso_spec *spec)
{
    const char *first = a->input_count > 0 ? a->inputs[0] : "";
    carnet_mti mti;
    carnet_span file = { 0 };

    if (carnet_mti_read(carnet_str_of(first), &mti)) {
        carnet_iso8583_builder_init(b, spec->spec, mti);
        return;
    }
    if (a->input_count > 0 && strlen(first) < 8 && strspn(first, "0123456789") == strlen(first)) {
        cli_usage("\"%s\" is no message type indicator: four digits, such as 0200", first);
    }
    if (a->input_count == 0) {
        cli_usage("which message? an indicator such as 0200, a file of JSON, or a message");
    }
    if (first[0] == '{') {
        file = carnet_str_bytes(carnet_str_of(first));
    } else if (strcmp(first, "-") == 0 || access(first, F_OK) == 0) {
        file = cli_read(first);
    }
    if (!from_json(b, spec, file)) {
        iso_message *messages;
        iso_arguments like = *a; /* how it is read is not how the result is written */

        if (strcmp(first, "-") == 0) {
            cli_die_text("standard input", "this is no JSON");
        }
        like.spec = like.framing = NULL;
        like.header_size = -1;
        (void)iso_messages_of(&like, first, &messages);
        if (messages[0].message == NULL) {
            cli_die_text(iso_called(first), "these are data objects, not a message");
        }
        if (a->spec == NULL) {
            *spec = iso_spec_with_header(messages[0].spec, header);
        }
        carnet_iso8583_builder_init(b, spec->spec, messages[0].message->mti);
        carnet_iso8583_set_all(b, messages[0].message);
    }
}

/** "element 4, Amount, transaction (n 12)", for a complaint; the message itself if it is not about an element. */
static const char *
element_of(const iso_spec *spec, const carnet_err *err)
{
    const unsigned element = iso_element_in(err->path);
    const carnet_iso8583_field *field = &spec->spec->fields[element < CARNET_ISO8583_ELEMENTS ? element : 0];
    char line[128];

    if (element < 2 || element >= CARNET_ISO8583_ELEMENTS || field->type == CARNET_ISO8583_NONE) {
        return "the message";
    }
    snprintf(line, sizeof line, "element %u, %s (%s, %s%u%s)", element,
             carnet_iso8583_element_name(spec->spec, element),
             carnet_iso8583_type_text((carnet_iso8583_type)field->type),
             field->prefix == CARNET_ISO8583_FIXED ? "" : "up to ", field->max,
             field->type == CARNET_ISO8583_B ? " octets" : "");
    return iso_text(carnet_str_of(line));
}

carnet_span
iso_built(const iso_arguments *a, size_t header, iso_spec *spec)
{
    carnet_iso8583_builder *b = cli_alloc(sizeof *b);
    carnet_buf out = cli_buf(65536), octets = cli_buf(CARNET_ISO8583_HEADER_MAX);
    carnet_err err = { 0 };

    *spec = iso_spec_of(a->spec != NULL ? a->spec : "1987");
    if (header == 0 && a->header_size < 0) {
        header = spec->spec->flavour.header;
    }
    *spec = iso_spec_with_header(*spec, header);
    begin(b, a, header, spec);
    if (a->header != NULL && header > 0) {
        (void)carnet_hex_decode(carnet_str_of(a->header), &octets, NULL);
        carnet_iso8583_set_header(b, carnet_buf_span(&octets));
    }
    for (size_t i = 1; i < a->input_count; i++) {
        carnet_str element, value;

        if (!iso_halves(carnet_str_of(a->inputs[i]), &element, &value)) {
            cli_usage("\"%s\" is not ELEMENT=VALUE", a->inputs[i]);
        }
        if (value.len == 0) {
            carnet_iso8583_unset(b, iso_element(element));
        } else {
            set(b, spec, iso_element(element), value);
        }
    }
    if (carnet_iso8583_build(b, &out, &err) != CARNET_OK) {
        cli_die(element_of(spec, &err), &err);
    }
    return carnet_buf_span(&out);
}

/** Octets of the header that is given, or of the size that is. */
static size_t
header_size(const iso_arguments *a)
{
    carnet_buf octets = cli_buf(CARNET_ISO8583_HEADER_MAX + 1);
    carnet_err err = { 0 };

    if (a->header == NULL) {
        return a->header_size > 0 ? (size_t)a->header_size : 0;
    }
    if (carnet_hex_decode(carnet_str_of(a->header), &octets, &err) != CARNET_OK) {
        cli_usage("--header is not hexadecimal");
    }
    return octets.len;
}

int
iso_build(const iso_arguments *a)
{
    carnet_buf framed = cli_buf(66000), hex = cli_buf(140000);
    carnet_span message;
    carnet_err err = { 0 };
    iso_spec spec;

    if (a->framing == NULL) {
        message = iso_built(a, header_size(a), &spec);
    } else {
        carnet_buf header = cli_buf(CARNET_FRAME_HEADER_MAX);
        iso_arguments plain = *a;
        carnet_framing framing;

        plain.framing = NULL;
        plain.header = NULL;
        message = iso_built(&plain, a->header_size > 0 ? (size_t)a->header_size : 0, &spec);
        if (a->header != NULL && carnet_hex_decode(carnet_str_of(a->header), &header, &err) != CARNET_OK) {
            cli_usage("--header is not hexadecimal");
        }
        framing = iso_framing(a->framing);
        if (carnet_frame_add(&framing, carnet_buf_span(&header), message, &framed, &err) != CARNET_OK) {
            cli_die(a->framing, &err);
        }
        message = carnet_buf_span(&framed);
    }
    if (!a->binary) {
        carnet_buf_add_hex(&hex, message);
        carnet_buf_add_byte(&hex, '\n');
        message = carnet_buf_span(&hex);
    }
    cli_write(a->output != NULL ? a->output : "-", message, 0600);
    return CLI_VALID;
}
