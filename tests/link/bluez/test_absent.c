/* SPDX-License-Identifier: Apache-2.0 */
/* What stands in where Carnet is built without libsystemd or BlueZ's headers. */
#include "carnet/link_bluez.h"
#include "support/support.h"

#include <string.h>

static void
says_so(void **state)
{
    const carnet_bluez_peer peer = { 0 };
    carnet_bluez *bluez = (carnet_bluez *)(uintptr_t)&peer;
    carnet_link link = { .fd = 3 };
    uint8_t address[6] = { 1, 2, 3, 4, 5, 6 };
    bool random = true;
    carnet_err err;

    (void)state;
    assert_carnet_rc(carnet_bluez_new(&bluez, NULL, true, &err), CARNET_E_LINK_ABSENT);
    assert_null(bluez);
    assert_string_equal(err.reason, "Carnet was built without BlueZ");
    assert_carnet_rc(carnet_bluez_open(&bluez, &peer, &link, 0, &err), CARNET_E_LINK_ABSENT);
    assert_null(link.ops);
    assert_string_equal(err.reason, "Carnet was built without BlueZ");
    assert_int_equal(carnet_bluez_psm(bluez), 0);
    carnet_bluez_address(bluez, address, &random);
    assert_span_equal(carnet_span_of(address, 6), carnet_test_hex("000000000000"));
    assert_false(random);
    carnet_bluez_free(&bluez);
}

int
main(void)
{
    const struct CMUnitTest tests[] = { { "built without BlueZ, no adapter is there", says_so, NULL, NULL, NULL } };

    return cmocka_run_group_tests_name("links over BLE, built without", tests, NULL, NULL);
}
