/* SPDX-License-Identifier: Apache-2.0 */
/* From an offer to all that is known before the holder is asked (OpenID4VCI 4, 12; RFC 8414). */
#include "internal.h"

#include "carnet/attester.h"
#include "carnet/oauth_url.h"

#include <string.h>

/* --- the offer --- */

static carnet_rc
open_offer(carnet_obtain_state *s, carnet_str json, carnet_err *err)
{
    carnet_rc rc = carnet_credential_offer_open(json, s->p.insecure_loopback, &s->offer, err);

    if (rc != CARNET_OK) {
        return rc;
    }
    s->has_offer = true;
    s->issuer = s->offer.credential_issuer;
    carnet_obtain_forward(s, CARNET_STEP_METADATA);
    return CARNET_OK;
}

carnet_rc
carnet_obtain_offer_make(carnet_obtain_state *s, carnet_err *err)
{
    carnet_credential_offer_link link;
    carnet_rc rc;

    s->documents.len = 0;
    rc = carnet_credential_offer_link_open(s->link, s->p.insecure_loopback, &s->documents, &link, err);
    if (rc != CARNET_OK) {
        return rc;
    }
    if (link.json.len > 0) {
        return open_offer(s, link.json, err);
    }
    carnet_obtain_ask(s, CARNET_OBTAIN_OFFER, "GET", link.uri);
    carnet_obtain_field(s, "Accept", carnet_str_of("application/json"));
    return carnet_obtain_asked(s, err);
}

carnet_rc
carnet_obtain_offer_take(carnet_obtain_state *s, const carnet_obtain_answer *answer, carnet_err *err)
{
    return carnet_obtain_good(answer) ? open_offer(s, carnet_obtain_body_text(answer), err)
                                      : carnet_obtain_refused(s, answer, err);
}

/* --- the issuer's metadata --- */

static bool
has_path(carnet_str issuer)
{
    carnet_oauth_url parts;

    return carnet_oauth_url_split(issuer, &parts, NULL) == CARNET_OK && parts.path.len > 1;
}

/** Ask for something well-known of an issuer: before its path, as RFC 8414 and OpenID4VCI 12.2.2 want it, or behind it, where
 *  OpenID Connect Discovery and drafts of OpenID4VCI before 15 have it. */
static carnet_rc
ask_well_known(carnet_obtain_state *s, carnet_obtain_purpose purpose, carnet_str issuer, const char *name, bool below,
               carnet_err *err)
{
    carnet_rc rc = CARNET_OK;

    s->documents.len = 0;
    if (below) {
        issuer.len -= issuer.len > 0 && issuer.ptr[issuer.len - 1] == '/';
        carnet_buf_add_str(&s->documents, issuer);
        carnet_buf_add_text(&s->documents, "/.well-known/");
        carnet_buf_add_text(&s->documents, name);
    } else {
        rc = carnet_well_known_url(issuer, name, s->p.insecure_loopback, &s->documents, err);
    }
    carnet_obtain_ask(s, purpose, "GET", carnet_buf_str(&s->documents));
    return rc;
}

carnet_rc
carnet_obtain_metadata_make(carnet_obtain_state *s, carnet_err *err)
{
    bool ask_signed = s->p.metadata_anchors != NULL && !s->metadata_plain;
    carnet_rc rc =
        ask_well_known(s, CARNET_OBTAIN_ISSUER_METADATA, s->issuer, "openid-credential-issuer", s->metadata_below, err);

    if (rc != CARNET_OK) {
        return rc;
    }
    carnet_obtain_field(s, "Accept",
                        carnet_str_of(!ask_signed            ? "application/json"
                                      : s->p.signed_metadata ? "application/jwt"
                                                             : "application/jwt, application/json;q=0.5"));
    if (s->p.language.len > 0) {
        carnet_obtain_field(s, "Accept-Language", s->p.language);
    }
    s->action.request.limit = CARNET_ISSUER_METADATA_MAX < s->scratch.cap ? CARNET_ISSUER_METADATA_MAX : s->scratch.cap;
    return carnet_obtain_asked(s, err);
}

