/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of the three kinds of secure areas, in the hands of several threads. */
#include "world.h"

#include "carnet/certificate_builder.h"
#include "carnet/file_storage.h"
#include "carnet/pkcs11_area.h"
#include "carnet/service_config_identity_provider.h"
#include "carnet/tpm2_area.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MODULE "/usr/lib/softhsm/libsofthsm2.so"

static world w;

/* What a test changes of the configuration, and puts back. */
typedef struct saved {
    carnet_config_area area;
    carnet_config_key keys[2];
} saved;

static saved
save(void)
{
    return (saved){ w.area, { w.keys[0], w.keys[1] } };
}

static int
begin(void **state)
{
    (void)state;
    (void)setenv("TSS2_LOG", "all+NONE", 1);
    return world_begin(&w);
}

static int
end(void **state)
{
    (void)state;
    return world_end(&w);
}

static atomic_bool failed;

static void *
sign_much(void *self)
{
    const carnet_span message = CARNET_TEST_BYTES("a document");
    carnet_service_worker *worker;
    const carnet_service_key *key;
    carnet_signature signature;

    (void)self;
    for (int i = 0; i < 20; i++)
        if (carnet_service_begin(w.context, NULL, &worker, NULL) != CARNET_OK ||
            carnet_service_key_get(worker, "signer", &key, NULL) != CARNET_OK ||
            carnet_key_sign(key->key, worker->crypto, key->algorithm, &message, 1, &signature, NULL) != CARNET_OK ||
            carnet_verify(worker->crypto, &key->key->public_key, key->algorithm, &message, 1,
                          carnet_span_of(signature.bytes, signature.len), NULL) != CARNET_OK)
            failed = true;
    return NULL;
}

static void
sign_in_threads(void)
{
    pthread_t ids[3];

    failed = false;
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&ids[i], NULL, sign_much, NULL), 0);
    for (int i = 0; i < 3; i++)
        (void)pthread_join(ids[i], NULL);
    assert_false(failed);
}

static void
agree(carnet_service_worker *worker)
{
    const carnet_service_key *key;
    carnet_secret here, there;
    carnet_key other;

    assert_carnet_ok(carnet_service_key_get(worker, "agreer", &key, NULL), NULL);
    assert_int_equal(key->algorithm, CARNET_SIGNATURE_NONE);
    assert_carnet_ok(carnet_software_key_generate(worker->crypto, CARNET_CURVE_P256, CARNET_KEY_AGREE, &other, NULL),
                     NULL);
    assert_carnet_ok(carnet_key_agree(key->key, worker->crypto, &other.public_key, &here, NULL), NULL);
    assert_carnet_ok(carnet_key_agree(&other, worker->crypto, &key->key->public_key, &there, NULL), NULL);
    assert_memory_equal(here.bytes, there.bytes, here.len);
    carnet_key_done(&other);
}

static void
keys_of_a_sealed_file_work_in_every_thread(void **state)
{
    const carnet_service_key *key;

    (void)state;
    world_open(&w);
    sign_in_threads();
    agree(world_worker(&w));
    assert_non_null(carnet_service_key_at(world_worker(&w), 1));
    assert_null(carnet_service_key_at(world_worker(&w), 2));
    assert_carnet_rc(carnet_service_key_get(world_worker(&w), "other", &key, NULL), CARNET_E_SERVICE_KEY);
    assert_null(key);
    carnet_service_context_free(&w.context);
}

/* --- what is wrong is told by the key of the configuration --- */

static void
refuse(carnet_rc rc, const char *path)
{
    carnet_err err = { 0 };

    assert_carnet_rc(carnet_service_context_new(&w.config, &w.hooks, &w.context, &err), rc);
    assert_null(w.context);
    assert_string_equal(err.path, path);
}

