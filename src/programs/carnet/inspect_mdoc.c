/* SPDX-License-Identifier: Apache-2.0 */
/* What an issuer and an mdoc send: DeviceResponse and its parts (18013-5 10.3, 12.4; 23220-3 8.1). */
#include "inspect.h"

#include <string.h>

/* --- IssuerSigned --- */

/** A moment in the MSO; false if it cannot be told. */
static bool
moment(inspect_node *mso, const char *name, inspect_node **node, carnet_time *time)
{
    const char *const names[] = { "validityInfo", name };
    unsigned odd;

    *node = inspect_at(mso, names, CARNET_COUNT(names));
    return *node != NULL && carnet_time_parse((carnet_str){ (const char *)(*node)->content.ptr, (*node)->content.len },
                                              time, &odd, NULL) == CARNET_OK;
}

/** The MSO's times against those of the certificate that came with it. */
static void
compare_times(inspect_node *mso, carnet_span der)
{
    carnet_certificate c;
    inspect_node *node;
    carnet_time time;

    if (carnet_certificate_open(der, &c, NULL) != CARNET_OK) {
        return;
    }
    if (moment(mso, "validUntil", &node, &time) && time > c.not_after) {
        inspect_odd(node, "after the end of the signer's certificate");
    }
    if (moment(mso, "signed", &node, &time) && (time < c.not_before || time > c.not_after)) {
        inspect_odd(node, "outside the validity of the signer's certificate");
    }
}

/** The chain in one of the buckets, or NULL. */
static const inspect_node *
chain_of(const inspect_node *issuer_auth)
{
    const inspect_node *bucket = issuer_auth->first, *chain = NULL;

    for (size_t i = 0; i < 2 && bucket != NULL && chain == NULL; i++, bucket = bucket->next) {
        chain = inspect_child_at(bucket, 33);
    }
    return chain;
}

static void
issuer_signed_done(inspect *in, inspect_node *node)
{
    static const char *const payload[] = { "issuerAuth", "payload" };
    const inspect_node *content = inspect_at(node, payload, CARNET_COUNT(payload));
    inspect_node *issuer_auth = inspect_child(node, "issuerAuth");
    const inspect_node *chain;

    inspect_compare_digests(in, node);
    if (issuer_auth == NULL) {
        return;
    }
    if (content != NULL && content->first != NULL && strcmp(content->first->name, "MobileSecurityObject") == 0) {
        inspect_odd(issuer_auth, "the MobileSecurityObject in the payload lacks its tag 24");
    } else if (content != NULL && content->first == NULL) {
        inspect_odd(issuer_auth, "the payload is no MobileSecurityObjectBytes");
    }
    chain = chain_of(issuer_auth);
    if (chain == NULL) {
        inspect_odd(issuer_auth, "no certificate comes with it (x5chain)");
    } else if (content != NULL && content->first != NULL) {
        chain = chain->kind == INSPECT_ARRAY && chain->first != NULL ? chain->first : chain;
        compare_times(content->first, chain->content);
    }
}

static const inspect_member issuer_signed_members[] = {
    INSPECT_OPTIONAL("nameSpaces", &inspect_issuer_name_spaces),
    INSPECT_REQUIRED("issuerAuth", &inspect_cose_sign1),
};
const inspect_shape inspect_issuer_signed = {
    .is = "IssuerSigned", .types = INSPECT_MAP, INSPECT_MEMBERS(issuer_signed_members), .done = issuer_signed_done
};

/* --- dehydrated: items without values, values apart --- */

static void
dehydrated_done(inspect *in, inspect_node *node)
{
    (void)node;
    in->digests = NULL; /* its digests are of items that have their values */
}

static const inspect_member dehydrated_members[] = {
    INSPECT_OPTIONAL("dataIdentifier", &inspect_tstr),
    INSPECT_OPTIONAL("nameSpaces", &inspect_issuer_name_spaces),
    INSPECT_OPTIONAL("nameSpacesDehydrated", &inspect_issuer_name_spaces),
    INSPECT_OPTIONAL("digestIdMapping", NULL),
    INSPECT_OPTIONAL("accessControlProfiles", NULL),
    INSPECT_REQUIRED("issuerAuth", &inspect_cose_sign1),
};
const inspect_shape inspect_dehydrated = {
    .is = "IssuerSignedDehydrated", .types = INSPECT_MAP, INSPECT_MEMBERS(dehydrated_members), .done = dehydrated_done
};
const inspect_shape inspect_dehydrated_list = { .is = "IssuerSignedDehydrated list",
                                                .types = INSPECT_ARRAY,
                                                .entry = &inspect_dehydrated };

