/* SPDX-License-Identifier: Apache-2.0 */
/* Slots: which there are, and the first card that comes to one of them. */
#include "internal.h"
#include "link_io.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS_MAX    (PCSCLITE_MAX_READERS_CONTEXTS - 1) /* one is for the notification */
#define NEW_SLOT     "\\\\?PnP?\\Notification"           /* PC/SC's name for the coming and going of readers */
#define NAMES_SIZE   (SLOTS_MAX * MAX_READERNAME)
#define LONGEST_WAIT 2000 /* milliseconds: a slot may come between looking and waiting */

/** The slots that are watched. */
typedef struct watch {
    SCARDCONTEXT context;
    const carnet_pcsc_options *options;
    char names[NAMES_SIZE];
    bool stale[SLOTS_MAX]; /* a card lies there that does not count */
    SCARD_READERSTATE states[SLOTS_MAX + 1];
    size_t count;
    bool first; /* nothing has been looked at yet */
} watch;

static carnet_rc
list(SCARDCONTEXT context, char *names, size_t size, carnet_err *err)
{
    DWORD len = (DWORD)size;
    LONG failure = SCardListReaders(context, NULL, names, &len);

    if (failure != SCARD_S_SUCCESS) {
        memset(names, 0, 2);
    }
    return failure == SCARD_S_SUCCESS ? CARNET_OK : carnet_pcsc_fail(failure, err);
}

carnet_rc
carnet_pcsc_list(carnet_buf *names, carnet_err *err)
{
    SCARDCONTEXT context;
    char all[NAMES_SIZE];
    LONG failure = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context);
    carnet_rc rc;

    if (failure != SCARD_S_SUCCESS) {
        return carnet_pcsc_fail(failure, err);
    }
    rc = list(context, all, sizeof all, err);
    (void)SCardReleaseContext(context);
    for (const char *at = all; rc == CARNET_OK && *at != '\0'; at += strlen(at) + 1) {
        carnet_buf_add(names, carnet_span_of(at, strlen(at) + 1));
    }
    return rc == CARNET_OK && names->overflow ? carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL) : rc;
}

static bool
wanted(const watch *w, const char *name)
{
    return w->options->reader == NULL || strncmp(name, w->options->reader, strlen(w->options->reader)) == 0;
}

/** Look anew at which slots there are; what was known of one stays known. */
static void
refresh(watch *w)
{
    static const watch none;
    watch *old = malloc(sizeof *old);
    size_t n = 0;

    if (old == NULL) {
        return;
    }
    *old = *w;
    if (list(w->context, w->names, sizeof w->names, NULL) != CARNET_OK) {
        w->names[0] = '\0';
    }
    memcpy(w->states, none.states, sizeof w->states);
    for (char *name = w->names; *name != '\0' && n < SLOTS_MAX; name += strlen(name) + 1) {
        if (!wanted(w, name)) {
            continue;
        }
        w->states[n].szReader = name;
        w->stale[n] = w->first && w->options->fresh;
        for (size_t i = 0; i < old->count; i++) {
            if (strcmp(old->names + (old->states[i].szReader - w->names), name) == 0) {
                w->stale[n] = old->stale[i];
                w->states[n].dwCurrentState = old->states[i].dwCurrentState;
            }
        }
        n++;
    }
    w->states[n].szReader = NEW_SLOT;
    w->states[n].dwCurrentState = (DWORD)0;
    w->count = n;
    free(old);
}

/** Connect to the card in a slot; other than SCARD_S_SUCCESS: it is gone again, or another program has it. */
static LONG
connect_to(watch *w, const SCARD_READERSTATE *state, carnet_pcsc *card)
{
    LONG failure = SCardConnect(w->context, state->szReader, SCARD_SHARE_EXCLUSIVE,
                                SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &card->handle, &card->protocol);

    if (failure == SCARD_S_SUCCESS) {
        strncpy(card->name, state->szReader, sizeof card->name - 1);
    }
    return failure;
}

