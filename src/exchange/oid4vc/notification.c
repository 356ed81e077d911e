/* SPDX-License-Identifier: Apache-2.0 */
/* Notifications (OpenID4VCI 11). */
#include "carnet/notification.h"
#include "internal.h"

#include <stddef.h>

#define NOTIFICATION_MAX 16384

static const carnet_message_place place = { CARNET_E_OID4VCI_NOTIFICATION, "OpenID4VCI 11.1", NULL, false };
static const carnet_message_text texts[] = {
    { "notification_id", offsetof(carnet_notification, notification_id), true, false },
    { "event_description", offsetof(carnet_notification, event_description), false, false },
};
static const char *const names[] = { "credential_accepted", "credential_failure", "credential_deleted" };

const char *
carnet_notification_event_name(carnet_notification_event event)
{
    return (size_t)event < CARNET_COUNT(names) ? names[event] : NULL;
}

static carnet_rc
read_event(const carnet_json *document, carnet_notification_event *event, carnet_err *err)
{
    const carnet_json *text;
    carnet_rc rc = carnet_message_get(document, "event", CARNET_JSON_STRING, &place, &text, err);

    if (rc != CARNET_OK)
        return rc;
    for (size_t i = 0; i < CARNET_COUNT(names); i++) {
        if (carnet_str_is(carnet_json_string(text), names[i])) {
            *event = (carnet_notification_event)i;
            return CARNET_OK;
        }
    }
    return carnet_message_refuse(&place, "event", "this event is missing or not known", err);
}

carnet_rc
carnet_notification_open(carnet_str json, carnet_notification *notification, carnet_err *err)
{
    carnet_rc rc;

    *notification = (carnet_notification){ 0 };
    rc = carnet_message_parse(json, NOTIFICATION_MAX, &place, &notification->document, err);
    if (rc == CARNET_OK)
        rc = carnet_message_read_texts(notification->document, texts, CARNET_COUNT(texts), &place, notification, err);
    if (rc == CARNET_OK)
        rc = read_event(notification->document, &notification->event, err);
    if (rc != CARNET_OK)
        carnet_notification_done(notification);
    return rc;
}

void
carnet_notification_done(carnet_notification *notification)
{
    carnet_json_free(&notification->document);
    *notification = (carnet_notification){ 0 };
}

/* What event_description may hold: printable ASCII without quotation mark and backslash. */
static carnet_str
described(carnet_str text, char room[256])
{
    size_t len = 0;

    for (size_t i = 0; i < text.len && len < 256; i++) {
        const char c = text.ptr[i];

        if (((uint8_t)c & 0xc0) == 0x80)
            continue;
        room[len++] = c == '"' ? '\'' : c >= ' ' && c <= '~' && c != '\\' ? c : '?';
    }
    return (carnet_str){ room, len };
}

carnet_rc
carnet_notification_build(const carnet_notification *notification, carnet_buf *out, carnet_err *err)
{
    const char *event = carnet_notification_event_name(notification->event);
    const size_t start = out->len;
    carnet_json_builder b = carnet_json_build(out);
    carnet_rc rc = carnet_message_check_texts(texts, CARNET_COUNT(texts), &place, notification, err);
    char room[256];

    if (rc == CARNET_OK && event == NULL)
        rc = carnet_message_refuse(&place, "event", "this event is missing or not known", err);
    if (rc != CARNET_OK)
        return rc;
    carnet_json_object_begin(&b, NULL);
    carnet_json_add_string(&b, "notification_id", notification->notification_id);
    carnet_json_add_text(&b, "event", event);
    if (notification->event_description.len != 0)
        carnet_json_add_string(&b, "event_description", described(notification->event_description, room));
    carnet_json_object_end(&b);
    return carnet_message_built(&b, out, start, err);
}
