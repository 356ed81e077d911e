/* SPDX-License-Identifier: Apache-2.0 */
/* SessionTranscript for every handover. */
#include "carnet/session_transcript.h"

/** A thumbprint among the texts of an array. */
typedef struct thumbprint {
    carnet_span value; /**< 32 octets, or empty: null */
    size_t before;     /**< stands before the text of this index */
} thumbprint;

/** SHA-256 of an array of at most four texts, and a thumbprint if it is not NULL. */
static carnet_rc
digest_array(carnet_crypto *crypto, const carnet_str *texts, size_t count, const thumbprint *key, uint8_t out[32],
             carnet_err *err)
{
    static const uint8_t null_item[] = { 0xf6 }, bstr32[] = { 0x58, 32 };
    uint8_t heads[4][9], array_head = (uint8_t)(0x80 + count + (key != NULL));
    carnet_span parts[11];
    size_t n = 0;

    parts[n++] = carnet_span_of(&array_head, 1);
    for (size_t i = 0; i <= count; i++) {
        if (key != NULL && key->before == i) {
            parts[n++] = key->value.len != 0 ? carnet_span_of(bstr32, 2) : carnet_span_of(null_item, 1);
            parts[n++] = key->value;
        }
        if (i < count) {
            carnet_cbor_builder head = carnet_cbor_build(heads[i], sizeof heads[i]);

            /* The head of a text string is that of a byte string with another major type. */
            carnet_cbor_add_bstr_head(&head, texts[i].len);
            heads[i][0] = (uint8_t)(heads[i][0] | 0x20);
            parts[n++] = carnet_span_of(heads[i], head.len);
            parts[n++] = carnet_str_bytes(texts[i]);
        }
    }
    return carnet_digest(crypto, CARNET_SHA256, parts, n, out, err);
}

/** [name, SHA-256([texts..., thumbprint])] */
static carnet_rc
named_digest(carnet_cbor_builder *b, carnet_crypto *crypto, const char *name, const carnet_str *texts, size_t count,
             const thumbprint *key, carnet_err *err)
{
    uint8_t digest[32];
    carnet_rc rc = digest_array(crypto, texts, count, key, digest, err);

    if (rc == CARNET_OK) {
        carnet_cbor_add_array(b, 2);
        carnet_cbor_add_text(b, name);
        carnet_cbor_add_bstr(b, carnet_span_of(digest, sizeof digest));
    }
    return rc;
}

static void
build_nfc(carnet_cbor_builder *b, const carnet_session_transcript_parameters *p)
{
    carnet_cbor_add_array(b, 2);
    carnet_cbor_add_bstr(b, p->select);
    if (p->request.len != 0) {
        carnet_cbor_add_bstr(b, p->request);
    } else {
        carnet_cbor_add_null(b);
    }
}

static carnet_rc
build_website(carnet_cbor_builder *b, carnet_crypto *crypto, carnet_span reader_engagement, carnet_err *err)
{
    uint8_t head[11], digest[32];
    carnet_cbor_builder h = carnet_cbor_build(head, sizeof head);
    carnet_rc rc;

    carnet_cbor_add_tag(&h, 24);
    carnet_cbor_add_bstr_head(&h, reader_engagement.len);
    rc = carnet_digest(crypto, CARNET_SHA256, (carnet_span[]){ { head, h.len }, reader_engagement }, 2, digest, err);
    if (rc == CARNET_OK) {
        carnet_cbor_add_bstr(b, carnet_span_of(digest, sizeof digest));
    }
    return rc;
}

static carnet_rc
build_18013_7(carnet_cbor_builder *b, carnet_crypto *crypto, const carnet_session_transcript_parameters *p,
              carnet_err *err)
{
    uint8_t client[32], response[32];
    carnet_rc rc;

    rc = digest_array(crypto, (carnet_str[]){ p->client_id, p->mdoc_nonce }, 2, NULL, client, err);
    if (rc == CARNET_OK) {
        rc = digest_array(crypto, (carnet_str[]){ p->response_uri, p->mdoc_nonce }, 2, NULL, response, err);
    }
    if (rc == CARNET_OK) {
        carnet_cbor_add_array(b, 3);
        carnet_cbor_add_bstr(b, carnet_span_of(client, sizeof client));
        carnet_cbor_add_bstr(b, carnet_span_of(response, sizeof response));
        carnet_cbor_add_tstr(b, p->nonce);
    }
    return rc;
}

