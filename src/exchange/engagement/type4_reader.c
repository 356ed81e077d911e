/* SPDX-License-Identifier: Apache-2.0 */
/* The mdoc reader before a Type 4 Tag (18013-5 9.2; T4T 1.2, 5; TNEP 1.0, 5). */
#include "carnet/type4_reader.h"

#include "carnet/type4_tag.h"

#include <string.h>

#define CLAUSE        "T4T 1.2 5"
#define CONTAINER_MIN 15u
#define REACH         0x8000u /* octets that fifteen bits of offset reach */

enum {
    SELECT_APPLICATION,
    SELECT_CONTAINER,
    READ_CONTAINER,
    READ_CONTAINER_REST,
    SELECT_FILE,
    READ_LENGTH,
    READ_MESSAGE,
    WRITE_WHOLE,
    WRITE_ZERO,
    WRITE_MESSAGE,
    WRITE_LENGTH,
    OVER
};
enum { INITIAL, SERVICE, HANDOVER, LEAVING, SESSION_SERVICE, SESSION }; /* which message is read */

/** What a step of the machine hands on. */
typedef struct stepping {
    carnet_type4_reader *r;
    carnet_buf *command;
    uint32_t *wait_ms;
    carnet_err *err;
} stepping;

static carnet_type4_step
fail_step(const stepping *s, carnet_rc rc, const char *reason)
{
    static const char *const steps[] = { "SELECT application", "SELECT container", "READ container", "READ container",
                                         "SELECT file",        "READ length",      "READ message",   "UPDATE message",
                                         "UPDATE length",      "UPDATE message",   "UPDATE length",  "after the end" };

    if (reason != NULL) {
        (void)!carnet_fail(s->err, rc, CLAUSE, reason);
    }
    if (s->err != NULL) {
        carnet_err_within(s->err, steps[s->r->state]);
    }
    s->r->state = OVER;
    s->command->len = 0;
    return CARNET_TYPE4_FAILED;
}

static carnet_type4_step
send(const stepping *s, const carnet_command_apdu *c)
{
    carnet_rc rc = carnet_command_apdu_build(c, s->command, s->err);

    return rc == CARNET_OK ? CARNET_TYPE4_SEND : fail_step(s, rc, NULL);
}

static carnet_type4_step
send_select(const stepping *s, unsigned id)
{
    uint8_t octets[2] = { (uint8_t)(id >> 8), (uint8_t)id };

    return send(s, &(carnet_command_apdu){ .ins = CARNET_INS_SELECT, .p2 = 0x0c, .data = { octets, sizeof octets } });
}

/** READ BINARY of what is left of the transfer, as much as both sides allow. */
static carnet_type4_step
send_read(const stepping *s)
{
    carnet_type4_reader *r = s->r;
    uint32_t n = r->total - r->at;

    n = n < r->file.read_max ? n : r->file.read_max;
    r->asked = n < r->p.response_max ? n : r->p.response_max;
    return send(s, &(carnet_command_apdu){ .ins = CARNET_INS_READ_BINARY,
                                           .p1 = (uint8_t)(r->at >> 8),
                                           .p2 = (uint8_t)r->at,
                                           .expected = r->asked });
}

static carnet_type4_step
begin_read(const stepping *s, uint8_t state, uint32_t from, uint32_t to)
{
    s->r->state = state;
    s->r->at = from;
    s->r->total = to;
    return send_read(s);
}

static carnet_type4_step
send_update(const stepping *s, uint32_t offset, carnet_span data)
{
    s->r->asked = (uint32_t)data.len;
    return send(
        s, &(carnet_command_apdu){
               .ins = CARNET_INS_UPDATE_BINARY, .p1 = (uint8_t)(offset >> 8), .p2 = (uint8_t)offset, .data = data });
}

static void
put(uint8_t *out, uint32_t value, size_t octets)
{
    for (size_t i = 0; i < octets; i++) {
        out[i] = (uint8_t)(value >> 8 * (octets - 1 - i));
    }
}

/** UPDATE BINARY of the length field. */
static carnet_type4_step
send_length(const stepping *s, uint8_t state, uint32_t length)
{
    uint8_t octets[4];

    s->r->state = state;
    put(octets, length, s->r->file.length_size);
    return send_update(s, 0, carnet_span_of(octets, s->r->file.length_size));
}

