/* SPDX-License-Identifier: Apache-2.0 */
/* Keys for MACs of any curve (18013-7 A.5), and documents encrypted (18013-5 12.6). */
#include "carnet/reader_keys.h"
#include "internal.h"

static carnet_rc
add_key(carnet_reader_mac_keys *keys, carnet_crypto *crypto, int64_t curve, carnet_err *err)
{
    const carnet_curve_info *info = carnet_curve_get((carnet_curve)curve);
    carnet_rc rc;

    if (info == NULL || !info->agrees) {
        return CARNET_OK;
    }
    for (size_t i = 0; i < keys->count; i++) {
        if (keys->public_keys[i].curve == info->curve) {
            return CARNET_OK;
        }
    }
    if (keys->count == CARNET_READER_MAC_KEYS_MAX) {
        return CARNET_OK;
    }
    rc = carnet_software_key_generate(crypto, info->curve, CARNET_KEY_AGREE, &keys->keys[keys->count], err);
    if (rc == CARNET_OK) {
        keys->list[keys->count] = &keys->keys[keys->count];
        keys->public_keys[keys->count] = keys->keys[keys->count].public_key;
        keys->count++;
    }
    return rc;
}

carnet_rc
carnet_reader_mac_keys_make(carnet_reader_mac_keys *keys, carnet_crypto *crypto,
                            const carnet_capabilities *capabilities, carnet_err *err)
{
    const carnet_curve_info *info;
    carnet_list_walk walk;
    carnet_span entry;
    carnet_rc rc = CARNET_OK;

    *keys = (carnet_reader_mac_keys){ .count = 0 };
    if (!capabilities->mac_keys_support) {
        return CARNET_OK;
    }
    carnet_list_begin(&walk, capabilities->mac_keys_curves);
    while (rc == CARNET_OK && carnet_list_next(&walk, &entry)) {
        carnet_cbor_reader r = carnet_cbor_open(entry);
        int64_t curve = carnet_cbor_int(&r);

        rc = r.rc == CARNET_OK && curve >= 0 && curve < 65536 ? add_key(keys, crypto, curve, err) : CARNET_OK;
    }
    for (size_t i = 0; rc == CARNET_OK && capabilities->mac_keys_curves.len == 0; i++) {
        info = carnet_curve_at(i);
        if (info == NULL) {
            break;
        }
        rc = add_key(keys, crypto, info->curve, err);
    }
    if (rc != CARNET_OK) {
        carnet_reader_mac_keys_done(keys);
    }
    return rc;
}

void
carnet_reader_mac_keys_done(carnet_reader_mac_keys *keys)
{
    for (size_t i = 0; i < keys->count; i++) {
        carnet_key_done(&keys->keys[i]);
    }
    *keys = (carnet_reader_mac_keys){ .count = 0 };
}

/** The EncryptionParametersBytes of a DocRequest; empty if it did not ask for encryption. */
static carnet_span
parameters_of(carnet_span request, uint64_t index)
{
    carnet_device_request view;
    carnet_doc_request doc;
    carnet_doc_request_info info;

    if (index >= CARNET_DOC_REQUESTS_MAX ||
        carnet_device_request_open(request, CARNET_CBOR_LENIENT, &view, NULL) != CARNET_OK ||
        !carnet_doc_request_at(&view, (size_t)index, &doc) || !carnet_doc_request_info_get(&doc, &info)) {
        return (carnet_span){ 0 };
    }
    return info.doc_response_encryption.encoded;
}

carnet_rc
carnet_reader_decrypt(const carnet_reader *reader, carnet_key *key, carnet_span request, carnet_span encrypted,
                      carnet_buf *scratch, carnet_reader_decrypted *decrypted, carnet_err *err)
{
    const size_t before = scratch->len;
    carnet_cbor_builder b = carnet_cbor_build(scratch->ptr + before, scratch->cap - before);
    carnet_encrypted_documents view;
    carnet_span parameters;
    carnet_rc rc = carnet_encrypted_documents_open(encrypted, CARNET_CBOR_LENIENT, &view, err);

    *decrypted = (carnet_reader_decrypted){ .doc_request_id = view.doc_request_id };
    if (rc != CARNET_OK) {
        return rc;
    }
    parameters = parameters_of(request, view.doc_request_id);
    if (parameters.len == 0) {
        return carnet_fail(err, CARNET_E_ROLE_REQUEST, "18013-5 10.3.5",
                           "encrypted documents answer a DocRequest that did not ask for encryption");
    }
    rc = carnet_encryption_transcript_build(&b, reader->session_transcript, parameters, err);
    if (rc == CARNET_OK) {
        rc = carnet_cbor_built(&b, &decrypted->session_transcript, err);
    }
    scratch->len += decrypted->session_transcript.len;
    if (rc == CARNET_OK) {
        rc = carnet_encrypted_documents_decrypt(&view, reader->crypto, key, decrypted->session_transcript, scratch,
                                                &decrypted->response, err);
    }
    if (rc != CARNET_OK) {
        scratch->len = before;
        *decrypted = (carnet_reader_decrypted){ .doc_request_id = view.doc_request_id };
    }
    return rc;
}
