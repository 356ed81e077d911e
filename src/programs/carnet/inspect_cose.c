/* SPDX-License-Identifier: Apache-2.0 */
/* COSE: structures, headers, keys (RFC 9052, RFC 9053, RFC 9360). */
#include "carnet/cose_key.h"
#include "inspect.h"

#include <string.h>

const inspect_name inspect_algorithms[] = {
    { -7, "ES256" },      { -35, "ES384" },      { -36, "ES512" },      { -8, "EdDSA" },
    { -9, "ESP256" },     { -51, "ESP384" },     { -52, "ESP512" },     { -19, "Ed25519" },
    { -53, "Ed448" },     { -47, "ES256K" },     { -37, "PS256" },      { -38, "PS384" },
    { -39, "PS512" },     { -257, "RS256" },     { -258, "RS384" },     { -259, "RS512" },
    { 4, "HMAC 256/64" }, { 5, "HMAC 256/256" }, { 6, "HMAC 384/384" }, { 7, "HMAC 512/512" },
    { 1, "A128GCM" },     { 2, "A192GCM" },      { 3, "A256GCM" },      { -25, "ECDH-ES + HKDF-256" },
    { -16, "SHA-256" },   { -14, "SHA-1" },      { -43, "SHA-384" },    { -44, "SHA-512" },
    { 0, NULL }
};

const inspect_name inspect_curves[] = { { 1, "P-256" },
                                        { 2, "P-384" },
                                        { 3, "P-521" },
                                        { 4, "X25519" },
                                        { 5, "X448" },
                                        { 6, "Ed25519" },
                                        { 7, "Ed448" },
                                        { 8, "secp256k1" },
                                        { 256, "brainpoolP256r1" },
                                        { 257, "brainpoolP320r1" },
                                        { 258, "brainpoolP384r1" },
                                        { 259, "brainpoolP512r1" },
                                        { 0, NULL } };

static const inspect_name key_types[] = { { 1, "OKP" }, { 2, "EC2" }, { 3, "RSA" }, { 4, "symmetric" }, { 0, NULL } };
static const inspect_name key_operations[] = { { 1, "sign" },        { 2, "verify" },      { 3, "encrypt" },
                                               { 4, "decrypt" },     { 5, "wrap key" },    { 6, "unwrap key" },
                                               { 7, "derive key" },  { 8, "derive bits" }, { 9, "create MAC" },
                                               { 10, "verify MAC" }, { 0, NULL } };

/* --- keys --- */

static void
key_done(inspect *in, inspect_node *node)
{
    carnet_cose_key key;
    carnet_err err = { 0 };
    const inspect_node *type = inspect_child_at(node, 1), *curve = inspect_child_at(node, -1);
    inspect_node *d = inspect_child_at(node, -4);
    const carnet_curve_info *info;

    if (d != NULL) {
        inspect_note(node, INSPECT_BAD, "private key");
    }
    if (type == NULL || curve == NULL || (type->integer != 1 && type->integer != 2)) {
        return;
    }
    info = carnet_curve_get((carnet_curve)curve->integer);
    node->brief = inspect_format("COSE_Key, %s", info != NULL ? info->name : "curve not known here");
    if (node->offset == CARNET_NO_OFFSET) {
        return;
    }
    if (carnet_cose_key_open(carnet_span_of(in->base.ptr + node->offset, node->length), CARNET_CBOR_LENIENT, in->crypto,
                             &key, &err) != CARNET_OK) {
        inspect_odd(node, "as a key it is refused: %s", err.reason[0] != '\0' ? err.reason : carnet_rc_text(err.rc));
    } else {
        inspect_note(node, INSPECT_PLAIN, "%s%s", info != NULL ? info->name : "", key.compressed ? ", compressed" : "");
    }
    if (inspect_child_at(node, 2) != NULL || inspect_child_at(node, 3) != NULL || inspect_child_at(node, 4) != NULL) {
        inspect_odd(node, "a COSE_Key with kid, alg or key_ops, which an mdoc does without");
    }
}

