/* SPDX-License-Identifier: Apache-2.0 */
/* The mdoc as a Type 4 Tag (18013-5 9.2; T4T 1.2, 4 and 5; TNEP 1.0). */
#include "carnet/type4_tag.h"

#include <string.h>

#define CLAUSE   "18013-5 9.2"
#define FILE_MAX 0x7fffu /* what fifteen bits of offset reach, and one less */
#define NAME_MAX 80u

enum { AWAY, INITIAL, SERVICE, WAITING, ANSWERED, SESSION }; /* states of the application */
enum { NO_FILE, CONTAINER, NDEF };                           /* the file selected */
enum { ID_CONTAINER = 0xe103, ID_NDEF = 0xe104 };

const uint8_t carnet_type4_aid[] = { 0xd2, 0x76, 0x00, 0x00, 0x85, 0x01, 0x01 };

/** How a command is answered. */
typedef struct answer {
    uint16_t status;
    const char *reason; /**< of a refusal */
    carnet_type4_event event;
} answer;

static answer
done(carnet_type4_event event)
{
    return (answer){ CARNET_SW_OK, NULL, event };
}

static answer
refuse(uint16_t status, const char *reason)
{
    return (answer){ status, reason, CARNET_TYPE4_REFUSED };
}

static bool
negotiated(const carnet_type4_tag *tag)
{
    return tag->p.select.len == 0;
}

static size_t
length_size(const carnet_type4_tag *tag)
{
    return tag->p.extended_file ? 4 : 2;
}

static size_t
file_size(const carnet_type4_tag *tag)
{
    return negotiated(tag) && tag->p.capacity < FILE_MAX ? tag->p.capacity : FILE_MAX;
}

static void
add_service(const carnet_type4_tag *tag, carnet_ndef_builder *b, const char *name)
{
    size_t room = file_size(tag) - length_size(tag);
    carnet_tnep_service service = { .name = carnet_str_of(name),
                                    .version = 0x10,
                                    .wait_time = tag->p.wait_time,
                                    .wait_extensions = tag->p.wait_extensions,
                                    .message_max = tag->p.message_max != 0 ? tag->p.message_max : (uint16_t)room };

    carnet_tnep_service_add(b, &service);
}

/** Make the list of services the message that is read. */
static void
show_services(carnet_type4_tag *tag)
{
    carnet_ndef_builder b = carnet_ndef_build(tag->small, sizeof tag->small);

    tag->answered = false;
    add_service(tag, &b, tag->p.service_name);
    if (tag->p.session_service_name != NULL) {
        add_service(tag, &b, tag->p.session_service_name);
    }
    (void)!carnet_ndef_built(&b, &tag->message, NULL);
}

static void
show_status(carnet_type4_tag *tag, uint8_t status)
{
    carnet_ndef_builder b = carnet_ndef_build(tag->small, sizeof tag->small);

    tag->answered = false;
    carnet_tnep_status_add(&b, status);
    (void)!carnet_ndef_built(&b, &tag->message, NULL);
}

/** As a reader finds the tag when it comes. */
static void
begin(carnet_type4_tag *tag)
{
    tag->state = INITIAL;
    tag->file = NO_FILE;
    tag->base = tag->request_len = 0;
    tag->ended = false;
    tag->establishment = (carnet_span){ 0 };
    tag->message = tag->p.select;
    tag->answered = true;
    if (negotiated(tag)) {
        memset(tag->p.storage, 0, tag->p.capacity);
        show_services(tag);
    }
}

carnet_rc
carnet_type4_tag_init(carnet_type4_tag *tag, const carnet_type4_tag_parameters *parameters, carnet_err *err)
{
    carnet_type4_tag_parameters p = *parameters;
    bool good;

    p.service_name = p.service_name != NULL ? p.service_name : CARNET_TNEP_HANDOVER;
    p.read_max = p.read_max != 0 ? p.read_max : 0x7fff;
    p.write_max = p.write_max != 0 ? p.write_max : 0x7fff;
    good = p.read_max >= 15 && p.wait_time <= 63 && p.wait_extensions <= 15 && *p.service_name != '\0' &&
           carnet_str_of(p.service_name).len <= NAME_MAX && carnet_str_of(p.session_service_name).len <= NAME_MAX &&
           (p.session_service_name == NULL || *p.session_service_name != '\0') && p.select.len <= FILE_MAX - 4 &&
           (p.select.len != 0 || (p.storage != NULL && p.capacity >= 256));
    *tag = (carnet_type4_tag){ 0 };
    if (!good) {
        return carnet_fail(err, CARNET_E_USAGE, CLAUSE, "the tag's parameters are out of range");
    }
    tag->p = p;
    begin(tag);
    tag->state = AWAY;
    return CARNET_OK;
}

