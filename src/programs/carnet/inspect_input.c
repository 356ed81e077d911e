/* SPDX-License-Identifier: Apache-2.0 */
/* What an argument or a file holds, and in which writing. */
#include "carnet/crl.h"
#include "carnet/engagement.h"
#include "inspect.h"

#include <string.h>
#include <strings.h>

static void
is_kind(inspect_result *result, const inspect_kind *kind)
{
    result->kind = kind->name;
    result->what = kind->what;
    result->clause = kind->clause;
    result->judged = kind->signatures;
}

/** Nothing that can be shown: it may be a key. */
static void
unknown(inspect_result *result, const char *what, carnet_rc rc)
{
    result->what = what;
    result->root = NULL;
    result->err = (carnet_err){ 0 };
    (void)carnet_fail(&result->err, rc, NULL, NULL);
}

/* --- CBOR --- */

/** What the library says when the whole is opened as what it is taken for. */
static void
opinion(inspect *in, inspect_result *result, const inspect_kind *kind, carnet_span bytes)
{
    carnet_err err = { 0 };
    const char *reason;

    (void)in;
    if (kind->open == NULL || kind->open(bytes, &err) == CARNET_OK) {
        return;
    }
    reason = err.reason[0] != '\0' ? err.reason : carnet_rc_text(err.rc);
    if (err.offset != CARNET_NO_OFFSET) {
        inspect_odd(result->root, "as a whole it is refused: %s, at byte %zu%s%s", reason, err.offset,
                    err.path[0] != '\0' ? " in " : "", err.path);
    } else {
        inspect_odd(result->root, "as a whole it is refused: %s%s%s", reason, err.path[0] != '\0' ? ", in " : "",
                    err.path);
    }
}

/** As long as a digest or a private scalar: such bytes are not shown unless they mean something else. */
static bool
may_be_secret(size_t len)
{
    return len == 16 || len == 24 || len == 32 || len == 40 || len == 48 || len == 56 || len == 57 || len == 64 ||
           len == 66;
}

/** Text for people, which would be CBOR by accident only. */
static bool
is_writing(carnet_span bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        if (bytes.ptr[i] == 0x7f || (bytes.ptr[i] < 0x20 && (bytes.ptr[i] < 0x09 || bytes.ptr[i] > 0x0d))) {
            return false;
        }
    }
    return carnet_utf8_valid(bytes);
}

static void
cbor(inspect *in, carnet_span bytes, const inspect_kind *as, inspect_result *result)
{
    const inspect_shape *shape = as != NULL ? as->shape : inspect_guess(bytes, false);
    const inspect_kind *kind = as != NULL ? as : inspect_kind_of(shape);
    const uint8_t *end;

    is_kind(result, kind);
    result->root = inspect_add(in, NULL, kind->name);
    end = inspect_item(in, result->root, bytes, shape);
    if (end != NULL && end < bytes.ptr + bytes.len) {
        inspect_fail(in, CARNET_E_CBOR_TRAILING, end,
                     inspect_format("%zu bytes follow the end of the item", (size_t)(bytes.ptr + bytes.len - end)));
    }
    result->err = in->err;
    if (in->err.rc == CARNET_OK) {
        opinion(in, result, kind, bytes);
    } else if (shape == NULL && as == NULL && (bytes.len == 0 || bytes.ptr[0] < 0x80 || may_be_secret(bytes.len))) {
        result->kind = result->clause = NULL;
        unknown(result,
                bytes.len == 0             ? "nothing is there"
                : may_be_secret(bytes.len) ? "bytes without structure, as long as a key or a digest; not shown"
                : is_writing(bytes)        ? "text, but no hexadecimal, base64, PEM, URI or JSON"
                                           : "neither CBOR nor DER",
                CARNET_E_CBOR_MALFORMED);
    } else if (shape == NULL && as == NULL) {
        result->kind = result->clause = NULL;
        result->what = "it begins like CBOR";
    }
}

/* --- DER --- */

static uint8_t
tag_inside(carnet_span der, size_t level)
{
    carnet_span at = der;

    for (size_t i = 0; i < level && at.len > 2 && (at.ptr[0] & 0x20) != 0; i++) {
        size_t head = at.ptr[1] < 0x80 ? 2 : 2 + (at.ptr[1] & 0x7fU);

        at = head < at.len ? carnet_span_of(at.ptr + head, at.len - head) : (carnet_span){ 0 };
    }
    return at.len > 0 ? at.ptr[0] : 0;
}

