/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/credential_request.h"
#include "carnet/notification.h"
#include "fuzz.h"

static carnet_crypto crypto;

static void
deferred(carnet_str text)
{
    carnet_deferred_credential_request request;
    carnet_err err = { 0 };

    if (carnet_deferred_credential_request_open(text, &crypto, &request, &err) == CARNET_OK)
        MUST(request.transaction_id.len != 0);
    else
        MUST(request.document == NULL && (err.rc == CARNET_E_OID4VCI_REQUEST || err.rc == CARNET_E_OID4VCI_ENCRYPTION));
    carnet_deferred_credential_request_done(&request);
}

static void
notification(carnet_str text)
{
    carnet_notification read;
    carnet_err err = { 0 };

    if (carnet_notification_open(text, &read, &err) == CARNET_OK)
        MUST(read.notification_id.len != 0 && carnet_notification_event_name(read.event) != NULL);
    else
        MUST(read.document == NULL && err.rc == CARNET_E_OID4VCI_NOTIFICATION);
    carnet_notification_done(&read);
}

/* A request identifies one thing and has proofs of one kind, and says the same when it is made again. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t room[8 * CARNET_CREDENTIAL_REQUEST_MAX];
    static carnet_credential_request request, second;
    static bool ready;
    carnet_buf out = carnet_buf_of(room, sizeof(room));
    const carnet_str text = { (const char *)data, size };
    carnet_err err = { 0 };

    MUST(ready || carnet_crypto_init(&crypto, NULL) == CARNET_OK);
    ready = true;
    deferred(text);
    notification(text);
    if (carnet_credential_request_open(text, &crypto, &request, &err) != CARNET_OK) {
        MUST(request.document == NULL && request.proof_count == 0);
        MUST(err.rc == CARNET_E_OID4VCI_REQUEST || err.rc == CARNET_E_OID4VCI_PROOF ||
             err.rc == CARNET_E_OID4VCI_ENCRYPTION);
        return 0;
    }
    MUST((request.credential_identifier.len != 0) + (request.credential_configuration_id.len != 0) +
             (request.doctype.len != 0) ==
         1);
    MUST((request.proof_kind == CARNET_PROOF_NONE) == (request.proof_count == 0));
    MUST(request.proof_count <= CARNET_PROOFS_MAX);
    MUST(carnet_credential_request_build(&request, &out, NULL) == CARNET_OK);
    if (out.len <= CARNET_CREDENTIAL_REQUEST_MAX) {
        MUST(carnet_credential_request_open(carnet_buf_str(&out), &crypto, &second, NULL) == CARNET_OK);
        MUST(second.proof_kind == request.proof_kind && second.proof_count == request.proof_count);
        MUST(second.encryption.wanted == request.encryption.wanted && second.dehydrated == request.dehydrated);
        carnet_credential_request_done(&second);
    }
    carnet_credential_request_done(&request);
    return 0;
}
