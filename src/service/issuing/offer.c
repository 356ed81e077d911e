/* SPDX-License-Identifier: Apache-2.0 */
/* Offers (OpenID4VCI 4): made and kept, read by their reference. */
#include "internal.h"

#include "carnet/credential_offer.h"
#include "carnet/store_event.h"

#include <string.h>

#define PREFIX "openid-credential-offer://"

enum { NAMES_MAX = 4096, LINK_MAX = 3 * CARNET_ISSUING_OFFER_MAX, DIGITS = 10 };

/* An offer on its way into the store. */
typedef struct making {
    const carnet_issuing *issuing;
    carnet_service_worker *worker;
    const carnet_issuing_offer_spec *spec;
    carnet_buf *room;
    carnet_issuing_offer *offer;
    char code[CARNET_SERVICE_TOKEN + 1], state[CARNET_SERVICE_TOKEN + 1];
    uint8_t code_hash[CARNET_SERVICE_HASH], state_hash[CARNET_SERVICE_HASH], reference_hash[CARNET_SERVICE_HASH],
        verifier[CARNET_SERVICE_HASH];
    carnet_store_offer record;
    carnet_time now;
} making;

static carnet_rc
room_for(carnet_service_worker *worker, size_t size, carnet_buf *buf, carnet_err *err)
{
    *buf = carnet_service_scratch_buf(worker, size);
    return buf->cap < size ? carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL) : CARNET_OK;
}

/* Take the room from `at` on as text. */
static carnet_str
since(const carnet_buf *room, size_t at)
{
    return (carnet_str){ (const char *)room->ptr + at, room->len - at };
}

/* --- what is asked for --- */

/* Who makes an offer is told which element is at fault. */
static carnet_rc
explain(carnet_rc rc, carnet_err *err)
{
    char text[sizeof(err->reason)];
    carnet_buf out = carnet_buf_of(text, sizeof(text) - 1);

    if (err == NULL || err->path[0] == '\0')
        return rc;
    carnet_buf_add_text(&out, err->path);
    carnet_buf_add_text(&out, ": ");
    carnet_buf_add_text(&out,
                        err->reason[0] != '\0' ? err->reason : carnet_rc_text(rc)); /* left out if it does not fit */
    for (size_t i = 0; i < out.len; i++) /* RFC 6749 5.2: no quotation marks */
        text[i] = text[i] == '"' ? '\'' : text[i];
    text[out.len] = '\0';
    memcpy(err->reason, text, out.len + 1);
    return rc;
}

static carnet_rc
check_claims(making *m, const carnet_issuing_document *document, carnet_err *err)
{
    carnet_issuing_exchange x = { .issuing = m->issuing, .worker = m->worker };
    carnet_claims_options options = { .doctype = document->policy.doctype };
    carnet_element *elements = carnet_service_scratch(m->worker, CARNET_ISSUE_ELEMENTS_MAX * sizeof(*elements));
    carnet_json *claims = NULL;
    carnet_buf storage;
    size_t count;
    carnet_rc rc = room_for(m->worker, CARNET_ISSUING_CLAIMS_MAX, &storage, err);

    if (rc != CARNET_OK || elements == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    rc = carnet_json_parse(m->spec->claims, &claims, err);
    if (rc == CARNET_OK)
        rc = carnet_issuing_claims_narrow(&x, document, &claims, err);
    if (rc == CARNET_OK)
        rc = carnet_claims_read(claims, &options, &storage, elements, CARNET_ISSUE_ELEMENTS_MAX, &count, err);
    carnet_json_free(&claims);
    return rc == CARNET_OK ? rc : explain(rc, err);
}

static carnet_rc
check_spec(making *m, carnet_err *err)
{
    const carnet_issuing_offer_spec *spec = m->spec;
    int64_t most = m->issuing->policy.offer_most;

    if (spec->configuration_count == 0 || spec->configuration_count > CARNET_CREDENTIAL_OFFER_CONFIGURATIONS_MAX)
        return carnet_fail(err, CARNET_E_OID4VCI_CONFIGURATION, "OpenID4VCI 4.1.1", "an offer is of 1 to 32 documents");
    if (!spec->pre_authorized && !spec->authorization_code)
        return carnet_fail(err, CARNET_E_OID4VCI_OFFER, "OpenID4VCI 4.1.1", "an offer needs a grant");
    if (spec->subject.len > CARNET_SOURCE_SUBJECT_MAX || (spec->pre_authorized && spec->subject.len == 0))
        return carnet_fail(err, CARNET_E_ISSUING_SUBJECT, NULL,
                           "a pre-authorized offer is for a person: a subject reference of 1 to 128 octets");
    if (spec->claims.len > CARNET_ISSUING_CLAIMS_MAX - CARNET_SERVICE_SEALING)
        return carnet_fail(err, CARNET_E_LIMIT, NULL, "the claims are too long");
    if (spec->lifetime < 0 || spec->lifetime > most)
        return carnet_fail(err, CARNET_E_OID4VCI_OFFER, NULL, "the offer would be good for longer than allowed");
    return CARNET_OK;
}

/* The record's list of configurations, a space between them. */
static carnet_rc
check_configurations(making *m, carnet_err *err)
{
    carnet_buf names;
    carnet_rc rc = room_for(m->worker, NAMES_MAX, &names, err);

    for (size_t i = 0; rc == CARNET_OK && i < m->spec->configuration_count; i++) {
        const carnet_issuing_document *document = carnet_issuing_find(m->issuing, m->spec->configurations[i]);

        if (document == NULL)
            return carnet_fail(err, CARNET_E_OID4VCI_CONFIGURATION, NULL, "there is no such credential configuration");
        if (i != 0)
            carnet_buf_add_byte(&names, ' ');
        carnet_buf_add_str(&names, document->policy.configuration);
        if (m->spec->claims.len != 0)
            rc = check_claims(m, document, err);
        else if (m->spec->pre_authorized && document->source == NULL)
            rc = carnet_fail(err, CARNET_E_ISSUING_SUBJECT, NULL, "there is no source for this document: give claims");
    }
    m->record.configurations = carnet_buf_str(&names);
    return rc == CARNET_OK && names.overflow ? carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL) : rc;
}

