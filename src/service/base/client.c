/* SPDX-License-Identifier: Apache-2.0 */
/* A client's name, by its certificate. */
#include "carnet/certificate_path.h"
#include "carnet/service_client.h"
#include "internal.h"

#include <string.h>

enum { SKEW_S = 60, NAME_LENGTH = 64 };

static const char family[] = "urn:p1940:";
static const uint8_t client_auth[] = { 0x2b, 6, 1, 5, 5, 7, 3, 2 };

/* What RFC 5280 asks of the path; the profile's further wishes are the authority's affair. */
static const carnet_check deciding[] = {
    CARNET_CHECK_PATH_FOUND,        CARNET_CHECK_PATH_SIGNATURE, CARNET_CHECK_PATH_VALIDITY,  CARNET_CHECK_PATH_CA,
    CARNET_CHECK_PATH_CA_KEY_USAGE, CARNET_CHECK_PATH_CRITICAL,  CARNET_CHECK_PATH_FORBIDDEN,
};

static carnet_rc
refuse(carnet_err *err, const char *why)
{
    return carnet_fail(err, CARNET_E_SERVICE_CERTIFICATE, "P1940 6", why);
}

/* Large, so not on the stack. */
typedef struct judging {
    carnet_report_entry entries[32];
    carnet_certificate_path path;
} judging;

static carnet_rc
judge(const carnet_service_trust *trust, carnet_service_worker *worker, carnet_span der, carnet_err *err)
{
    const carnet_path_options options = { .struct_size = sizeof(options),
                                          .profile = &carnet_profile_p1940_client,
                                          .anchors = carnet_service_trust_get(trust)->anchors };
    judging *room = carnet_service_scratch(worker, sizeof(*room));
    carnet_report report;

    if (room == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    carnet_report_init(&report, room->entries, CARNET_COUNT(room->entries), carnet_service_now(worker), SKEW_S);
    if (carnet_certificate_path_validate(&der, 1, &options, worker->crypto, &report, &room->path) != CARNET_OK ||
        report.overflow)
        return refuse(err, "the certificate cannot be read");
    for (size_t i = 0; i < CARNET_COUNT(deciding); i++) {
        const carnet_report_entry *entry = carnet_report_find(&report, deciding[i], CARNET_NO_DOCUMENT);

        if (entry == NULL || entry->outcome != CARNET_PASS)
            return refuse(err, carnet_check_title(deciding[i]));
    }
    return CARNET_OK;
}

/* The only name of the family, without the prefix. */
static carnet_rc
find_name(const carnet_certificate *certificate, const char *prefix, carnet_str *name, carnet_err *err)
{
    const size_t len = strlen(prefix);
    carnet_span at = { 0 };
    carnet_str uri;
    size_t found = 0;

    while (carnet_certificate_uri_next(certificate, CARNET_EXTENSION_SUBJECT_ALTERNATIVE_NAME, &at, &uri, NULL))
        if (carnet_str_starts(uri, family)) {
            found++;
            *name = uri;
        }
    if (found != 1 || !carnet_str_starts(*name, prefix) || name->len == len || name->len - len > NAME_LENGTH)
        return refuse(err, "the certificate names no client of this kind");
    *name = (carnet_str){ .ptr = name->ptr + len, .len = name->len - len };
    for (size_t i = 0; i < name->len; i++)
        if ((unsigned char)name->ptr[i] <= 0x20 || (unsigned char)name->ptr[i] > 0x7e)
            return refuse(err, "the certificate's name has no form");
    return CARNET_OK;
}

carnet_rc
carnet_service_client(const carnet_service_trust *trust, carnet_service_worker *worker,
                      const carnet_service_request *request, const char *prefix, carnet_str *name,
                      carnet_certificate *certificate, carnet_err *err)
{
    carnet_rc rc;

    *name = (carnet_str){ 0 };
    *certificate = (carnet_certificate){ 0 };
    if (trust == NULL || request->certificate.len == 0)
        return refuse(err, "there is no certificate");
    if (carnet_certificate_open(request->certificate, certificate, NULL) != CARNET_OK)
        return refuse(err, "the certificate cannot be read");
    if (!carnet_certificate_has_purpose(certificate, carnet_span_of(client_auth, sizeof(client_auth))))
        return refuse(err, "the certificate is not for clients");
    if ((rc = judge(trust, worker, request->certificate, err)) == CARNET_OK)
        rc = find_name(certificate, prefix, name, err);
    if (rc != CARNET_OK) {
        *name = (carnet_str){ 0 };
        *certificate = (carnet_certificate){ 0 };
    }
    return rc;
}
