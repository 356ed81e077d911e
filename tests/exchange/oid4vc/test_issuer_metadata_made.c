/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/certificate_builder.h"
#include "carnet/issuer_metadata.h"
#include "support/support.h"

#include <string.h>

#define NOW 1800000000
#define ISS "https://iss.example/t"

static carnet_crypto crypto;
static carnet_key signer, root, encryption;
static uint8_t room[65536], jws_room[65536], scratch_room[65536], leaf_room[2048], root_room[2048];
static carnet_span leaf, root_certificate;

static int
begin(void **state)
{
    (void)state;
    assert_carnet_ok(carnet_crypto_init(&crypto, NULL), NULL);
    assert_carnet_ok(carnet_software_key_generate(&crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, &signer, NULL), NULL);
    assert_carnet_ok(carnet_software_key_generate(&crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, &root, NULL), NULL);
    assert_carnet_ok(carnet_software_key_generate(&crypto, CARNET_CURVE_P256, CARNET_KEY_AGREE, &encryption, NULL),
                     NULL);
    return 0;
}

static int
end(void **state)
{
    (void)state;
    carnet_key_done(&signer);
    carnet_key_done(&root);
    carnet_key_done(&encryption);
    carnet_crypto_done(&crypto);
    return 0;
}

/* --- made --- */

static carnet_display displays[2], claim_displays[1];
static carnet_claim_description claims[2];
static carnet_credential_configuration_spec specs[2];
static carnet_issuer_metadata_spec spec;

static int
each(void **state)
{
    const carnet_proof_type jwt = { .supported = true,
                                    .algorithms = { CARNET_ES256, CARNET_ES384 },
                                    .algorithm_count = 2,
                                    .key_attestations = { .required = true,
                                                          .key_storage = { carnet_str_of("iso_18045_high") },
                                                          .key_storage_count = 1 } };

    (void)state;
    displays[0] = (carnet_display){ .name = carnet_str_of("Licence"), .locale = carnet_str_of("en") };
    displays[1] = (carnet_display){ .name = carnet_str_of("Fahrausweis"),
                                    .locale = carnet_str_of("de-CH"),
                                    .logo_uri = carnet_str_of("data:image/png;base64,AA=="),
                                    .logo_alt_text = carnet_str_of("Wappen"),
                                    .background_color = carnet_str_of("#123456"),
                                    .text_color = carnet_str_of("#ffffff"),
                                    .background_image_uri = carnet_str_of("https://iss.example/b.png") };
    claim_displays[0] = (carnet_display){ .name = carnet_str_of("Name"), .locale = carnet_str_of("de") };
    claims[0] = (carnet_claim_description){ .name_space = carnet_str_of("org.iso.18013.5.1"),
                                            .element = carnet_str_of("family_name"),
                                            .mandatory = true,
                                            .displays = claim_displays,
                                            .display_count = 1 };
    claims[1] = (carnet_claim_description){ .name_space = carnet_str_of("org.iso.18013.5.1"),
                                            .element = carnet_str_of("portrait") };
    specs[0] =
        (carnet_credential_configuration_spec){ .configuration = { .id = carnet_str_of("mdl"),
                                                                   .doctype = carnet_str_of("org.iso.18013.5.1.mDL"),
                                                                   .scope = carnet_str_of("mdl"),
                                                                   .signing_algorithms = { -7, -9 },
                                                                   .signing_algorithm_count = 2,
                                                                   .binding = true,
                                                                   .cose_key = true,
                                                                   .jwt = jwt,
                                                                   .attestation = jwt,
                                                                   .dehydrated = true },
                                                .displays = displays,
                                                .display_count = 2,
                                                .claims = claims,
                                                .claim_count = 2 };
    specs[1] = (carnet_credential_configuration_spec){ .configuration = { .id = carnet_str_of("age"),
                                                                          .doctype = carnet_str_of("age.1") } };
    spec = (carnet_issuer_metadata_spec){
        .struct_size = sizeof(spec),
        .metadata = { .credential_issuer = carnet_str_of(ISS),
                      .authorization_servers = { carnet_str_of("https://as.example") },
                      .authorization_server_count = 1,
                      .credential_endpoint = carnet_str_of(ISS "/credential"),
                      .nonce_endpoint = carnet_str_of(ISS "/nonce"),
                      .deferred_credential_endpoint = carnet_str_of(ISS "/deferred_credential"),
                      .notification_endpoint = carnet_str_of(ISS "/notification"),
                      .mdoc_iacas_uri = carnet_str_of(ISS "/mdoc_iacas"),
                      .batch_size = 10,
                      .request_encryption = { .supported = true,
                                              .required = true,
                                              .content = 3,
                                              .keys = { { .key = encryption.public_key,
                                                          .key_id = carnet_str_of("e1") } },
                                              .key_count = 1 },
                      .response_encryption = { .supported = true, .content = CARNET_CREDENTIAL_A256GCM } },
        .displays = displays,
        .display_count = 2,
        .configurations = specs,
        .configuration_count = 2
    };
    return 0;
}

