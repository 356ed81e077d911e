/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/iso8583_data_set.h"
#include "support/support.h"

#include <string.h>

/* In tables: octets of a literal as a constant. */
#define BYTES(literal)                                                                                                 \
    {                                                                                                                  \
        (const uint8_t *)("" literal), sizeof(literal) - 1                                                             \
    }

static void
items_are_read_in_order(void **state)
{
    carnet_span octets = CARNET_TEST_BYTES("VT005Cf.CgXX000TM0011");
    carnet_data_set_reader r = carnet_data_set_open(octets, carnet_data_set_ttlll);
    carnet_data_set_item item;

    (void)state;
    assert_true(carnet_data_set_next(&r, &item));
    assert_str_is(item.tag, "VT");
    assert_span_equal(item.value, CARNET_TEST_BYTES("Cf.Cg"));
    assert_span_equal(item.encoded, CARNET_TEST_BYTES("VT005Cf.Cg"));
    assert_true(carnet_data_set_next(&r, &item));
    assert_int_equal(item.value.len, 0);
    assert_carnet_rc(carnet_data_set_done(&r, NULL), CARNET_E_ISO8583_DATA_SET);
    assert_true(carnet_data_set_next(&r, &item));
    assert_str_is(item.tag, "TM");
    assert_false(carnet_data_set_next(&r, &item));
    assert_carnet_ok(carnet_data_set_done(&r, NULL), NULL);
}

static void
what_is_no_data_set_is_refused_at_its_place(void **state)
{
    static const struct {
        carnet_span octets;
        const carnet_data_set_form *form;
        size_t offset;
    } cases[] = {
        { BYTES("VT00"), &carnet_data_set_ttlll, 0 },
        { BYTES("VT001"), &carnet_data_set_ttlll, 2 },
        { BYTES("VT0011V"), &carnet_data_set_ttlll, 6 },
        { BYTES("VT0a11"), &carnet_data_set_ttlll, 2 },
        { BYTES("V.0011"), &carnet_data_set_ttlll, 0 },
        { BYTES("VT0011VT0011"), &carnet_data_set_ttlll, 6 },
        { BYTES(""), &carnet_data_set_se, 0 },
        { BYTES("R42031234"), &carnet_data_set_se, 8 },
        { BYTES("\x01\x00\x02X"), &carnet_data_set_2003, 1 },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_data_set_reader r = carnet_data_set_open(carnet_test_copy(cases[i].octets), *cases[i].form);
        carnet_data_set_item item;
        carnet_err err = { 0 };

        while (carnet_data_set_next(&r, &item))
            continue;
        assert_carnet_rc(carnet_data_set_done(&r, &err), CARNET_E_ISO8583_DATA_SET);
        assert_int_equal(err.offset, cases[i].offset);
    }
}

static void
one_item_is_found_and_replaced_where_it_is(void **state)
{
    carnet_span octets = CARNET_TEST_BYTES("R4201A4302BC"), value;
    uint8_t storage[64];
    carnet_buf out = carnet_buf_of(storage, sizeof storage);

    (void)state;
    assert_carnet_ok(carnet_data_set_find(octets, carnet_data_set_se, "43", &value, NULL), NULL);
    assert_span_equal(value, CARNET_TEST_BYTES("BC"));
    assert_carnet_ok(carnet_data_set_find(octets, carnet_data_set_se, "44", &value, NULL), NULL);
    assert_null(value.ptr);
    assert_carnet_ok(
        carnet_data_set_replace(octets, carnet_data_set_se, carnet_str_of("42"), CARNET_TEST_BYTES("xyz"), &out, NULL),
        NULL);
    assert_span_equal(carnet_buf_span(&out), CARNET_TEST_BYTES("R4203xyz4302BC"));
    out.len = 0;
    assert_carnet_ok(
        carnet_data_set_replace(octets, carnet_data_set_se, carnet_str_of("42"), (carnet_span){ 0 }, &out, NULL), NULL);
    assert_span_equal(carnet_buf_span(&out), CARNET_TEST_BYTES("R4302BC"));
    out.len = 0;
    assert_carnet_ok(
        carnet_data_set_replace(octets, carnet_data_set_se, carnet_str_of("74"), CARNET_TEST_BYTES("q"), &out, NULL),
        NULL);
    assert_span_equal(carnet_buf_span(&out), CARNET_TEST_BYTES("R4201A4302BC7401q"));
    out = carnet_buf_of(storage, 10);
    assert_carnet_rc(
        carnet_data_set_replace(octets, carnet_data_set_se, carnet_str_of("74"), CARNET_TEST_BYTES("q"), &out, NULL),
        CARNET_E_NO_SPACE);
    assert_int_equal(out.len, 0);
}

