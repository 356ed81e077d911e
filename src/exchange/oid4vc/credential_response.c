/* SPDX-License-Identifier: Apache-2.0 */
/* Credential responses, immediate and deferred (OpenID4VCI 8.3, 9.2). */
#include "carnet/credential_response.h"
#include "internal.h"

#include <stddef.h>

#define CLAUSE           "OpenID4VCI 8.3"
#define DEHYDRATED       "issuer-signed-dehydrated"
#define DEFAULT_INTERVAL 5

static const carnet_path credentials_path = CARNET_MESSAGE_STEP(NULL, "credentials");
static const carnet_path data_path = CARNET_MESSAGE_STEP(NULL, "name_spaced_data");
static const carnet_message_place top = { CARNET_E_OID4VCI_RESPONSE, CLAUSE, NULL, false };
static const carnet_message_text texts[] = {
    { "transaction_id", offsetof(carnet_credential_response, transaction_id), false, false },
    { "notification_id", offsetof(carnet_credential_response, notification_id), false, false },
};

/* --- made --- */

size_t
carnet_credential_response_size(const carnet_credential_response_spec *spec)
{
    size_t size = 128 + 6 * spec->notification_id.len;

    for (size_t i = 0; i < spec->credential_count; i++)
        size += spec->credentials[i].len / 3 * 4 + 80;
    for (size_t i = 0; i < spec->name_spaced_data_count; i++)
        size += spec->name_spaced_data[i].len / 3 * 4 + 8;
    return size;
}

static void
add_credential(carnet_json_builder *b, carnet_span cbor, bool dehydrated)
{
    carnet_json_object_begin(b, NULL);
    carnet_json_add_base64url(b, "credential", cbor);
    if (dehydrated)
        carnet_json_add_text(b, "encoding", DEHYDRATED);
    carnet_json_object_end(b);
}

static void
add_credentials(carnet_json_builder *b, const carnet_credential_response_spec *spec)
{
    carnet_json_array_begin(b, "credentials");
    for (size_t i = 0; i < spec->credential_count; i++)
        add_credential(b, spec->credentials[i], spec->dehydrated);
    carnet_json_array_end(b);
}

carnet_rc
carnet_credential_response_build(const carnet_credential_response_spec *spec, carnet_buf *out, carnet_err *err)
{
    const size_t start = out->len;
    carnet_json_builder b = carnet_json_build(out);

    if (spec->credential_count == 0)
        return carnet_message_refuse(&top, "credentials", "there are none", err);
    carnet_json_object_begin(&b, NULL);
    if (spec->single && spec->credential_count == 1)
        carnet_json_add_base64url(&b, "credential", spec->credentials[0]);
    else
        add_credentials(&b, spec);
    if (spec->dehydrated) {
        carnet_json_array_begin(&b, "name_spaced_data");
        for (size_t i = 0; i < spec->name_spaced_data_count; i++)
            carnet_json_add_base64url(&b, NULL, spec->name_spaced_data[i]);
        carnet_json_array_end(&b);
    }
    if (spec->notification_id.len != 0)
        carnet_json_add_string(&b, "notification_id", spec->notification_id);
    carnet_json_object_end(&b);
    return carnet_message_built(&b, out, start, err);
}

carnet_rc
carnet_credential_response_build_deferred(carnet_str transaction_id, uint32_t interval, carnet_buf *out,
                                          carnet_err *err)
{
    const size_t start = out->len;
    carnet_json_builder b = carnet_json_build(out);

    if (transaction_id.len == 0 || interval == 0)
        return carnet_message_refuse(&top, transaction_id.len == 0 ? "transaction_id" : "interval",
                                     "this member is missing", err);
    carnet_json_object_begin(&b, NULL);
    carnet_json_add_string(&b, "transaction_id", transaction_id);
    carnet_json_add_integer(&b, "interval", interval);
    carnet_json_object_end(&b);
    return carnet_message_built(&b, out, start, err);
}

/* --- opened --- */

/* A list that may be absent: how many entries it has. */
static carnet_rc
count_of(const carnet_json *document, const char *name, size_t *count, carnet_err *err)
{
    const carnet_json *list;
    const carnet_rc rc = carnet_message_get(document, name, CARNET_JSON_ARRAY, &top, &list, err);

    *count = carnet_json_count(list);
    return rc == CARNET_OK && list != NULL && *count == 0 ? carnet_message_refuse(&top, name, "there are none", err)
                                                          : rc;
}

