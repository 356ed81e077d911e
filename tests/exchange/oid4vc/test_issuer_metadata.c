/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/issuer_metadata.h"
#include "support/crypto.h"
#include "support/support.h"

#include <string.h>

#define ISS  "https://iss.example/t"
#define HEAD "\"credential_issuer\":\"" ISS "\",\"credential_endpoint\":\"https://iss.example/t/credential\""
#define NONE "\"credential_configurations_supported\":{}"

static uint8_t room[65536];

static const struct {
    const char *json;
    carnet_rc rc;
    const char *path;
} bodies[] = {
    { "{" HEAD "," NONE "}", CARNET_OK, "" },
    { "{" HEAD "," NONE ",\"unknown\":{},\"authorization_servers\":[\"https://as.example\",\"https://b.example/x\"]}",
      CARNET_OK, "" },
    { "{" HEAD "," NONE ",\"batch_credential_issuance\":{\"batch_size\":10}}", CARNET_OK, "" },
    { "{" HEAD "," NONE ",\"credential_response_encryption\":{\"alg_values_supported\":[\"RSA-OAEP\"],"
      "\"enc_values_supported\":[\"A128CBC-HS256\"],\"encryption_required\":true}}",
      CARNET_OK, "" },
    { "{" HEAD "," NONE ",\"credential_request_encryption\":{\"jwks\":{\"keys\":[{\"kty\":\"RSA\"},7]},"
      "\"enc_values_supported\":[\"A256GCM\"],\"encryption_required\":false}}",
      CARNET_OK, "" },
    { "", CARNET_E_OID4VCI_METADATA, "" },
    { "[]", CARNET_E_OID4VCI_METADATA, "" },
    { "{}", CARNET_E_OID4VCI_METADATA, "credential_issuer" },
    { "{" HEAD "," HEAD "," NONE "}", CARNET_E_OID4VCI_METADATA, "" },
    { "{\"credential_issuer\":7," NONE "}", CARNET_E_OID4VCI_METADATA, "credential_issuer" },
    { "{\"credential_issuer\":\"https://iss.example\",\"credential_endpoint\":\"https://iss.example/c\"," NONE "}",
      CARNET_E_OID4VCI_ISSUER, "credential_issuer" },
    { "{\"credential_issuer\":\"" ISS "/\",\"credential_endpoint\":\"https://iss.example/c\"," NONE "}",
      CARNET_E_OID4VCI_ISSUER, "credential_issuer" },
    { "{\"credential_issuer\":\"" ISS "\"," NONE "}", CARNET_E_OID4VCI_METADATA, "credential_endpoint" },
    { "{\"credential_issuer\":\"" ISS "\",\"credential_endpoint\":\"http://iss.example/c\"," NONE "}",
      CARNET_E_OID4VCI_METADATA, "credential_endpoint" },
    { "{" HEAD "," NONE ",\"nonce_endpoint\":\"/nonce\"}", CARNET_E_OID4VCI_METADATA, "nonce_endpoint" },
    { "{" HEAD "," NONE ",\"notification_endpoint\":[]}", CARNET_E_OID4VCI_METADATA, "notification_endpoint" },
    { "{" HEAD "," NONE ",\"mdoc_iacas_uri\":\"javascript:x\"}", CARNET_E_OID4VCI_METADATA, "mdoc_iacas_uri" },
    { "{" HEAD "}", CARNET_E_OID4VCI_METADATA, "credential_configurations_supported" },
    { "{" HEAD ",\"credential_configurations_supported\":[]}", CARNET_E_OID4VCI_METADATA,
      "credential_configurations_supported" },
    { "{" HEAD "," NONE ",\"authorization_servers\":[],\"batch_credential_issuance\":null}", CARNET_OK, "" },
    { "{" HEAD "," NONE ",\"authorization_servers\":{}}", CARNET_E_OID4VCI_METADATA, "authorization_servers" },
    { "{" HEAD "," NONE ",\"authorization_servers\":[\"as\"]}", CARNET_E_OID4VCI_METADATA, "authorization_servers" },
    { "{" HEAD "," NONE ",\"authorization_servers\":[\"https://a.example\",\"https://a.example\"]}",
      CARNET_E_OID4VCI_METADATA, "authorization_servers[1]" },
    { "{" HEAD "," NONE ",\"batch_credential_issuance\":{}}", CARNET_E_OID4VCI_METADATA,
      "batch_credential_issuance.batch_size" },
    { "{" HEAD "," NONE ",\"batch_credential_issuance\":{\"batch_size\":0}}", CARNET_E_OID4VCI_METADATA,
      "batch_credential_issuance.batch_size" },
    { "{" HEAD "," NONE ",\"batch_credential_issuance\":{\"batch_size\":\"10\"}}", CARNET_E_OID4VCI_METADATA,
      "batch_credential_issuance.batch_size" },
    { "{" HEAD "," NONE ",\"credential_response_encryption\":{\"enc_values_supported\":\"A128GCM\"}}",
      CARNET_E_OID4VCI_METADATA, "credential_response_encryption.enc_values_supported" },
    { "{" HEAD "," NONE ",\"credential_request_encryption\":{\"encryption_required\":1}}", CARNET_E_OID4VCI_METADATA,
      "credential_request_encryption.encryption_required" },
};

