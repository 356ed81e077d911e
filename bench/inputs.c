/* SPDX-License-Identifier: Apache-2.0 */
/* Inputs: from the shared folder, or documents of the same shape made here. */
#include "bench.h"
#include "carnet/certificate_builder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const names11[] = {
    "family_name",           "given_name",        "birth_date",      "issue_date", "expiry_date",
    "issuing_country",       "issuing_authority", "document_number", "portrait",   "driving_privileges",
    "un_distinguishing_sign"
};
static const char *const small[] = { "family_name", "given_name", "birth_date", "document_number", "expiry_date" };
static const char *const portrait[] = { "family_name", "given_name", "birth_date", "document_number", "portrait" };

void
bench_die(const char *what, const carnet_err *err)
{
    fprintf(stderr, "bench: %s: %s %s %s\n", what, err != NULL ? carnet_rc_text(err->rc) : "",
            err != NULL ? err->reason : "", err != NULL ? err->path : "");
    exit(3);
}

static void *
room(size_t size)
{
    void *ptr = calloc(1, size);

    if (ptr == NULL) {
        bench_die("memory", NULL);
    }
    return ptr;
}

static bool
load(const char *name, carnet_span *out)
{
    const char *shared = getenv("CARNET_SHARED");
    char path[1024];
    uint8_t *bytes;
    size_t len;
    FILE *in;

    snprintf(path, sizeof path, "%s/bench/inputs/%s", shared != NULL ? shared : CARNET_SOURCE_ROOT "/../shared", name);
    in = fopen(path, "rbe");
    if (in == NULL) {
        return false;
    }
    bytes = room(128 << 10);
    len = fread(bytes, 1, 128 << 10, in);
    fclose(in);
    *out = carnet_span_of(bytes, len);
    return len > 0;
}

static bool
load_key(bench_inputs *in, const char *name, carnet_key *key)
{
    carnet_span pem;
    carnet_str text, label;
    carnet_buf der = carnet_buf_of(room(4096), 4096);

    if (!load(name, &pem)) {
        return false;
    }
    text = (carnet_str){ (const char *)pem.ptr, pem.len };
    return carnet_pem_next(&text, &label, &der, NULL) == CARNET_OK &&
           carnet_software_key_from_der(in->crypto, carnet_buf_span(&der), CARNET_KEY_SIGN, key, NULL) == CARNET_OK;
}

static bool
load_shared(bench_inputs *in)
{
    in->source = "shared inputs";
    return load("iaca.crt.der", &in->iaca) && load("ds.crt.der", &in->signer) &&
           load("session-transcript.cbor", &in->transcript) && load_key(in, "ds.key.pem", &in->signer_key) &&
           load_key(in, "device.key.pem", &in->device_key) && load("issuer-signed-11.cbor", &in->issuer_signed[0]) &&
           load("issuer-signed-30.cbor", &in->issuer_signed[1]) &&
           load("device-response-11-small.cbor", &in->response[0][0]) &&
           load("device-response-11-portrait.cbor", &in->response[0][1]) &&
           load("device-response-30-small.cbor", &in->response[1][0]) &&
           load("device-response-30-portrait.cbor", &in->response[1][1]) &&
           load("device-response-30-all.cbor", &in->response_all);
}

static carnet_span
certificate(bench_inputs *in, carnet_certificate_spec *spec, const carnet_certificate *issuer, carnet_key *issuer_key,
            carnet_key *key)
{
    carnet_buf out = carnet_buf_of(room(CARNET_CERTIFICATE_MAX), CARNET_CERTIFICATE_MAX);
    carnet_err err = { 0 };

    if (carnet_software_key_generate(in->crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, key, &err) != CARNET_OK) {
        bench_die("key", &err);
    }
    spec->struct_size = sizeof *spec;
    spec->public_key = key->public_key;
    if (carnet_certificate_build(spec, issuer, issuer_key != NULL ? issuer_key : key, in->crypto, &out, &err) !=
        CARNET_OK) {
        bench_die("certificate", &err);
    }
    return carnet_buf_span(&out);
}

static void
make_authority(bench_inputs *in)
{
    carnet_certificate_spec root = { .profile = &carnet_profile_iaca,
                                     .subject = { .country = carnet_str_of("UT"),
                                                  .common_name = carnet_str_of("bench IACA") },
                                     .not_before = in->now - 9 * CARNET_TIME_DAY,
                                     .not_after = in->now + 3000 * CARNET_TIME_DAY,
                                     .issuer_uri = carnet_str_of("https://iaca.example") };
    carnet_certificate_spec signer = { .profile = &carnet_profile_document_signer_mdl,
                                       .subject = { .country = carnet_str_of("UT"),
                                                    .common_name = carnet_str_of("bench DS") },
                                       .not_before = in->now - 8 * CARNET_TIME_DAY,
                                       .not_after = in->now + 440 * CARNET_TIME_DAY,
                                       .issuer_uri = carnet_str_of("https://iaca.example"),
                                       .crl_uri = carnet_str_of("https://iaca.example/crl") };
    carnet_key root_key = { 0 };
    carnet_certificate issuer;
    carnet_err err = { 0 };

    in->iaca = certificate(in, &root, NULL, NULL, &root_key);
    if (carnet_certificate_open(in->iaca, &issuer, &err) != CARNET_OK) {
        bench_die("certificate", &err);
    }
    in->signer = certificate(in, &signer, &issuer, &root_key, &in->signer_key);
    carnet_key_done(&root_key);
}

