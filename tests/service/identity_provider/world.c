/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include "carnet/file_storage.h"
#include "carnet/sealed_area.h"
#include "support/server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

world w;
static unsigned worlds;

/* A text that lasts as long as the world. */
static char *
keep(const char *text)
{
    const size_t len = strlen(text) + 1;
    char *kept = w.texts + w.texts_len;

    assert_true(w.texts_len + len <= sizeof(w.texts));
    memcpy(kept, text, len);
    w.texts_len += len;
    return kept;
}

int
world_run(int argc, char **argv, const struct CMUnitTest *tests, size_t count)
{
    return carnet_test_run_stored(argc, argv, "identity_provider", tests, count, NULL);
}

static carnet_time
stand(void *self)
{
    return ((const world *)self)->now;
}

static void
note(void *self, carnet_str line, bool success)
{
    world *x = self;

    (void)success;
    if (x->log_len + line.len + 2 >= sizeof(x->log))
        x->log_len = 0;
    memcpy(x->log + x->log_len, line.ptr, line.len);
    x->log_len += line.len;
    x->log[x->log_len++] = '\n';
    x->log[x->log_len] = '\0';
}

static char *
file(const char *name, carnet_span bytes)
{
    char path[160];
    FILE *f;

    (void)snprintf(path, sizeof(path), "%s/%s", w.folder, name);
    f = fopen(path, "we");
    assert_non_null(f);
    assert_true(fwrite(bytes.ptr, 1, bytes.len, f) == bytes.len);
    assert_int_equal(fclose(f), 0);
    return keep(path);
}

static char *
pem(const char *name, const char *label, carnet_span der)
{
    uint8_t room[4096];
    carnet_buf out = carnet_buf_of(room, sizeof(room));

    carnet_pem_encode(label, der, &out);
    return file(name, carnet_buf_span(&out));
}

/* --- keys and certificates --- */

static void
make_area(char *sealed, const char *passphrase)
{
    static const carnet_argon2_cost cheap = { 64, 1, 1 };
    static uint8_t memory[16384];
    const carnet_key_order order = { CARNET_CURVE_P256, CARNET_KEY_SIGN,
                                     carnet_key_identifier_of(CARNET_TEST_BYTES("signer")) };
    carnet_area_storage storage = carnet_file_storage(sealed);
    carnet_key_description made;
    carnet_sealed_area state;
    carnet_secure_area area;
    carnet_buf out = carnet_buf_of(w.authority_der, sizeof(w.authority_der));
    carnet_certificate_spec spec = { .struct_size = sizeof(spec),
                                     .profile = &carnet_profile_iaca,
                                     .subject = { .country = carnet_str_of("UT"),
                                                  .common_name = carnet_str_of("Devices and friends") },
                                     .issuer_uri = carnet_str_of("https://idp.example"),
                                     .not_before = NOW - 86400,
                                     .not_after = NOW + 5 * 365 * (carnet_time)CARNET_TIME_DAY };
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_sealed_area_new(&state, &w.crypto, &storage, carnet_span_of(passphrase, 4), &cheap,
                                            carnet_buf_of(memory, sizeof(memory)), &area, &err),
                     &err);
    assert_carnet_ok(carnet_secure_area_create(&area, &order, 1, &made, &err), &err);
    assert_carnet_ok(carnet_secure_area_open(&area, &order.identifier, &w.authority, &err), &err);
    w.signer = spec.public_key = made.public_key;
    assert_carnet_ok(carnet_certificate_build(&spec, NULL, &w.authority, &w.crypto, &out, &err), &err);
    w.authority_len = out.len;
    w.keys[0].chain = pem("authority.pem", "CERTIFICATE", carnet_buf_span(&out));
    for (int i = BANK; i < PARTIES; i++) {
        static const char *const names[] = { "", "bank", "shop", "stranger", "bank" };
        carnet_certificate issuer;
        char uri[64];

        (void)snprintf(uri, sizeof(uri), "urn:p1940:friend:%s", names[i]);
        assert_carnet_ok(carnet_certificate_open(carnet_span_of(w.authority_der, w.authority_len), &issuer, &err),
                         &err);
        assert_carnet_ok(
            carnet_software_key_generate(&w.crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, &w.party_keys[i], &err), &err);
        spec = (carnet_certificate_spec){ .struct_size = sizeof(spec),
                                          .profile = &carnet_profile_p1940_client,
                                          .subject = { .common_name = carnet_str_of(names[i]) },
                                          .public_key = w.party_keys[i].public_key,
                                          .not_before = NOW - 60,
                                          .not_after = NOW + 300 * (carnet_time)CARNET_TIME_DAY,
                                          .uri_name = carnet_str_of(uri) };
        out = carnet_buf_of(w.party_der[i], sizeof(w.party_der[i]));
        assert_carnet_ok(carnet_certificate_build(&spec, &issuer, &w.authority, &w.crypto, &out, &err), &err);
        w.party_len[i] = out.len;
    }
    carnet_key_done(&w.authority);
    carnet_secure_area_done(&area);
}

