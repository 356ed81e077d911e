/* SPDX-License-Identifier: Apache-2.0 */
#include "bops_fields.h"

const char *const carnet_bops_status_names[] = { NULL,       "OPPORTUNITY", "REGISTERED", "AUTHENTICATED",
                                                 "CONSUMED", "FAILED",      "CANCELLED",  "EXPIRED",
                                                 "" };
static const char *const session_types[] = { NULL, "PUSH", "POLL", "QR", "" };

static const struct {
    carnet_bops_error_code code;
    const char *name;
} errors[] = {
    { CARNET_BOPS_ERROR_GENERIC, "error" },
    { CARNET_BOPS_ERROR_PARAMETER, "invalid_parameter" },
    { CARNET_BOPS_ERROR_STATE, "invalid_session_state" },
    { CARNET_BOPS_ERROR_DEVICE, "device_not_found" },
    { CARNET_BOPS_ERROR_ACCOUNT, "account_not_found" },
    { CARNET_BOPS_ERROR_CREDENTIALS, "invalid_credentials" },
    { CARNET_BOPS_ERROR_USER, "user_not_found" },
    { CARNET_BOPS_ERROR_UNLOCK_PIN, "unlock_password_invalid" },
    { CARNET_BOPS_ERROR_UNLOCK_SEED, "unlock_seed_invalid" },
    { CARNET_BOPS_ERROR_ACCOUNT_STATE, "invalid_account_state" },
    { CARNET_BOPS_ERROR_DEVICE_DATA, "device_data_invalid" },
    { CARNET_BOPS_ERROR_INTRUSION, "invalid_intrusion_detection_values" },
    { CARNET_BOPS_ERROR_PROFILE, "profile_already_registered" },
    { CARNET_BOPS_ERROR_VTR, "invalid_vtr" },
    { CARNET_BOPS_ERROR_UNSATISFIABLE, "unsatisfiable_vtr" },
    { CARNET_BOPS_ERROR_SESSION, "session_not_found" },
    { CARNET_BOPS_ERROR_CONFLICT, "request_id_conflict" },
    { CARNET_BOPS_ERROR_SLOW_DOWN, "slow_down" },
    { CARNET_BOPS_ERROR_LIMIT, "too_many_sessions" },
    { CARNET_BOPS_ERROR_CONSUMED, "already_consumed" },
    { CARNET_BOPS_ERROR_LOCKED, "device_locked" },
};

const char *
carnet_bops_error_name(carnet_bops_error_code code)
{
    for (size_t i = 1; i < CARNET_COUNT(errors); i++)
        if (errors[i].code == code)
            return errors[i].name;
    return errors[0].name;
}

static int
named(const char *const *names, carnet_str name)
{
    for (int i = 1; names[i][0] != '\0'; i++)
        if (carnet_str_is(name, names[i]))
            return i;
    return 0;
}

const char *
carnet_bops_status_name(carnet_bops_status status)
{
    return (unsigned)status <= CARNET_BOPS_EXPIRED ? carnet_bops_status_names[status] : NULL;
}

carnet_bops_status
carnet_bops_status_named(carnet_str name)
{
    return (carnet_bops_status)named(carnet_bops_status_names, name);
}

const char *
carnet_bops_session_type_name(carnet_bops_session_type type)
{
    return (unsigned)type <= CARNET_BOPS_QR ? session_types[type] : NULL;
}

carnet_bops_session_type
carnet_bops_session_type_named(carnet_str name)
{
    return (carnet_bops_session_type)named(session_types, name);
}

const carnet_bops_field carnet_bops_biometric_fields[3] = {
    { .name = "method",
      .kind = BOPS_TEXT,
      .flags = BOPS_REQUIRED,
      .max = 32,
      .offset = offsetof(carnet_bops_biometric, method) },
    { .name = "status", .kind = BOPS_BOOL, .flags = BOPS_ALWAYS, .offset = offsetof(carnet_bops_biometric, status) },
    { .name = "retries",
      .kind = BOPS_INTEGER,
      .flags = BOPS_ALWAYS,
      .max = 1000,
      .offset = offsetof(carnet_bops_biometric, retries) },
};

const carnet_bops_field carnet_bops_transaction_fields[6] = {
    { .name = "type", .kind = BOPS_TEXT, .max = 32, .offset = offsetof(carnet_bops_transaction, type) },
    { .name = "ref", .kind = BOPS_TEXT, .max = 22, .offset = offsetof(carnet_bops_transaction, ref) },
    { .name = "amount", .kind = BOPS_TEXT, .max = 12, .offset = offsetof(carnet_bops_transaction, amount) },
    { .name = "currency", .kind = BOPS_TEXT, .max = 3, .offset = offsetof(carnet_bops_transaction, currency) },
    { .name = "terminalId", .kind = BOPS_TEXT, .max = 16, .offset = offsetof(carnet_bops_transaction, terminal) },
    { .name = "text", .kind = BOPS_TEXT, .max = 256, .offset = offsetof(carnet_bops_transaction, text) },
};

typedef struct error_message {
    carnet_json *document;
    int64_t code;
    carnet_str name, description, request_id;
} error_message;

static const carnet_bops_field error_fields[] = {
    { .name = "errorCode",
      .kind = BOPS_INTEGER,
      .flags = BOPS_REQUIRED,
      .max = 99999,
      .offset = offsetof(error_message, code) },
    { .name = "error", .kind = BOPS_TEXT, .max = 64, .offset = offsetof(error_message, name) },
    { .name = "errorDescription", .kind = BOPS_TEXT, .max = 512, .offset = offsetof(error_message, description) },
};
static const carnet_bops_field fields[] = {
    { .name = "error", .kind = BOPS_OBJECT, .flags = BOPS_REQUIRED, .count = BOPS_NOWHERE, BOPS_SUB(error_fields) },
    { .name = "requestId", .kind = BOPS_TEXT, .max = 64, .offset = offsetof(error_message, request_id) },
};
static const carnet_bops_message message_error = { fields, CARNET_COUNT(fields), sizeof(error_message) };

carnet_rc
carnet_bops_error_write(const carnet_bops_error *error, carnet_buf *out, carnet_err *err)
{
    const error_message message = { .code = error->code,
                                    .name = error->name.len != 0 ? error->name
                                                                 : carnet_str_of(carnet_bops_error_name(error->code)),
                                    .description = error->description,
                                    .request_id = error->request_id };

    return carnet_bops_write(&message_error, &message, out, err);
}

carnet_rc
carnet_bops_error_read(carnet_str text, carnet_bops_error *error, carnet_err *err)
{
    error_message m;
    const carnet_rc rc = carnet_bops_read(text, &message_error, &m, err);

    *error = (carnet_bops_error){ .document = m.document,
                                  .code = (carnet_bops_error_code)m.code,
                                  .name = m.name,
                                  .description = m.description,
                                  .request_id = m.request_id };
    return rc;
}

void
carnet_bops_error_close(carnet_bops_error *error)
{
    carnet_json_free(&error->document);
    *error = (carnet_bops_error){ 0 };
}
