/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Credentials issued per CPU-second of the issuer over HTTP keep-alive, beside
 * what their signatures and verifications alone cost in the same run.
 *
 *     issuing_load [--seconds N] [--wallets N] [--configuration ID] [--also PID] BASE ADMIN PID...
 *
 * An issuance is a nonce and a credential request.  Unavoidable are: the
 * verification of the DPoP proof, of each device key's proof, and the issuer's
 * signature of each copy.  The CPU time of the issuers PID is read from /proc;
 * --also is another process whose time is told beside (a data base server's
 * main process: all of its children count).  Run it by bench/issuing.
 */
#include "issuing_wallet.h"

#include <argp.h>
#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { WALLETS_MAX = 64, PIDS_MAX = 8, LATENCIES = 200000, ROUNDS = 40 };

typedef struct load {
    const char *base, *admin, *configuration;
    double seconds, gap; /**< gap: from one issuance of a wallet to its next; 0: none */
    size_t wallets, batch;
    long pids[PIDS_MAX], also;
    size_t pid_count;
    wallet *list;
    double *latencies; /**< of all wallets together */
    size_t latency_count;
    pthread_mutex_t lock;
    double begin, end;
    uint64_t issued, refused;
} load;

/* --- CPU time --- */

static double
cpu_of_pid(long pid)
{
    char path[64], line[1024];
    unsigned long user = 0, system = 0;
    const char *rest;
    FILE *f;

    (void)snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
    f = fopen(path, "r");
    if (f == NULL)
        return 0;
    if (fgets(line, sizeof(line), f) != NULL && (rest = strrchr(line, ')')) != NULL)
        (void)sscanf(rest + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system);
    (void)fclose(f);
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

static long
parent_of(long pid)
{
    char path[64], line[1024];
    const char *rest;
    long parent = 0;
    FILE *f;

    (void)snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
    f = fopen(path, "r");
    if (f == NULL)
        return 0;
    if (fgets(line, sizeof(line), f) != NULL && (rest = strrchr(line, ')')) != NULL)
        (void)sscanf(rest + 2, "%*c %ld", &parent);
    (void)fclose(f);
    return parent;
}

static double
cpu_with_children(long pid)
{
    double sum = pid == 0 ? 0 : cpu_of_pid(pid);
    DIR *proc = pid == 0 ? NULL : opendir("/proc");
    struct dirent *entry;

    while (proc != NULL && (entry = readdir(proc)) != NULL) {
        long other = strtol(entry->d_name, NULL, 10);

        if (other > 0 && parent_of(other) == pid)
            sum += cpu_of_pid(other);
    }
    if (proc != NULL)
        (void)closedir(proc);
    return sum;
}

static double
cpu_of_issuers(const load *l)
{
    double sum = 0;

    for (size_t i = 0; i < l->pid_count; i++)
        sum += cpu_of_pid(l->pids[i]);
    return sum;
}

/* --- the limit --- */

typedef struct limit {
    double sign, verify; /**< CPU-seconds of one */
} limit;

/* P-256 with SHA-256 over a message of a proof's length, by the calls that the issuer makes. */
static void
measure_limit(limit *best)
{
    static uint8_t message[600];
    carnet_span part = { message, sizeof(message) };
    carnet_crypto crypto;
    carnet_signature signature;
    carnet_key key;

    must(carnet_crypto_init(&crypto, NULL) == CARNET_OK, "no crypto");
    must(carnet_software_key_generate(&crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, &key, NULL) == CARNET_OK, "no key");
    for (int round = 0; round < ROUNDS; round++) {
        double begin = cpu_of_thread(), took;

        for (int i = 0; i < 50; i++)
            must(carnet_key_sign(&key, &crypto, CARNET_ES256, &part, 1, &signature, NULL) == CARNET_OK, "no signature");
        took = (cpu_of_thread() - begin) / 50;
        best->sign = best->sign == 0 || took < best->sign ? took : best->sign;
        begin = cpu_of_thread();
        for (int i = 0; i < 50; i++)
            must(carnet_verify(&crypto, &key.public_key, CARNET_ES256, &part, 1,
                               carnet_span_of(signature.bytes, signature.len), NULL) == CARNET_OK,
                 "no verification");
        took = (cpu_of_thread() - begin) / 50;
        best->verify = best->verify == 0 || took < best->verify ? took : best->verify;
    }
    carnet_key_done(&key);
    carnet_crypto_done(&crypto);
}

/* --- load --- */

typedef struct worker {
    load *l;
    wallet *w;
    size_t number;
    pthread_t thread;
} worker;

static void
sleep_until(double when)
{
    double left = when - now_of_wall();
    struct timespec t = { (time_t)left, (long)((left - (double)(time_t)left) * 1e9) };

    if (left > 0)
        (void)nanosleep(&t, NULL);
}

static void *
run_wallet(void *self)
{
    worker *me = self;
    load *l = me->l;
    double due = l->begin + l->gap * (double)me->number / (double)l->wallets;

    while (due < l->end) {
        bool good;
        double began;

        if (l->gap > 0)
            sleep_until(due);
        began = l->gap > 0 ? due : now_of_wall();
        if (began >= l->end)
            break;
        good = wallet_obtain(me->w, l->batch);
        if (!good)
            fprintf(stderr, "refused: %d %.300s\n", me->w->status, (const char *)me->w->answer);
        (void)pthread_mutex_lock(&l->lock);
        l->issued += good ? l->batch : 0;
        l->refused += good ? 0 : 1;
        if (l->latency_count < LATENCIES)
            l->latencies[l->latency_count++] = now_of_wall() - began;
        (void)pthread_mutex_unlock(&l->lock);
        due = l->gap > 0 ? due + l->gap : now_of_wall();
    }
    return NULL;
}

static int
by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

typedef struct outcome {
    double cpu, also, wall, p50, p99;
    uint64_t issued, refused;
} outcome;

static outcome
run_load(load *l, size_t batch, double seconds, double gap)
{
    worker workers[WALLETS_MAX];
    outcome o = { 0 };
    double cpu = cpu_of_issuers(l), also = cpu_with_children(l->also);

    l->batch = batch;
    l->gap = gap;
    l->issued = l->refused = l->latency_count = 0;
    l->begin = now_of_wall();
    l->end = l->begin + seconds;
    for (size_t i = 0; i < l->wallets; i++) {
        workers[i] = (worker){ .l = l, .w = &l->list[i], .number = i };
        must(pthread_create(&workers[i].thread, NULL, run_wallet, &workers[i]) == 0, "no thread");
    }
    for (size_t i = 0; i < l->wallets; i++)
        (void)pthread_join(workers[i].thread, NULL);
    o.wall = now_of_wall() - l->begin;
    o.cpu = cpu_of_issuers(l) - cpu;
    o.also = cpu_with_children(l->also) - also;
    o.issued = l->issued;
    o.refused = l->refused;
    qsort(l->latencies, l->latency_count, sizeof(*l->latencies), by_size);
    if (l->latency_count > 0) {
        o.p50 = l->latencies[l->latency_count / 2];
        o.p99 = l->latencies[l->latency_count * 99 / 100];
    }
    return o;
}

static bool
measure(load *l, size_t batch)
{
    limit best = { 0 };
    outcome full, half;
    double each, bound;

    measure_limit(&best);
    (void)run_load(l, batch, 0.5, 0);
    full = run_load(l, batch, l->seconds, 0);
    measure_limit(&best);
    must(full.issued > 0 && full.cpu > 0, "nothing was issued");
    each = full.cpu / (double)full.issued;
    bound = (best.verify + (double)batch * (best.verify + best.sign)) / (double)batch;
    half = run_load(l, batch, l->seconds, 2 * full.wall * (double)(l->wallets * batch) / (double)full.issued);
    printf("batch of %-2zu  %7.0f credentials a CPU-second; %7.0f by %zu verifications (%.1f us) and %zu signatures "
           "(%.1f us) alone: %.2f\n",
           batch, 1 / each, 1 / bound, batch + 1, best.verify * 1e6, batch, best.sign * 1e6, bound / each);
    printf(
        "             %7.0f a second, p50 %.1f ms, p99 %.1f ms; at half of it p50 %.1f ms, p99 %.1f ms; refused %llu",
        (double)full.issued / full.wall, full.p50 * 1e3, full.p99 * 1e3, half.p50 * 1e3, half.p99 * 1e3,
        (unsigned long long)(full.refused + half.refused));
    if (l->also != 0)
        printf("; beside it %.0f us of the data base's CPU a credential", full.also / (double)full.issued * 1e6);
    printf("\n");
    (void)fflush(stdout);
    return bound / each >= 0.50 && full.refused + half.refused == 0;
}

/* --- arguments --- */

static const struct argp_option options[] = {
    { "seconds", 's', "N", 0, "how long each run lasts (5)", 0 },
    { "wallets", 'w', "N", 0, "wallets at once (8)", 0 },
    { "configuration", 'c', "ID", 0, "credential configuration (org.iso.18013.5.1.mDL)", 0 },
    { "also", 'a', "PID", 0, "tell the CPU time of this process and its children beside", 0 },
    { 0 },
};

static error_t
parse(int key, char *arg, struct argp_state *state)
{
    load *l = state->input;

    switch (key) {
    case 's':
        l->seconds = strtod(arg, NULL);
        return 0;
    case 'w':
        l->wallets = strtoul(arg, NULL, 10);
        return 0;
    case 'c':
        l->configuration = arg;
        return 0;
    case 'a':
        l->also = strtol(arg, NULL, 10);
        return 0;
    case ARGP_KEY_ARG:
        if (state->arg_num == 0)
            l->base = arg;
        else if (state->arg_num == 1)
            l->admin = arg;
        else if (l->pid_count < PIDS_MAX)
            l->pids[l->pid_count++] = strtol(arg, NULL, 10);
        return 0;
    case ARGP_KEY_END:
        if (l->pid_count == 0 || l->wallets == 0 || l->wallets > WALLETS_MAX)
            argp_error(state, "BASE, ADMIN and PID are needed, and 1 to %d wallets", WALLETS_MAX);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp argp = { options, parse, "BASE ADMIN PID...", "See bench/README.", NULL, NULL, NULL };

int
main(int argc, char **argv)
{
    load l = { .seconds = 5, .wallets = 8, .configuration = "org.iso.18013.5.1.mDL" };
    bool good;

    if (argp_parse(&argp, argc, argv, 0, NULL, &l) != 0)
        return 2;
    (void)pthread_mutex_init(&l.lock, NULL);
    l.list = calloc(l.wallets, sizeof(*l.list));
    l.latencies = calloc(LATENCIES, sizeof(*l.latencies));
    must(l.list != NULL && l.latencies != NULL, "no memory");
    for (size_t i = 0; i < l.wallets; i++)
        wallet_open(&l.list[i], l.base, l.admin, l.configuration, "anna");
    good = measure(&l, 1);
    good = measure(&l, 10) && good;
    for (size_t i = 0; i < l.wallets; i++)
        wallet_close(&l.list[i]);
    free(l.list);
    free(l.latencies);
    return good ? 0 : 1;
}
