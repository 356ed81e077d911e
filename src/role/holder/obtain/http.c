/* SPDX-License-Identifier: Apache-2.0 */
/* The form of requests, and what an issuer says when it refuses one. */
#include "internal.h"

#include "carnet/client_attestation.h"
#include "carnet/dpop.h"

#include <string.h>

enum { SMALL_ANSWER = 256 << 10, BUSY_DEFAULT = 5 };

/* --- requests --- */

void
carnet_obtain_ask(carnet_obtain_state *s, carnet_obtain_purpose purpose, const char *method, carnet_str url)
{
    s->request.len = 0;
    s->request.overflow = false;
    s->action.request =
        (carnet_obtain_request){ .purpose = purpose, .method = method, .url = url, .limit = SMALL_ANSWER };
}

/** A field of what was appended to the request from `begin` on. */
static void
end_field(carnet_obtain_state *s, size_t begin)
{
    carnet_obtain_request *r = &s->action.request;

    if (r->field_count == CARNET_OBTAIN_FIELDS_MAX) {
        s->request.overflow = true;
    } else {
        r->fields[r->field_count++] = (carnet_str){ (const char *)s->request.ptr + begin, s->request.len - begin };
    }
}

void
carnet_obtain_field(carnet_obtain_state *s, const char *name, carnet_str value)
{
    size_t begin = s->request.len;

    carnet_buf_add_text(&s->request, name);
    carnet_buf_add_text(&s->request, ": ");
    carnet_buf_add_str(&s->request, value);
    end_field(s, begin);
}

void
carnet_obtain_body(carnet_obtain_state *s, const char *content_type, size_t begin)
{
    s->action.request.body = carnet_span_of(s->request.ptr + begin, s->request.len - begin);
    carnet_obtain_field(s, "Content-Type", carnet_str_of(content_type));
}

carnet_rc
carnet_obtain_add_dpop(carnet_obtain_state *s, bool resource, carnet_err *err)
{
    carnet_dpop_spec spec = { .struct_size = sizeof spec,
                              .method = carnet_str_of(s->action.request.method),
                              .url = s->action.request.url,
                              .nonce = carnet_obtain_get(resource ? &s->resource_nonce : &s->server_nonce),
                              .issued_at = s->now };
    size_t begin = s->request.len;
    carnet_rc rc;

    if (resource) {
        spec.access_token = (carnet_str){ s->access_token.bytes, s->access_token.len };
    }
    carnet_buf_add_text(&s->request, "DPoP: ");
    rc = carnet_dpop_make(&spec, s->p.dpop_key, s->p.crypto, &s->request, err);
    end_field(s, begin);
    return rc;
}

carnet_rc
carnet_obtain_add_token(carnet_obtain_state *s, carnet_err *err)
{
    size_t begin = s->request.len;

    carnet_buf_add_text(&s->request, s->token_dpop ? "Authorization: DPoP " : "Authorization: Bearer ");
    carnet_buf_add_str(&s->request, (carnet_str){ s->access_token.bytes, s->access_token.len });
    end_field(s, begin);
    return s->token_dpop ? carnet_obtain_add_dpop(s, true, err) : CARNET_OK;
}

carnet_rc
carnet_obtain_add_attestation(carnet_obtain_state *s, carnet_err *err)
{
    carnet_client_attestation_pop_spec spec = { .struct_size = sizeof spec,
                                                .client_id = s->client_id,
                                                .audience = s->server_issuer,
                                                .challenge = carnet_obtain_get(&s->challenge),
                                                .issued_at = s->now };
    size_t begin;
    carnet_rc rc;

    if (!s->attested) {
        return CARNET_OK;
    }
    carnet_obtain_field(s, "OAuth-Client-Attestation", s->attestation);
    begin = s->request.len;
    carnet_buf_add_text(&s->request, "OAuth-Client-Attestation-PoP: ");
    rc = carnet_client_attestation_pop_build(&spec, s->p.instance_key, s->p.crypto, &s->request, err);
    end_field(s, begin);
    s->challenge.len = 0; /* it serves once */
    return rc;
}

carnet_rc
carnet_obtain_asked(carnet_obtain_state *s, carnet_err *err)
{
    return s->request.overflow ? carnet_fail(err, CARNET_E_NO_SPACE, NULL, "the request is longer than there is room")
                               : CARNET_OK;
}

/* --- answers --- */

