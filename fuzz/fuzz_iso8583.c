/* SPDX-License-Identifier: Apache-2.0 */
/* The first octet chooses how the message in the others is written. */
#include "iso8583_message.h"
#include "iso8583_world.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    carnet_iso8583_message m;
    carnet_err err = { 0 };

    if (size == 0 || size > 8000)
        return 0;
    if (carnet_iso8583_parse(fuzz_iso8583_spec(data[0]), carnet_span_of(data + 1, size - 1), &m, &err) != CARNET_OK) {
        MUST(err.offset <= size - 1 && m.elements[0] == 0 && m.octets.ptr == NULL);
        return 0;
    }
    check_values(&m);
    check_again(&m);
    return 0;
}
