/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/mso.h"

#include "support/support.h"

#include <stdio.h>
#include <string.h>

/* Members in hexadecimal, each a key with its value. */
#define VERSION(text)   "6776657273696f6e" text
#define ALGORITHM(text) "6f646967657374416c676f726974686d" text
#define DIGESTS(map)    "6c76616c756544696765737473" map
#define KEY_INFO(map)   "6d6465766963654b6579496e666f" map
#define DOCTYPE         "67646f63547970656164"
#define VALIDITY(map)   "6c76616c6964697479496e666f" map
#define STATUS(map)     "66737461747573" map

#define SHA256     "675348412d323536"
#define HASH       "5820000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define HASH_B     "5820ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define ONE_DIGEST "a1616ea100" HASH
#define COSE_KEY                                                                                                       \
    "a401022001215820000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f225820"                           \
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define DEVICE_KEY      "696465766963654b6579" COSE_KEY
#define KEY             KEY_INFO("a1" DEVICE_KEY)
#define AUTHORISED(map) KEY_INFO("a2" DEVICE_KEY "716b6579417574686f72697a6174696f6e73" map)
#define NAME_SPACES     "6a6e616d65537061636573"
#define ELEMENTS        "6c64617461456c656d656e7473"

#define SIGNED(t) "667369676e6564" t
#define FROM(t)   "6976616c696446726f6d" t
#define UNTIL(t)  "6a76616c6964556e74696c" t
#define UPDATE(t) "6e6578706563746564557064617465" t
#define T20       "c074323032302d30312d30315430303a30303a30305a" /* 2020-01-01T00:00:00Z */
#define T21       "c074323032312d30312d30315430303a30303a30305a"
#define T22       "c074323032322d30312d30315430303a30303a30305a"
#define TIMES     VALIDITY("a3" SIGNED(T20) FROM(T20) UNTIL(T21))

#define MSO(version, algorithm, digests, key, validity)                                                                \
    "a6" VERSION(version) ALGORITHM(algorithm) DIGESTS(digests) key DOCTYPE validity
#define WHOLE            MSO("63312e30", SHA256, ONE_DIGEST, KEY, TIMES)
#define WITH_STATUS(map) "a7" VERSION("63312e30") ALGORITHM(SHA256) DIGESTS(ONE_DIGEST) KEY DOCTYPE TIMES STATUS(map)

