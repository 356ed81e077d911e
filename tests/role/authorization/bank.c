/* SPDX-License-Identifier: Apache-2.0 */
#include "bank.h"

#include <string.h>

static const uint8_t mac_key[16] = "0123456789abcdef", pin_key[16] = "fedcba9876543210";

static int64_t
identify(void *self, void *unit)
{
    bank *b = self;

    (void)unit;
    return ++b->books.last;
}

static void
copy_text(carnet_str *text, char *room, size_t size)
{
    size_t len = text->len < size ? text->len : size;

    if (len > 0)
        memcpy(room, text->ptr, len);
    *text = (carnet_str){ room, len };
}

/* A copy of what is kept, as a store gives it: valid while `room` is. */
static void
hand_out(const bank_record *kept, carnet_debit_record *record, carnet_buf *room)
{
    *record = kept->record;
    record->origin = carnet_str_of(kept->origin);
    record->reference = (carnet_str){ kept->reference, kept->record.reference.len };
    record->staged = (carnet_str){ kept->staged, kept->record.staged.len };
    record->answer = carnet_span_of(room->ptr + room->len, kept->record.answer.len);
    carnet_buf_add(room, carnet_span_of(kept->answer, kept->record.answer.len));
}

static carnet_rc
find(void *self, void *unit, const carnet_debit_key *key, bool any, carnet_debit_record *record, carnet_buf *room,
     bool *found, carnet_err *err)
{
    bank *b = self;

    (void)unit;
    (void)err;
    *found = false;
    for (unsigned i = 0; i < b->books.records && !*found; i++) {
        const bank_record *kept = &b->books.record[i];
        carnet_str reference = { kept->reference, kept->record.reference.len };

        *found = kept->record.moment == key->moment && strcmp(kept->origin, key->origin) == 0 &&
                 (any || reference.len == 0 || key->reference.len == 0 || carnet_str_equal(reference, key->reference));
        if (*found)
            hand_out(kept, record, room);
    }
    return CARNET_OK;
}

static carnet_rc
user(void *self, void *unit, carnet_str staged, carnet_debit_record *record, carnet_buf *room, bool *found,
     carnet_err *err)
{
    bank *b = self;

    (void)unit;
    (void)err;
    *found = false;
    for (unsigned i = 0; i < b->books.records && !*found; i++) {
        const bank_record *kept = &b->books.record[i];

        *found = staged.len > 0 && carnet_str_equal((carnet_str){ kept->staged, kept->record.staged.len }, staged);
        if (*found)
            hand_out(kept, record, room);
    }
    return CARNET_OK;
}

static carnet_rc
keep(void *self, void *unit, const carnet_debit_record *record, carnet_err *err)
{
    bank *b = self;
    bank_record *kept = &b->books.record[b->books.records];

    (void)unit;
    if (b->books.records == BANK_RECORDS || record->answer.len > sizeof(kept->answer))
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    b->books.records++;
    memset(kept, 0, sizeof(*kept));
    kept->record = *record;
    copy_text(&kept->record.origin, kept->origin, sizeof(kept->origin) - 1);
    copy_text(&kept->record.reference, kept->reference, sizeof(kept->reference));
    copy_text(&kept->record.staged, kept->staged, sizeof(kept->staged));
    if (record->answer.len > 0)
        memcpy(kept->answer, record->answer.ptr, record->answer.len);
    return CARNET_OK;
}

static bank_record *
record_of(bank *b, int64_t id)
{
    for (unsigned i = 0; i < b->books.records; i++)
        if (b->books.record[i].record.id == id)
            return &b->books.record[i];
    return NULL;
}

static carnet_rc
change(void *self, void *unit, int64_t id, carnet_debit_state state, uint64_t returned, carnet_err *err)
{
    bank_record *kept = record_of(self, id);

    (void)unit;
    if (kept == NULL)
        return carnet_fail(err, CARNET_E_USAGE, NULL, NULL);
    kept->record.state = state;
    kept->record.returned = returned;
    return CARNET_OK;
}

static carnet_rc
book(bank *b, carnet_ledger_movement m, carnet_err *err)
{
    bool deposit = m.kind == CARNET_LEDGER_DEPOSIT;
    carnet_rc rc;

    if (b->books.movements == BANK_RECORDS)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    rc = carnet_ledger_post(&m, &b->books.customer, deposit ? &b->books.funding : &b->books.settlement, err);
    if (rc == CARNET_OK)
        b->books.movement[b->books.movements++] = m;
    return rc;
}

