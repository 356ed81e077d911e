/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Grants that were read a moment ago, by their access tokens' hashes: what is
 * issued is issued in a transaction that reads the grant anew, so here it need
 * not be of this very moment.  Those with claims are not kept.
 */
#include "internal.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = 512, ROOM = 768, KEPT_S = 2 };

typedef struct known {
    carnet_time read; /* 0: none */
    size_t len;
    carnet_store_grant grant; /* its views point into the octets */
    uint8_t octets[ROOM];
} known;

struct authorization_knowledge {
    pthread_mutex_t lock;
    known slots[SLOTS];
};

authorization_knowledge *
carnet_authorization_knowledge_new(void)
{
    authorization_knowledge *knowledge = calloc(1, sizeof(*knowledge));

    if (knowledge != NULL)
        (void)pthread_mutex_init(&knowledge->lock, NULL);
    return knowledge;
}

void
carnet_authorization_knowledge_free(authorization_knowledge **knowledge)
{
    if (*knowledge == NULL)
        return;
    (void)pthread_mutex_destroy(&(*knowledge)->lock);
    carnet_wipe(*knowledge, sizeof(**knowledge));
    free(*knowledge);
    *knowledge = NULL;
}

/* The views' octets lie elsewhere now; false: one of them was not among them. */
static bool
move(carnet_store_grant *grant, const uint8_t *from, size_t len, const uint8_t *to)
{
    carnet_span *spans[] = { &grant->access_hash, &grant->refresh_hash, &grant->jkt, &grant->client_key };
    carnet_str *texts[] = { &grant->client_id, &grant->configurations, &grant->scope, &grant->subject, &grant->reason };
    bool all = true;

    for (size_t i = 0; i < CARNET_COUNT(spans); i++) {
        const uint8_t *ptr = spans[i]->ptr;

        all = all && (spans[i]->len == 0 || (ptr >= from && ptr + spans[i]->len <= from + len));
        spans[i]->ptr = spans[i]->len == 0 || !all ? NULL : to + (ptr - from);
    }
    for (size_t i = 0; i < CARNET_COUNT(texts); i++) {
        const uint8_t *ptr = (const uint8_t *)texts[i]->ptr;

        all = all && (texts[i]->len == 0 || (ptr >= from && ptr + texts[i]->len <= from + len));
        texts[i]->ptr = texts[i]->len == 0 || !all ? NULL : (const char *)to + (ptr - from);
    }
    return all;
}

static known *
slot_of(authorization_knowledge *knowledge, const uint8_t hash[CARNET_STORE_HASH])
{
    return &knowledge->slots[(hash[0] << 8 | hash[1]) % SLOTS];
}

bool
carnet_authorization_known(authorization_call *call, const uint8_t hash[CARNET_STORE_HASH], carnet_store_grant *grant)
{
    authorization_knowledge *knowledge = call->as->knowledge;
    known *slot = slot_of(knowledge, hash);
    bool found;

    (void)pthread_mutex_lock(&knowledge->lock);
    found = slot->read != 0 && call->now >= slot->read && call->now - slot->read < KEPT_S &&
            memcmp(slot->grant.access_hash.ptr, hash, CARNET_STORE_HASH) == 0;
    if (found) {
        call->room = carnet_service_scratch_buf(call->worker, slot->len);
        carnet_buf_add(&call->room, carnet_span_of(slot->octets, slot->len));
        *grant = slot->grant;
        found = !call->room.overflow && move(grant, slot->octets, slot->len, call->room.ptr);
        if (!found)
            call->room = carnet_buf_of(NULL, 0);
    }
    (void)pthread_mutex_unlock(&knowledge->lock);
    return found;
}

void
carnet_authorization_know(const authorization_call *call, const carnet_store_grant *grant)
{
    authorization_knowledge *knowledge = call->as->knowledge;
    const carnet_buf *room = &call->room;
    known *slot;

    if (grant->claims.len != 0 || room->len > ROOM || grant->access_hash.len != CARNET_STORE_HASH)
        return;
    slot = slot_of(knowledge, grant->access_hash.ptr);
    (void)pthread_mutex_lock(&knowledge->lock);
    memcpy(slot->octets, room->ptr, room->len);
    slot->len = room->len;
    slot->grant = *grant;
    slot->grant.claims = (carnet_span){ 0 };
    slot->read = move(&slot->grant, room->ptr, room->len, slot->octets) ? call->now : 0;
    (void)pthread_mutex_unlock(&knowledge->lock);
}
