/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CARNET_ENGAGEMENT_INTERNAL_H
#define CARNET_ENGAGEMENT_INTERNAL_H
#include "carnet/engagement.h"

/** No device offers more ways than this; more is an attempt to keep the reader busy. */
#define CARNET_ENGAGEMENT_METHODS_MAX 16

/** True for the types of carnet_method_type. */
bool carnet_method_known(uint64_t type);

#endif
