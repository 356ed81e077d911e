/* SPDX-License-Identifier: Apache-2.0 */
/* A document already held identifies its holder; whatever else is sent identifies nobody (18013-7 Annex A; 23220-1 8.3). */
#include "world.h"

#include "carnet/holder_reverse.h"
#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FLOW_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define FLOW_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define NOW    INT64_C(1790000000)

static const char *const usual[] = { MDL_NS "/family_name = org.example.member/name", MDL_NS "/given_name",
                                     MDL_NS "/birth_date = org.example.member/born",
                                     MDL_NS "/age_over_18=org.example.member/adult" };

typedef struct deployment {
    char folder[64], secrets[80], trust[80], place[80];
    carnet_config config;
    carnet_config_services services;
    carnet_config_identification identification;
    carnet_config_presentation presentation;
    carnet_config_presented documents[2];
    carnet_web web;
    carnet_store *store;
    carnet_service_context *context;
    const carnet_service_part *part;
    carnet_presentation_service *p;
    carnet_time now;
    carnet_err err;
} deployment;

static world w;
static deployment d;
static talk t;
static uint8_t engagement[2048], reply[65536];

static carnet_time
tell(void *self)
{
    return ((deployment *)self)->now;
}

static void
write_file(const char *path, carnet_span bytes)
{
    FILE *file = fopen(path, "wxe");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes.ptr, 1, bytes.len, file), bytes.len);
    assert_int_equal(fclose(file), 0);
}

static void
write_files(carnet_span root)
{
    static uint8_t room[8192];
    carnet_random random = carnet_crypto_random(&w.crypto);
    carnet_buf out = carnet_buf_of(room, sizeof(room));

    (void)snprintf(d.folder, sizeof(d.folder), "/tmp/carnet-presentation-XXXXXX");
    assert_non_null(mkdtemp(d.folder));
    (void)snprintf(d.secrets, sizeof(d.secrets), "%s/secrets", d.folder);
    (void)snprintf(d.trust, sizeof(d.trust), "%s/trust.pem", d.folder);
    (void)snprintf(d.place, sizeof(d.place), "%s/store", d.folder);
    assert_carnet_ok(carnet_service_secrets_make(&random, &out, &d.err), &d.err);
    write_file(d.secrets, carnet_buf_span(&out));
    assert_int_equal(chmod(d.secrets, 0600), 0);
    out.len = 0;
    carnet_pem_encode("CERTIFICATE", root, &out);
    write_file(d.trust, carnet_buf_span(&out));
}

/* The deployment asks for `elements` of `doc_type`, and trusts `root`. */
static void
start(carnet_span root, const char *doc_type, const char *const *elements, size_t count, const char *subject)
{
    carnet_service_hooks hooks = { .now = tell, .now_self = &d };
    carnet_store_config at = { .place = d.place, .random = carnet_crypto_random(&w.crypto) };

    memset(&d, 0, sizeof(d));
    write_files(root);
    d.now = NOW;
    d.documents[0] = (carnet_config_presented){ .doctype = (char *)(uintptr_t)doc_type,
                                                .elements = { (char **)(uintptr_t)elements, count },
                                                .subject = (char *)(uintptr_t)subject };
    d.presentation = (carnet_config_presentation){ .trust = d.trust, .documents = d.documents, .document_count = 1 };
    d.identification.presentation = &d.presentation;
    d.services.identification = &d.identification;
    d.config = (carnet_config){ .base_url = (char *)(uintptr_t) "https://issuer.example:8443/t",
                                .secrets = d.secrets,
                                .services = &d.services };
    assert_carnet_ok(carnet_store_open(&at, &d.store, &d.err), &d.err);
    hooks.store = d.store;
    assert_carnet_ok(carnet_service_context_new(&d.config, &hooks, &d.context, &d.err), &d.err);
    d.web = carnet_web_of(d.context);
    d.p = calloc(1, sizeof(*d.p));
    assert_non_null(d.p);
    d.p->context = d.context;
    d.p->web = &d.web;
    d.p->way = &carnet_presentation_website;
    d.p->seconds = 3600;
    assert_carnet_ok(carnet_presentation_configure(d.p, &d.presentation, &d.err), &d.err);
    assert_carnet_ok(carnet_service_trust_new(&(carnet_config_texts){ &d.presentation.trust, 1 }, &d.p->trust, &d.err),
                     &d.err);
}