/** Who signed must be trusted: TLS alone says that without a signature, a signature by just anyone says nothing. */
static carnet_rc
judge_signer(carnet_obtain_state *s, carnet_str text, carnet_err *err)
{
    carnet_attester_trust trust = { .struct_size = sizeof trust, .anchors = s->p.metadata_anchors, .chain_only = true };
    carnet_jws jws;
    carnet_rc rc;

    if (s->p.metadata_anchors == NULL) {
        return carnet_fail(err, CARNET_E_OBTAIN_POLICY, "OpenID4VCI 12.2.3",
                           "the issuer's metadata is signed, which was not asked for");
    }
    s->scratch.len = 0;
    rc = carnet_jws_open_long(text, CARNET_ISSUER_METADATA_MAX, &s->scratch, &jws, err);
    if (rc == CARNET_OK) {
        rc = carnet_attester_verify(&jws, s->issuer, &trust, s->now, s->p.skew, s->p.crypto, err);
    }
    carnet_jws_close(&jws);
    return rc;
}

static carnet_rc
open_signed(carnet_obtain_state *s, carnet_str text, carnet_err *err)
{
    carnet_issuer_metadata_signature signature;
    carnet_rc rc = judge_signer(s, text, err);

    s->scratch.len = 0;
    if (rc == CARNET_OK) {
        rc = carnet_issuer_metadata_open_signed(text, s->issuer, s->p.insecure_loopback, s->now, s->p.skew, s->p.crypto,
                                                &s->scratch, &s->metadata, &signature, err);
    }
    s->metadata_signed = rc == CARNET_OK;
    return rc;
}

static carnet_rc choose_server(carnet_obtain_state *s, carnet_err *err);

carnet_rc
carnet_obtain_metadata_take(carnet_obtain_state *s, const carnet_obtain_answer *answer, carnet_err *err)
{
    carnet_str body = carnet_obtain_body_text(answer);
    bool asked_signed = s->p.metadata_anchors != NULL && !s->metadata_plain;
    carnet_rc rc;

    if (carnet_obtain_not_there(answer) && asked_signed && !s->p.signed_metadata) {
        s->metadata_plain = true; /* it may not know the media type */
        carnet_obtain_again(s);
        return CARNET_OK;
    }
    if (carnet_obtain_not_there(answer) && !s->metadata_below && has_path(s->issuer)) {
        s->metadata_below = true;
        s->metadata_plain = false;
        carnet_obtain_again(s);
        return CARNET_OK;
    }
    if (!carnet_obtain_good(answer)) {
        return carnet_obtain_refused(s, answer, err);
    }
    if (!carnet_obtain_is_jwt(answer) && s->p.signed_metadata) {
        return carnet_fail(err, CARNET_E_OBTAIN_POLICY, "OpenID4VCI 12.2.3", "the issuer's metadata is not signed");
    }
    rc = carnet_obtain_is_jwt(answer)
             ? open_signed(s, body, err)
             : carnet_issuer_metadata_open(body, s->issuer, s->p.insecure_loopback, s->p.crypto, &s->metadata, err);
    if (rc != CARNET_OK) {
        return rc;
    }
    s->has_metadata = true;
    return choose_server(s, err);
}

/* --- the authorization server --- */

static bool
is_server(const carnet_obtain_state *s, carnet_str issuer)
{
    for (size_t i = 0; i < s->metadata.authorization_server_count; i++) {
        if (carnet_str_equal(s->metadata.authorization_servers[i], issuer)) {
            return true;
        }
    }
    return s->metadata.authorization_server_count == 0 && carnet_str_equal(issuer, s->issuer);
}

/** The one the offer names (which must be the issuer's: 4.1.1), that of the grant, or the issuer's first. */
static carnet_rc
choose_server(carnet_obtain_state *s, carnet_err *err)
{
    carnet_str named =
        s->offer.pre_authorized && !s->p.haip ? s->offer.pre_authorized_server : s->offer.authorization_code_server;

    named = s->renewing ? s->server_issuer : named;
    if (named.len > 0 && !is_server(s, named)) {
        return carnet_fail(err, CARNET_E_OAUTH_ISSUER, "OpenID4VCI 4.1.1",
                           "the authorization server that was named is not one of the issuer's");
    }
    s->server_issuer = named.len > 0                                ? named
                       : s->metadata.authorization_server_count > 0 ? s->metadata.authorization_servers[0]
                                                                    : s->issuer;
    carnet_obtain_forward(s, CARNET_STEP_SERVER);
    return CARNET_OK;
}

/** Where the server's metadata may lie, in the order of trying: RFC 8414 3.1, OpenID Connect Discovery 4, and the first name
 *  where the second has it. */
static const struct {
    const char *name;
    bool below;
} places[] = { { "oauth-authorization-server", false },
               { "openid-configuration", true },
               { "oauth-authorization-server", true } };

