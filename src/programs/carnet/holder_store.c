/* SPDX-License-Identifier: Apache-2.0 */
/* The holder's store: a directory. */
#include "holder_store.h"

#include "carnet/json.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define AREA_MEMORY ((size_t)4 << 20)

static const char *
path_of(const store *s, const char *name)
{
    return cli_join(s->directory, name);
}

static const char *
document_path(const store *s, uint64_t number)
{
    char name[48];

    snprintf(name, sizeof name, "documents/%llu.cbor", (unsigned long long)number);
    return path_of(s, name);
}

carnet_str
store_key_name(const carnet_key_identifier *identifier)
{
    carnet_buf text = cli_buf(2 * CARNET_KEY_IDENTIFIER_MAX);

    carnet_buf_add_hex(&text, carnet_span_of(identifier->bytes, identifier->len));
    return carnet_buf_str(&text);
}

/* --- the index --- */

static void
write_index(const store *s)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    if (out == NULL) {
        cli_die_text("memory", strerror(errno));
    }
    fprintf(out, "{\n  \"version\": 1,\n  \"next\": %llu,\n  \"documents\": [", (unsigned long long)s->next);
    for (size_t i = 0; i < s->count; i++) {
        const store_document *d = &s->documents[i];
        char added[CARNET_TIME_TEXT_MAX], until[CARNET_TIME_TEXT_MAX];

        carnet_time_text(d->added, added);
        carnet_time_text(d->valid_until, until);
        fprintf(out, "%s\n    { \"number\": %llu, \"docType\": ", i > 0 ? "," : "", (unsigned long long)d->number);
        cli_json_string(out, d->doc_type);
        fprintf(out, ", \"key\": \"%.*s\", \"added\": \"%s\", \"validUntil\": \"%s\" }", (int)d->key.len, d->key.ptr,
                added, until);
    }
    fputs("\n  ]\n}\n", out);
    fclose(out);
    cli_write(path_of(s, "index.json"), carnet_span_of(text, len), 0600);
    free(text);
}

static carnet_time
time_member(const carnet_json *value, const char *name)
{
    carnet_time time = 0;

    return carnet_time_parse(carnet_json_string(carnet_json_get(value, name)), &time, NULL, NULL) == CARNET_OK ? time
                                                                                                               : 0;
}

static void
read_entry(store *s, const char *path, const carnet_json *entry)
{
    store_document *d = &s->documents[s->count++];

    d->number = (uint64_t)carnet_json_integer(carnet_json_get(entry, "number"));
    d->doc_type = carnet_json_string(carnet_json_get(entry, "docType"));
    d->key = carnet_json_string(carnet_json_get(entry, "key"));
    d->added = time_member(entry, "added");
    d->valid_until = time_member(entry, "validUntil");
    if (d->number == 0 || d->number >= s->next || d->doc_type.len == 0) {
        cli_die_text(path, "this is not the index of a store");
    }
}

static void
read_index(store *s)
{
    const char *path = path_of(s, "index.json");
    carnet_span text;
    carnet_json *index; /* the documents' texts stay in it */
    const carnet_json *list;
    carnet_err err = { 0 };

    if (!cli_try_read(path, &text)) {
        cli_die_text(s->directory,
                     errno == ENOENT ? "this is no holder's store: carnet holder init makes one" : strerror(errno));
    }
    if (carnet_json_parse((carnet_str){ (const char *)text.ptr, text.len }, &index, &err) != CARNET_OK) {
        cli_die(path, &err);
    }
    list = carnet_json_get(index, "documents");
    s->next = (uint64_t)carnet_json_integer(carnet_json_get(index, "next"));
    if (carnet_json_integer(carnet_json_get(index, "version")) != 1 || s->next == 0 ||
        carnet_json_count(list) > STORE_DOCUMENTS_MAX) {
        cli_die_text(path, "this is not the index of a store, or of a later version");
    }
    for (size_t i = 0; i < carnet_json_count(list); i++) {
        read_entry(s, path, carnet_json_at(list, i));
    }
}

/* --- opening and closing --- */

static void
begin(store *s, const char *directory, carnet_crypto *crypto)
{
    *s = (store){ .directory = directory, .crypto = crypto, .lock = -1 };
    s->documents = cli_alloc(STORE_DOCUMENTS_MAX * sizeof *s->documents);
    s->storage = carnet_file_storage(path_of(s, "keys.sealed"));
}

