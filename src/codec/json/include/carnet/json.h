/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON (RFC 8259), read: bounded, without duplicate members.
 *
 * A document owns its values; a value is borrowed and good until the document
 * is freed.  Members come in the order they were written.  One document belongs
 * to one thread.
 */
#ifndef CARNET_JSON_H
#define CARNET_JSON_H
#include "carnet/base.h"
CARNET_BEGIN_DECLS

#define CARNET_JSON_DEPTH 16                /**< levels of arrays and objects */
#define CARNET_JSON_MAX   (8 * 1024 * 1024) /**< octets of text */

/** A value; opaque, borrowed from its document. */
typedef struct carnet_json carnet_json;

typedef enum carnet_json_type {
    CARNET_JSON_NONE, /**< no value: a member that is absent */
    CARNET_JSON_NULL,
    CARNET_JSON_BOOL,
    CARNET_JSON_INTEGER,
    CARNET_JSON_REAL,
    CARNET_JSON_STRING,
    CARNET_JSON_ARRAY,
    CARNET_JSON_OBJECT
} carnet_json_type;

/** Parse a whole text.  *document is NULL on failure; *err has the byte offset.  CARNET_E_JSON_LIMIT: too long, nested too
 *  deeply, or with an integer that does not fit int64_t or a number that does not fit double. */
CARNET_API carnet_rc carnet_json_parse(carnet_str text, carnet_json **document, carnet_err *err);
/** Free a document; NULL and *document NULL are allowed; sets it to NULL. */
CARNET_API void carnet_json_free(carnet_json **document);

/** All of these take NULL for an absent value. */
CARNET_API carnet_json_type carnet_json_type_of(const carnet_json *value);
CARNET_API carnet_str carnet_json_string(const carnet_json *value); /**< empty unless a string */
CARNET_API int64_t carnet_json_integer(const carnet_json *value);   /**< 0 unless an integer */
CARNET_API double carnet_json_real(const carnet_json *value);       /**< of integers too; 0 otherwise */
CARNET_API bool carnet_json_bool(const carnet_json *value);         /**< false unless true */
CARNET_API size_t carnet_json_count(const carnet_json *value);      /**< entries of an array or object */
CARNET_API const carnet_json *carnet_json_at(const carnet_json *array, size_t i);
CARNET_API const carnet_json *carnet_json_get(const carnet_json *object, const char *name);

/** Walk the members of an object; start with a zeroed cursor. */
typedef struct carnet_json_member {
    void *at;
    carnet_str name;
    const carnet_json *value;
} carnet_json_member;
CARNET_API bool carnet_json_next(const carnet_json *object, carnet_json_member *member);

/** A member that an object may have. */
typedef struct carnet_json_rule {
    const char *name;
    carnet_json_type type;
    bool required;
} carnet_json_rule;
/** Refuse a value that is no object, an object that lacks a required member, has one that no rule names, or has one of another
 *  type: with `rc`, at `path` (which may be NULL) and the member. */
CARNET_API carnet_rc carnet_json_check(const carnet_json *object, const carnet_json_rule *rules, size_t count,
                                       carnet_rc rc, const carnet_path *path, carnet_err *err);

CARNET_END_DECLS
#endif
