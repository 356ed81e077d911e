/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of document types from JSON. */
#include "carnet/doctype_file.h"
#include "support/support.h"

#include <string.h>

#define BADGE                                                                                                          \
    "{\"docType\":\"org.example.badge\",\"title\":\"Badge\",\"mdl\":true,\"nameSpaces\":{\"org.example.1\":"           \
    "{\"required\":true,\"elements\":{\"holder\":{\"type\":\"text\",\"presence\":\"mandatory\",\"max\":150},"          \
    "\"colour\":{\"type\":\"choice\",\"values\":[\"red\",\"green\"]},"                                                 \
    "\"level\":{\"type\":\"uint-choice\",\"values\":[0,7]}}},\"org.example.2\":{\"elements\":"                         \
    "{\"door_NN\":{\"type\":\"uint\"},\"age_over_NN\":{\"type\":\"bool\",\"title\":\"of age\"}}}}}"

static carnet_rc
read_text(const char *text, uint8_t *room, size_t cap, carnet_doctype *doctype, carnet_err *err)
{
    carnet_buf storage = carnet_buf_of(room, cap);
    carnet_json *json = NULL;
    carnet_rc rc;

    assert_carnet_ok(carnet_json_parse(carnet_str_of(text), &json, err), err);
    rc = carnet_doctype_file_read(json, &storage, doctype, err);
    carnet_json_free(&json);
    return rc;
}

static void
reads_a_table(void **state)
{
    static uint8_t room[CARNET_DOCTYPE_FILE_STORAGE(sizeof BADGE)];
    const carnet_element_definition *element;
    carnet_err err = { 0 };
    carnet_doctype d;

    (void)state;
    assert_carnet_ok(read_text(BADGE, room, sizeof room, &d, &err), &err);
    assert_string_equal(d.doc_type, "org.example.badge");
    assert_string_equal(d.title, "Badge");
    assert_true(d.mdl);
    assert_int_equal(d.count, 2);
    assert_true(d.name_spaces[0].required);
    assert_false(d.name_spaces[1].required);
    element = carnet_doctype_element(&d, carnet_str_of("org.example.1"), carnet_str_of("holder"));
    assert_non_null(element);
    assert_int_equal(element->type, CARNET_ELEMENT_TEXT);
    assert_int_equal(element->presence, CARNET_MANDATORY);
    assert_int_equal(element->max, 150);
    assert_null(element->choices);
    element = carnet_doctype_element(&d, carnet_str_of("org.example.1"), carnet_str_of("colour"));
    assert_string_equal(element->choices, "red|green");
    assert_int_equal(element->presence, CARNET_OPTIONAL);
    element = carnet_doctype_element(&d, carnet_str_of("org.example.1"), carnet_str_of("level"));
    assert_string_equal(element->choices, "0|7");
    assert_non_null(carnet_doctype_element(&d, carnet_str_of("org.example.2"), carnet_str_of("age_over_18")));
    assert_non_null(carnet_doctype_element(&d, carnet_str_of("org.example.2"), carnet_str_of("door_07")));
    assert_null(carnet_doctype_element(&d, carnet_str_of("org.example.2"), carnet_str_of("door_7")));
    assert_null(carnet_doctype_element(&d, carnet_str_of("org.example.2"), carnet_str_of("door_NN")));
    assert_null(carnet_doctype_element(&d, carnet_str_of("org.example.2"), carnet_str_of("age_under_07")));
    assert_null(carnet_doctype_element(&d, carnet_str_of("org.example.2"), carnet_str_of("holder")));
}

static void
checks_values_by_what_it_read(void **state)
{
    static uint8_t room[CARNET_DOCTYPE_FILE_STORAGE(sizeof BADGE)];
    const carnet_element_definition *colour, *level;
    carnet_err err = { 0 };
    carnet_doctype d;

    (void)state;
    assert_carnet_ok(read_text(BADGE, room, sizeof room, &d, &err), &err);
    colour = carnet_doctype_element(&d, carnet_str_of("org.example.1"), carnet_str_of("colour"));
    level = carnet_doctype_element(&d, carnet_str_of("org.example.1"), carnet_str_of("level"));
    assert_carnet_ok(carnet_element_check(colour, CARNET_TEST_BYTES("\x63red"), &err), &err);
    assert_carnet_rc(carnet_element_check(colour, CARNET_TEST_BYTES("\x64grey"), NULL), CARNET_E_DOCTYPE_ELEMENT);
    assert_carnet_ok(carnet_element_check(level, CARNET_TEST_BYTES("\x07"), &err), &err);
    assert_carnet_rc(carnet_element_check(level, CARNET_TEST_BYTES("\x06"), NULL), CARNET_E_DOCTYPE_ELEMENT);
}

