/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/issuer_signed_dehydrated.h"

#include "issuing.h"

#include <stdio.h>
#include <string.h>

static issuing with;
static carnet_str none;

static carnet_span
built(carnet_cbor_builder *b)
{
    carnet_span out;
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_cbor_built(b, &out, &err), &err);
    return carnet_test_copy(out);
}

static carnet_span
dehydrated_bytes(carnet_span encoded, carnet_str identifier)
{
    static uint8_t room[ISSUING_ROOM];
    carnet_cbor_builder b = carnet_cbor_build(room, sizeof(room));
    carnet_issuer_signed whole;
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_issuer_signed_open(encoded, 0, &whole, &err), &err);
    assert_carnet_ok(carnet_issuer_signed_dehydrate(&whole, identifier, &b, &err), &err);
    return built(&b);
}

static carnet_issuer_signed_dehydrated
dehydrated_view(carnet_span bytes)
{
    carnet_issuer_signed_dehydrated view;
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_issuer_signed_dehydrated_open(bytes, 0, &view, &err), &err);
    return view;
}

static carnet_name_spaced_data
data_view(carnet_str identifier, const carnet_element *elements, size_t count)
{
    static uint8_t room[ISSUING_ROOM];
    carnet_cbor_builder b = carnet_cbor_build(room, sizeof(room));
    carnet_name_spaced_data view;
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_name_spaced_data_build(&b, identifier, elements, count, &err), &err);
    assert_carnet_ok(carnet_name_spaced_data_open(built(&b), 0, &view, &err), &err);
    assert_int_equal(view.element_count, count);
    assert_int_equal(view.names, CARNET_DEHYDRATED_NAME_SPACES);
    return view;
}

typedef struct scene {
    carnet_span whole;
    size_t front; /* octets of it before issuerAuth */
    carnet_mso mso;
    carnet_issuer_signed_dehydrated dehydrated;
    carnet_name_spaced_data data;
} scene;

static void
scene_begin(scene *s)
{
    issuing_begin(&with, CARNET_CURVE_P256, CARNET_CURVE_P256);
    s->whole = issuing_build(&with);
    s->front = (size_t)(issuing_check(&with, s->whole, &s->mso).issuer_auth.ptr - s->whole.ptr);
    s->dehydrated = dehydrated_view(dehydrated_bytes(s->whole, none));
    s->data = data_view(none, with.issue.elements, with.issue.count);
}

static uint8_t output[ISSUING_ROOM];

static carnet_rc
hydrated(const scene *s, const carnet_name_spaced_data *data, size_t count, carnet_span *out, carnet_err *err)
{
    carnet_cbor_builder b = carnet_cbor_build(output, sizeof(output));
    carnet_rc rc = carnet_issuer_signed_hydrate(&s->dehydrated, data, count, &s->mso, &with.crypto, &b, err);

    *out = carnet_span_of(output, b.len);
    assert_true(rc == CARNET_OK ? b.rc == CARNET_OK : b.rc == rc && b.len == 0);
    return rc;
}

static void
hydration_gives_the_same_bytes_again(void **state)
{
    carnet_err err = { 0 };
    carnet_span out;
    scene s;

    (void)state;
    scene_begin(&s);
    assert_int_equal(s.dehydrated.dehydrated_count, with.issue.count);
    assert_int_equal(s.dehydrated.names, CARNET_DEHYDRATED_NAME_SPACES);
    assert_null(s.dehydrated.data_identifier.ptr);
    assert_carnet_ok(hydrated(&s, &s.data, 1, &out, &err), &err);
    assert_span_equal(out, s.whole);
    issuing_done(&with);
}

static void
the_order_of_the_values_does_not_matter(void **state)
{
    carnet_element turned[5];
    carnet_err err = { 0 };
    carnet_span out;
    scene s;
    size_t i;

    (void)state;
    scene_begin(&s);
    for (i = 0; i < CARNET_COUNT(turned); i++)
        turned[i] = with.issue.elements[CARNET_COUNT(turned) - 1 - i];
    s.data = data_view(none, turned, CARNET_COUNT(turned));
    assert_carnet_ok(hydrated(&s, &s.data, 1, &out, &err), &err);
    assert_span_equal(out, s.whole);
    issuing_done(&with);
}

