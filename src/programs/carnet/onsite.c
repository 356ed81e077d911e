/* SPDX-License-Identifier: Apache-2.0 */
/* Ways to the other party on the command line; lines and progress on the terminal. */
#include "onsite.h"

#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    OPTION_SOCKET = 512,
    OPTION_BLE_FAKE,
    OPTION_WIFI_AWARE,
    OPTION_BLE,
    OPTION_NFC,
    OPTION_RECORD,
    OPTION_RECORD_KEY,
    OPTION_WAIT,
    OPTION_ANSWER_WAIT,
    OPTION_CROSSINGS
};

static const struct argp_option options[] = {
    { NULL, 0, NULL, 0, "Ways to the other party:", 3 },
    { "nfc", OPTION_NFC, "READER", OPTION_ARG_OPTIONAL, "NFC, by this device or the first there is", 3 },
    { "ble", OPTION_BLE, "ADAPTER", OPTION_ARG_OPTIONAL, "Bluetooth Low Energy, by this adapter or the first there is",
      3 },
    { "wifi-aware", OPTION_WIFI_AWARE, "INTERFACE[,ADDRESS,PORT]", 0,
      "Wi-Fi Aware, by this interface; with the holder's address for networks without its radio", 3 },
    { "ble-fake", OPTION_BLE_FAKE, "PATH", 0, "BLE without a radio: its packets over a local socket", 3 },
    { "socket", OPTION_SOCKET, "PATH", 0, "a local socket", 3 },
    { NULL, 0, NULL, 0, "Time and records:", 4 },
    { "wait", OPTION_WAIT, "SECONDS", 0, "wait so long for the other party (30)", 4 },
    { "answer-wait", OPTION_ANSWER_WAIT, "SECONDS", 0, "wait so long for each message (300)", 4 },
    { "record", OPTION_RECORD, "FILE", 0, "write the session down as it crosses the link: personal data, encrypted",
      4 },
    { "record-key", OPTION_RECORD_KEY, NULL, 0, "the same with the key: who has the file reads it all", 4 },
    { "crossings", OPTION_CROSSINGS, "FD", OPTION_HIDDEN, "tell each message to this descriptor", 4 },
    { 0 },
};

static const char *const names[ONSITE_WAYS] = {
    [ONSITE_SOCKET] = "socket",
    [ONSITE_BLE_FAKE] = "BLE without a radio",
    [ONSITE_WIFI_AWARE] = "Wi-Fi Aware",
    [ONSITE_BLE] = "BLE",
    [ONSITE_NFC] = "NFC",
    [ONSITE_WEBSITE] = "website",
};

static void
use(onsite_options *o, onsite_way way, const char *argument)
{
    o->use[way] = true;
    o->argument[way] = argument;
}

static error_t
parse(int key, char *arg, struct argp_state *state)
{
    onsite_options *o = state->input;

    switch (key) {
    case OPTION_SOCKET:
    case OPTION_BLE_FAKE:
    case OPTION_WIFI_AWARE:
    case OPTION_BLE:
    case OPTION_NFC:
        use(o, (onsite_way)(key - OPTION_SOCKET), arg);
        return 0;
    case OPTION_RECORD:
        o->record = arg;
        return 0;
    case OPTION_RECORD_KEY:
        o->record_key = true;
        return 0;
    case OPTION_WAIT:
        o->engagement_ms = (uint32_t)cli_number(arg, 86400, "time in seconds") * 1000;
        return 0;
    case OPTION_ANSWER_WAIT:
        o->answer_ms = (uint32_t)cli_number(arg, 86400, "time in seconds") * 1000;
        return 0;
    case OPTION_CROSSINGS:
        o->crossings = (int)cli_number(arg, 1023, "descriptor");
        return 0;
    case ARGP_KEY_END:
        if (o->record_key && o->record == NULL) {
            cli_usage("--record-key is for --record");
        }
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp onsite_parser = { options, parse, NULL, NULL, NULL, NULL, NULL };

void
onsite_options_begin(onsite_options *o)
{
    *o = (onsite_options){ .crossings = -1 };
}

const char *
onsite_way_text(onsite_way way)
{
    return names[way];
}

bool
onsite_any(const onsite_options *o)
{
    bool any = false;

    for (size_t i = 0; i < ONSITE_WAYS; i++) {
        any = any || o->use[i];
    }
    return any;
}

onsite_way
onsite_way_of(const carnet_retrieval_method *method)
{
    switch (method->usable ? method->type : 0) {
    case CARNET_METHOD_NFC:
        return ONSITE_NFC;
    case CARNET_METHOD_BLE:
        return ONSITE_BLE;
    case CARNET_METHOD_WIFI_AWARE:
        return ONSITE_WIFI_AWARE;
    default:
        return ONSITE_WAYS;
    }
}

int64_t
onsite_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

volatile int onsite_stop;

static void
take_signal(int number)
{
    onsite_stop = 1;
    signal(number, SIG_DFL);
}

void
onsite_catch_signals(void)
{
    struct sigaction action = { .sa_handler = take_signal };

    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

bool
onsite_stopped(void)
{
    return onsite_stop != 0;
}

carnet_rc
onsite_receive(carnet_link *link, carnet_buf *message, int timeout_ms, carnet_err *err)
{
    enum { SLICE_MS = 250 };
    int64_t until = onsite_now_ms() + timeout_ms;
    carnet_rc rc;

    do {
        int64_t left = until - onsite_now_ms();

        rc = carnet_link_receive(link, message, left < SLICE_MS ? (int)(left > 0 ? left : 0) : SLICE_MS, err);
        if (rc == CARNET_E_LINK_TIMEOUT && onsite_stop) {
            return carnet_fail(err, CARNET_E_LINK_CLOSED, NULL, "interrupted");
        }
    } while (rc == CARNET_E_LINK_TIMEOUT && onsite_now_ms() < until);
    return rc;
}

void
onsite_say(const char *format, ...)
{
    char line[512];
    va_list args;

    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    fputs("carnet: ", stderr);
    cli_print_safe(stderr, carnet_str_of(line));
    fputc('\n', stderr);
}

void
onsite_progress(void *context, bool sending, size_t done, size_t all)
{
    const char *what = context;

    (void)sending;
    if (all > 0) {
        cli_progress(what, done, all);
    } else if (isatty(STDERR_FILENO) && done >= 1000) {
        fprintf(stderr, "\r%s %zu bytes ", what, done);
    }
}

void
onsite_cross(const onsite_options *o, const char *interface, const char *from, const char *to, const char *what,
             carnet_span message, size_t octets)
{
    if (o->crossings >= 0) {
        cli_cross(o->crossings, interface, from, to, what, message, octets);
    }
}