static void
is_as_it_was_made(const carnet_issuer_metadata *read)
{
    carnet_credential_configuration configuration;
    carnet_claim_description claim;
    carnet_display display;

    assert_str_is(read->authorization_servers[0], "https://as.example");
    assert_str_is(read->credential_endpoint, ISS "/credential");
    assert_str_is(read->mdoc_iacas_uri, ISS "/mdoc_iacas");
    assert_int_equal(read->batch_size, 10);
    assert_int_equal(read->configuration_count, 2);
    assert_true(read->request_encryption.supported && read->request_encryption.required);
    assert_int_equal(read->request_encryption.key_count, 1);
    assert_str_is(read->request_encryption.keys[0].key_id, "e1");
    assert_str_is(read->request_encryption.keys[0].algorithm, "ECDH-ES");
    assert_true(carnet_public_key_equal(&read->request_encryption.keys[0].key, &encryption.public_key));
    assert_true(read->response_encryption.ecdh_es && !read->response_encryption.required);
    assert_int_equal(read->response_encryption.content, CARNET_CREDENTIAL_A256GCM);
    assert_carnet_ok(carnet_issuer_metadata_find(read, carnet_str_of("mdl"), &configuration, NULL), NULL);
    assert_str_is(configuration.format, "mso_mdoc");
    assert_str_is(configuration.scope, "mdl");
    assert_int_equal(configuration.signing_algorithms[1], -9);
    assert_true(configuration.binding && configuration.cose_key && !configuration.jwk && configuration.dehydrated);
    assert_int_equal(configuration.jwt.algorithm_count, 2);
    assert_true(configuration.attestation.supported && configuration.attestation.key_attestations.required);
    assert_str_is(configuration.jwt.key_attestations.key_storage[0], "iso_18045_high");
    assert_true(carnet_credential_configuration_display(&configuration, carnet_str_of("de"), &display));
    assert_str_is(display.logo_alt_text, "Wappen");
    assert_str_is(display.background_image_uri, "https://iss.example/b.png");
    assert_true(carnet_credential_configuration_claim(&configuration, 0, &claim));
    assert_true(claim.mandatory && carnet_claim_description_display(&claim, carnet_str_of("fr"), &display));
    assert_str_is(display.name, "Name");
    assert_true(carnet_credential_configuration_claim(&configuration, 1, &claim));
    assert_str_is(claim.element, "portrait");
    assert_false(carnet_claim_description_display(&claim, carnet_str_of("de"), &display));
    assert_false(carnet_credential_configuration_claim(&configuration, 2, &claim));
}

static void
metadata_that_was_made_reads_as_it_was(void **state)
{
    carnet_buf out = carnet_buf_of(room, sizeof(room));
    carnet_issuer_metadata read;
    carnet_err err = { 0 };

    (void)state;
    assert_carnet_ok(carnet_issuer_metadata_build(&spec, &out, &err), &err);
    assert_carnet_ok(carnet_issuer_metadata_open(carnet_buf_str(&out), carnet_str_of(ISS), false, &crypto, &read, &err),
                     &err);
    is_as_it_was_made(&read);
    carnet_issuer_metadata_done(&read);
}

