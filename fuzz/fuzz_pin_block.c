/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/pin_block.h"
#include "fuzz.h"

#include <string.h>

static carnet_rc
zeros(void *self, uint8_t *out, size_t len)
{
    (void)self;
    memset(out, 0, len);
    return CARNET_OK;
}

/* An octet for the format, one for the PAN's length, the PAN, the block.  What opens is a PIN, and makes the same block again but
 * for its random part; what does not leaves nothing behind. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const carnet_random random = { zeros, NULL };
    carnet_pin_block block = { 0 }, again;
    carnet_pin_format format;
    carnet_pin pin, same;
    carnet_str pan;
    size_t rest;

    if (size < 2 || size - 2 < data[1] % 24U)
        return 0;
    format = (carnet_pin_format)(data[0] % 6);
    pan = (carnet_str){ (const char *)data + 2, data[1] % 24U };
    rest = size - 2 - pan.len;
    block.len = (uint8_t)(rest > sizeof(block.bytes) ? sizeof(block.bytes) : rest);
    memcpy(block.bytes, data + 2 + pan.len, block.len);
    if (carnet_pin_block_open(format, &block, pan, &pin, NULL) != CARNET_OK) {
        MUST(pin.len == 0);
        for (size_t i = 0; i < CARNET_PIN_MAX; i++)
            MUST(pin.digits[i] == 0);
        return 0;
    }
    MUST(pin.len >= CARNET_PIN_MIN && pin.len <= CARNET_PIN_MAX);
    for (size_t i = 0; i < CARNET_PIN_MAX; i++)
        MUST(pin.digits[i] <= 9 && (i < pin.len || pin.digits[i] == 0));
    if (carnet_pin_block_make(format, &pin, pan, &random, &again, NULL) != CARNET_OK) {
        MUST(format == CARNET_PIN_FORMAT_4); /* whose PIN field does not know the PAN */
        return 0;
    }
    MUST(again.len == block.len);
    MUST(carnet_pin_block_open(format, &again, pan, &same, NULL) == CARNET_OK && carnet_pin_equal(&pin, &same));
    if (format == CARNET_PIN_FORMAT_0 || format == CARNET_PIN_FORMAT_2)
        MUST(memcmp(again.bytes, block.bytes, block.len) == 0);
    carnet_pin_done(&pin);
    return 0;
}
