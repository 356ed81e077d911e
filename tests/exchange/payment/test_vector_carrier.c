/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/json.h"
#include "carnet/tlv.h"
#include "carnet/vector_carrier.h"
#include "support/support.h"

#include <string.h>

static carnet_crypto crypto;
static carnet_key key;
static uint8_t room[8192];

static int
begin(void **state)
{
    (void)state;
    return carnet_crypto_init(&crypto, NULL) == CARNET_OK &&
                   carnet_software_key_generate(&crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, &key, NULL) == CARNET_OK
               ? 0
               : -1;
}

static int
end(void **state)
{
    (void)state;
    carnet_key_done(&key);
    carnet_crypto_done(&crypto);
    return 0;
}

static carnet_span
bytes(const char *text)
{
    return carnet_str_bytes(carnet_str_of(text));
}

static carnet_carrier_binding
binding(void)
{
    return (carnet_carrier_binding){ .amount = carnet_str_of("000000020000"),
                                     .currency = carnet_str_of("840"),
                                     .terminal = carnet_str_of("ATM00001") };
}

/* A carrier with every member. */
static carnet_vector_carrier
whole(void)
{
    carnet_vector_carrier carrier = { .present = 0x1fff,
                                      .request_count = 2,
                                      .request = { carnet_str_of("Cf.Cg.Cj.Co"), carnet_str_of("Cc.Cf.Co") },
                                      .vector = carnet_str_of("Cb.Ce.Cg"),
                                      .trustmark = 1,
                                      .reference = carnet_str_of("ST42"),
                                      .auth_time = 1795226400,
                                      .expiry = 1795226700,
                                      .level = 2,
                                      .result = CARNET_CARRIER_CANCELLED,
                                      .key_id = carnet_str_of("idp-1"),
                                      .counter = 7 };

    memset(carrier.session, 0x5a, sizeof(carrier.session));
    memset(carrier.digest, 0xd1, sizeof(carrier.digest));
    memset(carrier.signature, 0x51, sizeof(carrier.signature));
    return carrier;
}

static void
assert_same(const carnet_vector_carrier *a, const carnet_vector_carrier *b)
{
    assert_int_equal(a->present, b->present);
    assert_int_equal(a->request_count, b->request_count);
    for (unsigned i = 0; i < a->request_count; i++)
        assert_true(carnet_str_equal(a->request[i], b->request[i]));
    assert_true(carnet_str_equal(a->vector, b->vector));
    assert_int_equal(a->trustmark, b->trustmark);
    assert_true(carnet_str_equal(a->trustmark_url, b->trustmark_url));
    assert_memory_equal(a->session, b->session, 16);
    assert_true(carnet_str_equal(a->reference, b->reference));
    assert_int_equal(a->auth_time, b->auth_time);
    assert_int_equal(a->expiry, b->expiry);
    assert_int_equal(a->level, b->level);
    assert_int_equal(a->result, b->result);
    assert_memory_equal(a->digest, b->digest, 32);
    assert_true(carnet_str_equal(a->key_id, b->key_id));
    assert_memory_equal(a->signature, b->signature, 64);
    assert_int_equal(a->counter, b->counter);
}

static carnet_span
written_text(const carnet_vector_carrier *carrier, const char *before)
{
    carnet_buf out = carnet_buf_of(room, sizeof(room));
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_carrier_write_text(carrier, bytes(before), &out, &err), &err);
    return carnet_buf_span(&out);
}

static carnet_span
written_tlv(const carnet_vector_carrier *carrier, uint32_t tag, carnet_span before)
{
    carnet_buf out = carnet_buf_of(room, sizeof(room));
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_carrier_write_tlv(carrier, tag, before, 0, &out, &err), &err);
    return carnet_buf_span(&out);
}

