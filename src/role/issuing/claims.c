/* SPDX-License-Identifier: Apache-2.0 */
/* Claims in their three forms, element by element. */
#include "internal.h"

#include <string.h>

typedef struct claims {
    carnet_claim_writer writer;
    carnet_element *elements;
    size_t cap, count;
    carnet_str name_space; /**< the last one kept */
} claims;

/** Keep a name in the storage, for JSON goes away before the elements do. */
static carnet_str
keep(carnet_buf *storage, carnet_str text)
{
    size_t at = storage->len;

    carnet_buf_add_str(storage, text);
    return storage->overflow ? (carnet_str){ 0 } : (carnet_str){ (const char *)storage->ptr + at, text.len };
}

static carnet_rc
check_value(claims *c, const carnet_element_definition *definition, carnet_span value)
{
    carnet_err why = { 0 };

    if (definition == NULL || carnet_element_check(definition, value, &why) == CARNET_OK) {
        return CARNET_OK;
    }
    return carnet_claim_refuse(&c->writer, CARNET_E_DOCTYPE_ELEMENT,
                               why.reason[0] != '\0' ? why.reason : carnet_element_type_text(definition->type));
}

static bool
named_already(const claims *c, const carnet_element_name *name)
{
    for (size_t i = 0; i < c->count; i++) {
        if (carnet_str_equal(c->elements[i].name_space, name->name_space) &&
            carnet_str_equal(c->elements[i].identifier, name->identifier)) {
            return true;
        }
    }
    return false;
}

static carnet_rc
add_claim(claims *c, carnet_str name_space, carnet_str identifier, const carnet_json *value)
{
    carnet_claim_writer *w = &c->writer;
    carnet_buf *storage = w->storage;
    const carnet_element_definition *definition;
    carnet_cbor_builder b;
    carnet_span encoded;
    carnet_rc rc;

    if (c->name_space.ptr == NULL || !carnet_str_equal(c->name_space, name_space)) {
        c->name_space = keep(storage, name_space);
    }
    w->name = (carnet_element_name){ c->name_space, keep(storage, identifier) };
    if (storage->overflow || c->count == c->cap) {
        return carnet_claim_refuse(w, CARNET_E_NO_SPACE, "there are more claims than fit");
    }
    if (identifier.len == 0 || name_space.len == 0) {
        return carnet_claim_refuse(w, CARNET_E_DOCTYPE_ELEMENT, "a claim or its name space has no name");
    }
    if (named_already(c, &w->name)) {
        return carnet_claim_refuse(w, CARNET_E_MDOC_ELEMENT_TWICE, "a claim is there twice");
    }
    definition = carnet_doctype_element(w->options->doctype, name_space, identifier);
    b = carnet_cbor_build(storage->ptr + storage->len, storage->cap - storage->len);
    rc = carnet_claim_write(w, definition, value, &b);
    if (rc == CARNET_OK && carnet_cbor_built(&b, &encoded, w->err) != CARNET_OK) {
        rc = carnet_claim_refuse(w, CARNET_E_NO_SPACE, "the value does not fit");
    }
    if (rc == CARNET_OK) {
        rc = check_value(c, definition, encoded);
    }
    if (rc == CARNET_OK) {
        storage->len += encoded.len;
        c->elements[c->count++] = (carnet_element){ w->name.name_space, w->name.identifier, encoded };
    }
    return rc;
}

/** {"identifier": value, ...} */
static carnet_rc
add_object(claims *c, carnet_str name_space, const carnet_json *object)
{
    carnet_json_member member = { 0 };
    carnet_rc rc = CARNET_OK;

    while (rc == CARNET_OK && carnet_json_next(object, &member)) {
        rc = add_claim(c, name_space, member.name, member.value);
    }
    return rc;
}

/** [["identifier", value], ...] */
static carnet_rc
add_pairs(claims *c, carnet_str name_space, const carnet_json *array)
{
    carnet_rc rc = CARNET_OK;

    for (size_t i = 0; rc == CARNET_OK && i < carnet_json_count(array); i++) {
        const carnet_json *pair = carnet_json_at(array, i);

        if (carnet_json_type_of(pair) != CARNET_JSON_ARRAY || carnet_json_count(pair) != 2 ||
            carnet_json_type_of(carnet_json_at(pair, 0)) != CARNET_JSON_STRING) {
            carnet_path ns = { .name = name_space }, entry = { .up = &ns, .index = i };

            return carnet_fail_at(c->writer.err, CARNET_E_JSON_TYPE, NULL, "a claim is not [name, value]",
                                  CARNET_NO_OFFSET, &entry);
        }
        rc = add_claim(c, name_space, carnet_json_string(carnet_json_at(pair, 0)), carnet_json_at(pair, 1));
    }
    return rc;
}

/** Whether a member of the outermost object is a name space: one of the table, or a dotted name of an object or array that
 *  is no element of the name space that claims belong to by default. */
