/* SPDX-License-Identifier: Apache-2.0 */
/* carnet holder: all but the presentation. */
#include "carnet/doctype.h"
#include "holder.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

carnet_str
holder_title(carnet_str doc_type)
{
    const carnet_doctype *table = carnet_doctype_find(doc_type);

    return table != NULL ? carnet_str_of(table->title) : doc_type;
}

void
holder_unlock(const holder_arguments *a, carnet_crypto *crypto, bool change, store *s)
{
    store_ask(s, a->store, crypto, change, &a->passphrase);
}

int
holder_init(const holder_arguments *a, carnet_crypto *crypto)
{
    passphrase p;

    passphrase_guard_process();
    if (access(cli_join(a->store, "keys.sealed"), F_OK) == 0) {
        cli_die_text(a->store, "there is a store here already");
    }
    passphrase_get(&a->passphrase, "Passphrase of the new store", true, &p);
    store_make(a->store, crypto, &(store_area){ .kind = STORE_SOFTWARE }, passphrase_span(&p),
               a->has_cost ? &a->cost : NULL);
    passphrase_done(&p);
    if (a->json) {
        fputs("{ \"store\": ", stdout);
        cli_json_string(stdout, carnet_str_of(a->store));
        fputs(" }\n", stdout);
    }
    return CLI_VALID;
}

int
holder_passphrase(const holder_arguments *a, carnet_crypto *crypto)
{
    carnet_err err = { 0 };
    carnet_rc rc;
    passphrase p;
    store s;

    holder_unlock(a, crypto, true, &s);
    if (s.where.kind != STORE_SOFTWARE) {
        cli_die_text(a->store, "the keys are not in a file: what opens them is changed where they are");
    }
    passphrase_get(&a->new_passphrase, "New passphrase", true, &p);
    rc = carnet_sealed_area_passphrase(&s.sealed, passphrase_span(&p), a->has_cost ? &a->cost : NULL, &err);
    passphrase_done(&p);
    store_close(&s);
    if (rc != CARNET_OK) {
        cli_die(a->store, &err);
    }
    return CLI_VALID;
}

/* --- keys --- */

static void
print_keys(const holder_arguments *a, const carnet_key_description *keys, size_t count)
{
    carnet_buf text = cli_buf(count * 512);
    uint8_t der[256];

    for (size_t i = 0; i < count; i++) {
        carnet_buf spki = carnet_buf_of(der, sizeof der);
        carnet_err err = { 0 };

        if (carnet_public_key_to_spki(&keys[i].public_key, &spki, &err) != CARNET_OK) {
            cli_die("the public key", &err);
        }
        carnet_pem_encode("PUBLIC KEY", carnet_buf_span(&spki), &text);
    }
    cli_write(a->output != NULL ? a->output : "-", carnet_buf_span(&text), 0644);
}

int
holder_key(const holder_arguments *a, carnet_crypto *crypto)
{
    size_t count = a->count > 0 ? (size_t)a->count : 1;
    carnet_key_order *orders = cli_alloc(count * sizeof *orders);
    carnet_key_description *keys = cli_alloc(count * sizeof *keys);
    carnet_curve curve = a->curve != NULL ? cli_curve(a->curve) : CARNET_CURVE_P256;
    const carnet_curve_info *info = carnet_curve_get(curve);
    carnet_err err = { 0 };
    store s;

    if (info->signature == 0) {
        cli_die_text(info->name, "a device key on this curve could not sign");
    }
    for (size_t i = 0; i < count; i++) {
        orders[i] =
            (carnet_key_order){ .curve = curve, .usage = CARNET_KEY_SIGN | (info->agrees ? CARNET_KEY_AGREE : 0U) };
    }
    holder_unlock(a, crypto, true, &s);
    if (carnet_secure_area_create(&s.area, orders, count, keys, &err) != CARNET_OK) {
        cli_die(a->store, &err);
    }
    store_close(&s);
    print_keys(a, keys, count);
    return CLI_VALID;
}

/* --- documents --- */

