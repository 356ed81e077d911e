/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include "carnet/form.h"
#include "support/server.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

static carnet_rc
fill(void *self, uint8_t *out, size_t len)
{
    (void)self;
    return getrandom(out, len, 0) == (ssize_t)len ? CARNET_OK : CARNET_E_CRYPTO_RANDOM;
}

static carnet_time
tell(void *self)
{
    return atomic_load(&((world *)self)->now);
}

static void
take_line(void *self, carnet_str line, bool success)
{
    world *w = self;

    (void)success;
    (void)pthread_mutex_lock(&w->lock);
    if (line.len + 2 < sizeof(w->log) - w->log_len) {
        memcpy(w->log + w->log_len, line.ptr, line.len);
        w->log_len += line.len;
        w->log[w->log_len++] = '\n';
        w->log[w->log_len] = '\0';
    }
    (void)pthread_mutex_unlock(&w->lock);
}

/* --- the identification --- */

static void
copy(char *to, size_t cap, carnet_str from)
{
    (void)snprintf(to, cap, "%.*s", (int)from.len, from.ptr);
}

static carnet_rc
turn(plug *p, const carnet_identification_request *q, carnet_buf *room, carnet_identification_step *step,
     carnet_err *err)
{
    copy(p->seen_flow, sizeof(p->seen_flow), q->flow);
    copy(p->seen_hint, sizeof(p->seen_hint), q->subject_hint);
    copy(p->seen_state, sizeof(p->seen_state), (carnet_str){ (const char *)q->state.ptr, q->state.len });
    switch (atomic_load(&p->mode)) {
    case PLUG_ASKS:
        carnet_buf_add_text(room, "/desk/wait?back=");
        carnet_buf_add_str(room, q->return_uri);
        *step = (carnet_identification_step){ .outcome = CARNET_IDENTIFICATION_PENDING,
                                              .uri = carnet_buf_str(room),
                                              .state = carnet_span_of("case 5", 6) };
        break;
    case PLUG_KNOWS:
        *step = (carnet_identification_step){ .outcome = CARNET_IDENTIFICATION_IDENTIFIED,
                                              .subject = carnet_str_of(p->subject),
                                              .claims = carnet_str_of(p->claims),
                                              .evidence = carnet_str_of("officer 3") };
        break;
    case PLUG_REFUSES:
        step->reason = CARNET_IDENTIFICATION_BY_OFFICER;
        break;
    case PLUG_FAILS:
        return carnet_fail(err, CARNET_E_LINK_IO, NULL, "the desk is away");
    }
    return CARNET_OK;
}

static carnet_rc
plug_begin(void *self, const carnet_identification_request *q, carnet_buf *room, carnet_identification_step *step,
           carnet_err *err)
{
    return turn(self, q, room, step, err);
}

static carnet_rc
plug_resume(void *self, const carnet_identification_request *q, carnet_buf *room, carnet_identification_step *step,
            carnet_err *err)
{
    return turn(self, q, room, step, err);
}

/* --- what is protected --- */

static world *current;

static carnet_rc
use(void *arg, carnet_store_session *session, carnet_err *err)
{
    return carnet_authorization_use(arg, session, err);
}

static carnet_rc
resource(void *self, const carnet_service_request *q, carnet_service_response *r, carnet_err *err)
{
    const instance *i = &current->instances[current->instances[1].as == self];
    carnet_authorization_access access;
    carnet_service_worker *worker;
    carnet_rc rc = carnet_service_begin(i->context, q, &worker, err);

    if (rc == CARNET_OK)
        rc = carnet_authorization_check(self, worker, q, "/resource", true, r, &access, err);
    if (rc != CARNET_OK)
        return rc;
    rc = carnet_store_transact(current->store, use, &access, err);
    if (rc != CARNET_OK)
        return carnet_authorization_refuse(self, worker, r, rc, err);
    if (access.grant.claims.len > 0)
        rc = carnet_authorization_claims_open(worker, access.grant.subject, access.grant.claims, &r->body, err);
    return rc;
}

/* --- setting up --- */

static const char *const opened_by[] = { REDIRECT, "http://127.0.0.1/cb", "org.example.wallet:/cb" };

static void
write_secrets(const world *w, const char *path)
{
    static const char text[] = "carnet-secret 1 0a1b2c3d AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n";
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    (void)w;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, sizeof(text) - 1), sizeof(text) - 1);
    (void)close(fd);
}

