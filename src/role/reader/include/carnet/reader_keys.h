/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Further keys of a reading: one ephemeral key a curve, so that any device key
 * can authenticate with a MAC (macKeys, 18013-7 A.5), and the key documents are
 * encrypted to (docResponseEncryption, 18013-5 10.2.5, 12.6), which may belong
 * to another party than the reader.
 *
 * Storage is the caller's; one thread, as the reading itself.
 */
#ifndef CARNET_READER_KEYS_H
#define CARNET_READER_KEYS_H
#include "carnet/encrypted_documents.h"
#include "carnet/reader.h"
CARNET_BEGIN_DECLS

#define CARNET_READER_MAC_KEYS_MAX 9 /**< the curves for key agreement */

/** Ephemeral keys, one for each curve the mdoc takes. */
typedef struct carnet_reader_mac_keys {
    carnet_key keys[CARNET_READER_MAC_KEYS_MAX];
    carnet_key *list[CARNET_READER_MAC_KEYS_MAX];              /**< the same, for carnet_reader_judging */
    carnet_public_key public_keys[CARNET_READER_MAC_KEYS_MAX]; /**< for carnet_device_request_draft.mac_keys */
    size_t count;
} carnet_reader_mac_keys;

/** Make a key for every curve of the engagement's MacKeysCurves, or for every curve known if it names none.  Without
 *  MacKeysSupport none is made: count is 0, and no macKeys may be sent.  Curves not known here are passed over. */
CARNET_API carnet_rc carnet_reader_mac_keys_make(carnet_reader_mac_keys *keys, carnet_crypto *crypto,
                                                 const carnet_capabilities *capabilities, carnet_err *err);
/** Wipe.  Accepts zeroed keys. */
CARNET_API void carnet_reader_mac_keys_done(carnet_reader_mac_keys *keys);

/** What an answer is judged by, where it is not the reading's own. */
typedef struct carnet_reader_judging {
    carnet_span session_transcript; /**< of documents that were encrypted; empty: the reading's */
    carnet_key *const *keys;        /**< for deviceMac, the one on the device key's curve; NULL: the reading's */
    size_t key_count;
    bool encrypted_apart; /**< encryptedDocuments are decrypted and judged apart: they do not leave the verdict open */
} carnet_reader_judging;

/** carnet_reader_judge() with these. */
CARNET_API carnet_rc carnet_reader_judge_by(carnet_reader *reader, const carnet_verification *verification,
                                            const carnet_reader_judging *by, carnet_span response, carnet_span request,
                                            carnet_report *report, carnet_err *err);

/** What was decrypted. */
typedef struct carnet_reader_decrypted {
    carnet_span response;           /**< a DeviceResponse, to be judged */
    carnet_span session_transcript; /**< by this */
    uint64_t doc_request_id;
} carnet_reader_decrypted;

/** Decrypt one entry of encryptedDocuments (walk them with carnet_list_begin()) with the recipient's key.  `request`: the
 *  DeviceRequest it answers, whose EncryptionParametersBytes are part of what holds it.  Both results stand in `scratch`.
 *  CARNET_E_ROLE_REQUEST: the DocRequest it names did not ask for encryption; CARNET_E_CRYPTO_TAG: not for this key. */
CARNET_API carnet_rc carnet_reader_decrypt(const carnet_reader *reader, carnet_key *key, carnet_span request,
                                           carnet_span encrypted, carnet_buf *scratch,
                                           carnet_reader_decrypted *decrypted, carnet_err *err);

CARNET_END_DECLS
#endif
