/* SPDX-License-Identifier: Apache-2.0 */
/* The reader: scans, asks for seven elements, judges what comes. */
#include "carnet/device_response.h"
#include "carnet/reader.h"
#include "demo.h"

#include <string.h>

static const char *const wanted[] = { "family_name",        "given_name",  "birth_date",   "portrait",
                                      "driving_privileges", "age_over_18", "resident_city" };

/** A reader authority and this reader's certificate; the holder trusts the authority. */
static carnet_span
make_reader(demo *d, carnet_key *reader_key)
{
    carnet_certificate_spec authority = {
        .profile = &carnet_profile_reader_authority,
        .subject = { .country = carnet_str_of("UT"), .common_name = carnet_str_of("Utopia reader authority") },
        .not_before = d->now - CARNET_TIME_DAY,
        .not_after = d->now + 5 * 365 * CARNET_TIME_DAY,
        .issuer_uri = carnet_str_of("https://readers.utopia.example"),
    };
    carnet_certificate_spec reader = {
        .profile = &carnet_profile_reader,
        .subject = { .common_name = carnet_str_of("Utopia car rental, counter 3") },
        .not_before = d->now - CARNET_TIME_DAY,
        .not_after = d->now + 365 * CARNET_TIME_DAY,
        .issuer_uri = carnet_str_of("https://readers.utopia.example"),
        .crl_uri = carnet_str_of("https://readers.utopia.example/crl"),
    };
    carnet_certificate certificate;
    carnet_key authority_key = { 0 };
    carnet_err err = { 0 };
    carnet_span authority_der = demo_make_certificate(d, "reader-authority", &authority, NULL, NULL, &authority_key);
    carnet_span der;

    demo_check(d, "reader authority", carnet_certificate_open(authority_der, &certificate, &err), &err);
    der = demo_make_certificate(d, "reader", &reader, &certificate, &authority_key, reader_key);
    cli_make_directory(demo_file(d, "trusted-readers"), 0755);
    cli_write_pem(demo_file(d, "trusted-readers/reader-authority.pem"), "CERTIFICATE", authority_der);
    carnet_key_done(&authority_key);
    return der;
}

/** The engagement, from the picture of the QR code where this build can read pictures. */
static carnet_span
scan(demo *d)
{
    carnet_str uri;
    carnet_buf engagement = cli_buf(4096);
    carnet_uri_kind kind;
    carnet_err err = { 0 };

    demo_wait_for(d, demo_file(d, "engagement.png"));
    if (cli_qr_can_read()) {
        uri = cli_qr_read(demo_file(d, "engagement.png"));
        demo_say(d, "scans the QR code in the picture");
    } else {
        carnet_span text = cli_read(demo_file(d, "engagement.txt"));

        uri = (carnet_str){ (const char *)text.ptr, text.len };
        demo_say(d, "takes the QR code's text (this build cannot read pictures)");
    }
    demo_check(d, "QR code", carnet_engagement_uri_decode(uri, &kind, &engagement, &err), &err);
    return carnet_buf_span(&engagement);
}

/** Ask; returns the plain DeviceRequest. */
static carnet_span
ask(demo *d, carnet_reader *reader, carnet_key *reader_key, carnet_span certificate, carnet_link *link)
{
    carnet_requested_element elements[CARNET_COUNT(wanted)];
    carnet_reader_signer signer = { reader_key, &certificate, 1 };
    carnet_doc_request_draft doc = { .doc_type = carnet_str_of(DEMO_DOC_TYPE),
                                     .elements = elements,
                                     .count = CARNET_COUNT(elements),
                                     .signer = &signer };
    carnet_device_request_draft draft = { .documents = &doc, .count = 1 };
    carnet_buf scratch = cli_buf(8192), message = cli_buf(8192);
    carnet_cbor_builder b = carnet_cbor_build(message.ptr, message.cap);
    carnet_err err = { 0 };

    for (size_t i = 0; i < CARNET_COUNT(wanted); i++) {
        elements[i] = (carnet_requested_element){ carnet_str_of(DEMO_NAME_SPACE), carnet_str_of(wanted[i]),
                                                  strcmp(wanted[i], "birth_date") == 0 };
    }
    demo_check(d, "DeviceRequest", carnet_reader_request(reader, &draft, &scratch, &b, &err), &err);
    demo_keep(d, "device-request.cbor", carnet_buf_span(&scratch));
    demo_keep(d, "session-establishment.cbor", carnet_span_of(message.ptr, b.len));
    demo_cross("OP-1", "mdoc reader", "mdoc app", "SessionEstablishment", b.len);
    demo_check(d, "holder", carnet_link_send(link, carnet_span_of(message.ptr, b.len), DEMO_TIMEOUT_MS, &err), &err);
    return carnet_buf_span(&scratch);
}

