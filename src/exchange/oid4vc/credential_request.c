/* SPDX-License-Identifier: Apache-2.0 */
/* Credential requests, immediate and deferred (OpenID4VCI 8.2, 9.1). */
#include "carnet/credential_request.h"
#include "internal.h"

#include <stddef.h>

#define CLAUSE "OpenID4VCI 8.2"

static const carnet_path proofs_path = CARNET_MESSAGE_STEP(NULL, "proofs");
static const carnet_message_place request_place = { CARNET_E_OID4VCI_REQUEST, CLAUSE, NULL, false };
static const carnet_message_place proofs_place = { CARNET_E_OID4VCI_PROOF, CLAUSE, &proofs_path, false };

static const carnet_message_text texts[] = {
    { "credential_identifier", offsetof(carnet_credential_request, credential_identifier), false, false },
    { "credential_configuration_id", offsetof(carnet_credential_request, credential_configuration_id), false, false },
};

static const char *
kind_name(carnet_proof_kind kind)
{
    return kind == CARNET_PROOF_JWT ? "jwt" : "attestation";
}

static carnet_rc
check_request(const carnet_credential_request *request, carnet_err *err)
{
    const bool identified = request->credential_identifier.len != 0,
               configured = request->credential_configuration_id.len != 0;

    if (identified ? configured : !configured && request->doctype.len == 0)
        return carnet_message_refuse(&request_place, NULL,
                                     "it must have credential_identifier or credential_configuration_id", err);
    if (request->proof_kind == CARNET_PROOF_ATTESTATION && request->proof_count != 1)
        return carnet_message_refuse(&proofs_place, "attestation", "there must be exactly one", err);
    return CARNET_OK;
}

static carnet_rc
read_proof_list(const carnet_json *proofs, carnet_credential_request *request, carnet_err *err)
{
    carnet_json_member member = { 0 };
    carnet_path step = { .up = &proofs_path };
    const carnet_message_place place = { CARNET_E_OID4VCI_PROOF, CLAUSE, &step, false };

    if (carnet_json_count(proofs) != 1 || !carnet_json_next(proofs, &member))
        return carnet_message_refuse(&proofs_place, NULL, "it must have exactly one member", err);
    if (!carnet_str_is(member.name, "jwt") && !carnet_str_is(member.name, "attestation"))
        return carnet_message_refuse(&proofs_place, NULL, "this type of proof is not taken", err);
    request->proof_kind = carnet_str_is(member.name, "jwt") ? CARNET_PROOF_JWT : CARNET_PROOF_ATTESTATION;
    step.name = carnet_str_of(kind_name(request->proof_kind));
    return carnet_message_read_list(member.value, &place, false, request->proofs, CARNET_PROOFS_MAX,
                                    &request->proof_count, err);
}

/* `proof`, as drafts before 1.0 had it: {"proof_type":"jwt","jwt":"..."}. */
static carnet_rc
read_one_proof(const carnet_json *proof, carnet_credential_request *request, carnet_err *err)
{
    const carnet_path path = { .name = carnet_str_of("proof") };
    const carnet_message_place place = { CARNET_E_OID4VCI_PROOF, CLAUSE, &path, false };
    const carnet_str type = carnet_json_string(carnet_json_get(proof, "proof_type"));

    if (!carnet_str_is(type, "jwt") && !carnet_str_is(type, "attestation"))
        return carnet_message_refuse(&place, "proof_type", "this type of proof is not taken", err);
    request->proof_kind = carnet_str_is(type, "jwt") ? CARNET_PROOF_JWT : CARNET_PROOF_ATTESTATION;
    request->proofs[0] = carnet_json_string(carnet_json_get(proof, kind_name(request->proof_kind)));
    request->proof_count = 1;
    return request->proofs[0].len != 0
               ? CARNET_OK
               : carnet_message_refuse(&place, kind_name(request->proof_kind), "this member is missing", err);
}

