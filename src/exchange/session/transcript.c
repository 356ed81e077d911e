/* SPDX-License-Identifier: Apache-2.0 */
/* SessionTranscript for every handover. */
#include "carnet/session_transcript.h"

/** SHA-256 of what a builder callback writes, kept in a buffer bounded by the texts of a request. */
static carnet_rc
digest_array(carnet_crypto *crypto, const carnet_str *texts, size_t count, const carnet_span *thumbprint,
             uint8_t out[32], carnet_err *err)
{
    uint8_t heads[8][9];
    carnet_span parts[18];
    size_t n = 0;
    uint8_t array_head = (uint8_t)(0x80 + count + (thumbprint != NULL));

    parts[n++] = carnet_span_of(&array_head, 1);
    for (size_t i = 0; i < count; i++) {
        carnet_cbor_builder head = carnet_cbor_build(heads[i], sizeof heads[i]);

        /* The head of a text string is that of a byte string with another major type. */
        carnet_cbor_add_bstr_head(&head, texts[i].len);
        heads[i][0] = (uint8_t)(heads[i][0] | 0x20);
        parts[n++] = carnet_span_of(heads[i], head.len);
        parts[n++] = carnet_str_bytes(texts[i]);
    }
    if (thumbprint != NULL) {
        static const uint8_t null_item[] = { 0xf6 }, bstr32[] = { 0x58, 32 };

        parts[n++] = thumbprint->len != 0 ? carnet_span_of(bstr32, 2) : carnet_span_of(null_item, 1);
        parts[n++] = *thumbprint;
    }
    return carnet_digest(crypto, CARNET_SHA256, parts, n, out, err);
}

/** [name, SHA-256([texts..., thumbprint])] */
static carnet_rc
named_digest(carnet_cbor_builder *b, carnet_crypto *crypto, const char *name, const carnet_str *texts, size_t count,
             const carnet_span *thumbprint, carnet_err *err)
{
    uint8_t digest[32];
    carnet_rc rc = digest_array(crypto, texts, count, thumbprint, digest, err);

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

/** OpenID4VPHandover: [client_id, nonce, thumbprint, response_uri], so the thumbprint is not last. */
static carnet_rc
build_openid4vp(carnet_cbor_builder *b, carnet_crypto *crypto, const carnet_session_transcript_parameters *p,
                carnet_err *err)
{
    static const uint8_t array4[] = { 0x84 };
    uint8_t heads[3][9], key_head[2] = { 0x58, 32 }, digest[32];
    carnet_str texts[3] = { p->client_id, p->nonce, p->response_uri };
    size_t head_len[3];
    carnet_rc rc;

    for (size_t i = 0; i < 3; i++) {
        carnet_cbor_builder head = carnet_cbor_build(heads[i], sizeof heads[i]);

        carnet_cbor_add_bstr_head(&head, texts[i].len);
        heads[i][0] = (uint8_t)(heads[i][0] | 0x20);
        head_len[i] = head.len;
    }
    key_head[0] = p->jwk_thumbprint.len != 0 ? key_head[0] : 0xf6;
    rc = carnet_digest(crypto, CARNET_SHA256,
                       (carnet_span[]){ carnet_span_of(array4, 1),
                                        { heads[0], head_len[0] },
                                        carnet_str_bytes(texts[0]),
                                        { heads[1], head_len[1] },
                                        carnet_str_bytes(texts[1]),
                                        { key_head, p->jwk_thumbprint.len != 0 ? 2u : 1u },
                                        p->jwk_thumbprint,
                                        { heads[2], head_len[2] },
                                        carnet_str_bytes(texts[2]) },
                       9, digest, err);
    if (rc == CARNET_OK) {
        carnet_cbor_add_array(b, 2);
        carnet_cbor_add_text(b, "OpenID4VPHandover");
        carnet_cbor_add_bstr(b, carnet_span_of(digest, sizeof digest));
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
        return build_openid4vp(b, crypto, p, err);
    case CARNET_HANDOVER_OPENID4VP_DC_API:
        return named_digest(b, crypto, "OpenID4VPDCAPIHandover", (carnet_str[]){ p->origin, p->nonce }, 2,
                            &p->jwk_thumbprint, err);
    case CARNET_HANDOVER_OPENID4VP_DC_API_DRAFT:
        return named_digest(b, crypto, "OpenID4VPDCAPIHandover", (carnet_str[]){ p->origin, p->client_id, p->nonce }, 3,
                            NULL, err);
    case CARNET_HANDOVER_OPENID4VCI_IAE:
        return named_digest(b, crypto, "OpenID4VCIIAEHandover", (carnet_str[]){ p->origin, p->nonce }, 2,
                            &p->jwk_thumbprint, err);
    case CARNET_HANDOVER_DC_API:
        return named_digest(b, crypto, "dcapi", (carnet_str[]){ p->encryption_info, p->origin }, 2, NULL, err);
    }
    return carnet_fail(err, CARNET_E_USAGE, NULL, "no such handover");
}

carnet_rc
carnet_session_transcript_build(carnet_cbor_builder *b, carnet_crypto *crypto,
                                const carnet_session_transcript_parameters *p, carnet_err *err)
{
    carnet_rc rc;

    if (p->jwk_thumbprint.len != 0 && p->jwk_thumbprint.len != 32) {
        return carnet_fail(err, CARNET_E_USAGE, "RFC 7638", "a thumbprint has 32 octets");
    }
    carnet_cbor_add_array(b, 3);
    if (p->device_engagement.len != 0) {
        carnet_cbor_add_tag24(b, p->device_engagement);
    } else {
        carnet_cbor_add_null(b);
    }
    if (p->reader_key_bytes.len != 0) {
        carnet_cbor_add_raw(b, p->reader_key_bytes);
    } else {
        carnet_cbor_add_null(b);
    }
    rc = build_handover(b, crypto, p, err);
    if (rc == CARNET_OK && b->rc != CARNET_OK) {
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