static void
metadata_is_taken_or_says_what_is_amiss(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(bodies); i++) {
        carnet_issuer_metadata metadata;
        carnet_err err = { 0 };
        const carnet_rc rc = carnet_issuer_metadata_open(carnet_str_of(bodies[i].json), carnet_str_of(ISS), false,
                                                         &crypto, &metadata, &err);

        if (rc != bodies[i].rc || strcmp(err.path, bodies[i].path) != 0)
            print_message("%s: %s %s\n", bodies[i].json, err.path, err.reason);
        assert_carnet_rc(rc, bodies[i].rc);
        assert_string_equal(err.path, bodies[i].path);
        assert_true(rc == CARNET_OK || metadata.document == NULL);
        carnet_issuer_metadata_done(&metadata);
    }
}

static void
what_is_not_known_of_encryption_is_passed_over(void **state)
{
    carnet_issuer_metadata metadata;

    (void)state;
    assert_carnet_ok(
        carnet_issuer_metadata_open(carnet_str_of(bodies[3].json), carnet_str_of(ISS), false, &crypto, &metadata, NULL),
        NULL);
    assert_true(metadata.response_encryption.supported && metadata.response_encryption.required);
    assert_false(metadata.response_encryption.ecdh_es);
    assert_int_equal(metadata.response_encryption.content, 0);
    assert_int_equal(metadata.batch_size, 1);
    carnet_issuer_metadata_done(&metadata);
    assert_carnet_ok(
        carnet_issuer_metadata_open(carnet_str_of(bodies[4].json), carnet_str_of(ISS), false, &crypto, &metadata, NULL),
        NULL);
    assert_int_equal(metadata.request_encryption.key_count, 0);
    assert_int_equal(metadata.request_encryption.content, CARNET_CREDENTIAL_A256GCM);
    carnet_issuer_metadata_done(&metadata);
}

/* --- configurations --- */

#define CONFIGURATION(members) "{" HEAD ",\"credential_configurations_supported\":{\"c\":" members "}}"
#define MDOC                   "\"format\":\"mso_mdoc\",\"doctype\":\"org.iso.18013.5.1.mDL\""

