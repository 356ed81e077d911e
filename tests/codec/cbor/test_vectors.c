/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 8949's own examples (appendix A), what is not well-formed (appendix F), and whole messages. */
#include "support/support.h"

#include "carnet/cbor.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static json_t *
load(const char *path)
{
    carnet_str text = carnet_test_shared_text(path);
    json_error_t error;
    json_t *root = json_loadb(text.ptr, text.len, JSON_DECODE_INT_AS_REAL, &error);

    if (root == NULL)
        fail_msg("%s: %s", path, error.text);
    return root;
}

static bool matches(carnet_cbor_reader *r, const json_t *expected);

static bool
array_matches(carnet_cbor_reader *r, const json_t *expected)
{
    carnet_cbor_walk walk;
    bool same = true;
    size_t i = 0;

    for (carnet_cbor_array(r, &walk); carnet_cbor_array_next(r, &walk); i++)
        same = matches(r, json_array_get(expected, i)) && same;
    return same && json_is_array(expected) && i == json_array_size(expected);
}

static bool
map_matches(carnet_cbor_reader *r, const json_t *expected)
{
    carnet_cbor_walk walk;
    bool same = true;
    size_t count = 0;

    for (carnet_cbor_map(r, &walk); carnet_cbor_map_next(r, &walk); count++) {
        carnet_str key = carnet_cbor_tstr(r);
        char name[16] = { 0 };

        assert_true(key.len < sizeof(name));
        memcpy(name, key.ptr, key.len);
        same = matches(r, json_object_get(expected, name)) && same;
    }
    return same && json_is_object(expected) && count == json_object_size(expected);
}

static bool
matches(carnet_cbor_reader *r, const json_t *expected)
{
    carnet_str text;

    switch (carnet_cbor_peek(r)) {
    case CARNET_CBOR_UINT:
        return json_is_real(expected) && (double)carnet_cbor_uint(r) == json_real_value(expected);
    case CARNET_CBOR_NINT: {
        carnet_span item = carnet_cbor_any(r); /* may be less than any int64_t */
        uint64_t argument = item.ptr[0] & 31;

        for (size_t i = 1; i < item.len; i++)
            argument = (i == 1 ? 0 : argument << 8) | item.ptr[i];
        return json_is_real(expected) && -1.0 - (double)argument == json_real_value(expected);
    }
    case CARNET_CBOR_FLOAT:
        return json_is_real(expected) && carnet_cbor_float(r) == json_real_value(expected);
    case CARNET_CBOR_BOOL:
        return json_is_boolean(expected) && carnet_cbor_bool(r) == json_is_true(expected);
    case CARNET_CBOR_NULL:
        carnet_cbor_null(r);
        return json_is_null(expected);
    case CARNET_CBOR_TSTR:
        text = carnet_cbor_tstr(r);
        return json_is_string(expected) && json_string_length(expected) == text.len &&
               memcmp(json_string_value(expected), text.ptr, text.len) == 0;
    case CARNET_CBOR_ARRAY:
        return array_matches(r, expected);
    case CARNET_CBOR_MAP:
        return map_matches(r, expected);
    default:
        fail_msg("an example of a kind that JSON cannot show");
        return false;
    }
}

/* Read an item and build it anew. */
static void
rebuild(carnet_cbor_reader *r, carnet_cbor_builder *b)
{
    carnet_cbor_walk walk;

    switch (carnet_cbor_peek(r)) {
    case CARNET_CBOR_UINT:
        carnet_cbor_add_uint(b, carnet_cbor_uint(r));
        return;
    case CARNET_CBOR_BSTR:
        carnet_cbor_add_bstr(b, carnet_cbor_bstr(r));
        return;
    case CARNET_CBOR_TSTR:
        carnet_cbor_add_tstr(b, carnet_cbor_tstr(r));
        return;
    case CARNET_CBOR_FLOAT:
        carnet_cbor_add_double(b, carnet_cbor_float(r));
        return;
    case CARNET_CBOR_BOOL:
        carnet_cbor_add_bool(b, carnet_cbor_bool(r));
        return;
    case CARNET_CBOR_TAG:
        carnet_cbor_add_tag(b, carnet_cbor_tag(r));
        rebuild(r, b);
        return;
    case CARNET_CBOR_ARRAY:
        carnet_cbor_array(r, &walk);
        for (carnet_cbor_add_array(b, walk.left); carnet_cbor_array_next(r, &walk);)
            rebuild(r, b);
        return;
    case CARNET_CBOR_MAP:
        carnet_cbor_map(r, &walk);
        for (carnet_cbor_add_map(b, walk.left); carnet_cbor_map_next(r, &walk);) {
            rebuild(r, b);
            rebuild(r, b);
        }
        return;
    default:
        carnet_cbor_add_raw(b, carnet_cbor_any(r)); /* for what the builder has no word */
        return;
    }
}