static const inspect_shape kty = { .types = INSPECT_INT | INSPECT_TSTR, .names = key_types };
static const inspect_shape alg = { .types = INSPECT_INT | INSPECT_TSTR, .names = inspect_algorithms };
static const inspect_shape crv = { .types = INSPECT_INT | INSPECT_BSTR | INSPECT_TSTR, .names = inspect_curves };
static const inspect_shape operation = { .types = INSPECT_INT | INSPECT_TSTR, .names = key_operations };
static const inspect_shape operations = { .types = INSPECT_ARRAY, .entry = &operation };
static const inspect_shape y_or_sign = { .types = INSPECT_BSTR | INSPECT_BOOL };
static const inspect_shape private_part = { .secret = true };
static const inspect_member key_members[] = {
    INSPECT_LABEL(1, "kty", &kty),
    INSPECT_LABEL_OPT(2, "kid", &inspect_bstr),
    INSPECT_LABEL_OPT(3, "alg", &alg),
    INSPECT_LABEL_OPT(4, "key_ops", &operations),
    INSPECT_LABEL_OPT(5, "Base IV", &inspect_bstr),
    INSPECT_LABEL_OPT(-1, "crv", &crv),
    INSPECT_LABEL_OPT(-2, "x", &inspect_bstr),
    INSPECT_LABEL_OPT(-3, "y", &y_or_sign),
    INSPECT_LABEL_OPT(-4, "d", &private_part),
    INSPECT_LABEL_OPT(-5, "p", &private_part),
    INSPECT_LABEL_OPT(-6, "dP", &private_part),
    INSPECT_LABEL_OPT(-7, "dQ", &private_part),
    INSPECT_LABEL_OPT(-8, "qInv", &private_part),
    INSPECT_LABEL_OPT(-9, "other", &private_part),
    INSPECT_LABEL_OPT(-10, "r_i", &private_part),
    INSPECT_LABEL_OPT(-11, "d_i", &private_part),
    INSPECT_LABEL_OPT(-12, "t_i", &private_part),
};
const inspect_shape inspect_cose_key = {
    .is = "COSE_Key", .types = INSPECT_MAP, INSPECT_MEMBERS(key_members), .done = key_done
};
const inspect_shape inspect_cose_key_bytes = { .is = "COSE_KeyBytes",
                                               .types = INSPECT_EMBEDDED | INSPECT_BSTR,
                                               .inside = &inspect_cose_key };

/* --- headers --- */

static void
certificate_done(inspect *in, inspect_node *node)
{
    if (!inspect_certificate(in, node, node->content)) {
        inspect_odd(node, "this is no certificate that can be read");
    }
}

static void
chain_done(inspect *in, inspect_node *node)
{
    (void)in;
    if (node->kind == INSPECT_BSTR) {
        certificate_done(in, node);
        return;
    }
    if (node->first == NULL) {
        inspect_odd(node, "an x5chain without a certificate");
    } else if (node->first->next == NULL) {
        inspect_odd(node, "one certificate in an array, where it stands by itself");
    }
}

static const inspect_shape certificate = { .is = "certificate", .types = INSPECT_BSTR, .done = certificate_done };
static const inspect_shape chain = { .types = INSPECT_BSTR | INSPECT_ARRAY, .entry = &certificate, .done = chain_done };
static const inspect_shape key_id = { .types = INSPECT_BSTR };
static const inspect_shape text_or_number = { .types = INSPECT_TSTR | INSPECT_UINT };
static const inspect_member thumbprint_members[] = { INSPECT_REQUIRED("hash algorithm", &alg),
                                                     INSPECT_REQUIRED("hash", &inspect_bstr) };
static const inspect_shape thumbprint = { .types = INSPECT_ARRAY, INSPECT_MEMBERS(thumbprint_members), .row = true };
static const inspect_member header_members[] = {
    INSPECT_LABEL_OPT(1, "alg", &alg),
    INSPECT_LABEL_OPT(2, "crit", NULL),
    INSPECT_LABEL_OPT(3, "content type", &text_or_number),
    INSPECT_LABEL_OPT(4, "kid", &key_id),
    INSPECT_LABEL_OPT(5, "IV", &inspect_bstr),
    INSPECT_LABEL_OPT(6, "Partial IV", &inspect_bstr),
    INSPECT_LABEL_OPT(15, "CWT Claims", NULL),
    INSPECT_LABEL_OPT(16, "typ", &text_or_number),
    INSPECT_LABEL_OPT(32, "x5bag", &chain),
    INSPECT_LABEL_OPT(33, "x5chain", &chain),
    INSPECT_LABEL_OPT(34, "x5t", &thumbprint),
    INSPECT_LABEL_OPT(35, "x5u", NULL),
};
const inspect_shape inspect_cose_headers = {
    .is = "COSE headers", .types = INSPECT_MAP, INSPECT_MEMBERS(header_members), .open = true
};

