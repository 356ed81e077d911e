/* SPDX-License-Identifier: Apache-2.0 */
/* Requests that wait for answers: a table by key, and two lists by time. */
#include "carnet/matching.h"

#include <string.h>

enum { FREE, WAITS, OVER };

static void
add_octet(carnet_matching_key *key, uint8_t octet, bool *fits)
{
    if (key->len < CARNET_MATCHING_KEY)
        key->octets[key->len++] = octet;
    else
        *fits = false;
}

/* The value without blanks at its end, and a sign that it has ended: "1" and "23" are not "12" and "3". */
static void
add_element(const carnet_iso8583_message *message, unsigned element, carnet_matching_key *key, bool *fits)
{
    uint8_t octets[CARNET_MATCHING_KEY];
    carnet_buf room = carnet_buf_of(octets, sizeof(octets));
    carnet_str text = carnet_iso8583_text(message, element, &room);

    while (text.len != 0 && text.ptr[text.len - 1] == ' ')
        text.len--;
    for (size_t i = 0; i < text.len; i++)
        add_octet(key, (uint8_t)text.ptr[i], fits);
    add_octet(key, 0x1f, fits);
    *fits = *fits && !room.overflow;
}

carnet_rc
carnet_matching_key_of(const carnet_iso8583_message *message, unsigned by, carnet_matching_key *key, carnet_err *err)
{
    static const struct {
        unsigned bit, element;
    } parts[] = { { CARNET_MATCH_STAN, 11 },
                  { CARNET_MATCH_TIME, 7 },
                  { CARNET_MATCH_ACQUIRER, 32 },
                  { CARNET_MATCH_REFERENCE, 37 },
                  { CARNET_MATCH_TERMINAL, 41 } };
    const unsigned class = carnet_mti_class(message->mti);
    bool fits = true;

    key->len = 0;
    if (class == CARNET_MTI_NETWORK)
        by = CARNET_MATCH_STAN | (by & CARNET_MATCH_TIME);
    if (!carnet_iso8583_has(message, 11))
        return carnet_fail(err, CARNET_E_MATCHING_KEY, NULL, "there is no DE 11");
    add_octet(key, (uint8_t) class, &fits);
    for (size_t i = 0; i < CARNET_COUNT(parts); i++)
        if ((by & parts[i].bit) != 0)
            add_element(message, parts[i].element, key, &fits);
    if (fits)
        return CARNET_OK;
    key->len = 0;
    return carnet_fail(err, CARNET_E_MATCHING_KEY, NULL, "the elements are too long");
}

void
carnet_matching_init(carnet_matching *m, carnet_matching_slot *slots, uint32_t slot_count, uint32_t *buckets,
                     uint32_t bucket_count, uint32_t memory_ms)
{
    *m = (carnet_matching){ .slots = slots,
                            .buckets = buckets,
                            .slot_count = slot_count,
                            .bucket_count = bucket_count,
                            .memory_ms = memory_ms };
    for (uint32_t i = 0; i < bucket_count; i++)
        buckets[i] = 0;
    for (uint32_t i = 0; i < slot_count; i++)
        slots[i] = (carnet_matching_slot){ .after = i + 1 < slot_count ? i + 2 : 0 };
    m->free = slot_count != 0 ? 1 : 0;
}

static uint32_t *
bucket_of(const carnet_matching *m, const carnet_matching_key *key)
{
    uint32_t hash = 2166136261u;

    for (uint8_t i = 0; i < key->len; i++)
        hash = (hash ^ key->octets[i]) * 16777619u;
    return &m->buckets[(hash ^ hash >> 15) & (m->bucket_count - 1)];
}

static bool
same(const carnet_matching_key *a, const carnet_matching_key *b)
{
    return a->len == b->len && memcmp(a->octets, b->octets, a->len) == 0;
}

/* Slots are known by their index and 1; 0 is none. */
static carnet_matching_slot *
at(const carnet_matching *m, uint32_t number)
{
    return &m->slots[number - 1];
}

/* Times mostly grow: from the end the place is soon found. */
static void
into_list(carnet_matching *m, uint32_t number, unsigned list)
{
    carnet_matching_slot *slot = at(m, number);
    uint32_t before = m->last[list];

    while (before != 0 && at(m, before)->deadline > slot->deadline)
        before = at(m, before)->before;
    slot->before = before;
    slot->after = before != 0 ? at(m, before)->after : m->first[list];
    if (before != 0)
        at(m, before)->after = number;
    else
        m->first[list] = number;
    if (slot->after != 0)
        at(m, slot->after)->before = number;
    else
        m->last[list] = number;
}

