/* SPDX-License-Identifier: Apache-2.0 */
/* What the user knows and what the device has, beside documents: attested keys, one-time passwords, FIDO, PINs. */
#include "carnet/argon2.h"
#include "carnet/key_attestation.h"
#include "carnet/webauthn.h"
#include "internal.h"

#include <string.h>

#define ATTESTED_MAX 16 /* keys in one attestation */

static void
removed(carnet_evidence_run *run, carnet_evidence_piece piece, const char *reason)
{
    carnet_evidence_find(run, piece, CARNET_EVIDENCE_REMOVED, CARNET_E_EVIDENCE_USELESS, reason);
}

static void
verified(carnet_evidence_run *run, carnet_evidence_piece piece)
{
    carnet_evidence_find(run, piece, CARNET_EVIDENCE_VERIFIED, CARNET_OK, NULL);
}

/* --- key attestation --- */

static unsigned
level_of(const carnet_json *levels)
{
    unsigned best = 0;

    for (size_t i = 0; i < carnet_json_count(levels); i++) {
        const unsigned rank = carnet_attestation_level_rank(carnet_json_string(carnet_json_at(levels, i)));

        best = rank > best ? rank : best;
    }
    return best;
}

/* The attestation is good: what it says of a key that was used. */
static bool
attest(carnet_evidence_run *run, const carnet_key_attestation *view)
{
    const carnet_evidence *evidence = run->evidence;
    const carnet_enrolled_key *used[] = {
        evidence->key == CARNET_EVIDENCE_NONE ? NULL : &run->device->keys[evidence->key],
        evidence->document == CARNET_EVIDENCE_NONE ? NULL : &run->device->documents[evidence->document].key,
    };

    for (size_t i = 0; i < CARNET_COUNT(used); i++) {
        if (used[i] == NULL || carnet_key_attestation_find(view, &used[i]->key) == view->key_count)
            continue;
        run->fresh = *used[i];
        run->fresh.attested = true;
        run->fresh.certified = used[i]->certified || view->certification.len != 0;
        run->fresh.rank = level_of(view->key_storage);
        carnet_evidence_used_key(run, &run->fresh);
        return true;
    }
    return false;
}

void
carnet_evidence_look_key_attestation(carnet_evidence_run *run)
{
    const carnet_key_attestation_expectation expectation = {
        .struct_size = sizeof(expectation),
        .trust = run->trust->attester,
        .now = run->session->now,
        .skew = carnet_evidence_skew(run->trust),
    };
    carnet_public_key keys[ATTESTED_MAX];
    carnet_key_attestation view;
    carnet_span octets;
    carnet_err err = { 0 };
    carnet_rc rc;

    if (run->response->mcd.len == 0 ||
        !carnet_evidence_decode(run, CARNET_EVIDENCE_KEY_ATTESTATION, run->response->mcd, &octets))
        return;
    if (run->trust->attester == NULL) {
        removed(run, CARNET_EVIDENCE_KEY_ATTESTATION, "no attester is trusted");
        return;
    }
    rc = carnet_key_attestation_open((carnet_str){ (const char *)octets.ptr, octets.len }, run->crypto,
                                     &run->room->storage, keys, ATTESTED_MAX, &view, &err);
    if (rc == CARNET_OK)
        rc = carnet_key_attestation_check(&view, &expectation, run->crypto, &err);
    if (rc != CARNET_OK) {
        carnet_evidence_find_err(run, CARNET_EVIDENCE_KEY_ATTESTATION, CARNET_EVIDENCE_REMOVED, rc, &err);
    } else if (attest(run, &view)) {
        run->evidence->facts.posture_attested = true;
        verified(run, CARNET_EVIDENCE_KEY_ATTESTATION);
    } else {
        removed(run, CARNET_EVIDENCE_KEY_ATTESTATION, "no key that was used is attested");
    }
    carnet_key_attestation_close(&view);
}

/* --- one-time passwords --- */

void
carnet_evidence_look_otp(carnet_evidence_run *run)
{
    const carnet_evidence_trust *trust = run->trust;
    const carnet_enrolled_device *device = run->device;
    const carnet_str value = run->response->otp_value;
    const bool time_based = carnet_str_is(run->response->otp_type, "TOTP");
    carnet_err err = { 0 };
    carnet_rc rc;

    if (run->response->otp_type.len == 0)
        return;
    if (device->otp.secret.len == 0 || time_based != device->otp_time_based ||
        (!time_based && !carnet_str_is(run->response->otp_type, "HOTP"))) {
        removed(run, CARNET_EVIDENCE_OTP, "no generator of this kind was enrolled");
        return;
    }
    rc = time_based
             ? carnet_totp_check(run->crypto, &device->otp, value,
                                 trust->totp_step != 0 ? trust->totp_step : CARNET_TOTP_STEP, run->session->now,
                                 &run->evidence->otp_next, &err)
             : carnet_hotp_check(run->crypto, &device->otp, value, trust->hotp_window != 0 ? trust->hotp_window : 10,
                                 &run->evidence->otp_next, &err);
    if (rc == CARNET_OK) {
        run->evidence->facts.otp = true;
        verified(run, CARNET_EVIDENCE_OTP);
    } else {
        carnet_evidence_find_err(run, CARNET_EVIDENCE_OTP, CARNET_EVIDENCE_REMOVED, rc, &err);
    }
}

/* --- FIDO --- */

static const carnet_enrolled_credential *
credential_of(const carnet_evidence_run *run, carnet_span id)
{
    for (size_t i = 0; i < run->device->credential_count; i++)
        if (id.len != 0 && carnet_span_equal(run->device->credentials[i].id, id))
            return &run->device->credentials[i];
    return NULL;
}

