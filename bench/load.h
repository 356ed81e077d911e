/* SPDX-License-Identifier: Apache-2.0 */
/* What the loads on carnetd share: clocks, slices, medians. */
#ifndef CARNET_BENCH_LOAD_H
#define CARNET_BENCH_LOAD_H
#include <stdbool.h>
#include <stddef.h>

/** A load is run in so many slices, with the limit measured between them, so that each has a ratio of its own time. */
enum { LOAD_SLICES = 12 };

/** How long a slice of a load of `seconds` lasts: at least 0.2 s. */
double load_slice(double seconds);

double load_now(void);           /**< seconds of CLOCK_MONOTONIC */
double load_cpu_of_thread(void); /**< of the calling thread */
double load_cpu_of(long pid);    /**< of a process, user and system, of all of its threads ever; 0: it is gone */

/** Half of the values lie between low and high. */
typedef struct load_figure {
    double low, median, high;
} load_figure;

/** Sorts `values`. */
load_figure load_figure_of(double *values, size_t count);
/** Of a value of each slice; sorts them. */
double load_median(double values[LOAD_SLICES]);
/** Sorts `values`, and has the one below which `share` of them lie; 0 of none. */
double load_percentile(double *values, size_t count, double share);

/** Ends the program with `what` when not `good`. */
void must(bool good, const char *what);

#endif
