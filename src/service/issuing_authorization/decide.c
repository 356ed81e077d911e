/* SPDX-License-Identifier: Apache-2.0 */
/* Many messages, decided in one durable transaction. */
#include "internal.h"

#include <stdio.h>

typedef struct run {
    ia_unit unit;
    ia_job **jobs, *failed;
    size_t count;
} run;

/* The mobile app server hears of what was booked before it is answered. */
static void
note_booked(ia_job *job, const ia_unit *unit)
{
    const carnet_debit *d = &job->debit;
    bool takes = d->kind == CARNET_DEBIT_ORDER || d->kind == CARNET_DEBIT_HOLD;

    job->booked = 0;
    if (!takes || d->judged != CARNET_JUDGED_APPROVED || unit->owner->policy.carried || d->carrier.reference.len == 0)
        return;
    job->booked = d->again ? unit->found.id : d->id;
    job->booked_state = d->kind == CARNET_DEBIT_HOLD ? CARNET_DEBIT_RESERVED : CARNET_DEBIT_BOOKED;
    job->booked_amount = d->facts.amount;
}

/* It was booked, but the transaction is not to be had: as if it had been reversed. */
static carnet_rc
undo(ia_unit *unit, ia_job *job, carnet_err *err)
{
    char origin[CARNET_DEBIT_ORIGIN + 1];
    const carnet_debit_key key = { .moment = job->debit.key.moment, .reference = job->debit.key.reference };
    carnet_authorization_return part = { .original = job->booked,
                                         .hold = job->booked_state == CARNET_DEBIT_RESERVED,
                                         .amount = job->booked_amount,
                                         .now = job->debit.facts.now };
    uint8_t octets[IA_ROOM];
    carnet_buf room = carnet_buf_of(octets, sizeof(octets));
    carnet_store_cash_message was;
    carnet_debit_record record;
    carnet_rc rc = carnet_store_cash_message_by_id(unit->session, job->booked, &was, &room, err);

    if (rc != CARNET_OK || was.state != (int64_t)job->booked_state)
        return rc; /* it was reversed meanwhile */
    (void)snprintf(origin, sizeof(origin), "5/%lld", (long long)job->booked);
    part.id = carnet_ia_journal.identify(NULL, unit);
    part.key = carnet_str_of(origin);
    if ((rc = unit->owner->host.give_back(unit->owner->host.self, unit, &part, err)) != CARNET_OK)
        return rc;
    record = (carnet_debit_record){ .id = part.id,
                                    .moment = key.moment,
                                    .at = part.now,
                                    .origin = part.key,
                                    .reference = key.reference,
                                    .link = job->link->debit.name,
                                    .kind = CARNET_DEBIT_REVERSAL,
                                    .state = CARNET_DEBIT_ANSWERED,
                                    .judged = CARNET_JUDGED_APPROVED,
                                    .amount = part.amount,
                                    .moves = part.amount,
                                    .currency = (unsigned)was.currency,
                                    .original = job->booked };
    if ((rc = carnet_ia_journal.keep(NULL, unit, &record, err)) != CARNET_OK)
        return rc;
    unit->found = was;
    return carnet_ia_journal.change(NULL, unit, job->booked, CARNET_DEBIT_REVERSED, part.amount, err);
}

static carnet_rc
decide_one(ia_unit *unit, ia_job *job, carnet_err *err)
{
    carnet_rc rc;

    unit->job = job;
    job->asks = false;
    if (job->step == IA_UNDO || job->step == IA_UNDO_HOST) {
        rc = undo(unit, job, err);
    } else {
        rc = carnet_debit_decide(&job->debit, &carnet_ia_journal, &unit->owner->host, unit, unit->worker->crypto, err);
        if (rc == CARNET_OK && unit->session != NULL)
            note_booked(job, unit);
    }
    job->decided = rc == CARNET_OK;
    return rc;
}

