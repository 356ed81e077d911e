/* SPDX-License-Identifier: Apache-2.0 */
/* Revocation lists: made, read, held against 18013-5 B.2, and used along a path. */
#include "carnet/certificate_builder.h"
#include "chain.h"

#include <string.h>

static const uint8_t serials[3][8] = { { 0x11, 1, 2, 3, 4, 5, 6, 7 }, { 0x22, 1 }, { 0x5a, 1, 2, 3, 4, 5, 6, 7 } };

static carnet_crl_spec
month(void)
{
    return (carnet_crl_spec){ .struct_size = sizeof(carnet_crl_spec),
                              .this_update = FORGE_NOW - 10 * CARNET_TIME_DAY,
                              .next_update = FORGE_NOW + 20 * CARNET_TIME_DAY,
                              .number = 7 };
}

static carnet_certificate
open_root(void)
{
    forge f = forge_root();
    carnet_certificate c;

    assert_carnet_ok(carnet_certificate_open(forge_make(&f, &crypto, &arena), &c, NULL), NULL);
    return c;
}

static carnet_span
build(const carnet_crl_spec *spec, const carnet_certificate *issuer)
{
    size_t start = arena.len;
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_crl_build(spec, issuer, forge_key(0), &crypto, &arena, &err), &err);
    return (carnet_span){ arena.ptr + start, arena.len - start };
}

static void
reads_back_what_was_made(void **state)
{
    carnet_certificate root = open_root();
    carnet_crl_spec spec = month();
    carnet_crl_entry entries[3], entry;
    carnet_span at = { 0 };
    carnet_crl crl;
    size_t count = 0;

    (void)state;
    for (size_t i = 0; i < 3; i++)
        entries[i] = (carnet_crl_entry){ carnet_span_of(serials[i], i == 1 ? 2 : 8), FORGE_NOW - 5 - (int64_t)i };
    spec.entries = entries;
    spec.count = 3;
    assert_carnet_ok(carnet_crl_open(build(&spec, &root), &crl, NULL), NULL);
    assert_carnet_ok(carnet_crl_verify(&crl, &root.public_key, &crypto, NULL), NULL);
    assert_carnet_ok(carnet_crl_conforms(&crl, &root, NULL), NULL);
    assert_int_equal(crl.this_update, spec.this_update);
    assert_int_equal(crl.next_update, spec.next_update);
    assert_span_equal(crl.issuer, root.subject);
    assert_span_equal(crl.number, carnet_test_hex("07"));
    assert_int_equal(crl.count, 3);
    for (; carnet_crl_next(&crl, &at, &entry); count++) {
        assert_span_equal(entry.serial, entries[count].serial);
        assert_int_equal(entry.revoked_at, entries[count].revoked_at);
    }
    assert_int_equal(count, 3);
    assert_true(carnet_crl_find(&crl, entries[1].serial, &entry));
    assert_false(carnet_crl_find(&crl, carnet_span_of(serials[0], 7), &entry));
    assert_int_equal(entry.serial.len, 0);
}

static void
is_not_made_against_its_profile(void **state)
{
    carnet_certificate root = open_root(), mute = root;
    carnet_crl_spec spec = month();
    carnet_buf none = carnet_buf_of(NULL, 0);
    carnet_err err = { 0 };
    size_t before = arena.len;

    (void)state;
    spec.next_update = spec.this_update + 90 * CARNET_TIME_DAY + 1;
    assert_carnet_rc(carnet_crl_build(&spec, &root, forge_key(0), &crypto, &arena, &err), CARNET_E_X509_PROFILE);
    spec.next_update = spec.this_update;
    assert_carnet_rc(carnet_crl_build(&spec, &root, forge_key(0), &crypto, &arena, &err), CARNET_E_X509_PROFILE);
    spec = month();
    assert_carnet_rc(carnet_crl_build(&spec, &root, forge_key(1), &crypto, &arena, &err), CARNET_E_CRYPTO_MISMATCH);
    assert_carnet_rc(carnet_crl_build(&spec, &root, forge_key(0), &crypto, &none, &err), CARNET_E_NO_SPACE);
    mute.key_usage = CARNET_KEY_USAGE_CERTIFICATE_SIGN;
    assert_carnet_rc(carnet_crl_build(&spec, &mute, forge_key(0), &crypto, &arena, &err), CARNET_E_X509_PROFILE);
    spec.struct_size = 1;
    assert_carnet_rc(carnet_crl_build(&spec, &root, forge_key(0), &crypto, &arena, &err), CARNET_E_USAGE);
    assert_int_equal(arena.len, before);
}

