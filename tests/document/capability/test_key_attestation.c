/* SPDX-License-Identifier: Apache-2.0 */
#include "attesters.h"
#include "carnet/certificate_builder.h"
#include "carnet/key_attestation.h"

#include <string.h>

#define KEYS 4

static test_attesters a;
static carnet_key device[KEYS];
static carnet_public_key public_keys[KEYS], room_for_keys[KEYS];
static uint8_t storage_room[65536], out_room[65536];
static carnet_buf storage, out;

static int
begin(void **state)
{
    (void)state;
    test_attesters_begin(&a);
    for (size_t i = 0; i < KEYS; i++) {
        assert_carnet_ok(carnet_software_key_generate(&a.crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, &device[i], NULL),
                         NULL);
        public_keys[i] = device[i].public_key;
    }
    return 0;
}

static int
end(void **state)
{
    (void)state;
    for (size_t i = 0; i < KEYS; i++)
        carnet_key_done(&device[i]);
    test_attesters_end(&a);
    return 0;
}

static int
each(void **state)
{
    (void)state;
    storage = carnet_buf_of(storage_room, sizeof(storage_room));
    out = carnet_buf_of(out_room, sizeof(out_room));
    return 0;
}

static const carnet_str moderate[] = { { "iso_18045_moderate", 18 } };
static const carnet_str high[] = { { "iso_18045_high", 14 }, { "https://levels.example/x", 24 } };

static carnet_key_attestation_spec
good_spec(test_signer who)
{
    return (carnet_key_attestation_spec){ .struct_size = sizeof(carnet_key_attestation_spec),
                                          .issuer = carnet_str_of("https://provider.example"),
                                          .keys = public_keys,
                                          .key_count = KEYS,
                                          .issued_at = NOW - 10,
                                          .expires = NOW + 600,
                                          .key_storage = high,
                                          .key_storage_count = 2,
                                          .user_authentication = moderate,
                                          .user_authentication_count = 1,
                                          .nonce = carnet_str_of("n-1"),
                                          .x5c = a.chains[who],
                                          .x5c_count = a.chain_len[who] };
}

static carnet_key_attestation_expectation
expected(void)
{
    return (carnet_key_attestation_expectation){
        .struct_size = sizeof(carnet_key_attestation_expectation), .trust = &a.trust, .now = NOW, .skew = 60
    };
}

static carnet_str
built(const carnet_key_attestation_spec *spec, carnet_key *key)
{
    const size_t start = out.len;
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_key_attestation_build(spec, key, &a.crypto, &out, &err), &err);
    return (carnet_str){ (const char *)out.ptr + start, out.len - start };
}

static carnet_str
attested(test_signer who)
{
    const carnet_key_attestation_spec spec = good_spec(who);

    return built(&spec, &a.keys[who]);
}

static carnet_rc
open_and_check(carnet_str token, const carnet_key_attestation_expectation *e, carnet_err *err)
{
    carnet_buf room = carnet_buf_of(storage_room, sizeof(storage_room));
    carnet_key_attestation view;
    carnet_rc rc = carnet_key_attestation_open(token, &a.crypto, &room, room_for_keys, KEYS, &view, err);

    if (rc != CARNET_OK) {
        assert_null(view.jws.header);
        assert_int_equal(view.key_count, 0);
        return rc;
    }
    rc = carnet_key_attestation_check(&view, e, &a.crypto, err);
    carnet_key_attestation_close(&view);
    return rc;
}

