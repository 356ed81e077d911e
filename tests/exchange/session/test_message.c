/* SPDX-License-Identifier: Apache-2.0 */
/* SessionEstablishment and SessionData: what is taken, and where what is not. */
#include "carnet/session.h"
#include "support/support.h"

#include <string.h>

#define ZEROS32 "0000000000000000000000000000000000000000000000000000000000000000"
#define KEY                                                                                                            \
    "d818584ba40102200121"                                                                                             \
    "5820" ZEROS32 "22"                                                                                                \
    "5820" ZEROS32                      /* an EReaderKey on P-256, not a point */
#define E_KEY  "6a655265616465724b6579" /* "eReaderKey" */
#define DATA   "6464617461"             /* "data" */
#define STATUS "66737461747573"         /* "status" */

/* EReaderKeyBytes of 79 octets: a key map of 75. */
static const struct {
    const char *what, *hex;
    carnet_rc rc;
    size_t offset;
    const char *path;
} establishments[] = {
    { "key and data", "a2" E_KEY KEY DATA "4100", CARNET_OK, 0, "" },
    { "data first", "a2" DATA "4100" E_KEY KEY, CARNET_OK, 0, "" },
    { "a member of the future",
      "a3" E_KEY KEY DATA "4100"
      "6178f6",
      CARNET_OK, 0, "" },
    { "a map of indefinite length",
      "bf" E_KEY KEY DATA "4100"
      "ff",
      CARNET_OK, 0, "" },
    { "empty data", "a2" E_KEY KEY DATA "40", CARNET_OK, 0, "" },
    { "nothing", "", CARNET_E_CBOR_TRUNCATED, 0, "SessionEstablishment" },
    { "an array", "80", CARNET_E_CBOR_TYPE, 0, "SessionEstablishment" },
    { "no key", "a1" DATA "4100", CARNET_E_CBOR_KEY_MISSING, 0, "SessionEstablishment.eReaderKey" },
    { "no data", "a1" E_KEY KEY, CARNET_E_CBOR_KEY_MISSING, 0, "SessionEstablishment.data" },
    { "data twice", "a3" DATA "40" DATA "40" E_KEY KEY, CARNET_E_CBOR_KEY_TWICE, 7, "SessionEstablishment.data" },
    { "data as text", "a2" E_KEY KEY DATA "6100", CARNET_E_CBOR_TYPE, 96, "SessionEstablishment.data" },
    { "a key without tag 24", "a2" E_KEY "40" DATA "4100", CARNET_E_CBOR_TAG, 12, "SessionEstablishment.eReaderKey" },
    { "an empty key", "a2" E_KEY "d81840" DATA "4100", CARNET_E_CBOR_TRUNCATED, 15, "SessionEstablishment.eReaderKey" },
    { "a key without members", "a2" E_KEY "d81841a0" DATA "4100", CARNET_E_CBOR_KEY_MISSING, 15,
      "SessionEstablishment.eReaderKey{1}" },
    { "a byte after the key",
      "a2" E_KEY "d818584c"
      "a401022001215820" ZEROS32 "225820" ZEROS32 "00" DATA "4100",
      CARNET_E_CBOR_TRAILING, 91, "SessionEstablishment.eReaderKey" },
    { "a key for signing",
      "a2" E_KEY "d8185828"
      "a3010120062158"
      "20" ZEROS32 DATA "4100",
      CARNET_E_COSE_KEY, 16, "SessionEstablishment.eReaderKey" },
    { "a key of an unknown curve",
      "a2" E_KEY "d8185828"
      "a3010120082158"
      "20" ZEROS32 DATA "4100",
      CARNET_E_CRYPTO_UNSUPPORTED, 16, "SessionEstablishment.eReaderKey" },
    { "a byte after the end",
      "a2" E_KEY KEY DATA "4100"
      "00",
      CARNET_E_CBOR_TRAILING, 98, "SessionEstablishment" },
};

static void
opens_or_refuses_session_establishment_at_the_byte_that_is_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(establishments); i++) {
        carnet_session_establishment view;
        carnet_err err = { 0 };
        carnet_span in = carnet_test_copy(carnet_test_hex(establishments[i].hex));
        carnet_rc rc = carnet_session_establishment_open(in, &view, &err);

        if (rc != establishments[i].rc || err.offset != establishments[i].offset ||
            strcmp(err.path, establishments[i].path) != 0)
            fail_msg("%s: code %#x at %zu in %s", establishments[i].what, (unsigned)rc, err.offset, err.path);
        if (rc == CARNET_OK) {
            assert_int_equal(view.reader_key_bytes.encoded.len, 79);
            assert_non_null(view.data.ptr);
        } else {
            assert_null(view.data.ptr);
            assert_null(view.reader_key_bytes.encoded.ptr);
        }
    }
}

static void
flags_a_status_where_it_does_not_belong(void **state)
{
    carnet_session_establishment view;
    carnet_err err = { 0 };

    (void)state;
    assert_carnet_ok(
        carnet_session_establishment_open(carnet_test_hex("a3" E_KEY KEY DATA "4100" STATUS "14"), &view, &err), &err);
    assert_int_equal(view.odd, CARNET_ESTABLISHMENT_STATUS);
    assert_carnet_ok(carnet_session_establishment_open(carnet_test_hex("a2" E_KEY KEY DATA "4100"), &view, &err), &err);
    assert_int_equal(view.odd, 0);
}

