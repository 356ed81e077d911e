/* SPDX-License-Identifier: Apache-2.0 */
/* Relying parties and phones of the tests. */
#include "world.h"

#include "carnet/certification_request.h"
#include "carnet/key_attestation.h"
#include "carnet/webauthn.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const carnet_service_route *
route_of(const char *path, carnet_service_method method)
{
    for (size_t i = 0; i < carnet_identity_provider_part.route_count; i++) {
        const carnet_service_route *route = carnet_identity_provider_part.routes[i].route;
        const size_t len = strlen(route->path), tail = strlen(path);

        if (route->method == method && len >= tail && strcmp(route->path + len - tail, path) == 0)
            return route;
    }
    fail_msg("there is no %s", path);
    return NULL;
}

static void
member_of(const char *text, const char *name, char *out, size_t cap)
{
    char pattern[64];
    const char *at;
    size_t len;

    (void)snprintf(pattern, sizeof(pattern), "\"%s\":", name);
    out[0] = '\0';
    if ((at = strstr(text, pattern)) == NULL)
        return;
    at += strlen(pattern);
    len = *at == '"' ? strcspn(++at, "\"") : strcspn(at, ",}");
    (void)snprintf(out, cap, "%.*s", (int)len, at);
}

void
ask_at(size_t at, carnet_span certificate, const char *path, const char *body, reply *r)
{
    const carnet_service_route *route = route_of(path, body != NULL ? CARNET_SERVICE_POST : CARNET_SERVICE_GET);
    char header[1024];
    carnet_service_response response = { .body = carnet_buf_of((uint8_t *)r->text, ANSWER),
                                         .header_text = carnet_buf_of((uint8_t *)header, sizeof(header)) };
    carnet_service_request request = { .method = route->method,
                                       .path = carnet_str_of(route->path),
                                       .identifier = "AAAAAAAAAAAAAAAAAAAAAA",
                                       .body = carnet_span_of(body, body != NULL ? strlen(body) : 0),
                                       .content_type = carnet_str_of("application/json"),
                                       .certificate = certificate,
                                       .trusted = true,
                                       .waited_ms = 60000 };
    carnet_err err = { 0 };
    char code[16];

    assert_carnet_ok(route->run(carnet_service_part_find(w.parts[at], "identity_provider"), &request, &response, &err),
                     &err);
    r->text[response.body.len] = '\0';
    r->status = response.status != 0 ? response.status : 200;
    member_of(r->text, "errorCode", code, sizeof(code));
    r->code = (int)strtol(code, NULL, 10);
}

void
ask_form(const char *path, const char *form)
{
    const carnet_service_route *route = route_of(path, CARNET_SERVICE_POST);
    reply *r = &w.reply;
    uint8_t octets[2048];
    char header[1024];
    carnet_buf room = carnet_buf_of(octets, sizeof(octets));
    carnet_service_response response = { .body = carnet_buf_of((uint8_t *)r->text, ANSWER),
                                         .header_text = carnet_buf_of((uint8_t *)header, sizeof(header)) };
    carnet_service_request request = { .method = CARNET_SERVICE_POST,
                                       .path = carnet_str_of(route->path),
                                       .identifier = "AAAAAAAAAAAAAAAAAAAAAA",
                                       .certificate = carnet_span_of(w.party_der[BANK], w.party_len[BANK]),
                                       .trusted = true };
    carnet_err err = { 0 };
    carnet_rc rc;

    assert_carnet_ok(carnet_service_parameters_read(carnet_str_of(form), &room, &request.form, &err), &err);
    rc = route->run(carnet_service_part_find(w.parts[w.at], "identity_provider"), &request, &response, &err);
    r->text[response.body.len] = '\0';
    r->status = response.status != 0 ? response.status : 200;
    if (rc != CARNET_OK)
        (void)snprintf(r->text, sizeof(r->text), "%s", response.error != NULL ? response.error : "");
}

void
ask_as(carnet_span certificate, const char *path, const char *body)
{
    ask_at(w.at, certificate, path, body, &w.reply);
}

void
ask(party who, const char *path, const char *format, ...)
{
    static char body[65536];
    va_list list;

    va_start(list, format);
    (void)vsnprintf(body, sizeof(body), format, list);
    va_end(list);
    ask_as(carnet_span_of(w.party_der[who], w.party_len[who]), path, body);
}

