/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/credential_offer.h"
#include "fuzz.h"

/* What was taken can be made again, and reads the same. */
static void
again(const carnet_credential_offer *offer)
{
    static uint8_t room[8 * CARNET_CREDENTIAL_OFFER_MAX];
    carnet_buf out = carnet_buf_of(room, sizeof(room));
    carnet_credential_offer read;

    if (carnet_credential_offer_build(offer, &out, NULL) != CARNET_OK || out.len > CARNET_CREDENTIAL_OFFER_MAX)
        return;
    MUST(carnet_credential_offer_open(carnet_buf_str(&out), true, &read, NULL) == CARNET_OK);
    MUST(carnet_str_equal(read.credential_issuer, offer->credential_issuer));
    MUST(read.configuration_count == offer->configuration_count);
    MUST(read.pre_authorized == offer->pre_authorized && read.authorization_code == offer->authorization_code);
    MUST(carnet_str_equal(read.pre_authorized_code, offer->pre_authorized_code));
    MUST(read.tx_code.required == offer->tx_code.required && read.tx_code.length == offer->tx_code.length);
    carnet_credential_offer_done(&read);
}

static void
look(carnet_str json)
{
    carnet_credential_offer offer;
    carnet_err err = { 0 };
    const carnet_rc rc = carnet_credential_offer_open(json, true, &offer, &err);

    if (rc != CARNET_OK) {
        MUST(rc == CARNET_E_OID4VCI_OFFER && err.rc == rc && offer.document == NULL);
        return;
    }
    MUST(offer.configuration_count > 0 && offer.configuration_count <= CARNET_CREDENTIAL_OFFER_CONFIGURATIONS_MAX);
    MUST(offer.credential_issuer.len != 0);
    MUST(!offer.pre_authorized || offer.pre_authorized_code.len != 0);
    MUST(!offer.tx_code.required || offer.pre_authorized);
    again(&offer);
    carnet_credential_offer_done(&offer);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t room[CARNET_CREDENTIAL_OFFER_MAX];
    carnet_buf storage = carnet_buf_of(room, sizeof(room));
    const carnet_str text = { (const char *)data, size };
    carnet_credential_offer_link link;
    carnet_err err = { 0 };

    look(text);
    if (carnet_credential_offer_link_open(text, true, &storage, &link, &err) != CARNET_OK) {
        MUST(err.rc == CARNET_E_OID4VCI_OFFER && link.json.len == 0 && link.uri.len == 0);
        return 0;
    }
    MUST(size <= CARNET_CREDENTIAL_OFFER_MAX && (link.json.len == 0) != (link.uri.len == 0));
    MUST(fuzz_inside(carnet_str_bytes(link.json), carnet_buf_span(&storage)));
    MUST(fuzz_inside(carnet_str_bytes(link.uri), carnet_buf_span(&storage)));
    look(link.json);
    return 0;
}
