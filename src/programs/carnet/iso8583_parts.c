/* SPDX-License-Identifier: Apache-2.0 */
/* carnet iso8583: what is inside data elements. */
#include "carnet/iso8583_codes.h"
#include "carnet/tlv.h"
#include "carnet/vector_carrier.h"
#include "iso8583.h"

#include <string.h>

#define DEPTH_MAX 8 /* levels of data objects */

static const char *
numbered(unsigned number)
{
    char text[16];

    snprintf(text, sizeof text, "%u", number);
    return iso_text(carnet_str_of(text));
}

static void
show(iso_node *node, bool unsafe, iso_secret secret)
{
    if (!unsafe) {
        node->value = iso_mask(node->value, secret, &node->masked);
    }
    if (!unsafe && !node->masked) {
        node->value = iso_mask_found(node->value, &node->masked);
    }
}

/* --- P1940's carrier --- */

static const struct {
    const char *name, *text;
    uint8_t tag;
} members[] = {
    { "VR", "Vectors that would do", 0x81 },
    { "VT", "Vector of trust", 0x80 },
    { "TM", "Trustmark", 0x82 },
    { "SI", "Session", 0x83 },
    { "TX", "Staged transaction", 0x84 },
    { "AT", "Time of authentication", 0x85 },
    { "EX", "Expiry", 0x86 },
    { "AL", "Assurance level", 0x87 },
    { "AR", "Result of authentication", 0x88 },
    { "DG", "Digest of the binding", 0x89 },
    { "KI", "Key of the identity provider", 0x8a },
    { "SG", "Signature", 0x8b },
    { "CN", "Counter", 0x8c },
};

static const char *
time_text(uint32_t time)
{
    char text[CARNET_TIME_TEXT_MAX];

    carnet_time_text(time, text);
    return iso_text(carnet_str_of(text));
}

/** What a member of a carrier means; the carrier was read, so that it can be looked up there. */
static const char *
member_meaning(const carnet_vector_carrier *carrier, uint8_t tag)
{
    static const char *const results[] = { "good", "failed", "expired", "cancelled", "not performed" };
    static const char *const trustmarks[] = { "by its URL", "P1940", "RFC 8485", "the project's" };

    switch (tag) {
    case 0x82:
        return trustmarks[carrier->trustmark];
    case 0x85:
        return time_text(carrier->auth_time);
    case 0x86:
        return time_text(carrier->expiry);
    case 0x88:
        return results[carrier->result];
    default:
        return NULL;
    }
}

static void
name_member(iso_node *node, const carnet_vector_carrier *carrier, const char *name, uint32_t tag)
{
    for (size_t i = 0; i < CARNET_COUNT(members); i++) {
        if (name != NULL ? strcmp(name, members[i].name) == 0 : members[i].tag == tag) {
            node->name = members[i].text;
            node->meaning = carrier->present != 0 ? member_meaning(carrier, members[i].tag) : NULL;
        }
    }
}

/* --- data sets --- */

static iso_node *
data_sets(carnet_span octets, carnet_data_set_form form, const carnet_vector_carrier *carrier, bool inside, bool unsafe)
{
    carnet_data_set_reader r = carnet_data_set_open(octets, form);
    iso_node *first = NULL, **tail = &first;
    carnet_data_set_item item;

    while (carnet_data_set_next(&r, &item)) {
        iso_node *node =
            iso_node_add(&tail, iso_text(item.tag), NULL, (carnet_str){ (const char *)item.value.ptr, item.value.len });

        if (inside) {
            name_member(node, carrier, node->id, 0);
        } else if (carrier->present != 0 && strcmp(node->id, "P1") == 0) {
            node->name = "Vector of trust, carried (P1940)";
            node->parts = data_sets(item.value, form, carrier, true, unsafe);
            node->value = node->parts != NULL ? (carnet_str){ 0 } : node->value;
        }
        if (!inside) {
            show(node, unsafe, ISO_OPEN);
        }
    }
    return carnet_data_set_done(&r, NULL) == CARNET_OK ? first : NULL;
}

