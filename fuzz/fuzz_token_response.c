/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/token.h"
#include "fuzz.h"

#define DETAILS 8

/* What is read can be written, and is then read the same; what is refused is refused as an answer. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t room[1 << 20];
    carnet_buf out = carnet_buf_of(room, sizeof(room));
    const carnet_str body = { (const char *)data, size };
    carnet_token_detail details[DETAILS];
    carnet_token_response got, again, write;
    carnet_oauth_answer answer;
    carnet_err err = { 0 };
    carnet_rc rc;
    size_t count = 0;

    rc = carnet_oauth_answer_read(body, &answer, &err);
    MUST(rc == CARNET_OK ? answer.name.len != 0 : rc == CARNET_E_OAUTH_RESPONSE && answer.document == NULL);
    if (rc == CARNET_OK)
        MUST(carnet_oauth_answer_fail(&answer, &err) != CARNET_OK && err.reason[0] != '\0');
    carnet_oauth_answer_done(&answer);
    rc = carnet_token_response_read(body, &got, &err);
    if (rc != CARNET_OK) {
        MUST(rc == CARNET_E_OAUTH_RESPONSE && err.rc == rc && got.document == NULL);
        return 0;
    }
    MUST(got.access_token.len != 0 && got.expires_in >= 0);
    while (count < DETAILS && carnet_token_response_detail(&got, count, &details[count])) {
        MUST(details[count].configuration_id.len != 0);
        details[count++].identifier_count = 0;
    }
    MUST(count == (got.detail_count < DETAILS ? got.detail_count : DETAILS));
    write = got;
    write.details = details;
    write.detail_count = 0;
    if (carnet_token_response_write(&write, &out, NULL) == CARNET_OK) {
        MUST(carnet_token_response_read(carnet_buf_str(&out), &again, NULL) == CARNET_OK);
        MUST(carnet_str_equal(again.access_token, got.access_token) && again.dpop == got.dpop);
        MUST(again.expires_in == got.expires_in && carnet_str_equal(again.refresh_token, got.refresh_token));
        carnet_token_response_done(&again);
    }
    carnet_token_response_done(&got);
    return 0;
}
