/* SPDX-License-Identifier: Apache-2.0 */
/* Devices: who they are by their certificates, and what of theirs evidence is held against. */
#include "carnet/argon2.h"
#include "internal.h"

#include <string.h>

enum { SALT = 16, PIN_HASH = 32 };

/* As for officers' passwords; "1" in what is stored stands for this cost. */
static const carnet_argon2_cost pin_cost = { .memory_kib = 19456, .passes = 2, .lanes = 1 };

typedef struct finding {
    idp_call *call;
    carnet_store_identity_device *device;
    carnet_store_identity_account *account;
    carnet_store_identity_certificate certificate;
} finding;

static carnet_rc
find(void *arg, carnet_store_session *session, carnet_err *err)
{
    finding *f = arg;
    carnet_buf *room = &f->call->room;
    carnet_rc rc;

    room->len = 0;
    room->overflow = false;
    rc = carnet_store_identity_device_by_device_id(session, f->call->client, f->device, room, err);
    if (rc == CARNET_OK)
        rc = carnet_store_identity_certificate_by_serial(session, f->call->certificate.serial, &f->certificate, room,
                                                         err);
    if (rc == CARNET_OK)
        rc = carnet_store_identity_account_by_id(session, f->device->account, f->account, room, err);
    return rc;
}

carnet_rc
carnet_idp_device(idp_call *call, bool blocked, carnet_store_identity_device *device,
                  carnet_store_identity_account *account, carnet_err *err)
{
    finding f = { .call = call, .device = device, .account = account };
    carnet_rc rc;

    *device = (carnet_store_identity_device){ 0 };
    *account = (carnet_store_identity_account){ 0 };
    rc = carnet_store_read(call->worker->store, find, &f, err);
    if (rc == CARNET_E_STORE_ABSENT)
        return carnet_idp_refuse(call, CARNET_BOPS_ERROR_DEVICE, NULL, err);
    if (rc != CARNET_OK)
        return rc;
    if (f.certificate.device != device->id || f.certificate.revoked != 0 ||
        device->state == CARNET_STORE_DEVICE_REMOVED)
        return carnet_idp_refuse(call, CARNET_BOPS_ERROR_DEVICE, "the certificate was revoked", err);
    if (device->state != CARNET_STORE_DEVICE_ACTIVATED && !blocked)
        return carnet_idp_refuse(call, CARNET_BOPS_ERROR_DEVICE, "the device is blocked", err);
    if (account->state != CARNET_STORE_ACCOUNT_ACTIVE)
        return carnet_idp_refuse(call, CARNET_BOPS_ERROR_ACCOUNT_STATE, NULL, err);
    return CARNET_OK;
}

/* --- secrets --- */

carnet_rc
carnet_idp_seal_secrets(idp_call *call, carnet_str device_id, const idp_secrets *secrets, carnet_buf *out,
                        carnet_err *err)
{
    uint8_t plain[IDP_SECRET + IDP_SEED];
    carnet_rc rc;

    memcpy(plain, secrets->intrusion, IDP_SECRET);
    memcpy(plain + IDP_SECRET, secrets->seed, IDP_SEED);
    rc = carnet_service_seal(call->worker, "identity.device", carnet_str_bytes(device_id),
                             carnet_span_of(plain, sizeof(plain)), out, err);
    carnet_wipe(plain, sizeof(plain));
    return rc;
}

carnet_rc
carnet_idp_open_secrets(idp_call *call, const carnet_store_identity_device *device, idp_secrets *secrets,
                        carnet_err *err)
{
    uint8_t plain[IDP_SECRET + IDP_SEED];
    carnet_buf out = carnet_buf_of(plain, sizeof(plain));
    carnet_rc rc = carnet_service_open(call->worker, "identity.device", carnet_str_bytes(device->device_id),
                                       device->secrets, &out, err);

    *secrets = (idp_secrets){ 0 };
    if (rc == CARNET_OK && out.len != sizeof(plain))
        rc = carnet_fail(err, CARNET_E_SERVICE_SEALED, NULL, NULL);
    if (rc == CARNET_OK) {
        memcpy(secrets->intrusion, plain, IDP_SECRET);
        memcpy(secrets->seed, plain + IDP_SECRET, IDP_SEED);
    }
    carnet_wipe(plain, sizeof(plain));
    return rc;
}

/* --- PINs --- */

