/* SPDX-License-Identifier: Apache-2.0 */
/* Engagement, session, transcript (18013-5 9.1, 12.2; 18013-7 A; handovers of OpenID4VP and the DC API). */
#include "carnet/session.h"
#include "inspect.h"

#include <string.h>

/* --- retrieval methods --- */

static const inspect_name method_types[] = {
    { 1, "NFC" }, { 2, "Bluetooth Low Energy" }, { 3, "Wi-Fi Aware" }, { 4, "website (REST)" }, { 0, NULL }
};
static const inspect_shape method_type = { .types = INSPECT_INT, .names = method_types };
static const inspect_shape uuid = { .types = INSPECT_BSTR };

static const inspect_member nfc_members[] = {
    INSPECT_LABEL(0, "max command data", &inspect_uint),
    INSPECT_LABEL(1, "max response data", &inspect_uint),
};
static const inspect_member ble_members[] = {
    INSPECT_LABEL(0, "peripheral server mode", &inspect_bool), INSPECT_LABEL(1, "central client mode", &inspect_bool),
    INSPECT_LABEL_OPT(10, "peripheral server UUID", &uuid),    INSPECT_LABEL_OPT(11, "central client UUID", &uuid),
    INSPECT_LABEL_OPT(20, "address", &inspect_bstr),           INSPECT_LABEL_OPT(21, "L2CAP PSM", &inspect_uint),
};
static const inspect_member wifi_members[] = {
    INSPECT_LABEL_OPT(0, "passphrase", &inspect_tstr),
    INSPECT_LABEL_OPT(1, "operating class", &inspect_uint),
    INSPECT_LABEL_OPT(2, "channel number", &inspect_uint),
    INSPECT_LABEL_OPT(3, "supported bands", &inspect_bstr),
};
static const inspect_member rest_members[] = { INSPECT_LABEL(0, "URI", &inspect_tstr) };

static const struct {
    const char *is;
    const inspect_member *members;
    size_t count;
} methods[] = { { NULL, NULL, 0 },
                { "NfcOptions", nfc_members, CARNET_COUNT(nfc_members) },
                { "BleOptions", ble_members, CARNET_COUNT(ble_members) },
                { "WifiOptions", wifi_members, CARNET_COUNT(wifi_members) },
                { "RestApiOptions", rest_members, CARNET_COUNT(rest_members) } };

/** Options are named once the type, which stands before them, is known. */
static void
name_options(inspect_node *options, size_t type)
{
    options->is = methods[type].is;
    for (inspect_node *o = options->first; o != NULL; o = o->next) {
        for (size_t i = 0; i < methods[type].count; i++) {
            const inspect_member *m = &methods[type].members[i];

            if (o->raw.ptr == NULL && o->number == m->key) {
                o->key = o->name;
                o->name = m->name;
                if (m->shape != NULL && (m->shape->types & o->kind) == 0) {
                    inspect_odd(o, "%s of another type than it should have", m->name);
                }
            }
        }
    }
    for (size_t i = 0; i < methods[type].count; i++) {
        if (methods[type].members[i].required && inspect_child_at(options, methods[type].members[i].key) == NULL) {
            inspect_odd(options, "%s is missing", methods[type].members[i].name);
        }
    }
}

static bool
is_true(const inspect_node *node)
{
    return node != NULL && node->kind == INSPECT_BOOL && strcmp(node->value, "true") == 0;
}

/** A mode's UUID is there when the mode is. */
static void
check_ble(inspect_node *options)
{
    for (int64_t mode = 0; mode < 2; mode++) {
        inspect_node *id = inspect_child_at(options, 10 + mode);
        bool on = is_true(inspect_child_at(options, mode));
        const char *name = mode == 0 ? "peripheral server mode" : "central client mode";

        if (on && id == NULL) {
            inspect_odd(options, "%s without its UUID", name);
        } else if (!on && id != NULL) {
            inspect_odd(options, "a UUID for %s, which is off", name);
        }
        if (id != NULL && id->content.len == 16) {
            const uint8_t *u = id->content.ptr;

            inspect_note(id, INSPECT_PLAIN, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
                         u[0], u[1], u[2], u[3], u[4], u[5], u[6], u[7], u[8], u[9], u[10], u[11], u[12], u[13], u[14],
                         u[15]);
        } else if (id != NULL) {
            inspect_odd(id, "a UUID that has not 16 bytes");
        }
    }
}

