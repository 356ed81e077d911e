/* SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

#include <string.h>

static const char *const hashes[] = { "SHA-256", "SHA-384", "SHA-512", NULL };
static const char *const algorithms[] = { "ES256", "ES384", "ES512", "EdDSA", NULL };
static const char *const proofs[] = { "jwt", "attestation", NULL };
static const char *const deferrals[] = { "source", "never", "always", NULL };
static const char *const methods[] = { "officer", "presentation", "oidc", NULL };
static const char *const versions[] = { "1987", "1993", "2003", NULL };
static const char *const macs[] = { "retail", "retail-2", "aes-cmac", NULL };
static const char *const carriers[] = { "text", "tlv", "tlv-short", NULL };
static const char *const matches[] = { "7", "11", "32", "37", "41", NULL };
static const char *const profiles[] = { "strict", "nist", "p1940", "grid", NULL };
static const char *const impacts[] = { "none", "low", "moderate", "high", NULL };
static const char *const notifications[] = { "poll", "ping", "push", NULL };
static const char *const modes[] = { "reference", "carried", NULL };
static const char *const http_methods[] = { "get", "post", NULL };

/* In the order of the schema. */
static const carnet_config_rule rules[] = {
    { "secrets", .file = true },
    { "listeners[].port", 0, 65535 },
    { "listeners[].threads", 1, 64 },
    { "listeners[].chain", .file = true },
    { "listeners[].key", .file = true },
    { "listeners[].clients", .file = true },
    { "listeners[].header_ms", 100, 600000 },
    { "listeners[].body_ms", 100, 600000 },
    { "listeners[].response_ms", 100, 600000 },
    { "listeners[].idle_ms", 100, 600000 },
    { "listeners[].header_octets", 1024, 131072 },
    { "listeners[].requests_per_connection", 1, 1000000 },
    { "listeners[].connections", 1, 100000 },
    { "listeners[].connections_per_address", 1, 100000 },
    { "store.connections", 1, 256 },
    { "store.patience_ms", 1, 600000 },
    { "areas[].file", .file = true },
    { "areas[].secret_file", .file = true },
    { "keys[].chain", .file = true },
    { "keys[].root", .file = true },
    { "log.file", .file = true },
    { "retention.offers_days", 1, 3650 },
    { "retention.grants_days", 1, 3650 },
    { "retention.evidence_days", 1, 3650 },
    { "retention.enrolments_days", 1, 36500 },
    { "retention.credentials_days", 1, 36500 },
    { "retention.events_days", 1, 36500 },
    { "sources[].file", .file = true },
    { "sources[].connections", 1, 64 },
    { "sources[].files", .file = true },
    { "sources[].method", .words = http_methods },
    { "sources[].ca", .file = true },
    { "sources[].certificate", .file = true },
    { "sources[].certificate_key", .file = true },
    { "sources[].bearer_file", .file = true },
    { "sources[].timeout_ms", 100, 120000 },
    { "risk[].profile", .words = profiles },
    { "risk[].impact[]", .words = impacts },
    { "risk[].likelihood", 1, 5 },
    { "risk[].severity", 1, 5 },
    { "services.authorization.wallet_attesters[]", .file = true },
    { "services.authorization.request_seconds", 5, 3600 },
    { "services.authorization.identification_seconds", 60, 604800 },
    { "services.authorization.code_seconds", 5, 600 },
    { "services.authorization.access_seconds", 30, 86400 },
    { "services.authorization.nonce_seconds", 30, 86400 },
    { "services.authorization.proof_seconds", 5, 3600 },
    { "services.authorization.skew_seconds", 1, 600 },
    { "services.issuing.configurations[].doctype_file", .file = true },
    { "services.issuing.configurations[].identification", .words = methods },
    { "services.issuing.configurations[].valid_days", 1, 3650 },
    { "services.issuing.configurations[].expected_update_days", 1, 3650 },
    { "services.issuing.configurations[].round_hours", 1, 720 },
    { "services.issuing.configurations[].hash", .words = hashes },
    { "services.issuing.configurations[].batch_max", 1, 100 },
    { "services.issuing.configurations[].key_algorithms[]", .words = algorithms },
    { "services.issuing.configurations[].proof_types[]", .words = proofs },
    { "services.issuing.configurations[].refresh_days", 1, 3650 },
    { "services.issuing.configurations[].reissue_before_days", 1, 3650 },
    { "services.issuing.configurations[].reissue_max", 1, 1000000 },
    { "services.issuing.configurations[].deferral", .words = deferrals },
    { "services.issuing.configurations[].deferred_interval_seconds", 1, 86400 },
    { "services.issuing.configurations[].display_file", .file = true },
    { "services.issuing.configurations[].claims_file", .file = true },
    { "services.issuing.display_file", .file = true },
    { "services.issuing.nonce_seconds", 30, 86400 },
    { "services.issuing.key_attesters[]", .file = true },
    { "services.issuing.offer_seconds", 60, 7776000 },
    { "services.issuing.tx_code_attempts", 1, 20 },
    { "services.identification.officer.case_hours", 1, 8760 },
    { "services.identification.presentation.trust", .file = true },
    { "services.identification.oidc.client_secret_file", .file = true },
    { "services.identification.oidc.ca", .file = true },
    { "services.identification.oidc.timeout_ms", 100, 120000 },
    { "services.desk.session_minutes", 1, 1440 },
    { "services.overview.expiry_days", 1, 3650 },
    { "services.provider.attestation_hours", 1, 8760 },
    { "services.provider.tpm_keys_file", .file = true },
    { "services.provider.ca", .file = true },
    { "services.acquiring_switch.terminals[].port", 0, 65535 },
    { "services.acquiring_switch.terminals[].version", .words = versions },
    { "services.acquiring_switch.terminals[].spec_file", .file = true },
    { "services.acquiring_switch.terminals[].tls_chain", .file = true },
    { "services.acquiring_switch.terminals[].tls_key", .file = true },
    { "services.acquiring_switch.terminals[].tls_ca", .file = true },
    { "services.acquiring_switch.terminals[].mac", .words = macs },
    { "services.acquiring_switch.terminals[].mac_key_file", .file = true },
    { "services.acquiring_switch.terminals[].pin_format", 0, 4 },
    { "services.acquiring_switch.terminals[].pin_key_file", .file = true },
    { "services.acquiring_switch.terminals[].carrier", .words = carriers },
    { "services.acquiring_switch.terminals[].carrier_element", 48, 127 },
    { "services.acquiring_switch.terminals[].match[]", .words = matches },
    { "services.acquiring_switch.terminals[].key_change_key_file", .file = true },
    { "services.acquiring_switch.terminals[].echo_seconds", 1, 86400 },
    { "services.acquiring_switch.terminals[].answer_ms", 100, 600000 },
    { "services.acquiring_switch.terminals[].repeat_seconds", 1, 86400 },
    { "services.acquiring_switch.terminals[].connections", 1, 100000 },
    { "services.acquiring_switch.terminals[].idle_seconds", 1, 86400 },
    { "services.acquiring_switch.issuers[].port", 0, 65535 },
    { "services.acquiring_switch.issuers[].version", .words = versions },
    { "services.acquiring_switch.issuers[].spec_file", .file = true },
    { "services.acquiring_switch.issuers[].tls_chain", .file = true },
    { "services.acquiring_switch.issuers[].tls_key", .file = true },
    { "services.acquiring_switch.issuers[].tls_ca", .file = true },
    { "services.acquiring_switch.issuers[].mac", .words = macs },
    { "services.acquiring_switch.issuers[].mac_key_file", .file = true },
    { "services.acquiring_switch.issuers[].pin_format", 0, 4 },
    { "services.acquiring_switch.issuers[].pin_key_file", .file = true },
    { "services.acquiring_switch.issuers[].carrier", .words = carriers },
    { "services.acquiring_switch.issuers[].carrier_element", 48, 127 },
    { "services.acquiring_switch.issuers[].match[]", .words = matches },
    { "services.acquiring_switch.issuers[].key_change_key_file", .file = true },
    { "services.acquiring_switch.issuers[].echo_seconds", 1, 86400 },
    { "services.acquiring_switch.issuers[].answer_ms", 100, 600000 },
    { "services.acquiring_switch.issuers[].repeat_seconds", 1, 86400 },
    { "services.acquiring_switch.issuers[].connections", 1, 100000 },
    { "services.acquiring_switch.issuers[].idle_seconds", 1, 86400 },
    { "services.mobile_app_server.provider_keys[]", .file = true },
    { "services.mobile_app_server.ca", .file = true },
    { "services.mobile_app_server.certificate", .file = true },
    { "services.mobile_app_server.certificate_key", .file = true },
    { "services.mobile_app_server.notify", .words = notifications },
    { "services.mobile_app_server.device_authorities[]", .file = true },
    { "services.mobile_app_server.terminal_authorities[]", .file = true },
    { "services.mobile_app_server.friend_authorities[]", .file = true },
    { "services.mobile_app_server.acquirers[].key_file", .file = true },
    { "services.mobile_app_server.terminals[].multiple", 1, 1000000000 },
    { "services.mobile_app_server.currencies[].multiple", 1, 1000000000 },
    { "services.mobile_app_server.currencies[].max", 1, 4000000000 },
    { "services.mobile_app_server.currencies[].daily", 1, 4000000000 },
    { "services.mobile_app_server.staged_minutes", 1, 1440 },
    { "services.mobile_app_server.session_seconds", 30, 600 },
    { "services.mobile_app_server.attempts", 1, 10 },
    { "services.mobile_app_server.step_ups", 1, 3 },
    { "services.mobile_app_server.waits", 1, 64 },
    { "services.issuing_authorization.links[].port", 0, 65535 },
    { "services.issuing_authorization.links[].version", .words = versions },
    { "services.issuing_authorization.links[].spec_file", .file = true },
    { "services.issuing_authorization.links[].tls_chain", .file = true },
    { "services.issuing_authorization.links[].tls_key", .file = true },
    { "services.issuing_authorization.links[].tls_ca", .file = true },
    { "services.issuing_authorization.links[].mac", .words = macs },
    { "services.issuing_authorization.links[].mac_key_file", .file = true },
    { "services.issuing_authorization.links[].pin_format", 0, 4 },
    { "services.issuing_authorization.links[].pin_key_file", .file = true },
    { "services.issuing_authorization.links[].carrier", .words = carriers },
    { "services.issuing_authorization.links[].carrier_element", 48, 127 },
    { "services.issuing_authorization.links[].match[]", .words = matches },
    { "services.issuing_authorization.links[].key_change_key_file", .file = true },
    { "services.issuing_authorization.links[].echo_seconds", 1, 86400 },
    { "services.issuing_authorization.links[].answer_ms", 100, 600000 },
    { "services.issuing_authorization.links[].repeat_seconds", 1, 86400 },
    { "services.issuing_authorization.links[].connections", 1, 100000 },
    { "services.issuing_authorization.links[].idle_seconds", 1, 86400 },
    { "services.issuing_authorization.mode", .words = modes },
    { "services.issuing_authorization.signers[].file", .file = true },
    { "services.issuing_authorization.jwks", .file = true },
    { "services.issuing_authorization.active_seconds", 10, 3600 },
    { "services.issuing_authorization.skew_seconds", 1, 600 },
    { "services.issuing_authorization.stand_in", 0, 4000000000 },
    { "services.issuing_authorization.threads", 1, 64 },
    { "services.issuing_authorization.asks", 1, 64 },
    { "services.issuing_authorization.mobile_app_server.ca", .file = true },
    { "services.issuing_authorization.mobile_app_server.certificate", .file = true },
    { "services.issuing_authorization.mobile_app_server.certificate_key", .file = true },
    { "services.issuing_authorization.mobile_app_server.timeout_ms", 100, 60000 },
    { "services.issuing_authorization.host.ca", .file = true },
    { "services.issuing_authorization.host.certificate", .file = true },
    { "services.issuing_authorization.host.certificate_key", .file = true },
    { "services.issuing_authorization.host.timeout_ms", 100, 60000 },
};

/* Equal, whatever the index between the brackets. */
static bool
same_path(const char *pattern, const char *path)
{
    while (*pattern != '\0' && *pattern == *path) {
        if (*pattern == '[')
            path += strspn(path + 1, "0123456789");
        pattern++;
        path++;
    }
    return *pattern == '\0' && *path == '\0';
}

const carnet_config_rule *
carnet_config_rule_of(const char *path)
{
    for (size_t i = 0; i < CARNET_COUNT(rules); i++)
        if (same_path(rules[i].path, path))
            return &rules[i];
    return NULL;
}
