/* SPDX-License-Identifier: Apache-2.0 */
/* Which revocation lists a document's signer needs, and where they come from. */
#include "crl.h"

#include "carnet/certificate_path.h"
#include "carnet/cose_sign1.h"
#include "carnet/fetch.h"

#include <stdlib.h>
#include <string.h>

enum { LIST_MAX = 1 << 20, REDIRECTS = 3 };

void
crl_begin(crl_lists *c, const crl_options *options, carnet_crypto *crypto, const carnet_anchor_store *trust,
          carnet_time now)
{
    const carnet_anchor_store *files = options->files != NULL ? cli_read_trust(options->files) : trust;

    *c = (crl_lists){ .options = options, .crypto = crypto, .trust = trust, .now = now };
    for (size_t i = 0; files != NULL && i < files->list_count && c->count < CRL_LISTS_MAX; i++) {
        c->lists[c->count++] = files->lists[i];
    }
}

/** The trusted certificate that issued this one: its signature is good; NULL: there is none. */
static const carnet_certificate *
anchor_of(const crl_lists *c, const carnet_certificate *certificate, carnet_str doc_type)
{
    carnet_trust_anchors anchors = carnet_anchor_store_anchors(c->trust);
    carnet_anchor_query query = { certificate->issuer, certificate->authority_key_id, doc_type };
    const carnet_certificate *anchor;
    size_t cursor = 0;

    while ((anchor = anchors.next(anchors.self, &query, &cursor)) != NULL) {
        if (carnet_certificate_verify(certificate, &anchor->public_key, c->crypto, NULL) == CARNET_OK) {
            return anchor;
        }
    }
    return NULL;
}

/** The chain from the signer to a trusted certificate, that one last; 0: there is none. */
static size_t
trusted_chain(const crl_lists *c, carnet_span issuer_signed, carnet_str doc_type, carnet_certificate *chain)
{
    carnet_issuer_signed view;
    carnet_cose_sign1 cose;
    carnet_span at = { 0 }, der;
    size_t count = 0;

    if (c->trust == NULL || carnet_issuer_signed_open(issuer_signed, CARNET_CBOR_LENIENT, &view, NULL) != CARNET_OK ||
        carnet_cose_sign1_open(view.issuer_auth, CARNET_CBOR_LENIENT, &cose, NULL) != CARNET_OK) {
        return 0;
    }
    while (count + 1 < CARNET_CHAIN_MAX && carnet_cose_x5chain_next(&cose.headers, &at, &der)) {
        const carnet_certificate *anchor;

        if (carnet_certificate_open(der, &chain[count], NULL) != CARNET_OK ||
            (count > 0 &&
             carnet_certificate_verify(&chain[count - 1], &chain[count].public_key, c->crypto, NULL) != CARNET_OK)) {
            return 0;
        }
        anchor = anchor_of(c, &chain[count++], doc_type);
        if (anchor != NULL) {
            chain[count++] = *anchor;
            return count;
        }
    }
    return 0;
}

/** Why a list cannot be used: NULL if it can. */
static const char *
why_not(const crl_lists *c, carnet_span der, const carnet_certificate *issuer)
{
    carnet_crl crl;

    if (carnet_crl_open(der, &crl, NULL) != CARNET_OK) {
        return "what came is no revocation list";
    }
    if (!carnet_span_equal(crl.issuer, issuer->subject)) {
        return "the list is another issuer's";
    }
    return carnet_crl_verify(&crl, &issuer->public_key, c->crypto, NULL) == CARNET_OK
               ? NULL
               : "the list's signature does not verify";
}

static void
add_list(crl_lists *c, carnet_span list)
{
    for (size_t i = 0; i < c->count; i++) {
        if (carnet_span_equal(c->lists[i], list)) {
            return;
        }
    }
    if (c->count < CRL_LISTS_MAX) {
        c->lists[c->count++] = list;
    }
}

/** An earlier list than the one kept is of a server that was put back, or of somebody who hides a revocation. */
static bool
is_earlier(carnet_span list, carnet_span kept)
{
    carnet_crl a, b;

    return kept.len > 0 && carnet_crl_open(list, &a, NULL) == CARNET_OK &&
           carnet_crl_open(kept, &b, NULL) == CARNET_OK && a.this_update < b.this_update;
}

/** Fetch, verify, keep; NULL when the list is there now, else why not. */
static const char *
fetch(crl_lists *c, carnet_str uri, const carnet_certificate *issuer, carnet_span kept)
{
    carnet_fetch_rules rules = { .hosts = c->options->hosts,
                                 .host_count = c->options->host_count,
                                 .only_hosts = c->options->host_count > 0,
                                 .octets = LIST_MAX,
                                 .timeout_ms = c->options->wait_ms,
                                 .redirects = REDIRECTS,
                                 .ca = c->options->ca };
    static char reason[96];
    carnet_buf room = cli_buf(LIST_MAX);
    carnet_err err = { 0 };
    carnet_span list;
    const char *why = NULL;

    if (carnet_fetch(uri, &rules, &room, &err) != CARNET_OK) {
        snprintf(reason, sizeof reason, "%.95s", err.reason[0] != '\0' ? err.reason : carnet_rc_text(err.rc));
        why = reason;
    } else {
        const char *how;

        list = cli_keep(cli_decode(carnet_buf_span(&room), &how));
        why = why_not(c, list, issuer);
    }
    if (c->tell != NULL) {
        c->tell(c->tell_context, uri, carnet_buf_span(&room));
    }
    free(room.ptr);
    if (why == NULL && is_earlier(list, kept)) {
        why = "the server's list is older than the one kept";
    } else if (why == NULL) {
        add_list(c, list);
        crl_cache_write(c->options, c->crypto, uri, list);
    }
    return why;
}

