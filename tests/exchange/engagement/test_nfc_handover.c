/* SPDX-License-Identifier: Apache-2.0 */
/* Handover messages: what is refused, what is odd, and which carriers are usable. */
#include "carnet/nfc_handover.h"
#include "support/support.h"

#include <string.h>

#define BLE_TYPE                                                                                                       \
    "6170706c69636174696f6e2f766e642e626c7565746f6f74682e6c652e6f6f62" /* application/vnd.bluetooth.le.oob */
#define ENGAGED                                                                                                        \
    "5c1e0104"                                                                                                         \
    "69736f2e6f72673a31383031333a646576696365656e676167656d656e74"                                                     \
    "6d646f63"                                                                                                         \
    "a0"
#define NFC_HEAD "69736f2e6f72673a31383031333a6e6663" /* iso.org:18013:nfc */

static const struct {
    const char *what, *hex;
    carnet_rc rc;
    size_t offset;
} refused[] = {
    { "nothing", "", CARNET_E_NDEF_TRUNCATED, 0 },
    { "a record that is neither", "d1020154650 0", CARNET_E_HANDOVER_STRUCTURE, 0 },
    { "Hs in second place", "91020054655102014873 15", CARNET_E_HANDOVER_STRUCTURE, 0 },
    { "Hs of another format", "d202014873 15", CARNET_E_HANDOVER_STRUCTURE, 0 },
    { "no version", "d102004872", CARNET_E_HANDOVER_VERSION, 5 },
    { "version 2.0", "d10201487220", CARNET_E_HANDOVER_VERSION, 5 },
    { "version 0.15", "d1020148720f", CARNET_E_HANDOVER_VERSION, 5 },
    { "a select without an engagement", "d10201487315", CARNET_E_HANDOVER_ENGAGEMENT, 0 },
    { "a select with a reader's engagement",
      "910201487315"
      "541e0169736f2e6f72673a31383031333a726561646572656e676167656d656e74a0",
      CARNET_E_HANDOVER_ENGAGEMENT, 0 },
    { "a select with an empty engagement",
      "910201487315"
      "541e0069736f2e6f72673a31383031333a646576696365656e676167656d656e74",
      CARNET_E_HANDOVER_ENGAGEMENT, 0 },
    { "octets after the carriers",
      "d1020a487215"
      "d1020461630101300000",
      CARNET_E_NDEF_TRAILING, 15 },
    { "an empty alternative carrier",
      "d10206487215"
      "d102006163",
      CARNET_E_HANDOVER_STRUCTURE, 6 },
    { "an alternative carrier cut off",
      "d10208487215"
      "d1020261630101",
      CARNET_E_HANDOVER_STRUCTURE, 6 },
    { "a reference to nothing",
      "d10209487215"
      "d102036163010000",
      CARNET_E_HANDOVER_STRUCTURE, 6 },
    { "a reference longer than the record",
      "d1020a487215"
      "d102046163010230 00",
      CARNET_E_HANDOVER_STRUCTURE, 6 },
    { "an auxiliary reference cut off",
      "d1020b487215"
      "d10205616301013001 01",
      CARNET_E_HANDOVER_STRUCTURE, 6 },
    { "octets after an alternative carrier",
      "d1020b487215"
      "d1020561630101300000",
      CARNET_E_HANDOVER_STRUCTURE, 6 },
    { "a collision record of one octet",
      "d10207487215"
      "d10201637201",
      CARNET_E_HANDOVER_STRUCTURE, 6 },
    { "two collision records",
      "d1020f487215"
      "91020263720102"
      "51020263720102",
      CARNET_E_HANDOVER_STRUCTURE, 13 },
    { "chunked carriers",
      "d1020a487215"
      "b102046163010130 00",
      CARNET_E_NDEF_CHUNKED, 6 },
};

static void
what_is_not_as_specified_is_refused_where_it_is_not(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(refused); i++) {
        carnet_nfc_handover view;
        carnet_err err = { 0 };
        carnet_rc rc = carnet_nfc_handover_open(carnet_test_copy(carnet_test_hex(refused[i].hex)), &view, &err);

        if (rc != refused[i].rc || err.offset != refused[i].offset) {
            fail_msg("%s: %s at %zu", refused[i].what, carnet_rc_name(rc), err.offset);
        }
        assert_true(view.encoded.ptr == NULL && view.carrier_count == 0);
        assert_non_null(err.clause);
    }
}

