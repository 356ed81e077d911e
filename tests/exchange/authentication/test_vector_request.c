/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/vector_request.h"
#include "support/support.h"

#include <string.h>

static carnet_rc
parse(const char *json, carnet_vector_request *request, carnet_err *err)
{
    return carnet_vector_request_parse(carnet_str_of(json), CARNET_TRUSTMARK_P1940, request, err);
}

static carnet_vector
vector_of(const char *text)
{
    carnet_vector vector;

    assert_carnet_ok(carnet_vector_read(carnet_str_of(text), &vector, NULL), NULL);
    return vector;
}

static void
assert_list(const carnet_vector_request *request, const char *expected)
{
    char text[1024];
    carnet_buf out = carnet_buf_of(text, sizeof(text));

    carnet_vector_request_write_list(request, &out);
    assert_str_is(carnet_buf_str(&out), expected);
}

static void
a_request_keeps_its_order_in_both_forms(void **state)
{
    char text[512];
    carnet_buf out = carnet_buf_of(text, sizeof(text));
    carnet_json_builder b = carnet_json_build(&out);
    carnet_vector_request request, again;
    carnet_err err = { 0 };

    (void)state;
    assert_carnet_ok(parse(" [\"Cj.Cg.Cf.Co\", \"Cc.Cf.Co\"] ", &request, &err), &err);
    assert_int_equal(request.count, 2);
    assert_list(&request, "Cf.Cg.Cj.Co,Cc.Cf.Co");
    carnet_vector_request_add(&b, NULL, &request);
    assert_carnet_ok(carnet_json_built(&b, NULL), NULL);
    assert_str_is(carnet_buf_str(&out), "[\"Cf.Cg.Cj.Co\",\"Cc.Cf.Co\"]");
    assert_carnet_ok(
        carnet_vector_request_list(carnet_str_of("Cf.Cg.Cj.Co,Cc.Cf.Co"), CARNET_TRUSTMARK_P1940, &again, &err), &err);
    assert_memory_equal(&request, &again, sizeof(request));
}

static void
one_to_eight_vectors_are_taken(void **state)
{
    carnet_vector_request request;
    carnet_err err = { 0 };

    (void)state;
    assert_carnet_ok(parse("[\"Ca\",\"Cb\",\"Cc\",\"Cd\",\"Ce\",\"Cf\",\"Cg\",\"Ch\"]", &request, &err), &err);
    assert_int_equal(request.count, 8);
    assert_carnet_rc(parse("[\"Ca\",\"Cb\",\"Cc\",\"Cd\",\"Ce\",\"Cf\",\"Cg\",\"Ch\",\"Ci\"]", &request, &err),
                     CARNET_E_VECTOR_REQUEST);
    assert_string_equal(err.path, "vtr[8]");
    assert_int_equal(request.count, 0);
}

static void
what_is_no_request_is_refused_with_its_place(void **state)
{
    static const struct {
        const char *json;
        carnet_rc rc;
        const char *path;
        size_t offset;
    } cases[] = {
        { "[]", CARNET_E_VECTOR_REQUEST, "vtr", CARNET_NO_OFFSET },
        { "\"Cc\"", CARNET_E_VECTOR_REQUEST, "vtr", CARNET_NO_OFFSET },
        { "{\"vtr\":[]}", CARNET_E_VECTOR_REQUEST, "vtr", CARNET_NO_OFFSET },
        { "null", CARNET_E_VECTOR_REQUEST, "vtr", CARNET_NO_OFFSET },
        { "[1]", CARNET_E_VECTOR_REQUEST, "vtr[0]", CARNET_NO_OFFSET },
        { "[\"Cc\",null]", CARNET_E_VECTOR_REQUEST, "vtr[1]", CARNET_NO_OFFSET },
        { "[[\"Cc\"]]", CARNET_E_VECTOR_REQUEST, "vtr[0]", CARNET_NO_OFFSET },
        { "[\"Cc\",\"Cd \"]", CARNET_E_VECTOR, "vtr[1]", 2 },
        { "[\"\"]", CARNET_E_VECTOR, "vtr[0]", 0 },
        { "[\"\xe2\x80\x9c"
          "Cc\"]",
          CARNET_E_VECTOR, "vtr[0]", 0 },
        { "[\"Cc\",\"Cd.Ce.Cd\"]", CARNET_E_VECTOR_TWICE, "vtr[1]", 6 },
        { "[\"Cc.P1\"]", CARNET_E_VECTOR_VALUE, "vtr[0]", 3 },
        { "[\"Cc\",\"Cd.Mb\"]", CARNET_E_VECTOR_VALUE, "vtr[1]", 3 },
        { "[\"Ac\"]", CARNET_E_VECTOR_VALUE, "vtr[0]", 0 },
        { "[\"C0.Cc\"]", CARNET_E_VECTOR_CONFLICT, "vtr[0]", 0 },
        { "[\"Cc.Cd\",\"Cd.Cc\"]", CARNET_E_VECTOR_REQUEST, "vtr[1]", 0 },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_vector_request request;
        carnet_err err = { 0 };

        assert_carnet_rc(parse(cases[i].json, &request, &err), cases[i].rc);
        assert_string_equal(err.path, cases[i].path);
        assert_true(err.offset == cases[i].offset);
        assert_int_equal(request.count, 0);
    }
}

