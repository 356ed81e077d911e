/* SPDX-License-Identifier: Apache-2.0 */
/* The GATT client against any server: the mdoc in central client mode, the reader in peripheral server mode. */
#include "ble_world.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ble_run(data, size, false);
    return 0;
}
