/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Credentials issued per CPU-second of the issuer over HTTP keep-alive, beside
 * what their signatures and verifications alone cost in the same run.
 *
 *     issuing_load [--seconds N] [--wallets N] [--configuration ID] [--also PID] BASE ADMIN PID...
 *
 * An issuance is a nonce and a credential request.  Unavoidable are: the
 * verification of the DPoP proof, of each device key's proof, and the issuer's
 * signature of each copy.  Load and limit take turns: a slice of the load has
 * the limit before it and after it, and so its own ratio; told are the medians.
 * The CPU time of the issuers PID is read by their clocks; --also is another
 * process whose time is told beside (a data base server's main process: all of
 * its children count).  Run it by bench/issuing.
 */
#include "issuing_wallet.h"

#include <argp.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum { WALLETS_MAX = 256, PIDS_MAX = 8, LATENCIES = 200000, ROUNDS = 12, EVENTS = 64 };

/* A wallet's turns: `gap` seconds from one to the next, or each when the one before is over. */
typedef struct turn {
    double due, began;
    bool busy;
} turn;

typedef struct load {
    const char *base, *admin, *configuration;
    double seconds;
    size_t wallets, batch;
    long pids[PIDS_MAX], also;
    size_t pid_count;
    wallet *list;
    turn *turns; /**< of the wallet of the same number */
    int poll;
    double gap, end;
    size_t busy;
    double *latencies; /**< of all wallets together */
    size_t latency_count;
    uint64_t issued, refused;
} load;

/* --- CPU time --- */

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
    double sum = pid == 0 ? 0 : load_cpu_of(pid);
    DIR *proc = pid == 0 ? NULL : opendir("/proc");
    struct dirent *entry;

    while (proc != NULL && (entry = readdir(proc)) != NULL) {
        long other = strtol(entry->d_name, NULL, 10);

        if (other > 0 && parent_of(other) == pid)
            sum += load_cpu_of(other);
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
        sum += load_cpu_of(l->pids[i]);
    return sum;
}

/* --- the limit --- */

typedef struct limit {
    double sign, verify; /**< CPU-seconds of one */
} limit;

/* An issuer signs by one key, and verifies by those of its wallets, who ask in turns. */
typedef struct limit_source {
    carnet_crypto crypto;
    carnet_key key;
    carnet_public_key keys[50];
    carnet_signature signatures[50];
} limit_source;

static uint8_t message[600]; /* of a proof's length */
static const carnet_span part = { message, sizeof(message) };

static void
open_limit(limit_source *source)
{
    carnet_key other;

    must(carnet_crypto_init(&source->crypto, NULL) == CARNET_OK, "no crypto");
    must(carnet_software_key_generate(&source->crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, &source->key, NULL) ==
             CARNET_OK,
         "no key");
    for (size_t i = 0; i < 50; i++) {
        must(carnet_software_key_generate(&source->crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, &other, NULL) ==
                     CARNET_OK &&
                 carnet_key_sign(&other, &source->crypto, CARNET_ES256, &part, 1, &source->signatures[i], NULL) ==
                     CARNET_OK,
             "no signature");
        source->keys[i] = other.public_key;
        carnet_key_done(&other);
    }
}

/* P-256 with SHA-256, by the calls that the issuer makes: the mean of some rounds. */
static limit
measure_limit(limit_source *source)
{
    carnet_signature signature;
    limit sum = { 0 };

    for (int round = 0; round < ROUNDS; round++) {
        double begin = load_cpu_of_thread(), middle;

        for (int i = 0; i < 50; i++)
            must(carnet_key_sign(&source->key, &source->crypto, CARNET_ES256, &part, 1, &signature, NULL) == CARNET_OK,
                 "no signature");
        middle = load_cpu_of_thread();
        for (int i = 0; i < 50; i++)
            must(carnet_verify(&source->crypto, &source->keys[i], CARNET_ES256, &part, 1,
                               carnet_span_of(source->signatures[i].bytes, source->signatures[i].len),
                               NULL) == CARNET_OK,
                 "no verification");
        sum.sign += middle - begin;
        sum.verify += load_cpu_of_thread() - middle;
    }
    return (limit){ sum.sign / (50 * ROUNDS), sum.verify / (50 * ROUNDS) };
}

/* --- load --- */

static void
begin_turn(load *l, size_t number)
{
    turn *t = &l->turns[number];

    t->began = l->gap > 0 ? t->due : load_now();
    t->busy = true;
    l->busy++;
    wallet_begin(&l->list[number], l->batch);
}

static void
end_turn(load *l, size_t number, bool good)
{
    turn *t = &l->turns[number];
    const wallet *w = &l->list[number];
    double now = load_now();

    if (!good)
        fprintf(stderr, "refused: %d %.300s\n", w->status, (const char *)w->answer);
    l->issued += good ? l->batch : 0;
    l->refused += good ? 0 : 1;
    if (l->latency_count < LATENCIES)
        l->latencies[l->latency_count++] = now - t->began;
    t->due = l->gap > 0 ? t->due + l->gap : now;
    t->busy = false;
    l->busy--;
}

/* Begins what is due; how long there is nothing more to begin. */
static double
begin_turns(load *l)
{
    double now = load_now(), next = l->end;

    for (size_t i = 0; i < l->wallets; i++) {
        turn *t = &l->turns[i];

        if (!t->busy && t->due <= now && t->due < l->end)
            begin_turn(l, i);
        else if (!t->busy && t->due < next)
            next = t->due;
    }
    return next > now ? next - now : 0;
}