static carnet_span
await_answer(demo *d, carnet_reader *reader, carnet_link *link)
{
    carnet_buf message = cli_buf(DEMO_MESSAGE_MAX);
    carnet_err err = { 0 };
    carnet_span response;
    uint64_t status;

    demo_check(d, "holder", carnet_link_receive(link, &message, DEMO_TIMEOUT_MS, &err), &err);
    demo_check(d, "SessionData", carnet_reader_receive(reader, message.ptr, message.len, &response, &status, &err),
               &err);
    demo_say(d, "decrypts a DeviceResponse of %zu bytes", response.len);
    demo_keep(d, "device-response.cbor", response);
    return response;
}

static int
judge(demo *d, carnet_reader *reader, carnet_span request, carnet_span response)
{
    carnet_anchor_store *trust = cli_read_trust(demo_file(d, "trust"));
    carnet_trust_anchors anchors = carnet_anchor_store_anchors(trust);
    carnet_revocation_source revocation = carnet_anchor_store_revocation(trust);
    carnet_verification v = {
        .struct_size = sizeof v, .anchors = &anchors, .revocation = &revocation, .allow = CARNET_CBOR_LENIENT
    };
    carnet_report *report = cli_report(d->now, 60);
    carnet_policy policy = { .name = "default" };
    carnet_str doc_type = carnet_str_of(DEMO_DOC_TYPE);
    carnet_err err = { 0 };

    demo_check(d, "DeviceResponse", carnet_reader_judge(reader, &v, response, request, report, &err), &err);
    putchar('\n');
    cli_report_text("the holder's answer", report, &policy, &doc_type, 1, true);
    return (int)carnet_policy_judge(&policy, report, CARNET_NO_DOCUMENT);
}

static void
write_out(void *self, const uint8_t *ptr, size_t len)
{
    fwrite(ptr, 1, len, self);
}

/** An element in diagnostic notation, long values cut. */
static void
print_element(const carnet_issuer_signed_item *item)
{
    static const carnet_cbor_print_options cut = { .longest = 16 };
    carnet_cbor_sink out = { write_out, stdout };

    printf("  %-22.*s", (int)item->identifier.len, item->identifier.ptr);
    if (carnet_cbor_print(item->value, &cut, out, NULL) != CARNET_OK) {
        fputs("(not printable)", stdout);
    }
    fputc('\n', stdout);
}

static void
show_elements(carnet_span response)
{
    carnet_device_response view;
    carnet_document document;
    carnet_issuer_signed signed_view;
    carnet_issuer_signed_cursor cursor = { 0 };
    carnet_issuer_signed_item item;

    if (carnet_device_response_open(response, CARNET_CBOR_LENIENT, &view, NULL) != CARNET_OK ||
        carnet_document_open(carnet_device_response_document(&view, 0), CARNET_CBOR_LENIENT, &document, NULL) !=
            CARNET_OK ||
        carnet_issuer_signed_open(document.issuer_signed, CARNET_CBOR_LENIENT, &signed_view, NULL) != CARNET_OK) {
        return;
    }
    puts("\nWhat the reader may now rely on:");
    while (carnet_issuer_signed_next(&signed_view, &cursor, &item)) {
        print_element(&item);
    }
}

int
demo_reader(demo *d)
{
    carnet_key reader_key = { 0 };
    carnet_buf storage = cli_buf(4096);
    carnet_reader reader = { 0 };
    carnet_link link = { 0 };
    carnet_err err = { 0 };
    carnet_span certificate, request, response;
    uint8_t goodbye[32];
    carnet_cbor_builder b = carnet_cbor_build(goodbye, sizeof goodbye);
    int result;

    certificate = make_reader(d, &reader_key);
    demo_check(d, "QR code", carnet_reader_engage(&reader, &d->crypto, scan(d), NULL, &storage, &err), &err);
    demo_keep(d, "session-transcript.cbor", reader.session_transcript);
    demo_check(d, "holder", carnet_link_connect(&link, cli_join(d->sockets, "session"), DEMO_TIMEOUT_MS, &err), &err);
    request = ask(d, &reader, &reader_key, certificate, &link);
    response = await_answer(d, &reader, &link);
    result = judge(d, &reader, request, response);
    if (result == CLI_VALID) {
        show_elements(response);
    }
    fflush(stdout);
    carnet_reader_end(&reader, CARNET_SESSION_TERMINATION, &b);
    demo_check(d, "holder", carnet_link_send(&link, carnet_span_of(goodbye, b.len), DEMO_TIMEOUT_MS, &err), &err);
    carnet_link_close(&link);
    carnet_reader_done(&reader);
    carnet_key_done(&reader_key);
    carnet_crypto_done(&d->crypto);
    return result;
}
