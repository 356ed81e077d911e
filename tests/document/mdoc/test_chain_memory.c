/* SPDX-License-Identifier: Apache-2.0 */
/* What is remembered of signers' chains, and when it is forgotten. */
#include "judge.h"

#include <string.h>

static world w;
static uint8_t room[8192];
static carnet_remembered_chain slots[4];
static carnet_chain_memory memory;
static carnet_span response;

static int
set_up(void **state)
{
    (void)state;
    world_init(&w);
    carnet_chain_memory_init(&memory, slots, CARNET_COUNT(slots));
    w.j.with.memory = &memory;
    response = world_present(&w, false, room, sizeof(room));
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    world_done(&w);
    return 0;
}

/* Verify, and say whether the chain was recalled. */
static bool
recalled(void)
{
    uint64_t before = memory.recalled;

    judge_response(&w.j, response);
    assert_carnet_ok(w.j.rc, &w.j.err);
    return memory.recalled != before;
}

static void
a_good_chain_is_recalled_with_the_same_report(void **state)
{
    static carnet_report_entry first[JUDGE_ENTRIES];
    size_t count;

    (void)state;
    assert_false(recalled());
    assert_int_equal(judge_verdict(&w.j, true), CARNET_VERDICT_VALID);
    count = w.j.report.count;
    memcpy(first, w.j.entries, sizeof(first));
    assert_true(recalled());
    assert_int_equal(w.j.report.count, count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(w.j.entries[i].check, first[i].check);
        assert_int_equal(w.j.entries[i].outcome, first[i].outcome);
        assert_int_equal(w.j.entries[i].rc, first[i].rc);
        assert_int_equal(w.j.entries[i].document, first[i].document);
        assert_int_equal(w.j.entries[i].offset, first[i].offset);
        assert_string_equal(w.j.entries[i].path, first[i].path);
        assert_string_equal(w.j.entries[i].detail, first[i].detail);
    }
}

static void
a_chain_outlives_neither_its_time_nor_the_anchors(void **state)
{
    carnet_time now = w.j.now;

    (void)state;
    assert_false(recalled());
    w.j.now = 1811808000; /* 2027-06-01: the last second of the certificates */
    assert_true(recalled());
    w.j.now++;
    assert_false(recalled());
    assert_int_equal(judge_outcome(&w.j, CARNET_CHECK_PATH_VALIDITY), CARNET_FAIL);
    w.j.now = 1780272000 - 1; /* a second before they begin */
    assert_false(recalled());
    assert_int_equal(judge_outcome(&w.j, CARNET_CHECK_PATH_VALIDITY), CARNET_FAIL);
    w.j.now = now;
    assert_true(recalled());
    w.j.generation++;
    assert_false(recalled());
    assert_true(recalled());
}

static void
an_anchor_taken_away_takes_the_chain_with_it(void **state)
{
    (void)state;
    assert_false(recalled());
    w.j.anchors.count = 0;
    w.j.generation++;
    assert_false(recalled());
    assert_int_equal(judge_outcome(&w.j, CARNET_CHECK_PATH_FOUND), CARNET_FAIL);
    assert_false(recalled()); /* and what is bad is not remembered */
    assert_int_equal(judge_verdict(&w.j, false), CARNET_VERDICT_NEGATIVE);
}

static void
another_profile_judges_anew(void **state)
{
    (void)state;
    assert_false(recalled());
    w.j.with.signer_profile = &carnet_profile_jws_signer;
    assert_false(recalled());
    assert_int_equal(judge_outcome(&w.j, CARNET_CHECK_SIGNER_EXTENDED_KEY_USAGE), CARNET_FAIL);
    w.j.with.signer_profile = NULL;
    assert_true(recalled());
}

static uint64_t lists_generation = 1;

static uint64_t
generation_of_lists(const void *self)
{
    (void)self;
    return lists_generation;
}

static void
revocation_judges_anew_and_a_source_without_generation_always(void **state)
{
    static carnet_crl_array none = { NULL, 0 };
    carnet_revocation_source source = carnet_revocation_source_of(&none);

    (void)state;
    assert_false(recalled());
    w.j.with.revocation = &source;
    assert_false(recalled());
    assert_false(recalled());
    source.generation = generation_of_lists;
    assert_false(recalled());
    assert_true(recalled());
    lists_generation++;
    assert_false(recalled());
    w.j.with.revocation = NULL;
    assert_true(recalled());
    w.j.source.generation = NULL;
    assert_false(recalled());
}

static void
the_least_recently_used_is_replaced(void **state)
{
    static uint8_t other_room[2][8192];
    static world others[2];
    carnet_span first = response, second, third;

    (void)state;
    for (size_t i = 0; i < 2; i++)
        world_init(&others[i]);
    second = world_present(&others[0], false, other_room[0], sizeof(other_room[0]));
    third = world_present(&others[1], false, other_room[1], sizeof(other_room[1]));
    carnet_chain_memory_init(&memory, slots, 2);
    const carnet_certificate anchors[] = { w.j.anchor, others[0].j.anchor, others[1].j.anchor };
    w.j.anchors = (carnet_anchor_array){ anchors, 3 };
    assert_false(recalled());
    response = second;
    assert_false(recalled());
    response = first;
    assert_true(recalled());
    response = third; /* takes the place of the second */
    assert_false(recalled());
    response = first;
    assert_true(recalled());
    response = second;
    assert_false(recalled());
    for (size_t i = 0; i < 2; i++)
        world_done(&others[i]);
}

static void
a_forged_signature_gains_nothing_from_a_remembered_chain(void **state)
{
    uint8_t *bytes = room;
    carnet_device_response view;
    carnet_document document;
    carnet_issuer_signed held;

    (void)state;
    assert_false(recalled());
    assert_carnet_ok(carnet_device_response_open(response, 0, &view, &w.j.err), &w.j.err);
    assert_carnet_ok(carnet_document_open(carnet_device_response_document(&view, 0), 0, &document, &w.j.err), &w.j.err);
    assert_carnet_ok(carnet_issuer_signed_open(document.issuer_signed, 0, &held, &w.j.err), &w.j.err);
    bytes[(size_t)(held.issuer_auth.ptr - bytes) + held.issuer_auth.len - 1] ^= 1;
    assert_true(recalled());
    assert_int_equal(judge_outcome(&w.j, CARNET_CHECK_ISSUER_SIGNATURE), CARNET_FAIL);
}

static void
a_memory_without_slots_remembers_nothing(void **state)
{
    (void)state;
    carnet_chain_memory_init(&memory, NULL, 0);
    assert_false(recalled());
    assert_false(recalled());
    assert_int_equal(judge_verdict(&w.j, true), CARNET_VERDICT_VALID);
    carnet_chain_memory_init(&memory, slots, 1);
    assert_false(recalled());
    carnet_chain_memory_forget(&memory);
    assert_false(recalled());
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_good_chain_is_recalled_with_the_same_report),
        CASE(a_chain_outlives_neither_its_time_nor_the_anchors),
        CASE(an_anchor_taken_away_takes_the_chain_with_it),
        CASE(another_profile_judges_anew),
        CASE(revocation_judges_anew_and_a_source_without_generation_always),
        CASE(the_least_recently_used_is_replaced),
        CASE(a_forged_signature_gains_nothing_from_a_remembered_chain),
        CASE(a_memory_without_slots_remembers_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
