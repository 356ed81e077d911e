/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/http_random.h"

#include "carnet/bytes.h"

#include <string.h>
#include <unistd.h>

/* What is handed out is wiped here. */
static carnet_rc
fill(void *self, uint8_t *out, size_t len)
{
    carnet_service_random *pool = self;
    carnet_rc rc;

    if (len > sizeof(pool->octets) / 2)
        return carnet_random_fill(&pool->source, out, len, NULL);
    if (pool->left < len || pool->process != getpid()) {
        pool->left = 0;
        rc = carnet_random_fill(&pool->source, pool->octets, sizeof(pool->octets), NULL);
        if (rc != CARNET_OK)
            return rc;
        pool->left = sizeof(pool->octets);
        pool->process = getpid();
    }
    pool->left -= len;
    memcpy(out, pool->octets + pool->left, len);
    carnet_wipe(pool->octets + pool->left, len);
    return CARNET_OK;
}

carnet_random
carnet_service_random_of(carnet_service_random *pool, carnet_random source)
{
    *pool = (carnet_service_random){ .source = source };
    return (carnet_random){ fill, pool };
}

void
carnet_service_random_done(carnet_service_random *pool)
{
    carnet_wipe(pool, sizeof(*pool));
}
