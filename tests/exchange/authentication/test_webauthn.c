/* SPDX-License-Identifier: Apache-2.0 */
/* Assertions made here by an authenticator of the test's own, and the transcript of a presentation. */
#include "carnet/webauthn.h"

#include "carnet/der.h"
#include "carnet/study_transcript.h"
#include "support/support.h"

#include <string.h>

#define RP     "idp.example"
#define ORIGIN "https://idp.example"

static carnet_crypto crypto;
static carnet_key keys[2]; /* P-256, Ed25519 */
static const uint8_t challenge[32] = { 1, 2, 3, 4, 5, 6, 7, 8 };

static int
begin(void **state)
{
    (void)state;
    return carnet_crypto_init(&crypto, NULL) == CARNET_OK &&
                   carnet_software_key_generate(&crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, &keys[0], NULL) ==
                       CARNET_OK &&
                   carnet_software_key_generate(&crypto, CARNET_CURVE_ED25519, CARNET_KEY_SIGN, &keys[1], NULL) ==
                       CARNET_OK
               ? 0
               : -1;
}

static int
end(void **state)
{
    (void)state;
    carnet_key_done(&keys[0]);
    carnet_key_done(&keys[1]);
    carnet_crypto_done(&crypto);
    return 0;
}

/* An assertion being made: change a member, then sign. */
typedef struct authenticator {
    carnet_key *key;
    const char *rp_id, *type, *origin, *more;
    carnet_span challenge, extensions;
    unsigned flags;
    uint32_t count;
    uint8_t data[256], client[1024], signature[200];
    carnet_webauthn_assertion assertion;
} authenticator;

static authenticator
fresh(carnet_key *key)
{
    return (authenticator){ .key = key,
                            .rp_id = RP,
                            .type = "webauthn.get",
                            .origin = ORIGIN,
                            .more = ",\"crossOrigin\":false",
                            .challenge = { challenge, sizeof(challenge) },
                            .flags = CARNET_WEBAUTHN_USER_PRESENT | CARNET_WEBAUTHN_USER_VERIFIED,
                            .count = 7 };
}

static void
make_data(authenticator *a)
{
    const carnet_span rp_id = carnet_str_bytes(carnet_str_of(a->rp_id));

    assert_carnet_ok(carnet_digest(&crypto, CARNET_SHA256, &rp_id, 1, a->data, NULL), NULL);
    a->data[32] = (uint8_t)a->flags;
    for (size_t i = 0; i < 4; i++)
        a->data[33 + i] = (uint8_t)(a->count >> (24 - 8 * i));
    if (a->extensions.len != 0)
        memcpy(a->data + 37, a->extensions.ptr, a->extensions.len);
    a->assertion.authenticator_data = carnet_span_of(a->data, 37 + a->extensions.len);
}

static void
make_client(authenticator *a)
{
    carnet_buf out = carnet_buf_of(a->client, sizeof(a->client));

    carnet_buf_add_text(&out, "{\"type\":\"");
    carnet_buf_add_text(&out, a->type);
    carnet_buf_add_text(&out, "\",\"challenge\":\"");
    carnet_base64url_encode(a->challenge, &out);
    carnet_buf_add_text(&out, "\",\"origin\":\"");
    carnet_buf_add_text(&out, a->origin);
    carnet_buf_add_text(&out, "\"");
    carnet_buf_add_text(&out, a->more);
    carnet_buf_add_text(&out, "}");
    a->assertion.client_data = carnet_buf_str(&out);
}

static void
sign(authenticator *a)
{
    const bool okp = a->key->public_key.curve == CARNET_CURVE_ED25519;
    const carnet_span client = carnet_str_bytes(a->assertion.client_data);
    uint8_t hash[32];
    const carnet_span parts[] = { a->assertion.authenticator_data, { hash, 32 } };
    carnet_signature signature;
    carnet_der_builder b = carnet_der_build(a->signature, sizeof(a->signature));
    carnet_der_mark mark;

    assert_carnet_ok(carnet_digest(&crypto, CARNET_SHA256, &client, 1, hash, NULL), NULL);
    assert_carnet_ok(carnet_key_sign(a->key, &crypto, okp ? CARNET_EDDSA : CARNET_ES256, parts, 2, &signature, NULL),
                     NULL);
    if (okp) {
        memcpy(a->signature, signature.bytes, signature.len);
        a->assertion.signature = carnet_span_of(a->signature, signature.len);
        return;
    }
    mark = carnet_der_begin(&b, CARNET_DER_SEQUENCE);
    carnet_der_add_unsigned(&b, carnet_span_of(signature.bytes, 32));
    carnet_der_add_unsigned(&b, carnet_span_of(signature.bytes + 32, 32));
    carnet_der_end(&b, mark);
    assert_carnet_ok(carnet_der_built(&b, &a->assertion.signature, NULL), NULL);
}

