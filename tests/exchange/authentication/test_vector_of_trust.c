/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/json.h"
#include "carnet/trustmark.h"
#include "support/support.h"

#include <string.h>

static carnet_rc
read(const char *text, carnet_vector *vector, carnet_err *err)
{
    return carnet_vector_read(carnet_str_of(text), vector, err);
}

static void
assert_written(const carnet_vector *vector, const char *expected)
{
    char text[26 * 36 * 3];
    carnet_buf out = carnet_buf_of(text, sizeof(text));

    carnet_vector_write(vector, &out);
    assert_false(out.overflow);
    assert_str_is(carnet_buf_str(&out), expected);
}

static void
what_is_right_is_read_and_written_in_order(void **state)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        { "C0", "C0" },
        { "P1.Cc.Ab", "P1.Cc.Ab" },
        { "Ab.Cc.P1", "P1.Cc.Ab" },
        { "Cz.C9.Ca.C0", "C0.C9.Ca.Cz" },
        { "Zz.Aa.Ma.Ca.Pa.Ba", "Pa.Ca.Ma.Aa.Ba.Zz" },
        { "P1.P2.Cc", "P1.P2.Cc" },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_vector vector;
        carnet_err err = { 0 };

        assert_carnet_ok(read(cases[i].in, &vector, &err), &err);
        assert_written(&vector, cases[i].out);
        assert_int_equal(carnet_vector_count(&vector), (strlen(cases[i].in) + 1) / 3);
    }
}

static void
what_is_pasted_is_refused_with_its_offset(void **state)
{
    static const struct {
        const char *in;
        carnet_rc rc;
        size_t offset;
        const char *reason;
    } cases[] = {
        { "", CARNET_E_VECTOR, 0, "empty" },
        { ".", CARNET_E_VECTOR, 0, "missing before the period" },
        { "Cc.", CARNET_E_VECTOR, 3, "ends with a period" },
        { ".Cc", CARNET_E_VECTOR, 0, "missing before the period" },
        { "Cc..Cd", CARNET_E_VECTOR, 3, "missing before the period" },
        { "cc", CARNET_E_VECTOR, 0, "capital letter" },
        { "CC", CARNET_E_VECTOR, 1, "small letter or a digit" },
        { "C", CARNET_E_VECTOR, 1, "within a component" },
        { "Cc.C", CARNET_E_VECTOR, 4, "within a component" },
        { "Cca", CARNET_E_VECTOR, 2, "no period" },
        { "P2A1", CARNET_E_VECTOR, 2, "no period" },
        { "Cc Cd", CARNET_E_VECTOR, 2, "white space" },
        { " Cc", CARNET_E_VECTOR, 0, "white space" },
        { "P9.Cp.Cd ", CARNET_E_VECTOR, 8, "white space" },
        { "Cc\n", CARNET_E_VECTOR, 2, "white space" },
        { "Cc.\tCd", CARNET_E_VECTOR, 3, "white space" },
        { "Cc,Cd", CARNET_E_VECTOR, 2, "more than one vector" },
        { "[\"Cc\"]", CARNET_E_VECTOR, 0, "more than one vector" },
        { "\xe2\x80\x9c"
          "Cc",
          CARNET_E_VECTOR, 0, "typographic" },
        { "Cc\xe2\x80\x9d", CARNET_E_VECTOR, 2, "typographic" },
        { "\xc3\x87"
          "1",
          CARNET_E_VECTOR, 0, "typographic" },
        { "Cc.Cc", CARNET_E_VECTOR_TWICE, 3, "" },
        { "Cc.P1.Cd.Cc", CARNET_E_VECTOR_TWICE, 9, "" },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_vector vector;
        carnet_err err = { 0 };

        memset(&vector, 0xff, sizeof(vector));
        assert_carnet_rc(read(cases[i].in, &vector, &err), cases[i].rc);
        assert_int_equal(err.offset, cases[i].offset);
        assert_non_null(strstr(err.reason, cases[i].reason));
        assert_int_equal(carnet_vector_count(&vector), 0);
    }
}

static void
a_zero_octet_ends_no_vector(void **state)
{
    carnet_vector vector;
    carnet_err err = { 0 };

    (void)state;
    assert_carnet_rc(carnet_vector_read((carnet_str){ "Cc\0Cd", 5 }, &vector, &err), CARNET_E_VECTOR);
    assert_int_equal(err.offset, 2);
}

