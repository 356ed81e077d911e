/* SPDX-License-Identifier: Apache-2.0 */
/* Columns of the records, in the order they are written and read. */
#ifndef CARNET_STORE_RECORDS_H
#define CARNET_STORE_RECORDS_H
#include "../internal.h"
#include "carnet/store_authorization.h"
#include "carnet/store_cash.h"
#include "carnet/store_credential.h"
#include "carnet/store_desk.h"
#include "carnet/store_event.h"
#include "carnet/store_forward.h"
#include "carnet/store_grant.h"
#include "carnet/store_identity.h"
#include "carnet/store_offer.h"
#include "carnet/store_staged.h"

#define OFFER_COLUMNS                                                                                                  \
    "id, reference_hash, code_hash, issuer_state_hash, tx_code, attempts, configurations, "                            \
    "subject, actor, enrolment, created, expires, state, grant_id, claims, document"

/* without claims and document */
#define OFFER_COLUMNS_SHORT                                                                                            \
    "id, reference_hash, code_hash, issuer_state_hash, tx_code, attempts, configurations, "                            \
    "subject, actor, enrolment, created, expires, state, grant_id, NULL, NULL"

void carnet_store_read_offer(carnet_store_query *query, void *record, carnet_buf *room);

#define AUTHORIZATION_COLUMNS                                                                                          \
    "id, request_uri_hash, client_id, configurations, scope, details, code_challenge, "                                \
    "redirect_uri, client_state, response_mode, jkt, client_key, offer_id, method, "                                   \
    "browser_hash, identification_hash, state, reason, code_hash, subject, created, expires, "                         \
    "grant_id, identification, claims"

void carnet_store_read_authorization(carnet_store_query *query, void *record, carnet_buf *room);

/** 0: there is none, or the session failed. */
carnet_store_authorization_state carnet_store_authorization_state_of(carnet_store_session *session, int64_t id);

#define GRANT_COLUMNS                                                                                                  \
    "id, access_hash, access_expires, refresh_hash, refresh_expires, rotated, jkt, client_key, "                       \
    "client_id, configurations, scope, details, subject, offer_id, authorization_id, created, "                        \
    "revoked, reason, issued, claims"

/* without claims */
#define GRANT_COLUMNS_SHORT                                                                                            \
    "id, access_hash, access_expires, refresh_hash, refresh_expires, rotated, jkt, client_key, "                       \
    "client_id, configurations, scope, details, subject, offer_id, authorization_id, created, "                        \
    "revoked, reason, issued, NULL"

void carnet_store_read_grant(carnet_store_query *query, void *record, carnet_buf *room);

/** When neither token is good any more. */
static inline carnet_time
carnet_store_over(carnet_time access_expires, carnet_time refresh_expires)
{
    return access_expires > refresh_expires ? access_expires : refresh_expires;
}

#define ISSUANCE_COLUMNS                                                                                               \
    "id, grant_id, configuration, doctype, subject, list, list_number, "                                               \
    "coalesce(notification, notification_hash), issued, valid_from, valid_until, state, count"

#define ISSUANCE_COLUMNS_WRITTEN                                                                                       \
    "id, grant_id, configuration, doctype, subject, list, list_number, notification, "                                 \
    "issued, valid_from, valid_until, state, count"

void carnet_store_read_issuance(carnet_store_query *query, void *record, carnet_buf *room);

#define CREDENTIAL_COLUMNS "device_key, list_index, status"
void carnet_store_read_credential(carnet_store_query *query, void *record, carnet_buf *room);

#define DEFERRED_COLUMNS                                                                                               \
    "id, transaction_hash, grant_id, configuration, ready, interval_s, state, reason, created, "                       \
    "expires, issuance, request"

/* without request */
#define DEFERRED_COLUMNS_SHORT                                                                                         \
    "id, transaction_hash, grant_id, configuration, ready, interval_s, state, reason, created, "                       \
    "expires, issuance, NULL"

void carnet_store_read_deferred(carnet_store_query *query, void *record, carnet_buf *room);

#define OFFICER_COLUMNS "id, login, name, secret, role, disabled, failures, locked, created, seen"

/* without secret */
#define OFFICER_COLUMNS_SHORT "id, login, name, NULL, role, disabled, failures, locked, created, seen"

void carnet_store_read_officer(carnet_store_query *query, void *record, carnet_buf *room);

#define ENROLMENT_COLUMNS                                                                                              \
    "id, reference_hash, number, authorization_id, configurations, state, subject, officer, "                          \
    "confirmed_by, reason, offer_id, version, created, changed, expires, evidence, attributes"

/* without evidence and attributes */
#define ENROLMENT_COLUMNS_SHORT                                                                                        \
    "id, reference_hash, number, authorization_id, configurations, state, subject, officer, "                          \
    "confirmed_by, reason, offer_id, version, created, changed, expires, NULL, NULL"

void carnet_store_read_enrolment(carnet_store_query *query, void *record, carnet_buf *room);

