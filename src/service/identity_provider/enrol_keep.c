/* SPDX-License-Identifier: Apache-2.0 */
/* The durable step of an enrolment. */
#include "enrol.h"

enum { DEVICES = 32 };

static carnet_rc
no(enrolling *e, carnet_bops_error_code code, const char *why)
{
    e->refusal = code;
    e->why = why;
    return CARNET_E_IDENTITY_REFUSED;
}

static carnet_rc
use_invitation(enrolling *e, carnet_store_session *session, carnet_store_identity_account *account, carnet_err *err)
{
    carnet_store_identity_bootstrap invitation;
    carnet_buf *room = &e->call->room;
    carnet_rc rc =
        carnet_store_identity_bootstrap_by_serial(session, e->call->certificate.serial, &invitation, room, err);

    if (rc == CARNET_E_STORE_ABSENT)
        return no(e, CARNET_BOPS_ERROR_CREDENTIALS, "this is no invitation");
    if (rc != CARNET_OK)
        return rc;
    if (invitation.used != 0 || invitation.expires <= e->call->now)
        return no(e, CARNET_BOPS_ERROR_CREDENTIALS,
                  invitation.used != 0 ? "the invitation was used before" : "the invitation is over");
    invitation.used = e->call->now;
    rc = carnet_store_identity_bootstrap_update(session, &invitation, err);
    if (rc == CARNET_OK)
        rc = carnet_store_identity_account_by_id(session, invitation.account, account, room, err);
    if (rc == CARNET_OK && account->state != CARNET_STORE_ACCOUNT_ACTIVE)
        rc = no(e, CARNET_BOPS_ERROR_ACCOUNT_STATE, NULL);
    return rc;
}

typedef struct device_list {
    int64_t ids[DEVICES];
    size_t count;
} device_list;

static bool
note(void *self, const carnet_store_identity_device *device)
{
    device_list *list = self;

    if (device->state != CARNET_STORE_DEVICE_REMOVED)
        list->ids[list->count++] = device->id;
    return list->count < DEVICES;
}

/* The account changes: what its devices could still answer is over. */
static carnet_rc
cancel_others(enrolling *e, carnet_store_session *session, int64_t account, carnet_err *err)
{
    device_list list = { .count = 0 };
    carnet_rc rc = carnet_store_identity_device_list(session, account, note, &list, err);

    for (size_t i = 0; rc == CARNET_OK && i < list.count; i++)
        rc = carnet_store_identity_session_cancel_device(session, list.ids[i], carnet_str_of("account_changed"),
                                                         e->call->now, err);
    return rc;
}

carnet_rc
carnet_idp_remove(idp_call *call, carnet_store_session *session, carnet_store_identity_device *device,
                  const char *reason, carnet_err *err)
{
    const carnet_str why = carnet_str_of(reason);
    carnet_rc rc = carnet_store_identity_session_cancel_device(session, device->id, why, call->now, err);

    if (rc == CARNET_OK)
        rc = carnet_store_identity_certificate_revoke_device(session, device->id, why, call->now, err);
    if (rc == CARNET_OK)
        rc = carnet_store_identity_key_delete_device(session, device->id, err);
    if (rc == CARNET_OK)
        rc = carnet_idp_audit(call, session, "device.removed", NULL, (carnet_str){ 0 }, device->id, err);
    device->state = CARNET_STORE_DEVICE_REMOVED;
    device->changed = call->now;
    return rc == CARNET_OK ? carnet_store_identity_device_update(session, device, err) : rc;
}

/* A key that was enrolled before: of this user's, the new enrolment takes the old one's place (an answer that was lost, an app
 * that was set up anew); of another's, it is refused. */
static carnet_rc
supersede(enrolling *e, carnet_store_session *session, const enrolled_key *key, int64_t account, carnet_err *err)
{
    carnet_buf *room = &e->call->room;
    carnet_store_identity_device device;
    carnet_store_identity_key before;
    carnet_rc rc = carnet_store_identity_key_by_thumbprint(session, key->row.thumbprint, &before, room, err);

    if (rc == CARNET_E_STORE_ABSENT)
        return CARNET_OK;
    if (rc == CARNET_OK)
        rc = carnet_store_identity_device_by_id(session, before.device, &device, room, err);
    if (rc != CARNET_OK)
        return rc;
    if (device.account != account)
        return no(e, CARNET_BOPS_ERROR_PROFILE, "a key is enrolled by another user");
    return carnet_idp_remove(e->call, session, &device, "superseded", err);
}

static carnet_rc
insert(enrolling *e, carnet_store_session *session, carnet_err *err)
{
    carnet_store_identity_certificate certificate = { .serial = e->device.serial,
                                                      .issued = e->call->now,
                                                      .not_after = e->until };
    carnet_rc rc = carnet_store_identity_device_insert(session, &e->device, err);

    certificate.device = e->device.id;
    if (rc == CARNET_OK)
        rc = carnet_store_identity_certificate_insert(session, &certificate, err);
    for (size_t i = 0; rc == CARNET_OK && i < e->key_count; i++) {
        e->keys[i].row.device = e->device.id;
        rc = carnet_store_identity_key_insert(session, &e->keys[i].row, err);
    }
    return rc == CARNET_E_STORE_STATE ? no(e, CARNET_BOPS_ERROR_PROFILE, "a key is enrolled twice") : rc;
}

static carnet_rc
work(void *arg, carnet_store_session *session, carnet_err *err)
{
    enrolling *e = arg;
    carnet_store_identity_account account = { 0 };
    carnet_rc rc;

    e->refusal = (carnet_bops_error_code)0;
    e->call->room.len = 0;
    e->call->room.overflow = false;
    rc = use_invitation(e, session, &account, err);
    if (rc == CARNET_OK)
        rc = cancel_others(e, session, account.id, err);
    for (size_t i = 0; rc == CARNET_OK && i < e->key_count; i++)
        rc = supersede(e, session, &e->keys[i], account.id, err);
    e->device.account = account.id;
    if (rc == CARNET_OK)
        rc = insert(e, session, err);
    if (rc == CARNET_OK && e->pin.len != 0) {
        account.pin = carnet_buf_str(&e->pin);
        account.failures = 0;
        account.locked = 0;
        account.changed = e->call->now;
        rc = carnet_store_identity_account_update(session, &account, err);
    }
    e->user_id = account.user_id;
    return rc == CARNET_OK
               ? carnet_idp_audit(e->call, session, "device.enrolled", NULL, (carnet_str){ 0 }, e->device.id, err)
               : rc;
}

carnet_rc
carnet_idp_keep_device(enrolling *e, carnet_err *err)
{
    uint8_t hash[CARNET_SERVICE_HASH];
    carnet_buf spki = carnet_service_scratch_buf(e->call->worker, 256);
    carnet_span octets;
    carnet_rc rc = carnet_public_key_to_spki(&e->key, &spki, err);

    octets = carnet_buf_span(&spki);
    if (rc == CARNET_OK)
        rc = carnet_digest(e->call->worker->crypto, CARNET_SHA256, &octets, 1, hash, err);
    if (rc != CARNET_OK)
        return rc;
    e->device.spki = carnet_span_of(hash, sizeof(hash));
    rc = carnet_store_transact(e->call->worker->store, work, e, err);
    return e->refusal != 0 ? carnet_idp_refuse(e->call, e->refusal, e->why, err) : rc;
}
