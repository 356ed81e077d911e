/* SPDX-License-Identifier: Apache-2.0 */
/* What wallets and browsers do to the world. */
#include "carnet/form.h"
#include "carnet/json.h"
#include "carnet/oauth_url.h"
#include "world.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* RFC 7636, Appendix B. */
const char VERIFIER[] = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const char CHALLENGE[] = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/* --- HTTP --- */

const char WORLD_HEAD[] = "HEAD";

static size_t
take(char *ptr, size_t size, size_t n, char *to, size_t cap, size_t *len)
{
    size_t more = size * n < cap - 1 - *len ? size * n : cap - 1 - *len;

    memcpy(to + *len, ptr, more);
    *len += more;
    to[*len] = '\0';
    return size * n;
}

static size_t
take_head(char *ptr, size_t size, size_t n, void *self)
{
    reply *r = self;

    return take(ptr, size, n, r->head, sizeof(r->head), &r->head_len);
}

static size_t
take_body(char *ptr, size_t size, size_t n, void *self)
{
    reply *r = self;

    return take(ptr, size, n, r->body, sizeof(r->body), &r->body_len);
}

void
world_ask_instance(const world *w, size_t at, const char *path, const char *const *headers, const char *form, reply *r)
{
    CURL *curl = curl_easy_init();
    struct curl_slist *list = curl_slist_append(NULL, "Expect:");
    char url[5000];

    memset(r, 0, sizeof(*r));
    (void)snprintf(url, sizeof(url), "http://127.0.0.1:%u%s", w->instances[at].port, path);
    for (size_t i = 0; headers != NULL && headers[i] != NULL; i++)
        list = curl_slist_append(list, headers[i]);
    (void)curl_easy_setopt(curl, CURLOPT_URL, url);
    (void)curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list);
    (void)curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_head);
    (void)curl_easy_setopt(curl, CURLOPT_HEADERDATA, r);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, r);
    (void)curl_easy_setopt(curl, CURLOPT_TIMEOUT, 60L);
    (void)curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    if (form == WORLD_HEAD)
        (void)curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    else if (form != NULL)
        (void)curl_easy_setopt(curl, CURLOPT_POSTFIELDS, form);
    assert_int_equal(curl_easy_perform(curl), CURLE_OK);
    (void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &r->status);
    curl_slist_free_all(list);
    curl_easy_cleanup(curl);
}

void
world_ask(world *w, const char *path, const char *const *headers, const char *form, reply *r)
{
    world_ask_instance(w, w->at, path, headers, form, r);
}

const char *
reply_header(const reply *r, const char *name)
{
    static char value[8192];
    size_t n = strlen(name);

    value[0] = '\0';
    for (const char *line = r->head; *line != '\0'; line += strcspn(line, "\n") + (strchr(line, '\n') != NULL))
        if (strncasecmp(line, name, n) == 0 && line[n] == ':')
            (void)snprintf(value, sizeof(value), "%.*s", (int)strcspn(line + n + 2, "\r\n"), line + n + 2);
    return value;
}

const char *
reply_member(const reply *r, const char *name)
{
    static char values[4][2048];
    static unsigned at;
    char *value = values[at++ % 4];
    carnet_json *document = NULL;
    carnet_str text = { 0 };

    if (carnet_json_parse((carnet_str){ r->body, r->body_len }, &document, NULL) == CARNET_OK)
        text = carnet_json_string(carnet_json_get(document, name));
    (void)snprintf(value, sizeof(values[0]), "%.*s", (int)text.len, text.ptr != NULL ? text.ptr : "");
    carnet_json_free(&document);
    return value;
}

const char *
reply_location(const reply *r, const char *name)
{
    static char values[4][2048];
    static unsigned at;
    static carnet_form form;
    static uint8_t room[8192];
    char *value = values[at++ % 4];
    const char *location = reply_header(r, "Location"), *query = strchr(location, '?');
    carnet_buf out = carnet_buf_of(room, sizeof(room));
    carnet_str got;

    value[0] = '\0';
    if (query == NULL || carnet_form_read(carnet_str_of(query + 1), &out, &form, NULL) != CARNET_OK)
        return value;
    got = carnet_form_get(&form, name);
    (void)snprintf(value, sizeof(values[0]), "%.*s", (int)got.len, got.ptr != NULL ? got.ptr : "");
    return value;
}

