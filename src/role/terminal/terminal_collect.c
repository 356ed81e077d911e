/* SPDX-License-Identifier: Apache-2.0 */
/* What the mobile app server answers: nobody yet, somebody, a transaction to be authorised, or none any more. */
#include "internal.h"

#include <string.h>

enum { ASK_MS = 1000, AMOUNT_DIGITS = 12 };

bool
carnet_terminal_carrier(const carnet_terminal *t, carnet_vector_carrier *c)
{
    const carnet_collected_carrier *from = &t->carrier;
    uint8_t octets[96];
    carnet_buf room = carnet_buf_of(octets, sizeof(octets));

    *c = (carnet_vector_carrier){ .present = CARNET_CARRIER_REFERENCE | CARNET_CARRIER_RESULT,
                                  .reference = carnet_str_of(t->record.reference),
                                  .result = CARNET_CARRIER_OK };
    if (!t->has_carrier)
        return true;
    if (from->auth_time < 0 || from->auth_time > UINT32_MAX || from->expiry < 0 || from->expiry > UINT32_MAX ||
        from->aal < 0 || from->aal > 3 || carnet_base64url_decode(from->session, &room, NULL) != CARNET_OK ||
        room.len != sizeof(c->session))
        return false;
    memcpy(c->session, octets, sizeof(c->session));
    c->present |= CARNET_CARRIER_VECTOR | CARNET_CARRIER_TRUSTMARK | CARNET_CARRIER_SESSION | CARNET_CARRIER_AUTH_TIME |
                  CARNET_CARRIER_EXPIRY | CARNET_CARRIER_LEVEL;
    c->vector = from->vot;
    c->auth_time = (uint32_t)from->auth_time;
    c->expiry = (uint32_t)from->expiry;
    c->level = (uint32_t)from->aal;
    c->trustmark_url = from->trustmark;
    if (from->trustmark.len == 1 && from->trustmark.ptr[0] >= '1' && from->trustmark.ptr[0] <= '3')
        c->trustmark = (unsigned)(from->trustmark.ptr[0] - '0');
    if (from->signature.len == 0)
        return true;
    room.len = 0;
    if (carnet_base64url_decode(from->signature, &room, NULL) != CARNET_OK || room.len != sizeof(c->signature))
        return false;
    memcpy(c->signature, octets, sizeof(c->signature));
    c->key_id = from->key_id;
    c->present |= CARNET_CARRIER_SIGNATURE | CARNET_CARRIER_KEY_ID;
    return true;
}

static void
hold_carrier(carnet_terminal *t, const carnet_collect_answer *answer)
{
    const carnet_collected_carrier *from = &answer->carrier;

    carnet_terminal_forget(t);
    t->has_carrier = answer->has_carrier;
    if (!answer->has_carrier)
        return;
    t->carrier = *from;
    t->carrier.vot = carnet_terminal_hold(t, from->vot);
    t->carrier.trustmark = carnet_terminal_hold(t, from->trustmark);
    t->carrier.session = carnet_terminal_hold(t, from->session);
    t->carrier.key_id = carnet_terminal_hold(t, from->key_id);
    t->carrier.signature = carnet_terminal_hold(t, from->signature);
}

/* Nobody was there, or nothing is decided: ask again, until the time is over. */
static void
ask_again(carnet_terminal *t, unsigned interval, int64_t now)
{
    const bool known = t->record.phase != CARNET_TERMINAL_SHOWING;

    t->asked = false;
    t->next = now + (interval == 0 ? ASK_MS : 1000 * (int64_t)interval);
    if (now < t->due)
        return;
    if (known)
        carnet_terminal_settle(t, CARNET_TERMINAL_EXPIRED, now);
    else
        carnet_terminal_close(t, CARNET_TERMINAL_EXPIRED);
}

/* A user has come: what is said of the transaction once may not become another's. */
static bool
same(carnet_terminal *t, const carnet_collect_answer *answer)
{
    if (answer->reference.len == 0 || answer->reference.len > CARNET_STAGING_REFERENCE)
        return false;
    if (t->record.reference[0] == '\0')
        carnet_terminal_copy(t->record.reference, sizeof(t->record.reference), answer->reference);
    if (answer->binding.len > 0)
        carnet_terminal_copy(t->record.binding, sizeof(t->record.binding), answer->binding);
    return carnet_str_is(answer->reference, t->record.reference);
}

