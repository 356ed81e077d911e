/* SPDX-License-Identifier: Apache-2.0 */
/* An authority, a signer, a holder and a reader, with fresh keys. */
#include "carnet/certificate_builder.h"
#include "judge.h"

#include <string.h>

#define NOW "2026-11-21T00:00:00Z"
#define MDL "org.iso.18013.5.1.mDL"
#define NS  "org.iso.18013.5.1"

static carnet_time
at(const char *text)
{
    carnet_time time;
    carnet_err err;

    assert_carnet_ok(carnet_time_parse(carnet_str_of(text), &time, NULL, &err), &err);
    return time;
}

static void
make_key(world *w, carnet_key *key, unsigned usage)
{
    assert_carnet_ok(carnet_software_key_generate(&w->j.crypto, CARNET_CURVE_P256, usage, key, &w->j.err), &w->j.err);
}

static carnet_span
make_certificate(world *w, const carnet_certificate_profile *profile, const char *name, const carnet_key *subject,
                 carnet_span issuer_der, carnet_key *issuer_key, void *room)
{
    carnet_certificate issuer;
    carnet_certificate_spec spec = {
        .struct_size = sizeof(spec),
        .profile = profile,
        .subject = { .country = carnet_str_of("UT"), .common_name = carnet_str_of(name) },
        .public_key = subject->public_key,
        .not_before = at("2026-06-01T00:00:00Z"),
        .not_after = at("2027-06-01T00:00:00Z"),
        .issuer_uri = carnet_str_of("https://utopia.example/iaca"),
        .crl_uri = carnet_str_of("https://utopia.example/crl"),
    };
    carnet_buf out = carnet_buf_of(room, CARNET_CERTIFICATE_MAX);

    if (issuer_der.len != 0)
        assert_carnet_ok(carnet_certificate_open(issuer_der, &issuer, &w->j.err), &w->j.err);
    assert_carnet_ok(carnet_certificate_build(&spec, issuer_der.len != 0 ? &issuer : NULL, issuer_key, &w->j.crypto,
                                              &out, &w->j.err),
                     &w->j.err);
    return carnet_buf_span(&out);
}

void
world_issue(world *w, const char *country)
{
    const uint8_t ut[] = { 0x62, (uint8_t)country[0], (uint8_t)country[1] };
    static const uint8_t text[] = { 0x63, 'a', 'b', 'c' }, yes[] = { 0xf5 };
    const carnet_element elements[] = {
        { carnet_str_of(NS), carnet_str_of("family_name"), { text, sizeof(text) } },
        { carnet_str_of(NS), carnet_str_of("given_name"), { text, sizeof(text) } },
        { carnet_str_of(NS), carnet_str_of("issuing_country"), { ut, sizeof(ut) } },
        { carnet_str_of(NS), carnet_str_of("age_over_18"), { yes, sizeof(yes) } },
        { carnet_str_of(NS ".UT"), carnet_str_of("colour"), { text, sizeof(text) } },
        { carnet_str_of(NS ".UT"), carnet_str_of("shape"), { text, sizeof(text) } },
    };
    static const carnet_element_name authorised[] = { { { "org.iso.23220.5.1", 17 }, { "CHV_1", 5 } } };
    carnet_issue what = {
        .struct_size = sizeof(what),
        .doc_type = carnet_str_of(MDL),
        .elements = elements,
        .count = CARNET_COUNT(elements),
        .signed_at = at("2026-11-01T00:00:00Z"),
        .valid_from = at("2026-11-01T00:00:00Z"),
        .valid_until = at("2027-05-01T00:00:00Z"),
        .device_key = &w->device.public_key,
        .authorised_elements = authorised,
        .authorised_element_count = 1,
    };
    carnet_issue_signer signer;
    carnet_buf buf = carnet_buf_of(w->room[3], sizeof(w->room[3]));

    assert_carnet_ok(carnet_issue_signer_init(&signer, &w->signer, &w->signer_certificate, 1, &w->j.err), &w->j.err);
    assert_carnet_ok(carnet_issue_build(&what, &signer, &w->j.crypto, &buf, &w->issuer_signed, &w->j.err), &w->j.err);
}

void
world_init(world *w)
{
    static const uint8_t transcript[] = { 0x83, 0xf6, 0xf6, 0x82, 0x61, 'h', 0x41, 0x01 };
    carnet_crypto crypto;
    carnet_err err;
    carnet_key authority;

    memset(w, 0, sizeof(*w));
    assert_carnet_ok(carnet_crypto_init(&crypto, &err), &err);
    assert_carnet_ok(carnet_software_key_generate(&crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, &authority, &err), &err);
    w->j.crypto = crypto;
    w->authority_certificate =
        make_certificate(w, &carnet_profile_iaca, "utopia", &authority, (carnet_span){ 0 }, &authority, w->room[2]);
    carnet_crypto_done(&w->j.crypto);
    judge_with(&w->j, w->authority_certificate, NOW);
    w->authority = authority;
    make_key(w, &w->signer, CARNET_KEY_SIGN);
    make_key(w, &w->device, CARNET_KEY_SIGN | CARNET_KEY_AGREE);
    make_key(w, &w->reader, CARNET_KEY_SIGN);
    make_key(w, &w->j.reader_key, CARNET_KEY_AGREE);
    w->signer_certificate = make_certificate(w, &carnet_profile_document_signer_mdl, "signer", &w->signer,
                                             w->authority_certificate, &w->authority, w->room[0]);
    w->reader_certificate = make_certificate(w, &carnet_profile_reader, "reader", &w->reader, w->authority_certificate,
                                             &w->authority, w->room[1]);
    w->session_transcript = (carnet_span){ transcript, sizeof(transcript) };
    w->j.with.session_transcript = w->session_transcript;
    w->j.reader_keys[0] = &w->j.reader_key;
    w->j.with.reader_keys = w->j.reader_keys;
    w->j.with.reader_key_count = 1;
    world_issue(w, "UT");
}

void
world_done(world *w)
{
    carnet_key_done(&w->authority);
    carnet_key_done(&w->signer);
    carnet_key_done(&w->device);
    carnet_key_done(&w->reader);
    judge_done(&w->j);
}

carnet_span
world_present(world *w, bool mac, void *room, size_t cap)
{
    static const carnet_element_name names[] = { { { NS, sizeof(NS) - 1 }, { "family_name", 11 } },
                                                 { { NS, sizeof(NS) - 1 }, { "issuing_country", 15 } },
                                                 { { NS ".UT", sizeof(NS ".UT") - 1 }, { "colour", 6 } } };
    carnet_issuer_signed held;
    carnet_issuer_signed_item items[3];
    carnet_presented_document document = { .doc_type = carnet_str_of(MDL),
                                           .items = items,
                                           .device_key = &w->device,
                                           .reader_key = mac ? &w->j.reader_key.public_key : NULL };
    carnet_presentation all = { .session_transcript = w->session_transcript, .documents = &document, .count = 1 };
    carnet_cbor_builder b = carnet_cbor_build(room, cap);

    assert_carnet_ok(carnet_issuer_signed_open(w->issuer_signed, 0, &held, &w->j.err), &w->j.err);
    document.issuer_auth = held.issuer_auth;
    assert_carnet_ok(carnet_present_select(&held, names, 3, items, &document.item_count, &w->j.err), &w->j.err);
    assert_carnet_ok(carnet_present(&all, &w->j.crypto, &b, &w->j.err), &w->j.err);
    return (carnet_span){ room, b.len };
}
