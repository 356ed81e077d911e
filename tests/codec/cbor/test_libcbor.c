/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Carnet against libcbor, on generated items and on mutations of them.  Both
 * must agree on what is well-formed.  Explained differences: libcbor knows
 * neither keys met twice nor a bound of depth nor UTF-8, and takes no simple
 * values without a name and no tags from 6 to 20 in one byte.
 */
#include "support/support.h"

#include "carnet/cbor.h"

#include <cbor.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS 4000

static uint8_t storage[4096];

/* A head of any width that holds the argument: sometimes wider than needed. */
static void
add_head(carnet_buf *out, carnet_test_seed *seed, uint8_t major, uint64_t argument)
{
    static const unsigned infos[] = { [1] = 24, [2] = 25, [4] = 26, [8] = 27 };
    size_t size = carnet_cbor_head_size(argument) - 1;

    if (carnet_test_number(seed) % 8 == 0)
        size = size == 0 ? 1 : size < 8 ? size * 2 : 8;
    carnet_buf_add_byte(out, (uint8_t)((unsigned)major << 5 | (size == 0 ? (unsigned)argument : infos[size])));
    for (size_t i = size; i-- > 0;)
        carnet_buf_add_byte(out, (uint8_t)(argument >> (8 * i)));
}

static uint64_t
any_number(carnet_test_seed *seed)
{
    return carnet_test_number(seed) >> (carnet_test_number(seed) % 64);
}

static void
add_string(carnet_buf *out, carnet_test_seed *seed, uint8_t major)
{
    size_t len = (size_t)(carnet_test_number(seed) % 30);

    add_head(out, seed, major, len);
    while (len-- > 0)
        carnet_buf_add_byte(out, (uint8_t)('a' + carnet_test_number(seed) % 26));
}

static void
add_leaf(carnet_buf *out, carnet_test_seed *seed)
{
    uint64_t bits = carnet_test_number(seed);

    switch (carnet_test_number(seed) % 6) {
    case 0:
    case 1:
        add_head(out, seed, carnet_test_number(seed) & 1, any_number(seed));
        return;
    case 2:
    case 3:
        add_string(out, seed, 2 + (carnet_test_number(seed) & 1));
        return;
    case 4:
        carnet_buf_add_byte(out, (uint8_t)(0xf4 + bits % 4));
        return;
    default: {
        unsigned width = 1U << (1 + bits % 3);

        carnet_buf_add_byte(out, (uint8_t)(width == 2 ? 0xf9 : width == 4 ? 0xfa : 0xfb));
        for (unsigned i = 0; i < width; i++)
            carnet_buf_add_byte(out, (uint8_t)carnet_test_number(seed));
        return;
    }
    }
}

static void
add_item(carnet_buf *out, carnet_test_seed *seed, unsigned depth)
{
    uint64_t kind = depth == 0 ? 0 : carnet_test_number(seed) % 8, count = carnet_test_number(seed) % 5;
    bool open = carnet_test_number(seed) % 4 == 0;
    uint8_t major = (uint8_t)(2 + kind % 4);

    if (kind < 3) {
        add_leaf(out, seed);
        return;
    }
    if (kind == 3) {
        add_head(out, seed, 6, any_number(seed));
        add_item(out, seed, depth - 1);
        return;
    }
    if (open)
        carnet_buf_add_byte(out, (uint8_t)(major << 5 | 31));
    else if (major < 4) {
        add_string(out, seed, major);
        return;
    } else
        add_head(out, seed, major, count);
    for (uint64_t i = 0; i < count; i++) {
        if (major < 4)
            add_string(out, seed, major);
        else
            add_item(out, seed, depth - 1);
        if (major == 5)
            add_item(out, seed, depth - 1);
    }
    if (open)
        carnet_buf_add_byte(out, 0xff);
}

/* libcbor's opinion: an item, and nothing after it. */
static bool
libcbor_takes(carnet_span in)
{
    struct cbor_load_result result;
    cbor_item_t *item = cbor_load(in.ptr, in.len, &result);

    if (item == NULL)
        return false;
    cbor_decref(&item);
    return result.read == in.len;
}

typedef struct tally {
    unsigned both, neither, explained;
} tally;

