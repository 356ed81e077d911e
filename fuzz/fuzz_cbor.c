/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include "carnet/cbor.h"

#include <string.h>

/* Only characters that are safe on a terminal come out; those above ASCII were checked as UTF-8 on their way in. */
static void
check_text(void *self, const uint8_t *ptr, size_t len)
{
    for (size_t i = 0; i < len; i++)
        MUST(ptr[i] == '\n' || (ptr[i] >= 0x20 && ptr[i] != 0x7f));
    *(size_t *)self += len;
}

static void
check_failure(const carnet_cbor_reader *r, carnet_span in)
{
    carnet_err err = { 0 };

    if (carnet_cbor_failed(r, &err) == CARNET_OK)
        return;
    MUST(err.offset <= in.len);
    MUST(memchr(err.path, 0, sizeof(err.path)) != NULL);
    MUST(carnet_cbor_peek(r) == CARNET_CBOR_NONE);
}

/* Entry by entry a container is as good or bad as it is as a whole. */
static void
check_walk(carnet_span in, uint8_t allow, bool whole_is_good)
{
    carnet_cbor_reader r = carnet_cbor_open(in);
    carnet_cbor_walk walk;
    carnet_span keys[32];
    size_t count = 0;

    r.allow = allow;
    if (carnet_cbor_peek(&r) == CARNET_CBOR_ARRAY) {
        for (carnet_cbor_array(&r, &walk); carnet_cbor_array_next(&r, &walk); count++)
            MUST(fuzz_inside(carnet_cbor_any(&r), in));
    } else {
        for (carnet_cbor_map(&r, &walk); carnet_cbor_map_next(&r, &walk); count++) {
            keys[count % CARNET_COUNT(keys)] = carnet_cbor_any(&r);
            MUST(fuzz_inside(carnet_cbor_any(&r), in));
        }
        for (size_t i = 0; r.rc == CARNET_OK && i < count && i < CARNET_COUNT(keys); i++)
            for (size_t j = 0; j < i; j++)
                MUST(!carnet_span_equal(keys[i], keys[j]));
    }
    check_failure(&r, in);
    MUST((carnet_cbor_failed(&r, NULL) == CARNET_OK) == whole_is_good);
    if (whole_is_good) {
        MUST(carnet_cbor_count(in) == count);
        MUST(r.depth == 0);
    }
}

static void
check_print(carnet_span in, bool good)
{
    for (unsigned i = 0; i < 4; i++) {
        carnet_cbor_print_options options = { .indent = i & 1, .embedded = i & 2, .longest = i * 4 };
        size_t printed = 0;
        carnet_rc rc = carnet_cbor_print(in, &options, (carnet_cbor_sink){ check_text, &printed }, NULL);

        MUST((rc == CARNET_OK) == good);
        MUST((printed > 0) == good);
    }
}

/* Views lie inside the input and end where the reader stands; failures have a place in it; what is accepted strictly is
 * accepted leniently, alone, entry by entry, and in print. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    carnet_span in = { data, size }, strict_item, item;
    carnet_cbor_reader strict = carnet_cbor_open(in), lenient = carnet_cbor_open(in);
    bool good;

    lenient.allow = CARNET_CBOR_LENIENT;
    strict_item = carnet_cbor_any(&strict);
    item = carnet_cbor_any(&lenient);
    check_failure(&strict, in);
    check_failure(&lenient, in);
    good = carnet_cbor_failed(&lenient, NULL) == CARNET_OK;
    MUST(good ? item.ptr == data && item.ptr + item.len == lenient.at : item.ptr == NULL);
    if (carnet_cbor_failed(&strict, NULL) == CARNET_OK)
        MUST(good && strict_item.len == item.len && (lenient.seen & CARNET_CBOR_LENIENT) == 0);
    else if (good)
        MUST((lenient.seen & CARNET_CBOR_LENIENT) != 0);
    if (size > 0 && (data[0] >> 5 == 4 || data[0] >> 5 == 5)) {
        check_walk(good ? item : in, CARNET_CBOR_LENIENT, good);
        check_walk(good ? item : in, 0, strict.rc == CARNET_OK);
    }
    if (good)
        check_print(item, true);
    else
        check_print(in, false);
    return 0;
}
