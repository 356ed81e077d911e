/* SPDX-License-Identifier: Apache-2.0 */
#include "documents.h"

#include "carnet/bops_session.h"
#include "carnet/issue.h"
#include "carnet/present.h"

#include <stdio.h>
#include <string.h>

#define TYPE "org.iso.18013.5.1.mDL"
#define NAME "org.iso.18013.5.1"

static uint8_t issued[8192];
static size_t issued_len;

static void
certify(const carnet_certificate_profile *profile, const char *name, const carnet_public_key *key, carnet_span issuer,
        carnet_buf *out)
{
    const carnet_certificate_spec spec = { .struct_size = sizeof(spec),
                                           .profile = profile,
                                           .subject = { .country = carnet_str_of("UT"),
                                                        .common_name = carnet_str_of(name) },
                                           .public_key = *key,
                                           .not_before = NOW - 10 * CARNET_TIME_DAY,
                                           .not_after = NOW + 200 * CARNET_TIME_DAY,
                                           .issuer_uri = carnet_str_of("https://utopia.example"),
                                           .crl_uri = carnet_str_of("https://utopia.example/crl") };
    carnet_certificate view;
    carnet_err err = { 0 };

    if (issuer.len != 0)
        assert_carnet_ok(carnet_certificate_open(issuer, &view, &err), &err);
    assert_carnet_ok(
        carnet_certificate_build(&spec, issuer.len != 0 ? &view : NULL, &w.document_authority, &w.crypto, out, &err),
        &err);
}

void
world_make_documents(void)
{
    carnet_buf out = carnet_buf_of(w.document_authority_der, sizeof(w.document_authority_der));
    carnet_err err = { 0 };

    assert_carnet_ok(
        carnet_software_key_generate(&w.crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, &w.document_authority, &err), &err);
    assert_carnet_ok(carnet_software_key_generate(&w.crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, &w.reader, &err),
                     &err);
    certify(&carnet_profile_iaca, "Documents", &w.document_authority.public_key, (carnet_span){ 0 }, &out);
    w.document_authority_len = out.len;
}

void
document_issue(phone *p)
{
    const carnet_element element = { carnet_str_of(NAME), carnet_str_of("age_over_18"), CARNET_TEST_BYTES("\xf5") };
    const carnet_span authority = carnet_span_of(w.document_authority_der, w.document_authority_len);
    uint8_t room[CARNET_CERTIFICATE_MAX];
    carnet_buf certificate = carnet_buf_of(room, sizeof(room)), out = carnet_buf_of(issued, sizeof(issued));
    carnet_issue issue = { .struct_size = sizeof(issue),
                           .doc_type = carnet_str_of(TYPE),
                           .elements = &element,
                           .count = 1,
                           .signed_at = NOW - CARNET_TIME_DAY,
                           .valid_from = NOW - CARNET_TIME_DAY,
                           .valid_until = NOW + 30 * CARNET_TIME_DAY,
                           .device_key = &w.document.public_key };
    carnet_issue_signer signer;
    carnet_key key;
    carnet_span chain, made;
    carnet_err err = { 0 };

    p->documented = true;
    assert_carnet_ok(carnet_software_key_generate(&w.crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, &w.document, &err),
                     &err);
    assert_carnet_ok(carnet_software_key_generate(&w.crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, &key, &err), &err);
    certify(&carnet_profile_document_signer_mdl, "Signer", &key.public_key, authority, &certificate);
    chain = carnet_buf_span(&certificate);
    assert_carnet_ok(carnet_issue_signer_init(&signer, &key, &chain, 1, &err), &err);
    assert_carnet_ok(carnet_issue_build(&issue, &signer, &w.crypto, &out, &made, &err), &err);
    memmove(issued, made.ptr, made.len);
    issued_len = made.len;
    carnet_key_done(&key);
}

static carnet_span
present(carnet_span transcript)
{
    static uint8_t room[8192];
    const carnet_element_name names[] = { { carnet_str_of(NAME), carnet_str_of("age_over_18") } };
    carnet_issuer_signed view;
    carnet_issuer_signed_item items[1];
    carnet_presented_document document = { .doc_type = carnet_str_of(TYPE), .device_key = &w.document };
    carnet_cbor_builder b = carnet_cbor_build(room, sizeof(room));
    carnet_span out;
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_issuer_signed_open(carnet_span_of(issued, issued_len), 0, &view, &err), &err);
    assert_carnet_ok(carnet_present_select(&view, names, 1, items, &document.item_count, &err), &err);
    document.issuer_auth = view.issuer_auth;
    document.items = items;
    assert_carnet_ok(
        carnet_present(&(carnet_presentation){ .session_transcript = transcript, .documents = &document, .count = 1 },
                       &w.crypto, &b, &err),
        &err);
    assert_carnet_ok(carnet_cbor_built(&b, &out, &err), &err);
    return out;
}

const char *
document_shown(const phone *p, const char *terminal, const char *terminal_session)
{
    static uint8_t room[32768], text[32768];
    /* [null, null, null]: any terminal's transcript is opened by its form only */
    const carnet_span transcript = carnet_test_hex("83f6f6f6"), response = present(transcript);
    carnet_bops_submit_evidence message = { .session_id = carnet_str_of(w.session),
                                            .terminal = carnet_str_of(terminal),
                                            .terminal_session = carnet_str_of(terminal_session) };
    carnet_buf payload = carnet_buf_of(room, 512), values = carnet_buf_of(room + 512, sizeof(room) - 512),
               out = carnet_buf_of(text, sizeof(text) - 1);
    carnet_str *const to[] = { &message.device_response, &message.transcript, &message.reader_signature };
    carnet_signature signature;
    carnet_span part, octets[3] = { response, transcript };
    carnet_err err = { 0 };

    (void)p;
    assert_carnet_ok(carnet_bops_evidence_payload(message.terminal, message.terminal_session, response, transcript,
                                                  &w.crypto, &payload, &err),
                     &err);
    part = carnet_buf_span(&payload);
    assert_carnet_ok(carnet_key_sign(&w.reader, &w.crypto, CARNET_ES256, &part, 1, &signature, &err), &err);
    octets[2] = carnet_span_of(signature.bytes, signature.len);
    for (size_t i = 0; i < 3; i++) {
        const size_t at = values.len;

        carnet_base64url_encode(octets[i], &values);
        *to[i] = (carnet_str){ (const char *)values.ptr + at, values.len - at };
    }
    assert_carnet_ok(carnet_bops_submit_evidence_write(&message, &out, &err), &err);
    text[out.len] = '\0';
    return (const char *)text;
}
