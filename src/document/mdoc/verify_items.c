/* SPDX-License-Identifier: Apache-2.0 */
/* The issuer-signed items: their digests, and what of them concerns the signer (18013-5 12.8.1). */
#include "internal.h"

#define MDL_NAME_SPACE "org.iso.18013.5.1"

enum { NAME_BITS = 512 };

/* What one pass over the items yields. */
struct items {
    size_t count, right;
    carnet_err first;                  /* the first that is wrong */
    carnet_rc undetermined;            /* the backend failed on one */
    carnet_span country, jurisdiction; /* values, as received; empty if not disclosed */
    bool may_repeat;                   /* two names may be the same */
    uint64_t names[NAME_BITS / 64];
};

/* Only to tell most names apart without looking at them again. */
static void
note_name(struct items *items, carnet_str name)
{
    uint32_t hash = (uint32_t)name.len;
    uint64_t bit;

    for (size_t i = 0; i < name.len; i++)
        hash = hash * 31 + (uint8_t)name.ptr[i];
    hash ^= hash >> 15;
    bit = (uint64_t)1 << (hash & 63);
    items->may_repeat |= (items->names[hash >> 6 & 7] & bit) != 0;
    items->names[hash >> 6 & 7] |= bit;
}

static void
note_issuing(struct items *items, const carnet_issuer_signed_item *item)
{
    if (item->identifier.len < 15 || memcmp(item->identifier.ptr, "issuing_", 8) != 0 ||
        !carnet_str_is(item->name_space, MDL_NAME_SPACE))
        return;
    if (carnet_str_is(item->identifier, "issuing_country"))
        items->country = item->value;
    else if (carnet_str_is(item->identifier, "issuing_jurisdiction"))
        items->jurisdiction = item->value;
}

static void
pass_over(struct carnet_verify_run *run, const struct carnet_verify_issuer *issuer, struct items *items)
{
    carnet_issuer_signed_cursor cursor = { 0 };
    carnet_issuer_signed_item item;
    carnet_err err;
    carnet_rc rc;

    while (carnet_issuer_signed_next(&issuer->view, &cursor, &item)) {
        rc = carnet_issuer_signed_item_verify(&item, &issuer->mso, run->with->crypto, &err);
        items->count++;
        note_name(items, item.identifier);
        if (run->mdl)
            note_issuing(items, &item);
        if (rc == CARNET_OK)
            items->right++;
        else if (rc != CARNET_E_MDOC_DIGEST_MISMATCH && rc != CARNET_E_MDOC_DIGEST_ABSENT)
            items->undetermined = rc;
        else if (items->first.rc == CARNET_OK)
            items->first = err;
    }
}

static const char *
member_of(const struct carnet_verify_run *run)
{
    return run->whole_document ? "issuerSigned" : "";
}

static void
report_digests(struct carnet_verify_run *run, struct items *items)
{
    char text[48];
    carnet_buf detail = carnet_buf_of(text, sizeof(text) - 1);
    carnet_report_entry *entry;

    carnet_buf_add_uint(&detail, items->right);
    carnet_buf_add_text(&detail, " of ");
    carnet_buf_add_uint(&detail, items->count);
    text[detail.len] = '\0';
    if (items->right == items->count) {
        carnet_report_add(run->report, CARNET_CHECK_DIGESTS, CARNET_PASS, NULL, text);
        return;
    }
    if (items->first.rc == CARNET_OK) {
        carnet_report_add(run->report, CARNET_CHECK_DIGESTS, CARNET_UNDETERMINED, NULL, text);
        return;
    }
    carnet_verify_fail(run, CARNET_CHECK_DIGESTS, CARNET_FAIL, &items->first, member_of(run), NULL);
    if ((entry = carnet_report_last(run->report)) == NULL)
        return;
    detail = carnet_buf_of(entry->detail, sizeof(entry->detail) - 1);
    carnet_buf_add_text(&detail, text);
    carnet_buf_add_text(&detail, "; here ");
    carnet_buf_add_text(&detail, carnet_rc_text(entry->rc));
    entry->detail[detail.len] = '\0';
}

static void
report_repeats(struct carnet_verify_run *run, const struct carnet_verify_issuer *issuer, const struct items *items)
{
    carnet_err err;

    if (!items->may_repeat || carnet_issuer_signed_unique(&issuer->view, &err) == CARNET_OK)
        carnet_report_add(run->report, CARNET_CHECK_ELEMENT_TWICE, CARNET_PASS, NULL, NULL);
    else
        carnet_verify_fail(run, CARNET_CHECK_ELEMENT_TWICE, CARNET_FAIL, &err, member_of(run), NULL);
}

static void
report_form(struct carnet_verify_run *run, unsigned odd)
{
    if (odd & CARNET_ISSUER_SIGNED_RANDOM_SHORT)
        carnet_report_add(run->report, CARNET_CHECK_ITEM_FORM, CARNET_FAIL, NULL, "a random is shorter than 16 octets");
    if (odd & CARNET_ISSUER_SIGNED_DIGEST_ID_LARGE)
        carnet_report_add(run->report, CARNET_CHECK_ITEM_FORM, CARNET_FAIL, NULL,
                          "a digest identifier is 2^31 or more");
    if (!(odd & (CARNET_ISSUER_SIGNED_RANDOM_SHORT | CARNET_ISSUER_SIGNED_DIGEST_ID_LARGE)))
        carnet_report_add(run->report, CARNET_CHECK_ITEM_FORM, CARNET_PASS, NULL, NULL);
}

/* An element that must say what the signer's certificate says. */
static void
report_issuing(struct carnet_verify_run *run, carnet_check check, carnet_span value, carnet_str certified)
{
    carnet_cbor_reader r = carnet_cbor_open(value);
    carnet_str said;

    if (value.len == 0)
        return;
    if (certified.len == 0) {
        carnet_report_add(run->report, check, CARNET_NOT_DONE, NULL, "the signer's certificate does not say");
        return;
    }
    r.allow = CARNET_CBOR_LENIENT;
    said = carnet_cbor_tstr(&r);
    if (r.rc == CARNET_OK && carnet_str_equal(said, certified))
        carnet_report_add(run->report, check, CARNET_PASS, NULL, NULL);
    else
        carnet_report_add(run->report, check, CARNET_FAIL, NULL, "the element and the signer's certificate differ");
}

void
carnet_verify_items(struct carnet_verify_run *run, struct carnet_verify_issuer *issuer, const carnet_signer *signer)
{
    struct items items = { 0 };

    pass_over(run, issuer, &items);
    report_digests(run, &items);
    report_repeats(run, issuer, &items);
    report_form(run, issuer->view.odd);
    report_issuing(run, CARNET_CHECK_ISSUING_COUNTRY, items.country, signer->country);
    report_issuing(run, CARNET_CHECK_ISSUING_JURISDICTION, items.jurisdiction, signer->state);
}