static void
every_member_survives_both_forms(void **state)
{
    carnet_vector_carrier carrier = whole(), got;

    (void)state;
    assert_carnet_ok(carnet_carrier_read_text(written_text(&carrier, ""), &got, NULL), NULL);
    assert_same(&carrier, &got);
    carrier.trustmark = 0;
    carrier.trustmark_url = carnet_str_of("https://bank.example/trust");
    assert_carnet_ok(carnet_carrier_read_text(written_text(&carrier, ""), &got, NULL), NULL);
    assert_same(&carrier, &got);
    assert_carnet_ok(carnet_carrier_read_tlv(written_tlv(&carrier, CARNET_CARRIER_TAG, (carnet_span){ 0 }), &got, NULL),
                     NULL);
    assert_same(&carrier, &got);
}

static void
other_data_sets_keep_their_place_and_octets(void **state)
{
    carnet_vector_carrier carrier = { .present = CARNET_CARRIER_REFERENCE, .reference = carnet_str_of("A1") }, got;

    (void)state;
    assert_span_equal(written_text(&carrier, "ZZ003a\xff"
                                             "bP1007TX002B2QQ000"),
                      bytes("ZZ003a\xff"
                            "bQQ000P1007TX002A1"));
    assert_carnet_ok(carnet_carrier_read_text(bytes("ZZ003a\xff"
                                                    "bP1007TX002B2QQ000"),
                                              &got, NULL),
                     NULL);
    assert_str_is(got.reference, "B2");
}

static void
other_data_objects_keep_their_place_and_octets(void **state)
{
    const carnet_vector_carrier carrier = { .present = CARNET_CARRIER_REFERENCE, .reference = carnet_str_of("A1") };
    const carnet_span before =
        carnet_test_hex("9f2608 0102030405060708 00 ff4004 84024232 df812901aa 95 8105 0000000000 00");
    carnet_vector_carrier got;
    carnet_span made;

    (void)state;
    assert_carnet_ok(carnet_carrier_read_tlv(before, &got, NULL), NULL);
    assert_str_is(got.reference, "B2");
    made = written_tlv(&carrier, CARNET_CARRIER_TAG_SHORT, before);
    assert_span_equal(made,
                      carnet_test_hex("9f2608 0102030405060708 00 df812901aa 95 8105 0000000000 00 ff4004 84024131"));
}

static void
members_that_are_unknown_are_stepped_over(void **state)
{
    carnet_vector_carrier got;

    (void)state;
    assert_carnet_ok(carnet_carrier_read_text(bytes("P1028XX003abcTX002A1ZZ001.AR00201"), &got, NULL), NULL);
    assert_int_equal(got.present, CARNET_CARRIER_REFERENCE | CARNET_CARRIER_RESULT);
    assert_carnet_ok(carnet_carrier_read_tlv(carnet_test_hex("ff994007 8f0100 84024131"), &got, NULL), NULL);
    assert_int_equal(got.present, CARNET_CARRIER_REFERENCE);
}