static void
what_is_made_is_read_whole(void **state)
{
    carnet_key_attestation_spec spec = good_spec(SIGNER_GOOD);
    const carnet_key_attestation_expectation e = expected();
    carnet_key_attestation view;
    carnet_err err = { 0 };

    (void)state;
    spec.certification = carnet_str_of("https://certified.example");
    spec.status = carnet_str_of("{\"status_list\":{\"idx\":3,\"uri\":\"https://s.example\"}}");
    spec.more = carnet_str_of("\"key_storage_status\":{\"exp\":1}");
    assert_carnet_ok(carnet_key_attestation_open(built(&spec, &a.keys[SIGNER_GOOD]), &a.crypto, &storage, room_for_keys,
                                                 KEYS, &view, &err),
                     &err);
    assert_int_equal(view.key_count, KEYS);
    for (size_t i = 0; i < KEYS; i++) {
        assert_true(carnet_public_key_equal(&view.keys[i], &public_keys[i]));
        assert_int_equal(carnet_key_attestation_find(&view, &public_keys[i]), i);
    }
    assert_int_equal(carnet_key_attestation_find(&view, &a.keys[0].public_key), KEYS);
    assert_str_is(view.issuer, "https://provider.example");
    assert_str_is(view.nonce, "n-1");
    assert_str_is(view.certification, "https://certified.example");
    assert_int_equal(view.issued_at, NOW - 10);
    assert_int_equal(view.expires, NOW + 600);
    assert_int_equal(carnet_json_count(view.key_storage), 2);
    assert_str_is(carnet_json_string(carnet_json_at(view.user_authentication, 0)), "iso_18045_moderate");
    assert_int_equal(carnet_json_integer(carnet_json_get(carnet_json_get(view.status, "status_list"), "idx")), 3);
    assert_non_null(carnet_json_get(view.jws.claims, "key_storage_status"));
    assert_carnet_ok(carnet_key_attestation_check(&view, &e, &a.crypto, &err), &err);
    carnet_key_attestation_close(&view);
}

static void
only_trusted_attesters_are_believed(void **state)
{
    const carnet_key_attestation_expectation e = expected();

    (void)state;
    for (test_signer who = 0; who < SIGNER_COUNT; who++) {
        each(NULL);
        print_message("# signer %d\n", (int)who);
        assert_carnet_rc(open_and_check(attested(who), &e, NULL),
                         who == SIGNER_GOOD || who == SIGNER_BELOW ? CARNET_OK : CARNET_E_KEY_ATTESTATION_UNTRUSTED);
    }
}

static void
a_configured_key_is_trusted_by_its_kid(void **state)
{
    const carnet_attester_key key = { .key_id = carnet_str_of("k"), .key = a.keys[SIGNER_GOOD].public_key };
    carnet_attester_trust trust = { .struct_size = sizeof(trust), .keys = &key, .key_count = 1 };
    carnet_key_attestation_spec spec = good_spec(SIGNER_GOOD);
    carnet_key_attestation_expectation e = expected();
    carnet_str token;

    (void)state;
    spec.x5c_count = 0;
    spec.key_id = carnet_str_of("k");
    e.trust = &trust;
    token = built(&spec, &a.keys[SIGNER_GOOD]);
    assert_carnet_ok(open_and_check(token, &e, NULL), NULL);
    trust.chain_only = true;
    assert_carnet_rc(open_and_check(token, &e, NULL), CARNET_E_KEY_ATTESTATION_UNTRUSTED);
}

static carnet_span
revocation_list(const carnet_crl_entry *entries, size_t count)
{
    const carnet_crl_spec spec = { .struct_size = sizeof(spec),
                                   .this_update = NOW - 3600,
                                   .next_update = NOW + 86400,
                                   .number = 1,
                                   .entries = entries,
                                   .count = count };
    static uint8_t room[2048];
    carnet_buf buf = carnet_buf_of(room, sizeof(room));
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_crl_build(&spec, &a.root_opened, &a.root_key, &a.crypto, &buf, &err), &err);
    return carnet_buf_span(&buf);
}

static void
a_revoked_attester_is_not_believed(void **state)
{
    const carnet_str token = attested(SIGNER_GOOD);
    carnet_key_attestation_expectation e = expected();
    carnet_attester_trust trust = a.trust;
    carnet_certificate signer;
    carnet_crl_entry entry = { .revoked_at = NOW - 7200 };
    carnet_span list = { 0 };
    carnet_crl_array lists = { &list, 0 };
    const carnet_revocation_source source = carnet_revocation_source_of(&lists);
    carnet_err err = { 0 };

    (void)state;
    e.trust = &trust;
    trust.revocation = &source;
    assert_carnet_rc(open_and_check(token, &e, NULL), CARNET_E_KEY_ATTESTATION_UNTRUSTED);
    lists.count = 1;
    list = revocation_list(NULL, 0);
    assert_carnet_ok(open_and_check(token, &e, &err), &err);
    assert_carnet_ok(carnet_certificate_open(a.chains[SIGNER_GOOD][0], &signer, NULL), NULL);
    entry.serial = signer.serial;
    list = revocation_list(&entry, 1);
    assert_carnet_rc(open_and_check(token, &e, &err), CARNET_E_KEY_ATTESTATION_UNTRUSTED);
    print_message("# %s\n", err.reason);
}

