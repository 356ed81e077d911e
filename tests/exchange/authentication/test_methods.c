/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/assurance.h"
#include "carnet/methods.h"
#include "support/support.h"

#include <string.h>

static carnet_vector_request
request_of(const char *list)
{
    carnet_vector_request request;

    assert_carnet_ok(carnet_vector_request_list(carnet_str_of(list), CARNET_TRUSTMARK_PROJECT, &request, NULL), NULL);
    return request;
}

static carnet_str
json_of(const carnet_acceptable *acceptable)
{
    static char text[4096];
    carnet_buf out = carnet_buf_of(text, sizeof(text));
    carnet_json_builder b = carnet_json_build(&out);

    carnet_acceptable_add(&b, NULL, acceptable);
    assert_carnet_ok(carnet_json_built(&b, NULL), NULL);
    return carnet_buf_str(&out);
}

static void
a_request_becomes_methods(void **state)
{
    static const struct {
        const char *list, *json;
    } cases[] = {
        { "Cg", "[[\"BIOMETRIC_LOCAL\"]]" },
        { "Cg.Cj.Cl", "[[\"BIOMETRIC_LOCAL\",\"PAD\",\"LOCATION\"]]" },
        { "Cj", "[[\"BIOMETRIC_LOCAL\",\"PAD\"]]" },
        { "Ch.Ck.Cb", "[[\"DEVICE\",\"BIOMETRIC_SPLIT\",\"BEHAVIOUR\"]]" },
        { "Cf.Cg.Cj.Co,Cc.Cf.Co", "[[\"SA_KEY_HW\",\"BIOMETRIC_LOCAL\",\"PAD\"],[\"PIN\",\"SA_KEY_HW\"]]" },
        { "Ce.Cf", "[[\"SA_KEY_HW\"]]" },
        { "Cc.Cn", "[[\"PIN\",\"SA_KEY\"],[\"PIN\",\"BIOMETRIC_LOCAL\"]]" },
        { "Cc.Cd.Cn",
          "[[\"PIN\",\"OTP\",\"SA_KEY\"],[\"DEVICE\",\"PIN\",\"OTP\"],[\"PIN\",\"OTP\",\"BIOMETRIC_LOCAL\"]]" },
        { "Cx.Cn", "[[\"FIDO_UV\"],[\"PIN\",\"FIDO\"],[\"BIOMETRIC_LOCAL\",\"FIDO\"]]" },
        { "Cc.Co", "[[\"PIN\",\"SA_KEY_HW\"]]" },
        { "Cc,Cc.Cd", "[[\"PIN\"]]" },
        { "Ci", "[[\"SA_KEY\"]]" },
        { "Ca,Cc", "[[\"PIN\"]]" },
        { "P2.Cg.Mb", "[[\"BIOMETRIC_LOCAL\",\"MDOC\"]]" },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        const carnet_vector_request request = request_of(cases[i].list);
        carnet_acceptable acceptable;
        carnet_err err = { 0 };

        assert_carnet_ok(carnet_acceptable_compile(&request, &acceptable, &err), &err);
        assert_str_is(json_of(&acceptable), cases[i].json);
    }
}

static void
letters_of_vectors_never_reach_the_device(void **state)
{
    (void)state;
    for (unsigned level = 1; level <= 3; level++) {
        const carnet_vector_request request = carnet_assurance_default(level);
        carnet_acceptable acceptable;
        carnet_str json;

        assert_carnet_ok(carnet_acceptable_compile(&request, &acceptable, NULL), NULL);
        json = json_of(&acceptable);
        for (size_t i = 0; i < json.len; i++)
            assert_false(json.ptr[i] >= 'a' && json.ptr[i] <= 'z');
    }
}

static void
what_a_set_brings_about_satisfies_the_request(void **state)
{
    static const char *const lists[] = { "Cg,Cx,Cc,Cd,Ce",
                                         "Ce.Cg.Cn,Cx.Cn,Cc.Cd.Cn,Cc.Ce.Cn",
                                         "Cf.Cg.Cj.Co,Cf.Cx.Co,Cc.Cf.Co",
                                         "Cn",
                                         "Co",
                                         "Cb.Cj.Ck.Cl.Cm.Ci",
                                         "P3.Cg.Mc.Ad",
                                         "Cd.Cn",
                                         "Cx.Co" };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(lists); i++) {
        const carnet_vector_request request = request_of(lists[i]);
        carnet_acceptable acceptable;

        assert_carnet_ok(carnet_acceptable_compile(&request, &acceptable, NULL), NULL);
        for (unsigned k = 0; k < acceptable.count; k++) {
            const carnet_vector vector = carnet_methods_vector(acceptable.set[k]);
            int index;

            assert_carnet_ok(carnet_vector_request_satisfied(&request, CARNET_TRUSTMARK_PROJECT, &vector, &index, NULL),
                             NULL);
            assert_true(index >= 0);
        }
    }
}

static void
what_no_method_brings_about_is_refused(void **state)
{
    static const char *const lists[] = { "Ca", "C0", "Ca.Cc,C0", "P0.Cc", "Cc.Ma,Cc.Aa,Cc.Ab" };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(lists); i++) {
        const carnet_vector_request request = request_of(lists[i]);
        carnet_acceptable acceptable;

        assert_carnet_rc(carnet_acceptable_compile(&request, &acceptable, NULL), CARNET_E_VECTOR_UNSATISFIABLE);
        assert_int_equal(acceptable.count, 0);
    }
}

static void
methods_are_known_of_these_trustmarks_only(void **state)
{
    carnet_vector_request request = request_of("Cc");
    carnet_acceptable acceptable;

    (void)state;
    request.trustmark = CARNET_TRUSTMARK_RFC_8485;
    assert_carnet_rc(carnet_acceptable_compile(&request, &acceptable, NULL), CARNET_E_TRUSTMARK_OTHER);
}

