/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mdoc reader authentication (18013-5 12.5): what the reader signs, signing
 * and verifying it.
 *
 * What is signed is a list of parts over the caller's bytes: the session
 * transcript and the requests are not copied.  A carnet_reader_authentication
 * points into itself too: do not copy or move it once it is set.
 */
#ifndef CARNET_READER_AUTHENTICATION_H
#define CARNET_READER_AUTHENTICATION_H
#include "carnet/device_request.h"
CARNET_BEGIN_DECLS

struct carnet_verification;

/** ReaderAuthenticationBytes or ReaderAuthenticationAllBytes in parts. */
typedef struct carnet_reader_authentication {
    uint8_t head[48], list_head[9];
    carnet_span parts[4 + CARNET_DOC_REQUESTS_MAX];
    size_t count;
} carnet_reader_authentication;

/** For one DocRequest; `items_request` is ItemsRequestBytes, with its tag. */
CARNET_API void carnet_reader_authentication_set(carnet_reader_authentication *authentication,
                                                 carnet_span session_transcript, carnet_span items_request);
/** For all: every ItemsRequestBytes in order (at most CARNET_DOC_REQUESTS_MAX) and DeviceRequestInfoBytes (empty: null). */
CARNET_API carnet_rc carnet_reader_authentication_all_set(carnet_reader_authentication *authentication,
                                                          carnet_span session_transcript,
                                                          const carnet_span *items_requests, size_t count,
                                                          carnet_span device_request_info, carnet_err *err);
/** Append a COSE_Sign1 over it: detached payload, x5chain in the unprotected header. */
CARNET_API carnet_rc carnet_reader_authentication_sign(const carnet_reader_authentication *authentication,
                                                       const carnet_reader_signer *signer, carnet_crypto *crypto,
                                                       carnet_cbor_builder *b, carnet_err *err);

/** Verify every readerAuth and readerAuthAll of a request: its signature, the path to an anchor and the certificate's
 *  profile.  The report's document number is the index of the DocRequest; entries of readerAuthAll carry
 *  CARNET_NO_DOCUMENT.  A request without any gets READER_AUTHENTICATION "not done".  Fails only if nothing could be
 *  judged: the encoding is broken beyond a view, or the parameters are unusable. */
CARNET_API carnet_rc carnet_device_request_verify(const struct carnet_verification *verification, carnet_span cbor,
                                                  carnet_report *report, carnet_err *err);
/** Verify one signature of an opened request, with entries for it alone: readerAuth of `doc_request` (without one
 *  READER_AUTHENTICATION is "not done"), or with SIZE_MAX the entry of readerAuthAll at `all`. */
CARNET_API carnet_rc carnet_reader_authentication_verify(const struct carnet_verification *verification,
                                                         const carnet_device_request *request, size_t doc_request,
                                                         size_t all, carnet_report *report, carnet_err *err);

CARNET_END_DECLS
#endif
