/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of document types from JSON. */
#include "carnet/doctype_file.h"

static const char *const type_names[] = {
    [CARNET_ELEMENT_ANY] = "any",
    [CARNET_ELEMENT_TEXT] = "text",
    [CARNET_ELEMENT_LATIN1] = "latin1",
    [CARNET_ELEMENT_CHOICE] = "choice",
    [CARNET_ELEMENT_ALPHA2] = "alpha-2",
    [CARNET_ELEMENT_ALPHA23] = "alpha-2-or-3",
    [CARNET_ELEMENT_SUBDIVISION] = "subdivision",
    [CARNET_ELEMENT_DIGITS] = "digits",
    [CARNET_ELEMENT_PHONE] = "phone",
    [CARNET_ELEMENT_BOOL] = "bool",
    [CARNET_ELEMENT_UINT] = "uint",
    [CARNET_ELEMENT_UINT_CHOICE] = "uint-choice",
    [CARNET_ELEMENT_FULL_DATE] = "full-date",
    [CARNET_ELEMENT_TDATE] = "tdate",
    [CARNET_ELEMENT_DATE] = "date",
    [CARNET_ELEMENT_BIRTH_DATE] = "birth-date",
    [CARNET_ELEMENT_BYTES] = "bytes",
    [CARNET_ELEMENT_IMAGE] = "image",
    [CARNET_ELEMENT_TEMPLATE] = "template",
    [CARNET_ELEMENT_PRIVILEGES] = "driving-privileges",
    [CARNET_ELEMENT_ALPHA2_LIST] = "alpha-2-list",
    [CARNET_ELEMENT_PLACE] = "place",
};

static const char *const presence_names[] = {
    [CARNET_OPTIONAL] = "optional",
    [CARNET_MANDATORY] = "mandatory",
    [CARNET_RECOMMENDED] = "recommended",
    [CARNET_CONDITIONAL] = "conditional",
};

const char *
carnet_doctype_file_type_name(carnet_element_type type)
{
    return (size_t)type < CARNET_COUNT(type_names) ? type_names[type] : NULL;
}

static carnet_rc
refuse(const carnet_path *path, const char *reason, carnet_err *err)
{
    return carnet_fail_at(err, CARNET_E_DOCTYPE_TABLE, NULL, reason, CARNET_NO_OFFSET, path);
}

/** `count` entries of `size` octets in the storage, aligned for any table; NULL if there is no room. */
static void *
take(carnet_buf *storage, size_t count, size_t size)
{
    size_t align = _Alignof(max_align_t);
    size_t skip = (align - (uintptr_t)(storage->ptr + storage->len) % align) % align;
    void *at = storage->ptr + storage->len + skip;

    if (storage->overflow || storage->cap - storage->len < skip ||
        (storage->cap - storage->len - skip) / size < count) {
        storage->overflow = true;
        return NULL;
    }
    storage->len += skip + count * size;
    return at;
}

/** A text in the storage, with a zero behind it; NULL if there is no room. */
static const char *
keep(carnet_buf *storage, carnet_str text)
{
    size_t at = storage->len;

    carnet_buf_add_str(storage, text);
    carnet_buf_add_byte(storage, 0);
    return storage->overflow ? NULL : (const char *)storage->ptr + at;
}

/** The place of a name in a list of names; `count` if it is not there. */
static size_t
find_name(const char *const *names, size_t count, carnet_str name)
{
    size_t i = 0;

    while (i < count && !carnet_str_is(name, names[i])) {
        i++;
    }
    return i;
}

static bool
has_bar(carnet_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '|') {
            return true;
        }
    }
    return false;
}

