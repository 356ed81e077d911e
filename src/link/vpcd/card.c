/* SPDX-License-Identifier: Apache-2.0 */
/* The card: which application a command is for, and the engagement. */
#include "internal.h"
#include "link_io.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SERVE_MS 5000 /* for giving a response, when the caller only looks in */

static carnet_rc
init(carnet_vpcd *card, const carnet_vpcd_options *options, carnet_err *err)
{
    carnet_nfc_limits limits = options->limits;
    size_t max = options->message_max != 0 ? options->message_max : 65536;
    uint8_t *storage;

    if (limits.command == 0 && limits.response == 0) {
        limits = (carnet_nfc_limits){ CARNET_VPCD_COMMAND_MAX, CARNET_VPCD_RESPONSE_MAX };
    }
    if (limits.command > CARNET_VPCD_COMMAND_MAX || limits.response > CARNET_VPCD_RESPONSE_MAX) {
        return carnet_fail(err, CARNET_E_USAGE, NULL, "the driver does not carry data fields so long");
    }
    storage = malloc(max);
    if (storage == NULL) {
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, "no memory");
    }
    return carnet_nfc_holder_init(&card->holder, limits, carnet_buf_of(storage, max), err);
}

carnet_rc
carnet_vpcd_open(carnet_vpcd **card, const carnet_vpcd_options *options, int timeout_ms, carnet_err *err)
{
    static const carnet_vpcd_options defaults;
    int64_t deadline = carnet_link_now_ms() + timeout_ms;
    carnet_vpcd *new = calloc(1, sizeof *new);
    carnet_rc rc;

    *card = NULL;
    if (new == NULL) {
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, "no memory");
    }
    options = options != NULL ? options : &defaults;
    new->fd = -1;
    rc = init(new, options, err);
    if (rc == CARNET_OK) {
        rc = carnet_vpcd_connect(options->host, options->port != 0 ? options->port : CARNET_VPCD_PORT, deadline,
                                 &new->fd, err);
    }
    if (rc != CARNET_OK) {
        carnet_vpcd_free(&new);
    }
    *card = new;
    return rc;
}

void
carnet_vpcd_free(carnet_vpcd **card)
{
    carnet_vpcd *old = *card;

    *card = NULL;
    if (old == NULL) {
        return;
    }
    if (old->fd >= 0) {
        close(old->fd);
    }
    if (old->holder.message.ptr != NULL) {
        carnet_wipe(old->holder.message.ptr, old->holder.message.len);
    }
    free(old->holder.message.ptr);
    carnet_wipe(old->frame, sizeof old->frame);
    carnet_wipe(old->response, sizeof old->response);
    free(old);
}

carnet_rc
carnet_vpcd_offer(carnet_vpcd *card, carnet_span handover_select, carnet_err *err)
{
    carnet_type4_tag_parameters parameters = { .select = { card->offer, handover_select.len } };
    carnet_rc rc;

    card->has_tag = false;
    if (handover_select.len > sizeof card->offer) {
        return carnet_fail(err, CARNET_E_USAGE, NULL, "the handover select message is too long");
    }
    memcpy(card->offer, handover_select.ptr, handover_select.len);
    card->offer_len = handover_select.len;
    rc = carnet_type4_tag_init(&card->tag, &parameters, err);
    card->has_tag = rc == CARNET_OK;
    return rc;
}

carnet_rc
carnet_vpcd_negotiate(carnet_vpcd *card, unsigned waiting_ms, unsigned extensions, carnet_err *err)
{
    carnet_type4_tag_parameters parameters = { .storage = card->request, .capacity = sizeof card->request };
    carnet_rc rc;

    card->has_tag = false;
    card->offer_len = 0;
    while (parameters.wait_time < 63 && carnet_tnep_wait_ms(parameters.wait_time) < waiting_ms) {
        parameters.wait_time++;
    }
    if (extensions > 15) {
        return carnet_fail(err, CARNET_E_USAGE, NULL, "there are at most 15 extensions");
    }
    parameters.wait_extensions = (uint8_t)extensions;
    rc = carnet_type4_tag_init(&card->tag, &parameters, err);
    card->has_tag = rc == CARNET_OK;
    return rc;
}

carnet_nfc_event
carnet_vpcd_transfer(carnet_vpcd *card, carnet_span command)
{
    carnet_err err;
    carnet_nfc_event event = carnet_nfc_holder_take(&card->holder, command, carnet_vpcd_respond(card), &err);

    if (err.rc != CARNET_OK) {
        card->refused = err;
    }
    return event;
}