static carnet_rc
build_handover(carnet_cbor_builder *b, carnet_crypto *crypto, const carnet_session_transcript_parameters *p,
               carnet_err *err)
{
    switch (p->handover) {
    case CARNET_HANDOVER_QR:
        carnet_cbor_add_null(b);
        return CARNET_OK;
    case CARNET_HANDOVER_NFC:
        build_nfc(b, p);
        return CARNET_OK;
    case CARNET_HANDOVER_WEBSITE:
        return build_website(b, crypto, p->reader_engagement, err);
    case CARNET_HANDOVER_ENGAGEMENT:
        carnet_cbor_add_tag24(b, p->reader_engagement);
        return CARNET_OK;
    case CARNET_HANDOVER_18013_7:
        return build_18013_7(b, crypto, p, err);
    case CARNET_HANDOVER_OPENID4VP:
        return named_digest(b, crypto, "OpenID4VPHandover", (carnet_str[]){ p->client_id, p->nonce, p->response_uri },
                            3, &(thumbprint){ p->jwk_thumbprint, 2 }, err);
    case CARNET_HANDOVER_OPENID4VP_DC_API:
        return named_digest(b, crypto, "OpenID4VPDCAPIHandover", (carnet_str[]){ p->origin, p->nonce }, 2,
                            &(thumbprint){ p->jwk_thumbprint, 2 }, err);
    case CARNET_HANDOVER_OPENID4VP_DC_API_DRAFT:
        return named_digest(b, crypto, "OpenID4VPDCAPIHandover", (carnet_str[]){ p->origin, p->client_id, p->nonce }, 3,
                            NULL, err);
    case CARNET_HANDOVER_OPENID4VCI_IAE:
        return named_digest(b, crypto, "OpenID4VCIIAEHandover", (carnet_str[]){ p->origin, p->nonce }, 2,
                            &(thumbprint){ p->jwk_thumbprint, 2 }, err);
    case CARNET_HANDOVER_DC_API:
        return named_digest(b, crypto, "dcapi", (carnet_str[]){ p->encryption_info, p->origin }, 2, NULL, err);
    }
    return carnet_fail(err, CARNET_E_USAGE, NULL, "no such handover");
}

/** What a handover is made of. */
enum {
    NEEDS_SELECT = 1,
    NEEDS_READER_ENGAGEMENT = 2,
    NEEDS_CLIENT_ID = 4,
    NEEDS_RESPONSE_URI = 8,
    NEEDS_MDOC_NONCE = 16,
    NEEDS_NONCE = 32,
    NEEDS_ORIGIN = 64,
    NEEDS_ENCRYPTION_INFO = 128
};

static const uint8_t needs[] = {
    [CARNET_HANDOVER_NFC] = NEEDS_SELECT,
    [CARNET_HANDOVER_WEBSITE] = NEEDS_READER_ENGAGEMENT,
    [CARNET_HANDOVER_ENGAGEMENT] = NEEDS_READER_ENGAGEMENT,
    [CARNET_HANDOVER_18013_7] = NEEDS_CLIENT_ID | NEEDS_RESPONSE_URI | NEEDS_MDOC_NONCE | NEEDS_NONCE,
    [CARNET_HANDOVER_OPENID4VP] = NEEDS_CLIENT_ID | NEEDS_NONCE | NEEDS_RESPONSE_URI,
    [CARNET_HANDOVER_OPENID4VP_DC_API] = NEEDS_ORIGIN | NEEDS_NONCE,
    [CARNET_HANDOVER_OPENID4VP_DC_API_DRAFT] = NEEDS_ORIGIN | NEEDS_CLIENT_ID | NEEDS_NONCE,
    [CARNET_HANDOVER_OPENID4VCI_IAE] = NEEDS_ORIGIN | NEEDS_NONCE,
    [CARNET_HANDOVER_DC_API] = NEEDS_ENCRYPTION_INFO | NEEDS_ORIGIN,
};

/** Everything the handover names is there, and its texts are text. */
static carnet_rc
check_parameters(const carnet_session_transcript_parameters *p, carnet_err *err)
{
    const struct {
        unsigned need;
        carnet_span value;
        bool text;
    } members[] = {
        { NEEDS_SELECT, p->select, false },
        { NEEDS_READER_ENGAGEMENT, p->reader_engagement, false },
        { NEEDS_CLIENT_ID, carnet_str_bytes(p->client_id), true },
        { NEEDS_RESPONSE_URI, carnet_str_bytes(p->response_uri), true },
        { NEEDS_MDOC_NONCE, carnet_str_bytes(p->mdoc_nonce), true },
        { NEEDS_NONCE, carnet_str_bytes(p->nonce), true },
        { NEEDS_ORIGIN, carnet_str_bytes(p->origin), true },
        { NEEDS_ENCRYPTION_INFO, carnet_str_bytes(p->encryption_info), true },
    };

    if ((size_t)p->handover > CARNET_HANDOVER_DC_API) {
        return carnet_fail(err, CARNET_E_USAGE, NULL, "no such handover");
    }
    if (p->jwk_thumbprint.len != 0 && p->jwk_thumbprint.len != 32) {
        return carnet_fail(err, CARNET_E_USAGE, "RFC 7638", "a thumbprint has 32 octets");
    }
    for (size_t i = 0; i < CARNET_COUNT(members); i++) {
        if (!(needs[p->handover] & members[i].need)) {
            continue;
        }
        if (members[i].value.len == 0) {
            return carnet_fail(err, CARNET_E_USAGE, NULL, "something the handover is made of is missing");
        }
        if (members[i].text && !carnet_utf8_valid(members[i].value)) {
            return carnet_fail(err, CARNET_E_CBOR_UTF8, NULL, "a text of the handover is not UTF-8");
        }
    }
    return CARNET_OK;
}