static void
metadata_that_would_be_refused_is_not_made(void **state)
{
    static carnet_issuer_metadata_spec bad[5];
    static carnet_credential_configuration_spec bad_specs[5];

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(bad); i++) {
        bad[i] = spec;
        bad_specs[i] = specs[0];
    }
    bad[0].metadata.credential_issuer = carnet_str_of("http://iss.example");
    bad[1].metadata.credential_endpoint = (carnet_str){ 0 };
    bad[2].metadata.request_encryption.key_count = 0;
    bad[3].metadata.nonce_endpoint = carnet_str_of("nonce");
    bad[4].struct_size = 0;
    bad_specs[0].configuration.id = (carnet_str){ 0 };
    bad_specs[1].configuration.doctype = (carnet_str){ 0 };
    bad_specs[2].configuration.jwt.algorithm_count = 0;
    bad_specs[3].configuration.jwt.supported = bad_specs[3].configuration.attestation.supported = false;
    bad_specs[4].configuration.id = (carnet_str){ (const char *)root_room, CARNET_CONFIGURATION_ID_MAX + 1 };
    for (size_t i = 0; i < 2 * CARNET_COUNT(bad); i++) {
        carnet_buf out = carnet_buf_of(room, sizeof(room));
        carnet_issuer_metadata_spec one = i < CARNET_COUNT(bad) ? bad[i] : spec;

        if (i >= CARNET_COUNT(bad)) {
            one.configurations = &bad_specs[i - CARNET_COUNT(bad)];
            one.configuration_count = 1;
        }
        assert_int_not_equal(carnet_issuer_metadata_build(&one, &out, NULL), CARNET_OK);
        assert_int_equal(out.len, 0);
    }
}

/* --- signed --- */

static void
certify(void)
{
    carnet_certificate_spec certificate = { .struct_size = sizeof(certificate),
                                            .profile = &carnet_profile_iaca,
                                            .subject = { .country = carnet_str_of("UT"),
                                                         .common_name = carnet_str_of("Root") },
                                            .public_key = root.public_key,
                                            .not_before = NOW - 1000,
                                            .not_after = NOW + 365 * CARNET_TIME_DAY,
                                            .issuer_uri = carnet_str_of("https://iss.example"),
                                            .crl_uri = carnet_str_of("https://iss.example/crl") };
    carnet_buf out = carnet_buf_of(root_room, sizeof(root_room));
    carnet_certificate issuer;
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_certificate_build(&certificate, NULL, &root, &crypto, &out, &err), &err);
    root_certificate = carnet_buf_span(&out);
    assert_carnet_ok(carnet_certificate_open(root_certificate, &issuer, &err), &err);
    certificate.profile = &carnet_profile_jws_signer;
    certificate.subject.common_name = carnet_str_of("Signer");
    certificate.public_key = signer.public_key;
    certificate.not_before = NOW;
    certificate.not_after = NOW + 30 * CARNET_TIME_DAY;
    out = carnet_buf_of(leaf_room, sizeof(leaf_room));
    assert_carnet_ok(carnet_certificate_build(&certificate, &issuer, &root, &crypto, &out, &err), &err);
    leaf = carnet_buf_span(&out);
}

static carnet_str
sign(carnet_span certificate, carnet_key *key, carnet_time issued_at, carnet_time expires_at)
{
    const carnet_issuer_metadata_signer by = {
        .key = key, .x5c = &certificate, .x5c_count = 1, .issued_at = issued_at, .expires_at = expires_at
    };
    carnet_buf out = carnet_buf_of(jws_room, sizeof(jws_room));
    carnet_buf scratch = carnet_buf_of(scratch_room, sizeof(scratch_room));
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_issuer_metadata_sign(&spec, &by, &crypto, &scratch, &out, &err), &err);
    return carnet_buf_str(&out);
}

static carnet_issuer_metadata read;
static carnet_issuer_metadata_signature signature;

static carnet_rc
open_signed(carnet_str jws, const char *issuer)
{
    carnet_buf storage = carnet_buf_of(room, sizeof(room));

    return carnet_issuer_metadata_open_signed(jws, carnet_str_of(issuer), false, NOW, 60, &crypto, &storage, &read,
                                              &signature, NULL);
}

static void
signed_metadata_says_who_signed_it(void **state)
{
    (void)state;
    certify();
    assert_carnet_ok(open_signed(sign(leaf, &signer, NOW - 5, NOW + 500), ISS), NULL);
    is_as_it_was_made(&read);
    assert_int_equal(signature.x5c_count, 1);
    assert_span_equal(signature.x5c[0], leaf);
    assert_int_equal(signature.issued_at, NOW - 5);
    assert_int_equal(signature.expires_at, NOW + 500);
    carnet_issuer_metadata_done(&read);
    assert_carnet_ok(open_signed(sign(leaf, &signer, NOW + 60, 0), ISS), NULL);
    assert_true(signature.expires_at == INT64_MAX);
    carnet_issuer_metadata_done(&read);
}

