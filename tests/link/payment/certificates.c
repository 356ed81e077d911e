/* SPDX-License-Identifier: Apache-2.0 */
#include "certificates.h"

#include "support/support.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct issuer {
    X509 *certificate;
    EVP_PKEY *key;
} issuer;

static void
add_extension(X509 *to, int nid, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

    assert_non_null(extension);
    assert_int_equal(X509_add_ext(to, extension, -1), 1);
    X509_EXTENSION_free(extension);
}

static X509 *
certify(const char *name, EVP_PKEY *key, const issuer *by, const char *names)
{
    X509 *x = X509_new();
    X509_NAME *subject = X509_get_subject_name(x);

    assert_int_equal(X509_set_version(x, 2), 1);
    assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(x), (long)strlen(name) + 100), 1);
    assert_non_null(X509_gmtime_adj(X509_getm_notBefore(x), -3600));
    assert_non_null(X509_gmtime_adj(X509_getm_notAfter(x), 86400));
    assert_int_equal(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0),
                     1);
    assert_int_equal(X509_set_issuer_name(x, by != NULL ? X509_get_subject_name(by->certificate) : subject), 1);
    assert_int_equal(X509_set_pubkey(x, key), 1);
    add_extension(x, NID_basic_constraints, by == NULL ? "critical,CA:TRUE" : "critical,CA:FALSE");
    if (names != NULL)
        add_extension(x, NID_subject_alt_name, names);
    assert_true(X509_sign(x, by != NULL ? by->key : key, EVP_sha256()) > 0);
    return x;
}

static void
keep(const char *folder, const char *file, char path[96], X509 *certificate, EVP_PKEY *key)
{
    FILE *out;

    (void)snprintf(path, 96, "%s/%s", folder, file);
    assert_non_null(out = fopen(path, "w"));
    if (certificate != NULL)
        assert_int_equal(PEM_write_X509(out, certificate), 1);
    else
        assert_int_equal(PEM_write_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL), 1);
    assert_int_equal(fclose(out), 0);
}

static issuer
make_issuer(const char *folder, const char *file, char path[96])
{
    issuer made = { .key = EVP_EC_gen("P-256") };

    assert_non_null(made.key);
    made.certificate = certify(file, made.key, NULL, NULL);
    keep(folder, file, path, made.certificate, NULL);
    return made;
}

static void
make_one(const char *folder, const char *name, const issuer *by, const char *names, char chain[96], char key_file[96])
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = certify(name, key, by, names);
    char file[40];

    (void)snprintf(file, sizeof(file), "%s.pem", name);
    keep(folder, file, chain, certificate, NULL);
    (void)snprintf(file, sizeof(file), "%s.key", name);
    keep(folder, file, key_file, NULL, key);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

static void
issuer_done(issuer *i)
{
    X509_free(i->certificate);
    EVP_PKEY_free(i->key);
}

void
certificates_make(certificates *c)
{
    issuer ours, other;

    (void)snprintf(c->folder, sizeof(c->folder), "/tmp/carnet-payment-XXXXXX");
    assert_non_null(mkdtemp(c->folder));
    ours = make_issuer(c->folder, "ca.pem", c->ca);
    other = make_issuer(c->folder, "other-ca.pem", c->other_ca);
    make_one(c->folder, "server", &ours, "IP:127.0.0.1,DNS:host.example", c->server, c->server_key);
    make_one(c->folder, "client", &ours, "URI:urn:p1940:terminal:T1", c->client, c->client_key);
    make_one(c->folder, "stranger", &other, "IP:127.0.0.1", c->stranger, c->stranger_key);
    issuer_done(&ours);
    issuer_done(&other);
}

void
certificates_remove(certificates *c)
{
    const char *const files[] = { c->ca,     c->other_ca,   c->server,   c->server_key,
                                  c->client, c->client_key, c->stranger, c->stranger_key };

    for (size_t i = 0; i < CARNET_COUNT(files); i++)
        (void)unlink(files[i]);
    assert_int_equal(rmdir(c->folder), 0);
}
