/* SPDX-License-Identifier: Apache-2.0 */
/* POST /notification (OpenID4VCI 11): what became of the documents in the wallet. */
#include "internal.h"

#include "carnet/notification.h"
#include "carnet/store_event.h"

typedef struct noting {
    carnet_issuing_exchange *x;
    int64_t named; /* the issuance; 0: an identifier of earlier, which names none */
    carnet_span hash;
    carnet_store_issuance_state state;
    const char *event;
    carnet_store_issuance issuance;
    carnet_buf room;
    carnet_issuing_step step;
} noting;

static carnet_rc
work(void *arg, carnet_store_session *session, carnet_err *err)
{
    noting *n = arg;
    carnet_store_event event = { .at = n->x->access.now,
                                 .interface = carnet_str_of("IS-6"),
                                 .kind = carnet_str_of("notification"),
                                 .outcome = CARNET_STORE_OUTCOME_DONE,
                                 .reason = carnet_str_of(n->event),
                                 .actor = n->x->access.grant.client_id,
                                 .request = carnet_str_of(n->x->request->identifier) };
    carnet_rc rc;

    n->room.len = 0;
    n->step = CARNET_ISSUING_TOKEN;
    rc = carnet_authorization_use(&n->x->access, session, err);
    if (rc != CARNET_OK)
        return rc;
    n->step = CARNET_ISSUING_RECORD;
    rc = carnet_store_issuance_by_notification(session, n->named, n->hash, &n->issuance, &n->room, err);
    if (rc == CARNET_OK && n->issuance.grant != n->x->access.grant.id)
        rc = carnet_fail(err, CARNET_E_STORE_ABSENT, NULL, NULL);
    if (rc == CARNET_OK)
        rc = carnet_store_issuance_notify(session, n->issuance.id, n->state, n->x->access.now, err);
    if (rc != CARNET_OK || n->issuance.state == n->state)
        return rc; /* told before */
    event.configuration = n->issuance.configuration;
    event.reference = n->issuance.id;
    event.count = n->issuance.count;
    return carnet_store_event_insert(session, &event, err);
}

/* The identifier's first eight octets name the issuance. */
static int64_t
named_by(carnet_str text)
{
    uint8_t octets[CARNET_ISSUING_NOTIFICATION / 4 * 3];
    carnet_buf buf = carnet_buf_of(octets, sizeof(octets));
    uint64_t id = 0;

    if (text.len != CARNET_ISSUING_NOTIFICATION || carnet_base64url_decode(text, &buf, NULL) != CARNET_OK)
        return 0;
    for (size_t i = 0; i < 8; i++)
        id = id << 8 | octets[i];
    return (int64_t)id;
}

static carnet_rc
note(carnet_issuing_exchange *x, const carnet_notification *notification, carnet_err *err)
{
    static const carnet_store_issuance_state states[] = { [CARNET_NOTIFICATION_ACCEPTED] =
                                                              CARNET_STORE_ISSUANCE_ACCEPTED,
                                                          [CARNET_NOTIFICATION_FAILURE] = CARNET_STORE_ISSUANCE_FAILED,
                                                          [CARNET_NOTIFICATION_DELETED] =
                                                              CARNET_STORE_ISSUANCE_DELETED };
    uint8_t hash[CARNET_SERVICE_HASH];
    noting n = { .x = x,
                 .state = states[notification->event],
                 .event = carnet_notification_event_name(notification->event) };
    carnet_rc rc = carnet_service_hash(x->worker, notification->notification_id, hash, err);

    n.named = named_by(notification->notification_id);
    n.hash = carnet_span_of(hash, sizeof(hash));
    if (rc == CARNET_OK)
        rc = carnet_issuing_room(x, 4096, &n.room, err);
    if (rc == CARNET_OK)
        rc = carnet_store_transact(x->worker->store, work, &n, err);
    if (rc != CARNET_OK && n.step == CARNET_ISSUING_TOKEN)
        return carnet_authorization_refuse(x->issuing->authorization, x->worker, x->response, rc, err);
    if (rc == CARNET_E_STORE_ABSENT)
        return carnet_fail(err, CARNET_E_OID4VCI_NOTIFICATION_ID, "OpenID4VCI 11.3", NULL);
    return rc;
}

static carnet_rc
run(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    carnet_notification notification;
    carnet_issuing_exchange *x;
    carnet_rc rc = carnet_issuing_begin(self, request, response, "/notification", false, &x, err);

    if (rc != CARNET_OK)
        return rc;
    rc = carnet_notification_open((carnet_str){ (const char *)request->body.ptr, request->body.len }, &notification,
                                  err);
    if (rc == CARNET_OK) {
        rc = note(x, &notification, err);
        carnet_notification_done(&notification);
    }
    if (rc != CARNET_OK)
        return carnet_issuing_refuse(x, rc, "invalid_notification_request", err);
    response->status = 204;
    return CARNET_OK;
}

const carnet_service_route carnet_issuing_notification = {
    .method = CARNET_SERVICE_POST,
    .name = "notification",
    .path = "/notification",
    .summary = "What became of documents in the wallet",
    .run = run,
    .cross_origin = true,
    .accepts = "application/json",
    .body_max = 8192,
    .answer_max = 1024,
};
