/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CARNET_SERVICE_PRESENTATION_INTERNAL_H
#define CARNET_SERVICE_PRESENTATION_INTERNAL_H
#include "carnet/identification.h"
#include "carnet/presentation.h"
#include "carnet/service_trust.h"
#include "carnet/store.h"
#include "carnet/store_event.h"
#include "carnet/web.h"

#define PRESENTATION_ATTEMPTS 8     /* questions in one flow */
#define PRESENTATION_ROOM     65536 /* octets of a session as it is kept */

/* The part.  The plug comes first: see carnet/identification.h. */
typedef struct carnet_presentation_service {
    carnet_identification plug;
    const carnet_service_context *context;
    const carnet_web *web;
    const carnet_presentation_way *way;
    carnet_service_trust *trust;
    carnet_presentation_document documents[CARNET_PRESENTATION_DOCUMENTS];
    size_t count;
    const char *reader_key;
    int64_t seconds; /* that a flow lasts */
} carnet_presentation_service;

typedef enum presentation_step {
    PRESENTATION_SHOWN = 1, /* the question stands on the page */
    PRESENTATION_MET,       /* the app is there */
    PRESENTATION_BROKEN,    /* it may be asked again */
    PRESENTATION_DONE,
    PRESENTATION_OFF /* by the person, or after too many attempts */
} presentation_step;

/* One flow.  All but the first three is kept sealed. */
typedef struct presentation_session {
    uint8_t hash[CARNET_STORE_HASH]; /* of the flow */
    carnet_span sealed;              /* as it was read: it is saved in place of this only */
    carnet_time created, expires;
    uint64_t step, why, attempts;
    carnet_str return_uri;
    carnet_span state; /* the way's */
    carnet_str subject, claims, evidence;
} presentation_session;

/* --- configure.c --- */
/* "NAME SPACE/ELEMENT", and behind an equal sign the claim. */
carnet_rc carnet_presentation_element_read(carnet_str text, carnet_presentation_element *element, carnet_err *err);
carnet_rc carnet_presentation_configure(carnet_presentation_service *p, const carnet_config_presentation *config,
                                        carnet_err *err);

/* --- session.c --- */
/* Read the flow's session; *found is false when there is none, or it is over. */
carnet_rc carnet_presentation_load(carnet_service_worker *worker, carnet_str flow, presentation_session *s, bool *found,
                                   carnet_err *err);
/* Save it, with an event if `kind` is given.  CARNET_E_PRESENTATION_SESSION: it changed meanwhile; nothing was done. */
carnet_rc carnet_presentation_save(carnet_service_worker *worker, presentation_session *s, const char *kind,
                                   carnet_err *err);
/* "session", "user", ...: for events. */
const char *carnet_presentation_why_name(uint64_t why);
/* The cbor of a session, and back (views into it). */
void carnet_presentation_session_build(carnet_cbor_builder *b, const presentation_session *s);
carnet_rc carnet_presentation_session_open(carnet_span cbor, presentation_session *s, carnet_err *err);

/* --- judge.c: shared by all ways --- */
/* The first document of a response that was asked for and has all its elements, if the whole response is sound.  `verification`
 * has transcript and keys. */
carnet_rc carnet_presentation_judge(const carnet_presentation_question *question, carnet_service_worker *worker,
                                    carnet_verification *verification, carnet_span response,
                                    carnet_presentation_heard *heard, carnet_err *err);
/* --- answer.c: whom it identifies --- */
carnet_rc carnet_presentation_answer(carnet_service_worker *worker, const carnet_presentation_heard *heard,
                                     presentation_session *s, carnet_err *err);

/* --- plug.c --- */
carnet_rc carnet_presentation_begin(void *self, const carnet_identification_request *request, carnet_buf *room,
                                    carnet_identification_step *step, carnet_err *err);
carnet_rc carnet_presentation_resume(void *self, const carnet_identification_request *request, carnet_buf *room,
                                     carnet_identification_step *step, carnet_err *err);
/* The question of a flow. */
carnet_rc carnet_presentation_question_of(const carnet_presentation_service *p, carnet_service_worker *worker,
                                          carnet_str flow, carnet_presentation_question *question, carnet_err *err);
/* Ask it: a new state. */
carnet_rc carnet_presentation_ask(const carnet_presentation_service *p, carnet_service_worker *worker, carnet_str flow,
                                  presentation_session *s, carnet_err *err);

/* --- pages --- */
typedef struct presentation_call {
    const carnet_presentation_service *p;
    carnet_service_worker *worker;
    const carnet_service_request *request;
    carnet_service_response *response;
    carnet_str flow, cookie;
    presentation_session session;
    bool found;
} presentation_call;
carnet_rc carnet_presentation_enter(void *self, const carnet_service_request *request,
                                    carnet_service_response *response, presentation_call *call, carnet_err *err);
/* The same for a form: its token is looked at. */
carnet_rc carnet_presentation_enter_form(void *self, const carnet_service_request *request,
                                         carnet_service_response *response, presentation_call *call, carnet_err *err);
carnet_rc carnet_presentation_absent(presentation_call *call, carnet_err *err);
/* "BASE/identify/FLOW/present" and what follows. */
carnet_str carnet_presentation_path(const presentation_call *call, const char *rest);

extern const carnet_service_route carnet_presentation_wait, carnet_presentation_state, carnet_presentation_again,
    carnet_presentation_cancel, carnet_presentation_mdoc;

#endif
