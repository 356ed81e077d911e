/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/http_parameters.h"
#include "support/support.h"

#include <stdio.h>
#include <string.h>

/* Names and values, joined: what a reader makes of a query. */
static const struct {
    const char *what, *in, *out;
    carnet_rc rc;
    size_t offset;
} queries[] = {
    { "nothing", "", "", CARNET_OK, 0 },
    { "two", "a=1&b=2", "a:1;b:2;", CARNET_OK, 0 },
    { "no equals sign", "a&b=", "a:;b:;", CARNET_OK, 0 },
    { "a second equals sign", "a=b=c", "a:b=c;", CARNET_OK, 0 },
    { "empty pieces", "&&a=1&", "a:1;", CARNET_OK, 0 },
    { "decoded names and values", "%61%3D=%41+b%2b%26", "a=:A b+&;", CARNET_OK, 0 },
    { "UTF-8", "n=%C3%A9", "n:\xc3\xa9;", CARNET_OK, 0 },
    { "twice", "a=1&b=2&a=1", "", CARNET_E_SERVICE_PARAMETER_TWICE, 8 },
    { "twice, once encoded", "a=1&%61=2", "", CARNET_E_SERVICE_PARAMETER_TWICE, 4 },
    { "no name", "a=1&=2", "", CARNET_E_SERVICE_PARAMETER, 4 },
    { "a percent sign alone", "a=%", "", CARNET_E_SERVICE_PARAMETER, 0 },
    { "one digit", "a=%4", "", CARNET_E_SERVICE_PARAMETER, 0 },
    { "not a digit", "a=%4g", "", CARNET_E_SERVICE_PARAMETER, 0 },
    { "a digit short before the next", "b=1&a=%4&c=1", "", CARNET_E_SERVICE_PARAMETER, 4 },
    { "a zero", "a=b%00c", "", CARNET_E_SERVICE_PARAMETER, 0 },
    { "half a character", "a=%C3", "", CARNET_E_SERVICE_PARAMETER, 0 },
    { "an overlong slash", "a=%C0%AF", "", CARNET_E_SERVICE_PARAMETER, 0 },
};

static void
join(const carnet_service_parameters *p, carnet_buf *out)
{
    for (size_t i = 0; i < p->count; i++) {
        carnet_buf_add_str(out, p->list[i].name);
        carnet_buf_add_text(out, ":");
        carnet_buf_add_str(out, p->list[i].value);
        carnet_buf_add_text(out, ";");
    }
}

static void
reads_queries_and_refuses_what_is_malformed(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
        uint8_t room[64], text[64];
        carnet_buf buf = carnet_buf_of(room, strlen(queries[i].in)), got = carnet_buf_of(text, sizeof(text));
        carnet_service_parameters p;
        carnet_err err = { 0 };

        print_message("# %s\n", queries[i].what);
        assert_carnet_rc(carnet_service_parameters_read(carnet_str_of(queries[i].in), &buf, &p, &err), queries[i].rc);
        join(&p, &got);
        assert_str_is(carnet_buf_str(&got), queries[i].out);
        if (queries[i].rc != CARNET_OK)
            assert_int_equal(err.offset, queries[i].offset);
    }
}

static void
refuses_more_parameters_than_it_has_room_for(void **state)
{
    char text[512] = "";
    uint8_t room[512];
    carnet_service_parameters p;

    (void)state;
    for (int n = 0; n <= CARNET_SERVICE_PARAMETERS; n++) {
        carnet_buf buf = carnet_buf_of(room, sizeof(room));
        size_t at = strlen(text);

        assert_carnet_rc(carnet_service_parameters_read(carnet_str_of(text), &buf, &p, NULL), CARNET_OK);
        assert_int_equal(p.count, n);
        (void)snprintf(text + at, sizeof(text) - at, "%sp%d=1", n > 0 ? "&" : "", n);
    }
    assert_carnet_rc(carnet_service_parameters_read(carnet_str_of(text),
                                                    &(carnet_buf){ .ptr = room, .cap = sizeof(room) }, &p, NULL),
                     CARNET_E_LIMIT);
    assert_int_equal(p.count, 0);
}

static void
refuses_a_room_too_small(void **state)
{
    uint8_t room[2];
    carnet_buf buf = carnet_buf_of(room, sizeof(room));
    carnet_service_parameters p;

    (void)state;
    assert_carnet_rc(carnet_service_parameters_read(carnet_str_of("a=12"), &buf, &p, NULL), CARNET_E_NO_SPACE);
    assert_int_equal(p.count, 0);
}