static carnet_rc
read_proofs(const carnet_json *document, carnet_credential_request *request, carnet_err *err)
{
    const carnet_json *proofs, *proof;
    carnet_rc rc = carnet_message_get(document, "proofs", CARNET_JSON_OBJECT, &request_place, &proofs, err);

    if (rc == CARNET_OK)
        rc = carnet_message_get(document, "proof", CARNET_JSON_OBJECT, &request_place, &proof, err);
    if (rc != CARNET_OK || (proofs == NULL && proof == NULL))
        return rc;
    if (proofs != NULL && proof != NULL)
        return carnet_message_refuse(&request_place, "proof", "it stands beside proofs", err);
    return proofs != NULL ? read_proof_list(proofs, request, err) : read_one_proof(proof, request, err);
}

/* As drafts before 15 ask; where there is an identifier, these are members that are not known. */
static void
read_doctype(const carnet_json *document, carnet_credential_request *request)
{
    if (request->credential_identifier.len == 0 && request->credential_configuration_id.len == 0 &&
        carnet_str_is(carnet_json_string(carnet_json_get(document, "format")), "mso_mdoc"))
        request->doctype = carnet_json_string(carnet_json_get(document, "doctype"));
}

/* iso_23220_3: {"dehydrated": true}; anything else says nothing. */
static bool
read_dehydrated(const carnet_json *document)
{
    return carnet_json_bool(carnet_json_get(carnet_json_get(document, "iso_23220_3"), "dehydrated"));
}

carnet_rc
carnet_credential_request_open(carnet_str json, carnet_crypto *crypto, carnet_credential_request *request,
                               carnet_err *err)
{
    carnet_rc rc;

    *request = (carnet_credential_request){ 0 };
    rc = carnet_message_parse(json, CARNET_CREDENTIAL_REQUEST_MAX, &request_place, &request->document, err);
    if (rc == CARNET_OK)
        rc = carnet_message_read_texts(request->document, texts, CARNET_COUNT(texts), &request_place, request, err);
    if (rc == CARNET_OK) {
        read_doctype(request->document, request);
        rc = read_proofs(request->document, request, err);
    }
    if (rc == CARNET_OK)
        rc = check_request(request, err);
    if (rc == CARNET_OK)
        rc = carnet_credential_response_encryption_read(request->document, crypto, &request->encryption, err);
    if (rc == CARNET_OK)
        request->dehydrated = read_dehydrated(request->document);
    else
        carnet_credential_request_done(request);
    return rc;
}

void
carnet_credential_request_done(carnet_credential_request *request)
{
    carnet_json_free(&request->document);
    *request = (carnet_credential_request){ 0 };
}

static void
add_proofs(carnet_json_builder *b, const carnet_credential_request *request)
{
    if (request->proof_kind == CARNET_PROOF_NONE)
        return;
    if (request->doctype.len != 0 && request->proof_count == 1) {
        carnet_json_object_begin(b, "proof");
        carnet_json_add_text(b, "proof_type", kind_name(request->proof_kind));
        carnet_json_add_string(b, kind_name(request->proof_kind), request->proofs[0]);
        carnet_json_object_end(b);
        return;
    }
    carnet_json_object_begin(b, "proofs");
    carnet_json_array_begin(b, kind_name(request->proof_kind));
    for (size_t i = 0; i < request->proof_count; i++)
        carnet_json_add_string(b, NULL, request->proofs[i]);
    carnet_json_array_end(b);
    carnet_json_object_end(b);
}

