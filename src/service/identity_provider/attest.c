/* SPDX-License-Identifier: Apache-2.0 */
/* What an attester says of a device's keys when they are enrolled (OpenID4VCI 1.0 Appendix D; doc/p1940.md for the words). */
#include "carnet/key_attestation.h"
#include "internal.h"

#include <strings.h>

/* Ways to know the user, in an attestation's list. */
static const struct {
    const char *word;
    unsigned bit;
} ways[] = {
    { "pin", CARNET_USER_AUTH_PIN },
    { "pattern", CARNET_USER_AUTH_PATTERN },
    { "fingerprint", CARNET_USER_AUTH_FINGERPRINT },
    { "face", CARNET_USER_AUTH_FACE },
    { "iris", CARNET_USER_AUTH_IRIS },
    { "voice", CARNET_USER_AUTH_VOICE },
    { "device_unlock", CARNET_USER_AUTH_DEVICE_UNLOCK },
};

static bool
is_word(carnet_str text, const char *word)
{
    for (size_t i = 0; i < text.len; i++) {
        const char c = text.ptr[i];

        if (word[i] == '\0' || (c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c) != word[i])
            return false;
    }
    return word[text.len] == '\0';
}

static void
read_ways(const carnet_json *list, idp_attested *attested)
{
    for (size_t i = 0; i < carnet_json_count(list); i++) {
        const carnet_str said = carnet_json_string(carnet_json_at(list, i));

        for (size_t k = 0; k < CARNET_COUNT(ways); k++)
            if (is_word(said, ways[k].word))
                attested->user_auth |= ways[k].bit;
        attested->pad = attested->pad || is_word(said, "pad");
    }
}

static unsigned
best_rank(const carnet_json *levels)
{
    unsigned best = 0;

    for (size_t i = 0; i < carnet_json_count(levels); i++) {
        const unsigned rank = carnet_attestation_level_rank(carnet_json_string(carnet_json_at(levels, i)));

        best = rank > best ? rank : best;
    }
    return best;
}

carnet_rc
carnet_idp_attested(idp_call *call, carnet_str text, idp_attested *attested, carnet_err *err)
{
    const carnet_key_attestation_expectation expectation = { .struct_size = sizeof(expectation),
                                                             .trust = carnet_service_trust_get(call->p->attesters),
                                                             .now = call->now,
                                                             .skew = IDP_SKEW_S };
    carnet_buf storage = carnet_service_scratch_buf(call->worker, text.len + 1);
    carnet_key_attestation view;
    carnet_rc rc;

    *attested = (idp_attested){ 0 };
    if (text.len == 0)
        return CARNET_OK;
    if (expectation.trust == NULL)
        return CARNET_OK; /* nobody is believed: the keys are as good as any */
    rc = carnet_key_attestation_open(text, call->worker->crypto, &storage, attested->keys, CARNET_COUNT(attested->keys),
                                     &view, NULL);
    if (rc == CARNET_OK) {
        rc = carnet_key_attestation_check(&view, &expectation, call->worker->crypto, NULL);
        if (rc == CARNET_OK) {
            attested->given = true;
            attested->count = view.key_count;
            attested->certified = view.certification.len != 0;
            attested->rank = best_rank(view.key_storage);
            read_ways(view.user_authentication, attested);
        }
        carnet_key_attestation_close(&view);
    }
    return rc == CARNET_OK
               ? rc
               : carnet_idp_refuse(call, CARNET_BOPS_ERROR_DEVICE_DATA, "the keys' attestation is not good", err);
}

bool
carnet_idp_is_attested(const idp_attested *attested, const carnet_public_key *key)
{
    for (size_t i = 0; attested->given && i < attested->count; i++)
        if (carnet_public_key_equal(&attested->keys[i], key))
            return true;
    return false;
}