bool
carnet_type4_selects(carnet_span command)
{
    carnet_command_apdu c;

    return carnet_command_apdu_open(command, &c, NULL) == CARNET_OK && c.cla == 0 && c.ins == CARNET_INS_SELECT &&
           c.p1 == 4 && carnet_span_equal(c.data, carnet_span_of(carnet_type4_aid, CARNET_TYPE4_AID_SIZE));
}

void
carnet_type4_tag_deselect(carnet_type4_tag *tag)
{
    tag->state = AWAY;
    tag->file = NO_FILE;
}

static answer
select_command(carnet_type4_tag *tag, const carnet_command_apdu *c)
{
    unsigned id;

    if ((c->p2 & 0xf3) != 0 || (c->p1 != 0 && c->p1 != 4)) {
        return refuse(CARNET_SW_WRONG_P1P2, "SELECT with parameters that are not used here");
    }
    if (c->p1 == 4) {
        if (!carnet_span_equal(c->data, carnet_span_of(carnet_type4_aid, CARNET_TYPE4_AID_SIZE))) {
            return refuse(CARNET_SW_NOT_FOUND, "SELECT of another application");
        }
        begin(tag);
        return done(CARNET_TYPE4_SELECTED);
    }
    if (tag->state == AWAY) {
        return refuse(CARNET_SW_CONDITIONS, "SELECT of a file before the application");
    }
    if (c->data.len != 2) {
        return refuse(CARNET_SW_WRONG_LENGTH, "SELECT of a file without an identifier of two octets");
    }
    id = (unsigned)c->data.ptr[0] << 8 | c->data.ptr[1];
    if (id != ID_CONTAINER && id != ID_NDEF) {
        return refuse(CARNET_SW_NOT_FOUND, "SELECT of a file that is not there");
    }
    tag->file = id == ID_CONTAINER ? CONTAINER : NDEF;
    return done(CARNET_TYPE4_NOTHING);
}

static void
put(uint8_t *out, size_t value, size_t octets)
{
    for (size_t i = 0; i < octets; i++) {
        out[i] = (uint8_t)(value >> 8 * (octets - 1 - i));
    }
}

/** The capability container; its length. */
static size_t
write_container(const carnet_type4_tag *tag, uint8_t out[17])
{
    size_t of_size = length_size(tag), len = 13 + of_size;

    put(out, len, 2);
    out[2] = tag->p.extended_file ? 0x30 : 0x20;
    put(out + 3, tag->p.read_max, 2);
    put(out + 5, tag->p.write_max, 2);
    out[7] = tag->p.extended_file ? 6 : 4; /* NDEF File Control, or Extended */
    out[8] = (uint8_t)(4 + of_size);
    put(out + 9, ID_NDEF, 2);
    put(out + 11, file_size(tag), of_size);
    out[11 + of_size] = 0;
    out[12 + of_size] = negotiated(tag) ? 0 : 0xff;
    return len;
}

static answer
read_command(carnet_type4_tag *tag, const carnet_command_apdu *c, carnet_buf *response)
{
    size_t offset = (size_t)c->p1 << 8 | c->p2, head, len, want, n;
    carnet_span message = tag->file == NDEF ? tag->message : (carnet_span){ 0 };
    uint8_t front[17];

    if (tag->file == NO_FILE) {
        return refuse(CARNET_SW_NOT_ALLOWED, "READ BINARY without a file");
    }
    if (c->data.len != 0 || c->expected == 0) {
        return refuse(CARNET_SW_WRONG_LENGTH, "READ BINARY with data, or without Le");
    }
    head = tag->file == CONTAINER ? write_container(tag, front) : length_size(tag);
    if (tag->file == NDEF) {
        put(front, message.len, head);
    }
    len = head + message.len;
    if (offset > FILE_MAX || offset >= len) {
        return refuse(CARNET_SW_WRONG_OFFSET, "READ BINARY beyond the end");
    }
    want = c->expected < tag->p.read_max ? c->expected : tag->p.read_max;
    n = want < len - offset ? want : len - offset;
    if (offset < head) {
        carnet_buf_add(response, carnet_span_of(front + offset, n < head - offset ? n : head - offset));
    }
    if (offset + n > head) {
        size_t from = offset > head ? offset - head : 0;

        carnet_buf_add(response, carnet_span_of(message.ptr + from, offset + n - head - from));
    }
    if (message.len != 0 && offset + n == len && !tag->ended && tag->answered) {
        tag->ended = true;
        return done(CARNET_TYPE4_READ);
    }
    return done(CARNET_TYPE4_NOTHING);
}