/* --- what is made --- */

/* Digits without bias: octets from 250 on are thrown away. */
static carnet_rc
make_digits(making *m, char *out, unsigned count, carnet_err *err)
{
    uint8_t octet;
    unsigned made = 0;
    carnet_rc rc;

    while (made < count) {
        rc = carnet_random_fill(&m->worker->random, &octet, 1, err);
        if (rc != CARNET_OK)
            return rc;
        if (octet < 250)
            out[made++] = (char)('0' + octet % DIGITS);
    }
    out[made] = '\0';
    return CARNET_OK;
}

static carnet_rc
make_secrets(making *m, carnet_err *err)
{
    const carnet_issuing_policy *policy = &m->issuing->policy;
    carnet_rc rc = carnet_service_token_make(m->worker, m->offer->reference, m->reference_hash, err);

    m->record.reference_hash = carnet_span_of(m->reference_hash, CARNET_SERVICE_HASH);
    if (rc == CARNET_OK && m->spec->authorization_code) {
        rc = carnet_service_token_make(m->worker, m->state, m->state_hash, err);
        m->record.issuer_state_hash = carnet_span_of(m->state_hash, CARNET_SERVICE_HASH);
    }
    if (rc == CARNET_OK && m->spec->pre_authorized) {
        rc = carnet_service_token_make(m->worker, m->code, m->code_hash, err);
        m->record.code_hash = carnet_span_of(m->code_hash, CARNET_SERVICE_HASH);
    }
    if (rc != CARNET_OK || !m->spec->pre_authorized || !m->spec->tx_code)
        return rc;
    rc = make_digits(m, m->offer->tx_code, policy->tx_code_length, err);
    if (rc == CARNET_OK)
        rc = carnet_authorization_tx_code(m->worker, m->code_hash, carnet_str_of(m->offer->tx_code), m->verifier, err);
    m->record.tx_code = carnet_span_of(m->verifier, CARNET_SERVICE_HASH);
    m->record.attempts = policy->tx_code_attempts;
    return rc;
}

static carnet_rc
write_offer(making *m, carnet_err *err)
{
    const carnet_issuing_offer_spec *spec = m->spec;
    carnet_credential_offer offer = { .credential_issuer = carnet_service_base_url(m->issuing->context),
                                      .configuration_count = spec->configuration_count,
                                      .authorization_code = spec->authorization_code,
                                      .issuer_state = carnet_str_of(m->state),
                                      .pre_authorized = spec->pre_authorized,
                                      .pre_authorized_code = carnet_str_of(m->code) };
    size_t at = m->room->len;
    carnet_rc rc;

    for (size_t i = 0; i < spec->configuration_count; i++)
        offer.configuration_ids[i] = spec->configurations[i];
    if (m->offer->tx_code[0] != '\0') {
        offer.tx_code.required = true;
        offer.tx_code.length = (uint16_t)strlen(m->offer->tx_code);
        offer.tx_code.description = spec->tx_code_description;
    }
    rc = carnet_credential_offer_build(&offer, m->room, err);
    m->offer->json = since(m->room, at);
    return rc;
}

static carnet_rc
write_links(const carnet_issuing *issuing, carnet_str reference, carnet_str json, carnet_buf *room, carnet_str *link,
            carnet_str *by_reference, carnet_err *err)
{
    carnet_credential_offer_link value = { .json = json }, uri = { 0 };
    size_t at = room->len;
    carnet_rc rc;

    carnet_buf_add_str(room, carnet_service_base_url(issuing->context));
    carnet_buf_add_text(room, "/offers/");
    carnet_buf_add_str(room, reference);
    uri.uri = since(room, at);
    at = room->len;
    rc = carnet_credential_offer_link_build(carnet_str_of(PREFIX), &value, room, err);
    *link = since(room, at);
    at = room->len;
    if (rc == CARNET_OK)
        rc = carnet_credential_offer_link_build(carnet_str_of(PREFIX), &uri, room, err);
    *by_reference = since(room, at);
    return rc == CARNET_OK && room->overflow ? carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL) : rc;
}

