/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions over NFC: a real PC/SC service, a virtual card that comes and goes each time.  pcscd takes 0.4 s to notice. */
#include "../soak.h"
#include "antenna.h"
#include "carnet/link_memory.h"
#include "carnet/link_pcsc.h"
#include "holder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SOON = 20000, ROOM = 70000 };

/** A card with a thread of its own, which passes on what comes to a link in memory, and its answers. */
typedef struct relay {
    carnet_link near, far; /* near: the mdoc's; far: the thread's */
    carnet_link reader;
    pthread_t thread;
    bool negotiated, short_length;
    uint8_t room[ROOM];
} relay;

static relay the_relay;
static unsigned sessions;

static carnet_nfc_limits
limits(const relay *r)
{
    return r->short_length ? CARNET_NFC_SHORT
                           : (carnet_nfc_limits){ CARNET_VPCD_COMMAND_MAX, CARNET_VPCD_RESPONSE_MAX };
}

/** Engage, and come back when the reader has selected data transfer. */
static carnet_rc
engage(relay *r, carnet_vpcd *card)
{
    uint8_t room[600];
    carnet_span select = carnet_test_select(limits(r), room);
    carnet_vpcd_event event = CARNET_VPCD_LEFT;
    carnet_rc rc = r->negotiated ? carnet_vpcd_negotiate(card, 2, 15, NULL) : carnet_vpcd_offer(card, select, NULL);

    while (rc == CARNET_OK && event != CARNET_VPCD_SELECTED) {
        rc = carnet_vpcd_serve(card, &event, SOON, NULL);
        if (rc == CARNET_OK && event == CARNET_VPCD_REQUESTED) {
            rc = carnet_vpcd_answer(card, select, NULL);
        }
    }
    return rc;
}

static carnet_rc
pass(relay *r, carnet_link *from, carnet_link *to)
{
    carnet_buf message = carnet_buf_of(r->room, sizeof r->room);
    carnet_rc rc = carnet_link_receive(from, &message, SOON, NULL);

    return rc == CARNET_OK ? carnet_link_send(to, carnet_buf_span(&message), SOON, NULL) : rc;
}

static void *
run(void *context)
{
    relay *r = context;
    carnet_vpcd *card;
    carnet_link nfc = { 0 };
    carnet_rc rc =
        carnet_vpcd_open(&card, &(carnet_vpcd_options){ .port = FIRST_SLOT, .limits = limits(r) }, SOON, NULL);

    rc = rc == CARNET_OK ? engage(r, card) : rc;
    rc = rc == CARNET_OK ? carnet_vpcd_link(&card, &nfc, NULL) : rc;
    while (rc == CARNET_OK) {
        rc = pass(r, &nfc, &r->far);
        rc = rc == CARNET_OK ? pass(r, &r->far, &nfc) : rc;
    }
    carnet_link_close(&nfc);
    carnet_link_close(&r->far);
    carnet_vpcd_free(&card);
    return NULL;
}

static carnet_rc
relay_send(carnet_link *link, carnet_span message, int timeout_ms, carnet_err *err)
{
    return carnet_link_send(link->state, message, timeout_ms, err);
}

static carnet_rc
relay_receive(carnet_link *link, carnet_buf *message, int timeout_ms, carnet_err *err)
{
    return carnet_link_receive(link->state, message, timeout_ms, err);
}

/** The mdoc ends: so does its card, when the reader has let go of it. */
static void
mdoc_end(carnet_link *link, int timeout_ms)
{
    (void)timeout_ms;
    carnet_link_close(link->state);
}

static void
mdoc_close(carnet_link *link)
{
    carnet_link_close(link->state);
}

static void
reader_end(carnet_link *link, int timeout_ms)
{
    carnet_link_end(link->state, timeout_ms);
}

/** The reader lets go; the card is gone before the next comes. */
static void
reader_close(carnet_link *link)
{
    carnet_link_close(link->state);
    pthread_join(the_relay.thread, NULL);
}

static const carnet_link_ops mdoc_ops = {
    .name = "relay", .send = relay_send, .receive = relay_receive, .end = mdoc_end, .close = mdoc_close
};
static const carnet_link_ops reader_ops = {
    .name = "NFC", .send = relay_send, .receive = relay_receive, .end = reader_end, .close = reader_close
};

static carnet_rc
connect_pair(carnet_link *reader, carnet_link *mdoc, carnet_err *err)
{
    relay *r = &the_relay;
    uint8_t room[600];
    carnet_span request;
    carnet_pcsc *card;
    carnet_pcsc_engagement engagement;
    carnet_rc rc = carnet_link_memory_pair(&r->near, &r->far, err);

    if (rc != CARNET_OK) {
        return rc;
    }
    r->negotiated = sessions % 2 == 1;
    r->short_length = sessions++ % 3 == 0;
    request = r->negotiated ? carnet_test_request(limits(r), room) : (carnet_span){ 0 };
    pthread_create(&r->thread, NULL, run, r);
    *mdoc = (carnet_link){ .ops = &mdoc_ops, .state = &r->near };
    *reader = (carnet_link){ .ops = &reader_ops, .state = &r->reader };
    rc = carnet_pcsc_open(&card, NULL, SOON, err);
    rc = rc == CARNET_OK ? carnet_pcsc_engage(card, request, &engagement, SOON, err) : rc;
    return rc == CARNET_OK ? carnet_pcsc_link(&card, engagement.peer, &r->reader, err) : rc;
}

int
main(int argc, char **argv)
{
    const char *why_not = carnet_test_alone();
    int status;

    why_not = why_not == NULL ? carnet_test_pcscd_start() : why_not;
    if (why_not != NULL) {
        fprintf(stderr, "soak_nfc: %s\n", why_not);
        return 77;
    }
    status = soak_run("NFC", connect_pair, argc, argv);
    carnet_test_pcscd_stop();
    return status;
}
