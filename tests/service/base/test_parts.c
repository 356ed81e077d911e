/* SPDX-License-Identifier: Apache-2.0 */
/* Parts: made in order, undone the other way round, their routes and jobs. */
#include "world.h"

#include <stdio.h>
#include <string.h>

static world w;
static char told[256];
static bool ready, failing;
static unsigned jobs;

static int
begin(void **state)
{
    (void)state;
    if (world_begin(&w) != 0)
        return -1;
    world_open(&w);
    return 0;
}

static int
end(void **state)
{
    (void)state;
    return world_end(&w);
}

static void
tell(const char *what)
{
    (void)snprintf(told + strlen(told), sizeof(told) - strlen(told), "%s ", what);
}

static carnet_rc
init_a(const carnet_service_context *context, const carnet_service_parts *parts, void **self, carnet_err *err)
{
    (void)err;
    assert_ptr_equal(context, w.context);
    assert_null(carnet_service_part_find(parts, "b"));
    *self = (void *)(uintptr_t) "A";
    tell("+a");
    return CARNET_OK;
}

static carnet_rc
init_b(const carnet_service_context *context, const carnet_service_parts *parts, void **self, carnet_err *err)
{
    (void)context;
    assert_string_equal(carnet_service_part_find(parts, "a"), "A");
    *self = (void *)(uintptr_t) "B";
    tell("+b");
    return failing ? carnet_fail(err, CARNET_E_USAGE, NULL, "no") : CARNET_OK;
}

static void
done(void *self)
{
    tell(strcmp(self, "A") == 0 ? "-a" : "-b");
}

static bool
never(const carnet_config *config)
{
    (void)config;
    return false;
}

static bool
is_ready(void *self)
{
    (void)self;
    return ready;
}

static carnet_rc
job(void *self, carnet_service_worker *worker, carnet_err *err)
{
    assert_string_equal(self, "A");
    assert_null(worker->request);
    jobs++;
    return failing ? carnet_fail(err, CARNET_E_USAGE, NULL, "no") : CARNET_OK;
}

static carnet_rc
run(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    (void)self;
    (void)request;
    (void)response;
    (void)err;
    return CARNET_OK;
}

static const carnet_service_route
    token = { .method = CARNET_SERVICE_POST, .name = "token", .path = "/token", .run = run },
    known = { .method = CARNET_SERVICE_GET,
              .name = "known",
              .path = "/.well-known/openid-credential-issuer",
              .run = run },
    offers = { .method = CARNET_SERVICE_POST, .name = "offers", .path = "/admin/offers", .run = run },
    health = { .method = CARNET_SERVICE_GET, .name = "health", .path = "/healthz", .run = run };
static const carnet_service_part_route a_routes[] = {
    { &token, CARNET_SERVES_PUBLIC },
    { &known, CARNET_SERVES_PUBLIC },
    { &offers, CARNET_SERVES_ADMIN },
    { &health, CARNET_SERVES_OPERATIONS },
};
static const carnet_service_part a = {
    .name = "a",
    .init = init_a,
    .done = done,
    .routes = a_routes,
    .route_count = CARNET_COUNT(a_routes),
    .ready = is_ready,
    .job = job,
    .period = 60,
};
static const carnet_service_part b = { .name = "b", .init = init_b, .done = done };
static const carnet_service_part unwanted = { .name = "c", .wanted = never, .init = init_b, .done = done };
static const carnet_service_part *const list[] = { &a, &unwanted, &b };

static carnet_service_parts *
make(void)
{
    carnet_service_parts *parts;
    carnet_err err = { 0 };

    told[0] = '\0';
    failing = false;
    assert_carnet_ok(carnet_service_parts_new(w.context, list, CARNET_COUNT(list), &parts, &err), &err);
    return parts;
}

static void
makes_those_that_are_wanted_in_order(void **state)
{
    carnet_service_parts *parts = make();

    (void)state;
    assert_string_equal(carnet_service_part_find(parts, "b"), "B");
    assert_null(carnet_service_part_find(parts, "c"));
    carnet_service_parts_free(&parts);
    assert_null(parts);
    assert_string_equal(told, "+a +b -b -a ");
}

