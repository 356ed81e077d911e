/* SPDX-License-Identifier: Apache-2.0 */
/* An mdoc on hci0 and a reader on hci1, and a look at what they left behind.  Only for the virtual machine. */
#ifndef CARNET_TEST_BLUEZ_PAIR_H
#define CARNET_TEST_BLUEZ_PAIR_H
#include "carnet/link_bluez.h"
#include "support/support.h"

/* How the two talk. */
typedef enum way { WAY_GATT, WAY_CHANNEL_BY_CHARACTERISTIC, WAY_CHANNEL_BY_ENGAGEMENT } way;

typedef struct pair_plan {
    carnet_ble_mode mode;
    way way;
    bool both_offered;       /* the mdoc offers both modes */
    bool other_ident;        /* the reader serves another transaction's Ident */
    unsigned reader_late_ms; /* the reader comes that much later */
    int timeout_ms;          /* 0: long enough */
} pair_plan;

/* One party: what it opens with and what came of it. */
typedef struct party {
    const char *adapter;
    carnet_bluez *bluez;
    carnet_ble_parameters modes[2];
    size_t mode_count;
    unsigned late_ms;
    int timeout_ms;
    carnet_link link;
    carnet_rc rc;
    carnet_err err;
    unsigned steps; /* bits of the carnet_bluez_step told */
} party;

typedef struct pair {
    party mdoc, reader;
    size_t fds; /* open before */
} pair;

/* Open both; each party's `rc` says what came of it. */
void pair_open(pair *p, const pair_plan *plan);
/* Close both, and see that nothing is left: objects of BlueZ's, advertisements, searches, descriptors. */
void pair_close(pair *p);
/* Close both, and see that no descriptor is left. */
void pair_close_only(pair *p);
/* Wait up to some seconds for BlueZ to be as it was at first; fails otherwise. */
void assert_nothing_left(void);
size_t count_fds(void);

/* Objects of BlueZ's, as counted by name over D-Bus. */
typedef struct bluez_count {
    size_t objects, devices, advertisements, services, searches;
    bool forget; /* devices are removed as they are met */
} bluez_count;
bluez_count count_bluez(void);

/* Break the connection between the two in the controller, as when one walks away. */
void break_connection(void);
void forget_devices(void);
void set_power(const char *adapter, bool on);

#endif