static void
method_done(inspect *in, inspect_node *node)
{
    const inspect_node *type = node->first;
    inspect_node *options = type != NULL && type->next != NULL ? type->next->next : NULL;

    (void)in;
    if (type == NULL || type->kind != INSPECT_UINT || type->integer < 1 ||
        type->integer >= (int64_t)CARNET_COUNT(methods)) {
        return;
    }
    node->brief = type->note;
    if (options == NULL || options->kind != INSPECT_MAP) {
        return;
    }
    name_options(options, (size_t)type->integer);
    if (type->integer == 2) {
        check_ble(options);
    }
}

static const inspect_shape options = { .types = INSPECT_MAP };
static const inspect_member method_members[] = {
    INSPECT_REQUIRED("type", &method_type),
    INSPECT_REQUIRED("version", &inspect_uint),
    INSPECT_REQUIRED("options", &options),
};
static const inspect_shape method = { .is = "DeviceRetrievalMethod",
                                      .types = INSPECT_ARRAY,
                                      INSPECT_MEMBERS(method_members),
                                      .row = true,
                                      .done = method_done };

static void
method_list_done(inspect *in, inspect_node *node)
{
    (void)in;
    for (const inspect_node *a = node->first; a != NULL; a = a->next) {
        for (const inspect_node *b = a->next; b != NULL && node->length < 65536; b = b->next) {
            if (a->first != NULL && b->first != NULL && a->first->next != NULL && b->first->next != NULL &&
                a->first->integer == b->first->integer && a->first->next->integer == b->first->next->integer) {
                inspect_odd(node, "a retrieval method is there twice");
                return;
            }
        }
    }
}

static const inspect_shape method_list = { .types = INSPECT_ARRAY, .entry = &method, .done = method_list_done };

/* --- DeviceEngagement, ReaderEngagement --- */

static const inspect_name suites[] = { { 1, "ECDH, AES-256-GCM, HKDF-SHA-256" }, { 0, NULL } };
static const inspect_shape suite = { .types = INSPECT_INT, .names = suites };
static const inspect_member device_security_members[] = {
    INSPECT_REQUIRED("cipher suite", &suite),
    INSPECT_REQUIRED("EDeviceKeyBytes", &inspect_cose_key_bytes),
};
static const inspect_member reader_security_members[] = {
    INSPECT_REQUIRED("cipher suite", &suite),
    INSPECT_REQUIRED("EReaderKeyBytes", &inspect_cose_key_bytes),
};
static const inspect_shape device_security = { .types = INSPECT_ARRAY,
                                               INSPECT_MEMBERS(device_security_members),
                                               .row = true };
static const inspect_shape reader_security = { .types = INSPECT_ARRAY,
                                               INSPECT_MEMBERS(reader_security_members),
                                               .row = true };
static const inspect_name origin_types[] = { { 0, "other" }, { 1, "domain" }, { 0, NULL } };
static const inspect_shape origin_type = { .types = INSPECT_UINT, .names = origin_types };
static const inspect_member origin_members[] = {
    INSPECT_REQUIRED("cat", &inspect_uint),
    INSPECT_REQUIRED("type", &origin_type),
    INSPECT_REQUIRED("details", NULL),
};
static const inspect_shape origin = { .is = "OriginInfo", .types = INSPECT_MAP, INSPECT_MEMBERS(origin_members) };
static const inspect_shape origins = { .types = INSPECT_ARRAY, .entry = &origin };
static const inspect_shape curve = { .types = INSPECT_INT, .names = inspect_curves };
static const inspect_shape curves = { .types = INSPECT_ARRAY, .entry = &curve };
static const inspect_member capability_members[] = {
    INSPECT_LABEL_OPT(0, "MacKeysSupport", &inspect_bool),
    INSPECT_LABEL_OPT(1, "MacKeysCurves", &curves),
    INSPECT_LABEL_OPT(2, "HandoverSessionEstablishmentSupport", &inspect_bool),
    INSPECT_LABEL_OPT(3, "ReaderAuthAllSupport", &inspect_bool),
    INSPECT_LABEL_OPT(4, "ExtendedRequestSupport", &inspect_bool),
};
static const inspect_shape capabilities = { .is = "Capabilities",
                                            .types = INSPECT_MAP,
                                            INSPECT_MEMBERS(capability_members) };
