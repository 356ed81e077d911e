/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CARNET_SERVICE_DESK_INTERNAL_H
#define CARNET_SERVICE_DESK_INTERNAL_H
#include "carnet/claims.h"
#include "carnet/desk.h"
#include "carnet/issuing.h"
#include "carnet/store.h"
#include "carnet/store_event.h"
#include "carnet/web_form.h"
#include "carnet/web_svg.h"

#define DESK_CONFIGURATIONS 16     /* in one case at most */
#define DESK_VALUES         300    /* in one draft at most */
#define DESK_DRAFT_MAX      131072 /* octets of a draft as JSON */
#define DESK_PICTURE_MAX    30000  /* octets of one picture: with the rest it fits into CARNET_IDENTIFICATION_CLAIMS */
#define DESK_TEXT_MAX       2000   /* octets of one text */
#define DESK_UPLOAD_MAX     262144 /* octets of a form with pictures */
#define DESK_NUMBER         7      /* "K7M-2QX" */

/* A credential configuration, and the table its attributes are typed by. */
typedef struct desk_configuration {
    carnet_str id, name, doc_type;
    const carnet_doctype *doctype; /* NULL: there is none */
    carnet_doctype own;
    void *storage;
} desk_configuration;

/* What both parts are made of.  The plug comes first: see carnet/identification.h. */
typedef struct carnet_desk {
    carnet_identification plug;
    const carnet_service_context *context;
    const carnet_web *web;
    const carnet_issuing *issuing; /* makes the offers; NULL for the plug */
    desk_configuration *configurations;
    size_t configuration_count;
    int64_t session_s, case_s;
    bool four_eyes;
} carnet_desk;

/* One request of an officer being answered. */
typedef struct desk_call {
    const carnet_desk *desk;
    carnet_service_worker *worker;
    const carnet_service_request *request;
    carnet_service_response *response;
    carnet_time now;
    carnet_str cookie;
    uint8_t session[CARNET_STORE_HASH];
    char token[CARNET_WEB_SECRET + 1];
    carnet_store_officer officer;
    bool answered; /* a redirect to the log-in or a refusal stands in the response already */
} desk_call;

/* --- part.c --- */
const desk_configuration *carnet_desk_configuration(const carnet_desk *desk, carnet_str id);
/* The next word of a list with spaces between. */
bool carnet_desk_next_word(carnet_str *list, carnet_str *word);
carnet_rc carnet_desk_init(const carnet_service_context *context, const carnet_service_parts *parts, void **self,
                           carnet_err *err);
void carnet_desk_done(void *self);

/* --- password.c --- */
/* A verifier, "$argon2id$v=19$m=...,t=...,p=...$salt$hash". */
carnet_rc carnet_desk_password_make(carnet_crypto *crypto, carnet_str password, carnet_buf *verifier, carnet_err *err);
/* *right: it is the password.  An empty verifier costs the same time and is never right. */
carnet_rc carnet_desk_password_check(carnet_str verifier, carnet_str password, bool *right, carnet_err *err);

/* --- session.c --- */
enum { DESK_CASES = 1, DESK_OVERVIEW = 2, DESK_OFFICERS = 4 };
/* What a role may do: bits of the above. */
unsigned carnet_desk_may(carnet_store_role role);
/* Begin an officer's request.  Without a session, or without the right to it, call->answered. */
carnet_rc carnet_desk_enter(void *self, const carnet_service_request *request, carnet_service_response *response,
                            unsigned may, desk_call *call, carnet_err *err);
/* The same for a form; its token is looked at.  For multipart `token` is handed in, else NULL. */
carnet_rc carnet_desk_enter_form(void *self, const carnet_service_request *request, carnet_service_response *response,
                                 unsigned may, desk_call *call, carnet_err *err);
carnet_rc carnet_desk_check_token(desk_call *call, carnet_str token, carnet_err *err);
carnet_rc carnet_desk_redirect(desk_call *call, const char *path, int64_t id, const char *rest, carnet_err *err);
/* A page with the officers' bar. */
carnet_rc carnet_desk_page(desk_call *call, carnet_page_head *head, carnet_page *page, carnet_err *err);
carnet_rc carnet_desk_message(desk_call *call, int status, carnet_page_tone tone, carnet_text title,
                              carnet_text message, carnet_err *err);

/* --- draft.c: what was typed, by name --- */
typedef struct desk_value {
    carnet_str name, value;
} desk_value;
typedef struct desk_draft {
    desk_value *list; /* DESK_VALUES of them, from the scratch */
    size_t count;
} desk_draft;
carnet_rc carnet_desk_draft_init(carnet_service_worker *worker, desk_draft *draft, carnet_err *err);
carnet_str carnet_desk_draft_get(const desk_draft *draft, carnet_str name);
carnet_str carnet_desk_draft_named(const desk_draft *draft, const char *name);
/* Set; an empty value removes.  Both are borrowed. */
carnet_rc carnet_desk_draft_set(desk_draft *draft, carnet_str name, carnet_str value, carnet_err *err);
/* Sealed for a case, and back (text in the scratch).  Empty: an empty draft. */
carnet_rc carnet_desk_draft_seal(carnet_service_worker *worker, const char *purpose, carnet_str number,
                                 const desk_draft *draft, carnet_span *sealed, carnet_err *err);
carnet_rc carnet_desk_draft_open(carnet_service_worker *worker, const char *purpose, carnet_str number,
                                 carnet_span sealed, desk_draft *draft, carnet_err *err);

