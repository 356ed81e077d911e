/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/service_config_identity_provider.h"
#include "internal.h"

#include <stdlib.h>
#include <string.h>

static const cyaml_schema_field_t party[] = {
    TEXT_REQUIRED("id", carnet_config_identity_friend, id),
    TEXTS("keys", carnet_config_identity_friend, keys),
    TEXT("notify_url", carnet_config_identity_friend, notify_url),
    TEXT("backchannel_mode", carnet_config_identity_friend, backchannel_mode),
    TEXT("backchannel_url", carnet_config_identity_friend, backchannel_url),
    NUMBER("rate", carnet_config_identity_friend, rate),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t party_entry = { CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, carnet_config_identity_friend,
                                                                      party) };

static const cyaml_schema_field_t terminal[] = {
    TEXT_REQUIRED("id", carnet_config_identity_terminal, id),
    TEXT("latitude", carnet_config_identity_terminal, latitude),
    TEXT("longitude", carnet_config_identity_terminal, longitude),
    TEXT("reader_key", carnet_config_identity_terminal, reader_key),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t terminal_entry = { CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT,
                                                                         carnet_config_identity_terminal, terminal) };

const cyaml_schema_field_t carnet_config_identity_provider_fields[] = {
    TEXT("id", carnet_config_identity_provider, id),
    TEXT_REQUIRED("token_key", carnet_config_identity_provider, token_key),
    TEXT_REQUIRED("device_key", carnet_config_identity_provider, device_key),
    TEXTS("device_authorities", carnet_config_identity_provider, device_authorities),
    TEXTS("friend_authorities", carnet_config_identity_provider, friend_authorities),
    TEXTS("attesters", carnet_config_identity_provider, attesters),
    TEXTS("document_authorities", carnet_config_identity_provider, document_authorities),
    TEXT("confidence", carnet_config_identity_provider, confidence),
    TEXT("project_trustmark", carnet_config_identity_provider, project_trustmark),
    TEXT("fido_rp_id", carnet_config_identity_provider, fido_rp_id),
    TEXTS("fido_origins", carnet_config_identity_provider, fido_origins),
    LIST("friends", carnet_config_identity_provider, friends, friend_count, party_entry),
    LIST("terminals", carnet_config_identity_provider, terminals, terminal_count, terminal_entry),
    TEXT("push_url", carnet_config_identity_provider, push_url),
    TEXT("ca", carnet_config_identity_provider, ca),
    TEXT("certificate", carnet_config_identity_provider, certificate),
    TEXT("certificate_key", carnet_config_identity_provider, certificate_key),
    NUMBER("level", carnet_config_identity_provider, level),
    NUMBER("renewal_level", carnet_config_identity_provider, renewal_level),
    NUMBER("certificate_days", carnet_config_identity_provider, certificate_days),
    NUMBER("bootstrap_minutes", carnet_config_identity_provider, bootstrap_minutes),
    NUMBER("opportunity_seconds", carnet_config_identity_provider, opportunity_seconds),
    NUMBER("active_seconds", carnet_config_identity_provider, active_seconds),
    NUMBER("token_seconds", carnet_config_identity_provider, token_seconds),
    NUMBER("max_age", carnet_config_identity_provider, max_age),
    NUMBER("attempts", carnet_config_identity_provider, attempts),
    NUMBER("sessions", carnet_config_identity_provider, sessions),
    NUMBER("min_key_rank", carnet_config_identity_provider, min_key_rank),
    NUMBER("radius_m", carnet_config_identity_provider, radius_m),
    SWITCH("key_certified", carnet_config_identity_provider, key_certified),
    SWITCH("device_token", carnet_config_identity_provider, device_token),
    CYAML_FIELD_END,
};

/* --- what the keys say to each other --- */

#define HERE "services.identity_provider."

static carnet_rc
check_backchannel(const carnet_config_identity_friend *f, size_t i, carnet_err *err)
{
    const char *mode = f->backchannel_mode != NULL ? f->backchannel_mode : "poll";

    if (strcmp(mode, "poll") != 0 && strcmp(mode, "ping") != 0 && strcmp(mode, "push") != 0)
        return carnet_config_fault(err, "poll, ping or push", HERE "friends[%zu].backchannel_mode", i);
    if ((strcmp(mode, "poll") == 0) != (f->backchannel_url == NULL))
        return carnet_config_fault(err, "who is pinged or pushed to has a place for it, and nobody else",
                                   HERE "friends[%zu].backchannel_url", i);
    return CARNET_OK;
}

static carnet_rc
check_friends(const carnet_config_identity_provider *c, carnet_err *err)
{
    carnet_rc rc;

    for (size_t i = 0; i < c->friend_count; i++) {
        if ((rc = check_backchannel(&c->friends[i], i, err)) != CARNET_OK)
            return rc;
        for (size_t k = 0; k < i; k++)
            if (strcmp(c->friends[i].id, c->friends[k].id) == 0)
                return carnet_config_fault(err, "another friend has this identifier", HERE "friends[%zu].id", i);
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

static bool
degrees(const char *text, double most)
{
    char *end = NULL;
    const double value = strtod(text, &end);

    return *text != '\0' && *end == '\0' && value >= -most && value <= most;
}

static carnet_rc
check_terminals(const carnet_config_identity_provider *c, carnet_err *err)
{
    for (size_t i = 0; i < c->terminal_count; i++) {
        const carnet_config_identity_terminal *t = &c->terminals[i];

        for (size_t k = 0; k < i; k++)
            if (strcmp(t->id, c->terminals[k].id) == 0)
                return carnet_config_fault(err, "another terminal has this identifier", HERE "terminals[%zu].id", i);
        if ((t->latitude == NULL) != (t->longitude == NULL))
            return carnet_config_fault(err, "a place has latitude and longitude", HERE "terminals[%zu]", i);
        if (t->latitude != NULL && !degrees(t->latitude, 90))
            return carnet_config_fault(err, "degrees from -90 to 90", HERE "terminals[%zu].latitude", i);
        if (t->longitude != NULL && !degrees(t->longitude, 180))
            return carnet_config_fault(err, "degrees from -180 to 180", HERE "terminals[%zu].longitude", i);
    }
    return CARNET_OK;
}

carnet_rc
carnet_config_check_identity_provider(const carnet_config *config, carnet_err *err)
{
    const carnet_config_identity_provider *c = config->services->identity_provider;
    const carnet_config_key *device;
    carnet_rc rc = CARNET_OK;

    if (c == NULL)
        return CARNET_OK;
    if (carnet_config_key_named(config, c->token_key) == NULL)
        return carnet_config_fault(err, "there is no key of this name", HERE "token_key");
    device = carnet_config_key_named(config, c->device_key);
    if (device == NULL || device->chain == NULL)
        return carnet_config_fault(err, device == NULL ? "there is no key of this name" : "this key has no chain",
                                   HERE "device_key");
    if (c->device_authorities.count == 0)
        return carnet_config_fault(err, "without an authority no device is known", HERE "device_authorities");
    if ((c->certificate == NULL) != (c->certificate_key == NULL))
        return carnet_config_fault(err, "a certificate and its key go together", HERE "certificate");
    if ((rc = check_friends(c, err)) == CARNET_OK)
        rc = check_terminals(c, err);
    return rc;
}
