/* SPDX-License-Identifier: Apache-2.0 */
/* carnet phone: what enrolment left, sealed beside the store's documents. */
#include "carnet/json_build.h"
#include "phone.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROOM = 32768 };

static const store_sealed sealed = { "phone.sealed", "carnet phone",
                                     "this is no enrolment, or one of a later version" };

static void
write_state(const phone *p, carnet_buf *text)
{
    const carnet_enrolment *e = &p->enrolment;
    carnet_json_builder b = carnet_json_build(text);

    carnet_json_object_begin(&b, NULL);
    carnet_json_add_string(&b, "provider", p->provider);
    carnet_json_add_string(&b, "server", p->server);
    carnet_json_add_string(&b, "ca", p->ca);
    carnet_json_add_text(&b, "device", e->device_id);
    carnet_json_add_text(&b, "profile", e->profile_id);
    carnet_json_add_text(&b, "user", e->user_id);
    carnet_json_add_base64url(&b, "intrusionKey", carnet_span_of(e->intrusion_key, sizeof e->intrusion_key));
    carnet_json_add_base64url(&b, "seed", carnet_span_of(e->otp_seed, e->otp_seed_len));
    carnet_json_add_bool(&b, "otpCounts", e->otp_counts);
    carnet_json_add_integer(&b, "otpNext", (int64_t)e->otp_next);
    carnet_json_add_integer(&b, "counter", e->counter);
    carnet_json_add_string(&b, "key", store_key_name(&p->key));
    carnet_json_add_bool(&b, "pin", p->pin);
    carnet_json_add_bool(&b, "attested", p->attested);
    if (p->fido_rp.len > 0) {
        carnet_json_object_begin(&b, "softwareFido");
        carnet_json_add_string(&b, "rpId", p->fido_rp);
        carnet_json_add_string(&b, "origin", p->fido_origin);
        carnet_json_add_string(&b, "key", store_key_name(&p->fido_key));
        carnet_json_add_base64url(&b, "credential", p->fido_id);
        carnet_json_add_integer(&b, "counter", p->fido_count);
        carnet_json_object_end(&b);
    }
    carnet_json_add_base64url(&b, "tlsKey", p->tls_key_der);
    carnet_json_array_begin(&b, "certificates");
    for (size_t i = 0; i < p->certificate_count; i++) {
        carnet_json_add_base64url(&b, NULL, p->certificates[i]);
    }
    carnet_json_array_end(&b);
    carnet_json_object_end(&b);
    if (carnet_json_built(&b, NULL) != CARNET_OK) {
        text->overflow = true;
    }
}

carnet_rc
phone_try_save(phone *p, carnet_err *err)
{
    carnet_buf text = cli_buf(ROOM);

    write_state(p, &text);
    return store_sealed_write(&p->store, &sealed, &text, err);
}

void
phone_save(phone *p)
{
    carnet_err err = { 0 };

    if (phone_try_save(p, &err) != CARNET_OK) {
        cli_die(sealed.file, &err);
    }
}

void
phone_forget(phone *p)
{
    const char *path = store_path(&p->store, sealed.file);

    if (unlink(path) != 0) {
        cli_die_text(path, strerror(errno));
    }
}

/* --- read --- */

static carnet_str
text_of(const carnet_json *json, const char *name)
{
    const carnet_span kept = cli_keep(carnet_str_bytes(carnet_json_string(carnet_json_get(json, name))));

    return (carnet_str){ (const char *)kept.ptr, kept.len };
}

static void
name_of(const carnet_json *json, const char *name, char out[CARNET_AUTHENTICATOR_NAME + 1])
{
    const carnet_str text = carnet_json_string(carnet_json_get(json, name));
    const size_t len = text.len < CARNET_AUTHENTICATOR_NAME ? text.len : CARNET_AUTHENTICATOR_NAME;

    if (len > 0) {
        memcpy(out, text.ptr, len);
    }
    out[len] = '\0';
}

static size_t
octets_of(const carnet_json *value, uint8_t *out, size_t cap)
{
    carnet_buf buf = carnet_buf_of(out, cap);

    return carnet_base64url_decode(carnet_json_string(value), &buf, NULL) == CARNET_OK ? buf.len : 0;
}

static carnet_span
kept_octets(const carnet_json *value)
{
    carnet_buf out = cli_buf(carnet_json_string(value).len + 4);

    out.len = octets_of(value, out.ptr, out.cap);
    return carnet_buf_span(&out);
}

