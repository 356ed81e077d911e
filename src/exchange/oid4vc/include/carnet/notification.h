/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Notifications (OpenID4VCI 11): what became of the credentials of a response.
 * What was opened owns its JSON until done.
 */
#ifndef CARNET_NOTIFICATION_H
#define CARNET_NOTIFICATION_H
#include "carnet/json.h"
CARNET_BEGIN_DECLS

typedef enum carnet_notification_event {
    CARNET_NOTIFICATION_ACCEPTED, /**< credential_accepted */
    CARNET_NOTIFICATION_FAILURE,  /**< credential_failure: all of a batch */
    CARNET_NOTIFICATION_DELETED   /**< credential_deleted: by the holder */
} carnet_notification_event;

typedef struct carnet_notification {
    carnet_json *document; /**< owned, if opened */
    carnet_str notification_id;
    carnet_notification_event event;
    carnet_str event_description; /**< printable ASCII without quote and backslash; empty: none */
} carnet_notification;

/** CARNET_E_OID4VCI_NOTIFICATION: a member is missing or malformed, or the event is not known. */
CARNET_API carnet_rc carnet_notification_open(carnet_str json, carnet_notification *notification, carnet_err *err);
CARNET_API void carnet_notification_done(carnet_notification *notification);
/** Append a notification's JSON.  Characters that event_description may not have become '?'. */
CARNET_API carnet_rc carnet_notification_build(const carnet_notification *notification, carnet_buf *out,
                                               carnet_err *err);
/** "credential_accepted", ... */
CARNET_API const char *carnet_notification_event_name(carnet_notification_event event);

CARNET_END_DECLS
#endif