static void
spaced_element_done(inspect *in, inspect_node *node)
{
    const inspect_node *name = inspect_child(node, "name");
    inspect_node *value = inspect_child(node, "value");

    name = name != NULL ? name : inspect_child(node, "elementIdentifier");
    value = value != NULL ? value : inspect_child(node, "elementValue");
    if (name == NULL || value == NULL || name->kind != INSPECT_TSTR || value->offset == CARNET_NO_OFFSET ||
        node->up == NULL) {
        return;
    }
    inspect_element(in, value, node->up->raw, (carnet_str){ (const char *)name->content.ptr, name->content.len },
                    carnet_span_of(in->base.ptr + value->offset, value->length));
    node->name = inspect_format(
        "%s %s", node->name, inspect_safe((carnet_str){ (const char *)name->content.ptr, name->content.len }, false));
    node->brief = value->value;
}

static const inspect_shape spaced_element = { .types = INSPECT_MAP, .done = spaced_element_done };
static const inspect_shape spaced_list = { .types = INSPECT_ARRAY, .entry = &spaced_element };
static const inspect_shape spaced_map = { .types = INSPECT_MAP, .others = &spaced_list };
static const inspect_member spaced_members[] = {
    INSPECT_OPTIONAL("dataIdentifier", &inspect_tstr),
    INSPECT_OPTIONAL("namespaces", &spaced_map),
    INSPECT_OPTIONAL("nameSpaces", &spaced_map),
    INSPECT_OPTIONAL("provisionedData", &spaced_map),
};
const inspect_shape inspect_name_spaced_data = { .is = "NameSpacedData",
                                                 .types = INSPECT_MAP,
                                                 INSPECT_MEMBERS(spaced_members) };

/* --- DeviceSigned --- */

static void
device_element_done(inspect *in, inspect_node *node)
{
    if (node->up != NULL && node->raw.ptr != NULL && node->offset != CARNET_NO_OFFSET) {
        inspect_element(in, node, node->up->raw, node->raw, carnet_span_of(in->base.ptr + node->offset, node->length));
    }
}

static void
device_auth_done(inspect *in, inspect_node *node)
{
    (void)in;
    if ((inspect_child(node, "deviceSignature") == NULL) == (inspect_child(node, "deviceMac") == NULL)) {
        inspect_odd(node, "exactly one of deviceSignature and deviceMac is due");
    }
}

static const inspect_shape device_element = { .done = device_element_done };
static const inspect_shape device_elements = { .types = INSPECT_MAP, .others = &device_element };
static const inspect_shape device_name_spaces = { .is = "DeviceNameSpaces",
                                                  .types = INSPECT_MAP,
                                                  .others = &device_elements };
static const inspect_shape device_name_spaces_bytes = { .is = "DeviceNameSpacesBytes",
                                                        .types = INSPECT_EMBEDDED,
                                                        .inside = &device_name_spaces };
static const inspect_member device_auth_members[] = {
    INSPECT_OPTIONAL("deviceSignature", &inspect_cose_sign1),
    INSPECT_OPTIONAL("deviceMac", &inspect_cose_mac0),
};
const inspect_shape inspect_device_auth = {
    .is = "DeviceAuth", .types = INSPECT_MAP, INSPECT_MEMBERS(device_auth_members), .done = device_auth_done
};
static const inspect_member device_signed_members[] = {
    INSPECT_REQUIRED("nameSpaces", &device_name_spaces_bytes),
    INSPECT_REQUIRED("deviceAuth", &inspect_device_auth),
};
const inspect_shape inspect_device_signed = { .is = "DeviceSigned",
                                              .types = INSPECT_MAP,
                                              INSPECT_MEMBERS(device_signed_members) };
static const inspect_member authentication_members[] = {
    INSPECT_REQUIRED("context", &inspect_tstr),
    INSPECT_REQUIRED("SessionTranscript", &inspect_session_transcript),
    INSPECT_REQUIRED("docType", &inspect_tstr),
    INSPECT_REQUIRED("DeviceNameSpacesBytes", &device_name_spaces_bytes),
};
const inspect_shape inspect_device_authentication = {
    .is = "DeviceAuthentication", .types = INSPECT_ARRAY, INSPECT_MEMBERS(authentication_members), .row = true
};
const inspect_shape inspect_device_authentication_bytes = { .is = "DeviceAuthenticationBytes",
                                                            .types = INSPECT_EMBEDDED,
                                                            .inside = &inspect_device_authentication };

/* --- Document --- */

static bool
same_text(const inspect_node *a, const inspect_node *b)
{
    return a == NULL || b == NULL || carnet_span_equal(a->content, b->content);
}