/** A message of one carrier, whose configuration record has this type and payload. */
static carnet_nfc_handover
one_carrier(bool request, carnet_ndef_format format, const char *type, const char *payload, uint8_t *room, size_t cap)
{
    carnet_ndef_builder b = carnet_ndef_build(room, cap);
    carnet_ndef_mark mark = carnet_ndef_begin(
        &b, &(carnet_ndef_record){ .format = CARNET_NDEF_WELL_KNOWN, .type = carnet_str_of(request ? "Hr" : "Hs") });
    carnet_nfc_handover view;
    carnet_span message;
    carnet_err err;

    carnet_ndef_append(&b, CARNET_TEST_BYTES("\x15"));
    carnet_ndef_add(&b, &(carnet_ndef_record){ .format = CARNET_NDEF_WELL_KNOWN,
                                               .type = carnet_str_of("ac"),
                                               .payload = CARNET_TEST_BYTES("\x01\x01x\x01\x04mdoc") });
    carnet_ndef_end(&b, mark);
    carnet_ndef_add(&b, &(carnet_ndef_record){ .format = format,
                                               .type = carnet_str_of(type),
                                               .id = CARNET_TEST_BYTES("x"),
                                               .payload = carnet_test_hex(payload) });
    carnet_ndef_add(&b, &(carnet_ndef_record){ .format = CARNET_NDEF_EXTERNAL,
                                               .type = carnet_str_of(request ? "iso.org:18013:readerengagement"
                                                                             : "iso.org:18013:deviceengagement"),
                                               .id = CARNET_TEST_BYTES("mdoc"),
                                               .payload = CARNET_TEST_BYTES("\xa0") });
    assert_carnet_ok(carnet_ndef_built(&b, &message, &err), &err);
    assert_carnet_ok(carnet_nfc_handover_open(message, &view, &err), &err);
    return view;
}

#define UUID  "11070f0e0d0c0b0a09080706050403020100"
#define LE    CARNET_NDEF_MEDIA, "application/vnd.bluetooth.le.oob"
#define NFC   CARNET_NDEF_EXTERNAL, "iso.org:18013:nfc"
#define AWARE CARNET_NDEF_MEDIA, "application/vnd.wfa.nan"

static const struct {
    const char *what;
    bool request;
    carnet_ndef_format format;
    const char *type, *payload;
    int64_t method;
    bool usable;
} carriers[] = {
    { "BLE peripheral with a UUID", false, LE, "021c00" UUID, 2, true },
    { "BLE central without a UUID", false, LE, "021c01", 2, true },
    { "BLE central with a UUID", false, LE, "021c01" UUID, 2, true },
    { "BLE both", false, LE, UUID "021c02", 2, true },
    { "BLE of a reader that is central", true, LE, "021c01", 2, true },
    { "BLE of a reader that is peripheral", true, LE, "021c00" UUID, 2, true },
    { "BLE with an address of 7 octets", false, LE, "081b01020304050600021c01", 2, true },
    { "BLE with an address of 6 octets", false, LE, "071b010203040506021c01", 2, true },
    { "BLE with types that are not known", false, LE,
      "0416aabbcc"
      "0577 00000080"
      "0209ff"
      "021c01",
      2, true },
    { "BLE with two UUIDs", false, LE,
      "21070f0e0d0c0b0a0908070605040302010000112233445566778899aabbccddeeff"
      "021c00",
      2, true },
    { "BLE that ends in zeros", false, LE, "021c01000000", 2, true },
    { "NFC with lengths", false, NFC, "010301ffff0402010000", 1, true },
    { "NFC without lengths", true, NFC, "01", 1, true },
    { "NFC with an entry that is not known", false, NFC,
      "01020301"
      "0201ff"
      "03020100",
      1, true },
    { "Wi-Fi Aware", false, AWARE,
      "020101"
      "05036162636 4"
      "020414"
      "020536",
      3, true },
    { "a kind that is not known", false, CARNET_NDEF_MEDIA, "application/vnd.wfa.wsc", "01", 0, false },

    { "BLE without a role", false, LE, UUID, 2, false },
    { "BLE with two roles", false, LE, "021c01021c01", 2, false },
    { "BLE with a role of two octets", false, LE, "031c0100", 2, false },
    { "BLE with role 4", false, LE, "021c04" UUID, 2, false },
    { "BLE peripheral without a UUID", false, LE, "021c00", 2, false },
    { "BLE both without a UUID", false, LE, "021c03", 2, false },
    { "BLE of a peripheral reader without a UUID", true, LE, "021c00", 2, false },
    { "BLE with half a UUID", false, LE,
      "0907 0f0e0d0c0b0a0908"
      "021c00",
      2, false },
    { "BLE with an entry cut off", false, LE, "021c0109", 2, false },
    { "BLE with an address of 5 octets", false, LE, "061b0102030405021c01", 2, false },
    { "BLE of nothing", false, LE, "", 2, false },
    { "NFC of version 2", false, NFC, "02", 1, false },
    { "NFC of nothing", false, NFC, "", 1, false },
    { "NFC with one length", false, NFC, "010301ffff", 1, false },
    { "NFC, commands too short", false, NFC, "010201fe03020100", 1, false },
    { "NFC, responses too short", false, NFC, "010201ff0202ff", 1, false },
    { "NFC, responses too long", false, NFC, "010201ff0402010001", 1, false },
    { "NFC, a length of five octets", false, NFC, "010601000000ffff03020100", 1, false },
    { "NFC, a length of none", false, NFC, "010101", 1, false },
    { "Wi-Fi Aware without cipher suites", false, AWARE, "020414", 3, false },
    { "Wi-Fi Aware with half a group", false, AWARE, "020101020213", 3, false },
    { "Wi-Fi Aware with a passphrase that is no text", false, AWARE, "0201010203ff", 3, false },
};

