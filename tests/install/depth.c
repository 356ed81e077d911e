/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much stack a verification takes, and how large the objects are that a
 * reader holds: depth IACA.pem DEVICE-RESPONSE SESSION-TRANSCRIPT SECONDS.
 * The verification runs on a stack that was painted before; what is no longer
 * painted afterwards was used.
 */
#include <carnet/anchor_store.h>
#include <carnet/policy.h>
#include <carnet/reader.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STACK = 1 << 20, PAINT = 0xa5, ENTRIES = 2 * CARNET_REPORT_DOCUMENT_ENTRIES };

static struct {
    carnet_crypto crypto;
    carnet_anchor_store store;
    carnet_anchor anchor[1];
    carnet_report_entry entries[ENTRIES];
    carnet_report report;
    carnet_span response, transcript;
    carnet_verdict verdict;
} with;

static carnet_span
load(const char *path)
{
    static uint8_t bytes[3][1 << 16];
    static size_t used;
    FILE *file = fopen(path, "rb");
    carnet_span got = { bytes[used], 0 };

    if (file != NULL) {
        got.len = fread(bytes[used++], 1, sizeof(bytes[0]), file);
        fclose(file);
    }
    return got;
}

static void *
verify(void *unused)
{
    const carnet_trust_anchors anchors = carnet_anchor_store_anchors(&with.store);
    const carnet_verification v = {
        .struct_size = sizeof(v), .crypto = &with.crypto, .anchors = &anchors, .session_transcript = with.transcript
    };

    (void)unused;
    (void)carnet_device_response_verify(&v, with.response, &with.report, NULL);
    return NULL;
}

static void *
nothing(void *unused)
{
    return unused;
}

/* Octets of stack that a thread of this function leaves its marks in. */
static size_t
depth_of(void *(*function)(void *))
{
    uint8_t *stack = aligned_alloc(4096, STACK);
    pthread_attr_t attributes;
    pthread_t thread;
    size_t clean = 0;

    if (stack == NULL)
        abort();
    memset(stack, PAINT, STACK);
    pthread_attr_init(&attributes);
    pthread_attr_setstack(&attributes, stack, STACK);
    if (pthread_create(&thread, &attributes, function, NULL) != 0)
        abort();
    pthread_join(thread, NULL);
    while (clean < STACK && stack[clean] == PAINT)
        clean++;
    free(stack);
    return STACK - clean;
}

int
main(int argc, char **argv)
{
    uint8_t der[4096];
    carnet_buf certificate = carnet_buf_of(der, sizeof(der));
    carnet_span pem = argc == 5 ? load(argv[1]) : carnet_span_of(NULL, 0);
    carnet_str text = { (const char *)pem.ptr, pem.len }, label;
    size_t deepest, empty;

    if (argc != 5 || carnet_crypto_init(&with.crypto, NULL) != CARNET_OK ||
        carnet_pem_next(&text, &label, &certificate, NULL) != CARNET_OK)
        return 2;
    carnet_anchor_store_init(&with.store, with.anchor, 1, NULL, 0);
    if (carnet_anchor_store_add(&with.store, carnet_buf_span(&certificate), carnet_str_of(""), NULL) != CARNET_OK)
        return 2;
    with.response = load(argv[2]);
    with.transcript = load(argv[3]);
    carnet_report_init(&with.report, with.entries, ENTRIES, strtoll(argv[4], NULL, 10), 60);
    empty = depth_of(nothing);
    deepest = depth_of(verify);
    with.verdict = carnet_policy_judge(&(carnet_policy){ .name = "depth" }, &with.report, CARNET_NO_DOCUMENT);
    carnet_crypto_done(&with.crypto);
    printf("stack %zu crypto %zu reader %zu session %zu report_entry %zu remembered_chain %zu certificate %zu\n",
           deepest - empty, sizeof(carnet_crypto), sizeof(carnet_reader), sizeof(carnet_session),
           sizeof(carnet_report_entry), sizeof(carnet_remembered_chain), sizeof(carnet_certificate));
    return with.verdict == CARNET_VERDICT_VALID ? 0 : 1;
}