static void
refuses_keys_and_areas_that_are_not_there(void **state)
{
    const saved before = save();
    char wrong[160];

    (void)state;
    w.keys[1].identifier = (char *)(uintptr_t) "nobody";
    refuse(CARNET_E_AREA_KEY_ABSENT, "keys[1]");
    w.keys[1].identifier = (char *)(uintptr_t) "hex:0";
    refuse(CARNET_E_SERVICE_KEY, "keys[1]");
    w.keys[1] = before.keys[1];
    w.area.file = (char *)(uintptr_t) "/nonexistent/keys";
    refuse(CARNET_E_AREA_STORAGE, "areas[0]");
    w.area = before.area;
    (void)snprintf(wrong, sizeof(wrong), "%s", world_write(&w, "wrong", CARNET_TEST_BYTES("other")));
    w.area.secret_file = wrong;
    refuse(CARNET_E_SEALED_PASSPHRASE, "areas[0]");
    w.area.secret_file = (char *)(uintptr_t) "credential:../pass";
    refuse(CARNET_E_CONFIG_FILE, "areas[0]");
    w.area.secret_file = (char *)(uintptr_t) "credential:pass";
    refuse(CARNET_E_CONFIG_FILE, "areas[0]");
    (void)setenv("CREDENTIALS_DIRECTORY", w.folder, 1);
    world_open(&w);
    carnet_service_context_free(&w.context);
    (void)unsetenv("CREDENTIALS_DIRECTORY");
    w.area = before.area;
}

static void
refuses_a_token_key_that_could_never_sign_a_token(void **state)
{
    const saved before = save();
    carnet_config_identity_provider idp = { .token_key = w.keys[0].name, .device_key = w.keys[0].name };
    carnet_config_services services = { .identity_provider = &idp }, *none = w.config.services;
    carnet_service_context *context = NULL;
    carnet_err err = { 0 };

    (void)state;
    w.config.services = &services;
    world_open(&w);
    carnet_service_context_free(&w.context);
    w.keys[0].identifier = (char *)(uintptr_t) "wide";
    refuse(CARNET_E_SERVICE_KEY, "keys[0]");
    assert_int_not_equal(carnet_service_context_new(&w.config, &w.hooks, &context, &err), CARNET_OK);
    assert_non_null(strstr(err.reason, "P-256"));
    assert_non_null(strstr(err.reason, w.keys[0].name));
    assert_non_null(strstr(err.reason, "/keys"));
    idp.token_key = w.keys[1].name; /* agrees */
    refuse(CARNET_E_SERVICE_KEY, "keys[1]");
    w.keys[0] = before.keys[0];
    idp = (carnet_config_identity_provider){ .token_key = w.keys[0].name, .device_key = w.keys[1].name };
    refuse(CARNET_E_SERVICE_KEY, "keys[1]");
    w.config.services = none;
}

/* A chain of one certificate under a root, for the public key. */
static void
certify(carnet_key *root, const carnet_public_key *key, const char *name, bool is_root, carnet_certificate *issuer)
{
    static uint8_t root_der[CARNET_CERTIFICATE_MAX];
    uint8_t room[CARNET_CERTIFICATE_MAX], text[2 * CARNET_CERTIFICATE_MAX];
    carnet_buf der = carnet_buf_of(room, sizeof(room)), pem = carnet_buf_of(text, sizeof(text));
    carnet_certificate_spec spec = {
        .struct_size = sizeof(spec),
        .profile = is_root ? &carnet_profile_iaca : &carnet_profile_document_signer_mdl,
        .subject = { .country = carnet_str_of("UT"), .common_name = carnet_str_of(is_root ? "root" : "signer") },
        .public_key = *key,
        .not_before = 1790000000,
        .not_after = is_root ? 1890000000 : 1810000000,
        .issuer_uri = carnet_str_of("https://utopia.example"),
        .crl_uri = is_root ? (carnet_str){ 0 } : carnet_str_of("https://utopia.example/crl"),
    };
    carnet_crypto crypto;
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_crypto_init(&crypto, &err), &err);
    assert_carnet_ok(carnet_certificate_build(&spec, is_root ? NULL : issuer, root, &crypto, &der, &err), &err);
    carnet_pem_encode("CERTIFICATE", carnet_buf_span(&der), &pem);
    (void)world_write(&w, name, carnet_buf_span(&pem));
    if (is_root) {
        memcpy(root_der, room, der.len);
        assert_carnet_ok(carnet_certificate_open(carnet_span_of(root_der, der.len), issuer, &err), &err);
    }
    carnet_crypto_done(&crypto);
}