static void
the_data_with_the_same_identifier_is_taken(void **state)
{
    carnet_name_spaced_data data[3];
    carnet_err err = { 0 };
    carnet_span out;
    scene s;

    (void)state;
    scene_begin(&s);
    data[0] = data_view(carnet_str_of("a"), with.issue.elements, 1);
    data[1] = data_view(carnet_str_of("b"), with.issue.elements, with.issue.count);
    data[2] = data_view(none, with.issue.elements, 1);
    s.dehydrated = dehydrated_view(dehydrated_bytes(s.whole, carnet_str_of("b")));
    assert_str_is(s.dehydrated.data_identifier, "b");
    assert_carnet_ok(hydrated(&s, data, 3, &out, &err), &err);
    assert_span_equal(out, s.whole);
    data[0] = data[1];
    assert_carnet_rc(hydrated(&s, data, 3, &out, &err), CARNET_E_MDOC_HYDRATION);
    assert_carnet_rc(hydrated(&s, &data[2], 1, &out, &err), CARNET_E_MDOC_HYDRATION);
    assert_carnet_rc(hydrated(&s, NULL, 0, &out, &err), CARNET_E_MDOC_HYDRATION);
    issuing_done(&with);
}

/* What an issuer may have done to the values, and what hydration says of it. */
static const struct {
    const char *what;
    carnet_rc rc;
    const char *path;
} refusals[] = {
    { "another value", CARNET_E_MDOC_DIGEST_MISMATCH, "nameSpaces[\"org.iso.18013.5.1\"][0]" },
    { "a value missing", CARNET_E_MDOC_HYDRATION, "nameSpaces[\"org.iso.18013.5.1\"][1]" },
    { "a value too many", CARNET_E_MDOC_HYDRATION, "" },
    { "a value in another name space", CARNET_E_MDOC_HYDRATION, "nameSpaces[\"org.iso.18013.5.1\"][0]" },
    { "the same value encoded otherwise", CARNET_E_MDOC_DIGEST_MISMATCH, "nameSpaces[\"org.example\"][1]" },
};

static void
refuses_values_that_are_not_those_signed(void **state)
{
    carnet_element elements[6];
    carnet_span out;
    scene s;
    size_t i, count;

    (void)state;
    scene_begin(&s);
    for (i = 0; i < CARNET_COUNT(refusals); i++) {
        carnet_err err = { 0 };
        carnet_rc rc;

        memcpy(elements, with.issue.elements, 5 * sizeof(elements[0]));
        count = 5;
        if (i == 0)
            elements[0].value = carnet_test_hex("63446f66");
        else if (i == 1)
            elements[1] = elements[--count];
        else if (i == 2)
            elements[count++] = (carnet_element){ elements[0].name_space, carnet_str_of("x"), elements[0].value };
        else if (i == 3)
            elements[0].name_space = carnet_str_of("org.example");
        else
            elements[4].value = carnet_test_hex("a161788201fa7fc00000"); /* NaN in four octets */
        {
            static uint8_t room[ISSUING_ROOM];
            carnet_cbor_builder b = carnet_cbor_build(room, sizeof(room));

            assert_carnet_ok(carnet_name_spaced_data_build(&b, none, elements, count, &err), &err);
            assert_carnet_ok(carnet_name_spaced_data_open(built(&b), CARNET_CBOR_LENIENT, &s.data, &err), &err);
        }
        rc = hydrated(&s, &s.data, 1, &out, &err);
        if (rc != refusals[i].rc || strcmp(err.path, refusals[i].path) != 0)
            fail_msg("%s: %s in \"%s\"", refusals[i].what, carnet_rc_name(rc), err.path);
    }
    issuing_done(&with);
}

/* One item, made by hand, whose value is null or its own. */
static carnet_issuer_signed_dehydrated
hand_made(const char *item)
{
    static uint8_t room[1024];
    carnet_cbor_builder b = carnet_cbor_build(room, sizeof(room));

    carnet_cbor_add_map(&b, 2);
    carnet_cbor_add_text(&b, "nameSpaces");
    carnet_cbor_add_map(&b, 1);
    carnet_cbor_add_text(&b, "n");
    carnet_cbor_add_array(&b, 1);
    carnet_cbor_add_tag24(&b, carnet_test_hex(item));
    carnet_cbor_add_text(&b, "issuerAuth");
    carnet_cbor_add_array(&b, 0);
    return dehydrated_view(built(&b));
}

#define ID     "686469676573744944"
#define RANDOM "6672616e646f6d50000102030405060708090a0b0c0d0e0f"
#define NAME   "71656c656d656e744964656e7469666965726165"
#define VALUE  "6c656c656d656e7456616c7565"

