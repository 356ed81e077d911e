/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What tells a device of its sessions (P1940 6.2): a push, or its own asking in
 * the push's place.  Neither says for what or for whom a session is.
 * POST .../device/GetNotifications.  And what pings a relying party.  See bops.h.
 */
#ifndef CARNET_BOPS_NOTIFICATIONS_H
#define CARNET_BOPS_NOTIFICATIONS_H
#include "carnet/bops.h"
CARNET_BEGIN_DECLS

#define CARNET_BOPS_PATH_NOTIFICATIONS CARNET_BOPS_BASE "/device/GetNotifications"
#define CARNET_BOPS_NOTIFICATIONS      8 /**< in one answer at most */

typedef struct carnet_bops_notifications_request {
    carnet_json *document;
    int64_t wait; /**< seconds to wait for one; 0: answer at once */
} carnet_bops_notifications_request;
CARNET_API carnet_rc carnet_bops_notifications_request_write(const carnet_bops_notifications_request *request,
                                                             carnet_buf *out, carnet_err *err);
CARNET_API carnet_rc carnet_bops_notifications_request_read(carnet_str text, carnet_bops_notifications_request *request,
                                                            carnet_err *err);
CARNET_API void carnet_bops_notifications_request_close(carnet_bops_notifications_request *request);

typedef struct carnet_bops_notification {
    carnet_str type; /**< "authenticate"; "revalidate_device": renew the certificate */
    carnet_str session_id;
    int64_t expiration; /**< milliseconds since 1970 */
} carnet_bops_notification;

typedef struct carnet_bops_notifications {
    carnet_json *document;
    carnet_bops_notification list[CARNET_BOPS_NOTIFICATIONS];
    size_t count;
} carnet_bops_notifications;
CARNET_API carnet_rc carnet_bops_notifications_write(const carnet_bops_notifications *notifications, carnet_buf *out,
                                                     carnet_err *err);
CARNET_API carnet_rc carnet_bops_notifications_read(carnet_str text, carnet_bops_notifications *notifications,
                                                    carnet_err *err);
CARNET_API void carnet_bops_notifications_close(carnet_bops_notifications *notifications);

CARNET_END_DECLS
#endif