static carnet_judged
judge_pin(bank *b, const carnet_authorization_order *order)
{
    if (order->pin == NULL)
        return CARNET_JUDGED_APPROVED;
    if (b->books.pin_tries >= 3)
        return CARNET_JUDGED_PIN_TRIES;
    if (carnet_pin_equal(order->pin, &b->pin))
        b->books.pin_tries = 0;
    else
        b->books.pin_tries++;
    return b->books.pin_tries == 0 ? CARNET_JUDGED_APPROVED : CARNET_JUDGED_PIN;
}

static carnet_rc
host_order(void *self, void *unit, const carnet_authorization_order *order, carnet_judged *outcome, carnet_err *err)
{
    bank *b = self;

    (void)unit;
    if (b->answers_nothing)
        return carnet_fail(err, CARNET_E_USAGE, NULL, "the host does not answer");
    *outcome = CARNET_JUDGED_ACCOUNT;
    if (!carnet_str_is(order->pan, BANK_PAN) && !carnet_str_is(order->account, "friend"))
        return CARNET_OK;
    if ((*outcome = judge_pin(b, order)) != CARNET_JUDGED_APPROVED)
        return CARNET_OK;
    *outcome = carnet_ledger_allows(&b->books.customer, (int64_t)order->amount, order->currency, order->now);
    if (*outcome != CARNET_JUDGED_APPROVED)
        return CARNET_OK;
    return book(b,
                (carnet_ledger_movement){ .id = order->id,
                                          .kind = order->hold ? CARNET_LEDGER_HOLD : CARNET_LEDGER_WITHDRAWAL,
                                          .amount = (int64_t)order->amount,
                                          .at = order->now },
                err);
}

static carnet_rc
host_capture(void *self, void *unit, const carnet_authorization_return *part, carnet_judged *outcome, carnet_err *err)
{
    bank *b = self;
    const bank_record *original = record_of(b, part->original);

    (void)unit;
    *outcome = CARNET_JUDGED_APPROVED;
    return book(b,
                (carnet_ledger_movement){ .id = part->id,
                                          .kind = CARNET_LEDGER_CAPTURE,
                                          .amount = (int64_t)part->amount,
                                          .held = (int64_t)original->record.moves,
                                          .original = part->original,
                                          .at = part->now },
                err);
}

static carnet_rc
host_give_back(void *self, void *unit, const carnet_authorization_return *part, carnet_err *err)
{
    (void)unit;
    return book(self,
                (carnet_ledger_movement){ .id = part->id,
                                          .kind = part->hold ? CARNET_LEDGER_RELEASE : CARNET_LEDGER_RETURN,
                                          .amount = (int64_t)part->amount,
                                          .original = part->original,
                                          .at = part->now },
                err);
}

void
bank_reset(bank *b)
{
    memset(&b->books, 0, sizeof(b->books));
    b->answers_nothing = false;
    b->books.last = 1000;
    b->books.customer = (carnet_ledger_account){
        .id = 1, .kind = CARNET_LEDGER_CUSTOMER, .state = CARNET_LEDGER_OPEN, .currency = 840
    };
    b->books.settlement = b->books.funding = b->books.customer;
    b->books.settlement.id = 2;
    b->books.settlement.kind = CARNET_LEDGER_SETTLEMENT;
    b->books.funding.id = 3;
    b->books.funding.kind = CARNET_LEDGER_FUNDING;
    (void)book(b, (carnet_ledger_movement){ .id = 1, .kind = CARNET_LEDGER_DEPOSIT, .amount = 100000, .at = 1 }, NULL);
}

static int64_t
returned_of(const bank *b, int64_t id)
{
    int64_t sum = 0;

    for (unsigned i = 0; i < b->books.movements; i++) {
        const carnet_ledger_movement *m = &b->books.movement[i];

        if (m->original == id && (m->kind == CARNET_LEDGER_RETURN || m->kind == CARNET_LEDGER_RELEASE))
            sum += m->amount;
    }
    return sum;
}

bool
bank_sound(const bank *b)
{
    carnet_ledger_totals t = { 0 };
    int64_t moved[4] = { 0 }, held = 0;

    for (unsigned i = 0; i < b->books.movements; i++) {
        const carnet_ledger_movement *m = &b->books.movement[i];

        moved[m->customer] += carnet_ledger_effect(m);
        moved[m->other] -= carnet_ledger_effect(m);
        held += carnet_ledger_effect_held(m);
    }
    carnet_ledger_check_account(&t, &b->books.customer, moved[1], held);
    carnet_ledger_check_account(&t, &b->books.settlement, moved[2], 0);
    carnet_ledger_check_account(&t, &b->books.funding, moved[3], 0);
    for (unsigned i = 0; i < b->books.records; i++) {
        const carnet_debit_record *r = &b->books.record[i].record;
        const carnet_ledger_movement *m = NULL;

        for (unsigned k = 0; k < b->books.movements; k++)
            if (b->books.movement[k].id == r->id)
                m = &b->books.movement[k];
        carnet_ledger_check_message(&t, r->judged == CARNET_JUDGED_APPROVED, (int64_t)r->moves, m,
                                    returned_of(b, r->id));
        if (returned_of(b, r->id) != (int64_t)r->returned)
            return false;
    }
    return carnet_ledger_sound(&t);
}