static void
stop(void)
{
    char command[128];

    carnet_service_trust_free(&d.p->trust);
    free(d.p);
    carnet_service_context_free(&d.context);
    carnet_store_close(&d.store);
    (void)snprintf(command, sizeof(command), "rm -rf %s", d.folder);
    assert_int_equal(system(command), 0);
}

/* --- the flow --- */

static carnet_identification_step
turn(const char *flow, bool begin, const char *hint)
{
    static uint8_t room[CARNET_IDENTIFICATION_ROOM];
    carnet_buf buf = carnet_buf_of(room, sizeof(room));
    carnet_service_request q = { .identifier = "0123456789012345678901" };
    carnet_service_worker *worker;
    carnet_identification_step step;
    carnet_identification_request request = { .flow = carnet_str_of(flow),
                                              .subject_hint = carnet_str_of(hint),
                                              .return_uri = carnet_str_of("https://issuer.example:8443/t/back"),
                                              .now = d.now };

    assert_carnet_ok(carnet_service_begin(d.context, &q, &worker, &d.err), &d.err);
    request.worker = worker;
    assert_carnet_ok(
        (begin ? carnet_presentation_begin : carnet_presentation_resume)(d.p, &request, &buf, &step, &d.err), &d.err);
    assert_carnet_ok(carnet_identification_check(&step, &d.err), &d.err);
    return step;
}

static presentation_session
session_of(const char *flow)
{
    carnet_service_request q = { .identifier = "0123456789012345678901" };
    carnet_service_worker *worker;
    presentation_session s;
    bool found;

    assert_carnet_ok(carnet_service_begin(d.context, &q, &worker, &d.err), &d.err);
    assert_carnet_ok(carnet_presentation_load(worker, carnet_str_of(flow), &s, &found, &d.err), &d.err);
    if (!found)
        s.step = 0;
    return s;
}

/* The app's message to a flow; the reply is left in t.message. */
static carnet_rc
post(const char *flow, carnet_span message)
{
    carnet_service_request q = { .method = CARNET_SERVICE_POST,
                                 .identifier = "0123456789012345678901",
                                 .body = message };
    carnet_service_response r = { .body = carnet_buf_of(reply, sizeof(reply)) };
    carnet_rc rc;

    q.in_path.list[0] = (carnet_service_parameter){ carnet_str_of("flow"), carnet_str_of(flow) };
    q.in_path.count = 1;
    rc = carnet_presentation_mdoc.run(d.p, &q, &r, &d.err);
    assert_true(r.body.len <= sizeof(t.message));
    memcpy(t.message, reply, r.body.len);
    t.len = r.body.len;
    return rc;
}

/* The reader's engagement, as the page shows it. */
static carnet_span
shown(const char *flow)
{
    static uint8_t room[4096];
    carnet_buf link = carnet_buf_of(room, sizeof(room)), out = carnet_buf_of(engagement, sizeof(engagement));
    presentation_session s = session_of(flow);
    carnet_uri_kind kind;

    assert_carnet_ok(d.p->way->link(s.state, &link, &d.err), &d.err);
    assert_carnet_ok(carnet_engagement_uri_decode(carnet_buf_str(&link), &kind, &out, &d.err), &d.err);
    assert_int_equal(kind, CARNET_URI_READER_ENGAGEMENT);
    return carnet_buf_span(&out);
}

