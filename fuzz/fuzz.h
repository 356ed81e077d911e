/* SPDX-License-Identifier: Apache-2.0 */
/* What every fuzz target begins with. */
#ifndef CARNET_FUZZ_H
#define CARNET_FUZZ_H
#include "carnet/base.h"

#include <stdlib.h>

/* Not assert(): a release build would compile the checks away. */
#define MUST(x)                                                                                                        \
    do {                                                                                                               \
        if (!(x))                                                                                                      \
            abort();                                                                                                   \
    } while (0)

/** True if a view lies inside another, or is empty. */
static inline bool
fuzz_inside(carnet_span inner, carnet_span outer)
{
    uintptr_t in = (uintptr_t)inner.ptr, out = (uintptr_t)outer.ptr;

    return inner.len == 0 || (in >= out && inner.len <= outer.len && in - out <= outer.len - inner.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
