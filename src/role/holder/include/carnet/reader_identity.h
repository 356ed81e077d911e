/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who asks, as far as the request proves it: mdoc reader authentication as the
 * holder sees it (18013-5 12.5).
 *
 * Names and certificates point into the request.  An identity belongs to one
 * thread; the verification's parameters may be shared as carnet/verify.h says.
 */
#ifndef CARNET_READER_IDENTITY_H
#define CARNET_READER_IDENTITY_H
#include "carnet/device_request.h"
#include "carnet/verify.h"
CARNET_BEGIN_DECLS

#define CARNET_READER_AUTH_ALL_MAX 8 /**< entries of readerAuthAll looked at; with more the request is not judged */

/** What a reader's signature is worth. */
typedef enum carnet_reader_trust {
    CARNET_READER_UNSIGNED, /**< there is no signature */
    CARNET_READER_BAD,      /**< the signature is wrong, or no signature at all */
    CARNET_READER_UNKNOWN,  /**< right, by a certificate that leads to nobody trusted; or it could not be judged */
    CARNET_READER_REJECTED, /**< right, by a trusted certificate that may not be used: expired, revoked, of another kind */
    CARNET_READER_TRUSTED /**< right, by a trusted certificate */
} carnet_reader_trust;

/** One reader's signature. */
typedef struct carnet_reader_identity {
    carnet_reader_trust trust;
    carnet_span certificate; /**< the reader's, in DER; empty: there is none that can be read */
    carnet_str name;         /**< its common name, else its organisation; empty: none.  Unproven unless trusted */
    uint8_t fingerprint[32]; /**< SHA-256 of the certificate; zeros: there is none */
    carnet_check check;      /**< the check that failed or could not be made; meaningless when trusted */
    char detail[96];         /**< one sentence about that; may be empty */
} carnet_reader_identity;

/** All signatures of a request. */
typedef struct carnet_reader_identities {
    carnet_reader_identity each[CARNET_DOC_REQUESTS_MAX]; /**< readerAuth of each DocRequest */
    size_t count;
    carnet_reader_identity all[CARNET_READER_AUTH_ALL_MAX]; /**< readerAuthAll */
    size_t all_count;
} carnet_reader_identities;

/** Verify every signature of an opened request apart.  `verification` as for carnet_device_request_verify(): the session's
 *  transcript is needed.  `room` is for `cap` entries of reports in between: 32 are enough.  Fails only if nothing could
 *  be judged: the parameters are unusable, or there are too many signatures (CARNET_E_LIMIT). */
CARNET_API carnet_rc carnet_reader_identify(const carnet_verification *verification,
                                            const carnet_device_request *request, carnet_time now, int64_t skew,
                                            carnet_report_entry *room, size_t cap, carnet_reader_identities *identities,
                                            carnet_err *err);
/** Who stands for a DocRequest: a bad signature if there is one, else the best of its own and those of readerAuthAll, its own
 *  first.  Never NULL; one with CARNET_READER_UNSIGNED if nobody does. */
CARNET_API const carnet_reader_identity *carnet_reader_of(const carnet_reader_identities *identities,
                                                          size_t doc_request);
/** "not signed", "bad signature", "not known", "rejected", "trusted"; static text. */
CARNET_API const char *carnet_reader_trust_text(carnet_reader_trust trust);

CARNET_END_DECLS
#endif
