/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a reading takes beside the buffer its message lies in: the caller's
 * storage, the stack, and OpenSSL's heap.  Fails above the limits below.
 */
#include "carnet/anchor_store.h"
#include "carnet/certificate_builder.h"
#include "carnet/holder.h"
#include "carnet/issue.h"
#include "carnet/policy.h"
#include "carnet/reader.h"

#include <malloc.h>
#include <openssl/crypto.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STACK = 256 << 10, ENTRIES = 2 * CARNET_REPORT_DOCUMENT_ENTRIES, ROOM = 256 << 10, REQUEST_ROOM = 1024 };
/* Octets: storage, stack, heap beyond what opening the cryptography took. */
enum { MOST_STORAGE = 48 << 10, MOST_STACK = 24 << 10, MOST_HEAP = 32 << 10 };

#define NOW 1800000000
static const char doc_type[] = "org.iso.18013.5.1.mDL", name_space[] = "org.iso.18013.5.1";

static size_t heap, heap_peak, heap_calls;

static void
count(size_t len)
{
    heap += len;
    heap_peak = heap > heap_peak ? heap : heap_peak;
    heap_calls++;
}

static void *
take(size_t len, const char *file, int line)
{
    void *ptr = malloc(len);

    (void)file, (void)line;
    count(malloc_usable_size(ptr));
    return ptr;
}

static void
give(void *ptr, const char *file, int line)
{
    (void)file, (void)line;
    heap -= malloc_usable_size(ptr);
    free(ptr);
}

static void *
retake(void *ptr, size_t len, const char *file, int line)
{
    (void)file, (void)line;
    heap -= malloc_usable_size(ptr);
    ptr = realloc(ptr, len);
    count(malloc_usable_size(ptr));
    return ptr;
}

static void
must(carnet_rc rc, const carnet_err *err)
{
    if (rc != CARNET_OK) {
        fprintf(stderr, "reader_memory: %s: %s\n", carnet_rc_name(rc), err->reason);
        exit(3);
    }
}

/** Both sides of one session. */
typedef struct world {
    carnet_crypto mdoc_crypto, crypto;
    carnet_key device;
    carnet_held_document held;
    carnet_anchor slot;
    carnet_anchor_store trust;
    uint8_t certificates[2][CARNET_CERTIFICATE_MAX];
    carnet_holder holder;
    carnet_buf holder_storage, scratch, message;
    /* the reader's */
    carnet_reader reader;
    uint8_t storage_room[CARNET_READER_STORAGE + 256], request_room[REQUEST_ROOM];
    carnet_report_entry entries[ENTRIES];
    carnet_buf storage, request;
    carnet_report report;
    carnet_verdict verdict;
    int step;
    size_t stack;
} world;

static carnet_span
certificate(world *w, size_t i, carnet_certificate_spec *spec, const carnet_certificate *issuer, carnet_key *issuer_key,
            carnet_key *key)
{
    carnet_buf der = carnet_buf_of(w->certificates[i], sizeof w->certificates[i]);
    carnet_err err = { 0 };

    must(carnet_software_key_generate(&w->mdoc_crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, key, &err), &err);
    spec->struct_size = sizeof *spec;
    spec->public_key = key->public_key;
    spec->not_before = NOW - 1000;
    spec->not_after = NOW + 100 * CARNET_TIME_DAY;
    spec->issuer_uri = carnet_str_of("https://iaca.example");
    must(carnet_certificate_build(spec, issuer, issuer_key != NULL ? issuer_key : key, &w->mdoc_crypto, &der, &err),
         &err);
    return carnet_buf_span(&der);
}

