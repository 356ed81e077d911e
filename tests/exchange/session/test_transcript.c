/* SPDX-License-Identifier: Apache-2.0 */
/* SessionTranscript of every handover, against what others made of the same. */
#include "carnet/json.h"
#include "carnet/session_transcript.h"
#include "support/support.h"

#include <string.h>

#define ANNEX_D  "vectors/iso18013-5-annexD/"
#define OPENID   "vectors/openid4vp-1.0-appendixB/"
#define ANNEX_7B "vectors/iso18013-7-annexB/"
#define ANNEX_7C "vectors/iso18013-7-annexC-dcapi/"

static carnet_crypto crypto;

static int
set_up(void **state)
{
    (void)state;
    return carnet_crypto_init(&crypto, NULL) == CARNET_OK ? 0 : -1;
}

static int
tear_down(void **state)
{
    (void)state;
    carnet_crypto_done(&crypto);
    return 0;
}

/* The transcript, good until the next call. */
static carnet_span
build(const carnet_session_transcript_parameters *parameters)
{
    static uint8_t storage[2048];
    carnet_cbor_builder b = carnet_cbor_build(storage, sizeof(storage));
    carnet_span out;
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_session_transcript_build(&b, &crypto, parameters, &err), &err);
    assert_carnet_ok(carnet_cbor_built(&b, &out, &err), &err);
    return out;
}

static carnet_json *
load(const char *path)
{
    carnet_json *json;
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_json_parse(carnet_test_shared_text(path), &json, &err), &err);
    return json;
}

static carnet_str
text_of(const carnet_json *object, const char *member)
{
    carnet_str text = carnet_json_string(carnet_json_get(object, member));

    assert_true(text.len > 0);
    return text;
}

static carnet_span
hex_of(const carnet_json *object, const char *member)
{
    return carnet_test_hex(text_of(object, member).ptr);
}

/* --- 18013-5 --- */

/* EReaderKeyBytes of Annex D. */
static carnet_span
annex_d(carnet_session_transcript *view)
{
    carnet_span array = carnet_test_copy(carnet_test_shared_hex(ANNEX_D "session_transcript.hex"));
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_session_transcript_open(array, view, &err), &err);
    return array;
}

static void
an_nfc_negotiated_handover_is_that_of_annex_d(void **state)
{
    carnet_session_transcript view;
    carnet_span array = annex_d(&view);
    carnet_session_transcript_parameters p = { .handover = CARNET_HANDOVER_NFC };
    carnet_json *keys = load(ANNEX_D "keys.json");
    uint8_t salt[32];
    carnet_err err = { 0 };

    (void)state;
    p.device_engagement = view.device_engagement;
    p.reader_key_bytes = view.reader_key_bytes;
    p.select = carnet_test_shared_hex(ANNEX_D "nfc_handover_select.hex");
    p.request = carnet_test_shared_hex(ANNEX_D "nfc_handover_request.hex");
    assert_span_equal(build(&p), array);
    assert_carnet_ok(carnet_session_transcript_salt(&crypto, array, salt, &err), &err);
    assert_span_equal(carnet_span_of(salt, 32), hex_of(keys, "salt_sha256_SessionTranscriptBytes"));
    carnet_json_free(&keys);
}

static void
a_transcript_in_tag_24_opens_to_the_same_array(void **state)
{
    carnet_session_transcript bare, tagged;
    carnet_span array = annex_d(&bare);
    carnet_span bytes = carnet_test_copy(carnet_test_shared_hex(ANNEX_D "session_transcript_bytes.hex"));
    carnet_err err = { 0 };

    (void)state;
    assert_carnet_ok(carnet_session_transcript_open(bytes, &tagged, &err), &err);
    assert_span_equal(tagged.array, array);
    assert_span_equal(tagged.device_engagement, bare.device_engagement);
    assert_span_equal(tagged.reader_key_bytes, bare.reader_key_bytes);
    assert_span_equal(tagged.handover, bare.handover);
    assert_int_equal(tagged.handover.ptr[0], 0x82);
}