static void
build_bytes_or_null(carnet_cbor_builder *b, carnet_span tagged)
{
    if (tagged.len != 0) {
        carnet_cbor_add_raw(b, tagged);
    } else {
        carnet_cbor_add_null(b);
    }
}

carnet_rc
carnet_session_transcript_build(carnet_cbor_builder *b, carnet_crypto *crypto,
                                const carnet_session_transcript_parameters *p, carnet_err *err)
{
    carnet_rc rc = check_parameters(p, err);

    if (rc == CARNET_OK) {
        carnet_cbor_add_array(b, 3);
        if (p->device_engagement.len != 0) {
            carnet_cbor_add_tag24(b, p->device_engagement);
        } else {
            carnet_cbor_add_null(b);
        }
        build_bytes_or_null(b, p->reader_key_bytes);
        rc = build_handover(b, crypto, p, err);
    }
    if (rc != CARNET_OK && b->rc == CARNET_OK) {
        b->rc = rc;
    } else if (rc == CARNET_OK && b->rc != CARNET_OK) {
        rc = carnet_fail(err, b->rc, NULL, NULL);
    }
    return rc;
}

/** A tag 24 item or null; gives the encoded item, or an empty span for null. */
static carnet_cbor_embedded
read_bytes_or_null(carnet_cbor_reader *r)
{
    if (carnet_cbor_peek(r) == CARNET_CBOR_NULL) {
        carnet_cbor_null(r);
        return (carnet_cbor_embedded){ 0 };
    }
    return carnet_cbor_tag24(r);
}

carnet_rc
carnet_session_transcript_open(carnet_span cbor, carnet_session_transcript *view, carnet_err *err)
{
    carnet_path path = { .name = carnet_str_of("SessionTranscript") };
    carnet_cbor_reader r = carnet_cbor_open(cbor);
    carnet_cbor_embedded tagged = { 0 }, reader_key;
    carnet_cbor_walk walk;
    carnet_rc rc;

    *view = (carnet_session_transcript){ .array = cbor };
    r.path = &path;
    if (carnet_cbor_peek(&r) == CARNET_CBOR_TAG) {
        tagged = carnet_cbor_tag24(&r);
        rc = carnet_cbor_end(&r, err);
        if (rc != CARNET_OK) {
            *view = (carnet_session_transcript){ 0 };
            return rc;
        }
        view->array = tagged.content;
        r = carnet_cbor_open_within(&r, tagged.content, &path);
    }
    r.allow = CARNET_CBOR_LENIENT;
    if (carnet_cbor_peek(&r) == CARNET_CBOR_ARRAY && carnet_cbor_count(view->array) != 3) {
        carnet_cbor_refuse(&r, CARNET_E_SESSION_TRANSCRIPT, NULL, "18013-5 12.2", "it is not an array of three");
    }
    carnet_cbor_array(&r, &walk);
    carnet_cbor_array_next(&r, &walk);
    view->device_engagement = read_bytes_or_null(&r).content;
    carnet_cbor_array_next(&r, &walk);
    reader_key = read_bytes_or_null(&r);
    view->reader_key_bytes = reader_key.encoded;
    carnet_cbor_array_next(&r, &walk);
    view->handover = carnet_cbor_any(&r);
    (void)carnet_cbor_array_next(&r, &walk);
    rc = carnet_cbor_end(&r, err);
    if (rc != CARNET_OK) {
        *view = (carnet_session_transcript){ 0 };
    }
    return rc;
}

carnet_rc
carnet_session_transcript_salt(carnet_crypto *crypto, carnet_span array, uint8_t out[32], carnet_err *err)
{
    uint8_t head[11];
    carnet_cbor_builder h = carnet_cbor_build(head, sizeof head);

    carnet_cbor_add_tag(&h, 24);
    carnet_cbor_add_bstr_head(&h, array.len);
    return carnet_digest(crypto, CARNET_SHA256, (carnet_span[]){ { head, h.len }, array }, 2, out, err);
}
