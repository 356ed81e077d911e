/* SPDX-License-Identifier: Apache-2.0 */
/* A TPM in software (swtpm), started by the test on ports of its own, its state in a directory of its own. */
#include "carnet/cbor.h"
#include "carnet/tpm2_area.h"
#include "carnet/tpm2_statement.h"
#include "internal.h"
#include "support/support.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static carnet_crypto crypto;
static char directory[64], tcti[64];
static pid_t tpm;
static uint8_t file_room[65536], statement_room[8192];
static size_t file_len;
static bool storage_fails;
static carnet_key_description listed[32];

static carnet_rc
read_file(void *self, carnet_buf *out, carnet_err *err)
{
    (void)self;
    (void)err;
    carnet_buf_add(out, carnet_span_of(file_room, file_len));
    return CARNET_OK;
}

static carnet_rc
replace_file(void *self, carnet_span bytes, carnet_err *err)
{
    (void)self;
    if (storage_fails)
        return carnet_fail(err, CARNET_E_AREA_STORAGE, NULL, "the test says so");
    assert_in_range(bytes.len, 1, sizeof(file_room));
    memcpy(file_room, bytes.ptr, bytes.len);
    file_len = bytes.len;
    return CARNET_OK;
}

static const carnet_area_storage storage = { read_file, replace_file, NULL };

static bool
start_on(int port)
{
    char server[64], control[64], state[80];
    const carnet_tpm2_parameters parameters = { .tcti = tcti, .storage = &storage };
    carnet_secure_area area;

    (void)snprintf(tcti, sizeof(tcti), "swtpm:host=127.0.0.1,port=%d", port);
    (void)snprintf(server, sizeof(server), "type=tcp,port=%d,bindaddr=127.0.0.1,disconnect", port);
    (void)snprintf(control, sizeof(control), "type=tcp,port=%d,bindaddr=127.0.0.1", port + 1);
    (void)snprintf(state, sizeof(state), "dir=%s", directory);
    tpm = fork();
    if (tpm == 0) {
        (void)!freopen("/dev/null", "w", stderr);
        (void)!freopen("/dev/null", "w", stdout);
        execlp("swtpm", "swtpm", "socket", "--tpm2", "--tpmstate", state, "--server", server, "--ctrl", control,
               "--flags", "not-need-init,startup-clear", (char *)NULL);
        _exit(127);
    }
    for (int i = 0; i < 50; i++) {
        usleep(100000);
        if (waitpid(tpm, NULL, WNOHANG) == tpm)
            return false; /* the port is taken, or there is no such program */
        if (carnet_tpm2_area_open(&parameters, &crypto, &area, NULL) == CARNET_OK) {
            carnet_secure_area_done(&area);
            return true;
        }
    }
    return false;
}

static int
begin(void **state)
{
    (void)state;
    (void)setenv("TSS2_LOG", "all+NONE", 1);
    (void)snprintf(directory, sizeof(directory), "/tmp/carnet-tpm-XXXXXX");
    if (carnet_crypto_init(&crypto, NULL) != CARNET_OK || mkdtemp(directory) == NULL)
        return -1;
    for (int port = 20000 + (int)(getpid() % 5000) * 2, i = 0; i < 5; i++, port += 10) {
        if (start_on(port))
            return 0;
        if (tpm > 0)
            (void)kill(tpm, SIGKILL);
    }
    tpm = 0;
    return 0;
}

static int
end(void **state)
{
    char command[128];

    (void)state;
    if (tpm > 0) {
        (void)kill(tpm, SIGTERM);
        (void)waitpid(tpm, NULL, 0);
    }
    carnet_crypto_done(&crypto);
    (void)snprintf(command, sizeof(command), "rm -rf '%s'", directory);
    return system(command);
}

static void
open_with(carnet_secure_area *area, carnet_span auth)
{
    const carnet_tpm2_parameters parameters = { .tcti = tcti, .storage = &storage, .auth = auth };
    carnet_err err = { 0 };

    if (tpm == 0)
        carnet_test_skip("no swtpm on this machine");
    assert_carnet_ok(carnet_tpm2_area_open(&parameters, &crypto, area, &err), &err);
}

static void
begin_empty(carnet_secure_area *area)
{
    file_len = 0;
    storage_fails = false;
    open_with(area, (carnet_span){ NULL, 0 });
}