/** A SEQUENCE that begins with an INTEGER is a private key of some sort, unless it is just two of them: a signature. */
static bool
looks_private(carnet_span der)
{
    carnet_der_reader r = carnet_der_open(der);
    carnet_der_walk walk;
    size_t integers = 0, others = 0;

    if (tag_inside(der, 1) != CARNET_DER_INTEGER) {
        return false;
    }
    carnet_der_enter(&r, CARNET_DER_SEQUENCE, &walk);
    while (carnet_der_more(&r)) {
        *(carnet_der_any(&r).tag == CARNET_DER_INTEGER ? &integers : &others) += 1;
    }
    return others > 0 || integers != 2 || carnet_der_done(&r, NULL) != CARNET_OK;
}

static bool
known_der(inspect *in, carnet_span bytes, inspect_result *result)
{
    inspect_node *root = result->root;

    if (inspect_certificate(in, root, bytes)) {
        is_kind(result, inspect_kind_named("certificate"));
    } else if (inspect_crl(in, root, bytes)) {
        is_kind(result, inspect_kind_named("CRL"));
    } else if (inspect_der_key(in, root, bytes)) {
        is_kind(result, inspect_kind_named(looks_private(bytes) ? "private-key" : "public-key"));
    } else {
        return false;
    }
    root->name = result->kind;
    return true;
}

/** Why what is almost a certificate or a list is none. */
static void
der_reason(inspect *in, carnet_span bytes, const char *label, inspect_result *result)
{
    carnet_certificate certificate;
    carnet_crl crl;
    bool list = label != NULL && strstr(label, "CRL") != NULL;
    bool versioned = tag_inside(bytes, 2) == CARNET_DER_CONTEXT_CONSTRUCTED(0);

    if (list || (label != NULL && strcmp(label, "CERTIFICATE") == 0) || versioned) {
        is_kind(result, inspect_kind_named(list ? "CRL" : "certificate"));
        result->root->name = result->kind;
        in->err = (carnet_err){ 0 };
        (void)(list ? carnet_crl_open(bytes, &crl, &in->err) : carnet_certificate_open(bytes, &certificate, &in->err));
    }
    result->err = in->err;
}

static void
der(inspect *in, carnet_span bytes, const char *label, inspect_result *result)
{
    result->root = inspect_add(in, NULL, "DER");
    inspect_place(in, result->root, bytes, (carnet_span){ 0 });
    result->root->value = "";
    if (known_der(in, bytes, result)) {
        return;
    }
    if (looks_private(bytes) || (label != NULL && strstr(label, "PRIVATE") != NULL)) {
        is_kind(result, inspect_kind_named("private-key"));
        unknown(result, "a private key of a kind not known here; not shown", CARNET_E_CRYPTO_KEY);
        return;
    }
    is_kind(result, inspect_kind_named("DER"));
    inspect_der(in, result->root, bytes);
    der_reason(in, bytes, label, result);
}

/* --- any bytes --- */

static bool
image(inspect *in, carnet_span bytes, inspect_result *result)
{
    result->root = inspect_add(in, NULL, "image");
    inspect_content(result->root, bytes);
    if (result->root->note == NULL) {
        result->root = NULL;
        return false;
    }
    result->kind = "image";
    inspect_place(in, result->root, bytes, (carnet_span){ 0 });
    return true;
}

static bool
handover(inspect *in, carnet_span bytes, inspect_result *result)
{
    result->root = inspect_add(in, NULL, "NFC handover");
    if (!inspect_ndef(in, result->root, bytes)) {
        result->root = NULL;
        return false;
    }
    result->kind = "NFC-handover";
    result->what = "a handover message, NDEF";
    result->clause = "18013-5 9.2";
    result->err = in->err;
    return true;
}

static void
bytes_of(inspect *in, carnet_span bytes, const inspect_kind *as, inspect_result *result)
{
    bool der_kind = as != NULL && as->shape == NULL && strcmp(as->name, "CBOR") != 0;
    const char *label = result->label;

    in->base = bytes;
    in->err = (carnet_err){ 0 };
    in->digests = NULL;
    in->depth = 0;
    result->length = bytes.len;
    if (as == NULL &&
        (image(in, bytes, result) || handover(in, bytes, result) || inspect_recording(in, bytes, result))) {
        return;
    }
    if (der_kind || (as == NULL && (label != NULL || (bytes.len > 1 && bytes.ptr[0] == CARNET_DER_SEQUENCE)))) {
        der(in, bytes, label, result);
        if (der_kind && result->kind != NULL && strcasecmp(result->kind, as->name) != 0 &&
            result->err.rc == CARNET_OK) {
            inspect_odd(result->root, "this was asked for as %s, and is none", as->name);
        }
        return;
    }
    cbor(in, bytes, as, result);
}

/* --- writings --- */

