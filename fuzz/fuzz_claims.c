/* SPDX-License-Identifier: Apache-2.0 */
/* Claims of a document type, which the first byte chooses; the rest is JSON. */
#include "carnet/claims.h"
#include "fuzz.h"

#include <string.h>

#define ELEMENTS 64

static carnet_rc
read_file(void *self, carnet_str name, carnet_buf *out, carnet_err *err)
{
    (void)self;
    if (name.len == 0)
        return carnet_fail(err, CARNET_E_USAGE, NULL, "a file has a name");
    carnet_buf_add(out, carnet_span_of("\xff\xd8\xff\xe0\0\0\0\0\0\0", 10));
    return CARNET_OK;
}

static void
take_note(void *self, const carnet_element_name *name, const char *what)
{
    (void)self;
    MUST(name->identifier.len != 0 && name->name_space.len != 0 && what[0] != '\0');
}

/* Elements lie in the storage, each once, each one item of CBOR that its table takes. */
static void
check_elements(const carnet_claims_options *options, carnet_span storage, const carnet_element *elements, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const carnet_element *e = &elements[i];
        const carnet_element_definition *definition =
            carnet_doctype_element(options->doctype, e->name_space, e->identifier);
        carnet_cbor_reader r = carnet_cbor_open(e->value);

        MUST(fuzz_inside(carnet_str_bytes(e->name_space), storage) && e->name_space.len != 0);
        MUST(fuzz_inside(carnet_str_bytes(e->identifier), storage) && e->identifier.len != 0);
        MUST(fuzz_inside(e->value, storage));
        (void)carnet_cbor_any(&r);
        MUST(carnet_cbor_end(&r, NULL) == CARNET_OK); /* strict: what is issued is in preferred form */
        MUST(definition == NULL || carnet_element_check(definition, e->value, NULL) == CARNET_OK);
        for (size_t k = 0; k < i; k++)
            MUST(!carnet_str_equal(e->identifier, elements[k].identifier) ||
                 !carnet_str_equal(e->name_space, elements[k].name_space));
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t room[4096];
    carnet_element elements[ELEMENTS];
    carnet_claims_options options = { .file = read_file, .note = take_note };
    carnet_buf storage = carnet_buf_of(room, sizeof(room));
    carnet_json *json;
    carnet_err err = { 0 };
    size_t count = 1;
    carnet_rc rc;

    if (size == 0 || carnet_json_parse((carnet_str){ (const char *)data + 1, size - 1 }, &json, NULL) != CARNET_OK)
        return 0;
    options.doctype = carnet_doctype_at(data[0] % 5);
    options.incomplete = data[0] & 0x80;
    storage.cap = data[0] & 0x40 ? 200 : sizeof(room);
    rc = carnet_claims_read(json, &options, &storage, elements, ELEMENTS, &count, &err);
    carnet_json_free(&json);
    if (rc == CARNET_OK) {
        MUST(count <= ELEMENTS && storage.len <= storage.cap);
        check_elements(&options, carnet_buf_span(&storage), elements, count);
        MUST(options.incomplete || options.doctype == NULL ||
             carnet_claims_complete(options.doctype, elements, count, NULL) == CARNET_OK);
    } else {
        MUST(err.rc == rc && count == 0 && storage.len == 0 && memchr(err.path, 0, sizeof(err.path)) != NULL);
    }
    return 0;
}