static const struct {
    const char *what, *hex;
    carnet_rc rc;
    size_t offset;
    const char *path;
    bool has_data, has_status, odd;
    uint64_t status;
} messages[] = {
    { "data", "a1" DATA "4100", CARNET_OK, 0, "", true, false, false, 0 },
    { "empty data", "a1" DATA "40", CARNET_OK, 0, "", true, false, false, 0 },
    { "status 10", "a1" STATUS "0a", CARNET_OK, 0, "", false, true, false, 10 },
    { "status 11", "a1" STATUS "0b", CARNET_OK, 0, "", false, true, false, 11 },
    { "status 20", "a1" STATUS "14", CARNET_OK, 0, "", false, true, false, 20 },
    { "data and status 20", "a2" DATA "4100" STATUS "14", CARNET_OK, 0, "", true, true, false, 20 },
    { "data and status 10", "a2" DATA "4100" STATUS "0a", CARNET_OK, 0, "", true, true, true, 10 },
    { "data and status 11", "a2" DATA "4100" STATUS "0b", CARNET_OK, 0, "", true, true, true, 11 },
    { "data and an unknown status", "a2" DATA "4100" STATUS "1863", CARNET_OK, 0, "", true, true, true, 99 },
    { "status 0", "a1" STATUS "00", CARNET_OK, 0, "", false, true, true, 0 },
    { "the largest status", "a1" STATUS "1bffffffffffffffff", CARNET_OK, 0, "", false, true, true, UINT64_MAX },
    { "nothing", "", CARNET_E_CBOR_TRUNCATED, 0, "SessionData", false, false, false, 0 },
    { "an empty map", "a0", CARNET_E_SESSION_STRUCTURE, 0, "SessionData", false, false, false, 0 },
    { "only what is not known", "a16178f6", CARNET_E_SESSION_STRUCTURE, 0, "SessionData", false, false, false, 0 },
    { "a negative status", "a1" STATUS "20", CARNET_E_CBOR_TYPE, 8, "SessionData.status", false, false, false, 0 },
    { "status as text", "a1" STATUS "6131", CARNET_E_CBOR_TYPE, 8, "SessionData.status", false, false, false, 0 },
    { "data as null", "a1" DATA "f6", CARNET_E_CBOR_TYPE, 6, "SessionData.data", false, false, false, 0 },
    { "data as an array", "a1" DATA "8100", CARNET_E_CBOR_TYPE, 6, "SessionData.data", false, false, false, 0 },
    { "chunked data", "a1" DATA "5f4100ff", CARNET_E_CBOR_INDEFINITE, 6, "SessionData.data", false, false, false, 0 },
    { "data longer than the message", "a1" DATA "5affffffff00", CARNET_E_CBOR_TRUNCATED, 6, "SessionData.data", false,
      false, false, 0 },
    { "status twice", "a2" STATUS "14" STATUS "14", CARNET_E_CBOR_KEY_TWICE, 9, "SessionData.status", false, false,
      false, 0 },
    { "a byte after the end", "a1" STATUS "1400", CARNET_E_CBOR_TRAILING, 9, "SessionData", false, false, false, 0 },
};

static void
opens_or_refuses_session_data_at_the_byte_that_is_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(messages); i++) {
        carnet_session_data view;
        carnet_err err = { 0 };
        carnet_span in = carnet_test_copy(carnet_test_hex(messages[i].hex));
        carnet_rc rc = carnet_session_data_open(in, &view, &err);

        if (rc != messages[i].rc || err.offset != messages[i].offset || strcmp(err.path, messages[i].path) != 0)
            fail_msg("%s: code %#x at %zu in %s", messages[i].what, (unsigned)rc, err.offset, err.path);
        if (view.has_data != messages[i].has_data || view.has_status != messages[i].has_status ||
            view.status_odd != messages[i].odd || view.status != messages[i].status)
            fail_msg("%s: read as something else", messages[i].what);
        assert_true(view.has_data || view.data.ptr == NULL);
    }
}

static void
open_both(carnet_span mutated, void *context)
{
    carnet_session_establishment establishment;
    carnet_session_data data;
    carnet_err err = { 0 };

    (void)context;
    if (carnet_session_establishment_open(mutated, &establishment, &err) != CARNET_OK)
        assert_true(err.offset <= mutated.len && establishment.data.ptr == NULL);
    if (carnet_session_data_open(mutated, &data, &err) != CARNET_OK)
        assert_true(err.offset <= mutated.len && !data.has_data && !data.has_status);
    else
        assert_true(data.has_data || data.has_status);
}

static void
survives_every_prefix_and_every_bit(void **state)
{
    (void)state;
    carnet_test_every_prefix_and_bit(carnet_test_hex("a2" DATA "4100" STATUS "14"), open_both, NULL);
    carnet_test_every_prefix_and_bit(carnet_test_hex("a2" E_KEY KEY DATA "4100"), open_both, NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_or_refuses_session_establishment_at_the_byte_that_is_wrong),
        cmocka_unit_test(flags_a_status_where_it_does_not_belong),
        cmocka_unit_test(opens_or_refuses_session_data_at_the_byte_that_is_wrong),
        cmocka_unit_test(survives_every_prefix_and_every_bit),
    };

    return cmocka_run_group_tests_name("exchange/session message", tests, NULL, NULL);
}
