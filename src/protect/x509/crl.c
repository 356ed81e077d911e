/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/crl.h"

#include "internal.h"

#define REISSUE_DAYS 90 /* 18013-5 B.2: the longest time between lists */

static const carnet_span oid_key_id = CARNET_OID("\x55\x1d\x23"), oid_number = CARNET_OID("\x55\x1d\x14");
/* Of entries: these say why and since when, not whether (RFC 5280, 5.3). */
static const carnet_span oid_reason = CARNET_OID("\x55\x1d\x15"), oid_invalidity = CARNET_OID("\x55\x1d\x18");

static void
note_unknown(carnet_crl *crl, const carnet_x509_extension *extension)
{
    if (extension->critical && crl->unknown_critical.len == 0)
        crl->unknown_critical = extension->oid;
}

/* One revoked certificate; the extensions of an entry are stepped over, critical ones noted. */
static void
read_entry(carnet_der_reader *r, carnet_crl *crl, carnet_crl_entry *entry)
{
    carnet_der_walk walk, extensions;

    carnet_der_enter(r, CARNET_DER_SEQUENCE, &walk);
    entry->serial = carnet_der_integer(r);
    entry->revoked_at = carnet_der_time(r);
    if (carnet_der_enter_optional(r, CARNET_DER_SEQUENCE, &extensions)) {
        while (carnet_der_more(r)) {
            carnet_x509_extension e = carnet_x509_read_extension(r);

            if (!carnet_span_equal(e.oid, oid_reason) && !carnet_span_equal(e.oid, oid_invalidity))
                note_unknown(crl, &e);
        }
        crl->entry_extensions = true;
        carnet_der_leave(r, &extensions);
    }
    carnet_der_leave(r, &walk);
}

static void
read_revoked(carnet_der_reader *r, carnet_crl *crl)
{
    carnet_crl_entry entry;
    carnet_der_walk walk;

    if (!carnet_der_enter_optional(r, CARNET_DER_SEQUENCE, &walk))
        return;
    crl->revoked = (carnet_span){ r->at, (size_t)(r->end - r->at) };
    crl->revoked_empty = crl->revoked.len == 0;
    for (; carnet_der_more(r); crl->count++)
        read_entry(r, crl, &entry);
    carnet_der_leave(r, &walk);
}

static void
read_extension(carnet_der_reader *r, carnet_crl *crl)
{
    const uint8_t *at = r->at;
    carnet_x509_extension e = carnet_x509_read_extension(r);
    carnet_der_reader value = carnet_der_open_within(r, e.value);
    bool key_id = carnet_span_equal(e.oid, oid_key_id), number = carnet_span_equal(e.oid, oid_number);

    if (r->rc != CARNET_OK)
        return;
    if ((key_id && crl->authority_key_id.ptr != NULL) || (number && crl->number.ptr != NULL))
        carnet_der_refuse(r, CARNET_E_X509_EXTENSION, at, "RFC 5280 5.2", "an extension is there twice");
    if (key_id)
        crl->authority_key_id = carnet_x509_read_authority_key_id(&value);
    else if (number)
        crl->number = carnet_der_integer(&value);
    else
        note_unknown(crl, &e);
    crl->other_extensions |= e.critical || (!key_id && !number);
    if ((key_id || number) && value.rc == CARNET_OK && carnet_der_more(&value))
        carnet_der_refuse(&value, CARNET_E_DER_TRAILING, NULL, NULL, NULL);
    carnet_der_join(r, &value);
}

/* TBSCertList, RFC 5280, 5.1.2. */
static void
read_tbs(carnet_der_reader *r, const carnet_x509_signed *outer, carnet_crl *crl)
{
    const uint8_t *at = r->at;
    carnet_der_walk walk, list;

    if (carnet_der_uint(r) != 1)
        carnet_der_refuse(r, CARNET_E_X509_CRL, at, "RFC 5280 5.1.2.1", "the revocation list is not of version 2");
    carnet_x509_read_algorithm(r, outer, &crl->signature_oid, &crl->signature_algorithm);
    crl->issuer = carnet_x509_read_name(r);
    crl->this_update = carnet_der_time(r);
    crl->has_next_update =
        carnet_der_peek(r) == CARNET_DER_UTC_TIME || carnet_der_peek(r) == CARNET_DER_GENERALIZED_TIME;
    if (crl->has_next_update)
        crl->next_update = carnet_der_time(r);
    read_revoked(r, crl);
    if (carnet_der_enter_optional(r, CARNET_DER_CONTEXT_CONSTRUCTED(0), &walk)) {
        carnet_der_enter(r, CARNET_DER_SEQUENCE, &list);
        while (carnet_der_more(r))
            read_extension(r, crl);
        carnet_der_leave(r, &list);
        carnet_der_leave(r, &walk);
    }
    if (carnet_der_more(r))
        carnet_der_refuse(r, CARNET_E_X509_CRL, NULL, "RFC 5280 5.1.2", "something follows the list of extensions");
}

