/* SPDX-License-Identifier: Apache-2.0 */
/* Walks over lists that have been checked: whatever encoding was let pass then is let pass here. */
#include "internal.h"

void
carnet_list_begin(carnet_list_walk *walk, carnet_span array)
{
    walk->reader = carnet_cbor_open(array);
    walk->reader.allow = CARNET_CBOR_LENIENT;
    carnet_cbor_array(&walk->reader, &walk->walk);
}

bool
carnet_list_next(carnet_list_walk *walk, carnet_span *entry)
{
    *entry = (carnet_span){ 0 };
    if (!carnet_cbor_array_next(&walk->reader, &walk->walk))
        return false;
    *entry = carnet_cbor_any(&walk->reader);
    return entry->len != 0;
}

void
carnet_element_begin(carnet_element_walk *walk, carnet_span map)
{
    walk->reader = carnet_cbor_open(map);
    walk->reader.allow = CARNET_CBOR_LENIENT;
    walk->inside = false;
    walk->name_space = (carnet_str){ 0 };
    carnet_cbor_map(&walk->reader, &walk->outer);
}

/* Stand before a value of the inner map; steps over empty ones. */
static bool
element_step(carnet_element_walk *walk)
{
    while (!walk->inside || !carnet_cbor_map_next(&walk->reader, &walk->inner)) {
        walk->inside = carnet_cbor_map_next(&walk->reader, &walk->outer);
        if (!walk->inside)
            return false;
        walk->name_space = carnet_cbor_tstr(&walk->reader);
        carnet_cbor_map(&walk->reader, &walk->inner);
    }
    return true;
}

bool
carnet_element_next(carnet_element_walk *walk, carnet_element *element)
{
    *element = (carnet_element){ 0 };
    if (!element_step(walk))
        return false;
    element->name_space = walk->name_space;
    element->identifier = carnet_cbor_tstr(&walk->reader);
    element->value = carnet_cbor_any(&walk->reader);
    if (element->value.len == 0)
        *element = (carnet_element){ 0 };
    return element->value.len != 0;
}

bool
carnet_version_read(carnet_str text, uint32_t *major, uint32_t *minor)
{
    uint32_t number[2] = { 0, 0 };
    size_t part = 0, digits = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '.' && part == 0 && digits > 0) {
            part = 1;
            digits = 0;
        } else if (text.ptr[i] >= '0' && text.ptr[i] <= '9' && ++digits <= 6)
            number[part] = number[part] * 10 + (uint32_t)(text.ptr[i] - '0');
        else
            return false;
    }
    *major = number[0];
    *minor = number[1];
    return part == 1 && digits > 0;
}

void
carnet_version_check(carnet_cbor_reader *r, carnet_str version, const char *clause, uint32_t *minor)
{
    uint32_t major = 0;

    *minor = 0;
    if (r->rc != CARNET_OK)
        return;
    if (!carnet_version_read(version, &major, minor))
        carnet_cbor_refuse(r, CARNET_E_MDOC_STRUCTURE, (const uint8_t *)version.ptr, clause,
                           "a version is two numbers with a point between them");
    else if (major != 1)
        carnet_cbor_refuse(r, CARNET_E_MDOC_VERSION, (const uint8_t *)version.ptr, clause, NULL);
}
