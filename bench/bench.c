/* SPDX-License-Identifier: Apache-2.0 */
/* Measure: operation and limit in turn, several runs, the median. */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RUNS_MAX = 99 };

typedef struct settings {
    int runs;
    double seconds; /**< per run and side */
    long count;     /**< not 0: run the operation this often and measure nothing, for callgrind */
    const char *only[32];
    int only_count;
} settings;

static double
measure_operation(bench_inputs *in, const bench_operation *operation, double seconds)
{
    double from = bench_cpu_seconds(), spent = 0, n = 0;

    do {
        for (int i = 0; i < 64; i++) {
            operation->run(in, operation);
        }
        n += 64;
        spent = bench_cpu_seconds() - from;
    } while (spent < seconds);
    return n / spent;
}

static double
measure_limit(bench_raw *raw, const bench_operation *operation, const bench_hashed *hashed, double seconds)
{
    double from = bench_cpu_seconds(), spent = 0, n = 0;

    do {
        for (int i = 0; i < 64; i++) {
            bench_raw_do(raw, operation->verifies, operation->signs, hashed);
        }
        n += 64;
        spent = bench_cpu_seconds() - from;
    } while (spent < seconds);
    return n / spent;
}

static int
compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static double
median(double *values, int count)
{
    qsort(values, (size_t)count, sizeof *values, compare);
    return values[count / 2];
}

/** How often QCBOR walked the 36 KB response where OpenSSL verified 26,021 signatures: 186,196 times. */
static const double qcbor_walks_per_verification = 186196.0 / 26021.0;

static void
measure(bench_inputs *in, bench_raw *raw, const bench_operation *operation, const settings *s)
{
    bench_hashed hashed = bench_hashes_of(in, operation);
    bool parse = operation->verifies + operation->signs == 0;
    double ops[RUNS_MAX], limits[RUNS_MAX], ratios[RUNS_MAX];
    double warm = s->seconds / 2 < 0.3 ? s->seconds / 2 : 0.3;

    (void)measure_operation(in, operation, warm);
    for (int i = 0; i < s->runs; i++) {
        ops[i] = measure_operation(in, operation, s->seconds);
        limits[i] = parse ? bench_raw_verify_rate(raw) * qcbor_walks_per_verification
                          : measure_limit(raw, operation, &hashed, s->seconds);
        ratios[i] = ops[i] / limits[i];
    }
    printf("%-30s %12.0f %12.0f %8.3f%s\n", operation->name, median(ops, s->runs), median(limits, s->runs),
           median(ratios, s->runs), parse ? "  (limit: QCBOR's walk, scaled by P-256 verification)" : "");
    fflush(stdout);
}

static bool
wanted(const settings *s, const char *name)
{
    for (int i = 0; i < s->only_count; i++) {
        if (strcmp(s->only[i], name) == 0) {
            return true;
        }
    }
    return s->only_count == 0;
}

static settings
read_arguments(int argc, char **argv)
{
    settings s = { .runs = 7, .seconds = 0.75 };

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--runs") == 0 && i + 1 < argc) {
            s.runs = (int)strtol(argv[++i], NULL, 10);
        } else if (strcmp(argv[i], "--ms") == 0 && i + 1 < argc) {
            s.seconds = strtod(argv[++i], NULL) / 1000;
        } else if (strcmp(argv[i], "--count") == 0 && i + 1 < argc) {
            s.count = strtol(argv[++i], NULL, 10);
        } else if (strcmp(argv[i], "--list") == 0) {
            for (size_t n = 0; n < bench_operation_count; n++) {
                puts(bench_operations[n].name);
            }
            exit(0);
        } else if (argv[i][0] != '-' && s.only_count < (int)CARNET_COUNT(s.only)) {
            s.only[s.only_count++] = argv[i];
        } else {
            fputs("usage: bench [--runs N] [--ms MS] [--count N] [--list] [NAME...]\n", stderr);
            exit(2);
        }
    }
    s.runs = s.runs < 1 ? 1 : s.runs > RUNS_MAX ? RUNS_MAX : s.runs;
    return s;
}

int
main(int argc, char **argv)
{
    static carnet_crypto crypto;
    static bench_inputs in;
    settings s = read_arguments(argc, argv);
    carnet_err err = { 0 };
    bench_raw *raw = NULL;

    if (carnet_crypto_init(&crypto, &err) != CARNET_OK) {
        bench_die("crypto", &err);
    }
    in.crypto = &crypto;
    bench_load(&in);
    bench_prepare(&in);
    if (s.count == 0) {
        raw = bench_raw_new();
        printf("# %s; operations per CPU-second; %d runs of %.0f ms each side; medians\n", in.source, s.runs,
               s.seconds * 1000);
        bench_raw_print(raw);
        printf("%-30s %12s %12s %8s\n", "# operation", "per second", "limit", "ratio");
    }
    for (size_t i = 0; i < bench_operation_count; i++) {
        const bench_operation *operation = &bench_operations[i];

        if (!wanted(&s, operation->name)) {
            continue;
        }
        for (long n = 0; n < s.count; n++) {
            operation->run(&in, operation);
        }
        if (s.count == 0) {
            measure(&in, raw, operation, &s);
        }
    }
    return 0;
}
