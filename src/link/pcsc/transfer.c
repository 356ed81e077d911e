/* SPDX-License-Identifier: Apache-2.0 */
/* A link over NFC data transfer.  The answer to a message is the response to its last command. */
#include "internal.h"
#include "link_io.h"

#include <stdlib.h>

/** Transmit the machine's next command, if there is one. */
static bool
post_next(carnet_link *link, carnet_pcsc *card)
{
    card->command.len = 0;
    if (!carnet_nfc_reader_next(&card->transfer, &card->command)) {
        return false;
    }
    link->traffic.units_sent++;
    link->traffic.octets_sent += card->command.len;
    carnet_pcsc_post(card);
    return true;
}

/** Wait for the response to the command that is out, and take it. */
static carnet_rc
take_response(carnet_link *link, carnet_pcsc *card, int64_t deadline, carnet_err *err)
{
    carnet_span response;
    carnet_rc rc = carnet_pcsc_wait(card, deadline, &response, err);

    if (rc != CARNET_OK) {
        return rc;
    }
    link->traffic.units_received++;
    link->traffic.octets_received += response.len;
    return carnet_nfc_reader_take(&card->transfer, response, &card->answer, err);
}

static carnet_rc
transfer_send(carnet_link *link, carnet_span message, int timeout_ms, carnet_err *err)
{
    carnet_pcsc *card = link->state;
    int64_t deadline = carnet_link_now_ms() + timeout_ms;
    carnet_rc rc;

    if (card->failed) {
        return carnet_fail(err, CARNET_E_LINK_CLOSED, NULL, NULL);
    }
    rc = carnet_nfc_reader_send(&card->transfer, message, err);
    if (rc != CARNET_OK) {
        return rc;
    }
    while (rc == CARNET_OK && post_next(link, card) && !carnet_nfc_reader_waits(&card->transfer)) {
        rc = take_response(link, card, deadline, err);
        carnet_link_tell(link, true, card->transfer.at < message.len ? card->transfer.at : message.len, message.len);
    }
    if (rc == CARNET_OK) {
        carnet_link_tell(link, true, message.len, message.len);
    }
    card->failed = rc != CARNET_OK;
    link->traffic.messages_sent += rc == CARNET_OK;
    return rc;
}

/** All of the answer is there: hand it over. */
static carnet_rc
deliver(carnet_link *link, carnet_pcsc *card, carnet_buf *message)
{
    carnet_buf_add(message, carnet_buf_span(&card->answer));
    carnet_wipe(card->answer.ptr, card->answer.len);
    free(card->answer.ptr);
    card->answer = (carnet_buf){ 0 };
    link->traffic.messages_received++;
    return CARNET_OK;
}

/** Room of its own for an answer that comes in parts: the caller may give up and come again. */
static carnet_rc
make_room(carnet_pcsc *card, size_t room, carnet_err *err)
{
    if (card->answer.ptr != NULL) {
        return CARNET_OK;
    }
    room = room < CARNET_NFC_MESSAGE_MAX ? room : CARNET_NFC_MESSAGE_MAX;
    card->answer = carnet_buf_of(malloc(room + 1), room);
    return card->answer.ptr != NULL ? CARNET_OK : carnet_fail(err, CARNET_E_NO_SPACE, NULL, "no memory");
}

static carnet_rc
transfer_receive(carnet_link *link, carnet_buf *message, int timeout_ms, carnet_err *err)
{
    carnet_pcsc *card = link->state;
    int64_t deadline = carnet_link_now_ms() + timeout_ms;
    carnet_rc rc;

    if (card->failed) {
        return carnet_fail(err, CARNET_E_LINK_CLOSED, NULL, NULL);
    }
    if (!carnet_pcsc_is_out(card)) {
        return carnet_fail(err, CARNET_E_USAGE, NULL, "a card speaks only when it is asked");
    }
    rc = make_room(card, message->cap - message->len, err);
    while (rc == CARNET_OK) {
        rc = take_response(link, card, deadline, err);
        if (rc == CARNET_OK) {
            carnet_link_tell(link, false, card->transfer.incoming.done, card->transfer.incoming.all);
            if (!post_next(link, card)) {
                return card->answer.len <= message->cap - message->len
                           ? deliver(link, card, message)
                           : carnet_fail(err, CARNET_E_LINK_TOO_LONG, NULL, NULL);
            }
        }
    }
    card->failed = rc != CARNET_E_LINK_TIMEOUT;
    if (rc == CARNET_E_LINK_CLOSED) { /* not after a timeout: what is out is the thread's */
        card->gone = true;
    }
    return rc;
}

/** The medium has no word for the end; but the last message may still be on its way. */
static void
transfer_end(carnet_link *link, int timeout_ms)
{
    carnet_pcsc *card = link->state;
    carnet_span response;

    if (carnet_pcsc_is_out(card) &&
        carnet_pcsc_wait(card, carnet_link_now_ms() + timeout_ms, &response, NULL) == CARNET_OK) {
        card->gone |= response.len == 2; /* so a holder ends, too */
    }
    card->failed = true;
}

static void
transfer_close(carnet_link *link)
{
    carnet_pcsc_release(link->state);
}

static const carnet_link_ops transfer_ops = {
    .name = "NFC", .send = transfer_send, .receive = transfer_receive, .end = transfer_end, .close = transfer_close
};

carnet_rc
carnet_pcsc_link(carnet_pcsc **card, carnet_nfc_limits peer, carnet_link *link, carnet_err *err)
{
    carnet_rc rc = carnet_nfc_reader_init(&(*card)->transfer, (*card)->limits, peer, err);

    *link = (carnet_link){ 0 };
    if (rc == CARNET_OK) {
        *link = (carnet_link){ .ops = &transfer_ops, .state = *card, .fd = -1 };
        *card = NULL;
    }
    return rc;
}
