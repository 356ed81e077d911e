/* SPDX-License-Identifier: Apache-2.0 */
/* Arrays and maps entry by entry. */
#include "internal.h"

bool
carnet_cbor_enter(carnet_cbor_reader *r, carnet_cbor_walk *walk, uint8_t major)
{
    const uint8_t *start = r->at;
    carnet_cbor_head h;

    *walk = (carnet_cbor_walk){ .index = UINT64_MAX, .map = major == CBOR_MAP };
    if (start != r->end && *start >> 5 != major) {
        carnet_cbor_refuse(r, CARNET_E_CBOR_TYPE, NULL, NULL,
                           major == CBOR_MAP ? "a map is required" : "an array is required");
        return false;
    }
    if (!carnet_cbor_head_at(r, start, &h))
        return false;
    if (h.argument > carnet_cbor_left(h.next, r->end) >> (major == CBOR_MAP)) {
        carnet_cbor_refuse(r, CARNET_E_CBOR_TRUNCATED, start, "RFC 8949 3.2",
                           "more entries are announced than could follow");
        return false;
    }
    if (r->depth >= CARNET_CBOR_DEPTH) {
        carnet_cbor_refuse(r, CARNET_E_CBOR_DEPTH, start, NULL, NULL);
        return false;
    }
    r->depth++;
    r->at = walk->start = h.next;
    walk->indefinite = h.info == CBOR_INDEFINITE;
    walk->left = h.argument;
    walk->open = true;
    return true;
}

void
carnet_cbor_array(carnet_cbor_reader *r, carnet_cbor_walk *walk)
{
    (void)carnet_cbor_enter(r, walk, CBOR_ARRAY);
}

void
carnet_cbor_map(carnet_cbor_reader *r, carnet_cbor_walk *walk)
{
    if (carnet_cbor_enter(r, walk, CBOR_MAP) && (walk->indefinite || walk->left > 1))
        (void)carnet_cbor_unique_ahead(r, walk->start, walk->indefinite ? UINT64_MAX : walk->left);
}

bool
carnet_cbor_array_next(carnet_cbor_reader *r, carnet_cbor_walk *walk)
{
    return carnet_cbor_next(r, walk);
}

bool
carnet_cbor_map_next(carnet_cbor_reader *r, carnet_cbor_walk *walk)
{
    return carnet_cbor_next(r, walk);
}
