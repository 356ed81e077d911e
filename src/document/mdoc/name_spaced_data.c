/* SPDX-License-Identifier: Apache-2.0 */
/* NameSpacedData: element values on their own (23220-3 8.1.1). */
#include "internal.h"

#include "carnet/issuer_signed_dehydrated.h"

#define CLAUSE "23220-3 8.1.1"

typedef struct members {
    carnet_str data_identifier;
    carnet_span name_spaces[3], access_control;
} members;

static const carnet_cbor_field data_fields[] = {
    CARNET_MEMBER_OPTIONAL(members, "dataIdentifier", CARNET_FIELD_TSTR, data_identifier),
    CARNET_MEMBER_OPTIONAL(members, "namespaces", CARNET_FIELD_MAP, name_spaces[0]),
    CARNET_MEMBER_OPTIONAL(members, "nameSpaces", CARNET_FIELD_MAP, name_spaces[1]),
    CARNET_MEMBER_OPTIONAL(members, "provisionedData", CARNET_FIELD_MAP, name_spaces[2]),
    CARNET_MEMBER_OPTIONAL(members, "accessControlProfiles", CARNET_FIELD_ANY, access_control),
};

static const carnet_cbor_field element_fields[] = {
    CARNET_MEMBER(carnet_element, "name", CARNET_FIELD_TSTR, identifier),
    CARNET_MEMBER(carnet_element, "value", CARNET_FIELD_ANY, value),
};

size_t
carnet_one_name_of(carnet_cbor_reader *r, const carnet_span *spans, size_t count, const char *clause)
{
    size_t i, found = count;

    for (i = 0; i < count; i++) {
        if (spans[i].ptr == NULL)
            continue;
        if (found != count)
            carnet_cbor_refuse(r, CARNET_E_CBOR_KEY_TWICE, spans[i].ptr, clause, "a member is there under two names");
        found = i;
    }
    return found;
}

/* An element of this name stands before the entry at `end` in the array whose entries start at `r`. */
static bool
came_before(carnet_cbor_reader r, const uint8_t *end, carnet_str name)
{
    carnet_element element;

    while (r.rc == CARNET_OK && r.at < end) {
        element = (carnet_element){ 0 };
        carnet_cbor_fields(&r, element_fields, CARNET_COUNT(element_fields), &element);
        if (carnet_str_equal(element.identifier, name))
            return true;
    }
    return false;
}

static void
elements_read(carnet_cbor_reader *r, carnet_name_spaced_data *view)
{
    carnet_path step = { .up = r->path };
    const carnet_path *outer = r->path;
    carnet_name_set seen = { 0 };
    carnet_cbor_reader first;
    carnet_cbor_walk walk;
    const uint8_t *at;

    carnet_cbor_array(r, &walk);
    first = *r;
    first.path = NULL;
    r->path = &step;
    while (carnet_cbor_array_next(r, &walk)) {
        carnet_element element = { 0 };

        step.index = walk.index;
        at = r->at;
        if (++view->element_count > CARNET_ISSUER_SIGNED_ITEMS_MAX)
            carnet_cbor_refuse(r, CARNET_E_CBOR_LIMIT, NULL, CLAUSE, NULL);
        carnet_cbor_fields(r, element_fields, CARNET_COUNT(element_fields), &element);
        if (r->rc == CARNET_OK && carnet_name_maybe_seen(&seen, element.identifier) &&
            came_before(first, at, element.identifier))
            carnet_cbor_refuse(r, CARNET_E_MDOC_ELEMENT_TWICE, at, CLAUSE, NULL);
    }
    r->path = outer;
}

static void
name_spaces_read(carnet_cbor_reader *outer, const char *member, carnet_name_spaced_data *view)
{
    carnet_path all = carnet_path_member(outer->path, member);
    carnet_path step = { .up = &all };
    carnet_cbor_reader r = carnet_cbor_open_within(outer, view->name_spaces, &all);
    carnet_cbor_walk walk;

    carnet_cbor_map(&r, &walk);
    while (carnet_cbor_map_next(&r, &walk)) {
        step.name = carnet_cbor_tstr(&r);
        r.path = &step;
        elements_read(&r, view);
        r.path = &all;
    }
    carnet_cbor_join(outer, &r);
}

static void
data_read(carnet_cbor_reader *r, carnet_name_spaced_data *view)
{
    static const char *const names[] = { "namespaces", "nameSpaces", "provisionedData" };
    static const unsigned bits[] = { CARNET_DEHYDRATED_NAME_SPACES, CARNET_DEHYDRATED_OTHER_NAME,
                                     CARNET_DEHYDRATED_PROVISIONED };
    const uint8_t *start = r->at;
    members got = { 0 };
    size_t which;

    carnet_cbor_fields(r, data_fields, CARNET_COUNT(data_fields), &got);
    which = carnet_one_name_of(r, got.name_spaces, CARNET_COUNT(names), CLAUSE);
    if (which == CARNET_COUNT(names)) {
        carnet_cbor_refuse(r, CARNET_E_CBOR_KEY_MISSING, start, CLAUSE, "namespaces is missing");
        return;
    }
    view->encoded = carnet_span_of(start, (size_t)(r->at - start));
    view->data_identifier = got.data_identifier;
    view->name_spaces = got.name_spaces[which];
    view->names = bits[which] | (got.access_control.ptr != NULL ? CARNET_DEHYDRATED_ACCESS_CONTROL : 0u);
    name_spaces_read(r, names[which], view);
}

