/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/token.h"
#include "fuzz.h"

static void
write_and_read_again(const carnet_authorization_request *got)
{
    static uint8_t room[1 << 18], form_room[1 << 18];
    carnet_buf out = carnet_buf_of(room, sizeof(room)), again_room = carnet_buf_of(form_room, sizeof(form_room));
    carnet_form_writer writer = carnet_form_write(&out);
    carnet_authorization_request again;
    carnet_form form;

    MUST(got->client_id.len != 0 && got->redirect_uri.len != 0 && got->code_challenge.len == 43);
    MUST(got->scope.len != 0 || got->configuration_id_count != 0);
    if (carnet_authorization_request_write(got, &writer, NULL) != CARNET_OK ||
        carnet_form_read(carnet_buf_str(&out), &again_room, &form, NULL) != CARNET_OK)
        return; /* percent signs make it longer than is taken */
    MUST(carnet_authorization_request_read(&form, &again, NULL) == CARNET_OK);
    MUST(carnet_str_equal(again.client_id, got->client_id) && carnet_str_equal(again.scope, got->scope));
    MUST(carnet_str_equal(again.redirect_uri, got->redirect_uri) && carnet_str_equal(again.state, got->state));
    MUST(again.configuration_id_count == got->configuration_id_count);
    carnet_authorization_request_done(&again);
}

static void
read_token_request(const carnet_form *form)
{
    carnet_token_request request;
    carnet_err err = { 0 };
    const carnet_rc rc = carnet_token_request_read(form, &request, &err);

    MUST(rc == CARNET_OK ? carnet_grant_type_name(request.grant) != NULL
                         : err.rc == rc && request.grant == CARNET_GRANT_NONE && request.details == NULL);
    carnet_token_request_done(&request);
}

/* A form has each parameter once, within its room; what is a request can be written and read again. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t room[CARNET_FORM_MAX];
    carnet_buf buf = carnet_buf_of(room, sizeof(room));
    const carnet_str text = { (const char *)data, size };
    carnet_authorization_request request;
    carnet_authorization_response response;
    carnet_form form;
    carnet_err err = { 0 };

    if (carnet_form_read(text, &buf, &form, &err) != CARNET_OK) {
        MUST(form.count == 0 && err.rc != CARNET_OK);
        return 0;
    }
    MUST(size <= CARNET_FORM_MAX && buf.len <= size && form.count <= CARNET_FORM_PARAMETERS);
    for (size_t i = 0; i < form.count; i++) {
        MUST(form.list[i].name.len != 0 && fuzz_inside(carnet_str_bytes(form.list[i].value), carnet_buf_span(&buf)));
        for (size_t k = 0; k < i; k++)
            MUST(!carnet_str_equal(form.list[i].name, form.list[k].name));
    }
    if (carnet_authorization_request_read(&form, &request, &err) == CARNET_OK)
        write_and_read_again(&request);
    else
        MUST(request.client_id.len == 0 && request.details == NULL);
    carnet_authorization_request_done(&request);
    read_token_request(&form);
    buf.len = 0;
    if (carnet_authorization_response_read(text, carnet_str_of("s"), carnet_str_of("https://a"), true, &buf, &response,
                                           &err) == CARNET_OK)
        MUST(carnet_str_is(response.state, "s") && (response.code.len == 0) != (response.answer.name.len == 0));
    return 0;
}
