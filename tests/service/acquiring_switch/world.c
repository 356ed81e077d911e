/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

void
pause_ms(unsigned ms)
{
    const struct timespec t = { ms / 1000, (long)(ms % 1000) * 1000000 };

    (void)nanosleep(&t, NULL);
}

static carnet_time
system_time(void *self)
{
    (void)self;
    return (carnet_time)time(NULL);
}

static void
note(void *self, carnet_str line, bool success)
{
    switch_world *w = self;

    (void)success;
    (void)pthread_mutex_lock(&w->lock);
    if (w->log_len + line.len + 2 < sizeof(w->log)) {
        memcpy(w->log + w->log_len, line.ptr, line.len);
        w->log_len += line.len;
        w->log[w->log_len++] = '\n';
        w->log[w->log_len] = '\0';
    }
    (void)pthread_mutex_unlock(&w->lock);
}

static char *
text(const char *of)
{
    return (char *)(uintptr_t)of;
}

static void
write_secrets(const switch_world *w)
{
    carnet_test_seed seed = { 1 };
    const carnet_random random = carnet_test_random(&seed);
    uint8_t room[256];
    carnet_buf out = carnet_buf_of(room, sizeof(room));
    char path[128];
    FILE *file;

    (void)snprintf(path, sizeof(path), "%s/secrets", w->folder);
    assert_carnet_ok(carnet_service_secrets_make(&random, &out, NULL), NULL);
    assert_non_null(file = fopen(path, "w"));
    assert_int_equal(fwrite(out.ptr, 1, out.len, file), out.len);
    assert_int_equal(fclose(file), 0);
}

static void
configure(switch_world *w, uint16_t issuer_port)
{
    static char secrets[128];

    (void)snprintf(secrets, sizeof(secrets), "%s/secrets", w->folder);
    w->terminals[0] = (carnet_config_payment_link){ .name = text("atms"), .address = text("127.0.0.1") };
    w->issuers[0] = (carnet_config_payment_link){
        .name = text("bank"), .address = text("127.0.0.1"), .port = issuer_port, .answer_ms = 10000, .repeat_seconds = 1
    };
    w->section = (carnet_config_acquiring_switch){
        .terminals = w->terminals, .terminal_count = 1, .issuers = w->issuers, .issuer_count = 1, .routes = w->routes
    };
    w->services.acquiring_switch = &w->section;
    w->config =
        (carnet_config){ .base_url = text("https://switch.example"), .secrets = secrets, .services = &w->services };
}

int
switch_begin(switch_world *w, uint16_t issuer_port)
{
    memset(w, 0, sizeof(*w));
    (void)pthread_mutex_init(&w->lock, NULL);
    (void)snprintf(w->folder, sizeof(w->folder), "/tmp/carnet-switch-XXXXXX");
    if (mkdtemp(w->folder) == NULL)
        return -1;
    write_secrets(w);
    configure(w, issuer_port);
    return 0;
}

void
switch_beside(switch_world *w, const switch_world *first)
{
    memset(w, 0, sizeof(*w));
    (void)pthread_mutex_init(&w->lock, NULL);
    memcpy(w->folder, first->folder, sizeof(w->folder));
    configure(w, (uint16_t)first->issuers[0].port);
}

void
switch_start(switch_world *w)
{
    carnet_service_hooks hooks = {
        .now = system_time, .log = note, .log_self = w, .workers = 4, .scratch_size = 4 << 20
    };
    static carnet_crypto crypto;
    static bool made;
    carnet_store_config options = { .patience_ms = 30000 };
    const char *elsewhere = getenv("CARNET_TEST_SWITCH_STORE");
    char place[192];
    carnet_err err = { 0 };

    if (!made)
        assert_carnet_ok(carnet_crypto_init(&crypto, &err), &err);
    made = true;
    (void)snprintf(place, sizeof(place), "%s%s", elsewhere != NULL ? elsewhere : w->folder,
                   elsewhere != NULL ? "" : "/store.sqlite");
    options.place = place;
    options.random = carnet_crypto_random(&crypto);
    assert_carnet_ok(carnet_store_open(&options, &w->store, &err), &err);
    hooks.store = w->store;
    assert_carnet_ok(carnet_service_context_new(&w->config, &hooks, &w->context, &err), &err);
    assert_carnet_ok(carnet_acquiring_switch_part.init(w->context, NULL, &w->self, &err), &err);
    w->port = carnet_acquiring_switch_port(w->self, 0);
    w->terminals[0].port = w->port; /* the same after a restart */
}