static const carnet_str origins[] = { { "android:apk-key-hash:x", 22 }, { ORIGIN, sizeof(ORIGIN) - 1 } };

static carnet_webauthn_expected
expectation(const carnet_key *key)
{
    return (carnet_webauthn_expected){ .rp_id = carnet_str_of(RP),
                                       .origins = origins,
                                       .origin_count = CARNET_COUNT(origins),
                                       .challenge = { challenge, sizeof(challenge) },
                                       .key = key->public_key,
                                       .sign_count = 6,
                                       .user_verified = true };
}

static carnet_rc
verify(authenticator *a, const carnet_webauthn_expected *expected, carnet_authenticator_data *data)
{
    make_data(a);
    make_client(a);
    sign(a);
    return carnet_webauthn_verify(&crypto, &a->assertion, expected, data, NULL);
}

static void
takes_assertions_of_either_kind_of_key(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(keys); i++)
        for (size_t n = 0; n < 20; n++) { /* r and s of several lengths */
            authenticator a = fresh(&keys[i]);
            const carnet_webauthn_expected expected = expectation(&keys[i]);
            carnet_authenticator_data data;

            assert_carnet_ok(verify(&a, &expected, &data), NULL);
            assert_int_equal(data.sign_count, 7);
            assert_int_equal(data.flags, CARNET_WEBAUTHN_USER_PRESENT | CARNET_WEBAUTHN_USER_VERIFIED);
        }
}

static void
reads_how_the_user_was_verified(void **state)
{
    authenticator a = fresh(&keys[0]);
    const carnet_webauthn_expected expected = expectation(&keys[0]);
    carnet_authenticator_data data;

    (void)state;
    a.flags |= CARNET_WEBAUTHN_EXTENSIONS;
    /* {"uvm": [[2, 4, 2], [4, 1, 1]], "x": null} */
    a.extensions = carnet_test_hex("a263"
                                   "75766d"
                                   "828302040283040101"
                                   "6178"
                                   "f6");
    assert_carnet_ok(verify(&a, &expected, &data), NULL);
    assert_int_equal(data.uvm, CARNET_UVM_FINGERPRINT | CARNET_UVM_PASSCODE);
}

static void
refuses_what_is_not_of_this_authentication(void **state)
{
    static const uint8_t other[32] = { 1, 2, 3, 4, 5, 6, 7, 9 };
    carnet_authenticator_data data;

    (void)state;
    for (int i = 0; i < 16; i++) {
        authenticator a = fresh(&keys[0]);
        carnet_webauthn_expected expected = expectation(&keys[0]);
        carnet_rc right = CARNET_E_WEBAUTHN_CLIENT;

        switch (i) {
        case 0:
            a.type = "webauthn.create";
            break;
        case 1:
            a.challenge.ptr = other;
            break;
        case 2:
            a.challenge.len = 31;
            break;
        case 3:
            a.origin = "https://idp.example.evil.example";
            break;
        case 4:
            a.more = ",\"crossOrigin\":true";
            break;
        case 5:
            a.more = ",\"crossOrigin\":0";
            break;
        case 6:
            a.more = ",\"type\":\"webauthn.get\"";
            break; /* twice */
        case 7:
            a.more = ",}";
            break;
        case 8:
            expected.challenge.len = 0;
            break;
        case 9:
            a.rp_id = "other.example";
            right = CARNET_E_WEBAUTHN_RP;
            break;
        case 10:
            a.flags = CARNET_WEBAUTHN_USER_VERIFIED;
            right = CARNET_E_WEBAUTHN_FLAGS;
            break;
        case 11:
            a.flags = CARNET_WEBAUTHN_USER_PRESENT;
            right = CARNET_E_WEBAUTHN_FLAGS;
            break;
        case 12:
            a.flags |= CARNET_WEBAUTHN_BACKUP_ELIGIBLE;
            right = CARNET_E_WEBAUTHN_FLAGS;
            break;
        case 13:
            expected.backup_eligible = true;
            right = CARNET_E_WEBAUTHN_FLAGS;
            break;
        case 14:
            expected.sign_count = 7;
            right = CARNET_E_WEBAUTHN_COUNTER;
            break;
        default:
            a.count = 0;
            right = CARNET_E_WEBAUTHN_COUNTER;
            break;
        }
        assert_carnet_rc(verify(&a, &expected, &data), right);
        assert_int_equal(data.flags, 0);
        assert_null(data.rp_id_hash.ptr);
    }
}

