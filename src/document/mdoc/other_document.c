/* SPDX-License-Identifier: Apache-2.0 */
/* Documents of other formats in a DeviceResponse. */
#include "carnet/device_response.h"

static const carnet_cbor_field fields[] = {
    CARNET_MEMBER(carnet_other_document, "docFormat", CARNET_FIELD_TSTR, doc_format),
    CARNET_MEMBER(carnet_other_document, "data", CARNET_FIELD_BSTR, data),
};

bool
carnet_other_document_next(carnet_list_walk *walk, carnet_other_document *document)
{
    carnet_cbor_reader r;
    carnet_span entry;

    *document = (carnet_other_document){ 0 };
    if (!carnet_list_next(walk, &entry))
        return false;
    r = carnet_cbor_open(entry);
    r.allow = CARNET_CBOR_LENIENT;
    carnet_cbor_fields(&r, fields, CARNET_COUNT(fields), document);
    if (carnet_cbor_end(&r, NULL) != CARNET_OK)
        *document = (carnet_other_document){ 0 };
    return true;
}
