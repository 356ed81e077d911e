/* SPDX-License-Identifier: Apache-2.0 */
#include "carnetd.h"

#include <signal.h>
#include <time.h>

static int64_t
seconds_now(void)
{
    struct timespec t = { 0 };

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec;
}

/* The clerk: jobs wait for nobody, and nobody for them. */
static void *
work(void *self)
{
    carnetd *d = self;

    (void)pthread_mutex_lock(&d->lock);
    while (!d->ending) {
        struct timespec until;
        unsigned wait;

        (void)pthread_mutex_unlock(&d->lock);
        carnet_service_parts_jobs(d->parts, seconds_now(), &wait);
        (void)clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += wait > 0 ? wait : 1;
        (void)pthread_mutex_lock(&d->lock);
        if (!d->ending)
            (void)pthread_cond_timedwait(&d->wake, &d->lock, &until);
    }
    (void)pthread_mutex_unlock(&d->lock);
    return NULL;
}

static int
next_signal(const sigset_t *set, unsigned wait_ms)
{
    struct timespec t = { (time_t)(wait_ms / 1000), (long)(wait_ms % 1000) * 1000000L };

    return wait_ms > 0 ? sigtimedwait(set, NULL, &t) : sigwaitinfo(set, NULL);
}

void
carnetd_run(carnetd *d)
{
    unsigned beat_ms = carnetd_watchdog_ms();
    sigset_t set;

    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGHUP);
    d->clerk_runs = pthread_create(&d->clerk, NULL, work, d) == 0;
    carnetd_log_event(&d->log, "ready", NULL);
    carnetd_notify("READY=1");
    for (;;) {
        int got = next_signal(&set, beat_ms);

        if (got == SIGTERM || got == SIGINT)
            break;
        if (got == SIGHUP)
            carnetd_reload(d);
        else
            carnetd_notify("WATCHDOG=1");
    }
    carnetd_notify("STOPPING=1");
    carnetd_log_event(&d->log, "stopping", NULL);
}
