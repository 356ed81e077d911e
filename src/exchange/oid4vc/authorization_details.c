/* SPDX-License-Identifier: Apache-2.0 */
/* authorization_details (RFC 9396) of type openid_credential (OpenID4VCI 5.1.1). */
#include "internal.h"

static carnet_rc
refuse(carnet_err *err, size_t i, const char *why)
{
    const carnet_path list = { .name = carnet_str_of("authorization_details") };
    const carnet_path entry = { .up = &list, .index = i };

    return carnet_fail_at(err, CARNET_E_OAUTH_DETAILS, "OpenID4VCI 5.1.1", why, CARNET_NO_OFFSET, &entry);
}

static bool
known(const carnet_authorization_details *details, carnet_str id)
{
    for (size_t i = 0; i < details->count; i++) {
        if (carnet_str_equal(details->configuration_ids[i], id))
            return true;
    }
    return false;
}

static carnet_rc
read_entry(const carnet_json *entry, size_t i, carnet_authorization_details *details, carnet_err *err)
{
    const carnet_str type = carnet_json_string(carnet_json_get(entry, "type"));
    const carnet_str id = carnet_json_string(carnet_json_get(entry, "credential_configuration_id"));
    const carnet_json *locations = carnet_json_get(entry, "locations");

    if (!carnet_str_is(type, CARNET_AUTHORIZATION_DETAILS_TYPE))
        return refuse(err, i, "its type is missing or not supported");
    if (id.len == 0)
        return refuse(err, i, "credential_configuration_id is missing");
    if (locations != NULL && (carnet_json_type_of(locations) != CARNET_JSON_ARRAY ||
                              carnet_json_string(carnet_json_at(locations, 0)).len == 0))
        return refuse(err, i, "locations is no list of texts");
    if (details->location.len == 0)
        details->location = carnet_json_string(carnet_json_at(locations, 0));
    if (!known(details, id))
        details->configuration_ids[details->count++] = id;
    return CARNET_OK;
}

carnet_rc
carnet_authorization_details_read(carnet_str json, carnet_authorization_details *details, carnet_err *err)
{
    carnet_rc rc = CARNET_OK;
    size_t count;

    *details = (carnet_authorization_details){ 0 };
    if (json.len == 0)
        return CARNET_OK;
    if (carnet_json_parse(json, &details->document, NULL) != CARNET_OK)
        return refuse(err, 0, "it is not JSON, or has a member twice");
    count = carnet_json_count(details->document);
    if (carnet_json_type_of(details->document) != CARNET_JSON_ARRAY || count == 0)
        rc = refuse(err, 0, "it is no list, or an empty one");
    else if (count > CARNET_AUTHORIZATION_DETAILS_MAX)
        rc = refuse(err, CARNET_AUTHORIZATION_DETAILS_MAX, "there are more entries than are taken");
    for (size_t i = 0; i < count && rc == CARNET_OK; i++)
        rc = read_entry(carnet_json_at(details->document, i), i, details, err);
    if (rc != CARNET_OK) {
        carnet_json_free(&details->document);
        *details = (carnet_authorization_details){ 0 };
    }
    return rc;
}

carnet_rc
carnet_authorization_details_add(const carnet_str *ids, size_t count, carnet_str location, carnet_form_writer *writer,
                                 carnet_err *err)
{
    uint8_t room[DETAILS_TEXT_MAX];
    carnet_buf text = carnet_buf_of(room, sizeof(room));
    carnet_json_builder b = carnet_json_build(&text);
    carnet_rc rc;

    if (count == 0)
        return CARNET_OK;
    carnet_json_array_begin(&b, NULL);
    for (size_t i = 0; i < count; i++) {
        carnet_json_object_begin(&b, NULL);
        carnet_json_add_text(&b, "type", CARNET_AUTHORIZATION_DETAILS_TYPE);
        carnet_json_add_string(&b, "credential_configuration_id", ids[i]);
        if (location.len != 0) {
            carnet_json_array_begin(&b, "locations");
            carnet_json_add_string(&b, NULL, location);
            carnet_json_array_end(&b);
        }
        carnet_json_object_end(&b);
    }
    carnet_json_array_end(&b);
    rc = carnet_json_built(&b, err);
    if (rc == CARNET_OK)
        carnet_form_add(writer, "authorization_details", carnet_buf_str(&text));
    return rc;
}
