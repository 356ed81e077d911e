/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON (RFC 8259), written: into the caller's buffer, without a space too many.
 *
 * Members come in the order they are added; that no name comes twice is the
 * caller's to see to.  Failures stick: a text that is not UTF-8, a name where
 * none belongs or none where one does, an end without a beginning, more than
 * CARNET_JSON_DEPTH levels; then nothing more is written.
 */
#ifndef CARNET_JSON_BUILD_H
#define CARNET_JSON_BUILD_H
#include "carnet/json.h"
CARNET_BEGIN_DECLS

typedef struct carnet_json_builder {
    carnet_buf *out;
    carnet_rc rc;
    uint8_t depth;
    bool object[CARNET_JSON_DEPTH], filled[CARNET_JSON_DEPTH];
    bool done; /**< one whole value was written */
} carnet_json_builder;

/** Begin: one value is appended to `out`. */
CARNET_API carnet_json_builder carnet_json_build(carnet_buf *out);
/** CARNET_OK if one whole value was written; CARNET_E_NO_SPACE: `out` is too small. */
CARNET_API carnet_rc carnet_json_built(const carnet_json_builder *b, carnet_err *err);

/** `name` is NULL within an array and at the top, the member's name within an object. */
CARNET_API void carnet_json_object_begin(carnet_json_builder *b, const char *name);
CARNET_API void carnet_json_object_end(carnet_json_builder *b);
CARNET_API void carnet_json_array_begin(carnet_json_builder *b, const char *name);
CARNET_API void carnet_json_array_end(carnet_json_builder *b);
CARNET_API void carnet_json_add_string(carnet_json_builder *b, const char *name, carnet_str text);
CARNET_API void carnet_json_add_text(carnet_json_builder *b, const char *name, const char *text);
CARNET_API void carnet_json_add_integer(carnet_json_builder *b, const char *name, int64_t value);
CARNET_API void carnet_json_add_bool(carnet_json_builder *b, const char *name, bool value);
CARNET_API void carnet_json_add_null(carnet_json_builder *b, const char *name);
/** Octets as base64url without padding, or as base64 with it. */
CARNET_API void carnet_json_add_base64url(carnet_json_builder *b, const char *name, carnet_span bytes);
CARNET_API void carnet_json_add_base64(carnet_json_builder *b, const char *name, carnet_span bytes);
/** A value that is JSON already, taken as it is. */
CARNET_API void carnet_json_add_raw(carnet_json_builder *b, const char *name, carnet_str json);
/** A value that was read. */
CARNET_API void carnet_json_add_value(carnet_json_builder *b, const char *name, const carnet_json *value);

CARNET_END_DECLS
#endif