static void
note(crl_finding *f, carnet_outcome outcome, const char *text, carnet_str more)
{
    carnet_buf detail = carnet_buf_of(f->detail, sizeof f->detail - 1);

    memset(f->detail, 0, sizeof f->detail);
    f->outcome = outcome;
    carnet_buf_add_text(&detail, text);
    for (size_t i = 0; i < more.len && detail.len < detail.cap; i++) {
        carnet_buf_add_byte(&detail, (uint8_t)more.ptr[i]);
    }
}

/** The list at one address: fetched now, or kept from before.  True: there is one. */
static bool
take_address(crl_lists *c, carnet_str uri, const carnet_certificate *issuer, crl_finding *f)
{
    carnet_time fetched;
    carnet_span kept = crl_cache_read(c->options, c->crypto, uri, &fetched);
    char when[CARNET_TIME_TEXT_MAX];
    const char *why = NULL;
    bool young = kept.len > 0 && fetched <= c->now && c->now - fetched < c->options->age;

    if (kept.len > 0 && why_not(c, kept, issuer) != NULL) {
        kept = (carnet_span){ 0 };
        young = false;
    }
    if (c->options->mode == CRL_ONLINE && !young) {
        why = fetch(c, uri, issuer, kept);
        if (why == NULL) {
            note(f, CARNET_PASS, "online, fetched now: ", uri);
            return true;
        }
    }
    if (kept.len == 0) {
        note(f, CARNET_UNDETERMINED, why != NULL ? "not fetched: " : "offline, and none was kept",
             why != NULL ? carnet_str_of(why) : (carnet_str){ 0 });
        return false;
    }
    add_list(c, kept);
    carnet_time_text(fetched, when);
    if (why != NULL) {
        note(f, CARNET_UNDETERMINED, "offline, as fetched before; now: ", carnet_str_of(why));
    } else {
        note(f, CARNET_PASS, young && c->options->mode == CRL_ONLINE ? "online, fetched " : "offline, fetched ",
             carnet_str_of(when));
    }
    return true;
}

/** One certificate of a trusted chain: the first of its addresses that gives a list. */
static void
take_certificate(crl_lists *c, const carnet_certificate *certificate, const carnet_certificate *issuer, crl_finding *f)
{
    crl_finding one = { 0 };
    carnet_span at = { 0 };
    carnet_str uri;
    bool found = false, any = false;

    while (!found &&
           carnet_certificate_uri_next(certificate, CARNET_EXTENSION_CRL_DISTRIBUTION_POINTS, &at, &uri, NULL)) {
        any = true;
        found = take_address(c, uri, issuer, &one);
    }
    if (!any) {
        note(&one, CARNET_NOT_DONE, "the certificate names no address", (carnet_str){ 0 });
    }
    one.wanting = any && !found && c->options->mode == CRL_ONLINE;
    /* The worst of the chain's is the document's. */
    if (f->detail[0] == '\0' || (one.wanting && !f->wanting) ||
        (one.outcome == CARNET_UNDETERMINED && f->outcome == CARNET_PASS)) {
        *f = one;
    }
}

void
crl_gather(crl_lists *c, size_t n, carnet_span issuer_signed, carnet_str doc_type)
{
    carnet_certificate chain[CARNET_CHAIN_MAX];
    crl_finding *f = &c->findings[n];
    size_t count;

    if (n >= CARNET_DOCUMENTS_MAX || c->options->mode == CRL_OFF) {
        return;
    }
    *f = (crl_finding){ 0 };
    count = trusted_chain(c, issuer_signed, doc_type, chain);
    if (count == 0) {
        note(f, CARNET_NOT_DONE, "no trusted issuer: its addresses were not asked", (carnet_str){ 0 });
        return;
    }
    for (size_t i = 0; i + 1 < count; i++) {
        take_certificate(c, &chain[i], &chain[i + 1], f);
    }
}

const carnet_revocation_source *
crl_source(crl_lists *c)
{
    c->array = (carnet_crl_array){ c->lists, c->count };
    c->source = carnet_revocation_source_of(&c->array);
    return c->count > 0 ? &c->source : NULL;
}

/** Revocation that could not be looked at although it was to be. */
static void
leave_open(carnet_report *report, size_t n)
{
    for (size_t i = 0; i < report->count; i++) {
        carnet_report_entry *entry = &report->entries[i];

        if (entry->check == CARNET_CHECK_REVOCATION && entry->document == n && entry->outcome == CARNET_NOT_DONE) {
            entry->outcome = CARNET_UNDETERMINED;
            entry->rc = CARNET_E_X509_CRL;
        }
    }
}

void
crl_report(const crl_lists *c, size_t documents, carnet_report *report)
{
    uint16_t before = report->document;

    for (size_t n = 0; n < documents && n < CARNET_DOCUMENTS_MAX && c->options->mode != CRL_OFF; n++) {
        report->document = (uint16_t)n;
        if (c->findings[n].wanting) {
            leave_open(report, n);
        }
        carnet_report_add(report, CARNET_CHECK_REVOCATION_SOURCE, c->findings[n].outcome, NULL, c->findings[n].detail);
    }
    report->document = before;
}
