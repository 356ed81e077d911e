/* SPDX-License-Identifier: Apache-2.0 */
/* How often somebody may come: counted in this process's memory, so that each instance has its own measure. */
#include "internal.h"

#include <string.h>

enum { UNIT = 1000, POLL_BURST = 10, RATE = 600 };

/* Take one from the bucket, which fills by `per_second` thousandths. */
static bool
take(idp_bucket *bucket, carnet_time now, int64_t per_second, int64_t most)
{
    if (now > bucket->at) {
        const int64_t more = now - bucket->at > 3600 ? most : (now - bucket->at) * per_second;

        bucket->left = bucket->left + more < most ? bucket->left + more : most;
        bucket->at = now;
    }
    if (bucket->left < UNIT)
        return false;
    bucket->left -= UNIT;
    return true;
}

bool
carnet_idp_may_start(idp_call *call)
{
    idp *p = call->p;
    const size_t i = (size_t)call->friend % CARNET_COUNT(p->starts);
    const unsigned configured = p->config->friends[call->friend].rate;
    const int64_t rate = configured != 0 ? configured : RATE;
    bool may;

    pthread_mutex_lock(&p->lock);
    may = take(&p->starts[i], call->now, rate * UNIT / 60 + 1, rate * UNIT);
    pthread_mutex_unlock(&p->lock);
    return may;
}

bool
carnet_idp_may_poll(idp_call *call, const uint8_t hash[CARNET_SERVICE_HASH])
{
    idp *p = call->p;
    idp_bucket *bucket = &p->polls[(hash[0] | (size_t)hash[1] << 8) % IDP_POLLS];
    bool may;

    pthread_mutex_lock(&p->lock);
    if (memcmp(bucket->name, hash, sizeof(bucket->name)) != 0) { /* another session's: forgotten */
        memcpy(bucket->name, hash, sizeof(bucket->name));
        bucket->at = call->now;
        bucket->left = POLL_BURST * UNIT;
    }
    may = take(bucket, call->now, UNIT / (int64_t)p->policy.interval_seconds, POLL_BURST * UNIT);
    pthread_mutex_unlock(&p->lock);
    return may;
}
