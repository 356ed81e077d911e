/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/issuer_signed_dehydrated.h"
#include "fuzz.h"

static uint8_t room[1 << 20];

/* The items are as many as were counted, lie inside the input in order, and are found by name. */
static void
check_items(const carnet_issuer_signed *view, carnet_span input)
{
    carnet_issuer_signed_cursor cursor = { 0 };
    carnet_issuer_signed_item item, found;
    const uint8_t *end = input.ptr;
    uint32_t count = 0;

    for (; carnet_issuer_signed_next(view, &cursor, &item); count++) {
        MUST(fuzz_inside(item.encoded, input) && fuzz_inside(item.content, item.encoded));
        MUST(fuzz_inside(item.value, item.content) && fuzz_inside(item.random, item.content));
        MUST(item.value.len != 0 && item.encoded.ptr >= end && item.encoded.ptr == input.ptr + item.offset);
        end = item.encoded.ptr + item.encoded.len;
        MUST((item.odd & ~view->odd) == 0);
        if (count < 8) {
            MUST(carnet_issuer_signed_find(view, item.name_space, item.identifier, &found));
            MUST(found.encoded.ptr <= item.encoded.ptr);
        }
    }
    MUST(count == view->item_count);
}

/* What is dehydrated can be opened and has as many items. */
static void
check_dehydration(const carnet_issuer_signed *view)
{
    carnet_cbor_builder b = carnet_cbor_build(room, sizeof(room));
    carnet_issuer_signed_dehydrated dehydrated;

    if (carnet_issuer_signed_dehydrate(view, (carnet_str){ 0 }, &b, NULL) != CARNET_OK)
        return; /* too long for the room */
    MUST(carnet_issuer_signed_dehydrated_open(carnet_span_of(room, b.len), view->allow, &dehydrated, NULL) ==
         CARNET_OK);
    MUST(dehydrated.inner.item_count == view->item_count);
}

/* A refusal has a place in the input, what is strict is lenient too, and what was opened can be stepped through. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    carnet_span input = { data, size };
    carnet_issuer_signed view, strict;
    carnet_err err = { 0 };
    carnet_rc rc = carnet_issuer_signed_open(input, 0, &strict, NULL);

    if (carnet_issuer_signed_open(input, CARNET_CBOR_LENIENT, &view, &err) != CARNET_OK) {
        MUST(rc != CARNET_OK && err.offset <= size && view.encoded.ptr == NULL);
        return 0;
    }
    MUST((rc == CARNET_OK) == ((view.seen & CARNET_CBOR_LENIENT) == 0));
    MUST(view.encoded.ptr == data && view.encoded.len == size);
    MUST(fuzz_inside(view.name_spaces, input) && fuzz_inside(view.issuer_auth, input));
    check_items(&view, input);
    (void)!carnet_issuer_signed_unique(&view, NULL);
    check_dehydration(&view);
    return 0;
}
