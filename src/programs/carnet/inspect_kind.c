/* SPDX-License-Identifier: Apache-2.0 */
/* The kinds of things that inspect tells apart, and what the library itself says of each. */
#include "carnet/cose_key.h"
#include "carnet/cose_mac0.h"
#include "carnet/cose_sign1.h"
#include "carnet/device_request.h"
#include "carnet/device_response.h"
#include "carnet/engagement.h"
#include "carnet/issuer_signed_dehydrated.h"
#include "carnet/session.h"
#include "inspect.h"

#include <strings.h>

/** Make an error's place count from the whole input. */
static carnet_rc
within(carnet_rc rc, carnet_span part, carnet_span bytes, carnet_err *err)
{
    if (rc != CARNET_OK && err->offset != CARNET_NO_OFFSET && err->offset <= part.len) {
        err->offset += (size_t)(part.ptr - bytes.ptr);
    }
    return rc;
}

static carnet_rc
open_sign1(carnet_span bytes, carnet_err *err)
{
    carnet_cose_sign1 view;

    return carnet_cose_sign1_open(bytes, CARNET_CBOR_LENIENT, &view, err);
}

static carnet_rc
open_mac0(carnet_span bytes, carnet_err *err)
{
    carnet_cose_mac0 view;

    return carnet_cose_mac0_open(bytes, CARNET_CBOR_LENIENT, &view, err);
}

static carnet_rc
open_key(carnet_span bytes, carnet_err *err)
{
    carnet_cose_key view;

    return carnet_cose_key_open(bytes, CARNET_CBOR_LENIENT, NULL, &view, err);
}

static carnet_rc
open_mso(carnet_span bytes, carnet_err *err)
{
    carnet_mso view;

    return carnet_mso_open(bytes, NULL, CARNET_CBOR_LENIENT, &view, err);
}

static carnet_rc
open_issuer_signed(carnet_span bytes, carnet_err *err)
{
    carnet_issuer_signed view;
    carnet_cose_sign1 sign1;
    carnet_mso mso;
    carnet_rc rc = carnet_issuer_signed_open(bytes, CARNET_CBOR_LENIENT, &view, err);

    if (rc == CARNET_OK) {
        rc = carnet_issuer_signed_unique(&view, err);
    }
    if (rc == CARNET_OK) {
        rc = within(carnet_cose_sign1_open(view.issuer_auth, CARNET_CBOR_LENIENT, &sign1, err), view.issuer_auth, bytes,
                    err);
    }
    return rc != CARNET_OK ? rc : carnet_mso_open(sign1.payload, bytes.ptr, CARNET_CBOR_LENIENT, &mso, err);
}

static carnet_rc
open_document(carnet_span bytes, carnet_err *err)
{
    carnet_document view;
    carnet_device_signed device;
    carnet_rc rc = carnet_document_open(bytes, CARNET_CBOR_LENIENT, &view, err);

    if (rc == CARNET_OK) {
        rc = within(open_issuer_signed(view.issuer_signed, err), view.issuer_signed, bytes, err);
    }
    if (rc == CARNET_OK) {
        rc = within(carnet_device_signed_open(view.device_signed, CARNET_CBOR_LENIENT, &device, err),
                    view.device_signed, bytes, err);
    }
    return rc;
}

static carnet_rc
open_response(carnet_span bytes, carnet_err *err)
{
    carnet_device_response view;
    carnet_rc rc = carnet_device_response_open(bytes, CARNET_CBOR_LENIENT, &view, err);

    for (size_t i = 0; rc == CARNET_OK && i < view.count; i++) {
        carnet_span document = carnet_device_response_document(&view, i);

        rc = within(open_document(document, err), document, bytes, err);
    }
    return rc;
}

static carnet_rc
open_dehydrated(carnet_span bytes, carnet_err *err)
{
    carnet_issuer_signed_dehydrated view;

    return carnet_issuer_signed_dehydrated_open(bytes, CARNET_CBOR_LENIENT, &view, err);
}

static carnet_rc
open_spaced(carnet_span bytes, carnet_err *err)
{
    carnet_name_spaced_data view;

    return carnet_name_spaced_data_open(bytes, CARNET_CBOR_LENIENT, &view, err);
}

