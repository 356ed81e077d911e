/* SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

/* Three suites of TLS 1.3, three of TLS 1.2 with ECDHE and ECDSA, curves that are not deprecated, and no more. */
const char carnet_service_tls_priority[] =
    "NONE:+VERS-TLS1.3:+VERS-TLS1.2:+CTYPE-X509:+AES-128-GCM:+AES-256-GCM:+CHACHA20-POLY1305:+AEAD:+ECDHE-ECDSA:"
    "+GROUP-SECP256R1:+GROUP-SECP384R1:+GROUP-SECP521R1:+GROUP-X25519:+SIGN-ECDSA-SHA256:+SIGN-ECDSA-SHA384:"
    "+SIGN-ECDSA-SHA512:+SIGN-ECDSA-SECP256R1-SHA256:+SIGN-ECDSA-SECP384R1-SHA384:+SIGN-ECDSA-SECP521R1-SHA512:"
    "%SERVER_PRECEDENCE";

static bool
is_trusted(gnutls_session_t session)
{
    gnutls_typed_vdata_st purpose = {
        .type = GNUTLS_DT_KEY_PURPOSE_OID,
        .data = (unsigned char *)(uintptr_t)GNUTLS_KP_TLS_WWW_CLIENT,
    };
    unsigned status = 1;

    return gnutls_certificate_verify_peers(session, &purpose, 1, &status) == GNUTLS_E_SUCCESS && status == 0;
}

/* libmicrohttpd asks for a certificate but takes any, or none: judging it is ours. */
void
carnet_service_tls_peer(carnet_service_connection *c, carnet_service_request *request)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(c->mhd, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    gnutls_session_t session = info != NULL ? (gnutls_session_t)info->tls_session : NULL;
    const gnutls_datum_t *chain;
    unsigned count = 0;

    if (session == NULL || gnutls_certificate_type_get2(session, GNUTLS_CTYPE_CLIENT) != GNUTLS_CRT_X509)
        return;
    chain = gnutls_certificate_get_peers(session, &count);
    if (chain == NULL || count == 0)
        return;
    if (!c->judged)
        c->trusted = is_trusted(session);
    c->judged = true;
    request->certificate = carnet_span_of(chain[0].data, chain[0].size);
    request->trusted = c->trusted;
}
