/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a person's claims come to as the elements of a document, kept a minute
 * for who asks again: the claims are compared, not read, and not even that when
 * their source says that they are the same.  In memory only, so many at most,
 * wiped when another takes the place.
 */
#include "internal.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = 64, KEPT_S = 60, KEPT_MAX = 64 * 1024, STORAGE = CARNET_ISSUING_CLAIMS_MAX };

struct carnet_issuing_typed {
    atomic_uint holders;
    const carnet_issuing_document *document;
    carnet_time made;
    uint64_t stamp; /* of the source's answer that the claims are; 0: none.  Under the lock */
    struct {
        size_t certificates, chain, uri, size;
    } measured;  /* under the lock */
    size_t size; /* of all this */
    carnet_str claims;
    size_t count;
    carnet_element elements[];
};

struct carnet_issuing_typings {
    pthread_mutex_t lock;
    carnet_issuing_typed *slots[SLOTS];
};

carnet_issuing_typings *
carnet_issuing_typings_new(void)
{
    carnet_issuing_typings *typings = calloc(1, sizeof(*typings));

    if (typings != NULL)
        (void)pthread_mutex_init(&typings->lock, NULL);
    return typings;
}

void
carnet_issuing_typings_free(carnet_issuing_typings **typings)
{
    if (*typings == NULL)
        return;
    for (size_t i = 0; i < SLOTS; i++)
        carnet_issuing_typed_done((*typings)->slots[i]);
    (void)pthread_mutex_destroy(&(*typings)->lock);
    free(*typings);
    *typings = NULL;
}

void
carnet_issuing_typed_done(carnet_issuing_typed *typed)
{
    if (typed == NULL || --typed->holders != 0)
        return;
    carnet_wipe(typed, typed->size);
    free(typed);
}

const carnet_element *
carnet_issuing_typed_elements(const carnet_issuing_typed *typed, size_t *count)
{
    *count = typed->count;
    return typed->elements;
}

static size_t
chain_length(const carnet_issue_signer *signer)
{
    size_t sum = 0;

    for (size_t i = 0; i < signer->chain_count; i++)
        sum += signer->chain[i].len;
    return sum;
}

size_t
carnet_issuing_typed_measured(const carnet_issuing_exchange *x, const carnet_issuing_typed *typed,
                              const carnet_issue_signer *signer, carnet_str status_uri)
{
    const size_t chain = chain_length(signer);
    size_t size;

    (void)pthread_mutex_lock(&x->issuing->typings->lock);
    size = typed->measured.certificates == signer->chain_count && typed->measured.chain == chain &&
                   typed->measured.uri == status_uri.len
               ? typed->measured.size
               : 0;
    (void)pthread_mutex_unlock(&x->issuing->typings->lock);
    return size;
}

void
carnet_issuing_typed_measure(const carnet_issuing_exchange *x, carnet_issuing_typed *typed,
                             const carnet_issue_signer *signer, carnet_str status_uri, size_t size)
{
    const size_t chain = chain_length(signer);

    (void)pthread_mutex_lock(&x->issuing->typings->lock);
    typed->measured.certificates = signer->chain_count;
    typed->measured.chain = chain;
    typed->measured.uri = status_uri.len;
    typed->measured.size = size;
    (void)pthread_mutex_unlock(&x->issuing->typings->lock);
}

static carnet_issuing_typed **
slot_of(const carnet_issuing_exchange *x, const carnet_issuing_document *document)
{
    carnet_str subject = x->access.grant.subject;
    uint32_t hash = 2166136261u + (uint32_t)(document - x->issuing->policy.documents);

    for (size_t i = 0; i < subject.len; i++)
        hash = (hash ^ (uint8_t)subject.ptr[i]) * 16777619u;
    return &x->issuing->typings->slots[(hash ^ hash >> 16) % SLOTS];
}

static bool
is_fresh(const carnet_issuing_exchange *x, const carnet_issuing_typed *typed, const carnet_issuing_document *document)
{
    return typed != NULL && typed->document == document && x->access.now - typed->made < KEPT_S &&
           x->access.now >= typed->made;
}

carnet_issuing_typed *
carnet_issuing_typed_before(carnet_issuing_exchange *x, const carnet_issuing_document *document, uint64_t *stamp,
                            carnet_str *claims)
{
    carnet_issuing_typed *found;

    *stamp = 0;
    (void)pthread_mutex_lock(&x->issuing->typings->lock);
    found = *slot_of(x, document);
    if (is_fresh(x, found, document) && found->stamp != 0) {
        found->holders++;
        *stamp = found->stamp;
        *claims = found->claims;
    } else {
        found = NULL;
    }
    (void)pthread_mutex_unlock(&x->issuing->typings->lock);
    return found;
}

