/* SPDX-License-Identifier: Apache-2.0 */
/* Checking one encoded value against its definition. */
#include "internal.h"

#include <string.h>

static void
refuse(carnet_cbor_reader *r, const uint8_t *at, const char *reason)
{
    carnet_cbor_refuse(r, CARNET_E_DOCTYPE_ELEMENT, at, NULL, reason);
}

static size_t
characters(carnet_str text)
{
    size_t count = 0;

    for (size_t i = 0; i < text.len; i++) {
        count += ((uint8_t)text.ptr[i] & 0xc0) != 0x80;
    }
    return count;
}

/** In UTF-8: U+0020 to U+007E, and U+00A0 to U+00FF, which begin with C2 or C3.  8859-1 has no control characters. */
static bool
latin1(carnet_str text)
{
    uint8_t before = 0;

    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = (uint8_t)text.ptr[i];

        if (c < 0x20 || c == 0x7f || c > 0xc3 || (before == 0xc2 && c < 0xa0)) {
            return false;
        }
        before = c;
    }
    return true;
}

static bool
all_in(carnet_str text, char from, char to)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < from || text.ptr[i] > to) {
            return false;
        }
    }
    return true;
}

static bool
chosen(const char *choices, carnet_str text)
{
    const char *at = choices;

    while (at != NULL) {
        const char *bar = strchr(at, '|');
        carnet_str one = { at, bar != NULL ? (size_t)(bar - at) : strlen(at) };

        if (carnet_str_equal(one, text)) {
            return true;
        }
        at = bar != NULL ? bar + 1 : NULL;
    }
    return false;
}

static void
read_alpha(carnet_cbor_reader *r, size_t longest)
{
    const uint8_t *at = r->at;
    carnet_str text = carnet_cbor_tstr(r);

    if (r->rc == CARNET_OK && (text.len < 2 || text.len > longest || !all_in(text, 'A', 'Z'))) {
        refuse(r, at, "this is no ISO 3166-1 code in upper case");
    }
}

static void
read_text(carnet_cbor_reader *r, const carnet_element_definition *element)
{
    const uint8_t *at = r->at;
    carnet_str text = carnet_cbor_tstr(r);

    if (element->max != 0 && characters(text) > element->max) {
        refuse(r, at, "the text is longer than allowed");
    } else if (element->type == CARNET_ELEMENT_LATIN1 && !latin1(text)) {
        refuse(r, at, "the text has characters outside ISO/IEC 8859-1");
    } else if (element->type == CARNET_ELEMENT_CHOICE && r->rc == CARNET_OK && !chosen(element->choices, text)) {
        refuse(r, at, "the text is none of the values allowed");
    }
}

static void
read_subdivision(carnet_cbor_reader *r)
{
    const uint8_t *at = r->at;
    carnet_str text = carnet_cbor_tstr(r);
    bool good = text.len >= 4 && text.len <= 6 && text.ptr[2] == '-' && all_in((carnet_str){ text.ptr, 2 }, 'A', 'Z');

    for (size_t i = 3; good && i < text.len; i++) {
        good = (text.ptr[i] >= 'A' && text.ptr[i] <= 'Z') || (text.ptr[i] >= '0' && text.ptr[i] <= '9');
    }
    if (r->rc == CARNET_OK && !good) {
        refuse(r, at, "this is no ISO 3166-2 code");
    }
}

static void
read_digits(carnet_cbor_reader *r, const carnet_element_definition *element)
{
    const uint8_t *at = r->at;
    carnet_str text = carnet_cbor_tstr(r);
    bool phone = element->type == CARNET_ELEMENT_PHONE;

    if (r->rc != CARNET_OK) {
        return;
    }
    if (phone && text.len >= 2 && text.ptr[0] == '+') {
        text = (carnet_str){ text.ptr + 1, text.len - 1 };
    } else if (phone || text.len != element->max) {
        refuse(r, at, phone ? "a telephone number begins with a plus sign" : "the text has another number of digits");
        return;
    }
    if (!all_in(text, '0', '9') || (element->max != 0 && text.len > element->max)) {
        refuse(r, at, "the text has other characters than digits, or too many");
    }
}

static void
read_uint(carnet_cbor_reader *r, const carnet_element_definition *element)
{
    const uint8_t *at = r->at;
    uint8_t digits[20];
    carnet_buf text = carnet_buf_of(digits, sizeof digits);
    uint64_t value = carnet_cbor_uint(r);

    if (r->rc != CARNET_OK) {
        return;
    }
    if (element->max != 0 && value > element->max) {
        refuse(r, at, "the number is larger than allowed");
    }
    carnet_buf_add_uint(&text, value);
    if (element->type == CARNET_ELEMENT_UINT_CHOICE && !chosen(element->choices, carnet_buf_str(&text))) {
        refuse(r, at, "the number is none of the values allowed");
    }
}