static carnet_str
trimmed(carnet_span file)
{
    carnet_str text = { (const char *)file.ptr, file.len };

    while (text.len > 0 && strchr(" \t\r\n", text.ptr[text.len - 1]) != NULL && text.ptr[text.len - 1] != '\0') {
        text.len--;
    }
    while (text.len > 0 && strchr(" \t\r\n", text.ptr[0]) != NULL && text.ptr[0] != '\0') {
        text = (carnet_str){ text.ptr + 1, text.len - 1 };
    }
    return text;
}

static bool
is_uri(carnet_str text)
{
    return text.len > 5 && strncasecmp(text.ptr, "mdoc:", 5) == 0;
}

static void
uri(inspect *in, carnet_str text, const inspect_kind *as, inspect_result *result)
{
    carnet_buf out = cli_buf(text.len);
    carnet_uri_kind kind;

    result->form = "URI";
    if (carnet_engagement_uri_decode(text, &kind, &out, &result->err) != CARNET_OK) {
        result->what = "a mdoc: URI that carries no base64url";
        return;
    }
    if (as == NULL) {
        as = inspect_kind_named(kind == CARNET_URI_READER_ENGAGEMENT ? "ReaderEngagement" : "DeviceEngagement");
    }
    result->form = kind == CARNET_URI_READER_ENGAGEMENT ? "mdoc:// URI" : "mdoc: URI";
    bytes_of(in, carnet_buf_span(&out), as, result);
}

static size_t
pem(inspect *in, carnet_str text, const inspect_kind *as, inspect_result *results, size_t cap)
{
    inspect_result first = results[0];
    size_t count = 0;
    carnet_str label;

    while (count < cap) {
        carnet_buf out = cli_buf(text.len);
        carnet_err err = { 0 };
        inspect_result *r = &results[count];
        carnet_rc rc = carnet_pem_next(&text, &label, &out, &err);

        if (rc != CARNET_OK && label.len == 0 && count > 0) {
            break;
        }
        *r = first;
        r->form = "PEM";
        r->label = label.len > 0 ? inspect_safe(label, false) : NULL;
        count++;
        if (rc != CARNET_OK) {
            r->what = "a PEM object that is malformed";
            r->err = err;
            break;
        }
        bytes_of(in, carnet_buf_span(&out), as, r);
    }
    return count;
}

/** A line that begins a PEM object; other text may stand before it. */
static bool
has_pem(carnet_str text)
{
    return carnet_str_starts(text, "-----BEGIN ") || memmem(text.ptr, text.len, "\n-----BEGIN ", 12) != NULL;
}

/** Two digits are too few for cli_decode() to take for hexadecimal, but no CBOR item that anybody sends. */
static bool
one_byte(carnet_str text, carnet_buf *out)
{
    return text.len == 2 && carnet_hex_decode(text, out, NULL) == CARNET_OK;
}

static size_t
text_of(inspect *in, carnet_span file, const inspect_kind *as, inspect_result *results, size_t cap)
{
    carnet_str text = trimmed(file);
    carnet_span bytes;
    carnet_buf digits = cli_buf(1);

    results[0].length = file.len;
    if (is_uri(text)) {
        uri(in, text, as, &results[0]);
        return 1;
    }
    if (has_pem(text) && carnet_utf8_valid(file)) {
        return pem(in, text, as, results, cap);
    }
    if (as == NULL && carnet_utf8_valid(file) && inspect_jose(in, text, &results[0])) {
        return 1;
    }
    if (one_byte(text, &digits)) {
        results[0].form = "hexadecimal";
        bytes = carnet_buf_span(&digits);
    } else {
        bytes = cli_decode(file, &results[0].form);
    }
    bytes_of(in, bytes, as, &results[0]);
    return 1;
}

size_t
inspect_input(inspect *in, const char *argument, const char *as, inspect_result *results, size_t cap)
{
    static const char magic[] = "\x89PNG\r\n\x1a\n";
    carnet_str given = carnet_str_of(argument);
    const inspect_kind *kind = as != NULL ? inspect_kind_named(as) : NULL;
    carnet_span file;

    results[0] = (inspect_result){ .form = "binary" };
    results[0].input = strcmp(argument, "-") == 0 ? "standard input" : inspect_safe(given, false);
    if (is_uri(given) || (strstr(argument, "://") != NULL && strchr(argument, '?') != NULL)) {
        results[0].input = "argument";
        return text_of(in, carnet_str_bytes(given), kind, results, cap);
    }
    file = cli_read(argument);
    if (file.len > 8 && memcmp(file.ptr, magic, 8) == 0 && strcmp(argument, "-") != 0 && cli_qr_can_read()) {
        carnet_str text = cli_qr_read(argument);
        size_t count = text_of(in, carnet_str_bytes(text), kind, results, cap);

        results[0].form = inspect_format("%s in a QR code", results[0].form);
        return count;
    }
    return text_of(in, file, kind, results, cap);
}