static bool
is_name_space(const carnet_json_member *member, const carnet_doctype *doctype, carnet_str by_default)
{
    carnet_json_type type = carnet_json_type_of(member->value);

    return carnet_doctype_name_space(doctype, member->name) != NULL ||
           ((type == CARNET_JSON_OBJECT || type == CARNET_JSON_ARRAY) &&
            memchr(member->name.ptr, '.', member->name.len) != NULL &&
            carnet_doctype_element(doctype, by_default, member->name) == NULL);
}

static bool
by_name_space(const carnet_json *object, const carnet_doctype *doctype, carnet_str by_default)
{
    carnet_json_member member = { 0 };

    while (carnet_json_next(object, &member)) {
        if (is_name_space(&member, doctype, by_default)) {
            return true;
        }
    }
    return false;
}

static carnet_rc
add_either(claims *c, carnet_str name_space, const carnet_json *value)
{
    switch (carnet_json_type_of(value)) {
    case CARNET_JSON_OBJECT:
        return add_object(c, name_space, value);
    case CARNET_JSON_ARRAY:
        return add_pairs(c, name_space, value);
    default:
        return carnet_fail_at(c->writer.err, CARNET_E_JSON_TYPE, NULL, "claims are an object, or an array of pairs",
                              CARNET_NO_OFFSET, &(carnet_path){ .name = name_space });
    }
}

/** {"name space": claims, ...}; one that is none would be lost among them. */
static carnet_rc
add_name_spaces(claims *c, carnet_str by_default, const carnet_json *object)
{
    carnet_json_member member = { 0 };
    carnet_rc rc = CARNET_OK;

    while (rc == CARNET_OK && carnet_json_next(object, &member)) {
        carnet_path path = { .name = member.name };

        if (!is_name_space(&member, c->writer.options->doctype, by_default)) {
            return carnet_fail_at(c->writer.err, CARNET_E_JSON_TYPE, NULL, "this is no name space, as others here are",
                                  CARNET_NO_OFFSET, &path);
        }
        rc = add_either(c, member.name, member.value);
    }
    return rc;
}

static bool
present(const carnet_element *elements, size_t count, const char *name_space, const char *identifier)
{
    for (size_t i = 0; i < count; i++) {
        if (carnet_str_is(elements[i].name_space, name_space) &&
            (identifier == NULL || carnet_str_is(elements[i].identifier, identifier))) {
            return true;
        }
    }
    return false;
}

/** Whether an element must be there, its name space being in use or not. */
static bool
is_due(const carnet_element_definition *element, bool in_use, const carnet_element *elements, size_t count)
{
    const carnet_element_need *with = &element->needed_with;

    return (in_use && element->presence == CARNET_MANDATORY) ||
           (element->presence == CARNET_CONDITIONAL && with->name_space != NULL &&
            present(elements, count, with->name_space, with->identifier));
}

carnet_rc
carnet_claims_complete(const carnet_doctype *doctype, const carnet_element *elements, size_t count, carnet_err *err)
{
    for (size_t n = 0; n < doctype->count; n++) {
        const carnet_name_space_definition *ns = &doctype->name_spaces[n];
        bool in_use = ns->required || present(elements, count, ns->name, NULL);

        for (size_t e = 0; e < ns->count; e++) {
            const char *identifier = ns->elements[e].identifier;
            carnet_path outer = { .name = carnet_str_of(ns->name) };
            carnet_path inner = { .up = &outer, .name = carnet_str_of(identifier) };

            if (is_due(&ns->elements[e], in_use, elements, count) && !present(elements, count, ns->name, identifier)) {
                return carnet_fail_at(err, CARNET_E_DOCTYPE_MISSING, NULL, NULL, CARNET_NO_OFFSET, &inner);
            }
        }
    }
    return CARNET_OK;
}

carnet_rc
carnet_claims_read(const carnet_json *value, const carnet_claims_options *options, carnet_buf *storage,
                   carnet_element *elements, size_t cap, size_t *count, carnet_err *err)
{
    claims c = { .writer = { .options = options, .storage = storage, .err = err }, .elements = elements, .cap = cap };
    carnet_str name_space = options->name_space;
    size_t before = storage->len;
    carnet_rc rc;

    *count = 0;
    if (name_space.len == 0 && options->doctype != NULL && options->doctype->count > 0) {
        name_space = carnet_str_of(options->doctype->name_spaces[0].name);
    }
    if (carnet_json_type_of(value) == CARNET_JSON_OBJECT && by_name_space(value, options->doctype, name_space)) {
        rc = add_name_spaces(&c, name_space, value);
    } else if (name_space.len == 0) {
        rc = carnet_fail(err, CARNET_E_DOCTYPE_UNKNOWN, NULL,
                         "claims without a name space need a document type's table");
    } else {
        rc = add_either(&c, name_space, value);
    }
    if (rc == CARNET_OK && options->doctype != NULL && !options->incomplete) {
        rc = carnet_claims_complete(options->doctype, elements, c.count, err);
    }
    if (rc == CARNET_OK) {
        *count = c.count;
    } else {
        storage->len = before;
    }
    return rc;
}
