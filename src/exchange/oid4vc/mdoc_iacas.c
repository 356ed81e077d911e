/* SPDX-License-Identifier: Apache-2.0 */
/* The list of IACA certificates at mdoc_iacas_uri. */
#include "carnet/mdoc_iacas.h"
#include "internal.h"

static const carnet_message_place top = { CARNET_E_OID4VCI_METADATA, "23220-3 C", NULL, false };
static const carnet_path list_path = CARNET_MESSAGE_STEP(NULL, "iacas");

carnet_rc
carnet_mdoc_iacas_build(const carnet_span *certificates, size_t count, carnet_buf *out, carnet_err *err)
{
    const size_t start = out->len;
    carnet_json_builder b = carnet_json_build(out);

    if (count > CARNET_MDOC_IACAS_MAX)
        return carnet_message_refuse(&top, "iacas", "there are too many", err);
    carnet_json_object_begin(&b, NULL);
    carnet_json_array_begin(&b, "iacas");
    for (size_t i = 0; i < count; i++) {
        carnet_json_object_begin(&b, NULL);
        carnet_json_add_base64(&b, "certificate", certificates[i]);
        carnet_json_object_end(&b);
    }
    carnet_json_array_end(&b);
    carnet_json_object_end(&b);
    return carnet_message_built(&b, out, start, err);
}

carnet_rc
carnet_mdoc_iacas_open(carnet_str json, carnet_mdoc_iacas *iacas, carnet_err *err)
{
    const carnet_json *list;
    carnet_rc rc;

    *iacas = (carnet_mdoc_iacas){ 0 };
    rc = carnet_message_parse(json, CARNET_JSON_MAX, &top, &iacas->document, err);
    if (rc == CARNET_OK)
        rc = carnet_message_get(iacas->document, "iacas", CARNET_JSON_ARRAY, &top, &list, err);
    if (rc == CARNET_OK && (list == NULL || carnet_json_count(list) > CARNET_MDOC_IACAS_MAX))
        rc = carnet_message_refuse(&top, "iacas", list == NULL ? "this member is missing" : "there are too many", err);
    if (rc == CARNET_OK)
        iacas->count = carnet_json_count(list);
    else
        carnet_mdoc_iacas_done(iacas);
    return rc;
}

void
carnet_mdoc_iacas_done(carnet_mdoc_iacas *iacas)
{
    carnet_json_free(&iacas->document);
    *iacas = (carnet_mdoc_iacas){ 0 };
}

carnet_rc
carnet_mdoc_iacas_certificate(const carnet_mdoc_iacas *iacas, size_t i, carnet_buf *storage, carnet_span *der,
                              carnet_err *err)
{
    const carnet_path path = { .up = &list_path, .index = i };
    const carnet_message_place place = { CARNET_E_OID4VCI_METADATA, "23220-3 C", &path, false };
    const carnet_json *entry = carnet_json_at(carnet_json_get(iacas->document, "iacas"), i);

    return carnet_message_decode(carnet_json_string(carnet_json_get(entry, "certificate")), &place, storage, der, err);
}