/** A Service Select came. */
static answer
choose_service(carnet_type4_tag *tag, carnet_str name)
{
    if (name.len == 0) {
        tag->state = tag->request_len != 0 ? ANSWERED : INITIAL;
        show_services(tag);
        return done(CARNET_TYPE4_NOTHING);
    }
    if (tag->state == ANSWERED && tag->ended && tag->establishment.len == 0 && tag->p.session_service_name != NULL &&
        carnet_str_is(name, tag->p.session_service_name)) {
        tag->state = SESSION;
        show_status(tag, CARNET_TNEP_SUCCESS);
        return done(CARNET_TYPE4_NOTHING);
    }
    if (tag->request_len != 0 || !carnet_str_is(name, tag->p.service_name)) {
        show_status(tag, CARNET_TNEP_PROTOCOL_ERROR);
        return (answer){ CARNET_SW_OK, "the reader chose a service that is not offered", CARNET_TYPE4_REFUSED };
    }
    tag->state = SERVICE;
    show_status(tag, CARNET_TNEP_SUCCESS);
    return done(CARNET_TYPE4_NOTHING);
}

/** A message for the handover service, or for the other. */
static answer
take_for_service(carnet_type4_tag *tag, carnet_span message)
{
    carnet_ndef_reader r = carnet_ndef_open(message);
    carnet_ndef_record record;

    if (tag->state == SERVICE) {
        tag->state = WAITING;
        tag->message = (carnet_span){ 0 };
        tag->request_len = message.len;
        tag->base = length_size(tag) + message.len;
        return done(CARNET_TYPE4_REQUEST);
    }
    (void)carnet_ndef_next(&r, &record);
    tag->state = ANSWERED;
    tag->base += length_size(tag) + message.len;
    tag->establishment = record.payload;
    show_status(tag, record.payload.len != 0 ? CARNET_TNEP_SUCCESS : CARNET_TNEP_PROTOCOL_ERROR);
    return done(record.payload.len != 0 ? CARNET_TYPE4_ESTABLISHMENT : CARNET_TYPE4_NOTHING);
}

/** A whole message of `len` octets was written. */
static answer
take_message(carnet_type4_tag *tag, size_t len)
{
    carnet_span message = carnet_span_of(tag->p.storage + tag->base + length_size(tag), len);
    carnet_ndef_record record;
    carnet_str name;
    bool service;

    if (carnet_ndef_find(message, CARNET_NDEF_WELL_KNOWN, "Ts", &record, &service, NULL) == CARNET_OK) {
        if (service && carnet_tnep_select_open(message, &name, NULL) == CARNET_OK) {
            return choose_service(tag, name);
        }
        if (!service && (tag->state == SERVICE || tag->state == SESSION)) {
            return take_for_service(tag, message);
        }
    }
    show_status(tag, CARNET_TNEP_PROTOCOL_ERROR);
    return (answer){ CARNET_SW_OK, "the reader wrote a message that does not belong here", CARNET_TYPE4_REFUSED };
}

