/* SPDX-License-Identifier: Apache-2.0 */
/* The index of a holder's store.  Version 1 had one copy a document, and its keys in a sealed file; it is read, and what is
 * written is version 2. */
#include "holder_store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *
store_path(const store *s, const char *name)
{
    return cli_join(s->directory, name);
}

/* --- writing --- */

static void
write_time(FILE *out, const char *name, carnet_time time)
{
    char text[CARNET_TIME_TEXT_MAX];

    carnet_time_text(time, text);
    fprintf(out, ", \"%s\": \"%s\"", name, text);
}

static void
write_text(FILE *out, const char *name, carnet_str text)
{
    if (text.len > 0) {
        fprintf(out, ", \"%s\": ", name);
        cli_json_string(out, text);
    }
}

static void
write_copies(FILE *out, const store_document *d)
{
    fputs(", \"copies\": [", out);
    for (size_t i = 0; i < d->count; i++) {
        const store_copy *c = &d->copies[i];

        fprintf(out, "%s{ \"file\": %llu, \"key\": \"%.*s\"", i > 0 ? ",\n        " : "", (unsigned long long)c->number,
                (int)c->key.len, c->key.ptr);
        write_time(out, "validUntil", c->valid_until);
        fputs(" }", out);
    }
    fputs("]", out);
}

static void
write_document(FILE *out, const store_document *d, bool first)
{
    fprintf(out, "%s\n    { \"number\": %llu, \"docType\": ", first ? "" : ",", (unsigned long long)d->number);
    cli_json_string(out, d->doc_type);
    write_time(out, "added", d->added);
    write_text(out, "issuer", d->issuer);
    write_text(out, "configuration", d->configuration);
    write_text(out, "identifier", d->identifier);
    write_text(out, "notification", d->notification);
    if (d->grant != 0) {
        fprintf(out, ", \"grant\": %llu", (unsigned long long)d->grant);
    }
    if (d->untrusted) {
        fputs(", \"untrusted\": true", out);
    }
    write_copies(out, d);
    fputs(" }", out);
}

static void
write_pending(FILE *out, const store_pending *p, bool first)
{
    fprintf(out, "%s\n    { \"number\": %llu, \"issuer\": ", first ? "" : ",", (unsigned long long)p->number);
    cli_json_string(out, p->issuer);
    write_time(out, "since", p->since);
    write_text(out, "configuration", p->configuration);
    write_text(out, "identifier", p->identifier);
    write_text(out, "transaction", p->transaction);
    fprintf(out, ", \"grant\": %llu, \"renews\": %llu, \"keys\": [", (unsigned long long)p->grant,
            (unsigned long long)p->renews);
    for (size_t i = 0; i < p->key_count; i++) {
        fprintf(out, "%s\"%.*s\"", i > 0 ? ", " : "", (int)p->keys[i].len, p->keys[i].ptr);
    }
    fputs("] }", out);
}

void
store_index_write(const store *s)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    if (out == NULL) {
        cli_die_text("memory", strerror(errno));
    }
    fprintf(out, "{\n  \"version\": 2,\n  \"next\": %llu,\n  \"area\": { \"kind\": \"%s\"", (unsigned long long)s->next,
            store_area_name(s->where.kind));
    write_text(out, "module", carnet_str_of(s->where.module));
    write_text(out, "token", carnet_str_of(s->where.token));
    write_text(out, "tcti", carnet_str_of(s->where.tcti));
    fputs(" },\n  \"documents\": [", out);
    for (size_t i = 0; i < s->count; i++) {
        write_document(out, &s->documents[i], i == 0);
    }
    fputs("\n  ]", out);
    for (size_t i = 0; i < s->pending_count; i++) {
        fputs(i == 0 ? ",\n  \"pending\": [" : "", out);
        write_pending(out, &s->pending[i], i == 0);
        fputs(i + 1 == s->pending_count ? "\n  ]" : "", out);
    }
    fputs("\n}\n", out);
    fclose(out);
    cli_write(store_path(s, "index.json"), carnet_span_of(text, len), 0600);
    free(text);
}

/* --- reading --- */

static carnet_str
text_member(const carnet_json *value, const char *name)
{
    return carnet_json_string(carnet_json_get(value, name));
}

static uint64_t
number_member(const carnet_json *value, const char *name)
{
    int64_t number = carnet_json_integer(carnet_json_get(value, name));

    return number > 0 ? (uint64_t)number : 0;
}