static carnet_rc
seal_parts(making *m, carnet_err *err)
{
    carnet_buf document, claims;
    carnet_rc rc = room_for(m->worker, m->offer->json.len + CARNET_SERVICE_SEALING, &document, err);

    if (rc == CARNET_OK)
        rc = carnet_service_seal(m->worker, CARNET_ISSUING_SEALED_OFFER, m->record.reference_hash,
                                 carnet_str_bytes(m->offer->json), &document, err);
    m->record.document = carnet_buf_span(&document);
    if (rc != CARNET_OK || m->spec->claims.len == 0)
        return rc;
    rc = room_for(m->worker, m->spec->claims.len + 2 * (size_t)CARNET_SERVICE_SEALING, &claims, err);
    if (rc == CARNET_OK)
        rc = carnet_authorization_claims_seal(m->worker, m->spec->subject, m->spec->claims, &claims, err);
    m->record.claims = carnet_buf_span(&claims);
    return rc;
}

static carnet_rc
keep(void *arg, carnet_store_session *session, carnet_err *err)
{
    making *m = arg;
    carnet_store_event event = { .at = m->now,
                                 .interface = carnet_str_of("IS-6"),
                                 .kind = carnet_str_of("offer"),
                                 .configuration = m->record.configurations,
                                 .outcome = CARNET_STORE_OUTCOME_DONE,
                                 .actor = m->spec->actor };
    carnet_rc rc;

    if (m->worker->request != NULL)
        event.request = carnet_str_of(m->worker->request->identifier);
    m->record.id = 0;
    rc = carnet_store_offer_insert(session, &m->record, err);
    event.reference = m->record.id;
    return rc == CARNET_OK ? carnet_store_event_insert(session, &event, err) : rc;
}

carnet_rc
carnet_issuing_offer_make(const carnet_issuing *issuing, carnet_service_worker *worker,
                          const carnet_issuing_offer_spec *spec, carnet_buf *room, carnet_issuing_offer *offer,
                          carnet_err *err)
{
    making m = { .issuing = issuing,
                 .worker = worker,
                 .spec = spec,
                 .room = room,
                 .offer = offer,
                 .now = carnet_service_now(worker) };
    carnet_rc rc;

    *offer = (carnet_issuing_offer){ 0 };
    offer->expires = m.now + (spec->lifetime == 0 ? issuing->policy.offer_s : spec->lifetime);
    m.record.subject = spec->subject;
    m.record.actor = spec->actor;
    m.record.enrolment = spec->enrolment;
    m.record.created = m.now;
    m.record.expires = offer->expires;
    rc = check_spec(&m, err);
    if (rc == CARNET_OK)
        rc = check_configurations(&m, err);
    if (rc == CARNET_OK)
        rc = make_secrets(&m, err);
    if (rc == CARNET_OK)
        rc = write_offer(&m, err);
    if (rc == CARNET_OK)
        rc = write_links(issuing, carnet_str_of(offer->reference), offer->json, room, &offer->link,
                         &offer->link_by_reference, err);
    if (rc == CARNET_OK)
        rc = seal_parts(&m, err);
    if (rc == CARNET_OK)
        rc = carnet_store_transact(worker->store, keep, &m, err);
    carnet_wipe(m.code, sizeof(m.code));
    carnet_wipe(m.state, sizeof(m.state));
    offer->id = m.record.id;
    return rc;
}

/* --- read again --- */

typedef struct reading {
    carnet_span hash;
    carnet_store_offer *record;
    carnet_buf room;
} reading;

static carnet_rc
look(void *arg, carnet_store_session *session, carnet_err *err)
{
    reading *r = arg;

    r->room.len = 0;
    return carnet_store_offer_by_reference(session, r->hash, r->record, &r->room, err);
}

carnet_rc
carnet_issuing_offer_read(const carnet_issuing *issuing, carnet_service_worker *worker, carnet_str reference,
                          carnet_buf *room, carnet_issuing_offer_view *view, carnet_err *err)
{
    uint8_t hash[CARNET_SERVICE_HASH];
    reading r = { .hash = { hash, sizeof(hash) }, .record = &view->record };
    size_t at = room->len;
    carnet_rc rc = carnet_service_hash(worker, reference, hash, err);

    *view = (carnet_issuing_offer_view){ 0 };
    if (rc == CARNET_OK)
        rc = room_for(worker, CARNET_ISSUING_CLAIMS_MAX + LINK_MAX, &r.room, err);
    if (rc == CARNET_OK)
        rc = carnet_store_read(worker->store, look, &r, err);
    if (rc != CARNET_OK)
        return rc;
    if (view->record.state != CARNET_STORE_OFFER_OPEN || view->record.expires <= carnet_service_now(worker) ||
        view->record.document.len == 0)
        return CARNET_OK;
    rc = carnet_service_open(worker, CARNET_ISSUING_SEALED_OFFER, r.hash, view->record.document, room, err);
    view->json = since(room, at);
    return rc == CARNET_OK
               ? write_links(issuing, reference, view->json, room, &view->link, &view->link_by_reference, err)
               : rc;
}
