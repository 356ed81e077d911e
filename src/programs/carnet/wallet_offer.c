/* SPDX-License-Identifier: Apache-2.0 */
/* carnet wallet: what is offered and by whom, shown; and the holder's decision. */
#include "carnet/doctype.h"
#include "wallet.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SHOWN = 120, CLAIMS = 8 };

/** What an issuer says of itself: cut, so that it cannot bury the rest. */
static void
print(FILE *out, carnet_str text)
{
    bool cut = text.len > SHOWN;

    text.len = cut ? SHOWN : text.len;
    while (cut && text.len > 0 && ((unsigned char)text.ptr[text.len] & 0xc0) == 0x80) {
        text.len--;
    }
    cli_print_safe(out, text);
    fputs(cut ? "..." : "", out);
}

static carnet_str
language(const wallet *w)
{
    return carnet_str_of(w->a->language != NULL ? w->a->language : "en");
}

static carnet_str
title_of(carnet_str doc_type)
{
    const carnet_doctype *table = carnet_doctype_find(doc_type);

    return table != NULL ? carnet_str_of(table->title) : doc_type;
}

/** The elements that are always there, and of the others as many as a person reads. */
static void
show_claims(const wallet *w, const carnet_credential_configuration *c)
{
    carnet_claim_description claim;
    carnet_display display;
    size_t others = 0, left = 0, shown = 0;

    for (size_t i = 0; carnet_credential_configuration_claim(c, i, &claim); i++) {
        bool named = carnet_claim_description_display(&claim, language(w), &display) && display.name.len > 0;

        if (!claim.mandatory && !w->a->verbose && others++ >= CLAIMS) {
            left++;
            continue;
        }
        fputs(shown++ == 0 ? "    with " : ", ", w->out);
        print(w->out, named ? display.name : claim.element);
    }
    if (left > 0) {
        fprintf(w->out, " and up to %zu more (--verbose)", left);
    }
    if (shown > 0) {
        fputc('\n', w->out);
    }
}

static void
show_configuration(const wallet *w, const carnet_credential_configuration *c, const char *why)
{
    const cli_colours *colours = cli_colour();
    carnet_display display;
    bool named = carnet_credential_configuration_display(c, language(w), &display) && display.name.len > 0;

    fprintf(w->out, "  %s", colours->bold);
    print(w->out, named ? display.name : title_of(c->doctype));
    fprintf(w->out, "%s (", colours->off);
    print(w->out, c->doctype.len > 0 ? c->doctype : c->format.len > 0 ? c->format : c->id);
    if (w->a->issuer != NULL) {
        fputs("; --configuration ", w->out);
        print(w->out, c->id);
    }
    fputs(")\n", w->out);
    if (why != NULL) {
        fprintf(w->out, "    %scannot be obtained: %s%s\n", colours->bad, why, colours->off);
    } else {
        show_claims(w, c);
    }
}

static void
show_iacas(const wallet *w)
{
    const carnet_obtain_iaca *iaca;

    for (size_t i = 0; (iaca = carnet_obtain_iaca_at(&w->obtain, i)) != NULL; i++) {
        carnet_buf name = cli_buf(1024);

        carnet_name_text(iaca->certificate.subject, &name);
        fputs(i == 0 ? "Its documents are signed under\n  " : "  ", w->out);
        print(w->out, carnet_buf_str(&name));
        fputs(iaca->trusted ? "\n    trusted here, SHA-256 " : "\n    not known here, SHA-256 ", w->out);
        for (size_t n = 0; n < sizeof iaca->fingerprint; n++) {
            fprintf(w->out, "%s%02x", n > 0 && n % 4 == 0 ? " " : "", iaca->fingerprint[n]);
        }
        fputc('\n', w->out);
        free(name.ptr);
    }
}

