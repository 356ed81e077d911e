/* SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

#include <string.h>

const carnet_config_key *
carnet_config_key_named(const carnet_config *config, const char *name)
{
    for (size_t i = 0; i < config->key_count; i++)
        if (strcmp(config->keys[i].name, name) == 0)
            return &config->keys[i];
    return NULL;
}

static bool
source_named(const carnet_config *config, const char *name)
{
    for (size_t i = 0; i < config->source_count; i++)
        if (strcmp(config->sources[i].name, name) == 0)
            return true;
    return false;
}

static carnet_rc
check_source(const carnet_config *config, size_t i, carnet_err *err)
{
    const carnet_config_source *s = &config->sources[i];
    const char *needs = NULL;

    for (size_t k = 0; k < i; k++)
        if (strcmp(config->sources[k].name, s->name) == 0)
            return carnet_config_fault(err, "another source has this name", "sources[%zu].name", i);
    if (s->kind == CARNET_CONFIG_CSV)
        needs = s->file == NULL ? "file" : NULL;
    else if (s->kind == CARNET_CONFIG_SQL)
        needs = s->place == NULL ? "place" : s->query == NULL ? "query" : NULL;
    else
        needs = s->url == NULL ? "url" : NULL;
    if (needs == NULL)
        return CARNET_OK;
    return carnet_config_fault(err, "a source of this kind needs more keys: doc/carnetd.yaml.md", "sources[%zu].%s", i,
                               needs);
}

static bool
has_method(const carnet_config_identification *have, const char *method)
{
    if (have == NULL)
        return false;
    return strcmp(method, "officer") == 0        ? have->officer != NULL
           : strcmp(method, "presentation") == 0 ? have->presentation != NULL
                                                 : have->oidc != NULL;
}

static carnet_rc
check_credential(const carnet_config *config, size_t i, carnet_err *err)
{
    const carnet_config_credential *list = config->services->issuing->configurations, *c = &list[i];
    const carnet_config_key *signer = carnet_config_key_named(config, c->signer);

    for (size_t k = 0; k < i; k++)
        if (strcmp(list[k].id, c->id) == 0)
            return carnet_config_fault(err, "another configuration has this identifier",
                                       "services.issuing.configurations[%zu].id", i);
    if (strpbrk(c->id, " \"\\\n\t") != NULL)
        return carnet_config_fault(err, "an identifier has no spaces and no quotation marks",
                                   "services.issuing.configurations[%zu].id", i);
    if (signer == NULL || signer->chain == NULL)
        return carnet_config_fault(err, signer == NULL ? "there is no key of this name" : "this key has no chain",
                                   "services.issuing.configurations[%zu].signer", i);
    if (c->source != NULL && !source_named(config, c->source))
        return carnet_config_fault(err, "there is no source of this name",
                                   "services.issuing.configurations[%zu].source", i);
    if (c->identification != NULL && !has_method(config->services->identification, c->identification))
        return carnet_config_fault(err, "services.identification has no such method",
                                   "services.issuing.configurations[%zu].identification", i);
    return CARNET_OK;
}

static carnet_rc
check_issuing(const carnet_config *config, carnet_err *err)
{
    const carnet_config_issuing *issuing = config->services->issuing;
    carnet_rc rc = CARNET_OK;

    if (config->services->authorization == NULL)
        return carnet_config_fault(err, "issuing needs services.authorization", "services.issuing");
    if (issuing->metadata_key != NULL && carnet_config_key_named(config, issuing->metadata_key) == NULL)
        return carnet_config_fault(err, "there is no key of this name", "services.issuing.metadata_key");
    if (issuing->encryption_key != NULL && carnet_config_key_named(config, issuing->encryption_key) == NULL)
        return carnet_config_fault(err, "there is no key of this name", "services.issuing.encryption_key");
    for (size_t i = 0; rc == CARNET_OK && i < issuing->configuration_count; i++)
        rc = check_credential(config, i, err);
    return rc;
}

static carnet_rc
check_presentation(const carnet_config *config, carnet_err *err)
{
    const carnet_config_presentation *presentation = config->services->identification->presentation;
    const carnet_config_key *key;

    for (size_t i = 0; i < presentation->document_count; i++)
        if (presentation->documents[i].elements.count == 0)
            return carnet_config_fault(err, "a document without elements identifies nobody",
                                       "services.identification.presentation.documents[%zu].elements", i);
    if (presentation->reader_key == NULL)
        return CARNET_OK;
    key = carnet_config_key_named(config, presentation->reader_key);
    return key != NULL && key->chain != NULL
               ? CARNET_OK
               : carnet_config_fault(err, key == NULL ? "there is no key of this name" : "this key has no chain",
                                     "services.identification.presentation.reader_key");
}

static bool
has_word(const char *list, const char *word)
{
    const size_t len = strlen(word);

    for (const char *at = strstr(list, word); at != NULL; at = strstr(at + 1, word))
        if ((at == list || at[-1] == ' ') && (at[len] == '\0' || at[len] == ' '))
            return true;
    return false;
}

/* OpenID Connect Core 2 (iss), 3.1.2.1 (scope). */
static carnet_rc
check_oidc(const carnet_config *config, carnet_err *err)
{
    const carnet_config_oidc *oidc = config->services->identification->oidc;
    const bool plain = config->allow_insecure_loopback && strncmp(oidc->issuer, "http://", 7) == 0;

    if (!plain && strncmp(oidc->issuer, "https://", 8) != 0)
        return carnet_config_fault(err, "it must begin with https://", "services.identification.oidc.issuer");
    if (strpbrk(oidc->issuer, "?# ") != NULL)
        return carnet_config_fault(err, "an issuer has no query and no fragment",
                                   "services.identification.oidc.issuer");
    return oidc->scope == NULL || has_word(oidc->scope, "openid")
               ? CARNET_OK
               : carnet_config_fault(err, "openid must be among what is asked for",
                                     "services.identification.oidc.scope");
}