static void
accept_assertion(carnet_evidence_run *run, const carnet_enrolled_credential *credential,
                 const carnet_authenticator_data *data)
{
    carnet_evidence_facts *facts = &run->evidence->facts;

    facts->fido = true;
    facts->fido_user_verified = (data->flags & CARNET_WEBAUTHN_USER_VERIFIED) != 0;
    facts->fido_user_verified_biometric =
        facts->fido_user_verified && (credential->biometric || (data->uvm & CARNET_UVM_BIOMETRIC) != 0);
    facts->fido_hardware = credential->hardware && !(data->flags & CARNET_WEBAUTHN_BACKUP_ELIGIBLE);
    run->evidence->credential = (size_t)(credential - run->device->credentials);
    run->evidence->sign_count = data->sign_count;
    verified(run, CARNET_EVIDENCE_FIDO);
}

void
carnet_evidence_look_fido(carnet_evidence_run *run)
{
    const carnet_bops_fido *fido = &run->response->fido;
    const carnet_enrolled_credential *credential;
    carnet_webauthn_assertion assertion;
    carnet_authenticator_data data;
    carnet_span id, client, challenge;
    carnet_err err = { 0 };
    carnet_rc rc;

    if (fido->credential_id.len == 0 || !carnet_evidence_decode(run, CARNET_EVIDENCE_FIDO, fido->credential_id, &id) ||
        !carnet_evidence_decode(run, CARNET_EVIDENCE_FIDO, fido->authenticator_data, &assertion.authenticator_data) ||
        !carnet_evidence_decode(run, CARNET_EVIDENCE_FIDO, fido->client_data, &client) ||
        !carnet_evidence_decode(run, CARNET_EVIDENCE_FIDO, fido->signature, &assertion.signature) ||
        !carnet_evidence_decode(run, CARNET_EVIDENCE_FIDO, run->session->challenge, &challenge))
        return;
    assertion.client_data = (carnet_str){ (const char *)client.ptr, client.len };
    credential = credential_of(run, id);
    if (credential == NULL || run->trust->rp_id.len == 0) {
        removed(run, CARNET_EVIDENCE_FIDO, "the credential was not enrolled");
        return;
    }
    rc = carnet_webauthn_verify(run->crypto, &assertion,
                                &(carnet_webauthn_expected){ .rp_id = run->trust->rp_id,
                                                             .origins = run->trust->origins,
                                                             .origin_count = run->trust->origin_count,
                                                             .challenge = challenge,
                                                             .key = credential->key,
                                                             .sign_count = credential->sign_count,
                                                             .backup_eligible = credential->backup_eligible },
                                &data, &err);
    if (rc == CARNET_OK)
        accept_assertion(run, credential, &data);
    else
        carnet_evidence_find_err(run, CARNET_EVIDENCE_FIDO, CARNET_EVIDENCE_REMOVED, rc, &err);
}

/* --- PIN --- */

static void
look_pin_at_server(carnet_evidence_run *run)
{
    const carnet_pin_verifier *verifier = &run->device->pin;
    const carnet_argon2_cost cost = { verifier->memory_kib, verifier->passes, verifier->lanes };
    carnet_secret got = { 0 };
    carnet_err err = { 0 };
    carnet_rc rc;

    if (verifier->hash.len == 0 || run->response->pin_value.len == 0) {
        removed(run, CARNET_EVIDENCE_PIN, "there is no PIN that could be verified");
        return;
    }
    rc = carnet_argon2id(carnet_str_bytes(run->response->pin_value), verifier->salt, &cost, verifier->hash.len, &got,
                         &err);
    if (rc != CARNET_OK) {
        carnet_evidence_find_err(run, CARNET_EVIDENCE_PIN, CARNET_EVIDENCE_REMOVED, rc, &err);
    } else if (carnet_equal_secret((carnet_span){ got.bytes, got.len }, verifier->hash)) {
        run->evidence->facts.shared_secret = true;
        verified(run, CARNET_EVIDENCE_PIN);
    } else {
        removed(run, CARNET_EVIDENCE_PIN, "the PIN is wrong");
    }
    carnet_secret_done(&got);
}

/* The secure area says that it verified the PIN: in the details, which the transaction signature covers. */
static void
look_pin_at_device(carnet_evidence_run *run)
{
    const carnet_bops_authentication_response *response = run->response;
    const size_t key = run->evidence->key;
    bool said = false;

    for (size_t i = 0; i < response->detail_count; i++)
        said = said || (carnet_str_is(response->details[i].method, "PIN") && response->details[i].status);
    if (!said || !run->evidence->facts.transaction_signature || key == CARNET_EVIDENCE_NONE) {
        removed(run, CARNET_EVIDENCE_PIN, "the secure area did not sign that it verified a PIN");
        return;
    }
    run->evidence->facts.pin_in_secure_area = true;
    run->evidence->facts.secure_area_lists_pin =
        run->device->keys[key].attested && (run->device->keys[key].user_auth & CARNET_USER_AUTH_PIN) != 0;
    if (run->evidence->facts.secure_area_lists_pin)
        verified(run, CARNET_EVIDENCE_PIN);
    else
        removed(run, CARNET_EVIDENCE_PIN, "the secure area is not attested to verify PINs");
}

void
carnet_evidence_look_pin(carnet_evidence_run *run)
{
    const carnet_str by = run->response->pin_verified_by;

    if (by.len == 0)
        return;
    if (carnet_str_is(by, "SERVER"))
        look_pin_at_server(run);
    else if (carnet_str_is(by, "SA"))
        look_pin_at_device(run);
    else
        removed(run, CARNET_EVIDENCE_PIN, "who verified the PIN is not known");
}