/* --- claims: K0 and K1 stand for device keys --- */

static carnet_str
claims_with_keys(const char *text)
{
    static char room[8192];
    uint8_t jwk_room[512];
    carnet_buf buf = carnet_buf_of(room, sizeof(room));

    for (size_t i = 0; text[i] != '\0'; i++) {
        if (text[i] == 'K' && (text[i + 1] == '0' || text[i + 1] == '1')) {
            carnet_buf jwk_buf = carnet_buf_of(jwk_room, sizeof(jwk_room));

            carnet_buf_add_str(&buf, test_jwk(&public_keys[text[i + 1] - '0'], &jwk_buf));
            i++;
        } else {
            carnet_buf_add_byte(&buf, (uint8_t)text[i]);
        }
    }
    assert_false(buf.overflow);
    return carnet_buf_str(&buf);
}

#define TYPE  CARNET_KEY_ATTESTATION_TYPE
#define FORM  CARNET_E_KEY_ATTESTATION
#define OLD   CARNET_E_KEY_ATTESTATION_EXPIRED
#define IS(s) "{\"iat\":1795000000,\"attested_keys\":[K0,K1]" s "}"

static const struct {
    const char *what, *type, *claims;
    carnet_rc rc;
} tokens[] = {
    { "the least", TYPE, IS(""), CARNET_OK },
    { "claims nobody knows", TYPE, IS(",\"x\":{\"y\":[]}"), CARNET_OK },
    { "expired within the skew", TYPE, IS(",\"exp\":1794999941"), CARNET_OK },
    { "another typ", "jwt", IS(""), FORM },
    { "the typ of older drafts", "keyattestation+jwt", IS(""), CARNET_OK },
    { "no iat", TYPE, "{\"attested_keys\":[K0]}", FORM },
    { "iat is a text", TYPE, "{\"iat\":\"1795000000\",\"attested_keys\":[K0]}", FORM },
    { "no keys", TYPE, "{\"iat\":1795000000}", FORM },
    { "an empty list of keys", TYPE, "{\"iat\":1795000000,\"attested_keys\":[]}", FORM },
    { "keys that are no list", TYPE, "{\"iat\":1795000000,\"attested_keys\":K0}", FORM },
    { "a key twice", TYPE, "{\"iat\":1795000000,\"attested_keys\":[K0,K1,K0]}", FORM },
    { "a bad key after a good one", TYPE, "{\"iat\":1795000000,\"attested_keys\":[K0,{\"kty\":\"EC\"}]}", FORM },
    { "a symmetric key", TYPE, "{\"iat\":1795000000,\"attested_keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\"}]}", FORM },
    { "a private key", TYPE,
      "{\"iat\":1795000000,\"attested_keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\","
      "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\",\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\","
      "\"d\":\"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI\"}]}",
      FORM },
    { "an empty list of levels", TYPE, IS(",\"key_storage\":[]"), FORM },
    { "a level that is no list", TYPE, IS(",\"key_storage\":\"iso_18045_high\""), FORM },
    { "a level that is no text", TYPE, IS(",\"user_authentication\":[1]"), FORM },
    { "a nonce that is no text", TYPE, IS(",\"nonce\":1"), FORM },
    { "a certification that is no text", TYPE, IS(",\"certification\":{}"), FORM },
    { "a claim twice", TYPE, IS(",\"iat\":1"), FORM },
    { "no object", TYPE, "\"text\"", FORM },
    { "expired", TYPE, IS(",\"exp\":1794999940"), OLD },
    { "not valid yet", TYPE, IS(",\"nbf\":1795000061"), OLD },
    { "of the future", TYPE, "{\"iat\":1795000061,\"attested_keys\":[K0]}", OLD },
};