/* How a hand-made list differs from a good one. */
typedef struct oddity {
    const char *what;
    const char *version, *next_update, *revoked, *extensions;
    carnet_rc open, conforms;
    bool unknown_critical;
} oddity;

#define AKI    "301f0603551d23041830168014 0000000000000000000000000000000000000000"
#define NUMBER "300a0603551d140403020105"
#define ENTRY  "02012a 170d 3233313131303030303030305a" /* 42, 2023-11-10 */
#define NEXT   "170d 3233313230313030303030305a"        /* 2023-12-01 */
#define REASON "300a0603551d15040 30a0101"
#define OUR    "300d 0603 2a0304 0101ff 0403020105"
#define DELTA  "300d 0603 551d1b 0101ff 0403020105"

static const oddity oddities[] = {
    { "a good one", "020101", NEXT, "", AKI NUMBER, CARNET_OK, CARNET_OK, false },
    { "one entry", "020101", NEXT, "3014 3012" ENTRY, AKI NUMBER, CARNET_OK, CARNET_OK, false },
    { "version 1", "", NEXT, "", AKI NUMBER, CARNET_E_DER_TAG, CARNET_OK, false },
    { "version 3", "020102", NEXT, "", AKI NUMBER, CARNET_E_X509_CRL, CARNET_OK, false },
    { "no next update", "020101", "", "", AKI NUMBER, CARNET_OK, CARNET_E_X509_PROFILE, false },
    { "an empty list", "020101", NEXT, "3000", AKI NUMBER, CARNET_OK, CARNET_E_X509_PROFILE, false },
    { "a reason", "020101", NEXT, "3022 3020" ENTRY "300c" REASON, AKI NUMBER, CARNET_OK, CARNET_E_X509_PROFILE,
      false },
    { "an unknown critical extension of an entry", "020101", NEXT, "3025 3023" ENTRY "300f" OUR, AKI NUMBER, CARNET_OK,
      CARNET_E_X509_PROFILE, true },
    { "no number", "020101", NEXT, "", AKI, CARNET_OK, CARNET_E_X509_PROFILE, false },
    { "no key identifier", "020101", NEXT, "", NUMBER, CARNET_OK, CARNET_E_X509_PROFILE, false },
    { "the number twice", "020101", NEXT, "", AKI NUMBER NUMBER, CARNET_E_X509_EXTENSION, CARNET_OK, false },
    { "a delta list", "020101", NEXT, "", AKI NUMBER DELTA, CARNET_OK, CARNET_E_X509_PROFILE, true },
    { "an entry cut short", "020101", NEXT, "3005 3003 02012a", AKI NUMBER, CARNET_E_DER_TRUNCATED, CARNET_OK, false },
};

static carnet_span
make_odd(const oddity *odd)
{
    static uint8_t space[1024];
    carnet_der_builder b = carnet_der_build(space, sizeof(space));
    carnet_der_mark outer = carnet_der_begin(&b, CARNET_DER_SEQUENCE), tbs = carnet_der_begin(&b, CARNET_DER_SEQUENCE);
    carnet_span algorithm = carnet_test_hex("300a06082a8648ce3d040302");
    carnet_der_mark extensions, list;

    carnet_der_add_raw(&b, carnet_test_hex(odd->version));
    carnet_der_add_raw(&b, algorithm);
    carnet_der_add_raw(&b, carnet_test_hex("3000"));
    carnet_der_add_time(&b, INT64_C(1698796800));
    carnet_der_add_raw(&b, carnet_test_hex(odd->next_update));
    carnet_der_add_raw(&b, carnet_test_hex(odd->revoked));
    extensions = carnet_der_begin(&b, CARNET_DER_CONTEXT_CONSTRUCTED(0));
    list = carnet_der_begin(&b, CARNET_DER_SEQUENCE);
    carnet_der_add_raw(&b, carnet_test_hex(odd->extensions));
    carnet_der_end(&b, list);
    carnet_der_end(&b, extensions);
    carnet_der_end(&b, tbs);
    carnet_der_add_raw(&b, algorithm);
    carnet_der_add_bit_string(&b, carnet_test_hex("3000"));
    carnet_der_end(&b, outer);
    return (carnet_span){ b.ptr, b.len };
}