static void
every_component_can_be_held(void **state)
{
    char text[26 * 36 * 3];
    carnet_vector all = { 0 }, again;
    carnet_buf out = carnet_buf_of(text, sizeof(text));

    (void)state;
    for (char type = 'A'; type <= 'Z'; type++)
        for (unsigned i = 0; i < 36; i++) {
            const char component[3] = { type, (char)(i < 10 ? '0' + i : 'a' + (i - 10)), 0 };

            assert_false(carnet_vector_has(&all, component));
            carnet_vector_put(&all, component);
            assert_true(carnet_vector_has(&all, component));
        }
    carnet_vector_write(&all, &out);
    assert_int_equal(out.len, 26 * 36 * 3 - 1);
    assert_carnet_ok(carnet_vector_read(carnet_buf_str(&out), &again, NULL), NULL);
    assert_true(carnet_vector_equal(&all, &again));
    assert_int_equal(carnet_vector_count(&all), 26 * 36);
}

static void
what_is_no_component_is_neither_had_nor_put(void **state)
{
    static const char *const none[] = { "", "C", "cC", "C-", "@a", "[a", "C{", "C/", "C:", "C`" };
    carnet_vector vector = { 0 };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(none); i++) {
        carnet_vector_put(&vector, none[i]);
        assert_false(carnet_vector_has(&vector, none[i]));
    }
    assert_int_equal(carnet_vector_count(&vector), 0);
}

static void
no_claim_is_not_c0(void **state)
{
    carnet_vector nothing = { 0 }, c0, cc;

    (void)state;
    assert_carnet_ok(read("C0", &c0, NULL), NULL);
    assert_carnet_ok(read("Cc", &cc, NULL), NULL);
    assert_false(carnet_vector_equal(&nothing, &c0));
    assert_false(carnet_vector_meets(&nothing, &c0));
    assert_false(carnet_vector_meets(&cc, &c0));
    assert_true(carnet_vector_meets(&cc, &nothing));
}

static void
what_is_lacking_is_told(void **state)
{
    carnet_vector has, asked, lacking;

    (void)state;
    assert_carnet_ok(read("Ce.Cg.P1", &has, NULL), NULL);
    assert_carnet_ok(read("Cg.Cj.Cl.P2", &asked, NULL), NULL);
    assert_false(carnet_vector_meets(&has, &asked));
    lacking = carnet_vector_lacking(&has, &asked);
    assert_written(&lacking, "P2.Cj.Cl");
}

static void
trustmarks_are_known_by_their_url(void **state)
{
    const carnet_str ours = carnet_str_of("https://bank.example/trustmark"), none = { 0 };
    carnet_trustmark trustmark;

    (void)state;
    assert_carnet_ok(
        carnet_trustmark_of(carnet_str_of("https://standards.ieee.org/standard/p1940.html"), none, &trustmark, NULL),
        NULL);
    assert_int_equal(trustmark, CARNET_TRUSTMARK_P1940);
    assert_carnet_ok(
        carnet_trustmark_of(carnet_str_of("https://www.rfc-editor.org/info/rfc8485"), none, &trustmark, NULL), NULL);
    assert_int_equal(trustmark, CARNET_TRUSTMARK_RFC_8485);
    assert_carnet_ok(carnet_trustmark_of(ours, ours, &trustmark, NULL), NULL);
    assert_int_equal(trustmark, CARNET_TRUSTMARK_PROJECT);
    for (int i = 1; i <= 3; i++) {
        carnet_trustmark back;

        assert_carnet_ok(carnet_trustmark_of(carnet_trustmark_url((carnet_trustmark)i, ours), ours, &back, NULL), NULL);
        assert_int_equal(back, i);
    }
}

static void
an_unknown_trustmark_is_refused(void **state)
{
    static const char *const urls[] = { "", "https://standards.ieee.org/standard/p1940.html/",
                                        "http://standards.ieee.org/standard/p1940.html",
                                        "https://bank.example/trustmark" };
    carnet_trustmark trustmark;
    carnet_vector vector;
    carnet_err err;

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(urls); i++) {
        assert_carnet_rc(carnet_trustmark_of(carnet_str_of(urls[i]), (carnet_str){ 0 }, &trustmark, &err),
                         CARNET_E_TRUSTMARK);
        assert_int_equal(trustmark, CARNET_TRUSTMARK_NONE);
    }
    assert_carnet_rc(carnet_trustmark_read(CARNET_TRUSTMARK_NONE, carnet_str_of("Cc"), &vector, &err),
                     CARNET_E_TRUSTMARK);
    assert_int_equal(carnet_trustmark_url(CARNET_TRUSTMARK_NONE, carnet_str_of("x")).len, 0);
}

