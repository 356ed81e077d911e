/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

void
carnet_store_read_issuance(carnet_store_query *query, void *record, carnet_buf *room)
{
    carnet_store_issuance *issuance = record;

    issuance->id = carnet_store_get_integer(query);
    issuance->grant = carnet_store_get_integer(query);
    issuance->configuration = carnet_store_get_text(query, room);
    issuance->doctype = carnet_store_get_text(query, room);
    issuance->subject = carnet_store_get_text(query, room);
    issuance->list = carnet_store_get_text(query, room);
    issuance->list_number = carnet_store_get_integer(query);
    issuance->notification_hash = carnet_store_get_bytes(query, room);
    issuance->issued = carnet_store_get_integer(query);
    issuance->valid_from = carnet_store_get_integer(query);
    issuance->valid_until = carnet_store_get_integer(query);
    issuance->state = (carnet_store_issuance_state)carnet_store_get_integer(query);
    issuance->count = carnet_store_get_integer(query);
}

static const carnet_store_statement statement = {
    CARNET_SQL_issuance_insert,
    "INSERT INTO issuances (" ISSUANCE_COLUMNS_WRITTEN
    ", notified) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0)",
};

static const carnet_store_statement counted = {
    CARNET_SQL_issuance_count,
    "INSERT INTO grant_issuances (grant_id, configuration, requests, last_until) VALUES ($1, $2, 1, $3)"
    " ON CONFLICT (grant_id, configuration)"
    " DO UPDATE SET requests = grant_issuances.requests + 1, last_until = excluded.last_until",
};

static const carnet_store_statement one = {
    CARNET_SQL_credential_insert,
    "INSERT INTO credentials (issuance, number, device_key, list_number, list_index, status)"
    " VALUES ($1, $2, $3, $4, CASE WHEN $5 < 0 THEN NULL ELSE $5 END, $6) ON CONFLICT (device_key) DO NOTHING",
};

static carnet_rc
insert_credentials(carnet_store_session *session, const carnet_store_issuance *issuance, size_t *which, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &one);
    for (int64_t i = 0; i < issuance->count; i++) {
        const carnet_store_credential *credential = &issuance->credentials[i];

        carnet_store_put_integer(&query, issuance->id);
        carnet_store_put_integer(&query, i);
        carnet_store_put_hash(&query, credential->device_key);
        carnet_store_put_integer(&query, issuance->list_number);
        carnet_store_put_integer(&query, issuance->list.len == 0 ? -1 : credential->index);
        carnet_store_put_integer(&query, credential->status);
        carnet_store_add(&query);
    }
    return carnet_store_settle(&query, CARNET_E_STORE_REPLAYED, which, err);
}

static carnet_rc
count(carnet_store_session *session, const carnet_store_issuance *issuance, carnet_err *err)
{
    carnet_store_query query;

    if (issuance->grant == 0)
        return CARNET_OK;
    carnet_store_ask(&query, session, &counted);
    carnet_store_put_integer(&query, issuance->grant);
    carnet_store_put_text(&query, issuance->configuration);
    carnet_store_put_integer(&query, issuance->valid_until);
    return carnet_store_run(&query, err);
}

carnet_rc
carnet_store_issuance_insert(carnet_store_session *session, carnet_store_issuance *issuance, size_t *which,
                             carnet_err *err)
{
    carnet_store_query query;
    carnet_rc rc;

    issuance->state = CARNET_STORE_ISSUANCE_ISSUED;
    carnet_store_identify(session, &issuance->id);
    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, issuance->id);
    carnet_store_put_integer(&query, issuance->grant);
    carnet_store_put_text(&query, issuance->configuration);
    carnet_store_put_text(&query, issuance->doctype);
    carnet_store_put_text(&query, issuance->subject);
    carnet_store_put_text(&query, issuance->list);
    carnet_store_put_integer(&query, issuance->list_number);
    carnet_store_put_hash(&query, issuance->notification_hash);
    carnet_store_put_integer(&query, issuance->issued);
    carnet_store_put_integer(&query, issuance->valid_from);
    carnet_store_put_integer(&query, issuance->valid_until);
    carnet_store_put_integer(&query, issuance->state);
    carnet_store_put_integer(&query, issuance->count);
    if ((rc = carnet_store_run(&query, err)) != CARNET_OK || (rc = count(session, issuance, err)) != CARNET_OK)
        return rc;
    return insert_credentials(session, issuance, which, err);
}
