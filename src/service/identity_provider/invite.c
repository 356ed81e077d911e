/* SPDX-License-Identifier: Apache-2.0 */
/* Inviting a device: a certificate that can enrol one device, once, within minutes; made with its key for whoever hands it over. */
#include "internal.h"

enum { NAME_MAX_LEN = 128, MINUTES = 10, LEVEL = 2 };

typedef struct inviting {
    idp_call *call;
    carnet_str user_id;
    carnet_span serial;
    carnet_time expires;
} inviting;

static carnet_rc
keep(void *arg, carnet_store_session *session, carnet_err *err)
{
    const inviting *i = arg;
    idp_call *call = i->call;
    const unsigned level = call->p->config->renewal_level;
    carnet_store_identity_account account;
    carnet_store_identity_bootstrap bootstrap = { .serial = i->serial, .expires = i->expires };
    carnet_rc rc;

    call->room.len = 0;
    rc = carnet_store_identity_account_by_user(session, i->user_id, &account, &call->room, err);
    if (rc == CARNET_E_STORE_ABSENT) {
        account = (carnet_store_identity_account){ .user_id = i->user_id,
                                                   .state = CARNET_STORE_ACCOUNT_ACTIVE,
                                                   .level = level != 0 ? (int64_t)level : LEVEL,
                                                   .created = call->now,
                                                   .changed = call->now };
        rc = carnet_store_identity_account_insert(session, &account, err);
    }
    bootstrap.account = account.id;
    return rc == CARNET_OK ? carnet_store_identity_bootstrap_insert(session, &bootstrap, err) : rc;
}

static bool
is_name(carnet_str user_id)
{
    for (size_t i = 0; i < user_id.len; i++)
        if ((unsigned char)user_id.ptr[i] <= 0x20 || user_id.ptr[i] == 0x7f)
            return false;
    return user_id.len > 0 && user_id.len <= NAME_MAX_LEN && carnet_utf8_valid(carnet_str_bytes(user_id));
}

static carnet_rc
make(idp_call *call, carnet_str user_id, carnet_key *key, carnet_buf *out, carnet_err *err)
{
    const unsigned minutes = call->p->config->bootstrap_minutes;
    uint8_t serial[16], private_key[256];
    char name[33];
    carnet_buf der = carnet_service_scratch_buf(call->worker, 2048),
               pkcs8 = carnet_buf_of(private_key, sizeof(private_key));
    inviting i = { call, user_id, carnet_span_of(serial, sizeof(serial)),
                   call->now + (carnet_time)(minutes != 0 ? minutes : MINUTES) * 60 };
    carnet_rc rc = carnet_idp_serial(call->worker, serial, err);

    if (rc != CARNET_OK)
        return rc;
    carnet_idp_hex(serial, sizeof(serial), name);
    rc = carnet_idp_certify(call, CARNET_BOPS_URN_BOOTSTRAP, carnet_str_of(name), &key->public_key, i.expires, i.serial,
                            &der, err);
    if (rc == CARNET_OK)
        rc = carnet_software_key_to_der(key, &pkcs8, err);
    if (rc == CARNET_OK)
        rc = carnet_store_transact(call->worker->store, keep, &i, err);
    if (rc == CARNET_OK) {
        carnet_pem_encode("CERTIFICATE", carnet_buf_span(&der), out);
        carnet_pem_encode("PRIVATE KEY", carnet_buf_span(&pkcs8), out);
        rc = out->overflow ? carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL) : CARNET_OK;
    }
    carnet_wipe(private_key, sizeof(private_key));
    return rc;
}

carnet_rc
carnet_identity_provider_invite(carnet_identity_provider *provider, carnet_service_worker *worker, carnet_str user_id,
                                carnet_buf *out, carnet_err *err)
{
    carnet_key key = { 0 };
    idp_call call;
    carnet_rc rc;

    if (!is_name(user_id))
        return carnet_fail(err, CARNET_E_USAGE, NULL, "a user's identifier has 1 to 128 octets without spaces");
    rc = carnet_idp_begin(provider, worker, &call, err);
    if (rc == CARNET_OK)
        rc = carnet_software_key_generate(worker->crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, &key, err);
    if (rc == CARNET_OK)
        rc = make(&call, user_id, &key, out, err);
    carnet_key_done(&key);
    carnet_idp_event(&call, "device.invited", rc, NULL);
    return rc;
}
