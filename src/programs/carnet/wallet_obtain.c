/* SPDX-License-Identifier: Apache-2.0 */
/* carnet wallet: one run of obtaining, action by action. */
#include "wallet.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BODY_MAX = 6 << 20 };

/* --- making ready --- */

static void
read_trust(wallet *w)
{
    const char *pinned = w->store != NULL ? store_path(w->store, "trusted.pem") : NULL;
    carnet_span chain[64];
    size_t count = pinned != NULL && access(pinned, R_OK) == 0 ? cli_read_certificates(pinned, chain, 64) : 0;

    if (w->a->trust != NULL) {
        w->trust = cli_read_trust(w->a->trust);
    } else if (count > 0) {
        w->trust = cli_read_trust(pinned);
        count = 0;
    }
    for (size_t i = 0; i < count; i++) {
        (void)!carnet_anchor_store_add(w->trust, chain[i], (carnet_str){ 0 }, NULL);
    }
    if (w->trust != NULL) {
        w->anchors = carnet_anchor_store_anchors(w->trust);
        w->revocation = carnet_anchor_store_revocation(w->trust);
        w->parameters.anchors = &w->anchors;
        w->parameters.revocation = w->trust->list_count > 0 ? &w->revocation : NULL;
    }
    if (w->a->metadata_trust != NULL) {
        w->metadata_trust = cli_read_trust(w->a->metadata_trust);
        w->metadata_anchors = carnet_anchor_store_anchors(w->metadata_trust);
        w->parameters.metadata_anchors = &w->metadata_anchors;
    }
}

/** Curves the secure area has, the usual one first; those of --curve alone. */
static void
find_curves(wallet *w)
{
    static const carnet_curve known[] = { CARNET_CURVE_P256, CARNET_CURVE_P384, CARNET_CURVE_P521,
                                          CARNET_CURVE_ED25519 };
    size_t count = 0;

    if (w->a->curve != NULL) {
        w->curves[count++] = cli_curve(w->a->curve);
    }
    for (size_t i = 0; w->a->curve == NULL && i < CARNET_COUNT(known); i++) {
        if (w->store == NULL || w->store->area.ops == NULL ||
            carnet_secure_area_can(&w->store->area, known[i], CARNET_KEY_SIGN)) {
            w->curves[count++] = known[i];
        }
    }
    if (count == 0) {
        cli_die_text("the secure area", "it has no curve for device keys");
    }
    w->parameters.curves = w->curves;
    w->parameters.curve_count = count;
}

void
wallet_begin(wallet *w, const wallet_arguments *a, carnet_crypto *crypto, store *s)
{
    *w = (wallet){ .a = a, .crypto = crypto, .store = s, .out = a->json ? stderr : stdout, .listener = -1 };
    w->connection = carnet_fetch_connection_new();
    w->answer.header = cli_buf(CARNET_FETCH_HEADER_MAX);
    w->answer.body = cli_buf(BODY_MAX);
    w->parameters =
        (carnet_obtain_parameters){ .struct_size = sizeof w->parameters,
                                    .crypto = crypto,
                                    .memory = cli_buf(CARNET_OBTAIN_MEMORY),
                                    .signed_metadata = a->signed_metadata,
                                    .key_attestations = a->attester_key != NULL || a->provider != NULL,
                                    .client_id = carnet_str_of(a->client_id != NULL ? a->client_id : "carnet"),
                                    .language = carnet_str_of(a->language),
                                    .copies = (size_t)a->copies,
                                    .haip = a->haip,
                                    .insecure_loopback = a->insecure_loopback,
                                    .accept_untrusted = a->accept_untrusted };
    read_trust(w);
    find_curves(w);
}

void
wallet_end(wallet *w)
{
    carnet_obtain_done(&w->obtain);
    wallet_close_keys(w);
    if (w->failed && w->store != NULL && w->store->area.ops != NULL) {
        wallet_sweep_keys(w->store);
        store_grant_sweep(w->store);
    }
    carnet_key_done(&w->dpop_key);
    carnet_key_done(&w->instance_key);
    carnet_fetch_connection_free(w->connection);
    if (w->listener >= 0) {
        close(w->listener);
    }
    carnet_wipe(w->answer.body.ptr, w->answer.body.cap);
    free(w->answer.body.ptr);
    free(w->answer.header.ptr);
    free(w->provided.body.ptr);
    free(w->provided.header.ptr);
    free(w->parameters.memory.ptr);
}