static const struct {
    const char *what, *in;
    carnet_rc rc;
    const char *path;
    unsigned odd;
} cases[] = {
    { "all that is needed", WHOLE, CARNET_OK, "", 0 },
    { "a later minor version", MSO("63312e37", SHA256, ONE_DIGEST, KEY, TIMES), CARNET_OK, "",
      CARNET_MSO_MINOR_VERSION },
    { "version 2.0", MSO("63322e30", SHA256, ONE_DIGEST, KEY, TIMES), CARNET_E_MDOC_VERSION, "version", 0 },
    { "version 2.0 with nothing else", "a1" VERSION("63322e30"), CARNET_E_MDOC_VERSION, "version", 0 },
    { "version 1.0 with nothing else", "a1" VERSION("63312e30"), CARNET_E_CBOR_KEY_MISSING, "digestAlgorithm", 0 },
    { "a version that is none", MSO("6131", SHA256, ONE_DIGEST, KEY, TIMES), CARNET_E_MDOC_STRUCTURE, "version", 0 },
    { "a version that is a number", MSO("01", SHA256, ONE_DIGEST, KEY, TIMES), CARNET_E_CBOR_TYPE, "version", 0 },
    { "SHA-1", MSO("63312e30", "655348412d31", ONE_DIGEST, KEY, TIMES), CARNET_E_MDOC_ALGORITHM, "", 0 },
    { "sha-256", MSO("63312e30", "677368612d323536", ONE_DIGEST, KEY, TIMES), CARNET_E_MDOC_ALGORITHM, "", 0 },
    { "a digest too short", MSO("63312e30", SHA256, "a1616ea1004100", KEY, TIMES), CARNET_E_MDOC_STRUCTURE,
      "valueDigests.n{0}", 0 },
    { "a digest for SHA-384", MSO("63312e30", "675348412d333834", ONE_DIGEST, KEY, TIMES), CARNET_E_MDOC_STRUCTURE,
      "valueDigests.n{0}", 0 },
    { "a digest that is text", MSO("63312e30", SHA256, "a1616ea10060", KEY, TIMES), CARNET_E_CBOR_TYPE,
      "valueDigests.n{0}", 0 },
    { "a digest identifier that is text", MSO("63312e30", SHA256, "a1616ea160" HASH, KEY, TIMES), CARNET_E_CBOR_TYPE,
      "valueDigests.n{0}", 0 },
    { "a digest identifier twice", MSO("63312e30", SHA256, "a1616ea200" HASH "00" HASH, KEY, TIMES),
      CARNET_E_CBOR_KEY_TWICE, "valueDigests.n", 0 },
    { "a digest identifier of 2^31", MSO("63312e30", SHA256, "a1616ea11a80000000" HASH, KEY, TIMES), CARNET_OK, "",
      CARNET_MSO_DIGEST_ID_LARGE },
    { "no name space", MSO("63312e30", SHA256, "a0", KEY, TIMES), CARNET_OK, "", CARNET_MSO_NO_DIGESTS },
    { "no digest in a name space", MSO("63312e30", SHA256, "a1616ea0", KEY, TIMES), CARNET_OK, "",
      CARNET_MSO_NO_DIGESTS },
    { "no deviceKey", MSO("63312e30", SHA256, ONE_DIGEST, KEY_INFO("a0"), TIMES), CARNET_E_CBOR_KEY_MISSING,
      "deviceKeyInfo.deviceKey", 0 },
    { "a deviceKey without x", MSO("63312e30", SHA256, ONE_DIGEST, KEY_INFO("a1696465766963654b6579a201022001"), TIMES),
      CARNET_E_CBOR_KEY_MISSING, "deviceKeyInfo.deviceKey{-2}", 0 },
    { "empty keyAuthorizations", MSO("63312e30", SHA256, ONE_DIGEST, AUTHORISED("a0"), TIMES), CARNET_OK, "",
      CARNET_MSO_AUTHORISATION_EMPTY },
    { "an empty list in them", MSO("63312e30", SHA256, ONE_DIGEST, AUTHORISED("a1" NAME_SPACES "80"), TIMES), CARNET_OK,
      "", CARNET_MSO_AUTHORISATION_EMPTY },
    { "a name space in both lists",
      MSO("63312e30", SHA256, ONE_DIGEST, AUTHORISED("a2" NAME_SPACES "81616e" ELEMENTS "a1616e816165"), TIMES),
      CARNET_OK, "", CARNET_MSO_AUTHORISATION_TWICE },
    { "an authorised name space that is a number",
      MSO("63312e30", SHA256, ONE_DIGEST, AUTHORISED("a1" NAME_SPACES "8101"), TIMES), CARNET_E_CBOR_TYPE,
      "deviceKeyInfo.keyAuthorizations.nameSpaces[0]", 0 },
    { "an authorised element that is a number",
      MSO("63312e30", SHA256, ONE_DIGEST, AUTHORISED("a1" ELEMENTS "a1616e8101"), TIMES), CARNET_E_CBOR_TYPE,
      "deviceKeyInfo.keyAuthorizations.dataElements.n[0]", 0 },
    { "no validUntil", MSO("63312e30", SHA256, ONE_DIGEST, KEY, VALIDITY("a2" SIGNED(T20) FROM(T20))),
      CARNET_E_CBOR_KEY_MISSING, "validityInfo.validUntil", 0 },
    { "a time that is none",
      MSO("63312e30", SHA256, ONE_DIGEST, KEY, VALIDITY("a3" SIGNED("c06130") FROM(T20) UNTIL(T21))), CARNET_E_TIME,
      "validityInfo.signed", 0 },
    { "a time with tag 1", MSO("63312e30", SHA256, ONE_DIGEST, KEY, VALIDITY("a3" SIGNED("c100") FROM(T20) UNTIL(T21))),
      CARNET_E_CBOR_TAG, "validityInfo.signed", 0 },
    { "a time with a fraction",
      MSO("63312e30", SHA256, ONE_DIGEST, KEY,
          VALIDITY("a3" SIGNED("c076323032302d30312d30315430303a30303a30302e355a") FROM(T20) UNTIL(T21))),
      CARNET_OK, "", CARNET_MSO_TIME_FRACTION },
    { "a time with an offset",
      MSO("63312e30", SHA256, ONE_DIGEST, KEY,
          VALIDITY("a3" SIGNED("c07819323032302d30312d30315430303a30303a30302b30313a3030") FROM(T20) UNTIL(T21))),
      CARNET_OK, "", CARNET_MSO_TIME_OFFSET },
    { "a time without a tag",
      MSO("63312e30", SHA256, ONE_DIGEST, KEY,
          VALIDITY("a3" SIGNED("74323032302d30312d30315430303a30303a30305a") FROM(T20) UNTIL(T21))),
      CARNET_OK, "", CARNET_MSO_TIME_UNTAGGED },
    { "valid before signed", MSO("63312e30", SHA256, ONE_DIGEST, KEY, VALIDITY("a3" SIGNED(T21) FROM(T20) UNTIL(T22))),
      CARNET_OK, "", CARNET_MSO_VALID_BEFORE_SIGNED },
    { "valid until it starts",
      MSO("63312e30", SHA256, ONE_DIGEST, KEY, VALIDITY("a3" SIGNED(T20) FROM(T21) UNTIL(T21))), CARNET_OK, "",
      CARNET_MSO_VALIDITY_EMPTY },
    { "a status of another kind", WITH_STATUS("a1617800"), CARNET_OK, "", CARNET_MSO_STATUS_UNKNOWN },
    { "a status that is no map", WITH_STATUS("80"), CARNET_OK, "", CARNET_MSO_STATUS_FORM },
    { "a status_list without uri", WITH_STATUS("a16b7374617475735f6c697374a16369647805"), CARNET_OK, "",
      CARNET_MSO_STATUS_FORM },
    { "a text identifier", WITH_STATUS("a16f6964656e7469666965725f6c697374a26269646161637572696175"), CARNET_OK, "",
      CARNET_MSO_IDENTIFIER_TEXT },
    { "a byte too many", WHOLE "00", CARNET_E_CBOR_TRAILING, "", 0 },
    { "an array", "80", CARNET_E_CBOR_TYPE, "", 0 },
};

