/* SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

const cyaml_schema_value_t carnet_config_text_entry = { CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, 4096) };

static const cyaml_strval_t serves[] = {
    { "public", CARNET_SERVES_PUBLIC },
    { "staff", CARNET_SERVES_STAFF },
    { "admin", CARNET_SERVES_ADMIN },
    { "operations", CARNET_SERVES_OPERATIONS },
};
static const cyaml_schema_field_t listener[] = {
    TEXT_REQUIRED("address", carnet_config_listener, address),
    NUMBER_REQUIRED("port", carnet_config_listener, port),
    CHOICES_REQUIRED("serves", carnet_config_listener, serves, serves),
    NUMBER("threads", carnet_config_listener, threads),
    TEXT("chain", carnet_config_listener, chain),
    TEXT("key", carnet_config_listener, key),
    TEXT("clients", carnet_config_listener, clients),
    TEXTS("trusted_proxies", carnet_config_listener, trusted_proxies),
    SWITCH("forwarded", carnet_config_listener, forwarded),
    TEXT("client_certificate_header", carnet_config_listener, client_certificate_header),
    NUMBER("header_ms", carnet_config_listener, header_ms),
    NUMBER("body_ms", carnet_config_listener, body_ms),
    NUMBER("response_ms", carnet_config_listener, response_ms),
    NUMBER("idle_ms", carnet_config_listener, idle_ms),
    NUMBER("header_octets", carnet_config_listener, header_octets),
    NUMBER("requests_per_connection", carnet_config_listener, requests_per_connection),
    NUMBER("connections", carnet_config_listener, connections),
    NUMBER("connections_per_address", carnet_config_listener, connections_per_address),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t listener_entry = { CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, carnet_config_listener,
                                                                         listener) };

static const cyaml_schema_field_t store[] = {
    TEXT_REQUIRED("place", carnet_config_store, place),
    NUMBER("connections", carnet_config_store, connections),
    NUMBER("patience_ms", carnet_config_store, patience_ms),
    CYAML_FIELD_END,
};

static const cyaml_strval_t area_kinds[] = {
    { "software", CARNET_CONFIG_SOFTWARE },
    { "pkcs11", CARNET_CONFIG_PKCS11 },
    { "tpm2", CARNET_CONFIG_TPM2 },
};
static const cyaml_schema_field_t area[] = {
    TEXT_REQUIRED("name", carnet_config_area, name), CHOICE_REQUIRED("kind", carnet_config_area, kind, area_kinds),
    TEXT("file", carnet_config_area, file),          TEXT("secret_file", carnet_config_area, secret_file),
    TEXT("module", carnet_config_area, module),      TEXT("token", carnet_config_area, token),
    TEXT("tcti", carnet_config_area, tcti),          CYAML_FIELD_END,
};
static const cyaml_schema_value_t area_entry = { CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, carnet_config_area, area) };

static const cyaml_schema_field_t key[] = {
    TEXT_REQUIRED("name", carnet_config_key, name),
    TEXT_REQUIRED("area", carnet_config_key, area),
    TEXT_REQUIRED("identifier", carnet_config_key, identifier),
    TEXT("chain", carnet_config_key, chain),
    TEXT("root", carnet_config_key, root),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t key_entry = { CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, carnet_config_key, key) };

static const cyaml_schema_field_t log_fields[] = {
    TEXT("file", carnet_config_log, file),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t retention[] = {
    NUMBER("offers_days", carnet_config_retention, offers_days),
    NUMBER("grants_days", carnet_config_retention, grants_days),
    NUMBER("evidence_days", carnet_config_retention, evidence_days),
    NUMBER("enrolments_days", carnet_config_retention, enrolments_days),
    NUMBER("credentials_days", carnet_config_retention, credentials_days),
    NUMBER("events_days", carnet_config_retention, events_days),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t top[] = {
    TEXT_REQUIRED("base_url", carnet_config, base_url),
    TEXT("authority", carnet_config, authority),
    TEXT_REQUIRED("secrets", carnet_config, secrets),
    SWITCH("allow_insecure_loopback", carnet_config, allow_insecure_loopback),
    LIST_REQUIRED("listeners", carnet_config, listeners, listener_count, listener_entry),
    SECTION_REQUIRED("store", carnet_config, store, store),
    LIST("areas", carnet_config, areas, area_count, area_entry),
    LIST("keys", carnet_config, keys, key_count, key_entry),
    SECTION("log", carnet_config, log, log_fields),
    SECTION("retention", carnet_config, retention, retention),
    LIST("sources", carnet_config, sources, source_count, carnet_config_source_entry),
    LIST("risk", carnet_config, risk, risk_count, carnet_config_risk_entry),
    SECTION_REQUIRED("services", carnet_config, services, carnet_config_services_fields),
    CYAML_FIELD_END,
};
const cyaml_schema_value_t carnet_config_schema = { CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, carnet_config, top) };
