/* SPDX-License-Identifier: Apache-2.0 */
/* The operations measured, and what each must hash. */
#include "bench.h"
#include "carnet/cose_sign1.h"
#include "carnet/mso.h"

static carnet_anchor anchors[4];
static carnet_span lists[1];
static carnet_anchor_store store;
static carnet_trust_anchors source;
static carnet_remembered_chain slots[4];
static carnet_chain_memory memory;
static carnet_report_entry entries[160];
static uint8_t buffer[192 << 10];
static carnet_issue_signer signer;
static carnet_element elements[2][30];
static size_t element_count[2];
static const carnet_policy policy = { .name = "default" };

static void
run_verify(bench_inputs *in, const bench_operation *self)
{
    carnet_verification v = { .struct_size = sizeof v,
                              .crypto = in->crypto,
                              .anchors = &source,
                              .session_transcript = in->transcript,
                              .allow = CARNET_CBOR_LENIENT,
                              .memory = self->remembered ? &memory : NULL };
    carnet_report report;
    carnet_err err = { 0 };

    carnet_report_init(&report, entries, CARNET_COUNT(entries), in->now, 60);
    if (carnet_device_response_verify(&v, in->response[self->elements][self->kind], &report, &err) != CARNET_OK) {
        bench_die(self->name, &err);
    }
    if (carnet_policy_judge(&policy, &report, CARNET_NO_DOCUMENT) != CARNET_VERDICT_VALID) {
        bench_die(self->name, NULL);
    }
}

static void
run_issue(bench_inputs *in, const bench_operation *self)
{
    carnet_issue document = { .struct_size = sizeof document,
                              .doc_type = carnet_str_of("org.iso.18013.5.1.mDL"),
                              .elements = elements[self->elements],
                              .count = element_count[self->elements],
                              .signed_at = in->now,
                              .valid_from = in->now,
                              .valid_until = in->now + 300 * CARNET_TIME_DAY,
                              .device_key = &in->device_key.public_key };
    carnet_buf buf = carnet_buf_of(buffer, sizeof buffer);
    carnet_err err = { 0 };
    carnet_span out;

    if (carnet_issue_build(&document, &signer, in->crypto, &buf, &out, &err) != CARNET_OK) {
        bench_die(self->name, &err);
    }
}

/** From the encoded document a holder keeps, which was checked in full when it was kept. */
static void
run_present(bench_inputs *in, const bench_operation *self)
{
    carnet_issuer_signed_item items[5];
    carnet_presented_document document = { .doc_type = carnet_str_of("org.iso.18013.5.1.mDL"),
                                           .items = items,
                                           .device_key = &in->device_key };
    carnet_presentation presentation = { .session_transcript = in->transcript, .documents = &document, .count = 1 };
    carnet_cbor_builder b = carnet_cbor_build(buffer, sizeof buffer);
    carnet_issuer_signed view;
    carnet_err err = { 0 };

    if (carnet_issuer_signed_open_held(in->issuer_signed[self->elements], 0, &view, &err) != CARNET_OK ||
        carnet_present_select(&view, in->disclose[self->kind], 5, items, &document.item_count, &err) != CARNET_OK) {
        bench_die(self->name, &err);
    }
    document.issuer_auth = view.issuer_auth;
    if (carnet_present(&presentation, in->crypto, &b, &err) != CARNET_OK) {
        bench_die(self->name, &err);
    }
}

/** Everything a reader looks at before any cryptography: all structures of the response, to the last element. */
static void
run_parse(bench_inputs *in, const bench_operation *self)
{
    carnet_device_response response;
    carnet_document document;
    carnet_issuer_signed issuer_signed;
    carnet_device_signed device_signed;
    carnet_cose_sign1 issuer_auth;
    carnet_mso mso;
    carnet_err err = { 0 };

    if (carnet_device_response_open(in->response_all, CARNET_CBOR_LENIENT, &response, &err) != CARNET_OK ||
        carnet_document_open(carnet_device_response_document(&response, 0), CARNET_CBOR_LENIENT, &document, &err) !=
            CARNET_OK ||
        carnet_issuer_signed_open(document.issuer_signed, CARNET_CBOR_LENIENT, &issuer_signed, &err) != CARNET_OK ||
        carnet_device_signed_open(document.device_signed, CARNET_CBOR_LENIENT, &device_signed, &err) != CARNET_OK ||
        carnet_cose_sign1_open(issuer_signed.issuer_auth, CARNET_CBOR_LENIENT, &issuer_auth, &err) != CARNET_OK ||
        carnet_mso_open(issuer_auth.payload, in->response_all.ptr, CARNET_CBOR_LENIENT, &mso, &err) != CARNET_OK) {
        bench_die(self->name, &err);
    }
}

