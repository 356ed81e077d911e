/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/desk.h"
#include "carnet/store.h"
#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct world {
    char folder[64], file[96];
    carnet_crypto crypto;
    carnet_store *store;
    carnet_store_officer officer;
    uint8_t room[1024];
    carnet_str login;
    carnet_rc found;
} world;

static int
begin(void **state)
{
    world *w = calloc(1, sizeof(*w));
    carnet_store_config config = { .place = w->file };

    (void)snprintf(w->folder, sizeof(w->folder), "/tmp/carnet-officer-XXXXXX");
    assert_non_null(mkdtemp(w->folder));
    (void)snprintf(w->file, sizeof(w->file), "%s/store", w->folder);
    assert_carnet_rc(carnet_crypto_init(&w->crypto, NULL), CARNET_OK);
    config.random = carnet_crypto_random(&w->crypto);
    assert_carnet_rc(carnet_store_open(&config, &w->store, NULL), CARNET_OK);
    *state = w;
    return 0;
}

static int
end(void **state)
{
    static const char *const ends[] = { "", "-wal", "-shm" };
    world *w = *state;

    carnet_store_close(&w->store);
    for (size_t i = 0; i < CARNET_COUNT(ends); i++) {
        char name[128];

        (void)snprintf(name, sizeof(name), "%s%s", w->file, ends[i]);
        (void)unlink(name);
    }
    (void)rmdir(w->folder);
    carnet_crypto_done(&w->crypto);
    free(w);
    return 0;
}

static carnet_rc
find(void *arg, carnet_store_session *session, carnet_err *err)
{
    world *w = arg;
    carnet_buf room = carnet_buf_of(w->room, sizeof(w->room));

    w->found = carnet_store_officer_by_login(session, w->login, &w->officer, &room, err);
    return CARNET_OK;
}

static carnet_rc
lock(void *arg, carnet_store_session *session, carnet_err *err)
{
    world *w = arg;

    return carnet_store_officer_refused(session, w->officer.id, 5000, err);
}

static carnet_rc
put(world *w, const char *login, const char *name, const char *password)
{
    return carnet_desk_officer_put(w->store, &w->crypto, carnet_str_of(login), carnet_str_of(name),
                                   CARNET_STORE_ROLE_SUPERVISOR, carnet_str_of(password), 1000, NULL);
}

static void
keeps_a_verifier_and_not_the_password(void **state)
{
    world *w = *state;
    char first[256];

    assert_carnet_rc(put(w, "meier", "Meier", "correct horse"), CARNET_OK);
    w->login = carnet_str_of("meier");
    assert_carnet_rc(carnet_store_read(w->store, find, w, NULL), CARNET_OK);
    assert_carnet_rc(w->found, CARNET_OK);
    assert_int_equal(w->officer.role, CARNET_STORE_ROLE_SUPERVISOR);
    assert_true(carnet_str_starts(w->officer.secret, "$argon2id$v=19$m=19456,t=2,p=1$"));
    assert_null(memmem(w->officer.secret.ptr, w->officer.secret.len, "horse", 5));
    (void)snprintf(first, sizeof(first), "%.*s", (int)w->officer.secret.len, w->officer.secret.ptr);

    /* The same password again has another salt; name and failures are new. */
    assert_carnet_rc(put(w, "meier", "Meier the second", "correct horse"), CARNET_OK);
    assert_carnet_rc(carnet_store_read(w->store, find, w, NULL), CARNET_OK);
    assert_false(carnet_str_is(w->officer.secret, first));
    assert_str_is(w->officer.name, "Meier the second");
}

static void
ends_a_lock_with_a_new_password(void **state)
{
    world *w = *state;

    assert_carnet_rc(put(w, "sato", "Sato", "correct horse"), CARNET_OK);
    w->login = carnet_str_of("sato");
    assert_carnet_rc(carnet_store_read(w->store, find, w, NULL), CARNET_OK);
    assert_carnet_rc(carnet_store_transact(w->store, lock, w, NULL), CARNET_OK);
    assert_carnet_rc(carnet_store_read(w->store, find, w, NULL), CARNET_OK);
    assert_int_equal(w->officer.failures, 1);
    assert_int_equal(w->officer.locked, 5000);
    assert_carnet_rc(put(w, "sato", "Sato", "another horse"), CARNET_OK);
    assert_carnet_rc(carnet_store_read(w->store, find, w, NULL), CARNET_OK);
    assert_int_equal(w->officer.failures, 0);
    assert_int_equal(w->officer.locked, 0);
}

static void
refuses_logins_and_passwords_that_are_none(void **state)
{
    static char long_text[300];
    const struct {
        const char *login, *name, *password;
        carnet_rc rc;
    } cases[] = {
        { "", "N", "correct horse", CARNET_E_DESK_LOGIN },
        { "a b", "N", "correct horse", CARNET_E_DESK_LOGIN },
        { "a<b", "N", "correct horse", CARNET_E_DESK_LOGIN },
        { "\xc3\xa9", "N", "correct horse", CARNET_E_DESK_LOGIN },
        { long_text, "N", "correct horse", CARNET_E_DESK_LOGIN },
        { "x", "", "correct horse", CARNET_E_DESK_LOGIN },
        { "x", "\xc3", "correct horse", CARNET_E_DESK_LOGIN },
        { "x", "N", "", CARNET_E_DESK_PASSWORD },
        { "x", "N", "123456789", CARNET_E_DESK_PASSWORD },
        { "x", "N", long_text, CARNET_E_DESK_PASSWORD },
    };
    world *w = *state;

    memset(long_text, 'a', sizeof(long_text) - 1);
    for (size_t i = 0; i < CARNET_COUNT(cases); i++)
        assert_carnet_rc(put(w, cases[i].login, cases[i].name, cases[i].password), cases[i].rc);
    w->login = carnet_str_of("x");
    assert_carnet_rc(carnet_store_read(w->store, find, w, NULL), CARNET_OK);
    assert_carnet_rc(w->found, CARNET_E_STORE_ABSENT);
}

static void
knows_four_roles_and_no_other(void **state)
{
    (void)state;
    assert_int_equal(carnet_desk_role_named(carnet_str_of("officer")), CARNET_STORE_ROLE_OFFICER);
    assert_int_equal(carnet_desk_role_named(carnet_str_of("supervisor")), CARNET_STORE_ROLE_SUPERVISOR);
    assert_int_equal(carnet_desk_role_named(carnet_str_of("auditor")), CARNET_STORE_ROLE_AUDITOR);
    assert_int_equal(carnet_desk_role_named(carnet_str_of("administrator")), CARNET_STORE_ROLE_ADMINISTRATOR);
    assert_int_equal(carnet_desk_role_named(carnet_str_of("Officer")), 0);
    assert_int_equal(carnet_desk_role_named(carnet_str_of("")), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(keeps_a_verifier_and_not_the_password, begin, end),
        cmocka_unit_test_setup_teardown(ends_a_lock_with_a_new_password, begin, end),
        cmocka_unit_test_setup_teardown(refuses_logins_and_passwords_that_are_none, begin, end),
        cmocka_unit_test(knows_four_roles_and_no_other),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