static carnet_time
time_member(const carnet_json *value, const char *name)
{
    carnet_time time = 0;

    return carnet_time_parse(text_member(value, name), &time, NULL, NULL) == CARNET_OK ? time : 0;
}

static const char *
path_member(const carnet_json *value, const char *name)
{
    carnet_str text = text_member(value, name);

    return text.len > 0 ? (const char *)cli_keep(carnet_str_bytes(text)).ptr : NULL;
}

static void
read_copies(store_document *d, const carnet_json *entry)
{
    const carnet_json *list = carnet_json_get(entry, "copies");
    store_copy one = { d->number, text_member(entry, "key"), 0, time_member(entry, "validUntil") };

    if (list == NULL) { /* version 1 */
        store_add_copy(d, &one);
    }
    for (size_t i = 0; i < carnet_json_count(list); i++) {
        const carnet_json *c = carnet_json_at(list, i);
        store_copy copy = { number_member(c, "file"), text_member(c, "key"), 0, time_member(c, "validUntil") };

        store_add_copy(d, &copy);
    }
}

static void
read_entry(store *s, const char *path, const carnet_json *entry)
{
    store_document *d = store_new_document(s);

    d->number = number_member(entry, "number");
    d->doc_type = text_member(entry, "docType");
    d->added = time_member(entry, "added");
    d->issuer = text_member(entry, "issuer");
    d->configuration = text_member(entry, "configuration");
    d->identifier = text_member(entry, "identifier");
    d->notification = text_member(entry, "notification");
    d->grant = number_member(entry, "grant");
    d->untrusted = carnet_json_bool(carnet_json_get(entry, "untrusted"));
    read_copies(d, entry);
    if (d->number == 0 || d->number >= s->next || d->doc_type.len == 0 || d->count == 0) {
        cli_die_text(path, "this is not the index of a store");
    }
}

static void
read_pending(store *s, const char *path, const carnet_json *entry)
{
    const carnet_json *keys = carnet_json_get(entry, "keys");
    store_pending *p = &s->pending[s->pending_count++];

    *p = (store_pending){ .number = number_member(entry, "number"),
                          .issuer = text_member(entry, "issuer"),
                          .configuration = text_member(entry, "configuration"),
                          .identifier = text_member(entry, "identifier"),
                          .transaction = text_member(entry, "transaction"),
                          .grant = number_member(entry, "grant"),
                          .renews = number_member(entry, "renews"),
                          .since = time_member(entry, "since") };
    if (p->number == 0 || p->number >= s->next || carnet_json_count(keys) > STORE_PENDING_KEYS_MAX) {
        cli_die_text(path, "this is not the index of a store");
    }
    for (p->key_count = 0; p->key_count < carnet_json_count(keys); p->key_count++) {
        p->keys[p->key_count] = carnet_json_string(carnet_json_at(keys, p->key_count));
    }
}

static void
read_area(store *s, const carnet_json *area)
{
    const char *kind = path_member(area, "kind");

    s->where = (store_area){ .kind = kind != NULL ? store_area_named(kind) : STORE_SOFTWARE,
                             .module = path_member(area, "module"),
                             .token = path_member(area, "token"),
                             .tcti = path_member(area, "tcti") };
}

void
store_index_read(store *s)
{
    const char *path = store_path(s, "index.json");
    carnet_span text;
    carnet_json *index; /* the documents' texts stay in it */
    const carnet_json *list;
    carnet_err err = { 0 };
    int64_t version;

    if (!cli_try_read(path, &text)) {
        cli_die_text(s->directory, errno == ENOENT
                                       ? "this is no holder's store: carnet holder init or carnet wallet init makes one"
                                       : strerror(errno));
    }
    if (carnet_json_parse((carnet_str){ (const char *)text.ptr, text.len }, &index, &err) != CARNET_OK) {
        cli_die(path, &err);
    }
    list = carnet_json_get(index, "documents");
    version = carnet_json_integer(carnet_json_get(index, "version"));
    s->count = 0;
    s->next = number_member(index, "next");
    if (version < 1 || version > 2 || s->next == 0 || carnet_json_count(list) > STORE_DOCUMENTS_MAX) {
        cli_die_text(path, "this is not the index of a store, or of a later version");
    }
    read_area(s, carnet_json_get(index, "area"));
    for (size_t i = 0; i < carnet_json_count(list); i++) {
        read_entry(s, path, carnet_json_at(list, i));
    }
    list = carnet_json_get(index, "pending");
    for (size_t i = 0; i < carnet_json_count(list) && i < STORE_PENDING_MAX; i++) {
        read_pending(s, path, carnet_json_at(list, i));
    }
}
