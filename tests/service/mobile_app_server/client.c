/* SPDX-License-Identifier: Apache-2.0 */
/* Phones, terminals and issuers of the tests. */
#include "world.h"

#include "carnet/json.h"
#include "carnet/staging.h"
#include "carnet/terminal_code.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const carnet_service_route *
route_of(const char *path)
{
    for (size_t i = 0; i < carnet_mobile_app_server_part.route_count; i++) {
        const carnet_service_route *route = carnet_mobile_app_server_part.routes[i].route;
        const size_t len = strlen(route->path), tail = strlen(path);

        if (len >= tail && strcmp(route->path + len - tail, path) == 0)
            return route;
    }
    fail_msg("there is no %s", path);
    return NULL;
}

static void
take_answer(const carnet_service_response *response, const carnet_err *why, carnet_rc rc, reply *r)
{
    carnet_err err = { 0 };

    r->error[0] = '\0';
    if (rc != CARNET_OK) {
        r->status = carnet_rc_http(rc);
        (void)snprintf(r->error, sizeof(r->error), "%s", response->error != NULL ? response->error : "-");
        (void)snprintf(r->body, sizeof(r->body), "%s: %s (%s)", carnet_rc_name(rc), why->reason, why->path);
        return;
    }
    r->status = response->status != 0 ? response->status : 200;
    assert_in_range(response->body.len, 0, sizeof(r->body) - 1);
    r->body[response->body.len] = '\0';
    if (response->body.len != 0)
        assert_carnet_ok(carnet_json_parse(carnet_buf_str(&response->body), &r->json, &err), &err);
}

/* The handler is asked again as the service would. */
void
ask_at(const world *w, size_t at, client who, const char *path, const char *body, reply *r)
{
    const carnet_service_route *route = route_of(path);
    char header[1024];
    carnet_service_response response;
    carnet_service_request request = { .method = route->method,
                                       .path = carnet_str_of(route->path),
                                       .identifier = "AAAAAAAAAAAAAAAAAAAAAA",
                                       .body = carnet_span_of(body, strlen(body)),
                                       .content_type = carnet_str_of("application/json"),
                                       .certificate = w->certificates[who],
                                       .trusted = true };
    carnet_err err = { 0 };
    carnet_rc rc;

    carnet_json_free(&r->json);
    for (;;) {
        const struct timespec pause = { 0, 5000000 };

        response = (carnet_service_response){ .body = carnet_buf_of(r->body, sizeof(r->body)),
                                              .header_text = carnet_buf_of(header, sizeof(header)) };
        rc = route->run(w->instances[at].self, &request, &response, &err);
        if (rc != CARNET_OK || response.again_ms == 0)
            break;
        request.waited_ms += response.again_ms;
        (void)nanosleep(&pause, NULL);
    }
    take_answer(&response, &err, rc, r);
}

void
ask(world *w, client who, const char *path, reply *r, const char *format, ...)
{
    static char body[16384];
    va_list list;
    int len;

    va_start(list, format);
    len = vsnprintf(body, sizeof(body), format, list);
    va_end(list);
    assert_in_range(len, 0, sizeof(body) - 1);
    ask_at(w, w->at, who, path, body, r);
}

const char *
text(const reply *r, const char *name)
{
    static char texts[8][1024];
    static size_t next;
    char *out = texts[next++ % 8];
    const carnet_json *json = r->json;
    const char *dot = strchr(name, '.');
    char first[32];

    if (dot != NULL) {
        (void)snprintf(first, sizeof(first), "%.*s", (int)(dot - name), name);
        json = carnet_json_get(json, first);
        name = dot + 1;
    }
    (void)snprintf(out, 1024, "%.*s", (int)carnet_json_string(carnet_json_get(json, name)).len,
                   carnet_json_string(carnet_json_get(json, name)).ptr);
    return out;
}

