/* SPDX-License-Identifier: Apache-2.0 */
/* Questions and answers: parameters put, rows read, failures that stick. */
#include "internal.h"

#include <string.h>

static const struct {
    const char *mark, *sqlite, *postgres;
} words[] = {
    { "@INTEGER@", "INTEGER", "BIGINT" },
    { "@BYTES@", "BLOB", "BYTEA" },
    { "@CLUSTERED@", "WITHOUT ROWID", "" },
    { "@LOCK@", "", "FOR UPDATE" },
};

/* What stands for the mark at `sql`; NULL when there is none. */
static const char *
word(const char *sql, bool postgres, bool lock, size_t *len)
{
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        *len = strlen(words[i].mark);
        if (strncmp(sql, words[i].mark, *len) != 0)
            continue;
        if (strcmp(words[i].mark, "@LOCK@") == 0 && !lock)
            return "";
        return postgres ? words[i].postgres : words[i].sqlite;
    }
    return NULL;
}

carnet_rc
carnet_store_render(const char *sql, bool postgres, bool lock, char *out, size_t cap)
{
    carnet_buf buf = carnet_buf_of(out, cap - 1);

    while (*sql != '\0') {
        size_t len = 0;
        const char *other = *sql == '@' ? word(sql, postgres, lock, &len) : NULL;

        if (other != NULL) {
            carnet_buf_add_text(&buf, other);
            sql += len;
        } else { /* SQLite numbers $1 by the order it meets them, ?1 by what it says */
            carnet_buf_add_byte(&buf, (uint8_t)(*sql == '$' && !postgres ? '?' : *sql));
            sql++;
        }
    }
    out[buf.overflow ? 0 : buf.len] = '\0';
    return buf.overflow ? CARNET_E_LIMIT : CARNET_OK;
}

void
carnet_store_broken(carnet_store_session *session, carnet_rc rc, const char *reason)
{
    if (session->failed.rc == CARNET_OK)
        session->failed.rc = carnet_fail(&session->failed, rc, NULL, reason);
}

void
carnet_store_ask(carnet_store_query *query, carnet_store_session *session, const carnet_store_statement *statement)
{
    query->session = session;
    query->statement = statement;
    query->value_count = query->column = query->added = query->answered = 0;
    query->unchanged = SIZE_MAX;
    query->cursor = NULL;
    query->row = query->rows = 0;
    query->started = query->ended = false;
    query->rc = session->failed.rc;
    /* A read is repeated and shared as it likes: what writes belongs in a transaction. */
    if (!session->writing && strncmp(statement->sql, "SELECT", 6) != 0)
        query->rc = CARNET_E_USAGE;
}

static carnet_store_value *
put(carnet_store_query *query, carnet_store_kind_of_value kind)
{
    carnet_store_value *value = &query->values[query->value_count];

    if (query->value_count == CARNET_STORE_VALUES) {
        query->rc = CARNET_E_LIMIT;
        return value - 1;
    }
    query->value_count++;
    *value = (carnet_store_value){ .kind = kind };
    return value;
}

void
carnet_store_put_integer(carnet_store_query *query, int64_t value)
{
    put(query, CARNET_STORE_INTEGER)->integer = value;
}

void
carnet_store_put_text(carnet_store_query *query, carnet_str value)
{
    carnet_store_value *at = put(query, CARNET_STORE_TEXT);

    at->ptr = value.len == 0 ? "" : value.ptr;
    at->len = value.len;
    /* PostgreSQL keeps no text that has a zero in it or is not UTF-8: neither store does. */
    if (value.len != 0 && (memchr(value.ptr, 0, value.len) != NULL || !carnet_utf8_valid(carnet_str_bytes(value))))
        query->rc = CARNET_E_USAGE;
}

void
carnet_store_put_bytes(carnet_store_query *query, carnet_span value)
{
    carnet_store_value *at = put(query, CARNET_STORE_BYTES);

    at->ptr = value.len == 0 ? NULL : value.ptr;
    at->len = value.len;
}

