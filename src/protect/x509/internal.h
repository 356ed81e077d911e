/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this folder share. */
#ifndef CARNET_X509_INTERNAL_H
#define CARNET_X509_INTERNAL_H
#include "carnet/certificate_builder.h"
#include "carnet/certificate_path.h"
#include "carnet/crl.h"

/** What certificates and revocation lists have in common: SEQUENCE { tbs, algorithm, signature }. */
typedef struct carnet_x509_signed {
    carnet_der_item tbs;
    carnet_span algorithm; /**< content of the AlgorithmIdentifier outside */
    carnet_span signature;
} carnet_x509_signed;

/** Read the outer structure of all that `r` holds. */
void carnet_x509_read_signed(carnet_der_reader *r, carnet_x509_signed *signed_);
/** Read the AlgorithmIdentifier inside, which must be the one outside (RFC 5280, 4.1.1.2). */
void carnet_x509_read_algorithm(carnet_der_reader *r, const carnet_x509_signed *signed_, carnet_span *oid,
                                carnet_signature_algorithm *algorithm);
/** Read a Name and check its structure; the result is the whole encoding. */
carnet_span carnet_x509_read_name(carnet_der_reader *r);
/** Read a SubjectPublicKeyInfo. */
void carnet_x509_read_spki(carnet_der_reader *r, carnet_certificate *certificate);
/** Read the Extensions of a certificate. */
void carnet_x509_read_extensions(carnet_der_reader *r, carnet_certificate *certificate);

/** The head of one extension, and its value's content. */
typedef struct carnet_x509_extension {
    carnet_span oid, value;
    bool critical;
} carnet_x509_extension;
carnet_x509_extension carnet_x509_read_extension(carnet_der_reader *r);
/** The content of an AuthorityKeyIdentifier; its keyIdentifier, empty if absent. */
carnet_span carnet_x509_read_authority_key_id(carnet_der_reader *r);
/** Read a GeneralName; checks what of it is looked at later. */
void carnet_x509_read_general_name(carnet_der_reader *r);

/** Take the next encoded value off the front of *at; false at the end or where it is malformed. */
bool carnet_x509_step(carnet_span *at, carnet_der_item *item);

/** Whether text may be a PrintableString (X.680, 41.4). */
bool carnet_x509_is_printable_string(carnet_span bytes);

/** Verify a signature over `tbs`. */
carnet_rc carnet_x509_verify(carnet_span tbs, carnet_span oid, carnet_signature_algorithm algorithm,
                             carnet_span signature, const carnet_public_key *issuer, carnet_crypto *crypto,
                             carnet_err *err);
/** Sign the `tbs` last built and close the outer structure around it. */
void carnet_x509_sign(carnet_der_builder *b, carnet_der_mark outer, size_t tbs_start, carnet_key *key,
                      carnet_crypto *crypto, carnet_err *err);
/** Add the AlgorithmIdentifier of signatures with a key of this curve. */
void carnet_x509_add_algorithm(carnet_der_builder *b, carnet_curve curve);
/** Add the SubjectPublicKeyInfo of a key. */
void carnet_x509_add_spki(carnet_der_builder *b, const carnet_public_key *key);
/** Add a Name. */
void carnet_x509_add_name(carnet_der_builder *b, const carnet_name_parts *parts);
/** The algorithm of an identifier without parameters; CARNET_SIGNATURE_NONE if none of ours. */
carnet_signature_algorithm carnet_x509_algorithm_of(carnet_span oid);
/** A builder over what is free in *out. */
carnet_der_builder carnet_x509_build_behind(const carnet_buf *out);
/** The content octets of an extension's identifier. */
carnet_span carnet_x509_extension_oid(carnet_extension extension);

/** A path being judged.  What a certificate of it is called: 0 the end entity's, `path->count` the trusted one. */
typedef struct carnet_path_judge {
    carnet_certificate_path *path;
    const carnet_path_options *options;
    carnet_crypto *crypto;
    carnet_report *report;
    carnet_rc anchor_rc; /**< of the last certificate's signature, under the anchor's key */
} carnet_path_judge;

/** Certificates on the path, the trusted one counted; and the i-th of them. */
size_t carnet_path_total(const carnet_certificate_path *path);
const carnet_certificate *carnet_path_at(const carnet_certificate_path *path, size_t i);

/** The first thing amiss that a check found, as a sentence. */
typedef struct carnet_path_finding {
    char text[96];
    carnet_outcome outcome; /**< CARNET_PASS at first */
    carnet_rc rc;
} carnet_path_finding;
/** Note, if nothing of the kind was noted before, that certificate `i` is amiss: "certificate 0 expired " and `more`,
 *  which may be NULL. */
void carnet_path_amiss(const carnet_path_judge *judge, carnet_path_finding *finding, size_t i, const char *what,
                       const char *more);
/** The same with the time. */
void carnet_path_amiss_at(const carnet_path_judge *judge, carnet_path_finding *finding, size_t i, const char *what,
                          carnet_time time);
/** Add the entry of a check. */
void carnet_path_conclude(const carnet_path_judge *judge, carnet_check check, const carnet_path_finding *finding);

/** All checks of a path but those of revocation; and those. */
void carnet_path_check(const carnet_path_judge *judge);
void carnet_path_check_revocation(const carnet_path_judge *judge);

#endif
