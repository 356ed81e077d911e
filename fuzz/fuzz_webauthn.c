/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/webauthn.h"
#include "fuzz.h"

#include <string.h>

static carnet_crypto crypto;
static carnet_key key;

static void
begin(void)
{
    static const uint8_t scalar[32] = { 1, 2, 3 };

    if (key.ops == NULL) {
        MUST(carnet_crypto_init(&crypto, NULL) == CARNET_OK);
        MUST(carnet_software_key_from_scalar(&crypto, CARNET_CURVE_P256, carnet_span_of(scalar, 32), CARNET_KEY_SIGN,
                                             &key, NULL) == CARNET_OK);
    }
}

/* Two lengths, authenticator data, client data, signature.  Authenticator data that open have their parts inside; no input is an
 * assertion by the key, whose signatures nobody makes here. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t challenge[4] = { 'c', 'h', 'a', 'l' };
    const carnet_str origin = carnet_str_of("https://a");
    const carnet_span whole = { data, size };
    carnet_webauthn_expected expected = { .rp_id = carnet_str_of("a"),
                                          .origins = &origin,
                                          .origin_count = 1,
                                          .challenge = { challenge, sizeof(challenge) } };
    carnet_webauthn_assertion assertion;
    carnet_authenticator_data view;
    carnet_err err = { 0 };
    size_t first, second;

    begin();
    if (size < 3 || size - 3 < (first = data[0]) || size - 3 - first < (second = (size_t)data[1] << 8 | data[2]))
        return 0;
    expected.key = key.public_key;
    assertion.authenticator_data = (carnet_span){ data + 3, first };
    assertion.client_data = (carnet_str){ (const char *)data + 3 + first, second };
    assertion.signature = (carnet_span){ data + 3 + first + second, size - 3 - first - second };
    if (carnet_authenticator_data_open(assertion.authenticator_data, &view, &err) == CARNET_OK) {
        MUST(view.rp_id_hash.len == 32 && fuzz_inside(view.rp_id_hash, whole) && fuzz_inside(view.extensions, whole));
        MUST(!(view.flags & CARNET_WEBAUTHN_ATTESTED));
        MUST((view.extensions.len != 0) == ((view.flags & CARNET_WEBAUTHN_EXTENSIONS) != 0));
    } else {
        MUST(err.offset <= first && view.rp_id_hash.ptr == NULL);
    }
    MUST(carnet_webauthn_verify(&crypto, &assertion, &expected, &view, &err) != CARNET_OK);
    MUST(view.rp_id_hash.ptr == NULL && err.rc != CARNET_OK);
    return 0;
}