static void
signed_metadata_may_be_longer_than_other_tokens(void **state)
{
    static char logo[60000];
    const carnet_issuer_metadata_signer by = { .key = &signer, .x5c = &leaf, .x5c_count = 1, .issued_at = NOW };
    static uint8_t jws_memory[1 << 18], scratch_memory[1 << 17], memory[1 << 18];
    carnet_buf out = carnet_buf_of(jws_memory, sizeof(jws_memory)), storage = carnet_buf_of(memory, sizeof(memory));
    carnet_buf scratch = carnet_buf_of(scratch_memory, sizeof(scratch_memory));

    (void)state;
    certify();
    memset(logo, 'A', sizeof(logo));
    memcpy(logo, "data:image/png;base64,", 22);
    displays[0].logo_uri = (carnet_str){ logo, sizeof(logo) };
    spec.display_count = specs[0].display_count = 1;
    assert_carnet_ok(carnet_issuer_metadata_sign(&spec, &by, &crypto, &scratch, &out, NULL), NULL);
    assert_true(out.len > CARNET_JWS_MAX);
    assert_carnet_ok(carnet_issuer_metadata_open_signed(carnet_buf_str(&out), carnet_str_of(ISS), false, NOW, 60,
                                                        &crypto, &storage, &read, &signature, NULL),
                     NULL);
    carnet_issuer_metadata_done(&read);
    storage = carnet_buf_of(memory, 1000);
    assert_carnet_rc(carnet_issuer_metadata_open_signed(carnet_buf_str(&out), carnet_str_of(ISS), false, NOW, 60,
                                                        &crypto, &storage, &read, &signature, NULL),
                     CARNET_E_NO_SPACE);
}

static void
signed_metadata_is_held_to_its_rules(void **state)
{
    (void)state;
    certify();
    assert_carnet_rc(open_signed(sign(leaf, &signer, NOW + 61, 0), ISS), CARNET_E_OID4VCI_TIME);
    assert_carnet_rc(open_signed(sign(leaf, &signer, NOW - 500, NOW - 61), ISS), CARNET_E_OID4VCI_TIME);
    assert_carnet_rc(open_signed(sign(leaf, &signer, NOW, 0), "https://iss.example"), CARNET_E_OID4VCI_ISSUER);
    assert_carnet_rc(open_signed(sign(leaf, &root, NOW, 0), ISS), CARNET_E_JOSE_SIGNATURE);
    assert_carnet_rc(open_signed(sign(root_certificate, &root, NOW, 0), ISS), CARNET_E_JOSE_STRUCTURE);
    assert_carnet_rc(open_signed(sign(carnet_span_of("abc", 3), &signer, NOW, 0), ISS), CARNET_E_JOSE_STRUCTURE);
    assert_null(read.document);
    assert_int_equal(signature.x5c_count, 0);
}

