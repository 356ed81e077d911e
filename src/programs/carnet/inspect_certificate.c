/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates: every field, each extension by name, and the profile of 18013-5 Annex B they fit. */
#include "carnet/certificate_profile.h"
#include "inspect.h"

#include <string.h>

/* --- names, times --- */

static const char *
name_text(carnet_span name)
{
    carnet_buf out = cli_buf(name.len * 2 + 64);

    carnet_name_text(name, &out);
    return inspect_safe(carnet_buf_str(&out), false);
}

static inspect_node *
placed(inspect *in, inspect_node *up, const char *name, carnet_span at, const char *value)
{
    inspect_node *node = inspect_line(in, up, name, "%s", value);

    if (at.ptr != NULL) {
        inspect_place(in, node, at, at);
    }
    return node;
}

static void
validity(inspect *in, inspect_node *up, const carnet_certificate *c)
{
    char text[CARNET_TIME_TEXT_MAX];
    inspect_node *node;

    carnet_time_text(c->not_before, text);
    node = inspect_line(in, up, "not before", "%s", text);
    inspect_note(node, c->not_before > in->now ? INSPECT_BAD : INSPECT_PLAIN,
                 c->not_before > in->now ? "not yet valid: %s" : "%s", inspect_relative(in, c->not_before));
    carnet_time_text(c->not_after, text);
    node = inspect_line(in, up, "not after", "%s", text);
    inspect_note(node, c->not_after < in->now ? INSPECT_BAD : INSPECT_PLAIN,
                 c->not_after < in->now ? "expired %s" : "ends %s", inspect_relative(in, c->not_after));
    inspect_note(node, INSPECT_PLAIN, "%lld days in all",
                 (long long)((c->not_after - c->not_before + CARNET_TIME_DAY - 1) / CARNET_TIME_DAY));
}

/* --- extensions --- */

static void
add_word(const char **text, const char *word)
{
    *text = *text == NULL ? word : inspect_format("%s, %s", *text, word);
}

static const char *
key_usage_text(uint16_t bits)
{
    static const char *const names[] = { "digital signature", "non-repudiation", "key encipherment",
                                         "data encipherment", "key agreement",   "certificate signing",
                                         "CRL signing",       "encipher only",   "decipher only" };
    const char *text = NULL;

    for (unsigned i = 0; i < CARNET_COUNT(names); i++) {
        if ((bits >> i & 1) != 0) {
            add_word(&text, names[i]);
        }
    }
    return text != NULL ? text : "nothing";
}

static void
purposes(inspect *in, inspect_node *node, const carnet_certificate *c)
{
    carnet_span at = { 0 }, oid;

    node->value = "";
    while (carnet_certificate_purpose_next(c, &at, &oid)) {
        placed(in, node, "purpose", oid, inspect_oid(oid));
    }
}

static void
general_names(inspect *in, inspect_node *node, carnet_span names)
{
    static const char *const choices[] = { "other name", "e-mail", "DNS",        "X.400",     "directory name",
                                           "EDI party",  "URI",    "IP address", "registered" };
    carnet_span at = { 0 };
    carnet_general_name name;

    node->value = "";
    while (carnet_general_name_next(names, &at, &name)) {
        const char *choice = name.choice < CARNET_COUNT(choices) ? choices[name.choice] : "unknown";
        bool text = name.choice == CARNET_GENERAL_NAME_EMAIL || name.choice == CARNET_GENERAL_NAME_DNS ||
                    name.choice == CARNET_GENERAL_NAME_URI;

        placed(in, node, choice, name.content,
               text ? inspect_safe((carnet_str){ (const char *)name.content.ptr, name.content.len }, false)
               : name.choice == CARNET_GENERAL_NAME_DIRECTORY ? name_text(name.content)
                                                              : inspect_bytes(in, name.content));
    }
}

