/* SPDX-License-Identifier: Apache-2.0 */
/* What a reader asks: DeviceRequest and its parts (18013-5 10.2, 12.5, 12.6; 18013-7 A.5, C). */
#include "carnet/doctype.h"
#include "inspect.h"

#include <string.h>

/* --- ItemsRequest --- */

static void
requested_done(inspect *in, inspect_node *node)
{
    (void)in;
    if (node->kind == INSPECT_BOOL) {
        inspect_note(node, INSPECT_PLAIN, strcmp(node->value, "true") == 0 ? "will be kept" : "will not be kept");
    }
}

static void
items_done(inspect *in, inspect_node *node)
{
    unsigned ages = 0, elements = 0;
    const inspect_node *spaces = inspect_child(node, "nameSpaces"), *doc_type = inspect_child(node, "docType");

    (void)in;
    for (inspect_node *space = spaces != NULL ? spaces->first : NULL; space != NULL; space = space->next) {
        if (space->first == NULL) {
            inspect_odd(space, "a name space without elements");
        }
        for (const inspect_node *e = space->first; e != NULL; e = e->next) {
            ages += e->raw.ptr != NULL && carnet_age_over(e->raw) >= 0;
            elements++;
        }
    }
    if (spaces != NULL && spaces->first == NULL) {
        inspect_odd(node, "no name space is asked for");
    }
    if (ages > 2) {
        inspect_odd(node, "more than two age_over_NN are asked for");
    }
    if (doc_type != NULL && doc_type->kind == INSPECT_TSTR) {
        node->brief =
            inspect_format("ItemsRequest, %s, %u element%s", doc_type->value, elements, elements == 1 ? "" : "s");
        if (doc_type->content.len == 0) {
            inspect_odd(node, "an empty docType");
        }
    }
}

static const inspect_shape requested = { .types = INSPECT_BOOL, .done = requested_done };
static const inspect_shape requested_elements = { .types = INSPECT_MAP, .others = &requested };
static const inspect_shape requested_spaces = { .types = INSPECT_MAP, .others = &requested_elements };
static const inspect_member reference_members[] = {
    INSPECT_REQUIRED("name space", &inspect_tstr),
    INSPECT_REQUIRED("element", &inspect_tstr),
};
static const inspect_shape reference = { .types = INSPECT_ARRAY, INSPECT_MEMBERS(reference_members), .row = true };
static const inspect_shape reference_set = { .types = INSPECT_ARRAY, .entry = &reference };
static const inspect_shape reference_sets = { .types = INSPECT_ARRAY, .entry = &reference_set };
static const inspect_member alternative_members[] = {
    INSPECT_REQUIRED("requestedElement", &reference),
    INSPECT_REQUIRED("alternativeElementSets", &reference_sets),
};
static const inspect_shape alternative = { .types = INSPECT_MAP, INSPECT_MEMBERS(alternative_members) };
static const inspect_shape alternatives = { .types = INSPECT_ARRAY, .entry = &alternative };
static const inspect_shape bytes_list = { .types = INSPECT_ARRAY, .entry = &inspect_bstr };
static const inspect_member zk_spec_members[] = {
    INSPECT_REQUIRED("zkSystemId", &inspect_tstr),
    INSPECT_REQUIRED("system", &inspect_tstr),
    INSPECT_OPTIONAL("params", NULL),
};
static const inspect_shape zk_spec = { .types = INSPECT_MAP, INSPECT_MEMBERS(zk_spec_members), .open = true };
static const inspect_shape zk_specs = { .types = INSPECT_ARRAY, .entry = &zk_spec };
static const inspect_member zk_members[] = {
    INSPECT_REQUIRED("systemSpecs", &zk_specs),
    INSPECT_OPTIONAL("zkRequired", &inspect_bool),
};
static const inspect_shape zk_request = { .types = INSPECT_MAP, INSPECT_MEMBERS(zk_members), .open = true };
static const inspect_member encryption_members[] = {
    INSPECT_REQUIRED("recipientPublicKey", &inspect_cose_key),
    INSPECT_OPTIONAL("nonce", &inspect_bstr),
    INSPECT_OPTIONAL("recipientCertificate", &bytes_list),
};
const inspect_shape inspect_encryption_parameters = { .is = "EncryptionParameters",
                                                      .types = INSPECT_MAP,
                                                      INSPECT_MEMBERS(encryption_members) };