static void
make_policy(world *w)
{
    w->plug = (plug){ .ops = { sizeof(carnet_identification), "officer", &w->plug, plug_begin, plug_resume },
                      .mode = PLUG_KNOWS,
                      .subject = SUBJECT,
                      .claims = CLAIMS };
    w->documents[0] = (carnet_authorization_document){ .configuration = carnet_str_of("mdl"),
                                                       .scope = carnet_str_of("mdl_scope"),
                                                       .doctype = carnet_str_of("org.iso.18013.5.1.mDL"),
                                                       .name = carnet_str_of("Driving licence"),
                                                       .identification = &w->plug.ops,
                                                       .bearer_allowed = true,
                                                       .refresh_s = 86400 };
    w->documents[1] = (carnet_authorization_document){ .configuration = carnet_str_of("photoid"),
                                                       .scope = carnet_str_of("photoid_scope"),
                                                       .identification = &w->plug.ops };
    w->documents[2] =
        (carnet_authorization_document){ .configuration = carnet_str_of("badge"), .bearer_allowed = true };
    w->clients[0] = (carnet_authorization_client){ .client_id = carnet_str_of("wallet-1"),
                                                   .name = carnet_str_of("Wallet One"),
                                                   .redirect_uris = opened_by,
                                                   .redirect_uri_count = 3 };
    w->clients[1] = (carnet_authorization_client){ .client_id = carnet_str_of("wallet-2"),
                                                   .redirect_uris = opened_by,
                                                   .redirect_uri_count = 1 };
    w->attester_keys[0].key = w->attester.public_key;
    w->trust = (carnet_attester_trust){ .struct_size = sizeof(w->trust), .keys = w->attester_keys, .key_count = 1 };
    w->policy = (carnet_authorization_policy){ .struct_size = sizeof(w->policy),
                                               .documents = w->documents,
                                               .document_count = 3,
                                               .clients = w->clients,
                                               .client_count = 2,
                                               .attesters = &w->trust,
                                               .anonymous_pre_authorised = true };
}

/* --- the stores --- */

int
world_run(int argc, char **argv, const struct CMUnitTest *tests, size_t count)
{
    return carnet_test_run_stored(argc, argv, "authorization", tests, count, NULL);
}

static void
make_store(world *w)
{
    carnet_store_config config = { .random = { fill, NULL } };
    char file[96], place[256];
    carnet_err err = { 0 };

    (void)snprintf(file, sizeof(file), "%s/store", w->folder);
    carnet_test_place(file, true, place, sizeof(place));
    config.place = place;
    assert_carnet_ok(carnet_store_open(&config, &w->store, &err), &err);
}

void
world_make(world *w)
{
    static char secrets[128], base_url[] = ISSUER, authority[] = "Authority";
    carnet_key *const keys[] = { &w->attester, &w->wallet, &w->dpop, &w->other };

    memset(w, 0, sizeof(*w));
    (void)pthread_mutex_init(&w->lock, NULL);
    (void)snprintf(w->folder, sizeof(w->folder), "/tmp/carnet-authorization-XXXXXX");
    assert_non_null(mkdtemp(w->folder));
    (void)snprintf(secrets, sizeof(secrets), "%s/secrets", w->folder);
    write_secrets(w, secrets);
    w->config =
        (carnet_config){ .base_url = base_url, .authority = authority, .secrets = secrets, .services = &w->services };
    atomic_store(&w->now, NOW);
    assert_int_equal(carnet_crypto_init(&w->crypto, NULL), CARNET_OK);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(carnet_software_key_generate(&w->crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, keys[i], NULL),
                         CARNET_OK);
    make_policy(w);
    make_store(w);
    current = w;
}

static void
start_one(world *w, instance *i)
{
    static carnet_service_route routes[16];
    carnet_service_hooks hooks = { .store = w->store, .now = tell, .now_self = w, .log = take_line, .log_self = w };
    carnet_service_config config = { .address = "127.0.0.1",
                                     .routes = routes,
                                     .route_count = carnet_authorization_route_count + 1,
                                     .random = { fill, NULL },
                                     .log = take_line,
                                     .log_self = w };
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_service_context_new(&w->config, &hooks, &i->context, &err), &err);
    assert_carnet_ok(carnet_authorization_new(i->context, &w->policy, &i->as, &err), &err);
    for (size_t n = 0; n < carnet_authorization_route_count; n++)
        routes[n] = *carnet_authorization_routes[n].route;
    routes[carnet_authorization_route_count] = (carnet_service_route){
        .method = CARNET_SERVICE_POST, .name = "resource", .path = "/resource", .run = resource, .body_max = 64
    };
    config.self = i->as;
    assert_carnet_ok(carnet_service_start(&config, &i->service, &err), &err);
    i->port = carnet_service_port(i->service);
}

void
world_start(world *w, size_t instances)
{
    for (size_t i = 0; i < instances; i++)
        start_one(w, &w->instances[i]);
}

