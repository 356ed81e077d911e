/* SPDX-License-Identifier: Apache-2.0 */
/* Stores to test: both backends, each test with an empty one. */
#ifndef CARNET_TEST_STORE_WORLD_H
#define CARNET_TEST_STORE_WORLD_H
#include "carnet/store.h"
#include "support/support.h"

typedef struct store_world {
    bool postgres;
    char place[256]; /* for carnet_store_open() */
    carnet_store *store;
    uint8_t octets[65536];
    carnet_buf room; /* of `octets` */
} store_world;

/* A test for both backends, or for one. */
typedef struct both {
    const char *name;
    void (*run)(store_world *world);
    enum { ANYWHERE, SERVER_ONLY, FILE_ONLY } only;
} both;

/** Run each test on SQLite and on PostgreSQL; "sqlite: " or "postgresql: " is put before its name.  The status is main()'s. */
int world_run(const both *tests, size_t count);

/** Another store on the same place; fails the test if it cannot be opened. */
carnet_store *world_open(const store_world *world);
/** How to open it. */
carnet_store_config world_config(const store_world *world);
/** Close the store and take a new, empty place. */
void world_fresh(store_world *world);
/** Run SQL behind the store's back; the first column of its only row, or 0. */
int64_t world_sql(const store_world *world, const char *sql);
/** The folder the server's socket is in. */
const char *world_server_folder(void);
/** To the server: "restart", "stop" ("fast" or "immediate", as a crash), "resume". */
void world_server(const char *what, const char *mode);

/** A hash that belongs to a number; stays until the program ends. */
carnet_span hash_of(uint64_t number);
carnet_str text(const char *text);
/** carnet_store_transact() or _read() that must succeed; work's refusals go into `arg`. */
void transact(store_world *world, carnet_store_work *work, void *arg);
void look(store_world *world, carnet_store_work *work, void *arg);

#endif