/* The app comes: its engagement is in t.message. */
static carnet_span
come(const char *flow, const char *domain)
{
    carnet_cbor_builder b = carnet_cbor_build(t.message, sizeof(t.message));
    carnet_engagement_parameters parameters = { .origin_infos = true, .domain = domain };
    carnet_span reader;

    (void)turn(flow, true, "");
    reader = shown(flow);
    memset(&t, 0, sizeof(t));
    t.w = &w;
    t.holder_storage = carnet_buf_of(t.holder_room, sizeof(t.holder_room));
    assert_carnet_ok(carnet_holder_reverse_engage(&t.holder, &w.crypto, reader, CARNET_CURVE_P256, &parameters,
                                                  &t.holder_storage, &b, &w.err),
                     &w.err);
    t.len = b.len;
    return reader;
}

/* It hears the request, and its answer is in t.message. */
static void
answer(const char *flow)
{
    carnet_span reader = come(flow, "");

    assert_carnet_ok(post(flow, carnet_span_of(t.message, t.len)), &d.err);
    assert_int_equal(session_of(flow).step, PRESENTATION_MET);
    assert_carnet_ok(carnet_holder_reverse_receive(&t.holder, reader, t.message, t.len, &t.received, &t.status, &w.err),
                     &w.err);
    t.received = carnet_test_copy(t.received);
    assert_carnet_ok(carnet_device_request_open(t.received, CARNET_CBOR_LENIENT, &t.view, &w.err), &w.err);
    assert_carnet_ok(carnet_holder_match(&t.view, w.held, w.held_count, t.offers, OFFERS, &t.offer_count, &w.err),
                     &w.err);
    talk_consent(&t, true);
    assert_carnet_ok(talk_answer(&t, CARNET_SESSION_NO_STATUS), &w.err);
}

static void
assert_broken(const char *flow, carnet_presentation_why why)
{
    presentation_session s = session_of(flow);

    assert_int_equal(s.step, PRESENTATION_BROKEN);
    assert_int_equal(s.why, why);
    assert_int_equal(s.subject.len + s.claims.len + s.state.len, 0);
    assert_int_equal(turn(flow, false, "").outcome, CARNET_IDENTIFICATION_PENDING);
}

static void
begin(void)
{
    world_begin(&w, CARNET_CURVE_P256);
    world_hold_mdl(&w);
}

static void
end(void)
{
    carnet_holder_done(&t.holder);
    stop();
    world_done(&w);
}

#define START() start(w.authority_certificate, MDL, usual, CARNET_COUNT(usual), NULL)

/* --- tests --- */

static void
a_document_shown_identifies_its_holder(void **state)
{
    static const char claims[] = "{\"org.example.member\":{\"name\":\"Doe\",\"born\":\"1980-01-01\",\"adult\":true}}";
    carnet_identification_step step;
    char subject[64];

    (void)state;
    begin();
    START();
    assert_int_equal(turn(FLOW_A, false, "").reason, CARNET_IDENTIFICATION_TOO_LATE);
    answer(FLOW_A);
    assert_carnet_ok(post(FLOW_A, carnet_span_of(t.message, t.len)), &d.err);
    assert_carnet_ok(carnet_holder_receive(&t.holder, t.message, t.len, NULL, &t.received, &t.status, &w.err), &w.err);
    assert_int_equal(t.status, CARNET_SESSION_TERMINATION);
    step = turn(FLOW_A, false, "");
    assert_int_equal(step.outcome, CARNET_IDENTIFICATION_IDENTIFIED);
    assert_int_equal(step.subject.len, 43);
    assert_true(carnet_str_is(step.claims, claims));
    assert_true(carnet_str_is(step.evidence, "presentation of " MDL));
    (void)snprintf(subject, sizeof(subject), "%.*s", (int)step.subject.len, step.subject.ptr);
    carnet_holder_done(&t.holder);
    /* The same document again is the same person; an offer for another is not for this one. */
    answer(FLOW_B);
    assert_carnet_ok(post(FLOW_B, carnet_span_of(t.message, t.len)), &d.err);
    assert_true(carnet_str_is(turn(FLOW_B, false, "").subject, subject));
    assert_int_equal(turn(FLOW_B, false, subject).outcome, CARNET_IDENTIFICATION_IDENTIFIED);
    step = turn(FLOW_B, false, "person-17");
    assert_int_equal(step.outcome, CARNET_IDENTIFICATION_REFUSED);
    assert_int_equal(step.reason, CARNET_IDENTIFICATION_MISMATCH);
    end();
}

