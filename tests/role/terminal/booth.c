/* SPDX-License-Identifier: Apache-2.0 */
#include "booth.h"

#include <string.h>

static const uint8_t session[CARNET_STAGING_SESSION] = "terminal session";

/* The power goes at the n-th point. */
static bool
cut(booth *b)
{
    b->off = b->off || b->point++ == b->off_at;
    return b->off;
}

static carnet_rc
journal(void *self, const carnet_terminal_record *record, carnet_err *err)
{
    booth *b = self;
    uint8_t line[2048];
    carnet_buf out = carnet_buf_of(line, sizeof(line));
    carnet_terminal_record kept;

    if (cut(b))
        return carnet_fail(err, CARNET_E_TERMINAL_JOURNAL, NULL, "the power is off");
    /* Through its text, as in a file. */
    if (carnet_terminal_record_write(record, &out, err) != CARNET_OK ||
        carnet_terminal_record_read(carnet_buf_str(&out), &kept, err) != CARNET_OK)
        return err != NULL ? err->rc : CARNET_E_TERMINAL_JOURNAL;
    b->journal = kept;
    b->has_journal = true;
    b->writes++;
    b->manual = b->manual || kept.outcome == CARNET_TERMINAL_UNKNOWN;
    return cut(b) ? carnet_fail(err, CARNET_E_TERMINAL_JOURNAL, NULL, "the power is off") : CARNET_OK;
}

bool
booth_open(booth *b)
{
    if (!bank_open(&b->bank))
        return false;
    for (unsigned i = 0; i < 3; i++)
        b->bank.link[i].mac.algorithm = CARNET_MESSAGE_MAC_NONE; /* it is put on where messages leave */
    return true;
}

void
booth_close(booth *b)
{
    bank_close(&b->bank);
}

static void
start(booth *b, uint64_t number, uint32_t stan)
{
    const carnet_debit_link *link = &b->bank.link[b->version];
    carnet_terminal_config c = { .spec = link->spec,
                                 .carrier = link->carrier,
                                 .carrier_tag = link->carrier_text ? 0 : link->carrier_tag,
                                 .pos = b->script.pos,
                                 .dual = b->script.dual,
                                 .terminal = BANK_TERMINAL,
                                 .merchant = "BANK 1",
                                 .name = "Main Street 1",
                                 .acquirer = "423935",
                                 .mcc = "6011",
                                 .currency = "840",
                                 .journal = journal,
                                 .journal_self = b };

    b->config = c;
    (void)carnet_terminal_init(&b->t, &c, number, stan, NULL);
}

void
booth_begin(booth *b, carnet_iso8583_version version, const booth_script *script, unsigned off_at)
{
    const size_t after = offsetof(booth, version);

    memset((uint8_t *)b + after, 0, sizeof(*b) - after);
    bank_reset(&b->bank);
    b->version = version;
    b->script = *script;
    b->now = 1000 * (int64_t)BANK_NOW;
    b->off_at = off_at;
    start(b, 6, 100);
}

carnet_collect_answer
booth_fulfilled(booth *b, const char *vector)
{
    static uint8_t texts[256];
    carnet_buf out = carnet_buf_of(texts, sizeof(texts));
    carnet_vector_carrier c = { .present = CARNET_CARRIER_VECTOR | CARNET_CARRIER_TRUSTMARK | CARNET_CARRIER_SESSION |
                                           CARNET_CARRIER_REFERENCE | CARNET_CARRIER_AUTH_TIME | CARNET_CARRIER_EXPIRY,
                                .vector = carnet_str_of(vector),
                                .trustmark = 1,
                                .reference = carnet_str_of(BANK_REFERENCE),
                                .auth_time = (uint32_t)(BANK_NOW - 30),
                                .expiry = (uint32_t)(BANK_NOW + 270) };
    const uint64_t amount = b->script.poor ? 150000 : BOOTH_AMOUNT;
    const carnet_carrier_binding binding = { carnet_str_of(b->script.poor ? "000000150000" : "000000020000"),
                                             carnet_str_of("840"), carnet_str_of(BANK_TERMINAL) };
    carnet_collect_answer a = { .state = CARNET_STAGED_FULFILLED,
                                .reference = carnet_str_of(BANK_REFERENCE),
                                .type = carnet_str_of(b->script.pos ? "POS_PURCHASE" : "ATM_CWD"),
                                .amount = amount,
                                .currency = carnet_str_of("840"),
                                .pan = carnet_str_of(BANK_PAN),
                                .binding = carnet_str_of("K7Q2"),
                                .has_carrier = true };

    memset(c.session, 0x22, sizeof(c.session));
    (void)carnet_carrier_sign(&c, &binding, carnet_str_of("idp-test"), &b->bank.key, &b->bank.crypto, NULL);
    carnet_base64url_encode(carnet_span_of(c.session, sizeof(c.session)), &out);
    a.carrier = (carnet_collected_carrier){ .vot = carnet_str_of(vector),
                                            .trustmark = carnet_str_of("1"),
                                            .session = { (const char *)texts, out.len },
                                            .auth_time = c.auth_time,
                                            .expiry = c.expiry,
                                            .aal = 3,
                                            .key_id = carnet_str_of("idp-test") };
    a.carrier.signature.ptr = (const char *)texts + out.len;
    carnet_base64url_encode(carnet_span_of(c.signature, sizeof(c.signature)), &out);
    a.carrier.signature.len = (size_t)((const char *)texts + out.len - a.carrier.signature.ptr);
    return a;
}

