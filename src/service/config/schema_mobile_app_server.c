/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/service_config_mobile_app_server.h"
#include "internal.h"

#include <string.h>

static const cyaml_schema_field_t acquirer[] = {
    TEXT_REQUIRED("name", carnet_config_app_acquirer, name),
    TEXT_REQUIRED("key_file", carnet_config_app_acquirer, key_file),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t acquirer_entry = { CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, carnet_config_app_acquirer,
                                                                         acquirer) };

static const cyaml_schema_field_t terminal[] = {
    TEXT_REQUIRED("id", carnet_config_app_terminal, id),
    TEXT_REQUIRED("label", carnet_config_app_terminal, label),
    TEXT_REQUIRED("acquirer", carnet_config_app_terminal, acquirer),
    NUMBER("multiple", carnet_config_app_terminal, multiple),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t terminal_entry = { CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, carnet_config_app_terminal,
                                                                         terminal) };

static const cyaml_schema_field_t issuer[] = {
    TEXT_REQUIRED("id", carnet_config_app_friend, id),
    TEXTS("keys", carnet_config_app_friend, keys),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t issuer_entry = { CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, carnet_config_app_friend,
                                                                       issuer) };

static const cyaml_schema_field_t currency[] = {
    TEXT_REQUIRED("number", carnet_config_app_currency, number),
    NUMBER("multiple", carnet_config_app_currency, multiple),
    NUMBER("max", carnet_config_app_currency, max),
    NUMBER("daily", carnet_config_app_currency, daily),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t currency_entry = { CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, carnet_config_app_currency,
                                                                         currency) };

const cyaml_schema_field_t carnet_config_mobile_app_server_fields[] = {
    TEXT_REQUIRED("rp_id", carnet_config_mobile_app_server, rp_id),
    TEXT_REQUIRED("provider", carnet_config_mobile_app_server, provider),
    TEXT("provider_id", carnet_config_mobile_app_server, provider_id),
    TEXTS("provider_keys", carnet_config_mobile_app_server, provider_keys),
    TEXT("ca", carnet_config_mobile_app_server, ca),
    TEXT_REQUIRED("certificate", carnet_config_mobile_app_server, certificate),
    TEXT_REQUIRED("certificate_key", carnet_config_mobile_app_server, certificate_key),
    TEXT("project_trustmark", carnet_config_mobile_app_server, project_trustmark),
    TEXT("notify", carnet_config_mobile_app_server, notify),
    TEXT("document_request", carnet_config_mobile_app_server, document_request),
    TEXTS("device_authorities", carnet_config_mobile_app_server, device_authorities),
    TEXTS("terminal_authorities", carnet_config_mobile_app_server, terminal_authorities),
    TEXTS("friend_authorities", carnet_config_mobile_app_server, friend_authorities),
    LIST("acquirers", carnet_config_mobile_app_server, acquirers, acquirer_count, acquirer_entry),
    LIST("terminals", carnet_config_mobile_app_server, terminals, terminal_count, terminal_entry),
    LIST("friends", carnet_config_mobile_app_server, friends, friend_count, issuer_entry),
    LIST_REQUIRED("currencies", carnet_config_mobile_app_server, currencies, currency_count, currency_entry),
    TEXT("token_prefix", carnet_config_mobile_app_server, token_prefix),
    NUMBER("staged_minutes", carnet_config_mobile_app_server, staged_minutes),
    NUMBER("session_seconds", carnet_config_mobile_app_server, session_seconds),
    NUMBER("attempts", carnet_config_mobile_app_server, attempts),
    NUMBER("step_ups", carnet_config_mobile_app_server, step_ups),
    NUMBER("waits", carnet_config_mobile_app_server, waits),
    SWITCH("rearm", carnet_config_mobile_app_server, rearm),
    CYAML_FIELD_END,
};

/* --- what the keys say to each other --- */

#define HERE "services.mobile_app_server."

static bool
digits(const char *text, size_t min, size_t max)
{
    const size_t len = strlen(text);

    return len >= min && len <= max && strspn(text, "0123456789") == len;
}

static bool
has_acquirer(const carnet_config_mobile_app_server *c, const char *name)
{
    for (size_t i = 0; i < c->acquirer_count; i++)
        if (strcmp(c->acquirers[i].name, name) == 0)
            return true;
    return false;
}

static carnet_rc
check_terminals(const carnet_config_mobile_app_server *c, carnet_err *err)
{
    for (size_t i = 0; i < c->terminal_count; i++) {
        if (strlen(c->terminals[i].id) > 16)
            return carnet_config_fault(err, "a terminal's identifier has at most 16 characters",
                                       HERE "terminals[%zu].id", i);
        for (size_t k = 0; k < i; k++)
            if (strcmp(c->terminals[i].id, c->terminals[k].id) == 0)
                return carnet_config_fault(err, "another terminal has this identifier", HERE "terminals[%zu].id", i);
        if (!has_acquirer(c, c->terminals[i].acquirer))
            return carnet_config_fault(err, "there is no acquirer of this name", HERE "terminals[%zu].acquirer", i);
    }
    return CARNET_OK;
}

static carnet_rc
check_friends(const carnet_config_mobile_app_server *c, carnet_err *err)
{
    for (size_t i = 0; i < c->friend_count; i++) {
        if (c->friends[i].keys.count == 0)
            return carnet_config_fault(err, "a friend without keys is nobody", HERE "friends[%zu].keys", i);
        for (size_t k = 0; k < c->friends[i].keys.count; k++) {
            const char *key = c->friends[i].keys.list[k];

            if (strlen(key) != 64 || strspn(key, "0123456789abcdefABCDEF") != 64)
                return carnet_config_fault(err, "a key is given by 64 hexadecimal digits", HERE "friends[%zu].keys", i);
        }
    }
    return CARNET_OK;
}

carnet_rc
carnet_config_check_mobile_app_server(const carnet_config *config, carnet_err *err)
{
    const carnet_config_mobile_app_server *c = config->services->mobile_app_server;
    carnet_rc rc = CARNET_OK;

    if (c == NULL)
        return CARNET_OK;
    if (c->provider_keys.count == 0)
        return carnet_config_fault(err, "tokens that nobody signed are not believed", HERE "provider_keys");
    if (c->device_authorities.count == 0)
        return carnet_config_fault(err, "without an authority no device is known", HERE "device_authorities");
    if (c->token_prefix != NULL && !digits(c->token_prefix, 4, 10))
        return carnet_config_fault(err, "a prefix has 4 to 10 digits", HERE "token_prefix");
    for (size_t i = 0; i < c->currency_count; i++)
        if (!digits(c->currencies[i].number, 3, 3))
            return carnet_config_fault(err, "a currency is three digits", HERE "currencies[%zu].number", i);
    if ((rc = check_terminals(c, err)) == CARNET_OK)
        rc = check_friends(c, err);
    return rc;
}
