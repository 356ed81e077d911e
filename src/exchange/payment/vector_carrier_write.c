/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/tlv.h"
#include "carnet/vector_carrier.h"
#include "internal.h"

#include <string.h>

#define TEXT_MAX 999 /* octets of a data set, and of a member */

static const uint8_t *
place(const carnet_vector_carrier *carrier, const carrier_member *member)
{
    return (const uint8_t *)carrier + member->offset;
}

static carnet_str
text_at(const carnet_vector_carrier *carrier, const carrier_member *member)
{
    carnet_str text;

    memcpy(&text, place(carrier, member), sizeof(text));
    return text;
}

static uint32_t
number_at(const carnet_vector_carrier *carrier, const carrier_member *member)
{
    uint32_t number;

    memcpy(&number, place(carrier, member), sizeof(number));
    return number;
}

static bool
requests_valid(const carnet_vector_carrier *carrier)
{
    for (unsigned i = 0; i < carrier->request_count && i < CARNET_CARRIER_REQUESTS; i++)
        if (!carnet_carrier_text_valid(&carnet_carrier_members[1], carrier->request[i]))
            return false;
    return carrier->request_count >= 1 && carrier->request_count <= CARNET_CARRIER_REQUESTS;
}

static bool
member_valid(const carnet_vector_carrier *carrier, const carrier_member *member)
{
    switch (member->kind) {
    case CARRIER_VECTORS:
        return requests_valid(carrier);
    case CARRIER_TRUSTMARK:
        return carrier->trustmark == 0 ? carnet_carrier_url_valid(carrier->trustmark_url) : carrier->trustmark <= 3;
    case CARRIER_NUMBER:
        return carnet_carrier_number_valid(member, number_at(carrier, member));
    case CARRIER_OCTETS:
        return true;
    default:
        return carnet_carrier_text_valid(member, text_at(carrier, member));
    }
}

carnet_rc
carnet_carrier_check(const carnet_vector_carrier *carrier, carnet_err *err)
{
    for (size_t i = 0; i < CARRIER_MEMBERS; i++) {
        const carrier_member *member = &carnet_carrier_members[i];

        if ((carrier->present & member->bit) != 0 && !member_valid(carrier, member))
            return carnet_carrier_complain(member, "the value has no form in a message", CARNET_NO_OFFSET, err);
    }
    if (carrier->present == 0)
        return carnet_fail(err, CARNET_E_CARRIER, "project profile", "there is nothing to carry");
    return CARNET_OK;
}

/* --- text --- */

static void
number_in_text(const carrier_member *member, uint32_t number, carnet_buf *out)
{
    uint64_t limit = 1;

    for (unsigned i = 1; i < member->min; i++)
        limit *= 10;
    for (; limit > 1 && number < limit; limit /= 10)
        carnet_buf_add_byte(out, '0');
    carnet_buf_add_uint(out, number);
}

static void
value_in_text(const carnet_vector_carrier *carrier, const carrier_member *member, carnet_buf *out)
{
    switch (member->kind) {
    case CARRIER_VECTORS:
        for (unsigned i = 0; i < carrier->request_count; i++) {
            if (i != 0)
                carnet_buf_add_byte(out, ',');
            carnet_buf_add_str(out, carrier->request[i]);
        }
        break;
    case CARRIER_TRUSTMARK:
        if (carrier->trustmark != 0) {
            carnet_buf_add_uint(out, carrier->trustmark);
        } else {
            carnet_buf_add_byte(out, 'U');
            carnet_buf_add_str(out, carrier->trustmark_url);
        }
        break;
    case CARRIER_NUMBER:
        number_in_text(member, number_at(carrier, member), out);
        break;
    case CARRIER_OCTETS:
        carnet_base64url_encode(carnet_span_of(place(carrier, member), member->min), out);
        break;
    default:
        carnet_buf_add_str(out, text_at(carrier, member));
        break;
    }
}

/* Every data set but P1, as it is. */
static carnet_rc
copy_other_sets(carnet_span data_sets, carnet_buf *out, carnet_err *err)
{
    carrier_set set;
    size_t at = 0;
    carnet_rc rc;

    while ((rc = carnet_carrier_set_next(data_sets, 0, &at, &set, err)) == CARNET_OK && set.name.len != 0)
        if (!carnet_str_is(set.name, "P1"))
            carnet_buf_add(out, set.encoded);
    return rc;
}

static carnet_rc
members_in_text(const carnet_vector_carrier *carrier, carnet_buf *members, carnet_err *err)
{
    uint8_t value[TEXT_MAX];

    for (size_t i = 0; i < CARRIER_MEMBERS; i++) {
        const carrier_member *member = &carnet_carrier_members[i];
        carnet_buf room = carnet_buf_of(value, sizeof(value));

        if ((carrier->present & member->bit) == 0)
            continue;
        value_in_text(carrier, member, &room);
        carnet_carrier_set_add(member->name, carnet_buf_span(&room), members);
        if (room.overflow || members->overflow)
            return carnet_carrier_complain(member, "the carrier does not fit in 999 characters", CARNET_NO_OFFSET, err);
    }
    return CARNET_OK;
}

