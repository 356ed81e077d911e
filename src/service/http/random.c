/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/http_random.h"

#include "carnet/bytes.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* --- which process this is --- */

/* A page that a child process finds empty: asking the system each time costs as much as what is handed out. */
static _Atomic pid_t *noted;

static void
note(void)
{
    void *page = mmap(NULL, sizeof(*noted), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (page == MAP_FAILED)
        return;
    if (madvise(page, sizeof(*noted), MADV_WIPEONFORK) == 0)
        noted = page;
    else
        (void)munmap(page, sizeof(*noted));
}

static pid_t
this_process(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pid_t process;

    (void)pthread_once(&once, note);
    if (noted == NULL)
        return getpid();
    process = *noted;
    if (process == 0)
        *noted = process = getpid();
    return process;
}

/* --- the pool --- */

/* What is handed out is wiped here. */
static carnet_rc
fill(void *self, uint8_t *out, size_t len)
{
    carnet_service_random *pool = self;
    carnet_rc rc;

    if (len > sizeof(pool->octets) / 2)
        return carnet_random_fill(&pool->source, out, len, NULL);
    if (pool->left < len || pool->process != this_process()) {
        pool->left = 0;
        rc = carnet_random_fill(&pool->source, pool->octets, sizeof(pool->octets), NULL);
        if (rc != CARNET_OK)
            return rc;
        pool->left = sizeof(pool->octets);
        pool->process = this_process();
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
