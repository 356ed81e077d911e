/* SPDX-License-Identifier: Apache-2.0 */
/* Keys in files. */
#include "carnet/certificate.h"
#include "carnet/cose_key.h"
#include "carnet/json.h"
#include "cli.h"

#include <string.h>
#include <sys/stat.h>

static bool
is_json(carnet_span file)
{
    return file.len > 0 && file.ptr[0] == '{';
}

/** The first PEM object whose label ends in `label`, or the file itself when it is no PEM. */
static bool
pem_object(carnet_span file, const char *ending, carnet_buf *out)
{
    carnet_str text = { (const char *)file.ptr, file.len }, label;
    size_t want = strlen(ending);

    if (file.len < 10 || memchr(file.ptr, '-', file.len) == NULL || !carnet_str_starts(text, "-----BEGIN")) {
        return false;
    }
    for (;;) {
        out->len = 0;
        if (carnet_pem_next(&text, &label, out, NULL) != CARNET_OK) {
            return false;
        }
        if (label.len >= want && memcmp(label.ptr + label.len - want, ending, want) == 0) {
            return true;
        }
    }
}

/** A coordinate of a JWK, at the curve's full width. */
static bool
jwk_member(const carnet_json *jwk, const char *name, size_t width, uint8_t *out)
{
    carnet_buf buf = carnet_buf_of(out, width);

    return carnet_base64url_decode(carnet_json_string(carnet_json_get(jwk, name)), &buf, NULL) == CARNET_OK &&
           buf.len == width && !buf.overflow;
}

static bool
jwk_public(const carnet_json *jwk, carnet_crypto *crypto, carnet_public_key *key)
{
    const carnet_curve_info *info = carnet_curve_named(carnet_json_string(carnet_json_get(jwk, "crv")));
    uint8_t point[133] = { 4 };
    size_t width = info != NULL ? info->coordinate : 0;

    if (info == NULL || !jwk_member(jwk, "x", width, point + !info->okp)) {
        return false;
    }
    if (!info->okp && !jwk_member(jwk, "y", width, point + 1 + width)) {
        return false;
    }
    return carnet_public_key_from_point(crypto, info->curve, carnet_span_of(point, info->okp ? width : 1 + 2 * width),
                                        key, NULL) == CARNET_OK;
}

static carnet_rc
jwk_private(const carnet_json *jwk, carnet_crypto *crypto, unsigned usage, carnet_key *key, carnet_err *err)
{
    const carnet_curve_info *info = carnet_curve_named(carnet_json_string(carnet_json_get(jwk, "crv")));
    uint8_t scalar[CARNET_SECRET_MAX];
    carnet_rc rc;

    if (info == NULL || !jwk_member(jwk, "d", info->coordinate, scalar)) {
        return carnet_fail(err, CARNET_E_CRYPTO_KEY, "RFC 7518 6.2",
                           "the JWK has no private part of its curve's length");
    }
    rc =
        carnet_software_key_from_scalar(crypto, info->curve, carnet_span_of(scalar, info->coordinate), usage, key, err);
    carnet_wipe(scalar, sizeof scalar);
    return rc;
}

static void
warn_if_readable(const char *path)
{
    struct stat st;

    if (strcmp(path, "-") != 0 && stat(path, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 077) != 0) {
        fprintf(stderr, "carnet: warning: %s: others may read this private key (chmod 600)\n", path);
    }
}

/** A COSE_Key with its private part (RFC 9053 7): label -4, beside the public one. */
static bool
cose_private(carnet_span file, carnet_crypto *crypto, unsigned usage, carnet_key *key)
{
    static const carnet_cbor_field fields[] = {
        { .key = -4, .kind = CARNET_FIELD_BSTR, .required = true, .present = CARNET_NO_OFFSET }
    };
    carnet_cbor_reader r = carnet_cbor_open(file);
    carnet_cose_key public_key;
    carnet_span scalar = { 0 };

    carnet_cbor_fields(&r, fields, CARNET_COUNT(fields), &scalar);
    return carnet_cbor_end(&r, NULL) == CARNET_OK &&
           carnet_cose_key_open(file, CARNET_CBOR_LENIENT, crypto, &public_key, NULL) == CARNET_OK &&
           carnet_software_key_from_scalar(crypto, public_key.key.curve, scalar, usage, key, NULL) == CARNET_OK;
}

