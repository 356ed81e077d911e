/* SPDX-License-Identifier: Apache-2.0 */
/* Consent policies: what they say, and how they are read. */
#include "carnet/consent_file.h"
#include "choice_world.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

static choice_world c;

/* A policy from text, in storage of just the size promised. */
static carnet_rc
read_policy(const char *text, carnet_consent_policy *policy, carnet_err *err)
{
    static max_align_t room[8192 / sizeof(max_align_t)];
    carnet_buf storage = carnet_buf_of(room, CARNET_CONSENT_FILE_STORAGE(strlen(text)));
    carnet_json *json = NULL;
    carnet_rc rc;

    assert_in_range(storage.cap, 1, sizeof(room));
    assert_carnet_ok(carnet_json_parse(carnet_str_of(text), &json, err), err);
    rc = carnet_consent_file_read(json, &storage, policy, err);
    carnet_json_free(&json);
    return rc;
}

#define HEX32 "0707070707070707070707070707070707070707070707070707070707070707"

/* A reader: 't' trusted and called Gate, 'u' not known but called so, 'b' bad, 'r' rejected, 'n' not signed; all but the last
 * with a certificate. */
static carnet_reader_identity
reader_of(char kind)
{
    carnet_reader_identity reader = { .trust = kind == 't'   ? CARNET_READER_TRUSTED
                                               : kind == 'u' ? CARNET_READER_UNKNOWN
                                               : kind == 'b' ? CARNET_READER_BAD
                                               : kind == 'r' ? CARNET_READER_REJECTED
                                                             : CARNET_READER_UNSIGNED };

    if (kind != 'n') {
        reader.name = carnet_str_of("Gate");
        reader.certificate = CARNET_TEST_BYTES("a certificate");
        memset(reader.fingerprint, 7, sizeof(reader.fingerprint));
    }
    return reader;
}

#define PID "eu.europa.ec.eudi.pid.1"

