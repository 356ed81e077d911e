/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/oauth_error.h"
#include "carnet/oauth_url.h"
#include "fuzz.h"

/* A URL's parts are in it; its normal form is its own, and no longer than it by more than a slash.  The same octets as a
 * WWW-Authenticate field: what is found fits its room. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t room[CARNET_OAUTH_URL_MAX + 1], again_room[CARNET_OAUTH_URL_MAX + 1], field_room[65536];
    carnet_buf out = carnet_buf_of(room, sizeof(room)), again = carnet_buf_of(again_room, sizeof(again_room));
    carnet_buf field = carnet_buf_of(field_room, sizeof(field_room));
    const carnet_str text = { (const char *)data, size };
    carnet_oauth_answer answer;
    carnet_oauth_url parts;
    carnet_err err = { 0 };

    if (carnet_oauth_authenticate_read(text, "DPoP", &field, &answer))
        MUST(answer.name.len != 0 && answer.name.len <= size && answer.description.len <= size);
    if (carnet_oauth_url_split(text, &parts, &err) != CARNET_OK) {
        MUST(err.rc == CARNET_E_OAUTH_URL && parts.host.len == 0);
        return 0;
    }
    MUST(size <= CARNET_OAUTH_URL_MAX && parts.host.len != 0);
    MUST(fuzz_inside(carnet_str_bytes(parts.host), carnet_str_bytes(text)));
    MUST(fuzz_inside(carnet_str_bytes(parts.path), carnet_str_bytes(text)));
    MUST(carnet_oauth_url_normalise(text, &out, NULL) == CARNET_OK && out.len <= size + 1);
    if (out.len > CARNET_OAUTH_URL_MAX)
        return 0;
    MUST(carnet_oauth_url_normalise(carnet_buf_str(&out), &again, NULL) == CARNET_OK);
    MUST(carnet_span_equal(carnet_buf_span(&out), carnet_buf_span(&again)));
    MUST(carnet_oauth_url_same(text, carnet_buf_str(&out)));
    return 0;
}
