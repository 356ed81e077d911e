/* SPDX-License-Identifier: Apache-2.0 */
/* One message, decided in a unit with others. */
#include "internal.h"

#include <string.h>

/* 001 sign-on, 002 sign-off, 301 echo; 1993 and later say it in data element 24. */
static carnet_judged
judge_network(carnet_debit *debit)
{
    static const char *const of_1987[] = { "001", "002", "061", "062", "201", "202", "301" };
    static const char *const of_later[] = { "801", "802", "821", "831" };
    bool old = debit->link->spec->version == CARNET_ISO8583_1987;
    const char *const *list = old ? of_1987 : of_later;
    size_t count = old ? CARNET_COUNT(of_1987) : CARNET_COUNT(of_later);

    for (size_t i = 0; i < count; i++)
        if (carnet_iso8583_is(&debit->message, old ? 70 : 24, list[i]))
            return CARNET_JUDGED_APPROVED;
    return CARNET_JUDGED_KIND;
}

static void
begin_record(carnet_debit_run *run)
{
    carnet_debit *debit = run->debit;
    carnet_debit_record *r = &run->record;

    *r = (carnet_debit_record){
        .id = debit->id,
        .moment = debit->key.moment,
        .at = debit->facts.now,
        .origin = carnet_str_of(debit->key.origin),
        .reference = debit->key.reference,
        .link = debit->link->name,
        .kind = debit->kind,
        .state = CARNET_DEBIT_ANSWERED,
        .amount = debit->facts.amount,
        .currency = debit->currency,
    };
    if ((debit->carrier.present & CARNET_CARRIER_SESSION) != 0)
        r->session = carnet_span_of(debit->carrier.session, sizeof(debit->carrier.session));
    if ((debit->carrier.present & CARNET_CARRIER_VECTOR) != 0)
        r->vector = debit->carrier.vector;
    if (debit->facts.required != NULL)
        r->risk = debit->required.row;
}

/* A message that was answered: a repeat gets its answer again, unless what it did was undone since.  So does a reversal,
 * whatever it says of itself. */
static carnet_rc
duplicate(carnet_debit *debit, const carnet_debit_record *before, carnet_crypto *crypto, carnet_err *err)
{
    bool undone = before->state == CARNET_DEBIT_REVERSED || before->state == CARNET_DEBIT_REDUCED;
    bool entitled = debit->kind == CARNET_DEBIT_REVERSAL || (debit->repeat && !undone);

    debit->id = 0;
    if (!entitled || before->answer.len == 0 || before->answer.len > sizeof(debit->answer_room)) {
        debit->judged = CARNET_JUDGED_DUPLICATE;
        return carnet_debit_answer(debit, crypto, err);
    }
    debit->again = true;
    debit->judged = before->judged;
    memcpy(debit->answer_room, before->answer.ptr, before->answer.len);
    debit->answer = carnet_span_of(debit->answer_room, before->answer.len);
    return CARNET_OK;
}

static carnet_rc
decide_fresh(carnet_debit_run *run, carnet_crypto *crypto, carnet_err *err)
{
    carnet_debit *debit = run->debit;
    carnet_rc rc;

    debit->id = run->journal->identify(run->journal->self, run->unit);
    begin_record(run);
    switch (debit->kind) {
    case CARNET_DEBIT_REVERSAL:
        rc = carnet_debit_reverse(run, err);
        break;
    case CARNET_DEBIT_ADVICE:
        rc = carnet_debit_advise(run, err);
        break;
    default:
        rc = carnet_debit_order(run, err);
    }
    if (rc == CARNET_OK)
        rc = carnet_debit_answer(debit, crypto, err);
    if (rc != CARNET_OK)
        return rc;
    run->record.judged = debit->judged;
    run->record.answer = debit->answer;
    return run->journal->keep(run->journal->self, run->unit, &run->record, err);
}

carnet_rc
carnet_debit_decide(carnet_debit *debit, const carnet_debit_journal *journal, const carnet_authorization_host *host,
                    void *unit, carnet_crypto *crypto, carnet_err *err)
{
    carnet_debit_run run = { .debit = debit, .journal = journal, .host = host, .unit = unit };
    uint8_t bytes[CARNET_DEBIT_ANSWER + 512];
    carnet_buf room = carnet_buf_of(bytes, sizeof(bytes));
    carnet_debit_record before;
    bool found = false;
    carnet_rc rc;

    debit->id = 0;
    debit->again = false;
    debit->answer = (carnet_span){ 0 };
    memset(&debit->verdict, 0, sizeof(debit->verdict));
    if (debit->kind == CARNET_DEBIT_NETWORK || debit->early == CARNET_JUDGED_FORMAT ||
        debit->early == CARNET_JUDGED_MAC) {
        debit->judged = debit->kind == CARNET_DEBIT_NETWORK ? judge_network(debit) : debit->early;
        return carnet_debit_answer(debit, crypto, err);
    }
    if ((rc = journal->find(journal->self, unit, &debit->key, false, &before, &room, &found, err)) != CARNET_OK)
        return rc;
    return found ? duplicate(debit, &before, crypto, err) : decide_fresh(&run, crypto, err);
}

carnet_rc
carnet_debit_refuse(carnet_debit *debit, carnet_judged judged, carnet_crypto *crypto, carnet_err *err)
{
    debit->id = 0;
    debit->again = false;
    debit->judged = judged;
    return carnet_debit_answer(debit, crypto, err);
}