static void
a_qr_handover_is_null(void **state)
{
    carnet_session_transcript view;
    carnet_session_transcript_parameters p = { .handover = CARNET_HANDOVER_QR };
    carnet_json *derived = load(ANNEX_D "derived_qr_session.json");

    (void)state;
    (void)annex_d(&view);
    p.device_engagement = carnet_test_shared_hex(ANNEX_D "device_engagement_qr.hex");
    p.reader_key_bytes = view.reader_key_bytes;
    assert_span_equal(build(&p), hex_of(derived, "session_transcript"));
    carnet_json_free(&derived);
}

/* --- OpenID4VP 1.0, B.2.6 --- */

static carnet_session_transcript_parameters
openid_inputs(const carnet_json *inputs, carnet_handover handover)
{
    return (carnet_session_transcript_parameters){
        .handover = handover,
        .client_id = text_of(inputs, "client_id"),
        .nonce = text_of(inputs, "nonce"),
        .response_uri = text_of(inputs, "response_uri"),
        .origin = text_of(inputs, "origin"),
        .jwk_thumbprint = hex_of(inputs, "jwk_thumbprint_sha256"),
    };
}

static void
openid4vp_handovers_are_those_of_its_appendix_b(void **state)
{
    carnet_json *inputs = load(OPENID "inputs.json");
    carnet_session_transcript_parameters p = openid_inputs(inputs, CARNET_HANDOVER_OPENID4VP);

    (void)state;
    assert_span_equal(build(&p), carnet_test_shared_hex(OPENID "redirect_session_transcript.hex"));
    p.handover = CARNET_HANDOVER_OPENID4VP_DC_API;
    assert_span_equal(build(&p), carnet_test_shared_hex(OPENID "dcapi_session_transcript.hex"));
    p.handover = CARNET_HANDOVER_OPENID4VCI_IAE;
    p.origin = carnet_str_of("https://example.com/iae");
    assert_span_equal(build(&p), carnet_test_shared_hex(OPENID "iae_session_transcript.hex"));
    carnet_json_free(&inputs);
}

static void
an_18013_7_handover_is_that_of_its_annex_b(void **state)
{
    carnet_session_transcript_parameters p = { .handover = CARNET_HANDOVER_18013_7 };

    (void)state;
    p.client_id = carnet_str_of("example.com");
    p.response_uri = carnet_str_of("https://example.com/12345/response");
    p.nonce = carnet_str_of("abcdefgh1234567890");
    p.mdoc_nonce = carnet_str_of("1234567890abcdefgh");
    assert_span_equal(build(&p), carnet_test_shared_hex(ANNEX_7B "session_transcript.hex"));
}

/* The base64url text of EncryptionInfo. */
static carnet_str
base64url(const char *path, uint8_t *storage, size_t cap)
{
    carnet_buf text = carnet_buf_of(storage, cap);

    carnet_base64url_encode(carnet_test_shared_hex(path), &text);
    assert_false(text.overflow);
    return carnet_buf_str(&text);
}

static void
dc_api_handovers_are_those_captured(void **state)
{
    static const struct {
        const char *info, *origin, *transcript;
    } cases[] = {
        { ANNEX_7C "ts_smart_checkin_readerauth_encryption_info.hex", "https://clinic.example",
          ANNEX_7C "ts_smart_checkin_readerauth_session_transcript.hex" },
        { ANNEX_7C "real_chrome_android_smart_checkin_encryption_info.hex", "http://127.0.0.1:3010",
          ANNEX_7C "real_chrome_android_smart_checkin_session_transcript.hex" },
    };
    uint8_t storage[512];

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_session_transcript_parameters p = { .handover = CARNET_HANDOVER_DC_API };

        p.encryption_info = base64url(cases[i].info, storage, sizeof(storage));
        p.origin = carnet_str_of(cases[i].origin);
        assert_span_equal(build(&p), carnet_test_shared_hex(cases[i].transcript));
    }
}

static void
dc_api_handovers_with_parameters_are_those_recorded(void **state)
{
    static const struct {
        const char *parameters, *transcript;
    } cases[] = {
        { ANNEX_7C "annexc_deterministic_001_params.json", ANNEX_7C "annexc_deterministic_001_session_transcript.hex" },
        { ANNEX_7C "annexc_real_001_params.json", ANNEX_7C "annexc_real_001_session_transcript.hex" },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_json *file = load(cases[i].parameters);
        carnet_session_transcript_parameters p = { .handover = CARNET_HANDOVER_DC_API };

        p.encryption_info = text_of(file, "encryptionInfoB64");
        p.origin = text_of(file, "origin");
        assert_span_equal(build(&p), carnet_test_shared_hex(cases[i].transcript));
        carnet_json_free(&file);
    }
}

