/* SPDX-License-Identifier: Apache-2.0 */
/* carnet iso8583 serve: a host for tests, which answers by rules. */
#include "carnet/link_payment.h"
#include "iso8583.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define LATER_MAX 1024 /* answers that wait for their time */

/** An answer whose time has not come. */
typedef struct later {
    carnet_payment_peer *peer; /* NULL: free */
    int64_t at;
    carnet_span header, message;
    bool hang_up;
} later;

typedef struct serving {
    const iso_arguments *a;
    iso_spec spec;
    const char *framing;
    iso_rules *rules;
    carnet_payment_loop *loop;
    uint64_t served;
    later later[LATER_MAX];
} serving;

static carnet_payment_loop *volatile running;
static volatile sig_atomic_t over;

static void
on_signal(int number)
{
    (void)number;
    over = 1;
    if (running != NULL) {
        carnet_payment_wake(running); /* NOLINT(bugprone-signal-handler,cert-sig30-c): it is one write() */
    }
}

static void
down(void *self, carnet_payment_peer *peer, const carnet_err *why)
{
    serving *s = self;

    (void)why;
    for (size_t i = 0; peer != NULL && i < LATER_MAX; i++) {
        if (s->later[i].peer == peer) {
            free((void *)(uintptr_t)s->later[i].message.ptr);
            s->later[i] = (later){ 0 };
        }
    }
}

static void
give(carnet_payment_peer *peer, carnet_span header, carnet_span message, bool hang_up)
{
    carnet_err err = { 0 };

    if (carnet_payment_answer(peer, header, message, &err) != CARNET_OK) {
        cli_complain(carnet_payment_peer_name(peer), &err);
    }
    if (hang_up) {
        carnet_payment_end_peer(peer);
    }
}

/** Keep a copy of header and message in one block. */
static void
give_later(serving *s, carnet_payment_peer *peer, carnet_span header, carnet_span message, const iso_answer *answer)
{
    for (size_t i = 0; i < LATER_MAX; i++) {
        if (s->later[i].peer == NULL) {
            uint8_t *copy = cli_alloc(header.len + message.len);

            memcpy(copy, message.ptr, message.len);
            if (header.len > 0) {
                memcpy(copy + message.len, header.ptr, header.len);
            }
            s->later[i] = (later){ peer, carnet_payment_now(s->loop) + answer->delay_ms,
                                   carnet_span_of(copy + message.len, header.len), carnet_span_of(copy, message.len),
                                   answer->hang_up };
            return;
        }
    }
    fprintf(stderr, "carnet: too many answers wait: one is dropped\n");
}

/** One line a message: what came and what was done, nothing that must not be seen. */
static void
log_line(const serving *s, const carnet_iso8583_message *request, const char *what)
{
    char mti[5], storage[32];
    carnet_buf room = carnet_buf_of(storage, sizeof storage);
    const carnet_str number = carnet_iso8583_text(request, 11, &room);

    carnet_mti_write(request->mti, mti);
    if (s->a->json) {
        printf("{\"mti\": \"%s\", \"stan\": \"%.*s\", \"done\": \"%s\"}\n", mti, (int)number.len, number.ptr, what);
    } else {
        printf("%s  %.*s  %s\n", mti, (int)number.len, number.len > 0 ? number.ptr : "", what);
    }
    fflush(stdout);
}

static void
answer_request(serving *s, carnet_payment_peer *peer, carnet_span header, const carnet_iso8583_message *request)
{
    static uint8_t storage[70000];
    carnet_buf out = carnet_buf_of(storage, sizeof storage);
    carnet_err err = { 0 };
    iso_answer answer;
    const bool known = iso_rules_find(s->rules, request, &answer);

    if (answer.drop) {
        log_line(s, request, "dropped");
        if (answer.hang_up) {
            carnet_payment_end_peer(peer);
        }
        return;
    }
    if (!iso_answer_build(request, &answer, known, &out, &err)) {
        log_line(s, request, carnet_mti_response(request->mti) == 0 ? "no request" : "the answer cannot be built");
        if (err.rc != CARNET_OK) {
            cli_complain("answer", &err);
        }
        return;
    }
    log_line(s, request, known ? "answered by a rule" : "answered");
    if (answer.delay_ms > 0) {
        give_later(s, peer, header, carnet_buf_span(&out), &answer);
    } else {
        give(peer, header, carnet_buf_span(&out), answer.hang_up);
    }
}

