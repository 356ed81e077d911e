/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CARNET_SERVICE_MOBILE_APP_SERVER_INTERNAL_H
#define CARNET_SERVICE_MOBILE_APP_SERVER_INTERNAL_H
#include "carnet/assurance.h"
#include "carnet/bops_session_status.h"
#include "carnet/fetch_request.h"
#include "carnet/mobile_app_server.h"
#include "carnet/service_client.h"
#include "carnet/service_config_mobile_app_server.h"
#include "carnet/service_file.h"
#include "carnet/staging.h"
#include "carnet/store_staged.h"

#include <pthread.h>
#include <stdatomic.h>

enum {
    MAS_ACQUIRERS = 16,
    MAS_KEY = 64,        /* octets of an acquirer's key at most */
    MAS_CONNECTIONS = 8, /* to the identity provider, kept */
    MAS_ROOM = 8192,     /* octets of a staged transaction's texts */
    MAS_LIST = 4096,     /* octets of a vtr */
    MAS_REQUEST = 8192,  /* characters of a request for documents */
    MAS_SKEW_S = 60,
    MAS_WAIT_S = 25,    /* a request waits so long at most */
    MAS_INTERVAL_S = 2, /* between two requests of one who waits */
    MAS_START_S = 10,   /* the identity provider's answer is waited for so long */
    MAS_STATUS_S = 3    /* and one about a session's status, beside what it may wait for news */
};

typedef struct mas_acquirer {
    const char *name;
    uint8_t key[MAS_KEY];
    size_t key_len;
} mas_acquirer;

typedef struct mas {
    const carnet_service_context *context;
    const carnet_config_mobile_app_server *config;
    void *desk; /* where operators log in; NULL: nowhere */
    carnet_service_trust *devices, *terminals, *friends, *providers;
    mas_acquirer acquirers[MAS_ACQUIRERS];
    uint8_t certificate[4096]; /* ours towards the identity provider, DER */
    size_t certificate_len;
    char document_request[MAS_REQUEST]; /* base64url; empty: no document is asked for */
    size_t document_request_len;
    const carnet_risk_row *rows;
    size_t row_count;
    atomic_uint waiting;
    pthread_mutex_t lock; /* protects the connections */
    carnet_fetch_connection *idle[MAS_CONNECTIONS];
    size_t idle_count;
} mas;

/* One request being answered, or the job. */
typedef struct mas_call {
    mas *m;
    carnet_service_worker *worker;
    const carnet_service_request *request; /* NULL: the job */
    carnet_service_response *response;
    carnet_str client;       /* the device, terminal or issuer */
    carnet_buf room;         /* of the row */
    carnet_buf header, body; /* of answers of the identity provider */
} mas_call;

typedef carnet_rc mas_handler(mas_call *call, carnet_err *err);

extern const carnet_service_route carnet_mas_stage_route, carnet_mas_fulfil_route, carnet_mas_status_route,
    carnet_mas_cancel_route, carnet_mas_collect_route, carnet_mas_evidence_route, carnet_mas_step_up_route,
    carnet_mas_dispensed_route, carnet_mas_resolve_route, carnet_mas_notification_route, carnet_mas_customer_route,
    carnet_mas_page_route;

/* serve.c */

/* Rooms for a row and for answers. */
carnet_rc carnet_mas_begin(mas *m, carnet_service_worker *worker, mas_call *call, carnet_err *err);
/* Answer a request of someone with a certificate of this kind ("device", "terminal", "friend"). */
carnet_rc carnet_mas_serve(void *self, const carnet_service_request *request, carnet_service_response *response,
                           const char *kind, const char *event, mas_handler *handler, carnet_err *err);
carnet_str carnet_mas_body(const mas_call *call);
/* What happened, for log and metrics. */
void carnet_mas_event(const mas_call *call, const char *kind, carnet_rc rc);
/* By which row of the table of risks a transaction was bound. */
void carnet_mas_assessed(const mas_call *call, const carnet_store_staged *row);
/* The rows' terminal, currency and risk, as configured; NULL: none. */
const carnet_config_app_terminal *carnet_mas_terminal(const mas *m, carnet_str id);
const carnet_config_app_currency *carnet_mas_currency(const mas *m, carnet_str number);
/* "PENDING" and so on to the terminal. */
carnet_rc carnet_mas_tell_terminal(mas_call *call, const carnet_store_staged *row, carnet_err *err);
/* The row's status to its phone. */
carnet_rc carnet_mas_tell_phone(mas_call *call, const carnet_store_staged *row, carnet_err *err);
/* What a carrier of the row says; views into the row and `mark`. */
carnet_collected_carrier carnet_mas_carrier(const carnet_store_staged *row);
/* The sealed PAN, opened into the scratch; empty if there is none. */
carnet_rc carnet_mas_pan(mas_call *call, const carnet_store_staged *row, carnet_str *pan, carnet_err *err);