static void
uris(inspect *in, inspect_node *node, const carnet_certificate *c, carnet_extension extension)
{
    carnet_span at = { 0 }, method = { 0 };
    carnet_str uri;

    node->value = "";
    while (carnet_certificate_uri_next(c, extension, &at, &uri, &method)) {
        placed(in, node, method.ptr != NULL ? inspect_oid(method) : "URI", carnet_str_bytes(uri),
               inspect_safe(uri, false));
    }
    if (node->first == NULL) {
        node->value = inspect_bytes(in, node->own);
        inspect_odd(node, "it names no URI");
    }
    if (extension == CARNET_EXTENSION_CRL_DISTRIBUTION_POINTS && !c->crl_points_form) {
        inspect_odd(node, "a distribution point with reasons, a CRL issuer, or without a full name");
    }
}

static void
key_ids(inspect *in, inspect_node *node, const carnet_certificate *c, bool subject)
{
    uint8_t id[20];

    node->value = inspect_bytes(in, subject ? c->subject_key_id : c->authority_key_id);
    if (subject && carnet_certificate_key_id(c, in->crypto, id, NULL) == CARNET_OK) {
        bool same = carnet_span_equal(carnet_span_of(id, sizeof id), c->subject_key_id);

        inspect_note(node, INSPECT_PLAIN, same ? "SHA-1 of the key" : "not SHA-1 of the key");
        if (!same) {
            inspect_odd(node, "the subject key identifier is not SHA-1 of the key's bits");
        }
    }
}

/** One extension's value; false if there is nothing special to say. */
static bool
known_extension(inspect *in, inspect_node *node, const carnet_certificate *c, const char *dotted)
{
    if (strcmp(dotted, "2.5.29.14") == 0) {
        key_ids(in, node, c, true);
    } else if (strcmp(dotted, "2.5.29.35") == 0) {
        key_ids(in, node, c, false);
    } else if (strcmp(dotted, "2.5.29.15") == 0) {
        node->value = key_usage_text(c->key_usage);
    } else if (strcmp(dotted, "2.5.29.37") == 0) {
        purposes(in, node, c);
    } else if (strcmp(dotted, "2.5.29.19") == 0) {
        node->value = !c->ca ? "no certificate authority"
                      : c->path_length == CARNET_NO_PATH_LENGTH
                          ? "certificate authority"
                          : inspect_format("certificate authority, path length %u", c->path_length);
    } else if (strcmp(dotted, "2.5.29.17") == 0) {
        general_names(in, node, c->subject_names);
    } else if (strcmp(dotted, "2.5.29.18") == 0) {
        general_names(in, node, c->issuer_names);
    } else if (strcmp(dotted, "2.5.29.31") == 0) {
        uris(in, node, c, CARNET_EXTENSION_CRL_DISTRIBUTION_POINTS);
    } else if (strcmp(dotted, "1.3.6.1.5.5.7.1.1") == 0) {
        uris(in, node, c, CARNET_EXTENSION_AUTHORITY_INFORMATION_ACCESS);
    } else {
        return false;
    }
    return true;
}

static void
extension(inspect *in, inspect_node *up, const carnet_certificate *c, carnet_der_reader *r)
{
    carnet_span start = carnet_span_of(r->at, (size_t)(r->end - r->at));
    char dotted[CARNET_OID_TEXT_MAX];
    carnet_der_walk walk;
    carnet_span oid, octets;
    inspect_node *node;
    bool critical = false;
    const char *name, *bracket;

    carnet_der_enter(r, CARNET_DER_SEQUENCE, &walk);
    oid = carnet_der_oid(r);
    critical = carnet_der_peek(r) == CARNET_DER_BOOLEAN && carnet_der_bool(r);
    octets = carnet_der_value(r, CARNET_DER_OCTET_STRING);
    carnet_der_leave(r, &walk);
    if (r->rc != CARNET_OK) {
        return;
    }
    (void)carnet_oid_text(oid, dotted, sizeof dotted);
    name = inspect_oid(oid);
    bracket = strstr(name, " (");
    node = inspect_add(in, up, bracket != NULL ? inspect_format("%.*s", (int)(bracket - name), name) : name);
    inspect_place(in, node, carnet_span_of(start.ptr, (size_t)(r->at - start.ptr)), octets);
    if (!known_extension(in, node, c, dotted)) {
        node->value = inspect_bytes(in, octets);
    }
    if (critical) {
        node->value = node->value[0] != '\0' ? inspect_format("critical: %s", node->value) : "critical";
    }
    if (carnet_span_equal(oid, c->unknown_critical)) {
        inspect_odd(node, "a critical extension not known here: the certificate must not be relied on");
    }
}

