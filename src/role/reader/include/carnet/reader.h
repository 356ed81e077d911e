/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A reading: what an mdoc reader does from the engagement it received to the
 * report on the answer (18013-5 9, 10.2, 10.3, 12.2, 12.8).
 *
 *     carnet_reader_engage()   the engagement scanned  -> keys and transcript
 *     carnet_reader_request()  what is asked           -> a message to send
 *     carnet_reader_receive()  a message received      -> a DeviceResponse or a status
 *     carnet_reader_judge()    the DeviceResponse      -> a report
 *     carnet_reader_end()      goodbye                 -> a message to send
 *     carnet_reader_done()     on every path: wipes the keys
 *
 * Bytes in, bytes out; the caller has the link and all storage.  A message is
 * decrypted where it lies and never copied.  A reading belongs to one thread.
 */
#ifndef CARNET_READER_H
#define CARNET_READER_H
#include "carnet/device_request.h"
#include "carnet/doctype.h"
#include "carnet/engagement.h"
#include "carnet/issuer_signed.h"
#include "carnet/session.h"
#include "carnet/verify.h"
CARNET_BEGIN_DECLS

/** Octets of storage a reading needs beside the DeviceEngagement and the handover messages, which it copies. */
#define CARNET_READER_STORAGE 384

typedef struct carnet_reader {
    carnet_crypto *crypto;
    carnet_key key; /**< the ephemeral key, EReaderKey */
    carnet_session session;
    carnet_span reader_key_bytes;   /**< EReaderKeyBytes, in the storage */
    carnet_span session_transcript; /**< the array, in the storage */
    bool established;               /**< the first message was made */
} carnet_reader;

/** Begin: a fresh ephemeral key on the engagement's curve, the transcript for the way the parties met.  `how` may be NULL (QR)
 *  or names the handover and its messages; its engagement and key members are ignored.  `storage` is kept until
 *  carnet_reader_done(); on failure nothing is added to it. */
CARNET_API carnet_rc carnet_reader_engage(carnet_reader *reader, carnet_crypto *crypto, carnet_span device_engagement,
                                          const carnet_session_transcript_parameters *how, carnet_buf *storage,
                                          carnet_err *err);
/** Make the message that carries a DeviceRequest: SessionEstablishment first, SessionData for further requests.  The draft's
 *  session_transcript is filled in.  The plain request is appended to `scratch`, where carnet_reader_judge() may find it. */
CARNET_API carnet_rc carnet_reader_request(carnet_reader *reader, const carnet_device_request_draft *draft,
                                           carnet_buf *scratch, carnet_cbor_builder *message, carnet_err *err);
/** Take a SessionData and decrypt it in place.  *response is the DeviceResponse, or empty when the message has only a status.
 *  *status is 0 or the status received.  After any status, and after any failure, the session is over and its keys are
 *  wiped; carnet_session_failure_status() says what to tell the mdoc of a failure, with carnet_reader_end(). */
CARNET_API carnet_rc carnet_reader_receive(carnet_reader *reader, uint8_t *message, size_t len, carnet_span *response,
                                           uint64_t *status, carnet_err *err);
/** Verify a DeviceResponse of this reading: `verification` is completed with the transcript and the ephemeral key.  Then the
 *  elements' types are looked at (CARNET_CHECK_ELEMENT_TYPES) and, if `request` (an encoded DeviceRequest) is not empty,
 *  whether anything came that was not asked for (CARNET_CHECK_ANSWERS_REQUEST). */
CARNET_API carnet_rc carnet_reader_judge(carnet_reader *reader, const carnet_verification *verification,
                                         carnet_span response, carnet_span request, carnet_report *report,
                                         carnet_err *err);
/** Make the message that ends the session with a status, and wipe its keys. */
CARNET_API void carnet_reader_end(carnet_reader *reader, carnet_session_status status, carnet_cbor_builder *message);
CARNET_API void carnet_reader_done(carnet_reader *reader);

/* --- the parts, for answers that came another way --- */

/** Look at the types of the elements of a DeviceResponse, document by document.  Documents of types without a table, and
 *  elements a table does not have, are passed over. */
CARNET_API void carnet_reader_check_types(carnet_span response, carnet_report *report);
/** The same for one IssuerSigned, as document report->document. */
CARNET_API void carnet_reader_check_issuer_signed_types(carnet_span issuer_signed, carnet_str doc_type,
                                                        carnet_report *report);
/** The same by a table of the caller's; NULL: there is none, and nothing is looked at. */
CARNET_API void carnet_reader_check_elements(carnet_span issuer_signed, const carnet_doctype *doctype,
                                             carnet_report *report);
/** Compare a DeviceResponse with the DeviceRequest it answers, document by document: issuer-signed and device-signed
 *  elements, among them those that requestInfo takes for others. */
CARNET_API void carnet_reader_check_answers(carnet_span response, carnet_span request, carnet_report *report);

CARNET_END_DECLS
#endif
