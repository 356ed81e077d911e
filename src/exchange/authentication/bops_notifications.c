/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/bops_notifications.h"
#include "bops_fields.h"

static const carnet_bops_field notifications_request_fields[] = {
    { .name = "wait", .kind = BOPS_INTEGER, .offset = offsetof(carnet_bops_notifications_request, wait), .max = 3600 },
};

BOPS_MESSAGE(notifications_request, notifications_request_fields)

static const carnet_bops_field notification_fields[] = {
    { .name = "type",
      .kind = BOPS_TEXT,
      .flags = BOPS_REQUIRED,
      .offset = offsetof(carnet_bops_notification, type),
      .max = 32 },
    { .name = "sessionId",
      .kind = BOPS_BASE64,
      .offset = offsetof(carnet_bops_notification, session_id),
      .max = CARNET_BOPS_SESSION },
    { .name = "expiration",
      .kind = BOPS_INTEGER,
      .offset = offsetof(carnet_bops_notification, expiration),
      .max = BOPS_TIME_MAX },
};

static const carnet_bops_field notifications_fields[] = {
    { .name = "notifications",
      .kind = BOPS_LIST,
      .flags = BOPS_ALWAYS,
      .offset = offsetof(carnet_bops_notifications, list),
      .max = CARNET_BOPS_NOTIFICATIONS,
      .count = offsetof(carnet_bops_notifications, count),
      .size = sizeof(carnet_bops_notification),
      BOPS_SUB(notification_fields) },
};

BOPS_MESSAGE(notifications, notifications_fields)