static void
an_element_may_be_the_subject(void **state)
{
    static const char *const elements[] = { MDL_NS "/family_name" };
    carnet_identification_step step;

    (void)state;
    begin();
    start(w.authority_certificate, MDL, elements, 1, MDL_NS "/family_name");
    answer(FLOW_A);
    assert_carnet_ok(post(FLOW_A, carnet_span_of(t.message, t.len)), &d.err);
    step = turn(FLOW_A, false, "");
    assert_true(carnet_str_is(step.subject, "Doe"));
    assert_int_equal(step.claims.len, 0);
    end();
}

static void
an_expired_document_identifies_nobody(void **state)
{
    (void)state;
    begin();
    START();
    d.now = NOW + 40 * CARNET_TIME_DAY;
    answer(FLOW_A);
    assert_carnet_ok(post(FLOW_A, carnet_span_of(t.message, t.len)), &d.err);
    assert_broken(FLOW_A, CARNET_PRESENTATION_DOCUMENT);
    end();
}

static void
an_issuer_that_is_not_trusted_identifies_nobody(void **state)
{
    static world other;

    (void)state;
    begin();
    world_begin(&other, CARNET_CURVE_P256);
    start(other.authority_certificate, MDL, usual, CARNET_COUNT(usual), NULL);
    answer(FLOW_A);
    assert_carnet_ok(post(FLOW_A, carnet_span_of(t.message, t.len)), &d.err);
    assert_broken(FLOW_A, CARNET_PRESENTATION_DOCUMENT);
    world_done(&other);
    end();
}

static void
a_document_without_its_key_identifies_nobody(void **state)
{
    static world other;

    (void)state;
    begin();
    START();
    world_begin(&other, CARNET_CURVE_P256);
    w.held[0].device_key = &other.device;
    answer(FLOW_A);
    assert_carnet_ok(post(FLOW_A, carnet_span_of(t.message, t.len)), &d.err);
    assert_broken(FLOW_A, CARNET_PRESENTATION_DOCUMENT);
    world_done(&other);
    end();
}

static void
another_document_type_or_a_part_is_not_enough(void **state)
{
    static const char *const more[] = { MDL_NS "/family_name", MDL_NS "/document_number" };
    static const char *const other[] = { "org.example.other/name" };

    (void)state;
    begin();
    start(w.authority_certificate, MDL, more, CARNET_COUNT(more), NULL);
    answer(FLOW_A);
    assert_carnet_ok(post(FLOW_A, carnet_span_of(t.message, t.len)), &d.err);
    assert_broken(FLOW_A, CARNET_PRESENTATION_PART);
    carnet_holder_done(&t.holder);
    stop();
    start(w.authority_certificate, "org.example.other", other, 1, NULL);
    answer(FLOW_A);
    assert_carnet_ok(post(FLOW_A, carnet_span_of(t.message, t.len)), &d.err);
    assert_broken(FLOW_A, CARNET_PRESENTATION_USER);
    end();
}

