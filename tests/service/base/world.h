/* SPDX-License-Identifier: Apache-2.0 */
/* A folder with secrets and a sealed file of keys, a configuration that names them, and a clock that stands. */
#ifndef TEST_SERVICE_BASE_WORLD_H
#define TEST_SERVICE_BASE_WORLD_H
#include "carnet/service_part.h"
#include "support/support.h"

typedef struct world {
    char folder[64], secrets[80], sealed[80], passphrase[80];
    carnet_config config;
    carnet_config_area area;
    carnet_config_key keys[2]; /* "signer" signs, "agreer" agrees */
    carnet_time now;
    char log[8192];
    size_t log_len, successes; /* the lines that tell of one */
    carnet_service_hooks hooks;
    carnet_service_context *context;
} world;

int world_begin(world *w);
int world_end(world *w);
/* Write a file of the folder; its path, good until the next call. */
const char *world_write(const world *w, const char *name, carnet_span bytes);
/* The context of the configuration as it is. */
void world_open(world *w);
carnet_service_worker *world_worker(const world *w);
/* Sign and verify with a key by name. */
void world_sign(carnet_service_worker *worker, const char *name);

#endif