/** True if one of the slots has a card that counts, and it is connected to. */
static bool
take_card(watch *w, carnet_pcsc *card)
{
    for (size_t i = 0; i < w->count; i++) {
        SCARD_READERSTATE *state = &w->states[i];
        bool there = (state->dwEventState & SCARD_STATE_PRESENT) != 0;
        /* The high half counts the cards that came and went. */
        bool same = w->first || state->dwEventState >> 16 == state->dwCurrentState >> 16;

        state->dwCurrentState = state->dwEventState & ~(DWORD)SCARD_STATE_CHANGED;
        w->stale[i] = w->stale[i] && there && same;
        if (there && !w->stale[i] && (state->dwEventState & (SCARD_STATE_MUTE | SCARD_STATE_EXCLUSIVE)) == 0 &&
            connect_to(w, state, card) == SCARD_S_SUCCESS) {
            return true;
        }
    }
    return false;
}

static carnet_rc
wait_for_card(watch *w, carnet_pcsc *card, int64_t deadline, carnet_err *err)
{
    for (w->first = true;; w->first = false) {
        int64_t left = deadline - carnet_link_now_ms();
        LONG failure;

        refresh(w);
        left = w->first || left < 0 ? 0 : left;
        left = left < LONGEST_WAIT ? left : LONGEST_WAIT;
        /* The first look is for what lies there already, and makes the notification of new slots known. */
        failure = SCardGetStatusChange(w->context, (DWORD)left, w->states, (DWORD)w->count + !w->first);
        if (failure != SCARD_S_SUCCESS && failure != SCARD_E_TIMEOUT && failure != SCARD_E_UNKNOWN_READER &&
            failure != SCARD_E_INVALID_PARAMETER) {
            return carnet_pcsc_fail(failure, err);
        }
        if (failure == SCARD_S_SUCCESS && take_card(w, card)) {
            return CARNET_OK;
        }
        if (!w->first && carnet_link_now_ms() >= deadline) {
            return carnet_fail(err, CARNET_E_LINK_TIMEOUT, NULL,
                               w->count == 0 ? "there is no such slot" : "no card came");
        }
    }
}

static carnet_rc
open_card(carnet_pcsc *card, const carnet_pcsc_options *options, int64_t deadline, carnet_err *err)
{
    watch *w = calloc(1, sizeof *w);
    LONG failure =
        w == NULL ? SCARD_E_NO_MEMORY : SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &card->context);
    carnet_rc rc;

    if (failure != SCARD_S_SUCCESS) {
        free(w);
        return carnet_pcsc_fail(failure, err);
    }
    w->context = card->context;
    w->options = options;
    rc = wait_for_card(w, card, deadline, err);
    free(w);
    if (rc != CARNET_OK) {
        (void)SCardReleaseContext(card->context);
    }
    return rc;
}

carnet_rc
carnet_pcsc_open(carnet_pcsc **card, const carnet_pcsc_options *options, int timeout_ms, carnet_err *err)
{
    static const carnet_pcsc_options defaults;
    int64_t deadline = carnet_link_now_ms() + timeout_ms;
    carnet_pcsc *new = calloc(1, sizeof *new);
    carnet_rc rc;

    *card = NULL;
    if (new == NULL) {
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, "no memory");
    }
    options = options != NULL ? options : &defaults;
    new->limits = options->limits.command != 0 ? options->limits : CARNET_NFC_EXTENDED;
    rc = carnet_nfc_reader_init(&new->transfer, new->limits, CARNET_NFC_SHORT, err); /* says if they are in range */
    rc = rc == CARNET_OK ? open_card(new, options, deadline, err) : rc;
    if (rc != CARNET_OK) {
        free(new);
        return rc;
    }
    rc = carnet_pcsc_start(new, err);
    if (rc != CARNET_OK) {
        carnet_pcsc_release(new);
        return rc;
    }
    *card = new;
    return CARNET_OK;
}

const char *
carnet_pcsc_reader(const carnet_pcsc *card)
{
    return card->name;
}

void
carnet_pcsc_free(carnet_pcsc **card)
{
    if (*card != NULL) {
        carnet_pcsc_release(*card);
    }
    *card = NULL;
}