static carnet_key_description
make(carnet_secure_area *area, carnet_curve curve, unsigned usage)
{
    const carnet_key_order order = { .curve = curve, .usage = usage };
    carnet_key_description made;
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_secure_area_create(area, &order, 1, &made, &err), &err);
    return made;
}

static void
use(carnet_secure_area *area, const carnet_key_description *made)
{
    const carnet_span message[] = { CARNET_TEST_BYTES("signed"), CARNET_TEST_BYTES("in a TPM") };
    const carnet_curve_info *info = carnet_curve_get(made->public_key.curve);
    carnet_key key, other;
    carnet_signature signature;
    carnet_secret here, there;
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_secure_area_open(area, &made->identifier, &key, &err), &err);
    assert_carnet_ok(carnet_key_sign(&key, &crypto, info->algorithm, message, 2, &signature, &err), &err);
    assert_carnet_ok(carnet_verify(&crypto, &key.public_key, info->algorithm, message, 2,
                                   carnet_span_of(signature.bytes, signature.len), &err),
                     &err);
    assert_carnet_ok(carnet_software_key_generate(&crypto, info->curve, CARNET_KEY_AGREE, &other, &err), &err);
    assert_carnet_ok(carnet_key_agree(&key, &crypto, &other.public_key, &there, &err), &err);
    assert_carnet_ok(carnet_key_agree(&other, &crypto, &key.public_key, &here, &err), &err);
    assert_span_equal(carnet_span_of(here.bytes, here.len), carnet_span_of(there.bytes, there.len));
    carnet_key_done(&other);
    carnet_key_done(&key);
}

static void
keys_of_every_curve_announced_sign_and_agree(void **state)
{
    carnet_secure_area area;
    carnet_secure_area_curve curve;
    size_t seen = 0;

    (void)state;
    begin_empty(&area);
    for (; carnet_secure_area_curve_at(&area, seen, &curve); seen++) {
        const carnet_key_description made = make(&area, curve.curve, curve.usage);

        use(&area, &made);
    }
    assert_in_range(seen, 1, 3);
    carnet_secure_area_done(&area);
}

static void
more_keys_than_the_tpm_has_slots_work_and_stay(void **state)
{
    carnet_key_order orders[8];
    carnet_key_description keys[8];
    carnet_secure_area area;
    carnet_err err = { 0 };
    size_t found;

    (void)state;
    begin_empty(&area);
    for (size_t i = 0; i < CARNET_COUNT(orders); i++)
        orders[i] = (carnet_key_order){ .curve = CARNET_CURVE_P256, .usage = CARNET_KEY_SIGN | CARNET_KEY_AGREE };
    assert_carnet_ok(carnet_secure_area_create(&area, orders, 8, keys, &err), &err);
    carnet_secure_area_done(&area);
    open_with(&area, (carnet_span){ NULL, 0 });
    for (size_t i = 0; i < CARNET_COUNT(keys); i++)
        use(&area, &keys[i]);
    assert_carnet_ok(carnet_secure_area_list(&area, 3, listed, 32, &found, NULL), NULL);
    assert_int_equal(found, 5);
    assert_true(carnet_public_key_equal(&listed[0].public_key, &keys[3].public_key));
    carnet_secure_area_done(&area);
}

/* Two keys in turn, one of them twice; then it is taken out behind the area's back, as when the TPM begins anew. */
static void
the_key_that_worked_last_stays_until_another_does(void **state)
{
    carnet_secure_area area;
    carnet_key_description first, second;
    carnet_tpm2 *t;
    ESYS_TR kept;

    (void)state;
    begin_empty(&area);
    t = area.state;
    first = make(&area, CARNET_CURVE_P256, CARNET_KEY_SIGN | CARNET_KEY_AGREE);
    second = make(&area, CARNET_CURVE_P256, CARNET_KEY_SIGN | CARNET_KEY_AGREE);
    assert_false(t->keeps);
    use(&area, &first);
    assert_true(t->keeps);
    kept = t->kept;
    use(&area, &first);
    assert_int_equal(t->kept, kept);
    use(&area, &second);
    assert_int_not_equal(t->kept, kept);
    assert_int_equal(Esys_FlushContext(t->esys, t->kept), TSS2_RC_SUCCESS);
    use(&area, &second);
    assert_carnet_ok(carnet_secure_area_destroy(&area, &second.identifier, 1, NULL), NULL);
    assert_false(t->keeps);
    use(&area, &first);
    carnet_secure_area_done(&area);
}

