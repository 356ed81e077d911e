/* SPDX-License-Identifier: Apache-2.0 */
/* A value against the definition that the first two bytes choose. */
#include "carnet/doctype.h"
#include "fuzz.h"

/* The n-th element of all tables. */
static const carnet_element_definition *
element_at(size_t n)
{
    for (size_t d = 0; carnet_doctype_at(d) != NULL; d++)
        for (size_t i = 0; i < carnet_doctype_at(d)->count; i++) {
            const carnet_name_space_definition *ns = &carnet_doctype_at(d)->name_spaces[i];

            if (n < ns->count)
                return &ns->elements[n];
            n -= ns->count;
        }
    return NULL;
}

static size_t
count_elements(void)
{
    static size_t count;

    while (element_at(count) != NULL)
        count++;
    return count;
}

/* What is taken is one item of CBOR of a type that its definition may have; a refusal has a place, and words. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const carnet_element_definition *element;
    carnet_span value;
    carnet_cbor_reader r;
    carnet_err err = { 0 };
    carnet_rc rc;

    if (size < 2)
        return 0;
    element = element_at(((size_t)data[0] << 8 | data[1]) % count_elements());
    value = carnet_span_of(data + 2, size - 2);
    rc = carnet_element_check(element, value, &err);
    MUST(carnet_element_check(element, value, NULL) == rc);
    if (rc != CARNET_OK) {
        MUST(err.rc == rc && err.offset <= value.len);
        MUST(rc != CARNET_E_DOCTYPE_ELEMENT || err.reason[0] != '\0');
        return 0;
    }
    r = carnet_cbor_open(value);
    r.allow = CARNET_CBOR_LENIENT;
    MUST(element->type != CARNET_ELEMENT_BOOL || carnet_cbor_peek(&r) == CARNET_CBOR_BOOL);
    MUST(element->type != CARNET_ELEMENT_LATIN1 || carnet_cbor_peek(&r) == CARNET_CBOR_TSTR);
    MUST(element->type != CARNET_ELEMENT_FULL_DATE || carnet_cbor_peek(&r) == CARNET_CBOR_TAG);
    (void)carnet_cbor_any(&r);
    MUST(carnet_cbor_end(&r, NULL) == CARNET_OK);
    return 0;
}
