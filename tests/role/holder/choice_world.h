/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests and holdings in one line each, for tables of choices.
 *
 * A document held: a type (mdl, pid, pho), an authority (@A, @B), elements.
 *     "mdl@A family_name age_over_18 age_over_21- ~height %CHV_1 !"
 * An age with "-" is false; "~" is a value the device signs and may, "?" one it may not; "%" an element the issuer
 * authorised and nothing more; "!" an expired document; "x:name" stands in another name space.
 *
 * A DocRequest: a type, elements with alternatives, options; DocRequests are parted by " ; ".
 *     "mdl family_name! birth_date|age_over_18|given_name+age_over_21 issuer=A unique=no max=900 zk format=dc+sd-jwt"
 * "!" is intent to retain.
 *
 * Use cases: "M0,1/2 O3#3": a mandatory one of sets {0,1} and {2}, an optional one of {3} with purpose hint 3.
 */
#ifndef CARNET_TEST_CHOICE_WORLD_H
#define CARNET_TEST_CHOICE_WORLD_H
#include "../world.h"
#include "carnet/holder_choice.h"
#include "carnet/reader_identity.h"

#define CHOICE_DOCS   8
#define CHOICE_OFFERS 512

typedef struct choice_world {
    world w;
    carnet_key authority_b, signer_b;
    carnet_span authority_b_certificate, signer_b_certificate;
    uint8_t certificates_b[2][CARNET_CERTIFICATE_MAX];
    carnet_span key_ids[2]; /* of the authorities A and B */
    carnet_held_document held[CHOICE_DOCS];
    carnet_element device_elements[CHOICE_DOCS][4];
    size_t held_count;
    uint8_t issued[CHOICE_DOCS][8192];
    uint8_t request_room[8192];
    carnet_span request;
    carnet_device_request view;
    carnet_offer offers[CHOICE_OFFERS];
    carnet_choice choice;
    uint8_t scratch[65536], response_room[65536];
    carnet_span response;
} choice_world;

void choice_world_begin(choice_world *c);
void choice_world_done(choice_world *c);
/* Hold one document more, as above. */
void choice_world_hold(choice_world *c, const char *spec);
void choice_world_forget(choice_world *c);
/* Make the request, signed for readerAuthAll by the world's reader if `transcript` is not empty. */
void choice_world_ask(choice_world *c, const char *spec, const char *use_cases, carnet_span transcript);
carnet_rc choice_world_make(choice_world *c, const carnet_choice_options *options);
/* What would leave: "0:2 family_name! age_over_21; 1:0 ..." (DocRequest:document), or "-" if nothing would. */
const char *choice_world_text(const choice_world *c);
/* The same of what is consented to, after settling; "-" if nothing may leave. */
const char *choice_world_settled(const choice_world *c);
/* Build the response with everything consented to. */
carnet_rc choice_world_respond(choice_world *c);
/* Set the consent to an element, wherever it would leave. */
void choice_world_deny(choice_world *c, const char *identifier);

#endif
