/* SPDX-License-Identifier: Apache-2.0 */
/* Members of the messages about staged transactions, one kind a function; the first failure sticks. */
#include "internal.h"

static void
blame(staging_fields *f, const char *name, const char *reason)
{
    const carnet_path path = { .name = carnet_str_of(name) };

    if (f->rc == CARNET_OK)
        f->rc = carnet_fail_at(f->err, CARNET_E_STAGING_MESSAGE, "P1940 4", reason, CARNET_NO_OFFSET, &path);
}

/* The member, NULL when it is absent or null; something missing or of another type is to blame. */
static const carnet_json *
member(staging_fields *f, const char *name, carnet_json_type type, bool required)
{
    const carnet_json *value = carnet_json_get(f->object, name);

    if (carnet_json_type_of(value) == CARNET_JSON_NULL)
        value = NULL;
    if (f->rc != CARNET_OK)
        return NULL;
    if (value == NULL) {
        if (required)
            blame(f, name, "a member is missing");
        return NULL;
    }
    if (carnet_json_type_of(value) == type)
        return value;
    blame(f, name, "a member is of another type");
    return NULL;
}

staging_fields
carnet_staging_fields(carnet_str text, carnet_json **document, carnet_err *err)
{
    staging_fields f = { .err = err };

    *document = NULL;
    if (text.len > CARNET_STAGING_MAX)
        f.rc = carnet_fail(err, CARNET_E_LIMIT, NULL, "the message is longer than any of its kind");
    else
        f.rc = carnet_json_parse(text, document, err);
    f.object = *document;
    if (f.rc == CARNET_OK && carnet_json_type_of(*document) != CARNET_JSON_OBJECT)
        f.rc = carnet_fail(err, CARNET_E_STAGING_MESSAGE, "P1940 4", "the message is no object");
    return f;
}

carnet_rc
carnet_staging_fields_end(const staging_fields *f, carnet_json **document)
{
    if (f->rc != CARNET_OK)
        carnet_json_free(document);
    return f->rc;
}

carnet_str
carnet_staging_text(staging_fields *f, const char *name, size_t max, bool required)
{
    const carnet_json *value = member(f, name, CARNET_JSON_STRING, required);
    const carnet_str text = carnet_json_string(value);

    if (value == NULL)
        return (carnet_str){ 0 };
    if (text.len > max || (required && text.len == 0)) {
        blame(f, name, "a text is empty, or too long");
        return (carnet_str){ 0 };
    }
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] < 0x20 || text.ptr[i] == 0x7f)
            blame(f, name, "a text has control characters");
    return text;
}

carnet_str
carnet_staging_reference(staging_fields *f, const char *name, bool required)
{
    const carnet_str text = carnet_staging_text(f, name, CARNET_STAGING_REFERENCE, required);

    for (size_t i = 0; i < text.len; i++) {
        const char c = text.ptr[i];

        if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')))
            blame(f, name, "a reference has letters and digits only");
    }
    return text;
}

int64_t
carnet_staging_number(staging_fields *f, const char *name, int64_t max, bool required)
{
    const carnet_json *value = member(f, name, CARNET_JSON_INTEGER, required);
    const int64_t number = carnet_json_integer(value);

    if (number < 0 || number > max)
        blame(f, name, "a number is out of its range");
    return f->rc == CARNET_OK ? number : 0;
}

uint64_t
carnet_staging_amount(staging_fields *f, const char *name, bool required)
{
    const carnet_json *value = member(f, name, CARNET_JSON_STRING, required);
    uint64_t amount = 0;

    if (value != NULL && carnet_staging_amount_read(carnet_json_string(value), &amount, NULL) != CARNET_OK)
        blame(f, name, "an amount is 12 digits");
    return amount;
}

carnet_str
carnet_staging_currency(staging_fields *f, const char *name, bool required)
{
    const carnet_str text = carnet_staging_text(f, name, 3, required);
    bool good = text.len == 3 || (!required && text.len == 0);

    for (size_t i = 0; i < text.len; i++)
        good = good && text.ptr[i] >= '0' && text.ptr[i] <= '9';
    if (f->rc == CARNET_OK && !good)
        blame(f, name, "a currency is three digits");
    return text;
}

carnet_str
carnet_staging_base64url(staging_fields *f, const char *name, size_t max, bool required)
{
    const carnet_str text = carnet_staging_text(f, name, max, required);

    for (size_t i = 0; i < text.len; i++) {
        const char c = text.ptr[i];

        if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '_'))
            blame(f, name, "this is not base64url");
    }
    return text;
}

carnet_span
carnet_staging_session(staging_fields *f, const char *name, uint8_t out[CARNET_STAGING_SESSION])
{
    const carnet_str text = carnet_staging_text(f, name, 22, true);
    carnet_buf buf = carnet_buf_of(out, CARNET_STAGING_SESSION);

    if (f->rc == CARNET_OK &&
        (text.len != 22 || carnet_base64url_decode(text, &buf, NULL) != CARNET_OK || buf.len != CARNET_STAGING_SESSION))
        blame(f, name, "a terminal's session is 16 octets in base64url");
    return (carnet_span){ .ptr = out, .len = f->rc == CARNET_OK ? CARNET_STAGING_SESSION : 0 };
}

carnet_staged_state
carnet_staging_state(staging_fields *f, const char *name, bool required)
{
    const carnet_str text = carnet_staging_text(f, name, 32, required);
    const carnet_staged_state state = carnet_staged_state_of(text);

    if (text.len != 0 && state == CARNET_STAGED_NONE)
        blame(f, name, "this is no state of a staged transaction");
    return state;
}

size_t
carnet_staging_vectors(staging_fields *f, const char *name, carnet_str vtr[CARNET_STAGING_VTR], bool required)
{
    const carnet_json *list = member(f, name, CARNET_JSON_ARRAY, required);
    const size_t count = carnet_json_count(list);

    if (count > CARNET_STAGING_VTR || (list != NULL && required && count == 0))
        blame(f, name, "a request has one to eight vectors");
    for (size_t i = 0; f->rc == CARNET_OK && i < count; i++) {
        vtr[i] = carnet_json_string(carnet_json_at(list, i));
        if (vtr[i].len == 0 || vtr[i].len > 128)
            blame(f, name, "a vector is a text of components");
    }
    return f->rc == CARNET_OK ? count : 0;
}

const carnet_json *
carnet_staging_object(staging_fields *f, const char *name)
{
    return member(f, name, CARNET_JSON_OBJECT, false);
}

void
carnet_staging_blame(staging_fields *f, const char *name, const char *reason)
{
    blame(f, name, reason);
}

/* --- written --- */

void
carnet_staging_put(carnet_json_builder *b, const char *name, carnet_str text)
{
    if (text.len != 0)
        carnet_json_add_string(b, name, text);
}

void
carnet_staging_put_amount(carnet_json_builder *b, const char *name, uint64_t amount)
{
    uint8_t digits[12];
    carnet_buf buf = carnet_buf_of(digits, sizeof(digits));

    carnet_staging_amount_write(amount, &buf);
    if (buf.overflow && b->rc == CARNET_OK)
        b->rc = CARNET_E_STAGING_AMOUNT;
    carnet_json_add_string(b, name, carnet_buf_str(&buf));
}

void
carnet_staging_put_vectors(carnet_json_builder *b, const char *name, const carnet_str *vtr, size_t count)
{
    if (count == 0)
        return;
    carnet_json_array_begin(b, name);
    for (size_t i = 0; i < count && i < CARNET_STAGING_VTR; i++)
        carnet_json_add_string(b, NULL, vtr[i]);
    carnet_json_array_end(b);
}