static void
verify(const holder_arguments *a, carnet_crypto *crypto, const cli_document *document)
{
    carnet_anchor_store *trust = cli_read_trust(a->trust);
    carnet_trust_anchors anchors = carnet_anchor_store_anchors(trust);
    carnet_verification v = {
        .struct_size = sizeof v, .crypto = crypto, .anchors = &anchors, .allow = CARNET_CBOR_LENIENT
    };
    carnet_report *report = cli_report(cli_now(), 60);
    carnet_policy policy = { .name = "default" };
    carnet_str doc_type = document->mso.doc_type;
    carnet_err err = { 0 };

    if (carnet_issuer_signed_verify(&v, document->issuer_signed, doc_type, report, &err) != CARNET_OK) {
        cli_die(a->argument, &err);
    }
    if (carnet_policy_judge(&policy, report, CARNET_NO_DOCUMENT) != CARNET_VERDICT_VALID) {
        cli_report_text(a->argument, report, &policy, &doc_type, 1, false);
        exit(CLI_NEGATIVE);
    }
}

/** The document's key, taken in from a file or found in the store. */
static void
find_key(const holder_arguments *a, carnet_crypto *crypto, store *s, const carnet_public_key *public_key,
         carnet_key_description *key)
{
    const carnet_curve_info *info = carnet_curve_get(public_key->curve);
    carnet_key given = { 0 };
    carnet_err err = { 0 };

    if (store_key_for(s, public_key, key)) {
        return;
    }
    if (a->device_key == NULL) {
        cli_die_text(a->argument, "the store has not the key this document was issued for (--device-key)");
    }
    cli_read_key(a->device_key, crypto, CARNET_KEY_SIGN | (info->agrees ? CARNET_KEY_AGREE : 0U), &given);
    if (!carnet_public_key_equal(&given.public_key, public_key)) {
        cli_die_text(a->device_key, "the document was not issued for this key");
    }
    *key = (carnet_key_description){ .public_key = *public_key };
    if (s->where.kind != STORE_SOFTWARE) {
        cli_die_text(a->device_key, "the store's keys are made in its secure area: none is taken in");
    }
    if (carnet_sealed_area_import(&s->sealed, &given, &key->identifier, &err) != CARNET_OK) {
        cli_die(a->device_key, &err);
    }
    carnet_key_done(&given);
}

static void
refuse_twice(const store *s, const cli_document *document, const char *what)
{
    for (size_t i = 0; i < s->count; i++) {
        for (size_t n = 0; n < s->documents[i].count; n++) {
            cli_document other;

            store_read(s, &s->documents[i].copies[n], &other);
            if (carnet_span_equal(other.issuer_signed, document->issuer_signed)) {
                cli_die_text(what, "the store has this document already");
            }
        }
    }
}

int
holder_add(const holder_arguments *a, carnet_crypto *crypto)
{
    cli_document document;
    carnet_public_key public_key;
    carnet_key_description key;
    uint64_t number;
    store s;

    cli_read_document(a->argument, &document);
    if (a->trust != NULL) {
        verify(a, crypto, &document);
    }
    holder_unlock(a, crypto, true, &s);
    store_device_key(&s, a->argument, &document, &public_key);
    refuse_twice(&s, &document, a->argument);
    find_key(a, crypto, &s, &public_key, &key);
    number = store_add(&s, &document, &key.identifier);
    store_close(&s);
    if (a->json) {
        printf("{ \"number\": %llu, \"docType\": ", (unsigned long long)number);
        cli_json_string(stdout, document.mso.doc_type);
        fputs(" }\n", stdout);
    } else {
        printf("document %llu: ", (unsigned long long)number);
        cli_print_safe(stdout, holder_title(document.mso.doc_type));
        putchar('\n');
    }
    return CLI_VALID;
}

static void
list_json(const store *s)
{
    fputs("[", stdout);
    for (size_t i = 0; i < s->count; i++) {
        const store_document *d = &s->documents[i];
        char added[CARNET_TIME_TEXT_MAX], until[CARNET_TIME_TEXT_MAX];

        carnet_time_text(d->added, added);
        carnet_time_text(d->valid_until, until);
        printf("%s\n  { \"number\": %llu, \"docType\": ", i > 0 ? "," : "", (unsigned long long)d->number);
        cli_json_string(stdout, d->doc_type);
        fputs(", \"key\": ", stdout);
        cli_json_string(stdout, d->copies[0].key);
        printf(", \"added\": \"%s\", \"validUntil\": \"%s\", \"copies\": %zu, \"fresh\": %zu }", added, until, d->count,
               store_fresh_count(d, cli_now()));
    }
    fputs("\n]\n", stdout);
}