static void
items_that_do_not_fit_their_form_are_not_added(void **state)
{
    static uint8_t storage[2048], large[1000];
    carnet_buf out = carnet_buf_of(storage, sizeof storage);

    (void)state;
    carnet_data_set_add(&out, carnet_data_set_ttlll, carnet_str_of("AB"), carnet_span_of(large, 999));
    assert_false(out.overflow);
    assert_int_equal(out.len, 1004);
    carnet_data_set_add(&out, carnet_data_set_ttlll, carnet_str_of("AC"), carnet_span_of(large, 1000));
    assert_true(out.overflow);
    out = carnet_buf_of(storage, sizeof storage);
    carnet_data_set_add(&out, carnet_data_set_ttlll, carnet_str_of("A"), carnet_span_of(large, 1));
    assert_true(out.overflow);
    out = carnet_buf_of(storage, sizeof storage);
    carnet_data_set_add(&out, carnet_data_set_2003, (carnet_str){ "\x71", 1 }, carnet_span_of(large, 300));
    assert_memory_equal(storage, "\x71\x01\x2c", 3);
}

static carnet_iso8583_spec spec, nested;

/* A message of one element 48 to 127 with a structure, and where that is refused. */
static const struct inside {
    unsigned element;
    const carnet_iso8583_composite *composite;
    const char *text;
    carnet_rc rc;
    size_t offset;
    const char *path;
} insides[] = {
    { 48, &(carnet_iso8583_composite){ .kind = CARNET_ISO8583_DATA_SET, .form = { .tag = 2, .length = 3 } },
      "VT001xTX0009", CARNET_E_ISO8583_DATA_SET, 34, "DE48" },
    { 48, &(carnet_iso8583_composite){ .kind = CARNET_ISO8583_DATA_SET, .form = { .tag = 2, .length = 3 } },
      "VT0x1xTX0009", CARNET_E_ISO8583_DATA_SET, 25, "DE48" },
    { 48, &(carnet_iso8583_composite){ .kind = CARNET_ISO8583_DATA_SET, .form = { .tag = 2, .length = 3 } },
      "VT001xTX0019", CARNET_OK, 0, "" },
};

static void
a_structure_is_checked_within_its_message(void **state)
{
    carnet_iso8583_flavour flavour = carnet_iso8583_flavour_ascii();
    carnet_iso8583_builder b;
    carnet_iso8583_message m;

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(insides); i++) {
        const struct inside *c = &insides[i];
        uint8_t storage[256];
        carnet_buf out = carnet_buf_of(storage, sizeof storage);
        carnet_err err = { 0 };

        assert_carnet_ok(carnet_iso8583_spec_init(&spec, CARNET_ISO8583_1987, &flavour, NULL), NULL);
        carnet_iso8583_builder_init(&b, &spec, 0x0200);
        carnet_iso8583_set(&b, c->element, c->text);
        assert_carnet_ok(carnet_iso8583_build(&b, &out, NULL), NULL);
        spec.fields[c->element].composite = c->composite;
        assert_carnet_ok(carnet_iso8583_spec_ready(&spec, NULL), NULL);
        assert_carnet_rc(carnet_iso8583_parse(&spec, carnet_buf_span(&out), &m, &err), c->rc);
        if (c->rc != CARNET_OK) {
            assert_int_equal(err.offset, c->offset);
            assert_string_equal(err.path, c->path);
        }
        out.len = 0;
        assert_carnet_rc(carnet_iso8583_build(&b, &out, NULL), c->rc);
    }
}

static void
positional_subfields_have_their_names_in_errors(void **state)
{
    const carnet_iso8583_composite *original = carnet_iso8583_composite_known(CARNET_ISO8583_1987, 90);
    carnet_str good = carnet_str_of("020012345611210102030000042393500000000000");
    carnet_err err = { 0 };

    (void)state;
    assert_carnet_ok(carnet_iso8583_composite_check(original, carnet_str_bytes(good), &err), &err);
    assert_str_is(carnet_iso8583_subfield_text(original, good, 0), "0200");
    assert_str_is(carnet_iso8583_subfield_text(original, good, 1), "123456");
    assert_str_is(carnet_iso8583_subfield_text(original, good, 3), "00000423935");
    assert_null(carnet_iso8583_subfield_text(original, good, 5).ptr);
    assert_carnet_rc(carnet_iso8583_composite_check(original, CARNET_TEST_BYTES("020012345x1121010203"), &err),
                     CARNET_E_ISO8583_DATA_SET);
    assert_int_equal(err.offset, 9);
    assert_string_equal(err.path, "system_trace_audit_number");
    assert_carnet_rc(carnet_iso8583_composite_check(original, CARNET_TEST_BYTES("0200123456112101020"), &err),
                     CARNET_E_ISO8583_DATA_SET);
    assert_int_equal(err.offset, 10);
    assert_null(carnet_iso8583_composite_known(CARNET_ISO8583_1993, 90));
}

