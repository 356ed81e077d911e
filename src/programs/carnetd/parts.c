/* SPDX-License-Identifier: Apache-2.0 */
#include "carnetd.h"

/* Each may ask for those above it. */
const carnet_service_part *const carnetd_parts[] = {
    &carnetd_operations_part,
};
const size_t carnetd_part_count = CARNET_COUNT(carnetd_parts);
