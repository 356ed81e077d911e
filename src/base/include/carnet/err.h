/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The error record: what went wrong, where in the input, under which clause.
 *
 * Caller's storage, no heap, no thread-local state.  Every function that takes
 * one takes it last and accepts NULL.  It never holds a data element's value.
 */
#ifndef CARNET_ERR_H
#define CARNET_ERR_H
#include "carnet/rc.h"
#include "carnet/span.h"
CARNET_BEGIN_DECLS

/** No byte of the input is to blame. */
#define CARNET_NO_OFFSET SIZE_MAX

/** Where in a structure a reader stands: a list of steps on the callers' stacks, innermost first. */
typedef struct carnet_path {
    const struct carnet_path *up; /**< NULL at the outermost */
    carnet_str name;              /**< member name; empty: `index` counts */
    uint64_t index;               /**< array index, or integer key if `integer_key` */
    bool integer_key, negative;   /**< negative: the key is -1 - index, as in CBOR */
} carnet_path;

typedef struct carnet_err {
    carnet_rc rc;
    size_t offset;      /**< byte in the outermost input, or CARNET_NO_OFFSET */
    const char *clause; /**< clause that was broken, or NULL; static text */
    char path[120];     /**< e.g. documents[0].issuerSigned.nameSpaces["org.iso.18013.5.1"][3] */
    char reason[128];   /**< one sentence for a person, no full stop; may be empty */
} carnet_err;

/** Fill *err (if not NULL) and return rc, for `return carnet_fail(err, ...)`.  `reason` and `clause`
 *  may be NULL; `reason` is copied, cut to fit. */
CARNET_API carnet_rc carnet_fail(carnet_err *err, carnet_rc rc, const char *clause, const char *reason);
/** The same with place: `path` may be NULL. */
CARNET_API carnet_rc carnet_fail_at(carnet_err *err, carnet_rc rc, const char *clause, const char *reason,
                                    size_t offset, const carnet_path *path);
/** Write the path as text, outermost first, always zero-terminated: names that are words as `.name`, others as
 *  `["na-me"]`, array indexes as `[3]`, integer keys as `{-1}`.  Cut on the left if too long, then led by "...";
 *  bytes outside printable ASCII appear as '?'.  Returns the length written. */
CARNET_API size_t carnet_path_text(const carnet_path *path, char *out, size_t cap);
/** Add a step of the caller's to the left of the path in *err, for errors that come from further down. */
CARNET_API void carnet_err_within(carnet_err *err, const char *outer);

CARNET_END_DECLS
#endif