static const struct {
    const char *json, *path; /* path NULL: good */
} configurations[] = {
    { CONFIGURATION("{" MDOC "}"), NULL },
    { CONFIGURATION("{" MDOC ",\"credential_signing_alg_values_supported\":[-7,\"ES384\",\"RS256\",null,\"-9\"]}"),
      NULL },
    { CONFIGURATION("{\"format\":\"dc+sd-jwt\",\"vct\":\"x\"}"), NULL },
    { CONFIGURATION("{" MDOC ",\"proof_types_supported\":{\"di_vp\":{}}}"), NULL },
    { CONFIGURATION("{" MDOC
                    ",\"proof_types_supported\":{\"jwt\":{\"proof_signing_alg_values_supported\":[\"RS256\"]}}}"),
      NULL },
    { CONFIGURATION("7"), "credential_configurations_supported.c" },
    { CONFIGURATION("{}"), "credential_configurations_supported.c.format" },
    { CONFIGURATION("{\"format\":\"mso_mdoc\"}"), "credential_configurations_supported.c.doctype" },
    { CONFIGURATION("{\"format\":7}"), "credential_configurations_supported.c.format" },
    { CONFIGURATION("{" MDOC ",\"scope\":[]}"), "credential_configurations_supported.c.scope" },
    { CONFIGURATION("{" MDOC ",\"credential_signing_alg_values_supported\":-7}"),
      "credential_configurations_supported.c.credential_signing_alg_values_supported" },
    { CONFIGURATION("{" MDOC ",\"cryptographic_binding_methods_supported\":\"cose_key\"}"),
      "credential_configurations_supported.c.cryptographic_binding_methods_supported" },
    { CONFIGURATION("{" MDOC ",\"proof_types_supported\":[\"jwt\"]}"),
      "credential_configurations_supported.c.proof_types_supported" },
    { CONFIGURATION("{" MDOC ",\"proof_types_supported\":{\"jwt\":true}}"),
      "credential_configurations_supported.c.proof_types_supported.jwt" },
    { CONFIGURATION("{" MDOC ",\"proof_types_supported\":{\"jwt\":{\"key_attestations_required\":true}}}"),
      "credential_configurations_supported.c.proof_types_supported.jwt.key_attestations_required" },
    { CONFIGURATION("{" MDOC
                    ",\"proof_types_supported\":{\"jwt\":{\"key_attestations_required\":{\"key_storage\":[7]}}}}"),
      "credential_configurations_supported.c.proof_types_supported.jwt.key_attestations_required.key_storage[0]" },
};

static void
a_configuration_is_taken_or_says_what_is_amiss(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(configurations); i++) {
        carnet_credential_configuration configuration;
        carnet_issuer_metadata metadata;
        carnet_err err = { 0 };
        carnet_rc rc;

        assert_carnet_ok(carnet_issuer_metadata_open(carnet_str_of(configurations[i].json), carnet_str_of(ISS), false,
                                                     &crypto, &metadata, &err),
                         &err);
        rc = carnet_issuer_metadata_configuration(&metadata, 0, &configuration, &err);
        assert_carnet_rc(rc, configurations[i].path == NULL ? CARNET_OK : CARNET_E_OID4VCI_METADATA);
        assert_carnet_rc(carnet_issuer_metadata_find(&metadata, carnet_str_of("c"), &configuration, NULL), rc);
        if (configurations[i].path != NULL) {
            assert_string_equal(err.path, configurations[i].path);
            assert_null(configuration.json);
        }
        assert_carnet_rc(carnet_issuer_metadata_configuration(&metadata, 1, &configuration, NULL),
                         CARNET_E_OID4VCI_CONFIGURATION);
        assert_carnet_rc(carnet_issuer_metadata_find(&metadata, carnet_str_of("d"), &configuration, NULL),
                         CARNET_E_OID4VCI_CONFIGURATION);
        carnet_issuer_metadata_done(&metadata);
    }
}

static carnet_credential_configuration
configuration_of(size_t i, carnet_issuer_metadata *metadata)
{
    carnet_credential_configuration configuration;

    assert_carnet_ok(carnet_issuer_metadata_open(carnet_str_of(configurations[i].json), carnet_str_of(ISS), false,
                                                 &crypto, metadata, NULL),
                     NULL);
    assert_carnet_ok(carnet_issuer_metadata_configuration(metadata, 0, &configuration, NULL), NULL);
    return configuration;
}

static void
algorithms_come_as_numbers_or_names(void **state)
{
    carnet_issuer_metadata metadata;
    carnet_credential_configuration configuration = configuration_of(1, &metadata);

    (void)state;
    assert_int_equal(configuration.signing_algorithm_count, 3);
    assert_int_equal(configuration.signing_algorithms[0], CARNET_ES256);
    assert_int_equal(configuration.signing_algorithms[1], CARNET_ES384);
    assert_int_equal(configuration.signing_algorithms[2], -9);
    assert_false(configuration.binding);
    carnet_issuer_metadata_done(&metadata);
    configuration = configuration_of(3, &metadata);
    assert_true(configuration.binding && !configuration.jwt.supported && !configuration.attestation.supported);
    carnet_issuer_metadata_done(&metadata);
    configuration = configuration_of(4, &metadata);
    assert_true(configuration.binding && !configuration.jwt.supported);
    carnet_issuer_metadata_done(&metadata);
}

