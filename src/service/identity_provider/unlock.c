/* SPDX-License-Identifier: Apache-2.0 */
/* POST BASE/p1940/v1/enrol/UnlockClient: a device that was locked or blocked is opened by one-time password and PIN; and
 * .../RemoveDevice: it is its user's no more. */
#include "internal.h"

enum { HOTP_WINDOW = 10 };

typedef struct unlocking {
    idp_call *call;
    const carnet_bops_device_command *message;
    carnet_store_identity_device device; /* as it was looked at */
    carnet_store_identity_account account;
    bool pin, otp;
    uint64_t otp_next;
    bool stale;
    const char *status;
} unlocking;

static bool
password_is_right(unlocking *u, const carnet_otp *otp)
{
    carnet_crypto *crypto = u->call->worker->crypto;
    const carnet_str given = u->message->otp;

    if (given.len == 0)
        return false;
    return ((u->device.flags & CARNET_STORE_DEVICE_HOTP) != 0
                ? carnet_hotp_check(crypto, otp, given, HOTP_WINDOW, &u->otp_next, NULL)
                : carnet_totp_check(crypto, otp, given, CARNET_TOTP_STEP, u->call->now, &u->otp_next, NULL)) ==
           CARNET_OK;
}

static carnet_rc
look(unlocking *u, carnet_err *err)
{
    idp_call *call = u->call;
    idp_secrets secrets;
    carnet_rc rc = carnet_idp_open_secrets(call, &u->device, &secrets, err);
    const carnet_otp otp = { .hash = CARNET_SHA1, .secret = { secrets.seed, IDP_SEED }, .digits = 6 };

    if (rc != CARNET_OK)
        return rc;
    u->otp_next = (uint64_t)u->device.otp_next;
    u->otp = password_is_right(u, &otp);
    carnet_wipe(&secrets, sizeof(secrets));
    return carnet_idp_pin_check(call, u->account.pin, u->message->pin, &u->pin, err);
}

/* Both have to be right; neither may be tried for ever. */
static carnet_rc
unlock(void *arg, carnet_store_session *session, carnet_err *err)
{
    unlocking *u = arg;
    idp_call *call = u->call;
    carnet_store_identity_device device;
    carnet_store_identity_account account;
    carnet_rc rc;

    call->room.len = 0;
    call->room.overflow = false;
    u->stale = false;
    rc = carnet_store_identity_device_by_id(session, u->device.id, &device, &call->room, err);
    if (rc == CARNET_OK)
        rc = carnet_store_identity_account_by_id(session, u->account.id, &account, &call->room, err);
    if (rc != CARNET_OK)
        return rc;
    u->stale = device.otp_next != u->device.otp_next || account.failures != u->account.failures;
    if (u->stale)
        return CARNET_OK;
    device.otp_next = (int64_t)u->otp_next;
    account.failures = u->pin && u->otp ? 0 : account.failures + 1;
    account.locked = 0;
    if (account.failures != 0) {
        const int64_t lock = carnet_authentication_lock((unsigned)account.failures, IDP_PIN_TRIES);

        account.locked = lock != 0 ? call->now + lock : 0;
    } else {
        device.state = CARNET_STORE_DEVICE_ACTIVATED;
        device.locked = device.failures = device.mismatches = 0;
    }
    device.changed = account.changed = call->now;
    rc = carnet_store_identity_device_update(session, &device, err);
    if (rc == CARNET_OK)
        rc = carnet_idp_audit(call, session, "device.unlocked", account.failures == 0 ? NULL : "wrong",
                              (carnet_str){ 0 }, device.id, err);
    return rc == CARNET_OK ? carnet_store_identity_account_update(session, &account, err) : rc;
}

static carnet_rc
remove_device(void *arg, carnet_store_session *session, carnet_err *err)
{
    unlocking *u = arg;
    carnet_store_identity_device device;
    carnet_rc rc;

    u->call->room.len = 0;
    u->call->room.overflow = false;
    rc = carnet_store_identity_device_by_id(session, u->device.id, &device, &u->call->room, err);
    return rc == CARNET_OK ? carnet_idp_remove(u->call, session, &device, "removed", err) : rc;
}

static carnet_rc
try_unlock(unlocking *u, carnet_err *err)
{
    idp_call *call = u->call;
    carnet_rc rc;

    if (u->account.locked > call->now)
        return carnet_idp_refuse(call, CARNET_BOPS_ERROR_LOCKED, "too many wrong attempts: come later", err);
    if (u->account.pin.len == 0)
        return carnet_idp_refuse(call, CARNET_BOPS_ERROR_UNLOCK_PIN, "there is no PIN: enrol anew", err);
    if ((rc = look(u, err)) == CARNET_OK)
        rc = carnet_store_transact(call->worker->store, unlock, u, err);
    if (rc != CARNET_OK)
        return rc;
    if (u->stale)
        return carnet_fail(err, CARNET_E_STORE_BUSY, NULL, NULL);
    if (!u->pin || !u->otp)
        return carnet_idp_refuse(call, u->otp ? CARNET_BOPS_ERROR_UNLOCK_PIN : CARNET_BOPS_ERROR_UNLOCK_SEED, NULL,
                                 err);
    u->status = "ACTIVATED";
    return CARNET_OK;
}

static carnet_rc
handle(idp_call *call, bool removes, carnet_err *err)
{
    carnet_bops_device_command message;
    unlocking *u = carnet_service_scratch(call->worker, sizeof(*u));
    carnet_rc rc;

    if (u == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    if ((rc = carnet_bops_device_command_read(carnet_idp_body(call), &message, err)) == CARNET_OK) {
        *u = (unlocking){ .call = call, .message = &message };
        rc = carnet_idp_device(call, true, &u->device, &u->account, err);
    }
    if (rc == CARNET_OK && removes) {
        rc = carnet_store_transact(call->worker->store, remove_device, u, err);
        u->status = "REMOVED";
    } else if (rc == CARNET_OK) {
        rc = try_unlock(u, err);
    }
    if (rc == CARNET_OK) {
        const carnet_bops_device_state state = { .status = carnet_str_of(u->status) };

        rc = carnet_bops_device_state_write(&state, &call->response->body, err);
    }
    carnet_bops_device_command_close(&message);
    return rc;
}

static carnet_rc
handle_unlock(idp_call *call, carnet_err *err)
{
    return handle(call, false, err);
}

static carnet_rc
handle_remove(idp_call *call, carnet_err *err)
{
    return handle(call, true, err);
}

static carnet_rc
run_unlock(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    return carnet_idp_serve(self, request, response, IDP_DEVICE, "device.unlocked", handle_unlock, err);
}

static carnet_rc
run_remove(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    return carnet_idp_serve(self, request, response, IDP_DEVICE, "device.removed", handle_remove, err);
}

const carnet_service_route carnet_idp_unlock_route = {
    .method = CARNET_SERVICE_POST,
    .name = "identity_unlock_client",
    .path = CARNET_BOPS_PATH_UNLOCK_CLIENT,
    .summary = "A device that was locked is opened",
    .run = run_unlock,
    .accepts = "application/json",
    .body_max = 4096,
    .rate = 60,
};

const carnet_service_route carnet_idp_remove_route = {
    .method = CARNET_SERVICE_POST,
    .name = "identity_remove_device",
    .path = CARNET_BOPS_PATH_REMOVE_DEVICE,
    .summary = "A device is its user's no more",
    .run = run_remove,
    .accepts = "application/json",
    .body_max = 4096,
    .rate = 60,
};
