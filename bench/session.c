/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a session costs beside its cryptography alone, in the same run: ECDH on
 * each side and AES-256-GCM of each message, by OpenSSL's own calls with all
 * that can be prepared prepared.  Then, what HTTP adds to each message beside
 * the least that 18013-5 11.3 and RFC 9112 allow.  Exit status 1: a session is
 * below 0.90 of its cryptography, or HTTP more than 3 % above the least.
 */
#include "carnet/session.h"
#include "carnet/http.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { RUNS = 9, REQUEST = 200, LARGEST = 33000, ROOM = LARGEST + 1024 };
static const double seconds_each = 0.15;

typedef struct bench {
    carnet_crypto crypto;
    carnet_key reader, mdoc; /**< ephemeral */
    carnet_span reader_key_bytes, transcript;
    uint8_t key_room[128], transcript_room[512], plain[LARGEST], message[ROOM], raw[ROOM];
    EVP_PKEY *one, *other;
    EVP_CIPHER_CTX *seal, *open;
    EVP_CIPHER *gcm;
} bench;

static void
must(bool good)
{
    if (!good) {
        fputs("bench: something failed that cannot\n", stderr);
        exit(3);
    }
}

static void
prepare(bench *b)
{
    carnet_cbor_builder key = carnet_cbor_build(b->key_room, sizeof b->key_room), inner;
    carnet_cbor_builder transcript = carnet_cbor_build(b->transcript_room, sizeof b->transcript_room);
    uint8_t room[100];

    must(carnet_crypto_init(&b->crypto, NULL) == CARNET_OK);
    must(carnet_software_key_generate(&b->crypto, CARNET_CURVE_P256, CARNET_KEY_AGREE, &b->reader, NULL) == CARNET_OK);
    must(carnet_software_key_generate(&b->crypto, CARNET_CURVE_P256, CARNET_KEY_AGREE, &b->mdoc, NULL) == CARNET_OK);
    inner = carnet_cbor_build(room, sizeof room);
    carnet_cose_key_build(&inner, &b->reader.public_key);
    carnet_cbor_add_tag24(&key, carnet_span_of(room, inner.len));
    must(carnet_cbor_built(&key, &b->reader_key_bytes, NULL) == CARNET_OK);
    must(carnet_session_transcript_build(&transcript, &b->crypto,
                                         &(carnet_session_transcript_parameters){
                                             .device_engagement = b->reader_key_bytes, /* any bytes of its size */
                                             .reader_key_bytes = b->reader_key_bytes },
                                         NULL) == CARNET_OK);
    must(carnet_cbor_built(&transcript, &b->transcript, NULL) == CARNET_OK);
    b->one = EVP_EC_gen("P-256");
    b->other = EVP_EC_gen("P-256");
    b->seal = EVP_CIPHER_CTX_new();
    b->open = EVP_CIPHER_CTX_new();
    b->gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
    must(b->one != NULL && b->other != NULL && b->seal != NULL && b->open != NULL && b->gcm != NULL);
    must(EVP_EncryptInit_ex2(b->seal, b->gcm, b->plain, b->plain, NULL) == 1);
    must(EVP_DecryptInit_ex2(b->open, b->gcm, b->plain, b->plain, NULL) == 1);
}

/* --- the least --- */

static void
raw_agree(EVP_PKEY *own, EVP_PKEY *peer)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, own, NULL);
    uint8_t secret[32];
    size_t len = sizeof secret;

    must(EVP_PKEY_derive_init(context) == 1 && EVP_PKEY_derive_set_peer_ex(context, peer, 0) == 1 &&
         EVP_PKEY_derive(context, secret, &len) == 1);
    EVP_PKEY_CTX_free(context);
}

static void
raw_message(bench *b, size_t size, bool fresh_key)
{
    static const uint8_t iv[12] = { 1 };
    uint8_t *tag = b->raw + size;
    int len;

    must(EVP_EncryptInit_ex2(b->seal, NULL, fresh_key ? b->plain : NULL, iv, NULL) == 1 &&
         EVP_EncryptUpdate(b->seal, b->raw, &len, b->plain, (int)size) == 1 &&
         EVP_EncryptFinal_ex(b->seal, b->raw + size, &len) == 1 &&
         EVP_CIPHER_CTX_ctrl(b->seal, EVP_CTRL_AEAD_GET_TAG, 16, tag) == 1);
    must(EVP_DecryptInit_ex2(b->open, NULL, fresh_key ? b->plain : NULL, iv, NULL) == 1 &&
         EVP_CIPHER_CTX_ctrl(b->open, EVP_CTRL_AEAD_SET_TAG, 16, tag) == 1 &&
         EVP_DecryptUpdate(b->open, b->raw, &len, b->raw, (int)size) == 1 &&
         EVP_DecryptFinal_ex(b->open, b->raw + size, &len) == 1);
}

static void
raw_session(bench *b, size_t size)
{
    raw_agree(b->one, b->other);
    raw_agree(b->other, b->one);
    raw_message(b, REQUEST, true);
    raw_message(b, size, true);
}

/* --- Carnet --- */

