/* SPDX-License-Identifier: Apache-2.0 */
/* carnet wallet: the store, and what is done with documents that are held. */
#include "carnet/doctype.h"
#include "wallet.h"

#include <stdlib.h>
#include <string.h>

void
wallet_unlock(const wallet_arguments *a, carnet_crypto *crypto, bool change, store *s)
{
    store_ask(s, a->store, crypto, change, &a->passphrase);
    if (change) {
        wallet_sweep_keys(s);
    }
}

int
wallet_init(const wallet_arguments *a, carnet_crypto *crypto)
{
    bool made_elsewhere = a->area.kind == STORE_PKCS11;
    passphrase p;

    passphrase_guard_process();
    if (a->area.kind == STORE_PKCS11 && a->area.module == NULL) {
        cli_usage("--area pkcs11 needs --module");
    }
    passphrase_get(&a->passphrase, made_elsewhere ? "PIN of the token" : "Passphrase of the new store", !made_elsewhere,
                   &p);
    store_make(a->store, crypto, &a->area, passphrase_span(&p), a->has_cost ? &a->cost : NULL);
    passphrase_done(&p);
    if (a->json) {
        fputs("{ \"store\": ", stdout);
        cli_json_string(stdout, carnet_str_of(a->store));
        printf(", \"area\": \"%s\" }\n", store_area_name(a->area.kind));
    }
    return CLI_VALID;
}

store_document *
wallet_named(const wallet_arguments *a, const store *s)
{
    store_document *d = store_find(s, cli_number(a->argument, UINT32_MAX, "document's number"));

    if (d == NULL) {
        cli_die_text(a->argument, "there is no document of this number");
    }
    return d;
}

static carnet_str
title_of(const store_document *d)
{
    const carnet_doctype *table = carnet_doctype_find(d->doc_type);

    return table != NULL ? carnet_str_of(table->title) : d->doc_type;
}

/* --- looking --- */

static void
document_json(const store_document *d, carnet_time now)
{
    char added[CARNET_TIME_TEXT_MAX], until[CARNET_TIME_TEXT_MAX];

    carnet_time_text(d->added, added);
    carnet_time_text(d->valid_until, until);
    printf("{ \"number\": %llu, \"docType\": ", (unsigned long long)d->number);
    cli_json_string(stdout, d->doc_type);
    printf(", \"added\": \"%s\", \"validUntil\": \"%s\", \"copies\": %zu, \"fresh\": %zu", added, until, d->count,
           store_fresh_count(d, now));
    if (d->issuer.len > 0) {
        fputs(", \"issuer\": ", stdout);
        cli_json_string(stdout, d->issuer);
        fputs(", \"configuration\": ", stdout);
        cli_json_string(stdout, d->configuration);
    }
    printf(", \"issuerTrusted\": %s }", d->untrusted ? "false" : "true");
}

int
wallet_list(const wallet_arguments *a, carnet_crypto *crypto)
{
    const cli_colours *c = cli_colour();
    carnet_time now = cli_now();
    store s;

    store_open(&s, a->store, crypto, false);
    for (size_t i = 0; a->json && i < s.count; i++) {
        fputs(i == 0 ? "[\n  " : ",\n  ", stdout);
        document_json(&s.documents[i], now);
    }
    if (a->json) {
        puts(s.count == 0 ? "[]" : "\n]");
        return CLI_VALID;
    }
    for (size_t i = 0; i < s.count; i++) {
        const store_document *d = &s.documents[i];
        bool ended = d->valid_until < now;
        char until[11];

        carnet_date_text(carnet_date_of_time(d->valid_until), until);
        printf("%4llu  %s%s %s%s  %zu of %zu fresh  ", (unsigned long long)d->number, ended ? c->bad : "",
               ended ? "ended" : "until", until, c->off, store_fresh_count(d, now), d->count);
        cli_print_safe(stdout, title_of(d));
        if (d->issuer.len > 0) {
            fputs(", of ", stdout);
            cli_print_safe(stdout, d->issuer);
        }
        puts(d->untrusted ? " (issuer not judged)" : "");
    }
    for (size_t i = 0; i < s.pending_count; i++) {
        printf("%4llu  not ready, asked again by carnet wallet resume  ", (unsigned long long)s.pending[i].number);
        cli_print_safe(stdout, s.pending[i].issuer);
        putchar('\n');
    }
    if (s.count + s.pending_count == 0) {
        fputs("carnet: there are no documents in this store\n", stderr);
    }
    return CLI_VALID;
}

