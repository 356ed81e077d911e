/* SPDX-License-Identifier: Apache-2.0 */
/* What the holder is asked, and decides. */
#include "internal.h"

/** A grant that was had before: consent was given then, unless new certificates are to be trusted. */
static carnet_rc
renew(carnet_obtain_state *s, carnet_err *err)
{
    static const carnet_obtain_consent as_before = { 0 };

    return carnet_obtain_consent_take(s, &as_before, err);
}

carnet_rc
carnet_obtain_consent_make(carnet_obtain_state *s, carnet_err *err)
{
    return s->only_notify ? renew(s, err) : CARNET_OK;
}

static bool
is_wanted(const carnet_obtain_consent *consent, carnet_str id)
{
    for (size_t i = 0; i < consent->count; i++) {
        if (carnet_str_equal(consent->configuration_ids[i], id)) {
            return true;
        }
    }
    return consent->configuration_ids == NULL;
}

static carnet_str
identifier_of(const carnet_obtain_state *s, carnet_str id)
{
    for (size_t i = 0; i < s->wanted_count; i++) {
        if (carnet_str_equal(s->wanted[i], id)) {
            return s->first_identifiers[i];
        }
    }
    return (carnet_str){ 0 };
}

/** One order for each configuration that is wanted and can be had. */
static carnet_rc
make_orders(carnet_obtain_state *s, const carnet_obtain_consent *consent, carnet_err *err)
{
    const carnet_obtain self = { s };
    carnet_credential_configuration configuration;
    const char *why, *first = NULL;

    s->order_count = 0;
    for (size_t i = 0; carnet_obtain_configuration(&self, i, &configuration, &why); i++) {
        if (!is_wanted(consent, configuration.id)) {
            continue;
        }
        first = first != NULL ? first : why;
        if (why == NULL && s->order_count < CARNET_OBTAIN_CHOSEN_MAX) {
            s->orders[s->order_count++] = (carnet_obtain_order){ configuration.id, identifier_of(s, configuration.id) };
        }
    }
    return s->order_count > 0 ? CARNET_OK
                              : carnet_fail(err, CARNET_E_OBTAIN_UNSUPPORTED, NULL,
                                            first != NULL ? first : "nothing of what is offered is wanted");
}

static carnet_rc
take_tx_code(carnet_obtain_state *s, carnet_str tx_code, carnet_err *err)
{
    if (s->grant != CARNET_GRANT_PRE_AUTHORIZED_CODE || !s->offer.tx_code.required) {
        return CARNET_OK;
    }
    if (tx_code.len == 0) {
        return carnet_fail(err, CARNET_E_OID4VCI_TX_CODE, "OpenID4VCI 4.1.1", "the issuer wants a transaction code");
    }
    carnet_rc rc = carnet_tx_code_check(&s->offer.tx_code, tx_code, err);

    return rc == CARNET_OK ? carnet_obtain_set(&s->tx_code, tx_code, err) : rc;
}

/** The first step after consent. */
static carnet_obtain_step
first_step(const carnet_obtain_state *s)
{
    if (s->attested) {
        return CARNET_STEP_CLIENT_ATTESTATION;
    }
    return s->grant == CARNET_GRANT_AUTHORIZATION_CODE ? CARNET_STEP_PUSH : CARNET_STEP_TOKEN;
}

/** Where a grant that was had before is used: the access token first, while it holds. */
static carnet_obtain_step
renewed_step(carnet_obtain_state *s)
{
    bool holds = s->access_token.len > 0 && (s->expires == 0 || s->expires > s->now + s->p.skew);

    s->after_token = s->only_notify ? CARNET_STEP_NOTIFY : s->resuming ? CARNET_STEP_DEFERRED : CARNET_STEP_KEYS;
    if ((s->only_notify || s->resuming) && (holds || s->refresh_token.len == 0)) {
        return s->after_token;
    }
    return first_step(s);
}

carnet_rc
carnet_obtain_consent_take(carnet_obtain_state *s, const carnet_obtain_consent *consent, carnet_err *err)
{
    carnet_rc rc = take_tx_code(s, consent->tx_code, err);

    s->trust_published = consent->trust_published;
    if (rc == CARNET_OK && !s->only_notify) {
        rc = make_orders(s, consent, err);
    }
    if (rc != CARNET_OK) {
        return rc;
    }
    s->mark = s->texts.len;
    s->after = s->grant == CARNET_GRANT_AUTHORIZATION_CODE ? CARNET_STEP_PUSH : CARNET_STEP_TOKEN;
    s->after_token = CARNET_STEP_KEYS;
    if (!s->renewing) {
        carnet_obtain_forward(s, first_step(s));
        return CARNET_OK;
    }
    s->grant = CARNET_GRANT_REFRESH_TOKEN;
    s->after = CARNET_STEP_TOKEN;
    if (s->resuming) {
        rc = carnet_issuer_metadata_find(&s->metadata, s->orders[0].id, &s->configuration, err);
        rc = rc == CARNET_OK ? carnet_obtain_choose_encryption(s, err) : rc;
    }
    carnet_obtain_forward(s, renewed_step(s));
    return rc;
}