static uint32_t
update_max(const carnet_type4_reader *r)
{
    return r->file.write_max < r->p.command_max ? r->file.write_max : r->p.command_max;
}

/** Start to write a message: in one command if it fits, else the length is zero until all is there (T4T 1.2, 5.4.6). */
static carnet_type4_step
begin_write(const stepping *s, carnet_span message)
{
    carnet_type4_reader *r = s->r;
    uint32_t head = r->file.length_size;

    if (message.len > REACH - head || message.len + head > r->file.size) {
        return fail_step(s, CARNET_E_LIMIT, "the message to be written is longer than the tag's file");
    }
    r->source = message.ptr;
    r->total = (uint32_t)message.len;
    r->at = 0;
    r->waits = 0;
    if (head + r->total <= update_max(r) && head + r->total <= r->p.capacity) {
        put(r->p.storage, r->total, head);
        memcpy(r->p.storage + head, message.ptr, r->total);
        r->state = WRITE_WHOLE;
        return send_update(s, 0, carnet_span_of(r->p.storage, head + r->total));
    }
    if (update_max(r) < head) {
        return fail_step(s, CARNET_E_TYPE4_FILE, "the tag takes less than a length field at once");
    }
    return send_length(s, WRITE_ZERO, 0);
}

/** The next part of a message that is written in parts, or its length at the end. */
static carnet_type4_step
write_more(const stepping *s)
{
    carnet_type4_reader *r = s->r;
    uint32_t n = r->total - r->at;

    if (n == 0) {
        return send_length(s, WRITE_LENGTH, r->total);
    }
    n = n < update_max(r) ? n : update_max(r);
    r->state = WRITE_MESSAGE;
    return send_update(s, r->file.length_size + r->at, carnet_span_of(r->source + r->at, n));
}

/** Read the length of the next message, after the time that the tag asks for. */
static carnet_type4_step
read_answer(const stepping *s)
{
    *s->wait_ms = carnet_tnep_wait_ms(s->r->service.wait_time);
    return begin_read(s, READ_LENGTH, 0, s->r->file.length_size);
}

static uint32_t
number(const uint8_t *octets, size_t n)
{
    uint32_t value = 0;

    for (size_t i = 0; i < n; i++) {
        value = value << 8 | octets[i];
    }
    return value;
}

/** Read a File Control TLV's value; false if it is none of a file for messages. */
static bool
read_control(const uint8_t *value, size_t of_size, carnet_type4_file *file)
{
    file->id = (uint16_t)number(value, 2);
    file->size = number(value + 2, of_size);
    file->length_size = (uint8_t)of_size;
    file->writable = value[3 + of_size] == 0;
    return file->id != 0 && file->id != 0xe102 && file->id != 0xe103 && file->id != 0x3f00 && file->id != 0x3fff &&
           file->id != 0xffff && file->size >= 5 && value[2 + of_size] == 0;
}

carnet_rc
carnet_type4_container_open(carnet_span container, carnet_type4_file *file, carnet_err *err)
{
    carnet_span rest;

    *file = (carnet_type4_file){ 0 };
    if (container.len < CONTAINER_MIN || number(container.ptr, 2) != container.len) {
        return carnet_fail_at(err, CARNET_E_TYPE4_FILE, CLAUSE, "the container's length is wrong", 0, NULL);
    }
    if (container.ptr[2] >> 4 != 2 && container.ptr[2] >> 4 != 3) {
        return carnet_fail_at(err, CARNET_E_TYPE4_FILE, CLAUSE, "the mapping version is not supported", 2, NULL);
    }
    file->version = container.ptr[2];
    file->read_max = (uint16_t)number(container.ptr + 3, 2);
    file->write_max = (uint16_t)number(container.ptr + 5, 2);
    rest = carnet_span_of(container.ptr + 7, container.len - 7);
    while (file->read_max >= 15 && file->write_max >= 1 && rest.len >= 2 && rest.ptr[1] <= rest.len - 2) {
        size_t len = rest.ptr[1];
        bool plain = rest.ptr[0] == 4 && len == 6, extended = rest.ptr[0] == 6 && len == 8;

        if ((plain || extended) && read_control(rest.ptr + 2, plain ? 2 : 4, file)) {
            return CARNET_OK;
        }
        rest = carnet_span_of(rest.ptr + 2 + len, rest.len - 2 - len);
    }
    *file = (carnet_type4_file){ 0 };
    return carnet_fail_at(err, CARNET_E_TYPE4_FILE, CLAUSE, "the container names no file that can be read",
                          container.len - rest.len, NULL);
}

