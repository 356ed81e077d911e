/* SPDX-License-Identifier: Apache-2.0 */
/* The holder: a device key, a licence, a QR code, and consent to five of the elements asked for. */
#include "carnet/cose_key.h"
#include "carnet/holder.h"
#include "carnet/reader_authentication.h"
#include "carnet/verify.h"
#include "demo.h"

#include <string.h>

/** What the holder of the story agrees to; everything else stays. */
static const char *const consent[] = { "family_name", "given_name", "portrait", "driving_privileges", "age_over_18" };

static void
obtain(demo *d, carnet_key *device_key, carnet_buf *issuer_signed)
{
    uint8_t key[CARNET_COSE_KEY_MAX];
    carnet_cbor_builder b = carnet_cbor_build(key, sizeof key);
    carnet_link link = { 0 };
    carnet_err err = { 0 };

    demo_check(d, "device key",
               carnet_software_key_generate(&d->crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, device_key, &err), &err);
    cli_write_key(demo_file(d, "device.key"), device_key);
    carnet_cose_key_build(&b, &device_key->public_key);
    demo_keep(d, "device-key.cbor", carnet_span_of(key, b.len));
    demo_check(d, "authority", carnet_link_connect(&link, cli_join(d->sockets, "issuing"), DEMO_TIMEOUT_MS, &err),
               &err);
    demo_check(d, "device key", carnet_link_send(&link, carnet_span_of(key, b.len), DEMO_TIMEOUT_MS, &err), &err);
    demo_check(d, "IssuerSigned", carnet_link_receive(&link, issuer_signed, DEMO_TIMEOUT_MS, &err), &err);
    carnet_link_close(&link);
    demo_keep(d, "issuer-signed.cbor", carnet_buf_span(issuer_signed));
}

/** A document is kept only if it verifies. */
static void
check_document(demo *d, carnet_span issuer_signed)
{
    carnet_anchor_store *trust = cli_read_trust(demo_file(d, "trust"));
    carnet_trust_anchors anchors = carnet_anchor_store_anchors(trust);
    carnet_verification v = {
        .struct_size = sizeof v, .crypto = &d->crypto, .anchors = &anchors, .allow = CARNET_CBOR_LENIENT
    };
    carnet_report *report = cli_report(d->now, 60);
    carnet_policy policy = { .name = "strict", .strict = true };
    carnet_err err = { 0 };

    demo_check(d, "IssuerSigned",
               carnet_issuer_signed_verify(&v, issuer_signed, carnet_str_of(DEMO_DOC_TYPE), report, &err), &err);
    demo_say(d, "holds a licence that is %s, its key in this process only",
             carnet_verdict_text(carnet_policy_judge(&policy, report, CARNET_NO_DOCUMENT)));
}

static void
show_engagement(demo *d, carnet_span engagement)
{
    carnet_buf uri = cli_buf(engagement.len * 2 + 16);

    carnet_engagement_uri_encode(CARNET_URI_DEVICE_ENGAGEMENT, engagement, &uri);
    demo_keep(d, "device-engagement.cbor", engagement);
    demo_keep(d, "engagement.txt", carnet_buf_span(&uri));
    demo_say(d, "shows a QR code:");
    if (!d->quiet) {
        cli_qr_print(carnet_buf_str(&uri));
        fflush(stdout);
    }
    printf("  %.*s\n", (int)uri.len, (const char *)uri.ptr);
    fflush(stdout);
    cli_qr_write(demo_file(d, "engagement.svg"), carnet_buf_str(&uri));
    cli_qr_write(demo_file(d, "drawing.png"), carnet_buf_str(&uri));
    if (rename(demo_file(d, "drawing.png"), demo_file(d, "engagement.png")) != 0) {
        cli_die_text("engagement.png", "it cannot be written");
    }
}

/** Who asks: the common name in the reader's certificate, if the request verifies. */
static bool
reader_verified(demo *d, carnet_span request, carnet_span transcript)
{
    carnet_anchor_store *trust = cli_read_trust(demo_file(d, "trusted-readers"));
    carnet_trust_anchors anchors = carnet_anchor_store_anchors(trust);
    carnet_verification v = { .struct_size = sizeof v,
                              .crypto = &d->crypto,
                              .anchors = &anchors,
                              .session_transcript = transcript,
                              .allow = CARNET_CBOR_LENIENT };
    carnet_report *report = cli_report(d->now, 60);
    carnet_policy policy = { .name = "default" };
    carnet_err err = { 0 };

    demo_check(d, "DeviceRequest", carnet_device_request_verify(&v, request, report, &err), &err);
    return carnet_policy_judge(&policy, report, CARNET_NO_DOCUMENT) == CARNET_VERDICT_VALID;
}