static void
junk_that_is_no_json_is_refused(void **state)
{
    static const char *const texts[] = { "", "Cc", "['Cc']", "[\"Cc\"", "[\"Cc\"] x", "\xe2\x80\x9c[Cc]\xe2\x80\x9d" };
    carnet_vector_request request;

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(texts); i++) {
        assert_true(parse(texts[i], &request, NULL) != CARNET_OK);
        assert_int_equal(request.count, 0);
    }
}

static void
a_list_is_refused_at_its_octet(void **state)
{
    static const struct {
        const char *list;
        carnet_rc rc;
        size_t offset;
    } cases[] = {
        { "", CARNET_E_VECTOR, 0 },
        { "Cc,", CARNET_E_VECTOR, 3 },
        { ",Cc", CARNET_E_VECTOR, 0 },
        { "Cc, Cd", CARNET_E_VECTOR, 3 },
        { "Cc.Cd,Ce.", CARNET_E_VECTOR, 9 },
        { "Cc,Cc", CARNET_E_VECTOR_REQUEST, 3 },
        { "Cc,P1", CARNET_E_VECTOR_VALUE, 3 },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_vector_request request;
        carnet_err err = { 0 };

        assert_carnet_rc(
            carnet_vector_request_list(carnet_str_of(cases[i].list), CARNET_TRUSTMARK_P1940, &request, &err),
            cases[i].rc);
        assert_int_equal(err.offset, cases[i].offset);
        assert_int_equal(request.count, 0);
    }
}

static void
the_first_that_is_satisfied_counts(void **state)
{
    carnet_vector_request request;
    carnet_vector vector = vector_of("Cb.Ce.Cg");
    int index = 5;

    (void)state;
    assert_carnet_ok(parse("[\"Cg.Cj\",\"Ce.Cg\",\"Cg\"]", &request, NULL), NULL);
    assert_carnet_ok(carnet_vector_request_satisfied(&request, CARNET_TRUSTMARK_P1940, &vector, &index, NULL), NULL);
    assert_int_equal(index, 1);
    vector = vector_of("Cb.Ce");
    assert_carnet_ok(carnet_vector_request_satisfied(&request, CARNET_TRUSTMARK_P1940, &vector, &index, NULL), NULL);
    assert_int_equal(index, -1);
}

static void
vectors_of_other_trustmarks_are_not_compared(void **state)
{
    carnet_vector_request request;
    const carnet_vector vector = vector_of("Cc");
    int index = 5;

    (void)state;
    assert_carnet_ok(parse("[\"Cc\"]", &request, NULL), NULL);
    for (int mark = 0; mark <= 3; mark++) {
        const carnet_rc rc = carnet_vector_request_satisfied(&request, (carnet_trustmark)mark, &vector, &index, NULL);

        assert_carnet_rc(rc, mark == 1 ? CARNET_OK : CARNET_E_TRUSTMARK_OTHER);
        assert_int_equal(index, mark == 1 ? 0 : -1);
    }
    request.trustmark = CARNET_TRUSTMARK_NONE;
    assert_carnet_rc(carnet_vector_request_satisfied(&request, CARNET_TRUSTMARK_NONE, &vector, &index, NULL),
                     CARNET_E_TRUSTMARK_OTHER);
}

