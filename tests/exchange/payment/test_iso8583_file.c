/* SPDX-License-Identifier: Apache-2.0 */
/* Specifications from files: what they say, and each way in which they are wrong. */
#include "carnet/iso8583_file.h"
#include "support/support.h"

static carnet_iso8583_file file;

static void
read_sound(const char *text)
{
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_iso8583_file_read(carnet_str_of(text), &file, &err), &err);
}

static void
a_version_alone_is_its_table_in_ascii(void **state)
{
    (void)state;
    read_sound("{\"version\":\"1993\"}");
    assert_string_equal(file.name, "");
    assert_int_equal(file.spec.version, CARNET_ISO8583_1993);
    assert_int_equal(file.spec.fields[39].max, 3);
    assert_true(file.spec.ready);
    assert_false(file.framed);
}

static void
elements_say_what_is_other_than_the_table(void **state)
{
    const carnet_iso8583_field *f = file.spec.fields;

    (void)state;
    read_sound("{\"name\":\"acquirer\",\"version\":\"1987\",\"flavour\":{\"base\":\"bcd\",\"secondary\":\"always\","
               "\"header\":5,\"max\":2048,\"strict\":true},\"framing\":\"nac\",\"elements\":{"
               "\"55\":{\"type\":\"b\",\"inside\":{\"kind\":\"tlv\"}},"
               "\"19\":{\"pad\":\"right\",\"fill\":\"F\"},"
               "\"43\":{\"encoding\":\"cp500\",\"spaces\":\"left\"},"
               "\"48\":{\"name\":\"data sets\",\"width\":2,\"max\":99,\"min\":3,\"sensitive\":true,\"strict\":false,"
               "\"inside\":{\"kind\":\"data-set\",\"tag\":2,\"length\":2,\"lead\":1}},"
               "\"60\":null,"
               "\"61\":{\"prefix\":\"binary\",\"width\":2,\"unit\":\"octets\"},"
               "\"130\":{\"type\":\"n\",\"max\":4},"
               "\"28\":{\"sign\":\"ebcdic\"}}}");
    assert_string_equal(file.name, "acquirer");
    assert_int_equal(file.spec.flavour.secondary, CARNET_ISO8583_SECONDARY_ALWAYS);
    assert_int_equal(file.spec.flavour.header, 5);
    assert_int_equal(file.spec.flavour.max, 2048);
    assert_int_equal(file.spec.flavour.mti, CARNET_ISO8583_BCD);
    assert_true(file.framed);
    assert_int_equal(file.framing.header, CARNET_TPDU_SIZE);
    assert_int_equal(f[55].type, CARNET_ISO8583_B);
    assert_int_equal(f[55].encoding, CARNET_ISO8583_RAW);
    assert_int_equal(f[55].max, 999);
    assert_int_equal(f[55].composite->kind, CARNET_ISO8583_TLV);
    assert_true(f[19].flags & CARNET_ISO8583_BCD_RIGHT);
    assert_int_equal(f[19].fill, 15);
    assert_int_equal(f[43].encoding, CARNET_ISO8583_CP500);
    assert_true(f[43].flags & CARNET_ISO8583_TEXT_RIGHT);
    assert_string_equal(f[48].name, "data sets");
    assert_int_equal(f[48].width, 2);
    assert_int_equal(f[48].min, 3);
    assert_true(f[48].flags & CARNET_ISO8583_SENSITIVE);
    assert_false(f[48].flags & CARNET_ISO8583_STRICT);
    assert_true(f[47].flags & CARNET_ISO8583_STRICT);
    assert_int_equal(f[48].composite->form.lead, 1);
    assert_int_equal(f[60].type, CARNET_ISO8583_NONE);
    assert_int_equal(f[61].prefix, CARNET_ISO8583_PREFIX_BINARY);
    assert_int_equal(f[61].unit, CARNET_ISO8583_OCTETS);
    assert_int_equal(f[130].prefix, CARNET_ISO8583_FIXED);
    assert_true(f[28].flags & CARNET_ISO8583_SIGN_EBCDIC);
}

