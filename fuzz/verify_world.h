/* SPDX-License-Identifier: Apache-2.0 */
/* The parties of the seeds in corpus/verify, by fixed keys: whoever has these keys may make more. */
#ifndef CARNET_FUZZ_VERIFY_WORLD_H
#define CARNET_FUZZ_VERIFY_WORLD_H
#include "carnet/certificate_builder.h"
#include "carnet/verify.h"
#include "fuzz.h"

#include <string.h>

#define WORLD_NOW      INT64_C(1795219200) /* 2026-11-21 */
#define WORLD_FROM     INT64_C(1780272000) /* 2026-06-01 */
#define WORLD_UNTIL    INT64_C(1811808000) /* 2027-06-01 */
#define WORLD_DOC_TYPE "org.iso.18013.5.1.mDL"

typedef struct verify_world {
    carnet_crypto crypto;
    carnet_key authority, signer, device, reader;
    uint8_t authority_room[CARNET_CERTIFICATE_MAX], signer_room[CARNET_CERTIFICATE_MAX];
    carnet_span authority_der, signer_der;
    carnet_certificate anchor;
    carnet_anchor_array anchors;
    carnet_trust_anchors source;
    carnet_key *reader_keys[1];
} verify_world;

static const uint8_t world_transcript[] = { 0x83, 0xf6, 0xf6, 0x82, 0x61, 'h', 0x41, 0x01 };

static inline uint64_t
world_generation(const void *self)
{
    (void)self;
    return 1;
}

static inline void
world_key(verify_world *w, carnet_key *key, uint8_t fill)
{
    uint8_t scalar[32];

    memset(scalar, fill, sizeof(scalar));
    MUST(carnet_software_key_from_scalar(&w->crypto, CARNET_CURVE_P256, carnet_span_of(scalar, sizeof(scalar)),
                                         CARNET_KEY_SIGN | CARNET_KEY_AGREE, key, NULL) == CARNET_OK);
}

static inline carnet_span
world_certificate(verify_world *w, const carnet_certificate_profile *profile, const char *name,
                  const carnet_key *subject, const carnet_certificate *issuer, uint8_t *room)
{
    static const uint8_t serial[] = { 0x5a, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 };
    carnet_certificate_spec spec = {
        .struct_size = sizeof(spec),
        .profile = profile,
        .subject = { .country = carnet_str_of("UT"), .common_name = carnet_str_of(name) },
        .public_key = subject->public_key,
        .not_before = WORLD_FROM,
        .not_after = WORLD_UNTIL,
        .issuer_uri = carnet_str_of("https://utopia.example"),
        .crl_uri = carnet_str_of("https://utopia.example/crl"),
        .serial = { serial, sizeof(serial) },
    };
    carnet_buf out = carnet_buf_of(room, CARNET_CERTIFICATE_MAX);

    MUST(carnet_certificate_build(&spec, issuer, &w->authority, &w->crypto, &out, NULL) == CARNET_OK);
    return carnet_buf_span(&out);
}

static inline void
verify_world_init(verify_world *w)
{
    MUST(carnet_crypto_init(&w->crypto, NULL) == CARNET_OK);
    world_key(w, &w->authority, 0x11);
    world_key(w, &w->signer, 0x22);
    world_key(w, &w->device, 0x33);
    world_key(w, &w->reader, 0x44);
    w->authority_der = world_certificate(w, &carnet_profile_iaca, "utopia", &w->authority, NULL, w->authority_room);
    MUST(carnet_certificate_open(w->authority_der, &w->anchor, NULL) == CARNET_OK);
    w->signer_der =
        world_certificate(w, &carnet_profile_document_signer_mdl, "signer", &w->signer, &w->anchor, w->signer_room);
    w->anchors = (carnet_anchor_array){ &w->anchor, 1 };
    w->source = carnet_trust_anchors_of(&w->anchors);
    w->source.generation = world_generation;
    w->reader_keys[0] = &w->reader;
}

#endif
