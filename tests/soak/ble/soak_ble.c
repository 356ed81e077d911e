/* SPDX-License-Identifier: Apache-2.0 */
/*
 * soak_ble [SESSIONS]: sessions over the fake radio one after the other, in every mode, some broken off at some record.
 * Exits 1 if a session does not go as it should, or if descriptors or memory grow.
 */
#include "carnet/link_ble_fake.h"

#include <dirent.h>
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define OPEN_MS 300 /* a session lost at its beginning leaves the mdoc advertising */
#define WAIT_MS 20000
#define ANSWER  33000

static char air[64];
static uint8_t content[ANSWER];

typedef struct party {
    carnet_ble_parameters mode;
    carnet_ble_fake_peer peer;
    carnet_rc rc;
    bool done;
} party;

static size_t
descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    size_t n = 0;

    while (folder != NULL && readdir(folder) != NULL) {
        n++;
    }
    if (folder != NULL) {
        closedir(folder);
    }
    return n;
}

/** Resident memory in KiB. */
static long
resident(void)
{
    FILE *f = fopen("/proc/self/statm", "r");
    long pages = 0;

    if (f != NULL) {
        if (fscanf(f, "%*s %ld", &pages) != 1) {
            pages = 0;
        }
        (void)fclose(f);
    }
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static void *
mdoc_runs(void *context)
{
    static uint8_t room[2000];
    carnet_buf request = carnet_buf_of(room, sizeof(room));
    party *p = context;
    carnet_link link;

    p->rc = carnet_ble_fake_open(air, &p->peer, &link, p->peer.lose_at != 0 ? OPEN_MS : WAIT_MS, NULL);
    p->rc = p->rc == CARNET_OK ? carnet_link_receive(&link, &request, WAIT_MS, NULL) : p->rc;
    p->rc = p->rc == CARNET_OK ? carnet_link_send(&link, carnet_span_of(content, ANSWER), WAIT_MS, NULL) : p->rc;
    p->done = p->rc == CARNET_OK;
    p->rc = p->rc == CARNET_OK ? carnet_link_receive(&link, &request, WAIT_MS, NULL) : p->rc;
    carnet_link_close(&link);
    return NULL;
}

static void
reader_runs(party *p)
{
    static uint8_t room[ANSWER];
    carnet_buf answer = carnet_buf_of(room, sizeof(room));
    carnet_link link;

    p->rc = carnet_ble_fake_open(air, &p->peer, &link, p->peer.lose_at != 0 ? OPEN_MS : WAIT_MS, NULL);
    p->rc = p->rc == CARNET_OK ? carnet_link_send(&link, carnet_span_of(content, 300), WAIT_MS, NULL) : p->rc;
    p->rc = p->rc == CARNET_OK ? carnet_link_receive(&link, &answer, WAIT_MS, NULL) : p->rc;
    p->done = p->rc == CARNET_OK && memcmp(room, content, ANSWER) == 0;
    carnet_link_end(&link, WAIT_MS);
    carnet_link_close(&link);
}

static void
prepare(party *p, unsigned number, bool mdoc)
{
    static const uint16_t mtus[] = { 23, 185, 517 };

    *p = (party){ .mode = { .mode = number % 2 != 0 ? CARNET_BLE_PERIPHERAL_SERVER : CARNET_BLE_CENTRAL_CLIENT } };
    p->mode.mdoc = mdoc;
    p->mode.server = (p->mode.mode == CARNET_BLE_PERIPHERAL_SERVER) == mdoc;
    p->mode.has_ident = true;
    p->mode.l2cap = p->mode.server || number % 4 > 1;
    p->mode.psm = p->mode.server ? 0x80 : 0;
    memset(p->mode.service, (int)(number % 251), sizeof(p->mode.service));
    p->peer = (carnet_ble_fake_peer){ .modes = &p->mode, .mode_count = 1, .mtu = mtus[number % CARNET_COUNT(mtus)] };
    p->peer.lose_at = number % 10 == 9 && mdoc ? 1 + number / 10 % 40 : 0;
}

/** One session; false if it did not go as it should. */
static bool
session(unsigned number, unsigned *lost)
{
    party mdoc, reader;
    pthread_t thread;
    bool breaks = number % 10 == 9;

    prepare(&mdoc, number, true);
    prepare(&reader, number, false);
    if (pthread_create(&thread, NULL, mdoc_runs, &mdoc) != 0) {
        return false;
    }
    reader_runs(&reader);
    if (pthread_join(thread, NULL) != 0) {
        return false;
    }
    *lost += !reader.done;
    return reader.done ? mdoc.done : breaks && reader.rc == CARNET_E_LINK_LOST && mdoc.rc != CARNET_OK;
}

int
main(int argc, char **argv)
{
    unsigned sessions = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 1000, lost = 0;
    size_t fds = 0, fds_after;
    struct mallinfo2 before = { 0 }, after;
    struct timespec from, to;
    long resident_before = 0;

    (void)snprintf(air, sizeof(air), "/tmp/carnet-soak-%ld", (long)getpid());
    memset(content, 0x5a, sizeof(content));
    (void)clock_gettime(CLOCK_MONOTONIC, &from);
    for (unsigned i = 0; i < sessions + 40; i++) {
        if (i == 40) { /* after the first ones, when all that is made once has been made */
            fds = descriptors();
            before = mallinfo2();
            resident_before = resident();
        }
        if (!session(i, &lost)) {
            (void)fprintf(stderr, "session %u did not go as it should\n", i);
            return 1;
        }
    }
    (void)clock_gettime(CLOCK_MONOTONIC, &to);
    after = mallinfo2();
    fds_after = descriptors();
    printf("%u sessions, %u of them lost on purpose, %.1f s\n", sessions + 40, lost,
           (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9);
    printf("descriptors %zu -> %zu, heap in use %zu -> %zu octets, resident %ld -> %ld KiB\n", fds, fds_after,
           before.uordblks, after.uordblks, resident_before, resident());
    if (rmdir(air) != 0) {
        (void)fprintf(stderr, "advertisements were left in %s\n", air);
        return 1;
    }
    return fds != fds_after || after.uordblks > before.uordblks + 4096 || resident() > resident_before + 2048;
}