static void
document_done(inspect *in, inspect_node *node)
{
    static const char *const payload[] = { "issuerSigned", "issuerAuth", "payload" };
    const inspect_node *doc_type = inspect_child(node, "docType");
    const inspect_node *content = inspect_at(node, payload, CARNET_COUNT(payload));

    (void)in;
    if (doc_type == NULL) {
        return;
    }
    node->brief = inspect_format("Document, %s", doc_type->value);
    if (content != NULL && content->first != NULL && !same_text(doc_type, inspect_child(content->first, "docType"))) {
        inspect_odd(node, "docType is not the one that the issuer signed");
    }
}

static const inspect_name error_codes[] = { { 0, "data not returned" }, { 0, NULL } };
static const inspect_shape error_code = { .types = INSPECT_INT, .names = error_codes };
static const inspect_shape error_items = { .types = INSPECT_MAP, .others = &error_code };
static const inspect_shape errors = { .is = "Errors", .types = INSPECT_MAP, .others = &error_items };
static const inspect_member document_members[] = {
    INSPECT_REQUIRED("docType", &inspect_tstr),
    INSPECT_REQUIRED("issuerSigned", &inspect_issuer_signed),
    INSPECT_REQUIRED("deviceSigned", &inspect_device_signed),
    INSPECT_OPTIONAL("errors", &errors),
};
const inspect_shape inspect_document = {
    .is = "Document", .types = INSPECT_MAP, INSPECT_MEMBERS(document_members), .done = document_done
};

/* --- DeviceResponse --- */

static const inspect_name statuses[] = {
    { 0, "OK" }, { 10, "general error" }, { 11, "CBOR decoding error" }, { 12, "CBOR validation error" }, { 0, NULL }
};

static void
response_done(inspect *in, inspect_node *node)
{
    const inspect_node *status = inspect_child(node, "status"), *version = inspect_child(node, "version");
    inspect_node *documents = inspect_child(node, "documents");

    (void)in;
    if (documents != NULL && documents->first == NULL) {
        inspect_odd(documents, "an empty list, where the member is left out");
    }
    if (documents != NULL && status != NULL && status->kind == INSPECT_UINT && status->integer != 0) {
        inspect_odd(node, "documents beside an error status");
    }
    if (version != NULL && version->kind == INSPECT_TSTR && strcmp(version->value, "\"1.0\"") != 0) {
        inspect_odd(node, "a version other than 1.0");
    }
}

static const inspect_shape status_code = { .types = INSPECT_UINT, .names = statuses };
static const inspect_shape document_list = { .types = INSPECT_ARRAY, .entry = &inspect_document };
static const inspect_shape document_error = { .types = INSPECT_MAP, .others = &error_code };
static const inspect_shape document_errors = { .types = INSPECT_ARRAY, .entry = &document_error };
static const inspect_member response_members[] = {
    INSPECT_REQUIRED("version", &inspect_tstr),
    INSPECT_OPTIONAL("documents", &document_list),
    INSPECT_OPTIONAL("zkDocuments", NULL),
    INSPECT_OPTIONAL("encryptedDocuments", NULL),
    INSPECT_OPTIONAL("documentErrors", &document_errors),
    INSPECT_REQUIRED("status", &status_code),
};
const inspect_shape inspect_device_response = {
    .is = "DeviceResponse", .types = INSPECT_MAP, INSPECT_MEMBERS(response_members), .done = response_done
};

static void
wrapped_done(inspect *in, inspect_node *node)
{
    (void)in;
    inspect_odd(node, "the whole response is wrapped in #6.24(bstr)");
}

const inspect_shape inspect_device_response_bytes = {
    .is = "DeviceResponse", .types = INSPECT_EMBEDDED, .inside = &inspect_device_response, .done = wrapped_done
};

/* --- DrivingPrivileges --- */

static const inspect_member code_members[] = {
    INSPECT_REQUIRED("code", &inspect_tstr),
    INSPECT_OPTIONAL("sign", &inspect_tstr),
    INSPECT_OPTIONAL("value", &inspect_tstr),
};
static const inspect_shape code = { .types = INSPECT_MAP, INSPECT_MEMBERS(code_members) };
static const inspect_shape codes = { .types = INSPECT_ARRAY, .entry = &code };
static const inspect_member privilege_members[] = {
    INSPECT_REQUIRED("vehicle_category_code", &inspect_tstr),
    INSPECT_OPTIONAL("issue_date", &inspect_full_date),
    INSPECT_OPTIONAL("expiry_date", &inspect_full_date),
    INSPECT_OPTIONAL("codes", &codes),
};
static const inspect_shape privilege = { .is = "DrivingPrivilege",
                                         .types = INSPECT_MAP,
                                         INSPECT_MEMBERS(privilege_members) };
const inspect_shape inspect_driving_privileges = { .is = "DrivingPrivileges",
                                                   .types = INSPECT_ARRAY,
                                                   .entry = &privilege };