/** An mDL with a portrait of this many octets. */
static void
issue(world *w, size_t portrait)
{
    carnet_certificate_spec root = { .profile = &carnet_profile_iaca,
                                     .subject = { .country = carnet_str_of("UT"), .common_name = carnet_str_of("R") } };
    carnet_certificate_spec leaf = { .profile = &carnet_profile_document_signer_mdl,
                                     .subject = { .country = carnet_str_of("UT"), .common_name = carnet_str_of("S") },
                                     .crl_uri = carnet_str_of("https://iaca.example/crl") };
    uint8_t *value = calloc(1, portrait + 8);
    carnet_cbor_builder b = carnet_cbor_build(value, portrait + 8);
    carnet_element elements[] = { { carnet_str_of(name_space), carnet_str_of("family_name"), { 0 } },
                                  { carnet_str_of(name_space), carnet_str_of("portrait"), { 0 } } };
    carnet_issue document = { .struct_size = sizeof document,
                              .doc_type = carnet_str_of(doc_type),
                              .elements = elements,
                              .count = CARNET_COUNT(elements),
                              .signed_at = NOW,
                              .valid_from = NOW,
                              .valid_until = NOW + 86400,
                              .device_key = &w->device.public_key };
    carnet_key root_key = { 0 }, leaf_key = { 0 };
    carnet_buf out = carnet_buf_of(malloc(portrait + 8192), portrait + 8192);
    carnet_certificate opened;
    carnet_issue_signer signer;
    carnet_span leaf_der;
    carnet_err err = { 0 };

    must(carnet_software_key_generate(&w->mdoc_crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, &w->device, &err), &err);
    must(carnet_certificate_open(certificate(w, 0, &root, NULL, NULL, &root_key), &opened, &err), &err);
    leaf_der = certificate(w, 1, &leaf, &opened, &root_key, &leaf_key);
    carnet_anchor_store_init(&w->trust, &w->slot, 1, NULL, 0);
    must(carnet_anchor_store_add(&w->trust, opened.der, (carnet_str){ 0 }, &err), &err);
    carnet_cbor_add_bstr_head(&b, portrait);
    b.len += portrait;
    memcpy(value + b.len - portrait, "\xff\xd8\xff", 3);
    elements[0].value = carnet_span_of("\x63"
                                       "Doe",
                                       4);
    elements[1].value = carnet_span_of(value, b.len);
    must(carnet_issue_signer_init(&signer, &leaf_key, &leaf_der, 1, &err), &err);
    w->held = (carnet_held_document){ .doc_type = document.doc_type, .device_key = &w->device };
    must(carnet_issue_build(&document, &signer, &w->mdoc_crypto, &out, &w->held.issuer_signed, &err), &err);
    carnet_key_done(&root_key);
    carnet_key_done(&leaf_key);
    free(value);
}

/** The reader's three steps, each on the painted stack. */
static void *
run(void *context)
{
    world *w = context;
    carnet_requested_element elements[] = {
        { carnet_str_of(name_space), carnet_str_of("family_name"), false },
        { carnet_str_of(name_space), carnet_str_of("portrait"), false },
    };
    carnet_doc_request_draft doc = { .doc_type = carnet_str_of(doc_type), .elements = elements, .count = 2 };
    carnet_trust_anchors anchors = carnet_anchor_store_anchors(&w->trust);
    carnet_verification v = { .struct_size = sizeof v, .anchors = &anchors };
    carnet_cbor_builder b = carnet_cbor_build(w->message.ptr, w->message.cap);
    carnet_span response;
    carnet_err err = { 0 };
    uint64_t status;

    if (w->step == 0) {
        must(carnet_reader_engage(&w->reader, &w->crypto, w->holder.device_engagement, NULL, &w->storage, &err), &err);
        must(carnet_reader_request(&w->reader, &(carnet_device_request_draft){ .documents = &doc, .count = 1 },
                                   &w->request, &b, &err),
             &err);
        w->message.len = b.len;
        return NULL;
    }
    must(carnet_reader_receive(&w->reader, w->message.ptr, w->message.len, &response, &status, &err), &err);
    must(carnet_reader_judge(&w->reader, &v, response, carnet_buf_span(&w->request), &w->report, &err), &err);
    w->verdict = carnet_policy_judge(NULL, &w->report, CARNET_NO_DOCUMENT);
    return NULL;
}

