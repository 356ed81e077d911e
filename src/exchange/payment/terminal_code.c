/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/terminal_code.h"
#include "carnet/cbor.h"

#include <string.h>

#define PREFIX  "P1940.1."
#define CLAUSE  "project profile"
#define MAC     16 /* octets of it that travel */
#define KEY_MIN 16
#define FORM    1 /* first entry of the CBOR */

/* The parts of a code's text: views into it. */
typedef struct code_parts {
    carnet_str signed_text, content, mac;
} code_parts;

static carnet_rc
refuse(size_t offset, const char *reason, carnet_err *err)
{
    return carnet_fail_at(err, CARNET_E_TERMINAL_CODE, CLAUSE, reason, offset, NULL);
}

static carnet_rc
split(carnet_str text, code_parts *parts, carnet_err *err)
{
    const size_t head = sizeof(PREFIX) - 1;
    const char *dot;

    if (!carnet_str_starts(text, PREFIX))
        return refuse(0, "this is not the code of a terminal", err);
    if (text.len > CARNET_TERMINAL_CODE_MAX)
        return refuse(CARNET_TERMINAL_CODE_MAX, "the code is too long", err);
    if ((dot = memchr(text.ptr + head, '.', text.len - head)) == NULL)
        return refuse(text.len, "the code ends before its MAC", err);
    parts->signed_text = (carnet_str){ text.ptr, (size_t)(dot - text.ptr) };
    parts->content = (carnet_str){ text.ptr + head, (size_t)(dot - text.ptr) - head };
    parts->mac = (carnet_str){ dot + 1, text.len - (size_t)(dot + 1 - text.ptr) };
    return CARNET_OK;
}

/* Decode one part; a failure is placed within the whole text. */
static carnet_rc
decode(carnet_str text, carnet_str part, carnet_buf *out, carnet_err *err)
{
    const size_t start = (size_t)(part.ptr - text.ptr);
    carnet_err inner = { .offset = 0 };

    if (carnet_base64url_decode(part, out, &inner) == CARNET_OK && !out->overflow)
        return CARNET_OK;
    return refuse(inner.offset <= part.len ? start + inner.offset : start, "this is not base64url of the right length",
                  err);
}

static bool
terminal_valid(carnet_str terminal)
{
    for (size_t i = 0; i < terminal.len; i++)
        if (terminal.ptr[i] < 0x20 || terminal.ptr[i] > 0x7e)
            return false;
    return terminal.len >= 1 && terminal.len <= 16 && terminal.ptr[terminal.len - 1] != ' ';
}

/* [1, terminal, session, expiry, label] */
static carnet_rc
read_content(carnet_span cbor, carnet_terminal_code *code, carnet_err *err)
{
    carnet_cbor_reader r = carnet_cbor_open(cbor);
    const uint64_t count = carnet_cbor_count(cbor);
    carnet_span session;
    carnet_cbor_walk walk;
    uint64_t form, expiry;

    carnet_cbor_array(&r, &walk);
    (void)carnet_cbor_array_next(&r, &walk);
    form = carnet_cbor_uint(&r);
    (void)carnet_cbor_array_next(&r, &walk);
    code->terminal = carnet_cbor_tstr(&r);
    (void)carnet_cbor_array_next(&r, &walk);
    session = carnet_cbor_bstr(&r);
    (void)carnet_cbor_array_next(&r, &walk);
    expiry = carnet_cbor_uint(&r);
    (void)carnet_cbor_array_next(&r, &walk);
    code->label = carnet_cbor_tstr(&r);
    (void)carnet_cbor_array_next(&r, &walk);
    if (carnet_cbor_end(&r, NULL) != CARNET_OK || count != 5 || form != FORM || session.len != sizeof(code->session) ||
        expiry > UINT32_MAX || !terminal_valid(code->terminal))
        return refuse(sizeof(PREFIX) - 1, "the code's content is not [1, terminal, session, expiry, label]", err);
    memcpy(code->session, session.ptr, sizeof(code->session));
    code->expiry = (carnet_time)expiry;
    return CARNET_OK;
}

static carnet_rc
read_parts(carnet_str text, const code_parts *parts, carnet_buf *storage, carnet_terminal_code *code, carnet_err *err)
{
    const size_t start = storage->len;
    carnet_terminal_code got = { 0 };
    carnet_rc rc = decode(text, parts->content, storage, err);

    if (rc == CARNET_OK)
        rc = read_content(carnet_span_of(storage->ptr + start, storage->len - start), &got, err);
    if (rc == CARNET_OK)
        *code = got;
    return rc;
}

