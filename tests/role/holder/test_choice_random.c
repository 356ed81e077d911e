/* SPDX-License-Identifier: Apache-2.0 */
/* Random requests, holdings and consents, seeded: nothing leaves that was not asked for and consented to. */
#include "carnet/reader_satisfied.h"
#include "choice_world.h"

#include <stdio.h>
#include <string.h>

#define ROUNDS 2000

static choice_world c;
static carnet_test_seed seed;

static size_t
below(size_t n)
{
    return (size_t)(carnet_test_number(&seed) % n);
}

static bool
chance(size_t percent)
{
    return below(100) < percent;
}

/* --- random text in the language of choice_world.h --- */

static char text[2048];
static size_t used;

static void
say(const char *word)
{
    used += (size_t)snprintf(text + used, sizeof(text) - used, "%s", word);
    assert_true(used < sizeof(text));
}

static const char *const type_names[] = { "mdl", "pid", "pho" };
static const char *const names[] = { "family_name", "given_name",  "height",      "portrait", "x:a",
                                     "age_over_16", "age_over_18", "age_over_21", "CHV_1" };

static const char *
some_document(void)
{
    used = 0;
    say(type_names[below(CARNET_COUNT(type_names))]);
    say(chance(50) ? "@A" : "@B");
    say(" birth_date");
    for (size_t i = 0; i < CARNET_COUNT(names) - 1; i++)
        if (chance(60)) {
            bool age = names[i][0] == 'a';

            say(chance(15) && !age ? (chance(70) ? " ~" : " ?") : " ");
            say(names[i]);
            say(age && chance(40) ? "-" : "");
        }
    say(chance(50) ? " %CHV_1" : "");
    say(chance(20) ? " !" : "");
    return text;
}

static void
say_element(void)
{
    say(names[below(CARNET_COUNT(names))]);
}

static void
say_doc_request(void)
{
    size_t first = below(CARNET_COUNT(names)), count = 1 + below(4);

    say(type_names[below(CARNET_COUNT(type_names))]);
    for (size_t i = 0; i < count; i++) {
        say(" ");
        say(names[(first + i) % CARNET_COUNT(names)]);
        say(chance(30) ? "!" : "");
        for (size_t k = chance(30) ? 1 + below(2) : 0; k > 0; k--) {
            say("|");
            say_element();
            if (chance(30)) {
                say("+");
                say_element();
            }
        }
    }
    say(chance(10) ? " issuer=A" : "");
    say(chance(10) ? " issuer=B" : "");
    say(chance(10) ? " unique=no" : "");
    say(chance(10) ? " max=1500" : "");
}

static size_t
say_request(void)
{
    size_t count = 1 + below(4);

    used = 0;
    for (size_t i = 0; i < count; i++) {
        say(i != 0 ? " ; " : "");
        say_doc_request();
    }
    return count;
}

static const char *
some_use_cases(size_t doc_requests)
{
    static char cases[256];
    size_t len = 0;

    if (chance(40))
        return NULL;
    for (size_t i = 1 + below(3); i > 0; i--) {
        len += (size_t)snprintf(cases + len, sizeof(cases) - len, "%s", chance(50) ? " M" : " O");
        for (size_t k = 1 + below(3); k > 0; k--) {
            len += (size_t)snprintf(cases + len, sizeof(cases) - len, "%zu", below(doc_requests));
            if (chance(40))
                len += (size_t)snprintf(cases + len, sizeof(cases) - len, ",%zu", below(doc_requests));
            len += (size_t)snprintf(cases + len, sizeof(cases) - len, "/");
        }
    }
    return cases;
}

/* --- a holder who does anything --- */

static void
go_through(void)
{
    size_t index = 0;
    carnet_offer *o;

    for (size_t i = below(4); i > 0; i--) {
        (void)carnet_choice_take(&c.choice, below(4), NULL);
        (void)carnet_choice_leave(&c.choice, below(4), NULL);
        (void)carnet_choice_elect(&c.choice, below(c.choice.offer_count + 1), NULL);
        (void)carnet_choice_take_set(&c.choice, below(3), chance(20) ? CARNET_NO_SET : below(6), NULL);
        if (chance(30))
            carnet_choice_take_all_use_cases(&c.choice);
    }
    for (size_t i = 0; i < c.choice.offer_count; i++) {
        c.offers[i].consented = chance(85); /* also of what would not leave */
        if (chance(50))
            (void)carnet_choice_verified(&c.choice, i, (carnet_span){ 0 }, NULL);
    }
    while (chance(50) && carnet_choice_next(&c.choice, &index, &o))
        o->consented = true;
}

/* --- what left --- */

/* The element was consented to, would have left, and is of this document. */
static void
check_element(carnet_str doc_type, carnet_str name_space, carnet_str identifier, bool device_signed)
{
    for (size_t i = 0; i < c.choice.offer_count; i++) {
        const carnet_offer *o = &c.offers[i];

        if (o->consented && o->elected && o->device_signed == device_signed && (!o->verification || o->verified) &&
            (c.choice.wanted >> o->doc_request & 1) != 0 && c.choice.candidates[o->candidate].taken &&
            carnet_str_equal(c.held[o->document].doc_type, doc_type) && carnet_str_equal(o->name_space, name_space) &&
            carnet_str_equal(o->identifier, identifier))
            return;
    }
    fail_msg("%.*s left", (int)identifier.len, identifier.ptr);
}