static void
text_that_is_wrong_is_refused_at_its_octet(void **state)
{
    static const struct {
        const char *text;
        carnet_rc rc;
        size_t offset;
    } cases[] = {
        { "", CARNET_E_CARRIER_ABSENT, CARNET_NO_OFFSET },
        { "ZZ002ab", CARNET_E_CARRIER_ABSENT, CARNET_NO_OFFSET },
        { "P1", CARNET_E_CARRIER, 2 },
        { "P100", CARNET_E_CARRIER, 4 },
        { "P1000", CARNET_E_CARRIER, CARNET_NO_OFFSET },
        { "P1008TX002A1", CARNET_E_CARRIER, 2 },
        { "p1007TX002A1", CARNET_E_CARRIER, 0 },
        { "P1 07TX002A1", CARNET_E_CARRIER, 2 },
        { "P1007TX002A1!", CARNET_E_CARRIER, 13 },
        { "P1007TX002A1P1007TX002A1", CARNET_E_CARRIER_TWICE, 12 },
        { "ZZ000ZZ000P1007TX002A1", CARNET_E_CARRIER_TWICE, 5 },
        { "P1014TX002A1TX002A1", CARNET_E_CARRIER_TWICE, 12 },
        { "P1005TX000", CARNET_E_CARRIER, 10 },
        { "P1007TX002A\n", CARNET_E_CARRIER, 10 },
        { "P1028TX023AAAAAAAAAAAAAAAAAAAAAAA", CARNET_E_CARRIER, 10 },
        { "P1006TM0010", CARNET_E_CARRIER, 10 },
        { "P1006TM0014", CARNET_E_CARRIER, 10 },
        { "P1006TM001U", CARNET_E_CARRIER, 10 },
        { "P1014TM009Uhttp://a", CARNET_E_CARRIER, 10 },
        { "P1006AL0014", CARNET_E_CARRIER, 10 },
        { "P1007AL00203", CARNET_E_CARRIER, 10 },
        { "P1007AR00205", CARNET_E_CARRIER, 10 },
        { "P1006AR0010", CARNET_E_CARRIER, 10 },
        { "P1015AT0109999999999", CARNET_E_CARRIER, 10 },
        { "P1014AT009795226400", CARNET_E_CARRIER, 10 },
        { "P1015AT010179522640x", CARNET_E_CARRIER, 10 },
        { "P1007CN00207", CARNET_E_CARRIER, 10 },
        { "P1015CN0104294967296", CARNET_E_CARRIER, 10 },
        { "P1026SI021AAAAAAAAAAAAAAAAAAAAA", CARNET_E_CARRIER, 10 },
        { "P1027SI022AAAAAAAAAAAAAAAAAAAAAB", CARNET_E_CARRIER, 10 },
        { "P1027SI022AAAAAAAAAA+AAAAAAAAAAA", CARNET_E_CARRIER, 10 },
        { "P1008VT003C g", CARNET_E_CARRIER, 10 },
        { "P1006VT001C", CARNET_E_CARRIER, 10 },
        { "P1008VR003Cg,", CARNET_E_CARRIER, 10 },
        { "P1005VR000", CARNET_E_CARRIER, 10 },
        { "P1031VR026Ca,Cb,Cc,Cd,Ce,Cf,Cg,Ch,Ci", CARNET_E_CARRIER, 10 },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_vector_carrier carrier = whole();
        carnet_err err = { .offset = 4711 };

        assert_carnet_rc(carnet_carrier_read_text(carnet_test_copy(bytes(cases[i].text)), &carrier, &err), cases[i].rc);
        if (err.offset != cases[i].offset)
            fail_msg("%s: offset %zu", cases[i].text, err.offset);
        assert_int_equal(carrier.present, 0);
    }
}

static void
objects_that_are_wrong_are_refused_at_their_octet(void **state)
{
    static const struct {
        const char *hex;
        carnet_rc rc;
        size_t offset;
    } cases[] = {
        { "", CARNET_E_CARRIER_ABSENT, CARNET_NO_OFFSET },
        { "9f260100", CARNET_E_CARRIER_ABSENT, CARNET_NO_OFFSET },
        { "ff994000", CARNET_E_CARRIER, CARNET_NO_OFFSET },
        { "ff9940048402413 1 ff400484024131", CARNET_E_CARRIER_TWICE, 8 },
        { "ff9940088402413184024131", CARNET_E_CARRIER_TWICE, 10 },
        { "ff99400384024131", CARNET_E_TLV_TRUNCATED, 4 },
        { "ff9940058402413184", CARNET_E_TLV_TRUNCATED, 9 },
        { "ff99408084024131", CARNET_E_TLV_LENGTH, 3 },
        { "ff9940038403", CARNET_E_TLV_TRUNCATED, 0 },
        { "ff9940038301aa", CARNET_E_CARRIER, 6 },
        { "ff9940038701 04", CARNET_E_CARRIER, 6 },
        { "ff9940038801 05", CARNET_E_CARRIER, 6 },
        { "ff994005850300000 0", CARNET_E_CARRIER, 6 },
        { "ff994003820100", CARNET_E_CARRIER, 6 },
        { "ff99400482026161", CARNET_E_CARRIER, 6 },
        { "ff99400484024100", CARNET_E_CARRIER, 6 },
        { "ff99400480024 30a", CARNET_E_CARRIER, 6 },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_vector_carrier carrier = whole();
        carnet_err err = { .offset = 4711 };

        assert_carnet_rc(carnet_carrier_read_tlv(carnet_test_copy(carnet_test_hex(cases[i].hex)), &carrier, &err),
                         cases[i].rc);
        if (err.offset != cases[i].offset)
            fail_msg("%s: offset %zu", cases[i].hex, err.offset);
        assert_int_equal(carrier.present, 0);
    }
}