const inspect_shape inspect_encryption_parameters_bytes = { .is = "EncryptionParametersBytes",
                                                            .types = INSPECT_EMBEDDED,
                                                            .inside = &inspect_encryption_parameters };
static const inspect_member info_members[] = {
    INSPECT_OPTIONAL("alternativeDataElements", &alternatives),
    INSPECT_OPTIONAL("issuerIdentifiers", &bytes_list),
    INSPECT_OPTIONAL("uniqueDocSetRequired", &inspect_bool),
    INSPECT_OPTIONAL("maximumResponseSize", &inspect_uint),
    INSPECT_OPTIONAL("zkRequest", &zk_request),
    INSPECT_OPTIONAL("docResponseEncryption", &inspect_encryption_parameters_bytes),
};
static const inspect_shape info = { .is = "DocRequestInfo", .types = INSPECT_MAP, INSPECT_MEMBERS(info_members) };
static const inspect_member items_members[] = {
    INSPECT_REQUIRED("docType", &inspect_tstr),
    INSPECT_REQUIRED("nameSpaces", &requested_spaces),
    INSPECT_OPTIONAL("requestInfo", &info),
};
const inspect_shape inspect_items_request = {
    .is = "ItemsRequest", .types = INSPECT_MAP, INSPECT_MEMBERS(items_members), .done = items_done
};
const inspect_shape inspect_items_request_bytes = { .is = "ItemsRequestBytes",
                                                    .types = INSPECT_EMBEDDED,
                                                    .inside = &inspect_items_request };

/* --- DeviceRequest --- */

static void
request_done(inspect *in, inspect_node *node)
{
    const inspect_node *version = inspect_child(node, "version"), *docs = inspect_child(node, "docRequests");
    bool later = inspect_child(node, "deviceRequestInfo") != NULL || inspect_child(node, "readerAuthAll") != NULL ||
                 inspect_child(node, "macKeys") != NULL;

    (void)in;
    if (docs != NULL && docs->first == NULL) {
        inspect_odd(node, "nothing is asked for");
    }
    if (version == NULL || version->kind != INSPECT_TSTR) {
        return;
    }
    if (strcmp(version->value, "\"1.0\"") == 0 && later) {
        inspect_odd(node, "version 1.0 with a member of version 1.1");
    } else if (strcmp(version->value, "\"1.1\"") == 0 && !later) {
        inspect_odd(node, "version 1.1 without a member of version 1.1");
    } else if (strcmp(version->value, "\"1.0\"") != 0 && strcmp(version->value, "\"1.1\"") != 0) {
        inspect_odd(node, "a version other than 1.0 and 1.1");
    }
}

static const inspect_name purposes[] = { { 1, "identity" }, { 2, "driving privilege" }, { 3, "age" }, { 0, NULL } };
static const inspect_shape purpose = { .types = INSPECT_INT, .names = purposes };
static const inspect_member hint_members[] = { INSPECT_OPTIONAL("org.iso.jtc1.sc17", &purpose) };
static const inspect_shape hints = { .types = INSPECT_MAP, INSPECT_MEMBERS(hint_members), .others = &inspect_int };
static const inspect_shape index_set = { .types = INSPECT_ARRAY, .entry = &inspect_uint };
static const inspect_shape index_sets = { .types = INSPECT_ARRAY, .entry = &index_set };
static const inspect_member use_case_members[] = {
    INSPECT_REQUIRED("mandatory", &inspect_bool),
    INSPECT_REQUIRED("documentSets", &index_sets),
    INSPECT_OPTIONAL("purposeHints", &hints),
};
static const inspect_shape use_case = { .is = "UseCase", .types = INSPECT_MAP, INSPECT_MEMBERS(use_case_members) };
static const inspect_shape use_cases = { .types = INSPECT_ARRAY, .entry = &use_case };
static const inspect_member request_info_members[] = { INSPECT_OPTIONAL("useCases", &use_cases) };
static const inspect_shape request_info = { .is = "DeviceRequestInfo",
                                            .types = INSPECT_MAP,
                                            INSPECT_MEMBERS(request_info_members) };