/* #6.24(bstr) around the bytes. */
static carnet_span
payload_of(carnet_span content)
{
    static uint8_t bytes[2048];
    carnet_cbor_builder b = carnet_cbor_build(bytes, sizeof(bytes));
    carnet_span out;

    carnet_cbor_add_tag24(&b, content);
    assert_carnet_ok(carnet_cbor_built(&b, &out, NULL), NULL);
    return carnet_test_copy(out);
}

static void
says_of_each_input_what_is_wrong_or_odd(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_span in = payload_of(carnet_test_hex(cases[i].in));
        carnet_mso mso;
        carnet_err err = { 0 };
        carnet_rc rc = carnet_mso_open(in, NULL, 0, &mso, &err);

        if (rc != cases[i].rc || strcmp(err.path, cases[i].path) != 0 || mso.odd != cases[i].odd)
            fail_msg("%s: %s at %zu in \"%s\", odd %u", cases[i].what, carnet_rc_name(rc), err.offset, err.path,
                     mso.odd);
        assert_true(rc == CARNET_OK || (err.offset > 2 && err.offset <= in.len));
    }
}

static void
takes_a_payload_without_tag_24_and_says_so(void **state)
{
    carnet_mso mso;
    carnet_err err = { 0 };

    (void)state;
    assert_carnet_ok(carnet_mso_open(carnet_test_hex(WHOLE), NULL, 0, &mso, &err), &err);
    assert_int_equal(mso.odd, CARNET_MSO_WITHOUT_TAG24);
    assert_carnet_rc(carnet_mso_open(carnet_test_hex(WHOLE "00"), NULL, 0, &mso, &err), CARNET_E_CBOR_TRAILING);
    assert_int_equal(mso.encoded.len, 0);
}