#define BROWSER_COLUMNS                                                                                                \
    "hash, kind, officer, authorization_id, enrolment, csrf, language, data, created, seen, "                          \
    "expires"

void carnet_store_read_browser(carnet_store_query *query, void *record, carnet_buf *room);

#define EVENT_COLUMNS "id, at, interface, kind, configuration, outcome, reason, actor, reference, request, count"

void carnet_store_read_event(carnet_store_query *query, void *record, carnet_buf *room);

/** Parameters $1 to $8 of a statement that has EVENT_FILTER. */
#define EVENT_FILTER                                                                                                   \
    "id >= $1 AND id < $2 AND at >= $3 AND ($4 = '' OR kind = $4) AND ($5 = '' OR configuration = $5) "                \
    "AND ($6 = '' OR actor = $6) AND ($7 = 0 OR outcome = $7) AND ($8 = 0 OR reference = $8)"
void carnet_store_put_event_filter(carnet_store_query *query, const carnet_store_event_filter *filter);

#define STAGED_COLUMNS                                                                                                 \
    "id, reference, request_hash, body_hash, user_name, device, type, amount, currency, "                              \
    "account, pan, created, expires, version, polled, state, reason, attempts, "                                       \
    "terminal, terminal_session, label, binding, text, risk, level, vtr, session, "                                    \
    "session_expires, parent, step_ups, vot, trustmark, auth_time, vot_expires, "                                      \
    "reached, key_id, signature, used_by, used, result, dispensed, response_code, "                                    \
    "changed"

/* without PAN */
#define STAGED_COLUMNS_SHORT                                                                                           \
    "id, reference, request_hash, body_hash, user_name, device, type, amount, currency, "                              \
    "account, NULL, created, expires, version, polled, state, reason, attempts, "                                      \
    "terminal, terminal_session, label, binding, text, risk, level, vtr, session, "                                    \
    "session_expires, parent, step_ups, vot, trustmark, auth_time, vot_expires, "                                      \
    "reached, key_id, signature, used_by, used, result, dispensed, response_code, "                                    \
    "changed"

void carnet_store_read_staged(carnet_store_query *query, void *record, carnet_buf *room);

#define CASH_ACCOUNT_COLUMNS                                                                                           \
    "id, kind, state, currency, balance, held, floor, per_transaction, per_day, count_per_day, day, day_amount, "      \
    "day_count, last_movement, pin_tries, pin, name"
void carnet_store_read_cash_account(carnet_store_query *query, void *record, carnet_buf *room);

#define CASH_MOVEMENT_COLUMNS "id, kind, customer, other, amount, held, original, before, at"
void carnet_store_read_cash_movement(carnet_store_query *query, void *record, carnet_buf *room);

#define CASH_MESSAGE_COLUMNS                                                                                           \
    "id, moment, origin, reference, at, link, kind, state, judged, amount, moves, returned, currency, staged, "        \
    "session, vector, risk, level, original, telling, missing, answer"
void carnet_store_read_cash_message(carnet_store_query *query, void *record, carnet_buf *room);

#define IDENTITY_ACCOUNT_COLUMNS "id, user_id, state, level, created, changed, failures, locked, pin"
void carnet_store_read_identity_account(carnet_store_query *query, void *record, carnet_buf *room);

#define IDENTITY_DEVICE_COLUMNS                                                                                        \
    "id, device_id, account, profile, state, name, os, push, spki, serial, not_after, counter, "                       \
    "answered, mismatches, failures, locked, abilities, flags, otp_next, created, changed, secrets"
void carnet_store_read_identity_device(carnet_store_query *query, void *record, carnet_buf *room);

#define IDENTITY_KEY_COLUMNS                                                                                           \
    "id, device, kind, name, thumbprint, spki, credential, sign_count, flags, rank, user_auth, proof"
void carnet_store_read_identity_key(carnet_store_query *query, void *record, carnet_buf *room);

#define IDENTITY_CERTIFICATE_COLUMNS "serial, device, issued, not_after, revoked, reason"
void carnet_store_read_identity_certificate(carnet_store_query *query, void *record, carnet_buf *room);

#define IDENTITY_BOOTSTRAP_COLUMNS "serial, account, expires, used"
void carnet_store_read_identity_bootstrap(carnet_store_query *query, void *record, carnet_buf *room);

#define IDENTITY_SESSION_COLUMNS                                                                                       \
    "id, session_hash, party, request_hash, body_hash, account, device, parent, transaction_hash, "                    \
    "created, expires, state, auth_time, active_until, registrations, attempts, attempts_max, "                        \
    "max_age, trustmark, challenge, counter, level, vot, methods, reason, token_id, version, "                         \
    "changed, notice, request, facts"
void carnet_store_read_identity_session(carnet_store_query *query, void *record, carnet_buf *room);

#define IDENTITY_NOTICE_COLUMNS "id, session, kind, due, attempts, expires"
void carnet_store_read_identity_notice(carnet_store_query *query, void *record, carnet_buf *room);

#define FORWARD_COLUMNS "id, link, state, created, kind, trace, terminal, reason, message"

#endif
