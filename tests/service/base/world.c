/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include "carnet/file_storage.h"
#include "carnet/sealed_area.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const carnet_argon2_cost cheap = { 64, 1, 1 };

static carnet_time
stand(void *self)
{
    return ((world *)self)->now;
}

static void
note(void *self, carnet_str line, bool success)
{
    world *w = self;

    if (w->log_len + line.len + 1 >= sizeof(w->log))
        return;
    memcpy(w->log + w->log_len, line.ptr, line.len);
    w->log_len += line.len;
    w->log[w->log_len++] = '\n';
    w->log[w->log_len] = '\0';
    w->successes += success ? 1 : 0;
}

const char *
world_write(const world *w, const char *name, carnet_span bytes)
{
    static char path[160];
    FILE *file;

    (void)snprintf(path, sizeof(path), "%s/%s", w->folder, name);
    file = fopen(path, "we");
    assert_non_null(file);
    assert_true(bytes.len == 0 || fwrite(bytes.ptr, 1, bytes.len, file) == bytes.len);
    assert_int_equal(fclose(file), 0);
    return path;
}

static void
make_keys(const world *w)
{
    static uint8_t memory[16384];
    const carnet_key_order orders[3] = {
        { CARNET_CURVE_P256, CARNET_KEY_SIGN, carnet_key_identifier_of(CARNET_TEST_BYTES("signer")) },
        { CARNET_CURVE_P256, CARNET_KEY_AGREE, carnet_key_identifier_of(CARNET_TEST_BYTES("\x01\x02")) },
        { CARNET_CURVE_P384, CARNET_KEY_SIGN, carnet_key_identifier_of(CARNET_TEST_BYTES("wide")) },
    };
    carnet_area_storage storage = carnet_file_storage(w->sealed);
    carnet_key_description made[3];
    carnet_sealed_area state;
    carnet_secure_area area;
    carnet_crypto crypto;
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_crypto_init(&crypto, &err), &err);
    assert_carnet_ok(carnet_sealed_area_new(&state, &crypto, &storage, CARNET_TEST_BYTES("pass"), &cheap,
                                            carnet_buf_of(memory, sizeof(memory)), &area, &err),
                     &err);
    assert_carnet_ok(carnet_secure_area_create(&area, orders, 3, made, &err), &err);
    carnet_secure_area_done(&area);
    carnet_crypto_done(&crypto);
}

static void
make_secrets(const world *w)
{
    carnet_test_seed seed = { 1 };
    carnet_random random = carnet_test_random(&seed);
    uint8_t room[256];
    carnet_buf out = carnet_buf_of(room, sizeof(room));

    assert_carnet_ok(carnet_service_secrets_make(&random, &out, NULL), NULL);
    (void)world_write(w, "secrets", carnet_buf_span(&out));
}

int
world_begin(world *w)
{
    memset(w, 0, sizeof(*w));
    (void)snprintf(w->folder, sizeof(w->folder), "/tmp/carnet-base-XXXXXX");
    if (mkdtemp(w->folder) == NULL)
        return -1;
    (void)snprintf(w->secrets, sizeof(w->secrets), "%s/secrets", w->folder);
    (void)snprintf(w->sealed, sizeof(w->sealed), "%s/keys", w->folder);
    (void)snprintf(w->passphrase, sizeof(w->passphrase), "%s/pass", w->folder);
    (void)world_write(w, "pass", CARNET_TEST_BYTES("pass\r\n"));
    make_secrets(w);
    make_keys(w);
    w->area =
        (carnet_config_area){ .name = (char *)(uintptr_t) "main", .file = w->sealed, .secret_file = w->passphrase };
    w->keys[0] = (carnet_config_key){ .name = (char *)(uintptr_t) "signer",
                                      .area = w->area.name,
                                      .identifier = (char *)(uintptr_t) "signer" };
    w->keys[1] = (carnet_config_key){ .name = (char *)(uintptr_t) "agreer",
                                      .area = w->area.name,
                                      .identifier = (char *)(uintptr_t) "hex:0102" };
    w->config = (carnet_config){ .base_url = (char *)(uintptr_t) "https://issuer.example/t",
                                 .secrets = w->secrets,
                                 .areas = &w->area,
                                 .area_count = 1,
                                 .keys = w->keys,
                                 .key_count = 2 };
    w->now = 1800000000;
    w->hooks = (carnet_service_hooks){
        .now = stand, .now_self = w, .log = note, .log_self = w, .workers = 3, .scratch_size = 65536
    };
    return 0;
}

int
world_end(world *w)
{
    char command[128];

    carnet_service_context_free(&w->context);
    (void)snprintf(command, sizeof(command), "rm -rf '%s'", w->folder);
    return system(command);
}

void
world_open(world *w)
{
    carnet_err err = { 0 };

    carnet_service_context_free(&w->context);
    assert_carnet_ok(carnet_service_context_new(&w->config, &w->hooks, &w->context, &err), &err);
}

carnet_service_worker *
world_worker(const world *w)
{
    carnet_service_worker *worker;
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_service_begin(w->context, NULL, &worker, &err), &err);
    return worker;
}

void
world_sign(carnet_service_worker *worker, const char *name)
{
    const carnet_span message = CARNET_TEST_BYTES("a document");
    const carnet_service_key *key;
    carnet_signature signature;
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_service_key_get(worker, name, &key, &err), &err);
    assert_int_equal(key->algorithm, CARNET_ES256);
    assert_carnet_ok(carnet_key_sign(key->key, worker->crypto, key->algorithm, &message, 1, &signature, &err), &err);
    assert_carnet_ok(carnet_verify(worker->crypto, &key->key->public_key, key->algorithm, &message, 1,
                                   carnet_span_of(signature.bytes, signature.len), &err),
                     &err);
}