/* --- keeping --- */

/** Tokens as they are now, with the keys they are bound to; written when they changed. */
static void
keep_grant(wallet *w)
{
    carnet_obtain_grant g;

    carnet_obtain_granted(&w->obtain, &g);
    if (g.access_token.len == 0 || (w->grant.number != 0 && carnet_str_equal(g.access_token, w->grant.access_token) &&
                                    carnet_str_equal(g.refresh_token, w->grant.refresh_token))) {
        return;
    }
    w->grant = (store_grant){ .number = w->grant.number,
                              .issuer = g.credential_issuer,
                              .server = g.authorization_server,
                              .client_id = g.client_id,
                              .access_token = g.access_token,
                              .refresh_token = g.refresh_token,
                              .expires = g.expires,
                              .dpop = g.dpop,
                              .attested = g.attested,
                              .dpop_key = wallet_key_der(&w->dpop_key),
                              .instance_key = wallet_key_der(&w->instance_key) };
    w->grant.number = store_grant_put(w->store, &w->grant);
    w->grant.access_token =
        (carnet_str){ (const char *)cli_keep(carnet_str_bytes(g.access_token)).ptr, g.access_token.len };
    w->grant.refresh_token =
        (carnet_str){ (const char *)cli_keep(carnet_str_bytes(g.refresh_token)).ptr, g.refresh_token.len };
}

static carnet_str
lasting(carnet_str text)
{
    return (carnet_str){ (const char *)cli_keep(carnet_str_bytes(text)).ptr, text.len };
}

/** The copies' files, then the index: from that moment they are there, all of them. */
static void
keep(wallet *w, const carnet_obtain_action *action)
{
    store_document *d = w->renewed != 0 ? store_find(w->store, w->renewed) : store_new_document(w->store);
    store_copy *copies = cli_alloc(action->count * sizeof *copies);

    keep_grant(w);
    d->untrusted = false;
    for (size_t i = 0; i < action->count; i++) {
        const carnet_obtained_document *received = &action->documents[i];

        copies[i] = (store_copy){ .number = store_write_copy(w->store, received->issuer_signed),
                                  .key = store_key_name(&w->identifiers[received->key]),
                                  .valid_until = received->valid_until };
        d->untrusted = d->untrusted || !received->trusted;
    }
    d->doc_type = lasting(action->documents[0].doc_type);
    d->added = cli_now();
    d->issuer = lasting(w->grant.issuer);
    d->configuration = lasting(action->configuration_id);
    d->identifier = lasting(action->credential_identifier);
    d->notification = lasting(action->notification_id);
    d->grant = w->grant.number;
    store_pending_drop(w->store, w->resumed);
    store_replace(w->store, d, copies, action->count);
    if (w->kept_count < CARNET_COUNT(w->kept)) {
        w->kept[w->kept_count++] = d->number;
    }
    free(copies);
    carnet_obtain_kept(&w->obtain);
}

/* --- waiting --- */

/** What is needed to ask again some other time. */
static void
keep_pending(wallet *w, const carnet_obtain_action *action)
{
    store_pending *p;

    keep_grant(w);
    if (w->resumed != 0) {
        return; /* it is there */
    }
    p = store_pending_new(w->store);
    p->issuer = lasting(w->grant.issuer);
    p->configuration = lasting(action->configuration_id);
    p->identifier = lasting(action->credential_identifier);
    p->transaction = lasting(carnet_obtain_pending(&w->obtain));
    p->grant = w->grant.number;
    p->renews = w->renewed;
    p->since = cli_now();
    for (p->key_count = 0; p->key_count < w->key_count && p->key_count < STORE_PENDING_KEYS_MAX; p->key_count++) {
        p->keys[p->key_count] = store_key_name(&w->identifiers[p->key_count]);
    }
    store_commit(w->store);
}

static void
wait_for(wallet *w, const carnet_obtain_action *action, uint64_t *waited)
{
    carnet_err err = { 0 };

    if (*waited + action->seconds > w->a->wait_s) {
        bool kept = carnet_obtain_pending(&w->obtain).len > 0;

        if (kept) {
            keep_pending(w, action);
        }
        (void)!carnet_fail(&err, CARNET_E_OBTAIN_DEFERRED, NULL,
                           kept ? "the issuer is not ready: carnet wallet resume asks again" : "the issuer is busy");
        carnet_obtain_declined(&w->obtain, &err);
        return;
    }
    fprintf(stderr, "carnet: the issuer is not ready yet; asking again in %u s\n", action->seconds);
    sleep(action->seconds);
    *waited += action->seconds;
    carnet_obtain_waited(&w->obtain);
}