static char *
spki_hash(const carnet_key *key)
{
    uint8_t room[256], hash[32];
    carnet_buf spki = carnet_buf_of(room, sizeof(room));
    carnet_span part;
    char text[65];

    assert_carnet_ok(carnet_public_key_to_spki(&key->public_key, &spki, NULL), NULL);
    part = carnet_buf_span(&spki);
    assert_carnet_ok(carnet_digest(&w.crypto, CARNET_SHA256, &part, 1, hash, NULL), NULL);
    for (size_t i = 0; i < sizeof(hash); i++)
        (void)snprintf(text + 2 * i, 3, "%02x", hash[i]);
    return keep(text);
}

static void
configure(char *sealed, char *passphrase)
{
    static char *authorities[1], *attesters[1], *hashes[2][1], *origins[1], *documents[1];
    uint8_t room[256], secret[256];
    carnet_buf spki = carnet_buf_of(room, sizeof(room)), line = carnet_buf_of(secret, sizeof(secret));
    carnet_random random = carnet_crypto_random(&w.crypto);

    assert_carnet_ok(carnet_service_secrets_make(&random, &line, NULL), NULL);
    assert_carnet_ok(carnet_software_key_generate(&w.crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, &w.attester, NULL),
                     NULL);
    assert_carnet_ok(carnet_public_key_to_spki(&w.attester.public_key, &spki, NULL), NULL);
    authorities[0] = w.keys[0].chain;
    origins[0] = keep("https://idp.example");
    attesters[0] = pem("attester.pem", "PUBLIC KEY", carnet_buf_span(&spki));
    world_make_documents();
    documents[0] =
        pem("documents.pem", "CERTIFICATE", carnet_span_of(w.document_authority_der, w.document_authority_len));
    spki.len = 0;
    assert_carnet_ok(carnet_public_key_to_spki(&w.reader.public_key, &spki, NULL), NULL);
    w.terminals[1] =
        (carnet_config_identity_terminal){ .id = keep("ATM00002"),
                                           .reader_key = pem("reader.pem", "PUBLIC KEY", carnet_buf_span(&spki)) };
    w.area = (carnet_config_area){ .name = keep("main"), .file = sealed, .secret_file = passphrase };
    w.keys[0].name = keep("signer");
    w.keys[0].area = w.area.name;
    w.keys[0].identifier = w.keys[0].name;
    for (int i = 0; i < 2; i++) {
        hashes[i][0] = spki_hash(&w.party_keys[BANK + i]);
        w.friends[i] =
            (carnet_config_identity_friend){ .id = keep(i == 0 ? "bank" : "shop"), .keys = { hashes[i], 1 } };
    }
    w.terminals[0] = (carnet_config_identity_terminal){ .id = keep("ATM00001"),
                                                        .latitude = keep("41.00820"),
                                                        .longitude = keep("28.97840") };
    w.provider = (carnet_config_identity_provider){ .token_key = w.keys[0].name,
                                                    .device_key = w.keys[0].name,
                                                    .device_authorities = { authorities, 1 },
                                                    .friend_authorities = { authorities, 1 },
                                                    .attesters = { attesters, 1 },
                                                    .fido_rp_id = keep("idp.example"),
                                                    .project_trustmark = keep("https://idp.example/trust"),
                                                    .confidence = keep("high"),
                                                    .fido_origins = { origins, 1 },
                                                    .friends = w.friends,
                                                    .friend_count = 2,
                                                    .terminals = w.terminals,
                                                    .terminal_count = 2,
                                                    .document_authorities = { documents, 1 } };
    w.services.identity_provider = &w.provider;
    w.config = (carnet_config){ .base_url = keep("https://idp.example"),
                                .secrets = file("secrets", carnet_buf_span(&line)),
                                .areas = &w.area,
                                .area_count = 1,
                                .keys = w.keys,
                                .key_count = 1,
                                .services = &w.services };
}