carnet_rc
carnet_idp_pin_make(idp_call *call, carnet_str pin, carnet_buf *out, carnet_err *err)
{
    uint8_t salt[SALT];
    carnet_secret key = { 0 };
    carnet_rc rc = carnet_random_fill(&call->worker->random, salt, sizeof(salt), err);

    if (rc == CARNET_OK)
        rc = carnet_argon2id(carnet_str_bytes(pin), carnet_span_of(salt, sizeof(salt)), &pin_cost, PIN_HASH, &key, err);
    if (rc == CARNET_OK) {
        carnet_buf_add_text(out, "1$");
        carnet_base64url_encode(carnet_span_of(salt, sizeof(salt)), out);
        carnet_buf_add_byte(out, '$');
        carnet_base64url_encode(carnet_span_of(key.bytes, key.len), out);
    }
    carnet_secret_done(&key);
    return rc;
}

bool
carnet_idp_pin_read(carnet_str text, carnet_buf *room, carnet_pin_verifier *verifier)
{
    const size_t before = room->len, salt_at = 2;
    const char *end = text.len > salt_at ? memchr(text.ptr + salt_at, '$', text.len - salt_at) : NULL;
    size_t salt_len;

    *verifier = (carnet_pin_verifier){ 0 };
    if (!carnet_str_starts(text, "1$") || end == NULL)
        return false;
    salt_len = (size_t)(end - text.ptr) - salt_at;
    if (carnet_base64url_decode((carnet_str){ text.ptr + salt_at, salt_len }, room, NULL) != CARNET_OK ||
        room->len - before != SALT ||
        carnet_base64url_decode((carnet_str){ end + 1, text.len - salt_at - salt_len - 1 }, room, NULL) != CARNET_OK ||
        room->len - before != SALT + PIN_HASH)
        return false;
    *verifier = (carnet_pin_verifier){ .salt = carnet_span_of(room->ptr + before, SALT),
                                       .hash = carnet_span_of(room->ptr + before + SALT, PIN_HASH),
                                       .memory_kib = pin_cost.memory_kib,
                                       .passes = pin_cost.passes,
                                       .lanes = pin_cost.lanes };
    return true;
}

carnet_rc
carnet_idp_pin_check(idp_call *call, carnet_str text, carnet_str pin, bool *right, carnet_err *err)
{
    uint8_t octets[SALT + PIN_HASH];
    carnet_buf room = carnet_buf_of(octets, sizeof(octets));
    carnet_pin_verifier verifier;
    carnet_secret key = { 0 };
    carnet_rc rc;

    (void)call;
    *right = false;
    if (!carnet_idp_pin_read(text, &room, &verifier) || pin.len == 0)
        return CARNET_OK;
    rc = carnet_argon2id(carnet_str_bytes(pin), verifier.salt, &pin_cost, PIN_HASH, &key, err);
    if (rc == CARNET_OK)
        *right = carnet_equal_secret(carnet_span_of(key.bytes, key.len), verifier.hash);
    carnet_secret_done(&key);
    return rc;
}

/* --- all that evidence is held against --- */

typedef struct collecting {
    idp_call *call;
    int64_t device;
    carnet_enrolled_key *keys;
    carnet_enrolled_document *documents;
    carnet_enrolled_credential *credentials;
    idp_enrolled *out;
    carnet_buf room;
    carnet_rc rc;
} collecting;

static carnet_span
keep_octets(carnet_buf *room, carnet_span octets)
{
    const size_t before = room->len;

    carnet_buf_add(room, octets);
    return room->overflow ? (carnet_span){ 0 } : carnet_span_of(room->ptr + before, octets.len);
}

static carnet_enrolled_key
key_of(const carnet_store_identity_key *row, const carnet_public_key *key, carnet_buf *room)
{
    const carnet_span name = keep_octets(room, carnet_str_bytes(row->name));

    return (carnet_enrolled_key){ .authenticator = { (const char *)name.ptr, name.len },
                                  .key = *key,
                                  .attested = (row->flags & CARNET_STORE_KEY_ATTESTED) != 0,
                                  .certified = (row->flags & CARNET_STORE_KEY_CERTIFIED) != 0,
                                  .exportable = (row->flags & CARNET_STORE_KEY_EXPORTABLE) != 0,
                                  .rank = (unsigned)row->rank,
                                  .user_auth = (unsigned)row->user_auth };
}