static void
an_answer_is_taken_once_and_in_its_own_flow_only(void **state)
{
    static uint8_t kept[MESSAGE];
    size_t len;

    (void)state;
    begin();
    START();
    answer(FLOW_A);
    memcpy(kept, t.message, len = t.len);
    carnet_holder_done(&t.holder);
    answer(FLOW_B); /* an app is there, too */
    assert_carnet_ok(post(FLOW_B, carnet_span_of(kept, len)), &d.err);
    assert_broken(FLOW_B, CARNET_PRESENTATION_SESSION);
    assert_carnet_ok(post(FLOW_A, carnet_span_of(kept, len)), &d.err);
    assert_int_equal(session_of(FLOW_A).step, PRESENTATION_DONE);
    assert_carnet_rc(post(FLOW_A, carnet_span_of(kept, len)), CARNET_E_PRESENTATION_SESSION);
    assert_carnet_rc(post(FLOW_B, carnet_span_of(kept, len)), CARNET_E_PRESENTATION_SESSION);
    assert_carnet_rc(post("cccccccccccccccccccccccccccccccccccccccccccc", carnet_span_of(kept, len)),
                     CARNET_E_SERVICE_PATH);
    assert_int_equal(turn(FLOW_A, false, "").outcome, CARNET_IDENTIFICATION_IDENTIFIED);
    d.now += 3601; /* nothing is kept for ever */
    assert_int_equal(turn(FLOW_A, false, "").outcome, CARNET_IDENTIFICATION_REFUSED);
    end();
}

static void
an_app_that_was_sent_by_another_site_is_sent_away(void **state)
{
    (void)state;
    begin();
    START();
    (void)come(FLOW_A, "evil.example");
    assert_carnet_ok(post(FLOW_A, carnet_span_of(t.message, t.len)), &d.err);
    assert_broken(FLOW_A, CARNET_PRESENTATION_SESSION);
    carnet_holder_done(&t.holder);
    (void)come(FLOW_B, "issuer.example");
    assert_carnet_ok(post(FLOW_B, carnet_span_of(t.message, t.len)), &d.err);
    assert_int_equal(session_of(FLOW_B).step, PRESENTATION_MET);
    end();
}

/* A flow for each, so that each meets the same question. */
static void
what_is_cut_or_altered_breaks_the_session(void **state)
{
    static uint8_t message[MESSAGE];

    (void)state;
    begin();
    START();
    for (size_t i = 0; i < 24; i++) {
        char flow[44];
        size_t len;

        (void)snprintf(flow, sizeof(flow), "f%042zu", i);
        if (i < 8) /* the engagement, cut */
            (void)come(flow, "");
        else
            answer(flow);
        memcpy(message, t.message, len = t.len);
        if (i < 16)
            len = len * (i % 8) / 8;
        else
            message[len - 1 - (i - 16) * 7] ^= 1;
        assert_carnet_ok(post(flow, carnet_span_of(message, len)), &d.err);
        assert_broken(flow, CARNET_PRESENTATION_SESSION);
        carnet_holder_done(&t.holder);
    }
    end();
}

static void
elements_are_written_with_their_name_space(void **state)
{
    static const char *const bad[] = { "",       "family_name", "/family_name",    "a/",    "a/b/c",
                                       "a/b = ", "a/b = c",     "a/b = c/d = e/f", "a b/c", "= a/b" };
    carnet_presentation_element e;

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(bad); i++)
        assert_carnet_rc(carnet_presentation_element_read(carnet_str_of(bad[i]), &e, NULL), CARNET_E_CONFIG_VALUE);
    assert_carnet_ok(carnet_presentation_element_read(carnet_str_of(" a.b/c=d/e "), &e, NULL), &d.err);
    assert_true(carnet_str_is(e.asked.name_space, "a.b") && carnet_str_is(e.asked.identifier, "c"));
    assert_true(carnet_str_is(e.claim.name_space, "d") && carnet_str_is(e.claim.identifier, "e") && e.asked.retain);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_document_shown_identifies_its_holder),
        cmocka_unit_test(an_element_may_be_the_subject),
        cmocka_unit_test(an_expired_document_identifies_nobody),
        cmocka_unit_test(an_issuer_that_is_not_trusted_identifies_nobody),
        cmocka_unit_test(a_document_without_its_key_identifies_nobody),
        cmocka_unit_test(another_document_type_or_a_part_is_not_enough),
        cmocka_unit_test(an_answer_is_taken_once_and_in_its_own_flow_only),
        cmocka_unit_test(an_app_that_was_sent_by_another_site_is_sent_away),
        cmocka_unit_test(what_is_cut_or_altered_breaks_the_session),
        cmocka_unit_test(elements_are_written_with_their_name_space),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
