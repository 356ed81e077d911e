/* SPDX-License-Identifier: Apache-2.0 */
/* What a terminal was shown is evidence of a session: taken, kept, taken once. */
#include "documents.h"

#include <stdio.h>
#include <string.h>

#define AT                                                                                                             \
    ",\"bindingMessage\":\"K7Q2\",\"transaction\":{\"type\":\"ATM_CWD\",\"ref\":\"ST2\",\"amount\":\"000000005000\","  \
    "\"currency\":\"840\",\"terminalId\":\"ATM00002\",\"text\":\"Withdraw 50.00 USD at ATM00002\"}"
#define SUBMIT "/enterprise/SubmitEvidence"

static void
begin(void)
{
    document_issue(&w.alice);
    assert_int_equal(enrol(&w.alice, w.user, NULL), 200);
}

static void
a_document_shown_to_a_terminal_may_suffice(void **state)
{
    char vot[64];

    (void)state;
    begin();
    start(VTR("\"Ce\"") AT);
    ask(BANK, SUBMIT, "%s", document_shown(&w.alice, "ATM00002", "bm9uY2U"));
    assert_int_equal(w.reply.status, 200);
    assert_true(said("\"status\":\"AUTHENTICATED\""));
    status_is(w.session, "AUTHENTICATED");
    member("vot", vot, sizeof(vot));
    assert_string_equal(vot, "Ce");
    /* The device has nothing to add. */
    assert_int_equal(approve(&w.alice, w.session), CARNET_BOPS_STATUS_NONE);
    assert_refused(409, 111);
    assert_null(strstr(w.log, "bm9uY2U"));
}

static void
what_does_not_suffice_is_kept_for_the_device(void **state)
{
    char vot[64];

    (void)state;
    begin();
    start(VTR("\"Ce.Cg.Cj.Cn\"") AT);
    ask(BANK, SUBMIT, "%s", document_shown(&w.alice, "ATM00002", "bm9uY2U"));
    assert_int_equal(w.reply.status, 200);
    assert_true(said("\"status\":\"OPPORTUNITY\""));
    status_is(w.session, "OPPORTUNITY");
    w.at = 1; /* the other instance knows of it */
    assert_int_equal(approve(&w.alice, w.session), CARNET_BOPS_AUTHENTICATED);
    status_is(w.session, "AUTHENTICATED");
    member("vot", vot, sizeof(vot));
    assert_non_null(strstr(vot, "Cg"));
}

/* The phone of this test shows no documents itself. */
static void
who_the_user_is_need_not_be_shown_twice(void **state)
{
    static const char wanted[] = ",\"vtr\":[\"P3.Ce.Cg.Cn\"],\"vtm\":\"https://idp.example/trust\"" AT;
    char vot[64];

    (void)state;
    begin();
    start(wanted);
    assert_int_equal(w.reply.status, 200);
    assert_int_equal(approve(&w.alice, w.session), CARNET_BOPS_FAILED);
    w.now += 121;
    start(wanted);
    ask(BANK, SUBMIT, "%s", document_shown(&w.alice, "ATM00002", "bm9uY2U"));
    assert_int_equal(w.reply.status, 200);
    ask_phone(&w.alice, "/enterprise/RegisterSession", "{\"sessionId\":\"%s\"}", w.session);
    assert_false(said("MDOC"));
    assert_int_equal(approve(&w.alice, w.session), CARNET_BOPS_AUTHENTICATED);
    status_is(w.session, "AUTHENTICATED");
    member("vot", vot, sizeof(vot));
    assert_memory_equal(vot, "P3.C", 4);
}

static void
one_presentation_serves_one_session(void **state)
{
    static char body[16384];
    char first[32], *at;

    (void)state;
    begin();
    start(VTR("\"Ce\"") AT);
    (void)snprintf(first, sizeof(first), "%s", w.session);
    (void)snprintf(body, sizeof(body), "%s", document_shown(&w.alice, "ATM00002", "bm9uY2U"));
    ask(BANK, SUBMIT, "%s", body);
    assert_int_equal(w.reply.status, 200);
    ask(BANK, SUBMIT, "%s", body);
    assert_refused(409, 111); /* the session is over */
    start(VTR("\"Ce\"") AT);
    assert_string_not_equal(first, w.session);
    assert_non_null(at = strstr(body, first));
    memcpy(at, w.session, strlen(first));
    ask(BANK, SUBMIT, "%s", body);
    assert_refused(409, 111); /* nor is it of another one */
    status_is(w.session, "OPPORTUNITY");
    ask(BANK, SUBMIT, "%s", document_shown(&w.alice, "ATM00002", "YW5vdGhlcg"));
    assert_int_equal(w.reply.status, 200);
}

static void
another_terminal_party_or_document_proves_nothing(void **state)
{
    (void)state;
    begin();
    start(VTR("\"Ce\"") AT);
    ask(SHOP, SUBMIT, "%s", document_shown(&w.alice, "ATM00002", "bm9uY2U"));
    assert_refused(404, 903);
    ask(BANK, SUBMIT, "%s", document_shown(&w.alice, "ATM00001", "bm9uY2U"));
    assert_refused(403, 141);
    start(VTR("\"Ce\"") TRANSACTION); /* at ATM00001 */
    ask(BANK, SUBMIT, "%s", document_shown(&w.alice, "ATM00002", "bm9uY2U"));
    assert_refused(400, 101);
    carnet_key_done(&w.document);
    document_issue(&w.alice); /* of a key that nobody enrolled */
    w.now += 121;
    start(VTR("\"Ce\"") AT);
    ask(BANK, SUBMIT, "%s", document_shown(&w.alice, "ATM00002", "bm9uY2U"));
    assert_refused(400, 101);
    status_is(w.session, "OPPORTUNITY");
}

int
main(int argc, char **argv)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, world_begin, world_end)
    const struct CMUnitTest tests[] = {
        TEST(a_document_shown_to_a_terminal_may_suffice),        TEST(what_does_not_suffice_is_kept_for_the_device),
        TEST(who_the_user_is_need_not_be_shown_twice),           TEST(one_presentation_serves_one_session),
        TEST(another_terminal_party_or_document_proves_nothing),
    };

    return world_run(argc, argv, tests, CARNET_COUNT(tests));
}