static carnet_mso
opened(const char *hex)
{
    carnet_mso mso;
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_mso_open(carnet_test_hex(hex), NULL, CARNET_CBOR_LENIENT, &mso, &err), &err);
    return mso;
}

static void
finds_digests_by_name_space_and_identifier(void **state)
{
    static const char *const maps[] = {
        "a2616ea200" HASH "1864" HASH_B "616fa101" HASH_B, /* in order */
        "a2616fa101" HASH_B "616ea21864" HASH_B "00" HASH, /* out of order */
        "bf616ebf1800" HASH "1864" HASH_B "ff616fbf01" HASH_B "ffff",
    };
    carnet_span digest;
    char text[1024];
    size_t i;

    (void)state;
    for (i = 0; i < CARNET_COUNT(maps); i++) {
        (void)snprintf(text, sizeof(text), "a6" VERSION("63312e30") ALGORITHM(SHA256) DIGESTS("%s") KEY DOCTYPE TIMES,
                       maps[i]);
        carnet_mso mso = opened(text);

        assert_int_equal(mso.digest_count, 3);
        assert_true(carnet_mso_digest(&mso, carnet_str_of("n"), 0, &digest));
        assert_span_equal(digest, carnet_test_hex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"));
        assert_true(carnet_mso_digest(&mso, carnet_str_of("n"), 100, &digest));
        assert_int_equal(digest.ptr[0], 0xff);
        assert_true(carnet_mso_digest(&mso, carnet_str_of("o"), 1, &digest));
        assert_false(carnet_mso_digest(&mso, carnet_str_of("o"), 0, &digest));
        assert_int_equal(digest.len, 0);
        assert_false(carnet_mso_digest(&mso, carnet_str_of("n"), UINT64_MAX, &digest));
        assert_false(carnet_mso_digest(&mso, carnet_str_of("p"), 0, &digest));
    }
}

static void
steps_through_all_digests(void **state)
{
    carnet_mso mso =
        opened(MSO("63312e30", SHA256, "a3616ea200" HASH "1864" HASH_B "6165a0616fa101" HASH_B, KEY, TIMES));
    carnet_mso_walk walk = { 0 };
    carnet_mso_entry entry;
    uint64_t sum = 0;
    size_t count = 0;

    (void)state;
    while (carnet_mso_next(&mso, &walk, &entry)) {
        count++;
        sum += entry.digest_id;
        assert_int_equal(entry.digest.len, 32);
    }
    assert_str_is(walk.name_space, "o");
    assert_int_equal(count, 3);
    assert_int_equal(sum, 101);
}

static void
authorises_by_name_space_or_by_element(void **state)
{
    carnet_mso mso =
        opened(MSO("63312e30", SHA256, ONE_DIGEST,
                   AUTHORISED("a2" NAME_SPACES "82616e616d" ELEMENTS "a26161816162616f8261656166"), TIMES));
    carnet_mso none = opened(WHOLE);

    (void)state;
    assert_true(carnet_mso_authorises(&mso, carnet_str_of("n"), carnet_str_of("anything")));
    assert_true(carnet_mso_authorises(&mso, carnet_str_of("m"), carnet_str_of("e")));
    assert_true(carnet_mso_authorises(&mso, carnet_str_of("o"), carnet_str_of("f")));
    assert_true(carnet_mso_authorises(&mso, carnet_str_of("a"), carnet_str_of("b")));
    assert_false(carnet_mso_authorises(&mso, carnet_str_of("a"), carnet_str_of("e")));
    assert_false(carnet_mso_authorises(&mso, carnet_str_of("o"), carnet_str_of("g")));
    assert_false(carnet_mso_authorises(&mso, carnet_str_of("p"), carnet_str_of("e")));
    assert_false(carnet_mso_authorises(&none, carnet_str_of("n"), carnet_str_of("e")));
    assert_false(carnet_mso_authorises(&mso, (carnet_str){ 0 }, (carnet_str){ 0 }));
}

static void
reads_times_and_status(void **state)
{
    carnet_mso mso =
        opened("a7" VERSION("63312e30") ALGORITHM(SHA256) DIGESTS(ONE_DIGEST)
                   KEY DOCTYPE VALIDITY("a4" SIGNED(T20) FROM(T20) UNTIL(T22) UPDATE(T21))
                       STATUS("a26b7374617475735f6c697374a36369647819019c6375726961756b6365727469666963617465420102"
                              "6f6964656e7469666965725f6c697374a262696442abcd637572696176"));

    (void)state;
    assert_int_equal(mso.signed_at, 1577836800);
    assert_int_equal(mso.valid_from, 1577836800);
    assert_int_equal(mso.valid_until, 1640995200);
    assert_true(mso.has_expected_update);
    assert_int_equal(mso.expected_update, 1609459200);
    assert_true(mso.status.has_status_list);
    assert_int_equal(mso.status.status_index, 412);
    assert_str_is(mso.status.status_uri, "u");
    assert_int_equal(mso.status.status_certificate.len, 2);
    assert_true(mso.status.has_identifier_list);
    assert_span_equal(mso.status.identifier, carnet_test_hex("abcd"));
    assert_str_is(mso.status.identifier_uri, "v");
    assert_int_equal(mso.odd, CARNET_MSO_WITHOUT_TAG24);
}

static void
opens_that_of_annex_d(void **state)
{
    carnet_span payload = carnet_test_shared_hex("vectors/iso18013-5-annexD/mso_bytes.hex");
    carnet_mso mso;
    carnet_err err = { 0 };

    (void)state;
    assert_carnet_ok(carnet_mso_open(payload, NULL, 0, &mso, &err), &err);
    assert_str_is(mso.doc_type, "org.iso.18013.5.1.mDL");
    assert_int_equal(mso.hash, CARNET_SHA256);
    assert_int_equal(mso.device_key.key.curve, CARNET_CURVE_P256);
    assert_int_equal(mso.signed_at, 1601559002); /* 2020-10-01T13:30:02Z */
    assert_int_equal(mso.valid_until, 1633095002);
    assert_int_equal(mso.odd, 0);
    assert_int_equal(mso.digest_count, 13 + 4);
}

/* Whatever is done to it: a failure has a place inside, and what was opened answers every lookup from inside. */
static void
check_mutated(carnet_span in, void *context)
{
    carnet_mso mso;
    carnet_mso_walk walk = { 0 };
    carnet_mso_entry entry;
    carnet_span digest;
    carnet_err err = { 0 };
    size_t count = 0;

    (void)context;
    if (carnet_mso_open(in, NULL, CARNET_CBOR_LENIENT, &mso, &err) != CARNET_OK) {
        assert_true(err.offset <= in.len);
        return;
    }
    for (; carnet_mso_next(&mso, &walk, &entry); count++) {
        assert_true(carnet_mso_digest(&mso, entry.name_space, entry.digest_id, &digest));
        assert_ptr_equal(digest.ptr, entry.digest.ptr);
    }
    assert_int_equal(count, mso.digest_count);
    (void)carnet_mso_authorises(&mso, carnet_str_of("n"), carnet_str_of("e"));
}

static void
survives_every_prefix_and_every_bit(void **state)
{
    carnet_span payload =
        payload_of(carnet_test_hex(MSO("63312e30", SHA256, "a2616ea200" HASH "1864" HASH_B "616fa101" HASH_B,
                                       AUTHORISED("a2" NAME_SPACES "81616e" ELEMENTS "a1616f816165"), TIMES)));

    (void)state;
    carnet_test_every_prefix(payload, check_mutated, NULL);
    carnet_test_every_bit(payload, check_mutated, NULL);
}

/* keyAuthorizations with `count` names: in a list, or as elements of one name space or of as many as there can be. */
static carnet_span
authorising(size_t count, unsigned how, uint8_t *bytes, size_t cap)
{
    carnet_cbor_builder b = carnet_cbor_build(bytes, cap);

    carnet_cbor_add_raw(&b, carnet_test_hex("a6" VERSION("63312e30") ALGORITHM(SHA256) DIGESTS(ONE_DIGEST)));
    carnet_cbor_add_raw(&b, carnet_test_hex("6d6465766963654b6579496e666fa2" DEVICE_KEY));
    carnet_cbor_add_text(&b, "keyAuthorizations");
    carnet_cbor_add_map(&b, 1);
    carnet_cbor_add_text(&b, how == 0 ? "nameSpaces" : "dataElements");
    if (how != 0)
        carnet_cbor_add_map(&b, how == 1 ? 1 : count / 2);
    for (size_t i = 0; how == 2 && i < count / 2; i++) {
        char name[] = { (char)('a' + i / 24), (char)('a' + i % 24) };
        size_t elements = i == 0 ? 1 + count % 2 : 1;

        carnet_cbor_add_tstr(&b, (carnet_str){ name, sizeof(name) });
        carnet_cbor_add_array(&b, elements);
        while (elements-- > 0)
            carnet_cbor_add_text(&b, "e");
    }
    if (how == 1)
        carnet_cbor_add_text(&b, "n");
    if (how < 2)
        carnet_cbor_add_array(&b, count - how);
    for (size_t i = how; how < 2 && i < count; i++)
        carnet_cbor_add_text(&b, "e");
    carnet_cbor_add_raw(&b, carnet_test_hex(DOCTYPE TIMES));
    return carnet_span_of(bytes, b.len);
}

static void
refuses_more_authorisations_than_its_limit(void **state)
{
    static uint8_t bytes[16 * 1024];

    (void)state;
    for (unsigned how = 0; how < 3; how++)
        for (size_t count = CARNET_MSO_AUTHORISATIONS_MAX; count <= CARNET_MSO_AUTHORISATIONS_MAX + 1; count++) {
            carnet_mso mso;
            carnet_err err;
            carnet_span in = authorising(count, how, bytes, sizeof(bytes));
            bool good = count == CARNET_MSO_AUTHORISATIONS_MAX;

            assert_carnet_rc(carnet_mso_open(in, NULL, CARNET_CBOR_LENIENT, &mso, &err),
                             good ? CARNET_OK : CARNET_E_CBOR_LIMIT);
            assert_int_equal(good && carnet_mso_authorises(&mso,
                                                           carnet_str_of(how == 2   ? "aa"
                                                                         : how == 1 ? "n"
                                                                                    : "e"),
                                                           carnet_str_of("e")),
                             good);
        }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_of_each_input_what_is_wrong_or_odd),
        cmocka_unit_test(takes_a_payload_without_tag_24_and_says_so),
        cmocka_unit_test(finds_digests_by_name_space_and_identifier),
        cmocka_unit_test(steps_through_all_digests),
        cmocka_unit_test(authorises_by_name_space_or_by_element),
        cmocka_unit_test(refuses_more_authorisations_than_its_limit),
        cmocka_unit_test(reads_times_and_status),
        cmocka_unit_test(opens_that_of_annex_d),
        cmocka_unit_test(survives_every_prefix_and_every_bit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
