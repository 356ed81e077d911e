/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One table for both ends of a JSON message: what its members are called, what
 * they may be, and where in the message's struct they live.
 */
#ifndef CARNET_BOPS_FIELDS_H
#define CARNET_BOPS_FIELDS_H
#include "carnet/bops.h"
#include "carnet/json_build.h"

typedef enum carnet_bops_kind {
    BOPS_TEXT = 1, /* carnet_str; `max` octets */
    BOPS_BASE64,   /* the same, of base64url's alphabet */
    BOPS_INTEGER,  /* int64_t, 0 to `max` */
    BOPS_DECIMAL,  /* int64_t: a number times `max`, a power of ten */
    BOPS_BOOL,
    BOPS_NAME,   /* an enumeration, by `names` */
    BOPS_OBJECT, /* members of their own; `count` is where a bool says that it is there, or BOPS_NOWHERE */
    BOPS_LIST,   /* of objects: `max` of `size` octets each, their number (size_t) at `count` */
    BOPS_TEXTS,  /* of carnet_str: likewise; `size` octets in each at most */
    BOPS_LISTS,  /* of structs that are the list in `fields` each: likewise */
    BOPS_VALUE   /* const carnet_json *; what is written is the public key that is pointed to at `count` */
} carnet_bops_kind;

enum {
    BOPS_REQUIRED = 1,
    BOPS_ALWAYS = 2,  /* written though it is empty, 0 or false */
    BOPS_OR_MINUS = 4 /* an integer that is -1 when absent */
};

#define BOPS_NOWHERE  SIZE_MAX
#define BOPS_TIME_MAX 253402300800000 /* milliseconds: the year 10000 */

typedef struct carnet_bops_field {
    const char *name;
    carnet_bops_kind kind;
    unsigned flags;
    size_t offset;
    uint64_t max;
    size_t count, size;
    const char *const *names; /* the enumeration's from 0 on, NULL where there is none; ends with an empty name */
    const struct carnet_bops_field *fields;
    size_t field_count;
} carnet_bops_field;

#define BOPS_SUB(table) .fields = (table), .field_count = CARNET_COUNT(table)

typedef struct carnet_bops_message {
    const carnet_bops_field *fields;
    size_t count, size;
} carnet_bops_message;

/** Read a message into its struct, whose first member is its document; emptied on failure. */
carnet_rc carnet_bops_read(carnet_str text, const carnet_bops_message *message, void *out, carnet_err *err);
/** Read members of an object that is part of another document. */
carnet_rc carnet_bops_read_value(const carnet_json *object, const carnet_bops_message *message, void *out,
                                 const carnet_path *path, carnet_err *err);
/** Append the message. */
carnet_rc carnet_bops_write(const carnet_bops_message *message, const void *in, carnet_buf *out, carnet_err *err);
/** Add the members to an object that is open. */
void carnet_bops_add(carnet_json_builder *b, const carnet_bops_field *fields, size_t count, const void *in);
/** Free a message's document and empty it. */
void carnet_bops_close(const carnet_bops_message *message, void *of);

extern const char *const carnet_bops_status_names[];
extern const carnet_bops_field carnet_bops_biometric_fields[3];
extern const carnet_bops_field carnet_bops_transaction_fields[6];

/** The functions of a message: NAME_write, _read, _close. */
#define BOPS_FUNCTIONS(name)                                                                                           \
    carnet_rc carnet_bops_##name##_write(const carnet_bops_##name *m, carnet_buf *out, carnet_err *err)                \
    {                                                                                                                  \
        return carnet_bops_write(&message_##name, m, out, err);                                                        \
    }                                                                                                                  \
    carnet_rc carnet_bops_##name##_read(carnet_str text, carnet_bops_##name *m, carnet_err *err)                       \
    {                                                                                                                  \
        return carnet_bops_read(text, &message_##name, m, err);                                                        \
    }                                                                                                                  \
    void carnet_bops_##name##_close(carnet_bops_##name *m)                                                             \
    {                                                                                                                  \
        carnet_bops_close(&message_##name, m);                                                                         \
    }
#define BOPS_MESSAGE(name, fields)                                                                                     \
    static const carnet_bops_message message_##name = { fields, CARNET_COUNT(fields), sizeof(carnet_bops_##name) };    \
    BOPS_FUNCTIONS(name)

#endif
