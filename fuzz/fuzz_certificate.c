/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/certificate_profile.h"
#include "fuzz.h"

static carnet_span whole;

static void
inside(carnet_span view)
{
    MUST(view.len == 0 || (view.ptr >= whole.ptr && view.ptr + view.len <= whole.ptr + whole.len));
}

static void
walk_names(carnet_span name)
{
    carnet_name_value value;
    carnet_span at = { 0 };
    uint8_t space[256];
    carnet_buf text = carnet_buf_of(space, sizeof(space));

    while (carnet_name_next(name, &at, &value)) {
        inside(value.oid);
        inside(value.bytes);
        MUST(value.tag != 0 && (value.text.len == 0 || value.text.len == value.bytes.len));
    }
    carnet_name_text(name, &text);
    for (size_t i = 0; i < text.len; i++)
        MUST(space[i] >= 0x20 && space[i] != 0x7f);
}

static void
walk_lists(const carnet_certificate *c)
{
    carnet_general_name name;
    carnet_span at = { 0 }, oid;
    carnet_str uri;

    while (carnet_certificate_purpose_next(c, &at, &oid))
        MUST(carnet_oid_valid(oid) && carnet_certificate_has_purpose(c, oid));
    for (at = (carnet_span){ 0 }; carnet_general_name_next(c->subject_names, &at, &name);)
        inside(name.content);
    for (int i = 0; i < CARNET_EXTENSION_COUNT; i++)
        for (at = (carnet_span){ 0 }; carnet_certificate_uri_next(c, (carnet_extension)i, &at, &uri, &oid);)
            inside(carnet_str_bytes(uri));
}

/* Every view lies inside the input; a refusal leaves nothing and has a place; a profile is checked without a gap. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    carnet_report_entry entries[16];
    carnet_report report;
    carnet_certificate c, again;
    carnet_err err = { 0 };

    whole = (carnet_span){ data, size };
    if (carnet_certificate_open(whole, &c, &err) != CARNET_OK) {
        MUST(err.offset <= size && c.der.ptr == NULL && c.present == 0);
        return 0;
    }
    inside(c.tbs);
    inside(c.serial);
    inside(c.signature);
    inside(c.spki);
    inside(c.key_bits);
    MUST(c.serial.len > 0 && (c.critical & ~c.present) == 0 && (c.malformed & c.critical) == 0);
    MUST(c.path_length == CARNET_NO_PATH_LENGTH || c.ca);
    MUST(carnet_certificate_open(c.der, &again, NULL) == CARNET_OK && again.present == c.present);
    walk_names(c.issuer);
    walk_names(c.subject);
    walk_lists(&c);
    carnet_report_init(&report, entries, CARNET_COUNT(entries), 0, 0);
    carnet_certificate_check(&c, &carnet_profile_document_signer_mdl, NULL, &report);
    MUST(report.count == 12 && !report.overflow);
    return 0;
}
