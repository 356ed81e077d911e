/* SPDX-License-Identifier: Apache-2.0 */
/* TNEP records: services, selections, statuses, waiting times. */
#include "carnet/tnep.h"
#include "support/support.h"

#include <math.h>
#include <string.h>

#define TP "d1021a5470101375726e3a6e66633a736e3a68616e646f76657200000fffff"
#define TS "d1021454731375726e3a6e66633a736e3a68616e646f766572"

static void
waiting_times_follow_the_formula_rounded_up(void **state)
{
    (void)state;
    for (unsigned n = 0; n < 64; n++) {
        double exact = pow(2, n / 4.0 - 1);
        uint32_t got = carnet_tnep_wait_ms((uint8_t)n);

        if (got < exact - 1e-9 || got > exact * 1.0001 + 1) {
            fail_msg("WT_INT %u: %u ms, %f", n, got, exact);
        }
    }
    assert_int_equal(carnet_tnep_wait_ms(0), 1);
    assert_int_equal(carnet_tnep_wait_ms(20), 16);
    assert_int_equal(carnet_tnep_wait_ms(63), 27555);
    assert_int_equal(carnet_tnep_wait_ms(64), 27555);
    assert_int_equal(carnet_tnep_wait_ms(255), 27555);
}

static void
a_service_is_found_and_built(void **state)
{
    carnet_span message = carnet_test_hex(TP), built;
    uint8_t room[64];
    carnet_ndef_builder b = carnet_ndef_build(room, sizeof room);
    carnet_tnep_service service;
    carnet_err err;
    bool found;

    (void)state;
    assert_carnet_ok(carnet_tnep_service_find(message, CARNET_TNEP_HANDOVER, &service, &found, &err), &err);
    assert_true(found);
    assert_str_is(service.name, CARNET_TNEP_HANDOVER);
    assert_int_equal(service.version, 0x10);
    assert_int_equal(service.communication_mode, 0);
    assert_int_equal(service.wait_time, 0);
    assert_int_equal(service.wait_extensions, 15);
    assert_int_equal(service.message_max, 0xffff);
    carnet_tnep_service_add(&b, &service);
    assert_carnet_ok(carnet_ndef_built(&b, &built, &err), &err);
    assert_span_equal(built, message);
    assert_carnet_ok(carnet_tnep_service_find(message, "urn:nfc:sn:other", &service, &found, &err), &err);
    assert_true(!found && service.name.ptr == NULL);
}

static void
the_second_of_two_services_is_found_beside_other_records(void **state)
{
    uint8_t room[160];
    carnet_ndef_builder b = carnet_ndef_build(room, sizeof room);
    carnet_tnep_service one = { .name = carnet_str_of("urn:nfc:sn:one"), .version = 0x10 };
    carnet_tnep_service two = { .name = carnet_str_of("urn:nfc:sn:two"), .version = 0x11, .wait_time = 63 }, got;
    carnet_span message;
    bool found;

    (void)state;
    carnet_ndef_add(&b, &(carnet_ndef_record){ .format = CARNET_NDEF_EMPTY });
    carnet_tnep_service_add(&b, &one);
    carnet_tnep_service_add(&b, &two);
    carnet_tnep_service_add(&b, &two);
    assert_carnet_ok(carnet_ndef_built(&b, &message, NULL), NULL);
    assert_carnet_ok(carnet_tnep_service_find(message, "urn:nfc:sn:two", &got, &found, NULL), NULL);
    assert_true(found);
    assert_int_equal(got.wait_time, 63);
    assert_int_equal(got.version, 0x11);
}

static void
malformed_services_are_refused(void **state)
{
    static const struct {
        const char *what, *hex;
        carnet_rc rc;
        size_t offset;
    } cases[] = {
        { "an empty record", "d102005470", CARNET_E_TNEP_STRUCTURE, 5 },
        { "another major version", "d10208547020 0161 00000f0000", CARNET_E_TNEP_STRUCTURE, 5 },
        { "no name", "d10207547010 00 00000f0000", CARNET_E_TNEP_STRUCTURE, 5 },
        { "cut off", "d10207547010 01 61 00000f00", CARNET_E_TNEP_STRUCTURE, 5 },
        { "a name longer than the record", "d10208547010 0261 00000f0000", CARNET_E_TNEP_STRUCTURE, 5 },
        { "no message", "00", CARNET_E_NDEF_TRUNCATED, 0 },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_tnep_service service;
        carnet_err err = { 0 };
        bool found;
        carnet_rc rc = carnet_tnep_service_find(carnet_test_hex(cases[i].hex), "a", &service, &found, &err);

        if (rc != cases[i].rc || err.offset != cases[i].offset) {
            fail_msg("%s: %s at %zu", cases[i].what, carnet_rc_name(rc), err.offset);
        }
        assert_true(!found && service.name.ptr == NULL);
    }
}

