/* SPDX-License-Identifier: Apache-2.0 */
/* What is sent out: a push to a device's gateway; a ping, or the outcome, to the relying party (CIBA 10).  Each notice is taken by
 * one instance, tried until it was received or is over, and says no more than it must. */
#include "carnet/json_build.h"
#include "internal.h"

#include <stdio.h>
#include <string.h>

enum { NOTICES = 8, TIMEOUT_MS = 5000, CLAIM_S = 30, RETRY_S = 2, RETRY_MOST_S = 60 };

typedef struct notice_list {
    carnet_store_identity_notice list[NOTICES];
    size_t count;
    carnet_time now;
} notice_list;

static bool
note(void *self, const carnet_store_identity_notice *notice)
{
    notice_list *l = self;

    l->list[l->count++] = *notice;
    return l->count < NOTICES;
}

static carnet_rc
look(void *arg, carnet_store_session *session, carnet_err *err)
{
    notice_list *l = arg;

    l->count = 0;
    return carnet_store_identity_notice_due(session, l->now, NOTICES, note, l, err);
}

typedef struct claiming {
    int64_t id;
    carnet_time due, next;
} claiming;

static carnet_rc
claim(void *arg, carnet_store_session *session, carnet_err *err)
{
    const claiming *c = arg;

    return carnet_store_identity_notice_claim(session, c->id, c->due, c->next, err);
}

static carnet_rc
forget(void *arg, carnet_store_session *session, carnet_err *err)
{
    return carnet_store_identity_notice_delete(session, *(const int64_t *)arg, err);
}

/* --- sent --- */

static bool
post(idp_call *call, const char *url, carnet_str bearer, carnet_span body)
{
    const carnet_config_identity_provider *config = call->p->config;
    carnet_buf authorization = carnet_service_scratch_buf(call->worker, bearer.len + 32);
    carnet_str fields[2] = { carnet_str_of("Content-Type: application/json") };
    carnet_fetch_request request = {
        .method = "POST", .uri = carnet_str_of(url), .fields = fields, .field_count = 1, .body = body
    };
    const carnet_fetch_limits limits = { .octets = CARNET_BOPS_MAX,
                                         .timeout_ms = TIMEOUT_MS,
                                         .ca = config->ca,
                                         .certificate = config->certificate,
                                         .key = config->certificate_key,
                                         .plain_loopback =
                                             carnet_service_configuration(call->p->context)->allow_insecure_loopback };
    carnet_fetch_answer answer = { .header = carnet_service_scratch_buf(call->worker, CARNET_FETCH_HEADER_MAX),
                                   .body = carnet_service_scratch_buf(call->worker, CARNET_BOPS_MAX) };

    if (bearer.len != 0) {
        carnet_buf_add_text(&authorization, "Authorization: Bearer ");
        carnet_buf_add_str(&authorization, bearer);
        fields[request.field_count++] = carnet_buf_str(&authorization);
    }
    /* 404: whom it was for knows of no such session; to say it again would be no use. */
    return carnet_fetch_ask(NULL, &request, &limits, &answer, NULL) == CARNET_OK &&
           (answer.status / 100 == 2 || answer.status == 404 || answer.status == 410);
}

static const char *
url_of(const idp *p, const idp_record *record)
{
    for (size_t i = 0; i < p->config->friend_count; i++)
        if (carnet_str_is(record->row.party, p->config->friends[i].id))
            return record->start.notify_backchannel ? p->config->friends[i].backchannel_url
                                                    : p->config->friends[i].notify_url;
    return NULL;
}

static bool
send_push(idp_call *call, const idp_record *record)
{
    carnet_buf body = carnet_service_scratch_buf(call->worker, 2048);
    carnet_json_builder b = carnet_json_build(&body);

    carnet_json_object_begin(&b, NULL);
    carnet_json_add_string(&b, "pushRegId", record->device.push);
    carnet_json_add_text(&b, "type", "authenticate");
    carnet_json_add_string(&b, "sessionId", record->session_id);
    carnet_json_add_integer(&b, "expiration", record->row.expires * 1000);
    carnet_json_object_end(&b);
    return body.overflow || post(call, call->p->config->push_url, (carnet_str){ 0 }, carnet_buf_span(&body));
}

