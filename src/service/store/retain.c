/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Retention: what is over is redacted, later deleted, a few hundred rows a
 * transaction, so that nobody waits long.  A lease keeps it to one instance.
 */
#include "internal.h"

#include <stddef.h>

#define LEASE_S 60

typedef struct rule {
    /** Answers with a row for each it touched.  $1: what was over by then, `keep` after it was; $2, if `bounded`: the first
     *  identifier of that time. */
    carnet_store_statement statement;
    ptrdiff_t keep; /* offset of the duration in the policy, or -1 */
    bool redacts, bounded;
    carnet_store_statement before[2]; /* in the same transaction: what hangs on the rows */
} rule;

#define KEEP(member)                  offsetof(carnet_store_policy, member)
#define SOME(table, condition)        "(SELECT id FROM " table " WHERE " condition " LIMIT 500)"
#define DELETE(table, where)          "DELETE FROM " table " WHERE id IN " SOME(table, where) " RETURNING 1"
#define REDACT(table, columns, where) "UPDATE " table " SET " columns " WHERE id IN " SOME(table, where) " RETURNING 1"
#define RULE(name, sql, ...)                                                                                           \
    {                                                                                                                  \
        .statement = { CARNET_SQL_retain_##name, sql }, __VA_ARGS__                                                    \
    }

#define OLD_GRANTS    "over <= $1 ORDER BY over, id"
#define OLD_ISSUANCES "id < $2 AND valid_until <= $1 ORDER BY id" /* what is over was issued before */

/* The first that were used; later ones are over later, or nearly so. */
#define USED(kind_of)                                                                                                  \
    "DELETE FROM used_in_order WHERE (kind, at, hash) IN"                                                              \
    " (SELECT kind, at, hash FROM (SELECT kind, at, hash, until FROM used_in_order WHERE kind = " kind_of              \
    " ORDER BY kind, at, hash LIMIT 500) AS earliest WHERE until <= $1) RETURNING 1"

static const rule rules[] = {
    RULE(used_proofs, USED("1"), .keep = -1),
    RULE(used_nonces, USED("4"), .keep = -1),
    RULE(used_in_time,
         "DELETE FROM used_in_time WHERE (kind, until, hash) IN"
         " (SELECT kind, until, hash FROM used_in_time WHERE kind = 4 AND until <= $1 LIMIT 500) RETURNING 1",
         .keep = -1),
    RULE(used_once,
         "DELETE FROM used_once WHERE (hash, kind) IN"
         " (SELECT hash, kind FROM used_once WHERE until <= $1 LIMIT 500) RETURNING 1",
         .keep = -1),
    RULE(browsers,
         "DELETE FROM browsers WHERE hash IN"
         " (SELECT hash FROM browsers WHERE expires <= $1 LIMIT 500) RETURNING 1",
         .keep = -1),
    RULE(offer_claims,
         REDACT("offers", "claims = NULL, document = NULL",
                "expires <= $1 AND (claims IS NOT NULL OR document IS NOT NULL)"),
         .keep = KEEP(claims), .redacts = true),
    RULE(authorization_claims,
         REDACT("authorizations", "claims = NULL, identification = NULL",
                "expires <= $1 AND (claims IS NOT NULL OR identification IS NOT NULL)"),
         .keep = KEEP(claims), .redacts = true),
    RULE(grant_claims, REDACT("grants", "claims = NULL", "over <= $1 AND claims IS NOT NULL"), .keep = KEEP(claims),
         .redacts = true),
    RULE(deferred_requests, REDACT("deferred_issuances", "request = NULL", "expires <= $1 AND request IS NOT NULL"),
         .keep = KEEP(claims), .redacts = true),
    RULE(evidence,
         REDACT("enrolments", "evidence = NULL, attributes = NULL",
                "((state >= 4 AND changed <= $1) OR expires <= $1)"
                " AND (evidence IS NOT NULL OR attributes IS NOT NULL)"),
         .keep = KEEP(evidence), .redacts = true),
    RULE(identity_sessions,
         REDACT("identity_sessions", "request = NULL, facts = NULL, challenge = NULL, vot = '', methods = ''",
                "changed <= $1 AND expires <= $1 AND (request IS NOT NULL OR facts IS NOT NULL)"),
         .keep = KEEP(evidence), .redacts = true),
    RULE(identity_session_rows, DELETE("identity_sessions", "changed <= $1 AND expires <= $1"), .keep = KEEP(grants)),
    RULE(identity_notices, DELETE("identity_notices", "expires <= $1"), .keep = -1),
    RULE(identity_certificates,
         "DELETE FROM identity_certificates WHERE serial IN"
         " (SELECT serial FROM identity_certificates WHERE not_after <= $1 LIMIT 500) RETURNING 1",
         .keep = KEEP(grants)),
    RULE(identity_bootstraps,
         "DELETE FROM identity_bootstraps WHERE serial IN"
         " (SELECT serial FROM identity_bootstraps WHERE expires <= $1 LIMIT 500) RETURNING 1",
         .keep = KEEP(evidence)),
    /* Answers are kept for as long as a message may come again. */
    RULE(cash_answers,
         REDACT("cash_messages", "answer = NULL, session = NULL", "id < $2 AND at <= $1 AND answer IS NOT NULL"),
         .keep = KEEP(evidence), .redacts = true, .bounded = true),
    RULE(offers, DELETE("offers", "expires <= $1"), .keep = KEEP(offers)),
    RULE(authorizations, DELETE("authorizations", "expires <= $1"), .keep = KEEP(offers)),
    RULE(deferred, DELETE("deferred_issuances", "expires <= $1"), .keep = KEEP(offers)),
    RULE(grants, DELETE("grants", OLD_GRANTS), .keep = KEEP(grants),
         .before = { { CARNET_SQL_retain_spent_tokens,
                       "DELETE FROM spent_tokens WHERE grant_id IN " SOME("grants", OLD_GRANTS) },
                     { CARNET_SQL_retain_grant_issuances,
                       "DELETE FROM grant_issuances WHERE grant_id IN " SOME("grants", OLD_GRANTS) } }),
    RULE(enrolments, DELETE("enrolments", "changed <= $1 AND expires <= $1"), .keep = KEEP(enrolments)),
    RULE(issuances, DELETE("issuances", OLD_ISSUANCES), .keep = KEEP(credentials), .bounded = true,
         .before = { { CARNET_SQL_retain_credentials,
                       "DELETE FROM credentials WHERE issuance IN " SOME("issuances", OLD_ISSUANCES) } }),
    RULE(events, DELETE("events", "id < $2 AND at <= $1"), .keep = KEEP(events), .bounded = true),
};

static const carnet_store_policy defaults = {
    .offers = 30 * CARNET_TIME_DAY,
    .grants = 90 * CARNET_TIME_DAY,
    .evidence = CARNET_TIME_DAY,
    .enrolments = 730 * CARNET_TIME_DAY,
    .credentials = 365 * CARNET_TIME_DAY,
    .events = 730 * CARNET_TIME_DAY,
};

static carnet_time
kept(const carnet_store_policy *policy, ptrdiff_t offset)
{
    carnet_time asked, usual;

    if (offset < 0)
        return 0;
    asked = *(const carnet_time *)(const void *)((const char *)policy + offset);
    usual = *(const carnet_time *)(const void *)((const char *)&defaults + offset);
    return asked == 0 ? usual : asked;
}

typedef struct some {
    const rule *rule;
    carnet_time by;
    uint64_t touched;
} some;

static void
ask(const some *this, carnet_store_session *session, const carnet_store_statement *statement, carnet_store_query *query)
{
    carnet_store_ask(query, session, statement);
    carnet_store_put_integer(query, this->by);
    if (this->rule->bounded)
        carnet_store_put_integer(query, carnet_store_first_identifier_at(this->by + 1));
}

static carnet_rc
apply(void *arg, carnet_store_session *session, carnet_err *err)
{
    some *this = arg;
    carnet_store_query query;
    carnet_rc rc;

    this->touched = 0;
    for (size_t i = 0; i < CARNET_COUNT(this->rule->before) && this->rule->before[i].sql != NULL; i++) {
        ask(this, session, &this->rule->before[i], &query);
        if ((rc = carnet_store_run(&query, err)) != CARNET_OK)
            return rc;
    }
    ask(this, session, &this->rule->statement, &query);
    while (carnet_store_row(&query))
        this->touched++;
    return carnet_store_end(&query, err);
}

/* Marks of commits are asked for within seconds, by the clock they were made with. */
static carnet_rc
drop_marks(void *arg, carnet_store_session *session, carnet_err *err)
{
    static const carnet_store_statement statement = { CARNET_SQL_retain_commits,
                                                      "DELETE FROM commits WHERE made < $1" };
    carnet_store_query query;

    (void)arg;
    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, carnet_store_calendar_ms() / 1000 - 3600);
    return carnet_store_run(&query, err);
}

