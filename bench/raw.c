/* SPDX-License-Identifier: Apache-2.0 */
/* The cryptography that cannot be avoided, by OpenSSL's own fastest calls. */
#define OPENSSL_SUPPRESS_DEPRECATED /* the older calls are the faster ones; the limit must be the fastest there is */
#include "bench.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct bench_raw {
    EC_KEY *key;
    ECDSA_SIG *signature;
    EVP_PKEY *pkey;
    EVP_PKEY_CTX *verify, *sign;
    uint8_t der[80], digest[32];
    size_t der_len;
    uint8_t *bytes;
    bool low_verify, low_sign;
    double verify_rate, sign_rate;
};

enum { BYTES = 128 << 10 };

double
bench_cpu_seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
must(bool good)
{
    if (!good) {
        fputs("bench: OpenSSL failed\n", stderr);
        exit(3);
    }
}

static void
low_verify(bench_raw *raw)
{
    must(ECDSA_do_verify(raw->digest, 32, raw->signature, raw->key) == 1);
}

static void
evp_verify(bench_raw *raw)
{
    must(EVP_PKEY_verify(raw->verify, raw->der, raw->der_len, raw->digest, 32) == 1);
}

static void
low_sign(bench_raw *raw)
{
    ECDSA_SIG *signature = ECDSA_do_sign(raw->digest, 32, raw->key);

    must(signature != NULL);
    ECDSA_SIG_free(signature);
}

static void
evp_sign(bench_raw *raw)
{
    uint8_t out[80];
    size_t len = sizeof out;

    must(EVP_PKEY_sign(raw->sign, out, &len, raw->digest, 32) == 1);
}

/** The best of five tenths of a second. */
static double
rate_of(bench_raw *raw, void (*call)(bench_raw *))
{
    double best = 0;

    for (int round = 0; round < 5; round++) {
        double from = bench_cpu_seconds(), spent = 0, n = 0;

        while (spent < 0.1) {
            for (int i = 0; i < 100; i++) {
                call(raw);
            }
            n += 100;
            spent = bench_cpu_seconds() - from;
        }
        best = n / spent > best ? n / spent : best;
    }
    return best;
}

bench_raw *
bench_raw_new(void)
{
    bench_raw *raw = calloc(1, sizeof *raw);
    double low, evp;

    must(raw != NULL);
    raw->bytes = calloc(1, BYTES);
    raw->pkey = EVP_EC_gen("P-256");
    raw->key = EVP_PKEY_get1_EC_KEY(raw->pkey);
    memset(raw->digest, 0x5a, sizeof raw->digest);
    raw->signature = ECDSA_do_sign(raw->digest, 32, raw->key);
    raw->sign = EVP_PKEY_CTX_new(raw->pkey, NULL);
    raw->verify = EVP_PKEY_CTX_new(raw->pkey, NULL);
    raw->der_len = sizeof raw->der;
    must(raw->bytes != NULL && raw->signature != NULL && EVP_PKEY_sign_init(raw->sign) == 1 &&
         EVP_PKEY_verify_init(raw->verify) == 1 &&
         EVP_PKEY_sign(raw->sign, raw->der, &raw->der_len, raw->digest, 32) == 1);
    low = rate_of(raw, low_verify);
    evp = rate_of(raw, evp_verify);
    raw->low_verify = low > evp;
    raw->verify_rate = low > evp ? low : evp;
    low = rate_of(raw, low_sign);
    evp = rate_of(raw, evp_sign);
    raw->low_sign = low > evp;
    raw->sign_rate = low > evp ? low : evp;
    return raw;
}

void
bench_raw_print(const bench_raw *raw)
{
    printf("# P-256 by OpenSSL: %.0f verifications (%s), %.0f signatures (%s) per CPU-second\n", raw->verify_rate,
           raw->low_verify ? "ECDSA_do_verify" : "EVP_PKEY_verify", raw->sign_rate,
           raw->low_sign ? "ECDSA_do_sign" : "EVP_PKEY_sign");
}

double
bench_raw_verify_rate(const bench_raw *raw)
{
    return raw->verify_rate;
}

void
bench_raw_do(bench_raw *raw, int verifies, int signs, const bench_hashed *hashed)
{
    uint8_t out[32];

    for (int i = 0; i < verifies; i++) {
        (raw->low_verify ? low_verify : evp_verify)(raw);
    }
    for (int i = 0; i < signs; i++) {
        (raw->low_sign ? low_sign : evp_sign)(raw);
    }
    for (size_t i = 0; i < hashed->count; i++) {
        SHA256_CTX ctx;

        SHA256_Init(&ctx);
        SHA256_Update(&ctx, raw->bytes, hashed->lengths[i]);
        SHA256_Final(out, &ctx);
    }
}