carnet_rc
carnet_credential_request_build(const carnet_credential_request *request, carnet_buf *out, carnet_err *err)
{
    const size_t start = out->len;
    carnet_json_builder b = carnet_json_build(out);
    carnet_rc rc = check_request(request, err);

    if (rc == CARNET_OK && request->doctype.len != 0 &&
        request->credential_identifier.len + request->credential_configuration_id.len != 0)
        rc = carnet_message_refuse(&request_place, "doctype", "it stands beside an identifier", err);
    if (rc == CARNET_OK && request->proof_kind != CARNET_PROOF_NONE &&
        (request->proof_count == 0 || request->proof_count > CARNET_PROOFS_MAX))
        rc = carnet_message_refuse(&proofs_place, NULL, "there are none, or too many", err);
    if (rc != CARNET_OK)
        return rc;
    carnet_json_object_begin(&b, NULL);
    carnet_message_add_texts(&b, texts, CARNET_COUNT(texts), request);
    if (request->doctype.len != 0) {
        carnet_json_add_text(&b, "format", "mso_mdoc");
        carnet_json_add_string(&b, "doctype", request->doctype);
    }
    add_proofs(&b, request);
    carnet_credential_response_encryption_add(&b, &request->encryption);
    if (request->dehydrated)
        carnet_json_add_raw(&b, "iso_23220_3", carnet_str_of("{\"dehydrated\":true}"));
    carnet_json_object_end(&b);
    return carnet_message_built(&b, out, start, err);
}

carnet_rc
carnet_credential_encryption_check(const carnet_credential_encryption *request_rule,
                                   const carnet_credential_encryption *response_rule, bool was_encrypted,
                                   const carnet_credential_response_encryption *response, carnet_err *err)
{
    static const carnet_message_place place = { CARNET_E_OID4VCI_ENCRYPTION, "OpenID4VCI 10", NULL, false };
    static const char member[] = "credential_response_encryption";

    if (request_rule->required && !was_encrypted)
        return carnet_message_refuse(&place, NULL, "the request must be encrypted", err);
    if (response_rule->required && !response->wanted)
        return carnet_message_refuse(&place, member, "the response must be encrypted", err);
    if (!response->wanted)
        return CARNET_OK;
    if (!response_rule->supported)
        return carnet_message_refuse(&place, member, "responses are not encrypted here", err);
    if ((carnet_credential_content_bit(response->content) & response_rule->content) == 0)
        return carnet_message_refuse(&place, member, "this content encryption was not announced", err);
    return CARNET_OK;
}

/* --- deferred --- */

static const carnet_message_place deferred_place = { CARNET_E_OID4VCI_REQUEST, "OpenID4VCI 9.1", NULL, false };
static const carnet_message_text deferred_texts[] = {
    { "transaction_id", offsetof(carnet_deferred_credential_request, transaction_id), true, false },
};

carnet_rc
carnet_deferred_credential_request_open(carnet_str json, carnet_crypto *crypto,
                                        carnet_deferred_credential_request *request, carnet_err *err)
{
    carnet_rc rc;

    *request = (carnet_deferred_credential_request){ 0 };
    rc = carnet_message_parse(json, CARNET_CREDENTIAL_REQUEST_MAX, &deferred_place, &request->document, err);
    if (rc == CARNET_OK)
        rc = carnet_message_read_texts(request->document, deferred_texts, 1, &deferred_place, request, err);
    if (rc == CARNET_OK)
        rc = carnet_credential_response_encryption_read(request->document, crypto, &request->encryption, err);
    if (rc != CARNET_OK)
        carnet_deferred_credential_request_done(request);
    return rc;
}

void
carnet_deferred_credential_request_done(carnet_deferred_credential_request *request)
{
    carnet_json_free(&request->document);
    *request = (carnet_deferred_credential_request){ 0 };
}

carnet_rc
carnet_deferred_credential_request_build(const carnet_deferred_credential_request *request, carnet_buf *out,
                                         carnet_err *err)
{
    const size_t start = out->len;
    carnet_json_builder b = carnet_json_build(out);
    carnet_rc rc = carnet_message_check_texts(deferred_texts, 1, &deferred_place, request, err);

    if (rc != CARNET_OK)
        return rc;
    carnet_json_object_begin(&b, NULL);
    carnet_message_add_texts(&b, deferred_texts, 1, request);
    carnet_credential_response_encryption_add(&b, &request->encryption);
    carnet_json_object_end(&b);
    return carnet_message_built(&b, out, start, err);
}