static void
what_is_lacking_comes_shortest_first(void **state)
{
    carnet_vector_request request, lacking;
    carnet_vector vector = vector_of("Cb.Ce.Cg");

    (void)state;
    assert_carnet_ok(parse("[\"Cf.Cg.Cj.Co\",\"Ce.Cj\",\"Cc.Cf.Co\",\"Cg.Cj\"]", &request, NULL), NULL);
    lacking = carnet_vector_request_lacking(&request, &vector);
    assert_list(&lacking, "Cj,Cf.Cj.Co,Cc.Cf.Co");
    vector = vector_of("Ce.Cj");
    lacking = carnet_vector_request_lacking(&request, &vector);
    assert_int_equal(lacking.count, 0);
}

static void
what_can_never_be_is_said_at_once(void **state)
{
    carnet_vector_request request, before;
    carnet_vector able = vector_of("Cb.Cc.Ce.Cn");

    (void)state;
    assert_carnet_ok(parse("[\"Cf.Cg.Cj.Co\",\"Cc.Ce.Cn\",\"Cx\"]", &request, NULL), NULL);
    before = request;
    assert_carnet_ok(carnet_vector_request_feasible(&request, &able, NULL), NULL);
    assert_list(&request, "Cc.Ce.Cn");
    able = vector_of("Cb");
    request = before;
    assert_carnet_rc(carnet_vector_request_feasible(&request, &able, NULL), CARNET_E_VECTOR_UNSATISFIABLE);
    assert_memory_equal(&request, &before, sizeof(request));
}

static void
published_cases_are_satisfied_as_they_say(void **state)
{
    carnet_json *document = NULL;
    const carnet_json *cases;

    (void)state;
    assert_carnet_ok(carnet_json_parse(carnet_test_shared_text("vectors/p1940/vot.json"), &document, NULL), NULL);
    cases = carnet_json_get(document, "satisfies");
    assert_true(carnet_json_count(cases) >= 10);
    for (size_t i = 0; i < carnet_json_count(cases); i++) {
        const carnet_json *one = carnet_json_at(cases, i);
        carnet_vector_request request;
        carnet_vector vector;
        int index;

        assert_carnet_ok(
            carnet_vector_request_read(carnet_json_get(one, "vtr"), CARNET_TRUSTMARK_PROJECT, &request, NULL), NULL);
        assert_carnet_ok(carnet_trustmark_read(CARNET_TRUSTMARK_PROJECT,
                                               carnet_json_string(carnet_json_get(one, "vot")), &vector, NULL),
                         NULL);
        assert_carnet_ok(carnet_vector_request_satisfied(&request, CARNET_TRUSTMARK_PROJECT, &vector, &index, NULL),
                         NULL);
        assert_int_equal(index, carnet_json_integer(carnet_json_get(one, "index_of_first_satisfied")));
    }
    carnet_json_free(&document);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_keeps_its_order_in_both_forms),
        cmocka_unit_test(one_to_eight_vectors_are_taken),
        cmocka_unit_test(what_is_no_request_is_refused_with_its_place),
        cmocka_unit_test(junk_that_is_no_json_is_refused),
        cmocka_unit_test(a_list_is_refused_at_its_octet),
        cmocka_unit_test(the_first_that_is_satisfied_counts),
        cmocka_unit_test(vectors_of_other_trustmarks_are_not_compared),
        cmocka_unit_test(what_is_lacking_comes_shortest_first),
        cmocka_unit_test(what_can_never_be_is_said_at_once),
        cmocka_unit_test(published_cases_are_satisfied_as_they_say),
    };

    return cmocka_run_group_tests_name("vector request", tests, NULL, NULL);
}
