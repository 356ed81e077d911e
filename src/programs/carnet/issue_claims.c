/* SPDX-License-Identifier: Apache-2.0 */
/* carnet issue: from claims to data elements. */
#include "issue.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define STORAGE_BASE ((size_t)16 << 20) /* names and values, images included */

/** What the claims' reader calls back with. */
typedef struct reading {
    const char *directory; /* files that claims name lie in it */
    bool quiet;
} reading;

/** Whether a step of the path is "..". */
static bool
climbs(const char *name)
{
    for (const char *step = name; step != NULL; step = strchr(step, '/')) {
        step += *step == '/';
        if (strncmp(step, "..", 2) == 0 && (step[2] == '/' || step[2] == '\0')) {
            return true;
        }
    }
    return false;
}

/** The real path of a file within the directory; NULL when it leads out of it, or is not there (errno). */
static char *
path_within(const char *directory, const char *name)
{
    char *base = realpath(directory, NULL);
    bool plain = name[0] != '/' && !climbs(name);
    char *path = base != NULL && plain ? realpath(cli_join(base, name), NULL) : NULL;
    size_t len = base != NULL ? strlen(base) : 0;

    if (!plain) {
        errno = EACCES;
    }
    if (path != NULL && (strncmp(path, base, len) != 0 || (path[len] != '/' && len > 1))) {
        free(path);
        path = NULL;
        errno = EACCES;
    }
    free(base);
    return path;
}

static carnet_rc
read_file(void *self, carnet_str name, carnet_buf *out, carnet_err *err)
{
    const reading *r = self;
    const char *text = (const char *)cli_keep(carnet_str_bytes(name)).ptr;
    char *path = path_within(r->directory, text);
    carnet_span bytes = { 0 };
    char reason[128];

    if (path == NULL || !cli_try_read(path, &bytes)) {
        snprintf(reason, sizeof reason, "%.60s: %s", text,
                 errno == EACCES ? "not readable, or outside the claims' directory (see --files)" : strerror(errno));
        free(path);
        return carnet_fail(err, CARNET_E_LINK_IO, NULL, reason);
    }
    free(path);
    carnet_buf_add(out, bytes);
    return CARNET_OK;
}

static void
note_conversion(void *self, const carnet_element_name *name, const char *what)
{
    const reading *r = self;

    if (!r->quiet) {
        fputs("carnet: ", stderr);
        cli_print_safe(stderr, name->identifier);
        fprintf(stderr, ": %s\n", what);
    }
}

static const char *
directory_of(const char *path)
{
    size_t len = strlen(path) + 1;
    char *copy = cli_alloc(len);

    memcpy(copy, path, len);
    return strcmp(path, "-") == 0 ? "." : dirname(copy);
}

static void
read_elements(const issue_arguments *a, const carnet_doctype *doctype, issue_elements *e)
{
    reading r = { a->files != NULL ? a->files : directory_of(a->claims), a->quiet };
    carnet_claims_options options = {
        .doctype = doctype, .file = read_file, .note = note_conversion, .self = &r, .incomplete = true
    };
    carnet_span text = cli_read(a->claims);
    carnet_buf storage = cli_buf(STORAGE_BASE + 4 * text.len);
    carnet_json *json = NULL;
    carnet_err err = { 0 };

    if (carnet_json_parse((carnet_str){ (const char *)text.ptr, text.len }, &json, &err) != CARNET_OK ||
        carnet_claims_read(json, &options, &storage, e->elements, CARNET_COUNT(e->elements), &e->count, &err) !=
            CARNET_OK) {
        cli_die(a->claims, &err);
    }
    carnet_json_free(&json);
}

typedef struct birth {
    carnet_span date;
} birth;

static const carnet_cbor_field birth_fields[] = {
    CARNET_MEMBER(birth, "birth_date", CARNET_FIELD_ANY, date),
};

/** A full-date, or a map that holds one under birth_date. */
static bool
read_birth_date(carnet_span value, carnet_date *date)
{
    carnet_cbor_reader r = carnet_cbor_open(value);
    birth map = { 0 };

    if (carnet_cbor_peek(&r) == CARNET_CBOR_MAP) {
        carnet_cbor_fields(&r, birth_fields, CARNET_COUNT(birth_fields), &map);
        if (carnet_cbor_end(&r, NULL) != CARNET_OK) {
            return false;
        }
        r = carnet_cbor_open(map.date);
    }
    carnet_cbor_expect_tag(&r, 1004);
    return carnet_date_parse(carnet_cbor_tstr(&r), date, NULL) == CARNET_OK && carnet_cbor_end(&r, NULL) == CARNET_OK;
}

/** The birth date, and the name space it and the ages stand in. */
static carnet_str
find_birth_date(const issue_arguments *a, const carnet_doctype *doctype, const issue_elements *e, carnet_date *date)
{
    carnet_str name_space = { 0 };
    bool found = false;

    for (size_t i = 0; i < e->count && !found; i++) {
        if (carnet_str_is(e->elements[i].identifier, "birth_date")) {
            name_space = e->elements[i].name_space;
            found = read_birth_date(e->elements[i].value, date);
        }
    }
    if (a->birth_date != NULL && carnet_date_parse(carnet_str_of(a->birth_date), date, NULL) == CARNET_OK) {
        found = true;
    } else if (a->birth_date != NULL) {
        cli_usage("\"%s\" is no date: YYYY-MM-DD", a->birth_date);
    }
    if (name_space.len == 0 && doctype != NULL) {
        name_space = carnet_str_of(doctype->name_spaces[0].name);
    }
    if (!found || name_space.len == 0) {
        cli_die_text(a->claims, "there is no birth_date to reckon ages from (--birth-date gives one)");
    }
    return name_space;
}

/** --age-over 18,21: what is true on the first day of validity. */
static void
add_ages(const issue_arguments *a, const carnet_doctype *doctype, carnet_date day, issue_elements *e)
{
    static const uint8_t no = 0xf4, yes = 0xf5;
    carnet_date date = { 0 };
    carnet_str name_space = find_birth_date(a, doctype, e, &date);
    char *list = strdup(a->age_over), *rest = NULL;

    for (char *word = strtok_r(list, ",", &rest); word != NULL; word = strtok_r(NULL, ",", &rest)) {
        int over = (int)cli_number(word, 99, "age");
        char *identifier = cli_alloc(16);

        snprintf(identifier, 16, "age_over_%02d", over);
        if (e->count == CARNET_COUNT(e->elements)) {
            cli_die_text(a->claims, "there are too many data elements");
        }
        e->elements[e->count++] = (carnet_element){ name_space, carnet_str_of(identifier),
                                                    carnet_span_of(carnet_age_on(date, day) >= over ? &yes : &no, 1) };
    }
    free(list);
}

void
issue_read_claims(const issue_arguments *a, const carnet_doctype *doctype, carnet_date day, issue_elements *e)
{
    carnet_err err = { 0 };

    read_elements(a, doctype, e);
    if (a->age_over != NULL) {
        add_ages(a, doctype, day, e);
    }
    if (doctype != NULL && !a->incomplete &&
        carnet_claims_complete(doctype, e->elements, e->count, &err) != CARNET_OK) {
        cli_die(a->claims, &err);
    }
}