/* --- without shared data --- */

static const uint8_t thumbprint[32] = { 1, 2, 3 };

static carnet_session_transcript_parameters
everything(carnet_handover handover)
{
    return (carnet_session_transcript_parameters){
        .handover = handover,
        .device_engagement = CARNET_TEST_BYTES("\xa1\x00\x63\x31\x2e\x30"),
        .reader_key_bytes = CARNET_TEST_BYTES("\xd8\x18\x41\xa0"),
        .select = CARNET_TEST_BYTES("select"),
        .request = CARNET_TEST_BYTES("request"),
        .reader_engagement = CARNET_TEST_BYTES("\xa1\x00\x63\x31\x2e\x31"),
        .client_id = carnet_str_of("client"),
        .response_uri = carnet_str_of("uri"),
        .mdoc_nonce = carnet_str_of("mdoc"),
        .nonce = carnet_str_of("nonce"),
        .origin = carnet_str_of("origin"),
        .encryption_info = carnet_str_of("info"),
        .jwk_thumbprint = { thumbprint, 32 },
    };
}

#define FRONT                                                                                                          \
    "83"                                                                                                               \
    "d81846a10063312e30"                                                                                               \
    "d81841a0"

static void
each_handover_is_encoded_as_its_standard_says(void **state)
{
    static const struct {
        const char *what;
        carnet_handover handover;
        const char *hex;
    } cases[] = {
        { "QR", CARNET_HANDOVER_QR, FRONT "f6" },
        { "NFC", CARNET_HANDOVER_NFC,
          FRONT "82"
                "4673656c656374"
                "4772657175657374" },
        { "website, before the digest", CARNET_HANDOVER_WEBSITE, FRONT "5820" },
        { "ReaderEngagement itself", CARNET_HANDOVER_ENGAGEMENT, FRONT "d81846a10063312e31" },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_session_transcript_parameters p = everything(cases[i].handover);
        carnet_span out = build(&p), expected = carnet_test_hex(cases[i].hex);
        uint8_t digest[32];

        if (cases[i].handover == CARNET_HANDOVER_WEBSITE) {
            carnet_span tagged = CARNET_TEST_BYTES("\xd8\x18\x46\xa1\x00\x63\x31\x2e\x31");

            assert_carnet_rc(carnet_digest(&crypto, CARNET_SHA256, &tagged, 1, digest, NULL), CARNET_OK);
            assert_span_equal(carnet_span_of(out.ptr + out.len - 32, 32), carnet_span_of(digest, 32));
            out.len -= 32;
        }
        print_message("%s\n", cases[i].what);
        assert_span_equal(out, expected);
    }
}

/* The digest at the end of a handover is that of this array. */
static void
assert_digest(carnet_handover handover, bool with_thumbprint, const char *name, carnet_span array)
{
    carnet_session_transcript_parameters p = everything(handover);
    uint8_t digest[32];
    carnet_span out;
    size_t head = strlen(name) + 2;

    p.device_engagement = p.reader_key_bytes = (carnet_span){ 0 };
    p.jwk_thumbprint.len = with_thumbprint ? 32 : 0;
    out = build(&p);
    assert_carnet_rc(carnet_digest(&crypto, CARNET_SHA256, &array, 1, digest, NULL), CARNET_OK);
    assert_int_equal(out.len, 3 + head + 2 + 32);
    assert_memory_equal(out.ptr, "\x83\xf6\xf6\x82", 4);
    assert_memory_equal(out.ptr + 5, name, strlen(name));
    assert_span_equal(carnet_span_of(out.ptr + out.len - 32, 32), carnet_span_of(digest, 32));
}

