/* SPDX-License-Identifier: Apache-2.0 */
/* Input: length of a NameSpacedData in two octets, that NameSpacedData, an IssuerSignedDehydrated. */
#include "carnet/cose_sign1.h"
#include "carnet/issuer_signed_dehydrated.h"
#include "fuzz.h"

static carnet_crypto crypto;
static uint8_t room[1 << 20];

static bool
open_data(carnet_span input, carnet_name_spaced_data *data)
{
    carnet_name_spaced_data_cursor cursor = { 0 };
    carnet_element element;
    carnet_err err = { 0 };
    uint32_t count = 0;

    if (carnet_name_spaced_data_open(input, CARNET_CBOR_LENIENT, data, &err) != CARNET_OK) {
        MUST(err.offset <= input.len && data->encoded.ptr == NULL);
        return false;
    }
    for (; carnet_name_spaced_data_next(data, &cursor, &element); count++)
        MUST(element.value.len != 0 && fuzz_inside(element.value, input));
    MUST(count == data->element_count);
    return true;
}

static bool
open_dehydrated(carnet_span input, carnet_issuer_signed_dehydrated *view, carnet_mso *mso)
{
    carnet_cose_sign1 sign1;
    carnet_err err = { 0 };

    if (carnet_issuer_signed_dehydrated_open(input, CARNET_CBOR_LENIENT, view, &err) != CARNET_OK) {
        MUST(err.offset <= input.len && view->encoded.ptr == NULL);
        return false;
    }
    MUST(view->dehydrated_count <= view->inner.item_count);
    return carnet_cose_sign1_open(view->inner.issuer_auth, CARNET_CBOR_LENIENT, &sign1, NULL) == CARNET_OK &&
           carnet_mso_open(sign1.payload, NULL, CARNET_CBOR_LENIENT, mso, NULL) == CARNET_OK;
}

/* What was hydrated is an IssuerSigned, and all its digests are right. */
static void
check_hydrated(carnet_span bytes, const carnet_mso *mso, uint32_t items)
{
    carnet_issuer_signed_cursor cursor = { 0 };
    carnet_issuer_signed_item item;
    carnet_issuer_signed view;

    MUST(carnet_issuer_signed_open(bytes, CARNET_CBOR_LENIENT, &view, NULL) == CARNET_OK);
    MUST(view.item_count == items && carnet_issuer_signed_unique(&view, NULL) == CARNET_OK);
    while (carnet_issuer_signed_next(&view, &cursor, &item))
        MUST(carnet_issuer_signed_item_verify(&item, mso, &crypto, NULL) == CARNET_OK);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool ready;
    carnet_cbor_builder b = carnet_cbor_build(room, sizeof(room));
    carnet_issuer_signed_dehydrated dehydrated;
    carnet_name_spaced_data values;
    carnet_mso mso;
    size_t front, count;
    bool good;

    if (!ready)
        MUST(carnet_crypto_init(&crypto, NULL) == CARNET_OK);
    ready = true;
    if (size < 2)
        return 0;
    front = (size_t)data[0] << 8 | data[1];
    if (front > size - 2)
        front = size - 2;
    (void)!carnet_issuer_signed_dehydrated_list(carnet_span_of(data + 2, size - 2), CARNET_CBOR_LENIENT, &count, NULL);
    good = open_data(carnet_span_of(data + 2, front), &values);
    good &= open_dehydrated(carnet_span_of(data + 2 + front, size - 2 - front), &dehydrated, &mso);
    if (!good)
        return 0;
    if (carnet_issuer_signed_hydrate(&dehydrated, &values, 1, &mso, &crypto, &b, NULL) == CARNET_OK)
        check_hydrated(carnet_span_of(room, b.len), &mso, dehydrated.inner.item_count);
    else
        MUST(b.len == 0 && b.rc != CARNET_OK);
    return 0;
}
