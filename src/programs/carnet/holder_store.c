/* SPDX-License-Identifier: Apache-2.0 */
/* The holder's store: a directory. */
#include "holder_store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *
copy_path(const store *s, uint64_t number)
{
    char name[48];

    snprintf(name, sizeof name, "documents/%llu.cbor", (unsigned long long)number);
    return store_path(s, name);
}

carnet_str
store_key_name(const carnet_key_identifier *identifier)
{
    carnet_buf text = cli_buf(2 * CARNET_KEY_IDENTIFIER_MAX);

    carnet_buf_add_hex(&text, carnet_span_of(identifier->bytes, identifier->len));
    return carnet_buf_str(&text);
}

bool
store_key_identifier(carnet_str name, carnet_key_identifier *identifier)
{
    uint8_t bytes[CARNET_KEY_IDENTIFIER_MAX];
    carnet_buf octets = carnet_buf_of(bytes, sizeof bytes);

    if (carnet_hex_decode(name, &octets, NULL) != CARNET_OK || octets.overflow || octets.len == 0) {
        return false;
    }
    *identifier = carnet_key_identifier_of(carnet_buf_span(&octets));
    return true;
}

/* --- opening and closing --- */

static void
begin(store *s, const char *directory, carnet_crypto *crypto)
{
    *s = (store){ .directory = directory, .crypto = crypto, .lock = -1 };
    s->documents = cli_alloc(STORE_DOCUMENTS_MAX * sizeof *s->documents);
    s->pending = cli_alloc(STORE_PENDING_MAX * sizeof *s->pending);
}

