/* SPDX-License-Identifier: Apache-2.0 */
/* Records of messages, in the store. */
#include "carnet/store_grant.h"
#include "internal.h"

static int64_t
identify(void *self, void *unit)
{
    ia_unit *u = unit;
    int64_t id = 0;

    (void)self;
    (void)carnet_store_identifier(u->session, &id, NULL); /* cannot fail */
    return id;
}

static carnet_span
id_octets(int64_t id, uint8_t out[8])
{
    for (unsigned i = 0; i < 8; i++)
        out[i] = (uint8_t)((uint64_t)id >> (56 - 8 * i));
    return carnet_span_of(out, 8);
}

/* The answer goes into `room`; one that cannot be opened any more is none. */
static void
hand_out(ia_unit *u, carnet_debit_record *record, carnet_buf *room)
{
    const carnet_store_cash_message *m = &u->found;
    const size_t begin = room->len;
    uint8_t id[8];

    *record = (carnet_debit_record){ .id = m->id,
                                     .moment = m->moment,
                                     .at = m->at,
                                     .origin = m->origin,
                                     .reference = m->reference,
                                     .link = m->link,
                                     .kind = (carnet_debit_kind)m->kind,
                                     .state = (carnet_debit_state)m->state,
                                     .judged = (carnet_judged)m->judged,
                                     .amount = (uint64_t)m->amount,
                                     .moves = (uint64_t)m->moves,
                                     .returned = (uint64_t)m->returned,
                                     .currency = (unsigned)m->currency,
                                     .staged = m->staged,
                                     .session = m->session,
                                     .vector = m->vector,
                                     .risk = m->risk,
                                     .level = (unsigned)m->level,
                                     .original = m->original };
    if (m->answer.len != 0 &&
        carnet_service_open(u->worker, "cash.answer", id_octets(m->id, id), m->answer, room, NULL) == CARNET_OK)
        record->answer = carnet_span_of(room->ptr + begin, room->len - begin);
}

static carnet_rc
handed(ia_unit *u, carnet_rc rc, carnet_debit_record *record, carnet_buf *room, bool *found)
{
    *found = rc == CARNET_OK;
    if (*found)
        hand_out(u, record, room);
    return rc == CARNET_E_STORE_ABSENT ? CARNET_OK : rc;
}

static carnet_rc
find(void *self, void *unit, const carnet_debit_key *key, bool any, carnet_debit_record *record, carnet_buf *room,
     bool *found, carnet_err *err)
{
    ia_unit *u = unit;
    carnet_buf texts = carnet_buf_of(u->room, sizeof(u->room));

    (void)self;
    return handed(u,
                  carnet_store_cash_message_find(u->session, key->moment, carnet_str_of(key->origin), key->reference,
                                                 any, &u->found, &texts, err),
                  record, room, found);
}

static carnet_rc
user(void *self, void *unit, carnet_str staged, carnet_debit_record *record, carnet_buf *room, bool *found,
     carnet_err *err)
{
    ia_unit *u = unit;
    carnet_buf texts = carnet_buf_of(u->room, sizeof(u->room));

    (void)self;
    return handed(u, carnet_store_cash_message_by_staged(u->session, staged, &u->found, &texts, err), record, room,
                  found);
}

/* The vectors that would have done, for the operator to read. */
static carnet_str
missing(const ia_job *job, carnet_buf *out)
{
    const carnet_vector_request *would_do = &job->debit.verdict.would_do;

    if (job->debit.judged != CARNET_JUDGED_ASSURANCE)
        return (carnet_str){ 0 };
    for (unsigned i = 0; i < would_do->count; i++) {
        if (i > 0)
            carnet_buf_add_byte(out, ',');
        carnet_vector_write(&would_do->vector[i], out);
    }
    return carnet_buf_str(out);
}

static carnet_rc
keep(void *self, void *unit, const carnet_debit_record *r, carnet_err *err)
{
    ia_unit *u = unit;
    uint8_t octets[IA_SEALED], id[8], texts[512];
    carnet_buf words = carnet_buf_of(texts, sizeof(texts));
    carnet_buf sealed = carnet_buf_of(octets, sizeof(octets));
    carnet_store_cash_message m = { .id = r->id,
                                    .moment = r->moment,
                                    .origin = r->origin,
                                    .reference = r->reference,
                                    .at = r->at,
                                    .link = r->link,
                                    .kind = r->kind,
                                    .state = r->state,
                                    .judged = r->judged,
                                    .amount = (int64_t)r->amount,
                                    .moves = (int64_t)r->moves,
                                    .returned = (int64_t)r->returned,
                                    .currency = (int64_t)r->currency,
                                    .staged = r->staged,
                                    .session = r->session,
                                    .vector = r->vector,
                                    .risk = r->risk,
                                    .level = (int64_t)r->level,
                                    .original = r->original,
                                    .missing = missing(u->job, &words) };
    carnet_rc rc = CARNET_OK;

    (void)self;
    if (r->answer.len != 0)
        rc = carnet_service_seal(u->worker, "cash.answer", id_octets(r->id, id), r->answer, &sealed, err);
    m.answer = carnet_buf_span(&sealed);
    return rc == CARNET_OK ? carnet_store_cash_message_insert(u->session, &m, err) : rc;
}

/* What is taken back in whole, the mobile app server is told, if it knows of it. */
static carnet_rc
change(void *self, void *unit, int64_t id, carnet_debit_state state, uint64_t returned, carnet_err *err)
{
    ia_unit *u = unit;
    bool tells =
        state == CARNET_DEBIT_REVERSED && !u->owner->policy.carried && u->found.id == id && u->found.staged.len != 0;
    carnet_rc rc = carnet_store_cash_message_change(u->session, id, state, (int64_t)returned, err);

    (void)self;
    return rc == CARNET_OK && tells ? carnet_store_cash_message_tell(u->session, id, 1, err) : rc;
}

const carnet_debit_journal carnet_ia_journal = { NULL, identify, find, user, keep, change };
