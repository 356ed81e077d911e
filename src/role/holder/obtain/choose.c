/* SPDX-License-Identifier: Apache-2.0 */
/* What of the issuer's possibilities is taken. */
#include "internal.h"

/* --- a document --- */

static carnet_signature_algorithm
algorithm_of(carnet_curve curve)
{
    const carnet_curve_info *info = carnet_curve_get(curve);

    return info != NULL ? info->algorithm : CARNET_SIGNATURE_NONE;
}

/** The best curve of ours for a key that proves itself in this way.  JOSE's ES256 and ES512 are of the NIST curves alone. */
static bool
find_curve(const carnet_obtain_state *s, const carnet_proof_type *type, carnet_curve *curve)
{
    for (size_t i = 0; i < s->p.curve_count; i++) {
        *curve = s->p.curves[i];
        for (size_t n = 0; *curve < CARNET_CURVE_BRAINPOOL_P256R1 && n < type->algorithm_count; n++) {
            if (type->algorithms[n] == algorithm_of(*curve)) {
                return true;
            }
        }
    }
    *curve = CARNET_CURVE_NONE;
    return false;
}

/** A proof without attestation where that is enough; an attestation in a proof before an attestation alone, which shows no
 *  possession. */
static const char *
choose_proof(const carnet_obtain_state *s, const carnet_credential_configuration *c, carnet_proof_kind *kind,
             bool *attested, carnet_curve *curve)
{
    carnet_proof_type usual = { .supported = true, .algorithms = { CARNET_ES256 }, .algorithm_count = 1 };
    const carnet_proof_type *jwt = c->binding ? &c->jwt : &usual;
    bool jwt_can = jwt->supported && find_curve(s, jwt, curve);

    *kind = CARNET_PROOF_JWT;
    *attested = jwt->key_attestations.required;
    if (jwt_can && (!*attested || s->p.key_attestations)) {
        return NULL;
    }
    *kind = CARNET_PROOF_ATTESTATION;
    *attested = true;
    if (c->attestation.supported && s->p.key_attestations && find_curve(s, &c->attestation, curve)) {
        return NULL;
    }
    if ((jwt->supported || c->attestation.supported) && !s->p.key_attestations && (jwt_can || !jwt->supported)) {
        return "the issuer wants keys to be attested, and nobody attests those of this wallet";
    }
    return jwt->supported || c->attestation.supported ? "the issuer takes no keys of the kind this wallet has"
                                                      : "the issuer wants a proof of another kind";
}

const char *
carnet_obtain_choose(const carnet_obtain_state *s, const carnet_credential_configuration *configuration,
                     carnet_proof_kind *kind, bool *attested, carnet_curve *curve)
{
    *kind = CARNET_PROOF_NONE;
    *attested = false;
    *curve = CARNET_CURVE_NONE;
    if (!carnet_str_is(configuration->format, "mso_mdoc")) {
        return "it is of another format";
    }
    if (s->p.haip && configuration->scope.len == 0) {
        return "it has no scope, which HAIP demands";
    }
    return choose_proof(s, configuration, kind, attested, curve);
}

/* --- the authorization --- */

static bool
takes_attestation(const carnet_obtain_state *s)
{
    return carnet_metadata_list_has(&s->server.token_endpoint_auth_methods_supported, CARNET_ATTEST_JWT_CLIENT_AUTH);
}

/** Whether it takes nobody who is not attested. */
static bool
wants_attestation(const carnet_obtain_state *s)
{
    const carnet_metadata_list *methods = &s->server.token_endpoint_auth_methods_supported;

    if (!takes_attestation(s) || carnet_metadata_list_has(methods, "none")) {
        return false;
    }
    return s->grant != CARNET_GRANT_PRE_AUTHORIZED_CODE || !s->server.pre_authorized_grant_anonymous_access_supported;
}

static bool
has_grant(const carnet_obtain_state *s, carnet_grant_type grant)
{
    return carnet_metadata_list_absent(&s->server.grant_types_supported)
               ? grant == CARNET_GRANT_AUTHORIZATION_CODE
               : carnet_metadata_list_has(&s->server.grant_types_supported, carnet_grant_type_name(grant));
}

static carnet_rc
unsupported(carnet_err *err, const char *why)
{
    return carnet_fail(err, CARNET_E_OBTAIN_UNSUPPORTED, NULL, why);
}

