/* SPDX-License-Identifier: Apache-2.0 */
/* Where an issuer's or a server's metadata lies (OpenID4VCI 12.2.2; RFC 8414 3.1). */
#include "carnet/issuer_metadata.h"
#include "carnet/oauth_url.h"

carnet_rc
carnet_well_known_url(carnet_str identifier, const char *name, bool insecure_loopback, carnet_buf *out, carnet_err *err)
{
    const size_t start = out->len;
    carnet_oauth_url parts;
    carnet_str path;

    if (carnet_oauth_issuer_check(identifier, insecure_loopback, NULL) != CARNET_OK ||
        carnet_oauth_url_split(identifier, &parts, NULL) != CARNET_OK)
        return carnet_fail(err, CARNET_E_OID4VCI_ISSUER, "OpenID4VCI 12.2.1", "this is no issuer's https URL");
    path = parts.path;
    if (path.len != 0 && path.ptr[path.len - 1] == '/')
        path.len--;
    carnet_buf_add_str(out, parts.scheme);
    carnet_buf_add_text(out, "://");
    carnet_buf_add_str(out, parts.authority);
    carnet_buf_add_text(out, "/.well-known/");
    carnet_buf_add_text(out, name);
    carnet_buf_add_str(out, path);
    if (!out->overflow)
        return CARNET_OK;
    out->len = start;
    return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
}