static void
request(bench *b, carnet_session *reader, carnet_session *mdoc)
{
    carnet_cbor_builder out = carnet_cbor_build(b->message, sizeof b->message);
    carnet_session_establishment view;
    carnet_span plain;

    must(carnet_session_seal(reader, &b->crypto, b->reader_key_bytes, carnet_span_of(b->plain, REQUEST),
                             CARNET_SESSION_NO_STATUS, &out, NULL) == CARNET_OK);
    must(carnet_session_establishment_open(carnet_span_of(b->message, out.len), &view, NULL) == CARNET_OK);
    must(carnet_session_init(mdoc, CARNET_SESSION_MDOC, &b->crypto, &b->mdoc, &view.reader_key.key, b->transcript,
                             NULL) == CARNET_OK);
    must(carnet_session_unseal(mdoc, &b->crypto, view.data, b->message, sizeof b->message, &plain, NULL) == CARNET_OK);
}

static void
answer(bench *b, carnet_session *reader, carnet_session *mdoc, size_t size)
{
    carnet_cbor_builder out = carnet_cbor_build(b->message, sizeof b->message);
    carnet_session_data view;
    carnet_span plain;

    must(carnet_session_seal(mdoc, &b->crypto, (carnet_span){ 0 }, carnet_span_of(b->plain, size),
                             CARNET_SESSION_NO_STATUS, &out, NULL) == CARNET_OK);
    must(carnet_session_data_open(carnet_span_of(b->message, out.len), &view, NULL) == CARNET_OK);
    must(carnet_session_unseal(reader, &b->crypto, view.data, b->message, sizeof b->message, &plain, NULL) ==
         CARNET_OK);
}

static void
whole_session(bench *b, size_t size)
{
    carnet_session reader, mdoc;

    must(carnet_session_init(&reader, CARNET_SESSION_READER, &b->crypto, &b->reader, &b->mdoc.public_key, b->transcript,
                             NULL) == CARNET_OK);
    request(b, &reader, &mdoc);
    answer(b, &reader, &mdoc, size);
    carnet_session_done(&reader);
    carnet_session_done(&mdoc);
}

static carnet_session steady_reader, steady_mdoc;

static void
one_message(bench *b, size_t size)
{
    answer(b, &steady_reader, &steady_mdoc, size);
}

static void
raw_one_message(bench *b, size_t size)
{
    raw_message(b, size, false);
}

/* --- measuring --- */

static double
cpu_seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double
rate(bench *b, void (*run)(bench *b, size_t size), size_t size)
{
    double from = cpu_seconds(), spent, n = 0;

    do {
        for (int i = 0; i < 16; i++) {
            run(b, size);
        }
        n += 16;
        spent = cpu_seconds() - from;
    } while (spent < seconds_each);
    return n / spent;
}

static int
ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

/** Both in turn, several times; the median of the ratios. */
static double
measure(bench *b, const char *what, size_t size, void (*ours)(bench *b, size_t size),
        void (*least)(bench *b, size_t size))
{
    double us[RUNS], raw[RUNS], ratios[RUNS];

    (void)rate(b, ours, size);
    for (int i = 0; i < RUNS; i++) {
        us[i] = rate(b, ours, size);
        raw[i] = rate(b, least, size);
        ratios[i] = us[i] / raw[i];
    }
    qsort(us, RUNS, sizeof *us, ascending);
    qsort(raw, RUNS, sizeof *raw, ascending);
    qsort(ratios, RUNS, sizeof *ratios, ascending);
    printf("%-24s %8zu %12.0f %12.0f %8.3f\n", what, size, us[RUNS / 2], raw[RUNS / 2], ratios[RUNS / 2]);
    return ratios[RUNS / 2];
}

static bool
sessions(bench *b)
{
    static const size_t sizes[] = { 2200, LARGEST };
    bool good = true;

    printf("# per CPU-second; the least: ECDH twice (P-256) and AES-256-GCM, or AES-256-GCM alone; medians of %d\n",
           RUNS);
    printf("%-24s %8s %12s %12s %8s\n", "# what", "octets", "Carnet", "the least", "ratio");
    for (size_t i = 0; i < CARNET_COUNT(sizes); i++) {
        good &= measure(b, "request and answer", sizes[i], whole_session, raw_session) >= 0.90;
    }
    must(carnet_session_init(&steady_reader, CARNET_SESSION_READER, &b->crypto, &b->reader, &b->mdoc.public_key,
                             b->transcript, NULL) == CARNET_OK);
    request(b, &steady_reader, &steady_mdoc);
    for (size_t i = 0; i < CARNET_COUNT(sizes); i++) {
        (void)measure(b, "one answer more", sizes[i], one_message, raw_one_message);
    }
    return good;
}

/** Heads of a request and an answer of this size, beside what has to be in them: only an answer's reason may be left out. */
static bool
http(size_t size)
{
    uint8_t room[2 * CARNET_HTTP_HEAD_LENGTH];
    carnet_buf out = carnet_buf_of(room, sizeof room);
    size_t ours = 2 * size, least;

    carnet_http_build_request(&out, carnet_str_of("[fe80::1234:5678:9abc:def0]:49152"), size);
    carnet_http_build_response(&out, 200, size, false);
    ours += out.len;
    least = ours - strlen("OK") - 5 * strlen(" "); /* RFC 9112 4, 5: nor do fields need the space behind the colon */
    printf("%-24s %8zu %12zu %12zu %8.4f\n", "HTTP, both ways", size, ours, least, (double)ours / (double)least);
    return (double)ours / (double)least <= 1.03;
}

int
main(void)
{
    static bench b;
    bool good;

    prepare(&b);
    good = sessions(&b);
    printf("# octets of a request and its answer, heads included, beside the least; one round trip each\n");
    good &= http(2200);
    good &= http(LARGEST);
    return good ? 0 : 1;
}