static void
a_bitmap_within_an_element_is_read_as_a_message_within(void **state)
{
    static const carnet_iso8583_composite inside = { .kind = CARNET_ISO8583_NESTED, .nested = &nested };
    carnet_iso8583_flavour flavour;
    carnet_iso8583_message m, within;
    carnet_iso8583_builder b;
    uint8_t inner[128], storage[256];
    carnet_buf value = carnet_buf_of(inner, sizeof inner), out = carnet_buf_of(storage, sizeof storage), none = { 0 };
    carnet_err err = { 0 };

    (void)state;
    assert_carnet_ok(carnet_iso8583_spec_postilion_127(&nested, &err), &err);
    assert_true(carnet_iso8583_flavour_named(carnet_str_of("ascii-binary"), &flavour));
    assert_carnet_ok(carnet_iso8583_spec_init(&spec, CARNET_ISO8583_1987, &flavour, NULL), NULL);
    spec.fields[127] = carnet_iso8583_field_of(&flavour, CARNET_ISO8583_B, 6, 8000, "Switch data");
    spec.fields[127].composite = &inside;
    assert_carnet_ok(carnet_iso8583_spec_ready(&spec, &err), &err);
    carnet_iso8583_builder_init(&b, &nested, 0);
    carnet_iso8583_set(&b, 2, "0200:123456");
    carnet_iso8583_set(&b, 6, "11");
    carnet_iso8583_set(&b, 22, "210P1940212VT");
    assert_carnet_ok(carnet_iso8583_build(&b, &value, &err), &err);
    assert_memory_equal(inner,
                        "\x44\0\4\0\0\0\0\0"
                        "110200:123456"
                        "11"
                        "00013210P1940212VT",
                        value.len);
    carnet_iso8583_builder_init(&b, &spec, 0x0200);
    carnet_iso8583_set_binary(&b, 127, carnet_buf_span(&value));
    assert_carnet_ok(carnet_iso8583_build(&b, &out, &err), &err);
    assert_memory_equal(storage + 20, "000041", 6);
    assert_carnet_ok(carnet_iso8583_parse(&spec, carnet_buf_span(&out), &m, &err), &err);
    assert_carnet_ok(carnet_iso8583_parse(&nested, carnet_iso8583_binary(&m, 127, &none), &within, &err), &err);
    assert_true(carnet_iso8583_is(&within, 22, "210P1940212VT"));
    storage[26 + 8 + 13] = 'x'; /* the first digit of 127.6 */
    assert_carnet_rc(carnet_iso8583_parse(&spec, carnet_buf_span(&out), &m, &err), CARNET_E_ISO8583_CHARACTER);
    assert_int_equal(err.offset, 26 + 8 + 13);
    assert_string_equal(err.path, "DE127.DE6");
}

static void
heads_and_lengths_of_tlv_are_checked(void **state)
{
    static const carnet_iso8583_composite tlv = { .kind = CARNET_ISO8583_TLV };
    static const struct {
        carnet_span octets;
        size_t offset;
    } cases[] = {
        { BYTES("\x9a"), 0 },
        { BYTES("\x9a\x01"), 0 },
        { BYTES("\x9a\x80"), 0 },
        { BYTES("\x9a\x01\xff\x9f"), 3 },
        { BYTES("\x9f\xff\xff\xff\x01\x00"), 0 },
        { BYTES("\x9a\x82\x01"), 0 },
    };
    carnet_err err = { 0 };

    (void)state;
    assert_carnet_ok(carnet_iso8583_composite_check(&tlv,
                                                    CARNET_TEST_BYTES("\x9a\x01\x26\x9f\x36\x81\x02\x00\x01"
                                                                      "\xff\x99\x40\x00"),
                                                    &err),
                     &err);
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        assert_carnet_rc(carnet_iso8583_composite_check(&tlv, carnet_test_copy(cases[i].octets), &err),
                         CARNET_E_ISO8583_DATA_SET);
        assert_int_equal(err.offset, cases[i].offset);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_are_read_in_order),
        cmocka_unit_test(what_is_no_data_set_is_refused_at_its_place),
        cmocka_unit_test(one_item_is_found_and_replaced_where_it_is),
        cmocka_unit_test(items_that_do_not_fit_their_form_are_not_added),
        cmocka_unit_test(a_structure_is_checked_within_its_message),
        cmocka_unit_test(positional_subfields_have_their_names_in_errors),
        cmocka_unit_test(a_bitmap_within_an_element_is_read_as_a_message_within),
        cmocka_unit_test(heads_and_lengths_of_tlv_are_checked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