static void
extensions(inspect *in, inspect_node *node, const carnet_certificate *c)
{
    carnet_der_reader whole = carnet_der_open(c->der), r = carnet_der_open_within(&whole, c->tbs);
    carnet_der_walk tbs, tagged, list;
    inspect_node *up;

    carnet_der_enter(&r, CARNET_DER_SEQUENCE, &tbs);
    while (carnet_der_more(&r) && carnet_der_peek(&r) != CARNET_DER_CONTEXT_CONSTRUCTED(3)) {
        (void)carnet_der_any(&r);
    }
    if (!carnet_der_enter_optional(&r, CARNET_DER_CONTEXT_CONSTRUCTED(3), &tagged)) {
        inspect_line(in, node, "extensions", "none");
        return;
    }
    carnet_der_enter(&r, CARNET_DER_SEQUENCE, &list);
    up = inspect_line(in, node, "extensions", "%s", "");
    while (carnet_der_more(&r)) {
        extension(in, up, c, &r);
    }
}

/* --- profiles --- */

static const carnet_certificate_profile *const profiles[] = {
    &carnet_profile_iaca,
    &carnet_profile_iaca_link,
    &carnet_profile_document_signer_mdl,
    &carnet_profile_document_signer_mdoc,
    &carnet_profile_reader,
    &carnet_profile_reader_authority,
    &carnet_profile_jws_signer,
    &carnet_profile_tls_server,
    &carnet_profile_tls_client,
    &carnet_profile_ocsp_signer,
    &carnet_profile_status_signer,
    &carnet_profile_vical_signer,
};

static const char *
reason_of(const carnet_err *err)
{
    return err->reason[0] != '\0' ? err->reason : carnet_rc_text(err->rc);
}

/** The profile that the certificate seems to be meant for. */
static const carnet_certificate_profile *
meant(const carnet_certificate *c)
{
    if (c->ca) {
        return carnet_certificate_self_issued(c) ? &carnet_profile_iaca : &carnet_profile_iaca_link;
    }
    for (size_t i = 0; i < CARNET_COUNT(profiles); i++) {
        for (unsigned arc = CARNET_ARC_MDL; arc <= CARNET_ARC_EUDI; arc <<= 1) {
            uint8_t oid[16];
            size_t len = profiles[i]->role != 0 && (profiles[i]->arcs & arc) != 0
                             ? carnet_role_oid(arc, profiles[i]->role, oid)
                             : 0;

            if (len > 0 && carnet_certificate_has_purpose(c, carnet_span_of(oid, len))) {
                return profiles[i];
            }
        }
        for (size_t p = 0; p < profiles[i]->purpose_count; p++) {
            if (carnet_certificate_has_purpose(c, profiles[i]->purposes[p])) {
                return profiles[i];
            }
        }
    }
    return (c->present & CARNET_EXTENSION_BIT(CARNET_EXTENSION_EXTENDED_KEY_USAGE)) == 0
               ? &carnet_profile_document_signer_mdoc
               : NULL;
}

/** Everything in which the certificate is not what a profile asks for. */
static void
what_lacks(inspect *in, inspect_node *node, const carnet_certificate *c, const carnet_certificate_profile *profile)
{
    carnet_report_entry entries[32];
    carnet_report report;
    carnet_err err = { 0 };

    if (profile->ca) {
        if (carnet_certificate_conforms(c, profile, in->crypto, &err) != CARNET_OK) {
            inspect_odd(node, "%s", reason_of(&err));
        }
        return;
    }
    carnet_report_init(&report, entries, CARNET_COUNT(entries), in->now, 0);
    carnet_certificate_check(c, profile, in->crypto, &report);
    for (size_t i = 0; i < report.count; i++) {
        if (entries[i].outcome == CARNET_FAIL) {
            inspect_odd(node, "%s: %s", carnet_check_title(entries[i].check),
                        entries[i].detail[0] != '\0' ? entries[i].detail : "not as demanded");
        }
    }
}

