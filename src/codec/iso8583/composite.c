/* SPDX-License-Identifier: Apache-2.0 */
/* The structure of data elements, as data of a specification. */
#include "internal.h"

carnet_str
carnet_iso8583_subfield_text(const carnet_iso8583_composite *composite, carnet_str text, size_t i)
{
    size_t at = 0;

    if (i >= composite->count)
        return (carnet_str){ 0 };
    for (size_t k = 0; k < i; k++)
        at += composite->subfields[k].length;
    if (at > text.len || text.len - at < composite->subfields[i].length)
        return (carnet_str){ 0 };
    return (carnet_str){ text.ptr + at, composite->subfields[i].length };
}

static carnet_rc
refuse(carnet_err *err, size_t offset, const carnet_iso8583_subfield *subfield, size_t i, const char *reason)
{
    carnet_path path = { .name = carnet_str_of(subfield != NULL ? subfield->name : NULL), .index = i };

    return carnet_fail_at(err, CARNET_E_ISO8583_DATA_SET, NULL, reason, offset, &path);
}

static carnet_rc
positional(const carnet_iso8583_composite *composite, carnet_span value, carnet_err *err)
{
    size_t at = 0, bad;

    for (size_t i = 0; i < composite->count; i++) {
        const carnet_iso8583_subfield *subfield = &composite->subfields[i];
        carnet_iso8583_field field = { .type = subfield->type, .flags = CARNET_ISO8583_STRICT };

        if (at == value.len && subfield->optional)
            return CARNET_OK;
        if (value.len - at < subfield->length)
            return refuse(err, at, subfield, i, "the subfield is not all there");
        if (!carnet_iso8583_valid(&field, value.ptr + at, subfield->length, &bad))
            return refuse(err, at + bad, subfield, i, "this is no character of the subfield's type");
        at += subfield->length;
    }
    return at == value.len ? CARNET_OK : refuse(err, at, NULL, composite->count, "the last subfield ends here");
}

static carnet_rc
data_set(const carnet_iso8583_composite *composite, carnet_span value, carnet_err *err)
{
    carnet_data_set_reader r = carnet_data_set_open(value, composite->form);
    carnet_data_set_item item;

    while (carnet_data_set_next(&r, &item))
        continue;
    return carnet_data_set_done(&r, err);
}

/* The head of a BER-TLV data object: octets of it, 0 if there is none; *length of its value. */
static size_t
tlv_head(const uint8_t *at, size_t left, size_t *length)
{
    size_t size = 1, more;

    if ((at[0] & 0x1f) == 0x1f)
        while (size < left && size < 4 && (at[size++] & 0x80) != 0)
            continue;
    if (((at[0] & 0x1f) == 0x1f && (size < 2 || (at[size - 1] & 0x80) != 0)) || size >= left)
        return 0;
    *length = at[size++];
    if (*length < 0x80)
        return size;
    more = *length & 0x7f;
    if (more == 0 || more > 3 || left - size < more)
        return 0;
    for (*length = 0; more > 0; more--)
        *length = *length << 8 | at[size++];
    return size;
}

static carnet_rc
tlv(carnet_span value, carnet_err *err)
{
    for (size_t at = 0, i = 0, head, length; at < value.len; at += head + length, i++) {
        if ((head = tlv_head(value.ptr + at, value.len - at, &length)) == 0)
            return refuse(err, at, NULL, i, "this is no tag and length of BER-TLV");
        if (length > value.len - at - head)
            return refuse(err, at, NULL, i, "the data object is longer than what is left");
    }
    return CARNET_OK;
}

carnet_rc
carnet_iso8583_composite_within(const carnet_iso8583_composite *composite, carnet_span value, unsigned depth,
                                carnet_err *err)
{
    carnet_iso8583_message message;

    switch (composite->kind) {
    case CARNET_ISO8583_POSITIONAL:
        return positional(composite, value, err);
    case CARNET_ISO8583_DATA_SET:
        return data_set(composite, value, err);
    case CARNET_ISO8583_NESTED:
        return carnet_iso8583_parse_within(composite->nested, value, depth, &message, err);
    case CARNET_ISO8583_TLV:
        return tlv(value, err);
    default:
        return carnet_fail(err, CARNET_E_USAGE, NULL, "the kind of structure is not known");
    }
}

carnet_rc
carnet_iso8583_composite_check(const carnet_iso8583_composite *composite, carnet_span value, carnet_err *err)
{
    return carnet_iso8583_composite_within(composite, value, 0, err);
}

#define SUBFIELDS(table)                                                                                               \
    {                                                                                                                  \
        .kind = CARNET_ISO8583_POSITIONAL, .subfields = (table), .count = CARNET_COUNT(table)                          \
    }

static const carnet_iso8583_subfield processing_code[] = {
    { "transaction_type", 2, N, false },
    { "account_from", 2, N, false },
    { "account_to", 2, N, false },
};
static const carnet_iso8583_subfield original_1987[] = {
    { "message_type", 4, N, false },
    { "system_trace_audit_number", 6, N, false },
    { "transmission_date_and_time", 10, N, false },
    { "acquiring_institution", 11, N, false },
    { "forwarding_institution", 11, N, false },
};
static const carnet_iso8583_subfield replacement_1987[] = {
    { "transaction_amount", 12, N, false },
    { "settlement_amount", 12, N, false },
    { "transaction_fee", 9, AN, false },
    { "settlement_fee", 9, AN, false },
};
static const carnet_iso8583_subfield original_1993[] = {
    { "message_type", 4, N, false },
    { "system_trace_audit_number", 6, N, false },
    { "date_and_time_local", 12, N, false },
};

const carnet_iso8583_composite *
carnet_iso8583_composite_known(carnet_iso8583_version version, unsigned element)
{
    static const carnet_iso8583_composite processing = SUBFIELDS(processing_code);
    static const carnet_iso8583_composite original = SUBFIELDS(original_1987);
    static const carnet_iso8583_composite replacement = SUBFIELDS(replacement_1987);
    static const carnet_iso8583_composite original_of_1993 = SUBFIELDS(original_1993);

    if (element == 3)
        return &processing;
    if (version == CARNET_ISO8583_1987 && element == 90)
        return &original;
    if (version == CARNET_ISO8583_1987 && element == 95)
        return &replacement;
    return version == CARNET_ISO8583_1993 && element == 56 ? &original_of_1993 : NULL;
}
