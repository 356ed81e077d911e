/* SPDX-License-Identifier: Apache-2.0 */
/* carnet phone: what only a device can do.  The sensors are none: what they find is on the command line. */
#include "carnet/device_request.h"
#include "phone.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OFFERS_MAX = 256, DOCUMENTS_MAX = 16, SCRATCH = 1 << 18 };

/* --- the user --- */

static carnet_device_outcome
ask_terminal(const phone_arguments *a)
{
    char line[16];

    if (!isatty(STDIN_FILENO)) {
        fputs("carnet: there is no terminal to ask on: --yes or --decline\n", stderr);
        return CARNET_DEVICE_DECLINED;
    }
    fputs("Approve? [y/N] ", a->json ? stderr : stdout);
    fflush(stdout);
    return fgets(line, sizeof line, stdin) != NULL && (line[0] == 'y' || line[0] == 'Y') ? CARNET_DEVICE_DONE
                                                                                         : CARNET_DEVICE_DECLINED;
}

static carnet_device_outcome
approve(void *self, const carnet_bops_registered *session)
{
    const phone_device *d = self;
    const phone_arguments *a = d->phone->a;
    FILE *out = d->phone->out;

    if (d->answer != NULL) {
        return d->answer(d->answer_self, session);
    }
    fputs("To approve: ", out);
    cli_print_safe(out, session->transaction_text.len > 0 ? session->transaction_text
                                                          : carnet_str_of("an authentication without a transaction"));
    fputs("\nThe terminal shows: ", out);
    cli_print_safe(out, session->binding_message.len > 0 ? session->binding_message : carnet_str_of("nothing"));
    fputc('\n', out);
    fflush(out);
    return a->decline ? CARNET_DEVICE_DECLINED : a->yes ? CARNET_DEVICE_DONE : ask_terminal(a);
}

static carnet_rc
keep_counters(void *self, const carnet_enrolment *enrolment, carnet_err *err)
{
    phone *p = ((phone_device *)self)->phone;

    p->enrolment = *enrolment; /* it is the same, as a rule */
    return phone_try_save(p, err);
}

/* --- sensors --- */

/** The n-th of the results, or the last. */
static carnet_str
result_of(const phone_sensor *sensor, size_t n)
{
    const char *at = sensor->results;

    for (; n > 0 && strchr(at, ',') != NULL; n--) {
        at = strchr(at, ',') + 1;
    }
    return (carnet_str){ at, strcspn(at, ",") };
}

static carnet_device_outcome
match(void *self, carnet_str method, bool pad, carnet_bops_detail *detail)
{
    phone_device *d = self;
    const phone_arguments *a = d->phone->a;

    for (size_t i = 0; i < a->sensor_count; i++) {
        carnet_str result;

        if (!carnet_str_is(method, a->sensors[i].method)) {
            continue;
        }
        result = result_of(&a->sensors[i], d->tries++);
        if (carnet_str_is(result, "unable")) {
            return CARNET_DEVICE_UNABLE;
        }
        detail->matcher = CARNET_BOPS_MATCHER_LOCAL;
        detail->pad = pad || carnet_str_is(result, "match+pad") || carnet_str_is(result, "spoof");
        detail->pad_performed = carnet_str_is(result, "match+pad") || carnet_str_is(result, "spoof");
        detail->pad_passed = carnet_str_is(result, "match+pad");
        detail->pad_ref = carnet_str_of(detail->pad ? "MCD" : "");
        fprintf(d->phone->out, "The fake sensor %s says: %.*s\n", a->sensors[i].method, (int)result.len, result.ptr);
        return carnet_str_is(result, "match") || carnet_str_is(result, "match+pad") ? CARNET_DEVICE_DONE
                                                                                    : CARNET_DEVICE_FAILED;
    }
    return CARNET_DEVICE_UNABLE;
}