static iso_node *
text_parts(unsigned element, carnet_str text, bool unsafe)
{
    const carnet_span octets = carnet_str_bytes(text);
    carnet_vector_carrier carrier;
    iso_node *parts;

    if (text.len < 5) {
        return NULL;
    }
    if (carnet_carrier_read_text(octets, &carrier, NULL) != CARNET_OK) {
        carrier.present = 0;
    }
    parts = data_sets(octets, carnet_data_set_ttlll, &carrier, false, unsafe);
    if (parts == NULL && element == 48) {
        parts = data_sets(octets, carnet_data_set_se, &carrier, false, unsafe);
    }
    return parts;
}

/* --- BER-TLV --- */

static bool
is_carrier(uint32_t tag)
{
    return tag == CARNET_CARRIER_TAG || tag == CARNET_CARRIER_TAG_SHORT;
}

static bool
is_printable(carnet_span octets)
{
    for (size_t i = 0; i < octets.len; i++) {
        if (octets.ptr[i] < 0x20 || octets.ptr[i] > 0x7e) {
            return false;
        }
    }
    return octets.len > 0;
}

static carnet_str
hex_of(carnet_span octets)
{
    static const char digits[] = "0123456789ABCDEF";
    char *text = cli_alloc(octets.len * 2 + 1);

    for (size_t i = 0; i < octets.len; i++) {
        text[2 * i] = digits[octets.ptr[i] >> 4];
        text[2 * i + 1] = digits[octets.ptr[i] & 15];
    }
    return (carnet_str){ text, octets.len * 2 };
}

/** Text of the carrier is shown as text, all else in hexadecimal. */
static carnet_str
carried_value(const carnet_tlv *object)
{
    const bool text = object->tag == 0x80 || object->tag == 0x81 || object->tag == 0x84 || object->tag == 0x8a ||
                      (object->tag == 0x82 && object->value.len > 1);

    return text && is_printable(object->value) ? (carnet_str){ (const char *)object->value.ptr, object->value.len }
                                               : hex_of(object->value);
}

static iso_node *
data_objects(carnet_span octets, const carnet_vector_carrier *carrier, bool carried, unsigned depth, bool unsafe)
{
    carnet_tlv_reader r = carnet_tlv_open(octets);
    iso_node *first = NULL, **tail = &first;
    carnet_tlv object;

    r.padding = true;
    while (depth < DEPTH_MAX && carnet_tlv_next(&r, &object)) {
        iso_secret secret;
        bool text;
        const char *name = carried ? NULL : iso_tag(object.tag, &secret, &text);
        char id[12];
        iso_node *node;

        snprintf(id, sizeof id, "%02X", object.tag);
        node = iso_node_add(&tail, iso_text(carnet_str_of(id)), name,
                            carried ? carried_value(&object) : hex_of(object.value));
        if (carried) {
            name_member(node, carrier, NULL, object.tag);
            continue;
        }
        if (carnet_tlv_constructed(object.tag)) {
            node->parts = data_objects(object.value, carrier, is_carrier(object.tag), depth + 1, unsafe);
            node->name = is_carrier(object.tag) ? "Vector of trust, carried (P1940)" : name;
            node->value = node->parts != NULL ? (carnet_str){ 0 } : node->value;
        } else if (text && is_printable(object.value)) {
            node->meaning = iso_text((carnet_str){ (const char *)object.value.ptr, object.value.len });
        }
        show(node, unsafe, node->parts != NULL ? ISO_OPEN : secret);
    }
    return carnet_tlv_done(&r, NULL) == CARNET_OK ? first : NULL;
}

iso_node *
iso_objects(carnet_span octets, bool unsafe)
{
    carnet_vector_carrier carrier;
    carnet_buf decoded = cli_buf(octets.len + 1);

    /* Where the element has characters, the data objects may be in hexadecimal. */
    if (is_printable(octets) &&
        carnet_hex_decode((carnet_str){ (const char *)octets.ptr, octets.len }, &decoded, NULL) == CARNET_OK) {
        octets = carnet_buf_span(&decoded);
    }
    if (octets.len < 3) {
        return NULL;
    }
    if (carnet_carrier_read_tlv(octets, &carrier, NULL) != CARNET_OK) {
        carrier.present = 0;
    }
    return data_objects(octets, &carrier, false, 0, unsafe);
}

