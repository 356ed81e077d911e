/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/cose_key.h"
#include "fuzz.h"

static carnet_crypto crypto;

/* A key that was read and checked is a point, and comes back from what is built of it. */
static void
check_again(const carnet_cose_key *key)
{
    uint8_t storage[CARNET_COSE_KEY_MAX];
    carnet_cbor_builder b = carnet_cbor_build(storage, sizeof(storage));
    carnet_cose_key back;
    carnet_span out;

    MUST(!key->compressed && carnet_public_key_check(&crypto, &key->key, NULL) == CARNET_OK);
    carnet_cose_key_build(&b, &key->key);
    MUST(carnet_cbor_built(&b, &out, NULL) == CARNET_OK && out.len == carnet_cose_key_size(&key->key));
    MUST(carnet_cose_key_open(out, 0, &crypto, &back, NULL) == CARNET_OK && back.seen == 0);
    MUST(carnet_public_key_equal(&back.key, &key->key));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool ready;
    carnet_span input = { data, size };
    carnet_cose_key view, key;
    carnet_err err = { .offset = CARNET_NO_OFFSET };
    carnet_rc rc;

    if (!ready)
        MUST(carnet_crypto_init(&crypto, NULL) == CARNET_OK);
    ready = true;
    rc = carnet_cose_key_open(input, CARNET_CBOR_LENIENT, NULL, &view, &err);
    if (rc != CARNET_OK) {
        MUST(err.offset <= size && view.key.curve == CARNET_CURVE_NONE);
        MUST(carnet_cose_key_open(input, CARNET_CBOR_LENIENT, &crypto, &key, NULL) == rc);
        return 0;
    }
    MUST(carnet_curve_get(view.key.curve) != NULL && fuzz_inside(view.key_id, input));
    MUST(view.compressed == ((view.seen & CARNET_COSE_KEY_COMPRESSED) != 0));
    rc = carnet_cose_key_open(input, CARNET_CBOR_LENIENT, &crypto, &key, NULL);
    MUST(rc == carnet_cose_key_check(&view, &crypto, NULL));
    if (rc == CARNET_OK)
        check_again(&key);
    else
        MUST(rc == CARNET_E_COSE_KEY && key.key.curve == CARNET_CURVE_NONE);
    return 0;
}