int
wallet_show(const wallet_arguments *a, carnet_crypto *crypto)
{
    const cli_colours *c = cli_colour();
    carnet_time now = cli_now();
    const store_document *d;
    store s;

    store_open(&s, a->store, crypto, false);
    d = wallet_named(a, &s);
    if (a->json) {
        document_json(d, now);
        putchar('\n');
        return CLI_VALID;
    }
    fputs(c->bold, stdout);
    cli_print_safe(stdout, title_of(d));
    printf("%s\n  document %llu, ", c->off, (unsigned long long)d->number);
    cli_print_safe(stdout, d->doc_type);
    fputs("\n  of ", stdout);
    cli_print_safe(stdout, d->issuer.len > 0 ? d->issuer : carnet_str_of("nobody this wallet asked"));
    printf("\n  keys: %s\n", store_area_name(s.where.kind));
    for (size_t i = 0; i < d->count; i++) {
        char until[CARNET_TIME_TEXT_MAX];

        carnet_time_text(d->copies[i].valid_until, until);
        printf("  copy %llu: until %s, presented %llu times\n", (unsigned long long)d->copies[i].number, until,
               (unsigned long long)d->copies[i].uses);
    }
    return CLI_VALID;
}

/* --- again --- */

/** What is needed to go on with a grant; dies when there is nothing. */
static void
take_up(wallet *w, uint64_t number, carnet_obtain_grant *grant)
{
    if (!store_grant_get(w->store, number, &w->grant)) {
        cli_die_text(w->a->store, "the issuer granted nothing that this document could be had anew with");
    }
    wallet_grant_keys(w);
    w->parameters.insecure_loopback = w->a->insecure_loopback;
    *grant = (carnet_obtain_grant){ .credential_issuer = w->grant.issuer,
                                    .authorization_server = w->grant.server,
                                    .client_id = w->grant.client_id,
                                    .access_token = w->grant.access_token,
                                    .refresh_token = w->grant.refresh_token,
                                    .expires = w->grant.expires,
                                    .dpop = w->grant.dpop,
                                    .attested = w->grant.attested };
    if (grant->attested && !wallet_is_attested(w->a)) {
        cli_die_text(w->a->store, "the issuer gave this to an attested wallet: --attester-key or --wallet-attestation");
    }
    w->consented = true;
}

static int
renew(const wallet_arguments *a, carnet_crypto *crypto, store *s, uint64_t number)
{
    static wallet w;
    const store_document *d = store_find(s, number);
    const carnet_str id = d->configuration, identifier = d->identifier;
    carnet_obtain_grant grant;
    carnet_obtain_start start = {
        .configuration_ids = &id, .credential_identifiers = &identifier, .configuration_count = 1, .grant = &grant
    };
    int result;

    wallet_begin(&w, a, crypto, s);
    take_up(&w, d->grant, &grant);
    if (a->copies == 0) {
        w.parameters.copies = d->count;
    }
    w.renewed = number;
    result = wallet_run(&w, &start, false);
    wallet_end(&w);
    if (result == CLI_VALID && !a->json) {
        printf("document %llu: obtained anew, %zu copies\n", (unsigned long long)number, store_find(s, number)->count);
    }
    return result;
}

static bool
is_due(const wallet_arguments *a, const store_document *d)
{
    carnet_time now = cli_now();
    size_t wanted = a->has_fresh ? (size_t)a->fresh : 1;

    return d->grant != 0 &&
           (store_fresh_count(d, now) < wanted || d->valid_until < now + (carnet_time)a->within_days * CARNET_TIME_DAY);
}

