/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Indices of status lists: a counter, handed out in blocks, through a
 * permutation with a key, so that who sees an index learns nothing of when it
 * was issued, nor which come next.
 */
#include "carnet/store_credential.h"
#include "internal.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK            256 /* indices an instance takes at once, and loses when it ends */
#define ROUNDS           8   /* of the Feistel network */
#define SIZE_MAX_OF_LIST (INT64_C(1) << 40)

/* What is left of the indices this instance took for a list. */
struct carnet_store_block {
    char name[64];
    int64_t number, size, next, end;
    uint8_t key[16];
    carnet_store_block *following;
};

static uint64_t
rotated(uint64_t x, unsigned by)
{
    return x << by | x >> (64 - by);
}

static void
sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[1] = rotated(v[1], 13) ^ v[0];
    v[0] = rotated(v[0], 32);
    v[2] += v[3];
    v[3] = rotated(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotated(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotated(v[1], 17) ^ v[2];
    v[2] = rotated(v[2], 32);
}

static uint64_t
little_endian(const uint8_t *at)
{
    uint64_t value = 0;

    for (size_t i = 8; i-- > 0;)
        value = value << 8 | at[i];
    return value;
}

/* SipHash-2-4 of the eight octets of `word`. */
static uint64_t
siphash(const uint8_t key[16], uint64_t word)
{
    uint64_t k0 = little_endian(key), k1 = little_endian(key + 8);
    uint64_t v[4] = { k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d, k0 ^ 0x6c7967656e657261,
                      k1 ^ 0x7465646279746573 };
    const uint64_t words[] = { word, UINT64_C(8) << 56 };

    for (size_t i = 0; i < 2; i++) {
        v[3] ^= words[i];
        sip_round(v);
        sip_round(v);
        v[0] ^= words[i];
    }
    v[2] ^= 0xff;
    for (size_t i = 0; i < 4; i++)
        sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* A Feistel network over the next even number of bits; what falls outside is sent through again. */
uint64_t
carnet_store_permute(const uint8_t key[16], uint64_t size, uint64_t index)
{
    unsigned half = 1;
    uint64_t mask;

    while (half < 31 && UINT64_C(1) << 2 * half < size)
        half++;
    mask = (UINT64_C(1) << half) - 1;
    do {
        uint64_t left = index >> half, right = index & mask;

        for (uint64_t round = 0; round < ROUNDS; round++) {
            uint64_t mixed = left ^ (siphash(key, round << 32 | right) & mask);

            left = right;
            right = mixed;
        }
        index = left << half | right;
    } while (index >= size);
    return index;
}

void
carnet_store_blocks_free(carnet_store_block *blocks)
{
    while (blocks != NULL) {
        carnet_store_block *next = blocks->following;

        carnet_wipe(blocks->key, sizeof(blocks->key));
        free(blocks);
        blocks = next;
    }
}

static carnet_store_block *
block_of(carnet_store *store, carnet_str list, int64_t size)
{
    carnet_store_block *block = store->blocks;

    while (block != NULL && !carnet_str_is(list, block->name))
        block = block->following;
    if (block != NULL || (block = calloc(1, sizeof(*block))) == NULL)
        return block;
    memcpy(block->name, list.ptr, list.len);
    block->size = size;
    block->following = store->blocks;
    store->blocks = block;
    return block;
}

static void
read_list(carnet_store_query *query, void *record, carnet_buf *room)
{
    carnet_store_block *block = record;
    carnet_span key;

    block->number = carnet_store_get_integer(query);
    block->size = carnet_store_get_integer(query);
    block->next = carnet_store_get_integer(query);
    key = carnet_store_get_bytes(query, room);
    if (key.len == sizeof(block->key))
        memcpy(block->key, key.ptr, sizeof(block->key));
}

static carnet_rc
begin_list(carnet_store_session *session, carnet_store_block *block, carnet_err *err)
{
    static const carnet_store_statement statement = {
        CARNET_SQL_status_list_insert,
        "INSERT INTO status_lists (number, name, size, next, key, created)"
        " SELECT coalesce(max(number), 0) + 1, $1, $2, 0, $3, $4 FROM status_lists",
    };
    carnet_store_query query;
    carnet_rc rc;

    rc = carnet_random_fill(&session->store->random, block->key, sizeof(block->key), err);
    if (rc != CARNET_OK)
        return rc;
    carnet_store_ask(&query, session, &statement);
    carnet_store_put_text(&query, carnet_str_of(block->name));
    carnet_store_put_integer(&query, block->size);
    carnet_store_put_bytes(&query, carnet_span_of(block->key, sizeof(block->key)));
    carnet_store_put_integer(&query, carnet_store_calendar_ms() / 1000);
    return carnet_store_run(&query, err);
}

static carnet_rc
current_list(carnet_store_session *session, carnet_store_block *block, carnet_err *err)
{
    static const carnet_store_statement statement = {
        CARNET_SQL_status_list_current,
        "SELECT number, size, next, key FROM status_lists WHERE name = $1 ORDER BY number DESC LIMIT 1 @LOCK@",
    };
    carnet_store_block found;
    carnet_store_query query;
    carnet_rc rc;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_text(&query, carnet_str_of(block->name));
    rc = carnet_store_one(&query, read_list, &found, sizeof(found), NULL, err);
    if (rc == CARNET_OK) {
        block->number = found.number;
        block->next = found.next;
        block->size = found.size;
        memcpy(block->key, found.key, sizeof(block->key));
    }
    return rc;
}

/* One after the other takes from a list, or opens the next. */
static carnet_rc
take_block(void *arg, carnet_store_session *session, carnet_err *err)
{
    static const carnet_store_statement lock = {
        CARNET_SQL_status_list_lock,
        "UPDATE counters SET value = value WHERE name = 'instance'",
    };
    static const carnet_store_statement advance = {
        CARNET_SQL_status_list_advance,
        "UPDATE status_lists SET next = $2 WHERE number = $1",
    };
    carnet_store_block *taken = arg;
    int64_t size = taken->size;
    carnet_store_query query;
    carnet_rc rc;

    carnet_store_ask(&query, session, &lock);
    if ((rc = carnet_store_run(&query, err)) != CARNET_OK)
        return rc;
    rc = current_list(session, taken, err);
    if (rc == CARNET_E_STORE_ABSENT || (rc == CARNET_OK && taken->next >= taken->size)) {
        taken->size = size;
        if ((rc = begin_list(session, taken, err)) == CARNET_OK)
            rc = current_list(session, taken, err);
    }
    if (rc != CARNET_OK)
        return rc;
    taken->end = taken->size - taken->next < BLOCK ? taken->size : taken->next + BLOCK;
    carnet_store_ask(&query, session, &advance);
    carnet_store_put_integer(&query, taken->number);
    carnet_store_put_integer(&query, taken->end);
    return carnet_store_change(&query, CARNET_E_STORE_FAILED, err);
}

/* A batch is not spread over two lists: what is too little for it at a list's end is left. */
static carnet_rc
refill(carnet_store *store, carnet_store_block *block, int64_t size, int64_t count, carnet_err *err)
{
    carnet_rc rc;

    while (block->end - block->next < count) {
        carnet_store_block taken = *block;

        taken.size = size;
        if ((rc = carnet_store_transact(store, take_block, &taken, err)) != CARNET_OK)
            return rc;
        if (taken.number == block->number && taken.next == block->end)
            taken.next = block->next;
        taken.following = block->following;
        *block = taken;
    }
    return CARNET_OK;
}

carnet_rc
carnet_store_status_take(carnet_store *store, carnet_str list, int64_t size, size_t count, int64_t *indices,
                         int64_t *number, carnet_err *err)
{
    carnet_store_block *block;
    carnet_rc rc = CARNET_E_NO_SPACE;

    *number = 0;
    memset(indices, 0, count * sizeof(*indices));
    if (list.len == 0 || list.len >= sizeof(block->name) || count > BLOCK || size < BLOCK || size > SIZE_MAX_OF_LIST)
        return carnet_fail(err, CARNET_E_USAGE, NULL,
                           "a status list has a name of 1 to 63 octets, and 256 indices or more");
    pthread_mutex_lock(&store->indices);
    block = block_of(store, list, size);
    if (block != NULL && (rc = refill(store, block, size, (int64_t)count, err)) == CARNET_OK) {
        for (size_t i = 0; i < count; i++)
            indices[i] = (int64_t)carnet_store_permute(block->key, (uint64_t)block->size, (uint64_t)block->next++);
        *number = block->number;
    }
    pthread_mutex_unlock(&store->indices);
    return rc == CARNET_OK ? CARNET_OK : block == NULL ? carnet_fail(err, rc, NULL, NULL) : rc;
}