carnet_rc
carnet_carrier_write_text(const carnet_vector_carrier *carrier, carnet_span data_sets, carnet_buf *out, carnet_err *err)
{
    uint8_t inside[TEXT_MAX];
    carnet_buf members = carnet_buf_of(inside, sizeof(inside));
    const size_t start = out->len;
    carnet_rc rc = carnet_carrier_check(carrier, err);

    if (rc == CARNET_OK)
        rc = members_in_text(carrier, &members, err);
    if (rc == CARNET_OK)
        rc = copy_other_sets(data_sets, out, err);
    if (rc == CARNET_OK) {
        carnet_carrier_set_add("P1", carnet_buf_span(&members), out);
        if (out->overflow)
            rc = carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    }
    if (rc != CARNET_OK)
        out->len = start;
    return rc;
}

/* --- BER-TLV --- */

static void
number_in_tlv(const carrier_member *member, uint32_t number, carnet_buf *out)
{
    carnet_tlv_add_head(out, member->tag, member->max);
    for (unsigned i = member->max; i > 0; i--)
        carnet_buf_add_byte(out, (uint8_t)(number >> (8 * (i - 1))));
}

static void
member_in_tlv(const carnet_vector_carrier *carrier, const carrier_member *member, carnet_buf *out)
{
    const uint8_t trustmark = (uint8_t)carrier->trustmark;

    switch (member->kind) {
    case CARRIER_VECTORS:
        for (unsigned i = 0; i < carrier->request_count; i++)
            carnet_tlv_add(out, member->tag, carnet_str_bytes(carrier->request[i]));
        break;
    case CARRIER_TRUSTMARK:
        carnet_tlv_add(out, member->tag,
                       trustmark != 0 ? carnet_span_of(&trustmark, 1) : carnet_str_bytes(carrier->trustmark_url));
        break;
    case CARRIER_NUMBER:
        number_in_tlv(member, number_at(carrier, member), out);
        break;
    case CARRIER_OCTETS:
        carnet_tlv_add(out, member->tag, carnet_span_of(place(carrier, member), member->min));
        break;
    default:
        carnet_tlv_add(out, member->tag, carnet_str_bytes(text_at(carrier, member)));
        break;
    }
}

/* In the order of tags: the vector before those that would do, as the members' numbers say. */
static void
members_in_tlv(const carnet_vector_carrier *carrier, carnet_buf *out)
{
    for (unsigned tag = 0x80; tag < 0x80 + CARRIER_MEMBERS; tag++)
        for (size_t i = 0; i < CARRIER_MEMBERS; i++)
            if (carnet_carrier_members[i].tag == tag && (carrier->present & carnet_carrier_members[i].bit) != 0)
                member_in_tlv(carrier, &carnet_carrier_members[i], out);
}

/* The other data objects, and what pads between them, as they are. */
static carnet_rc
copy_others(carnet_span objects, carnet_buf *out, carnet_err *err)
{
    carnet_tlv_reader r = carnet_tlv_open(objects);
    const uint8_t *from = objects.ptr;
    carnet_tlv object;
    carnet_rc rc;

    r.padding = true;
    while (carnet_tlv_next(&r, &object))
        if (object.tag == CARNET_CARRIER_TAG || object.tag == CARNET_CARRIER_TAG_SHORT) {
            carnet_buf_add(out, carnet_span_of(from, (size_t)(object.encoded.ptr - from)));
            from = object.encoded.ptr + object.encoded.len;
        }
    rc = carnet_tlv_done(&r, err);
    if (rc == CARNET_OK && objects.len != 0)
        carnet_buf_add(out, carnet_span_of(from, (size_t)(objects.ptr + objects.len - from)));
    return rc;
}

carnet_rc
carnet_carrier_write_tlv(const carnet_vector_carrier *carrier, uint32_t tag, carnet_span objects, size_t limit,
                         carnet_buf *out, carnet_err *err)
{
    const size_t start = out->len;
    carnet_tlv_mark mark;
    carnet_rc rc = carnet_carrier_check(carrier, err);

    if (rc == CARNET_OK && tag != CARNET_CARRIER_TAG && tag != CARNET_CARRIER_TAG_SHORT)
        rc = carnet_fail(err, CARNET_E_USAGE, "project profile", "the carrier has no such tag");
    if (rc == CARNET_OK)
        rc = copy_others(objects, out, err);
    if (rc == CARNET_OK) {
        mark = carnet_tlv_begin(out, tag);
        members_in_tlv(carrier, out);
        carnet_tlv_end(out, mark);
        if (out->overflow)
            rc = carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
        else if (limit != 0 && out->len - start > limit)
            rc = carnet_fail(err, CARNET_E_CARRIER, "project profile", "the data objects do not fit in their element");
    }
    if (rc != CARNET_OK)
        out->len = start;
    return rc;
}
