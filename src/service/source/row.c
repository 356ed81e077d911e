/* SPDX-License-Identifier: Apache-2.0 */
/* A row of a table made claims, by the document type's table. */
#include "internal.h"

#include "carnet/json_build.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_MAX_OCTETS = 256, PATH_OCTETS = 4096 };

/* A cell and the element it is of. */
typedef struct named {
    const carnet_source_cell *cell;
    carnet_str name_space, identifier;
    const carnet_element_definition *definition; /* NULL: none known */
} named;

/* Where files are, and which were read. */
typedef struct places {
    const char *folder;        /* NULL: none */
    carnet_source_files *read; /* NULL: it does not matter */
} places;

static carnet_rc
refuse(const named *n, const char *reason, carnet_err *err)
{
    carnet_path outer = { .name = n->name_space }, inner = { .up = &outer, .name = n->identifier };

    return carnet_fail_at(err, CARNET_E_DOCTYPE_ELEMENT, NULL, reason, CARNET_NO_OFFSET, &inner);
}

/* --- which columns --- */

static bool
find_element(const carnet_doctype *doctype, named *n)
{
    const char *slash = memchr(n->cell->column.ptr, '/', n->cell->column.len);

    if (slash != NULL) {
        n->name_space = (carnet_str){ n->cell->column.ptr, (size_t)(slash - n->cell->column.ptr) };
        n->identifier = (carnet_str){ slash + 1, n->cell->column.len - n->name_space.len - 1 };
        n->definition = doctype == NULL ? NULL : carnet_doctype_element(doctype, n->name_space, n->identifier);
        return n->name_space.len != 0 && n->identifier.len != 0;
    }
    n->identifier = n->cell->column;
    for (size_t i = 0; doctype != NULL && i < doctype->count; i++) {
        n->name_space = carnet_str_of(doctype->name_spaces[i].name);
        n->definition = carnet_doctype_element(doctype, n->name_space, n->identifier);
        if (n->definition != NULL)
            return true;
    }
    return false;
}

/* --- values --- */

static carnet_rc
add_bool(carnet_json_builder *b, const char *name, const named *n, carnet_err *err)
{
    static const struct {
        const char *text;
        bool value;
    } words[] = { { "true", true }, { "false", false }, { "1", true },    { "0", false },
                  { "t", true },    { "f", false },     { "TRUE", true }, { "FALSE", false } };

    for (size_t i = 0; i < CARNET_COUNT(words); i++) {
        if (carnet_str_is(n->cell->text, words[i].text)) {
            carnet_json_add_bool(b, name, words[i].value);
            return CARNET_OK;
        }
    }
    return refuse(n, "the cell is neither true nor false", err);
}

static carnet_rc
add_uint(carnet_json_builder *b, const char *name, const named *n, carnet_err *err)
{
    carnet_str text = n->cell->text;
    int64_t value = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9' || text.len > 15)
            return refuse(n, "the cell is no number", err);
        value = 10 * value + (text.ptr[i] - '0');
    }
    carnet_json_add_integer(b, name, value);
    return CARNET_OK;
}

static carnet_rc
add_json(carnet_json_builder *b, const char *name, const named *n, carnet_err *err)
{
    carnet_json *value = NULL;

    if (carnet_json_parse(n->cell->text, &value, NULL) != CARNET_OK)
        return refuse(n, "the cell is no JSON, which this element needs", err);
    carnet_json_add_value(b, name, value);
    carnet_json_free(&value);
    return CARNET_OK;
}

static void
add_octets(carnet_json_builder *b, const char *name, carnet_span octets)
{
    carnet_json_object_begin(b, name);
    carnet_json_add_base64(b, "$base64", octets);
    carnet_json_object_end(b);
}

/* Only a name below the folder: no step up, no way from the root. */
static bool
file_name_good(carnet_str name)
{
    if (name.len == 0 || name.ptr[0] == '/' || name.len > NAME_MAX_OCTETS || memchr(name.ptr, '\0', name.len) != NULL)
        return false;
    for (size_t i = 0; i + 1 < name.len; i++)
        if (name.ptr[i] == '.' && name.ptr[i + 1] == '.' && (i == 0 || name.ptr[i - 1] == '/') &&
            (i + 2 == name.len || name.ptr[i + 2] == '/'))
            return false;
    return true;
}

static carnet_rc
add_file(carnet_json_builder *b, const char *name, const named *n, const places *files, carnet_err *err)
{
    carnet_str file = { n->cell->text.ptr + 5, n->cell->text.len - 5 };
    char path[PATH_OCTETS];
    uint8_t *octets = NULL;
    size_t len = 0;
    carnet_rc rc;
    int written;

    if (files->folder == NULL)
        return refuse(n, "the cell names a file, and there is no folder for files", err);
    if (!file_name_good(file))
        return refuse(n, "the cell names a file outside of the folder for files", err);
    written = snprintf(path, sizeof(path), "%s/%.*s", files->folder, (int)file.len, file.ptr);
    if (written < 0 || (size_t)written >= sizeof(path))
        return refuse(n, "the file's name is too long", err);
    carnet_source_files_note(files->read, path);
    rc = carnet_source_file(path, CARNET_SOURCE_CELL_MAX, &octets, &len, NULL);
    if (rc != CARNET_OK)
        return refuse(n, "the file that the cell names cannot be read", err);
    add_octets(b, name, carnet_span_of(octets, len));
    carnet_wipe(octets, len);
    free(octets);
    return CARNET_OK;
}

