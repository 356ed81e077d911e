/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/certificate_builder.h"
#include "carnet/file_storage.h"
#include "carnet/sealed_area.h"
#include "init.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define DAYS(n) ((carnet_time)(n)*CARNET_TIME_DAY)

/* The keys of the sealed file, in order: each root before those under it. */
static const struct {
    const char *name;
    unsigned usage;
    const carnet_certificate_profile *profile; /* NULL: a bare key */
    const char *common_name;
    int days;
    bool root;
} kinds[] = {
    { "authority", CARNET_KEY_SIGN, &carnet_profile_iaca, "Development IACA", 3650, true },
    { "document-signer", CARNET_KEY_SIGN, &carnet_profile_document_signer_mdl, "Development document signer", 400,
      false },
    { "metadata-signer", CARNET_KEY_SIGN, &carnet_profile_jws_signer, "Development metadata signer", 400, false },
    { "request-encryption", CARNET_KEY_AGREE, NULL, NULL, 0, false },
    { "provider-authority", CARNET_KEY_SIGN, &carnet_profile_iaca, "Development app provider", 3650, true },
    { "wallet-attestation", CARNET_KEY_SIGN, &carnet_profile_jws_signer, "Development wallet attester", 400, false },
};

typedef struct maker {
    carnetd_folder *folder;
    carnet_crypto *crypto;
    carnet_secure_area area;
    carnet_key_description keys[CARNET_COUNT(kinds)];
    carnet_key authority; /* the key of `root` */
    carnet_certificate root;
    uint8_t root_der[CARNET_CERTIFICATE_MAX];
} maker;

static carnet_rc
write_pem(const maker *m, const char *name, carnet_span der, carnet_err *err)
{
    static uint8_t room[2 * CARNET_CERTIFICATE_MAX];
    carnet_buf pem = carnet_buf_of(room, sizeof(room));
    char file[64];

    carnet_pem_encode("CERTIFICATE", der, &pem);
    (void)snprintf(file, sizeof(file), "%s.pem", name);
    return carnetd_write(m->folder, file, carnet_buf_span(&pem), err);
}

static carnet_rc
certify(maker *m, size_t i, carnet_err *err)
{
    static uint8_t room[2 * CARNET_CERTIFICATE_MAX];
    carnet_buf der = carnet_buf_of(room, sizeof(room));
    carnet_time now = (carnet_time)time(NULL);
    carnet_certificate_spec spec = {
        .struct_size = sizeof(spec),
        .profile = kinds[i].profile,
        .subject = { .country = carnet_str_of("UT"),
                     .organisation = carnet_str_of("Carnet development"),
                     .common_name = carnet_str_of(kinds[i].common_name) },
        .public_key = m->keys[i].public_key,
        .not_before = now - 60,
        .not_after = now + DAYS(kinds[i].days),
        .issuer_uri = carnet_str_of("https://issuer.example"),
        .crl_uri = !kinds[i].root ? carnet_str_of("https://issuer.example/authority.crl") : (carnet_str){ 0 },
    };
    carnet_rc rc =
        carnet_certificate_build(&spec, kinds[i].root ? NULL : &m->root, &m->authority, m->crypto, &der, err);

    if (rc == CARNET_OK && kinds[i].root) {
        memcpy(m->root_der, room, der.len);
        rc = carnet_certificate_open(carnet_span_of(m->root_der, der.len), &m->root, err);
    }
    return rc == CARNET_OK ? write_pem(m, kinds[i].name, carnet_buf_span(&der), err) : rc;
}

static carnet_rc
make_keys(maker *m, carnet_err *err)
{
    carnet_key_order orders[CARNET_COUNT(kinds)] = { 0 };
    carnet_rc rc;

    for (size_t i = 0; i < CARNET_COUNT(kinds); i++)
        orders[i] = (carnet_key_order){ CARNET_CURVE_P256, kinds[i].usage,
                                        carnet_key_identifier_of(carnet_str_bytes(carnet_str_of(kinds[i].name))) };
    rc = carnet_secure_area_create(&m->area, orders, CARNET_COUNT(kinds), m->keys, err);
    for (size_t i = 0; rc == CARNET_OK && i < CARNET_COUNT(kinds); i++) {
        if (kinds[i].root) {
            carnet_key_done(&m->authority);
            rc = carnet_secure_area_open(&m->area, &orders[i].identifier, &m->authority, err);
        }
        if (rc == CARNET_OK && kinds[i].profile != NULL)
            rc = certify(m, i, err);
    }
    carnet_key_done(&m->authority);
    return rc;
}

carnet_rc
carnetd_init_keys(carnetd_folder *folder, carnet_err *err)
{
    static uint8_t memory[32768];
    char path[1024] = "", passphrase[32];
    carnet_area_storage storage = carnet_file_storage(path);
    carnet_sealed_area state;
    maker m = { .folder = folder, .crypto = &folder->crypto };
    carnet_rc rc = carnetd_password(folder, passphrase, sizeof(passphrase), err);

    (void)snprintf(path, sizeof(path), "%s/keys.sealed", folder->path);
    if (rc == CARNET_OK)
        rc = carnetd_write(folder, "passphrase", carnet_span_of(passphrase, strlen(passphrase)), err);
    if (rc == CARNET_OK)
        rc = carnet_sealed_area_new(&state, m.crypto, &storage, carnet_span_of(passphrase, strlen(passphrase)),
                                    &carnetd_random_cost, carnet_buf_of(memory, sizeof(memory)), &m.area, err);
    if (rc == CARNET_OK) {
        rc = make_keys(&m, err);
        carnet_secure_area_done(&m.area);
    }
    carnet_wipe(passphrase, sizeof(passphrase));
    return rc;
}
