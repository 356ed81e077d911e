/* SPDX-License-Identifier: Apache-2.0 */
/* The secure area behind a holder's store: a sealed file, a PKCS#11 token, a TPM. */
#include "carnet/pkcs11_area.h"
#include "carnet/tpm2_area.h"
#include "holder_store.h"

#include <stdlib.h>
#include <string.h>

#define AREA_MEMORY ((size_t)16 << 20)

/* The key that seals what else is secret: it agrees with itself, which nobody else can reckon. */
static const char sealing_key[] = "carnet store 1";

static const char *const names[] = { [STORE_SOFTWARE] = "software", [STORE_PKCS11] = "pkcs11", [STORE_TPM2] = "tpm2" };

store_area_kind
store_area_named(const char *name)
{
    for (size_t i = 0; i < CARNET_COUNT(names); i++) {
        if (strcmp(names[i], name) == 0) {
            return (store_area_kind)i;
        }
    }
    cli_usage("there is no secure area \"%s\": software, pkcs11 or tpm2", name);
}

const char *
store_area_name(store_area_kind kind)
{
    return names[kind];
}

const char *
store_secret_name(const store *s)
{
    static const char *const prompts[] = { [STORE_SOFTWARE] = "Passphrase",
                                           [STORE_PKCS11] = "PIN of the token",
                                           [STORE_TPM2] = "Passphrase of the TPM's keys" };

    return prompts[s->where.kind];
}

static carnet_rc
open_software(store *s, carnet_span secret, const carnet_argon2_cost *cost, bool make, carnet_err *err)
{
    s->storage = carnet_file_storage(store_path(s, "keys.sealed"));
    s->memory = cli_buf(make ? (size_t)64 << 10 : AREA_MEMORY);
    return make ? carnet_sealed_area_new(&s->sealed, s->crypto, &s->storage, secret, cost, s->memory, &s->area, err)
                : carnet_sealed_area_open(&s->sealed, s->crypto, &s->storage, secret, s->memory, &s->area, err);
}

/** The TPM has authorisation values of 32 octets: of the passphrase its digest. */
static carnet_rc
open_tpm2(store *s, carnet_span secret, bool make, carnet_err *err)
{
    static uint8_t digest[32];
    carnet_tpm2_parameters parameters = { .tcti = s->where.tcti, .storage = &s->storage };
    carnet_rc rc = carnet_digest(s->crypto, CARNET_SHA256, &secret, 1, digest, err);

    s->storage = carnet_file_storage(store_path(s, "keys.tpm2"));
    if (make) { /* empty: the area begins it */
        cli_write(store_path(s, "keys.tpm2"), (carnet_span){ 0 }, 0600);
    }
    (void)setenv("TSS2_LOG", "all+none", 0); /* what fails is said by us */
    for (size_t i = 0; i < sizeof digest; i++) {
        digest[i] = (uint8_t)(digest[i] != 0 ? digest[i] : 1); /* a TPM drops zeros at the end */
    }
    parameters.auth = carnet_span_of(digest, sizeof digest);
    rc = rc == CARNET_OK ? carnet_tpm2_area_open(&parameters, s->crypto, &s->area, err) : rc;
    carnet_wipe(digest, sizeof digest);
    return rc;
}