static carnet_rc
choose_code_flow(carnet_obtain_state *s, carnet_err *err)
{
    s->grant = CARNET_GRANT_AUTHORIZATION_CODE;
    if (s->server.authorization_endpoint.len == 0 || s->server.token_endpoint.len == 0) {
        return unsupported(err, "the authorization server has no authorization endpoint");
    }
    if (s->server.require_pushed_authorization_requests && s->server.pushed_authorization_request_endpoint.len == 0) {
        return carnet_fail(err, CARNET_E_OAUTH_METADATA, "RFC 9126 5", "pushed requests are required, and impossible");
    }
    if (!carnet_metadata_list_absent(&s->server.code_challenge_methods_supported) &&
        !carnet_metadata_list_has(&s->server.code_challenge_methods_supported, CARNET_PKCE_METHOD)) {
        return unsupported(err, "the authorization server knows no PKCE by S256");
    }
    return CARNET_OK;
}

static carnet_rc
choose_flow(carnet_obtain_state *s, carnet_err *err)
{
    if (s->offer.pre_authorized && !s->p.haip) {
        s->grant = CARNET_GRANT_PRE_AUTHORIZED_CODE;
        return s->server.token_endpoint.len > 0 ? CARNET_OK
                                                : unsupported(err, "the authorization server has no token endpoint");
    }
    if (s->has_offer && !s->offer.authorization_code &&
        (s->offer.pre_authorized || !has_grant(s, CARNET_GRANT_AUTHORIZATION_CODE))) {
        return unsupported(err, s->p.haip ? "the offer has no authorization code flow, which HAIP demands"
                                          : "the offer has no grant this wallet knows");
    }
    return choose_code_flow(s, err);
}

carnet_rc
carnet_obtain_choose_grant(carnet_obtain_state *s, carnet_err *err)
{
    carnet_rc rc = choose_flow(s, err);
    bool dpop_known = carnet_metadata_list_has(&s->server.dpop_signing_alg_values_supported, "ES256");

    if (rc != CARNET_OK) {
        return rc;
    }
    s->attested = s->p.instance_key != NULL && takes_attestation(s);
    s->dpop = s->p.dpop_key != NULL && dpop_known;
    if (!s->attested && wants_attestation(s)) {
        return unsupported(err, "the issuer takes wallets that are attested only, and nobody attests this one");
    }
    if (s->p.haip && (!s->attested || !s->dpop)) {
        return unsupported(err, "HAIP demands that the wallet is attested and its tokens are bound to a key");
    }
    return CARNET_OK;
}

/* --- encryption --- */

/** Our key for the response: fresh each time. */
static carnet_rc
make_key(carnet_obtain_state *s, carnet_err *err)
{
    carnet_rc rc;

    carnet_key_done(&s->encryption_key);
    s->encryption_key = (carnet_key){ 0 };
    rc = carnet_software_key_generate(s->p.crypto, CARNET_CURVE_P256, CARNET_KEY_AGREE, &s->encryption_key, err);
    s->encryption.jwk = (carnet_jwk){ .key = s->encryption_key.public_key,
                                      .key_id = carnet_str_of("1"),
                                      .algorithm = carnet_str_of("ECDH-ES"),
                                      .use = carnet_str_of("enc") };
    return rc;
}

carnet_rc
carnet_obtain_choose_encryption(carnet_obtain_state *s, carnet_err *err)
{
    const carnet_credential_encryption *request = &s->metadata.request_encryption,
                                       *response = &s->metadata.response_encryption;
    bool can_request = request->supported && request->key_count > 0 && request->content != 0;
    bool can_response = response->supported && response->ecdh_es && response->content != 0;

    s->encryption = (carnet_credential_response_encryption){ 0 };
    if (request->required && !can_request) {
        return unsupported(err, "the issuer wants requests encrypted in a way this wallet does not know");
    }
    if (response->required && !can_response) {
        return unsupported(err, "the issuer encrypts in a way this wallet does not know");
    }
    if (s->p.haip && response->required && !can_request) {
        return carnet_fail(err, CARNET_E_OBTAIN_POLICY, "OpenID4VCI 8.2",
                           "the issuer wants a response encrypted to a key that it takes unprotected");
    }
    /* A response that must be encrypted is asked for in the clear where the issuer has no key: some have none. */
    if (!can_response || (!can_request && !response->required) ||
        !carnet_credential_content_choose(response->content, &s->encryption.content)) {
        return CARNET_OK;
    }
    s->encryption.wanted = true;
    return make_key(s, err);
}
