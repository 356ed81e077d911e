/* SPDX-License-Identifier: Apache-2.0 */
/* Names (RFC 5280, 4.1.2.4): compared as bytes, read attribute by attribute. */
#include "internal.h"

carnet_span
carnet_x509_read_name(carnet_der_reader *r)
{
    const uint8_t *begin = r->at;
    carnet_der_walk name, set, attribute;

    carnet_der_enter(r, CARNET_DER_SEQUENCE, &name);
    while (carnet_der_more(r)) {
        carnet_der_enter(r, CARNET_DER_SET, &set);
        if (r->rc == CARNET_OK && !carnet_der_more(r))
            carnet_der_refuse(r, CARNET_E_X509_NAME, NULL, "RFC 5280 4.1.2.4", "a part of a name is empty");
        while (carnet_der_more(r)) {
            carnet_der_enter(r, CARNET_DER_SEQUENCE, &attribute);
            (void)carnet_der_oid(r);
            (void)carnet_der_any(r);
            carnet_der_leave(r, &attribute);
        }
        carnet_der_leave(r, &set);
    }
    carnet_der_leave(r, &name);
    return r->rc == CARNET_OK ? (carnet_span){ begin, (size_t)(r->at - begin) } : (carnet_span){ 0 };
}

bool
carnet_x509_step(carnet_span *at, carnet_der_item *item)
{
    carnet_der_reader r = carnet_der_open(*at);

    *item = carnet_der_any(&r);
    *at = (carnet_span){ r.at, (size_t)(r.end - r.at) };
    return r.rc == CARNET_OK;
}

/* 2.5.4.N */
static carnet_name_attribute
attribute_of(carnet_span oid)
{
    if (oid.len != 3 || oid.ptr[0] != 0x55 || oid.ptr[1] != 0x04)
        return CARNET_NAME_OTHER;
    switch (oid.ptr[2]) {
    case 3:
        return CARNET_NAME_COMMON_NAME;
    case 5:
        return CARNET_NAME_SERIAL_NUMBER;
    case 6:
        return CARNET_NAME_COUNTRY;
    case 7:
        return CARNET_NAME_LOCALITY;
    case 8:
        return CARNET_NAME_STATE;
    case 10:
        return CARNET_NAME_ORGANISATION;
    case 11:
        return CARNET_NAME_ORGANISATIONAL_UNIT;
    default:
        return CARNET_NAME_OTHER;
    }
}

/* X.680, 41.4 */
bool
carnet_x509_is_printable_string(carnet_span bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        uint8_t c = bytes.ptr[i];
        bool alphanumeric = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');

        if (!alphanumeric && c != ' ' && (c < '\'' || c > '/' || c == '*') && c != ':' && c != '=' && c != '?')
            return false;
    }
    return true;
}

static bool
is_ascii(carnet_span bytes)
{
    for (size_t i = 0; i < bytes.len; i++)
        if (bytes.ptr[i] >= 0x80)
            return false;
    return true;
}

static bool
is_text(uint8_t tag, carnet_span bytes)
{
    switch (tag) {
    case CARNET_DER_PRINTABLE_STRING:
        return carnet_x509_is_printable_string(bytes);
    case CARNET_DER_UTF8_STRING:
        return carnet_utf8_valid(bytes);
    case CARNET_DER_IA5_STRING:
        return is_ascii(bytes);
    default:
        return false;
    }
}

/* Fill *value from the SEQUENCE { type, value } that is `attribute`'s content. */
static void
take_attribute(carnet_span attribute, carnet_name_value *value)
{
    carnet_der_reader r = carnet_der_open(attribute);
    carnet_der_item item;

    value->oid = carnet_der_oid(&r);
    item = carnet_der_any(&r);
    value->attribute = attribute_of(value->oid);
    value->tag = item.tag;
    value->bytes = item.content;
    if (is_text(item.tag, item.content))
        value->text = (carnet_str){ (const char *)item.content.ptr, item.content.len };
}

bool
carnet_name_next(carnet_span name, carnet_span *at, carnet_name_value *value)
{
    carnet_der_item item;

    *value = (carnet_name_value){ .attribute = CARNET_NAME_OTHER };
    if (at->ptr == NULL) {
        if (!carnet_x509_step(&name, &item))
            return false;
        *at = item.content;
    }
    while (carnet_x509_step(at, &item)) {
        if (item.tag == CARNET_DER_SEQUENCE) {
            take_attribute(item.content, value);
            return value->tag != 0;
        }
        /* Into a set: its members follow one another, and the next set follows the last of them. */
        at->len += item.content.len;
        at->ptr = item.content.ptr;
    }
    return false;
}

bool
carnet_name_get(carnet_span name, carnet_name_attribute attribute, carnet_name_value *value)
{
    carnet_span at = { 0 };

    while (carnet_name_next(name, &at, value))
        if (value->attribute == attribute)
            return true;
    *value = (carnet_name_value){ .attribute = attribute };
    return false;
}

/* Text that cannot move a terminal's cursor or break a line. */
static void
add_harmless(carnet_span bytes, bool text, carnet_buf *out)
{
    for (size_t i = 0; i < bytes.len; i++) {
        uint8_t c = bytes.ptr[i];
        /* U+0080 to U+009F are control characters too: C2 80 to C2 9F. */
        bool control = c < 0x20 || c == 0x7f || (c == 0xc2 && i + 1 < bytes.len && bytes.ptr[i + 1] < 0xa0);

        if (text && c == 0xc2 && control)
            i++;
        carnet_buf_add_byte(out, control || (!text && c >= 0x80) ? '?' : c);
    }
}

void
carnet_name_text(carnet_span name, carnet_buf *out)
{
    static const char *const labels[] = { "C", "ST", "L", "O", "OU", "CN", "serialNumber" };
    carnet_name_value value;
    carnet_span at = { 0 };

    for (bool first = true; carnet_name_next(name, &at, &value); first = false) {
        char oid[CARNET_OID_TEXT_MAX];

        carnet_oid_text(value.oid, oid, sizeof(oid));
        carnet_buf_add_text(out, first ? "" : ", ");
        carnet_buf_add_text(out, value.attribute < CARNET_NAME_ATTRIBUTE_COUNT ? labels[value.attribute] : oid);
        carnet_buf_add_byte(out, '=');
        add_harmless(value.bytes, value.text.len > 0, out);
    }
}
