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
/* A card that came faster than PC/SC looks is no change to it, so that one which could not be connected to is tried again. */
#define SHORTEST_WAIT 100

/** The slots that are watched. */
typedef struct watch {
    SCARDCONTEXT context;
    const carnet_pcsc_options *options;
    char names[NAMES_SIZE];
    bool stale[SLOTS_MAX]; /* a card lies there that does not count */
    SCARD_READERSTATE states[SLOTS_MAX + 1];
    size_t count;
    bool first;   /* nothing has been looked at yet */
    bool refused; /* a card is said to be there, and could not be connected to */
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

/** PC/SC may not have noticed yet that a card has gone: see that it answers, whatever it answers. */
static carnet_rc
greet(carnet_pcsc *card, int64_t deadline, carnet_err *err)
{
    static const uint8_t select[] = { 0x00, 0xa4, 0x04, 0x00, 0x07, 0xd2, 0x76, 0x00, 0x00, 0x85, 0x01, 0x01, 0x00 };
    carnet_span response;

    card->command.len = 0;
    carnet_buf_add(&card->command, carnet_span_of(select, sizeof select));
    carnet_pcsc_post(card);
    return carnet_pcsc_wait(card, deadline, &response, err);
}

/** Connect to the card in a slot.  CARNET_E_LINK_LOST: it is gone again, or another program has it. */
static carnet_rc
connect_to(watch *w, const SCARD_READERSTATE *state, carnet_pcsc *card, int64_t deadline, carnet_err *err)
{
    LONG failure = SCardConnect(w->context, state->szReader, SCARD_SHARE_EXCLUSIVE,
                                SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &card->handle, &card->protocol);
    carnet_str name;
    carnet_rc rc;

    if (failure != SCARD_S_SUCCESS) {
        return CARNET_E_LINK_LOST;
    }
    memset(card->name, 0, sizeof card->name);
    name = carnet_str_of(state->szReader);
    memcpy(card->name, name.ptr, name.len < sizeof card->name ? name.len : sizeof card->name - 1);
    rc = greet(card, deadline, err);
    if (rc == CARNET_E_LINK_LOST) {
        (void)SCardDisconnect(card->handle, SCARD_LEAVE_CARD);
        card->handle = 0;
    }
    return rc;
}

/** Take over what PC/SC says of the slots. */
static void
look(watch *w)
{
    for (size_t i = 0; i < w->count; i++) {
        SCARD_READERSTATE *state = &w->states[i];
        bool there = (state->dwEventState & SCARD_STATE_PRESENT) != 0;
        /* The high half counts the cards that came and went. */
        bool same = w->first || state->dwEventState >> 16 == state->dwCurrentState >> 16;

        state->dwCurrentState = state->dwEventState & ~(DWORD)SCARD_STATE_CHANGED;
        w->stale[i] = w->stale[i] && there && same;
    }
}

/** Connect to the first card that counts; CARNET_E_LINK_LOST: there is none. */
static carnet_rc
take_card(watch *w, carnet_pcsc *card, int64_t deadline, carnet_err *err)
{
    w->refused = false;
    for (size_t i = 0; i < w->count; i++) {
        DWORD state = w->states[i].dwCurrentState;

        if ((state & SCARD_STATE_PRESENT) != 0 && (state & SCARD_STATE_EXCLUSIVE) == 0 && !w->stale[i]) {
            carnet_rc rc = connect_to(w, &w->states[i], card, deadline, err);

            if (rc != CARNET_E_LINK_LOST) {
                return rc;
            }
            w->refused = true;
        }
    }
    return CARNET_E_LINK_LOST;
}

/** How long to wait for a change. */
static DWORD
patience(const watch *w, int64_t deadline)
{
    int64_t left = deadline - carnet_link_now_ms(), longest = w->refused ? SHORTEST_WAIT : LONGEST_WAIT;

    left = w->first || left < 0 ? 0 : left;
    return (DWORD)(left < longest ? left : longest);
}

static carnet_rc
wait_for_card(watch *w, carnet_pcsc *card, int64_t deadline, carnet_err *err)
{
    for (w->first = true;; w->first = false) {
        LONG failure;
        carnet_rc rc;

        refresh(w);
        /* The first look is for what lies there already, and makes the notification of new slots known. */
        failure = SCardGetStatusChange(w->context, patience(w, deadline), w->states, (DWORD)w->count + !w->first);
        if (failure != SCARD_S_SUCCESS && failure != SCARD_E_TIMEOUT && failure != SCARD_E_UNKNOWN_READER &&
            !(w->first && failure == SCARD_E_INVALID_PARAMETER)) { /* that is said of no slots at all */
            return carnet_pcsc_fail(failure, err);
        }
        if (failure == SCARD_S_SUCCESS) {
            look(w);
        }
        rc = take_card(w, card, deadline, err);
        if (rc != CARNET_E_LINK_LOST) {
            return rc;
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
    carnet_rc rc;

    if (w == NULL) {
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, "no memory");
    }
    w->context = card->context;
    w->options = options;
    rc = wait_for_card(w, card, deadline, err);
    free(w);
    return rc;
}

/** A card that is none yet. */
static carnet_rc
make(carnet_pcsc **card, const carnet_pcsc_options *options, carnet_err *err)
{
    carnet_pcsc *new = calloc(1, sizeof *new);
    LONG failure = SCARD_S_SUCCESS;
    carnet_rc rc;

    if (new == NULL) {
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, "no memory");
    }
    new->limits = options->limits.command != 0 ? options->limits : CARNET_NFC_EXTENDED;
    rc = carnet_nfc_reader_init(&new->transfer, new->limits, CARNET_NFC_SHORT, err); /* says if they are in range */
    if (rc == CARNET_OK) {
        failure = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &new->context);
        rc = failure == SCARD_S_SUCCESS ? CARNET_OK : carnet_pcsc_fail(failure, err);
    }
    if (rc != CARNET_OK) {
        free(new);
        return rc;
    }
    *card = new;
    return carnet_pcsc_start(new, err);
}

carnet_rc
carnet_pcsc_open(carnet_pcsc **card, const carnet_pcsc_options *options, int timeout_ms, carnet_err *err)
{
    static const carnet_pcsc_options defaults;
    int64_t deadline = carnet_link_now_ms() + timeout_ms;
    carnet_rc rc;

    *card = NULL;
    options = options != NULL ? options : &defaults;
    rc = make(card, options, err);
    if (rc == CARNET_OK && *card != NULL) {
        rc = open_card(*card, options, deadline, err);
    }
    if (rc != CARNET_OK) {
        carnet_pcsc_free(card);
    }
    return rc;
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