/** A command for the tag. */
static bool
serve_tag(carnet_vpcd *card, carnet_span command, carnet_vpcd_event *event)
{
    carnet_err err = { .offset = CARNET_NO_OFFSET };

    switch (carnet_type4_tag_command(&card->tag, command, carnet_vpcd_respond(card), &err)) {
    case CARNET_TYPE4_REQUEST:
        *event = CARNET_VPCD_REQUESTED;
        return true;
    case CARNET_TYPE4_READ:
        *event = CARNET_VPCD_ENGAGED;
        return true;
    case CARNET_TYPE4_REFUSED:
        card->refused = err;
        return false;
    default:
        return false;
    }
}

/** A command while no application is selected. */
static void
serve_none(carnet_vpcd *card, carnet_span command)
{
    bool select = command.len > 2 && command.ptr[1] == CARNET_INS_SELECT;
    unsigned status = select ? CARNET_SW_NOT_FOUND : CARNET_SW_CONDITIONS;

    (void)carnet_fail(&card->refused, CARNET_E_LINK_PROTOCOL, NULL, carnet_status_word_text((uint16_t)status));
    carnet_buf_add_byte(carnet_vpcd_respond(card), (uint8_t)(status >> 8));
    carnet_buf_add_byte(&card->out, (uint8_t)status);
}

/** Lead a command to its application; true if that is worth telling. */
static bool
serve_command(carnet_vpcd *card, carnet_span command, carnet_vpcd_event *event)
{
    if (card->has_tag && carnet_type4_selects(command)) {
        carnet_nfc_holder_reset(&card->holder);
        card->application = CARNET_VPCD_TAG;
    } else if (carnet_nfc_selects(command)) {
        carnet_type4_tag_deselect(&card->tag);
        card->application = CARNET_VPCD_TRANSFER;
        (void)carnet_vpcd_transfer(card, command);
        *event = CARNET_VPCD_SELECTED;
        return true;
    }
    if (card->application == CARNET_VPCD_TAG) {
        return serve_tag(card, command, event);
    }
    serve_none(card, command);
    return false;
}

/** The field went, or came. */
static bool
lose_field(carnet_vpcd *card)
{
    bool selected = card->application != CARNET_VPCD_NONE;

    card->application = CARNET_VPCD_NONE;
    carnet_nfc_holder_reset(&card->holder);
    carnet_type4_tag_deselect(&card->tag);
    return selected;
}

carnet_rc
carnet_vpcd_serve(carnet_vpcd *card, carnet_vpcd_event *event, int timeout_ms, carnet_err *err)
{
    int64_t deadline = carnet_link_now_ms() + timeout_ms;
    carnet_vpcd_frame frame;
    carnet_span command;

    *event = CARNET_VPCD_LEFT;
    for (;;) {
        carnet_rc rc = carnet_vpcd_take(card, deadline, &frame, &command, err);
        bool tell;

        if (rc != CARNET_OK) {
            return rc;
        }
        if (frame == CARNET_VPCD_FIELD) {
            if (lose_field(card)) {
                return CARNET_OK;
            }
            continue;
        }
        if (card->application == CARNET_VPCD_TRANSFER && !carnet_type4_selects(command) &&
            !carnet_nfc_selects(command)) {
            carnet_vpcd_keep(card); /* for the link */
            *event = CARNET_VPCD_SELECTED;
            return CARNET_OK;
        }
        tell = serve_command(card, command, event);
        rc = carnet_vpcd_give(card, carnet_link_now_ms() + SERVE_MS, err);
        if (rc != CARNET_OK || tell) {
            return rc;
        }
    }
}

carnet_span
carnet_vpcd_handover_request(const carnet_vpcd *card)
{
    return card->has_tag ? carnet_type4_tag_request(&card->tag) : (carnet_span){ 0 };
}

carnet_span
carnet_vpcd_handover_select(const carnet_vpcd *card)
{
    return carnet_span_of(card->offer, card->offer_len);
}

carnet_rc
carnet_vpcd_answer(carnet_vpcd *card, carnet_span handover_select, carnet_err *err)
{
    if (handover_select.len == 0) {
        carnet_type4_tag_reject(&card->tag);
        return CARNET_OK;
    }
    if (handover_select.len > sizeof card->offer) {
        return carnet_fail(err, CARNET_E_USAGE, NULL, "the handover select message is too long");
    }
    memcpy(card->offer, handover_select.ptr, handover_select.len);
    card->offer_len = handover_select.len;
    return carnet_type4_tag_answer(&card->tag, carnet_vpcd_handover_select(card), err);
}

const carnet_err *
carnet_vpcd_refused(const carnet_vpcd *card)
{
    return &card->refused;
}
