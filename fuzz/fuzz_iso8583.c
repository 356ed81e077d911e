/* SPDX-License-Identifier: Apache-2.0 */
/* The first octet chooses how the message in the others is written. */
#include "iso8583_message.h"
#include "iso8583_world.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    carnet_iso8583_message m;

    if (size == 0 || size > 8000)
        return 0;
    (void)read_message(fuzz_iso8583_spec(data[0]), data, size, &m);
    return 0;
}