static void
what_the_storage_does_not_take_is_not_made_and_not_destroyed(void **state)
{
    const carnet_key_order order = { .curve = CARNET_CURVE_P256, .usage = CARNET_KEY_SIGN };
    carnet_key_description made, other;
    carnet_secure_area area;
    size_t found;

    (void)state;
    begin_empty(&area);
    made = make(&area, CARNET_CURVE_P256, CARNET_KEY_SIGN);
    storage_fails = true;
    assert_carnet_rc(carnet_secure_area_create(&area, &order, 1, &other, NULL), CARNET_E_AREA_STORAGE);
    assert_carnet_rc(carnet_secure_area_destroy(&area, &made.identifier, 1, NULL), CARNET_E_AREA_STORAGE);
    storage_fails = false;
    assert_carnet_ok(carnet_secure_area_list(&area, 0, listed, 32, &found, NULL), NULL);
    assert_int_equal(found, 1);
    assert_carnet_ok(carnet_secure_area_destroy(&area, &made.identifier, 1, NULL), NULL);
    assert_carnet_rc(carnet_secure_area_destroy(&area, &made.identifier, 1, NULL), CARNET_E_AREA_KEY_ABSENT);
    assert_carnet_ok(carnet_secure_area_list(&area, 0, listed, 32, &found, NULL), NULL);
    assert_int_equal(found, 0);
    carnet_secure_area_done(&area);
}

static void
another_authorisation_does_not_use_a_key(void **state)
{
    const carnet_span message = CARNET_TEST_BYTES("no");
    carnet_key_description made;
    carnet_secure_area area;
    carnet_signature signature;
    carnet_key key;

    (void)state;
    file_len = 0;
    open_with(&area, CARNET_TEST_BYTES("right"));
    made = make(&area, CARNET_CURVE_P256, CARNET_KEY_SIGN | CARNET_KEY_AGREE);
    use(&area, &made);
    carnet_secure_area_done(&area);
    open_with(&area, CARNET_TEST_BYTES("wrong"));
    assert_carnet_ok(carnet_secure_area_open(&area, &made.identifier, &key, NULL), NULL);
    assert_carnet_rc(carnet_key_sign(&key, &crypto, CARNET_ES256, &message, 1, &signature, NULL),
                     CARNET_E_SEALED_PASSPHRASE);
    carnet_key_done(&key);
    carnet_secure_area_done(&area);
}

/* --- attestation --- */

static carnet_span
attested(carnet_secure_area *area, carnet_key_description *keys, size_t count)
{
    carnet_buf out = carnet_buf_of(statement_room, sizeof(statement_room));
    carnet_key_identifier identifiers[4];
    const char *format;
    carnet_err err = { 0 };

    for (size_t i = 0; i < count; i++) {
        keys[i] = make(area, CARNET_CURVE_P256, CARNET_KEY_SIGN);
        identifiers[i] = keys[i].identifier;
    }
    assert_carnet_ok(
        carnet_secure_area_attest(area, identifiers, count, CARNET_TEST_BYTES("challenge"), &out, &format, &err), &err);
    assert_string_equal(format, CARNET_TPM2_FORMAT);
    return carnet_buf_span(&out);
}

static void
a_statement_proves_each_key_and_stays_with_its_key(void **state)
{
    carnet_key_description keys[3];
    carnet_tpm2_statement view, again;
    carnet_secure_area area;
    carnet_public_key key;
    carnet_span statement;
    carnet_err err = { 0 };

    (void)state;
    begin_empty(&area);
    statement = carnet_test_copy(attested(&area, keys, 3));
    assert_carnet_ok(carnet_tpm2_statement_open(statement, &crypto, &view, &err), &err);
    assert_int_equal(view.count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_carnet_ok(carnet_tpm2_statement_check(&view, i, CARNET_TEST_BYTES("challenge"), &crypto, &key, &err),
                         &err);
        assert_true(carnet_public_key_equal(&key, &keys[i].public_key));
    }
    assert_carnet_rc(carnet_tpm2_statement_check(&view, 3, CARNET_TEST_BYTES("challenge"), &crypto, &key, NULL),
                     CARNET_E_ATTESTATION_STRUCTURE);
    assert_carnet_rc(carnet_tpm2_statement_check(&view, 0, CARNET_TEST_BYTES("Challenge"), &crypto, &key, NULL),
                     CARNET_E_ATTESTATION_CHALLENGE);
    assert_int_equal(key.curve, CARNET_CURVE_NONE);
    assert_carnet_ok(carnet_tpm2_statement_open(attested(&area, keys, 1), &crypto, &again, &err), &err);
    assert_true(carnet_public_key_equal(&again.attestation_key, &view.attestation_key));
    carnet_secure_area_done(&area);
}

