/* SPDX-License-Identifier: Apache-2.0 */
#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Blocks handed out; held here so that a leak checker knows them. */
typedef struct block {
    struct block *next;
    uint8_t *bytes;
} block;

static block *blocks;

static uint8_t *
keep(size_t len)
{
    block *b = malloc(sizeof(*b));

    assert_non_null(b);
    b->bytes = malloc(len > 0 ? len : 1);
    assert_non_null(b->bytes);
    b->next = blocks;
    blocks = b;
    return b->bytes;
}

void
carnet_test_skip(const char *why)
{
    print_message("# skipped: %s\n", why);
    skip();
}

carnet_span
carnet_test_copy(carnet_span bytes)
{
    uint8_t *copy = keep(bytes.len);

    if (bytes.len > 0)
        memcpy(copy, bytes.ptr, bytes.len);
    return carnet_span_of(copy, bytes.len);
}

/* False when the file cannot be opened. */
static bool
load(const char *path, carnet_span *bytes)
{
    FILE *file = fopen(path, "rb");
    long size;
    uint8_t *into;

    if (file == NULL)
        return false;
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    size = ftell(file);
    assert_true(size >= 0);
    rewind(file);
    into = keep((size_t)size);
    assert_int_equal(fread(into, 1, (size_t)size, file), (size_t)size);
    assert_int_equal(fclose(file), 0);
    *bytes = carnet_span_of(into, (size_t)size);
    return true;
}

static void
join(char *out, size_t cap, const char *a, const char *b, const char *c)
{
    int len = snprintf(out, cap, "%s%s/%s", a, b, c);

    assert_true(len > 0 && (size_t)len < cap);
}

carnet_span
carnet_test_shared(const char *path)
{
    const char *shared = getenv("CARNET_SHARED");
    char whole[1024];
    carnet_span bytes = { 0 };

    if (shared != NULL && shared[0] != '\0')
        join(whole, sizeof(whole), shared, "", path);
    else
        join(whole, sizeof(whole), CARNET_SOURCE_ROOT, "/../shared", path);
    if (!load(whole, &bytes)) {
        char why[sizeof(whole) + 32];

        (void)snprintf(why, sizeof(why), "no test data at %s", whole);
        carnet_test_skip(why);
    }
    return bytes;
}

carnet_str
carnet_test_shared_text(const char *path)
{
    carnet_span bytes = carnet_test_shared(path);

    return (carnet_str){ (const char *)bytes.ptr, bytes.len };
}

static carnet_span
unhex(carnet_str text)
{
    carnet_buf out = carnet_buf_of(keep(text.len / 2), text.len / 2);
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_hex_decode(text, &out, &err), &err);
    return carnet_test_copy(carnet_buf_span(&out));
}

carnet_span
carnet_test_shared_hex(const char *path)
{
    return unhex(carnet_test_shared_text(path));
}

carnet_span
carnet_test_hex(const char *text)
{
    return unhex(carnet_str_of(text));
}

carnet_span
carnet_test_source(const char *path)
{
    char whole[1024];
    carnet_span bytes = { 0 };

    join(whole, sizeof(whole), CARNET_SOURCE_ROOT, "", path);
    if (!load(whole, &bytes))
        fail_msg("cannot open %s", whole);
    return bytes;
}
