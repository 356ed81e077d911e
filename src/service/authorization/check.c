/* SPDX-License-Identifier: Apache-2.0 */
/* Access tokens at the issuing endpoints (RFC 6750 2.1 and 3, RFC 9449 7). */
#include "internal.h"

#include <string.h>

typedef struct look {
    authorization_call call;
    uint8_t hash[CARNET_STORE_HASH];
    bool claims;
    bool kept; /* what is looked at is looked at again before anything comes of it */
    carnet_store_grant grant;
} look;

/* The token behind a scheme's name (compared without regard to case, RFC 9110 11.1); empty for another. */
static carnet_str
token_of(carnet_str header, const char *scheme)
{
    size_t n = strlen(scheme);

    if (header.len <= n || header.ptr[n] != ' ')
        return (carnet_str){ 0 };
    for (size_t i = 0; i < n; i++)
        if ((header.ptr[i] | 0x20) != (scheme[i] | 0x20))
            return (carnet_str){ 0 };
    while (n < header.len && header.ptr[n] == ' ')
        n++;
    return (carnet_str){ header.ptr + n, header.len - n };
}

static carnet_rc
challenge(authorization_call *call, const char *scheme, carnet_oauth_error error, const char *description)
{
    uint8_t room[512];
    carnet_buf out = carnet_buf_of(room, sizeof(room));
    bool dpop = strcmp(scheme, "DPoP") == 0;

    carnet_oauth_authenticate_write(scheme, error, description, dpop ? AUTHORIZATION_DPOP_ALGS : NULL, &out);
    if (!dpop && error == CARNET_OAUTH_NONE) /* a challenge has a parameter (RFC 6750 3) */
        carnet_buf_add_text(&out, " realm=\"credentials\"");
    return carnet_service_set_header(call->response, "WWW-Authenticate", carnet_buf_str(&out), NULL);
}

/* `shown`: there was a token, so it is said what is wrong with it (RFC 6750 3.1). */
static carnet_rc
refuse(authorization_call *call, carnet_rc rc, bool shown, carnet_err *err)
{
    carnet_oauth_error error = carnet_oauth_error_of(rc);
    const char *description = err != NULL && err->rc == rc ? err->reason : carnet_rc_text(rc);
    carnet_rc end = carnet_authorization_call_end(call, rc, err);

    if (carnet_oauth_error_http(error) >= 500)
        return end;
    /* RFC 9449 7.1: at a resource all of these are 401. */
    if (call->response->status != 403)
        call->response->status = 401;
    (void)challenge(call, "DPoP", shown ? error : CARNET_OAUTH_NONE, shown ? description : NULL);
    if (call->as->any_bearer && (error == CARNET_OAUTH_INVALID_TOKEN || !shown))
        (void)challenge(call, "Bearer", shown ? error : CARNET_OAUTH_NONE, shown ? description : NULL);
    return end;
}

static carnet_rc
find(void *arg, carnet_store_session *session, carnet_err *err)
{
    look *l = arg;
    carnet_span hash = carnet_span_of(l->hash, sizeof(l->hash));

    if (l->claims)
        carnet_authorization_room_empty(&l->call);
    else
        l->call.room.len = 0;
    return l->claims ? carnet_store_grant_by_access(session, hash, &l->grant, &l->call.room, err)
                     : carnet_store_grant_by_access_plain(session, hash, &l->grant, &l->call.room, err);
}

static carnet_rc
check_grant(look *l, carnet_str token, carnet_err *err)
{
    carnet_rc rc = carnet_service_hash(l->call.worker, token, l->hash, err);

    if (rc == CARNET_OK && !(l->kept && carnet_authorization_known(&l->call, l->hash, &l->grant))) {
        rc = carnet_authorization_read(&l->call, find, l, err);
        if (rc == CARNET_OK && l->kept)
            carnet_authorization_know(&l->call, &l->grant);
    }
    if (rc == CARNET_E_STORE_ABSENT) {
        l->call.reason = "token_unknown";
        return carnet_fail(err, CARNET_E_OAUTH_TOKEN, "RFC 6750 3.1", "the access token is not valid");
    }
    if (rc != CARNET_OK)
        return rc;
    l->call.client_id = l->grant.client_id;
    l->call.reference = l->grant.id;
    l->call.reason = l->grant.revoked != 0 ? "token_revoked" : "token_expired";
    if (l->grant.revoked != 0)
        return carnet_fail(err, CARNET_E_OAUTH_TOKEN, "RFC 6750 3.1", "the access token was revoked");
    if (l->grant.access_expires <= l->call.now)
        return carnet_fail(err, CARNET_E_OAUTH_TOKEN, "RFC 6750 3.1", "the access token has expired");
    l->call.reason = NULL;
    return CARNET_OK;
}

