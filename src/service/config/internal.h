/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CARNET_SERVICE_CONFIG_INTERNAL_H
#define CARNET_SERVICE_CONFIG_INTERNAL_H
#include "carnet/service_config.h"

#include <cyaml/cyaml.h>

#define CARNET_CONFIG_PATH     160             /* characters of a key's path */
#define CARNET_CONFIG_FILE_MAX (size_t)1048576 /* octets of a file */

/* The schema is libcyaml's; these spell its rows. */
#define TEXT(key, structure, member)                                                                                   \
    CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, structure, member, 1, 4096)
#define TEXT_REQUIRED(key, structure, member)                                                                          \
    CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER, structure, member, 1, 4096)
#define NUMBER(key, structure, member)          CYAML_FIELD_UINT(key, CYAML_FLAG_OPTIONAL, structure, member)
#define NUMBER_REQUIRED(key, structure, member) CYAML_FIELD_UINT(key, CYAML_FLAG_DEFAULT, structure, member)
#define SWITCH(key, structure, member)          CYAML_FIELD_BOOL(key, CYAML_FLAG_OPTIONAL, structure, member)
#define CHOICE_REQUIRED(key, structure, member, words)                                                                 \
    CYAML_FIELD_ENUM(key, CYAML_FLAG_STRICT, structure, member, words, CARNET_COUNT(words))
#define CHOICES_REQUIRED(key, structure, member, words)                                                                \
    CYAML_FIELD_FLAGS(key, CYAML_FLAG_STRICT, structure, member, words, CARNET_COUNT(words))
#define TEXTS(key, structure, member)                                                                                  \
    CYAML_FIELD_SEQUENCE_COUNT(key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, structure, member.list, member.count,    \
                               &carnet_config_text_entry, 1, 64)
#define LIST(key, structure, member, counter, entry)                                                                   \
    CYAML_FIELD_SEQUENCE_COUNT(key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, structure, member, counter, &(entry), 1, \
                               256)
#define LIST_REQUIRED(key, structure, member, counter, entry)                                                          \
    CYAML_FIELD_SEQUENCE_COUNT(key, CYAML_FLAG_POINTER, structure, member, counter, &(entry), 1, 256)
#define SECTION(key, structure, member, fields)                                                                        \
    CYAML_FIELD_MAPPING_PTR(key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, structure, member, fields)
#define SECTION_REQUIRED(key, structure, member, fields)                                                               \
    CYAML_FIELD_MAPPING_PTR(key, CYAML_FLAG_POINTER, structure, member, fields)

/* schema.c and schema_*.c */
extern const cyaml_schema_value_t carnet_config_schema, carnet_config_text_entry, carnet_config_source_entry,
    carnet_config_risk_entry;
extern const cyaml_schema_field_t carnet_config_services_fields[], carnet_config_mobile_app_server_fields[],
    carnet_config_payment_link_fields[], carnet_config_issuing_authorization_fields[],
    carnet_config_identity_provider_fields[];

/* rules.c: what libcyaml's schema cannot say.  Paths are written with `[]` for every index. */
typedef struct carnet_config_rule {
    const char *path;
    uint64_t min, max;        /* of a number */
    bool file;                /* a text: the name of a file, taken from the folder of the configuration */
    const char *const *words; /* a text, or each of a list: one of these; NULL: any */
} carnet_config_rule;
/* The rule of a path, with indexes or `[]`; NULL if there is none. */
const carnet_config_rule *carnet_config_rule_of(const char *path);

/* places.c: where the keys are in the file, and whether all is as the schema and the rules say. */
typedef struct carnet_config_places carnet_config_places;
carnet_rc carnet_config_places_read(carnet_str yaml, const char *file, carnet_config_places **places,
                                    carnet_config_complaint *complaint);
void carnet_config_places_free(carnet_config_places **places);
const char *carnet_config_places_file(const carnet_config_places *places);
/* The line of a key or of its nearest ancestor that is there, from 1. */
unsigned carnet_config_places_line(const carnet_config_places *places, const char *path);

/* walk.c: every text that was loaded, by the schema. */
typedef carnet_rc carnet_config_text_visitor(void *self, const char *path, char **text, carnet_err *err);
carnet_rc carnet_config_walk_texts(carnet_config *config, carnet_config_text_visitor *visit, void *self,
                                   carnet_err *err);

/* check.c, check_services.c, schema_*.c: what keys say to each other.  The key is the error's path. */
carnet_rc carnet_config_check(const carnet_config *config, carnet_err *err);
carnet_rc carnet_config_check_services(const carnet_config *config, carnet_err *err);
carnet_rc carnet_config_check_risk(const carnet_config *config, carnet_err *err);
carnet_rc carnet_config_check_mobile_app_server(const carnet_config *config, carnet_err *err);
carnet_rc carnet_config_check_issuing_authorization(const carnet_config *config, carnet_err *err);
/* NULL: there is none of this name. */
const carnet_config_key *carnet_config_key_named(const carnet_config *config, const char *name);
/* `list`: whose i-th link it is, "acquiring_switch.terminals". */
carnet_rc carnet_config_check_payment_link(const carnet_config_payment_link *link, const char *list, size_t i,
                                           bool listens, carnet_err *err);
/* schema_identity_provider.c */
carnet_rc carnet_config_check_identity_provider(const carnet_config *config, carnet_err *err);
/* A failure about a key; `path` as of printf(), with one number and one text. */
carnet_rc carnet_config_fault(carnet_err *err, const char *reason, const char *path, ...) CARNET_PRINTF(3, 4);

#endif
