/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/ndef.h"

enum { FLAG_FIRST = 0x80, FLAG_LAST = 0x40, FLAG_CHUNK = 0x20, FLAG_SHORT = 0x10, FLAG_ID = 0x08, FORMAT = 0x07 };

#define UNCHANGED 6 /* format of a chunk that is not the first */
#define CLAUSE    "NDEF 1.0 3.2"

carnet_ndef_reader
carnet_ndef_open(carnet_span message)
{
    return (carnet_ndef_reader){ .at = message.ptr,
                                 .end = message.len > 0 ? message.ptr + message.len : message.ptr,
                                 .origin = message.ptr };
}

carnet_ndef_reader
carnet_ndef_open_within(const carnet_ndef_reader *outer, carnet_span message)
{
    carnet_ndef_reader r = carnet_ndef_open(message);

    r.origin = outer->origin;
    return r;
}

void
carnet_ndef_refuse(carnet_ndef_reader *r, carnet_rc rc, const uint8_t *at, const char *clause, const char *reason)
{
    if (r->rc == CARNET_OK) {
        r->rc = rc;
        r->failed_at = at != NULL ? at : r->at;
        r->clause = clause;
        r->reason = reason;
        r->at = r->end;
    }
}

void
carnet_ndef_join(carnet_ndef_reader *r, const carnet_ndef_reader *child)
{
    if (child->rc != CARNET_OK) {
        carnet_ndef_refuse(r, child->rc, child->failed_at, child->clause, child->reason);
    }
}

carnet_rc
carnet_ndef_done(carnet_ndef_reader *r, carnet_err *err)
{
    if (r->ended && r->at != r->end) {
        carnet_ndef_refuse(r, CARNET_E_NDEF_TRAILING, NULL, CLAUSE, NULL);
    } else if (!r->ended) {
        carnet_ndef_refuse(r, CARNET_E_NDEF_TRUNCATED, NULL, CLAUSE, "the last record is missing");
    }
    if (r->rc == CARNET_OK) {
        return CARNET_OK;
    }
    return carnet_fail_at(err, r->rc, r->clause, r->reason,
                          r->failed_at != NULL ? (size_t)(r->failed_at - r->origin) : 0, NULL);
}

/** What of the flags and lengths contradicts itself; NULL: nothing. */
static const char *
contradiction(const carnet_ndef_reader *r, uint8_t flags, size_t type_len, size_t id_len, size_t payload_len)
{
    unsigned format = flags & FORMAT;

    if (((flags & FLAG_FIRST) != 0) != (r->count == 0)) {
        return r->count == 0 ? "the first record does not say that it is" : "a later record says that it is the first";
    }
    if (format == CARNET_NDEF_EMPTY && type_len + id_len + payload_len != 0) {
        return "an empty record is not empty";
    }
    if (format == CARNET_NDEF_UNKNOWN && type_len != 0) {
        return "a record of unknown type has a type";
    }
    if (format >= CARNET_NDEF_WELL_KNOWN && format <= CARNET_NDEF_EXTERNAL && type_len == 0) {
        return "a record lacks its type";
    }
    return NULL;
}

/** Lengths in a record's head. */
typedef struct lengths {
    size_t head, type, id;
    uint64_t payload;
} lengths;

/** Read the lengths of the record in front; false if they are not all there. */
static bool
read_lengths(carnet_span rest, lengths *out)
{
    uint8_t flags = rest.ptr[0];
    size_t size = (flags & FLAG_SHORT) != 0 ? 1 : 4;

    *out = (lengths){ .head = 2 + size + ((flags & FLAG_ID) != 0 ? 1u : 0u) };
    if (rest.len < out->head) {
        return false;
    }
    out->type = rest.ptr[1];
    for (size_t i = 0; i < size; i++) {
        out->payload = out->payload << 8 | rest.ptr[2 + i];
    }
    out->id = (flags & FLAG_ID) != 0 ? rest.ptr[out->head - 1] : 0;
    return true;
}

bool
carnet_ndef_next(carnet_ndef_reader *r, carnet_ndef_record *record)
{
    carnet_span rest;
    const char *reason;
    lengths got;

    *record = (carnet_ndef_record){ 0 };
    if (r->at == r->end || r->ended) {
        return false; /* a failure moves `at` to the end */
    }
    rest = carnet_span_of(r->at, (size_t)(r->end - r->at));
    if (r->count == CARNET_NDEF_RECORDS_MAX) {
        carnet_ndef_refuse(r, CARNET_E_NDEF_LIMIT, NULL, CLAUSE, NULL);
        return false;
    }
    if ((rest.ptr[0] & FLAG_CHUNK) != 0 || (rest.ptr[0] & FORMAT) == UNCHANGED) {
        carnet_ndef_refuse(r, CARNET_E_NDEF_CHUNKED, NULL, "NDEF 1.0 2.3.3", NULL);
        return false;
    }
    if (!read_lengths(rest, &got) || got.payload > rest.len || got.head + got.type + got.id + got.payload > rest.len) {
        carnet_ndef_refuse(r, CARNET_E_NDEF_TRUNCATED, NULL, CLAUSE, "a record is longer than what is left");
        return false;
    }
    reason = contradiction(r, rest.ptr[0], got.type, got.id, (size_t)got.payload);
    if (reason != NULL) {
        carnet_ndef_refuse(r, CARNET_E_NDEF_RECORD, NULL, CLAUSE, reason);
        return false;
    }
    *record = (carnet_ndef_record){
        .format = (carnet_ndef_format)(rest.ptr[0] & FORMAT),
        .type = { (const char *)rest.ptr + got.head, got.type },
        .id = carnet_span_of(rest.ptr + got.head + got.type, got.id),
        .payload = carnet_span_of(rest.ptr + got.head + got.type + got.id, (size_t)got.payload),
        .encoded = carnet_span_of(rest.ptr, got.head + got.type + got.id + (size_t)got.payload),
    };
    r->count++;
    r->ended = (rest.ptr[0] & FLAG_LAST) != 0;
    r->at += record->encoded.len;
    return true;
}

static char
lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

bool
carnet_ndef_is(const carnet_ndef_record *record, carnet_ndef_format format, const char *type)
{
    carnet_str want = carnet_str_of(type);

    if (record->format != format || record->type.len != want.len) {
        return false;
    }
    if (format != CARNET_NDEF_EXTERNAL) {
        return carnet_str_equal(record->type, want);
    }
    for (size_t i = 0; i < want.len; i++) {
        if (lower(record->type.ptr[i]) != lower(want.ptr[i])) {
            return false;
        }
    }
    return true;
}

carnet_rc
carnet_ndef_find(carnet_span message, carnet_ndef_format format, const char *type, carnet_ndef_record *record,
                 bool *found, carnet_err *err)
{
    carnet_ndef_reader r = carnet_ndef_open(message);
    carnet_ndef_record each;
    carnet_rc rc;

    *found = false;
    *record = (carnet_ndef_record){ 0 };
    while (carnet_ndef_next(&r, &each)) {
        if (!*found && carnet_ndef_is(&each, format, type)) {
            *record = each;
            *found = true;
        }
    }
    rc = carnet_ndef_done(&r, err);
    if (rc != CARNET_OK) {
        *found = false;
        *record = (carnet_ndef_record){ 0 };
    }
    return rc;
}
