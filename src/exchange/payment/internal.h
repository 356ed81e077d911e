/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CARNET_EXCHANGE_PAYMENT_INTERNAL_H
#define CARNET_EXCHANGE_PAYMENT_INTERNAL_H
#include "carnet/json_build.h"
#include "carnet/staging.h"

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

#endif