static carnet_rc
add_text(carnet_json_builder *b, const char *name, const named *n, carnet_err *err)
{
    if (!carnet_utf8_valid(carnet_str_bytes(n->cell->text)))
        return refuse(n, "the cell is not UTF-8", err);
    carnet_json_add_string(b, name, n->cell->text);
    return CARNET_OK;
}

static carnet_rc
add_value(carnet_json_builder *b, const char *name, const named *n, const places *files, carnet_err *err)
{
    if (n->cell->octets) {
        add_octets(b, name, carnet_str_bytes(n->cell->text));
        return CARNET_OK;
    }
    switch (n->definition == NULL ? CARNET_ELEMENT_TEXT : n->definition->type) {
    case CARNET_ELEMENT_BOOL:
        return add_bool(b, name, n, err);
    case CARNET_ELEMENT_UINT:
    case CARNET_ELEMENT_UINT_CHOICE:
        return add_uint(b, name, n, err);
    case CARNET_ELEMENT_PRIVILEGES:
    case CARNET_ELEMENT_ALPHA2_LIST:
    case CARNET_ELEMENT_PLACE:
    case CARNET_ELEMENT_ANY:
        return add_json(b, name, n, err);
    case CARNET_ELEMENT_BIRTH_DATE:
        if (n->cell->text.ptr[0] == '{')
            return add_json(b, name, n, err);
        return add_text(b, name, n, err);
    case CARNET_ELEMENT_BYTES:
    case CARNET_ELEMENT_IMAGE:
    case CARNET_ELEMENT_TEMPLATE:
        if (carnet_str_starts(n->cell->text, "file:"))
            return add_file(b, name, n, files, err);
        return add_text(b, name, n, err);
    default:
        return add_text(b, name, n, err);
    }
}

static carnet_rc
add_element(carnet_json_builder *b, const named *n, const places *files, carnet_err *err)
{
    char name[NAME_MAX_OCTETS];

    if (n->identifier.len >= sizeof(name))
        return refuse(n, "the column's name is too long", err);
    memcpy(name, n->identifier.ptr, n->identifier.len);
    name[n->identifier.len] = '\0';
    return add_value(b, name, n, files, err);
}

/* --- the row --- */

/* All elements of the name space of the first one that is left; those are taken from the list. */
static carnet_rc
add_name_space(carnet_json_builder *b, named *list, size_t count, size_t first, const places *files, carnet_err *err)
{
    carnet_str name_space = list[first].name_space;
    char name[NAME_MAX_OCTETS];
    carnet_rc rc = CARNET_OK;

    if (name_space.ptr == NULL || name_space.len >= sizeof(name))
        return refuse(&list[first], "the name space is too long", err);
    memcpy(name, name_space.ptr, name_space.len);
    name[name_space.len] = '\0';
    carnet_json_object_begin(b, name);
    for (size_t i = first; i < count && rc == CARNET_OK; i++) {
        if (list[i].cell != NULL && carnet_str_equal(list[i].name_space, name_space)) {
            rc = add_element(b, &list[i], files, err);
            list[i].cell = NULL;
        }
    }
    carnet_json_object_end(b);
    return rc;
}

carnet_rc
carnet_source_row(const carnet_attribute_query *query, const char *files, const carnet_source_cell *cells, size_t count,
                  carnet_source_files *read, carnet_buf *claims, carnet_err *err)
{
    const places from = { .folder = files, .read = read };
    const carnet_doctype *doctype = carnet_doctype_find(query->doc_type);
    named *list = calloc(count == 0 ? 1 : count, sizeof(*list));
    carnet_json_builder b = carnet_json_build(claims);
    carnet_rc rc = CARNET_OK;
    size_t used = 0;

    if (list == NULL)
        return carnet_fail(err, CARNET_E_ISSUING_SOURCE, NULL, "there is no memory");
    for (size_t i = 0; i < count; i++) {
        list[used] = (named){ .cell = &cells[i] };
        if (cells[i].text.len != 0 && find_element(doctype, &list[used]))
            used++;
    }
    carnet_json_object_begin(&b, NULL);
    for (size_t i = 0; i < used && rc == CARNET_OK; i++)
        if (list[i].cell != NULL)
            rc = add_name_space(&b, list, used, i, &from, err);
    carnet_json_object_end(&b);
    free(list);
    return rc != CARNET_OK ? rc : carnet_json_built(&b, err);
}