int
holder_list(const holder_arguments *a, carnet_crypto *crypto)
{
    const cli_colours *c = cli_colour();
    carnet_time now = cli_now();
    store s;

    store_open(&s, a->store, crypto, false);
    if (a->json) {
        list_json(&s);
        return CLI_VALID;
    }
    for (size_t i = 0; i < s.count; i++) {
        const store_document *d = &s.documents[i];
        char until[11];

        carnet_date_text(carnet_date_of_time(d->valid_until), until);
        printf("%4llu  %s%s %s%s  ", (unsigned long long)d->number, d->valid_until < now ? c->bad : "",
               d->valid_until < now ? "ended" : "until", until, c->off);
        cli_print_safe(stdout, holder_title(d->doc_type));
        putchar('\n');
    }
    if (s.count == 0) {
        fputs("carnet: there are no documents in this store\n", stderr);
    }
    return CLI_VALID;
}

static const store_document *
named(const holder_arguments *a, const store *s)
{
    const store_document *d = store_find(s, cli_number(a->argument, UINT32_MAX, "document's number"));

    if (d == NULL) {
        cli_die_text(a->argument, "there is no document of this number");
    }
    return d;
}

static void
write_out(void *self, const uint8_t *ptr, size_t len)
{
    fwrite(ptr, 1, len, self);
}

static void
show_elements(const cli_document *document)
{
    static const carnet_cbor_print_options cut = { .longest = 16 };
    carnet_issuer_signed_cursor cursor = { 0 };
    carnet_issuer_signed_item item;
    carnet_str name_space = { 0 };

    while (carnet_issuer_signed_next(&document->view, &cursor, &item)) {
        if (!carnet_str_equal(item.name_space, name_space)) {
            name_space = item.name_space;
            fputs("  ", stdout);
            cli_print_safe(stdout, name_space);
            putchar('\n');
        }
        fputs("    ", stdout);
        cli_print_safe(stdout, item.identifier);
        printf("%*s ", item.identifier.len < 30 ? (int)(30 - item.identifier.len) : 1, "");
        if (carnet_cbor_print(item.value, &cut, (carnet_cbor_sink){ write_out, stdout }, NULL) != CARNET_OK) {
            fputs("(not printable)", stdout);
        }
        putchar('\n');
    }
}

int
holder_show(const holder_arguments *a, carnet_crypto *crypto)
{
    const cli_colours *c = cli_colour();
    const store_document *d;
    cli_document document;
    char from[CARNET_TIME_TEXT_MAX], until[CARNET_TIME_TEXT_MAX];
    store s;

    store_open(&s, a->store, crypto, false);
    d = named(a, &s);
    store_read(&s, &d->copies[0], &document);
    if (a->json) {
        cli_die_text("show", "as JSON it is `carnet inspect --json` that shows a document");
    }
    carnet_time_text(document.mso.valid_from, from);
    carnet_time_text(document.mso.valid_until, until);
    fputs(c->bold, stdout);
    cli_print_safe(stdout, holder_title(document.mso.doc_type));
    printf("%s\n  document %llu, ", c->off, (unsigned long long)d->number);
    cli_print_safe(stdout, document.mso.doc_type);
    printf("\n  valid %s to %s\n  key ", from, until);
    cli_print_safe(stdout, d->copies[0].key);
    printf(" on %s\n", carnet_curve_get(document.mso.device_key.key.curve)->name);
    show_elements(&document);
    return CLI_VALID;
}

int
holder_remove(const holder_arguments *a, carnet_crypto *crypto)
{
    store s;

    if (a->keep_key) {
        store_open(&s, a->store, crypto, true);
    } else {
        holder_unlock(a, crypto, true, &s);
    }
    store_remove(&s, named(a, &s)->number, NULL, !a->keep_key);
    store_close(&s);
    return CLI_VALID;
}
