/* SPDX-License-Identifier: Apache-2.0 */
/* mdoc authentication (18013-5 12.8.2). */
#include "carnet/device_authentication.h"
#include "internal.h"

#define CHECK CARNET_CHECK_DEVICE_AUTHENTICATION

/* --- what the device may sign --- */

/* Report about a device-signed element. */
static void
fail_element(struct carnet_verify_run *run, carnet_check check, carnet_rc rc, const carnet_element *element)
{
    carnet_path members = { .name = carnet_str_of("nameSpaces") };
    carnet_path name_space = { .up = &members, .name = element->name_space };
    carnet_path place = { .up = &name_space, .name = element->identifier };
    carnet_err err;

    (void)carnet_fail_at(&err, rc, carnet_check_clause(check), NULL, CARNET_NO_OFFSET, &place);
    carnet_verify_fail(run, check, CARNET_FAIL, &err, "deviceSigned", element->value.ptr);
}

static void
check_elements(struct carnet_verify_run *run, const carnet_device_signed *device_signed,
               const struct carnet_verify_issuer *issuer)
{
    carnet_element_walk walk;
    carnet_element element;
    carnet_issuer_signed_item item;
    size_t count = 0;
    bool authorised = true, twice = false;

    carnet_element_begin(&walk, device_signed->name_spaces.content);
    for (; carnet_element_next(&walk, &element); count++) {
        if (authorised && issuer->has_mso &&
            !carnet_mso_authorises(&issuer->mso, element.name_space, element.identifier)) {
            fail_element(run, CARNET_CHECK_DEVICE_AUTHORISED, CARNET_E_MDOC_UNAUTHORISED, &element);
            authorised = false;
        }
        if (!twice && issuer->has_items &&
            carnet_issuer_signed_find(&issuer->view, element.name_space, element.identifier, &item)) {
            fail_element(run, CARNET_CHECK_ELEMENT_TWICE, CARNET_E_MDOC_ELEMENT_TWICE, &element);
            twice = true;
        }
    }
    if (count != 0 && !issuer->has_mso)
        carnet_report_add(run->report, CARNET_CHECK_DEVICE_AUTHORISED, CARNET_NOT_DONE, NULL,
                          "there is no MobileSecurityObject that can be read");
    else if (authorised)
        carnet_report_add(run->report, CARNET_CHECK_DEVICE_AUTHORISED, CARNET_PASS, NULL,
                          count == 0 ? "the device signed no element" : NULL);
}

/* --- signature and MAC --- */

static void
report_answer(struct carnet_verify_run *run, carnet_rc rc, carnet_err *err, const char *member, const uint8_t *at,
              const char *passed)
{
    if (rc == CARNET_OK)
        carnet_report_add(run->report, CHECK, CARNET_PASS, NULL, passed);
    else
        carnet_verify_fail(run, CHECK, carnet_verify_outcome(rc), err, member, at);
}

static void
check_headers(struct carnet_verify_run *run, const carnet_cose_headers *headers)
{
    run->seen |= headers->cbor_seen;
    if (headers->seen & CARNET_COSE_TAGGED)
        carnet_verify_form(run, "what the device signed or authenticated is a tagged COSE structure");
    if (headers->seen & (CARNET_COSE_OTHER_PROTECTED | CARNET_COSE_OTHER_UNPROTECTED))
        carnet_verify_form(run, "deviceAuth has headers besides alg");
}

static void
check_signature(struct carnet_verify_run *run, carnet_cbor_reader *auth, const carnet_device_authentication *signs,
                const carnet_public_key *device_key)
{
    carnet_cose_sign1 signature;
    carnet_err err;
    carnet_rc rc;

    carnet_cose_sign1_read(auth, &signature);
    (void)carnet_cbor_end(auth, NULL);
    if (auth->rc != CARNET_OK) {
        carnet_verify_fail_reader(run, CHECK, auth);
        return;
    }
    check_headers(run, &signature.headers);
    rc = carnet_device_signature_verify(signs, &signature, device_key, run->with->crypto, &err);
    report_answer(run, rc, &err, "deviceSigned.deviceAuth.deviceSignature", signature.signature.ptr, "signature");
}

