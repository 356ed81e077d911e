/* SPDX-License-Identifier: Apache-2.0 */
/* carnet phone: a FIDO authenticator that is software: one credential for one relying party, its key in the store's secure area,
 * its counter with the enrolment.  It makes no claim to be anything else: it has no attestation. */
#include "carnet/webauthn.h"
#include "phone.h"

#include <string.h>

enum { CREDENTIAL = 32, PART = 1024 };

static const char key_name[] = "phone-fido";

void
phone_fido_make(phone *p, carnet_key *key)
{
    carnet_random random = carnet_crypto_random(p->crypto);
    uint8_t *id = cli_alloc(CREDENTIAL);
    const char *rp = p->a->fido, *origin = p->a->fido_origin;
    carnet_buf by_default = cli_buf(strlen(rp) + sizeof "https://");
    carnet_err err = { 0 };

    phone_area_key(p, key_name, &p->fido_key, key);
    if (carnet_random_fill(&random, id, CREDENTIAL, &err) != CARNET_OK) {
        cli_die("the credential", &err);
    }
    carnet_buf_add_text(&by_default, "https://");
    carnet_buf_add_text(&by_default, rp);
    p->fido_id = carnet_span_of(id, CREDENTIAL);
    p->fido_rp = carnet_str_of(rp);
    p->fido_origin = origin != NULL ? carnet_str_of(origin) : carnet_buf_str(&by_default);
    p->fido_count = 0;
}

bool
phone_fido_verifies(const phone_arguments *a)
{
    return a->sensor_count > 0 || a->action != PHONE_SERVE; /* the page's passphrase was given when it was begun */
}

static uint32_t
how(carnet_str method)
{
    static const struct {
        const char *method;
        uint32_t uvm;
    } ways[] = { { "FINGERPRINT", CARNET_UVM_FINGERPRINT },
                 { "FACE", CARNET_UVM_FACE },
                 { "IRIS", CARNET_UVM_EYE },
                 { "VOICE", CARNET_UVM_VOICE } };

    for (size_t i = 0; i < CARNET_COUNT(ways); i++) {
        if (carnet_str_is(method, ways[i].method)) {
            return ways[i].uvm;
        }
    }
    return 0;
}

/** Who is there: by the first sensor, or, where there is none, by the passphrase that opened the area. */
static carnet_device_outcome
verify(phone_device *d, uint32_t *uvm)
{
    const phone_arguments *a = d->phone->a;
    carnet_bops_detail detail = { .attempts = 1 };
    const carnet_str method = carnet_str_of(a->sensor_count > 0 ? a->sensors[0].method : "");

    *uvm = a->sensor_count > 0 ? how(method) : CARNET_UVM_PASSCODE;
    return a->sensor_count > 0 ? d->device.match(d, method, false, &detail) : CARNET_DEVICE_DONE;
}

static carnet_str
encoded(carnet_buf *room, carnet_span bytes)
{
    const size_t at = room->len;

    carnet_base64url_encode(bytes, room);
    return (carnet_str){ (const char *)room->ptr + at, room->len - at };
}

static bool
make(phone_device *d, const carnet_webauthn_credential *credential, carnet_str challenge, carnet_bops_fido *fido)
{
    phone *p = d->phone;
    uint8_t parts[3][PART];
    carnet_buf data = carnet_buf_of(parts[0], PART), client = carnet_buf_of(parts[1], PART),
               signature = carnet_buf_of(parts[2], PART), room = carnet_buf_of(d->fido_room, sizeof d->fido_room);
    carnet_err err = { 0 };

    if (carnet_webauthn_assert(p->crypto, credential, challenge, &data, &client, &signature, &err) != CARNET_OK) {
        (void)cli_complain("the FIDO assertion", &err);
        return false;
    }
    fido->credential_id = encoded(&room, p->fido_id);
    fido->authenticator_data = encoded(&room, carnet_buf_span(&data));
    fido->client_data = encoded(&room, carnet_buf_span(&client));
    fido->signature = encoded(&room, carnet_buf_span(&signature));
    return !room.overflow;
}

carnet_device_outcome
phone_fido_assert(void *self, carnet_str challenge, bool verify_user, carnet_bops_fido *fido)
{
    phone_device *d = self;
    phone *p = d->phone;
    carnet_webauthn_credential credential = { .rp_id = p->fido_rp, .origin = p->fido_origin };
    carnet_device_outcome outcome = CARNET_DEVICE_DONE;
    carnet_key key = { 0 };
    carnet_err err = { 0 };

    if (verify_user && (outcome = verify(d, &credential.uvm)) != CARNET_DEVICE_DONE) {
        return outcome;
    }
    credential.user_verified = verify_user;
    credential.sign_count = ++p->fido_count;
    credential.key = &key;
    if (p->fido_count == 0 || phone_try_save(p, &err) != CARNET_OK ||
        carnet_secure_area_open(&p->store.area, &p->fido_key, &key, &err) != CARNET_OK) {
        (void)cli_complain("the FIDO authenticator", &err);
        return CARNET_DEVICE_UNABLE;
    }
    fprintf(p->out, "The software FIDO authenticator asserts to ");
    cli_print_safe(p->out, p->fido_rp);
    fputs(verify_user ? " that the user is there, and who\n" : " that the user is there\n", p->out);
    outcome = make(d, &credential, challenge, fido) ? CARNET_DEVICE_DONE : CARNET_DEVICE_UNABLE;
    carnet_key_done(&key);
    return outcome;
}