carnet_rc
carnet_obtain_server_make(carnet_obtain_state *s, carnet_err *err)
{
    carnet_rc rc = ask_well_known(s, CARNET_OBTAIN_SERVER_METADATA, s->server_issuer, places[s->server_place].name,
                                  places[s->server_place].below, err);

    carnet_obtain_field(s, "Accept", carnet_str_of("application/json"));
    return rc == CARNET_OK ? carnet_obtain_asked(s, err) : rc;
}

/** What comes after the metadata: a grant that was had before goes on without anyone asked. */
static carnet_rc
after_discovery(carnet_obtain_state *s, carnet_err *err)
{
    if (!s->renewing) {
        carnet_obtain_forward(s, s->metadata.mdoc_iacas_uri.len > 0 ? CARNET_STEP_IACAS : CARNET_STEP_CONSENT);
        return carnet_obtain_choose_grant(s, err);
    }
    if (s->metadata.mdoc_iacas_uri.len > 0 && !s->only_notify) {
        carnet_obtain_forward(s, CARNET_STEP_IACAS);
        return CARNET_OK;
    }
    carnet_obtain_forward(s, CARNET_STEP_CONSENT);
    return CARNET_OK;
}

carnet_rc
carnet_obtain_server_take(carnet_obtain_state *s, const carnet_obtain_answer *answer, carnet_err *err)
{
    carnet_rc rc;

    if (carnet_obtain_not_there(answer) && s->server_place < (has_path(s->server_issuer) ? 2 : 1)) {
        s->server_place++;
        carnet_obtain_again(s);
        return CARNET_OK;
    }
    if (!carnet_obtain_good(answer)) {
        return carnet_obtain_refused(s, answer, err);
    }
    rc = carnet_authorization_server_metadata_read(carnet_obtain_body_text(answer), s->server_issuer,
                                                   s->p.insecure_loopback, &s->server, err);
    if (rc != CARNET_OK) {
        return rc;
    }
    s->has_server = true;
    if (s->p.haip) {
        rc = carnet_authorization_server_metadata_haip(&s->server, err);
    }
    return rc == CARNET_OK ? after_discovery(s, err) : rc;
}

/* --- certificates the issuer publishes --- */

carnet_rc
carnet_obtain_iacas_make(carnet_obtain_state *s, carnet_err *err)
{
    carnet_obtain_ask(s, CARNET_OBTAIN_IACAS, "GET", s->metadata.mdoc_iacas_uri);
    carnet_obtain_field(s, "Accept", carnet_str_of("application/json"));
    return carnet_obtain_asked(s, err);
}

static bool
is_trusted(const carnet_obtain_state *s, const carnet_certificate *certificate)
{
    carnet_anchor_query query = { .issuer = certificate->subject };
    const carnet_certificate *found;
    size_t cursor = 0;

    while (s->p.anchors != NULL && (found = s->p.anchors->next(s->p.anchors->self, &query, &cursor)) != NULL) {
        if (carnet_span_equal(found->der, certificate->der)) {
            return true;
        }
    }
    return false;
}

/** One that cannot be read is left out: it could not be trusted anyway. */
static void
add_iaca(carnet_obtain_state *s, carnet_span der)
{
    carnet_obtain_iaca *iaca = &s->iacas[s->iaca_count];
    carnet_str kept;

    if (carnet_obtain_remember(s, (carnet_str){ (const char *)der.ptr, der.len }, &kept, NULL) != CARNET_OK ||
        carnet_certificate_open(carnet_str_bytes(kept), &iaca->certificate, NULL) != CARNET_OK ||
        carnet_digest(s->p.crypto, CARNET_SHA256, &iaca->certificate.der, 1, iaca->fingerprint, NULL) != CARNET_OK) {
        return;
    }
    iaca->trusted = is_trusted(s, &iaca->certificate);
    s->iaca_count++;
}

carnet_rc
carnet_obtain_iacas_take(carnet_obtain_state *s, const carnet_obtain_answer *answer, carnet_err *err)
{
    carnet_mdoc_iacas list = { 0 };

    (void)err;
    if (answer->status == 200 && carnet_mdoc_iacas_open(carnet_obtain_body_text(answer), &list, NULL) == CARNET_OK) {
        for (size_t i = 0; i < list.count && s->iaca_count < CARNET_OBTAIN_IACAS_MAX; i++) {
            carnet_span der;

            s->scratch.len = 0;
            if (carnet_mdoc_iacas_certificate(&list, i, &s->scratch, &der, NULL) == CARNET_OK) {
                add_iaca(s, der);
            }
        }
    }
    carnet_mdoc_iacas_done(&list);
    carnet_obtain_forward(s, CARNET_STEP_CONSENT); /* without them a document may still be trusted */
    return CARNET_OK;
}