static bool
send_outcome(idp_call *call, idp_record *record, bool whole)
{
    const char *url = url_of(call->p, record);
    carnet_bops_session_status *status = carnet_service_scratch(call->worker, sizeof(*status));
    carnet_buf body = carnet_service_scratch_buf(call->worker, CARNET_BOPS_MAX);

    if (url != NULL && record->start.notify_backchannel)
        return carnet_idp_backchannel_notice(call, record, whole, &body, NULL) == CARNET_OK &&
               post(call, url, record->start.notify_token, carnet_buf_span(&body));
    if (url == NULL || status == NULL || carnet_idp_describe(call, record, status, NULL) != CARNET_OK)
        return url == NULL;
    if (!whole) /* a ping says that there is news, not which */
        *status = (carnet_bops_session_status){ .session_id = status->session_id,
                                                .status = status->status,
                                                .vtr_satisfied = -1 };
    if (carnet_bops_session_status_write(status, &body, NULL) != CARNET_OK)
        return true;
    return post(call, url, record->start.notify_token, carnet_buf_span(&body));
}

/* True: it was received, or there is nobody to receive it. */
static bool
send(idp_call *call, const carnet_store_identity_notice *notice)
{
    idp_record *record = carnet_service_scratch(call->worker, sizeof(*record));
    bool sent = true;

    if (record == NULL)
        return false;
    if (carnet_idp_find_by_id(call, notice->session, record, NULL) == CARNET_OK &&
        carnet_idp_open(call, record, NULL) == CARNET_OK) {
        if (notice->kind != CARNET_STORE_NOTICE_DEVICE)
            sent = send_outcome(call, record, notice->kind == CARNET_STORE_NOTICE_PUSH);
        else if (call->p->config->push_url != NULL && carnet_authentication_session_open(&record->state, call->now))
            sent = send_push(call, record);
    }
    carnet_idp_close(record);
    return sent;
}

static void
handle(idp *p, carnet_service_worker *worker, const carnet_store_identity_notice *notice)
{
    int64_t id = notice->id, wait = RETRY_S << (notice->attempts < 5 ? notice->attempts : 5);
    claiming c = { id, notice->due, carnet_service_now(worker) + CLAIM_S };
    idp_call call;

    if (carnet_idp_begin(p, worker, &call, NULL) != CARNET_OK ||
        carnet_store_transact(worker->store, claim, &c, NULL) != CARNET_OK)
        return; /* another instance has it */
    if (notice->expires <= call.now || send(&call, notice)) {
        (void)!carnet_store_transact(worker->store, forget, &id, NULL);
        atomic_fetch_add(&p->notified, 1);
        carnet_idp_event(&call, "notice.sent", CARNET_OK, NULL);
        return;
    }
    c.due = c.next;
    c.next = carnet_service_now(worker) + (wait < RETRY_MOST_S ? wait : RETRY_MOST_S);
    (void)!carnet_store_transact(worker->store, claim, &c, NULL);
    carnet_idp_event(&call, "notice.sent", CARNET_E_LINK_IO, NULL);
}

carnet_rc
carnet_idp_send_notices(void *self, carnet_service_worker *worker, carnet_err *err)
{
    notice_list *l = carnet_service_scratch(worker, sizeof(*l));
    size_t used;
    carnet_rc rc;

    if (l == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    l->now = carnet_service_now(worker);
    if ((rc = carnet_store_read(worker->store, look, l, err)) != CARNET_OK)
        return rc;
    used = worker->scratch.len;
    for (size_t i = 0; i < l->count; i++) {
        handle(self, worker, &l->list[i]);
        worker->scratch.len = used;
    }
    return CARNET_OK;
}