static const struct {
    const char *rules, *doc_type, *name_space, *element;
    char reader;
    bool retain;
    carnet_consent_verdict verdict;
} judgements[] = {
    { "", MDL, MDL_NS, "portrait", 't', false, CARNET_CONSENT_ASK },
    { "{\"consent\":\"allow\"}", MDL, MDL_NS, "portrait", 'n', true, CARNET_CONSENT_ALLOW },
    { "{\"consent\":\"deny\"},{\"consent\":\"allow\"}", MDL, MDL_NS, "portrait", 't', true, CARNET_CONSENT_DENY },
    /* document type, name space, element */
    { "{\"consent\":\"allow\",\"docType\":\"" MDL "\"}", MDL, MDL_NS, "height", 'n', false, CARNET_CONSENT_ALLOW },
    { "{\"consent\":\"allow\",\"docType\":\"" MDL "\"}", PID, PID, "height", 'n', false, CARNET_CONSENT_ASK },
    { "{\"consent\":\"allow\",\"docType\":\"" MDL ".\"}", MDL, MDL_NS, "height", 'n', false, CARNET_CONSENT_ASK },
    { "{\"consent\":\"allow\",\"nameSpace\":\"" MDL_NS "\"}", MDL, MDL_NS, "x", 'n', false, CARNET_CONSENT_ALLOW },
    { "{\"consent\":\"allow\",\"nameSpace\":\"" MDL_NS "\"}", MDL, "other", "x", 'n', false, CARNET_CONSENT_ASK },
    { "{\"consent\":\"allow\",\"element\":\"x\"}", MDL, MDL_NS, "x", 'n', false, CARNET_CONSENT_ALLOW },
    { "{\"consent\":\"allow\",\"element\":\"x\"}", MDL, MDL_NS, "xy", 'n', false, CARNET_CONSENT_ASK },
    { "{\"consent\":\"allow\",\"element\":\"age_*\"}", MDL, MDL_NS, "age_over_18", 'n', false, CARNET_CONSENT_ALLOW },
    { "{\"consent\":\"allow\",\"element\":\"age_*\"}", MDL, MDL_NS, "age", 'n', false, CARNET_CONSENT_ASK },
    { "{\"consent\":\"allow\",\"element\":\"*\"}", MDL, MDL_NS, "age", 'n', false, CARNET_CONSENT_ALLOW },
    { "{\"consent\":\"allow\",\"element\":\"a*e\"}", MDL, MDL_NS, "age", 'n', false, CARNET_CONSENT_ASK },
    /* retention */
    { "{\"consent\":\"deny\",\"retain\":true}", PID, PID, "x", 't', true, CARNET_CONSENT_DENY },
    { "{\"consent\":\"deny\",\"retain\":true}", PID, PID, "x", 't', false, CARNET_CONSENT_ASK },
    { "{\"consent\":\"allow\",\"retain\":false}", PID, PID, "x", 't', false, CARNET_CONSENT_ALLOW },
    { "{\"consent\":\"allow\",\"retain\":false}", PID, PID, "x", 't', true, CARNET_CONSENT_ASK },
    /* readers */
    { "{\"consent\":\"allow\",\"reader\":[\"trusted\"]}", PID, PID, "x", 't', false, CARNET_CONSENT_ALLOW },
    { "{\"consent\":\"allow\",\"reader\":[\"trusted\"]}", PID, PID, "x", 'u', false, CARNET_CONSENT_ASK },
    { "{\"consent\":\"allow\",\"reader\":[\"trusted\"]}", PID, PID, "x", 'b', false, CARNET_CONSENT_ASK },
    { "{\"consent\":\"deny\",\"reader\":[\"unsigned\",\"bad\"]}", PID, PID, "x", 'n', false, CARNET_CONSENT_DENY },
    { "{\"consent\":\"deny\",\"reader\":[\"unsigned\",\"bad\"]}", PID, PID, "x", 'b', false, CARNET_CONSENT_DENY },
    { "{\"consent\":\"deny\",\"reader\":[\"unsigned\",\"bad\"]}", PID, PID, "x", 'r', false, CARNET_CONSENT_ASK },
    { "{\"consent\":\"allow\",\"readerName\":\"Gate\"}", PID, PID, "x", 't', false, CARNET_CONSENT_ALLOW },
    { "{\"consent\":\"allow\",\"readerName\":\"Gate\"}", PID, PID, "x", 'u', false, CARNET_CONSENT_ASK },
    { "{\"consent\":\"allow\",\"readerName\":\"Gate\"}", PID, PID, "x", 'r', false, CARNET_CONSENT_ASK },
    { "{\"consent\":\"allow\",\"readerName\":\"Gate 2\"}", PID, PID, "x", 't', false, CARNET_CONSENT_ASK },
    { "{\"consent\":\"allow\",\"readerCertificate\":\"" HEX32 "\"}", PID, PID, "x", 't', false, CARNET_CONSENT_ALLOW },
    { "{\"consent\":\"allow\",\"readerCertificate\":\"" HEX32 "\"}", PID, PID, "x", 'u', false, CARNET_CONSENT_ALLOW },
    { "{\"consent\":\"allow\",\"readerCertificate\":\"" HEX32 "\"}", PID, PID, "x", 'b', false, CARNET_CONSENT_ASK },
    { "{\"consent\":\"allow\",\"readerCertificate\":\"" HEX32 "\"}", PID, PID, "x", 'n', false, CARNET_CONSENT_ASK },
    /* a mandatory element of an mDL in proximity does not depend on who asks */
    { "{\"consent\":\"deny\",\"reader\":[\"unsigned\"]}", MDL, MDL_NS, "portrait", 'n', false, CARNET_CONSENT_ASK },
    { "{\"consent\":\"deny\",\"reader\":[\"bad\"]}", MDL, MDL_NS, "portrait", 'b', false, CARNET_CONSENT_ASK },
    { "{\"consent\":\"allow\",\"reader\":[\"trusted\"]},{\"consent\":\"deny\"}", MDL, MDL_NS, "portrait", 'n', false,
      CARNET_CONSENT_ASK },
    { "{\"consent\":\"allow\",\"reader\":[\"trusted\"]},{\"consent\":\"deny\"}", MDL, MDL_NS, "portrait", 't', false,
      CARNET_CONSENT_ALLOW },
    { "{\"consent\":\"allow\",\"reader\":[\"trusted\"]},{\"consent\":\"deny\"}", MDL, MDL_NS, "height", 'n', false,
      CARNET_CONSENT_DENY },
    { "{\"consent\":\"deny\",\"reader\":[\"unsigned\"]},{\"consent\":\"deny\"}", MDL, MDL_NS, "portrait", 'n', false,
      CARNET_CONSENT_DENY },
    { "{\"consent\":\"deny\",\"retain\":true}", MDL, MDL_NS, "portrait", 'n', true, CARNET_CONSENT_DENY },
    { "{\"consent\":\"deny\",\"reader\":[\"unsigned\"]}", PID, PID, "portrait", 'n', false, CARNET_CONSENT_DENY },
};

