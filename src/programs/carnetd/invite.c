/* SPDX-License-Identifier: Apache-2.0 */
/* carnetd --enrol-device: an invitation made by hand, for a user whose device is to be enrolled. */
#include "carnet/identity_provider.h"
#include "carnetd.h"

#include <stdio.h>

static carnet_rc
make(const carnetd *d, const char *user, carnet_err *err)
{
    carnet_identity_provider *provider = carnet_service_part_find(d->parts, "identity_provider");
    uint8_t pem[6144];
    carnet_buf out = carnet_buf_of(pem, sizeof(pem));
    carnet_service_worker *worker;
    carnet_rc rc;

    if (provider == NULL)
        return carnet_fail(err, CARNET_E_CONFIG_KEY, NULL, "services.identity_provider is not configured");
    if ((rc = carnet_service_begin(d->context, NULL, &worker, err)) == CARNET_OK)
        rc = carnet_identity_provider_invite(provider, worker, carnet_str_of(user), &out, err);
    if (rc == CARNET_OK && fwrite(out.ptr, 1, out.len, stdout) != out.len)
        rc = carnet_fail(err, CARNET_E_LINK_IO, NULL, "the invitation cannot be written");
    carnet_wipe(pem, sizeof(pem));
    return rc;
}

int
carnetd_enrol_device(const char *file, const char *user)
{
    static carnetd d = { .quiet = true };
    carnet_err err = { 0 };
    int status = carnetd_prepare(&d, file);

    if (status == CARNETD_ENDED && make(&d, user, &err) != CARNET_OK) {
        carnetd_complain(d.config, &err);
        status = CARNETD_FAILED;
    }
    carnetd_stop(&d);
    return status;
}