static void
carriers_are_usable_if_they_are_as_their_kind_demands(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(carriers); i++) {
        uint8_t room[256];
        carnet_nfc_handover view = one_carrier(carriers[i].request, carriers[i].format, carriers[i].type,
                                               carriers[i].payload, room, sizeof room);
        carnet_span rest = view.carriers;
        carnet_nfc_carrier got;
        unsigned odd = carriers[i].usable        ? 0
                       : carriers[i].method == 0 ? CARNET_HANDOVER_CARRIER_UNKNOWN
                                                 : CARNET_HANDOVER_CARRIER_MALFORMED;

        assert_true(carnet_nfc_handover_next(&view, &rest, &got));
        if (got.method.type != carriers[i].method || got.method.usable != carriers[i].usable || view.odd != odd) {
            fail_msg("%s: method %d, usable %d, odd %x", carriers[i].what, (int)got.method.type, got.method.usable,
                     view.odd);
        }
        assert_false(carnet_nfc_handover_next(&view, &rest, &got));
    }
}

static void
a_psm_is_found_only_by_who_asks_for_its_form(void **state)
{
    static const struct {
        const char *payload;
        unsigned forms;
        uint16_t psm;
    } cases[] = {
        { "021c01"
          "0577 00000080",
          CARNET_PSM_UNALLOCATED, 0x80 },
        { "021c01"
          "0577 00000080",
          CARNET_PSM_SERVICE_DATA, 0 },
        { "021c01"
          "0577 00000080",
          0, 0 },
        { "021c01"
          "0577 00010000",
          CARNET_PSM_UNALLOCATED, 0 },
        { "021c01"
          "0577 00000000",
          CARNET_PSM_UNALLOCATED, 0 },
        { "021c01"
          "0477 000080",
          CARNET_PSM_UNALLOCATED, 0 },
        { "0716 3412 a1001880"
          "021c01",
          CARNET_PSM_SERVICE_DATA, 0x80 },
        { "0716 3412 a1001880"
          "021c01",
          CARNET_PSM_UNALLOCATED, 0 },
        { "0716 3512 a1001880"
          "021c01",
          CARNET_PSM_SERVICE_DATA, 0 },
        { "0416 3412 a0"
          "021c01",
          CARNET_PSM_SERVICE_DATA, 0 },
        { "0616 3412 a10018"
          "021c01",
          CARNET_PSM_SERVICE_DATA, 0 },
        { "0316 3412"
          "021c01",
          CARNET_PSM_SERVICE_DATA, 0 },
        { "0416 3412 a0"
          "0716 3412 a1001880"
          "021c01",
          3, 0x80 },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        uint8_t room[256];
        carnet_nfc_handover view = one_carrier(false, LE, cases[i].payload, room, sizeof room);
        carnet_span rest = view.carriers;
        carnet_nfc_carrier carrier;
        uint16_t psm;

        assert_true(carnet_nfc_handover_next(&view, &rest, &carrier));
        assert_true(carrier.method.usable && !carrier.method.ble.has_psm);
        if (carnet_nfc_carrier_psm(&carrier, cases[i].forms, 0x1234, &psm) != (cases[i].psm != 0) ||
            psm != cases[i].psm) {
            fail_msg("%s: %x", cases[i].payload, psm);
        }
    }
}