typedef struct lease {
    carnet_time until;
    bool held;
} lease;

static carnet_rc
take_lease(void *arg, carnet_store_session *session, carnet_err *err)
{
    static const carnet_store_statement statement = {
        CARNET_SQL_retain_lease,
        "INSERT INTO counters (name, value) VALUES ('retention', $1)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE counters.value <= $2",
    };
    lease *this = arg;
    carnet_store_query query;
    carnet_rc rc;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, this->until);
    carnet_store_put_integer(&query, carnet_store_calendar_ms() / 1000);
    rc = carnet_store_change(&query, CARNET_E_STORE_STATE, err);
    this->held = rc == CARNET_OK;
    return rc == CARNET_E_STORE_STATE ? CARNET_OK : rc;
}

static carnet_rc
end_lease(void *arg, carnet_store_session *session, carnet_err *err)
{
    static const carnet_store_statement statement = {
        CARNET_SQL_retain_lease_end,
        "UPDATE counters SET value = 0 WHERE name = 'retention'",
    };
    carnet_store_query query;

    (void)arg;
    carnet_store_ask(&query, session, &statement);
    return carnet_store_run(&query, err);
}

/* While the lease lasts: what is left then is done the next time. */
static carnet_rc
apply_all(carnet_store *store, carnet_time now, const carnet_store_policy *policy, const lease *held,
          carnet_store_retained *retained, carnet_err *err)
{
    carnet_rc rc;

    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        some next = { .rule = &rules[i], .by = now - kept(policy, rules[i].keep) };

        do {
            if (carnet_store_calendar_ms() / 1000 >= held->until - LEASE_S / 4)
                return CARNET_OK;
            if ((rc = carnet_store_transact(store, apply, &next, err)) != CARNET_OK)
                return rc;
            *(rules[i].redacts ? &retained->redacted : &retained->deleted) += next.touched;
        } while (next.touched != 0);
    }
    return carnet_store_transact(store, drop_marks, NULL, err);
}

carnet_rc
carnet_store_retain(carnet_store *store, carnet_time now, const carnet_store_policy *policy,
                    carnet_store_retained *retained, carnet_err *err)
{
    lease taken = { .until = carnet_store_calendar_ms() / 1000 + LEASE_S };
    carnet_rc rc, ended;

    *retained = (carnet_store_retained){ 0 };
    if ((rc = carnet_store_transact(store, take_lease, &taken, err)) != CARNET_OK || !taken.held)
        return rc;
    rc = apply_all(store, now, policy == NULL ? &defaults : policy, &taken, retained, err);
    ended = carnet_store_transact(store, end_lease, NULL, rc == CARNET_OK ? err : NULL);
    return rc != CARNET_OK ? rc : ended;
}
