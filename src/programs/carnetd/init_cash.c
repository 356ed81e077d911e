/* SPDX-License-Identifier: Apache-2.0 */
/*
 * carnetd --init-cash: the parties of a cardless withdrawal (P1940) as a
 * deployment for development: their keys, their certificates for each other,
 * the secrets that two of them share, a configuration each.
 */
#include "carnet/certificate_builder.h"
#include "carnet/file_storage.h"
#include "carnet/sealed_area.h"
#include "init.h"
#include "init_cash_files.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define DAYS(n) ((carnet_time)(n)*CARNET_TIME_DAY)

enum { AUTHORITY, DEVICES, ATTESTERS, DOCUMENTS, READERS, ROOTS };

/* Each certificate is NAME.pem.  Its key is NAME.key, or in the sealed file.  The roots are first. */
static const struct {
    const char *name;
    const carnet_certificate_profile *profile;
    const char *common_name;
    const char *uri; /* who a client is; NULL: a server on this machine, or a signer */
    int days, issuer;
    bool sealed;
} parties[] = {
    { "authority", &carnet_profile_iaca, "Development payment network", NULL, 3650, AUTHORITY, false },
    { "device-authority", &carnet_profile_iaca, "Development devices", NULL, 3650, DEVICES, true },
    { "attester-authority", &carnet_profile_iaca, "Development maker of phones", NULL, 3650, ATTESTERS, false },
    { "document-authority", &carnet_profile_iaca, "Development IACA", NULL, 3650, DOCUMENTS, false },
    { "reader-authority", &carnet_profile_reader_authority, "Development readers", NULL, 1800, READERS, false },
    { "identity-token", &carnet_profile_jws_signer, "Development identity provider", NULL, 400, AUTHORITY, true },
    { "attester", &carnet_profile_jws_signer, "Development attester", NULL, 400, ATTESTERS, false },
    { "document-signer", &carnet_profile_document_signer_mdl, "Development document signer", NULL, 400, DOCUMENTS,
      false },
    { "reader-ATM00001", &carnet_profile_reader, "ATM00001", NULL, 400, READERS, false },
    { "server", &carnet_profile_tls_server, "127.0.0.1", NULL, 397, AUTHORITY, false },
    { "mobile-app-server", &carnet_profile_p1940_client, "Mobile app server", "urn:p1940:friend:bank", 397, AUTHORITY,
      false },
    { "issuing-authorization", &carnet_profile_p1940_client, "Issuing authorization system", "urn:p1940:friend:issuer",
      397, AUTHORITY, false },
    { "identity-provider", &carnet_profile_p1940_client, "Identity provider", "urn:p1940:friend:identity-provider", 397,
      AUTHORITY, false },
    { "terminal-ATM00001", &carnet_profile_p1940_client, "ATM00001", "urn:p1940:terminal:ATM00001", 397, AUTHORITY,
      false },
    { "terminal-POS00001", &carnet_profile_p1940_client, "POS00001", "urn:p1940:terminal:POS00001", 397, AUTHORITY,
      false },
};

/* Secrets that two parties share, in hexadecimal. */
static const struct {
    const char *name;
    size_t octets;
} shared[] = { { "terminal-code.key", 32 },
               { "terminal-mac.key", 16 },
               { "terminal-pin.key", 16 },
               { "issuer-mac.key", 16 },
               { "issuer-pin.key", 16 } };

typedef struct maker {
    carnetd_folder *folder;
    carnet_crypto *crypto;
    carnet_secure_area area;
    carnet_sealed_area state;
    struct {
        carnet_key key;
        carnet_certificate certificate;
        uint8_t der[CARNET_CERTIFICATE_MAX];
    } roots[ROOTS];
    uint8_t hashes[CARNET_COUNT(parties)][32]; /* SHA-256 of the keys (SubjectPublicKeyInfo) */
    uint8_t room[4 * CARNET_CERTIFICATE_MAX];
} maker;

static carnet_rc
write_pem(maker *m, const char *name, const char *ending, const char *label, carnet_span der, carnet_err *err)
{
    carnet_buf pem = carnet_buf_of(m->room, sizeof(m->room));
    char file[64];
    carnet_rc rc;

    carnet_pem_encode(label, der, &pem);
    (void)snprintf(file, sizeof(file), "%s%s", name, ending);
    rc = carnetd_write(m->folder, file, carnet_buf_span(&pem), err);
    carnet_wipe(m->room, sizeof(m->room));
    return rc;
}

