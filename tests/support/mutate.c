/* SPDX-License-Identifier: Apache-2.0 */
#include "support/support.h"

#include <stdlib.h>
#include <string.h>

static void
visit_prefix(carnet_span bytes, size_t len, carnet_test_visit *visit, void *context)
{
    uint8_t *block = malloc(len > 0 ? len : 1);

    assert_non_null(block);
    if (len > 0)
        memcpy(block, bytes.ptr, len);
    visit(carnet_span_of(block, len), context);
    free(block);
}

void
carnet_test_every_prefix(carnet_span bytes, carnet_test_visit *visit, void *context)
{
    for (size_t len = 0; len < bytes.len; len++)
        visit_prefix(bytes, len, visit, context);
}

static void
flip(carnet_span bytes, bool prefixes, carnet_test_visit *visit, void *context)
{
    uint8_t *block = malloc(bytes.len > 0 ? bytes.len : 1);

    assert_non_null(block);
    if (bytes.len > 0)
        memcpy(block, bytes.ptr, bytes.len);
    for (size_t bit = 0; bit < bytes.len * 8; bit++) {
        block[bit / 8] ^= (uint8_t)(1u << bit % 8);
        visit(carnet_span_of(block, bytes.len), context);
        if (prefixes)
            carnet_test_every_prefix(carnet_span_of(block, bytes.len), visit, context);
        block[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    free(block);
}

void
carnet_test_every_bit(carnet_span bytes, carnet_test_visit *visit, void *context)
{
    flip(bytes, false, visit, context);
}

void
carnet_test_every_prefix_and_bit(carnet_span bytes, carnet_test_visit *visit, void *context)
{
    flip(bytes, true, visit, context);
}

/* SplitMix64: the state is a counter, so every seed, 0 included, is a good one. */
uint64_t
carnet_test_number(carnet_test_seed *seed)
{
    uint64_t n = seed->state += 0x9e3779b97f4a7c15u;

    n = (n ^ n >> 30) * 0xbf58476d1ce4e5b9u;
    n = (n ^ n >> 27) * 0x94d049bb133111ebu;
    return n ^ n >> 31;
}

static carnet_rc
fill(void *self, uint8_t *out, size_t len)
{
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)carnet_test_number(self);
    return CARNET_OK;
}

carnet_random
carnet_test_random(carnet_test_seed *seed)
{
    return (carnet_random){ fill, seed };
}
