/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/service_config_identity_provider.h"
#include "carnet/service_config_issuing_authorization.h"
#include "carnet/service_config_mobile_app_server.h"
#include "internal.h"

static const cyaml_strval_t source_kinds[] = {
    { "csv", CARNET_CONFIG_CSV },
    { "sql", CARNET_CONFIG_SQL },
    { "http", CARNET_CONFIG_HTTP },
};
static const cyaml_schema_field_t source[] = {
    TEXT_REQUIRED("name", carnet_config_source, name),
    CHOICE_REQUIRED("kind", carnet_config_source, kind, source_kinds),
    TEXT("file", carnet_config_source, file),
    TEXT("key_column", carnet_config_source, key_column),
    TEXT("place", carnet_config_source, place),
    TEXT("query", carnet_config_source, query),
    NUMBER("connections", carnet_config_source, connections),
    TEXT("files", carnet_config_source, files),
    TEXT("url", carnet_config_source, url),
    TEXT("method", carnet_config_source, method),
    TEXT("ca", carnet_config_source, ca),
    TEXT("certificate", carnet_config_source, certificate),
    TEXT("certificate_key", carnet_config_source, certificate_key),
    TEXT("bearer_file", carnet_config_source, bearer_file),
    NUMBER("timeout_ms", carnet_config_source, timeout_ms),
    CYAML_FIELD_END,
};
const cyaml_schema_value_t carnet_config_source_entry = { CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, carnet_config_source,
                                                                              source) };

static const cyaml_schema_field_t client[] = {
    TEXT_REQUIRED("client_id", carnet_config_client, client_id),
    TEXT("name", carnet_config_client, name),
    TEXTS("redirect_uris", carnet_config_client, redirect_uris),
    SWITCH("attestation_required", carnet_config_client, attestation_required),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t client_entry = { CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, carnet_config_client,
                                                                       client) };

