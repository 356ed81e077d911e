/* SPDX-License-Identifier: Apache-2.0 */
/* Finding tables, name spaces and elements. */
#include "internal.h"

static const struct {
    const char *name;
    const carnet_doctype *doctype;
} built_in[] = {
    { "mdl", &carnet_doctype_mdl },
    { "photoid", &carnet_doctype_photoid },
    { "pid", &carnet_doctype_pid },
    { "av", &carnet_doctype_av },
};

const carnet_doctype *
carnet_doctype_find(carnet_str doc_type)
{
    for (size_t i = 0; i < CARNET_COUNT(built_in); i++) {
        if (carnet_str_is(doc_type, built_in[i].doctype->doc_type)) {
            return built_in[i].doctype;
        }
    }
    return NULL;
}

const carnet_doctype *
carnet_doctype_named(carnet_str name)
{
    for (size_t i = 0; i < CARNET_COUNT(built_in); i++) {
        if (carnet_str_is(name, built_in[i].name)) {
            return built_in[i].doctype;
        }
    }
    return carnet_doctype_find(name);
}

const carnet_doctype *
carnet_doctype_at(size_t i)
{
    return i < CARNET_COUNT(built_in) ? built_in[i].doctype : NULL;
}

const carnet_name_space_definition *
carnet_doctype_name_space(const carnet_doctype *doctype, carnet_str name_space)
{
    for (size_t i = 0; doctype != NULL && i < doctype->count; i++) {
        if (carnet_str_is(name_space, doctype->name_spaces[i].name)) {
            return &doctype->name_spaces[i];
        }
    }
    return NULL;
}

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/** "..._NN" takes two digits for NN, "...xx" any text for xx; neither takes itself. */
static bool
matches(const char *pattern, carnet_str identifier)
{
    carnet_str p = carnet_str_of(pattern);
    const char *tail = p.len > 2 ? p.ptr + p.len - 2 : "  ";
    size_t n = p.len - 2;
    bool digits = tail[0] == 'N' && tail[1] == 'N', any = tail[0] == 'x' && tail[1] == 'x';

    if (!digits && !any) {
        return carnet_str_equal(p, identifier);
    }
    if (identifier.len <= n || !carnet_span_equal(carnet_span_of(p.ptr, n), carnet_span_of(identifier.ptr, n))) {
        return false;
    }
    return any || (identifier.len == n + 2 && is_digit(identifier.ptr[n]) && is_digit(identifier.ptr[n + 1]));
}

const carnet_element_definition *
carnet_doctype_element(const carnet_doctype *doctype, carnet_str name_space, carnet_str identifier)
{
    const carnet_name_space_definition *ns = carnet_doctype_name_space(doctype, name_space);

    for (size_t i = 0; ns != NULL && i < ns->count; i++) {
        if (matches(ns->elements[i].identifier, identifier)) {
            return &ns->elements[i];
        }
    }
    return NULL;
}