carnet_rc
carnet_crl_open(carnet_span der, carnet_crl *crl, carnet_err *err)
{
    carnet_der_reader r = carnet_der_open(der), tbs;
    carnet_x509_signed outer = { 0 };
    carnet_rc rc;

    *crl = (carnet_crl){ 0 };
    carnet_x509_read_signed(&r, &outer);
    tbs = carnet_der_open_within(&r, outer.tbs.content);
    if (r.rc == CARNET_OK)
        read_tbs(&tbs, &outer, crl);
    carnet_der_join(&r, &tbs);
    rc = carnet_der_done(&r, err);
    if (rc != CARNET_OK) {
        *crl = (carnet_crl){ 0 };
        return rc;
    }
    crl->der = der;
    crl->tbs = outer.tbs.encoded;
    crl->signature = outer.signature;
    return CARNET_OK;
}

carnet_rc
carnet_crl_verify(const carnet_crl *crl, const carnet_public_key *issuer, carnet_crypto *crypto, carnet_err *err)
{
    return carnet_x509_verify(crl->tbs, crl->signature_oid, crl->signature_algorithm, crl->signature, issuer, crypto,
                              err);
}

bool
carnet_crl_next(const carnet_crl *crl, carnet_span *at, carnet_crl_entry *entry)
{
    carnet_der_item item;
    carnet_der_reader r;

    *entry = (carnet_crl_entry){ 0 };
    if (at->ptr == NULL)
        *at = crl->revoked;
    if (!carnet_x509_step(at, &item))
        return false;
    r = carnet_der_open(item.content);
    entry->serial = carnet_der_integer(&r);
    entry->revoked_at = carnet_der_time(&r);
    return true;
}

bool
carnet_crl_find(const carnet_crl *crl, carnet_span serial, carnet_crl_entry *entry)
{
    carnet_span at = { 0 };

    while (carnet_crl_next(crl, &at, entry))
        if (carnet_span_equal(entry->serial, serial))
            return true;
    *entry = (carnet_crl_entry){ 0 };
    return false;
}

static const char *
first_amiss(const carnet_crl *crl, const carnet_certificate *issuer)
{
    if (!crl->has_next_update)
        return "the revocation list has no nextUpdate";
    if (crl->next_update <= crl->this_update)
        return "the revocation list ends before it begins";
    if (crl->next_update - crl->this_update > (int64_t)REISSUE_DAYS * CARNET_TIME_DAY)
        return "the revocation list holds for more than 90 days";
    if (crl->revoked_empty)
        return "the revocation list has an empty list of certificates";
    if (crl->entry_extensions)
        return "an entry of the revocation list has extensions";
    if (crl->authority_key_id.len == 0 || crl->number.len == 0)
        return "the revocation list lacks authority key identifier or number";
    if (crl->other_extensions)
        return "the revocation list has other or critical extensions";
    if (crl->number.ptr[0] >= 0x80 || crl->number.len > 20)
        return "the revocation list's number is negative or too long";
    if (issuer != NULL && !carnet_span_equal(crl->issuer, issuer->subject))
        return "the revocation list is another issuer's";
    if (issuer != NULL && !carnet_span_equal(crl->authority_key_id, issuer->subject_key_id))
        return "the revocation list names another key than its issuer's";
    return NULL;
}

carnet_rc
carnet_crl_conforms(const carnet_crl *crl, const carnet_certificate *issuer, carnet_err *err)
{
    const char *why = first_amiss(crl, issuer);

    return why == NULL ? CARNET_OK : carnet_fail(err, CARNET_E_X509_PROFILE, "18013-5 B.2", why);
}