carnet_rc
store_area_try_secret(store *s, const char *purpose, carnet_secret *secret, carnet_err *err)
{
    carnet_key_order order = { .curve = CARNET_CURVE_P256,
                               .usage = CARNET_KEY_AGREE,
                               .identifier =
                                   carnet_key_identifier_of(carnet_span_of(sealing_key, sizeof sealing_key - 1)) };
    carnet_key_description made;
    carnet_secret shared = { 0 };
    carnet_key key = { 0 };
    carnet_rc rc = carnet_secure_area_open(&s->area, &order.identifier, &key, err);

    if (rc == CARNET_E_AREA_KEY_ABSENT) {
        *err = (carnet_err){ 0 };
        rc = carnet_secure_area_create(&s->area, &order, 1, &made, err);
        rc = rc == CARNET_OK ? carnet_secure_area_open(&s->area, &order.identifier, &key, err) : rc;
    }
    rc = rc == CARNET_OK ? carnet_key_agree(&key, s->crypto, &key.public_key, &shared, err) : rc;
    if (rc == CARNET_OK) {
        rc = carnet_hkdf(s->crypto, CARNET_SHA256, carnet_span_of(shared.bytes, shared.len), (carnet_span){ 0 },
                         carnet_str_bytes(carnet_str_of(purpose)), 32, secret, err);
    }
    carnet_secret_done(&shared);
    carnet_key_done(&key);
    return rc;
}

void
store_area_secret(store *s, const char *purpose, carnet_secret *secret)
{
    carnet_err err = { 0 };

    if (store_area_try_secret(s, purpose, secret, &err) != CARNET_OK) {
        cli_die("the store's own key", &err);
    }
}

/** A TPM takes any authorisation for a key that is yet to be made, and says only of one that is there whether it is right. */
static carnet_rc
check_tpm2(store *s, carnet_err *err)
{
    carnet_secret secret = { 0 };
    carnet_rc rc = store_area_try_secret(s, "check", &secret, err);

    carnet_secret_done(&secret);
    return rc;
}

carnet_rc
store_area_open(store *s, carnet_span secret, const carnet_argon2_cost *cost, bool make, carnet_err *err)
{
    const carnet_pkcs11_parameters token = { s->where.module, s->where.token, secret };
    const carnet_span parts[] = { carnet_span_of(s->salt, sizeof s->salt), secret };
    carnet_random random = carnet_crypto_random(s->crypto);
    carnet_rc rc = carnet_random_fill(&random, s->salt, sizeof s->salt, err);

    rc = rc == CARNET_OK ? carnet_digest(s->crypto, CARNET_SHA256, parts, 2, s->check, err) : rc;
    if (rc != CARNET_OK) {
        return rc;
    }
    switch (s->where.kind) {
    case STORE_PKCS11:
        return carnet_pkcs11_area_open(&token, s->crypto, &s->area, err);
    case STORE_TPM2:
        rc = open_tpm2(s, secret, make, err);
        return rc == CARNET_OK ? check_tpm2(s, err) : rc;
    default:
        return open_software(s, secret, cost, make, err);
    }
}

void
store_ask(store *s, const char *directory, carnet_crypto *crypto, bool change, const passphrase_source *source)
{
    bool typed = passphrase_is_asked(source);
    carnet_rc rc = CARNET_E_SEALED_PASSPHRASE;

    passphrase_guard_process();
    store_open(s, directory, crypto, change);
    for (int tries = typed ? 3 : 1; tries > 0 && rc != CARNET_OK; tries--) {
        passphrase p;

        passphrase_get(source, store_secret_name(s), false, &p);
        rc = store_unlock(s, passphrase_span(&p));
        passphrase_done(&p);
        if (rc != CARNET_OK && tries > 1) {
            fputs("carnet: this does not open the store\n", stderr);
        }
    }
    if (rc != CARNET_OK) {
        carnet_err err = { .rc = rc, .offset = CARNET_NO_OFFSET };

        cli_die(directory, &err);
    }
}

bool
store_is_passphrase(const store *s, carnet_span secret)
{
    const carnet_span parts[] = { carnet_span_of(s->salt, sizeof s->salt), secret };
    uint8_t digest[32];
    bool good = carnet_digest(s->crypto, CARNET_SHA256, parts, 2, digest, NULL) == CARNET_OK &&
                carnet_equal_secret(carnet_span_of(digest, sizeof digest), carnet_span_of(s->check, sizeof s->check));

    carnet_wipe(digest, sizeof digest);
    return good;
}