int64_t
number(const reply *r, const char *name)
{
    return carnet_json_integer(carnet_json_get(r->json, name));
}

void
world_customers(world *w)
{
    static reply r;

    ask(w, NOBODY, "admin/mobile_app/customers", &r,
        "{\"user\":\"alice\",\"devices\":[{\"id\":\"alice-1\"}],"
        "\"accounts\":[{\"alias\":\"current\",\"currency\":\"840\"},"
        "{\"alias\":\"card\",\"currency\":\"840\",\"pan\":\"9999400000000004\"},"
        "{\"alias\":\"euro\",\"currency\":\"978\"}]}");
    assert_int_equal(r.status, 204);
    ask(w, NOBODY, "admin/mobile_app/customers", &r,
        "{\"user\":\"bob\",\"devices\":[{\"id\":\"bob-1\"}],\"accounts\":[{\"alias\":\"current\"}]}");
    assert_int_equal(r.status, 204);
    carnet_json_free(&r.json);
}

/* --- stories --- */

const char *
code_of(world *w, const char *terminal, unsigned session, carnet_time expiry)
{
    static char codes[8][256];
    static size_t next;
    char *out = codes[next++ % 8];
    carnet_terminal_code code = { .terminal = carnet_str_of(terminal),
                                  .expiry = expiry,
                                  .label = carnet_str_of("a label nobody believes") };
    carnet_buf buf = carnet_buf_of(out, 255);
    uint8_t key[32];
    carnet_err err = { 0 };

    memset(key, 0x77, sizeof(key));
    memset(code.session, (int)session, sizeof(code.session));
    if (strcmp(terminal, "ATM00001") == 0)
        memcpy(key, w->acquirer, sizeof(key));
    assert_carnet_ok(carnet_terminal_code_make(&code, carnet_span_of(key, sizeof(key)), &w->crypto, &buf, &err), &err);
    out[buf.len] = '\0';
    return out;
}

const char *
session_of(unsigned session)
{
    static char texts[8][32];
    static size_t next;
    char *out = texts[next++ % 8];
    carnet_buf buf = carnet_buf_of(out, 31);
    uint8_t octets[16];

    memset(octets, (int)session, sizeof(octets));
    carnet_base64url_encode(carnet_span_of(octets, sizeof(octets)), &buf);
    out[buf.len] = '\0';
    return out;
}

const char *
stage(world *w, client who, const char *amount)
{
    static char references[8][32];
    static unsigned requests;
    static reply r;
    char *out = references[requests++ % 8];

    ask(w, who, "rp/Stage", &r, "{\"requestId\":\"s-%u\",\"type\":\"ATM_CWD\",\"amount\":\"%s\",\"currency\":\"840\"}",
        requests, amount);
    assert_state(&r, "STAGED");
    (void)snprintf(out, 32, "%s", text(&r, "ref"));
    carnet_json_free(&r.json);
    return out;
}

const char *
fulfil(world *w, client who, const char *amount, unsigned session)
{
    static reply r;
    const char *reference = stage(w, who, amount);

    ask(w, who, "rp/Fulfil", &r, "{\"ref\":\"%s\",\"code\":\"%s\"}", reference,
        code_of(w, "ATM00001", session, atomic_load(&w->now) + 60));
    assert_state(&r, "AUTHENTICATING");
    carnet_json_free(&r.json);
    return reference;
}

const char *
collect(world *w, client who, const char *amount, unsigned session)
{
    static reply r;
    const char *reference = fulfil(w, who, amount, session);

    double_set(&w->provider, double_study(&w->provider, reference).session, CARNET_BOPS_AUTHENTICATED, GOOD);
    ask(w, ATM1, "terminal/Collect", &r, "{\"terminalId\":\"ATM00001\",\"session\":\"%s\",\"wait\":5}",
        session_of(session));
    assert_state(&r, "FULFILLED");
    carnet_json_free(&r.json);
    return reference;
}
