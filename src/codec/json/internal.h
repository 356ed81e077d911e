/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CARNET_JSON_INTERNAL_H
#define CARNET_JSON_INTERNAL_H
#include "carnet/json.h"

struct carnet_json {
    carnet_str name; /**< as a member of an object; ended by a zero as each text is */
    union {
        int64_t integer;
        double real;
        bool yes;
        const char *text;
        carnet_json *children; /**< in the order they were written; of many, their index follows */
    } is;
    uint32_t count; /**< octets of a text; children */
    carnet_json_type type;
};

/** Objects of more members than this have an index: their members by name. */
#define CARNET_JSON_FEW 16
/** How names are ordered in an index: the shorter first. */
int carnet_json_compare(carnet_str a, carnet_str b);
static inline const carnet_json **
carnet_json_index(const carnet_json *object)
{
    return (const carnet_json **)(void *)(object->is.children + object->count);
}

/** Read a whole text; NULL: Jansson is to say what is wrong with it. */
carnet_json *carnet_json_read(carnet_str text);
/** Free what was read, wiped. */
void carnet_json_drop(carnet_json *document);

#endif
