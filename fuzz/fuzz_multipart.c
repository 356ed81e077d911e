/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/multipart.h"
#include "fuzz.h"

#include <string.h>

/* The first line is the content type, the rest the body.  Parts lie in the body, one after the other, have names, and none holds
 * its delimiter. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = size > 0 ? memchr(data, '\n', size) : NULL;
    size_t first = end != NULL ? (size_t)(end - data) : size;
    carnet_str type = { (const char *)data, first };
    carnet_span body = end != NULL ? carnet_span_of(end + 1, size - first - 1) : (carnet_span){ 0 };
    const uint8_t *last = body.ptr;
    carnet_multipart_part part;
    carnet_multipart m;
    unsigned count = 0;

    (void)carnet_image_sniff(body);
    if (carnet_multipart_open(type, body, &m, NULL) != CARNET_OK)
        return 0;
    MUST(m.boundary.len > 0 && m.boundary.len <= 70);
    while (carnet_multipart_next(&m, &part, NULL) == CARNET_OK && !m.done) {
        MUST(++count <= CARNET_MULTIPART_PARTS);
        MUST(part.name.len > 0 && fuzz_inside(carnet_str_bytes(part.name), body));
        MUST(fuzz_inside(part.value, body) && fuzz_inside(m.rest, body));
        MUST((const uint8_t *)part.name.ptr > last && part.value.ptr > (const uint8_t *)part.name.ptr);
        for (size_t i = 0; i + m.boundary.len + 4 <= part.value.len; i++)
            MUST(memcmp(part.value.ptr + i, "\r\n--", 4) != 0 ||
                 memcmp(part.value.ptr + i + 4, m.boundary.ptr, m.boundary.len) != 0);
        last = part.value.ptr;
    }
    return 0;
}
