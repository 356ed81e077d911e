/* SPDX-License-Identifier: Apache-2.0 */
#include "built_with.h"
#include "carnetd.h"

#if CARNETD_HAVE_SYSTEMD
#include <systemd/sd-daemon.h>

void
carnetd_notify(const char *state)
{
    (void)sd_notify(0, state);
}

unsigned
carnetd_watchdog_ms(void)
{
    uint64_t us = 0;

    return sd_watchdog_enabled(0, &us) > 0 ? (unsigned)(us / 2000) : 0;
}
#else
void
carnetd_notify(const char *state)
{
    (void)state;
}

unsigned
carnetd_watchdog_ms(void)
{
    return 0;
}
#endif