static carnet_rc
keep_key(maker *m, size_t i, carnet_key *key, carnet_err *err)
{
    uint8_t room[256];
    carnet_buf der = carnet_buf_of(room, sizeof(room));
    carnet_key_identifier identifier = carnet_key_identifier_of(carnet_str_bytes(carnet_str_of(parties[i].name)));
    carnet_rc rc;

    if (parties[i].sealed)
        return carnet_sealed_area_import(&m->state, key, &identifier, err);
    rc = carnet_software_key_to_der(key, &der, err);
    if (rc == CARNET_OK)
        rc = write_pem(m, parties[i].name, ".key", "PRIVATE KEY", carnet_buf_span(&der), err);
    carnet_wipe(room, sizeof(room));
    return rc;
}

static carnet_rc
certify(maker *m, size_t i, const carnet_key *key, carnet_err *err)
{
    static const uint8_t loopback[4] = { 127, 0, 0, 1 };
    const bool root = i < ROOTS, server = parties[i].profile == &carnet_profile_tls_server;
    const carnet_time now = (carnet_time)time(NULL);
    uint8_t room[CARNET_CERTIFICATE_MAX];
    carnet_buf der = carnet_buf_of(room, sizeof(room));
    carnet_certificate_spec spec = {
        .struct_size = sizeof(spec),
        .profile = parties[i].profile,
        .subject = { .country = carnet_str_of("UT"),
                     .organisation = carnet_str_of("Carnet development"),
                     .common_name = carnet_str_of(parties[i].common_name) },
        .public_key = key->public_key,
        .not_before = now - 60,
        .not_after = now + DAYS(parties[i].days),
        .issuer_uri = carnet_str_of("https://network.example"),
        .crl_uri = !root ? carnet_str_of("https://network.example/authority.crl") : (carnet_str){ 0 },
        .uri_name = carnet_str_of(parties[i].uri != NULL ? parties[i].uri : ""),
        .dns_name = carnet_str_of(server ? "localhost" : ""),
        .ip_address = carnet_span_of(loopback, server ? sizeof(loopback) : 0),
    };
    carnet_rc rc = carnet_certificate_build(&spec, root ? NULL : &m->roots[parties[i].issuer].certificate,
                                            &m->roots[parties[i].issuer].key, m->crypto, &der, err);

    if (rc == CARNET_OK && root) {
        memcpy(m->roots[i].der, room, der.len);
        rc = carnet_certificate_open(carnet_span_of(m->roots[i].der, der.len), &m->roots[i].certificate, err);
    }
    return rc == CARNET_OK ? write_pem(m, parties[i].name, ".pem", "CERTIFICATE", carnet_buf_span(&der), err) : rc;
}

static carnet_rc
hash_key(maker *m, size_t i, const carnet_key *key, carnet_err *err)
{
    uint8_t room[256];
    carnet_buf spki = carnet_buf_of(room, sizeof(room));
    carnet_rc rc = carnet_public_key_to_spki(&key->public_key, &spki, err);
    const carnet_span octets = carnet_buf_span(&spki);

    return rc == CARNET_OK ? carnet_digest(m->crypto, CARNET_SHA256, &octets, 1, m->hashes[i], err) : rc;
}

static carnet_rc
make_party(maker *m, size_t i, carnet_err *err)
{
    carnet_key own = { 0 }, *key = i < ROOTS ? &m->roots[i].key : &own;
    carnet_rc rc = carnet_software_key_generate(m->crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, key, err);

    if (rc == CARNET_OK)
        rc = hash_key(m, i, key, err);
    if (rc == CARNET_OK)
        rc = keep_key(m, i, key, err);
    if (rc == CARNET_OK)
        rc = certify(m, i, key, err);
    carnet_key_done(&own);
    return rc;
}

/* Listeners that know devices, friends and terminals apart by their certificates trust both roots. */
static carnet_rc
write_clients(maker *m, carnet_err *err)
{
    carnet_buf pem = carnet_buf_of(m->room, sizeof(m->room));

    for (size_t i = 0; i < ROOTS; i++)
        carnet_pem_encode("CERTIFICATE", m->roots[i].certificate.der, &pem);
    return carnetd_write(m->folder, "clients.pem", carnet_buf_span(&pem), err);
}

static carnet_rc
make_shared(const maker *m, carnet_err *err)
{
    carnet_random random = carnet_crypto_random(m->crypto);
    uint8_t fresh[32], room[2 * sizeof(fresh) + 1];
    carnet_rc rc = CARNET_OK;

    for (size_t i = 0; rc == CARNET_OK && i < CARNET_COUNT(shared); i++) {
        carnet_buf text = carnet_buf_of(room, sizeof(room));

        rc = carnet_random_fill(&random, fresh, shared[i].octets, err);
        carnet_buf_add_hex(&text, carnet_span_of(fresh, shared[i].octets));
        carnet_buf_add_byte(&text, '\n');
        if (rc == CARNET_OK)
            rc = carnetd_write(m->folder, shared[i].name, carnet_buf_span(&text), err);
    }
    carnet_wipe(fresh, sizeof(fresh));
    carnet_wipe(room, sizeof(room));
    return rc;
}