int
wallet_refresh(const wallet_arguments *a, carnet_crypto *crypto)
{
    int worst = CLI_VALID;
    uint64_t *due;
    size_t count = 0, renewed = 0;
    store s;

    wallet_unlock(a, crypto, true, &s);
    due = cli_alloc((s.count + 1) * sizeof *due);
    for (size_t i = 0; i < s.count; i++) {
        if ((a->argument == NULL || wallet_named(a, &s) == &s.documents[i]) && is_due(a, &s.documents[i])) {
            due[count++] = s.documents[i].number;
        }
    }
    for (size_t i = 0; i < count; i++) {
        int result = renew(a, crypto, &s, due[i]);

        renewed += result == CLI_VALID;
        worst = result > worst ? result : worst;
    }
    if (a->json) {
        printf("{ \"due\": %zu, \"renewed\": %zu }\n", count, renewed);
    } else if (count == 0) {
        fputs("carnet: no document needs it\n", stderr);
    }
    store_close(&s);
    return worst;
}

int
wallet_reissue(const wallet_arguments *a, carnet_crypto *crypto)
{
    uint64_t number;
    int result;
    store s;

    wallet_unlock(a, crypto, true, &s);
    number = wallet_named(a, &s)->number;
    result = renew(a, crypto, &s, number);
    if (result == CLI_VALID && a->json) {
        document_json(store_find(&s, number), cli_now());
        putchar('\n');
    }
    store_close(&s);
    return result;
}

/* --- what was not ready --- */

static void
tell_kept(const wallet *w, const store *s)
{
    for (size_t i = 0; i < w->kept_count; i++) {
        const store_document *d = store_find(s, w->kept[i]);

        if (w->a->json) {
            fputs(i == 0 ? "{ \"documents\": [\n  " : ",\n  ", stdout);
            document_json(d, cli_now());
        } else {
            printf("document %llu: ", (unsigned long long)d->number);
            cli_print_safe(stdout, title_of(d));
            printf(", %zu %s%s\n", d->count, d->count == 1 ? "copy" : "copies",
                   d->untrusted ? ", of an issuer that could not be judged" : "");
        }
    }
    if (w->a->json && w->kept_count > 0) {
        puts("\n] }");
    }
}

/** The device keys that were shown then, in that order; false when one is gone. */
static bool
find_keys(wallet *w, const store_pending *p, carnet_public_key *keys)
{
    for (size_t i = 0; i < p->key_count; i++) {
        carnet_key key = { 0 };

        if (!store_key_identifier(p->keys[i], &w->identifiers[i]) ||
            carnet_secure_area_open(&w->store->area, &w->identifiers[i], &key, NULL) != CARNET_OK) {
            return false;
        }
        keys[i] = key.public_key;
        carnet_key_done(&key);
    }
    return true;
}

static int
resume(const wallet_arguments *a, carnet_crypto *crypto, store *s, uint64_t number)
{
    static carnet_public_key keys[STORE_PENDING_KEYS_MAX];
    static wallet w;
    const store_pending p = *store_pending_find(s, number);
    carnet_obtain_grant grant;
    carnet_obtain_start start = { .configuration_ids = &p.configuration,
                                  .credential_identifiers = &p.identifier,
                                  .configuration_count = 1,
                                  .grant = &grant,
                                  .transaction_id = p.transaction,
                                  .device_keys = keys,
                                  .device_key_count = p.key_count };
    int result;

    wallet_begin(&w, a, crypto, s);
    take_up(&w, p.grant, &grant);
    w.renewed = store_find(s, p.renews) != NULL ? p.renews : 0;
    w.resumed = number;
    result = find_keys(&w, &p, keys) ? wallet_run(&w, &start, false)
                                     : cli_complain_text("resume", "the keys made then are gone");
    if (result == CLI_NEGATIVE) { /* there is nothing more to wait for */
        store_pending_drop(s, number);
        store_commit(s);
    }
    tell_kept(&w, s);
    wallet_end(&w);
    return result;
}

