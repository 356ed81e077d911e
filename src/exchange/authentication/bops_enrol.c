/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/bops_enrol.h"
#include "bops_fields.h"

static const char *const key_kinds[] = { NULL, "SA", "DOCUMENT", "FIDO", "" };

static const carnet_bops_field authenticator_fields[] = {
    { .name = "authenticator",
      .kind = BOPS_TEXT,
      .flags = BOPS_REQUIRED,
      .offset = offsetof(carnet_bops_authenticator, name),
      .max = 64 },
    { .name = "kind",
      .kind = BOPS_NAME,
      .flags = BOPS_REQUIRED,
      .offset = offsetof(carnet_bops_authenticator, kind),
      .names = key_kinds },
    { .name = "publicKey",
      .kind = BOPS_VALUE,
      .flags = BOPS_REQUIRED,
      .offset = offsetof(carnet_bops_authenticator, jwk),
      .count = offsetof(carnet_bops_authenticator, key) },
    { .name = "credentialId",
      .kind = BOPS_BASE64,
      .offset = offsetof(carnet_bops_authenticator, credential_id),
      .max = 1400 },
    { .name = "proof", .kind = BOPS_BASE64, .offset = offsetof(carnet_bops_authenticator, proof), .max = 176 },
};

static const carnet_bops_field register_account_fields[] = {
    { .name = "name", .kind = BOPS_TEXT, .offset = offsetof(carnet_bops_register_account, name), .max = 64 },
    { .name = "os", .kind = BOPS_TEXT, .offset = offsetof(carnet_bops_register_account, os), .max = 64 },
    { .name = "externalId",
      .kind = BOPS_TEXT,
      .offset = offsetof(carnet_bops_register_account, external_id),
      .max = 128 },
    { .name = "pushRegId",
      .kind = BOPS_TEXT,
      .offset = offsetof(carnet_bops_register_account, push_reg_id),
      .max = 512 },
    { .name = "memberExternalId",
      .kind = BOPS_TEXT,
      .offset = offsetof(carnet_bops_register_account, member_external_id),
      .max = 128 },
    { .name = "certificateRequest",
      .kind = BOPS_BASE64,
      .flags = BOPS_REQUIRED,
      .offset = offsetof(carnet_bops_register_account, certificate_request),
      .max = 8192 },
    { .name = "authenticators",
      .kind = BOPS_LIST,
      .offset = offsetof(carnet_bops_register_account, authenticators),
      .max = CARNET_BOPS_AUTHENTICATORS,
      .count = offsetof(carnet_bops_register_account, authenticator_count),
      .size = sizeof(carnet_bops_authenticator),
      BOPS_SUB(authenticator_fields) },
    { .name = "keyAttestation",
      .kind = BOPS_TEXT,
      .offset = offsetof(carnet_bops_register_account, key_attestation),
      .max = 32768 },
    { .name = "mcd", .kind = BOPS_BASE64, .offset = offsetof(carnet_bops_register_account, mcd), .max = 16384 },
    { .name = "pin", .kind = BOPS_TEXT, .offset = offsetof(carnet_bops_register_account, pin), .max = 64 },
    { .name = "otpType", .kind = BOPS_TEXT, .offset = offsetof(carnet_bops_register_account, otp_type), .max = 8 },
};

BOPS_MESSAGE(register_account, register_account_fields)

static const carnet_bops_field enrolled_fields[] = {
    { .name = "profileId", .kind = BOPS_TEXT, .offset = offsetof(carnet_bops_enrolled, profile_id), .max = 64 },
    { .name = "deviceId",
      .kind = BOPS_TEXT,
      .flags = BOPS_REQUIRED,
      .offset = offsetof(carnet_bops_enrolled, device_id),
      .max = 64 },
    { .name = "userId", .kind = BOPS_TEXT, .offset = offsetof(carnet_bops_enrolled, user_id), .max = 128 },
    { .name = "clientCertificate",
      .kind = BOPS_TEXTS,
      .flags = BOPS_REQUIRED,
      .offset = offsetof(carnet_bops_enrolled, certificates),
      .max = CARNET_BOPS_CERTIFICATES,
      .count = offsetof(carnet_bops_enrolled, certificate_count),
      .size = 8192 },
    { .name = "intrusionKey", .kind = BOPS_BASE64, .offset = offsetof(carnet_bops_enrolled, intrusion_key), .max = 64 },
    { .name = "otpSeed", .kind = BOPS_BASE64, .offset = offsetof(carnet_bops_enrolled, otp_seed), .max = 64 },
    { .name = "otpType", .kind = BOPS_TEXT, .offset = offsetof(carnet_bops_enrolled, otp_type), .max = 8 },
    { .name = "counter", .kind = BOPS_INTEGER, .offset = offsetof(carnet_bops_enrolled, counter), .max = INT64_MAX },
};

BOPS_MESSAGE(enrolled, enrolled_fields)

static const carnet_bops_field renew_fields[] = {
    { .name = "sessionId",
      .kind = BOPS_BASE64,
      .flags = BOPS_REQUIRED,
      .offset = offsetof(carnet_bops_renew, session_id),
      .max = CARNET_BOPS_SESSION },
    { .name = "certificateRequest",
      .kind = BOPS_BASE64,
      .flags = BOPS_REQUIRED,
      .offset = offsetof(carnet_bops_renew, certificate_request),
      .max = 8192 },
};

BOPS_MESSAGE(renew, renew_fields)

static const carnet_bops_field device_command_fields[] = {
    { .name = "otp", .kind = BOPS_TEXT, .offset = offsetof(carnet_bops_device_command, otp), .max = 16 },
    { .name = "pin", .kind = BOPS_TEXT, .offset = offsetof(carnet_bops_device_command, pin), .max = 64 },
};

BOPS_MESSAGE(device_command, device_command_fields)

static const carnet_bops_field device_state_fields[] = {
    { .name = "deviceStatus",
      .kind = BOPS_TEXT,
      .flags = BOPS_REQUIRED,
      .offset = offsetof(carnet_bops_device_state, status),
      .max = 32 },
};

BOPS_MESSAGE(device_state, device_state_fields)

carnet_rc
carnet_bops_key_proof_payload(carnet_str name, carnet_span certificate_request, carnet_crypto *crypto, carnet_buf *out,
                              carnet_err *err)
{
    uint8_t hash[32];
    carnet_rc rc = carnet_digest(crypto, CARNET_SHA256, &certificate_request, 1, hash, err);

    if (rc != CARNET_OK)
        return rc;
    carnet_buf_add_text(out, "P1940-KEY1\n");
    carnet_buf_add_str(out, name);
    carnet_buf_add_byte(out, '\n');
    carnet_base64url_encode(carnet_span_of(hash, sizeof(hash)), out);
    carnet_buf_add_byte(out, '\n');
    return out->overflow ? carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL) : CARNET_OK;
}
