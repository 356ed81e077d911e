/* SPDX-License-Identifier: Apache-2.0 */
/* For a test program that needs cryptography: what its cases share, begun and ended with the group. */
#ifndef CARNET_TEST_CRYPTO_H
#define CARNET_TEST_CRYPTO_H
#include "carnet/crypto.h"

static carnet_crypto crypto;

static int
begin(void **state)
{
    (void)state;
    return carnet_crypto_init(&crypto, NULL) == CARNET_OK ? 0 : -1;
}

static int
end(void **state)
{
    (void)state;
    carnet_crypto_done(&crypto);
    return 0;
}

#endif
