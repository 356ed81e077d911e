/* SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

#define SETS 1024
#define WAYS 8

/* How much an address has left at a route: thousandths of a request. */
typedef struct bucket {
    const carnet_service_route *route;
    uint8_t address[16];
    int64_t left, at;
} bucket;

/* Of fixed size: an address that comes into a full set takes the place of the one silent longest, which then
 * begins anew; the secret keeps a client from choosing whose. */
struct carnet_service_rates {
    pthread_mutex_t lock;
    uint64_t secret;
    bucket sets[SETS][WAYS];
};

carnet_service_rates *
carnet_service_rates_new(const carnet_random *random)
{
    carnet_service_rates *rates = calloc(1, sizeof(*rates));

    if (rates == NULL)
        return NULL;
    if (carnet_random_fill(random, (uint8_t *)&rates->secret, sizeof(rates->secret), NULL) != CARNET_OK) {
        free(rates);
        return NULL;
    }
    (void)pthread_mutex_init(&rates->lock, NULL);
    return rates;
}

void
carnet_service_rates_free(carnet_service_rates **rates)
{
    if (*rates != NULL)
        (void)pthread_mutex_destroy(&(*rates)->lock);
    free(*rates);
    *rates = NULL;
}

static uint64_t
mix(uint64_t h, uint64_t word)
{
    h = (h ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return h ^ h >> 29;
}

static bucket *
find(carnet_service_rates *rates, const uint8_t address[16], const carnet_service_route *route, int64_t full,
     int64_t now)
{
    uint64_t words[2];
    bucket *set, *oldest;

    memcpy(words, address, 16);
    set = rates->sets[mix(mix(mix(rates->secret, words[0]), words[1]), (uintptr_t)route) % SETS];
    oldest = set;
    for (bucket *b = set; b < set + WAYS; b++) {
        if (b->route == route && memcmp(b->address, address, 16) == 0)
            return b;
        if (b->route == NULL || (oldest->route != NULL && b->at < oldest->at))
            oldest = b;
    }
    *oldest = (bucket){ .route = route, .left = full, .at = now };
    memcpy(oldest->address, address, 16);
    return oldest;
}

bool
carnet_service_rate_allows(carnet_service_rates *rates, const uint8_t address[16], const carnet_service_route *route,
                           int64_t now_ms)
{
    int64_t full = (int64_t)1000 * (route->burst != 0 ? route->burst : route->rate), gained;
    bool allows;
    bucket *b;

    if (route->rate == 0)
        return true;
    (void)pthread_mutex_lock(&rates->lock);
    b = find(rates, address, route, full, now_ms);
    gained = (now_ms - b->at) * route->rate / 60;
    if (gained > 0) {
        b->left = b->left + gained < full ? b->left + gained : full;
        b->at = now_ms;
    }
    allows = b->left >= 1000;
    if (allows)
        b->left -= 1000;
    (void)pthread_mutex_unlock(&rates->lock);
    return allows;
}