static void
digested_handovers_digest_the_array_their_standard_names(void **state)
{
    (void)state;
    assert_digest(CARNET_HANDOVER_OPENID4VP, false, "OpenID4VPHandover",
                  CARNET_TEST_BYTES("\x84\x66"
                                    "client\x65nonce\xf6\x63uri"));
    assert_digest(CARNET_HANDOVER_OPENID4VP_DC_API, false, "OpenID4VPDCAPIHandover",
                  CARNET_TEST_BYTES("\x83\x66origin\x65nonce\xf6"));
    assert_digest(CARNET_HANDOVER_OPENID4VP_DC_API, true, "OpenID4VPDCAPIHandover",
                  carnet_test_hex("83 666f726967696e 656e6f6e6365 5820"
                                  "0102030000000000000000000000000000000000000000000000000000000000"));
    assert_digest(CARNET_HANDOVER_OPENID4VP_DC_API_DRAFT, true, "OpenID4VPDCAPIHandover",
                  CARNET_TEST_BYTES("\x83\x66origin\x66"
                                    "client\x65nonce"));
    assert_digest(CARNET_HANDOVER_OPENID4VCI_IAE, false, "OpenID4VCIIAEHandover",
                  CARNET_TEST_BYTES("\x83\x66origin\x65nonce\xf6"));
    assert_digest(CARNET_HANDOVER_DC_API, true, "dcapi", CARNET_TEST_BYTES("\x82\x64info\x66origin"));
}

static void
refuses_a_handover_without_what_it_is_made_of(void **state)
{
    static const struct {
        const char *what;
        carnet_handover handover;
        size_t member; /* a span or text to take away */
    } cases[] = {
#define LACKS(handover, member)                                                                                        \
    { #handover " without " #member, CARNET_HANDOVER_##handover,                                                       \
      offsetof(carnet_session_transcript_parameters, member) }
        LACKS(NFC, select),
        LACKS(WEBSITE, reader_engagement),
        LACKS(ENGAGEMENT, reader_engagement),
        LACKS(18013_7, client_id),
        LACKS(18013_7, response_uri),
        LACKS(18013_7, mdoc_nonce),
        LACKS(18013_7, nonce),
        LACKS(OPENID4VP, client_id),
        LACKS(OPENID4VP, nonce),
        LACKS(OPENID4VP, response_uri),
        LACKS(OPENID4VP_DC_API, origin),
        LACKS(OPENID4VP_DC_API, nonce),
        LACKS(OPENID4VP_DC_API_DRAFT, client_id),
        LACKS(OPENID4VCI_IAE, origin),
        LACKS(DC_API, encryption_info),
        LACKS(DC_API, origin),
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_session_transcript_parameters p = everything(cases[i].handover);
        uint8_t storage[256];
        carnet_cbor_builder b = carnet_cbor_build(storage, sizeof(storage));

        memset((uint8_t *)&p + cases[i].member, 0, sizeof(carnet_span));
        if (carnet_session_transcript_build(&b, &crypto, &p, NULL) != CARNET_E_USAGE || b.len != 0 ||
            b.rc != CARNET_E_USAGE)
            fail_msg("%s was not refused", cases[i].what);
    }
}

static void
refuses_texts_that_are_none_thumbprints_cut_and_handovers_unknown(void **state)
{
    carnet_session_transcript_parameters p = everything(CARNET_HANDOVER_OPENID4VP);
    uint8_t storage[256];
    carnet_cbor_builder b = carnet_cbor_build(storage, sizeof(storage));
    carnet_err err = { 0 };

    (void)state;
    p.nonce = (carnet_str){ "\xff", 1 };
    assert_carnet_rc(carnet_session_transcript_build(&b, &crypto, &p, &err), CARNET_E_CBOR_UTF8);
    p = everything(CARNET_HANDOVER_OPENID4VP);
    p.jwk_thumbprint.len = 31;
    assert_carnet_rc(carnet_session_transcript_build(&b, &crypto, &p, &err), CARNET_E_USAGE);
    assert_string_equal(err.clause, "RFC 7638");
    p = everything((carnet_handover)99);
    assert_carnet_rc(carnet_session_transcript_build(&b, &crypto, &p, &err), CARNET_E_USAGE);
    assert_int_equal(b.len, 0);
    p = everything(CARNET_HANDOVER_NFC);
    b = carnet_cbor_build(storage, 20);
    assert_carnet_rc(carnet_session_transcript_build(&b, &crypto, &p, &err), CARNET_E_NO_SPACE);
}