carnet_str
carnet_obtain_body_text(const carnet_obtain_answer *answer)
{
    return (carnet_str){ (const char *)answer->body.ptr, answer->body.len };
}

bool
carnet_obtain_good(const carnet_obtain_answer *answer)
{
    return answer->status >= 200 && answer->status <= 299;
}

bool
carnet_obtain_not_there(const carnet_obtain_answer *answer)
{
    return answer->status >= 400 && answer->status <= 499 && answer->status != 429;
}

static char
lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool
carnet_obtain_is_jwt(const carnet_obtain_answer *answer)
{
    static const char type[] = "application/jwt";
    carnet_str given = answer->content_type;

    if (given.len < sizeof type - 1) {
        return false;
    }
    for (size_t i = 0; i < sizeof type - 1; i++) {
        if (lower(given.ptr[i]) != type[i]) {
            return false;
        }
    }
    return given.len == sizeof type - 1 || strchr("; \t", given.ptr[sizeof type - 1]) != NULL;
}

void
carnet_obtain_note(carnet_obtain_state *s, bool resource, const carnet_obtain_answer *answer)
{
    carnet_obtain_text *nonce = resource ? &s->resource_nonce : &s->server_nonce;

    /* A nonce too long to be kept is none: the next request will be refused with another. */
    if (answer->dpop_nonce.len > 0) {
        (void)!carnet_obtain_set(nonce, answer->dpop_nonce, NULL);
    }
    if (!resource && answer->attestation_challenge.len > 0) {
        (void)!carnet_obtain_set(&s->challenge, answer->attestation_challenge, NULL);
    }
}

/* --- refusals --- */

void
carnet_obtain_show(carnet_str text, char *out, size_t cap)
{
    size_t len = text.len < cap - 1 ? text.len : cap - 1;

    if (!carnet_utf8_valid(carnet_str_bytes(text))) {
        text = carnet_str_of("(not text)");
        len = text.len < cap - 1 ? text.len : cap - 1;
    }
    while (len > 0 && len < text.len && ((unsigned char)text.ptr[len] & 0xc0) == 0x80) {
        len--; /* not within a character */
    }
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        bool c1 = c == 0xc2 && i + 1 < len && (unsigned char)text.ptr[i + 1] < 0xa0;

        out[i] = c < 0x20 || c == 0x7f || c1 ? '?' : text.ptr[i];
        if (c1) {
            out[++i] = '?';
        }
    }
    out[len] = '\0';
}

static bool
is_resource(carnet_obtain_step step)
{
    return step == CARNET_STEP_NONCE || step == CARNET_STEP_CREDENTIAL || step == CARNET_STEP_DEFERRED ||
           step == CARNET_STEP_NOTIFY;
}

/** What the issuer said: its body, else the header field. */
static bool
read_refusal(carnet_obtain_state *s, const carnet_obtain_answer *answer, carnet_oauth_answer *said)
{
    static const char *const schemes[] = { "DPoP", "Bearer" };

    *said = (carnet_oauth_answer){ 0 };
    if (answer->body.len > 0 && carnet_oauth_answer_read(carnet_obtain_body_text(answer), said, NULL) == CARNET_OK) {
        return true;
    }
    for (size_t i = 0; i < CARNET_COUNT(schemes); i++) {
        if (answer->authenticate.len > 0 &&
            carnet_oauth_authenticate_read(answer->authenticate, schemes[i], &s->scratch, said)) {
            return true;
        }
    }
    return false;
}

static bool
has_challenge_endpoint(const carnet_obtain_state *s)
{
    return s->server.challenge_endpoint.len > 0;
}

/** An attestation to be had, and the request made again with it. */
static bool
attest_again(carnet_obtain_state *s)
{
    if (s->tries.attestation) {
        return false;
    }
    s->tries.attestation = true;
    s->after = s->step;
    carnet_obtain_go(s, CARNET_STEP_CLIENT_ATTESTATION);
    return true;
}

/** A server that wants tokens bound to a key, and did not say so before: the request is made again with a proof. */
static bool
bind_again(carnet_obtain_state *s)
{
    if (is_resource(s->step) || s->dpop || s->p.dpop_key == NULL ||
        !carnet_metadata_list_absent(&s->server.dpop_signing_alg_values_supported)) {
        return false;
    }
    s->dpop = true;
    carnet_obtain_again(s);
    return true;
}