/** full-date (tag 1004) or tdate (tag 0), as the bits allow. */
static void
read_date(carnet_cbor_reader *r, bool full_date, bool tdate)
{
    const uint8_t *at = r->at;
    carnet_time time;
    carnet_date date;
    uint64_t tag;
    carnet_str text;

    if (carnet_cbor_peek(r) != CARNET_CBOR_TAG) {
        carnet_cbor_refuse(r, CARNET_E_DOCTYPE_ELEMENT, NULL, "18013-5 8.3",
                           tdate && !full_date ? "this is no tdate (tag 0)" : "this is no full-date (tag 1004)");
        return;
    }
    tag = carnet_cbor_tag(r);
    text = carnet_cbor_tstr(r);
    if (r->rc != CARNET_OK) {
        return;
    }
    if (tag == 1004 && full_date) {
        if (carnet_date_parse(text, &date, NULL) != CARNET_OK) {
            refuse(r, at, "the date is not of the form YYYY-MM-DD");
        }
    } else if (tag == 0 && tdate) {
        if (carnet_time_parse(text, &time, NULL, NULL) != CARNET_OK) {
            refuse(r, at, "the date-time is not of the form YYYY-MM-DDThh:mm:ssZ");
        }
    } else {
        refuse(r, at, "the date has another tag than its type demands");
    }
}

typedef struct birth {
    carnet_span date;
    carnet_str mask;
} birth;

static const carnet_cbor_field birth_fields[] = {
    CARNET_MEMBER(birth, "birth_date", CARNET_FIELD_ANY, date),
    CARNET_MEMBER_OPTIONAL(birth, "approximate_mask", CARNET_FIELD_TSTR, mask),
};

static void
read_birth_date(carnet_cbor_reader *r)
{
    birth got = { 0 };
    carnet_cbor_reader inner;

    if (carnet_cbor_peek(r) != CARNET_CBOR_MAP) {
        read_date(r, true, false);
        return;
    }
    carnet_cbor_fields(r, birth_fields, CARNET_COUNT(birth_fields), &got);
    if (r->rc != CARNET_OK) {
        return;
    }
    inner = carnet_cbor_open_within(r, got.date, r->path);
    read_date(&inner, true, false);
    carnet_cbor_join(r, &inner);
    if (got.mask.ptr != NULL && (got.mask.len != 8 || !all_in(got.mask, '0', '1'))) {
        refuse(r, (const uint8_t *)got.mask.ptr, "approximate_mask is not eight digits 0 or 1");
    }
}

static void
read_bytes(carnet_cbor_reader *r, const carnet_element_definition *element)
{
    const uint8_t *at = r->at;
    static const uint8_t jp2[] = { 0, 0, 0, 12, 'j', 'P', ' ', ' ' }, j2k[] = { 0xff, 0x4f, 0xff, 0x51 },
                         jpeg[] = { 0xff, 0xd8, 0xff };
    carnet_span bytes = carnet_cbor_bstr(r);

    if (r->rc != CARNET_OK) {
        return;
    }
    if (element->type == CARNET_ELEMENT_IMAGE &&
        !(bytes.len > sizeof jp2 &&
          (memcmp(bytes.ptr, jp2, sizeof jp2) == 0 || memcmp(bytes.ptr, j2k, sizeof j2k) == 0 ||
           memcmp(bytes.ptr, jpeg, sizeof jpeg) == 0))) {
        refuse(r, at, "the image is neither JPEG nor JPEG 2000");
    }
    if (element->type == CARNET_ELEMENT_TEMPLATE && !(bytes.len >= 2 && bytes.ptr[0] == 0x7f && bytes.ptr[1] == 0x61)) {
        refuse(r, at, "the biometric template does not begin with 7F61");
    }
}

static void
read_alpha_list(carnet_cbor_reader *r)
{
    const uint8_t *at = r->at;
    carnet_cbor_walk walk;

    carnet_cbor_array(r, &walk);
    if (r->rc == CARNET_OK && walk.left == 0 && !walk.indefinite) {
        refuse(r, at, "the list is empty");
    }
    while (carnet_cbor_array_next(r, &walk)) {
        read_alpha(r, 2);
    }
}

typedef struct place {
    carnet_str country, region, locality;
} place;

static const carnet_cbor_field place_fields[] = {
    CARNET_MEMBER_OPTIONAL(place, "country", CARNET_FIELD_TSTR, country),
    CARNET_MEMBER_OPTIONAL(place, "region", CARNET_FIELD_TSTR, region),
    CARNET_MEMBER_OPTIONAL(place, "locality", CARNET_FIELD_TSTR, locality),
};

static void
read_place(carnet_cbor_reader *r)
{
    const uint8_t *at = r->at;
    place got = { 0 };

    carnet_cbor_fields(r, place_fields, CARNET_COUNT(place_fields), &got);
    if (r->rc == CARNET_OK && got.country.len + got.region.len + got.locality.len == 0) {
        refuse(r, at, "the place names neither country, region nor locality");
    }
}