/* The load for so long, and until all that was begun is over. */
static void
run_load(load *l, double seconds, double gap)
{
    const double begin = load_now();
    static const struct timespec patience = { 30, 0 };
    struct epoll_event events[EVENTS];
    double wait;

    l->gap = gap;
    l->end = begin + seconds;
    for (size_t i = 0; i < l->wallets; i++)
        l->turns[i] = (turn){ .due = begin + gap * (double)i / (double)l->wallets };
    while ((wait = begin_turns(l)) > 0 || l->busy > 0) {
        struct timespec most = { (time_t)wait, (long)((wait - (double)(time_t)wait) * 1e9) };
        int count = epoll_pwait2(l->poll, events, EVENTS, wait > 0 ? &most : &patience, NULL);

        must(count > 0 || wait > 0, "no answer comes");
        for (int i = 0; i < count; i++) {
            wallet *w = events[i].data.ptr;
            wallet_state state = wallet_go_on(w);

            if (state != WALLET_WAITS)
                end_turn(l, (size_t)(w - l->list), state == WALLET_HAS);
        }
    }
}

static void
forget(load *l)
{
    l->issued = l->latency_count = 0;
}

typedef struct slices {
    double ratio[LOAD_SLICES], each[LOAD_SLICES], also[LOAD_SLICES];
    double sign[LOAD_SLICES], verify[LOAD_SLICES], rate[LOAD_SLICES];
} slices;

static double
bound_of(const load *l, double verify, double sign)
{
    return verify / (double)l->batch + verify + sign;
}

/* CPU time is counted until the limit after the slice is measured: what an issuer does late, it does for that slice. */
static void
run_slice(load *l, limit_source *source, limit *before, slices *s, size_t number)
{
    double cpu = cpu_of_issuers(l), also = cpu_with_children(l->also), began = load_now(), took;
    uint64_t issued = l->issued;
    limit after;

    run_load(l, load_slice(l->seconds), 0);
    took = load_now() - began;
    after = measure_limit(source);
    issued = l->issued - issued;
    must(issued > 0, "nothing was issued");
    s->each[number] = (cpu_of_issuers(l) - cpu) / (double)issued;
    s->also[number] = (cpu_with_children(l->also) - also) / (double)issued;
    s->rate[number] = (double)issued / took;
    s->sign[number] = (before->sign + after.sign) / 2;
    s->verify[number] = (before->verify + after.verify) / 2;
    s->ratio[number] = bound_of(l, s->verify[number], s->sign[number]) / s->each[number];
    *before = after;
}

static void
print(const load *l, slices *s, load_figure ratio, const double *full, const double *half)
{
    double verify = load_median(s->verify), sign = load_median(s->sign);

    printf("batch of %-2zu  %7.0f credentials a CPU-second; %7.0f by %zu verifications (%.1f us) and %zu signatures "
           "(%.1f us) alone: %.2f (%.3f to %.3f)\n",
           l->batch, 1 / load_median(s->each), 1 / bound_of(l, verify, sign), l->batch + 1, verify * 1e6, l->batch,
           sign * 1e6, ratio.median, ratio.low, ratio.high);
    printf(
        "             %7.0f a second, p50 %.1f ms, p99 %.1f ms; at half of it p50 %.1f ms, p99 %.1f ms; refused %llu",
        load_median(s->rate), full[0] * 1e3, full[1] * 1e3, half[0] * 1e3, half[1] * 1e3,
        (unsigned long long)l->refused);
    if (l->also != 0)
        printf("; beside it %.0f us of the data base's CPU a credential", load_median(s->also) * 1e6);
    printf("\n");
    (void)fflush(stdout);
}

static bool
measure(load *l, limit_source *source, size_t batch)
{
    slices s;
    load_figure ratio;
    double full[2], half[2];
    limit before;

    l->batch = batch;
    l->refused = 0;
    run_load(l, 0.5, 0);
    forget(l);
    before = measure_limit(source);
    for (size_t i = 0; i < LOAD_SLICES; i++)
        run_slice(l, source, &before, &s, i);
    ratio = load_figure_of(s.ratio, LOAD_SLICES);
    full[0] = load_percentile(l->latencies, l->latency_count, 0.5);
    full[1] = load_percentile(l->latencies, l->latency_count, 0.99);
    forget(l);
    run_load(l, LOAD_SLICES * load_slice(l->seconds), 2 * (double)(l->wallets * batch) / load_median(s.rate));
    half[0] = load_percentile(l->latencies, l->latency_count, 0.5);
    half[1] = load_percentile(l->latencies, l->latency_count, 0.99);
    print(l, &s, ratio, full, half);
    return ratio.median >= 0.50 && l->refused == 0;
}

/* --- arguments --- */

static const struct argp_option options[] = {
    { "seconds", 's', "N", 0, "how long each load lasts: in 12 slices of at least 0.2 s (5)", 0 },
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
    static limit_source source;
    bool good;

    if (argp_parse(&argp, argc, argv, 0, NULL, &l) != 0)
        return 2;
    open_limit(&source);
    l.list = calloc(l.wallets, sizeof(*l.list));
    l.turns = calloc(l.wallets, sizeof(*l.turns));
    l.latencies = calloc(LATENCIES, sizeof(*l.latencies));
    l.poll = epoll_create1(EPOLL_CLOEXEC);
    must(l.list != NULL && l.turns != NULL && l.latencies != NULL && l.poll >= 0, "no memory");
    for (size_t i = 0; i < l.wallets; i++)
        wallet_open(&l.list[i], l.base, l.admin, l.configuration, "anna", l.poll);
    good = measure(&l, &source, 1);
    good = measure(&l, &source, 10) && good;
    for (size_t i = 0; i < l.wallets; i++)
        wallet_close(&l.list[i]);
    (void)close(l.poll);
    free(l.list);
    free(l.turns);
    free(l.latencies);
    carnet_key_done(&source.key);
    carnet_crypto_done(&source.crypto);
    return good ? 0 : 1;
}