static bool
collect(void *self, const carnet_store_identity_key *row)
{
    collecting *c = self;
    carnet_enrolled_device *d = &c->out->device;
    carnet_public_key key;

    if (d->key_count + d->document_count + d->credential_count == CARNET_BOPS_AUTHENTICATORS)
        return false;
    c->rc = carnet_public_key_from_spki(c->call->worker->crypto, row->spki, &key, NULL);
    if (c->rc != CARNET_OK)
        return false;
    if (row->kind == CARNET_BOPS_KEY_SECURE_AREA) {
        c->keys[d->key_count++] = key_of(row, &key, &c->room);
    } else if (row->kind == CARNET_BOPS_KEY_DOCUMENT) {
        c->documents[d->document_count] =
            (carnet_enrolled_document){ .key = key_of(row, &key, &c->room), .proof = c->call->p->confidence };
        c->documents[d->document_count++].key.authenticator = (carnet_str){ 0 };
    } else {
        c->out->key_ids[d->credential_count] = row->id;
        c->credentials[d->credential_count++] =
            (carnet_enrolled_credential){ .id = keep_octets(&c->room, row->credential),
                                          .key = key,
                                          .sign_count = (uint32_t)row->sign_count,
                                          .backup_eligible = (row->flags & CARNET_STORE_KEY_BACKED_UP) != 0,
                                          .hardware = (row->flags & CARNET_STORE_KEY_HARDWARE) != 0,
                                          .biometric = (row->flags & CARNET_STORE_KEY_BIOMETRIC) != 0 };
    }
    return true;
}

static carnet_rc
list_keys(void *arg, carnet_store_session *session, carnet_err *err)
{
    collecting *c = arg;
    carnet_enrolled_device *d = &c->out->device;

    c->rc = CARNET_OK;
    c->room.len = 0;
    c->room.overflow = false;
    d->key_count = d->document_count = d->credential_count = 0;
    return carnet_store_identity_key_list(session, c->device, collect, c, err);
}

static bool
make_room(idp_call *call, collecting *c)
{
    c->keys = carnet_service_scratch(call->worker, CARNET_BOPS_AUTHENTICATORS * sizeof(*c->keys));
    c->documents = carnet_service_scratch(call->worker, CARNET_BOPS_AUTHENTICATORS * sizeof(*c->documents));
    c->credentials = carnet_service_scratch(call->worker, CARNET_BOPS_AUTHENTICATORS * sizeof(*c->credentials));
    c->room = carnet_service_scratch_buf(call->worker, IDP_KEYS_ROOM);
    return c->keys != NULL && c->documents != NULL && c->credentials != NULL && c->room.cap != 0;
}

carnet_rc
carnet_idp_enrolled(idp_call *call, const idp_record *record, idp_enrolled *enrolled, carnet_err *err)
{
    const carnet_store_identity_device *device = &record->device;
    collecting c = { .call = call, .device = device->id, .out = enrolled };
    carnet_enrolled_device *d = &enrolled->device;
    carnet_rc rc;

    *enrolled = (idp_enrolled){ 0 };
    if (!make_room(call, &c))
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    rc = carnet_store_read(call->worker->store, list_keys, &c, err);
    if (rc == CARNET_OK)
        rc = c.rc;
    if (rc == CARNET_OK && c.room.overflow)
        rc = carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    if (rc == CARNET_OK)
        rc = carnet_idp_open_secrets(call, device, &enrolled->secrets, err);
    if (rc != CARNET_OK)
        return rc;
    d->active = device->state == CARNET_STORE_DEVICE_ACTIVATED;
    d->revoked = device->state == CARNET_STORE_DEVICE_REMOVED;
    d->attested = (device->flags & CARNET_STORE_DEVICE_ATTESTED) != 0;
    d->pad = (device->flags & CARNET_STORE_DEVICE_PAD) != 0;
    d->keys = c.keys;
    d->documents = c.documents;
    d->credentials = c.credentials;
    d->otp =
        (carnet_otp){ .hash = CARNET_SHA1, .secret = carnet_span_of(enrolled->secrets.seed, IDP_SEED), .digits = 6 };
    d->otp_time_based = (device->flags & CARNET_STORE_DEVICE_HOTP) == 0;
    d->otp_next = (uint64_t)device->otp_next;
    d->intrusion_key = carnet_span_of(enrolled->secrets.intrusion, IDP_SECRET);
    if (record->account.pin.len != 0 && record->account.locked <= call->now)
        (void)carnet_idp_pin_read(record->account.pin, &c.room, &d->pin);
    return CARNET_OK;
}
