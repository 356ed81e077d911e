/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/authorization_server_metadata.h"
#include "fuzz.h"

/* What is read is of the issuer asked for and has secure endpoints; written, it is read and written the same. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t room[1 << 21], again_room[1 << 21];
    carnet_buf out = carnet_buf_of(room, sizeof(room)), out_again = carnet_buf_of(again_room, sizeof(again_room));
    const carnet_str issuer = carnet_str_of("https://as.example");
    carnet_authorization_server_metadata got, again;
    carnet_oauth_url parts;
    carnet_err err = { 0 };
    carnet_rc rc;

    rc = carnet_authorization_server_metadata_read((carnet_str){ (const char *)data, size }, issuer, false, &got, &err);
    if (rc != CARNET_OK) {
        MUST((rc == CARNET_E_OAUTH_METADATA || rc == CARNET_E_OAUTH_ISSUER) && err.rc == rc && got.document == NULL);
        return 0;
    }
    MUST(carnet_str_equal(got.issuer, issuer));
    MUST(carnet_oauth_url_secure(got.token_endpoint, false, &parts, NULL) == CARNET_OK);
    rc = carnet_authorization_server_metadata_haip(&got, &err);
    MUST(rc == CARNET_OK || err.path[0] != '\0');
    if (carnet_authorization_server_metadata_write(&got, &out, NULL) == CARNET_OK) {
        MUST(carnet_authorization_server_metadata_read(carnet_buf_str(&out), issuer, false, &again, NULL) == CARNET_OK);
        MUST(carnet_authorization_server_metadata_write(&again, &out_again, NULL) == CARNET_OK);
        MUST(carnet_span_equal(carnet_buf_span(&out), carnet_buf_span(&out_again)));
        carnet_authorization_server_metadata_done(&again);
    }
    carnet_authorization_server_metadata_done(&got);
    return 0;
}