void
wallet_show_offer(const wallet *w)
{
    const carnet_issuer_metadata *metadata = carnet_obtain_metadata(&w->obtain);
    const carnet_credential_offer *offer = carnet_obtain_offer(&w->obtain);
    carnet_credential_configuration c;
    carnet_display display;
    const char *why;

    fputs("Offered by ", w->out);
    if (carnet_issuer_metadata_display(metadata, language(w), &display) && display.name.len > 0) {
        print(w->out, display.name);
        fputs(", ", w->out);
    }
    print(w->out, metadata->credential_issuer);
    fputs(carnet_obtain_metadata_signed(&w->obtain) ? " (signed by somebody trusted here)\n" : "\n", w->out);
    for (size_t i = 0; carnet_obtain_configuration(&w->obtain, i, &c, &why); i++) {
        show_configuration(w, &c, why);
    }
    show_iacas(w);
    if (metadata->batch_size > 1) {
        fprintf(w->out, "Up to %u copies of each.\n", metadata->batch_size);
    }
    if (carnet_obtain_needs_browser(&w->obtain)) {
        fputs("The issuer will want to know who you are, in a browser.\n", w->out);
    }
    if (offer != NULL && offer->tx_code.required) {
        fprintf(w->out, "A transaction code is needed%s", offer->tx_code.description.len > 0 ? ": " : ".\n");
        if (offer->tx_code.description.len > 0) {
            print(w->out, offer->tx_code.description);
            fputc('\n', w->out);
        }
    }
    fflush(w->out);
}

/* --- as JSON --- */

static void
json_member(const char *name, carnet_str text)
{
    if (text.len > 0) {
        printf(", \"%s\": ", name);
        cli_json_string(stdout, text);
    }
}

static void
json_configuration(const wallet *w, const carnet_credential_configuration *c, const char *why, bool first)
{
    carnet_claim_description claim;
    carnet_display display;

    fputs(first ? "\n    { \"configuration\": " : ",\n    { \"configuration\": ", stdout);
    cli_json_string(stdout, c->id);
    json_member("docType", c->doctype);
    if (carnet_credential_configuration_display(c, language(w), &display)) {
        json_member("name", display.name);
    }
    fputs(", \"claims\": [", stdout);
    for (size_t i = 0; carnet_credential_configuration_claim(c, i, &claim); i++) {
        fputs(i > 0 ? ", [" : "[", stdout);
        cli_json_string(stdout, claim.name_space);
        fputs(", ", stdout);
        cli_json_string(stdout, claim.element);
        fputs("]", stdout);
    }
    printf("], \"obtainable\": %s", why == NULL ? "true" : "false");
    if (why != NULL) {
        json_member("why", carnet_str_of(why));
    }
    fputs(" }", stdout);
}

void
wallet_offer_json(const wallet *w)
{
    const carnet_issuer_metadata *metadata = carnet_obtain_metadata(&w->obtain);
    const carnet_credential_offer *offer = carnet_obtain_offer(&w->obtain);
    carnet_credential_configuration c;
    const carnet_obtain_iaca *iaca;
    carnet_display display;
    const char *why;

    fputs("{\n  \"issuer\": ", stdout);
    cli_json_string(stdout, metadata->credential_issuer);
    if (carnet_issuer_metadata_display(metadata, language(w), &display)) {
        json_member("name", display.name);
    }
    printf(", \"signed\": %s, \"batchSize\": %u, \"browser\": %s, \"transactionCode\": %s,\n  \"documents\": [",
           carnet_obtain_metadata_signed(&w->obtain) ? "true" : "false", metadata->batch_size,
           carnet_obtain_needs_browser(&w->obtain) ? "true" : "false",
           offer != NULL && offer->tx_code.required ? "true" : "false");
    for (size_t i = 0; carnet_obtain_configuration(&w->obtain, i, &c, &why); i++) {
        json_configuration(w, &c, why, i == 0);
    }
    fputs("\n  ],\n  \"authorities\": [", stdout);
    for (size_t i = 0; (iaca = carnet_obtain_iaca_at(&w->obtain, i)) != NULL; i++) {
        fputs(i > 0 ? ", { \"fingerprint\": \"" : "{ \"fingerprint\": \"", stdout);
        for (size_t n = 0; n < sizeof iaca->fingerprint; n++) {
            printf("%02x", iaca->fingerprint[n]);
        }
        printf("\", \"trusted\": %s }", iaca->trusted ? "true" : "false");
    }
    fputs("]\n}\n", stdout);
}

/* --- the decision --- */

