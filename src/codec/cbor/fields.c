/* SPDX-License-Identifier: Apache-2.0 */
/* Maps by table: the one place that knows twice, missing, unknown and of the wrong type. */
#include "internal.h"

static inline bool
name_is(const carnet_cbor_field *field, const uint8_t *key, uint64_t len)
{
    size_t own;

    if (field->name == NULL)
        return false;
    own = field->name_len != 0 ? field->name_len : strlen(field->name);
    return own == len && carnet_cbor_bytes_equal(field->name, key, own);
}

/* The key that members in the order of the table bring next; on a match it is read into *step. */
static inline bool
is_likely(carnet_cbor_reader *r, const carnet_cbor_field *field, carnet_path *step)
{
    carnet_cbor_head h;

    if (!carnet_cbor_head_fast(r->at, r->end, &h) || h.major != CBOR_TSTR ||
        h.argument > carnet_cbor_left(h.next, r->end) || !name_is(field, h.next, h.argument))
        return false;
    step->name = (carnet_str){ (const char *)h.next, (size_t)h.argument };
    step->integer_key = false;
    r->at = h.next + h.argument;
    return true;
}

static bool
label_is(const carnet_cbor_field *field, const carnet_path *step)
{
    int64_t key = field->key;

    return field->name == NULL && step->negative == (key < 0) &&
           step->index == (key < 0 ? (uint64_t)(-1 - key) : (uint64_t)key);
}

/* Read a key into *step and find its field, trying `likely` first; `count` if there is none. */
static size_t
find(carnet_cbor_reader *r, const carnet_cbor_field *fields, size_t count, size_t likely, carnet_path *step)
{
    uint8_t major = r->at == r->end ? CBOR_SIMPLE : *r->at >> 5;
    carnet_cbor_head h;
    size_t i, tried;

    step->name = (carnet_str){ 0 };
    step->integer_key = major <= CBOR_NINT;
    step->negative = major == CBOR_NINT;
    if (major == CBOR_TSTR)
        step->name = carnet_cbor_tstr(r);
    else if (major > CBOR_NINT)
        (void)carnet_cbor_any(r);
    else if (carnet_cbor_head_at(r, r->at, &h)) {
        step->index = h.argument;
        r->at = h.next;
    }
    if (r->rc != CARNET_OK || (major > CBOR_NINT && major != CBOR_TSTR))
        return count;
    for (tried = 0, i = likely; tried < count; tried++, i++) {
        if (i >= count)
            i = 0;
        if (major == CBOR_TSTR ? name_is(&fields[i], (const uint8_t *)step->name.ptr, step->name.len)
                               : label_is(&fields[i], step))
            return i;
    }
    return count;
}

/* An item that must be of this type, as received. */
static carnet_span
whole(carnet_cbor_reader *r, uint8_t major, const char *reason)
{
    if (r->at != r->end && *r->at >> 5 != major)
        carnet_cbor_refuse(r, CARNET_E_CBOR_TYPE, NULL, NULL, reason);
    return carnet_cbor_any(r);
}

static void
read_value(carnet_cbor_reader *r, carnet_cbor_kind kind, void *to)
{
    switch (kind) {
    case CARNET_FIELD_ANY:
        *(carnet_span *)to = carnet_cbor_any(r);
        break;
    case CARNET_FIELD_UINT:
        *(uint64_t *)to = carnet_cbor_uint(r);
        break;
    case CARNET_FIELD_INT:
        *(int64_t *)to = carnet_cbor_int(r);
        break;
    case CARNET_FIELD_BSTR:
        *(carnet_span *)to = carnet_cbor_bstr(r);
        break;
    case CARNET_FIELD_TSTR:
        *(carnet_str *)to = carnet_cbor_tstr(r);
        break;
    case CARNET_FIELD_BOOL:
        *(bool *)to = carnet_cbor_bool(r);
        break;
    case CARNET_FIELD_ARRAY:
        *(carnet_span *)to = whole(r, CBOR_ARRAY, "an array is required");
        break;
    case CARNET_FIELD_MAP:
        *(carnet_span *)to = whole(r, CBOR_MAP, "a map is required");
        break;
    case CARNET_FIELD_EMBEDDED:
        *(carnet_cbor_embedded *)to = carnet_cbor_tag24(r);
        break;
    }
}