/* --- places in a text --- */

static const char *
subfield_meaning(carnet_iso8583_version version, unsigned element, unsigned i, carnet_str value, carnet_str whole)
{
    carnet_mti mti;

    if (element == 3) {
        return i == 0 ? carnet_iso8583_transaction_text(whole) : carnet_iso8583_account_text(value);
    }
    if (i == 0 && ((element == 90 && version == CARNET_ISO8583_1987) || element == 56) &&
        carnet_mti_read(value, &mti)) {
        char text[96];

        snprintf(text, sizeof text, "%s %s, %s", carnet_mti_class_text(mti), carnet_mti_function_text(mti),
                 carnet_mti_origin_text(mti));
        return iso_text(carnet_str_of(text));
    }
    return NULL;
}

/** A name of a subfield, for a person. */
static const char *
in_words(const char *name)
{
    char text[64];

    snprintf(text, sizeof text, "%s", name != NULL ? name : "");
    for (char *at = text; *at != '\0'; at++) {
        if (*at == '_') {
            *at = ' ';
        }
    }
    return iso_text(carnet_str_of(text));
}

static iso_node *
places(carnet_iso8583_version version, unsigned element, const carnet_iso8583_composite *composite, carnet_str text)
{
    iso_node *first = NULL, **tail = &first;

    for (unsigned i = 0; i < composite->count; i++) {
        const carnet_str value = carnet_iso8583_subfield_text(composite, text, i);

        if (value.len > 0) {
            iso_node *node = iso_node_add(&tail, numbered(i + 1), in_words(composite->subfields[i].name), value);

            node->meaning = subfield_meaning(version, element, i, value, text);
        }
    }
    return first;
}

static iso_node *
entry_mode(carnet_iso8583_version version, carnet_str text)
{
    iso_node *first = NULL, **tail = &first;

    if (version == CARNET_ISO8583_1987 && text.len == 3) {
        iso_node *node = iso_node_add(&tail, "1", "How the account number came", (carnet_str){ text.ptr, 2 });

        node->meaning = carnet_iso8583_entry_mode_text(text);
        node = iso_node_add(&tail, "2", "Whether a PIN can be entered", (carnet_str){ text.ptr + 2, 1 });
        node->meaning = carnet_iso8583_pin_capability_text(text);
    }
    for (unsigned i = 1; version == CARNET_ISO8583_1993 && text.len == 12 && i <= 12; i++) {
        iso_node *node =
            iso_node_add(&tail, numbered(i), carnet_iso8583_pos_data_name(i), (carnet_str){ text.ptr + i - 1, 1 });

        node->meaning = carnet_iso8583_pos_data_text(i, text.ptr[i - 1]);
    }
    return first;
}

iso_node *
iso_parts(const carnet_iso8583_message *message, unsigned element, carnet_str text, carnet_span octets, bool unsafe)
{
    const carnet_iso8583_version version = message->spec->version;
    const carnet_iso8583_field *field = &message->spec->fields[element];
    const carnet_iso8583_composite *known = field->composite;
    carnet_iso8583_message nested;

    if (known == NULL) {
        known = carnet_iso8583_composite_known(version, element);
    }
    if (known != NULL && known->kind == CARNET_ISO8583_NESTED) {
        return carnet_iso8583_parse(known->nested, octets, &nested, NULL) == CARNET_OK ? iso_tree(&nested, unsafe)
                                                                                       : NULL;
    }
    if (known != NULL && known->kind == CARNET_ISO8583_POSITIONAL) {
        return places(version, element, known, text);
    }
    if (element == 22) {
        return entry_mode(version, text);
    }
    if (field->prefix == CARNET_ISO8583_FIXED || iso_element_secret(message, element) != ISO_OPEN) {
        return NULL;
    }
    return field->type == CARNET_ISO8583_B || element == 55 ? iso_objects(octets, unsafe)
           : element >= 44                                  ? text_parts(element, text, unsafe)
                                                            : NULL;
}
