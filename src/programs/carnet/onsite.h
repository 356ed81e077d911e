/* SPDX-License-Identifier: Apache-2.0 */
/* What `carnet reader` and `carnet holder present` share: the ways to the other party, what is told meanwhile. */
#ifndef CARNET_CLI_ONSITE_H
#define CARNET_CLI_ONSITE_H
#include "carnet/engagement.h"
#include "carnet/link.h"
#include "carnet/session_transcript.h"
#include "cli.h"

#define ONSITE_MESSAGE_MAX ((size_t)16 << 20) /* octets of a message received */

/** Ways to the other party, best first. */
typedef enum onsite_way {
    ONSITE_SOCKET,
    ONSITE_BLE_FAKE,
    ONSITE_WIFI_AWARE,
    ONSITE_BLE,
    ONSITE_NFC,
    ONSITE_WEBSITE, /* only as the answer to an engagement that names one */
    ONSITE_WAYS
} onsite_way;

/** What the command line says of them; options of onsite_parser. */
typedef struct onsite_options {
    bool use[ONSITE_WAYS];
    const char *argument[ONSITE_WAYS]; /* path, interface, adapter, reader; NULL: the first there is */
    const char *record;                /* --record FILE */
    bool record_key;                   /* --record-key: with the ephemeral private key */
    uint32_t engagement_ms, answer_ms; /* --wait, --answer-wait; 0: the standard's */
    int crossings;                     /* descriptor that is told of every message, for `carnet scenario`; -1: none */
} onsite_options;

/** --socket, --nfc, --ble, --ble-fake, --wifi-aware, --record, ...: a child of a command's parser, whose input is an
 *  onsite_options begun with onsite_options_begin(). */
extern const struct argp onsite_parser;
void onsite_options_begin(onsite_options *options);
/** "socket", "NFC", ... */
const char *onsite_way_text(onsite_way way);
/** Whether any way was named. */
bool onsite_any(const onsite_options *options);
/** The way of a retrieval method; ONSITE_WAYS: none that is known here. */
onsite_way onsite_way_of(const carnet_retrieval_method *method);

/** Milliseconds of the clock nobody sets. */
int64_t onsite_now_ms(void);
/** From now on SIGINT and SIGTERM end the session in good order; a second one ends the process. */
void onsite_catch_signals(void);
bool onsite_stopped(void);
/** The same for carnet_bluez_peer.stop: not 0 once a signal came. */
extern volatile int onsite_stop;
/** Receive as carnet_link_receive() does, but end with CARNET_E_LINK_CLOSED when a signal comes. */
carnet_rc onsite_receive(carnet_link *link, carnet_buf *message, int timeout_ms, carnet_err *err);

/** One factual line on standard error, "carnet: ...", unless it is to be quiet. */
void onsite_say(const char *format, ...) CARNET_PRINTF(1, 2);
/** Tell how a message travels, on a terminal; for carnet_link.progress.  `context` is a text: what travels. */
void onsite_progress(void *context, bool sending, size_t done, size_t all);
/** A message crosses a numbered interface of ISO/IEC 23220-1: a line of JSON to options->crossings.  `message` is the plain
 *  one, named `what`; `octets` of it crossed, as it was protected. */
void onsite_cross(const onsite_options *options, const char *interface, const char *from, const char *to,
                  const char *what, carnet_span message, size_t octets);

#endif
