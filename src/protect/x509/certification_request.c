/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/certification_request.h"

#include "internal.h"

/* CertificationRequestInfo, RFC 2986, 4.1. */
static void
read_info(carnet_der_reader *r, carnet_certification_request *request)
{
    const uint8_t *at = r->at;
    carnet_certificate certificate = { 0 };

    if (carnet_der_uint(r) != 0)
        carnet_der_refuse(r, CARNET_E_X509_STRUCTURE, at, "RFC 2986 4.1", "the request is not of version 1");
    request->subject = carnet_x509_read_name(r);
    carnet_x509_read_spki(r, &certificate);
    request->spki = certificate.spki;
    request->public_key = certificate.public_key;
    request->attributes = carnet_der_optional(r, CARNET_DER_CONTEXT_CONSTRUCTED(0));
}

carnet_rc
carnet_certification_request_open(carnet_span der, carnet_certification_request *request, carnet_err *err)
{
    carnet_der_reader r = carnet_der_open(der), info, algorithm;
    carnet_x509_signed outer = { 0 };
    carnet_rc rc;

    *request = (carnet_certification_request){ 0 };
    carnet_x509_read_signed(&r, &outer);
    info = carnet_der_open_within(&r, outer.tbs.content);
    if (r.rc == CARNET_OK) {
        read_info(&info, request);
        if (carnet_der_more(&info))
            carnet_der_refuse(&info, CARNET_E_DER_TRAILING, NULL, "RFC 2986 4.1", NULL);
    }
    carnet_der_join(&r, &info);
    algorithm = carnet_der_open_within(&r, outer.algorithm);
    if (r.rc == CARNET_OK)
        request->signature_oid = carnet_der_oid(&algorithm);
    if (algorithm.rc == CARNET_OK && !carnet_der_more(&algorithm)) /* parameters are absent from all we know */
        request->signature_algorithm = carnet_x509_algorithm_of(request->signature_oid);
    else if (algorithm.rc == CARNET_OK)
        (void)carnet_der_any_deep(&algorithm);
    carnet_der_join(&r, &algorithm);
    if ((rc = carnet_der_done(&r, err)) != CARNET_OK) {
        *request = (carnet_certification_request){ 0 };
        return rc;
    }
    request->der = der;
    request->info = outer.tbs.encoded;
    request->signature = outer.signature;
    return CARNET_OK;
}

carnet_rc
carnet_certification_request_verify(const carnet_certification_request *request, carnet_crypto *crypto, carnet_err *err)
{
    carnet_rc rc = request->public_key.curve != CARNET_CURVE_NONE
                       ? carnet_public_key_check(crypto, &request->public_key, err)
                       : carnet_fail(err, CARNET_E_X509_ALGORITHM, "RFC 2986 4.2", NULL);

    return rc == CARNET_OK ? carnet_x509_verify(request->info, request->signature_oid, request->signature_algorithm,
                                                request->signature, &request->public_key, crypto, err)
                           : rc;
}

carnet_rc
carnet_certification_request_build(const carnet_name_parts *subject, carnet_key *key, carnet_crypto *crypto,
                                   carnet_buf *out, carnet_err *err)
{
    carnet_der_builder b = carnet_x509_build_behind(out);
    carnet_der_mark outer = carnet_der_begin(&b, CARNET_DER_SEQUENCE), info = carnet_der_begin(&b, CARNET_DER_SEQUENCE);
    carnet_err why = { 0 };
    carnet_span der;
    carnet_rc rc;

    carnet_der_add_uint(&b, 0);
    carnet_x509_add_name(&b, subject);
    carnet_x509_add_spki(&b, &key->public_key);
    carnet_der_add(&b, CARNET_DER_CONTEXT_CONSTRUCTED(0), (carnet_span){ 0 });
    carnet_der_end(&b, info);
    carnet_x509_sign(&b, outer, outer.start, key, crypto, &why);
    if ((rc = carnet_der_built(&b, &der, err)) == CARNET_OK)
        out->len += der.len;
    else if (err != NULL && why.rc == rc)
        *err = why;
    return rc;
}