void
switch_stop(switch_world *w)
{
    if (w->self != NULL)
        carnet_acquiring_switch_part.done(w->self);
    w->self = NULL;
    carnet_service_context_free(&w->context);
    carnet_store_close(&w->store);
}

int
switch_end(switch_world *w)
{
    char command[128];

    switch_kill(w);
    switch_stop(w);
    (void)pthread_mutex_destroy(&w->lock);
    (void)snprintf(command, sizeof(command), "rm -rf '%s'", w->folder);
    return system(command);
}

/* --- in a process of its own --- */

void
switch_spawn(switch_world *w)
{
    int ends[2];
    char bank[16], port[16], line[16] = { 0 };
    ssize_t got;

    (void)snprintf(bank, sizeof(bank), "%u", w->issuers[0].port);
    (void)snprintf(port, sizeof(port), "%u", w->terminals[0].port);
    assert_int_equal(pipe(ends), 0);
    w->process = fork();
    assert_true(w->process >= 0);
    if (w->process == 0) {
        (void)dup2(ends[1], 3);
        (void)execl("/proc/self/exe", "switch", w->folder, bank, port, (char *)NULL);
        _exit(127);
    }
    (void)close(ends[1]);
    do
        got = read(ends[0], line, sizeof(line) - 1);
    while (got < 0 && errno == EINTR);
    (void)close(ends[0]);
    assert_true(got > 0);
    w->port = (uint16_t)strtoul(line, NULL, 10);
    w->terminals[0].port = w->port;
}

void
switch_kill(switch_world *w)
{
    if (w->process <= 0)
        return;
    (void)kill(w->process, SIGKILL);
    (void)waitpid(w->process, NULL, 0);
    w->process = 0;
}

bool
switch_is_process(int argc, char **argv)
{
    static switch_world w;
    char line[16];

    if (argc != 4 || strcmp(argv[0], "switch") != 0)
        return false;
    (void)pthread_mutex_init(&w.lock, NULL);
    (void)snprintf(w.folder, sizeof(w.folder), "%s", argv[1]);
    configure(&w, (uint16_t)strtoul(argv[2], NULL, 10));
    w.terminals[0].port = (unsigned)strtoul(argv[3], NULL, 10);
    switch_start(&w);
    (void)snprintf(line, sizeof(line), "%u\n", w.port);
    if (write(3, line, strlen(line)) < 0)
        exit(1);
    for (;;)
        (void)pause();
}

/* --- what it says --- */

static size_t
times(const char *in, const char *what)
{
    size_t count = 0;

    for (const char *at = in; (at = strstr(at, what)) != NULL; at += strlen(what))
        count++;
    return count;
}

void
switch_until_logged(switch_world *w, const char *what, size_t count)
{
    for (unsigned waited = 0; waited < PATIENCE_MS; waited += 5) {
        size_t found;

        (void)pthread_mutex_lock(&w->lock);
        found = times(w->log, what);
        (void)pthread_mutex_unlock(&w->lock);
        if (found >= count)
            return;
        pause_ms(5);
    }
    fail_msg("the log never had %s %zu times:\n%s", what, count, w->log);
}

uint64_t
switch_metric(switch_world *w, const char *line)
{
    static uint8_t octets[65536];
    carnet_buf out = carnet_buf_of(octets, sizeof(octets));
    const char *at;

    carnet_acquiring_switch_part.metrics(w->self, &out);
    carnet_buf_add_byte(&out, 0);
    assert_false(out.overflow);
    at = strstr((const char *)octets, line);
    assert_non_null(at);
    return strtoull(at + strlen(line), NULL, 10);
}

void
switch_until_up(switch_world *w)
{
    for (unsigned waited = 0; waited < PATIENCE_MS; waited += 5) {
        if (switch_metric(w, "carnet_switch_up{side=\"issuer\",link=\"bank\"} ") == 1)
            return;
        pause_ms(5);
    }
    fail_msg("the issuer is never there");
}