/* record.c: rows, found and changed. */

typedef enum mas_by { MAS_BY_REFERENCE, MAS_BY_SESSION, MAS_BY_TERMINAL } mas_by;

/* A change to one row: `change` looks at edit->row, changes it and sets edit->save, or fails into edit->err (what it saved
 * beside stays saved).  It may be run again from the row as it was. */
typedef struct mas_edit {
    mas_by by;
    carnet_str key;      /* reference, session, or terminal */
    carnet_span session; /* of the terminal */
    void (*change)(struct mas_edit *edit);
    void *arg;
    mas_call *call;
    carnet_store_staged row;
    bool save;
    carnet_store_once once; /* to be used up with it; kind 0: nothing */
    carnet_err err;         /* rc CARNET_OK: none */
} mas_edit;

/* Find and change; CARNET_E_STAGED_UNKNOWN.  The row is as saved, in the call's room. */
carnet_rc carnet_mas_edit(mas_edit *edit, carnet_err *err);
/* Find it. */
carnet_rc carnet_mas_find(mas_call *call, mas_by by, carnet_str key, carnet_span session, carnet_store_staged *row,
                          carnet_err *err);
/* For `change`: fail. */
void carnet_mas_refuse(mas_edit *edit, carnet_rc rc, const char *reason);

/* provider.c: what is asked of the identity provider. */

/* Open a session for the row, which has terminal, text, binding and vtr; *session of 64 characters. */
carnet_rc carnet_mas_start(mas_call *call, const carnet_store_staged *row, char session[65], int64_t *expiration,
                           carnet_err *err);
carnet_rc carnet_mas_session_status(mas_call *call, carnet_str session, unsigned wait,
                                    carnet_bops_session_status *status, carnet_err *err);
/* Use the session up for this reference; *again: it was, before. */
carnet_rc carnet_mas_consume(mas_call *call, carnet_str session, carnet_str reference, bool *again, carnet_err *err);
carnet_rc carnet_mas_cancel_session(mas_call *call, carnet_str session, carnet_err *err);
carnet_rc carnet_mas_submit(mas_call *call, const carnet_store_staged *row, const carnet_terminal_evidence *evidence,
                            carnet_err *err);

/* settle.c */

/* What a session's status means for its row.  The row is then as it is, in the call's room. */
carnet_rc carnet_mas_settle(mas_call *call, carnet_bops_session_status *status, carnet_store_staged *row,
                            carnet_err *err);
/* Open the session of a row that was bound, and keep which it is; the row is then as it is. */
carnet_rc carnet_mas_open_session(mas_call *call, carnet_store_staged *row, carnet_err *err);
/* Bind a row to a terminal: texts, binding message, risk and vtr, into the call's room. */
carnet_rc carnet_mas_bind(mas_call *call, const carnet_config_app_terminal *terminal, carnet_store_staged *row,
                          carnet_err *err);

/* wait.c */

/* Find a row that should be of another state than this (0: than one that waits for a session).  While it is not, and `wait`
 * seconds are not over, the response's again_ms is set, and there is nothing to say. */
carnet_rc carnet_mas_wait(mas_call *call, mas_by by, carnet_str key, carnet_span session, int64_t known, unsigned wait,
                          carnet_store_staged *row, carnet_err *err);
/* Ask about sessions nobody waits for; end what is over. */
carnet_rc carnet_mas_watch(void *self, carnet_service_worker *worker, carnet_err *err);

/* texts.c */

/* "200.00 USD". */
void carnet_mas_money(uint64_t amount, carnet_str currency, carnet_buf *out);
/* Characters of an alphabet without look-alikes. */
carnet_rc carnet_mas_random_text(carnet_service_worker *worker, size_t count, carnet_buf *out, carnet_err *err);
/* A PAN of 16 digits by prefix, random digits and check digit. */
carnet_rc carnet_mas_token(carnet_service_worker *worker, const char *prefix, carnet_buf *out, carnet_err *err);
/* The bearer of notifications about a reference, in base64url. */
carnet_rc carnet_mas_notify_token(carnet_service_worker *worker, carnet_str reference, carnet_buf *out,
                                  carnet_err *err);

#endif
