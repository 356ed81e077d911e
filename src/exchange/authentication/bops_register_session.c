/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/bops_register_session.h"
#include "bops_fields.h"

static const char *const session_types[] = { NULL, "PUSH", "POLL", "QR", "" };

static const carnet_bops_field app_fields[] = {
    { .name = "appName", .kind = BOPS_TEXT, .offset = offsetof(carnet_bops_app, app_name), .max = 128 },
    { .name = "appVersion", .kind = BOPS_TEXT, .offset = offsetof(carnet_bops_app, app_version), .max = 128 },
    { .name = "osName", .kind = BOPS_TEXT, .offset = offsetof(carnet_bops_app, os_name), .max = 128 },
    { .name = "osVersion", .kind = BOPS_TEXT, .offset = offsetof(carnet_bops_app, os_version), .max = 128 },
    { .name = "deviceName", .kind = BOPS_TEXT, .offset = offsetof(carnet_bops_app, device_name), .max = 128 },
};

static const carnet_bops_field register_session_fields[] = {
    { .name = "sessionId",
      .kind = BOPS_BASE64,
      .flags = BOPS_REQUIRED,
      .offset = offsetof(carnet_bops_register_session, session_id),
      .max = CARNET_BOPS_SESSION },
    { .name = "sessionType",
      .kind = BOPS_NAME,
      .offset = offsetof(carnet_bops_register_session, session_type),
      .names = session_types },
    { .name = "profileId", .kind = BOPS_TEXT, .offset = offsetof(carnet_bops_register_session, profile_id), .max = 64 },
    { .name = "context",
      .kind = BOPS_OBJECT,
      .offset = offsetof(carnet_bops_register_session, app),
      .count = BOPS_NOWHERE,
      BOPS_SUB(app_fields) },
};

BOPS_MESSAGE(register_session, register_session_fields)

static const carnet_bops_field way_fields[] = {
    { .name = "",
      .kind = BOPS_TEXTS,
      .flags = BOPS_REQUIRED,
      .offset = offsetof(carnet_bops_way, methods),
      .max = CARNET_BOPS_WAY,
      .count = offsetof(carnet_bops_way, count),
      .size = 32 },
};

static const carnet_bops_field registered_fields[] = {
    { .name = "sessionId",
      .kind = BOPS_BASE64,
      .flags = BOPS_REQUIRED,
      .offset = offsetof(carnet_bops_registered, session_id),
      .max = CARNET_BOPS_SESSION },
    { .name = "profileId", .kind = BOPS_TEXT, .offset = offsetof(carnet_bops_registered, profile_id), .max = 64 },
    { .name = "status",
      .kind = BOPS_NAME,
      .flags = BOPS_REQUIRED,
      .offset = offsetof(carnet_bops_registered, status),
      .names = carnet_bops_status_names },
    { .name = "requiredBiometrics",
      .kind = BOPS_LIST,
      .flags = BOPS_ALWAYS,
      .offset = offsetof(carnet_bops_registered, biometrics),
      .max = CARNET_BOPS_BIOMETRICS,
      .count = offsetof(carnet_bops_registered, biometric_count),
      .size = sizeof(carnet_bops_biometric),
      BOPS_SUB(carnet_bops_biometric_fields) },
    { .name = "acceptable",
      .kind = BOPS_LISTS,
      .flags = BOPS_ALWAYS,
      .offset = offsetof(carnet_bops_registered, acceptable),
      .max = CARNET_BOPS_WAYS,
      .count = offsetof(carnet_bops_registered, acceptable_count),
      .size = sizeof(carnet_bops_way),
      BOPS_SUB(way_fields) },
    { .name = "transactionText",
      .kind = BOPS_TEXT,
      .offset = offsetof(carnet_bops_registered, transaction_text),
      .max = 256 },
    { .name = "bindingMessage",
      .kind = BOPS_TEXT,
      .offset = offsetof(carnet_bops_registered, binding_message),
      .max = 20 },
    { .name = "challenge",
      .kind = BOPS_BASE64,
      .flags = BOPS_REQUIRED,
      .offset = offsetof(carnet_bops_registered, challenge),
      .max = CARNET_BOPS_CHALLENGE },
    { .name = "counter",
      .kind = BOPS_INTEGER,
      .flags = BOPS_REQUIRED | BOPS_ALWAYS,
      .offset = offsetof(carnet_bops_registered, counter),
      .max = INT64_MAX },
    { .name = "mdocRequest",
      .kind = BOPS_BASE64,
      .offset = offsetof(carnet_bops_registered, mdoc_request),
      .max = 32768 },
    { .name = "providerId", .kind = BOPS_TEXT, .offset = offsetof(carnet_bops_registered, provider_id), .max = 256 },
    { .name = "expiration",
      .kind = BOPS_INTEGER,
      .flags = BOPS_ALWAYS,
      .offset = offsetof(carnet_bops_registered, expiration),
      .max = BOPS_TIME_MAX },
};

BOPS_MESSAGE(registered, registered_fields)