static const inspect_member server_members[] = {
    INSPECT_OPTIONAL("webApi", NULL),
    INSPECT_OPTIONAL("oidc", NULL),
};
static const inspect_shape server_methods = { .types = INSPECT_MAP, INSPECT_MEMBERS(server_members) };

static void
engagement_done(inspect *in, inspect_node *node)
{
    const inspect_node *version = inspect_child_at(node, 0);
    bool later = inspect_child_at(node, 5) != NULL || inspect_child_at(node, 6) != NULL;

    (void)in;
    if (inspect_child_at(node, 6) != NULL && inspect_child_at(node, 5) == NULL) {
        inspect_odd(node, "Capabilities without OriginInfos");
    }
    if (version == NULL || version->kind != INSPECT_TSTR) {
        return;
    }
    if (strcmp(version->value, "\"1.0\"") == 0 && later) {
        inspect_odd(node, "version 1.0 with members of version 1.1");
    } else if (version->value[1] != '1' || version->value[2] != '.') {
        inspect_odd(node, "a major version not known");
    }
}

static const inspect_member device_members[] = {
    INSPECT_LABEL(0, "Version", &inspect_tstr),
    INSPECT_LABEL(1, "Security", &device_security),
    INSPECT_LABEL_OPT(2, "DeviceRetrievalMethods", &method_list),
    INSPECT_LABEL_OPT(3, "ServerRetrievalMethods", &server_methods),
    INSPECT_LABEL_OPT(4, "ProtocolInfo", NULL),
    INSPECT_LABEL_OPT(5, "OriginInfos", &origins),
    INSPECT_LABEL_OPT(6, "Capabilities", &capabilities),
};
static const inspect_member reader_members[] = {
    INSPECT_LABEL(0, "Version", &inspect_tstr),
    INSPECT_LABEL_OPT(1, "Security", &reader_security),
    INSPECT_LABEL_OPT(2, "RetrievalMethods", &method_list),
    INSPECT_LABEL_OPT(5, "OriginInfos", &origins),
};
const inspect_shape inspect_device_engagement = {
    .is = "DeviceEngagement", .types = INSPECT_MAP, INSPECT_MEMBERS(device_members), .done = engagement_done
};
const inspect_shape inspect_reader_engagement = {
    .is = "ReaderEngagement", .types = INSPECT_MAP, INSPECT_MEMBERS(reader_members), .done = engagement_done
};
const inspect_shape inspect_device_engagement_bytes = { .is = "DeviceEngagementBytes",
                                                        .types = INSPECT_EMBEDDED,
                                                        .inside = &inspect_device_engagement };
static const inspect_shape engagement_or_null = { .is = "DeviceEngagementBytes",
                                                  .types = INSPECT_EMBEDDED | INSPECT_NULL,
                                                  .inside = &inspect_device_engagement };
static const inspect_member message_members[] = { INSPECT_REQUIRED("deviceEngagementBytes",
                                                                   &inspect_device_engagement_bytes) };
const inspect_shape inspect_engagement_message = { .is = "DeviceEngagementMessage",
                                                   .types = INSPECT_MAP,
                                                   INSPECT_MEMBERS(message_members) };

/* --- session --- */

static void
status_done(inspect *in, inspect_node *node)
{
    (void)in;
    if (node->kind == INSPECT_UINT) {
        inspect_note(node, INSPECT_PLAIN, "%s", carnet_session_status_text((uint64_t)node->integer));
        if (node->integer != 10 && node->integer != 11 && node->integer != 20) {
            inspect_odd(node, "a status not known: it ends the session all the same");
        }
    }
}

static void
cipher_done(inspect *in, inspect_node *node)
{
    (void)in;
    inspect_note(node, INSPECT_PLAIN, "encrypted");
    if (node->content.len < CARNET_GCM_TAG) {
        inspect_odd(node, "shorter than the authentication tag it ends with");
    }
}

static void
data_done(inspect *in, inspect_node *node)
{
    const inspect_node *data = inspect_child(node, "data"), *status = inspect_child(node, "status");

    (void)in;
    if (data == NULL && status == NULL) {
        inspect_odd(node, "neither data nor status");
    }
    if (data != NULL && status != NULL && (status->integer == 10 || status->integer == 11)) {
        inspect_odd(node, "data beside an error status");
    }
}