/* The mobile app server: nobody yet, somebody, done. */
static void
collect(booth *b, bool step_up)
{
    carnet_collect_answer answer = { .state = CARNET_STAGED_AUTHENTICATING,
                                     .reference = carnet_str_of(BANK_REFERENCE),
                                     .binding = carnet_str_of("K7Q2"),
                                     .interval = 2 };

    b->collects++;
    if (cut(b))
        return;
    if (b->script.nobody || b->collects == 1)
        answer = (carnet_collect_answer){ .pending = true, .interval = 2 };
    else if (step_up)
        answer.state = CARNET_STAGED_STEPPING_UP;
    else if (b->collects > 2 && b->script.fails)
        answer.state = CARNET_STAGED_FAILED;
    else if (b->collects > 2)
        answer =
            booth_fulfilled(b, (b->script.weak && !b->stepped_up) || b->script.always_weak ? "Cb.Ce" : BANK_VECTOR);
    b->stepped_up = b->stepped_up || step_up;
    (void)carnet_terminal_collected(&b->t, &answer, b->now, NULL);
}

/* Say what came back.  False: the power is off. */
static bool
answer(booth *b, carnet_span octets)
{
    static carnet_iso8583_message m;

    if (cut(b))
        return false;
    if (carnet_iso8583_parse(b->config.spec, octets, &m, NULL) == CARNET_OK)
        (void)carnet_terminal_received(&b->t, &m, b->now, NULL);
    return true;
}

static void
deliver(booth *b, bool first, carnet_span message)
{
    static uint8_t copy[CARNET_DEBIT_ANSWER];
    static size_t late_length;

    if ((first && b->script.lose_request) || bank_receive(&b->bank, b->version, message, NULL) != CARNET_OK || cut(b))
        return;
    if (first && b->script.cancel_late)
        (void)carnet_terminal_cancel(&b->t, b->now, NULL);
    if (first && b->script.lose_answer) {
        late_length = b->bank.debit.answer.len;
        memcpy(copy, b->bank.debit.answer.ptr, late_length);
        return;
    }
    if (!first && b->script.late && late_length > 0) {
        const carnet_terminal_record before = b->t.record;

        (void)answer(b, carnet_span_of(copy, late_length));
        b->late_answers += memcmp(&before, &b->t.record, sizeof(before)) != 0;
    }
    if (!first && b->acks++ < b->script.lose_acks)
        return;
    (void)answer(b, b->bank.debit.answer);
}

static void
transmit(booth *b)
{
    static uint8_t bytes[2048];
    carnet_buf out = carnet_buf_of(bytes, sizeof(bytes));
    const bool first = b->t.record.phase == CARNET_TERMINAL_AUTHORISING;

    if (carnet_terminal_message(&b->t, &out, NULL) != CARNET_OK || (first && b->script.unreachable)) {
        carnet_terminal_sent(&b->t, false, b->now);
        return;
    }
    if (cut(b))
        return;
    b->requests += first;
    carnet_terminal_sent(&b->t, true, b->now);
    deliver(b, first, carnet_buf_span(&out));
}

/* It remembers that it began, and for what, and what came of it. */
static void
dispense(booth *b, uint64_t amount)
{
    const uint64_t number = b->t.record.number, out = b->script.jam ? b->script.out : amount;

    if (cut(b))
        return;
    b->dispenser_began = number;
    if (cut(b))
        return;
    b->cash += out;
    if (cut(b))
        return;
    if (!b->script.unsure) {
        b->dispenser_done = number;
        b->dispenser_amount = out;
    }
    if (cut(b))
        return;
    (void)carnet_terminal_dispensed(&b->t, !b->script.unsure, out, b->now, NULL);
}

static void
tell(booth *b, const carnet_terminal_action *action)
{
    if (cut(b))
        return;
    if (b->tells++ >= b->script.refuse_tells) {
        b->told = true;
        b->told_result = action->result;
        b->told_amount = action->amount;
    }
    if (!cut(b))
        (void)carnet_terminal_reported(&b->t, b->told, b->now, NULL);
}

static bool
drive(booth *b)
{
    carnet_terminal_action action;

    for (int i = 0; i < 400; i++) {
        if (carnet_terminal_next(&b->t, b->now, &action, NULL) != CARNET_OK && !b->off)
            return false;
        if (b->off)
            return true;
        switch (action.act) {
        case CARNET_TERMINAL_WAIT:
            if (action.until == INT64_MAX)
                return true;
            b->now = action.until > b->now ? action.until : b->now;
            break;
        case CARNET_TERMINAL_COLLECT:
        case CARNET_TERMINAL_STEP_UP:
            collect(b, action.act == CARNET_TERMINAL_STEP_UP);
            break;
        case CARNET_TERMINAL_SEND:
            transmit(b);
            break;
        case CARNET_TERMINAL_DISPENSE:
            dispense(b, action.amount);
            break;
        case CARNET_TERMINAL_REPORT:
            tell(b, &action);
            break;
        }
        if (b->off)
            return true;
        b->now += 10;
    }
    return false;
}

bool
booth_run(booth *b)
{
    return carnet_terminal_begin(&b->t, session, b->now, NULL) == CARNET_OK && drive(b);
}

bool
booth_restart(booth *b, unsigned off_at)
{
    /* It never began for this one: then nothing came out.  It began and did not end: it does not know. */
    const bool began = b->dispenser_began == b->journal.number, done = b->dispenser_done == b->journal.number;
    carnet_rc rc = CARNET_OK;

    b->off = false;
    b->point = 0;
    b->off_at = off_at;
    b->now += 60000;
    start(b, b->has_journal ? b->journal.number : 6, b->has_journal ? b->journal.stan : 100);
    if (b->has_journal)
        rc = carnet_terminal_resume(&b->t, &b->journal, !began || done, done ? b->dispenser_amount : 0, b->now, NULL);
    return b->off || (rc == CARNET_OK && drive(b));
}

int64_t
booth_debited(const booth *b)
{
    return 100000 - b->bank.books.customer.balance;
}
