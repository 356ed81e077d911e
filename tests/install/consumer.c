/* SPDX-License-Identifier: Apache-2.0 */
/* What a stranger's first program does: read some CBOR, and be told what is wrong with it. */
#include <carnet/cbor.h>
#include <carnet/crypto.h>

#include <stdio.h>
#include <string.h>

static int
digest_of_nothing(void)
{
    static const uint8_t expected[4] = { 0xe3, 0xb0, 0xc4, 0x42 };
    carnet_crypto crypto;
    carnet_err err;
    uint8_t digest[CARNET_HASH_MAX];
    carnet_rc rc = carnet_crypto_init(&crypto, &err);

    if (rc != CARNET_OK)
        return 1;
    rc = carnet_digest(&crypto, CARNET_SHA256, NULL, 0, digest, &err);
    carnet_crypto_done(&crypto);
    return rc == CARNET_OK && memcmp(digest, expected, sizeof(expected)) == 0 ? 0 : 1;
}

int
main(void)
{
    static const uint8_t cut[] = { 0x82, 0x01 };
    carnet_cbor_reader r = carnet_cbor_open(carnet_span_of(cut, sizeof(cut)));
    carnet_err err;

    (void)carnet_cbor_any(&r);
    if (carnet_cbor_end(&r, &err) != CARNET_E_CBOR_TRUNCATED) {
        fprintf(stderr, "a cut array was read\n");
        return 1;
    }
    return digest_of_nothing();
}
