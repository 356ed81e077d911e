/* SPDX-License-Identifier: Apache-2.0 */
/* What a caller may look at, to show it or to keep it. */
#include "internal.h"

const carnet_issuer_metadata *
carnet_obtain_metadata(const carnet_obtain *o)
{
    return o->state->has_metadata ? &o->state->metadata : NULL;
}

const carnet_credential_offer *
carnet_obtain_offer(const carnet_obtain *o)
{
    return o->state->has_offer ? &o->state->offer : NULL;
}

/** The i-th configuration's identifier among those offered, asked for, or supported. */
static bool
identifier_at(const carnet_obtain_state *s, size_t i, carnet_str *id)
{
    *id = (carnet_str){ 0 };
    if (s->wanted_count > 0) {
        *id = i < s->wanted_count ? s->wanted[i] : *id;
        return i < s->wanted_count;
    }
    if (s->has_offer) {
        *id = i < s->offer.configuration_count ? s->offer.configuration_ids[i] : *id;
        return i < s->offer.configuration_count;
    }
    return i < s->metadata.configuration_count;
}

bool
carnet_obtain_configuration(const carnet_obtain *o, size_t i, carnet_credential_configuration *configuration,
                            const char **why)
{
    const carnet_obtain_state *s = o->state;
    carnet_proof_kind kind;
    carnet_curve curve;
    bool attested;
    const char *reason = "the issuer does not say what this is";
    carnet_str id;
    carnet_rc rc;

    *configuration = (carnet_credential_configuration){ 0 };
    if (!s->has_metadata || !identifier_at(s, i, &id)) {
        return false;
    }
    rc = id.len > 0 ? carnet_issuer_metadata_find(&s->metadata, id, configuration, NULL)
                    : carnet_issuer_metadata_configuration(&s->metadata, i, configuration, NULL);
    if (rc == CARNET_OK) {
        reason = carnet_obtain_choose(s, configuration, &kind, &attested, &curve);
    } else {
        configuration->id = id;
    }
    if (why != NULL) {
        *why = reason;
    }
    return true;
}

bool
carnet_obtain_needs_browser(const carnet_obtain *o)
{
    return o->state->grant == CARNET_GRANT_AUTHORIZATION_CODE;
}

bool
carnet_obtain_metadata_signed(const carnet_obtain *o)
{
    return o->state->metadata_signed;
}

const carnet_obtain_iaca *
carnet_obtain_iaca_at(const carnet_obtain *o, size_t i)
{
    return i < o->state->iaca_count ? &o->state->iacas[i] : NULL;
}

void
carnet_obtain_granted(const carnet_obtain *o, carnet_obtain_grant *grant)
{
    const carnet_obtain_state *s = o->state;

    *grant = (carnet_obtain_grant){ .credential_issuer = s->issuer,
                                    .authorization_server = s->server_issuer,
                                    .client_id = s->client_id,
                                    .access_token = { s->access_token.bytes, s->access_token.len },
                                    .refresh_token = { s->refresh_token.bytes, s->refresh_token.len },
                                    .expires = s->expires,
                                    .dpop = s->token_dpop,
                                    .attested = s->attested };
}

carnet_str
carnet_obtain_pending(const carnet_obtain *o)
{
    const carnet_obtain_state *s = o->state;

    return s->step == CARNET_STEP_WAIT && s->after_wait == CARNET_STEP_DEFERRED ? carnet_obtain_get(&s->transaction_id)
                                                                                : (carnet_str){ 0 };
}

const char *
carnet_obtain_purpose_text(carnet_obtain_purpose purpose)
{
    static const char *const texts[] = {
        [CARNET_OBTAIN_OFFER] = "the credential offer",
        [CARNET_OBTAIN_ISSUER_METADATA] = "the issuer's metadata",
        [CARNET_OBTAIN_SERVER_METADATA] = "the authorization server's metadata",
        [CARNET_OBTAIN_IACAS] = "the issuer's certificates",
        [CARNET_OBTAIN_CHALLENGE] = "the attestation challenge",
        [CARNET_OBTAIN_PUSHED_REQUEST] = "the authorization request",
        [CARNET_OBTAIN_TOKEN] = "the token request",
        [CARNET_OBTAIN_NONCE] = "the nonce",
        [CARNET_OBTAIN_CREDENTIAL] = "the credential request",
        [CARNET_OBTAIN_DEFERRED] = "the deferred credential request",
        [CARNET_OBTAIN_NOTIFICATION] = "the notification",
    };

    return (size_t)purpose < CARNET_COUNT(texts) ? texts[purpose] : "the request";
}