#define VERIFY(n, elements, size, kind)                                                                                \
    { "verify-" #n "-" size "-remembered", run_verify, elements, kind, 2, 0, true },                                   \
    {                                                                                                                  \
        "verify-" #n "-" size "-each", run_verify, elements, kind, 3, 0, false                                         \
    }

const bench_operation bench_operations[] = {
    VERIFY(11, 0, "small", 0),
    VERIFY(11, 0, "portrait", 1),
    VERIFY(30, 1, "small", 0),
    VERIFY(30, 1, "portrait", 1),
    { "issue-11", run_issue, 0, 1, 0, 1, false },
    { "issue-30", run_issue, 1, 1, 0, 1, false },
    { "present-11-small", run_present, 0, 0, 0, 1, false },
    { "present-11-portrait", run_present, 0, 1, 0, 1, false },
    { "present-30-small", run_present, 1, 0, 0, 1, false },
    { "present-30-portrait", run_present, 1, 1, 0, 1, false },
    { "parse-30-all", run_parse, 1, 1, 0, 0, false },
};
const size_t bench_operation_count = CARNET_COUNT(bench_operations);

void
bench_prepare(bench_inputs *in)
{
    carnet_err err = { 0 };

    carnet_anchor_store_init(&store, anchors, CARNET_COUNT(anchors), lists, CARNET_COUNT(lists));
    if (carnet_anchor_store_add(&store, in->iaca, (carnet_str){ 0 }, &err) != CARNET_OK ||
        carnet_issue_signer_init(&signer, &in->signer_key, &in->signer, 1, &err) != CARNET_OK) {
        bench_die("certificates", &err);
    }
    source = carnet_anchor_store_anchors(&store);
    carnet_chain_memory_init(&memory, slots, CARNET_COUNT(slots));
    for (int n = 0; n < 2; n++) {
        carnet_issuer_signed_cursor cursor = { 0 };
        carnet_issuer_signed_item item;
        carnet_issuer_signed view;

        if (carnet_issuer_signed_open(in->issuer_signed[n], 0, &view, &err) != CARNET_OK) {
            bench_die("IssuerSigned", &err);
        }
        while (element_count[n] < 30 && carnet_issuer_signed_next(&view, &cursor, &item)) {
            elements[n][element_count[n]++] = (carnet_element){ item.name_space, item.identifier, item.value };
        }
    }
}

static void
add(bench_hashed *h, size_t length)
{
    if (h->count < BENCH_HASHED_MAX) {
        h->lengths[h->count++] = length;
    }
}

/** Items, and the Sig_structure over the MSO ("Signature1", protected header, payload: some 20 octets around it). */
static void
add_issuer(bench_hashed *h, carnet_span issuer_signed)
{
    carnet_issuer_signed_cursor cursor = { 0 };
    carnet_issuer_signed_item item;
    carnet_issuer_signed view;
    carnet_cose_sign1 auth;

    if (carnet_issuer_signed_open(issuer_signed, CARNET_CBOR_LENIENT, &view, NULL) != CARNET_OK ||
        carnet_cose_sign1_open(view.issuer_auth, CARNET_CBOR_LENIENT, &auth, NULL) != CARNET_OK) {
        bench_die("IssuerSigned", NULL);
    }
    while (carnet_issuer_signed_next(&view, &cursor, &item)) {
        add(h, item.encoded.len);
    }
    add(h, auth.payload.len + 20);
}

bench_hashed
bench_hashes_of(bench_inputs *in, const bench_operation *operation)
{
    /* DeviceAuthentication: its name, the transcript, the document type, an empty map, and COSE around it. */
    size_t device = in->transcript.len + 70;
    bench_hashed h = { 0 };

    if (operation->run == run_verify) {
        carnet_device_response view;
        carnet_document document;
        carnet_certificate certificate;

        if (carnet_device_response_open(in->response[operation->elements][operation->kind], CARNET_CBOR_LENIENT, &view,
                                        NULL) != CARNET_OK ||
            carnet_document_open(carnet_device_response_document(&view, 0), CARNET_CBOR_LENIENT, &document, NULL) !=
                CARNET_OK ||
            carnet_certificate_open(in->signer, &certificate, NULL) != CARNET_OK) {
            bench_die("response", NULL);
        }
        add_issuer(&h, document.issuer_signed);
        add(&h, device);
        if (!operation->remembered) {
            add(&h, certificate.tbs.len);
        }
    } else if (operation->run == run_issue) {
        add_issuer(&h, in->issuer_signed[operation->elements]);
    } else if (operation->run == run_present) {
        add(&h, device);
    }
    return h;
}