/** What is neither PEM nor JSON: DER, a COSE_Key, or the 32 octets of a P-256 scalar; as they are or in hexadecimal. */
static carnet_rc
bare_private(carnet_span file, carnet_crypto *crypto, unsigned usage, carnet_key *key, carnet_err *err)
{
    const char *how;

    if (carnet_software_key_from_der(crypto, file, usage, key, err) == CARNET_OK) {
        return CARNET_OK;
    }
    file = cli_decode(file, &how);
    if (cose_private(file, crypto, usage, key)) {
        return CARNET_OK;
    }
    if (file.len == 32) {
        return carnet_software_key_from_scalar(crypto, CARNET_CURVE_P256, file, usage, key, err);
    }
    return carnet_software_key_from_der(crypto, file, usage, key, err);
}

void
cli_read_key(const char *path, carnet_crypto *crypto, unsigned usage, carnet_key *key)
{
    carnet_span file = cli_read(path);
    carnet_buf der = cli_buf(file.len + 4);
    carnet_json *jwk = NULL;
    carnet_err err = { 0 };
    carnet_rc rc;

    warn_if_readable(path);
    if (is_json(file)) {
        rc = carnet_json_parse((carnet_str){ (const char *)file.ptr, file.len }, &jwk, &err);
        rc = rc == CARNET_OK ? jwk_private(jwk, crypto, usage, key, &err) : rc;
        carnet_json_free(&jwk);
    } else {
        rc = pem_object(file, "PRIVATE KEY", &der)
                 ? carnet_software_key_from_der(crypto, carnet_buf_span(&der), usage, key, &err)
                 : bare_private(file, crypto, usage, key, &err);
    }
    carnet_wipe(der.ptr, der.cap);
    if (rc != CARNET_OK) {
        cli_die(path, &err);
    }
}

static bool
public_from_der(carnet_span der, carnet_crypto *crypto, carnet_public_key *key)
{
    carnet_certificate certificate;
    carnet_cose_key cose;
    carnet_key private_key = { 0 };

    if (carnet_public_key_from_spki(crypto, der, key, NULL) == CARNET_OK) {
        return true;
    }
    if (carnet_cose_key_open(der, CARNET_CBOR_LENIENT, crypto, &cose, NULL) == CARNET_OK) {
        *key = cose.key;
        return true;
    }
    if (carnet_certificate_open(der, &certificate, NULL) == CARNET_OK &&
        carnet_public_key_check(crypto, &certificate.public_key, NULL) == CARNET_OK) {
        *key = certificate.public_key;
        return true;
    }
    if (carnet_software_key_from_der(crypto, der, CARNET_KEY_SIGN | CARNET_KEY_AGREE, &private_key, NULL) ==
        CARNET_OK) {
        *key = private_key.public_key;
        carnet_key_done(&private_key);
        return true;
    }
    return false;
}

void
cli_read_public_key(const char *path, carnet_crypto *crypto, carnet_public_key *key)
{
    carnet_span file = cli_read(path);
    carnet_json *jwk = NULL;
    const char *how;
    bool good;

    if (is_json(file)) {
        good = carnet_json_parse((carnet_str){ (const char *)file.ptr, file.len }, &jwk, NULL) == CARNET_OK &&
               jwk_public(jwk, crypto, key);
        carnet_json_free(&jwk);
    } else {
        good = public_from_der(file, crypto, key) || public_from_der(cli_decode(file, &how), crypto, key);
    }
    if (!good) {
        cli_die_text(path, "this holds no public key (SubjectPublicKeyInfo, certificate, COSE_Key or JWK)");
    }
}

void
cli_write_pem(const char *path, const char *label, carnet_span der)
{
    carnet_buf pem = cli_buf(der.len * 2 + 128);

    carnet_pem_encode(label, der, &pem);
    cli_write(path, carnet_buf_span(&pem), 0644);
}

void
cli_write_key(const char *path, carnet_key *key)
{
    carnet_buf der = cli_buf(512), pem = cli_buf(1024);
    carnet_err err = { 0 };

    if (carnet_software_key_to_der(key, &der, &err) != CARNET_OK) {
        cli_die(path, &err);
    }
    carnet_pem_encode("PRIVATE KEY", carnet_buf_span(&der), &pem);
    cli_write(path, carnet_buf_span(&pem), 0600);
    carnet_wipe(der.ptr, der.cap);
    carnet_wipe(pem.ptr, pem.cap);
}
