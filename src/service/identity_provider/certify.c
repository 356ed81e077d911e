/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates of devices and invitations: made by the provider's own authority for keys that others have (RFC 2986). */
#include "carnet/certification_request.h"
#include "internal.h"

enum { REQUEST_MAX = 8192, BEFORE_S = 60 };

carnet_rc
carnet_idp_serial(carnet_service_worker *worker, uint8_t serial[16], carnet_err *err)
{
    carnet_rc rc = carnet_random_fill(&worker->random, serial, 16, err);

    serial[0] = (uint8_t)((serial[0] & 0x3f) | 0x40); /* positive, and always as long */
    return rc;
}

carnet_rc
carnet_idp_open_request(idp_call *call, carnet_str text, carnet_span *der, carnet_public_key *key, carnet_err *err)
{
    carnet_buf out = carnet_service_scratch_buf(call->worker, REQUEST_MAX);
    carnet_certification_request request;

    if (carnet_base64url_decode(text, &out, NULL) != CARNET_OK || out.overflow ||
        carnet_certification_request_open(carnet_buf_span(&out), &request, NULL) != CARNET_OK ||
        request.public_key.curve != CARNET_CURVE_P256)
        return carnet_idp_refuse(call, CARNET_BOPS_ERROR_DEVICE_DATA, "this is no certification request of a P-256 key",
                                 err);
    if (carnet_certification_request_verify(&request, call->worker->crypto, NULL) != CARNET_OK)
        return carnet_idp_refuse(call, CARNET_BOPS_ERROR_DEVICE_DATA,
                                 "the certification request is not signed by its key", err);
    *der = request.der;
    *key = request.public_key;
    return CARNET_OK;
}

carnet_rc
carnet_idp_certify(idp_call *call, const char *prefix, carnet_str name, const carnet_public_key *key, carnet_time until,
                   carnet_span serial, carnet_buf *out, carnet_err *err)
{
    carnet_buf uri = carnet_service_scratch_buf(call->worker, 256);
    const carnet_service_key *authority = NULL;
    carnet_certificate issuer;
    carnet_certificate_spec spec = { .struct_size = sizeof(spec),
                                     .profile = &carnet_profile_p1940_client,
                                     .subject = { .common_name = name },
                                     .public_key = *key,
                                     .not_before = call->now - BEFORE_S,
                                     .not_after = until,
                                     .serial = serial,
                                     .random = &call->worker->random };
    carnet_rc rc = carnet_service_key_get(call->worker, call->p->config->device_key, &authority, err);

    if (rc == CARNET_OK)
        rc = carnet_certificate_open(authority->chain[0], &issuer, err);
    if (rc != CARNET_OK)
        return rc;
    if (spec.not_after > issuer.not_after)
        spec.not_after = issuer.not_after;
    carnet_buf_add_text(&uri, prefix);
    carnet_buf_add_str(&uri, name);
    spec.uri_name = carnet_buf_str(&uri);
    return carnet_certificate_build(&spec, &issuer, authority->key, call->worker->crypto, out, err);
}

carnet_rc
carnet_idp_add_chain(idp_call *call, carnet_bops_enrolled *answer, carnet_err *err)
{
    const carnet_service_key *authority = NULL;
    carnet_rc rc = carnet_service_key_get(call->worker, call->p->config->device_key, &authority, err);

    for (size_t i = 0;
         rc == CARNET_OK && i < authority->chain_count && answer->certificate_count < CARNET_BOPS_CERTIFICATES; i++) {
        carnet_buf text = carnet_service_scratch_buf(call->worker, authority->chain[i].len * 4 / 3 + 4);

        carnet_base64url_encode(authority->chain[i], &text);
        answer->certificates[answer->certificate_count++] = carnet_buf_str(&text);
    }
    return rc;
}
