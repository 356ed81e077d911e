/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/cose_mac0.h"
#include "fuzz.h"

#include <string.h>

static carnet_crypto crypto;
static const carnet_secret key = { "a key of thirty-two octets, yes.", 32 };

/* What is made of a payload verifies, and with one bit of the tag changed does not. */
static void
check_again(carnet_span payload)
{
    static uint8_t storage[8192];
    carnet_cbor_builder b = carnet_cbor_build(storage, sizeof(storage));
    carnet_cose_mac0_params params = { .content = { .payload = &payload, .payload_count = 1 } };
    carnet_cose_mac0 view;
    carnet_span out;

    if (payload.len > sizeof(storage) - 64)
        return;
    MUST(carnet_cose_mac0_build(&b, &crypto, &key, &params, NULL) == CARNET_OK);
    MUST(carnet_cbor_built(&b, &out, NULL) == CARNET_OK);
    MUST(carnet_cose_mac0_open(out, 0, &view, NULL) == CARNET_OK && carnet_span_equal(view.payload, payload));
    MUST(carnet_cose_mac0_verify(&view, &crypto, &key, NULL, false, NULL) == CARNET_OK);
    storage[out.len - 1] ^= 1;
    MUST(carnet_cose_mac0_verify(&view, &crypto, &key, NULL, false, NULL) == CARNET_E_COSE_MAC);
}

/* A view lies inside the input, a refusal has a place in it; only what was made with the key verifies: the seeds may. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool ready;
    carnet_span input = { data, size };
    carnet_secret other = key;
    carnet_cose_mac0 view;
    carnet_err err = { 0 };

    if (!ready)
        MUST(carnet_crypto_init(&crypto, NULL) == CARNET_OK);
    ready = true;
    if (carnet_cose_mac0_open(input, CARNET_CBOR_LENIENT, &view, &err) != CARNET_OK) {
        MUST(err.offset <= size && view.encoded.ptr == NULL && view.tag.ptr == NULL);
        return 0;
    }
    MUST(view.encoded.ptr == data && view.encoded.len == size);
    MUST(fuzz_inside(view.payload, input) && fuzz_inside(view.tag, input));
    MUST(!view.detached || view.payload.ptr == NULL);
    other.bytes[0] ^= 1;
    if (carnet_cose_mac0_verify(&view, &crypto, &key, NULL, true, &err) == CARNET_OK) {
        MUST(!view.detached);
        MUST(carnet_cose_mac0_verify(&view, &crypto, &other, NULL, true, NULL) == CARNET_E_COSE_MAC);
    }
    check_again(view.payload);
    return 0;
}
