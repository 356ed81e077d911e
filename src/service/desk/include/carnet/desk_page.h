/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pages of other services at the staff listener, for those who log in at the
 * desk:
 *
 *     if ((rc = carnet_desk_visit_begin(desk, request, response, CARNET_DESK_SEES, &visit, &worker, err)) != CARNET_OK ||
 *         visit == NULL)
 *         return rc;
 *     ... read ...
 *     if ((rc = carnet_desk_visit_page(visit, &head, &page, err)) != CARNET_OK)
 *         return rc;
 *     ...
 *     return carnet_page_end(&page, err);
 */
#ifndef CARNET_DESK_PAGE_H
#define CARNET_DESK_PAGE_H
#include "carnet/web.h"
CARNET_BEGIN_DECLS

/** One request of somebody who has logged in; of the worker's scratch. */
typedef struct carnet_desk_visit carnet_desk_visit;

typedef enum carnet_desk_access {
    CARNET_DESK_SEES, /**< supervisors, auditors, administrators */
    CARNET_DESK_ACTS  /**< supervisors and administrators; the form's token is looked at */
} carnet_desk_access;

/** Begin; `desk` is what the part "desk" or "overview" made, or NULL where there is none: CARNET_E_SERVICE_PATH.  *visit NULL: it
 *  is answered already, by the log-in or a refusal. */
carnet_rc carnet_desk_visit_begin(void *desk, const carnet_service_request *request, carnet_service_response *response,
                                  carnet_desk_access access, carnet_desk_visit **visit, carnet_service_worker **worker,
                                  carnet_err *err);
/** A page with the officers' bar. */
carnet_rc carnet_desk_visit_page(carnet_desk_visit *visit, carnet_page_head *head, carnet_page *page, carnet_err *err);
/** Whose visit it is: the officer's login, for the record. */
carnet_str carnet_desk_visit_officer(const carnet_desk_visit *visit);
/** For the forms on it. */
carnet_str carnet_desk_visit_token(const carnet_desk_visit *visit);
/** After a form: on to this path. */
carnet_rc carnet_desk_visit_redirect(carnet_desk_visit *visit, const char *path, carnet_err *err);

CARNET_END_DECLS
#endif
