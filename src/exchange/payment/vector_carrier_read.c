/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/tlv.h"
#include "carnet/vector_carrier.h"
#include "internal.h"

#include <string.h>

/* A member's value where it was found. */
typedef struct found {
    const carrier_member *member;
    carnet_span value;
    size_t offset; /* of its first octet, in the whole input */
} found;

static uint8_t *
place(carnet_vector_carrier *carrier, const carrier_member *member)
{
    return (uint8_t *)carrier + member->offset;
}

static carnet_str
text_of(carnet_span value)
{
    return (carnet_str){ (const char *)value.ptr, value.len };
}

static carnet_rc
wrong(const found *f, const char *reason, carnet_err *err)
{
    return carnet_carrier_complain(f->member, reason, f->offset, err);
}

static carnet_rc
take_text(carnet_vector_carrier *carrier, const found *f, carnet_err *err)
{
    const carnet_str text = text_of(f->value);

    if (!carnet_carrier_text_valid(f->member, text))
        return wrong(f, "the text is too long, too short, or has another character", err);
    memcpy(place(carrier, f->member), &text, sizeof(text));
    return CARNET_OK;
}

static carnet_rc
take_number(carnet_vector_carrier *carrier, const found *f, uint64_t number, carnet_err *err)
{
    const uint32_t value = (uint32_t)number;

    if (!carnet_carrier_number_valid(f->member, number))
        return wrong(f, "the number is none that this member can have", err);
    memcpy(place(carrier, f->member), &value, sizeof(value));
    return CARNET_OK;
}

static carnet_rc
take_request(carnet_vector_carrier *carrier, const found *f, carnet_str text, carnet_err *err)
{
    if (carrier->request_count == CARNET_CARRIER_REQUESTS)
        return wrong(f, "there are more than 8 vectors", err);
    if (!carnet_carrier_text_valid(&carnet_carrier_members[1], text))
        return wrong(f, "one of the vectors is too short, or has another character", err);
    carrier->request[carrier->request_count++] = text;
    return CARNET_OK;
}

static carnet_rc
take_trustmark(carnet_vector_carrier *carrier, const found *f, bool numbered, unsigned number, carnet_str url,
               carnet_err *err)
{
    if (numbered ? number < 1 || number > 3 : !carnet_carrier_url_valid(url))
        return wrong(f, "the trustmark is neither 1, 2, 3 nor an HTTPS URL", err);
    carrier->trustmark = numbered ? number : 0;
    carrier->trustmark_url = numbered ? (carnet_str){ 0 } : url;
    return CARNET_OK;
}

/* --- text --- */

static carnet_rc
number_in_text(carnet_vector_carrier *carrier, const found *f, carnet_err *err)
{
    uint64_t number = 0;

    if (f->member->min != 0 ? f->value.len != f->member->min
                            : f->value.len < 1 || f->value.len > 10 || (f->value.len > 1 && f->value.ptr[0] == '0'))
        return wrong(f, "the number has another number of digits", err);
    for (size_t i = 0; i < f->value.len; i++) {
        if (f->value.ptr[i] < '0' || f->value.ptr[i] > '9')
            return wrong(f, "this is no number", err);
        number = number * 10 + (uint64_t)(f->value.ptr[i] - '0');
    }
    return take_number(carrier, f, number, err);
}

static carnet_rc
octets_in_text(carnet_vector_carrier *carrier, const found *f, carnet_err *err)
{
    carnet_buf room = carnet_buf_of(place(carrier, f->member), f->member->min);
    carnet_err inner;

    if (carnet_base64url_decode(text_of(f->value), &room, &inner) != CARNET_OK || room.overflow ||
        room.len != f->member->min)
        return wrong(f, "this is not base64url of the right length", err);
    return CARNET_OK;
}

static carnet_rc
requests_in_text(carnet_vector_carrier *carrier, const found *f, carnet_err *err)
{
    carnet_str rest = text_of(f->value);
    carnet_rc rc = CARNET_OK;

    for (bool more = true; more && rc == CARNET_OK;) {
        const char *comma = rest.len != 0 ? memchr(rest.ptr, ',', rest.len) : NULL;
        const size_t len = comma != NULL ? (size_t)(comma - rest.ptr) : rest.len;

        rc = take_request(carrier, f, (carnet_str){ rest.ptr, len }, err);
        more = comma != NULL;
        if (more)
            rest = (carnet_str){ comma + 1, rest.len - len - 1 };
    }
    return rc;
}

static carnet_rc
member_in_text(carnet_vector_carrier *carrier, const found *f, carnet_err *err)
{
    const carnet_str text = text_of(f->value);

    switch (f->member->kind) {
    case CARRIER_VECTORS:
        return requests_in_text(carrier, f, err);
    case CARRIER_TRUSTMARK:
        if (text.len != 0 && text.ptr[0] == 'U')
            return take_trustmark(carrier, f, false, 0, (carnet_str){ text.ptr + 1, text.len - 1 }, err);
        return take_trustmark(carrier, f, true, text.len == 1 && text.ptr[0] > '0' ? (unsigned)(text.ptr[0] - '0') : 0,
                              (carnet_str){ 0 }, err);
    case CARRIER_OCTETS:
        return octets_in_text(carrier, f, err);
    case CARRIER_NUMBER:
        return number_in_text(carrier, f, err);
    default:
        return take_text(carrier, f, err);
    }
}

/* --- BER-TLV --- */

static carnet_rc
number_in_tlv(carnet_vector_carrier *carrier, const found *f, carnet_err *err)
{
    uint64_t number = 0;

    if (f->value.len != f->member->max)
        return wrong(f, "the number has another number of octets", err);
    for (size_t i = 0; i < f->value.len; i++)
        number = number << 8 | f->value.ptr[i];
    return take_number(carrier, f, number, err);
}

