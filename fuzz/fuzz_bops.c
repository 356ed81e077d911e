/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/bops_authentication_response.h"
#include "carnet/bops_authentication_start.h"
#include "carnet/bops_enrol.h"
#include "carnet/bops_notifications.h"
#include "carnet/bops_register_session.h"
#include "carnet/bops_session.h"
#include "carnet/bops_session_status.h"
#include "fuzz.h"

#include <string.h>

typedef carnet_rc both_ways(carnet_str text, carnet_buf *out, carnet_err *err);

/* Read and write; a refusal leaves no document. */
#define BOTH(name)                                                                                                     \
    static carnet_rc name(carnet_str text, carnet_buf *out, carnet_err *err)                                           \
    {                                                                                                                  \
        carnet_bops_##name m;                                                                                          \
        carnet_rc rc = carnet_bops_##name##_read(text, &m, err);                                                       \
                                                                                                                       \
        MUST(rc == CARNET_OK || m.document == NULL);                                                                   \
        if (rc == CARNET_OK)                                                                                           \
            MUST(carnet_bops_##name##_write(&m, out, NULL) == CARNET_OK);                                              \
        carnet_bops_##name##_close(&m);                                                                                \
        return rc;                                                                                                     \
    }
BOTH(error)
BOTH(authentication_start)
BOTH(started)
BOTH(register_session)
BOTH(registered)
BOTH(authentication_response)
BOTH(answered)
BOTH(status_request)
BOTH(session_status)
BOTH(notifications_request)
BOTH(notifications)
BOTH(session_command)
BOTH(session_state)
BOTH(submit_evidence)
BOTH(enrolled)
BOTH(renew)
BOTH(device_command)
BOTH(device_state)

/* Its keys are read as they came, and written from others: it is not written again. */
static carnet_rc
register_account(carnet_str text, carnet_buf *out, carnet_err *err)
{
    carnet_bops_register_account m;
    const carnet_rc rc = carnet_bops_register_account_read(text, &m, err);

    (void)out;
    MUST(rc == CARNET_OK || m.document == NULL);
    MUST(m.authenticator_count <= CARNET_BOPS_AUTHENTICATORS);
    for (size_t i = 0; i < m.authenticator_count; i++)
        MUST(m.authenticators[i].name.len != 0 && m.authenticators[i].jwk != NULL);
    carnet_bops_register_account_close(&m);
    return rc;
}

static both_ways *const messages[] = {
    error,
    authentication_start,
    started,
    register_session,
    registered,
    answered,
    status_request,
    session_status,
    notifications_request,
    notifications,
    session_state,
    submit_evidence,
    enrolled,
    renew,
    device_command,
    device_state,
    session_command,
    register_account,
    authentication_response,
};

/* The first octet, from 'A' on, says which message; what was read and written reads again, and is written the same. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t room[2][8 * CARNET_BOPS_MAX];
    carnet_buf one = carnet_buf_of(room[0], sizeof(room[0])), two = carnet_buf_of(room[1], sizeof(room[1]));
    carnet_err err = { 0 };
    both_ways *message;
    carnet_str text;
    carnet_rc rc;

    if (size == 0)
        return 0;
    message = messages[(uint8_t)(data[0] - 'A') % CARNET_COUNT(messages)];
    text = (carnet_str){ (const char *)data + 1, size - 1 };
    rc = message(text, &one, &err);
    if (rc != CARNET_OK) {
        MUST(err.rc == rc);
        return 0;
    }
    if (one.len == 0)
        return 0;
    MUST(message(carnet_buf_str(&one), &two, &err) == CARNET_OK);
    MUST(one.len == two.len && memcmp(room[0], room[1], one.len) == 0);
    return 0;
}
