/* SPDX-License-Identifier: Apache-2.0 */
/* Retrieval methods: which are usable, and what is built. */
#include "carnet/engagement.h"
#include "support/support.h"

#include <string.h>

#define UUID "00112233445546778899aabbccddeeff"
#define BLE                                                                                                            \
    "8302"                                                                                                             \
    "01"
#define ADDR7                                                                                                          \
    "47"                                                                                                               \
    "01020304050600"

static const struct {
    const char *what, *hex;
    bool usable;
} cases[] = {
    { "NFC", "830101a20018ff01190100", true },
    { "NFC, the longest", "830101a20019ffff011a00010000", true },
    { "NFC, other order", "830101a2011901000018ff", true },
    { "NFC with an unknown option", "830101a30018ff0119010002f6", true },
    { "BLE central client", BLE "a300f401f50b50" UUID, true },
    { "BLE peripheral server", BLE "a300f501f40a50" UUID, true },
    { "BLE both", BLE "a400f501f50a50" UUID "0b50" UUID, true },
    { "BLE with address and PSM", BLE "a500f501f40a50" UUID "14" ADDR7 "15190080", true },
    { "Wi-Fi Aware",
      "830301a20062613003"
      "4114",
      true },
    { "Wi-Fi Aware, bands only", "830301a1034114", true },
    { "Wi-Fi Aware, empty bands", "830301a10340", true },
    { "a website", "830401a1006161", true },
    { "four entries", "840101a20018ff01190100f6", true },

    { "NFC version 2", "830102a20018ff01190100", false },
    { "NFC without a length", "830101a10018ff", false },
    { "NFC, commands too short", "830101a20018fe01190100", false },
    { "NFC, commands too long", "830101a2001a0001000001190100", false },
    { "NFC, responses too short", "830101a20018ff0118ff", false },
    { "NFC, responses too long", "830101a20018ff011a00010001", false },
    { "NFC, a length as text", "830101a2006131011901 00", false },
    { "BLE without a mode", BLE "a200f401f4", false },
    { "BLE, a mode unsaid", BLE "a201f50b50" UUID, false },
    { "BLE without its UUID", BLE "a200f401f5", false },
    { "BLE, the UUID of the other mode", BLE "a300f401f50a50" UUID, false },
    { "BLE, both UUIDs for one mode", BLE "a400f401f50a50" UUID "0b50" UUID, false },
    { "BLE, a UUID of 15 octets",
      BLE "a300f401f50b4f"
          "00112233445546778899aabbccddee",
      false },
    { "BLE, a UUID as text", BLE "a300f401f50b6161", false },
    { "BLE, an address of 6 octets", BLE "a400f501f40a50" UUID "1446010203040506", false },
    { "BLE, an address without its mode", BLE "a400f401f50b50" UUID "14" ADDR7, false },
    { "BLE, a PSM without its mode", BLE "a400f401f50b50" UUID "15190080", false },
    { "BLE, a PSM of 17 bits", BLE "a400f501f40a50" UUID "151a00010000", false },
    { "BLE, a mode as a number",
      BLE "a30000010"
          "10b50" UUID,
      false },
    { "Wi-Fi Aware without bands", "830301a0", false },
    { "a website without its URI", "830401a0", false },
    { "a website, an empty URI", "830401a10060", false },
    { "options that are no map", "83010180", false },
    { "type 0", "830001a0", false },
    { "type 5", "830501a0", false },
    { "a negative type", "832901a0", false },
};

static void
each_method_is_usable_or_not(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_span method_bytes = carnet_test_hex(cases[i].hex);
        uint8_t room[128] = { 0x81 };
        carnet_engagement view = { 0 };
        carnet_retrieval_method method;
        carnet_span rest;

        memcpy(room + 1, method_bytes.ptr, method_bytes.len);
        view.methods = rest = carnet_test_copy(carnet_span_of(room, method_bytes.len + 1));
        if (!carnet_engagement_next_method(&view, &rest, &method))
            fail_msg("%s was not stepped to", cases[i].what);
        if (method.usable != cases[i].usable)
            fail_msg("%s: usable %d", cases[i].what, method.usable);
        assert_int_equal(rest.len, 0);
        assert_false(carnet_engagement_next_method(&view, &rest, &method));
        assert_int_equal(method.type, 0);
    }
}