#define ELEMENT(text) "{\"docType\":\"d\",\"nameSpaces\":{\"n\":{\"elements\":{\"e\":" text "}}}}"

static const struct {
    const char *what, *text;
    carnet_rc rc;
    const char *path;
} refused[] = {
    { "an array", "[]", CARNET_E_DOCTYPE_TABLE, "" },
    { "no docType", "{\"nameSpaces\":{}}", CARNET_E_DOCTYPE_TABLE, "docType" },
    { "an empty docType", "{\"docType\":\"\",\"nameSpaces\":{\"n\":{\"elements\":{\"e\":{\"type\":\"any\"}}}}}",
      CARNET_E_DOCTYPE_TABLE, "docType" },
    { "no nameSpaces", "{\"docType\":\"d\"}", CARNET_E_DOCTYPE_TABLE, "nameSpaces" },
    { "empty nameSpaces", "{\"docType\":\"d\",\"nameSpaces\":{}}", CARNET_E_DOCTYPE_TABLE, "nameSpaces" },
    { "a name space without a name",
      "{\"docType\":\"d\",\"nameSpaces\":{\"\":{\"elements\":{\"e\":{\"type\":\"any\"}}}}}", CARNET_E_DOCTYPE_TABLE,
      "nameSpaces" },
    { "a name space without elements", "{\"docType\":\"d\",\"nameSpaces\":{\"n\":{}}}", CARNET_E_DOCTYPE_TABLE,
      "nameSpaces.n.elements" },
    { "empty elements", "{\"docType\":\"d\",\"nameSpaces\":{\"n\":{\"elements\":{}}}}", CARNET_E_DOCTYPE_TABLE,
      "nameSpaces.n.elements" },
    { "an element without a name",
      "{\"docType\":\"d\",\"nameSpaces\":{\"n\":{\"elements\":{\"\":{\"type\":\"any\"}}}}}", CARNET_E_DOCTYPE_TABLE,
      "nameSpaces.n.elements" },
    { "a member not known", "{\"docType\":\"d\",\"namespaces\":{}}", CARNET_E_DOCTYPE_TABLE, "namespaces" },
    { "mdl that is no bool", "{\"docType\":\"d\",\"mdl\":1}", CARNET_E_DOCTYPE_TABLE, "mdl" },
    { "an element that is text", ELEMENT("\"text\""), CARNET_E_DOCTYPE_TABLE, "nameSpaces.n.elements.e" },
    { "an element without a type", ELEMENT("{}"), CARNET_E_DOCTYPE_TABLE, "nameSpaces.n.elements.e.type" },
    { "a type not known", ELEMENT("{\"type\":\"string\"}"), CARNET_E_DOCTYPE_TABLE, "nameSpaces.n.elements.e.type" },
    { "a presence not known", ELEMENT("{\"type\":\"any\",\"presence\":\"always\"}"), CARNET_E_DOCTYPE_TABLE,
      "nameSpaces.n.elements.e.presence" },
    { "a bound of a type without one", ELEMENT("{\"type\":\"bool\",\"max\":1}"), CARNET_E_DOCTYPE_TABLE,
      "nameSpaces.n.elements.e.max" },
    { "a bound of 0", ELEMENT("{\"type\":\"text\",\"max\":0}"), CARNET_E_DOCTYPE_TABLE, "nameSpaces.n.elements.e.max" },
    { "a bound of 2^32", ELEMENT("{\"type\":\"uint\",\"max\":4294967296}"), CARNET_E_DOCTYPE_TABLE,
      "nameSpaces.n.elements.e.max" },
    { "a bound that is a fraction", ELEMENT("{\"type\":\"uint\",\"max\":1.5}"), CARNET_E_DOCTYPE_TABLE,
      "nameSpaces.n.elements.e.max" },
    { "a choice without values", ELEMENT("{\"type\":\"choice\"}"), CARNET_E_DOCTYPE_TABLE,
      "nameSpaces.n.elements.e.values" },
    { "a choice of nothing", ELEMENT("{\"type\":\"choice\",\"values\":[]}"), CARNET_E_DOCTYPE_TABLE,
      "nameSpaces.n.elements.e.values" },
    { "values of a type without them", ELEMENT("{\"type\":\"text\",\"values\":[\"a\"]}"), CARNET_E_DOCTYPE_TABLE,
      "nameSpaces.n.elements.e.values" },
    { "a number among texts", ELEMENT("{\"type\":\"choice\",\"values\":[\"a\",1]}"), CARNET_E_DOCTYPE_TABLE,
      "nameSpaces.n.elements.e.values[1]" },
    { "a text among numbers", ELEMENT("{\"type\":\"uint-choice\",\"values\":[\"1\"]}"), CARNET_E_DOCTYPE_TABLE,
      "nameSpaces.n.elements.e.values[0]" },
    { "a negative number", ELEMENT("{\"type\":\"uint-choice\",\"values\":[-1]}"), CARNET_E_DOCTYPE_TABLE,
      "nameSpaces.n.elements.e.values[0]" },
    { "a value with a bar", ELEMENT("{\"type\":\"choice\",\"values\":[\"a|b\"]}"), CARNET_E_DOCTYPE_TABLE,
      "nameSpaces.n.elements.e.values[0]" },
    { "an empty value", ELEMENT("{\"type\":\"choice\",\"values\":[\"\"]}"), CARNET_E_DOCTYPE_TABLE,
      "nameSpaces.n.elements.e.values[0]" },
};

