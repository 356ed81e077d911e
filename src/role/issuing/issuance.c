/* SPDX-License-Identifier: Apache-2.0 */
/* An issuance: claims typed once, copies made of them. */
#include "internal.h"

#include "carnet/issuance.h"

#include <string.h>

/* Room for the longest form of a status index beside the one that was measured. */
enum { INDEX_ROOM = 16 };

static carnet_mso_status
status_at(const carnet_issuance *issuance, uint64_t index)
{
    return (carnet_mso_status){ .has_status_list = true, .status_index = index, .status_uri = issuance->status_uri };
}

static carnet_rc
measure(carnet_issuance *issuance, carnet_err *err)
{
    carnet_mso_status longest = status_at(issuance, UINT32_MAX);
    carnet_issue issue = issuance->issue;
    carnet_rc rc;

    if (issuance->status_uri.len != 0)
        issue.status = &longest;
    rc = carnet_issue_measure(&issue, issuance->signer, &issuance->size, err);
    issuance->size += INDEX_ROOM;
    return rc;
}

static carnet_rc
take_typed(const carnet_issuance_parameters *parameters, carnet_issuance *issuance, carnet_err *err)
{
    if (parameters->typed_count > CARNET_ISSUE_ELEMENTS_MAX)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, "there are more claims than fit");
    memcpy(issuance->elements, parameters->typed, parameters->typed_count * sizeof(*issuance->elements));
    issuance->count = parameters->typed_count;
    return CARNET_OK;
}

carnet_rc
carnet_issuance_begin(const carnet_issuance_parameters *parameters, carnet_buf *storage, carnet_issuance *issuance,
                      carnet_err *err)
{
    const carnet_issuer_policy *policy = parameters->policy;
    carnet_claims_options options = { .doctype = policy->doctype,
                                      .file = parameters->file,
                                      .self = parameters->file_self };
    carnet_rc rc;

    issuance->policy = policy;
    issuance->signer = parameters->signer;
    issuance->count = 0;
    issuance->status_uri = parameters->status_uri.len != 0 ? parameters->status_uri : policy->status_uri;
    rc = carnet_issuer_policy_times(policy, parameters->signer, parameters->now, &issuance->times, err);
    if (rc != CARNET_OK)
        return rc;
    rc = parameters->typed != NULL ? take_typed(parameters, issuance, err)
                                   : carnet_claims_read(parameters->claims, &options, storage, issuance->elements,
                                                        CARNET_ISSUE_ELEMENTS_MAX, &issuance->count, err);
    if (rc != CARNET_OK)
        return rc;
    issuance->issue = (carnet_issue){ .struct_size = sizeof(carnet_issue),
                                      .doc_type = policy->doc_type,
                                      .elements = issuance->elements,
                                      .count = issuance->count,
                                      .hash = policy->hash,
                                      .signed_at = issuance->times.signed_at,
                                      .valid_from = issuance->times.valid_from,
                                      .valid_until = issuance->times.valid_until,
                                      .has_expected_update = issuance->times.has_expected_update,
                                      .expected_update = issuance->times.expected_update,
                                      .random = parameters->random,
                                      .shuffle = true };
    issuance->size = parameters->measured;
    return issuance->size != 0 ? CARNET_OK : measure(issuance, err);
}

/* --- copies --- */

/* So many at a time: the stack is small. */
enum { CHUNK = 10 };

typedef struct chunk {
    carnet_issue_taker take;
    void *self;
    size_t first;
} chunk;

static carnet_rc
take_copy(void *self, size_t copy, carnet_span issuer_signed)
{
    chunk *c = self;

    return c->take(c->self, c->first + copy, issuer_signed);
}

carnet_rc
carnet_issuance_make(const carnet_issuance *issuance, const carnet_issuance_copy *copies, size_t count,
                     carnet_crypto *crypto, carnet_buf *room, carnet_issue_taker take, void *self, carnet_err *err)
{
    carnet_issue issue = issuance->issue;
    carnet_public_key keys[CHUNK];
    carnet_mso_status statuses[CHUNK];
    chunk c = { .take = take, .self = self };
    carnet_rc rc = CARNET_OK;
    size_t i, n;

    issue.elements = issuance->elements;
    if (issuance->status_uri.len != 0) {
        issue.status = statuses;
        issue.status_each = true;
    }
    for (; rc == CARNET_OK && c.first < count; c.first += n) {
        n = count - c.first < CHUNK ? count - c.first : CHUNK;
        for (i = 0; i < n; i++) {
            keys[i] = copies[c.first + i].device_key;
            statuses[i] = status_at(issuance, copies[c.first + i].status_index);
        }
        rc = carnet_issue_batch(&issue, issuance->signer, keys, n, crypto, room, take_copy, &c, err);
    }
    return rc;
}
