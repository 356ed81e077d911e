/* SPDX-License-Identifier: Apache-2.0 */
/* What the switch answers. */
#include "internal.h"

#include "carnet/iso8583_codes.h"

static carnet_rc
other(carnet_err *err, const char *reason)
{
    return carnet_fail(err, CARNET_E_TERMINAL_ANSWER, NULL, reason);
}

static bool
alike(const carnet_iso8583_message *m, unsigned element, const char *text)
{
    return !carnet_iso8583_has(m, element) || carnet_iso8583_is(m, element, text);
}

/* It answers what is waited for: its type, its trace number, and what it repeats of the rest. */
static carnet_rc
check(const carnet_terminal *t, const carnet_iso8583_message *m, carnet_err *err)
{
    const carnet_terminal_record *r = &t->record;
    const bool after = r->phase == CARNET_TERMINAL_REVERSING || r->phase == CARNET_TERMINAL_COMPLETING;
    uint64_t stan;

    if (!after && (r->phase != CARNET_TERMINAL_AUTHORISING || !t->asked))
        return other(err, "no answer is waited for");
    if (m->mti != carnet_mti_response(carnet_terminal_mti(t)))
        return other(err, "it is of another type");
    if (!carnet_iso8583_number(m, 11, &stan) || stan != (after ? r->stan_after : r->stan))
        return other(err, "its trace number is another");
    if (!alike(m, 41, t->config.terminal) || !alike(m, 37, r->rrn))
        return other(err, "it is for another terminal or transaction");
    if (!carnet_iso8583_has(m, 39))
        return other(err, "it says nothing of what came of it");
    return CARNET_OK;
}

/* The vectors that would do; false: there are none. */
static bool
read_request(carnet_terminal *t, const carnet_iso8583_message *m)
{
    uint8_t octets[1024];
    carnet_buf room = carnet_buf_of(octets, sizeof(octets));
    const carnet_span value = carnet_iso8583_binary(m, t->config.carrier, &room);
    carnet_vector_carrier c;
    carnet_rc rc = CARNET_E_CARRIER_ABSENT;

    if (value.len > 0)
        rc = t->config.carrier_tag == 0 ? carnet_carrier_read_text(value, &c, NULL)
                                        : carnet_carrier_read_tlv(value, &c, NULL);
    if (rc != CARNET_OK || (c.present & CARNET_CARRIER_REQUEST) == 0)
        return false;
    carnet_terminal_forget(t);
    for (unsigned i = 0; i < c.request_count && t->vtr_count < CARNET_STAGING_VTR; i++) {
        const carnet_str one = carnet_terminal_hold(t, c.request[i]);

        if (one.len > 0)
            t->vtr[t->vtr_count++] = one;
    }
    return t->vtr_count > 0;
}

static bool
asks_for_more(const carnet_terminal_record *r)
{
    static const char *const codes[] = { "1A", "63", "122", "1022" };

    for (size_t i = 0; i < CARNET_COUNT(codes); i++)
        if (carnet_str_is(carnet_str_of(r->response), codes[i]))
            return true;
    return false;
}

/* The amount that was asked for, if the answer repeats it. */
static bool
amount_same(const carnet_terminal *t, const carnet_iso8583_message *m)
{
    uint8_t octets[24];
    carnet_buf room = carnet_buf_of(octets, sizeof(octets));
    carnet_str text = carnet_iso8583_text(m, 4, &room);
    uint64_t amount = 0;

    if (text.len == 0)
        return true;
    for (size_t i = text.len > 12 ? text.len - 12 : 0; i < text.len; i++)
        amount = 10 * amount + (uint64_t)(text.ptr[i] - '0');
    return amount == t->record.amount;
}

/* 00 and its likes; what approves in another way (10: in part) has booked something that was not asked for. */
static bool
plainly(const char *response)
{
    for (size_t i = 0; response[i] != '\0'; i++)
        if (response[i] != '0')
            return false;
    return true;
}

static void
authorised(carnet_terminal *t, const carnet_iso8583_message *m, int64_t now)
{
    carnet_terminal_record *r = &t->record;
    uint8_t octets[16];
    carnet_buf room = carnet_buf_of(octets, sizeof(octets));

    carnet_terminal_copy(r->approval, sizeof(r->approval), carnet_iso8583_text(m, 38, &room));
    if (t->cancelled)
        carnet_terminal_reverse(t, CARNET_REVERSAL_USER, CARNET_TERMINAL_CANCELLED, now);
    else if (!plainly(r->response) || !amount_same(t, m))
        carnet_terminal_reverse(t, CARNET_REVERSAL_NOTHING, CARNET_TERMINAL_NOTHING, now);
    else
        carnet_terminal_enter(t, CARNET_TERMINAL_DISPENSING, now);
}

static void
judge(carnet_terminal *t, const carnet_iso8583_message *m, int64_t now)
{
    carnet_terminal_record *r = &t->record;

    if (carnet_iso8583_approved(t->config.spec->version, carnet_str_of(r->response))) {
        authorised(t, m, now);
        return;
    }
    if (!t->cancelled && !r->stepped_up && asks_for_more(r) && read_request(t, m)) {
        r->stepped_up = true;
        carnet_terminal_enter(t, CARNET_TERMINAL_STEPPING_UP, now);
        t->due = now + t->config.collect_ms;
        return;
    }
    carnet_terminal_settle(t, t->cancelled ? CARNET_TERMINAL_CANCELLED : CARNET_TERMINAL_DECLINED, now);
}

/* What says that it was not dealt with at all: ask again. */
static bool
temporary(const char *response)
{
    static const char *const codes[] = { "91",  "92",  "96",  "68",  "19",  "63",   "90",   "907",  "908",  "909",
                                         "910", "911", "912", "916", "923", "9007", "9008", "9009", "9012", "9016" };

    for (size_t i = 0; i < CARNET_COUNT(codes); i++)
        if (carnet_str_is(carnet_str_of(response), codes[i]))
            return true;
    return false;
}

static bool
no_original(const char *response)
{
    const carnet_str code = carnet_str_of(response);

    return carnet_str_is(code, "25") || carnet_str_is(code, "914") || carnet_str_is(code, "9014");
}

/* 0430, 0230. */
static void
acknowledged(carnet_terminal *t, const char *response, int64_t now)
{
    const carnet_terminal_record *r = &t->record;
    const bool reversal = r->phase == CARNET_TERMINAL_REVERSING;

    if (carnet_iso8583_approved(t->config.spec->version, carnet_str_of(response)) ||
        (reversal && r->dispensed == 0 && no_original(response)))
        carnet_terminal_settle(t, r->outcome, now);
    else if (!temporary(response))
        carnet_terminal_settle(t, CARNET_TERMINAL_UNKNOWN, now);
}

carnet_rc
carnet_terminal_received(carnet_terminal *t, const carnet_iso8583_message *m, int64_t now, carnet_err *err)
{
    uint8_t octets[16];
    carnet_buf room = carnet_buf_of(octets, sizeof(octets));
    char response[sizeof(t->record.response)];
    carnet_rc rc = check(t, m, err);

    if (rc != CARNET_OK)
        return rc;
    carnet_terminal_copy(response, sizeof(response), carnet_iso8583_text(m, 39, &room));
    if (t->record.phase != CARNET_TERMINAL_AUTHORISING) {
        acknowledged(t, response, now);
        return CARNET_OK;
    }
    carnet_terminal_copy(t->record.response, sizeof(t->record.response), carnet_str_of(response));
    judge(t, m, now);
    return CARNET_OK;
}