static void
tells_good_lists_from_odd_ones(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(oddities); i++) {
        carnet_span der = make_odd(&oddities[i]);
        carnet_err err = { 0 };
        carnet_crl crl;
        carnet_rc rc = carnet_crl_open(der, &crl, &err);

        if (rc != oddities[i].open || (rc != CARNET_OK && (err.offset > der.len || crl.der.ptr != NULL)))
            fail_msg("%s: %s at %zu", oddities[i].what, carnet_rc_name(rc), err.offset);
        if (rc == CARNET_OK && carnet_crl_conforms(&crl, NULL, &err) != oddities[i].conforms)
            fail_msg("%s: %s", oddities[i].what, err.reason);
        if ((crl.unknown_critical.len > 0) != oddities[i].unknown_critical)
            fail_msg("%s: unknown critical", oddities[i].what);
    }
}

static void
open_mutated(carnet_span der, void *context)
{
    size_t *opened = context;
    carnet_crl crl;
    carnet_crl_entry entry;
    carnet_err err = { 0 };
    carnet_span at = { 0 };
    size_t count = 0;

    if (carnet_crl_open(der, &crl, &err) != CARNET_OK) {
        assert_true(err.offset <= der.len && crl.der.ptr == NULL);
        return;
    }
    (*opened)++;
    while (carnet_crl_next(&crl, &at, &entry))
        count++;
    assert_int_equal(count, crl.count);
}

static void
survives_every_prefix_and_every_bit(void **state)
{
    carnet_span der = make_odd(&oddities[6]);
    size_t prefixes = 0, bits = 0;

    (void)state;
    carnet_test_every_prefix(der, open_mutated, &prefixes);
    carnet_test_every_bit(der, open_mutated, &bits);
    assert_int_equal(prefixes, 0);
    assert_true(bits > 100);
}

/* --- along a path --- */

static carnet_outcome
revocation(const carnet_span *lists, size_t count, carnet_time now, carnet_outcome *fresh)
{
    forge signer = forge_signer("Root", 0);
    carnet_certificate root = open_root();
    carnet_anchor_array anchors = { &root, 1 };
    carnet_crl_array array = { lists, count };
    carnet_trust_anchors anchor_source = carnet_trust_anchors_of(&anchors);
    carnet_revocation_source source = carnet_revocation_source_of(&array);
    carnet_path_options options = { .struct_size = sizeof(options),
                                    .profile = &carnet_profile_document_signer_mdl,
                                    .anchors = &anchor_source,
                                    .revocation = &source };
    const carnet_report_entry *entry;
    carnet_span der;

    signer.serial_len = 8;
    der = forge_make(&signer, &crypto, &arena);
    carnet_report_init(&out.report, out.entries, CARNET_COUNT(out.entries), now, 0);
    assert_carnet_ok(carnet_certificate_path_validate(&der, 1, &options, &crypto, &out.report, &out.path), NULL);
    entry = carnet_report_find(&out.report, CARNET_CHECK_REVOCATION_FRESH, CARNET_NO_DOCUMENT);
    *fresh = entry != NULL ? entry->outcome : CARNET_NOT_DONE;
    return chain_outcome(CARNET_CHECK_REVOCATION);
}

static void
the_latest_list_that_verifies_decides(void **state)
{
    carnet_certificate root = open_root();
    carnet_crl_spec before = month(), after = month();
    carnet_crl_entry entry = { carnet_span_of(serials[2], 8), FORGE_NOW - 100 };
    carnet_span lists[2];
    carnet_outcome fresh;

    (void)state;
    after.this_update += 100;
    after.entries = &entry;
    after.count = 1;
    lists[0] = build(&after, &root);
    lists[1] = build(&before, &root);
    assert_int_equal(revocation(lists, 2, FORGE_NOW, &fresh), CARNET_FAIL);
    assert_int_equal(fresh, CARNET_PASS);
    assert_string_equal(chain_detail(CARNET_CHECK_REVOCATION), "certificate 0 was revoked 2023-11-14T22:11:40Z");
    assert_int_equal(carnet_report_find(&out.report, CARNET_CHECK_REVOCATION, CARNET_NO_DOCUMENT)->rc,
                     CARNET_E_X509_REVOKED);
    assert_int_equal(revocation(lists + 1, 1, FORGE_NOW, &fresh), CARNET_PASS);
    assert_int_equal(out.path.next_update, before.next_update);
    assert_int_equal(carnet_certificate_path_until(&out.path), before.next_update);
    arena.ptr[(size_t)(lists[0].ptr - arena.ptr) + lists[0].len - 1] ^= 1;
    assert_int_equal(revocation(lists, 2, FORGE_NOW, &fresh), CARNET_PASS);
    assert_int_equal(revocation(lists, 1, FORGE_NOW, &fresh), CARNET_UNDETERMINED);
    assert_int_equal(fresh, CARNET_NOT_DONE);
}