static void
each_policy_says_what_is_expected(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(judgements); i++) {
        carnet_reader_identity reader = reader_of(judgements[i].reader);
        carnet_consent_policy policy;
        carnet_consent_verdict verdict;
        char text[1024];
        carnet_err err;

        (void)snprintf(text, sizeof(text), "{\"rules\":[%s]}", judgements[i].rules);
        assert_carnet_ok(read_policy(text, &policy, &err), &err);
        verdict = carnet_consent_judge(&policy, &reader, carnet_str_of(judgements[i].doc_type),
                                       carnet_str_of(judgements[i].name_space), carnet_str_of(judgements[i].element),
                                       judgements[i].retain);
        if (verdict != judgements[i].verdict)
            fail_msg("%zu: %s: %d", i, judgements[i].rules, (int)verdict);
    }
}

static void
where_it_is_not_proximity_an_mdl_may_demand_a_reader(void **state)
{
    static const char text[] = "{\"remote\":true,\"rules\":[{\"consent\":\"deny\",\"reader\":[\"unsigned\"]}]}";
    carnet_reader_identity reader = reader_of('n');
    carnet_consent_policy policy;
    carnet_err err;

    (void)state;
    assert_carnet_ok(read_policy(text, &policy, &err), &err);
    assert_int_equal(carnet_consent_judge(&policy, &reader, carnet_str_of(MDL), carnet_str_of(MDL_NS),
                                          carnet_str_of("portrait"), false),
                     CARNET_CONSENT_DENY);
    assert_int_equal(carnet_consent_judge(NULL, &reader, carnet_str_of(MDL), carnet_str_of(MDL_NS),
                                          carnet_str_of("portrait"), false),
                     CARNET_CONSENT_ASK);
}

static const struct {
    const char *text, *path;
} refused[] = {
    { "[]", "" },
    { "{}", "rules" },
    { "{\"rules\":{}}", "rules" },
    { "{\"rules\":[],\"rule\":1}", "rule" },
    { "{\"rules\":[],\"remote\":1}", "remote" },
    { "{\"rules\":[1]}", "rules[0]" },
    { "{\"rules\":[{}]}", "rules[0].consent" },
    { "{\"rules\":[{\"consent\":\"yes\"}]}", "rules[0].consent" },
    { "{\"rules\":[{\"consent\":\"ask\"},{\"consent\":\"ask\",\"doctype\":\"x\"}]}", "rules[1].doctype" },
    { "{\"rules\":[{\"consent\":\"ask\",\"docType\":\"\"}]}", "rules[0].docType" },
    { "{\"rules\":[{\"consent\":\"ask\",\"docType\":null}]}", "rules[0].docType" },
    { "{\"rules\":[{\"consent\":\"ask\",\"reader\":[]}]}", "rules[0].reader" },
    { "{\"rules\":[{\"consent\":\"ask\",\"reader\":\"trusted\"}]}", "rules[0].reader" },
    { "{\"rules\":[{\"consent\":\"ask\",\"reader\":[\"trusted\",\"any\"]}]}", "rules[0].reader[1]" },
    { "{\"rules\":[{\"consent\":\"ask\",\"reader\":[1]}]}", "rules[0].reader[0]" },
    { "{\"rules\":[{\"consent\":\"ask\",\"retain\":\"yes\"}]}", "rules[0].retain" },
    { "{\"rules\":[{\"consent\":\"ask\",\"readerCertificate\":\"07\"}]}", "rules[0].readerCertificate" },
    { "{\"rules\":[{\"consent\":\"ask\",\"readerCertificate\":\"" HEX32 "07\"}]}", "rules[0].readerCertificate" },
    { "{\"rules\":[{\"consent\":\"ask\",\"readerCertificate\":\"\"}]}", "rules[0].readerCertificate" },
    { "{\"rules\":[{\"consent\":\"ask\",\"readerName\":7}]}", "rules[0].readerName" },
};

static void
a_policy_that_is_not_as_specified_is_refused_and_asks(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(refused); i++) {
        carnet_consent_policy policy;
        carnet_err err;

        if (read_policy(refused[i].text, &policy, &err) != CARNET_E_ROLE_POLICY)
            fail_msg("%s was taken", refused[i].text);
        if (strcmp(err.path, refused[i].path) != 0)
            fail_msg("%s: at %s", refused[i].text, err.path);
        assert_int_equal(policy.count, 0);
    }
}