static void
undoes_all_when_one_cannot_be_made(void **state)
{
    carnet_service_parts *parts;
    carnet_err err = { 0 };

    (void)state;
    told[0] = '\0';
    failing = true;
    assert_carnet_rc(carnet_service_parts_new(w.context, list, CARNET_COUNT(list), &parts, &err), CARNET_E_USAGE);
    assert_null(parts);
    assert_string_equal(told, "+a +b -a ");
    assert_string_equal(err.path, "b");
}

static void
puts_the_base_path_where_it_belongs(void **state)
{
    static const char *const expected[] = { "/t/token", "/t/.well-known/openid-credential-issuer",
                                            "/.well-known/openid-credential-issuer/t" };
    static const char *const names[] = { "token", "known_below", "known" };
    carnet_service_parts *parts = make();
    const carnet_service_route *routes;
    size_t count;

    (void)state;
    assert_carnet_ok(carnet_service_parts_routes(parts, CARNET_SERVES_PUBLIC, false, &routes, &count, NULL), NULL);
    assert_int_equal(count, CARNET_COUNT(expected));
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(routes[i].path, expected[i]);
        assert_string_equal(routes[i].name, names[i]);
        assert_string_equal(routes[i].self, "A");
        assert_false(routes[i].client_certificate);
    }
    carnet_service_parts_free(&parts);
}

static void
demands_certificates_of_administration_where_they_are_known(void **state)
{
    carnet_service_parts *parts = make();
    const carnet_service_route *routes;
    size_t count;

    (void)state;
    assert_carnet_ok(
        carnet_service_parts_routes(parts, CARNET_SERVES_ADMIN | CARNET_SERVES_OPERATIONS, true, &routes, &count, NULL),
        NULL);
    assert_int_equal(count, 2);
    assert_string_equal(routes[0].path, "/t/admin/offers");
    assert_true(routes[0].client_certificate);
    assert_string_equal(routes[1].path, "/healthz");
    assert_false(routes[1].client_certificate);
    assert_carnet_ok(carnet_service_parts_routes(parts, CARNET_SERVES_ADMIN, false, &routes, &count, NULL), NULL);
    assert_int_equal(count, 1);
    assert_false(routes[0].client_certificate);
    carnet_service_parts_free(&parts);
}

static void
is_ready_when_all_are(void **state)
{
    carnet_service_parts *parts = make();

    (void)state;
    ready = false;
    assert_false(carnet_service_parts_ready(parts));
    ready = true;
    assert_true(carnet_service_parts_ready(parts));
    carnet_service_parts_free(&parts);
}

static void
does_jobs_when_they_are_due_and_again_after_a_failure(void **state)
{
    carnet_service_parts *parts = make();
    unsigned wait;

    (void)state;
    jobs = 0;
    carnet_service_parts_jobs(parts, 1000, &wait);
    assert_int_equal(jobs, 1);
    assert_int_equal(wait, 60);
    carnet_service_parts_jobs(parts, 1059, &wait);
    assert_int_equal(jobs, 1);
    assert_int_equal(wait, 1);
    failing = true;
    w.log_len = 0;
    carnet_service_parts_jobs(parts, 1060, &wait);
    assert_int_equal(jobs, 2);
    assert_int_equal(wait, 60);
    assert_non_null(strstr(w.log, "\"event\":\"job\",\"outcome\":\"failed\",\"reason\":\"CARNET_E_USAGE\","
                                  "\"reference\":\"a\""));
    carnet_service_parts_jobs(parts, 1120, &wait);
    assert_int_equal(jobs, 3);
    failing = false;
    carnet_service_parts_free(&parts);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_those_that_are_wanted_in_order),
        cmocka_unit_test(undoes_all_when_one_cannot_be_made),
        cmocka_unit_test(puts_the_base_path_where_it_belongs),
        cmocka_unit_test(demands_certificates_of_administration_where_they_are_known),
        cmocka_unit_test(is_ready_when_all_are),
        cmocka_unit_test(does_jobs_when_they_are_due_and_again_after_a_failure),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
