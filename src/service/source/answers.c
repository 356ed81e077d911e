/* SPDX-License-Identifier: Apache-2.0 */
/* Answers given before, kept for who is asked about again: so many at most, and none whose files changed since. */
#include "internal.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = 256, ANSWER_MAX = 64 * 1024 };

typedef struct slot {
    pthread_mutex_t lock;
    uint8_t *octets; /* NULL: none; subject, document type, answer */
    size_t len, subject_len, type_len;
    uint64_t stamp;
    carnet_source_files files;
    int64_t looked; /* when they were looked at, in milliseconds; 0: not since they were read */
} slot;

struct carnet_source_answers {
    _Atomic uint64_t stamps; /* that were given */
    slot slots[SLOTS];
};

static void
forget(slot *s)
{
    if (s->octets != NULL)
        carnet_wipe(s->octets, s->len);
    free(s->octets);
    carnet_source_files_done(&s->files);
    s->octets = NULL;
}

carnet_source_answers *
carnet_source_answers_new(void)
{
    carnet_source_answers *answers = calloc(1, sizeof(*answers));

    for (size_t i = 0; answers != NULL && i < SLOTS; i++)
        (void)pthread_mutex_init(&answers->slots[i].lock, NULL);
    return answers;
}

void
carnet_source_answers_forget(carnet_source_answers *answers)
{
    for (size_t i = 0; answers != NULL && i < SLOTS; i++) {
        (void)pthread_mutex_lock(&answers->slots[i].lock);
        forget(&answers->slots[i]);
        (void)pthread_mutex_unlock(&answers->slots[i].lock);
    }
}

void
carnet_source_answers_free(carnet_source_answers *answers)
{
    carnet_source_answers_forget(answers);
    for (size_t i = 0; answers != NULL && i < SLOTS; i++)
        (void)pthread_mutex_destroy(&answers->slots[i].lock);
    free(answers);
}

static bool
is_current(slot *s)
{
    int64_t now = carnet_source_now_ms();

    if (s->looked != 0 && now - s->looked < CARNET_SOURCE_LOOK_MS)
        return true;
    s->looked = now;
    return carnet_source_files_unchanged(&s->files);
}

static slot *
slot_for(carnet_source_answers *answers, carnet_str subject, carnet_str type)
{
    uint32_t hash = 2166136261u;

    for (size_t i = 0; i < subject.len; i++)
        hash = (hash ^ (uint8_t)subject.ptr[i]) * 16777619u;
    for (size_t i = 0; i < type.len; i++)
        hash = (hash ^ (uint8_t)type.ptr[i]) * 16777619u;
    return &answers->slots[(hash ^ hash >> 16) % SLOTS];
}

static bool
is_of(const slot *s, carnet_str subject, carnet_str type)
{
    return s->octets != NULL && s->subject_len == subject.len && s->type_len == type.len &&
           memcmp(s->octets, subject.ptr, subject.len) == 0 && memcmp(s->octets + subject.len, type.ptr, type.len) == 0;
}

/* Whether this is the answer that is known; it goes by its stamp from now on. */
static bool
is_known(const slot *s, const carnet_attribute_query *query)
{
    if (query->stamp == NULL)
        return false;
    *query->stamp = s->stamp;
    return query->known == s->stamp;
}

bool
carnet_source_answers_get(carnet_source_answers *answers, const carnet_attribute_query *query, carnet_buf *claims)
{
    size_t skip = query->subject.len + query->doc_type.len;
    bool found = false;
    slot *s;

    if (answers == NULL)
        return false;
    s = slot_for(answers, query->subject, query->doc_type);
    (void)pthread_mutex_lock(&s->lock);
    if (is_of(s, query->subject, query->doc_type)) {
        found = is_current(s);
        if (found && !is_known(s, query))
            carnet_buf_add(claims, carnet_span_of(s->octets + skip, s->len - skip));
        if (!found)
            forget(s);
    }
    (void)pthread_mutex_unlock(&s->lock);
    return found;
}

void
carnet_source_answers_put(carnet_source_answers *answers, const carnet_attribute_query *query, carnet_span answer,
                          carnet_source_files *files)
{
    size_t skip = query->subject.len + query->doc_type.len;
    uint8_t *octets;
    slot *s;

    if (answers == NULL || answer.len > ANSWER_MAX || files->unknown)
        return;
    octets = malloc(skip + answer.len + 1);
    if (octets == NULL)
        return;
    memcpy(octets, query->subject.ptr, query->subject.len);
    memcpy(octets + query->subject.len, query->doc_type.ptr, query->doc_type.len);
    memcpy(octets + skip, answer.ptr, answer.len);
    s = slot_for(answers, query->subject, query->doc_type);
    (void)pthread_mutex_lock(&s->lock);
    forget(s);
    s->octets = octets;
    s->len = skip + answer.len;
    s->subject_len = query->subject.len;
    s->type_len = query->doc_type.len;
    s->files = *files;
    s->looked = 0;
    s->stamp = ++answers->stamps;
    if (query->stamp != NULL)
        *query->stamp = s->stamp;
    (void)pthread_mutex_unlock(&s->lock);
    *files = (carnet_source_files){ 0 };
}
