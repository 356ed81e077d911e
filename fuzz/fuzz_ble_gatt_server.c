/* SPDX-License-Identifier: Apache-2.0 */
/* The GATT server against any client: the mdoc in peripheral server mode, the reader in central client mode. */
#include "ble_world.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ble_run(data, size, true);
    return 0;
}