#define HASH_OF "sha256-of-the-key-in-"

/* A port, 8090 to 8099, as it is wanted. */
static size_t
put_port(const maker *m, carnet_str rest, carnet_buf *out)
{
    if (rest.len < 4 || memcmp(rest.ptr, "809", 3) != 0 || rest.ptr[3] < '0' || rest.ptr[3] > '9')
        return 0;
    carnet_buf_add_uint(out, m->folder->port + (unsigned)(rest.ptr[3] - '0'));
    return 4;
}

/* The hash of a party's key. */
static size_t
put_hash(const maker *m, carnet_str rest, carnet_buf *out)
{
    const size_t start = strlen(HASH_OF);

    if (rest.len < start || memcmp(rest.ptr, HASH_OF, start) != 0)
        return 0;
    for (size_t i = 0; i < CARNET_COUNT(parties); i++) {
        const size_t len = strlen(parties[i].name);

        if (rest.len < start + len + 4 || memcmp(rest.ptr + start, parties[i].name, len) != 0 ||
            memcmp(rest.ptr + start + len, ".pem", 4) != 0)
            continue;
        carnet_buf_add_hex(out, carnet_span_of(m->hashes[i], sizeof(m->hashes[i])));
        return start + len + 4;
    }
    return 0;
}

/* A file of the source, completed. */
static carnet_rc
write_file(maker *m, const char *name, carnet_str text, carnet_err *err)
{
    static uint8_t room[16384];
    carnet_buf out = carnet_buf_of(room, sizeof(room));

    if (text.len > 1 && (uint8_t)text.ptr[0] == 0xff) /* a picture */
        return carnetd_write(m->folder, name, carnet_str_bytes(text), err);
    for (size_t at = 0; at < text.len;) {
        const carnet_str rest = { text.ptr + at, text.len - at };
        size_t taken = put_port(m, rest, &out);

        if (taken == 0)
            taken = put_hash(m, rest, &out);
        if (taken == 0) {
            carnet_buf_add_byte(&out, (uint8_t)text.ptr[at]);
            taken = 1;
        }
        at += taken;
    }
    return out.overflow ? carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL)
                        : carnetd_write(m->folder, name, carnet_buf_span(&out), err);
}

static carnet_rc
write_files(maker *m, carnet_err *err)
{
    carnet_rc rc = CARNET_OK;

    for (size_t i = 0; rc == CARNET_OK && i < CARNET_COUNT(carnetd_init_cash_files); i++) {
        const char *begin = (const char *)carnetd_init_cash_files[i].begin;

        rc = write_file(
            m, carnetd_init_cash_files[i].name,
            (carnet_str){ begin, (size_t)(carnetd_init_cash_files[i].end - carnetd_init_cash_files[i].begin) }, err);
    }
    return rc;
}

static carnet_rc
make_parties(maker *m, carnet_err *err)
{
    carnet_rc rc = CARNET_OK;

    for (size_t i = 0; rc == CARNET_OK && i < CARNET_COUNT(parties); i++)
        rc = make_party(m, i, err);
    if (rc == CARNET_OK)
        rc = write_clients(m, err);
    if (rc == CARNET_OK)
        rc = make_shared(m, err);
    return rc == CARNET_OK ? write_files(m, err) : rc;
}

carnet_rc
carnetd_init_cash_folder(carnetd_folder *folder, carnet_err *err)
{
    static uint8_t memory[32768];
    static maker m;
    char path[1024] = "", passphrase[32];
    carnet_area_storage storage = carnet_file_storage(path);
    carnet_rc rc = carnetd_password(folder, passphrase, sizeof(passphrase), err);

    m = (maker){ .folder = folder, .crypto = &folder->crypto };
    (void)snprintf(path, sizeof(path), "%s/keys.sealed", folder->path);
    if (rc == CARNET_OK)
        rc = carnetd_write(folder, "passphrase", carnet_span_of(passphrase, strlen(passphrase)), err);
    if (rc == CARNET_OK)
        rc = carnetd_write(folder, "phone-passphrase", carnet_span_of(passphrase, strlen(passphrase)), err);
    if (rc == CARNET_OK)
        rc = carnet_sealed_area_new(&m.state, m.crypto, &storage, carnet_span_of(passphrase, strlen(passphrase)),
                                    &carnetd_random_cost, carnet_buf_of(memory, sizeof(memory)), &m.area, err);
    if (rc == CARNET_OK) {
        rc = make_parties(&m, err);
        carnet_secure_area_done(&m.area);
    }
    for (size_t i = 0; i < ROOTS; i++)
        carnet_key_done(&m.roots[i].key);
    carnet_wipe(passphrase, sizeof(passphrase));
    return rc;
}
