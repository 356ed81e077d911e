/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many sessions over BLE in a row, in the virtual machine: run says how to
 * start it.  What is left afterwards is counted: descriptors and memory of this
 * process and of bluetoothd, objects of BlueZ's.
 */
#include "../../link/bluez/pair.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define WARM_UP 5 /* sessions before memory is first looked at */

typedef struct figures {
    size_t fds, rss_kb, daemon_fds, daemon_rss_kb;
    bluez_count bluez;
} figures;

static size_t sessions, octets;
static bool hurried;
static const char *kind;
static int64_t longest_open;

static int64_t
now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static size_t
resident_kb(const char *pid)
{
    char path[64], line[128];
    unsigned long kb = 0;
    FILE *file;

    snprintf(path, sizeof path, "/proc/%s/status", pid);
    file = fopen(path, "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "VmRSS:", 6) == 0) {
            kb = strtoul(line + 6, NULL, 10);
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    return kb;
}

static size_t
fds_of(const char *pid)
{
    char path[64];
    DIR *directory;
    size_t count = 0;

    snprintf(path, sizeof path, "/proc/%s/fd", pid);
    directory = opendir(path);
    while (directory != NULL && readdir(directory) != NULL) {
        count++;
    }
    if (directory != NULL) {
        closedir(directory);
    }
    return count;
}

static figures
take_figures(void)
{
    const char *daemon = getenv("CARNET_BLUETOOTHD_PID");

    assert_non_null(daemon);
    return (figures){ .fds = count_fds(),
                      .rss_kb = resident_kb("self"),
                      .daemon_fds = fds_of(daemon),
                      .daemon_rss_kb = resident_kb(daemon),
                      .bluez = count_bluez() };
}

static pair_plan
plan_of(size_t number)
{
    pair_plan plan = { .mode = number % 2 != 0 ? CARNET_BLE_CENTRAL_CLIENT : CARNET_BLE_PERIPHERAL_SERVER };

    if (strcmp(kind, "l2cap") == 0) {
        plan.way = WAY_CHANNEL_BY_CHARACTERISTIC;
    } else if (strcmp(kind, "both") == 0) {
        plan.both_offered = true;
    } else if (strcmp(kind, "mixed") == 0) {
        plan.way = number % 3 == 0 ? WAY_CHANNEL_BY_CHARACTERISTIC : WAY_GATT;
        plan.both_offered = number % 5 == 0;
    }
    return plan;
}

/* A request, an answer, an end. */
static void
one_session(size_t number)
{
    static uint8_t out[65536], in[65536];
    const pair_plan plan = plan_of(number);
    carnet_buf taken = carnet_buf_of(in, sizeof in);
    int64_t began = now_ms();
    carnet_err err = { 0 };
    pair p;

    memset(out, (int)number, octets);
    pair_open(&p, &plan);
    longest_open = now_ms() - began > longest_open ? now_ms() - began : longest_open;
    assert_carnet_ok(p.mdoc.rc, &p.mdoc.err);
    assert_carnet_ok(p.reader.rc, &p.reader.err);
    assert_carnet_ok(carnet_link_send(&p.reader.link, carnet_span_of(out, 300), 20000, &err), &err);
    assert_carnet_ok(carnet_link_receive(&p.mdoc.link, &taken, 20000, &err), &err);
    assert_span_equal(carnet_buf_span(&taken), carnet_span_of(out, 300));
    taken.len = 0;
    assert_carnet_ok(carnet_link_send(&p.mdoc.link, carnet_span_of(out, octets), 20000, &err), &err);
    assert_carnet_ok(carnet_link_receive(&p.reader.link, &taken, 20000, &err), &err);
    assert_span_equal(carnet_buf_span(&taken), carnet_span_of(out, octets));
    carnet_link_end(&p.reader.link, 200);
    taken.len = 0;
    assert_carnet_rc(carnet_link_receive(&p.mdoc.link, &taken, 20000, NULL), CARNET_E_LINK_CLOSED);
    if (hurried) {
        break_connection();
    }
    pair_close(&p);
}

static void
soak(void **state)
{
    figures before = { 0 }, after;
    int64_t began = now_ms();

    (void)state;
    for (size_t i = 0; i < sessions + WARM_UP; i++) {
        if (i == WARM_UP) {
            before = take_figures();
            began = now_ms();
        }
        one_session(i);
        if (i % 50 == 49) {
            fprintf(stderr, "# %zu sessions, %lld s\n", i + 1, (long long)(now_ms() - began) / 1000);
        }
    }
    began = now_ms() - began;
    after = take_figures();
    print_message("# %zu sessions (%s) in %lld s, %.2f s each, the longest wait for the peer %lld ms\n", sessions, kind,
                  (long long)began / 1000, (double)began / 1000 / (double)sessions, (long long)longest_open);
    print_message("#              descriptors   resident kB\n");
    print_message("# this         %4zu -> %4zu   %6zu -> %6zu\n", before.fds, after.fds, before.rss_kb, after.rss_kb);
    print_message("# bluetoothd   %4zu -> %4zu   %6zu -> %6zu\n", before.daemon_fds, after.daemon_fds,
                  before.daemon_rss_kb, after.daemon_rss_kb);
    print_message("# BlueZ's objects %zu -> %zu, devices %zu, advertisements %zu, services %zu, searches %zu\n",
                  before.bluez.objects, after.bluez.objects, after.bluez.devices, after.bluez.advertisements,
                  after.bluez.services, after.bluez.searches);
    assert_int_equal(after.fds, before.fds);
    assert_int_equal(after.bluez.objects, before.bluez.objects);
    assert_in_range(after.rss_kb, 0, before.rss_kb + 256);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = { { "sessions in a row leave nothing behind", soak, NULL, NULL, NULL } };

    sessions = argc > 1 ? strtoul(argv[1], NULL, 10) : 100;
    kind = argc > 2 ? argv[2] : "mixed";
    hurried = argc > 3 && strcmp(argv[3], "hurried") == 0;
    octets = argc > 4 ? strtoul(argv[4], NULL, 10) : 2200;
    return sessions == 0 || octets < 300 || octets > 65536
               ? 2
               : cmocka_run_group_tests_name("BLE, many sessions", tests, NULL, NULL);
}
