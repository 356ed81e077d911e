/* SPDX-License-Identifier: Apache-2.0 */
#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

double
load_slice(double seconds)
{
    return seconds / LOAD_SLICES < 0.2 ? 0.2 : seconds / LOAD_SLICES;
}

static double
seconds_of(clockid_t clock)
{
    struct timespec t;

    if (clock_gettime(clock, &t) != 0)
        return 0;
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

double
load_now(void)
{
    return seconds_of(CLOCK_MONOTONIC);
}

double
load_cpu_of_thread(void)
{
    return seconds_of(CLOCK_THREAD_CPUTIME_ID);
}

double
load_cpu_of(long pid)
{
    clockid_t clock;

    return clock_getcpuclockid((pid_t)pid, &clock) == 0 ? seconds_of(clock) : 0;
}

static int
by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

double
load_percentile(double *values, size_t count, double share)
{
    double place = share * (double)(count - 1);
    size_t at = (size_t)place;

    if (count == 0)
        return 0;
    qsort(values, count, sizeof(*values), by_size);
    if (at + 1 >= count)
        return values[count - 1];
    return values[at] + (place - (double)at) * (values[at + 1] - values[at]);
}

load_figure
load_figure_of(double *values, size_t count)
{
    double low = load_percentile(values, count, 0.25), median = load_percentile(values, count, 0.5);

    return (load_figure){ low, median, load_percentile(values, count, 0.75) };
}

double
load_median(double values[LOAD_SLICES])
{
    return load_percentile(values, LOAD_SLICES, 0.5);
}

void
must(bool good, const char *what)
{
    if (!good) {
        fprintf(stderr, "load: %s\n", what);
        exit(3);
    }
}
