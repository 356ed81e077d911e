/* SPDX-License-Identifier: Apache-2.0 */
/* The standard's example, every prefix and every bit of it, and the responses other programs were measured on. */
#include "judge.h"

#include <stdio.h>

#define RESPONSE "vectors/iso18013-5-annexD/device_response.hex"

static judge j;

static void
annex_d_is_valid(void **state)
{
    (void)state;
    judge_annex_d(&j);
    judge_response(&j, carnet_test_shared_hex(RESPONSE));
    assert_int_equal(judge_verdict(&j, true), CARNET_VERDICT_VALID);
    assert_string_equal(carnet_report_find(&j.report, CARNET_CHECK_DIGESTS, 0)->detail, "6 of 6");
    /* Its validUntil is later than its signer's notAfter, which a reader may refuse (18013-5 12.3). */
    assert_int_equal(judge_outcome(&j, CARNET_CHECK_MSO_UNTIL_SIGNER), CARNET_FAIL);
    judge_done(&j);
}

static void
cut(carnet_span bytes, void *context)
{
    (void)context;
    judge_response(&j, bytes);
    assert_carnet_rc(j.rc, CARNET_E_CBOR_TRUNCATED);
    assert_true(j.err.offset <= bytes.len);
    assert_int_equal(j.report.count, 0);
}

static void
no_prefix_is_judged(void **state)
{
    (void)state;
    judge_annex_d(&j);
    carnet_test_every_prefix(carnet_test_shared_hex(RESPONSE), cut, NULL);
    judge_done(&j);
}

/* Bits that are neither signed nor need be as they are: the minor version, which need not be known, and the name of the
 * member nameSpaces, whose loss means that nothing is disclosed. */
static bool
may_turn(size_t byte, unsigned bit)
{
    if (byte == 12)
        return bit < 4;
    if (byte == 69)
        return bit == 5; /* the key becomes a byte string */
    return byte >= 70 && byte < 80 && bit < 7;
}

struct turns {
    carnet_span original;
    size_t valid, visited;
};

static void
turned(carnet_span bytes, void *context)
{
    struct turns *turns = context;
    size_t byte = turns->visited / 8;
    unsigned bit;

    while (byte < bytes.len && bytes.ptr[byte] == turns->original.ptr[byte])
        byte++;
    assert_true(byte < bytes.len);
    for (bit = 0; (bytes.ptr[byte] ^ turns->original.ptr[byte]) >> bit != 1;)
        bit++;
    turns->visited++;
    judge_response(&j, bytes);
    if (j.rc == CARNET_OK && judge_verdict(&j, false) == CARNET_VERDICT_VALID) {
        turns->valid++;
        assert_true(may_turn(byte, bit));
        if (byte != 12)
            assert_string_equal(carnet_report_find(&j.report, CARNET_CHECK_DIGESTS, 0)->detail, "0 of 0");
    }
}

static void
no_bit_can_be_turned_unnoticed(void **state)
{
    struct turns turns = { 0 };

    (void)state;
    judge_annex_d(&j);
    turns.original = carnet_test_shared_hex(RESPONSE);
    carnet_test_every_bit(turns.original, turned, &turns);
    assert_int_equal(turns.visited, 8 * turns.original.len);
    assert_int_equal(turns.valid, 4 + 1 + 70);
    judge_done(&j);
}

static void
responses_of_another_maker_are_valid(void **state)
{
    static const char *const names[] = { "11-small", "30-small", "11-portrait", "30-portrait", "30-all" };
    char path[96];

    (void)state;
    judge_with(&j, carnet_test_shared("bench/inputs/iaca.crt.der"), "2026-11-21T00:00:00Z");
    j.with.session_transcript = carnet_test_shared("bench/inputs/session-transcript.cbor");
    for (size_t i = 0; i < CARNET_COUNT(names); i++) {
        snprintf(path, sizeof(path), "bench/inputs/device-response-%s.cbor", names[i]);
        judge_response(&j, carnet_test_shared(path));
        assert_int_equal(judge_verdict(&j, true), CARNET_VERDICT_VALID);
    }
    j.with.session_transcript = carnet_test_shared("bench/inputs/session-transcript-qr.cbor");
    for (size_t i = 0; i + 1 < CARNET_COUNT(names); i++) {
        snprintf(path, sizeof(path), "bench/inputs/device-response-%s-qr.cbor", names[i]);
        judge_response(&j, carnet_test_shared(path));
        assert_int_equal(judge_verdict(&j, true), CARNET_VERDICT_VALID);
    }
    judge_issuer_signed(&j, carnet_test_shared("bench/inputs/issuer-signed-30.cbor"));
    assert_int_equal(judge_verdict(&j, true), CARNET_VERDICT_VALID);
    judge_done(&j);
}

static void
the_request_of_another_maker_is_signed_well(void **state)
{
    (void)state;
    judge_with(&j, carnet_test_shared("bench/inputs/reader-ca.crt.der"), "2026-11-21T00:00:00Z");
    j.with.session_transcript = carnet_test_shared("bench/inputs/session-transcript.cbor");
    judge_request(&j, carnet_test_shared("bench/inputs/device-request-small.cbor"));
    assert_int_equal(judge_outcome(&j, CARNET_CHECK_READER_AUTHENTICATION), CARNET_PASS);
    judge_done(&j);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(annex_d_is_valid),
        cmocka_unit_test(no_prefix_is_judged),
        cmocka_unit_test(no_bit_can_be_turned_unnoticed),
        cmocka_unit_test(responses_of_another_maker_are_valid),
        cmocka_unit_test(the_request_of_another_maker_is_signed_well),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