/* --- proofs --- */

const char *
world_dpop(world *w, const proof_spec *spec)
{
    static char texts[4][4096];
    static unsigned at;
    char *text = texts[at++ % 4];
    carnet_buf out = carnet_buf_of(text, sizeof(texts[0]) - 1);
    carnet_dpop_spec dpop = { .struct_size = sizeof(dpop),
                              .method = carnet_str_of(spec->method != NULL ? spec->method : "POST"),
                              .url = carnet_str_of(spec->url),
                              .access_token = carnet_str_of(spec->token),
                              .nonce = carnet_str_of(spec->nonce),
                              .jwt_id = carnet_str_of(spec->jti),
                              .issued_at = spec->issued_at != 0 ? spec->issued_at : atomic_load(&w->now) };
    carnet_err err = { 0 };

    carnet_buf_add_text(&out, "DPoP: ");
    assert_carnet_ok(carnet_dpop_make(&dpop, spec->key != NULL ? spec->key : &w->dpop, &w->crypto, &out, &err), &err);
    text[out.len] = '\0';
    return text;
}

const char *
world_dpop_for(world *w, const char *path)
{
    char url[256];

    (void)snprintf(url, sizeof(url), ISSUER "%s", path);
    return world_dpop(w, &(proof_spec){ .url = url });
}

void
world_attest(world *w, const char *client_id, const char *challenge, attested *a)
{
    carnet_time now = atomic_load(&w->now);
    carnet_client_attestation_spec spec = { .struct_size = sizeof(spec),
                                            .issuer = carnet_str_of("https://provider.example"),
                                            .client_id = carnet_str_of(client_id),
                                            .key = &w->wallet.public_key,
                                            .issued_at = now - 10,
                                            .expires = now + 3600 };
    carnet_client_attestation_pop_spec pop = { .struct_size = sizeof(pop),
                                               .client_id = carnet_str_of(client_id),
                                               .audience = carnet_str_of(ISSUER),
                                               .challenge = carnet_str_of(challenge),
                                               .issued_at = now };
    carnet_err err = { 0 };
    carnet_buf out[2] = { carnet_buf_of(a->headers[0], sizeof(a->headers[0]) - 1),
                          carnet_buf_of(a->headers[1], sizeof(a->headers[1]) - 1) };

    carnet_buf_add_text(&out[0], "OAuth-Client-Attestation: ");
    carnet_buf_add_text(&out[1], "OAuth-Client-Attestation-PoP: ");
    assert_carnet_ok(carnet_client_attestation_build(&spec, &w->attester, &w->crypto, &out[0], &err), &err);
    assert_carnet_ok(carnet_client_attestation_pop_build(&pop, &w->wallet, &w->crypto, &out[1], &err), &err);
    a->headers[0][out[0].len] = a->headers[1][out[1].len] = '\0';
}

/* --- offers --- */

typedef struct offering {
    carnet_store_offer offer;
} offering;

static carnet_rc
insert(void *arg, carnet_store_session *session, carnet_err *err)
{
    return carnet_store_offer_insert(session, arg, err);
}

void
world_offer(world *w, const char *configurations, const char *tx_code, offered *o)
{
    uint8_t code_hash[32], state_hash[32], verifier[32], room[512];
    carnet_buf sealed = carnet_buf_of(room, sizeof(room));
    carnet_service_worker *worker;
    carnet_err err = { 0 };
    carnet_store_offer offer = { .code_hash = carnet_span_of(code_hash, 32),
                                 .issuer_state_hash = carnet_span_of(state_hash, 32),
                                 .attempts = 3,
                                 .configurations = carnet_str_of(configurations),
                                 .subject = carnet_str_of(SUBJECT),
                                 .actor = carnet_str_of("test"),
                                 .created = atomic_load(&w->now),
                                 .expires = atomic_load(&w->now) + 3600 };

    assert_carnet_ok(carnet_service_begin(w->instances[w->at].context, NULL, &worker, &err), &err);
    assert_carnet_ok(carnet_service_token_make(worker, o->code, code_hash, &err), &err);
    assert_carnet_ok(carnet_service_token_make(worker, o->issuer_state, state_hash, &err), &err);
    assert_carnet_ok(carnet_authorization_claims_seal(worker, offer.subject, carnet_str_of(CLAIMS), &sealed, &err),
                     &err);
    offer.claims = carnet_buf_span(&sealed);
    if (tx_code != NULL) {
        assert_carnet_ok(carnet_authorization_tx_code(worker, code_hash, carnet_str_of(tx_code), verifier, &err), &err);
        offer.tx_code = carnet_span_of(verifier, 32);
    }
    assert_carnet_ok(carnet_store_transact(w->store, insert, &offer, &err), &err);
    o->id = offer.id;
    world_keep_secret(w, o->code);
}

