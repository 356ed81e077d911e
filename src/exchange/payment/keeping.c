/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a connection: sign-on, key, echo, and the end. */
#include "carnet/matching.h"

void
carnet_keeping_init(carnet_keeping *k, const carnet_keeping_config *config)
{
    *k = (carnet_keeping){ .config = *config };
    k->config.answer_ms = config->answer_ms != 0 ? config->answer_ms : 10000;
    k->config.retry_ms = config->retry_ms != 0 ? config->retry_ms : 5000;
    k->config.echoes = config->echoes != 0 ? config->echoes : 2;
}

static void
after_sign_on(carnet_keeping *k, int64_t now)
{
    k->state = k->config.key_change ? CARNET_KEEPING_CHANGING : CARNET_KEEPING_UP;
    k->until = now;
}

void
carnet_keeping_connected(carnet_keeping *k, int64_t now)
{
    k->asked = CARNET_KEEPING_NOTHING;
    k->silent = 0;
    k->heard = k->until = now;
    k->state = CARNET_KEEPING_SIGNING_ON;
    if (!k->config.sign_on)
        after_sign_on(k, now);
}

void
carnet_keeping_lost(carnet_keeping *k)
{
    k->state = CARNET_KEEPING_DOWN;
    k->asked = CARNET_KEEPING_NOTHING;
}

void
carnet_keeping_heard(carnet_keeping *k, int64_t now)
{
    k->heard = now;
    k->silent = 0;
}

void
carnet_keeping_answered(carnet_keeping *k, carnet_keeping_act asked, bool good, int64_t now)
{
    if (k->state == CARNET_KEEPING_DOWN || asked != k->asked)
        return;
    k->asked = CARNET_KEEPING_NOTHING;
    k->until = good || asked == CARNET_KEEPING_ECHO ? now : now + k->config.retry_ms;
    if (!good)
        return;
    if (asked == CARNET_KEEPING_SIGN_ON && k->state == CARNET_KEEPING_SIGNING_ON)
        after_sign_on(k, now);
    else if (asked == CARNET_KEEPING_KEY_CHANGE && k->state == CARNET_KEEPING_CHANGING)
        k->state = CARNET_KEEPING_UP;
}

void
carnet_keeping_signed_off(carnet_keeping *k, int64_t now)
{
    if (k->state == CARNET_KEEPING_DOWN || !k->config.sign_on)
        return;
    k->state = CARNET_KEEPING_SIGNING_ON;
    k->asked = CARNET_KEEPING_NOTHING;
    k->until = now + k->config.retry_ms;
}

/* What waits too long counts as silence. */
static void
give_up(carnet_keeping *k, int64_t now)
{
    if (k->asked == CARNET_KEEPING_NOTHING || now < k->until)
        return;
    k->asked = CARNET_KEEPING_NOTHING;
    k->silent++;
    k->until = now;
}

static bool
wants_echo(const carnet_keeping *k, int64_t now)
{
    return k->config.echo_ms != 0 && (k->silent != 0 || now - k->heard >= k->config.echo_ms);
}

carnet_keeping_act
carnet_keeping_next(carnet_keeping *k, int64_t now)
{
    carnet_keeping_act act = CARNET_KEEPING_NOTHING;

    if (k->state == CARNET_KEEPING_DOWN)
        return CARNET_KEEPING_NOTHING;
    give_up(k, now);
    if (k->asked != CARNET_KEEPING_NOTHING || now < k->until)
        return CARNET_KEEPING_NOTHING;
    if (k->silent >= k->config.echoes)
        return CARNET_KEEPING_CLOSE;
    if (k->state == CARNET_KEEPING_SIGNING_ON)
        act = CARNET_KEEPING_SIGN_ON;
    else if (k->state == CARNET_KEEPING_CHANGING)
        act = CARNET_KEEPING_KEY_CHANGE;
    else if (wants_echo(k, now))
        act = CARNET_KEEPING_ECHO;
    if (act != CARNET_KEEPING_NOTHING) {
        k->asked = act;
        k->until = now + k->config.answer_ms;
    }
    return act;
}

int64_t
carnet_keeping_due(const carnet_keeping *k)
{
    if (k->state == CARNET_KEEPING_DOWN)
        return INT64_MAX;
    if (k->asked != CARNET_KEEPING_NOTHING || k->state != CARNET_KEEPING_UP || k->silent != 0)
        return k->until;
    if (k->config.echo_ms == 0)
        return INT64_MAX;
    return k->heard + k->config.echo_ms > k->until ? k->heard + k->config.echo_ms : k->until;
}
