/* SPDX-License-Identifier: Apache-2.0 */
/* DeviceEngagement and ReaderEngagement: what is taken, what is odd, and where what is refused is wrong. */
#include "carnet/engagement.h"
#include "support/support.h"

#include <string.h>

#define ZEROS32 "0000000000000000000000000000000000000000000000000000000000000000"
#define COSE_KEY                                                                                                       \
    "a4010220012158"                                                                                                   \
    "20" ZEROS32 "2258"                                                                                                \
    "20" ZEROS32
#define KEY "d818584b" COSE_KEY
#define V10                                                                                                            \
    "00"                                                                                                               \
    "63312e30"
#define V11                                                                                                            \
    "00"                                                                                                               \
    "63312e31"
#define SECURITY                                                                                                       \
    "01"                                                                                                               \
    "8201" KEY
#define NFC                                                                                                            \
    "830101a2"                                                                                                         \
    "00"                                                                                                               \
    "18ff"                                                                                                             \
    "01"                                                                                                               \
    "190100"
#define DOMAIN                                                                                                         \
    "a3"                                                                                                               \
    "63636174"                                                                                                         \
    "01"                                                                                                               \
    "6474797065"                                                                                                       \
    "01"                                                                                                               \
    "6764657461696c73"                                                                                                 \
    "a1"                                                                                                               \
    "66646f6d61696e"                                                                                                   \
    "63612e62"
#define OTHER                                                                                                          \
    "a3"                                                                                                               \
    "63636174"                                                                                                         \
    "01"                                                                                                               \
    "6474797065"                                                                                                       \
    "00"                                                                                                               \
    "6764657461696c73"                                                                                                 \
    "a0"
#define DE "DeviceEngagement"