/* RFC 9449 4.3 and 7.2: the proof, and that the scheme is the token's. */
static carnet_rc
check_proof(look *l, carnet_str token, bool dpop, const char *path, carnet_authorization_access *access,
            carnet_err *err)
{
    carnet_str text = carnet_service_header(l->call.request, "DPoP");
    uint8_t jkt[32];

    if (dpop != (l->grant.jkt.len > 0)) {
        l->call.reason = "scheme";
        return carnet_fail(err, CARNET_E_OAUTH_TOKEN, "RFC 9449 7.2",
                           dpop ? "the access token is a bearer token" : "the access token is bound to a DPoP key");
    }
    if (!dpop)
        return CARNET_OK;
    if (carnet_service_header_count(l->call.request, "DPoP") != 1 || l->grant.jkt.len != sizeof(jkt))
        return carnet_fail(err, CARNET_E_DPOP_PROOF, "RFC 9449 4.3", "there must be one DPoP proof");
    return carnet_authorization_dpop(&l->call, text, carnet_authorization_url(&l->call, path), token, l->grant.jkt.ptr,
                                     jkt, access->proof_hash, &access->proof_at, &access->proof_until, err);
}

carnet_rc
carnet_authorization_check(const carnet_authorization *authorization, carnet_service_worker *worker,
                           const carnet_service_request *request, const char *path, bool claims,
                           carnet_service_response *response, carnet_authorization_access *access, carnet_err *err)
{
    carnet_str header = carnet_service_header(request, "Authorization"), token = token_of(header, "DPoP");
    bool dpop = token.len > 0;
    look *l = carnet_service_scratch(worker, sizeof(*l));
    carnet_rc rc;

    memset(access, 0, sizeof(*access));
    if (l == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    l->call = (authorization_call){ .as = authorization,
                                    .worker = worker,
                                    .request = request,
                                    .response = response,
                                    .now = carnet_service_now(worker),
                                    .kind = "access" };
    l->claims = claims;
    l->kept = claims && strcmp(path, "/credential") == 0;
    if (!claims)
        l->call.room = carnet_service_scratch_buf(worker, AUTHORIZATION_PLAIN_ROOM);
    if (!dpop)
        token = token_of(header, "Bearer");
    if (token.len == 0) {
        rc = carnet_fail(err, CARNET_E_OAUTH_TOKEN, "RFC 6750 3.1", "an access token is required");
        return refuse(&l->call, rc, false, err);
    }
    rc = check_grant(l, token, err);
    if (rc == CARNET_OK)
        rc = check_proof(l, token, dpop, path, access, err);
    if (rc == CARNET_OK)
        rc = carnet_authorization_nonce_renew(&l->call, err);
    if (rc != CARNET_OK)
        return refuse(&l->call, rc, true, err);
    access->grant = l->grant;
    access->dpop = dpop;
    access->now = l->call.now;
    return CARNET_OK;
}

static carnet_rc
use_proof(const carnet_authorization_access *access, carnet_store_session *session, carnet_err *err)
{
    carnet_store_once once = { .kind = CARNET_STORE_ONCE_DPOP,
                               .hash = carnet_span_of(access->proof_hash, CARNET_SERVICE_HASH),
                               .until = access->proof_until,
                               .at = access->proof_at };

    return access->dpop ? carnet_store_use_once(session, &once, 1, NULL, err) : CARNET_OK;
}

static carnet_rc
revoked(carnet_err *err)
{
    return carnet_fail(err, CARNET_E_OAUTH_TOKEN, "RFC 6750 3.1", "the access token was revoked");
}

carnet_rc
carnet_authorization_use(const carnet_authorization_access *access, carnet_store_session *session, carnet_err *err)
{
    uint8_t room[6144];
    carnet_buf out = carnet_buf_of(room, sizeof(room));
    carnet_store_grant grant;
    carnet_rc rc = carnet_store_grant_by_access_plain(session, access->grant.access_hash, &grant, &out, err);

    if (rc == CARNET_E_STORE_ABSENT || (rc == CARNET_OK && grant.revoked != 0))
        return revoked(err);
    return rc == CARNET_OK ? use_proof(access, session, err) : rc;
}

carnet_rc
carnet_authorization_issue(const carnet_authorization_access *access, carnet_store_session *session, size_t count,
                           carnet_err *err)
{
    carnet_rc rc =
        carnet_store_grant_issue_to(session, access->grant.id, access->grant.access_hash, (int64_t)count, err);

    if (rc == CARNET_E_STORE_STATE)
        return revoked(err);
    return rc == CARNET_OK ? use_proof(access, session, err) : rc;
}

carnet_rc
carnet_authorization_refuse(const carnet_authorization *authorization, carnet_service_worker *worker,
                            carnet_service_response *response, carnet_rc rc, carnet_err *err)
{
    authorization_call call = { .as = authorization,
                                .worker = worker,
                                .request = worker->request,
                                .response = response,
                                .now = carnet_service_now(worker),
                                .kind = "access" };

    if (rc == CARNET_E_STORE_REPLAYED) {
        call.reason = "proof_replayed";
        rc = carnet_fail(err, CARNET_E_DPOP_PROOF, "RFC 9449 11.1", "the DPoP proof was used before");
    } else if (rc == CARNET_E_OAUTH_TOKEN)
        call.reason = "token_revoked";
    else
        return rc;
    return refuse(&call, rc, true, err);
}

bool
carnet_authorization_reaches(const carnet_authorization_access *access, carnet_str configuration)
{
    return carnet_scope_has(access->grant.configurations, configuration);
}
