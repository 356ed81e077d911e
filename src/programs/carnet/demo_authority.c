/* SPDX-License-Identifier: Apache-2.0 */
/* The issuing authority: root, document signer, revocation list, and one licence for whoever asks. */
#include "carnet/claims.h"
#include "carnet/cose_key.h"
#include "carnet/issue.h"
#include "demo.h"

#include <string.h>

extern const uint8_t demo_portrait[], demo_portrait_end[];
__asm__(".pushsection .rodata\n"
        ".globl demo_portrait\n.globl demo_portrait_end\n"
        "demo_portrait: .incbin \"" CARNET_PORTRAIT "\"\n"
        "demo_portrait_end: .byte 0\n"
        ".popsection\n");

static const char claims_text[] =
    "{\n"
    "  \"family_name\": \"Musterfrau\",\n"
    "  \"given_name\": \"Erika\",\n"
    "  \"birth_date\": \"1984-01-26\",\n"
    "  \"issue_date\": \"2024-03-01\",\n"
    "  \"expiry_date\": \"2034-02-28\",\n"
    "  \"issuing_country\": \"UT\",\n"
    "  \"issuing_authority\": \"Utopia Department of Motor Vehicles\",\n"
    "  \"document_number\": \"UT-987654321\",\n"
    "  \"portrait\": {\"$bstr\": \"portrait.jpg\"},\n"
    "  \"driving_privileges\": [\n"
    "    {\"vehicle_category_code\": \"A\", \"issue_date\": \"2018-08-09\", \"expiry_date\": \"2034-10-20\"},\n"
    "    {\"vehicle_category_code\": \"B\", \"issue_date\": \"2017-02-23\", \"expiry_date\": \"2034-10-20\"}\n"
    "  ],\n"
    "  \"un_distinguishing_sign\": \"UTO\",\n"
    "  \"resident_city\": \"Utopia City\",\n"
    "  \"age_over_18\": true,\n"
    "  \"age_over_21\": true\n"
    "}\n";

static carnet_span
portrait(void)
{
    return carnet_span_of(demo_portrait, (size_t)(demo_portrait_end - demo_portrait));
}

static carnet_rc
give_portrait(void *self, carnet_str name, carnet_buf *out, carnet_err *err)
{
    (void)self;
    if (!carnet_str_is(name, "portrait.jpg")) {
        return carnet_fail(err, CARNET_E_DOCTYPE_ELEMENT, NULL, "there is only portrait.jpg");
    }
    carnet_buf_add(out, portrait());
    return CARNET_OK;
}

/** The authority's certificates; the signer's key is left in *signer_key. */
static carnet_span
make_authority(demo *d, carnet_key *signer_key)
{
    carnet_certificate_spec root = {
        .profile = &carnet_profile_iaca,
        .subject = { .country = carnet_str_of("UT"), .common_name = carnet_str_of("Utopia IACA") },
        .not_before = d->now - CARNET_TIME_DAY,
        .not_after = d->now + 9 * 365 * CARNET_TIME_DAY,
        .issuer_uri = carnet_str_of("https://iaca.utopia.example"),
    };
    carnet_certificate_spec signer = {
        .profile = &carnet_profile_document_signer_mdl,
        .subject = { .country = carnet_str_of("UT"), .common_name = carnet_str_of("Utopia document signer 1") },
        .not_before = d->now - CARNET_TIME_DAY,
        .not_after = d->now + 450 * CARNET_TIME_DAY,
        .issuer_uri = carnet_str_of("https://iaca.utopia.example"),
        .crl_uri = carnet_str_of("https://iaca.utopia.example/crl"),
    };
    carnet_crl_spec list = { .struct_size = sizeof list,
                             .this_update = d->now - 3600,
                             .next_update = d->now + 30 * CARNET_TIME_DAY,
                             .number = 1 };
    carnet_certificate certificate;
    carnet_key root_key = { 0 };
    carnet_buf crl = cli_buf(1024);
    carnet_err err = { 0 };
    carnet_span root_der = demo_make_certificate(d, "iaca", &root, NULL, NULL, &root_key), signer_der;

    demo_check(d, "iaca", carnet_certificate_open(root_der, &certificate, &err), &err);
    signer_der = demo_make_certificate(d, "signer", &signer, &certificate, &root_key, signer_key);
    demo_check(d, "crl", carnet_crl_build(&list, &certificate, &root_key, &d->crypto, &crl, &err), &err);
    cli_make_directory(demo_file(d, "trust"), 0755);
    cli_write_pem(demo_file(d, "trust/iaca.crl"), "X509 CRL", carnet_buf_span(&crl));
    cli_write_pem(demo_file(d, "trust/iaca.pem"), "CERTIFICATE", root_der);
    carnet_key_done(&root_key);
    return signer_der;
}