static void
protected_done(inspect *in, inspect_node *node)
{
    (void)in;
    if (node->content.len == 1 && node->first == NULL) {
        inspect_odd(node, "an empty map in the protected bucket, where an empty string is due");
    }
    if (inspect_child_at(node, 33) != NULL) {
        inspect_odd(node, "x5chain in the protected bucket");
    }
}

static void
unprotected_done(inspect *in, inspect_node *node)
{
    (void)in;
    if (inspect_child_at(node, 1) != NULL) {
        inspect_odd(node, "alg in the unprotected bucket");
    }
}

/* --- COSE_Sign1 and COSE_Mac0 --- */

/** What a payload holds, if that is something known. */
static void
payload_done(inspect *in, inspect_node *node)
{
    const inspect_shape *shape;
    inspect_node *child;

    if (node->kind == INSPECT_NULL) {
        inspect_note(node, INSPECT_PLAIN, "detached");
        return;
    }
    if (node->kind != INSPECT_BSTR || node->offset == CARNET_NO_OFFSET) {
        return;
    }
    shape = inspect_guess(node->content, true);
    if (shape == NULL) {
        return;
    }
    node->value = inspect_format("%zu bytes", node->content.len);
    child = inspect_add(in, node, shape->is != NULL ? shape->is : "content");
    if (inspect_item(in, child, node->content, shape) != NULL && child->length != node->content.len) {
        inspect_odd(node, "bytes after the end of the item inside");
    }
}

static void
structure_done(inspect *in, inspect_node *node)
{
    const inspect_node *bucket = node->first, *unprotected = bucket != NULL ? bucket->next : NULL;
    const inspect_node *name;

    (void)in;
    if (unprotected == NULL) {
        return;
    }
    name = inspect_child_at(bucket, 1);
    name = name != NULL ? name : inspect_child_at(unprotected, 1);
    if (name == NULL) {
        inspect_odd(node, "no algorithm is named");
    } else if (name->note != NULL) {
        node->brief = inspect_format("%s, %s", node->is != NULL ? node->is : "COSE", name->note);
    }
}

static const inspect_shape protected_bucket = { .types = INSPECT_BSTR,
                                                .inside = &inspect_cose_headers,
                                                .done = protected_done };
static const inspect_shape unprotected_bucket = {
    .types = INSPECT_MAP, INSPECT_MEMBERS(header_members), .open = true, .done = unprotected_done
};
static const inspect_shape payload = { .types = INSPECT_BSTR | INSPECT_NULL, .done = payload_done };
static const inspect_member sign1_members[] = {
    INSPECT_REQUIRED("protected", &protected_bucket),
    INSPECT_REQUIRED("unprotected", &unprotected_bucket),
    INSPECT_REQUIRED("payload", &payload),
    INSPECT_REQUIRED("signature", &inspect_bstr),
};
static const inspect_member mac0_members[] = {
    INSPECT_REQUIRED("protected", &protected_bucket),
    INSPECT_REQUIRED("unprotected", &unprotected_bucket),
    INSPECT_REQUIRED("payload", &payload),
    INSPECT_REQUIRED("tag", &inspect_bstr),
};
const inspect_shape inspect_cose_sign1 = {
    .is = "COSE_Sign1", .types = INSPECT_ARRAY, INSPECT_MEMBERS(sign1_members), .row = true, .done = structure_done
};
const inspect_shape inspect_vical = {
    .is = "VICAL", .types = INSPECT_ARRAY, INSPECT_MEMBERS(sign1_members), .row = true, .done = structure_done
};
const inspect_shape inspect_status_token = {
    .is = "status token", .types = INSPECT_ARRAY, INSPECT_MEMBERS(sign1_members), .row = true, .done = structure_done
};
const inspect_shape inspect_cose_mac0 = {
    .is = "COSE_Mac0", .types = INSPECT_ARRAY, INSPECT_MEMBERS(mac0_members), .row = true, .done = structure_done
};

/* --- what is signed --- */

static const inspect_member to_be_signed_members[] = {
    INSPECT_REQUIRED("context", &inspect_tstr),
    INSPECT_REQUIRED("protected", &protected_bucket),
    INSPECT_REQUIRED("external_aad", &inspect_bstr),
    INSPECT_REQUIRED("payload", &payload),
};
const inspect_shape inspect_sig_structure = {
    .is = "Sig_structure", .types = INSPECT_ARRAY, INSPECT_MEMBERS(to_be_signed_members), .row = true
};
const inspect_shape inspect_mac_structure = {
    .is = "MAC_structure", .types = INSPECT_ARRAY, INSPECT_MEMBERS(to_be_signed_members), .row = true
};