static void
refuses_what_is_not_as_specified(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(refused); i++) {
        uint8_t room[2048];
        carnet_doctype d = { .doc_type = "left over" };
        carnet_err err = { 0 };
        carnet_rc rc = read_text(refused[i].text, room, sizeof room, &d, &err);

        if (rc != refused[i].rc || strcmp(err.path, refused[i].path) != 0 || d.doc_type != NULL) {
            fail_msg("%s: %s at \"%s\"", refused[i].what, carnet_rc_name(rc), err.path);
        }
    }
}

/** A document type with `name_spaces` name spaces of `elements` elements each, into the text. */
static carnet_str
many(carnet_buf *text, size_t name_spaces, size_t elements)
{
    carnet_buf_add_text(text, "{\"docType\":\"d\",\"nameSpaces\":{");
    for (size_t n = 0; n < name_spaces; n++) {
        carnet_buf_add_text(text, n > 0 ? ",\"" : "\"");
        carnet_buf_add_uint(text, n);
        carnet_buf_add_text(text, "\":{\"elements\":{");
        for (size_t e = 0; e < elements; e++) {
            carnet_buf_add_text(text, e > 0 ? ",\"" : "\"");
            carnet_buf_add_uint(text, e);
            carnet_buf_add_text(text, "\":{\"type\":\"any\"}");
        }
        carnet_buf_add_text(text, "}}");
    }
    carnet_buf_add_text(text, "}}");
    carnet_buf_add_byte(text, 0);
    assert_false(text->overflow);
    return (carnet_str){ (const char *)text->ptr, text->len - 1 };
}

static void
bounds_what_a_table_holds(void **state)
{
    static const struct {
        size_t name_spaces, elements;
        carnet_rc rc;
    } cases[] = { { 32, 256, CARNET_OK }, { 33, 1, CARNET_E_LIMIT }, { 1, 257, CARNET_E_LIMIT } };
    static uint8_t text_room[300000], room[CARNET_DOCTYPE_FILE_STORAGE(sizeof text_room)];

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_buf text = carnet_buf_of(text_room, sizeof text_room);
        carnet_str json = many(&text, cases[i].name_spaces, cases[i].elements);
        carnet_doctype d;

        assert_carnet_rc(read_text(json.ptr, room, CARNET_DOCTYPE_FILE_STORAGE(json.len), &d, NULL), cases[i].rc);
    }
}

static void
says_when_the_storage_is_too_small(void **state)
{
    static uint8_t room[CARNET_DOCTYPE_FILE_STORAGE(sizeof BADGE)];
    carnet_doctype d;
    size_t enough = 0;

    (void)state;
    while (enough < sizeof room && read_text(BADGE, room, enough, &d, NULL) == CARNET_E_NO_SPACE) {
        assert_null(d.doc_type);
        enough++;
    }
    assert_in_range(enough, 100, sizeof room - 1);
    assert_carnet_rc(read_text(BADGE, room, enough, &d, NULL), CARNET_OK);
}

static void
names_every_type(void **state)
{
    (void)state;
    for (size_t i = 0; i <= CARNET_ELEMENT_PLACE; i++) {
        const char *name = carnet_doctype_file_type_name((carnet_element_type)i);

        assert_non_null(name);
        for (size_t n = 0; n < i; n++) {
            assert_string_not_equal(name, carnet_doctype_file_type_name((carnet_element_type)n));
        }
    }
    assert_null(carnet_doctype_file_type_name((carnet_element_type)(CARNET_ELEMENT_PLACE + 1)));
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_table),
        cmocka_unit_test(checks_values_by_what_it_read),
        cmocka_unit_test(refuses_what_is_not_as_specified),
        cmocka_unit_test(bounds_what_a_table_holds),
        cmocka_unit_test(says_when_the_storage_is_too_small),
        cmocka_unit_test(names_every_type),
    };

    return cmocka_run_group_tests_name("document types from a file", tests, NULL, NULL);
}