static void
a_key_has_the_chain_that_is_its_own(void **state)
{
    const saved before = save();
    char chain[128], root_file[128];
    carnet_public_key signer;
    const carnet_service_key *key;
    carnet_certificate issuer;
    carnet_crypto crypto;
    carnet_key root;

    (void)state;
    world_open(&w);
    signer = carnet_service_key_at(world_worker(&w), 0)->key->public_key;
    carnet_service_context_free(&w.context);
    assert_carnet_ok(carnet_crypto_init(&crypto, NULL), NULL);
    assert_carnet_ok(carnet_software_key_generate(&crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, &root, NULL), NULL);
    certify(&root, &root.public_key, "root.pem", true, &issuer);
    certify(&root, &signer, "signer.pem", false, &issuer);
    (void)snprintf(chain, sizeof(chain), "%s/signer.pem", w.folder);
    (void)snprintf(root_file, sizeof(root_file), "%s/root.pem", w.folder);
    w.keys[0].chain = chain;
    w.keys[0].root = root_file;
    world_open(&w);
    assert_carnet_ok(carnet_service_key_get(world_worker(&w), "signer", &key, NULL), NULL);
    assert_int_equal(key->chain_count, 1);
    assert_span_equal(key->root, issuer.der);
    assert_int_equal(key->not_before, 1790000000);
    assert_int_equal(key->not_after, 1810000000);
    carnet_service_context_free(&w.context);
    w.keys[0].chain = root_file; /* another key's */
    refuse(CARNET_E_SERVICE_KEY, "keys[0]");
    w.keys[0].chain = chain;
    w.keys[0].root = chain; /* not above it */
    refuse(CARNET_E_SERVICE_KEY, "keys[0]");
    w.keys[0].root = w.secrets; /* no certificate */
    refuse(CARNET_E_SERVICE_KEY, "keys[0]");
    w.keys[0] = before.keys[0];
    carnet_key_done(&root);
    carnet_crypto_done(&crypto);
}

/* --- devices --- */

/* Make the two keys in an area of the configuration, as an operator would. */
static void
create_keys(carnet_secure_area *area, carnet_crypto *crypto)
{
    const carnet_key_order orders[2] = {
        { CARNET_CURVE_P256, CARNET_KEY_SIGN, carnet_key_identifier_of(CARNET_TEST_BYTES("signer")) },
        { CARNET_CURVE_P256, CARNET_KEY_AGREE, carnet_key_identifier_of(CARNET_TEST_BYTES("\x01\x02")) },
    };
    carnet_key_description made[2];
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_secure_area_create(area, orders, 2, made, &err), &err);
    carnet_secure_area_done(area);
    carnet_crypto_done(crypto);
}