static void
other_tokens_are_no_signed_metadata(void **state)
{
    const struct {
        carnet_jws_header header;
        const char *claims;
        carnet_rc rc;
    } table[] = {
        { { .type = "JWT", .x5c = &leaf, .x5c_count = 1 }, "{}", CARNET_E_JOSE_TYPE },
        { { .type = CARNET_ISSUER_METADATA_TYPE }, "{}", CARNET_E_JOSE_STRUCTURE },
        { { .type = CARNET_ISSUER_METADATA_TYPE, .jwk = &signer.public_key }, "{}", CARNET_E_JOSE_STRUCTURE },
        { { .type = CARNET_ISSUER_METADATA_TYPE, .x5c = &leaf, .x5c_count = 1 }, "[]", CARNET_E_OID4VCI_METADATA },
        { { .type = CARNET_ISSUER_METADATA_TYPE, .x5c = &leaf, .x5c_count = 1 }, "{}", CARNET_E_OID4VCI_ISSUER },
        { { .type = CARNET_ISSUER_METADATA_TYPE, .x5c = &leaf, .x5c_count = 1 },
          "{\"sub\":\"" ISS "\"}",
          CARNET_E_OID4VCI_TIME },
        { { .type = CARNET_ISSUER_METADATA_TYPE, .x5c = &leaf, .x5c_count = 1 },
          "{\"sub\":\"" ISS "\",\"iat\":\"1800000000\"}",
          CARNET_E_OID4VCI_TIME },
        { { .type = CARNET_ISSUER_METADATA_TYPE, .x5c = &leaf, .x5c_count = 1 },
          "{\"sub\":\"" ISS "\",\"iat\":1800000000}",
          CARNET_E_OID4VCI_METADATA },
    };

    (void)state;
    certify();
    for (size_t i = 0; i < CARNET_COUNT(table); i++) {
        carnet_buf out = carnet_buf_of(jws_room, sizeof(jws_room));

        assert_carnet_ok(carnet_jws_sign(&table[i].header, carnet_str_bytes(carnet_str_of(table[i].claims)), &signer,
                                         &crypto, &out, NULL),
                         NULL);
        assert_carnet_rc(open_signed(carnet_buf_str(&out), ISS), table[i].rc);
        assert_null(read.document);
    }
}

/* --- what does no harm --- */

static void
no_prefix(carnet_span prefix, void *context)
{
    (void)context;
    assert_carnet_rc(carnet_issuer_metadata_open((carnet_str){ (const char *)prefix.ptr, prefix.len },
                                                 carnet_str_of(ISS), false, &crypto, &read, NULL),
                     CARNET_E_OID4VCI_METADATA);
}

static void
any_bit(carnet_span changed, void *context)
{
    carnet_credential_configuration configuration;
    carnet_claim_description claim;
    carnet_display display;
    carnet_err err;

    (void)context;
    if (carnet_issuer_metadata_open((carnet_str){ (const char *)changed.ptr, changed.len }, carnet_str_of(ISS), false,
                                    &crypto, &read, NULL) != CARNET_OK)
        return;
    assert_str_is(read.credential_issuer, ISS);
    for (size_t i = 0; i < read.configuration_count; i++) {
        if (carnet_issuer_metadata_configuration(&read, i, &configuration, &err) != CARNET_OK)
            continue;
        (void)carnet_credential_configuration_display(&configuration, carnet_str_of("de"), &display);
        for (size_t k = 0; carnet_credential_configuration_claim(&configuration, k, &claim); k++)
            assert_true(claim.name_space.len != 0 && claim.element.len != 0);
    }
    carnet_issuer_metadata_done(&read);
}

static void
every_prefix_of_metadata_is_refused_and_no_bit_does_harm(void **state)
{
    static uint8_t json[8192];
    carnet_buf out = carnet_buf_of(json, sizeof(json));

    (void)state;
    assert_carnet_ok(carnet_issuer_metadata_build(&spec, &out, NULL), NULL);
    carnet_test_every_prefix(carnet_buf_span(&out), no_prefix, NULL);
    carnet_test_every_bit(carnet_buf_span(&out), any_bit, NULL);
}

static void
no_signed_prefix(carnet_span prefix, void *context)
{
    (void)context;
    assert_int_not_equal(open_signed((carnet_str){ (const char *)prefix.ptr, prefix.len }, ISS), CARNET_OK);
    assert_null(read.document);
}

static void
every_prefix_of_signed_metadata_is_refused(void **state)
{
    carnet_str jws;

    (void)state;
    certify();
    jws = sign(leaf, &signer, NOW, 0);
    carnet_test_every_prefix(carnet_str_bytes(jws), no_signed_prefix, NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(metadata_that_was_made_reads_as_it_was, each),
        cmocka_unit_test_setup(metadata_that_would_be_refused_is_not_made, each),
        cmocka_unit_test_setup(signed_metadata_says_who_signed_it, each),
        cmocka_unit_test_setup(signed_metadata_may_be_longer_than_other_tokens, each),
        cmocka_unit_test_setup(signed_metadata_is_held_to_its_rules, each),
        cmocka_unit_test_setup(other_tokens_are_no_signed_metadata, each),
        cmocka_unit_test_setup(every_prefix_of_metadata_is_refused_and_no_bit_does_harm, each),
        cmocka_unit_test_setup(every_prefix_of_signed_metadata_is_refused, each),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
