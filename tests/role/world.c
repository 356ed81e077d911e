/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include <string.h>

#define NOW INT64_C(1790000000) /* within 2026 */

static carnet_span
make_certificate(world *w, const carnet_certificate_profile *profile, const char *name, const carnet_public_key *key,
                 carnet_span issuer_der, size_t room)
{
    carnet_certificate_spec spec = { .struct_size = sizeof(spec),
                                     .profile = profile,
                                     .subject = { .country = carnet_str_of("UT"), .common_name = carnet_str_of(name) },
                                     .public_key = *key,
                                     .not_before = NOW - 10 * CARNET_TIME_DAY,
                                     .not_after = NOW + 200 * CARNET_TIME_DAY,
                                     .issuer_uri = carnet_str_of("https://utopia.example"),
                                     .crl_uri = carnet_str_of("https://utopia.example/crl") };
    carnet_buf out = carnet_buf_of(w->certificates[room], CARNET_CERTIFICATE_MAX);
    carnet_certificate issuer;

    if (issuer_der.len != 0)
        assert_carnet_ok(carnet_certificate_open(issuer_der, &issuer, &w->err), &w->err);
    assert_carnet_ok(
        carnet_certificate_build(&spec, issuer_der.len != 0 ? &issuer : NULL, &w->authority, &w->crypto, &out, &w->err),
        &w->err);
    return carnet_buf_span(&out);
}

static void
generate(world *w, carnet_curve curve, carnet_key *key)
{
    const carnet_curve_info *info = carnet_curve_get(curve);
    unsigned usage = (info->signature != 0 ? CARNET_KEY_SIGN : 0u) | (info->agrees ? CARNET_KEY_AGREE : 0u);

    assert_carnet_ok(carnet_software_key_generate(&w->crypto, curve, usage, key, &w->err), &w->err);
}

void
world_begin(world *w, carnet_curve device)
{
    memset(w, 0, sizeof(*w));
    assert_carnet_ok(carnet_crypto_init(&w->crypto, &w->err), &w->err);
    generate(w, CARNET_CURVE_P256, &w->authority);
    generate(w, CARNET_CURVE_P256, &w->signer);
    generate(w, CARNET_CURVE_P256, &w->reader_key);
    generate(w, device, &w->device);
    w->authority_certificate =
        make_certificate(w, &carnet_profile_iaca, "Root", &w->authority.public_key, (carnet_span){ 0 }, 0);
    w->signer_certificate = make_certificate(w, &carnet_profile_document_signer_mdl, "Signer", &w->signer.public_key,
                                             w->authority_certificate, 1);
    w->reader_certificate =
        make_certificate(w, &carnet_profile_reader, "Reader", &w->reader_key.public_key, w->authority_certificate, 2);
    carnet_anchor_store_init(&w->store, w->anchor_slots, 1, NULL, 0);
    assert_carnet_ok(carnet_anchor_store_add(&w->store, w->authority_certificate, (carnet_str){ 0 }, &w->err), &w->err);
    w->anchors = carnet_anchor_store_anchors(&w->store);
    w->reader_signer = (carnet_reader_signer){ &w->reader_key, &w->reader_certificate, 1 };
    carnet_report_init(&w->report, w->entries, CARNET_COUNT(w->entries), NOW, 60);
}

void
world_done(world *w)
{
    carnet_key_done(&w->authority);
    carnet_key_done(&w->signer);
    carnet_key_done(&w->reader_key);
    carnet_key_done(&w->device);
    carnet_crypto_done(&w->crypto);
}

void
world_hold(world *w, const char *doc_type, const element *elements, size_t count)
{
    static uint8_t room[32768];
    carnet_element encoded[16];
    carnet_issue issue = { .struct_size = sizeof(issue),
                           .doc_type = carnet_str_of(doc_type),
                           .elements = encoded,
                           .count = count,
                           .signed_at = NOW - CARNET_TIME_DAY,
                           .valid_from = NOW - CARNET_TIME_DAY,
                           .valid_until = NOW + 30 * CARNET_TIME_DAY,
                           .device_key = &w->device.public_key };
    carnet_issue_signer signer;
    carnet_buf buf = carnet_buf_of(room, sizeof(room));
    carnet_span out;

    assert_in_range(count, 1, CARNET_COUNT(encoded));
    assert_in_range(w->held_count, 0, DOCS - 1);
    for (size_t i = 0; i < count; i++)
        encoded[i] = (carnet_element){ carnet_str_of(elements[i].name_space), carnet_str_of(elements[i].identifier),
                                       carnet_test_hex(elements[i].hex) };
    assert_carnet_ok(carnet_issue_signer_init(&signer, &w->signer, &w->signer_certificate, 1, &w->err), &w->err);
    assert_carnet_ok(carnet_issue_build(&issue, &signer, &w->crypto, &buf, &out, &w->err), &w->err);
    w->held[w->held_count++] =
        (carnet_held_document){ carnet_str_of(doc_type), carnet_test_copy(out), &w->device, false };
}

void
world_hold_mdl(world *w)
{
    static const element elements[] = {
        { MDL_NS, "family_name", "63446f65" },
        { MDL_NS, "given_name", "644a616e65" },
        { MDL_NS, "birth_date", "d903ec6a313938302d30312d3031" },
        { MDL_NS, "age_over_18", "f5" },
        { MDL_NS, "age_over_21", "f4" },
    };

    world_hold(w, MDL, elements, CARNET_COUNT(elements));
}

carnet_verdict
world_verdict(const world *w)
{
    return carnet_policy_judge(NULL, &w->report, CARNET_NO_DOCUMENT);
}

/* --- a session --- */