/** One more try, where the server said how, and it was not tried yet. */
static bool
try_again(carnet_obtain_state *s, const carnet_obtain_answer *answer, carnet_oauth_error error)
{
    bool resource = is_resource(s->step);

    switch (error) {
    case CARNET_OAUTH_INVALID_DPOP_PROOF:
        return bind_again(s);
    case CARNET_OAUTH_USE_DPOP_NONCE:
        if (bind_again(s)) {
            return true;
        }
        if (s->tries.dpop_nonce || answer->dpop_nonce.len == 0 || !(resource ? s->token_dpop : s->dpop)) {
            return false;
        }
        s->tries.dpop_nonce = true;
        carnet_obtain_again(s);
        return true;
    case CARNET_OAUTH_USE_ATTESTATION_CHALLENGE:
        if (resource || !s->attested || s->tries.challenge || (s->challenge.len == 0 && !has_challenge_endpoint(s))) {
            return false;
        }
        s->tries.challenge = true;
        carnet_obtain_again(s);
        return true;
    case CARNET_OAUTH_USE_FRESH_ATTESTATION:
        return !resource && s->attested && attest_again(s);
    case CARNET_OAUTH_INVALID_CLIENT: /* some servers want an attestation and do not say so before */
        if (resource || s->attested || s->p.instance_key == NULL ||
            !carnet_metadata_list_absent(&s->server.token_endpoint_auth_methods_supported)) {
            return false;
        }
        s->attested = true;
        return attest_again(s);
    default:
        return false;
    }
}

/** A server that is busy is asked again, some times, when it says so and when. */
static bool
wait_for(carnet_obtain_state *s, const carnet_obtain_answer *answer)
{
    uint32_t seconds = 0;

    if ((answer->status != 429 && answer->status != 503) || s->tries.busy == CARNET_OBTAIN_DEFERRALS_MAX) {
        return false;
    }
    for (size_t i = 0; i < answer->retry_after.len && seconds <= CARNET_OBTAIN_BUSY_MAX; i++) {
        char c = answer->retry_after.ptr[i];

        if (c < '0' || c > '9') {
            return false; /* a date */
        }
        seconds = seconds * 10 + (uint32_t)(c - '0');
    }
    if (seconds > CARNET_OBTAIN_BUSY_MAX) {
        return false;
    }
    s->tries.busy++;
    s->interval = answer->retry_after.len > 0 ? seconds : BUSY_DEFAULT;
    s->after_wait = s->step;
    carnet_obtain_go(s, CARNET_STEP_WAIT);
    return true;
}

/** An access token that ended may be had anew. */
static bool
renew(carnet_obtain_state *s, const carnet_obtain_answer *answer)
{
    if (answer->status != 401 || !is_resource(s->step) || s->tries.token || s->refresh_token.len == 0) {
        return false;
    }
    s->tries.token = true;
    s->after_token = s->step;
    s->grant = CARNET_GRANT_REFRESH_TOKEN;
    carnet_obtain_go(s, CARNET_STEP_TOKEN);
    return true;
}

static void
note_refusal(carnet_obtain_state *s, const carnet_obtain_answer *answer, const carnet_oauth_answer *said)
{
    s->refusal.status = answer->status;
    carnet_obtain_show(said->name, s->refusal.error, sizeof s->refusal.error);
    carnet_obtain_show(said->description, s->refusal.description, sizeof s->refusal.description);
    carnet_obtain_show(said->request_id, s->refusal.request_id, sizeof s->refusal.request_id);
}

carnet_rc
carnet_obtain_refused(carnet_obtain_state *s, const carnet_obtain_answer *answer, carnet_err *err)
{
    carnet_oauth_answer said;
    bool spoken = read_refusal(s, answer, &said);
    carnet_rc rc;

    if (try_again(s, answer, said.error) || wait_for(s, answer) || renew(s, answer)) {
        carnet_oauth_answer_done(&said);
        return CARNET_OK;
    }
    note_refusal(s, answer, &said);
    rc = spoken ? carnet_oauth_answer_fail(&said, err)
                : carnet_fail(err, CARNET_E_OBTAIN_ANSWER, NULL, "the server refused, and does not say why");
    carnet_oauth_answer_done(&said);
    return rc != CARNET_OK ? rc : carnet_fail(err, CARNET_E_OBTAIN_ANSWER, NULL, NULL);
}
