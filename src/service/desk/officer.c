/* SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

carnet_store_role
carnet_desk_role_named(carnet_str word)
{
    static const struct {
        const char *word;
        carnet_store_role role;
    } table[] = {
        { "officer", CARNET_STORE_ROLE_OFFICER },
        { "supervisor", CARNET_STORE_ROLE_SUPERVISOR },
        { "auditor", CARNET_STORE_ROLE_AUDITOR },
        { "administrator", CARNET_STORE_ROLE_ADMINISTRATOR },
    };

    for (size_t i = 0; i < CARNET_COUNT(table); i++)
        if (carnet_str_is(word, table[i].word))
            return table[i].role;
    return (carnet_store_role)0;
}

static bool
is_login(carnet_str login)
{
    for (size_t i = 0; i < login.len; i++) {
        char c = login.ptr[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
              c == '_' || c == '@'))
            return false;
    }
    return login.len > 0 && login.len <= 64;
}

typedef struct put_work {
    carnet_store_officer officer;
    uint8_t room[2048];
} put_work;

static carnet_rc
put(void *arg, carnet_store_session *session, carnet_err *err)
{
    put_work *w = arg;
    carnet_store_officer there = { 0 };
    carnet_buf room = carnet_buf_of(w->room, sizeof(w->room));
    carnet_rc rc = carnet_store_officer_by_login(session, w->officer.login, &there, &room, err);

    if (rc == CARNET_E_STORE_ABSENT)
        return carnet_store_officer_insert(session, &w->officer, err);
    if (rc != CARNET_OK)
        return rc;
    w->officer.id = there.id;
    if ((rc = carnet_store_officer_update(session, &w->officer, err)) != CARNET_OK ||
        (rc = carnet_store_officer_entered(session, there.id, w->officer.created, err)) != CARNET_OK)
        return rc;
    return carnet_store_browser_delete_officer(session, there.id, err);
}

carnet_rc
carnet_desk_officer_put(carnet_store *store, carnet_crypto *crypto, carnet_str login, carnet_str name,
                        carnet_store_role role, carnet_str password, carnet_time now, carnet_err *err)
{
    uint8_t text[256];
    carnet_buf verifier = carnet_buf_of(text, sizeof(text));
    put_work w = { 0 };
    carnet_rc rc;

    if (!is_login(login))
        return carnet_fail(err, CARNET_E_DESK_LOGIN, NULL, NULL);
    if (name.len == 0 || name.len > 120 || !carnet_utf8_valid(carnet_str_bytes(name)))
        return carnet_fail(err, CARNET_E_DESK_LOGIN, NULL, "an officer's name has 1 to 120 octets of UTF-8");
    if ((rc = carnet_desk_password_make(crypto, password, &verifier, err)) != CARNET_OK)
        return rc;
    w.officer = (carnet_store_officer){
        .login = login, .name = name, .secret = carnet_buf_str(&verifier), .role = role, .created = now
    };
    rc = carnet_store_transact(store, put, &w, err);
    carnet_wipe(text, sizeof(text));
    return rc;
}