static void
opens_or_refuses_a_transcript_at_the_byte_that_is_wrong(void **state)
{
    static const struct {
        const char *what, *hex;
        carnet_rc rc;
        size_t offset;
    } cases[] = {
        { "all null", "83f6f6f6", CARNET_OK, 0 },
        { "in tag 24", "d8184483f6f6f6", CARNET_OK, 0 },
        { "an array of indefinite length", "9ff6f6f6ff", CARNET_OK, 0 },
        { "nothing", "", CARNET_E_CBOR_TRUNCATED, 0 },
        { "a map", "a0", CARNET_E_CBOR_TYPE, 0 },
        { "two entries", "82f6f6", CARNET_E_SESSION_TRANSCRIPT, 0 },
        { "four entries", "84f6f6f6f6", CARNET_E_SESSION_TRANSCRIPT, 0 },
        { "two entries in tag 24", "d8184382f6f6", CARNET_E_SESSION_TRANSCRIPT, 3 },
        { "another tag", "d8194483f6f6f6", CARNET_E_CBOR_TAG, 0 },
        { "tag 24 around an array", "d81883f6f6f6", CARNET_E_CBOR_TYPE, 2 },
        { "a DeviceEngagement without tag 24", "83a0f6f6", CARNET_E_CBOR_TAG, 1 },
        { "EReaderKey as bytes only", "83f641a0f6", CARNET_E_CBOR_TAG, 2 },
        { "bytes after the end", "83f6f6f600", CARNET_E_CBOR_TRAILING, 4 },
        { "bytes after the tagged one", "d8184483f6f6f600", CARNET_E_CBOR_TRAILING, 7 },
        { "cut in the handover", "83f6f682f6", CARNET_E_CBOR_TRUNCATED, 3 },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_session_transcript view;
        carnet_err err = { 0 };
        carnet_rc rc = carnet_session_transcript_open(carnet_test_copy(carnet_test_hex(cases[i].hex)), &view, &err);

        if (rc != cases[i].rc || err.offset != cases[i].offset)
            fail_msg("%s: code %#x at %zu", cases[i].what, (unsigned)rc, err.offset);
        assert_true(rc == CARNET_OK ? view.array.len != 0 : view.array.ptr == NULL && view.handover.ptr == NULL);
    }
}

static void
check_mutated(carnet_span mutated, void *context)
{
    carnet_session_transcript view;
    carnet_err err = { 0 };

    (void)context;
    if (carnet_session_transcript_open(mutated, &view, &err) != CARNET_OK) {
        assert_true(err.offset <= mutated.len);
        assert_null(view.array.ptr);
    } else {
        assert_true(view.array.ptr >= mutated.ptr && view.array.len <= mutated.len);
    }
}

static void
survives_every_prefix_and_every_bit_of_a_transcript(void **state)
{
    carnet_session_transcript_parameters p = everything(CARNET_HANDOVER_NFC);

    (void)state;
    carnet_test_every_prefix_and_bit(build(&p), check_mutated, NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_nfc_negotiated_handover_is_that_of_annex_d),
        cmocka_unit_test(a_transcript_in_tag_24_opens_to_the_same_array),
        cmocka_unit_test(a_qr_handover_is_null),
        cmocka_unit_test(openid4vp_handovers_are_those_of_its_appendix_b),
        cmocka_unit_test(an_18013_7_handover_is_that_of_its_annex_b),
        cmocka_unit_test(dc_api_handovers_are_those_captured),
        cmocka_unit_test(dc_api_handovers_with_parameters_are_those_recorded),
        cmocka_unit_test(each_handover_is_encoded_as_its_standard_says),
        cmocka_unit_test(digested_handovers_digest_the_array_their_standard_names),
        cmocka_unit_test(refuses_a_handover_without_what_it_is_made_of),
        cmocka_unit_test(refuses_texts_that_are_none_thumbprints_cut_and_handovers_unknown),
        cmocka_unit_test(opens_or_refuses_a_transcript_at_the_byte_that_is_wrong),
        cmocka_unit_test(survives_every_prefix_and_every_bit_of_a_transcript),
    };

    return cmocka_run_group_tests_name("exchange/session transcript", tests, set_up, tear_down);
}