/* --- the code flow --- */

const demand usual_demand = { .client_id = "wallet-1",
                              .redirect_uri = REDIRECT,
                              .scope = "mdl_scope",
                              .state = "af0ifjsldkj",
                              .challenge = CHALLENGE,
                              .method = "S256",
                              .response_type = "code" };

void
world_form(const demand *d, char out[4096])
{
    carnet_buf buf = carnet_buf_of(out, 4095);
    carnet_form_writer f = carnet_form_write(&buf);
    const struct {
        const char *name, *value;
    } list[] = {
        { "client_id", d->client_id },
        { "redirect_uri", d->redirect_uri },
        { "scope", d->scope },
        { "state", d->state },
        { "code_challenge", d->challenge },
        { "code_challenge_method", d->method },
        { "response_type", d->response_type },
        { "authorization_details", d->details },
        { "issuer_state", d->issuer_state },
        { "dpop_jkt", d->dpop_jkt },
        { "resource", d->resource },
    };

    for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
        if (list[i].value != NULL)
            carnet_form_add(&f, list[i].name, carnet_str_of(list[i].value));
    if (d->more != NULL)
        carnet_buf_add_text(&buf, d->more);
    assert_false(buf.overflow);
    out[buf.len] = '\0';
}

void
world_push(world *w, const demand *d, const char *const *headers, reply *r)
{
    char form[4096];

    world_form(d, form);
    world_ask(w, "/par", headers, form, r);
}

void
world_visit(world *w, const char *client_id, const char *request_uri, const char *cookie, reply *r)
{
    uint8_t room[4096];
    char header[256];
    const char *const headers[] = { header, NULL };
    carnet_buf out = carnet_buf_of(room, sizeof(room) - 1);

    assert_int_equal(carnet_pushed_authorization_url(carnet_str_of("/authorize"), carnet_str_of(client_id),
                                                     carnet_str_of(request_uri), &out, NULL),
                     CARNET_OK);
    room[out.len] = 0;
    (void)snprintf(header, sizeof(header), "Cookie: %s", cookie != NULL ? cookie : "");
    world_ask(w, (const char *)room, cookie != NULL ? headers : NULL, NULL, r);
}

void
world_code(world *w, const demand *d, bool dpop, char code[64])
{
    const char *headers[] = { dpop ? world_dpop_for(w, "/par") : NULL, NULL };
    static reply r;

    world_push(w, d, headers, &r);
    assert_int_equal(r.status, 201);
    world_visit(w, d->client_id, reply_member(&r, "request_uri"), NULL, &r);
    assert_int_equal(r.status, 302);
    (void)snprintf(code, 64, "%s", reply_location(&r, "code"));
    assert_int_equal(strlen(code), CARNET_SERVICE_TOKEN);
    world_keep_secret(w, code);
}

void
world_redeem(world *w, const char *code, const char *verifier, const char *const *headers, reply *r)
{
    char form[1024];

    (void)snprintf(form, sizeof(form),
                   "grant_type=authorization_code&client_id=wallet-1&code=%s&code_verifier=%s&redirect_uri=%s", code,
                   verifier, "https%3A%2F%2Fwallet.example%2Fcb");
    world_ask(w, "/token", headers, form, r);
    if (r->status == 200) {
        world_keep_secret(w, reply_member(r, "access_token"));
        world_keep_secret(w, reply_member(r, "refresh_token"));
    }
}

void
world_resource(world *w, const char *scheme, const char *token, const char *proof, reply *r)
{
    char authorization[512];
    const char *headers[] = { authorization, proof, NULL };

    (void)snprintf(authorization, sizeof(authorization), "Authorization: %s %s", scheme, token);
    world_ask(w, "/resource", headers, "", r);
}
