/* SPDX-License-Identifier: Apache-2.0 */
/* The nonce endpoint's answer (OpenID4VCI 7.2). */
#include "carnet/nonce_response.h"
#include "internal.h"

#include <stddef.h>

#define NONCE_RESPONSE_MAX 16384

static const carnet_message_place place = { CARNET_E_OID4VCI_RESPONSE, "OpenID4VCI 7.2", NULL, false };
static const carnet_message_text texts[] = {
    { "c_nonce", offsetof(carnet_nonce_response, c_nonce), true, false },
};

carnet_rc
carnet_nonce_response_build(carnet_str c_nonce, carnet_buf *out, carnet_err *err)
{
    const carnet_nonce_response response = { NULL, c_nonce };
    const size_t start = out->len;
    carnet_json_builder b = carnet_json_build(out);
    const carnet_rc rc = carnet_message_check_texts(texts, 1, &place, &response, err);

    if (rc != CARNET_OK)
        return rc;
    carnet_json_object_begin(&b, NULL);
    carnet_message_add_texts(&b, texts, 1, &response);
    carnet_json_object_end(&b);
    return carnet_message_built(&b, out, start, err);
}

carnet_rc
carnet_nonce_response_open(carnet_str json, carnet_nonce_response *response, carnet_err *err)
{
    carnet_rc rc;

    *response = (carnet_nonce_response){ 0 };
    rc = carnet_message_parse(json, NONCE_RESPONSE_MAX, &place, &response->document, err);
    if (rc == CARNET_OK)
        rc = carnet_message_read_texts(response->document, texts, 1, &place, response, err);
    if (rc != CARNET_OK)
        carnet_nonce_response_done(response);
    return rc;
}

void
carnet_nonce_response_done(carnet_nonce_response *response)
{
    carnet_json_free(&response->document);
    *response = (carnet_nonce_response){ 0 };
}
