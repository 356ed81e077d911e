/* SPDX-License-Identifier: Apache-2.0 */
/* A file of comma-separated values as attribute source: read whole, found by an index, read again when it changed. */
#include "internal.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Where a person's row begins. */
typedef struct place {
    size_t offset; /* 0: none; no row begins where the header does */
    uint32_t line, hash;
    bool twice;
} place;

typedef struct table {
    uint8_t *octets;
    size_t len;
    carnet_str columns[CARNET_SOURCE_COLUMNS_MAX];
    size_t column_count, key;
    uint8_t *header_room;
    place *index;
    size_t slots, rows; /* slots: a power of two */
} table;

typedef struct csv {
    carnet_csv_source_config config;
    pthread_rwlock_t lock;
    struct timespec changed;
    ino_t file;
    off_t size;
    _Atomic int64_t looked; /* when it was last looked whether the file changed, in milliseconds; 0: look now */
    table table;
    carnet_source_answers *answers; /* of this table; NULL: none are kept */
} csv;

static carnet_rc
unavailable(const char *reason, carnet_err *err)
{
    return carnet_fail(err, CARNET_E_ISSUING_SOURCE, NULL, reason);
}

static void
table_free(table *t)
{
    if (t->octets != NULL)
        carnet_wipe(t->octets, t->len);
    free(t->octets);
    free(t->header_room);
    free(t->index);
    *t = (table){ 0 };
}

static uint32_t
hash_of(carnet_str text)
{
    uint32_t hash = 2166136261u;

    for (size_t i = 0; i < text.len; i++)
        hash = (hash ^ (uint8_t)text.ptr[i]) * 16777619u;
    return hash;
}

/* --- reading --- */

static carnet_rc
header_read(table *t, carnet_csv_reader *reader, const char *key, carnet_err *err)
{
    carnet_buf room;
    carnet_rc rc;

    t->header_room = malloc(t->len + 1);
    if (t->header_room == NULL)
        return unavailable("there is no memory", err);
    room = carnet_buf_of(t->header_room, t->len + 1);
    if (t->len >= 3 && memcmp(t->octets, "\xef\xbb\xbf", 3) == 0) {
        reader->rest.ptr += 3;
        reader->rest.len -= 3;
    }
    rc = carnet_csv_row(reader, t->columns, CARNET_SOURCE_COLUMNS_MAX, &t->column_count, &room, err);
    if (rc != CARNET_OK)
        return rc;
    if (t->column_count == 0)
        return unavailable("the table has no header", err);
    for (t->key = 0; key != NULL && t->key < t->column_count; t->key++)
        if (carnet_str_is(t->columns[t->key], key))
            break;
    return t->key == t->column_count ? unavailable("the table has no such key column", err) : CARNET_OK;
}

static carnet_rc
index_grow(table *t, carnet_err *err)
{
    size_t slots = t->slots == 0 ? 1024 : 2 * t->slots;
    place *bigger = calloc(slots, sizeof(*bigger));

    if (bigger == NULL)
        return unavailable("there is no memory", err);
    for (size_t i = 0; i < t->slots; i++) {
        if (t->index[i].offset != 0) {
            size_t at = t->index[i].hash & (slots - 1);

            while (bigger[at].offset != 0)
                at = (at + 1) & (slots - 1);
            bigger[at] = t->index[i];
        }
    }
    free(t->index);
    t->index = bigger;
    t->slots = slots;
    return CARNET_OK;
}

/* The cells of the row at a place. */
static carnet_rc
row_read(const table *t, size_t offset, size_t line, carnet_buf *room, carnet_str *cells, carnet_csv_reader *reader,
         carnet_err *err)
{
    carnet_path path = { .index = line };
    size_t count;
    carnet_rc rc;

    *reader = (carnet_csv_reader){ .rest = { (const char *)t->octets + offset, t->len - offset }, .line = line };
    rc = carnet_csv_row(reader, cells, t->column_count, &count, room, err);
    if (rc == CARNET_OK && count != t->column_count)
        rc = carnet_fail_at(err, CARNET_E_ISSUING_SOURCE, "RFC 4180 2", "a row has fewer cells than the header",
                            CARNET_NO_OFFSET, &path);
    return rc;
}

