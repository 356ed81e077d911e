/* SPDX-License-Identifier: Apache-2.0 */
/* carnet iso8583: specifications by name. */
#include "carnet/iso8583_file.h"
#include "iso8583.h"

#include <stdlib.h>
#include <string.h>

#define FLAVOURS_MAX 32
#define VERSIONS     3

static carnet_iso8583_spec *made[VERSIONS][FLAVOURS_MAX][2][2][2];
static carnet_iso8583_composite inside_127 = { .kind = CARNET_ISO8583_NESTED };

/** Element 55 as octets: what practice made of it. */
static void
add_icc(carnet_iso8583_spec *spec, const carnet_iso8583_flavour *flavour)
{
    if (spec->fields[55].type != CARNET_ISO8583_B) {
        spec->fields[55] =
            carnet_iso8583_field_of(flavour, CARNET_ISO8583_B, 3, 999, "Integrated circuit card related data");
    }
}

static bool
add_postilion(carnet_iso8583_spec *spec, const carnet_iso8583_flavour *flavour)
{
    if (inside_127.nested == NULL) {
        carnet_iso8583_spec *nested = cli_alloc(sizeof *nested);

        if (carnet_iso8583_spec_postilion_127(nested, NULL) != CARNET_OK) {
            return false;
        }
        inside_127.nested = nested;
    }
    spec->fields[127] = carnet_iso8583_field_of(flavour, CARNET_ISO8583_B, 6, 8192, "Structured data of the switch");
    spec->fields[127].encoding = CARNET_ISO8583_RAW;
    spec->fields[127].composite = &inside_127;
    return true;
}

/** The terminal's name longer than the standard has it, and the additional response data. */
static void
add_base24(carnet_iso8583_spec *spec, const carnet_iso8583_flavour *flavour)
{
    spec->fields[41] = carnet_iso8583_field_of(flavour, CARNET_ISO8583_ANS, 0, 16, spec->fields[41].name);
    spec->fields[44] = carnet_iso8583_field_of(flavour, CARNET_ISO8583_ANS, 2, 99, spec->fields[44].name);
}

static bool
add_exceptions(carnet_iso8583_spec *spec, const iso_choice *choice)
{
    bool good = true;

    for (unsigned i = 0; good && i < choice->exceptions; i++) {
        good = iso_except(spec, &choice->exception[i]);
    }
    return good;
}

static carnet_iso8583_spec *
make(const iso_choice *choice)
{
    carnet_iso8583_spec *spec = cli_alloc(sizeof *spec);
    const char *name = carnet_iso8583_flavour_name(choice->flavour);
    carnet_iso8583_flavour flavour;
    bool good = name != NULL && carnet_iso8583_flavour_named(carnet_str_of(name), &flavour);

    if (choice->changes > 0) {
        flavour = choice->as;
    }
    good = good && carnet_iso8583_spec_init(spec, choice->version, &flavour, NULL) == CARNET_OK;
    if (good && choice->icc) {
        add_icc(spec, &flavour);
    }
    if (good && choice->postilion) {
        good = add_postilion(spec, &flavour);
    }
    if (good && choice->base24) {
        add_base24(spec, &flavour);
    }
    good = good && add_exceptions(spec, choice) && carnet_iso8583_spec_ready(spec, NULL) == CARNET_OK;
    if (!good) {
        free(spec);
        return NULL;
    }
    return spec;
}

const carnet_iso8583_spec *
iso_spec_made(const iso_choice *choice)
{
    carnet_iso8583_spec **place;

    if ((unsigned)choice->version >= VERSIONS || choice->flavour >= FLAVOURS_MAX) {
        return NULL;
    }
    if (choice->exceptions > 0 || choice->changes > 0) {
        return make(choice);
    }
    place = &made[choice->version][choice->flavour][choice->icc][choice->postilion][choice->base24];
    if (*place == NULL) {
        *place = make(choice);
    }
    return *place;
}

void
iso_spec_unmade(const iso_choice *choice, const carnet_iso8583_spec *spec)
{
    if (choice->exceptions > 0 || choice->changes > 0) {
        free((void *)(uintptr_t)spec);
    }
}

const char *
iso_choice_name(const iso_choice *choice)
{
    char text[320];
    carnet_buf out = carnet_buf_of(text, sizeof text);

    carnet_buf_add_text(&out, carnet_iso8583_version_text(choice->version));
    carnet_buf_add_byte(&out, ':');
    carnet_buf_add_text(&out, carnet_iso8583_flavour_name(choice->flavour));
    iso_changes_write(choice, &out);
    carnet_buf_add_text(&out, choice->icc ? "+icc" : "");
    carnet_buf_add_text(&out, choice->postilion ? "+postilion" : "");
    carnet_buf_add_text(&out, choice->base24 ? "+base24" : "");
    for (unsigned i = 0; i < choice->exceptions; i++) {
        iso_exception_write(&choice->exception[i], &out);
    }
    return iso_text(carnet_buf_str(&out));
}

/** A part of a name up to `end`; the rest of the name is left in *name. */
static carnet_str
cut(const char **name, const char *ends)
{
    carnet_str part = { *name, strcspn(*name, ends) };

    *name += part.len;
    return part;
}

static bool
take_version(carnet_str text, carnet_iso8583_version *version)
{
    for (unsigned i = 0; i < VERSIONS; i++) {
        if (carnet_str_is(text, carnet_iso8583_version_text((carnet_iso8583_version)i))) {
            *version = (carnet_iso8583_version)i;
            return true;
        }
    }
    return false;
}