static void
open_links(bank *b)
{
    for (unsigned i = 0; i < 3; i++)
        b->link[i] = (carnet_debit_link){
            .name = carnet_str_of("acquirer"),
            .spec = &b->spec[i],
            .mac = { CARNET_MESSAGE_MAC_AES_CMAC, carnet_span_of(mac_key, sizeof(mac_key)), i == 2 ? 4 : 8 },
            .pin = { carnet_span_of(pin_key, sizeof(pin_key)), CARNET_PIN_FORMAT_0 },
            .carrier = i == 0 ? 48 : 55,
            .carrier_text = i == 0,
            .carrier_tag = CARNET_CARRIER_TAG,
        };
}

static void
open_policy(bank *b)
{
    (void)carnet_vector_request_list(carnet_str_of("Cf.Cg"), CARNET_TRUSTMARK_P1940, &b->request[0], NULL);
    (void)carnet_vector_request_list(carnet_str_of("Cf.Cg.Cj.Co,Cc.Cf.Co"), CARNET_TRUSTMARK_P1940, &b->request[1],
                                     NULL);
    b->rows[0] = (carnet_risk_row){
        .id = carnet_str_of("small"), .currency = carnet_str_of("840"), .max_amount = 5000, .request = &b->request[0]
    };
    b->rows[1] = (carnet_risk_row){
        .id = carnet_str_of("large"), .currency = carnet_str_of("840"), .max_amount = 200000, .request = &b->request[1]
    };
    b->rows[1].risk.impact[CARNET_IMPACT_OF_LOSS] = CARNET_IMPACT_HIGH;
    b->signer = (carnet_debit_signer){ carnet_str_of("idp-test"), b->key.public_key };
    b->policy = (carnet_debit_policy){ .carried = true,
                                       .signers = &b->signer,
                                       .signer_count = 1,
                                       .rows = b->rows,
                                       .row_count = 2,
                                       .active_period = 300,
                                       .skew = 5,
                                       .stand_in = 3000 };
}

bool
bank_open(bank *b)
{
    static const char *const flavours[] = { "ascii", "bcd", "ascii-binary" };
    uint8_t scalar[32] = { 1, 2, 3, 4, 5, 6, 7 };

    memset(b, 0, sizeof(*b));
    for (unsigned i = 0; i < 3; i++) {
        carnet_iso8583_flavour flavour;

        if (!carnet_iso8583_flavour_named(carnet_str_of(flavours[i]), &flavour) ||
            carnet_iso8583_spec_init(&b->spec[i], (carnet_iso8583_version)i, &flavour, NULL) != CARNET_OK)
            return false;
    }
    if (carnet_crypto_init(&b->crypto, NULL) != CARNET_OK ||
        carnet_software_key_from_scalar(&b->crypto, CARNET_CURVE_P256, carnet_span_of(scalar, sizeof(scalar)),
                                        CARNET_KEY_SIGN, &b->key, NULL) != CARNET_OK)
        return false;
    b->journal = (carnet_debit_journal){ b, identify, find, user, keep, change };
    b->host = (carnet_authorization_host){ b, host_order, host_capture, host_give_back };
    open_links(b);
    open_policy(b);
    bank_reset(b);
    return carnet_pin_from_text(carnet_str_of("1234"), &b->pin, NULL) == CARNET_OK;
}

void
bank_close(bank *b)
{
    carnet_debit_done(&b->debit);
    carnet_key_done(&b->key);
    carnet_crypto_done(&b->crypto);
}

carnet_rc
bank_receive(bank *b, carnet_iso8583_version version, carnet_span octets, const carnet_debit_resolution *resolution)
{
    static bank_books before;
    carnet_rc rc;

    before = b->books;
    carnet_debit_done(&b->debit);
    rc = carnet_debit_read(&b->debit, &b->policy, &b->link[version], octets, BANK_NOW, &b->crypto, NULL);
    if (rc != CARNET_OK)
        return rc;
    if (b->debit.resolving)
        carnet_debit_resolved(&b->debit, resolution != NULL ? resolution : &(carnet_debit_resolution){ 0 });
    rc = carnet_debit_decide(&b->debit, &b->journal, &b->host, NULL, &b->crypto, NULL);
    if (rc != CARNET_OK)
        b->books = before;
    return rc;
}
