/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CARNET_ENGAGEMENT_INTERNAL_H
#define CARNET_ENGAGEMENT_INTERNAL_H
#include "carnet/engagement.h"

/** No device offers more ways than this; more is an attempt to keep the reader busy. */
#define CARNET_ENGAGEMENT_METHODS_MAX 16
#define CARNET_ORIGIN_INFOS_MAX       16

/** True for the types of carnet_method_type. */
bool carnet_method_known(int64_t type);
/** Check OriginInfos (18013-7 A.3), and take the domain if one is named; a failure is outer's. */
void carnet_origin_infos_read(carnet_cbor_reader *outer, carnet_span array, carnet_str *domain);

#endif
