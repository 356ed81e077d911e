/* SPDX-License-Identifier: Apache-2.0 */
/* A holder and a reader with fixed ephemeral keys in a session, for what a fuzzer cannot encrypt. */
#ifndef CARNET_FUZZ_TALK_WORLD_H
#define CARNET_FUZZ_TALK_WORLD_H
#include "carnet/holder.h"
#include "carnet/issue.h"
#include "carnet/reader.h"
#include "verify_world.h"

typedef struct talk_world {
    verify_world w;
    uint8_t engagement_room[256], transcript_room[512], key_room[128], issued_room[4096];
    carnet_span engagement, transcript, reader_key_bytes, issuer_signed;
    carnet_session mdoc, reader; /* as they begin: copied for each input */
} talk_world;

static inline carnet_span
talk_built(const carnet_cbor_builder *b)
{
    carnet_span out;

    MUST(carnet_cbor_built(b, &out, NULL) == CARNET_OK);
    return out;
}

static inline carnet_key
talk_key(talk_world *t, uint8_t fill)
{
    carnet_key key;

    world_key(&t->w, &key, fill);
    return key;
}

/* A document of five elements, made anew when the program begins. */
static inline void
talk_issue(talk_world *t)
{
    static const char ns[] = "org.iso.18013.5.1";
    const carnet_element elements[] = {
        { carnet_str_of(ns), carnet_str_of("family_name"),
          carnet_span_of("\x63"
                         "abc",
                         4) },
        { carnet_str_of(ns), carnet_str_of("given_name"),
          carnet_span_of("\x63"
                         "abc",
                         4) },
        { carnet_str_of(ns), carnet_str_of("age_over_16"), carnet_span_of("\xf5", 1) },
        { carnet_str_of(ns), carnet_str_of("age_over_18"), carnet_span_of("\xf5", 1) },
        { carnet_str_of(ns), carnet_str_of("age_over_21"), carnet_span_of("\xf4", 1) },
    };
    carnet_issue issue = { .struct_size = sizeof(issue),
                           .doc_type = carnet_str_of(WORLD_DOC_TYPE),
                           .elements = elements,
                           .count = CARNET_COUNT(elements),
                           .signed_at = WORLD_NOW - 10,
                           .valid_from = WORLD_NOW - 10,
                           .valid_until = WORLD_NOW + 1000,
                           .device_key = &t->w.device.public_key };
    carnet_issue_signer signer;
    carnet_buf buf = carnet_buf_of(t->issued_room, sizeof(t->issued_room));

    MUST(carnet_issue_signer_init(&signer, &t->w.signer, &t->w.signer_der, 1, NULL) == CARNET_OK);
    MUST(carnet_issue_build(&issue, &signer, &t->w.crypto, &buf, &t->issuer_signed, NULL) == CARNET_OK);
}

static inline void
talk_world_init(talk_world *t)
{
    carnet_session_transcript_parameters p = { .handover = CARNET_HANDOVER_QR };
    carnet_cbor_builder b = carnet_cbor_build(t->engagement_room, sizeof(t->engagement_room));
    carnet_key e_device, e_reader;

    verify_world_init(&t->w);
    e_device = talk_key(t, 0x55);
    e_reader = talk_key(t, 0x66);
    carnet_engagement_build(&b, &(carnet_engagement_parameters){ .key = &e_device.public_key });
    t->engagement = talk_built(&b);
    b = carnet_cbor_build(t->key_room, sizeof(t->key_room));
    carnet_cbor_add_tag(&b, 24);
    carnet_cbor_add_bstr_head(&b, carnet_cose_key_size(&e_reader.public_key));
    carnet_cose_key_build(&b, &e_reader.public_key);
    t->reader_key_bytes = talk_built(&b);
    p.device_engagement = t->engagement;
    p.reader_key_bytes = t->reader_key_bytes;
    b = carnet_cbor_build(t->transcript_room, sizeof(t->transcript_room));
    MUST(carnet_session_transcript_build(&b, &t->w.crypto, &p, NULL) == CARNET_OK);
    t->transcript = talk_built(&b);
    MUST(carnet_session_init(&t->mdoc, CARNET_SESSION_MDOC, &t->w.crypto, &e_device, &e_reader.public_key,
                             t->transcript, NULL) == CARNET_OK);
    MUST(carnet_session_init(&t->reader, CARNET_SESSION_READER, &t->w.crypto, &e_reader, &e_device.public_key,
                             t->transcript, NULL) == CARNET_OK);
    carnet_key_done(&e_device);
    carnet_key_done(&e_reader);
    talk_issue(t);
}

/* Seal the input as the session's next message; its length in `room`. */
static inline size_t
talk_seal(talk_world *t, carnet_session *session, carnet_span plain, carnet_session_status status, uint8_t *room,
          size_t cap)
{
    carnet_cbor_builder b = carnet_cbor_build(room, cap);
    bool first = session->role == CARNET_SESSION_READER && session->sent == 0;

    MUST(carnet_session_seal(session, &t->w.crypto, first ? t->reader_key_bytes : (carnet_span){ 0 }, plain, status, &b,
                             NULL) == CARNET_OK);
    return b.len;
}

/* Nothing of a key is left. */
static inline void
talk_check_wiped(const carnet_session *session)
{
    static const carnet_secret none;

    MUST(!session->open);
    MUST(memcmp(&session->reader_key, &none, sizeof(none)) == 0);
    MUST(memcmp(&session->device_key, &none, sizeof(none)) == 0);
}

#endif