static size_t
read_claims(demo *d, carnet_element *elements, size_t cap)
{
    carnet_claims_options options = { .doctype = carnet_doctype_find(carnet_str_of(DEMO_DOC_TYPE)),
                                      .file = give_portrait };
    carnet_buf storage = cli_buf(portrait().len + 8192);
    carnet_json *json = NULL;
    carnet_err err = { 0 };
    size_t count = 0;

    demo_keep(d, "claims.json", carnet_str_bytes(carnet_str_of(claims_text)));
    demo_keep(d, "portrait.jpg", portrait());
    demo_check(d, "claims", carnet_json_parse(carnet_str_of(claims_text), &json, &err), &err);
    demo_check(d, "claims", carnet_claims_read(json, &options, &storage, elements, cap, &count, &err), &err);
    carnet_json_free(&json);
    return count;
}

static carnet_span
issue(demo *d, carnet_key *signer_key, carnet_span signer_der, const carnet_public_key *device_key)
{
    carnet_element elements[32];
    carnet_issue document = {
        .struct_size = sizeof document,
        .doc_type = carnet_str_of(DEMO_DOC_TYPE),
        .elements = elements,
        .count = read_claims(d, elements, CARNET_COUNT(elements)),
        .signed_at = d->now,
        .valid_from = d->now,
        .valid_until = d->now + 365 * CARNET_TIME_DAY,
        .device_key = device_key,
        .shuffle = true,
    };
    carnet_issue_signer signer;
    carnet_err err = { 0 };
    carnet_span issuer_signed;
    carnet_buf buf;
    size_t size = 0;

    demo_check(d, "signer", carnet_issue_signer_init(&signer, signer_key, &signer_der, 1, &err), &err);
    demo_check(d, "issue", carnet_issue_measure(&document, &signer, &size, &err), &err);
    buf = cli_buf(size);
    demo_check(d, "issue", carnet_issue_build(&document, &signer, &d->crypto, &buf, &issuer_signed, &err), &err);
    demo_say(d, "issues a mobile driving licence: %zu elements, portrait of %zu bytes", document.count, portrait().len);
    return issuer_signed;
}

int
demo_authority(demo *d)
{
    const char *path = cli_join(d->sockets, "issuing");
    carnet_buf message = cli_buf(4096);
    carnet_key signer_key = { 0 };
    carnet_cose_key device_key;
    carnet_link link = { 0 };
    carnet_err err = { 0 };
    carnet_span signer_der, issuer_signed;
    int listener;

    signer_der = make_authority(d, &signer_key);
    demo_say(d, "is Utopia: IACA root, document signer, revocation list");
    demo_check(d, "socket", carnet_link_listen(path, &listener, &err), &err);
    demo_check(d, "socket", carnet_link_accept(&link, &listener, path, DEMO_TIMEOUT_MS, &err), &err);
    demo_check(d, "device key", carnet_link_receive(&link, &message, DEMO_TIMEOUT_MS, &err), &err);
    demo_cross("IS-6", "mdoc app", "issuing authority", "device key", message.len);
    demo_check(d, "device key", carnet_cose_key_open(carnet_buf_span(&message), 0, &d->crypto, &device_key, &err),
               &err);
    issuer_signed = issue(d, &signer_key, signer_der, &device_key.key);
    demo_cross("IS-6", "issuing authority", "mdoc app", "IssuerSigned", issuer_signed.len);
    demo_check(d, "IssuerSigned", carnet_link_send(&link, issuer_signed, DEMO_TIMEOUT_MS, &err), &err);
    carnet_link_close(&link);
    carnet_key_done(&signer_key);
    carnet_crypto_done(&d->crypto);
    return CLI_VALID;
}
