/* SPDX-License-Identifier: Apache-2.0 */
/* The reader's side: commands out, responses in. */
#include "carnet/apdu.h"
#include "internal.h"

#include <string.h>

enum step {
    CLOSED,
    SELECT,      /**< the next command is SELECT */
    SELECT_OUT,  /**< its response is awaited */
    IDLE,        /**< no message is under way */
    ENVELOPE,    /**< the next command is an ENVELOPE */
    PART_OUT,    /**< an ENVELOPE that is not the last is out */
    LAST_OUT,    /**< the last one is */
    RESPONSE,    /**< the next command is GET RESPONSE */
    RESPONSE_OUT /**< it is out */
};

static const char *const command_names[] = {
    [SELECT_OUT] = "SELECT", [PART_OUT] = "ENVELOPE", [LAST_OUT] = "ENVELOPE", [RESPONSE_OUT] = "GET_RESPONSE"
};

static uint32_t
lesser(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

carnet_rc
carnet_nfc_reader_init(carnet_nfc_reader *reader, carnet_nfc_limits own, carnet_nfc_limits peer, carnet_err *err)
{
    *reader = (carnet_nfc_reader){ .step = CLOSED };
    if (peer.command == 0 && peer.response == 0) {
        peer = CARNET_NFC_SHORT;
    }
    if (!carnet_nfc_limits_valid(own)) {
        return carnet_fail(err, CARNET_E_USAGE, CARNET_NFC_CLAUSE, "the reader's limits are out of range");
    }
    if (!carnet_nfc_limits_valid(peer)) {
        return carnet_fail(err, CARNET_E_LINK_PROTOCOL, CARNET_NFC_CLAUSE, "the holder's limits are out of range");
    }
    reader->limits.command = lesser(own.command, peer.command);
    reader->limits.response = lesser(own.response, peer.response);
    reader->step = SELECT;
    return CARNET_OK;
}

carnet_rc
carnet_nfc_reader_send(carnet_nfc_reader *reader, carnet_span message, carnet_err *err)
{
    bool ready = reader->step == IDLE || (reader->step <= SELECT_OUT && reader->message.len == 0);

    if (reader->step == CLOSED) {
        return carnet_fail(err, CARNET_E_LINK_CLOSED, NULL, NULL);
    }
    if (!ready || message.len == 0) {
        return carnet_fail(err, CARNET_E_USAGE, NULL, ready ? "the message is empty" : "a message is under way");
    }
    if (message.len > CARNET_NFC_MESSAGE_MAX) {
        return carnet_fail(err, CARNET_E_LINK_TOO_LONG, CARNET_NFC_CLAUSE, NULL);
    }
    reader->message = message;
    reader->at = 0;
    reader->commands = 0;
    reader->incoming = (carnet_nfc_object){ 0 };
    reader->step = reader->step == IDLE ? ENVELOPE : reader->step;
    return CARNET_OK;
}

/** The next ENVELOPE, and what it is: lengths are extended only if one of them needs it. */
static void
add_envelope(carnet_nfc_reader *reader, carnet_buf *out)
{
    size_t left = carnet_nfc_object_size(reader->message) - reader->at;
    bool last = left <= reader->limits.command, extended;

    reader->chunk = last ? left : reader->limits.command;
    reader->expected = last ? reader->limits.response : 0;
    reader->step = last ? LAST_OUT : PART_OUT;
    extended = reader->chunk > 255 || reader->expected > 256;
    carnet_buf_add(out, carnet_span_of((uint8_t[]){ last ? 0 : CARNET_CLA_CHAINED, CARNET_INS_ENVELOPE, 0, 0 }, 4));
    if (extended) {
        carnet_buf_add_byte(out, 0);
        carnet_buf_add_byte(out, (uint8_t)(reader->chunk >> 8));
    }
    carnet_buf_add_byte(out, (uint8_t)reader->chunk);
    carnet_nfc_object_part(reader->message, reader->at, reader->chunk, out);
    if (last && extended) {
        carnet_buf_add_byte(out, (uint8_t)(reader->expected >> 8)); /* 65536 is 0000, as 256 is 00 in one octet */
    }
    if (last) {
        carnet_buf_add_byte(out, (uint8_t)reader->expected);
    }
}

static void
add_simple(carnet_nfc_reader *reader, const carnet_command_apdu *command, carnet_buf *out)
{
    if (carnet_command_apdu_build(command, out, NULL) != CARNET_OK) {
        out->overflow = true;
    }
    reader->step++; /* it is out */
}

bool
carnet_nfc_reader_next(carnet_nfc_reader *reader, carnet_buf *command)
{
    static const carnet_command_apdu select = {
        .ins = CARNET_INS_SELECT, .p1 = 0x04, .p2 = 0x0c, .data = { (const uint8_t *)CARNET_NFC_AID, 7 }
    };
    carnet_command_apdu get = { .ins = CARNET_INS_GET_RESPONSE, .expected = reader->expected };

    switch (reader->step) {
    case SELECT:
        add_simple(reader, &select, command);
        break;
    case ENVELOPE:
        add_envelope(reader, command);
        reader->commands++;
        break;
    case RESPONSE:
        add_simple(reader, &get, command);
        reader->commands++;
        break;
    default:
        return false;
    }
    if (command->overflow) {
        reader->step = CLOSED;
    }
    return !command->overflow;
}

bool
carnet_nfc_reader_waits(const carnet_nfc_reader *reader)
{
    return reader->step == LAST_OUT;
}

static carnet_rc
refuse(const carnet_path *path, const char *reason, size_t offset, carnet_err *err)
{
    return carnet_fail_at(err, CARNET_E_LINK_PROTOCOL, CARNET_NFC_CLAUSE, reason, offset, path);
}

static carnet_rc
refuse_status(const carnet_response_apdu *response, const carnet_path *path, carnet_err *err)
{
    uint8_t octets[2] = { (uint8_t)(response->status >> 8), (uint8_t)response->status };
    char text[128];
    carnet_buf reason = carnet_buf_of(text, sizeof text - 1);

    carnet_buf_add_text(&reason, "the card says ");
    carnet_buf_add_hex(&reason, carnet_span_of(octets, sizeof octets));
    carnet_buf_add_text(&reason, ": ");
    carnet_buf_add_text(&reason, carnet_status_word_text(response->status));
    text[reason.len] = 0;
    return refuse(path, text, response->data.len, err);
}

/** A part of the answer, or the last of it. */
static carnet_rc
take_answer(carnet_nfc_reader *reader, const carnet_response_apdu *response, carnet_buf *answer,
            const carnet_path *path, carnet_err *err)
{
    bool more = response->status >> 8 == CARNET_SW_MORE >> 8;
    carnet_rc rc;

    if (!more && response->status != CARNET_SW_OK) {
        return refuse_status(response, path, err);
    }
    if (response->data.len > reader->expected) {
        return refuse(path, "the response is longer than was asked for", reader->expected, err);
    }
    if (!more && response->data.len == 0 && reader->incoming.head_len == 0) {
        return carnet_fail_at(err, CARNET_E_LINK_CLOSED, NULL, "the holder ends without an answer", 0, path);
    }
    if (more && response->data.len == 0 && reader->step == RESPONSE_OUT) {
        return refuse(path, "the response promises more, and brings nothing", 0, err);
    }
    rc = carnet_nfc_object_take(&reader->incoming, response->data, answer, path, err);
    if (rc != CARNET_OK) {
        return rc;
    }
    if (more == carnet_nfc_object_complete(&reader->incoming)) {
        return refuse(path, more ? "the response promises octets after the end of DO'53'" : "DO'53' ends too early",
                      response->data.len, err);
    }
    reader->expected = response->status & 0xff;
    reader->expected = reader->expected == 0 ? reader->limits.response : reader->expected;
    reader->step = more ? RESPONSE : IDLE;
    return CARNET_OK;
}

static carnet_rc
take_done(carnet_nfc_reader *reader, const carnet_response_apdu *response, const carnet_path *path, carnet_err *err)
{
    if (response->status != CARNET_SW_OK) {
        return refuse_status(response, path, err);
    }
    if (reader->step == PART_OUT && response->data.len != 0) {
        return refuse(path, "the card answers before the message is complete", 0, err);
    }
    reader->at += reader->step == PART_OUT ? reader->chunk : 0;
    reader->step = reader->message.len > 0 ? ENVELOPE : IDLE;
    return CARNET_OK;
}

carnet_rc
carnet_nfc_reader_take(carnet_nfc_reader *reader, carnet_span octets, carnet_buf *answer, carnet_err *err)
{
    bool out = reader->step == SELECT_OUT || reader->step == PART_OUT || reader->step == LAST_OUT ||
               reader->step == RESPONSE_OUT;
    carnet_path command = { .name = carnet_str_of(out ? command_names[reader->step] : "") };
    carnet_path path = { .up = &command, .index = reader->commands - (reader->commands > 0) };
    carnet_response_apdu response;
    carnet_err why = { .offset = CARNET_NO_OFFSET };
    carnet_rc rc = carnet_response_apdu_open(octets, &response, &why);

    if (reader->step == CLOSED) {
        return carnet_fail(err, CARNET_E_LINK_CLOSED, NULL, NULL);
    }
    if (!out) {
        rc = carnet_fail(err, CARNET_E_LINK_PROTOCOL, CARNET_NFC_CLAUSE, "the card speaks unasked");
    } else if (rc != CARNET_OK) {
        rc = refuse(&path, why.reason, why.offset, err);
    } else if (reader->step == SELECT_OUT || reader->step == PART_OUT) {
        rc = take_done(reader, &response, &path, err);
    } else {
        rc = take_answer(reader, &response, answer, &path, err);
    }
    if (rc != CARNET_OK) {
        reader->step = CLOSED;
    } else if (reader->step == IDLE) {
        reader->message = (carnet_span){ 0 };
    }
    return rc;
}
