/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/identification.h"

static const struct {
    const char *name, *text, *error;
} reasons[] = {
    [CARNET_IDENTIFICATION_FAILED] = { "failed", "You could not be identified", "access_denied" },
    [CARNET_IDENTIFICATION_BY_USER] = { "by_user", "The identification was broken off", "access_denied" },
    [CARNET_IDENTIFICATION_BY_OFFICER] = { "by_officer", "The officer refused", "access_denied" },
    [CARNET_IDENTIFICATION_MISMATCH] = { "mismatch", "The offer was made to another person", "access_denied" },
    [CARNET_IDENTIFICATION_TOO_LATE] = { "too_late", "The time for identification is over", "access_denied" },
    [CARNET_IDENTIFICATION_UNAVAILABLE] = { "unavailable", "Identification is not available at the moment",
                                            "temporarily_unavailable" },
    [CARNET_IDENTIFICATION_NOT_ENTITLED] = { "not_entitled", "There is no such document for you", "access_denied" },
};

static size_t
slot(carnet_identification_reason reason)
{
    return (size_t)reason < sizeof(reasons) / sizeof(reasons[0]) ? (size_t)reason : 0;
}

const char *
carnet_identification_reason_name(carnet_identification_reason reason)
{
    return reasons[slot(reason)].name;
}

const char *
carnet_identification_reason_text(carnet_identification_reason reason)
{
    return reasons[slot(reason)].text;
}

const char *
carnet_identification_reason_error(carnet_identification_reason reason)
{
    return reasons[slot(reason)].error;
}

/* No control characters, nothing beyond ASCII: it becomes a header field. */
static bool
is_uri(carnet_str uri)
{
    bool good = uri.len > 1 && uri.len <= 2048;

    for (size_t i = 0; i < uri.len; i++)
        good = good && uri.ptr[i] > ' ' && uri.ptr[i] < 0x7f;
    return good && (carnet_str_starts(uri, "https://") || carnet_str_starts(uri, "http://") ||
                    (uri.ptr[0] == '/' && uri.ptr[1] != '/' && uri.ptr[1] != '\\'));
}

carnet_rc
carnet_identification_check(const carnet_identification_step *step, carnet_err *err)
{
    bool good = true;

    if (step->outcome == CARNET_IDENTIFICATION_PENDING)
        good = is_uri(step->uri) && step->state.len <= CARNET_IDENTIFICATION_STATE;
    else if (step->outcome == CARNET_IDENTIFICATION_IDENTIFIED)
        good = step->subject.len > 0 && step->subject.len <= 128 && step->claims.len <= CARNET_IDENTIFICATION_CLAIMS &&
               step->evidence.len <= 120;
    else
        good = step->outcome == CARNET_IDENTIFICATION_REFUSED;
    return good ? CARNET_OK
                : carnet_fail(err, CARNET_E_USAGE, "23220-1", "the identification answers against its rules");
}