static carnet_rc
mac_of(carnet_str text, carnet_span key, carnet_crypto *crypto, uint8_t mac[32], carnet_err *err)
{
    const carnet_span part = carnet_str_bytes(text);

    if (key.len < KEY_MIN)
        return carnet_fail(err, CARNET_E_USAGE, CLAUSE, "the key for terminals' codes is too short");
    return carnet_hmac(crypto, CARNET_SHA256, key, &part, 1, mac, err);
}

carnet_rc
carnet_terminal_code_make(const carnet_terminal_code *code, carnet_span key, carnet_crypto *crypto, carnet_buf *out,
                          carnet_err *err)
{
    const size_t start = out->len;
    uint8_t content[CARNET_TERMINAL_CODE_MAX], mac[CARNET_HASH_MAX];
    carnet_cbor_builder b = carnet_cbor_build(content, sizeof(content));
    carnet_span cbor;
    carnet_rc rc;

    if (!terminal_valid(code->terminal) || code->expiry < 0 || code->expiry > UINT32_MAX)
        return carnet_fail(err, CARNET_E_USAGE, CLAUSE, "the terminal or the expiry has no form");
    carnet_cbor_add_array(&b, 5);
    carnet_cbor_add_uint(&b, FORM);
    carnet_cbor_add_tstr(&b, code->terminal);
    carnet_cbor_add_bstr(&b, carnet_span_of(code->session, sizeof(code->session)));
    carnet_cbor_add_uint(&b, (uint64_t)code->expiry);
    carnet_cbor_add_tstr(&b, code->label);
    if ((rc = carnet_cbor_built(&b, &cbor, err)) != CARNET_OK || cbor.len > CARNET_TERMINAL_CODE_STORAGE)
        return carnet_fail(err, rc == CARNET_OK || rc == CARNET_E_NO_SPACE ? CARNET_E_LIMIT : rc, CLAUSE,
                           "the terminal's label is too long for its code, or is not text");
    carnet_buf_add_text(out, PREFIX);
    carnet_base64url_encode(cbor, out);
    rc = mac_of((carnet_str){ (const char *)out->ptr + start, out->len - start }, key, crypto, mac, err);
    carnet_buf_add_byte(out, '.');
    carnet_base64url_encode(carnet_span_of(mac, MAC), out);
    if (rc == CARNET_OK && out->overflow)
        rc = carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    if (rc != CARNET_OK)
        out->len = start;
    return rc;
}

carnet_rc
carnet_terminal_code_read(carnet_str text, carnet_buf *storage, carnet_terminal_code *code, carnet_err *err)
{
    uint8_t mac[MAC];
    carnet_buf room = carnet_buf_of(mac, sizeof(mac));
    code_parts parts = { 0 };
    carnet_rc rc;

    *code = (carnet_terminal_code){ 0 };
    if ((rc = split(text, &parts, err)) != CARNET_OK || (rc = decode(text, parts.mac, &room, err)) != CARNET_OK)
        return rc;
    if (room.len != MAC)
        return refuse(text.len, "the code's MAC is too short", err);
    return read_parts(text, &parts, storage, code, err);
}

static carnet_rc
check_mac(carnet_str text, const code_parts *parts, carnet_span key, carnet_crypto *crypto, carnet_err *err)
{
    uint8_t mac[CARNET_HASH_MAX], said[MAC];
    carnet_buf room = carnet_buf_of(said, sizeof(said));
    carnet_rc rc = decode(text, parts->mac, &room, err);

    if (rc == CARNET_OK && room.len != MAC)
        rc = refuse(text.len, "the code's MAC is too short", err);
    if (rc == CARNET_OK)
        rc = mac_of(parts->signed_text, key, crypto, mac, err);
    if (rc == CARNET_OK && !carnet_equal_secret(carnet_span_of(mac, MAC), carnet_span_of(said, MAC)))
        rc = carnet_fail(err, CARNET_E_TERMINAL_CODE_MAC, CLAUSE, NULL);
    carnet_wipe(mac, sizeof(mac));
    return rc;
}

carnet_rc
carnet_terminal_code_check(carnet_str text, carnet_span key, carnet_time now, carnet_crypto *crypto,
                           carnet_buf *storage, carnet_terminal_code *code, carnet_err *err)
{
    code_parts parts = { 0 };
    carnet_rc rc;

    *code = (carnet_terminal_code){ 0 };
    if ((rc = split(text, &parts, err)) == CARNET_OK && (rc = check_mac(text, &parts, key, crypto, err)) == CARNET_OK)
        rc = read_parts(text, &parts, storage, code, err);
    if (rc == CARNET_OK && now >= code->expiry)
        rc = carnet_fail(err, CARNET_E_TERMINAL_CODE_EXPIRED, CLAUSE, NULL);
    if (rc != CARNET_OK)
        *code = (carnet_terminal_code){ 0 };
    return rc;
}