static void
what_has_no_form_is_not_written(void **state)
{
    static char long_vector[1002];
    carnet_vector_carrier cases[12];
    carnet_buf out = carnet_buf_of(room, sizeof(room));

    (void)state;
    memset(long_vector, 'C', sizeof(long_vector) - 1);
    for (size_t i = 0; i < CARNET_COUNT(cases); i++)
        cases[i] = whole();
    cases[0].present = 0;
    cases[1].reference = carnet_str_of("A\nB");
    cases[2].reference = carnet_str_of("");
    cases[3].vector = (carnet_str){ long_vector, 1000 };
    cases[4].vector = (carnet_str){ long_vector, 999 };
    cases[5].request_count = 9;
    cases[6].request_count = 0;
    cases[7].trustmark = 4;
    cases[8].trustmark = 0;
    cases[9].level = 4;
    cases[10].result = 5;
    cases[11].key_id = carnet_str_of("a key id too long");
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        assert_carnet_rc(carnet_carrier_write_text(&cases[i], (carnet_span){ 0 }, &out, NULL), CARNET_E_CARRIER);
        assert_int_equal(out.len, 0);
        if (i != 4)
            assert_carnet_rc(carnet_carrier_write_tlv(&cases[i], CARNET_CARRIER_TAG, (carnet_span){ 0 }, 0, &out, NULL),
                             CARNET_E_CARRIER);
        assert_int_equal(out.len, 0);
    }
}

static void
limits_of_elements_and_buffers_hold(void **state)
{
    const carnet_vector_carrier carrier = whole();
    carnet_span made = written_tlv(&carrier, CARNET_CARRIER_TAG, (carnet_span){ 0 });
    const size_t size = made.len;
    carnet_buf out = carnet_buf_of(room, sizeof(room));

    (void)state;
    assert_carnet_ok(carnet_carrier_write_tlv(&carrier, CARNET_CARRIER_TAG, (carnet_span){ 0 }, size, &out, NULL),
                     NULL);
    out.len = 0;
    assert_carnet_rc(carnet_carrier_write_tlv(&carrier, CARNET_CARRIER_TAG, (carnet_span){ 0 }, size - 1, &out, NULL),
                     CARNET_E_CARRIER);
    assert_carnet_rc(carnet_carrier_write_tlv(&carrier, 0xff41, (carnet_span){ 0 }, 0, &out, NULL), CARNET_E_USAGE);
    for (size_t cap = 0; cap < size; cap++) {
        out = carnet_buf_of(room, cap);
        assert_carnet_rc(carnet_carrier_write_tlv(&carrier, CARNET_CARRIER_TAG, (carnet_span){ 0 }, 0, &out, NULL),
                         CARNET_E_NO_SPACE);
        assert_int_equal(out.len, 0);
    }
    made = written_text(&carrier, "");
    out = carnet_buf_of(room, made.len - 1);
    assert_carnet_rc(carnet_carrier_write_text(&carrier, (carnet_span){ 0 }, &out, NULL), CARNET_E_NO_SPACE);
}

