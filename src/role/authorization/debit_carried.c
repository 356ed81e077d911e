/* SPDX-License-Identifier: Apache-2.0 */
/* What vouches for the user's authentication: the signature in the message, or the mobile app server's word. */
#include "internal.h"

#include <string.h>

static const carnet_public_key *
signer(const carnet_debit_policy *policy, carnet_str key_id)
{
    for (size_t i = 0; i < policy->signer_count; i++)
        if (carnet_str_equal(policy->signers[i].key_id, key_id))
            return &policy->signers[i].key;
    return NULL;
}

static carnet_judge_signature
verify(carnet_debit *debit, carnet_crypto *crypto)
{
    const carnet_vector_carrier *c = &debit->carrier;
    const unsigned needed = CARNET_CARRIER_VECTOR | CARNET_CARRIER_SESSION | CARNET_CARRIER_REFERENCE |
                            CARNET_CARRIER_AUTH_TIME | CARNET_CARRIER_EXPIRY | CARNET_CARRIER_KEY_ID |
                            CARNET_CARRIER_SIGNATURE;
    carnet_str amount = carnet_debit_text(debit, 4);
    carnet_carrier_binding binding = { amount, debit->facts.currency, debit->facts.terminal };
    const carnet_public_key *key;

    if ((c->present & needed) != needed || (key = signer(debit->policy, c->key_id)) == NULL)
        return CARNET_JUDGE_SIGNATURE_BAD;
    if (amount.len == 16) /* 2003: behind currency and exponent */
        binding.amount = (carnet_str){ amount.ptr + 4, 12 };
    return carnet_carrier_verify(c, &binding, key, crypto, NULL) == CARNET_OK ? CARNET_JUDGE_SIGNATURE_GOOD
                                                                              : CARNET_JUDGE_SIGNATURE_BAD;
}

static carnet_trustmark
trustmark_of(const carnet_debit *debit)
{
    const carnet_vector_carrier *c = &debit->carrier;
    carnet_trustmark trustmark = CARNET_TRUSTMARK_NONE;

    if ((c->present & CARNET_CARRIER_TRUSTMARK) == 0)
        return CARNET_TRUSTMARK_NONE;
    if (c->trustmark != 0)
        return (carnet_trustmark)c->trustmark;
    if (carnet_trustmark_of(c->trustmark_url, debit->policy->project, &trustmark, NULL) != CARNET_OK)
        return CARNET_TRUSTMARK_NONE;
    return trustmark;
}

void
carnet_debit_read_carried(carnet_debit *debit, carnet_crypto *crypto)
{
    const carnet_vector_carrier *c = &debit->carrier;
    carnet_judge_facts *f = &debit->facts;

    f->known = true;
    f->fulfilled = (c->present & CARNET_CARRIER_RESULT) == 0 || c->result == CARNET_CARRIER_OK;
    f->expires = (c->present & CARNET_CARRIER_EXPIRY) != 0 ? (carnet_time)c->expiry : 0;
    f->auth_time = (c->present & CARNET_CARRIER_AUTH_TIME) != 0 ? (carnet_time)c->auth_time : 0;
    /* The signature is over these: another amount or terminal is another text. */
    f->staged_amount = f->amount;
    f->staged_currency = f->currency;
    f->staged_terminal = f->terminal;
    f->signature = verify(debit, crypto);
    f->trustmark = trustmark_of(debit);
    if (f->signature == CARNET_JUDGE_SIGNATURE_GOOD && f->trustmark != CARNET_TRUSTMARK_NONE &&
        carnet_trustmark_read(f->trustmark, c->vector, &f->vector, NULL) != CARNET_OK)
        debit->early = CARNET_JUDGED_FORMAT;
}

void
carnet_debit_resolved(carnet_debit *debit, const carnet_debit_resolution *resolution)
{
    carnet_judge_facts *f = &debit->facts;

    debit->resolving = false;
    if (!resolution->reached) {
        debit->early = CARNET_JUDGED_UNAVAILABLE;
        return;
    }
    f->known = resolution->known;
    f->fulfilled = resolution->fulfilled;
    f->used = resolution->used;
    f->expires = resolution->expires;
    f->auth_time = resolution->auth_time;
    f->staged_amount = resolution->amount;
    f->staged_currency = resolution->currency;
    f->staged_terminal = resolution->terminal;
    debit->pan = resolution->pan;
    f->signature = CARNET_JUDGE_UNSIGNED_TRUSTED;
    f->trustmark = resolution->trustmark;
    debit->carrier.vector = resolution->vector;
    debit->carrier.present |= CARNET_CARRIER_VECTOR | CARNET_CARRIER_SESSION;
    memcpy(debit->carrier.session, resolution->session, sizeof(debit->carrier.session));
    if (f->known && f->fulfilled &&
        carnet_trustmark_read(f->trustmark, resolution->vector, &f->vector, NULL) != CARNET_OK)
        f->fulfilled = false; /* whoever vouches for it says nothing that can be read */
}