static void
takes_an_authenticator_that_does_not_count(void **state)
{
    authenticator a = fresh(&keys[0]);
    carnet_webauthn_expected expected = expectation(&keys[0]);
    carnet_authenticator_data data;

    (void)state;
    a.count = 0;
    expected.sign_count = 0;
    assert_carnet_ok(verify(&a, &expected, &data), NULL);
}

static void
refuses_authenticator_data_that_are_malformed(void **state)
{
    static const struct {
        const char *what;
        unsigned flags;
        const char *rest;
        size_t offset;
    } cases[] = {
        { "attested credential data", 0x41, "", 32 },
        { "backed up but not eligible", 0x11, "", 32 },
        { "octets behind", 0x01, "00", 37 },
        { "extensions said, none there", 0x81, "", 37 },
        { "extensions that are no map", 0x81, "80", 37 },
        { "extensions and more", 0x81, "a000", 38 },
        { "an extension twice", 0x81, "a2617801617802", 41 },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        const carnet_span rest = carnet_test_hex(cases[i].rest);
        uint8_t bytes[64] = { 0 };
        carnet_authenticator_data data;
        carnet_err err = { 0 };

        bytes[32] = (uint8_t)cases[i].flags;
        memcpy(bytes + 37, rest.ptr, rest.len);
        assert_carnet_rc(carnet_authenticator_data_open(carnet_span_of(bytes, 37 + rest.len), &data, &err),
                         CARNET_E_WEBAUTHN_DATA);
        if (err.offset != cases[i].offset)
            fail_msg("%s: offset %zu", cases[i].what, err.offset);
        assert_int_equal(data.flags, 0);
    }
}

/* A prefix or a flipped bit of any of the three parts is refused, whatever part it is. */
struct mutation {
    authenticator *a;
    int part;
};

static void
refused(carnet_span mutated, void *context)
{
    const struct mutation *m = context;
    const carnet_webauthn_expected expected = expectation(m->a->key);
    carnet_webauthn_assertion assertion = m->a->assertion;
    carnet_authenticator_data data;

    if (m->part == 0)
        assertion.authenticator_data = mutated;
    else if (m->part == 1)
        assertion.client_data = (carnet_str){ (const char *)mutated.ptr, mutated.len };
    else
        assertion.signature = mutated;
    assert_int_not_equal(carnet_webauthn_verify(&crypto, &assertion, &expected, &data, NULL), CARNET_OK);
}

static void
refuses_every_prefix_and_every_bit_of_an_assertion(void **state)
{
    authenticator a = fresh(&keys[0]);
    const carnet_webauthn_expected expected = expectation(&keys[0]);
    carnet_authenticator_data data;

    (void)state;
    assert_carnet_ok(verify(&a, &expected, &data), NULL);
    for (int part = 0; part < 3; part++) {
        const carnet_span bytes = part == 0   ? a.assertion.authenticator_data
                                  : part == 1 ? carnet_str_bytes(a.assertion.client_data)
                                              : a.assertion.signature;

        struct mutation mutation = { &a, part };

        carnet_test_every_prefix(bytes, refused, &mutation);
        carnet_test_every_bit(bytes, refused, &mutation);
    }
}

static void
refuses_a_key_that_is_another_or_does_not_sign(void **state)
{
    authenticator a = fresh(&keys[0]);
    carnet_webauthn_expected expected = expectation(&keys[1]);
    carnet_authenticator_data data;

    (void)state;
    assert_carnet_rc(verify(&a, &expected, &data), CARNET_E_WEBAUTHN_SIGNATURE);
    expected.key.curve = CARNET_CURVE_X25519;
    assert_carnet_rc(verify(&a, &expected, &data), CARNET_E_CRYPTO_MISMATCH);
}