static const cyaml_schema_field_t authorization[] = {
    LIST("clients", carnet_config_authorization, clients, client_count, client_entry),
    SWITCH("open_clients", carnet_config_authorization, open_clients),
    TEXTS("wallet_attesters", carnet_config_authorization, wallet_attesters),
    SWITCH("attestation_required", carnet_config_authorization, attestation_required),
    SWITCH("challenge_required", carnet_config_authorization, challenge_required),
    SWITCH("anonymous_pre_authorised", carnet_config_authorization, anonymous_pre_authorised),
    SWITCH("pushed_required", carnet_config_authorization, pushed_required),
    SWITCH("dpop_nonce_required", carnet_config_authorization, dpop_nonce_required),
    SWITCH("consent", carnet_config_authorization, consent),
    NUMBER("request_seconds", carnet_config_authorization, request_seconds),
    NUMBER("identification_seconds", carnet_config_authorization, identification_seconds),
    NUMBER("code_seconds", carnet_config_authorization, code_seconds),
    NUMBER("access_seconds", carnet_config_authorization, access_seconds),
    NUMBER("nonce_seconds", carnet_config_authorization, nonce_seconds),
    NUMBER("proof_seconds", carnet_config_authorization, proof_seconds),
    NUMBER("skew_seconds", carnet_config_authorization, skew_seconds),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t credential[] = {
    TEXT_REQUIRED("id", carnet_config_credential, id),
    TEXT_REQUIRED("doctype", carnet_config_credential, doctype),
    TEXT("doctype_file", carnet_config_credential, doctype_file),
    TEXT("scope", carnet_config_credential, scope),
    TEXT("name", carnet_config_credential, name),
    TEXT_REQUIRED("signer", carnet_config_credential, signer),
    TEXT("source", carnet_config_credential, source),
    TEXT("identification", carnet_config_credential, identification),
    NUMBER("valid_days", carnet_config_credential, valid_days),
    NUMBER("expected_update_days", carnet_config_credential, expected_update_days),
    NUMBER("round_hours", carnet_config_credential, round_hours),
    TEXT("hash", carnet_config_credential, hash),
    SWITCH("dehydrated", carnet_config_credential, dehydrated),
    NUMBER("batch_max", carnet_config_credential, batch_max),
    TEXTS("key_algorithms", carnet_config_credential, key_algorithms),
    TEXTS("proof_types", carnet_config_credential, proof_types),
    SWITCH("key_reuse_allowed", carnet_config_credential, key_reuse_allowed),
    SWITCH("key_attestation_required", carnet_config_credential, key_attestation_required),
    TEXTS("key_storage", carnet_config_credential, key_storage),
    TEXTS("user_authentication", carnet_config_credential, user_authentication),
    SWITCH("wallet_attestation_required", carnet_config_credential, wallet_attestation_required),
    SWITCH("bearer_allowed", carnet_config_credential, bearer_allowed),
    NUMBER("refresh_days", carnet_config_credential, refresh_days),
    NUMBER("reissue_before_days", carnet_config_credential, reissue_before_days),
    NUMBER("reissue_max", carnet_config_credential, reissue_max),
    TEXT("status_uri", carnet_config_credential, status_uri),
    TEXT("deferral", carnet_config_credential, deferral),
    NUMBER("deferred_interval_seconds", carnet_config_credential, deferred_interval_seconds),
    TEXT("display_file", carnet_config_credential, display_file),
    TEXT("claims_file", carnet_config_credential, claims_file),
    TEXT("background_color", carnet_config_credential, background_color),
    TEXT("text_color", carnet_config_credential, text_color),
    TEXT("logo_uri", carnet_config_credential, logo_uri),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t credential_entry = { CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, carnet_config_credential,
                                                                           credential) };

static const cyaml_schema_field_t issuing[] = {
    LIST_REQUIRED("configurations", carnet_config_issuing, configurations, configuration_count, credential_entry),
    TEXT("display_file", carnet_config_issuing, display_file),
    TEXT("logo_uri", carnet_config_issuing, logo_uri),
    TEXT("metadata_key", carnet_config_issuing, metadata_key),
    TEXT("encryption_key", carnet_config_issuing, encryption_key),
    SWITCH("encryption_required", carnet_config_issuing, encryption_required),
    NUMBER("nonce_seconds", carnet_config_issuing, nonce_seconds),
    TEXTS("key_attesters", carnet_config_issuing, key_attesters),
    NUMBER("offer_seconds", carnet_config_issuing, offer_seconds),
    NUMBER("tx_code_attempts", carnet_config_issuing, tx_code_attempts),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t officer[] = {
    NUMBER("case_hours", carnet_config_officer, case_hours),
    SWITCH("four_eyes", carnet_config_officer, four_eyes),
    CYAML_FIELD_END,
};
static const cyaml_schema_field_t presented[] = {
    TEXT_REQUIRED("doctype", carnet_config_presented, doctype),
    TEXTS("elements", carnet_config_presented, elements),
    TEXT("subject", carnet_config_presented, subject),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t presented_entry = { CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, carnet_config_presented,
                                                                          presented) };
static const cyaml_schema_field_t presentation[] = {
    TEXT_REQUIRED("trust", carnet_config_presentation, trust),
    TEXT("reader_key", carnet_config_presentation, reader_key),
    LIST_REQUIRED("documents", carnet_config_presentation, documents, document_count, presented_entry),
    CYAML_FIELD_END,
};
static const cyaml_schema_field_t oidc[] = {
    TEXT_REQUIRED("issuer", carnet_config_oidc, issuer),
    TEXT_REQUIRED("client_id", carnet_config_oidc, client_id),
    TEXT_REQUIRED("client_secret_file", carnet_config_oidc, client_secret_file),
    TEXT("scope", carnet_config_oidc, scope),
    TEXT("subject_claim", carnet_config_oidc, subject_claim),
    TEXTS("audiences", carnet_config_oidc, audiences),
    TEXTS("signing_algorithms", carnet_config_oidc, signing_algorithms),
    TEXTS("acr_values", carnet_config_oidc, acr_values),
    NUMBER("max_age_seconds", carnet_config_oidc, max_age_seconds),
    TEXT("ca", carnet_config_oidc, ca),
    NUMBER("timeout_ms", carnet_config_oidc, timeout_ms),
    CYAML_FIELD_END,
};
static const cyaml_schema_field_t identification[] = {
    SECTION("officer", carnet_config_identification, officer, officer),
    SECTION("presentation", carnet_config_identification, presentation, presentation),
    SECTION("oidc", carnet_config_identification, oidc, oidc),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t desk[] = {
    NUMBER("session_minutes", carnet_config_desk, session_minutes),
    CYAML_FIELD_END,
};
static const cyaml_schema_field_t overview[] = {
    NUMBER("expiry_days", carnet_config_overview, expiry_days),
    CYAML_FIELD_END,
};
static const cyaml_schema_field_t provider[] = {
    TEXT_REQUIRED("attestation_key", carnet_config_provider, attestation_key),
    TEXT_REQUIRED("client_id", carnet_config_provider, client_id),
    TEXT("wallet_name", carnet_config_provider, wallet_name),
    TEXT("wallet_link", carnet_config_provider, wallet_link),
    NUMBER("attestation_hours", carnet_config_provider, attestation_hours),
    TEXTS("key_storage", carnet_config_provider, key_storage),
    TEXTS("tpm_key_storage", carnet_config_provider, tpm_key_storage),
    TEXTS("user_authentication", carnet_config_provider, user_authentication),
    TEXT("tpm_keys_file", carnet_config_provider, tpm_keys_file),
    TEXTS("issuers", carnet_config_provider, issuers),
    SWITCH("relay_plain", carnet_config_provider, relay_plain),
    TEXT("ca", carnet_config_provider, ca),
    CYAML_FIELD_END,
};

const cyaml_schema_field_t carnet_config_payment_link_fields[] = {
    TEXT_REQUIRED("name", carnet_config_payment_link, name),
    TEXT_REQUIRED("address", carnet_config_payment_link, address),
    NUMBER("port", carnet_config_payment_link, port),
    TEXT("version", carnet_config_payment_link, version),
    TEXT("flavour", carnet_config_payment_link, flavour),
    TEXT("spec_file", carnet_config_payment_link, spec_file),
    TEXT("framing", carnet_config_payment_link, framing),
    TEXT("tls_chain", carnet_config_payment_link, tls_chain),
    TEXT("tls_key", carnet_config_payment_link, tls_key),
    TEXT("tls_ca", carnet_config_payment_link, tls_ca),
    TEXT("tls_name", carnet_config_payment_link, tls_name),
    TEXT("mac", carnet_config_payment_link, mac),
    TEXT("mac_key_file", carnet_config_payment_link, mac_key_file),
    NUMBER("pin_format", carnet_config_payment_link, pin_format),
    TEXT("pin_key_file", carnet_config_payment_link, pin_key_file),
    TEXT("carrier", carnet_config_payment_link, carrier),
    NUMBER("carrier_element", carnet_config_payment_link, carrier_element),
    TEXT("acquirer", carnet_config_payment_link, acquirer),
    TEXTS("match", carnet_config_payment_link, match),
    SWITCH("sign_on", carnet_config_payment_link, sign_on),
    SWITCH("keeps_local_time", carnet_config_payment_link, keeps_local_time),
    NUMBER("echo_seconds", carnet_config_payment_link, echo_seconds),
    NUMBER("answer_ms", carnet_config_payment_link, answer_ms),
    NUMBER("repeat_seconds", carnet_config_payment_link, repeat_seconds),
    NUMBER("connections", carnet_config_payment_link, connections),
    NUMBER("idle_seconds", carnet_config_payment_link, idle_seconds),
    NUMBER("per_second", carnet_config_payment_link, per_second),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t payment_link_entry = { CYAML_VALUE_MAPPING(
    CYAML_FLAG_DEFAULT, carnet_config_payment_link, carnet_config_payment_link_fields) };
static const cyaml_schema_field_t payment_route[] = {
    TEXT_REQUIRED("to", carnet_config_payment_route, to),
    TEXTS("bins", carnet_config_payment_route, bins),
    TEXTS("institutions", carnet_config_payment_route, institutions),
    TEXTS("terminals", carnet_config_payment_route, terminals),
    TEXTS("processing", carnet_config_payment_route, processing),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t payment_route_entry = { CYAML_VALUE_MAPPING(
    CYAML_FLAG_DEFAULT, carnet_config_payment_route, payment_route) };
static const cyaml_schema_field_t acquiring_switch[] = {
    LIST_REQUIRED("terminals", carnet_config_acquiring_switch, terminals, terminal_count, payment_link_entry),
    LIST_REQUIRED("issuers", carnet_config_acquiring_switch, issuers, issuer_count, payment_link_entry),
    LIST("routes", carnet_config_acquiring_switch, routes, route_count, payment_route_entry),
    CYAML_FIELD_END,
};

const cyaml_schema_field_t carnet_config_services_fields[] = {
    SECTION("authorization", carnet_config_services, authorization, authorization),
    SECTION("issuing", carnet_config_services, issuing, issuing),
    SECTION("identification", carnet_config_services, identification, identification),
    SECTION("desk", carnet_config_services, desk, desk),
    SECTION("overview", carnet_config_services, overview, overview),
    SECTION("provider", carnet_config_services, provider, provider),
    SECTION("acquiring_switch", carnet_config_services, acquiring_switch, acquiring_switch),
    SECTION("mobile_app_server", carnet_config_services, mobile_app_server, carnet_config_mobile_app_server_fields),
    SECTION("issuing_authorization", carnet_config_services, issuing_authorization,
            carnet_config_issuing_authorization_fields),
    SECTION("identity_provider", carnet_config_services, identity_provider, carnet_config_identity_provider_fields),
    CYAML_FIELD_END,
};
