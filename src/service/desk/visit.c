/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of other services, for those who log in here. */
#include "carnet/desk_page.h"
#include "internal.h"

struct carnet_desk_visit {
    desk_call call;
};

carnet_rc
carnet_desk_visit_begin(void *desk, const carnet_service_request *request, carnet_service_response *response,
                        carnet_desk_access access, carnet_desk_visit **visit, carnet_service_worker **worker,
                        carnet_err *err)
{
    desk_call call;
    carnet_rc rc;

    *visit = NULL;
    *worker = NULL;
    if (desk == NULL)
        return carnet_fail(err, CARNET_E_SERVICE_PATH, NULL, "nobody can log in here");
    rc = access == CARNET_DESK_ACTS ? carnet_desk_enter_form(desk, request, response, DESK_OVERVIEW, &call, err)
                                    : carnet_desk_enter(desk, request, response, DESK_OVERVIEW, &call, err);
    *worker = call.worker;
    if (rc != CARNET_OK || call.answered)
        return rc;
    if (access == CARNET_DESK_ACTS && (carnet_desk_may(call.officer.role) & DESK_CASES) == 0)
        return carnet_desk_message(&call, 403, CARNET_TONE_BAD, CARNET_TEXT_NOT_ALLOWED_TITLE, CARNET_TEXT_NOT_ALLOWED,
                                   err);
    if ((*visit = carnet_service_scratch(call.worker, sizeof(**visit))) == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    (*visit)->call = call;
    return CARNET_OK;
}

carnet_rc
carnet_desk_visit_page(carnet_desk_visit *visit, carnet_page_head *head, carnet_page *page, carnet_err *err)
{
    return carnet_desk_page(&visit->call, head, page, err);
}

carnet_str
carnet_desk_visit_officer(const carnet_desk_visit *visit)
{
    return visit->call.officer.login;
}

carnet_str
carnet_desk_visit_token(const carnet_desk_visit *visit)
{
    return carnet_str_of(visit->call.token);
}

carnet_rc
carnet_desk_visit_redirect(carnet_desk_visit *visit, const char *path, carnet_err *err)
{
    return carnet_desk_redirect(&visit->call, path, 0, "", err);
}
