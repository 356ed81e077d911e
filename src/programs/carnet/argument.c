/* SPDX-License-Identifier: Apache-2.0 */
/* Arguments of the command line. */
#include "cli.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

carnet_time
cli_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (carnet_time)now.tv_sec;
}

/** "+90d": a number and s, m, h, d, w or y. */
static bool
parse_relative(const char *argument, carnet_time from, carnet_time *time)
{
    static const struct {
        char unit;
        int64_t seconds;
    } units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 }, { 'w', 7 * 86400 }, { 'y', 365 * 86400 } };
    char *end;
    long number;

    if (argument[0] != '+' && argument[0] != '-') {
        return false;
    }
    errno = 0;
    number = strtol(argument, &end, 10);
    if (errno != 0 || end == argument + 1 || number > 100000 || number < -100000 || strlen(end) != 1) {
        return false;
    }
    for (size_t i = 0; i < CARNET_COUNT(units); i++) {
        if (end[0] == units[i].unit) {
            *time = from + number * units[i].seconds;
            return true;
        }
    }
    return false;
}

carnet_time
cli_time(const char *argument, carnet_time from)
{
    carnet_str text = carnet_str_of(argument);
    unsigned oddities = 0;
    carnet_time time;
    carnet_date date;

    if (strcmp(argument, "now") == 0) {
        return cli_now();
    }
    if (parse_relative(argument, from, &time)) {
        return time;
    }
    if (carnet_date_parse(text, &date, NULL) == CARNET_OK) {
        return carnet_time_of_date(date);
    }
    if (carnet_time_parse(text, &time, &oddities, NULL) == CARNET_OK) {
        return time;
    }
    cli_usage("\"%s\" is no time: use now, 2026-11-21, 2026-11-21T12:00:00Z or +90d", argument);
}

carnet_curve
cli_curve(const char *argument)
{
    const carnet_curve_info *info = carnet_curve_named(carnet_str_of(argument));

    if (info == NULL) {
        cli_usage("\"%s\" is no curve known here: P-256, P-384, P-521, brainpoolP256r1, ..., Ed25519, Ed448", argument);
    }
    return info->curve;
}

carnet_hash
cli_hash(const char *argument)
{
    static const struct {
        const char *name;
        carnet_hash hash;
    } names[] = { { "SHA-256", CARNET_SHA256 }, { "SHA-384", CARNET_SHA384 }, { "SHA-512", CARNET_SHA512 },
                  { "SHA256", CARNET_SHA256 },  { "SHA384", CARNET_SHA384 },  { "SHA512", CARNET_SHA512 } };

    for (size_t i = 0; i < CARNET_COUNT(names); i++) {
        if (strcasecmp(argument, names[i].name) == 0) {
            return names[i].hash;
        }
    }
    cli_usage("\"%s\" is no digest of an mdoc: SHA-256, SHA-384 or SHA-512", argument);
}

uint64_t
cli_number(const char *argument, uint64_t max, const char *what)
{
    char *end;
    unsigned long long number;

    errno = 0;
    number = strtoull(argument, &end, 10);
    if (errno != 0 || !isdigit((unsigned char)argument[0]) || *end != '\0' || number > max) {
        cli_usage("\"%s\" is no %s: a number up to %llu", argument, what, (unsigned long long)max);
    }
    return number;
}

const char *
cli_address(const char *argument, const char *otherwise, uint16_t *port)
{
    const char *colon = strrchr(argument, ':');
    carnet_span host = carnet_span_of(argument, colon != NULL ? (size_t)(colon - argument) : 0);

    if (host.len == 0 && otherwise == NULL) {
        cli_usage("\"%s\" is not HOST:PORT", argument);
    }
    *port = (uint16_t)cli_number(colon != NULL ? colon + 1 : argument, UINT16_MAX, "port");
    if (host.len == 0) {
        return otherwise;
    }
    if (host.len > 2 && host.ptr[0] == '[' && host.ptr[host.len - 1] == ']') {
        host = carnet_span_of(host.ptr + 1, host.len - 2);
    }
    return (const char *)cli_keep(host).ptr;
}