static void
profile_lines(inspect *in, inspect_node *root, const carnet_certificate *c)
{
    const carnet_certificate_profile *nearest = meant(c);
    inspect_node *up = inspect_line(in, root, "profiles", "%s", "18013-5 Annex B"), *node;
    bool fits = false;
    carnet_err err = { 0 };

    for (size_t i = 0; i < CARNET_COUNT(profiles); i++) {
        if (carnet_certificate_conforms(c, profiles[i], in->crypto, &err) == CARNET_OK) {
            node = inspect_line(in, up, profiles[i]->name, "fits");
            inspect_note(node, INSPECT_GOOD, "%s", profiles[i]->clause);
            fits = true;
        } else if (in->full || profiles[i] == nearest) {
            node = inspect_line(in, up, profiles[i]->name, "does not fit: %s", reason_of(&err));
            inspect_place(in, node, c->der, (carnet_span){ 0 });
        }
    }
    if (!fits && nearest != NULL) {
        for (node = up->first; node != NULL; node = node->next) {
            if (strcmp(node->name, nearest->name) == 0) {
                what_lacks(in, node, c, nearest);
                break;
            }
        }
    }
    if (!fits && nearest == NULL && !in->full) {
        inspect_line(in, up, "none", "its purposes are none of 18013-5");
    }
    node = up;
    node->brief = fits ? up->first->name : "fits none";
}

/* --- all of it --- */

static void
signature_lines(inspect *in, inspect_node *node, const carnet_certificate *c)
{
    uint8_t digest[CARNET_HASH_MAX];

    placed(in, node, "signature algorithm", c->signature_oid, inspect_oid(c->signature_oid));
    placed(in, node, "signature", c->signature, inspect_bytes(in, c->signature));
    if (carnet_digest(in->crypto, CARNET_SHA256, &c->der, 1, digest, NULL) == CARNET_OK) {
        inspect_line(in, node, "fingerprint", "SHA-256 %s", inspect_hex(carnet_span_of(digest, 32)));
    }
}

static void
public_key_line(inspect *in, inspect_node *node, const carnet_certificate *c)
{
    const carnet_curve_info *info = carnet_curve_get(c->public_key.curve);
    inspect_node *key = placed(in, node, "public key", c->spki, info != NULL ? info->name : "not one of ours");

    if (info != NULL) {
        inspect_public_key(in, key, &c->public_key);
        if (carnet_public_key_check(in->crypto, &c->public_key, NULL) != CARNET_OK) {
            inspect_odd(key, "the point is not on its curve");
        }
    }
    key->own = (carnet_span){ 0 };
}

bool
inspect_certificate(inspect *in, inspect_node *node, carnet_span der)
{
    carnet_certificate c;
    inspect_node *line;

    if (carnet_certificate_open(der, &c, NULL) != CARNET_OK) {
        return false;
    }
    node->is = "certificate";
    if (!c.der_form) {
        inspect_odd(node, "dates, key usage or flags are not encoded as DER and RFC 5280 demand");
    }
    node->brief = inspect_format("certificate, %s", name_text(c.subject));
    if (node->kind == INSPECT_BSTR) {
        node->value = inspect_format("%zu bytes", der.len);
        node->own = carnet_span_of(der.ptr, 4);
    }
    placed(in, node, "subject", c.subject, name_text(c.subject));
    line = placed(in, node, "issuer", c.issuer, name_text(c.issuer));
    if (carnet_certificate_self_issued(&c)) {
        inspect_note(line, INSPECT_PLAIN, "self-issued");
    }
    placed(in, node, "serial number", c.serial, inspect_bytes(in, c.serial));
    validity(in, node, &c);
    public_key_line(in, node, &c);
    extensions(in, node, &c);
    signature_lines(in, node, &c);
    profile_lines(in, node, &c);
    return true;
}