/** The container is there, or the front of it. */
static carnet_type4_step
take_container(const stepping *s)
{
    carnet_type4_reader *r = s->r;
    uint32_t len = number(r->p.storage, 2);
    carnet_rc rc;

    if (r->state == READ_CONTAINER && len > CONTAINER_MIN) {
        if (len > r->p.capacity) {
            return fail_step(s, CARNET_E_LIMIT, "the capability container is longer than the room for it");
        }
        return begin_read(s, READ_CONTAINER_REST, CONTAINER_MIN, len);
    }
    rc = carnet_type4_container_open(carnet_span_of(r->p.storage, r->total), &r->file, s->err);
    if (rc != CARNET_OK) {
        return fail_step(s, rc, NULL);
    }
    r->state = SELECT_FILE;
    return send_select(s, r->file.id);
}

/** The length field is there. */
static carnet_type4_step
take_length(const stepping *s)
{
    carnet_type4_reader *r = s->r;
    uint32_t head = r->file.length_size, len = number(r->small, head);

    if (len == 0 && r->phase == INITIAL) {
        return fail_step(s, CARNET_E_TYPE4_FILE, "the tag holds no message");
    }
    if (len == 0) {
        return r->waits++ < r->service.wait_extensions
                   ? read_answer(s)
                   : fail_step(s, CARNET_E_TNEP_TIMEOUT, "the tag gave no message in the time that it announced");
    }
    if (r->file.size < head || len > r->file.size - head) {
        return fail_step(s, CARNET_E_TYPE4_FILE, "the message is longer than its file");
    }
    if (len > r->p.capacity || len > REACH - head) {
        return fail_step(s, CARNET_E_LIMIT, "the message is longer than the room for it");
    }
    return begin_read(s, READ_MESSAGE, head, head + len);
}

/** The message must have Hs; then all is there. */
static carnet_type4_step
take_select(const stepping *s)
{
    carnet_type4_reader *r = s->r;
    carnet_ndef_record record;
    carnet_rc rc;
    bool found;

    rc = carnet_ndef_find(r->message, CARNET_NDEF_WELL_KNOWN, "Hs", &record, &found, s->err);
    if (rc != CARNET_OK) {
        return fail_step(s, rc, NULL);
    }
    if (!found) {
        return r->phase == INITIAL ? fail_step(s, CARNET_E_TNEP_SERVICE, "the tag offers no handover that can be used")
                                   : fail_step(s, CARNET_E_HANDOVER_STRUCTURE, "the answer is no Handover Select");
    }
    r->select = r->message;
    r->request = r->phase == HANDOVER ? r->p.request : (carnet_span){ 0 };
    r->state = OVER;
    return CARNET_TYPE4_DONE;
}

/** Choose a service that was found, or none; the answer is read in the phase given. */
static carnet_type4_step
choose_service(const stepping *s, const char *name, uint8_t phase)
{
    carnet_ndef_builder b = carnet_ndef_build(s->r->small, sizeof s->r->small);
    carnet_span message;
    carnet_rc rc;

    carnet_tnep_select_add(&b, carnet_str_of(name));
    rc = carnet_ndef_built(&b, &message, s->err);
    s->r->phase = phase;
    return rc == CARNET_OK ? begin_write(s, message) : fail_step(s, rc, NULL);
}

