/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Claims: what an issuing authority knows of a person, as JSON, turned into the
 * encoded data elements of a document type.
 *
 *     [["family_name", "Muster"], ["birth_date", {"$tag": 1004, "value": "1984-01-26"}]]
 *     {"family_name": "Muster", "birth_date": "1984-01-26"}
 *     {"org.iso.18013.5.1": {"family_name": "Muster"}, "org.iso.18013.5.1.aamva": {...}}
 *
 * If one member of an object is a name space, a name of the table's or a dotted
 * one, all must be.  {"$tag": n, "value": v} is a tagged value, {"$bstr": "file"} the bytes of a
 * file, {"$hex": "..."} and {"$base64": "..."} bytes.  Where the type's table
 * says what an element is, plain JSON is converted: text to full-date or tdate,
 * base64 text (of either alphabet) to bytes.  A day is not made a moment.  What cannot
 * be converted is refused (CARNET_E_DOCTYPE_ELEMENT, or the code of the text).
 *
 * Storage is the caller's; results view into it.  Nothing secret is kept.
 */
#ifndef CARNET_CLAIMS_H
#define CARNET_CLAIMS_H
#include "carnet/doctype.h"
#include "carnet/element_walk.h"
#include "carnet/json.h"
CARNET_BEGIN_DECLS

/** Gives the bytes of a file that claims name; must append them to `out`. */
typedef carnet_rc (*carnet_claims_file)(void *self, carnet_str name, carnet_buf *out, carnet_err *err);
/** Hears of a conversion: element and what was done, such as "text converted to full-date". */
typedef void (*carnet_claims_note)(void *self, const carnet_element_name *name, const char *what);

typedef struct carnet_claims_options {
    const carnet_doctype *doctype; /**< NULL: no table; only what JSON says for itself */
    carnet_str name_space;         /**< of claims without one; empty: the first of the table */
    carnet_claims_file file;       /**< NULL: files are refused */
    carnet_claims_note note;       /**< or NULL */
    void *self;                    /**< for both */
    bool incomplete;               /**< mandatory elements may be missing */
} carnet_claims_options;

/** Turn claims into elements.  `storage` receives names and encoded values; `elements` at most `cap`.  Errors name the element
 *  in their path and never its value.  CARNET_E_DOCTYPE_MISSING names the first mandatory element that is absent;
 *  conditional ones are due with what they are needed with.  On failure nothing is added to the storage. */
CARNET_API carnet_rc carnet_claims_read(const carnet_json *claims, const carnet_claims_options *options,
                                        carnet_buf *storage, carnet_element *elements, size_t cap, size_t *count,
                                        carnet_err *err);
/** Refuse elements of which a mandatory one of the table is missing. */
CARNET_API carnet_rc carnet_claims_complete(const carnet_doctype *doctype, const carnet_element *elements, size_t count,
                                            carnet_err *err);

CARNET_END_DECLS
#endif
