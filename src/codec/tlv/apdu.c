/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/apdu.h"

#define CLAUSE "7816-4 5.2"

static carnet_rc
bad_length(carnet_command_apdu *command, carnet_err *err, const char *reason, size_t offset)
{
    *command = (carnet_command_apdu){ 0 };
    return carnet_fail_at(err, CARNET_E_APDU_LENGTH, CLAUSE, reason, offset, NULL);
}

static uint32_t
two(const uint8_t *p)
{
    return (uint32_t)p[0] << 8 | p[1];
}

/** Lengths after a fifth octet 00: Lc or Le of the extended form. */
static bool
open_extended(carnet_span octets, carnet_command_apdu *command)
{
    uint32_t first = two(octets.ptr + 5);
    size_t rest = octets.len - 7;

    command->extended = true;
    if (rest == 0) {
        command->expected = first == 0 ? CARNET_APDU_EXPECTED_MAX : first;
        return true;
    }
    if (first == 0 || (rest != first && rest != (size_t)first + 2)) {
        return false;
    }
    command->data = carnet_span_of(octets.ptr + 7, first);
    if (rest > first) {
        command->expected = two(octets.ptr + 7 + first);
        command->expected = command->expected == 0 ? CARNET_APDU_EXPECTED_MAX : command->expected;
    }
    return true;
}

static bool
open_short(carnet_span octets, carnet_command_apdu *command)
{
    uint32_t first = octets.ptr[4], last = octets.ptr[octets.len - 1];
    size_t rest = octets.len - 5;

    if (rest == 0) {
        command->expected = first == 0 ? 256 : first;
        return true;
    }
    if (first == 0 || (rest != first && rest != (size_t)first + 1)) {
        return false;
    }
    command->data = carnet_span_of(octets.ptr + 5, first);
    if (rest > first) {
        command->expected = last == 0 ? 256 : last;
    }
    return true;
}

carnet_rc
carnet_command_apdu_open(carnet_span octets, carnet_command_apdu *command, carnet_err *err)
{
    bool extended;

    if (octets.len < 4) {
        return bad_length(command, err, "a command has four octets at least", octets.len);
    }
    *command =
        (carnet_command_apdu){ .cla = octets.ptr[0], .ins = octets.ptr[1], .p1 = octets.ptr[2], .p2 = octets.ptr[3] };
    if (octets.len == 4) {
        return CARNET_OK;
    }
    extended = octets.ptr[4] == 0 && octets.len >= 7;
    if (!(extended ? open_extended(octets, command) : open_short(octets, command))) {
        return bad_length(command, err, "the length fields contradict the command's length", 4);
    }
    return CARNET_OK;
}

carnet_rc
carnet_response_apdu_open(carnet_span octets, carnet_response_apdu *response, carnet_err *err)
{
    *response = (carnet_response_apdu){ 0 };
    if (octets.len < 2 || octets.len > CARNET_APDU_RESPONSE_MAX) {
        return carnet_fail_at(err, CARNET_E_APDU_LENGTH, CLAUSE, "a response has 2 to 65538 octets", 0, NULL);
    }
    response->status = (uint16_t)two(octets.ptr + octets.len - 2);
    if (response->status >> 12 != 6 && response->status >> 12 != 9) {
        response->status = 0;
        return carnet_fail_at(err, CARNET_E_APDU_LENGTH, "7816-4 5.6", "the response does not end in a status word",
                              octets.len - 2, NULL);
    }
    response->data = carnet_span_of(octets.ptr, octets.len - 2);
    return CARNET_OK;
}

/** Whether the command has length fields of the extended form. */
static bool
is_extended(const carnet_command_apdu *c)
{
    return c->data.len > 255 || c->expected > 256 || (c->extended && (c->data.len != 0 || c->expected != 0));
}