static carnet_issuing_typed *
find(carnet_issuing_exchange *x, const carnet_issuing_document *document, carnet_str claims)
{
    carnet_issuing_typed **slot = slot_of(x, document), *found;

    (void)pthread_mutex_lock(&x->issuing->typings->lock);
    found = *slot;
    if (is_fresh(x, found, document) && carnet_str_equal(found->claims, claims)) {
        found->holders++;
        found->stamp = x->stamp;
    } else {
        found = NULL;
    }
    (void)pthread_mutex_unlock(&x->issuing->typings->lock);
    return found;
}

static void
keep(carnet_issuing_exchange *x, carnet_issuing_typed *typed)
{
    carnet_issuing_typed **slot = slot_of(x, typed->document), *before;

    if (typed->size > KEPT_MAX)
        return;
    typed->holders++;
    (void)pthread_mutex_lock(&x->issuing->typings->lock);
    before = *slot;
    *slot = typed;
    (void)pthread_mutex_unlock(&x->issuing->typings->lock);
    carnet_issuing_typed_done(before);
}

/* Elements in the scratch. */
static carnet_rc
read_claims(carnet_issuing_exchange *x, const carnet_issuing_document *document, carnet_str text, carnet_buf *storage,
            carnet_element *elements, size_t *count, carnet_err *err)
{
    const carnet_claims_options options = { .doctype = document->policy.doctype };
    carnet_json *claims = NULL;
    carnet_rc rc = carnet_json_parse(text, &claims, err);

    if (rc == CARNET_OK)
        rc = carnet_issuing_claims_narrow(x, document, &claims, err);
    if (rc == CARNET_OK)
        rc = carnet_issuing_room(x, STORAGE, storage, err);
    if (rc == CARNET_OK) {
        rc = carnet_claims_read(claims, &options, storage, elements, CARNET_ISSUE_ELEMENTS_MAX, count, err);
        carnet_issuing_settle(x, storage);
    }
    carnet_json_free(&claims);
    return rc;
}

/* The same octets at another place. */
static const uint8_t *
moved(const void *ptr, const carnet_buf *from, const uint8_t *to)
{
    return to + ((const uint8_t *)ptr - from->ptr);
}

static carnet_issuing_typed *
copy(const carnet_buf *storage, const carnet_element *elements, size_t count, carnet_str claims)
{
    size_t fixed = sizeof(carnet_issuing_typed) + count * sizeof(*elements), size = fixed + storage->len + claims.len;
    carnet_issuing_typed *typed = malloc(size);
    uint8_t *octets;

    if (typed == NULL)
        return NULL;
    octets = (uint8_t *)typed + fixed;
    memcpy(octets, storage->ptr, storage->len);
    memcpy(octets + storage->len, claims.ptr, claims.len);
    *typed = (carnet_issuing_typed){
        .holders = 1, .size = size, .claims = { (const char *)octets + storage->len, claims.len }, .count = count
    };
    for (size_t i = 0; i < count; i++) {
        carnet_element e = elements[i];

        e.name_space.ptr = (const char *)moved(e.name_space.ptr, storage, octets);
        e.identifier.ptr = (const char *)moved(e.identifier.ptr, storage, octets);
        e.value.ptr = moved(e.value.ptr, storage, octets);
        typed->elements[i] = e;
    }
    return typed;
}

carnet_rc
carnet_issuing_type(carnet_issuing_exchange *x, const carnet_issuing_document *document, carnet_str claims,
                    carnet_issuing_typed **typed, carnet_err *err)
{
    carnet_element *elements;
    carnet_buf storage;
    size_t count;
    carnet_rc rc;

    if (x->typed != NULL)
        x->typed->holders++;
    *typed = x->typed != NULL ? x->typed : find(x, document, claims);
    if (*typed != NULL)
        return CARNET_OK;
    elements = carnet_service_scratch(x->worker, CARNET_ISSUE_ELEMENTS_MAX * sizeof(*elements));
    if (elements == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    rc = read_claims(x, document, claims, &storage, elements, &count, err);
    if (rc != CARNET_OK)
        return rc;
    *typed = copy(&storage, elements, count, claims);
    if (*typed == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    (*typed)->document = document;
    (*typed)->made = x->access.now;
    (*typed)->stamp = x->stamp;
    keep(x, *typed);
    return CARNET_OK;
}