static void
of_lists_of_one_second_the_number_decides(void **state)
{
    static const uint64_t numbers[][2] = { { 7, 8 }, { 127, 128 }, { 255, 256 }, { 0x7fff, 0x8000 }, { 0x1fe, 0x1ff } };
    carnet_crl_entry entry = { carnet_span_of(serials[2], 8), FORGE_NOW - 100 };
    carnet_outcome fresh;

    (void)state;
    for (size_t i = 0; i < 2 * CARNET_COUNT(numbers); i++) {
        bool revoked = i % 2 != 0;
        carnet_crl_spec spec[2] = { month(), month() };
        carnet_certificate root;
        carnet_span lists[2];

        (void)chain_empty(NULL);
        root = open_root();
        spec[revoked].entries = &entry;
        spec[revoked].count = 1;
        for (size_t k = 0; k < 2; k++) {
            spec[k].number = numbers[i / 2][k];
            lists[k] = build(&spec[k], &root);
        }
        assert_int_equal(revocation(lists, 2, FORGE_NOW, &fresh), revoked ? CARNET_FAIL : CARNET_PASS);
        lists[0] = build(&spec[1], &root);
        lists[1] = build(&spec[0], &root);
        assert_int_equal(revocation(lists, 2, FORGE_NOW, &fresh), revoked ? CARNET_FAIL : CARNET_PASS);
    }
}

static void
a_list_is_fresh_from_its_first_to_its_last_second(void **state)
{
    carnet_certificate root = open_root();
    carnet_crl_spec spec = month();
    carnet_span list = build(&spec, &root);
    carnet_outcome fresh;

    (void)state;
    assert_int_equal(revocation(&list, 1, spec.next_update, &fresh), CARNET_PASS);
    assert_int_equal(fresh, CARNET_PASS);
    assert_int_equal(revocation(&list, 1, spec.next_update + 1, &fresh), CARNET_PASS);
    assert_int_equal(fresh, CARNET_FAIL);
    assert_int_equal(revocation(&list, 1, spec.this_update, &fresh), CARNET_PASS);
    assert_int_equal(fresh, CARNET_PASS);
    assert_int_equal(revocation(&list, 1, spec.this_update - 1, &fresh), CARNET_PASS);
    assert_int_equal(fresh, CARNET_FAIL);
}

static void
without_a_list_nothing_is_known(void **state)
{
    carnet_span garbage = CARNET_TEST_BYTES("\x30\x00");
    carnet_outcome fresh;

    (void)state;
    assert_int_equal(revocation(NULL, 0, FORGE_NOW, &fresh), CARNET_NOT_DONE);
    assert_int_equal(revocation(&garbage, 1, FORGE_NOW, &fresh), CARNET_UNDETERMINED);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(reads_back_what_was_made, chain_empty),
        cmocka_unit_test_setup(is_not_made_against_its_profile, chain_empty),
        cmocka_unit_test_setup(tells_good_lists_from_odd_ones, chain_empty),
        cmocka_unit_test_setup(survives_every_prefix_and_every_bit, chain_empty),
        cmocka_unit_test_setup(the_latest_list_that_verifies_decides, chain_empty),
        cmocka_unit_test_setup(of_lists_of_one_second_the_number_decides, chain_empty),
        cmocka_unit_test_setup(a_list_is_fresh_from_its_first_to_its_last_second, chain_empty),
        cmocka_unit_test_setup(without_a_list_nothing_is_known, chain_empty),
    };

    return cmocka_run_group_tests(tests, chain_setup, chain_teardown);
}