int
wallet_resume(const wallet_arguments *a, carnet_crypto *crypto)
{
    uint64_t numbers[STORE_PENDING_MAX];
    size_t count = 0;
    int worst = CLI_VALID;
    store s;

    wallet_unlock(a, crypto, true, &s);
    for (size_t i = 0; i < s.pending_count; i++) {
        if (a->argument == NULL || cli_number(a->argument, UINT32_MAX, "number") == s.pending[i].number) {
            numbers[count++] = s.pending[i].number;
        }
    }
    if (count == 0) {
        cli_die_text(a->store, "no issuer is waited for");
    }
    for (size_t i = 0; i < count; i++) {
        int result = resume(a, crypto, &s, numbers[i]);

        worst = result > worst ? result : worst;
    }
    store_close(&s);
    return worst;
}

/* --- deleting --- */

/** Tell the issuer, as well as may be: the document is gone whatever it says. */
static void
tell_issuer(const wallet_arguments *a, carnet_crypto *crypto, store *s, const store_document *d)
{
    static wallet w;
    carnet_obtain_grant grant;
    carnet_obtain_start start = { .grant = &grant,
                                  .notification_id = d->notification,
                                  .event = CARNET_NOTIFICATION_DELETED };

    wallet_begin(&w, a, crypto, s);
    take_up(&w, d->grant, &grant);
    if (wallet_run(&w, &start, false) != CLI_VALID) {
        fputs("carnet: the issuer was not told that the document is gone\n", stderr);
    }
    wallet_end(&w);
}

int
wallet_delete(const wallet_arguments *a, carnet_crypto *crypto)
{
    store_document *d;
    store s;

    wallet_unlock(a, crypto, true, &s);
    d = wallet_named(a, &s);
    if (d->notification.len > 0 && d->grant != 0 && !a->quiet_issuer) {
        tell_issuer(a, crypto, &s, d);
    }
    store_remove(&s, d->number, NULL, true);
    store_grant_sweep(&s);
    store_close(&s);
    return CLI_VALID;
}

/* --- obtaining --- */

/** The offer, of the argument or a picture of its code; or the issuer and configurations named. */
static void
make_start(const wallet_arguments *a, carnet_str ids[WALLET_CONFIGURATIONS_MAX], carnet_obtain_start *start)
{
    *start = (carnet_obtain_start){ .issuer = carnet_str_of(a->issuer) };
    if (a->issuer != NULL) {
        for (size_t i = 0; i < a->configuration_count; i++) {
            ids[i] = carnet_str_of(a->configurations[i]);
        }
        start->configuration_ids = ids;
        start->configuration_count = a->configuration_count;
        return;
    }
    start->link = a->qr != NULL ? cli_qr_read(a->qr) : carnet_str_of(a->argument);
    if (a->argument != NULL && strcmp(a->argument, "-") == 0) {
        carnet_span file = cli_read("-");

        start->link = (carnet_str){ (const char *)file.ptr, strcspn((const char *)file.ptr, "\r\n") };
    }
}

int
wallet_offer(const wallet_arguments *a, carnet_crypto *crypto)
{
    static wallet w;
    carnet_str ids[WALLET_CONFIGURATIONS_MAX];
    carnet_obtain_start start;
    store s, *there = NULL;
    int result;

    if (a->store != NULL) {
        store_open(&s, a->store, crypto, false);
        there = &s;
    }
    make_start(a, ids, &start);
    wallet_begin(&w, a, crypto, there);
    wallet_grant_keys(&w);
    w.parameters.instance_key = &w.dpop_key; /* to look, nobody has to be attested */
    w.redirect = "http://127.0.0.1/callback";
    result = wallet_run(&w, &start, true);
    if (result == CLI_VALID) {
        if (a->json) {
            wallet_offer_json(&w);
        } else {
            wallet_show_offer(&w);
        }
    }
    wallet_end(&w);
    return result;
}

int
wallet_accept(const wallet_arguments *a, carnet_crypto *crypto)
{
    static wallet w;
    carnet_str ids[WALLET_CONFIGURATIONS_MAX];
    carnet_obtain_start start;
    int result;
    store s;

    make_start(a, ids, &start);
    wallet_unlock(a, crypto, true, &s);
    wallet_begin(&w, a, crypto, &s);
    wallet_grant_keys(&w);
    wallet_listen(&w);
    result = wallet_run(&w, &start, false);
    tell_kept(&w, &s);
    wallet_end(&w);
    store_close(&s);
    return result;
}