static void
stepping_ends_where_the_input_is_odd(void **state)
{
    static const char *const odd[] = {
        "",
        "80",
        "9fff",
        "a0",
        "01",
        "81",
        "8101",
        "8183",
        "81830101",
        "81a0",
        "8180",
        "81820101",
        "81836161"
        "01a0",
        "81830161"
        "61a0",
        "8183010118",
        "ff",
        "81831bffffffffffffffff01a0",
        "81f6",
        "8140",
        "8181818181818181818181818181818181818181",
    };
    carnet_engagement view = { 0 };
    carnet_retrieval_method method;
    carnet_span rest = { 0 };

    (void)state;
    assert_false(carnet_engagement_next_method(&view, &rest, &method)); /* no methods at all */
    for (size_t i = 0; i < CARNET_COUNT(odd); i++) {
        view.methods = rest = carnet_test_copy(carnet_test_hex(odd[i]));
        if (carnet_engagement_next_method(&view, &rest, &method))
            fail_msg("%s has a method", odd[i]);
        assert_int_equal(method.type, 0);
        assert_false(method.usable);
    }
}

static void
steps_through_several_in_the_order_received(void **state)
{
    carnet_engagement view = { 0 };
    carnet_retrieval_method method;
    carnet_span rest;
    int64_t expected[] = { 9, 4, -10, 1 };
    size_t count = 0;

    (void)state;
    view.methods = rest = carnet_test_hex("9f"
                                          "830901f6"
                                          "830401a1006161"
                                          "832901a0"
                                          "830101a20018ff01190100"
                                          "ff");
    while (carnet_engagement_next_method(&view, &rest, &method)) {
        assert_in_range(count, 0, 3);
        assert_int_equal(method.type, expected[count++]);
        assert_int_equal(method.version, 1);
    }
    assert_int_equal(count, 4);
}

/* Build one method; hexadecimal text of it is compared. */
static void
assert_built(const carnet_cbor_builder *b, const char *hex)
{
    carnet_span out;

    assert_carnet_rc(carnet_cbor_built(b, &out, NULL), CARNET_OK);
    assert_span_equal(out, carnet_test_hex(hex));
}

static void
what_is_built_is_usable(void **state)
{
    uint8_t room[128];
    carnet_span uuid = carnet_test_hex(UUID);
    carnet_cbor_builder b = carnet_cbor_build(room, sizeof(room));

    (void)state;
    carnet_method_build_ble(&b, NULL, uuid.ptr);
    assert_built(&b, BLE "a300f401f50b50" UUID);
    b = carnet_cbor_build(room, sizeof(room));
    carnet_method_build_ble(&b, uuid.ptr, uuid.ptr);
    assert_built(&b, BLE "a400f501f50a50" UUID "0b50" UUID);
    b = carnet_cbor_build(room, sizeof(room));
    carnet_method_build_nfc(&b, 255, 256);
    assert_built(&b, "830101a20018ff01190100");
    b = carnet_cbor_build(room, sizeof(room));
    carnet_method_build_nfc(&b, 65535, 65536);
    assert_built(&b, "830101a20019ffff011a00010000");
    b = carnet_cbor_build(room, sizeof(room));
    carnet_method_build_rest(&b, carnet_str_of("a"));
    assert_built(&b, "830401a1006161");
}

static void
what_would_not_be_usable_is_not_built(void **state)
{
    static const struct {
        uint32_t command, response;
    } lengths[] = { { 254, 256 }, { 65536, 256 }, { 255, 255 }, { 255, 65537 }, { 0, 0 } };
    uint8_t room[128];
    carnet_cbor_builder b = carnet_cbor_build(room, sizeof(room));

    (void)state;
    carnet_method_build_ble(&b, NULL, NULL);
    assert_carnet_rc(b.rc, CARNET_E_USAGE);
    for (size_t i = 0; i < CARNET_COUNT(lengths); i++) {
        b = carnet_cbor_build(room, sizeof(room));
        carnet_method_build_nfc(&b, lengths[i].command, lengths[i].response);
        assert_carnet_rc(b.rc, CARNET_E_USAGE);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_method_is_usable_or_not),
        cmocka_unit_test(stepping_ends_where_the_input_is_odd),
        cmocka_unit_test(steps_through_several_in_the_order_received),
        cmocka_unit_test(what_is_built_is_usable),
        cmocka_unit_test(what_would_not_be_usable_is_not_built),
    };

    return cmocka_run_group_tests_name("exchange/engagement method", tests, NULL, NULL);
}
