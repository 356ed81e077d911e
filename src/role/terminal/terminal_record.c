/* SPDX-License-Identifier: Apache-2.0 */
/* A record as a line of the journal. */
#include "internal.h"

#include "carnet/json_build.h"

#include <string.h>

static const char *const reversals[] = {
    [CARNET_REVERSAL_NONE] = "NONE",       [CARNET_REVERSAL_TIMEOUT] = "TIMEOUT", [CARNET_REVERSAL_NOTHING] = "NOTHING",
    [CARNET_REVERSAL_PARTIAL] = "PARTIAL", [CARNET_REVERSAL_UNKNOWN] = "UNKNOWN", [CARNET_REVERSAL_USER] = "USER",
};

/* Texts of a record: how they are called, and where they are. */
typedef struct text_place {
    const char *name;
    size_t offset, size;
} text_place;

#define PLACE(name, member)                                                                                            \
    {                                                                                                                  \
        name, offsetof(carnet_terminal_record, member), sizeof(((carnet_terminal_record *)0)->member)                  \
    }

static const text_place texts[] = {
    PLACE("ref", reference),   PLACE("pan", pan), PLACE("currency", currency), PLACE("account", account),
    PLACE("binding", binding), PLACE("rrn", rrn), PLACE("approval", approval), PLACE("response", response),
};

typedef struct number_place {
    const char *name;
    size_t offset, size; /* 4: uint32_t, 8: int64_t or uint64_t, whose values are not negative */
    int64_t max;
} number_place;

static const int64_t amount_max = 999999999999;

static const number_place numbers[] = {
    { "number", offsetof(carnet_terminal_record, number), 8, INT64_MAX },
    { "amount", offsetof(carnet_terminal_record, amount), 8, amount_max },
    { "dispensed", offsetof(carnet_terminal_record, dispensed), 8, amount_max },
    { "began", offsetof(carnet_terminal_record, began), 8, INT64_MAX },
    { "sent", offsetof(carnet_terminal_record, sent), 8, INT64_MAX },
    { "sentAfter", offsetof(carnet_terminal_record, sent_after), 8, INT64_MAX },
    { "stan", offsetof(carnet_terminal_record, stan), 4, 999999 },
    { "stanAfter", offsetof(carnet_terminal_record, stan_after), 4, 999999 },
    { "repeats", offsetof(carnet_terminal_record, repeats), 4, UINT32_MAX - 1 },
};

carnet_rc
carnet_terminal_record_write(const carnet_terminal_record *record, carnet_buf *out, carnet_err *err)
{
    const uint8_t *at = (const uint8_t *)record;
    carnet_json_builder b = carnet_json_build(out);

    carnet_json_object_begin(&b, NULL);
    carnet_json_add_text(&b, "phase", carnet_terminal_phase_name(record->phase));
    carnet_json_add_text(&b, "outcome", carnet_terminal_outcome_name(record->outcome));
    carnet_json_add_text(&b, "reversal",
                         (size_t)record->reversal < CARNET_COUNT(reversals) ? reversals[record->reversal] : "");
    carnet_json_add_base64url(&b, "session", carnet_span_of(record->session, sizeof(record->session)));
    carnet_json_add_bool(&b, "purchase", record->purchase);
    carnet_json_add_bool(&b, "steppedUp", record->stepped_up);
    for (size_t i = 0; i < CARNET_COUNT(texts); i++)
        carnet_json_add_text(&b, texts[i].name, (const char *)at + texts[i].offset);
    for (size_t i = 0; i < CARNET_COUNT(numbers); i++) {
        int64_t value = 0;
        uint32_t small;

        if (numbers[i].size == sizeof(small)) {
            memcpy(&small, at + numbers[i].offset, sizeof(small));
            value = small;
        } else {
            memcpy(&value, at + numbers[i].offset, sizeof(value));
        }
        carnet_json_add_integer(&b, numbers[i].name, value);
    }
    carnet_json_object_end(&b);
    return carnet_json_built(&b, err);
}

