/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What NFC engagement costs on the medium, counted and not timed: commands, and the octets of commands and responses,
 * beside the least that T4T and TNEP allow for messages of this length (18013-5 9.2).  Exits 1 if anything is more than
 * 3 % over.
 */
#include "carnet/type4_reader.h"
#include "carnet/type4_tag.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOO_MUCH 1.03

/** A meeting; request 0: static handover. */
typedef struct meeting {
    const char *name;
    uint32_t command_max, response_max; /**< of reader and tag alike */
    size_t select, request;             /**< octets of the messages */
} meeting;

static const meeting meetings[] = {
    { "static, short length", 255, 256, 254, 0 },
    { "static, short length, with a long engagement", 255, 256, 700, 0 },
    { "static, extended length, with a long engagement", 4096, 4096, 700, 0 },
    { "negotiated, short length", 255, 256, 186, 168 },
    { "negotiated, short length, long messages", 255, 256, 700, 400 },
    { "negotiated, extended length, long messages", 4096, 4096, 700, 400 },
};

/** Commands, and octets both ways. */
typedef struct cost {
    unsigned commands;
    size_t octets;
} cost;

/** A message of this length that begins with Hs or Hr. */
static carnet_span
message_of(const char *type, size_t len, uint8_t *room, size_t cap)
{
    static const uint8_t zeros[1024];
    carnet_ndef_builder b = carnet_ndef_build(room, cap);
    carnet_ndef_record record = { .format = CARNET_NDEF_WELL_KNOWN,
                                  .type = carnet_str_of(type),
                                  .payload = carnet_span_of(zeros, len > 260 ? len - 8 : len - 5) };
    carnet_span message;

    carnet_ndef_add(&b, &record);
    if (carnet_ndef_built(&b, &message, NULL) != CARNET_OK || message.len != len) {
        (void)fprintf(stderr, "wire_nfc_handover: a message of %zu octets came to %zu\n", len, message.len);
        exit(1);
    }
    return message;
}

/** Add the least for reading a message: its length, then its parts. */
static void
add_read(cost *least, const meeting *m, size_t len)
{
    size_t parts = (len + m->response_max - 1) / m->response_max;
    size_t head = len < 256 || m->response_max <= 256 ? 5 : 7;

    least->commands += 1 + (unsigned)parts;
    least->octets += 5 + 4 + parts * (head + 2) + len;
}

/** Add the least for writing one: at once with its length, or with the length zero until all is there. */
static void
add_write(cost *least, const meeting *m, size_t len)
{
    size_t parts = (len + m->command_max - 1) / m->command_max;

    if (len + 2 <= m->command_max) {
        least->commands++;
        least->octets += (len + 2 > 255 ? 7 : 5) + len + 2 + 2;
        return;
    }
    least->commands += 2 + (unsigned)parts;
    least->octets += 2 * (5 + 2 + 2) + parts * (5 + 2) + len;
}

static cost
least_of(const meeting *m)
{
    cost least = { 4, (13 + 2) + (7 + 2) + (5 + 15 + 2) + (7 + 2) };

    if (m->request != 0) {
        add_read(&least, m, 31); /* the services */
        add_write(&least, m, 25);
        add_read(&least, m, 6); /* a status */
        add_write(&least, m, m->request);
    }
    add_read(&least, m, m->select);
    return least;
}

static cost
run(const meeting *m)
{
    static uint8_t tag_storage[1024], reader_storage[1024], command_room[4200], response_room[4200], hs[1024], hr[1024];
    carnet_span select = message_of("Hs", m->select, hs, sizeof hs);
    carnet_span request = m->request != 0 ? message_of("Hr", m->request, hr, sizeof hr) : (carnet_span){ 0 };
    carnet_buf command = carnet_buf_of(command_room, sizeof command_room);
    carnet_type4_tag_parameters tag_is = { .select = m->request != 0 ? (carnet_span){ 0 } : select,
                                           .storage = tag_storage,
                                           .capacity = sizeof tag_storage };
    carnet_type4_reader_parameters reader_is = { .request = request,
                                                 .storage = reader_storage,
                                                 .capacity = sizeof reader_storage,
                                                 .command_max = m->command_max,
                                                 .response_max = m->response_max };
    carnet_type4_reader reader;
    carnet_type4_tag tag;
    carnet_err err = { 0 };
    uint32_t wait_ms;
    cost spent = { 0 };
    carnet_type4_step step = CARNET_TYPE4_FAILED;

    if (carnet_type4_tag_init(&tag, &tag_is, &err) == CARNET_OK) {
        step = carnet_type4_reader_start(&reader, &reader_is, &command, &err);
    }
    while (step == CARNET_TYPE4_SEND) {
        carnet_buf response = carnet_buf_of(response_room, sizeof response_room);

        if (carnet_type4_tag_command(&tag, carnet_buf_span(&command), &response, &err) == CARNET_TYPE4_REQUEST) {
            (void)!carnet_type4_tag_answer(&tag, select, &err);
        }
        spent.commands++;
        spent.octets += command.len + response.len;
        step = carnet_type4_reader_take(&reader, carnet_buf_span(&response), &command, &wait_ms, &err);
    }
    if (step != CARNET_TYPE4_DONE || !carnet_span_equal(reader.select, select)) {
        (void)fprintf(stderr, "wire_nfc_handover: %s: %s\n", m->name, err.reason);
        exit(1);
    }
    return spent;
}

int
main(void)
{
    double worst = 0;

    printf("%-50s %8s %6s %6s %8s %6s %6s\n", "NFC engagement", "commands", "least", "ratio", "octets", "least",
           "ratio");
    for (size_t i = 0; i < CARNET_COUNT(meetings); i++) {
        cost spent = run(&meetings[i]), least = least_of(&meetings[i]);
        double by_commands = (double)spent.commands / least.commands;
        double by_octets = (double)spent.octets / (double)least.octets;

        printf("%-50s %8u %6u %6.3f %8zu %6zu %6.3f\n", meetings[i].name, spent.commands, least.commands, by_commands,
               spent.octets, least.octets, by_octets);
        worst = by_commands > worst ? by_commands : worst;
        worst = by_octets > worst ? by_octets : worst;
    }
    printf("worst ratio %.3f\n", worst);
    return worst > TOO_MUCH;
}
