/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Obtaining from an issuer that answers whatever it likes.  The input is cut at 1e: first a byte of bits for the wallet (see
 * FLAG_) and an offer's link; then answers, each a byte that says the status, a byte of bits for its header, and the body, in
 * which 01 stands for a document that is good and for a key of the wallet.
 */
#include "carnet/client_attestation.h"
#include "carnet/issuer_signed.h"
#include "carnet/key_attestation.h"
#include "carnet/obtain.h"
#include "talk_world.h"

enum {
    FLAG_DPOP = 1,
    FLAG_ATTESTED = 2,
    FLAG_KEYS = 4,
    FLAG_HAIP = 8,
    FLAG_LOOPBACK = 16,
    FLAG_UNTRUSTED = 32,
    FLAG_ISSUER = 64,
    FLAG_GRANT = 128
};
enum { HEAD_JWT = 1, HEAD_NONCE = 2, HEAD_CHALLENGE = 4, HEAD_DPOP = 8, HEAD_RETRY = 16 };
enum { ACTIONS = 400, BODY = 1 << 18 };

static talk_world t;
static uint8_t memory[CARNET_OBTAIN_MEMORY_MIN], body[BODY], document_text[8192];
static size_t document_len;
static carnet_key *const device[] = { &t.w.device };

static void
set_up(void)
{
    static bool done;
    carnet_buf out = carnet_buf_of(document_text, sizeof(document_text));

    if (done)
        return;
    talk_world_init(&t);
    carnet_base64url_encode(t.issuer_signed, &out);
    MUST(!out.overflow);
    document_len = out.len;
    done = true;
}

/* The input's next part. */
static carnet_span
part(carnet_span *rest)
{
    const uint8_t *end = rest->len > 0 ? memchr(rest->ptr, 0x1e, rest->len) : NULL;
    size_t len = end != NULL ? (size_t)(end - rest->ptr) : rest->len;
    carnet_span out = carnet_span_of(rest->ptr, len);

    *rest = carnet_span_of(rest->ptr + len + (end != NULL), rest->len - len - (end != NULL));
    return out;
}

/* Schemes are of either case. */
static bool
begins(carnet_str url, const char *scheme)
{
    size_t len = strlen(scheme);
    bool good = url.len > len;

    for (size_t i = 0; good && i < len; i++)
        good = (url.ptr[i] | 0x20) == (scheme[i] | 0x20);
    return good;
}

static void
check_request(const carnet_obtain_request *r, unsigned flags)
{
    MUST(begins(r->url, "https://") || ((flags & FLAG_LOOPBACK) != 0 && begins(r->url, "http://")));
    for (size_t i = 0; i < r->field_count; i++) {
        for (size_t n = 0; n < r->fields[i].len; n++)
            MUST((unsigned char)r->fields[i].ptr[n] >= 0x20 && r->fields[i].ptr[n] != 0x7f);
    }
    MUST(r->limit > 0 && fuzz_inside(r->body, carnet_span_of(memory, sizeof(memory))));
}

/* Nothing is kept that is not good, trusted, and for the key that was made for it. */
static void
check_documents(const carnet_obtain_action *a, unsigned flags)
{
    MUST(a->count >= 1 && a->count <= CARNET_COUNT(device));
    for (size_t i = 0; i < a->count; i++) {
        const carnet_obtained_document *d = &a->documents[i];
        carnet_issuer_signed view;

        MUST(d->key < CARNET_COUNT(device) && (d->trusted || (flags & FLAG_UNTRUSTED) != 0));
        MUST(fuzz_inside(d->issuer_signed, carnet_span_of(memory, sizeof(memory))));
        MUST(carnet_issuer_signed_open(d->issuer_signed, CARNET_CBOR_LENIENT, &view, NULL) == CARNET_OK);
        MUST(d->doc_type.len > 0 && d->valid_until > WORLD_NOW - 61);
    }
}

static void
answer(carnet_obtain *o, carnet_span *rest)
{
    static const unsigned statuses[] = { 200, 201, 202, 204, 302, 400, 401, 403, 404, 406, 429, 500, 503 };
    carnet_span given = part(rest);
    carnet_buf out = carnet_buf_of(body, sizeof(body));
    carnet_obtain_answer a = { 0 };
    carnet_err err = { .rc = CARNET_E_LINK_LOST, .offset = CARNET_NO_OFFSET };
    unsigned head;

    if (given.len < 2) {
        carnet_obtain_unreachable(o, &err);
        return;
    }
    head = given.ptr[1];
    for (size_t i = 2; i < given.len; i++) {
        if (given.ptr[i] == 1)
            carnet_buf_add(&out, carnet_span_of(document_text, document_len));
        else
            carnet_buf_add_byte(&out, given.ptr[i]);
    }
    a.status = statuses[given.ptr[0] % CARNET_COUNT(statuses)];
    a.content_type = carnet_str_of((head & HEAD_JWT) != 0 ? "application/jwt" : "application/json");
    a.dpop_nonce = carnet_str_of((head & HEAD_NONCE) != 0 ? "nonce" : NULL);
    a.attestation_challenge = carnet_str_of((head & HEAD_CHALLENGE) != 0 ? "challenge" : NULL);
    a.authenticate = carnet_str_of((head & HEAD_DPOP) != 0 ? "DPoP error=\"use_dpop_nonce\"" : NULL);
    a.retry_after = carnet_str_of((head & HEAD_RETRY) != 0 ? "1" : NULL);
    a.body = carnet_buf_span(&out);
    carnet_obtain_answered(o, &a);
}