static const carnet_json_rule rules[] = {
    { "phase", CARNET_JSON_STRING, true },      { "outcome", CARNET_JSON_STRING, true },
    { "reversal", CARNET_JSON_STRING, true },   { "session", CARNET_JSON_STRING, true },
    { "purchase", CARNET_JSON_BOOL, true },     { "steppedUp", CARNET_JSON_BOOL, true },
    { "ref", CARNET_JSON_STRING, true },        { "pan", CARNET_JSON_STRING, true },
    { "currency", CARNET_JSON_STRING, true },   { "account", CARNET_JSON_STRING, true },
    { "binding", CARNET_JSON_STRING, true },    { "rrn", CARNET_JSON_STRING, true },
    { "approval", CARNET_JSON_STRING, true },   { "response", CARNET_JSON_STRING, true },
    { "number", CARNET_JSON_INTEGER, true },    { "amount", CARNET_JSON_INTEGER, true },
    { "dispensed", CARNET_JSON_INTEGER, true }, { "began", CARNET_JSON_INTEGER, true },
    { "sent", CARNET_JSON_INTEGER, true },      { "sentAfter", CARNET_JSON_INTEGER, true },
    { "stan", CARNET_JSON_INTEGER, true },      { "stanAfter", CARNET_JSON_INTEGER, true },
    { "repeats", CARNET_JSON_INTEGER, true },
};

static bool
read_words(const carnet_json *object, carnet_terminal_record *r)
{
    const carnet_str phase = carnet_json_string(carnet_json_get(object, "phase")),
                     outcome = carnet_json_string(carnet_json_get(object, "outcome")),
                     reversal = carnet_json_string(carnet_json_get(object, "reversal"));
    carnet_buf session = carnet_buf_of(r->session, sizeof(r->session));

    r->phase = carnet_terminal_phase_of(phase);
    r->outcome = carnet_terminal_outcome_of(outcome);
    for (size_t i = 0; i < CARNET_COUNT(reversals); i++)
        if (carnet_str_is(reversal, reversals[i]))
            r->reversal = (carnet_terminal_reversal)i;
    r->purchase = carnet_json_bool(carnet_json_get(object, "purchase"));
    r->stepped_up = carnet_json_bool(carnet_json_get(object, "steppedUp"));
    return carnet_str_is(phase, carnet_terminal_phase_name(r->phase)) &&
           carnet_str_is(outcome, carnet_terminal_outcome_name(r->outcome)) &&
           carnet_str_is(reversal, reversals[r->reversal]) &&
           carnet_base64url_decode(carnet_json_string(carnet_json_get(object, "session")), &session, NULL) ==
               CARNET_OK &&
           session.len == sizeof(r->session);
}

static bool
read_text(const carnet_json *object, const text_place *place, carnet_terminal_record *r)
{
    const carnet_str text = carnet_json_string(carnet_json_get(object, place->name));

    if (text.len >= place->size || (text.len > 0 && memchr(text.ptr, 0, text.len) != NULL))
        return false;
    carnet_terminal_copy((char *)r + place->offset, place->size, text);
    return true;
}

static bool
read_number(const carnet_json *object, const number_place *place, carnet_terminal_record *r)
{
    const int64_t value = carnet_json_integer(carnet_json_get(object, place->name));
    const uint32_t small = (uint32_t)value;

    if (value < 0 || value > place->max)
        return false;
    memcpy((uint8_t *)r + place->offset, place->size == sizeof(small) ? (const void *)&small : (const void *)&value,
           place->size);
    return true;
}

static bool
read_all(const carnet_json *object, carnet_terminal_record *r)
{
    bool good = read_words(object, r);

    for (size_t i = 0; good && i < CARNET_COUNT(texts); i++)
        good = read_text(object, &texts[i], r);
    for (size_t i = 0; good && i < CARNET_COUNT(numbers); i++)
        good = read_number(object, &numbers[i], r);
    return good && r->dispensed <= r->amount;
}

carnet_rc
carnet_terminal_record_read(carnet_str line, carnet_terminal_record *record, carnet_err *err)
{
    carnet_json *document = NULL;
    carnet_rc rc = carnet_json_parse(line, &document, err);

    memset(record, 0, sizeof(*record));
    if (rc == CARNET_OK)
        rc = carnet_json_check(document, rules, CARNET_COUNT(rules), CARNET_E_TERMINAL_JOURNAL, NULL, err);
    else
        rc = carnet_fail(err, CARNET_E_TERMINAL_JOURNAL, NULL, "a line of the journal is not JSON");
    if (rc == CARNET_OK && !read_all(document, record)) {
        memset(record, 0, sizeof(*record));
        rc = carnet_fail(err, CARNET_E_TERMINAL_JOURNAL, NULL, "a line of the journal is none of a terminal's");
    }
    carnet_json_free(&document);
    return rc;
}
