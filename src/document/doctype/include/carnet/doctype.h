/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Document types as tables: which data elements a document type has, in which
 * name space, of which type, and which must be there (18013-5 13.4, ISO/IEC
 * TS 23220-4 Annex C, the EU PID and age verification rule books, AAMVA).
 *
 * Tables are const and shared by all threads.  Checking reads one encoded
 * value; it keeps nothing, and its errors never hold the value.
 */
#ifndef CARNET_DOCTYPE_H
#define CARNET_DOCTYPE_H
#include "carnet/cbor.h"
CARNET_BEGIN_DECLS

/** What an element's value is. */
typedef enum carnet_element_type {
    CARNET_ELEMENT_ANY,         /**< any CBOR item */
    CARNET_ELEMENT_TEXT,        /**< tstr of at most `max` characters */
    CARNET_ELEMENT_LATIN1,      /**< tstr of characters of ISO/IEC 8859-1 only (no control characters), at most `max` */
    CARNET_ELEMENT_CHOICE,      /**< tstr, one of `choices` */
    CARNET_ELEMENT_ALPHA2,      /**< ISO 3166-1 alpha-2, upper case */
    CARNET_ELEMENT_ALPHA23,     /**< ISO 3166-1 alpha-2 or alpha-3, upper case */
    CARNET_ELEMENT_SUBDIVISION, /**< ISO 3166-2, such as US-UT */
    CARNET_ELEMENT_DIGITS,      /**< tstr of `max` digits */
    CARNET_ELEMENT_PHONE,       /**< tstr, "+" and digits, at most `max` */
    CARNET_ELEMENT_BOOL,
    CARNET_ELEMENT_UINT,        /**< at most `max` */
    CARNET_ELEMENT_UINT_CHOICE, /**< uint, one of `choices` in decimal */
    CARNET_ELEMENT_FULL_DATE,   /**< #6.1004(tstr) */
    CARNET_ELEMENT_TDATE,       /**< #6.0(tstr), no fraction, Z */
    CARNET_ELEMENT_DATE,        /**< full-date or tdate */
    CARNET_ELEMENT_BIRTH_DATE,  /**< full-date, or a map with birth_date and approximate_mask */
    CARNET_ELEMENT_BYTES,       /**< bstr */
    CARNET_ELEMENT_IMAGE,       /**< bstr holding JPEG or JPEG 2000 */
    CARNET_ELEMENT_TEMPLATE,    /**< bstr, biometric template beginning 7F61 */
    CARNET_ELEMENT_PRIVILEGES,  /**< DrivingPrivileges */
    CARNET_ELEMENT_ALPHA2_LIST, /**< [+ alpha-2] */
    CARNET_ELEMENT_PLACE        /**< map of country, region, locality, at least one */
} carnet_element_type;

typedef enum carnet_presence {
    CARNET_OPTIONAL,
    CARNET_MANDATORY,
    CARNET_RECOMMENDED,
    CARNET_CONDITIONAL
} carnet_presence;

/** The element whose presence makes a conditional one mandatory. */
typedef struct carnet_element_need {
    const char *name_space, *identifier; /**< NULL: none */
} carnet_element_need;

/** One data element.  An identifier ending in "_NN" stands for two digits there, in "xx" for any text. */
typedef struct carnet_element_definition {
    const char *identifier;
    carnet_element_type type;
    carnet_presence presence;
    uint32_t max;                    /**< see the type; 0: no bound */
    const char *choices;             /**< "black|blue|brown"; NULL where the type has none */
    carnet_element_need needed_with; /**< for CARNET_CONDITIONAL: mandatory where this element is present */
} carnet_element_definition;

typedef struct carnet_name_space_definition {
    const char *name;
    const carnet_element_definition *elements;
    size_t count;
    bool required; /**< the mandatory elements are due even if nothing of the name space is present */
} carnet_name_space_definition;

typedef struct carnet_doctype {
    const char *doc_type, *title;
    const carnet_name_space_definition *name_spaces;
    size_t count;
    bool mdl; /**< the certificates must carry the extended key usages of 18013-5, not only those of 23220-4 */
} carnet_doctype;

/** The built-in table for a document type; NULL if there is none. */
CARNET_API const carnet_doctype *carnet_doctype_find(carnet_str doc_type);
/** By short name: "mdl", "photoid", "pid", "av", or a document type in full; NULL if unknown. */
CARNET_API const carnet_doctype *carnet_doctype_named(carnet_str name);
/** The i-th built-in table; NULL past the last. */
CARNET_API const carnet_doctype *carnet_doctype_at(size_t i);
/** The table of a name space; NULL if the document type does not have it (issuers may use their own). */
CARNET_API const carnet_name_space_definition *carnet_doctype_name_space(const carnet_doctype *doctype,
                                                                         carnet_str name_space);
/** The definition of an element; NULL if the table does not have it. */
CARNET_API const carnet_element_definition *carnet_doctype_element(const carnet_doctype *doctype, carnet_str name_space,
                                                                   carnet_str identifier);

/** Check one encoded value against its definition.  CARNET_E_DOCTYPE_ELEMENT says what is wrong in words that do not
 *  repeat the value; CARNET_E_CBOR_* if it is not CBOR. */
CARNET_API carnet_rc carnet_element_check(const carnet_element_definition *element, carnet_span value, carnet_err *err);
/** The type in words, such as "full-date", for messages; static text. */
CARNET_API const char *carnet_element_type_text(carnet_element_type type);

/** NN of an element "age_over_NN"; -1 if the identifier is none. */
CARNET_API int carnet_age_over(carnet_str identifier);

/** Which age_over_NN answers a request for `wanted` (18013-5 13.4): of those held, the smallest NN >= wanted that is true,
 *  else the largest NN <= wanted that is false, else none.
 *  @return its NN, or -1: nothing is returned. */
typedef struct carnet_age_attestation {
    int age;
    bool over;
} carnet_age_attestation;
CARNET_API int carnet_age_over_answer(const carnet_age_attestation *held, size_t count, int wanted);

CARNET_END_DECLS
#endif