static carnet_public_key attestation_key;
static size_t changes;

static void
changed(carnet_span statement, void *context)
{
    carnet_tpm2_statement view;
    carnet_public_key key;

    (void)context;
    changes++;
    if (carnet_tpm2_statement_open(statement, &crypto, &view, NULL) != CARNET_OK ||
        !carnet_public_key_equal(&view.attestation_key, &attestation_key))
        return; /* another attestation key is not the one trusted */
    assert_int_not_equal(carnet_tpm2_statement_check(&view, 0, CARNET_TEST_BYTES("challenge"), &crypto, &key, NULL),
                         CARNET_OK);
}

static void
every_prefix_and_every_bit_of_a_statement_is_refused(void **state)
{
    carnet_key_description keys[1];
    carnet_tpm2_statement view;
    carnet_secure_area area;
    carnet_span statement;

    (void)state;
    begin_empty(&area);
    statement = carnet_test_copy(attested(&area, keys, 1));
    assert_carnet_ok(carnet_tpm2_statement_open(statement, &crypto, &view, NULL), NULL);
    attestation_key = view.attestation_key;
    carnet_test_every_prefix(statement, changed, NULL);
    carnet_test_every_bit(statement, changed, NULL);
    assert_int_equal(changes, 9 * statement.len);
    carnet_secure_area_done(&area);
}

static void
refuse_file(carnet_span file, void *context)
{
    const carnet_tpm2_parameters parameters = { .tcti = tcti, .storage = &storage };
    carnet_secure_area area;

    (void)context;
    memcpy(file_room, file.ptr, file.len);
    file_len = file.len;
    assert_true(carnet_tpm2_area_open(&parameters, &crypto, &area, NULL) != CARNET_OK || file.len == 0);
    carnet_secure_area_done(&area);
}

static void
a_file_cut_off_is_refused(void **state)
{
    carnet_secure_area area;
    carnet_span file;

    (void)state;
    begin_empty(&area);
    (void)make(&area, CARNET_CURVE_P256, CARNET_KEY_SIGN);
    carnet_secure_area_done(&area);
    file = carnet_test_copy(carnet_span_of(file_room, file_len));
    for (size_t len = 0; len < file.len; len += 13)
        refuse_file((carnet_span){ file.ptr, len }, NULL);
}

static void
a_tpm_that_is_not_there_is_told(void **state)
{
    const carnet_tpm2_parameters parameters = { .tcti = "swtpm:host=127.0.0.1,port=1", .storage = &storage };
    const carnet_tpm2_parameters none = { .tcti = tcti };
    carnet_secure_area area;

    (void)state;
    assert_carnet_rc(carnet_tpm2_area_open(&parameters, &crypto, &area, NULL), CARNET_E_AREA_STORAGE);
    assert_carnet_rc(carnet_tpm2_area_open(&none, &crypto, &area, NULL), CARNET_E_USAGE);
    assert_null(area.ops);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_of_every_curve_announced_sign_and_agree),
        cmocka_unit_test(more_keys_than_the_tpm_has_slots_work_and_stay),
        cmocka_unit_test(the_key_that_worked_last_stays_until_another_does),
        cmocka_unit_test(what_the_storage_does_not_take_is_not_made_and_not_destroyed),
        cmocka_unit_test(another_authorisation_does_not_use_a_key),
        cmocka_unit_test(a_statement_proves_each_key_and_stays_with_its_key),
        cmocka_unit_test(every_prefix_and_every_bit_of_a_statement_is_refused),
        cmocka_unit_test(a_file_cut_off_is_refused),
        cmocka_unit_test(a_tpm_that_is_not_there_is_told),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
