/* SPDX-License-Identifier: Apache-2.0 */
/* Documents encrypted to a key of the reader's choice (18013-5 10.2.5, 12.6). */
#include "reader.h"

#include "carnet/request_info.h"

static void
append(reading *r, reader_answer answer)
{
    if (r->answer_count < READER_ANSWERS_MAX) {
        r->answers[r->answer_count++] = answer;
    }
}

/** One entry of encryptedDocuments; false, with a word, if it cannot be decrypted. */
static bool
decrypt(reading *r, carnet_span request, carnet_span encrypted)
{
    carnet_buf out = cli_buf(encrypted.len + r->reader.session_transcript.len + 4096);
    carnet_reader_decrypted decrypted;
    carnet_err err = { 0 };

    if (carnet_reader_decrypt(&r->reader, r->document_key, request, encrypted, &out, &decrypted, &err) != CARNET_OK) {
        (void)cli_complain("documents that came encrypted", &err);
        return false;
    }
    append(r, (reader_answer){ .request = request,
                               .response = decrypted.response,
                               .session_transcript = decrypted.session_transcript });
    return true;
}

void
reader_keep(reading *r, carnet_span request, carnet_span response)
{
    carnet_device_response view;
    carnet_list_walk walk;
    carnet_span entry;
    size_t outer = r->answer_count;
    bool all = true;

    append(r, (reader_answer){ .request = request, .response = response });
    if (r->document_key == NULL ||
        carnet_device_response_open(response, CARNET_CBOR_LENIENT, &view, NULL) != CARNET_OK ||
        !view.has_encrypted_documents) {
        return;
    }
    carnet_list_begin(&walk, view.encrypted_documents);
    while (carnet_list_next(&walk, &entry)) {
        all = decrypt(r, request, entry) && all;
    }
    r->answers[outer].encrypted_apart = all;
    if (all && !view.has_documents && r->answer_count > outer + 1) { /* nothing else is in it */
        r->answer_count--;
        for (size_t i = outer; i < r->answer_count; i++) {
            r->answers[i] = r->answers[i + 1];
        }
    }
}

void
reader_ask_encrypted(reading *r)
{
    const carnet_doc_response_encryption_draft to = { .recipient = &r->document_key->public_key };
    const carnet_doc_request_info_draft info = { .encryption = &to };
    carnet_buf room = cli_buf(512);
    carnet_cbor_builder b = carnet_cbor_build(room.ptr, room.cap);
    carnet_span built;
    carnet_err err = { 0 };

    carnet_doc_request_info_build(&b, &info);
    if (carnet_cbor_built(&b, &built, &err) != CARNET_OK) {
        cli_die_text(r->a->document_key, "documents are encrypted to a P-256 key (18013-5 12.6)");
    }
    for (size_t i = 0; i < r->a->ask_count; i++) {
        for (size_t n = 0; n < r->a->asks[i].count; n++) {
            ask_document *document = &r->a->asks[i].documents[n];

            if (document->request_info.len != 0) {
                cli_usage("--document-key: the request's file has a requestInfo of its own");
            }
            document->request_info = built;
        }
    }
}