static void
more_carriers_than_allowed_are_refused(void **state)
{
    (void)state;
    for (size_t n = CARNET_NFC_CARRIERS_MAX; n <= CARNET_NFC_CARRIERS_MAX + 1; n++) {
        uint8_t room[256];
        carnet_ndef_builder b = carnet_ndef_build(room, sizeof room);
        carnet_ndef_mark mark = carnet_ndef_begin(
            &b, &(carnet_ndef_record){ .format = CARNET_NDEF_WELL_KNOWN, .type = carnet_str_of("Hr") });
        carnet_nfc_handover view;
        carnet_span message;
        carnet_err err;

        carnet_ndef_append(&b, CARNET_TEST_BYTES("\x15"));
        for (size_t i = 0; i < n; i++) {
            carnet_ndef_add(&b, &(carnet_ndef_record){ .format = CARNET_NDEF_WELL_KNOWN,
                                                       .type = carnet_str_of("ac"),
                                                       .payload = CARNET_TEST_BYTES("\x01\x01x\x00") });
        }
        carnet_ndef_end(&b, mark);
        assert_carnet_ok(carnet_ndef_built(&b, &message, NULL), NULL);
        assert_carnet_rc(carnet_nfc_handover_open(message, &view, &err),
                         n > CARNET_NFC_CARRIERS_MAX ? CARNET_E_HANDOVER_STRUCTURE : CARNET_OK);
        if (n > CARNET_NFC_CARRIERS_MAX) {
            assert_int_equal(err.offset, 6 + 9 * CARNET_NFC_CARRIERS_MAX);
        }
    }
}

static void
oddities_are_noted_and_do_not_matter(void **state)
{
    static const struct {
        const char *what, *hex;
        unsigned odd;
        size_t carriers;
    } cases[] = {
        { "no carriers", "910201487315" ENGAGED, 0, 0 },
        { "version 1.4", "910201487314" ENGAGED, CARNET_HANDOVER_MINOR_VERSION, 0 },
        { "a carrier that is not there",
          "91020f487315"
          "d102096163010130 01046d646f63" ENGAGED,
          CARNET_HANDOVER_CARRIER_MISSING, 0 },
        { "a carrier that does not refer",
          "91020a487315"
          "d1020461630101300 0"
          "1a200301" BLE_TYPE "30021c01" ENGAGED,
          CARNET_HANDOVER_NOT_REFERRED, 1 },
        { "two of a kind",
          "910218487315"
          "9102096163010130 01046d646f63"
          "510204616301013100"
          "1a200301" BLE_TYPE "30021c01"
          "1a200301" BLE_TYPE "31021c01" ENGAGED,
          CARNET_HANDOVER_NOT_REFERRED | CARNET_HANDOVER_CARRIER_TWICE, 2 },
        { "a record between the carriers",
          "910215487315"
          "9102016578ff"
          "510209616301013001046d646f63"
          "1a200301" BLE_TYPE "30021c01" ENGAGED,
          0, 1 },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_nfc_handover view;
        carnet_err err = { 0 };
        carnet_rc rc = carnet_nfc_handover_open(carnet_test_hex(cases[i].hex), &view, &err);

        if (rc != CARNET_OK || view.odd != cases[i].odd || view.carrier_count != cases[i].carriers) {
            fail_msg("%s: %s at %zu (%s), odd %x, %zu carriers", cases[i].what, carnet_rc_name(rc), err.offset,
                     err.reason, view.odd, view.carrier_count);
        }
    }
}

static void
visit(carnet_span message, void *context)
{
    carnet_nfc_handover view;
    carnet_nfc_carrier carrier;
    carnet_span rest;
    size_t n = 0;

    if (carnet_nfc_handover_open(message, &view, NULL) != CARNET_OK) {
        return;
    }
    rest = view.carriers;
    while (carnet_nfc_handover_next(&view, &rest, &carrier)) {
        n++;
    }
    assert_int_equal(n, view.carrier_count);
    ++*(size_t *)context;
}

static void
every_prefix_is_refused_and_every_bit_refused_or_understood(void **state)
{
    static const char *const messages[] = {
        "910218487315"
        "9102096163010130 01046d646f63"
        "510204616301013100"
        "1a200301" BLE_TYPE "30021c01"
        "1c110a01" NFC_HEAD "31010301ffff0402010000" ENGAGED,
        "910211487215"
        "91020263720102"
        "510204616301013000"
        "5a201501" BLE_TYPE "30021c00" UUID,
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(messages); i++) {
        carnet_span message = carnet_test_hex(messages[i]);
        size_t understood = 0;

        visit(message, &understood);
        assert_int_equal(understood, 1);
        carnet_test_every_prefix(message, visit, &understood);
        assert_int_equal(understood, 1);
        carnet_test_every_bit(message, visit, &understood);
        assert_true(understood > 10 && understood < message.len * 8);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_as_specified_is_refused_where_it_is_not),
        cmocka_unit_test(carriers_are_usable_if_they_are_as_their_kind_demands),
        cmocka_unit_test(a_psm_is_found_only_by_who_asks_for_its_form),
        cmocka_unit_test(more_carriers_than_allowed_are_refused),
        cmocka_unit_test(oddities_are_noted_and_do_not_matter),
        cmocka_unit_test(every_prefix_is_refused_and_every_bit_refused_or_understood),
    };

    return cmocka_run_group_tests_name("nfc handover", tests, NULL, NULL);
}
