/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include <string.h>

/* What was understood says the same when written and read again; a refusal has a place and leaves nothing. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t bytes[512], text[1024], again[512];
    carnet_buf out = carnet_buf_of(bytes, sizeof(bytes)), written = carnet_buf_of(text, sizeof(text));
    carnet_buf back = carnet_buf_of(again, sizeof(again));
    carnet_err err = { 0 };
    carnet_rc rc = carnet_hex_decode((carnet_str){ (const char *)data, size }, &out, &err);

    if (rc != CARNET_OK) {
        MUST(out.len == 0 && err.rc == rc);
        MUST(rc == CARNET_E_NO_SPACE ? size > 2 * sizeof(bytes) : rc == CARNET_E_HEX && err.offset <= size);
        return 0;
    }
    MUST(out.len <= size / 2);
    carnet_buf_add_hex(&written, carnet_buf_span(&out));
    MUST(carnet_hex_decode(carnet_buf_str(&written), &back, NULL) == CARNET_OK);
    MUST(carnet_span_equal(carnet_buf_span(&out), carnet_buf_span(&back)));
    return 0;
}