/* Try every reader key of the device key's curve; CARNET_E_USAGE: there is none. */
static carnet_rc
verify_mac(struct carnet_verify_run *run, const carnet_cose_mac0 *mac, const carnet_device_authentication *signs,
           const carnet_public_key *device_key, carnet_err *err)
{
    const carnet_verification *with = run->with;
    carnet_rc rc = carnet_fail(err, CARNET_E_USAGE, NULL, "no reader key of the device key's curve was given");

    for (size_t i = 0; i < with->reader_key_count && rc != CARNET_OK; i++) {
        carnet_secret mac_key = { 0 };
        if (with->reader_keys[i]->public_key.curve != device_key->curve)
            continue;
        rc = carnet_emac_key(with->crypto, with->reader_keys[i], device_key, with->session_transcript, &mac_key, err);
        if (rc == CARNET_OK)
            rc = carnet_device_mac_verify(signs, mac, &mac_key, with->crypto, err);
        carnet_secret_done(&mac_key);
    }
    return rc;
}

static void
check_mac(struct carnet_verify_run *run, carnet_cbor_reader *auth, const carnet_device_authentication *signs,
          const carnet_public_key *device_key)
{
    carnet_cose_mac0 mac;
    carnet_err err;
    carnet_rc rc;

    carnet_cose_mac0_read(auth, &mac);
    (void)carnet_cbor_end(auth, NULL);
    if (auth->rc != CARNET_OK) {
        carnet_verify_fail_reader(run, CHECK, auth);
        return;
    }
    check_headers(run, &mac.headers);
    if (run->with->reader_key_count == 0) {
        carnet_report_add(run->report, CHECK, CARNET_NOT_DONE, NULL, "a MAC, and no reader key was given");
        return;
    }
    rc = verify_mac(run, &mac, signs, device_key, &err);
    report_answer(run, rc, &err, "deviceSigned.deviceAuth.deviceMac", mac.tag.ptr, "MAC");
}

static void
authenticate(struct carnet_verify_run *run, const carnet_cbor_reader *part, const carnet_device_signed *device_signed,
             carnet_str doc_type, const struct carnet_verify_issuer *issuer)
{
    bool by_signature = device_signed->signature.len != 0;
    carnet_path member = carnet_path_member(part->path, "deviceAuth");
    carnet_path step = carnet_path_member(&member, by_signature ? "deviceSignature" : "deviceMac");
    carnet_cbor_reader auth =
        carnet_cbor_open_within(part, by_signature ? device_signed->signature : device_signed->mac, &step);
    carnet_cose_key key = issuer->mso.device_key;
    carnet_device_authentication signs;
    carnet_err err;
    carnet_rc rc = carnet_cose_key_expand(&key, run->with->crypto, &err);

    if (rc != CARNET_OK) {
        carnet_verify_fail(run, CHECK, carnet_verify_outcome(rc), &err, "issuerSigned.issuerAuth.payload", NULL);
        return;
    }
    carnet_device_authentication_set(&signs, run->with->session_transcript, doc_type,
                                     device_signed->name_spaces.encoded);
    if (by_signature)
        check_signature(run, &auth, &signs, &key.key);
    else
        check_mac(run, &auth, &signs, &key.key);
}

void
carnet_verify_device_signed(struct carnet_verify_run *run, carnet_cbor_reader *part, carnet_str doc_type,
                            const struct carnet_verify_issuer *issuer)
{
    carnet_device_signed device_signed;
    const char *reason = NULL;

    carnet_device_signed_read(part, &device_signed);
    run->seen |= part->seen;
    if (part->rc != CARNET_OK) {
        carnet_verify_structure(run, part);
        reason = "deviceSigned is malformed";
    } else {
        check_elements(run, &device_signed, issuer);
        if (!issuer->has_key)
            reason = "there is no device key that can be read";
        else if (run->with->session_transcript.len == 0)
            reason = "no session transcript was given";
    }
    if (reason != NULL)
        carnet_report_add(run->report, CHECK, CARNET_NOT_DONE, NULL, reason);
    else
        authenticate(run, part, &device_signed, doc_type, issuer);
}