/* Everything in a file of the store. */
static void
assert_not_in_file(const world *w, const char *name)
{
    char path[512];
    static char octets[8 << 20];
    int fd;
    ssize_t n;

    (void)snprintf(path, sizeof(path), "%s/%s", w->folder, name);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    n = fd >= 0 ? read(fd, octets, sizeof(octets)) : -1;
    (void)close(fd);
    for (size_t i = 0; n > 0 && i < w->secrets; i++)
        assert_null(memmem(octets, (size_t)n, w->secret[i], strlen(w->secret[i])));
    assert_true(n <= 0 || memmem(octets, (size_t)n, CLAIM, sizeof(CLAIM) - 1) == NULL);
}

void
world_assert_kept(world *w)
{
    DIR *folder = opendir(w->folder);
    const struct dirent *entry;
    bool leaked;

    assert_non_null(folder);
    (void)pthread_mutex_lock(&w->lock);
    leaked = strstr(w->log, CLAIM) != NULL;
    for (size_t i = 0; i < w->secrets; i++)
        leaked = leaked || strstr(w->log, w->secret[i]) != NULL;
    (void)pthread_mutex_unlock(&w->lock);
    assert_false(leaked);
    while ((entry = readdir(folder)) != NULL)
        if (strncmp(entry->d_name, "store", 5) == 0)
            assert_not_in_file(w, entry->d_name);
    (void)closedir(folder);
}

void
world_keep_secret(world *w, const char *text)
{
    if (w->secrets < 4 && strlen(text) < sizeof(w->secret[0]))
        (void)snprintf(w->secret[w->secrets++], sizeof(w->secret[0]), "%s", text);
}

static void
empty_folder(const world *w)
{
    DIR *folder = opendir(w->folder);
    const struct dirent *entry;
    char path[512];

    while (folder != NULL && (entry = readdir(folder)) != NULL) {
        (void)snprintf(path, sizeof(path), "%s/%s", w->folder, entry->d_name);
        (void)unlink(path);
    }
    if (folder != NULL)
        (void)closedir(folder);
    (void)rmdir(w->folder);
}

void
world_end(world *w)
{
    carnet_key *const keys[] = { &w->attester, &w->wallet, &w->dpop, &w->other };

    for (size_t i = 0; i < 2; i++) {
        if (w->instances[i].service != NULL)
            carnet_service_stop(&w->instances[i].service, 1000);
        carnet_authorization_free(&w->instances[i].as);
        if (w->instances[i].context != NULL)
            carnet_service_context_free(&w->instances[i].context);
    }
    carnet_store_close(&w->store);
    for (size_t i = 0; i < 4; i++)
        carnet_key_done(keys[i]);
    carnet_crypto_done(&w->crypto);
    (void)pthread_mutex_destroy(&w->lock);
    empty_folder(w);
}

/* --- what was logged --- */

void
world_quiet(world *w)
{
    (void)pthread_mutex_lock(&w->lock);
    w->log_len = 0;
    w->log[0] = '\0';
    (void)pthread_mutex_unlock(&w->lock);
}

bool
world_refused(world *w, const char *kind, const char *reason)
{
    char event[128], why[128];
    bool found = false;

    (void)snprintf(event, sizeof(event), "\"event\":\"%s\",\"outcome\":\"refused\"", kind);
    (void)snprintf(why, sizeof(why), "\"reason\":\"%s\"", reason);
    (void)pthread_mutex_lock(&w->lock);
    for (const char *line = w->log; !found && *line != '\0'; line += strcspn(line, "\n") + 1) {
        char one[2048];

        (void)snprintf(one, sizeof(one), "%.*s", (int)strcspn(line, "\n"), line);
        found = strstr(one, event) != NULL && strstr(one, why) != NULL && strstr(one, "\"request\":\"") != NULL;
    }
    (void)pthread_mutex_unlock(&w->lock);
    return found;
}

typedef struct tally {
    const char *reason;
    int count;
} tally;

static bool
count_one(void *self, const carnet_store_event *event)
{
    tally *t = self;

    t->count += carnet_str_is(event->reason, t->reason) && event->request.len == CARNET_SERVICE_IDENTIFIER;
    return true;
}

static carnet_rc
count_all(void *arg, carnet_store_session *session, carnet_err *err)
{
    carnet_store_event_filter filter = { .limit = 500 };

    return carnet_store_event_list(session, &filter, count_one, arg, err);
}

int
world_audited(world *w, const char *reason)
{
    tally t = { reason, 0 };
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_store_read(w->store, count_all, &t, &err), &err);
    return t.count;
}
