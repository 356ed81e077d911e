/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/service_config_issuing_authorization.h"
#include "internal.h"

#include <string.h>

static const cyaml_schema_value_t link_entry = { CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, carnet_config_payment_link,
                                                                     carnet_config_payment_link_fields) };

static const cyaml_schema_field_t signer[] = {
    TEXT_REQUIRED("id", carnet_config_authorization_signer, id),
    TEXT_REQUIRED("file", carnet_config_authorization_signer, file),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t signer_entry = { CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT,
                                                                       carnet_config_authorization_signer, signer) };

static const cyaml_schema_field_t peer[] = {
    TEXT_REQUIRED("url", carnet_config_authorization_peer, url),
    TEXT("ca", carnet_config_authorization_peer, ca),
    TEXT("certificate", carnet_config_authorization_peer, certificate),
    TEXT("certificate_key", carnet_config_authorization_peer, certificate_key),
    NUMBER("timeout_ms", carnet_config_authorization_peer, timeout_ms),
    CYAML_FIELD_END,
};

const cyaml_schema_field_t carnet_config_issuing_authorization_fields[] = {
    LIST_REQUIRED("links", carnet_config_issuing_authorization, links, link_count, link_entry),
    TEXT("mode", carnet_config_issuing_authorization, mode),
    LIST("signers", carnet_config_issuing_authorization, signers, signer_count, signer_entry),
    TEXT("jwks", carnet_config_issuing_authorization, jwks),
    TEXT("project_trustmark", carnet_config_issuing_authorization, project_trustmark),
    NUMBER("active_seconds", carnet_config_issuing_authorization, active_seconds),
    NUMBER("skew_seconds", carnet_config_issuing_authorization, skew_seconds),
    NUMBER("stand_in", carnet_config_issuing_authorization, stand_in),
    SWITCH("plain_step_up", carnet_config_issuing_authorization, plain_step_up),
    NUMBER("threads", carnet_config_issuing_authorization, threads),
    NUMBER("asks", carnet_config_issuing_authorization, asks),
    SECTION("mobile_app_server", carnet_config_issuing_authorization, mobile_app_server, peer),
    SECTION("host", carnet_config_issuing_authorization, host, peer),
    CYAML_FIELD_END,
};

/* --- what the keys say to each other --- */

#define HERE "services.issuing_authorization."

static carnet_rc
check_peer(const carnet_config_authorization_peer *p, const char *name, carnet_err *err)
{
    if (p == NULL || (p->certificate == NULL) == (p->certificate_key == NULL))
        return CARNET_OK;
    return carnet_config_fault(err, "a certificate and its key go together", HERE "%s.certificate", name);
}

carnet_rc
carnet_config_check_issuing_authorization(const carnet_config *config, carnet_err *err)
{
    const carnet_config_issuing_authorization *c = config->services->issuing_authorization;
    bool carried;
    carnet_rc rc = CARNET_OK;

    if (c == NULL)
        return CARNET_OK;
    carried = c->mode != NULL && strcmp(c->mode, "carried") == 0;
    if (config->risk_count == 0)
        return carnet_config_fault(err, "without a table of risks (`risk`) nothing is authorised",
                                   "services.issuing_authorization");
    if (carried && c->signer_count == 0 && c->jwks == NULL)
        return carnet_config_fault(err, "vectors that nobody signed are not believed", HERE "signers");
    if (!carried && c->mobile_app_server == NULL)
        return carnet_config_fault(err, "references have to be resolved somewhere", HERE "mobile_app_server");
    for (size_t i = 0; rc == CARNET_OK && i < c->link_count; i++)
        rc = carnet_config_check_payment_link(&c->links[i], "issuing_authorization.links", i, true, err);
    if (rc == CARNET_OK)
        rc = check_peer(c->mobile_app_server, "mobile_app_server", err);
    return rc == CARNET_OK ? check_peer(c->host, "host", err) : rc;
}