/* The slot of a key: its own, or an empty one. */
static carnet_rc
slot_of(const table *t, carnet_str key, carnet_buf *room, size_t *slot, carnet_err *err)
{
    uint32_t hash = hash_of(key);
    carnet_str cells[CARNET_SOURCE_COLUMNS_MAX];
    carnet_csv_reader reader;
    carnet_rc rc;

    for (*slot = hash & (t->slots - 1); t->index[*slot].offset != 0; *slot = (*slot + 1) & (t->slots - 1)) {
        const place *p = &t->index[*slot];
        size_t before = room->len;

        if (p->hash != hash)
            continue;
        rc = row_read(t, p->offset, p->line, room, cells, &reader, err);
        if (rc != CARNET_OK)
            return rc;
        if (carnet_str_equal(cells[t->key], key)) {
            room->len = before;
            return CARNET_OK;
        }
        room->len = before;
    }
    return CARNET_OK;
}

static carnet_rc
row_index(table *t, size_t offset, size_t line, carnet_buf *room, carnet_csv_reader *reader, carnet_err *err)
{
    carnet_str cells[CARNET_SOURCE_COLUMNS_MAX];
    carnet_rc rc = row_read(t, offset, line, room, cells, reader, err);
    size_t slot;

    if (rc != CARNET_OK || cells[t->key].len == 0)
        return rc;
    if (2 * (t->rows + 1) > t->slots && (rc = index_grow(t, err)) != CARNET_OK)
        return rc;
    rc = slot_of(t, cells[t->key], room, &slot, err);
    if (rc != CARNET_OK)
        return rc;
    if (t->index[slot].offset != 0) {
        t->index[slot].twice = true;
        return CARNET_OK;
    }
    t->index[slot] = (place){ .offset = offset, .line = (uint32_t)line, .hash = hash_of(cells[t->key]) };
    t->rows++;
    return CARNET_OK;
}

static carnet_rc
index_make(table *t, carnet_csv_reader *reader, carnet_err *err)
{
    enum { ROOM = 8 * 1024 * 1024 };
    uint8_t *octets = malloc(ROOM);
    carnet_rc rc = octets == NULL ? unavailable("there is no memory", err) : index_grow(t, err);

    while (rc == CARNET_OK && reader->rest.len != 0) {
        carnet_buf room = carnet_buf_of(octets, ROOM);
        size_t offset = t->len - reader->rest.len;

        rc = row_index(t, offset, reader->line, &room, reader, err);
    }
    free(octets);
    return rc;
}

static carnet_rc
table_read(const carnet_csv_source_config *config, table *t, carnet_err *err)
{
    carnet_csv_reader reader;
    carnet_rc rc = carnet_source_file(config->path, CARNET_SOURCE_TABLE_MAX, &t->octets, &t->len, err);

    if (rc != CARNET_OK)
        return rc;
    reader = (carnet_csv_reader){ .rest = { (const char *)t->octets, t->len }, .line = 1 };
    rc = header_read(t, &reader, config->key, err);
    if (rc == CARNET_OK)
        rc = index_make(t, &reader, err);
    if (rc != CARNET_OK)
        table_free(t);
    return rc;
}

/* --- changes --- */

static bool
is_current(const csv *c, const struct stat *about)
{
    return c->table.octets != NULL && c->file == about->st_ino && c->size == about->st_size &&
           c->changed.tv_sec == about->st_mtim.tv_sec && c->changed.tv_nsec == about->st_mtim.tv_nsec;
}

/* With the lock held for writing. */
static carnet_rc
reread(csv *c, const struct stat *about, carnet_err *err)
{
    carnet_rc rc;

    if (is_current(c, about))
        return CARNET_OK;
    table_free(&c->table);
    carnet_source_answers_forget(c->answers);
    rc = table_read(&c->config, &c->table, err);
    c->file = about->st_ino;
    c->size = about->st_size;
    c->changed = about->st_mtim;
    return rc;
}

/* Whether it was looked a moment ago; if not, the caller is to look. */
static bool
was_looked(csv *c)
{
    int64_t now = carnet_source_now_ms(), before = c->looked;

    return (before != 0 && now - before < CARNET_SOURCE_LOOK_MS) ||
           !atomic_compare_exchange_strong(&c->looked, &before, now);
}

/* Returns with the lock held, for reading or writing, unless it fails. */
static carnet_rc
lock_current(csv *c, carnet_err *err)
{
    struct stat about;
    carnet_rc rc;

    if (was_looked(c)) {
        (void)pthread_rwlock_rdlock(&c->lock);
        if (c->table.octets != NULL)
            return CARNET_OK;
        (void)pthread_rwlock_unlock(&c->lock);
    }
    if (stat(c->config.path, &about) != 0) {
        c->looked = 0;
        return unavailable("the table is not there", err);
    }
    (void)pthread_rwlock_rdlock(&c->lock);
    if (is_current(c, &about))
        return CARNET_OK;
    (void)pthread_rwlock_unlock(&c->lock);
    (void)pthread_rwlock_wrlock(&c->lock);
    rc = reread(c, &about, err);
    if (rc != CARNET_OK)
        (void)pthread_rwlock_unlock(&c->lock);
    return rc;
}

