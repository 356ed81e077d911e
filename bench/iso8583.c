/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages a CPU second on one core, ASCII with raw bitmaps of 16 octets: parsed
 * and checked so that every element can be addressed, and built from the texts
 * of their elements.  Exit status 1: fewer than 5 million parsed or 3 million
 * built of the authorization or the withdrawal.
 */
#include "carnet/iso8583.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { RUNS = 9, BATCH = 1000 };
static const double seconds_each = 0.2;

typedef struct pair {
    unsigned element;
    const char *text;
} pair;

/* clang-format off */
static const pair authorization[] = {
    { 2, "4761739001010119" }, { 3, "000000" }, { 4, "000000005000" }, { 7, "0911131411" }, { 11, "000123" },
    { 12, "131411" }, { 13, "0911" }, { 14, "2212" }, { 18, "4111" }, { 22, "051" }, { 23, "001" }, { 25, "00" },
    { 26, "12" }, { 32, "423935" }, { 33, "111111111" }, { 35, "4761739001010119D22122011758928889" },
    { 41, "12345678" }, { 42, "MOTITILL_000001" }, { 43, "My Termianl Business                    " }, { 49, "404" },
    { 52, "7434f67813bae545" }, { 56, "1510" }, { 123, "91010151134C101" },
};
static const pair withdrawal[] = {
    { 2, "4761739001010119" }, { 3, "011000" }, { 4, "000000020000" }, { 7, "1121010203" }, { 11, "123456" },
    { 12, "010203" }, { 13, "1121" }, { 14, "2712" }, { 18, "6011" }, { 22, "901" }, { 25, "00" }, { 32, "423935" },
    { 37, "632501123456" }, { 41, "ATM00001" }, { 42, "MOTITILL_000001" },
    { 43, "Main Street 1 Branch      Springfield US" }, { 48, "P1C005Cf.Cg" }, { 49, "840" },
    { 123, "91010151134C101" },
};
static const pair echo[] = { { 7, "1121010203" }, { 11, "000001" }, { 70, "301" } };
/* clang-format on */

typedef struct kind {
    const char *name;
    carnet_mti mti;
    const pair *pairs;
    size_t count, size;  /* octets without their length */
    double parse, build; /* least a second */
} kind;

static const kind kinds[] = {
    { "0100, 24 elements", 0x0100, authorization, CARNET_COUNT(authorization), 254, 5e6, 3e6 },
    { "0200, 20 elements", 0x0200, withdrawal, CARNET_COUNT(withdrawal), 213, 5e6, 3e6 },
    { "0800, 4 elements", 0x0800, echo, CARNET_COUNT(echo), 39, 0, 0 },
};

static carnet_iso8583_spec spec;

static void
must(bool good)
{
    if (!good) {
        fputs("bench: something failed that cannot\n", stderr);
        exit(3);
    }
}

static double
now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static carnet_span
build(const kind *k, uint8_t *room, size_t cap)
{
    carnet_buf out = carnet_buf_of(room, cap);
    carnet_iso8583_builder b;

    carnet_iso8583_builder_init(&b, &spec, k->mti);
    for (size_t i = 0; i < k->count; i++)
        carnet_iso8583_set(&b, k->pairs[i].element, k->pairs[i].text);
    must(carnet_iso8583_build(&b, &out, NULL) == CARNET_OK);
    return carnet_buf_span(&out);
}

static double
builds(const kind *k)
{
    uint8_t room[512];
    double start = now(), end;
    size_t n = 0;

    do {
        for (size_t i = 0; i < BATCH; i++)
            must(build(k, room, sizeof room).len == k->size);
        n += BATCH;
        end = now();
    } while (end - start < seconds_each);
    return (double)n / (end - start);
}

static double
parses(const kind *k)
{
    carnet_iso8583_message message;
    uint8_t room[512];
    carnet_span octets = build(k, room, sizeof room);
    double start = now(), end;
    size_t n = 0;

    do {
        for (size_t i = 0; i < BATCH; i++)
            must(carnet_iso8583_parse(&spec, octets, &message, NULL) == CARNET_OK);
        n += BATCH;
        end = now();
    } while (end - start < seconds_each);
    return (double)n / (end - start);
}

static int
ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double
median(const kind *k, double (*run)(const kind *))
{
    double results[RUNS];

    for (size_t i = 0; i < RUNS; i++)
        results[i] = run(k);
    qsort(results, RUNS, sizeof results[0], ascending);
    return results[RUNS / 2];
}

int
main(void)
{
    carnet_iso8583_flavour flavour;
    bool enough = true;

    must(carnet_iso8583_flavour_named(carnet_str_of("ascii-npm"), &flavour));
    must(carnet_iso8583_spec_init(&spec, CARNET_ISO8583_1987, &flavour, NULL) == CARNET_OK);
    printf("million messages a CPU second     parse   build\n");
    for (size_t i = 0; i < CARNET_COUNT(kinds); i++) {
        double parse = median(&kinds[i], parses), made = median(&kinds[i], builds);
        bool good = parse >= kinds[i].parse && made >= kinds[i].build;

        printf("%-18s %4zu octets  %8.2f %7.2f%s\n", kinds[i].name, kinds[i].size, parse / 1e6, made / 1e6,
               good ? "" : "  too few");
        enough = enough && good;
    }
    return enough ? 0 : 1;
}
