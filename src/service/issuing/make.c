/* SPDX-License-Identifier: Apache-2.0 */
/* Copies made of claims, policy and keys, into the worker's scratch. */
#include "internal.h"

#include "carnet/issuer_signed_dehydrated.h"

typedef struct making {
    carnet_issuing_exchange *x;
    const carnet_issuing_order *order;
    carnet_issuing_made *made;
    size_t size;     /* that a copy needs while it is made */
    carnet_buf room; /* of the one being made, which stays there */
    carnet_err *err;
} making;

/* The document signer that is valid long enough, the first of the list. */
static carnet_rc
find_signer(carnet_issuing_exchange *x, const carnet_issuing_document *document, carnet_issue_signer *signer,
            carnet_err *err)
{
    carnet_issuer_times times;
    carnet_rc rc = CARNET_E_ISSUING_SIGNER;

    for (size_t i = 0; i < document->signer_count; i++) {
        const carnet_service_key *key;

        rc = carnet_service_key_get(x->worker, document->signers[i], &key, err);
        if (rc != CARNET_OK)
            continue;
        *signer = (carnet_issue_signer){ .key = key->key,
                                         .chain = key->chain,
                                         .chain_count = key->chain_count,
                                         .not_before = key->not_before,
                                         .not_after = key->not_after };
        rc = carnet_issuer_policy_times(&document->policy, signer, x->access.now, &times, err);
        if (rc == CARNET_OK)
            return rc;
    }
    return carnet_fail(err, CARNET_E_ISSUING_SIGNER, NULL, NULL);
}

/* The copy stays where it was made; the rest of its room is given back, and the next is made behind. */
static carnet_rc
keep(making *m, size_t copy, carnet_span issuer_signed)
{
    carnet_buf *room = &m->room;

    room->len = issuer_signed.len;
    carnet_wipe(room->ptr + room->len, room->cap - room->len);
    carnet_issuing_settle(m->x, room);
    m->made->credentials[copy] = issuer_signed;
    m->made->count = copy + 1;
    return m->made->count < m->order->key_count ? carnet_issuing_room(m->x, m->size, room, m->err) : CARNET_OK;
}

static carnet_rc
dehydrate(making *m, carnet_span issuer_signed, carnet_span *dry)
{
    carnet_issuer_signed view;
    carnet_cbor_builder b;
    carnet_buf room;
    carnet_rc rc = carnet_issuing_room(m->x, issuer_signed.len + 64, &room, m->err);

    if (rc == CARNET_OK)
        rc = carnet_issuer_signed_open(issuer_signed, 0, &view, m->err);
    if (rc != CARNET_OK)
        return rc;
    b = carnet_cbor_build(room.ptr, room.cap);
    rc = carnet_issuer_signed_dehydrate(&view, (carnet_str){ 0 }, &b, m->err);
    return rc == CARNET_OK ? carnet_cbor_built(&b, dry, m->err) : rc;
}

static carnet_rc
take(void *self, size_t copy, carnet_span issuer_signed)
{
    making *m = self;
    carnet_span dry;
    carnet_rc rc;

    if (!m->order->dehydrated)
        return keep(m, copy, issuer_signed);
    rc = dehydrate(m, issuer_signed, &dry);
    if (rc != CARNET_OK)
        return rc;
    m->made->credentials[copy] = dry;
    m->made->count = copy + 1;
    return CARNET_OK;
}

static carnet_rc
write_shared(carnet_issuing_exchange *x, const carnet_issuance *issuance, carnet_issuing_made *made, carnet_err *err)
{
    carnet_cbor_builder b;
    carnet_buf room;
    carnet_rc rc = carnet_issuing_room(x, issuance->size + 4096, &room, err);

    if (rc != CARNET_OK)
        return rc;
    b = carnet_cbor_build(room.ptr, room.cap);
    rc = carnet_name_spaced_data_build(&b, (carnet_str){ 0 }, issuance->elements, issuance->count, err);
    return rc == CARNET_OK ? carnet_cbor_built(&b, &made->name_spaced_data, err) : rc;
}

static carnet_rc
make_copies(making *m, const carnet_issuance *issuance, const int64_t *indices)
{
    carnet_issuing_exchange *x = m->x;
    size_t count = m->order->key_count;
    carnet_issuance_copy *copies = carnet_service_scratch(x->worker, count * sizeof(*copies));
    carnet_rc rc;

    m->size = issuance->size;
    m->made->credentials = carnet_service_scratch(x->worker, count * sizeof(*m->made->credentials));
    rc = carnet_issuing_room(x, m->size, &m->room, m->err);
    if (rc != CARNET_OK || copies == NULL || m->made->credentials == NULL)
        return carnet_fail(m->err, CARNET_E_NO_SPACE, NULL, NULL);
    for (size_t i = 0; i < count; i++) {
        copies[i].device_key = m->order->keys[i];
        copies[i].status_index = indices == NULL ? 0 : (uint64_t)indices[i];
    }
    return carnet_issuance_make(issuance, copies, count, x->worker->crypto, &m->room, take, m, m->err);
}

/* The issuance of typed elements, as far as all copies share it. */
static carnet_rc
begin(carnet_issuing_exchange *x, carnet_issuing_typed *typed, carnet_issuance_parameters *parameters,
      carnet_issuance **issuance, carnet_err *err)
{
    carnet_issuance *begun = carnet_service_scratch(x->worker, sizeof(*begun));
    carnet_buf none = carnet_buf_of(NULL, 0), whole;
    carnet_rc rc;

    *issuance = begun;
    if (begun == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    parameters->typed = carnet_issuing_typed_elements(typed, &parameters->typed_count);
    parameters->measured = carnet_issuing_typed_measured(x, typed, parameters->signer, parameters->status_uri);
    rc = carnet_issuance_begin(parameters, &none, begun, err);
    if (rc != CARNET_OK)
        return rc;
    if (parameters->measured == 0)
        carnet_issuing_typed_measure(x, typed, parameters->signer, parameters->status_uri, begun->size);
    whole = carnet_buf_of(begun, sizeof(*begun));
    whole.len = (size_t)((uint8_t *)&begun->elements[begun->count] - (uint8_t *)begun);
    carnet_issuing_settle(x, &whole);
    return rc;
}

carnet_rc
carnet_issuing_make(carnet_issuing_exchange *x, const carnet_issuing_order *order, carnet_str claims,
                    carnet_str status_uri, const int64_t *indices, carnet_issuing_made *made, carnet_err *err)
{
    making m = { .x = x, .order = order, .made = made, .err = err };
    carnet_issue_signer signer;
    carnet_issuance_parameters parameters = { .policy = &order->document->policy,
                                              .signer = &signer,
                                              .now = x->access.now,
                                              .status_uri = status_uri,
                                              .random = &x->worker->random };
    carnet_issuance *issuance;
    carnet_issuing_typed *typed = NULL;
    carnet_rc rc = find_signer(x, order->document, &signer, err);

    *made = (carnet_issuing_made){ 0 };
    if (rc == CARNET_OK)
        rc = carnet_issuing_type(x, order->document, claims, &typed, err);
    if (rc != CARNET_OK)
        return rc;
    rc = begin(x, typed, &parameters, &issuance, err);
    if (rc == CARNET_OK)
        rc = make_copies(&m, issuance, indices);
    if (rc == CARNET_OK && order->dehydrated)
        rc = write_shared(x, issuance, made, err);
    if (rc == CARNET_OK)
        made->times = issuance->times;
    carnet_issuing_typed_done(typed);
    return rc;
}
