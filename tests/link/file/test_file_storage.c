/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/file_storage.h"
#include "carnet/sealed_area.h"
#include "support/support.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const carnet_argon2_cost cheap = { 8, 1, 1 };
#define PASSPHRASE CARNET_TEST_BYTES("correct horse")
#define MEMORY     ((size_t)4 << 20)

static char directory[] = "/tmp/carnet-storage-XXXXXX";
static char path[64], temporary[72];

static int
setup(void **state)
{
    (void)state;
    snprintf(directory, sizeof directory, "/tmp/carnet-storage-XXXXXX");
    if (mkdtemp(directory) == NULL)
        return 1;
    snprintf(path, sizeof path, "%s/keys", directory);
    snprintf(temporary, sizeof temporary, "%s/keys.new", directory);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    unlink(path);
    unlink(temporary);
    return rmdir(directory);
}

static void
replaces_and_reads_back(void **state)
{
    carnet_area_storage storage = carnet_file_storage(path);
    uint8_t bytes[64];
    carnet_buf out = carnet_buf_of(bytes, 5);
    struct stat st;

    (void)state;
    assert_carnet_rc(storage.read(storage.self, &out, NULL), CARNET_E_AREA_STORAGE);
    assert_carnet_ok(storage.replace(storage.self, CARNET_TEST_BYTES("a longer first"), NULL), NULL);
    assert_carnet_ok(storage.replace(storage.self, CARNET_TEST_BYTES("second"), NULL), NULL);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(access(temporary, F_OK), -1);
    assert_carnet_ok(storage.read(storage.self, &out, NULL), NULL);
    assert_true(out.overflow);
    out = carnet_buf_of(bytes, 6);
    assert_carnet_ok(storage.read(storage.self, &out, NULL), NULL);
    assert_false(out.overflow);
    assert_span_equal(carnet_buf_span(&out), CARNET_TEST_BYTES("second"));
}

static void
follows_no_link_laid_in_its_way(void **state)
{
    carnet_area_storage storage = carnet_file_storage(path);

    (void)state;
    assert_int_equal(symlink("/tmp/carnet-storage-elsewhere", temporary), 0);
    assert_carnet_rc(storage.replace(storage.self, PASSPHRASE, NULL), CARNET_E_AREA_STORAGE);
    assert_int_equal(access("/tmp/carnet-storage-elsewhere", F_OK), -1);
    assert_int_equal(access(path, F_OK), -1);
}

/* Another process makes keys, two with each writing, tells each writing that is done, until it is killed. */
static _Noreturn void
make_keys(int told)
{
    carnet_area_storage storage = carnet_file_storage(path);
    carnet_key_order orders[2] = { { CARNET_CURVE_P256, CARNET_KEY_SIGN, { { 0 }, 0 } },
                                   { CARNET_CURVE_P256, CARNET_KEY_SIGN, { { 0 }, 0 } } };
    carnet_key_description keys[2];
    carnet_sealed_area state;
    carnet_secure_area area;
    carnet_crypto crypto;

    if (carnet_crypto_init(&crypto, NULL) != CARNET_OK ||
        carnet_sealed_area_open(&state, &crypto, &storage, PASSPHRASE, carnet_buf_of(malloc(MEMORY), MEMORY), &area,
                                NULL) != CARNET_OK)
        _exit(1);
    for (;;)
        if (carnet_secure_area_create(&area, orders, 2, keys, NULL) != CARNET_OK || write(told, "x", 1) != 1)
            _exit(2);
}

/* How many keys there are; the file must open and each key must work. */
static size_t
count_keys(carnet_crypto *crypto)
{
    static carnet_key_description keys[CARNET_SEALED_KEYS_MAX];
    carnet_area_storage storage = carnet_file_storage(path);
    void *memory = malloc(MEMORY);
    carnet_sealed_area state;
    carnet_secure_area area;
    carnet_err err = { 0 };
    size_t found;

    assert_carnet_ok(
        carnet_sealed_area_open(&state, crypto, &storage, PASSPHRASE, carnet_buf_of(memory, MEMORY), &area, &err),
        &err);
    assert_carnet_ok(carnet_secure_area_list(&area, 0, keys, CARNET_COUNT(keys), &found, NULL), NULL);
    if (found > 0) {
        carnet_key key;

        assert_carnet_ok(carnet_secure_area_open(&area, &keys[found - 1].identifier, &key, NULL), NULL);
        carnet_key_done(&key);
    }
    carnet_secure_area_done(&area);
    free(memory);
    return found;
}

/* Killed at another moment each time: what was told as done is there, whole, and at most one writing more. */
static void
a_process_killed_while_writing_loses_nothing(void **state)
{
    carnet_area_storage storage = carnet_file_storage(path);
    carnet_test_seed seed = { 23220 };
    carnet_sealed_area sealed;
    carnet_secure_area area;
    static uint8_t memory[8192];
    carnet_crypto crypto;
    size_t keys = 0;

    (void)state;
    assert_carnet_ok(carnet_crypto_init(&crypto, NULL), NULL);
    assert_carnet_ok(carnet_sealed_area_new(&sealed, &crypto, &storage, PASSPHRASE, &cheap,
                                            carnet_buf_of(memory, sizeof memory), &area, NULL),
                     NULL);
    carnet_secure_area_done(&area);
    for (int round = 0; round < 25; round++) {
        size_t done = 0, found;
        int told[2], status;
        pid_t child;
        char x;

        assert_int_equal(pipe(told), 0);
        child = fork();
        if (child == 0)
            make_keys(told[1]);
        close(told[1]);
        if (round % 2 == 0 && read(told[0], &x, 1) == 1) /* in every other round something is done, however slow */
            done++;
        usleep((useconds_t)(1000 + carnet_test_number(&seed) % 9000));
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, &status, 0), child);
        if (!WIFSIGNALED(status))
            fail_msg("the other process ended by itself: %d", status);
        while (read(told[0], &x, 1) == 1)
            done++;
        close(told[0]);
        found = count_keys(&crypto);
        if (found != keys + 2 * done && found != keys + 2 * done + 2)
            fail_msg("%zu keys before, %zu writings done, %zu keys now", keys, done, found);
        keys = found;
    }
    assert_true(keys > 0);
    carnet_crypto_done(&crypto);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(replaces_and_reads_back, setup, teardown),
        cmocka_unit_test_setup_teardown(follows_no_link_laid_in_its_way, setup, teardown),
        cmocka_unit_test_setup_teardown(a_process_killed_while_writing_loses_nothing, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
