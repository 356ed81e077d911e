/* SPDX-License-Identifier: Apache-2.0 */
/* Bringing the tables up to date: all in one transaction, under a lock. */
#include "internal.h"

static carnet_rc
exec(const carnet_store_raw *raw, const char *sql, int64_t *value, carnet_err *err)
{
    char rendered[CARNET_STORE_SQL];
    carnet_rc rc = carnet_store_render(sql, raw->postgres, false, rendered, sizeof(rendered));

    if (rc != CARNET_OK)
        return carnet_fail(err, rc, NULL, "a statement of a migration is too long");
    return raw->exec(raw->connection, rendered, value, err);
}

static carnet_rc
apply(const carnet_store_raw *raw, const char *const *statements, carnet_err *err)
{
    carnet_rc rc;

    for (; *statements != NULL; statements++)
        if ((rc = exec(raw, *statements, NULL, err)) != CARNET_OK)
            return rc;
    return exec(raw, "UPDATE schema_version SET version = version + 1", NULL, err);
}

static carnet_rc
update(const carnet_store_raw *raw, int64_t *instance, carnet_err *err)
{
    int64_t version = 0, known = 0;
    carnet_rc rc;

    while (carnet_store_migrations[known] != NULL)
        known++;
    if ((rc = exec(raw, "CREATE TABLE IF NOT EXISTS schema_version (version @INTEGER@ NOT NULL)", NULL, err)) !=
            CARNET_OK ||
        (rc = exec(raw, "INSERT INTO schema_version SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM schema_version)", NULL,
                   err)) != CARNET_OK ||
        (rc = exec(raw, "SELECT max(version) FROM schema_version", &version, err)) != CARNET_OK)
        return rc;
    if (version > known)
        return carnet_fail(err, CARNET_E_STORE_VERSION, NULL, NULL);
    for (; version < known; version++)
        if ((rc = apply(raw, carnet_store_migrations[version], err)) != CARNET_OK)
            return rc;
    if ((rc = exec(raw, "UPDATE counters SET value = value + 1 WHERE name = 'instance'", NULL, err)) != CARNET_OK ||
        (rc = exec(raw, "SELECT value FROM counters WHERE name = 'instance'", instance, err)) != CARNET_OK)
        return rc;
    return exec(raw, "COMMIT", NULL, err);
}

carnet_rc
carnet_store_migrate(const carnet_store_raw *raw, int64_t *instance, carnet_err *err)
{
    int64_t ignored;
    carnet_rc rc;

    /* The number is the word "carnet": every instance takes the same lock. */
    if (raw->postgres && (rc = exec(raw, "BEGIN", NULL, err)) == CARNET_OK)
        rc = exec(raw, "SELECT 1 FROM pg_advisory_xact_lock(109308294063476)", &ignored, err);
    else if (!raw->postgres)
        rc = exec(raw, "BEGIN IMMEDIATE", NULL, err);
    if (rc == CARNET_OK)
        rc = update(raw, instance, err);
    if (rc != CARNET_OK && exec(raw, "ROLLBACK", NULL, NULL) != CARNET_OK)
        return rc; /* the connection is given up, and with it the transaction */
    return rc;
}