static carnet_rc
member_in_tlv(carnet_vector_carrier *carrier, const found *f, carnet_err *err)
{
    switch (f->member->kind) {
    case CARRIER_VECTORS:
        return take_request(carrier, f, text_of(f->value), err);
    case CARRIER_TRUSTMARK:
        if (f->value.len == 1)
            return take_trustmark(carrier, f, true, f->value.ptr[0], (carnet_str){ 0 }, err);
        return take_trustmark(carrier, f, false, 0, text_of(f->value), err);
    case CARRIER_OCTETS:
        if (f->value.len != f->member->min)
            return wrong(f, "this has another number of octets", err);
        memcpy(place(carrier, f->member), f->value.ptr, f->value.len);
        return CARNET_OK;
    case CARRIER_NUMBER:
        return number_in_tlv(carrier, f, err);
    default:
        return take_text(carrier, f, err);
    }
}

/* --- both --- */

static carnet_rc
take(carnet_vector_carrier *carrier, const found *f, bool tlv, carnet_err *err)
{
    const bool repeats = tlv && f->member->kind == CARRIER_VECTORS;
    const carnet_path path = { .name = { f->member->name, 2 } };

    if ((carrier->present & f->member->bit) != 0 && !repeats)
        return carnet_fail_at(err, CARNET_E_CARRIER_TWICE, "project profile", NULL, f->offset, &path);
    carrier->present |= f->member->bit;
    return tlv ? member_in_tlv(carrier, f, err) : member_in_text(carrier, f, err);
}

static carnet_rc
settle(carnet_rc rc, carnet_vector_carrier *carrier)
{
    if (rc != CARNET_OK)
        *carrier = (carnet_vector_carrier){ 0 };
    return rc;
}

static carnet_rc
read_text(carnet_span inside, size_t base, carnet_vector_carrier *carrier, carnet_err *err)
{
    carrier_set set = { 0 };
    size_t at = 0;
    carnet_rc rc;

    while ((rc = carnet_carrier_set_next(inside, base, &at, &set, err)) == CARNET_OK && set.name.len != 0)
        for (size_t i = 0; i < CARRIER_MEMBERS; i++) {
            const found f = { &carnet_carrier_members[i], set.value, base + at - set.value.len };

            if (carnet_str_is(set.name, f.member->name) && (rc = take(carrier, &f, false, err)) != CARNET_OK)
                return rc;
        }
    return rc;
}

carnet_rc
carnet_carrier_read_text(carnet_span data_sets, carnet_vector_carrier *carrier, carnet_err *err)
{
    carnet_span value = { 0 };
    carrier_set set;
    size_t at = 0;
    carnet_rc rc;

    *carrier = (carnet_vector_carrier){ 0 };
    while ((rc = carnet_carrier_set_next(data_sets, 0, &at, &set, err)) == CARNET_OK && set.name.len != 0)
        if (carnet_str_is(set.name, "P1"))
            value = set.value;
    if (rc == CARNET_OK && value.ptr == NULL)
        rc = carnet_fail(err, CARNET_E_CARRIER_ABSENT, "project profile", NULL);
    if (rc == CARNET_OK)
        rc = read_text(value, (size_t)(value.ptr - data_sets.ptr), carrier, err);
    if (rc == CARNET_OK && carrier->present == 0)
        rc = carnet_fail(err, CARNET_E_CARRIER, "project profile", "the carrier is empty");
    return settle(rc, carrier);
}

static carnet_rc
read_tlv(const carnet_tlv_reader *outer, carnet_span object, carnet_vector_carrier *carrier, carnet_err *err)
{
    carnet_tlv_reader r = carnet_tlv_open_within(outer, object);
    carnet_tlv inner;
    carnet_rc rc = CARNET_OK;

    while (rc == CARNET_OK && carnet_tlv_next(&r, &inner))
        for (size_t i = 0; i < CARRIER_MEMBERS && rc == CARNET_OK; i++) {
            const found f = { &carnet_carrier_members[i], inner.value, (size_t)(inner.value.ptr - r.origin) };

            if (inner.tag == f.member->tag)
                rc = take(carrier, &f, true, err);
        }
    return rc == CARNET_OK ? carnet_tlv_done(&r, err) : rc;
}

carnet_rc
carnet_carrier_read_tlv(carnet_span objects, carnet_vector_carrier *carrier, carnet_err *err)
{
    carnet_tlv_reader r = carnet_tlv_open(objects);
    carnet_rc rc = CARNET_OK;
    bool found_one = false;
    carnet_tlv object;

    *carrier = (carnet_vector_carrier){ 0 };
    r.padding = true;
    while (rc == CARNET_OK && carnet_tlv_next(&r, &object)) {
        if (object.tag != CARNET_CARRIER_TAG && object.tag != CARNET_CARRIER_TAG_SHORT)
            continue;
        if (found_one)
            rc = carnet_fail_at(err, CARNET_E_CARRIER_TWICE, "project profile", NULL,
                                (size_t)(object.encoded.ptr - objects.ptr), NULL);
        else
            rc = read_tlv(&r, object.value, carrier, err);
        found_one = true;
    }
    if (rc == CARNET_OK)
        rc = carnet_tlv_done(&r, err);
    if (rc == CARNET_OK && !found_one)
        rc = carnet_fail(err, CARNET_E_CARRIER_ABSENT, "project profile", NULL);
    if (rc == CARNET_OK && carrier->present == 0)
        rc = carnet_fail(err, CARNET_E_CARRIER, "project profile", "the carrier is empty");
    return settle(rc, carrier);
}