static void
a_key_attestation_is_what_it_must_be(void **state)
{
    const carnet_key_attestation_expectation e = expected();

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(tokens); i++) {
        const carnet_str token =
            test_token(&a, tokens[i].type, claims_with_keys(tokens[i].claims), &a.keys[SIGNER_GOOD],
                       a.chains[SIGNER_GOOD], a.chain_len[SIGNER_GOOD], NULL);

        print_message("# %s\n", tokens[i].what);
        assert_carnet_rc(open_and_check(token, &e, NULL), tokens[i].rc);
    }
}

static void
more_keys_than_there_is_room_for_are_refused(void **state)
{
    carnet_key_attestation view;

    (void)state;
    assert_carnet_rc(
        carnet_key_attestation_open(attested(SIGNER_GOOD), &a.crypto, &storage, room_for_keys, KEYS - 1, &view, NULL),
        CARNET_E_LIMIT);
    assert_null(view.jws.header);
}

static void
freshness_is_as_asked_for(void **state)
{
    carnet_key_attestation_spec spec = good_spec(SIGNER_GOOD);
    carnet_key_attestation_expectation e = expected();
    carnet_str token;

    (void)state;
    spec.expires = CARNET_TIME_ABSENT;
    spec.issued_at = NOW - 1000;
    token = built(&spec, &a.keys[SIGNER_GOOD]);
    assert_carnet_ok(open_and_check(token, &e, NULL), NULL);
    e.expires_required = true;
    assert_carnet_rc(open_and_check(token, &e, NULL), OLD);
    e.expires_required = false;
    e.age_max = 939;
    assert_carnet_rc(open_and_check(token, &e, NULL), OLD);
    e.age_max = 940;
    assert_carnet_ok(open_and_check(token, &e, NULL), NULL);
}

static const struct {
    const char *said, *wanted;
    bool required;
    carnet_rc rc;
} nonces[] = {
    { "n-1", "n-1", true, CARNET_OK },
    { "n-1", "", true, CARNET_OK },
    { "n-1", "", false, CARNET_OK },
    { "", "", false, CARNET_OK },
    { "", "", true, CARNET_E_KEY_ATTESTATION_NONCE },
    { "", "n-1", false, CARNET_E_KEY_ATTESTATION_NONCE },
    { "n-2", "n-1", false, CARNET_E_KEY_ATTESTATION_NONCE },
    { "n-11", "n-1", true, CARNET_E_KEY_ATTESTATION_NONCE },
};

static void
the_nonce_is_the_one_expected(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(nonces); i++) {
        carnet_key_attestation_spec spec = good_spec(SIGNER_GOOD);
        carnet_key_attestation_expectation e = expected();

        each(NULL);
        spec.nonce = carnet_str_of(nonces[i].said);
        e.nonce = carnet_str_of(nonces[i].wanted);
        e.nonce_required = nonces[i].required;
        assert_carnet_rc(open_and_check(built(&spec, &a.keys[SIGNER_GOOD]), &e, NULL), nonces[i].rc);
    }
}

/* --- levels --- */

static const struct {
    const char *said; /* JSON; NULL: nothing */
    const char *accepted[2];
    bool exact, met;
} levels[] = {
    { NULL, { NULL }, false, true },
    { "[\"x\"]", { NULL }, false, true },
    { NULL, { "iso_18045_basic" }, false, false },
    { "[\"iso_18045_high\"]", { "iso_18045_high" }, true, true },
    { "[\"iso_18045_high\"]", { "iso_18045_moderate" }, false, true },
    { "[\"iso_18045_high\"]", { "iso_18045_moderate" }, true, false },
    { "[\"iso_18045_enhanced-basic\"]", { "iso_18045_moderate" }, false, false },
    { "[\"iso_18045_enhanced-basic\"]", { "iso_18045_moderate", "iso_18045_enhanced-basic" }, true, true },
    { "[\"iso_18045_basic\",\"iso_18045_high\"]", { "iso_18045_high" }, false, true },
    { "[\"https://levels.example/x\"]", { "https://levels.example/x" }, false, true },
    { "[\"https://levels.example/x\"]", { "iso_18045_basic" }, false, false },
    { "[\"iso_18045_high\"]", { "https://levels.example/x" }, false, false },
    { "[\"ISO_18045_HIGH\"]", { "iso_18045_basic" }, false, false },
};