static size_t
ask_consent(demo *d, carnet_offer *offers, size_t count)
{
    size_t given = 0;

    for (size_t i = 0; i < count; i++) {
        for (size_t c = 0; c < CARNET_COUNT(consent); c++) {
            offers[i].consented |= carnet_str_is(offers[i].identifier, consent[c]);
        }
        given += offers[i].consented;
        demo_say(d, "  %-3s %.*s%s", offers[i].consented ? "yes" : "no", (int)offers[i].requested.len,
                 offers[i].requested.ptr, offers[i].retain ? "  (the reader wants to keep it)" : "");
    }
    return given;
}

/** Understand the request, ask, answer. */
static void
answer(demo *d, carnet_holder *holder, const carnet_held_document *held, carnet_span request, carnet_link *link)
{
    carnet_buf scratch = cli_buf(DEMO_MESSAGE_MAX), message = cli_buf(DEMO_MESSAGE_MAX);
    carnet_cbor_builder b = carnet_cbor_build(message.ptr, message.cap);
    carnet_device_request view;
    carnet_offer offers[32];
    carnet_err err = { 0 };
    size_t count = 0, given;

    demo_check(d, "DeviceRequest", carnet_device_request_open(request, CARNET_CBOR_LENIENT, &view, &err), &err);
    demo_say(d, "is asked by a reader that is %s:",
             reader_verified(d, request, holder->session_transcript) ? "authenticated" : "NOT authenticated");
    demo_check(d, "DeviceRequest", carnet_holder_match(&view, held, 1, offers, CARNET_COUNT(offers), &count, &err),
               &err);
    given = ask_consent(d, offers, count);
    demo_say(d, "consents to %zu of %zu elements", given, count);
    demo_check(
        d, "DeviceResponse",
        carnet_holder_answer(holder, &view, held, 1, offers, count, CARNET_SESSION_NO_STATUS, &scratch, &b, &err),
        &err);
    demo_keep(d, "session-data.cbor", carnet_span_of(message.ptr, b.len));
    demo_cross("OP-2", "mdoc app", "mdoc reader", "SessionData", b.len);
    demo_check(d, "SessionData", carnet_link_send(link, carnet_span_of(message.ptr, b.len), DEMO_TIMEOUT_MS, &err),
               &err);
}

static void
converse(demo *d, carnet_holder *holder, const carnet_held_document *held, carnet_link *link)
{
    carnet_buf message = cli_buf(DEMO_MESSAGE_MAX);
    carnet_err err = { 0 };
    carnet_span request;
    uint64_t status = 0;

    while (status == 0) {
        message.len = 0;
        demo_check(d, "reader", carnet_link_receive(link, &message, DEMO_TIMEOUT_MS, &err), &err);
        demo_check(d, "reader", carnet_holder_receive(holder, message.ptr, message.len, NULL, &request, &status, &err),
                   &err);
        if (request.len != 0) {
            answer(d, holder, held, request, link);
        }
    }
    demo_say(d, "the session is over: %s", carnet_session_status_text(status));
}

int
demo_holder(demo *d)
{
    static const uint8_t service[16] = { 0x2b, 0x71, 0x0c, 0x3e, 0x5a, 0x44, 0x4d, 0x11,
                                         0x9a, 0x0e, 0x66, 0x1f, 0x83, 0x2d, 0x70, 0x95 };
    uint8_t method[64];
    carnet_cbor_builder b = carnet_cbor_build(method, sizeof method);
    const char *path = cli_join(d->sockets, "session");
    carnet_buf issuer_signed = cli_buf(DEMO_MESSAGE_MAX), storage = cli_buf(2048);
    carnet_key device_key = { 0 };
    carnet_held_document held = { .doc_type = carnet_str_of(DEMO_DOC_TYPE), .device_key = &device_key };
    carnet_holder holder = { 0 };
    carnet_link link = { 0 };
    carnet_err err = { 0 };
    carnet_span method_span;
    int listener;

    obtain(d, &device_key, &issuer_signed);
    check_document(d, carnet_buf_span(&issuer_signed));
    held.issuer_signed = carnet_buf_span(&issuer_signed);
    carnet_method_build_ble(&b, service, NULL);
    method_span = carnet_span_of(method, b.len);
    demo_check(d, "engagement",
               carnet_holder_engage(&holder, &d->crypto, CARNET_CURVE_P256,
                                    &(carnet_engagement_parameters){ .methods = &method_span, .method_count = 1 },
                                    &storage, &err),
               &err);
    demo_check(d, "socket", carnet_link_listen(path, &listener, &err), &err);
    show_engagement(d, holder.device_engagement);
    demo_check(d, "socket", carnet_link_accept(&link, &listener, path, DEMO_TIMEOUT_MS, &err), &err);
    converse(d, &holder, &held, &link);
    carnet_link_close(&link);
    carnet_holder_done(&holder);
    carnet_key_done(&device_key);
    carnet_crypto_done(&d->crypto);
    return CLI_VALID;
}