static void
refuses_to_fill_a_value_that_does_not_stand_last(void **state)
{
    carnet_element element = { carnet_str_of("n"), carnet_str_of("e"), carnet_test_hex("01") };
    carnet_err err = { 0 };
    carnet_span out;
    scene s;

    (void)state;
    scene_begin(&s);
    s.data = data_view(none, &element, 1);
    s.dehydrated = hand_made("a4" ID "00" RANDOM VALUE "f6" NAME);
    assert_int_equal(s.dehydrated.dehydrated_count, 1);
    assert_carnet_rc(hydrated(&s, &s.data, 1, &out, &err), CARNET_E_MDOC_HYDRATION);
    assert_string_equal(err.path, "nameSpaces.n[0]");
    s.dehydrated = hand_made("a4" ID "00" RANDOM NAME VALUE "f6");
    assert_carnet_rc(hydrated(&s, &s.data, 1, &out, &err), CARNET_E_MDOC_DIGEST_ABSENT);
    issuing_done(&with);
}

static void
items_in_another_order_are_kept_whole(void **state)
{
    static uint8_t room[1024];
    static const char *const items[] = { "a4" RANDOM ID "00" NAME VALUE "01", "a4" ID "00" NAME RANDOM VALUE "01",
                                         "a4" ID "00" RANDOM VALUE "01" NAME, "a4" ID "00" RANDOM NAME VALUE "f6" };
    carnet_err err = { 0 };
    size_t i;

    (void)state;
    for (i = 0; i < CARNET_COUNT(items); i++) {
        carnet_issuer_signed_dehydrated view = hand_made(items[i]);
        carnet_cbor_builder b = carnet_cbor_build(room, sizeof(room));

        assert_carnet_ok(carnet_issuer_signed_dehydrate(&view.inner, none, &b, &err), &err);
        assert_span_equal(built(&b), view.encoded);
    }
}

/* --- structures --- */

#define NAMESPACES "6a6e616d65737061636573"
#define ELEMENT    "a2646e616d6561656576616c756501"

static const struct {
    const char *what, *in;
    carnet_rc rc;
    const char *path;
    unsigned names;
} data_cases[] = {
    { "namespaces", "a1" NAMESPACES "a1616e81" ELEMENT, CARNET_OK, "", CARNET_DEHYDRATED_NAME_SPACES },
    { "nameSpaces", "a16a6e616d65537061636573a1616e81" ELEMENT, CARNET_OK, "", CARNET_DEHYDRATED_OTHER_NAME },
    { "provisionedData", "a16f70726f766973696f6e656444617461a1616e81" ELEMENT, CARNET_OK, "",
      CARNET_DEHYDRATED_PROVISIONED },
    { "access control is stepped over",
      "a2" NAMESPACES "a1616e81" ELEMENT "75616363657373436f6e74726f6c50726f66696c657380", CARNET_OK, "",
      CARNET_DEHYDRATED_NAME_SPACES | CARNET_DEHYDRATED_ACCESS_CONTROL },
    { "two of its names", "a2" NAMESPACES "a06a6e616d65537061636573a0", CARNET_E_CBOR_KEY_TWICE, "", 0 },
    { "none of its names", "a0", CARNET_E_CBOR_KEY_MISSING, "", 0 },
    { "elements in a map", "a1" NAMESPACES "a1616ea0", CARNET_E_CBOR_TYPE, "namespaces.n", 0 },
    { "an element without value", "a1" NAMESPACES "a1616e81a1646e616d656165", CARNET_E_CBOR_KEY_MISSING,
      "namespaces.n[0].value", 0 },
    { "an element without name", "a1" NAMESPACES "a1616e81a16576616c756501", CARNET_E_CBOR_KEY_MISSING,
      "namespaces.n[0].name", 0 },
    { "an element twice", "a1" NAMESPACES "a1616e82" ELEMENT ELEMENT, CARNET_E_MDOC_ELEMENT_TWICE, "namespaces.n[1]",
      0 },
    { "a byte too many", "a1" NAMESPACES "a000", CARNET_E_CBOR_TRAILING, "", 0 },
};