/* --- the end --- */

/** What the issuer said, in its words: text only, and beside what it is to us. */
static void
show_refusal(const carnet_obtain_refusal *r)
{
    fprintf(stderr, "  it said: %s%s%s", r->error[0] != '\0' ? r->error : "nothing that this wallet knows",
            r->description[0] != '\0' ? ": " : "", r->description);
    if (r->status != 0) {
        fprintf(stderr, " (HTTP %u)", r->status);
    }
    if (r->request_id[0] != '\0') {
        fprintf(stderr, ", request %s", r->request_id);
    }
    fputc('\n', stderr);
}

static int
complain(const carnet_obtain_action *action)
{
    const carnet_obtain_refusal *r = action->refusal;
    bool refused = r->error[0] != '\0' || r->status != 0;
    carnet_err err = *action->err;

    if (refused) {
        err.reason[0] = '\0';
    }
    (void)cli_complain(refused ? "the issuer" : "obtaining", &err);
    if (refused) {
        show_refusal(r);
    }
    switch (err.rc) {
    case CARNET_E_OBTAIN_DOCUMENT:
    case CARNET_E_OBTAIN_KEY:
    case CARNET_E_OBTAIN_UNTRUSTED:
    case CARNET_E_OBTAIN_DECLINED:
    case CARNET_E_OBTAIN_POLICY:
    case CARNET_E_OAUTH_DENIED:
    case CARNET_E_OID4VCI_DENIED:
        return CLI_NEGATIVE;
    default:
        return CLI_UNJUDGED;
    }
}

static void
end_well(const carnet_obtain_action *action)
{
    if (action->err != NULL) {
        fputs("carnet: the issuer could not be told what became of it", stderr);
        fprintf(stderr, "%s%s\n", action->err->reason[0] != '\0' ? ": " : "", action->err->reason);
    }
}

/** One action that is neither the end nor a look. */
static void
act(wallet *w, const carnet_obtain_action *action, uint64_t *waited)
{
    switch (action->kind) {
    case CARNET_OBTAIN_HTTP:
        wallet_request(w, &action->request);
        if (w->grant.number != 0) { /* a refresh token serves once: the new one is kept before anything else */
            keep_grant(w);
        }
        break;
    case CARNET_OBTAIN_CONSENT:
        wallet_ask(w);
        break;
    case CARNET_OBTAIN_CLIENT_ATTESTATION:
        wallet_attest_client(w, action);
        break;
    case CARNET_OBTAIN_KEY_ATTESTATION:
        wallet_attest_keys(w, action);
        break;
    case CARNET_OBTAIN_BROWSER:
        wallet_browse(w, action->url);
        break;
    case CARNET_OBTAIN_KEYS:
        keep_grant(w);
        if (action->count > 1) {
            fprintf(stderr, "carnet: %zu copies, each for a key of its own\n", action->count);
        }
        wallet_make_keys(w, action);
        break;
    case CARNET_OBTAIN_WAIT:
        wait_for(w, action, waited);
        break;
    default:
        keep(w, action);
        break;
    }
}

int
wallet_run(wallet *w, const carnet_obtain_start *start, bool only_look)
{
    const carnet_obtain_action *action;
    uint64_t waited = 0;
    carnet_err err = { 0 };

    w->parameters.redirect_uri = carnet_str_of(w->redirect);
    if (carnet_obtain_begin(&w->obtain, &w->parameters, start, &err) != CARNET_OK) {
        return cli_complain("obtaining", &err);
    }
    for (;;) {
        action = carnet_obtain_next(&w->obtain, cli_now());
        if (action->kind == CARNET_OBTAIN_FAILED) {
            w->failed = true;
            return complain(action);
        }
        if (action->kind == CARNET_OBTAIN_DONE || (only_look && action->kind == CARNET_OBTAIN_CONSENT)) {
            break;
        }
        act(w, action, &waited);
    }
    end_well(action);
    return CLI_VALID;
}