/** ["a", "b"], or [1, 2] for numbers, as "a|b". */
static carnet_rc
read_values(const carnet_json *values, bool numbers, const carnet_path *path, carnet_buf *storage, const char **choices,
            carnet_err *err)
{
    carnet_json_type want = numbers ? CARNET_JSON_INTEGER : CARNET_JSON_STRING;
    size_t at = storage->len;

    for (size_t i = 0; i < carnet_json_count(values); i++) {
        const carnet_json *value = carnet_json_at(values, i);
        carnet_path step = { .up = path, .index = i };
        carnet_str text = carnet_json_string(value);

        if (carnet_json_type_of(value) != want || carnet_json_integer(value) < 0) {
            return refuse(&step, numbers ? "this must be a number of 0 or more" : "this must be text", err);
        }
        if (!numbers && (text.len == 0 || has_bar(text))) {
            return refuse(&step, "a value is neither empty nor has a \"|\" in it", err);
        }
        if (i > 0) {
            carnet_buf_add_byte(storage, '|');
        }
        if (numbers) {
            carnet_buf_add_int(storage, carnet_json_integer(value));
        } else {
            carnet_buf_add_str(storage, text);
        }
    }
    carnet_buf_add_byte(storage, 0);
    *choices = storage->overflow ? NULL : (const char *)storage->ptr + at;
    return CARNET_OK;
}

/** "max" and "values": only where the type has them. */
static carnet_rc
read_bounds(const carnet_json *json, const carnet_path *path, carnet_buf *storage, carnet_element_definition *element,
            carnet_err *err)
{
    static const bool bounded[CARNET_ELEMENT_PLACE + 1] = {
        [CARNET_ELEMENT_TEXT] = true,
        [CARNET_ELEMENT_LATIN1] = true,
        [CARNET_ELEMENT_DIGITS] = true,
        [CARNET_ELEMENT_UINT] = true,
    };
    const carnet_json *max = carnet_json_get(json, "max"), *values = carnet_json_get(json, "values");
    bool chosen = element->type == CARNET_ELEMENT_CHOICE || element->type == CARNET_ELEMENT_UINT_CHOICE;
    carnet_path max_path = { .up = path, .name = carnet_str_of("max") };
    carnet_path values_path = { .up = path, .name = carnet_str_of("values") };

    if (max != NULL) {
        if (!bounded[element->type] || carnet_json_integer(max) < 1 || carnet_json_integer(max) > UINT32_MAX) {
            return refuse(&max_path,
                          bounded[element->type] ? "this must be from 1 to 4294967295" : "this type has no bound", err);
        }
        element->max = (uint32_t)carnet_json_integer(max);
    }
    if (chosen != (carnet_json_count(values) > 0)) {
        return refuse(&values_path, chosen ? "a choice needs values" : "this type has no values", err);
    }
    return chosen ? read_values(values, element->type == CARNET_ELEMENT_UINT_CHOICE, &values_path, storage,
                                &element->choices, err)
                  : CARNET_OK;
}

static carnet_rc
read_element(const carnet_json *json, const carnet_path *path, carnet_buf *storage, carnet_element_definition *element,
             carnet_err *err)
{
    static const carnet_json_rule members[] = {
        { "type", CARNET_JSON_STRING, true },   { "presence", CARNET_JSON_STRING, false },
        { "max", CARNET_JSON_INTEGER, false },  { "values", CARNET_JSON_ARRAY, false },
        { "title", CARNET_JSON_STRING, false },
    };
    const carnet_json *presence = carnet_json_get(json, "presence");
    size_t type, how = CARNET_OPTIONAL;
    carnet_rc rc = carnet_json_check(json, members, CARNET_COUNT(members), CARNET_E_DOCTYPE_TABLE, path, err);

    if (rc != CARNET_OK) {
        return rc;
    }
    type = find_name(type_names, CARNET_COUNT(type_names), carnet_json_string(carnet_json_get(json, "type")));
    if (presence != NULL) {
        how = find_name(presence_names, CARNET_COUNT(presence_names), carnet_json_string(presence));
    }
    if (type == CARNET_COUNT(type_names) || how == CARNET_COUNT(presence_names)) {
        carnet_path step = { .up = path, .name = carnet_str_of(type < CARNET_COUNT(type_names) ? "presence" : "type") };

        return refuse(&step, "there is no such word", err);
    }
    element->identifier = keep(storage, path->name);
    element->type = (carnet_element_type)type;
    element->presence = (carnet_presence)how;
    return read_bounds(json, path, storage, element, err);
}