static carnet_device_outcome
ask_pin(void *self, carnet_str *value)
{
    phone_device *d = self;
    const passphrase_source source = { d->phone->a->pin_file, -1 };
    passphrase pin;

    if (d->pin_is_there) {
        *value = carnet_str_of(d->pin);
        return value->len > 0 ? CARNET_DEVICE_DONE : CARNET_DEVICE_UNABLE;
    }
    passphrase_get(&source, "PIN", false, &pin);
    if (pin.len == 0 || pin.len >= sizeof d->pin) {
        passphrase_done(&pin);
        return CARNET_DEVICE_DECLINED;
    }
    memcpy(d->pin, pin.bytes, pin.len);
    *value = (carnet_str){ d->pin, pin.len };
    passphrase_done(&pin);
    return CARNET_DEVICE_DONE;
}

/** "52.5200" in units of 10^-7; false for what is no such number. */
static bool
degrees(const char **at, int64_t *out)
{
    const bool negative = **at == '-';
    int64_t value = 0;
    int digits = -1;

    *at += negative;
    if (**at < '0' || **at > '9') {
        return false;
    }
    for (; (**at >= '0' && **at <= '9') || (**at == '.' && digits < 0); (*at)++) {
        if (**at == '.') {
            digits = 0;
        } else if (digits < 7) {
            value = value * 10 + (**at - '0');
            digits += digits >= 0;
        }
        if (value > INT64_C(1) << 40) {
            return false;
        }
    }
    for (digits = digits < 0 ? 0 : digits; digits < 7; digits++) {
        value *= 10;
    }
    *out = negative ? -value : value;
    return true;
}

static carnet_device_outcome
locate(void *self, carnet_bops_location *location)
{
    const phone_device *d = self;
    const char *at = d->phone->a->location;
    int64_t accuracy = 100000000; /* 10 m, in these units */

    *location = (carnet_bops_location){ .present = true, .time = cli_now(), .source = carnet_str_of("gps") };
    if (!degrees(&at, &location->latitude_e7) || *at++ != ',' || !degrees(&at, &location->longitude_e7) ||
        (*at == ',' && (at++, !degrees(&at, &accuracy))) || *at != '\0') {
        cli_usage("--location is LATITUDE,LONGITUDE[,METRES]");
    }
    location->accuracy_mm = accuracy / 10000;
    return CARNET_DEVICE_DONE;
}

static carnet_device_outcome
posture(void *self, carnet_bops_posture *found)
{
    const phone_arguments *a = ((phone_device *)self)->phone->a;

    *found = (carnet_bops_posture){ .present = true,
                                    .lock_screen = !a->no_lock,
                                    .rooted = a->rooted,
                                    .attestation = carnet_str_of(a->posture_attestation) };
    return CARNET_DEVICE_DONE;
}

static carnet_device_outcome
behave(void *self, carnet_bops_behaviour *found)
{
    const phone_arguments *a = ((phone_device *)self)->phone->a;

    *found = (carnet_bops_behaviour){
        .present = true, .processed = true, .answer = 1, .confidence_percent = (int64_t)a->behaviour
    };
    return CARNET_DEVICE_DONE;
}

/* --- documents --- */

static size_t
hold(phone *p, carnet_held_document *held, carnet_key *keys, uint64_t *copies)
{
    size_t count = 0;

    for (size_t i = 0; i < p->store.count && count < DOCUMENTS_MAX; i++) {
        const store_copy *copy = store_fresh_copy(&p->store.documents[i], cli_now());
        carnet_key_description description;
        carnet_public_key public_key;
        cli_document document;

        store_read(&p->store, copy, &document);
        store_device_key(&p->store, p->a->store, &document, &public_key);
        if (!store_key_for(&p->store, &public_key, &description) ||
            carnet_secure_area_open(&p->store.area, &description.identifier, &keys[count], NULL) != CARNET_OK) {
            continue;
        }
        copies[count] = copy->number;
        held[count] = (carnet_held_document){ .doc_type = document.mso.doc_type,
                                              .issuer_signed = document.issuer_signed,
                                              .device_key = &keys[count] };
        count++;
    }
    return count;
}

