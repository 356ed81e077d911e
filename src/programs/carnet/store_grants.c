/* SPDX-License-Identifier: Apache-2.0 */
/* What issuers granted: tokens, and the keys they are bound to, in one sealed file. */
#include "carnet/json_build.h"
#include "holder_store.h"

#include <stdlib.h>
#include <unistd.h>

enum { GRANTS_MAX = 4 << 20 };

static const store_sealed sealed = { "grants.sealed", "carnet store grants",
                                     "this is not what issuers granted, or of a later version" };

/* --- one grant as JSON --- */

static carnet_span
octets(const carnet_json *object, const char *name)
{
    carnet_str text = carnet_json_string(carnet_json_get(object, name));
    carnet_buf out = cli_buf(text.len + 4);

    if (carnet_base64url_decode(text, &out, NULL) != CARNET_OK) {
        out.len = 0;
    }
    return carnet_buf_span(&out);
}

static void
read_one(const carnet_json *o, store_grant *g)
{
    *g = (store_grant){ .number = (uint64_t)carnet_json_integer(carnet_json_get(o, "number")),
                        .issuer = carnet_json_string(carnet_json_get(o, "issuer")),
                        .server = carnet_json_string(carnet_json_get(o, "server")),
                        .client_id = carnet_json_string(carnet_json_get(o, "client")),
                        .access_token = carnet_json_string(carnet_json_get(o, "access")),
                        .refresh_token = carnet_json_string(carnet_json_get(o, "refresh")),
                        .expires = carnet_json_integer(carnet_json_get(o, "expires")),
                        .dpop = carnet_json_bool(carnet_json_get(o, "dpop")),
                        .attested = carnet_json_bool(carnet_json_get(o, "attested")),
                        .dpop_key = octets(o, "dpopKey"),
                        .instance_key = octets(o, "instanceKey") };
}

static void
write_one(carnet_json_builder *b, const store_grant *g)
{
    carnet_json_object_begin(b, NULL);
    carnet_json_add_integer(b, "number", (int64_t)g->number);
    carnet_json_add_string(b, "issuer", g->issuer);
    carnet_json_add_string(b, "server", g->server);
    carnet_json_add_string(b, "client", g->client_id);
    carnet_json_add_string(b, "access", g->access_token);
    carnet_json_add_string(b, "refresh", g->refresh_token);
    carnet_json_add_integer(b, "expires", g->expires);
    carnet_json_add_bool(b, "dpop", g->dpop);
    carnet_json_add_bool(b, "attested", g->attested);
    carnet_json_add_base64url(b, "dpopKey", g->dpop_key);
    carnet_json_add_base64url(b, "instanceKey", g->instance_key);
    carnet_json_object_end(b);
}

bool
store_grant_get(store *s, uint64_t number, store_grant *grant)
{
    const carnet_json *all = store_sealed_read(s, &sealed); /* stays: the grant's texts are in it */

    for (size_t i = 0; number != 0 && i < carnet_json_count(all); i++) {
        read_one(carnet_json_at(all, i), grant);
        if (grant->number == number) {
            return true;
        }
    }
    *grant = (store_grant){ 0 };
    return false;
}

static bool
is_needed(const store *s, uint64_t number)
{
    for (size_t i = 0; i < s->count; i++) {
        if (s->documents[i].grant == number) {
            return true;
        }
    }
    for (size_t i = 0; i < s->pending_count; i++) {
        if (s->pending[i].grant == number) {
            return true;
        }
    }
    return false;
}

/** All grants but the one that is put, if it is; `sweep`: only those that are needed. */
static void
rewrite(store *s, const store_grant *put, bool sweep)
{
    carnet_json *all = store_sealed_read(s, &sealed);
    carnet_buf text = cli_buf(GRANTS_MAX);
    carnet_json_builder b = carnet_json_build(&text);
    carnet_err err = { 0 };

    carnet_json_array_begin(&b, NULL);
    for (size_t i = 0; i < carnet_json_count(all); i++) {
        store_grant g;

        read_one(carnet_json_at(all, i), &g);
        if ((put == NULL || g.number != put->number) && (!sweep || is_needed(s, g.number))) {
            write_one(&b, &g);
        }
        carnet_wipe((void *)(uintptr_t)g.dpop_key.ptr, g.dpop_key.len);
        carnet_wipe((void *)(uintptr_t)g.instance_key.ptr, g.instance_key.len);
    }
    if (put != NULL) {
        write_one(&b, put);
    }
    carnet_json_array_end(&b);
    if (carnet_json_built(&b, &err) != CARNET_OK || store_sealed_write(s, &sealed, &text, &err) != CARNET_OK) {
        cli_die(sealed.file, &err);
    }
    carnet_json_free(&all);
}

uint64_t
store_grant_put(store *s, const store_grant *grant)
{
    store_grant numbered = *grant;

    if (numbered.number == 0) {
        const carnet_json *all;
        carnet_json *owned = store_sealed_read(s, &sealed);

        all = owned;
        for (size_t i = 0; i < carnet_json_count(all); i++) {
            uint64_t taken = (uint64_t)carnet_json_integer(carnet_json_get(carnet_json_at(all, i), "number"));

            numbered.number = taken > numbered.number ? taken : numbered.number;
        }
        numbered.number++;
        carnet_json_free(&owned);
    }
    rewrite(s, &numbered, false);
    return numbered.number;
}

void
store_grant_sweep(store *s)
{
    if (access(store_path(s, sealed.file), F_OK) == 0) {
        rewrite(s, NULL, true);
    }
}