/* --- case.c --- */
/* A case as it is worked on.  `evidence`: what was checked, "return" (where a waiting browser goes back to); `typed`: attributes. */
typedef struct desk_case {
    carnet_store_enrolment row;
    desk_draft evidence, typed;
    const desk_configuration *configurations[DESK_CONFIGURATIONS];
    size_t configuration_count;
    bool expired;
} desk_case;
/* The decimal number a text is; 0: it is none. */
int64_t carnet_desk_identifier(carnet_str text);
/* A number that is easily read out. */
carnet_rc carnet_desk_number(const carnet_random *random, char out[DESK_NUMBER + 1], carnet_err *err);
/* Read the case of the path; answered with 404 when there is none. */
carnet_rc carnet_desk_case_get(desk_call *call, desk_case *c, carnet_err *err);
/* The same by its row, as read from the store. */
carnet_rc carnet_desk_case_open(const carnet_desk *desk, carnet_service_worker *worker, carnet_time now, desk_case *c,
                                carnet_err *err);
/* Save it with an event.  *stale: someone else saved meanwhile, nothing was done. */
typedef struct desk_event {
    carnet_store_outcome outcome;
    const char *what;  /* "enrolment.confirmed" */
    carnet_str reason; /* codes only */
    carnet_str actor;
} desk_event;
carnet_rc carnet_desk_case_save(carnet_service_worker *worker, desk_case *c, const desk_event *event, bool *stale,
                                carnet_err *err);
bool carnet_desk_case_closed(const desk_case *c);
/* Which documents were checked and how, as codes: "passport genuine photo data". */
void carnet_desk_case_checks(const desk_case *c, carnet_buf *out);

/* --- elements.c: attributes as fields --- */
/* One field of the attributes' form. */
typedef struct desk_element {
    const char *name_space;
    const carnet_element_definition *definition;
    const char *member; /* of a place: "country", ...; else NULL */
} desk_element;
typedef bool desk_element_each(void *self, const desk_element *element);
/* Each field of the case's document types, once. */
void carnet_desk_elements(const desk_case *c, desk_element_each *each, void *self);
/* "org.iso.18013.5.1/family_name", or with ".country" */
void carnet_desk_element_name(const desk_element *element, carnet_buf *out);
/* "Family name" */
void carnet_desk_element_label(const desk_element *element, carnet_buf *out);
/* Whether what was typed can be this element; the reason for a person in *err. */
carnet_rc carnet_desk_element_check(carnet_service_worker *worker, const desk_case *c, const desk_element *element,
                                    carnet_str value, carnet_err *err);
bool carnet_desk_element_due(const desk_case *c, const desk_element *element);
/* Claims of all that was typed, {name space: {element: value}}; nothing when nothing was. */
carnet_rc carnet_desk_claims(carnet_service_worker *worker, const desk_case *c, carnet_buf *claims, carnet_err *err);
/* How many fields are wrong or missing. */
size_t carnet_desk_case_wrong(carnet_service_worker *worker, const desk_case *c);

/* --- pages --- */
carnet_rc carnet_desk_show_edit(desk_call *call, desk_case *c, carnet_err *err);
carnet_rc carnet_desk_show_review(desk_call *call, desk_case *c, carnet_err *err);
carnet_rc carnet_desk_show_waiting(desk_call *call, desk_case *c, carnet_err *err);
/* With four eyes: a supervisor who is not the officer of the case. */
bool carnet_desk_may_confirm(const desk_call *call, const desk_case *c);
carnet_rc carnet_desk_show_closed(desk_call *call, desk_case *c, carnet_err *err);
/* --- checks.c --- */
void carnet_desk_checks_fields(carnet_page *page, const desk_case *c, bool marked);
/* The fields above that are missing: at most 4. */
size_t carnet_desk_checks_errors(const desk_case *c, carnet_page_field *fields);
bool carnet_desk_checks_done(const desk_case *c);
/* Begin a form that decides: "take", "send", "confirm", "return", "refuse". */
void carnet_desk_decide_begin(carnet_page *page, const desk_call *call, const desk_case *c, const char *action);
void carnet_desk_refusal_form(carnet_page *page, const desk_call *call, const desk_case *c);
/* The words for a code of a document or a check; NONE if it is none. */
carnet_text carnet_desk_code_text(carnet_str code);
extern const char *const carnet_desk_checks[3];
carnet_text carnet_desk_refusal_text(carnet_str code);

/* --- overview --- */
void carnet_desk_expiry(carnet_page *page, desk_call *call);

/* --- result.c --- */
/* Make the offer of a confirmed case and show it. */
carnet_rc carnet_desk_offer(desk_call *call, desk_case *c, carnet_err *err);

extern const carnet_service_route carnet_desk_list, carnet_desk_list_state, carnet_desk_log_in, carnet_desk_log_in_form,
    carnet_desk_log_out, carnet_desk_new, carnet_desk_new_form, carnet_desk_find_form, carnet_desk_case,
    carnet_desk_case_form, carnet_desk_decide_form, carnet_desk_offer_form, carnet_desk_picture;
extern const carnet_service_route carnet_desk_overview, carnet_desk_record;
extern const carnet_service_route carnet_desk_wait, carnet_desk_wait_state, carnet_desk_wait_cancel;

/* The subject a case is for: as typed, or the case itself. */
carnet_str carnet_desk_subject(carnet_service_worker *worker, const desk_case *c);

/* --- plug.c --- */
carnet_rc carnet_desk_case_of_flow(const carnet_desk *desk, carnet_service_worker *worker, carnet_str flow,
                                   carnet_time now, desk_case *c, bool *found, carnet_err *err);
carnet_rc carnet_desk_begin(void *self, const carnet_identification_request *request, carnet_buf *room,
                            carnet_identification_step *step, carnet_err *err);
carnet_rc carnet_desk_resume(void *self, const carnet_identification_request *request, carnet_buf *room,
                             carnet_identification_step *step, carnet_err *err);

#endif
