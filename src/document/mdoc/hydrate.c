/* SPDX-License-Identifier: Apache-2.0 */
/* IssuerSigned made again of a dehydrated one and the values sent apart (23220-3 8.1.3). */
#include "internal.h"

#include "carnet/issuer_signed_dehydrated.h"

#define CLAUSE "23220-3 8.1.3"

typedef struct hydration {
    const carnet_name_spaced_data *data;
    const carnet_mso *mso;
    carnet_crypto *crypto;
    carnet_err *err;
    carnet_name_spaced_data_cursor cursor; /* stands behind the element found last */
    size_t found;
} hydration;

static bool
data_identifiers_equal(carnet_str a, carnet_str b)
{
    return (a.ptr == NULL) == (b.ptr == NULL) && carnet_str_equal(a, b);
}

/* The one NameSpacedData that has the identifier; NULL if there is none or more than one. */
static const carnet_name_spaced_data *
select_data(carnet_str identifier, const carnet_name_spaced_data *data, size_t count)
{
    const carnet_name_spaced_data *found = NULL;
    size_t i;

    for (i = 0; i < count; i++) {
        if (!data_identifiers_equal(data[i].data_identifier, identifier))
            continue;
        if (found != NULL)
            return NULL;
        found = &data[i];
    }
    return found;
}

static bool
is_the_item_s(const carnet_element *element, const carnet_issuer_signed_item *item)
{
    return carnet_str_equal(element->identifier, item->identifier) &&
           carnet_str_equal(element->name_space, item->name_space);
}

/* The item's value, usually the next one; otherwise all are looked through. */
static bool
find_value(hydration *h, const carnet_issuer_signed_item *item, carnet_element *element)
{
    if (carnet_name_spaced_data_next(h->data, &h->cursor, element) && is_the_item_s(element, item))
        return true;
    h->cursor = (carnet_name_spaced_data_cursor){ 0 };
    while (carnet_name_spaced_data_next(h->data, &h->cursor, element))
        if (is_the_item_s(element, item))
            return true;
    h->cursor = (carnet_name_spaced_data_cursor){ 0 };
    return false;
}

/* Append the item with its value in place of the null. */
static carnet_rc
item_fill(hydration *h, const carnet_issuer_signed_item *item, carnet_span value, carnet_cbor_builder *b)
{
    size_t kept = item->content.len - 1;

    if (item->value.ptr != item->content.ptr + kept || item->content.ptr[0] != 0xa4)
        return carnet_issuer_signed_item_fail(h->err, CARNET_E_MDOC_HYDRATION, CLAUSE,
                                              "the value to be filled in does not stand last", item);
    carnet_cbor_add_tag(b, 24);
    carnet_cbor_add_bstr_head(b, kept + value.len);
    carnet_cbor_add_raw(b, carnet_span_of(item->content.ptr, kept));
    carnet_cbor_add_raw(b, value);
    return CARNET_OK;
}

static carnet_rc
visit_hydrate(void *self, const carnet_issuer_signed_item *item, carnet_cbor_builder *b)
{
    hydration *h = self;
    carnet_issuer_signed_item whole = *item;
    size_t start = b->len;
    carnet_element element;
    carnet_rc rc = CARNET_OK;
    bool found = find_value(h, item, &element);

    h->found += found;
    if (!carnet_item_is_dehydrated(item))
        carnet_cbor_add_raw(b, item->encoded);
    else if (found)
        rc = item_fill(h, item, element.value, b);
    else
        rc = carnet_issuer_signed_item_fail(h->err, CARNET_E_MDOC_HYDRATION, CLAUSE, "the data has no value for it",
                                            item);
    if (rc != CARNET_OK)
        return rc;
    if (b->rc != CARNET_OK)
        return carnet_fail(h->err, b->rc, NULL, NULL);
    whole.encoded = carnet_span_of(b->ptr + start, b->len - start);
    return carnet_issuer_signed_item_verify(&whole, h->mso, h->crypto, h->err);
}

static carnet_rc
hydrate(const carnet_issuer_signed_dehydrated *dehydrated, hydration *h, carnet_cbor_builder *b)
{
    carnet_rc rc = CARNET_OK;

    carnet_cbor_add_map(b, dehydrated->inner.name_spaces.ptr != NULL ? 2 : 1);
    if (dehydrated->inner.name_spaces.ptr != NULL) {
        carnet_cbor_add_text(b, "nameSpaces");
        rc = carnet_each_item(&dehydrated->inner, b, visit_hydrate, h);
    }
    if (rc != CARNET_OK)
        return rc;
    if (h->found != h->data->element_count)
        return carnet_fail(h->err, CARNET_E_MDOC_HYDRATION, CLAUSE, "the data has an element the issuer did not sign");
    carnet_cbor_add_text(b, "issuerAuth");
    carnet_cbor_add_raw(b, dehydrated->inner.issuer_auth);
    return b->rc == CARNET_OK ? CARNET_OK : carnet_fail(h->err, b->rc, NULL, NULL);
}

carnet_rc
carnet_issuer_signed_hydrate(const carnet_issuer_signed_dehydrated *dehydrated, const carnet_name_spaced_data *data,
                             size_t data_count, const carnet_mso *mso, carnet_crypto *crypto, carnet_cbor_builder *b,
                             carnet_err *err)
{
    hydration h = { .mso = mso, .crypto = crypto, .err = err };
    size_t start = b->len;
    carnet_rc rc;

    if (b->ptr == NULL)
        return carnet_fail(err, CARNET_E_USAGE, NULL, "hydration needs a buffer");
    h.data = select_data(dehydrated->data_identifier, data, data_count);
    if (h.data == NULL)
        rc = carnet_fail(err, CARNET_E_MDOC_HYDRATION, CLAUSE, "not exactly one NameSpacedData has its dataIdentifier");
    else
        rc = carnet_issuer_signed_unique(&dehydrated->inner, err);
    if (rc == CARNET_OK)
        rc = hydrate(dehydrated, &h, b);
    if (rc != CARNET_OK) {
        b->len = start;
        b->rc = b->rc == CARNET_OK ? rc : b->rc;
    }
    return rc;
}
