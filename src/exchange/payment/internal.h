/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CARNET_EXCHANGE_PAYMENT_INTERNAL_H
#define CARNET_EXCHANGE_PAYMENT_INTERNAL_H
#include "carnet/iso8583_file.h"
#include "carnet/json_build.h"
#include "carnet/staging.h"
#include "carnet/vector_carrier.h"

/** A message being read: its object, and the first thing wrong with it. */
typedef struct staging_fields {
    const carnet_json *object;
    carnet_rc rc;
    carnet_err *err;
} staging_fields;

/** Parse a whole message. */
staging_fields carnet_staging_fields(carnet_str text, carnet_json **document, carnet_err *err);
/** What came of it; a document with something wrong is freed. */
carnet_rc carnet_staging_fields_end(const staging_fields *f, carnet_json **document);
void carnet_staging_blame(staging_fields *f, const char *name, const char *reason);

carnet_str carnet_staging_text(staging_fields *f, const char *name, size_t max, bool required);
carnet_str carnet_staging_reference(staging_fields *f, const char *name, bool required);
int64_t carnet_staging_number(staging_fields *f, const char *name, int64_t max, bool required);
uint64_t carnet_staging_amount(staging_fields *f, const char *name, bool required);
carnet_str carnet_staging_currency(staging_fields *f, const char *name, bool required);
carnet_str carnet_staging_base64url(staging_fields *f, const char *name, size_t max, bool required);
carnet_span carnet_staging_session(staging_fields *f, const char *name, uint8_t out[CARNET_STAGING_SESSION]);
carnet_staged_state carnet_staging_state(staging_fields *f, const char *name, bool required);
size_t carnet_staging_vectors(staging_fields *f, const char *name, carnet_str vtr[CARNET_STAGING_VTR], bool required);
const carnet_json *carnet_staging_object(staging_fields *f, const char *name);
/** The member "carrier"; false: there is none. */
bool carnet_staging_carrier(staging_fields *f, carnet_collected_carrier *carrier);

/** A text that may be left out. */
void carnet_staging_put(carnet_json_builder *b, const char *name, carnet_str text);
void carnet_staging_put_amount(carnet_json_builder *b, const char *name, uint64_t amount);
void carnet_staging_put_vectors(carnet_json_builder *b, const char *name, const carnet_str *vtr, size_t count);
void carnet_staging_put_carrier(carnet_json_builder *b, const carnet_collected_carrier *carrier);

/* --- vector_carrier --- */

typedef enum carrier_kind {
    CARRIER_VECTORS, /* text: joined by commas; BER-TLV: a data object each */
    CARRIER_VECTOR,
    CARRIER_TRUSTMARK,
    CARRIER_TEXT,
    CARRIER_OCTETS, /* text: base64url */
    CARRIER_NUMBER
} carrier_kind;

/** How a member of a carrier is written. */
typedef struct carrier_member {
    unsigned bit;
    char name[3];
    uint8_t tag, kind;
    size_t offset;
    uint16_t min; /* characters at least; of octets how many; of a number the digits in text, 0: as many as it needs */
    uint16_t max; /* characters at most; of a number the octets in BER-TLV */
} carrier_member;

#define CARRIER_MEMBERS 13
#define CARRIER_URL_MAX 200
extern const carrier_member carnet_carrier_members[CARRIER_MEMBERS];

bool carnet_carrier_text_valid(const carrier_member *member, carnet_str text);
bool carnet_carrier_number_valid(const carrier_member *member, uint64_t number);
bool carnet_carrier_url_valid(carnet_str url);
carnet_rc carnet_carrier_complain(const carrier_member *member, const char *reason, size_t offset, carnet_err *err);
/** A data set: two characters of name, three digits of length, the value. */
typedef struct carrier_set {
    carnet_str name; /**< empty: there are no more */
    carnet_span value, encoded;
} carrier_set;
/** The next data set from `*at` on; one whose name came before is refused.  Offsets count from `base`. */
carnet_rc carnet_carrier_set_next(carnet_span sets, size_t base, size_t *at, carrier_set *set, carnet_err *err);
void carnet_carrier_set_add(const char *name, carnet_span value, carnet_buf *out);
/** Check that every member that is there can be written. */
carnet_rc carnet_carrier_check(const carnet_vector_carrier *carrier, carnet_err *err);

/* --- iso8583_file --- */

/** Lists of words for the constants of carnet/iso8583_spec.h. */
typedef enum words {
    WORDS_TYPE,
    WORDS_ENCODING,
    WORDS_PREFIX,
    WORDS_UNIT,
    WORDS_BITMAP,
    WORDS_SECONDARY,
    WORDS_TERTIARY,
    WORDS_VERSION,
    WORDS_SIDE,
    WORDS_FILL,
    WORDS_LENGTH,
    WORDS_KIND
} words;

/** The constant that a word of a list stands for; false, and *value as it was, if it is none of it. */
bool carnet_iso8583_word(words list, carnet_str word, uint8_t *value);

/** A file being read, and the first thing wrong with it. */
typedef struct spec_reading {
    carnet_iso8583_file *file;
    carnet_rc rc;
    carnet_err *err;
} spec_reading;

/** Members of an object, optional: what they stand for is stored where they are there and sound. */
void carnet_spec_blame(spec_reading *r, const carnet_path *object, const char *member, const char *reason);
void carnet_spec_word(spec_reading *r, const carnet_json *object, const carnet_path *path, const char *member,
                      words list, uint8_t *value);
void carnet_spec_number(spec_reading *r, const carnet_json *object, const carnet_path *path, const char *member,
                        int64_t min, int64_t max, uint64_t *value);
void carnet_spec_octet(spec_reading *r, const carnet_json *object, const carnet_path *path, const char *member,
                       uint8_t max, uint8_t *value);
void carnet_spec_bool(spec_reading *r, const carnet_json *object, const char *member, bool *value);
/** A copy of a text that is kept with the file; NULL: there is none. */
const char *carnet_spec_text(spec_reading *r, const carnet_json *object, const char *member);
void carnet_spec_framing(spec_reading *r, const carnet_json *value, const carnet_path *path);
/** A flavour by name, or an object that says what is other. */
void carnet_spec_flavour(spec_reading *r, const carnet_json *value, const carnet_path *path,
                         carnet_iso8583_flavour *flavour);
/** The structure of an element, in depth `depth` of specifications. */
const carnet_iso8583_composite *carnet_spec_composite(spec_reading *r, const carnet_json *value,
                                                      const carnet_path *path, unsigned depth);
/** The members that make a specification: version, flavour, elements. */
void carnet_spec_fill(spec_reading *r, const carnet_json *object, const carnet_path *path, unsigned depth,
                      carnet_iso8583_spec *spec);

#endif
