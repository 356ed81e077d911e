/* SPDX-License-Identifier: Apache-2.0 */
#include "issuing.h"

#include <string.h>

static carnet_element
element(const char *name_space, const char *identifier, const char *value)
{
    return (carnet_element){ carnet_str_of(name_space), carnet_str_of(identifier), carnet_test_hex(value) };
}

static void
certificate(issuing *with, const carnet_certificate_profile *profile, const carnet_certificate *issuer,
            const carnet_public_key *key, const char *name, carnet_buf *der)
{
    carnet_certificate_spec spec = { .struct_size = sizeof(spec),
                                     .profile = profile,
                                     .subject = { .country = carnet_str_of("UT"), .common_name = carnet_str_of(name) },
                                     .public_key = *key,
                                     .not_before = ISSUING_SIGNED - CARNET_TIME_DAY,
                                     .not_after = ISSUING_SIGNED + 400 * CARNET_TIME_DAY,
                                     .issuer_email = carnet_str_of("iaca@example.com"),
                                     .crl_uri = carnet_str_of("https://example.com/crl") };
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_certificate_build(&spec, issuer, &with->root_key, &with->crypto, der, &err), &err);
}

static void
generate(issuing *with, carnet_curve curve, carnet_key *key)
{
    unsigned usage = carnet_curve_get(curve)->signature != 0 ? CARNET_KEY_SIGN : CARNET_KEY_AGREE;
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_software_key_generate(&with->crypto, curve, usage, key, &err), &err);
}

void
issuing_begin(issuing *with, carnet_curve signer, carnet_curve device)
{
    static carnet_element elements[5];
    carnet_buf der;
    carnet_err err = { 0 };

    memset(with, 0, sizeof(*with));
    assert_carnet_ok(carnet_crypto_init(&with->crypto, &err), &err);
    generate(with, CARNET_CURVE_P256, &with->root_key);
    generate(with, signer, &with->signer_key);
    generate(with, device, &with->device_key);
    der = carnet_buf_of(with->der, CARNET_CERTIFICATE_MAX);
    certificate(with, &carnet_profile_iaca, NULL, &with->root_key.public_key, "Root", &der);
    assert_carnet_ok(carnet_certificate_open(carnet_buf_span(&der), &with->root, &err), &err);
    der = carnet_buf_of(with->der + CARNET_CERTIFICATE_MAX, CARNET_CERTIFICATE_MAX);
    certificate(with, &carnet_profile_document_signer_mdl, &with->root, &with->signer_key.public_key, "Signer", &der);
    with->chain[0] = carnet_buf_span(&der);
    assert_carnet_ok(carnet_issue_signer_init(&with->signer, &with->signer_key, with->chain, 1, &err), &err);

    elements[0] = element("org.iso.18013.5.1", "family_name", "63446f65");
    elements[1] = element("org.iso.18013.5.1", "age_over_18", "f5");
    elements[2] = element("org.example", "points", "1903e8");
    elements[3] = element("org.iso.18013.5.1", "portrait", "4affd8ffe000104a464946");
    elements[4] = element("org.example", "nested", "a161788201f97e00");
    with->issue = (carnet_issue){ .struct_size = sizeof(carnet_issue),
                                  .doc_type = carnet_str_of("org.iso.18013.5.1.mDL"),
                                  .elements = elements,
                                  .count = CARNET_COUNT(elements),
                                  .signed_at = ISSUING_SIGNED,
                                  .valid_from = ISSUING_SIGNED,
                                  .valid_until = ISSUING_SIGNED + 30 * CARNET_TIME_DAY,
                                  .device_key = &with->device_key.public_key };
    with->buf = carnet_buf_of(with->room, sizeof(with->room));
}

void
issuing_done(issuing *with)
{
    carnet_key_done(&with->device_key);
    carnet_key_done(&with->signer_key);
    carnet_key_done(&with->root_key);
    carnet_crypto_done(&with->crypto);
}

carnet_span
issuing_build(issuing *with)
{
    carnet_span out;
    carnet_err err = { 0 };

    with->buf.len = 0;
    assert_carnet_ok(carnet_issue_build(&with->issue, &with->signer, &with->crypto, &with->buf, &out, &err), &err);
    assert_ptr_equal(out.ptr, with->room);
    assert_int_equal(with->buf.len, out.len);
    return carnet_test_copy(out);
}

carnet_issuer_signed
issuing_check(issuing *with, carnet_span encoded, carnet_mso *mso)
{
    carnet_issuer_signed view;
    carnet_issuer_signed_cursor cursor = { 0 };
    carnet_issuer_signed_item item;
    carnet_cose_sign1 sign1;
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_issuer_signed_open(encoded, 0, &view, &err), &err);
    assert_int_equal(view.odd, 0);
    assert_carnet_ok(carnet_cose_sign1_open(view.issuer_auth, 0, &sign1, &err), &err);
    assert_carnet_ok(carnet_cose_sign1_verify(&sign1, &with->crypto, &with->signer_key.public_key, NULL, &err), &err);
    assert_carnet_ok(carnet_mso_open(sign1.payload, view.origin, 0, mso, &err), &err);
    assert_int_equal(mso->odd, 0);
    assert_carnet_ok(carnet_issuer_signed_unique(&view, &err), &err);
    while (carnet_issuer_signed_next(&view, &cursor, &item))
        assert_carnet_ok(carnet_issuer_signed_item_verify(&item, mso, &with->crypto, &err), &err);
    return view;
}
