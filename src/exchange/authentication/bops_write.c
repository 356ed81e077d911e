/* SPDX-License-Identifier: Apache-2.0 */
#include "bops_fields.h"
#include "carnet/jwk.h"

#include <string.h>

static size_t
count_at(const carnet_bops_field *f, const uint8_t *in)
{
    size_t count;

    memcpy(&count, in + f->count, sizeof(count));
    return count;
}

static const carnet_public_key *
key_at(const carnet_bops_field *f, const uint8_t *in)
{
    const carnet_public_key *key;

    memcpy(&key, in + f->count, sizeof(void *));
    return key;
}

static bool
filled(const carnet_bops_field *f, const uint8_t *in)
{
    const void *at = in + f->offset;

    if ((f->flags & BOPS_ALWAYS) != 0 && f->kind != BOPS_NAME)
        return true;
    switch (f->kind) {
    case BOPS_TEXT:
    case BOPS_BASE64:
        return ((const carnet_str *)at)->len != 0;
    case BOPS_INTEGER:
        return *(const int64_t *)at > ((f->flags & BOPS_OR_MINUS) != 0 ? -1 : 0);
    case BOPS_DECIMAL:
        return *(const int64_t *)at != 0;
    case BOPS_BOOL:
        return *(const bool *)at;
    case BOPS_NAME:
        return f->names[*(const int *)at] != NULL;
    case BOPS_LIST:
    case BOPS_TEXTS:
    case BOPS_LISTS:
        return count_at(f, in) != 0;
    case BOPS_OBJECT:
        if (f->count != BOPS_NOWHERE)
            return *(const bool *)(const void *)(in + f->count);
        for (size_t i = 0; i < f->field_count; i++) /* what is always there makes no object */
            if ((f->fields[i].flags & BOPS_ALWAYS) == 0 && filled(&f->fields[i], at))
                return true;
        return false;
    case BOPS_VALUE:
        return key_at(f, in) != NULL;
    }
    return false;
}

/* A number of so many decimals, as short as it can be. */
static void
add_decimal(carnet_json_builder *b, const carnet_bops_field *f, int64_t value)
{
    uint8_t room[48];
    carnet_buf text = carnet_buf_of(room, sizeof(room));
    const uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    uint64_t rest = size % f->max;

    if (value < 0)
        carnet_buf_add_byte(&text, '-');
    carnet_buf_add_uint(&text, size / f->max);
    carnet_buf_add_byte(&text, '.');
    for (uint64_t unit = f->max / 10; unit > 0 && (rest > 0 || unit == f->max / 10); unit /= 10) {
        carnet_buf_add_byte(&text, (uint8_t)('0' + rest / unit));
        rest %= unit;
    }
    carnet_json_add_raw(b, f->name, carnet_buf_str(&text));
}

static void
add_list(carnet_json_builder *b, const char *name, const carnet_bops_field *f, const uint8_t *in)
{
    const size_t count = count_at(f, in);

    carnet_json_array_begin(b, name);
    for (size_t i = 0; i < count && i < f->max; i++) {
        if (f->kind == BOPS_TEXTS) {
            carnet_json_add_string(b, NULL, ((const carnet_str *)(const void *)(in + f->offset))[i]);
        } else if (f->kind == BOPS_LISTS) {
            add_list(b, NULL, f->fields, in + f->offset + i * f->size);
        } else {
            carnet_json_object_begin(b, NULL);
            carnet_bops_add(b, f->fields, f->field_count, in + f->offset + i * f->size);
            carnet_json_object_end(b);
        }
    }
    carnet_json_array_end(b);
}

static void
add_field(carnet_json_builder *b, const carnet_bops_field *f, const uint8_t *in)
{
    const void *at = in + f->offset;

    switch (f->kind) {
    case BOPS_TEXT:
    case BOPS_BASE64:
        carnet_json_add_string(b, f->name, *(const carnet_str *)at);
        break;
    case BOPS_INTEGER:
        carnet_json_add_integer(b, f->name, *(const int64_t *)at);
        break;
    case BOPS_DECIMAL:
        add_decimal(b, f, *(const int64_t *)at);
        break;
    case BOPS_BOOL:
        carnet_json_add_bool(b, f->name, *(const bool *)at);
        break;
    case BOPS_NAME:
        carnet_json_add_text(b, f->name, f->names[*(const int *)at]);
        break;
    case BOPS_OBJECT:
        carnet_json_object_begin(b, f->name);
        carnet_bops_add(b, f->fields, f->field_count, at);
        carnet_json_object_end(b);
        break;
    case BOPS_LIST:
    case BOPS_TEXTS:
    case BOPS_LISTS:
        add_list(b, f->name, f, in);
        break;
    case BOPS_VALUE:
        carnet_jwk_add(b, f->name, &(carnet_jwk){ .key = *key_at(f, in) });
        break;
    }
}

/* Written though it is 0 or false, if its object is there at all. */
static bool
needed(const carnet_bops_field *f)
{
    return (f->flags & BOPS_REQUIRED) != 0 &&
           (f->kind == BOPS_INTEGER || f->kind == BOPS_DECIMAL || f->kind == BOPS_BOOL);
}

void
carnet_bops_add(carnet_json_builder *b, const carnet_bops_field *fields, size_t count, const void *in)
{
    for (size_t i = 0; i < count; i++)
        if (filled(&fields[i], in) || needed(&fields[i]))
            add_field(b, &fields[i], in);
}

carnet_rc
carnet_bops_write(const carnet_bops_message *message, const void *in, carnet_buf *out, carnet_err *err)
{
    carnet_json_builder b = carnet_json_build(out);

    carnet_json_object_begin(&b, NULL);
    carnet_bops_add(&b, message->fields, message->count, in);
    carnet_json_object_end(&b);
    return carnet_json_built(&b, err);
}