static bool
issuer_named(const carnet_config_acquiring_switch *s, const char *name, size_t before)
{
    for (size_t i = 0; i < before && i < s->issuer_count; i++)
        if (strcmp(s->issuers[i].name, name) == 0)
            return true;
    return false;
}

carnet_rc
carnet_config_check_payment_link(const carnet_config_payment_link *link, const char *list, size_t i, bool listens,
                                 carnet_err *err)
{
    const char *needs = NULL;

    if (!listens && link->port == 0)
        needs = "port";
    else if (link->mac != NULL && link->mac_key_file == NULL)
        needs = "mac_key_file";
    else if ((link->tls_chain == NULL) != (link->tls_key == NULL))
        needs = link->tls_key == NULL ? "tls_key" : "tls_chain";
    else if (listens && link->tls_ca != NULL && link->tls_chain == NULL)
        needs = "tls_chain";
    if (needs == NULL)
        return CARNET_OK;
    return carnet_config_fault(err, "this key is missing beside the others", "services.%s[%zu].%s", list, i, needs);
}

static carnet_rc
check_switch(const carnet_config_acquiring_switch *s, carnet_err *err)
{
    carnet_rc rc = CARNET_OK;

    for (size_t i = 0; rc == CARNET_OK && i < s->terminal_count; i++)
        rc = carnet_config_check_payment_link(&s->terminals[i], "acquiring_switch.terminals", i, true, err);
    for (size_t i = 0; rc == CARNET_OK && i < s->issuer_count; i++)
        if ((rc = carnet_config_check_payment_link(&s->issuers[i], "acquiring_switch.issuers", i, false, err)) ==
                CARNET_OK &&
            issuer_named(s, s->issuers[i].name, i))
            rc = carnet_config_fault(err, "another link has this name", "services.acquiring_switch.issuers[%zu].name",
                                     i);
    for (size_t i = 0; rc == CARNET_OK && i < s->route_count; i++)
        if (!issuer_named(s, s->routes[i].to, s->issuer_count))
            rc = carnet_config_fault(err, "there is no issuer's link of this name",
                                     "services.acquiring_switch.routes[%zu].to", i);
    return rc;
}

carnet_rc
carnet_config_check_services(const carnet_config *config, carnet_err *err)
{
    const carnet_config_services *services = config->services;
    carnet_rc rc = CARNET_OK;

    for (size_t i = 0; rc == CARNET_OK && i < config->source_count; i++)
        rc = check_source(config, i, err);
    if (rc == CARNET_OK && services->issuing != NULL)
        rc = check_issuing(config, err);
    if (rc == CARNET_OK && services->identification != NULL && services->identification->presentation != NULL)
        rc = check_presentation(config, err);
    if (rc == CARNET_OK && services->identification != NULL && services->identification->oidc != NULL)
        rc = check_oidc(config, err);
    if (rc == CARNET_OK && services->provider != NULL &&
        carnet_config_key_named(config, services->provider->attestation_key) == NULL)
        rc = carnet_config_fault(err, "there is no key of this name", "services.provider.attestation_key");
    if (rc == CARNET_OK && services->acquiring_switch != NULL)
        rc = check_switch(services->acquiring_switch, err);
    if (rc == CARNET_OK && (rc = carnet_config_check_risk(config, err)) == CARNET_OK)
        rc = carnet_config_check_mobile_app_server(config, err);
    if (rc == CARNET_OK)
        rc = carnet_config_check_issuing_authorization(config, err);
    if (rc == CARNET_OK)
        rc = carnet_config_check_identity_provider(config, err);
    return rc;
}
