/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The endpoints of the authorization server, whole, with a store: the first
 * octet chooses which, the rest is its form or query.
 */
#define _GNU_SOURCE
#include "carnet/authorization.h"
#include "fuzz.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#define WALLET "https://wallet.example/cb"
#define NATIVE "org.example.wallet:/cb"
#define ISSUER "https://issuer.example"

static const char *const own[] = { WALLET, NATIVE };
static carnet_authorization *as;

static carnet_rc
fill(void *self, uint8_t *out, size_t len)
{
    (void)self;
    return getrandom(out, len, 0) == (ssize_t)len ? CARNET_OK : CARNET_E_CRYPTO_RANDOM;
}

static carnet_time
tell(void *self)
{
    struct timespec now;

    (void)self;
    MUST(clock_gettime(CLOCK_REALTIME, &now) == 0);
    return (carnet_time)now.tv_sec;
}

static carnet_rc
turn(void *self, const carnet_identification_request *request, carnet_buf *room, carnet_identification_step *step,
     carnet_err *err)
{
    (void)self;
    (void)room;
    (void)err;
    MUST(request->flow.len == CARNET_SERVICE_TOKEN && request->document_count > 0);
    *step = (carnet_identification_step){ .outcome = CARNET_IDENTIFICATION_IDENTIFIED, .subject = { "person", 6 } };
    return CARNET_OK;
}

static carnet_identification plug = { sizeof(plug), "plug", NULL, turn, turn };

static void
write_secrets(const char *path)
{
    static const char text[] = "carnet-secret 1 0a1b2c3d AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n";
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    MUST(fd >= 0 && write(fd, text, sizeof(text) - 1) == (ssize_t)sizeof(text) - 1);
    (void)close(fd);
}

static char folder[] = "/tmp/carnet-fuzz-XXXXXX", secrets[64], place[64];

static void
clean(void)
{
    static const char *const ends[] = { "", "-wal", "-shm", "-journal" };
    char path[96];

    for (size_t i = 0; i < CARNET_COUNT(ends); i++) {
        (void)snprintf(path, sizeof(path), "%s%s", place, ends[i]);
        (void)unlink(path);
    }
    (void)unlink(secrets);
    (void)rmdir(folder);
}

static void
begin(void)
{
    static char base_url[] = ISSUER, authority[] = "Authority";
    static carnet_config_services services;
    static carnet_config config = { .base_url = base_url, .authority = authority, .services = &services };
    static carnet_authorization_document documents[2];
    static carnet_authorization_client client;
    carnet_authorization_policy policy = { .struct_size = sizeof(policy),
                                           .documents = documents,
                                           .document_count = 2,
                                           .clients = &client,
                                           .client_count = 1,
                                           .anonymous_pre_authorised = true };
    carnet_store_config store_config = { .place = place, .random = { fill, NULL } };
    carnet_service_hooks hooks = { .now = tell };
    carnet_service_context *context;

    MUST(mkdtemp(folder) != NULL);
    (void)snprintf(secrets, sizeof(secrets), "%s/secrets", folder);
    (void)snprintf(place, sizeof(place), "%s/store", folder);
    write_secrets(secrets);
    config.secrets = secrets;
    documents[0] = (carnet_authorization_document){ .configuration = carnet_str_of("mdl"),
                                                    .scope = carnet_str_of("mdl"),
                                                    .identification = &plug,
                                                    .bearer_allowed = true };
    documents[1] = (carnet_authorization_document){ .configuration = carnet_str_of("badge") };
    client =
        (carnet_authorization_client){ .client_id = carnet_str_of("w"), .redirect_uris = own, .redirect_uri_count = 2 };
    MUST(carnet_store_open(&store_config, &hooks.store, NULL) == CARNET_OK);
    MUST(carnet_service_context_new(&config, &hooks, &context, NULL) == CARNET_OK);
    MUST(carnet_authorization_new(context, &policy, &as, NULL) == CARNET_OK);
    MUST(atexit(clean) == 0);
}

static const carnet_service_route *
route_named(const char *name)
{
    for (size_t i = 0; i < carnet_authorization_route_count; i++)
        if (strcmp(carnet_authorization_routes[i].route->name, name) == 0)
            return carnet_authorization_routes[i].route;
    abort();
}

/* A browser goes to the wallet's own addresses, to a path of ours, and nowhere else. */
static void
check_location(const carnet_service_response *response)
{
    for (size_t i = 0; i < response->header_count; i++) {
        carnet_str value = carnet_str_of(response->headers[i].value);

        if (strcmp(response->headers[i].name, "Location") == 0)
            MUST(carnet_str_starts(value, WALLET "?") || carnet_str_starts(value, NATIVE "?") ||
                 (value.len > 1 && value.ptr[0] == '/' && value.ptr[1] != '/'));
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = { "par", "authorize", "token", "authorize_decide", "authorize_return" };
    static uint8_t decoded[65536], body[65536], headers[16384];
    static carnet_service_parameters parameters;
    const carnet_service_route *route;
    carnet_service_request request = { .method = CARNET_SERVICE_POST, .identifier = "AAAAAAAAAAAAAAAAAAAAAA" };
    carnet_service_response response = { .body = carnet_buf_of(body, sizeof(body)),
                                         .header_text = carnet_buf_of(headers, sizeof(headers)) };
    carnet_buf room = carnet_buf_of(decoded, sizeof(decoded));
    carnet_err err = { 0 };
    carnet_rc rc;

    if (as == NULL)
        begin();
    if (size == 0 || size > 8192)
        return 0;
    route = route_named(names[data[0] % 5]);
    if (carnet_service_parameters_read((carnet_str){ (const char *)data + 1, size - 1 }, &room, &parameters, NULL) !=
        CARNET_OK)
        return 0;
    request.method = route->method;
    if (route->method == CARNET_SERVICE_GET)
        request.query = parameters;
    else
        request.form = parameters;
    rc = route->run(as, &request, &response, &err);
    while (response.later) { /* who asks without a service asks again at once; the handler waits for what it began */
        MUST(rc == CARNET_OK && !request.again);
        response.later = false;
        request.again = true;
        rc = route->run(as, &request, &response, &err);
    }
    MUST(rc == CARNET_OK || (response.status >= 400 && response.status < 500 && response.error != NULL));
    MUST(response.status < 500);
    check_location(&response);
    return 0;
}
