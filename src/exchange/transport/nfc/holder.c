/* SPDX-License-Identifier: Apache-2.0 */
/* The holder's side: commands in, responses out. */
#include "carnet/apdu.h"
#include "internal.h"

#include <string.h>

enum step {
    UNSELECTED,
    IDLE,      /**< no message is under way */
    RECEIVING, /**< in the middle of a chain of ENVELOPEs */
    WAITING,   /**< a message is complete, its answer is not there yet */
    SENDING    /**< a part of the answer is away */
};

carnet_rc
carnet_nfc_holder_init(carnet_nfc_holder *holder, carnet_nfc_limits limits, carnet_buf storage, carnet_err *err)
{
    *holder = (carnet_nfc_holder){ .limits = limits, .message = storage };
    if (!carnet_nfc_limits_valid(limits)) {
        return carnet_fail(err, CARNET_E_USAGE, CARNET_NFC_CLAUSE, "the holder's limits are out of range");
    }
    return CARNET_OK;
}

void
carnet_nfc_holder_reset(carnet_nfc_holder *holder)
{
    *holder = (carnet_nfc_holder){ .limits = holder->limits,
                                   .message = carnet_buf_of(holder->message.ptr, holder->message.cap) };
}

static bool
selects(const carnet_command_apdu *c)
{
    return c->cla == 0 && c->ins == CARNET_INS_SELECT && c->p1 == 0x04 && (c->p2 == 0x00 || c->p2 == 0x0c) &&
           c->data.len == 7 && memcmp(c->data.ptr, CARNET_NFC_AID, 7) == 0;
}

bool
carnet_nfc_selects(carnet_span command)
{
    carnet_command_apdu c;

    return carnet_command_apdu_open(command, &c, NULL) == CARNET_OK && selects(&c);
}

static void
add_status(carnet_buf *response, unsigned status)
{
    carnet_buf_add_byte(response, (uint8_t)(status >> 8));
    carnet_buf_add_byte(response, (uint8_t)status);
}

/** Refuse by a status word.  What had come of a message is dropped; an answer on its way stays. */
static carnet_nfc_event
refuse(carnet_nfc_holder *holder, unsigned status, const char *reason, carnet_buf *response, carnet_err *err)
{
    reason = reason != NULL ? reason : carnet_status_word_text((uint16_t)status);
    (void)carnet_fail(err, CARNET_E_LINK_PROTOCOL, CARNET_NFC_CLAUSE, reason);
    add_status(response, status);
    holder->step = holder->step == RECEIVING ? IDLE : holder->step;
    return CARNET_NFC_RESPOND;
}

/** The next part of the answer: as much as was asked for, and how much remains. */
static carnet_nfc_event
give(carnet_nfc_holder *holder, uint32_t expected, carnet_buf *response)
{
    size_t left = carnet_nfc_object_size(holder->answer) - holder->at;
    size_t count = expected < holder->limits.response ? expected : holder->limits.response;

    count = count < left ? count : left;
    carnet_nfc_object_part(holder->answer, holder->at, count, response);
    holder->at += count;
    left -= count;
    if (left > 0) {
        add_status(response, CARNET_SW_MORE | (left > 255 ? 0 : (unsigned)left));
        return CARNET_NFC_RESPOND;
    }
    add_status(response, CARNET_SW_OK);
    holder->step = IDLE;
    holder->answer = (carnet_span){ 0 };
    return CARNET_NFC_SENT;
}

static carnet_nfc_event
select_this(carnet_nfc_holder *holder, carnet_buf *response)
{
    bool interrupted = holder->begun;

    carnet_nfc_holder_reset(holder);
    holder->interrupted = interrupted;
    holder->step = IDLE;
    add_status(response, CARNET_SW_OK);
    return CARNET_NFC_RESPOND;
}

/** What the octets of an ENVELOPE are to the message. */
static carnet_nfc_event
receive(carnet_nfc_holder *holder, const carnet_command_apdu *c, carnet_buf *response, carnet_err *err)
{
    carnet_path envelope = { .name = carnet_str_of("ENVELOPE") };
    carnet_path path = { .up = &envelope, .index = holder->commands };
    carnet_err why = { .offset = CARNET_NO_OFFSET };
    bool last = (c->cla & CARNET_CLA_CHAINED) == 0;
    carnet_rc rc = carnet_nfc_object_take(&holder->incoming, c->data, &holder->message, &path, &why);

    holder->commands++;
    if (rc == CARNET_OK && last && !carnet_nfc_object_complete(&holder->incoming)) {
        rc = carnet_fail_at(&why, CARNET_E_LINK_PROTOCOL, CARNET_NFC_CLAUSE, "DO'53' ends too early", c->data.len,
                            &path);
    }
    if (rc != CARNET_OK) {
        (void)refuse(holder, rc == CARNET_E_LINK_TOO_LONG ? CARNET_SW_NO_SPACE : CARNET_SW_WRONG_DATA, NULL, response,
                     NULL);
        if (err != NULL) {
            *err = why;
        }
        return CARNET_NFC_RESPOND;
    }
    if (last) {
        holder->step = WAITING;
        holder->expected = c->expected;
        return CARNET_NFC_MESSAGE;
    }
    add_status(response, CARNET_SW_OK);
    return CARNET_NFC_RESPOND;
}

