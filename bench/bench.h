/* SPDX-License-Identifier: Apache-2.0 */
/* What the bench is made of: inputs, operations, and the raw cryptography beside which they are measured. */
#ifndef CARNET_BENCH_H
#define CARNET_BENCH_H
#include "carnet/anchor_store.h"
#include "carnet/issue.h"
#include "carnet/present.h"
#include "carnet/verify.h"

#define BENCH_HASHED_MAX 64

/** Everything the operations work on. */
typedef struct bench_inputs {
    const char *source; /**< "shared" or "made here" */
    carnet_crypto *crypto;
    carnet_span iaca, signer, transcript;
    carnet_key signer_key, device_key;
    carnet_span issuer_signed[2]; /**< 11 and 30 elements */
    carnet_span response[2][2];   /**< 11 and 30; small and portrait */
    carnet_span response_all;     /**< 30 of 30 */
    carnet_element_name disclose[2][5];
    carnet_time now;
} bench_inputs;

/** One line of the bench. */
typedef struct bench_operation {
    const char *name;
    void (*run)(bench_inputs *in, const struct bench_operation *self);
    int elements; /**< 0: 11, 1: 30 */
    int kind;     /**< 0: small, 1: portrait */
    int verifies, signs;
    bool remembered;
} bench_operation;
extern const bench_operation bench_operations[];
extern const size_t bench_operation_count;

/** What must be hashed for an operation: lengths of the byte strings. */
typedef struct bench_hashed {
    size_t lengths[BENCH_HASHED_MAX];
    size_t count;
} bench_hashed;

void bench_load(bench_inputs *in);
void bench_prepare(bench_inputs *in);
bench_hashed bench_hashes_of(bench_inputs *in, const bench_operation *operation);
_Noreturn void bench_die(const char *what, const carnet_err *err);

/** Raw OpenSSL: set up once, then do what an operation cannot avoid. */
typedef struct bench_raw bench_raw;
bench_raw *bench_raw_new(void);
void bench_raw_do(bench_raw *raw, int verifies, int signs, const bench_hashed *hashed);
/** Which calls were found fastest, and how often a CPU-second holds each. */
void bench_raw_print(const bench_raw *raw);
double bench_raw_verify_rate(const bench_raw *raw);
double bench_cpu_seconds(void);

#endif