carnet_rc
carnet_name_spaced_data_open(carnet_span cbor, unsigned allow, carnet_name_spaced_data *view, carnet_err *err)
{
    carnet_cbor_reader r = carnet_cbor_open(cbor);
    carnet_name_spaced_data got = { .origin = cbor.ptr };
    carnet_rc rc;

    r.allow = got.allow = (uint8_t)(allow & CARNET_CBOR_LENIENT);
    data_read(&r, &got);
    rc = carnet_cbor_end(&r, err);
    got.seen = r.seen;
    *view = rc == CARNET_OK ? got : (carnet_name_spaced_data){ 0 };
    return rc;
}

bool
carnet_name_spaced_data_next(const carnet_name_spaced_data *view, carnet_name_spaced_data_cursor *cursor,
                             carnet_element *element)
{
    carnet_cbor_reader *r = &cursor->reader;

    *element = (carnet_element){ 0 };
    if (!cursor->begun) {
        *r = carnet_cbor_open(view->name_spaces);
        r->allow = view->allow;
        cursor->begun = true;
        if (view->name_spaces.ptr != NULL)
            carnet_cbor_map(r, &cursor->name_spaces);
    }
    while (!cursor->inside || !carnet_cbor_array_next(r, &cursor->elements)) {
        cursor->inside = false;
        if (!carnet_cbor_map_next(r, &cursor->name_spaces))
            return false;
        cursor->name_space = carnet_cbor_tstr(r);
        carnet_cbor_array(r, &cursor->elements);
        cursor->inside = true;
    }
    carnet_cbor_fields(r, element_fields, CARNET_COUNT(element_fields), element);
    if (r->rc != CARNET_OK) {
        *element = (carnet_element){ 0 };
        return false;
    }
    element->name_space = cursor->name_space;
    return true;
}

/* --- building --- */

static bool
name_space_before(const carnet_element *elements, size_t i)
{
    size_t j;

    for (j = 0; j < i; j++)
        if (carnet_str_equal(elements[j].name_space, elements[i].name_space))
            return true;
    return false;
}

/* The elements of the i-th one's name space; its first is the i-th. */
static carnet_rc
elements_build(carnet_cbor_builder *b, const carnet_element *elements, size_t count, size_t i, carnet_err *err)
{
    carnet_path name_space = carnet_path_named(NULL, elements[i].name_space);
    size_t j, k, here = 0;

    for (j = i; j < count; j++) {
        if (!carnet_str_equal(elements[j].name_space, elements[i].name_space))
            continue;
        here++;
        for (k = i; k < j; k++)
            if (carnet_str_equal(elements[k].name_space, elements[i].name_space) &&
                carnet_str_equal(elements[k].identifier, elements[j].identifier)) {
                carnet_path step = carnet_path_named(&name_space, elements[j].identifier);

                return carnet_fail_at(err, CARNET_E_MDOC_ELEMENT_TWICE, CLAUSE, NULL, CARNET_NO_OFFSET, &step);
            }
    }
    carnet_cbor_add_tstr(b, elements[i].name_space);
    carnet_cbor_add_array(b, here);
    for (j = i; j < count; j++) {
        if (!carnet_str_equal(elements[j].name_space, elements[i].name_space))
            continue;
        carnet_cbor_add_map(b, 2);
        carnet_cbor_add_text(b, "name");
        carnet_cbor_add_tstr(b, elements[j].identifier);
        carnet_cbor_add_text(b, "value");
        carnet_cbor_add_raw(b, elements[j].value);
    }
    return CARNET_OK;
}

carnet_rc
carnet_name_spaced_data_build(carnet_cbor_builder *b, carnet_str data_identifier, const carnet_element *elements,
                              size_t count, carnet_err *err)
{
    size_t i, name_spaces = 0;
    carnet_rc rc = CARNET_OK;

    if (count > CARNET_ISSUER_SIGNED_ITEMS_MAX)
        return carnet_fail(err, CARNET_E_LIMIT, NULL, "too many data elements");
    for (i = 0; i < count; i++)
        name_spaces += !name_space_before(elements, i);
    carnet_cbor_add_map(b, data_identifier.len != 0 ? 2 : 1);
    if (data_identifier.len != 0) {
        carnet_cbor_add_text(b, "dataIdentifier");
        carnet_cbor_add_tstr(b, data_identifier);
    }
    carnet_cbor_add_text(b, "namespaces");
    carnet_cbor_add_map(b, name_spaces);
    for (i = 0; i < count && rc == CARNET_OK; i++)
        if (!name_space_before(elements, i))
            rc = elements_build(b, elements, count, i, err);
    if (rc == CARNET_OK && b->rc != CARNET_OK)
        rc = carnet_fail(err, b->rc, NULL, NULL);
    return rc;
}
