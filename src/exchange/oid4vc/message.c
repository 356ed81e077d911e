/* SPDX-License-Identifier: Apache-2.0 */
/* What the messages of OpenID4VCI have in common: JSON objects with members that are texts, URLs and lists. */
#include "carnet/oauth_url.h"
#include "internal.h"

#include <string.h>

carnet_rc
carnet_message_refuse(const carnet_message_place *place, const char *member, const char *why, carnet_err *err)
{
    const carnet_path step = { .up = place->path, .name = carnet_str_of(member) };

    return carnet_fail_at(err, place->rc, place->clause, why, CARNET_NO_OFFSET, member != NULL ? &step : place->path);
}

carnet_rc
carnet_message_parse(carnet_str json, size_t max, const carnet_message_place *place, carnet_json **document,
                     carnet_err *err)
{
    carnet_err why = { 0 };
    carnet_rc rc;

    *document = NULL;
    if (json.len > max)
        return carnet_message_refuse(place, NULL, "it is longer than is taken here", err);
    rc = carnet_json_parse(json, document, &why);
    if (rc != CARNET_OK)
        return carnet_fail_at(err, place->rc, why.clause, carnet_rc_text(rc), why.offset, place->path);
    if (carnet_json_type_of(*document) == CARNET_JSON_OBJECT)
        return CARNET_OK;
    carnet_json_free(document);
    return carnet_message_refuse(place, NULL, "it is no JSON object", err);
}

carnet_rc
carnet_message_get(const carnet_json *object, const char *name, carnet_json_type type,
                   const carnet_message_place *place, const carnet_json **value, carnet_err *err)
{
    *value = carnet_json_get(object, name);
    if (carnet_json_type_of(*value) == CARNET_JSON_NULL)
        *value = NULL;
    if (*value == NULL || carnet_json_type_of(*value) == type)
        return CARNET_OK;
    *value = NULL;
    return carnet_message_refuse(place, name, "this is of another JSON type", err);
}

static carnet_rc
check_text(const carnet_message_text *text, carnet_str value, const carnet_message_place *place, carnet_err *err)
{
    carnet_oauth_url parts;

    if (value.len == 0)
        return text->required ? carnet_message_refuse(place, text->name, "this member is missing", err) : CARNET_OK;
    if (text->url && carnet_oauth_url_secure(value, place->insecure_loopback, &parts, NULL) != CARNET_OK)
        return carnet_message_refuse(place, text->name, "this is no https URL", err);
    return CARNET_OK;
}

carnet_rc
carnet_message_read_texts(const carnet_json *object, const carnet_message_text *texts, size_t count,
                          const carnet_message_place *place, void *out, carnet_err *err)
{
    carnet_rc rc = CARNET_OK;

    for (size_t i = 0; rc == CARNET_OK && i < count; i++) {
        const carnet_json *member;
        carnet_str value;

        rc = carnet_message_get(object, texts[i].name, CARNET_JSON_STRING, place, &member, err);
        value = carnet_json_string(member);
        if (rc == CARNET_OK)
            rc = check_text(&texts[i], value, place, err);
        if (rc == CARNET_OK)
            memcpy((uint8_t *)out + texts[i].offset, &value, sizeof(value));
    }
    return rc;
}

static carnet_str
text_at(const void *in, size_t offset)
{
    carnet_str value;

    memcpy(&value, (const uint8_t *)in + offset, sizeof(value));
    return value;
}

carnet_rc
carnet_message_check_texts(const carnet_message_text *texts, size_t count, const carnet_message_place *place,
                           const void *in, carnet_err *err)
{
    carnet_rc rc = CARNET_OK;

    for (size_t i = 0; rc == CARNET_OK && i < count; i++)
        rc = check_text(&texts[i], text_at(in, texts[i].offset), place, err);
    return rc;
}

void
carnet_message_add_texts(carnet_json_builder *b, const carnet_message_text *texts, size_t count, const void *in)
{
    for (size_t i = 0; i < count; i++) {
        const carnet_str value = text_at(in, texts[i].offset);

        if (value.len != 0)
            carnet_json_add_string(b, texts[i].name, value);
    }
}

carnet_rc
carnet_message_read_list(const carnet_json *list, const carnet_message_place *place, bool once, carnet_str *out,
                         size_t cap, size_t *count, carnet_err *err)
{
    const size_t entries = carnet_json_count(list);

    *count = 0;
    if (carnet_json_type_of(list) != CARNET_JSON_ARRAY || entries == 0)
        return carnet_message_refuse(place, NULL, "this is no list, or an empty one", err);
    if (entries > cap)
        return carnet_message_refuse(place, NULL, "this has more entries than are taken here", err);
    for (size_t i = 0; i < entries; i++) {
        const carnet_path step = { .up = place->path, .index = i };
        const carnet_message_place entry = { place->rc, place->clause, &step, false };

        out[i] = carnet_json_string(carnet_json_at(list, i));
        if (out[i].len == 0)
            return carnet_message_refuse(&entry, NULL, "this is no text, or an empty one", err);
        for (size_t k = 0; once && k < i; k++) {
            if (carnet_str_equal(out[k], out[i]))
                return carnet_message_refuse(&entry, NULL, "this is there twice", err);
        }
    }
    *count = entries;
    return CARNET_OK;
}

/* Base64 of either alphabet as base64, four characters of which stand for three octets, into `storage`. */
carnet_rc
carnet_message_decode(carnet_str text, const carnet_message_place *place, carnet_buf *storage, carnet_span *bytes,
                      carnet_err *err)
{
    const size_t start = storage->len;
    carnet_str body = text;
    carnet_rc rc;

    *bytes = (carnet_span){ 0 };
    while (body.len != 0 && body.ptr[body.len - 1] == '=')
        body.len--;
    if (body.len == 0 || text.len - body.len > 2)
        return carnet_message_refuse(place, NULL, "this is not base64url", err);
    rc = carnet_base64url_decode(body, storage, NULL);
    if (rc != CARNET_OK && !storage->overflow) {
        storage->len = start;
        rc = carnet_base64_decode(body, storage, NULL);
    }
    if (storage->overflow)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    if (rc != CARNET_OK) {
        storage->len = start;
        return carnet_message_refuse(place, NULL, "this is not base64url", err);
    }
    *bytes = (carnet_span){ storage->ptr + start, storage->len - start };
    return CARNET_OK;
}

carnet_rc
carnet_message_built(const carnet_json_builder *b, carnet_buf *out, size_t start, carnet_err *err)
{
    const carnet_rc rc = carnet_json_built(b, err);

    if (rc != CARNET_OK)
        out->len = start;
    return rc;
}