static bool
take_flavour(carnet_str text, size_t *flavour)
{
    for (size_t i = 0; carnet_iso8583_flavour_name(i) != NULL; i++) {
        if (carnet_str_is(text, carnet_iso8583_flavour_name(i))) {
            *flavour = i;
            return true;
        }
    }
    return false;
}

static bool
take_additions(const char *rest, iso_choice *choice)
{
    while (*rest == '+') {
        carnet_str one;

        rest++;
        one = cut(&rest, "+");
        if (carnet_str_is(one, "icc")) {
            choice->icc = true;
        } else if (carnet_str_is(one, "postilion")) {
            choice->postilion = true;
        } else if (carnet_str_is(one, "base24")) {
            choice->base24 = true;
        } else if (choice->exceptions == ISO_EXCEPTIONS_MAX ||
                   !iso_exception_take(one, &choice->exception[choice->exceptions++])) {
            return false;
        }
    }
    return *rest == '\0';
}

static bool
take_changes(const char **rest, iso_choice *choice)
{
    while (**rest == ',') {
        ++*rest;
        if (!iso_change_take(cut(rest, ",+"), choice)) {
            return false;
        }
    }
    return true;
}

/** VERSION[:FLAVOUR][,CHANGE...][+ADDITION...] or without the version. */
static bool
read_choice(const char *name, iso_choice *choice)
{
    carnet_str first = cut(&name, ":,+");

    *choice = (iso_choice){ 0 };
    if (take_version(first, &choice->version)) {
        if (*name == ':') {
            name++;
            if (!take_flavour(cut(&name, ",+"), &choice->flavour)) {
                return false;
            }
        }
    } else if (!take_flavour(first, &choice->flavour)) {
        return false;
    }
    return take_changes(&name, choice) && take_additions(name, choice);
}

/* --- files --- */

static carnet_iso8583_file *file; /* the one that was read, from `file_path` */
static const char *file_path;

/** What has a directory or the ending of JSON in its name. */
static bool
names_file(const char *name)
{
    const size_t len = strlen(name);

    return strchr(name, '/') != NULL || (len > 5 && strcmp(name + len - 5, ".json") == 0);
}

static iso_spec
spec_of_file(const char *path)
{
    carnet_err err = { 0 };

    if (file_path == NULL || strcmp(file_path, path) != 0) {
        const carnet_span text = cli_read(path);

        file = cli_alloc(sizeof *file);
        if (carnet_iso8583_file_read((carnet_str){ (const char *)text.ptr, text.len }, file, &err) != CARNET_OK) {
            cli_die(path, &err);
        }
        file_path = path;
    }
    return (iso_spec){ &file->spec, file->name[0] != '\0' ? file->name : path };
}

/** Every flavour's name, for who wrote none of them. */
static const char *
flavours(void)
{
    char text[256];
    carnet_buf out = carnet_buf_of(text, sizeof text);

    for (size_t i = 0; carnet_iso8583_flavour_name(i) != NULL; i++) {
        carnet_buf_add_text(&out, i > 0 ? ", " : "");
        carnet_buf_add_text(&out, carnet_iso8583_flavour_name(i));
    }
    return iso_text(carnet_buf_str(&out));
}

iso_spec
iso_spec_of(const char *name)
{
    const carnet_iso8583_spec *spec;
    iso_choice choice;

    if (names_file(name)) {
        return spec_of_file(name);
    }
    if (!read_choice(name, &choice)) {
        cli_usage("\"%s\" is no specification: 1987, 1993 or 2003, with a flavour behind a colon such as 1987:bcd "
                  "(%s), or a file whose name ends with .json",
                  name, flavours());
    }
    spec = iso_spec_made(&choice);
    if (spec == NULL) {
        cli_usage("there is no specification \"%s\"", name);
    }
    return (iso_spec){ spec, iso_choice_name(&choice) };
}

iso_spec
iso_spec_with_header(iso_spec spec, size_t size)
{
    carnet_iso8583_spec *copy;
    carnet_err err = { 0 };

    if (size == spec.spec->flavour.header) {
        return spec;
    }
    if (size > CARNET_ISO8583_HEADER_MAX) {
        cli_usage("a header has %d octets at most", CARNET_ISO8583_HEADER_MAX);
    }
    copy = cli_alloc(sizeof *copy);
    *copy = *spec.spec;
    copy->flavour.header = (uint8_t)size;
    if (carnet_iso8583_spec_ready(copy, &err) != CARNET_OK) {
        cli_die(spec.name, &err);
    }
    return (iso_spec){ copy, spec.name };
}

carnet_framing
iso_framing(const char *name)
{
    carnet_framing framing;

    if (strcmp(name, "spec") == 0 && file != NULL && file->framed) {
        return file->framing;
    }
    if (!carnet_framing_named(carnet_str_of(name), &framing)) {
        cli_usage("\"%s\" is no framing: post, nac, bcd, ascii4, vap, base24, ... (carnet-iso8583(1))", name);
    }
    return framing;
}

const char *
iso_framing_or_post(const iso_arguments *a)
{
    if (a->framing != NULL) {
        return a->framing;
    }
    return a->spec != NULL && names_file(a->spec) && iso_spec_of(a->spec).spec != NULL && file->framed ? "spec"
                                                                                                       : "post";
}

const char *
iso_text(carnet_str text)
{
    return (const char *)cli_keep(carnet_str_bytes(text)).ptr;
}

bool
iso_halves(carnet_str text, carnet_str *name, carnet_str *word)
{
    const char *equals = memchr(text.ptr, '=', text.len);

    if (equals == NULL) {
        return false;
    }
    *name = (carnet_str){ text.ptr, (size_t)(equals - text.ptr) };
    *word = (carnet_str){ equals + 1, text.len - name->len - 1 };
    return true;
}
