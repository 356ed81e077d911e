/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/encrypted_documents.h"
#include "carnet/hpke.h"
#include "fuzz.h"

#include <string.h>

static carnet_crypto crypto;
static carnet_key recipient;
static uint8_t out_room[1 << 17], sealed_room[1 << 17], answer_room[1 << 18];

static void
begin(void)
{
    static const uint8_t scalar[32] = { [31] = 7 };
    static bool done;

    if (done)
        return;
    done = true;
    MUST(carnet_crypto_init(&crypto, NULL) == CARNET_OK);
    MUST(carnet_software_key_from_scalar(&crypto, CARNET_CURVE_P256, (carnet_span){ scalar, 32 }, CARNET_KEY_AGREE,
                                         &recipient, NULL) == CARNET_OK);
}

/* As received: what opens may still not decrypt, and leaves nothing behind. */
static void
as_received(carnet_span input)
{
    carnet_buf out = carnet_buf_of(out_room, sizeof(out_room));
    carnet_encrypted_documents view;
    carnet_span response;
    carnet_err err = { 0 };

    if (carnet_encrypted_documents_open(input, CARNET_CBOR_LENIENT, &view, &err) != CARNET_OK) {
        MUST(err.offset <= input.len && view.enc.ptr == NULL && view.cipher_text.ptr == NULL);
        return;
    }
    MUST(fuzz_inside(view.enc, input) && fuzz_inside(view.cipher_text, input));
    MUST(carnet_encrypted_documents_decrypt(&view, &crypto, &recipient, input, &out, &response, &err) != CARNET_OK);
    MUST(out.len == 0 && response.len == 0);
}

/* As the plaintext of a reader's peer that means harm: what comes out opens as a DeviceResponse or is refused. */
static void
as_plaintext(carnet_span input)
{
    const carnet_span info = { sealed_room, 0 };
    uint8_t enc_room[CARNET_HPKE_ENC_MAX];
    carnet_buf enc = carnet_buf_of(enc_room, sizeof(enc_room)), out = carnet_buf_of(answer_room, sizeof(answer_room));
    carnet_encrypted_documents view = { 0 };
    carnet_device_response response;
    carnet_span got;
    carnet_hpke hpke;

    if (input.len + CARNET_GCM_TAG > sizeof(sealed_room))
        return;
    MUST(carnet_hpke_sender(&hpke, &crypto, &carnet_hpke_mdoc, &recipient.public_key, info, &recipient, &enc, NULL) ==
         CARNET_OK);
    MUST(carnet_hpke_seal(&hpke, &crypto, info, input, sealed_room, NULL) == CARNET_OK);
    carnet_hpke_done(&hpke);
    view.enc = carnet_buf_span(&enc);
    view.cipher_text = carnet_span_of(sealed_room, input.len + CARNET_GCM_TAG);
    if (carnet_encrypted_documents_decrypt(&view, &crypto, &recipient, info, &out, &got, NULL) != CARNET_OK) {
        MUST(out.len == 0 && got.len == 0);
        return;
    }
    MUST(got.len == out.len && got.len <= input.len + CARNET_ENCRYPTED_DOCUMENTS_MORE);
    if (carnet_device_response_open(got, CARNET_CBOR_LENIENT, &response, NULL) == CARNET_OK)
        MUST(response.status == 0 && fuzz_inside(response.documents, got));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    begin();
    as_received((carnet_span){ data, size });
    as_plaintext((carnet_span){ data, size });
    return 0;
}
