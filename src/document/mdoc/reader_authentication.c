/* SPDX-License-Identifier: Apache-2.0 */
/* What the reader signs (18013-5 12.5). */
#include "carnet/reader_authentication.h"
#include "carnet/cose_sign1.h"
#include "internal.h"

static void
set_head(carnet_reader_authentication *authentication, const char *context, uint64_t entries, size_t rest)
{
    carnet_cbor_builder head = carnet_cbor_build(authentication->head, sizeof(authentication->head));

    carnet_cbor_add_tag(&head, 24);
    carnet_cbor_add_bstr_head(&head, 2 + strlen(context) + rest); /* both heads are of one byte */
    carnet_cbor_add_array(&head, entries);
    carnet_cbor_add_text(&head, context);
    authentication->parts[0] = (carnet_span){ authentication->head, head.len };
}

void
carnet_reader_authentication_set(carnet_reader_authentication *authentication, carnet_span session_transcript,
                                 carnet_span items_request)
{
    set_head(authentication, "ReaderAuthentication", 3, session_transcript.len + items_request.len);
    authentication->parts[1] = session_transcript;
    authentication->parts[2] = items_request;
    authentication->count = 3;
}

carnet_rc
carnet_reader_authentication_all_set(carnet_reader_authentication *authentication, carnet_span session_transcript,
                                     const carnet_span *items_requests, size_t count, carnet_span device_request_info,
                                     carnet_err *err)
{
    static const uint8_t null[] = { 0xf6 };
    carnet_cbor_builder list = carnet_cbor_build(authentication->list_head, sizeof(authentication->list_head));
    carnet_span info = device_request_info.len != 0 ? device_request_info : (carnet_span){ null, 1 };
    size_t rest = session_transcript.len + info.len;

    authentication->count = 0;
    if (count > CARNET_DOC_REQUESTS_MAX)
        return carnet_fail(err, CARNET_E_LIMIT, REQUEST_CLAUSE, "too many docRequests");
    carnet_cbor_add_array(&list, count);
    authentication->parts[1] = session_transcript;
    authentication->parts[2] = (carnet_span){ authentication->list_head, list.len };
    for (size_t i = 0; i < count; i++) {
        authentication->parts[3 + i] = items_requests[i];
        rest += items_requests[i].len;
    }
    authentication->parts[3 + count] = info;
    authentication->count = 4 + count;
    set_head(authentication, "ReaderAuthenticationAll", 4, rest + list.len);
    return CARNET_OK;
}

carnet_rc
carnet_reader_authentication_sign(const carnet_reader_authentication *authentication,
                                  const carnet_reader_signer *signer, carnet_crypto *crypto, carnet_cbor_builder *b,
                                  carnet_err *err)
{
    carnet_cose_sign1_params params = {
        .content = { .payload = authentication->parts, .payload_count = authentication->count },
        .detached = true,
        .x5chain = signer->chain,
        .x5chain_count = signer->chain_count,
        .x5t = true,
    };

    return carnet_cose_sign1_build(b, crypto, signer->key, &params, err);
}