static void
out_of_list(carnet_matching *m, uint32_t number, unsigned list)
{
    carnet_matching_slot *slot = at(m, number);

    if (slot->before != 0)
        at(m, slot->before)->after = slot->after;
    else
        m->first[list] = slot->after;
    if (slot->after != 0)
        at(m, slot->after)->before = slot->before;
    else
        m->last[list] = slot->before;
}

static void
release(carnet_matching *m, uint32_t number)
{
    carnet_matching_slot *slot = at(m, number);
    uint32_t *link = bucket_of(m, &slot->key);

    out_of_list(m, number, slot->state == WAITS ? 0 : 1);
    m->waiting -= slot->state == WAITS;
    m->over -= slot->state == OVER;
    while (*link != number)
        link = &at(m, *link)->chain;
    *link = slot->chain;
    *slot = (carnet_matching_slot){ .after = m->free };
    m->free = number;
}

/* One that waits is found before one that is over: a trace number comes again one day. */
static uint32_t
find(const carnet_matching *m, const carnet_matching_key *key, unsigned state)
{
    uint32_t number = *bucket_of(m, key);

    while (number != 0 && (at(m, number)->state != state || !same(&at(m, number)->key, key)))
        number = at(m, number)->chain;
    return number;
}

carnet_rc
carnet_matching_sent(carnet_matching *m, const carnet_matching_key *key, uint64_t tag, int64_t deadline,
                     carnet_err *err)
{
    uint32_t number, *bucket;

    if (key->len == 0)
        return carnet_fail(err, CARNET_E_MATCHING_KEY, NULL, NULL);
    if (find(m, key, WAITS) != 0)
        return carnet_fail(err, CARNET_E_MATCHING_TWICE, NULL, NULL);
    if (m->free == 0 && m->first[1] != 0)
        release(m, m->first[1]);
    if (m->free == 0)
        return carnet_fail(err, CARNET_E_MATCHING_FULL, NULL, NULL);
    number = m->free;
    m->free = at(m, number)->after;
    bucket = bucket_of(m, key);
    *at(m, number) =
        (carnet_matching_slot){ .key = *key, .tag = tag, .deadline = deadline, .state = WAITS, .chain = *bucket };
    *bucket = number;
    into_list(m, number, 0);
    m->waiting++;
    return CARNET_OK;
}

carnet_match
carnet_matching_received(carnet_matching *m, const carnet_matching_key *key, uint64_t *tag)
{
    carnet_match match = CARNET_MATCH_FOUND;
    uint32_t number = key->len != 0 ? find(m, key, WAITS) : 0;

    *tag = 0;
    if (number == 0 && key->len != 0) {
        number = find(m, key, OVER);
        match = CARNET_MATCH_LATE;
    }
    if (number == 0)
        return CARNET_MATCH_NONE;
    *tag = at(m, number)->tag;
    release(m, number);
    return match;
}

static void
give_up(carnet_matching *m, uint32_t number, int64_t now)
{
    carnet_matching_slot *slot = at(m, number);

    out_of_list(m, number, 0);
    slot->state = OVER;
    slot->deadline = now + m->memory_ms;
    into_list(m, number, 1);
    m->waiting--;
    m->over++;
}

bool
carnet_matching_expired(carnet_matching *m, int64_t now, uint64_t *tag)
{
    const uint32_t number = m->first[0];

    *tag = 0;
    while (m->first[1] != 0 && at(m, m->first[1])->deadline <= now)
        release(m, m->first[1]);
    if (number == 0 || at(m, number)->deadline > now)
        return false;
    *tag = at(m, number)->tag;
    give_up(m, number, now);
    return true;
}

bool
carnet_matching_abandon(carnet_matching *m, int64_t now, uint64_t *tag)
{
    const uint32_t number = m->first[0];

    *tag = 0;
    if (number == 0)
        return false;
    *tag = at(m, number)->tag;
    give_up(m, number, now);
    return true;
}

int64_t
carnet_matching_next(const carnet_matching *m)
{
    return m->first[0] != 0 ? at(m, m->first[0])->deadline : INT64_MAX;
}
