/* SPDX-License-Identifier: Apache-2.0 */
/* Keys a request brings along: to encrypt documents to (18013-5 12.6), to make MACs with (18013-7 A.5). */
#include "carnet/cose_key.h"
#include "carnet/encrypted_documents.h"
#include "internal.h"

#include <stddef.h>

void *
carnet_scratch_take(carnet_buf *scratch, size_t count, size_t size)
{
    size_t align = _Alignof(max_align_t);
    size_t skip = (align - (uintptr_t)(scratch->ptr + scratch->len) % align) % align;
    void *at;

    if (scratch->cap - scratch->len < skip || (scratch->cap - scratch->len - skip) / size < count) {
        return NULL;
    }
    at = scratch->ptr + scratch->len + skip;
    scratch->len += skip + count * size;
    return at;
}

uint32_t
carnet_request_encrypting(const carnet_device_request *request)
{
    carnet_doc_request doc;
    carnet_doc_request_info info;
    uint32_t bits = 0;

    for (size_t i = 0; i < CARNET_DOC_REQUESTS_MAX && carnet_doc_request_at(request, i, &doc); i++) {
        if (carnet_doc_request_info_get(&doc, &info) && info.doc_response_encryption.encoded.len != 0) {
            bits |= UINT32_C(1) << i;
        }
    }
    return bits;
}

const carnet_public_key *
carnet_request_mac_key(const carnet_device_request *request, carnet_crypto *crypto, carnet_curve curve,
                       const carnet_public_key *session_key, carnet_buf *scratch)
{
    carnet_public_key *found;
    carnet_list_walk walk;
    carnet_cose_key key;
    carnet_span entry;

    if (request->mac_keys.len == 0) {
        return session_key != NULL && session_key->curve == curve ? session_key : NULL;
    }
    carnet_list_begin(&walk, request->mac_keys);
    while (carnet_list_next(&walk, &entry)) {
        if (carnet_cose_key_open(entry, CARNET_CBOR_LENIENT, crypto, &key, NULL) != CARNET_OK ||
            key.key.curve != curve) {
            continue;
        }
        found = carnet_scratch_take(scratch, 1, sizeof *found);
        if (found != NULL) {
            *found = key.key;
        }
        return found;
    }
    return NULL;
}

static carnet_rc
find_recipient(const carnet_device_request *request, size_t doc_request, carnet_crypto *crypto,
               carnet_encrypted_documents_draft *draft, carnet_public_key *recipient, carnet_err *err)
{
    carnet_doc_response_encryption encryption;
    carnet_doc_request doc;
    carnet_doc_request_info info;
    carnet_cose_key key;

    if (!carnet_doc_request_at(request, doc_request, &doc) || !carnet_doc_request_info_get(&doc, &info) ||
        !carnet_doc_response_encryption_get(&info, &encryption)) {
        return carnet_fail(err, CARNET_E_ROLE_REQUEST, "18013-5 10.2.5", "the encryption parameters cannot be read");
    }
    if (carnet_cose_key_open(encryption.recipient_public_key, CARNET_CBOR_LENIENT, crypto, &key, NULL) != CARNET_OK ||
        key.key.curve != CARNET_CURVE_P256) {
        return carnet_fail(err, CARNET_E_ROLE_REQUEST, "18013-5 12.6", "documents cannot be encrypted to that key");
    }
    *recipient = key.key;
    draft->recipient = recipient;
    draft->parameters = info.doc_response_encryption.encoded;
    draft->doc_request_id = doc_request;
    return CARNET_OK;
}

carnet_rc
carnet_response_encrypt(const carnet_response_draft *d, size_t first, size_t count, carnet_crypto *crypto,
                        carnet_span session_transcript, const carnet_device_request *request, carnet_span *encrypted,
                        carnet_err *err)
{
    carnet_encrypted_documents_draft draft = { .session_transcript = session_transcript,
                                               .documents = d->documents + first,
                                               .count = count };
    carnet_buf *scratch = d->scratch;
    size_t half = (scratch->cap - scratch->len) / 2;
    carnet_buf work = carnet_buf_of(scratch->ptr + scratch->len + half, half);
    carnet_cbor_builder b = carnet_cbor_build(scratch->ptr + scratch->len, half);
    carnet_public_key recipient;
    carnet_rc rc = find_recipient(request, d->groups[first], crypto, &draft, &recipient, err);

    *encrypted = (carnet_span){ 0 };
    if (rc == CARNET_OK) {
        rc = carnet_encrypted_documents_build(&draft, crypto, &work, &b, err);
    }
    if (rc == CARNET_OK) {
        rc = carnet_cbor_built(&b, encrypted, err);
    }
    scratch->len += encrypted->len;
    return rc;
}
