/* SPDX-License-Identifier: Apache-2.0 */
/* carnet phone: transactions staged, fulfilled, looked at, taken back. */
#include "phone.h"

#include <stdlib.h>
#include <string.h>

enum { ROOM = 4096, WAIT_MAX = 25 };

static void
print_amount(FILE *out, uint64_t amount, carnet_str currency)
{
    fprintf(out, "%llu minor units of ", (unsigned long long)amount);
    cli_print_safe(out, currency);
}

static void
line(FILE *out, const char *name, carnet_str text)
{
    if (text.len > 0) {
        fprintf(out, "  %-10s", name);
        cli_print_safe(out, text);
        fputc('\n', out);
    }
}

/** Where a transaction stands, for a person; with --json what the server said. */
static int
tell(const phone *p, carnet_str answer, carnet_staged_state *state, char session[CARNET_BOPS_SESSION + 1])
{
    carnet_staged_status status;
    carnet_json *document;
    carnet_err err = { 0 };

    if (carnet_staged_status_read(answer, &document, &status, &err) != CARNET_OK) {
        return cli_complain("mobile app server", &err);
    }
    if (p->a->json) {
        printf("%.*s\n", (int)answer.len, answer.ptr);
    } else {
        printf("%.*s: %s, ", (int)status.reference.len, status.reference.ptr, carnet_staged_state_name(status.state));
        print_amount(stdout, status.amount, status.currency);
        putchar('\n');
        line(stdout, "account", status.account);
        line(stdout, "terminal", status.terminal);
        line(stdout, "to approve", status.text);
        line(stdout, "compare", status.binding);
        line(stdout, "session", status.session);
        line(stdout, "because", status.reason);
        if (status.has_dispensed) {
            fputs("  dispensed ", stdout);
            print_amount(stdout, status.dispensed, status.currency);
            putchar('\n');
        }
    }
    fflush(stdout);
    if (state != NULL) {
        *state = status.state;
    }
    if (session != NULL) {
        session[0] = '\0';
        if (status.session.len <= CARNET_BOPS_SESSION) {
            memcpy(session, status.session.len > 0 ? status.session.ptr : "", status.session.len);
            session[status.session.len] = '\0';
        }
    }
    carnet_json_free(&document);
    return CLI_VALID;
}

static int
send_it(phone *p, const char *what, const char *path, const carnet_buf *body, unsigned wait_s,
        carnet_staged_state *state, char session[CARNET_BOPS_SESSION + 1])
{
    carnet_str answer;
    unsigned status;

    if (!phone_ask(p, PHONE_SERVER, path, carnet_buf_span(body), wait_s, &status, &answer)) {
        return CLI_UNJUDGED;
    }
    return status == 200 ? tell(p, answer, state, session) : phone_refused(what, status, answer);
}

/** A name for the request: said again, it stages nothing more. */
static carnet_str
name_request(const phone *p, char name[33])
{
    carnet_random random = carnet_crypto_random(p->crypto);
    uint8_t octets[16];
    carnet_buf out = carnet_buf_of(name, 32);
    carnet_err err = { 0 };

    if (p->a->request != NULL) {
        return carnet_str_of(p->a->request);
    }
    if (carnet_random_fill(&random, octets, sizeof octets, &err) != CARNET_OK) {
        cli_die("a request's name", &err);
    }
    carnet_buf_add_hex(&out, carnet_span_of(octets, sizeof octets));
    return carnet_buf_str(&out);
}

int
phone_stage(const phone_arguments *a, carnet_crypto *crypto)
{
    carnet_buf body = cli_buf(ROOM);
    char name[33];
    carnet_err err = { 0 };
    carnet_stage_request wish;
    phone p;
    int result;

    phone_begin(&p, a, crypto, false);
    wish = (carnet_stage_request){ .request_id = name_request(&p, name),
                                   .type = carnet_str_of(a->type != NULL ? a->type : "ATM_CWD"),
                                   .amount = cli_number(a->amount, 999999999999, "amount in minor units"),
                                   .currency = carnet_str_of(a->currency),
                                   .account = carnet_str_of(a->account) };
    if (carnet_stage_request_write(&wish, &body, &err) != CARNET_OK) {
        cli_die("the request", &err);
    }
    result = send_it(&p, "stage", CARNET_STAGING_PATH "/rp/Stage", &body, 0, NULL, NULL);
    phone_end(&p);
    return result;
}

int
phone_fulfil(const phone_arguments *a, carnet_crypto *crypto)
{
    const carnet_fulfil_request wish = { .reference = carnet_str_of(a->argument),
                                         .code = a->qr != NULL ? cli_qr_read(a->qr) : carnet_str_of(a->code) };
    carnet_buf body = cli_buf(ROOM);
    char session[CARNET_BOPS_SESSION + 1];
    carnet_err err = { 0 };
    phone p;
    int result;

    phone_begin(&p, a, crypto, false);
    if (carnet_fulfil_request_write(&wish, &body, &err) != CARNET_OK) {
        cli_die("the request", &err);
    }
    result = send_it(&p, "fulfil", CARNET_STAGING_PATH "/rp/Fulfil", &body, 0, NULL, session);
    if (result == CLI_VALID && a->approve) {
        carnet_bops_status status;
        phone_device device;

        phone_device_init(&device, &p);
        result = phone_authenticate(&p, carnet_str_of(session), &device, &status);
        phone_device_done(&device);
    }
    phone_end(&p);
    return result;
}

/** Asks until the state is another one, or the time is over. */
static int
follow(phone *p, carnet_staged_query *query)
{
    uint64_t left = p->a->wait_s;
    carnet_err err = { 0 };
    int result;

    for (;;) {
        carnet_buf body = cli_buf(ROOM);
        const unsigned wait = left < WAIT_MAX ? (unsigned)left : WAIT_MAX;
        carnet_staged_state state = CARNET_STAGED_NONE;

        query->wait = wait;
        if (carnet_staged_query_write(query, &body, &err) != CARNET_OK) {
            cli_die("the request", &err);
        }
        result = send_it(p, "status", CARNET_STAGING_PATH "/rp/StagedStatus", &body, wait, &state, NULL);
        free(body.ptr);
        left -= wait;
        if (result != CLI_VALID || left == 0 || (query->state != CARNET_STAGED_NONE && state != query->state)) {
            return result;
        }
        query->state = state;
    }
}

int
phone_status(const phone_arguments *a, carnet_crypto *crypto)
{
    carnet_staged_query query = { .reference = carnet_str_of(a->argument) };
    phone p;
    int result;

    phone_begin(&p, a, crypto, false);
    result = follow(&p, &query);
    phone_end(&p);
    return result;
}

int
phone_cancel(const phone_arguments *a, carnet_crypto *crypto)
{
    const carnet_staged_query query = { .reference = carnet_str_of(a->argument) };
    carnet_buf body = cli_buf(ROOM);
    carnet_err err = { 0 };
    phone p;
    int result;

    phone_begin(&p, a, crypto, false);
    if (carnet_staged_query_write(&query, &body, &err) != CARNET_OK) {
        cli_die("the request", &err);
    }
    result = send_it(&p, "cancel", CARNET_STAGING_PATH "/rp/CancelStaged", &body, 0, NULL, NULL);
    phone_end(&p);
    return result;
}