/** A line from the terminal; false when there is none. */
static bool
ask_line(const wallet *w, char *line, size_t cap)
{
    int fd = isatty(STDIN_FILENO) ? STDIN_FILENO : open("/dev/tty", O_RDONLY | O_CLOEXEC);
    ssize_t len;

    fflush(w->out);
    if (fd < 0) {
        cli_die_text("consent", "there is no terminal to ask on: --yes");
    }
    do {
        len = read(fd, line, cap - 1);
    } while (len < 0 && errno == EINTR);
    if (fd > STDIN_FILENO) {
        close(fd);
    }
    line[len > 0 ? len : 0] = '\0';
    line[strcspn(line, "\r\n")] = '\0';
    return len > 0;
}

static bool
ask_yes(const wallet *w, const char *question)
{
    char line[64];

    fprintf(w->out, "%s [y/n] ", question);
    return ask_line(w, line, sizeof line) && (line[0] == 'y' || line[0] == 'Y');
}

/** Whether certificates that the issuer publishes decide, and the holder says so. */
static bool
trusts_published(const wallet *w)
{
    const carnet_obtain_iaca *iaca;

    for (size_t i = 0; (iaca = carnet_obtain_iaca_at(&w->obtain, i)) != NULL; i++) {
        if (!iaca->trusted) {
            return w->a->trust_published ||
                   (!w->a->yes && !w->consented && ask_yes(w, "Trust what is not known here, for documents?"));
        }
    }
    return false;
}

/** Of an issuer without an offer, not everything it has is meant. */
static bool
must_choose(const wallet *w)
{
    carnet_credential_configuration c;
    const char *why;
    size_t count = 0;

    for (size_t i = 0; carnet_obtain_configuration(&w->obtain, i, &c, &why); i++) {
        count += why == NULL;
    }
    return w->a->issuer != NULL && w->a->configuration_count == 0 && count > 1;
}

static void
decline(wallet *w, const char *why)
{
    carnet_err err = { 0 };

    if (why != NULL) {
        (void)!carnet_fail(&err, CARNET_E_OBTAIN_DECLINED, NULL, why);
    }
    carnet_obtain_declined(&w->obtain, &err);
}

/** Certificates that were trusted stay so: the next offer of this issuer asks nothing. */
static void
pin(const wallet *w)
{
    const char *path = store_path(w->store, "trusted.pem");
    const carnet_obtain_iaca *iaca;
    carnet_buf text = cli_buf((size_t)1 << 20);
    carnet_span before;

    if (cli_try_read(path, &before)) {
        carnet_buf_add(&text, before);
    }
    for (size_t i = 0; (iaca = carnet_obtain_iaca_at(&w->obtain, i)) != NULL; i++) {
        if (!iaca->trusted) {
            carnet_pem_encode("CERTIFICATE", iaca->certificate.der, &text);
        }
    }
    if (!text.overflow) {
        cli_write(path, carnet_buf_span(&text), 0600);
    }
    free(text.ptr);
}

static void
get_tx_code(const wallet *w, passphrase *code)
{
    const carnet_credential_offer *offer = carnet_obtain_offer(&w->obtain);
    const passphrase_source source = { w->a->tx_code_file, -1 };

    code->len = 0;
    if (offer != NULL && offer->tx_code.required && offer->pre_authorized && !carnet_obtain_needs_browser(&w->obtain)) {
        passphrase_get(&source, "Transaction code", false, code);
    }
}

void
wallet_ask(wallet *w)
{
    carnet_str wanted[WALLET_CONFIGURATIONS_MAX];
    carnet_obtain_consent consent = { 0 };
    passphrase code = { .len = 0 };

    if (!w->consented) {
        wallet_show_offer(w);
    }
    if (!w->consented && must_choose(w)) {
        decline(w, "the issuer has several documents: --configuration says which");
        return;
    }
    if (!w->consented && !w->a->yes && !ask_yes(w, "Obtain this?")) {
        decline(w, NULL);
        return;
    }
    for (size_t i = 0; i < w->a->configuration_count; i++) {
        wanted[i] = carnet_str_of(w->a->configurations[i]);
    }
    consent.configuration_ids = w->a->configuration_count > 0 && !w->consented ? wanted : NULL;
    consent.count = w->a->configuration_count;
    consent.trust_published = trusts_published(w);
    if (consent.trust_published) {
        pin(w);
    }
    get_tx_code(w, &code);
    consent.tx_code = (carnet_str){ (const char *)code.bytes, code.len };
    carnet_obtain_consented(&w->obtain, &consent);
    passphrase_done(&code);
}