/* --- asking --- */

/* What finding one row takes. */
typedef struct finding {
    carnet_str texts[CARNET_SOURCE_COLUMNS_MAX];
    carnet_source_cell cells[CARNET_SOURCE_COLUMNS_MAX];
    uint8_t room[4 * 1024 * 1024];
} finding;

static carnet_rc
answer(const csv *c, const carnet_attribute_query *query, finding *f, carnet_buf *claims, carnet_err *err)
{
    const table *t = &c->table;
    carnet_source_files files = { 0 };
    size_t count = 0, before = claims->len;
    carnet_rc rc;

    for (size_t i = 0; i < t->column_count; i++)
        if (i != t->key && f->texts[i].len != 0)
            f->cells[count++] = (carnet_source_cell){ .column = t->columns[i], .text = f->texts[i] };
    rc = carnet_source_row(query, c->config.files, f->cells, count, &files, claims, err);
    if (rc == CARNET_OK && !claims->overflow)
        carnet_source_answers_put(c->answers, query, carnet_span_of(claims->ptr + before, claims->len - before),
                                  &files);
    carnet_source_files_done(&files);
    return rc;
}

static carnet_rc
find_row(const csv *c, const carnet_attribute_query *query, finding *f, carnet_buf *room, carnet_buf *claims,
         carnet_err *err)
{
    carnet_csv_reader reader;
    const place *p;
    size_t slot;
    carnet_rc rc = slot_of(&c->table, query->subject, room, &slot, err);

    if (rc != CARNET_OK)
        return rc;
    p = &c->table.index[slot];
    if (p->offset == 0)
        return carnet_fail(err, CARNET_E_ISSUING_SUBJECT, NULL, NULL);
    if (p->twice)
        return carnet_fail(err, CARNET_E_ISSUING_SUBJECT, NULL, "the table has more than one row for this person");
    rc = row_read(&c->table, p->offset, p->line, room, f->texts, &reader, err);
    return rc != CARNET_OK ? rc : answer(c, query, f, claims, err);
}

/* With the lock held. */
static carnet_rc
find_anew(const csv *c, const carnet_attribute_query *query, carnet_buf *claims, carnet_err *err)
{
    finding *f = malloc(sizeof(*f));
    carnet_buf room;
    carnet_rc rc;

    if (f == NULL)
        return unavailable("there is no memory", err);
    room = carnet_buf_of(f->room, sizeof(f->room));
    rc = find_row(c, query, f, &room, claims, err);
    carnet_wipe(f->room, room.len);
    free(f);
    return rc;
}

static carnet_rc
csv_find(carnet_attribute_source *source, const carnet_attribute_query *query, carnet_buf *claims, carnet_err *err)
{
    csv *c = source->state;
    carnet_rc rc = lock_current(c, err);

    if (rc != CARNET_OK)
        return rc;
    if (!carnet_source_answers_get(c->answers, query, claims))
        rc = find_anew(c, query, claims, err);
    (void)pthread_rwlock_unlock(&c->lock);
    return rc;
}

static void
csv_done(carnet_attribute_source *source)
{
    csv *c = source->state;

    table_free(&c->table);
    carnet_source_answers_free(c->answers);
    (void)pthread_rwlock_destroy(&c->lock);
    free(c);
}

static const carnet_attribute_source_ops csv_ops = {
    .size = sizeof(csv_ops), .kind = "csv", .find = csv_find, .done = csv_done
};

carnet_rc
carnet_csv_source_open(const carnet_csv_source_config *config, carnet_attribute_source *source, carnet_err *err)
{
    csv *c = calloc(1, sizeof(*c));
    carnet_rc rc;

    *source = (carnet_attribute_source){ 0 };
    if (c == NULL || pthread_rwlock_init(&c->lock, NULL) != 0) {
        free(c);
        return unavailable("there is no memory", err);
    }
    c->config = *config;
    c->answers = carnet_source_answers_new();
    *source = (carnet_attribute_source){ .ops = &csv_ops, .state = c };
    rc = lock_current(c, err);
    if (rc != CARNET_OK) {
        carnet_attribute_source_done(source);
        return rc;
    }
    (void)pthread_rwlock_unlock(&c->lock);
    return CARNET_OK;
}
