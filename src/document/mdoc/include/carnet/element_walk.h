/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Steps through the lists of an mdoc message: arrays, and the two-level maps
 * that name data elements, { + name space => { + element => value } }.
 *
 * A walk is a cursor on the caller's stack over a span that some open function
 * of this folder has checked, so that stepping cannot fail: it ends.  What it
 * yields views into that span.  One walk belongs to one thread.
 */
#ifndef CARNET_ELEMENT_WALK_H
#define CARNET_ELEMENT_WALK_H
#include "carnet/cbor.h"
CARNET_BEGIN_DECLS

/** A data element's name. */
typedef struct carnet_element_name {
    carnet_str name_space, identifier;
} carnet_element_name;

/** A data element's name and what stands under it, encoded. */
typedef struct carnet_element {
    carnet_str name_space, identifier;
    carnet_span value;
} carnet_element;

/** Where a walk through an array stands. */
typedef struct carnet_list_walk {
    carnet_cbor_reader reader;
    carnet_cbor_walk walk;
} carnet_list_walk;

/** Start at the front of an encoded array; an empty span is an empty list. */
CARNET_API void carnet_list_begin(carnet_list_walk *walk, carnet_span array);
/** The next entry as received; false after the last. */
CARNET_API bool carnet_list_next(carnet_list_walk *walk, carnet_span *entry);

/** Where a walk through a two-level map stands. */
typedef struct carnet_element_walk {
    carnet_cbor_reader reader;
    carnet_cbor_walk outer, inner;
    carnet_str name_space;
    bool inside;
} carnet_element_walk;

/** Start at the front of an encoded map of maps; an empty span is an empty map. */
CARNET_API void carnet_element_begin(carnet_element_walk *walk, carnet_span map);
/** The next element, name space by name space, in the order received; false after the last. */
CARNET_API bool carnet_element_next(carnet_element_walk *walk, carnet_element *element);

CARNET_END_DECLS
#endif
