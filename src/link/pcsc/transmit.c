/* SPDX-License-Identifier: Apache-2.0 */
/* SCardTransmit() returns when the card answers, which may be when its holder has decided; so it has a thread. */
#include "internal.h"
#include "link_io.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

carnet_rc
carnet_pcsc_fail(LONG failure, carnet_err *err)
{
    static const struct {
        LONG failure;
        carnet_rc rc;
    } known[] = {
        { SCARD_E_NO_SERVICE, CARNET_E_LINK_ABSENT },
        { SCARD_E_NO_READERS_AVAILABLE, CARNET_E_LINK_ABSENT },
        { SCARD_E_SERVICE_STOPPED, CARNET_E_LINK_LOST },
        { SCARD_W_REMOVED_CARD, CARNET_E_LINK_LOST },
        { SCARD_W_RESET_CARD, CARNET_E_LINK_LOST },
        { SCARD_W_UNPOWERED_CARD, CARNET_E_LINK_LOST },
        { SCARD_W_UNRESPONSIVE_CARD, CARNET_E_LINK_LOST },
        { SCARD_E_NO_SMARTCARD, CARNET_E_LINK_LOST },
        { SCARD_E_READER_UNAVAILABLE, CARNET_E_LINK_LOST },
        { SCARD_E_UNKNOWN_READER, CARNET_E_LINK_LOST },
        { SCARD_E_NOT_TRANSACTED, CARNET_E_LINK_LOST },
        { SCARD_F_COMM_ERROR, CARNET_E_LINK_LOST },
        { SCARD_E_COMM_DATA_LOST, CARNET_E_LINK_LOST },
        { SCARD_E_INVALID_HANDLE, CARNET_E_LINK_LOST },
        { SCARD_E_INSUFFICIENT_BUFFER, CARNET_E_LINK_PROTOCOL },
        { SCARD_E_TIMEOUT, CARNET_E_LINK_TIMEOUT },
    };

    for (size_t i = 0; i < CARNET_COUNT(known); i++) {
        if (known[i].failure == failure) {
            return carnet_fail(err, known[i].rc, NULL, pcsc_stringify_error(failure));
        }
    }
    return carnet_fail(err, CARNET_E_LINK_IO, NULL, pcsc_stringify_error(failure));
}

/** What PC/SC and the heap gave. */
static void
destroy(carnet_pcsc *card)
{
    /* pcscd 1.9.9, told to switch off a card that is gone, takes the next one for absent if it comes at once. */
    (void)SCardDisconnect(card->handle, card->gone ? SCARD_LEAVE_CARD : SCARD_UNPOWER_CARD);
    (void)SCardReleaseContext(card->context);
    pthread_cond_destroy(&card->changed);
    pthread_mutex_destroy(&card->lock);
    if (card->answer.ptr != NULL) {
        carnet_wipe(card->answer.ptr, card->answer.len);
    }
    free(card->answer.ptr);
    carnet_wipe(card->command_octets, card->command.len);
    carnet_wipe(card->response, card->response_len);
    free(card);
}

static void
transmit(carnet_pcsc *card)
{
    DWORD len = sizeof card->response;
    const SCARD_IO_REQUEST *protocol = card->protocol == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1;

    card->failure =
        SCardTransmit(card->handle, protocol, card->command.ptr, card->command.len, NULL, card->response, &len);
    card->response_len = card->failure == SCARD_S_SUCCESS ? len : 0;
    card->gone = card->response_len == 0;
}

static void *
work(void *context)
{
    carnet_pcsc *card = context;

    pthread_mutex_lock(&card->lock);
    while (!card->quit) {
        if (card->work != CARNET_PCSC_ASKED) {
            pthread_cond_wait(&card->changed, &card->lock);
            continue;
        }
        card->work = CARNET_PCSC_BUSY;
        pthread_mutex_unlock(&card->lock);
        transmit(card);
        pthread_mutex_lock(&card->lock);
        card->work = CARNET_PCSC_DONE;
        pthread_cond_broadcast(&card->changed);
    }
    pthread_mutex_unlock(&card->lock);
    card->gone |= card->work == CARNET_PCSC_DONE && card->response_len == 2; /* the holder ended, nobody listened */
    destroy(card);                                                           /* nobody else has it any more */
    return NULL;
}

carnet_rc
carnet_pcsc_start(carnet_pcsc *card, carnet_err *err)
{
    pthread_condattr_t even; /* a clock nobody sets */
    int failure;

    pthread_condattr_init(&even);
    pthread_condattr_setclock(&even, CLOCK_MONOTONIC);
    pthread_cond_init(&card->changed, &even);
    pthread_condattr_destroy(&even);
    pthread_mutex_init(&card->lock, NULL);
    card->command = carnet_buf_of(card->command_octets, sizeof card->command_octets);
    failure = pthread_create(&card->thread, NULL, work, card);
    card->threaded = failure == 0;
    return card->threaded ? CARNET_OK : carnet_fail(err, CARNET_E_LINK_IO, NULL, strerror(failure));
}

void
carnet_pcsc_post(carnet_pcsc *card)
{
    pthread_mutex_lock(&card->lock);
    card->work = CARNET_PCSC_ASKED;
    pthread_cond_broadcast(&card->changed);
    pthread_mutex_unlock(&card->lock);
}

bool
carnet_pcsc_is_out(carnet_pcsc *card)
{
    bool out;

    pthread_mutex_lock(&card->lock);
    out = card->work != CARNET_PCSC_IDLE;
    pthread_mutex_unlock(&card->lock);
    return out;
}

carnet_rc
carnet_pcsc_wait(carnet_pcsc *card, int64_t deadline_ms, carnet_span *response, carnet_err *err)
{
    struct timespec until = { .tv_sec = deadline_ms / 1000, .tv_nsec = deadline_ms % 1000 * 1000000 };
    int late = 0;

    *response = (carnet_span){ 0 };
    pthread_mutex_lock(&card->lock);
    while (card->work != CARNET_PCSC_DONE && late == 0) {
        late = pthread_cond_timedwait(&card->changed, &card->lock, &until);
    }
    late = card->work != CARNET_PCSC_DONE;
    card->work = late ? card->work : CARNET_PCSC_IDLE;
    pthread_mutex_unlock(&card->lock);
    if (late) {
        return carnet_fail(err, CARNET_E_LINK_TIMEOUT, NULL, NULL);
    }
    if (card->failure != SCARD_S_SUCCESS) {
        return carnet_pcsc_fail(card->failure, err);
    }
    if (card->response_len == 0) { /* what drivers say when the card is taken off while they transmit */
        return carnet_fail(err, CARNET_E_LINK_LOST, NULL, "the card is gone");
    }
    *response = carnet_span_of(card->response, card->response_len);
    return CARNET_OK;
}

void
carnet_pcsc_release(carnet_pcsc *card)
{
    pthread_t thread = card->thread;
    bool busy;

    if (!card->threaded) {
        destroy(card);
        return;
    }
    pthread_mutex_lock(&card->lock);
    card->quit = true;
    busy = card->work == CARNET_PCSC_BUSY;
    if (busy) {
        pthread_detach(thread);
    }
    pthread_cond_broadcast(&card->changed);
    pthread_mutex_unlock(&card->lock);
    if (!busy) {
        pthread_join(thread, NULL);
    }
}