/* SECURITY takes 82 octets: it begins at 6 and ends at 88 after V10. */
static const struct {
    const char *what, *hex;
    carnet_rc rc;
    size_t offset;
    const char *path;
    unsigned odd;
} cases[] = {
    { "version and key", "a2" V10 SECURITY, CARNET_OK, 0, "", 0 },
    { "with a method",
      "a3" V10 SECURITY "02"
      "81" NFC,
      CARNET_OK, 0, "", 0 },
    { "version 1.9",
      "a2"
      "00"
      "63312e39" SECURITY,
      CARNET_OK, 0, "", 0 },
    { "version 1.10",
      "a2"
      "00"
      "64312e3130" SECURITY,
      CARNET_OK, 0, "", 0 },
    { "a key of the application's",
      "a3" V10 SECURITY "20"
      "f6",
      CARNET_OK, 0, "", 0 },
    { "a key reserved",
      "a3" V10 SECURITY "1863"
      "f6",
      CARNET_OK, 0, "", 0 },
    { "a text key",
      "a3" V10 SECURITY "6178"
      "f6",
      CARNET_OK, 0, "", 0 },
    { "ServerRetrievalMethods that are none",
      "a3" V10 SECURITY "03"
      "f6",
      CARNET_OK, 0, "", 0 },
    { "OriginInfos empty",
      "a3" V11 SECURITY "05"
      "80",
      CARNET_OK, 0, "", 0 },
    { "a domain",
      "a3" V11 SECURITY "05"
      "81" DOMAIN,
      CARNET_OK, 0, "", 0 },
    { "another origin and a domain",
      "a3" V11 SECURITY "05"
      "82" OTHER DOMAIN,
      CARNET_OK, 0, "", 0 },
    { "capabilities",
      "a4" V11 SECURITY "05"
      "80"
      "06"
      "a302f503f504f5",
      CARNET_OK, 0, "", 0 },
    { "curves for MACs",
      "a4" V11 SECURITY "05"
      "80"
      "06"
      "a200f5018101",
      CARNET_OK, 0, "", 0 },

    { "capabilities alone",
      "a3" V11 SECURITY "06"
      "a0",
      CARNET_OK, 0, "", CARNET_ENGAGEMENT_CAPABILITIES_ALONE },
    { "OriginInfos in 1.0",
      "a3" V10 SECURITY "05"
      "80",
      CARNET_OK, 0, "", CARNET_ENGAGEMENT_VERSION_TOO_LOW },
    { "curves without support for MACs",
      "a4" V11 SECURITY "05"
      "80"
      "06"
      "a1018101",
      CARNET_OK, 0, "", CARNET_ENGAGEMENT_MAC_KEYS_CURVES },
    { "curves with MACs denied",
      "a4" V11 SECURITY "05"
      "80"
      "06"
      "a200f4018101",
      CARNET_OK, 0, "", CARNET_ENGAGEMENT_MAC_KEYS_CURVES },
    { "a private key",
      "a2" V10 "01"
      "8201"
      "d818586e"
      "a5010220012158"
      "20" ZEROS32 "2258"
      "20" ZEROS32 "2358"
      "20" ZEROS32,
      CARNET_OK, 0, "", CARNET_ENGAGEMENT_KEY_PARAMETERS },
    { "a method twice",
      "a3" V10 SECURITY "02"
      "82" NFC NFC,
      CARNET_OK, 0, "", CARNET_ENGAGEMENT_METHOD_TWICE },
    { "an unknown method",
      "a3" V10 SECURITY "02"
      "81"
      "830901f6",
      CARNET_OK, 0, "", CARNET_ENGAGEMENT_UNKNOWN_METHOD },
    { "a method of negative type",
      "a3" V10 SECURITY "02"
      "81"
      "832901a0",
      CARNET_OK, 0, "", CARNET_ENGAGEMENT_UNKNOWN_METHOD },
    { "a key that is no COSE_Key",
      "a2" V10 "01"
      "8201"
      "d818423000",
      CARNET_OK, 0, "", CARNET_ENGAGEMENT_KEY_FOREIGN },
    { "a method without its options",
      "a3" V10 SECURITY "02"
      "81"
      "830101a0",
      CARNET_OK, 0, "", CARNET_ENGAGEMENT_METHOD_OPTIONS },

    { "nothing", "", CARNET_E_CBOR_TRUNCATED, 0, DE, 0 },
    { "an array", "80", CARNET_E_CBOR_TYPE, 0, DE, 0 },
    { "no version", "a1" SECURITY, CARNET_E_CBOR_KEY_MISSING, 0, DE "{0}", 0 },
    { "version 2.0",
      "a2"
      "00"
      "63322e30" SECURITY,
      CARNET_E_ENGAGEMENT_VERSION, 3, DE "{0}", 0 },
    { "version 1",
      "a2"
      "00"
      "6131" SECURITY,
      CARNET_E_ENGAGEMENT_VERSION, 3, DE "{0}", 0 },
    { "version 1.",
      "a2"
      "00"
      "62312e" SECURITY,
      CARNET_E_ENGAGEMENT_VERSION, 3, DE "{0}", 0 },
    { "version 1.x",
      "a2"
      "00"
      "63312e78" SECURITY,
      CARNET_E_ENGAGEMENT_VERSION, 3, DE "{0}", 0 },
    { "version 11.0",
      "a2"
      "00"
      "6431312e30" SECURITY,
      CARNET_E_ENGAGEMENT_VERSION, 3, DE "{0}", 0 },
    { "version as a number",
      "a2"
      "00"
      "01" SECURITY,
      CARNET_E_CBOR_TYPE, 2, DE "{0}", 0 },
    { "no Security", "a1" V10, CARNET_E_ENGAGEMENT_STRUCTURE, 0, DE, 0 },
    { "Security empty",
      "a2" V10 "01"
      "80",
      CARNET_E_ENGAGEMENT_STRUCTURE, 7, DE ".Security", 0 },
    { "Security without a key",
      "a2" V10 "01"
      "8101",
      CARNET_E_ENGAGEMENT_STRUCTURE, 7, DE ".Security", 0 },
    { "Security with three entries",
      "a2" V10 "01"
      "8301" KEY "f6",
      CARNET_E_ENGAGEMENT_STRUCTURE, 7, DE ".Security", 0 },
    { "cipher suite 2",
      "a2" V10 "01"
      "8202" KEY,
      CARNET_E_ENGAGEMENT_CIPHER_SUITE, 8, DE ".Security", 0 },
    { "cipher suite -1",
      "a2" V10 "01"
      "8220" KEY,
      CARNET_E_ENGAGEMENT_CIPHER_SUITE, 8, DE ".Security", 0 },
    { "cipher suite as text",
      "a2" V10 "01"
      "826131" KEY,
      CARNET_E_CBOR_TYPE, 8, DE ".Security", 0 },
    { "a key without tag 24",
      "a2" V10 "01"
      "8201" COSE_KEY,
      CARNET_E_CBOR_TAG, 9, DE ".Security", 0 },
    { "an empty key",
      "a2" V10 "01"
      "8201"
      "d81840",
      CARNET_E_CBOR_TRUNCATED, 12, DE ".Security", 0 },
    { "a byte after the key",
      "a2" V10 "01"
      "8201"
      "d818584c" COSE_KEY "00",
      CARNET_E_CBOR_TRAILING, 88, DE ".Security", 0 },
    { "a key for signing",
      "a2" V10 "01"
      "8201"
      "d8185828"
      "a3010120062158"
      "20" ZEROS32,
      CARNET_E_COSE_KEY, 13, DE ".Security", 0 },
    { "Security twice", "a3" V10 SECURITY SECURITY, CARNET_E_CBOR_KEY_TWICE, 88, DE "{1}", 0 },
    { "no methods in the array",
      "a3" V10 SECURITY "02"
      "80",
      CARNET_E_ENGAGEMENT_STRUCTURE, 89, DE, 0 },
    { "a method that is no array",
      "a3" V10 SECURITY "02"
      "81a0",
      CARNET_E_ENGAGEMENT_STRUCTURE, 89, DE, 0 },
    { "a method of two entries",
      "a3" V10 SECURITY "02"
      "81820101",
      CARNET_E_ENGAGEMENT_STRUCTURE, 89, DE, 0 },
    { "a method of textual type",
      "a3" V10 SECURITY "02"
      "8183613101a0",
      CARNET_E_ENGAGEMENT_STRUCTURE, 89, DE, 0 },
    { "17 methods",
      "a3" V10 SECURITY "02"
      "91"
      "830901f6"
      "830902f6"
      "830903f6"
      "830904f6"
      "830905f6"
      "830906f6"
      "830907f6"
      "830908f6"
      "830909f6"
      "83090af6"
      "83090bf6"
      "83090cf6"
      "83090df6"
      "83090ef6"
      "83090ff6"
      "830910f6"
      "830911f6",
      CARNET_E_ENGAGEMENT_STRUCTURE, 89, DE, 0 },
    { "methods as a map",
      "a3" V10 SECURITY "02"
      "a0",
      CARNET_E_CBOR_TYPE, 89, DE "{2}", 0 },
    { "OriginInfos as a map",
      "a3" V11 SECURITY "05"
      "a0",
      CARNET_E_CBOR_TYPE, 89, DE "{5}", 0 },
    { "an OriginInfo that is no map",
      "a3" V11 SECURITY "05"
      "8101",
      CARNET_E_CBOR_TYPE, 90, DE ".OriginInfos[0]", 0 },
    { "an OriginInfo without type",
      "a3" V11 SECURITY "05"
      "81a0",
      CARNET_E_CBOR_KEY_MISSING, 90, DE ".OriginInfos[0].cat", 0 },
    { "two domains",
      "a3" V11 SECURITY "05"
      "82" DOMAIN DOMAIN,
      CARNET_E_ENGAGEMENT_STRUCTURE, 122, DE ".OriginInfos[1]", 0 },
    { "two other origins",
      "a3" V11 SECURITY "05"
      "82" OTHER OTHER,
      CARNET_E_ENGAGEMENT_STRUCTURE, 111, DE ".OriginInfos[1]", 0 },
    { "a domain without one",
      "a3" V11 SECURITY "05"
      "81"
      "a3"
      "63636174"
      "01"
      "6474797065"
      "01"
      "6764657461696c73"
      "a0",
      CARNET_E_CBOR_KEY_MISSING, 110, DE ".OriginInfos[0].details.domain", 0 },
    { "Capabilities as an array",
      "a4" V11 SECURITY "05"
      "80"
      "06"
      "80",
      CARNET_E_CBOR_TYPE, 91, DE "{6}", 0 },
    { "a capability as a number",
      "a4" V11 SECURITY "05"
      "80"
      "06"
      "a10301",
      CARNET_E_CBOR_TYPE, 93, DE ".Capabilities{3}", 0 },
    { "no curves for MACs",
      "a4" V11 SECURITY "05"
      "80"
      "06"
      "a200f50180",
      CARNET_E_ENGAGEMENT_STRUCTURE, 95, DE ".Capabilities{1}", 0 },
    { "a curve as text",
      "a4" V11 SECURITY "05"
      "80"
      "06"
      "a200f501816131",
      CARNET_E_CBOR_TYPE, 96, DE ".Capabilities{1}", 0 },
    { "a byte after the end", "a2" V10 SECURITY "00", CARNET_E_CBOR_TRAILING, 88, DE, 0 },
};