static answer
update_command(carnet_type4_tag *tag, const carnet_command_apdu *c)
{
    size_t offset = (size_t)c->p1 << 8 | c->p2, head = length_size(tag), room, len = 0;
    uint8_t *file;

    if (tag->file == NO_FILE) {
        return refuse(CARNET_SW_NOT_ALLOWED, "UPDATE BINARY without a file");
    }
    if (tag->file == CONTAINER || !negotiated(tag)) {
        return refuse(CARNET_SW_SECURITY_STATUS, "UPDATE BINARY of a file that is read only");
    }
    if (tag->state == WAITING) {
        return refuse(CARNET_SW_CONDITIONS, "UPDATE BINARY while the reader must wait");
    }
    if (c->data.len == 0 || c->data.len > tag->p.write_max) {
        return refuse(CARNET_SW_WRONG_LENGTH, "UPDATE BINARY with no data, or more than the tag takes");
    }
    room = file_size(tag) - tag->base;
    if (offset > FILE_MAX || offset > room || c->data.len > room - offset) {
        return refuse(CARNET_SW_NO_SPACE, "UPDATE BINARY beyond the end");
    }
    file = tag->p.storage + tag->base;
    for (size_t i = 0; i < head && i < c->data.len; i++) {
        len |= c->data.ptr[i];
    }
    if (offset == 0 && (c->data.len > head || len == 0)) {
        memset(file, 0, room); /* nothing of an earlier message becomes part of the next */
    }
    memcpy(file + offset, c->data.ptr, c->data.len);
    if (offset >= head || offset + c->data.len < head) {
        return done(CARNET_TYPE4_NOTHING); /* the length is not there yet, or was not touched */
    }
    len = 0;
    for (size_t i = 0; i < head; i++) {
        len = len << 8 | file[i];
    }
    if (len > room - head) {
        return refuse(CARNET_SW_WRONG_DATA, "a message longer than the file");
    }
    return len == 0 ? done(CARNET_TYPE4_NOTHING) : take_message(tag, len);
}

static answer
dispatch(carnet_type4_tag *tag, const carnet_command_apdu *c, carnet_buf *response)
{
    if (c->cla != 0) {
        return c->cla == CARNET_CLA_CHAINED ? refuse(CARNET_SW_CHAINING_UNSUPPORTED, "command chaining")
                                            : refuse(CARNET_SW_CLA_UNSUPPORTED, "a class that is not used here");
    }
    if (c->ins == CARNET_INS_SELECT) {
        return select_command(tag, c);
    }
    if (c->ins != CARNET_INS_READ_BINARY && c->ins != CARNET_INS_UPDATE_BINARY) {
        return refuse(CARNET_SW_INS_UNSUPPORTED, "an instruction that is not used here");
    }
    if (tag->state == AWAY) {
        return refuse(CARNET_SW_CONDITIONS, "the application is not selected");
    }
    if ((c->p1 & 0x80) != 0) {
        return refuse(CARNET_SW_WRONG_P1P2, "a file named by a short identifier");
    }
    return c->ins == CARNET_INS_READ_BINARY ? read_command(tag, c, response) : update_command(tag, c);
}

carnet_type4_event
carnet_type4_tag_command(carnet_type4_tag *tag, carnet_span command, carnet_buf *response, carnet_err *err)
{
    carnet_command_apdu c;
    answer a;

    if (carnet_command_apdu_open(command, &c, NULL) != CARNET_OK) {
        a = refuse(CARNET_SW_WRONG_LENGTH, "what came is no command");
    } else {
        a = dispatch(tag, &c, response);
    }
    carnet_buf_add_byte(response, (uint8_t)(a.status >> 8));
    carnet_buf_add_byte(response, (uint8_t)a.status);
    if (response->overflow) {
        (void)!carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
        return CARNET_TYPE4_REFUSED;
    }
    if (a.event == CARNET_TYPE4_REFUSED) {
        (void)!carnet_fail(err, CARNET_E_TYPE4_COMMAND, CLAUSE, a.reason);
    }
    return a.event;
}

carnet_span
carnet_type4_tag_request(const carnet_type4_tag *tag)
{
    return tag->request_len != 0 ? carnet_span_of(tag->p.storage + length_size(tag), tag->request_len)
                                 : (carnet_span){ 0 };
}

carnet_span
carnet_type4_tag_establishment(const carnet_type4_tag *tag)
{
    return tag->establishment;
}

carnet_rc
carnet_type4_tag_answer(carnet_type4_tag *tag, carnet_span select, carnet_err *err)
{
    if (tag->state != WAITING || select.len == 0 || select.len > FILE_MAX - length_size(tag)) {
        return carnet_fail(err, CARNET_E_USAGE, CLAUSE,
                           "no request awaits an answer, or the answer is longer than a file");
    }
    tag->state = ANSWERED;
    tag->answered = true;
    tag->message = select;
    return CARNET_OK;
}

void
carnet_type4_tag_reject(carnet_type4_tag *tag)
{
    if (tag->state == WAITING) {
        tag->state = ANSWERED;
        show_status(tag, CARNET_TNEP_PROTOCOL_ERROR);
    }
}