/** Taken anew after the directory's own file, so that two commands never write at once. */
static void
lock(store *s)
{
    s->lock = open(s->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (s->lock < 0 || flock(s->lock, LOCK_EX) != 0) {
        cli_die_text(s->directory, strerror(errno));
    }
}

void
store_make(const char *directory, carnet_crypto *crypto, carnet_span passphrase, const carnet_argon2_cost *cost)
{
    carnet_err err = { 0 };
    store s;

    cli_make_directory(directory, 0700);
    begin(&s, directory, crypto);
    lock(&s);
    if (access(path_of(&s, "keys.sealed"), F_OK) == 0 || access(path_of(&s, "index.json"), F_OK) == 0) {
        cli_die_text(directory, "there is a store here already");
    }
    cli_make_directory(path_of(&s, "documents"), 0700);
    s.memory = cli_buf(CARNET_SEALED_AREA_MIN);
    if (carnet_sealed_area_new(&s.sealed, crypto, &s.storage, passphrase, cost, s.memory, &s.area, &err) != CARNET_OK) {
        cli_die(path_of(&s, "keys.sealed"), &err);
    }
    s.next = 1;
    write_index(&s);
    store_close(&s);
}

void
store_open(store *s, const char *directory, carnet_crypto *crypto, bool change)
{
    begin(s, directory, crypto);
    if (change) {
        lock(s);
    }
    read_index(s);
}

carnet_rc
store_unlock(store *s, carnet_span passphrase)
{
    carnet_err err = { 0 };
    carnet_rc rc;

    s->memory = cli_buf(AREA_MEMORY);
    rc = carnet_sealed_area_open(&s->sealed, s->crypto, &s->storage, passphrase, s->memory, &s->area, &err);
    if (rc != CARNET_OK && rc != CARNET_E_SEALED_PASSPHRASE) {
        cli_die(path_of(s, "keys.sealed"), &err);
    }
    return rc;
}

bool
store_is_passphrase(const store *s, carnet_span passphrase)
{
    carnet_sealed_file view;
    carnet_secret key = { 0 };
    carnet_buf file = cli_buf(AREA_MEMORY);
    bool good = s->storage.read(s->storage.self, &file, NULL) == CARNET_OK && !file.overflow &&
                carnet_sealed_file_open(s->crypto, carnet_buf_span(&file), &view, NULL) == CARNET_OK &&
                carnet_sealed_file_key(s->crypto, &view, passphrase, &key, NULL) == CARNET_OK;

    carnet_secret_done(&key);
    free(file.ptr);
    return good;
}

void
store_close(store *s)
{
    carnet_secure_area_done(&s->area);
    if (s->lock >= 0) {
        close(s->lock);
    }
    s->lock = -1;
}

/* --- documents --- */

const store_document *
store_find(const store *s, uint64_t number)
{
    for (size_t i = 0; i < s->count; i++) {
        if (s->documents[i].number == number) {
            return &s->documents[i];
        }
    }
    return NULL;
}

void
store_read(const store *s, const store_document *document, cli_document *opened)
{
    const char *path = document_path(s, document->number);
    carnet_err err = { 0 };

    if (!cli_open_document(cli_read(path), opened, &err)) {
        cli_die(path, &err);
    }
}

void
store_device_key(const store *s, const char *what, const cli_document *document, carnet_public_key *key)
{
    carnet_cose_key named = document->mso.device_key;
    carnet_err err = { 0 };

    if (carnet_cose_key_check(&named, s->crypto, &err) != CARNET_OK) {
        cli_die(what, &err);
    }
    *key = named.key;
}

bool
store_key_for(store *s, const carnet_public_key *public_key, carnet_key_description *key)
{
    size_t found;

    for (size_t i = 0; carnet_secure_area_list(&s->area, i, key, 1, &found, NULL) == CARNET_OK && found == 1; i++) {
        if (carnet_public_key_equal(&key->public_key, public_key)) {
            return true;
        }
    }
    return false;
}

uint64_t
store_add(store *s, const cli_document *document, const carnet_key_identifier *key)
{
    if (s->count == STORE_DOCUMENTS_MAX) {
        cli_die_text(s->directory, "the store is full");
    }
    cli_write(document_path(s, s->next), document->issuer_signed, 0600);
    s->documents[s->count++] = (store_document){ .number = s->next,
                                                 .doc_type = document->mso.doc_type,
                                                 .key = store_key_name(key),
                                                 .added = cli_now(),
                                                 .valid_until = document->mso.valid_until };
    s->next++;
    write_index(s);
    return s->next - 1;
}

/** Another document may be bound to the same key. */
static bool
key_is_shared(const store *s, const store_document *document)
{
    size_t count = 0;

    for (size_t i = 0; i < s->count; i++) {
        count += carnet_str_equal(s->documents[i].key, document->key);
    }
    return count > 1;
}

void
store_remove(store *s, uint64_t number, bool key)
{
    size_t at = (size_t)(store_find(s, number) - s->documents);
    store_document document = s->documents[at];
    bool shared = key_is_shared(s, &document);
    uint8_t bytes[CARNET_KEY_IDENTIFIER_MAX];
    carnet_buf octets = carnet_buf_of(bytes, sizeof bytes);
    carnet_key_identifier identifier;
    carnet_err err = { 0 };

    s->count--;
    memmove(&s->documents[at], &s->documents[at + 1], (s->count - at) * sizeof *s->documents);
    write_index(s);
    if (unlink(document_path(s, number)) != 0 && errno != ENOENT) {
        cli_die_text(document_path(s, number), strerror(errno));
    }
    if (!key || shared || carnet_hex_decode(document.key, &octets, NULL) != CARNET_OK) {
        return;
    }
    identifier = carnet_key_identifier_of(carnet_buf_span(&octets));
    if (carnet_secure_area_destroy(&s->area, &identifier, 1, &err) != CARNET_OK && err.rc != CARNET_E_AREA_KEY_ABSENT) {
        cli_die("the document's key", &err);
    }
}

void
store_note(const store *s, carnet_str line)
{
    const char *path = path_of(s, "presentations.jsonl");
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

    /* One write, so that lines of two processes do not mix. */
    if (fd < 0 || write(fd, line.ptr, line.len) != (ssize_t)line.len) {
        (void)cli_complain_text(path, strerror(errno));
    }
    if (fd >= 0) {
        close(fd);
    }
}