size_t
carnet_command_apdu_size(const carnet_command_apdu *c)
{
    size_t size = 4 + c->data.len;

    if (c->data.len > CARNET_APDU_DATA_MAX || c->expected > CARNET_APDU_EXPECTED_MAX) {
        return 0;
    }
    if (is_extended(c)) {
        return size + 1 + (c->data.len != 0 ? 2u : 0u) + (c->expected != 0 ? 2u : 0u);
    }
    return size + (c->data.len != 0) + (c->expected != 0);
}

static void
add_length(carnet_buf *out, bool extended, size_t length)
{
    if (extended) {
        carnet_buf_add_byte(out, (uint8_t)(length >> 8));
    }
    carnet_buf_add_byte(out, (uint8_t)length);
}

carnet_rc
carnet_command_apdu_build(const carnet_command_apdu *c, carnet_buf *out, carnet_err *err)
{
    bool extended = is_extended(c);
    size_t size = carnet_command_apdu_size(c);

    if (size == 0) {
        return carnet_fail(err, CARNET_E_USAGE, CLAUSE, "the lengths do not fit a command");
    }
    if (out->overflow || size > out->cap - out->len) {
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    }
    carnet_buf_add(out, carnet_span_of((const uint8_t[]){ c->cla, c->ins, c->p1, c->p2 }, 4));
    if (extended) {
        carnet_buf_add_byte(out, 0);
    }
    if (c->data.len != 0) {
        add_length(out, extended, c->data.len);
        carnet_buf_add(out, c->data);
    }
    if (c->expected != 0) {
        add_length(out, extended, c->expected); /* 256 and 65536 end in zeros, as they should */
    }
    return CARNET_OK;
}

carnet_rc
carnet_response_apdu_build(const carnet_response_apdu *r, carnet_buf *out, carnet_err *err)
{
    if (r->data.len > CARNET_APDU_EXPECTED_MAX || (r->status >> 12 != 6 && r->status >> 12 != 9)) {
        return carnet_fail(err, CARNET_E_USAGE, CLAUSE, "this does not fit a response");
    }
    if (out->overflow || r->data.len + 2 > out->cap - out->len) {
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    }
    carnet_buf_add(out, r->data);
    carnet_buf_add_byte(out, (uint8_t)(r->status >> 8));
    carnet_buf_add_byte(out, (uint8_t)r->status);
    return CARNET_OK;
}

const char *
carnet_status_word_text(uint16_t status)
{
    static const struct {
        uint16_t status;
        const char *text;
    } known[] = {
        { CARNET_SW_OK, "done" },
        { CARNET_SW_EXECUTION_ERROR, "execution error, nothing was changed" },
        { CARNET_SW_WRONG_LENGTH, "wrong length" },
        { CARNET_SW_CHAIN_LAST_EXPECTED, "the last command of the chain was expected" },
        { CARNET_SW_CHAINING_UNSUPPORTED, "command chaining is not supported" },
        { CARNET_SW_SECURITY_STATUS, "security status not satisfied" },
        { CARNET_SW_CONDITIONS, "conditions of use not satisfied" },
        { CARNET_SW_NOT_ALLOWED, "command not allowed, no current file" },
        { CARNET_SW_WRONG_DATA, "wrong parameters in the data field" },
        { CARNET_SW_NOT_FOUND, "file or application not found" },
        { CARNET_SW_NO_SPACE, "not enough memory in the file" },
        { CARNET_SW_WRONG_P1P2, "wrong parameters P1 P2" },
        { CARNET_SW_WRONG_OFFSET, "wrong offset" },
        { CARNET_SW_INS_UNSUPPORTED, "instruction not supported" },
        { CARNET_SW_CLA_UNSUPPORTED, "class not supported" },
        { CARNET_SW_UNKNOWN, "no precise diagnosis" },
    };

    for (size_t i = 0; i < CARNET_COUNT(known); i++) {
        if (known[i].status == status) {
            return known[i].text;
        }
    }
    switch (status >> 8) {
    case 0x61:
        return "more response data is available";
    case 0x6c:
        return "wrong expected length";
    default:
        return "a status word without a text here";
    }
}
