/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/dpop.h"
#include "carnet/oauth_url.h"
#include "token_world.h"

#define URL "https://as.example/token"

/* A token as it is (first octet even), or claims that come signed (odd).  What is accepted is for this request, fresh, and by
 * the key it names. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t room[65536], token_room[65536];
    carnet_buf storage = carnet_buf_of(room, sizeof(room)), token = carnet_buf_of(token_room, sizeof(token_room));
    const carnet_dpop_expectation expectation = { .struct_size = sizeof(expectation),
                                                  .method = carnet_str_of("POST"),
                                                  .url = carnet_str_of(URL),
                                                  .now = NOW,
                                                  .skew = 60 };
    carnet_str text;
    carnet_dpop view;
    carnet_err err = { 0 };
    carnet_rc rc;

    token_world_begin();
    if (size == 0)
        return 0;
    text = (carnet_str){ (const char *)data + 1, size - 1 };
    if (data[0] & 1)
        text = token_world_sign(CARNET_DPOP_TYPE, &key.public_key, text, &token);
    rc = carnet_dpop_check(text, &expectation, &crypto, &storage, &view, &err);
    if (rc != CARNET_OK) {
        MUST(rc == CARNET_E_DPOP_PROOF && err.rc == rc && view.jws.header == NULL);
        return 0;
    }
    MUST(text.len <= CARNET_DPOP_MAX && view.jwt_id.len != 0);
    MUST(view.issued_at >= NOW - 360 && view.issued_at <= NOW + 60);
    MUST(carnet_str_is(carnet_json_string(carnet_json_get(view.jws.claims, "htm")), "POST"));
    MUST(carnet_oauth_url_same(carnet_json_string(carnet_json_get(view.jws.claims, "htu")), expectation.url));
    MUST(carnet_jws_verify(&view.jws, &crypto, &view.key, NULL) == CARNET_OK);
    carnet_dpop_close(&view);
    return 0;
}