static void
a_signature_binds_amount_currency_terminal_and_all_else(void **state)
{
    carnet_vector_carrier carrier = whole(), other;
    carnet_carrier_binding bound = binding(), moved;
    carnet_err err = { 0 };

    (void)state;
    carrier.present &= ~(unsigned)(CARNET_CARRIER_SIGNATURE | CARNET_CARRIER_DIGEST | CARNET_CARRIER_KEY_ID);
    assert_carnet_ok(carnet_carrier_sign(&carrier, &bound, carnet_str_of("idp-1"), &key, &crypto, &err), &err);
    assert_carnet_ok(carnet_carrier_verify(&carrier, &bound, &key.public_key, &crypto, &err), &err);
    for (unsigned digest = 0; digest < 2; digest++) {
        const carnet_rc wrong = digest == 0 ? CARNET_E_CARRIER_DIGEST : CARNET_E_CRYPTO_SIGNATURE;

        moved = bound;
        moved.amount = carnet_str_of("000000020001");
        assert_carnet_rc(carnet_carrier_verify(&carrier, &moved, &key.public_key, &crypto, &err), wrong);
        moved = bound;
        moved.currency = carnet_str_of("978");
        assert_carnet_rc(carnet_carrier_verify(&carrier, &moved, &key.public_key, &crypto, &err), wrong);
        moved = bound;
        moved.terminal = carnet_str_of("ATM00002");
        assert_carnet_rc(carnet_carrier_verify(&carrier, &moved, &key.public_key, &crypto, &err), wrong);
        moved = bound;
        moved.terminal = carnet_str_of("ATM00001   "); /* as a fixed element has it */
        assert_carnet_ok(carnet_carrier_verify(&carrier, &moved, &key.public_key, &crypto, &err), &err);
        other = carrier;
        other.vector = carnet_str_of("Cb.Ce.Cg.Co");
        assert_carnet_rc(carnet_carrier_verify(&other, &bound, &key.public_key, &crypto, &err), wrong);
        other = carrier;
        other.session[15] ^= 1;
        assert_carnet_rc(carnet_carrier_verify(&other, &bound, &key.public_key, &crypto, &err), wrong);
        other = carrier;
        other.reference = carnet_str_of("ST43");
        assert_carnet_rc(carnet_carrier_verify(&other, &bound, &key.public_key, &crypto, &err), wrong);
        other = carrier;
        other.auth_time++;
        assert_carnet_rc(carnet_carrier_verify(&other, &bound, &key.public_key, &crypto, &err), wrong);
        other = carrier;
        other.expiry++;
        assert_carnet_rc(carnet_carrier_verify(&other, &bound, &key.public_key, &crypto, &err), wrong);
        carrier.present &= ~(unsigned)CARNET_CARRIER_DIGEST;
    }
    carrier.signature[0] ^= 1;
    assert_carnet_rc(carnet_carrier_verify(&carrier, &bound, &key.public_key, &crypto, &err),
                     CARNET_E_CRYPTO_SIGNATURE);
    carrier.present &= ~(unsigned)CARNET_CARRIER_SIGNATURE;
    assert_carnet_rc(carnet_carrier_verify(&carrier, &bound, &key.public_key, &crypto, &err),
                     CARNET_E_CARRIER_UNSIGNED);
}