/* Refuse with a path that ends in the field's name. */
static void
refuse_missing(carnet_cbor_reader *r, const carnet_cbor_field *field, const uint8_t *map)
{
    int64_t key = field->key;
    carnet_path step = { .up = r->path, .name = carnet_str_of(field->name) };
    const carnet_path *outer = r->path;

    if (field->name == NULL) {
        step.integer_key = true;
        step.negative = key < 0;
        step.index = key < 0 ? (uint64_t)(-1 - key) : (uint64_t)key;
    }
    r->path = &step;
    carnet_cbor_refuse(r, CARNET_E_CBOR_KEY_MISSING, map, NULL, NULL);
    r->path = outer;
}

/* What the table says of one pair; false for a member it does not name. */
static bool
read_pair(carnet_cbor_reader *r, const carnet_cbor_field *field, const uint8_t *key, uint32_t bit, uint32_t *got,
          uint8_t *into)
{
    if (field == NULL) {
        r->seen |= CARNET_CBOR_UNKNOWN_KEY;
        (void)carnet_cbor_any(r);
        return false;
    }
    if (*got & bit) {
        carnet_cbor_refuse(r, CARNET_E_CBOR_KEY_TWICE, key, "RFC 8949 5.6", NULL);
        return true;
    }
    *got |= bit;
    read_value(r, field->kind, into + field->offset);
    if (field->present != CARNET_NO_OFFSET)
        *(bool *)(into + field->present) = r->rc == CARNET_OK;
    return true;
}

/* Take note of a key.  Members of the table cannot come twice unseen; others are told apart by the filter. */
static inline void
note_key(carnet_cbor_keys *keys, const carnet_cbor_reader *r, const uint8_t *key, bool known)
{
    carnet_span now = { key, (size_t)(r->at - key) };

    if (!known)
        carnet_cbor_keys_add(keys, r, key, r->at, UINT64_MAX);
    else if (carnet_cbor_keys_sorted(keys))
        carnet_cbor_keys_order(keys, carnet_cbor_load(key, now.len), now);
}

static void
finish(carnet_cbor_reader *r, const carnet_cbor_walk *walk, const carnet_cbor_keys *keys, size_t unknown)
{
    if (carnet_cbor_keys_sorted(keys))
        return;
    r->seen |= CARNET_CBOR_UNSORTED;
    if (unknown > 1 && keys->suspect)
        (void)carnet_cbor_unique(r, walk->start, walk->index + 1);
}

static void
require(carnet_cbor_reader *r, const carnet_cbor_field *fields, size_t count, uint32_t got, const uint8_t *map)
{
    for (size_t i = 0; i < count; i++)
        if (fields[i].required && !(got >> i & 1))
            refuse_missing(r, &fields[i], map);
}

void
carnet_cbor_fields(carnet_cbor_reader *r, const carnet_cbor_field *fields, size_t count, void *into)
{
    const carnet_path *outer = r->path;
    const uint8_t *map = r->at, *key;
    carnet_path step = { .up = outer };
    carnet_cbor_walk walk;
    carnet_cbor_keys keys;
    size_t i = 0, unknown = 0;
    uint32_t got = 0;

    if (count > 32)
        carnet_cbor_refuse(r, CARNET_E_USAGE, NULL, NULL, "a table has at most 32 fields");
    if (!carnet_cbor_enter(r, &walk, CBOR_MAP))
        return;
    carnet_cbor_keys_begin(&keys);
    while (carnet_cbor_next(r, &walk)) {
        key = r->at;
        step.index = walk.index;
        if (i >= count || !is_likely(r, &fields[i], &step))
            i = find(r, fields, count, i, &step);
        if (r->rc != CARNET_OK)
            continue;
        note_key(&keys, r, key, i < count);
        r->path = &step;
        if (!read_pair(r, i < count ? &fields[i] : NULL, key, i < count ? (uint32_t)1 << i : 0, &got, into))
            unknown++;
        r->path = outer;
        i++;
    }
    if (r->rc == CARNET_OK) {
        finish(r, &walk, &keys, unknown);
        require(r, fields, count, got, map);
    }
}