static void
run_on_painted_stack(world *w)
{
    static _Alignas(4096) uint8_t stack[STACK];
    pthread_attr_t attributes;
    pthread_t thread;
    size_t unused = 0;

    memset(stack, 0xa5, sizeof stack);
    pthread_attr_init(&attributes);
    pthread_attr_setstack(&attributes, stack, sizeof stack);
    if (pthread_create(&thread, &attributes, run, w) != 0) {
        exit(3);
    }
    pthread_join(thread, NULL);
    while (unused < sizeof stack && stack[unused] == 0xa5) {
        unused++;
    }
    w->stack = sizeof stack - unused > w->stack ? sizeof stack - unused : w->stack;
}

/** The mdoc answers in between; its memory is not counted. */
static void
answer(world *w)
{
    carnet_cbor_builder b = carnet_cbor_build(w->message.ptr, w->message.cap);
    carnet_device_request view;
    carnet_offer offers[4];
    carnet_span request;
    carnet_err err = { 0 };
    uint64_t status;
    size_t n;

    must(carnet_holder_receive(&w->holder, w->message.ptr, w->message.len, NULL, &request, &status, &err), &err);
    must(carnet_device_request_open(request, 0, &view, &err), &err);
    must(carnet_holder_match(&view, &w->held, 1, offers, CARNET_COUNT(offers), &n, &err), &err);
    for (size_t i = 0; i < n; i++) {
        offers[i].consented = true;
    }
    must(carnet_holder_answer(&w->holder, &view, &w->held, 1, offers, n, CARNET_SESSION_NO_STATUS, &w->scratch, &b,
                              &err),
         &err);
    w->message.len = b.len;
}

static bool
measure(size_t portrait)
{
    world *w = calloc(1, sizeof *w);
    size_t opened, used, reading = 0, storage;
    carnet_err err = { 0 };

    must(carnet_crypto_init(&w->mdoc_crypto, &err), &err);
    w->holder_storage = carnet_buf_of(malloc(4096), 4096);
    w->scratch = carnet_buf_of(malloc(ROOM), ROOM);
    w->message = carnet_buf_of(malloc(ROOM), ROOM);
    issue(w, portrait);
    must(carnet_holder_engage(&w->holder, &w->mdoc_crypto, CARNET_CURVE_P256, &(carnet_engagement_parameters){ 0 },
                              &w->holder_storage, &err),
         &err);
    used = heap;
    must(carnet_crypto_init(&w->crypto, &err), &err);
    opened = heap - used;
    w->storage = carnet_buf_of(w->storage_room, sizeof w->storage_room);
    w->request = carnet_buf_of(w->request_room, sizeof w->request_room);
    carnet_report_init(&w->report, w->entries, ENTRIES, NOW + 10, 0);
    for (w->step = 0; w->step < 2; w->step++) {
        used = heap_peak = heap;
        run_on_painted_stack(w);
        reading = heap_peak - used > reading ? heap_peak - used : reading;
        if (w->step == 0) {
            answer(w);
        }
    }
    storage = sizeof w->reader + w->storage.len + w->request.len + sizeof w->entries;
    printf("%8zu %10zu %10zu %10zu %12zu   %s\n", w->message.len, storage, w->stack, reading, opened,
           carnet_verdict_text(w->verdict));
    return w->verdict == CARNET_VERDICT_VALID && storage <= MOST_STORAGE && w->stack <= MOST_STACK &&
           reading <= MOST_HEAP;
}

int
main(void)
{
    bool small, large;

    CRYPTO_set_mem_functions(take, retake, give);
    puts(
        " message    storage      stack       heap   heap, opened   (octets; the message's own buffer is not counted)");
    small = measure(1024);
    large = measure(32 << 10);
    return small && large ? 0 : 1;
}