static carnet_rc
read_name_space(const carnet_json *json, const carnet_path *path, carnet_buf *storage,
                carnet_name_space_definition *name_space, carnet_err *err)
{
    static const carnet_json_rule members[] = {
        { "required", CARNET_JSON_BOOL, false },
        { "elements", CARNET_JSON_OBJECT, true },
    };
    const carnet_json *elements = carnet_json_get(json, "elements");
    carnet_path within = { .up = path, .name = carnet_str_of("elements") };
    carnet_element_definition *table;
    carnet_json_member at = { 0 };
    carnet_rc rc = carnet_json_check(json, members, CARNET_COUNT(members), CARNET_E_DOCTYPE_TABLE, path, err);

    if (rc != CARNET_OK) {
        return rc;
    }
    if (carnet_json_count(elements) == 0 || carnet_json_count(elements) > CARNET_DOCTYPE_FILE_ELEMENTS_MAX) {
        return carnet_json_count(elements) == 0
                   ? refuse(&within, "there are no elements", err)
                   : carnet_fail_at(err, CARNET_E_LIMIT, NULL, "there are too many elements", CARNET_NO_OFFSET,
                                    &within);
    }
    table = take(storage, carnet_json_count(elements), sizeof *table);
    *name_space = (carnet_name_space_definition){ .name = keep(storage, path->name),
                                                  .elements = table,
                                                  .required = carnet_json_bool(carnet_json_get(json, "required")) };
    while (table != NULL && rc == CARNET_OK && carnet_json_next(elements, &at)) {
        carnet_path step = { .up = &within, .name = at.name };

        table[name_space->count] = (carnet_element_definition){ 0 };
        rc = at.name.len > 0 ? read_element(at.value, &step, storage, &table[name_space->count++], err)
                             : refuse(&within, "an element has no name", err);
    }
    return rc;
}

static carnet_rc
read_name_spaces(const carnet_json *json, carnet_buf *storage, carnet_doctype *doctype, carnet_err *err)
{
    carnet_path within = { .name = carnet_str_of("nameSpaces") };
    carnet_name_space_definition *table;
    carnet_json_member at = { 0 };
    carnet_rc rc = CARNET_OK;

    if (carnet_json_count(json) == 0 || carnet_json_count(json) > CARNET_DOCTYPE_FILE_NAME_SPACES_MAX) {
        return carnet_json_count(json) == 0
                   ? refuse(&within, "there are no name spaces", err)
                   : carnet_fail_at(err, CARNET_E_LIMIT, NULL, "there are too many name spaces", CARNET_NO_OFFSET,
                                    &within);
    }
    table = take(storage, carnet_json_count(json), sizeof *table);
    doctype->name_spaces = table;
    while (table != NULL && rc == CARNET_OK && carnet_json_next(json, &at)) {
        carnet_path step = { .up = &within, .name = at.name };

        rc = at.name.len > 0 ? read_name_space(at.value, &step, storage, &table[doctype->count++], err)
                             : refuse(&within, "a name space has no name", err);
    }
    return rc;
}

carnet_rc
carnet_doctype_file_read(const carnet_json *json, carnet_buf *storage, carnet_doctype *doctype, carnet_err *err)
{
    static const carnet_json_rule members[] = {
        { "docType", CARNET_JSON_STRING, true },  { "title", CARNET_JSON_STRING, false },
        { "mdl", CARNET_JSON_BOOL, false },       { "nameSpaces", CARNET_JSON_OBJECT, true },
        { "$schema", CARNET_JSON_STRING, false },
    };
    carnet_str doc_type = carnet_json_string(carnet_json_get(json, "docType"));
    carnet_path path = { .name = carnet_str_of("docType") };
    carnet_doctype made = { 0 };
    carnet_rc rc;

    *doctype = made;
    rc = carnet_json_check(json, members, CARNET_COUNT(members), CARNET_E_DOCTYPE_TABLE, NULL, err);
    if (rc == CARNET_OK && doc_type.len == 0) {
        rc = refuse(&path, "the document type has no name", err);
    }
    if (rc == CARNET_OK) {
        made.doc_type = keep(storage, doc_type);
        made.title = keep(storage, carnet_json_string(carnet_json_get(json, "title")));
        made.mdl = carnet_json_bool(carnet_json_get(json, "mdl"));
        rc = read_name_spaces(carnet_json_get(json, "nameSpaces"), storage, &made, err);
    }
    if (rc == CARNET_OK && storage->overflow) {
        rc = carnet_fail(err, CARNET_E_NO_SPACE, NULL, "the table does not fit its storage");
    }
    if (rc == CARNET_OK) {
        *doctype = made;
    }
    return rc;
}
