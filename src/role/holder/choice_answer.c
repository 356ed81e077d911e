/* SPDX-License-Identifier: Apache-2.0 */
/* The answer that a choice comes to (18013-5 10.3). */
#include "internal.h"

static carnet_holdings
holdings_of(const carnet_choice *c)
{
    return (carnet_holdings){ .documents = c->documents,
                              .count = c->document_count,
                              .offers = c->offers,
                              .offer_count = c->offer_count,
                              .choice = c };
}

size_t
carnet_offer_size(const carnet_choice *c, const carnet_offer *offer)
{
    carnet_issuer_signed held;
    carnet_issuer_signed_item item;

    if (offer->device_signed) {
        return offer->identifier.len + offer->value.len;
    }
    if (offer->document >= c->document_count ||
        carnet_issuer_signed_open_held(c->documents[offer->document].issuer_signed, CARNET_CBOR_LENIENT, &held, NULL) !=
            CARNET_OK ||
        !carnet_issuer_signed_find(&held, offer->name_space, offer->identifier, &item)) {
        return 0;
    }
    return item.encoded.len;
}

carnet_rc
carnet_choice_size(const carnet_choice *c, carnet_crypto *crypto, const carnet_public_key *reader_key,
                   carnet_buf *scratch, size_t *size, carnet_err *err)
{
    carnet_buf room = *scratch;
    carnet_response_draft draft = { .scratch = &room, .ages = c->options.ages_returned };
    carnet_holdings holdings = holdings_of(c);
    carnet_rc rc =
        carnet_response_draft_build(&draft, crypto, (carnet_span){ 0 }, reader_key, c->request, &holdings, NULL, err);

    *size = rc == CARNET_OK ? draft.size : 0;
    return rc;
}

carnet_rc
carnet_choice_respond(const carnet_choice *c, carnet_crypto *crypto, carnet_span session_transcript,
                      const carnet_public_key *reader_key, carnet_buf *scratch, carnet_cbor_builder *b, carnet_err *err)
{
    carnet_response_draft draft = { .scratch = scratch, .ages = c->options.ages_returned };
    carnet_holdings holdings = holdings_of(c);

    return carnet_response_draft_build(&draft, crypto, session_transcript, reader_key, c->request, &holdings, b, err);
}

carnet_rc
carnet_choice_answer(carnet_holder *holder, const carnet_choice *c, carnet_session_status status, carnet_buf *scratch,
                     carnet_cbor_builder *message, carnet_err *err)
{
    carnet_holdings holdings = holdings_of(c);

    return carnet_holder_send(holder, c->request, &holdings, status, scratch, message, err);
}