static void
opens_or_refuses_a_device_engagement_at_the_byte_that_is_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_span in = carnet_test_copy(carnet_test_hex(cases[i].hex));
        carnet_engagement view;
        carnet_err err = { 0 };
        carnet_rc rc = carnet_device_engagement_open(in, &view, &err);

        if (rc != cases[i].rc || err.offset != cases[i].offset || strcmp(err.path, cases[i].path) != 0)
            fail_msg("%s: code %#x at %zu in %s: %s", cases[i].what, (unsigned)rc, err.offset, err.path, err.reason);
        if (view.odd != cases[i].odd)
            fail_msg("%s: odd %u", cases[i].what, view.odd);
        if (rc == CARNET_OK) {
            assert_span_equal(view.encoded, in);
            assert_true(view.cipher_suite == 1);
            assert_int_equal(view.has_key, !(view.odd & CARNET_ENGAGEMENT_KEY_FOREIGN));
            assert_int_equal(view.key_bytes.encoded.ptr[0], 0xd8);
        } else {
            assert_null(view.encoded.ptr);
            assert_false(view.has_key);
        }
    }
}

static void
a_reader_engagement_may_lack_security(void **state)
{
    static const struct {
        const char *what, *hex;
        carnet_rc rc;
        size_t offset;
        const char *path;
    } reader_cases[] = {
        { "version alone", "a1" V10, CARNET_OK, 0, "" },
        { "a poster",
          "a2" V11 "02"
          "81"
          "830401a1"
          "00"
          "6161",
          CARNET_OK, 0, "" },
        { "with a key", "a2" V11 SECURITY, CARNET_OK, 0, "" },
        { "version 2",
          "a1"
          "00"
          "63322e30",
          CARNET_E_ENGAGEMENT_VERSION, 3, "ReaderEngagement{0}" },
        { "cipher suite 2",
          "a2" V10 "01"
          "8202" KEY,
          CARNET_E_ENGAGEMENT_CIPHER_SUITE, 8, "ReaderEngagement.Security" },
        { "Security empty",
          "a2" V10 "01"
          "80",
          CARNET_E_ENGAGEMENT_STRUCTURE, 7, "ReaderEngagement.Security" },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(reader_cases); i++) {
        carnet_engagement view;
        carnet_err err = { 0 };
        carnet_rc rc = carnet_reader_engagement_open(carnet_test_hex(reader_cases[i].hex), &view, &err);

        if (rc != reader_cases[i].rc || err.offset != reader_cases[i].offset ||
            strcmp(err.path, reader_cases[i].path) != 0)
            fail_msg("%s: code %#x at %zu in %s", reader_cases[i].what, (unsigned)rc, err.offset, err.path);
        if (rc == CARNET_OK)
            assert_int_equal(view.has_key, i == 2);
    }
}

