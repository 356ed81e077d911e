/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who a client is by its certificate (P1940 6; RFC 5280): the name in its
 * subject alternative name, a URI such as urn:p1940:device:ID, believed when
 * one of the authorities for that kind of name issued the certificate itself.
 */
#ifndef CARNET_SERVICE_CLIENT_H
#define CARNET_SERVICE_CLIENT_H
#include "carnet/certificate.h"
#include "carnet/service_context.h"
#include "carnet/service_trust.h"
CARNET_BEGIN_DECLS

/** The client of a request: `name` is what follows `prefix` in the only URI of its certificate that begins with "urn:p1940:",
 *  1 to 64 characters; both view into the request.  CARNET_E_SERVICE_CERTIFICATE: it showed none, one that is not current, none for
 *  clients, or none of these authorities'; `trust` NULL: nobody is. */
carnet_rc carnet_service_client(const carnet_service_trust *trust, carnet_service_worker *worker,
                                const carnet_service_request *request, const char *prefix, carnet_str *name,
                                carnet_certificate *certificate, carnet_err *err);

CARNET_END_DECLS
#endif