static carnet_rc
open_request(carnet_span bytes, carnet_err *err)
{
    carnet_device_request view;

    return carnet_device_request_open(bytes, CARNET_CBOR_LENIENT, &view, err);
}

static carnet_rc
open_device_engagement(carnet_span bytes, carnet_err *err)
{
    carnet_engagement view;

    return carnet_device_engagement_open(bytes, &view, err);
}

static carnet_rc
open_reader_engagement(carnet_span bytes, carnet_err *err)
{
    carnet_engagement view;

    return carnet_reader_engagement_open(bytes, &view, err);
}

static carnet_rc
open_establishment(carnet_span bytes, carnet_err *err)
{
    carnet_session_establishment view;

    return carnet_session_establishment_open(bytes, &view, err);
}

static carnet_rc
open_data(carnet_span bytes, carnet_err *err)
{
    carnet_session_data view;

    return carnet_session_data_open(bytes, &view, err);
}

static carnet_rc
open_transcript(carnet_span bytes, carnet_err *err)
{
    carnet_session_transcript view;

    return carnet_session_transcript_open(bytes, &view, err);
}

const inspect_kind inspect_kinds[] = {
    { "DeviceResponse", "what an mdoc answers", "18013-5 10.3", &inspect_device_response, true, open_response },
    { "DeviceResponse", "what an mdoc answers", "18013-5 10.3", &inspect_device_response_bytes, true, open_response },
    { "Document", "one document of an answer", "18013-5 10.3", &inspect_document, true, open_document },
    { "IssuerSigned", "a document as its issuer signed it", "18013-5 10.3", &inspect_issuer_signed, true,
      open_issuer_signed },
    { "IssuerSignedDehydrated", "a document without its values", "23220-3 8.1", &inspect_dehydrated, true,
      open_dehydrated },
    { "IssuerSignedDehydrated-list", "a batch of documents without their values", "23220-3 8.1",
      &inspect_dehydrated_list, true, NULL },
    { "NameSpacedData", "values of a dehydrated document", "23220-3 8.1", &inspect_name_spaced_data, false,
      open_spaced },
    { "MobileSecurityObject", "what an issuer signs", "18013-5 12.3", &inspect_mso, false, open_mso },
    { "MobileSecurityObjectBytes", "what an issuer signs", "18013-5 12.3", &inspect_mso_bytes, false, open_mso },
    { "IssuerSignedItem", "one data element", "18013-5 10.3", &inspect_signed_item, false, NULL },
    { "IssuerSignedItemBytes", "one data element", "18013-5 10.3", &inspect_signed_item_bytes, false, NULL },
    { "DrivingPrivileges", "a data element", "18013-5 13.4", &inspect_driving_privileges, false, NULL },
    { "DeviceSigned", "what an mdoc signed", "18013-5 10.3", &inspect_device_signed, true, NULL },
    { "DeviceAuth", "an mdoc's signature or MAC", "18013-5 12.4", &inspect_device_auth, true, NULL },
    { "DeviceAuthentication", "what an mdoc signs", "18013-5 12.4", &inspect_device_authentication, false, NULL },
    { "DeviceAuthenticationBytes", "what an mdoc signs", "18013-5 12.4", &inspect_device_authentication_bytes, false,
      NULL },
    { "DeviceRequest", "what a reader asks", "18013-5 10.2", &inspect_device_request, true, open_request },
    { "DocRequest", "what a reader asks of one document", "18013-5 10.2", &inspect_doc_request, true, NULL },
    { "ItemsRequest", "data elements asked for", "18013-5 10.2", &inspect_items_request, false, NULL },
    { "ItemsRequestBytes", "data elements asked for", "18013-5 10.2", &inspect_items_request_bytes, false, NULL },
    { "ReaderAuthentication", "what a reader signs", "18013-5 12.5", &inspect_reader_authentication, false, NULL },
    { "ReaderAuthenticationBytes", "what a reader signs", "18013-5 12.5", &inspect_reader_authentication_bytes, false,
      NULL },
    { "ReaderAuthenticationAll", "what a reader signs", "18013-5 12.5", &inspect_reader_authentication_all, false,
      NULL },
    { "EncryptionParameters", "how an answer is to be encrypted", "18013-5 12.6", &inspect_encryption_parameters, false,
      NULL },
    { "EncryptionParametersBytes", "how an answer is to be encrypted", "18013-5 12.6",
      &inspect_encryption_parameters_bytes, false, NULL },
    { "EncryptionInfo", "how an answer is to be encrypted", "18013-7 C", &inspect_encryption_info, false, NULL },
    { "EncryptedResponse", "an encrypted answer", "18013-7 C", &inspect_encrypted_response, false, NULL },
    { "COSE_Sign1", "a signature and what it is over", "RFC 9052 4.2", &inspect_cose_sign1, false, open_sign1 },
    { "COSE_Mac0", "a MAC and what it is over", "RFC 9052 6.2", &inspect_cose_mac0, false, open_mac0 },
    { "COSE_Key", "a key", "RFC 9052 7", &inspect_cose_key, false, open_key },
    { "COSE_KeyBytes", "a key", "RFC 9052 7", &inspect_cose_key_bytes, false, NULL },
    { "COSE_Headers", "header parameters", "RFC 9052 3", &inspect_cose_headers, false, NULL },
    { "Sig_structure", "what is signed", "RFC 9052 4.4", &inspect_sig_structure, false, NULL },
    { "MAC_structure", "what a MAC is over", "RFC 9052 6.3", &inspect_mac_structure, false, NULL },
    { "DeviceEngagement", "how an mdoc is reached", "18013-5 9.1", &inspect_device_engagement, false,
      open_device_engagement },
    { "DeviceEngagementBytes", "how an mdoc is reached", "18013-5 9.1", &inspect_device_engagement_bytes, false, NULL },
    { "DeviceEngagementMessage", "first message of an mdoc", "18013-7 A.7", &inspect_engagement_message, false, NULL },
    { "ReaderEngagement", "how a reader is reached", "18013-7 A.1", &inspect_reader_engagement, false,
      open_reader_engagement },
    { "SessionEstablishment", "first message of a reader", "18013-5 12.2", &inspect_session_establishment, false,
      open_establishment },
    { "SessionData", "a message of a session", "18013-5 12.2", &inspect_session_data, false, open_data },
    { "SessionTranscript", "what both sides of a session saw", "18013-5 12.6", &inspect_session_transcript, false,
      open_transcript },
    { "SessionTranscriptBytes", "what both sides of a session saw", "18013-5 12.6", &inspect_session_transcript_bytes,
      false, open_transcript },
    { "VICAL", "a signed list of issuing authorities", "18013-5 C.1", &inspect_vical, false, open_sign1 },
    { "VICAL-payload", "a list of issuing authorities", "18013-5 C.1", &inspect_vical_payload, false, NULL },
    { "status-token", "a signed list of documents' status", "18013-5 12.3.6", &inspect_status_token, false,
      open_sign1 },
    { "status-claims", "claims of a status list token", "18013-5 12.3.6", &inspect_status_claims, false, NULL },
    { "CBOR", "an item of no kind known here", "RFC 8949", NULL, false, NULL },
    { "certificate", "an X.509 certificate", "RFC 5280 4", NULL, false, NULL },
    { "CRL", "a certificate revocation list", "RFC 5280 5", NULL, false, NULL },
    { "public-key", "a public key, SubjectPublicKeyInfo", "RFC 5280 4.1.2.7", NULL, false, NULL },
    { "private-key", "a private key, PKCS#8 or SEC 1", "RFC 5958, RFC 5915", NULL, false, NULL },
    { "DER", "a value of no kind known here", "X.690", NULL, false, NULL },
    { NULL, NULL, NULL, NULL, false, NULL },
};

const inspect_kind *
inspect_kind_named(const char *name)
{
    for (const inspect_kind *k = inspect_kinds; k->name != NULL; k++) {
        if (strcasecmp(k->name, name) == 0) {
            return k;
        }
    }
    return NULL;
}

const inspect_kind *
inspect_kind_of(const inspect_shape *shape)
{
    for (const inspect_kind *k = inspect_kinds; k->name != NULL; k++) {
        if (k->shape == shape && shape != NULL) {
            return k;
        }
    }
    return inspect_kind_named("CBOR");
}