/* An assertion as carnet_webauthn_assert() makes it. */
typedef struct assertion_made {
    uint8_t data[128], client[256], signature[200];
    carnet_webauthn_assertion assertion;
} assertion_made;

static carnet_rc
assert_in_software(assertion_made *m, const carnet_webauthn_credential *credential, const char *text)
{
    carnet_buf data = carnet_buf_of(m->data, sizeof(m->data)), client = carnet_buf_of(m->client, sizeof(m->client)),
               signature = carnet_buf_of(m->signature, sizeof(m->signature));
    const carnet_rc rc =
        carnet_webauthn_assert(&crypto, credential, carnet_str_of(text), &data, &client, &signature, NULL);

    m->assertion =
        (carnet_webauthn_assertion){ carnet_buf_span(&data), carnet_buf_str(&client), carnet_buf_span(&signature) };
    return rc;
}

static const char challenge_text[] = "AQIDBAUGBwgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

static void
what_software_asserts_is_verified(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(keys); i++)
        for (unsigned n = 0; n < 20; n++) {
            const carnet_webauthn_expected expected = expectation(&keys[i]);
            const carnet_webauthn_credential credential = { .rp_id = carnet_str_of(RP),
                                                            .origin = carnet_str_of(ORIGIN),
                                                            .key = &keys[i],
                                                            .sign_count = 0x01020300 + n,
                                                            .user_verified = true,
                                                            .uvm = n % 2 != 0 ? CARNET_UVM_PASSCODE : 0 };
            carnet_authenticator_data data;
            assertion_made m;

            assert_carnet_ok(assert_in_software(&m, &credential, challenge_text), NULL);
            assert_carnet_ok(carnet_webauthn_verify(&crypto, &m.assertion, &expected, &data, NULL), NULL);
            assert_int_equal(data.sign_count, 0x01020300 + n);
            assert_int_equal(data.uvm, n % 2 != 0 ? CARNET_UVM_PASSCODE : 0);
            assert_int_equal(data.flags & CARNET_WEBAUTHN_BACKUP_ELIGIBLE, 0);
        }
}

static void
software_does_not_say_that_it_verified_nobody(void **state)
{
    const carnet_webauthn_credential credential = { .rp_id = carnet_str_of(RP),
                                                    .origin = carnet_str_of(ORIGIN),
                                                    .key = &keys[0],
                                                    .sign_count = 7,
                                                    .uvm = CARNET_UVM_FINGERPRINT };
    carnet_webauthn_expected expected = expectation(&keys[0]);
    carnet_authenticator_data data;
    assertion_made m;

    (void)state;
    assert_carnet_ok(assert_in_software(&m, &credential, challenge_text), NULL);
    assert_carnet_rc(carnet_webauthn_verify(&crypto, &m.assertion, &expected, &data, NULL), CARNET_E_WEBAUTHN_FLAGS);
    expected.user_verified = false;
    assert_carnet_ok(carnet_webauthn_verify(&crypto, &m.assertion, &expected, &data, NULL), NULL);
    assert_int_equal(data.flags, CARNET_WEBAUTHN_USER_PRESENT);
    assert_int_equal(data.uvm, 0);
}

static void
software_asserts_nothing_without_party_challenge_key_or_room(void **state)
{
    const carnet_webauthn_credential whole = {
        .rp_id = carnet_str_of(RP), .origin = carnet_str_of(ORIGIN), .key = &keys[0], .sign_count = 1
    };
    carnet_webauthn_credential half = whole;
    carnet_key agrees = { .public_key.curve = CARNET_CURVE_X25519 };
    assertion_made m;

    (void)state;
    assert_carnet_rc(assert_in_software(&m, &whole, ""), CARNET_E_USAGE);
    half.rp_id.len = 0;
    assert_carnet_rc(assert_in_software(&m, &half, challenge_text), CARNET_E_USAGE);
    half = whole;
    half.origin.len = 0;
    assert_carnet_rc(assert_in_software(&m, &half, challenge_text), CARNET_E_USAGE);
    half = whole;
    half.key = NULL;
    assert_carnet_rc(assert_in_software(&m, &half, challenge_text), CARNET_E_USAGE);
    half.key = &agrees;
    assert_carnet_rc(assert_in_software(&m, &half, challenge_text), CARNET_E_USAGE);
    for (size_t room = 0; room < 60; room += 59) {
        carnet_buf data = carnet_buf_of(m.data, room < 37 ? room : 37), client = carnet_buf_of(m.client, 60),
                   signature = carnet_buf_of(m.signature, sizeof(m.signature));

        assert_carnet_rc(
            carnet_webauthn_assert(&crypto, &whole, carnet_str_of(challenge_text), &data, &client, &signature, NULL),
            CARNET_E_NO_SPACE);
        assert_int_equal(signature.len, 0);
    }
}