static void
make_instance(size_t i)
{
    static const carnet_service_part *const list[] = { &carnet_identity_provider_part };
    carnet_store_config config = { .place = w.place, .random = carnet_crypto_random(&w.crypto) };
    carnet_service_hooks hooks = {
        .now = stand, .now_self = &w, .log = note, .log_self = &w, .workers = 3, .scratch_size = 8 << 20
    };
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_store_open(&config, &w.stores[i], &err), &err);
    hooks.store = w.stores[i];
    assert_carnet_ok(carnet_service_context_new(&w.config, &hooks, &w.contexts[i], &err), &err);
    assert_carnet_ok(carnet_service_parts_new(w.contexts[i], list, 1, &w.parts[i], &err), &err);
}

int
world_begin(void **state)
{
    char *sealed, *passphrase, store[96];

    (void)state;
    memset(&w, 0, sizeof(w));
    w.now = NOW;
    (void)snprintf(w.folder, sizeof(w.folder), "/tmp/carnet-idp-XXXXXX");
    if (mkdtemp(w.folder) == NULL || carnet_crypto_init(&w.crypto, NULL) != CARNET_OK)
        return -1;
    passphrase = file("pass", CARNET_TEST_BYTES("pass\n"));
    sealed = file("none", CARNET_TEST_BYTES(""));
    (void)snprintf(sealed, strlen(sealed) + 1, "%s/keys", w.folder);
    make_area(sealed, "pass");
    configure(sealed, passphrase);
    (void)snprintf(w.user, sizeof(w.user), "alice%u", ++worlds);
    (void)snprintf(w.request, sizeof(w.request), "r%u", worlds);
    (void)snprintf(store, sizeof(store), "%s/store", w.folder);
    carnet_test_place(store, false, w.place, sizeof(w.place));
    make_instance(0);
    make_instance(1);
    assert_int_equal(enrol(&w.alice, w.user, NULL), 200);
    return 0;
}

int
world_end(void **state)
{
    char command[128];

    (void)state;
    phone_done(&w.alice);
    for (size_t i = 0; i < 2; i++) {
        carnet_service_parts_free(&w.parts[i]);
        carnet_service_context_free(&w.contexts[i]);
        carnet_store_close(&w.stores[i]);
    }
    for (int i = BANK; i < PARTIES; i++)
        carnet_key_done(&w.party_keys[i]);
    carnet_key_done(&w.attester);
    carnet_key_done(&w.fido);
    carnet_key_done(&w.document_authority);
    carnet_key_done(&w.document);
    carnet_key_done(&w.reader);
    carnet_crypto_done(&w.crypto);
    (void)snprintf(command, sizeof(command), "rm -rf '%s'", w.folder);
    return system(command);
}