static void
attest(carnet_obtain *o, const carnet_obtain_action *a)
{
    static uint8_t room[16384];
    carnet_buf jwt = carnet_buf_of(room, sizeof(room));
    const carnet_client_attestation_spec client = { .struct_size = sizeof(client),
                                                    .issuer = carnet_str_of("a"),
                                                    .client_id = carnet_str_of("w"),
                                                    .key = &t.w.reader.public_key,
                                                    .issued_at = WORLD_NOW,
                                                    .expires = WORLD_NOW + 100,
                                                    .key_id = carnet_str_of("k") };
    const carnet_key_attestation_spec keys = { .struct_size = sizeof(keys),
                                               .keys = a->keys,
                                               .key_count = a->count,
                                               .issued_at = WORLD_NOW,
                                               .expires = WORLD_NOW + 100,
                                               .nonce = a->nonce,
                                               .key_id = carnet_str_of("k") };
    carnet_err err = { 0 };
    carnet_rc rc = a->kind == CARNET_OBTAIN_CLIENT_ATTESTATION
                       ? carnet_client_attestation_build(&client, &t.w.signer, &t.w.crypto, &jwt, &err)
                       : carnet_key_attestation_build(&keys, &t.w.signer, &t.w.crypto, &jwt, &err);

    if (rc == CARNET_OK && !jwt.overflow)
        carnet_obtain_attested(o, carnet_buf_str(&jwt));
    else
        carnet_obtain_declined(o, &err);
}

static void
act(carnet_obtain *o, const carnet_obtain_action *a, unsigned flags, carnet_span *rest)
{
    const carnet_obtain_consent consent = { .tx_code = carnet_str_of("1234") };
    carnet_credential_configuration c;
    carnet_span back;

    switch (a->kind) {
    case CARNET_OBTAIN_HTTP:
        check_request(&a->request, flags);
        answer(o, rest);
        break;
    case CARNET_OBTAIN_CONSENT:
        for (size_t i = 0; carnet_obtain_configuration(o, i, &c, NULL); i++) {
        }
        carnet_obtain_consented(o, &consent);
        break;
    case CARNET_OBTAIN_CLIENT_ATTESTATION:
    case CARNET_OBTAIN_KEY_ATTESTATION:
        attest(o, a);
        break;
    case CARNET_OBTAIN_BROWSER:
        back = part(rest);
        carnet_obtain_returned(o, (carnet_str){ (const char *)back.ptr, back.len });
        break;
    case CARNET_OBTAIN_KEYS:
        MUST(a->count == 1 && a->curve == CARNET_CURVE_P256);
        carnet_obtain_keyed(o, device, a->count);
        break;
    case CARNET_OBTAIN_WAIT:
        carnet_obtain_waited(o);
        break;
    default:
        check_documents(a, flags);
        carnet_obtain_kept(o);
        break;
    }
}

static void
run(carnet_obtain *o, unsigned flags, carnet_span rest)
{
    for (unsigned i = 0; i < ACTIONS + 4 * rest.len; i++) {
        const carnet_obtain_action *a = carnet_obtain_next(o, WORLD_NOW);

        if (a->kind == CARNET_OBTAIN_DONE)
            return;
        if (a->kind == CARNET_OBTAIN_FAILED) {
            MUST(a->err != NULL && a->err->rc != CARNET_OK);
            MUST(carnet_utf8_valid(carnet_str_bytes(carnet_str_of(a->refusal->description))));
            return;
        }
        act(o, a, flags, &rest);
    }
    MUST(false); /* it does not end */
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const carnet_curve curves[] = { CARNET_CURVE_P256 };
    static const carnet_str mdl = { "mdl", 3 };
    static const carnet_obtain_grant grant = { .credential_issuer = { "https://i.example", 17 },
                                               .authorization_server = { "https://i.example", 17 },
                                               .refresh_token = { "r", 1 } };
    carnet_span rest = carnet_span_of(data, size), first = part(&rest);
    unsigned flags = first.len > 0 ? first.ptr[0] : 0;
    carnet_obtain_parameters p = { .struct_size = sizeof(p), .curves = curves, .curve_count = 1 };
    carnet_obtain_start start = { 0 };
    carnet_obtain o;

    set_up();
    p.crypto = &t.w.crypto;
    p.memory = carnet_buf_of(memory, sizeof(memory));
    p.anchors = &t.w.source;
    p.dpop_key = (flags & FLAG_DPOP) != 0 ? &t.w.reader : NULL;
    p.instance_key = (flags & FLAG_ATTESTED) != 0 ? &t.w.reader : NULL;
    p.key_attestations = (flags & FLAG_KEYS) != 0;
    p.haip = (flags & FLAG_HAIP) != 0;
    p.insecure_loopback = (flags & FLAG_LOOPBACK) != 0;
    p.accept_untrusted = (flags & FLAG_UNTRUSTED) != 0;
    p.client_id = carnet_str_of("w");
    p.redirect_uri = carnet_str_of("http://127.0.0.1:1/c");
    if ((flags & FLAG_GRANT) != 0) {
        start = (carnet_obtain_start){ .grant = &grant, .configuration_ids = &mdl, .configuration_count = 1 };
    } else if ((flags & FLAG_ISSUER) != 0) {
        start = (carnet_obtain_start){ .issuer = carnet_str_of("https://i.example"),
                                       .configuration_ids = &mdl,
                                       .configuration_count = 1 };
    } else if (first.len > 1) {
        start.link = (carnet_str){ (const char *)first.ptr + 1, first.len - 1 };
    }
    if (carnet_obtain_begin(&o, &p, &start, NULL) == CARNET_OK)
        run(&o, flags, rest);
    carnet_obtain_done(&o);
    MUST(o.state == NULL);
    return 0;
}