typedef struct page {
    char text[1 << 16];
    size_t len;
} page;

static void
collect(void *self, const uint8_t *ptr, size_t len)
{
    page *p = self;

    assert_true(len < sizeof(p->text) - p->len);
    memcpy(p->text + p->len, ptr, len);
    p->len += len;
    p->text[p->len] = '\0';
}

/* A simple value without a name, or a tag from 6 to 20 in one byte: libcbor takes neither. */
static bool
has_what_libcbor_lacks(carnet_span in)
{
    static page p;
    const char *at;

    p.len = 0;
    if (carnet_cbor_print(in, NULL, (carnet_cbor_sink){ collect, &p }, NULL) != CARNET_OK)
        return false;
    for (at = p.text; (at = strchr(at, '(')) != NULL; at++) {
        const char *digits = at;
        long number;

        while (digits > p.text && digits[-1] >= '0' && digits[-1] <= '9')
            digits--;
        number = strtol(digits, NULL, 10);
        if ((number >= 6 && number <= 20) || (at - p.text >= 6 && memcmp(at - 6, "simple", 6) == 0))
            return true;
    }
    return false;
}

static void
compare(carnet_span in, tally *t)
{
    carnet_cbor_reader r = carnet_cbor_open(in);
    carnet_err err = { 0 };
    carnet_rc rc;
    bool theirs;

    r.allow = CARNET_CBOR_LENIENT;
    (void)carnet_cbor_any(&r);
    rc = carnet_cbor_end(&r, &err);
    /* libcbor would allocate for entries that cannot follow. */
    theirs = strstr(err.reason, "more entries") == NULL && libcbor_takes(in);
    t->both += rc == CARNET_OK && theirs;
    t->neither += rc != CARNET_OK && !theirs;
    if ((rc == CARNET_OK) == theirs)
        return;
    t->explained++;
    if (rc == CARNET_E_CBOR_KEY_TWICE || rc == CARNET_E_CBOR_UTF8 || rc == CARNET_E_CBOR_DEPTH)
        return;
    if (rc == CARNET_OK && has_what_libcbor_lacks(in))
        return;
    for (size_t i = 0; i < in.len; i++)
        print_message("%02x", in.ptr[i]);
    fail_msg("Carnet: %s at %zu, libcbor: %d", carnet_rc_name(rc), err.offset, theirs);
}

static void
agrees_with_libcbor_on_generated_items(void **state)
{
    carnet_test_seed seed = { 20261121 };
    tally t = { 0 };

    (void)state;
    for (unsigned i = 0; i < ROUNDS; i++) {
        carnet_buf out = carnet_buf_of(storage, sizeof(storage));

        add_item(&out, &seed, 4);
        if (!out.overflow)
            compare(carnet_test_copy(carnet_buf_span(&out)), &t);
    }
    print_message("# accepted by both %u, refused by both %u, explained %u\n", t.both, t.neither, t.explained);
    assert_true(t.both > ROUNDS / 2);
}

static void
agrees_with_libcbor_on_mutations(void **state)
{
    carnet_test_seed seed = { 8949 };
    tally t = { 0 };

    (void)state;
    for (unsigned i = 0; i < ROUNDS; i++) {
        carnet_buf out = carnet_buf_of(storage, sizeof(storage));
        size_t changes = (size_t)(1 + carnet_test_number(&seed) % 3);

        add_item(&out, &seed, 3);
        if (out.overflow)
            continue;
        for (; changes > 0; changes--)
            storage[carnet_test_number(&seed) % out.len] ^= (uint8_t)(1U << carnet_test_number(&seed) % 8);
        if (carnet_test_number(&seed) % 4 == 0)
            out.len = (size_t)(carnet_test_number(&seed) % out.len);
        compare(carnet_test_copy(carnet_buf_span(&out)), &t);
    }
    print_message("# accepted by both %u, refused by both %u, explained %u\n", t.both, t.neither, t.explained);
    assert_true(t.both > ROUNDS / 20 && t.neither > ROUNDS / 20);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_libcbor_on_generated_items),
        cmocka_unit_test(agrees_with_libcbor_on_mutations),
    };

    return cmocka_run_group_tests_name("cbor against libcbor", tests, NULL, NULL);
}