/** The user approved the session; what it asks of documents goes along. */
static bool
respond(phone *p, carnet_span request, carnet_span transcript, const carnet_held_document *held, size_t count,
        const uint64_t *copies, carnet_buf *response)
{
    carnet_offer *offers = cli_alloc(OFFERS_MAX * sizeof *offers);
    carnet_buf scratch = cli_buf(SCRATCH);
    carnet_cbor_builder b = carnet_cbor_build(response->ptr, response->cap);
    carnet_device_request view;
    carnet_span built;
    carnet_err err = { 0 };
    size_t found = 0, answered = 0;
    carnet_rc rc = carnet_device_request_open(request, 0, &view, &err);

    if (rc == CARNET_OK) {
        rc = carnet_holder_match(&view, held, count, offers, OFFERS_MAX, &found, &err);
    }
    for (size_t i = 0; rc == CARNET_OK && i < found; i++) {
        offers[i].consented = offers[i].document != CARNET_NO_HELD_DOCUMENT && offers[i].identifier.len > 0;
        answered += offers[i].consented;
    }
    for (size_t k = 0; rc == CARNET_OK && k < count; k++) {
        for (size_t i = 0; i < found; i++) {
            if (offers[i].consented && offers[i].document == k) {
                store_count_use(&p->store, copies[k]);
                break;
            }
        }
    }
    if (rc == CARNET_OK && answered > 0) {
        rc = carnet_holder_respond(p->crypto, transcript, NULL, &view, held, count, offers, found, &scratch, &b, &err);
    }
    if (rc == CARNET_OK && answered > 0) {
        rc = carnet_cbor_built(&b, &built, &err);
        response->len = built.len;
    }
    if (rc != CARNET_OK) {
        (void)cli_complain("the document asked for", &err);
    }
    free(scratch.ptr);
    free(offers);
    return rc == CARNET_OK && answered > 0;
}

static carnet_device_outcome
present(void *self, carnet_span request, carnet_span transcript, carnet_buf *response)
{
    phone *p = ((phone_device *)self)->phone;
    carnet_held_document held[DOCUMENTS_MAX];
    carnet_key *keys = cli_alloc(DOCUMENTS_MAX * sizeof *keys);
    uint64_t copies[DOCUMENTS_MAX];
    const size_t count = hold(p, held, keys, copies);
    const bool good = count > 0 && respond(p, request, transcript, held, count, copies, response);

    for (size_t i = 0; i < count; i++) {
        carnet_key_done(&keys[i]);
        free((void *)(uintptr_t)held[i].issuer_signed.ptr);
    }
    free(keys);
    return good ? CARNET_DEVICE_DONE : CARNET_DEVICE_UNABLE;
}

static carnet_time
now(void *self)
{
    (void)self;
    return cli_now();
}

/* --- all of it --- */

void
phone_device_init(phone_device *d, phone *p)
{
    const phone_arguments *a = p->a;
    carnet_err err = { 0 };
    bool pad = false;

    *d = (phone_device){ .phone = p };
    if (carnet_secure_area_open(&p->store.area, &p->key, &d->key, &err) != CARNET_OK) {
        cli_die("the phone's key", &err);
    }
    for (size_t i = 0; i < a->sensor_count; i++) {
        pad = pad || strstr(a->sensors[i].results, "pad") != NULL || strstr(a->sensors[i].results, "spoof") != NULL;
    }
    d->device = (carnet_authenticator_device){
        .struct_size = sizeof d->device,
        .self = d,
        .approve = approve,
        .keep_counters = keep_counters,
        .key = &d->key,
        .key_name = carnet_str_of("SA-KEY-1"),
        .key_in_hardware = p->attested,
        .match = a->sensor_count > 0 ? match : NULL,
        .detects_attacks = pad,
        .pin = p->pin ? ask_pin : NULL,
        .assert_fido = p->fido_rp.len > 0 ? phone_fido_assert : NULL,
        .fido_verifies_user = phone_fido_verifies(a),
        .locate = a->location != NULL ? locate : NULL,
        .posture = posture,
        .behaviour = a->has_behaviour ? behave : NULL,
        .present = a->no_documents ? NULL : present,
        .now = now,
    };
}

void
phone_device_done(phone_device *d)
{
    carnet_key_done(&d->key);
    carnet_wipe(d->pin, sizeof d->pin);
}
