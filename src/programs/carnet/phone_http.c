/* SPDX-License-Identifier: Apache-2.0 */
/* carnet phone: requests over mutual TLS, and what they are refused with. */
#include "phone.h"

#include <string.h>

enum { TIMEOUT_MS = 30000, URI_MAX = 2048 };

static const char *
peer_name(phone_peer peer)
{
    return peer == PHONE_PROVIDER ? "identity provider" : "mobile app server";
}

static const char *
last_part(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

static void
cross(const phone *p, phone_peer peer, const char *path, bool sent, carnet_span message)
{
    char what[96];

    if (p->a->crossings != 0) {
        snprintf(what, sizeof what, "%s%s", last_part(path), sent ? "" : ": answer");
        cli_cross(p->a->crossings, peer == PHONE_PROVIDER ? "2410" : "P1940", sent ? "phone" : peer_name(peer),
                  sent ? peer_name(peer) : "phone", what, message, message.len);
    }
}

static bool
ask(phone *p, phone_peer peer, const carnet_fetch_limits *limits, const char *path, carnet_span body, unsigned *status,
    carnet_str *answer)
{
    const carnet_str base = peer == PHONE_PROVIDER ? p->provider : p->server;
    const carnet_str fields[] = { carnet_str_of("Content-Type: application/json") };
    char uri[URI_MAX];
    carnet_buf text = carnet_buf_of(uri, sizeof uri);
    carnet_fetch_request request = { .method = "POST", .fields = fields, .field_count = 1, .body = body };
    carnet_err err = { 0 };
    carnet_rc rc;

    if (base.len == 0) {
        cli_usage("--%s is missing: it was not said at enrolment", peer == PHONE_PROVIDER ? "provider" : "server");
    }
    carnet_buf_add_str(&text, base);
    carnet_buf_add_text(&text, path);
    request.uri = carnet_buf_str(&text);
    if (p->a->verbose) {
        fprintf(stderr, "carnet: POST ");
        cli_print_safe(stderr, request.uri);
        fprintf(stderr, " (%zu octets)\n", body.len);
    }
    cross(p, peer, path, true, body);
    rc = text.overflow ? carnet_fail(&err, CARNET_E_LIMIT, NULL, "the address is too long")
                       : carnet_fetch_ask(p->connections[peer], &request, limits, &p->answer, &err);
    if (rc != CARNET_OK) {
        (void)cli_complain(peer_name(peer), &err);
        return false;
    }
    cross(p, peer, path, false, carnet_buf_span(&p->answer.body));
    *status = p->answer.status;
    *answer = carnet_buf_str(&p->answer.body);
    return true;
}

static carnet_fetch_limits
limits_of(const phone *p, unsigned wait_s)
{
    static char ca[4096];

    if (p->ca.len >= sizeof ca) {
        cli_die_text("--ca", "the path is too long");
    }
    memcpy(ca, p->ca.len > 0 ? p->ca.ptr : "", p->ca.len);
    ca[p->ca.len] = '\0';
    return (carnet_fetch_limits){ .octets = CARNET_BOPS_MAX,
                                  .timeout_ms = TIMEOUT_MS + (int)wait_s * 1000,
                                  .ca = p->ca.len > 0 ? ca : NULL,
                                  .plain_loopback = p->a->insecure_loopback };
}

bool
phone_ask(phone *p, phone_peer peer, const char *path, carnet_span body, unsigned wait_s, unsigned *status,
          carnet_str *answer)
{
    carnet_fetch_limits limits = limits_of(p, wait_s);

    limits.certificate_text = p->tls_chain;
    limits.key_text = p->tls_key;
    if (p->connections[peer] == NULL) {
        p->connections[peer] = carnet_fetch_connection_new();
    }
    return ask(p, peer, &limits, path, body, status, answer);
}

bool
phone_ask_as(phone *p, carnet_str pem, const char *path, carnet_span body, unsigned *status, carnet_str *answer)
{
    carnet_fetch_limits limits = limits_of(p, 0);

    limits.certificate_text = pem;
    limits.key_text = pem;
    return ask(p, PHONE_PROVIDER, &limits, path, body, status, answer);
}

int
phone_refused(const char *what, unsigned status, carnet_str answer)
{
    carnet_staging_refusal refusal;
    carnet_json *document;
    carnet_bops_error error;

    fprintf(stderr, "carnet: %s: refused (%u): ", what, status);
    if (carnet_bops_error_read(answer, &error, NULL) == CARNET_OK) {
        fprintf(stderr, "%d ", (int)error.code);
        cli_print_safe(stderr, error.name);
        fputs(error.description.len > 0 ? ": " : "", stderr);
        cli_print_safe(stderr, error.description);
        carnet_bops_error_close(&error);
    } else if (carnet_staging_refusal_read(answer, &document, &refusal, NULL) == CARNET_OK) {
        cli_print_safe(stderr, refusal.error);
        fputs(refusal.description.len > 0 ? ": " : "", stderr);
        cli_print_safe(stderr, refusal.description);
        carnet_json_free(&document);
    } else {
        fputs("without a reason", stderr);
    }
    fputc('\n', stderr);
    return CLI_NEGATIVE;
}
