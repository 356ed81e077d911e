/* SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#define SECRETS_FILE_MAX (size_t)4096

static carnet_time
system_clock(void *self)
{
    (void)self;
    return (carnet_time)time(NULL);
}

static carnet_str
path_of(carnet_str url)
{
    const char *host = url.len > 0 ? strstr(url.ptr, "://") : NULL, *path;

    path = host != NULL ? strchr(host + 3, '/') : NULL;
    return path != NULL ? carnet_str_of(path) : (carnet_str){ url.ptr + url.len, 0 };
}

static carnet_rc
read_secrets(carnet_service_context *context, carnet_err *err)
{
    carnet_service_file file;
    carnet_crypto crypto;
    carnet_rc rc = carnet_service_file_read(context->config->secrets, SECRETS_FILE_MAX, &file, err);

    if (rc != CARNET_OK) {
        carnet_err_within(err, "secrets");
        return rc;
    }
    rc = carnet_crypto_init(&crypto, err);
    if (rc == CARNET_OK) {
        rc = carnet_service_secrets_read((carnet_str){ (const char *)file.ptr, file.len }, &crypto, context->secrets,
                                         &context->secret_count, err);
        carnet_crypto_done(&crypto);
    }
    if (rc != CARNET_OK)
        carnet_err_within(err, "secrets");
    carnet_service_file_free(&file);
    return rc;
}

/* A thread that ends leaves its seat to another. */
static void
leave(void *self)
{
    carnet_service_seat *seat = self;

    (void)pthread_mutex_lock(&seat->context->lock);
    seat->taken = false;
    (void)pthread_mutex_unlock(&seat->context->lock);
}

static carnet_rc
make_seat(carnet_service_context *context, carnet_service_seat *seat, carnet_err *err)
{
    carnet_rc rc = carnet_crypto_init(&seat->crypto, err);

    if (rc != CARNET_OK)
        return rc;
    seat->context = context;
    seat->worker.context = context;
    seat->worker.crypto = &seat->crypto;
    seat->worker.random = carnet_service_random_of(&seat->pool, carnet_crypto_random(&seat->crypto));
    seat->worker.store = context->hooks.store;
    seat->memory = mmap(NULL, context->hooks.scratch_size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (seat->memory == MAP_FAILED) {
        seat->memory = NULL;
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    }
    seat->memory_len = context->hooks.scratch_size;
    seat->worker.scratch = carnet_buf_of(seat->memory, seat->memory_len);
    return carnet_service_hands_new(context->config, &context->custody, &seat->crypto, &seat->hands, err);
}

static carnet_rc
make_seats(carnet_service_context *context, carnet_err *err)
{
    carnet_rc rc = CARNET_OK;

    context->seats = calloc(context->hooks.workers, sizeof(*context->seats));
    if (context->seats == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    for (unsigned i = 0; rc == CARNET_OK && i < context->hooks.workers; i++) {
        context->seat_count++;
        rc = make_seat(context, &context->seats[i], err);
    }
    return rc;
}

carnet_rc
carnet_service_context_new(const carnet_config *config, const carnet_service_hooks *hooks,
                           carnet_service_context **context, carnet_err *err)
{
    carnet_service_context *c = calloc(1, sizeof(*c));
    carnet_rc rc;

    *context = NULL;
    if (c == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    c->config = config;
    c->hooks = *hooks;
    if (c->hooks.now == NULL)
        c->hooks.now = system_clock;
    if (c->hooks.workers == 0)
        c->hooks.workers = 8;
    if (c->hooks.scratch_size == 0)
        c->hooks.scratch_size = (size_t)8 * 1024 * 1024;
    c->base_url = carnet_str_of(config->base_url);
    c->base_path = path_of(c->base_url);
    (void)pthread_mutex_init(&c->lock, NULL);
    c->mine_made = pthread_key_create(&c->mine, leave) == 0;
    rc = c->mine_made ? CARNET_OK : carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    if (rc == CARNET_OK && (rc = read_secrets(c, err)) == CARNET_OK &&
        (rc = carnet_service_custody_new(config, &c->custody, err)) == CARNET_OK)
        rc = make_seats(c, err);
    if (rc != CARNET_OK)
        carnet_service_context_free(&c);
    *context = c;
    return rc;
}

void
carnet_service_context_free(carnet_service_context **context)
{
    carnet_service_context *c = *context;

    *context = NULL;
    if (c == NULL)
        return;
    if (c->mine_made)
        (void)pthread_key_delete(c->mine);
    for (size_t i = 0; i < c->seat_count; i++) {
        carnet_service_seat *seat = &c->seats[i];

        carnet_service_hands_free(&seat->hands);
        carnet_service_random_done(&seat->pool);
        if (seat->memory != NULL) {
            carnet_wipe(seat->memory, seat->worker.scratch.len);
            (void)munmap(seat->memory, seat->memory_len);
        }
        carnet_crypto_done(&seat->crypto);
    }
    for (size_t i = 0; i < c->spare_count; i++)
        (void)munmap(c->spares[i], c->hooks.scratch_size);
    free(c->seats);
    carnet_service_custody_free(&c->custody);
    carnet_wipe(c->secrets, sizeof(c->secrets));
    (void)pthread_mutex_destroy(&c->lock);
    free(c);
}

const carnet_config *
carnet_service_configuration(const carnet_service_context *context)
{
    return context->config;
}

carnet_str
carnet_service_base_url(const carnet_service_context *context)
{
    return context->base_url;
}

carnet_str
carnet_service_base_path(const carnet_service_context *context)
{
    return context->base_path;
}