void
ask_phone(const phone *p, const char *path, const char *format, ...)
{
    static char body[65536];
    va_list list;

    va_start(list, format);
    (void)vsnprintf(body, sizeof(body), format, list);
    va_end(list);
    ask_as(carnet_span_of(p->certificate, p->certificate_len), path, body);
}

void
assert_refused(int status, int code)
{
    if (w.reply.status != status || w.reply.code != code)
        fail_msg("not %d %d but %d: %s", status, code, w.reply.status, w.reply.text);
}

bool
said(const char *text)
{
    return strstr(w.reply.text, text) != NULL;
}

void
member(const char *name, char *out, size_t cap)
{
    member_of(w.reply.text, name, out, cap);
}

/* --- enrolment --- */

void
invite(const char *user, uint8_t *certificate, size_t *len, carnet_key *key)
{
    uint8_t room[4096];
    carnet_buf out = carnet_buf_of(room, sizeof(room)), der = carnet_buf_of(certificate, CARNET_CERTIFICATE_MAX);
    carnet_service_worker *worker;
    carnet_str text, label;
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_service_begin(w.contexts[w.at], NULL, &worker, &err), &err);
    assert_carnet_ok(carnet_identity_provider_invite(carnet_service_part_find(w.parts[w.at], "identity_provider"),
                                                     worker, carnet_str_of(user), &out, &err),
                     &err);
    text = carnet_buf_str(&out);
    assert_carnet_ok(carnet_pem_next(&text, &label, &der, &err), &err);
    *len = der.len;
    (void)key;
}

static carnet_str
base64(carnet_span bytes)
{
    uint8_t *room = malloc(bytes.len * 4 / 3 + 8);
    carnet_buf out = carnet_buf_of(room, bytes.len * 4 / 3 + 8);

    carnet_base64url_encode(bytes, &out);
    return carnet_buf_str(&out);
}

static carnet_str
attest(const phone *p)
{
    static const carnet_str level = { "iso_18045_high", 14 },
                            ways[] = { { "fingerprint", 11 }, { "pin", 3 }, { "pad", 3 } };
    static uint8_t room[4096];
    carnet_buf out = carnet_buf_of(room, sizeof(room));
    const carnet_key_attestation_spec spec = { .struct_size = sizeof(spec),
                                               .keys = &p->key.public_key,
                                               .key_count = 1,
                                               .issued_at = NOW,
                                               .expires = NOW + 600,
                                               .key_storage = &level,
                                               .key_storage_count = 1,
                                               .user_authentication = ways,
                                               .user_authentication_count = 3,
                                               .key_id = carnet_str_of("attester") };
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_key_attestation_build(&spec, &w.attester, &w.crypto, &out, &err), &err);
    return carnet_buf_str(&out);
}

static carnet_str
proof_of(carnet_key *key, carnet_str name, carnet_span request)
{
    static uint8_t text[512];
    carnet_buf payload = carnet_buf_of(text, sizeof(text));
    carnet_signature signature;
    carnet_span part;
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_bops_key_proof_payload(name, request, &w.crypto, &payload, &err), &err);
    part = carnet_buf_span(&payload);
    assert_carnet_ok(carnet_key_sign(key, &w.crypto, CARNET_ES256, &part, 1, &signature, &err), &err);
    return base64(carnet_span_of(signature.bytes, signature.len));
}

static void
write_enrolment(phone *p, const char *pin, carnet_buf *out)
{
    static uint8_t der[1024];
    carnet_buf request = carnet_buf_of(der, sizeof(der));
    carnet_bops_register_account message = { .name = carnet_str_of("phone"), .os = carnet_str_of("test") };
    carnet_bops_authenticator *key = &message.authenticators[0];
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_certification_request_build(&(carnet_name_parts){ 0 }, &p->tls, &w.crypto, &request, &err),
                     &err);
    message.certificate_request = base64(carnet_buf_span(&request));
    *key = (carnet_bops_authenticator){ .name = carnet_str_of("SA-KEY-1"),
                                        .kind = CARNET_BOPS_KEY_SECURE_AREA,
                                        .key = &p->key.public_key };
    key->proof = proof_of(&p->key, key->name, carnet_buf_span(&request));
    message.authenticator_count = 1;
    if (p->fido)
        message.authenticators[message.authenticator_count++] =
            (carnet_bops_authenticator){ .name = carnet_str_of("FIDO-SOFTWARE-1"),
                                         .kind = CARNET_BOPS_KEY_FIDO,
                                         .key = &w.fido.public_key,
                                         .credential_id = carnet_str_of("Y3JlZA") };
    if (p->documented) {
        key = &message.authenticators[message.authenticator_count++];
        *key = (carnet_bops_authenticator){ .name = carnet_str_of("DOCUMENT-1"),
                                            .kind = CARNET_BOPS_KEY_DOCUMENT,
                                            .key = &w.document.public_key };
        key->proof = proof_of(&w.document, key->name, carnet_buf_span(&request));
    }
    message.otp_type = carnet_str_of(p->hotp ? "HOTP" : "");
    message.key_attestation = attest(p);
    message.pin = carnet_str_of(pin != NULL ? pin : "");
    message.push_reg_id = carnet_str_of(p->push != NULL ? p->push : "");
    assert_carnet_ok(carnet_bops_register_account_write(&message, out, &err), &err);
    free((void *)(uintptr_t)message.certificate_request.ptr);
    for (size_t i = 0; i < message.authenticator_count; i++)
        free((void *)(uintptr_t)message.authenticators[i].proof.ptr);
}

