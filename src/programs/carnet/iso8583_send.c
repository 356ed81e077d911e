/* SPDX-License-Identifier: Apache-2.0 */
/* carnet iso8583 send: a message to a host, and its answer. */
#include "carnet/iso8583_codes.h"
#include "carnet/link_payment.h"
#include "iso8583.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static int64_t
now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/** The answer has the number of the request, and its terminal and reference where both say so. */
static bool
answers(const carnet_iso8583_message *request, const carnet_iso8583_message *answer)
{
    static const unsigned both[] = { 37, 41 };

    if (answer->mti != carnet_mti_response(request->mti) || !carnet_iso8583_same(request, answer, 11)) {
        return false;
    }
    for (size_t i = 0; i < CARNET_COUNT(both); i++) {
        if (carnet_iso8583_has(request, both[i]) && carnet_iso8583_has(answer, both[i]) &&
            !carnet_iso8583_same(request, answer, both[i])) {
            return false;
        }
    }
    return true;
}

/** Wait for it; what else comes is passed over, and said. */
static bool
await(carnet_payment_client *client, const carnet_iso8583_message *request, const iso_spec *spec, unsigned wait_ms,
      iso_message *answer)
{
    const int64_t until = now_ms() + wait_ms;
    carnet_buf room = cli_buf(70000);
    carnet_err err = { 0 };

    while (true) {
        const int64_t left = until - now_ms();
        carnet_span header, octets;

        room.len = 0;
        if (carnet_payment_client_receive(client, left > 0 ? (int)left : 0, &room, &header, &octets, &err) !=
            CARNET_OK) {
            cli_complain("answer", &err);
            return false;
        }
        octets = cli_keep(octets);
        if (carnet_iso8583_parse(spec->spec, octets, answer->message, &err) != CARNET_OK) {
            cli_complain("a message that came", &err);
            continue;
        }
        if (answers(request, answer->message)) {
            answer->header = cli_keep(header);
            return true;
        }
        fprintf(stderr, "carnet: a message that is no answer to this one was passed over\n");
    }
}

static int
status_of(const carnet_iso8583_message *answer)
{
    char storage[16];
    carnet_buf room = carnet_buf_of(storage, sizeof storage);
    const carnet_str code = carnet_iso8583_text(answer, 39, &room);

    return code.len == 0 || carnet_iso8583_approved(answer->spec->version, code) ? CLI_VALID : CLI_NEGATIVE;
}

static void
print(const iso_arguments *a, const iso_message *answer)
{
    iso_node *tree = iso_tree(answer->message, a->unsafe);

    if (a->filter != NULL) {
        tree = iso_filter(tree, a->filter);
    }
    if (a->json) {
        iso_print_json(answer, tree, "");
        printf("\n");
    } else {
        iso_print_message(answer, tree);
    }
}

int
iso_send(const iso_arguments *a)
{
    const carnet_payment_tls tls = { .chain = a->certificate, .key = a->key, .ca = a->ca };
    const char *framing_name = iso_framing_or_post(a);
    const carnet_framing framing = iso_framing(framing_name);
    iso_spec spec;
    iso_arguments plain = *a;
    carnet_payment_end_config config = { .framing = &framing, .tls = a->ca != NULL ? &tls : NULL };
    carnet_iso8583_message *request = cli_alloc(sizeof *request);
    iso_message answer = { .framing = framing_name, .message = cli_alloc(sizeof *answer.message) };
    carnet_buf header = cli_buf(CARNET_FRAME_HEADER_MAX);
    carnet_payment_client *client = NULL;
    carnet_span message;
    carnet_err err = { 0 };
    int status = CLI_UNJUDGED;

    if (a->to == NULL) {
        cli_usage("to whom? (--to HOST:PORT)");
    }
    config.address = cli_address(a->to, NULL, &config.port);
    plain.framing = plain.header = NULL;
    message = iso_built(&plain, a->header_size > 0 ? (size_t)a->header_size : 0, &spec);
    if (a->header != NULL && carnet_hex_decode(carnet_str_of(a->header), &header, &err) != CARNET_OK) {
        cli_usage("--header is not hexadecimal");
    }
    if (carnet_iso8583_parse(spec.spec, message, request, &err) != CARNET_OK ||
        carnet_payment_client_open(&config, (int)a->wait_ms, &client, &err) != CARNET_OK) {
        return cli_complain(a->to, &err);
    }
    answer.spec = spec;
    if (carnet_payment_client_send(client, carnet_buf_span(&header), message, &err) != CARNET_OK) {
        status = cli_complain(a->to, &err);
    } else if (carnet_mti_response(request->mti) == 0) {
        status = CLI_VALID; /* an answer has none itself */
    } else if (await(client, request, &spec, a->wait_ms, &answer)) {
        print(a, &answer);
        status = status_of(answer.message);
    }
    carnet_payment_client_close(&client);
    return status;
}