static void
the_domain_is_that_of_type_1(void **state)
{
    static const struct {
        const char *hex, *domain; /* NULL: none */
    } domains[] = {
        { "a2" V10 SECURITY, NULL },
        { "a3" V11 SECURITY "05"
          "80",
          NULL },
        { "a3" V11 SECURITY "05"
          "81" OTHER,
          NULL },
        { "a3" V11 SECURITY "05"
          "82" OTHER DOMAIN,
          "a.b" },
        { "a3" V11 SECURITY "05"
          "81"
          "a3"
          "63636174"
          "01"
          "6474797065"
          "01"
          "6764657461696c73"
          "a1"
          "66646f6d61696e"
          "60",
          "" },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(domains); i++) {
        carnet_engagement view;
        carnet_str domain;
        carnet_err err = { 0 };

        assert_carnet_ok(carnet_device_engagement_open(carnet_test_hex(domains[i].hex), &view, &err), &err);
        domain = carnet_engagement_domain(&view);
        assert_int_equal(domain.ptr == NULL, domains[i].domain == NULL);
        if (domains[i].domain != NULL)
            assert_str_is(domain, domains[i].domain);
    }
}

static void
capabilities_are_read_one_by_one(void **state)
{
    carnet_engagement view;
    carnet_err err = { 0 };

    (void)state;
    assert_carnet_ok(carnet_device_engagement_open(carnet_test_hex("a4" V11 SECURITY "05"
                                                                   "80"
                                                                   "06"
                                                                   "a400f50182012002f404f5"),
                                                   &view, &err),
                     &err);
    assert_true(view.capabilities.present && view.capabilities.mac_keys_support && view.capabilities.extended_request);
    assert_false(view.capabilities.handover_session_establishment || view.capabilities.reader_auth_all);
    assert_span_equal(view.capabilities.mac_keys_curves, CARNET_TEST_BYTES("\x82\x01\x20"));
    assert_true(view.has_origin_infos);
}

