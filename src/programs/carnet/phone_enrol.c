/* SPDX-License-Identifier: Apache-2.0 */
/* carnet phone: enrolled at an identity provider with its own key, and certified anew. */
#include "carnet/certification_request.h"
#include "carnet/json_build.h"
#include "carnet/jwk.h"
#include "carnet/key_attestation.h"
#include "phone.h"

#include <stdlib.h>
#include <string.h>

enum { ROOM = 65536, KEYS_MAX = CARNET_BOPS_AUTHENTICATORS, ATTESTATION_S = 600 };

static const char key_name[] = "phone";

/* --- keys --- */

void
phone_area_key(phone *p, const char *name, carnet_key_identifier *identifier, carnet_key *key)
{
    carnet_key_order order = { .curve = CARNET_CURVE_P256, .usage = CARNET_KEY_SIGN };
    carnet_key_description made;
    carnet_err err = { 0 };
    carnet_rc rc;

    if (identifier->len == 0) {
        order.identifier = carnet_key_identifier_of(carnet_str_bytes(carnet_str_of(name)));
        rc = carnet_secure_area_open(&p->store.area, &order.identifier, key, NULL);
        if (rc == CARNET_OK) { /* of an enrolment that came to nothing */
            *identifier = order.identifier;
            return;
        }
        if (carnet_secure_area_create(&p->store.area, &order, 1, &made, &err) != CARNET_OK) {
            cli_die("the phone's key", &err);
        }
        *identifier = made.identifier;
    }
    if (carnet_secure_area_open(&p->store.area, identifier, key, &err) != CARNET_OK) {
        cli_die("the phone's key", &err);
    }
}

static carnet_span
make_tls_key(phone *p, carnet_key *key)
{
    carnet_buf der = cli_buf(512);
    carnet_err err = { 0 };

    if (carnet_software_key_generate(p->crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, key, &err) != CARNET_OK ||
        carnet_software_key_to_der(key, &der, &err) != CARNET_OK) {
        cli_die("a key for TLS", &err);
    }
    return carnet_buf_span(&der);
}

static carnet_span
make_request(phone *p, carnet_key *key)
{
    const carnet_name_parts subject = { .common_name = carnet_str_of("carnet phone") };
    carnet_buf out = cli_buf(1024);
    carnet_err err = { 0 };

    if (carnet_certification_request_build(&subject, key, p->crypto, &out, &err) != CARNET_OK) {
        cli_die("the certification request", &err);
    }
    return carnet_buf_span(&out);
}

static carnet_str
in_base64url(carnet_span bytes)
{
    carnet_buf out = cli_buf(bytes.len * 4 / 3 + 4);

    carnet_base64url_encode(bytes, &out);
    return carnet_buf_str(&out);
}

/** A key's proof that it is here, over what is asked to be certified. */
static carnet_str
prove(phone *p, carnet_str name, carnet_key *key, carnet_span request)
{
    const carnet_curve_info *info = carnet_curve_get(key->public_key.curve);
    carnet_buf payload = cli_buf(512);
    carnet_signature signature;
    carnet_span part;
    carnet_err err = { 0 };
    carnet_rc rc = carnet_bops_key_proof_payload(name, request, p->crypto, &payload, &err);

    part = carnet_buf_span(&payload);
    if (rc == CARNET_OK) {
        rc = carnet_key_sign(key, p->crypto, info->algorithm, &part, 1, &signature, &err);
    }
    if (rc != CARNET_OK) {
        cli_die("a key's proof", &err);
    }
    return in_base64url(carnet_span_of(signature.bytes, signature.len));
}