static void
reads_name_spaced_data_under_its_names(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < CARNET_COUNT(data_cases); i++) {
        carnet_span in = carnet_test_copy(carnet_test_hex(data_cases[i].in));
        carnet_name_spaced_data view;
        carnet_err err = { 0 };
        carnet_rc rc = carnet_name_spaced_data_open(in, 0, &view, &err);

        if (rc != data_cases[i].rc || strcmp(err.path, data_cases[i].path) != 0 || view.names != data_cases[i].names)
            fail_msg("%s: %s in \"%s\"", data_cases[i].what, carnet_rc_name(rc), err.path);
        assert_true(rc == CARNET_OK || err.offset <= in.len);
    }
}

static void
reads_the_dehydrated_form_under_its_names(void **state)
{
    static const char *const names[] = { "6a6e616d65537061636573", "746e616d6553706163657344656879647261746564",
                                         "6f64696765737449644d617070696e67" };
    carnet_issuer_signed_dehydrated view;
    carnet_err err = { 0 };
    char text[256];
    size_t i;

    (void)state;
    for (i = 0; i < CARNET_COUNT(names); i++) {
        (void)snprintf(text, sizeof(text),
                       "a2%sa06a69737375657241757468"
                       "80",
                       names[i]);
        view = dehydrated_view(carnet_test_hex(text));
        assert_int_equal(view.names, 1u << i);
    }
    assert_carnet_rc(carnet_issuer_signed_dehydrated_open(carnet_test_hex("a0"), 0, &view, &err),
                     CARNET_E_CBOR_KEY_MISSING);
    (void)snprintf(text, sizeof(text),
                   "a3%sa0%sa06a69737375657241757468"
                   "80",
                   names[0], names[2]);
    assert_carnet_rc(carnet_issuer_signed_dehydrated_open(carnet_test_hex(text), 0, &view, &err),
                     CARNET_E_CBOR_KEY_TWICE);
}

static void
a_batch_is_a_list_of_maps(void **state)
{
    static const struct {
        const char *in;
        carnet_rc rc;
        size_t count;
    } lists[] = {
        { "82a0a0", CARNET_OK, 2 },
        { "80", CARNET_E_MDOC_EMPTY, 0 },
        { "a0", CARNET_E_CBOR_TYPE, 0 },
        { "8101", CARNET_E_CBOR_TYPE, 0 },
        { "82a0", CARNET_E_CBOR_TRUNCATED, 0 },
        { "81a000", CARNET_E_CBOR_TRAILING, 0 },
    };
    carnet_err err = { 0 };
    size_t i, count;

    (void)state;
    for (i = 0; i < CARNET_COUNT(lists); i++) {
        assert_carnet_rc(carnet_issuer_signed_dehydrated_list(carnet_test_hex(lists[i].in), 0, &count, &err),
                         lists[i].rc);
        assert_int_equal(count, lists[i].count);
    }
}

static void
check_mutated(carnet_span in, void *context)
{
    const scene *s = context;
    carnet_issuer_signed_dehydrated view;
    carnet_cbor_builder b = carnet_cbor_build(output, sizeof(output));
    carnet_err err = { 0 };

    if (carnet_issuer_signed_dehydrated_open(in, CARNET_CBOR_LENIENT, &view, &err) != CARNET_OK) {
        assert_true(err.offset <= in.len);
        return;
    }
    /* issuerAuth's inside is not looked at; if hydration succeeds, all else is as it was signed. */
    if (carnet_issuer_signed_hydrate(&view, &s->data, 1, &s->mso, &with.crypto, &b, &err) == CARNET_OK)
        assert_memory_equal(output, s->whole.ptr, s->front);
}

static void
no_flipped_bit_survives_hydration(void **state)
{
    scene s;

    (void)state;
    scene_begin(&s);
    carnet_test_every_prefix(s.dehydrated.encoded, check_mutated, &s);
    carnet_test_every_bit(carnet_span_of(s.dehydrated.encoded.ptr, s.dehydrated.encoded.len), check_mutated, &s);
    issuing_done(&with);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hydration_gives_the_same_bytes_again),
        cmocka_unit_test(the_order_of_the_values_does_not_matter),
        cmocka_unit_test(the_data_with_the_same_identifier_is_taken),
        cmocka_unit_test(refuses_values_that_are_not_those_signed),
        cmocka_unit_test(refuses_to_fill_a_value_that_does_not_stand_last),
        cmocka_unit_test(items_in_another_order_are_kept_whole),
        cmocka_unit_test(reads_name_spaced_data_under_its_names),
        cmocka_unit_test(reads_the_dehydrated_form_under_its_names),
        cmocka_unit_test(a_batch_is_a_list_of_maps),
        cmocka_unit_test(no_flipped_bit_survives_hydration),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
