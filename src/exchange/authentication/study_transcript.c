/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/study_transcript.h"

static void
hash_more(void *self, const uint8_t *ptr, size_t len)
{
    carnet_digest_update(self, ptr, len);
}

carnet_rc
carnet_study_transcript_build(carnet_cbor_builder *b, carnet_crypto *crypto, carnet_str provider, carnet_str session,
                              carnet_str challenge, carnet_err *err)
{
    carnet_cbor_builder inside = carnet_cbor_stream((carnet_cbor_sink){ hash_more, crypto });
    uint8_t digest[32];
    carnet_span none;
    carnet_rc rc;

    if (provider.len == 0 || session.len == 0 || challenge.len == 0)
        return carnet_fail(err, CARNET_E_USAGE, NULL, "provider, session or challenge is empty");
    if ((rc = carnet_digest_begin(crypto, CARNET_SHA256, err)) != CARNET_OK)
        return rc;
    carnet_cbor_add_array(&inside, 3);
    carnet_cbor_add_tstr(&inside, provider);
    carnet_cbor_add_tstr(&inside, session);
    carnet_cbor_add_tstr(&inside, challenge);
    if ((rc = carnet_digest_finish(crypto, digest, err)) != CARNET_OK ||
        (rc = carnet_cbor_built(&inside, &none, err)) != CARNET_OK)
        return rc;
    carnet_cbor_add_array(b, 3);
    carnet_cbor_add_null(b);
    carnet_cbor_add_null(b);
    carnet_cbor_add_array(b, 2);
    carnet_cbor_add_text(b, "P1940Handover");
    carnet_cbor_add_bstr(b, (carnet_span){ digest, sizeof(digest) });
    return CARNET_OK;
}