/** The documents' keys, so that a presentation is known to be this phone's. */
static size_t
add_documents(phone *p, carnet_bops_register_account *r, carnet_key *keys, carnet_span request)
{
    size_t count = 0;

    for (size_t i = 0; i < p->store.count && r->authenticator_count < KEYS_MAX; i++) {
        const store_copy *copy = store_fresh_copy(&p->store.documents[i], cli_now());
        char *name = cli_alloc(32);
        carnet_key_description description;
        carnet_public_key public_key;
        cli_document document;

        store_read(&p->store, copy, &document);
        store_device_key(&p->store, p->a->store, &document, &public_key);
        if (!store_key_for(&p->store, &public_key, &description) ||
            carnet_secure_area_open(&p->store.area, &description.identifier, &keys[count], NULL) != CARNET_OK) {
            continue;
        }
        snprintf(name, 32, "DOCUMENT-%llu", (unsigned long long)p->store.documents[i].number);
        r->authenticators[r->authenticator_count++] =
            (carnet_bops_authenticator){ .name = carnet_str_of(name),
                                         .kind = CARNET_BOPS_KEY_DOCUMENT,
                                         .key = &keys[count].public_key,
                                         .proof = prove(p, carnet_str_of(name), &keys[count], request) };
        count++;
    }
    return count;
}

/** A credential of the software authenticator: it proves itself by its first assertion. */
static void
add_fido(phone *p, carnet_bops_register_account *r, carnet_key *key)
{
    phone_fido_make(p, key);
    r->authenticators[r->authenticator_count++] =
        (carnet_bops_authenticator){ .name = carnet_str_of("FIDO-SOFTWARE-1"),
                                     .kind = CARNET_BOPS_KEY_FIDO,
                                     .key = &key->public_key,
                                     .credential_id = in_base64url(p->fido_id) };
}

/* --- attested --- */

static carnet_str
attest(phone *p, const carnet_public_key *key)
{
    const phone_arguments *a = p->a;
    const carnet_str level = carnet_str_of(a->key_storage != NULL ? a->key_storage : "iso_18045_high");
    carnet_str ways[CARNET_COUNT(a->user_authentication)];
    carnet_span chain[PHONE_CHAIN_MAX];
    carnet_buf jwt = cli_buf(ROOM);
    carnet_key attester = { 0 };
    carnet_err err = { 0 };
    carnet_key_attestation_spec spec = { .struct_size = sizeof spec,
                                         .issuer =
                                             carnet_str_of(a->attester_name != NULL ? a->attester_name : "carnet"),
                                         .keys = key,
                                         .key_count = 1,
                                         .issued_at = cli_now(),
                                         .expires = cli_now() + ATTESTATION_S,
                                         .key_storage = &level,
                                         .key_storage_count = 1,
                                         .user_authentication = ways,
                                         .user_authentication_count = a->user_authentication_count,
                                         .x5c = chain };

    for (size_t i = 0; i < a->user_authentication_count; i++) {
        ways[i] = carnet_str_of(a->user_authentication[i]);
    }
    cli_read_key(a->attester_key, p->crypto, CARNET_KEY_SIGN, &attester);
    if (a->attester_certificate != NULL) {
        const size_t count = cli_read_certificates(a->attester_certificate, chain, PHONE_CHAIN_MAX);

        for (size_t i = 0; i < count; i++) {
            carnet_certificate view;

            if (carnet_certificate_open(chain[i], &view, NULL) != CARNET_OK || !carnet_certificate_self_issued(&view)) {
                chain[spec.x5c_count++] = chain[i];
            }
        }
    }
    if (carnet_key_attestation_build(&spec, &attester, p->crypto, &jwt, &err) != CARNET_OK) {
        cli_die("the attestation of the phone's key", &err);
    }
    carnet_key_done(&attester);
    return carnet_buf_str(&jwt);
}

static carnet_str
attestation_of(phone *p, const carnet_public_key *key)
{
    if (p->a->attestation != NULL) {
        const carnet_span file = cli_read(p->a->attestation);

        return (carnet_str){ (const char *)file.ptr, strcspn((const char *)file.ptr, "\r\n") };
    }
    return p->a->attester_key != NULL ? attest(p, key) : (carnet_str){ 0 };
}

/* --- enrolled --- */

