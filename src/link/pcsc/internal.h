/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CARNET_LINK_PCSC_INTERNAL_H
#define CARNET_LINK_PCSC_INTERNAL_H
#include "carnet/apdu.h"
#include "carnet/link_pcsc.h"

#include <pthread.h>
#include <winscard.h>

#define CARNET_PCSC_MESSAGE_MAX 32768 /**< octets of a handover message */

/** What the thread that transmits is doing. */
typedef enum carnet_pcsc_work {
    CARNET_PCSC_IDLE,
    CARNET_PCSC_ASKED, /**< there is a command to transmit */
    CARNET_PCSC_BUSY,  /**< it is with PC/SC */
    CARNET_PCSC_DONE   /**< there is a response, or `failure` */
} carnet_pcsc_work;

/** While `work` is ASKED or BUSY, command, response and what PC/SC handed out are the thread's. */
struct carnet_pcsc {
    SCARDCONTEXT context;
    SCARDHANDLE handle;
    DWORD protocol;
    char name[MAX_READERNAME];
    carnet_nfc_limits limits;

    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool threaded, quit, gone; /**< gone: the card, as far as is known */
    carnet_pcsc_work work;
    LONG failure;

    carnet_nfc_reader transfer;
    carnet_buf answer; /**< of the data transfer, while it comes in; on the heap */
    bool failed;       /**< the link: nothing can follow */

    carnet_buf command; /**< over command_octets */
    size_t response_len;
    uint8_t command_octets[CARNET_APDU_COMMAND_MAX];
    uint8_t response[MAX_BUFFER_SIZE_EXTENDED];
    uint8_t handover_request[CARNET_PCSC_MESSAGE_MAX], handover_select[CARNET_PCSC_MESSAGE_MAX];
};

/** The code for what PC/SC says; the reason is PC/SC's text. */
carnet_rc carnet_pcsc_fail(LONG failure, carnet_err *err);
/** Make ready to transmit in a thread. */
carnet_rc carnet_pcsc_start(carnet_pcsc *card, carnet_err *err);
/** Transmit card->command; returns at once. */
void carnet_pcsc_post(carnet_pcsc *card);
/** Wait for the response; CARNET_E_LINK_TIMEOUT: it may still come, and can be waited for again. */
carnet_rc carnet_pcsc_wait(carnet_pcsc *card, int64_t deadline_ms, carnet_span *response, carnet_err *err);
/** True if a command is out. */
bool carnet_pcsc_is_out(carnet_pcsc *card);
/** Let the card go, and release all of it: now, or when PC/SC gives back the command that is out. */
void carnet_pcsc_release(carnet_pcsc *card);

#endif
