/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/service_context.h"

#include <string.h>

void
carnet_service_copy(char *out, size_t cap, carnet_str text)
{
    size_t n = text.len < cap ? text.len : cap - 1;

    while (n > 0 && n < text.len && ((unsigned char)text.ptr[n] & 0xc0) == 0x80)
        n--; /* what follows would be the rest of a character */
    if (n > 0)
        memcpy(out, text.ptr, n);
    out[n] = '\0';
}