static int
take_enrolled(phone *p, carnet_str answer, carnet_span tls_key)
{
    carnet_buf der = cli_buf(ROOM);
    size_t lengths[CARNET_BOPS_CERTIFICATES], count = 0, at = 0;
    carnet_span chain[CARNET_BOPS_CERTIFICATES];
    carnet_err err = { 0 };

    if (carnet_enrolment_read(answer, &p->enrolment, &der, lengths, &count, &err) != CARNET_OK) {
        return cli_complain("the enrolment", &err);
    }
    for (size_t i = 0; i < count; i++) {
        chain[i] = carnet_span_of(der.ptr + at, lengths[i]);
        at += lengths[i];
    }
    phone_set_tls(p, tls_key, chain, count);
    phone_save(p);
    return CLI_VALID;
}

/** Thumbprints (RFC 7638) of the documents' keys: what is shown to a terminal is known to be this phone's by them. */
static void
tell_documents(phone *p, carnet_json_builder *b)
{
    carnet_json_array_begin(b, "documentKeys");
    for (size_t i = 0; i < p->store.count; i++) {
        const store_copy *copy = store_fresh_copy(&p->store.documents[i], cli_now());
        uint8_t thumbprint[32];
        carnet_public_key key;
        cli_document document;

        store_read(&p->store, copy, &document);
        store_device_key(&p->store, p->a->store, &document, &key);
        if (carnet_jwk_thumbprint(p->crypto, &key, thumbprint, NULL) == CARNET_OK) {
            carnet_json_add_base64url(b, NULL, carnet_span_of(thumbprint, sizeof thumbprint));
        }
    }
    carnet_json_array_end(b);
}

static void
tell(phone *p)
{
    if (p->a->json) {
        carnet_buf out = cli_buf(4096);
        carnet_json_builder b = carnet_json_build(&out);

        carnet_json_object_begin(&b, NULL);
        carnet_json_add_text(&b, "deviceId", p->enrolment.device_id);
        carnet_json_add_text(&b, "userId", p->enrolment.user_id);
        carnet_json_add_text(&b, "profileId", p->enrolment.profile_id);
        carnet_json_add_integer(&b, "counter", p->enrolment.counter);
        carnet_json_add_text(&b, "otpType", p->enrolment.otp_counts ? "HOTP" : "TOTP");
        if (p->fido_rp.len > 0) {
            carnet_json_add_string(&b, "softwareFido", p->fido_rp);
        }
        carnet_json_add_string(&b, "provider", p->provider);
        carnet_json_add_string(&b, "server", p->server);
        tell_documents(p, &b);
        carnet_json_object_end(&b);
        printf("%.*s\n", (int)out.len, (const char *)out.ptr);
    } else {
        printf("device %s of user %s at ", p->enrolment.device_id, p->enrolment.user_id);
        cli_print_safe(stdout, p->provider);
        putchar('\n');
    }
}

static int
register_account(phone *p, const carnet_bops_register_account *request, carnet_span tls_key)
{
    const carnet_span file = cli_read(p->a->bootstrap);
    carnet_buf body = cli_buf(ROOM);
    carnet_str answer;
    unsigned status;
    carnet_err err = { 0 };
    int result = CLI_UNJUDGED;

    if (carnet_bops_register_account_write(request, &body, &err) != CARNET_OK) {
        cli_die("the request", &err);
    }
    if (phone_ask_as(p, (carnet_str){ (const char *)file.ptr, file.len }, CARNET_BOPS_PATH_REGISTER_ACCOUNT,
                     carnet_buf_span(&body), &status, &answer)) {
        result = status == 200 ? take_enrolled(p, answer, tls_key) : phone_refused("enrol", status, answer);
    }
    carnet_wipe(body.ptr, body.cap); /* the PIN */
    return result;
}

