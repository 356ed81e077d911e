/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fetch a small public file by HTTP or HTTPS, such as a certificate revocation
 * list from the address its certificate names.
 *
 * Blocks, up to the time it is given.  Several threads may fetch at once.
 */
#ifndef CARNET_FETCH_H
#define CARNET_FETCH_H
#include "carnet/base.h"
CARNET_BEGIN_DECLS

#define CARNET_FETCH_URI_MAX 2048

/** What may be fetched, and how much of it. */
typedef struct carnet_fetch_rules {
    const char *const *hosts; /**< "crl.example" or "crl.example:8080" (without a port: the scheme's own) */
    size_t host_count;
    bool only_hosts;    /**< fetch from these hosts and no others; otherwise they are where redirects may lead, beside
                             the host first asked */
    size_t octets;      /**< of the file; 0: 1 MiB */
    int timeout_ms;     /**< of it all, connecting and redirects included; 0: 10,000 */
    unsigned redirects; /**< followed at most */
    const char *ca;     /**< file of certificates for https; NULL: the system's */
} carnet_fetch_rules;

/** Whether the rules let this URI be fetched: http or https, a host, no user name, no control characters. */
bool carnet_fetch_allowed(carnet_str uri, const carnet_fetch_rules *rules);
/** Append what is there.  CARNET_E_USAGE: the rules forbid the URI; CARNET_E_LINK_ABSENT: the host cannot be reached, or its
 *  certificate is not good; CARNET_E_LINK_TIMEOUT; CARNET_E_LINK_TOO_LONG: more octets than the rules or the buffer allow;
 *  CARNET_E_LINK_PROTOCOL: another answer than 200, too many redirects, or one that the rules forbid; CARNET_E_LINK_IO. */
carnet_rc carnet_fetch(carnet_str uri, const carnet_fetch_rules *rules, carnet_buf *out, carnet_err *err);

CARNET_END_DECLS
#endif