static void
makes_a_transcript_of_its_session_and_no_other(void **state)
{
    static const char *const texts[][3] = {
        { "https://idp.example", "s", "c" },
        { "https://idp.example", "s", "d" },
        { "https://idp.example", "t", "c" },
        { "https://idp.exampl", "es", "c" },
    };
    uint8_t made[CARNET_COUNT(texts)][CARNET_STUDY_TRANSCRIPT];

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(texts); i++) {
        carnet_cbor_builder b = carnet_cbor_build(made[i], sizeof(made[i]));
        carnet_span built;

        assert_carnet_ok(carnet_study_transcript_build(&b, &crypto, carnet_str_of(texts[i][0]),
                                                       carnet_str_of(texts[i][1]), carnet_str_of(texts[i][2]), NULL),
                         NULL);
        assert_carnet_ok(carnet_cbor_built(&b, &built, NULL), NULL);
        assert_int_equal(built.len, CARNET_STUDY_TRANSCRIPT);
        for (size_t j = 0; j < i; j++)
            assert_memory_not_equal(made[i], made[j], CARNET_STUDY_TRANSCRIPT);
    }
    {
        /* [null, null, ["P1940Handover", SHA-256(["https://idp.example", "s", "c"])]] */
        const carnet_span inside = carnet_test_hex("83"
                                                   "73"
                                                   "68747470733a2f2f6964702e6578616d706c65"
                                                   "6173"
                                                   "6163");
        uint8_t right[CARNET_STUDY_TRANSCRIPT] = "\x83\xf6\xf6\x82\x6dP1940Handover\x58\x20";

        assert_carnet_ok(carnet_digest(&crypto, CARNET_SHA256, &inside, 1, right + 20, NULL), NULL);
        assert_memory_equal(made[0], right, sizeof(right));
    }
}

static void
makes_no_transcript_of_half_a_session(void **state)
{
    uint8_t room[CARNET_STUDY_TRANSCRIPT];
    carnet_cbor_builder b = carnet_cbor_build(room, sizeof(room));
    const carnet_str x = carnet_str_of("x"), bad = carnet_str_of("\xff"), none = { 0 };

    (void)state;
    assert_carnet_rc(carnet_study_transcript_build(&b, &crypto, none, x, x, NULL), CARNET_E_USAGE);
    assert_carnet_rc(carnet_study_transcript_build(&b, &crypto, x, none, x, NULL), CARNET_E_USAGE);
    assert_carnet_rc(carnet_study_transcript_build(&b, &crypto, x, x, none, NULL), CARNET_E_USAGE);
    assert_carnet_rc(carnet_study_transcript_build(&b, &crypto, x, bad, x, NULL), CARNET_E_CBOR_UTF8);
    assert_int_equal(b.len, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_assertions_of_either_kind_of_key),
        cmocka_unit_test(reads_how_the_user_was_verified),
        cmocka_unit_test(refuses_what_is_not_of_this_authentication),
        cmocka_unit_test(takes_an_authenticator_that_does_not_count),
        cmocka_unit_test(what_software_asserts_is_verified),
        cmocka_unit_test(software_does_not_say_that_it_verified_nobody),
        cmocka_unit_test(software_asserts_nothing_without_party_challenge_key_or_room),
        cmocka_unit_test(refuses_authenticator_data_that_are_malformed),
        cmocka_unit_test(refuses_every_prefix_and_every_bit_of_an_assertion),
        cmocka_unit_test(refuses_a_key_that_is_another_or_does_not_sign),
        cmocka_unit_test(makes_a_transcript_of_its_session_and_no_other),
        cmocka_unit_test(makes_no_transcript_of_half_a_session),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
