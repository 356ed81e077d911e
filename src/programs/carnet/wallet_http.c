/* SPDX-License-Identifier: Apache-2.0 */
/* carnet wallet: requests and answers. */
#include "wallet.h"

#include <unistd.h>

static carnet_str
field(const wallet *w, const char *name)
{
    carnet_str header = carnet_buf_str(&w->answer.header), value;

    (void)carnet_fetch_field(header, name, 0, &value);
    return value;
}

static void
tell(const wallet *w, const carnet_obtain_request *request)
{
    if (w->a->verbose) {
        fprintf(stderr, "carnet: %s: %s ", carnet_obtain_purpose_text(request->purpose), request->method);
        cli_print_safe(stderr, request->url);
        fprintf(stderr, " (%zu octets)\n", request->body.len);
    }
}

void
wallet_request(wallet *w, const carnet_obtain_request *request)
{
    const carnet_fetch_request r = { .method = request->method,
                                     .uri = request->url,
                                     .fields = request->fields,
                                     .field_count = request->field_count,
                                     .body = request->body };
    const carnet_fetch_limits limits = { .octets = request->limit,
                                         .ca = w->a->ca,
                                         .plain_loopback = w->a->insecure_loopback };
    carnet_obtain_answer answer;
    carnet_err err = { 0 };

    tell(w, request);
    if (carnet_fetch_ask(w->connection, &r, &limits, &w->answer, &err) != CARNET_OK) {
        carnet_obtain_unreachable(&w->obtain, &err);
        return;
    }
    answer = (carnet_obtain_answer){ .status = w->answer.status,
                                     .content_type = field(w, "Content-Type"),
                                     .dpop_nonce = field(w, "DPoP-Nonce"),
                                     .attestation_challenge = field(w, "OAuth-Client-Attestation-Challenge"),
                                     .authenticate = field(w, "WWW-Authenticate"),
                                     .retry_after = field(w, "Retry-After"),
                                     .body = carnet_buf_span(&w->answer.body) };
    if (w->a->verbose) {
        fprintf(stderr, "carnet: answered %u (%zu octets)\n", answer.status, answer.body.len);
    }
    carnet_obtain_answered(&w->obtain, &answer);
    carnet_wipe(w->answer.body.ptr, w->answer.body.len);
}