/** Taken anew after the directory's own file, so that two commands never write at once. */
static void
lock(store *s)
{
    s->lock = open(s->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (s->lock < 0) {
        cli_die_text(s->directory, strerror(errno));
    }
    if (flock(s->lock, LOCK_EX | LOCK_NB) == 0) {
        return;
    }
    if (errno == EWOULDBLOCK) {
        fprintf(stderr, "carnet: %s: another command is changing this store; waiting for it\n", s->directory);
    }
    while (flock(s->lock, LOCK_EX) != 0) {
        if (errno != EINTR) {
            cli_die_text(s->directory, strerror(errno));
        }
    }
}

void
store_make(const char *directory, carnet_crypto *crypto, const store_area *where, carnet_span secret,
           const carnet_argon2_cost *cost)
{
    carnet_err err = { 0 };
    store s;

    cli_make_directory(directory, 0700);
    begin(&s, directory, crypto);
    s.where = *where;
    lock(&s);
    if (access(store_path(&s, "keys.sealed"), F_OK) == 0 || access(store_path(&s, "index.json"), F_OK) == 0) {
        cli_die_text(directory, "there is a store here already");
    }
    cli_make_directory(store_path(&s, "documents"), 0700);
    if (store_area_open(&s, secret, cost, true, &err) != CARNET_OK) {
        cli_die(store_area_name(where->kind), &err);
    }
    s.next = 1;
    store_index_write(&s);
    store_close(&s);
}

static bool
has_copy(const store *s, uint64_t number)
{
    const store_document *d = store_find(s, number);

    for (size_t i = 0; d != NULL && i < d->count; i++) {
        if (d->copies[i].number == number) {
            return true;
        }
    }
    return false;
}

/** What a command that was killed left behind: files that the index does not name. */
static void
clear_away(const store *s)
{
    const char *path = store_path(s, "documents");
    DIR *directory = opendir(path);
    const struct dirent *entry;

    while (directory != NULL && (entry = readdir(directory)) != NULL) {
        char *end;
        uint64_t number = strtoull(entry->d_name, &end, 10);

        if (entry->d_name[0] == '.' || (strcmp(end, ".cbor") == 0 && has_copy(s, number))) {
            continue;
        }
        if (end != entry->d_name && strncmp(end, ".cbor", 5) == 0) {
            (void)unlinkat(dirfd(directory), entry->d_name, 0);
        }
    }
    if (directory != NULL) {
        closedir(directory);
    }
}

static void
read_uses(store *s)
{
    const char *at;
    carnet_span file;

    if (!cli_try_read(store_path(s, "uses.log"), &file)) {
        return;
    }
    for (at = (const char *)file.ptr; *at != '\0'; at += *at == '\n') {
        char *end;
        uint64_t number = strtoull(at, &end, 10);
        store_document *d = end != at && *end == '\n' ? store_find(s, number) : NULL;

        for (size_t i = 0; d != NULL && i < d->count; i++) {
            d->copies[i].uses += d->copies[i].number == number;
        }
        at += strcspn(at, "\n");
    }
}

void
store_open(store *s, const char *directory, carnet_crypto *crypto, bool change)
{
    begin(s, directory, crypto);
    if (change) {
        lock(s);
    }
    store_index_read(s);
    read_uses(s);
    if (change) {
        clear_away(s);
    }
}

carnet_rc
store_unlock(store *s, carnet_span secret)
{
    carnet_err err = { 0 };
    carnet_rc rc = store_area_open(s, secret, NULL, false, &err);

    if (rc != CARNET_OK && rc != CARNET_E_SEALED_PASSPHRASE) {
        cli_die(s->where.kind == STORE_SOFTWARE ? store_path(s, "keys.sealed") : store_area_name(s->where.kind), &err);
    }
    return rc;
}

void
store_close(store *s)
{
    carnet_secure_area_done(&s->area);
    carnet_wipe(s->check, sizeof s->check);
    if (s->lock >= 0) {
        close(s->lock);
    }
    s->lock = -1;
}

/* --- documents --- */

store_document *
store_find(const store *s, uint64_t number)
{
    for (size_t i = 0; i < s->count; i++) {
        store_document *d = &s->documents[i];

        for (size_t n = 0; n < d->count; n++) {
            if (d->number == number || d->copies[n].number == number) {
                return d;
            }
        }
    }
    return NULL;
}

const store_copy *
store_fresh_copy(const store_document *document, carnet_time now)
{
    const store_copy *best = &document->copies[0];

    for (size_t i = 1; i < document->count; i++) {
        const store_copy *c = &document->copies[i];
        bool valid = c->valid_until > now, best_valid = best->valid_until > now;

        if (valid != best_valid ? valid : c->uses < best->uses) {
            best = c;
        }
    }
    return best;
}

size_t
store_fresh_count(const store_document *document, carnet_time now)
{
    size_t count = 0;

    for (size_t i = 0; i < document->count; i++) {
        count += document->copies[i].uses == 0 && document->copies[i].valid_until > now;
    }
    return count;
}

void
store_read(const store *s, const store_copy *copy, cli_document *opened)
{
    const char *path = copy_path(s, copy->number);
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

store_document *
store_new_document(store *s)
{
    if (s->count == STORE_DOCUMENTS_MAX) {
        cli_die_text(s->directory, "the store is full");
    }
    s->documents[s->count] = (store_document){ 0 };
    return &s->documents[s->count++];
}

void
store_add_copy(store_document *document, const store_copy *copy)
{
    if (document->count == STORE_COPIES_MAX) {
        cli_die_text("the store", "there are too many copies of one document");
    }
    if (document->count == document->cap) {
        size_t cap = document->cap > 0 ? 2 * document->cap : 4;
        store_copy *more = cli_alloc(cap * sizeof *more);

        if (document->count > 0) {
            memcpy(more, document->copies, document->count * sizeof *more);
        }
        free(document->copies);
        document->copies = more;
        document->cap = cap;
    }
    document->copies[document->count++] = *copy;
    document->number = document->number != 0 ? document->number : copy->number;
    document->valid_until = copy->valid_until > document->valid_until ? copy->valid_until : document->valid_until;
}

uint64_t
store_write_copy(store *s, carnet_span issuer_signed)
{
    cli_write(copy_path(s, s->next), issuer_signed, 0600);
    return s->next++;
}

store_pending *
store_pending_find(const store *s, uint64_t number)
{
    for (size_t i = 0; i < s->pending_count; i++) {
        if (s->pending[i].number == number) {
            return &s->pending[i];
        }
    }
    return NULL;
}

store_pending *
store_pending_new(store *s)
{
    store_pending *p = &s->pending[s->pending_count];

    if (s->pending_count == STORE_PENDING_MAX) {
        cli_die_text(s->directory, "too many issuers are waited for");
    }
    *p = (store_pending){ .number = s->next++ };
    s->pending_count++;
    return p;
}

void
store_pending_drop(store *s, uint64_t number)
{
    store_pending *p = store_pending_find(s, number);

    if (p != NULL) {
        s->pending_count--;
        memmove(p, p + 1, (s->pending_count - (size_t)(p - s->pending)) * sizeof *p);
    }
}

void
store_commit(store *s)
{
    store_index_write(s);
}

uint64_t
store_add(store *s, const cli_document *document, const carnet_key_identifier *key)
{
    store_document *d = store_new_document(s);
    const store_copy copy = { .number = store_write_copy(s, document->issuer_signed),
                              .key = store_key_name(key),
                              .valid_until = document->mso.valid_until };

    d->doc_type = document->mso.doc_type;
    d->added = cli_now();
    store_add_copy(d, &copy);
    store_commit(s);
    return d->number;
}

/* --- forgetting --- */

/** Another copy may be bound to the same key. */
static bool
key_is_shared(const store *s, carnet_str key)
{
    for (size_t i = 0; i < s->count; i++) {
        for (size_t n = 0; n < s->documents[i].count; n++) {
            if (carnet_str_equal(s->documents[i].copies[n].key, key)) {
                return true;
            }
        }
    }
    return false;
}

/** What of a copy is not in the index any more. */
static void
destroy(store *s, const store_copy *copy, bool key)
{
    const char *path = copy_path(s, copy->number);
    carnet_key_identifier identifier;
    carnet_err err = { 0 };

    if (unlink(path) != 0 && errno != ENOENT) {
        cli_die_text(path, strerror(errno));
    }
    if (!key || key_is_shared(s, copy->key) || !store_key_identifier(copy->key, &identifier)) {
        return;
    }
    if (carnet_secure_area_destroy(&s->area, &identifier, 1, &err) != CARNET_OK && err.rc != CARNET_E_AREA_KEY_ABSENT) {
        cli_die("the document's key", &err);
    }
}

void
store_remove(store *s, uint64_t number, const store_copy *copy, bool key)
{
    store_document *d = store_find(s, number);
    size_t at = (size_t)(d - s->documents), first = copy != NULL ? (size_t)(copy - d->copies) : 0;
    size_t count = copy != NULL ? 1 : d->count;
    store_copy *gone = cli_alloc(count * sizeof *gone);

    memcpy(gone, &d->copies[first], count * sizeof *gone);
    memmove(&d->copies[first], &d->copies[first + count], (d->count - first - count) * sizeof *gone);
    d->count -= count;
    if (d->count == 0) {
        s->count--;
        memmove(d, d + 1, (s->count - at) * sizeof *d);
    }
    store_index_write(s);
    for (size_t i = 0; i < count; i++) {
        destroy(s, &gone[i], key);
    }
    free(gone);
}

void
store_replace(store *s, store_document *document, const store_copy *copies, size_t count)
{
    store_copy *gone = document->copies;
    size_t gone_count = document->count;
    uint64_t number = document->number;

    document->copies = NULL;
    document->count = document->cap = 0;
    document->valid_until = 0;
    for (size_t i = 0; i < count; i++) {
        store_add_copy(document, &copies[i]);
    }
    document->number = number != 0 ? number : document->number;
    store_index_write(s);
    for (size_t i = 0; i < gone_count; i++) {
        destroy(s, &gone[i], true);
    }
    free(gone);
}

/* --- records --- */

/** Append one line to a record in one write, so that lines of two processes do not mix. */
static bool
append(const char *path, carnet_str line, bool durable)
{
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool good = fd >= 0 && write(fd, line.ptr, line.len) == (ssize_t)line.len && (!durable || fdatasync(fd) == 0);

    if (!good) {
        (void)cli_complain_text(path, strerror(errno));
    }
    if (fd >= 0) {
        close(fd);
    }
    return good;
}

void
store_count_use(store *s, uint64_t copy)
{
    store_document *d = store_find(s, copy);
    char line[24];
    int len = snprintf(line, sizeof line, "%llu\n", (unsigned long long)copy);

    (void)append(store_path(s, "uses.log"), (carnet_str){ line, (size_t)len }, true);
    for (size_t i = 0; d != NULL && i < d->count; i++) {
        d->copies[i].uses += d->copies[i].number == copy;
    }
}

void
store_note(const store *s, carnet_str line)
{
    (void)append(store_path(s, "presentations.jsonl"), line, false);
}
