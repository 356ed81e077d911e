/* SPDX-License-Identifier: Apache-2.0 */
/* Lists that are signed: VICAL (18013-5 C.1), status list tokens in CWT. */
#include "inspect.h"

#include <string.h>

static void
listed_certificate_done(inspect *in, inspect_node *node)
{
    if (!inspect_certificate(in, node, node->content)) {
        inspect_odd(node, "this is no certificate that can be read");
    }
}

static void
info_done(inspect *in, inspect_node *node)
{
    const inspect_node *authority = inspect_child(node, "issuingAuthority");
    const inspect_node *certificate = inspect_child(node, "certificate");

    (void)in;
    node->brief = certificate != NULL && certificate->brief != NULL ? certificate->brief
                  : authority != NULL                               ? authority->value
                                                                    : NULL;
}

static void
ski_done(inspect *in, inspect_node *node)
{
    (void)in;
    if (node->content.len == 24 || node->content.len == 22) {
        inspect_odd(node, "a key identifier in its DER wrapping");
    }
}

static void
until_done(inspect *in, inspect_node *node)
{
    carnet_time time;

    if (inspect_date(in, node, &time)) {
        inspect_note(node, time < in->now ? INSPECT_BAD : INSPECT_PLAIN, "%s", inspect_relative(in, time));
    }
}

static const inspect_shape listed_certificate = { .types = INSPECT_BSTR, .done = listed_certificate_done };
static const inspect_shape ski = { .types = INSPECT_BSTR, .done = ski_done };
static const inspect_shape until = { .types = INSPECT_TDATE | INSPECT_TSTR, .done = until_done };
static const inspect_shape number = { .types = INSPECT_BIGNUM | INSPECT_UINT };
static const inspect_member info_members[] = {
    INSPECT_REQUIRED("certificate", &listed_certificate),
    INSPECT_REQUIRED("serialNumber", &number),
    INSPECT_REQUIRED("ski", &ski),
    INSPECT_OPTIONAL("docType", &inspect_text_list),
    INSPECT_OPTIONAL("certificateProfile", &inspect_text_list),
    INSPECT_OPTIONAL("issuingAuthority", &inspect_tstr),
    INSPECT_OPTIONAL("issuingCountry", &inspect_tstr),
    INSPECT_OPTIONAL("stateOrProvinceName", &inspect_tstr),
    INSPECT_OPTIONAL("issuer", &inspect_bstr),
    INSPECT_OPTIONAL("subject", &inspect_bstr),
    INSPECT_OPTIONAL("notBefore", &inspect_tdate),
    INSPECT_OPTIONAL("notAfter", &until),
    INSPECT_OPTIONAL("extensions", NULL),
    INSPECT_OPTIONAL("isTrustAnchor", &inspect_bool),
    INSPECT_OPTIONAL("aki", &inspect_bstr),
    INSPECT_OPTIONAL("type", NULL),
    INSPECT_OPTIONAL("trustConstraints", NULL),
    INSPECT_OPTIONAL("name", &inspect_tstr),
};
static const inspect_shape info = {
    .is = "CertificateInfo", .types = INSPECT_MAP, INSPECT_MEMBERS(info_members), .done = info_done
};
static const inspect_shape infos = { .types = INSPECT_ARRAY, .entry = &info };
static const inspect_member vical_members[] = {
    INSPECT_REQUIRED("version", &inspect_tstr),
    INSPECT_OPTIONAL("vicalProvider", &inspect_tstr),
    INSPECT_OPTIONAL("provider", &inspect_tstr),
    INSPECT_REQUIRED("date", &inspect_tdate),
    INSPECT_OPTIONAL("vicalIssueID", &inspect_uint),
    INSPECT_OPTIONAL("id", &inspect_uint),
    INSPECT_OPTIONAL("type", &inspect_tstr),
    INSPECT_OPTIONAL("nextUpdate", &until),
    INSPECT_OPTIONAL("notAfter", &until),
    INSPECT_OPTIONAL("vicalURL", &inspect_tstr),
    INSPECT_OPTIONAL("latestRicalUrl", &inspect_tstr),
    INSPECT_OPTIONAL("extensions", NULL),
    INSPECT_REQUIRED("certificateInfos", &infos),
};
const inspect_shape inspect_vical_payload = { .is = "certificate list",
                                              .types = INSPECT_MAP,
                                              INSPECT_MEMBERS(vical_members) };

/* --- status lists --- */

static void
epoch_done(inspect *in, inspect_node *node)
{
    char text[CARNET_TIME_TEXT_MAX];

    if (node->kind == INSPECT_UINT && node->integer >= 0) {
        carnet_time_text(node->integer, text);
        inspect_note(node, INSPECT_PLAIN, "%s, %s", text, inspect_relative(in, node->integer));
    }
}

static const inspect_shape epoch = { .types = INSPECT_INT | INSPECT_FLOAT, .done = epoch_done };
static const inspect_member status_list_members[] = {
    INSPECT_REQUIRED("bits", &inspect_uint),
    INSPECT_REQUIRED("lst", &inspect_bstr),
    INSPECT_OPTIONAL("aggregation_uri", &inspect_tstr),
};
static const inspect_shape status_list = { .is = "StatusList",
                                           .types = INSPECT_MAP,
                                           INSPECT_MEMBERS(status_list_members) };
static const inspect_shape identifiers = { .types = INSPECT_MAP };
static const inspect_member identifier_list_members[] = {
    INSPECT_REQUIRED("identifiers", &identifiers),
    INSPECT_OPTIONAL("aggregation_uri", &inspect_tstr),
};
static const inspect_shape identifier_list = { .is = "IdentifierList",
                                               .types = INSPECT_MAP,
                                               INSPECT_MEMBERS(identifier_list_members) };
static const inspect_member claim_members[] = {
    INSPECT_LABEL_OPT(1, "iss", &inspect_tstr),
    INSPECT_LABEL_OPT(2, "sub", &inspect_tstr),
    INSPECT_LABEL_OPT(3, "aud", NULL),
    INSPECT_LABEL_OPT(4, "exp", &epoch),
    INSPECT_LABEL_OPT(5, "nbf", &epoch),
    INSPECT_LABEL_OPT(6, "iat", &epoch),
    INSPECT_LABEL_OPT(7, "cti", &inspect_bstr),
    INSPECT_LABEL_OPT(65530, "identifier_list", &identifier_list),
    INSPECT_LABEL_OPT(65533, "status_list", &status_list),
    INSPECT_LABEL_OPT(65534, "ttl", &inspect_uint),
    INSPECT_LABEL_OPT(65535, "status", NULL),
};
const inspect_shape inspect_status_claims = {
    .is = "CWT claims", .types = INSPECT_MAP, INSPECT_MEMBERS(claim_members), .open = true
};