static size_t
check_document(carnet_span encoded)
{
    carnet_document document;
    carnet_issuer_signed view;
    carnet_issuer_signed_item item;
    carnet_issuer_signed_cursor cursor = { 0 };
    carnet_device_signed device_signed;
    carnet_element_walk walk;
    carnet_element element_signed;
    size_t ages = 0;

    assert_carnet_ok(carnet_document_open(encoded, 0, &document, &c.w.err), &c.w.err);
    assert_carnet_ok(carnet_issuer_signed_open(document.issuer_signed, 0, &view, &c.w.err), &c.w.err);
    assert_carnet_ok(carnet_issuer_signed_unique(&view, &c.w.err), &c.w.err);
    assert_carnet_ok(carnet_device_signed_open(document.device_signed, 0, &device_signed, &c.w.err), &c.w.err);
    while (carnet_issuer_signed_next(&view, &cursor, &item)) {
        check_element(document.doc_type, item.name_space, item.identifier, false);
        ages += carnet_str_starts(item.identifier, "age_over_");
    }
    carnet_element_begin(&walk, device_signed.name_spaces.content);
    while (carnet_element_next(&walk, &element_signed))
        check_element(document.doc_type, element_signed.name_space, element_signed.identifier, true);
    return ages;
}

/* Everything the device signed was authorised, nothing is twice, and all was asked for. */
static void
check_as_reader(void)
{
    carnet_verification v = { .struct_size = sizeof(v),
                              .crypto = &c.w.crypto,
                              .anchors = &c.w.anchors,
                              .session_transcript = carnet_test_hex("83f6f6f6") };

    c.w.report.count = 0;
    assert_carnet_ok(carnet_device_response_verify(&v, c.response, &c.w.report, &c.w.err), &c.w.err);
    carnet_reader_check_answers(c.response, c.request, &c.w.report);
    assert_false(c.w.report.overflow);
    for (size_t i = 0; i < c.w.report.count; i++) {
        const carnet_report_entry *e = &c.w.report.entries[i];

        if ((e->check == CARNET_CHECK_ANSWERS_REQUEST || e->check == CARNET_CHECK_DEVICE_AUTHORISED ||
             e->check == CARNET_CHECK_ELEMENT_TWICE || e->check == CARNET_CHECK_DEVICE_AUTHENTICATION) &&
            e->outcome == CARNET_FAIL)
            fail_msg("%s: %s %s", carnet_check_slug(e->check), e->path, e->detail);
    }
}

static void
check_response(carnet_rc settled, carnet_broken broken)
{
    carnet_device_response view;
    carnet_satisfaction s;
    size_t ages = 0, size;
    carnet_buf scratch = carnet_buf_of(c.scratch, sizeof(c.scratch));

    assert_carnet_ok(carnet_device_response_open(c.response, 0, &view, &c.w.err), &c.w.err);
    assert_int_equal(view.count != 0, settled == CARNET_OK);
    for (size_t i = 0; i < view.count; i++)
        ages += check_document(carnet_device_response_document(&view, i));
    assert_in_range(ages, 0, 2);
    check_as_reader();
    assert_true(c.response.len <= carnet_choice_maximum_size(&c.choice));
    assert_carnet_ok(carnet_choice_size(&c.choice, &c.w.crypto, NULL, &scratch, &size, &c.w.err), &c.w.err);
    assert_int_equal(size, c.response.len);
    assert_carnet_ok(carnet_reader_satisfaction(c.response, c.request, &s, &c.w.err), &c.w.err);
    if (settled == CARNET_OK && broken == CARNET_BROKEN_NOTHING && ages < 2 && c.choice.use_case_count != 0)
        assert_true(s.satisfied);
}

static void
one_round(size_t round)
{
    carnet_choice_options options = { .partial = chance(30) ? CARNET_PARTIAL_NEVER : CARNET_PARTIAL_WITHOUT_USE_CASES,
                                      .now = chance(50) ? c.w.report.now : 0 };
    carnet_broken broken = chance(20) ? CARNET_BROKEN_SMALLER : CARNET_BROKEN_NOTHING;
    carnet_buf scratch = carnet_buf_of(c.scratch, sizeof(c.scratch));
    carnet_rc settled;

    if (round % 8 == 0) { /* documents are dear to make */
        choice_world_forget(&c);
        for (size_t i = 1 + below(4); i > 0; i--)
            choice_world_hold(&c, some_document());
    }
    size_t count = say_request();
    choice_world_ask(&c, text, some_use_cases(count), (carnet_span){ 0 });
    assert_carnet_ok(choice_world_make(&c, &options), &c.w.err);
    go_through();
    settled = carnet_choice_settle(&c.choice, broken, &c.w.err);
    if (settled == CARNET_OK)
        settled = carnet_choice_fit(&c.choice, &c.w.crypto, NULL, &scratch, &c.w.err);
    assert_true(settled == CARNET_OK || settled == CARNET_E_ROLE_CONSENT || settled == CARNET_E_ROLE_UNSATISFIED);
    assert_carnet_ok(choice_world_respond(&c), &c.w.err);
    check_response(settled, broken);
}

static void
nothing_leaves_but_what_was_asked_for_and_consented_to(void **state)
{
    size_t answered = 0;

    (void)state;
    seed = (carnet_test_seed){ 0 };
    choice_world_begin(&c);
    for (size_t round = 0; round < ROUNDS; round++) {
        one_round(round);
        answered += c.response.len > 500;
    }
    choice_world_done(&c);
    assert_in_range(answered, ROUNDS / 8, ROUNDS); /* else this test tests nothing */
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_leaves_but_what_was_asked_for_and_consented_to),
    };

    return cmocka_run_group_tests_name("role/holder choice at random", tests, NULL, NULL);
}
