/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mdoc authentication (18013-5 12.4): what the device signs or MACs, the MAC
 * key, making and verifying either.
 *
 * What is signed is a list of parts over the caller's bytes; nothing is
 * copied.  A carnet_device_authentication points into itself too: do not copy
 * or move it once it is set.
 */
#ifndef CARNET_DEVICE_AUTHENTICATION_H
#define CARNET_DEVICE_AUTHENTICATION_H
#include "carnet/cose_mac0.h"
#include "carnet/cose_sign1.h"
CARNET_BEGIN_DECLS

/** DeviceAuthenticationBytes in parts. */
typedef struct carnet_device_authentication {
    uint8_t head[40], doc_type_head[9];
    carnet_span parts[5];
    size_t count;
} carnet_device_authentication;

/** `session_transcript`: the encoded SessionTranscript array.  `device_name_spaces`: DeviceNameSpacesBytes, with tag. */
CARNET_API void carnet_device_authentication_set(carnet_device_authentication *authentication,
                                                 carnet_span session_transcript, carnet_str doc_type,
                                                 carnet_span device_name_spaces);

/** EMacKey from this side's key and the other side's: the device key with EReaderKey, or the other way round.  Wipe
 *  *mac_key afterwards.  CARNET_E_CRYPTO_MISMATCH: the curves differ. */
CARNET_API carnet_rc carnet_emac_key(carnet_crypto *crypto, carnet_key *key, const carnet_public_key *peer,
                                     carnet_span session_transcript, carnet_secret *mac_key, carnet_err *err);

/** Append DeviceSignature, an untagged COSE_Sign1 with detached payload. */
CARNET_API carnet_rc carnet_device_authentication_sign(const carnet_device_authentication *authentication,
                                                       carnet_key *device_key, carnet_crypto *crypto,
                                                       carnet_cbor_builder *b, carnet_err *err);
/** Append DeviceMac, an untagged COSE_Mac0 with detached payload. */
CARNET_API carnet_rc carnet_device_authentication_mac(const carnet_device_authentication *authentication,
                                                      const carnet_secret *mac_key, carnet_crypto *crypto,
                                                      carnet_cbor_builder *b, carnet_err *err);
/** Verify a DeviceSignature that was opened.  CARNET_E_COSE_SIGNATURE: it is wrong. */
CARNET_API carnet_rc carnet_device_signature_verify(const carnet_device_authentication *authentication,
                                                    const carnet_cose_sign1 *signature,
                                                    const carnet_public_key *device_key, carnet_crypto *crypto,
                                                    carnet_err *err);
/** Verify a DeviceMac that was opened.  CARNET_E_COSE_MAC: it is wrong. */
CARNET_API carnet_rc carnet_device_mac_verify(const carnet_device_authentication *authentication,
                                              const carnet_cose_mac0 *mac, const carnet_secret *mac_key,
                                              carnet_crypto *crypto, carnet_err *err);

CARNET_END_DECLS
#endif
