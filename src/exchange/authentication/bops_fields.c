/* SPDX-License-Identifier: Apache-2.0 */
#include "bops_fields.h"

#include <string.h>

static carnet_rc
refuse(carnet_err *err, const carnet_path *path, const char *why)
{
    return carnet_fail_at(err, CARNET_E_BOPS_MESSAGE, NULL, why, CARNET_NO_OFFSET, path);
}

static bool
base64url(carnet_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        const char c = text.ptr[i];

        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'))
            return false;
    }
    return text.len % 4 != 1;
}

static carnet_rc
read_text(const carnet_bops_field *f, const carnet_json *value, carnet_str *out, const carnet_path *path,
          carnet_err *err)
{
    if (carnet_json_type_of(value) != CARNET_JSON_STRING)
        return refuse(err, path, "this member is a text");
    *out = carnet_json_string(value);
    if (out->len > f->max || (out->len == 0 && (f->flags & BOPS_REQUIRED) != 0))
        return refuse(err, path, "this text is empty, or too long");
    if (memchr(out->ptr, 0, out->len) != NULL)
        return refuse(err, path, "there is a zero in this text");
    return f->kind != BOPS_BASE64 || base64url(*out) ? CARNET_OK : refuse(err, path, "this is not base64url");
}

static carnet_rc
read_decimal(const carnet_bops_field *f, const carnet_json *value, int64_t *out, const carnet_path *path,
             carnet_err *err)
{
    const carnet_json_type type = carnet_json_type_of(value);
    const double scaled = carnet_json_real(value) * (double)f->max;

    if (type != CARNET_JSON_REAL && type != CARNET_JSON_INTEGER)
        return refuse(err, path, "this member is a number");
    if (!(scaled > -1e15 && scaled < 1e15))
        return refuse(err, path, "this number is too large");
    *out = (int64_t)(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
    return CARNET_OK;
}

static carnet_rc
read_name(const carnet_bops_field *f, const carnet_json *value, int *out, const carnet_path *path, carnet_err *err)
{
    const carnet_str text = carnet_json_string(value);

    for (int i = 0; f->names[i] == NULL || f->names[i][0] != '\0'; i++)
        if (f->names[i] != NULL && carnet_str_is(text, f->names[i])) {
            *out = i;
            return CARNET_OK;
        }
    return refuse(err, path, "this word is none of those that may stand here");
}

static carnet_rc
read_number(const carnet_bops_field *f, const carnet_json *value, int64_t *out, const carnet_path *path,
            carnet_err *err)
{
    *out = carnet_json_integer(value);
    if (carnet_json_type_of(value) != CARNET_JSON_INTEGER)
        return refuse(err, path, "this member is an integer");
    return *out >= 0 && (uint64_t)*out <= f->max ? CARNET_OK : refuse(err, path, "this number is out of its range");
}

static carnet_rc read_fields(const carnet_json *object, const carnet_bops_field *fields, size_t count, uint8_t *out,
                             const carnet_path *path, carnet_err *err);

static carnet_rc
read_list(const carnet_bops_field *f, const carnet_json *value, uint8_t *out, const carnet_path *path, carnet_err *err)
{
    const size_t count = carnet_json_count(value);
    const carnet_bops_field text = { .kind = BOPS_TEXT, .flags = BOPS_REQUIRED, .max = f->size };
    carnet_rc rc = CARNET_OK;

    if (carnet_json_type_of(value) != CARNET_JSON_ARRAY)
        return refuse(err, path, "this member is a list");
    if (count > f->max || (count == 0 && (f->flags & BOPS_REQUIRED) != 0))
        return refuse(err, path, "this list is empty, or too long");
    for (size_t i = 0; rc == CARNET_OK && i < count; i++) {
        const carnet_path at = { .up = path, .index = i };
        const carnet_json *entry = carnet_json_at(value, i);

        if (f->kind == BOPS_TEXTS)
            rc = read_text(&text, entry, (carnet_str *)(void *)(out + f->offset) + i, &at, err);
        else if (f->kind == BOPS_LISTS)
            rc = read_list(f->fields, entry, out + f->offset + i * f->size, &at, err);
        else
            rc = read_fields(entry, f->fields, f->field_count, out + f->offset + i * f->size, &at, err);
    }
    memcpy(out + f->count, &count, sizeof(count));
    return rc;
}

static carnet_rc
read_field(const carnet_bops_field *f, const carnet_json *value, uint8_t *out, const carnet_path *path, carnet_err *err)
{
    void *at = out + f->offset;

    switch (f->kind) {
    case BOPS_TEXT:
    case BOPS_BASE64:
        return read_text(f, value, at, path, err);
    case BOPS_INTEGER:
        return read_number(f, value, at, path, err);
    case BOPS_DECIMAL:
        return read_decimal(f, value, at, path, err);
    case BOPS_BOOL:
        *(bool *)at = carnet_json_bool(value);
        return carnet_json_type_of(value) == CARNET_JSON_BOOL ? CARNET_OK
                                                              : refuse(err, path, "this member is true or false");
    case BOPS_NAME:
        return read_name(f, value, at, path, err);
    case BOPS_OBJECT:
        if (f->count != BOPS_NOWHERE)
            *(bool *)(void *)(out + f->count) = true;
        return read_fields(value, f->fields, f->field_count, at, path, err);
    case BOPS_LIST:
    case BOPS_TEXTS:
    case BOPS_LISTS:
        return read_list(f, value, out, path, err);
    case BOPS_VALUE:
        *(const carnet_json **)at = value;
        return CARNET_OK;
    }
    return refuse(err, path, NULL);
}

static carnet_rc
read_fields(const carnet_json *object, const carnet_bops_field *fields, size_t count, uint8_t *out,
            const carnet_path *path, carnet_err *err)
{
    carnet_rc rc = CARNET_OK;

    if (carnet_json_type_of(object) != CARNET_JSON_OBJECT)
        return refuse(err, path, "this is not a JSON object");
    for (size_t i = 0; rc == CARNET_OK && i < count; i++) {
        const carnet_path at = { .up = path, .name = carnet_str_of(fields[i].name) };
        const carnet_json *value = carnet_json_get(object, fields[i].name);

        if (value != NULL && carnet_json_type_of(value) != CARNET_JSON_NULL)
            rc = read_field(&fields[i], value, out, &at, err);
        else if ((fields[i].flags & BOPS_OR_MINUS) != 0)
            *(int64_t *)(void *)(out + fields[i].offset) = -1;
        else if ((fields[i].flags & BOPS_REQUIRED) != 0)
            rc = refuse(err, &at, "this member is missing");
    }
    return rc;
}

carnet_rc
carnet_bops_read_value(const carnet_json *object, const carnet_bops_message *message, void *out,
                       const carnet_path *path, carnet_err *err)
{
    return read_fields(object, message->fields, message->count, out, path, err);
}

carnet_rc
carnet_bops_read(carnet_str text, const carnet_bops_message *message, void *out, carnet_err *err)
{
    carnet_json *document = NULL;
    carnet_rc rc;

    memset(out, 0, message->size);
    if (text.len > CARNET_BOPS_MAX)
        return carnet_fail(err, CARNET_E_BOPS_MESSAGE, NULL, "the message is too long");
    if ((rc = carnet_json_parse(text, &document, err)) != CARNET_OK)
        return rc;
    *(carnet_json **)out = document;
    rc = read_fields(document, message->fields, message->count, out, NULL, err);
    if (rc != CARNET_OK)
        carnet_bops_close(message, out);
    return rc;
}

void
carnet_bops_close(const carnet_bops_message *message, void *of)
{
    carnet_json_free((carnet_json **)of);
    memset(of, 0, message->size);
}
