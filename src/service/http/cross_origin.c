/* SPDX-License-Identifier: Apache-2.0 */
/* Wallets that are pages of another origin (the Fetch Standard, 3.2).  Cookies are never taken from there, so that any page may
 * ask what any program may ask. */
#include "internal.h"

#include <string.h>

bool
carnet_service_preflight(const carnet_service *service, const char *method, carnet_str path,
                         const carnet_service_route **route)
{
    if (strcmp(method, "OPTIONS") != 0)
        return false;
    for (size_t i = 0; i < service->route_count; i++)
        if (service->routes[i].cross_origin && carnet_service_path_matches(service->routes[i].path, path)) {
            *route = &service->routes[i];
            return true;
        }
    return false;
}

bool
carnet_service_cross_origin(const carnet_service *service, const carnet_service_exchange *x, struct MHD_Response *m)
{
    static const char *const always[][2] = {
        { "Access-Control-Allow-Origin", "*" },
        { "Access-Control-Expose-Headers",
          "DPoP-Nonce, OAuth-Client-Attestation-Challenge, Retry-After, WWW-Authenticate, X-Request-Id" },
    };
    static const char *const before[][2] = {
        { "Access-Control-Allow-Headers",
          "Authorization, Content-Type, DPoP, OAuth-Client-Attestation, OAuth-Client-Attestation-PoP" },
        { "Access-Control-Max-Age", "3600" },
    };
    char methods[64];
    carnet_buf out = carnet_buf_of(methods, sizeof(methods));
    bool ok = true;

    if (x->route == NULL || !x->route->cross_origin)
        return true;
    for (size_t i = 0; i < CARNET_COUNT(always); i++)
        ok = ok && MHD_add_response_header(m, always[i][0], always[i][1]) == MHD_YES;
    if (!x->preflight)
        return ok;
    for (size_t i = 0; i < CARNET_COUNT(before); i++)
        ok = ok && MHD_add_response_header(m, before[i][0], before[i][1]) == MHD_YES;
    carnet_service_allow(service, x->path, &out);
    carnet_buf_add_byte(&out, 0);
    return ok && MHD_add_response_header(m, "Access-Control-Allow-Methods", methods) == MHD_YES;
}
