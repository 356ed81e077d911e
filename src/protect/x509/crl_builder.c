/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/certificate_builder.h"

#include "internal.h"

/* An extension that is not critical, as both of B.2 are. */
static void
add_extension(carnet_der_builder *b, carnet_span oid, carnet_span value)
{
    carnet_der_mark mark = carnet_der_begin(b, CARNET_DER_SEQUENCE);

    carnet_der_add_oid(b, oid);
    carnet_der_add_octets(b, value);
    carnet_der_end(b, mark);
}

static void
add_extensions(carnet_der_builder *b, const carnet_crl_spec *spec, const carnet_certificate *issuer)
{
    static const carnet_span oid_number = CARNET_OID("\x55\x1d\x14");
    carnet_der_mark outer = carnet_der_begin(b, CARNET_DER_CONTEXT_CONSTRUCTED(0));
    carnet_der_mark list = carnet_der_begin(b, CARNET_DER_SEQUENCE), sequence;
    uint8_t value[64];
    carnet_der_builder inner = carnet_der_build(value, sizeof(value));

    sequence = carnet_der_begin(&inner, CARNET_DER_SEQUENCE);
    carnet_der_add(&inner, CARNET_DER_CONTEXT(0), issuer->subject_key_id);
    carnet_der_end(&inner, sequence);
    if (inner.rc != CARNET_OK && b->rc == CARNET_OK)
        b->rc = inner.rc;
    add_extension(b, carnet_x509_extension_oid(CARNET_EXTENSION_AUTHORITY_KEY_IDENTIFIER),
                  (carnet_span){ value, inner.len });
    inner = carnet_der_build(value, sizeof(value));
    carnet_der_add_uint(&inner, spec->number);
    add_extension(b, oid_number, (carnet_span){ value, inner.len });
    carnet_der_end(b, list);
    carnet_der_end(b, outer);
}

static void
add_revoked(carnet_der_builder *b, const carnet_crl_spec *spec)
{
    carnet_der_mark list, entry;

    if (spec->count == 0) /* B.2: then there is no list at all */
        return;
    list = carnet_der_begin(b, CARNET_DER_SEQUENCE);
    for (size_t i = 0; i < spec->count; i++) {
        entry = carnet_der_begin(b, CARNET_DER_SEQUENCE);
        carnet_der_add(b, CARNET_DER_INTEGER, spec->entries[i].serial);
        carnet_der_add_time(b, spec->entries[i].revoked_at);
        carnet_der_end(b, entry);
    }
    carnet_der_end(b, list);
}

/* TBSCertList, RFC 5280, 5.1.2. */
static void
add_tbs(carnet_der_builder *b, const carnet_crl_spec *spec, const carnet_certificate *issuer)
{
    carnet_der_mark tbs = carnet_der_begin(b, CARNET_DER_SEQUENCE);

    carnet_der_add_uint(b, 1);
    carnet_x509_add_algorithm(b, issuer->public_key.curve);
    carnet_der_add_raw(b, issuer->subject);
    carnet_der_add_time(b, spec->this_update);
    carnet_der_add_time(b, spec->next_update);
    add_revoked(b, spec);
    add_extensions(b, spec, issuer);
    carnet_der_end(b, tbs);
}

static carnet_rc
check_asked(const carnet_crl_spec *spec, const carnet_certificate *issuer, const carnet_key *key, carnet_err *err)
{
    bool limited = issuer->present >> CARNET_EXTENSION_KEY_USAGE & 1;

    if (spec->struct_size != sizeof(*spec))
        return carnet_fail(err, CARNET_E_USAGE, NULL, NULL);
    if (!carnet_public_key_equal(&key->public_key, &issuer->public_key))
        return carnet_fail(err, CARNET_E_CRYPTO_MISMATCH, NULL, "the key is not the issuer's");
    if (limited && !(issuer->key_usage & CARNET_KEY_USAGE_CRL_SIGN))
        return carnet_fail(err, CARNET_E_X509_PROFILE, "18013-5 B.2", "the issuer may not sign revocation lists");
    return CARNET_OK;
}

carnet_rc
carnet_crl_build(const carnet_crl_spec *spec, const carnet_certificate *issuer, carnet_key *key, carnet_crypto *crypto,
                 carnet_buf *out, carnet_err *err)
{
    carnet_der_builder b = carnet_x509_build_behind(out);
    carnet_err why = { 0 };
    carnet_der_mark outer;
    carnet_span der;
    carnet_crl made;
    carnet_rc rc;

    if ((rc = check_asked(spec, issuer, key, err)) != CARNET_OK)
        return rc;
    outer = carnet_der_begin(&b, CARNET_DER_SEQUENCE);
    add_tbs(&b, spec, issuer);
    carnet_x509_sign(&b, outer, outer.start, key, crypto, &why);
    rc = carnet_der_built(&b, &der, err);
    if (rc != CARNET_OK) {
        if (err != NULL && why.rc == rc)
            *err = why; /* it says more */
        return rc;
    }
    if ((rc = carnet_crl_open(der, &made, err)) == CARNET_OK &&
        (rc = carnet_crl_conforms(&made, issuer, err)) == CARNET_OK &&
        (rc = carnet_crl_verify(&made, &issuer->public_key, crypto, err)) == CARNET_OK)
        out->len += der.len;
    return rc;
}