static void
read_element(carnet_cbor_reader *r, const carnet_element_definition *element)
{
    switch (element->type) {
    case CARNET_ELEMENT_TEXT:
    case CARNET_ELEMENT_LATIN1:
    case CARNET_ELEMENT_CHOICE:
        read_text(r, element);
        break;
    case CARNET_ELEMENT_ALPHA2:
        read_alpha(r, 2);
        break;
    case CARNET_ELEMENT_ALPHA23:
        read_alpha(r, 3);
        break;
    case CARNET_ELEMENT_SUBDIVISION:
        read_subdivision(r);
        break;
    case CARNET_ELEMENT_DIGITS:
    case CARNET_ELEMENT_PHONE:
        read_digits(r, element);
        break;
    case CARNET_ELEMENT_BOOL:
        carnet_cbor_bool(r);
        break;
    case CARNET_ELEMENT_UINT:
    case CARNET_ELEMENT_UINT_CHOICE:
        read_uint(r, element);
        break;
    case CARNET_ELEMENT_FULL_DATE:
        read_date(r, true, false);
        break;
    case CARNET_ELEMENT_TDATE:
        read_date(r, false, true);
        break;
    case CARNET_ELEMENT_DATE:
        read_date(r, true, true);
        break;
    case CARNET_ELEMENT_BIRTH_DATE:
        read_birth_date(r);
        break;
    case CARNET_ELEMENT_BYTES:
    case CARNET_ELEMENT_IMAGE:
    case CARNET_ELEMENT_TEMPLATE:
        read_bytes(r, element);
        break;
    case CARNET_ELEMENT_PRIVILEGES:
        carnet_doctype_read_privileges(r);
        break;
    case CARNET_ELEMENT_ALPHA2_LIST:
        read_alpha_list(r);
        break;
    case CARNET_ELEMENT_PLACE:
        read_place(r);
        break;
    case CARNET_ELEMENT_ANY:
        carnet_cbor_any(r);
        break;
    }
}

/** Whether a failure says that the CBOR is in order but is not what the element must be. */
static bool
is_of_another_type(carnet_rc rc)
{
    return rc == CARNET_E_CBOR_TYPE || rc == CARNET_E_CBOR_VALUE || rc == CARNET_E_CBOR_TAG ||
           rc == CARNET_E_CBOR_KEY_MISSING;
}

carnet_rc
carnet_element_check(const carnet_element_definition *element, carnet_span value, carnet_err *err)
{
    carnet_cbor_reader r = carnet_cbor_open(value);
    carnet_path path = { .name = carnet_str_of(element->identifier) };

    r.path = &path;
    /* Form is checked where the message is read; here only what the value is. */
    r.allow = CARNET_CBOR_LENIENT;
    read_element(&r, element);
    if (is_of_another_type(r.rc)) {
        r.rc = CARNET_E_DOCTYPE_ELEMENT;
        r.reason = carnet_element_type_text(element->type);
    }
    return carnet_cbor_end(&r, err);
}

const char *
carnet_element_type_text(carnet_element_type type)
{
    static const char *const texts[] = {
        [CARNET_ELEMENT_ANY] = "anything",
        [CARNET_ELEMENT_TEXT] = "must be text",
        [CARNET_ELEMENT_LATIN1] = "must be text in ISO/IEC 8859-1",
        [CARNET_ELEMENT_CHOICE] = "must be text from a list",
        [CARNET_ELEMENT_ALPHA2] = "must be an ISO 3166-1 alpha-2 code",
        [CARNET_ELEMENT_ALPHA23] = "must be an ISO 3166-1 alpha-2 or alpha-3 code",
        [CARNET_ELEMENT_SUBDIVISION] = "must be an ISO 3166-2 code",
        [CARNET_ELEMENT_DIGITS] = "must be digits as text",
        [CARNET_ELEMENT_PHONE] = "must be a telephone number as text",
        [CARNET_ELEMENT_BOOL] = "must be true or false",
        [CARNET_ELEMENT_UINT] = "must be an unsigned integer",
        [CARNET_ELEMENT_UINT_CHOICE] = "must be an unsigned integer from a list",
        [CARNET_ELEMENT_FULL_DATE] = "must be a full-date (tag 1004)",
        [CARNET_ELEMENT_TDATE] = "must be a tdate (tag 0)",
        [CARNET_ELEMENT_DATE] = "must be a full-date or tdate",
        [CARNET_ELEMENT_BIRTH_DATE] = "must be a full-date, or a map with birth_date",
        [CARNET_ELEMENT_BYTES] = "must be a byte string",
        [CARNET_ELEMENT_IMAGE] = "must be a byte string holding an image",
        [CARNET_ELEMENT_TEMPLATE] = "must be a byte string holding a biometric template",
        [CARNET_ELEMENT_PRIVILEGES] = "must be an array of driving privileges",
        [CARNET_ELEMENT_ALPHA2_LIST] = "must be an array of ISO 3166-1 alpha-2 codes",
        [CARNET_ELEMENT_PLACE] = "must be a map naming country, region or locality",
    };

    return (size_t)type < CARNET_COUNT(texts) ? texts[type] : "of no known type";
}
