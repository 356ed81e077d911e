/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A consent policy from JSON (doc/consent.schema.json):
 *
 *     { "remote": false, "rules": [
 *         { "consent": "allow", "docType": "org.iso.18013.5.1.mDL", "element": "age_over_*",
 *           "reader": ["trusted"], "retain": false },
 *         { "consent": "deny", "nameSpace": "org.iso.18013.5.1", "element": "portrait", "retain": true },
 *         { "consent": "allow", "readerName": "Gate 4" },
 *         { "consent": "allow", "readerCertificate": "<SHA-256 in 64 hexadecimal digits>" } ] }
 *
 * The table stands in the caller's storage, to which it points; the JSON may be
 * freed.  It is const from then on and may be shared by threads.
 */
#ifndef CARNET_CONSENT_FILE_H
#define CARNET_CONSENT_FILE_H
#include "carnet/consent.h"
#include "carnet/json.h"
CARNET_BEGIN_DECLS

#define CARNET_CONSENT_RULES_MAX 256

/** Octets of storage that a policy made from a text of `length` octets never exceeds. */
#define CARNET_CONSENT_FILE_STORAGE(length) (8 * (length) + 256)

/** Read a policy.  CARNET_E_ROLE_POLICY, with the member's name as path: a member is missing, not known, or of another type;
 *  a word is not known; a certificate's digest is none.  CARNET_E_LIMIT, CARNET_E_NO_SPACE.  On failure *policy is empty:
 *  it asks. */
CARNET_API carnet_rc carnet_consent_file_read(const carnet_json *json, carnet_buf *storage,
                                              carnet_consent_policy *policy, carnet_err *err);

CARNET_END_DECLS
#endif