static const inspect_shape request_info_bytes = { .is = "DeviceRequestInfoBytes",
                                                  .types = INSPECT_EMBEDDED | INSPECT_NULL,
                                                  .inside = &request_info };
static const inspect_shape signature_list = { .types = INSPECT_ARRAY, .entry = &inspect_cose_sign1 };
static const inspect_shape key_list = { .types = INSPECT_ARRAY, .entry = &inspect_cose_key };
static const inspect_member doc_request_members[] = {
    INSPECT_REQUIRED("itemsRequest", &inspect_items_request_bytes),
    INSPECT_OPTIONAL("readerAuth", &inspect_cose_sign1),
};
const inspect_shape inspect_doc_request = { .is = "DocRequest",
                                            .types = INSPECT_MAP,
                                            INSPECT_MEMBERS(doc_request_members) };
static const inspect_shape doc_requests = { .types = INSPECT_ARRAY, .entry = &inspect_doc_request };
static const inspect_member request_members[] = {
    INSPECT_REQUIRED("version", &inspect_tstr),
    INSPECT_REQUIRED("docRequests", &doc_requests),
    INSPECT_OPTIONAL("deviceRequestInfo", &request_info_bytes),
    INSPECT_OPTIONAL("readerAuthAll", &signature_list),
    INSPECT_OPTIONAL("macKeys", &key_list),
};
const inspect_shape inspect_device_request = {
    .is = "DeviceRequest", .types = INSPECT_MAP, INSPECT_MEMBERS(request_members), .done = request_done
};

/* --- what a reader signs --- */

static const inspect_member authentication_members[] = {
    INSPECT_REQUIRED("context", &inspect_tstr),
    INSPECT_REQUIRED("SessionTranscript", &inspect_session_transcript),
    INSPECT_REQUIRED("ItemsRequestBytes", &inspect_items_request_bytes),
};
const inspect_shape inspect_reader_authentication = {
    .is = "ReaderAuthentication", .types = INSPECT_ARRAY, INSPECT_MEMBERS(authentication_members), .row = true
};
const inspect_shape inspect_reader_authentication_bytes = { .is = "ReaderAuthenticationBytes",
                                                            .types = INSPECT_EMBEDDED,
                                                            .inside = &inspect_reader_authentication };
static const inspect_shape items_list = { .types = INSPECT_ARRAY, .entry = &inspect_items_request_bytes };
static const inspect_member authentication_all_members[] = {
    INSPECT_REQUIRED("context", &inspect_tstr),
    INSPECT_REQUIRED("SessionTranscript", &inspect_session_transcript),
    INSPECT_REQUIRED("ItemsRequestBytes", &items_list),
    INSPECT_REQUIRED("DeviceRequestInfoBytes", &request_info_bytes),
};
const inspect_shape inspect_reader_authentication_all = {
    .is = "ReaderAuthenticationAll", .types = INSPECT_ARRAY, INSPECT_MEMBERS(authentication_all_members), .row = true
};

/* --- the Digital Credentials API --- */

static const inspect_member encryption_info_members[] = {
    INSPECT_REQUIRED("protocol", &inspect_tstr),
    INSPECT_REQUIRED("parameters", &inspect_encryption_parameters),
};
const inspect_shape inspect_encryption_info = {
    .is = "EncryptionInfo", .types = INSPECT_ARRAY, INSPECT_MEMBERS(encryption_info_members), .row = true
};
static const inspect_member encrypted_members[] = {
    INSPECT_REQUIRED("enc", &inspect_bstr),
    INSPECT_REQUIRED("cipherText", &inspect_bstr),
};
static const inspect_shape encrypted = { .types = INSPECT_MAP, INSPECT_MEMBERS(encrypted_members) };
static const inspect_member encrypted_response_members[] = {
    INSPECT_REQUIRED("protocol", &inspect_tstr),
    INSPECT_REQUIRED("response", &encrypted),
};
const inspect_shape inspect_encrypted_response = {
    .is = "EncryptedResponse", .types = INSPECT_ARRAY, INSPECT_MEMBERS(encrypted_response_members), .row = true
};