/* In the same order everywhere: whoever has the first, waits for nobody who waits for it. */
static carnet_rc
lock_houses(run *r, carnet_err *err)
{
    carnet_ledger_account *house;
    carnet_rc rc = CARNET_OK;

    r->unit.house_count = 0;
    if (r->unit.owner->host.order != carnet_ia_ledger.order)
        return CARNET_OK;
    for (size_t i = 0; rc == CARNET_OK && i < r->count && r->unit.house_count < IA_HOUSES; i++)
        if (!r->jobs[i]->failed && r->jobs[i]->debit.early == CARNET_JUDGED_APPROVED && r->jobs[i]->debit.currency != 0)
            rc = carnet_ia_house(&r->unit, r->jobs[i]->debit.currency, &house, err);
    return rc;
}

static carnet_rc
work(void *arg, carnet_store_session *session, carnet_err *err)
{
    run *r = arg;
    carnet_rc rc;

    r->unit.session = session;
    r->failed = NULL;
    if ((rc = lock_houses(r, err)) != CARNET_OK)
        return rc;
    for (size_t i = 0; i < r->count; i++) {
        ia_job *job = r->jobs[i];

        if (job->failed || ((rc = decide_one(&r->unit, job, err)) != CARNET_OK && job->asks))
            continue; /* nothing was written before somebody has to be asked */
        if (rc != CARNET_OK) {
            r->failed = job;
            return rc;
        }
    }
    return carnet_ia_houses_write(&r->unit, err);
}

static void
refuse(const ia_unit *unit, ia_job *job)
{
    job->failed = true;
    job->asks = false;
    job->booked = 0;
    job->decided =
        job->step == IA_DECIDE || job->step == IA_HOST || job->step == IA_RESOLVE
            ? carnet_debit_refuse(&job->debit, CARNET_JUDGED_MALFUNCTION, unit->worker->crypto, NULL) == CARNET_OK
            : false; /* it stays booked, and is not answered: its reversal will come */
}

static bool
of_store(carnet_rc rc)
{
    return (unsigned)rc >> 8 == (unsigned)CARNET_E_STORE_ABSENT >> 8;
}

static carnet_rc
transact(run *r)
{
    unsigned twice = 0;

    for (;;) {
        carnet_rc rc = carnet_store_transact(r->unit.worker->store, work, r, NULL);

        if (rc == CARNET_OK)
            return rc;
        if (rc == CARNET_E_STORE_TWICE && twice++ < 3)
            continue; /* another instance was first: now it is there to be found */
        if (r->failed == NULL || (of_store(rc) && rc != CARNET_E_STORE_TWICE))
            return rc;
        refuse(&r->unit, r->failed);
    }
}

/* What needs no store is not worth a transaction. */
static bool
needs_none(const ia_job *job)
{
    return job->step == IA_DECIDE &&
           (job->debit.kind == CARNET_DEBIT_NETWORK || job->debit.early == CARNET_JUDGED_FORMAT ||
            job->debit.early == CARNET_JUDGED_MAC);
}

void
carnet_ia_decide(ia *owner, carnet_service_worker *worker, ia_job **jobs, size_t count)
{
    run r = { .unit = { .owner = owner, .worker = worker } };
    ia_job *left[IA_UNIT];
    carnet_rc rc = CARNET_OK;

    r.jobs = left;
    for (size_t i = 0; i < count; i++) {
        jobs[i]->decided = jobs[i]->failed = false;
        if (needs_none(jobs[i]))
            (void)decide_one(&r.unit, jobs[i], NULL);
        else
            left[r.count++] = jobs[i];
    }
    if (r.count != 0) {
        rc = transact(&r);
        atomic_fetch_add(&owner->units, 1);
    }
    atomic_store(&owner->failing, rc != CARNET_OK);
    for (size_t i = 0; rc != CARNET_OK && i < r.count; i++)
        if (!left[i]->failed) {
            refuse(&r.unit, left[i]);
            if (rc == CARNET_E_STORE_UNKNOWN)
                left[i]->decided = false; /* it may be booked: to be reversed, or asked again */
        }
}
