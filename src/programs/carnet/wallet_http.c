/* SPDX-License-Identifier: Apache-2.0 */
/* carnet wallet: requests and answers. */
#include "wallet.h"

#include "carnet/oauth_url.h"

#include <string.h>

enum { REDIRECTS = 3 };

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
wallet_cross(const wallet *w, const char *interface, bool sent, const char *what, carnet_span message)
{
    static const struct {
        const char *interface, *other;
    } others[] = { { "IN-2", "app provider" }, { "IS-7", "app provider" } };
    const char *other = "issuing service";

    if (w->a->crossings == 0) {
        return;
    }
    for (size_t i = 0; i < CARNET_COUNT(others); i++) {
        if (strcmp(others[i].interface, interface) == 0) {
            other = others[i].other;
        }
    }
    cli_cross(w->a->crossings, interface, sent ? "mdoc app" : other, sent ? other : "mdoc app", what, message,
              message.len);
}

/** "the token request" as "token request". */
static const char *
short_name(carnet_obtain_purpose purpose)
{
    const char *text = carnet_obtain_purpose_text(purpose);

    return strncmp(text, "the ", 4) == 0 ? text + 4 : text;
}

/** Device keys go to the issuing service over IS-5, all else over IS-6; both over IS-7 when the provider passes it on. */
static void
cross_request(const wallet *w, const carnet_obtain_request *request)
{
    const char *interface = w->a->relay ? "IS-7" : request->purpose == CARNET_OBTAIN_CREDENTIAL ? "IS-5" : "IS-6";
    const carnet_span shown = request->body.len > 0 ? request->body : carnet_str_bytes(request->url);

    wallet_cross(w, interface, true, short_name(request->purpose), shown);
}

static void
cross_answer(const wallet *w, const carnet_obtain_request *request, const carnet_obtain_answer *answer)
{
    char what[80];

    snprintf(what, sizeof what, "%s: answer %u", short_name(request->purpose), answer->status);
    wallet_cross(w, w->a->relay ? "IS-7" : "IS-6", false, what, answer->body);
}

static void
answered(wallet *w, const carnet_obtain_request *request, const carnet_obtain_answer *answer)
{
    if (w->a->verbose) {
        fprintf(stderr, "carnet: answered %u (%zu octets)\n", answer->status, answer->body.len);
    }
    cross_answer(w, request, answer);
    carnet_obtain_answered(&w->obtain, answer);
}

static void
request_relayed(wallet *w, const carnet_obtain_request *request)
{
    carnet_relay relay;
    carnet_obtain_answer answer;
    carnet_err err = { 0 };

    if (wallet_relay(w, request, &relay, &err) != CARNET_OK) {
        carnet_obtain_unreachable(&w->obtain, &err);
        return;
    }
    answer =
        (carnet_obtain_answer){ .status = relay.status,
                                .content_type = carnet_relay_get(&relay, "Content-Type"),
                                .dpop_nonce = carnet_relay_get(&relay, "DPoP-Nonce"),
                                .attestation_challenge = carnet_relay_get(&relay, "OAuth-Client-Attestation-Challenge"),
                                .authenticate = carnet_relay_get(&relay, "WWW-Authenticate"),
                                .retry_after = carnet_relay_get(&relay, "Retry-After"),
                                .body = carnet_str_bytes(relay.body) };
    answered(w, request, &answer);
    carnet_relay_close(&relay);
    carnet_wipe(w->provided.body.ptr, w->provided.body.len);
}

/** Where on the same host an answer says that the thing is now (RFC 9110 15.4).  False: nowhere, or on another host, which
 *  would speak for the one that was asked. */
static bool
moved(const wallet *w, carnet_str from, carnet_buf *to)
{
    static const unsigned statuses[] = { 301, 302, 303, 307, 308 };
    carnet_str place = field(w, "Location"), origin;
    carnet_oauth_url parts;
    bool says = false;

    for (size_t i = 0; i < CARNET_COUNT(statuses); i++) {
        says = says || w->answer.status == statuses[i];
    }
    if (!says || place.len == 0 || carnet_oauth_url_split(from, &parts, NULL) != CARNET_OK) {
        return false;
    }
    to->len = 0;
    carnet_buf_add_str(to, parts.scheme);
    carnet_buf_add_text(to, "://");
    carnet_buf_add_str(to, parts.authority);
    origin = carnet_buf_str(to);
    if (place.len > origin.len && carnet_str_equal((carnet_str){ place.ptr, origin.len }, origin)) {
        place = (carnet_str){ place.ptr + origin.len, place.len - origin.len };
    }
    carnet_buf_add_str(to, place);
    return place.ptr[0] == '/' && (place.len == 1 || place.ptr[1] != '/') && !to->overflow;
}

/** Ask, and where nothing secret is sent, go where the answer leads, some steps at most. */
static carnet_rc
ask(wallet *w, carnet_fetch_request r, const carnet_fetch_limits *limits, carnet_err *err)
{
    uint8_t rooms[REDIRECTS][CARNET_OAUTH_URL_MAX];
    carnet_rc rc = carnet_fetch_ask(w->connection, &r, limits, &w->answer, err);

    for (size_t i = 0; rc == CARNET_OK && i < REDIRECTS && strcmp(r.method, "GET") == 0; i++) {
        carnet_buf to = carnet_buf_of(rooms[i], sizeof rooms[i]);

        if (!moved(w, r.uri, &to)) {
            break;
        }
        r.uri = carnet_buf_str(&to);
        rc = carnet_fetch_ask(w->connection, &r, limits, &w->answer, err);
    }
    return rc;
}

static void
request_directly(wallet *w, const carnet_obtain_request *request)
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

    if (ask(w, r, &limits, &err) != CARNET_OK) {
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
    answered(w, request, &answer);
    carnet_wipe(w->answer.body.ptr, w->answer.body.len);
}

void
wallet_request(wallet *w, const carnet_obtain_request *request)
{
    tell(w, request);
    cross_request(w, request);
    if (w->a->relay) {
        request_relayed(w, request);
    } else {
        request_directly(w, request);
    }
}
