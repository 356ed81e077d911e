/* SPDX-License-Identifier: Apache-2.0 */
/* What a presentation's session reads: its own state, elements of the configuration. */
#include "fuzz.h"
#include "internal.h"

#include <string.h>

static void
element(carnet_str text)
{
    carnet_presentation_element e;

    if (carnet_presentation_element_read(text, &e, NULL) != CARNET_OK)
        return;
    MUST(e.asked.name_space.len > 0 && e.asked.identifier.len > 0);
    MUST(e.asked.retain == (e.claim.identifier.len > 0));
    MUST(memchr(e.asked.identifier.ptr, '/', e.asked.identifier.len) == NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t room[2][65536];
    presentation_session s = { 0 }, again = { 0 };
    carnet_cbor_builder b = carnet_cbor_build(room[0], sizeof(room[0]));
    carnet_span built;

    if (size > 32768)
        return 0;
    element((carnet_str){ (const char *)data, size });
    if (carnet_presentation_session_open(carnet_span_of(data, size), &s, NULL) != CARNET_OK)
        return 0;
    carnet_presentation_session_build(&b, &s);
    MUST(carnet_cbor_built(&b, &built, NULL) == CARNET_OK && built.len <= size + 1);
    MUST(carnet_presentation_session_open(built, &again, NULL) == CARNET_OK);
    MUST(again.step == s.step && again.why == s.why && again.attempts == s.attempts);
    MUST(carnet_str_equal(again.claims, s.claims) && carnet_equal_secret(again.state, s.state));
    return 0;
}
