/* SPDX-License-Identifier: Apache-2.0 */
/* GET /.well-known/openid-credential-issuer (OpenID4VCI 12.2): JSON, or signed for who prefers it.  All languages are in the
 * answer, so Accept-Language need not be looked at. */
#include "internal.h"

#include <string.h>

enum { SIGNED_S = CARNET_TIME_DAY, ANSWER_MAX = 1 << 20 };

/* Whether Accept names application/jwt, and not with a weight below that of JSON. */
static bool
wants_jwt(carnet_str accept)
{
    static const char jwt[] = "application/jwt";
    const char *at = accept.len == 0 ? NULL : memmem(accept.ptr, accept.len, jwt, sizeof(jwt) - 1);
    const char *end, *comma;

    if (at == NULL)
        return false;
    at += sizeof(jwt) - 1;
    end = accept.ptr + accept.len;
    comma = memchr(at, ',', (size_t)(end - at));
    if (comma == NULL)
        comma = end;
    /* ";q=0.x" is a wish for the other one; only a whole weight, or none, is one for this. */
    return memmem(at, (size_t)(comma - at), "q=0", 3) == NULL;
}

static carnet_rc
answer_signed(const carnet_issuing *issuing, carnet_service_worker *worker, carnet_service_response *response,
              carnet_err *err)
{
    const carnet_service_key *key;
    carnet_issuer_metadata_signer signer = { .issuer = carnet_service_base_url(issuing->context),
                                             .issued_at = carnet_service_now(worker) };
    carnet_buf scratch = carnet_service_scratch_buf(worker, ANSWER_MAX);
    carnet_rc rc = carnet_service_key_get(worker, issuing->policy.metadata_key, &key, err);

    if (rc != CARNET_OK)
        return rc;
    signer.key = key->key;
    signer.x5c = key->chain;
    signer.x5c_count = key->chain_count;
    signer.expires_at = signer.issued_at + SIGNED_S;
    response->content_type = "application/jwt";
    return carnet_issuer_metadata_sign(&issuing->metadata, &signer, worker->crypto, &scratch, &response->body, err);
}

static carnet_rc
run(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    const carnet_issuing *issuing = self;
    carnet_service_worker *worker;
    carnet_rc rc = carnet_service_set_header(response, "Cache-Control", carnet_str_of("public, max-age=60"), err);

    if (rc == CARNET_OK)
        rc = carnet_service_set_header(response, "Vary", carnet_str_of("Accept"), err);
    if (rc != CARNET_OK)
        return rc;
    if (issuing->policy.metadata_key == NULL || !wants_jwt(carnet_service_header(request, "Accept"))) {
        response->fixed = carnet_str_bytes(issuing->json);
        return CARNET_OK;
    }
    rc = carnet_service_begin(issuing->context, request, &worker, err);
    return rc == CARNET_OK ? answer_signed(issuing, worker, response, err) : rc;
}

const carnet_service_route carnet_issuing_well_known = {
    .method = CARNET_SERVICE_GET,
    .name = "issuer_metadata",
    .path = "/.well-known/openid-credential-issuer",
    .summary = "The credential issuer's metadata, as JSON or signed",
    .run = run,
    .cross_origin = true,
    .answer_max = ANSWER_MAX,
    .rate = 600,
    .burst = 100,
};