static void
batch(void *self, const carnet_payment_frame *frames, size_t count)
{
    serving *s = self;

    for (size_t i = 0; i < count; i++) {
        carnet_iso8583_message request;
        carnet_err err = { 0 };

        s->served++;
        if (carnet_iso8583_parse(s->spec.spec, frames[i].message, &request, &err) != CARNET_OK) {
            cli_complain(carnet_payment_peer_name(frames[i].peer), &err);
            continue;
        }
        answer_request(s, frames[i].peer, frames[i].header, &request);
    }
}

/** Give what is due; when the next is due is told. */
static int64_t
give_due(serving *s)
{
    const int64_t now = carnet_payment_now(s->loop);
    int64_t next = now + 1000;

    for (size_t i = 0; i < LATER_MAX; i++) {
        later *l = &s->later[i];

        if (l->peer == NULL) {
            continue;
        }
        if (l->at > now) {
            next = l->at < next ? l->at : next;
            continue;
        }
        give(l->peer, l->header, l->message, l->hang_up);
        free((void *)(uintptr_t)l->message.ptr);
        *l = (later){ 0 };
    }
    return next;
}

static bool
waiting(const serving *s)
{
    for (size_t i = 0; i < LATER_MAX; i++) {
        if (s->later[i].peer != NULL) {
            return true;
        }
    }
    return false;
}

static int
loop(serving *s)
{
    carnet_err err = { 0 };
    unsigned last = 0;

    while (!over && last < 3) { /* the last answers leave in the steps after */
        const bool done = s->a->count != 0 && s->served >= s->a->count && !waiting(s);
        const int64_t next = give_due(s);

        last = done ? last + 1 : 0;
        if (carnet_payment_step(s->loop, done ? carnet_payment_now(s->loop) + 20 : next, &err) != CARNET_OK) {
            return cli_complain("connections", &err);
        }
    }
    return CLI_VALID;
}

int
iso_serve(const iso_arguments *a)
{
    serving *s = cli_alloc(sizeof *s);
    const carnet_payment_tls tls = { .chain = a->certificate, .key = a->key, .ca = a->ca, .clients = a->ca != NULL };
    carnet_payment_end_config config = { .listens = true, .self = s, .down = down };
    carnet_payment_end *end = NULL;
    carnet_framing framing;
    carnet_err err = { 0 };
    int status;

    if (a->input_count != 0) {
        cli_usage("serve takes no message");
    }
    s->a = a;
    s->framing = iso_framing_or_post(a);
    framing = iso_framing(s->framing);
    config.framing = &framing;
    config.tls = a->certificate != NULL ? &tls : NULL;
    s->spec = iso_spec_of(a->spec != NULL ? a->spec : "1987");
    if (a->header_size >= 0) {
        s->spec = iso_spec_with_header(s->spec, (size_t)a->header_size);
    }
    s->rules = iso_rules_read(a->rules);
    config.address = cli_address(a->listen != NULL ? a->listen : "0", "127.0.0.1", &config.port);
    if (carnet_payment_loop_new(batch, s, NULL, &s->loop, &err) != CARNET_OK ||
        carnet_payment_add(s->loop, &config, &end, &err) != CARNET_OK) {
        return cli_complain(config.address, &err);
    }
    running = s->loop;
    signal(SIGINT, on_signal);
    signal(SIGTERM, on_signal);
    printf(a->json ? "{\"listening\": \"%s:%u\"}\n" : "listening at %s:%u\n", config.address,
           (unsigned)carnet_payment_port(end));
    fflush(stdout);
    status = loop(s);
    running = NULL;
    carnet_payment_loop_free(&s->loop);
    return status;
}
