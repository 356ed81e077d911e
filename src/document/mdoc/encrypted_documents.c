/* SPDX-License-Identifier: Apache-2.0 */
/* EncryptedDocuments (18013-5 10.3.5, 12.6). */
#include "carnet/encrypted_documents.h"
#include "carnet/hpke.h"
#include "internal.h"

#include <string.h>

#define ENCRYPTION_CLAUSE "18013-5 12.6"

static const carnet_cbor_field fields[] = {
    CARNET_MEMBER(carnet_encrypted_documents, "enc", CARNET_FIELD_BSTR, enc),
    CARNET_MEMBER(carnet_encrypted_documents, "cipherText", CARNET_FIELD_BSTR, cipher_text),
    CARNET_MEMBER(carnet_encrypted_documents, "docRequestID", CARNET_FIELD_UINT, doc_request_id),
};

carnet_rc
carnet_encrypted_documents_open(carnet_span cbor, unsigned allow, carnet_encrypted_documents *view, carnet_err *err)
{
    carnet_path path = { .name = carnet_str_of("EncryptedDocuments") };
    carnet_cbor_reader r = carnet_cbor_open(cbor);
    carnet_rc rc;

    *view = (carnet_encrypted_documents){ .encoded = cbor };
    r.allow = (uint8_t)(allow & CARNET_CBOR_LENIENT);
    r.path = &path;
    carnet_cbor_fields(&r, fields, CARNET_COUNT(fields), view);
    if (r.rc == CARNET_OK && view->cipher_text.len < CARNET_GCM_TAG)
        carnet_cbor_refuse(&r, CARNET_E_MDOC_STRUCTURE, view->cipher_text.ptr, ENCRYPTION_CLAUSE,
                           "the ciphertext is shorter than its tag");
    rc = carnet_cbor_end(&r, err);
    if (rc != CARNET_OK)
        *view = (carnet_encrypted_documents){ 0 };
    return rc;
}

static carnet_rc
built(const carnet_cbor_builder *b, carnet_err *err)
{
    return b->rc == CARNET_OK ? CARNET_OK : carnet_fail(err, b->rc, NULL, NULL);
}

carnet_rc
carnet_encryption_transcript_build(carnet_cbor_builder *b, carnet_span session_transcript, carnet_span parameters,
                                   carnet_err *err)
{
    carnet_path path = { .name = carnet_str_of("SessionTranscript") };
    carnet_cbor_reader r = carnet_cbor_open(session_transcript);
    carnet_span engagement, handover;
    carnet_cbor_walk walk;
    carnet_rc rc;

    r.allow = CARNET_CBOR_LENIENT;
    r.path = &path;
    carnet_cbor_array(&r, &walk);
    (void)carnet_cbor_array_next(&r, &walk);
    engagement = carnet_cbor_any(&r);
    (void)carnet_cbor_array_next(&r, &walk);
    (void)carnet_cbor_any(&r);
    (void)carnet_cbor_array_next(&r, &walk);
    handover = carnet_cbor_any(&r);
    if (r.rc == CARNET_OK && carnet_cbor_array_next(&r, &walk))
        carnet_cbor_refuse(&r, CARNET_E_MDOC_STRUCTURE, NULL, "18013-5 12.2", "it is not an array of three");
    rc = carnet_cbor_end(&r, err);
    if (rc == CARNET_OK && parameters.len == 0)
        rc = carnet_fail(err, CARNET_E_USAGE, ENCRYPTION_CLAUSE, "there are no encryption parameters");
    if (rc != CARNET_OK) {
        if (b->rc == CARNET_OK)
            b->rc = rc;
        return rc;
    }
    carnet_cbor_add_array(b, 3);
    carnet_cbor_add_raw(b, engagement);
    carnet_cbor_add_raw(b, parameters);
    carnet_cbor_add_raw(b, handover);
    return built(b, err);
}

/* The DeviceResponse begins before the plaintext, whose own head, one octet, is overwritten. */
static const uint8_t response_begin[] = { 0xa2, 0x67, 'v', 'e', 'r', 's', 'i', 'o', 'n', 0x63, '1', '.', '0' };
static const uint8_t response_end[] = { 0x66, 's', 't', 'a', 't', 'u', 's', 0x00 };

_Static_assert(sizeof(response_begin) + sizeof(response_end) <= CARNET_ENCRYPTED_DOCUMENTS_MORE, "what is added");

/* EncryptedDocumentsPlaintext, 1 + len octets from `head` on, becomes a DeviceResponse; false if it is no such map. */
static bool
become_response(uint8_t *begin, size_t plain_len)
{
    uint8_t *plain = begin + sizeof(response_begin) - 1;
    uint8_t entries = plain_len != 0 ? (uint8_t)(plain[0] ^ 0xa0) : UINT8_MAX;

    if (entries == 0 || entries > 20)
        return false;
    memcpy(begin, response_begin, sizeof(response_begin));
    begin[0] = (uint8_t)(0xa2 + entries);
    memcpy(plain + plain_len, response_end, sizeof(response_end));
    return true;
}