static carnet_nfc_event
take_envelope(carnet_nfc_holder *holder, const carnet_command_apdu *c, carnet_buf *response, carnet_err *err)
{
    if (holder->step != IDLE && holder->step != RECEIVING) {
        return refuse(holder, CARNET_SW_CONDITIONS, "a message comes before the answer is away", response, err);
    }
    if (c->data.len > holder->limits.command) {
        return refuse(holder, CARNET_SW_WRONG_LENGTH, "the data field is longer than this side's limit", response, err);
    }
    /* ISO/IEC 7816-4: an empty ENVELOPE may end a chain. */
    if (c->data.len == 0 && (holder->step == IDLE || c->cla != 0)) {
        return refuse(holder, CARNET_SW_WRONG_LENGTH, "the data field is empty", response, err);
    }
    if (holder->step == IDLE) {
        holder->incoming = (carnet_nfc_object){ 0 };
        holder->message = carnet_buf_of(holder->message.ptr, holder->message.cap);
        holder->commands = 0;
        holder->begun = true;
        holder->step = RECEIVING;
    }
    return receive(holder, c, response, err);
}

static carnet_nfc_event
take_get_response(carnet_nfc_holder *holder, const carnet_command_apdu *c, carnet_buf *response, carnet_err *err)
{
    if (holder->step == RECEIVING) {
        return refuse(holder, CARNET_SW_CHAIN_LAST_EXPECTED, NULL, response, err);
    }
    if (holder->step != SENDING) {
        return refuse(holder, CARNET_SW_CONDITIONS, "there is no answer to get", response, err);
    }
    if (c->data.len != 0 || c->expected == 0) {
        return refuse(holder, CARNET_SW_WRONG_LENGTH, NULL, response, err);
    }
    holder->commands++;
    return give(holder, c->expected, response);
}

/** What is refused whatever the command: a class or parameters not known here; 0 if nothing. */
static unsigned
wrong_head(const carnet_command_apdu *c)
{
    bool envelope = c->ins == CARNET_INS_ENVELOPE;

    if ((c->cla & ~CARNET_CLA_CHAINED) != 0) {
        return CARNET_SW_CLA_UNSUPPORTED;
    }
    if (c->ins == CARNET_INS_SELECT) {
        return CARNET_SW_NOT_FOUND;
    }
    if (!envelope && c->ins != CARNET_INS_GET_RESPONSE) {
        return CARNET_SW_INS_UNSUPPORTED;
    }
    if (c->cla != 0 && !envelope) {
        return CARNET_SW_CHAINING_UNSUPPORTED;
    }
    return c->p1 != 0 || c->p2 != 0 ? CARNET_SW_WRONG_P1P2 : 0;
}

carnet_nfc_event
carnet_nfc_holder_take(carnet_nfc_holder *holder, carnet_span command, carnet_buf *response, carnet_err *err)
{
    carnet_command_apdu c;
    unsigned wrong;

    if (err != NULL) {
        *err = (carnet_err){ .offset = CARNET_NO_OFFSET };
    }
    if (carnet_command_apdu_open(command, &c, NULL) != CARNET_OK) {
        return refuse(holder, CARNET_SW_WRONG_LENGTH, "the command's lengths contradict each other", response, err);
    }
    if (selects(&c)) {
        return select_this(holder, response);
    }
    wrong = wrong_head(&c);
    if (wrong != 0) {
        return refuse(holder, wrong, NULL, response, err);
    }
    if (holder->step == UNSELECTED) {
        return refuse(holder, CARNET_SW_CONDITIONS, "the application is not selected", response, err);
    }
    return c.ins == CARNET_INS_ENVELOPE ? take_envelope(holder, &c, response, err)
                                        : take_get_response(holder, &c, response, err);
}

carnet_rc
carnet_nfc_holder_answer(carnet_nfc_holder *holder, carnet_span answer, carnet_buf *response, carnet_nfc_event *event,
                         carnet_err *err)
{
    *event = CARNET_NFC_RESPOND;
    if (holder->step != WAITING) {
        return carnet_fail(err, CARNET_E_USAGE, NULL, "no command waits for an answer");
    }
    if (answer.len > CARNET_NFC_MESSAGE_MAX) {
        return carnet_fail(err, CARNET_E_LINK_TOO_LONG, CARNET_NFC_CLAUSE, NULL);
    }
    holder->answer = answer;
    holder->at = 0;
    holder->step = SENDING;
    if (answer.len == 0) {
        add_status(response, CARNET_SW_OK);
        holder->step = IDLE;
        *event = CARNET_NFC_SENT;
    } else {
        *event = give(holder, holder->expected, response);
    }
    return CARNET_OK;
}