static void
take_fido(phone *p, const carnet_json *json)
{
    if (json == NULL) {
        return;
    }
    p->fido_rp = text_of(json, "rpId");
    p->fido_origin = text_of(json, "origin");
    p->fido_id = kept_octets(carnet_json_get(json, "credential"));
    p->fido_count = (uint32_t)carnet_json_integer(carnet_json_get(json, "counter"));
    if (!store_key_identifier(text_of(json, "key"), &p->fido_key)) {
        cli_die_text(sealed.file, "the FIDO authenticator has no key");
    }
}

static void
take_state(phone *p, const carnet_json *json)
{
    carnet_enrolment *e = &p->enrolment;
    const carnet_json *list = carnet_json_get(json, "certificates");
    carnet_span chain[CARNET_BOPS_CERTIFICATES];
    size_t count = 0;

    p->provider = text_of(json, "provider");
    p->server = text_of(json, "server");
    p->ca = text_of(json, "ca");
    name_of(json, "device", e->device_id);
    name_of(json, "profile", e->profile_id);
    name_of(json, "user", e->user_id);
    (void)octets_of(carnet_json_get(json, "intrusionKey"), e->intrusion_key, sizeof e->intrusion_key);
    e->otp_seed_len = octets_of(carnet_json_get(json, "seed"), e->otp_seed, sizeof e->otp_seed);
    e->otp_counts = carnet_json_bool(carnet_json_get(json, "otpCounts"));
    e->otp_next = (uint64_t)carnet_json_integer(carnet_json_get(json, "otpNext"));
    e->counter = carnet_json_integer(carnet_json_get(json, "counter"));
    p->pin = carnet_json_bool(carnet_json_get(json, "pin"));
    p->attested = carnet_json_bool(carnet_json_get(json, "attested"));
    if (!store_key_identifier(text_of(json, "key"), &p->key)) {
        cli_die_text(sealed.file, "the enrolment names no key");
    }
    take_fido(p, carnet_json_get(json, "softwareFido"));
    while (count < CARNET_BOPS_CERTIFICATES && count < carnet_json_count(list)) {
        chain[count] = kept_octets(carnet_json_at(list, count));
        count++;
    }
    phone_set_tls(p, kept_octets(carnet_json_get(json, "tlsKey")), chain, count);
}

void
phone_set_tls(phone *p, carnet_span key_der, const carnet_span *certificates, size_t count)
{
    carnet_buf key = cli_buf(key_der.len * 2 + 128), chain = cli_buf((size_t)CARNET_BOPS_CERTIFICATES * 8192);

    p->tls_key_der = key_der;
    carnet_pem_encode("PRIVATE KEY", key_der, &key);
    for (size_t i = 0; i < count; i++) {
        p->certificates[i] = certificates[i];
        carnet_pem_encode("CERTIFICATE", certificates[i], &chain);
    }
    p->certificate_count = count;
    p->tls_key = carnet_buf_str(&key);
    p->tls_chain = carnet_buf_str(&chain);
}

static carnet_str
absolute(const char *path)
{
    char *real = realpath(path, NULL);

    if (real == NULL) {
        cli_die_text(path, strerror(errno));
    }
    return carnet_str_of(real); /* stays */
}

void
phone_begin(phone *p, const phone_arguments *a, carnet_crypto *crypto, bool fresh)
{
    carnet_json *json;

    *p = (phone){ .a = a, .crypto = crypto, .out = a->json ? stderr : stdout };
    passphrase_guard_process();
    store_ask(&p->store, a->store, crypto, true, &a->passphrase);
    json = store_sealed_read(&p->store, &sealed);
    if (json == NULL && !fresh) {
        cli_die_text(a->store, "this phone is not enrolled: carnet phone enrol");
    }
    if (json != NULL) {
        take_state(p, json);
    }
    carnet_json_free(&json);
    if (a->provider != NULL) {
        p->provider = carnet_str_of(a->provider);
    }
    if (a->server != NULL) {
        p->server = carnet_str_of(a->server);
    }
    if (a->ca != NULL) {
        p->ca = absolute(a->ca);
    }
    p->answer = (carnet_fetch_answer){ .header = cli_buf(CARNET_FETCH_HEADER_MAX), .body = cli_buf(CARNET_BOPS_MAX) };
}

void
phone_end(phone *p)
{
    carnet_fetch_connection_free(p->connections[0]);
    carnet_fetch_connection_free(p->connections[1]);
    carnet_wipe(p->answer.body.ptr, p->answer.body.cap);
    free(p->answer.body.ptr);
    free(p->answer.header.ptr);
    if (p->tls_key.len > 0) {
        carnet_wipe((void *)(uintptr_t)p->tls_key.ptr, p->tls_key.len);
        carnet_wipe((void *)(uintptr_t)p->tls_key_der.ptr, p->tls_key_der.len);
    }
    carnet_enrolment_done(&p->enrolment);
    store_close(&p->store);
}