carnet_rc
carnet_encrypted_documents_decrypt(const carnet_encrypted_documents *view, carnet_crypto *crypto, carnet_key *key,
                                   carnet_span transcript, carnet_buf *out, carnet_span *response, carnet_err *err)
{
    const size_t plain_len = view->cipher_text.len < CARNET_GCM_TAG ? 0 : view->cipher_text.len - CARNET_GCM_TAG;
    const size_t all = sizeof(response_begin) - 1 + plain_len + sizeof(response_end);
    uint8_t *begin = out->ptr + out->len;
    carnet_hpke hpke;
    carnet_rc rc;

    *response = (carnet_span){ NULL, 0 };
    if (out->cap - out->len < all || out->cap - out->len < view->cipher_text.len + CARNET_ENCRYPTED_DOCUMENTS_MORE)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    rc = carnet_hpke_receiver(&hpke, crypto, &carnet_hpke_mdoc, key, view->enc, transcript, err);
    if (rc == CARNET_OK)
        rc = carnet_hpke_open(&hpke, crypto, (carnet_span){ NULL, 0 }, view->cipher_text,
                              begin + sizeof(response_begin) - 1, err);
    carnet_hpke_done(&hpke);
    if (rc == CARNET_OK && !become_response(begin, plain_len)) {
        carnet_wipe(begin, all);
        rc = carnet_fail(err, CARNET_E_MDOC_STRUCTURE, "18013-5 10.3.5", "what was encrypted is no map of documents");
    }
    if (rc != CARNET_OK)
        return rc;
    *response = (carnet_span){ begin, all };
    out->len += all;
    return CARNET_OK;
}

/* EncryptedDocumentsPlaintext */
static carnet_rc
build_plain(const carnet_encrypted_documents_draft *draft, carnet_span transcript, carnet_crypto *crypto,
            carnet_cbor_builder *b, carnet_err *err)
{
    carnet_rc rc = CARNET_OK;

    carnet_cbor_add_map(b, 1);
    carnet_cbor_add_text(b, "documents");
    carnet_cbor_add_array(b, draft->count);
    for (size_t i = 0; rc == CARNET_OK && i < draft->count; i++)
        rc = carnet_present_document(&draft->documents[i], transcript, crypto, b, err);
    return rc == CARNET_OK ? built(b, err) : rc;
}

static carnet_rc
seal_into(const carnet_encrypted_documents_draft *draft, carnet_span transcript, carnet_span plain, uint8_t *sealed,
          carnet_crypto *crypto, carnet_cbor_builder *b, carnet_err *err)
{
    uint8_t room[CARNET_HPKE_ENC_MAX];
    carnet_buf enc = carnet_buf_of(room, sizeof(room));
    carnet_hpke hpke;
    carnet_rc rc = carnet_hpke_sender(&hpke, crypto, &carnet_hpke_mdoc, draft->recipient, transcript, NULL, &enc, err);

    if (rc == CARNET_OK)
        rc = carnet_hpke_seal(&hpke, crypto, (carnet_span){ NULL, 0 }, plain, sealed, err);
    carnet_hpke_done(&hpke);
    if (rc != CARNET_OK)
        return rc;
    carnet_cbor_add_map(b, 3);
    carnet_cbor_add_text(b, "enc");
    carnet_cbor_add_bstr(b, carnet_buf_span(&enc));
    carnet_cbor_add_text(b, "cipherText");
    carnet_cbor_add_bstr(b, carnet_span_of(sealed, plain.len + CARNET_GCM_TAG));
    carnet_cbor_add_text(b, "docRequestID");
    carnet_cbor_add_uint(b, draft->doc_request_id);
    return built(b, err);
}

carnet_rc
carnet_encrypted_documents_build(const carnet_encrypted_documents_draft *draft, carnet_crypto *crypto,
                                 carnet_buf *scratch, carnet_cbor_builder *b, carnet_err *err)
{
    const size_t room = scratch->cap - scratch->len;
    carnet_cbor_builder plain, transcript = carnet_cbor_build(scratch->ptr + scratch->len, room);
    carnet_span info = { NULL, 0 };
    uint8_t *at;
    carnet_rc rc =
        draft->count != 0
            ? carnet_encryption_transcript_build(&transcript, draft->session_transcript, draft->parameters, err)
            : carnet_fail(err, CARNET_E_USAGE, ENCRYPTION_CLAUSE, "there is no document to encrypt");

    if (rc == CARNET_OK)
        rc = carnet_cbor_built(&transcript, &info, err);
    at = scratch->ptr + scratch->len + info.len;
    plain = carnet_cbor_build(at, room - info.len > CARNET_GCM_TAG ? room - info.len - CARNET_GCM_TAG : 0);
    if (rc == CARNET_OK)
        rc = build_plain(draft, info, crypto, &plain, err);
    if (rc == CARNET_OK)
        rc = seal_into(draft, info, carnet_span_of(at, plain.len), at, crypto, b, err);
    carnet_wipe(scratch->ptr + scratch->len, room);
    if (b->rc == CARNET_OK)
        b->rc = rc;
    return rc;
}
