/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/random.h"
#include "carnet/bytes.h"

carnet_rc
carnet_random_fill(const carnet_random *random, uint8_t *out, size_t len, carnet_err *err)
{
    if (random != NULL && random->fill != NULL && random->fill(random->self, out, len) == CARNET_OK)
        return CARNET_OK;
    carnet_wipe(out, len);
    return carnet_fail(err, CARNET_E_CRYPTO_RANDOM, NULL, NULL);
}
