/* SPDX-License-Identifier: Apache-2.0 */
/* One table says how each member is written, in text and in BER-TLV; the files beside it read and write by that table. */
#include "carnet/vector_carrier.h"
#include "internal.h"

#define AT(member) offsetof(carnet_vector_carrier, member)

const carrier_member carnet_carrier_members[CARRIER_MEMBERS] = {
    { CARNET_CARRIER_REQUEST, "VR", 0x81, CARRIER_VECTORS, 0, 0, 0 },
    { CARNET_CARRIER_VECTOR, "VT", 0x80, CARRIER_VECTOR, AT(vector), 2, 999 },
    { CARNET_CARRIER_TRUSTMARK, "TM", 0x82, CARRIER_TRUSTMARK, 0, 1, 200 },
    { CARNET_CARRIER_SESSION, "SI", 0x83, CARRIER_OCTETS, AT(session), 16, 16 },
    { CARNET_CARRIER_REFERENCE, "TX", 0x84, CARRIER_TEXT, AT(reference), 1, 22 },
    { CARNET_CARRIER_AUTH_TIME, "AT", 0x85, CARRIER_NUMBER, AT(auth_time), 10, 4 },
    { CARNET_CARRIER_EXPIRY, "EX", 0x86, CARRIER_NUMBER, AT(expiry), 10, 4 },
    { CARNET_CARRIER_LEVEL, "AL", 0x87, CARRIER_NUMBER, AT(level), 1, 1 },
    { CARNET_CARRIER_RESULT, "AR", 0x88, CARRIER_NUMBER, AT(result), 2, 1 },
    { CARNET_CARRIER_DIGEST, "DG", 0x89, CARRIER_OCTETS, AT(digest), 32, 32 },
    { CARNET_CARRIER_KEY_ID, "KI", 0x8a, CARRIER_TEXT, AT(key_id), 1, 16 },
    { CARNET_CARRIER_SIGNATURE, "SG", 0x8b, CARRIER_OCTETS, AT(signature), 64, 64 },
    { CARNET_CARRIER_COUNTER, "CN", 0x8c, CARRIER_NUMBER, AT(counter), 0, 4 },
};

bool
carnet_carrier_text_valid(const carrier_member *member, carnet_str text)
{
    if (text.len < member->min || text.len > member->max)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        const char c = text.ptr[i];
        const bool alphanumeric = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');

        if (!alphanumeric && !(c == '.' && member->kind == CARRIER_VECTOR) &&
            !((c == '.' || c == '-' || c == '_') && member->bit == CARNET_CARRIER_KEY_ID))
            return false;
    }
    return true;
}

/* The last values that mean something. */
bool
carnet_carrier_number_valid(const carrier_member *member, uint64_t number)
{
    if (member->bit == CARNET_CARRIER_LEVEL)
        return number <= 3;
    return number <= (member->bit == CARNET_CARRIER_RESULT ? CARNET_CARRIER_NOT_PERFORMED : UINT32_MAX);
}

/* Where a trustmark is not one of the three numbers it is an HTTPS URL of printable characters. */
bool
carnet_carrier_url_valid(carnet_str url)
{
    if (!carnet_str_starts(url, "https://") || url.len > CARRIER_URL_MAX)
        return false;
    for (size_t i = 0; i < url.len; i++)
        if (url.ptr[i] <= ' ' || url.ptr[i] > '~')
            return false;
    return true;
}

carnet_rc
carnet_carrier_complain(const carrier_member *member, const char *reason, size_t offset, carnet_err *err)
{
    const carnet_path path = { .name = { member->name, 2 } };

    return carnet_fail_at(err, CARNET_E_CARRIER, "project profile", reason, offset, &path);
}

static carnet_rc
set_wrong(carnet_rc rc, const char *reason, size_t offset, carnet_err *err)
{
    return carnet_fail_at(err, rc, "project profile", reason, offset, NULL);
}

static bool
name_valid(const uint8_t *name)
{
    for (size_t i = 0; i < 2; i++)
        if (!(name[i] >= 'A' && name[i] <= 'Z') && !(name[i] >= '0' && name[i] <= '9'))
            return false;
    return true;
}

/* Whether a name is that of a set before `end`; what is there has been read already. */
static bool
came_before(carnet_span sets, size_t end, const uint8_t *name)
{
    for (size_t at = 0; at < end;) {
        const uint8_t *set = sets.ptr + at;

        if (set[0] == name[0] && set[1] == name[1])
            return true;
        at += 5 + (size_t)(set[2] - '0') * 100 + (size_t)(set[3] - '0') * 10 + (size_t)(set[4] - '0');
    }
    return false;
}

carnet_rc
carnet_carrier_set_next(carnet_span sets, size_t base, size_t *at, carrier_set *set, carnet_err *err)
{
    const uint8_t *head = sets.ptr != NULL ? sets.ptr + *at : NULL;
    const size_t left = sets.len - *at;
    size_t length = 0;

    *set = (carrier_set){ 0 };
    if (left == 0 || head == NULL)
        return CARNET_OK;
    if (left < 5)
        return set_wrong(CARNET_E_CARRIER, "the data sets end within the head of one", base + sets.len, err);
    if (!name_valid(head))
        return set_wrong(CARNET_E_CARRIER, "a data set has no name of two capital letters or digits", base + *at, err);
    for (size_t i = 2; i < 5; i++) {
        if (head[i] < '0' || head[i] > '9')
            return set_wrong(CARNET_E_CARRIER, "a data set's length is not three digits", base + *at + i, err);
        length = length * 10 + (size_t)(head[i] - '0');
    }
    if (length > left - 5)
        return set_wrong(CARNET_E_CARRIER, "a data set is longer than what is left", base + *at + 2, err);
    if (came_before(sets, *at, head))
        return set_wrong(CARNET_E_CARRIER_TWICE, NULL, base + *at, err);
    *set = (carrier_set){ { (const char *)head, 2 }, { head + 5, length }, { head, 5 + length } };
    *at += 5 + length;
    return CARNET_OK;
}

void
carnet_carrier_set_add(const char *name, carnet_span value, carnet_buf *out)
{
    carnet_buf_add_text(out, name);
    carnet_buf_add_byte(out, (uint8_t)('0' + value.len / 100 % 10));
    carnet_buf_add_byte(out, (uint8_t)('0' + value.len / 10 % 10));
    carnet_buf_add_byte(out, (uint8_t)('0' + value.len % 10));
    carnet_buf_add(out, value);
}
