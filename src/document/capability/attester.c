/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a signer of attestations is one that is trusted. */
#include "carnet/attester.h"
#include "carnet/certificate_path.h"

/* Attesters are no actors of 18013-5: of its profile nothing is asked but what RFC 5280 does. */
static const carnet_certificate_profile any = {
    .name = "attester",
    .clause = "RFC 5280 6.1",
    .lifetime = INT64_MAX,
    .curves = CARNET_PROFILE_SIGNING_CURVES,
    .algorithms = CARNET_PROFILE_ES256 | CARNET_PROFILE_ES384 | CARNET_PROFILE_ES512 | CARNET_PROFILE_EDDSA,
    .key_usage = CARNET_KEY_USAGE_DIGITAL_SIGNATURE,
};

/* Entries of the path's report that decide: those of RFC 5280, and revocation where it was asked for. */
static const carnet_check deciding[] = {
    CARNET_CHECK_PATH_FOUND,    CARNET_CHECK_PATH_SIGNATURE, CARNET_CHECK_PATH_VALIDITY,
    CARNET_CHECK_PATH_CA,       CARNET_CHECK_PATH_LENGTH,    CARNET_CHECK_PATH_CA_KEY_USAGE,
    CARNET_CHECK_PATH_CRITICAL, CARNET_CHECK_PATH_FORBIDDEN, CARNET_CHECK_REVOCATION,
};

static carnet_rc
untrusted(carnet_err *err, const char *why)
{
    return carnet_fail(err, CARNET_E_ATTESTER_UNTRUSTED, "HAIP 4.5.1", why);
}

static carnet_rc
judge_report(const carnet_report *report, bool revocation, carnet_err *err)
{
    if (report->overflow)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    for (size_t i = 0; i < CARNET_COUNT(deciding); i++) {
        const carnet_report_entry *entry = carnet_report_find(report, deciding[i], CARNET_NO_DOCUMENT);
        const bool may_lack = deciding[i] == CARNET_CHECK_REVOCATION && !revocation;

        if (may_lack || (entry != NULL && entry->outcome == CARNET_PASS))
            continue;
        return untrusted(err,
                         entry != NULL && entry->detail[0] != '\0' ? entry->detail : carnet_check_title(deciding[i]));
    }
    return CARNET_OK;
}

/* What the path's report does not say: who may not sign, and what has no place in the chain. */
static carnet_rc
judge_chain(const carnet_jws *jws, const carnet_attester_trust *trust, const carnet_certificate_path *path,
            carnet_err *err)
{
    const carnet_certificate *signer = &path->certificates[0];
    const bool limited = (signer->present & CARNET_EXTENSION_BIT(CARNET_EXTENSION_KEY_USAGE)) != 0;

    if (carnet_certificate_self_issued(signer))
        return untrusted(err, "the signer's certificate is self-signed");
    if (limited && !(signer->key_usage & CARNET_KEY_USAGE_DIGITAL_SIGNATURE))
        return untrusted(err, "the signer's key may not sign");
    if (trust->anchor_in_chain_allowed || path->anchor == NULL)
        return CARNET_OK;
    for (size_t i = 0; i < jws->x5c_count; i++) {
        if (carnet_span_equal(jws->x5c[i], path->anchor->der))
            return untrusted(err, "x5c holds the trusted certificate too");
    }
    return CARNET_OK;
}

/* Apart from its caller: path and report are large, and each has a frame of its own. */
__attribute__((noinline)) static carnet_rc
follow(const carnet_jws *jws, const carnet_attester_trust *trust, carnet_crypto *crypto, carnet_report *report,
       carnet_public_key *key, carnet_err *err)
{
    const carnet_path_options options = {
        .struct_size = sizeof(options), .profile = &any, .anchors = trust->anchors, .revocation = trust->revocation
    };
    carnet_certificate_path path;
    carnet_rc rc;

    if (carnet_certificate_path_validate(jws->x5c, jws->x5c_count, &options, crypto, report, &path) != CARNET_OK)
        return untrusted(err, "the signer's certificate cannot be read");
    rc = judge_chain(jws, trust, &path, err);
    if (rc == CARNET_OK)
        rc = judge_report(report, trust->revocation != NULL, err);
    *key = path.certificates[0].public_key;
    return rc;
}

static carnet_rc
verify_by_chain(const carnet_jws *jws, const carnet_attester_trust *trust, carnet_time now, int64_t skew,
                carnet_crypto *crypto, carnet_err *err)
{
    carnet_report_entry entries[32];
    carnet_report report;
    carnet_public_key key;
    carnet_rc rc;

    carnet_report_init(&report, entries, CARNET_COUNT(entries), now, skew);
    rc = follow(jws, trust, crypto, &report, &key, err);
    return rc == CARNET_OK ? carnet_jws_verify(jws, crypto, &key, err) : rc;
}

static bool
good_for(const carnet_attester_key *key, const carnet_jws *jws, carnet_str issuer)
{
    return (key->issuer.len == 0 || carnet_str_equal(key->issuer, issuer)) &&
           (key->key_id.len == 0 || carnet_str_equal(key->key_id, jws->key_id));
}

static carnet_rc
verify_by_key(const carnet_jws *jws, carnet_str issuer, const carnet_attester_trust *trust, carnet_crypto *crypto,
              carnet_err *err)
{
    carnet_rc rc = untrusted(err, "no key of this attester is known");

    for (size_t i = 0; i < trust->key_count && rc != CARNET_OK; i++) {
        if (good_for(&trust->keys[i], jws, issuer))
            rc = carnet_jws_verify(jws, crypto, &trust->keys[i].key, err);
    }
    return rc;
}

carnet_rc
carnet_attester_verify(const carnet_jws *jws, carnet_str issuer, const carnet_attester_trust *trust, carnet_time now,
                       int64_t skew, carnet_crypto *crypto, carnet_err *err)
{
    if (trust == NULL || trust->struct_size != sizeof(*trust) || jws->header == NULL)
        return carnet_fail(err, CARNET_E_USAGE, NULL, "no trust, or nothing opened");
    if (jws->x5c_count == 0 && trust->chain_only)
        return untrusted(err, "there is no certificate chain (x5c)");
    if (jws->x5c_count != 0 && (trust->anchors != NULL || trust->chain_only)) {
        if (trust->anchors == NULL)
            return untrusted(err, "no certificate is trusted to attest");
        return verify_by_chain(jws, trust, now, skew, crypto, err);
    }
    return verify_by_key(jws, issuer, trust, crypto, err);
}