int
enrol_with(phone *p, carnet_span invitation, const char *pin)
{
    static uint8_t room[16384], der[8192];
    carnet_buf body = carnet_buf_of(room, sizeof(room) - 1), out = carnet_buf_of(der, sizeof(der));
    size_t lengths[CARNET_BOPS_CERTIFICATES], count;
    carnet_err err = { 0 };

    if (p->key.public_key.curve == CARNET_CURVE_NONE) {
        *p = (phone){ .approves = CARNET_DEVICE_DONE,
                      .matches = CARNET_DEVICE_DONE,
                      .pad = true,
                      .in_hardware = true,
                      .hotp = p->hotp,
                      .fido = p->fido };
        assert_carnet_ok(carnet_software_key_generate(&w.crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, &p->key, &err),
                         &err);
    }
    carnet_key_done(&p->tls);
    assert_carnet_ok(carnet_software_key_generate(&w.crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, &p->tls, &err), &err);
    if (p->fido && w.fido.public_key.curve == CARNET_CURVE_NONE)
        assert_carnet_ok(carnet_software_key_generate(&w.crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, &w.fido, &err),
                         &err);
    write_enrolment(p, pin, &body);
    room[body.len] = '\0';
    ask_as(invitation, "/enrol/RegisterAccount", (const char *)room);
    if (w.reply.status == 200) {
        assert_carnet_ok(carnet_enrolment_read(carnet_str_of(w.reply.text), &p->enrolment, &out, lengths, &count, &err),
                         &err);
        memcpy(p->certificate, der, lengths[0]);
        p->certificate_len = lengths[0];
    }
    return w.reply.status;
}

int
enrol(phone *p, const char *user, const char *pin)
{
    uint8_t invitation[CARNET_CERTIFICATE_MAX];
    size_t len;

    invite(user, invitation, &len, NULL);
    return enrol_with(p, carnet_span_of(invitation, len), pin);
}

void
phone_done(phone *p)
{
    carnet_key_done(&p->key);
    carnet_key_done(&p->tls);
}

/* --- sessions --- */

void
start(const char *more)
{
    start_for(&w.alice, w.user, more);
}

void
start_for(const phone *p, const char *user, const char *more)
{
    ask(BANK, "/enterprise/AuthenticationStart", "{\"userId\":\"%s\",\"deviceId\":\"%s\"%s}", user,
        p->enrolment.device_id, more);
    w.session[0] = '\0';
    if (w.reply.status == 200)
        member("sessionId", w.session, sizeof(w.session));
}

static carnet_device_outcome
yes(void *self, const carnet_bops_registered *session)
{
    (void)session;
    return ((const phone *)self)->approves;
}

static carnet_rc
keep(void *self, const carnet_enrolment *enrolment, carnet_err *err)
{
    (void)self;
    (void)enrolment;
    (void)err;
    return CARNET_OK;
}

static carnet_device_outcome
match(void *self, carnet_str method, bool pad, carnet_bops_detail *detail)
{
    const phone *p = self;

    if (!carnet_str_is(method, "FINGERPRINT"))
        return CARNET_DEVICE_UNABLE;
    detail->matcher = CARNET_BOPS_MATCHER_LOCAL;
    detail->attempts = 1;
    detail->pad = pad;
    detail->pad_performed = detail->pad_passed = pad && p->pad;
    return p->matches;
}

static carnet_device_outcome
type_pin(void *self, carnet_str *value)
{
    const phone *p = self;

    *value = carnet_str_of(p->pin);
    return CARNET_DEVICE_DONE;
}