static void
the_display_is_the_readers_language(void **state)
{
    static const struct {
        const char *locales[3], *wanted, *picked;
    } table[] = {
        { { "en", "de", "fr" }, "de", "de" },       { { "en", "de", "fr" }, "de-AT", "de" },
        { { "en", "de-CH", "fr" }, "de", "de-CH" }, { { "de-CH", "de-AT", "fr" }, "DE-at", "de-AT" },
        { { "fr", "en-US", "" }, "de", "" },        { { "fr", "en-US", "it" }, "de", "en-US" },
        { { "fr", "rm", "it" }, "de", "fr" },       { { "fr", "rm", "it" }, "", "fr" },
        { { "fr", "english", "it" }, "e", "fr" },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(table); i++) {
        carnet_buf json = carnet_buf_of(room, sizeof(room));
        carnet_issuer_metadata metadata;
        carnet_display display;

        carnet_buf_add_text(&json, "{" HEAD "," NONE ",\"display\":[7");
        for (size_t k = 0; k < 3; k++) {
            carnet_buf_add_text(&json, ",{\"name\":\"");
            carnet_buf_add_text(&json, table[i].locales[k]);
            carnet_buf_add_text(&json, table[i].locales[k][0] != '\0' ? "\",\"locale\":\"" : "\"}");
            carnet_buf_add_text(&json, table[i].locales[k]);
            carnet_buf_add_text(&json, table[i].locales[k][0] != '\0' ? "\"}" : "");
        }
        carnet_buf_add_text(&json, "]}");
        assert_carnet_ok(
            carnet_issuer_metadata_open(carnet_buf_str(&json), carnet_str_of(ISS), false, &crypto, &metadata, NULL),
            NULL);
        assert_true(carnet_issuer_metadata_display(&metadata, carnet_str_of(table[i].wanted), &display));
        assert_str_is(display.name, table[i].picked);
        carnet_issuer_metadata_done(&metadata);
    }
}

/* --- where it lies --- */

static void
the_well_known_url_has_its_part_before_the_path(void **state)
{
    static const struct {
        const char *issuer, *url; /* url NULL: refused */
    } table[] = {
        { "https://iss.example", "https://iss.example/.well-known/openid-credential-issuer" },
        { "https://iss.example/", "https://iss.example/.well-known/openid-credential-issuer" },
        { "https://iss.example:8443/t", "https://iss.example:8443/.well-known/openid-credential-issuer/t" },
        { "https://iss.example/t/u/", "https://iss.example/.well-known/openid-credential-issuer/t/u" },
        { "http://iss.example", NULL },
        { "http://127.0.0.1:8080", NULL },
        { "https://iss.example?x", NULL },
        { "https://iss.example/#x", NULL },
        { "iss.example", NULL },
        { "", NULL },
    };
    uint8_t url_room[128];
    carnet_buf out = carnet_buf_of(url_room, sizeof(url_room));

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(table); i++) {
        out = carnet_buf_of(url_room, sizeof(url_room));
        assert_carnet_rc(
            carnet_well_known_url(carnet_str_of(table[i].issuer), "openid-credential-issuer", false, &out, NULL),
            table[i].url != NULL ? CARNET_OK : CARNET_E_OID4VCI_ISSUER);
        assert_str_is(carnet_buf_str(&out), table[i].url != NULL ? table[i].url : "");
    }
    assert_carnet_ok(carnet_well_known_url(carnet_str_of("http://127.0.0.1:8080/t"), "x", true, &out, NULL), NULL);
    assert_str_is(carnet_buf_str(&out), "http://127.0.0.1:8080/.well-known/x/t");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(metadata_is_taken_or_says_what_is_amiss),
        cmocka_unit_test(what_is_not_known_of_encryption_is_passed_over),
        cmocka_unit_test(a_configuration_is_taken_or_says_what_is_amiss),
        cmocka_unit_test(algorithms_come_as_numbers_or_names),
        cmocka_unit_test(the_display_is_the_readers_language),
        cmocka_unit_test(the_well_known_url_has_its_part_before_the_path),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