static void
capabilities_tell_what_can_never_be(void **state)
{
    static const struct {
        uint32_t able;
        const char *list;
        bool feasible;
    } cases[] = {
        { CARNET_METHOD_SA_KEY | CARNET_METHOD_PIN, "Cc.Ce.Cn", true },
        { CARNET_METHOD_SA_KEY | CARNET_METHOD_PIN, "Cf", false },
        { CARNET_METHOD_SA_KEY_HW | CARNET_METHOD_PIN, "Cf.Co", true },
        { CARNET_METHOD_SA_KEY_HW, "Ce", true },
        { CARNET_METHOD_SA_KEY_HW, "Cn", false },
        { CARNET_METHOD_PAD | CARNET_METHOD_SA_KEY, "Cj", false },
        { CARNET_METHOD_FIDO_UV, "Cx.Cn", true },
        { CARNET_METHOD_FIDO, "Cx.Cn", false },
        { CARNET_METHOD_SA_KEY, "P1.Ce", false },
        { CARNET_METHOD_SA_KEY, "Ca", false },
        { 0, "Ci", false },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_vector_request request = request_of(cases[i].list);
        const carnet_vector able = carnet_methods_vector(cases[i].able);

        assert_int_equal(carnet_vector_request_feasible(&request, &able, NULL) == CARNET_OK, cases[i].feasible);
    }
}

static void
a_device_chooses_the_first_it_can_do(void **state)
{
    const carnet_vector_request request = request_of("Cf.Cg.Cj.Co,Cc.Ce.Cn,Cx");
    carnet_acceptable acceptable;

    (void)state;
    assert_carnet_ok(carnet_acceptable_compile(&request, &acceptable, NULL), NULL);
    assert_int_equal(carnet_acceptable_choose(&acceptable, UINT32_MAX), 0);
    assert_int_equal(carnet_acceptable_choose(&acceptable, CARNET_METHOD_PIN | CARNET_METHOD_SA_KEY_HW), 1);
    assert_int_equal(carnet_acceptable_choose(&acceptable, CARNET_METHOD_FIDO_UV), 2);
    assert_int_equal(carnet_acceptable_choose(&acceptable, CARNET_METHOD_PIN), -1);
    assert_int_equal(carnet_acceptable_choose(&acceptable, 0), -1);
}

static void
names_go_both_ways(void **state)
{
    (void)state;
    for (unsigned i = 0; i < CARNET_METHODS; i++)
        assert_int_equal(carnet_method_named(carnet_str_of(carnet_method_name(UINT32_C(1) << i))), UINT32_C(1) << i);
    assert_null(carnet_method_name(0));
    assert_null(carnet_method_name(3));
    assert_null(carnet_method_name(UINT32_C(1) << CARNET_METHODS));
    assert_int_equal(carnet_method_named(carnet_str_of("pin")), 0);
}

static carnet_rc
read(const char *json, carnet_acceptable *acceptable, carnet_err *err)
{
    carnet_json *document = NULL;
    carnet_rc rc;

    assert_carnet_ok(carnet_json_parse(carnet_str_of(json), &document, NULL), NULL);
    rc = carnet_acceptable_read(document, acceptable, err);
    carnet_json_free(&document);
    return rc;
}

static void
what_is_written_is_read(void **state)
{
    const carnet_vector_request request = request_of("Cf.Cg.Cj.Co,Cc.Ce.Cn,Cx.Cn");
    carnet_acceptable acceptable, again;
    char text[1024] = { 0 };
    carnet_str json;

    (void)state;
    assert_carnet_ok(carnet_acceptable_compile(&request, &acceptable, NULL), NULL);
    json = json_of(&acceptable);
    memcpy(text, json.ptr, json.len);
    assert_carnet_ok(read(text, &again, NULL), NULL);
    assert_memory_equal(&acceptable, &again, sizeof(again));
}

static void
sets_with_unknown_methods_are_left_out(void **state)
{
    carnet_acceptable acceptable;

    (void)state;
    assert_carnet_ok(read("[[\"TELEPATHY\",\"PIN\"],[\"PIN\"]]", &acceptable, NULL), NULL);
    assert_int_equal(acceptable.count, 1);
    assert_int_equal(acceptable.set[0], CARNET_METHOD_PIN);
}

static void
lists_that_cannot_be_read_are_refused(void **state)
{
    static const char *const texts[] = { "[]",        "{}",    "null",          "[[]]",
                                         "[\"PIN\"]", "[[1]]", "[[\"PIN\"],7]", "[[\"TELEPATHY\"]]" };
    carnet_acceptable acceptable;
    carnet_err err;

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(texts); i++) {
        acceptable.count = 9;
        assert_carnet_rc(read(texts[i], &acceptable, &err), CARNET_E_METHODS);
        assert_int_equal(acceptable.count, 0);
    }
    assert_string_equal(err.path, "acceptable");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_becomes_methods),
        cmocka_unit_test(letters_of_vectors_never_reach_the_device),
        cmocka_unit_test(what_a_set_brings_about_satisfies_the_request),
        cmocka_unit_test(what_no_method_brings_about_is_refused),
        cmocka_unit_test(methods_are_known_of_these_trustmarks_only),
        cmocka_unit_test(capabilities_tell_what_can_never_be),
        cmocka_unit_test(a_device_chooses_the_first_it_can_do),
        cmocka_unit_test(names_go_both_ways),
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(sets_with_unknown_methods_are_left_out),
        cmocka_unit_test(lists_that_cannot_be_read_are_refused),
    };

    return cmocka_run_group_tests_name("methods", tests, NULL, NULL);
}