static void
check_example(const char *hex, bool preferred, const json_t *decoded)
{
    static uint8_t storage[256];
    carnet_span in = carnet_test_copy(carnet_test_hex(hex)), out;
    carnet_cbor_reader strict = carnet_cbor_open(in), lenient = carnet_cbor_open(in);
    carnet_cbor_builder b = carnet_cbor_build(storage, sizeof(storage));
    carnet_err err = { 0 };

    lenient.allow = CARNET_CBOR_LENIENT;
    /* Chunked strings have no view, and bignums no JSON number that this reader gives. */
    if (decoded == NULL || in.ptr[0] == 0xc2 || in.ptr[0] == 0xc3 || in.ptr[0] == 0x7f || in.ptr[0] == 0x5f)
        (void)carnet_cbor_any(&lenient);
    else if (!matches(&lenient, decoded))
        fail_msg("%s has another value", hex);
    if (carnet_cbor_end(&lenient, &err) != CARNET_OK)
        fail_msg("%s: %s at %zu", hex, carnet_rc_name(err.rc), err.offset);
    rebuild(&strict, &b);
    if ((carnet_cbor_end(&strict, NULL) == CARNET_OK) != preferred)
        fail_msg("%s: preferred or not", hex);
    if (!preferred)
        return;
    assert_carnet_ok(carnet_cbor_built(&b, &out, &err), &err);
    assert_span_equal(out, in);
}

static void
appendix_a_reads_and_comes_back_the_same(void **state)
{
    json_t *root = load("vectors/cbor/appendix_a.json"), *example;
    size_t i, checked = 0;

    (void)state;
    json_array_foreach(root, i, example)
    {
        const char *hex = json_string_value(json_object_get(example, "hex"));

        if (strcmp(hex, "f818") == 0)
            continue; /* an example of RFC 7049 that RFC 8949, 3.3, made malformed */
        check_example(hex, json_is_true(json_object_get(example, "roundtrip")), json_object_get(example, "decoded"));
        checked++;
    }
    json_decref(root);
    assert_true(checked > 80);
}

static void
what_is_not_well_formed_is_refused_with_all_allowed(void **state)
{
    json_t *root = load("vectors/cbor/not_well_formed.json"), *item;
    size_t i;

    (void)state;
    assert_true(json_array_size(root) > 100);
    json_array_foreach(root, i, item)
    {
        carnet_span in = carnet_test_copy(carnet_test_hex(json_string_value(item)));

        for (unsigned allow = 0; allow <= CARNET_CBOR_LENIENT; allow += CARNET_CBOR_LENIENT) {
            carnet_cbor_reader r = carnet_cbor_open(in);
            carnet_err err = { 0 };

            r.allow = (uint8_t)allow;
            (void)carnet_cbor_any(&r);
            if (carnet_cbor_end(&r, &err) == CARNET_OK)
                fail_msg("%s was accepted", json_string_value(item));
            assert_true(err.offset <= in.len);
        }
    }
    json_decref(root);
}

static const char *const messages[] = {
    "bench/inputs/device-response-30-all.cbor", "bench/inputs/device-response-11-small.cbor",
    "bench/inputs/device-request-small.cbor",   "bench/inputs/device-engagement.cbor",
    "bench/inputs/issuer-signed-11.cbor",       "bench/inputs/session-transcript-bytes.cbor",
};

static void
count_bytes(void *self, const uint8_t *ptr, size_t len)
{
    (void)ptr;
    *(size_t *)self += len;
}

static void
whole_messages_are_accepted_and_printed(void **state)
{
    static const carnet_cbor_print_options options = { .indent = true, .embedded = true, .longest = 32 };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(messages); i++) {
        carnet_span in = carnet_test_copy(carnet_test_shared(messages[i]));
        carnet_cbor_reader r = carnet_cbor_open(in);
        carnet_err err = { 0 };
        size_t printed = 0;

        assert_span_equal(carnet_cbor_any(&r), in);
        assert_carnet_ok(carnet_cbor_end(&r, &err), &err);
        assert_int_equal(r.seen & CARNET_CBOR_LENIENT, 0);
        assert_carnet_ok(carnet_cbor_print(in, &options, (carnet_cbor_sink){ count_bytes, &printed }, &err), &err);
        assert_true(printed > 20);
    }
}

static void
check_any_bytes(carnet_span in, void *context)
{
    carnet_cbor_reader r = carnet_cbor_open(in);
    carnet_span item = carnet_cbor_any(&r);
    carnet_err err = { 0 };

    if (carnet_cbor_end(&r, &err) == CARNET_OK)
        assert_int_equal(item.len, in.len);
    else
        assert_true(err.offset <= in.len);
    if (context != NULL)
        assert_carnet_rc(err.rc, CARNET_E_CBOR_TRUNCATED);
}

static void
a_message_survives_every_prefix_and_every_bit(void **state)
{
    carnet_span in = carnet_test_shared("bench/inputs/device-request-small.cbor");

    carnet_test_every_prefix(in, check_any_bytes, state);
    carnet_test_every_bit(in, check_any_bytes, NULL);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(appendix_a_reads_and_comes_back_the_same),
        cmocka_unit_test(what_is_not_well_formed_is_refused_with_all_allowed),
        cmocka_unit_test(whole_messages_are_accepted_and_printed),
        cmocka_unit_test(a_message_survives_every_prefix_and_every_bit),
    };

    return cmocka_run_group_tests_name("cbor vectors", tests, NULL, NULL);
}