static carnet_rc
read_interval(const carnet_json *document, uint32_t *interval, carnet_err *err)
{
    const carnet_json *member;
    const carnet_rc rc = carnet_message_get(document, "interval", CARNET_JSON_INTEGER, &top, &member, err);
    const int64_t seconds = member != NULL ? carnet_json_integer(member) : DEFAULT_INTERVAL;

    if (rc == CARNET_OK && seconds < 0)
        return carnet_message_refuse(&top, "interval", "this is negative", err);
    *interval = seconds == 0 ? 1 : seconds > UINT32_MAX ? UINT32_MAX : (uint32_t)seconds;
    return rc;
}

static carnet_rc
read_response(carnet_credential_response *response, carnet_err *err)
{
    const carnet_json *document = response->document;
    carnet_rc rc = carnet_message_read_texts(document, texts, CARNET_COUNT(texts), &top, response, err);

    if (rc == CARNET_OK)
        rc = count_of(document, "credentials", &response->credential_count, err);
    if (rc == CARNET_OK && carnet_json_get(document, "credentials") == NULL &&
        carnet_json_string(carnet_json_get(document, "credential")).len != 0)
        response->credential_count = 1; /* as drafts before 15 had it */
    if (rc == CARNET_OK && response->credential_count != 0 && carnet_json_get(document, "name_spaced_data") != NULL)
        rc = count_of(document, "name_spaced_data", &response->name_spaced_data_count, err);
    if (rc == CARNET_OK && response->credential_count == 0) {
        response->deferred = response->transaction_id.len != 0;
        rc = response->deferred
                 ? read_interval(document, &response->interval, err)
                 : carnet_message_refuse(&top, NULL, "it must have credentials or a transaction_id", err);
    }
    return rc;
}

carnet_rc
carnet_credential_response_open(carnet_str json, carnet_credential_response *response, carnet_err *err)
{
    carnet_rc rc;

    *response = (carnet_credential_response){ 0 };
    rc = carnet_message_parse(json, CARNET_CREDENTIAL_RESPONSE_MAX, &top, &response->document, err);
    if (rc == CARNET_OK)
        rc = read_response(response, err);
    if (rc != CARNET_OK)
        carnet_credential_response_done(response);
    return rc;
}

void
carnet_credential_response_done(carnet_credential_response *response)
{
    carnet_json_free(&response->document);
    *response = (carnet_credential_response){ 0 };
}

carnet_rc
carnet_credential_response_credential(const carnet_credential_response *response, size_t i, carnet_buf *storage,
                                      carnet_span *cbor, bool *dehydrated, carnet_err *err)
{
    const carnet_path path = { .up = &credentials_path, .index = i };
    const carnet_message_place place = { CARNET_E_OID4VCI_RESPONSE, CLAUSE, &path, false };
    const carnet_json *list = carnet_json_get(response->document, "credentials");
    const carnet_json *entry =
        list != NULL ? carnet_json_at(list, i) : carnet_json_get(response->document, "credential");
    const carnet_json *object = carnet_json_type_of(entry) == CARNET_JSON_OBJECT ? entry : NULL;
    const carnet_str encoding = carnet_json_string(carnet_json_get(object, "encoding"));
    /* Some issuers leave the object away. */
    const carnet_str text = carnet_json_string(object != NULL ? carnet_json_get(object, "credential") : entry);

    *dehydrated = carnet_str_is(encoding, DEHYDRATED);
    if (encoding.len != 0 && !*dehydrated) {
        *cbor = (carnet_span){ 0 };
        return carnet_message_refuse(&place, "encoding", "this is not known", err);
    }
    return carnet_message_decode(text, &place, storage, cbor, err);
}

carnet_rc
carnet_credential_response_name_spaced_data(const carnet_credential_response *response, size_t i, carnet_buf *storage,
                                            carnet_span *cbor, carnet_err *err)
{
    const carnet_path path = { .up = &data_path, .index = i };
    const carnet_message_place place = { CARNET_E_OID4VCI_RESPONSE, CLAUSE, &path, false };
    const carnet_json *entry = carnet_json_at(carnet_json_get(response->document, "name_spaced_data"), i);

    return carnet_message_decode(carnet_json_string(entry), &place, storage, cbor, err);
}