static void
approached(carnet_terminal *t, const carnet_collect_answer *answer, int64_t now)
{
    if (t->record.phase == CARNET_TERMINAL_SHOWING) {
        carnet_terminal_enter(t, CARNET_TERMINAL_APPROACHED, now);
        t->due = now + t->config.collect_ms;
    }
    t->vtr_count = 0; /* stepping up: it was asked for */
    ask_again(t, answer->interval, now);
}

static bool
digits(carnet_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
    return true;
}

static bool
usable(const carnet_terminal *t, const carnet_collect_answer *answer)
{
    uint64_t limit = 1;

    for (int i = 0; i < AMOUNT_DIGITS; i++)
        limit *= 10;
    return carnet_str_is(answer->type, t->config.pos ? "POS_PURCHASE" : "ATM_CWD") && answer->amount > 0 &&
           answer->amount < limit && carnet_str_is(answer->currency, t->config.currency) && answer->pan.len <= 19 &&
           digits(answer->pan) && answer->account.len <= 28;
}

/* DE 37: the last digit of the year, the day of the year, the hour, the trace number. */
static void
set_reference_number(carnet_terminal_record *r, int64_t now)
{
    const carnet_time time = now / 1000;
    const carnet_date date = carnet_date_of_time(time), first = { date.year, 1, 1 };
    const unsigned day = (unsigned)((time - carnet_time_of_date(first)) / CARNET_TIME_DAY) + 1;
    uint64_t value = (uint64_t)(date.year % 10) * 100000000000 + (uint64_t)day * 100000000 +
                     (uint64_t)(time % CARNET_TIME_DAY / 3600) * 1000000 + r->stan;

    for (int i = 11; i >= 0; i--, value /= 10)
        r->rrn[i] = (char)('0' + value % 10);
    r->rrn[12] = '\0';
}

static void
fulfilled(carnet_terminal *t, const carnet_collect_answer *answer, int64_t now)
{
    carnet_terminal_record *r = &t->record;
    const bool again = r->amount != 0;
    carnet_vector_carrier carrier;

    hold_carrier(t, answer);
    if (!usable(t, answer) || (again && answer->amount != r->amount) || !carnet_terminal_carrier(t, &carrier)) {
        carnet_terminal_settle(t, CARNET_TERMINAL_CANCELLED, now);
        return;
    }
    r->amount = answer->amount;
    carnet_terminal_copy(r->pan, sizeof(r->pan), answer->pan);
    carnet_terminal_copy(r->currency, sizeof(r->currency), answer->currency);
    carnet_terminal_copy(r->account, sizeof(r->account), answer->account);
    r->response[0] = r->approval[0] = '\0';
    r->stan = carnet_terminal_stan(t);
    r->sent = now;
    set_reference_number(r, now);
    carnet_terminal_enter(t, CARNET_TERMINAL_AUTHORISING, now);
    t->due = now + t->config.answer_ms;
}

/* It failed, or somebody else has it: nothing was authorised here. */
static void
lost(carnet_terminal *t, int64_t now)
{
    if (t->record.phase == CARNET_TERMINAL_STEPPING_UP)
        carnet_terminal_settle(t, CARNET_TERMINAL_DECLINED, now);
    else
        carnet_terminal_close(t, CARNET_TERMINAL_CANCELLED);
}

static bool
collecting(const carnet_terminal *t)
{
    return t->record.phase == CARNET_TERMINAL_SHOWING || t->record.phase == CARNET_TERMINAL_APPROACHED ||
           t->record.phase == CARNET_TERMINAL_STEPPING_UP;
}

carnet_rc
carnet_terminal_collected(carnet_terminal *t, const carnet_collect_answer *answer, int64_t now, carnet_err *err)
{
    if (!collecting(t) || !t->asked)
        return carnet_fail(err, CARNET_E_TERMINAL_STATE, NULL, "nothing was to be collected");
    if (answer == NULL || answer->pending) {
        ask_again(t, answer == NULL ? 0 : answer->interval, now);
        return CARNET_OK;
    }
    if (!same(t, answer)) {
        lost(t, now);
        return CARNET_OK;
    }
    switch (answer->state) {
    case CARNET_STAGED_AUTHENTICATING:
    case CARNET_STAGED_STEPPING_UP:
        approached(t, answer, now);
        break;
    case CARNET_STAGED_FULFILLED:
        fulfilled(t, answer, now);
        break;
    default:
        lost(t, now);
    }
    return CARNET_OK;
}