static const inspect_shape session_status = { .types = INSPECT_UINT, .done = status_done };
static const inspect_shape cipher = { .types = INSPECT_BSTR, .done = cipher_done };
static const inspect_member establishment_members[] = {
    INSPECT_REQUIRED("eReaderKey", &inspect_cose_key_bytes),
    INSPECT_REQUIRED("data", &cipher),
};
const inspect_shape inspect_session_establishment = { .is = "SessionEstablishment",
                                                      .types = INSPECT_MAP,
                                                      INSPECT_MEMBERS(establishment_members) };
static const inspect_member data_members[] = {
    INSPECT_OPTIONAL("data", &cipher),
    INSPECT_OPTIONAL("status", &session_status),
};
const inspect_shape inspect_session_data = {
    .is = "SessionData", .types = INSPECT_MAP, INSPECT_MEMBERS(data_members), .done = data_done
};

/* --- SessionTranscript --- */

static void
named_handover(inspect_node *node)
{
    const inspect_node *word = node->first;

    if (word->kind == INSPECT_TSTR) {
        inspect_note(node, INSPECT_PLAIN, "%s",
                     strcmp(word->value, "\"dcapi\"") == 0                    ? "Digital Credentials API, org-iso-mdoc"
                     : strcmp(word->value, "\"OpenID4VPHandover\"") == 0      ? "OpenID4VP"
                     : strcmp(word->value, "\"OpenID4VPDCAPIHandover\"") == 0 ? "OpenID4VP, Digital Credentials API"
                     : strcmp(word->value, "\"OpenID4VCIIAEHandover\"") == 0  ? "OpenID4VCI, interactive authorisation"
                                                                              : "not known here");
    }
}

/** [Hs, Hr or null] of NFC, or the three of 18013-7 Annex B. */
static void
bytes_handover(inspect_node *node)
{
    static const char *const names[2][3] = { { "Handover Select", "Handover Request", "" },
                                             { "client_id digest", "response_uri digest", "nonce" } };
    const inspect_node *second = node->first->next;
    bool three = second->next != NULL;
    size_t i = 0;

    for (inspect_node *part = node->first; part != NULL && i < 3; part = part->next) {
        part->name = names[three][i++];
    }
    inspect_note(node, INSPECT_PLAIN, "%s",
                 three                          ? "18013-7 Annex B"
                 : second->kind == INSPECT_NULL ? "NFC static handover"
                                                : "NFC negotiated handover");
}

static void
handover_done(inspect *in, inspect_node *node)
{
    const inspect_node *second = node->first != NULL ? node->first->next : NULL;

    (void)in;
    if (node->kind == INSPECT_NULL) {
        inspect_note(node, INSPECT_PLAIN, "QR code");
    } else if (node->kind == INSPECT_BSTR) {
        inspect_note(node, INSPECT_PLAIN, "website: digest of ReaderEngagementBytes");
    } else if (node->kind == INSPECT_EMBEDDED) {
        inspect_note(node, INSPECT_PLAIN, "reader engagement, as drafts had it");
    } else if (node->kind == INSPECT_ARRAY && second != NULL && node->first->kind == INSPECT_BSTR) {
        bytes_handover(node);
    } else if (node->kind == INSPECT_ARRAY && second != NULL) {
        named_handover(node);
    }
}

static const inspect_shape handover = { .is = "Handover", .done = handover_done };
static const inspect_shape key_or_null = { .types = INSPECT_EMBEDDED | INSPECT_NULL, .inside = &inspect_cose_key };
static const inspect_member transcript_members[] = {
    INSPECT_REQUIRED("DeviceEngagementBytes", &engagement_or_null),
    INSPECT_REQUIRED("EReaderKeyBytes", &key_or_null),
    INSPECT_REQUIRED("Handover", &handover),
};
const inspect_shape inspect_session_transcript = {
    .is = "SessionTranscript", .types = INSPECT_ARRAY, INSPECT_MEMBERS(transcript_members), .row = true
};
const inspect_shape inspect_session_transcript_bytes = { .is = "SessionTranscriptBytes",
                                                         .types = INSPECT_EMBEDDED,
                                                         .inside = &inspect_session_transcript };