static void
too_many_rules_or_too_little_room_are_refused(void **state)
{
    static char text[16384];
    carnet_buf out = carnet_buf_of(text, sizeof(text) - 1);
    static max_align_t room[65536 / sizeof(max_align_t)];
    carnet_consent_policy policy;
    carnet_json *json = NULL;
    carnet_buf storage;
    carnet_err err;

    (void)state;
    carnet_buf_add_text(&out, "{\"rules\":[");
    for (size_t i = 0; i <= CARNET_CONSENT_RULES_MAX; i++)
        carnet_buf_add_text(&out, i == 0 ? "{\"consent\":\"ask\"}" : ",{\"consent\":\"ask\"}");
    carnet_buf_add_text(&out, "]}");
    assert_carnet_ok(carnet_json_parse(carnet_str_of(text), &json, &err), &err);
    storage = carnet_buf_of(room, sizeof(room));
    assert_carnet_rc(carnet_consent_file_read(json, &storage, &policy, &err), CARNET_E_LIMIT);
    carnet_json_free(&json);
    assert_carnet_ok(
        carnet_json_parse(carnet_str_of("{\"rules\":[{\"consent\":\"ask\",\"docType\":\"abc\",\"readerCertificate\":"
                                        "\"" HEX32 "\"}]}"),
                          &json, &err),
        &err);
    for (size_t cap = 0; cap < sizeof(carnet_consent_rule) + 35; cap++) {
        storage = carnet_buf_of(room, cap);
        assert_carnet_rc(carnet_consent_file_read(json, &storage, &policy, &err), CARNET_E_NO_SPACE);
    }
    storage = carnet_buf_of(room, sizeof(carnet_consent_rule) + 35);
    assert_carnet_ok(carnet_consent_file_read(json, &storage, &policy, &err), &err);
    assert_int_equal(policy.rules[0].reader_certificate.len, 32);
    carnet_json_free(&json);
}

/* --- applied to a choice --- */

static void
a_policy_consents_to_what_it_allows_and_nothing_else(void **state)
{
    static const char text[] = "{\"rules\":[{\"consent\":\"allow\",\"element\":\"age_over_*\",\"retain\":false},"
                               "{\"consent\":\"deny\",\"element\":\"height\"}]}";
    carnet_reader_identities readers = { .count = 2 };
    carnet_consent_policy policy;
    size_t to_ask, denied;
    carnet_err err;

    (void)state;
    assert_carnet_ok(read_policy(text, &policy, &err), &err);
    choice_world_hold(&c, "mdl@A family_name age_over_18 age_over_21 height");
    choice_world_ask(&c, "mdl family_name age_over_18 height ; mdl age_over_21!", NULL, (carnet_span){ 0 });
    assert_carnet_ok(choice_world_make(&c, NULL), &c.w.err);
    carnet_choice_consent(&c.choice, true);
    carnet_consent_apply(&policy, &readers, &c.choice, &to_ask, &denied);
    assert_int_equal(to_ask, 2);
    assert_int_equal(denied, 1);
    assert_string_equal(choice_world_settled(&c), "0:0 age_over_18");
    assert_int_equal(c.offers[0].verdict, CARNET_CONSENT_ASK);
    assert_int_equal(c.offers[1].verdict, CARNET_CONSENT_ALLOW);
    assert_int_equal(c.offers[2].verdict, CARNET_CONSENT_DENY);
    carnet_consent_apply(NULL, &readers, &c.choice, NULL, NULL);
    assert_string_equal(choice_world_settled(&c), "-");
}

static int
begin(void **state)
{
    (void)state;
    choice_world_begin(&c);
    return 0;
}

static int
end(void **state)
{
    (void)state;
    choice_world_done(&c);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_policy_says_what_is_expected),
        cmocka_unit_test(where_it_is_not_proximity_an_mdl_may_demand_a_reader),
        cmocka_unit_test(a_policy_that_is_not_as_specified_is_refused_and_asks),
        cmocka_unit_test(too_many_rules_or_too_little_room_are_refused),
        cmocka_unit_test(a_policy_consents_to_what_it_allows_and_nothing_else),
    };

    return cmocka_run_group_tests_name("role/holder consent", tests, begin, end);
}
