/* SPDX-License-Identifier: Apache-2.0 */
/* carnet phone: sessions taken on and answered. */
#include "carnet/bops_notifications.h"
#include "phone.h"

#include <stdlib.h>
#include <string.h>

enum { WAIT_MAX = 25, ROOM = 1024 };

static void
tell(const phone *p, const carnet_authenticator *a)
{
    const char *name = carnet_bops_status_name(a->status);
    const char *separator = "";

    if (p->a->json) {
        printf("{ \"sessionId\": \"%s\", \"status\": \"%s\", \"methods\": [", a->session, name != NULL ? name : "");
    } else {
        printf("%s: %s", a->session, name != NULL ? name : "not answered");
    }
    for (unsigned i = 0; i < CARNET_METHODS + 4; i++) {
        const char *method = carnet_method_name(a->methods & UINT32_C(1) << i);

        if (method != NULL) {
            printf(p->a->json ? "%s\"%s\"" : "%s%s",
                   p->a->json             ? separator
                   : separator[0] == '\0' ? " by "
                                          : separator,
                   method);
            separator = ", ";
        }
    }
    fputs(p->a->json ? "] }\n" : "\n", stdout);
    fflush(stdout);
}

int
phone_authenticate(phone *p, carnet_str session, phone_device *d, carnet_bops_status *status)
{
    const carnet_bops_app app = { .app_name = carnet_str_of("Carnet"), .device_name = carnet_str_of("carnet phone") };
    carnet_buf storage = cli_buf(CARNET_AUTHENTICATOR_STORAGE);
    carnet_authenticator a;
    carnet_err err = { 0 };
    carnet_rc rc = carnet_authenticator_begin(&a, session, &app, &p->enrolment, &d->device, p->crypto, storage, &err);
    int result = CLI_VALID;

    while (a.action == CARNET_AUTHENTICATOR_SEND) {
        carnet_str answer;
        unsigned code;

        if (!phone_ask(p, PHONE_PROVIDER, a.request.path, a.request.body, 0, &code, &answer)) {
            result = CLI_UNJUDGED;
            break;
        }
        rc = carnet_authenticator_feed(&a, code, answer, &err);
        if (rc == CARNET_E_AUTHENTICATOR_REFUSED) {
            result = phone_refused("the session", code, answer);
        } else if (rc != CARNET_OK) {
            result = cli_complain("the session", &err);
        }
    }
    if (rc != CARNET_OK && result == CLI_VALID) {
        result = cli_complain("the session", &err);
    }
    *status = a.status;
    if (result == CLI_VALID || a.status != CARNET_BOPS_STATUS_NONE) {
        tell(p, &a);
        result = a.status == CARNET_BOPS_AUTHENTICATED ? CLI_VALID : CLI_NEGATIVE;
    }
    carnet_authenticator_done(&a);
    free(storage.ptr);
    return result;
}

int
phone_notified(phone *p, uint64_t wait_s, char *session, bool *renew)
{
    session[0] = '\0';
    *renew = false;
    for (;;) {
        const unsigned wait = wait_s < WAIT_MAX ? (unsigned)wait_s : WAIT_MAX;
        const carnet_bops_notifications_request request = { .wait = wait };
        uint8_t room[ROOM];
        carnet_buf body = carnet_buf_of(room, sizeof room);
        carnet_bops_notifications list;
        carnet_str answer;
        unsigned status;
        carnet_err err = { 0 };

        if (carnet_bops_notifications_request_write(&request, &body, &err) != CARNET_OK) {
            cli_die("the request", &err);
        }
        if (!phone_ask(p, PHONE_PROVIDER, CARNET_BOPS_PATH_NOTIFICATIONS, carnet_buf_span(&body), wait, &status,
                       &answer)) {
            return CLI_UNJUDGED;
        }
        if (status != 200) {
            return phone_refused("notifications", status, answer);
        }
        if (carnet_bops_notifications_read(answer, &list, &err) != CARNET_OK) {
            return cli_complain("notifications", &err);
        }
        for (size_t i = 0; i < list.count; i++) {
            if (carnet_str_is(list.list[i].type, "authenticate") &&
                list.list[i].session_id.len <= CARNET_BOPS_SESSION) {
                memcpy(session, list.list[i].session_id.ptr, list.list[i].session_id.len);
                session[list.list[i].session_id.len] = '\0';
            } else if (carnet_str_is(list.list[i].type, "revalidate_device")) {
                *renew = true;
            }
        }
        carnet_bops_notifications_close(&list);
        wait_s -= wait;
        if (session[0] != '\0' || wait_s == 0) {
            return CLI_VALID;
        }
    }
}

static int
answer_one(phone *p, carnet_str session)
{
    carnet_bops_status status;
    phone_device d;
    int result;

    phone_device_init(&d, p);
    result = phone_authenticate(p, session, &d, &status);
    phone_device_done(&d);
    return result;
}

int
phone_approve(const phone_arguments *a, carnet_crypto *crypto)
{
    phone p;
    int result;

    phone_begin(&p, a, crypto, false);
    result = answer_one(&p, carnet_str_of(a->argument));
    phone_end(&p);
    return result;
}

int
phone_wait(const phone_arguments *a, carnet_crypto *crypto)
{
    char session[CARNET_BOPS_SESSION + 1];
    bool renew;
    phone p;
    int result;

    phone_begin(&p, a, crypto, false);
    result = phone_notified(&p, a->wait_s, session, &renew);
    if (result == CLI_VALID && session[0] != '\0') {
        result = answer_one(&p, carnet_str_of(session));
    } else if (result == CLI_VALID) {
        fputs("carnet: nothing to approve\n", stderr);
        result = CLI_NEGATIVE;
    }
    if (renew && session[0] != '\0' && result == CLI_VALID) {
        result = phone_renew_by(&p, carnet_str_of(session)); /* by what was just answered */
    } else if (renew) {
        fputs("carnet: the identity provider wants the certificate renewed: carnet phone renew\n", stderr);
    }
    phone_end(&p);
    return result;
}