/** An element's value: text, or 30,671 bytes for the portrait. */
static carnet_span
value_of(const char *name)
{
    carnet_cbor_builder b =
        carnet_cbor_build(room(strcmp(name, "portrait") == 0 ? 31000 : 64), strcmp(name, "portrait") == 0 ? 31000 : 64);

    if (strcmp(name, "portrait") == 0) {
        carnet_cbor_add_bstr(&b, carnet_span_of(room(30671), 30671));
    } else if (strstr(name, "_date") != NULL) {
        carnet_cbor_add_full_date(&b, (carnet_date){ 1984, 1, 26 });
    } else {
        carnet_cbor_add_text(&b, strcmp(name, "issuing_country") == 0 ? "UT" : "a value of some length");
    }
    return carnet_span_of(b.ptr, b.len);
}

static carnet_span
make_issuer_signed(bench_inputs *in, size_t count)
{
    carnet_element elements[30];
    carnet_issue document = { .struct_size = sizeof document,
                              .doc_type = carnet_str_of("org.iso.18013.5.1.mDL"),
                              .elements = elements,
                              .count = count,
                              .signed_at = in->now - CARNET_TIME_DAY,
                              .valid_from = in->now - CARNET_TIME_DAY,
                              .valid_until = in->now + 300 * CARNET_TIME_DAY,
                              .device_key = &in->device_key.public_key };
    carnet_buf buf = carnet_buf_of(room(128 << 10), 128 << 10);
    carnet_issue_signer signer;
    carnet_err err = { 0 };
    carnet_span out;

    for (size_t i = 0; i < count; i++) {
        char *name = room(32);

        snprintf(name, 32, "element_%02zu", i);
        elements[i].name_space = carnet_str_of("org.iso.18013.5.1");
        elements[i].identifier = carnet_str_of(i < CARNET_COUNT(names11) ? names11[i] : name);
        elements[i].value = value_of(elements[i].identifier.ptr);
    }
    if (carnet_issue_signer_init(&signer, &in->signer_key, &in->signer, 1, &err) != CARNET_OK ||
        carnet_issue_build(&document, &signer, in->crypto, &buf, &out, &err) != CARNET_OK) {
        bench_die("issue", &err);
    }
    return out;
}

static carnet_span
make_response(bench_inputs *in, carnet_span issuer_signed, const carnet_element_name *names, size_t count)
{
    carnet_issuer_signed_item items[30];
    carnet_cbor_builder b = carnet_cbor_build(room(128 << 10), 128 << 10);
    carnet_presented_document document = { .doc_type = carnet_str_of("org.iso.18013.5.1.mDL"),
                                           .device_key = &in->device_key };
    carnet_presentation presentation = { .session_transcript = in->transcript, .documents = &document, .count = 1 };
    carnet_issuer_signed view;
    carnet_err err = { 0 };
    size_t found = 0;

    if (carnet_issuer_signed_open(issuer_signed, 0, &view, &err) != CARNET_OK) {
        bench_die("IssuerSigned", &err);
    }
    if (names != NULL) {
        if (carnet_present_select(&view, names, count, items, &found, &err) != CARNET_OK) {
            bench_die("select", &err);
        }
    } else {
        carnet_issuer_signed_cursor cursor = { 0 };

        while (found < 30 && carnet_issuer_signed_next(&view, &cursor, &items[found])) {
            found++;
        }
    }
    document.issuer_auth = view.issuer_auth;
    document.items = items;
    document.item_count = found;
    if (carnet_present(&presentation, in->crypto, &b, &err) != CARNET_OK) {
        bench_die("present", &err);
    }
    return carnet_span_of(b.ptr, b.len);
}

static void
make_here(bench_inputs *in)
{
    static const uint8_t transcript[] = { 0x83, 0xf6, 0xf6, 0x82, 0x71, 'O', 'p', 'e', 'n', 'I', 'D',  '4',
                                          'V',  'P',  'H',  'a',  'n',  'd', 'o', 'v', 'e', 'r', 0x58, 0x20 };
    uint8_t *bytes = room(sizeof transcript + 32);

    in->source = "inputs made here";
    memcpy(bytes, transcript, sizeof transcript);
    in->transcript = carnet_span_of(bytes, sizeof transcript + 32);
    make_authority(in);
    if (carnet_software_key_generate(in->crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, &in->device_key, NULL) !=
        CARNET_OK) {
        bench_die("key", NULL);
    }
    for (int n = 0; n < 2; n++) {
        in->issuer_signed[n] = make_issuer_signed(in, n == 0 ? 11 : 30);
        for (int k = 0; k < 2; k++) {
            in->response[n][k] = make_response(in, in->issuer_signed[n], in->disclose[k], 5);
        }
    }
    in->response_all = make_response(in, in->issuer_signed[1], NULL, 0);
}

void
bench_load(bench_inputs *in)
{
    if (carnet_time_parse(carnet_str_of("2026-11-21T00:00:00Z"), &in->now, NULL, NULL) != CARNET_OK) {
        bench_die("time", NULL);
    }
    for (int i = 0; i < 5; i++) {
        in->disclose[0][i] = (carnet_element_name){ carnet_str_of("org.iso.18013.5.1"), carnet_str_of(small[i]) };
        in->disclose[1][i] = (carnet_element_name){ carnet_str_of("org.iso.18013.5.1"), carnet_str_of(portrait[i]) };
    }
    if (!load_shared(in)) {
        make_here(in);
    }
}