static void
levels_are_compared_by_the_policy(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(levels); i++) {
        const carnet_str accepted[2] = { carnet_str_of(levels[i].accepted[0]), carnet_str_of(levels[i].accepted[1]) };
        const carnet_attestation_levels policy = { accepted, (size_t)(accepted[0].len != 0) + (accepted[1].len != 0),
                                                   levels[i].exact };
        carnet_json *said = NULL;

        if (levels[i].said != NULL)
            assert_carnet_ok(carnet_json_parse(carnet_str_of(levels[i].said), &said, NULL), NULL);
        print_message("# %s\n", levels[i].said != NULL ? levels[i].said : "nothing said");
        assert_int_equal(carnet_attestation_levels_met(&policy, said), levels[i].met);
        carnet_json_free(&said);
    }
}

static void
keys_kept_worse_than_accepted_are_refused(void **state)
{
    carnet_key_attestation_expectation e = expected();

    (void)state;
    e.key_storage = (carnet_attestation_levels){ moderate, 1, false };
    e.user_authentication = (carnet_attestation_levels){ moderate, 1, true };
    assert_carnet_ok(open_and_check(attested(SIGNER_GOOD), &e, NULL), NULL);
    e.user_authentication = (carnet_attestation_levels){ high, 1, false };
    assert_carnet_rc(open_and_check(attested(SIGNER_GOOD), &e, NULL), CARNET_E_KEY_ATTESTATION_LEVEL);
    e.user_authentication = (carnet_attestation_levels){ 0 };
    e.key_storage = (carnet_attestation_levels){ moderate, 1, true };
    assert_carnet_rc(open_and_check(attested(SIGNER_GOOD), &e, NULL), CARNET_E_KEY_ATTESTATION_LEVEL);
}

/* --- mutations --- */

static void
refused(carnet_span mutated, void *context)
{
    const carnet_key_attestation_expectation e = expected();
    size_t *count = context;

    assert_true(open_and_check((carnet_str){ (const char *)mutated.ptr, mutated.len }, &e, NULL) != CARNET_OK);
    (*count)++;
}

static void
no_prefix_and_no_flipped_bit_is_accepted(void **state)
{
    const carnet_str token = attested(SIGNER_GOOD);
    size_t count = 0;

    (void)state;
    carnet_test_every_prefix(carnet_str_bytes(token), refused, &count);
    carnet_test_every_bit(carnet_str_bytes(token), refused, &count);
    assert_int_equal(count, 9 * token.len);
}

static void
what_could_not_be_accepted_is_not_made(void **state)
{
    carnet_key_attestation_spec spec = good_spec(SIGNER_GOOD);

    (void)state;
    spec.key_count = 0;
    assert_carnet_rc(carnet_key_attestation_build(&spec, &a.keys[0], &a.crypto, &out, NULL), CARNET_E_USAGE);
    spec = good_spec(SIGNER_GOOD);
    spec.x5c_count = 0;
    assert_carnet_rc(carnet_key_attestation_build(&spec, &a.keys[0], &a.crypto, &out, NULL), CARNET_E_USAGE);
    assert_int_equal(out.len, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_is_made_is_read_whole, each),
        cmocka_unit_test_setup(only_trusted_attesters_are_believed, each),
        cmocka_unit_test_setup(a_revoked_attester_is_not_believed, each),
        cmocka_unit_test_setup(a_configured_key_is_trusted_by_its_kid, each),
        cmocka_unit_test_setup(a_key_attestation_is_what_it_must_be, each),
        cmocka_unit_test_setup(more_keys_than_there_is_room_for_are_refused, each),
        cmocka_unit_test_setup(freshness_is_as_asked_for, each),
        cmocka_unit_test_setup(the_nonce_is_the_one_expected, each),
        cmocka_unit_test_setup(levels_are_compared_by_the_policy, each),
        cmocka_unit_test_setup(keys_kept_worse_than_accepted_are_refused, each),
        cmocka_unit_test_setup(no_prefix_and_no_flipped_bit_is_accepted, each),
        cmocka_unit_test_setup(what_could_not_be_accepted_is_not_made, each),
    };

    return cmocka_run_group_tests_name("document/capability/key_attestation", tests, begin, end);
}