void
talk_begin(talk *t, world *w, carnet_curve session)
{
    static const uint8_t uuid[16] = { 1, 2, 3, 4, 5, 6, 0x47, 8, 0x89, 10, 11, 12, 13, 14, 15, 16 };
    uint8_t room[64];
    carnet_cbor_builder b = carnet_cbor_build(room, sizeof(room));
    carnet_span method;

    memset(t, 0, sizeof(*t));
    t->w = w;
    t->holder_storage = carnet_buf_of(t->holder_room, sizeof(t->holder_room));
    t->reader_storage = carnet_buf_of(t->reader_room, sizeof(t->reader_room));
    carnet_method_build_ble(&b, NULL, uuid);
    assert_carnet_ok(carnet_cbor_built(&b, &method, &w->err), &w->err);
    assert_carnet_ok(carnet_holder_engage(&t->holder, &w->crypto, session,
                                          &(carnet_engagement_parameters){ .methods = &method, .method_count = 1 },
                                          &t->holder_storage, &w->err),
                     &w->err);
    assert_carnet_ok(
        carnet_reader_engage(&t->reader, &w->crypto, t->holder.device_engagement, NULL, &t->reader_storage, &w->err),
        &w->err);
}

void
talk_done(talk *t)
{
    carnet_holder_done(&t->holder);
    carnet_reader_done(&t->reader);
}

carnet_rc
talk_ask(talk *t, const char *const *identifiers, size_t count, bool with_auth)
{
    carnet_requested_element elements[OFFERS];
    carnet_doc_request_draft doc = { .doc_type = carnet_str_of(MDL),
                                     .elements = elements,
                                     .count = count,
                                     .signer = with_auth ? &t->w->reader_signer : NULL };
    carnet_device_request_draft draft = { .documents = &doc, .count = 1 };
    carnet_cbor_builder b = carnet_cbor_build(t->message, sizeof(t->message));
    carnet_rc rc;

    assert_in_range(count, 1, OFFERS);
    for (size_t i = 0; i < count; i++)
        elements[i] = (carnet_requested_element){ carnet_str_of(MDL_NS), carnet_str_of(identifiers[i]), i == 0 };
    t->request = carnet_buf_of(t->request_room, sizeof(t->request_room));
    rc = carnet_reader_request(&t->reader, &draft, &t->request, &b, &t->w->err);
    t->len = b.len;
    return rc;
}

carnet_rc
talk_hear(talk *t)
{
    carnet_rc rc = carnet_holder_receive(&t->holder, t->message, t->len, NULL, &t->received, &t->status, &t->w->err);

    t->offer_count = 0;
    if (rc != CARNET_OK || t->received.len == 0)
        return rc;
    t->received = carnet_test_copy(t->received); /* the message is written over */
    rc = carnet_device_request_open(t->received, CARNET_CBOR_LENIENT, &t->view, &t->w->err);
    if (rc == CARNET_OK)
        rc =
            carnet_holder_match(&t->view, t->w->held, t->w->held_count, t->offers, OFFERS, &t->offer_count, &t->w->err);
    return rc;
}

void
talk_consent(talk *t, bool all)
{
    for (size_t i = 0; i < t->offer_count; i++)
        t->offers[i].consented = all;
}

carnet_rc
talk_answer(talk *t, carnet_session_status status)
{
    carnet_buf scratch = carnet_buf_of(t->scratch, sizeof(t->scratch));
    carnet_cbor_builder b = carnet_cbor_build(t->message, sizeof(t->message));
    carnet_rc rc = carnet_holder_answer(&t->holder, &t->view, t->w->held, t->w->held_count, t->offers, t->offer_count,
                                        status, &scratch, &b, &t->w->err);

    t->len = b.len;
    return rc;
}

carnet_rc
talk_read(talk *t)
{
    return carnet_reader_receive(&t->reader, t->message, t->len, &t->received, &t->status, &t->w->err);
}

carnet_verdict
talk_judge(talk *t)
{
    carnet_verification v = { .struct_size = sizeof(v), .anchors = &t->w->anchors };

    t->w->report.count = 0;
    assert_carnet_ok(
        carnet_reader_judge(&t->reader, &v, t->received, carnet_buf_span(&t->request), &t->w->report, &t->w->err),
        &t->w->err);
    return world_verdict(t->w);
}

static void
assert_wiped(const carnet_session *session)
{
    static const carnet_secret none;

    assert_false(session->open);
    assert_memory_equal(&session->reader_key, &none, sizeof(none));
    assert_memory_equal(&session->device_key, &none, sizeof(none));
}

void
assert_holder_over(talk *t)
{
    static const carnet_key no_key;
    carnet_span request;
    uint64_t status;

    assert_true(t->holder.over);
    assert_wiped(&t->holder.session);
    assert_null(t->holder.key.ops);
    assert_memory_equal(t->holder.key.slot, no_key.slot, sizeof(no_key.slot));
    assert_carnet_rc(carnet_holder_receive(&t->holder, t->message, t->len, NULL, &request, &status, NULL),
                     CARNET_E_SESSION_STATE);
    assert_null(request.ptr);
}

void
assert_reader_over(talk *t)
{
    carnet_buf scratch = carnet_buf_of(t->scratch, sizeof(t->scratch));
    carnet_device_request_draft draft = { 0 };
    carnet_cbor_builder b = carnet_cbor_build(t->message, sizeof(t->message));

    assert_wiped(&t->reader.session);
    assert_carnet_rc(carnet_reader_request(&t->reader, &draft, &scratch, &b, NULL), CARNET_E_SESSION_STATE);
    assert_int_equal(b.len, 0);
}
