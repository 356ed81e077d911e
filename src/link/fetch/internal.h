/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CARNET_FETCH_INTERNAL_H
#define CARNET_FETCH_INTERNAL_H
#include "carnet/fetch.h"

/** The authority of a URI without a user name: host, and port if it is not the scheme's; false for what may not be fetched. */
bool carnet_fetch_authority(carnet_str uri, char *out, size_t cap);

#endif