/** The first message: services, or a static handover. */
static carnet_type4_step
take_initial(const stepping *s)
{
    carnet_type4_reader *r = s->r;
    carnet_span message = r->phase == INITIAL ? r->p.request : r->establishment;
    carnet_rc rc;
    bool found;

    rc = carnet_tnep_service_find(r->message, r->p.service_name, &r->service, &found, s->err);
    if (rc != CARNET_OK) {
        return fail_step(s, rc, NULL);
    }
    r->service.name = (carnet_str){ 0 };
    if (!found && r->phase == LEAVING) {
        return fail_step(s, CARNET_E_TNEP_SERVICE, "the tag does not take a SessionEstablishment in the handover");
    }
    if (!found || message.len == 0) {
        return take_select(s);
    }
    if (!r->file.writable) {
        return fail_step(s, CARNET_E_TYPE4_FILE, "the tag offers a service, but its file cannot be written");
    }
    if (message.len > r->service.message_max) {
        return fail_step(s, CARNET_E_LIMIT, "the message is longer than the service takes");
    }
    return choose_service(s, r->p.service_name, r->phase == INITIAL ? SERVICE : SESSION_SERVICE);
}

/** A status, expected or not. */
static carnet_type4_step
take_status(const stepping *s)
{
    carnet_type4_reader *r = s->r;
    bool expected = r->phase != HANDOVER;
    uint8_t status;
    carnet_rc rc = carnet_tnep_status_open(r->message, &status, expected ? s->err : NULL);

    if (rc != CARNET_OK) {
        return expected ? fail_step(s, rc, NULL) : take_select(s);
    }
    if (status != CARNET_TNEP_SUCCESS || !expected) {
        return fail_step(s, CARNET_E_TNEP_STATUS,
                         status == CARNET_TNEP_PROTOCOL_ERROR ? "the tag says that the reader broke the protocol"
                                                              : "the tag gave a status in place of an answer");
    }
    if (r->phase == SESSION) {
        r->state = OVER;
        return CARNET_TYPE4_DONE;
    }
    r->phase = r->phase == SERVICE ? HANDOVER : SESSION;
    return begin_write(s, r->phase == HANDOVER ? r->p.request : r->establishment);
}

/** Where the octets read now go. */
static uint8_t *
destination(carnet_type4_reader *r)
{
    switch (r->state) {
    case READ_LENGTH:
        return r->small + r->at;
    case READ_MESSAGE:
        return r->p.storage + (r->at - r->file.length_size);
    default:
        return r->p.storage + r->at;
    }
}

static carnet_type4_step
take_read(const stepping *s, const carnet_response_apdu *response)
{
    carnet_type4_reader *r = s->r;

    if (response->data.len == 0 || response->data.len > r->asked) {
        return fail_step(s, CARNET_E_TYPE4_RESPONSE, "READ BINARY gave nothing, or more than was asked for");
    }
    memcpy(destination(r), response->data.ptr, response->data.len);
    r->at += (uint32_t)response->data.len;
    if (r->at < r->total) {
        return send_read(s);
    }
    if (r->state == READ_CONTAINER || r->state == READ_CONTAINER_REST) {
        return take_container(s);
    }
    if (r->state == READ_LENGTH) {
        return take_length(s);
    }
    r->message = carnet_span_of(r->p.storage, r->total - r->file.length_size);
    return r->phase == INITIAL || r->phase == LEAVING ? take_initial(s) : take_status(s);
}

static carnet_type4_step
take(const stepping *s, const carnet_response_apdu *response)
{
    switch (s->r->state) {
    case SELECT_APPLICATION:
        s->r->state = SELECT_CONTAINER;
        return send_select(s, 0xe103);
    case SELECT_CONTAINER:
        s->r->file.read_max = CONTAINER_MIN;
        return begin_read(s, READ_CONTAINER, 0, CONTAINER_MIN);
    case SELECT_FILE:
        return begin_read(s, READ_LENGTH, 0, s->r->file.length_size);
    case WRITE_ZERO:
        return write_more(s);
    case WRITE_MESSAGE:
        s->r->at += s->r->asked;
        return write_more(s);
    case WRITE_WHOLE:
    case WRITE_LENGTH:
        return read_answer(s);
    default:
        return take_read(s, response);
    }
}

