/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/credential_response.h"
#include "carnet/mdoc_iacas.h"
#include "carnet/nonce_response.h"
#include "fuzz.h"

static uint8_t room[1 << 20];

static void
others(carnet_str text)
{
    carnet_buf storage = carnet_buf_of(room, sizeof(room));
    carnet_nonce_response nonce;
    carnet_mdoc_iacas iacas;
    carnet_span der;

    if (carnet_nonce_response_open(text, &nonce, NULL) == CARNET_OK)
        MUST(nonce.c_nonce.len != 0);
    carnet_nonce_response_done(&nonce);
    if (carnet_mdoc_iacas_open(text, &iacas, NULL) == CARNET_OK)
        MUST(iacas.count <= CARNET_MDOC_IACAS_MAX);
    for (size_t i = 0; i < iacas.count; i++) {
        if (carnet_mdoc_iacas_certificate(&iacas, i, &storage, &der, NULL) == CARNET_OK)
            MUST(der.len != 0 && fuzz_inside(der, carnet_buf_span(&storage)));
        else
            MUST(der.len == 0);
    }
    carnet_mdoc_iacas_done(&iacas);
}

/* A response has credentials or a transaction, and what is decoded lies in the storage. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    carnet_buf storage = carnet_buf_of(room, sizeof(room));
    const carnet_str text = { (const char *)data, size };
    carnet_credential_response response;
    carnet_err err = { 0 };
    carnet_span cbor;
    bool dehydrated;

    others(text);
    if (carnet_credential_response_open(text, &response, &err) != CARNET_OK) {
        MUST(err.rc == CARNET_E_OID4VCI_RESPONSE && response.document == NULL);
        return 0;
    }
    MUST(response.deferred == (response.credential_count == 0));
    MUST(!response.deferred || (response.transaction_id.len != 0 && response.interval != 0));
    for (size_t i = 0; i < response.credential_count; i++) {
        if (carnet_credential_response_credential(&response, i, &storage, &cbor, &dehydrated, &err) == CARNET_OK)
            MUST(cbor.len != 0 && cbor.len <= size && fuzz_inside(cbor, carnet_buf_span(&storage)));
        else
            MUST(cbor.len == 0);
    }
    for (size_t i = 0; i < response.name_spaced_data_count; i++) {
        if (carnet_credential_response_name_spaced_data(&response, i, &storage, &cbor, &err) == CARNET_OK)
            MUST(cbor.len != 0);
    }
    carnet_credential_response_done(&response);
    return 0;
}