void
carnet_store_put_hash(carnet_store_query *query, carnet_span value)
{
    if (value.len != 0 && value.len != CARNET_STORE_HASH)
        query->rc = CARNET_E_USAGE;
    carnet_store_put_bytes(query, value);
}

bool
carnet_store_row(carnet_store_query *query)
{
    if (query->rc != CARNET_OK || query->ended)
        return false;
    query->column = 0;
    if (query->session->store->backend->row(query))
        return true;
    query->ended = true;
    query->rc = query->session->failed.rc;
    return false;
}

int64_t
carnet_store_get_integer(carnet_store_query *query)
{
    return query->session->store->backend->integer(query, query->column++);
}

carnet_span
carnet_store_get_bytes(carnet_store_query *query, carnet_buf *room)
{
    carnet_span view = query->session->store->backend->bytes(query, query->column++);

    if (room == NULL || view.len == 0)
        return view;
    carnet_buf_add(room, view);
    if (room->overflow) {
        query->rc = CARNET_E_NO_SPACE;
        return (carnet_span){ 0 };
    }
    return (carnet_span){ room->ptr + room->len - view.len, view.len };
}

carnet_str
carnet_store_get_text(carnet_store_query *query, carnet_buf *room)
{
    carnet_span view = carnet_store_get_bytes(query, room);

    return (carnet_str){ (const char *)view.ptr, view.len };
}

void
carnet_store_answered(carnet_store_query *query, bool changed)
{
    if (!changed && query->unchanged == SIZE_MAX)
        query->unchanged = query->answered;
    query->answered++;
}

void
carnet_store_add(carnet_store_query *query)
{
    if (query->rc == CARNET_OK) {
        query->added++;
        query->session->store->backend->add(query);
        query->rc = query->session->failed.rc;
    }
    query->value_count = 0;
}

carnet_rc
carnet_store_end(carnet_store_query *query, carnet_err *err)
{
    const carnet_err *failed = &query->session->failed;

    if (query->started || query->answered < query->added)
        query->session->store->backend->end(query);
    query->started = false;
    if (query->rc == CARNET_OK)
        return CARNET_OK;
    if (query->rc != failed->rc)
        return carnet_fail(err, query->rc, NULL, NULL);
    if (err != NULL)
        *err = *failed;
    return failed->rc;
}

carnet_rc
carnet_store_run(carnet_store_query *query, carnet_err *err)
{
    carnet_store_add(query);
    return carnet_store_end(query, err);
}

carnet_rc
carnet_store_change(carnet_store_query *query, carnet_rc otherwise, carnet_err *err)
{
    carnet_store_add(query);
    return carnet_store_settle(query, otherwise, NULL, err);
}

carnet_rc
carnet_store_settle(carnet_store_query *query, carnet_rc otherwise, size_t *which, carnet_err *err)
{
    if (which != NULL)
        *which = 0;
    if (query->rc == CARNET_OK) {
        query->session->store->backend->settle(query->session);
        query->rc = query->session->failed.rc;
    }
    if (query->rc == CARNET_OK && query->unchanged != SIZE_MAX) {
        query->rc = otherwise;
        if (which != NULL)
            *which = query->unchanged;
    }
    return carnet_store_end(query, err);
}

carnet_rc
carnet_store_one(carnet_store_query *query, carnet_store_reader *read, void *record, size_t size, carnet_buf *room,
                 carnet_err *err)
{
    carnet_rc rc;

    memset(record, 0, size);
    if (carnet_store_row(query))
        read(query, record, room);
    else if (query->rc == CARNET_OK)
        query->rc = CARNET_E_STORE_ABSENT;
    if ((rc = carnet_store_end(query, err)) != CARNET_OK)
        memset(record, 0, size);
    return rc;
}

void
carnet_store_identify(carnet_store_session *session, int64_t *id)
{
    if (*id == 0)
        *id = carnet_store_new_identifier(session->store);
}