static void
what_cannot_be_bound_is_not_signed(void **state)
{
    static const unsigned needed[] = { CARNET_CARRIER_REFERENCE, CARNET_CARRIER_SESSION, CARNET_CARRIER_VECTOR,
                                       CARNET_CARRIER_AUTH_TIME, CARNET_CARRIER_EXPIRY };
    static const char *const amounts[] = { "", "20000", "00000002000x", "0000000020000" }, *const terminals[] = {
        "", "   ", "ATM\n0001", "12345678901234567"
    };
    carnet_vector_carrier carrier = whole(), before;
    carnet_carrier_binding bound = binding();

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(needed); i++) {
        carrier = whole();
        carrier.present &= ~needed[i];
        before = carrier;
        assert_carnet_rc(carnet_carrier_sign(&carrier, &bound, carnet_str_of("k"), &key, &crypto, NULL),
                         CARNET_E_CARRIER);
        assert_memory_equal(&carrier, &before, sizeof(carrier));
    }
    carrier = whole();
    for (size_t i = 0; i < CARNET_COUNT(amounts); i++) {
        bound = binding();
        bound.amount = carnet_str_of(amounts[i]);
        assert_carnet_rc(carnet_carrier_verify(&carrier, &bound, &key.public_key, &crypto, NULL), CARNET_E_CARRIER);
        bound = binding();
        bound.terminal = carnet_str_of(terminals[i]);
        assert_carnet_rc(carnet_carrier_verify(&carrier, &bound, &key.public_key, &crypto, NULL), CARNET_E_CARRIER);
    }
    bound = binding();
    bound.currency = carnet_str_of("84");
    assert_carnet_rc(carnet_carrier_verify(&carrier, &bound, &key.public_key, &crypto, NULL), CARNET_E_CARRIER);
    bound = binding();
    assert_carnet_rc(carnet_carrier_sign(&carrier, &bound, carnet_str_of(""), &key, &crypto, NULL), CARNET_E_CARRIER);
}

static void
visit_text(carnet_span mutated, void *context)
{
    carnet_vector_carrier carrier;

    (void)context;
    if (carnet_carrier_read_text(mutated, &carrier, NULL) != CARNET_OK)
        assert_int_equal(carrier.present, 0);
}

static void
visit_tlv(carnet_span mutated, void *context)
{
    carnet_vector_carrier carrier;

    (void)context;
    if (carnet_carrier_read_tlv(mutated, &carrier, NULL) != CARNET_OK)
        assert_int_equal(carrier.present, 0);
}

static void
every_prefix_and_bit_is_read_or_refused(void **state)
{
    const carnet_vector_carrier carrier = whole();
    carnet_vector_carrier got;
    carnet_span made;

    (void)state;
    made = carnet_test_copy(written_text(&carrier, "QQ001x"));
    carnet_test_every_prefix(made, visit_text, NULL);
    carnet_test_every_bit(made, visit_text, NULL);
    for (size_t i = 7; i < made.len; i++)
        assert_true(carnet_carrier_read_text(carnet_span_of(made.ptr, i), &got, NULL) != CARNET_OK);
    made = carnet_test_copy(written_tlv(&carrier, CARNET_CARRIER_TAG, carnet_test_hex("9f260100")));
    carnet_test_every_prefix(made, visit_tlv, NULL);
    carnet_test_every_bit(made, visit_tlv, NULL);
    for (size_t i = 0; i < made.len; i++)
        assert_true(carnet_carrier_read_tlv(carnet_span_of(made.ptr, i), &got, NULL) != CARNET_OK);
}

/* --- the published vectors --- */

static carnet_json *document;

static carnet_str
said(const char *name)
{
    return carnet_json_string(carnet_json_get(document, name));
}

static carnet_public_key
said_key(void)
{
    const carnet_json *json = carnet_json_get(document, "key");
    carnet_public_key got = { .curve = CARNET_CURVE_P256 };
    carnet_buf x = carnet_buf_of(got.x, 32), y = carnet_buf_of(got.y, 32);

    assert_carnet_ok(carnet_hex_decode(carnet_json_string(carnet_json_get(json, "x")), &x, NULL), NULL);
    assert_carnet_ok(carnet_hex_decode(carnet_json_string(carnet_json_get(json, "y")), &y, NULL), NULL);
    return got;
}

