/* SPDX-License-Identifier: Apache-2.0 */
/* What RegisterAccount is answered with. */
#include "carnet/authenticator.h"

#include <string.h>

static bool
keep_name(carnet_str text, char out[CARNET_AUTHENTICATOR_NAME + 1])
{
    if (text.len > CARNET_AUTHENTICATOR_NAME)
        return false;
    if (text.len != 0)
        memcpy(out, text.ptr, text.len);
    out[text.len] = '\0';
    return true;
}

static bool
read_members(const carnet_bops_enrolled *from, carnet_enrolment *to)
{
    carnet_buf key = carnet_buf_of(to->intrusion_key, sizeof(to->intrusion_key)),
               seed = carnet_buf_of(to->otp_seed, sizeof(to->otp_seed));

    if (!keep_name(from->device_id, to->device_id) || !keep_name(from->profile_id, to->profile_id) ||
        !keep_name(from->user_id, to->user_id) ||
        carnet_base64url_decode(from->intrusion_key, &key, NULL) != CARNET_OK || key.len != sizeof(to->intrusion_key) ||
        carnet_base64url_decode(from->otp_seed, &seed, NULL) != CARNET_OK ||
        (from->otp_type.len != 0 && !carnet_str_is(from->otp_type, "TOTP") && !carnet_str_is(from->otp_type, "HOTP")))
        return false;
    to->otp_seed_len = seed.len;
    to->otp_counts = carnet_str_is(from->otp_type, "HOTP");
    to->counter = from->counter;
    return to->device_id[0] != '\0';
}

static bool
read_certificates(const carnet_bops_enrolled *from, carnet_buf *out, size_t *lengths, size_t *count)
{
    for (size_t i = 0; i < from->certificate_count; i++) {
        const size_t at = out->len;

        if (carnet_base64url_decode(from->certificates[i], out, NULL) != CARNET_OK)
            return false;
        lengths[(*count)++] = out->len - at;
    }
    return *count != 0;
}

carnet_rc
carnet_enrolment_read(carnet_str answer, carnet_enrolment *enrolment, carnet_buf *certificates,
                      size_t lengths[CARNET_BOPS_CERTIFICATES], size_t *count, carnet_err *err)
{
    carnet_bops_enrolled enrolled;
    bool good;

    *enrolment = (carnet_enrolment){ 0 };
    *count = 0;
    if (carnet_bops_enrolled_read(answer, &enrolled, NULL) != CARNET_OK)
        return carnet_fail(err, CARNET_E_AUTHENTICATOR_ANSWER, "P1940 6", NULL);
    good = read_members(&enrolled, enrolment) && read_certificates(&enrolled, certificates, lengths, count);
    carnet_bops_enrolled_close(&enrolled);
    if (good)
        return CARNET_OK;
    carnet_enrolment_done(enrolment);
    *count = 0;
    return carnet_fail(err, CARNET_E_AUTHENTICATOR_ANSWER, "P1940 6", "the enrolment lacks what a device needs");
}

void
carnet_enrolment_done(carnet_enrolment *enrolment)
{
    carnet_wipe(enrolment, sizeof(*enrolment));
}
