/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CARNET_FETCH_INTERNAL_H
#define CARNET_FETCH_INTERNAL_H
#include "carnet/fetch.h"

/** The authority of a URI without a user name: host, and port if it is not the scheme's; false for what may not be fetched. */
bool carnet_fetch_authority(carnet_str uri, char *out, size_t cap);
/** libcurl's own beginnings, once a process. */
void carnet_fetch_begin(void);
/** What every request has of options; `message` takes libcurl's words (CURL_ERROR_SIZE). */
void carnet_fetch_options(void *curl, char *message);
/** What a CURLcode is to our callers. */
carnet_rc carnet_fetch_failure(int code, bool too_long, const char *message, carnet_err *err);

#endif