static const struct {
    const char *in, *path, *query;
    carnet_rc rc;
} targets[] = {
    { "/", "/", "", CARNET_OK },
    { "/a?b=c?d", "/a", "b=c?d", CARNET_OK },
    { "/a?", "/a", "", CARNET_OK },
    { "http://host:80/a?b", "/a", "b", CARNET_OK },
    { "https://host/", "/", "", CARNET_OK },
    { "https://host", "", "", CARNET_E_SERVICE_REQUEST },
    { "", "", "", CARNET_E_SERVICE_REQUEST },
    { "a", "", "", CARNET_E_SERVICE_REQUEST },
    { "*", "", "", CARNET_E_SERVICE_REQUEST },
    { "/a#b", "", "", CARNET_E_SERVICE_REQUEST },
    { "/a\tb", "", "", CARNET_E_SERVICE_REQUEST },
    { "/a\x7f", "", "", CARNET_E_SERVICE_REQUEST },
};

static void
parts_targets(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
        carnet_str path, query;

        print_message("# '%s'\n", targets[i].in);
        assert_carnet_rc(carnet_service_target_split(carnet_str_of(targets[i].in), &path, &query, NULL), targets[i].rc);
        assert_str_is(path, targets[i].path);
        assert_str_is(query, targets[i].query);
    }
}

static const struct {
    const char *pattern, *path;
    bool matches;
    carnet_rc rc;
    const char *values;
} paths[] = {
    { "/", "/", true, CARNET_OK, "" },
    { "/a/b", "/a/b", true, CARNET_OK, "" },
    { "/a/b", "/a/b/", false, CARNET_OK, "" },
    { "/a/b", "/a", false, CARNET_OK, "" },
    { "/a", "/a/b", false, CARNET_OK, "" },
    { "/a", "//a", false, CARNET_OK, "" },
    { "/a", "", false, CARNET_OK, "" },
    { "/a/{x}", "/a/", false, CARNET_OK, "" },
    { "/a/{x}/b/{y}", "/a/1/b/%32+", true, CARNET_OK, "x:1;y:2+;" },
    { "/a/{x}", "/a/%2e%2E", true, CARNET_E_SERVICE_PARAMETER, "" },
    { "/a/{x}", "/a/..", true, CARNET_E_SERVICE_PARAMETER, "" },
    { "/a/{x}", "/a/b%2Fc", true, CARNET_E_SERVICE_PARAMETER, "" },
    { "/a/{x}", "/a/b%5cc", true, CARNET_E_SERVICE_PARAMETER, "" },
    { "/a/{x}", "/a/%00", true, CARNET_E_SERVICE_PARAMETER, "" },
};

static void
matches_paths_and_reads_their_parameters(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        carnet_str path = carnet_str_of(paths[i].path);
        uint8_t room[64], text[64];
        carnet_buf buf = carnet_buf_of(room, sizeof(room)), got = carnet_buf_of(text, sizeof(text));
        carnet_service_parameters p;

        print_message("# %s on %s\n", paths[i].pattern, paths[i].path);
        assert_int_equal(carnet_service_path_matches(paths[i].pattern, path), paths[i].matches);
        if (!paths[i].matches)
            continue;
        assert_carnet_rc(carnet_service_path_read(paths[i].pattern, path, &buf, &p, NULL), paths[i].rc);
        join(&p, &got);
        assert_str_is(carnet_buf_str(&got), paths[i].values);
    }
}

static void
read_mutated(carnet_span text, void *context)
{
    uint8_t room[64];
    carnet_buf buf = carnet_buf_of(room, text.len);
    carnet_service_parameters p;
    carnet_err err = { 0 };
    carnet_rc rc = carnet_service_parameters_read((carnet_str){ (const char *)text.ptr, text.len }, &buf, &p, &err);

    (void)context;
    assert_int_not_equal(rc, CARNET_E_NO_SPACE);
    if (rc != CARNET_OK)
        assert_true(err.offset < text.len && p.count == 0);
}

static void
survives_every_prefix_and_every_bit(void **state)
{
    (void)state;
    carnet_test_every_prefix_and_bit(CARNET_TEST_BYTES("code=%C3%A9+1&state=a%26b&x"), read_mutated, NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_queries_and_refuses_what_is_malformed),
        cmocka_unit_test(refuses_more_parameters_than_it_has_room_for),
        cmocka_unit_test(refuses_a_room_too_small),
        cmocka_unit_test(parts_targets),
        cmocka_unit_test(matches_paths_and_reads_their_parameters),
        cmocka_unit_test(survives_every_prefix_and_every_bit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
