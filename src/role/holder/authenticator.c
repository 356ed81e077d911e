/* SPDX-License-Identifier: Apache-2.0 */
/* An authentication session from the device's end: RegisterSession, evidence, AuthenticationResponse. */
#include "carnet/authenticator.h"
#include "internal.h"

#include <string.h>

enum { STEP_REGISTER, STEP_ANSWER, STEP_OVER };
enum { ATTEMPTS = 5 }; /* NIST SP 800-63B 5.2.3 */

static carnet_rc
give_up(carnet_authenticator *a, carnet_rc rc)
{
    a->action = CARNET_AUTHENTICATOR_OVER;
    a->step = STEP_OVER;
    return rc;
}

static carnet_rc
register_session(carnet_authenticator *a, carnet_err *err)
{
    const carnet_bops_register_session request = {
        .session_id = carnet_str_of(a->session),
        .session_type = CARNET_BOPS_PUSH,
        .profile_id = carnet_str_of(a->enrolment->profile_id),
        .app = a->app,
    };
    carnet_rc rc;

    a->out.len = 0;
    if ((rc = carnet_bops_register_session_write(&request, &a->out, err)) != CARNET_OK)
        return give_up(a, rc);
    a->step = STEP_REGISTER;
    a->action = CARNET_AUTHENTICATOR_SEND;
    a->request = (carnet_authenticator_request){ CARNET_BOPS_PATH_REGISTER_SESSION, carnet_buf_span(&a->out) };
    return CARNET_OK;
}

carnet_rc
carnet_authenticator_begin(carnet_authenticator *a, carnet_str session_id, const carnet_bops_app *app,
                           carnet_enrolment *enrolment, const carnet_authenticator_device *device,
                           carnet_crypto *crypto, carnet_buf storage, carnet_err *err)
{
    *a = (carnet_authenticator){ .action = CARNET_AUTHENTICATOR_OVER, .step = STEP_OVER };
    if (device->struct_size != sizeof(*device) || device->approve == NULL || device->keep_counters == NULL ||
        session_id.len == 0 || session_id.len > CARNET_BOPS_SESSION || storage.cap < CARNET_AUTHENTICATOR_STORAGE)
        return carnet_fail(err, CARNET_E_USAGE, NULL, "no session, device or storage as it must be");
    a->enrolment = enrolment;
    a->device = device;
    a->crypto = crypto;
    a->out = carnet_buf_of(storage.ptr, CARNET_BOPS_MAX);
    a->work = carnet_buf_of(storage.ptr + CARNET_BOPS_MAX, storage.cap - CARNET_BOPS_MAX);
    memcpy(a->session, session_id.ptr, session_id.len);
    if (app != NULL)
        a->app = *app;
    return register_session(a, err);
}

/* The provider's own words are for people; its number is for programs. */
static carnet_rc
refused(carnet_authenticator *a, carnet_str answer, carnet_err *err)
{
    carnet_bops_error error;
    char reason[128];
    carnet_buf text = carnet_buf_of(reason, sizeof(reason) - 1);

    if (carnet_bops_error_read(answer, &error, NULL) != CARNET_OK)
        return give_up(a, carnet_fail(err, CARNET_E_AUTHENTICATOR_ANSWER, "P1940 6.2", NULL));
    carnet_buf_add_int(&text, error.code);
    carnet_buf_add_byte(&text, ' ');
    carnet_buf_add_text(&text, carnet_bops_error_name(error.code));
    reason[text.len] = '\0';
    carnet_bops_error_close(&error);
    return give_up(a, carnet_fail(err, CARNET_E_AUTHENTICATOR_REFUSED, "P1940 6.2", reason));
}

static carnet_rc
take_registered(carnet_authenticator *a, carnet_str answer, carnet_err *err)
{
    carnet_bops_registered session;
    carnet_rc rc;

    if (carnet_bops_registered_read(answer, &session, NULL) != CARNET_OK)
        return give_up(a, carnet_fail(err, CARNET_E_AUTHENTICATOR_ANSWER, "P1940 6.2", NULL));
    if (!carnet_str_is(session.session_id, a->session) || session.challenge.len != CARNET_BOPS_CHALLENGE ||
        session.counter <= a->enrolment->counter) {
        carnet_bops_registered_close(&session);
        return give_up(a, carnet_fail(err, CARNET_E_AUTHENTICATOR_ANSWER, "P1940 6.2",
                                      "it is of another session, or has a counter that was used"));
    }
    rc = carnet_authenticator_answer(a, &session, err);
    carnet_bops_registered_close(&session);
    if (rc != CARNET_OK && rc != CARNET_E_AUTHENTICATOR_UNABLE)
        return give_up(a, rc);
    a->step = STEP_ANSWER;
    a->action = CARNET_AUTHENTICATOR_SEND;
    a->request = (carnet_authenticator_request){ CARNET_BOPS_PATH_AUTHENTICATION_RESPONSE, carnet_buf_span(&a->out) };
    return rc;
}

/* REGISTERED: it was not enough, but may be tried again, with a challenge of its own. */
static carnet_rc
take_answered(carnet_authenticator *a, carnet_str answer, carnet_err *err)
{
    carnet_bops_answered answered;

    carnet_wipe(a->out.ptr, a->out.len);
    if (carnet_bops_answered_read(answer, &answered, NULL) != CARNET_OK)
        return give_up(a, carnet_fail(err, CARNET_E_AUTHENTICATOR_ANSWER, "P1940 6.2", NULL));
    a->status = answered.status;
    carnet_bops_answered_close(&answered);
    if (a->status == CARNET_BOPS_REGISTERED && ++a->attempts < ATTEMPTS)
        return register_session(a, err);
    return give_up(a, CARNET_OK);
}

carnet_rc
carnet_authenticator_feed(carnet_authenticator *a, unsigned http_status, carnet_str answer, carnet_err *err)
{
    if (a->action != CARNET_AUTHENTICATOR_SEND)
        return carnet_fail(err, CARNET_E_USAGE, NULL, "the session is over");
    if (http_status != 200)
        return refused(a, answer, err);
    return a->step == STEP_REGISTER ? take_registered(a, answer, err) : take_answered(a, answer, err);
}

void
carnet_authenticator_done(carnet_authenticator *a)
{
    if (a->out.ptr != NULL)
        carnet_wipe(a->out.ptr, a->out.cap);
    if (a->work.ptr != NULL)
        carnet_wipe(a->work.ptr, a->work.cap);
    *a = (carnet_authenticator){ .action = CARNET_AUTHENTICATOR_OVER, .step = STEP_OVER };
}
