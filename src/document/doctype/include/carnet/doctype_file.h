/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Document types of one's own, from JSON (doc/doctype.schema.json):
 *
 *     { "docType": "org.example.badge.1", "title": "Badge", "mdl": false,
 *       "nameSpaces": { "org.example.badge.1": { "required": true, "elements": {
 *           "holder": { "type": "text", "presence": "mandatory", "max": 150 },
 *           "colour": { "type": "choice", "values": ["red", "green"] } } } } }
 *
 * The table stands in the caller's storage, to which it points; the JSON may be
 * freed.  It is const from then on and may be shared by threads.
 */
#ifndef CARNET_DOCTYPE_FILE_H
#define CARNET_DOCTYPE_FILE_H
#include "carnet/doctype.h"
#include "carnet/json.h"
CARNET_BEGIN_DECLS

#define CARNET_DOCTYPE_FILE_NAME_SPACES_MAX 32
#define CARNET_DOCTYPE_FILE_ELEMENTS_MAX    256 /**< in one name space */

/** Octets of storage that a table made from a text of `length` octets never exceeds. */
#define CARNET_DOCTYPE_FILE_STORAGE(length) (8 * (length) + 256)

/** Read a table.  Its arrays and texts are appended to `storage`.  CARNET_E_DOCTYPE_TABLE, with the member's name as path:
 *  a member is missing, not known or of another type; a type or presence is not known; "values" are missing or out of
 *  place.  CARNET_E_LIMIT, CARNET_E_NO_SPACE.  On failure *doctype is empty. */
CARNET_API carnet_rc carnet_doctype_file_read(const carnet_json *json, carnet_buf *storage, carnet_doctype *doctype,
                                              carnet_err *err);
/** The name of a type in such a file, such as "full-date"; NULL for none. */
CARNET_API const char *carnet_doctype_file_type_name(carnet_element_type type);

CARNET_END_DECLS
#endif