static void
keys_of_a_token_work_in_every_thread(void **state)
{
    const carnet_pkcs11_parameters token = { MODULE, "carnet test", { (const uint8_t *)"1234", 4 } };
    const saved before = save();
    carnet_secure_area area;
    carnet_crypto crypto;
    char command[256], text[192], conf[128], pin[128];
    carnet_err err = { 0 };

    (void)state;
    if (access(MODULE, R_OK) != 0)
        carnet_test_skip("no SoftHSM on this machine");
    (void)snprintf(text, sizeof(text), "directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n",
                   w.folder);
    (void)snprintf(conf, sizeof(conf), "%s", world_write(&w, "conf", carnet_str_bytes(carnet_str_of(text))));
    (void)setenv("SOFTHSM2_CONF", conf, 1);
    (void)snprintf(pin, sizeof(pin), "%s", world_write(&w, "pin", CARNET_TEST_BYTES("1234\n")));
    (void)snprintf(command, sizeof(command),
                   "softhsm2-util --init-token --free --label 'carnet test' --so-pin 12345678 --pin 1234 >/dev/null");
    assert_int_equal(system(command), 0);
    assert_carnet_ok(carnet_crypto_init(&crypto, NULL), NULL);
    assert_carnet_ok(carnet_pkcs11_area_open(&token, &crypto, &area, &err), &err);
    create_keys(&area, &crypto);
    w.area.kind = CARNET_CONFIG_PKCS11;
    w.area.module = (char *)(uintptr_t)MODULE;
    w.area.token = (char *)(uintptr_t) "carnet test";
    w.area.secret_file = pin;
    world_open(&w);
    sign_in_threads();
    agree(world_worker(&w));
    carnet_service_context_free(&w.context);
    w.area = before.area;
}

static pid_t
start_tpm(int port)
{
    char server[80], control[80], folder[96];
    pid_t pid;

    (void)snprintf(server, sizeof(server), "type=tcp,port=%d,bindaddr=127.0.0.1,disconnect", port);
    (void)snprintf(control, sizeof(control), "type=tcp,port=%d,bindaddr=127.0.0.1", port + 1);
    (void)snprintf(folder, sizeof(folder), "dir=%s", w.folder);
    pid = fork();
    if (pid == 0) {
        (void)!freopen("/dev/null", "w", stderr);
        (void)!freopen("/dev/null", "w", stdout);
        execlp("swtpm", "swtpm", "socket", "--tpm2", "--tpmstate", folder, "--server", server, "--ctrl", control,
               "--flags", "not-need-init,startup-clear", (char *)NULL);
        _exit(127);
    }
    return pid;
}

static void
keys_of_a_tpm_are_shared_by_the_threads(void **state)
{
    const saved before = save();
    char tcti[64] = "", file[128] = "";
    carnet_area_storage storage = carnet_file_storage(file);
    const carnet_tpm2_parameters parameters = { .tcti = tcti, .storage = &storage };
    int port = 25000 + (int)(getpid() % 2500) * 2;
    pid_t pid = start_tpm(port);
    carnet_secure_area area;
    carnet_crypto crypto;
    carnet_rc rc = CARNET_E_AREA_STORAGE;

    (void)state;
    (void)snprintf(tcti, sizeof(tcti), "swtpm:host=127.0.0.1,port=%d", port);
    (void)snprintf(file, sizeof(file), "%s", world_write(&w, "tpm-keys", (carnet_span){ 0 }));
    assert_carnet_ok(carnet_crypto_init(&crypto, NULL), NULL);
    for (int i = 0; rc != CARNET_OK && i < 50 && waitpid(pid, NULL, WNOHANG) == 0; i++) {
        usleep(100000);
        rc = carnet_tpm2_area_open(&parameters, &crypto, &area, NULL);
    }
    if (rc != CARNET_OK)
        carnet_test_skip("no swtpm on this machine");
    create_keys(&area, &crypto);
    w.area.kind = CARNET_CONFIG_TPM2;
    w.area.tcti = tcti;
    w.area.file = file;
    w.area.secret_file = NULL;
    world_open(&w);
    sign_in_threads();
    agree(world_worker(&w));
    carnet_service_context_free(&w.context);
    w.area = before.area;
    (void)kill(pid, SIGKILL);
    (void)waitpid(pid, NULL, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_of_a_sealed_file_work_in_every_thread),
        cmocka_unit_test(refuses_keys_and_areas_that_are_not_there),
        cmocka_unit_test(refuses_a_token_key_that_could_never_sign_a_token),
        cmocka_unit_test(a_key_has_the_chain_that_is_its_own),
        cmocka_unit_test(keys_of_a_token_work_in_every_thread),
        cmocka_unit_test(keys_of_a_tpm_are_shared_by_the_threads),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
