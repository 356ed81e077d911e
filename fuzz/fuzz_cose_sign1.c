/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/cose_sign1.h"
#include "fuzz.h"

static carnet_crypto crypto;
static carnet_key key;

static void
set_up(void)
{
    static bool done;

    if (done)
        return;
    MUST(carnet_crypto_init(&crypto, NULL) == CARNET_OK);
    MUST(carnet_software_key_generate(&crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, &key, NULL) == CARNET_OK);
    done = true;
}

/* As many certificates as were counted, none empty, all in the input; x5t is compared without harm. */
static void
check_chain(const carnet_cose_headers *headers, carnet_span input)
{
    carnet_span at = { 0 }, certificate, leaf;
    size_t count = 0;

    while (carnet_cose_x5chain_next(headers, &at, &certificate)) {
        MUST(certificate.len > 0 && fuzz_inside(certificate, input));
        count++;
    }
    MUST(count == headers->x5chain_count);
    MUST((carnet_cose_x5chain_leaf(headers, &leaf, NULL) == CARNET_OK) == (count > 0));
    (void)!carnet_cose_x5t_check(headers, &crypto, leaf, NULL);
}

/* Signed bytes have the length that their parts add up to. */
static void
check_structure(const carnet_cose_sign1 *view)
{
    carnet_cose_content content = { .payload = &view->payload, .payload_count = 1 };
    carnet_cbor_builder b = carnet_cbor_measure();
    size_t protected_len = view->headers.protected_bytes.len;

    carnet_cose_structure_build(&b, "Signature1", view->headers.protected_bytes, &content);
    MUST(b.rc == CARNET_OK);
    MUST(b.len == 13 + carnet_cbor_head_size(protected_len) + protected_len + carnet_cbor_head_size(view->payload.len) +
                      view->payload.len);
}

/* A view lies inside the input, a refusal has a place in it, what is strict is lenient too, and nobody forges. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    carnet_span input = { data, size };
    carnet_cose_verify_options options = { .content.payload = &input, .content.payload_count = 1, .plain = true };
    carnet_cose_sign1 view, strict;
    carnet_err err = { 0 };

    set_up();
    if (carnet_cose_sign1_open(input, CARNET_CBOR_LENIENT, &view, &err) != CARNET_OK) {
        MUST(err.offset <= size && view.encoded.ptr == NULL && view.signature.ptr == NULL);
        MUST(carnet_cose_sign1_open(input, 0, &strict, NULL) != CARNET_OK);
        return 0;
    }
    MUST(view.encoded.ptr == data && view.encoded.len == size);
    MUST(fuzz_inside(view.payload, input) && fuzz_inside(view.signature, input));
    MUST(fuzz_inside(view.headers.protected_bytes, input) && fuzz_inside(view.headers.unprotected, input));
    MUST(fuzz_inside(view.headers.key_id, input) && fuzz_inside(view.headers.x5t, input));
    MUST(!view.detached || view.payload.ptr == NULL);
    MUST((carnet_cose_sign1_open(input, 0, &strict, NULL) == CARNET_OK) ==
         ((view.headers.cbor_seen & CARNET_CBOR_LENIENT) == 0));
    check_chain(&view.headers, input);
    check_structure(&view);
    if (!view.detached)
        options.content.payload = NULL;
    MUST(carnet_cose_sign1_verify(&view, &crypto, &key.public_key, &options, &err) != CARNET_OK);
    return 0;
}
