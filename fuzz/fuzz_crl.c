/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/crl.h"
#include "fuzz.h"

/* The entries counted when opened are those met when stepping, and each is found by its number. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    carnet_crl crl;
    carnet_crl_entry entry, found;
    carnet_err err = { 0 };
    carnet_span at = { 0 };
    size_t count = 0;

    if (carnet_crl_open((carnet_span){ data, size }, &crl, &err) != CARNET_OK) {
        MUST(err.offset <= size && crl.der.ptr == NULL && crl.count == 0);
        return 0;
    }
    MUST(crl.tbs.ptr > data && crl.tbs.ptr + crl.tbs.len < data + size);
    for (; carnet_crl_next(&crl, &at, &entry); count++) {
        MUST(entry.serial.len > 0 && entry.serial.ptr > data && entry.serial.ptr + entry.serial.len < data + size);
        if (count < 8)
            MUST(carnet_crl_find(&crl, entry.serial, &found) && carnet_span_equal(found.serial, entry.serial));
    }
    MUST(count == crl.count);
    if (carnet_crl_conforms(&crl, NULL, &err) == CARNET_OK)
        MUST(crl.has_next_update && crl.unknown_critical.len == 0 && !crl.entry_extensions);
    return 0;
}