int
phone_enrol(const phone_arguments *a, carnet_crypto *crypto)
{
    carnet_bops_register_account r = { .name = carnet_str_of(a->name != NULL ? a->name : "carnet phone"),
                                       .os = carnet_str_of("Carnet"),
                                       .otp_type = carnet_str_of(a->hotp ? "HOTP" : "TOTP") };
    carnet_key *documents = cli_alloc(KEYS_MAX * sizeof *documents), key = { 0 }, tls = { 0 }, fido = { 0 };
    passphrase pin = { 0 };
    carnet_span tls_key, request;
    size_t count;
    phone p;
    int result;

    phone_begin(&p, a, crypto, true);
    if (p.enrolment.device_id[0] != '\0') {
        cli_die_text(a->store, "this phone is enrolled");
    }
    phone_area_key(&p, key_name, &p.key, &key);
    tls_key = make_tls_key(&p, &tls);
    request = make_request(&p, &tls);
    r.certificate_request = in_base64url(request);
    r.authenticators[r.authenticator_count++] =
        (carnet_bops_authenticator){ .name = carnet_str_of("SA-KEY-1"),
                                     .kind = CARNET_BOPS_KEY_SECURE_AREA,
                                     .key = &key.public_key,
                                     .proof = prove(&p, carnet_str_of("SA-KEY-1"), &key, request) };
    if (a->fido != NULL) {
        add_fido(&p, &r, &fido);
    }
    count = add_documents(&p, &r, documents, request);
    r.key_attestation = attestation_of(&p, &key.public_key);
    p.attested = r.key_attestation.len > 0;
    if (a->pin_file != NULL) {
        passphrase_get(&(passphrase_source){ a->pin_file, -1 }, "PIN", false, &pin);
        r.pin = (carnet_str){ (const char *)pin.bytes, pin.len };
        p.pin = true;
    }
    if ((result = register_account(&p, &r, tls_key)) == CLI_VALID) {
        tell(&p);
    }
    passphrase_done(&pin);
    for (size_t i = 0; i < count; i++) {
        carnet_key_done(&documents[i]);
    }
    carnet_key_done(&key);
    carnet_key_done(&tls);
    carnet_key_done(&fido);
    phone_end(&p);
    return result;
}

int
phone_show(const phone_arguments *a, carnet_crypto *crypto)
{
    phone p;

    phone_begin(&p, a, crypto, false);
    tell(&p);
    phone_end(&p);
    return CLI_VALID;
}

/* --- renewed --- */

static int
take_renewed(phone *p, carnet_str answer, carnet_span tls_key)
{
    carnet_bops_enrolled enrolled;
    carnet_span chain[CARNET_BOPS_CERTIFICATES];
    carnet_err err = { 0 };

    if (carnet_bops_enrolled_read(answer, &enrolled, &err) != CARNET_OK) {
        return cli_complain("the certificate", &err);
    }
    for (size_t i = 0; i < enrolled.certificate_count; i++) {
        carnet_buf der = cli_buf(enrolled.certificates[i].len + 4);

        if (carnet_base64url_decode(enrolled.certificates[i], &der, &err) != CARNET_OK) {
            return cli_complain("the certificate", &err);
        }
        chain[i] = carnet_buf_span(&der);
    }
    phone_set_tls(p, tls_key, chain, enrolled.certificate_count);
    carnet_bops_enrolled_close(&enrolled);
    phone_save(p);
    fputs("The certificate is renewed.\n", p->out);
    if (p->a->json && p->a->action == PHONE_RENEW) {
        tell(p);
    }
    return CLI_VALID;
}

int
phone_renew_by(phone *p, carnet_str session)
{
    carnet_buf body = cli_buf(ROOM);
    carnet_key tls = { 0 };
    const carnet_span tls_key = make_tls_key(p, &tls);
    const carnet_bops_renew request = { .session_id = session,
                                        .certificate_request = in_base64url(make_request(p, &tls)) };
    carnet_str answer;
    unsigned status;
    carnet_err err = { 0 };

    carnet_key_done(&tls);
    if (carnet_bops_renew_write(&request, &body, &err) != CARNET_OK) {
        cli_die("the request", &err);
    }
    if (!phone_ask(p, PHONE_PROVIDER, CARNET_BOPS_PATH_RENEW_CERTIFICATE, carnet_buf_span(&body), 0, &status,
                   &answer)) {
        return CLI_UNJUDGED;
    }
    return status == 200 ? take_renewed(p, answer, tls_key) : phone_refused("renew", status, answer);
}

int
phone_renew(const phone_arguments *a, carnet_crypto *crypto)
{
    phone p;
    int result;

    phone_begin(&p, a, crypto, false);
    result = phone_renew_by(&p, carnet_str_of(a->argument));
    phone_end(&p);
    return result;
}