static void
open_both(carnet_span mutated, void *context)
{
    carnet_engagement view;
    carnet_retrieval_method method;
    carnet_err err = { 0 };
    size_t methods = 0;

    (void)context;
    if (carnet_device_engagement_open(mutated, &view, &err) != CARNET_OK) {
        assert_true(err.offset <= mutated.len);
        assert_null(view.encoded.ptr);
        return;
    }
    for (carnet_span rest = view.methods; carnet_engagement_next_method(&view, &rest, &method);)
        assert_in_range(++methods, 1, 16);
    (void)carnet_engagement_domain(&view);
    assert_carnet_rc(carnet_reader_engagement_open(mutated, &view, &err), CARNET_OK);
}

static void
survives_every_prefix_and_every_bit(void **state)
{
    carnet_span whole = carnet_test_hex("a5" V11 SECURITY "02"
                                        "82" NFC "830201a3"
                                        "00f401f5"
                                        "0b50"
                                        "00112233445546778899aabbccddeeff"
                                        "05"
                                        "81" DOMAIN "06"
                                        "a200f5018101");

    (void)state;
    carnet_test_every_prefix(whole, open_both, NULL);
    carnet_test_every_bit(whole, open_both, NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_or_refuses_a_device_engagement_at_the_byte_that_is_wrong),
        cmocka_unit_test(a_reader_engagement_may_lack_security),
        cmocka_unit_test(the_domain_is_that_of_type_1),
        cmocka_unit_test(capabilities_are_read_one_by_one),
        cmocka_unit_test(survives_every_prefix_and_every_bit),
    };

    return cmocka_run_group_tests_name("exchange/engagement engagement", tests, NULL, NULL);
}
