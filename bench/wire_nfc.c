/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a request and its answer cost over NFC, counted and not timed: commands (each a round trip) and octets of commands and
 * responses, beside the least that 18013-5 11.2 and ISO/IEC 7816-4 allow.  Exits 1 if anything is more than 3 % over.
 */
#include "carnet/nfc_transfer.h"

#include <stdio.h>
#include <stdlib.h>

#define STORAGE  70000
#define TOO_MUCH 1.03

typedef struct way {
    const char *name;
    carnet_nfc_limits limits;
} way;

typedef struct cost {
    size_t commands, octets;
} cost;

static const way ways[] = {
    { "short length", { 255, 256 } },
    { "extended length, 1,000 and 1,000", { 1000, 1000 } },
    { "extended length, 65,535 and 65,536", { 65535, 65536 } },
};
static const size_t requests[] = { 300, 2000 }, answers[] = { 2200, 33000 };
static uint8_t message[STORAGE], storage[STORAGE], came[STORAGE], command_octets[STORAGE], response_octets[STORAGE];

static void
must(carnet_rc rc, const carnet_err *err)
{
    if (rc != CARNET_OK) {
        (void)fprintf(stderr, "wire_nfc: %s\n", err->reason);
        exit(1);
    }
}

/** Serve one command; what went over the medium. */
static size_t
round_trip(carnet_nfc_reader *reader, carnet_nfc_holder *holder, carnet_span command, size_t answer, carnet_buf *got)
{
    carnet_buf response = carnet_buf_of(response_octets, sizeof response_octets);
    carnet_err err = { 0 };

    if (carnet_nfc_holder_take(holder, command, &response, &err) == CARNET_NFC_MESSAGE) {
        carnet_nfc_event event;

        must(carnet_nfc_holder_answer(holder, carnet_span_of(message, answer), &response, &event, &err), &err);
    }
    must(carnet_nfc_reader_take(reader, carnet_buf_span(&response), got, &err), &err);
    return command.len + response.len;
}

static cost
measure(carnet_nfc_limits limits, size_t request, size_t answer)
{
    carnet_nfc_reader reader;
    carnet_nfc_holder holder;
    carnet_buf command = carnet_buf_of(command_octets, sizeof command_octets), got = carnet_buf_of(came, sizeof came);
    carnet_err err = { 0 };
    cost c = { 0 };

    must(carnet_nfc_reader_init(&reader, CARNET_NFC_EXTENDED, limits, &err), &err);
    must(carnet_nfc_holder_init(&holder, limits, carnet_buf_of(storage, sizeof storage), &err), &err);
    must(carnet_nfc_reader_send(&reader, carnet_span_of(message, request), &err), &err);
    while (carnet_nfc_reader_next(&reader, &command)) {
        c.octets += round_trip(&reader, &holder, carnet_buf_span(&command), answer, &got);
        c.commands++;
        command.len = 0;
    }
    if (got.len != answer) {
        exit(1);
    }
    return c;
}

/** Octets of DO'53' around a message. */
static size_t
object(size_t len)
{
    return len + (len < 128 ? 2u : len < 256 ? 3u : len < 65536 ? 4u : 5u);
}

/** SELECT; full ENVELOPEs and the last, which has an Le; full responses, each but the first asked for by a GET RESPONSE; heads
 *  of four octets, lengths as short as they may be, two octets of status. */
static cost
least(carnet_nfc_limits limits, size_t request, size_t answer)
{
    size_t parts = (object(request) + limits.command - 1) / limits.command;
    size_t gets = (object(answer) - 1) / limits.response, rest = object(answer) - gets * limits.response;
    size_t last = object(request) - (parts - 1) * limits.command;
    cost c = { .commands = 1 + parts + gets, .octets = 12 };

    c.octets += object(request) + (parts - 1) * (limits.command > 255 ? 7 : 5);
    c.octets += last > 255 || limits.response > 256 ? 9 : 6;
    for (size_t i = 0; i < gets; i++) {
        c.octets += limits.response > 256 && (i + 1 < gets || rest > 255) ? 7 : 5;
    }
    c.octets += object(answer) + 2 * c.commands;
    return c;
}

/** One line; the ratio of what is worse in it. */
static double
print(const way *over, size_t request, size_t answer)
{
    cost c = measure(over->limits, request, answer), l = least(over->limits, request, answer);
    double octets = (double)c.octets / (double)l.octets, commands = (double)c.commands / (double)l.commands;

    printf("%-36s %7zu %7zu %8zu %8zu %6.3f %6zu %6zu %6.3f\n", over->name, request, answer, c.octets, l.octets, octets,
           c.commands, l.commands, commands);
    return octets > commands ? octets : commands;
}

int
main(void)
{
    double worst = 0;

    printf("%-36s %7s %7s %8s %8s %6s %6s %6s %6s\n", "NFC", "request", "answer", "octets", "least", "ratio", "trips",
           "least", "ratio");
    for (size_t w = 0; w < CARNET_COUNT(ways); w++) {
        for (size_t r = 0; r < CARNET_COUNT(requests); r++) {
            for (size_t a = 0; a < CARNET_COUNT(answers); a++) {
                double ratio = print(&ways[w], requests[r], answers[a]);

                worst = ratio > worst ? ratio : worst;
            }
        }
    }
    printf("worst ratio %.3f\n", worst);
    return worst > TOO_MUCH;
}
