/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A secure area (23220-1 3: SA): where private keys are made, kept and used, and
 * which they never leave.  What the kinds share: a sealed file now
 * (carnet/sealed_area.h), devices behind the same table of functions.
 *
 * A key is named by its identifier, 1 to 32 octets, chosen by the caller or by
 * the area.  Opened, it is a carnet_key like any other; close it before the area
 * that it came from.  What is done to several keys is done to all or to none.
 * An area belongs to one thread at a time, with the keys opened in it.
 */
#ifndef CARNET_SECURE_AREA_H
#define CARNET_SECURE_AREA_H
#include "carnet/crypto.h"
CARNET_BEGIN_DECLS

#define CARNET_KEY_IDENTIFIER_MAX 32 /**< octets of the longest identifier */

/** A key's name within its area. */
typedef struct carnet_key_identifier {
    uint8_t bytes[CARNET_KEY_IDENTIFIER_MAX];
    uint8_t len; /**< 0: none; the area chooses one */
} carnet_key_identifier;

/** What an area can do with a curve. */
typedef struct carnet_secure_area_curve {
    carnet_curve curve;
    unsigned usage; /**< CARNET_KEY_ bits a key of this curve may have, also together */
    bool attests;   /**< it can vouch for a key of this curve */
} carnet_secure_area_curve;

/** A key to be made. */
typedef struct carnet_key_order {
    carnet_curve curve;
    unsigned usage;                   /**< CARNET_KEY_ bits; fixed for the key's life */
    carnet_key_identifier identifier; /**< len 0: the area chooses */
} carnet_key_order;

/** What is known of a key without opening it. */
typedef struct carnet_key_description {
    carnet_key_identifier identifier;
    carnet_public_key public_key;
    unsigned usage;
} carnet_key_description;

typedef struct carnet_secure_area carnet_secure_area;

/** What a kind of area implements.  Grows at the end only; a slot may be NULL (CARNET_E_CRYPTO_UNSUPPORTED). */
typedef struct carnet_secure_area_ops {
    size_t size;      /**< sizeof(carnet_secure_area_ops) of the implementer */
    const char *name; /**< such as "sealed file"; static */
    bool (*curve)(carnet_secure_area *area, size_t i, carnet_secure_area_curve *curve);
    carnet_rc (*create)(carnet_secure_area *area, const carnet_key_order *orders, size_t count,
                        carnet_key_description *keys, carnet_err *err);
    carnet_rc (*open)(carnet_secure_area *area, const carnet_key_identifier *identifier, carnet_key *key,
                      carnet_err *err);
    carnet_rc (*destroy)(carnet_secure_area *area, const carnet_key_identifier *identifiers, size_t count,
                         carnet_err *err);
    carnet_rc (*list)(carnet_secure_area *area, size_t start, carnet_key_description *keys, size_t cap, size_t *found,
                      carnet_err *err);
    carnet_rc (*attest)(carnet_secure_area *area, const carnet_key_identifier *identifiers, size_t count,
                        carnet_span challenge, carnet_buf *statement, const char **format, carnet_err *err);
    void (*done)(carnet_secure_area *area);
} carnet_secure_area_ops;

/** Where an area keeps its file, if its kind has one: handed in by the caller. */
typedef struct carnet_area_storage {
    /** Append all of it to `out`. */
    carnet_rc (*read)(void *self, carnet_buf *out, carnet_err *err);
    /** Put these bytes in its place.  Whatever happens, now or to the machine, the old bytes are there, or the new ones. */
    carnet_rc (*replace)(void *self, carnet_span bytes, carnet_err *err);
    void *self;
} carnet_area_storage;

/** An area that was opened by a function of its kind. */
struct carnet_secure_area {
    const carnet_secure_area_ops *ops; /**< NULL: closed */
    void *state;                       /**< the kind's own */
};

/** The name of the kind; "none" for a closed area. */
CARNET_API const char *carnet_secure_area_name(const carnet_secure_area *area);
/** The i-th curve the area announces; false past the last. */
CARNET_API bool carnet_secure_area_curve_at(carnet_secure_area *area, size_t i, carnet_secure_area_curve *curve);
/** Whether the area announces the curve with all of these usages. */
CARNET_API bool carnet_secure_area_can(carnet_secure_area *area, carnet_curve curve, unsigned usage);
/** Make keys, and describe each in `keys` (`count` of them).  CARNET_E_CRYPTO_UNSUPPORTED: a curve it has not, or not with
 *  that usage.  CARNET_E_AREA_KEY_TWICE: an identifier is taken.  CARNET_E_AREA_FULL: there is no more room. */
CARNET_API carnet_rc carnet_secure_area_create(carnet_secure_area *area, const carnet_key_order *orders, size_t count,
                                               carnet_key_description *keys, carnet_err *err);
/** Open a key.  CARNET_E_AREA_KEY_ABSENT: there is none of this identifier. */
CARNET_API carnet_rc carnet_secure_area_open(carnet_secure_area *area, const carnet_key_identifier *identifier,
                                             carnet_key *key, carnet_err *err);
/** Destroy keys for good.  CARNET_E_AREA_KEY_ABSENT: one of them is not there, and none was destroyed. */
CARNET_API carnet_rc carnet_secure_area_destroy(carnet_secure_area *area, const carnet_key_identifier *identifiers,
                                                size_t count, carnet_err *err);
/** Describe the keys from the `start`-th on, at most `cap`; *found is their number, 0 at the end.  The order stays while
 *  no key is made or destroyed. */
CARNET_API carnet_rc carnet_secure_area_list(carnet_secure_area *area, size_t start, carnet_key_description *keys,
                                             size_t cap, size_t *found, carnet_err *err);
/** Have the area vouch for keys it made: append its statement over `challenge`, and its format's name (static) in *format.
 *  CARNET_E_CRYPTO_UNSUPPORTED: an area of this kind cannot. */
CARNET_API carnet_rc carnet_secure_area_attest(carnet_secure_area *area, const carnet_key_identifier *identifiers,
                                               size_t count, carnet_span challenge, carnet_buf *statement,
                                               const char **format, carnet_err *err);
/** Close and wipe what is held.  Accepts a zeroed area. */
CARNET_API void carnet_secure_area_done(carnet_secure_area *area);

/** An identifier of these octets; empty if they are none or too many. */
CARNET_API carnet_key_identifier carnet_key_identifier_of(carnet_span bytes);
CARNET_API bool carnet_key_identifier_equal(const carnet_key_identifier *a, const carnet_key_identifier *b);

CARNET_END_DECLS
#endif