static void
positions_and_specifications_within_are_read(void **state)
{
    (void)state;
    read_sound(
        "{\"version\":\"1987\",\"flavour\":\"ascii-binary\",\"elements\":{"
        "\"3\":{\"inside\":{\"kind\":\"positional\",\"subfields\":[{\"name\":\"what\",\"length\":2,\"type\":\"n\"},"
        "{\"name\":\"accounts\",\"length\":4,\"optional\":true}]}},"
        "\"127\":{\"type\":\"b\",\"width\":6,\"max\":9999,\"inside\":{\"kind\":\"nested\","
        "\"specification\":\"postilion-127\"}},"
        "\"126\":{\"type\":\"b\",\"inside\":{\"kind\":\"nested\",\"specification\":{\"flavour\":\"ascii-binary\","
        "\"elements\":{\"1\":{\"type\":\"n\",\"max\":2},\"2\":{\"type\":\"ans\",\"width\":2,\"max\":20}}}}}}}");
    assert_string_equal(file.spec.fields[3].composite->subfields[1].name, "accounts");
    assert_int_equal(file.spec.fields[3].composite->count, 2);
    assert_true(file.spec.fields[127].composite->nested->ready);
    assert_true(file.spec.fields[126].composite->nested->flavour.no_mti);
    assert_int_equal(file.spec.fields[126].composite->nested->fields[1].max, 2);
    assert_int_equal(file.nested_count, 2);
}

static void
a_framing_of_its_own_is_read(void **state)
{
    (void)state;
    read_sound("{\"version\":\"2003\",\"framing\":{\"length\":\"ascii\",\"width\":6,\"trailer\":3,\"inclusive\":true,"
               "\"max\":4000,\"zeros\":1,\"header\":2}}");
    assert_int_equal(file.framing.length, CARNET_FRAME_ASCII);
    assert_int_equal(file.framing.width, 6);
    assert_int_equal(file.framing.trailer_size, 1);
    assert_int_equal(file.framing.trailer, 3);
    assert_true(file.framing.inclusive);
    assert_int_equal(file.framing.max, 4000);
}

static const struct wrong {
    const char *text;
    carnet_rc rc;
    const char *path;
} wrongs[] = {
    { "{", CARNET_E_JSON_SYNTAX, "" },
    { "[]", CARNET_E_ISO8583_FILE, "" },
    { "{}", CARNET_E_ISO8583_FILE, "version" },
    { "{\"version\":1987}", CARNET_E_ISO8583_FILE, "version" },
    { "{\"version\":\"1988\"}", CARNET_E_ISO8583_FILE, "version" },
    { "{\"version\":\"1987\",\"name\":1}", CARNET_E_ISO8583_FILE, "name" },
    { "{\"version\":\"1987\",\"extra\":1}", CARNET_E_ISO8583_FILE, "extra" },
    { "{\"version\":\"1987\",\"flavour\":\"morse\"}", CARNET_E_ISO8583_FILE, "flavour" },
    { "{\"version\":\"1987\",\"flavour\":7}", CARNET_E_ISO8583_FILE, "flavour" },
    { "{\"version\":\"1987\",\"flavour\":{\"base\":\"morse\"}}", CARNET_E_ISO8583_FILE, "flavour.base" },
    { "{\"version\":\"1987\",\"flavour\":{\"number\":\"roman\"}}", CARNET_E_ISO8583_FILE, "flavour.number" },
    { "{\"version\":\"1987\",\"flavour\":{\"header\":65}}", CARNET_E_ISO8583_FILE, "flavour.header" },
    { "{\"version\":\"1987\",\"flavour\":{\"max\":0}}", CARNET_E_ISO8583_FILE, "flavour.max" },
    { "{\"version\":\"1987\",\"flavour\":{\"sides\":0}}", CARNET_E_ISO8583_FILE, "flavour.sides" },
    { "{\"version\":\"1987\",\"flavour\":{\"text\":\"bcd\"}}", CARNET_E_ISO8583_SPEC, "DE34" },
    { "{\"version\":\"1987\",\"elements\":[]}", CARNET_E_ISO8583_FILE, "elements" },
    { "{\"version\":\"1987\",\"elements\":{\"x\":{}}}", CARNET_E_ISO8583_FILE, "elements.x" },
    { "{\"version\":\"1987\",\"elements\":{\"193\":{}}}", CARNET_E_ISO8583_FILE, "elements[\"193\"]" },
    { "{\"version\":\"1987\",\"elements\":{\"0\":{}}}", CARNET_E_ISO8583_FILE, "elements[\"0\"]" },
    { "{\"version\":\"1987\",\"elements\":{\"3\":[]}}", CARNET_E_ISO8583_FILE, "elements[\"3\"]" },
    { "{\"version\":\"1987\",\"elements\":{\"3\":{\"length\":1}}}", CARNET_E_ISO8583_FILE, "elements[\"3\"].length" },
    { "{\"version\":\"1987\",\"elements\":{\"3\":{\"type\":\"q\"}}}", CARNET_E_ISO8583_FILE, "elements[\"3\"].type" },
    { "{\"version\":\"1987\",\"elements\":{\"130\":{\"max\":3}}}", CARNET_E_ISO8583_FILE, "elements[\"130\"].type" },
    { "{\"version\":\"1987\",\"elements\":{\"3\":{\"max\":0}}}", CARNET_E_ISO8583_FILE, "elements[\"3\"].max" },
    { "{\"version\":\"1987\",\"elements\":{\"48\":{\"width\":2}}}", CARNET_E_ISO8583_SPEC, "DE48" },
    { "{\"version\":\"1987\",\"elements\":{\"48\":{\"inside\":{}}}}", CARNET_E_ISO8583_FILE,
      "elements[\"48\"].inside.kind" },
    { "{\"version\":\"1987\",\"elements\":{\"48\":{\"inside\":{\"kind\":\"tlv\",\"tag\":2}}}}", CARNET_E_ISO8583_FILE,
      "elements[\"48\"].inside.tag" },
    { "{\"version\":\"1987\",\"elements\":{\"48\":{\"inside\":{\"kind\":\"data-set\",\"tag\":5}}}}",
      CARNET_E_ISO8583_FILE, "elements[\"48\"].inside.tag" },
    { "{\"version\":\"1987\",\"elements\":{\"48\":{\"inside\":{\"kind\":\"positional\",\"subfields\":[]}}}}",
      CARNET_E_ISO8583_FILE, "elements[\"48\"].inside.subfields" },
    { "{\"version\":\"1987\",\"elements\":{\"48\":{\"inside\":{\"kind\":\"positional\",\"subfields\":[{\"name\":\"a\","
      "\"length\":1,\"type\":\"b\"}]}}}}",
      CARNET_E_ISO8583_FILE, "elements[\"48\"].inside.subfields[0].type" },
    { "{\"version\":\"1987\",\"elements\":{\"48\":{\"inside\":{\"kind\":\"nested\"}}}}", CARNET_E_ISO8583_FILE,
      "elements[\"48\"].inside.specification" },
    { "{\"version\":\"1987\",\"framing\":\"morse\"}", CARNET_E_ISO8583_FILE, "framing" },
    { "{\"version\":\"1987\",\"framing\":{\"length\":\"binary\"}}", CARNET_E_ISO8583_FILE, "framing.width" },
    { "{\"version\":\"1987\",\"framing\":{\"length\":\"binary\",\"width\":5}}", CARNET_E_ISO8583_FILE, "framing" },
};