static void
published_carriers_are_read_verified_and_written_again(void **state)
{
    const carnet_carrier_binding bound = binding();
    uint8_t octets[512];
    carnet_buf tlv = carnet_buf_of(octets, sizeof(octets)), text = carnet_buf_of(room, sizeof(room));
    carnet_vector_carrier from_text, from_tlv;
    carnet_public_key idp;
    carnet_err err = { 0 };

    (void)state;
    assert_carnet_ok(carnet_json_parse(carnet_test_shared_text("vectors/p1940/carrier.json"), &document, NULL), NULL);
    idp = said_key();
    assert_carnet_ok(carnet_hex_decode(said("de55_ber_tlv"), &tlv, NULL), NULL);
    assert_carnet_ok(carnet_carrier_read_text(carnet_str_bytes(said("de48_p1")), &from_text, &err), &err);
    assert_carnet_ok(carnet_carrier_read_tlv(carnet_buf_span(&tlv), &from_tlv, &err), &err);
    assert_carnet_ok(carnet_carrier_verify(&from_text, &bound, &idp, &crypto, &err), &err);
    assert_carnet_ok(carnet_carrier_verify(&from_tlv, &bound, &idp, &crypto, &err), &err);
    assert_carnet_ok(carnet_carrier_binding_text(&from_tlv, &bound, &text, NULL), NULL);
    assert_span_equal(carnet_buf_span(&text), carnet_str_bytes(said("binding_string")));
    assert_span_equal(written_text(&from_text, ""), carnet_str_bytes(said("de48_p1")));
    assert_span_equal(written_tlv(&from_tlv, CARNET_CARRIER_TAG, (carnet_span){ 0 }), carnet_buf_span(&tlv));
    carnet_json_free(&document);
}

static void
published_requests_are_read_and_written_again(void **state)
{
    uint8_t octets[128];
    carnet_buf tlv = carnet_buf_of(octets, sizeof(octets));
    carnet_vector_carrier carrier;

    (void)state;
    assert_carnet_ok(carnet_json_parse(carnet_test_shared_text("vectors/p1940/carrier.json"), &document, NULL), NULL);
    assert_carnet_ok(carnet_carrier_read_text(carnet_str_bytes(said("request_de48")), &carrier, NULL), NULL);
    assert_int_equal(carrier.request_count, 2);
    assert_str_is(carrier.request[1], "Cc.Cf.Co");
    assert_span_equal(written_text(&carrier, ""), carnet_str_bytes(said("request_de48")));
    assert_carnet_ok(carnet_hex_decode(said("request_ber_tlv"), &tlv, NULL), NULL);
    assert_carnet_ok(carnet_carrier_read_tlv(carnet_buf_span(&tlv), &carrier, NULL), NULL);
    assert_str_is(carrier.request[0], "Cf.Cg.Cj.Co");
    assert_span_equal(written_tlv(&carrier, CARNET_CARRIER_TAG, (carnet_span){ 0 }), carnet_buf_span(&tlv));
    carnet_json_free(&document);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_member_survives_both_forms),
        cmocka_unit_test(other_data_sets_keep_their_place_and_octets),
        cmocka_unit_test(other_data_objects_keep_their_place_and_octets),
        cmocka_unit_test(members_that_are_unknown_are_stepped_over),
        cmocka_unit_test(text_that_is_wrong_is_refused_at_its_octet),
        cmocka_unit_test(objects_that_are_wrong_are_refused_at_their_octet),
        cmocka_unit_test(what_has_no_form_is_not_written),
        cmocka_unit_test(limits_of_elements_and_buffers_hold),
        cmocka_unit_test(a_signature_binds_amount_currency_terminal_and_all_else),
        cmocka_unit_test(what_cannot_be_bound_is_not_signed),
        cmocka_unit_test(every_prefix_and_bit_is_read_or_refused),
        cmocka_unit_test(published_carriers_are_read_verified_and_written_again),
        cmocka_unit_test(published_requests_are_read_and_written_again),
    };

    return cmocka_run_group_tests_name("vector carrier", tests, begin, end);
}