static void
selections_and_statuses_are_read_and_built(void **state)
{
    uint8_t room[64];
    carnet_ndef_builder b = carnet_ndef_build(room, sizeof room);
    carnet_span message;
    carnet_str name;
    uint8_t status;
    carnet_err err;

    (void)state;
    assert_carnet_ok(carnet_tnep_select_open(carnet_test_hex(TS), &name, &err), &err);
    assert_str_is(name, CARNET_TNEP_HANDOVER);
    carnet_tnep_select_add(&b, name);
    assert_carnet_ok(carnet_ndef_built(&b, &message, &err), &err);
    assert_span_equal(message, carnet_test_hex(TS));
    assert_carnet_ok(carnet_tnep_select_open(carnet_test_hex("d10201547300"), &name, &err), &err);
    assert_int_equal(name.len, 0);
    for (unsigned n = 0; n < 256; n++) {
        b = carnet_ndef_build(room, sizeof room);
        carnet_tnep_status_add(&b, (uint8_t)n);
        assert_carnet_ok(carnet_ndef_built(&b, &message, &err), &err);
        assert_carnet_ok(carnet_tnep_status_open(message, &status, &err), &err);
        assert_int_equal(status, n);
    }
    b = carnet_ndef_build(room, sizeof room);
    carnet_tnep_status_add(&b, 0);
    assert_carnet_ok(carnet_ndef_built(&b, &message, &err), &err);
    assert_span_equal(message, carnet_test_hex("d10201546500"));
}

static void
malformed_selections_and_statuses_are_refused(void **state)
{
    static const char *const selections[] = { "d102005473", "d1020254730161ff", "d10201547301", "d10202547300 61",
                                              "d10201546500" };
    static const char *const statuses[] = { "d102005465", "d1020254650000", "d10201547300" };
    uint8_t status;
    carnet_str name;

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(selections); i++) {
        carnet_rc rc = carnet_tnep_select_open(carnet_test_hex(selections[i]), &name, NULL);

        assert_true(rc == CARNET_E_TNEP_STRUCTURE || rc == CARNET_E_NDEF_TRAILING);
        assert_int_equal(name.len, 0);
    }
    for (size_t i = 0; i < CARNET_COUNT(statuses); i++) {
        assert_carnet_rc(carnet_tnep_status_open(carnet_test_hex(statuses[i]), &status, NULL), CARNET_E_TNEP_STRUCTURE);
        assert_int_equal(status, CARNET_TNEP_PROTOCOL_ERROR);
    }
}

static void
numbers_out_of_range_are_a_mistake_of_the_caller(void **state)
{
    static char longest[256];
    const carnet_tnep_service cases[] = {
        { .version = 0x10 },
        { .name = { longest, 256 } },
        { .name = { "a", 1 }, .wait_time = 64 },
        { .name = { "a", 1 }, .wait_extensions = 16 },
    };
    uint8_t room[600];
    carnet_span message;
    carnet_ndef_builder b = carnet_ndef_build(room, sizeof room);

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        b = carnet_ndef_build(room, sizeof room);
        carnet_tnep_service_add(&b, &cases[i]);
        assert_carnet_rc(carnet_ndef_built(&b, &message, NULL), CARNET_E_USAGE);
    }
    b = carnet_ndef_build(room, sizeof room);
    carnet_tnep_select_add(&b, (carnet_str){ longest, 256 });
    assert_carnet_rc(carnet_ndef_built(&b, &message, NULL), CARNET_E_USAGE);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(waiting_times_follow_the_formula_rounded_up),
        cmocka_unit_test(a_service_is_found_and_built),
        cmocka_unit_test(the_second_of_two_services_is_found_beside_other_records),
        cmocka_unit_test(malformed_services_are_refused),
        cmocka_unit_test(selections_and_statuses_are_read_and_built),
        cmocka_unit_test(malformed_selections_and_statuses_are_refused),
        cmocka_unit_test(numbers_out_of_range_are_a_mistake_of_the_caller),
    };

    return cmocka_run_group_tests_name("tnep", tests, NULL, NULL);
}