static void
a_trustmark_says_which_values_there_are(void **state)
{
    enum { OK = CARNET_OK, VALUE = CARNET_E_VECTOR_VALUE, CONFLICT = CARNET_E_VECTOR_CONFLICT };
    static const struct {
        const char *vector;
        int rc[3];     /* under P1940's, RFC 8485's, the project's */
        size_t offset; /* of the first value that is none */
    } cases[] = {
        { "Cc.Cd", { OK, OK, OK }, 0 },
        { "C0", { OK, OK, OK }, 0 },
        { "Cg", { OK, VALUE, OK }, 0 },
        { "Cc.Cx", { OK, VALUE, OK }, 3 },
        { "Ca.Cb.Cc.Cd.Ce.Cf.Cg.Ch.Ci.Cj.Ck.Cl.Cm.Cn.Co.Cx", { OK, VALUE, OK }, 18 },
        { "P1.Cc", { VALUE, OK, OK }, 0 },
        { "Cc.Ac.Mb", { VALUE, OK, OK }, 3 },
        { "Cc.P4", { VALUE, VALUE, VALUE }, 3 },
        { "C1", { VALUE, VALUE, VALUE }, 0 },
        { "Cc.Cp", { VALUE, VALUE, VALUE }, 3 },
        { "Ca.B1", { VALUE, VALUE, VALUE }, 3 },
        { "Ae", { VALUE, VALUE, VALUE }, 0 },
        { "Md", { VALUE, VALUE, VALUE }, 0 },
        { "P1.P2.Cc", { VALUE, CONFLICT, CONFLICT }, 0 },
        { "C0.Cc", { CONFLICT, OK, CONFLICT }, 0 },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++)
        for (int mark = 1; mark <= 3; mark++) {
            const int expected = cases[i].rc[mark - 1];
            carnet_vector vector;
            carnet_err err = { .offset = 77 };

            assert_carnet_rc(
                carnet_trustmark_read((carnet_trustmark)mark, carnet_str_of(cases[i].vector), &vector, &err),
                (carnet_rc)expected);
            assert_true(expected == OK ? carnet_vector_count(&vector) > 0 : carnet_vector_count(&vector) == 0);
            if (expected == VALUE)
                assert_int_equal(err.offset, cases[i].offset);
            if (expected == CONFLICT)
                assert_true(err.offset == CARNET_NO_OFFSET);
        }
}

static void
published_vectors_are_read_as_they_say(void **state)
{
    carnet_json *document = NULL;
    const carnet_json *cases;

    (void)state;
    assert_carnet_ok(carnet_json_parse(carnet_test_shared_text("vectors/p1940/vot.json"), &document, NULL), NULL);
    cases = carnet_json_get(document, "parse");
    assert_true(carnet_json_count(cases) >= 27);
    for (size_t i = 0; i < carnet_json_count(cases); i++) {
        const carnet_json *one = carnet_json_at(cases, i);
        const bool valid = carnet_json_bool(carnet_json_get(one, "valid"));
        carnet_vector vector;
        char text[512];
        carnet_buf out = carnet_buf_of(text, sizeof(text));
        const carnet_rc rc = carnet_vector_read(carnet_json_string(carnet_json_get(one, "in")), &vector, NULL);

        assert_int_equal(rc == CARNET_OK, valid);
        if (valid) {
            carnet_vector_write(&vector, &out);
            assert_span_equal(carnet_buf_span(&out),
                              carnet_str_bytes(carnet_json_string(carnet_json_get(one, "canonical"))));
        }
    }
    carnet_json_free(&document);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_right_is_read_and_written_in_order),
        cmocka_unit_test(what_is_pasted_is_refused_with_its_offset),
        cmocka_unit_test(a_zero_octet_ends_no_vector),
        cmocka_unit_test(every_component_can_be_held),
        cmocka_unit_test(what_is_no_component_is_neither_had_nor_put),
        cmocka_unit_test(no_claim_is_not_c0),
        cmocka_unit_test(what_is_lacking_is_told),
        cmocka_unit_test(trustmarks_are_known_by_their_url),
        cmocka_unit_test(an_unknown_trustmark_is_refused),
        cmocka_unit_test(a_trustmark_says_which_values_there_are),
        cmocka_unit_test(published_vectors_are_read_as_they_say),
    };

    return cmocka_run_group_tests_name("vector of trust", tests, NULL, NULL);
}
