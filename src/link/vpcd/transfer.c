/* SPDX-License-Identifier: Apache-2.0 */
/* A link over NFC data transfer: the reader asks, the card answers when its holder has decided. */
#include "internal.h"
#include "link_io.h"

#define LAST_MS 200 /* for a last response, and for the reader to let go, when the link is closed */

/** The next command; without one the link has failed. */
static carnet_rc
take_command(carnet_link *link, carnet_span *command, int64_t deadline, carnet_err *err)
{
    carnet_vpcd *card = link->state;
    carnet_vpcd_frame frame;
    carnet_rc rc = carnet_vpcd_take(card, deadline, &frame, command, err);

    if (rc != CARNET_OK) {
        return rc;
    }
    if (frame == CARNET_VPCD_FIELD) {
        return carnet_fail(err, CARNET_E_LINK_LOST, NULL, "the reader switched the field off");
    }
    link->traffic.units_received++;
    link->traffic.octets_received += command->len;
    return CARNET_OK;
}

static carnet_rc
give_response(carnet_link *link, int64_t deadline, carnet_err *err)
{
    carnet_vpcd *card = link->state;
    carnet_rc rc = carnet_vpcd_give(card, deadline, err);

    link->traffic.units_sent += rc == CARNET_OK;
    link->traffic.octets_sent += rc == CARNET_OK ? card->out.len : 0;
    return rc;
}

/** Serve one command: what the machine makes of it, and what ends the link. */
static carnet_rc
serve(carnet_link *link, int64_t deadline, carnet_nfc_event *event, carnet_err *err)
{
    carnet_vpcd *card = link->state;
    carnet_span command;
    carnet_rc rc = take_command(link, &command, deadline, err);

    if (rc != CARNET_OK) {
        return rc;
    }
    card->refused.rc = CARNET_OK;
    *event = carnet_vpcd_transfer(card, command);
    if (*event != CARNET_NFC_MESSAGE) {
        rc = give_response(link, deadline, err);
    }
    if (rc == CARNET_OK && card->holder.interrupted) {
        return carnet_fail(err, CARNET_E_LINK_LOST, NULL, "the reader starts anew");
    }
    if (rc == CARNET_OK && card->refused.rc != CARNET_OK && card->holder.begun) {
        if (err != NULL) {
            *err = card->refused;
        }
        return card->refused.rc;
    }
    return rc;
}

static carnet_rc
transfer_receive(carnet_link *link, carnet_buf *message, int timeout_ms, carnet_err *err)
{
    carnet_vpcd *card = link->state;
    int64_t deadline = carnet_link_now_ms() + timeout_ms;
    carnet_nfc_event event = CARNET_NFC_RESPOND;
    carnet_rc rc = CARNET_OK;

    if (card->failed || card->waiting) {
        return carnet_fail(err, card->failed ? CARNET_E_LINK_CLOSED : CARNET_E_USAGE, NULL,
                           card->failed ? NULL : "the reader waits for an answer");
    }
    while (rc == CARNET_OK && event != CARNET_NFC_MESSAGE) {
        rc = serve(link, deadline, &event, err);
        if (rc == CARNET_OK) {
            carnet_link_tell(link, false, card->holder.incoming.done, card->holder.incoming.all);
        }
    }
    card->waiting = rc == CARNET_OK;
    if (rc == CARNET_OK && card->holder.message.len > message->cap - message->len) {
        rc = carnet_fail(err, CARNET_E_LINK_TOO_LONG, NULL, NULL);
    }
    card->failed = rc != CARNET_OK && rc != CARNET_E_LINK_TIMEOUT;
    if (rc == CARNET_OK) {
        carnet_buf_add(message, carnet_buf_span(&card->holder.message));
        link->traffic.messages_received++;
    }
    return rc;
}

/** While a command waits, the driver says nothing: unless the reader has gone meanwhile. */
static carnet_rc
still_there(carnet_link *link, carnet_err *err)
{
    carnet_span command;
    carnet_rc rc = take_command(link, &command, carnet_link_now_ms(), err);

    if (rc == CARNET_E_LINK_TIMEOUT) {
        return CARNET_OK;
    }
    return rc == CARNET_OK ? carnet_fail(err, CARNET_E_LINK_PROTOCOL, NULL, "a command comes before the answer") : rc;
}

static carnet_rc
transfer_send(carnet_link *link, carnet_span message, int timeout_ms, carnet_err *err)
{
    carnet_vpcd *card = link->state;
    int64_t deadline = carnet_link_now_ms() + timeout_ms;
    carnet_nfc_event event = CARNET_NFC_RESPOND;
    carnet_rc rc;

    if (card->failed || !card->waiting || message.len == 0) {
        return carnet_fail(err, card->failed ? CARNET_E_LINK_CLOSED : CARNET_E_USAGE, NULL,
                           card->failed ? NULL : "a card speaks only when it is asked");
    }
    rc = still_there(link, err);
    if (rc != CARNET_OK) {
        card->failed = true;
        return rc;
    }
    rc = carnet_nfc_holder_answer(&card->holder, message, carnet_vpcd_respond(card), &event, err);
    if (rc != CARNET_OK) {
        return rc;
    }
    card->waiting = false;
    rc = give_response(link, deadline, err);
    while (rc == CARNET_OK && event != CARNET_NFC_SENT) {
        carnet_link_tell(link, true, card->holder.at < message.len ? card->holder.at : message.len, message.len);
        rc = serve(link, deadline, &event, err);
    }
    card->failed = rc != CARNET_OK;
    if (rc == CARNET_OK) {
        carnet_link_tell(link, true, message.len, message.len);
        link->traffic.messages_sent++;
    }
    return rc;
}

/** Release a reader that waits: there will be no answer. */
static void
release_reader(carnet_link *link, int timeout_ms)
{
    carnet_vpcd *card = link->state;
    carnet_nfc_event event;

    if (card->waiting && carnet_nfc_holder_answer(&card->holder, (carnet_span){ 0 }, carnet_vpcd_respond(card), &event,
                                                  NULL) == CARNET_OK) {
        (void)give_response(link, carnet_link_now_ms() + timeout_ms, NULL);
    }
    card->waiting = false;
    card->failed = true;
}

static void
transfer_close(carnet_link *link)
{
    carnet_vpcd *card = link->state;
    carnet_vpcd_frame frame;
    carnet_span command;

    if (card->waiting) { /* a card that is gone before the reader lets go of it confuses pcscd */
        release_reader(link, LAST_MS);
        (void)!carnet_vpcd_take(card, carnet_link_now_ms() + LAST_MS, &frame, &command, NULL);
    }
    carnet_vpcd_free(&card);
}

static const carnet_link_ops transfer_ops = {
    .name = "NFC", .send = transfer_send, .receive = transfer_receive, .end = release_reader, .close = transfer_close
};

carnet_rc
carnet_vpcd_link(carnet_vpcd **card, carnet_link *link, carnet_err *err)
{
    *link = (carnet_link){ 0 };
    if ((*card)->application != CARNET_VPCD_TRANSFER) {
        return carnet_fail(err, CARNET_E_USAGE, NULL, "the reader has not selected data transfer");
    }
    *link = (carnet_link){ .ops = &transfer_ops, .state = *card, .fd = (*card)->fd };
    *card = NULL;
    return CARNET_OK;
}