static void
what_is_wrong_is_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(wrongs); i++) {
        carnet_err err = { 0 };

        print_message("# %s\n", wrongs[i].text);
        assert_carnet_rc(carnet_iso8583_file_read(carnet_str_of(wrongs[i].text), &file, &err), wrongs[i].rc);
        assert_string_equal(err.path, wrongs[i].path);
        assert_false(file.spec.ready);
    }
}

static void
specifications_within_each_other_come_to_an_end(void **state)
{
    static char text[4096];
    carnet_buf out = carnet_buf_of(text, sizeof text);
    carnet_err err = { 0 };

    (void)state;
    carnet_buf_add_text(&out,
                        "{\"version\":\"1987\",\"elements\":{\"127\":{\"type\":\"b\",\"inside\":{\"kind\":\"nested\","
                        "\"specification\":");
    for (unsigned i = 0; i < 2; i++)
        carnet_buf_add_text(&out, "{\"elements\":{\"2\":{\"type\":\"b\",\"width\":3,\"max\":900,\"inside\":{\"kind\":"
                                  "\"nested\",\"specification\":");
    carnet_buf_add_text(&out, "{}}}}}}}}}}}}}");
    assert_carnet_rc(carnet_iso8583_file_read(carnet_buf_str(&out), &file, &err), CARNET_E_LIMIT);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_version_alone_is_its_table_in_ascii),
        cmocka_unit_test(elements_say_what_is_other_than_the_table),
        cmocka_unit_test(positions_and_specifications_within_are_read),
        cmocka_unit_test(a_framing_of_its_own_is_read),
        cmocka_unit_test(what_is_wrong_is_named),
        cmocka_unit_test(specifications_within_each_other_come_to_an_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