carnet_type4_step
carnet_type4_reader_start(carnet_type4_reader *r, const carnet_type4_reader_parameters *parameters, carnet_buf *command,
                          carnet_err *err)
{
    uint32_t unused = 0;
    stepping s = { r, command, &unused, err };

    *r = (carnet_type4_reader){ .p = *parameters, .state = SELECT_APPLICATION };
    r->p.command_max = parameters->command_max != 0 ? parameters->command_max : 255;
    r->p.response_max = parameters->response_max != 0 ? parameters->response_max : 256;
    r->p.service_name = parameters->service_name != NULL ? parameters->service_name : CARNET_TNEP_HANDOVER;
    command->len = 0;
    if (r->p.capacity < 128 || r->p.storage == NULL || r->p.command_max < 15 || r->p.response_max < 15 ||
        r->p.command_max > CARNET_APDU_DATA_MAX || r->p.response_max > CARNET_APDU_EXPECTED_MAX ||
        carnet_str_of(r->p.service_name).len > 80) {
        return fail_step(&s, CARNET_E_USAGE, "the reader's parameters are out of range");
    }
    return send(&s, &(carnet_command_apdu){ .ins = CARNET_INS_SELECT,
                                            .p1 = 4,
                                            .data = { carnet_type4_aid, CARNET_TYPE4_AID_SIZE },
                                            .expected = r->p.select_without_le    ? 0
                                                        : r->p.response_max < 256 ? r->p.response_max
                                                                                  : 256 });
}

carnet_type4_step
carnet_type4_reader_take(carnet_type4_reader *r, carnet_span response, carnet_buf *command, uint32_t *wait_ms,
                         carnet_err *err)
{
    stepping s = { r, command, wait_ms, err };
    bool reading = r->state == READ_CONTAINER || r->state == READ_CONTAINER_REST || r->state == READ_LENGTH ||
                   r->state == READ_MESSAGE;
    carnet_response_apdu view;

    command->len = 0;
    command->overflow = false;
    *wait_ms = 0;
    if (r->state == OVER) {
        return fail_step(&s, CARNET_E_USAGE, "the machine is over");
    }
    if (carnet_response_apdu_open(response, &view, err) != CARNET_OK) {
        return fail_step(&s, CARNET_E_APDU_LENGTH, NULL);
    }
    if (reading && view.status >> 8 == CARNET_SW_WRONG_LE >> 8 && (view.status & 0xff) != 0 &&
        (view.status & 0xffu) < r->asked) {
        r->asked = view.status & 0xffu; /* less than before, so this ends */
        return send(&s, &(carnet_command_apdu){ .ins = CARNET_INS_READ_BINARY,
                                                .p1 = (uint8_t)(r->at >> 8),
                                                .p2 = (uint8_t)r->at,
                                                .expected = r->asked });
    }
    if (view.status != CARNET_SW_OK) {
        return fail_step(&s, CARNET_E_APDU_STATUS, carnet_status_word_text(view.status));
    }
    return take(&s, &view);
}

carnet_type4_step
carnet_type4_reader_establish(carnet_type4_reader *r, carnet_span establishment, const char *service_name,
                              carnet_buf *command, carnet_err *err)
{
    uint32_t unused = 0;
    stepping s = { r, command, &unused, err };
    carnet_ndef_builder b;
    carnet_rc rc;

    command->len = 0;
    command->overflow = false;
    if (r->state != OVER || r->phase != HANDOVER || r->request.len == 0 || carnet_str_of(service_name).len == 0 ||
        carnet_str_of(service_name).len > 80) {
        return fail_step(&s, CARNET_E_USAGE, "there was no negotiated handover, or the service has no name");
    }
    b = carnet_ndef_build(r->p.storage + r->select.len, r->p.capacity - r->select.len);
    carnet_ndef_add(&b, &(carnet_ndef_record){ .format = CARNET_NDEF_UNKNOWN, .payload = establishment });
    rc = carnet_ndef_built(&b, &r->establishment, NULL);
    if (rc != CARNET_OK || r->p.capacity - r->select.len - r->establishment.len < 128) {
        return fail_step(&s, CARNET_E_LIMIT, "there is no room for the message beside the Handover Select");
    }
    r->p.storage += r->select.len + r->establishment.len; /* both stay where they are */
    r->p.capacity -= r->select.len + r->establishment.len;
    r->p.service_name = service_name;
    return choose_service(&s, "", LEAVING);
}