static carnet_device_outcome
assert_fido(void *self, carnet_str challenge, bool verify_user, carnet_bops_fido *fido)
{
    static uint8_t parts[3][1024], room[4096];
    phone *p = self;
    const carnet_webauthn_credential credential = { .rp_id = carnet_str_of("idp.example"),
                                                    .origin = carnet_str_of("https://idp.example"),
                                                    .key = &w.fido,
                                                    .sign_count = ++p->fido_count,
                                                    .user_verified = verify_user,
                                                    .uvm = CARNET_UVM_PASSCODE };
    carnet_buf out[3], text = carnet_buf_of(room, sizeof(room));
    carnet_str *const to[] = { &fido->authenticator_data, &fido->client_data, &fido->signature };

    for (size_t i = 0; i < 3; i++)
        out[i] = carnet_buf_of(parts[i], sizeof(parts[i]));
    assert_carnet_ok(carnet_webauthn_assert(&w.crypto, &credential, challenge, &out[0], &out[1], &out[2], NULL), NULL);
    fido->credential_id = carnet_str_of("Y3JlZA");
    for (size_t i = 0; i < 3; i++) {
        const size_t at = text.len;

        carnet_base64url_encode(carnet_buf_span(&out[i]), &text);
        *to[i] = (carnet_str){ (const char *)room + at, text.len - at };
    }
    return CARNET_DEVICE_DONE;
}

static carnet_time
clock_of(void *self)
{
    (void)self;
    return w.now;
}

static carnet_authenticator_device
device_of(phone *p)
{
    return (carnet_authenticator_device){ .struct_size = sizeof(carnet_authenticator_device),
                                          .self = p,
                                          .approve = yes,
                                          .keep_counters = keep,
                                          .key = &p->key,
                                          .key_name = carnet_str_of("SA-KEY-1"),
                                          .key_in_hardware = p->in_hardware,
                                          .match = match,
                                          .detects_attacks = true,
                                          .pin = p->pin != NULL ? type_pin : NULL,
                                          .assert_fido = p->fido ? assert_fido : NULL,
                                          .fido_verifies_user = p->fido_verifies,
                                          .now = clock_of };
}

static uint8_t storage[CARNET_AUTHENTICATOR_STORAGE];
static char body[CARNET_BOPS_MAX + 1];

static const char *
text_of(const carnet_authenticator *a)
{
    memcpy(body, a->request.body.ptr, a->request.body.len);
    body[a->request.body.len] = '\0';
    return body;
}

carnet_bops_status
approve(phone *p, const char *session)
{
    const carnet_authenticator_device device = device_of(p);
    const carnet_bops_app app = { .app_name = carnet_str_of("test") };
    carnet_bops_status status;
    carnet_authenticator a;
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_authenticator_begin(&a, carnet_str_of(session), &app, &p->enrolment, &device, &w.crypto,
                                                carnet_buf_of(storage, sizeof(storage)), &err),
                     &err);
    while (a.action == CARNET_AUTHENTICATOR_SEND) {
        ask_phone(p, strrchr(a.request.path, '/'), "%s", text_of(&a));
        (void)!carnet_authenticator_feed(&a, (unsigned)w.reply.status, carnet_str_of(w.reply.text), &err);
    }
    status = a.status;
    carnet_authenticator_done(&a);
    return status;
}

const char *
answer_of(phone *p, const char *session)
{
    const carnet_authenticator_device device = device_of(p);
    const carnet_bops_app app = { .app_name = carnet_str_of("test") };
    carnet_authenticator a;
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_authenticator_begin(&a, carnet_str_of(session), &app, &p->enrolment, &device, &w.crypto,
                                                carnet_buf_of(storage, sizeof(storage)), &err),
                     &err);
    ask_phone(p, strrchr(a.request.path, '/'), "%s", text_of(&a));
    assert_int_equal(w.reply.status, 200);
    assert_carnet_ok(carnet_authenticator_feed(&a, 200, carnet_str_of(w.reply.text), &err), &err);
    assert_int_equal(a.action, CARNET_AUTHENTICATOR_SEND);
    (void)text_of(&a);
    carnet_authenticator_done(&a);
    return body;
}

void
status_is(const char *session, const char *status)
{
    char is[32];

    ask(BANK, "/enterprise/GetSessionStatus", "{\"sessionId\":\"%s\"}", session);
    assert_int_equal(w.reply.status, 200);
    member("status", is, sizeof(is));
    assert_string_equal(is, status);
}
